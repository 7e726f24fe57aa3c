/* codec/mime_fields.c — header fields: where they begin and end, and what those say that need no MIME decoding.
 *
 * GMime could cut them too. It is done here because the line and block limits must hold before GMime sees a byte, and
 * because a mail whose body is not wanted then costs no object tree at all. Folds (RFC 5322, 2.2.3) are kept in the cut
 * values and taken out on use. Lines that are no field ("From …", ">From …", junk) are passed over.
 */
#include "codec/mail_date.h"
#include "codec/mime_int.h"

/* Message-IDs longer than a line of RFC 5322 may be are taken as missing, so that a key stays a key. */
#define ID_BYTES_MAX 998

static const struct {
    const char *name;
    ut_field_kind kind;
} names[] = {
    {"From", UT_FIELD_FROM},
    {"Sender", UT_FIELD_SENDER},
    {"To", UT_FIELD_TO},
    {"Cc", UT_FIELD_CC},
    {"Bcc", UT_FIELD_BCC},
    {"Message-ID", UT_FIELD_MESSAGE_ID},
    {"References", UT_FIELD_REFERENCES},
    {"In-Reply-To", UT_FIELD_IN_REPLY_TO},
    {"Subject", UT_FIELD_SUBJECT},
    {"Date", UT_FIELD_DATE},
    {"Received", UT_FIELD_RECEIVED},
    {"List-Id", UT_FIELD_LIST_ID},
    {"List-Post", UT_FIELD_LIST_POST},
    {"List-Unsubscribe", UT_FIELD_LIST_UNSUBSCRIBE},
    {"Auto-Submitted", UT_FIELD_AUTO_SUBMITTED},
    {"X-Auto-Response-Suppress", UT_FIELD_AUTO_SUPPRESS},
    {"Precedence", UT_FIELD_PRECEDENCE},
    {"Return-Path", UT_FIELD_RETURN_PATH},
    {"Content-Type", UT_FIELD_CONTENT_TYPE},
    {"Content-Transfer-Encoding", UT_FIELD_CONTENT_ENCODING},
    {"Content-Disposition", UT_FIELD_CONTENT_DISPOSITION},
    {"Content-Class", UT_FIELD_CONTENT_CLASS},
};

static ut_field_kind kind_of(ut_str name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        /* Asked for every field of every mail: most names are told apart by their first letter. */
        if (ut_lower(names[i].name[0]) == ut_lower(name.ptr[0]) && ut_str_eq_nocase(name, ut_str_of(names[i].name))) {
            return names[i].kind;
        }
    }
    return UT_FIELDS;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* One line at `at`, its line end included. */
static size_t line_stop(ut_str s, size_t at)
{
    size_t end = ut_str_find_byte(s, '\n', at);
    return end == UT_NPOS ? s.len : end + 1;
}

static bool is_empty_line(ut_str s, size_t at, size_t stop)
{
    size_t len = stop - at;
    return (len == 1 && s.ptr[at] == '\n') || (len == 2 && s.ptr[at] == '\r' && s.ptr[at + 1] == '\n');
}

/* The name before the colon; empty when the line is no field. */
static ut_str name_of(ut_str line)
{
    size_t n = 0;
    while (n < line.len && line.ptr[n] > ' ' && line.ptr[n] != ':' && line.ptr[n] != 127) {
        n++;
    }
    size_t colon = n;
    while (colon < line.len && is_blank(line.ptr[colon])) {
        colon++;
    }
    return colon < line.len && line.ptr[colon] == ':' ? ut_str_slice(line, 0, n) : (ut_str){0};
}

static ut_str without_line_end(ut_str s)
{
    if (s.len && s.ptr[s.len - 1] == '\n') {
        s.len--;
    }
    if (s.len && s.ptr[s.len - 1] == '\r') {
        s.len--;
    }
    return s;
}

bool ut_fields_next(ut_str *rest, ut_field *ret)
{
    while (rest->len) {
        size_t first = line_stop(*rest, 0);
        size_t stop = first;
        while (stop < rest->len && is_blank(rest->ptr[stop])) {
            stop = line_stop(*rest, stop);
        }
        ut_str field = ut_str_slice(*rest, 0, stop);
        ut_str name = name_of(ut_str_slice(*rest, 0, first));
        *rest = ut_str_slice(*rest, stop, rest->len);
        if (name.len) {
            size_t colon = ut_str_find_byte(field, ':', name.len);
            *ret = (ut_field){kind_of(name), without_line_end(ut_str_slice(field, colon + 1, field.len))};
            return true;
        }
    }
    return false;
}

