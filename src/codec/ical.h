/* codec/ical.h — calendars (iCalendar, RFC 5545): a stream cut into events, and series spread out over a window.
 *
 *     static ut_status on_item(void *ctx, const ut_ical_item *item, ut_err *err) { … item->event … }
 *     st = ut_ical_zones_open(&zones, &err);                                  // once; knows the zones of the world
 *     st = ut_ical_read(&stream, zones, on_item, ctx, &err);                  // events, rejects, everything else
 *     st = ut_ical_expand(&(ut_ical_series){.master = &event, .overrides = moved, .override_count = n},
 *                         &(ut_ical_window){.from_us = a, .to_us = b, .cap = 10000}, on_occurrence, ctx, &err);
 *
 * A stored event is read again from its own bytes and what it needs of its calendar: ut_ical_item_write makes such a
 * calendar of one event, ut_ical_parse reads it. One thread at a time per zones handle.
 */
#ifndef UT_CODEC_ICAL_H
#define UT_CODEC_ICAL_H

#include "codec/stream.h"

/* Time zones --------------------------------------------------------------------------------------------------------
 */

/* Zones by name, each worked out once; also Windows names, which ICU's copy of CLDR translates. */
typedef struct ut_ical_zones ut_ical_zones;
/* A time zone as a table of its changes, 1900 to 2100; afterwards the last one stays. */
typedef struct ut_ical_zone ut_ical_zone;

UT_MUST_CHECK ut_status ut_ical_zones_open(ut_ical_zones **ret, ut_err *err);
/* NULL and twice are fine. Zones found through it, and events that name them, are gone afterwards. */
void ut_ical_zones_close(ut_ical_zones **zones);
/* An IANA or Windows name; UT_NOT_FOUND when there is no such zone. */
UT_MUST_CHECK ut_status ut_ical_zone_find(const ut_ical_zone **ret, ut_ical_zones *zones, ut_str name, ut_err *err);
/* The name under which the world knows it (IANA), or, for a VTIMEZONE's own rules, its TZID. */
ut_str ut_ical_zone_name(const ut_ical_zone *zone);
/* Local times are µs as if they were UTC. One that a clock change skips counts by the offset before the change; of one
 * that comes twice the first is meant. A NULL zone is UTC. */
int64_t ut_ical_zone_to_utc(const ut_ical_zone *zone, int64_t local_us);
int64_t ut_ical_zone_to_local(const ut_ical_zone *zone, int64_t at_us);

/* Events ------------------------------------------------------------------------------------------------------------
 */

typedef struct ut_ical_time {
    int64_t at_us;            /* UTC; of a floating time, in the calendar's zone (X-WR-TIMEZONE), else as if UTC; of a
                                 day its midnight as if UTC: a day has no zone */
    int64_t local_us;         /* what the file says, as if it were UTC */
    const ut_ical_zone *zone; /* NULL for UTC, days and floating times without a calendar's zone */
    bool is_date;             /* a day without a time */
    bool is_floating;         /* named no zone: everybody's own clock */
} ut_ical_time;

/* A length: days follow the clock, seconds are exact (RFC 5545, 3.8.5.3). */
typedef struct ut_ical_span {
    int64_t days;
    int64_t seconds;
} ut_ical_span;

/* RDATE; span_given when it was a PERIOD. */
typedef struct ut_ical_rdate {
    ut_ical_time start;
    ut_ical_span span;
    bool span_given;
} ut_ical_rdate;

typedef enum ut_ical_answer {
    UT_ICAL_NEEDS_ACTION = 0,
    UT_ICAL_ACCEPTED,
    UT_ICAL_DECLINED,
    UT_ICAL_TENTATIVE,
    UT_ICAL_DELEGATED,
} ut_ical_answer;
typedef enum ut_ical_role {
    UT_ICAL_REQUIRED = 0,
    UT_ICAL_CHAIR,
    UT_ICAL_OPTIONAL,
    UT_ICAL_INFORMED, /* NON-PARTICIPANT */
} ut_ical_role;
typedef enum ut_ical_kind {
    UT_ICAL_INDIVIDUAL = 0,
    UT_ICAL_GROUP,
    UT_ICAL_RESOURCE,
    UT_ICAL_ROOM,
    UT_ICAL_UNKNOWN_KIND,
} ut_ical_kind;
typedef enum ut_ical_status {
    UT_ICAL_STATUS_NONE = 0,
    UT_ICAL_STATUS_TENTATIVE,
    UT_ICAL_STATUS_CONFIRMED,
    UT_ICAL_STATUS_CANCELLED,
} ut_ical_status;
/* X-MICROSOFT-CDO-BUSYSTATUS, to be preferred over TRANSP when there. */
typedef enum ut_ical_busy {
    UT_ICAL_BUSY_UNSAID = 0,
    UT_ICAL_BUSY_FREE,
    UT_ICAL_BUSY_TENTATIVE,
    UT_ICAL_BUSY_BUSY,
    UT_ICAL_BUSY_AWAY, /* OOF */
    UT_ICAL_BUSY_ELSEWHERE,
} ut_ical_busy;
typedef enum ut_ical_class {
    UT_ICAL_PUBLIC = 0,
    UT_ICAL_PRIVATE, /* also any class that is not known, as the RFC wants */
    UT_ICAL_CONFIDENTIAL,
} ut_ical_class;

typedef struct ut_ical_person {
    ut_str address; /* lower case, without "mailto:"; "" when it is no mail address */
    ut_str name;    /* CN */
    ut_ical_role role;
    ut_ical_answer answer;
    ut_ical_kind kind;
} ut_ical_person;

