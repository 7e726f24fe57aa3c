#include "codec/seal.h"
#include "harness/test.h"

#include <sys/wait.h>
#include <unistd.h>

static ut_key key_of(unsigned char fill)
{
    ut_key key;
    memset(key.bytes, fill, sizeof key.bytes);
    return key;
}

UT_TEST(codec_seal, opens_only_with_the_same_key_bytes_and_context)
{
    UT_REQUIRE(ut_seal_start(NULL) == UT_OK);
    ut_key key = key_of(1), other = key_of(2);
    ut_buf box = ut_buf_make(1000), plain = ut_buf_make(1000);
    ut_seal_close(&box, &key, UT_STR("secret words"), UT_STR("here"));
    UT_EXPECT_I64(box.len, 12 + UT_SEAL_OVERHEAD);
    UT_EXPECT(!ut_str_has(ut_buf_str(&box), UT_STR("secret")));
    UT_EXPECT_I64(ut_seal_open(&plain, &key, ut_buf_str(&box), UT_STR("here"), NULL), UT_OK);
    UT_EXPECT_STR(ut_buf_str(&plain), "secret words");
    UT_EXPECT_I64(ut_seal_open(&plain, &other, ut_buf_str(&box), UT_STR("here"), NULL), UT_CORRUPT);
    UT_EXPECT_I64(ut_seal_open(&plain, &key, ut_buf_str(&box), UT_STR("there"), NULL), UT_CORRUPT);
    for (size_t i = 0; i < box.len; i++) {
        box.ptr[i] ^= 1;
        UT_EXPECT_I64(ut_seal_open(&plain, &key, ut_buf_str(&box), UT_STR("here"), NULL), UT_CORRUPT);
        box.ptr[i] ^= 1;
        UT_EXPECT_I64(ut_seal_open(&plain, &key, ut_str_slice(ut_buf_str(&box), 0, i), UT_STR("here"), NULL),
                      UT_CORRUPT);
    }
    UT_EXPECT_STR(ut_buf_str(&plain), "secret words"); /* untouched by failures */
    ut_buf_free(&box);
    ut_buf_free(&plain);
}

UT_TEST(codec_seal, digests_depend_on_key_and_on_where_parts_end)
{
    ut_key key = key_of(1), other = key_of(2);
    ut_str a[] = {UT_STR("ab"), UT_STR("c")}, b[] = {UT_STR("a"), UT_STR("bc")};
    ut_digest x = ut_seal_digest(&key, a, 2), y = ut_seal_digest(&key, b, 2), z = ut_seal_digest(&other, a, 2);
    ut_digest again = ut_seal_digest(&key, a, 2);
    UT_EXPECT(ut_digest_eq(&x, &again));
    UT_EXPECT(!ut_digest_eq(&x, &y));
    UT_EXPECT(!ut_digest_eq(&x, &z));
}

UT_TEST(codec_seal, key_files_read_back_and_wrong_ones_are_refused)
{
    ut_key key = key_of(0xA7), back;
    char hex[65];
    ut_key_to_hex(hex, &key);
    UT_EXPECT(ut_key_from_hex(&back, ut_str_of(hex)) && memcmp(&key, &back, sizeof key) == 0);
    UT_EXPECT(!ut_key_from_hex(&back, UT_STR("a7a7")));
    hex[5] = 'x';
    UT_EXPECT(!ut_key_from_hex(&back, ut_str_of(hex)));
}

UT_TEST(codec_seal, a_page_of_keys_is_empty_in_a_forked_child)
{
    const size_t size = 5000;
    unsigned char *page = ut_seal_page(size);
    UT_REQUIRE(page != NULL);
    memset(page, 0xA7, size);
    pid_t child = fork();
    if (child == 0) {
        int seen = 0;
        for (size_t i = 0; i < size; i++) {
            seen |= page[i];
        }
        _exit(seen ? 1 : 0);
    }
    int how = 0;
    UT_REQUIRE(waitpid(child, &how, 0) == child);
    UT_EXPECT(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    UT_EXPECT(page[0] == 0xA7 && page[size - 1] == 0xA7);
    UT_EXPECT(ut_seal_page_free(page, size) == NULL);
    UT_EXPECT(ut_seal_page_free(NULL, size) == NULL);
}
