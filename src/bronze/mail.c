/* bronze/mail.c — mail to records, and stored mail to messages.
 *
 * Reading looks at headers only: the splitter finds the mails, their header blocks go to the mail worker in batches,
 * and the mails themselves go to the sink verbatim. Decoding sends whole mails to the worker and takes the text.
 *
 * A mail without a usable author or date is a dead letter, and so is one that is dated more than a day ahead: such a
 * date would stand on top of every report until it comes true.
 */
#include "bronze/source.h"
#include "codec/mbox.h"
#include "os/clock.h"

#include <inttypes.h>

/* Mails that share one trip to the worker. */
#define BATCH_MAILS 256
/* Replies to a batch: 3 bytes per header byte at the worst, and the recipients. */
#define BATCH_ARENA_BYTES (256 * UT_MIB)
/* Authors remembered per file, so that a person is not announced with every mail. Beyond, they are announced again. */
#define PEOPLE_MAX 65536
#define SEED_LOW 0x6D61696C6E6F6964u
#define SEED_HIGH 0x756E646572746F6Eu

typedef struct ut_mail_item {
    size_t from; /* in `payloads` */
    size_t len;
    size_t header_len;
    int64_t byte;         /* where the item begins in its file */
    int64_t mail_byte;    /* where the mail itself begins */
    int64_t separator_us; /* INT64_MIN when there is no separator */
} ut_mail_item;

typedef struct ut_mail_reader {
    const ut_sink *sink;
    ut_mail_worker *worker;
    ut_str path;
    ut_format format;
    ut_arena arena;  /* replies of one batch */
    ut_buf payloads; /* the mails of one batch */
    ut_buf word;     /* ids and handles of one record */
    ut_map people;
    ut_mail_item items[BATCH_MAILS];
    size_t count;
} ut_mail_reader;

static ut_status open_reader(ut_mail_reader *reader, ut_err *err)
{
    reader->payloads = ut_buf_make(UT_RECORD_BYTES_MAX + UT_BATCH_BYTES);
    reader->word = ut_buf_make(UT_HEADER_BLOCK_MAX);
    reader->people = ut_map_make(PEOPLE_MAX);
    if (ut_arena_open(&reader->arena, BATCH_ARENA_BYTES) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "no memory to read mail");
    }
    return UT_OK;
}

static void close_reader(ut_mail_reader *reader)
{
    ut_arena_close(&reader->arena);
    ut_buf_free(&reader->payloads);
    ut_buf_free(&reader->word);
    ut_map_free(&reader->people);
}

static ut_status reject(ut_mail_reader *reader, int64_t byte, ut_str payload, ut_str reason, ut_err *err)
{
    ut_reject dead = {
        .source = UT_STR("mail"),
        .path = reader->path,
        .byte = byte,
        .format = reader->format,
        .reason = reason,
        .payload = ut_str_slice(payload, 0, UT_REJECT_BYTES_MAX),
    };
    return reader->sink->reject(reader->sink->ctx, &dead, err);
}

/* The Message-ID, or one made from the header block: the same mail read again gets the same. */
static void put_id(ut_buf *to, const ut_mail *mail, ut_str header)
{
    if (mail->message_id.len) {
        ut_buf_put(to, mail->message_id);
        return;
    }
    /* Whether an empty line follows depends on the container, not on the mail. */
    while (header.len && (header.ptr[header.len - 1] == '\n' || header.ptr[header.len - 1] == '\r')) {
        header.len--;
    }
    ut_buf_format(to, "none:%016" PRIx64 "%016" PRIx64, ut_hash_bytes(header, SEED_LOW),
                  ut_hash_bytes(header, SEED_HIGH));
}

/* Announces the author once per file and name. */
static ut_status announce(ut_mail_reader *reader, ut_str handle, const ut_mailbox *from, ut_err *err)
{
    if (!reader->sink->person) {
        return UT_OK;
    }
    ut_buf key = ut_buf_make(UT_HEADER_BLOCK_MAX);
    ut_buf_put(&key, from->address);
    ut_buf_byte(&key, '\0');
    ut_buf_put(&key, from->name);
    uint64_t *seen = key.failed == UT_OK ? ut_map_put(&reader->people, ut_buf_str(&key)) : NULL;
    ut_buf_free(&key);
    if (seen && *seen) {
        return UT_OK;
    }
    if (seen) {
        *seen = 1;
    }
    ut_person_hint hint = {.handle = handle, .address = from->address, .name = from->name};
    return reader->sink->person(reader->sink->ctx, &hint, err);
}

