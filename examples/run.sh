#!/bin/sh
# Runs an example as a test, in a directory that is gone afterwards.
set -u
directory=$(mktemp -d) || exit 2
"$1" "$directory/workspace" "$2"
status=$?
rm -rf "$directory"
exit $status
