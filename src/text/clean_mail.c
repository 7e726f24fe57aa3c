/* text/clean_mail.c — what others wrote: quotes, the lines that introduce them, blocks of headers, separators.
 *
 * A quote marked with '>' ends where the marks end, so that replies between quotes stay. A block without marks
 * (Outlook, "Original Message") has no visible end and is taken to the end of the message, unless the first line
 * below its headers is marked after all.
 */
#include "text/clean_int.h"

/* Lines of one attribution: mail programs wrap it at 76 columns, long names take three lines. */
#define ATTRIBUTION_LINES_MAX 3
/* Lines between an attribution and the first marked line of its quote. */
#define ELISION_LINES_MAX 8
/* Lines looked at for the headers of one block; long recipient lists wrap. */
#define HEADER_LINES_MAX 14

/* "> :(" is a quote, ">:(" and ">.<" and ">_>" are moods. */
static bool is_smiley(ut_str s)
{
    static const ut_str SMILEYS[] = {
        {">:", 2}, {">;", 2}, {">.<", 3}, {">_<", 3}, {">_>", 3}, {">.>", 3}, {">=(", 3}, {">=[", 3}, {">-<", 3},
    };
    /* A colon or semicolon needs a mouth, and then the word must end. */
    bool mouth = s.len > 2 && ut_one_of(s.ptr[2], "()[]{}|/\\DOoPp3-'^");
    bool brief = s.len < 5 || s.ptr[3] == ' ' || s.ptr[4] == ' ';
    for (size_t k = 0; k < sizeof SMILEYS / sizeof *SMILEYS; k++) {
        if (ut_str_starts(s, SMILEYS[k])) {
            return k > 1 || (mouth && brief);
        }
    }
    return false;
}

/* "AB> text", as Emacs' supercite and some old programs write it. */
static bool is_initials(ut_str s)
{
    size_t at = 0;
    while (at < s.len && at < 4 && ut_is_upper(s.ptr[at])) {
        at++;
    }
    return at >= 2 && at + 1 < s.len && s.ptr[at] == '>' && (s.ptr[at + 1] == ' ' || s.ptr[at + 1] == '>');
}

bool ut_line_is_quote(const ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    char first = ut_line_first(w, i);
    if (first != '>') {
        return w->mail && ut_is_upper(first) && is_initials(ut_line_text(w, i));
    }
    ut_str s = {w->text + line->at, line->len};
    if (is_smiley(s)) {
        return false;
    }
    if (s.len > 1 && ut_is_digit(s.ptr[1])) {
        /* ">80 % of us agree" is prose when it stands alone. */
        bool above = i && ut_line_first(w, i - 1) == '>';
        bool below = i + 1 < w->count && ut_line_first(w, i + 1) == '>';
        return above || below;
    }
    return true;
}

size_t ut_take_quote(ut_walk *w, size_t i)
{
    size_t next = i;
    while (next < w->count && w->lines[next].len && ut_line_is_quote(w, next)) {
        next++;
    }
    return ut_lines_mark(w, i, next, UT_STRIP_QUOTE);
}

/* What a candidate for an attribution holds. */
typedef struct clues {
    bool verb, opener, address, time, year;
    unsigned digits, words, capitals;
} clues;

static bool has_time(ut_str s)
{
    for (size_t at = 1; at + 2 < s.len; at++) {
        if ((s.ptr[at] == ':' || s.ptr[at] == '.' || s.ptr[at] == 'h') && ut_is_digit(s.ptr[at - 1]) &&
            ut_is_digit(s.ptr[at + 1]) && ut_is_digit(s.ptr[at + 2])) {
            return true;
        }
    }
    return false;
}

static bool has_year(ut_str s)
{
    for (size_t at = 0; at + 4 <= s.len; at++) {
        bool century = (s.ptr[at] == '1' && s.ptr[at + 1] == '9') || (s.ptr[at] == '2' && s.ptr[at + 1] == '0');
        if (century && ut_is_digit(s.ptr[at + 2]) && ut_is_digit(s.ptr[at + 3]) &&
            (at == 0 || !ut_is_digit(s.ptr[at - 1]))) {
            return true;
        }
    }
    return false;
}

static clues clues_of(const ut_walk *w, size_t from, size_t to)
{
    clues c = {0};
    for (size_t i = from; i < to; i++) {
        c.digits += w->lines[i].digits;
        c.address |= (w->lines[i].flags & UT_LINE_AT) != 0;
    }
    ut_str all = {w->text + w->lines[from].at, w->lines[to - 1].at + w->lines[to - 1].len - w->lines[from].at};
    all = ut_str_slice(all, 0, 400); /* three lines of mail; what is longer is a paragraph */
    c.time = has_time(all);
    c.year = has_year(all);
    ut_str rest = all, word;
    while (ut_word_next(&rest, &word)) {
        c.opener |= c.words == 0 && ut_phrase_is_opener(word);
        c.verb |= ut_phrase_is_verb(word);
        c.capitals += ut_is_upper(word.ptr[0]) || ((unsigned char)word.ptr[0] & 0x80);
        c.words++;
    }
    c.opener |= ut_is_digit(all.ptr[0]);
    return c;
}

