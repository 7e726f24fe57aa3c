/* text/clean_log.c — what machines report: stack traces, log lines, tables of numbers. All of it counts as "log". */
#include "text/clean_int.h"

/* Lines of one traceback; deeper recursion is shortened by every runtime. */
#define TRACE_LINES_MAX 2000

static bool is_name_byte(char c)
{
    return ut_is_letter(c) || ut_is_digit(c) || c == '_' || c == '$' || c == '.' || c == '<' || c == '>' || c == '/';
}

/* "at com.acme.Shop.sell(Shop.java:12)", "at sell (/srv/shop.js:3:14)", "at file:3:14". Prose has no dotted call. */
static bool is_at_frame(ut_str line)
{
    if (!UT_STARTS(line, "at ")) {
        return false;
    }
    ut_str rest = ut_str_slice(line, 3, line.len);
    if (UT_STARTS(rest, "async ")) {
        rest = ut_str_slice(rest, 6, rest.len);
    } else if (UT_STARTS(rest, "new ")) {
        rest = ut_str_slice(rest, 4, rest.len);
    }
    size_t at = 0;
    bool dotted = false;
    while (at < rest.len && (is_name_byte(rest.ptr[at]) || ut_one_of(rest.ptr[at], ":[`"))) {
        dotted |= rest.ptr[at] == '.' && at > 0;
        at++;
    }
    if (at == rest.len) {
        return at > 4 && ut_is_digit(rest.ptr[at - 1]) && ut_str_find_byte(rest, ':', 0) != UT_NPOS;
    }
    bool call = rest.ptr[at] == '(' || (rest.ptr[at] == ' ' && at + 1 < rest.len && rest.ptr[at + 1] == '(');
    char last = rest.ptr[rest.len - 1];
    return at > 0 && call && (last == ')' || ut_is_digit(last)) &&
           (dotted || ut_str_find_byte(rest, ':', at) != UT_NPOS);
}

/* "#3  0x00007f in main (argc=1) at main.c:10", "#1 main () at x.c:3". */
static bool is_gdb_frame(ut_str line)
{
    if (line.len < 6 || line.ptr[0] != '#' || !ut_is_digit(line.ptr[1])) {
        return false;
    }
    size_t at = 1;
    while (at < line.len && ut_is_digit(line.ptr[at])) {
        at++;
    }
    ut_str rest = ut_str_trim(ut_str_slice(line, at, line.len));
    return UT_STARTS(rest, "0x") ||
           (ut_str_find_byte(rest, '(', 1) != UT_NPOS &&
            (ut_str_has(rest, UT_STR(") at ")) || ut_str_has(rest, UT_STR(") from "))));
}

/* "java.lang.IllegalStateException: no", "ValueError: bad", "Caused by: …". */
static bool is_exception(ut_str line)
{
    size_t at = 0;
    while (at < line.len && (is_name_byte(line.ptr[at]) && line.ptr[at] != '/')) {
        at++;
    }
    ut_str name = ut_str_slice(line, 0, at);
    bool ends = at == line.len || line.ptr[at] == ':';
    static const ut_str TAILS[] = {{"Exception", 9}, {"Error", 5}, {"Throwable", 9}, {"Warning", 7},
                                   {"Interrupt", 9}, {"Exit", 4},  {"Failure", 7}};
    for (size_t k = 0; ends && k < sizeof TAILS / sizeof *TAILS; k++) {
        if (ut_str_ends(name, TAILS[k]) && name.len > TAILS[k].len - (TAILS[k].len == 5 ? 1 : 0)) {
            return true;
        }
    }
    return UT_STARTS(line, "Caused by: ") || UT_STARTS(line, "Exception in thread ");
}

static bool is_rust_frame(ut_str line)
{
    size_t at = 0;
    while (at < line.len && ut_is_digit(line.ptr[at])) {
        at++;
    }
    bool numbered = at > 0 && at + 2 < line.len && line.ptr[at] == ':' && line.ptr[at + 1] == ' ';
    return numbered && ut_str_has(line, UT_STR("::"));
}

