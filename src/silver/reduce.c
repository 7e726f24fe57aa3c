/* silver/reduce.c — records of before a time: their text gives way to the analysis, or they go altogether.
 *
 * The analysis is put together from two sides: what the text alone says is found out once more, by the steps that an
 * analysis takes too; what came of it (language, scores) is read from the lake, since scores are those of the model
 * that made them. Only records that the lake has are reduced.
 */
#include "silver/reduce.h"

#include "base/mem.h"
#include "os/clock.h"
#include "silver/silver_int.h"

#include <stdio.h>

typedef struct reduction {
    ut_silver *silver;
    const ut_reduce_options *options;
    ut_map items; /* item (8 bytes) → row number + 1, of newest versions */
    ut_buf json, packed, box;
    ut_stmt *update, *forget, *retire, *language, *unname, *unknow;
} reduction;

static ut_str bytes_of(const int64_t *number)
{
    return (ut_str){(const char *)number, sizeof *number};
}

static ut_status no_memory(ut_err *err)
{
    return ut_fail(err, UT_NOMEM, "memory ended while dropping what is past its time");
}

/* The stretch of the truth where something is due: seqs from *ret_first to *ret_last; empty when first > last. */
static ut_status find_range(ut_workspace *workspace, int64_t *ret_first, int64_t *ret_last, const char *sql,
                            int64_t before_us, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, before_us);
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK) {
        bool some = row && !ut_stmt_is_null(stmt, 0);
        *ret_first = some ? ut_stmt_i64(stmt, 0) : 1;
        *ret_last = some ? ut_stmt_i64(stmt, 1) : 0;
    }
    ut_stmt_close(&stmt);
    return st;
}

/* Somebody outside of whom nothing is left: name and address need not stay. Members are the roster's business. */
#define STRANGER                                                                                                       \
    "(SELECT i.id FROM identity i WHERE i.id = ?1 AND i.person IS NULL AND i.machine = 0 AND i.mark = ''"              \
    "    AND i.language = '' AND NOT EXISTS (SELECT 1 FROM record WHERE author = i.id)"                                \
    "    AND NOT EXISTS (SELECT 1 FROM claim WHERE identity = i.id)"                                                   \
    "    AND NOT EXISTS (SELECT 1 FROM identity x WHERE x.mail = i.id))"

static ut_status open_parts(reduction *r, const char *read_sql, int64_t last, ut_err *err)
{
    ut_truth *truth = r->silver->workspace->truth;
    const struct {
        ut_stmt **stmt;
        const char *sql;
    } all[] = {
        {&r->silver->read, read_sql},
        {&r->update, "UPDATE record SET payload = ?2, bytes = ?3, reduced = 1 WHERE seq = ?1"},
        {&r->forget, "DELETE FROM record WHERE key = ?1"},
        {&r->retire, "INSERT INTO retired VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING"},
        {&r->unname, "DELETE FROM identity_name WHERE identity IN " STRANGER},
        {&r->unknow, "DELETE FROM identity WHERE id IN " STRANGER},
        {&r->language, "UPDATE identity SET language = ?2 WHERE id = ?1"},
    };
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < sizeof all / sizeof *all; i++) {
        st = ut_truth_prepare(all[i].stmt, truth, all[i].sql, err);
    }
    if (st == UT_OK) {
        /* ut_silver_read binds the first parameter for each batch; these two stay. */
        ut_stmt_bind_i64(r->silver->read, 2, r->options->before_us);
        ut_stmt_bind_i64(r->silver->read, 3, last);
    }
    r->items = ut_map_make(UT_SILVER_ROWS);
    r->json = ut_buf_make(UT_RECORD_BYTES_MAX);
    r->packed = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    r->box = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    return st;
}

static void close_parts(reduction *r)
{
    ut_stmt_close(&r->update);
    ut_stmt_close(&r->forget);
    ut_stmt_close(&r->retire);
    ut_stmt_close(&r->language);
    ut_stmt_close(&r->unname);
    ut_stmt_close(&r->unknow);
    ut_map_free(&r->items);
    ut_buf_free(&r->json);
    ut_buf_free(&r->packed);
    ut_buf_free(&r->box);
    ut_silver_close(&r->silver);
}

