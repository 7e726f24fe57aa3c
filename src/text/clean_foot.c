/* text/clean_foot.c — what stands below the new text: signatures, closings, list footers, disclaimers.
 *
 * Only what is safe is taken: "-- " by its standard, formulas with a name or a contact block below and then nothing
 * more, phrases that only machines and lawyers write. "Thanks, Anna" stays; gratitude is what we measure.
 */
#include "text/clean_int.h"

/* Lines below a bare "--" for it to be a signature and not a dash in the text. */
#define BARE_SIGNATURE_LINES_MAX 8
#define BARE_SIGNATURE_BYTES_MAX 600
/* Lines of a contact block below "Best regards". */
#define CONTACT_LINES_MAX 10
/* Lines of a paragraph searched for the words of a disclaimer. */
#define LEGAL_LINES_MAX 30
/* Lines below a rule searched for the words of a list footer. */
#define FOOTER_LINES_MAX 8

static bool is_footer_phrase(const ut_walk *w, size_t i)
{
    ut_str line = ut_line_text(w, i);
    size_t len = 0, at = 0;
    while (at < line.len && ut_one_of(line.ptr[at], "-_=*[]( ")) {
        at++;
    }
    return ut_phrase_of(ut_str_slice(line, at, line.len), &len) == UT_PHRASE_FOOTER;
}

/* The first boundary at or after line i, at most `most` lines that are not blank away; UT_NPOS when it is farther. */
static size_t boundary_within(const ut_walk *w, size_t i, size_t most)
{
    size_t seen = 0;
    for (; i < w->count; i++) {
        if (ut_line_is_boundary(w, i)) {
            return i;
        }
        if (w->lines[i].len && ++seen > most) {
            return UT_NPOS;
        }
    }
    return w->count;
}

size_t ut_take_signature(ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    if (!ut_str_eq(ut_line_text(w, i), UT_STR("--"))) {
        return i;
    }
    size_t below = ut_line_next(w, i);
    ut_strip reason = below < w->count && is_footer_phrase(w, below) ? UT_STRIP_FOOTER : UT_STRIP_SIGNATURE;
    bool standard = line->at + 2 < w->len && w->text[line->at + 2] == ' ';
    if (!standard) {
        size_t end = boundary_within(w, i + 1, BARE_SIGNATURE_LINES_MAX);
        uint32_t to = end < w->count ? w->lines[end].at : w->len;
        bool brief = end != UT_NPOS && to - line->at < BARE_SIGNATURE_BYTES_MAX;
        return brief && ut_line_starts_paragraph(w, i) ? ut_lines_mark(w, i, end, reason) : i;
    }
    size_t end = i + 1;
    while (end < w->count && !ut_line_is_boundary(w, end)) {
        end++;
    }
    return ut_lines_mark(w, i, end, reason);
}

/* "Sent from my iPhone": the phrase, something that is a device or a program, and nothing else on the line. */
size_t ut_take_device(ut_walk *w, size_t i)
{
    static const char *const DEVICES[] = {
        "iphone", "ipad", "android", "samsung", "galaxy", "blackberry", "mobil", "phone", "handy", "outlook", "yahoo",
        "mail", "huawei", "pixel", "xiaomi", "telefon", "téléphone", "cell", "móvil", "nokia", "windows", "sparrow",
        "tablet", "portable", "celular", "cellulare", "telemóvel", "unterwegs", "thunderbird", "telefoon",
    };
    ut_str line = ut_line_text(w, i);
    if (line.len > 110 || !ut_line_starts_paragraph(w, i)) {
        return i;
    }
    for (size_t k = 0; k < sizeof DEVICES / sizeof *DEVICES; k++) {
        if (ut_str_find_nocase(line, ut_str_of(DEVICES[k]), 0) != UT_NPOS) {
            return ut_lines_mark(w, i, i + 1, UT_STRIP_SIGNATURE);
        }
    }
    return i;
}

static bool has_contact(const ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    bool link = line->flags & (UT_LINE_AT | UT_LINE_URL);
    return link || line->digits >= 5 || ut_str_has(ut_line_text(w, i), UT_STR("|"));
}

/* A name, a title, a firm: few words that begin with a capital and end no sentence. */
static bool is_name_line(const ut_walk *w, size_t i)
{
    ut_str line = ut_line_text(w, i);
    unsigned char first = (unsigned char)line.ptr[0];
    char last = line.ptr[line.len - 1];
    bool capital = ut_is_upper((char)first) || first >= 0x80 || first == '-' || first == '(';
    return line.len <= 60 && w->lines[i].blanks <= 4 && capital && last != '?' && last != '!' && last != ':';
}

/* true when lines [from, to) hold a way to reach somebody, at least one line and no long one. */
static bool is_contact_block(const ut_walk *w, size_t from, size_t to)
{
    bool contact = false;
    for (size_t i = from; i < to; i++) {
        if (w->lines[i].len > 90) {
            return false;
        }
        contact |= w->lines[i].len && has_contact(w, i);
    }
    return contact;
}

/* A rule of dashes with a name and a contact block below, and then nothing more. */
size_t ut_take_ruled_signature(ut_walk *w, size_t i)
{
    size_t first = ut_line_next(w, i);
    size_t end = boundary_within(w, i + 1, BARE_SIGNATURE_LINES_MAX);
    if (end == UT_NPOS || first >= end || !is_name_line(w, first) || !is_contact_block(w, first, end)) {
        return i;
    }
    return ut_lines_mark(w, i, end, UT_STRIP_SIGNATURE);
}

