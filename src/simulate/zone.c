/* simulate/zone.c — the eight time zones people live in, with their summer time and public holidays.
 *
 * Written out instead of asking the system's zone data, so that the same seed gives the same bytes on a machine with
 * older data. The rules are those in force since 2007 (US) and 1996 (EU); a simulated past before that follows them
 * too.
 */
#include "simulate/simulate_int.h"

const ut_sim_zone ut_sim_zones[SIM_ZONES] = {
    {"Europe/Berlin", "DE", 60, DST_EU, {"CET", "CEST"}},
    {"Europe/London", "GB", 0, DST_EU, {"GMT", "BST"}},
    {"Europe/Madrid", "ES", 60, DST_EU, {"CET", "CEST"}},
    {"America/New_York", "US", -300, DST_US, {"EST", "EDT"}},
    {"America/Chicago", "US", -360, DST_US, {"CST", "CDT"}},
    {"America/Los_Angeles", "US", -480, DST_US, {"PST", "PDT"}},
    {"Asia/Kolkata", "IN", 330, DST_NONE, {"IST", "IST"}},
    {"Asia/Singapore", "SG", 480, DST_NONE, {"+08", "+08"}},
};

/* The nth (1..) weekday of a month, or the last one for n = 5. */
static int64_t nth_weekday(int64_t year, int month, int weekday, int n)
{
    if (n < 5) {
        int64_t first = ut_time_days_of(year, month, 1);
        return first + (weekday - ut_time_weekday(first) + 7) % 7 + 7 * (n - 1);
    }
    int64_t last = (month == 12 ? ut_time_days_of(year + 1, 1, 1) : ut_time_days_of(year, month + 1, 1)) - 1;
    return last - (ut_time_weekday(last) - weekday + 7) % 7;
}

static bool in_summer(const ut_sim_zone *zone, int64_t at_us)
{
    int64_t days = at_us / UT_DAY_US - (at_us % UT_DAY_US < 0);
    int64_t year;
    int month, day;
    ut_time_civil_of(days, &year, &month, &day);
    if (zone->dst == DST_EU) {
        return at_us >= nth_weekday(year, 3, 6, 5) * UT_DAY_US + UT_HOUR_US &&
               at_us < nth_weekday(year, 10, 6, 5) * UT_DAY_US + UT_HOUR_US;
    }
    if (zone->dst == DST_US) {
        /* 2:00 local: standard time before spring, summer time before autumn. */
        int64_t spring = nth_weekday(year, 3, 6, 2) * UT_DAY_US + (120 - zone->offset_min) * UT_MINUTE_US;
        int64_t autumn = nth_weekday(year, 11, 6, 1) * UT_DAY_US + (60 - zone->offset_min) * UT_MINUTE_US;
        return at_us >= spring && at_us < autumn;
    }
    return false;
}

int ut_sim__zone_offset_min(int zone, int64_t at_us)
{
    const ut_sim_zone *z = &ut_sim_zones[zone];
    return z->offset_min + (in_summer(z, at_us) ? 60 : 0);
}

int64_t ut_sim__zone_to_utc(int zone, int64_t day, int64_t minute)
{
    int64_t local = day * UT_DAY_US + minute * UT_MINUTE_US;
    int64_t guess = local - ut_sim_zones[zone].offset_min * UT_MINUTE_US;
    int64_t better = local - ut_sim__zone_offset_min(zone, guess) * UT_MINUTE_US;
    return local - ut_sim__zone_offset_min(zone, better) * UT_MINUTE_US;
}

/* Easter Sunday by the anonymous Gregorian algorithm (Meeus, Jones, Butcher). */
static int64_t easter(int64_t y)
{
    int64_t a = y % 19, b = y / 100, c = y % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    int64_t h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
    int64_t m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;
    return ut_time_days_of(y, (int)(n / 31), (int)(n % 31) + 1);
}

typedef struct fixed_holiday {
    const char *countries;
    int month, day;
} fixed_holiday;

