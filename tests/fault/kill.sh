#!/bin/bash
# Kills `undertone run` (ingest and analyze) with SIGKILL at many moments, runs it again to its end, and compares every
# table with those of an undisturbed run. Both workspaces use the same key, so that pseudonyms are the same too.
#
#     tests/fault/kill.sh UNDERTONE [ROUNDS]
#
# Prints one closing line: "N passed, N failed, N skipped".
set -u
undertone=$(realpath "$1")
rounds=${2:-6}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0
UNDERTONE_KEY=$(printf '%064d' 7)
export UNDERTONE_KEY

"$undertone" simulate --out "$dir/sample" --seed 5 --people 30 --weeks 6 > "$dir/simulate.txt" 2>&1 || {
    cat "$dir/simulate.txt"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

run() {
    "$undertone" run "$dir/sample" --workspace "$1" > "$dir/out.txt" 2> "$dir/err.txt"
}

# Every row of every derived table, in the order of its keys. Owner reads are audited, which the comparison leaves out.
tables() {
    for sql in "SELECT * FROM silver_message ORDER BY item" "SELECT * FROM silver_score ORDER BY item, model" \
        "SELECT * FROM silver_language ORDER BY author" "SELECT * FROM who ORDER BY identity" \
        "SELECT * FROM person ORDER BY person" "SELECT * FROM membership ORDER BY person, from_day" \
        "SELECT * FROM channel ORDER BY channel" "SELECT name, seq, basis FROM stage"; do
        "$undertone" sql "$sql" --format csv --workspace "$1" --as owner --purpose "kill test" || echo "failed: $sql"
    done
}

started=$(date +%s%N)
run "$dir/calm" || { cat "$dir/err.txt"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
duration_ms=$((($(date +%s%N) - started) / 1000000))
tables "$dir/calm" > "$dir/calm.csv"
rows=$(wc -l < "$dir/calm.csv")
echo "undisturbed: $duration_ms ms, $rows rows"
[ "$rows" -gt 1000 ] || { echo "too few rows to mean anything"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

for round in $(seq 1 "$rounds"); do
    rm -rf "$dir/killed"
    # Each round kills three times: at its own share of the way, then twice more on what is left.
    kills=0
    for share in "$round" $((rounds - round + 1)) $((round / 2 + 1)); do
        after_ms=$((duration_ms * (2 * share - 1) / (2 * rounds)))
        "$undertone" run "$dir/sample" --workspace "$dir/killed" > /dev/null 2>&1 &
        pid=$!
        sleep "$((after_ms / 1000)).$(printf '%03d' $((after_ms % 1000)))"
        kill -9 "$pid" 2> /dev/null && kills=$((kills + 1))
        wait "$pid" 2> /dev/null
    done
    if run "$dir/killed" && tables "$dir/killed" > "$dir/killed.csv" && cmp -s "$dir/calm.csv" "$dir/killed.csv"; then
        passed=$((passed + 1))
        echo "round $round: $kills kills, same tables"
    else
        failed=$((failed + 1))
        echo "round $round: $kills kills, tables differ:"
        cat "$dir/err.txt"
        diff "$dir/calm.csv" "$dir/killed.csv" | head -5
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
