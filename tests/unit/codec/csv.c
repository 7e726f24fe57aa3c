#include "codec/csv.h"
#include "harness/test.h"

typedef struct fixture {
    ut_csv csv;
    ut_arena arena;
    ut_csv_row row;
    ut_err err;
} fixture;

static void open_csv(ut_test *t, fixture *f, ut_str text)
{
    UT_REQUIRE(ut_arena_open(&f->arena, 16 * UT_MIB) == UT_OK);
    UT_REQUIRE(ut_csv_open(&f->csv, text, &f->err) == UT_OK);
}

static ut_status next(fixture *f)
{
    return ut_csv_next(&f->csv, &f->arena, &f->row, &f->err);
}

UT_TEST(codec_csv, rows_come_with_their_line_and_byte)
{
    static fixture f;
    open_csv(t, &f, UT_STR("\xEF\xBB\xBFid, Name ,team\r\n1,\"Ann \"\"A\"\" Lee\",x\r\n\r\n2,\"two\nlines\",\n3\n"));
    UT_EXPECT_I64(f.csv.column_count, 3);
    UT_EXPECT_I64(ut_csv_column(&f.csv, "NAME"), 1);
    UT_EXPECT_I64(ut_csv_column(&f.csv, "absent"), -1);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[1], "Ann \"A\" Lee");
    UT_EXPECT_I64(f.row.line, 2);
    UT_EXPECT_I64(f.row.byte, 19);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[1], "two\nlines");
    UT_EXPECT_STR(f.row.cells[2], "");
    UT_EXPECT_I64(f.row.count, 3);
    UT_EXPECT_I64(f.row.line, 4);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[0], "3");
    UT_EXPECT_STR(f.row.cells[2], ""); /* missing cells are empty */
    UT_EXPECT_I64(f.row.count, 1);
    UT_EXPECT_I64(f.row.line, 6);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_I64(f.row.count, 0);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_I64(f.row.count, 0);
    ut_arena_close(&f.arena);
}

UT_TEST(codec_csv, semicolons_and_tabs_are_found_from_the_header)
{
    static fixture f;
    open_csv(t, &f, UT_STR("id;\"a,b,c\";team\n1;2,5;x"));
    UT_EXPECT_I64(f.csv.separator, ';');
    UT_EXPECT_I64(ut_csv_column(&f.csv, "a,b,c"), 1);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[1], "2,5");
    UT_EXPECT_STR(f.row.cells[2], "x"); /* no line end at the end */
    ut_arena_close(&f.arena);
    open_csv(t, &f, UT_STR("id\tname\n1\tAnn, Lee\n"));
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[1], "Ann, Lee");
    ut_arena_close(&f.arena);
}

UT_TEST(codec_csv, quotes_inside_unquoted_cells_are_letters)
{
    static fixture f;
    open_csv(t, &f, UT_STR("a,b\n5\" pipe,it \"is\"\n"));
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[0], "5\" pipe");
    UT_EXPECT_STR(f.row.cells[1], "it \"is\"");
    ut_arena_close(&f.arena);
}

UT_TEST(codec_csv, surplus_cells_are_counted_and_dropped)
{
    static fixture f;
    open_csv(t, &f, UT_STR("a,b\n1,2,3,4\n"));
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_I64(f.row.count, 4);
    UT_EXPECT_STR(f.row.cells[1], "2");
    ut_arena_close(&f.arena);
}

UT_TEST(codec_csv, a_broken_quote_costs_its_line_only)
{
    static fixture f;
    open_csv(t, &f, UT_STR("a,b\n1,\"x\"y\n2,ok\n3,\"never closed\n4,lost?\n"));
    UT_EXPECT_I64(next(&f), UT_INVALID);
    UT_EXPECT_I64(f.err.line, 2);
    UT_EXPECT_I64(f.err.byte, 9);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[1], "ok");
    UT_EXPECT_I64(next(&f), UT_INVALID);
    UT_EXPECT_I64(f.err.line, 4);
    UT_EXPECT_I64(f.err.byte, 18);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[1], "lost?");
    UT_EXPECT_I64(f.row.line, 5);
    ut_arena_close(&f.arena);
}

UT_TEST(codec_csv, what_is_no_table_is_refused)
{
    static fixture f;
    UT_EXPECT_I64(ut_csv_open(&f.csv, UT_STR(""), &f.err), UT_INVALID);
    UT_EXPECT_I64(ut_csv_open(&f.csv, UT_STR("\n\n"), &f.err), UT_INVALID);
    UT_EXPECT_I64(ut_csv_open(&f.csv, UT_STR("\xFF\xFEi\0d\0"), &f.err), UT_INVALID);
    UT_EXPECT(strstr(f.err.message, "UTF-16"));
    UT_EXPECT_I64(ut_csv_open(&f.csv, UT_STR("\"id\nx"), &f.err), UT_INVALID);
    UT_EXPECT_I64(f.err.line, 1);
}

