#!/bin/bash
# Kills `undertone erase` with SIGKILL at many moments. The next command that writes must finish it, whichever it is: in
# the end the tables are those of an undisturbed erasure, and no file holds the person's address. An erasure that was
# killed before it was written down has changed nothing. Runs with the test-only program that encrypts nothing, so that
# files can be searched.
#
#     tests/fault/erase.sh UNDERTONE_INSPECT [ROUNDS]
#
# Prints one closing line: "N passed, N failed, N skipped".
set -u
undertone=$(realpath "$1")
rounds=${2:-8}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0
unset UNDERTONE_WORKSPACE
UNDERTONE_KEY=$(printf '%064d' 7)
export UNDERTONE_KEY

call() {
    "$undertone" "$@" --workspace "$ws" > "$dir/out.txt" 2> "$dir/err.txt"
}

give_up() {
    echo "$1"
    cat "$dir/err.txt"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

# What lake and truth hold, without the audit log, whose length depends on who looked.
tables() {
    for sql in "SELECT * FROM silver_message ORDER BY item" "SELECT * FROM silver_score ORDER BY item, model" \
        "SELECT * FROM silver_language ORDER BY author" "SELECT * FROM who ORDER BY identity" \
        "SELECT * FROM person ORDER BY person" "SELECT * FROM membership ORDER BY person, from_day"; do
        "$undertone" sql "$sql" --format csv --workspace "$ws" --as owner --purpose "kill test" 2> /dev/null ||
            echo "failed: $sql"
    done
    python3 - "$ws/truth.sqlite" <<'END_OF_PYTHON'
import sqlite3, sys
truth = sqlite3.connect(sys.argv[1])
for table, columns in (('record', 'seq, key, content, author'), ('identity', 'id, digest, person'), ('reject', 'digest'),
                       ('person', 'id, digest'), ('claim', '*'), ('membership', '*'), ('tombstone', 'digest'),
                       ('cell', 'team, grain, start_day, kind, state, figures, people'), ('unfinished', 'work'),
                       ('manages', '*'), ('channel', 'id, name'), ('atom', 'segment, team, messages, people')):
    rows = truth.execute('SELECT %s FROM %s' % (columns, table)).fetchall()
    for line in sorted(' '.join(c.hex() if isinstance(c, bytes) else str(c) for c in row) for row in rows):
        print(table, line)
END_OF_PYTHON
}

ws=$dir/before
"$undertone" simulate --out "$dir/sample" --seed 5 --people 24 --teams 3 --weeks 3 > "$dir/out.txt" 2>&1 ||
    give_up "simulate failed"
who=$(sed -n 4p "$dir/sample/people.csv" | cut -d, -f3)
call run "$dir/sample" || give_up "run failed"
call report teams || give_up "report failed"
tables > "$dir/before.txt"

ws=$dir/calm
cp -r "$dir/before" "$ws"
started=$(date +%s%N)
call erase "$who" --yes || give_up "erase failed"
duration_ms=$((($(date +%s%N) - started) / 1000000))
tables > "$dir/calm.txt"
grep -q -r -a -i "$who" "$dir/before" || give_up "the address is not found where it must be"
cmp -s "$dir/before.txt" "$dir/calm.txt" && give_up "the erasure changed nothing"
echo "undisturbed: $duration_ms ms, $(wc -l < "$dir/calm.txt") rows"

for round in $(seq 1 "$rounds"); do
    ws=$dir/killed
    rm -rf "$ws"
    cp -r "$dir/before" "$ws"
    kills=0
    how="nothing was begun"
    for share in "$round" $((rounds - round + 1)); do
        after_ms=$((duration_ms * (2 * share - 1) / (2 * rounds)))
        "$undertone" erase "$who" --yes --workspace "$ws" > /dev/null 2>&1 &
        pid=$!
        sleep "$((after_ms / 1000)).$(printf '%03d' $((after_ms % 1000)))"
        kill -9 "$pid" 2> /dev/null && kills=$((kills + 1))
        wait "$pid" 2> /dev/null
    done
    # Any command that writes finishes what was begun; where nothing was, all must be as before.
    good=1
    if [ $((round % 2)) = 0 ]; then
        call erase --resume || good=0
    else
        call analyze || good=0
    fi
    tables > "$dir/killed.txt"
    if grep -q "^tombstone" "$dir/killed.txt"; then
        how="begun and finished"
    else
        cmp -s "$dir/before.txt" "$dir/killed.txt" || good=0
        call erase "$who" --yes || good=0
    fi
    tables > "$dir/killed.txt"
    cmp -s "$dir/calm.txt" "$dir/killed.txt" || good=0
    grep -q -r -a -i "$who" "$ws" && good=0
    call audit verify || good=0
    ls "$ws" | grep -q '[.]new$' && good=0
    if [ "$good" = 1 ]; then
        passed=$((passed + 1))
        echo "round $round: $kills kills, $how"
    else
        failed=$((failed + 1))
        echo "round $round: $kills kills, $how, but:"
        cat "$dir/err.txt"
        diff "$dir/calm.txt" "$dir/killed.txt" | head -5
        grep -r -a -l -i "$who" "$ws"
        ls "$ws"
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
