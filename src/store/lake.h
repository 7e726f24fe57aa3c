/* store/lake.h — what is derived: columnar tables, rebuildable from the truth at any time.
 *
 *     ut_rows *rows = NULL;
 *     ut_value team = ut_value_text(UT_STR("platform"));
 *     st = ut_lake_query(&rows, lake, "SELECT day, avg(stress) FROM v_messages WHERE team = ? GROUP BY 1", &team, 1,
 * &err); while ((st = ut_rows_next(rows, &more, &err)) == UT_OK && more) { … ut_rows_f64(rows, 1) … }
 *     ut_rows_close(&rows);
 *
 *     st = ut_lake_append_open(&append, lake, "silver_message", &err);      // bulk load, inside begin … commit
 *     ut_append_i64(append, 0, item); ut_append_text(append, 1, source); st = ut_append_row(append, &err);
 *     st = ut_append_close(&append, &err);
 *
 * Nothing here is DuckDB's: a remote SQL warehouse can stand behind the same calls (positional parameters,
 * transactions, bulk appends, typed rows). SQL that callers send stays in the subset both understand, or sits in a
 * view. One thread at a time per handle. No text of any message ever goes in here: offsets, numbers, names of metrics.
 */
#ifndef UT_STORE_LAKE_H
#define UT_STORE_LAKE_H

#include "store/truth.h"

typedef struct ut_lake ut_lake;
typedef struct ut_rows ut_rows;
typedef struct ut_append ut_append;

typedef struct ut_lake_options {
    ut_access access;
    int memory_mb; /* working memory of the engine; 0 = 48 */
    int threads;   /* 0 = one per processor */
    bool closed;   /* nothing outside the database may be touched (files, settings, other databases): for foreign SQL */
} ut_lake_options;

/* Opens (read-write: creates and migrates) a lake. path NULL = in memory, without the product's tables. UT_NOT_FOUND,
 * UT_CORRUPT, UT_BUSY (another process has it open) as in truth.h. */
UT_MUST_CHECK ut_status ut_lake_open(ut_lake **ret, const char *path, const ut_lake_options *options, ut_err *err);
void ut_lake_close(ut_lake **lake);

UT_MUST_CHECK ut_status ut_lake_exec(ut_lake *lake, const char *sql, ut_err *err);
UT_MUST_CHECK ut_status ut_lake_begin(ut_lake *lake, ut_err *err);
UT_MUST_CHECK ut_status ut_lake_commit(ut_lake *lake, ut_err *err);
void ut_lake_rollback(ut_lake *lake);
/* Folds the log into the file. */
UT_MUST_CHECK ut_status ut_lake_checkpoint(ut_lake *lake, ut_err *err);

typedef enum ut_value_type {
    UT_VALUE_NULL,
    UT_VALUE_I64,
    UT_VALUE_F64,
    UT_VALUE_TEXT,
    UT_VALUE_BOOL,
    UT_VALUE_TIME
} ut_value_type;

typedef struct ut_value {
    ut_value_type type;
    int64_t i64; /* I64, BOOL, TIME (microseconds) */
    double f64;
    ut_str text;
} ut_value;

static inline ut_value ut_value_i64(int64_t value)
{
    return (ut_value){.type = UT_VALUE_I64, .i64 = value};
}
static inline ut_value ut_value_text(ut_str text)
{
    return (ut_value){.type = UT_VALUE_TEXT, .text = text};
}
static inline ut_value ut_value_time(int64_t at_us)
{
    return (ut_value){.type = UT_VALUE_TIME, .i64 = at_us};
}

/* Runs one statement with positional parameters (?). UT_INVALID: the SQL is wrong, err says how. */
UT_MUST_CHECK ut_status ut_lake_query(ut_rows **ret, ut_lake *lake, const char *sql, const ut_value *params, int count,
                                      ut_err *err);
/* ut_lake_query for SQL that came from outside. UT_DENIED: not one SELECT (EXPLAIN, DESCRIBE, SHOW), so that nothing is
 * changed, set, attached or written; UT_LIMIT: it took longer than `timeout_ms` and was stopped. */
UT_MUST_CHECK ut_status ut_lake_ask(ut_rows **ret, ut_lake *lake, const char *sql, int timeout_ms, ut_err *err);
/* ut_lake_query for statements whose rows nobody wants. */
UT_MUST_CHECK ut_status ut_lake_run(ut_lake *lake, const char *sql, const ut_value *params, int count, ut_err *err);
/* The first cell of the first row as a whole number; UT_NOT_FOUND when there is no row or it is NULL. */
UT_MUST_CHECK ut_status ut_lake_number(ut_lake *lake, int64_t *ret, const char *sql, const ut_value *params, int count,
                                       ut_err *err);

int ut_rows_columns(const ut_rows *rows);
ut_str ut_rows_name(const ut_rows *rows, int column);
/* What the column's cells are: I64, F64, BOOL, TIME or TEXT; types of other kinds come as TEXT. */
ut_value_type ut_rows_type(const ut_rows *rows, int column);
UT_MUST_CHECK ut_status ut_rows_next(ut_rows *rows, bool *ret_row, ut_err *err);
bool ut_rows_is_null(const ut_rows *rows, int column);
int64_t ut_rows_i64(const ut_rows *rows, int column);
double ut_rows_f64(const ut_rows *rows, int column);
/* Lives until the next row. Only for TEXT columns. */
ut_str ut_rows_str(const ut_rows *rows, int column);
void ut_rows_close(ut_rows **rows);

/* Columns count from 0 in the table's order and are NULL unless set. At most 64. */
UT_MUST_CHECK ut_status ut_lake_append_open(ut_append **ret, ut_lake *lake, const char *table, ut_err *err);
void ut_append_i64(ut_append *append, int column, int64_t value);
void ut_append_f32(ut_append *append, int column, float value);
void ut_append_bool(ut_append *append, int column, bool value);
void ut_append_text(ut_append *append, int column, ut_str text);
UT_MUST_CHECK ut_status ut_append_row(ut_append *append, ut_err *err);
/* Flushes (unless *append is NULL) and closes, also on failure. */
UT_MUST_CHECK ut_status ut_append_close(ut_append **append, ut_err *err);

#endif
