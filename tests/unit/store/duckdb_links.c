/* Until store/duckdb.c is there: the library and the header, which come from two packages, work together. */
#include "harness/test.h"

#include <duckdb.h>

UT_TEST(store_duckdb, library_and_header_work_together)
{
    duckdb_database database = NULL;
    duckdb_connection connection = NULL;
    UT_REQUIRE(duckdb_open(NULL, &database) == DuckDBSuccess);
    UT_REQUIRE(duckdb_connect(database, &connection) == DuckDBSuccess);
    duckdb_result result;
    UT_REQUIRE(duckdb_query(connection, "SELECT version()", &result) == DuckDBSuccess);
    duckdb_data_chunk chunk = duckdb_fetch_chunk(result);
    UT_REQUIRE(chunk);
    duckdb_string_t *cell = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    UT_EXPECT(ut_str_starts((ut_str){duckdb_string_t_data(cell), duckdb_string_t_length(*cell)}, UT_STR("v1.")));
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&result);
    duckdb_disconnect(&connection);
    duckdb_close(&database);
}
