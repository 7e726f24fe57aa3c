/* text/lang_int.h — what the files of language identification share; nobody else includes it. */
#ifndef UT_TEXT_LANG_INT_H
#define UT_TEXT_LANG_INT_H

#include "text/lang.h"
#include "text/lang_cld2.h"

/* Languages with a table of words, in the order of the bits of ut_lang__word(). */
#define UT_LANG_TABLES 16

/* The languages a word is common in, one bit each; 0 for an unknown word. `key` is the word in lower case, its first
 * byte highest, filled with zeros; longer words are unknown. */
uint16_t ut_lang__word(uint64_t key);
/* For the test that keeps the table sorted. */
bool ut_lang__words_sorted(void);

#endif
