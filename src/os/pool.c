/* os/pool.c — parallel loops over pthreads. */
#include "os/pool.h"
#include "base/mem.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { WIDTH_MAX = 64 };

struct ut_pool {
    int width;
    pthread_t threads[WIDTH_MAX];
    pthread_mutex_t lock;     /* guards round, busy, stop */
    pthread_cond_t start;     /* a new round, or stop */
    pthread_cond_t done;      /* busy became 0 */
    uint64_t round;
    int busy;                 /* helpers still in this round */
    bool stop;
    void (*one)(void *ctx, size_t item, int worker);
    void *ctx;
    size_t count;
    size_t block;             /* items taken at once */
    _Atomic size_t next;
    _Atomic int next_worker;  /* numbers given to helper threads as they start */
};

static void work(ut_pool *pool, int worker)
{
    for (;;) {
        size_t from = atomic_fetch_add(&pool->next, pool->block);
        if (from >= pool->count) {
            return;
        }
        size_t to = pool->count - from < pool->block ? pool->count : from + pool->block;
        for (size_t i = from; i < to; i++) {
            pool->one(pool->ctx, i, worker);
        }
    }
}

static void *helper(void *arg)
{
    ut_pool *pool = arg;
    int worker = atomic_fetch_add(&pool->next_worker, 1);
    uint64_t seen = 0;
    (void)pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->stop && pool->round == seen) {
            (void)pthread_cond_wait(&pool->start, &pool->lock);
        }
        if (pool->stop) {
            break;
        }
        seen = pool->round;
        (void)pthread_mutex_unlock(&pool->lock);
        work(pool, worker);
        (void)pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0) {
            (void)pthread_cond_signal(&pool->done);
        }
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

int ut_pool_processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n > WIDTH_MAX ? WIDTH_MAX : n;
}

ut_status ut_pool_open(ut_pool **ret, int width, ut_err *err)
{
    ut_pool *pool = ut_mem_zeroed(1, sizeof *pool);
    if (!pool) {
        return ut_fail(err, UT_NOMEM, "memory ended while starting threads");
    }
    int want = width > 0 ? (width > WIDTH_MAX ? WIDTH_MAX : width) : ut_pool_processors();
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->start, NULL);
    (void)pthread_cond_init(&pool->done, NULL);
    atomic_store(&pool->next_worker, 1);
    pool->width = 1;
    /* Fewer threads than asked for is slower, not wrong. */
    while (pool->width < want && pthread_create(&pool->threads[pool->width], NULL, helper, pool) == 0) {
        pool->width++;
    }
    *ret = pool;
    return UT_OK;
}

void ut_pool_close(ut_pool **pool_ref)
{
    ut_pool *pool = *pool_ref;
    if (!pool) {
        return;
    }
    (void)pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    (void)pthread_cond_broadcast(&pool->start);
    (void)pthread_mutex_unlock(&pool->lock);
    for (int i = 1; i < pool->width; i++) {
        (void)pthread_join(pool->threads[i], NULL);
    }
    (void)pthread_cond_destroy(&pool->start);
    (void)pthread_cond_destroy(&pool->done);
    (void)pthread_mutex_destroy(&pool->lock);
    *pool_ref = ut_mem_free(pool);
}

int ut_pool_width(const ut_pool *pool)
{
    return pool->width;
}

void ut_pool_run(ut_pool *pool, void (*one)(void *ctx, size_t item, int worker), void *ctx, size_t count)
{
    pool->one = one;
    pool->ctx = ctx;
    pool->count = count;
    size_t block = count / ((size_t)pool->width * 8);
    pool->block = block < 1 ? 1 : block > 64 ? 64 : block;
    atomic_store(&pool->next, 0);
    (void)pthread_mutex_lock(&pool->lock);
    pool->busy = pool->width - 1;
    pool->round++;
    (void)pthread_cond_broadcast(&pool->start);
    (void)pthread_mutex_unlock(&pool->lock);
    work(pool, 0);
    (void)pthread_mutex_lock(&pool->lock);
    while (pool->busy > 0) {
        (void)pthread_cond_wait(&pool->done, &pool->lock);
    }
    (void)pthread_mutex_unlock(&pool->lock);
}
