/* undertone/policy.h — what a workspace lets in, from how many people on it speaks, and how long it keeps what.
 *
 *     ut_policy policy;
 *     if (ut_policy_read(workspace, &policy, &err) == UT_OK) {
 *         printf("figures from text need %lld people\n", (long long)policy.floor_text);
 *     }
 *     st = ut_policy_set(workspace, UT_STR("keep_raw_days"), UT_STR("180"), &err);      // audited
 *
 * Each setting has a default, and most have a least or a greatest value beyond which ut_policy_set refuses: floors go
 * up, never below what the privacy rules promise.
 */
#ifndef UNDERTONE_POLICY_H
#define UNDERTONE_POLICY_H

#include "undertone/workspace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A list is its items with a comma between them, lower case, each at its first place only. */
#define UT_POLICY_LIST_BYTES 4096

typedef struct ut_policy {
    bool allow_direct;                        /* direct and group direct messages come in */
    char skip_channels[UT_POLICY_LIST_BYTES]; /* "general" or "slack:general"; NUL-terminated */
    char skip_mailboxes[UT_POLICY_LIST_BYTES];
    int64_t floor_load;        /* people behind a figure of load */
    int64_t floor_text;        /* people behind a figure from text */
    int64_t keep_raw_days;     /* raw text and dead letters, from when they came in */
    int64_t keep_person_days;  /* rows, scores and windows of persons, likewise */
    int64_t keep_cells_months; /* figures of groups, from when they were first shown */
    int64_t keep_audit_months;
} ut_policy;

UT_PUBLIC UT_MUST_CHECK ut_status ut_policy_read(ut_workspace *workspace, ut_policy *ret, ut_err *err);
/* Changes one setting and writes old and new value to the audit log, in one transaction. UT_NOT_FOUND: no such key;
 * UT_INVALID: not a value of its type, or below the least or above the greatest allowed. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_policy_set(ut_workspace *workspace, ut_str key, ut_str value, ut_err *err);

typedef struct ut_policy_info {
    const char *key;
    const char *type; /* "yes/no", "list", "number" */
    const char *default_value;
    int64_t least, greatest; /* of numbers */
    const char *meaning;     /* one line */
} ut_policy_info;

/* The settings there are, ended by a NULL key. Static. */
UT_PUBLIC const ut_policy_info *ut_policy_list(void);
/* One value of a policy as text: "yes", "90", "a,b". Lives as long as *policy and `room`; empty when there is no such
 * key. */
UT_PUBLIC ut_str ut_policy_value(const ut_policy *policy, ut_str key, char room[32]);

#ifdef __cplusplus
}
#endif
#endif
