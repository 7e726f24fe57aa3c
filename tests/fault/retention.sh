#!/bin/bash
# Kills `undertone retention` with SIGKILL at many moments, runs it again to its end, and compares tables, proof and
# files with those of an undisturbed run over a copy of the same workspace. Half of the records are past the time of
# their text, a third past their own.
#
#     tests/fault/retention.sh UNDERTONE [ROUNDS]
#
# Prints one closing line: "N passed, N failed, N skipped".
set -u
undertone=$(realpath "$1")
rounds=${2:-8}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

give_up() {
    cat "$dir/out.txt"
    echo "$1"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

"$undertone" simulate --out "$dir/sample" --seed 5 --people 30 --weeks 8 > "$dir/out.txt" 2>&1 || give_up "simulate"
"$undertone" run "$dir/sample" --workspace "$dir/old" > "$dir/out.txt" 2>&1 || give_up "run"
python3 - "$dir/old/truth.sqlite" > "$dir/out.txt" 2>&1 << 'END' || give_up "no Python with SQLite to make records old"
import sqlite3, sys
truth = sqlite3.connect(sys.argv[1])
day = 86400 * 1000000
last = truth.execute("SELECT max(seq) FROM record").fetchone()[0]
truth.execute("UPDATE record SET observed_us = observed_us - ? WHERE seq < ?", (100 * day, last // 2))
truth.execute("UPDATE record SET observed_us = observed_us - ? WHERE seq < ?", (400 * day, last // 3))
truth.commit()
END

# Every row of every table that retention touches, after a rebuild, which must not matter.
tables() {
    "$undertone" lake rebuild --workspace "$1" > "$dir/out.txt" 2>&1 || echo "rebuild failed"
    for sql in "SELECT * FROM silver_message ORDER BY item" "SELECT * FROM silver_score ORDER BY item, model" \
        "SELECT * FROM silver_language ORDER BY author"; do
        "$undertone" sql "$sql" --format csv --workspace "$1" --as owner --purpose "kill test" || echo "failed: $sql"
    done
    python3 - "$1/truth.sqlite" << 'END'
import sqlite3, sys
truth = sqlite3.connect(sys.argv[1])
for sql in ("SELECT seq, reduced, bytes FROM record ORDER BY seq", "SELECT hex(key) FROM retired ORDER BY key",
            "SELECT id, language FROM identity ORDER BY id", "SELECT work, detail FROM unfinished",
            "SELECT substr(detail, 1, instr(detail, 'dropped')) || substr(detail, instr(detail, 'person rows'), 20)"
            " FROM audit WHERE action = 'retention'"):
    print(sql)
    for row in truth.execute(sql):
        print(row)
END
}

cp -r "$dir/old" "$dir/calm"
tables "$dir/calm" > "$dir/whole.csv"
started=$(date +%s%N)
"$undertone" retention --workspace "$dir/calm" > "$dir/out.txt" 2>&1 || give_up "retention"
duration_ms=$((($(date +%s%N) - started) / 1000000))
grep -q -E 'raw text +[1-9]' "$dir/out.txt" && grep -q -E 'person rows +[1-9]' "$dir/out.txt" || give_up "nothing was due"
tables "$dir/calm" > "$dir/calm.csv"
echo "undisturbed: $duration_ms ms, $(wc -l < "$dir/whole.csv") rows, $(wc -l < "$dir/calm.csv") after"
if cmp -s "$dir/whole.csv" "$dir/calm.csv"; then
    give_up "retention changed nothing"
fi

for round in $(seq 1 "$rounds"); do
    rm -rf "$dir/killed"
    cp -r "$dir/old" "$dir/killed"
    kills=0
    for share in "$round" $((rounds - round + 1)); do
        after_ms=$((duration_ms * (2 * share - 1) / (2 * rounds)))
        "$undertone" retention --workspace "$dir/killed" > /dev/null 2>&1 &
        pid=$!
        sleep "$((after_ms / 1000)).$(printf '%03d' $((after_ms % 1000)))"
        kill -9 "$pid" 2> /dev/null && kills=$((kills + 1))
        wait "$pid" 2> /dev/null
    done
    if "$undertone" retention --workspace "$dir/killed" > "$dir/out.txt" 2>&1 && tables "$dir/killed" > "$dir/killed.csv" &&
        cmp -s "$dir/calm.csv" "$dir/killed.csv"; then
        passed=$((passed + 1))
        echo "round $round: $kills kills, same tables and proof"
    else
        failed=$((failed + 1))
        echo "round $round: $kills kills, they differ:"
        cat "$dir/out.txt"
        diff "$dir/calm.csv" "$dir/killed.csv" | head -5
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
