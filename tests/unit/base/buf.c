#include "harness/test.h"

#include <math.h>

UT_TEST(base_buf, stops_at_its_cap_and_says_so_once)
{
    ut_buf buf = ut_buf_make(300);
    for (int i = 0; i < 100; i++) {
        ut_buf_puts(&buf, "1234567");
    }
    UT_EXPECT_I64(buf.failed, UT_LIMIT);
    UT_EXPECT(buf.len <= 300);
    ut_buf_free(&buf);
}

UT_TEST(base_buf, json_strings_escape_and_mend)
{
    ut_buf buf = ut_buf_make(1000);
    ut_buf_json_str(&buf, UT_STR("a\"b\\\n\x01\xC3\xA4\xFF"));
    UT_EXPECT_STR(ut_buf_str(&buf), "\"a\\\"b\\\\\\n\\u0001\xC3\xA4\xEF\xBF\xBD\"");
    ut_buf_free(&buf);
}

UT_TEST(base_buf, json_numbers_are_short_and_exact)
{
    static const struct {
        double value;
        int decimals;
        const char *want;
    } cases[] = {
        {0, 3, "0"},        {0.5, 3, "0.5"},    {-0.25, 2, "-0.25"},  {0.0004, 3, "0"},   {-0.0004, 3, "0"},
        {1.9996, 3, "2"},   {12.034, 3, "12.034"}, {1e15, 3, "1000000000000000"}, {NAN, 3, "null"}, {7, 0, "7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ut_buf buf = ut_buf_make(100);
        ut_buf_json_num(&buf, cases[i].value, cases[i].decimals);
        UT_EXPECT_STR(ut_buf_str(&buf), cases[i].want);
        ut_buf_free(&buf);
    }
}

UT_TEST(base_buf, survives_every_failing_allocation)
{
    UT_SWEEP_ALLOC(t) {
        ut_buf buf = ut_buf_make(1 << 20);
        for (int i = 0; i < 2000; i++) {
            ut_buf_puts(&buf, "some text ");
        }
        UT_EXPECT(buf.failed == UT_OK ? buf.len == 20000 : buf.failed == UT_NOMEM);
        ut_buf_free(&buf);
    }
}
