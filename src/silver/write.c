/* silver/write.c — a batch into the lake: rows of outdated versions out, new rows in. */
#include "silver/silver_int.h"

const char *ut_silver_state_name(ut_silver_state state)
{
    static const char *const names[] = {
        [UT_SILVER_SCORED] = "scored",         [UT_SILVER_AUTOMATIC] = "automatic",
        [UT_SILVER_EXTERNAL] = "external",     [UT_SILVER_DELETED] = "deleted",
        [UT_SILVER_UNREADABLE] = "unreadable", [UT_SILVER_EMPTY] = "empty",
        [UT_SILVER_LANGUAGE] = "language",     [UT_SILVER_OBJECTED] = "objected",
        [UT_SILVER_RESTRICTED] = "restricted",
    };
    _Static_assert(sizeof names / sizeof *names == UT_SILVER_STATES, "every state has a name");
    return names[state];
}

/* Items of this batch that may have older rows in the lake. */
static ut_status remove_outdated(ut_silver *silver, ut_err *err)
{
    ut_append *append = NULL;
    size_t outdated = 0;
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < silver->batch.count; i++) {
        const ut_silver_row *row = &silver->batch.rows[i];
        if (row->version == 1 || !row->newest) {
            continue;
        }
        if (outdated++ == 0) {
            st = ut_lake_exec(silver->lake, "CREATE OR REPLACE TEMP TABLE outdated (item BIGINT)", err);
            st = st == UT_OK ? ut_lake_append_open(&append, silver->lake, "outdated", err) : st;
        }
        if (st == UT_OK) {
            ut_append_i64(append, 0, row->item);
            st = ut_append_row(append, err);
        }
    }
    ut_status closed = ut_append_close(&append, st == UT_OK ? err : NULL);
    st = st == UT_OK ? closed : st;
    if (st == UT_OK && outdated) {
        st = ut_lake_exec(silver->lake, "DELETE FROM silver_message WHERE item IN (SELECT item FROM outdated);"
                                        "DELETE FROM silver_score WHERE item IN (SELECT item FROM outdated);"
                                        "DROP TABLE outdated", err);
    }
    return st;
}

static int64_t stripped_sum(const ut_clean *clean)
{
    int64_t sum = 0;
    for (int i = 0; i < UT_STRIPS; i++) {
        sum += clean->stripped[i];
    }
    return sum;
}

static ut_status put_message(ut_append *append, const ut_silver_row *row, ut_err *err)
{
    const ut_clean *clean = &row->clean;
    ut_append_i64(append, 0, row->item);
    ut_append_i64(append, 1, row->at_us);
    ut_append_i64(append, 2, row->author);
    if (row->channel) {
        ut_append_i64(append, 3, row->channel);
    }
    ut_append_text(append, 4, row->source);
    ut_append_text(append, 5, ut_str_of(ut_silver_state_name(row->state)));
    ut_append_text(append, 6, ut_str_of(row->lang.code));
    ut_append_bool(append, 7, row->inherited);
    ut_append_i64(append, 8, clean->words);
    ut_append_i64(append, 9, clean->total_bytes);
    ut_append_i64(append, 10, stripped_sum(clean));
    ut_append_i64(append, 11, clean->stripped[UT_STRIP_QUOTE]);
    ut_append_i64(append, 12, (int64_t)clean->stripped[UT_STRIP_CODE] + clean->stripped[UT_STRIP_LOG]);
    ut_append_i64(append, 13, row->recipients);
    ut_append_i64(append, 14, row->reactions);
    ut_append_bool(append, 15, row->reply);
    return ut_append_row(append, err);
}

static ut_status put_score(ut_append *append, const ut_silver_row *row, ut_str model, ut_err *err)
{
    const ut_scores *scores = &row->scores;
    const float values[] = {scores->sentiment, scores->valence, scores->arousal, scores->dominance, scores->certainty};
    ut_append_i64(append, 0, row->item);
    ut_append_text(append, 1, model);
    for (int i = 0; i < 5; i++) {
        ut_append_f32(append, 2 + i, values[i]);
    }
    for (int i = 0; i < UT_FEATURES; i++) {
        ut_append_f32(append, 7 + i, scores->features[i]);
    }
    ut_append_text(append, 7 + UT_FEATURES, row->detail);
    return ut_append_row(append, err);
}

static void count_row(ut_analyze_counts *counts, ut_silver_state state)
{
    int64_t *const by_state[] = {
        [UT_SILVER_SCORED] = &counts->scored,         [UT_SILVER_AUTOMATIC] = &counts->automatic,
        [UT_SILVER_EXTERNAL] = &counts->external,     [UT_SILVER_DELETED] = &counts->deleted,
        [UT_SILVER_UNREADABLE] = &counts->unreadable, [UT_SILVER_EMPTY] = &counts->empty,
        [UT_SILVER_LANGUAGE] = &counts->language,     [UT_SILVER_OBJECTED] = &counts->objected,
        [UT_SILVER_RESTRICTED] = &counts->restricted,
    };
    *by_state[state] += 1;
}

ut_status ut_silver_write(ut_silver *silver, ut_err *err)
{
    ut_append *messages = NULL, *scores = NULL;
    ut_str model = ut_model_version(silver->model);
    ut_status st = remove_outdated(silver, err);
    st = st == UT_OK ? ut_lake_append_open(&messages, silver->lake, "silver_message", err) : st;
    st = st == UT_OK ? ut_lake_append_open(&scores, silver->lake, "silver_score", err) : st;
    for (size_t i = 0; st == UT_OK && i < silver->batch.count; i++) {
        const ut_silver_row *row = &silver->batch.rows[i];
        silver->counts.records++;
        if (!row->newest) {
            continue;
        }
        count_row(&silver->counts, row->state);
        st = put_message(messages, row, err);
        if (st == UT_OK && row->state == UT_SILVER_SCORED) {
            st = put_score(scores, row, row->reduced ? row->end.model : model, err);
        }
    }
    ut_status closed = ut_append_close(&messages, st == UT_OK ? err : NULL);
    st = st == UT_OK ? closed : st;
    closed = ut_append_close(&scores, st == UT_OK ? err : NULL);
    return st == UT_OK ? closed : st;
}