/* Puts the items of the batch into the lake's temporary table `due`: the newest versions' only, or all. */
static ut_status list_items(reduction *r, bool all, ut_err *err)
{
    ut_lake *lake = r->silver->lake;
    ut_append *append = NULL;
    ut_status st = ut_lake_exec(lake, "CREATE OR REPLACE TEMP TABLE due (item BIGINT)", err);
    st = st == UT_OK ? ut_lake_append_open(&append, lake, "due", err) : st;
    for (size_t i = 0; st == UT_OK && i < r->silver->batch.count; i++) {
        const ut_silver_row *row = &r->silver->batch.rows[i];
        if (row->newest || all) {
            ut_append_i64(append, 0, row->item);
            st = ut_append_row(append, err);
        }
    }
    ut_status closed = ut_append_close(&append, st == UT_OK ? err : NULL);
    return st == UT_OK ? closed : st;
}

static const char end_sql[] =
    "SELECT m.item, m.state, m.language, m.inherited, s.model, s.detail, s.sentiment, s.valence, s.arousal,"
    " s.dominance, s.certainty, s.joy, s.gratitude, s.enthusiasm, s.confidence, s.care, s.stress, s.anxiety,"
    " s.frustration, s.anger, s.sadness, s.exhaustion"
    " FROM silver_message m JOIN due USING (item) LEFT JOIN silver_score s ON s.item = m.item";

static ut_status take_end(ut_arena *keep, ut_silver_row *row, const ut_rows *rows, ut_err *err)
{
    ut_str state = ut_rows_str(rows, 1), language = ut_rows_str(rows, 2);
    bool scored = ut_str_eq(state, UT_STR("scored")) && !ut_rows_is_null(rows, 4);
    row->end.state = scored                                 ? UT_SILVER_SCORED
                     : ut_str_eq(state, UT_STR("language")) ? UT_SILVER_LANGUAGE
                                                            : UT_SILVER_UNREADABLE;
    memset(row->end.language, 0, sizeof row->end.language);
    memcpy(row->end.language, language.ptr, language.len < 3 ? language.len : 3);
    row->end.inherited = ut_rows_i64(rows, 3);
    if (!scored) {
        return UT_OK;
    }
    row->end.model = ut_arena_copy(keep, ut_rows_str(rows, 4));
    row->detail = ut_arena_copy(keep, ut_rows_str(rows, 5));
    float *const first[] = {&row->scores.sentiment, &row->scores.valence, &row->scores.arousal, &row->scores.dominance,
                            &row->scores.certainty};
    for (int i = 0; i < 5 + UT_FEATURES; i++) {
        *(i < 5 ? first[i] : &row->scores.features[i - 5]) = (float)ut_rows_f64(rows, 6 + i);
    }
    return row->end.model.ptr && row->detail.ptr ? UT_OK : no_memory(err);
}

/* What the lake says about the newest versions; the others have no rows there and need none. */
static ut_status look_up(reduction *r, ut_err *err)
{
    ut_silver_batch *batch = &r->silver->batch;
    ut_rows *rows = NULL;
    bool more = false;
    ut_map_free(&r->items);
    for (size_t i = 0; i < batch->count; i++) {
        batch->rows[i].end.state = UT_SILVER_UNREADABLE;
        uint64_t *slot = batch->rows[i].newest ? ut_map_put(&r->items, bytes_of(&batch->rows[i].item)) : NULL;
        if (batch->rows[i].newest && !slot) {
            return no_memory(err);
        }
        if (slot) {
            *slot = i + 1;
        }
    }
    ut_status st = list_items(r, false, err);
    st = st == UT_OK ? ut_lake_query(&rows, r->silver->lake, end_sql, NULL, 0, err) : st;
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        int64_t item = ut_rows_i64(rows, 0);
        uint64_t *slot = ut_map_get(&r->items, bytes_of(&item));
        if (slot && *slot) {
            st = take_end(&batch->arena, &batch->rows[*slot - 1], rows, err);
            *slot = 0; /* found; what keeps its number is not in the lake */
        }
    }
    ut_rows_close(&rows);
    return st;
}

