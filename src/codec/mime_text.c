/* codec/mime_text.c — bytes of a mail to UTF-8, whatever the mail says they are.
 *
 * What a mail claims about its character set is often wrong, and always in the same ways: nothing, us-ascii or utf-8 is
 * said and windows-1252 is meant; iso-8859-1 is said and windows-1252 is meant; an old name of an East Asian set is
 * said and the vendor's superset is meant. Rules: valid UTF-8 stays; other bytes are windows-1252; iso-8859-1 is read
 * as windows-1252; other names go to iconv, and when more than one byte in ten does not fit, the claim is not believed.
 */
#include "codec/mime_int.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#define CHARSET_NAME_MAX 40

/* 0x80–0x9F of windows-1252; the five holes keep their C1 value, as browsers do. */
static const uint16_t cp1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static void put_rune(ut_buf *to, uint32_t rune)
{
    char bytes[4];
    if (rune == 0) {
        return;
    }
    if (rune >= 0x80 && rune < 0xA0) {
        rune = cp1252[rune - 0x80];
    }
    size_t n = ut_str_put_rune(bytes, rune);
    ut_buf_put(to, (ut_str){bytes, n});
}

/* true when nothing in valid UTF-8 needs a hand: no NUL, no C1 control. */
static bool is_clean(ut_str text)
{
    if (ut_str_find_byte(text, '\0', 0) != UT_NPOS) {
        return false;
    }
    for (size_t at = ut_str_find_byte(text, '\xC2', 0); at != UT_NPOS; at = ut_str_find_byte(text, '\xC2', at + 1)) {
        if (at + 1 < text.len && (unsigned char)text.ptr[at + 1] < 0xA0) {
            return false;
        }
    }
    return true;
}

void ut_mime_repair(ut_buf *to, ut_str bytes)
{
    while (bytes.len) {
        ut_str good = ut_str_slice(bytes, 0, ut_str_utf8_valid(bytes));
        if (is_clean(good)) {
            ut_buf_put(to, good);
        } else {
            for (size_t at = 0; at < good.len;) {
                put_rune(to, ut_str_next_rune(good, &at));
            }
        }
        bytes = ut_str_slice(bytes, good.len, bytes.len);
        if (bytes.len) {
            put_rune(to, (unsigned char)bytes.ptr[0]);
            bytes = ut_str_slice(bytes, 1, bytes.len);
        }
    }
}

static void from_cp1252(ut_buf *to, ut_str bytes)
{
    size_t from = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if (c >= 0x80 || c == 0) {
            ut_buf_put(to, ut_str_slice(bytes, from, i));
            put_rune(to, c);
            from = i + 1;
        }
    }
    ut_buf_put(to, ut_str_slice(bytes, from, bytes.len));
}

typedef enum ut_charset { CHARSET_UTF8, CHARSET_1252, CHARSET_ICONV } ut_charset;

/* Sorts a claimed name; writes what iconv is to be asked for. */
static ut_charset sort_charset(char ret_name[CHARSET_NAME_MAX + 1], ut_str claimed)
{
    static const char *const utf8[] = {
        "utf-8",   "utf8",    "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown",
        "unknown", "default", "8bit",     "7bit",  "binary",         "none",         "unicode-1-1-utf-8"};
    static const char *const latin[] = {"iso-8859-1",
                                        "iso8859-1",
                                        "iso_8859-1",
                                        "latin1",
                                        "latin-1",
                                        "windows-1252",
                                        "cp1252",
                                        "cp-1252",
                                        "x-ansi",
                                        "ansi",
                                        "iso-8859-1-windows-3.1-latin-1"};
    static const char *const supersets[][2] = {
        {"ks_c_5601-1987", "CP949"},
        {"ks_c_5601", "CP949"},
        {"euc-kr", "CP949"},
        {"gb2312", "GB18030"},
        {"gbk", "GB18030"},
        {"x-gbk", "GB18030"},
        {"big5", "CP950"},
        {"shift_jis", "CP932"},
        {"shift-jis", "CP932"},
        {"sjis", "CP932"},
        {"x-sjis", "CP932"},
        {"iso-8859-9", "CP1254"},
        {"tis-620", "CP874"},
        {"iso-8859-8-i", "CP1255"},
        {"iso-8859-8", "CP1255"},
        {"x-mac-roman", "MACINTOSH"},
        {"iso-2022-jp", "ISO-2022-JP-3"},
    };
    claimed = ut_str_trim(claimed);
    if (claimed.len == 0 || claimed.len > CHARSET_NAME_MAX) {
        return CHARSET_UTF8;
    }
    for (size_t i = 0; i < claimed.len; i++) {
        char c = ut_lower(claimed.ptr[i]);
        /* Slashes would be options to iconv. */
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || memchr("-_.:+()", c, 7);
        if (!fits) {
            return CHARSET_UTF8;
        }
        ret_name[i] = c;
    }
    ret_name[claimed.len] = '\0';
    for (size_t i = 0; i < sizeof utf8 / sizeof *utf8; i++) {
        if (strcmp(ret_name, utf8[i]) == 0) {
            return CHARSET_UTF8;
        }
    }
    for (size_t i = 0; i < sizeof latin / sizeof *latin; i++) {
        if (strcmp(ret_name, latin[i]) == 0) {
            return CHARSET_1252;
        }
    }
    for (size_t i = 0; i < sizeof supersets / sizeof *supersets; i++) {
        if (strcmp(ret_name, supersets[i][0]) == 0) {
            (void)snprintf(ret_name, CHARSET_NAME_MAX + 1, "%s", supersets[i][1]);
            break;
        }
    }
    return CHARSET_ICONV;
}

