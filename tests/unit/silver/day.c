/* A person's days: random ones against a slow reference that looks at each minute, what must hold of any day, and the
 * days on which clocks change. */
#include "harness/test.h"
#include "silver/day.h"

#define MANY 24
#define DAYS 3
#define DAY_MIN 1440
#define BEFORE (2 * DAY_MIN) /* minutes the reference knows before the first border, and after the last */
#define SPAN_MIN (BEFORE + DAYS * DAY_MIN + BEFORE)

/* Minute 0 is the first border: 04:00 of the first day. */
typedef struct life {
    int64_t borders[DAYS + 1];
    ut_span work[MANY], items[MANY];
    ut_day_meeting meetings[MANY];
    ut_day_message messages[MANY];
    ut_days days;
} life;

static ut_arena open_arena(ut_test *t)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, UT_MIB) == UT_OK);
    return arena;
}

static int64_t random_minute(ut_rng *rng)
{
    return (int64_t)ut_rng_below(rng, DAYS * DAY_MIN + 600) - 300;
}

static ut_day_meeting random_meeting(ut_rng *rng)
{
    int64_t from = random_minute(rng), length = (int64_t)(ut_rng_below(rng, 3) ? 15 * (1 + ut_rng_below(rng, 8))
                                                                              : ut_rng_below(rng, 1600));
    bool told = ut_rng_below(rng, 4) != 0;
    return (ut_day_meeting){.from_us = from * UT_MINUTE_US,
                            .to_us = (from + length) * UT_MINUTE_US,
                            .invited_us = told ? (from - (int64_t)ut_rng_below(rng, 2000) + 60) * UT_MINUTE_US
                                               : UT_DAY_UNKNOWN_US,
                            .people = (int)ut_rng_below(rng, 14),
                            .mine = ut_rng_below(rng, 8) != 0,
                            .busy = ut_rng_below(rng, 8) != 0,
                            .recurring = ut_rng_below(rng, 2) != 0,
                            .cancelled = ut_rng_below(rng, 8) == 0,
                            .all_day = ut_rng_below(rng, 8) == 0};
}

static void make_life(life *l, ut_rng *rng)
{
    *l = (life){0};
    for (int i = 0; i <= DAYS; i++) {
        l->borders[i] = i * UT_DAY_US;
    }
    l->days = (ut_days){.border_us = l->borders,
                        .count = DAYS,
                        .work = l->work,
                        .meetings = l->meetings,
                        .messages = l->messages,
                        .items = l->items,
                        .meeting_count = ut_rng_below(rng, MANY),
                        .message_count = ut_rng_below(rng, MANY),
                        .item_count = ut_rng_below(rng, 4)};
    int64_t starts = (int64_t)ut_rng_below(rng, DAY_MIN); /* of work: a night shift in some lives */
    for (int64_t day = -1; day < DAYS && ut_rng_below(rng, 8); day++) {
        int64_t from = day * DAY_MIN + starts;
        l->work[l->days.work_count++] = (ut_span){from * UT_MINUTE_US, (from + 240) * UT_MINUTE_US};
        l->work[l->days.work_count++] = (ut_span){(from + 270) * UT_MINUTE_US, (from + 510) * UT_MINUTE_US};
    }
    for (size_t i = 0; i < l->days.meeting_count; i++) {
        l->meetings[i] = random_meeting(rng);
    }
    int64_t at = 0;
    for (size_t i = 0; i < l->days.message_count; i++) {
        at = i && ut_rng_below(rng, 2) ? at + (int64_t)ut_rng_below(rng, 20) : random_minute(rng);
        int64_t conversation = (int64_t)ut_rng_below(rng, 3); /* the last of them is a diary */
        l->messages[i] = (ut_day_message){.at_us = at * UT_MINUTE_US,
                                          .conversation = conversation,
                                          .channel = ut_rng_below(rng, 3) ? UT_DAY_CHAT : UT_DAY_MAIL,
                                          .alone = conversation == 2};
    }
    for (size_t i = 0; i < l->days.item_count; i++) {
        int64_t from = random_minute(rng);
        l->items[i] = (ut_span){from * UT_MINUTE_US, (from + (int64_t)ut_rng_below(rng, 900)) * UT_MINUTE_US};
    }
}

