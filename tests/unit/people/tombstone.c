#include "harness/test.h"
#include "people/people.h"
#include "people/tombstone.h"

#include <stdio.h>

static ut_workspace *fresh(ut_test *t)
{
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    return workspace;
}

static int64_t count(ut_test *t, ut_workspace *workspace, const char *sql)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, sql, NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    int64_t n = ut_stmt_i64(stmt, 0);
    ut_stmt_close(&stmt);
    return n;
}

UT_TEST(people_tombstone, is_found_by_its_handle_only)
{
    ut_workspace *workspace = fresh(t);
    bool has = true;
    UT_EXPECT_I64(ut_tombstone_has(workspace, &has, UT_STR("mail:a@x.org"), NULL), UT_OK);
    UT_EXPECT(!has);
    UT_EXPECT_I64(ut_tombstone_put(workspace, UT_STR("mail:a@x.org"), NULL), UT_OK);
    UT_EXPECT_I64(ut_tombstone_put(workspace, UT_STR("mail:a@x.org"), NULL), UT_OK);
    UT_EXPECT_I64(count(t, workspace, "SELECT count(*) FROM tombstone"), 1);
    UT_EXPECT_I64(ut_tombstone_has(workspace, &has, UT_STR("mail:a@x.org"), NULL), UT_OK);
    UT_EXPECT(has);
    UT_EXPECT_I64(ut_tombstone_has(workspace, &has, UT_STR("a@x.org"), NULL), UT_OK);
    UT_EXPECT(!has);
    ut_workspace_close(&workspace);
}

UT_TEST(people_tombstone, keeps_rows_of_people_csv_out_by_id_address_or_handle)
{
    ut_workspace *workspace = fresh(t);
    char path[300];
    ut_people_counts counts = {0};
    UT_REQUIRE(ut_tombstone_put(workspace, UT_STR("person:1"), NULL) == UT_OK);
    UT_REQUIRE(ut_tombstone_put(workspace, UT_STR("mail:b@x.org"), NULL) == UT_OK);
    UT_REQUIRE(ut_tombstone_put(workspace, UT_STR("slack:U3"), NULL) == UT_OK);
    (void)snprintf(path, sizeof path, "%s/people.csv", ut_test_dir(t));
    ut_test_write(t, path, UT_STR("id,email,handles\n1,a@x.org,\n2,new@x.org;B@x.org,\n3,,slack:U9; slack:U3\n"
                                  "4,d@x.org,slack:U4\n"));
    UT_REQUIRE(ut_people_import(&counts, workspace, path, NULL) == UT_OK);
    UT_EXPECT_I64(counts.people, 1);
    UT_EXPECT_I64(counts.rejected, 3);
    UT_EXPECT(strstr(counts.first_reason, "line 2: this person was erased") != NULL);
    UT_EXPECT_I64(count(t, workspace, "SELECT count(*) FROM person"), 1);
    UT_EXPECT_I64(count(t, workspace, "SELECT count(*) FROM identity"), 2);
    ut_workspace_close(&workspace);
}
