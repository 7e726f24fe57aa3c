#!/bin/sh
# Shows that tidy.sh can fail: a small tree in good order must pass, and each planted violation must be found by its
# rule. A rule that finds nothing is worse than none.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
passed=0
failed=0

# A tree that breaks no rule.
plant_good_tree() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/src/base" "$tree/src/os" "$tree/src/codec" "$tree/include/undertone" "$tree/tests/tidy" "$tree/examples"
    printf 'base:\nos: base\ncodec: base os\n' > "$tree/src/rooms.txt"
    for room in base os codec; do
        echo "sources += files('$room.c')" > "$tree/src/$room/meson.build"
        printf '#include "%s/%s.h"\n\nint ut_%s(void)\n{\n    return 0; /* malloc( in a comment, "system(" too */\n}\n' \
            $room $room $room > "$tree/src/$room/$room.c"
        printf '#ifndef UT_%s\n#define UT_%s\nint ut_%s(void);\n#endif\n' $room $room $room > "$tree/src/$room/$room.h"
    done
    printf '#ifndef UNDERTONE_X\n#define UNDERTONE_X\nint ut_x(void);\n#endif\n' > "$tree/include/undertone/x.h"
    printf '#include "undertone/x.h"\n' > "$tree/examples/x.c"
    : > "$tree/tests/tidy/ratchet.txt"
}

# expect RULE WHAT: tidy must fail and name RULE; RULE "none": it must pass.
expect() {
    if out=$("$here/tidy.sh" "$tree" 2>&1); then status=0; else status=1; fi
    if [ "$1" = none ] && [ $status = 0 ]; then
        passed=$((passed + 1))
    elif [ $status = 1 ] && echo "$out" | grep -q -E "^[^:]*:[0-9]*: $1: "; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "tidy self-test: $2: expected rule '$1' to speak, got"
        echo "$out"
    fi
    plant_good_tree
}

# add FILE TEXT…: appends lines.
add() {
    to=$tree/$1
    shift
    printf '%s\n' "$@" >> "$to"
}

# A function of N lines in FILE.
add_long_function() {
    {
        printf 'int ut_long(void);\nint ut_long(void)\n{\n'
        i=2
        while [ $i -lt "$2" ]; do
            echo "    ut_codec();"
            i=$((i + 1))
        done
        echo '}'
    } >> "$tree/$1"
}

plant_good_tree
expect none 'a tree in good order'
add src/base/base.c '#include "os/os.h"'
expect arrow 'base includes os'
add src/codec/codec.c '#include "os/os.h"'
expect none 'codec includes os'
add src/codec/codec.c '#include "os/os_int.h"'
expect arrow 'the inside of another room'
add include/undertone/x.h '#include "base/base.h"'
expect arrow 'a public header includes a private one'
add examples/e.c '#include "base/base.h"'
expect arrow 'an example includes a private header'
add src/os/os.c '#include "os.h"'
expect include 'an include without its room'
add src/os/os.c '#include <zstd.h>' '#include <unicode/uchar.h>'
add src/codec/codec.c '#include <unicode/ustring.h>'
expect foreign 'a foreign library in two files'
add include/undertone/x.h '#include <sqlite3.h>'
expect foreign 'a foreign library in a public header'
add src/os/os.c '#include <zstd.h>' '#include <sys/stat.h>' '#include <stdlib.h>'
add src/codec/codec.c '#include <archive.h>' '#include <archive_entry.h>' '#include <stdlib.h>'
expect none 'each foreign library in one file'
add_long_function src/codec/codec.c 71
expect length 'a function of 71 lines'
add_long_function src/codec/codec.c 70
expect none 'a function of 70 lines'
add_long_function src/codec/codec.c 71
add tests/tidy/ratchet.txt 'function src/codec/codec.c:ut_long 71'
expect none 'a long function that the ratchet knows'
add_long_function src/codec/codec.c 72
add tests/tidy/ratchet.txt 'function src/codec/codec.c:ut_long 71'
expect length 'a long function that grew'
add tests/tidy/ratchet.txt 'function src/codec/codec.c:ut_long 71'
expect none 'an entry of the ratchet that is needed no more: a note, since whoever mends must not break the build'
yes '/* one more line */' | head -n 1000 >> "$tree/src/os/os.c"
expect length 'a file of more than 1,000 lines'
for call in 'malloc(1)' 'free(p)' 'strdup(s)' 'strcpy(a, b)' 'sprintf(a, b)' 'strtok(a, b)' 'system(s)' 'popen(s, t)' \
    'printf(s)' 'exit(1)' 'abort()' 'atoi(s)'; do
    add src/os/os.c "int a = $call;"
    expect banned "$call"
done
add src/os/os.c 'int a = x->free(p) + ut_free(p) + x.malloc(1) + my_exit(1);'
expect none 'names that only look like banned ones'
add src/os/os.c 'int a = fputs(s, stderr);'
expect banned 'the library prints'
add src/base/mem.c 'int a = malloc(1);'
add src/base/meson.build "sources += files('mem.c')"
expect none 'base/mem.c may allocate'
add src/os/os.c "/* $(yes x | head -n 120 | tr -d '\n') */"
expect columns 'a line of 126 columns'
add src/os/os.c "/* $(yes é | head -n 110 | tr -d '\n') */"
expect none '116 columns of two bytes each'
add src/os/os.c "$(printf 'int\ta;')"
expect tab 'a tab'
add src/os/os.c 'int a; '
expect trailing 'white space at the end of a line'
add src/os/os.c 'int ut_b(void) {' '}'
expect brace 'an opening brace at the end of the line'
add src/os/os.h 'size_t ut_size(void);'
expect alone 'a header that needs another one first'
add include/undertone/x.h 'int ut_y(int new);'
expect alone 'a public header that C++ does not take'
: > "$tree/examples/x.c"
expect example 'a public header without an example'
mkdir "$tree/src/attic"
add src/attic/attic.c 'int a;'
expect room 'a room that is not listed'
add src/os/forgotten.c 'int a;'
expect room 'a source file that is not compiled'
add README.md "see /""work/main for more"
expect machine "a machine's path"
add README.md "from registry.npm""js.org"
expect machine "a registry's host"
add 'src/os/a b.txt' 'text'
expect name 'a blank in a file name'
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
