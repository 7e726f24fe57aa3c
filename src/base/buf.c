/* base/buf.c — capped, sticky-error output buffer, with the few JSON pieces every writer needs. */
#include "base/buf.h"
#include "base/assert.h"
#include "base/mem.h"
#include "base/str.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

ut_buf ut_buf_make(size_t cap_bytes)
{
    return (ut_buf){.cap = cap_bytes};
}

void ut_buf_free(ut_buf *buf)
{
    if (buf) {
        ut_mem_free(buf->ptr);
        *buf = (ut_buf){.cap = buf->cap};
    }
}

void ut_buf_clear(ut_buf *buf)
{
    buf->len = 0;
    buf->failed = UT_OK;
}

char *ut_buf_reserve(ut_buf *buf, size_t n)
{
    if (buf->failed != UT_OK) {
        return NULL;
    }
    if (n <= buf->room - buf->len) {
        return buf->ptr + buf->len;
    }
    if (n > buf->cap - buf->len) {
        buf->failed = UT_LIMIT;
        return NULL;
    }
    size_t room = buf->room ? buf->room : 256;
    while (room < buf->len + n) {
        room *= 2;
    }
    if (room > buf->cap) {
        room = buf->cap;
    }
    char *grown = ut_mem_resize(buf->ptr, room);
    if (!grown) {
        buf->failed = UT_NOMEM;
        return NULL;
    }
    buf->ptr = grown;
    buf->room = room;
    return buf->ptr + buf->len;
}

void ut_buf_put(ut_buf *buf, ut_str text)
{
    if (text.len == 0) {
        return;
    }
    char *to = ut_buf_reserve(buf, text.len);
    if (to) {
        memcpy(to, text.ptr, text.len);
        buf->len += text.len;
    }
}

void ut_buf_puts(ut_buf *buf, const char *text)
{
    ut_buf_put(buf, ut_str_of(text));
}

void ut_buf_byte(ut_buf *buf, char byte)
{
    char *to = ut_buf_reserve(buf, 1);
    if (to) {
        *to = byte;
        buf->len += 1;
    }
}

void ut_buf_format(ut_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* vsnprintf wants room for its NUL; the buffer does not keep it. */
    if (len < 0 && buf->failed == UT_OK) {
        buf->failed = UT_INVALID;
    }
    char *to = len < 0 ? NULL : ut_buf_reserve(buf, (size_t)len + 1);
    if (to) {
        (void)vsnprintf(to, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void ut_buf_i64(ut_buf *buf, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0) {
        digits[--at] = '-';
    }
    ut_buf_put(buf, (ut_str){digits + at, sizeof digits - at});
}

static void put_escaped(ut_buf *buf, unsigned char c)
{
    static const char *const names[32] = {
        ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t"};
    if (c == '"' || c == '\\') {
        ut_buf_byte(buf, '\\');
        ut_buf_byte(buf, (char)c);
    } else if (names[c]) {
        ut_buf_puts(buf, names[c]);
    } else {
        ut_buf_format(buf, "\\u%04x", c);
    }
}

void ut_buf_json_str(ut_buf *buf, ut_str text)
{
    ut_buf_byte(buf, '"');
    size_t at = 0;
    while (at < text.len) {
        size_t from = at;
        while (at < text.len && (unsigned char)text.ptr[at] >= 0x20 && (unsigned char)text.ptr[at] < 0x80 &&
               text.ptr[at] != '"' && text.ptr[at] != '\\') {
            at++;
        }
        ut_buf_put(buf, ut_str_slice(text, from, at));
        if (at == text.len) {
            break;
        }
        unsigned char c = (unsigned char)text.ptr[at];
        if (c < 0x80) {
            put_escaped(buf, c);
            at++;
        } else {
            char out[4];
            ut_buf_put(buf, (ut_str){out, ut_str_put_rune(out, ut_str_next_rune(text, &at))});
        }
    }
    ut_buf_byte(buf, '"');
}

void ut_buf_json_num(ut_buf *buf, double value, int decimals)
{
    static const double scales[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    UT_ASSERT(decimals >= 0 && decimals <= 6);
    if (!isfinite(value)) {
        ut_buf_puts(buf, "null");
        return;
    }
    if (fabs(value) >= 9e12) {
        ut_buf_format(buf, "%.0f", value);
        return;
    }
    int64_t scaled = llround(value * scales[decimals]);
    int64_t unit = (int64_t)scales[decimals];
    if (scaled < 0) {
        ut_buf_byte(buf, '-');
        scaled = -scaled;
    }
    ut_buf_i64(buf, scaled / unit);
    int64_t part = scaled % unit;
    if (part == 0) {
        return;
    }
    char digits[8] = ".";
    int len = 1;
    for (int64_t place = unit / 10; place && part; place /= 10) {
        digits[len++] = (char)('0' + part / place);
        part %= place;
    }
    ut_buf_put(buf, (ut_str){digits, (size_t)len});
}

ut_str ut_buf_str(const ut_buf *buf)
{
    return (ut_str){buf->ptr, buf->len};
}
