/* egress/grid.c — tables, JSON and CSV of an answer. */
#include "egress/grid.h"

#include <math.h>

enum { CELL_WIDTH_MAX = 60 };

ut_status ut_output_parse(ut_output *ret, const char *name, ut_err *err)
{
    static const char *const names[] = {"table", "json", "csv"};
    if (!name) {
        *ret = UT_OUTPUT_TABLE;
        return UT_OK;
    }
    for (int i = 0; i < 3; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret = (ut_output)i;
            return UT_OK;
        }
    }
    return ut_fail(err, UT_INVALID, "the format must be table, json or csv, not «%s»", name);
}

ut_status ut_grid_open(ut_grid *ret, ut_arena *keep, int columns)
{
    ut_grid_column *c = ut_new(keep, ut_grid_column, (size_t)columns + 1);
    if (!c) {
        return UT_LIMIT;
    }
    *ret = (ut_grid){.keep = keep, .columns = c, .column_count = columns};
    return UT_OK;
}

ut_value *ut_grid_row_add(ut_grid *grid)
{
    size_t size = sizeof(ut_grid_row) + (size_t)grid->column_count * sizeof(ut_value);
    ut_grid_row *row = ut_arena_take(grid->keep, 1, size, _Alignof(ut_grid_row));
    if (!row) {
        return NULL;
    }
    if (!grid->last) {
        grid->last = &grid->first;
    }
    *grid->last = row;
    grid->last = &row->next;
    grid->row_count++;
    return row->values;
}

static ut_value value_of(ut_arena *keep, const ut_rows *rows, int column)
{
    if (ut_rows_is_null(rows, column)) {
        return (ut_value){0};
    }
    ut_value_type type = ut_rows_type(rows, column);
    if (type == UT_VALUE_TEXT) {
        return ut_value_text(ut_arena_copy(keep, ut_rows_str(rows, column)));
    }
    return (ut_value){
        .type = type, .i64 = ut_rows_i64(rows, column), .f64 = type == UT_VALUE_F64 ? ut_rows_f64(rows, column) : 0};
}

ut_status ut_grid_of_rows(ut_grid *ret, ut_arena *keep, ut_rows *rows, ut_err *err)
{
    ut_grid grid;
    ut_status st = ut_grid_open(&grid, keep, ut_rows_columns(rows));
    for (int i = 0; st == UT_OK && i < grid.column_count; i++) {
        grid.columns[i] = (ut_grid_column){.name = ut_arena_copy(keep, ut_rows_name(rows, i)), .decimals = 6};
    }
    bool more = false;
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        ut_value *row = ut_grid_row_add(&grid);
        st = row ? UT_OK : UT_LIMIT;
        for (int i = 0; st == UT_OK && i < grid.column_count; i++) {
            row[i] = value_of(keep, rows, i);
            st = row[i].type == UT_VALUE_TEXT && !row[i].text.ptr ? UT_LIMIT : UT_OK;
        }
    }
    if (st == UT_LIMIT) {
        return ut_fail(err, st, "the answer is too large to show; add a LIMIT, or ask for fewer columns");
    }
    if (st == UT_OK) {
        *ret = grid;
    }
    return st;
}

/* One value as plain text, without quotes. */
static void put_plain(ut_buf *to, const ut_value *value, int decimals)
{
    char at[32];
    switch (value->type) {
    case UT_VALUE_NULL:
        break;
    case UT_VALUE_I64:
        ut_buf_i64(to, value->i64);
        break;
    case UT_VALUE_F64:
        if (isfinite(value->f64)) {
            ut_buf_json_num(to, value->f64, decimals);
        }
        break;
    case UT_VALUE_BOOL:
        ut_buf_puts(to, value->i64 ? "true" : "false");
        break;
    case UT_VALUE_TIME:
        ut_buf_put(to, (ut_str){at, ut_time_format(at, value->i64)});
        break;
    case UT_VALUE_TEXT:
        ut_buf_put(to, value->text);
        break;
    }
}

