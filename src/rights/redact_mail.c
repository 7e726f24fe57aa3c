/* rights/redact_mail.c — one mail: header fields, encoded words, and its parts, decoded where they are encoded.
 *
 * The mail is cut by hand, not by GMime: what is not theirs must come out byte for byte, and GMime would write all of
 * it anew. A part that held something of theirs is encoded again in its own way; others are copied as they stand.
 */
#include "rights/redact_int.h"

#include "codec/mime.h"

enum { LINE_BYTES = 76, WORD_BYTES = 45, BOUNDARY_BYTES_MAX = 200 };

typedef struct walk {
    const ut_redact *redact;
    ut_redact_kit *kit;
    bool *changed;
    int parts;
} walk;

typedef struct part {
    ut_str type;     /* "text/plain", empty when not said */
    ut_str boundary;
    ut_str charset;
    ut_str encoding;
} part;

static void put_entity(walk *w, ut_str entity, int depth, ut_redact_how how);

/* Base64 and quoted-printable ------------------------------------------------------------------------------------- */

static int base64_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

static void decode_base64(ut_buf *to, ut_str text)
{
    uint32_t bits = 0;
    int count = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        int value = base64_value(text.ptr[i]);
        if (value < 0) {
            continue;
        }
        bits = bits << 6 | (uint32_t)value;
        if (++count % 4 != 1) {
            ut_buf_byte(to, (char)(bits >> (count % 4 == 2 ? 4 : count % 4 == 3 ? 2 : 0) & 0xFF));
        }
    }
}

static void encode_base64(ut_buf *to, ut_str bytes, const char *line_end)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++) {
            bits = bits << 8 | (k < n ? (unsigned char)bytes.ptr[i + k] : 0);
        }
        char out[4] = {digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63], digits[bits & 63]};
        if (n < 3) {
            out[3] = '=';
            out[2] = n < 2 ? '=' : out[2];
        }
        ut_buf_put(to, (ut_str){out, 4});
        if (line_end && (i / 3 + 1) % (LINE_BYTES / 4) == 0 && i + 3 < bytes.len) {
            ut_buf_puts(to, line_end);
        }
    }
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : ut_lower(c) >= 'a' && ut_lower(c) <= 'f' ? ut_lower(c) - 'a' + 10 : -1;
}

/* `word`: of an encoded word, where '_' is a blank. */
static void decode_printable(ut_buf *to, ut_str text, bool word)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int high = c == '=' && i + 2 < text.len ? hex_value(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.ptr[i + 2]) : -1;
        if (low >= 0) {
            ut_buf_byte(to, (char)(high << 4 | low));
            i += 2;
        } else if (c == '=' && i + 1 < text.len && text.ptr[i + 1] == '\n') {
            i += 1;
        } else if (c == '=' && i + 2 < text.len && text.ptr[i + 1] == '\r' && text.ptr[i + 2] == '\n') {
            i += 2;
        } else {
            ut_buf_byte(to, word && c == '_' ? ' ' : c);
        }
    }
}

static void encode_printable(ut_buf *to, ut_str bytes, const char *line_end)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.ptr[i];
        if (c == '\n' || (c == '\r' && i + 1 < bytes.len && bytes.ptr[i + 1] == '\n')) {
            ut_buf_byte(to, c);
            column = 0;
            continue;
        }
        bool last = i + 1 == bytes.len || bytes.ptr[i + 1] == '\n' || bytes.ptr[i + 1] == '\r';
        bool plain = (c > ' ' && c < 0x7F && c != '=') || ((c == ' ' || c == '\t') && !last);
        if (column + (plain ? 1 : 3) >= LINE_BYTES) {
            ut_buf_byte(to, '=');
            ut_buf_puts(to, line_end);
            column = 0;
        }
        if (plain) {
            ut_buf_byte(to, c);
        } else {
            ut_buf_put(to, (ut_str){(char[]){'=', hex[(unsigned char)c >> 4], hex[(unsigned char)c & 15]}, 3});
        }
        column += plain ? 1 : 3;
    }
}

/* Header fields ---------------------------------------------------------------------------------------------------- */

