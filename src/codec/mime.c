/* codec/mime.c — the one file that sees GMime: addresses, encoded words, the tree of parts.
 *
 * Runs in the mail worker (and in tests): GLib ends the process when memory ends. What is recursive in GMime is bounded
 * before it is called: nested address groups by their colons, nested parts by their boundaries.
 */
#include "codec/mime_int.h"

#include <gmime/gmime.h>
#include <pthread.h>

/* Address groups nest in GMime's parser by recursion; each level has a colon. Real headers have one or two. */
#define ADDRESS_COLONS_MAX 256

typedef struct ut_mime_job {
    ut_arena *keep;
    ut_mail *mail;
    GMimeParserOptions *options; /* shared, never changed after the start */
    ut_buf scratch;              /* one header value at a time */
} ut_mime_job;

static GMimeParserOptions *shared_options;

static void swallow(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
    (void)domain, (void)level, (void)message, (void)data;
}

static void start_gmime(void)
{
    /* Complaints about hostile mail are not for the user's terminal. */
    (void)g_log_set_default_handler(swallow, NULL);
    g_mime_init();
    shared_options = g_mime_parser_options_new();
    static const char *fallback[] = {"utf-8", "windows-1252", NULL};
    g_mime_parser_options_set_fallback_charsets(shared_options, fallback);
}

/* Copies into the arena; the job's only way to fail is a full one. */
static bool keep_str(ut_mime_job *job, ut_str *ret, ut_str text)
{
    ut_str copy = ut_arena_copy(job->keep, text);
    if (!copy.ptr) {
        return false;
    }
    *ret = copy;
    return true;
}

/* A value unfolded and repaired, NUL-terminated in the scratch buffer; NULL when memory ends. */
static char *flat_value(ut_mime_job *job, ut_str value)
{
    ut_buf_clear(&job->scratch);
    ut_fields_unfold(&job->scratch, value);
    ut_buf_byte(&job->scratch, '\0');
    return job->scratch.failed == UT_OK ? job->scratch.ptr : NULL;
}

/* Decoded header text: repaired once more (encoded words can hold anything), controls and runs of blanks as one blank.
 */
static bool keep_decoded(ut_mime_job *job, ut_str *ret, const char *decoded)
{
    ut_buf_clear(&job->scratch);
    ut_mime_repair(&job->scratch, ut_str_of(decoded));
    size_t len = 0;
    for (size_t i = 0; i < job->scratch.len; i++) {
        char c = job->scratch.ptr[i];
        bool blank = (c >= 0 && c <= ' ') || c == 127;
        if (!blank) {
            job->scratch.ptr[len++] = c;
        } else if (len && job->scratch.ptr[len - 1] != ' ') {
            job->scratch.ptr[len++] = ' ';
        }
    }
    return job->scratch.failed == UT_OK && keep_str(job, ret, ut_str_trim((ut_str){job->scratch.ptr, len}));
}

static bool keep_subject(ut_mime_job *job, ut_str value)
{
    char *flat = flat_value(job, value);
    if (!flat) {
        return false;
    }
    char *decoded = g_mime_utils_header_decode_text(job->options, flat);
    bool kept = keep_decoded(job, &job->mail->subject, decoded);
    g_free(decoded);
    return kept;
}

/* Addresses ----------------------------------------------------------------------------------------------------------
 */

/* Cuts a list where it begins to nest beyond reason. */
static void bound_groups(char *list)
{
    int colons = 0;
    for (char *p = list; *p; p++) {
        if (*p == ':' && ++colons > ADDRESS_COLONS_MAX) {
            *p = '\0';
            return;
        }
    }
}

/* Public list archives write "alice at example.org": the first such "at" is meant as the sign. */
static void undo_at(char *list)
{
    char *at = strchr(list, '@') ? NULL : strstr(list, " at ");
    if (at && at > list && at[4]) {
        at[0] = '@';
        memmove(at + 1, at + 4, strlen(at + 4) + 1);
    }
}

static InternetAddressList *parse_addresses(ut_mime_job *job, ut_str value)
{
    char *flat = flat_value(job, value);
    if (!flat) {
        return NULL;
    }
    bound_groups(flat);
    undo_at(flat);
    return internet_address_list_parse(job->options, flat);
}

/* A copy in lower case. */
static bool keep_address(ut_mime_job *job, ut_str *ret, ut_str address)
{
    char *p = ut_new(job->keep, char, address.len + 1);
    if (!p) {
        return false;
    }
    for (size_t i = 0; i < address.len; i++) {
        p[i] = ut_lower(address.ptr[i]);
    }
    *ret = (ut_str){p, address.len};
    return true;
}

