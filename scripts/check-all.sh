#!/bin/sh
# The long checks, run before an issue is closed: clang build, thread sanitizer, gcc's -fanalyzer (only if ANALYZE=1:
# it takes minutes and reports what it can't prove), the long kill test, fuzzing. All output stays in build-check/.
#
#     scripts/check-all.sh [STEP…]      steps: clang thread analyzer kill fuzz; none means all
#     FUZZ_SECONDS=600 make check-all   time per fuzz target, 60 by default; KILL_ROUNDS (100) of the kill test
set -u
cd "$(dirname "$0")/.." || exit 2
mkdir -p build-check
passed=0
failed=0
skipped=0
steps=${*:-clang thread analyzer kill fuzz}

# attempt NAME COMMAND…: runs it with its output in build-check/NAME.log.
attempt() {
    name=$1
    shift
    if "$@" > "build-check/$name.log" 2>&1 < /dev/null; then
        passed=$((passed + 1))
        echo "check-all: $name: passed"
    else
        failed=$((failed + 1))
        echo "check-all: $name: FAILED; build-check/$name.log ends:"
        tail -n 30 "build-check/$name.log"
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "check-all: $1: skipped: $2"
}

# build_in DIRECTORY [MESON OPTIONS…]
build_in() {
    directory=build-check/$1
    shift
    [ -f "$directory/build.ninja" ] || meson setup "$directory" "$@" || return 1
    ninja -C "$directory"
}

test_in() {
    build_in "$@" && meson test -C "build-check/$1" --no-rebuild --print-errorlogs
}

with_clang() {
    (
        export CC=clang CXX=clang++
        test_in clang
    )
}

# DuckDB's own threads are not instrumented (nor is the C++ library they copy strings with), so the sanitizer can't see
# their locks, nor those that its allocator takes around a fork.
with_threads() {
    printf '%s\n' 'called_from_lib:libduckdb.so' 'called_from_lib:libstdc++.so' 'mutex:__run_postfork_handlers' > build-check/tsan.supp
    (
        export TSAN_OPTIONS="suppressions=$(pwd)/build-check/tsan.supp:halt_on_error=1"
        test_in thread -Db_sanitize=thread -Db_lundef=false -Dbuildtype=debugoptimized
    )
}

with_analyzer() {
    (
        export CFLAGS=-fanalyzer
        build_in analyzer -Dwerror=false
    )
}

with_kills() {
    build_in release && tests/fault/kill.sh build-check/release/apps/undertone "${KILL_ROUNDS:-100}" &&
        tests/fault/rotate.sh build-check/release/apps/undertone "${KILL_ROUNDS:-100}"
}

for step in $steps; do
    case $step in
    clang) attempt clang with_clang ;;
    thread) attempt thread with_threads ;;
    analyzer)
        if [ "${ANALYZE:-0}" = 1 ]; then
            attempt analyzer with_analyzer
        else
            skip analyzer "set ANALYZE=1"
        fi
        ;;
    kill)
        attempt kill with_kills
        ;;
    fuzz)
        export BUILD_FUZZ=build-check/fuzz
        attempt fuzz scripts/fuzz.sh
        ;;
    *)
        echo "check-all: no step '$step'" >&2
        exit 2
        ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
