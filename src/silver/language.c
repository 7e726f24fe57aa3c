/* silver/language.c — short texts ("ok, danke") take the language of their author's last text that was sure of its own.
 *
 * The state is one language per author, folded over the records in order of arrival and stored with each batch.
 */
#include "silver/silver_int.h"

static ut_str author_key(const int64_t *author)
{
    return (ut_str){(const char *)author, sizeof *author};
}

static uint64_t pack_code(const char code[4])
{
    uint64_t packed = 0;
    memcpy(&packed, code, 4);
    return packed;
}

static ut_status remember(ut_map *map, int64_t author, uint64_t code, ut_err *err)
{
    uint64_t *slot = ut_map_put(map, author_key(&author));
    if (!slot) {
        return ut_fail(err, UT_NOMEM, "memory ended while remembering languages");
    }
    *slot = code;
    return UT_OK;
}

/* Starting over, the fold begins with what is left of records that retention deleted. */
static ut_status load_kept_languages(ut_silver *silver, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, silver->workspace->truth,
                                    "SELECT id, language FROM identity WHERE language <> '' ORDER BY id", err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        char code[4] = {0};
        ut_str text = ut_stmt_str(stmt, 1);
        memcpy(code, text.ptr, text.len < 3 ? text.len : 3);
        st = remember(&silver->languages, ut_stmt_i64(stmt, 0), pack_code(code), err);
        st = st == UT_OK ? remember(&silver->touched, ut_stmt_i64(stmt, 0), pack_code(code), err) : st;
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_silver_load_languages(ut_silver *silver, bool from_start, ut_err *err)
{
    if (from_start) {
        return load_kept_languages(silver, err);
    }
    ut_rows *rows = NULL;
    bool more = false;
    ut_status st = ut_lake_query(&rows, silver->lake, "SELECT author, language FROM silver_language", NULL, 0, err);
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        char code[4] = {0};
        ut_str text = ut_rows_str(rows, 1);
        memcpy(code, text.ptr, text.len < 3 ? text.len : 3);
        st = remember(&silver->languages, ut_rows_i64(rows, 0), pack_code(code), err);
    }
    ut_rows_close(&rows);
    return st;
}

/* What says nothing in any language (an emoji, a name, a link) goes by its author too, else by the model's. A guess
 * that is only unsure stays: it is better than nothing, and no model is asked to score what is probably another
 * language. */
static void inherit_one(ut_silver *silver, ut_silver_row *row)
{
    uint64_t *known = ut_map_get(&silver->languages, author_key(&row->author));
    if (known) {
        memcpy(row->lang.code, known, sizeof row->lang.code);
        row->inherited = true;
    } else if (strcmp(row->lang.code, "und") == 0) {
        memcpy(row->lang.code, "en", 3);
        row->inherited = true;
    }
}

ut_status ut_silver_inherit(ut_silver *silver, ut_err *err)
{
    for (size_t i = 0; i < silver->batch.count; i++) {
        ut_silver_row *row = &silver->batch.rows[i];
        if (row->state != UT_SILVER_SCORED) {
            continue;
        }
        if (row->lang.sure) {
            uint64_t code = pack_code(row->lang.code);
            uint64_t *known = ut_map_get(&silver->languages, author_key(&row->author));
            if (!known || *known != code) {
                ut_status st = remember(&silver->languages, row->author, code, err);
                st = st == UT_OK ? remember(&silver->touched, row->author, code, err) : st;
                if (st != UT_OK) {
                    return st;
                }
            }
        } else if (!row->reduced) {
            inherit_one(silver, row);
        }
        if (row->reduced) {
            memcpy(row->lang.code, row->end.language, sizeof row->lang.code);
            row->inherited = row->end.inherited;
            row->state = row->end.state;
        } else if (!ut_model_speaks(silver->model, ut_str_of(row->lang.code))) {
            row->state = UT_SILVER_LANGUAGE;
        }
    }
    return UT_OK;
}

ut_status ut_silver_save_languages(ut_silver *silver, ut_err *err)
{
    if (silver->touched.count == 0) {
        return UT_OK;
    }
    ut_append *append = NULL;
    ut_status st =
        ut_lake_exec(silver->lake, "CREATE OR REPLACE TEMP TABLE fresh (author INTEGER, language VARCHAR)", err);
    st = st == UT_OK ? ut_lake_append_open(&append, silver->lake, "fresh", err) : st;
    for (size_t i = 0; st == UT_OK && i < silver->touched.count; i++) {
        const ut_map_entry *entry = &silver->touched.entries[i];
        int64_t author = 0;
        char code[5] = {0};
        memcpy(&author, entry->key.ptr, sizeof author);
        memcpy(code, &entry->value, 4);
        ut_append_i64(append, 0, author);
        ut_append_text(append, 1, ut_str_of(code));
        st = ut_append_row(append, err);
    }
    ut_status closed = ut_append_close(&append, st == UT_OK ? err : NULL);
    st = st == UT_OK ? closed : st;
    st = st == UT_OK ? ut_lake_exec(silver->lake,
                                    "DELETE FROM silver_language WHERE author IN (SELECT author FROM fresh);"
                                    "INSERT INTO silver_language SELECT * FROM fresh; DROP TABLE fresh",
                                    err)
                     : st;
    ut_map_free(&silver->touched);
    return st;
}