/* A line that only stack traces hold. */
static bool is_frame(const ut_walk *w, size_t i)
{
    static const ut_str HEADS[] = {
        {"Traceback (most recent call last)", 33}, {"During handling of the above exception", 38},
        {"The above exception was the direct cause", 40}, {"goroutine ", 10}, {"stack backtrace:", 16},
        {"note: run with `RUST_BACKTRACE", 30}, {"thread '", 8}, {"panic: ", 7}, {"Exception in thread ", 20},
        {"Caused by: ", 11}, {"exit status ", 12}, {"Program received signal ", 24}, {"created by ", 11},
        {"File \"", 6}, {"--- End of inner exception", 26}, {"--- End of stack trace", 22}, {"[signal SIG", 11},
    };
    ut_str line = ut_line_text(w, i);
    if (is_at_frame(line) || is_gdb_frame(line) || is_rust_frame(line)) {
        return true;
    }
    if (UT_STARTS(line, "... ") && ut_str_ends(line, UT_STR(" more"))) {
        return w->lines[i].digits > 0;
    }
    if (!UT_STARTS_ANY(line, HEADS)) {
        return false;
    }
    const ut_line *l = &w->lines[i];
    switch (line.ptr[0]) {
    case 'g': /* goroutine 1 [running]: */
        return l->digits && (l->flags & UT_LINE_COLON);
    case 't':
        return ut_str_has(line, UT_STR("panicked at"));
    case 'c':
        return ut_str_has(line, UT_STR("goroutine")) || ut_str_has(line, UT_STR("main."));
    case 'F':
        return ut_str_has(line, UT_STR(", line "));
    case 'e':
        return l->digits && l->letters == 10;
    default:
        return true;
    }
}

/* Python: indented lines, then the exception; Go: calls and tab-indented files. */
static size_t trace_end(const ut_walk *w, size_t i)
{
    size_t at = i;
    bool python = false, go = false;
    while (at < w->count && at < i + TRACE_LINES_MAX) {
        ut_str line = ut_line_text(w, at);
        size_t next = line.len ? at : at + 1;
        if (next >= w->count) {
            break;
        }
        if (is_frame(w, next)) {
            python |= ut_str_starts(ut_line_text(w, next), UT_STR("Traceback"));
            go |= ut_str_starts(ut_line_text(w, next), UT_STR("goroutine "));
            at = next + 1;
            continue;
        }
        if (line.len == 0) {
            break;
        }
        bool indented = ut_line_indent(w, at) >= 2 || w->text[at ? w->lines[at - 1].end : 0] == '\t';
        bool call = go && ut_str_ends(line, UT_STR(")")) && w->lines[at].blanks <= 2 && w->lines[at].code >= 2;
        if ((indented && (python || w->lines[at].code >= 2)) || call) {
            at++;
        } else if (is_exception(line)) {
            at++;
            python = false;
        } else {
            break;
        }
    }
    return at;
}

size_t ut_take_trace(ut_walk *w, size_t i)
{
    ut_str line = ut_line_text(w, i);
    bool frame = is_frame(w, i);
    if (!frame) {
        bool below = i + 1 < w->count && w->lines[i + 1].len;
        if (!below || !is_exception(line) || !is_frame(w, i + 1)) {
            return i;
        }
    }
    size_t end = trace_end(w, frame ? i : i + 1);
    return ut_lines_mark(w, i, end > i ? end : i + 1, UT_STRIP_LOG);
}

/* true when s has `shape` at `at`; '9' stands for any digit. */
static bool digits_at(ut_str s, size_t at, const char *shape)
{
    for (size_t k = 0; shape[k]; k++) {
        if (at + k >= s.len || (shape[k] == '9' ? !ut_is_digit(s.ptr[at + k]) : s.ptr[at + k] != shape[k])) {
            return false;
        }
    }
    return true;
}

