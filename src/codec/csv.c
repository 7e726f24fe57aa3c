/* codec/csv.c — RFC 4180, and the liberties that spreadsheets take: ';' and tab, LF, a byte order mark, bare quotes.
 *
 * Linear also on hostile input: a row whose quote never closes is searched for its end once, and given up at
 * UT_CSV_FIELD_MAX. Rows after it cannot repeat that search, because a line that leaves a quote open when read from its
 * start has an odd number of quotes, and so closes or breaks the search that came from above.
 */
#include "codec/csv.h"

/* One cell as it stands in the input. */
typedef struct ut_csv_cell {
    ut_str inner; /* between the quotes, or all of it */
    bool doubled; /* "" inside */
    size_t end;   /* of the cell: a separator, a line end or the end of input stands there */
} ut_csv_cell;

static bool at_line_end(ut_str bytes, size_t at)
{
    return at >= bytes.len || bytes.ptr[at] == '\n' ||
           (bytes.ptr[at] == '\r' && (at + 1 >= bytes.len || bytes.ptr[at + 1] == '\n'));
}

static size_t skip_line_end(ut_str bytes, size_t at)
{
    if (at < bytes.len && bytes.ptr[at] == '\r') {
        at++;
    }
    return at < bytes.len && bytes.ptr[at] == '\n' ? at + 1 : at;
}

static ut_status fail_at(ut_err *err, ut_status status, int64_t line, size_t byte, const char *what)
{
    (void)ut_fail(err, status, "line %lld: %s", (long long)line, what);
    if (err) {
        err->line = line;
        err->byte = (int64_t)byte;
    }
    return status;
}

static ut_status read_quoted(const ut_csv *csv, ut_csv_cell *ret, size_t at, ut_err *err)
{
    ut_str bytes = csv->bytes;
    size_t from = at + 1;
    bool doubled = false;
    for (size_t quote = from;; quote += 2, doubled = true) {
        quote = ut_str_find_byte(ut_str_slice(bytes, 0, from + UT_CSV_FIELD_MAX + 1), '"', quote);
        if (quote == UT_NPOS && bytes.len - from > UT_CSV_FIELD_MAX) {
            return fail_at(err, UT_LIMIT, csv->line, at, "a cell is too long; is its closing quote missing?");
        }
        if (quote == UT_NPOS) {
            return fail_at(err, UT_INVALID, csv->line, at, "a quote is opened and never closed");
        }
        if (quote + 1 >= bytes.len || bytes.ptr[quote + 1] != '"') {
            *ret = (ut_csv_cell){.inner = ut_str_slice(bytes, from, quote), .doubled = doubled, .end = quote + 1};
            break;
        }
    }
    if (!at_line_end(bytes, ret->end) && bytes.ptr[ret->end] != csv->separator) {
        return fail_at(err, UT_INVALID, csv->line, ret->end,
                       "text follows a closing quote; write a quote inside a quoted cell twice");
    }
    return UT_OK;
}

static ut_status read_cell(const ut_csv *csv, ut_csv_cell *ret, size_t at, ut_err *err)
{
    if (at < csv->bytes.len && csv->bytes.ptr[at] == '"') {
        return read_quoted(csv, ret, at, err);
    }
    size_t end = at;
    while (!at_line_end(csv->bytes, end) && csv->bytes.ptr[end] != csv->separator) {
        end++;
    }
    if (end - at > UT_CSV_FIELD_MAX) {
        return fail_at(err, UT_LIMIT, csv->line, at, "a cell is too long");
    }
    *ret = (ut_csv_cell){.inner = ut_str_slice(csv->bytes, at, end), .end = end};
    return UT_OK;
}

/* The inner text with "" made ". UT_NOMEM when the arena is full. */
static ut_status cell_text(ut_arena *keep, ut_str *ret, const ut_csv_cell *cell)
{
    if (!cell->doubled) {
        *ret = cell->inner;
        return UT_OK;
    }
    char *out = ut_new(keep, char, cell->inner.len);
    if (!out) {
        return UT_NOMEM;
    }
    size_t len = 0;
    for (size_t at = 0; at < cell->inner.len; at++) {
        out[len++] = cell->inner.ptr[at];
        at += cell->inner.ptr[at] == '"'; /* inside, quotes stand in pairs only */
    }
    *ret = (ut_str){out, len};
    return UT_OK;
}

static char find_separator(ut_str line)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t best = 0;
    char separator = ',';
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t count = 0;
        bool quoted = false;
        for (size_t at = 0; at < line.len; at++) {
            quoted ^= line.ptr[at] == '"';
            count += !quoted && line.ptr[at] == candidates[i];
        }
        if (count > best) {
            best = count;
            separator = candidates[i];
        }
    }
    return separator;
}

/* Moves behind the line that begins at `at`. */
static void skip_line(ut_csv *csv)
{
    size_t end = ut_str_find_byte(csv->bytes, '\n', csv->at);
    csv->at = end == UT_NPOS ? csv->bytes.len : end + 1;
    csv->next_line++;
}

