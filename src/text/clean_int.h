/* text/clean_int.h — what the files of the cleaner share; nobody else includes it.
 *
 *     clean.c          the door: splits, judges, writes
 *     clean_split.c    bytes → lines with counts; fenced code becomes one line
 *     clean_judge.c    lines → verdicts: one walk, each recogniser takes a run of lines or declines
 *     clean_mail.c     quotes and their attribution, header blocks, separators
 *     clean_foot.c     signatures, closings, list footers, disclaimers
 *     clean_code.c     code, diffs, blobs
 *     clean_log.c      stack traces, log lines, tables of numbers
 *     clean_write.c    kept lines → text, pieces, words; URLs, addresses and inline code become neutral words
 *     phrases.c        what such lines begin with, in a dozen languages
 *
 * Every recogniser looks ahead and back by a fixed number of lines only, so the whole is linear.
 */
#ifndef UT_TEXT_CLEAN_INT_H
#define UT_TEXT_CLEAN_INT_H

#include "text/clean.h"

/* Verdicts: 0 keeps a line, otherwise the reason for taking it out, plus one. */
#define UT_VERDICT_KEEP 0
#define UT_VERDICT(reason) ((uint8_t)((reason) + 1))

/* ut_line.flags */
#define UT_LINE_HIGH 1u   /* has bytes over 0x7F */
#define UT_LINE_MARKS 2u  /* has ` ~ { or control characters */
#define UT_LINE_AT 4u     /* has @ */
#define UT_LINE_URL 8u    /* has "://" or "www." */
#define UT_LINE_COLON 16u /* ends in a colon: may introduce a quote */
#define UT_LINE_OPEN 32u  /* no line break follows: fenced code begins or ended in the middle of the line */

/* One line, or a run of blank lines, or a stretch of fenced code. One ends where the next starts. */
typedef struct ut_line {
    uint32_t at;     /* first byte that is not blank */
    uint32_t len;    /* up to the last byte that is not blank; 0 for a run of blank lines */
    uint32_t end;    /* where the next line starts */
    uint16_t letters, digits, blanks, code; /* ASCII bytes of each class, up to 65535; code = programs' punctuation */
    uint8_t flags;
    uint8_t verdict;
} ut_line;

/* One message on its way through the cleaner. */
typedef struct ut_walk {
    const char *text;
    uint32_t len;
    bool mail;
    ut_line *lines;
    size_t count;
    /* Ends of the last runs of lines that were looked at and turned down: asking again for each line of a long list
     * would take quadratic time. */
    size_t no_diff_before, no_indent_before;
} ut_walk;

/* What a line begins with. */
typedef enum ut_phrase {
    UT_PHRASE_NONE = 0,
    UT_PHRASE_ORIGINAL,  /* "Original Message" */
    UT_PHRASE_FORWARD,   /* "Begin forwarded message" */
    UT_PHRASE_FROM,      /* "From:", … the lines of a header block */
    UT_PHRASE_DATE,
    UT_PHRASE_TO,
    UT_PHRASE_SUBJECT,
    UT_PHRASE_HEADER,    /* "Cc:", "Reply-To:" */
    UT_PHRASE_DEVICE,    /* "Sent from my" */
    UT_PHRASE_FOOTER,    /* "To unsubscribe" */
    UT_PHRASE_LEGAL,     /* "This e-mail and any attachments" */
    UT_PHRASE_CLOSING,   /* "Best regards" */
    UT_PHRASE_TRAILER,   /* "Signed-off-by:" */
} ut_phrase;

/* The kind of the longest known phrase `line` begins with (ASCII case ignored); *ret_len is its length in bytes. */
ut_phrase ut_phrase_of(ut_str line, size_t *ret_len);
/* true for verbs that introduce a quote: "wrote", "schrieb", … */
bool ut_phrase_is_verb(ut_str word);
/* true for words that open an attribution line: "On", "Am", "Le", … */
bool ut_phrase_is_opener(ut_str word);
/* true for words without which a disclaimer is none: "confidential", "intended", … */
bool ut_phrase_is_legal(ut_str word);
/* The tables are sorted; for the test that keeps them so. */
bool ut_phrases_sorted(void);
/* The next word of *rest (letters and bytes over 0x7F); false at its end. */
bool ut_word_next(ut_str *rest, ut_str *ret_word);

