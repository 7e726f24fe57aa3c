/* codec/mime.c — the one file that sees GMime: addresses, encoded words, the tree of parts.
 *
 * Runs in the mail worker (and in tests): GLib ends the process when memory ends. What is recursive in GMime is bounded
 * before it is called: nested address groups by their colons, nested parts by their boundaries.
 */
#include "codec/html.h"
#include "codec/mime_int.h"

#include <gmime/gmime.h>
#include <pthread.h>

/* Address groups nest in GMime's parser by recursion; each level has a colon. Real headers have one or two. */
#define ADDRESS_COLONS_MAX 256
/* Multiparts and enclosed mails nest in GMime's parser by recursion; a mail that names more is cut before it. Each
 * level takes about a kilobyte of stack. */
#define NESTERS_MAX 2000
/* A part is decoded up to here: enough for UT_TEXT_BYTES_MAX of text in wordy HTML or a two-byte character set. */
#define DECODED_MAX (4 * UT_MIB)
#define FORWARD_LINE "---------- Forwarded message ---------\n"

typedef struct ut_mime_job {
    ut_arena *keep;
    ut_mail *mail;
    GMimeParserOptions *options; /* shared, never changed after the start */
    ut_buf scratch;              /* one header value at a time */
    ut_buf decoded;              /* one part: bytes after its transfer encoding */
    ut_buf utf8;                 /* … as UTF-8 */
    ut_buf forwarded;            /* text of enclosed mails, which goes to the end */
    bool took_plain, took_html;
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

/* Parts --------------------------------------------------------------------------------------------------------------
 */

/* One part that has no parts. */
typedef struct ut_leaf {
    GMimeContentType *type;
    GMimeContentEncoding encoding;
    ut_str bytes;    /* still encoded */
    bool attachment; /* Content-Disposition says so */
    bool named;      /* it has a file name */
} ut_leaf;

typedef enum ut_leaf_kind { LEAF_FILE, LEAF_PLAIN, LEAF_HTML } ut_leaf_kind;

static ut_leaf_kind kind_of(const ut_leaf *leaf, bool first)
{
    static const char *const plain[] = {"plain", "markdown", "x-markdown", "x-plain", "english"};
    static const char *const html[] = {"html", "enriched", "richtext", "x-html"};
    /* A text file in the middle of a mail is a file; a lone body may have a name. */
    if (leaf->attachment || (leaf->named && !first)) {
        return LEAF_FILE;
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (g_mime_content_type_is_type(leaf->type, "text", plain[i])) {
            return LEAF_PLAIN;
        }
    }
    for (size_t i = 0; i < sizeof html / sizeof *html; i++) {
        if (g_mime_content_type_is_type(leaf->type, "text", html[i])) {
            return LEAF_HTML;
        }
    }
    return LEAF_FILE;
}

/* The part's bytes after its transfer encoding, at most DECODED_MAX of them; borrowed from the mail or the job. */
static ut_str decode(ut_mime_job *job, const ut_leaf *leaf)
{
    bool encoded = leaf->encoding == GMIME_CONTENT_ENCODING_BASE64 ||
                   leaf->encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
                   leaf->encoding == GMIME_CONTENT_ENCODING_UUENCODE;
    if (!encoded) {
        job->mail->cut |= leaf->bytes.len > DECODED_MAX;
        return ut_str_slice(leaf->bytes, 0, DECODED_MAX);
    }
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, leaf->encoding);
    ut_str rest = leaf->bytes;
    ut_buf_clear(&job->decoded);
    while (rest.len && job->decoded.len < DECODED_MAX) {
        ut_str piece = ut_str_slice(rest, 0, 64 * UT_KIB);
        char *to = ut_buf_reserve(&job->decoded, g_mime_encoding_outlen(&state, piece.len));
        if (!to) {
            return (ut_str){0};
        }
        job->decoded.len += g_mime_encoding_step(&state, piece.ptr, piece.len, to);
        rest = ut_str_slice(rest, piece.len, rest.len);
    }
    job->mail->cut |= rest.len > 0;
    return ut_buf_str(&job->decoded);
}