static void skip_empty_lines(ut_csv *csv)
{
    while (csv->at < csv->bytes.len && at_line_end(csv->bytes, csv->at)) {
        csv->at = skip_line_end(csv->bytes, csv->at);
        csv->next_line++;
    }
}

static int64_t count_lines(ut_str bytes, size_t from, size_t to)
{
    int64_t lines = 0;
    for (size_t at = from; (at = ut_str_find_byte(ut_str_slice(bytes, 0, to), '\n', at)) != UT_NPOS; at++) {
        lines++;
    }
    return lines;
}

static ut_status read_header(ut_csv *csv, ut_err *err)
{
    size_t at = csv->at;
    csv->line = csv->next_line;
    for (;; at++) {
        ut_csv_cell cell;
        ut_status st = read_cell(csv, &cell, at, err);
        if (st != UT_OK) {
            return st;
        }
        if (csv->column_count == UT_CSV_COLUMNS_MAX) {
            return fail_at(err, UT_LIMIT, csv->line, at, "the header has more columns than a table may have");
        }
        csv->columns[csv->column_count++] = ut_str_trim(cell.inner);
        at = cell.end;
        if (at_line_end(csv->bytes, at)) {
            break;
        }
    }
    size_t next = skip_line_end(csv->bytes, at);
    csv->next_line += count_lines(csv->bytes, csv->at, next);
    csv->at = next;
    return UT_OK;
}

ut_status ut_csv_open(ut_csv *ret, ut_str bytes, ut_err *err)
{
    if (ut_str_starts(bytes, UT_STR("\xFF\xFE")) || ut_str_starts(bytes, UT_STR("\xFE\xFF"))) {
        return fail_at(err, UT_INVALID, 1, 0, "the file is UTF-16; save it as \"CSV UTF-8\"");
    }
    ut_csv *csv = ret; /* too large for the stack twice; the caller reads it after success only */
    csv->bytes = bytes;
    csv->at = ut_str_starts(bytes, UT_STR("\xEF\xBB\xBF")) ? 3 : 0;
    csv->line = csv->next_line = 1;
    csv->column_count = 0;
    skip_empty_lines(csv);
    if (csv->at >= bytes.len) {
        return fail_at(err, UT_INVALID, 1, 0, "the file is empty; its first line must name the columns");
    }
    size_t end = ut_str_find_byte(bytes, '\n', csv->at);
    csv->separator = find_separator(ut_str_slice(bytes, csv->at, end == UT_NPOS ? bytes.len : end));
    return read_header(csv, err);
}

int ut_csv_column(const ut_csv *csv, const char *name)
{
    for (int i = 0; i < csv->column_count; i++) {
        if (ut_str_eq_nocase(csv->columns[i], ut_str_of(name))) {
            return i;
        }
    }
    return -1;
}

/* Fills `row` from csv->at; *ret_end is behind its line end. */
static ut_status read_row(const ut_csv *csv, ut_arena *keep, ut_csv_row *row, size_t *ret_end, ut_err *err)
{
    for (size_t at = csv->at;; at++) {
        ut_csv_cell cell;
        ut_status st = read_cell(csv, &cell, at, err);
        if (st != UT_OK) {
            return st;
        }
        if (row->count == UT_CSV_COLUMNS_MAX) {
            return fail_at(err, UT_LIMIT, csv->line, at, "a row has more cells than a table may have");
        }
        if (row->count < csv->column_count && cell_text(keep, &row->cells[row->count], &cell) != UT_OK) {
            return fail_at(err, UT_NOMEM, csv->line, at, "memory ended while reading a row");
        }
        row->count++;
        at = cell.end;
        if (at_line_end(csv->bytes, at)) {
            *ret_end = skip_line_end(csv->bytes, at);
            return UT_OK;
        }
    }
}

ut_status ut_csv_next(ut_csv *csv, ut_arena *keep, ut_csv_row *ret, ut_err *err)
{
    skip_empty_lines(csv);
    csv->line = csv->next_line;
    ut_csv_row row = {.line = csv->line, .byte = (int64_t)csv->at};
    if (csv->at >= csv->bytes.len) {
        *ret = row;
        return UT_OK;
    }
    row.cells = ut_new(keep, ut_str, (size_t)csv->column_count);
    if (!row.cells) {
        return fail_at(err, UT_NOMEM, csv->line, csv->at, "memory ended while reading a row");
    }
    size_t end = 0;
    ut_status st = read_row(csv, keep, &row, &end, err);
    if (st == UT_INVALID || st == UT_LIMIT) {
        skip_line(csv);
    }
    if (st != UT_OK) {
        return st;
    }
    csv->next_line += count_lines(csv->bytes, csv->at, end);
    csv->at = end;
    *ret = row;
    return UT_OK;
}
