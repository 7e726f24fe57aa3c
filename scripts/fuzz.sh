#!/bin/sh
# Fuzzes every target of tests/fuzz/meson.build, one after the other, FUZZ_SECONDS each (default 60), with clang's
# libFuzzer under address and undefined-behaviour sanitizers. Arguments name targets; none means all.
#
# What is found new stays in build-fuzz/corpus/<target>/, crashing inputs in build-fuzz/crashes/<target>/; the seeds in
# tests/fuzz/corpus/ are only read. To keep a crash for ever: mend it, and copy the input into the seeds.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD_FUZZ:-build-fuzz}
seconds=${FUZZ_SECONDS:-60}

if [ ! -f "$build/build.ninja" ]; then
    CC=clang CXX=clang++ meson setup "$build" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
        -Dbuildtype=debugoptimized
fi
ninja -C "$build" fuzzers

passed=0
failed=0
for program in "$build"/tests/fuzz/fuzz-*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    name=${program##*/fuzz-}
    case " $* " in
    "  " | *" $name "*) ;;
    *) continue ;;
    esac
    mkdir -p "$build/corpus/$name" "$build/crashes/$name"
    log=$build/fuzz-$name.log
    set_dictionary=
    [ -f "tests/fuzz/$name.dict" ] && set_dictionary=-dict=tests/fuzz/$name.dict
    # shellcheck disable=SC2086
    if "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        $set_dictionary -artifact_prefix="$build/crashes/$name/" "$build/corpus/$name" "tests/fuzz/corpus/$name" \
        > "$log" 2>&1 < /dev/null; then
        passed=$((passed + 1))
        echo "fuzz: $name: $(sed -n 's/^Done \(.*\)/\1/p' "$log"), $(find "$build/corpus/$name" -type f | wc -l) inputs kept"
    else
        failed=$((failed + 1))
        echo "fuzz: $name FAILED; the input is in $build/crashes/$name/, the whole log in $log; its end:"
        tail -n 25 "$log"
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
