/* codec/ical_event.c — the lines of one VEVENT to a ut_ical_event.
 *
 * Two passes: the first counts attendees and days, so that the arena holds arrays of the right size; the second reads.
 * What is inside the event (VALARM and others) is passed over. An event is refused when a line that says when it is
 * can't be read: DTSTART, DTEND, DURATION, RECURRENCE-ID, RDATE, EXDATE. Any other line that can't be read is as if it
 * were missing.
 */
#include "codec/ical_int.h"

typedef struct ut_reading {
    ut_arena *keep;
    ut_ical_event *event;
    const ut_ical_scope *scope;
    ut_ical_line line;
    size_t attendee_room, rdate_room, exdate_room;
    ut_ical_time end;
    ut_ical_span duration;
    bool start_given, end_given, duration_given, all_day_said;
    ut_err *err;
} ut_reading;

static bool is(ut_str a, const char *b)
{
    return ut_str_eq_nocase(ut_str_trim(a), ut_str_of(b));
}

static ut_status no_memory(ut_reading *r)
{
    return ut_fail(r->err, UT_NOMEM, "no memory for a calendar event");
}

static ut_status refuse(ut_reading *r, ut_str value)
{
    size_t shown = value.len < 80 ? value.len : 80;
    shown = ut_str_utf8_valid(ut_str_slice(value, 0, shown));
    ut_status st = ut_fail(r->err, UT_INVALID, "%.*s \"%.*s\" can't be read", (int)(r->line.name.len & 63),
                           r->line.name.ptr, (int)shown, value.len ? value.ptr : "");
    if (r->err) {
        r->err->byte = (int64_t)r->line.byte;
    }
    return st;
}

/* Places a local time: UTC, in its TZID's zone, or floating. */
static ut_status place(ut_reading *r, ut_ical_time *time, bool utc)
{
    ut_str tzid = ut_ical_param(&r->line, "TZID");
    time->zone = NULL;
    time->is_floating = false;
    if (!time->is_date && !utc) {
        ut_status st = tzid.len ? ut_ical_scope_zone(&time->zone, r->scope, tzid, r->err) : UT_NOT_FOUND;
        if (st == UT_NOT_FOUND) {
            r->event->zone_unknown |= tzid.len > 0;
            time->zone = r->scope->floating;
            time->is_floating = true;
        } else if (st != UT_OK) {
            return st;
        }
    }
    time->at_us = ut_ical_zone_to_utc(time->zone, time->local_us);
    return UT_OK;
}

static ut_status read_time(ut_reading *r, ut_ical_time *ret, ut_str text)
{
    ut_ical_time time = {0};
    bool utc;
    if (!ut_ical_stamp_parse(text, &time, &utc)) {
        return refuse(r, text);
    }
    /* VALUE=DATE with a time behind it is still a day. */
    if (!time.is_date && is(ut_ical_param(&r->line, "VALUE"), "DATE")) {
        time.is_date = true;
        time.local_us -= ((time.local_us % UT_DAY_US) + UT_DAY_US) % UT_DAY_US;
        utc = false;
    }
    ut_status st = place(r, &time, utc);
    *ret = st == UT_OK ? time : *ret;
    return st;
}

/* A time that only informs: INT64_MIN when it can't be read. */
static int64_t read_instant(ut_reading *r)
{
    ut_ical_time time = {0};
    bool utc;
    return ut_ical_stamp_parse(r->line.value, &time, &utc) ? time.local_us : INT64_MIN;
}

static ut_status read_rdate(ut_reading *r, ut_str text)
{
    ut_ical_rdate rdate = {0};
    ut_str end = text, begin = ut_str_cut(&end, '/');
    ut_status st = read_time(r, &rdate.start, begin);
    if (st == UT_OK && end.ptr) {
        ut_ical_time until = {0};
        rdate.span_given = true;
        if (!ut_ical_span_parse(end, &rdate.span)) {
            st = read_time(r, &until, end);
            rdate.span.seconds = (until.at_us - rdate.start.at_us) / UT_SECOND_US;
        }
    }
    if (st == UT_OK) {
        r->event->rdates[r->event->rdate_count++] = rdate;
    }
    return st;
}

