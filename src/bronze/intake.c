/* bronze/intake.c — from readers' records to committed rows.
 *
 * Two batches take turns: the reader fills one while the other is stored on a thread of its own, so that parsing and
 * storing share the processors. The truth belongs to that thread while it runs; whoever else wants it waits
 * (truth_is_ours).
 *
 * A batch goes through four steps: (1) digests of key and content, in parallel; (2) look-up of what is known, in order,
 * also within the batch; (3) packing and sealing of what is new, in parallel; (4) inserts and commit. Duplicates cost
 * step 1 and 2 only, which is what makes a second run cheap. Step 2 compares with every stored version of a record, so
 * that an old export read after a newer one never brings old content back as a "new version".
 */
#include "bronze/intake.h"
#include "base/mem.h"
#include "bronze/gate.h"
#include "codec/pack.h"
#include "os/clock.h"
#include "os/pool.h"
#include "os/task.h"
#include "people/identity.h"

#include <stdio.h>

enum {
    WORKERS_MAX = 64,
    UNSUPPORTED_MAX = 200,
    SEAL_MARGIN = 1024, /* what packing and sealing may add to a payload, besides zstd's bound of 1/128 */
};

typedef enum verdict { VERDICT_NEW, VERDICT_UPDATED, VERDICT_DUPLICATE } verdict;

typedef struct item {
    ut_record record;  /* strings in the batch arena */
    ut_digest key;
    ut_digest content;
    int64_t author;    /* identity, 0 = none */
    int64_t channel;   /* 0 = none */
    ut_key author_key;
    int64_t known_item; /* record.item when some version is stored, else 0 */
    int64_t version;   /* to be stored as */
    verdict verdict;
    ut_buf box;        /* fixed room in the batch arena */
} item;

/* A unit of input (file, export) that was read to its end, to be remembered with the batch that holds its last record.
 */
typedef struct unit {
    ut_digest path, stamp;
    int64_t read, skipped, rejected;
} unit;

typedef struct batch {
    ut_arena arena;
    item *items;                /* UT_BATCH_RECORDS of them */
    size_t count;
    size_t bytes;               /* of payloads */
    unit *units;                /* UT_BATCH_RECORDS of them */
    size_t unit_count;
    ut_ingest_counts counts;    /* added to the intake's when the batch is committed */
} batch;

struct ut_intake {
    ut_workspace *workspace;
    ut_identities *identities;
    ut_pool *pool;
    ut_task *task;
    ut_pack *packs[WORKERS_MAX];
    ut_buf packed[WORKERS_MAX];
    ut_sink sink;
    ut_ingest_counts counts;    /* committed */
    ut_ingest_counts taken;     /* delivered by readers, committed or not: what a unit's counts are made of */
    batch batches[2];
    batch *filling;             /* the reader's */
    batch *storing;             /* the task's while it runs */
    bool in_transaction;        /* like the truth, the task's while it runs */
    ut_gate gate;
    bool retired;               /* records were deleted when their time was over */
    ut_status failed;           /* of the first batch that could not be stored */
    ut_map channels;            /* "source\1name" → id; cleared with the handle */
    ut_map batch_keys;          /* key digest → last item number in the batch being stored + 1 */
    ut_map unsupported;         /* what → count */
    char examples[UNSUPPORTED_MAX][160];
    int64_t seq;                /* last one given out in this transaction */
    ut_stmt *known, *same, *gone, *insert, *seq_get, *seq_set, *channel_find, *channel_add, *reject, *seen, *see;
};

/* Opening and closing -----------------------------------------------------------------------------------------------
 */

