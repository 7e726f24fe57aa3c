/* fuzz_csv — any bytes as CSV: it ends, every call moves on, every cell lies in the input or the arena. */
#include "codec/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ut_csv csv; /* 16 KiB */
    ut_str bytes = {(const char *)data, size};
    ut_arena arena;
    ut_err err = {0};
    if (ut_csv_open(&csv, bytes, &err) != UT_OK || ut_arena_open(&arena, 64 * UT_MIB) != UT_OK) {
        return 0;
    }
    UT_ASSERT(csv.column_count > 0 && csv.column_count <= UT_CSV_COLUMNS_MAX);
    for (;;) {
        size_t before = csv.at;
        ut_csv_row row = {.count = 1};
        ut_status st = ut_csv_next(&csv, &arena, &row, &err);
        if (st == UT_NOMEM || row.count == 0) {
            break;
        }
        UT_ASSERT(csv.at > before && csv.at <= size);
        UT_ASSERT(st != UT_OK ? err.line > 0 && err.byte >= 0 : row.byte >= (int64_t)before && row.line >= 1);
        for (int i = 0; st == UT_OK && i < csv.column_count; i++) {
            ut_str cell = row.cells[i];
            bool inside = cell.ptr >= bytes.ptr && cell.ptr + cell.len <= bytes.ptr + bytes.len;
            bool kept = cell.ptr >= arena.begin && cell.ptr + cell.len <= arena.at;
            UT_ASSERT(cell.len == 0 || inside || kept);
        }
        if (st == UT_OK) {
            ut_arena_reset(&arena);
        }
    }
    ut_arena_close(&arena);
    return 0;
}
