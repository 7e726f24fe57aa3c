/* text/clean.h — leaves of a message only what its author newly wrote.
 *
 *     ut_clean clean;
 *     st = ut_text_clean(&keep, &clean, scratch, message.text, UT_CLEAN_MAIL);
 *     // clean.text is scored; clean.stripped[UT_STRIP_QUOTE] bytes of quotes are not
 *
 * Taken out: quoted replies and their attribution lines, signatures, legal and list footers, forwarded blocks, fenced
 * and indented code, stack traces, log lines, diffs; inline code and URLs become one neutral word each. Inline replies
 * between quotes stay.
 */
#ifndef UT_TEXT_CLEAN_H
#define UT_TEXT_CLEAN_H

#include "base/base.h"

typedef enum ut_clean_kind { UT_CLEAN_CHAT, UT_CLEAN_MAIL } ut_clean_kind;

typedef enum ut_strip {
    UT_STRIP_QUOTE,
    UT_STRIP_SIGNATURE,
    UT_STRIP_FOOTER,
    UT_STRIP_FORWARD,
    UT_STRIP_CODE,
    UT_STRIP_LOG,
    UT_STRIPS
} ut_strip;

/* A stretch of the clean text and where it stood in the original: copied byte for byte when len == original_len, else
 * one neutral word ("url", "email", "code") for all of the original stretch, brackets and backticks included. Line
 * breaks that the cleaner put in (around what was taken out) belong to no piece. */
typedef struct ut_clean_piece {
    uint32_t clean_at;     /* byte in clean text */
    uint32_t original_at;  /* byte in the text given */
    uint32_t len;          /* bytes in clean text */
    uint32_t original_len; /* bytes in the text given that it stands for */
} ut_clean_piece;

typedef struct ut_clean {
    ut_str text;                 /* valid UTF-8, in `keep`; invalid bytes were dropped */
    ut_clean_piece *pieces;      /* ascending, in `keep`: offsets in `text` map back to the original through these */
    size_t piece_count;
    uint32_t total_bytes;        /* of the original */
    uint32_t stripped[UT_STRIPS]; /* bytes taken out, by reason */
    uint32_t words;              /* words left in `text`, what minimum evidence counts: runs without blanks that hold a
                                  * letter; neutral words, numbers and emoji are none; two Han or kana make one */
    bool cut;                    /* longer than UT_TEXT_BYTES_MAX: the rest was not looked at */
} ut_clean;

/* Writes *ret on success only; text and pieces live in `keep`. UT_LIMIT when an arena is full: give `scratch` at least
 * 8 MiB for texts of UT_TEXT_BYTES_MAX (24 bytes a line, 16 a piece), `keep` the text's length and a third, and its
 * pieces. Never fails on content. Linear in the text's length. Any thread. */
UT_MUST_CHECK ut_status ut_text_clean(ut_arena *keep, ut_clean *ret, ut_arena scratch, ut_str text, ut_clean_kind kind);
/* Offset in the original of a byte of the clean text: of a neutral word the start of what it stands for, of a line
 * break the cleaner put in the end of what stands before it. `clean` is not NULL; clean_at may be clean->text.len. */
uint32_t ut_clean_original(const ut_clean *clean, uint32_t clean_at);

#endif