static bool has_level(ut_str s)
{
    static const ut_str LEVELS[] = {{"ERROR", 5}, {"WARN", 4},  {"INFO", 4},     {"DEBUG", 5}, {"TRACE", 5},
                                    {"FATAL", 5}, {"ERR", 3},   {"CRITICAL", 8}, {"NOTICE", 6}, {"SEVERE", 6},
                                    {"info", 4},  {"error", 5}, {"warn", 4},     {"debug", 5}};
    for (size_t at = 0; at < s.len && at < 60; at++) {
        if (at && (ut_is_letter(s.ptr[at - 1]) || !ut_one_of(s.ptr[at], "EWIDTFCNSiewd"))) {
            continue;
        }
        ut_str here = ut_str_slice(s, at, s.len);
        for (size_t k = 0; k < sizeof LEVELS / sizeof *LEVELS; k++) {
            size_t end = at + LEVELS[k].len;
            bool word_ends = end >= s.len || !ut_is_letter(s.ptr[end]) || LEVELS[k].len == 4; /* WARNING, INFORMATION */
            /* Lower-case levels only in brackets or before a colon: "info" and "error" are words, too. */
            bool marked = k < 10 || (end < s.len && ut_one_of(s.ptr[end], "]:"));
            if (word_ends && marked && ut_str_starts(here, LEVELS[k])) {
                return true;
            }
        }
    }
    return false;
}

/* Length of the date and time to the second that a log line begins with, or 0. */
static size_t stamp_len(ut_str s)
{
    size_t at = s.len && s.ptr[0] == '[' ? 1 : 0;
    if (digits_at(s, at, "9999-99-99") || digits_at(s, at, "9999/99/99")) {
        at += 10;
        if (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == 'T') && digits_at(s, at + 1, "99:99:99")) {
            return at + 9;
        }
        return 0;
    }
    if (digits_at(s, at, "99/99/99 99:99:99")) {
        return at + 17;
    }
    return digits_at(s, at, "99:99:99") && at + 8 < s.len && ut_one_of(s.ptr[at + 8], ".,] ") ? at + 8 : 0;
}

/* "Nov 17 10:00:01 host program[12]: …". */
static bool is_syslog(ut_str s)
{
    return s.len > 24 && ut_is_upper(s.ptr[0]) && s.ptr[3] == ' ' && ut_is_digit(s.ptr[5]) &&
           digits_at(s, 6, " 99:99:99 ") && ut_str_has(ut_str_slice(s, 16, 100), UT_STR(": "));
}

/* Words of the form key=value. */
static unsigned pairs_of(ut_str s, unsigned *ret_words)
{
    unsigned pairs = 0, words = 0;
    ut_str rest = ut_str_slice(s, 0, 1000);
    while (rest.len) {
        ut_str word = ut_str_cut(&rest, ' ');
        size_t eq = ut_str_find_byte(word, '=', 1);
        words += word.len > 0;
        pairs += eq != UT_NPOS && ut_is_letter(word.ptr[0]) && eq + 1 < word.len && word.ptr[eq + 1] != '=';
    }
    *ret_words = words;
    return pairs;
}

/* "src/shop.c:12:5: error: …", "Shop.java:12: …". */
static bool is_compiler_line(ut_str s)
{
    size_t at = 0;
    bool dot = false;
    while (at < s.len && (is_name_byte(s.ptr[at]) || s.ptr[at] == '-')) {
        dot |= s.ptr[at] == '.' || s.ptr[at] == '/';
        at++;
    }
    size_t colon = at;
    at++;
    while (at < s.len && ut_is_digit(s.ptr[at])) {
        at++;
    }
    return dot && colon && colon < s.len && s.ptr[colon] == ':' && at > colon + 1 && at < s.len && s.ptr[at] == ':';
}

