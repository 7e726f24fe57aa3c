/* egress/publish.h — from the exact mean of a group to the figure that is shown: blurred, clamped, rounded.
 *
 * The blur of a figure from text is the mean of one offset per contributing person, drawn from a keyed hash of the
 * person and the metric, even within ± reach. It is the same in every period, grain and team: whoever subtracts the
 * figure of a team without somebody from the one with them, or solves equations over years of figures, ends at the
 * person's value and their offset together, which is as far off as a guess. The same people have the same blur, so that
 * a course is not disturbed, and asking often averages nothing out. The blur of a load figure is one offset for exactly
 * these people in this grain, within ± reach / n.
 * ("Sticky noise": Francis et al., Diffix, 2017. Ours is bounded and has no differential privacy; what it holds up
 * against is measured by tests/privacy.)
 */
#ifndef UT_EGRESS_PUBLISH_H
#define UT_EGRESS_PUBLISH_H

#include "codec/seal.h"
#include "egress/cells.h"

typedef struct ut_publish {
    const ut_key *key;      /* keyed hashes of this workspace */
    ut_grain grain;
    const int64_t *people;  /* the contributors: distinct, ascending */
    size_t people_count;
} ut_publish;

/* How far the blur of one person reaches, for a mean of `mean`. */
double ut_publish_reach(ut_metric metric, double mean);
/* The published form of `mean`. */
double ut_publish_figure(const ut_publish *group, ut_metric metric, double mean);
/* The size band of n: "5-7", "8-15", "16-31", … */
ut_str ut_publish_band(ut_arena *keep, int64_t n);

#endif
