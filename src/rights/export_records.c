/* rights/export_records.c — every record a person wrote, opened and decoded; and what the analysis made of it.
 *
 * Records come in batches, because mails are parsed in a child process. Of a text only what its author wrote is given:
 * where it quotes or forwards others, those passages are left out and their bytes counted.
 */
#include "rights/export_int.h"

#include "bronze/source.h"
#include "codec/pack.h"
#include "text/clean.h"

enum { BATCH_RECORDS = 64, BATCH_BYTES = 8 << 20, PAGE_ITEMS = 2000 };

typedef struct entry {
    int64_t seq, item, version, author, bytes;
    int64_t written_us, edited_us, came_us;
    int64_t channel_kind;
    bool deleted, automatic, reduced;
    ut_format format;
    ut_str source, channel;
    ut_str payload; /* empty when it was dropped, or its key is gone */
    ut_message message;
} entry;

typedef struct reading {
    ut_export *x;
    ut_arena arena, scratch; /* of a batch; of one text */
    ut_pack *pack;
    ut_json *json;
    ut_mail_worker *mail; /* opened with the first mail */
    ut_buf plain, payload;
    ut_stmt *order, *fetch;
    entry entries[BATCH_RECORDS];
    size_t count;
    bool any;
} reading;

/* Only numbers are sorted; payloads are fetched one by one. */
static const char order_sql[] =
    UT_EXPORT_FAMILY "SELECT seq FROM record WHERE author IN (SELECT id FROM i) ORDER BY item, version";
static const char fetch_sql[] =
    "SELECT r.item, r.version, r.author, r.bytes, r.occurred_us, r.edited_us, r.observed_us, r.deleted, r.machine,"
    " r.reduced, r.format, r.source, c.name, c.kind, r.key, r.payload"
    " FROM record r LEFT JOIN channel c ON c.id = r.channel WHERE r.seq = ?1";

static ut_status reading_open(reading *r, ut_export *x, ut_err *err)
{
    ut_truth *truth = x->workspace->truth;
    r->x = x;
    r->plain = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    r->payload = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    ut_status st = ut_arena_open(&r->arena, 512 * UT_MIB);
    st = st == UT_OK ? ut_arena_open(&r->scratch, 64 * UT_MIB) : st;
    if (st != UT_OK) {
        return ut_fail(err, st, "memory ended while exporting");
    }
    st = ut_pack_open(&r->pack, err);
    st = st == UT_OK ? ut_json_open(&r->json, err) : st;
    st = st == UT_OK ? ut_truth_prepare(&r->order, truth, order_sql, err) : st;
    st = st == UT_OK ? ut_truth_prepare(&r->fetch, truth, fetch_sql, err) : st;
    if (st == UT_OK) {
        ut_stmt_bind_i64(r->order, 1, x->person);
    }
    return st;
}

static void reading_close(reading *r)
{
    ut_stmt_close(&r->order);
    ut_stmt_close(&r->fetch);
    ut_mail_worker_close(&r->mail);
    ut_json_close(&r->json);
    ut_pack_close(&r->pack);
    ut_buf_free(&r->plain);
    ut_buf_free(&r->payload);
    ut_arena_close(&r->scratch);
    ut_arena_close(&r->arena);
}

/* Opens a sealed payload; what does not open stays empty, and the export says so. */
static ut_status open_payload(reading *r, entry *e, ut_str key_context, ut_str sealed, ut_err *err)
{
    ut_key key;
    ut_buf_clear(&r->plain);
    ut_buf_clear(&r->payload);
    ut_status st = ut_identity_key(r->x->keys, &key, e->author, err);
    if (st != UT_OK) {
        return st == UT_NOT_FOUND ? UT_OK : st;
    }
    st = ut_seal_open(&r->plain, &key, sealed, key_context, NULL);
    st = st == UT_OK ? ut_pack_expand(r->pack, &r->payload, ut_buf_str(&r->plain), NULL) : st;
    ut_seal_wipe(&key, sizeof key);
    if (st == UT_OK) {
        e->payload = ut_arena_copy(&r->arena, ut_buf_str(&r->payload));
    }
    /* A record that could be opened with more memory must not be called unreadable. */
    bool memory = st == UT_NOMEM || st == UT_LIMIT || r->plain.failed || r->payload.failed;
    return memory || (st == UT_OK && !e->payload.ptr) ? ut_fail(err, UT_LIMIT, "one record does not fit into memory")
                                                      : UT_OK;
}

