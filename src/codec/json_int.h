/* codec/json_int.h — what codec/json.c and its C++ shim agree on. Nobody else includes this.
 *
 * simdjson's stage 1 finds, in one pass of vector instructions, where every token of a text begins, and checks UTF-8,
 * closed strings and control characters on the way. Example:
 *
 *     text     {"a":[1, true]}
 *     starts   ^^  ^^^^ ^   ^^      0 1 4 5 6 7 9 13 14
 */
#ifndef UT_CODEC_JSON_INT_H
#define UT_CODEC_JSON_INT_H

#include "undertone/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ut_json_index ut_json_index;

typedef enum ut_json_verdict {
    UT_JSON_INDEXED,
    UT_JSON_EMPTY,    /* nothing but white space */
    UT_JSON_UNCLOSED, /* a string without its closing quote */
    UT_JSON_CONTROL,  /* a byte below 0x20 inside a string */
    UT_JSON_UTF8,     /* not UTF-8 */
    UT_JSON_NOMEM,
    UT_JSON_BROKEN, /* simdjson refused for a reason of its own */
} ut_json_verdict;

/* UT_NOMEM when memory ends, UT_UNSUPPORTED when the environment forces simdjson to instructions this processor lacks.
 * Release with ut_json__index_close (NULL and twice are fine). */
UT_MUST_CHECK ut_status ut_json__index_open(ut_json_index **ret);
void ut_json__index_close(ut_json_index **index);
/* Where each token of text[0, len) begins, ascending. *ret_starts is the index's own and lives until its next run; the
 * text need not be padded. Both outputs are set for UT_JSON_INDEXED only. */
ut_json_verdict ut_json__index_run(ut_json_index *index, const uint32_t **ret_starts, uint32_t *ret_count,
                                   const char *text, size_t len);

#ifdef __cplusplus
}
#endif
#endif
