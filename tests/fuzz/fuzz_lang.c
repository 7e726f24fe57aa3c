/* fuzz_lang — any bytes as a text: a code of two or three letters comes out, the same one each time. */
#include "text/lang.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_str text = {(const char *)data, size};
    ut_lang lang = ut_lang_detect(text), again = ut_lang_detect(text);
    size_t len = strnlen(lang.code, sizeof lang.code);
    UT_ASSERT(len == 2 || len == 3);
    for (size_t i = 0; i < len; i++) {
        UT_ASSERT(lang.code[i] >= 'a' && lang.code[i] <= 'z');
    }
    UT_ASSERT(strcmp(lang.code, again.code) == 0 && lang.sure == again.sure);
    UT_ASSERT(!lang.sure || strcmp(lang.code, "und") != 0);
    return 0;
}