static ut_status reduce_one(reduction *r, const ut_silver_row *row, ut_err *err)
{
    ut_buf_clear(&r->json);
    ut_buf_clear(&r->packed);
    ut_buf_clear(&r->box);
    ut_silver_put_kept(&r->json, row);
    ut_pack_squeeze(r->silver->kits[0].pack, &r->packed, ut_buf_str(&r->json));
    if (!row->erased) {
        ut_seal_close(&r->box, &row->author_key, ut_buf_str(&r->packed), row->key);
    }
    if (r->json.failed || r->packed.failed || r->box.failed) {
        return no_memory(err);
    }
    ut_stmt_bind_i64(r->update, 1, row->seq);
    ut_stmt_bind_blob(r->update, 2, ut_buf_str(&r->box));
    ut_stmt_bind_i64(r->update, 3, (int64_t)r->json.len);
    return ut_stmt_run(r->update, err);
}

static ut_status reduce_all(reduction *r, ut_err *err)
{
    int64_t count = 0;
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < r->silver->batch.count; i++) {
        const ut_silver_row *row = &r->silver->batch.rows[i];
        const uint64_t *missing = row->newest ? ut_map_get(&r->items, bytes_of(&row->item)) : NULL;
        if (!missing || *missing == 0) {
            st = reduce_one(r, row, err);
            count++;
        }
    }
    return st == UT_OK && count ? r->options->note(r->options->note_ctx, count, err) : st;
}

/* The language of an author's last sure text outlives it: rebuilding the lake is to find it where the fold had it. */
static ut_status keep_language(reduction *r, const ut_silver_row *row, ut_err *err)
{
    if (row->state != UT_SILVER_SCORED || !row->lang.sure) {
        return UT_OK;
    }
    ut_stmt_bind_i64(r->language, 1, row->author);
    ut_stmt_bind_text(r->language, 2, ut_str_of(row->lang.code));
    return ut_stmt_run(r->language, err);
}

static ut_status retire_all(reduction *r, ut_err *err)
{
    int64_t now_us = ut_clock_now_us(), count = 0;
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < r->silver->batch.count; i++) {
        const ut_silver_row *row = &r->silver->batch.rows[i];
        st = keep_language(r, row, err);
        ut_stmt_bind_blob(r->retire, 1, row->key);
        ut_stmt_bind_i64(r->retire, 2, now_us);
        st = st == UT_OK ? ut_stmt_run(r->retire, err) : st;
        ut_stmt_bind_blob(r->forget, 1, row->key);
        st = st == UT_OK ? ut_stmt_run(r->forget, err) : st;
        count += row->item == row->seq;
    }
    for (size_t i = 0; st == UT_OK && i < r->silver->batch.count; i++) {
        ut_stmt_bind_i64(r->unname, 1, r->silver->batch.rows[i].author);
        ut_stmt_bind_i64(r->unknow, 1, r->silver->batch.rows[i].author);
        st = ut_stmt_run(r->unname, err);
        st = st == UT_OK ? ut_stmt_run(r->unknow, err) : st;
    }
    return st == UT_OK ? r->options->note(r->options->note_ctx, count, err) : st;
}

/* The rows of the lake go first: killed after that, the truth still knows what is to go. */
static ut_status delete_rows(reduction *r, ut_err *err)
{
    ut_lake *lake = r->silver->lake;
    ut_status st = ut_lake_begin(lake, err);
    st = st == UT_OK ? list_items(r, true, err) : st;
    st = st == UT_OK ? ut_lake_exec(lake,
                                    "DELETE FROM silver_message WHERE item IN (SELECT item FROM due);"
                                    "DELETE FROM silver_score WHERE item IN (SELECT item FROM due)",
                                    err)
                     : st;
    st = st == UT_OK ? ut_lake_commit(lake, err) : st;
    if (st != UT_OK) {
        ut_lake_rollback(lake);
    }
    return st;
}

static ut_status run_batch(reduction *r, bool retire, ut_err *err)
{
    ut_truth *truth = r->silver->workspace->truth;
    ut_status st = ut_silver_decode(r->silver, err);
    st = st == UT_OK ? (retire ? delete_rows(r, err) : look_up(r, err)) : st;
    st = st == UT_OK ? ut_truth_begin(truth, err) : st;
    if (st != UT_OK) {
        return st;
    }
    st = retire ? retire_all(r, err) : reduce_all(r, err);
    st = st == UT_OK ? ut_truth_commit(truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(truth);
    }
    return st;
}

