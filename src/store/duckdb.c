/* store/duckdb.c — lake.h over DuckDB's C API; the one file that sees duckdb.h.
 *
 * Rows are read chunk by chunk from vectors, and written chunk by chunk through the appender: prepared inserts are 13
 * times slower. Extensions are neither installed nor loaded by themselves; what we use (icu, json, parquet) is linked
 * in. Column types beyond numbers, booleans, times and text are cast to text by wrapping the query, so that callers
 * meet five types and no more.
 */
#include "base/embed.h"
#include "base/mem.h"
#include "os/alarm.h"
#include "os/file.h"
#include "store/lake.h"

#include <duckdb.h>
#include <math.h>
#include <stdio.h>

extern const ut_embedded ut_sql_lake[];

enum { APPEND_COLUMNS_MAX = 64, DEFAULT_MEMORY_MB = 48 };

struct ut_lake {
    duckdb_database db;
    duckdb_connection con;
};

struct ut_rows {
    duckdb_result result;
    duckdb_data_chunk chunk;
    idx_t at;        /* row in the chunk, valid after ut_rows_next */
    idx_t size;      /* rows in the chunk */
    int columns;
    duckdb_type *types;
    duckdb_vector *vectors; /* of the chunk */
    void **data;
    uint64_t **valid;
};

struct ut_append {
    duckdb_appender appender;
    duckdb_data_chunk chunk;
    int columns;
    duckdb_type types[APPEND_COLUMNS_MAX];
    duckdb_vector vectors[APPEND_COLUMNS_MAX];
    void *data[APPEND_COLUMNS_MAX];
    uint64_t set;   /* columns of the current row that were given a value */
    idx_t row;
};

/* Errors of the engine are about the SQL unless they look like the machine's. */
static ut_status fail_duckdb(ut_err *err, const char *message)
{
    ut_str text = ut_str_of(message ? message : "unknown error");
    ut_status status = ut_str_has(text, UT_STR("Could not set lock")) ? UT_BUSY
                       : ut_str_has(text, UT_STR("Out of Memory"))    ? UT_NOMEM
                       : ut_str_has(text, UT_STR("IO Error"))         ? UT_IO
                                                                      : UT_INVALID;
    if (status == UT_BUSY) {
        return ut_fail(err, UT_BUSY, "another undertone process has the lake open; wait for it to end");
    }
    /* The first line says it; what follows are candidate lists and code pointers. */
    size_t end = ut_str_find_byte(text, '\n', 0);
    return ut_fail(err, status, "the lake says: %.*s", (int)(end == UT_NPOS ? text.len : end), text.ptr);
}

ut_status ut_lake_exec(ut_lake *lake, const char *sql, ut_err *err)
{
    duckdb_result result;
    ut_status st = UT_OK;
    if (duckdb_query(lake->con, sql, &result) != DuckDBSuccess) {
        st = fail_duckdb(err, duckdb_result_error(&result));
    }
    duckdb_destroy_result(&result);
    return st;
}

ut_status ut_lake_begin(ut_lake *lake, ut_err *err)
{
    return ut_lake_exec(lake, "BEGIN TRANSACTION", err);
}

ut_status ut_lake_commit(ut_lake *lake, ut_err *err)
{
    return ut_lake_exec(lake, "COMMIT", err);
}

void ut_lake_rollback(ut_lake *lake)
{
    if (lake) {
        (void)!ut_lake_exec(lake, "ROLLBACK", NULL);
    }
}

ut_status ut_lake_checkpoint(ut_lake *lake, ut_err *err)
{
    return ut_lake_exec(lake, "CHECKPOINT", err);
}

static ut_status migrate(ut_lake *lake, const char *path, ut_access access, ut_err *err)
{
    int64_t known = 0, done = 0;
    while (ut_sql_lake[known].name) {
        known++;
    }
    if (access == UT_READ_WRITE) {
        ut_status st = ut_lake_exec(lake, "CREATE TABLE IF NOT EXISTS schema_step (number INTEGER)", err);
        if (st != UT_OK) {
            return st;
        }
    }
    ut_status st = ut_lake_number(lake, &done, "SELECT coalesce(max(number), 0) FROM schema_step", NULL, 0, err);
    if (st != UT_OK) {
        return st;
    }
    if (done > known || (done < known && access == UT_READ_ONLY)) {
        return ut_fail(err, UT_CORRUPT, "%s is of another version of undertone (schema %lld, this one knows %lld); "
                                        "run `undertone lake rebuild`", path, (long long)done, (long long)known);
    }
    for (int64_t n = done; st == UT_OK && n < known; n++) {
        ut_value number = ut_value_i64(n + 1);
        st = ut_lake_begin(lake, err);
        st = st == UT_OK ? ut_lake_exec(lake, ut_sql_lake[n].bytes, err) : st;
        st = st == UT_OK ? ut_lake_run(lake, "INSERT INTO schema_step VALUES (?)", &number, 1, err) : st;
        st = st == UT_OK ? ut_lake_commit(lake, err) : st;
        if (st != UT_OK) {
            ut_lake_rollback(lake);
        }
    }
    return st;
}

