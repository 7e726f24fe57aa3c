/* silver/message.c — the parallel part: from sealed payload to clean text and language, and from there to scores. */
#include "silver/silver_int.h"

static void fail_kit(ut_silver_kit *kit, ut_status status)
{
    if (kit->failed == UT_OK) {
        kit->failed = status;
    }
}

/* Unseals and unpacks into the kit's arena; the empty string with row->state UNREADABLE when that fails. */
static ut_str open_payload(ut_silver_kit *kit, ut_silver_row *row)
{
    row->state = UT_SILVER_UNREADABLE;
    if (row->erased) {
        return (ut_str){0};
    }
    ut_buf_clear(&kit->plain);
    ut_buf_clear(&kit->out);
    if (ut_seal_open(&kit->plain, &row->author_key, row->sealed, row->key, NULL) != UT_OK ||
        ut_pack_expand(kit->pack, &kit->out, ut_buf_str(&kit->plain), NULL) != UT_OK) {
        return (ut_str){0};
    }
    ut_str payload = ut_arena_copy(&kit->arena, ut_buf_str(&kit->out));
    if (!payload.ptr) {
        fail_kit(kit, ut_fail(&kit->err, UT_LIMIT, "a batch of messages does not fit into its memory"));
        return payload;
    }
    row->state = UT_SILVER_SCORED;
    return payload;
}

static void decode_one(ut_silver_kit *kit, ut_silver_row *row, ut_str payload)
{
    ut_err err = {0};
    ut_status st = row->format == UT_FORMAT_SLACK
                       ? ut_slack_decode(kit->json, &kit->arena, &row->message, payload, &err)
                       : ut_ndjson_decode(kit->json, &kit->arena, &row->message, payload, &err);
    if (st == UT_NOMEM || st == UT_LIMIT) {
        kit->err = err;
        fail_kit(kit, st);
    } else if (st != UT_OK) {
        row->state = UT_SILVER_UNREADABLE;
    }
}

static bool is_mail(const ut_silver_row *row)
{
    return row->format == UT_FORMAT_RFC822 || row->format == UT_FORMAT_MBOXRD;
}

/* Mails of a chunk go to the mail worker in one batch. */
static void decode_mails(ut_silver_kit *kit, ut_silver_row **rows, const ut_str *payloads, size_t count)
{
    ut_message messages[UT_SILVER_CHUNK];
    ut_format formats[UT_SILVER_CHUNK];
    ut_status st = kit->mail ? UT_OK : ut_mail_worker_open(&kit->mail, &kit->err);
    for (size_t i = 0; i < count; i++) {
        formats[i] = rows[i]->format;
    }
    st = st == UT_OK ? ut_mail_decode(kit->mail, &kit->arena, messages, payloads, formats, count, &kit->err) : st;
    if (st != UT_OK) {
        fail_kit(kit, st);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        rows[i]->message = messages[i];
    }
}

/* What is known before scoring; language comes after. The order is that of the counts people ask about. */
static ut_silver_state judge(const ut_silver_row *row)
{
    if (row->deleted) {
        return UT_SILVER_DELETED;
    }
    if (row->machine || row->bot || row->message.machine) {
        return UT_SILVER_AUTOMATIC;
    }
    if (!row->member) {
        return UT_SILVER_EXTERNAL;
    }
    if (row->message.unreadable) {
        return UT_SILVER_UNREADABLE;
    }
    return row->worded ? UT_SILVER_SCORED : UT_SILVER_EMPTY;
}

static int64_t reaction_sum(const ut_message *message)
{
    int64_t sum = 0;
    for (size_t i = 0; i < message->reaction_count; i++) {
        int64_t count = message->reactions[i].count;
        sum += count > 0 && count < 1000000 ? count : 1;
    }
    return sum;
}

static void clean_one(ut_silver_kit *kit, ut_silver_row *row)
{
    ut_clean_kind kind = row->message.mail ? UT_CLEAN_MAIL : UT_CLEAN_CHAT;
    row->message.unreadable |= row->state == UT_SILVER_UNREADABLE;
    ut_str text = row->message.unreadable ? (ut_str){0} : row->message.text;
    ut_status st = ut_text_clean(&kit->arena, &row->clean, kit->scratch, text, kind);
    if (st != UT_OK) {
        fail_kit(kit, ut_fail(&kit->err, st, "a batch of messages does not fit into its memory"));
        return;
    }
    row->worded = row->clean.text.len > 0;
    row->recipients = (int64_t)row->message.to_count;
    row->reactions = reaction_sum(&row->message);
    row->reply = row->message.reply_to.len > 0;
    row->lang = ut_lang_detect(row->clean.text);
    row->state = judge(row);
}

