#include "harness/test.h"

UT_TEST(base_arena, takes_aligned_zeroed_memory_until_the_cap)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 8192) == UT_OK);
    UT_EXPECT(ut_new(&arena, char, 3) != NULL);
    int64_t *n = ut_new(&arena, int64_t, 4);
    UT_REQUIRE(n != NULL);
    UT_EXPECT((uintptr_t)n % _Alignof(int64_t) == 0);
    n[3] = 7;
    UT_EXPECT(ut_new(&arena, char, 9000) == NULL);
    UT_EXPECT(ut_new(&arena, int64_t, SIZE_MAX / 4) == NULL);
    ut_arena_reset(&arena);
    UT_EXPECT_I64(ut_arena_used(&arena), 0);
    n = ut_new(&arena, int64_t, 8);
    UT_EXPECT_I64(n[3], 0);
    ut_arena_close(&arena);
    ut_arena_close(&arena);
}

static size_t scratch_user(ut_arena scratch)
{
    return ut_new(&scratch, char, 100) ? 100 : 0;
}

UT_TEST(base_arena, by_value_is_scratch)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4096) == UT_OK);
    ut_str kept = ut_arena_format(&arena, "%d-%s", 42, "x");
    UT_EXPECT_I64(scratch_user(arena), 100);
    UT_EXPECT_I64(ut_arena_used(&arena), 5);
    UT_EXPECT_STR(kept, "42-x");
    ut_arena_close(&arena);
}