static ut_str parameter(const ut_leaf *leaf, const char *name)
{
    return ut_str_of(g_mime_content_type_get_parameter(leaf->type, name));
}

/* Pages name their character set within when the mail does not: <meta charset=…>. */
static ut_str meta_charset(ut_str html)
{
    ut_str head = ut_str_slice(html, 0, 2048);
    size_t at = ut_str_find_nocase(head, UT_STR("charset="), 0);
    if (at == UT_NPOS) {
        return (ut_str){0};
    }
    size_t from = at + 8;
    from += from < head.len && (head.ptr[from] == '"' || head.ptr[from] == '\'');
    size_t to = from;
    while (to < head.len && !strchr("\"' ;/>", head.ptr[to])) {
        to++;
    }
    return ut_str_slice(head, from, to);
}

static void put_plain(ut_mime_job *job, ut_buf *to, const ut_leaf *leaf)
{
    ut_str bytes = decode(job, leaf);
    ut_buf_clear(&job->utf8);
    ut_mime_to_utf8(&job->utf8, bytes, parameter(leaf, "charset"));
    ut_buf lines = ut_buf_make(job->utf8.cap);
    bool flowed = ut_str_eq_nocase(parameter(leaf, "format"), UT_STR("flowed"));
    ut_mime_put_plain(&lines, ut_buf_str(&job->utf8), flowed,
                      ut_str_eq_nocase(parameter(leaf, "delsp"), UT_STR("yes")));
    job->mail->cut |= !ut_mime_put_capped(to, ut_buf_str(&lines));
    to->failed = to->failed == UT_OK ? lines.failed : to->failed;
    ut_buf_free(&lines);
    job->took_plain = true;
}

static void put_html(ut_mime_job *job, ut_buf *to, const ut_leaf *leaf)
{
    ut_str bytes = decode(job, leaf);
    ut_str charset = parameter(leaf, "charset");
    ut_buf_clear(&job->utf8);
    ut_mime_to_utf8(&job->utf8, bytes, charset.len ? charset : meta_charset(bytes));
    ut_buf text = ut_buf_make(job->utf8.cap);
    ut_err err = {0};
    ut_status st = ut_html_to_text(&text, ut_buf_str(&job->utf8), &err);
    job->mail->cut |= st == UT_LIMIT;
    job->mail->cut |= !ut_mime_put_capped(to, ut_buf_str(&text));
    to->failed = st == UT_NOMEM ? st : to->failed;
    ut_buf_free(&text);
    job->took_html = true;
}

/* Parts and texts begin on a line of their own. */
static void end_line(ut_buf *to)
{
    if (to->len && to->ptr[to->len - 1] != '\n' && to->len < to->cap) {
        ut_buf_byte(to, '\n');
    }
}

static void take_leaf(ut_mime_job *job, ut_buf *to, const ut_leaf *leaf)
{
    if (job->mail->parts >= UT_MIME_PARTS_MAX) {
        job->mail->cut = true;
        return;
    }
    job->mail->parts++;
    ut_leaf_kind kind = kind_of(leaf, to->len == 0);
    if (kind == LEAF_FILE) {
        job->mail->attachments++;
        return;
    }
    end_line(to);
    if (kind == LEAF_PLAIN) {
        put_plain(job, to, leaf);
    } else {
        put_html(job, to, leaf);
    }
}

static bool is_blank_text(ut_str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t rune = ut_str_next_rune(text, &at);
        /* No-break space, zero-width ones and the byte order mark show nothing either. */
        bool nothing = rune <= ' ' || rune == 0xA0 || (rune >= 0x200B && rune <= 0x200F) || rune == 0xFEFF;
        if (!nothing) {
            return false;
        }
    }
    return true;
}

static void walk(ut_mime_job *job, ut_buf *to, GMimeObject *object, int depth);

