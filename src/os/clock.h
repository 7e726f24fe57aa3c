/* os/clock.h — what time it is. Tests can pin it. */
#ifndef UT_OS_CLOCK_H
#define UT_OS_CLOCK_H

#include "base/base.h"

/* Microseconds since the epoch. */
int64_t ut_clock_now_us(void);
/* Microseconds that never go back, for durations. */
int64_t ut_clock_steady_us(void);
/* For tests: ut_clock_now_us answers this from now on; INT64_MIN gives the real clock back. */
void ut_clock_pin(int64_t now_us);

#endif
