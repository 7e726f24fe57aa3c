/* codec/csv.h — RFC 4180 CSV from memory, one row at a time; also ; or tab separated (found from the header line).
 *
 *     ut_csv csv;
 *     st = ut_csv_open(&csv, bytes, &err);                       // reads the header row; a UTF-8 BOM is skipped
 *     int team = ut_csv_column(&csv, "team");                    // -1 when absent; names compare without case
 *     while ((st = ut_csv_next(&csv, &arena, &row, &err)) == UT_OK && row.count) { … row.cells[team] … }
 *
 * A row with a broken quote gives UT_INVALID with err->line and err->byte, too many or too long cells give UT_LIMIT;
 * the next call goes on after the line the row began on. A quote inside an unquoted cell is an ordinary character,
 * empty lines are skipped. `bytes` must live as long as the ut_csv: cells without doubled quotes borrow from it.
 */
#ifndef UT_CODEC_CSV_H
#define UT_CODEC_CSV_H

#include "base/base.h"

typedef struct ut_csv {
    ut_str bytes;
    size_t at;         /* where the next row begins */
    int64_t line;      /* of the row last read, from 1 */
    int64_t next_line; /* of `at` */
    char separator;    /* ',', ';' or tab: the one the header line has most of */
    ut_str columns[UT_CSV_COLUMNS_MAX]; /* header cells, trimmed, borrowed from `bytes` (doubled quotes stay doubled) */
    int column_count;
} ut_csv;

typedef struct ut_csv_row {
    ut_str *cells; /* in the arena; always `column_count` of them, missing ones empty */
    int count;     /* cells that stood in the input; 0 = the end */
    int64_t line;
    int64_t byte;
} ut_csv_row;

/* UT_INVALID when there is no header row or the bytes are UTF-16; UT_LIMIT for more than UT_CSV_COLUMNS_MAX columns. */
UT_MUST_CHECK ut_status ut_csv_open(ut_csv *ret, ut_str bytes, ut_err *err);
int ut_csv_column(const ut_csv *csv, const char *name);
/* UT_OK with ret->count = 0 at the end. UT_NOMEM when the arena is full: the row can be read again. */
UT_MUST_CHECK ut_status ut_csv_next(ut_csv *csv, ut_arena *keep, ut_csv_row *ret, ut_err *err);

#endif
