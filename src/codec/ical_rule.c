/* codec/ical_rule.c — one RRULE: read by libical, walked by us.
 *
 * libical's own iterator (3.0.16) is not used: FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30 stays inside one call of it for 8 s,
 * and nothing can stop it; BYSETPOS picks days there and forgets hours; BYYEARDAY does not go with BYMONTH. Walking is
 * the small part (the RFC's table says what limits and what adds), and here every day that is looked at costs a step of
 * a budget.
 *
 *     period 0      period 1 (+ INTERVAL)      …        year, month, week, day or hour
 *     [days that all BY… parts let through] x [hours] x [minutes] x [seconds], then BYSETPOS picks
 *
 * All of it in local time; the caller converts. Times before DTSTART do not exist; DTSTART itself always counts as the
 * first, also where the rule would not have made it (RFC 5545, 3.8.5.3). What the RFC leaves open: BYWEEKNO without
 * BYDAY takes DTSTART's weekday; numbers before BYDAY's days count in rules by the month and year only.
 */
#include "codec/ical_int.h"

#include <libical/ical.h>
#include <pthread.h>
#include <stdlib.h>

/* As much of a rule as a message has room for. */
#define SHOWN(text_) (int)((text_).len < 200 ? (text_).len : 200), (text_).len ? (text_).ptr : ""

typedef struct ut_nth_day {
    int nth;     /* 2 = second, -1 = last */
    int weekday; /* 0 = Monday */
} ut_nth_day;

typedef struct ut_rule {
    icalrecurrencetype_frequency freq;
    int64_t interval;
    int64_t count;    /* 0 = no COUNT */
    int64_t until_us; /* local, inclusive; INT64_MAX = none */
    int week_start;   /* 0 = Monday */
    bool by_month, by_week, by_year_day, by_month_day, by_day;
    uint32_t months;                          /* bit 1..12 */
    uint64_t month_days, month_days_back;     /* bit 1..31; from the end */
    uint64_t weeks, weeks_back;               /* bit 1..53 */
    uint64_t year_days[6], year_days_back[6]; /* bit 1..366 */
    uint32_t weekdays;                        /* bit 0..6 */
    ut_nth_day nth_days[ICAL_BY_DAY_SIZE];
    size_t nth_day_count;
    uint64_t hours, minutes, seconds;
    short positions[ICAL_BY_SETPOS_SIZE];
    size_t position_count;
} ut_rule;

/* One walk under way. */
typedef struct ut_walker {
    const ut_ical_walk *walk;
    const ut_rule *rule;
    int64_t start_us;
    int64_t last_us; /* nothing after it: window or UNTIL */
    int64_t given;   /* occurrences so far, for COUNT */
    ut_ical_step step;
    void *ctx;
    bool done;
} ut_walker;

/* The days of one period that the rule lets through, and their hours. */
typedef struct ut_period {
    int64_t first_day;
    int day_count;
    uint64_t hours;
    int64_t days[366];
    size_t matched;
} ut_period;

static bool bit(const uint64_t *set, int64_t n)
{
    return n >= 0 && n < 384 && set[n / 64] >> (n % 64) & 1;
}