static ut_status configure(duckdb_config config, const ut_lake_options *options, ut_err *err)
{
    char memory[32], threads[16];
    int memory_mb = options->memory_mb ? options->memory_mb : DEFAULT_MEMORY_MB;
    (void)snprintf(memory, sizeof memory, "%dMB", memory_mb);
    (void)snprintf(threads, sizeof threads, "%d", options->threads);
    const char *const pairs[][2] = {
        {"access_mode", options->access == UT_READ_ONLY ? "READ_ONLY" : "READ_WRITE"},
        {"memory_limit", memory},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        /* Sorting and joining stay in memory. Before the next one, which forbids it. */
        {"temp_directory", options->closed ? "" : NULL},
        {"enable_external_access", options->closed ? "false" : "true"},
        /* Foreign SQL may read settings, and errors name these: they must not tell whose machine this is. */
        {"home_directory", options->closed ? "/nowhere" : NULL},
        {"secret_directory", options->closed ? "/nowhere" : NULL},
        {"extension_directory", options->closed ? "/nowhere" : NULL},
        {"threads", options->threads ? threads : NULL},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i][1] && duckdb_set_config(config, pairs[i][0], pairs[i][1]) != DuckDBSuccess) {
            return ut_fail(err, UT_INVALID, "this DuckDB does not know the setting %s", pairs[i][0]);
        }
    }
    return UT_OK;
}

static ut_status open_database(ut_lake *lake, const char *path, const ut_lake_options *options, ut_err *err)
{
    duckdb_config config = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening the lake");
    }
    ut_status st = configure(config, options, err);
    char *message = NULL;
    if (st == UT_OK && duckdb_open_ext(path, &lake->db, config, &message) != DuckDBSuccess) {
        st = fail_duckdb(err, message);
        st = st == UT_INVALID ? UT_CORRUPT : st;
    }
    duckdb_free(message);
    duckdb_destroy_config(&config);
    if (st == UT_OK && duckdb_connect(lake->db, &lake->con) != DuckDBSuccess) {
        st = ut_fail(err, UT_NOMEM, "can't connect to the lake");
    }
    return st;
}

ut_status ut_lake_open(ut_lake **ret, const char *path, const ut_lake_options *options, ut_err *err)
{
    if (path && options->access == UT_READ_ONLY && !ut_file_exists(path)) {
        return ut_fail(err, UT_NOT_FOUND, "there is no lake at %s", path);
    }
    ut_lake *lake = ut_mem_zeroed(1, sizeof *lake);
    if (!lake) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening the lake");
    }
    ut_status st = open_database(lake, path, options, err);
    st = st == UT_OK ? ut_lake_exec(lake, "SET TimeZone='UTC'", err) : st;
    st = st == UT_OK && path ? migrate(lake, path, options->access, err) : st;
    if (st != UT_OK) {
        ut_lake_close(&lake);
        return st;
    }
    *ret = lake;
    return UT_OK;
}

void ut_lake_close(ut_lake **lake)
{
    if (*lake) {
        duckdb_disconnect(&(*lake)->con);
        duckdb_close(&(*lake)->db);
        *lake = ut_mem_free(*lake);
    }
}

/* Queries ---------------------------------------------------------------------------------------------------------- */

static bool bind_one(duckdb_prepared_statement stmt, idx_t index, const ut_value *value)
{
    switch (value->type) {
    case UT_VALUE_NULL:
        return duckdb_bind_null(stmt, index) == DuckDBSuccess;
    case UT_VALUE_I64:
        return duckdb_bind_int64(stmt, index, value->i64) == DuckDBSuccess;
    case UT_VALUE_F64:
        return duckdb_bind_double(stmt, index, value->f64) == DuckDBSuccess;
    case UT_VALUE_BOOL:
        return duckdb_bind_boolean(stmt, index, value->i64 != 0) == DuckDBSuccess;
    case UT_VALUE_TIME:
        return duckdb_bind_timestamp(stmt, index, (duckdb_timestamp){value->i64}) == DuckDBSuccess;
    case UT_VALUE_TEXT:
        return duckdb_bind_varchar_length(stmt, index, value->text.ptr ? value->text.ptr : "", value->text.len) ==
               DuckDBSuccess;
    }
    return false;
}

static ut_status run_prepared(duckdb_result *ret, ut_lake *lake, const char *sql, const ut_value *params, int count,
                              ut_err *err)
{
    duckdb_prepared_statement stmt = NULL;
    ut_status st = UT_OK;
    if (duckdb_prepare(lake->con, sql, &stmt) != DuckDBSuccess) {
        st = fail_duckdb(err, duckdb_prepare_error(stmt));
    }
    for (int i = 0; st == UT_OK && i < count; i++) {
        if (!bind_one(stmt, (idx_t)i + 1, &params[i])) {
            st = ut_fail(err, UT_INVALID, "the statement takes no parameter %d", i + 1);
        }
    }
    if (st == UT_OK && duckdb_execute_prepared(stmt, ret) != DuckDBSuccess) {
        st = fail_duckdb(err, duckdb_result_error(ret));
        duckdb_destroy_result(ret);
    }
    duckdb_destroy_prepare(&stmt);
    return st;
}

static bool is_plain(duckdb_type type)
{
    switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
        return true;
    default:
        return false;
    }
}

/* "SELECT c0, CAST(c1 AS VARCHAR) … FROM (sql) t(c0, c1, …)" when some column is of a type callers don't meet. */
static bool wrap_exotic(ut_buf *wrapped, duckdb_result *result, const char *sql)
{
    idx_t columns = duckdb_column_count(result);
    bool exotic = false;
    ut_buf_puts(wrapped, "SELECT ");
    for (idx_t i = 0; i < columns; i++) {
        bool plain = is_plain(duckdb_column_type(result, i));
        exotic |= !plain;
        bool decimal = duckdb_column_type(result, i) == DUCKDB_TYPE_DECIMAL;
        ut_buf_format(wrapped,
                      plain     ? "%sc%d AS \""
                      : decimal ? "%sCAST(c%d AS DOUBLE) AS \""
                                : "%sCAST(c%d AS VARCHAR) AS \"",
                      i ? ", " : "", (int)i);
        for (const char *p = duckdb_column_name(result, i); *p; p++) {
            ut_buf_put(wrapped, *p == '"' ? UT_STR("\"\"") : (ut_str){p, 1});
        }
        ut_buf_byte(wrapped, '"');
    }
    ut_str inner = ut_str_trim(ut_str_of(sql));
    inner.len -= inner.len && inner.ptr[inner.len - 1] == ';';
    ut_buf_puts(wrapped, " FROM (");
    ut_buf_put(wrapped, inner);
    ut_buf_puts(wrapped, "\n) t(");
    for (idx_t i = 0; i < columns; i++) {
        ut_buf_format(wrapped, "%sc%d", i ? ", " : "", (int)i);
    }
    ut_buf_puts(wrapped, ")");
    ut_buf_byte(wrapped, '\0');
    return exotic;
}

static ut_status make_rows(ut_rows **ret, duckdb_result *result, ut_err *err)
{
    int columns = (int)duckdb_column_count(result);
    size_t cell = sizeof(duckdb_type) + sizeof(duckdb_vector) + sizeof(void *) + sizeof(uint64_t *);
    ut_rows *rows = ut_mem_zeroed(1, sizeof *rows + (size_t)columns * (cell + 8));
    if (!rows) {
        duckdb_destroy_result(result);
        return ut_fail(err, UT_NOMEM, "memory ended while reading the lake's answer");
    }
    rows->result = *result;
    rows->columns = columns;
    rows->vectors = (duckdb_vector *)(rows + 1);
    rows->data = (void **)(rows->vectors + columns);
    rows->valid = (uint64_t **)(rows->data + columns);
    rows->types = (duckdb_type *)(rows->valid + columns);
    for (int i = 0; i < columns; i++) {
        rows->types[i] = duckdb_column_type(result, (idx_t)i);
    }
    *ret = rows;
    return UT_OK;
}

