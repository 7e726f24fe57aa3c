/* codec/seal.c — the one file that sees libsodium. */
#include "codec/seal.h"
#include "base/assert.h"

#include <sodium.h>
#include <sys/mman.h>

_Static_assert(UT_SEAL_OVERHEAD ==
                   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "the box format");
_Static_assert(sizeof(ut_key) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key size");

enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };

ut_status ut_seal_start(ut_err *err)
{
    return sodium_init() < 0 ? ut_fail(err, UT_IO, "the system gives no random bytes") : UT_OK;
}

void ut_seal_random(void *to, size_t size_bytes)
{
    randombytes_buf(to, size_bytes);
}

ut_key ut_seal_derive(const ut_key *master, const char *purpose, uint64_t number)
{
    char context[crypto_kdf_CONTEXTBYTES] = {0};
    (void)memcpy(context, purpose, strnlen(purpose, sizeof context));
    ut_key key;
    int failed = crypto_kdf_derive_from_key(key.bytes, sizeof key.bytes, number, context, master->bytes);
    UT_ASSERT(failed == 0);
    return key;
}

ut_digest ut_seal_digest(const ut_key *key, const ut_str *parts, size_t count)
{
    crypto_generichash_state state;
    ut_digest digest;
    (void)crypto_generichash_init(&state, key->bytes, sizeof key->bytes, sizeof digest.bytes);
    for (size_t i = 0; i < count; i++) {
        uint64_t len = parts[i].len;
        (void)crypto_generichash_update(&state, (const unsigned char *)&len, sizeof len);
        (void)crypto_generichash_update(&state, (const unsigned char *)parts[i].ptr, parts[i].len);
    }
    (void)crypto_generichash_final(&state, digest.bytes, sizeof digest.bytes);
    return digest;
}

bool ut_digest_eq(const ut_digest *a, const ut_digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Nonces are drawn from a block of random bytes per thread: one system call for 170 boxes. Every byte is used once. A
 * forked child must not seal, since it would repeat its parent's nonces: the mail worker, the only one, has no keys. */
static void draw_nonce(unsigned char nonce[NONCE])
{
    static _Thread_local unsigned char block[NONCE * 170];
    static _Thread_local size_t left;
    if (left == 0) {
        randombytes_buf(block, sizeof block);
        left = sizeof block;
    }
    left -= NONCE;
    memcpy(nonce, block + left, NONCE);
    sodium_memzero(block + left, NONCE);
}

#ifndef UT_INSPECT

bool ut_seal_is_off(void)
{
    return false;
}

void ut_seal_close(ut_buf *to, const ut_key *key, ut_str plain, ut_str context)
{
    unsigned char *box = (unsigned char *)ut_buf_reserve(to, plain.len + UT_SEAL_OVERHEAD);
    if (!box) {
        return;
    }
    draw_nonce(box);
    unsigned long long len = 0;
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE, &len, (const unsigned char *)plain.ptr, plain.len,
                                                     (const unsigned char *)context.ptr, context.len, NULL, box,
                                                     key->bytes);
    to->len += NONCE + (size_t)len;
}

ut_status ut_seal_open(ut_buf *to, const ut_key *key, ut_str sealed, ut_str context, ut_err *err)
{
    if (sealed.len < UT_SEAL_OVERHEAD) {
        return ut_fail(err, UT_CORRUPT, "a sealed value of %zu bytes is cut short", sealed.len);
    }
    unsigned char *plain = (unsigned char *)ut_buf_reserve(to, sealed.len);
    if (!plain) {
        return ut_fail(err, to->failed, "a sealed value of %zu bytes does not fit", sealed.len);
    }
    const unsigned char *box = (const unsigned char *)sealed.ptr;
    unsigned long long len = 0;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &len, NULL, box + NONCE, sealed.len - NONCE,
                                                   (const unsigned char *)context.ptr, context.len, box,
                                                   key->bytes) != 0) {
        return ut_fail(err, UT_CORRUPT, "a sealed value does not open: the key is not the one it was sealed with, or "
                                        "its bytes were changed");
    }
    to->len += (size_t)len;
    return UT_OK;
}

#else

/* The test-only build (apps/meson.build, undertone-inspect): boxes of the same shape whose bytes can be read, so that
 * tests can search files for what must be gone. The tag still tells a wrong key, changed bytes and a wrong context. */
bool ut_seal_is_off(void)
{
    return true;
}

static ut_digest inspect_tag(const ut_key *key, ut_str plain, ut_str context)
{
    ut_str parts[] = {UT_STR("inspect"), plain, context};
    return ut_seal_digest(key, parts, 3);
}

void ut_seal_close(ut_buf *to, const ut_key *key, ut_str plain, ut_str context)
{
    unsigned char *box = (unsigned char *)ut_buf_reserve(to, plain.len + UT_SEAL_OVERHEAD);
    if (!box) {
        return;
    }
    ut_digest tag = inspect_tag(key, plain, context);
    draw_nonce(box);
    memcpy(box + NONCE, plain.ptr ? plain.ptr : "", plain.len);
    memcpy(box + NONCE + plain.len, tag.bytes, sizeof tag.bytes);
    to->len += plain.len + UT_SEAL_OVERHEAD;
}

ut_status ut_seal_open(ut_buf *to, const ut_key *key, ut_str sealed, ut_str context, ut_err *err)
{
    if (sealed.len < UT_SEAL_OVERHEAD) {
        return ut_fail(err, UT_CORRUPT, "a sealed value of %zu bytes is cut short", sealed.len);
    }
    ut_str plain = ut_str_slice(sealed, NONCE, sealed.len - sizeof(ut_digest));
    ut_digest tag = inspect_tag(key, plain, context);
    if (memcmp(tag.bytes, plain.ptr + plain.len, sizeof tag.bytes) != 0) {
        return ut_fail(err, UT_CORRUPT, "a sealed value does not open");
    }
    ut_buf_put(to, plain);
    return to->failed ? ut_fail(err, to->failed, "a sealed value of %zu bytes does not fit", sealed.len) : UT_OK;
}

#endif

void ut_seal_wipe(void *secret, size_t size_bytes)
{
    sodium_memzero(secret, size_bytes);
}

void *ut_seal_page(size_t size_bytes)
{
    void *page = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return NULL;
    }
    /* Each is a wish: a system that refuses one still works. */
    (void)mlock(page, size_bytes);
    (void)madvise(page, size_bytes, MADV_DONTDUMP);
    (void)madvise(page, size_bytes, MADV_WIPEONFORK);
    return page;
}

void *ut_seal_page_free(void *page, size_t size_bytes)
{
    if (page) {
        sodium_memzero(page, size_bytes);
        (void)munmap(page, size_bytes);
    }
    return NULL;
}

void ut_key_to_hex(char out[65], const ut_key *key)
{
    (void)sodium_bin2hex(out, 65, key->bytes, sizeof key->bytes);
}

bool ut_key_from_hex(ut_key *ret, ut_str hex)
{
    hex.len = hex.len && hex.ptr[hex.len - 1] == '\n' ? hex.len - 1 : hex.len;
    ut_key key;
    size_t len = 0;
    if (hex.len != 64 || sodium_hex2bin(key.bytes, sizeof key.bytes, hex.ptr, hex.len, NULL, &len, NULL) != 0 ||
        len != sizeof key.bytes) {
        return false;
    }
    *ret = key;
    return true;
}
