# tests/tidy/tidy.awk — the house rules that can be read off C source, one pass over all files. See tidy.sh.
#
# Before the first file it reads src/rooms.txt (variable `rooms`). Prints "file:line: rule: what" for each violation,
# and for what is too long "LENGTH function FILE:NAME N", "LENGTH file FILE N" or "LENGTH columns FILE N" (N lines, each
# also as "LONG file:line: …"): tidy.sh holds those against the ratchet. Runs under mawk and gawk, LC_ALL=C.
#
# A function is what stands between a `{` alone in the first column and the next `}` there: the house style makes it so.

BEGIN {
    FUNCTION_LINES = 70
    FILE_LINES = 1000
    COLUMNS = 120
    while ((getline line < rooms) > 0) {
        if (line ~ /^[a-z]+:/) {
            room = substr(line, 1, index(line, ":") - 1)
            allowed[room] = " " room " " substr(line, index(line, ":") + 1) " undertone "
        }
    }
    # System headers, as a pattern; every other <…> is a foreign library's and may be named in one file only.
    system_header = "^(a(io|lloca|ssert)|complex|ctype|dirent|dlfcn|elf|endian|errno|fcntl|fenv|float|fnmatch|ftw|" \
        "getopt|glob|grp|immintrin|inttypes|langinfo|limits|locale|math|netdb|poll|pthread|pwd|regex|sched|" \
        "semaphore|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|" \
        "string|strings|syslog|termios|tgmath|threads|time|uchar|ucontext|unistd|utime|wchar|wctype|x86intrin|" \
        "(arpa|linux|net|netinet|sys)/[a-z_0-9/]+)[.]h$|^[a-z_]+$"
    ban("malloc|calloc|realloc|reallocarray|free|strdup|strndup|aligned_alloc|posix_memalign", "base/mem.h is the only door to the heap")
    ban("strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|strtok_r|alloca", "it knows no bounds; use ut_str, ut_buf or snprintf")
    ban("system|popen", "no shell is ever asked")
    ban("printf|vprintf|puts|putchar|perror", "the library never prints")
    ban("exit|abort|quick_exit", "the library never ends the program")
    ban("atoi|atol|atof|atoll", "it can't report an error; use ut_str_to_i64 or ut_str_to_f64")
}

function ban(words, why,    list, i, n)
{
    n = split(words, list, "|")
    for (i = 1; i <= n; i++) {
        banned[list[i]] = why
    }
}

function complain(rule, what)
{
    print FILENAME ":" FNR ": " rule ": " what
}

FNR == 1 {
    end_file()
    file = FILENAME
    n = split(file, part, "/")
    area = part[1]                                   # src, include, apps, tests, bench, examples
    my_room = area == "src" && n > 2 ? part[2] : ""
    in_comment = 0
    in_function = 0
    name = ""
}

function end_file()
{
    if (file != "" && lines > FILE_LINES) {
        print "LENGTH file " file " " lines
    }
    if (long_lines > 0) {
        print "LENGTH columns " file " " long_lines
    }
    long_lines = 0
}

{ lines = FNR }

/\t/ { complain("tab", "a tab; four spaces here") }
/[ \t\r]$/ { complain("trailing", "white space at the end of the line") }

length($0) > COLUMNS {
    text = $0
    columns = length(text) - gsub(/[\200-\277]/, "", text) # characters, not bytes
    if (columns > COLUMNS) {
        print "LONG " FILENAME ":" FNR ": columns: " columns " columns; " COLUMNS " at most"
        long_lines++
    }
}

/^[ ]*#[ ]*include[ ]*"/ {
    split($0, quoted, "\"")
    check_own(quoted[2])
}

/^[ ]*#[ ]*include[ ]*</ {
    header = $0
    sub(/^[^<]*</, "", header)
    sub(/>.*/, "", header)
    check_foreign(header)
}

function check_own(path,    slash, target)
{
    slash = index(path, "/")
    if (slash == 0) {
        complain("include", "\"" path "\" does not name its room")
        return
    }
    target = substr(path, 1, slash - 1)
    if (my_room != "" && (my_room in allowed) && index(allowed[my_room], " " target " ") == 0) {
        complain("arrow", my_room " may not include " target " (src/rooms.txt)")
    }
    if (my_room != "" && target != my_room && path ~ /_int[.]h$/) {
        complain("arrow", "\"" path "\" is inside " target)
    }
    if (area == "include" && target != "undertone") {
        complain("arrow", "the public API stands on itself, not on \"" path "\"")
    }
    if (area == "examples" && target != "undertone") {
        complain("arrow", "an example uses the public API only, not \"" path "\"")
    }
}

