/* silver/analyze.c — runs batches from the watermark to the end of the truth; each batch and its watermark commit
 * together. */
#include "silver/silver_int.h"
#include "base/mem.h"
#include "people/people.h"

#include <stdio.h>

/* Part of the basis: raised when cleaning, decoding or language detection changes what a row says. */
#define TEXT_VERSION "text@1"

static ut_status open_kit(ut_silver_kit *kit, const ut_model *model, ut_err *err)
{
    kit->plain = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    kit->out = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    ut_status st = ut_arena_open(&kit->arena, 8 * (UT_SILVER_BYTES + UT_RECORD_BYTES_MAX));
    st = st == UT_OK ? ut_arena_open(&kit->scratch, 16 * UT_MIB) : st;
    if (st != UT_OK) {
        return ut_fail(err, st, "memory ended while preparing to analyse");
    }
    st = ut_pack_open(&kit->pack, err);
    st = st == UT_OK ? ut_json_open(&kit->json, err) : st;
    return st == UT_OK && model ? ut_session_open(&kit->session, model, err) : st;
}

static void close_kit(ut_silver_kit *kit)
{
    ut_session_close(&kit->session);
    ut_mail_worker_close(&kit->mail);
    ut_json_close(&kit->json);
    ut_pack_close(&kit->pack);
    ut_buf_free(&kit->plain);
    ut_buf_free(&kit->out);
    ut_arena_close(&kit->arena);
    ut_arena_close(&kit->scratch);
}

void ut_silver_close(ut_silver **silver_ref)
{
    ut_silver *silver = *silver_ref;
    if (!silver) {
        return;
    }
    ut_stmt_close(&silver->read);
    ut_stmt_close(&silver->newest);
    for (int i = 0; i < UT_SILVER_WORKERS_MAX; i++) {
        close_kit(&silver->kits[i]);
    }
    ut_pool_close(&silver->pool);
    ut_model_close(&silver->model);
    ut_map_free(&silver->languages);
    ut_map_free(&silver->touched);
    ut_arena_close(&silver->batch.arena);
    ut_mem_free(silver->batch.rows);
    *silver_ref = ut_mem_free(silver);
}

static ut_status open_parts(ut_silver *silver, const ut_analyze_options *options, bool scoring, ut_err *err)
{
    silver->languages = ut_map_make(2000000);
    silver->touched = ut_map_make(2000000);
    silver->batch.rows = ut_mem_zeroed(UT_SILVER_ROWS, sizeof *silver->batch.rows);
    ut_status st = silver->batch.rows ? UT_OK : UT_NOMEM;
    st = st == UT_OK ? ut_arena_open(&silver->batch.arena, 4 * (UT_SILVER_BYTES + UT_RECORD_BYTES_MAX)) : st;
    if (st != UT_OK) {
        return ut_fail(err, st, "memory ended while preparing to analyse");
    }
    const char *model = options->model ? options->model : "rules";
    st = scoring ? ut_model_open(&silver->model, ut_str_of(model), options->rules, err) : UT_OK;
    st = st == UT_OK ? ut_pool_open(&silver->pool, options->threads, err) : st;
    for (int i = 0; st == UT_OK && i < ut_pool_width(silver->pool); i++) {
        st = open_kit(&silver->kits[i], silver->model, err);
    }
    if (st == UT_OK && options->rebuild) {
        st = ut_workspace_drop_lake(silver->workspace, err);
    }
    return st == UT_OK ? ut_workspace_lake(silver->workspace, &silver->lake, 0, err) : st;
}

ut_status ut_silver_open(ut_silver **ret, ut_workspace *workspace, const ut_analyze_options *options, bool scoring,
                         ut_err *err)
{
    ut_silver *silver = ut_mem_zeroed(1, sizeof *silver);
    if (!silver) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing to analyse");
    }
    silver->workspace = workspace;
    ut_status st = open_parts(silver, options, scoring, err);
    if (st != UT_OK) {
        ut_silver_close(&silver);
        return st;
    }
    *ret = silver;
    return UT_OK;
}

/* The stage's watermark; -1 when its rows were made on another basis, or never. */
static ut_status read_stage(ut_silver *silver, int64_t *ret_seq, ut_str basis, ut_err *err)
{
    ut_value value = ut_value_text(basis);
    ut_status st = ut_lake_number(silver->lake, ret_seq, "SELECT seq FROM stage WHERE name = 'silver' AND basis = ?",
                                  &value, 1, err);
    if (st == UT_NOT_FOUND) {
        *ret_seq = -1;
        return UT_OK;
    }
    return st;
}