static ut_status prepare(ut_intake *in, ut_err *err)
{
    const struct {
        ut_stmt **stmt;
        const char *sql;
    } all[] = {
        {&in->known, "SELECT item, version FROM record WHERE key = ?1 ORDER BY version DESC LIMIT 1"},
        {&in->same, "SELECT 1 FROM record WHERE key = ?1 AND content = ?2"},
        {&in->gone, "SELECT 1 FROM retired WHERE key = ?1"},
        {&in->insert,
         "INSERT INTO record (item, key, version, content, kind, format, source, channel, author, observed_us,"
         " occurred_us, edited_us, deleted, machine, bytes, payload, seq) VALUES"
         " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"},
        {&in->seq_get, "SELECT CAST(value AS INTEGER) FROM setting WHERE key = 'record_seq'"},
        {&in->seq_set, "INSERT INTO setting VALUES ('record_seq', CAST(?1 AS TEXT))"
                       " ON CONFLICT (key) DO UPDATE SET value = CAST(?1 AS TEXT)"},
        {&in->channel_find, "SELECT id FROM channel WHERE source = ?1 AND name = ?2"},
        {&in->channel_add, "INSERT INTO channel (source, name, kind) VALUES (?1, ?2, ?3)"},
        {&in->reject, "INSERT INTO reject (digest, at_us, source, format, byte, reason, sealed)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (digest) DO NOTHING"},
        {&in->seen, "SELECT read, skipped, rejected FROM file_seen WHERE digest = ?1 AND stamp = ?2"},
        {&in->see, "INSERT INTO file_seen VALUES (?1, ?2, ?3, ?4, ?5)"
                   " ON CONFLICT (digest) DO UPDATE SET stamp = ?2, read = ?3, skipped = ?4, rejected = ?5"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ut_status st = ut_truth_prepare(all[i].stmt, in->workspace->truth, all[i].sql, err);
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

static ut_status take_record(void *ctx, const ut_record *record, ut_err *err);
static ut_status take_reject(void *ctx, const ut_reject *reject, ut_err *err);
static ut_status take_person(void *ctx, const ut_person_hint *hint, ut_err *err);
static ut_status take_unsupported(void *ctx, ut_str path, ut_str what, ut_err *err);

static ut_status open_batch(batch *b)
{
    /* Payloads twice (as read, as sealed), envelopes, and the one largest record that may overshoot the batch. */
    ut_status st = ut_arena_open(&b->arena, 3 * (UT_BATCH_BYTES + UT_RECORD_BYTES_MAX) + 16 * UT_MIB);
    b->items = ut_mem_zeroed(UT_BATCH_RECORDS, sizeof *b->items);
    b->units = ut_mem_zeroed(UT_BATCH_RECORDS, sizeof *b->units);
    return st == UT_OK && (!b->items || !b->units) ? UT_NOMEM : st;
}

static void close_batch(batch *b)
{
    ut_arena_close(&b->arena);
    b->items = ut_mem_free(b->items);
    b->units = ut_mem_free(b->units);
}

static ut_status find_retired(ut_intake *in, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, in->workspace->truth, "SELECT 1 FROM retired LIMIT 1", err);
    st = st == UT_OK ? ut_stmt_step(stmt, &in->retired, err) : st;
    ut_stmt_close(&stmt);
    return st;
}

static ut_status open_parts(ut_intake *in, int threads, ut_err *err)
{
    ut_status st = open_batch(&in->batches[0]);
    st = st == UT_OK ? open_batch(&in->batches[1]) : st;
    st = st == UT_OK ? ut_identities_open(&in->identities, in->workspace, err) : st;
    st = st == UT_OK ? ut_pool_open(&in->pool, threads, err) : st;
    st = st == UT_OK ? ut_task_open(&in->task, err) : st;
    for (int i = 0; st == UT_OK && i < ut_pool_width(in->pool); i++) {
        in->packed[i] = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
        st = ut_pack_open(&in->packs[i], err);
    }
    st = st == UT_OK ? prepare(in, err) : st;
    st = st == UT_OK ? ut_gate_open(&in->gate, in->workspace, err) : st;
    in->sink.recipients = ut_gate_wants_recipients(&in->gate);
    return st == UT_OK ? find_retired(in, err) : st;
}

ut_status ut_intake_open(ut_intake **ret, ut_workspace *workspace, int threads, ut_err *err)
{
    ut_intake *in = ut_mem_zeroed(1, sizeof *in);
    if (!in) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing to ingest");
    }
    in->workspace = workspace;
    in->filling = &in->batches[0];
    in->storing = &in->batches[1];
    in->channels = ut_map_make(1000000);
    in->batch_keys = ut_map_make(UT_BATCH_RECORDS);
    in->unsupported = ut_map_make(UNSUPPORTED_MAX);
    in->sink = (ut_sink){.ctx = in, .record = take_record, .reject = take_reject, .person = take_person,
                         .unsupported = take_unsupported};
    ut_status st = open_parts(in, threads, err);
    if (st != UT_OK) {
        ut_intake_close(&in);
        return st == UT_NOMEM ? ut_fail(err, st, "memory ended while preparing to ingest") : st;
    }
    *ret = in;
    return UT_OK;
}

void ut_intake_close(ut_intake **in_ref)
{
    ut_intake *in = *in_ref;
    if (!in) {
        return;
    }
    ut_task_close(&in->task);
    ut_stmt **const all[] = {&in->known,   &in->same,         &in->gone,        &in->insert, &in->seq_get,
                             &in->seq_set, &in->channel_find, &in->channel_add, &in->reject, &in->seen, &in->see};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ut_stmt_close(all[i]);
    }
    if (in->in_transaction) {
        ut_truth_rollback(in->workspace->truth);
    }
    ut_identities_close(&in->identities);
    ut_pool_close(&in->pool);
    for (int i = 0; i < WORKERS_MAX; i++) {
        ut_pack_close(&in->packs[i]);
        ut_buf_free(&in->packed[i]);
    }
    ut_map_free(&in->channels);
    ut_map_free(&in->batch_keys);
    ut_map_free(&in->unsupported);
    ut_gate_close(&in->gate);
    close_batch(&in->batches[0]);
    close_batch(&in->batches[1]);
    *in_ref = ut_mem_free(in);
}

