/* store/audit.h — the log of who saw or changed what: append-only, hash-chained, part of the truth.
 *
 *     st = ut_truth_begin(workspace->truth, &err);
 *     … the change itself …
 *     st = ut_audit_put(workspace, &(ut_audit_entry){.principal = UT_STR("key"), .action = UT_STR("people merge"),
 *                                                    .subject = person, .detail = UT_STR("into person 12")}, &err);
 *     st = ut_truth_commit(workspace->truth, &err);       // both or neither
 *
 * Persons are named by their number (person.id), never by address or name: after an erasure the number says nothing.
 * The chain runs over digests of detail and purpose, so that ut_audit_redact can take their words out and the rest
 * still verifies.
 */
#ifndef UT_STORE_AUDIT_H
#define UT_STORE_AUDIT_H

#include "store/workspace.h"

typedef struct ut_audit_entry {
    ut_str principal; /* "owner", "person", "manager"; "key" for commands that need the workspace key only */
    ut_str actor;     /* the system user; empty = whoever runs this process */
    ut_str action;    /* "sql", "erase", "people merge", … */
    int64_t subject;  /* person.id whom it is about; 0 = no one in particular */
    ut_str detail;    /* what exactly, never a person's values */
    ut_str purpose;
} ut_audit_entry;

/* Appends one entry inside the caller's transaction. */
UT_MUST_CHECK ut_status ut_audit_put(ut_workspace *workspace, const ut_audit_entry *entry, ut_err *err);
/* The same in a transaction of its own, durable when this returns. Who can't be logged may not see. */
UT_MUST_CHECK ut_status ut_audit_append(ut_workspace *workspace, const ut_audit_entry *entry, ut_err *err);
/* Takes the words out of one entry, inside the caller's transaction; that it was there, when and by whom, stays. */
UT_MUST_CHECK ut_status ut_audit_redact(ut_workspace *workspace, int64_t id, ut_err *err);
/* Deletes the entries before `at_us`, inside the caller's transaction, and keeps the chain value that the rest hangs
 * on. *ret_count = entries deleted. */
UT_MUST_CHECK ut_status ut_audit_drop(ut_workspace *workspace, int64_t *ret_count, int64_t at_us, ut_err *err);
/* Walks the chain; UT_CORRUPT names the first entry that was changed, taken out or put in. *ret_count = entries seen.
 */
UT_MUST_CHECK ut_status ut_audit_verify(ut_workspace *workspace, int64_t *ret_count, ut_err *err);
/* Who sits at the command line: the system's name for the user, else the number. Needs room for 64 bytes. */
ut_str ut_audit_user(char room[64]);

#endif