static const fixed_holiday fixed_holidays[] = {
    {"DE GB ES US SG", 1, 1}, {"ES DE", 1, 6},  {"IN", 1, 26},  {"DE ES SG", 5, 1}, {"US", 7, 4},
    {"SG", 8, 9},             {"IN ES", 8, 15}, {"IN", 10, 2},  {"DE", 10, 3},      {"ES", 10, 12},
    {"ES", 12, 8},            {"DE GB ES US SG IN", 12, 25},    {"DE GB", 12, 26},
};

typedef struct weekday_holiday {
    const char *country;
    int month, weekday, n;
} weekday_holiday;

static const weekday_holiday weekday_holidays[] = {
    {"US", 1, 0, 3}, {"US", 2, 0, 3},  {"US", 5, 0, 5}, {"US", 9, 0, 1},
    {"US", 11, 3, 4}, {"GB", 5, 0, 1}, {"GB", 5, 0, 5}, {"GB", 8, 0, 5},
};

bool ut_sim__zone_holiday(int zone, int64_t days)
{
    ut_str country = ut_str_of(ut_sim_zones[zone].country);
    int64_t year;
    int month, day;
    ut_time_civil_of(days, &year, &month, &day);
    for (size_t i = 0; i < sizeof fixed_holidays / sizeof *fixed_holidays; i++) {
        if (fixed_holidays[i].month == month && fixed_holidays[i].day == day &&
            ut_str_has(ut_str_of(fixed_holidays[i].countries), country)) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof weekday_holidays / sizeof *weekday_holidays; i++) {
        const weekday_holiday *h = &weekday_holidays[i];
        if (ut_str_eq(ut_str_of(h->country), country) && days == nth_weekday(year, h->month, h->weekday, h->n)) {
            return true;
        }
    }
    int64_t sunday = easter(year);
    bool friday = days == sunday - 2 && !ut_str_eq(country, UT_STR("US"));
    bool monday = days == sunday + 1 && (ut_str_eq(country, UT_STR("DE")) || ut_str_eq(country, UT_STR("GB")));
    return friday || monday;
}

static void put_offset(ut_buf *to, const char *name, int minutes)
{
    int size = minutes < 0 ? -minutes : minutes;
    ut_buf_format(to, "%s:%c%02d%02d\r\n", name, minutes < 0 ? '-' : '+', size / 60, size % 60);
}

static void put_half(ut_buf *to, const ut_sim_zone *z, bool summer)
{
    const char *part = summer ? "DAYLIGHT" : "STANDARD";
    ut_buf_format(to, "BEGIN:%s\r\nTZNAME:%s\r\n", part, z->abbreviations[summer]);
    put_offset(to, "TZOFFSETFROM", z->offset_min + (summer || z->dst == DST_NONE ? 0 : 60));
    put_offset(to, "TZOFFSETTO", z->offset_min + (summer ? 60 : 0));
    if (z->dst == DST_NONE) {
        ut_buf_puts(to, "DTSTART:19700101T000000\r\n");
    } else if (z->dst == DST_US) {
        ut_buf_puts(to, summer ? "DTSTART:20070311T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n"
                               : "DTSTART:20071104T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\n");
    } else {
        /* The EU changes at 01:00 UTC everywhere, so the local hour differs: 1 or 2 in London, 2 or 3 in Berlin. */
        int hour = 1 + z->offset_min / 60 + (summer ? 0 : 1);
        ut_buf_format(to, summer ? "DTSTART:19960331T%02d0000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"
                                 : "DTSTART:19961027T%02d0000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n", hour);
    }
    ut_buf_format(to, "END:%s\r\n", part);
}

void ut_sim__zone_vtimezone(ut_buf *to, int zone)
{
    const ut_sim_zone *z = &ut_sim_zones[zone];
    ut_buf_format(to, "BEGIN:VTIMEZONE\r\nTZID:%s\r\n", z->name);
    put_half(to, z, false);
    if (z->dst != DST_NONE) {
        put_half(to, z, true);
    }
    ut_buf_puts(to, "END:VTIMEZONE\r\n");
}
