/* text/clean_split.c — bytes to lines, with the counts that the recognisers ask for.
 *
 * One addition per byte counts seven classes at once: a table gives each byte a 64-bit word of eight counters, and a
 * run of at most 255 bytes cannot overflow one of them. Fenced code (```, ~~~, Jira's {code} and {noformat}) is found
 * here and not by a recogniser, because it may begin and end in the middle of a line.
 */
#include "text/clean_int.h"

/* Counters, lowest byte first. */
#define DIGIT ((uint64_t)1)
#define BLANK ((uint64_t)1 << 8)
#define CODE ((uint64_t)1 << 16)
#define HIGH ((uint64_t)1 << 24)
#define MARK ((uint64_t)1 << 32)
#define LINK ((uint64_t)1 << 40) /* @ and : */
#define W ((uint64_t)1 << 48)    /* counted as a letter, too */
#define LETTER ((uint64_t)1 << 56)

static const uint64_t CLASS[256] = {
    [0 ... 8] = MARK,      ['\t' ... '\r'] = BLANK, [14 ... 31] = MARK,      [' '] = BLANK,
    ['#' ... '&'] = CODE,  ['(' ... '+'] = CODE,    ['/'] = CODE,            ['0' ... '9'] = DIGIT,
    [':'] = LINK,          [';' ... '>'] = CODE,    ['@'] = LINK,            ['A' ... 'V'] = LETTER,
    ['W'] = LETTER + W,    ['X' ... 'Z'] = LETTER,  ['['] = CODE,            ['\\'] = CODE,
    [']'] = CODE,          ['^'] = CODE,            ['_'] = CODE,            ['`'] = MARK,
    ['a' ... 'v'] = LETTER, ['w'] = LETTER + W,     ['x' ... 'z'] = LETTER,  ['{'] = CODE + MARK,
    ['|'] = CODE,          ['}'] = CODE,            ['~'] = MARK,            [127] = MARK,
    [128 ... 255] = HIGH,
};

#define LINES_STEP 8 /* lines taken from scratch at once */

/* Fences looked for in one line. The rest of the line is counted again behind each, so that a line of nothing but
 * fences would take quadratic time. */
#define LINE_FENCES_MAX 16

typedef struct ut_splitter {
    ut_arena *scratch;
    ut_walk *w;
    size_t room;
    bool full;
    bool no_ticks, no_code, no_noformat; /* a closing fence was looked for up to the end, and there is none */
} ut_splitter;