ut_status ut_lake_query(ut_rows **ret, ut_lake *lake, const char *sql, const ut_value *params, int count, ut_err *err)
{
    duckdb_result result;
    ut_status st = run_prepared(&result, lake, sql, params, count, err);
    if (st != UT_OK) {
        return st;
    }
    ut_buf wrapped = ut_buf_make(1 * UT_MIB);
    if (wrap_exotic(&wrapped, &result, sql)) {
        duckdb_destroy_result(&result);
        st = wrapped.failed ? ut_fail(err, wrapped.failed, "the statement is too long")
                            : run_prepared(&result, lake, wrapped.ptr, params, count, err);
    }
    ut_buf_free(&wrapped);
    return st == UT_OK ? make_rows(ret, &result, err) : st;
}

static ut_status check_question(ut_lake *lake, const char *sql, ut_err *err)
{
    duckdb_prepared_statement stmt = NULL;
    ut_status st = UT_OK;
    if (duckdb_prepare(lake->con, sql, &stmt) != DuckDBSuccess) {
        st = fail_duckdb(err, duckdb_prepare_error(stmt));
    } else {
        duckdb_statement_type type = duckdb_prepared_statement_type(stmt);
        if (type != DUCKDB_STATEMENT_TYPE_SELECT && type != DUCKDB_STATEMENT_TYPE_EXPLAIN) {
            st = ut_fail(err, UT_DENIED, "only questions are answered here: one SELECT, EXPLAIN, DESCRIBE or SHOW");
        }
    }
    duckdb_destroy_prepare(&stmt);
    return st;
}

static void interrupt(void *ctx)
{
    ut_lake *lake = ctx;
    duckdb_interrupt(lake->con);
}

ut_status ut_lake_ask(ut_rows **ret, ut_lake *lake, const char *sql, int timeout_ms, ut_err *err)
{
    ut_alarm *alarm = NULL;
    ut_status st = ut_alarm_start(&alarm, timeout_ms, interrupt, lake, err);
    st = st == UT_OK ? check_question(lake, sql, err) : st;
    st = st == UT_OK ? ut_lake_query(ret, lake, sql, NULL, 0, err) : st;
    if (ut_alarm_stop(&alarm) && st != UT_OK) {
        return ut_fail(err, UT_LIMIT, "the statement was stopped after %d seconds; ask for less", timeout_ms / 1000);
    }
    return st;
}

ut_status ut_lake_run(ut_lake *lake, const char *sql, const ut_value *params, int count, ut_err *err)
{
    duckdb_result result;
    ut_status st = run_prepared(&result, lake, sql, params, count, err);
    if (st == UT_OK) {
        duckdb_destroy_result(&result);
    }
    return st;
}

ut_status ut_lake_number(ut_lake *lake, int64_t *ret, const char *sql, const ut_value *params, int count, ut_err *err)
{
    ut_rows *rows = NULL;
    bool row = false;
    ut_status st = ut_lake_query(&rows, lake, sql, params, count, err);
    st = st == UT_OK ? ut_rows_next(rows, &row, err) : st;
    if (st == UT_OK && (!row || ut_rows_is_null(rows, 0))) {
        st = ut_fail(err, UT_NOT_FOUND, "the lake has no answer to: %s", sql);
    }
    if (st == UT_OK) {
        *ret = ut_rows_i64(rows, 0);
    }
    ut_rows_close(&rows);
    return st;
}

int ut_rows_columns(const ut_rows *rows)
{
    return rows->columns;
}

ut_str ut_rows_name(const ut_rows *rows, int column)
{
    duckdb_result result = rows->result; /* the C API takes no const */
    return ut_str_of(duckdb_column_name(&result, (idx_t)column));
}

ut_value_type ut_rows_type(const ut_rows *rows, int column)
{
    switch (rows->types[column]) {
    case DUCKDB_TYPE_BOOLEAN:
        return UT_VALUE_BOOL;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
        return UT_VALUE_F64;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
        return UT_VALUE_TIME;
    case DUCKDB_TYPE_VARCHAR:
        return UT_VALUE_TEXT;
    default:
        return UT_VALUE_I64;
    }
}

