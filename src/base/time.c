/* base/time.c — civil dates and RFC 3339. */
#include "base/time.h"
#include "base/str.h"

#include <stdio.h>

int64_t ut_time_days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void ut_time_civil_of(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *ret_year = yoe + era * 400 + (*ret_month <= 2);
}

int ut_time_weekday(int64_t days)
{
    int64_t day = (days + 3) % 7;
    return (int)(day < 0 ? day + 7 : day);
}

/* Reads exactly `n` digits at *at. */
static bool digits(ut_str s, size_t *at, int n, int *ret)
{
    if (*at + (size_t)n > s.len) {
        return false;
    }
    int value = 0;
    for (int i = 0; i < n; i++) {
        char c = s.ptr[*at + (size_t)i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *at += (size_t)n;
    *ret = value;
    return true;
}

static bool skip(ut_str s, size_t *at, char c)
{
    if (*at < s.len && s.ptr[*at] == c) {
        *at += 1;
        return true;
    }
    return false;
}

/* Up to six digits of a fraction as microseconds; further digits are read and dropped. */
static int64_t fraction(ut_str s, size_t *at)
{
    int64_t value = 0;
    int64_t unit = 100000;
    while (*at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9') {
        value += (s.ptr[*at] - '0') * unit;
        unit /= 10;
        *at += 1;
    }
    return value;
}

/* "Z", "+hh:mm", "+hhmm", "+hh" or nothing (UTC). */
static bool zone(ut_str s, size_t *at, int64_t *ret_us)
{
    if (*at == s.len) {
        *ret_us = 0;
        return true;
    }
    if (skip(s, at, 'Z') || skip(s, at, 'z')) {
        *ret_us = 0;
        return true;
    }
    int sign = skip(s, at, '+') ? 1 : skip(s, at, '-') ? -1 : 0;
    int hours = 0;
    int minutes = 0;
    if (sign == 0 || !digits(s, at, 2, &hours)) {
        return false;
    }
    bool colon = skip(s, at, ':');
    if ((colon || *at < s.len) && !digits(s, at, 2, &minutes)) {
        return false;
    }
    if (hours > 23 || minutes > 59) {
        return false;
    }
    *ret_us = sign * (hours * UT_HOUR_US + minutes * UT_MINUTE_US);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool parse_date(ut_str s, size_t *at, int64_t *ret_us)
{
    int year, month, day;
    if (!digits(s, at, 4, &year) || !skip(s, at, '-') || !digits(s, at, 2, &month) || !skip(s, at, '-') ||
        !digits(s, at, 2, &day)) {
        return false;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return false;
    }
    *ret_us = ut_time_days_of(year, month, day) * UT_DAY_US;
    return true;
}

bool ut_time_parse(ut_str text, int64_t *ret_us)
{
    size_t at = 0;
    int64_t us;
    if (!parse_date(text, &at, &us)) {
        return false;
    }
    if (at == text.len) {
        *ret_us = us;
        return true;
    }
    if (!skip(text, &at, 'T') && !skip(text, &at, ' ') && !skip(text, &at, 't')) {
        return false;
    }
    int hour, minute, second = 0;
    if (!digits(text, &at, 2, &hour) || !skip(text, &at, ':') || !digits(text, &at, 2, &minute)) {
        return false;
    }
    if (skip(text, &at, ':') && !digits(text, &at, 2, &second)) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    us += hour * UT_HOUR_US + minute * UT_MINUTE_US + second * UT_SECOND_US;
    if (skip(text, &at, '.')) {
        us += fraction(text, &at);
    }
    int64_t offset;
    if (!zone(text, &at, &offset) || at != text.len) {
        return false;
    }
    *ret_us = us - offset;
    return true;
}

bool ut_time_parse_epoch(ut_str text, int64_t *ret_us)
{
    size_t dot = ut_str_find_byte(text, '.', 0);
    int64_t seconds;
    if (!ut_str_to_i64(ut_str_slice(text, 0, dot), &seconds) || seconds < 0 || seconds > 253402300799) {
        return false;
    }
    int64_t us = 0;
    if (dot != UT_NPOS) {
        size_t at = dot + 1;
        us = fraction(text, &at);
        if (at != text.len) {
            return false;
        }
    }
    *ret_us = seconds * UT_SECOND_US + us;
    return true;
}

size_t ut_time_format(char out[32], int64_t at_us)
{
    int64_t days = at_us / UT_DAY_US - (at_us % UT_DAY_US < 0);
    int64_t rest = at_us - days * UT_DAY_US;
    int64_t year;
    int month, day;
    ut_time_civil_of(days, &year, &month, &day);
    int64_t second = rest / UT_SECOND_US;
    int len = snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d", (int)(year % 100000), month, day, (int)(second / 3600),
                       (int)(second / 60 % 60), (int)(second % 60));
    int64_t us = rest % UT_SECOND_US;
    if (us) {
        len += snprintf(out + len, (size_t)(32 - len), ".%06d", (int)us);
    }
    out[len++] = 'Z';
    out[len] = '\0';
    return (size_t)len;
}
