#include "codec/pack.h"
#include "harness/test.h"

UT_TEST(codec_pack, gives_back_what_it_took)
{
    ut_pack *pack = NULL;
    UT_REQUIRE(ut_pack_open(&pack, NULL) == UT_OK);
    ut_buf packed = ut_buf_make(1 << 20), plain = ut_buf_make(1 << 20);
    char text[5000];
    for (size_t len = 0; len <= sizeof text; len = len * 2 + 1) {
        bool noise = len % 3 == 0;
        for (size_t i = 0; i < len; i++) {
            text[i] = noise ? (char)ut_rng_u64(&t->rng) : (char)('a' + i % 7);
        }
        ut_buf_clear(&packed);
        ut_buf_clear(&plain);
        ut_pack_squeeze(pack, &packed, (ut_str){text, len});
        UT_EXPECT_I64(ut_pack_expand(pack, &plain, ut_buf_str(&packed), NULL), UT_OK);
        UT_EXPECT(ut_str_eq(ut_buf_str(&plain), (ut_str){text, len}));
        UT_EXPECT(packed.len <= len + 1);
    }
    ut_buf_free(&packed);
    ut_buf_free(&plain);
    ut_pack_close(&pack);
    ut_pack_close(&pack);
}

UT_TEST(codec_pack, refuses_what_is_not_its_own_or_too_large)
{
    ut_pack *pack = NULL;
    UT_REQUIRE(ut_pack_open(&pack, NULL) == UT_OK);
    ut_buf packed = ut_buf_make(1 << 20), small = ut_buf_make(100);
    UT_EXPECT_I64(ut_pack_expand(pack, &small, UT_STR(""), NULL), UT_CORRUPT);
    UT_EXPECT_I64(ut_pack_expand(pack, &small, UT_STR("\x07xyz"), NULL), UT_CORRUPT);
    UT_EXPECT_I64(ut_pack_expand(pack, &small, UT_STR("\x01xyz"), NULL), UT_CORRUPT);
    static const char zeros[10000];
    ut_pack_squeeze(pack, &packed, (ut_str){zeros, sizeof zeros});
    UT_EXPECT_I64(ut_pack_expand(pack, &small, ut_buf_str(&packed), NULL), UT_LIMIT);
    packed.ptr[packed.len / 2] ^= 0x55;
    packed.len--;
    ut_buf big = ut_buf_make(1 << 20);
    UT_EXPECT(ut_pack_expand(pack, &big, ut_buf_str(&packed), NULL) == UT_CORRUPT);
    ut_buf_free(&packed);
    ut_buf_free(&small);
    ut_buf_free(&big);
    ut_pack_close(&pack);
}