static ut_status fetch_one(reading *r, int64_t seq, ut_err *err)
{
    bool row = false;
    ut_stmt *s = r->fetch;
    ut_stmt_bind_i64(s, 1, seq);
    ut_status st = ut_stmt_step(s, &row, err);
    if (st != UT_OK || !row) {
        return st;
    }
    entry *e = &r->entries[r->count++];
    *e = (entry){.seq = seq, .item = ut_stmt_i64(s, 0), .version = ut_stmt_i64(s, 1), .author = ut_stmt_i64(s, 2),
                 .bytes = ut_stmt_i64(s, 3), .written_us = ut_stmt_i64(s, 4), .edited_us = ut_stmt_i64(s, 5),
                 .came_us = ut_stmt_i64(s, 6), .deleted = ut_stmt_i64(s, 7), .automatic = ut_stmt_i64(s, 8),
                 .reduced = ut_stmt_i64(s, 9), .format = (ut_format)ut_stmt_i64(s, 10),
                 .source = ut_arena_copy(&r->arena, ut_stmt_str(s, 11)),
                 .channel = ut_arena_copy(&r->arena, ut_stmt_str(s, 12)), .channel_kind = ut_stmt_i64(s, 13)};
    if (!e->reduced && !ut_stmt_is_null(s, 15)) {
        st = open_payload(r, e, ut_stmt_str(s, 14), ut_stmt_str(s, 15), err);
    }
    ut_stmt_reset(s);
    return st;
}

/* *ret_more is false when the statement has come to its end: stepped again, it would begin anew. */
static ut_status fetch_batch(reading *r, bool *ret_more, ut_err *err)
{
    bool row = true;
    size_t bytes = 0;
    ut_status st = UT_OK;
    ut_arena_reset(&r->arena);
    r->count = 0;
    while (st == UT_OK && r->count < BATCH_RECORDS && bytes < BATCH_BYTES &&
           (st = ut_stmt_step(r->order, &row, err)) == UT_OK && row) {
        st = fetch_one(r, ut_stmt_i64(r->order, 0), err);
        bytes += r->count ? r->entries[r->count - 1].payload.len : 0;
    }
    *ret_more = row;
    return st;
}

static ut_status decode_batch(reading *r, ut_err *err)
{
    entry *mails[BATCH_RECORDS];
    ut_str payloads[BATCH_RECORDS];
    ut_format formats[BATCH_RECORDS];
    ut_message messages[BATCH_RECORDS];
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        entry *e = &r->entries[i];
        ut_status st = UT_OK;
        if (e->payload.len == 0) {
            e->message.unreadable = true;
        } else if (e->format == UT_FORMAT_RFC822 || e->format == UT_FORMAT_MBOXRD) {
            mails[count] = e;
            payloads[count] = e->payload;
            formats[count++] = e->format;
        } else {
            st = e->format == UT_FORMAT_SLACK ? ut_slack_decode(r->json, &r->arena, &e->message, e->payload, err)
                                              : ut_ndjson_decode(r->json, &r->arena, &e->message, e->payload, err);
            e->message.unreadable |= st != UT_OK;
        }
        if (st == UT_NOMEM || st == UT_LIMIT) {
            return st;
        }
    }
    ut_status st = count && !r->mail ? ut_mail_worker_open(&r->mail, err) : UT_OK;
    st = st == UT_OK && count ? ut_mail_decode(r->mail, &r->arena, messages, payloads, formats, count, err) : st;
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        mails[i]->message = messages[i];
    }
    return st;
}

