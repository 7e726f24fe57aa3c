/* codec/ical_vtimezone.c — a VTIMEZONE's own rules, worked out into a table of changes.
 *
 *     BEGIN:DAYLIGHT                              one change a year: at 02:00 by the clock before, which stands at
 *     DTSTART:19810329T020000                     TZOFFSETFROM, the clock is set to TZOFFSETTO
 *     TZOFFSETFROM:+0100
 *     TZOFFSETTO:+0200
 *     RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
 *     END:DAYLIGHT
 *
 * The same walk as for events, so the same rules are refused and the same budget holds. A part that can't be read is
 * left out; a zone without any usable part is none.
 */
#include "codec/ical_int.h"

#include <stdlib.h>

/* Changes kept of one zone: two a year for two centuries, and room for lists of days. */
#define ONSETS_MAX 4000
#define RDATES_MAX 512
/* Two centuries by the year are 73,000; a calendar may hold many zones. */
#define STEPS_MAX 1000000
#define FIRST_US (-INT64_C(2208988800) * UT_SECOND_US) /* 1900 */
#define LAST_US (INT64_C(4102444800) * UT_SECOND_US)   /* 2100 */

typedef struct ut_onsets {
    ut_ical_change *items;
    size_t count;
    int64_t before_us, after_us; /* of the part that is being read */
} ut_onsets;

/* STANDARD or DAYLIGHT as it stands. */
typedef struct ut_part {
    bool open, start_given, from_given, to_given;
    ut_ical_time start;
    int64_t from_s, to_s;
    char rule[512];
    size_t rule_len;
    int64_t rdates[RDATES_MAX];
    size_t rdate_count;
} ut_part;

static void put_onset(ut_onsets *onsets, int64_t local_us)
{
    if (onsets->count < ONSETS_MAX) {
        onsets->items[onsets->count++] =
            (ut_ical_change){local_us - onsets->before_us, onsets->before_us, onsets->after_us};
    }
}

static ut_status on_onset(void *ctx, int64_t local_us, ut_err *err)
{
    (void)err;
    put_onset(ctx, local_us);
    return UT_OK;
}

static ut_status close_part(ut_onsets *onsets, ut_part *part, int64_t *steps, ut_err *err)
{
    if (!part->start_given || !part->from_given || !part->to_given) {
        return UT_OK;
    }
    onsets->before_us = part->from_s * UT_SECOND_US;
    onsets->after_us = part->to_s * UT_SECOND_US;
    for (size_t i = 0; i < part->rdate_count; i++) {
        put_onset(onsets, part->rdates[i]);
    }
    if (part->rule_len == 0) {
        put_onset(onsets, part->start.local_us);
        return UT_OK;
    }
    /* UNTIL in UTC is read by the clock before the change. */
    ut_ical_zone clock = {.first_us = onsets->before_us};
    part->start.zone = &clock;
    ut_ical_walk walk = {.rule = {part->rule, part->rule_len},
                         .start = &part->start,
                         .from_us = FIRST_US,
                         .to_us = LAST_US,
                         .steps = steps};
    ut_status st = ut_ical_rule_walk(&walk, on_onset, onsets, err);
    return st == UT_NOMEM ? st : UT_OK;
}

static void read_line(ut_part *part, const ut_ical_line *line)
{
    bool utc;
    ut_ical_time time;
    if (ut_str_eq_nocase(line->name, UT_STR("DTSTART"))) {
        part->start_given = ut_ical_stamp_parse(line->value, &part->start, &utc);
    } else if (ut_str_eq_nocase(line->name, UT_STR("TZOFFSETFROM"))) {
        part->from_given = ut_ical_offset_parse(line->value, &part->from_s);
    } else if (ut_str_eq_nocase(line->name, UT_STR("TZOFFSETTO"))) {
        part->to_given = ut_ical_offset_parse(line->value, &part->to_s);
    } else if (ut_str_eq_nocase(line->name, UT_STR("RRULE")) && line->value.len <= sizeof part->rule) {
        memcpy(part->rule, line->value.ptr, line->value.len);
        part->rule_len = line->value.len;
    } else if (ut_str_eq_nocase(line->name, UT_STR("RDATE"))) {
        ut_str rest = line->value;
        while (rest.len && part->rdate_count < RDATES_MAX) {
            if (ut_ical_stamp_parse(ut_str_cut(&rest, ','), &time, &utc)) {
                part->rdates[part->rdate_count++] = time.local_us;
            }
        }
    }
}

