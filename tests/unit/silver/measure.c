/* The catalogue: every entry is complete, and its worked example, read as it stands, gives the figure beside it. */
#include "harness/test.h"
#include "silver/day.h"

#define MANY 16
#define MIDNIGHT_US (INT64_C(20514) * UT_DAY_US) /* 2026-03-02, of the day the example is about, in UTC */

typedef struct scene {
    int64_t borders[3]; /* yesterday, the day, its end */
    ut_span work[MANY], items[MANY];
    ut_day_meeting meetings[MANY];
    ut_day_message messages[MANY];
    ut_days days;
} scene;

static ut_str word(ut_str *line)
{
    ut_str next = {0};
    while (line->len && next.len == 0) {
        next = ut_str_cut(line, ' ');
    }
    return next;
}

static int64_t number(ut_test *t, ut_str text)
{
    int64_t value = 0;
    UT_REQUIRE(ut_str_to_i64(text, &value));
    return value;
}

static int64_t instant(ut_test *t, ut_str clock, int64_t midnight)
{
    ut_str hours = ut_str_cut(&clock, ':');
    return midnight + number(t, hours) * UT_HOUR_US + number(t, clock) * UT_MINUTE_US;
}

static ut_span stretch(ut_test *t, ut_str text, int64_t midnight)
{
    ut_str from = ut_str_cut(&text, '-');
    return (ut_span){instant(t, from, midnight), instant(t, text, midnight)};
}

static void read_work(ut_test *t, scene *s, ut_str line, int64_t midnight)
{
    s->days.work_count = 0;
    for (ut_str next = word(&line); next.len && !ut_str_eq(next, UT_STR("none")); next = word(&line)) {
        UT_REQUIRE(s->days.work_count < MANY);
        s->work[s->days.work_count++] = stretch(t, next, midnight);
    }
}

static void read_meeting(ut_test *t, scene *s, ut_str line, int64_t midnight)
{
    ut_span span = stretch(t, word(&line), midnight);
    ut_day_meeting meeting = {.from_us = span.from_us, .to_us = span.to_us, .invited_us = UT_DAY_UNKNOWN_US,
                              .people = 3, .mine = true, .busy = true};
    for (ut_str next = word(&line); next.len; next = word(&line)) {
        if (ut_str_eq(next, UT_STR("recurring"))) {
            meeting.recurring = true;
        } else if (ut_str_eq(next, UT_STR("cancelled"))) {
            meeting.cancelled = true;
        } else if (ut_str_eq(next, UT_STR("all-day"))) {
            meeting.all_day = true;
        } else if (ut_str_eq(next, UT_STR("free"))) {
            meeting.busy = false;
        } else if (ut_str_eq(next, UT_STR("declined"))) {
            meeting.mine = false;
        } else if (ut_str_eq(next, UT_STR("notice"))) {
            ut_str hours = word(&line);
            meeting.invited_us = span.from_us - number(t, ut_str_cut(&hours, 'h')) * UT_HOUR_US;
        } else {
            meeting.people = (int)number(t, next);
            UT_REQUIRE(ut_str_eq(word(&line), UT_STR("people")));
        }
    }
    UT_REQUIRE(s->days.meeting_count < MANY);
    s->meetings[s->days.meeting_count++] = meeting;
}

static void read_messages(ut_test *t, scene *s, ut_str line, int64_t midnight, ut_day_channel channel)
{
    bool alone = ut_str_ends(line, UT_STR(" to oneself"));
    line = ut_str_slice(line, 0, line.len - (alone ? sizeof " to oneself" - 1 : 0));
    ut_str name = channel == UT_DAY_CHAT ? word(&line) : (ut_str){0};
    for (ut_str next = word(&line); next.len; next = word(&line)) {
        UT_REQUIRE(s->days.message_count < MANY);
        s->messages[s->days.message_count++] = (ut_day_message){.at_us = instant(t, next, midnight),
                                                                .conversation = name.len ? name.ptr[0] : 0,
                                                                .channel = channel, .alone = alone};
    }
}

static void read_line(ut_test *t, scene *s, ut_str line)
{
    int64_t midnight = MIDNIGHT_US;
    ut_str what = word(&line);
    if (ut_str_eq(what, UT_STR("yesterday"))) {
        midnight -= UT_DAY_US;
        what = word(&line);
    }
    if (ut_str_eq(what, UT_STR("work"))) {
        read_work(t, s, line, midnight);
    } else if (ut_str_eq(what, UT_STR("meeting"))) {
        read_meeting(t, s, line, midnight);
    } else if (ut_str_eq(what, UT_STR("mail"))) {
        read_messages(t, s, line, midnight, UT_DAY_MAIL);
    } else if (ut_str_eq(what, UT_STR("chat"))) {
        read_messages(t, s, line, midnight, UT_DAY_CHAT);
    } else if (ut_str_eq(what, UT_STR("item"))) {
        UT_REQUIRE(s->days.item_count < MANY);
        s->items[s->days.item_count++] = stretch(t, word(&line), midnight);
    } else {
        ut_test_fail(t, __FILE__, __LINE__, "no example begins a line with " UT_STR_FMT, UT_STR_ARG(what));
    }
}