function check_foreign(header,    library)
{
    if (header ~ system_header) {
        return
    }
    library = header
    sub(/[._\/].*/, "", library)                     # archive_entry.h and archive.h are one library, so is unicode/
    if (area == "include" || area == "examples") {
        complain("foreign", "<" header "> may not be seen from outside")
    } else if (area == "src" || area == "apps") {
        if ((library in seen_in) && seen_in[library] != file) {
            complain("foreign", "<" header "> belongs to one file, and " seen_in[library] " has it")
        }
        seen_in[library] = file
    }
}

# The line without comments and with empty strings.
function code_of(text,    out, at, token)
{
    out = ""
    while (1) {
        if (in_comment) {
            at = index(text, "*/")
            if (at == 0) {
                return out
            }
            text = substr(text, at + 2)
            in_comment = 0
        }
        if (!match(text, /["']|\/[*]|\/\//)) {
            return out text
        }
        token = substr(text, RSTART, RLENGTH)
        out = out substr(text, 1, RSTART - 1)
        text = substr(text, RSTART)
        if (token == "//") {
            return out
        } else if (token == "/*") {
            in_comment = 1
            text = substr(text, 3)
        } else if (token == "\"" && match(text, /^"([^"\\]|\\.)*"/)) {
            out = out "\"\""
            text = substr(text, RLENGTH + 1)
        } else if (token == "'" && match(text, /^'([^'\\]|\\.)*'/)) {
            out = out "' '"
            text = substr(text, RLENGTH + 1)
        } else {
            out = out token                          # a digit separator, or a string that goes on
            text = substr(text, 2)
        }
    }
}

{
    code = code_of($0)
    if (area == "src") {
        check_calls(code)
    }
    follow_functions(code)
}

function check_calls(text,    word, before)
{
    while (match(text, /[A-Za-z_][A-Za-z_0-9]*[ ]*[(]/)) {
        word = substr(text, RSTART, RLENGTH - 1)
        before = RSTART > 1 ? substr(text, RSTART - 1, 1) : ""
        sub(/ +$/, "", word)
        text = substr(text, RSTART + RLENGTH)
        if ((word in banned) && before != "." && before != ">" && !is_excused(word)) {
            complain("banned", word "(): " banned[word])
        }
    }
    if (text ~ /(^|[^A-Za-z_0-9])(stdout|stderr)([^A-Za-z_0-9]|$)/ && my_room != "base") {
        complain("banned", "stdout and stderr belong to programs: the library never prints")
    }
}

# base/mem.c is the door to the heap; base aborts on broken invariants and says so.
function is_excused(word)
{
    if (banned[word] ~ /only door to the heap/) {
        return file ~ /^src\/base\/mem[.]c$/
    }
    return my_room == "base" && word == "abort"
}

function follow_functions(code)
{
    if (in_function) {
        if (code ~ /^}/) {
            if (FNR - began + 1 > FUNCTION_LINES) {
                print "LENGTH function " file ":" name " " (FNR - began + 1)
            }
            in_function = 0
            name = ""
        }
        return
    }
    if (code ~ /^{$/ && name != "") {
        in_function = 1
        began = FNR
    } else if (match(code, /^[A-Za-z_].*[(]/)) {
        if (code ~ /[)] *{/ && code !~ /=/ && code !~ /^(struct|enum|union|extern|namespace|typedef)/) {
            complain("brace", "a function's opening brace stands alone on its line")
        }
        name = code
        if (name ~ /^UT_TEST[(]/) {
            gsub(/^UT_TEST[(]|[) ]/, "", name)
            sub(/,/, ".", name)
        }
        sub(/[(].*/, "", name)
        sub(/ +$/, "", name)
        sub(/^.*[ *]/, "", name)
    } else if (code ~ /;[ ]*$/ && code ~ /^[^ ]/) {
        name = ""
    }
}

END { end_file() }
