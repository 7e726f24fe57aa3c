/* text/clean_code.c — what compilers and programs read: armour, diffs, code without a fence, blobs. */
#include "text/clean_int.h"

#include <stdio.h>

/* A blob is one word of at least this many bytes: no language has such words, hashes and base64 lines do. */
#define BLOB_BYTES_MIN 40

/* "-----BEGIN PGP SIGNATURE-----" to its END. Of a signed message only the headers go; the text is the author's. */
size_t ut_take_armour(ut_walk *w, size_t i)
{
    ut_str line = ut_line_text(w, i);
    if (!UT_STARTS(line, "-----BEGIN ") || !ut_str_ends(line, UT_STR("-----"))) {
        return i;
    }
    size_t end = i + 1;
    if (ut_str_has(line, UT_STR("SIGNED MESSAGE"))) {
        while (end < w->count && w->lines[end].len) {
            end++;
        }
        return ut_lines_mark(w, i, end, UT_STRIP_SIGNATURE);
    }
    while (end < w->count && !ut_str_starts(ut_line_text(w, end), UT_STR("-----END "))) {
        end++;
    }
    bool signature = ut_str_has(line, UT_STR("SIGNATURE"));
    return ut_lines_mark(w, i, end < w->count ? end + 1 : end, signature ? UT_STRIP_SIGNATURE : UT_STRIP_CODE);
}

/* "@@ -12,7 +12,9 @@": how many lines of the old and the new file follow; false when it is no such line. */
static bool hunk_counts(ut_str line, uint32_t *ret_old, uint32_t *ret_new)
{
    if (!UT_STARTS(line, "@@ -")) {
        return false;
    }
    char copy[64];
    size_t len = line.len < sizeof copy - 1 ? line.len : sizeof copy - 1;
    memcpy(copy, line.ptr, len);
    copy[len] = '\0';
    unsigned a, b, c, d;
    if (sscanf(copy, "@@ -%9u,%9u +%9u,%9u @@", &a, &b, &c, &d) == 4) {
        *ret_old = b;
        *ret_new = d;
    } else if (sscanf(copy, "@@ -%9u +%9u,%9u @@", &a, &c, &d) == 3) {
        *ret_old = 1;
        *ret_new = d;
    } else if (sscanf(copy, "@@ -%9u,%9u +%9u @@", &a, &b, &c) == 3) {
        *ret_old = b;
        *ret_new = 1;
    } else {
        *ret_old = *ret_new = 1;
    }
    return true;
}

/* The first character of the raw line: trimming takes the blank that begins a context line. */
static char raw_first(const ut_walk *w, size_t i)
{
    uint32_t start = i ? w->lines[i - 1].end : 0;
    return start < w->lines[i].end ? w->text[start] : '\0';
}

/* Newlines a run of blank lines stands for: an empty context line may have lost its blank. */
static uint32_t lines_in(const ut_walk *w, size_t i)
{
    uint32_t n = 0, start = i ? w->lines[i - 1].end : 0;
    for (uint32_t at = start; at < w->lines[i].end; at++) {
        n += w->text[at] == '\n';
    }
    return n ? n : 1;
}

/* The end of the hunk whose "@@" line is i. */
static size_t hunk_end(const ut_walk *w, size_t i)
{
    uint32_t old = 0, new = 0;
    if (!hunk_counts(ut_line_text(w, i), &old, &new)) {
        return i;
    }
    size_t at = i + 1;
    for (; at < w->count && (old || new); at++) {
        char first = raw_first(w, at);
        if (w->lines[at].len == 0 || first == ' ' || first == '\t') {
            uint32_t n = w->lines[at].len == 0 ? lines_in(w, at) : 1;
            old -= n < old ? n : old;
            new -= n < new ? n : new;
        } else if (first == '-') {
            old -= old ? 1 : 0;
        } else if (first == '+') {
            new -= new ? 1 : 0;
        } else if (first != '\\') {
            break;
        }
    }
    return at;
}

