/* egress/cells.h — group figures: the one place where values of many people become a number that others may see.
 *
 *     ut_cells cells;
 *     ut_cells_query query = {.grain = UT_STR("week"), .now_us = ut_clock_now_us()};
 *     st = ut_cells_compute(&cells, &arena, workspace, &query, &err);
 *     for (size_t i = 0; i < cells.count; i++) { … cells.items[i].values[UT_METRIC_SENTIMENT] … }
 *
 * Rules (docs: definitions, section 5), all decided on who took part, never on values:
 *   - a figure is a mean of per-person means, so that those who write much do not count more; a person's mean weights
 *     each message by its certainty, so that a hundred times "ok" do not drown what was said;
 *   - a figure exists for closed calendar periods only; days close together with their week, or with their
 *     month if that ends first, since only then it is known which days can be shown beside the week (atoms.h);
 *   - load figures need UT_FLOOR_LOAD contributing people, figures from text UT_FLOOR_TEXT; a person contributes
 *     to text figures with at least UT_EVIDENCE_MESSAGES messages and UT_EVIDENCE_WORDS words in the period;
 *   - additive figures are sums of atoms; text figures of a period are of teams that stand alone, and the
 *     organisation's is over those and the pooled rest, if that has enough people: nothing is found by subtracting;
 *   - means are blurred and rounded (egress/publish.h), the number of people is given as a band;
 *   - the first answer freezes the figures of a period in the truth (egress/ledger.h): late data, edits and merges
 *     do not change them. An erasure, or a raised floor, withholds a figure when fewer than the floor remain.
 */
#ifndef UT_EGRESS_CELLS_H
#define UT_EGRESS_CELLS_H

#include "store/workspace.h"
#include "undertone/score.h"

/* Five, not three: with three, two members who compare notes can work out the third. Text says more about a person than
 * counts do, hence eight. A policy may raise them, never lower them. */
#define UT_FLOOR_LOAD 5
#define UT_FLOOR_TEXT 8
#define UT_EVIDENCE_MESSAGES 3
#define UT_EVIDENCE_WORDS 20

/* tests/privacy builds a copy of this room without protection, which its attacks must break: else they prove nothing.
 * No build of the product defines UT_TEST_NO_SUPPRESSION. */
#ifdef UT_TEST_NO_SUPPRESSION
#define UT_PROTECTED 0
#else
#define UT_PROTECTED 1
#endif

typedef enum ut_metric {
    UT_METRIC_MESSAGES, /* load: messages a contributing person wrote in the period */
    UT_METRIC_SENTIMENT,
    UT_METRIC_FEATURES, /* the eleven, in the order of ut_feature, from here on */
    UT_METRICS = UT_METRIC_FEATURES + UT_FEATURES
} ut_metric;

typedef enum ut_grain { UT_GRAIN_DAY, UT_GRAIN_WEEK, UT_GRAIN_MONTH } ut_grain;

typedef enum ut_shown {
    UT_SHOWN,
    UT_WITHHELD_FLOOR,  /* fewer people than the floor contributed, or remain after an erasure */
    UT_WITHHELD_JOINED, /* a day that counts together with its neighbours only, in the week and the month */
    UT_WITHHELD_OPEN,   /* the period is not closed yet */
} ut_shown;

typedef struct ut_floors {
    int64_t load, text;
} ut_floors;

typedef struct ut_cell {
    ut_str team;              /* UT_CELL_ALL for the whole organisation */
    ut_str start;             /* first day of the period, YYYY-MM-DD */
    ut_str end;               /* last day */
    ut_shown shown_load, shown_text;
    ut_str band_load, band_text; /* of contributing people: "8-15"; empty when withheld */
    double values[UT_METRICS];   /* NaN when withheld */
    ut_str people_load, people_text; /* who contributed, as in the ledger; inside egress only, never shown */
} ut_cell;

/* How the whole organisation is called where teams are listed; it sorts first. */
#define UT_CELL_ALL "(all)"

typedef struct ut_cells {
    ut_cell *items;  /* by team, then start; in the arena */
    size_t count;
    ut_floors floors; /* in force */
    bool frozen_only; /* the workspace is open for reading: what closed since the last freeze is missing */
} ut_cells;

typedef struct ut_cells_query {
    ut_str grain;    /* "day", "week", "month" */
    ut_str team;     /* empty = all */
    ut_str from, to; /* days, inclusive, empty = open; a period counts when it lies wholly inside */
    int64_t now_us;  /* the clock */
    const ut_str *teams; /* the only teams that the principal may see (the whole organisation is not among them); NULL =
                            every one */
    size_t team_count;
} ut_cells_query;

/* Freezes what closed since the last answer, if the workspace is open for writing, and answers from the ledger; a
 * workspace open for reading answers what is frozen already, UT_NOT_FOUND when that is nothing. UT_INVALID: grain or a
 * day is wrong. */
UT_MUST_CHECK ut_status ut_cells_compute(ut_cells *ret, ut_arena *keep, ut_workspace *workspace,
                                         const ut_cells_query *query, ut_err *err);
/* UT_INVALID unless each is a day like 2026-01-05, or empty. */
UT_MUST_CHECK ut_status ut_cells_expect_days(ut_str from, ut_str to, ut_err *err);
/* "day", "week", "month" and back. Static. */
const char *ut_grain_name(ut_grain grain);
bool ut_grain_parse(ut_grain *ret, ut_str name);
/* First and last day (since 1970-01-01) of the period that `day` lies in. */
void ut_grain_period(ut_grain grain, int32_t day, int32_t *ret_first, int32_t *ret_last);
/* "messages", "sentiment", "joy", … Static. */
const char *ut_metric_name(ut_metric metric);
/* Why a figure is missing and what would be shown, as a sentence; "" when it is shown. In the arena. */
ut_str ut_shown_reason(ut_arena *keep, ut_shown shown, bool text, const ut_floors *floors);

#endif