static ut_status read_days(ut_reading *r, bool adds)
{
    ut_str rest = r->line.value;
    ut_status st = r->line.cut ? refuse(r, rest) : UT_OK;
    while (st == UT_OK && rest.len) {
        ut_str one = ut_str_trim(ut_str_cut(&rest, ','));
        if (one.len == 0) {
            continue; /* an empty list, and a comma at its end, say nothing */
        }
        if (adds) {
            st = r->event->rdate_count < r->rdate_room ? read_rdate(r, one) : UT_OK;
        } else if (r->event->exdate_count < r->exdate_room) {
            st = read_time(r, &r->event->exdates[r->event->exdate_count], one);
            r->event->exdate_count += st == UT_OK;
        }
    }
    return st;
}

typedef struct ut_word {
    const char *word;
    int value;
} ut_word;

static int look_up(ut_str text, const ut_word *words, int other)
{
    for (; words->word; words++) {
        if (is(text, words->word)) {
            return words->value;
        }
    }
    return other;
}

static const ut_word answers[] = {{"ACCEPTED", UT_ICAL_ACCEPTED},
                                  {"DECLINED", UT_ICAL_DECLINED},
                                  {"TENTATIVE", UT_ICAL_TENTATIVE},
                                  {"DELEGATED", UT_ICAL_DELEGATED},
                                  {0}};
static const ut_word roles[] = {
    {"CHAIR", UT_ICAL_CHAIR}, {"OPT-PARTICIPANT", UT_ICAL_OPTIONAL}, {"NON-PARTICIPANT", UT_ICAL_INFORMED}, {0}};
static const ut_word kinds[] = {{"", UT_ICAL_INDIVIDUAL}, {"INDIVIDUAL", UT_ICAL_INDIVIDUAL},
                                {"GROUP", UT_ICAL_GROUP}, {"RESOURCE", UT_ICAL_RESOURCE},
                                {"ROOM", UT_ICAL_ROOM},   {0}};
static const ut_word statuses[] = {{"TENTATIVE", UT_ICAL_STATUS_TENTATIVE},
                                   {"CONFIRMED", UT_ICAL_STATUS_CONFIRMED},
                                   {"CANCELLED", UT_ICAL_STATUS_CANCELLED},
                                   {0}};
static const ut_word busies[] = {
    {"FREE", UT_ICAL_BUSY_FREE}, {"TENTATIVE", UT_ICAL_BUSY_TENTATIVE},        {"BUSY", UT_ICAL_BUSY_BUSY},
    {"OOF", UT_ICAL_BUSY_AWAY},  {"WORKINGELSEWHERE", UT_ICAL_BUSY_ELSEWHERE}, {0}};
static const ut_word classes[] = {
    {"", UT_ICAL_PUBLIC}, {"PUBLIC", UT_ICAL_PUBLIC}, {"CONFIDENTIAL", UT_ICAL_CONFIDENTIAL}, {0}};

/* mailto:Ann@Example.org, also without the scheme; EMAIL= where the value is something else. */
static ut_str address_of(ut_reading *r)
{
    ut_str value = ut_str_trim(r->line.value);
    if (ut_str_starts_nocase(value, UT_STR("mailto:"))) {
        value = ut_str_trim(ut_str_slice(value, 7, value.len));
    } else if (!ut_str_has(value, UT_STR("@")) || ut_str_has(value, UT_STR(":"))) {
        value = ut_str_trim(ut_ical_param(&r->line, "EMAIL"));
    }
    if (!ut_str_has(value, UT_STR("@"))) {
        return UT_STR("");
    }
    value = ut_ical_text(r->keep, value, &r->line);
    char *lower = value.len ? ut_arena_take_raw(r->keep, value.len, 1, 1) : NULL;
    for (size_t i = 0; lower && i < value.len; i++) {
        lower[i] = ut_lower(value.ptr[i]);
    }
    return (ut_str){lower, lower ? value.len : 0};
}

static ut_status read_person(ut_reading *r, ut_ical_person *ret)
{
    ut_ical_person person = {.address = address_of(r)};
    ut_str name = ut_str_trim(ut_ical_param(&r->line, "CN"));
    person.name = ut_ical_param_text(r->keep, name);
    person.role = (ut_ical_role)look_up(ut_ical_param(&r->line, "ROLE"), roles, UT_ICAL_REQUIRED);
    person.answer = (ut_ical_answer)look_up(ut_ical_param(&r->line, "PARTSTAT"), answers, UT_ICAL_NEEDS_ACTION);
    person.kind = (ut_ical_kind)look_up(ut_ical_param(&r->line, "CUTYPE"), kinds, UT_ICAL_UNKNOWN_KIND);
    if (!person.address.ptr || (name.len && !person.name.ptr)) {
        return no_memory(r);
    }
    *ret = person;
    return UT_OK;
}