/* Lines of w->text in scratch memory, which must stay untouched otherwise meanwhile. UT_LIMIT when it is full. */
UT_MUST_CHECK ut_status ut_lines_split(ut_arena *scratch, ut_walk *w);
void ut_lines_judge(ut_walk *w);
UT_MUST_CHECK ut_status ut_lines_write(ut_arena *keep, ut_clean *ret, ut_arena *scratch, const ut_walk *w);

/* Recognisers: mark the lines they take and return the number of the first line after, or `i` when they decline. */
size_t ut_take_quote(ut_walk *w, size_t i);
size_t ut_take_attribution(ut_walk *w, size_t i);
size_t ut_take_header_block(ut_walk *w, size_t i);
size_t ut_take_separator(ut_walk *w, size_t i, ut_phrase phrase);
size_t ut_take_rule(ut_walk *w, size_t i);
size_t ut_take_signature(ut_walk *w, size_t i);
size_t ut_take_ruled_signature(ut_walk *w, size_t i);
size_t ut_take_device(ut_walk *w, size_t i);
size_t ut_take_closing(ut_walk *w, size_t i, size_t phrase_len);
size_t ut_take_footer(ut_walk *w, size_t i);
size_t ut_take_legal(ut_walk *w, size_t i);
size_t ut_take_armour(ut_walk *w, size_t i);
size_t ut_take_diff(ut_walk *w, size_t i);
size_t ut_take_code(ut_walk *w, size_t i);
size_t ut_take_blob(ut_walk *w, size_t i);
size_t ut_take_trace(ut_walk *w, size_t i);
size_t ut_take_log(ut_walk *w, size_t i);
size_t ut_take_table(ut_walk *w, size_t i);

static inline ut_str ut_line_text(const ut_walk *w, size_t i)
{
    return (ut_str){w->text + w->lines[i].at, w->lines[i].len};
}

static inline size_t ut_line_indent(const ut_walk *w, size_t i)
{
    return w->lines[i].at - (i ? w->lines[i - 1].end : 0);
}

static inline char ut_line_first(const ut_walk *w, size_t i)
{
    return w->lines[i].len ? w->text[w->lines[i].at] : '\0';
}

/* The next line that is not blank, or w->count. Blank lines never follow each other. */
static inline size_t ut_line_next(const ut_walk *w, size_t i)
{
    size_t next = i + 1;
    return next < w->count && w->lines[next].len == 0 ? next + 1 : next;
}

static inline bool ut_line_starts_paragraph(const ut_walk *w, size_t i)
{
    return i == 0 || w->lines[i - 1].len == 0 || w->lines[i - 1].verdict != UT_VERDICT_KEEP;
}

/* Marks lines [from, to) that are still kept; blank ones stay, they are never written by themselves. Returns `to`. */
size_t ut_lines_mark(ut_walk *w, size_t from, size_t to, ut_strip reason);
/* true when line i quotes: '>' that is no smiley, or initials before it ("LK> "). */
bool ut_line_is_quote(const ut_walk *w, size_t i);
/* true when a disclaimer begins at line i. */
bool ut_line_is_legal(const ut_walk *w, size_t i);
/* true when everything from line i on may end a block of new text: a quote, a separator, the end. */
bool ut_line_is_boundary(const ut_walk *w, size_t i);

static inline bool ut_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ut_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* true for a character of `set`; strchr would find the NUL, too. */
static inline bool ut_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* ut_str_starts for a literal: compilers turn a memcmp of known length into a comparison or two. */
#define UT_STARTS(s, literal)                                                                                          \
    ((s).len >= sizeof(literal) - 1 && memcmp((s).ptr, (literal), sizeof(literal) - 1) == 0)

/* The number of the first of `table` that s begins with, or `count`. First bytes are compared before anything is
 * called: nearly all lines of a message are asked about nearly all tables, and hardly ever fit. */
static inline size_t ut_starts_any(ut_str s, const ut_str *table, size_t count)
{
    size_t k = 0;
    while (k < count && (s.len < table[k].len || s.ptr[0] != table[k].ptr[0] || !ut_str_starts(s, table[k]))) {
        k++;
    }
    return k;
}

#define UT_ROWS(table) (sizeof(table) / sizeof *(table))
#define UT_STARTS_ANY(s, table) (ut_starts_any((s), (table), UT_ROWS(table)) < UT_ROWS(table))

static inline bool ut_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool ut_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif
