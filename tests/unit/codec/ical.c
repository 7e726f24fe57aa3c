/* Calendar streams: what is cut, read, refused; zones, and the rules that must not hang. Answers of another program:
 * ical_golden.c. */
#include "codec/ical.h"

#include "harness/test.h"

#include <stdio.h>

typedef struct ut_seen {
    ut_buf text;
    ut_arena *keep;
    size_t stop_at, count;
} ut_seen;

typedef struct ut_drip {
    ut_str rest;
    size_t step;
} ut_drip;

static ut_status drip(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    (void)err;
    ut_drip *d = ctx;
    size_t n = d->rest.len < room ? d->rest.len : room;
    n = d->step && n > d->step ? d->step : n;
    if (n) {
        memcpy(to, d->rest.ptr, n);
    }
    d->rest = ut_str_slice(d->rest, n, d->rest.len);
    *ret_len = n;
    return UT_OK;
}

static ut_status on_item(void *ctx, const ut_ical_item *item, ut_err *err)
{
    ut_seen *seen = ctx;
    static const char *const kinds[] = {"event", "other", "reject"};
    ut_buf_format(&seen->text, "%lld+%lld %s " UT_STR_FMT, (long long)item->byte, (long long)item->size_bytes,
                  kinds[item->kind], UT_STR_ARG(item->component));
    if (item->event) {
        char start[32];
        size_t len = ut_time_format(start, item->event->start.at_us);
        ut_buf_format(&seen->text, " %.*s %s" UT_STR_FMT " " UT_STR_FMT, (int)len, start,
                      item->event->zone_unknown ? "?" : "", UT_STR_ARG(item->event->zone),
                      UT_STR_ARG(item->event->summary));
    }
    if (item->kind == UT_ICAL_ITEM_REJECT) {
        ut_buf_format(&seen->text, " @%lld %s", (long long)item->reason.byte, item->reason.message);
    }
    ut_buf_byte(&seen->text, '\n');
    return ++seen->count == seen->stop_at ? ut_fail(err, UT_INTERRUPTED, "enough") : UT_OK;
}

static ut_status read_all(ut_seen *seen, ut_str bytes, size_t step, ut_err *err)
{
    ut_ical_zones *zones = NULL;
    ut_drip d = {bytes, step};
    ut_stream stream = {.ctx = &d, .read = drip, .size_bytes = -1};
    ut_status st = ut_ical_zones_open(&zones, err);
    st = st == UT_OK ? ut_ical_read(&stream, zones, on_item, seen, err) : st;
    ut_ical_zones_close(&zones);
    return st;
}

static void expect_items(ut_test *t, int line, ut_str bytes, const char *want)
{
    static const size_t steps[] = {0, 1, 7, 64};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        ut_seen seen = {.text = ut_buf_make(UT_MIB)};
        ut_err err = {0};
        ut_status st = read_all(&seen, bytes, steps[i], &err);
        if (st != UT_OK || !ut_test_str(t, __FILE__, line, "items", ut_buf_str(&seen.text), ut_str_of(want))) {
            ut_test_fail(t, __FILE__, line, "with steps of %zu: %s", steps[i], err.message);
        }
        ut_buf_free(&seen.text);
    }
}
#define EXPECT_ITEMS(bytes_, want_) expect_items(t, __LINE__, UT_STR(bytes_), want_)

#define EVENT(lines_) "BEGIN:VEVENT\n" lines_ "END:VEVENT\n"
#define CALENDAR(text_) "BEGIN:VCALENDAR\n" text_ "END:VCALENDAR\n"
#define OWN_ZONE                                                                                                       \
    "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\n"      \
    "END:STANDARD\nEND:VTIMEZONE\n"

UT_TEST(codec_ical, a_broken_component_costs_only_itself)
{
    EXPECT_ITEMS(CALENDAR(EVENT("DTSTART:20260105T090000Z\nSUMMARY:a\n") EVENT("DTSTART:nonsense\n")
                              EVENT("SUMMARY:no start\n") EVENT("DTSTART:20260105\n")),
                 "16+59 event VEVENT 2026-01-05T09:00:00Z UTC a\n"
                 "75+41 reject VEVENT @88 DTSTART \"nonsense\" can't be read\n"
                 "116+41 reject VEVENT @116 an event without DTSTART\n"
                 "157+41 event VEVENT 2026-01-05T00:00:00Z  \n");
}

