/* store/truth.h — the truth: one SQLite file (WAL, synchronous=full, secure_delete), and prepared statements over it.
 *
 *     ut_stmt *stmt = NULL;
 *     bool row;
 *     st = ut_truth_prepare(&stmt, truth, "SELECT seq FROM record WHERE key = ?1", &err);
 *     ut_stmt_bind_blob(stmt, 1, key);
 *     while ((st = ut_stmt_step(stmt, &row, &err)) == UT_OK && row) { … ut_stmt_i64(stmt, 0) … }
 *     ut_stmt_close(&stmt);
 *
 * This is what a room above needs of a transactional row store; no caller sees SQLite. One thread at a time per handle;
 * another handle on the same file may read at the same time. A statement that has answered row = false is reset and may
 * be bound and stepped again. Strings got from a row live until the next step.
 */
#ifndef UT_STORE_TRUTH_H
#define UT_STORE_TRUTH_H

#include "base/base.h"

typedef struct ut_truth ut_truth;
typedef struct ut_stmt ut_stmt;

typedef enum ut_access { UT_READ_ONLY, UT_READ_WRITE } ut_access;

/* Opens (read-write: creates and migrates) the file. UT_NOT_FOUND: not there and read-only. UT_CORRUPT: not ours, or of
 * a newer version of the program. UT_BUSY: another process is writing. */
UT_MUST_CHECK ut_status ut_truth_open(ut_truth **ret, const char *path, ut_access access, ut_err *err);
/* NULL and twice are fine; statements must be closed first. */
void ut_truth_close(ut_truth **truth);

/* One or more statements without results. */
UT_MUST_CHECK ut_status ut_truth_exec(ut_truth *truth, const char *sql, ut_err *err);
UT_MUST_CHECK ut_status ut_truth_begin(ut_truth *truth, ut_err *err);
UT_MUST_CHECK ut_status ut_truth_commit(ut_truth *truth, ut_err *err);
/* Forgets the open transaction, if there is one. */
void ut_truth_rollback(ut_truth *truth);
/* Folds the log into the file and empties it, so that what was deleted or replaced is in neither. *ret_done = false
 * when a reader still holds on to the log after some seconds: ask again later. */
UT_MUST_CHECK ut_status ut_truth_checkpoint(ut_truth *truth, bool *ret_done, ut_err *err);
/* Rowid of the last insert. */
int64_t ut_truth_last_id(const ut_truth *truth);
/* Rows changed by the last statement. */
int64_t ut_truth_changes(const ut_truth *truth);

/* The whole number in the first row that `sql` answers; 0 when there is none, or it is NULL. */
UT_MUST_CHECK ut_status ut_truth_number(ut_truth *truth, int64_t *ret, const char *sql, ut_err *err);

UT_MUST_CHECK ut_status ut_truth_prepare(ut_stmt **ret, ut_truth *truth, const char *sql, ut_err *err);
void ut_stmt_close(ut_stmt **stmt);
/* Parameters count from 1. Bytes are borrowed until the statement is reset. Failures show at the next step. */
void ut_stmt_bind_i64(ut_stmt *stmt, int index, int64_t value);
void ut_stmt_bind_text(ut_stmt *stmt, int index, ut_str text);
void ut_stmt_bind_blob(ut_stmt *stmt, int index, ut_str bytes);
void ut_stmt_bind_null(ut_stmt *stmt, int index);
UT_MUST_CHECK ut_status ut_stmt_step(ut_stmt *stmt, bool *ret_row, ut_err *err);
/* Steps a statement that has no rows to give. */
UT_MUST_CHECK ut_status ut_stmt_run(ut_stmt *stmt, ut_err *err);
/* Gives up the rest of the rows. */
void ut_stmt_reset(ut_stmt *stmt);
/* Columns count from 0; NULL reads as 0 or empty. */
int64_t ut_stmt_i64(const ut_stmt *stmt, int column);
ut_str ut_stmt_str(const ut_stmt *stmt, int column);
bool ut_stmt_is_null(const ut_stmt *stmt, int column);

#endif
