/* base/hash.c — multiply-fold over 16-byte steps; ends read with overlapping loads, so no byte loop. */
#include "base/hash.h"

static uint64_t load64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

static uint64_t load32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

uint64_t ut_hash_bytes(ut_str bytes, uint64_t seed)
{
    const uint64_t k0 = 0x9E3779B97F4A7C15u;
    const uint64_t k1 = 0xD6E8FEB86659FD93u;
    const char *p = bytes.ptr;
    size_t left = bytes.len;
    uint64_t h = seed ^ k0;
    while (left > 16) {
        /* Added, not only multiplied: a word that makes one factor zero must not forget what came before. */
        h = ut_hash_mix(load64(p) ^ k1, load64(p + 8) ^ h) + (h << 1 | h >> 63);
        p += 16;
        left -= 16;
    }
    uint64_t a = 0;
    uint64_t b = 0;
    if (left >= 8) {
        a = load64(p);
        b = load64(p + left - 8);
    } else if (left >= 4) {
        a = load32(p);
        b = load32(p + left - 4);
    } else if (left > 0) {
        a = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[left / 2] << 8 |
            (unsigned char)p[left - 1];
    }
    return ut_hash_mix(k1 ^ bytes.len, ut_hash_mix(a ^ k1, b ^ h));
}