/* What stands between two kept stretches: blanks as they are, else what was left out, as a line break. */
static void put_gap(ut_buf *to, ut_str gap)
{
    ut_buf_put(to, ut_str_trim(gap).len ? UT_STR("\n") : gap);
}

/* The stretches that the author wrote, as they stood. */
static void put_own(ut_buf *to, ut_str text, const ut_clean *clean)
{
    size_t at = 0;
    for (size_t i = 0; i < clean->piece_count; i++) {
        const ut_clean_piece *piece = &clean->pieces[i];
        if (i) {
            put_gap(to, ut_str_slice(text, at, piece->original_at));
        }
        at = piece->original_at + piece->original_len;
        ut_buf_put(to, ut_str_slice(text, piece->original_at, at));
    }
}

static ut_status put_text(reading *r, const entry *e, ut_err *err)
{
    ut_buf *out = &r->x->out;
    ut_clean clean;
    ut_str text = e->message.text;
    ut_arena keep = r->arena; /* by value: gone with the next text */
    ut_status st = ut_text_clean(&keep, &clean, r->scratch, text, e->message.mail ? UT_CLEAN_MAIL : UT_CLEAN_CHAT);
    if (st != UT_OK) {
        return ut_fail(err, st, "one record does not fit into memory");
    }
    int64_t others = (int64_t)clean.stripped[UT_STRIP_QUOTE] + clean.stripped[UT_STRIP_FORWARD];
    if (others || clean.cut) {
        ut_buf own = ut_buf_make(4 * UT_MIB);
        put_own(&own, text, &clean);
        st = own.failed ? ut_fail(err, own.failed, "memory ended while exporting") : UT_OK;
        ut_export__text(out, false, "text", ut_buf_str(&own));
        ut_export__number(out, false, "quoted_bytes_left_out", others);
        ut_buf_free(&own);
    } else {
        ut_export__text(out, false, "text", text);
    }
    if (clean.cut) {
        ut_buf_puts(out, ",\"text_is_cut\":true");
    }
    return st;
}

/* Standard base64 with padding. */
static void put_base64(ut_buf *out, ut_str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++) {
            v = v << 8 | (k < n ? (unsigned char)bytes.ptr[i + k] : 0);
        }
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63], n > 1 ? digits[v >> 6 & 63] : '=',
                        n > 2 ? digits[v & 63] : '='};
        ut_buf_put(out, (ut_str){four, 4});
    }
}

void ut_export__raw(ut_buf *out, ut_str payload)
{
    if (ut_str_utf8_valid(payload) == payload.len) {
        ut_export__text(out, false, "raw", payload);
        return;
    }
    ut_export__key(out, false, "raw_base64");
    ut_buf_byte(out, '"');
    put_base64(out, payload);
    ut_buf_byte(out, '"');
}

static void put_flag(ut_buf *out, const char *key, bool value)
{
    if (value) {
        ut_export__key(out, false, key);
        ut_buf_puts(out, "true");
    }
}

/* The envelope: what the source said about the record, and how long it is kept. */
static void put_envelope(reading *r, const entry *e)
{
    static const char *const formats[] = {"", "mail", "mail", "slack", "ndjson"};
    static const char *const kinds[] = {"", "public", "private", "direct", "group direct", "mail", "issue"};
    ut_buf *out = &r->x->out;
    ut_export__number(out, true, "item", e->item);
    ut_export__number(out, false, "version", e->version);
    ut_export__number(out, false, "identity", e->author);
    ut_export__text(out, false, "source", e->source);
    ut_export__text(out, false, "format", ut_str_of(e->format <= UT_FORMAT_NDJSON ? formats[e->format] : ""));
    /* A direct channel is named after those who talk in it. */
    if (e->channel.len && e->channel_kind != UT_CHANNEL_DIRECT && e->channel_kind != UT_CHANNEL_GROUP_DIRECT) {
        ut_export__text(out, false, "channel", e->channel);
    }
    if (e->channel_kind > 0 && e->channel_kind <= UT_CHANNEL_ISSUE) {
        ut_export__text(out, false, "channel_kind", ut_str_of(kinds[e->channel_kind]));
    }
    ut_export__time(out, false, "written", e->written_us);
    if (e->edited_us) {
        ut_export__time(out, false, "edited", e->edited_us);
    }
    ut_export__time(out, false, "came_in", e->came_us);
    ut_export__time(out, false, "kept_until", e->came_us + r->x->policy.keep_raw_days * UT_DAY_US);
    ut_export__time(out, false, "analysis_kept_until", e->came_us + r->x->policy.keep_person_days * UT_DAY_US);
    ut_export__number(out, false, "bytes", e->bytes);
    put_flag(out, "deleted_in_source", e->deleted);
    put_flag(out, "automatic", e->automatic);
    put_flag(out, "dropped_as_its_time_was_over", e->reduced);
}

