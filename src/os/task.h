/* os/task.h — one piece of work at a time beside the caller, on a thread that stays.
 *
 *     ut_task *task = NULL;
 *     st = ut_task_open(&task, &err);
 *     ut_task_start(task, work, ctx);          // waits for the one before, if it still runs
 *     st = ut_task_wait(task, &err);           // the status of the last one; UT_OK when there is none
 *     ut_task_close(&task);                    // waits
 *
 * Between start and wait, what `work` uses is the task's alone. One caller.
 */
#ifndef UT_OS_TASK_H
#define UT_OS_TASK_H

#include "base/base.h"

typedef struct ut_task ut_task;
typedef ut_status (*ut_task_work)(void *ctx, ut_err *err);

UT_MUST_CHECK ut_status ut_task_open(ut_task **ret, ut_err *err);
void ut_task_close(ut_task **task);
void ut_task_start(ut_task *task, ut_task_work work, void *ctx);
UT_MUST_CHECK ut_status ut_task_wait(ut_task *task, ut_err *err);

#endif