static bool is_diff_header(const ut_walk *w, size_t i)
{
    static const ut_str HEADS[] = {
        {"diff --git ", 11}, {"diff -", 6}, {"index ", 6}, {"new file mode ", 14}, {"deleted file mode ", 18},
        {"old mode ", 9}, {"new mode ", 9}, {"similarity index ", 17}, {"rename from ", 12}, {"rename to ", 10},
        {"Binary files ", 13}, {"GIT binary patch", 16}, {"Index: ", 7}, {"===================", 19},
        {"--- ", 4}, {"+++ ", 4}, {"create mode ", 12}, {"delete mode ", 12}, {"\\ No newline", 12},
    };
    ut_str line = ut_line_text(w, i);
    return UT_STARTS_ANY(line, HEADS);
}

/* " src/a.c | 12 ++++--" and " 3 files changed, 4 insertions(+)". */
static bool is_diffstat(const ut_walk *w, size_t i)
{
    ut_str line = ut_line_text(w, i);
    if (ut_str_has(line, UT_STR(" changed, ")) && ut_is_digit(line.ptr[0]) && ut_str_has(line, UT_STR("file"))) {
        return true;
    }
    size_t bar = ut_str_find(line, UT_STR(" | "), 0);
    if (bar == UT_NPOS || bar == 0) {
        return false;
    }
    ut_str rest = ut_str_trim(ut_str_slice(line, bar + 3, line.len));
    size_t at = 0;
    while (at < rest.len && ut_is_digit(rest.ptr[at])) {
        at++;
    }
    bool counted = at > 0;
    while (at < rest.len && ut_one_of(rest.ptr[at], " +-")) {
        at++;
    }
    return (counted && at == rest.len) || UT_STARTS(rest, "Bin ");
}

/* A run of + and - lines without a header: both signs, tight against their text, and code among them. A list of
 * points has one sign and a blank behind it. */
static size_t loose_diff_end(ut_walk *w, size_t i)
{
    if (i < w->no_diff_before) {
        return i;
    }
    size_t plus = 0, minus = 0, tight = 0, code = 0, at = i;
    for (; at < w->count && w->lines[at].len > 1; at++) {
        ut_str line = ut_line_text(w, at);
        if (line.ptr[0] != '+' && line.ptr[0] != '-') {
            break;
        }
        plus += line.ptr[0] == '+';
        minus += line.ptr[0] == '-';
        tight += line.ptr[1] != ' ';
        code += w->lines[at].code >= 3;
    }
    w->no_diff_before = at;
    return plus && minus && code * 2 >= plus + minus && (tight || code == plus + minus) ? at : i;
}

static size_t diff_end(const ut_walk *w, size_t i)
{
    size_t at = i;
    while (at < w->count) {
        size_t hunk = w->lines[at].len ? hunk_end(w, at) : at;
        if (hunk != at) {
            at = hunk;
        } else if (w->lines[at].len && (is_diff_header(w, at) || is_diffstat(w, at))) {
            at++;
        } else if (w->lines[at].len == 0 && at + 1 < w->count && at > i && w->lines[at + 1].len > 4 &&
                   (is_diff_header(w, at + 1) || ut_str_starts(ut_line_text(w, at + 1), UT_STR("@@ -")))) {
            at++;
        } else {
            break;
        }
    }
    return at;
}

size_t ut_take_diff(ut_walk *w, size_t i)
{
    ut_str line = ut_line_text(w, i);
    if (!ut_one_of(line.ptr[0], "d@I-+") && (w->lines[i].digits == 0 || w->lines[i].code == 0)) {
        return i; /* nor a diffstat */
    }
    bool head = UT_STARTS(line, "diff --git ") || UT_STARTS(line, "@@ -") ||
                (UT_STARTS(line, "Index: ") && i + 1 < w->count && is_diff_header(w, i + 1)) ||
                (UT_STARTS(line, "--- ") && i + 1 < w->count &&
                 ut_str_starts(ut_line_text(w, i + 1), UT_STR("+++ "))) ||
                (UT_STARTS(line, "diff -") && w->lines[i].code > 1);
    bool cut = ut_str_eq(line, UT_STR("---")) && i + 1 < w->count && w->lines[i + 1].len && is_diffstat(w, i + 1);
    if (head || cut || (w->lines[i].digits && ut_str_has(line, UT_STR(" | ")) && is_diffstat(w, i))) {
        size_t end = diff_end(w, cut ? i + 1 : i);
        return ut_lines_mark(w, i, end, UT_STRIP_CODE);
    }
    return line.ptr[0] == '+' || line.ptr[0] == '-' ? ut_lines_mark(w, i, loose_diff_end(w, i), UT_STRIP_CODE) : i;
}

