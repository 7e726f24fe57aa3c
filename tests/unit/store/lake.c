#include "harness/test.h"
#include "store/lake.h"

#include <math.h>
#include <stdio.h>

static const char *fresh(ut_test *t)
{
    static char path[300];
    (void)snprintf(path, sizeof path, "%s/lake.duckdb", ut_test_dir(t));
    return path;
}

static const ut_lake_options writing = {.access = UT_READ_WRITE, .threads = 1};

UT_TEST(store_lake, appended_rows_come_back_with_their_nulls)
{
    ut_lake *lake = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_lake_open(&lake, fresh(t), &writing, &err) == UT_OK);
    UT_REQUIRE(ut_lake_exec(lake, "CREATE TABLE x (a BIGINT, b VARCHAR, c FLOAT, d BOOLEAN, e TIMESTAMP, f INTEGER)",
                            &err) == UT_OK);
    UT_REQUIRE(ut_lake_begin(lake, &err) == UT_OK);
    ut_append *append = NULL;
    UT_REQUIRE(ut_lake_append_open(&append, lake, "x", &err) == UT_OK);
    for (int i = 0; i < 5000; i++) {
        ut_append_i64(append, 0, i);
        if (i % 3) {
            ut_append_text(append, 1, i % 2 ? UT_STR("short") : UT_STR("a text that does not fit in twelve bytes"));
            ut_append_f32(append, 2, 0.5f * (float)i);
        }
        ut_append_bool(append, 3, i % 2);
        ut_append_i64(append, 4, i * UT_SECOND_US);
        UT_REQUIRE(ut_append_row(append, &err) == UT_OK);
    }
    UT_REQUIRE(ut_append_close(&append, &err) == UT_OK);
    UT_REQUIRE(ut_lake_commit(lake, &err) == UT_OK);
    ut_rows *rows = NULL;
    UT_REQUIRE(ut_lake_query(&rows, lake,
                             "SELECT *, 1.25::DECIMAL(9,2) AS \"q\"\"t\", DATE '2026-01-02' AS g FROM x ORDER BY a",
                             NULL, 0, &err) == UT_OK);
    UT_EXPECT_I64(ut_rows_columns(rows), 8);
    UT_EXPECT_STR(ut_rows_name(rows, 6), "q\"t");
    bool more = false;
    int i = 0;
    for (; ut_rows_next(rows, &more, &err) == UT_OK && more; i++) {
        bool null = i % 3 == 0;
        bool good = ut_rows_i64(rows, 0) == i && ut_rows_is_null(rows, 1) == null && ut_rows_is_null(rows, 5) &&
                    (null ? isnan(ut_rows_f64(rows, 2)) : ut_rows_f64(rows, 2) == 0.5 * i) &&
                    ut_str_eq(ut_rows_str(rows, 1), null    ? UT_STR("")
                                                    : i % 2 ? UT_STR("short")
                                                            : UT_STR("a text that does not fit in twelve bytes")) &&
                    ut_rows_i64(rows, 4) == i * UT_SECOND_US && ut_rows_f64(rows, 6) == 1.25;
        UT_REQUIRE(good);
        UT_EXPECT_STR(ut_rows_str(rows, 7), "2026-01-02");
    }
    UT_EXPECT_I64(i, 5000);
    ut_rows_close(&rows);
    ut_lake_close(&lake);
    ut_lake_close(&lake);
}

UT_TEST(store_lake, what_is_not_committed_is_gone_after_reopening)
{
    const char *path = fresh(t);
    ut_lake *lake = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_lake_open(&lake, path, &writing, &err) == UT_OK);
    UT_REQUIRE(ut_lake_exec(lake, "INSERT INTO stage VALUES ('a', 1, '')", &err) == UT_OK);
    UT_REQUIRE(ut_lake_begin(lake, &err) == UT_OK);
    UT_REQUIRE(ut_lake_exec(lake, "INSERT INTO stage VALUES ('b', 2, '')", &err) == UT_OK);
    ut_lake_close(&lake);
    ut_lake_options reading = {.access = UT_READ_ONLY};
    UT_REQUIRE(ut_lake_open(&lake, path, &reading, &err) == UT_OK);
    int64_t count = 0;
    UT_EXPECT(ut_lake_number(lake, &count, "SELECT count(*) FROM stage", NULL, 0, &err) == UT_OK && count == 1);
    UT_EXPECT(ut_lake_exec(lake, "DELETE FROM stage", &err) != UT_OK);
    ut_lake_close(&lake);
}

