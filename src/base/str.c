/* base/str.c — borrowed strings. */
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

bool ut_str_eq(ut_str a, ut_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool ut_str_eq_nocase(ut_str a, ut_str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (ut_lower(a.ptr[i]) != ut_lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

int ut_str_cmp(ut_str a, ut_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool ut_str_starts(ut_str s, ut_str prefix)
{
    return s.len >= prefix.len && ut_str_eq((ut_str){s.ptr, prefix.len}, prefix);
}

bool ut_str_starts_nocase(ut_str s, ut_str prefix)
{
    return s.len >= prefix.len && ut_str_eq_nocase((ut_str){s.ptr, prefix.len}, prefix);
}

bool ut_str_ends(ut_str s, ut_str suffix)
{
    return s.len >= suffix.len && ut_str_eq((ut_str){s.ptr + s.len - suffix.len, suffix.len}, suffix);
}

size_t ut_str_find(ut_str s, ut_str needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from) {
        return UT_NPOS;
    }
    if (needle.len == 0) {
        return from;
    }
    const char *hit = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return hit ? (size_t)(hit - s.ptr) : UT_NPOS;
}

size_t ut_str_find_byte(ut_str s, char byte, size_t from)
{
    if (from >= s.len) {
        return UT_NPOS;
    }
    const char *hit = memchr(s.ptr + from, byte, s.len - from);
    return hit ? (size_t)(hit - s.ptr) : UT_NPOS;
}

bool ut_str_has(ut_str s, ut_str needle)
{
    return ut_str_find(s, needle, 0) != UT_NPOS;
}

size_t ut_str_find_nocase(ut_str s, ut_str needle, size_t from)
{
    for (size_t at = from; at <= s.len && needle.len <= s.len - at; at++) {
        if (ut_str_eq_nocase((ut_str){s.ptr + at, needle.len}, needle)) {
            return at;
        }
    }
    return UT_NPOS;
}

ut_str ut_str_slice(ut_str s, size_t from, size_t to)
{
    if (to > s.len) {
        to = s.len;
    }
    if (from >= to) {
        return (ut_str){0};
    }
    return (ut_str){s.ptr + from, to - from};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

ut_str ut_str_trim(ut_str s)
{
    while (s.len && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

ut_str ut_str_cut(ut_str *rest, char separator)
{
    size_t at = ut_str_find_byte(*rest, separator, 0);
    ut_str head = *rest;
    if (at == UT_NPOS) {
        *rest = (ut_str){0};
        return head;
    }
    head.len = at;
    *rest = (ut_str){rest->ptr + at + 1, rest->len - at - 1};
    return head;
}

bool ut_str_line(ut_str *rest, ut_str *ret_line)
{
    if (rest->len == 0) {
        return false;
    }
    ut_str line = ut_str_cut(rest, '\n');
    if (line.len && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    *ret_line = line;
    return true;
}

bool ut_str_to_i64(ut_str s, int64_t *ret)
{
    bool negative = s.len && s.ptr[0] == '-';
    size_t at = negative ? 1 : 0;
    if (at == s.len) {
        return false;
    }
    int64_t value = 0;
    for (; at < s.len; at++) {
        if (s.ptr[at] < '0' || s.ptr[at] > '9') {
            return false;
        }
        int digit = s.ptr[at] - '0';
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, digit, &value)) {
            return false;
        }
    }
    if (!negative && value == INT64_MIN) {
        return false;
    }
    *ret = negative ? value : -value;
    return true;
}

bool ut_str_to_f64(ut_str s, double *ret)
{
    char copy[64];
    if (s.len == 0 || s.len >= sizeof copy) {
        return false;
    }
    /* Decimal only: strtod would take "nan", "inf" and "0x1p3" too. */
    for (size_t i = 0; i < s.len; i++) {
        if (!memchr("0123456789+-.eE", s.ptr[i], 15)) {
            return false;
        }
    }
    memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    char *end;
    errno = 0;
    double value = strtod(copy, &end);
    if (end != copy + s.len || errno == ERANGE) {
        return false;
    }
    *ret = value;
    return true;
}

/* Length of the well-formed sequence at p (Unicode table 3-7), or 0. */
static size_t rune_len(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] < 0xC2 || p[0] > 0xF4) {
        return 0;
    }
    size_t len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (len > left) {
        return 0;
    }
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return len;
}

size_t ut_str_utf8_valid(ut_str s)
{
    size_t at = 0;
    while (at < s.len) {
        /* Eight ASCII bytes at a time: most text is. */
        uint64_t word;
        while (at + 8 <= s.len && (memcpy(&word, s.ptr + at, 8), (word & 0x8080808080808080u) == 0)) {
            at += 8;
        }
        if (at == s.len) {
            break;
        }
        size_t len = rune_len((const unsigned char *)s.ptr + at, s.len - at);
        if (len == 0) {
            break;
        }
        at += len;
    }
    return at;
}

uint32_t ut_str_next_rune(ut_str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t len = rune_len(p, s.len - *at);
    if (len == 0) {
        *at += 1;
        return 0xFFFD;
    }
    *at += len;
    switch (len) {
    case 1:
        return p[0];
    case 2:
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3:
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    default:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 |
               (p[3] & 0x3F);
    }
}

size_t ut_str_put_rune(char out[4], uint32_t rune)
{
    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) {
        rune = 0xFFFD;
    }
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    if (rune < 0x800) {
        out[0] = (char)(0xC0 | rune >> 6);
        out[1] = (char)(0x80 | (rune & 0x3F));
        return 2;
    }
    if (rune < 0x10000) {
        out[0] = (char)(0xE0 | rune >> 12);
        out[1] = (char)(0x80 | (rune >> 6 & 0x3F));
        out[2] = (char)(0x80 | (rune & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | rune >> 18);
    out[1] = (char)(0x80 | (rune >> 12 & 0x3F));
    out[2] = (char)(0x80 | (rune >> 6 & 0x3F));
    out[3] = (char)(0x80 | (rune & 0x3F));
    return 4;
}
