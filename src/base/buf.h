/* base/buf.h — a byte buffer that grows up to a cap and remembers its first failure.
 *
 *     ut_buf out = ut_buf_make(64 * UT_KIB);
 *     ut_buf_puts(&out, "{\"id\":");
 *     ut_buf_json_str(&out, id);
 *     if (out.failed) { … }                   // once, at the end: writes after a failure do nothing
 *     ut_buf_free(&out);
 */
#ifndef UT_BASE_BUF_H
#define UT_BASE_BUF_H

#include "undertone/base.h"

typedef struct ut_buf {
    char *ptr;        /* owned; NULL while empty */
    size_t len;       /* bytes in use */
    size_t room;      /* bytes allocated */
    size_t cap;       /* never more than this */
    ut_status failed; /* UT_OK, or the first UT_LIMIT / UT_NOMEM */
} ut_buf;

ut_buf ut_buf_make(size_t cap_bytes);
void ut_buf_free(ut_buf *buf);
/* Empties it, keeps its memory, forgets the failure. */
void ut_buf_clear(ut_buf *buf);
/* Makes room for n more bytes and returns where they go, or NULL; the caller then adds to len. */
char *ut_buf_reserve(ut_buf *buf, size_t n);
void ut_buf_put(ut_buf *buf, ut_str text);
void ut_buf_puts(ut_buf *buf, const char *text);
void ut_buf_byte(ut_buf *buf, char byte);
void ut_buf_format(ut_buf *buf, const char *format, ...) UT_PRINTF(2, 3);
void ut_buf_i64(ut_buf *buf, int64_t value);
/* A quoted, escaped JSON string; invalid UTF-8 becomes U+FFFD. */
void ut_buf_json_str(ut_buf *buf, ut_str text);
/* Fixed-point decimal with at most `decimals` (0..6) digits, trailing zeros dropped, never an exponent; NaN is null. */
void ut_buf_json_num(ut_buf *buf, double value, int decimals);
ut_str ut_buf_str(const ut_buf *buf);

#endif