static bool is_missing(const ut_value *value)
{
    return value->type == UT_VALUE_NULL || (value->type == UT_VALUE_F64 && !isfinite(value->f64));
}

void ut_grid_put_json(ut_buf *to, const ut_grid *grid)
{
    ut_buf_byte(to, '[');
    for (const ut_grid_row *row = grid->first; row; row = row->next) {
        ut_buf_byte(to, '{');
        for (int i = 0; i < grid->column_count; i++) {
            const ut_value *value = &row->values[i];
            if (i) {
                ut_buf_byte(to, ',');
            }
            ut_buf_json_str(to, grid->columns[i].name);
            ut_buf_byte(to, ':');
            if (is_missing(value)) {
                ut_buf_puts(to, "null");
            } else if (value->type == UT_VALUE_TEXT) {
                ut_buf_json_str(to, value->text);
            } else if (value->type == UT_VALUE_TIME) {
                ut_buf_byte(to, '"');
                put_plain(to, value, 0);
                ut_buf_byte(to, '"');
            } else {
                put_plain(to, value, grid->columns[i].decimals);
            }
        }
        ut_buf_puts(to, row->next ? "}," : "}");
    }
    ut_buf_byte(to, ']');
}

static void put_csv_text(ut_buf *to, ut_str text)
{
    bool formula = text.len && strchr("=+-@\t\r", text.ptr[0]);
    bool quote = formula || memchr(text.ptr ? text.ptr : "", ',', text.len) ||
                 memchr(text.ptr ? text.ptr : "", '"', text.len) || memchr(text.ptr ? text.ptr : "", '\n', text.len) ||
                 memchr(text.ptr ? text.ptr : "", '\r', text.len);
    if (!quote) {
        ut_buf_put(to, text);
        return;
    }
    ut_buf_puts(to, formula ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        ut_buf_byte(to, text.ptr[i]);
        if (text.ptr[i] == '"') {
            ut_buf_byte(to, '"');
        }
    }
    ut_buf_byte(to, '"');
}

void ut_grid_put_csv(ut_buf *to, const ut_grid *grid)
{
    for (int i = 0; i < grid->column_count; i++) {
        ut_buf_puts(to, i ? "," : "");
        put_csv_text(to, grid->columns[i].name);
    }
    ut_buf_byte(to, '\n');
    for (const ut_grid_row *row = grid->first; row; row = row->next) {
        for (int i = 0; i < grid->column_count; i++) {
            ut_buf_puts(to, i ? "," : "");
            if (row->values[i].type == UT_VALUE_TEXT) {
                put_csv_text(to, row->values[i].text);
            } else {
                put_plain(to, &row->values[i], grid->columns[i].decimals);
            }
        }
        ut_buf_byte(to, '\n');
    }
}

/* Columns a terminal needs for UTF-8 text: code points, which is right for what our tables hold. */
static size_t width_of(ut_str text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++) {
        width += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    }
    return width;
}

/* The first `max` code points, "…" in place of the last when cut; line breaks and other controls become spaces. */
static void put_cut(ut_buf *to, ut_str text, size_t max)
{
    bool cut = width_of(text) > max;
    size_t left = cut ? max - 1 : max;
    for (size_t at = 0; at < text.len && left; left--) {
        char out[4];
        uint32_t rune = ut_str_next_rune(text, &at);
        ut_buf_put(to, (ut_str){out, ut_str_put_rune(out, rune < 0x20 || rune == 0x7F ? ' ' : rune)});
    }
    ut_buf_puts(to, cut ? "…" : "");
}