static ut_status put_one(reading *r, const entry *e, ut_err *err)
{
    ut_buf *out = &r->x->out;
    ut_status st = UT_OK;
    ut_buf_puts(out, r->any ? ",{" : "{");
    r->any = true;
    put_envelope(r, e);
    if (e->payload.len && !e->message.unreadable) {
        /* The subject of a reply is somebody else's. */
        if (e->message.subject.len && e->message.reply_to.len == 0) {
            ut_export__text(out, false, "subject", e->message.subject);
        }
        st = put_text(r, e, err);
        int64_t reactions = 0;
        for (size_t i = 0; i < e->message.reaction_count; i++) {
            reactions += e->message.reactions[i].count;
        }
        ut_export__number(out, false, "recipients", (int64_t)e->message.to_count);
        ut_export__number(out, false, "reactions", reactions);
        put_flag(out, "reply", e->message.reply_to.len > 0);
    } else {
        put_flag(out, "unreadable", !e->reduced);
    }
    if (r->x->raw && e->payload.len) {
        ut_export__raw(out, e->payload);
    }
    ut_buf_byte(out, '}');
    return st == UT_OK ? ut_export__flush(r->x, err) : st;
}

static ut_status put_records(ut_export *x, ut_err *err)
{
    reading r = {0};
    ut_status st = reading_open(&r, x, err);
    ut_export__key(&x->out, false, "records");
    ut_buf_byte(&x->out, '[');
    bool more = true;
    while (st == UT_OK && more) {
        st = fetch_batch(&r, &more, err);
        st = st == UT_OK ? decode_batch(&r, err) : st;
        for (size_t i = 0; st == UT_OK && i < r.count; i++) {
            st = put_one(&r, &r.entries[i], err);
        }
    }
    ut_buf_byte(&x->out, ']');
    reading_close(&r);
    return st;
}

/* The analysis ------------------------------------------------------------------------------------------------------
 */

/* "author IN (1, 2, 3)"; false for nobody. */
static void put_authors(ut_buf *sql, const ut_export *x)
{
    ut_buf_puts(sql, "author IN (");
    for (size_t i = 0; i < x->identity_count; i++) {
        ut_buf_format(sql, "%s%lld", i ? ", " : "", (long long)x->identities[i]);
    }
    ut_buf_puts(sql, x->identity_count ? ")" : "NULL)");
}

/* The last column is JSON of our own already. */
static void put_analysis(ut_buf *out, const ut_rows *rows, bool first)
{
    int columns = ut_rows_columns(rows);
    ut_buf_puts(out, first ? "{" : ",{");
    for (int i = 0, put = 0; i < columns; i++) {
        if (ut_rows_is_null(rows, i)) {
            continue;
        }
        ut_buf_puts(out, put++ ? "," : "");
        ut_buf_json_str(out, ut_rows_name(rows, i));
        ut_buf_byte(out, ':');
        switch (ut_rows_type(rows, i)) {
        case UT_VALUE_TEXT:
            if (i + 1 == columns) {
                ut_buf_put(out, ut_rows_str(rows, i));
            } else {
                ut_buf_json_str(out, ut_rows_str(rows, i));
            }
            break;
        case UT_VALUE_F64:
            ut_buf_json_num(out, ut_rows_f64(rows, i), 6);
            break;
        case UT_VALUE_BOOL:
            ut_buf_puts(out, ut_rows_i64(rows, i) ? "true" : "false");
            break;
        default:
            ut_buf_i64(out, ut_rows_i64(rows, i));
        }
    }
    ut_buf_byte(out, '}');
}

