#!/bin/sh
# The house rules as a test.
#
#     tests/tidy/tidy.sh [ROOT]
#
# Prints each violation as "file:line: rule: what", then one closing line that counts rules. Read-only, some seconds.
# The rules: include arrows and rooms (src/rooms.txt), foreign headers in one file each, lengths (with a ratchet),
# banned calls, columns and white space, headers that compile alone, an example per public header, no machine's paths in
# tracked files, and every source file in its room's meson.build. tests/tidy/self_test.sh shows that each rule can fail.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2
ratchet=tests/tidy/ratchet.txt
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# Tracked files and those that could be added; in a tree that is no repository, all files.
list_files() {
    if [ -e .git ] && command -v git >/dev/null 2>&1; then
        git -c safe.directory='*' ls-files --cached --others --exclude-standard | while read -r f; do
            [ -f "$f" ] && echo "$f"
        done
    else
        find . -type f ! -path './build*' ! -path './node_modules/*' ! -path './.git/*' ! -path './*-data/*' | sed 's|^\./||'
    fi | sort
}
list_files > "$work/files"
# Names hold no spaces here: the rule comes before the shell relies on it.
grep '[^A-Za-z0-9._/@+-]' "$work/files" | sed 's/$/:0: name: only letters, digits and ._@+- in file names/' > "$work/found"
grep -E '^(src|include|apps|tests|bench|examples)/.*\.(c|h|cpp|cc|hpp)$' "$work/files" > "$work/c"
[ -s "$work/c" ] || { echo "tidy: no C files below $(pwd)" >&2; exit 2; }

read_source() {
    # shellcheck disable=SC2046
    awk -v rooms=src/rooms.txt -f "$here/tidy.awk" $(cat "$work/c") > "$work/awk"
    grep -v -E '^(LENGTH|LONG) ' "$work/awk"
    grep '^LENGTH ' "$work/awk" | cut -d' ' -f2- > "$work/long"
    grep -v -E '^(#|$)' "$ratchet" 2>/dev/null > "$work/ratchet"
    awk '
        FILENAME ~ /ratchet$/ { allowed[$1 " " $2] = $3; next }
        { key = $1 " " $2; seen[key] = 1; known = key in allowed; where = $2; sub(/:.*/, "", where) }
        $3 > allowed[key] + 0 {
            rule = $1 == "columns" ? "columns" : "length"
            print where ":0: " rule ": " key " has " $3 " lines" (known ? ", the ratchet says " allowed[key] : "")
        }
        known && $3 < allowed[key] + 0 { print "NOTE " key " is down to " $3 " lines: tighten the ratchet" }
        END {
            for (key in allowed) if (!(key in seen)) print "NOTE " key " is in order now: take the entry out of the ratchet"
        }' "$work/ratchet" "$work/long" > "$work/lengths"
    grep -v '^NOTE ' "$work/lengths"
    # Where the long lines of a file are that has too many of them.
    sed -n 's/^\([^:]*\):0: columns: .*/^LONG \1:/p' "$work/lengths" > "$work/where"
    [ -s "$work/where" ] && grep -f "$work/where" "$work/awk" | cut -d' ' -f2-
    sed -n 's/^NOTE /tidy: /p' "$work/lengths" >&2
}