static ut_status run(ut_workspace *workspace, const ut_reduce_options *options, bool retire, int64_t first,
                     int64_t last, const char *read_sql, ut_err *err)
{
    reduction r = {.options = options};
    ut_analyze_options analyze = {.threads = options->threads};
    ut_status st = ut_silver_open(&r.silver, workspace, &analyze, false, err);
    st = st == UT_OK ? open_parts(&r, read_sql, last, err) : st;
    int64_t seq = first - 1;
    while (st == UT_OK && (st = ut_silver_read(r.silver, seq, err)) == UT_OK && r.silver->batch.count) {
        seq = retire ? seq : r.silver->batch.rows[r.silver->batch.count - 1].seq;
        st = run_batch(&r, retire, err);
    }
    close_parts(&r);
    return st;
}

ut_status ut_silver_reduce(ut_workspace *workspace, const ut_reduce_options *options, ut_err *err)
{
    int64_t first = 1, last = 0, analysed = 0;
    ut_lake *lake = NULL;
    ut_status st = find_range(workspace, &first, &last,
                              "SELECT min(seq), max(seq) FROM record WHERE reduced = 0 AND observed_us < ?1",
                              options->before_us, err);
    if (st != UT_OK || first > last) {
        return st;
    }
    st = ut_workspace_lake(workspace, &lake, 0, err);
    /* An empty basis says that these rows are out of date: those of the next analysis count. */
    st = st == UT_OK ? ut_lake_number(lake, &analysed, "SELECT seq FROM stage WHERE name = 'silver' AND basis <> ''",
                                      NULL, 0, err)
                     : st;
    if (st != UT_OK) {
        return st == UT_NOT_FOUND ? UT_OK : st;
    }
    return run(workspace, options, false, first, last < analysed ? last : analysed,
               UT_SILVER_SELECT " FROM record r NOT INDEXED" UT_SILVER_JOIN
                                " WHERE r.seq > ?1 AND r.kind = 1 AND r.reduced = 0 AND r.observed_us < ?2"
                                "   AND r.seq <= ?3 ORDER BY r.seq",
               err);
}

/* Authors of whom nothing is left need no language either; also those of a run that was killed before it came here. */
static ut_status forget_languages(ut_workspace *workspace, ut_err *err)
{
    static const char gone_sql[] = "FROM identity WHERE language <> '' AND NOT EXISTS"
                                   " (SELECT 1 FROM record WHERE author = identity.id)";
    ut_lake *lake = NULL;
    ut_stmt *stmt = NULL;
    bool row = false;
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT id %s", gone_sql);
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_value author = ut_value_i64(ut_stmt_i64(stmt, 0));
        st = ut_workspace_lake(workspace, &lake, 0, err);
        st = st == UT_OK ? ut_lake_run(lake, "DELETE FROM silver_language WHERE author = ?", &author, 1, err) : st;
    }
    ut_stmt_close(&stmt);
    (void)snprintf(sql, sizeof sql, "UPDATE identity SET language = '' WHERE id IN (SELECT id %s)", gone_sql);
    return st == UT_OK ? ut_truth_exec(workspace->truth, sql, err) : st;
}

ut_status ut_silver_retire(ut_workspace *workspace, const ut_reduce_options *options, ut_err *err)
{
    int64_t first = 1, last = 0;
    ut_status st = find_range(workspace, &first, &last,
                              "SELECT min(seq), max(seq) FROM record"
                              " WHERE reduced IN (0, 1) AND observed_us < ?1 AND item = seq",
                              options->before_us, err);
    if (st == UT_OK && first <= last) {
        st = run(workspace, options, true, first, last,
                 UT_SILVER_SELECT " FROM record f NOT INDEXED JOIN record r ON r.key = f.key" UT_SILVER_JOIN
                                  " WHERE f.seq > ?1 AND f.item = f.seq AND f.observed_us < ?2 AND f.seq <= ?3"
                                  " ORDER BY f.seq",
                 err);
    }
    return st == UT_OK ? forget_languages(workspace, err) : st;
}
