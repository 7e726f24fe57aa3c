/* bronze/intake.h — the sink that stores: batches records, tells new from known, packs, seals, commits.
 *
 *     ut_intake *intake = NULL;
 *     st = ut_intake_open(&intake, workspace, threads, &err);
 *     st = ut_slack_read(ut_intake_sink(intake), path, &err);
 *     st = ut_intake_flush(intake, &err);
 *     counts = *ut_intake_counts(intake);
 *     ut_intake_close(&intake);                    // without a flush, the open batch is forgotten
 *
 * A batch is one transaction: after a kill the truth holds whole batches. While the reader fills one, the one before is
 * stored on another thread; the workspace's truth must not be used by others between the first record and a flush.
 * What is let in at all is decided by the gate (bronze/gate.h), which is asked here and nowhere else. One thread at a
 * time; hashing, packing and sealing use a pool inside.
 */
#ifndef UT_BRONZE_INTAKE_H
#define UT_BRONZE_INTAKE_H

#include "bronze/record.h"
#include "store/workspace.h"
#include "undertone/ingest.h"

typedef struct ut_intake ut_intake;

UT_MUST_CHECK ut_status ut_intake_open(ut_intake **ret, ut_workspace *workspace, int threads, ut_err *err);
void ut_intake_close(ut_intake **intake);
const ut_sink *ut_intake_sink(const ut_intake *intake);
UT_MUST_CHECK ut_status ut_intake_flush(ut_intake *intake, ut_err *err);
const ut_ingest_counts *ut_intake_counts(const ut_intake *intake);

/* A digest of what the gate lets in: part of every unit's stamp. */
ut_digest ut_intake_gate_stamp(const ut_intake *intake);

/* A unit of input that is read as a whole: a file, an export. Remembered with the batch that holds its last record, so
 * that the next run can pass it over. */
typedef struct ut_unit {
    ut_digest path, stamp;
    ut_ingest_counts before;
    bool unchanged; /* it was read to its end before and is the same: its records are counted as duplicates already */
} ut_unit;

/* Looks whether the unit at `path` was read before with the same `stamp` (a digest of what tells a change). */
UT_MUST_CHECK ut_status ut_intake_unit_begin(ut_intake *intake, ut_unit *ret, ut_digest path, ut_digest stamp,
                                             ut_err *err);
/* After all of it was delivered. Units that held unsupported parts are not remembered. */
UT_MUST_CHECK ut_status ut_intake_unit_end(ut_intake *intake, const ut_unit *unit, ut_err *err);
/* Goes through what sink->unsupported collected. */
void ut_intake_each_unsupported(const ut_intake *intake, void (*visit)(void *ctx, const char *what, int64_t count,
                                                                      const char *example), void *ctx);

#endif
