/* codec/mail_date.c — reads a date word by word; each word says by its shape what it is.
 *
 * GMime could do this, but its answer is a GDateTime made with the system's zone tables, it takes 70 and not 50 as the
 * turn of two-digit years, and the mbox splitter needs the same grammar in a process that never touches GLib.
 */
#include "codec/mail_date.h"

/* No real date is longer, its comments aside ("Wednesday, 30 September 2026 10:00:00 +0100 CEST"). */
#define DATE_BYTES_MAX 128

typedef struct ut_date_parts {
    int day, month, hour, minute, second; /* -1 = not seen */
    int64_t year;                         /* -1 = not seen */
    int64_t zone_us;                      /* east of Greenwich */
    bool zone_seen;
    bool afternoon, forenoon; /* PM, AM */
    bool strange;             /* a word that is no part of a date */
    bool broken;              /* a value out of range, or given twice */
} ut_date_parts;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads up to 9 digits; -1 when there are none. */
static int64_t take_number(ut_str *rest, size_t *ret_digits)
{
    int64_t value = 0;
    size_t n = 0;
    while (n < rest->len && n < 9 && is_digit(rest->ptr[n])) {
        value = value * 10 + (rest->ptr[n] - '0');
        n++;
    }
    *rest = ut_str_slice(*rest, n, rest->len);
    *ret_digits = n;
    return n ? value : -1;
}

/* 1..12, or 0. Full names and abbreviations begin with the same three letters. */
static int month_of(ut_str word)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (word.len < 3 || word.len > 9) {
        return 0;
    }
    for (int i = 0; i < 12; i++) {
        if (ut_str_eq_nocase(ut_str_slice(word, 0, 3), (ut_str){names + (size_t)i * 3, 3})) {
            return i + 1;
        }
    }
    return 0;
}

static bool is_weekday(ut_str word)
{
    static const char names[] = "montuewedthufrisatsun";
    if (word.len < 3 || word.len > 9) {
        return false;
    }
    for (size_t i = 0; i < 7; i++) {
        if (ut_str_eq_nocase(ut_str_slice(word, 0, 3), (ut_str){names + i * 3, 3})) {
            return true;
        }
    }
    return false;
}

/* The zones of RFC 5322, and the European ones that programs write all the same. */
static bool zone_name(ut_str word, int64_t *ret_us)
{
    static const struct {
        const char *name;
        int minutes;
    } zones[] = {
        {"GMT", 0},    {"UT", 0},     {"UTC", 0},    {"Z", 0},      {"EST", -300}, {"EDT", -240},
        {"CST", -360}, {"CDT", -300}, {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420},
        {"WET", 0},    {"WEST", 60},  {"BST", 60},   {"CET", 60},   {"MET", 60},   {"CEST", 120},
        {"MEST", 120}, {"EET", 120},  {"EEST", 180}, {"MSK", 180},  {"JST", 540},  {"AEST", 600},
    };
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        if (ut_str_eq_nocase(word, ut_str_of(zones[i].name))) {
            *ret_us = zones[i].minutes * UT_MINUTE_US;
            return true;
        }
    }
    return false;
}

static void set_zone(ut_date_parts *date, int64_t offset_us)
{
    /* A second zone ("+0100 CET") repeats the first one; the number comes first and is exact. */
    if (!date->zone_seen) {
        date->zone_us = offset_us;
        date->zone_seen = true;
    }
}

