/* bronze/ndjson.c — the generic NDJSON (docs/formats.md): reader and decoder of one JSON object a line.
 *
 * A line that cannot be taken names every member that is missing or wrong, so that the writer of an exporter mends it
 * in one go. A line over UT_RECORD_BYTES_MAX is rejected by its beginning and passed over in bounded memory. Unknown
 * members are kept (the payload is the line) and ignored; a member that is null is as if absent.
 */
#include "bronze/source.h"

#include <stdio.h>

#define CHUNK_BYTES (256 * UT_KIB)
#define HANDLE_BYTES_MAX (4 * UT_KIB)
#define REASON_BYTES 512

/* A message line; strings borrow from the parse. */
typedef struct ut_ndjson_line {
    ut_str source, id, author, text, channel, reply_to;
    ut_channel_kind channel_kind;
    int64_t at_us, edited_us;
    bool deleted;
    const ut_json_node *to, *reactions; /* arrays or NULL */
} ut_ndjson_line;

/* Collects what is missing and what is wrong. */
typedef struct ut_ndjson_check {
    const ut_json_node *object;
    char missing[REASON_BYTES / 2];
    char wrong[REASON_BYTES / 2];
} ut_ndjson_check;

static void note(char *list, size_t room, const char *name, const char *what)
{
    size_t len = strlen(list);
    (void)snprintf(list + len, room - len, "%s%s%s", len ? ", " : "", name, what);
}

static void note_missing(ut_ndjson_check *check, const char *name)
{
    note(check->missing, sizeof check->missing, name, "");
}

static void note_wrong(ut_ndjson_check *check, const char *name, const char *must)
{
    note(check->wrong, sizeof check->wrong, name, must);
}

/* The member unless it is null. */
static const ut_json_node *member_of(const ut_ndjson_check *check, const char *name)
{
    const ut_json_node *member = ut_json_get(check->object, name);
    return ut_json_is(member, UT_JSON_NULL) ? NULL : member;
}

static ut_str take_str(ut_ndjson_check *check, const char *name, bool required, bool may_be_empty)
{
    const ut_json_node *member = member_of(check, name);
    if (member && member->type != UT_JSON_STRING) {
        note_wrong(check, name, " must be a string");
        return (ut_str){0};
    }
    if (required && (!member || (member->text.len == 0 && !may_be_empty))) {
        note_missing(check, name);
    }
    return member ? member->text : (ut_str){0};
}

static int64_t take_time(ut_ndjson_check *check, const char *name, bool required)
{
    int64_t us = 0;
    ut_str text = take_str(check, name, required, false);
    if (text.len && !ut_time_parse(text, &us)) {
        note_wrong(check, name, " must be a date-time like \"2026-01-05T10:00:00+01:00\"");
    }
    return us;
}

static bool take_bool(ut_ndjson_check *check, const char *name)
{
    const ut_json_node *member = member_of(check, name);
    if (member && member->type != UT_JSON_TRUE && member->type != UT_JSON_FALSE) {
        note_wrong(check, name, " must be true or false");
    }
    return ut_json_is(member, UT_JSON_TRUE);
}

static const ut_json_node *take_array(ut_ndjson_check *check, const char *name, ut_json_type of, const char *must)
{
    const ut_json_node *member = member_of(check, name);
    bool right = !member || member->type == UT_JSON_ARRAY;
    for (const ut_json_node *e = right ? ut_json_first(member) : NULL; e; e = ut_json_next(e)) {
        right &= e->type == of;
    }
    if (!right) {
        note_wrong(check, name, must);
    }
    return right ? member : NULL;
}

static ut_channel_kind take_channel_kind(ut_ndjson_check *check)
{
    static const struct {
        const char *name;
        ut_channel_kind kind;
    } kinds[] = {{"public", UT_CHANNEL_PUBLIC}, {"private", UT_CHANNEL_PRIVATE}, {"direct", UT_CHANNEL_DIRECT},
                 {"mail", UT_CHANNEL_MAIL},     {"issue", UT_CHANNEL_ISSUE}};
    ut_str name = take_str(check, "channel_kind", false, true);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (ut_str_eq(name, ut_str_of(kinds[i].name))) {
            return kinds[i].kind;
        }
    }
    if (name.len) {
        note_wrong(check, "channel_kind", " must be public, private, direct, mail or issue");
    }
    return UT_CHANNEL_PUBLIC;
}

static bool is_right_reaction(const ut_json_node *reaction)
{
    const ut_json_node *count = ut_json_get(reaction, "count");
    return ut_json_is(ut_json_get(reaction, "emoji"), UT_JSON_STRING) && (!count || count->type == UT_JSON_NUMBER);
}

