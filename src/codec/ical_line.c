/* codec/ical_line.c — content lines and the plain values of iCalendar: names, parameters, texts, times, lengths.
 *
 *     DTSTART;TZID="Europe/Berlin":20260105T10
 *      1500                                        a line that begins with a blank continues the one before
 *
 * Unfolding works on bytes, because programs fold in the middle of a UTF-8 character. Differs from the RFC where files
 * do: blanks around names and "=", lower-case T and Z, quotes that never close, lengths with weeks and days together.
 */
#include "codec/ical_int.h"
#include "codec/mime_int.h"

char ut_ical_eol(ut_str bytes)
{
    return ut_str_find_byte(bytes, '\n', 0) == UT_NPOS && ut_str_find_byte(bytes, '\r', 0) != UT_NPOS ? '\r' : '\n';
}

ut_ical_lines ut_ical_lines_of(ut_str bytes)
{
    return (ut_ical_lines){.bytes = bytes, .eol = ut_ical_eol(bytes), .text = ut_buf_make(UT_ICAL_VALUE_MAX)};
}

/* Appends the physical line at lines->at, `skip` bytes left out at its front; false when it did not fit. */
static bool take_physical(ut_ical_lines *lines, size_t skip)
{
    size_t end = ut_str_find_byte(lines->bytes, lines->eol, lines->at);
    size_t stop = end == UT_NPOS ? lines->bytes.len : end;
    ut_str line = ut_str_slice(lines->bytes, lines->at + skip, stop);
    if (line.len && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    lines->at = end == UT_NPOS ? stop : end + 1;
    size_t room = lines->text.cap - lines->text.len;
    ut_buf_put(&lines->text, ut_str_slice(line, 0, room));
    return line.len <= room;
}

/* The end of what stands before `stop` outside quotes; UT_NPOS when there is none. */
static size_t find_outside_quotes(ut_str text, char stop, size_t from)
{
    bool quoted = false;
    for (size_t i = from; i < text.len; i++) {
        quoted ^= text.ptr[i] == '"';
        if (!quoted && text.ptr[i] == stop) {
            return i;
        }
    }
    return UT_NPOS;
}

bool ut_ical_line_cut(ut_ical_line *ret, ut_str line)
{
    size_t colon = find_outside_quotes(line, ':', 0);
    colon = colon == UT_NPOS ? ut_str_find_byte(line, ':', 0) : colon;
    if (colon == UT_NPOS) {
        return false;
    }
    ut_str head = ut_str_slice(line, 0, colon);
    size_t semicolon = ut_str_find_byte(head, ';', 0);
    ret->name = ut_str_trim(ut_str_slice(head, 0, semicolon == UT_NPOS ? head.len : semicolon));
    ret->params = semicolon == UT_NPOS ? (ut_str){0} : ut_str_slice(head, semicolon + 1, head.len);
    ret->value = ut_str_slice(line, colon + 1, line.len);
    return true;
}

bool ut_ical_lines_next(ut_ical_lines *lines, ut_ical_line *ret)
{
    while (lines->at < lines->bytes.len) {
        ut_buf_clear(&lines->text);
        ut_ical_line line = {.byte = lines->at};
        line.cut = !take_physical(lines, 0);
        while (lines->at < lines->bytes.len &&
               (lines->bytes.ptr[lines->at] == ' ' || lines->bytes.ptr[lines->at] == '\t')) {
            line.cut |= !take_physical(lines, 1);
        }
        if (lines->text.failed) {
            return false;
        }
        if (ut_ical_line_cut(&line, ut_buf_str(&lines->text))) {
            *ret = line;
            return true;
        }
    }
    return false;
}

ut_str ut_ical_param(const ut_ical_line *line, const char *name)
{
    ut_str rest = line->params;
    while (rest.len) {
        size_t end = find_outside_quotes(rest, ';', 0);
        ut_str one = ut_str_slice(rest, 0, end == UT_NPOS ? rest.len : end);
        rest = end == UT_NPOS ? (ut_str){0} : ut_str_slice(rest, end + 1, rest.len);
        ut_str key = ut_str_cut(&one, '=');
        if (!ut_str_eq_nocase(ut_str_trim(key), ut_str_of(name))) {
            continue;
        }
        one = ut_str_trim(one);
        if (one.len && one.ptr[0] == '"') {
            size_t close = ut_str_find_byte(one, '"', 1);
            one = ut_str_slice(one, 1, close == UT_NPOS ? one.len : close);
        }
        return one;
    }
    return (ut_str){0};
}

static ut_str utf8(ut_arena *keep, ut_str bytes, ut_str charset)
{
    if (ut_str_utf8_valid(bytes) == bytes.len) {
        return ut_arena_copy(keep, bytes);
    }
    ut_buf text = ut_buf_make(4 * UT_ICAL_VALUE_MAX);
    ut_mime_to_utf8(&text, bytes, charset);
    ut_str copy = text.failed ? (ut_str){0} : ut_arena_copy(keep, ut_buf_str(&text));
    ut_buf_free(&text);
    return copy;
}

/* Takes the escapes out of `text` where it stands. */
static ut_str unescape(ut_str text, char *to, char mark)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == mark && i + 1 < text.len) {
            char next = text.ptr[i + 1];
            const char *from = mark == '\\' ? "nN;,\\\":" : "n^'";
            const char *into = mark == '\\' ? "\n\n;,\\\":" : "\n^\"";
            const char *hit = next ? strchr(from, next) : NULL;
            if (hit) {
                c = into[hit - from];
                i++;
            }
        }
        to[len++] = c;
    }
    return (ut_str){to, len};
}

