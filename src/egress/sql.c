/* egress/sql.c — SQL without opening the lake to those who may not see it.
 *
 * An analyst's statement runs in a database of its own, in memory, that holds nothing but published cells; files, other
 * databases and settings are out of its reach. What isn't in there can't be found by any trick of the language.
 */
#include "store/audit.h"
#include "egress/cells.h"
#include "egress/grid.h"
#include "egress/report_int.h"
#include "os/clock.h"
#include "store/workspace.h"
#include "undertone/report.h"

#include <math.h>
#include <stdio.h>

enum { ANSWER_BYTES_MAX = 256 << 20 };

static ut_status make_table(ut_lake *closed, const char *grain, ut_err *err)
{
    ut_buf sql = ut_buf_make(16 * UT_KIB);
    ut_buf_format(
        &sql, "CREATE TABLE v_team_%s (team VARCHAR, start DATE, \"end\" DATE, people VARCHAR, writers VARCHAR", grain);
    for (int i = 0; i < UT_METRICS; i++) {
        ut_buf_format(&sql, ", %s FLOAT", ut_metric_name((ut_metric)i));
    }
    ut_buf_puts(&sql, ")");
    ut_buf_byte(&sql, '\0');
    ut_status st = sql.failed ? ut_fail(err, sql.failed, "memory ended") : ut_lake_exec(closed, sql.ptr, err);
    ut_buf_free(&sql);
    return st;
}

/* Days go in as whole days since the epoch, which is how the appender takes a DATE. */
static int64_t day_number(ut_str day)
{
    int64_t us = 0;
    (void)ut_time_parse(day, &us);
    return us / UT_DAY_US;
}

static ut_status put_cells(ut_lake *closed, const char *grain, const ut_cells *cells, ut_err *err)
{
    char table[32];
    (void)snprintf(table, sizeof table, "v_team_%s", grain);
    ut_append *append = NULL;
    ut_status st = make_table(closed, grain, err);
    st = st == UT_OK ? ut_lake_append_open(&append, closed, table, err) : st;
    for (size_t i = 0; st == UT_OK && i < cells->count; i++) {
        const ut_cell *cell = &cells->items[i];
        ut_append_text(append, 0, cell->team);
        ut_append_i64(append, 1, day_number(cell->start));
        ut_append_i64(append, 2, day_number(cell->end));
        if (cell->band_load.len) {
            ut_append_text(append, 3, cell->band_load);
        }
        if (cell->band_text.len) {
            ut_append_text(append, 4, cell->band_text);
        }
        for (int m = 0; m < UT_METRICS; m++) {
            if (isfinite(cell->values[m])) {
                ut_append_f32(append, 5 + m, (float)cell->values[m]);
            }
        }
        st = ut_append_row(append, err);
    }
    ut_status done = ut_append_close(&append, st == UT_OK ? err : NULL);
    return st == UT_OK ? done : st;
}

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
    st = copy.ptr ? ut_lake_query(&rows, lake, copy.ptr, NULL, 0, err)
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

static ut_status fill_closed(ut_lake *closed, ut_workspace *workspace, ut_err *err)
{
    static const char *const grains[] = {"day", "week", "month"};
    ut_arena arena;
    if (ut_arena_open(&arena, (size_t)1024 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing the answer");
    }
    ut_status st = UT_OK;
    for (int i = 0; st == UT_OK && i < 3; i++) {
        ut_cells cells;
        ut_cells_query query = {.grain = ut_str_of(grains[i]), .now_us = ut_clock_now_us()};
        st = ut_cells_compute(&cells, &arena, workspace, &query, err);
        st = st == UT_OK ? put_cells(closed, grains[i], &cells, err) : st;
        ut_arena_reset(&arena);
    }
    ut_arena_close(&arena);
    return st == UT_OK ? ut_lake_exec(closed, "SET lock_configuration=true", err) : st;
}

ut_status ut_sql_analyst(ut_buffer **ret, ut_workspace *workspace, ut_str sql, const char *format, ut_err *err)
{
    ut_lake *closed = NULL;
    ut_lake_options options = {.access = UT_READ_WRITE, .memory_mb = 512, .closed = true};
    ut_status st = ut_lake_open(&closed, NULL, &options, err);
    st = st == UT_OK ? fill_closed(closed, workspace, err) : st;
    st = st == UT_OK ? answer(ret, closed, sql, format, err) : st;
    ut_lake_close(&closed);
    return st;
}

ut_status ut_sql_owner(ut_buffer **ret, ut_workspace *workspace, ut_str sql, ut_str purpose, const char *format,
                       ut_err *err)
{
    ut_lake *lake = NULL;
    purpose = ut_str_trim(purpose);
    if (purpose.len == 0) {
        return ut_fail(err, UT_INVALID, "the owner must say why: --purpose \"…\" (it goes into the audit log)");
    }
    ut_audit_entry entry = {.principal = UT_STR("owner"), .action = UT_STR("sql"), .detail = sql, .purpose = purpose};
    ut_status st = ut_workspace_lake(workspace, &lake, 1024, err);
    st = st == UT_OK ? ut_audit_append(workspace, &entry, err) : st;
    st = st == UT_OK ? ut_lake_exec(lake, "SET enable_external_access=false; SET lock_configuration=true;"
                                          "BEGIN TRANSACTION READ ONLY", err)
                     : st;
    if (st != UT_OK) {
        return st;
    }
    st = answer(ret, lake, sql, format, err);
    ut_lake_rollback(lake);
    return st;
}
