/* egress/ledger.h — group figures as they were first shown: frozen in the truth.
 *
 *     st = ut_ledger_freeze(workspace, UT_GRAIN_WEEK, now_us, &floors, &err);     // then read table `cell`
 *
 * A period is frozen once, for all teams together, when a figure of its grain is asked for after it closed. Periods in
 * which nothing could be shown are looked at again whenever more was analysed, since nothing can be found by comparing
 * with a figure that nobody got. One transaction; a killed freeze leaves nothing behind.
 */
#ifndef UT_EGRESS_LEDGER_H
#define UT_EGRESS_LEDGER_H

#include "egress/cells.h"

/* Brings the ledger up to date for one grain. Looks at the lake only when something was analysed or another day closed
 * since the last time. The workspace must be open for writing. */
UT_MUST_CHECK ut_status ut_ledger_freeze(ut_workspace *workspace, ut_grain grain, int64_t now_us,
                                         const ut_floors *floors, ut_err *err);
/* UT_NOT_FOUND when nothing was ever frozen for the grain: for a workspace that is open for reading only, where an
 * empty answer would look as if nobody had written. */
UT_MUST_CHECK ut_status ut_ledger_expect(ut_workspace *workspace, ut_grain grain, ut_err *err);

#endif
