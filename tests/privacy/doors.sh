#!/bin/sh
# The command line, tried by a curious manager, a colleague and an analyst: who gets whose figures, in every format.
#
#     tests/privacy/doors.sh UNDERTONE
#
# An organisation from the simulator goes through the real pipeline; a second one is smaller than every floor. Prints what
# failed, and a closing line "N passed, N failed, N skipped".
set -u
undertone=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(mktemp -d) || exit 2
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 2
unset UNDERTONE_KEY
export UNDERTONE_WORKSPACE="$here/ws"
passed=0
failed=0

note() {
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "doors: $2"
        head -n 4 out err
    fi
}

# ask COMMAND…: output in out and err.
ask() {
    asked=$*
    "$undertone" "$@" > out 2> err < /dev/null
    status=$?
}

# refused COMMAND…: must fail, say something, and show no figure.
refused() {
    ask "$@"
    [ $status != 0 ] && [ ! -s out ] && [ -s err ] && ! grep -q -E '0\.[0-9]' err
    note $? "not refused: $asked (status $status)"
}

answered() {
    ask "$@"
    [ $status = 0 ] && [ -s out ]
    note $? "not answered: $asked (status $status)"
}

holds_nothing_of() {
    ! grep -q -E -e "$1" out err
    note $? "says $1: $asked"
}

# figures FILE: how many cells of a CSV report hold something in the columns of figures.
figures() {
    awk -F, 'NR > 1 { for (i = 4; i <= 18; i++) n += $i != "" && $i != "NULL" } END { print n + 0 }' "$1"
}

"$undertone" simulate --people 40 --teams 3 --weeks 8 --seed 5 --only mail,chat --out data > /dev/null || exit 2
"$undertone" run data > /dev/null 2>&1 || exit 2
# Whoever manages fewest people, some team without them, one of theirs and somebody else.
manager=$(awk -F, 'NR > 1 && $6 != "" { n[$6]++ } END { for (m in n) print n[m], m }' data/people.csv | sort -n | awk 'NR == 1 { print $2 }')
mine=$(awk -F, -v m="$manager" '$6 == m { print $5; exit }' data/people.csv)
other=$(awk -F, -v t="$mine" 'NR > 1 && $5 != t { print $5; exit }' data/people.csv)
member=$(awk -F, -v m="$manager" '$6 == m { print $1; exit }' data/people.csv)
stranger=$(awk -F, -v t="$mine" 'NR > 1 && $5 != t { n++; if (n == 3) { print $1; exit } }' data/people.csv)

# Every format withholds the same figures.
for grain in day week month; do
    answered report teams --grain $grain --format csv
    awk -F, 'NR > 1 { print ($6 == "") ($7 == "") }' out > csv
    answered report teams --grain $grain --json
    tr '}' '\n' < out | grep '"team"' | sed 's/.*"messages":\([^,]*\),"sentiment":\([^,]*\),.*/\1 \2/' |
        awk '{ print ($1 == "null") ($2 == "null") }' > json
    cmp -s csv json
    note $? "JSON and CSV withhold different figures by $grain"
    answered report teams --grain $grain
    awk -F '  +' '$2 ~ /^20/ { print ($6 == "·") ($7 == "·") }' out > table
    cmp -s csv table
    note $? "table and CSV withhold different figures by $grain"
done

# A manager: the own team in every format, nothing of others, whatever is asked.
for format in csv json table; do
    for report in teams overview; do
        answered report $report --as "manager:$manager" --format $format
        holds_nothing_of "$other|\(all\)"
        refused report $report --as "manager:$manager" --team "$other" --format $format
        refused report $report --as "manager:$manager" --team "(all)" --format $format
    done
    refused report mine --as "manager:$manager" --person "$member" --format $format
    refused report mine --as "person:$member" --person "$stranger" --format $format
    refused report mine --as "person:$manager" --person "$member" --format $format
    refused report mine --format $format
    refused report mine --person "$member" --format $format
    refused report mine --as owner --person "$member" --format $format
done
refused report coverage --as "manager:$manager"
for sql in "SELECT DISTINCT team FROM v_team_day" "FROM v_team_week" "FROM v_team_month ORDER BY messages LIMIT 100" \
    "SELECT team FROM v_team_week UNION SELECT team FROM v_all_week" "SUMMARIZE v_team_week"; do
    ask sql "$sql" --as "manager:$manager" --format csv
    holds_nothing_of "$other"
done
ask sql "SELECT count(*) AS n FROM v_all_week" --as "manager:$manager" --format csv
holds_nothing_of "^[1-9]"

