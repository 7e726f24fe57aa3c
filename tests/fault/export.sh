#!/bin/bash
# Kills `undertone export --to` with SIGKILL at many moments. A file is there whole or not at all, an older one stays
# whole, tables are a whole folder or none, and the next run leaves nothing of the killed ones behind.
#
#     tests/fault/export.sh UNDERTONE [ROUNDS]
#
# Prints one closing line: "N passed, N failed, N skipped".
set -u
undertone=$(realpath "$1")
rounds=${2:-8}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
export UNDERTONE_WORKSPACE="$dir/ws"
passed=0
failed=0

give_up() {
    cat "$dir/out.txt"
    echo "$1"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

holds() {
    what=$1
    shift
    if "$@" > "$dir/out.txt" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "export: $what: not so: $*"
        head -n 5 "$dir/out.txt"
    fi
}

"$undertone" simulate --out "$dir/sample" --seed 5 --people 20 --weeks 12 > "$dir/out.txt" 2>&1 || give_up "simulate"
"$undertone" run "$dir/sample" > "$dir/out.txt" 2>&1 || give_up "run"
who=$(sed -n 2p "$dir/sample/people.csv" | cut -d, -f1)
started=$(date +%s%N)
"$undertone" export --as "person:$who" --raw --to "$dir/calm.json" > "$dir/out.txt" 2>&1 || give_up "export"
duration_ms=$((($(date +%s%N) - started) / 1000000))
records=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["records"]))' "$dir/calm.json") ||
    give_up "the export is no JSON"
[ "$records" -gt 20 ] || give_up "only $records records"
echo "undisturbed: $duration_ms ms, $records records"

# whole FILE: JSON with every record, readable by its owner only.
whole() {
    python3 -c 'import json, os, sys
assert len(json.load(open(sys.argv[1]))["records"]) == int(sys.argv[2])
assert os.stat(sys.argv[1]).st_mode & 0o77 == 0' "$1" "$records"
}

# kill_after MS COMMAND…
kill_after() {
    delay=$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))
    shift
    "$@" > "$dir/out.txt" 2>&1 &
    pid=$!
    sleep "$delay"
    kill -9 "$pid" 2> /dev/null && killed=$((killed + 1))
    wait "$pid" 2> /dev/null
}

killed=0
for round in $(seq 1 "$rounds"); do
    at=$((duration_ms * round / (rounds + 1)))
    kill_after "$at" "$undertone" export --as "person:$who" --raw --to "$dir/new.json"
    [ ! -e "$dir/new.json" ] || holds "killed at $at ms, there, so whole" whole "$dir/new.json"
    kill_after "$at" "$undertone" export --as "person:$who" --raw --to "$dir/calm.json"
    holds "killed at $at ms over an older export" whole "$dir/calm.json"
    kill_after "$at" "$undertone" export --format csv --to "$dir/tables"
    [ ! -e "$dir/tables" ] || holds "killed at $at ms, six tables or none" test "$(ls "$dir/tables" | wc -l)" = 6
    holds "again after $at ms" "$undertone" export --as "person:$who" --raw --to "$dir/new.json"
    holds "whole after $at ms" whole "$dir/new.json"
    rm -rf "$dir/tables"
    holds "tables again after $at ms" "$undertone" export --format csv --to "$dir/tables"
    holds "six tables after $at ms" test "$(ls "$dir/tables" | wc -l)" = 6
    rm -rf "$dir/new.json" "$dir/tables" "$dir/calm.json.new"
    holds "nothing is left after $at ms" test "$(ls "$dir" | tr '\n' ' ')" = "calm.json out.txt sample ws "
done
holds "some were killed" test "$killed" -gt 0
holds "the log is whole" "$undertone" audit verify
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