const ut_sink *ut_intake_sink(const ut_intake *in)
{
    return &in->sink;
}

ut_digest ut_intake_gate_stamp(const ut_intake *in)
{
    return in->gate.stamp;
}

const ut_ingest_counts *ut_intake_counts(const ut_intake *in)
{
    return &in->counts;
}

static void add_counts(ut_ingest_counts *to, const ut_ingest_counts *more)
{
    to->read += more->read;
    to->added += more->added;
    to->updated += more->updated;
    to->duplicate += more->duplicate;
    to->skipped += more->skipped;
    to->rejected += more->rejected;
    to->unsupported += more->unsupported;
}

/* Waits until the truth is the reader's again; fails when storing did, and from then on: a batch stored after one that
 * was lost would number its records differently from an undisturbed run. */
static ut_status truth_is_ours(ut_intake *in, ut_err *err)
{
    ut_status st = ut_task_wait(in->task, err);
    if (st == UT_OK && in->failed != UT_OK) {
        return ut_fail(err, in->failed, "storing failed before; run the same command again");
    }
    in->failed = st;
    return st;
}

ut_status ut_intake_unit_begin(ut_intake *in, ut_unit *ret, ut_digest path, ut_digest stamp, ut_err *err)
{
    bool row = false;
    ut_status st = truth_is_ours(in, err);
    if (st != UT_OK) {
        return st;
    }
    ut_stmt_bind_blob(in->seen, 1, ut_digest_str(&path));
    ut_stmt_bind_blob(in->seen, 2, ut_digest_str(&stamp));
    st = ut_stmt_step(in->seen, &row, err);
    if (st != UT_OK) {
        return st;
    }
    if (row) {
        ut_ingest_counts known = {.read = ut_stmt_i64(in->seen, 0), .skipped = ut_stmt_i64(in->seen, 1),
                                  .rejected = ut_stmt_i64(in->seen, 2)};
        known.duplicate = known.read - known.skipped - known.rejected;
        add_counts(&in->counts, &known);
        ut_stmt_reset(in->seen);
    }
    *ret = (ut_unit){.path = path, .stamp = stamp, .before = in->taken, .unchanged = row};
    return UT_OK;
}