/* "+0100", "+01:00", "+01"; what follows a zone name as in "GMT+0100" comes here too. */
static bool take_offset(ut_date_parts *date, ut_str word)
{
    if (word.len < 2 || (word.ptr[0] != '+' && word.ptr[0] != '-')) {
        return false;
    }
    int64_t sign = word.ptr[0] == '-' ? -1 : 1;
    ut_str rest = ut_str_slice(word, 1, word.len);
    size_t digits;
    int64_t value = take_number(&rest, &digits);
    int64_t hours = digits <= 2 ? value : value / 100;
    int64_t minutes = digits <= 2 ? 0 : value % 100;
    if (digits >= 1 && digits <= 2 && rest.len == 3 && rest.ptr[0] == ':') {
        rest = ut_str_slice(rest, 1, rest.len);
        minutes = take_number(&rest, &digits);
        digits = digits == 2 ? 4 : 0;
    }
    if (digits == 0 || digits > 4 || rest.len) {
        return false;
    }
    /* "+9900" is no place on earth: the time is then taken as UTC rather than shifted by days. */
    bool believable = hours <= 15 && minutes < 60;
    set_zone(date, believable ? sign * (hours * UT_HOUR_US + minutes * UT_MINUTE_US) : 0);
    return true;
}

/* "10:00", "10:00:00", "10:00:00.123". */
static bool take_time(ut_date_parts *date, ut_str word)
{
    int64_t parts[3] = {0, 0, 0};
    size_t digits;
    int n = 0;
    while (n < 3) {
        parts[n] = take_number(&word, &digits);
        if (digits == 0 || digits > 2) {
            return false;
        }
        n++;
        if (!word.len || word.ptr[0] != ':') {
            break;
        }
        word = ut_str_slice(word, 1, word.len);
    }
    if (n < 2 || (word.len && word.ptr[0] != '.')) {
        return false;
    }
    date->broken |= date->hour >= 0 || parts[0] > 23 || parts[1] > 59 || parts[2] > 60;
    date->hour = (int)parts[0];
    date->minute = (int)parts[1];
    date->second = (int)parts[2] > 59 ? 59 : (int)parts[2];
    return true;
}

static void set_year(ut_date_parts *date, int64_t value, size_t digits)
{
    date->broken |= date->year >= 0;
    if (digits <= 2) {
        value += value < 50 ? 2000 : 1900;
    } else if (digits == 3) {
        value += 1900; /* programs that printed tm_year: RFC 5322, section 4.3 */
    }
    date->year = value;
}

/* A bare number: the day first, then the year; four digits can only be a year. */
static bool take_bare(ut_date_parts *date, ut_str word)
{
    size_t digits;
    int64_t value = take_number(&word, &digits);
    if (digits == 0 || digits > 4 || word.len) {
        return false;
    }
    if (digits <= 2 && date->day < 0) {
        date->day = (int)value;
    } else {
        set_year(date, value, digits);
    }
    return true;
}

/* "05-Jan-1998", "5-Jan-98". */
static bool take_joined(ut_date_parts *date, ut_str word)
{
    ut_str day = ut_str_cut(&word, '-');
    ut_str month = ut_str_cut(&word, '-');
    int number = month_of(month);
    if (!number || !word.len || date->day >= 0) {
        return false;
    }
    if (!take_bare(date, day) || !take_bare(date, word)) {
        return false;
    }
    date->month = number;
    return true;
}

static bool take_letters(ut_date_parts *date, ut_str word)
{
    int month = month_of(word);
    int64_t zone_us;
    if (month && date->month < 0) {
        date->month = month;
    } else if (is_weekday(word)) {
        /* Weekdays are often wrong: never read, never believed. */
    } else if (zone_name(word, &zone_us)) {
        set_zone(date, zone_us);
    } else if (ut_str_eq_nocase(word, UT_STR("PM"))) {
        date->afternoon = true;
    } else if (ut_str_eq_nocase(word, UT_STR("AM"))) {
        date->forenoon = true;
    } else if (word.len > 4 && ut_str_starts_nocase(word, UT_STR("GMT")) &&
               take_offset(date, ut_str_slice(word, 3, word.len))) {
        /* "GMT+0100" */
    } else {
        return false;
    }
    return true;
}

static void take_word(ut_date_parts *date, ut_str word)
{
    char first = word.ptr[0];
    bool known = false;
    if (is_digit(first)) {
        known = take_time(date, word) || take_bare(date, word) || take_joined(date, word);
    } else if (first == '+' || first == '-') {
        known = take_offset(date, word);
    } else {
        known = take_letters(date, word);
    }
    date->strange |= !known;
}

