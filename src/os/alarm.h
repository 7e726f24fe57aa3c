/* os/alarm.h — calls a function when something takes too long.
 *
 *     ut_alarm *alarm = NULL;
 *     st = ut_alarm_start(&alarm, 30000, interrupt, connection, &err);
 *     … the work …
 *     bool rang = ut_alarm_stop(&alarm);      // after this the function is not called any more
 *
 * The function runs on a thread of its own, at most once, while the work goes on.
 */
#ifndef UT_OS_ALARM_H
#define UT_OS_ALARM_H

#include "base/base.h"

typedef struct ut_alarm ut_alarm;

UT_MUST_CHECK ut_status ut_alarm_start(ut_alarm **ret, int after_ms, void (*ring)(void *ctx), void *ctx, ut_err *err);
/* true when it rang. NULL and twice are fine. */
bool ut_alarm_stop(ut_alarm **alarm);

#endif