ut_status ut_rows_next(ut_rows *rows, bool *ret_row, ut_err *err)
{
    if (rows->chunk && rows->at + 1 < rows->size) {
        rows->at++;
        *ret_row = true;
        return UT_OK;
    }
    duckdb_destroy_data_chunk(&rows->chunk);
    rows->chunk = duckdb_fetch_chunk(rows->result);
    if (!rows->chunk || duckdb_data_chunk_get_size(rows->chunk) == 0) {
        const char *message = duckdb_result_error(&rows->result);
        if (message && *message) {
            return fail_duckdb(err, message);
        }
        *ret_row = false;
        return UT_OK;
    }
    rows->at = 0;
    rows->size = duckdb_data_chunk_get_size(rows->chunk);
    for (int i = 0; i < rows->columns; i++) {
        rows->vectors[i] = duckdb_data_chunk_get_vector(rows->chunk, (idx_t)i);
        rows->data[i] = duckdb_vector_get_data(rows->vectors[i]);
        rows->valid[i] = duckdb_vector_get_validity(rows->vectors[i]);
    }
    *ret_row = true;
    return UT_OK;
}

bool ut_rows_is_null(const ut_rows *rows, int column)
{
    return rows->valid[column] && !duckdb_validity_row_is_valid(rows->valid[column], rows->at);
}

int64_t ut_rows_i64(const ut_rows *rows, int column)
{
    if (ut_rows_is_null(rows, column)) {
        return 0;
    }
    const void *data = rows->data[column];
    switch (rows->types[column]) {
    case DUCKDB_TYPE_BOOLEAN:
        return ((const bool *)data)[rows->at];
    case DUCKDB_TYPE_TINYINT:
        return ((const int8_t *)data)[rows->at];
    case DUCKDB_TYPE_UTINYINT:
        return ((const uint8_t *)data)[rows->at];
    case DUCKDB_TYPE_SMALLINT:
        return ((const int16_t *)data)[rows->at];
    case DUCKDB_TYPE_USMALLINT:
        return ((const uint16_t *)data)[rows->at];
    case DUCKDB_TYPE_INTEGER:
        return ((const int32_t *)data)[rows->at];
    case DUCKDB_TYPE_UINTEGER:
        return ((const uint32_t *)data)[rows->at];
    case DUCKDB_TYPE_HUGEINT:
        return (int64_t)((const duckdb_hugeint *)data)[rows->at].lower;
    case DUCKDB_TYPE_FLOAT:
        return (int64_t)((const float *)data)[rows->at];
    case DUCKDB_TYPE_DOUBLE:
        return (int64_t)((const double *)data)[rows->at];
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
        return ((const int64_t *)data)[rows->at];
    default:
        return 0;
    }
}

double ut_rows_f64(const ut_rows *rows, int column)
{
    if (ut_rows_is_null(rows, column)) {
        return NAN;
    }
    switch (rows->types[column]) {
    case DUCKDB_TYPE_FLOAT:
        return (double)((const float *)rows->data[column])[rows->at];
    case DUCKDB_TYPE_DOUBLE:
        return ((const double *)rows->data[column])[rows->at];
    default:
        return (double)ut_rows_i64(rows, column);
    }
}

ut_str ut_rows_str(const ut_rows *rows, int column)
{
    if (rows->types[column] != DUCKDB_TYPE_VARCHAR || ut_rows_is_null(rows, column)) {
        return (ut_str){0};
    }
    duckdb_string_t *cell = &((duckdb_string_t *)rows->data[column])[rows->at];
    return (ut_str){duckdb_string_t_data(cell), duckdb_string_t_length(*cell)};
}

void ut_rows_close(ut_rows **rows)
{
    if (*rows) {
        duckdb_destroy_data_chunk(&(*rows)->chunk);
        duckdb_destroy_result(&(*rows)->result);
        *rows = ut_mem_free(*rows);
    }
}

/* Appends ---------------------------------------------------------------------------------------------------------- */

static ut_status append_types(ut_append *append, duckdb_logical_type *types, ut_err *err)
{
    append->columns = (int)duckdb_appender_column_count(append->appender);
    if (append->columns > APPEND_COLUMNS_MAX) {
        return ut_fail(err, UT_LIMIT, "tables of more than %d columns can't be appended to", APPEND_COLUMNS_MAX);
    }
    for (int i = 0; i < append->columns; i++) {
        types[i] = duckdb_appender_column_type(append->appender, (idx_t)i);
        append->types[i] = duckdb_get_type_id(types[i]);
    }
    append->chunk = duckdb_create_data_chunk(types, (idx_t)append->columns);
    return UT_OK;
}