/* Leading empty lines are no header: some exports begin with one. */
static size_t skip_leading(ut_str mail)
{
    size_t at = ut_str_starts(mail, UT_STR("\xEF\xBB\xBF")) ? 3 : 0;
    while (at < mail.len && (mail.ptr[at] == '\n' || mail.ptr[at] == '\r')) {
        at++;
    }
    return at;
}

/* Where the empty line starts that ends the block at `at`, or the end. */
static size_t block_stop(ut_str mail, size_t at)
{
    while (at < mail.len) {
        size_t stop = line_stop(mail, at);
        if (is_empty_line(mail, at, stop)) {
            return at;
        }
        at = stop;
    }
    return mail.len;
}

size_t ut_mime_header_length(ut_str mail)
{
    size_t stop = block_stop(mail, skip_leading(mail));
    return stop < mail.len ? line_stop(mail, stop) : stop;
}

ut_status ut_fields_scan(ut_fields *ret, ut_str mail, ut_err *err)
{
    size_t begin = skip_leading(mail);
    size_t stop = block_stop(mail, begin);
    ut_fields fields = {.block = ut_str_slice(mail, begin, stop)};
    fields.body = stop < mail.len ? line_stop(mail, stop) : stop;
    if (fields.block.len > UT_HEADER_BLOCK_MAX) {
        ut_status st = ut_fail(err, UT_LIMIT, "the header block has %zu bytes, at most %zu are taken", fields.block.len,
                               UT_HEADER_BLOCK_MAX);
        if (err) {
            err->byte = (int64_t)(begin + UT_HEADER_BLOCK_MAX);
        }
        return st;
    }
    ut_str rest = fields.block;
    ut_field field;
    while (ut_fields_next(&rest, &field)) {
        if (field.value.len > UT_HEADER_LINE_MAX) {
            ut_status st = ut_fail(err, UT_LIMIT, "a header field has %zu bytes, at most %zu are taken",
                                   field.value.len, UT_HEADER_LINE_MAX);
            if (err) {
                err->byte = (int64_t)(field.value.ptr - mail.ptr);
            }
            return st;
        }
        fields.count++;
        if (field.kind < UT_FIELDS && !fields.seen[field.kind]) {
            fields.first[field.kind] = field.value;
            fields.seen[field.kind] = true;
        }
    }
    if (fields.count == 0) {
        ut_status st = ut_fail(err, UT_INVALID, "no header field (\"From: …\") before the first empty line");
        if (err) {
            err->byte = (int64_t)begin;
        }
        return st;
    }
    *ret = fields;
    return UT_OK;
}

void ut_fields_unfold(ut_buf *to, ut_str value)
{
    ut_buf flat = ut_buf_make(UT_HEADER_LINE_MAX + 1);
    while (value.len) {
        size_t n = 0;
        while (n < value.len && value.ptr[n] != '\r' && value.ptr[n] != '\n' && value.ptr[n] != '\0') {
            n++;
        }
        ut_buf_put(&flat, ut_str_slice(value, 0, n));
        value = ut_str_slice(value, n < value.len ? n + 1 : n, value.len);
    }
    if (flat.failed != UT_OK) {
        to->failed = flat.failed;
    } else {
        ut_mime_repair(to, ut_str_trim(ut_buf_str(&flat)));
    }
    ut_buf_free(&flat);
}

static ut_str as_id(ut_str s)
{
    s = ut_str_trim(s);
    if (s.len == 0 || s.len > ID_BYTES_MAX || ut_str_utf8_valid(s) != s.len) {
        return (ut_str){0};
    }
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == '<' || s.ptr[i] == '>') {
            return (ut_str){0};
        }
    }
    return s;
}

ut_str ut_fields_first_id(ut_str value)
{
    size_t from = ut_str_find_byte(value, '<', 0);
    if (from == UT_NPOS) {
        return as_id(value);
    }
    size_t to = ut_str_find_byte(value, '>', from);
    return to == UT_NPOS ? (ut_str){0} : as_id(ut_str_slice(value, from + 1, to));
}

ut_str ut_fields_last_id(ut_str value)
{
    for (size_t to = value.len; to > 0; to--) {
        if (value.ptr[to - 1] != '>') {
            continue;
        }
        size_t from = to - 1;
        while (from > 0 && value.ptr[from - 1] != '<' && value.ptr[from - 1] != '>') {
            from--;
        }
        ut_str id = from > 0 && value.ptr[from - 1] == '<' ? as_id(ut_str_slice(value, from, to - 1)) : (ut_str){0};
        if (id.len) {
            return id;
        }
        to = from + 1; /* the loop goes on before this one */
    }
    return (ut_str){0};
}

