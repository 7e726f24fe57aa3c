/* Walks any bytes as a scanner would: every emoji and shortcode found must lie inside the text and move it on. */
#include "text/emoji.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_str text = {(const char *)data, size};
    bool after = false;
    size_t at = 0;
    while (at < size) {
        ut_emoji emoji;
        ut_str name;
        size_t step = 1;
        if (ut_emoji_at(text, at, &emoji)) {
            UT_ASSERT(emoji.len > 0 && emoji.len <= size - at && emoji.key_len > 0);
            UT_ASSERT(emoji.key_len <= sizeof emoji.key);
            UT_ASSERT(ut_str_utf8_valid(ut_emoji_key(&emoji)) == emoji.key_len);
            ut_emoji again;
            /* The base form is an emoji too, and its own base form; only signs that need their selector are not. */
            if (ut_emoji_at(ut_emoji_key(&emoji), 0, &again) && again.len == emoji.key_len) {
                UT_ASSERT(ut_str_eq(ut_emoji_key(&again), ut_emoji_key(&emoji)));
            }
            step = emoji.len;
        } else if (ut_emoji_shortcode_at(text, at, after, &name)) {
            UT_ASSERT(name.len > 0 && name.len <= 40 && name.ptr == text.ptr + at + 1);
            UT_ASSERT(name.len + 2 <= size - at);
            (void)ut_emoji_is_skin_tone_name(name);
            step = name.len + 2;
        }
        after = step > 1;
        at += step;
    }
    return 0;
}