/* The next field with its folded lines; false at the end of the block. */
static bool next_field(ut_str *rest, ut_str *ret)
{
    size_t end = 0;
    if (rest->len == 0) {
        return false;
    }
    do {
        end = ut_str_find_byte(*rest, '\n', end);
        end = end == UT_NPOS ? rest->len : end + 1;
    } while (end < rest->len && (rest->ptr[end] == ' ' || rest->ptr[end] == '\t'));
    *ret = ut_str_slice(*rest, 0, end);
    *rest = ut_str_slice(*rest, end, rest->len);
    return true;
}

static bool field_is(ut_str field, const char *name)
{
    ut_str rest = field;
    return ut_str_eq_nocase(ut_str_trim(ut_str_cut(&rest, ':')), ut_str_of(name));
}

static bool is_address_field(ut_str field)
{
    static const char *const names[] = {"From",        "To",          "Cc",           "Bcc",       "Sender",
                                        "Reply-To",    "Resent-From", "Resent-To",    "Resent-Cc", "Resent-Bcc",
                                        "Resent-Sender", "Delivered-To", "X-Original-To", "Return-Path", "Errors-To",
                                        "Mail-Followup-To", "Envelope-To", "X-Envelope-To", "X-Sender",
                                        "Disposition-Notification-To", "Return-Receipt-To", "Mail-Reply-To"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (field_is(field, names[i])) {
            return true;
        }
    }
    return false;
}

/* Where the display name before "<" at `open` begins: behind the comma or colon before it, quotes skipped. */
static size_t name_begin(ut_str field, size_t open)
{
    size_t at = open;
    while (at > 0 && field.ptr[at - 1] != ',' && field.ptr[at - 1] != ':' && field.ptr[at - 1] != ';') {
        at--;
        if (field.ptr[at] == '"') {
            size_t begin = at;
            while (begin > 0 && field.ptr[begin - 1] != '"') {
                begin--;
            }
            at = begin ? begin - 1 : at;
        }
    }
    while (at < open && memchr(" \t\r\n", field.ptr[at], 4)) {
        at++;
    }
    return at;
}

/* An address field with their mailboxes replaced, names and all. `from` keeps what is copied already. */
static bool replace_mailboxes(walk *w, ut_buf *to, ut_str field)
{
    size_t from = 0;
    ut_needle_kind kind = UT_NEEDLE_NAME;
    for (size_t i = 0; i < field.len; i++) {
        size_t len = ut_redact__match(w->redact, field, i, &kind);
        if (len == 0 || kind != UT_NEEDLE_ADDRESS) {
            continue;
        }
        bool angle = i > 0 && field.ptr[i - 1] == '<';
        size_t begin = angle ? name_begin(field, i - 1) : i;
        begin = begin < from ? from : begin;
        ut_buf_put(to, ut_str_slice(field, from, begin));
        ut_buf_puts(to, !angle ? "" : begin + 1 < i ? "erased <" : "<");
        ut_buf_puts(to, UT_REDACT_ADDRESS);
        from = i + len;
        i = from - 1;
    }
    ut_buf_put(to, ut_str_slice(field, from, field.len));
    return from > 0;
}

/* One encoded word "=?charset?B?text?=" at the beginning of `text`: its length, 0 when there is none. */
static size_t encoded_word(ut_str text, ut_str *ret_charset, char *ret_how, ut_str *ret_body)
{
    if (!ut_str_starts(text, UT_STR("=?"))) {
        return 0;
    }
    size_t charset = ut_str_find_byte(text, '?', 2);
    size_t body = charset == UT_NPOS || charset + 2 >= text.len ? UT_NPOS : charset + 3;
    if (body == UT_NPOS || text.ptr[charset + 2] != '?') {
        return 0;
    }
    size_t end = ut_str_find(text, UT_STR("?="), body);
    if (end == UT_NPOS || ut_str_find_byte(ut_str_slice(text, body, end), '\n', 0) != UT_NPOS) {
        return 0;
    }
    *ret_charset = ut_str_slice(text, 2, charset);
    *ret_how = ut_lower(text.ptr[charset + 1]);
    *ret_body = ut_str_slice(text, body, end);
    return end + 2;
}

