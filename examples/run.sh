#!/bin/sh
# Runs an example as a test, in a directory that is gone afterwards: run.sh PROGRAM DATA.
set -u
directory=$(mktemp -d) || exit 2
case $1 in
*example-workspace) "$1" "$directory/workspace" ;;
*example-pipeline | *example-people | *example-export) "$1" "$directory/workspace" "$2" ;;
*) "$1" ;;
esac
status=$?
rm -rf "$directory"
exit $status
