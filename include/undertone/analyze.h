/* undertone/analyze.h — bronze to silver: every message cleaned, its language found, scored.
 *
 *     ut_analyze_counts counts;
 *     if (ut_analyze(&counts, workspace, NULL, &err) == UT_OK) {
 *         printf("%lld scored\n", (long long)counts.scored);
 *     }
 *
 * Incremental: only what came in since the last call is done; a killed run is continued by calling again, and ends in
 * the same tables. When the model, its rules, or who belongs to the organisation changed, everything is done again.
 */
#ifndef UNDERTONE_ANALYZE_H
#define UNDERTONE_ANALYZE_H

#include "undertone/ingest.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ut_analyze_counts {
    int64_t records;    /* record versions looked at in this run */
    int64_t scored;     /* messages with scores */
    int64_t automatic;  /* written by machines: stored, not scored */
    int64_t external;   /* by people outside the organisation: stored, never scored */
    int64_t language;   /* in a language no model speaks: counted, not scored */
    int64_t empty;      /* nothing the author newly wrote */
    int64_t deleted;
    int64_t unreadable; /* the stored record does not decode */
    int64_t objected;   /* by persons who objected or withdrew, before they did */
    int64_t restricted; /* by persons who want what they wrote kept, but not used */
    bool from_start;    /* everything was done again */
} ut_analyze_counts;

typedef struct ut_analyze_options {
    const char *model;    /* NULL = "rules" */
    const char *rules;    /* directory of own rule packs, or NULL */
    bool rebuild;         /* drop the lake and make it again from the truth */
    ut_progress progress; /* may be NULL; counts records */
    void *progress_ctx;
    int threads;          /* 0 = one per processor */
} ut_analyze_options;

/* options NULL = defaults. UT_BUSY when the lake is open elsewhere. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_analyze(ut_analyze_counts *ret, ut_workspace *workspace,
                                             const ut_analyze_options *options, ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
