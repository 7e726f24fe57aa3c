/* egress/publish.c — blur, clamp, round.
 */
#include "egress/publish.h"

#include <math.h>

/* How far the blur of one person reaches. Chosen by measuring (tests/privacy): with less, somebody who knows for a
 * whole year who took part when gets closer to a person's own mean than the team's figure does. Single days show more
 * of presence and absence, and there are many of them, hence three times that. */
double ut_publish_reach(ut_metric metric, ut_grain grain, double mean)
{
    double reach = metric == UT_METRIC_MESSAGES    ? 2.5 * mean
                   : metric == UT_METRIC_SENTIMENT ? 0.7
                                                   : 0.5;
    return grain == UT_GRAIN_DAY && metric != UT_METRIC_MESSAGES ? 3 * reach : reach;
}

/* Even in -1..1, the same for the same people. */
static double draw(const ut_publish *group, ut_metric metric)
{
    const char *grain = ut_grain_name(group->grain), *name = ut_metric_name(metric);
    ut_str people = {(const char *)group->people, group->people_count * sizeof *group->people};
    ut_str parts[] = {UT_STR("blur"), group->team, ut_str_of(grain), ut_str_of(name), people};
    ut_digest digest = ut_seal_digest(group->key, parts, 5);
    uint64_t bits;
    memcpy(&bits, digest.bytes, sizeof bits);
    return (double)(bits >> 11) * 0x1p-52 - 1;
}

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static double round_to(double value, double step)
{
    return round(value / step) * step;
}

static double rounding_of(const ut_publish *group, ut_metric metric, double value)
{
    size_t n = group->people_count;
    if (metric == UT_METRIC_MESSAGES) {
        double step = value < 20 ? 1 : value < 100 ? 5 : 10;
        return n < 2 * UT_FLOOR_LOAD ? step : step / 5;
    }
    return n < 2 * UT_FLOOR_TEXT || group->grain == UT_GRAIN_DAY ? 0.05 : 0.01;
}

double ut_publish_figure(const ut_publish *group, ut_metric metric, double mean)
{
    if (!UT_PROTECTED) {
        return mean;
    }
    double value =
        mean + draw(group, metric) * ut_publish_reach(metric, group->grain, mean) / (double)group->people_count;
    double low = metric == UT_METRIC_SENTIMENT ? -1 : 0, high = metric == UT_METRIC_MESSAGES ? INFINITY : 1;
    value = clamp(value, low, high);
    return round_to(value, rounding_of(group, metric, value));
}

/* The same borders for load and text, so that two bands of one group never cut each other down to a narrower one. */
ut_str ut_publish_band(ut_arena *keep, int64_t n)
{
    int64_t low = UT_FLOOR_LOAD, high = UT_FLOOR_TEXT - 1;
    while (n > high) {
        low = high + 1;
        high = 2 * low - 1;
    }
    return ut_arena_format(keep, "%lld-%lld", (long long)low, (long long)high);
}
