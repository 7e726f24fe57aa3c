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

/* A stretch of the clean text and where it stood in the original. */
typedef struct ut_clean_piece {
    uint32_t clean_at;    /* byte in clean text */
    uint32_t original_at; /* byte in the text given */
    uint32_t len;
} ut_clean_piece;

typedef struct ut_clean {
    ut_str text;                 /* valid UTF-8, in `keep`; invalid bytes were dropped */
    ut_clean_piece *pieces;      /* ascending, in `keep`: offsets in `text` map back to the original through these */
    size_t piece_count;
    uint32_t total_bytes;        /* of the original */
    uint32_t stripped[UT_STRIPS]; /* bytes taken out, by reason */
    uint32_t words;              /* words left in `text`: what minimum evidence counts */
    bool cut;                    /* longer than UT_TEXT_BYTES_MAX: the rest was not looked at */
} ut_clean;

/* UT_LIMIT when the arena is full. Never fails on content. Linear in the text's length. */
UT_MUST_CHECK ut_status ut_text_clean(ut_arena *keep, ut_clean *ret, ut_arena scratch, ut_str text, ut_clean_kind kind);
/* Offset in the original of a byte of the clean text. */
uint32_t ut_clean_original(const ut_clean *clean, uint32_t clean_at);

#endif