/* One cell alone in `text`; false when memory ends. */
static bool make_cell(ut_buf *text, ut_buf *scratch, const ut_value *value, int decimals)
{
    ut_buf_clear(text);
    ut_buf_clear(scratch);
    if (is_missing(value)) {
        ut_buf_puts(scratch, "·");
    } else if (value->type == UT_VALUE_F64 && decimals <= 3) {
        /* Never "-0.00". */
        bool vanishes = fabs(value->f64) < 0.5 * pow(10, -decimals);
        ut_buf_format(scratch, "%.*f", decimals, vanishes ? 0.0 : value->f64);
    } else {
        put_plain(scratch, value, decimals);
    }
    put_cut(text, ut_buf_str(scratch), CELL_WIDTH_MAX);
    return !text->failed && !scratch->failed;
}

static void put_spaces(ut_buf *to, size_t count)
{
    while (count--) {
        ut_buf_byte(to, ' ');
    }
}

static ut_str title_of(const ut_grid_column *column)
{
    return column->title.len ? column->title : column->name;
}

/* true when the column is numbers, which stand to the right. */
static bool is_numeric(const ut_grid *grid, int column)
{
    for (const ut_grid_row *row = grid->first; row; row = row->next) {
        ut_value_type type = row->values[column].type;
        if (type == UT_VALUE_TEXT || type == UT_VALUE_TIME) {
            return false;
        }
    }
    return true;
}

static bool find_width(size_t *ret, ut_buf *text, ut_buf *scratch, const ut_grid *grid, int column)
{
    *ret = width_of(title_of(&grid->columns[column]));
    bool fits = true;
    for (const ut_grid_row *row = grid->first; fits && row; row = row->next) {
        fits = make_cell(text, scratch, &row->values[column], grid->columns[column].decimals);
        size_t width = width_of(ut_buf_str(text));
        *ret = width > *ret ? width : *ret;
    }
    return fits;
}

static void put_aligned(ut_buf *to, ut_str text, size_t width, bool right, bool last)
{
    size_t own = width_of(text), pad = width > own ? width - own : 0;
    put_spaces(to, right ? pad : 0);
    ut_buf_put(to, text);
    put_spaces(to, right || last ? 0 : pad);
}

/* Head and rows, once the widths are known. */
static bool put_lines(ut_buf *to, ut_buf *text, ut_buf *scratch, const ut_grid *grid, const size_t *widths,
                      const bool *numeric, bool color)
{
    bool fits = true;
    ut_buf_puts(to, color ? "\x1b[1m" : "");
    for (int i = 0; i < grid->column_count; i++) {
        ut_buf_puts(to, i ? "  " : "");
        put_aligned(to, title_of(&grid->columns[i]), widths[i], numeric[i], i + 1 == grid->column_count);
    }
    ut_buf_puts(to, color ? "\x1b[0m\n" : "\n");
    for (const ut_grid_row *row = grid->first; row; row = row->next) {
        for (int i = 0; fits && i < grid->column_count; i++) {
            ut_buf_puts(to, i ? "  " : "");
            fits = make_cell(text, scratch, &row->values[i], grid->columns[i].decimals);
            put_aligned(to, ut_buf_str(text), widths[i], numeric[i], i + 1 == grid->column_count);
        }
        ut_buf_byte(to, '\n');
    }
    return fits;
}

void ut_grid_put_table(ut_buf *to, const ut_grid *grid, bool color)
{
    size_t *widths = ut_new(grid->keep, size_t, (size_t)grid->column_count + 1);
    bool *numeric = ut_new(grid->keep, bool, (size_t)grid->column_count + 1), fits = widths && numeric;
    ut_buf text = ut_buf_make(1 * UT_MIB), scratch = ut_buf_make(4 * UT_MIB);
    for (int i = 0; fits && i < grid->column_count; i++) {
        fits = find_width(&widths[i], &text, &scratch, grid, i);
        numeric[i] = is_numeric(grid, i);
    }
    fits = fits && put_lines(to, &text, &scratch, grid, widths, numeric, color);
    to->failed = to->failed || fits ? to->failed : UT_LIMIT; /* a cell left blank would be a wrong answer */
    ut_buf_free(&text);
    ut_buf_free(&scratch);
}