ut_status ut_intake_unit_end(ut_intake *in, const ut_unit *u, ut_err *err)
{
    /* What a later version may come to read is not remembered as done. */
    if (in->taken.unsupported > u->before.unsupported) {
        return UT_OK;
    }
    batch *b = in->filling;
    b->units[b->unit_count++] = (unit){u->path, u->stamp, in->taken.read - u->before.read,
                                       in->taken.skipped - u->before.skipped, in->taken.rejected - u->before.rejected};
    return b->unit_count == UT_BATCH_RECORDS ? ut_intake_flush(in, err) : UT_OK;
}

/* Taking in ---------------------------------------------------------------------------------------------------------
 */

static ut_status hand_over(ut_intake *in, ut_err *err);

/* Only for whoever has the truth. */
static ut_status begin_if_needed(ut_intake *in, ut_err *err)
{
    if (in->in_transaction) {
        return UT_OK;
    }
    ut_status st = ut_truth_begin(in->workspace->truth, err);
    in->in_transaction = st == UT_OK;
    return st;
}

static bool copy_strings(ut_intake *in, ut_record *record)
{
    ut_str *const all[] = {&record->source, &record->id, &record->author, &record->author_name, &record->channel,
                           &record->payload};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ut_str copy = ut_arena_copy(&in->filling->arena, *all[i]);
        if (!copy.ptr) {
            return false;
        }
        *all[i] = copy;
    }
    return true;
}

static ut_status take_record(void *ctx, const ut_record *record, ut_err *err)
{
    ut_intake *in = ctx;
    if (record->payload.len > UT_RECORD_BYTES_MAX) {
        return ut_fail(err, UT_LIMIT, "a reader delivered a record of %zu bytes", record->payload.len);
    }
    if (in->filling->count == UT_BATCH_RECORDS || in->filling->bytes + record->payload.len > UT_BATCH_BYTES) {
        ut_status st = in->filling->count ? hand_over(in, err) : UT_OK;
        if (st != UT_OK) {
            return st;
        }
    }
    batch *b = in->filling;
    b->counts.read++;
    in->taken.read++;
    if (ut_gate_judge(&in->gate, record) != UT_GATE_OPEN) {
        b->counts.skipped++;
        in->taken.skipped++;
        return UT_OK;
    }
    item *it = &b->items[b->count];
    *it = (item){.record = *record};
    it->record.to = NULL;
    it->record.channel_name = (ut_str){0};
    if (!copy_strings(in, &it->record)) {
        return ut_fail(err, UT_LIMIT, "a batch of records does not fit into its memory");
    }
    b->count++;
    b->bytes += record->payload.len;
    return UT_OK;
}

/* JSON of what a dead letter needs to be read again: where it was, and its bytes in base-16 (they may be anything). */
static void put_reject_json(ut_buf *json, const ut_reject *reject)
{
    static const char hex[] = "0123456789abcdef";
    ut_buf_puts(json, "{\"path\":");
    ut_buf_json_str(json, reject->path);
    ut_buf_puts(json, ",\"hex\":\"");
    size_t len = reject->payload.len > UT_REJECT_BYTES_MAX ? UT_REJECT_BYTES_MAX : reject->payload.len;
    char *to = ut_buf_reserve(json, 2 * len);
    for (size_t i = 0; to && i < len; i++) {
        to[2 * i] = hex[(unsigned char)reject->payload.ptr[i] >> 4];
        to[2 * i + 1] = hex[(unsigned char)reject->payload.ptr[i] & 15];
    }
    json->len += to ? 2 * len : 0;
    ut_buf_puts(json, "\"}");
}

