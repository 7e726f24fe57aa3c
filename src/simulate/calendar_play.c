/* simulate/calendar_play.c — everybody's calendar as one .ics file: series with RRULE, EXDATE and moved instances,
 * meetings of the day, focus blocks, leave. Each attendee's file holds the event as calendar servers export it: the
 * same UID, all attendees with their answers, times in the organizer's zone. */
#include "simulate/simulate_int.h"

#include <stdio.h>

#define LISTED_MAX 40 /* attendees written out; an all-hands of 1,000 people would make files of 1,000 × 1,000 lines */

typedef struct event {
    ut_str uid, title;
    int organizer;
    const int *attendees;
    int attendee_count;
    int64_t start_us, end_us; /* or whole days */
    int64_t stamp_us;
    bool all_day, free, cancelled, oof;
    const char *extra; /* RRULE and EXDATE lines */
    int64_t recurrence_us; /* of a moved instance: where it was; else 0 */
} event;

/* Content lines are folded after 73 bytes, never inside a character. */
static void put_line(ut_buf *to, ut_str line)
{
    size_t at = 0, room = 73;
    while (line.len - at > room) {
        size_t end = at + room;
        while (((unsigned char)line.ptr[end] & 0xc0) == 0x80) {
            end--;
        }
        ut_buf_put(to, ut_str_slice(line, at, end));
        ut_buf_puts(to, "\r\n ");
        at = end;
        room = 72;
    }
    ut_buf_put(to, ut_str_slice(line, at, line.len));
    ut_buf_puts(to, "\r\n");
}

