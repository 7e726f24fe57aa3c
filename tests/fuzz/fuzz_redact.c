/* fuzz_redact — any bytes as a mail or chat record that a person is taken out of: no crash; a mail or record in which
 * nothing is theirs stays as it was; and what was done once is not undone or done again. First byte: the format. */
#include "rights/redact_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ut_redact *make(ut_err *err)
{
    ut_redact *redact = NULL;
    if (ut_redact_open(&redact, err) != UT_OK) {
        return NULL;
    }
    ut_redact_handle(redact, UT_STR("mail:a@b.c"));
    ut_redact_handle(redact, UT_STR("slack:U024ABC"));
    ut_redact_name(redact, UT_STR("Ann Lee"));
    ut_redact_said(redact, UT_STR("one two three four\nfive"));
    if (ut_redact_ready(redact, err) != UT_OK) {
        ut_redact_close(&redact);
    }
    return redact;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ut_redact *redact;
    ut_err err = {0};
    ut_redact_kit kit = {0};
    bool changed = false;
    redact = redact ? redact : make(&err);
    if (!redact || size == 0 || ut_redact_kit_open(&kit, &err) != UT_OK) {
        ut_redact_kit_close(&kit);
        return 0;
    }
    ut_format format = (ut_format)(1 + data[0] % 4);
    ut_str payload = {(const char *)data + 1, size - 1};
    ut_status st = ut_redact_payload(redact, &kit, &changed, format, payload, &err);
    UT_ASSERT(st == UT_OK || st == UT_NOMEM || st == UT_LIMIT);
    if (st == UT_OK && payload.len && !changed) {
        UT_ASSERT(ut_str_eq(ut_buf_str(&kit.out), payload));
    }
    /* A plain text keeps its length, and nobody is found in it any more. */
    ut_buf text = ut_buf_make(size + 1);
    ut_buf_put(&text, payload);
    if (!text.failed && text.len) {
        ut_redact_how how = {.html = data[0] & 16, .quoted = data[0] & 32, .theirs = data[0] & 64,
                             .latin1 = data[0] & 128};
        (void)ut_redact__text(redact, text.ptr, text.len, how);
        UT_ASSERT(text.len == payload.len && !ut_redact_hits(redact, ut_buf_str(&text)));
    }
    ut_buf_free(&text);
    ut_redact_kit_close(&kit);
    return 0;
}