size_t ut_take_closing(ut_walk *w, size_t i, size_t phrase_len)
{
    ut_str tail = ut_str_slice(ut_line_text(w, i), phrase_len, w->lines[i].len);
    if (tail.len > 1 || (tail.len == 1 && !ut_one_of(tail.ptr[0], ",.!"))) {
        return i;
    }
    size_t end = boundary_within(w, i + 1, CONTACT_LINES_MAX);
    if (end == UT_NPOS) {
        return i;
    }
    size_t names = 0;
    bool all_names = true, contact = false;
    for (size_t at = i + 1; at < end; at++) {
        if (w->lines[at].len == 0) {
            continue;
        }
        if (w->lines[at].len > 90) {
            return i;
        }
        names++;
        all_names &= is_name_line(w, at);
        contact |= has_contact(w, at);
    }
    bool safe = names == 0 || (names <= 3 && all_names) || contact;
    return safe ? ut_lines_mark(w, i, end, UT_STRIP_SIGNATURE) : i;
}

/* Words that make the lines below a rule the footer of a list or a free mail service. */
static bool has_footer_word(const ut_walk *w, size_t i)
{
    static const char *const WORDS[] = {"mailing list", "listinfo", "unsubscri", "subscri",   "sponsored",
                                        "@lists.",      "mailman",  "groups.",   "hotmail.com", "yahoo.com"};
    ut_str line = ut_str_slice(ut_line_text(w, i), 0, 200);
    for (size_t k = 0; k < sizeof WORDS / sizeof *WORDS; k++) {
        if (ut_str_find_nocase(line, ut_str_of(WORDS[k]), 0) != UT_NPOS) {
            return true;
        }
    }
    return is_footer_phrase(w, i);
}

/* A footer ends at a boundary, or at a paragraph that neither links nor speaks of lists. */
static size_t footer_end(const ut_walk *w, size_t i)
{
    size_t end = i + 1;
    for (; end < w->count && !ut_line_is_boundary(w, end); end++) {
        bool paragraph = w->lines[end].len && w->lines[end - 1].len == 0;
        if (paragraph && !(w->lines[end].flags & (UT_LINE_URL | UT_LINE_AT)) && !has_footer_word(w, end)) {
            break;
        }
    }
    /* The rule that closes a footer belongs to it. */
    if (end < w->count && w->lines[end].letters == 0 && w->lines[end].digits == 0 &&
        (end + 1 == w->count || ut_line_next(w, end) == w->count)) {
        end++;
    }
    return end;
}

/* Line i is a footer phrase, or a rule with a footer below it. */
size_t ut_take_footer(ut_walk *w, size_t i)
{
    const ut_line *line = &w->lines[i];
    if (line->letters) {
        bool footer = is_footer_phrase(w, i) && line->len <= 200;
        /* "Archive: done" and "To subscribe users …" are prose unless they link or a rule or a paragraph precedes. */
        bool links = false;
        for (size_t at = i; at < w->count && at < i + 3 && w->lines[at].len; at++) {
            links |= (w->lines[at].flags & (UT_LINE_URL | UT_LINE_AT)) != 0;
        }
        bool dashed = ut_line_first(w, i) == '-';
        return footer && (links || dashed) ? ut_lines_mark(w, i, footer_end(w, i), UT_STRIP_FOOTER) : i;
    }
    if (line->len < 20) {
        return i;
    }
    size_t seen = 0;
    bool found = false, links = false;
    size_t at = i + 1;
    for (; at < w->count && seen < FOOTER_LINES_MAX && !found; at++) {
        if (w->lines[at].len == 0) {
            continue;
        }
        if (ut_line_is_quote(w, at)) {
            break;
        }
        seen++;
        links |= (w->lines[at].flags & UT_LINE_URL) != 0;
        found = has_footer_word(w, at);
    }
    bool last = at >= w->count && seen && seen <= 4 && links;
    return found || last ? ut_lines_mark(w, i, footer_end(w, found ? at - 1 : i), UT_STRIP_FOOTER) : i;
}

/* Words of disclaimers in the paragraph that begins at line i; *ret_end is the line after it. */
static unsigned legal_words(const ut_walk *w, size_t i, size_t *ret_end)
{
    unsigned found = 0;
    size_t end = i;
    for (; end < w->count && w->lines[end].len && end < i + LEGAL_LINES_MAX && !ut_line_is_quote(w, end); end++) {
        ut_str rest = ut_str_slice(ut_line_text(w, end), 0, 2000), word;
        while (found < 2 && ut_word_next(&rest, &word)) {
            found += ut_phrase_is_legal(word);
        }
    }
    *ret_end = end;
    return found;
}

bool ut_line_is_legal(const ut_walk *w, size_t i)
{
    size_t ignored = 0;
    return ut_phrase_of(ut_line_text(w, i), &ignored) == UT_PHRASE_LEGAL && ut_line_starts_paragraph(w, i) &&
           legal_words(w, i, &ignored) >= 2;
}

size_t ut_take_legal(ut_walk *w, size_t i)
{
    /* Nobody begins with a disclaimer; "This email is intended to update all recipients" does begin one. */
    bool first = i == 0 || (i == 1 && w->lines[0].len == 0);
    size_t end = i;
    if (first || !ut_line_starts_paragraph(w, i) || legal_words(w, i, &end) < 2) {
        return i;
    }
    return ut_lines_mark(w, i, end, UT_STRIP_FOOTER);
}