/* A run of encoded words with nothing but blanks between: decoded into `to`; its length, 0 when there is none. */
static size_t decode_words(ut_buf *to, ut_str text, ut_str *ret_charset)
{
    size_t used = 0, at = 0;
    for (;;) {
        ut_str charset, body;
        char how = 0;
        size_t len = encoded_word(ut_str_slice(text, at, text.len), &charset, &how, &body);
        if (len == 0 || (used && !ut_str_eq_nocase(charset, *ret_charset))) {
            return used;
        }
        *ret_charset = charset;
        if (how == 'b') {
            decode_base64(to, body);
        } else {
            decode_printable(to, body, true);
        }
        at += len;
        used = at;
        while (at < text.len && memchr(" \t\r\n", text.ptr[at], 4)) {
            at++;
        }
    }
}

static void encode_words(ut_buf *to, ut_str text, ut_str charset)
{
    while (text.len) {
        size_t len = text.len < WORD_BYTES ? text.len : WORD_BYTES;
        while (len > 1 && len < text.len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80) {
            len--;
        }
        ut_buf_puts(to, "=?");
        ut_buf_put(to, charset);
        ut_buf_puts(to, "?B?");
        encode_base64(to, ut_str_slice(text, 0, len), NULL);
        text = ut_str_slice(text, len, text.len);
        ut_buf_puts(to, text.len ? "?=\n " : "?=");
    }
}

static bool is_latin1(ut_str charset)
{
    return ut_str_starts_nocase(charset, UT_STR("iso-8859-1")) || ut_str_eq_nocase(charset, UT_STR("latin1")) ||
           ut_str_eq_nocase(charset, UT_STR("windows-1252"));
}

/* Encoded words anywhere in a field: a run that holds something of theirs is masked and encoded again. */
static bool replace_words(walk *w, ut_buf *to, ut_str field, ut_redact_how how)
{
    bool changed = false;
    ut_buf decoded = ut_buf_make(UT_HEADER_BLOCK_MAX);
    for (size_t i = 0; i < field.len;) {
        ut_str charset = {0};
        ut_buf_clear(&decoded);
        size_t len = field.ptr[i] == '=' ? decode_words(&decoded, ut_str_slice(field, i, field.len), &charset) : 0;
        how.latin1 = is_latin1(charset);
        if (len && decoded.len && !decoded.failed && ut_redact__text(w->redact, decoded.ptr, decoded.len, how)) {
            encode_words(to, ut_buf_str(&decoded), charset);
            changed = true;
        } else {
            len = len ? len : 1;
            ut_buf_put(to, ut_str_slice(field, i, i + len));
        }
        i += len;
    }
    ut_buf_free(&decoded);
    return changed;
}

/* "Re: …", "AW: …": the subject is whoever's who began. */
static bool is_answer(ut_str field)
{
    static const char *const marks[] = {"re", "aw", "sv", "antw", "ref", "r", "fwd", "fw", "wg", "tr", "i", "rv"};
    ut_str value = field;
    (void)ut_str_cut(&value, ':');
    ut_str mark = ut_str_trim(ut_str_cut(&value, ':'));
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (ut_str_eq_nocase(mark, ut_str_of(marks[i]))) {
            return true;
        }
    }
    return ut_str_starts(mark, UT_STR("=?"));
}

static void put_field(walk *w, ut_str field, ut_redact_how how)
{
    ut_buf one = ut_buf_make(UT_RECORD_BYTES_MAX), two = ut_buf_make(UT_RECORD_BYTES_MAX);
    bool subject = field_is(field, "Subject") || field_is(field, "Thread-Topic");
    how = (ut_redact_how){.quoted = subject && (how.quoted || is_answer(field)), .theirs = how.theirs && subject};
    bool changed = false;
    ut_str now = field;
    if (is_address_field(field) && replace_mailboxes(w, &one, now)) {
        now = ut_buf_str(&one);
        changed = true;
    }
    if (ut_str_has(now, UT_STR("=?"))) {
        bool hit = replace_words(w, &two, now, how);
        now = ut_buf_str(&two);
        changed |= hit;
    }
    size_t begin = w->kit->out.len;
    ut_buf_put(&w->kit->out, now);
    /* The field's own name is nobody's, and an encoded word is no text. */
    size_t value = ut_str_find_byte(now, ':', 0);
    if (!w->kit->out.failed && value != UT_NPOS) {
        how.quoted &= !ut_str_has(now, UT_STR("=?"));
        how.theirs &= how.quoted;
        changed |= ut_redact__text(w->redact, w->kit->out.ptr + begin + value + 1, now.len - value - 1, how);
    }
    w->kit->out.failed = one.failed ? one.failed : two.failed ? two.failed : w->kit->out.failed;
    *w->changed |= changed;
    ut_buf_free(&one);
    ut_buf_free(&two);
}

