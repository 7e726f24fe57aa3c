/* egress/grid.h — a table of answers, and the three ways it is shown: aligned text, JSON on one line, CSV.
 *
 *     ut_grid grid;
 *     st = ut_grid_open(&grid, &arena, 3);
 *     grid.columns[0] = (ut_grid_column){.name = UT_STR("team")};
 *     ut_value *row = ut_grid_row(&grid);            // NULL when the arena is full
 *     row[0] = ut_value_text(team);
 *     st = ut_grid_render(&buf, &grid, UT_FORMAT_TABLE, …);
 */
#ifndef UT_EGRESS_GRID_H
#define UT_EGRESS_GRID_H

#include "store/lake.h"

typedef enum ut_output { UT_OUTPUT_TABLE, UT_OUTPUT_JSON, UT_OUTPUT_CSV } ut_output;

typedef struct ut_grid_column {
    ut_str name;  /* also the JSON member and the CSV header */
    ut_str title; /* over the column in a table; empty = name */
    int decimals; /* of F64 values */
} ut_grid_column;

typedef struct ut_grid_row {
    struct ut_grid_row *next;
    ut_value values[]; /* one per column */
} ut_grid_row;

typedef struct ut_grid {
    ut_arena *keep;
    ut_grid_column *columns;
    int column_count;
    ut_grid_row *first, **last;
    size_t row_count;
} ut_grid;

UT_MUST_CHECK ut_status ut_grid_open(ut_grid *ret, ut_arena *keep, int columns);
/* The values of a new row, all NULL. */
ut_value *ut_grid_row_add(ut_grid *grid);
/* Takes over all rows of a query's answer. UT_LIMIT when they don't fit the arena. */
UT_MUST_CHECK ut_status ut_grid_of_rows(ut_grid *ret, ut_arena *keep, ut_rows *rows, ut_err *err);

/* Tables show NULL as "·"; JSON as null; CSV as nothing. Text cells of CSV that a spreadsheet would run as a formula
 * get an apostrophe in front. */
void ut_grid_put_table(ut_buf *to, const ut_grid *grid, bool color);
/* Only the array of rows: [{…},{…}]. */
void ut_grid_put_json(ut_buf *to, const ut_grid *grid);
void ut_grid_put_csv(ut_buf *to, const ut_grid *grid);
/* "table", "json", "csv"; NULL = table. */
UT_MUST_CHECK ut_status ut_output_parse(ut_output *ret, const char *name, ut_err *err);

#endif
