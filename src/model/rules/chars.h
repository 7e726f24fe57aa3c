/* model/rules/chars.h — which bytes and code points make words, and their lower case.
 *
 * Scanner and pack loader share this, so that a pattern is cut and folded exactly as the texts it must match.
 */
#ifndef UT_MODEL_RULES_CHARS_H
#define UT_MODEL_RULES_CHARS_H

#include "base/base.h"

typedef enum rules_byte {
    RULES_BYTE_SIGN = 0, /* any other ASCII sign */
    RULES_BYTE_SPACE,
    RULES_BYTE_WORD, /* ASCII letter or digit */
    RULES_BYTE_HIGH, /* part of a multi-byte character */
} rules_byte;

extern const uint8_t rules_bytes[256];
/* Lower case of an ASCII letter or digit; 0 for every other byte. */
extern const char rules_lower[256];

/* true for a code point above ASCII that is part of words: letters and marks of all scripts. */
bool rules_rune_is_word(uint32_t rune);
/* Lower case for Latin, Greek, Cyrillic and Armenian; others are returned as they are. Keeps the number of UTF-8
 * bytes. */
uint32_t rules_rune_lower(uint32_t rune);

/* One word from text[at]: letters, digits, apostrophes and underscores between them. */
typedef struct rules_word_cut {
    size_t end;     /* first byte behind the word */
    uint32_t len;   /* bytes of `lower`; 0 = longer than RULES_WORD_MAX, so not in any table */
    uint32_t runes; /* code points */
    uint32_t upper; /* ASCII capitals and other capitals that fold */
    bool run;       /* a letter stands three times in a row */
} rules_word_cut;

/* Reads the word that begins at text[at] into lower[48]. A typographic apostrophe becomes a plain one. runes = 0
 * when no word begins there. */
rules_word_cut rules_cut_word(char *lower, ut_str text, size_t at);

#endif
