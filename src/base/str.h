/* base/str.h — cutting and comparing borrowed strings. Nothing here allocates; bytes, not characters, unless named so.
 */
#ifndef UT_BASE_STR_H
#define UT_BASE_STR_H

#include "undertone/base.h"

#define UT_NPOS ((size_t)-1)

bool ut_str_eq(ut_str a, ut_str b);
/* ASCII letters compare without case. */
bool ut_str_eq_nocase(ut_str a, ut_str b);
/* memcmp order, shorter first. */
int ut_str_cmp(ut_str a, ut_str b);
bool ut_str_starts(ut_str s, ut_str prefix);
bool ut_str_starts_nocase(ut_str s, ut_str prefix);
bool ut_str_ends(ut_str s, ut_str suffix);
/* Position of the first occurrence at or after `from`, or UT_NPOS. */
size_t ut_str_find(ut_str s, ut_str needle, size_t from);
size_t ut_str_find_byte(ut_str s, char byte, size_t from);
bool ut_str_has(ut_str s, ut_str needle);
/* Position of the first occurrence ignoring ASCII case, or UT_NPOS. */
size_t ut_str_find_nocase(ut_str s, ut_str needle, size_t from);
/* s[from, to), clamped to s. */
ut_str ut_str_slice(ut_str s, size_t from, size_t to);
/* Without ASCII white space at both ends. */
ut_str ut_str_trim(ut_str s);
/* Cuts *rest at the first `separator`: returns the head, *rest becomes what follows ({NULL,0} when there was none). */
ut_str ut_str_cut(ut_str *rest, char separator);
/* The next line of *rest without its LF or CRLF; false when *rest is used up. */
bool ut_str_line(ut_str *rest, ut_str *ret_line);
/* Whole-string decimal parse; false when it is not exactly one number in range. */
bool ut_str_to_i64(ut_str s, int64_t *ret);
bool ut_str_to_f64(ut_str s, double *ret);
/* Length of the valid UTF-8 prefix; equals s.len when all of s is valid. */
size_t ut_str_utf8_valid(ut_str s);
/* Decodes one code point at s[*at] and advances; an invalid byte gives U+FFFD and advances by one. */
uint32_t ut_str_next_rune(ut_str s, size_t *at);
/* Writes a code point as UTF-8, returns its 1..4 bytes; surrogates and values over U+10FFFF become U+FFFD. */
size_t ut_str_put_rune(char out[4], uint32_t rune);
/* ASCII lower case of one byte. */
static inline char ut_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

#endif