static void check_reactions(ut_ndjson_check *check, const ut_json_node *reactions)
{
    for (const ut_json_node *r = ut_json_first(reactions); r; r = ut_json_next(r)) {
        if (!is_right_reaction(r)) {
            note_wrong(check, "reactions", " must have \"emoji\", a string, and \"count\", a number");
            return;
        }
    }
}

/* Reads a message's members; false with the reason written when it can't be taken. */
static bool look_at_line(ut_ndjson_line *ret, char reason[REASON_BYTES], const ut_json_node *object)
{
    ut_ndjson_check check = {.object = object};
    if (!ut_json_is(object, UT_JSON_OBJECT)) {
        (void)snprintf(reason, REASON_BYTES, "a line must hold one JSON object");
        return false;
    }
    ut_str kind = take_str(&check, "kind", true, false);
    if (kind.len && !ut_str_eq(kind, UT_STR("message"))) {
        note_wrong(&check, "kind", " must be message, event or work_item");
    }
    *ret = (ut_ndjson_line){0};
    ret->source = take_str(&check, "source", true, false);
    ret->id = take_str(&check, "id", true, false);
    ret->author = take_str(&check, "author", true, false);
    ret->at_us = take_time(&check, "at", true);
    ret->deleted = take_bool(&check, "deleted");
    ret->text = take_str(&check, "text", !ret->deleted, true);
    ret->channel = take_str(&check, "channel", false, true);
    ret->channel_kind = take_channel_kind(&check);
    ret->to = take_array(&check, "to", UT_JSON_STRING, " must be an array of strings");
    ret->reply_to = take_str(&check, "reply_to", false, true);
    ret->edited_us = take_time(&check, "edited_at", false);
    ret->reactions = take_array(&check, "reactions", UT_JSON_OBJECT, " must be an array of objects");
    check_reactions(&check, ret->reactions);
    if (ret->source.len > HANDLE_BYTES_MAX || ret->author.len > HANDLE_BYTES_MAX) {
        note_wrong(&check, "source and author", " may have 4096 bytes at most");
    }
    (void)snprintf(reason, REASON_BYTES, "%s%s%s%s", check.missing[0] ? "missing: " : "", check.missing,
                   check.missing[0] && check.wrong[0] ? "; " : "", check.wrong);
    return reason[0] == '\0';
}

/* "zulip:octo", or "mail:a@example.org" for what is an address. */
static void put_handle(ut_buf *to, ut_str source, ut_str author)
{
    if (ut_str_find_byte(author, '@', 0) == UT_NPOS) {
        ut_buf_put(to, source);
        ut_buf_byte(to, ':');
        ut_buf_put(to, author);
        return;
    }
    ut_buf_puts(to, "mail:");
    for (size_t i = 0; i < author.len; i++) {
        ut_buf_byte(to, ut_lower(author.ptr[i]));
    }
}

/* Reading ---------------------------------------------------------------------------------------------------------- */

typedef struct ut_ndjson {
    const ut_sink *sink;
    ut_json *json;
    ut_str path;
    ut_buf author;
    ut_buf to;           /* recipients of the line at hand, as ut_str */
    ut_buf window;       /* from the beginning of the line at hand */
    int64_t window_byte; /* its place in the file */
    bool skipping;       /* inside a line that was rejected as too long */
} ut_ndjson;

static ut_status reject(ut_ndjson *read, ut_str source, ut_str line, int64_t byte, const char *reason, ut_err *err)
{
    ut_reject dead = {
        .source = source.len ? source : UT_STR("ndjson"),
        .path = read->path,
        .byte = byte,
        .format = UT_FORMAT_NDJSON,
        .reason = ut_str_of(reason),
        .payload = ut_str_slice(line, 0, UT_REJECT_BYTES_MAX),
    };
    return read->sink->reject(read->sink->ctx, &dead, err);
}