# An entry for a function or a file may shrink or go, never grow: held against every earlier committed list.
read_ratchet_history() {
    [ -e .git ] && [ -f "$ratchet" ] || return 0
    git -c safe.directory='*' log --format=%H -- "$ratchet" 2>/dev/null | while read -r commit; do
        git -c safe.directory='*' show "$commit:$ratchet" 2>/dev/null
    done | awk -v now="$ratchet" '
        /^(#|$|columns )/ { next }
        !($1 " " $2 in least) || $3 < least[$1 " " $2] { least[$1 " " $2] = $3 }
        END {
            while ((getline line < now) > 0) {
                if (line ~ /^(#|$)/) continue
                split(line, field, " ")
                key = field[1] " " field[2]
                if (key in least && field[3] > least[key] + 0) {
                    print now ":0: length: " key " may only shrink; it was " least[key]
                }
            }
        }'
}

read_rooms() {
    sed -n 's/^\([a-z]*\):.*/\1/p' src/rooms.txt | sort > "$work/rooms"
    sed -n 's|^src/\([^/]*\)/.*|\1|p' "$work/files" | sort -u | grep -v -x -F -f "$work/rooms" |
        sed 's|.*|src/rooms.txt:0: room: src/& is not listed|'
    while read -r room; do
        grep -q "^src/$room/meson.build$" "$work/files" || echo "src/rooms.txt:0: room: src/$room has no meson.build"
    done < "$work/rooms"
    # A file that is not compiled is not tested.
    grep -E '^(src/[a-z]+|tests/unit/[a-z]+)/[^/]*\.(c|cpp|cc)$' "$work/files" | while read -r f; do
        grep -q -F "'${f##*/}'" "${f%/*}/meson.build" 2>/dev/null || echo "$f:0: room: not in ${f%/*}/meson.build"
    done
}

read_examples() {
    sed -n 's|^include/\(undertone/.*[.]h\)$|\1|p' "$work/files" | while read -r header; do
        grep -q -s -F "#include \"$header\"" examples/*.c || echo "include/$header:0: example: no program in examples/ uses it"
    done
}

# compile FILE COMPILER STANDARD
compile_alone() {
    $2 -x "$3" -std="$4" -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Werror -Wno-unused-function -Iinclude -Isrc -Itests "$1" \
        > "$work/out" 2>&1 && return
    echo "$1:0: alone: does not compile alone with $2 -std=$4: $(grep -m 1 -E 'error' "$work/out")"
}

read_headers() {
    grep -E '^(src|include|tests)/.*\.h$' "$work/files" | while read -r f; do
        # An empty file that includes it, because gcc warns about headers given as the main file.
        echo "#include \"$f\"" > "$work/alone.c"
        sed -i "s|\"|\"$(pwd)/|" "$work/alone.c"
        compile_alone "$work/alone.c" "${CC:-cc}" c gnu17 | sed "s|^$work/alone.c|$f|"
        case $f in
        include/*) compile_alone "$work/alone.c" "${CXX:-c++}" c++ c++17 | sed "s|^$work/alone.c|$f|" ;;
        esac
    done
}

# Paths of a machine and hosts of registries. Written so that this line does not find itself.
read_tracked_text() {
    hosts='npmjs[.](org|com)|deb[.]debian[.]org|snapshot[.]debian|crates[.]io|pypi[.]org|golang[.]org/|repo1?[.]maven'
    paths='[/]work[/](main|shared|wt-|[.])|[/]root[/]|[/]home[/][a-z]+[/]'
    grep -v -E '^tests/fuzz/corpus/' "$work/files" | tr '\n' '\0' | xargs -0 grep -I -n -H -o -E "$hosts|$paths" |
        sed 's/^\([^:]*:[0-9]*\):\(.*\)/\1: machine: \2 belongs to one machine or network/'
    grep -E '\.(sh|build|md|txt|json|ts|css|html|sql|awk|1)$|Makefile$' "$work/files" |
        grep -v -E '^(tests/(fuzz/corpus|golden|data)|examples/.*/data|rules|node_modules)/' | tr '\n' '\0' |
        xargs -0 grep -I -n -H -E '[ 	]$' | sed 's/^\([^:]*:[0-9]*\):.*/\1: trailing: white space at the end of the line/'
}

{
    read_source
    read_ratchet_history
    read_rooms
    read_headers
    read_examples
    read_tracked_text
} >> "$work/found"

sort -u "$work/found"
rules="name include arrow foreign length brace banned columns tab trailing room alone example machine"
passed=0
failed=0
for rule in $rules; do
    if grep -q -E "^[^:]*:[0-9]*: $rule: " "$work/found"; then
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
done
# A violation that no rule counts would be lost.
grep -v -E "^[^:]*:[0-9]*: ($(echo "$rules" | tr ' ' '|')): " "$work/found" > "$work/strange" && failed=$((failed + 1))
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
