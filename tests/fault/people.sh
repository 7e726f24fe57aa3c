#!/bin/bash
# Merging and unmerging people: nothing of it stays behind, also when the command is killed on its way.
#
#     tests/fault/people.sh UNDERTONE [ROUNDS]
#
# Three workspaces with one key over one sample: `calm` never merged, `merged` did, `killed` did under SIGKILL. All
# tables of the lake are dumped, sorted and compared. Prints one closing line: "N passed, N failed, N skipped".
set -u
undertone=$(realpath "$1")
rounds=${2:-6}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0
UNDERTONE_KEY=$(printf '%064d' 7)
export UNDERTONE_KEY

holds() {
    what=$1
    shift
    if "$@" > "$dir/out.txt" 2> "$dir/err.txt"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "people: $what: not so: $*"
        head -n 5 "$dir/out.txt" "$dir/err.txt"
    fi
}

owner_sql() {
    "$undertone" sql "$2" --format csv --workspace "$1" --as owner --purpose "people test"
}

# Every row of every table of the lake, sorted within its table.
tables() {
    names=$(owner_sql "$1" "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'
        AND table_schema = 'main' ORDER BY 1" | tail -n +2 | tr -d '\r"')
    [ -n "$names" ] || echo "no tables"
    for name in $names; do
        echo "== $name"
        owner_sql "$1" "SELECT * FROM \"$name\"" | sort
    done
}

people() {
    local where=$1
    shift
    "$undertone" people "$@" --workspace "$where"
}

"$undertone" simulate --out "$dir/sample" --seed 11 --people 24 --teams 2 --weeks 3 > "$dir/simulate.txt" 2>&1
"$undertone" run "$dir/sample" --workspace "$dir/calm" > "$dir/out.txt" 2>&1 || { cat "$dir/out.txt"; exit 1; }
cp -r "$dir/calm" "$dir/merged"
outsider=$("$undertone" people list --externals --json --as owner --purpose "people test" --workspace "$dir/calm" |
    tr '{' '\n' | sed -n 's/.*"handle":"\(mail:[^"]*\)".*"kind":"external".*/\1/p' | head -n 1)

# Two of the organisation, somebody from outside if there is one, a mark.
change() {
    people "$1" merge number:3 number:1 && people "$1" merge number:5 number:3 || return 1
    [ -z "$outsider" ] || people "$1" merge "$outsider" number:2 || return 1
    people "$1" mark number7 list 2> /dev/null && return 1 # nobody is called that
    "$undertone" analyze --workspace "$1"
}

restore() {
    people "$1" unmerge number:5 && people "$1" unmerge number:3 || return 1
    [ -z "$outsider" ] || people "$1" unmerge "$outsider" || return 1
    "$undertone" lake rebuild --workspace "$1"
}

tables "$dir/calm" > "$dir/calm.txt"
rows=$(wc -l < "$dir/calm.txt")
holds 'there are rows to compare' test "$rows" -gt 1000
holds 'there is an outsider' test -n "$outsider"
holds 'merge and analyze' change "$dir/merged"
tables "$dir/merged" > "$dir/merged.txt"
holds 'merging changes the tables' sh -c "! cmp -s '$dir/calm.txt' '$dir/merged.txt'"
owner_sql "$dir/merged" "SELECT count(*) AS n FROM person WHERE person IN (3, 5)" > "$dir/count.txt"
holds 'the merged are gone from the lake' grep -q '^0' "$dir/count.txt"

for round in $(seq 1 "$rounds"); do
    rm -rf "$dir/killed"
    cp -r "$dir/calm" "$dir/killed"
    for command in "merge number:3 number:1" "merge number:5 number:3" "merge ${outsider:-number:5} number:2"; do
        # shellcheck disable=SC2086
        "$undertone" people $command --workspace "$dir/killed" > /dev/null 2>&1 &
        pid=$!
        sleep "0.0$(printf '%02d' $((round * 40 / rounds)))"
        kill -9 "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    done
    if change "$dir/killed" > "$dir/out.txt" 2> "$dir/err.txt" && tables "$dir/killed" > "$dir/killed.txt" &&
        cmp -s "$dir/merged.txt" "$dir/killed.txt" &&
        "$undertone" audit verify --workspace "$dir/killed" > "$dir/out.txt" 2> "$dir/err.txt"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "round $round: after kills the tables differ:"
        cat "$dir/err.txt"
        diff "$dir/merged.txt" "$dir/killed.txt" | head -5
    fi
done

for workspace in merged killed; do
    holds "unmerge and rebuild ($workspace)" restore "$dir/$workspace"
    tables "$dir/$workspace" > "$dir/$workspace.txt"
    holds "$workspace is as if it had never been" cmp "$dir/calm.txt" "$dir/$workspace.txt"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
