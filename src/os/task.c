/* os/task.c — a thread, a slot for one piece of work, and two conditions. */
#include "os/task.h"
#include "base/mem.h"

#include <pthread.h>

struct ut_task {
    pthread_t thread;
    pthread_mutex_t lock;  /* guards all below */
    pthread_cond_t begin;  /* work was put in, or stop */
    pthread_cond_t end;    /* work is done */
    ut_task_work work;     /* NULL: nothing to do */
    void *ctx;
    bool stop;
    ut_status status;      /* of the last piece of work, until it is asked for */
    ut_err err;
};

static void *serve(void *arg)
{
    ut_task *task = arg;
    (void)pthread_mutex_lock(&task->lock);
    for (;;) {
        while (!task->work && !task->stop) {
            (void)pthread_cond_wait(&task->begin, &task->lock);
        }
        if (!task->work) {
            break;
        }
        (void)pthread_mutex_unlock(&task->lock);
        ut_err err = {0};
        ut_status status = task->work(task->ctx, &err);
        (void)pthread_mutex_lock(&task->lock);
        task->work = NULL;
        task->status = status;
        task->err = err;
        (void)pthread_cond_signal(&task->end);
    }
    (void)pthread_mutex_unlock(&task->lock);
    return NULL;
}

ut_status ut_task_open(ut_task **ret, ut_err *err)
{
    ut_task *task = ut_mem_zeroed(1, sizeof *task);
    if (!task) {
        return ut_fail(err, UT_NOMEM, "memory ended while starting a thread");
    }
    (void)pthread_mutex_init(&task->lock, NULL);
    (void)pthread_cond_init(&task->begin, NULL);
    (void)pthread_cond_init(&task->end, NULL);
    if (pthread_create(&task->thread, NULL, serve, task) != 0) {
        ut_mem_free(task);
        return ut_fail(err, UT_NOMEM, "the system starts no more threads");
    }
    *ret = task;
    return UT_OK;
}

void ut_task_close(ut_task **task_ref)
{
    ut_task *task = *task_ref;
    if (!task) {
        return;
    }
    (void)pthread_mutex_lock(&task->lock);
    task->stop = true;
    (void)pthread_cond_signal(&task->begin);
    (void)pthread_mutex_unlock(&task->lock);
    (void)pthread_join(task->thread, NULL);
    (void)pthread_cond_destroy(&task->begin);
    (void)pthread_cond_destroy(&task->end);
    (void)pthread_mutex_destroy(&task->lock);
    *task_ref = ut_mem_free(task);
}

static void wait_idle(ut_task *task)
{
    while (task->work) {
        (void)pthread_cond_wait(&task->end, &task->lock);
    }
}

void ut_task_start(ut_task *task, ut_task_work work, void *ctx)
{
    (void)pthread_mutex_lock(&task->lock);
    wait_idle(task);
    task->work = work;
    task->ctx = ctx;
    (void)pthread_cond_signal(&task->begin);
    (void)pthread_mutex_unlock(&task->lock);
}

ut_status ut_task_wait(ut_task *task, ut_err *err)
{
    (void)pthread_mutex_lock(&task->lock);
    wait_idle(task);
    ut_status status = task->status;
    if (status != UT_OK && err) {
        *err = task->err;
    }
    task->status = UT_OK;
    (void)pthread_mutex_unlock(&task->lock);
    return status;
}
