/* undertone/retention.h — what is kept for how long, and what happens then.
 *
 *     ut_retention_report report;
 *     if (ut_retention(&report, workspace, NULL, &err) == UT_OK) {
 *         printf("%lld texts gave way to their analysis\n", (long long)report.classes[UT_KEPT_RAW].dropped);
 *     }
 */
#ifndef UNDERTONE_RETENTION_H
#define UNDERTONE_RETENTION_H

#include "undertone/workspace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is kept for how long (undertone/policy.h), each from when it came in, never from when it was written. */
typedef enum ut_kept_class {
    UT_KEPT_RAW,     /* raw text: replaced by its analysis */
    UT_KEPT_PERSON,  /* records with everything that was derived from them */
    UT_KEPT_REJECTS, /* dead letters */
    UT_KEPT_CELLS,   /* figures of groups */
    UT_KEPT_AUDIT,
    UT_KEPT_CLASSES
} ut_kept_class;

typedef struct ut_retention_class {
    const char *name;  /* "raw text", … Static. */
    int64_t before_us; /* what came in before this is past its time */
    int64_t dropped;   /* by this run, and by those before that were killed */
    int64_t due;       /* past its time and still there: after a run only what is not analysed yet */
    int64_t oldest_us; /* when the oldest one left came in; 0 = none is left */
} ut_retention_class;

typedef struct ut_retention_report {
    ut_retention_class classes[UT_KEPT_CLASSES];
} ut_retention_report;

typedef struct ut_retention_options {
    bool dry_run; /* only say what is due */
    int threads;  /* 0 = one per processor */
} ut_retention_options;

/* Drops what is past its time and, when that was anything, writes what and how much to the audit log; after it the
 * dropped bytes are in no file of the workspace. Killed at any moment, the next call finishes. options NULL = defaults;
 * the workspace must be open for writing unless it is a dry run. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_retention(ut_retention_report *ret, ut_workspace *workspace,
                                               const ut_retention_options *options, ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
