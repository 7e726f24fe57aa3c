/* base/rng.h — a small seeded generator (SplitMix64; Steele, Lea, Flood 2014). Same seed, same stream, on every
 * machine. For simulations and tests; secrets come from codec/seal.h. */
#ifndef UT_BASE_RNG_H
#define UT_BASE_RNG_H

#include "undertone/base.h"

typedef struct ut_rng {
    uint64_t state;
} ut_rng;

static inline uint64_t ut_rng_u64(ut_rng *rng)
{
    uint64_t z = (rng->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Uniform in [0, n); 0 when n is 0. The bias of the multiply-shift is below 2^-32 for n < 2^32. */
static inline uint64_t ut_rng_below(ut_rng *rng, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)ut_rng_u64(rng) * n) >> 64);
}

/* Uniform in [0, 1). */
static inline double ut_rng_unit(ut_rng *rng)
{
    return (double)(ut_rng_u64(rng) >> 11) * 0x1.0p-53;
}

/* Standard normal (Marsaglia's polar method). */
double ut_rng_normal(ut_rng *rng);
/* A stream of its own for `name`, so that adding one consumer does not shift the others. */
ut_rng ut_rng_fork(const ut_rng *rng, ut_str name);

#endif