/* A parameter like boundary="…"; empty when there is none. */
static ut_str parameter(ut_str field, const char *name)
{
    size_t len = strlen(name);
    for (size_t at = 0; (at = ut_str_find_byte(field, ';', at)) != UT_NPOS;) {
        ut_str rest = ut_str_trim(ut_str_slice(field, ++at, field.len));
        if (!ut_str_starts_nocase(rest, ut_str_of(name)) || rest.len <= len) {
            continue;
        }
        rest = ut_str_trim(ut_str_slice(rest, len, rest.len));
        if (rest.len == 0 || rest.ptr[0] != '=') {
            continue;
        }
        rest = ut_str_trim(ut_str_slice(rest, 1, rest.len));
        if (rest.len && rest.ptr[0] == '"') {
            size_t end = ut_str_find_byte(rest, '"', 1);
            return ut_str_slice(rest, 1, end);
        }
        size_t end = 0;
        while (end < rest.len && !memchr("; \t\r\n", rest.ptr[end], 5)) {
            end++;
        }
        return ut_str_slice(rest, 0, end);
    }
    return (ut_str){0};
}

static void note_field(part *p, ut_str field)
{
    ut_str value = field;
    (void)ut_str_cut(&value, ':');
    if (field_is(field, "Content-Type")) {
        ut_str rest = value;
        p->type = ut_str_trim(ut_str_cut(&rest, ';'));
        p->boundary = parameter(value, "boundary");
        p->charset = parameter(value, "charset");
    } else if (field_is(field, "Content-Transfer-Encoding")) {
        p->encoding = ut_str_trim(value);
    }
}

/* Bodies ----------------------------------------------------------------------------------------------------------- */

static bool is_searched(walk *w, const part *p)
{
    static const char *const packed[] = {"image/", "audio/", "video/", "application/pdf", "application/zip",
                                         "application/vnd.", "font/"};
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
        if (ut_str_starts_nocase(p->type, ut_str_of(packed[i]))) {
            return false;
        }
    }
    bool wide = ut_str_starts_nocase(p->charset, UT_STR("utf-16")) ||
                ut_str_starts_nocase(p->charset, UT_STR("utf-32")) ||
                ut_str_starts_nocase(p->charset, UT_STR("iso-2022"));
    w->kit->unread += wide;
    return !wide;
}

static void put_leaf(walk *w, const part *p, ut_str body, ut_redact_how how)
{
    ut_buf *out = &w->kit->out;
    bool base64 = ut_str_eq_nocase(p->encoding, UT_STR("base64"));
    bool printable = ut_str_eq_nocase(p->encoding, UT_STR("quoted-printable"));
    how.html = ut_str_eq_nocase(p->type, UT_STR("text/html"));
    how.latin1 = is_latin1(p->charset);
    if (!is_searched(w, p)) {
        ut_buf_put(out, body);
        return;
    }
    ut_buf *text = base64 || printable ? &w->kit->scratch : out;
    size_t begin = text == out ? out->len : 0;
    if (text != out) {
        ut_buf_clear(text);
    }
    if (base64) {
        decode_base64(text, body);
    } else if (printable) {
        decode_printable(text, body, false);
    } else {
        ut_buf_put(text, body);
    }
    bool hit = !text->failed && text->len > begin &&
               ut_redact__text(w->redact, text->ptr + begin, text->len - begin, how);
    *w->changed |= hit;
    out->failed = out->failed ? out->failed : text->failed;
    if (text == out) {
        return;
    }
    if (!hit) {
        ut_buf_put(out, body);
        return;
    }
    const char *line_end = ut_str_has(body, UT_STR("\r\n")) ? "\r\n" : "\n";
    size_t tail = body.len;
    while (tail > 0 && memchr(" \t\r\n", body.ptr[tail - 1], 4)) {
        tail--;
    }
    if (base64) {
        encode_base64(out, ut_buf_str(text), line_end);
        ut_buf_put(out, ut_str_slice(body, tail, body.len));
    } else {
        encode_printable(out, ut_buf_str(text), line_end);
    }
}