/* The addresses of a mail's recipients, in the arena of the batch. */
static ut_status list_recipients(ut_mail_reader *reader, ut_record *record, const ut_mail *mail, ut_err *err)
{
    ut_str *to = ut_new(&reader->arena, ut_str, mail->to_count);
    if (!to) {
        return ut_fail(err, UT_LIMIT, "no room for %zu recipients", mail->to_count);
    }
    for (size_t i = 0; i < mail->to_count; i++) {
        to[i] = mail->to[i].address;
    }
    record->to = to;
    record->to_count = mail->to_count;
    return UT_OK;
}

static ut_status deliver_record(ut_mail_reader *reader, const ut_mail_item *item, const ut_mail *mail, int64_t at_us,
                                ut_str payload, ut_err *err)
{
    ut_buf_clear(&reader->word);
    put_id(&reader->word, mail, ut_str_slice(payload, 0, item->header_len));
    size_t id_len = reader->word.len;
    ut_buf_puts(&reader->word, "mail:");
    ut_buf_put(&reader->word, mail->from.address);
    if (reader->word.failed != UT_OK) {
        return ut_fail(err, reader->word.failed, "no memory for a mail's id");
    }
    ut_record record = {
        .kind = UT_RECORD_MESSAGE,
        .format = reader->format,
        .source = UT_STR("mail"),
        .id = ut_str_slice(ut_buf_str(&reader->word), 0, id_len),
        .author = ut_str_slice(ut_buf_str(&reader->word), id_len, reader->word.len),
        .author_name = mail->from.name,
        .channel = mail->list_id,
        .channel_kind = UT_CHANNEL_MAIL,
        .at_us = at_us,
        .machine = mail->machine != UT_MAIL_HUMAN,
        .payload = payload,
        .byte = item->byte,
    };
    ut_status st = announce(reader, record.author, &mail->from, err);
    st = st == UT_OK && reader->sink->recipients ? list_recipients(reader, &record, mail, err) : st;
    return st == UT_OK ? reader->sink->record(reader->sink->ctx, &record, err) : st;
}

/* One parsed mail to the sink, as a record or a dead letter. */
static ut_status settle(ut_mail_reader *reader, const ut_mail_item *item, const ut_mail_reply *reply, ut_err *err)
{
    ut_str payload = ut_str_slice(ut_buf_str(&reader->payloads), item->from, item->from + item->len);
    if (reply->status != UT_OK) {
        int64_t byte = reply->err.byte > 0 ? item->mail_byte + reply->err.byte : item->byte;
        return reject(reader, byte, payload, ut_str_of(reply->err.message), err);
    }
    if (reply->mail.from.address.len == 0) {
        return reject(reader, item->byte, payload, UT_STR("no author: neither From nor Sender holds an address"), err);
    }
    int64_t at_us = reply->mail.date_us != INT64_MIN ? reply->mail.date_us : item->separator_us;
    if (at_us == INT64_MIN) {
        return reject(reader, item->byte, payload, UT_STR("no date: Date and Received are missing or can't be read"),
                      err);
    }
    if (at_us > ut_clock_now_us() + UT_DAY_US) {
        char day[32];
        size_t len = ut_time_format(day, at_us);
        ut_str reason = ut_arena_format(&reader->arena, "dated %.*s, more than a day ahead of now", (int)len, day);
        return reject(reader, item->byte, payload, reason, err);
    }
    return deliver_record(reader, item, &reply->mail, at_us, payload, err);
}

/* Parses what has gathered and empties the batch. */
static ut_status flush(ut_mail_reader *reader, ut_err *err)
{
    size_t count = reader->count;
    reader->count = 0;
    if (count == 0) {
        return UT_OK;
    }
    ut_mail_reply *replies = ut_new(&reader->arena, ut_mail_reply, count);
    ut_str *headers = ut_new(&reader->arena, ut_str, count);
    if (!replies || !headers) {
        return ut_fail(err, UT_LIMIT, "no room for a batch of %zu mails", count);
    }
    for (size_t i = 0; i < count; i++) {
        const ut_mail_item *item = &reader->items[i];
        headers[i] = ut_str_slice(ut_buf_str(&reader->payloads), item->from, item->from + item->header_len);
    }
    ut_status st = ut_mail_worker_parse(reader->worker, &reader->arena, replies, headers, count, UT_MIME_HEADERS, err);
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        st = settle(reader, &reader->items[i], &replies[i], err);
    }
    ut_buf_clear(&reader->payloads);
    ut_arena_reset(&reader->arena);
    return st;
}

