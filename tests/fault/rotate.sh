#!/bin/bash
# Kills `undertone key rotate` and `undertone backup` with SIGKILL at many moments. After each kill exactly one of the two
# keys must open the workspace, and the same command again must finish. In the end every record still decodes to the same
# tables, the audit log is whole, and each replaced key opens nothing.
#
#     tests/fault/rotate.sh UNDERTONE [ROUNDS]
#
# Prints one closing line: "N passed, N failed, N skipped".
set -u
undertone=$(realpath "$1")
rounds=${2:-40}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0
unset UNDERTONE_KEY UNDERTONE_WORKSPACE
ws=$dir/ws

good() {
    if "$@" > "$dir/out.txt" 2> "$dir/err.txt"; then
        return 0
    fi
    echo "failed: $*: $(cat "$dir/err.txt")"
    return 1
}

expect() {
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "round $round: $*"
    fi
}

tables() {
    for sql in "SELECT * FROM silver_message ORDER BY item" "SELECT * FROM silver_score ORDER BY item, model" \
        "SELECT * FROM who ORDER BY identity" "SELECT * FROM person ORDER BY person"; do
        "$undertone" sql "$sql" --format csv --workspace "$ws" --as owner --purpose "kill test" || echo "failed: $sql"
    done
}

# killed COMMAND…: starts it and kills it after a random share of the time it takes; true when it was still running.
killed() {
    "$@" > "$dir/out.txt" 2>&1 &
    pid=$!
    wait_us=$((RANDOM * 32768 % (duration_us + duration_us / 4)))
    sleep "$((wait_us / 1000000)).$(printf '%06d' $((wait_us % 1000000)))"
    kill -9 "$pid" 2> /dev/null
    wait "$pid" 2> /dev/null
    [ $? = 137 ]
}

opens_with() {
    "$undertone" key status --workspace "$ws" --key-file "$1" > "$dir/out.txt" 2> "$dir/err.txt"
}

round=0
RANDOM=${SEED:-$$}
echo "seed $RANDOM"
good "$undertone" simulate --out "$dir/sample" --seed 6 --people 12 --weeks 3 &&
    good "$undertone" run "$dir/sample" --workspace "$ws" || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
tables > "$dir/before.csv"
[ "$(wc -l < "$dir/before.csv")" -gt 1000 ] || { echo "too few rows"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
started=$(date +%s%N)
good "$undertone" key rotate --workspace "$ws" || failed=1
duration_us=$((($(date +%s%N) - started) / 1000))

kills=0
changed=0
for round in $(seq 1 "$rounds"); do
    cp "$ws/workspace.key" "$dir/old.key"
    killed "$undertone" key rotate --workspace "$ws" && kills=$((kills + 1))
    # Who only reads finds the right key and changes nothing; who writes leaves one key file.
    expect good "$undertone" key status --workspace "$ws"
    expect good "$undertone" init --workspace "$ws"
    expect test "$(find "$ws" -name 'workspace.key*' | wc -l)" = 1
    if cmp -s "$dir/old.key" "$ws/workspace.key"; then
        expect opens_with "$dir/old.key"
    else
        changed=$((changed + 1))
        ! opens_with "$dir/old.key"
        expect grep -q 'was replaced on' "$dir/err.txt"
    fi
    expect good "$undertone" key rotate --workspace "$ws"
    ! opens_with "$dir/old.key"
    expect grep -q 'was replaced on' "$dir/err.txt"
done
echo "$kills of $rounds rotations killed; after $changed of $rounds the new key was in force"

# The same with keys outside: the second call takes the key that the first one left.
cp "$ws/workspace.key" "$dir/key.0"
good "$undertone" key rotate --workspace "$ws" --new-key-file "$dir/key.0.new" || failed=$((failed + 1))
mv "$dir/key.0.new" "$dir/key.0"
for round in $(seq 1 $((rounds / 4))); do
    now=$dir/key.$((round - 1))
    next=$dir/key.$round
    killed "$undertone" key rotate --workspace "$ws" --key-file "$now" --new-key-file "$next"
    if opens_with "$now"; then
        expect good "$undertone" key rotate --workspace "$ws" --key-file "$now" --new-key-file "$next"
    fi
    expect opens_with "$next"
    ! opens_with "$now"
    expect grep -q 'was replaced on' "$dir/err.txt"
done
mv "$next" "$ws/workspace.key"

# Backups: there or not, never half.
duration_us=$((duration_us * 2))
for round in $(seq 1 $((rounds / 4))); do
    killed "$undertone" backup "$dir/backup.$round" --workspace "$ws"
    [ -e "$dir/backup.$round" ] || expect good "$undertone" backup "$dir/backup.$round" --workspace "$ws"
    expect good "$undertone" backup verify "$dir/backup.$round" --workspace "$ws"
    expect test ! -e "$dir/backup.$round.partial"
done

round=end
expect good "$undertone" lake rebuild --workspace "$ws"
tables > "$dir/after.csv"
expect cmp "$dir/before.csv" "$dir/after.csv"
expect good "$undertone" audit verify --workspace "$ws"
expect good "$undertone" doctor --workspace "$ws"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