/* Sorts one BY list into bits: positive ones and those from the end. Zero and what is out of range drops out. */
static bool sort_list(uint64_t *set, uint64_t *back, const short *list, size_t size, int most)
{
    bool any = false;
    for (size_t i = 0; i < size && list[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
        int value = list[i];
        any = true;
        if (value >= 0 && value <= most) {
            set[value / 64] |= UINT64_C(1) << (value % 64);
        } else if (back && value < 0 && -value <= most) {
            back[-value / 64] |= UINT64_C(1) << (-value % 64);
        }
    }
    return any;
}

static void sort_days(ut_rule *rule, const struct icalrecurrencetype *parsed)
{
    bool with_nth = (rule->freq == ICAL_MONTHLY_RECURRENCE || rule->freq == ICAL_YEARLY_RECURRENCE) && !rule->by_week;
    for (size_t i = 0; i < ICAL_BY_DAY_SIZE && parsed->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
        int weekday = ((int)icalrecurrencetype_day_day_of_week(parsed->by_day[i]) + 5) % 7;
        int nth = icalrecurrencetype_day_position(parsed->by_day[i]);
        rule->by_day = true;
        if (nth && with_nth) {
            rule->nth_days[rule->nth_day_count++] = (ut_nth_day){nth, weekday};
        } else {
            rule->weekdays |= 1U << weekday;
        }
    }
}

/* What a rule does not say it takes from DTSTART. */
static void complete(ut_rule *rule, int64_t start_us, const struct icalrecurrencetype *parsed)
{
    int64_t day = start_us / UT_DAY_US - (start_us % UT_DAY_US < 0), year;
    int64_t second = (start_us - day * UT_DAY_US) / UT_SECOND_US;
    int month, month_day;
    ut_time_civil_of(day, &year, &month, &month_day);
    bool any_day = rule->by_week || rule->by_year_day || rule->by_month_day || rule->by_day;
    bool yearly = rule->freq == ICAL_YEARLY_RECURRENCE;
    if (yearly && !any_day && !rule->by_month) {
        rule->by_month = true;
        rule->months = 1U << month;
    }
    if (!any_day && (yearly || rule->freq == ICAL_MONTHLY_RECURRENCE)) {
        rule->by_month_day = true;
        rule->month_days = UINT64_C(1) << month_day;
    }
    if (!rule->by_day &&
        (rule->freq == ICAL_WEEKLY_RECURRENCE || (rule->by_week && !rule->by_year_day && !rule->by_month_day))) {
        rule->by_day = true;
        rule->weekdays = 1U << ut_time_weekday(day);
    }
    bool hourly = rule->freq == ICAL_HOURLY_RECURRENCE;
    if (!sort_list(&rule->hours, NULL, parsed->by_hour, ICAL_BY_HOUR_SIZE, 23)) {
        rule->hours = hourly ? 0xFFFFFF : UINT64_C(1) << (second / 3600);
    }
    if (!sort_list(&rule->minutes, NULL, parsed->by_minute, ICAL_BY_MINUTE_SIZE, 59)) {
        rule->minutes = UINT64_C(1) << (second / 60 % 60);
    }
    if (!sort_list(&rule->seconds, NULL, parsed->by_second, ICAL_BY_SECOND_SIZE, 59)) {
        rule->seconds = UINT64_C(1) << (second % 60);
    }
}

/* UNTIL as a local time. A day means all of it; UTC goes through the zone of DTSTART. */
static bool take_until(ut_rule *rule, struct icaltimetype until, const ut_ical_time *start)
{
    rule->until_us = INT64_MAX;
    if (icaltime_is_null_time(until)) {
        return true;
    }
    if (until.year < 1 || until.year > 9999 || until.month < 1 || until.month > 12 || until.day < 1 || until.day > 31) {
        return false;
    }
    int64_t us = ut_time_days_of(until.year, until.month, until.day) * UT_DAY_US;
    if (until.is_date) {
        rule->until_us = us + UT_DAY_US - 1;
        return true;
    }
    us += (until.hour * 3600 + until.minute * 60 + until.second) * UT_SECOND_US;
    bool in_utc = icaltime_is_utc(until) && !start->is_date && !start->is_floating;
    rule->until_us = in_utc ? ut_ical_zone_to_local(start->zone, us) : us;
    return true;
}

/* libical keeps INTERVAL in 16 bits without looking. */
static bool interval_fits(ut_str text)
{
    int64_t value;
    size_t at = ut_str_find_nocase(text, UT_STR("INTERVAL="), 0);
    if (at == UT_NPOS) {
        return true;
    }
    text = ut_str_slice(text, at + 9, text.len);
    return ut_str_to_i64(ut_str_trim(ut_str_cut(&text, ';')), &value) && value >= 1 && value <= INT16_MAX;
}

static void keep_running(void)
{
    icalerror_set_errors_are_fatal(0);
}

static ut_status parse(struct icalrecurrencetype *ret, ut_str text, ut_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, keep_running);
    char *copy = ut_mem_alloc(text.len + 1);
    if (!copy) {
        return ut_fail(err, UT_NOMEM, "no memory for a rule");
    }
    if (text.len) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = 0;
    struct icalrecurrencetype parsed = icalrecurrencetype_from_string(copy);
    ut_mem_free(copy);
    if (parsed.freq == ICAL_NO_RECURRENCE || !interval_fits(text)) {
        return ut_fail(err, UT_INVALID, "the rule \"%.*s\" can't be read", SHOWN(text));
    }
    *ret = parsed;
    return UT_OK;
}

