/* egress/principal.h — who asks, and what that opens: every door of this room asks here first.
 *
 *     st = ut_principal_log(workspace, principal, UT_STR("report"), 0, UT_STR("teams"), &err);   // before any reading
 *     st = ut_principal_cells(&cells, &arena, workspace, principal, &query, &err);               // of allowed teams
 *     st = ut_principal_see(workspace, principal, &person, options->person, &err);                  // whose values
 *
 * `principal` may be NULL everywhere: the analyst. Refusals are UT_DENIED and say what would be shown instead; they do
 * not tell whether somebody objected, or whether a team exists.
 */
#ifndef UT_EGRESS_PRINCIPAL_H
#define UT_EGRESS_PRINCIPAL_H

#include "egress/cells.h"
#include "store/workspace.h"
#include "undertone/report.h"

ut_principal_kind ut_principal_kind_of(const ut_principal *principal);
/* "analyst", "person:12", "manager:12", "owner": as the audit log has it, persons by number. */
ut_str ut_principal_name(char room[40], const ut_principal *principal);
/* Writes who looks at what to the audit log; nothing for the analyst, who sees nobody. UT_DENIED when the workspace is
 * open for reading only, since whoever can't be logged may not see; UT_INVALID for an owner without a purpose. */
UT_MUST_CHECK ut_status ut_principal_log(ut_workspace *workspace, const ut_principal *principal, ut_str action,
                                         int64_t subject, ut_str detail, ut_err *err);
/* Figures of the teams that the principal may see. UT_DENIED: query->team is not among them. */
UT_MUST_CHECK ut_status ut_principal_cells(ut_cells *ret, ut_arena *keep, ut_workspace *workspace,
                                           const ut_principal *principal, const ut_cells_query *query, ut_err *err);
/* Finds out whose values are asked for (`who` NULL: the principal's own) and whether they may be shown. */
UT_MUST_CHECK ut_status ut_principal_see(ut_workspace *workspace, const ut_principal *principal, int64_t *ret_person,
                                         const char *who, ut_err *err);
/* UT_DENIED for a manager, who does not see what is counted over the whole organisation. */
UT_MUST_CHECK ut_status ut_principal_all(const ut_principal *principal, ut_err *err);
/* UT_INVALID: report `name` is about groups and was asked about a person. */
UT_MUST_CHECK ut_status ut_principal_refuse_person(ut_str name, ut_err *err);
/* What a person decided: "notified", "objected", …, and when (YYYY-MM-DD, empty when never). Static or in the arena. */
UT_MUST_CHECK ut_status ut_principal_state(ut_workspace *workspace, ut_arena *keep, int64_t person, ut_str *ret_state,
                                           ut_str *ret_day, ut_err *err);
/* true for the states in which a person's data is not worked on, and shown to nobody else. */
bool ut_principal_stopped(ut_str state);

#endif
