/* silver/day.h — the arithmetic of a person's days: from work hours, meetings, messages and work items to the figures
 * of silver/measure.h. Pure: no store, no clock, no time zone.
 *
 *     ut_days days = {.border_us = borders, .count = 7, .meetings = meetings, .meeting_count = n, …};
 *     ut_day week[7];
 *     st = ut_days_measure(week, scratch, &days, &err);
 *     double hours;
 *     bool there = ut_day_value(&week[0], UT_MEASURE_MEETING_HOURS, &hours);
 *
 * A day lasts from 04:00 local time to the next 04:00, so that what is done after midnight belongs to the evening it
 * ends, and has 23 or 25 hours where clocks change; whoever knows the zone says where the borders are. Blocks of free
 * time and chat sessions are found over all that is given and cut at the borders afterwards: give a little more than
 * the days asked for (a night shift, the day before for the first day's recovery), and the sums over days are those of
 * one long day.
 */
#ifndef UT_SILVER_DAY_H
#define UT_SILVER_DAY_H

#include "silver/measure.h"
#include "silver/spans.h"

#define UT_DAY_NONE (-1)              /* no such value */
#define UT_DAY_UNKNOWN_US INT64_MIN   /* no such instant */

/* Rules in numbers; where they are not the outside definition's, the catalogue says "own". */
#define UT_MAIL_WRITING_US (5 * UT_MINUTE_US)    /* a sent mail took the five minutes before its sending */
#define UT_CHAT_PAUSE_US (15 * UT_MINUTE_US)     /* messages further apart are two sessions */
#define UT_CHAT_LEAST_US (5 * UT_MINUTE_US)      /* a session lasts at least this long, up to its last message */
#define UT_MEETING_LONGEST_US (24 * UT_HOUR_US)  /* longer entries are stays, not meetings */
#define UT_MEETING_LARGE 9                       /* people, from which a meeting is large */
#define UT_MEETING_SHORT_US UT_HOUR_US           /* up to which it is short */
#define UT_MEETING_BREAK_US (5 * UT_MINUTE_US)   /* a shorter pause between two meetings is none */
#define UT_FOCUS_LEAST_US UT_HOUR_US             /* a shorter block is a fragment */
#define UT_ACTIVE_BLOCK_US (30 * UT_MINUTE_US)
#define UT_RECOVERY_SHORT_US (11 * UT_HOUR_US)   /* the daily rest of the EU working time directive */

typedef struct ut_day_meeting {
    int64_t from_us, to_us;
    int64_t invited_us; /* when the person got to know of it, or UT_DAY_UNKNOWN_US */
    int people;         /* organiser and everybody invited, the person among them, each once */
    bool mine;          /* accepted or organised by the person */
    bool busy, recurring, cancelled, all_day;
} ut_day_meeting;

typedef enum ut_day_channel {
    UT_DAY_MAIL,
    UT_DAY_CHAT,
} ut_day_channel;

/* Something the person sent; automatic mail and bots are left out before. */
typedef struct ut_day_message {
    int64_t at_us;
    int64_t conversation; /* of a chat message: which pauses divide it into sessions; ignored for mail */
    ut_day_channel channel;
    bool alone;           /* nobody else gets it: an activity, but no collaboration */
} ut_day_message;

/* All arrays in any order, possibly overlapping, borrowed for the call; NULL where the count is 0. */
typedef struct ut_days {
    const int64_t *border_us; /* count + 1, rising: day i is [border i, border i + 1) */
    size_t count;
    const ut_span *work; /* work hours, those of the days before and after too where a shift crosses 04:00 */
    size_t work_count;
    const ut_day_meeting *meetings;
    size_t meeting_count;
    const ut_day_message *messages;
    size_t message_count;
    const ut_span *items; /* an item of the person was in progress */
    size_t item_count;
} ut_days;

/* Whole numbers, so that sums don't depend on their order: microseconds, or a count; UT_DAY_NONE = no value. */
typedef struct ut_day {
    int64_t value[UT_MEASURE_STORED];
} ut_day;

/* Whether it is a meeting that counts: the person takes part, with somebody else, and it fills a time of the day. */
bool ut_day_meeting_counts(const ut_day_meeting *meeting);

/* The figures of all days. Sorts, then walks: time and scratch grow with what is given, n log n and n.
 * Returns: UT_OK; UT_INVALID when borders don't rise; UT_NOMEM when the scratch's cap is met.
 * Out:     ret_days  days->count of them; untouched on failure.
 */
UT_MUST_CHECK ut_status ut_days_measure(ut_day *ret_days, ut_arena scratch, const ut_days *days, ut_err *err);

/* A figure in its unit: hours, a count, a share; false when the day has none. */
bool ut_day_value(const ut_day *day, ut_measure_id id, double *ret);

#endif
