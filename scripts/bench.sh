#!/bin/sh
# Runs the benchmarks: every program and script of bench/, one after the other, CSV on stdout under a line that names it.
#
#     scripts/bench.sh [BUILD]
#
# What each one answers, its arguments for longer runs and what its figures mean stands at the top of its file. Nothing
# else should run meanwhile; compare ratios of one run, not absolute numbers of two machines.
set -eu
cd "$(dirname "$0")/.."
build=$(cd "${1:-build}" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo "# undertone $("$build/apps/undertone" --version | cut -d' ' -f2), $(uname -m), $(nproc) processors, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
for program in "$build"/bench/bench-*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    echo "# ${program##*/}"
    (cd "$scratch" && "$program")
done
for script in bench/*.sh; do
    [ -x "$script" ] || continue
    echo "# $script"
    "$script" "$build/apps/undertone"
done
