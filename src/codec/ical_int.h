/* codec/ical_int.h — inside the calendar reader: ical.c cuts the stream, ical_event.c reads a VEVENT, ical_zone.c and
 * ical_vtimezone.c know zones, ical_rule.c walks a rule, ical_expand.c joins rule, extra days and overrides. */
#ifndef UT_CODEC_ICAL_INT_H
#define UT_CODEC_ICAL_INT_H

#include "codec/ical.h"

/* Lines -------------------------------------------------------------------------------------------------------------
 */

/* One content line, unfolded: NAME;PARAMETERS:VALUE. */
typedef struct ut_ical_line {
    ut_str name;
    ut_str params; /* what stands between name and value, without the first ';' */
    ut_str value;
    size_t byte; /* where the line begins in the component */
    bool cut;    /* longer than UT_ICAL_VALUE_MAX: the rest is missing */
} ut_ical_line;

typedef struct ut_ical_lines {
    ut_str bytes;
    size_t at;
    char eol;
    ut_buf text; /* the unfolded line, up to UT_ICAL_VALUE_MAX; reused */
} ut_ical_lines;

/* '\n', or '\r' when there is none. */
char ut_ical_eol(ut_str bytes);
/* Cuts a content line at its name, parameters and value; false without a colon. */
bool ut_ical_line_cut(ut_ical_line *ret, ut_str line);
ut_ical_lines ut_ical_lines_of(ut_str bytes);
/* The next line, borrowed until the next call; false at the end or when memory ends (lines->text.failed). Lines without
 * a colon are passed over. lines->text is freed by the caller. */
bool ut_ical_lines_next(ut_ical_lines *lines, ut_ical_line *ret);
/* A parameter's value, quotes off, as it stands; "" when missing. */
ut_str ut_ical_param(const ut_ical_line *line, const char *name);
/* As UTF-8 in the arena, backslash escapes undone (text) or ^n ^^ ^' undone (parameters). {NULL,0} for a text that is
 * not empty means that memory ended. */
ut_str ut_ical_text(ut_arena *keep, ut_str value, const ut_ical_line *line);
ut_str ut_ical_param_text(ut_arena *keep, ut_str value);

/* Values ------------------------------------------------------------------------------------------------------------
 */

/* 20260105 or 20260105T101500 with or without Z; local_us, is_date and *ret_utc are set. */
bool ut_ical_stamp_parse(ut_str text, ut_ical_time *ret, bool *ret_utc);
/* P1W, P1DT2H, -PT15M */
bool ut_ical_span_parse(ut_str text, ut_ical_span *ret);
/* +0100, -053015 */
bool ut_ical_offset_parse(ut_str text, int64_t *ret_seconds);
/* Local start moved by a span: days by the clock, seconds exactly. Returns UTC, never before the start. */
int64_t ut_ical_span_end(const ut_ical_time *start, ut_ical_span span);

/* Zones -------------------------------------------------------------------------------------------------------------
 */

typedef struct ut_ical_change {
    int64_t at_us;     /* UTC */
    int64_t before_us; /* offset that ended */
    int64_t after_us;  /* offset that begins */
} ut_ical_change;

struct ut_ical_zone {
    ut_str name;
    int64_t first_us; /* offset before the first change */
    ut_ical_change *changes;
    size_t change_count;
};

/* A VTIMEZONE that was met, worked out when first asked for. */
typedef struct ut_ical_vtimezone {
    ut_str tzid;
    ut_str raw;
    ut_ical_zone *zone;
    bool broken;
} ut_ical_vtimezone;

/* What the events of one calendar are read with. */
typedef struct ut_ical_scope {
    ut_ical_zones *zones;
    ut_arena *keep; /* the zones of this calendar live here */
    ut_ical_vtimezone *own;
    size_t own_count;
    ut_ical_calendar calendar;
    const ut_ical_zone *floating; /* of X-WR-TIMEZONE; NULL = UTC */
} ut_ical_scope;

/* The zone of a TZID as this calendar means it; UT_NOT_FOUND when nobody knows it. *ret is NULL for UTC. */
UT_MUST_CHECK ut_status ut_ical_scope_zone(const ut_ical_zone **ret, const ut_ical_scope *scope, ut_str tzid,
                                           ut_err *err);
/* Reads a VTIMEZONE's rules. UT_INVALID when there is nothing usable in them. */
UT_MUST_CHECK ut_status ut_ical_vtimezone_read(ut_arena *keep, ut_ical_zone **ret, ut_str raw, ut_err *err);

/* Events ------------------------------------------------------------------------------------------------------------
 */

/* Reads one VEVENT. On UT_INVALID err->byte is the fault's place in `raw`; an unknown TZID shows in ret->zone_unknown.
 */
UT_MUST_CHECK ut_status ut_ical_event_read(ut_arena *keep, ut_ical_event *ret, const ut_ical_scope *scope, ut_str raw,
                                           ut_err *err);

/* Rules -------------------------------------------------------------------------------------------------------------
 */

typedef struct ut_ical_walk {
    ut_str rule;
    const ut_ical_time *start;
    int64_t from_us, to_us; /* local; occurrences before are counted, not visited */
    int64_t *steps;         /* what is left of UT_ICAL_STEPS_MAX */
} ut_ical_walk;

typedef ut_status (*ut_ical_step)(void *ctx, int64_t local_us, ut_err *err);

/* Visits the starts a rule gives in [from, to], in order, the start itself always among them. */
UT_MUST_CHECK ut_status ut_ical_rule_walk(const ut_ical_walk *walk, ut_ical_step step, void *ctx, ut_err *err);

#endif
