/* codec/json.h — reading JSON: one document becomes a flat array of nodes that borrow from the text.
 *
 *     ut_json *json = NULL;
 *     const ut_json_node *root;
 *     if (ut_json_open(&json, &err) == UT_OK && ut_json_parse(json, &root, line, &err) == UT_OK) {
 *         ut_str text = ut_json_str(root, "text");             // {NULL,0} when absent or not a string
 *         for (const ut_json_node *r = ut_json_first(ut_json_get(root, "reactions")); r; r = ut_json_next(r)) { … }
 *     }
 *     ut_json_close(&json);
 *
 * Writing JSON is base/buf.h (ut_buf_json_str, ut_buf_json_num). Numbers keep their text, so ids above 2^53 stay exact.
 * Depth and number of values are capped (base/limits.h). A reader serves one thread; nodes live until its next parse,
 * and borrow from the text given, which must live as long.
 */
#ifndef UT_CODEC_JSON_H
#define UT_CODEC_JSON_H

#include "base/base.h"

typedef enum ut_json_type {
    UT_JSON_NULL,
    UT_JSON_FALSE,
    UT_JSON_TRUE,
    UT_JSON_NUMBER,
    UT_JSON_STRING,
    UT_JSON_ARRAY,
    UT_JSON_OBJECT,
} ut_json_type;

typedef struct ut_json_node {
    ut_json_type type;
    uint32_t count; /* children of an array or object */
    uint32_t next;  /* distance to the next sibling in nodes, 0 for the last one */
    ut_str key;     /* unescaped member name; empty in arrays and for the root */
    ut_str text;    /* STRING: unescaped UTF-8; NUMBER: as written; else empty */
    ut_str raw;     /* the value exactly as it stands in the input */
} ut_json_node;

typedef struct ut_json ut_json;

UT_MUST_CHECK ut_status ut_json_open(ut_json **ret, ut_err *err);
void ut_json_close(ut_json **json);
/* Parses exactly one document. UT_INVALID with err->byte when it is not JSON; UT_LIMIT when deeper or larger than the
 * caps; UT_NOMEM. Duplicate members: the first one is found by ut_json_get. */
UT_MUST_CHECK ut_status ut_json_parse(ut_json *json, const ut_json_node **ret_root, ut_str text, ut_err *err);

/* All of these accept NULL and answer "nothing". */
const ut_json_node *ut_json_get(const ut_json_node *object, const char *key);
const ut_json_node *ut_json_first(const ut_json_node *container);
const ut_json_node *ut_json_next(const ut_json_node *node);
ut_str ut_json_str(const ut_json_node *object, const char *key);
/* false when absent or not a whole number in range. */
bool ut_json_i64(const ut_json_node *object, const char *key, int64_t *ret);
bool ut_json_f64(const ut_json_node *object, const char *key, double *ret);
/* true only for a member that is `true`. */
bool ut_json_bool(const ut_json_node *object, const char *key);
bool ut_json_is(const ut_json_node *node, ut_json_type type);

#endif
