/* egress/audit.h — the log of who saw or changed what: append-only, hash-chained, part of the truth. */
#ifndef UT_EGRESS_AUDIT_H
#define UT_EGRESS_AUDIT_H

#include "store/workspace.h"

typedef struct ut_audit_entry {
    ut_str principal; /* "owner" */
    ut_str actor;     /* the system user */
    ut_str action;    /* "sql", "init", … */
    ut_str detail;    /* what exactly, never a person's values */
    ut_str purpose;
} ut_audit_entry;

/* Appends one entry in a transaction of its own, durable when this returns. Who can't be logged may not see. */
UT_MUST_CHECK ut_status ut_audit_append(ut_workspace *workspace, const ut_audit_entry *entry, ut_err *err);
/* Walks the chain; UT_CORRUPT names the first entry that was changed, taken out or put in. *ret_count = entries seen.
 */
UT_MUST_CHECK ut_status ut_audit_verify(ut_workspace *workspace, int64_t *ret_count, ut_err *err);

#endif
