/* text/clean_write.c — kept lines to clean text.
 *
 * Plain stretches are copied whole, over line breaks where nothing was taken out. Lines that hold URLs, addresses,
 * backticks, controls or bytes that are not UTF-8 go through by tokens. Neutral words are "url", "email" and "code":
 * no lexicon scores them, and a sentence keeps its shape around them. They do not count as words, since they are no
 * evidence of how somebody feels.
 */
#include "text/clean_int.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Longest scheme and longest local part looked back for from "://" and '@'; what is longer is not taken for one. */
#define SCHEME_BYTES_MAX 16
#define LOCAL_BYTES_MAX 64
#define PIECES_STEP 8

enum { OTHER = 0, LETTER = 1, SPACE = 2, IDEOGRAPH = 4 };

/* Lead bytes tell enough to count words: C2, E2, EF and F0.. lead symbols, punctuation and emoji (U+0080, U+2000,
 * U+F000, U+10000 and up), E3..E9 kana and Han, which are written without blanks. */
static const unsigned char CLASS[256] = {
    ['a' ... 'z'] = LETTER,       ['A' ... 'Z'] = LETTER, ['\t' ... '\r'] = SPACE,      [' '] = SPACE,
    [0xC3 ... 0xE1] = LETTER,     [0xE3 ... 0xE9] = IDEOGRAPH, [0xEA ... 0xED] = LETTER,
};

typedef struct writer {
    ut_clean *out;
    ut_arena *scratch; /* pieces grow here; nothing else is taken meanwhile */
    const ut_walk *w;
    char *begin, *at;  /* clean text */
    char *separated;   /* behind the last line break that was put in; `begin` at first */
    uint32_t drop;     /* position of a '>' that ends a labelled link and is not written; 0 = none */
    uint32_t from, to; /* plain stretch of the original not copied yet; empty when equal */
    size_t piece_room;
    uint32_t ideographs;
    unsigned in_word; /* LETTER once the word that is being written was counted */
    bool full;
} writer;

/* Words that end or go on in p[0, len), byte by byte. */
static void count_slowly(writer *x, const char *p, size_t len)
{
    uint32_t words = 0, ideographs = 0;
    unsigned in_word = x->in_word;
    for (size_t i = 0; i < len; i++) {
        unsigned c = CLASS[(unsigned char)p[i]];
        words += c & ~in_word & LETTER;
        ideographs += c >> 2;
        in_word = c & SPACE ? 0 : in_word | (c & LETTER);
    }
    x->in_word = in_word;
    x->out->words += words;
    x->ideographs += ideographs;
}

#ifdef __SSE2__
/* One bit for each of 16 bytes that lies in [low, low + span). */
static unsigned bits_in(__m128i bytes, char low, char span)
{
    /* Shifted so that the range is the lowest of the signed bytes: one comparison does for both ends. */
    __m128i shifted = _mm_sub_epi8(bytes, _mm_set1_epi8((char)(low + 128)));
    return (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(shifted, _mm_set1_epi8((char)(span - 128))));
}

/* The same for 16 ASCII bytes at once; false, and nothing done, when they are not ASCII. A word counts at its first
 * letter. Adding the starts of words to their leading bytes that are no letters carries each start over them, to the
 * first letter if there is one before the blank. */
static bool count_block(writer *x, const char *p)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    if (_mm_movemask_epi8(bytes)) {
        return false;
    }
    unsigned letters = bits_in(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
    unsigned dark = 0xFFFF & ~(bits_in(bytes, '\t', 5) | bits_in(bytes, ' ', 1));
    unsigned starts = dark & ~(dark << 1 | x->in_word), leading = dark & ~letters;
    x->out->words += (unsigned)__builtin_popcount((starts + leading) & ~leading & letters);
    /* Does the word that goes on behind this block have its letter? */
    unsigned blanks = ~dark & 0xFFFF;
    unsigned last = blanks ? dark & ~((2u << (31 - __builtin_clz(blanks))) - 1) : dark;
    x->in_word = (letters & last) != 0 || (blanks == 0 && x->in_word);
    return true;
}
#endif

static void count_words(writer *x, const char *p, size_t len)
{
#ifdef __SSE2__
    for (; len >= 16; p += 16, len -= 16) {
        if (!count_block(x, p)) {
            count_slowly(x, p, 16);
        }
    }
#endif
    count_slowly(x, p, len);
}

