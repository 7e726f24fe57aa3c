#include "harness/test.h"
#include "store/truth.h"

#include <stdio.h>

static const char *fresh(ut_test *t)
{
    static char path[300];
    (void)snprintf(path, sizeof path, "%s/truth.sqlite", ut_test_dir(t));
    return path;
}

UT_TEST(store_truth, rows_come_back_after_reopening)
{
    const char *path = fresh(t);
    ut_truth *truth = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_truth_open(&truth, path, UT_READ_WRITE, &err) == UT_OK);
    ut_stmt *put = NULL;
    UT_REQUIRE(ut_truth_prepare(&put, truth, "INSERT INTO setting VALUES (?1, ?2)", &err) == UT_OK);
    ut_stmt_bind_text(put, 1, UT_STR("a"));
    ut_stmt_bind_text(put, 2, UT_STR(""));
    UT_EXPECT_I64(ut_stmt_run(put, &err), UT_OK);
    UT_EXPECT_I64(ut_stmt_run(put, &err), UT_INVALID); /* the key is there already */
    ut_stmt_close(&put);
    ut_truth_close(&truth);
    UT_REQUIRE(ut_truth_open(&truth, path, UT_READ_ONLY, &err) == UT_OK);
    ut_stmt *get = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&get, truth, "SELECT value, 7, NULL FROM setting WHERE key = 'a'", &err) == UT_OK);
    UT_REQUIRE(ut_stmt_step(get, &row, &err) == UT_OK && row);
    UT_EXPECT_STR(ut_stmt_str(get, 0), "");
    UT_EXPECT_I64(ut_stmt_i64(get, 1), 7);
    UT_EXPECT(ut_stmt_is_null(get, 2));
    UT_EXPECT(ut_stmt_step(get, &row, &err) == UT_OK && !row);
    ut_stmt_close(&get);
    UT_EXPECT(ut_truth_exec(truth, "DELETE FROM setting", &err) != UT_OK); /* read-only means it */
    ut_truth_close(&truth);
    ut_truth_close(&truth);
}

UT_TEST(store_truth, a_rollback_leaves_nothing)
{
    ut_truth *truth = NULL;
    UT_REQUIRE(ut_truth_open(&truth, fresh(t), UT_READ_WRITE, NULL) == UT_OK);
    UT_EXPECT(ut_truth_begin(truth, NULL) == UT_OK);
    UT_EXPECT(ut_truth_exec(truth, "INSERT INTO setting VALUES ('x','1')", NULL) == UT_OK);
    ut_truth_rollback(truth);
    ut_truth_rollback(truth);
    UT_EXPECT(ut_truth_exec(truth, "INSERT INTO setting VALUES ('x','2')", NULL) == UT_OK);
    ut_truth_close(&truth);
}

UT_TEST(store_truth, files_of_others_and_of_the_future_are_refused)
{
    const char *path = fresh(t);
    ut_err err = {0};
    ut_truth *truth = NULL;
    UT_EXPECT_I64(ut_truth_open(&truth, path, UT_READ_ONLY, &err), UT_NOT_FOUND);
    ut_test_write(t, path, UT_STR("this is not a database, only a text that is long enough to be looked at by SQLite"));
    UT_EXPECT(ut_truth_open(&truth, path, UT_READ_WRITE, &err) == UT_CORRUPT);
    (void)remove(path);
    UT_REQUIRE(ut_truth_open(&truth, path, UT_READ_WRITE, &err) == UT_OK);
    UT_EXPECT(ut_truth_exec(truth, "PRAGMA user_version=99", &err) == UT_OK);
    ut_truth_close(&truth);
    UT_EXPECT_I64(ut_truth_open(&truth, path, UT_READ_WRITE, &err), UT_CORRUPT);
    UT_EXPECT(strstr(err.message, "newer version") != NULL);
}
