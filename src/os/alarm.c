/* os/alarm.c — a thread that waits on a condition with a deadline. */
#include "os/alarm.h"
#include "base/mem.h"
#include "os/clock.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

struct ut_alarm {
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    int64_t deadline_us;  /* of the steady clock */
    void (*ring)(void *ctx);
    void *ctx;
    bool stop, rang;
};

static void *serve(void *arg)
{
    ut_alarm *alarm = arg;
    struct timespec at = {.tv_sec = (time_t)(alarm->deadline_us / UT_SECOND_US),
                          .tv_nsec = (long)(alarm->deadline_us % UT_SECOND_US * 1000)};
    (void)pthread_mutex_lock(&alarm->lock);
    int code = 0;
    while (!alarm->stop && code != ETIMEDOUT) {
        code = pthread_cond_timedwait(&alarm->wake, &alarm->lock, &at);
    }
    if (!alarm->stop) {
        /* Under the lock, so that nobody is told "stopped" while the function still runs. */
        alarm->rang = true;
        alarm->ring(alarm->ctx);
    }
    (void)pthread_mutex_unlock(&alarm->lock);
    return NULL;
}

ut_status ut_alarm_start(ut_alarm **ret, int after_ms, void (*ring)(void *ctx), void *ctx, ut_err *err)
{
    ut_alarm *alarm = ut_mem_zeroed(1, sizeof *alarm);
    if (!alarm) {
        return ut_fail(err, UT_NOMEM, "memory ended while starting a thread");
    }
    alarm->deadline_us = ut_clock_steady_us() + (int64_t)after_ms * 1000;
    alarm->ring = ring;
    alarm->ctx = ctx;
    pthread_condattr_t steady;
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&alarm->lock, NULL);
    (void)pthread_cond_init(&alarm->wake, &steady);
    (void)pthread_condattr_destroy(&steady);
    if (pthread_create(&alarm->thread, NULL, serve, alarm) != 0) {
        ut_mem_free(alarm);
        return ut_fail(err, UT_NOMEM, "the system starts no more threads");
    }
    *ret = alarm;
    return UT_OK;
}

bool ut_alarm_stop(ut_alarm **alarm_ref)
{
    ut_alarm *alarm = *alarm_ref;
    if (!alarm) {
        return false;
    }
    (void)pthread_mutex_lock(&alarm->lock);
    alarm->stop = true;
    (void)pthread_cond_signal(&alarm->wake);
    (void)pthread_mutex_unlock(&alarm->lock);
    (void)pthread_join(alarm->thread, NULL);
    bool rang = alarm->rang;
    (void)pthread_cond_destroy(&alarm->wake);
    (void)pthread_mutex_destroy(&alarm->lock);
    *alarm_ref = ut_mem_free(alarm);
    return rang;
}