static ut_status take_rule(ut_rule *rule, const ut_ical_walk *walk, ut_err *err)
{
    struct icalrecurrencetype parsed;
    if (ut_str_find_nocase(walk->rule, UT_STR("RSCALE"), 0) != UT_NPOS) {
        return ut_fail(err, UT_UNSUPPORTED, "a rule in another calendar (RSCALE) is not spread out");
    }
    ut_status st = parse(&parsed, ut_str_trim(walk->rule), err);
    if (st != UT_OK) {
        return st;
    }
    if (parsed.freq == ICAL_SECONDLY_RECURRENCE || parsed.freq == ICAL_MINUTELY_RECURRENCE) {
        return ut_fail(err, UT_UNSUPPORTED, "a rule by the %s is not spread out: no meeting is held that often",
                       parsed.freq == ICAL_SECONDLY_RECURRENCE ? "second" : "minute");
    }
    *rule = (ut_rule){.freq = parsed.freq, .interval = parsed.interval, .count = parsed.count};
    rule->week_start = parsed.week_start == ICAL_NO_WEEKDAY ? 0 : ((int)parsed.week_start + 5) % 7;
    if (!take_until(rule, parsed.until, walk->start) ||
        (walk->start->is_date && rule->freq == ICAL_HOURLY_RECURRENCE)) {
        return ut_fail(err, UT_INVALID, "the rule \"%.*s\" does not fit its event", SHOWN(walk->rule));
    }
    uint64_t months = 0;
    rule->by_month = sort_list(&months, NULL, parsed.by_month, ICAL_BY_MONTH_SIZE, 12);
    rule->months = (uint32_t)months;
    rule->by_month_day =
        sort_list(&rule->month_days, &rule->month_days_back, parsed.by_month_day, ICAL_BY_MONTHDAY_SIZE, 31);
    rule->by_year_day = sort_list(rule->year_days, rule->year_days_back, parsed.by_year_day, ICAL_BY_YEARDAY_SIZE, 366);
    rule->by_week = sort_list(&rule->weeks, &rule->weeks_back, parsed.by_week_no, ICAL_BY_WEEKNO_SIZE, 53);
    sort_days(rule, &parsed);
    for (size_t i = 0; i < ICAL_BY_SETPOS_SIZE && parsed.by_set_pos[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
        rule->positions[rule->position_count++] = parsed.by_set_pos[i];
    }
    complete(rule, walk->start->local_us, &parsed);
    return UT_OK;
}

/* The first day of week 1: the first week with at least four days in the year. */
static int64_t week_one(const ut_rule *rule, int64_t year)
{
    int64_t first = ut_time_days_of(year, 1, 1);
    int past = (ut_time_weekday(first) - rule->week_start + 7) % 7;
    return past <= 3 ? first - past : first + 7 - past;
}

static bool week_matches(const ut_rule *rule, int64_t day, int64_t year)
{
    int64_t begin = week_one(rule, year), next = week_one(rule, year + 1);
    if (day < begin) {
        next = begin;
        begin = week_one(rule, year - 1);
    } else if (day >= next) {
        begin = next;
        next = week_one(rule, year + 2);
    }
    int64_t week = (day - begin) / 7 + 1, weeks = (next - begin) / 7;
    return rule->weeks >> week & 1 || rule->weeks_back >> (weeks - week + 1) & 1;
}

static int64_t month_end(int64_t year, int month)
{
    return month == 12 ? ut_time_days_of(year + 1, 1, 1) : ut_time_days_of(year, month + 1, 1);
}

static bool weekday_matches(const ut_rule *rule, int64_t day, int64_t year, int month)
{
    int weekday = ut_time_weekday(day);
    if (rule->weekdays >> weekday & 1) {
        return true;
    }
    bool in_month = rule->freq == ICAL_MONTHLY_RECURRENCE || rule->by_month;
    int64_t begin = ut_time_days_of(year, in_month ? month : 1, 1);
    int64_t end = month_end(year, in_month ? month : 12);
    for (size_t i = 0; i < rule->nth_day_count; i++) {
        ut_nth_day nth = rule->nth_days[i];
        int64_t at = nth.nth > 0 ? (day - begin) / 7 + 1 : -((end - 1 - day) / 7 + 1);
        if (nth.weekday == weekday && at == nth.nth) {
            return true;
        }
    }
    return false;
}

static bool day_matches(const ut_rule *rule, int64_t day)
{
    int64_t year;
    int month, month_day;
    ut_time_civil_of(day, &year, &month, &month_day);
    if (rule->by_month && !(rule->months >> month & 1)) {
        return false;
    }
    if (rule->by_month_day && !(rule->month_days >> month_day & 1) &&
        !(rule->month_days_back >> (month_end(year, month) - day) & 1)) {
        return false;
    }
    if (rule->by_year_day) {
        int64_t begin = ut_time_days_of(year, 1, 1), end = ut_time_days_of(year + 1, 1, 1);
        if (!bit(rule->year_days, day - begin + 1) && !bit(rule->year_days_back, end - day)) {
            return false;
        }
    }
    return (!rule->by_day || weekday_matches(rule, day, year, month)) &&
           (!rule->by_week || week_matches(rule, day, year));
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Which period of the rule's kind a local time lies in, counted from any fixed beginning. */
static int64_t period_of(const ut_rule *rule, int64_t local_us)
{
    int64_t day = floor_div(local_us, UT_DAY_US), year;
    int month, month_day;
    switch (rule->freq) {
    case ICAL_YEARLY_RECURRENCE:
        ut_time_civil_of(day, &year, &month, &month_day);
        return year;
    case ICAL_MONTHLY_RECURRENCE:
        ut_time_civil_of(day, &year, &month, &month_day);
        return year * 12 + month - 1;
    case ICAL_WEEKLY_RECURRENCE:
        return floor_div(day + 3 - rule->week_start, 7); /* day 0 was a Thursday */
    case ICAL_HOURLY_RECURRENCE:
        return floor_div(local_us, UT_HOUR_US);
    default:
        return day;
    }
}

static void open_period(ut_period *period, const ut_rule *rule, int64_t number)
{
    period->hours = rule->hours;
    period->day_count = 1;
    period->first_day = number;
    switch (rule->freq) {
    case ICAL_YEARLY_RECURRENCE:
        period->first_day = ut_time_days_of(number, 1, 1);
        period->day_count = (int)(ut_time_days_of(number + 1, 1, 1) - period->first_day);
        break;
    case ICAL_MONTHLY_RECURRENCE: {
        int month = (int)(number - floor_div(number, 12) * 12) + 1;
        period->first_day = ut_time_days_of(floor_div(number, 12), month, 1);
        period->day_count = (int)(month_end(floor_div(number, 12), month) - period->first_day);
        break;
    }
    case ICAL_WEEKLY_RECURRENCE:
        period->first_day = number * 7 - 3 + rule->week_start;
        period->day_count = 7;
        break;
    case ICAL_HOURLY_RECURRENCE:
        period->first_day = floor_div(number, 24);
        period->hours = rule->hours & UINT64_C(1) << (number - period->first_day * 24);
        break;
    default:
        break;
    }
}

static ut_status spend(const ut_walker *w, int64_t steps, ut_err *err)
{
    *w->walk->steps -= steps;
    if (*w->walk->steps < 0) {
        return ut_fail(err, UT_LIMIT, "spreading out the rule \"%.*s\" takes more than %d steps", SHOWN(w->walk->rule),
                       UT_ICAL_STEPS_MAX);
    }
    return UT_OK;
}

/* One time the rule gives, in order. */
static ut_status give(ut_walker *w, int64_t local_us, bool is_start, ut_err *err)
{
    if (!is_start && local_us <= w->start_us) {
        return spend(w, 1, err);
    }
    if ((w->rule->count && w->given >= w->rule->count) || (!is_start && local_us > w->last_us)) {
        w->done = true;
        return UT_OK;
    }
    w->given++;
    ut_status st = spend(w, 1, err);
    bool seen = local_us >= w->walk->from_us && local_us <= w->walk->to_us;
    return st == UT_OK && seen ? w->step(w->ctx, local_us, err) : st;
}

static int64_t local_of(int64_t day, int hour, int minute, int second)
{
    return day * UT_DAY_US + (hour * 3600 + minute * 60 + second) * UT_SECOND_US;
}

static int next_bit(uint64_t set, int from)
{
    set = from > 63 ? 0 : set >> from << from;
    return set ? __builtin_ctzll(set) : 64;
}

static ut_status give_days(ut_walker *w, const ut_period *period, ut_err *err)
{
    const ut_rule *rule = w->rule;
    ut_status st = UT_OK;
    for (size_t i = 0; i < period->matched; i++) {
        for (int hour = next_bit(period->hours, 0); hour < 64; hour = next_bit(period->hours, hour + 1)) {
            for (int minute = next_bit(rule->minutes, 0); minute < 64; minute = next_bit(rule->minutes, minute + 1)) {
                for (int second = next_bit(rule->seconds, 0); second < 64;
                     second = next_bit(rule->seconds, second + 1)) {
                    st = give(w, local_of(period->days[i], hour, minute, second), false, err);
                    if (st != UT_OK || w->done) {
                        return st;
                    }
                }
            }
        }
    }
    return st;
}

/* The n-th bit that is set, n from 0. */
static int pick_bit(uint64_t set, int64_t n)
{
    while (n-- > 0) {
        set &= set - 1;
    }
    return __builtin_ctzll(set);
}

static int by_value(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* BYSETPOS: the n-th of all times of the period, without listing them. */
static ut_status give_positions(ut_walker *w, const ut_period *period, ut_err *err)
{
    const ut_rule *rule = w->rule;
    int64_t seconds = __builtin_popcountll(rule->seconds), minutes = __builtin_popcountll(rule->minutes);
    int64_t a_day = seconds * minutes * __builtin_popcountll(period->hours);
    int64_t total = a_day * (int64_t)period->matched, picked[ICAL_BY_SETPOS_SIZE];
    size_t count = 0;
    for (size_t i = 0; i < rule->position_count; i++) {
        int64_t at = rule->positions[i] > 0 ? rule->positions[i] - 1 : total + rule->positions[i];
        if (rule->positions[i] && at >= 0 && at < total) {
            picked[count++] = at;
        }
    }
    qsort(picked, count, sizeof *picked, by_value);
    ut_status st = spend(w, (int64_t)rule->position_count, err);
    for (size_t i = 0; i < count && st == UT_OK && !w->done; i++) {
        if (i && picked[i] == picked[i - 1]) {
            continue;
        }
        int64_t rest = picked[i] % a_day;
        st = give(w,
                  local_of(period->days[picked[i] / a_day], pick_bit(period->hours, rest / (minutes * seconds)),
                           pick_bit(rule->minutes, rest / seconds % minutes), pick_bit(rule->seconds, rest % seconds)),
                  false, err);
    }
    return st;
}

static ut_status walk_period(ut_walker *w, ut_period *period, int64_t number, ut_err *err)
{
    open_period(period, w->rule, number);
    if (period->first_day > floor_div(w->last_us, UT_DAY_US)) {
        w->done = true;
        return UT_OK;
    }
    ut_status st = spend(w, period->day_count, err);
    period->matched = 0;
    for (int i = 0; st == UT_OK && i < period->day_count; i++) {
        if (period->hours && day_matches(w->rule, period->first_day + i)) {
            period->days[period->matched++] = period->first_day + i;
        }
    }
    if (st != UT_OK || period->matched == 0) {
        return st;
    }
    return w->rule->position_count ? give_positions(w, period, err) : give_days(w, period, err);
}

ut_status ut_ical_rule_walk(const ut_ical_walk *walk, ut_ical_step step, void *ctx, ut_err *err)
{
    ut_rule rule;
    ut_period period;
    ut_status st = take_rule(&rule, walk, err);
    if (st != UT_OK) {
        return st;
    }
    int64_t start_us = walk->start->local_us;
    ut_walker w = {.walk = walk, .rule = &rule, .start_us = start_us, .step = step, .ctx = ctx};
    w.last_us = rule.until_us < walk->to_us ? rule.until_us : walk->to_us;
    st = give(&w, start_us, true, err);
    int64_t number = period_of(&rule, start_us);
    if (rule.count == 0 && walk->from_us > start_us) {
        /* Nothing is counted, so the walk may begin where the window does. */
        number += (period_of(&rule, walk->from_us) - number) / rule.interval * rule.interval;
    }
    for (; st == UT_OK && !w.done; number += rule.interval) {
        st = walk_period(&w, &period, number, err);
    }
    return st;
}
