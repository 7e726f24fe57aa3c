/* egress/publish.c — blur, clamp, round. */
#include "egress/publish.h"

#include <math.h>

/* How far the blur reaches. Chosen by measuring (tests/privacy): with less, somebody who knows for years who took part
 * when gets closer to a person's own mean than the team's figure does. */
double ut_publish_reach(ut_metric metric, double mean)
{
    return metric == UT_METRIC_MESSAGES ? 2.5 * mean : metric == UT_METRIC_SENTIMENT ? 0.28 : 0.25;
}

/* Even in -1..1. */
static double draw(const ut_publish *group, const char *what, const char *metric, const int64_t *people, size_t count)
{
    ut_str parts[] = {
        UT_STR("blur"), ut_str_of(what), ut_str_of(metric), {(const char *)people, count * sizeof *people}};
    ut_digest digest = ut_seal_digest(group->key, parts, 4);
    uint64_t bits;
    memcpy(&bits, digest.bytes, sizeof bits);
    return (double)(bits >> 11) * 0x1p-52 - 1;
}

/* What is added to the mean. Text: the mean of one offset per person, so that whatever is asked for however long, a
 * person's value is only ever seen together with that offset. Load: one offset for exactly these people, since amounts
 * vary so much from week to week that this holds as long as figures are kept, and costs large groups less. */
static double blur(const ut_publish *group, ut_metric metric, double mean)
{
    const char *name = ut_metric_name(metric), *grain = ut_grain_name(group->grain);
    double reach = ut_publish_reach(metric, mean), sum = 0;
    if (metric == UT_METRIC_MESSAGES) {
        return reach * draw(group, grain, name, group->people, group->people_count) / (double)group->people_count;
    }
    for (size_t i = 0; i < group->people_count; i++) {
        sum += draw(group, "person", name, &group->people[i], 1);
    }
    return reach * sum / (double)group->people_count;
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
    double value = mean + blur(group, metric, mean);
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
