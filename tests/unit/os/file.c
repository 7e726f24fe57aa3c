#include "harness/test.h"
#include "os/file.h"

#include <stdio.h>
#include <sys/stat.h>

UT_TEST(os_file, replace_leaves_the_old_file_when_the_disk_is_full)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/a", ut_test_dir(t));
    ut_err err = {0};
    UT_REQUIRE(ut_file_replace(path, UT_STR("old"), 0600, &err) == UT_OK);
    for (uint64_t nth = 1; nth <= 2; nth++) {
        ut_file_fail_write_at(nth);
        UT_EXPECT_I64(ut_file_replace(path, UT_STR("new"), 0600, &err), UT_IO);
        UT_EXPECT(strstr(err.message, "No space left") != NULL);
        ut_file_fail_write_at(0);
        UT_EXPECT_STR(ut_test_read(t, path), "old");
    }
    char temporary[300];
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    UT_EXPECT(!ut_file_exists(temporary));
}

UT_TEST(os_file, lists_in_byte_order_and_slurps_up_to_the_cap)
{
    const char *dir = ut_test_dir(t);
    char path[256];
    static const char *const names[] = {"b", "a", "B"};
    for (int i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        ut_test_write(t, path, UT_STR("0123456789"));
    }
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 1 << 20) == UT_OK);
    ut_str *found;
    size_t count;
    UT_REQUIRE(ut_file_list(&arena, &found, &count, dir, NULL) == UT_OK && count == 3);
    UT_EXPECT_STR(found[0], "B");
    UT_EXPECT_STR(found[2], "b");
    ut_arena_close(&arena);
    ut_buf buf = ut_buf_make(10);
    UT_EXPECT_I64(ut_file_slurp(&buf, path, NULL), UT_LIMIT); /* room for the bytes, none to see the end */
    ut_buf_free(&buf);
    buf = ut_buf_make(11);
    UT_EXPECT_I64(ut_file_slurp(&buf, path, NULL), UT_OK);
    UT_EXPECT_STR(ut_buf_str(&buf), "0123456789");
    ut_buf_free(&buf);
    ut_err err = {0};
    UT_EXPECT_I64(ut_file_slurp(&buf, "/nowhere/at/all", &err), UT_NOT_FOUND);
}

UT_TEST(os_file, a_second_lock_is_refused)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/lock", ut_test_dir(t));
    ut_file first = {-1}, second = {-1};
    UT_REQUIRE(ut_file_lock(&first, path, NULL) == UT_OK);
    UT_EXPECT_I64(ut_file_lock(&second, path, NULL), UT_BUSY);
    ut_file_close(&first);
    UT_EXPECT_I64(ut_file_lock(&second, path, NULL), UT_OK);
    ut_file_close(&second);
}