UT_TEST(codec_ical, a_component_that_never_ends_is_refused_and_the_next_is_whole)
{
    EXPECT_ITEMS(CALENDAR("BEGIN:VEVENT\nDTSTART:20260105\n" EVENT("DTSTART:20260106\n") "BEGIN:VTODO\n"),
                 "16+30 reject VEVENT @16 a component that is never closed: VEVENT\n"
                 "46+41 event VEVENT 2026-01-06T00:00:00Z  \n"
                 "87+12 reject VTODO @87 a component that is never closed: VTODO\n");
}

UT_TEST(codec_ical, what_is_no_event_is_named)
{
    EXPECT_ITEMS(CALENDAR("BEGIN:VTODO\nEND:VTODO\nBEGIN:X-ROOM\nBEGIN:X-INNER\nEND:X-INNER\nEND:X-ROOM\n"),
                 "16+22 other VTODO\n38+50 other X-ROOM\n");
    EXPECT_ITEMS("hello\n", "0+6 reject  @0 no calendar: nothing begins with BEGIN:: \n");
    EXPECT_ITEMS(" \r\n", "");
}

UT_TEST(codec_ical, folds_line_ends_marks_and_cases_do_not_matter)
{
    EXPECT_ITEMS("\xEF\xBB\xBF"
                 "begin:vevent\r\nDtStArT:2026\r\n 0105T\r\n\t0900Z\r\nsummary:x\xC3\r\n \xA4y\r\nend:vevent\r\n",
                 "3+73 event vevent 2026-01-05T09:00:00Z UTC x\xC3\xA4y\n");
    EXPECT_ITEMS("BEGIN:VEVENT\rDTSTART:20260105\rSUMMARY:old\rEND:VEVENT\r",
                 "0+53 event VEVENT 2026-01-05T00:00:00Z  old\n");
    EXPECT_ITEMS("BEGIN:VEVENT\nDTSTART:20260105\nSUMMARY:caf\xE9\nEND:VEVENT",
                 "0+53 event VEVENT 2026-01-05T00:00:00Z  caf\xC3\xA9\n");
}

UT_TEST(codec_ical, utf16_is_read_either_way_round)
{
    static const char text[] = "BEGIN:VEVENT\nDTSTART:20260105\nSUMMARY:hi\nEND:VEVENT\n";
    char bytes[2 * sizeof text];
    for (int big = 0; big < 2; big++) {
        size_t len = 0;
        bytes[len++] = big ? '\xFE' : '\xFF';
        bytes[len++] = big ? '\xFF' : '\xFE';
        for (size_t i = 0; i + 1 < sizeof text; i++) {
            bytes[len + !!big] = text[i];
            bytes[len + !big] = 0;
            len += 2;
        }
        expect_items(t, __LINE__, (ut_str){bytes, len}, "0+52 event VEVENT 2026-01-05T00:00:00Z  hi\n");
    }
}

UT_TEST(codec_ical, an_event_waits_for_a_zone_that_comes_after_it)
{
    EXPECT_ITEMS(
        CALENDAR(EVENT("DTSTART;TZID=Ours:20260105T090000\n") OWN_ZONE EVENT("DTSTART;TZID=Ours:20260106T090000\n")),
        "202+58 event VEVENT 2026-01-06T06:00:00Z Ours \n"
        "16+58 event VEVENT 2026-01-05T06:00:00Z Ours \n");
    EXPECT_ITEMS(CALENDAR(EVENT("DTSTART;TZID=Nowhere/Land:20260105T090000\n")),
                 "16+66 event VEVENT 2026-01-05T09:00:00Z ? \n");
}

UT_TEST(codec_ical, zones_of_one_calendar_are_not_those_of_the_next)
{
    EXPECT_ITEMS(CALENDAR(OWN_ZONE) CALENDAR(EVENT("DTSTART;TZID=Ours:20260105T090000\n")),
                 "174+58 event VEVENT 2026-01-05T09:00:00Z ? \n");
}

