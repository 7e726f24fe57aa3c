#include "harness/test.h"
#include "store/workspace.h"

#include <stdio.h>

static ut_workspace *open_at(ut_test *t, const char *path)
{
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = path, .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    return workspace;
}

static int64_t number(ut_test *t, ut_workspace *workspace, const char *sql)
{
    ut_lake *lake = NULL;
    int64_t n = -1;
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_lake_number(lake, &n, sql, NULL, 0, NULL) == UT_OK);
    return n;
}

UT_TEST(store_compact, deleted_bytes_are_gone_and_rows_and_views_stay)
{
    char path[400], file[500], left[600];
    ut_err err = {0};
    ut_lake *lake = NULL;
    (void)snprintf(path, sizeof path, "%s/it's a workspace", ut_test_dir(t));
    (void)snprintf(file, sizeof file, "%s/lake.duckdb", path);
    (void)snprintf(left, sizeof left, "%s.new", file);
    ut_workspace *workspace = open_at(t, path);
    UT_EXPECT_I64(ut_workspace_compact_lake(workspace, &err), UT_OK); /* none there */
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, &err) == UT_OK);
    UT_REQUIRE(ut_lake_exec(lake, "SET force_compression = 'uncompressed';"
                                  "INSERT INTO silver_score (item, model, detail) SELECT i, 'm', 'keep-' || hash(i)"
                                  "  FROM range(50000) t(i);"
                                  "INSERT INTO silver_score (item, model, detail) VALUES (-1, 'm', 'quarkzipple');"
                                  "INSERT INTO who VALUES (7, 8, false, true); CHECKPOINT",
                            &err) == UT_OK);
    ut_lake_close(&workspace->lake);
    UT_EXPECT(ut_str_has(ut_test_read(t, file), UT_STR("quarkzipple")));
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, &err) == UT_OK);
    UT_REQUIRE(ut_lake_exec(lake, "DELETE FROM silver_score WHERE item = -1; CHECKPOINT", &err) == UT_OK);
    int64_t sum = number(t, workspace, "SELECT CAST(sum(item) AS BIGINT) FROM silver_score");
    ut_lake_close(&workspace->lake);
    UT_EXPECT(ut_str_has(ut_test_read(t, file), UT_STR("quarkzipple"))); /* or the test shows nothing */
    ut_test_write(t, left, UT_STR("left by a kill"));
    if (ut_workspace_compact_lake(workspace, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    UT_EXPECT(!ut_str_has(ut_test_read(t, file), UT_STR("quarkzipple")));
    UT_EXPECT(!ut_file_exists(left));
    UT_EXPECT_I64(number(t, workspace, "SELECT CAST(sum(item) AS BIGINT) FROM silver_score"), sum);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM silver_score"), 50000);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM who WHERE identity = 7 AND person = 8"), 1);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM v_messages"), 0);
    ut_workspace_close(&workspace);
}