static bool is_gap(char c)
{
    return c == ' ' || c == '\t' || c == ',' || c == '\r' || c == '\n';
}

/* Skips a comment with what is nested in it; the position after it, or the end. */
static size_t skip_comment(ut_str text, size_t at)
{
    int depth = 0;
    for (; at < text.len; at++) {
        depth += text.ptr[at] == '(' ? 1 : text.ptr[at] == ')' ? -1 : 0;
        if (depth == 0) {
            return at + 1;
        }
    }
    return at;
}

/* The text without comments and without blanks around colons ("09 : 55 : 06" is obsolete but legal); returns its
 * length. What is longer than any date is cut. */
static size_t tidy(char out[DATE_BYTES_MAX], ut_str text)
{
    size_t len = 0;
    for (size_t at = 0; at < text.len && len < DATE_BYTES_MAX;) {
        char c = text.ptr[at];
        if (c == '(') {
            at = skip_comment(text, at);
            c = ' ';
        } else {
            at++;
        }
        c = is_gap(c) ? ' ' : c;
        if (c == ' ' && (len == 0 || out[len - 1] == ' ' || out[len - 1] == ':')) {
            continue;
        }
        len -= c == ':' && len && out[len - 1] == ' ';
        out[len++] = c;
    }
    return len;
}

/* A strict reader stops at the first strange word: the splitter asks often, and the answer is mostly no. */
static void take_words(ut_date_parts *date, ut_str text, bool strict)
{
    char flat[DATE_BYTES_MAX];
    ut_str rest = {flat, tidy(flat, text)};
    date->strange |= rest.len == DATE_BYTES_MAX;
    while (rest.len && !(strict && date->strange)) {
        ut_str word = ut_str_cut(&rest, ' ');
        if (word.len) {
            take_word(date, word);
        }
    }
}

static int days_in(int64_t year, int month)
{
    int64_t first = ut_time_days_of(year, month, 1);
    int64_t next = month == 12 ? ut_time_days_of(year + 1, 1, 1) : ut_time_days_of(year, month + 1, 1);
    return (int)(next - first);
}

static bool finish(ut_date_parts *date, int64_t *ret_us)
{
    if (date->broken || date->day < 1 || date->month < 1 || date->year < 1900 || date->hour < 0 ||
        date->day > days_in(date->year, date->month)) {
        return false;
    }
    int hour = date->hour;
    if (date->afternoon && hour < 12) {
        hour += 12;
    } else if (date->forenoon && hour == 12) {
        hour = 0;
    }
    int64_t seconds = hour * 3600 + date->minute * 60 + date->second;
    *ret_us = ut_time_days_of(date->year, date->month, date->day) * UT_DAY_US + seconds * UT_SECOND_US - date->zone_us;
    return true;
}

static bool parse(ut_str text, bool strict, int64_t *ret_us)
{
    ut_date_parts date = {.day = -1, .month = -1, .hour = -1, .year = -1};
    take_words(&date, text, strict);
    return !(strict && date.strange) && finish(&date, ret_us);
}

/* "2026-01-05 10:00:00 +0100": the ISO order with blanks, which mail programs in scripts like to write. */
static bool parse_iso(ut_str text, int64_t *ret_us)
{
    text = ut_str_trim(text);
    if (text.len < 19 || text.ptr[4] != '-' || text.len > 40) {
        return false;
    }
    char joined[48];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (i == 10 && text.ptr[i] == ' ') {
            joined[len++] = 'T';
        } else if (text.ptr[i] != ' ') {
            joined[len++] = text.ptr[i];
        }
    }
    return ut_time_parse((ut_str){joined, len}, ret_us);
}

bool ut_mail_date_parse(ut_str text, int64_t *ret_us)
{
    return parse_iso(text, ret_us) || parse(text, false, ret_us);
}

bool ut_mail_date_strict(ut_str text, int64_t *ret_us)
{
    return parse(text, true, ret_us);
}