UT_TEST(codec_ical, names_of_zones_are_understood)
{
    static const struct {
        const char *tzid, *zone, *at;
    } cases[] = {
        {"Europe/Berlin", "Europe/Berlin", "2026-07-01T07:00:00Z"},
        {"W. Europe Standard Time", "Europe/Berlin", "2026-07-01T07:00:00Z"},
        {"Pacific Standard Time", "America/Los_Angeles", "2026-07-01T16:00:00Z"},
        {"\"India Standard Time\"", "Asia/Calcutta", "2026-07-01T03:30:00Z"},
        {"/freeassociation.sourceforge.net/Tzfile/America/Argentina/Salta", "America/Argentina/Salta",
         "2026-07-01T12:00:00Z"},
        {"UTC", "UTC", "2026-07-01T09:00:00Z"},
        {"GMT", "UTC", "2026-07-01T09:00:00Z"},
        {"CET", "CET", "2026-07-01T07:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[300], want[200];
        int len = snprintf(bytes, sizeof bytes, EVENT("DTSTART;TZID=%s:20260701T090000\n"), cases[i].tzid);
        (void)snprintf(want, sizeof want, "0+%d event VEVENT %s %s \n", len, cases[i].at, cases[i].zone);
        expect_items(t, __LINE__, (ut_str){bytes, (size_t)len}, want);
    }
}

static void expect_local(ut_test *t, const ut_ical_zone *zone, const char *local, const char *want)
{
    int64_t local_us = 0;
    char got[32];
    UT_EXPECT(ut_time_parse(ut_str_of(local), &local_us));
    size_t len = ut_time_format(got, ut_ical_zone_to_utc(zone, local_us));
    UT_EXPECT_STR(((ut_str){got, len}), want);
}

UT_TEST(codec_ical, clock_changes_are_read_as_the_rfc_wants)
{
    ut_ical_zones *zones = NULL;
    const ut_ical_zone *berlin = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_ical_zones_open(&zones, &err) == UT_OK);
    UT_REQUIRE(ut_ical_zone_find(&berlin, zones, UT_STR("Europe/Berlin"), &err) == UT_OK);
    UT_EXPECT(ut_ical_zone_find(&berlin, zones, UT_STR("Europe/Atlantis"), &err) == UT_NOT_FOUND);
    expect_local(t, berlin, "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z");
    expect_local(t, berlin, "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"); /* skipped: the offset before */
    expect_local(t, berlin, "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z");
    expect_local(t, berlin, "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"); /* twice: the first */
    expect_local(t, berlin, "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z");
    expect_local(t, berlin, "0001-01-01T00:00:00Z", "0000-12-31T23:00:00Z"); /* before 1900 the first one */
    expect_local(t, berlin, "9999-06-01T00:00:00Z", "9999-05-31T23:00:00Z"); /* after 2100 the last offset stays */
    for (int64_t day = ut_time_days_of(2020, 1, 1); day < ut_time_days_of(2030, 1, 1); day++) {
        int64_t at_us = day * UT_DAY_US + 12 * UT_HOUR_US;
        UT_EXPECT_I64(ut_ical_zone_to_utc(berlin, ut_ical_zone_to_local(berlin, at_us)), at_us);
    }
    ut_ical_zones_close(&zones);
    ut_ical_zones_close(&zones);
}

