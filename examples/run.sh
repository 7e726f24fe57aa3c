#!/bin/sh
# Runs an example as a test, in a directory that is gone afterwards: run.sh PROGRAM DATA.
set -u
directory=$(mktemp -d) || exit 2
case $1 in
*example-base | *example-score) "$1" ;;
*example-workspace | *example-policy | *example-retention) "$1" "$directory/workspace" ;;
*) "$1" "$directory/workspace" "$2" ;;
esac
status=$?
rm -rf "$directory"
exit $status
