#include "harness/test.h"

#include <stdio.h>

UT_TEST(base_map, keeps_ten_thousand_keys_in_order)
{
    ut_map map = ut_map_make(10000);
    char key[32];
    for (int i = 0; i < 10000; i++) {
        int len = snprintf(key, sizeof key, "key-%d", i);
        uint64_t *value = ut_map_put(&map, (ut_str){key, (size_t)len});
        UT_REQUIRE(value && *value == 0);
        *value = (uint64_t)i;
    }
    UT_EXPECT(ut_map_put(&map, UT_STR("one too many")) == NULL);
    UT_EXPECT_I64(*ut_map_get(&map, UT_STR("key-7777")), 7777);
    UT_EXPECT(ut_map_get(&map, UT_STR("key-10000")) == NULL);
    UT_EXPECT_STR(map.entries[123].key, "key-123");
    ut_map_free(&map);
}

UT_TEST(base_map, survives_every_failing_allocation)
{
    UT_SWEEP_ALLOC(t) {
        ut_map map = ut_map_make(100);
        size_t kept = 0;
        char key[2] = {'a', 0};
        for (; key[0] < 'z'; key[0]++) {
            kept += ut_map_put(&map, (ut_str){key, 1}) != NULL;
        }
        UT_EXPECT_I64(map.count, kept);
        ut_map_free(&map);
    }
}
