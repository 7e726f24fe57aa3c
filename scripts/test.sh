#!/bin/sh
# Everything CI runs: the release build and the address + undefined-behaviour sanitizer build, each with its unit tests,
# corpus replay, examples and end-to-end tests (all that meson.build registers), then the house rules.
#
#     scripts/test.sh [BUILD [BUILD_ASAN]]
#
# Reports go by, and the last line sums them all: "N passed, N failed, N skipped". Exit status 1 if anything failed.
set -u
cd "$(dirname "$0")/.." || exit 2
build=${1:-build}
asan=${2:-build-asan}
passed=0
failed=0
skipped=0
started=$(date +%s)

say() {
    echo "== $(($(date +%s) - started)) s: $*"
}

# add PASSED FAILED SKIPPED
add() {
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
}

# compile DIRECTORY [MESON OPTIONS…]: configures once, builds; a failure counts as one failed test.
compile() {
    directory=$1
    shift
    say "building $directory"
    if [ ! -f "$directory/build.ninja" ] && ! meson setup "$directory" "$@" > "$directory.setup.log" 2>&1; then
        cat "$directory.setup.log"
        add 0 1 0
        return 1
    fi
    rm -f "$directory.setup.log"
    ninja -C "$directory" --quiet && return
    echo "test: $directory does not build"
    add 0 1 0
    return 1
}

# Sums meson's log of a run: closing lines count as they say; a program without one counts as one test, and one that
# died counts as one failure more.
sum_log() {
    awk '
        function close_test() {
            if (!open) return
            if (bad && f == 0) f = 1
            if (!bad && p + f + s == 0) p = 1
            passed += p; failed += f; skipped += s
        }
        /^=+ +[0-9]+\/[0-9]+ +=+$/ { close_test(); open = 1; bad = p = f = s = 0 }
        /^result:/ { bad = $0 !~ /exit status 0$/ }
        /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p += $1; f += $3; s += $5 }
        END { close_test(); print passed + 0, failed + 0, skipped + 0 }' "$1"
}

# What the failed tests of a log said: the last lines of each.
show_failures() {
    awk '
        function close_test(    i) {
            for (i = n > 120 ? n - 120 : 1; bad && i <= n; i++) print said[i]
            n = bad = 0
        }
        /^=+ +[0-9]+\/[0-9]+ +=+$/ { close_test() }
        /^result:/ { bad = $0 !~ /exit status 0$/ }
        !/^(skipped|command|start time): / { said[++n] = $0 }
        END { close_test() }' "$1"
}

# run DIRECTORY: what its meson.build registers.
run() {
    say "testing $1"
    rm -f "$1/meson-logs/testlog.txt"
    meson test -C "$1" --no-rebuild --quiet > "$1/meson-logs/run.txt" 2>&1
    status=$?
    if [ ! -f "$1/meson-logs/testlog.txt" ]; then
        cat "$1/meson-logs/run.txt"
        add 0 1 0
        return
    fi
    # shellcheck disable=SC2046
    set -- "$1" $(sum_log "$1/meson-logs/testlog.txt")
    if [ $status != 0 ]; then
        show_failures "$1/meson-logs/testlog.txt"
        [ "$3" != 0 ] || set -- "$1" "$2" 1 "$4"
    fi
    echo "   $2 passed, $3 failed, $4 skipped in $1"
    add "$2" "$3" "$4"
}

# run_script SCRIPT: one that prints a closing line of its own.
run_script() {
    say "$1"
    log=$(mktemp) || exit 2
    "$1" > "$log" 2>&1
    status=$?
    counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$log" | tail -n 1)
    sed '$d' "$log"
    rm -f "$log"
    # shellcheck disable=SC2086
    set -- "$1" ${counts:-0 1 0}
    if [ $status != 0 ] && [ "$3" = 0 ]; then
        set -- "$1" "$2" 1 "$4"
    fi
    echo "   $2 passed, $3 failed, $4 skipped in $1"
    add "$2" "$3" "$4"
}

# Sanitizers keep compilers from seeing what can't happen: their warnings count in the release build only.
compile "$build" && run "$build"
compile "$asan" -Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debugoptimized \
    -Dc_args=-w -Dcpp_args=-w && run "$asan"
run_script tests/tidy/tidy.sh
run_script tests/tidy/self_test.sh
say "done"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