/* Whether the line is "--boundary" or "--boundary--". */
static bool is_boundary(ut_str line, ut_str boundary, bool *ret_last)
{
    line = ut_str_trim(line);
    if (!ut_str_starts(line, UT_STR("--")) || !ut_str_starts(ut_str_slice(line, 2, line.len), boundary)) {
        return false;
    }
    ut_str after = ut_str_slice(line, 2 + boundary.len, line.len);
    *ret_last = ut_str_eq(after, UT_STR("--"));
    return after.len == 0 || *ret_last;
}

/* What stands between two boundaries goes through put_entity; before the first and after the last one it is text. */
static void put_parts(walk *w, ut_str body, ut_str boundary, int depth, ut_redact_how how)
{
    ut_str rest = body, line;
    size_t from = 0;
    bool inside = false, last = false;
    const part text = {0};
    while (rest.len) {
        size_t at = body.len - rest.len;
        size_t end = ut_str_find_byte(rest, '\n', 0);
        line = ut_str_slice(rest, 0, end == UT_NPOS ? rest.len : end + 1);
        rest = ut_str_slice(rest, line.len, rest.len);
        if (!is_boundary(line, boundary, &last)) {
            continue;
        }
        ut_str before = ut_str_slice(body, from, at);
        if (inside) {
            put_entity(w, before, depth + 1, how);
        } else {
            put_leaf(w, &text, before, how);
        }
        ut_buf_put(&w->kit->out, line);
        from = at + line.len;
        inside = !last;
    }
    if (inside) {
        put_entity(w, ut_str_slice(body, from, body.len), depth + 1, how);
    } else {
        put_leaf(w, &text, ut_str_slice(body, from, body.len), how);
    }
}

/* A mail, or a part of one: header block, then what its type says. */
static void put_entity(walk *w, ut_str entity, int depth, ut_redact_how how)
{
    part p = {0};
    bool bare = entity.len && (entity.ptr[0] == '\n' || entity.ptr[0] == '\r'); /* a part without header fields */
    size_t head = bare ? 0 : ut_mime_header_length(entity);
    ut_str fields = ut_str_slice(entity, 0, head), field;
    while (next_field(&fields, &field)) {
        note_field(&p, field);
        put_field(w, field, how);
    }
    ut_str body = ut_str_slice(entity, head, entity.len);
    bool enclosed = ut_str_eq_nocase(p.type, UT_STR("message/rfc822")) && p.encoding.len != 6;
    if (++w->parts > UT_MIME_PARTS_MAX || depth > UT_MIME_DEPTH_MAX) {
        put_leaf(w, &p, body, how);
    } else if (p.boundary.len && p.boundary.len < BOUNDARY_BYTES_MAX &&
               ut_str_starts_nocase(p.type, UT_STR("multipart/"))) {
        put_parts(w, body, p.boundary, depth, how);
    } else if (enclosed) {
        /* A mail within a mail is a quote; one of theirs is theirs. */
        ut_str inner = ut_str_slice(body, 0, ut_mime_header_length(body));
        how.quoted = true;
        while (next_field(&inner, &field)) {
            how.theirs |= field_is(field, "From") && ut_redact_hits(w->redact, field);
        }
        put_entity(w, body, depth + 1, how);
    } else {
        put_leaf(w, &p, body, how);
    }
}

ut_status ut_redact__mail(const ut_redact *redact, ut_redact_kit *kit, bool *changed, ut_str mail, ut_err *err)
{
    walk w = {.redact = redact, .kit = kit, .changed = changed};
    ut_buf_clear(&kit->out);
    put_entity(&w, mail, 0, (ut_redact_how){0});
    return kit->out.failed ? ut_fail(err, kit->out.failed, "a mail does not fit into memory while it is searched")
                           : UT_OK;
}
