#include "harness/test.h"
#include "os/alarm.h"

#include <stdatomic.h>

static void ring(void *ctx)
{
    atomic_fetch_add((_Atomic int *)ctx, 1);
}

UT_TEST(os_alarm, rings_once_or_never)
{
    ut_alarm *alarm = NULL;
    _Atomic int rung = 0;
    UT_REQUIRE(ut_alarm_start(&alarm, 1000000, ring, &rung, NULL) == UT_OK);
    UT_EXPECT(!ut_alarm_stop(&alarm));
    UT_EXPECT_I64(atomic_load(&rung), 0);
    UT_REQUIRE(ut_alarm_start(&alarm, 0, ring, &rung, NULL) == UT_OK);
    while (atomic_load(&rung) == 0) {
    }
    UT_EXPECT(ut_alarm_stop(&alarm));
    UT_EXPECT(!ut_alarm_stop(&alarm));
    UT_EXPECT_I64(atomic_load(&rung), 1);
}