static void add_piece(writer *x, uint32_t original_at, uint32_t original_len, uint32_t len)
{
    ut_clean *out = x->out;
    uint32_t clean_at = (uint32_t)(x->at - x->begin);
    if (out->piece_count == x->piece_room) {
        ut_clean_piece *more = ut_new(x->scratch, ut_clean_piece, PIECES_STEP);
        if (!more) {
            x->full = true;
            return;
        }
        out->pieces = out->pieces ? out->pieces : more;
        x->piece_room += PIECES_STEP;
    }
    out->pieces[out->piece_count++] = (ut_clean_piece){clean_at, original_at, len, original_len};
}

/* Copies the plain stretch that is pending. */
static void flush(writer *x)
{
    uint32_t len = x->to - x->from;
    if (len) {
        add_piece(x, x->from, len, len);
        memcpy(x->at, x->w->text + x->from, len);
        count_words(x, x->at, len);
        x->at += len;
    }
    x->from = x->to;
}

static void plain(writer *x, uint32_t from, uint32_t to)
{
    if (x->to != from) {
        flush(x);
        x->from = from;
    }
    x->to = to;
}

static void neutral(writer *x, ut_str word, uint32_t from, uint32_t to)
{
    flush(x);
    add_piece(x, from, to - from, (uint32_t)word.len);
    memcpy(x->at, word.ptr, word.len);
    x->at += word.len;
    x->from = x->to = to;
}

/* Leaves out the original up to `to`. */
static void skip(writer *x, uint32_t to)
{
    flush(x);
    x->from = x->to = to;
}

/* A line break, or two between paragraphs and around what was taken out. Where the original has the same bytes they
 * are copied with the rest; others belong to no piece. */
static void separate(writer *x, uint32_t previous_end, uint32_t next_at, bool paragraph)
{
    ut_str wanted = paragraph ? UT_STR("\n\n") : UT_STR("\n");
    ut_str between = {x->w->text + previous_end, next_at - previous_end};
    x->in_word = 0;
    if (x->from == x->to && x->at == x->separated) {
        return; /* nothing was written since the last break, or at all */
    }
    if (x->to == previous_end && x->to != x->from && ut_str_eq(between, wanted)) {
        x->to = next_at;
        return;
    }
    flush(x);
    memcpy(x->at, wanted.ptr, wanted.len);
    x->at += wanted.len;
    x->separated = x->at;
    x->from = x->to = next_at;
}

static bool is_host_byte(char c)
{
    return ut_is_letter(c) || ut_is_digit(c) || c == '-' || c == '.' || ((unsigned char)c & 0x80);
}

/* Length of the URL's rest from `at` on: to a blank or a bracket, without the punctuation of the sentence around it. */
static size_t url_end(ut_str s, size_t at)
{
    static const bool STOPS[256] = {[0 ... 32] = true, ['<'] = true, ['>'] = true,         ['"'] = true,
                                    ['|'] = true,      ['`'] = true, [127 ... 255] = true};
    size_t end = at;
    int open = 0;
    while (end < s.len && !STOPS[(unsigned char)s.ptr[end]]) {
        open += s.ptr[end] == '(';
        if (s.ptr[end] == ')' && --open < 0) {
            break;
        }
        end++;
    }
    while (end > at && ut_one_of(s.ptr[end - 1], ".,;:!?'*_]}")) {
        end--;
    }
    return end;
}

/* Where the scheme that ends before s[colon] begins, or UT_NPOS. */
static size_t scheme_start(ut_str s, size_t colon, size_t least)
{
    size_t at = colon;
    size_t first = colon - least > SCHEME_BYTES_MAX ? colon - SCHEME_BYTES_MAX : least;
    while (at > first && (ut_is_letter(s.ptr[at - 1]) || ut_one_of(s.ptr[at - 1], "+-."))) {
        at--;
    }
    return colon - at >= 2 ? at : UT_NPOS;
}

/* An address around s[at] == '@': its bounds, brackets and "mailto:" included; false for mentions and handles. */
static bool address_at(ut_str s, size_t at, size_t least, size_t *ret_from, size_t *ret_to)
{
    size_t from = at, to = at + 1;
    while (from > least && at - from < LOCAL_BYTES_MAX &&
           (ut_is_letter(s.ptr[from - 1]) || ut_is_digit(s.ptr[from - 1]) || ut_one_of(s.ptr[from - 1], "._%+-"))) {
        from--;
    }
    bool dot = false;
    while (to < s.len && to - at < 255 && is_host_byte(s.ptr[to])) {
        dot |= s.ptr[to] == '.' && to + 1 < s.len && is_host_byte(s.ptr[to + 1]) && to > at + 1;
        to++;
    }
    while (to > at && ut_one_of(s.ptr[to - 1], ".-")) {
        to--;
    }
    if (from == at || !dot || to < at + 4) {
        return false;
    }
    if (from >= least + 7 && memcmp(s.ptr + from - 7, "mailto:", 7) == 0) {
        from -= 7;
    }
    if (from > least && s.ptr[from - 1] == '<') {
        size_t close = to < s.len && s.ptr[to] == '|' ? ut_str_find_byte(s, '>', to) : to;
        if (close < s.len && s.ptr[close] == '>' && close - to < 256) {
            from--;
            to = close + 1;
        }
    }
    *ret_from = from;
    *ret_to = to;
    return true;
}

