/* fuzz_json_array — any bytes as a file of JSON elements: it ends, elements come in order, each is a document. */
#include "codec/json_array.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct seen {
    int64_t byte;
    ut_json *json; /* a second reader: the first one's nodes are at work */
} seen;

static ut_status look(void *ctx, const ut_json_element *e, bool *ret_taken, ut_err *err)
{
    seen *s = ctx;
    UT_ASSERT(e->byte >= s->byte && !e->node == !!e->wrong);
    s->byte = e->byte;
    if (e->node) {
        const ut_json_node *again = NULL;
        UT_ASSERT(e->byte > 0 && ut_json_parse(s->json, &again, e->raw, err) == UT_OK);
        *ret_taken = ut_json_get(e->node, "ts") != NULL;
    }
    return UT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    seen s = {0};
    ut_json *json = NULL;
    ut_err err = {0};
    if (ut_json_open(&json, NULL) == UT_OK && ut_json_open(&s.json, NULL) == UT_OK) {
        ut_stream_memory memory;
        ut_stream stream = ut_stream_of_memory(&memory, (ut_str){(const char *)data, size});
        UT_ASSERT(ut_json_array_read(json, &stream, look, &s, &err) == UT_OK);
    }
    ut_json_close(&json);
    ut_json_close(&s.json);
    return 0;
}