static ut_status keep_text(ut_reading *r, ut_str *ret)
{
    ut_str value = ut_str_trim(r->line.value);
    ut_str text = ut_ical_text(r->keep, value, &r->line);
    if (value.len && !text.ptr) {
        return no_memory(r);
    }
    *ret = text;
    return UT_OK;
}

static ut_status read_rule(ut_reading *r)
{
    ut_ical_event *event = r->event;
    if (ut_str_trim(r->line.value).len == 0) {
        return UT_OK;
    }
    if (r->line.cut || event->rule_count == UT_ICAL_RULES_MAX) {
        return refuse(r, r->line.value);
    }
    return keep_text(r, &event->rules[event->rule_count++]);
}

/* Lines that say when it is; UT_NOT_FOUND when it is none of them. */
static ut_status read_when(ut_reading *r)
{
    ut_ical_event *event = r->event;
    ut_str name = r->line.name;
    if (is(name, "DTSTART")) {
        r->start_given = true;
        return read_time(r, &event->start, r->line.value);
    }
    if (is(name, "DTEND")) {
        r->end_given = true;
        return read_time(r, &r->end, r->line.value);
    }
    if (is(name, "DURATION")) {
        r->duration_given = true;
        return ut_ical_span_parse(r->line.value, &r->duration) ? UT_OK : refuse(r, r->line.value);
    }
    if (is(name, "RECURRENCE-ID")) {
        event->is_override = true;
        event->and_future = is(ut_ical_param(&r->line, "RANGE"), "THISANDFUTURE");
        return read_time(r, &event->recurrence_id, r->line.value);
    }
    if (is(name, "RRULE")) {
        return read_rule(r);
    }
    if (is(name, "RDATE") || is(name, "EXDATE")) {
        return read_days(r, is(name, "RDATE"));
    }
    return UT_NOT_FOUND;
}

static ut_status read_who(ut_reading *r)
{
    ut_ical_event *event = r->event;
    if (is(r->line.name, "ORGANIZER")) {
        return read_person(r, &event->organizer);
    }
    if (is(r->line.name, "ATTENDEE")) {
        bool kept = event->attendee_count < r->attendee_room;
        ut_status st = kept ? read_person(r, &event->attendees[event->attendee_count]) : UT_OK;
        event->attendee_count += kept && st == UT_OK;
        event->attendees_seen++;
        return st;
    }
    return UT_NOT_FOUND;
}

static ut_status read_what(ut_reading *r)
{
    ut_ical_event *event = r->event;
    ut_str name = r->line.name, value = r->line.value;
    if (is(name, "UID")) {
        return keep_text(r, &event->uid);
    }
    if (is(name, "SUMMARY")) {
        return keep_text(r, &event->summary);
    }
    if (is(name, "SEQUENCE")) {
        (void)ut_str_to_i64(ut_str_trim(value), &event->sequence);
    } else if (is(name, "TRANSP")) {
        event->transparent = is(value, "TRANSPARENT");
    } else if (is(name, "STATUS")) {
        event->status = (ut_ical_status)look_up(value, statuses, UT_ICAL_STATUS_NONE);
    } else if (is(name, "X-MICROSOFT-CDO-BUSYSTATUS")) {
        event->busy = (ut_ical_busy)look_up(value, busies, UT_ICAL_BUSY_UNSAID);
    } else if (is(name, "X-MICROSOFT-CDO-ALLDAYEVENT")) {
        r->all_day_said = is(value, "TRUE");
    } else if (is(name, "CLASS")) {
        event->class_ = (ut_ical_class)look_up(value, classes, UT_ICAL_PRIVATE);
    } else if (is(name, "CREATED")) {
        event->created_us = read_instant(r);
    } else if (is(name, "LAST-MODIFIED")) {
        event->modified_us = read_instant(r);
    } else if (is(name, "DTSTAMP")) {
        event->stamp_us = read_instant(r);
    } else if (is(name, "EXRULE")) {
        event->has_exrule = ut_str_trim(value).len > 0;
    }
    return UT_OK;
}

