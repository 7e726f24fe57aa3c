#include "harness/test.h"
#include "os/task.h"

static ut_status add_one(void *ctx, ut_err *err)
{
    int *n = ctx;
    *n += 1;
    return *n == 3 ? ut_fail(err, UT_LIMIT, "three is too many") : UT_OK;
}

UT_TEST(os_task, work_is_done_in_order_and_failures_reach_the_waiter_once)
{
    ut_task *task = NULL;
    ut_err err = {0};
    int n = 0;
    UT_REQUIRE(ut_task_open(&task, &err) == UT_OK);
    UT_EXPECT_I64(ut_task_wait(task, &err), UT_OK);
    for (int i = 1; i <= 5; i++) {
        ut_task_start(task, add_one, &n);
        UT_EXPECT_I64(ut_task_wait(task, &err), i == 3 ? UT_LIMIT : UT_OK);
        UT_EXPECT_I64(n, i);
    }
    UT_EXPECT(strstr(err.message, "three") != NULL);
    ut_task_start(task, add_one, &n);
    ut_task_close(&task); /* waits for it */
    ut_task_close(&task);
    UT_EXPECT_I64(n, 6);
}