static ut_status write_stage(ut_silver *silver, int64_t seq, ut_str basis, ut_err *err)
{
    ut_value values[] = {ut_value_i64(seq), ut_value_text(basis)};
    ut_status st = ut_lake_exec(silver->lake, "DELETE FROM stage WHERE name = 'silver'", err);
    return st == UT_OK ? ut_lake_run(silver->lake, "INSERT INTO stage VALUES ('silver', ?, ?)", values, 2, err) : st;
}

/* Renews the copies of people and decides where to begin, in one transaction. */
static ut_status begin_at(ut_silver *silver, int64_t *ret_seq, ut_str basis, ut_err *err)
{
    bool changed = false;
    int64_t seq = -1, rows = 0;
    ut_status st = ut_lake_begin(silver->lake, err);
    st = st == UT_OK ? ut_people_mirror(silver->workspace, silver->lake, &changed, err) : st;
    st = st == UT_OK ? read_stage(silver, &seq, basis, err) : st;
    st = st == UT_OK ? ut_lake_number(silver->lake, &rows, "SELECT count(*) FROM silver_message", NULL, 0, err) : st;
    if (st == UT_OK && (seq < 0 || changed)) {
        silver->counts.from_start = rows > 0;
        seq = 0;
        st = ut_lake_exec(silver->lake,
                          "DELETE FROM silver_message; DELETE FROM silver_score; DELETE FROM silver_language", err);
        st = st == UT_OK ? write_stage(silver, seq, basis, err) : st;
    }
    st = st == UT_OK ? ut_lake_commit(silver->lake, err) : st;
    if (st != UT_OK) {
        ut_lake_rollback(silver->lake);
        return st;
    }
    *ret_seq = seq;
    return UT_OK;
}

static ut_status run_batch(ut_silver *silver, ut_str basis, ut_err *err)
{
    ut_status st = ut_silver_decode(silver, err);
    st = st == UT_OK ? ut_silver_inherit(silver, err) : st;
    st = st == UT_OK ? ut_silver_score(silver, err) : st;
    st = st == UT_OK ? ut_lake_begin(silver->lake, err) : st;
    if (st != UT_OK) {
        return st;
    }
    st = ut_silver_write(silver, err);
    st = st == UT_OK ? ut_silver_save_languages(silver, err) : st;
    st = st == UT_OK ? write_stage(silver, silver->batch.rows[silver->batch.count - 1].seq, basis, err) : st;
    st = st == UT_OK ? ut_lake_commit(silver->lake, err) : st;
    if (st != UT_OK) {
        ut_lake_rollback(silver->lake);
    }
    return st;
}

static ut_status run(ut_silver *silver, const ut_analyze_options *options, ut_err *err)
{
    char basis[256];
    ut_str version = ut_model_version(silver->model);
    int len = snprintf(basis, sizeof basis, UT_STR_FMT " " TEXT_VERSION, UT_STR_ARG(version));
    ut_str basis_str = {basis, (size_t)len < sizeof basis ? (size_t)len : sizeof basis - 1};
    int64_t seq = 0, last = 0;
    ut_status st = ut_people_settle(silver->workspace, err);
    st = st == UT_OK ? begin_at(silver, &seq, basis_str, err) : st;
    st = st == UT_OK ? ut_truth_number(silver->workspace->truth, &last, "SELECT max(seq) FROM record", err) : st;
    st = st == UT_OK ? ut_silver_load_languages(silver, seq == 0, err) : st;
    int64_t first = seq;
    while (st == UT_OK && (st = ut_silver_read(silver, seq, err)) == UT_OK && silver->batch.count) {
        seq = silver->batch.rows[silver->batch.count - 1].seq;
        st = run_batch(silver, basis_str, err);
        if (options->progress) {
            options->progress(options->progress_ctx, "analyze", seq - first, last - first);
        }
    }
    return st;
}

ut_status ut_analyze(ut_analyze_counts *ret, ut_workspace *workspace, const ut_analyze_options *options, ut_err *err)
{
    static const ut_analyze_options defaults;
    options = options ? options : &defaults;
    ut_silver *silver = NULL;
    *ret = (ut_analyze_counts){0};
    ut_status st = ut_silver_open(&silver, workspace, options, true, err);
    if (st == UT_OK) {
        st = run(silver, options, err);
        *ret = silver->counts;
        ut_silver_close(&silver);
    }
    return st;
}