static bool keep_mailbox(ut_mime_job *job, ut_mailbox *ret, InternetAddress *from)
{
    const char *address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(from));
    ut_str decoded;
    return keep_decoded(job, &decoded, address ? address : "") && keep_address(job, &ret->address, decoded) &&
           keep_decoded(job, &ret->name, internet_address_get_name(from) ? internet_address_get_name(from) : "");
}

/* Called for each mailbox of a list, those in groups included; false ends the walk. */
typedef bool (*ut_address_visit)(ut_mime_job *job, InternetAddress *mailbox, void *ctx);

/* Depth is bounded by ADDRESS_COLONS_MAX. */
static bool walk_addresses(ut_mime_job *job, InternetAddressList *list, ut_address_visit visit, void *ctx)
{
    int count = list ? internet_address_list_length(list) : 0;
    for (int i = 0; i < count; i++) {
        InternetAddress *one = internet_address_list_get_address(list, i);
        bool on = true;
        if (INTERNET_ADDRESS_IS_GROUP(one)) {
            on = walk_addresses(job, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), visit, ctx);
        } else if (INTERNET_ADDRESS_IS_MAILBOX(one)) {
            on = visit(job, one, ctx);
        }
        if (!on) {
            return false;
        }
    }
    return true;
}

static bool take_author(ut_mime_job *job, InternetAddress *mailbox, void *ctx)
{
    bool *failed = ctx;
    *failed = !keep_mailbox(job, &job->mail->from, mailbox);
    return !*failed && job->mail->from.address.len == 0;
}

/* "Big Bug bb@bug.com" is no address to a parser, but it holds one: the first word with a sign in its middle. */
static bool keep_author_word(ut_mime_job *job, ut_str value)
{
    char *flat = flat_value(job, value);
    ut_str rest = ut_str_of(flat);
    while (rest.len) {
        ut_str word = ut_str_cut(&rest, ' ');
        while (word.len && strchr("<(\"'[,;", word.ptr[0])) {
            word = ut_str_slice(word, 1, word.len);
        }
        while (word.len && strchr(">)\"'],;", word.ptr[word.len - 1])) {
            word = ut_str_slice(word, 0, word.len - 1);
        }
        size_t at = ut_str_find_byte(word, '@', 0);
        if (at != UT_NPOS && at > 0 && at + 1 < word.len) {
            return keep_address(job, &job->mail->from.address, word);
        }
    }
    return flat != NULL;
}

/* The first address of a field into mail->from. */
static bool keep_author(ut_mime_job *job, ut_str value)
{
    InternetAddressList *list = parse_addresses(job, value);
    bool failed = false;
    (void)walk_addresses(job, list, take_author, &failed);
    if (list) {
        g_object_unref(list);
    }
    if (failed || job->scratch.failed != UT_OK) {
        return false;
    }
    bool whole = ut_str_find_byte(job->mail->from.address, '@', 0) != UT_NPOS;
    return whole || ut_str_find_byte(value, '@', 0) == UT_NPOS || keep_author_word(job, value);
}

typedef struct ut_recipients {
    ut_mailbox *items;
    size_t count;
    size_t room;
    bool failed;
} ut_recipients;

static bool take_recipient(ut_mime_job *job, InternetAddress *mailbox, void *ctx)
{
    ut_recipients *to = ctx;
    if (to->count == to->room) {
        return false;
    }
    to->failed = !keep_mailbox(job, &to->items[to->count], mailbox);
    /* "undisclosed-recipients" without its group signs has no address: nobody to know. */
    to->count += !to->failed && to->items[to->count].address.len > 0;
    return !to->failed;
}

/* All fields of these kinds, in this order; a header may repeat them. */
static const ut_field_kind recipient_kinds[] = {UT_FIELD_TO, UT_FIELD_CC, UT_FIELD_BCC};
#define RECIPIENT_KINDS (sizeof recipient_kinds / sizeof *recipient_kinds)

static bool walk_recipients(ut_mime_job *job, const ut_fields *fields, ut_field_kind kind, ut_address_visit visit,
                            void *ctx)
{
    ut_str rest = fields->block;
    ut_field field;
    while (fields->seen[kind] && ut_fields_next(&rest, &field)) {
        if (field.kind != kind) {
            continue;
        }
        InternetAddressList *list = parse_addresses(job, field.value);
        bool on = walk_addresses(job, list, visit, ctx);
        if (list) {
            g_object_unref(list);
        }
        if (!on || job->scratch.failed != UT_OK) {
            return false;
        }
    }
    return true;
}

