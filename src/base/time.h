/* base/time.h — instants as microseconds since 1970-01-01T00:00:00Z, and the civil calendar (proleptic Gregorian).
 * Zones are not handled here: local days are made where the zone is known. Nothing here reads a clock. */
#ifndef UT_BASE_TIME_H
#define UT_BASE_TIME_H

#include "undertone/base.h"

#define UT_SECOND_US ((int64_t)1000000)
#define UT_MINUTE_US (60 * UT_SECOND_US)
#define UT_HOUR_US (60 * UT_MINUTE_US)
#define UT_DAY_US (24 * UT_HOUR_US)

/* Days since 1970-01-01 of a civil date, and back (Hinnant, "chrono-compatible low-level date algorithms"). */
int64_t ut_time_days_of(int64_t year, int month, int day);
void ut_time_civil_of(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);
/* 0 = Monday … 6 = Sunday. */
int ut_time_weekday(int64_t days);
/* RFC 3339 / ISO 8601 date-time with zone ("Z", "+01:00", "+0100", none = UTC) or a bare date; false when malformed or
 * outside the years 1..9999. Fractions beyond microseconds are cut. */
bool ut_time_parse(ut_str text, int64_t *ret_us);
/* Decimal seconds since the epoch with up to six digits after the point, as Slack's ts: no double in between. */
bool ut_time_parse_epoch(ut_str text, int64_t *ret_us);
/* "2026-01-05T10:00:00Z", with ".123456" only when there are microseconds; needs 32 bytes, returns the length. */
size_t ut_time_format(char out[32], int64_t at_us);

#endif
