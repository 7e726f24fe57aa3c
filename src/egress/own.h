/* egress/own.h — values of one person, for that person: no floors, nothing frozen, open periods too. */
#ifndef UT_EGRESS_OWN_H
#define UT_EGRESS_OWN_H

#include "egress/principal.h"

/* One row per period: start, end, messages, scored, words, sentiment and the eleven features (in the order of
 * ut_metric), NULL where nothing was scored. UT_INVALID: a grain or day that is none. */
UT_MUST_CHECK ut_status ut_own_rows(ut_rows **ret, ut_lake *lake, int64_t person, ut_str grain, ut_str from, ut_str to,
                                    ut_err *err);
/* A SELECT of v_messages without the column person, for a person's own SQL and export. Its one parameter is the person.
 * Static. */
const char *ut_own_messages_sql(void);
/* The report "mine": asks who may see whom, writes that down, and puts the answer. */
UT_MUST_CHECK ut_status ut_own_put(ut_buf *to, ut_arena *keep, ut_workspace *workspace,
                                   const ut_report_options *options, ut_err *err);

#endif
