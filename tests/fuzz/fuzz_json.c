/* fuzz_json — any bytes through codec/json: no crash, and every span of a document it takes lies in the text. */
#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_node(const ut_json_node *node, ut_str text)
{
    UT_ASSERT(node->raw.len > 0 && node->raw.ptr >= text.ptr && node->raw.ptr + node->raw.len <= text.ptr + text.len);
    UT_ASSERT(ut_str_utf8_valid(node->text) == node->text.len && ut_str_utf8_valid(node->key) == node->key.len);
    uint32_t children = 0;
    for (const ut_json_node *child = ut_json_first(node); child; child = ut_json_next(child)) {
        children++;
        check_node(child, text); /* at most UT_JSON_DEPTH_MAX deep */
    }
    UT_ASSERT(children == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_json *json = NULL;
    const ut_json_node *root = NULL;
    ut_err err = {0};
    ut_str text = {(const char *)data, size};
    if (ut_json_open(&json, NULL) == UT_OK) {
        if (ut_json_parse(json, &root, text, &err) == UT_OK) {
            check_node(root, text);
            UT_ASSERT(ut_json_parse(json, &root, root->raw, NULL) == UT_OK); /* a raw span is a document again */
        } else {
            UT_ASSERT(err.byte >= 0 && (size_t)err.byte <= size && err.line > 0 && err.message[0]);
        }
    }
    ut_json_close(&json);
    return 0;
}
