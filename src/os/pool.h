/* os/pool.h — a few threads that share out a loop.
 *
 *     static void one(void *ctx, size_t item, int worker) { … }     // worker < ut_pool_width(pool)
 *     ut_pool_run(pool, one, ctx, count);                            // returns when all items are done
 *
 * Items are handed out in blocks by an atomic counter; the caller works too. One ut_pool_run at a time.
 */
#ifndef UT_OS_POOL_H
#define UT_OS_POOL_H

#include "base/base.h"

typedef struct ut_pool ut_pool;

/* width = threads in all, the caller's included; 0 = one per processor this process may use. */
UT_MUST_CHECK ut_status ut_pool_open(ut_pool **ret, int width, ut_err *err);
void ut_pool_close(ut_pool **pool);
int ut_pool_width(const ut_pool *pool);
void ut_pool_run(ut_pool *pool, void (*one)(void *ctx, size_t item, int worker), void *ctx, size_t count);
/* Processors this process may use, at least 1. */
int ut_pool_processors(void);

#endif