static bool starts_like_code(ut_str line)
{
    static const ut_str WORDS[] = {
        {"#include", 8}, {"#define ", 8}, {"def ", 4}, {"class ", 6}, {"public ", 7}, {"private ", 8}, {"static ", 7},
        {"const ", 6}, {"let ", 4}, {"var ", 4}, {"function ", 9}, {"func ", 5}, {"fn ", 3}, {"import ", 7},
        {"return ", 7}, {"if (", 4}, {"for (", 5}, {"while (", 7}, {"} ", 2}, {"//", 2}, {"/*", 2}, {"@Override", 9},
        {"SELECT ", 7}, {"INSERT ", 7}, {"UPDATE ", 7}, {"</", 2}, {"<?", 2}, {"struct ", 7}, {"elif ", 5},
        {"except ", 7}, {"export ", 7}, {"using ", 6}, {"#!/", 3}, {"self.", 5}, {"echo ", 5}, {"print(", 6},
    };
    return UT_STARTS_ANY(line, WORDS);
}

/* "name = …" or "Type name = …"; "the total of this = …" is prose. */
static bool is_assignment(ut_str line)
{
    size_t eq = ut_str_find(line, UT_STR(" = "), 0);
    ut_str left = ut_str_slice(line, 0, eq == UT_NPOS ? 0 : eq);
    size_t blank = ut_str_find_byte(left, ' ', 0);
    return left.len && (ut_is_letter(left.ptr[0]) || left.ptr[0] == '_') &&
           (blank == UT_NPOS || ut_str_find_byte(left, ' ', blank + 1) == UT_NPOS);
}

typedef enum codeness { PROSE, MAYBE, CODE } codeness;

/* CODE: no sentence looks so. MAYBE: code between code, else prose. */
static codeness codeness_of(const ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    ut_str text = ut_line_text(w, i);
    char last = text.ptr[text.len - 1];
    bool link = line->flags & UT_LINE_URL;
    if (line->code == 0 || (link && last != ';' && last != '{')) {
        return PROSE;
    }
    if (line->letters == 0) {
        return ut_one_of(last, "{};)]") && text.len <= 6 && ut_one_of(text.ptr[0], "{}") ? CODE : MAYBE;
    }
    if (last == ';' && (line->code >= 3 || ut_str_has(text, UT_STR(" = ")) || line->blanks <= 1)) {
        return line->code >= 2 ? CODE : MAYBE;
    }
    if ((last == '{' || last == '}') && line->code >= 2) {
        return CODE;
    }
    if (line->code >= 2 && starts_like_code(text)) {
        return CODE;
    }
    if (text.ptr[0] == '<' && last == '>' && (text.ptr[1] == '/' || ut_str_has(text, UT_STR("=\"")))) {
        return CODE;
    }
    bool assignment = line->code >= 3 && is_assignment(text);
    bool dense = line->code >= 4 && line->code * 6 > line->letters;
    bool call = last == ')' && line->code >= 3 && line->blanks <= 3 && text.len > 8;
    return assignment || dense ? (call || assignment ? CODE : MAYBE) : call || line->code >= 3 ? MAYBE : PROSE;
}

