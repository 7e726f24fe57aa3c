/* people/due.h — what the policy says is past its time.
 *
 *     ut_retention_report report;
 *     st = ut_due_find(&report, workspace, ut_clock_now_us(), &err);      // fills all but `dropped`
 */
#ifndef UT_PEOPLE_DUE_H
#define UT_PEOPLE_DUE_H

#include "store/workspace.h"
#include "undertone/retention.h"

UT_MUST_CHECK ut_status ut_due_find(ut_retention_report *ret, ut_workspace *workspace, int64_t now_us, ut_err *err);

#endif
