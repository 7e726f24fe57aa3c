/* fuzz_ndjson — any bytes as generic NDJSON: no crash, and what the reader takes the decoder can read. */
#include "bronze/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct seen {
    ut_json *json;
    ut_arena arena;
    int64_t byte;
} seen;

static ut_status take_record(void *ctx, const ut_record *record, ut_err *err)
{
    seen *s = ctx;
    ut_message message;
    UT_ASSERT(record->id.len && record->source.len && record->author.len && record->byte >= s->byte);
    s->byte = record->byte;
    ut_arena_reset(&s->arena);
    ut_status st = ut_ndjson_decode(s->json, &s->arena, &message, record->payload, err);
    UT_ASSERT(st == UT_NOMEM || !message.unreadable);
    return UT_OK;
}

static ut_status take_reject(void *ctx, const ut_reject *reject, ut_err *err)
{
    (void)ctx, (void)err;
    UT_ASSERT(reject->reason.len > 0 && reject->byte >= 0 && reject->payload.len <= UT_REJECT_BYTES_MAX);
    return UT_OK;
}

static ut_status take_unsupported(void *ctx, ut_str path, ut_str what, ut_err *err)
{
    (void)ctx, (void)path, (void)what, (void)err;
    return UT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    seen s = {0};
    if (ut_json_open(&s.json, NULL) == UT_OK && ut_arena_open(&s.arena, 64 * UT_MIB) == UT_OK) {
        ut_sink sink = {.ctx = &s, .record = take_record, .reject = take_reject, .unsupported = take_unsupported};
        ut_stream_memory memory;
        ut_stream stream = ut_stream_of_memory(&memory, (ut_str){(const char *)data, size});
        UT_ASSERT(ut_ndjson_read(&sink, UT_STR("input"), &stream, NULL) == UT_OK);
    }
    ut_arena_close(&s.arena);
    ut_json_close(&s.json);
    return 0;
}