/* Where a part's content lies in the mail: GMime's streams are windows on our bytes. */
static ut_str content_of(GMimePart *part)
{
    GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
    GMimeStream *stream = wrapper ? g_mime_data_wrapper_get_stream(wrapper) : NULL;
    if (!stream || !GMIME_IS_STREAM_MEM(stream)) {
        return (ut_str){0};
    }
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    int64_t end = stream->bound_end >= 0 && stream->bound_end <= bytes->len ? stream->bound_end : (int64_t)bytes->len;
    ut_str all = {(const char *)bytes->data, bytes->len};
    return stream->bound_start <= end ? ut_str_slice(all, (size_t)stream->bound_start, (size_t)end) : (ut_str){0};
}

static void walk_part(ut_mime_job *job, ut_buf *to, GMimePart *part)
{
    const char *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
    ut_leaf leaf = {
        .type = g_mime_object_get_content_type(GMIME_OBJECT(part)),
        .encoding = g_mime_part_get_content_encoding(part),
        .bytes = content_of(part),
        .attachment = disposition && g_ascii_strcasecmp(disposition, "attachment") == 0,
        .named = g_mime_part_get_filename(part) != NULL,
    };
    take_leaf(job, to, &leaf);
}

/* An enclosed mail's text goes behind everything, under the line by which the cleaner knows a forwarded mail. */
static void walk_enclosed(ut_mime_job *job, GMimeMessagePart *part, int depth)
{
    GMimeMessage *message = g_mime_message_part_get_message(part);
    if (!message || !g_mime_message_get_mime_part(message)) {
        return;
    }
    ut_buf text = ut_buf_make(UT_TEXT_BYTES_MAX);
    bool took_plain = job->took_plain;
    bool took_html = job->took_html;
    walk(job, &text, g_mime_message_get_mime_part(message), depth + 1);
    job->took_plain = took_plain;
    job->took_html = took_html;
    end_line(&job->forwarded);
    job->mail->cut |= !ut_mime_put_capped(&job->forwarded, UT_STR(FORWARD_LINE));
    job->mail->cut |= !ut_mime_put_capped(&job->forwarded, ut_buf_str(&text));
    job->forwarded.failed = text.failed != UT_OK ? text.failed : job->forwarded.failed;
    ut_buf_free(&text);
}

/* Walks a part that was passed over, for its place in the counts only. */
static void count_leaves(ut_mime_job *job, GMimeObject *object, int depth)
{
    if (GMIME_IS_MULTIPART(object) && depth < UT_MIME_DEPTH_MAX) {
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
        for (int i = 0; i < count && job->mail->parts < UT_MIME_PARTS_MAX; i++) {
            count_leaves(job, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1);
        }
        return;
    }
    job->mail->parts++;
    GMimeContentType *type = g_mime_object_get_content_type(object);
    job->mail->attachments += !type || !g_mime_content_type_is_type(type, "text", "*");
}

/* One of a multipart/alternative into `to`, if it says anything. */
static bool try_alternative(ut_mime_job *job, ut_buf *to, GMimeObject *object, int depth)
{
    ut_buf text = ut_buf_make(UT_TEXT_BYTES_MAX);
    bool took_plain = job->took_plain;
    bool took_html = job->took_html;
    walk(job, &text, object, depth + 1);
    bool says = !is_blank_text(ut_buf_str(&text));
    if (says) {
        end_line(to);
        job->mail->cut |= !ut_mime_put_capped(to, ut_buf_str(&text));
    } else {
        job->took_plain = took_plain;
        job->took_html = took_html;
    }
    to->failed = text.failed != UT_OK ? text.failed : to->failed;
    ut_buf_free(&text);
    return says;
}

static bool is_plain(GMimeObject *object)
{
    return g_mime_content_type_is_type(g_mime_object_get_content_type(object), "text", "plain");
}