static ut_status gather(ut_mail_reader *reader, ut_mail_item item, ut_str mail, ut_err *err)
{
    item.from = reader->payloads.len;
    item.len = mail.len;
    item.header_len = ut_mime_header_length(mail);
    ut_buf_put(&reader->payloads, mail);
    if (reader->payloads.failed != UT_OK) {
        return ut_fail(err, reader->payloads.failed, "no memory for a mail of %zu bytes", mail.len);
    }
    reader->items[reader->count++] = item;
    bool full = reader->count == BATCH_MAILS || reader->payloads.len >= UT_BATCH_BYTES;
    return full ? flush(reader, err) : UT_OK;
}

static ut_status on_item(void *ctx, const ut_mbox_item *item, ut_err *err)
{
    ut_mail_reader *reader = ctx;
    if (item->state != UT_OK) {
        /* Dead letters keep their place among the records. */
        ut_status st = flush(reader, err);
        if (st != UT_OK) {
            return st;
        }
        ut_str reason = item->state == UT_INVALID
                            ? UT_STR("no mbox separator (\"From address date\") stands before these bytes")
                            : ut_arena_format(&reader->arena, "the mail has %" PRId64 " bytes, at most %zu are taken",
                                              item->size_bytes, UT_RECORD_BYTES_MAX);
        return reject(reader, item->byte, item->mail, reason, err);
    }
    ut_mail_item gathered = {.byte = item->byte, .separator_us = INT64_MIN};
    gathered.mail_byte = item->byte + (item->mail.ptr - item->separator.ptr);
    (void)ut_mbox_separator_date(item->separator, &gathered.separator_us);
    return gather(reader, gathered, item->mail, err);
}

ut_status ut_mail_read_mbox(const ut_sink *sink, ut_mail_worker *worker, ut_str path, ut_stream *stream, ut_err *err)
{
    ut_mail_reader *reader = ut_mem_zeroed(1, sizeof *reader);
    if (!reader) {
        return ut_fail(err, UT_NOMEM, "no memory to read mail");
    }
    reader->sink = sink;
    reader->worker = worker;
    reader->path = path;
    reader->format = UT_FORMAT_MBOXRD;
    ut_status st = open_reader(reader, err);
    if (st == UT_OK) {
        st = ut_mbox_read(stream, on_item, reader, err);
        /* A stream that breaks off has still given whole mails. */
        ut_err later = {0};
        ut_status last = reader->count ? flush(reader, st == UT_OK ? err : &later) : UT_OK;
        st = st == UT_OK ? last : st;
    }
    close_reader(reader);
    ut_mem_free(reader);
    return st;
}

/* The whole stream, or its beginning with UT_LIMIT. */
static ut_status read_whole(ut_buf *to, ut_stream *stream, ut_err *err)
{
    while (true) {
        size_t room = 256 * UT_KIB;
        size_t len = 0;
        char *at = ut_buf_reserve(to, room);
        if (!at) {
            return ut_fail(err, to->failed, "no room for a mail of more than %zu bytes", to->len);
        }
        ut_status st = stream->read(stream->ctx, at, room, &len, err);
        if (st != UT_OK || len == 0) {
            return st;
        }
        to->len += len;
        if (to->len > UT_RECORD_BYTES_MAX) {
            return UT_LIMIT;
        }
    }
}

static ut_status read_one(ut_mail_reader *reader, ut_stream *stream, ut_err *err)
{
    ut_buf bytes = ut_buf_make(UT_RECORD_BYTES_MAX + 512 * UT_KIB);
    ut_status st = read_whole(&bytes, stream, err);
    if (st == UT_LIMIT && bytes.failed == UT_OK) {
        ut_str reason = ut_arena_format(&reader->arena, "the mail has more than %zu bytes", UT_RECORD_BYTES_MAX);
        st = reject(reader, 0, ut_buf_str(&bytes), reason, err);
    } else if (st == UT_OK) {
        st = gather(reader, (ut_mail_item){.separator_us = INT64_MIN}, ut_buf_str(&bytes), err);
        st = st == UT_OK ? flush(reader, err) : st;
    }
    ut_buf_free(&bytes);
    return st;
}

