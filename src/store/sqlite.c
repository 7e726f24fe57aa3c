/* store/sqlite.c — truth.h over SQLite; the one file that sees sqlite3.h.
 *
 * Settings: WAL with synchronous=full (a commit that returned survives a power cut), secure_delete (deleted bytes are
 * overwritten), foreign keys on, a 64 MiB cap on the log before it is folded back. Migrations are the files of
 * sql/truth in order; PRAGMA user_version counts those done, and each runs in one transaction with its count.
 */
#include "base/embed.h"
#include "base/mem.h"
#include "store/truth.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

extern const ut_embedded ut_sql_truth[];

enum { APPLICATION_ID = 0x55545231 /* "UTR1" */, BUSY_TIMEOUT_MS = 5000 };

struct ut_truth {
    sqlite3 *db;
};

struct ut_stmt {
    sqlite3_stmt *stmt;
    sqlite3 *db;
    int bind_failed; /* first failing bind since the last reset, an SQLite code */
};

static ut_status fail_sqlite(ut_err *err, sqlite3 *db, int code, const char *doing)
{
    int primary = code & 0xFF;
    ut_status status = primary == SQLITE_NOMEM                               ? UT_NOMEM
                       : primary == SQLITE_BUSY || primary == SQLITE_LOCKED  ? UT_BUSY
                       : primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ? UT_CORRUPT
                       : primary == SQLITE_CONSTRAINT || primary == SQLITE_ERROR ? UT_INVALID
                                                                             : UT_IO;
    const char *detail = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    if (primary == SQLITE_FULL) {
        detail = "the disk is full; nothing of this batch was kept, make room and run the same command again";
    }
    return ut_fail(err, status, "the truth store can't %s: %s", doing, detail);
}

