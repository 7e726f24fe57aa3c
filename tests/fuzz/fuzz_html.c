/* fuzz_html — any bytes as a page: UTF-8 in gives UTF-8 out, in whole lines, and not much more than came in. */
#include "codec/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_str html = {(const char *)data, size};
    ut_buf text = ut_buf_make(4 * UT_MIB);
    ut_status st = ut_html_to_text(&text, html, NULL);
    UT_ASSERT(st == UT_OK || st == UT_LIMIT || st == UT_NOMEM);
    if (st == UT_OK) {
        UT_ASSERT(text.len == 0 || text.ptr[text.len - 1] == '\n');
        UT_ASSERT(ut_str_utf8_valid(html) != size || ut_str_utf8_valid(ut_buf_str(&text)) == text.len);
    }
    ut_buf_free(&text);
    return 0;
}
