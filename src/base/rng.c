/* base/rng.c — the parts of the generator that are not one line. */
#include "base/rng.h"
#include "base/hash.h"

#include <math.h>

double ut_rng_normal(ut_rng *rng)
{
    for (;;) {
        double x = 2 * ut_rng_unit(rng) - 1;
        double y = 2 * ut_rng_unit(rng) - 1;
        double r = x * x + y * y;
        if (r > 0 && r < 1) {
            return x * sqrt(-2 * log(r) / r);
        }
    }
}

ut_rng ut_rng_fork(const ut_rng *rng, ut_str name)
{
    return (ut_rng){ut_hash_bytes(name, rng->state)};
}