/* The end of inline code that opens at s[at], or `at`. A backtick within or behind a word is an apostrophe. */
static size_t inline_code_end(ut_str s, size_t at)
{
    bool jira = s.ptr[at] == '{';
    if (jira ? at + 1 >= s.len || s.ptr[at + 1] != '{'
             : at > 0 && (ut_is_letter(s.ptr[at - 1]) || ut_is_digit(s.ptr[at - 1]))) {
        return at;
    }
    size_t ticks = 1;
    while (!jira && ticks < 3 && at + ticks < s.len && s.ptr[at + ticks] == '`') {
        ticks++;
    }
    if (jira || ticks == 2) {
        ut_str close = jira ? UT_STR("}}") : UT_STR("``");
        size_t end = ut_str_find(ut_str_slice(s, 0, at + 400), close, at + 3);
        return end == UT_NPOS ? at : end + 2;
    }
    size_t end = ticks == 1 ? ut_str_find_byte(ut_str_slice(s, 0, at + 400), '`', at + 2) : UT_NPOS;
    char behind = end != UT_NPOS && end + 1 < s.len ? s.ptr[end + 1] : ' ';
    return end != UT_NPOS && !ut_is_letter(behind) && !ut_is_digit(behind) ? end + 1 : at;
}

/* A link at s[at]: "://" behind a scheme, or "www." at the start of a word. */
static bool link_at(ut_str s, size_t at, size_t least, size_t *ret_from, size_t *ret_to)
{
    size_t from = UT_NPOS;
    if (s.ptr[at] == ':' && at + 3 < s.len && s.ptr[at + 1] == '/' && s.ptr[at + 2] == '/') {
        from = scheme_start(s, at, least);
    } else if (ut_str_starts_nocase(ut_str_slice(s, at, s.len), UT_STR("www.")) &&
               (at == least || !is_host_byte(s.ptr[at - 1]))) {
        from = at;
    }
    if (from == UT_NPOS) {
        return false;
    }
    size_t to = url_end(s, at);
    if (to <= at + 3) {
        return false;
    }
    if (from > least && s.ptr[from - 1] == '<' && to < s.len && s.ptr[to] == '>') {
        from--;
        to++;
    }
    *ret_from = from;
    *ret_to = to;
    return true;
}

/* Chat's "<https://…|label>": the label is what people read. *ret_label is its start; its end is '>'. */
static bool labelled_link(ut_str s, size_t from, size_t to, size_t least, size_t *ret_close)
{
    if (from <= least || s.ptr[from - 1] != '<' || to >= s.len || s.ptr[to] != '|') {
        return false;
    }
    size_t close = ut_str_find_byte(ut_str_slice(s, 0, to + 400), '>', to);
    *ret_close = close;
    return close != UT_NPOS;
}

/* Leaves the label of a link and drops the rest; a label that is a link itself becomes "url" with the whole. */
static size_t write_labelled(writer *x, ut_str s, uint32_t base, size_t from, size_t to, size_t close)
{
    ut_str label = ut_str_slice(s, to + 1, close);
    x->to = base + (uint32_t)from - 1;
    if (label.len == 0 || ut_str_has(label, UT_STR("://")) || ut_str_has(label, UT_STR("www."))) {
        neutral(x, UT_STR("url"), base + (uint32_t)from - 1, base + (uint32_t)close + 1);
        return close + 1;
    }
    skip(x, base + (uint32_t)to + 1);
    x->drop = base + (uint32_t)close;
    return to + 1;
}

/* One step of write_special: handles what stands at s[at] and returns where to go on. `least` is the end of what was
 * replaced last; looking back never goes before it. */