static ut_status take_reject(void *ctx, const ut_reject *reject, ut_err *err)
{
    ut_intake *in = ctx;
    if (ut_gate_reject(&in->gate, reject) != UT_GATE_OPEN) {
        in->filling->counts.read++;
        in->filling->counts.skipped++;
        in->taken.read++;
        in->taken.skipped++;
        return UT_OK;
    }
    ut_status st = truth_is_ours(in, err);
    st = st == UT_OK ? begin_if_needed(in, err) : st;
    char place[32];
    int place_len = snprintf(place, sizeof place, "%lld", (long long)reject->byte);
    ut_str parts[] = {UT_STR("reject"), reject->source, reject->path, {place, (size_t)place_len}, reject->reason,
                      reject->payload};
    ut_digest digest = ut_seal_digest(&in->workspace->keys.digest, parts, 6);
    ut_buf json = ut_buf_make(4 * UT_REJECT_BYTES_MAX), box = ut_buf_make(8 * UT_REJECT_BYTES_MAX);
    put_reject_json(&json, reject);
    ut_seal_close(&box, &in->workspace->keys.reject, ut_buf_str(&json), ut_digest_str(&digest));
    if (st == UT_OK && (json.failed || box.failed)) {
        st = ut_fail(err, UT_NOMEM, "memory ended while keeping a dead letter");
    }
    if (st == UT_OK) {
        ut_stmt_bind_blob(in->reject, 1, ut_digest_str(&digest));
        ut_stmt_bind_i64(in->reject, 2, ut_clock_now_us());
        ut_stmt_bind_text(in->reject, 3, reject->source);
        ut_stmt_bind_i64(in->reject, 4, reject->format);
        ut_stmt_bind_i64(in->reject, 5, reject->byte);
        ut_stmt_bind_text(in->reject, 6, reject->reason);
        ut_stmt_bind_blob(in->reject, 7, ut_buf_str(&box));
        st = ut_stmt_run(in->reject, err);
    }
    ut_buf_free(&json);
    ut_buf_free(&box);
    if (st == UT_OK) {
        in->filling->counts.read++;
        in->filling->counts.rejected++;
        in->taken.read++;
        in->taken.rejected++;
    }
    return st;
}

static ut_status take_person(void *ctx, const ut_person_hint *hint, ut_err *err)
{
    ut_intake *in = ctx;
    ut_gate_verdict answer = ut_gate_hint(&in->gate, hint);
    if (answer != UT_GATE_OPEN && answer != UT_GATE_PERSON) {
        return UT_OK;
    }
    ut_status st = truth_is_ours(in, err);
    st = st == UT_OK ? begin_if_needed(in, err) : st;
    return st == UT_OK ? ut_identity_note(in->identities, hint->handle, hint->name, hint->address, hint->bot, err) : st;
}

static ut_status take_unsupported(void *ctx, ut_str path, ut_str what, ut_err *err)
{
    (void)err;
    ut_intake *in = ctx;
    in->filling->counts.unsupported++;
    in->taken.unsupported++;
    size_t before = in->unsupported.count;
    uint64_t *count = ut_map_put(&in->unsupported, what);
    if (count) {
        *count += 1;
        if (in->unsupported.count > before) {
            (void)snprintf(in->examples[before], sizeof in->examples[before], UT_STR_FMT, UT_STR_ARG(path));
        }
    }
    return UT_OK;
}

void ut_intake_each_unsupported(const ut_intake *in, void (*visit)(void *ctx, const char *what, int64_t count,
                                                                  const char *example), void *ctx)
{
    for (size_t i = 0; i < in->unsupported.count; i++) {
        const ut_map_entry *entry = &in->unsupported.entries[i];
        char what[200];
        (void)snprintf(what, sizeof what, UT_STR_FMT, UT_STR_ARG(entry->key));
        visit(ctx, what, (int64_t)entry->value, in->examples[i]);
    }
}

/* Storing -----------------------------------------------------------------------------------------------------------
 */

static ut_status find_channel(ut_intake *in, int64_t *ret, const ut_record *record, ut_err *err)
{
    if (record->channel.len == 0) {
        *ret = 0;
        return UT_OK;
    }
    ut_str name = ut_arena_format(&in->storing->arena, UT_STR_FMT "%c" UT_STR_FMT, UT_STR_ARG(record->source), 1,
                                  UT_STR_ARG(record->channel));
    uint64_t *cached = ut_map_get(&in->channels, name);
    if (cached) {
        *ret = (int64_t)*cached;
        return UT_OK;
    }
    bool row = false;
    ut_stmt_bind_text(in->channel_find, 1, record->source);
    ut_stmt_bind_text(in->channel_find, 2, record->channel);
    ut_status st = ut_stmt_step(in->channel_find, &row, err);
    int64_t id = st == UT_OK && row ? ut_stmt_i64(in->channel_find, 0) : 0;
    if (row) {
        ut_stmt_reset(in->channel_find);
    } else if (st == UT_OK) {
        ut_stmt_bind_text(in->channel_add, 1, record->source);
        ut_stmt_bind_text(in->channel_add, 2, record->channel);
        ut_stmt_bind_i64(in->channel_add, 3, record->channel_kind);
        st = ut_stmt_run(in->channel_add, err);
        id = ut_truth_last_id(in->workspace->truth);
    }
    if (st == UT_OK) {
        uint64_t *slot = ut_map_put(&in->channels, name);
        if (slot) {
            *slot = (uint64_t)id;
        }
        *ret = id;
    }
    return st;
}