/* Converts; false when the claim does not fit the bytes. What was appended then is the caller's to take back. */
static bool convert(ut_buf *to, ut_str bytes, iconv_t how)
{
    char chunk[4096];
    /* iconv's signature takes char **; it does not write through it. */
    char *in = (char *)(uintptr_t)bytes.ptr;
    size_t in_left = bytes.len;
    size_t misfits = 0;
    bool flushed = false;
    while (!flushed && to->failed == UT_OK) {
        char *out = chunk;
        size_t out_left = sizeof chunk;
        flushed = in_left == 0;
        size_t got = flushed ? iconv(how, NULL, NULL, &out, &out_left) : iconv(how, &in, &in_left, &out, &out_left);
        int why = got == (size_t)-1 ? errno : 0;
        ut_mime_repair(to, (ut_str){chunk, sizeof chunk - out_left});
        if (flushed || why == 0 || why == E2BIG) {
            continue;
        }
        misfits++;
        put_rune(to, 0xFFFD);
        in++;
        in_left--;
    }
    return misfits * 10 <= bytes.len;
}

void ut_mime_to_utf8(ut_buf *to, ut_str bytes, ut_str charset)
{
    char name[CHARSET_NAME_MAX + 1];
    switch (sort_charset(name, charset)) {
    case CHARSET_1252:
        from_cp1252(to, bytes);
        return;
    case CHARSET_UTF8:
        ut_mime_repair(to, bytes);
        return;
    case CHARSET_ICONV:
        break;
    }
    iconv_t how = iconv_open("UTF-8", name);
    if (how == (iconv_t)-1) {
        ut_mime_repair(to, bytes);
        return;
    }
    size_t before = to->len;
    bool believed = convert(to, bytes, how);
    (void)iconv_close(how);
    if (!believed && to->failed == UT_OK) {
        to->len = before;
        ut_mime_repair(to, bytes);
    }
}

/* Lines --------------------------------------------------------------------------------------------------------------
 */

/* The next line, ended by LF, CRLF, CR or CRCRLF. */
static bool next_line(ut_str *rest, ut_str *ret)
{
    if (rest->len == 0) {
        return false;
    }
    size_t end = ut_str_find_byte(*rest, '\n', 0);
    ut_str line = ut_str_slice(*rest, 0, end);
    size_t next = end == UT_NPOS ? rest->len : end + 1;
    while (line.len && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    size_t cr = ut_str_find_byte(line, '\r', 0);
    if (cr != UT_NPOS) {
        line.len = cr;
        next = cr + 1;
    }
    *ret = line;
    *rest = ut_str_slice(*rest, next, rest->len);
    return true;
}

/* Cuts the quote signs and the stuffed blank; returns the quote depth. */
static size_t cut_quote(ut_str *line)
{
    size_t depth = 0;
    while (depth < line->len && line->ptr[depth] == '>') {
        depth++;
    }
    size_t from = depth < line->len && line->ptr[depth] == ' ' ? depth + 1 : depth;
    *line = ut_str_slice(*line, from, line->len);
    return depth;
}

static void put_quote(ut_buf *to, size_t depth)
{
    for (size_t i = 0; i < depth; i++) {
        ut_buf_byte(to, '>');
    }
    if (depth) {
        ut_buf_byte(to, ' ');
    }
}

static void put_flowed(ut_buf *to, ut_str text, bool delsp)
{
    ut_str line;
    bool open = false; /* the last line goes on */
    size_t open_depth = 0;
    while (next_line(&text, &line)) {
        size_t depth = cut_quote(&line);
        bool signature = ut_str_eq(line, UT_STR("-- "));
        bool flows = line.len && line.ptr[line.len - 1] == ' ' && !signature;
        bool joins = open && depth == open_depth && !signature;
        if (open && !joins) {
            ut_buf_byte(to, '\n');
        }
        if (!joins) {
            put_quote(to, depth);
        }
        ut_buf_put(to, ut_str_slice(line, 0, flows && delsp ? line.len - 1 : line.len));
        if (!flows) {
            ut_buf_byte(to, '\n');
        }
        open = flows;
        open_depth = depth;
    }
    if (open) {
        ut_buf_byte(to, '\n');
    }
}

void ut_mime_put_plain(ut_buf *to, ut_str text, bool flowed, bool delsp)
{
    if (flowed) {
        put_flowed(to, text, delsp);
        return;
    }
    if (ut_str_find_byte(text, '\r', 0) == UT_NPOS) {
        ut_buf_put(to, text);
        return;
    }
    bool ends = text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r';
    ut_str line;
    while (next_line(&text, &line)) {
        ut_buf_put(to, line);
        if (text.len || ends) {
            ut_buf_byte(to, '\n');
        }
    }
}

bool ut_mime_put_capped(ut_buf *to, ut_str text)
{
    size_t room = to->cap - to->len;
    if (text.len <= room) {
        ut_buf_put(to, text);
        return true;
    }
    while (room > 0 && ((unsigned char)text.ptr[room] & 0xC0) == 0x80) {
        room--;
    }
    ut_buf_put(to, ut_str_slice(text, 0, room));
    return false;
}
