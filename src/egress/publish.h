/* egress/publish.h — from the exact mean of a group to the figure that is shown: blurred, clamped, rounded.
 *
 * The blur is an offset drawn from a keyed hash of the group, the metric and the exact set of contributing people, even
 * within ± reach / n, where `reach` is farther than one person usually lies from the others. The same people get
 * the same offset in every period, so that their course is not disturbed and asking often averages nothing out. Other
 * people get another offset: whoever subtracts the figure of a team without somebody from the one with them is off by
 * as much as a guess would be. ("Sticky noise": Francis et al., Diffix, 2017. Ours is bounded and has no differential
 * privacy; what it holds up against is measured by tests/privacy.)
 */
#ifndef UT_EGRESS_PUBLISH_H
#define UT_EGRESS_PUBLISH_H

#include "codec/seal.h"
#include "egress/cells.h"

typedef struct ut_publish {
    const ut_key *key;      /* keyed hashes of this workspace */
    ut_str team;            /* "" = the whole organisation */
    ut_grain grain;
    const int64_t *people;  /* the contributors: distinct, ascending */
    size_t people_count;
} ut_publish;

/* How far the blur of one person reaches; over n people it is off by at most a n-th of that. */
double ut_publish_reach(ut_metric metric, ut_grain grain, double mean);
/* The published form of `mean`. */
double ut_publish_figure(const ut_publish *group, ut_metric metric, double mean);
/* The size band of n: "5-7", "8-15", "16-31", … */
ut_str ut_publish_band(ut_arena *keep, int64_t n);

#endif
