/* base/mem.h — the only door to the heap.
 *
 *     char *copy = ut_mem_alloc(n);      // NULL when memory ends: check it
 *     copy = ut_mem_free(copy);          // NULL again
 *
 * malloc, calloc, realloc, free and strdup are banned elsewhere in src/ (the tidy test looks). Tests make the n-th
 * allocation fail with ut_mem_fail_at() and compare ut_mem_live() before and after. Counters are atomic: any thread.
 */
#ifndef UT_BASE_MEM_H
#define UT_BASE_MEM_H

#include "undertone/base.h"

/* n bytes, uninitialised; NULL when memory ends or a test says so. n = 0 gives a valid pointer. */
void *ut_mem_alloc(size_t size_bytes);
/* count * size zeroed bytes; NULL also when the product overflows. */
void *ut_mem_zeroed(size_t count, size_t size_bytes);
/* Like realloc; on failure returns NULL and leaves `old` valid. */
void *ut_mem_resize(void *old, size_t size_bytes);
/* Frees and returns NULL, so that `p = ut_mem_free(p)` leaves nothing dangling. NULL is fine. */
void *ut_mem_free(void *old);
/* true when count * size overflows. */
bool ut_mem_overflows(size_t count, size_t size_bytes);

/* For tests: the nth allocation from now (1 = the next one) fails, and every later one too if `sticky`; 0 turns it off.
 */
void ut_mem_fail_at(uint64_t nth, bool sticky);
/* For tests: allocations asked for since the start, and those not freed yet. */
uint64_t ut_mem_count(void);
int64_t ut_mem_live(void);

#endif