static size_t write_token(writer *x, ut_str s, uint32_t base, size_t at, size_t *least)
{
    char c = s.ptr[at];
    size_t from = 0, to = 0, close = 0;
    if (c == ':' || c == 'w' || c == 'W') {
        if (link_at(s, at, *least, &from, &to)) {
            if (labelled_link(s, from, to, *least, &close)) {
                return *least = write_labelled(x, s, base, from, to, close);
            }
            x->to = base + (uint32_t)from;
            neutral(x, UT_STR("url"), base + (uint32_t)from, base + (uint32_t)to);
            return *least = to;
        }
    } else if (c == '@') {
        if (address_at(s, at, *least, &from, &to)) {
            x->to = base + (uint32_t)from;
            neutral(x, UT_STR("email"), base + (uint32_t)from, base + (uint32_t)to);
            return *least = to;
        }
    } else if (c == '`' || c == '{') {
        to = inline_code_end(s, at);
        if (to != at) {
            neutral(x, UT_STR("code"), base + (uint32_t)at, base + (uint32_t)to);
            return *least = to;
        }
    }
    plain(x, base + (uint32_t)at, base + (uint32_t)at + 1);
    return at + 1;
}

/* A line with something in it that does not go through as it is. */
static void write_special(writer *x, const ut_line *line)
{
    ut_str s = {x->w->text + line->at, line->len};
    size_t least = 0;
    for (size_t at = 0; at < s.len;) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (c & 0x80) {
            size_t from = at;
            uint32_t rune = ut_str_next_rune(s, &at);
            if (rune != 0xFFFD || at - from > 1) {
                plain(x, line->at + (uint32_t)from, line->at + (uint32_t)at);
            } else {
                skip(x, line->at + (uint32_t)at);
                least = at; /* an invalid byte is dropped, and nothing reaches back over it */
            }
        } else if ((c < 32 && !ut_is_blank((char)c)) || c == 127 || (x->drop && line->at + at == x->drop)) {
            least = ++at;
            skip(x, line->at + (uint32_t)at);
        } else {
            at = write_token(x, s, line->at, at, &least);
        }
    }
}

static bool is_special(const ut_walk *w, const ut_line *line)
{
    if (line->flags & (UT_LINE_MARKS | UT_LINE_AT | UT_LINE_URL)) {
        return true;
    }
    ut_str s = {w->text + line->at, line->len};
    return (line->flags & UT_LINE_HIGH) && ut_str_utf8_valid(s) != s.len;
}

/* A last line of which nothing was left leaves a break behind. */
static void trim_end(writer *x)
{
    ut_clean *out = x->out;
    while (x->at > x->begin && x->at[-1] == '\n') {
        x->at--;
        ut_clean_piece *last = out->piece_count ? &out->pieces[out->piece_count - 1] : NULL;
        if (last && last->clean_at + last->len > (uint32_t)(x->at - x->begin)) {
            last->len--;
            last->original_len--;
            out->piece_count -= last->len == 0;
        }
    }
}

static void write_lines(writer *x)
{
    const ut_walk *w = x->w;
    const ut_line *previous = NULL;
    uint32_t start = 0;
    bool gap = false;
    for (size_t i = 0; i < w->count && !x->full; i++) {
        const ut_line *line = &w->lines[i];
        if (line->verdict != UT_VERDICT_KEEP) {
            x->out->stripped[line->verdict - 1] += line->end - start;
        }
        start = line->end;
        if (line->verdict != UT_VERDICT_KEEP || line->len == 0) {
            gap = true;
            continue;
        }
        if (previous) {
            separate(x, previous->at + previous->len, line->at, gap);
        }
        if (is_special(w, line)) {
            plain(x, line->at, line->at);
            write_special(x, line);
        } else {
            plain(x, line->at, line->at + line->len);
        }
        previous = line;
        gap = false;
    }
    flush(x);
    trim_end(x);
}

ut_status ut_lines_write(ut_arena *keep, ut_clean *ret, ut_arena *scratch, const ut_walk *w)
{
    /* The longest growth is "`x`" to "code" and a one-byte fence to a paragraph break: a third of the original. */
    size_t room = w->len + w->len / 3 + 16;
    char *mark = keep->at;
    char *begin = ut_arena_take(keep, room, 1, 1);
    if (!begin) {
        return UT_LIMIT;
    }
    writer x = {.out = ret, .scratch = scratch, .w = w, .begin = begin, .at = begin, .separated = begin};
    write_lines(&x);
    UT_ASSERT((size_t)(x.at - begin) < room);
    *x.at = '\0';
    keep->at = x.at + 1; /* gives back what was not used */
    ret->text = (ut_str){begin, (size_t)(x.at - begin)};
    ret->words += (x.ideographs + 1) / 2;
    ut_clean_piece *pieces = x.full ? NULL : ut_new(keep, ut_clean_piece, ret->piece_count);
    if (!pieces) {
        keep->at = mark;
        return UT_LIMIT;
    }
    if (ret->piece_count) {
        memcpy(pieces, ret->pieces, ret->piece_count * sizeof *pieces);
    }
    ret->pieces = pieces;
    return UT_OK;
}
