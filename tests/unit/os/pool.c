#include "harness/test.h"
#include "os/pool.h"

#include <stdatomic.h>

static void add(void *ctx, size_t item, int worker)
{
    (void)worker;
    atomic_fetch_add((_Atomic uint64_t *)ctx, item);
}

UT_TEST(os_pool, every_item_is_done_once_for_every_width)
{
    for (int width = 1; width <= 4; width++) {
        ut_pool *pool = NULL;
        UT_REQUIRE(ut_pool_open(&pool, width, NULL) == UT_OK);
        for (size_t count = 0; count < 3000; count += 271) {
            _Atomic uint64_t sum = 0;
            ut_pool_run(pool, add, &sum, count);
            UT_EXPECT_I64(sum, count ? count * (count - 1) / 2 : 0);
        }
        ut_pool_close(&pool);
        ut_pool_close(&pool);
    }
}