/* One page of items after *item, which moves on; *ret_count = rows. */
static ut_status put_page(ut_export *x, ut_lake *lake, int64_t *item, int64_t *ret_count, bool *first, ut_err *err)
{
    ut_rows *rows = NULL;
    bool more = false;
    ut_buf sql = ut_buf_make(64 * UT_KIB);
    ut_value after = ut_value_i64(*item);
    ut_buf_puts(&sql, "SELECT m.item, m.state, m.language, m.inherited AS language_inherited, m.words, m.stripped,"
                      " m.quote, m.code, s.model, s.sentiment, s.valence, s.arousal, s.dominance, s.certainty, s.joy,"
                      " s.gratitude, s.enthusiasm, s.confidence, s.care, s.stress, s.anxiety, s.frustration, s.anger,"
                      " s.sadness, s.exhaustion, s.detail AS why FROM (SELECT * FROM silver_message WHERE ");
    put_authors(&sql, x);
    ut_buf_format(&sql, " AND item > ? ORDER BY item LIMIT %d) m LEFT JOIN silver_score s ON s.item = m.item"
                        " ORDER BY m.item, s.model", PAGE_ITEMS);
    ut_buf_byte(&sql, '\0');
    ut_status st = sql.failed ? ut_fail(err, sql.failed, "memory ended while exporting")
                              : ut_lake_query(&rows, lake, sql.ptr, &after, 1, err);
    *ret_count = 0;
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        put_analysis(&x->out, rows, *first);
        *first = false;
        *item = ut_rows_i64(rows, 0);
        ++*ret_count;
        st = x->out.len > UT_MIB ? ut_export__flush(x, err) : UT_OK;
    }
    ut_rows_close(&rows);
    ut_buf_free(&sql);
    return st;
}

static ut_status put_analyses(ut_export *x, ut_err *err)
{
    ut_lake *lake = NULL;
    int64_t item = -1, count = 1;
    bool first = true;
    ut_export__key(&x->out, false, "analyses");
    ut_buf_byte(&x->out, '[');
    ut_status st = ut_workspace_lake(x->workspace, &lake, 0, err);
    while (st == UT_OK && count) {
        st = put_page(x, lake, &item, &count, &first, err);
    }
    ut_buf_byte(&x->out, ']');
    return st;
}

static ut_status put_languages(ut_export *x, ut_err *err)
{
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    bool more = false, first = true;
    ut_buf sql = ut_buf_make(64 * UT_KIB);
    ut_buf_puts(&sql, "SELECT DISTINCT language FROM silver_language WHERE ");
    put_authors(&sql, x);
    ut_buf_puts(&sql, " ORDER BY 1");
    ut_buf_byte(&sql, '\0');
    ut_export__key(&x->out, false, "languages");
    ut_buf_byte(&x->out, '[');
    ut_status st = ut_workspace_lake(x->workspace, &lake, 0, err);
    st = st == UT_OK && sql.failed ? ut_fail(err, sql.failed, "memory ended while exporting") : st;
    st = st == UT_OK ? ut_lake_query(&rows, lake, sql.ptr, NULL, 0, err) : st;
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        ut_buf_puts(&x->out, first ? "" : ",");
        ut_buf_json_str(&x->out, ut_rows_str(rows, 0));
        first = false;
    }
    ut_rows_close(&rows);
    ut_buf_free(&sql);
    ut_buf_byte(&x->out, ']');
    return st;
}

ut_status ut_export__records(ut_export *x, ut_err *err)
{
    ut_status st = put_records(x, err);
    st = st == UT_OK ? put_analyses(x, err) : st;
    return st == UT_OK ? put_languages(x, err) : st;
}
