#include "harness/test.h"
#include "store/workspace.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static ut_status open_at(ut_workspace **ret, const char *path, ut_workspace_access access, bool create, ut_err *err)
{
    ut_workspace_options options = {.path = path, .access = access, .create = create};
    return ut_workspace_open(ret, &options, err);
}

UT_TEST(store_workspace, is_made_once_and_opens_again_with_its_key_only)
{
    char path[256], key[300];
    (void)snprintf(path, sizeof path, "%s/w", ut_test_dir(t));
    (void)snprintf(key, sizeof key, "%s/workspace.key", path);
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    UT_EXPECT_I64(open_at(&workspace, path, UT_WORKSPACE_WRITE, false, &err), UT_NOT_FOUND);
    UT_REQUIRE(open_at(&workspace, path, UT_WORKSPACE_WRITE, true, &err) == UT_OK);
    UT_EXPECT(ut_workspace_is_new(workspace));
    ut_workspace_close(&workspace);
    ut_workspace_close(&workspace);
    struct stat st;
    UT_EXPECT(stat(key, &st) == 0 && (st.st_mode & 0777) == 0600);
    UT_REQUIRE(open_at(&workspace, path, UT_WORKSPACE_READ, false, &err) == UT_OK);
    UT_EXPECT(!ut_workspace_is_new(workspace));
    ut_workspace_close(&workspace);
    ut_str old = ut_test_read(t, key);
    ut_test_write(t, key, UT_STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"));
    UT_EXPECT_I64(open_at(&workspace, path, UT_WORKSPACE_READ, false, &err), UT_DENIED);
    UT_EXPECT(strstr(err.message, "not the key") != NULL);
    ut_test_write(t, key, UT_STR("not hex"));
    UT_EXPECT_I64(open_at(&workspace, path, UT_WORKSPACE_READ, false, &err), UT_DENIED);
    (void)remove(key);
    UT_EXPECT_I64(open_at(&workspace, path, UT_WORKSPACE_WRITE, true, &err), UT_DENIED); /* never a second key */
    UT_EXPECT(strstr(err.message, "missing") != NULL);
    UT_EXPECT(!ut_file_exists(key));
    char hex[65];
    (void)snprintf(hex, sizeof hex, "%.*s", 64, old.ptr);
    (void)setenv("UNDERTONE_KEY", hex, 1);
    UT_EXPECT_I64(open_at(&workspace, path, UT_WORKSPACE_READ, false, &err), UT_OK);
    (void)unsetenv("UNDERTONE_KEY");
    ut_workspace_close(&workspace);
}

UT_TEST(store_workspace, a_second_writer_waits_its_turn)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/w", ut_test_dir(t));
    ut_workspace *first = NULL, *second = NULL;
    ut_err err = {0};
    UT_REQUIRE(open_at(&first, path, UT_WORKSPACE_WRITE, true, &err) == UT_OK);
    UT_EXPECT_I64(open_at(&second, path, UT_WORKSPACE_WRITE, false, &err), UT_BUSY);
    UT_EXPECT_I64(open_at(&second, path, UT_WORKSPACE_READ, false, &err), UT_OK);
    ut_workspace_close(&second);
    ut_workspace_close(&first);
}

UT_TEST(store_workspace, a_dropped_lake_comes_back_empty)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/w", ut_test_dir(t));
    ut_workspace *workspace = NULL;
    ut_lake *lake = NULL;
    ut_err err = {0};
    UT_REQUIRE(open_at(&workspace, path, UT_WORKSPACE_WRITE, true, &err) == UT_OK);
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, &err) == UT_OK);
    UT_EXPECT(ut_lake_exec(lake, "INSERT INTO stage VALUES ('a', 1, '')", &err) == UT_OK);
    UT_EXPECT_I64(ut_workspace_drop_lake(workspace, &err), UT_OK);
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, &err) == UT_OK);
    int64_t count = -1;
    UT_EXPECT(ut_lake_number(lake, &count, "SELECT count(*) FROM stage", NULL, 0, &err) == UT_OK && count == 0);
    ut_workspace_close(&workspace);
}
