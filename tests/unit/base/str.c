#include "harness/test.h"

UT_TEST(base_str, cuts_and_lines)
{
    ut_str rest = UT_STR("a;b;;c");
    UT_EXPECT_STR(ut_str_cut(&rest, ';'), "a");
    UT_EXPECT_STR(ut_str_cut(&rest, ';'), "b");
    UT_EXPECT_STR(ut_str_cut(&rest, ';'), "");
    UT_EXPECT_STR(ut_str_cut(&rest, ';'), "c");
    UT_EXPECT_I64(rest.len, 0);
    ut_str text = UT_STR("one\r\n\ntwo");
    ut_str line;
    UT_EXPECT(ut_str_line(&text, &line) && ut_str_eq(line, UT_STR("one")));
    UT_EXPECT(ut_str_line(&text, &line) && line.len == 0);
    UT_EXPECT(ut_str_line(&text, &line) && ut_str_eq(line, UT_STR("two")));
    UT_EXPECT(!ut_str_line(&text, &line));
}

UT_TEST(base_str, numbers_are_whole_and_in_range)
{
    int64_t n = 5;
    UT_EXPECT(ut_str_to_i64(UT_STR("-9223372036854775808"), &n) && n == INT64_MIN);
    UT_EXPECT(ut_str_to_i64(UT_STR("9223372036854775807"), &n) && n == INT64_MAX);
    UT_EXPECT(!ut_str_to_i64(UT_STR("9223372036854775808"), &n));
    UT_EXPECT(!ut_str_to_i64(UT_STR(""), &n) && !ut_str_to_i64(UT_STR("-"), &n) && !ut_str_to_i64(UT_STR("1 "), &n));
    double f;
    UT_EXPECT(ut_str_to_f64(UT_STR("-0.25"), &f) && f == -0.25);
    UT_EXPECT(!ut_str_to_f64(UT_STR("1e999"), &f) && !ut_str_to_f64(UT_STR("1x"), &f));
}

UT_TEST(base_str, utf8_round_trips_every_code_point)
{
    for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
        char out[4];
        size_t len = ut_str_put_rune(out, rune);
        size_t at = 0;
        uint32_t want = rune >= 0xD800 && rune <= 0xDFFF ? 0xFFFD : rune;
        if (ut_str_next_rune((ut_str){out, len}, &at) != want || at != len ||
            ut_str_utf8_valid((ut_str){out, len}) != len) {
            ut_test_fail(t, __FILE__, __LINE__, "U+%04X", rune);
            return;
        }
    }
    UT_EXPECT_I64(ut_str_utf8_valid(UT_STR("abcdefgh\xED\xA0\x80")), 8); /* a surrogate */
    UT_EXPECT_I64(ut_str_utf8_valid(UT_STR("\xC0\xAF")), 0);             /* overlong */
    UT_EXPECT_I64(ut_str_utf8_valid(UT_STR("ab\xF0\x9F\x98")), 2);       /* cut short */
}