/* text/plain when it says anything; else the last, hence best, one that does. */
static void walk_alternative(ut_mime_job *job, ut_buf *to, GMimeMultipart *parts, int depth)
{
    int count = g_mime_multipart_get_count(parts);
    bool taken = false;
    for (int i = 0; i < count; i++) {
        GMimeObject *object = g_mime_multipart_get_part(parts, i);
        if (is_plain(object)) {
            if (taken) {
                count_leaves(job, object, depth + 1);
            } else {
                taken = try_alternative(job, to, object, depth);
            }
        }
    }
    for (int i = count - 1; i >= 0; i--) {
        GMimeObject *object = g_mime_multipart_get_part(parts, i);
        if (is_plain(object)) {
            continue;
        }
        if (taken) {
            count_leaves(job, object, depth + 1);
        } else {
            taken = try_alternative(job, to, object, depth);
        }
    }
}

/* The root of a multipart/related: the part its `start` names, else the first. */
static int related_root(GMimeMultipart *parts)
{
    const char *start = g_mime_object_get_content_type_parameter(GMIME_OBJECT(parts), "start");
    ut_str want = ut_fields_first_id(ut_str_of(start));
    int count = g_mime_multipart_get_count(parts);
    for (int i = 0; want.len && i < count; i++) {
        const char *id = g_mime_object_get_content_id(g_mime_multipart_get_part(parts, i));
        if (ut_str_eq(ut_fields_first_id(ut_str_of(id)), want)) {
            return i;
        }
    }
    return 0;
}

static void walk_multipart(ut_mime_job *job, ut_buf *to, GMimeMultipart *parts, int depth)
{
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(parts));
    int count = g_mime_multipart_get_count(parts);
    if (g_mime_content_type_is_type(type, "multipart", "alternative")) {
        walk_alternative(job, to, parts, depth);
        return;
    }
    bool related = g_mime_content_type_is_type(type, "multipart", "related");
    /* Signatures, and the machine-readable rest of a report, are no text. */
    bool first_only = related || g_mime_content_type_is_type(type, "multipart", "signed") ||
                      g_mime_content_type_is_type(type, "multipart", "report");
    int root = related ? related_root(parts) : 0;
    for (int i = 0; i < count && job->mail->parts < UT_MIME_PARTS_MAX; i++) {
        GMimeObject *object = g_mime_multipart_get_part(parts, i);
        if (first_only && i != root) {
            count_leaves(job, object, depth + 1);
        } else {
            walk(job, to, object, depth + 1);
        }
    }
    job->mail->cut |= job->mail->parts >= UT_MIME_PARTS_MAX;
}

static void walk(ut_mime_job *job, ut_buf *to, GMimeObject *object, int depth)
{
    if (depth > UT_MIME_DEPTH_MAX || to->failed != UT_OK) {
        job->mail->cut = true;
    } else if (GMIME_IS_MULTIPART(object)) {
        walk_multipart(job, to, GMIME_MULTIPART(object), depth);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        walk_enclosed(job, GMIME_MESSAGE_PART(object), depth);
    } else if (GMIME_IS_PART(object)) {
        walk_part(job, to, GMIME_PART(object));
    } else {
        job->mail->parts++;
        job->mail->attachments++;
    }
}

/* Cuts a mail before it names more multiparts or enclosed mails than GMime's recursion may meet. */
static ut_str bound_nesting(ut_mime_job *job, ut_str bytes)
{
    static const char *const nesters[] = {"boundary", "message/"};
    for (size_t i = 0; i < sizeof nesters / sizeof *nesters; i++) {
        ut_str name = ut_str_of(nesters[i]);
        size_t at = 0;
        size_t count = 0;
        while ((at = ut_str_find_nocase(bytes, name, at)) != UT_NPOS) {
            if (++count > NESTERS_MAX) {
                bytes = ut_str_slice(bytes, 0, at);
                job->mail->cut = true;
                break;
            }
            at += name.len;
        }
    }
    return bytes;
}

