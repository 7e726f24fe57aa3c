/* silver/spans.c — sets of time. */
#include "silver/spans.h"

#include <stdlib.h>

static int by_start(const void *a, const void *b)
{
    const ut_span *x = a, *y = b;
    return (x->from_us > y->from_us) - (x->from_us < y->from_us);
}

/* Room for `count` stretches; NULL, and the kit is full, when the cap is met. */
static ut_span *room(ut_spans_kit *kit, size_t count)
{
    ut_span *items = kit->full ? NULL : ut_new(kit->arena, ut_span, count ? count : 1);
    kit->full = items == NULL;
    return items;
}

/* Adds a stretch that begins no earlier than the last one, joining the two where they touch. */
static void append(ut_span *items, size_t *count, ut_span next)
{
    if (next.to_us <= next.from_us) {
        return;
    }
    if (*count && next.from_us <= items[*count - 1].to_us) {
        ut_span *last = &items[*count - 1];
        last->to_us = next.to_us > last->to_us ? next.to_us : last->to_us;
        return;
    }
    items[(*count)++] = next;
}

/* The stretches that cover something, sorted by their start; they may overlap. */
static ut_span *sorted(ut_spans_kit *kit, size_t *ret_count, const ut_span *raw, size_t count)
{
    ut_span *items = room(kit, count);
    if (items == NULL) {
        return NULL;
    }
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (raw[i].from_us < raw[i].to_us) {
            items[(*ret_count)++] = raw[i];
        }
    }
    qsort(items, *ret_count, sizeof *items, by_start);
    return items;
}

ut_spans ut_spans_make(ut_spans_kit *kit, const ut_span *raw, size_t count)
{
    size_t given = 0, kept = 0;
    ut_span *items = sorted(kit, &given, raw, count);
    for (size_t i = 0; i < given; i++) {
        append(items, &kept, items[i]); /* in place: kept <= i */
    }
    return (ut_spans){items, kept};
}

ut_spans ut_spans_make_twice(ut_spans_kit *kit, const ut_span *raw, size_t count)
{
    size_t given = 0, kept = 0;
    ut_span *items = sorted(kit, &given, raw, count);
    int64_t reach = given ? items[0].from_us : 0; /* where all stretches so far have ended */
    for (size_t i = 0; i < given; i++) {
        ut_span now = items[i];
        append(items, &kept, (ut_span){now.from_us, now.to_us < reach ? now.to_us : reach});
        reach = now.to_us > reach ? now.to_us : reach;
    }
    return (ut_spans){items, kept};
}

/* The n-th border of a set: starts are even, ends odd, so that n & 1 tells whether what lies before it is inside. */
static int64_t border(ut_spans set, size_t n)
{
    return n >= 2 * set.count ? INT64_MAX : n & 1 ? set.items[n / 2].to_us : set.items[n / 2].from_us;
}

/* Walks the borders of both sets; `keep` says for (in a) + 2 (in b) whether such time is part of the result. */
static ut_spans combine(ut_spans_kit *kit, ut_spans a, ut_spans b, const bool keep[4])
{
    ut_span *items = room(kit, a.count + b.count);
    size_t count = 0, i = 0, j = 0;
    bool open = false;
    while (items && (i < 2 * a.count || j < 2 * b.count)) {
        int64_t at_a = border(a, i), at_b = border(b, j), at = at_a < at_b ? at_a : at_b;
        i += at_a == at;
        j += at_b == at;
        bool in = keep[(i & 1) + 2 * (j & 1)];
        if (in && !open) {
            items[count].from_us = at;
        } else if (!in && open) {
            items[count++].to_us = at;
        }
        open = in;
    }
    return (ut_spans){items, count};
}

ut_spans ut_spans_unite(ut_spans_kit *kit, ut_spans a, ut_spans b)
{
    return combine(kit, a, b, (const bool[4]){false, true, true, true});
}

ut_spans ut_spans_intersect(ut_spans_kit *kit, ut_spans a, ut_spans b)
{
    return combine(kit, a, b, (const bool[4]){false, false, false, true});
}

ut_spans ut_spans_subtract(ut_spans_kit *kit, ut_spans a, ut_spans b)
{
    return combine(kit, a, b, (const bool[4]){false, true, false, false});
}

ut_spans ut_spans_long(ut_spans_kit *kit, ut_spans a, int64_t least_us)
{
    ut_span *items = room(kit, a.count);
    size_t count = 0;
    for (size_t i = 0; items && i < a.count; i++) {
        if (a.items[i].to_us - a.items[i].from_us >= least_us) {
            items[count++] = a.items[i];
        }
    }
    return (ut_spans){items, count};
}

/* The first stretch that ends after `at`. */
static size_t first_after(ut_spans a, int64_t at_us)
{
    size_t low = 0, high = a.count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (a.items[mid].to_us <= at_us) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static ut_span clip(ut_span span, int64_t from_us, int64_t to_us)
{
    return (ut_span){span.from_us > from_us ? span.from_us : from_us, span.to_us < to_us ? span.to_us : to_us};
}

int64_t ut_spans_length(ut_spans a, int64_t from_us, int64_t to_us)
{
    int64_t sum = 0;
    for (size_t i = first_after(a, from_us); i < a.count && a.items[i].from_us < to_us; i++) {
        ut_span part = clip(a.items[i], from_us, to_us);
        sum += part.to_us - part.from_us;
    }
    return sum;
}

int64_t ut_spans_blocks(ut_spans a, int64_t from_us, int64_t to_us, int64_t block_us)
{
    int64_t sum = 0, counted = 0; /* blocks before this number are done */
    for (size_t i = first_after(a, from_us); from_us < to_us && i < a.count && a.items[i].from_us < to_us; i++) {
        ut_span part = clip(a.items[i], from_us, to_us);
        int64_t first = (part.from_us - from_us) / block_us, end = (part.to_us - 1 - from_us) / block_us + 1;
        first = first > counted ? first : counted;
        sum += end > first ? end - first : 0;
        counted = end;
    }
    return sum;
}

bool ut_spans_reach(ut_span *ret, ut_spans a, int64_t from_us, int64_t to_us)
{
    size_t first = first_after(a, from_us), after = first_after(a, to_us);
    after += after < a.count && a.items[after].from_us < to_us; /* one that ends later may begin within */
    if (from_us >= to_us || first >= after) {
        return false;
    }
    *ret = clip((ut_span){a.items[first].from_us, a.items[after - 1].to_us}, from_us, to_us);
    return true;
}