ut_status ut_truth_exec(ut_truth *truth, const char *sql, ut_err *err)
{
    int code = sqlite3_exec(truth->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? UT_OK : fail_sqlite(err, truth->db, code, "do its work");
}

ut_status ut_truth_begin(ut_truth *truth, ut_err *err)
{
    return ut_truth_exec(truth, "BEGIN IMMEDIATE", err);
}

ut_status ut_truth_commit(ut_truth *truth, ut_err *err)
{
    return ut_truth_exec(truth, "COMMIT", err);
}

void ut_truth_rollback(ut_truth *truth)
{
    if (truth && !sqlite3_get_autocommit(truth->db)) {
        (void)sqlite3_exec(truth->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

int64_t ut_truth_last_id(const ut_truth *truth)
{
    return sqlite3_last_insert_rowid(truth->db);
}

int64_t ut_truth_changes(const ut_truth *truth)
{
    return sqlite3_changes(truth->db);
}

ut_status ut_truth_number(ut_truth *truth, int64_t *ret, const char *sql, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, truth, sql, err);
    if (st == UT_OK) {
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK) {
        *ret = row ? ut_stmt_i64(stmt, 0) : 0;
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_truth_checkpoint(ut_truth *truth, bool *ret_done, ut_err *err)
{
    int64_t busy = 0;
    ut_status st = ut_truth_number(truth, &busy, "PRAGMA wal_checkpoint(TRUNCATE)", err);
    if (st == UT_OK || st == UT_BUSY) {
        *ret_done = st == UT_OK && !busy;
        return UT_OK;
    }
    return st;
}

static ut_status migrate_one(ut_truth *truth, int64_t number, const ut_embedded *step, ut_err *err)
{
    char done[64];
    (void)snprintf(done, sizeof done, "PRAGMA user_version=%lld", (long long)number);
    ut_status st = ut_truth_begin(truth, err);
    st = st == UT_OK ? ut_truth_exec(truth, step->bytes, err) : st;
    st = st == UT_OK ? ut_truth_exec(truth, done, err) : st;
    st = st == UT_OK ? ut_truth_commit(truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(truth);
    }
    return st;
}

static ut_status migrate(ut_truth *truth, const char *path, ut_access access, ut_err *err)
{
    int64_t done = 0, owner = 0, known = 0;
    while (ut_sql_truth[known].name) {
        known++;
    }
    ut_status st = ut_truth_number(truth, &done, "PRAGMA user_version", err);
    st = st == UT_OK ? ut_truth_number(truth, &owner, "PRAGMA application_id", err) : st;
    if (st != UT_OK) {
        return st;
    }
    if (owner != APPLICATION_ID && (owner != 0 || done != 0 || access == UT_READ_ONLY)) {
        return ut_fail(err, UT_CORRUPT, "%s is not an Undertone truth store", path);
    }
    if (done > known) {
        return ut_fail(err, UT_CORRUPT,
                       "%s was written by a newer version of undertone (schema %lld, this one knows %lld)", path,
                       (long long)done, (long long)known);
    }
    if (access == UT_READ_ONLY) {
        return done == known ? UT_OK
                             : ut_fail(err, UT_CORRUPT, "%s is of an older version; `undertone analyze` brings it up "
                                                        "to date, as any command that writes does", path);
    }
    if (owner == 0) {
        char mark[64];
        (void)snprintf(mark, sizeof mark, "PRAGMA application_id=%d", APPLICATION_ID);
        st = ut_truth_exec(truth, mark, err);
    }
    for (int64_t n = done; st == UT_OK && n < known; n++) {
        st = migrate_one(truth, n + 1, &ut_sql_truth[n], err);
    }
    return st;
}

ut_status ut_truth_open(ut_truth **ret, const char *path, ut_access access, ut_err *err)
{
    if (access == UT_READ_ONLY && faccessat(AT_FDCWD, path, R_OK, 0) != 0) {
        return ut_fail(err, UT_NOT_FOUND, "there is no truth store at %s", path);
    }
    /* Memory statistics cost a mutex per allocation. Only the first call counts; later ones are refused, which is fine.
     */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    ut_truth *truth = ut_mem_zeroed(1, sizeof *truth);
    if (!truth) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening %s", path);
    }
    int flags = access == UT_READ_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
    int code = sqlite3_open_v2(path, &truth->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    ut_status st = code == SQLITE_OK ? UT_OK : ut_fail(err, UT_IO, "can't open %s: %s", path, sqlite3_errstr(code));
    if (st == UT_OK) {
        (void)sqlite3_busy_timeout(truth->db, BUSY_TIMEOUT_MS);
        (void)sqlite3_db_config(truth->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        st = ut_truth_exec(truth,
                           "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                           "PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;"
                           "PRAGMA journal_size_limit=67108864; PRAGMA wal_autocheckpoint=8192", err);
    }
    st = st == UT_OK ? migrate(truth, path, access, err) : st;
    if (st == UT_OK && access == UT_READ_ONLY) {
        st = ut_truth_exec(truth, "PRAGMA query_only=ON", err);
    }
    if (st != UT_OK) {
        ut_truth_close(&truth);
        return st;
    }
    *ret = truth;
    return UT_OK;
}

void ut_truth_close(ut_truth **truth)
{
    if (*truth) {
        (void)sqlite3_close_v2((*truth)->db);
        *truth = ut_mem_free(*truth);
    }
}

ut_status ut_truth_prepare(ut_stmt **ret, ut_truth *truth, const char *sql, ut_err *err)
{
    ut_stmt *stmt = ut_mem_zeroed(1, sizeof *stmt);
    if (!stmt) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing a statement");
    }
    stmt->db = truth->db;
    int code = sqlite3_prepare_v3(truth->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt->stmt, NULL);
    if (code != SQLITE_OK) {
        ut_status st = fail_sqlite(err, truth->db, code, "prepare a statement");
        ut_mem_free(stmt);
        return st;
    }
    *ret = stmt;
    return UT_OK;
}

void ut_stmt_close(ut_stmt **stmt)
{
    if (*stmt) {
        (void)sqlite3_finalize((*stmt)->stmt);
        *stmt = ut_mem_free(*stmt);
    }
}

static void note_bind(ut_stmt *stmt, int code)
{
    if (code != SQLITE_OK && stmt->bind_failed == SQLITE_OK) {
        stmt->bind_failed = code;
    }
}

void ut_stmt_bind_i64(ut_stmt *stmt, int index, int64_t value)
{
    note_bind(stmt, sqlite3_bind_int64(stmt->stmt, index, value));
}

void ut_stmt_bind_text(ut_stmt *stmt, int index, ut_str text)
{
    note_bind(stmt,
              sqlite3_bind_text64(stmt->stmt, index, text.ptr ? text.ptr : "", text.len, SQLITE_STATIC, SQLITE_UTF8));
}

void ut_stmt_bind_blob(ut_stmt *stmt, int index, ut_str bytes)
{
    note_bind(stmt, sqlite3_bind_blob64(stmt->stmt, index, bytes.ptr ? bytes.ptr : "", bytes.len, SQLITE_STATIC));
}

void ut_stmt_bind_null(ut_stmt *stmt, int index)
{
    note_bind(stmt, sqlite3_bind_null(stmt->stmt, index));
}

ut_status ut_stmt_step(ut_stmt *stmt, bool *ret_row, ut_err *err)
{
    int code = stmt->bind_failed ? stmt->bind_failed : sqlite3_step(stmt->stmt);
    if (code == SQLITE_ROW) {
        *ret_row = true;
        return UT_OK;
    }
    ut_status st = code == SQLITE_DONE ? UT_OK : fail_sqlite(err, stmt->db, code, "do its work");
    ut_stmt_reset(stmt);
    if (st == UT_OK) {
        *ret_row = false;
    }
    return st;
}

ut_status ut_stmt_run(ut_stmt *stmt, ut_err *err)
{
    bool row = false;
    ut_status st = ut_stmt_step(stmt, &row, err);
    if (st == UT_OK && row) {
        ut_stmt_reset(stmt);
    }
    return st;
}

void ut_stmt_reset(ut_stmt *stmt)
{
    (void)sqlite3_reset(stmt->stmt);
    stmt->bind_failed = SQLITE_OK;
}

int64_t ut_stmt_i64(const ut_stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt->stmt, column);
}

ut_str ut_stmt_str(const ut_stmt *stmt, int column)
{
    /* The blob form first: it never converts, and its length is then in bytes. */
    const char *ptr = sqlite3_column_blob(stmt->stmt, column);
    return (ut_str){ptr, (size_t)sqlite3_column_bytes(stmt->stmt, column)};
}

bool ut_stmt_is_null(const ut_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt->stmt, column) == SQLITE_NULL;
}