static ut_str text_of(ut_arena *keep, ut_str value, ut_str charset, char mark)
{
    ut_str text = utf8(keep, value, charset);
    if (text.len == 0 || ut_str_find_byte(text, mark, 0) == UT_NPOS) {
        return text;
    }
    char *to = ut_arena_take_raw(keep, text.len, 1, 1);
    return to ? unescape(text, to, mark) : (ut_str){0};
}

ut_str ut_ical_text(ut_arena *keep, ut_str value, const ut_ical_line *line)
{
    return text_of(keep, value, ut_ical_param(line, "CHARSET"), '\\');
}

ut_str ut_ical_param_text(ut_arena *keep, ut_str value)
{
    return text_of(keep, value, (ut_str){0}, '^');
}

/* `count` digits at text[*at]; false when they are not there. */
static bool digits(ut_str text, size_t *at, size_t count, int *ret)
{
    int value = 0;
    if (text.len - *at < count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        char c = text.ptr[*at + i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *at += count;
    *ret = value;
    return true;
}

static bool civil_day(ut_str text, size_t *at, int64_t *ret_days)
{
    int year, month, day;
    if (!digits(text, at, 4, &year) || !digits(text, at, 2, &month) || !digits(text, at, 2, &day) || year < 1 ||
        month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    int64_t days = ut_time_days_of(year, month, day), back_year;
    int back_month, back_day;
    ut_time_civil_of(days, &back_year, &back_month, &back_day);
    *ret_days = days;
    return back_month == month; /* 30 February would have come out as March */
}

bool ut_ical_stamp_parse(ut_str text, ut_ical_time *ret, bool *ret_utc)
{
    size_t at = 0;
    int64_t days;
    int hour = 0, minute = 0, second = 0;
    text = ut_str_trim(text);
    if (!civil_day(text, &at, &days)) {
        return false;
    }
    bool is_date = at == text.len;
    bool utc = false;
    if (!is_date) {
        if (ut_lower(text.ptr[at++]) != 't' || !digits(text, &at, 2, &hour) || !digits(text, &at, 2, &minute)) {
            return false;
        }
        bool with_seconds = at < text.len && ut_lower(text.ptr[at]) != 'z';
        if (with_seconds && !digits(text, &at, 2, &second)) {
            return false;
        }
        utc = at < text.len && ut_lower(text.ptr[at]) == 'z';
        at += utc;
        if (at != text.len || hour > 23 || minute > 59 || second > 60) {
            return false;
        }
    }
    second = second == 60 ? 59 : second;
    ret->local_us = days * UT_DAY_US + (hour * 3600 + minute * 60 + second) * UT_SECOND_US;
    ret->is_date = is_date;
    *ret_utc = utc;
    return true;
}

bool ut_ical_span_parse(ut_str text, ut_ical_span *ret)
{
    text = ut_str_trim(text);
    int64_t sign = ut_str_starts(text, UT_STR("-")) ? -1 : 1;
    size_t at = text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');
    if (at >= text.len || ut_lower(text.ptr[at++]) != 'p') {
        return false;
    }
    ut_ical_span span = {0};
    bool in_time = false, any = false;
    while (at < text.len) {
        if (ut_lower(text.ptr[at]) == 't' && !in_time) {
            in_time = true;
            at++;
            continue;
        }
        int64_t value = 0;
        size_t from = at;
        while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && at - from < 9) {
            value = value * 10 + (text.ptr[at++] - '0');
        }
        if (at == from || at == text.len) {
            return false;
        }
        char unit = ut_lower(text.ptr[at++]);
        if (!in_time && (unit == 'w' || unit == 'd')) {
            span.days += value * (unit == 'w' ? 7 : 1);
        } else if (in_time && (unit == 'h' || unit == 'm' || unit == 's')) {
            span.seconds += value * (unit == 'h' ? 3600 : unit == 'm' ? 60 : 1);
        } else {
            return false;
        }
        any = true;
    }
    /* A century: what is longer is a mistake, and would leave the range of times. */
    if (!any || span.days > 36525 || span.seconds > 36525 * INT64_C(86400)) {
        return false;
    }
    *ret = (ut_ical_span){sign * span.days, sign * span.seconds};
    return true;
}

bool ut_ical_offset_parse(ut_str text, int64_t *ret_seconds)
{
    text = ut_str_trim(text);
    int hour, minute, second = 0;
    size_t at = 1;
    if (text.len < 5 || (text.ptr[0] != '+' && text.ptr[0] != '-') || !digits(text, &at, 2, &hour) ||
        !digits(text, &at, 2, &minute) || (at < text.len && !digits(text, &at, 2, &second)) || at != text.len ||
        hour > 24 || minute > 59 || second > 59) {
        return false;
    }
    int64_t seconds = hour * 3600 + minute * 60 + second;
    *ret_seconds = text.ptr[0] == '-' ? -seconds : seconds;
    return true;
}

int64_t ut_ical_span_end(const ut_ical_time *start, ut_ical_span span)
{
    int64_t at_us = start->at_us;
    if (span.days) {
        at_us = ut_ical_zone_to_utc(start->zone, start->local_us + span.days * UT_DAY_US);
    }
    int64_t end_us = at_us + span.seconds * UT_SECOND_US;
    return end_us < start->at_us ? start->at_us : end_us;
}
