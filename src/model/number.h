/* model/number.h — the three decimals that nearly all of our output consists of, written without a division by a
 * variable. What ut_buf_json_num(out, value, 3) writes, byte for byte; it does the rest. */
#ifndef UT_MODEL_NUMBER_H
#define UT_MODEL_NUMBER_H

#include "base/base.h"

#include <math.h>

static inline void ut_put_milli(ut_buf *out, double value)
{
    double size = fabs(value);
    char *to = size < 9.9994 ? ut_buf_reserve(out, 8) : NULL;
    if (!to) {
        ut_buf_json_num(out, value, 3);
        return;
    }
    char *begin = to;
    uint32_t n = (uint32_t)(size * 1000 + 0.5);
    uint32_t part = n % 1000;
    if (value < 0 && n) {
        *to++ = '-';
    }
    *to++ = (char)('0' + n / 1000);
    if (part) {
        *to++ = '.';
        *to++ = (char)('0' + part / 100);
        *to++ = (char)('0' + part / 10 % 10);
        *to++ = (char)('0' + part % 10);
        while (to[-1] == '0') {
            to--;
        }
    }
    out->len += (size_t)(to - begin);
}

#endif
