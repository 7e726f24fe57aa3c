/* rights/erase_int.h — what the steps of one erasure share. Inside the room only.
 *
 *     who (erase_who.c)     whose rows: digests into the plan, ids into temporary tables; their words into `redact`
 *     scan (erase_scan.c)   what others wrote, dead letters, the audit log: without them
 *     lake (erase_lake.c)   their rows out, the file anew
 *     rows (erase_rows.c)   their rows out of the truth, with their keys; the ledger
 *
 * Each step may be done again. What the steps before the last need is in the rows that only the last one deletes, so
 * that the plan holds digests alone, and a killed erasure begins again at its beginning.
 */
#ifndef UT_RIGHTS_ERASE_INT_H
#define UT_RIGHTS_ERASE_INT_H

#include "rights/redact.h"
#include "store/workspace.h"
#include "undertone/erase.h"

/* Sealed in `unfinished`, "erase" while the work goes on, "erase backup" for one that could not be reached. */
typedef struct ut_erase_plan {
    int64_t row;       /* unfinished.id; 0: not written down, as in dry runs and inside backups */
    ut_erase_counts counts;
    ut_buf persons;    /* digests, one after the other */
    ut_buf identities;
    char backup[UT_PATH_BYTES_MAX]; /* "" or the path of the backup that is due */
} ut_erase_plan;

typedef struct ut_eraser {
    ut_workspace *workspace; /* the one at work: the workspace itself, or a backup */
    const ut_erase_options *options;
    ut_erase_plan *plan;
    ut_redact *redact;
} ut_eraser;

void ut_erase__due(const ut_eraser *e, const char *format, ...) UT_PRINTF(2, 3);
void ut_erase__progress(const ut_eraser *e, int64_t done, int64_t total);
/* The plan as it is now into its row, inside the caller's transaction. Does nothing without a row. */
ut_status ut_erase__note(ut_eraser *e, ut_err *err);
void ut_erase__plan_open(ut_erase_plan *plan);
void ut_erase__plan_close(ut_erase_plan *plan);
/* Both inside the caller's transaction. */
ut_status ut_erase__drop_plan(ut_eraser *e, ut_err *err);
ut_status ut_erase__log(ut_eraser *e, ut_workspace *workspace, const char *detail, ut_err *err);

/* Finds `who` and fills the plan's digests. UT_NOT_FOUND. */
ut_status ut_erase__find(ut_eraser *e, ut_str who, ut_err *err);
/* Fills the temporary tables erase_person and erase_identity from the digests. *ret_any: some are there still. */
ut_status ut_erase__mark(ut_eraser *e, bool *ret_any, ut_err *err);
/* Tombstones for every handle and the id in people.csv, inside the caller's transaction. */
ut_status ut_erase__bury(ut_eraser *e, ut_err *err);
/* Their handles, names and words into e->redact. */
ut_status ut_erase__learn(ut_eraser *e, ut_err *err);
ut_status ut_erase__scan(ut_eraser *e, ut_err *err);
ut_status ut_erase__lake(ut_eraser *e, ut_err *err);
ut_status ut_erase__rows(ut_eraser *e, ut_err *err);
/* Cells and atoms without them, inside the caller's transaction. */
ut_status ut_erase__ledger(ut_eraser *e, ut_err *err);

/* All steps over one store; `lake`: it has one. */
ut_status ut_erase__store(ut_eraser *e, bool lake, ut_err *err);
/* Leaves no page and no log that deleted rows were on; *ret_done = false when somebody still reads the log. */
ut_status ut_erase__sweep(ut_workspace *workspace, bool *ret_done, ut_err *err);
/* erase_backup.c: every backup that can be reached; paths of the others into `due`, one a line. */
ut_status ut_erase__backups(ut_eraser *e, ut_buf *due, ut_err *err);
/* One that was due: done and its plan out, or still due. */
ut_status ut_erase__due_backup(ut_eraser *e, ut_err *err);

#endif
