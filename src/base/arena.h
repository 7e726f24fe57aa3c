/* base/arena.h — memory for one unit of work: a request, a batch, a document.
 *
 *     ut_arena arena;
 *     if (ut_arena_open(&arena, 64 * UT_MIB) != UT_OK) { … }
 *     ut_word *words = ut_new(&arena, ut_word, 100);      // zeroed; NULL when the cap is met
 *     ut_arena_reset(&arena);                             // everything gone, memory kept
 *     ut_arena_close(&arena);                             // NULL-safe, twice is fine
 *
 * An arena is one reserved stretch of address space; pages become real when touched. Passed by pointer, what is
 * allocated stays; passed by value it is scratch, gone when the callee returns. One thread at a time.
 */
#ifndef UT_BASE_ARENA_H
#define UT_BASE_ARENA_H

#include "undertone/base.h"

typedef struct ut_arena {
    char *begin; /* start of the reservation */
    char *at;    /* next free byte */
    char *end;   /* the cap */
} ut_arena;

/* Reserves `cap_bytes`. UT_NOMEM when the address space or the test says no. */
UT_MUST_CHECK ut_status ut_arena_open(ut_arena *ret, size_t cap_bytes);
/* Forgets everything; gives pages beyond the first megabyte back to the system. */
void ut_arena_reset(ut_arena *arena);
void ut_arena_close(ut_arena *arena);

/* Zeroed memory aligned to `align` (a power of two); NULL when the cap is met. */
void *ut_arena_take(ut_arena *arena, size_t count, size_t size_bytes, size_t align);
/* The same, not zeroed: for bytes that are written over at once. */
void *ut_arena_take_raw(ut_arena *arena, size_t count, size_t size_bytes, size_t align);
#define ut_new(arena, type, count) ((type *)ut_arena_take((arena), (count), sizeof(type), _Alignof(type)))

/* A copy of `text` in the arena; {NULL,0} when the cap is met and text is not empty. Always followed by a NUL byte. */
ut_str ut_arena_copy(ut_arena *arena, ut_str text);
/* printf into the arena; the empty string when the cap is met. NUL-terminated. */
ut_str ut_arena_format(ut_arena *arena, const char *format, ...) UT_PRINTF(2, 3);
/* Bytes in use now. */
size_t ut_arena_used(const ut_arena *arena);

#endif
