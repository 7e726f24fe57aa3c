/* Sets of time, held against a row of minutes in which each is covered or not. */
#include "harness/test.h"
#include "silver/spans.h"

#define MINUTES 90
#define RAW 12

typedef struct grid {
    int times[MINUTES]; /* how many stretches cover the minute */
} grid;

static ut_arena open_arena(ut_test *t)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, UT_MIB) == UT_OK);
    return arena;
}

static size_t random_spans(ut_rng *rng, ut_span raw[RAW], grid *ret)
{
    size_t count = ut_rng_below(rng, RAW + 1);
    *ret = (grid){0};
    for (size_t i = 0; i < count; i++) {
        int64_t from = (int64_t)ut_rng_below(rng, MINUTES), to = (int64_t)ut_rng_below(rng, MINUTES + 1);
        raw[i] = (ut_span){from, to}; /* some end before they begin */
        for (int64_t m = from; m < to; m++) {
            ret->times[m]++;
        }
    }
    return count;
}

/* Sorted, not empty, apart; and each minute as `want` says. */
static void expect_set(ut_test *t, const char *what, ut_spans got, const bool want[MINUTES])
{
    bool covered[MINUTES] = {false};
    for (size_t i = 0; i < got.count; i++) {
        ut_span span = got.items[i];
        UT_REQUIRE(span.from_us >= 0 && span.from_us < span.to_us && span.to_us <= MINUTES);
        if (i && got.items[i - 1].to_us >= span.from_us) {
            ut_test_fail(t, __FILE__, __LINE__, "%s: stretch %zu touches the one before it", what, i);
        }
        for (int64_t m = span.from_us; m < span.to_us; m++) {
            covered[m] = true;
        }
    }
    if (memcmp(covered, want, sizeof covered) != 0) {
        ut_test_fail(t, __FILE__, __LINE__, "%s covers other minutes than it should", what);
    }
}

static int64_t count_in(const bool want[MINUTES], int64_t from, int64_t to)
{
    int64_t sum = 0;
    for (int64_t m = from; m < to; m++) {
        sum += want[m];
    }
    return sum;
}

UT_TEST(silver_spans, operations_cover_the_minutes_they_should)
{
    ut_arena arena = open_arena(t);
    for (int round = 0; round < 3000; round++) {
        ut_spans_kit kit = {.arena = &arena};
        ut_span raw_a[RAW], raw_b[RAW];
        grid a, b;
        bool in_a[MINUTES], twice[MINUTES], either[MINUTES], both[MINUTES], rest[MINUTES];
        size_t count_a = random_spans(&t->rng, raw_a, &a), count_b = random_spans(&t->rng, raw_b, &b);
        for (int m = 0; m < MINUTES; m++) {
            in_a[m] = a.times[m] > 0;
            twice[m] = a.times[m] > 1;
            either[m] = a.times[m] > 0 || b.times[m] > 0;
            both[m] = a.times[m] > 0 && b.times[m] > 0;
            rest[m] = a.times[m] > 0 && b.times[m] == 0;
        }
        ut_spans set_a = ut_spans_make(&kit, raw_a, count_a), set_b = ut_spans_make(&kit, raw_b, count_b);
        expect_set(t, "make", set_a, in_a);
        expect_set(t, "twice", ut_spans_make_twice(&kit, raw_a, count_a), twice);
        expect_set(t, "unite", ut_spans_unite(&kit, set_a, set_b), either);
        expect_set(t, "intersect", ut_spans_intersect(&kit, set_a, set_b), both);
        expect_set(t, "subtract", ut_spans_subtract(&kit, set_a, set_b), rest);
        UT_EXPECT(!kit.full);
        ut_arena_reset(&arena);
    }
    ut_arena_close(&arena);
}

/* Of the minutes, the runs of at least `least`. */
static void keep_long(bool minutes[MINUTES], int least)
{
    for (int from = 0, to; from < MINUTES; from = to + 1) {
        for (to = from; to < MINUTES && minutes[to]; to++) {
        }
        if (to - from < least) {
            memset(minutes + from, 0, (size_t)(to - from) * sizeof *minutes);
        }
    }
}

UT_TEST(silver_spans, figures_of_a_part_are_those_of_its_minutes)
{
    ut_arena arena = open_arena(t);
    for (int round = 0; round < 3000; round++) {
        ut_spans_kit kit = {.arena = &arena};
        ut_span raw[RAW];
        grid a;
        bool in[MINUTES];
        size_t count = random_spans(&t->rng, raw, &a);
        ut_spans set = ut_spans_make(&kit, raw, count);
        int64_t from = (int64_t)ut_rng_below(&t->rng, MINUTES);
        int64_t to = from + (int64_t)ut_rng_below(&t->rng, (uint64_t)(MINUTES + 1 - from));
        int64_t block = 1 + (int64_t)ut_rng_below(&t->rng, 20), blocks = 0, first = -1, last = -1;
        for (int m = 0; m < MINUTES; m++) {
            in[m] = a.times[m] > 0;
        }
        for (int64_t m = from; m < to; m++) {
            first = in[m] && first < 0 ? m : first;
            last = in[m] ? m + 1 : last;
        }
        for (int64_t at = from; at < to; at += block) {
            blocks += count_in(in, at, at + block < to ? at + block : to) > 0;
        }
        UT_EXPECT_I64(ut_spans_length(set, from, to), count_in(in, from, to));
        UT_EXPECT_I64(ut_spans_blocks(set, from, to, block), blocks);
        ut_span reach = {-1, -1};
        UT_EXPECT(ut_spans_reach(&reach, set, from, to) == (first >= 0));
        UT_EXPECT_I64(reach.from_us, first);
        UT_EXPECT_I64(reach.to_us, last);
        keep_long(in, (int)block);
        expect_set(t, "long", ut_spans_long(&kit, set, block), in);
        ut_arena_reset(&arena);
    }
    ut_arena_close(&arena);
}

UT_TEST(silver_spans, a_full_arena_is_said_and_gives_empty_sets)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4096) == UT_OK);
    static ut_span raw[1000];
    for (int i = 0; i < 1000; i++) {
        raw[i] = (ut_span){2 * i, 2 * i + 1};
    }
    ut_spans_kit kit = {.arena = &arena};
    ut_spans few = ut_spans_make(&kit, raw, 10);
    UT_EXPECT(!kit.full);
    UT_EXPECT_I64(few.count, 10);
    UT_EXPECT_I64(ut_spans_make(&kit, raw, 1000).count, 0);
    UT_EXPECT(kit.full);
    UT_EXPECT_I64(ut_spans_unite(&kit, few, few).count, 0); /* though it would fit */
    UT_EXPECT_I64(ut_spans_make_twice(&kit, raw, 1000).count, 0);
    UT_EXPECT(kit.full);
    ut_arena_close(&arena);
}