static void measure(ut_test *t, ut_day *ret, const ut_days *days)
{
    ut_arena arena = open_arena(t);
    ut_err err = {0};
    if (ut_days_measure(ret, arena, days, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
        longjmp(t->leave, 1);
    }
    ut_arena_close(&arena);
}

/* The reference ---------------------------------------------------------------------------------------------------- */

/* What holds in one minute. */
typedef struct minute {
    bool work, item, sent, talk;
    int meetings, kind[UT_MEASURE_SETS]; /* meetings that count, in all and by kind */
    int free_run, quiet_run;             /* length of the run of free, of quiet minutes it lies in */
} minute;

static minute *minute_of(minute *grid, int64_t at_us)
{
    int64_t m = at_us / UT_MINUTE_US + BEFORE;
    UT_ASSERT(m >= 0 && m < SPAN_MIN);
    return &grid[m];
}

static void ref_meetings(minute *grid, const life *l)
{
    for (size_t i = 0; i < l->days.meeting_count; i++) {
        const ut_day_meeting *m = &l->meetings[i];
        int64_t length = (m->to_us - m->from_us) / UT_MINUTE_US;
        if (!m->mine || !m->busy || m->cancelled || m->all_day || m->people < 2 || length > DAY_MIN) {
            continue;
        }
        for (int64_t at = m->from_us; at < m->to_us; at += UT_MINUTE_US) {
            minute *now = minute_of(grid, at);
            now->meetings++;
            now->kind[m->people <= 8 ? UT_MEASURE_SMALL_MEETING_HOURS : UT_MEASURE_LARGE_MEETING_HOURS]++;
            now->kind[length <= 60 ? UT_MEASURE_SHORT_MEETING_HOURS : UT_MEASURE_LONG_MEETING_HOURS]++;
            now->kind[UT_MEASURE_RECURRING_MEETING_HOURS] += m->recurring;
        }
    }
}

/* Each message writes for five minutes unless the conversation already went on; and up to the next of its session. */
static void ref_messages(minute *grid, const life *l)
{
    for (size_t i = 0; i < l->days.message_count; i++) {
        const ut_day_message *m = &l->messages[i];
        int64_t from = m->at_us - 5 * UT_MINUTE_US, session = m->at_us;
        for (size_t round = 0; m->channel == UT_DAY_CHAT && round < l->days.message_count; round++) {
            for (size_t j = 0; j < l->days.message_count; j++) {
                const ut_day_message *o = &l->messages[j];
                bool joins = o->channel == UT_DAY_CHAT && o->conversation == m->conversation && o->at_us < session &&
                             session - o->at_us <= 15 * UT_MINUTE_US;
                session = joins ? o->at_us : session;
            }
        }
        bool last = true;
        for (size_t j = 0; m->channel == UT_DAY_CHAT && j < l->days.message_count; j++) {
            const ut_day_message *o = &l->messages[j];
            last = last && !(o->channel == UT_DAY_CHAT && o->conversation == m->conversation && o->at_us > m->at_us &&
                             o->at_us - m->at_us <= 15 * UT_MINUTE_US);
        }
        if (!last) {
            continue; /* the last message of the session stands for it */
        }
        for (int64_t at = session < from ? session : from; at < m->at_us; at += UT_MINUTE_US) {
            minute_of(grid, at)->sent = true;
            minute_of(grid, at)->talk |= !m->alone;
        }
    }
}

static void ref_runs(minute *grid)
{
    for (int from = 0, to; from < SPAN_MIN; from = to + 1) {
        for (to = from; to < SPAN_MIN && grid[to].work && !grid[to].meetings; to++) {
        }
        for (int m = from; m < to; m++) {
            grid[m].free_run = to - from;
        }
    }
    for (int from = 0, to; from < SPAN_MIN; from = to + 1) {
        for (to = from; to < SPAN_MIN && grid[to].work && !grid[to].meetings && !grid[to].sent; to++) {
        }
        for (int m = from; m < to; m++) {
            grid[m].quiet_run = to - from;
        }
    }
}

static void ref_grid(minute *grid, const life *l)
{
    memset(grid, 0, SPAN_MIN * sizeof *grid);
    for (size_t i = 0; i < l->days.work_count; i++) {
        for (int64_t at = l->work[i].from_us; at < l->work[i].to_us; at += UT_MINUTE_US) {
            minute_of(grid, at)->work = true;
        }
    }
    for (size_t i = 0; i < l->days.item_count; i++) {
        for (int64_t at = l->items[i].from_us; at < l->items[i].to_us; at += UT_MINUTE_US) {
            minute_of(grid, at)->item = true;
        }
    }
    ref_meetings(grid, l);
    ref_messages(grid, l);
    ref_runs(grid);
}

static void ref_minute(int64_t *sum, const minute *m)
{
    bool talk = m->meetings || m->talk, free = m->free_run > 0;
    sum[UT_MEASURE_WORK_HOURS] += m->work;
    sum[UT_MEASURE_IN_PROGRESS_HOURS] += m->item;
    sum[UT_MEASURE_COLLABORATION_HOURS] += talk;
    sum[UT_MEASURE_AFTER_HOURS_COLLABORATION_HOURS] += talk && !m->work;
    sum[UT_MEASURE_MEETING_HOURS] += m->meetings > 0;
    sum[UT_MEASURE_CONFLICTING_MEETING_HOURS] += m->meetings > 1;
    sum[UT_MEASURE_MULTITASKING_HOURS] += m->meetings && m->sent;
    for (int kind = UT_MEASURE_SMALL_MEETING_HOURS; kind <= UT_MEASURE_RECURRING_MEETING_HOURS; kind++) {
        sum[kind] += m->kind[kind] > 0;
    }
    sum[UT_MEASURE_AVAILABLE_TO_FOCUS_HOURS] += free;
    sum[UT_MEASURE_FRAGMENTED_HOURS] += free && m->free_run < 60;
    sum[UT_MEASURE_UNINTERRUPTED_HOURS] += m->quiet_run >= 60;
    sum[UT_MEASURE_INTERRUPTED_HOURS] += m->free_run >= 60 && m->quiet_run < 60;
}

/* The figures of one day, hours in minutes; and its first and last active minute, -1 without one. */
static void ref_day(int64_t sum[UT_MEASURE_STORED], int64_t *ret_first, int64_t *ret_end, const minute *day)
{
    memset(sum, 0, UT_MEASURE_STORED * sizeof *sum);
    *ret_first = *ret_end = -1;
    int64_t counted = -1;
    for (int m = 0; m < DAY_MIN; m++) {
        ref_minute(sum, &day[m]);
        if (day[m].meetings || day[m].sent) {
            *ret_first = *ret_first < 0 ? m : *ret_first;
            *ret_end = m + 1;
            sum[UT_MEASURE_ACTIVE_CONNECTED_HOURS] += m / 30 != counted ? 30 : 0;
            counted = m / 30;
        }
    }
    int64_t free = sum[UT_MEASURE_AVAILABLE_TO_FOCUS_HOURS], items = sum[UT_MEASURE_IN_PROGRESS_HOURS];
    sum[UT_MEASURE_WORKLOAD_HOURS] = sum[UT_MEASURE_COLLABORATION_HOURS] + (free < items ? free : items);
    sum[UT_MEASURE_COLLABORATION_SPAN] = *ret_first < 0 ? -1 : *ret_end - *ret_first;
}

static bool ref_back_to_back(const life *l, const ut_day_meeting *m)
{
    bool over = true, any = false; /* those that began earlier, with a break since */
    for (size_t j = 0; j < l->days.meeting_count; j++) {
        const ut_day_meeting *o = &l->meetings[j];
        if (ut_day_meeting_counts(o) && o->from_us < m->from_us) {
            any = true;
            over = over && m->from_us - o->to_us >= 5 * UT_MINUTE_US;
        }
    }
    return any && !over;
}

static void ref_counts(int64_t sum[UT_MEASURE_STORED], const life *l, int64_t from_us)
{
    for (size_t i = 0; i < l->days.meeting_count; i++) {
        const ut_day_meeting *m = &l->meetings[i];
        if (!ut_day_meeting_counts(m) || m->from_us < from_us || m->from_us >= from_us + UT_DAY_US) {
            continue;
        }
        bool small = m->people <= 8, brief = m->to_us - m->from_us <= UT_HOUR_US;
        bool told = m->invited_us != UT_DAY_UNKNOWN_US;
        int64_t notice = told ? (m->from_us - m->invited_us) / UT_MINUTE_US : 0;
        sum[UT_MEASURE_MEETINGS]++;
        sum[UT_MEASURE_SMALL_MEETINGS] += small;
        sum[UT_MEASURE_LARGE_MEETINGS] += !small;
        sum[UT_MEASURE_SHORT_MEETINGS] += brief;
        sum[UT_MEASURE_LONG_MEETINGS] += !brief;
        sum[UT_MEASURE_RECURRING_MEETINGS] += m->recurring;
        sum[UT_MEASURE_NOTICE_TO_6H_MEETINGS] += told && notice <= 360;
        sum[UT_MEASURE_NOTICE_TO_12H_MEETINGS] += told && notice > 360 && notice <= 720;
        sum[UT_MEASURE_NOTICE_TO_24H_MEETINGS] += told && notice > 720 && notice < 1440;
        sum[UT_MEASURE_NOTICE_FROM_24H_MEETINGS] += told && notice >= 1440;
        sum[UT_MEASURE_BACK_TO_BACK_MEETINGS] += ref_back_to_back(l, m);
    }
}

static void expect_day(ut_test *t, const ut_day *got, const int64_t want[UT_MEASURE_STORED], int day)
{
    for (int id = 0; id < UT_MEASURE_STORED; id++) {
        const ut_measure *measure = ut_measure_get((ut_measure_id)id);
        int64_t unit = measure->unit == UT_UNIT_HOURS && want[id] >= 0 ? UT_MINUTE_US : 1;
        if (got->value[id] != want[id] * unit) {
            ut_test_fail(t, __FILE__, __LINE__, "day %d: %s is %.3f, the reference says %.3f", day, measure->key,
                         (double)got->value[id] / (double)unit, (double)want[id]);
        }
    }
}

UT_TEST(silver_day, random_days_agree_with_a_look_at_each_minute)
{
    static life l;
    static minute grid[SPAN_MIN];
    for (int round = 0; round < 1000 && t->failures == 0; round++) {
        make_life(&l, &t->rng);
        ut_day got[DAYS];
        measure(t, got, &l.days);
        ref_grid(grid, &l);
        int64_t first = -1, end = -1, ended = -1;
        for (int day = 0; day < DAYS; day++) {
            int64_t want[UT_MEASURE_STORED];
            ref_day(want, &first, &end, &grid[BEFORE + day * DAY_MIN]);
            ref_counts(want, &l, l.borders[day]);
            bool rested = first >= 0 && ended >= 0;
            int64_t rest = rested ? DAY_MIN - ended + first : -1;
            want[UT_MEASURE_RECOVERY_HOURS] = rest;
            want[UT_MEASURE_SHORT_RECOVERIES] = rested ? rest < 11 * 60 : -1;
            expect_day(t, &got[day], want, day);
            ended = end;
        }
    }
}

/* What must hold of any day ---------------------------------------------------------------------------------------- */

static void expect_sane(ut_test *t, const ut_day *day, int64_t length_us)
{
    const int64_t *v = day->value;
    UT_EXPECT_I64(v[UT_MEASURE_UNINTERRUPTED_HOURS] + v[UT_MEASURE_INTERRUPTED_HOURS] + v[UT_MEASURE_FRAGMENTED_HOURS],
                  v[UT_MEASURE_AVAILABLE_TO_FOCUS_HOURS]);
    UT_EXPECT_I64(v[UT_MEASURE_SMALL_MEETINGS] + v[UT_MEASURE_LARGE_MEETINGS], v[UT_MEASURE_MEETINGS]);
    UT_EXPECT_I64(v[UT_MEASURE_SHORT_MEETINGS] + v[UT_MEASURE_LONG_MEETINGS], v[UT_MEASURE_MEETINGS]);
    UT_EXPECT(v[UT_MEASURE_RECURRING_MEETINGS] <= v[UT_MEASURE_MEETINGS]);
    UT_EXPECT(v[UT_MEASURE_BACK_TO_BACK_MEETINGS] <= v[UT_MEASURE_MEETINGS]);
    UT_EXPECT(v[UT_MEASURE_NOTICE_TO_6H_MEETINGS] + v[UT_MEASURE_NOTICE_TO_12H_MEETINGS] +
                  v[UT_MEASURE_NOTICE_TO_24H_MEETINGS] + v[UT_MEASURE_NOTICE_FROM_24H_MEETINGS] <=
              v[UT_MEASURE_MEETINGS]);
    UT_EXPECT(v[UT_MEASURE_AVAILABLE_TO_FOCUS_HOURS] <= v[UT_MEASURE_WORK_HOURS]);
    UT_EXPECT(v[UT_MEASURE_MEETING_HOURS] <= v[UT_MEASURE_COLLABORATION_HOURS]);
    UT_EXPECT(v[UT_MEASURE_AFTER_HOURS_COLLABORATION_HOURS] <= v[UT_MEASURE_COLLABORATION_HOURS]);
    UT_EXPECT(v[UT_MEASURE_MULTITASKING_HOURS] <= v[UT_MEASURE_MEETING_HOURS]);
    UT_EXPECT(v[UT_MEASURE_CONFLICTING_MEETING_HOURS] <= v[UT_MEASURE_MEETING_HOURS]);
    UT_EXPECT(v[UT_MEASURE_COLLABORATION_HOURS] <= v[UT_MEASURE_ACTIVE_CONNECTED_HOURS]);
    UT_EXPECT(v[UT_MEASURE_SMALL_MEETING_HOURS] + v[UT_MEASURE_LARGE_MEETING_HOURS] >= v[UT_MEASURE_MEETING_HOURS]);
    UT_EXPECT(v[UT_MEASURE_SHORT_MEETING_HOURS] + v[UT_MEASURE_LONG_MEETING_HOURS] >= v[UT_MEASURE_MEETING_HOURS]);
    for (int id = 0; id < UT_MEASURE_STORED; id++) {
        const ut_measure *measure = ut_measure_get((ut_measure_id)id);
        bool may_miss = id >= UT_MEASURE_COLLABORATION_SPAN && id <= UT_MEASURE_SHORT_RECOVERIES;
        UT_EXPECT(v[id] >= 0 || (may_miss && v[id] == UT_DAY_NONE));
        if (id < UT_MEASURE_SETS || id == UT_MEASURE_COLLABORATION_SPAN) {
            UT_EXPECT(v[id] <= length_us);
        }
        UT_EXPECT(measure->unit != UT_UNIT_SHARE);
    }
}

UT_TEST(silver_day, parts_sum_to_wholes_and_nothing_is_negative)
{
    static life l;
    for (int round = 0; round < 1000 && t->failures == 0; round++) {
        make_life(&l, &t->rng);
        ut_day got[DAYS];
        measure(t, got, &l.days);
        for (int day = 0; day < DAYS; day++) {
            expect_sane(t, &got[day], UT_DAY_US);
        }
    }
}

static void shift(life *l, int64_t by_us)
{
    for (int i = 0; i <= DAYS; i++) {
        l->borders[i] += by_us;
    }
    for (size_t i = 0; i < MANY; i++) {
        l->work[i] = (ut_span){l->work[i].from_us + by_us, l->work[i].to_us + by_us};
        l->items[i] = (ut_span){l->items[i].from_us + by_us, l->items[i].to_us + by_us};
        l->meetings[i].from_us += by_us;
        l->meetings[i].to_us += by_us;
        l->meetings[i].invited_us += l->meetings[i].invited_us == UT_DAY_UNKNOWN_US ? 0 : by_us;
        l->messages[i].at_us += by_us;
    }
}

UT_TEST(silver_day, a_day_later_is_the_same_day)
{
    static life l;
    for (int round = 0; round < 300 && t->failures == 0; round++) {
        make_life(&l, &t->rng);
        ut_day got[DAYS], later[DAYS];
        measure(t, got, &l.days);
        shift(&l, ((int64_t)ut_rng_below(&t->rng, 40000) - 20000) * UT_DAY_US);
        measure(t, later, &l.days);
        UT_EXPECT(memcmp(got, later, sizeof got) == 0);
    }
}

static void shuffle(ut_rng *rng, void *array, size_t count, size_t size)
{
    char held[sizeof(ut_day_meeting)];
    UT_ASSERT(size <= sizeof held);
    for (size_t i = count; i > 1; i--) {
        char *one = (char *)array + (i - 1) * size, *other = (char *)array + ut_rng_below(rng, i) * size;
        memcpy(held, one, size);
        memmove(one, other, size);
        memcpy(other, held, size);
    }
}

UT_TEST(silver_day, the_order_of_what_is_given_does_not_matter)
{
    static life l;
    for (int round = 0; round < 300 && t->failures == 0; round++) {
        make_life(&l, &t->rng);
        ut_day got[DAYS], other[DAYS];
        measure(t, got, &l.days);
        shuffle(&t->rng, l.meetings, l.days.meeting_count, sizeof *l.meetings);
        shuffle(&t->rng, l.messages, l.days.message_count, sizeof *l.messages);
        shuffle(&t->rng, l.work, l.days.work_count, sizeof *l.work);
        shuffle(&t->rng, l.items, l.days.item_count, sizeof *l.items);
        measure(t, other, &l.days);
        UT_EXPECT(memcmp(got, other, sizeof got) == 0);
    }
}

/* Days are cut from one stretch of time: nothing is lost or counted twice at 04:00. */
UT_TEST(silver_day, days_sum_to_the_stretch_they_are_cut_from)
{
    static life l;
    for (int round = 0; round < 300 && t->failures == 0; round++) {
        make_life(&l, &t->rng);
        ut_day got[DAYS], whole;
        measure(t, got, &l.days);
        ut_days one = l.days;
        int64_t borders[2] = {l.borders[0], l.borders[DAYS]};
        one.border_us = borders;
        one.count = 1;
        measure(t, &whole, &one);
        for (int id = 0; id < UT_MEASURE_STORED; id++) {
            if (id < UT_MEASURE_SETS || id >= UT_MEASURE_MEETINGS || id == UT_MEASURE_ACTIVE_CONNECTED_HOURS) {
                UT_EXPECT_I64(got[0].value[id] + got[1].value[id] + got[2].value[id], whole.value[id]);
            }
        }
    }
}

/* Clocks, shifts, and bad input ------------------------------------------------------------------------------------ */

static int64_t at(ut_test *t, const char *text)
{
    int64_t us = 0;
    UT_REQUIRE(ut_time_parse(ut_str_of(text), &us));
    return us;
}

static double hours_of(ut_test *t, const ut_day *day, ut_measure_id id)
{
    double hours = -1;
    UT_EXPECT(ut_day_value(day, id, &hours));
    return hours;
}

/* Berlin, 29 March 2026: 02:00 becomes 03:00, in the night that belongs to Saturday, whose day has 23 hours. */
UT_TEST(silver_day, the_night_that_lacks_an_hour_has_a_shorter_shift_and_recovery)
{
    int64_t borders[] = {at(t, "2026-03-28T04:00:00+01:00"), at(t, "2026-03-29T04:00:00+02:00"),
                         at(t, "2026-03-30T04:00:00+02:00")};
    UT_EXPECT_I64(borders[1] - borders[0], 23 * UT_HOUR_US);
    ut_span shift_work = {at(t, "2026-03-28T22:00:00+01:00"), at(t, "2026-03-29T06:00:00+02:00")};
    ut_day_message messages[] = {{.at_us = at(t, "2026-03-28T23:00:00+01:00")},
                                 {.at_us = at(t, "2026-03-29T10:05:00+02:00")}};
    ut_day_meeting meeting = {.from_us = at(t, "2026-03-29T01:30:00+01:00"),
                              .to_us = at(t, "2026-03-29T03:30:00+02:00"),
                              .invited_us = UT_DAY_UNKNOWN_US, .people = 2, .mine = true, .busy = true};
    ut_days days = {.border_us = borders, .count = 2, .work = &shift_work, .work_count = 1, .messages = messages,
                    .message_count = 2, .meetings = &meeting, .meeting_count = 1};
    ut_day got[2];
    measure(t, got, &days);
    UT_EXPECT_NEAR(hours_of(t, &got[0], UT_MEASURE_WORK_HOURS), 5, 1e-9); /* 22:00-04:00 less one */
    UT_EXPECT_NEAR(hours_of(t, &got[1], UT_MEASURE_WORK_HOURS), 2, 1e-9);
    UT_EXPECT_NEAR(hours_of(t, &got[0], UT_MEASURE_MEETING_HOURS), 1, 1e-9); /* 01:30-03:30 on the clock */
    UT_EXPECT_NEAR(hours_of(t, &got[0], UT_MEASURE_SHORT_MEETINGS), 1, 0);
    UT_EXPECT_NEAR(hours_of(t, &got[1], UT_MEASURE_RECOVERY_HOURS), 6.5, 1e-9); /* 03:30 to 10:00 */
    expect_sane(t, &got[0], 23 * UT_HOUR_US);
    expect_sane(t, &got[1], UT_DAY_US);
}

/* Berlin, 25 October 2026: 03:00 becomes 02:00; two meetings at half past two on the clock are an hour apart. */
UT_TEST(silver_day, the_night_with_an_hour_more_tells_its_two_hours_apart)
{
    int64_t borders[] = {at(t, "2026-10-24T04:00:00+02:00"), at(t, "2026-10-25T04:00:00+01:00")};
    UT_EXPECT_I64(borders[1] - borders[0], 25 * UT_HOUR_US);
    ut_span work = {at(t, "2026-10-24T22:00:00+02:00"), at(t, "2026-10-25T06:00:00+01:00")};
    ut_day_meeting meetings[] = {
        {.from_us = at(t, "2026-10-25T02:30:00+02:00"), .to_us = at(t, "2026-10-25T02:45:00+02:00"),
         .invited_us = UT_DAY_UNKNOWN_US, .people = 2, .mine = true, .busy = true},
        {.from_us = at(t, "2026-10-25T02:30:00+01:00"), .to_us = at(t, "2026-10-25T02:45:00+01:00"),
         .invited_us = UT_DAY_UNKNOWN_US, .people = 2, .mine = true, .busy = true},
    };
    ut_days days = {.border_us = borders, .count = 1, .work = &work, .work_count = 1, .meetings = meetings,
                    .meeting_count = 2};
    ut_day got;
    measure(t, &got, &days);
    UT_EXPECT_NEAR(hours_of(t, &got, UT_MEASURE_WORK_HOURS), 7, 1e-9); /* 22:00-04:00 and one more */
    UT_EXPECT_NEAR(hours_of(t, &got, UT_MEASURE_MEETING_HOURS), 0.5, 1e-9);
    UT_EXPECT_I64(got.value[UT_MEASURE_CONFLICTING_MEETING_HOURS], 0);
    UT_EXPECT_I64(got.value[UT_MEASURE_BACK_TO_BACK_MEETINGS], 0);
    UT_EXPECT_NEAR(hours_of(t, &got, UT_MEASURE_FRAGMENTED_HOURS), 0.75, 1e-9);
    UT_EXPECT_NEAR(hours_of(t, &got, UT_MEASURE_COLLABORATION_SPAN), 1.25, 1e-9);
    expect_sane(t, &got, 25 * UT_HOUR_US);
}

/* A shift across 04:00: its quiet hours are one block, though the day ends within it. */
UT_TEST(silver_day, a_block_across_four_in_the_morning_is_not_a_fragment)
{
    int64_t borders[] = {0, UT_DAY_US, 2 * UT_DAY_US};
    ut_span work = {UT_DAY_US - 30 * UT_MINUTE_US, UT_DAY_US + 30 * UT_MINUTE_US};
    ut_days days = {.border_us = borders, .count = 2, .work = &work, .work_count = 1};
    ut_day got[2];
    measure(t, got, &days);
    UT_EXPECT_NEAR(hours_of(t, &got[0], UT_MEASURE_UNINTERRUPTED_HOURS), 0.5, 1e-9);
    UT_EXPECT_NEAR(hours_of(t, &got[1], UT_MEASURE_UNINTERRUPTED_HOURS), 0.5, 1e-9);
    UT_EXPECT_I64(got[0].value[UT_MEASURE_FRAGMENTED_HOURS], 0);
}

UT_TEST(silver_day, an_empty_life_is_zero_and_has_no_spans)
{
    int64_t borders[] = {0, UT_DAY_US};
    ut_days days = {.border_us = borders, .count = 1};
    ut_day got;
    measure(t, &got, &days);
    for (int id = 0; id < UT_MEASURE_STORED; id++) {
        bool missing = id >= UT_MEASURE_COLLABORATION_SPAN && id <= UT_MEASURE_SHORT_RECOVERIES;
        UT_EXPECT_I64(got.value[id], missing ? UT_DAY_NONE : 0);
    }
}

UT_TEST(silver_day, bad_borders_and_a_full_arena_are_told_and_nothing_is_written)
{
    static life l;
    make_life(&l, &t->rng);
    l.days.message_count = MANY - 1;
    ut_day got[DAYS], before[DAYS];
    memset(got, 0x5a, sizeof got);
    memcpy(before, got, sizeof got);
    ut_arena arena = open_arena(t);
    ut_err err = {0};
    int64_t borders[] = {0, UT_DAY_US, UT_DAY_US, 2 * UT_DAY_US};
    ut_days bad = l.days;
    bad.border_us = borders;
    UT_EXPECT_I64(ut_days_measure(got, arena, &bad, &err), UT_INVALID);
    UT_EXPECT(ut_str_has(ut_str_of(err.message), UT_STR("day 1")));
    ut_arena_close(&arena);
    UT_REQUIRE(ut_arena_open(&arena, 64 * UT_KIB) == UT_OK);
    char *end = arena.end;
    size_t needed = 0;
    for (bool done = false; !done; needed += 64) { /* every cap on the way to the one that is enough */
        arena.end = arena.begin + needed < end ? arena.begin + needed : end;
        ut_status st = ut_days_measure(got, arena, &l.days, &err);
        done = st == UT_OK || arena.end == end;
        UT_EXPECT(st == UT_OK || (st == UT_NOMEM && memcmp(got, before, sizeof got) == 0));
    }
    UT_EXPECT(needed > 64 && memcmp(got, before, sizeof got) != 0);
    arena.end = end;
    ut_arena_close(&arena);
}