static int by_time(const void *a, const void *b)
{
    const ut_ical_change *left = a, *right = b;
    return (left->at_us > right->at_us) - (left->at_us < right->at_us);
}

/* Sorted, each time once; "before" is what really held before, whatever TZOFFSETFROM claims. */
static void settle(ut_ical_zone *zone, ut_onsets *onsets)
{
    qsort(onsets->items, onsets->count, sizeof *onsets->items, by_time);
    size_t kept = 0;
    for (size_t i = 0; i < onsets->count; i++) {
        ut_ical_change change = onsets->items[i];
        if (kept && onsets->items[kept - 1].at_us == change.at_us) {
            kept--;
        }
        change.before_us = kept ? onsets->items[kept - 1].after_us : change.before_us;
        onsets->items[kept++] = change;
    }
    zone->first_us = onsets->items[0].before_us;
    zone->change_count = kept;
}

static ut_status read_parts(ut_onsets *onsets, ut_str *ret_tzid, ut_arena *keep, ut_part *part, ut_str raw, ut_err *err)
{
    ut_ical_lines lines = ut_ical_lines_of(raw);
    ut_ical_line line;
    int64_t steps = STEPS_MAX;
    ut_status st = UT_OK;
    while (st == UT_OK && ut_ical_lines_next(&lines, &line)) {
        bool begins = ut_str_eq_nocase(line.name, UT_STR("BEGIN"));
        ut_str what = ut_str_trim(line.value);
        bool is_part = ut_str_eq_nocase(what, UT_STR("STANDARD")) || ut_str_eq_nocase(what, UT_STR("DAYLIGHT"));
        if (begins && is_part) {
            *part = (ut_part){.open = true};
        } else if (part->open && ut_str_eq_nocase(line.name, UT_STR("END"))) {
            st = close_part(onsets, part, &steps, err);
            part->open = false;
        } else if (part->open) {
            read_line(part, &line);
        } else if (ut_str_eq_nocase(line.name, UT_STR("TZID"))) {
            *ret_tzid = ut_ical_text(keep, ut_str_trim(line.value), &line);
        }
    }
    st = st == UT_OK && lines.text.failed ? ut_fail(err, UT_NOMEM, "no memory for a VTIMEZONE") : st;
    ut_buf_free(&lines.text);
    return st;
}

ut_status ut_ical_vtimezone_read(ut_arena *keep, ut_ical_zone **ret, ut_str raw, ut_err *err)
{
    ut_onsets onsets = {.items = ut_mem_alloc(ONSETS_MAX * sizeof(ut_ical_change))};
    ut_part *part = ut_mem_zeroed(1, sizeof *part);
    ut_ical_zone *zone = ut_new(keep, ut_ical_zone, 1);
    ut_status st = UT_NOMEM;
    if (onsets.items && part && zone) {
        st = read_parts(&onsets, &zone->name, keep, part, raw, err);
    }
    if (st == UT_OK && onsets.count == 0) {
        st = ut_fail(err, UT_INVALID, "a VTIMEZONE says nothing that can be used");
    }
    if (st == UT_OK) {
        settle(zone, &onsets);
        zone->changes = ut_new(keep, ut_ical_change, zone->change_count);
        st = zone->changes ? UT_OK : UT_NOMEM;
    }
    if (st == UT_OK) {
        memcpy(zone->changes, onsets.items, zone->change_count * sizeof *zone->changes);
        *ret = zone;
    }
    ut_mem_free(part);
    ut_mem_free(onsets.items);
    return st == UT_NOMEM ? ut_fail(err, st, "no memory for a VTIMEZONE") : st;
}
