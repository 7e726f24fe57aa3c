/* egress/cells.h — group figures: the one place where values of many people become a number that others may see.
 *
 *     ut_cells cells;
 *     st = ut_cells_compute(&cells, &arena, lake, &query, &err);
 *     for (size_t i = 0; i < cells.count; i++) { … cells.items[i].metrics[UT_METRIC_STRESS] … }
 *
 * Rules (docs: definitions, section 5): a figure is a mean of per-person means, so that those who write much do not
 * count more; a person's mean weights each message by its certainty, so that a hundred times "ok" do not drown what was
 * said; it exists for closed calendar periods only; load figures need UT_FLOOR_LOAD contributing people, figures
 * from text UT_FLOOR_TEXT; a person contributes to text figures with at least UT_EVIDENCE_MESSAGES messages and
 * UT_EVIDENCE_WORDS words in the period. Below twice the floor the mean is rounded coarsely. The number of people is
 * only ever given as a band.
 */
#ifndef UT_EGRESS_CELLS_H
#define UT_EGRESS_CELLS_H

#include "store/lake.h"
#include "undertone/score.h"

/* Five, not three: with three, two members who compare notes can work out the third. Text says more about a person than
 * counts do, hence eight. Raising them is a setting to come; lowering them is not. */
#define UT_FLOOR_LOAD 5
#define UT_FLOOR_TEXT 8
#define UT_EVIDENCE_MESSAGES 3
#define UT_EVIDENCE_WORDS 20

typedef enum ut_metric {
    UT_METRIC_MESSAGES, /* load: messages a contributing person wrote in the period */
    UT_METRIC_SENTIMENT,
    UT_METRIC_FEATURES, /* the eleven, in the order of ut_feature, from here on */
    UT_METRICS = UT_METRIC_FEATURES + UT_FEATURES
} ut_metric;

typedef enum ut_shown {
    UT_SHOWN,
    UT_WITHHELD_FLOOR,  /* fewer people than the floor contributed */
    UT_WITHHELD_OPEN,   /* the period is not closed yet */
} ut_shown;

typedef struct ut_cell {
    ut_str team;
    ut_str start;             /* first day of the period, YYYY-MM-DD */
    ut_str end;               /* last day */
    ut_shown shown_load, shown_text;
    ut_str band_load, band_text; /* of contributing people: "8-15"; empty when withheld */
    double values[UT_METRICS];   /* NaN when withheld */
} ut_cell;

typedef struct ut_cells {
    ut_cell *items;  /* by team, then start; in the arena */
    size_t count;
} ut_cells;

typedef struct ut_cells_query {
    ut_str grain;    /* "day", "week", "month" */
    ut_str team;     /* empty = all */
    ut_str from, to; /* days, inclusive, empty = open; a period counts when it lies wholly inside */
    int64_t now_us;  /* the clock */
} ut_cells_query;

/* UT_INVALID: grain or a day is wrong. */
UT_MUST_CHECK ut_status ut_cells_compute(ut_cells *ret, ut_arena *keep, ut_lake *lake, const ut_cells_query *query,
                                         ut_err *err);
/* "messages", "sentiment", "joy", … Static. */
const char *ut_metric_name(ut_metric metric);
/* Why a figure is missing, as a sentence; "" when it is shown. `floor` is the one that applies. Static. */
const char *ut_shown_reason(ut_shown shown, bool text);

#endif