# Somebody who manages nobody: the own team's figures at most, which everyone may see.
ask report teams --as "manager:$member" --format csv
holds_nothing_of "$other|\(all\)"

# A person: the own rows, and no others'.
answered sql "SELECT count(*) AS n FROM v_my_messages" --as "person:$member" --format csv
own=$(tail -n 1 out)
answered sql "SELECT count(*) AS n FROM v_my_messages" --as "person:$stranger" --format csv
theirs=$(tail -n 1 out)
answered sql "SELECT count(*) AS n FROM v_messages m JOIN (SELECT person FROM v_messages GROUP BY 1 HAVING count(*) = $own) p
    ON p.person = m.person" --as owner --purpose "a test" --format csv
[ "$own" -gt 0 ] && [ "$theirs" -gt 0 ] && [ "$(($(tail -n 1 out) % own))" = 0 ]
note $? "a person's rows are not theirs alone: $own, $theirs"
refused sql "SELECT * FROM v_messages" --as "person:$member"
refused sql "SELECT * FROM v_my_messages" --as "manager:$manager"
refused sql "SELECT * FROM v_my_messages"

# Shared, and no more.
answered people share "$manager" --as "person:$member"
answered report mine --as "person:$manager" --person "$member"
refused report mine --as "person:$stranger" --person "$member"
refused report mine --as "person:$member" --person "$manager"
answered people unshare "$manager" --as "person:$member"
refused report mine --as "person:$manager" --person "$member"

# Exports hold what SQL shows: the manager's own team, the person's own records and nobody's address but theirs.
answered export --format csv --to out-manager --as "manager:$manager"
! cat out-manager/* | grep -q -E "$other|\(all\)"
note $? "a manager's export holds $other"
answered export --as "person:$member" --to mine.json
address=$(awk -F, -v p="$member" '$1 == p { print $3 }' data/people.csv)
grep -q -F "$address" mine.json
note $? "an export without its own address"
awk -F, -v p="$member" 'NR > 1 && $1 != p { print $3 }' data/people.csv > addresses
! grep -q -F -f addresses mine.json
note $? "an export with others' addresses"
refused export
refused export --as "manager:$manager"
refused export --as owner --format csv --to out-owner
[ ! -e out-owner ]
note $? "a refused export left a folder"

# Principals that are none, and owners without a reason.
for as in Owner OWNER "owner " "" " " root key person person: person:nobody "person:%" "person:*" "person:' OR 1=1 --" \
    "person:$member,owner" "person:$member;owner" manager manager: "manager:*" "analyst,owner" "person:1" "person:-1"; do
    refused sql "SELECT count(*) FROM v_team_week" --as "$as"
    refused report mine --as "$as"
done
for purpose in "" " " "	"; do
    refused sql "SELECT 1" --as owner --purpose "$purpose"
    refused report mine --as owner --person "$member" --purpose "$purpose"
    refused people list --as owner --purpose "$purpose"
done
for as in analyst "person:$member" "manager:$manager"; do
    refused people list --as "$as"
    refused people suggest --as "$as"
done
refused audit show
refused audit show --as "manager:$manager"
answered audit show --as "person:$member" --format csv
number=$(sed -n 's/^[^,]*,[^,]*,person:\([0-9]*\),.*/\1/p' out | head -n 1)
awk -F, -v me="$number" 'NR > 1 && $6 != "" && $6 != me { strange = 1 }
    NR > 1 && $3 != "owner" && $3 !~ ":" me "$" && $6 != me { strange = 1 } END { exit strange }' out
note $? "the log tells $member about others"

# Fewer people than every floor: no figure at any door.
export UNDERTONE_WORKSPACE="$here/few"
"$undertone" simulate --people 4 --teams 1 --weeks 6 --seed 7 --only mail,chat --out few-data > /dev/null || exit 2
"$undertone" run few-data > /dev/null 2>&1 || exit 2
for grain in day week month; do
    answered report teams --grain $grain --format csv
    [ "$(figures out)" = 0 ]
    note $? "figures of four people by $grain"
    ask sql "SELECT count(messages) + count(sentiment) + count(people) + count(writers) AS n
        FROM (FROM v_team_$grain UNION ALL FROM v_all_$grain)" --format csv
    [ "$(tail -n 1 out)" = 0 ]
    note $? "figures of four people in SQL by $grain"
done
ask report coverage --format csv
[ "$(awk -F, 'NR > 1 && $2 == "scored" && $3 != "" { n++ } END { print n + 0 }' out)" = 0 ]
note $? "coverage counts the messages of four people"

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
