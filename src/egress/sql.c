/* egress/sql.c — SQL without opening the lake to those who may not see it.
 *
 * Everyone's statement but the owner's runs in a database of its own, in memory, that holds nothing but what the
 * principal may see anyway; files, other databases and settings are out of its reach. What isn't in there can't be
 * found by any trick of the language. Only questions are answered, so that the owner's statement can't change the lake
 * either.
 */
#include "egress/closed.h"
#include "egress/grid.h"
#include "egress/report_int.h"

enum { ANSWER_BYTES_MAX = 256 << 20, TIMEOUT_MS = 30000 };

static ut_status answer(ut_buffer **ret, ut_lake *lake, ut_str sql, const char *format, ut_err *err)
{
    ut_arena arena;
    ut_output output;
    ut_status st = ut_output_parse(&output, format, err);
    if (st != UT_OK) {
        return st;
    }
    if (ut_arena_open(&arena, (size_t)1024 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while answering");
    }
    ut_rows *rows = NULL;
    ut_grid grid;
    ut_buf text = ut_buf_make(ANSWER_BYTES_MAX);
    ut_str copy = ut_arena_copy(&arena, sql);
    st = copy.ptr ? ut_lake_ask(&rows, lake, copy.ptr, TIMEOUT_MS, err)
                  : ut_fail(err, UT_LIMIT, "the statement is too long");
    st = st == UT_OK ? ut_grid_of_rows(&grid, &arena, rows, err) : st;
    ut_rows_close(&rows);
    if (st == UT_OK && output == UT_OUTPUT_TABLE) {
        ut_grid_put_table(&text, &grid, false);
    } else if (st == UT_OK && output == UT_OUTPUT_CSV) {
        ut_grid_put_csv(&text, &grid);
    } else if (st == UT_OK) {
        ut_buf_puts(&text, "{\"rows\":");
        ut_grid_put_json(&text, &grid);
        ut_buf_puts(&text, "}\n");
    }
    st = st == UT_OK ? ut_buffer_of(ret, &text, err) : st;
    ut_buf_free(&text);
    ut_arena_close(&arena);
    return st;
}

/* The lake itself, read-only. Its handle is locked by this and closed again, for whoever comes next. */
static ut_status ask_lake(ut_buffer **ret, ut_workspace *workspace, ut_str sql, const char *format, ut_err *err)
{
    ut_lake *lake = NULL;
    ut_status st = ut_workspace_lake(workspace, &lake, 1024, err);
    st = st == UT_OK ? ut_lake_exec(lake, "SET enable_external_access=false; SET lock_configuration=true;"
                                          "BEGIN TRANSACTION READ ONLY", err)
                     : st;
    if (st == UT_OK) {
        st = answer(ret, lake, sql, format, err);
        ut_lake_rollback(lake);
    }
    ut_lake_close(&workspace->lake);
    return st;
}

ut_status ut_sql(ut_buffer **ret, ut_workspace *workspace, const ut_principal *principal, ut_str sql,
                 const char *format, ut_err *err)
{
    ut_lake *closed = NULL;
    ut_status st = ut_principal_log(workspace, principal, UT_STR("sql"), 0, sql, err);
    if (st == UT_OK && ut_principal_kind_of(principal) == UT_PRINCIPAL_OWNER) {
        return ask_lake(ret, workspace, sql, format, err);
    }
    st = st == UT_OK ? ut_closed_open(&closed, workspace, principal, true, err) : st;
    st = st == UT_OK ? answer(ret, closed, sql, format, err) : st;
    ut_lake_close(&closed);
    return st;
}