typedef enum logness { NO_LOG, MAY_LOG, LOG } logness;

static logness logness_of(const ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    ut_str s = ut_line_text(w, i);
    if (s.len < 8) {
        return NO_LOG;
    }
    size_t stamp = line->digits >= 6 ? stamp_len(s) : 0;
    if (stamp) {
        ut_str rest = ut_str_slice(s, stamp, s.len);
        return has_level(rest) || line->code >= 4 ? LOG : MAY_LOG;
    }
    if (s.ptr[0] == '[') {
        /* "[INFO] …", "[   12.345678] …" of the kernel. */
        size_t close = ut_str_find_byte(s, ']', 0);
        ut_str inside = ut_str_trim(ut_str_slice(s, 1, close == UT_NPOS ? 0 : close));
        bool level = inside.len && inside.len <= 10 && has_level(inside) && ut_is_upper(inside.ptr[0]);
        size_t dot = ut_str_find_byte(inside, '.', 0);
        return level || (dot != UT_NPOS && inside.len - dot == 7 && ut_is_digit(inside.ptr[0])) ? LOG : NO_LOG;
    }
    if (UT_STARTS(s, "npm ERR!") || UT_STARTS(s, "==") ) {
        return s.ptr[0] == 'n' || (ut_is_digit(s.ptr[2]) && line->digits >= 3) ? LOG : NO_LOG;
    }
    if (line->code >= 3 && ut_str_find_byte(s, '=', 1) != UT_NPOS && !(line->flags & UT_LINE_URL)) {
        unsigned words = 0, pairs = pairs_of(s, &words);
        return pairs >= 3 && pairs * 2 >= words ? LOG : NO_LOG;
    }
    if (line->digits >= 4 && digits_at(s, 0, "9") && ut_str_has(s, UT_STR(" - - ["))) {
        return LOG; /* a web server's access line */
    }
    if (line->digits && (is_compiler_line(s) || is_syslog(s))) {
        return LOG;
    }
    static const ut_str LEVELS[] = {{"ERROR", 5}, {"WARN", 4}, {"INFO", 4}, {"DEBUG", 5}, {"FATAL", 5}, {"TRACE", 5}};
    size_t level = ut_starts_any(s, LEVELS, sizeof LEVELS / sizeof *LEVELS);
    bool levelled = level < sizeof LEVELS / sizeof *LEVELS && ut_one_of(s.ptr[LEVELS[level].len], ": -");
    return levelled ? MAY_LOG : NO_LOG;
}

/* One sure line, or two that may be: a single line with a time in front can be a plan for the day. */
size_t ut_take_log(ut_walk *w, size_t i)
{
    size_t end = i, may = 0, sure = 0;
    while (end < w->count && w->lines[end].len) {
        logness kind = logness_of(w, end);
        if (kind == NO_LOG) {
            break;
        }
        may += kind == MAY_LOG;
        sure += kind == LOG;
        end++;
    }
    return sure || may >= 3 ? ut_lines_mark(w, i, end, UT_STRIP_LOG) : i;
}

static bool is_row(const ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    /* "| a | b |" of Markdown and Jira is a row whatever it holds. */
    if (line->len > 4 && ut_line_first(w, i) == '|' && w->text[line->at + line->len - 1] == '|') {
        return true;
    }
    return line->len && line->digits >= 3 && line->digits > line->letters && line->blanks + line->code >= 2 &&
           !(line->flags & (UT_LINE_HIGH | UT_LINE_URL));
}

/* At least three rows: two of mostly digits may be a date and a telephone number. */
size_t ut_take_table(ut_walk *w, size_t i)
{
    size_t end = i;
    while (end < w->count && is_row(w, end)) {
        end++;
    }
    return end - i >= 3 ? ut_lines_mark(w, i, end, UT_STRIP_LOG) : i;
}