/* An attribution above a marked quote may be vague, one above unmarked text must be beyond doubt: all below it goes. */
static bool is_attribution(clues c, bool quote_below, bool touching, bool one_line)
{
    if (c.words > 40) {
        return false;
    }
    if (!quote_below) {
        return c.verb && c.digits >= 4 && (c.opener || c.address) && c.time && (c.year || c.address);
    }
    if (c.verb) {
        return c.digits >= 3 ? c.opener || c.address : one_line && (c.words <= 8 || c.address);
    }
    if (c.digits >= 6 && c.time) {
        return c.address || c.year;
    }
    return touching && one_line && c.words >= 2 && c.words <= 4 && c.capitals == c.words && c.digits == 0;
}

/* true when a marked quote follows soon, as below "<snip>" or "[…]": then what is not marked is no quote. */
static bool quote_near(const ut_walk *w, size_t i)
{
    for (size_t at = i; at < w->count && at < i + ELISION_LINES_MAX; at++) {
        if (w->lines[at].len && ut_line_is_quote(w, at)) {
            return true;
        }
    }
    return false;
}

/* true when line i may be the upper part of a wrapped attribution: it is there, and ends no sentence. */
static bool may_wrap(const ut_walk *w, size_t i)
{
    ut_str line = ut_line_text(w, i);
    return line.len && w->lines[i].verdict == UT_VERDICT_KEEP && !ut_one_of(line.ptr[line.len - 1], ".!?:");
}

size_t ut_take_attribution(ut_walk *w, size_t i)
{
    size_t below = ut_line_next(w, i);
    bool quote_below = below < w->count && (w->lines[below].verdict == UT_VERDICT(UT_STRIP_QUOTE) ||
                                            (w->lines[below].len && ut_line_is_quote(w, below)));
    unsigned digits = w->lines[i].digits;
    for (size_t k = 1; k < ATTRIBUTION_LINES_MAX && k <= i; k++) {
        digits += w->lines[i - k].digits;
    }
    if (!quote_below && digits < 4) {
        return i; /* a colon like any other; chat is full of lines that end in ":tada:" */
    }
    size_t from = UT_NPOS;
    for (size_t back = 0; back < ATTRIBUTION_LINES_MAX && back <= i; back++) {
        if (back && !may_wrap(w, i - back)) {
            break;
        }
        clues c = clues_of(w, i - back, i + 1);
        /* The shortest that will do, unless more lines begin with an opener: "On … at 10:00," and the name below. */
        bool opens = c.opener && w->lines[i - back].digits >= 3;
        if (is_attribution(c, quote_below, below == i + 1, back == 0) && (from == UT_NPOS || opens)) {
            from = i - back;
        }
    }
    bool marked = quote_below || quote_near(w, below);
    return from == UT_NPOS ? i : ut_lines_mark(w, from, marked ? i + 1 : w->count, UT_STRIP_QUOTE);
}

/* The end of the header lines that begin at line i, and which keys they hold. */
static size_t headers_end(const ut_walk *w, size_t i, unsigned *ret_keys)
{
    size_t end = i, at = i;
    unsigned keys = 0;
    for (int n = 0; n < HEADER_LINES_MAX && at < w->count; n++, at++) {
        ut_str line = ut_line_text(w, at);
        while (line.len && (line.ptr[0] == '*' || line.ptr[0] == '>')) {
            line = ut_str_slice(line, 1, line.len);
        }
        size_t len = 0;
        ut_phrase phrase = ut_phrase_of(line, &len);
        if (phrase >= UT_PHRASE_FROM && phrase <= UT_PHRASE_HEADER) {
            keys |= 1u << phrase;
            end = at + 1;
        } else if (line.len == 0 ? (keys & 1u << UT_PHRASE_SUBJECT) != 0 : at == end && ut_line_indent(w, at) == 0 &&
                   !(w->lines[at].flags & UT_LINE_AT)) {
            break; /* neither a key, nor a recipient list going on, nor a blank line between keys */
        }
    }
    *ret_keys = keys;
    return end;
}

static bool is_header_block(unsigned keys)
{
    bool from = keys & 1u << UT_PHRASE_FROM, date = keys & 1u << UT_PHRASE_DATE;
    bool to = keys & 1u << UT_PHRASE_TO, subject = keys & 1u << UT_PHRASE_SUBJECT;
    return from && subject && (date || to);
}

