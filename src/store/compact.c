/* store/compact.c — the lake's file written anew, since DELETE leaves the old bytes where they were.
 *
 *     checkpoint ─► lake.duckdb.new: tables made anew, rows copied, counted, synced ─► takes lake.duckdb's name
 *
 * Killed before the last step, the old file is whole and the new one is removed when the lake is opened for writing.
 */
#include "store/workspace.h"

#include <stdio.h>

enum { MEMORY_MB = 256 };

static void path_of(char out[UT_PATH_BYTES_MAX], const ut_workspace *workspace, const char *name)
{
    (void)snprintf(out, UT_PATH_BYTES_MAX, "%s/%s", workspace->path, name);
}

static ut_status attach(ut_lake *lake, const char *path, ut_err *err)
{
    ut_buf sql = ut_buf_make(3 * UT_PATH_BYTES_MAX);
    ut_buf_puts(&sql, "ATTACH '");
    for (const char *c = path; *c; c++) {
        ut_buf_put(&sql, *c == '\'' ? UT_STR("''") : (ut_str){c, 1});
    }
    ut_buf_puts(&sql, "' AS old (READ_ONLY)");
    ut_buf_byte(&sql, '\0');
    ut_status st = sql.failed ? ut_fail(err, sql.failed, "memory ended while copying the lake")
                              : ut_lake_exec(lake, sql.ptr, err);
    ut_buf_free(&sql);
    return st;
}

/* One table's rows, and the proof that all of them arrived. */
static ut_status copy_table(ut_lake *lake, ut_str table, ut_err *err)
{
    char sql[400];
    int64_t lost = 0;
    (void)snprintf(sql, sizeof sql, "INSERT INTO main.\"%.*s\" SELECT * FROM old.main.\"%.*s\"", (int)table.len,
                   table.ptr, (int)table.len, table.ptr);
    ut_status st = ut_lake_exec(lake, sql, err);
    (void)snprintf(sql, sizeof sql,
                   "SELECT (SELECT count(*) FROM old.main.\"%.*s\") - (SELECT count(*) FROM main.\"%.*s\")",
                   (int)table.len, table.ptr, (int)table.len, table.ptr);
    st = st == UT_OK ? ut_lake_number(lake, &lost, sql, NULL, 0, err) : st;
    if (st == UT_OK && lost != 0) {
        st = ut_fail(err, UT_CORRUPT, "copying the lake lost %lld rows of %.*s; run `undertone lake rebuild`",
                     (long long)lost, (int)table.len, table.ptr);
    }
    return st;
}

static ut_status copy_tables(ut_lake *lake, ut_err *err)
{
    ut_rows *rows = NULL;
    bool more = false;
    ut_status st = ut_lake_query(&rows, lake,
                                 "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old'"
                                 " AND table_name <> 'schema_step' ORDER BY 1",
                                 NULL, 0, err);
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        st = copy_table(lake, ut_rows_str(rows, 0), err);
    }
    ut_rows_close(&rows);
    return st;
}

/* Opening makes the tables, as in any new lake. */
static ut_status copy_lake(const char *from, const char *to, ut_err *err)
{
    ut_lake *lake = NULL;
    ut_lake_options options = {.access = UT_READ_WRITE, .memory_mb = MEMORY_MB};
    ut_status st = ut_lake_open(&lake, to, &options, err);
    st = st == UT_OK ? attach(lake, from, err) : st;
    st = st == UT_OK ? copy_tables(lake, err) : st;
    st = st == UT_OK ? ut_lake_exec(lake, "DETACH old", err) : st;
    st = st == UT_OK ? ut_lake_checkpoint(lake, err) : st;
    ut_lake_close(&lake);
    return st;
}

ut_status ut_workspace_tidy_lake(ut_workspace *workspace, ut_err *err)
{
    static const char *const names[] = {"lake.duckdb.new", "lake.duckdb.new.wal"};
    static const char *const folders[] = {"lake.duckdb.tmp", "lake.duckdb.new.tmp"};
    char path[UT_PATH_BYTES_MAX];
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < sizeof names / sizeof *names; i++) {
        path_of(path, workspace, names[i]);
        st = ut_file_exists(path) ? ut_file_remove(path, err) : UT_OK;
    }
    for (size_t i = 0; st == UT_OK && i < sizeof folders / sizeof *folders; i++) {
        path_of(path, workspace, folders[i]);
        st = ut_file_exists(path) ? ut_file_drop_folder(path, err) : UT_OK;
    }
    return st;
}

ut_status ut_workspace_compact_lake(ut_workspace *workspace, ut_err *err)
{
    char from[UT_PATH_BYTES_MAX], to[UT_PATH_BYTES_MAX];
    ut_lake *lake = NULL;
    path_of(from, workspace, "lake.duckdb");
    path_of(to, workspace, "lake.duckdb.new");
    if (!ut_file_exists(from)) {
        return UT_OK;
    }
    ut_status st = ut_workspace_lake(workspace, &lake, 0, err);
    st = st == UT_OK ? ut_lake_checkpoint(lake, err) : st;
    ut_lake_close(&workspace->lake);
    st = st == UT_OK ? ut_workspace_tidy_lake(workspace, err) : st;
    st = st == UT_OK ? copy_lake(from, to, err) : st;
    st = st == UT_OK ? ut_file_sync(to, err) : st;
    return st == UT_OK ? ut_file_rename(to, from, err) : st;
}