/* Step 1, for one item. */
static void digest_one(void *ctx, size_t number, int worker)
{
    (void)worker;
    ut_intake *in = ctx;
    item *it = &in->storing->items[number];
    char kind[2] = {(char)it->record.kind, 0};
    char deleted[2] = {it->record.deleted ? '1' : '0', 0};
    ut_str key[] = {UT_STR("record"), {kind, 1}, it->record.source, it->record.id};
    ut_str content[] = {UT_STR("content"), {deleted, 1}, it->record.payload};
    it->key = ut_seal_digest(&in->workspace->keys.digest, key, 4);
    it->content = ut_seal_digest(&in->workspace->keys.digest, content, 3);
}

/* Compares with earlier items of the same batch; true when that settled it. */
static bool judge_in_batch(ut_intake *in, item *it, size_t number)
{
    uint64_t *last = ut_map_get(&in->batch_keys, ut_digest_str(&it->key));
    if (!last) {
        return false;
    }
    /* Versions of one record within a batch are few: walk back through the items. */
    item *newest = &in->storing->items[*last - 1];
    for (size_t i = *last; i-- > 0;) {
        if (in->storing->items[i].verdict != VERDICT_DUPLICATE && ut_digest_eq(&in->storing->items[i].key, &it->key) &&
            ut_digest_eq(&in->storing->items[i].content, &it->content)) {
            it->verdict = VERDICT_DUPLICATE;
            return true;
        }
    }
    it->known_item = newest->known_item;
    it->version = newest->version + 1;
    it->verdict = VERDICT_UPDATED;
    *last = number + 1;
    return true;
}

/* New, unless its time was over before. */
static ut_status judge_unknown(ut_intake *in, item *it, ut_err *err)
{
    bool gone = false;
    ut_stmt_bind_blob(in->gone, 1, ut_digest_str(&it->key));
    ut_status st = in->retired ? ut_stmt_step(in->gone, &gone, err) : UT_OK;
    it->verdict = gone ? VERDICT_DUPLICATE : VERDICT_NEW;
    if (gone) {
        ut_stmt_reset(in->gone);
    }
    return st;
}

static ut_status judge_in_store(ut_intake *in, item *it, ut_err *err)
{
    bool row = false;
    ut_stmt_bind_blob(in->known, 1, ut_digest_str(&it->key));
    ut_status st = ut_stmt_step(in->known, &row, err);
    if (st != UT_OK || !row) {
        it->version = 1;
        return st == UT_OK ? judge_unknown(in, it, err) : st;
    }
    it->known_item = ut_stmt_i64(in->known, 0);
    it->version = ut_stmt_i64(in->known, 1) + 1;
    ut_stmt_reset(in->known);
    ut_stmt_bind_blob(in->same, 1, ut_digest_str(&it->key));
    ut_stmt_bind_blob(in->same, 2, ut_digest_str(&it->content));
    st = ut_stmt_step(in->same, &row, err);
    it->verdict = row ? VERDICT_DUPLICATE : VERDICT_UPDATED;
    if (st == UT_OK && row) {
        ut_stmt_reset(in->same);
    }
    return st;
}

/* Step 2: verdicts, in order. A version within the batch may also equal one in the store, hence both looks. */
static ut_status judge(ut_intake *in, ut_err *err)
{
    for (size_t i = 0; i < in->storing->count; i++) {
        item *it = &in->storing->items[i];
        ut_status st = judge_in_store(in, it, err);
        if (st != UT_OK) {
            return st;
        }
        if (it->verdict == VERDICT_DUPLICATE || judge_in_batch(in, it, i)) {
            continue;
        }
        uint64_t *slot = ut_map_put(&in->batch_keys, ut_digest_str(&it->key));
        if (!slot) {
            return ut_fail(err, UT_NOMEM, "memory ended while ingesting");
        }
        *slot = i + 1;
    }
    return UT_OK;
}

