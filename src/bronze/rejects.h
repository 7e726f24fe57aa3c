/* bronze/rejects.h — dead letters: look at them, and feed them to their reader again.
 *
 *     st = ut_rejects_each(workspace, visit, ctx, &err);
 *     st = ut_rejects_redrive(&counts, workspace, 0, &err);      // 0 = all open ones
 */
#ifndef UT_BRONZE_REJECTS_H
#define UT_BRONZE_REJECTS_H

#include "bronze/record.h"
#include "store/workspace.h"
#include "undertone/ingest.h"

typedef struct ut_reject_row {
    int64_t id;
    int64_t at_us;   /* when it was rejected */
    ut_str source;
    ut_str path;     /* "" when the box does not open */
    int64_t byte;
    ut_str reason;
    ut_str state;    /* "open", "redriven" */
    size_t bytes;    /* of the payload that is kept */
    ut_str payload;  /* … and those bytes; shown to nobody but whom they name */
    ut_format format;
} ut_reject_row;

/* Open ones first, then by id. Strings live for the call. */
UT_MUST_CHECK ut_status ut_rejects_each(ut_workspace *workspace,
                                        ut_status (*visit)(void *ctx, const ut_reject_row *row, ut_err *err), void *ctx,
                                        ut_err *err);

typedef struct ut_redrive_counts {
    int64_t tried;
    int64_t taken;    /* now stored, or found to be stored already */
    int64_t again;    /* rejected again */
    int64_t not_alone; /* can't be read without their file (a Slack message does not carry its channel): ingest that
                          again */
} ut_redrive_counts;

UT_MUST_CHECK ut_status ut_rejects_redrive(ut_redrive_counts *ret, ut_workspace *workspace, int64_t id, ut_err *err);

#endif
