/* base/arena.c — a bump allocator over one mmap reservation.
 *
 * A reservation instead of a list of chunks, because then a copy of the struct is a valid scratch arena (see style:
 * scratch by value), and a reset is one assignment. Fresh pages are zero; a reset arena is cleared on take instead.
 * Pages that only by-value callees touched stay: they are reused by the next callee.
 */
#include "base/arena.h"
#include "base/assert.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

/* What a reset keeps resident: small documents must not pay for page faults again. */
#define KEEP_BYTES ((size_t)1 << 20)

ut_status ut_arena_open(ut_arena *ret, size_t cap_bytes)
{
    /* Counted as an allocation, so that the failure sweep reaches arenas too. */
    void *probe = ut_mem_alloc(1);
    if (!probe) {
        return UT_NOMEM;
    }
    ut_mem_free(probe);
    size_t size = (cap_bytes + 4095) & ~(size_t)4095;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        return UT_NOMEM;
    }
    *ret = (ut_arena){.begin = p, .at = p, .end = p + size};
    return UT_OK;
}

void ut_arena_reset(ut_arena *arena)
{
    size_t used = (size_t)(arena->at - arena->begin);
    if (used > KEEP_BYTES) {
        (void)madvise(arena->begin + KEEP_BYTES, (size_t)(arena->end - arena->begin) - KEEP_BYTES, MADV_DONTNEED);
    }
    arena->at = arena->begin;
}

void ut_arena_close(ut_arena *arena)
{
    if (arena && arena->begin) {
        (void)munmap(arena->begin, (size_t)(arena->end - arena->begin));
        *arena = (ut_arena){0};
    }
}

void *ut_arena_take_raw(ut_arena *arena, size_t count, size_t size_bytes, size_t align)
{
    UT_ASSERT(align && (align & (align - 1)) == 0);
    size_t pad = (size_t)(-(uintptr_t)arena->at & (align - 1));
    if (ut_mem_overflows(count, size_bytes)) {
        return NULL;
    }
    size_t need = count * size_bytes;
    if (pad > (size_t)(arena->end - arena->at) || need > (size_t)(arena->end - arena->at) - pad) {
        return NULL;
    }
    char *p = arena->at + pad;
    arena->at = p + need;
    return p;
}

void *ut_arena_take(ut_arena *arena, size_t count, size_t size_bytes, size_t align)
{
    void *p = ut_arena_take_raw(arena, count, size_bytes, align);
    return p ? memset(p, 0, count * size_bytes) : NULL;
}

ut_str ut_arena_copy(ut_arena *arena, ut_str text)
{
    char *p = ut_arena_take_raw(arena, text.len + 1, 1, 1);
    if (!p) {
        return (ut_str){0};
    }
    if (text.len) {
        memcpy(p, text.ptr, text.len);
    }
    p[text.len] = '\0';
    return (ut_str){p, text.len};
}

ut_str ut_arena_format(ut_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = len < 0 ? NULL : ut_arena_take(arena, (size_t)len + 1, 1, 1);
    if (p) {
        (void)vsnprintf(p, (size_t)len + 1, format, again);
    }
    va_end(again);
    return p ? (ut_str){p, (size_t)len} : (ut_str){0};
}

size_t ut_arena_used(const ut_arena *arena)
{
    return (size_t)(arena->at - arena->begin);
}