static void put_local(ut_buf *to, const char *name, int zone, int64_t at_us)
{
    int64_t local = at_us + ut_sim__zone_offset_min(zone, at_us) * UT_MINUTE_US, year;
    int64_t second = local % UT_DAY_US / UT_SECOND_US;
    int month, day;
    ut_time_civil_of(local / UT_DAY_US, &year, &month, &day);
    ut_buf_format(to, "%s;TZID=%s:%04d%02d%02dT%02d%02d%02d\r\n", name, ut_sim_zones[zone].name, (int)year, month, day,
                  (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

static void put_day(ut_buf *to, const char *name, int64_t days)
{
    int64_t year;
    int month, day;
    ut_time_civil_of(days, &year, &month, &day);
    ut_buf_format(to, "%s;VALUE=DATE:%04d%02d%02d\r\n", name, (int)year, month, day);
}

static void put_utc(ut_buf *to, const char *before, int64_t at_us)
{
    int64_t year, second = at_us % UT_DAY_US / UT_SECOND_US;
    int month, day;
    ut_time_civil_of(at_us / UT_DAY_US, &year, &month, &day);
    ut_buf_format(to, "%s%04d%02d%02dT%02d%02d%02dZ", before, (int)year, month, day, (int)(second / 3600),
                  (int)(second / 60 % 60), (int)(second % 60));
}

static void put_text(ut_sim *sim, ut_buf *to, const char *name, ut_str text)
{
    ut_buf_clear(&sim->styled);
    ut_buf_puts(&sim->styled, name);
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(",;\\", text.ptr[i])) {
            ut_buf_byte(&sim->styled, '\\');
        }
        ut_buf_byte(&sim->styled, text.ptr[i]);
    }
    put_line(to, ut_buf_str(&sim->styled));
}

static const char *answer_of(const event *e, int person)
{
    if (person == e->organizer) {
        return "ACCEPTED";
    }
    uint64_t pick = ut_hash_mix(ut_hash_bytes(e->uid, 11), (uint64_t)person + 3) % 100;
    return pick < 82 ? "ACCEPTED" : pick < 88 ? "TENTATIVE" : pick < 94 ? "DECLINED" : "NEEDS-ACTION";
}

static void put_attendee(ut_sim *sim, ut_buf *to, const event *e, int person, bool organizer)
{
    const ut_sim_person *p = &sim->people[person];
    char line[512];
    int len = organizer ? snprintf(line, sizeof line, "ORGANIZER;CN=\"" UT_STR_FMT "\":mailto:" UT_STR_FMT,
                                   UT_STR_ARG(p->name), UT_STR_ARG(p->email))
                        : snprintf(line, sizeof line, "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=%s;"
                                   "RSVP=TRUE;CN=\"" UT_STR_FMT "\":mailto:" UT_STR_FMT, answer_of(e, person),
                                   UT_STR_ARG(p->name), UT_STR_ARG(p->email));
    put_line(to, (ut_str){line, (size_t)len});
}

static void put_times(ut_buf *to, const event *e, int zone)
{
    if (e->all_day) {
        put_day(to, "DTSTART", e->start_us / UT_DAY_US);
        put_day(to, "DTEND", e->end_us / UT_DAY_US);
        return;
    }
    put_local(to, "DTSTART", zone, e->start_us);
    put_local(to, "DTEND", zone, e->end_us);
    if (e->recurrence_us) {
        put_local(to, "RECURRENCE-ID", zone, e->recurrence_us);
    }
    ut_buf_puts(to, e->extra ? e->extra : "");
}

static void put_event(ut_sim *sim, ut_buf *to, const event *e, int owner)
{
    ut_buf_format(to, "BEGIN:VEVENT\r\nUID:" UT_STR_FMT "\r\n", UT_STR_ARG(e->uid));
    put_utc(to, "DTSTAMP:", e->stamp_us);
    ut_buf_puts(to, "\r\n");
    put_times(to, e, sim->people[e->organizer].zone);
    put_text(sim, to, "SUMMARY:", e->title);
    if (e->attendee_count > 1) {
        put_attendee(sim, to, e, e->organizer, true);
        bool own = false;
        for (int i = 0; i < e->attendee_count && i < LISTED_MAX; i++) {
            put_attendee(sim, to, e, e->attendees[i], false);
            own = own || e->attendees[i] == owner;
        }
        if (!own) {
            put_attendee(sim, to, e, owner, false);
        }
    }
    ut_buf_format(to, "STATUS:%s\r\nTRANSP:%s\r\nSEQUENCE:%d\r\n", e->cancelled ? "CANCELLED" : "CONFIRMED",
                  e->free ? "TRANSPARENT" : "OPAQUE", e->recurrence_us || e->cancelled ? 1 : 0);
    if (e->oof) {
        ut_buf_puts(to, "X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n");
    }
    ut_buf_puts(to, "END:VEVENT\r\n");
}

static bool has_calendar(const ut_sim *sim, int person)
{
    return !(sim->people[person].missing & MISSING_CALENDAR);
}

static void append_calendar(ut_sim *sim, int person, ut_str bytes)
{
    char path[160];
    ut_str name = ut_str_slice(sim->people[person].email, 0, ut_str_find_byte(sim->people[person].email, '@', 0));
    size_t len = (size_t)snprintf(path, sizeof path, "calendar/" UT_STR_FMT ".ics", UT_STR_ARG(name));
    ut_sim__write(sim, (ut_str){path, len}, bytes);
}

static int64_t first_day_of(const ut_sim *sim, const ut_sim_series *s)
{
    int64_t day = sim->options.from_day;
    while (s->daily ? ut_time_weekday(day) > 4 : ut_time_weekday(day) != s->weekday) {
        day++;
    }
    return day;
}

static bool occurs(const ut_sim_series *s, int64_t first, int64_t day)
{
    return s->daily ? ut_time_weekday(day) < 5 : day >= first && (day - first) % (7 * s->interval) == 0;
}

/* What befalls one instance of a series: 0 held, 1 left out, 2 moved by an hour. On the organizer's holidays there is
 * none. */
static int fate_of(const ut_sim *sim, const ut_sim_series *s, int64_t day)
{
    if (ut_sim__zone_holiday(sim->people[s->organizer].zone, day)) {
        return 1;
    }
    uint64_t pick = ut_hash_mix(ut_hash_bytes(s->uid, 5), (uint64_t)day) % 40;
    return pick == 7 ? 1 : pick == 19 && !s->daily ? 2 : 0;
}

/* RRULE until the end of the run, and the EXDATE lines. Into `to`, which must outlive the event. */
static void put_rule(const ut_sim *sim, ut_buf *to, const ut_sim_series *s)
{
    static const char *const names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    int zone = sim->people[s->organizer].zone;
    int64_t first = first_day_of(sim, s);
    if (s->daily) {
        ut_buf_puts(to, "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
    } else {
        ut_buf_format(to, "RRULE:FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s", s->interval, names[s->weekday]);
    }
    put_utc(to, ";UNTIL=", ut_sim__zone_to_utc(zone, sim->end_day, 0));
    ut_buf_puts(to, "\r\n");
    for (int64_t day = first; day < sim->end_day; day++) {
        if (occurs(s, first, day) && fate_of(sim, s, day) == 1) {
            put_local(to, "EXDATE", zone, ut_sim__zone_to_utc(zone, day, s->start_min));
        }
    }
}

static void put_series(ut_sim *sim, ut_buf *to, const ut_sim_series *s, int owner)
{
    int zone = sim->people[s->organizer].zone;
    int64_t first = first_day_of(sim, s);
    ut_buf_clear(&sim->draft);
    put_rule(sim, &sim->draft, s);
    ut_buf_byte(&sim->draft, 0);
    event e = {.uid = s->uid, .title = s->title, .organizer = s->organizer, .attendees = s->attendees,
               .attendee_count = s->attendee_count, .stamp_us = (sim->options.from_day - 30) * UT_DAY_US,
               .start_us = ut_sim__zone_to_utc(zone, first, s->start_min), .extra = sim->draft.ptr};
    e.end_us = e.start_us + s->length_min * UT_MINUTE_US;
    put_event(sim, to, &e, owner);
    e.extra = NULL;
    for (int64_t day = first; day < sim->end_day; day++) {
        if (occurs(s, first, day) && fate_of(sim, s, day) == 2) {
            e.recurrence_us = ut_sim__zone_to_utc(zone, day, s->start_min);
            e.start_us = e.recurrence_us + UT_HOUR_US;
            e.end_us = e.start_us + s->length_min * UT_MINUTE_US;
            put_event(sim, to, &e, owner);
        }
    }
}

static void put_leave(ut_sim *sim, ut_buf *to, int person)
{
    for (uint32_t i = 0; i < sim->episode_count_of[person]; i++) {
        uint32_t number = sim->episodes_of[person][i];
        const ut_sim_episode *l = &sim->episodes[number];
        /* Who falls ill does not enter it beforehand. */
        if (l->kind != EPISODE_LEAVE || ut_str_eq(l->cause, UT_STR("sick"))) {
            continue;
        }
        char uid[96];
        size_t len = (size_t)snprintf(uid, sizeof uid, "leave-%u@cal.%s", number, sim->domain.ptr);
        event e = {.uid = {uid, len}, .title = l->cause, .organizer = person, .all_day = true, .oof = true,
                   .start_us = l->first_day * UT_DAY_US, .end_us = (l->last_day + 1) * UT_DAY_US,
                   .stamp_us = (l->first_day - 20) * UT_DAY_US};
        put_event(sim, to, &e, person);
    }
}

void ut_sim__calendar_begin(ut_sim *sim)
{
    for (uint32_t i = 0; i < sim->people_count && sim->failed == UT_OK; i++) {
        if (!has_calendar(sim, (int)i)) {
            continue;
        }
        ut_buf *to = &sim->file;
        ut_buf_clear(to);
        ut_buf_puts(to, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Undertone//simulate "
            "1//EN\r\nCALSCALE:GREGORIAN\r\n");
        for (int zone = 0; zone < SIM_ZONES; zone++) {
            ut_sim__zone_vtimezone(to, zone);
        }
        for (uint32_t n = 0; n < sim->series_count; n++) {
            const ut_sim_series *s = &sim->series[n];
            for (int a = 0; a < s->attendee_count; a++) {
                if (s->attendees[a] == (int)i) {
                    put_series(sim, to, s, (int)i);
                }
            }
        }
        put_leave(sim, to, (int)i);
        append_calendar(sim, (int)i, ut_buf_str(to));
    }
    sim->counts.meetings += sim->series_count;
}

void ut_sim__calendar_end(ut_sim *sim)
{
    for (uint32_t i = 0; i < sim->people_count && sim->failed == UT_OK; i++) {
        if (has_calendar(sim, (int)i)) {
            append_calendar(sim, (int)i, UT_STR("END:VCALENDAR\r\n"));
        }
    }
}

static void hold(ut_sim *sim, event *e, ut_rng *rng)
{
    char uid[96];
    e->uid = (ut_str){uid, (size_t)snprintf(uid, sizeof uid, "%016llx@cal.%s", (unsigned long long)ut_rng_u64(rng),
                                            sim->domain.ptr)};
    e->cancelled = e->attendee_count > 1 && ut_sim__chance(rng, 40);
    for (int i = 0; i < e->attendee_count; i++) {
        if (has_calendar(sim, e->attendees[i])) {
            ut_buf_clear(&sim->file);
            put_event(sim, &sim->file, e, e->attendees[i]);
            append_calendar(sim, e->attendees[i], ut_buf_str(&sim->file));
        }
    }
    sim->counts.meetings++;
}

static void hold_ad_hoc(ut_sim *sim, int person, ut_rng *rng)
{
    int attendees[6] = {person}, count = 1, wanted = 1 + (int)ut_rng_below(rng, 5);
    for (int i = 0; i < wanted; i++) {
        int who = ut_sim__partner(sim, person, rng, true);
        bool twice = who < 0;
        for (int n = 0; n < count; n++) {
            twice = twice || attendees[n] == who;
        }
        if (!twice) {
            attendees[count++] = who;
        }
    }
    if (count < 2) {
        return;
    }
    static const int lengths[] = {15, 30, 30, 30, 45, 60, 60, 90};
    static const int notices[] = {1, 3, 8, 20, 30, 50, 100, 200};
    const ut_sim_person *p = &sim->people[person];
    ut_sim_talk talk = {.sim = sim, .rng = rng, .me = person, .you = attendees[1], .third = -1, .day = sim->day,
                        .team = ut_sim__team_of(sim, person, sim->day)};
    talk.kind = sim->teams[talk.team].kind;
    ut_arena_reset(&sim->scratch);
    ut_buf_clear(&sim->text);
    (void)ut_sim__expand_symbol(&talk, &sim->text, UT_STR("meeting_title"), 0);
    int minute = p->start_min + 30 * ut_sim__range(rng, 1, (p->end_min - p->start_min) / 30 - 2);
    event e = {.title = ut_arena_copy(&sim->scratch, ut_buf_str(&sim->text)), .organizer = person,
               .attendees = attendees, .attendee_count = count,
               .start_us = ut_sim__zone_to_utc(p->zone, sim->day, minute)};
    e.end_us = e.start_us + lengths[ut_rng_below(rng, 8)] * UT_MINUTE_US;
    e.stamp_us = e.start_us - notices[ut_rng_below(rng, 8)] * UT_HOUR_US;
    hold(sim, &e, rng);
}

/* The meeting after which somebody starts to worry: their manager invited, an hour before. */
static void hold_cause(ut_sim *sim, int person, ut_rng *rng)
{
    for (uint32_t i = 0; i < sim->episode_count_of[person]; i++) {
        const ut_sim_episode *worry = &sim->episodes[sim->episodes_of[person][i]];
        const ut_sim_person *p = &sim->people[person];
        bool begins = worry->kind == EPISODE_ANXIOUS && worry->first_day == sim->day;
        if (!begins || worry->person != person || p->manager < 0) {
            continue;
        }
        int pair[2] = {p->manager, person};
        event e = {.title = worry->cause, .organizer = p->manager, .attendees = pair, .attendee_count = 2,
                   .start_us = ut_sim__zone_to_utc(p->zone, sim->day, p->start_min + 60)};
        e.end_us = e.start_us + 30 * UT_MINUTE_US;
        e.stamp_us = e.start_us - UT_HOUR_US;
        hold(sim, &e, rng);
    }
}

void ut_sim__meet_play(ut_sim *sim, int person, ut_rng *rng)
{
    const ut_sim_person *p = &sim->people[person];
    const ut_sim_state *state = &sim->today[person];
    hold_cause(sim, person, rng);
    int chance = (p->lead ? 550 : 190) * state->load / 1000;
    for (int n = 0; n < 3 && ut_sim__chance(rng, chance); n++) {
        hold_ad_hoc(sim, person, rng);
    }
    if (state->kinds >> EPISODE_FLOW & 1 && has_calendar(sim, person)) {
        event e = {.title = UT_STR("Focus time"), .organizer = person, .attendees = &person, .attendee_count = 1,
                   .start_us = ut_sim__zone_to_utc(p->zone, sim->day, p->start_min + 30)};
        e.end_us = e.start_us + 3 * UT_HOUR_US;
        e.stamp_us = e.start_us - UT_DAY_US;
        hold(sim, &e, rng);
    }
}
