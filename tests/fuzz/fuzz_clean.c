/* fuzz_clean — any bytes as a message: it ends, what stays is UTF-8, and every piece maps back into the input. The
 * lowest bit of the size chooses mail or chat, so that one corpus serves both. */
#include "text/clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const ut_clean *clean, ut_str text)
{
    UT_ASSERT(ut_str_utf8_valid(clean->text) == clean->text.len);
    uint32_t clean_at = 0, original_at = 0;
    for (size_t i = 0; i < clean->piece_count; i++) {
        const ut_clean_piece *p = &clean->pieces[i];
        UT_ASSERT(p->len && p->clean_at >= clean_at && p->original_at >= original_at);
        UT_ASSERT(p->clean_at + p->len <= clean->text.len && p->original_at + p->original_len <= text.len);
        for (; clean_at < p->clean_at; clean_at++) {
            UT_ASSERT(clean->text.ptr[clean_at] == '\n');
        }
        clean_at = p->clean_at + p->len;
        original_at = p->original_at + p->original_len;
        UT_ASSERT(ut_clean_original(clean, p->clean_at) == p->original_at);
    }
    UT_ASSERT(clean_at == clean->text.len);
    size_t stripped = 0;
    for (int k = 0; k < UT_STRIPS; k++) {
        stripped += clean->stripped[k];
    }
    UT_ASSERT(stripped <= text.len && clean->words <= text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_arena keep, scratch;
    ut_str text = {(const char *)data, size};
    if (ut_arena_open(&keep, 8 * UT_MIB) != UT_OK || ut_arena_open(&scratch, 16 * UT_MIB) != UT_OK) {
        return 0;
    }
    ut_clean clean;
    UT_ASSERT(ut_text_clean(&keep, &clean, scratch, text, size & 1 ? UT_CLEAN_MAIL : UT_CLEAN_CHAT) == UT_OK);
    check(&clean, text);
    ut_arena_close(&keep);
    ut_arena_close(&scratch);
    return 0;
}
