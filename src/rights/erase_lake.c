/* rights/erase_lake.c — the person's rows out of every table of the lake, and its file written anew.
 *
 * Whatever table has a column `person`, `author`, `identity` or `item` is about a person, a handle or a message; so a
 * table of tomorrow is not forgotten.
 */
#include "rights/erase_int.h"

#include <stdio.h>

static ut_status copy_ids(ut_eraser *e, ut_lake *lake, const char *name, const char *sql, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_append *append = NULL;
    bool row = false;
    char make[128];
    (void)snprintf(make, sizeof make, "CREATE OR REPLACE TEMP TABLE %s (id BIGINT)", name);
    ut_status st = ut_lake_exec(lake, make, err);
    st = st == UT_OK ? ut_lake_append_open(&append, lake, name, err) : st;
    st = st == UT_OK ? ut_truth_prepare(&stmt, e->workspace->truth, sql, err) : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_append_i64(append, 0, ut_stmt_i64(stmt, 0));
        st = ut_append_row(append, err);
    }
    ut_status closed = ut_append_close(&append, st == UT_OK ? err : NULL);
    ut_stmt_close(&stmt);
    return st == UT_OK ? closed : st;
}

/* silver_message comes last, since it says whose an item is. */
static const char columns_sql[] =
    "SELECT c.table_name, c.column_name FROM duckdb_columns() c JOIN duckdb_tables() t"
    "    ON t.table_oid = c.table_oid AND t.database_name = c.database_name"
    " WHERE NOT t.temporary AND c.column_name IN ('item', 'person', 'author', 'identity')"
    "   AND (c.table_name <> 'silver_message' OR c.column_name = 'author')"
    " ORDER BY c.table_name = 'silver_message', 1, 2";

static ut_status delete_from(ut_eraser *e, ut_lake *lake, ut_str table, ut_str column, ut_err *err)
{
    char sql[400], where[300];
    int64_t count = 0;
    const char *ids = ut_str_eq(column, UT_STR("item"))
                          ? "SELECT item FROM silver_message WHERE author IN (SELECT id FROM erase_identity)"
                      : ut_str_eq(column, UT_STR("person")) ? "SELECT id FROM erase_person"
                                                            : "SELECT id FROM erase_identity";
    (void)snprintf(where, sizeof where, "FROM \"%.*s\" WHERE \"%.*s\" IN (%s)", (int)table.len, table.ptr,
                   (int)column.len, column.ptr, ids);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) %s", where);
    ut_status st = ut_lake_number(lake, &count, sql, NULL, 0, err);
    (void)snprintf(sql, sizeof sql, "DELETE %s", where);
    st = st == UT_OK && count ? ut_lake_exec(lake, sql, err) : st; /* a dry run is rolled back */
    e->plan->counts.lake_rows += st == UT_OK ? count : 0;
    return st;
}

static ut_status delete_rows(ut_eraser *e, ut_lake *lake, ut_err *err)
{
    ut_rows *rows = NULL;
    bool more = false;
    ut_status st = copy_ids(e, lake, "erase_person", "SELECT id FROM erase_person", err);
    st = st == UT_OK ? copy_ids(e, lake, "erase_identity", "SELECT id FROM erase_identity", err) : st;
    st = st == UT_OK ? ut_lake_query(&rows, lake, columns_sql, NULL, 0, err) : st;
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        st = delete_from(e, lake, ut_rows_str(rows, 0), ut_rows_str(rows, 1), err);
    }
    ut_rows_close(&rows);
    return st;
}

ut_status ut_erase__lake(ut_eraser *e, ut_err *err)
{
    char path[UT_PATH_BYTES_MAX];
    ut_lake *lake = NULL;
    (void)snprintf(path, sizeof path, "%s/lake.duckdb", e->workspace->path);
    if (!ut_file_exists(path)) {
        return UT_OK;
    }
    ut_status st = ut_workspace_lake(e->workspace, &lake, 0, err);
    st = st == UT_OK ? ut_lake_begin(lake, err) : st;
    if (st != UT_OK) {
        return st;
    }
    st = delete_rows(e, lake, err);
    if (st != UT_OK || e->options->dry_run) {
        ut_lake_rollback(lake);
        return st;
    }
    st = ut_lake_commit(lake, err);
    return st == UT_OK ? ut_workspace_compact_lake(e->workspace, err) : st;
}