/* Everything below is another's, unless it is marked: then marks and replies take turns as usual. */
static size_t take_below(ut_walk *w, size_t from, size_t after, ut_strip reason)
{
    size_t first = after < w->count && w->lines[after].len == 0 ? after + 1 : after;
    bool marked = first < w->count && w->lines[first].len && ut_line_is_quote(w, first);
    return ut_lines_mark(w, from, marked ? first : w->count, reason);
}

/* true for a line of nothing but one of "_-=*", at least `least` of them. */
static bool is_rule(ut_str s, size_t least)
{
    if (s.len < least || s.len == 0 || !ut_one_of(s.ptr[0], "_-=*")) {
        return false;
    }
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] != s.ptr[0]) {
            return false;
        }
    }
    return true;
}

size_t ut_take_header_block(ut_walk *w, size_t i)
{
    unsigned keys = 0;
    size_t end = headers_end(w, i, &keys);
    if (!is_header_block(keys)) {
        return i;
    }
    size_t from = i;
    size_t above = i && w->lines[i - 1].len == 0 ? i - 1 : i;
    if (above && is_rule(ut_line_text(w, above - 1), 3)) {
        from = above - 1;
    }
    bool all = from == 0 || (from == 1 && w->lines[0].len == 0);
    return take_below(w, from, end, all ? UT_STRIP_FORWARD : UT_STRIP_QUOTE);
}

/* "-----Original Message-----", "---------- Forwarded message ---------", "Begin forwarded message:". */
size_t ut_take_separator(ut_walk *w, size_t i, ut_phrase phrase)
{
    ut_str line = ut_line_text(w, i);
    size_t at = 0, len = 0;
    while (at < line.len && ut_one_of(line.ptr[at], "-_=* ")) {
        at++;
    }
    ut_str core = ut_str_slice(line, at, line.len);
    if (phrase == UT_PHRASE_NONE) {
        phrase = ut_phrase_of(core, &len);
    } else {
        (void)ut_phrase_of(core, &len);
    }
    if (phrase != UT_PHRASE_ORIGINAL && phrase != UT_PHRASE_FORWARD) {
        return i;
    }
    /* Without dashes the phrase must be the whole line, and end in a colon: "Forwarded message from Anna" is prose. */
    ut_str tail = ut_str_slice(core, len, core.len);
    bool dashed = at >= 2 && line.len - at > 0;
    bool bare = at == 0 && (ut_str_eq(ut_str_trim(tail), UT_STR(":")) || ut_str_eq(tail, UT_STR("\xC2\xA0:")));
    if (!dashed && !bare) {
        return i;
    }
    unsigned keys = 0;
    size_t first = ut_line_next(w, i);
    size_t end = first < w->count ? headers_end(w, first, &keys) : w->count;
    return take_below(w, i, keys ? end : i + 1, phrase == UT_PHRASE_ORIGINAL ? UT_STRIP_QUOTE : UT_STRIP_FORWARD);
}

bool ut_line_is_boundary(const ut_walk *w, size_t i)
{
    if (i >= w->count || w->lines[i].verdict == UT_VERDICT(UT_STRIP_QUOTE)) {
        return true;
    }
    if (w->lines[i].len == 0) {
        return false;
    }
    ut_str line = ut_line_text(w, i);
    if (ut_line_is_quote(w, i) || is_rule(line, 10)) {
        return true;
    }
    if (w->lines[i].flags & UT_LINE_COLON) {
        clues c = clues_of(w, i, i + 1);
        if (c.verb) {
            return true;
        }
    }
    if (line.ptr[0] == '-' && line.len > 8 && line.ptr[1] == '-') {
        return true;
    }
    size_t len = 0;
    ut_phrase phrase = ut_phrase_of(line, &len);
    unsigned keys = 0;
    if (phrase == UT_PHRASE_FROM) {
        (void)headers_end(w, i, &keys);
    }
    clues c = w->lines[i].digits >= 4 && (w->lines[i].flags & UT_LINE_AT) ? clues_of(w, i, i + 1) : (clues){0};
    return is_header_block(keys) || phrase == UT_PHRASE_FORWARD || (c.opener && c.time) ||
           (phrase == UT_PHRASE_LEGAL && ut_line_is_legal(w, i));
}

/* A rule of dashes or underscores: what stands below tells what it is for. */
size_t ut_take_rule(ut_walk *w, size_t i)
{
    size_t next = ut_take_separator(w, i, UT_PHRASE_NONE);
    if (next == i) {
        next = ut_take_footer(w, i);
    }
    return next == i && is_rule(ut_line_text(w, i), 3) ? ut_take_ruled_signature(w, i) : next;
}
