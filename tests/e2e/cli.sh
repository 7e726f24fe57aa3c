#!/bin/sh
# The command line from outside: a sample organisation from files to reports, and what goes wrong on the way.
#
#     tests/e2e/cli.sh UNDERTONE
#
# Each check is one line below. Prints what failed, and a closing line "N passed, N failed, N skipped".
set -u
undertone=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
source_root=$(cd "$(dirname "$0")/../.." && pwd)
here=$(mktemp -d) || exit 2
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 2
unset UNDERTONE_WORKSPACE UNDERTONE_KEY
export UNDERTONE_WORKSPACE="$here/ws"
passed=0
failed=0
skipped=0

# check STATUS WHAT COMMAND…: runs it, output in out and err; the exit status must be STATUS.
check() {
    want=$1
    what=$2
    shift 2
    "$@" > out 2> err < /dev/null
    got=$?
    if [ "$got" = "$want" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "e2e: $what: exit status $got, want $want: $*"
        head -n 5 out err
    fi
}

# The last output or error must (not) have a line that matches.
says() {
    if cat out err | grep -q -E -e "$1"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "e2e: $what: nothing says '$1':"
        head -n 8 out err
    fi
}

says_nothing_of() {
    if cat out err | grep -q -E -e "$1"; then
        failed=$((failed + 1))
        echo "e2e: $what: says '$1':"
        grep -h -E -e "$1" out err | head -n 3
    else
        passed=$((passed + 1))
    fi
}

# holds WHAT COMMAND…: true or not.
holds() {
    what=$1
    shift
    if "$@" > /dev/null 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "e2e: $what: not so: $*"
    fi
}

# The last output must be one line of JSON for which the Python expression `d…` is true.
is_json() {
    if python3 -c 'import json,sys
text = open("out").read()
assert text.count("\n") == 1 and text.endswith("\n"), "not one line"
d = json.loads(text)
assert eval(sys.argv[1]), text[:400]' "$1" 2> why; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "e2e: $what: not $1: $(tail -n 1 why)"
    fi
}

# What the owner reads in the lake, in an order of its own: two of them are equal or not.
dump() {
    "$undertone" sql "SELECT * FROM v_messages ORDER BY item, team, model" --as owner --purpose "e2e" --format csv
}

calls() {
    check 0 'help' "$undertone" help
    says '^  ingest '
    check 0 'help of a command' "$undertone" report --help
    says 'usage: undertone report'
    check 0 'version' "$undertone" --version
    says '^undertone [0-9]+[.][0-9]+[.][0-9]+$'
    check 2 'no command' "$undertone"
    check 2 'an unknown command' "$undertone" frobnicate
    says 'frobnicate'
    check 2 'an unknown option' "$undertone" report --frobnicate
    says 'frobnicate'
    check 2 'an option without its value' "$undertone" report --grain
    check 2 'ingest of nothing' "$undertone" ingest
    check 2 'an unknown principal' "$undertone" sql 'SELECT 1' --as nobody
    check 1 'a report without a workspace' "$undertone" report teams
    says 'no workspace'
    check 1 'the same in JSON' "$undertone" report teams --json
    is_json 'd["error"]["code"] == "not_found" or d["error"]["code"] == "not found"'
    holds 'a failed report makes no workspace' test ! -e ws
    check 1 'a path that is not there' "$undertone" ingest nowhere.mbox
    says 'nowhere'
}

workspace() {
    rm -rf ws
    check 0 'init' "$undertone" init
    check 0 'init again' "$undertone" init
    says 'already'
    holds 'the key is for its owner only' test "$(stat -c %a ws/workspace.key)" = 600
    holds 'so is the folder' test "$(stat -c %a ws)" = 700
    printf '%064d\n' 7 > other.key
    check 1 'another key' "$undertone" report teams --key-file other.key
    says 'key'
    check 1 'a key that is none' env UNDERTONE_KEY=short "$undertone" report teams
    mv ws/workspace.key .
    check 1 'no key' "$undertone" doctor
    check 0 'the key from elsewhere' "$undertone" doctor --key-file workspace.key
    check 0 'the key from the environment' env UNDERTONE_KEY="$(cat workspace.key)" "$undertone" doctor
    mv workspace.key ws/
    rm -rf ws
}

# A workspace of the first schema: what only reads sends to a command that brings it up to date.
older() {
    rm -rf ws
    check 0 'a workspace to make old' "$undertone" init
    python3 - "$source_root/sql/truth/001_bronze.sql" << 'END'
import os, sqlite3, sys
old = sqlite3.connect("ws/old.sqlite")
old.executescript(open(sys.argv[1]).read())
old.execute("ATTACH 'ws/truth.sqlite' AS new")
old.execute("INSERT OR REPLACE INTO setting SELECT * FROM new.setting")
mark = old.execute("PRAGMA new.application_id").fetchone()[0]
old.execute(f"PRAGMA main.application_id={mark}")
old.execute("PRAGMA main.user_version=1")
old.commit()
old.close()
for name in os.listdir("ws"):
    if name.startswith("truth.sqlite"):
        os.remove("ws/" + name)
os.rename("ws/old.sqlite", "ws/truth.sqlite")
END
    check 1 'doctor over an older workspace' "$undertone" doctor
    says 'older version; `undertone analyze` brings it up'
    check 0 'analyze brings it up to date' "$undertone" analyze
    check 0 'doctor afterwards' "$undertone" doctor
    rm -rf ws
}

keys() {
    rm -rf ws
    check 0 'init' "$undertone" init
    cp ws/workspace.key old.key
    check 0 'key status' "$undertone" key status --json
    is_json 'd["place"] == "workspace" and d["rotations"] == 0 and d["replaced"] is None and d["destroyed"] == 0'
    check 2 'key of nothing' "$undertone" key
    check 0 'key rotate' "$undertone" key rotate
    holds 'another key lies there' test "$(cat old.key)" != "$(cat ws/workspace.key)"
    check 1 'the old key' "$undertone" doctor --key-file old.key
    says 'was replaced on 20'
    check 0 'the new key' "$undertone" doctor
    check 1 'rotate without a place for the key' "$undertone" key rotate --key-file ws/workspace.key
    says 'new-key-file'
    check 0 'rotate out of the workspace' "$undertone" key rotate --new-key-file new.key --json
    is_json 'd["path"] == "new.key" and d["old_bytes_left"] is False'
    check 1 'no key is left in the workspace' "$undertone" doctor
    check 0 'the key outside' "$undertone" key status --key-file new.key
    says 'new.key'
    check 0 'rotations are in the audit log' "$undertone" audit verify --key-file new.key
    says '^2 entries'
    rm -rf ws
}

# Four colleagues, one stranger, one broken line; words that occur nowhere else.
small_files() {
    mkdir -p small
    cat > small/people.csv <<'END'
id,name,email,team,time_zone
a,Ann Zanzibarova,ann@example.org,tiny,Europe/Berlin
b,Bob,bob@example.org,tiny,Europe/Berlin
c,Cem,cem@example.org,tiny,Europe/Berlin
d,Dee,dee@example.org,tiny,Europe/Berlin
END
    : > small/chat.ndjson
    n=0
    for who in ann bob cem dee; do
        for day in 05 06 07 08 09; do
            n=$((n + 1))
            printf '{"kind":"message","source":"zulip","id":"m%d","author":"%s@example.org","at":"2026-01-%sT10:00:00+01:00","text":"Thanks a lot for the quarkzipple, it was really great to work on this with all of you and I am happy about it","channel":"general","channel_kind":"public"}\n' \
                $n $who $day >> small/chat.ndjson
        done
    done
    echo '{"kind":"message","source":"zulip","id":"x1","author":"eve@elsewhere.example","at":"2026-01-06T10:00:00Z","text":"hello from outside, dear all","channel":"general","channel_kind":"public"}' >> small/chat.ndjson
    echo '{"kind":"message","source":"zulip","id":"x2","author":"ann@example.org","text":"no time at all"}' >> small/chat.ndjson
    echo '{"kind":"message","source":"zulip","id":"x3","author":"ann@example.org","at":"2026-01-06T10:00:00Z","text":"for your eyes only","channel":"ann-bob","channel_kind":"direct"}' >> small/chat.ndjson
}

small_team() {
    small_files
    check 0 'ingest' "$undertone" ingest small/chat.ndjson --people small/people.csv --json
    is_json 'd["read"] == 23 and d["new"] == 21 and d["skipped"] == 1 and d["rejected"] == 1 and d["people"]["read"] == 4'
    check 0 'the dead letter' "$undertone" rejects --json
    is_json 'len(d["rejects"]) == 1 and "at" in d["rejects"][0]["reason"]'
    says_nothing_of 'no time at all'
    check 0 'ingest again' "$undertone" ingest small/chat.ndjson --people small/people.csv --json
    is_json 'd["new"] == 0 and d["updated"] == 0 and d["duplicate"] == 21 and d["read"] == sum(d[k] for k in ("new","updated","duplicate","skipped","rejected"))'
    check 0 'analyze' "$undertone" analyze
    is_json 'd["scored"] == 20 and d["external"] == 1'
    check 0 'analyze again' "$undertone" analyze
    is_json 'd["records"] == 0 and d["scored"] == 0'
    check 0 'a team below the floors' "$undertone" report teams --grain week --json
    says_nothing_of '"(messages|sentiment|joy|gratitude|stress)":-?[0-9]'
    check 0 'the same by SQL' "$undertone" sql "SELECT count(*) AS n FROM v_team_week WHERE messages IS NOT NULL OR gratitude IS NOT NULL OR sentiment IS NOT NULL" --json
    says '"n":0[^0-9]'
    holds 'no words in the stores' sh -c '! grep -r -l -a -i -e quarkzipple -e zanzibar -e "ann@example" -e "eyes only" -e "no time at all" ws'
}

analyst_sql() {
    for statement in "SELECT * FROM v_messages" "SELECT * FROM silver_score" "SELECT * FROM read_csv('/etc/passwd')" \
        "SELECT * FROM read_text('ws/workspace.key')" "SELECT * FROM '/etc/passwd'" "COPY (SELECT 1) TO 'stolen.csv'" \
        "ATTACH 'ws/lake.duckdb' AS lake" "SET enable_external_access = true" "INSTALL httpfs" "LOAD sqlite" \
        "SELECT * FROM sqlite_scan('ws/truth.sqlite', 'person')"; do
        check 1 "the analyst: $statement" "$undertone" sql "$statement"
    done
    holds 'nothing was written' test ! -e stolen.csv
    check 0 'what the analyst may see' "$undertone" sql "SELECT DISTINCT column_name FROM information_schema.columns WHERE table_schema NOT IN ('information_schema', 'pg_catalog')" --format csv
    says_nothing_of '^(person|item|author)$'
}

owner_sql() {
    check 1 'the owner without a purpose' "$undertone" sql "SELECT count(*) FROM v_messages" --as owner
    says 'purpose'
    check 0 'the owner' "$undertone" sql "SELECT count(*) AS n FROM v_messages WHERE state = 'scored'" --as owner --purpose 'e2e' --json
    says '"n":20[^0-9]'
    check 1 'the owner writes' "$undertone" sql "DELETE FROM silver_score" --as owner --purpose 'e2e'
    check 0 'the audit log is whole' "$undertone" audit verify --json
    is_json 'd["whole"] is True and d["entries"] >= 2'
}

# A person, a manager, and what is theirs; then who looked.
viewers() {
    check 0 'own values' "$undertone" report mine --as person:a --json
    is_json 'd["report"] == "mine" and sum(r["messages"] for r in d["rows"]) == 5'
    check 1 'values of somebody else' "$undertone" report mine --as person:a --person b
    says 'share'
    check 1 'a manager asks for one person' "$undertone" report mine --as manager:a --person b
    says 'that person only'
    check 2 'a principal without a name' "$undertone" report mine --as person:
    check 0 'own rows by SQL' "$undertone" sql "SELECT count(*) AS n FROM v_my_messages" --as person:a --json
    says '"n":5[^0-9]'
    check 0 'export' "$undertone" export --as person:a
    is_json 'len(d["records"]) == 5 and "quarkzipple" in d["records"][0]["text"] and d["persons"][0]["name"] == "Ann Zanzibarova"'
    says_nothing_of 'bob@|cem@|eve@|eyes only'
    check 0 'export into a file' "$undertone" export --as person:a --to ann.json
    holds 'the file is for its owner only' test "$(stat -c %a ann.json)" = 600
    check 2 'export of nobody' "$undertone" export
    check 0 'tables' "$undertone" export --format parquet --to tables
    holds 'the analyst gets no rows of persons' test ! -e tables/v_messages.parquet -a -e tables/v_team_week.parquet
    check 1 'tables over something' "$undertone" export --format csv --to tables
    check 0 'the log for a person' "$undertone" audit show --as person:a --json
    is_json 'any(e["action"] == "report" and e["detail"] == "mine" for e in d["entries"])'
    check 1 'the log for the analyst' "$undertone" audit show
    check 0 'the log for the owner' "$undertone" audit show --as owner --purpose e2e --format csv
    says ',owner,.*,e2e$'
    check 0 'the audit log is still whole' "$undertone" audit verify
    rm -rf tables ann.json
}

rebuild() {
    dump > before.csv 2> err
    holds 'the dump has rows' test "$(wc -l < before.csv)" -gt 20
    check 0 'lake rebuild' "$undertone" lake rebuild
    dump > after.csv 2> err
    holds 'a rebuilt lake has the same rows' cmp before.csv after.csv
    rm -f ws/lake.duckdb*
    check 0 'analyze without a lake' "$undertone" analyze
    dump > after.csv 2> err
    holds 'a lost lake comes back with the same rows' cmp before.csv after.csv
}

backups() {
    dump > before.csv 2> err
    check 2 'backup of nothing' "$undertone" backup
    check 0 'backup' "$undertone" backup copy --json
    is_json 'd["records"] > 0 and d["path"].endswith("/copy")'
    check 1 'backup onto a backup' "$undertone" backup copy
    says 'already'
    holds 'no name, no text and no key is in it' sh -c '! grep -r -q -a -i -e zanzibarova -e "$(cat ws/workspace.key)" copy'
    check 0 'backup list' "$undertone" backup list --json
    is_json 'len(d["backups"]) == 1 and d["backups"][0]["there"]'
    check 0 'backup verify' "$undertone" backup verify copy
    check 1 'restore onto a workspace' "$undertone" restore copy
    says 'already'
    check 1 'restore without a key' "$undertone" restore copy --workspace back
    says 'key'
    mkdir back
    cp ws/workspace.key back/
    check 0 'restore' "$undertone" restore copy --workspace back
    check 0 'analyze what was restored' "$undertone" analyze --workspace back
    mv ws away
    mv back ws
    dump > after.csv 2> err
    holds 'a restored workspace has the same rows' cmp before.csv after.csv
    rm -rf ws
    mv away ws
    rm -rf copy
    check 1 'verify of a backup that is gone' "$undertone" backup verify copy
}

policy() {
    check 0 'the policy' "$undertone" policy --json
    is_json 'len(d["policy"]) == 9 and d["policy"][4] == {"setting":"floor_text","value":"8","default":"8","least":8,"meaning":d["policy"][4]["meaning"]}'
    check 1 'a floor below its least' "$undertone" policy set floor_text 7
    says '8 to 1000'
    check 1 'an unknown setting' "$undertone" policy set floor 9
    check 2 'set without a value' "$undertone" policy set floor_text
    check 0 'a channel is listed' "$undertone" policy set skip_channels zulip:general
    check 0 'what is listed is skipped' "$undertone" ingest small/chat.ndjson --people small/people.csv --json
    is_json 'd["read"] == 23 and d["skipped"] == 22 and d["duplicate"] == 0 and d["rejected"] == 1'
    check 0 'and unlisted' "$undertone" policy set skip_channels ''
    check 0 'the file is read again' "$undertone" ingest small/chat.ndjson --people small/people.csv --json
    is_json 'd["skipped"] == 1 and d["duplicate"] == 21'
    check 0 'init sets times, too' "$undertone" init --keep-raw 120
    check 0 'which the policy shows' "$undertone" policy
    says 'keep_raw_days +120 +90'
    check 0 'nothing is past its time' "$undertone" retention --json
    is_json '[c["dropped"] + c["due"] for c in d["classes"]] == [0, 0, 0, 0, 0]'
    check 2 'retention takes no path' "$undertone" retention small
}

answers() {
    check 0 'doctor' "$undertone" doctor --json
    is_json 'd["bad"] == 0'
    what='a full disk under the answer'
    "$undertone" report teams > /dev/full 2> err
    holds 'a full disk under the answer fails' test $? != 0
    check 2 'an unknown grain or format is told' sh -c "'$undertone' report teams --grain hour || exit 2"
    check 1 'an unknown report' "$undertone" report nothing-like-it
    check 1 'an unknown team' "$undertone" report teams --team nobody
    check 1 'wrong SQL' "$undertone" sql 'SELEKT 1'
}

score() {
    # score and evaluate need no workspace; a build without them says so by its help.
    if ! "$undertone" help | grep -q '^  score '; then
        skipped=$((skipped + 1))
        echo "e2e: score: this build does not have it"
        return
    fi
    printf '%s\n' '{"id":"1","text":"thank you so much, this is great"}' 'not json' '{"id":3,"text":""}' > lines
    what='score'
    "$undertone" score < lines > out 2> err
    holds 'score answers line by line' test "$(wc -l < out)" = 3
    holds 'score keeps the ids and the order' python3 -c 'import json
a, b, c = [json.loads(l) for l in open("out")]
assert a["id"] == "1" and a["features"]["gratitude"] > 0.5 and a["sentiment"] > 0
assert "error" in b and b["error"]["message"]
assert c["id"] == 3 and "error" not in c'
}

# A sample organisation with teams above the floors, from the exports to the reports.
sample() {
    rm -rf ws
    check 0 'simulate' "$undertone" simulate --out sample --people 24 --teams 2 --weeks 4 --seed 3
    check 0 'run' "$undertone" run sample
    cp out first
    check 0 'run again' "$undertone" run sample
    holds 'the second run adds nothing' python3 -c 'import json
one = [json.loads(l) for l in open("first")]
two = [json.loads(l) for l in open("out")]
assert one[0]["new"] > 100 and one[1]["scored"] > 100
assert two[0]["new"] == 0 and two[0]["updated"] == 0 and two[1]["records"] == 0
assert one[0]["read"] == two[0]["read"]'
    check 1 'own values are nobody else'"'"'s' "$undertone" report mine
    says 'that person only'
    for report in $("$undertone" report | cut -d' ' -f1 | grep -v -x mine); do
        check 0 "report $report" "$undertone" report "$report"
        check 0 "report $report as JSON" "$undertone" report "$report" --json
        is_json 'True'
        check 0 "report $report as CSV" "$undertone" report "$report" --format csv
    done
    check 0 'figures above the floors' "$undertone" sql "SELECT count(*) AS n FROM v_team_week WHERE gratitude IS NOT NULL" --json
    says '"n":[1-9]'
}

# Who is who, decided at the command line: over the workspace that `sample` left.
people() {
    owner='--as owner --purpose e2e'
    check 2 'people of nothing' "$undertone" people
    check 2 'people with too little' "$undertone" people merge p1
    check 1 'names for the analyst' "$undertone" people list
    says 'owner'
    check 1 'names without a purpose' "$undertone" people list --as owner
    check 0 'people list' "$undertone" people list $owner --json
    is_json 'd["counts"]["people"] == 24 and all(p["listed"] and p["team"] and p["handles"] for p in d["people"])'
    check 0 'bots' "$undertone" people list --bots $owner
    check 0 'suggestions' "$undertone" people suggest $owner --json
    is_json 'isinstance(d["suggestions"], list)'
    check 0 'merge' "$undertone" people merge number:3 number:1
    is_json 'd == {"person": 3, "other": 1, "changed": True}'
    check 0 'merge again' "$undertone" people merge number:3 number:1
    is_json 'd["changed"] is False'
    check 0 'a state' "$undertone" people state number:2 objected
    check 1 'two who decided differently' "$undertone" people merge number:2 number:1
    says 'differently'
    check 0 'unmerge' "$undertone" people unmerge number:3
    check 0 'the state back' "$undertone" people state number:2 notified
    check 1 'sharing for somebody else' "$undertone" people share number:2
    says 'person:'
    check 0 'share' "$undertone" people share number:2 --as person:number:1
    check 0 'unshare' "$undertone" people unshare number:2 --as person:number:1
    is_json 'd["changed"] is True'
    check 1 'a mark for nobody' "$undertone" people mark ghost@example.org bot
    check 0 'import' "$undertone" people import sample/people.csv
    is_json 'd["rejected"] == 0 and d["defaulted"] == 0 and d["unknown_managers"] == 0'
    check 0 'merge for good' "$undertone" people merge number:3 number:1
    check 0 'erase all of two' "$undertone" erase number:1 --yes
    check 0 'people after that' "$undertone" people list $owner --json
    is_json 'd["counts"]["people"] == 22 and all(p["number"] not in (1, 3) for p in d["people"])'
    check 0 'the log of it' "$undertone" audit verify
}

calls
workspace
older
keys
small_team
analyst_sql
owner_sql
viewers
rebuild
backups
policy
answers
score
sample
people
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
