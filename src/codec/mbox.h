/* codec/mbox.h — cuts an mbox stream into messages, in memory that does not depend on the stream's size.
 *
 *     static ut_status on_mail(void *ctx, const ut_mbox_item *item, ut_err *err) { … }
 *     st = ut_mbox_read(&stream, on_mail, ctx, &err);
 *
 * A message begins at a line "From addr date" at the start of the stream or after an empty line, whose end looks like
 * an asctime date: unescaped bodies survive. Content-Length (mboxcl) is used only where the position after it is again
 * a separator or the end. LF and CRLF, also mixed; CR alone when the stream begins without any LF.
 */
#ifndef UT_CODEC_MBOX_H
#define UT_CODEC_MBOX_H

#include "codec/stream.h"

/* What is kept of a message that is longer than UT_RECORD_BYTES_MAX: enough for its headers and a look at it. */
#define UT_MBOX_HEAD_BYTES (256 * UT_KIB)

typedef struct ut_mbox_item {
    ut_str separator; /* the "From " line without its line end */
    ut_str mail;      /* verbatim bytes after it, without the empty line that ends the message */
    int64_t byte;     /* offset of the separator in the stream */
    ut_status state;  /* UT_OK; UT_LIMIT: longer than UT_RECORD_BYTES_MAX (mail holds its beginning); UT_INVALID: bytes
                         before the first separator (separator is empty, mail holds their beginning) */
    int64_t size_bytes; /* whole size in the stream, separator included */
} ut_mbox_item;

/* Called for each item in order; what it points at is borrowed for the call. Any status but UT_OK ends the reading. */
typedef ut_status (*ut_mbox_visit)(void *ctx, const ut_mbox_item *item, ut_err *err);
/* Reads to the stream's end. Returns UT_OK, what the visitor or the stream answered (all whole messages before a
 * stream's failure were visited), or UT_NOMEM. White space before the first separator is skipped. */
UT_MUST_CHECK ut_status ut_mbox_read(ut_stream *stream, ut_mbox_visit visit, void *ctx, ut_err *err);

/* true when `line` (no line end) is a believable mbox separator. */
bool ut_mbox_is_separator(ut_str line);
/* The date at the end of a separator line; false when there is none. */
bool ut_mbox_separator_date(ut_str line, int64_t *ret_us);

#endif
