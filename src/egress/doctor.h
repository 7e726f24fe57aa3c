/* egress/doctor.h — is the workspace healthy? Looks, changes nothing. */
#ifndef UT_EGRESS_DOCTOR_H
#define UT_EGRESS_DOCTOR_H

#include "egress/grid.h"
#include "store/workspace.h"

/* A grid of check, state ("ok", "warn", "bad") and detail. *ret_bad = how many are bad. */
UT_MUST_CHECK ut_status ut_doctor(ut_grid *ret, int64_t *ret_bad, ut_arena *keep, ut_workspace *workspace, ut_err *err);

#endif