UT_TEST(codec_csv, too_many_columns_and_too_long_cells_meet_their_caps)
{
    static fixture f;
    ut_buf text = ut_buf_make(4 * UT_MIB);
    for (int i = 0; i < UT_CSV_COLUMNS_MAX; i++) {
        ut_buf_byte(&text, ',');
    }
    UT_EXPECT_I64(ut_csv_open(&f.csv, ut_buf_str(&text), &f.err), UT_LIMIT);
    ut_buf_clear(&text);
    ut_buf_puts(&text, "a,b\n\"");
    for (size_t i = 0; i <= UT_CSV_FIELD_MAX; i++) {
        ut_buf_byte(&text, 'x');
    }
    ut_buf_puts(&text, "\",1\ngood,1\n");
    UT_REQUIRE(text.failed == UT_OK);
    open_csv(t, &f, ut_buf_str(&text));
    UT_EXPECT_I64(next(&f), UT_LIMIT);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[0], "good");
    ut_arena_close(&f.arena);
    ut_buf_free(&text);
}

UT_TEST(codec_csv, a_full_arena_is_said_and_the_row_can_be_read_again)
{
    static fixture f;
    static const char text[] = "a,b,c,d\n\"1\"\"\",2,3,4\n";
    UT_REQUIRE(ut_csv_open(&f.csv, ut_str_of(text), &f.err) == UT_OK);
    ut_arena full = {0};
    UT_EXPECT_I64(ut_csv_next(&f.csv, &full, &f.row, &f.err), UT_NOMEM);
    UT_REQUIRE(ut_arena_open(&f.arena, UT_MIB) == UT_OK);
    UT_REQUIRE(next(&f) == UT_OK);
    UT_EXPECT_STR(f.row.cells[0], "1\"");
    ut_arena_close(&f.arena);
}

/* What is written by the rules of RFC 4180 is read back as it was, whatever the cells hold. */
UT_TEST(codec_csv, random_tables_survive_the_round_trip)
{
    static const char letters[] = "ab\",;\n\r\t \xC3\xA4";
    static fixture f;
    for (int round = 0; round < 300; round++) {
        char cells[6][3][12];
        size_t lens[6][3];
        ut_buf text = ut_buf_make(UT_MIB);
        ut_buf_puts(&text, "x,y,z\n");
        for (int r = 0; r < 6; r++) {
            for (int c = 0; c < 3; c++) {
                lens[r][c] = ut_rng_below(&t->rng, sizeof cells[0][0]);
                ut_buf_puts(&text, c ? ",\"" : "\"");
                for (size_t i = 0; i < lens[r][c]; i++) {
                    cells[r][c][i] = letters[ut_rng_below(&t->rng, sizeof letters - 1)];
                    ut_buf_byte(&text, cells[r][c][i]);
                    if (cells[r][c][i] == '"') {
                        ut_buf_byte(&text, '"');
                    }
                }
                ut_buf_byte(&text, '"');
            }
            ut_buf_puts(&text, round % 2 ? "\r\n" : "\n");
        }
        open_csv(t, &f, ut_buf_str(&text));
        for (int r = 0; r < 6; r++) {
            UT_REQUIRE(next(&f) == UT_OK && f.row.count == 3);
            for (int c = 0; c < 3; c++) {
                UT_EXPECT(ut_str_eq(f.row.cells[c], (ut_str){cells[r][c], lens[r][c]}));
            }
        }
        UT_EXPECT(next(&f) == UT_OK && f.row.count == 0);
        ut_arena_close(&f.arena);
        ut_buf_free(&text);
    }
}

UT_TEST(codec_csv, random_bytes_end_and_every_call_moves_on)
{
    static const char letters[] = "a\",;\n\r\t";
    static fixture f;
    for (int round = 0; round < 3000; round++) {
        char text[64];
        size_t len = ut_rng_below(&t->rng, sizeof text);
        for (size_t i = 0; i < len; i++) {
            text[i] = letters[ut_rng_below(&t->rng, sizeof letters - 1)];
        }
        if (ut_csv_open(&f.csv, (ut_str){text, len}, &f.err) != UT_OK) {
            continue;
        }
        UT_REQUIRE(ut_arena_open(&f.arena, UT_MIB) == UT_OK);
        int calls = 0;
        do {
            f.row.count = 1;
            (void)!next(&f);
            UT_REQUIRE(calls++ < 100);
        } while (f.row.count);
        ut_arena_close(&f.arena);
    }
}
