/* silver/measure.h — the catalogue: what each daily figure of calendar, mail, chat and work items means.
 *
 *     const ut_measure *measure = ut_measure_get(UT_MEASURE_MEETING_HOURS);
 *     puts(measure->definition);
 *
 * The one place where a figure is described; silver/day.c computes what stands here. Each entry carries a worked
 * example, which tests/unit/silver/measure.c runs as it stands and which the documentation prints as it stands.
 *
 * Whoever changes what a figure means raises its version: figures of two versions are not comparable.
 *
 * Examples are about one day, one line per thing that happens, "#" begins a remark. Times are local; 25:30 is half past
 * one in the night that belongs to this day; a line that begins with "yesterday" is about the day before. Unless
 * an example says otherwise, work is 09:00-17:00, and a meeting is of 3 people, accepted and shown as busy.
 *
 *     work 09:00-12:00 13:00-17:00      (or "work none")
 *     meeting 10:00-11:00 9 people recurring notice 5h      (also: free, declined, cancelled, all-day)
 *     mail 11:30                        (or "mail 11:30 to oneself")
 *     chat ops 14:00 14:10              (messages of one conversation)
 *     item 09:00-12:00                  (a work item is in progress)
 */
#ifndef UT_SILVER_MEASURE_H
#define UT_SILVER_MEASURE_H

#include "base/base.h"

/* The order is that of the catalogue: lengths of sets of time first, then figures made for the day as a whole, then
 * counts, then shares, which are not stored. */
typedef enum ut_measure_id {
    UT_MEASURE_WORK_HOURS,
    UT_MEASURE_IN_PROGRESS_HOURS,
    UT_MEASURE_COLLABORATION_HOURS,
    UT_MEASURE_AFTER_HOURS_COLLABORATION_HOURS,
    UT_MEASURE_MEETING_HOURS,
    UT_MEASURE_CONFLICTING_MEETING_HOURS,
    UT_MEASURE_MULTITASKING_HOURS,
    UT_MEASURE_SMALL_MEETING_HOURS,
    UT_MEASURE_LARGE_MEETING_HOURS,
    UT_MEASURE_SHORT_MEETING_HOURS,
    UT_MEASURE_LONG_MEETING_HOURS,
    UT_MEASURE_RECURRING_MEETING_HOURS,
    UT_MEASURE_AVAILABLE_TO_FOCUS_HOURS,
    UT_MEASURE_UNINTERRUPTED_HOURS,
    UT_MEASURE_INTERRUPTED_HOURS,
    UT_MEASURE_FRAGMENTED_HOURS,
    UT_MEASURE_SETS, /* those above are lengths of sets of time */
    UT_MEASURE_WORKLOAD_HOURS = UT_MEASURE_SETS,
    UT_MEASURE_ACTIVE_CONNECTED_HOURS,
    UT_MEASURE_COLLABORATION_SPAN,
    UT_MEASURE_RECOVERY_HOURS,
    UT_MEASURE_SHORT_RECOVERIES,
    UT_MEASURE_MEETINGS,
    UT_MEASURE_SMALL_MEETINGS,
    UT_MEASURE_LARGE_MEETINGS,
    UT_MEASURE_SHORT_MEETINGS,
    UT_MEASURE_LONG_MEETINGS,
    UT_MEASURE_RECURRING_MEETINGS,
    UT_MEASURE_NOTICE_TO_6H_MEETINGS,
    UT_MEASURE_NOTICE_TO_12H_MEETINGS,
    UT_MEASURE_NOTICE_TO_24H_MEETINGS,
    UT_MEASURE_NOTICE_FROM_24H_MEETINGS,
    UT_MEASURE_BACK_TO_BACK_MEETINGS,
    UT_MEASURE_STORED, /* those above have a value in ut_day; those below are quotients of two of them */
    UT_MEASURE_MEETING_LOAD = UT_MEASURE_STORED,
    UT_MEASURE_BACK_TO_BACK_SHARE,
    UT_MEASURE_COUNT
} ut_measure_id;

typedef enum ut_measure_unit {
    UT_UNIT_HOURS, /* stored in microseconds */
    UT_UNIT_COUNT,
    UT_UNIT_SHARE, /* 0..1, or above 1 where the definition says so */
} ut_measure_unit;

/* How the days of a longer period make one value of a person. */
typedef enum ut_measure_fold {
    UT_FOLD_SUM,
    UT_FOLD_MEAN,  /* of the days that have a value */
    UT_FOLD_RATIO, /* sum of the parts / sum of the wholes */
} ut_measure_fold;

/* What a figure is made from. Without one of its inputs it is missing, not 0: the caller knows what was connected. */
enum ut_measure_input {
    UT_INPUT_HOURS = 1,    /* work hours of people.csv */
    UT_INPUT_CALENDAR = 2,
    UT_INPUT_MAIL = 4,
    UT_INPUT_CHAT = 8,
    UT_INPUT_ITEMS = 16,   /* work items with their history */
};

typedef struct ut_measure {
    const char *key;
    int version;
    const char *title;
    ut_measure_unit unit;
    const char *level; /* who a stored value is about: "person" */
    const char *grain; /* the period of a stored value: "day" */
    ut_measure_fold fold;
    ut_measure_id part, whole; /* of a UT_FOLD_RATIO */
    unsigned inputs;           /* UT_INPUT_… */
    const char *definition;    /* full sentences */
    const char *exclusions;    /* what doesn't count; "" = nothing */
    double scale_floor;        /* the least scale of a deviation from one's own baseline, in the unit of the figure */
    int min_n;                 /* days with a value before one's own baseline is used unshrunk */
    const char *source;        /* VI, YV …: the outside definition it follows; "own" = ours */
    const char *example;       /* lines as above */
    const char *result;        /* the figure of the example's day: hours, a count, a share */
} ut_measure;

/* Static; `id` is below UT_MEASURE_COUNT. */
const ut_measure *ut_measure_get(ut_measure_id id);
/* False when no measure has this key. */
bool ut_measure_find(ut_measure_id *ret, ut_str key);

#endif