/* At most so many addresses can stand in these fields: each one but the first follows a sign. */
static size_t recipients_most(const ut_fields *fields)
{
    size_t most = 0;
    ut_str rest = fields->block;
    ut_field field;
    while (ut_fields_next(&rest, &field) && most < UT_MAIL_RECIPIENTS_MAX) {
        bool wanted = field.kind == UT_FIELD_TO || field.kind == UT_FIELD_CC || field.kind == UT_FIELD_BCC;
        for (size_t i = 0; wanted && i < field.value.len; i++) {
            char c = field.value.ptr[i];
            most += c == ',' || c == ';' || c == ':' || c == '>';
        }
        most += wanted;
    }
    return most < UT_MAIL_RECIPIENTS_MAX ? most : UT_MAIL_RECIPIENTS_MAX;
}

static bool keep_recipients(ut_mime_job *job, const ut_fields *fields)
{
    size_t most = recipients_most(fields);
    ut_recipients to = {.items = ut_new(job->keep, ut_mailbox, most), .room = most};
    if (!to.items) {
        return false;
    }
    for (size_t i = 0; i < RECIPIENT_KINDS; i++) {
        (void)walk_recipients(job, fields, recipient_kinds[i], take_recipient, &to);
        if (i == 0) {
            job->mail->to_primary_count = to.count;
        }
    }
    job->mail->to = to.items;
    job->mail->to_count = to.count;
    return !to.failed && job->scratch.failed == UT_OK;
}

/* The mail -----------------------------------------------------------------------------------------------------------
 */

static bool keep_headers(ut_mime_job *job, const ut_fields *fields)
{
    ut_mail *mail = job->mail;
    if (fields->seen[UT_FIELD_FROM] && !keep_author(job, fields->first[UT_FIELD_FROM])) {
        return false;
    }
    if (mail->from.address.len == 0 && fields->seen[UT_FIELD_SENDER] &&
        !keep_author(job, fields->first[UT_FIELD_SENDER])) {
        return false;
    }
    ut_str parent = ut_fields_last_id(fields->first[UT_FIELD_REFERENCES]);
    if (parent.len == 0) {
        parent = ut_fields_first_id(fields->first[UT_FIELD_IN_REPLY_TO]);
    }
    mail->date_us = ut_fields_date(fields);
    mail->machine = ut_fields_machine(fields, mail->from.address);
    return keep_recipients(job, fields) && keep_subject(job, fields->first[UT_FIELD_SUBJECT]) &&
           keep_str(job, &mail->message_id, ut_fields_first_id(fields->first[UT_FIELD_MESSAGE_ID])) &&
           keep_str(job, &mail->parent_id, parent) &&
           keep_str(job, &mail->list_id, ut_fields_list_id(fields->first[UT_FIELD_LIST_ID]));
}

/* A mail from a system whose lines end in CR alone becomes one with LF; to->len is 0 when it is none. */
static void mend_line_ends(ut_buf *to, ut_str bytes)
{
    if (ut_str_find_byte(bytes, '\n', 0) != UT_NPOS || ut_str_find_byte(bytes, '\r', 0) == UT_NPOS) {
        return;
    }
    ut_buf_put(to, bytes);
    for (size_t i = 0; i < to->len; i++) {
        to->ptr[i] = to->ptr[i] == '\r' ? '\n' : to->ptr[i];
    }
}

static ut_status parse(ut_mime_job *job, ut_str bytes, ut_mime_scope scope, ut_err *err)
{
    ut_fields fields;
    ut_status st = ut_fields_scan(&fields, bytes, err);
    if (st != UT_OK) {
        return st;
    }
    (void)scope;
    if (!keep_headers(job, &fields)) {
        st = job->scratch.failed != UT_OK ? job->scratch.failed : UT_LIMIT;
        return ut_fail(err, st, "no room for what the mail says: %s", ut_status_name(st));
    }
    return UT_OK;
}

ut_status ut_mime_parse(ut_arena *keep, ut_mail *ret, ut_str bytes, ut_mime_scope scope, ut_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, start_gmime);
    ut_mail mail = {.date_us = INT64_MIN};
    ut_mime_job job = {.keep = keep, .mail = &mail, .options = shared_options};
    job.scratch = ut_buf_make(4 * UT_HEADER_LINE_MAX);
    ut_buf mended = ut_buf_make(UT_RECORD_BYTES_MAX);
    mend_line_ends(&mended, bytes);
    ut_status st = mended.failed;
    if (st == UT_OK) {
        st = parse(&job, mended.len ? ut_buf_str(&mended) : bytes, scope, err);
    } else {
        (void)ut_fail(err, st, "no memory for a mail of %zu bytes", bytes.len);
    }
    ut_buf_free(&mended);
    ut_buf_free(&job.scratch);
    if (st == UT_OK) {
        *ret = mail;
    }
    return st;
}
