/* people/words.h — names made comparable: what "Meier, Änna (Ops)", "anna.meier" and "Anna Meier" have in common.
 *
 *     char room[UT_WORDS_MAX];
 *     int count;
 *     ut_str words = ut_name_words(room, &count, UT_STR("Dr. Müller, Jörg"));      // "jorg muller", 2
 *     words = ut_address_words(room, &count, UT_STR("mail:joerg.mueller+x@x.org")); // "jorg muller", 2
 *
 * Small letters without accents (German ae, oe and ue as a, o and u), words in alphabetical order. Only for guesses
 * that somebody confirms: different people can have the same words.
 */
#ifndef UT_PEOPLE_WORDS_H
#define UT_PEOPLE_WORDS_H

#include "base/base.h"

enum { UT_WORDS_MAX = 256 };

/* Of a display name: what stands in brackets, titles and initials are left out. The answer lies in `room`. */
ut_str ut_name_words(char room[UT_WORDS_MAX], int *ret_count, ut_str name);
/* Of what stands before the @ of an address, or after the source of a handle; a "+tag" is left out. */
ut_str ut_address_words(char room[UT_WORDS_MAX], int *ret_count, ut_str handle);

#endif
