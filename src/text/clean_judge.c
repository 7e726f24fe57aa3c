/* text/clean_judge.c — one walk over the lines; what a line begins with decides who is asked about it. */
#include "text/clean_int.h"

size_t ut_lines_mark(ut_walk *w, size_t from, size_t to, ut_strip reason)
{
    for (size_t i = from; i < to; i++) {
        if (w->lines[i].verdict == UT_VERDICT_KEEP && w->lines[i].len) {
            w->lines[i].verdict = UT_VERDICT(reason);
        }
    }
    return to;
}

/* What mail can hold and chat cannot: signatures, footers, blocks of headers. */
static size_t judge_mail(ut_walk *w, size_t i)
{
    size_t phrase_len = 0;
    ut_str line = ut_line_text(w, i);
    while (line.len && line.ptr[0] == '*') {
        line = ut_str_slice(line, 1, line.len); /* HTML's bold, as text */
    }
    switch (ut_phrase_of(line, &phrase_len)) {
    case UT_PHRASE_FORWARD:
        return ut_take_separator(w, i, UT_PHRASE_FORWARD);
    case UT_PHRASE_FROM:
    case UT_PHRASE_DATE:
    case UT_PHRASE_TO:
    case UT_PHRASE_SUBJECT:
        return ut_take_header_block(w, i);
    case UT_PHRASE_DEVICE:
        return ut_take_device(w, i);
    case UT_PHRASE_FOOTER:
        return ut_take_footer(w, i);
    case UT_PHRASE_LEGAL:
        return ut_take_legal(w, i);
    case UT_PHRASE_CLOSING:
        return ut_take_closing(w, i, phrase_len);
    case UT_PHRASE_TRAILER:
        return ut_lines_mark(w, i, i + 1, UT_STRIP_SIGNATURE);
    default:
        return i;
    }
}

static size_t judge_rule(ut_walk *w, size_t i)
{
    size_t next = ut_take_armour(w, i);
    if (next == i) {
        next = ut_take_diff(w, i);
    }
    if (next == i && w->mail) {
        next = ut_take_signature(w, i);
    }
    return next == i && w->mail ? ut_take_rule(w, i) : next;
}

static size_t judge_machine(ut_walk *w, size_t i)
{
    static size_t (*const TAKES[])(ut_walk *, size_t) = {ut_take_trace, ut_take_log,  ut_take_diff,
                                                         ut_take_blob,  ut_take_code, ut_take_table};
    for (size_t k = 0; k < sizeof TAKES / sizeof *TAKES; k++) {
        size_t next = TAKES[k](w, i);
        if (next != i) {
            return next;
        }
    }
    return i;
}

static size_t judge(ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    char first = ut_line_first(w, i);
    if (ut_line_is_quote(w, i)) {
        return ut_take_quote(w, i);
    }
    if (line->flags & UT_LINE_COLON) {
        size_t next = ut_take_attribution(w, i);
        if (next != i) {
            return next;
        }
    }
    if (first == '-' || first == '_' || first == '=' || first == '*') {
        size_t next = judge_rule(w, i);
        if (next != i) {
            return next;
        }
    }
    if (w->mail) {
        size_t next = judge_mail(w, i);
        if (next != i) {
            return next;
        }
    }
    return judge_machine(w, i);
}

void ut_lines_judge(ut_walk *w)
{
    for (size_t i = 0; i < w->count;) {
        if (w->lines[i].verdict != UT_VERDICT_KEEP || w->lines[i].len == 0) {
            i++;
            continue;
        }
        size_t next = judge(w, i);
        i = next > i ? next : i + 1;
    }
}
