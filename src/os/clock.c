/* os/clock.c — the clocks. */
#include "os/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t pinned = INT64_MIN;

static int64_t read_clock(clockid_t which)
{
    struct timespec t;
    (void)clock_gettime(which, &t);
    return (int64_t)t.tv_sec * UT_SECOND_US + t.tv_nsec / 1000;
}

int64_t ut_clock_now_us(void)
{
    int64_t pin = atomic_load(&pinned);
    return pin != INT64_MIN ? pin : read_clock(CLOCK_REALTIME);
}

int64_t ut_clock_steady_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void ut_clock_pin(int64_t now_us)
{
    atomic_store(&pinned, now_us);
}
