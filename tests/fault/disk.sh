#!/bin/bash
# A full disk, a folder that may only be read, a file-system that vanishes under us: clear errors, nothing lost, and the same
# command again finishes once there is room. A full disk is a small tmpfs, which only root can mount; else skipped.
#
#     tests/fault/disk.sh UNDERTONE
set -u
undertone=$(realpath "$1")
dir=$(mktemp -d) || exit 2
mounted=
trap '[ -z "$mounted" ] || umount "$dir/small"; chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
passed=0
failed=0
skipped=0
export UNDERTONE_KEY
UNDERTONE_KEY=$(printf '%064d' 9)

expect() { # expect WHAT CONDITION…
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "fault/disk: $what: not so: $*"
        tail -n 3 "$dir/err" 2> /dev/null
    fi
}

tables() {
    "$undertone" sql "SELECT * FROM silver_message ORDER BY item" --format csv --workspace "$1" --as owner --purpose "disk test"
}

full_disk() {
    mkdir "$dir/small"
    if ! mount -t tmpfs -o size=6m none "$dir/small" 2> /dev/null; then
        skipped=$((skipped + 1))
        echo "skipped: full disk: no right to mount a small file system"
        return
    fi
    mounted=yes
    "$undertone" run "$dir/sample" --workspace "$dir/small/ws" > "$dir/out" 2> "$dir/err"
    expect "a full disk fails the run" test $? = 1
    expect "and is named" grep -q -i -E "full|no space" "$dir/err"
    mount -o remount,size=200m "$dir/small"
    "$undertone" run "$dir/sample" --workspace "$dir/small/ws" > "$dir/out" 2> "$dir/err"
    expect "with room, the same command finishes" test $? = 0
    tables "$dir/calm" > "$dir/a.csv"
    tables "$dir/small/ws" > "$dir/b.csv"
    expect "with the rows of an undisturbed run" cmp -s "$dir/a.csv" "$dir/b.csv"
    expect "which are many" test "$(wc -l < "$dir/a.csv")" -gt 1000
}

read_only() {
    if [ "$(id -u)" = 0 ]; then
        # Root may write anywhere but on a file system that is mounted read-only.
        mkdir "$dir/frozen"
        if ! mount -t tmpfs -o size=1m,ro none "$dir/frozen" 2> /dev/null; then
            skipped=$((skipped + 1))
            echo "skipped: read-only folder: no right to mount"
            return
        fi
    else
        mkdir -m 0500 "$dir/frozen"
    fi
    "$undertone" run "$dir/sample" --workspace "$dir/frozen/ws" > "$dir/out" 2> "$dir/err"
    expect "a folder that may only be read fails the run" test $? = 1
    expect "and is named" grep -q "frozen" "$dir/err"
    [ "$(id -u)" != 0 ] || umount "$dir/frozen"
}

"$undertone" simulate --out "$dir/sample" --seed 3 --people 30 --weeks 6 > "$dir/out" 2>&1
"$undertone" run "$dir/sample" --workspace "$dir/calm" > "$dir/out" 2> "$dir/err"
expect "an undisturbed run" test $? = 0
full_disk
read_only
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