/* One VEVENT. Everything it points at lives in the arena it was made in, zones in the zones handle or that arena. */
typedef struct ut_ical_event {
    ut_str uid;                 /* "" when missing */
    ut_ical_time recurrence_id; /* valid when is_override */
    bool is_override;
    bool and_future; /* RANGE=THISANDFUTURE */
    int64_t sequence;
    ut_str summary;
    ut_ical_person organizer; /* address "" when there is none */
    ut_ical_person *attendees;
    size_t attendee_count; /* kept, UT_ICAL_ATTENDEES_MAX at most */
    size_t attendees_seen; /* in the file */
    ut_ical_time start;
    int64_t end_us;    /* never before start */
    ut_ical_span span; /* from DTEND (exact, or days of an all-day event) or DURATION (as said) */
    ut_str zone;       /* of the start: IANA name where there is one, "UTC", "" = floating or a day */
    bool zone_unknown; /* a TZID that nobody knows: its times were taken as floating */
    bool all_day;      /* DTSTART is a day, or the program says so (X-MICROSOFT-CDO-ALLDAYEVENT) */
    bool transparent;
    ut_ical_status status;
    ut_ical_busy busy;
    ut_ical_class class_;
    ut_str rules[UT_ICAL_RULES_MAX]; /* RRULE values */
    size_t rule_count;
    bool has_exrule; /* EXRULE, which RFC 5545 took out: such a series is refused */
    ut_ical_rdate *rdates;
    size_t rdate_count;
    ut_ical_time *exdates;
    size_t exdate_count;
    int64_t created_us, modified_us, stamp_us; /* INT64_MIN when missing */
} ut_ical_event;

/* What a calendar says about all its events; texts are "" when missing. */
typedef struct ut_ical_calendar {
    ut_str method; /* REQUEST, REPLY, CANCEL, … */
    ut_str zone;   /* X-WR-TIMEZONE */
    ut_str name;   /* X-WR-CALNAME */
} ut_ical_calendar;

typedef enum ut_ical_item_kind {
    UT_ICAL_ITEM_EVENT,
    UT_ICAL_ITEM_OTHER,  /* VTODO, VJOURNAL, VFREEBUSY, …: whole, but not read */
    UT_ICAL_ITEM_REJECT, /* broken: reason says why */
} ut_ical_item_kind;

typedef struct ut_ical_item {
    ut_ical_item_kind kind;
    ut_str component; /* "VEVENT", …, upper case as it stood; "" for bytes outside any component */
    ut_str raw;       /* the component's bytes, verbatim; a reject for its size holds the beginning */
    int64_t byte;     /* where it begins in the stream */
    int64_t size_bytes;
    const ut_ical_event *event; /* UT_ICAL_ITEM_EVENT only */
    const ut_ical_calendar *calendar;
    ut_err reason;                     /* UT_ICAL_ITEM_REJECT only; byte is where in the stream the fault is */
    const struct ut_ical_scope *scope; /* for ut_ical_item_write */
} ut_ical_item;

/* Called for each component; what it points at is borrowed for the call. Any status but UT_OK ends the reading. */
typedef ut_status (*ut_ical_visit)(void *ctx, const ut_ical_item *item, ut_err *err);

/* Reads to the stream's end, one component in memory at a time. Events that name a VTIMEZONE which comes after them are
 * visited when the calendar ends (UT_ICAL_WAITING_MAX bytes of them; more are visited with zone_unknown). LF, CRLF or
 * CR, UTF-8 with or without BOM, UTF-16 with BOM, else windows-1252. Fails as the visitor or the stream does, or with
 * UT_NOMEM; never for what is in the stream. */
UT_MUST_CHECK ut_status ut_ical_read(ut_stream *stream, ut_ical_zones *zones, ut_ical_visit visit, void *ctx,
                                     ut_err *err);
/* Appends a calendar that holds only this component and what it needs: method, zone and VTIMEZONEs. */
void ut_ical_item_write(ut_buf *to, const ut_ical_item *item);
/* The first event in `bytes`, which is kept in the arena. UT_INVALID with err->byte when there is none or it is broken.
 */
UT_MUST_CHECK ut_status ut_ical_parse(ut_arena *keep, ut_ical_event *ret, ut_ical_zones *zones, ut_str bytes,
                                      ut_err *err);

/* Series ------------------------------------------------------------------------------------------------------------
 */

typedef struct ut_ical_series {
    const ut_ical_event *master;           /* may be NULL: overrides alone are events by themselves */
    const ut_ical_event *const *overrides; /* of the same uid; of several for one instance the highest SEQUENCE wins,
                                              then the latest DTSTAMP */
    size_t override_count;
} ut_ical_series;

typedef struct ut_ical_window {
    int64_t from_us, to_us; /* occurrences that end after `from` and begin before `to`; empty ones begin in it */
    size_t cap;             /* never more occurrences than this */
} ut_ical_window;

typedef struct ut_ical_occurrence {
    const ut_ical_event *event; /* the master, or the override that stands for this instance */
    int64_t start_us, end_us;
    int64_t original_us; /* where the rule put it: with the uid, its identity */
    bool all_day;
} ut_ical_occurrence;

/* Any status but UT_OK ends the expansion. */
typedef ut_status (*ut_ical_occur)(void *ctx, const ut_ical_occurrence *occurrence, ut_err *err);

/* The occurrences in a window, by start, cancelled ones left out. Fails with UT_UNSUPPORTED for rules by the minute or
 * second, other calendars (RSCALE) and EXRULE; UT_INVALID for a rule that can't be read; UT_LIMIT when there are more
 * than `cap` or finding them takes more than UT_ICAL_STEPS_MAX: nothing was visited then. */
UT_MUST_CHECK ut_status ut_ical_expand(const ut_ical_series *series, const ut_ical_window *window, ut_ical_occur occur,
                                       void *ctx, ut_err *err);

#endif