/* Before step 3: author, channel, key and room for the sealed payload, for what will be stored. */
static ut_status settle(ut_intake *in, item *it, ut_err *err)
{
    const ut_record *record = &it->record;
    /* Records without an author still need a key: nobody's, which is marked like a bot's and never becomes a person. */
    ut_str author = record->author.len ? record->author : UT_STR("nobody:");
    ut_status st =
        record->author.len ? UT_OK : ut_identity_note(in->identities, author, (ut_str){0}, (ut_str){0}, true, err);
    st = st == UT_OK ? ut_identity_find(in->identities, &it->author, author, record->author_name, err) : st;
    st = st == UT_OK ? ut_identity_key(in->identities, &it->author_key, it->author, err) : st;
    st = st == UT_OK ? find_channel(in, &it->channel, record, err) : st;
    if (st != UT_OK) {
        return st;
    }
    size_t room = record->payload.len + record->payload.len / 64 + SEAL_MARGIN;
    it->box = (ut_buf){.ptr = ut_arena_take_raw(&in->storing->arena, room, 1, 1), .room = room, .cap = room};
    return it->box.ptr ? UT_OK : ut_fail(err, UT_LIMIT, "a batch of records does not fit into its memory");
}

/* Step 3, for one item. */
static void seal_one(void *ctx, size_t number, int worker)
{
    ut_intake *in = ctx;
    item *it = &in->storing->items[number];
    if (it->verdict == VERDICT_DUPLICATE) {
        return;
    }
    ut_buf *packed = &in->packed[worker];
    ut_buf_clear(packed);
    ut_pack_squeeze(in->packs[worker], packed, it->record.payload);
    if (packed->failed) {
        it->box.failed = packed->failed;
    } else {
        ut_seal_close(&it->box, &it->author_key, ut_buf_str(packed), ut_digest_str(&it->key));
    }
    ut_seal_wipe(&it->author_key, sizeof it->author_key);
}

static ut_status insert_one(ut_intake *in, item *it, int64_t now_us, ut_err *err)
{
    const ut_record *record = &it->record;
    if (it->box.failed) {
        return ut_fail(err, it->box.failed, "memory ended while sealing a record");
    }
    int64_t seq = ++in->seq;
    it->known_item = it->verdict == VERDICT_NEW ? seq : it->known_item;
    ut_stmt_bind_i64(in->insert, 1, it->known_item);
    ut_stmt_bind_i64(in->insert, 17, seq);
    ut_stmt_bind_blob(in->insert, 2, ut_digest_str(&it->key));
    ut_stmt_bind_i64(in->insert, 3, it->version);
    ut_stmt_bind_blob(in->insert, 4, ut_digest_str(&it->content));
    ut_stmt_bind_i64(in->insert, 5, record->kind);
    ut_stmt_bind_i64(in->insert, 6, record->format);
    ut_stmt_bind_text(in->insert, 7, record->source);
    if (it->channel) {
        ut_stmt_bind_i64(in->insert, 8, it->channel);
    } else {
        ut_stmt_bind_null(in->insert, 8);
    }
    ut_stmt_bind_i64(in->insert, 9, it->author);
    ut_stmt_bind_i64(in->insert, 10, now_us);
    ut_stmt_bind_i64(in->insert, 11, record->at_us);
    ut_stmt_bind_i64(in->insert, 12, record->edited_us);
    ut_stmt_bind_i64(in->insert, 13, record->deleted);
    ut_stmt_bind_i64(in->insert, 14, record->machine);
    ut_stmt_bind_i64(in->insert, 15, (int64_t)record->payload.len);
    ut_stmt_bind_blob(in->insert, 16, ut_buf_str(&it->box));
    return ut_stmt_run(in->insert, err);
}