/* "$ make test", "anna@host:~/src$ ls", "C:\> dir", "PS C:\> dir". */
static bool is_prompt(const ut_walk *w, size_t i)
{
    ut_str line = ut_line_text(w, i);
    if (line.ptr[0] == '$' && line.len > 3 && line.ptr[1] == ' ') {
        return !ut_is_digit(line.ptr[2]);
    }
    bool drive = line.len > 4 && ut_str_eq(ut_str_slice(line, 1, 3), UT_STR(":\\"));
    if (drive || UT_STARTS(line, "PS C:\\")) {
        return ut_str_find_byte(line, '>', 0) != UT_NPOS;
    }
    size_t blank = ut_str_find_byte(line, ' ', 0);
    ut_str word = ut_str_slice(line, 0, blank == UT_NPOS ? line.len : blank);
    bool user = (w->lines[i].flags & UT_LINE_AT) && word.len > 4 && ut_str_find_byte(word, '@', 1) != UT_NPOS;
    return user && ut_str_find_byte(word, ':', 0) != UT_NPOS && ut_one_of(word.ptr[word.len - 1], "$#");
}

/* The end of a run of lines indented by a tab or four blanks of which at least half may be code. */
static size_t indented_end(ut_walk *w, size_t i)
{
    if (i < w->no_indent_before) {
        return i;
    }
    size_t at = i, lines = 0, codes = 0, sure = 0, end = i;
    for (; at < w->count; at++) {
        if (w->lines[at].len == 0) {
            continue;
        }
        uint32_t start = at ? w->lines[at - 1].end : 0;
        if (ut_line_indent(w, at) < 4 && w->text[start] != '\t') {
            break;
        }
        codeness kind = codeness_of(w, at);
        lines++;
        codes += kind != PROSE;
        sure += kind == CODE || is_prompt(w, at);
        end = at + 1;
    }
    w->no_indent_before = at;
    return sure && (codes + sure) >= lines ? end : i;
}

/* The end of a run of code without indent: two sure lines at least, or one that is a statement. */
static size_t bare_end(const ut_walk *w, size_t i)
{
    size_t sure = 0, end = i, doubt = 0;
    for (size_t at = i; at < w->count && doubt < 3; at++) {
        if (w->lines[at].len == 0) {
            doubt++;
            continue;
        }
        codeness kind = codeness_of(w, at);
        if (kind == CODE) {
            sure++;
            doubt = 0;
            end = at + 1;
        } else if (kind == MAYBE || (sure && ut_line_indent(w, at) >= 2)) {
            doubt++;
        } else {
            break;
        }
    }
    ut_str line = ut_line_text(w, i);
    bool statement = ut_str_ends(line, UT_STR(");")) || (w->lines[i].code >= 4 && line.ptr[line.len - 1] == ';');
    return sure >= 2 || (sure == 1 && statement) ? end : i;
}

size_t ut_take_code(ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    if (line->code == 0) {
        return i;
    }
    if (is_prompt(w, i)) {
        return ut_lines_mark(w, i, i + 1, UT_STRIP_CODE);
    }
    uint32_t start = i ? w->lines[i - 1].end : 0;
    if (ut_line_indent(w, i) >= 4 || w->text[start] == '\t') {
        size_t end = indented_end(w, i);
        if (end != i) {
            return ut_lines_mark(w, i, end, UT_STRIP_CODE);
        }
    }
    return codeness_of(w, i) == CODE ? ut_lines_mark(w, i, bare_end(w, i), UT_STRIP_CODE) : i;
}

/* Base64, hashes and keys: a long word of letters and digits, both of them. */
size_t ut_take_blob(ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    bool text_like = line->blanks || line->digits < 2 || (line->flags & (UT_LINE_URL | UT_LINE_HIGH));
    if (line->len < BLOB_BYTES_MIN || text_like || line->code * 8u > line->len) {
        return i;
    }
    ut_str text = ut_line_text(w, i);
    for (size_t at = 0; at < text.len; at++) {
        char c = text.ptr[at];
        if (!ut_is_letter(c) && !ut_is_digit(c) && !ut_one_of(c, "+/=_-")) {
            return i;
        }
    }
    size_t end = i + 1;
    /* The last line of base64 is shorter. */
    bool more = end < w->count && w->lines[end].len && w->lines[end].blanks == 0;
    if (more && ut_str_ends(ut_line_text(w, end), UT_STR("="))) {
        end++;
    }
    return ut_lines_mark(w, i, end, UT_STRIP_CODE);
}