/* Called for each line of the event itself, not of what is inside it. Any status but UT_OK ends it. */
typedef ut_status (*ut_each_line)(ut_reading *r);

static ut_status each_line(ut_reading *r, ut_str raw, ut_each_line each)
{
    ut_ical_lines lines = ut_ical_lines_of(raw);
    char inner[64] = "";
    size_t inner_len = 0;
    bool first = true;
    ut_status st = UT_OK;
    while (st == UT_OK && ut_ical_lines_next(&lines, &r->line)) {
        ut_str value = ut_str_trim(r->line.value);
        if (inner_len) {
            if (is(r->line.name, "END") && ut_str_eq_nocase(value, (ut_str){inner, inner_len})) {
                inner_len = 0;
            }
        } else if (is(r->line.name, "BEGIN")) {
            if (!first && value.len && value.len <= sizeof inner) {
                memcpy(inner, value.ptr, value.len);
                inner_len = value.len;
            }
            first = false;
        } else {
            st = each(r);
        }
    }
    st = st == UT_OK && lines.text.failed ? no_memory(r) : st;
    ut_buf_free(&lines.text);
    return st;
}

static ut_status count_line(ut_reading *r)
{
    size_t *room = is(r->line.name, "RDATE") ? &r->rdate_room : is(r->line.name, "EXDATE") ? &r->exdate_room : NULL;
    if (is(r->line.name, "ATTENDEE")) {
        r->attendee_room += r->attendee_room < UT_ICAL_ATTENDEES_MAX;
    }
    if (room) {
        *room += 1;
        for (size_t i = 0; i < r->line.value.len; i++) {
            *room += r->line.value.ptr[i] == ',';
        }
        if (*room > UT_ICAL_DATES_MAX) {
            return ut_fail(r->err, UT_LIMIT, "an event lists more than %d single days", UT_ICAL_DATES_MAX);
        }
    }
    return UT_OK;
}

static ut_status read_one(ut_reading *r)
{
    ut_status st = read_when(r);
    st = st == UT_NOT_FOUND ? read_who(r) : st;
    return st == UT_NOT_FOUND ? read_what(r) : st;
}

/* From DTEND, DURATION, or what the kind of start implies. */
static void settle_end(ut_reading *r)
{
    ut_ical_event *event = r->event;
    const ut_ical_time *start = &event->start;
    if (r->end_given && start->is_date && r->end.is_date) {
        event->span.days = (r->end.local_us - start->local_us) / UT_DAY_US;
    } else if (r->end_given) {
        event->span.seconds = (r->end.at_us - start->at_us) / UT_SECOND_US;
    } else if (r->duration_given) {
        event->span = r->duration;
    } else if (start->is_date) {
        event->span.days = 1;
    }
    bool backwards = event->span.days * 86400 + event->span.seconds < 0;
    event->span = backwards ? (ut_ical_span){0} : event->span;
    event->end_us = ut_ical_span_end(start, event->span);
}

ut_status ut_ical_event_read(ut_arena *keep, ut_ical_event *ret, const ut_ical_scope *scope, ut_str raw, ut_err *err)
{
    ut_ical_event event = {.created_us = INT64_MIN, .modified_us = INT64_MIN, .stamp_us = INT64_MIN};
    ut_reading r = {.keep = keep, .event = &event, .scope = scope, .err = err};
    ut_status st = each_line(&r, raw, count_line);
    if (st != UT_OK) {
        return st;
    }
    event.attendees = ut_new(keep, ut_ical_person, r.attendee_room);
    event.rdates = ut_new(keep, ut_ical_rdate, r.rdate_room);
    event.exdates = ut_new(keep, ut_ical_time, r.exdate_room);
    if (!event.attendees || !event.rdates || !event.exdates) {
        return no_memory(&r);
    }
    st = each_line(&r, raw, read_one);
    if (st == UT_OK && !r.start_given) {
        st = ut_fail(err, UT_INVALID, "an event without DTSTART");
        if (err) {
            err->byte = 0;
        }
    }
    if (st != UT_OK) {
        return st;
    }
    settle_end(&r);
    event.all_day = event.start.is_date || r.all_day_said;
    event.zone = event.start.is_date || event.start.is_floating ? UT_STR("") : ut_ical_zone_name(event.start.zone);
    *ret = event;
    return UT_OK;
}