static ut_status deliver(ut_ndjson *read, const ut_ndjson_line *line, ut_str payload, int64_t byte, ut_err *err)
{
    ut_buf_clear(&read->author);
    put_handle(&read->author, line->source, line->author);
    ut_buf_clear(&read->to);
    const ut_json_node *first = read->sink->recipients && line->to ? ut_json_first(line->to) : NULL;
    for (const ut_json_node *e = first; e; e = ut_json_next(e)) {
        ut_buf_put(&read->to, (ut_str){(const char *)&e->text, sizeof e->text});
    }
    if (read->author.failed != UT_OK || read->to.failed != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while reading messages");
    }
    ut_record record = {
        .kind = UT_RECORD_MESSAGE,
        .format = UT_FORMAT_NDJSON,
        .source = line->source,
        .id = line->id,
        .author = ut_buf_str(&read->author),
        .channel = line->channel,
        .channel_kind = line->channel_kind,
        .at_us = line->at_us,
        .edited_us = line->edited_us,
        .deleted = line->deleted,
        .to = (const void *)read->to.ptr,
        .to_count = read->to.len / sizeof(ut_str),
        .payload = payload,
        .byte = byte,
    };
    return read->sink->record(read->sink->ctx, &record, err);
}

static ut_status take_line(ut_ndjson *read, ut_str line, int64_t byte, ut_err *err)
{
    if (byte == 0 && ut_str_starts(line, UT_STR("\xEF\xBB\xBF"))) {
        line = ut_str_slice(line, 3, line.len);
        byte = 3;
    }
    if (ut_str_trim(line).len == 0) {
        return UT_OK;
    }
    const ut_json_node *root = NULL;
    ut_err why = {0};
    ut_status st = ut_json_parse(read->json, &root, line, &why);
    if (st == UT_NOMEM) {
        return ut_fail(err, st, "%s", why.message);
    }
    if (st != UT_OK) {
        char reason[REASON_BYTES + 40];
        (void)snprintf(reason, sizeof reason, "%.400s of the line", why.message);
        return reject(read, (ut_str){0}, line, byte + why.byte, reason, err);
    }
    ut_str kind = ut_json_str(root, "kind");
    if (ut_str_eq(kind, UT_STR("event")) || ut_str_eq(kind, UT_STR("work_item"))) {
        return read->sink->unsupported(read->sink->ctx, read->path, kind, err);
    }
    ut_ndjson_line fields;
    char reason[REASON_BYTES];
    if (!look_at_line(&fields, reason, root)) {
        return reject(read, ut_json_str(root, "source"), line, byte, reason, err);
    }
    return deliver(read, &fields, line, byte, err);
}

/* Takes the whole lines in the window; what is left of the last, unfinished one moves to the front. */
static ut_status take_lines(ut_ndjson *read, size_t searched, ut_err *err)
{
    ut_str rest = ut_buf_str(&read->window);
    size_t begin = 0;
    ut_status st = UT_OK;
    while (st == UT_OK) {
        size_t end = ut_str_find_byte(rest, '\n', searched > begin ? searched : begin);
        if (end == UT_NPOS) {
            break;
        }
        ut_str line = ut_str_slice(rest, begin, end);
        if (ut_str_ends(line, UT_STR("\r"))) {
            line.len--;
        }
        st = read->skipping ? UT_OK : take_line(read, line, read->window_byte + (int64_t)begin, err);
        read->skipping = false;
        begin = end + 1;
    }
    if (begin > 0) {
        memmove(read->window.ptr, read->window.ptr + begin, read->window.len - begin);
        read->window.len -= begin;
        read->window_byte += (int64_t)begin;
    }
    return st;
}

/* Gives up a line that is too long; its rest will be passed over. */
static ut_status drop_long_line(ut_ndjson *read, ut_err *err)
{
    ut_status st = UT_OK;
    if (!read->skipping) {
        char reason[100];
        (void)snprintf(reason, sizeof reason, "the line is longer than the %zu bytes a record may have",
                       (size_t)UT_RECORD_BYTES_MAX);
        st = reject(read, (ut_str){0}, ut_buf_str(&read->window), read->window_byte, reason, err);
    }
    read->skipping = true;
    read->window_byte += (int64_t)read->window.len;
    read->window.len = 0;
    return st;
}

static ut_status read_lines(ut_ndjson *read, ut_stream *stream, ut_err *err)
{
    for (;;) {
        size_t searched = read->window.len;
        char *to = ut_buf_reserve(&read->window, CHUNK_BYTES);
        size_t len = 0;
        if (!to) {
            return ut_fail(err, read->window.failed, "memory ended while reading messages");
        }
        ut_err why = {0};
        ut_status end = stream->read(stream->ctx, to, CHUNK_BYTES, &len, &why);
        if (end != UT_OK || len == 0) {
            /* The last line may lack its line end; of a stream that broke it is likely cut, and then rejected. */
            ut_str line = ut_buf_str(&read->window);
            ut_status st = read->skipping ? UT_OK : take_line(read, line, read->window_byte, err);
            if (st == UT_OK && end != UT_OK && err) {
                *err = why;
            }
            return st == UT_OK ? end : st;
        }
        read->window.len += len;
        ut_status st = take_lines(read, searched, err);
        if (st == UT_OK && read->window.len > (read->skipping ? 0 : UT_RECORD_BYTES_MAX)) {
            st = drop_long_line(read, err);
        }
        if (st != UT_OK) {
            return st;
        }
    }
}

