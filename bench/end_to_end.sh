#!/bin/bash
# The whole way, timed from outside: ingest against Python reading the same files without storing, analyze, a second run,
# peak memory at several sizes.
#
#     bench/end_to_end.sh UNDERTONE [MEGABYTES…]        default: 10 100; CSV on stdout
#
# Each line: what, megabytes, seconds, rate, peak resident MB. Ratios are made from lines of one run on one machine.
set -eu
undertone=$(realpath "$1")
shift
sizes=${*:-10 100}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# timed NAME COMMAND…: seconds and peak memory of a command, as NAME.s and NAME.kb in $dir.
timed() {
    name=$1
    shift
    python3 - "$dir/$name" "$@" << 'EOF'
import resource, subprocess, sys, time
out = sys.argv[1]
started = time.monotonic()
with open(out + '.out', 'wb') as f:
    code = subprocess.call(sys.argv[2:], stdout=f, stderr=subprocess.DEVNULL)
with open(out + '.s', 'w') as f:
    f.write('%.3f' % (time.monotonic() - started))
with open(out + '.kb', 'w') as f:
    f.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
EOF
}

line() { # line WHAT MB UNITS NAME
    awk -v what="$1" -v mb="$2" -v units="$3" -v s="$(cat "$dir/$4.s")" -v kb="$(cat "$dir/$4.kb")" \
        'BEGIN { printf "%s,%s,%s,%.0f,%.0f\n", what, mb, s, units / s, kb / 1024 }'
}

echo "what,megabytes,seconds,records_per_second,peak_mb"
for mb in $sizes; do
    for part in mail chat; do
        sample=$dir/$part-$mb
        "$undertone" simulate --out "$sample" --only $part --megabytes "$mb" --people 200 --from 2010-01-04 > /dev/null 2>&1
        input=$sample/$([ $part = mail ] && echo mail || echo slack)
        size=$(du -sm "$input" | cut -f1)
        w=$dir/w-$part-$mb
        timed ingest "$undertone" ingest "$input" --people "$sample/people.csv" --workspace "$w"
        records=$(sed -n 's/^{"read":\([0-9]*\).*/\1/p' "$dir/ingest.out")
        line "ingest $part" "$size" "$records" ingest
        if [ $part = mail ]; then
            timed peer python3 -c '
import mailbox, os, sys
n = 0
for root, _, files in os.walk(sys.argv[1]):
    for f in files:
        if f.endswith(".mbox"):
            for m in mailbox.mbox(os.path.join(root, f)):
                n += 1
print(n)' "$input"
        else
            timed peer python3 -c '
import json, os, sys
n = 0
for root, _, files in os.walk(sys.argv[1]):
    for f in files:
        if f.endswith(".json"):
            with open(os.path.join(root, f), "rb") as h:
                n += len(json.load(h))
print(n)' "$input"
        fi
        line "python $part (reading only)" "$size" "$records" peer
        timed analyze "$undertone" analyze --workspace "$w"
        line "analyze $part" "$size" "$records" analyze
        timed second "$undertone" run "$input" --people "$sample/people.csv" --workspace "$w"
        line "second run $part" "$size" "$records" second
        awk -v a="$(cat "$dir/ingest.s")" -v b="$(cat "$dir/analyze.s")" -v p="$(cat "$dir/peer.s")" -v s="$(cat "$dir/second.s")" -v what="$part $size MB" \
            'BEGIN { printf "ratio %s: python / ingest = %.1f; second run / first = %.3f\n", what, p / a, s / (a + b) }' >&2
        rm -rf "$sample" "$w"
    done
done
