/* base/mem.c — counted, failable heap. Nothing else in src/ may call malloc. */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>

static _Atomic uint64_t allocations;
static _Atomic int64_t live;
static _Atomic uint64_t fail_from; /* 0 = never */
static _Atomic bool fail_sticky;

static bool ut_mem__should_fail(void)
{
    uint64_t n = atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed) + 1;
    uint64_t from = atomic_load_explicit(&fail_from, memory_order_relaxed);
    if (from == 0) {
        return false;
    }
    return n == from || (n > from && atomic_load_explicit(&fail_sticky, memory_order_relaxed));
}

void *ut_mem_alloc(size_t size_bytes)
{
    if (ut_mem__should_fail()) {
        return NULL;
    }
    void *p = malloc(size_bytes ? size_bytes : 1);
    if (p) {
        atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    }
    return p;
}

bool ut_mem_overflows(size_t count, size_t size_bytes)
{
    size_t product;
    return __builtin_mul_overflow(count, size_bytes, &product);
}

void *ut_mem_zeroed(size_t count, size_t size_bytes)
{
    if (ut_mem_overflows(count, size_bytes)) {
        return NULL;
    }
    void *p = ut_mem_alloc(count * size_bytes);
    if (p) {
        memset(p, 0, count * size_bytes);
    }
    return p;
}

void *ut_mem_resize(void *old, size_t size_bytes)
{
    if (!old) {
        return ut_mem_alloc(size_bytes);
    }
    if (ut_mem__should_fail()) {
        return NULL;
    }
    return realloc(old, size_bytes ? size_bytes : 1);
}

void *ut_mem_free(void *old)
{
    if (old) {
        atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
        free(old);
    }
    return NULL;
}

void ut_mem_fail_at(uint64_t nth, bool sticky)
{
    atomic_store(&fail_sticky, sticky);
    atomic_store(&fail_from, nth ? atomic_load(&allocations) + nth : 0);
}

uint64_t ut_mem_count(void)
{
    return atomic_load(&allocations);
}

int64_t ut_mem_live(void)
{
    return atomic_load(&live);
}
