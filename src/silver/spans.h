/* silver/spans.h — sets of time: union, intersection, difference, length.
 *
 *     ut_spans_kit kit = {.arena = &scratch};
 *     ut_spans meetings = ut_spans_make(&kit, raw, raw_count);
 *     ut_spans free = ut_spans_subtract(&kit, work, meetings);
 *     int64_t us = ut_spans_length(free, day_from_us, day_to_us);
 *     if (kit.full) { … }                // once, at the end: after it all sets are empty
 *
 * A set is an array of half-open stretches [from, to), sorted, none empty, no two that touch or overlap. So every
 * moment counts once however many meetings cover it, and each operation is one walk over its operands. Instants are
 * those of base/time.h (years 1 to 9999), whose differences fit.
 */
#ifndef UT_SILVER_SPANS_H
#define UT_SILVER_SPANS_H

#include "base/base.h"

typedef struct ut_span {
    int64_t from_us, to_us;
} ut_span;

typedef struct ut_spans {
    const ut_span *items; /* in the kit's arena; not NULL unless count is 0 */
    size_t count;
} ut_spans;

typedef struct ut_spans_kit {
    ut_arena *arena; /* where results live */
    bool full;       /* the arena's cap was met: results since then are empty sets and mean nothing */
} ut_spans_kit;

/* The set of what the stretches cover, given in any order, overlapping or not; those that end before they begin cover
 * nothing. */
ut_spans ut_spans_make(ut_spans_kit *kit, const ut_span *raw, size_t count);
/* What at least two of the stretches cover. */
ut_spans ut_spans_make_twice(ut_spans_kit *kit, const ut_span *raw, size_t count);

ut_spans ut_spans_unite(ut_spans_kit *kit, ut_spans a, ut_spans b);
ut_spans ut_spans_intersect(ut_spans_kit *kit, ut_spans a, ut_spans b);
/* a without b. */
ut_spans ut_spans_subtract(ut_spans_kit *kit, ut_spans a, ut_spans b);
/* The stretches that last at least `least_us`. */
ut_spans ut_spans_long(ut_spans_kit *kit, ut_spans a, int64_t least_us);

/* How much of [from, to) the set covers; an empty part, here and below, has nothing. */
int64_t ut_spans_length(ut_spans a, int64_t from_us, int64_t to_us);
/* How many of the blocks of `block_us` that begin at `from_us` the set touches within [from, to). */
int64_t ut_spans_blocks(ut_spans a, int64_t from_us, int64_t to_us, int64_t block_us);
/* The first and the last covered instant within [from, to), the last as an end; false when nothing is covered. */
bool ut_spans_reach(ut_span *ret, ut_spans a, int64_t from_us, int64_t to_us);

#endif
