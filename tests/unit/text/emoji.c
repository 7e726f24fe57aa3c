#include "harness/test.h"

#include "text/emoji.h"

#include <stdlib.h>

static ut_str key_of(ut_test *t, ut_str text)
{
    static ut_emoji emoji;
    UT_REQUIRE(ut_emoji_at(text, 0, &emoji));
    UT_EXPECT_I64(emoji.len, text.len);
    return ut_emoji_key(&emoji);
}

UT_TEST(text_emoji, skin_tones_and_selectors_share_the_base_form)
{
    UT_EXPECT_STR(key_of(t, UT_STR("👍")), "👍");
    UT_EXPECT_STR(key_of(t, UT_STR("👍🏻")), "👍");
    UT_EXPECT_STR(key_of(t, UT_STR("👍🏿")), "👍");
    UT_EXPECT_STR(key_of(t, UT_STR("👍\uFE0F")), "👍");
    UT_EXPECT_STR(key_of(t, UT_STR("❤\uFE0F")), "❤");
    UT_EXPECT_STR(key_of(t, UT_STR("❤")), "❤");
}

UT_TEST(text_emoji, joined_gender_is_dropped_and_other_joined_elements_are_kept)
{
    UT_EXPECT_STR(key_of(t, UT_STR("🤷🏽\u200D♀\uFE0F")), "🤷");
    UT_EXPECT_STR(key_of(t, UT_STR("🤷\u200D♂")), "🤷");
    UT_EXPECT_STR(key_of(t, UT_STR("❤\uFE0F\u200D🔥")), "❤\u200D🔥");
    UT_EXPECT_STR(key_of(t, UT_STR("👨\u200D👩\u200D👧\u200D👦")), "👨\u200D👩\u200D👧\u200D👦");
}

UT_TEST(text_emoji, flags_keycaps_and_tagged_flags_are_one_each)
{
    UT_EXPECT_STR(key_of(t, UT_STR("🇩🇪")), "🇩🇪");
    UT_EXPECT_STR(key_of(t, UT_STR("1\uFE0F\u20E3")), "1\u20E3");
    UT_EXPECT_STR(key_of(t, UT_STR("#\u20E3")), "#\u20E3");
    UT_EXPECT_I64(key_of(t, UT_STR("🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F")).len, 28);
}

UT_TEST(text_emoji, signs_that_are_text_by_default_need_the_selector)
{
    ut_emoji emoji;
    UT_EXPECT(!ut_emoji_at(UT_STR("©"), 0, &emoji));
    UT_EXPECT(ut_emoji_at(UT_STR("©\uFE0F"), 0, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR("↔"), 0, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR("☺\uFE0E"), 0, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR("1"), 0, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR("1 "), 0, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR("🇩"), 0, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR("a"), 0, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR(""), 0, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR("👍"), 1, &emoji));
    UT_EXPECT(!ut_emoji_at(UT_STR("\xF0\x9F\x91"), 0, &emoji));
}

UT_TEST(text_emoji, a_chain_longer_than_any_real_one_is_cut_between_elements)
{
    char text[20 * 7 + 1];
    size_t len = 0;
    for (int i = 0; i < 20; i++) {
        memcpy(text + len, "👩\u200D", 7);
        len += 7;
    }
    ut_emoji emoji;
    UT_REQUIRE(ut_emoji_at((ut_str){text, len}, 0, &emoji));
    UT_EXPECT_I64(emoji.len, 8 * 7 - 3);
    UT_EXPECT_I64(emoji.key_len, 8 * 7 - 3);
}

UT_TEST(text_emoji, every_code_point_alone_is_whole_or_nothing)
{
    size_t found = 0;
    for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
        char bytes[4];
        size_t len = ut_str_put_rune(bytes, rune);
        ut_emoji emoji = {0};
        if (ut_emoji_at((ut_str){bytes, len}, 0, &emoji)) {
            found++;
            UT_EXPECT_I64(emoji.len, len);
            UT_EXPECT(rune >= 0x231A);
        }
    }
    UT_EXPECT(found > 1200 && found < 2000);
}