static uint16_t capped(uint32_t n)
{
    return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

/* "www." in any case. Dots are rarer than anything else to look for. */
static bool has_www(ut_str s)
{
    for (size_t dot = ut_str_find_byte(s, '.', 3); dot != UT_NPOS; dot = ut_str_find_byte(s, '.', dot + 1)) {
        if (ut_str_eq_nocase((ut_str){s.ptr + dot - 3, 3}, UT_STR("www"))) {
            return true;
        }
    }
    return false;
}

static void count_bytes(ut_line *line, const char *p, size_t len)
{
    ut_str s = {p, len};
    uint32_t sums[8] = {0};
    while (len) {
        size_t run = len < 255 ? len : 255;
        uint64_t acc = 0;
        for (size_t i = 0; i < run; i++) {
            acc += CLASS[(unsigned char)p[i]];
        }
        for (int k = 0; k < 8; k++) {
            sums[k] += (uint32_t)(acc >> (8 * k) & 0xFF);
        }
        p += run;
        len -= run;
    }
    line->digits = capped(sums[0]);
    line->blanks = capped(sums[1]);
    line->code = capped(sums[2]);
    line->letters = capped(sums[7]);
    line->flags = (uint8_t)((sums[3] ? UT_LINE_HIGH : 0) | (sums[4] ? UT_LINE_MARKS : 0));
    if (sums[5]) {
        line->flags |= ut_str_find_byte(s, '@', 0) != UT_NPOS ? UT_LINE_AT : 0;
        line->flags |= line->code >= 2 && ut_str_has(s, UT_STR("://")) ? UT_LINE_URL : 0;
    }
    if (sums[6] >= 3 && has_www(s)) {
        line->flags |= UT_LINE_URL;
    }
}

/* Bytes of white space at p: ASCII, no-break space, byte order mark, zero-width space; HTML mail is full of them. */
static size_t space_at(const char *p, const char *end)
{
    if (p < end && ut_is_blank(*p)) {
        return 1;
    }
    if (end - p >= 2 && memcmp(p, "\xC2\xA0", 2) == 0) {
        return 2;
    }
    if (end - p >= 3 && (memcmp(p, "\xE2\x80\x8B", 3) == 0 || memcmp(p, "\xEF\xBB\xBF", 3) == 0)) {
        return 3;
    }
    return 0;
}

/* The same, ending at `end`. */
static size_t space_before(const char *p, const char *end)
{
    for (size_t len = 1; len <= 3 && (size_t)(end - p) >= len; len++) {
        if (space_at(end - len, end) == len) {
            return len;
        }
    }
    return 0;
}

static void trim(ut_line *line, const char *text, uint32_t from, uint32_t to)
{
    const char *p = text + from, *end = text + to;
    for (size_t n; (n = space_at(p, end)) > 0;) {
        p += n;
    }
    for (size_t n; p < end && (n = space_before(p, end)) > 0;) {
        end -= n;
    }
    line->at = (uint32_t)(p - text);
    line->len = (uint32_t)(end - p);
}

static void push(ut_splitter *s, ut_line line)
{
    ut_walk *w = s->w;
    if (line.len == 0 && line.verdict == UT_VERDICT_KEEP && w->count && w->lines[w->count - 1].len == 0) {
        w->lines[w->count - 1].end = line.end;
        return;
    }
    if (w->count == s->room) {
        /* Nothing else is taken from scratch while lines are split, so what comes next is contiguous. */
        ut_line *more = ut_new(s->scratch, ut_line, LINES_STEP);
        if (!more) {
            s->full = true;
            return;
        }
        w->lines = w->lines ? w->lines : more;
        s->room += LINES_STEP;
    }
    w->lines[w->count++] = line;
}

static ut_line line_of(const ut_walk *w, uint32_t from, uint32_t to, uint32_t end)
{
    ut_line line = {.end = end};
    count_bytes(&line, w->text + from, to - from);
    trim(&line, w->text, from, to);
    ut_str s = {w->text + line.at, line.len};
    char last = line.len ? s.ptr[s.len - 1] : ' ';
    bool wide = (last & 0x80) && ut_str_ends(s, UT_STR("："));
    if (last == ':' || wide || (last == '*' && ut_str_ends(s, UT_STR(":*")))) {
        line.flags |= UT_LINE_COLON;
    }
    return line;
}

/* End of the fence that opens at `at` of s, or UT_NPOS when what stands there opens none. */
static size_t fence_end(ut_splitter *s, ut_str text, size_t at, bool line_start)
{
    struct {
        ut_str open, close;
        bool *none;
        bool alone; /* only at the start of a line */
    } fences[] = {
        {UT_STR("```"), UT_STR("```"), &s->no_ticks, false},
        {UT_STR("~~~"), UT_STR("\n~~~"), NULL, true},
        {UT_STR("{code}"), UT_STR("{code}"), &s->no_code, false},
        {UT_STR("{code:"), UT_STR("{code}"), &s->no_code, false},
        {UT_STR("{noformat}"), UT_STR("{noformat}"), &s->no_noformat, false},
    };
    ut_str here = {text.ptr + at, text.len - at};
    for (size_t k = 0; k < sizeof fences / sizeof *fences; k++) {
        if (!ut_str_starts(here, fences[k].open) || (fences[k].alone && !line_start)) {
            continue;
        }
        bool *none = fences[k].none;
        size_t close = none && *none ? UT_NPOS : ut_str_find(text, fences[k].close, at + fences[k].open.len);
        if (close != UT_NPOS) {
            return close + fences[k].close.len;
        }
        if (none) {
            *none = true;
        }
        /* Markdown: a fence on its own line that is never closed runs to the end. */
        return line_start && here.ptr[0] != '{' ? text.len : UT_NPOS;
    }
    return UT_NPOS;
}

/* Looks for a fence in text[from, to) and pushes what stands before it and the fence; returns where to go on, or
 * `from` when there is none. */
static uint32_t push_fence(ut_splitter *s, ut_line whole, uint32_t from, uint32_t to)
{
    ut_walk *w = s->w;
    ut_str text = {w->text, w->len};
    for (uint32_t at = whole.at; at < to; at++) {
        char c = w->text[at];
        if (c != '`' && c != '~' && c != '{') {
            continue;
        }
        size_t end = fence_end(s, text, at, at == whole.at);
        if (end == UT_NPOS) {
            at += c == '`' && at + 2 < to && w->text[at + 1] == '`' && w->text[at + 2] == '`' ? 2 : 0;
            continue;
        }
        if (at > whole.at) {
            ut_line before = line_of(w, from, at, at);
            before.flags |= UT_LINE_OPEN;
            push(s, before);
        }
        bool quote = ut_str_starts((ut_str){text.ptr + at, end - at}, UT_STR("```quote\n"));
        while (end < w->len && (w->text[end] == ' ' || w->text[end] == '\r')) {
            end++;
        }
        bool open = end < w->len && w->text[end] != '\n';
        end += open || end == w->len ? 0 : 1;
        push(s, (ut_line){.at = at, .len = (uint32_t)end - at, .end = (uint32_t)end,
                          .flags = open ? UT_LINE_OPEN : 0,
                          .verdict = UT_VERDICT(quote ? UT_STRIP_QUOTE : UT_STRIP_CODE)});
        return (uint32_t)end;
    }
    return from;
}

ut_status ut_lines_split(ut_arena *scratch, ut_walk *w)
{
    ut_splitter s = {.scratch = scratch, .w = w};
    uint32_t from = 0;
    int fences = 0;
    while (from < w->len && !s.full) {
        fences = from && w->text[from - 1] != '\n' ? fences : 0;
        const char *lf = memchr(w->text + from, '\n', w->len - from);
        uint32_t to = lf ? (uint32_t)(lf - w->text) : w->len;
        uint32_t end = lf ? to + 1 : to;
        ut_line line = line_of(w, from, to, end);
        /* A fence inside a quoted line belongs to the quote. */
        if ((line.flags & UT_LINE_MARKS) && line.len && w->text[line.at] != '>' && fences < LINE_FENCES_MAX) {
            uint32_t after = push_fence(&s, line, from, to);
            if (after != from) {
                from = after;
                fences++;
                continue;
            }
        }
        push(&s, line);
        from = end;
    }
    return s.full ? UT_LIMIT : UT_OK;
}
