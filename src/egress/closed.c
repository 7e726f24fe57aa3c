/* egress/closed.c — filling the database that foreign SQL runs in, and that exports are written from. */
#include "egress/closed.h"
#include "egress/own.h"
#include "os/clock.h"

#include <math.h>
#include <stdio.h>

static const char *const grains[] = {"day", "week", "month"};

static ut_status make_table(ut_lake *closed, const char *table, ut_err *err)
{
    ut_buf sql = ut_buf_make(16 * UT_KIB);
    ut_buf_format(
        &sql, "CREATE TABLE %s (team VARCHAR, start DATE, \"end\" DATE, people VARCHAR, writers VARCHAR", table);
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

/* v_team_<grain>, or v_all_<grain> with the whole organisation alone: in one table it would count into every average.
 */
static ut_status put_cells(ut_lake *closed, bool whole, const char *grain, const ut_cells *cells, ut_err *err)
{
    char table[32];
    (void)snprintf(table, sizeof table, "v_%s_%s", whole ? "all" : "team", grain);
    ut_append *append = NULL;
    ut_status st = make_table(closed, table, err);
    st = st == UT_OK ? ut_lake_append_open(&append, closed, table, err) : st;
    for (size_t i = 0; st == UT_OK && i < cells->count; i++) {
        const ut_cell *cell = &cells->items[i];
        if (ut_str_eq(cell->team, UT_STR(UT_CELL_ALL)) != whole) {
            continue;
        }
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

static ut_status fill_teams(ut_lake *closed, ut_workspace *workspace, const ut_principal *principal, ut_err *err)
{
    ut_arena arena;
    if (ut_arena_open(&arena, (size_t)1024 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing the answer");
    }
    ut_status st = UT_OK;
    for (int i = 0; st == UT_OK && i < 3; i++) {
        ut_cells cells;
        ut_cells_query query = {.grain = ut_str_of(grains[i]), .now_us = ut_clock_now_us()};
        st = ut_principal_cells(&cells, &arena, workspace, principal, &query, err);
        st = st == UT_OK ? put_cells(closed, false, grains[i], &cells, err) : st;
        st = st == UT_OK ? put_cells(closed, true, grains[i], &cells, err) : st;
        ut_arena_reset(&arena);
    }
    ut_arena_close(&arena);
    return st;
}

static const char *sql_type(ut_value_type type)
{
    static const char *const names[] = {[UT_VALUE_NULL] = "VARCHAR", [UT_VALUE_I64] = "BIGINT",
                                        [UT_VALUE_F64] = "FLOAT",    [UT_VALUE_TEXT] = "VARCHAR",
                                        [UT_VALUE_BOOL] = "BOOLEAN", [UT_VALUE_TIME] = "TIMESTAMP"};
    return names[type];
}

static ut_status make_table_of(ut_lake *closed, const char *name, const ut_rows *rows, ut_err *err)
{
    ut_buf sql = ut_buf_make(16 * UT_KIB);
    ut_buf_format(&sql, "CREATE TABLE %s (", name);
    for (int i = 0; i < ut_rows_columns(rows); i++) {
        ut_buf_format(&sql, "%s\"" UT_STR_FMT "\" %s", i ? ", " : "", UT_STR_ARG(ut_rows_name(rows, i)),
                      sql_type(ut_rows_type(rows, i)));
    }
    ut_buf_puts(&sql, ")");
    ut_buf_byte(&sql, '\0');
    ut_status st = sql.failed ? ut_fail(err, sql.failed, "memory ended") : ut_lake_exec(closed, sql.ptr, err);
    ut_buf_free(&sql);
    return st;
}

static void append_cell(ut_append *append, const ut_rows *rows, int column)
{
    if (ut_rows_is_null(rows, column)) {
        return;
    }
    switch (ut_rows_type(rows, column)) {
    case UT_VALUE_F64:
        ut_append_f32(append, column, (float)ut_rows_f64(rows, column));
        break;
    case UT_VALUE_TEXT:
        ut_append_text(append, column, ut_rows_str(rows, column));
        break;
    case UT_VALUE_BOOL:
        ut_append_bool(append, column, ut_rows_i64(rows, column) != 0);
        break;
    default:
        ut_append_i64(append, column, ut_rows_i64(rows, column));
    }
}

/* Copies an answer of the lake into a table `name` of its own. */
static ut_status copy_rows(ut_lake *closed, const char *name, ut_rows *rows, ut_err *err)
{
    ut_append *append = NULL;
    bool more = false;
    ut_status st = make_table_of(closed, name, rows, err);
    st = st == UT_OK ? ut_lake_append_open(&append, closed, name, err) : st;
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        for (int i = 0; i < ut_rows_columns(rows); i++) {
            append_cell(append, rows, i);
        }
        st = ut_append_row(append, err);
    }
    ut_status done = ut_append_close(&append, st == UT_OK ? err : NULL);
    return st == UT_OK ? done : st;
}

static ut_status fill_own(ut_lake *closed, ut_workspace *workspace, int64_t person, ut_err *err)
{
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    ut_value value = ut_value_i64(person);
    ut_status st = ut_workspace_lake(workspace, &lake, 1024, err);
    st = st == UT_OK ? ut_lake_query(&rows, lake, ut_own_messages_sql(), &value, 1, err) : st;
    st = st == UT_OK ? copy_rows(closed, "v_my_messages", rows, err) : st;
    ut_rows_close(&rows);
    st = st == UT_OK ? ut_lake_exec(closed, "ALTER TABLE v_my_messages ALTER day TYPE DATE", err) : st;
    for (int i = 0; st == UT_OK && i < 3; i++) {
        char name[32], types[160];
        (void)snprintf(name, sizeof name, "v_my_%s", grains[i]);
        (void)snprintf(types, sizeof types, "ALTER TABLE %s ALTER start TYPE DATE;"
                       "ALTER TABLE %s ALTER \"end\" TYPE DATE", name, name);
        st = ut_own_rows(&rows, lake, person, ut_str_of(grains[i]), (ut_str){0}, (ut_str){0}, err);
        st = st == UT_OK ? copy_rows(closed, name, rows, err) : st;
        ut_rows_close(&rows);
        st = st == UT_OK ? ut_lake_exec(closed, types, err) : st;
    }
    return st;
}

ut_status ut_closed_open(ut_lake **ret, ut_workspace *workspace, const ut_principal *principal, bool locked,
                         ut_err *err)
{
    ut_lake *closed = NULL;
    ut_lake_options options = {.access = UT_READ_WRITE, .memory_mb = 512, .closed = locked};
    ut_status st = ut_lake_open(&closed, NULL, &options, err);
    st = st == UT_OK ? fill_teams(closed, workspace, principal, err) : st;
    if (st == UT_OK && ut_principal_kind_of(principal) == UT_PRINCIPAL_PERSON) {
        st = fill_own(closed, workspace, principal->person, err);
    }
    st = st == UT_OK && locked ? ut_lake_exec(closed, "SET lock_configuration=true", err) : st;
    if (st != UT_OK) {
        ut_lake_close(&closed);
        return st;
    }
    *ret = closed;
    return UT_OK;
}
