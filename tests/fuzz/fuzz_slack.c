/* fuzz_slack — any bytes as a file of a Slack export, and each record it gives through the decoder. The first byte
 * says which file: 'u' users.json, 'c' channels.json, 'm' one message for the decoder, anything else a day. */
#include "bronze/slack_int.h"
#include "bronze/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct seen {
    ut_json *json;
    ut_arena arena;
} seen;

static void decode(seen *s, ut_str payload, bool from_reader)
{
    ut_message message;
    ut_arena_reset(&s->arena);
    if (ut_slack_decode(s->json, &s->arena, &message, payload, NULL) == UT_OK) {
        UT_ASSERT(!(from_reader && message.unreadable));
        UT_ASSERT(ut_str_utf8_valid(message.text) == message.text.len);
        for (size_t i = 0; i < message.to_count; i++) {
            UT_ASSERT(ut_str_starts(message.to[i], UT_STR("slack:")));
        }
    }
}

static ut_status take_record(void *ctx, const ut_record *record, ut_err *err)
{
    (void)err;
    UT_ASSERT(record->id.len > 0 && record->payload.len > 0 && record->byte >= 0);
    decode(ctx, record->payload, true);
    return UT_OK;
}

static ut_status take_reject(void *ctx, const ut_reject *reject, ut_err *err)
{
    (void)ctx, (void)err;
    UT_ASSERT(reject->reason.len > 0 && reject->byte >= 0 && reject->payload.len <= UT_REJECT_BYTES_MAX);
    return UT_OK;
}

static ut_status take_person(void *ctx, const ut_person_hint *hint, ut_err *err)
{
    (void)ctx, (void)err;
    UT_ASSERT(ut_str_starts(hint->handle, UT_STR("slack:")));
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
    if (size == 0 || ut_json_open(&s.json, NULL) != UT_OK) {
        return 0;
    }
    if (ut_arena_open(&s.arena, 64 * UT_MIB) == UT_OK) {
        ut_str content = {(const char *)data + 1, size - 1};
        ut_sink sink = {.ctx = &s, .record = take_record, .reject = take_reject, .person = take_person,
                        .unsupported = take_unsupported};
        ut_stream_memory memory;
        ut_stream stream = ut_stream_of_memory(&memory, content);
        ut_err err = {0};
        const char *name = data[0] == 'u' ? "users.json" : data[0] == 'c' ? "channels.json" : "general/2024-01-02.json";
        if (data[0] == 'm') {
            decode(&s, content, false);
        } else {
            UT_ASSERT(ut_slack__read_file(&sink, ut_str_of(name), &stream, &err) == UT_OK);
        }
    }
    ut_arena_close(&s.arena);
    ut_json_close(&s.json);
    return 0;
}
