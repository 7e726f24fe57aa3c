/* egress/audit_show.h — the audit log as a table. */
#ifndef UT_EGRESS_AUDIT_SHOW_H
#define UT_EGRESS_AUDIT_SHOW_H

#include "egress/grid.h"
#include "store/workspace.h"

/* The entries about `person` (0 = all), oldest first. `own`: for the person, hence their own entries too, and that the
 * owner read rows of everybody. Asks nobody and logs nothing: the caller did. */
UT_MUST_CHECK ut_status ut_audit_grid(ut_grid *ret, ut_arena *keep, ut_workspace *workspace, int64_t person, bool own,
                                      ut_err *err);

#endif