/* Parses one event; `use` looks at it. */
static void with_event(ut_test *t, ut_str bytes, void (*use)(ut_test *t, const ut_ical_event *event))
{
    ut_arena arena = {0};
    ut_ical_zones *zones = NULL;
    ut_ical_event event;
    ut_err err = {0};
    UT_REQUIRE(ut_arena_open(&arena, 64 * UT_MIB) == UT_OK && ut_ical_zones_open(&zones, &err) == UT_OK);
    ut_status st = ut_ical_parse(&arena, &event, zones, bytes, &err);
    if (st == UT_OK) {
        use(t, &event);
    } else {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    ut_ical_zones_close(&zones);
    ut_arena_close(&arena);
}

static void check_meeting(ut_test *t, const ut_ical_event *e)
{
    UT_EXPECT_STR(e->uid, "u1");
    UT_EXPECT_STR(e->summary, "Plan, do; check\nact\\");
    UT_EXPECT_STR(e->organizer.address, "boss@example.org");
    UT_EXPECT_STR(e->organizer.name, "The \"Boss\", ^1");
    UT_EXPECT_I64(e->attendee_count, 4);
    UT_EXPECT_I64(e->attendees_seen, 4);
    UT_EXPECT_STR(e->attendees[0].address, "ann@example.org");
    UT_EXPECT(e->attendees[0].answer == UT_ICAL_ACCEPTED && e->attendees[0].role == UT_ICAL_CHAIR);
    UT_EXPECT(e->attendees[1].answer == UT_ICAL_NEEDS_ACTION && e->attendees[1].role == UT_ICAL_OPTIONAL);
    UT_EXPECT_STR(e->attendees[1].address, "bob@example.org");
    UT_EXPECT(e->attendees[2].kind == UT_ICAL_ROOM && e->attendees[2].answer == UT_ICAL_DECLINED);
    UT_EXPECT_STR(e->attendees[3].address, "");
    UT_EXPECT(e->attendees[3].kind == UT_ICAL_UNKNOWN_KIND);
    UT_EXPECT(e->transparent && e->status == UT_ICAL_STATUS_TENTATIVE && e->busy == UT_ICAL_BUSY_AWAY);
    UT_EXPECT(e->class_ == UT_ICAL_PRIVATE && e->all_day && !e->start.is_date);
    UT_EXPECT_I64(e->sequence, 7);
    UT_EXPECT_I64(e->span.days, 1);
    UT_EXPECT_I64(e->span.seconds, 7200);
    UT_EXPECT_I64(e->stamp_us, ut_time_days_of(2026, 1, 1) * UT_DAY_US);
    UT_EXPECT(e->modified_us == INT64_MIN && e->created_us == ut_time_days_of(2025, 12, 1) * UT_DAY_US);
    /* A day by the clock, then two hours: the clock goes forward in between. */
    UT_EXPECT_I64(e->end_us - e->start.at_us, 25 * UT_HOUR_US);
}

UT_TEST(codec_ical, everything_an_event_says_is_there)
{
    with_event(
        t,
        UT_STR(EVENT(
            "UID:u1\nSUMMARY:Plan\\, do\\; check\\nact\\\\\nDTSTART;TZID=Europe/Berlin:20260328T100000\n"
            "DURATION:P1DT2H\nSEQUENCE:7\nTRANSP:TRANSPARENT\nSTATUS:tentative\nCLASS:X-OURS\n"
            "X-MICROSOFT-CDO-BUSYSTATUS:OOF\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE\nDTSTAMP:20260101T000000Z\n"
            "CREATED:20251201T000000Z\nLAST-MODIFIED:never\n"
            "ORGANIZER;CN=\"The ^'Boss^', ^^1\":MAILTO:Boss@Example.ORG\n"
            "ATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED;CN=Ann:mailto:ann@example.org\n"
            "ATTENDEE;ROLE=OPT-PARTICIPANT;EMAIL=bob@example.org:urn:uuid:1\n"
            "ATTENDEE;CUTYPE=ROOM;PARTSTAT=DECLINED:mailto:room1@example.org\n"
            "ATTENDEE;CUTYPE=ROBOT:invalid:nomail\nBEGIN:VALARM\nSUMMARY:not this\nATTENDEE:mailto:x@y\n"
            "DURATION:PT1M\nEND:VALARM\n")),
        check_meeting);
}

static ut_status count_one(void *ctx, const ut_ical_occurrence *o, ut_err *err)
{
    (void)err;
    size_t *count = ctx;
    *count += o->end_us >= o->start_us;
    return UT_OK;
}

typedef struct ut_case {
    const char *rule;
    ut_status want;
    size_t count; /* within 2026, when want is UT_OK */
} ut_case;

static void expect_rule(ut_test *t, const ut_case *c, const char *dtstart)
{
    ut_arena arena = {0};
    ut_ical_zones *zones = NULL;
    ut_ical_event event;
    ut_err err = {0};
    char bytes[500];
    size_t count = 0;
    int len = snprintf(bytes, sizeof bytes, EVENT("%s\nDURATION:PT1H\n%s\n"), dtstart, c->rule);
    UT_REQUIRE(ut_arena_open(&arena, 64 * UT_MIB) == UT_OK && ut_ical_zones_open(&zones, &err) == UT_OK);
    ut_status st = ut_ical_parse(&arena, &event, zones, (ut_str){bytes, (size_t)len}, &err);
    ut_ical_window window = {ut_time_days_of(2026, 1, 1) * UT_DAY_US, ut_time_days_of(2027, 1, 1) * UT_DAY_US, 1000};
    ut_ical_series series = {.master = &event};
    st = st == UT_OK ? ut_ical_expand(&series, &window, count_one, &count, &err) : st;
    if (st != c->want || count != (st == UT_OK ? c->count : 0) || (st != UT_OK && !err.message[0])) {
        ut_test_fail(t, __FILE__, __LINE__, "%s %s: %s (%s), %zu occurrences", dtstart, c->rule, ut_status_name(st),
                     err.message, count);
    }
    ut_ical_zones_close(&zones);
    ut_arena_close(&arena);
}

UT_TEST(codec_ical, no_rule_hangs)
{
    static const ut_case cases[] = {
        {"RRULE:FREQ=SECONDLY", UT_UNSUPPORTED, 0},
        {"RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", UT_UNSUPPORTED, 0},
        {"RRULE:FREQ=HOURLY", UT_LIMIT, 0}, /* 8,760 in a year, 1,000 are asked for */
        {"RRULE:FREQ=HOURLY;INTERVAL=12", UT_OK, 722},
        {"RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", UT_OK, 1},
        {"RRULE:FREQ=HOURLY;INTERVAL=2;BYHOUR=8", UT_OK, 1},
        {"RRULE:FREQ=DAILY", UT_OK, 361},
        {"RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU", UT_OK, 1}, /* a Monday: never again */
        {"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", UT_OK, 1},
        {"RRULE:FREQ=MONTHLY;BYMONTHDAY=31", UT_OK, 8}, /* DTSTART and the seven months that have one */
        {"RRULE:FREQ=YEARLY;INTERVAL=30000", UT_OK, 1},
        {"RRULE:FREQ=DAILY;INTERVAL=65537", UT_INVALID, 0},
        {"RRULE:FREQ=DAILY;INTERVAL=0", UT_INVALID, 0},
        {"RRULE:FREQ=DAILY;COUNT=3", UT_OK, 3},
        {"RRULE:FREQ=DAILY;UNTIL=20260110", UT_OK, 6},
        {"RRULE:FREQ=NEVER", UT_INVALID, 0},
        {"RRULE:RSCALE=HEBREW;FREQ=YEARLY", UT_UNSUPPORTED, 0},
        {"EXRULE:FREQ=DAILY", UT_UNSUPPORTED, 0},
        {"RRULE:FREQ=DAILY;BYSECOND=0,1,2,3,4;BYMINUTE=0,1,2,3,4,5,6,7", UT_LIMIT, 0},
        {"RRULE:", UT_OK, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_rule(t, &cases[i], "DTSTART:20260105T090000Z");
    }
    const ut_case old = {"RRULE:FREQ=YEARLY;COUNT=9000", UT_OK, 1},
                  hourly = {"RRULE:FREQ=HOURLY;COUNT=99999999", UT_LIMIT, 0};
    expect_rule(t, &old, "DTSTART;VALUE=DATE:00010105");
    expect_rule(t, &hourly, "DTSTART:00010105T000000Z"); /* counting alone takes more than the budget */
    const ut_case past = {"RRULE:FREQ=DAILY", UT_OK, 0}, long_ago = {"RRULE:FREQ=WEEKLY", UT_OK, 52};
    expect_rule(t, &past, "DTSTART:99990105T000000Z");
    expect_rule(t, &long_ago, "DTSTART:19000101T000000Z");
}

UT_TEST(codec_ical, times_that_can_not_be_are_refused)
{
    static const char *const lines[] = {
        "DTSTART:00000101T000000Z",
        "DTSTART:20260230",
        "DTSTART:20261301",
        "DTSTART:20260101T250000",
        "DTSTART:20260101T0900000",
        "DTSTART:",
        "DTSTART:20260101\nDTEND:x",
        "DTSTART:20260101\nDURATION:1H",
        "DTSTART:20260101\nDURATION:P",
        "DTSTART:20260101\nEXDATE:x",
        "DTSTART:20260101\nRDATE:20260101/y",
        "DTSTART:20260101\nRECURRENCE-ID:z",
        "DTSTART:20260101\nDURATION:P999999999D",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const ut_case c = {"", UT_INVALID, 0};
        char start[200];
        (void)snprintf(start, sizeof start, "%s", lines[i]);
        expect_rule(t, &c, start);
    }
}

UT_TEST(codec_ical, the_newer_version_of_an_override_counts)
{
    ut_ical_event master = {
        .start = {.local_us = 0}, .span = {.seconds = 60}, .rule_count = 1, .rules = {UT_STR("FREQ=DAILY;COUNT=3")}};
    ut_ical_event old = {.is_override = true,
                         .recurrence_id.at_us = UT_DAY_US,
                         .start.at_us = UT_DAY_US + 1,
                         .end_us = UT_DAY_US + 2,
                         .sequence = 1,
                         .stamp_us = 9};
    ut_ical_event new = old;
    new.sequence = 2;
    new.stamp_us = 1;
    new.status = UT_ICAL_STATUS_CANCELLED;
    const ut_ical_event *both[] = {&old, &new};
    ut_ical_series series = {&master, both, 2};
    ut_ical_window window = {0, 10 * UT_DAY_US, 10};
    size_t count = 0;
    ut_err err = {0};
    UT_EXPECT(ut_ical_expand(&series, &window, count_one, &count, &err) == UT_OK);
    UT_EXPECT_I64(count, 2);
}

#define SWEEP_TEXT                                                                                                     \
    CALENDAR("X-WR-TIMEZONE:Asia/Tokyo\n" EVENT("UID:a\nDTSTART;TZID=Ours:20260105T090000\nSUMMARY:caf\xE9\\, b\n"     \
                                                "ATTENDEE;CN=A^'b:mailto:a@b\nRRULE:FREQ=DAILY;COUNT=100\n"            \
                                                "EXDATE:20260107T060000Z\nRDATE:20270101T000000Z\n") OWN_ZONE)

typedef struct ut_sweep_state {
    size_t count;
    ut_ical_window window;
} ut_sweep_state;

static ut_status expand_item(void *ctx, const ut_ical_item *item, ut_err *err)
{
    ut_sweep_state *state = ctx;
    ut_ical_series series = {.master = item->event};
    return item->event ? ut_ical_expand(&series, &state->window, count_one, &state->count, err) : UT_OK;
}

UT_TEST(codec_ical, survives_any_failing_allocation)
{
    UT_SWEEP_ALLOC(t)
    {
        ut_sweep_state state = {.window = {0, ut_time_days_of(2030, 1, 1) * UT_DAY_US, 1000}};
        ut_ical_zones *zones = NULL;
        ut_err err = {0};
        ut_stream_memory memory;
        ut_stream stream = ut_stream_of_memory(&memory, UT_STR(SWEEP_TEXT));
        ut_status st = ut_ical_zones_open(&zones, &err);
        st = st == UT_OK ? ut_ical_read(&stream, zones, expand_item, &state, &err) : st;
        ut_ical_zones_close(&zones);
        UT_EXPECT(st == UT_OK ? state.count == 100 : st == UT_NOMEM && state.count == 0);
    }
}

UT_TEST(codec_ical, a_component_larger_than_a_record_is_one_reject)
{
    size_t size = UT_RECORD_BYTES_MAX + 100000;
    char *bytes = ut_mem_alloc(size);
    UT_REQUIRE(bytes);
    memset(bytes, 'x', size);
    static const char head[] = "BEGIN:VEVENT\nATTACH:", tail[] = "\nEND:VEVENT\n" EVENT("DTSTART:20260105\n");
    memcpy(bytes, head, sizeof head - 1);
    memcpy(bytes + size - (sizeof tail - 1), tail, sizeof tail - 1);
    ut_seen seen = {.text = ut_buf_make(UT_MIB)};
    ut_err err = {0};
    UT_EXPECT(read_all(&seen, (ut_str){bytes, size}, 0, &err) == UT_OK);
    UT_EXPECT_I64(seen.count, 2);
    UT_EXPECT(ut_str_has(ut_buf_str(&seen.text), UT_STR("reject VEVENT @0 a component over the size of a record")));
    UT_EXPECT(ut_str_has(ut_buf_str(&seen.text), UT_STR("event VEVENT 2026-01-05")));
    ut_buf_free(&seen.text);
    ut_mem_free(bytes);
}

UT_TEST(codec_ical, a_visitor_can_stop)
{
    ut_seen seen = {.text = ut_buf_make(UT_MIB), .stop_at = 1};
    ut_err err = {0};
    UT_EXPECT(read_all(&seen, UT_STR(EVENT("DTSTART:20260105\n") EVENT("DTSTART:20260106\n")), 0, &err) ==
              UT_INTERRUPTED);
    UT_EXPECT_I64(seen.count, 1);
    ut_buf_free(&seen.text);
}