static void load_one(ut_silver_kit *kit, ut_silver_row *row, ut_str payload)
{
    ut_err err = {0};
    ut_status st = ut_silver_take_kept(kit, row, payload, &err);
    if (st == UT_NOMEM || st == UT_LIMIT) {
        kit->err = err;
        fail_kit(kit, st);
    } else if (st != UT_OK) {
        row->message.unreadable = true;
    }
}

static void decode_chunk(void *ctx, size_t chunk, int worker)
{
    ut_silver *silver = ctx;
    ut_silver_kit *kit = &silver->kits[worker];
    ut_silver_row *mails[UT_SILVER_CHUNK];
    ut_str payloads[UT_SILVER_CHUNK];
    size_t mail_count = 0;
    size_t from = chunk * UT_SILVER_CHUNK;
    size_t to = from + UT_SILVER_CHUNK < silver->batch.count ? from + UT_SILVER_CHUNK : silver->batch.count;
    for (size_t i = from; i < to && kit->failed == UT_OK; i++) {
        ut_silver_row *row = &silver->batch.rows[i];
        ut_str payload = row->stopped ? (ut_str){0} : open_payload(kit, row);
        if (row->state != UT_SILVER_SCORED || row->stopped) {
            continue;
        }
        if (row->reduced) {
            load_one(kit, row, payload);
        } else if (is_mail(row)) {
            payloads[mail_count] = payload;
            mails[mail_count++] = row;
        } else {
            decode_one(kit, row, payload);
        }
    }
    if (mail_count && kit->failed == UT_OK) {
        decode_mails(kit, mails, payloads, mail_count);
    }
    for (size_t i = from; i < to && kit->failed == UT_OK; i++) {
        ut_silver_row *row = &silver->batch.rows[i];
        if (row->stopped) {
            row->state = row->stopped;
            memcpy(row->lang.code, "und", 4);
        } else if (row->reduced) {
            row->message.unreadable |= row->state == UT_SILVER_UNREADABLE;
            row->state = judge(row);
        } else {
            clean_one(kit, row);
        }
    }
}

static void score_one(void *ctx, size_t number, int worker)
{
    ut_silver *silver = ctx;
    ut_silver_kit *kit = &silver->kits[worker];
    ut_silver_row *row = &silver->batch.rows[number];
    if (row->state != UT_SILVER_SCORED || row->reduced || !row->newest || kit->failed != UT_OK) {
        return;
    }
    ut_score_options options = {.language = ut_str_of(row->lang.code), .details = true};
    ut_status st = ut_session_score(kit->session, &row->scores, row->clean.text, &options, &kit->err);
    if (st != UT_OK) {
        fail_kit(kit, st);
        return;
    }
    ut_buf_clear(&kit->out);
    ut_session_write_json(kit->session, &kit->out, UT_FIELDS_DETAILED | UT_FIELDS_SPARSE);
    row->detail = ut_arena_copy(&kit->arena, ut_buf_str(&kit->out));
    if (kit->out.failed || !row->detail.ptr) {
        fail_kit(kit, ut_fail(&kit->err, UT_LIMIT, "a batch of scores does not fit into its memory"));
    }
}

static ut_status first_failure(ut_silver *silver, ut_err *err)
{
    for (int i = 0; i < ut_pool_width(silver->pool); i++) {
        if (silver->kits[i].failed != UT_OK) {
            if (err) {
                *err = silver->kits[i].err;
            }
            return silver->kits[i].failed;
        }
    }
    return UT_OK;
}

ut_status ut_silver_decode(ut_silver *silver, ut_err *err)
{
    for (int i = 0; i < ut_pool_width(silver->pool); i++) {
        ut_arena_reset(&silver->kits[i].arena);
    }
    ut_pool_run(silver->pool, decode_chunk, silver, (silver->batch.count + UT_SILVER_CHUNK - 1) / UT_SILVER_CHUNK);
    return first_failure(silver, err);
}

ut_status ut_silver_score(ut_silver *silver, ut_err *err)
{
    ut_pool_run(silver->pool, score_one, silver, silver->batch.count);
    return first_failure(silver, err);
}