static void read_scene(ut_test *t, scene *s, ut_str text)
{
    for (int i = 0; i < 3; i++) {
        s->borders[i] = MIDNIGHT_US + (i - 1) * UT_DAY_US + 4 * UT_HOUR_US;
    }
    s->days = (ut_days){.border_us = s->borders, .count = 2, .work = s->work, .meetings = s->meetings,
                        .messages = s->messages, .items = s->items};
    read_work(t, s, UT_STR("09:00-17:00"), MIDNIGHT_US);
    for (ut_str line; ut_str_line(&text, &line);) {
        line = ut_str_trim(ut_str_cut(&line, '#'));
        read_line(t, s, line);
    }
}

static bool run(ut_test *t, ut_measure_id id, const char *example, double *ret)
{
    ut_arena arena;
    static scene s;
    ut_day days[2];
    ut_err err = {0};
    s = (scene){0};
    UT_REQUIRE(ut_arena_open(&arena, UT_MIB) == UT_OK);
    read_scene(t, &s, ut_str_of(example));
    UT_EXPECT_I64(ut_days_measure(days, arena, &s.days, &err), UT_OK);
    ut_arena_close(&arena);
    return ut_day_value(&days[1], id, ret);
}

UT_TEST(silver_measure, worked_examples_give_the_figures_beside_them)
{
    for (int id = 0; id < UT_MEASURE_COUNT; id++) {
        const ut_measure *measure = ut_measure_get((ut_measure_id)id);
        double got = 0, want = 0;
        UT_REQUIRE(ut_str_to_f64(ut_str_of(measure->result), &want));
        bool there = run(t, (ut_measure_id)id, measure->example, &got);
        if (!there || got - want > 1e-9 || want - got > 1e-9) {
            ut_test_fail(t, __FILE__, __LINE__, "the example of %s gives %.9g, not %s", measure->key, got,
                         measure->result);
        }
    }
}

UT_TEST(silver_measure, days_without_a_value_have_none)
{
    static const struct {
        ut_measure_id id;
        const char *example;
    } none[] = {
        {UT_MEASURE_COLLABORATION_SPAN, "item 09:00-12:00"},
        {UT_MEASURE_RECOVERY_HOURS, "mail 09:00"},
        {UT_MEASURE_RECOVERY_HOURS, "yesterday mail 18:00"},
        {UT_MEASURE_SHORT_RECOVERIES, "mail 09:00"},
        {UT_MEASURE_MEETING_LOAD, "work none\nmeeting 10:00-11:00"},
        {UT_MEASURE_BACK_TO_BACK_SHARE, "mail 09:00"},
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        double value = -7;
        UT_EXPECT(!run(t, none[i].id, none[i].example, &value));
        UT_EXPECT_NEAR(value, -7, 0);
    }
}

static bool is_key(const char *key)
{
    return key[0] >= 'a' && key[0] <= 'z' && key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static bool is_sentence(const char *text)
{
    size_t len = strlen(text);
    return len > 10 && text[len - 1] == '.' && strstr(text, "  ") == NULL;
}

UT_TEST(silver_measure, entries_are_complete)
{
    for (int id = 0; id < UT_MEASURE_COUNT; id++) {
        const ut_measure *measure = ut_measure_get((ut_measure_id)id);
        ut_measure_id found = UT_MEASURE_COUNT;
        UT_REQUIRE(measure->key && measure->exclusions && measure->source && measure->title);
        UT_EXPECT(is_key(measure->key));
        UT_EXPECT(ut_measure_find(&found, ut_str_of(measure->key)));
        UT_EXPECT_I64(found, id); /* no key twice */
        UT_EXPECT(measure->version >= 1 && measure->min_n > 0 && measure->scale_floor > 0 && measure->inputs);
        UT_EXPECT(measure->title[0] && measure->source[0] && is_sentence(measure->definition));
        UT_EXPECT(measure->exclusions[0] == '\0' || is_sentence(measure->exclusions));
        UT_EXPECT((measure->fold == UT_FOLD_RATIO) == (id >= UT_MEASURE_STORED));
        UT_EXPECT((measure->unit == UT_UNIT_SHARE) == (measure->fold == UT_FOLD_RATIO));
        UT_EXPECT(!ut_str_ends(ut_str_of(measure->key), UT_STR("_hours")) || measure->unit == UT_UNIT_HOURS);
        if (measure->fold == UT_FOLD_RATIO) {
            UT_REQUIRE(measure->part < UT_MEASURE_STORED && measure->whole < UT_MEASURE_STORED);
            const ut_measure *part = ut_measure_get(measure->part), *whole = ut_measure_get(measure->whole);
            UT_EXPECT(part->unit == whole->unit);
            UT_EXPECT_I64(measure->inputs, part->inputs | whole->inputs);
        }
    }
    ut_measure_id found = UT_MEASURE_COUNT;
    UT_EXPECT(!ut_measure_find(&found, UT_STR("meeting")));
    UT_EXPECT_I64(found, UT_MEASURE_COUNT);
}
