/* silver/reduce.h — what time does to records: first the text gives way to its analysis, later the record goes.
 *
 *     ut_reduce_options options = {.before_us = now - 90 * UT_DAY_US, .note = count_them, .note_ctx = &mine};
 *     st = ut_silver_reduce(workspace, &options, &err);
 *     options.before_us = now - 400 * UT_DAY_US;
 *     st = ut_silver_retire(workspace, &options, &err);
 *
 * Both work in batches, each one transaction of the truth; killed in between, the next call goes on. `lake rebuild`
 * gives the same rows before and after a reduction, and after a retirement the rows that are left.
 */
#ifndef UT_SILVER_REDUCE_H
#define UT_SILVER_REDUCE_H

#include "store/workspace.h"

typedef struct ut_reduce_options {
    int64_t before_us; /* records that came in before this */
    int threads;       /* 0 = one per processor */
    /* Called in each batch's transaction with the records it changed; what it fails with undoes the batch. */
    ut_status (*note)(void *ctx, int64_t count, ut_err *err);
    void *note_ctx;
} ut_reduce_options;

/* Replaces payloads by the sealed analysis of the record (silver/kept.c). Records that were not analysed yet stay as
 * they are. */
UT_MUST_CHECK ut_status ut_silver_reduce(ut_workspace *workspace, const ut_reduce_options *options, ut_err *err);
/* Deletes records with all their versions, their rows in the lake first, and keeps the keyed digest of their id, so
 * that the same export does not bring them back. A record's time counts from its first version. Authors outside the
 * organisation go with the last of their records. */
UT_MUST_CHECK ut_status ut_silver_retire(ut_workspace *workspace, const ut_reduce_options *options, ut_err *err);

#endif