/* "1F44D 1F3FB ; fully-qualified # …" to bytes; false when the line holds no sequence that people type. */
static bool sequence_of(ut_str line, char out[128], size_t *ret_len)
{
    ut_str rest = line;
    ut_str points = ut_str_trim(ut_str_cut(&rest, ';'));
    ut_str kind = ut_str_trim(ut_str_cut(&rest, '#'));
    if (points.len == 0 || points.ptr[0] == '#' || !ut_str_eq(kind, UT_STR("fully-qualified"))) {
        return false;
    }
    *ret_len = 0;
    while (points.len) {
        ut_str hex = ut_str_cut(&points, ' ');
        char digits[16] = {0};
        memcpy(digits, hex.ptr, hex.len < 15 ? hex.len : 15);
        *ret_len += ut_str_put_rune(out + *ret_len, (uint32_t)strtoul(digits, NULL, 16));
    }
    return true;
}

UT_TEST(text_emoji, every_sequence_of_unicodes_own_list_is_exactly_one)
{
    const char *path = ut_test_shared("lexicons/unicode_emoji-test.txt");
    if (!path) {
        UT_SKIP("needs the Unicode emoji list");
    }
    ut_str rest = ut_test_read(t, path);
    ut_str line;
    size_t count = 0;
    while (ut_str_line(&rest, &line)) {
        char bytes[128];
        size_t len;
        if (!sequence_of(line, bytes, &len)) {
            continue;
        }
        count++;
        ut_emoji emoji = {0};
        bool is = ut_emoji_at((ut_str){bytes, len}, 0, &emoji);
        if (!is || emoji.len != len) {
            ut_test_fail(t, __FILE__, __LINE__, "%.*s: found %u of %zu bytes", UT_STR_ARG(line), emoji.len, len);
        }
    }
    UT_EXPECT(count > 2000);
}

static bool shortcode(const char *text, size_t at, const char *want)
{
    ut_str name;
    return ut_emoji_shortcode_at(ut_str_of(text), at, false, &name) && ut_str_eq(name, ut_str_of(want));
}

UT_TEST(text_emoji, shortcodes_are_told_from_times_and_scopes)
{
    UT_EXPECT(shortcode(":smile:", 0, "smile"));
    UT_EXPECT(shortcode("ok :+1:", 3, "+1"));
    UT_EXPECT(shortcode(":100:", 0, "100"));
    UT_EXPECT(shortcode(":stuck_out_tongue-2:", 0, "stuck_out_tongue-2"));
    UT_EXPECT(!shortcode("10:30:15", 2, "30"));
    UT_EXPECT(!shortcode(" :30:", 1, "30"));
    UT_EXPECT(!shortcode("std::vec:", 3, ""));
    UT_EXPECT(!shortcode("a::vec:", 2, "vec"));
    UT_EXPECT(!shortcode("::", 0, ""));
    UT_EXPECT(!shortcode(":smile", 0, "smile"));
    UT_EXPECT(!shortcode(":not a code:", 0, "not a code"));
    ut_str name;
    UT_EXPECT(ut_emoji_shortcode_at(UT_STR(":wave::skin-tone-3:"), 6, true, &name));
    UT_EXPECT(ut_emoji_is_skin_tone_name(name));
    UT_EXPECT(!ut_emoji_is_skin_tone_name(UT_STR("skin-tone-7")));
    UT_EXPECT(!ut_emoji_is_skin_tone_name(UT_STR("skin-tone-")));
}

UT_TEST(text_emoji, a_shortcode_has_at_most_forty_characters)
{
    char text[64];
    for (size_t n = 1; n < 60; n++) {
        text[0] = ':';
        memset(text + 1, 'a', n);
        text[n + 1] = ':';
        ut_str name;
        UT_EXPECT_I64(ut_emoji_shortcode_at((ut_str){text, n + 2}, 0, false, &name), n <= 40);
    }
}
