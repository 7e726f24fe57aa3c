/* egress/closed.h — a database of its own, in memory, that holds what a principal may see and nothing else. */
#ifndef UT_EGRESS_CLOSED_H
#define UT_EGRESS_CLOSED_H

#include "egress/principal.h"

/* v_team_day, v_team_week, v_team_month of the principal's teams; for a person also v_my_messages, v_my_day,
 * v_my_week, v_my_month. `locked`: foreign SQL may run over it, files, settings and other databases are out of its
 * reach. Else only statements of our own may run (they write files). The caller closes it. */
UT_MUST_CHECK ut_status ut_closed_open(ut_lake **ret, ut_workspace *workspace, const ut_principal *principal,
                                       bool locked, ut_err *err);

#endif