/* Points at the chunk's vectors again: a reset gives them new memory. */
static void append_vectors(ut_append *append)
{
    for (int i = 0; i < append->columns; i++) {
        append->vectors[i] = duckdb_data_chunk_get_vector(append->chunk, (idx_t)i);
        duckdb_vector_ensure_validity_writable(append->vectors[i]);
        append->data[i] = duckdb_vector_get_data(append->vectors[i]);
    }
}

ut_status ut_lake_append_open(ut_append **ret, ut_lake *lake, const char *table, ut_err *err)
{
    ut_append *append = ut_mem_zeroed(1, sizeof *append);
    if (!append) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening %s", table);
    }
    ut_status st = UT_OK;
    duckdb_logical_type types[APPEND_COLUMNS_MAX] = {0};
    if (duckdb_appender_create(lake->con, NULL, table, &append->appender) != DuckDBSuccess) {
        st = fail_duckdb(err, duckdb_appender_error(append->appender));
    }
    st = st == UT_OK ? append_types(append, types, err) : st;
    for (int i = 0; i < append->columns && i < APPEND_COLUMNS_MAX; i++) {
        duckdb_destroy_logical_type(&types[i]);
    }
    if (st != UT_OK) {
        (void)duckdb_appender_destroy(&append->appender);
        ut_mem_free(append);
        return st;
    }
    append_vectors(append);
    *ret = append;
    return UT_OK;
}

void ut_append_i64(ut_append *append, int column, int64_t value)
{
    void *data = append->data[column];
    switch (append->types[column]) {
    case DUCKDB_TYPE_TINYINT:
        ((int8_t *)data)[append->row] = (int8_t)value;
        break;
    case DUCKDB_TYPE_SMALLINT:
        ((int16_t *)data)[append->row] = (int16_t)value;
        break;
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE: /* days since 1970-01-01 */
        ((int32_t *)data)[append->row] = (int32_t)value;
        break;
    default:
        UT_ASSERT(append->types[column] == DUCKDB_TYPE_BIGINT || append->types[column] == DUCKDB_TYPE_TIMESTAMP);
        ((int64_t *)data)[append->row] = value;
    }
    append->set |= (uint64_t)1 << column;
}

void ut_append_f32(ut_append *append, int column, float value)
{
    UT_ASSERT(append->types[column] == DUCKDB_TYPE_FLOAT);
    ((float *)append->data[column])[append->row] = value;
    append->set |= (uint64_t)1 << column;
}

void ut_append_bool(ut_append *append, int column, bool value)
{
    UT_ASSERT(append->types[column] == DUCKDB_TYPE_BOOLEAN);
    ((bool *)append->data[column])[append->row] = value;
    append->set |= (uint64_t)1 << column;
}

void ut_append_text(ut_append *append, int column, ut_str text)
{
    UT_ASSERT(append->types[column] == DUCKDB_TYPE_VARCHAR);
    duckdb_vector_assign_string_element_len(append->vectors[column], append->row, text.ptr ? text.ptr : "", text.len);
    append->set |= (uint64_t)1 << column;
}

static ut_status flush(ut_append *append, ut_err *err)
{
    duckdb_data_chunk_set_size(append->chunk, append->row);
    if (duckdb_append_data_chunk(append->appender, append->chunk) != DuckDBSuccess) {
        return fail_duckdb(err, duckdb_appender_error(append->appender));
    }
    duckdb_data_chunk_reset(append->chunk);
    append_vectors(append);
    append->row = 0;
    return UT_OK;
}

ut_status ut_append_row(ut_append *append, ut_err *err)
{
    for (int i = 0; i < append->columns; i++) {
        if (!(append->set >> i & 1)) {
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(append->vectors[i]), append->row);
        }
    }
    append->set = 0;
    append->row++;
    return append->row == duckdb_vector_size() ? flush(append, err) : UT_OK;
}

ut_status ut_append_close(ut_append **append_ref, ut_err *err)
{
    ut_append *append = *append_ref;
    if (!append) {
        return UT_OK;
    }
    ut_status st = append->row ? flush(append, err) : UT_OK;
    if (st == UT_OK && duckdb_appender_close(append->appender) != DuckDBSuccess) {
        st = fail_duckdb(err, duckdb_appender_error(append->appender));
    }
    duckdb_destroy_data_chunk(&append->chunk);
    (void)duckdb_appender_destroy(&append->appender);
    *append_ref = ut_mem_free(append);
    return st;
}