ut_str ut_fields_list_id(ut_str value)
{
    size_t to = ut_str_find_byte(value, '>', 0);
    size_t from = ut_str_find_byte(value, '<', 0);
    if (from != UT_NPOS && to != UT_NPOS && from < to) {
        return as_id(ut_str_slice(value, from + 1, to));
    }
    return as_id(value);
}

int64_t ut_fields_date(const ut_fields *fields)
{
    int64_t at_us;
    if (fields->seen[UT_FIELD_DATE] && ut_mail_date_parse(fields->first[UT_FIELD_DATE], &at_us)) {
        return at_us;
    }
    /* Each server puts its line on top, so the first one is the newest; its date stands after the last semicolon. */
    ut_str rest = fields->block;
    ut_field field;
    while (ut_fields_next(&rest, &field)) {
        if (field.kind != UT_FIELD_RECEIVED) {
            continue;
        }
        const char *semicolon = field.value.len ? memrchr(field.value.ptr, ';', field.value.len) : NULL;
        size_t from = semicolon ? (size_t)(semicolon - field.value.ptr) + 1 : 0;
        if (semicolon && ut_mail_date_parse(ut_str_slice(field.value, from, field.value.len), &at_us)) {
            return at_us;
        }
    }
    return INT64_MIN;
}

/* Machines -----------------------------------------------------------------------------------------------------------
 */

static bool value_starts(const ut_fields *fields, ut_field_kind kind, const char *prefix)
{
    return fields->seen[kind] && ut_str_starts_nocase(ut_str_trim(fields->first[kind]), ut_str_of(prefix));
}

static bool is_auto_submitted(const ut_fields *fields)
{
    if (fields->seen[UT_FIELD_AUTO_SUBMITTED] && !value_starts(fields, UT_FIELD_AUTO_SUBMITTED, "no")) {
        return true;
    }
    if (fields->seen[UT_FIELD_AUTO_SUPPRESS] || value_starts(fields, UT_FIELD_PRECEDENCE, "auto_reply")) {
        return true;
    }
    /* Mailing lists send people's mail as "bulk" too. */
    bool mass = value_starts(fields, UT_FIELD_PRECEDENCE, "junk") || value_starts(fields, UT_FIELD_PRECEDENCE, "bulk");
    return mass && !fields->seen[UT_FIELD_LIST_ID];
}

static bool is_report(const ut_fields *fields)
{
    if (value_starts(fields, UT_FIELD_CONTENT_TYPE, "multipart/report")) {
        return true;
    }
    return fields->seen[UT_FIELD_RETURN_PATH] &&
           ut_str_eq(ut_str_trim(fields->first[UT_FIELD_RETURN_PATH]), UT_STR("<>"));
}

static bool is_noreply(ut_str address)
{
    static const char *const parts[] = {"noreply",    "no-reply",     "no_reply",
                                        "donotreply", "do-not-reply", "do_not_reply"};
    static const char *const starts[] = {"mailer-daemon", "bounce@",  "bounces@", "bounce+",
                                         "bounce-",       "bounces+", "bounces-", "postmaster@"};
    ut_str local = ut_str_cut(&(ut_str){address.ptr, address.len}, '@');
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (ut_str_has(local, ut_str_of(parts[i]))) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (ut_str_starts(address, ut_str_of(starts[i]))) {
            return true;
        }
    }
    return false;
}

ut_mail_machine ut_fields_machine(const ut_fields *fields, ut_str address)
{
    if (is_report(fields)) {
        return UT_MAIL_REPORT;
    }
    if (value_starts(fields, UT_FIELD_CONTENT_TYPE, "text/calendar") ||
        value_starts(fields, UT_FIELD_CONTENT_CLASS, "urn:content-classes:calendarmessage")) {
        return UT_MAIL_CALENDAR;
    }
    if (is_auto_submitted(fields)) {
        return UT_MAIL_AUTO_SUBMITTED;
    }
    if (is_noreply(address)) {
        return UT_MAIL_NOREPLY;
    }
    /* A discussion list tells where to post, or the mail answers another one. */
    bool discussion = fields->seen[UT_FIELD_LIST_POST] || fields->seen[UT_FIELD_IN_REPLY_TO] ||
                      fields->seen[UT_FIELD_REFERENCES];
    return fields->seen[UT_FIELD_LIST_UNSUBSCRIBE] && !discussion ? UT_MAIL_NEWSLETTER : UT_MAIL_HUMAN;
}