/* Step 4. An update within the batch learns its item number from the first version, inserted just before. */
static ut_status insert_all(ut_intake *in, ut_err *err)
{
    int64_t now_us = ut_clock_now_us();
    bool row = false;
    ut_status found = ut_stmt_step(in->seq_get, &row, err);
    if (found != UT_OK) {
        return found;
    }
    in->seq = row ? ut_stmt_i64(in->seq_get, 0) : 0;
    ut_stmt_reset(in->seq_get);
    for (size_t i = 0; i < in->storing->count; i++) {
        item *it = &in->storing->items[i];
        if (it->verdict == VERDICT_DUPLICATE) {
            in->storing->counts.duplicate++;
            continue;
        }
        if (it->verdict == VERDICT_UPDATED && it->known_item == 0) {
            for (size_t j = i; j-- > 0;) {
                if (in->storing->items[j].known_item && ut_digest_eq(&in->storing->items[j].key, &it->key)) {
                    it->known_item = in->storing->items[j].known_item;
                    break;
                }
            }
            UT_ASSERT(it->known_item);
        }
        ut_status st = insert_one(in, it, now_us, err);
        if (st != UT_OK) {
            return st;
        }
        in->storing->counts.added += it->verdict == VERDICT_NEW;
        in->storing->counts.updated += it->verdict == VERDICT_UPDATED;
    }
    ut_stmt_bind_i64(in->seq_set, 1, in->seq);
    return ut_stmt_run(in->seq_set, err);
}

static ut_status remember_units(ut_intake *in, ut_err *err)
{
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < in->storing->unit_count; i++) {
        const unit *u = &in->storing->units[i];
        ut_stmt_bind_blob(in->see, 1, ut_digest_str(&u->path));
        ut_stmt_bind_blob(in->see, 2, ut_digest_str(&u->stamp));
        ut_stmt_bind_i64(in->see, 3, u->read);
        ut_stmt_bind_i64(in->see, 4, u->skipped);
        ut_stmt_bind_i64(in->see, 5, u->rejected);
        st = ut_stmt_run(in->see, err);
    }
    return st;
}

static ut_status store_records(ut_intake *in, ut_err *err)
{
    ut_pool_run(in->pool, digest_one, in, in->storing->count);
    ut_status st = judge(in, err);
    for (size_t i = 0; st == UT_OK && i < in->storing->count; i++) {
        item *it = &in->storing->items[i];
        st = it->verdict == VERDICT_DUPLICATE ? UT_OK : settle(in, it, err);
    }
    if (st != UT_OK) {
        return st;
    }
    ut_pool_run(in->pool, seal_one, in, in->storing->count);
    return insert_all(in, err);
}

/* The task: stores and commits in->storing, and leaves it empty, also on failure. */
static ut_status store_batch(void *ctx, ut_err *err)
{
    ut_intake *in = ctx;
    batch *b = in->storing;
    ut_status st = b->count || b->unit_count ? begin_if_needed(in, err) : UT_OK;
    st = st == UT_OK && b->count ? store_records(in, err) : st;
    st = st == UT_OK ? remember_units(in, err) : st;
    st = st == UT_OK && in->in_transaction ? ut_truth_commit(in->workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(in->workspace->truth);
    } else {
        add_counts(&in->counts, &b->counts);
    }
    in->in_transaction = false;
    ut_arena_reset(&b->arena);
    ut_map_free(&in->batch_keys);
    b->count = b->unit_count = b->bytes = 0;
    b->counts = (ut_ingest_counts){0};
    return st;
}

/* Gives the filled batch to the task and takes the other one, once that is stored. */
static ut_status hand_over(ut_intake *in, ut_err *err)
{
    ut_status st = truth_is_ours(in, err);
    if (st != UT_OK) {
        return st;
    }
    batch *filled = in->filling;
    in->filling = in->storing;
    in->storing = filled;
    ut_task_start(in->task, store_batch, in);
    return UT_OK;
}

ut_status ut_intake_flush(ut_intake *in, ut_err *err)
{
    ut_status st = hand_over(in, err);
    return st == UT_OK ? truth_is_ours(in, err) : st;
}
