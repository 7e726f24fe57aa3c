/* The dates of mail, in the forms programs really write. */
#include "codec/mail_date.h"

#include "harness/test.h"

static int64_t at(int64_t year, int month, int day, int hour, int minute, int second)
{
    return ut_time_days_of(year, month, day) * UT_DAY_US + (hour * 3600 + minute * 60 + second) * UT_SECOND_US;
}

UT_TEST(codec_mail_date, reads_every_form)
{
    static const struct {
        const char *text;
        int64_t year;
        int month, day, hour, minute, second;
    } cases[] = {
        {"Mon, 5 Jan 2026 10:00:00 +0100", 2026, 1, 5, 9, 0, 0},
        {"5 Jan 2026 10:00 +0100", 2026, 1, 5, 9, 0, 0},
        {"Mon, 05 Jan 2026 10:00:00 -0000", 2026, 1, 5, 10, 0, 0},
        {"Mon, 5 Jan 2026 10:00:00 GMT", 2026, 1, 5, 10, 0, 0},
        {"Mon, 5 Jan 2026 10:00:00 EST", 2026, 1, 5, 15, 0, 0},
        {"Mon, 5 Jan 2026 10:00:00 PDT", 2026, 1, 5, 17, 0, 0},
        {"Mon, 5 Jan 2026 10:00:00 +0100 (CET)", 2026, 1, 5, 9, 0, 0},
        {"Mon, 5 Jan 2026 10:00:00 +0100 (Central (European) Time)", 2026, 1, 5, 9, 0, 0},
        {"Mon, (five) 5 Jan 2026 10:00:00 +01:30", 2026, 1, 5, 8, 30, 0},
        {"Mon, 5 Jan 98 10:00:00 +0000", 1998, 1, 5, 10, 0, 0},
        {"Mon, 5 Jan 49 10:00:00 +0000", 2049, 1, 5, 10, 0, 0},
        {"Mon, 5 Jan 50 10:00:00 +0000", 1950, 1, 5, 10, 0, 0},
        {"Mon, 5 Jan 105 10:00:00 +0000", 2005, 1, 5, 10, 0, 0},
        {"Mon Jan  5 10:00:00 2026", 2026, 1, 5, 10, 0, 0},
        {"Mon Jan  5 10:00:00 CET 2026", 2026, 1, 5, 9, 0, 0},
        {"Mon Jan  5 10:00:00 +0100 2026", 2026, 1, 5, 9, 0, 0},
        {"05-Jan-2026 10:00:00 +0100", 2026, 1, 5, 9, 0, 0},
        {"5 January 2026 10:00:00 PM", 2026, 1, 5, 22, 0, 0},
        {"5 January 2026 12:10:00 AM", 2026, 1, 5, 0, 10, 0},
        {"2026-01-05T10:00:00Z", 2026, 1, 5, 10, 0, 0},
        {"2026-01-05 10:00:00 +0100", 2026, 1, 5, 9, 0, 0},
        {"Mon, 5 Jan 2026 10:00:00 GMT+0100", 2026, 1, 5, 9, 0, 0},
        {"Mon, 5 Jan 2026 10:00:00 +9900", 2026, 1, 5, 10, 0, 0},
        {"Thu, 29 Feb 2024 23:59:60 +0000", 2024, 2, 29, 23, 59, 59},
        {"mon, 5 jan 2026\r\n 10:00:00 +0100", 2026, 1, 5, 9, 0, 0},
        {"Mon, 5 Jan 2026 10 (o): 00 : 00 -0600", 2026, 1, 5, 16, 0, 0},
        {"Mon, 5 Jan 2026 10:00:00 nonsense", 2026, 1, 5, 10, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = -1;
        if (!ut_mail_date_parse(ut_str_of(cases[i].text), &got)) {
            ut_test_fail(t, __FILE__, __LINE__, "not read: %s", cases[i].text);
            continue;
        }
        int64_t want = at(cases[i].year, cases[i].month, cases[i].day, cases[i].hour, cases[i].minute, cases[i].second);
        if (got != want) {
            ut_test_fail(t, __FILE__, __LINE__, "%s is off by %lld s", cases[i].text,
                         (long long)((got - want) / UT_SECOND_US));
        }
    }
}

UT_TEST(codec_mail_date, refuses_what_is_no_date)
{
    static const char *const cases[] = {
        "",
        " ",
        "yesterday",
        "Mon, 5 Jan 2026",
        "10:00:00",
        "5 Jan 10:00:00",
        "Mon, 30 Feb 2026 10:00:00 +0000",
        "Mon, 5 Jan 2026 25:00:00 +0000",
        "Mon, 5 Jan 2026 10:61:00 +0000",
        "Mon, 0 Jan 2026 10:00:00 +0000",
        "Mon, 32 Jan 2026 10:00:00 +0000",
        "Pn, 29 paX 2007 21:13:00 +0100",
        "5 Jan 0026 10:00:00",
        "29 Feb 2025 10:00:00",
        "((((((",
        ")",
        "+",
        "-",
        ":",
        "99999999999999999999",
        "5 5 Jan 2026 2026 10:00",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = 77;
        if (ut_mail_date_parse(ut_str_of(cases[i]), &got)) {
            ut_test_fail(t, __FILE__, __LINE__, "taken for a date: %s", cases[i]);
        }
        UT_EXPECT_I64(got, 77);
    }
}

UT_TEST(codec_mail_date, strict_takes_no_strange_word)
{
    int64_t got;
    UT_EXPECT(ut_mail_date_strict(UT_STR("Mon Jan  5 10:00:00 2026"), &got));
    UT_EXPECT(!ut_mail_date_strict(UT_STR("Mon Jan  5 10:00:00 2026 we met"), &got));
}
