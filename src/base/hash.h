/* base/hash.h — a fast 64-bit hash for tables in memory. Not for secrets: see codec/seal.h. Stored ids of mails
 * without a Message-ID and the simulator's streams are made with it: changing it changes those. */
#ifndef UT_BASE_HASH_H
#define UT_BASE_HASH_H

#include "undertone/base.h"

/* A 128-bit multiply folded to 64: mixes two words well in three instructions. */
static inline uint64_t ut_hash_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t ut_hash_u64(uint64_t value)
{
    return ut_hash_mix(value ^ 0x9E3779B97F4A7C15u, 0xD6E8FEB86659FD93u);
}

uint64_t ut_hash_bytes(ut_str bytes, uint64_t seed);

#endif