UT_TEST(store_lake, parameters_and_errors_are_told)
{
    ut_lake *lake = NULL;
    ut_err err = {0};
    ut_lake_options closed = {.access = UT_READ_WRITE, .closed = true};
    UT_REQUIRE(ut_lake_open(&lake, NULL, &closed, &err) == UT_OK);
    ut_value params[] = {ut_value_text(UT_STR("it's")), ut_value_i64(-5), ut_value_time(0)};
    int64_t n = 0;
    UT_EXPECT(ut_lake_number(lake, &n, "SELECT ?::BIGINT WHERE ? = 'it''s' AND ? < now()::TIMESTAMP",
                             (ut_value[]){params[1], params[0], params[2]}, 3, &err) == UT_OK && n == -5);
    UT_EXPECT_I64(ut_lake_number(lake, &n, "SELECT 1 WHERE false", NULL, 0, &err), UT_NOT_FOUND);
    UT_EXPECT_I64(ut_lake_exec(lake, "SELEC 1", &err), UT_INVALID);
    UT_EXPECT(strstr(err.message, "SELEC") != NULL);
    UT_EXPECT(ut_lake_exec(lake, "SELECT * FROM read_text('/etc/passwd')", &err) != UT_OK);
    UT_EXPECT(ut_lake_exec(lake, "ATTACH '/tmp/x.db'", &err) != UT_OK);
    UT_EXPECT(ut_lake_exec(lake, "SET enable_external_access=true", &err) != UT_OK);
    ut_lake_close(&lake);
}

UT_TEST(store_lake, days_are_made_in_the_persons_zone)
{
    ut_lake *lake = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_lake_open(&lake, fresh(t), &writing, &err) == UT_OK);
    UT_REQUIRE(
        ut_lake_exec(lake,
                     "INSERT INTO who VALUES (1, 7, false, true); INSERT INTO person VALUES (7, 'Pacific/Auckland');"
                     "INSERT INTO membership VALUES (7, 'kiwi', '2026-03-02', '9999-12-31');"
                     "INSERT INTO silver_message (item, sent_at, author, source, state) VALUES"
                     "(1, '2026-03-01 10:59:00', 1, 'mail', 'empty'), (2, '2026-03-01 11:00:00', 1, 'mail', 'empty')",
                     &err) == UT_OK);
    int64_t n = 0;
    UT_EXPECT(ut_lake_number(lake, &n,
                             "SELECT count(*) FROM v_messages WHERE day = DATE '2026-03-02' AND team = 'kiwi'", NULL, 0,
                             &err) == UT_OK &&
              n == 1);
    UT_EXPECT(ut_lake_number(lake, &n, "SELECT count(*) FROM v_messages WHERE day = DATE '2026-03-01' AND team IS NULL",
                             NULL, 0, &err) == UT_OK && n == 1);
    ut_lake_close(&lake);
}

UT_TEST(store_lake, questions_are_one_select_and_end_in_time)
{
    static const char *const endless[] = {
        "SELECT count(*) FROM range(1000000000000) a(x) WHERE x % 7 = 8",
        "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n % 7 FROM r) SELECT count(*) FROM r",
        "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE x * y = -1",
    };
    static const char *const refused[] = {"CREATE TABLE t (i INTEGER)", "SET threads = 1", "BEGIN",
                                          "SELECT 1; SELECT 2"};
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    ut_err err = {0};
    ut_lake_options options = {.access = UT_READ_WRITE, .memory_mb = 128, .closed = true};
    UT_REQUIRE(ut_lake_open(&lake, NULL, &options, &err) == UT_OK);
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        UT_EXPECT_I64(ut_lake_ask(&rows, lake, endless[i], 100, &err), UT_LIMIT);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        UT_EXPECT(ut_lake_ask(&rows, lake, refused[i], 60000, &err) != UT_OK);
    }
    UT_EXPECT(ut_lake_ask(&rows, lake, "SELECT string_agg(repeat('x', 1000), '') FROM range(1000000)", 60000, &err) !=
              UT_OK);
    UT_EXPECT(rows == NULL);
    UT_REQUIRE(ut_lake_ask(&rows, lake, "SELECT 1", 60000, &err) == UT_OK); /* the next one is answered again */
    ut_rows_close(&rows);
    ut_lake_close(&lake);
}
