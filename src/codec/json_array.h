/* codec/json_array.h — the elements of a JSON array that is a whole file; broken ones cost only themselves.
 *
 *     static ut_status visit(void *ctx, const ut_json_element *e, bool *ret_taken, ut_err *err) { … }
 *     st = ut_json_array_read(json, &stream, visit, ctx, &err);
 *
 * Files up to UT_JSON_ARRAY_WHOLE bytes that are valid are parsed in one pass. Others are split by counting brackets,
 * each element parsed on its own, in memory that one element bounds. Where brackets don't balance any more (a quote or
 * brace is missing, the file is cut off) the element is given as broken, and every later object that is not a member's
 * value is offered as `doubtful` until the visitor takes one: then the count starts anew.
 */
#ifndef UT_CODEC_JSON_ARRAY_H
#define UT_CODEC_JSON_ARRAY_H

#include "codec/json.h"
#include "codec/stream.h"

#define UT_JSON_ARRAY_WHOLE (16 * UT_MIB)

/* Borrowed for the visit. */
typedef struct ut_json_element {
    const ut_json_node *node; /* NULL when broken */
    ut_str raw;               /* as it stands in the file; of a broken one its beginning */
    int64_t byte;             /* where it begins in the file */
    const char *wrong;        /* when broken: what, one sentence without place; else NULL */
    int64_t wrong_byte;       /* when broken: where in the file */
    bool doubtful;            /* found behind a break: may be a part of the broken element */
} ut_json_element;

/* Set *ret_taken = false for a doubtful element that is not what you look for (it is true beforehand). Any status but
 * UT_OK ends the reading and is returned. */
typedef ut_status (*ut_json_array_visit)(void *ctx, const ut_json_element *element, bool *ret_taken, ut_err *err);

/* A file that is no array at all is one broken element. When the stream fails, what came before is visited first, then
 * the stream's status is returned. UT_NOMEM. */
UT_MUST_CHECK ut_status ut_json_array_read(ut_json *json, ut_stream *stream, ut_json_array_visit visit, void *ctx,
                                           ut_err *err);

#endif