ut_status ut_mail_read_eml(const ut_sink *sink, ut_mail_worker *worker, ut_str path, ut_stream *stream, ut_err *err)
{
    ut_mail_reader *reader = ut_mem_zeroed(1, sizeof *reader);
    if (!reader) {
        return ut_fail(err, UT_NOMEM, "no memory to read mail");
    }
    reader->sink = sink;
    reader->worker = worker;
    reader->path = path;
    reader->format = UT_FORMAT_RFC822;
    ut_status st = open_reader(reader, err);
    if (st == UT_OK) {
        st = read_one(reader, stream, err);
    }
    close_reader(reader);
    ut_mem_free(reader);
    return st;
}

/* Decoding -----------------------------------------------------------------------------------------------------------
 */

/* Where an escaped line begins ("\n>From ", "\n>>From "), counting from `from`; the position of its first '>'. */
static size_t find_escaped(ut_str mail, size_t from)
{
    while (true) {
        size_t at = ut_str_find(mail, UT_STR(">From "), from);
        if (at == UT_NPOS) {
            return UT_NPOS;
        }
        size_t first = at;
        while (first > 0 && mail.ptr[first - 1] == '>') {
            first--;
        }
        if (first == 0 || mail.ptr[first - 1] == '\n') {
            return first;
        }
        from = at + 1;
    }
}

/* The mail without the '>' that an mbox writer put before "From "; the mail itself when there is none. {NULL, 0} when
 * the arena is full. */
static ut_str unescape(ut_arena *keep, ut_str mail)
{
    size_t at = find_escaped(mail, 0);
    if (at == UT_NPOS) {
        return mail;
    }
    char *to = ut_new(keep, char, mail.len);
    if (!to) {
        return (ut_str){0};
    }
    size_t len = 0;
    size_t from = 0;
    while (at != UT_NPOS) {
        memcpy(to + len, mail.ptr + from, at - from);
        len += at - from;
        from = at + 1;
        /* The line's other '>' are its own: the hunt goes on behind them. */
        at = find_escaped(mail, ut_str_find(mail, UT_STR("From "), from));
    }
    memcpy(to + len, mail.ptr + from, mail.len - from);
    return (ut_str){to, len + mail.len - from};
}

static ut_status to_message(ut_arena *keep, ut_message *ret, const ut_mail_reply *reply, ut_err *err)
{
    ut_message message = {.mail = true, .unreadable = reply->status != UT_OK};
    if (reply->status == UT_OK) {
        const ut_mail *mail = &reply->mail;
        message.text = mail->text;
        message.subject = mail->subject;
        message.machine = mail->machine != UT_MAIL_HUMAN;
        message.reply_to = mail->parent_id;
        message.to_count = mail->to_count;
        message.to = ut_new(keep, ut_str, mail->to_count);
        for (size_t i = 0; message.to && i < mail->to_count; i++) {
            message.to[i] = ut_arena_format(keep, "mail:" UT_STR_FMT, UT_STR_ARG(mail->to[i].address));
            if (!message.to[i].len) {
                message.to = NULL;
            }
        }
        if (!message.to) {
            return ut_fail(err, UT_LIMIT, "no room for %zu recipients in the arena", mail->to_count);
        }
    }
    *ret = message;
    return UT_OK;
}

ut_status ut_mail_decode(ut_mail_worker *worker, ut_arena *keep, ut_message *ret_messages, const ut_str *payloads,
                         const ut_format *formats, size_t count, ut_err *err)
{
    ut_mail_reply *replies = ut_new(keep, ut_mail_reply, count);
    ut_str *mails = ut_new(keep, ut_str, count);
    if (!replies || !mails) {
        return ut_fail(err, UT_LIMIT, "no room for a batch of %zu mails", count);
    }
    for (size_t i = 0; i < count; i++) {
        mails[i] = formats[i] == UT_FORMAT_MBOXRD ? unescape(keep, payloads[i]) : payloads[i];
        if (payloads[i].len && !mails[i].ptr) {
            return ut_fail(err, UT_LIMIT, "no room for a mail of %zu bytes in the arena", payloads[i].len);
        }
    }
    ut_status st = ut_mail_worker_parse(worker, keep, replies, mails, count, UT_MIME_ALL, err);
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        st = to_message(keep, &ret_messages[i], &replies[i], err);
    }
    return st;
}