/* The tree way: for multiparts and enclosed mails. */
static void take_tree(ut_mime_job *job, ut_buf *to, ut_str bytes)
{
    bytes = bound_nesting(job, bytes);
    /* GMime only reads from it; the stream does not own it. */
    GByteArray array = {.data = (guint8 *)(uintptr_t)bytes.ptr, .len = (guint)bytes.len};
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), &array);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, job->options);
    if (message && g_mime_message_get_mime_part(message)) {
        walk(job, to, g_mime_message_get_mime_part(message), 0);
    }
    if (message) {
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
}

/* The straight way: most mail is one text, for which no tree is built. */
static void take_single(ut_mime_job *job, ut_buf *to, const ut_fields *fields, GMimeContentType *type, ut_str body)
{
    ut_str disposition = ut_str_trim(fields->first[UT_FIELD_CONTENT_DISPOSITION]);
    char *encoding = flat_value(job, fields->first[UT_FIELD_CONTENT_ENCODING]);
    ut_leaf leaf = {
        .type = type,
        .encoding = encoding ? g_mime_content_encoding_from_string(encoding) : GMIME_CONTENT_ENCODING_DEFAULT,
        .bytes = body,
        .attachment = ut_str_starts_nocase(disposition, UT_STR("attachment")),
    };
    take_leaf(job, to, &leaf);
}

/* RFC 2045, 5.2: what can't be read as a type is plain text. */
static GMimeContentType *parse_type(ut_mime_job *job, const char *value)
{
    const char *slash = strchr(value, '/');
    bool readable = slash && slash > value && g_ascii_isalpha(value[0]) && g_ascii_isalnum(slash[1]);
    return g_mime_content_type_parse(job->options, readable ? value : "text/plain");
}

/* The text of all parts into the arena. */
static ut_status keep_text(ut_mime_job *job, const ut_fields *fields, ut_str bytes)
{
    char *value = flat_value(job, fields->first[UT_FIELD_CONTENT_TYPE]);
    if (!value) {
        return job->scratch.failed;
    }
    ut_buf text = ut_buf_make(UT_TEXT_BYTES_MAX);
    GMimeContentType *type = parse_type(job, value);
    if (g_mime_content_type_is_type(type, "multipart", "*") || g_mime_content_type_is_type(type, "message", "*")) {
        take_tree(job, &text, bytes);
    } else {
        take_single(job, &text, fields, type, ut_str_slice(bytes, fields->body, bytes.len));
    }
    g_object_unref(type);
    if (job->forwarded.len) {
        end_line(&text);
        job->mail->cut |= !ut_mime_put_capped(&text, ut_buf_str(&job->forwarded));
    }
    job->mail->from_html = job->took_html && !job->took_plain;
    ut_status st = text.failed != UT_OK ? text.failed : job->forwarded.failed;
    if (st == UT_OK && !keep_str(job, &job->mail->text, ut_buf_str(&text))) {
        st = UT_LIMIT;
    }
    ut_buf_free(&text);
    return st;
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
    if (!keep_headers(job, &fields)) {
        st = job->scratch.failed != UT_OK ? job->scratch.failed : UT_LIMIT;
    } else if (scope == UT_MIME_ALL) {
        st = keep_text(job, &fields, bytes);
    }
    return st == UT_OK ? st : ut_fail(err, st, "no room for what the mail says: %s", ut_status_name(st));
}

ut_status ut_mime_parse(ut_arena *keep, ut_mail *ret, ut_str bytes, ut_mime_scope scope, ut_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, start_gmime);
    ut_mail mail = {.date_us = INT64_MIN};
    ut_mime_job job = {.keep = keep, .mail = &mail, .options = shared_options};
    job.scratch = ut_buf_make(4 * UT_HEADER_LINE_MAX);
    job.decoded = ut_buf_make(DECODED_MAX + UT_MIB);
    job.utf8 = ut_buf_make(3 * (DECODED_MAX + UT_MIB));
    job.forwarded = ut_buf_make(UT_TEXT_BYTES_MAX);
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
    ut_buf_free(&job.decoded);
    ut_buf_free(&job.utf8);
    ut_buf_free(&job.forwarded);
    if (st == UT_OK) {
        *ret = mail;
    }
    return st;
}