ut_status ut_ndjson_read(const ut_sink *sink, ut_str path, ut_stream *stream, ut_err *err)
{
    ut_ndjson read = {.sink = sink, .path = path};
    read.author = ut_buf_make(2 * HANDLE_BYTES_MAX + 16);
    read.to = ut_buf_make(UT_RECORD_BYTES_MAX * sizeof(ut_str));
    read.window = ut_buf_make(UT_RECORD_BYTES_MAX + 2 * CHUNK_BYTES);
    ut_status st = ut_json_open(&read.json, err);
    if (st == UT_OK) {
        st = read_lines(&read, stream, err);
    }
    ut_json_close(&read.json);
    ut_buf_free(&read.author);
    ut_buf_free(&read.to);
    ut_buf_free(&read.window);
    return st;
}

/* Decoding --------------------------------------------------------------------------------------------------------- */

/* A copy with LF line ends. */
static ut_str keep_text(ut_arena *keep, ut_str text)
{
    char *out = ut_new(keep, char, text.len + 1);
    if (!out) {
        return (ut_str){0};
    }
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!(text.ptr[i] == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n')) {
            out[len++] = text.ptr[i];
        }
    }
    return (ut_str){out, len};
}

static bool keep_handles(ut_arena *keep, ut_message *message, const ut_ndjson_line *line)
{
    size_t count = line->to ? line->to->count : 0;
    message->to = count ? ut_new(keep, ut_str, count) : NULL;
    ut_buf handle = ut_buf_make(UT_RECORD_BYTES_MAX);
    bool kept = !count || message->to;
    for (const ut_json_node *to = kept ? ut_json_first(line->to) : NULL; to && kept; to = ut_json_next(to)) {
        if (to->text.len == 0) {
            continue;
        }
        ut_buf_clear(&handle);
        put_handle(&handle, line->source, to->text);
        ut_str copy = handle.failed == UT_OK ? ut_arena_copy(keep, ut_buf_str(&handle)) : (ut_str){0};
        kept = copy.ptr != NULL;
        message->to[message->to_count++] = copy;
    }
    ut_buf_free(&handle);
    return kept;
}

static bool keep_reactions(ut_arena *keep, ut_message *message, const ut_ndjson_line *line)
{
    size_t count = line->reactions ? line->reactions->count : 0;
    message->reactions = count ? ut_new(keep, ut_reaction, count) : NULL;
    if (count && !message->reactions) {
        return false;
    }
    for (const ut_json_node *r = ut_json_first(line->reactions); r; r = ut_json_next(r)) {
        int64_t times = 0;
        const ut_json_node *by = ut_json_get(r, "by");
        if (!ut_json_i64(r, "count", &times) && ut_json_is(by, UT_JSON_ARRAY)) {
            times = by->count;
        }
        ut_str emoji = ut_json_str(r, "emoji");
        if (emoji.len == 0 || times <= 0) {
            continue;
        }
        ut_str copy = ut_arena_copy(keep, emoji);
        if (!copy.ptr) {
            return false;
        }
        message->reactions[message->reaction_count++] = (ut_reaction){.emoji = copy, .count = times};
    }
    return true;
}

ut_status ut_ndjson_decode(ut_json *json, ut_arena *keep, ut_message *ret, ut_str payload, ut_err *err)
{
    const ut_json_node *root = NULL;
    ut_ndjson_line line;
    char reason[REASON_BYTES];
    ut_status st = ut_json_parse(json, &root, payload, err);
    if (st == UT_NOMEM) {
        return st;
    }
    if (st != UT_OK || !look_at_line(&line, reason, root)) {
        *ret = (ut_message){.unreadable = true};
        return UT_OK;
    }
    ut_message message = {.mail = line.channel_kind == UT_CHANNEL_MAIL};
    message.text = keep_text(keep, line.deleted ? (ut_str){0} : line.text);
    message.reply_to = ut_arena_copy(keep, line.reply_to);
    if (!message.text.ptr || !message.reply_to.ptr || !keep_handles(keep, &message, &line) ||
        !keep_reactions(keep, &message, &line)) {
        return ut_fail(err, UT_NOMEM, "memory ended while decoding a message");
    }
    *ret = message;
    return UT_OK;
}
