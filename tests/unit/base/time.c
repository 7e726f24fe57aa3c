#include "harness/test.h"

UT_TEST(base_time, civil_dates_round_trip_over_twelve_thousand_years)
{
    for (int64_t day = -800000; day < 3600000; day += 17) {
        int64_t year;
        int month, mday;
        ut_time_civil_of(day, &year, &month, &mday);
        if (ut_time_days_of(year, month, mday) != day) {
            ut_test_fail(t, __FILE__, __LINE__, "day %lld", (long long)day);
            return;
        }
    }
    UT_EXPECT_I64(ut_time_weekday(0), 3); /* 1970-01-01 was a Thursday */
}

UT_TEST(base_time, reads_rfc3339_and_refuses_the_rest)
{
    int64_t us;
    char out[32];
    UT_EXPECT(ut_time_parse(UT_STR("2026-01-05T10:00:00+01:00"), &us));
    (void)ut_time_format(out, us);
    UT_EXPECT_STR(ut_str_of(out), "2026-01-05T09:00:00Z");
    UT_EXPECT(ut_time_parse(UT_STR("2024-02-29"), &us));
    UT_EXPECT(ut_time_parse(UT_STR("1969-12-31T23:59:59.9999999Z"), &us) && us == -1);
    UT_EXPECT(ut_time_parse(UT_STR("2026-03-29T12:34:56.789+0200"), &us));
    static const char *const bad[] = {"", "2026", "2023-02-29", "2026-13-01", "2026-01-05T25:00:00Z", "0000-01-01",
                                      "2026-01-05T10:00:00+1", "2026-01-05T10:00:00Zx", "2026-01-05 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        UT_EXPECT(!ut_time_parse(ut_str_of(bad[i]), &us));
    }
}

UT_TEST(base_time, slack_stamps_keep_their_microseconds)
{
    int64_t us;
    UT_EXPECT(ut_time_parse_epoch(UT_STR("1712345678.123456"), &us) && us == 1712345678123456);
    UT_EXPECT(ut_time_parse_epoch(UT_STR("1712345678"), &us) && us == 1712345678000000);
    UT_EXPECT(!ut_time_parse_epoch(UT_STR("12.5x"), &us) && !ut_time_parse_epoch(UT_STR("-1"), &us));
}
