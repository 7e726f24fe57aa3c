/* privacy/doors.c — the SQL door, tried with everything the engine has: files, other databases, settings, functions.
 *
 * A file with a secret word, an environment variable, a home directory and the workspace's own stores stand around. No
 * answer and no error may hold a word of them, and no statement may leave a file behind. The same statements run
 * against an engine whose door stands open must find the secret: else they would prove nothing.
 */
#include "privacy/attack.h"
#include "undertone/report.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define SECRET "hush4711"

/* $F is the file with the secret, $C the same as CSV, $N a file that must not come to be, $L and $T lake and truth. */
static const char *const reading[] = {
    "SELECT content FROM read_text('$F')",
    "SELECT content FROM read_blob('$F')",
    "SELECT * FROM read_csv('$C')",
    "SELECT * FROM read_csv_auto('$C', all_varchar = true)",
    "SELECT * FROM '$C'",
    "FROM '$C'",
    "SELECT * FROM \"$C\"",
    "SELECT * FROM read_text(['$F', '$C'])",
    "SELECT * FROM read_text('$D/*')",
    "SELECT * FROM read_text(concat('$D', '/', 'sec', 'ret.txt'))",
    "SELECT * FROM read_text($$$F$$)",
    "SELECT * FROM read_text('file:$F')",
    "SELECT /* harmless */ * FROM /**/ read_text /* ' */ ('$F') -- end",
    "WITH x AS MATERIALIZED (SELECT * FROM read_text('$F')) SELECT * FROM x",
    "SELECT * FROM v_team_week RIGHT JOIN read_text('$F') ON true",
    "SELECT (SELECT content FROM read_text('$F'))",
    "SELECT CAST((SELECT content FROM read_text('$F')) AS INTEGER)",
    "SELECT error((SELECT content FROM read_text('$F')))",
    "SELECT * FROM query('SELECT * FROM read_text(''$F'')')",
    "SELECT * FROM read_ndjson_objects('$F')",
    "SELECT * FROM read_json_objects('$F', format = 'unstructured')",
    "SELECT * FROM sniff_csv('$C')",
    "SELECT * FROM glob('$D/*')",
    "DESCRIBE SELECT * FROM read_csv('$C')",
    "SUMMARIZE SELECT * FROM read_csv('$C')",
    "SELECT * FROM read_text('$F') UNION ALL SELECT team, team, 0, start FROM v_team_week",
    "CREATE MACRO r(f) AS TABLE SELECT * FROM read_text(f); FROM r('$F')",
    "PREPARE p AS SELECT * FROM read_text('$F'); EXECUTE p",
    "CREATE TABLE t AS SELECT * FROM read_text('$F'); FROM t",
    "CREATE VIEW v AS SELECT * FROM read_text('$F'); FROM v",
    "CREATE TABLE t (a VARCHAR); COPY t FROM '$C'; FROM t",
    "SET VARIABLE x = (SELECT content FROM read_text('$F')); SELECT getvariable('x')",
    "ATTACH '$L' AS l (READ_ONLY); SELECT * FROM l.silver_message",
    "ATTACH '$T' AS t (TYPE sqlite); SELECT * FROM t.person",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT filename FROM read_text('$D/**')",
};

/* Must be refused, whatever they would answer. */
static const char *const refused[] = {
    "COPY v_team_week TO '$N'",
    "COPY (SELECT 1) TO '$N' (FORMAT parquet)",
    "COPY v_team_week TO '$N' (FORMAT json)",
    "EXPORT DATABASE '$N'",
    "IMPORT DATABASE '$D'",
    "ATTACH '$N' AS n",
    "ATTACH '$L'",
    "ATTACH '$T' (TYPE sqlite)",
    "INSTALL httpfs",
    "INSTALL sqlite",
    "LOAD '$F'",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "RESET enable_external_access",
    "SET allowed_directories = ['$D']",
    "SET allowed_paths = ['$F']",
    "SET temp_directory = '$N'",
    "SET home_directory = '$D'",
    "SET memory_limit = '100GB'",
    "SET autoload_known_extensions = true",
    "SET allow_unsigned_extensions = true",
    "SET log_query_path = '$N'",
    "SET file_search_path = '$D'",
    "PRAGMA profiling_output = '$N'",
    "PRAGMA enable_external_access = true",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'b')",
    "SELECT * FROM v_messages",
    "SELECT * FROM silver_message",
    "SELECT * FROM silver_score",
    "SELECT * FROM membership",
    "SELECT * FROM who",
    "SELECT * FROM lake.main.silver_message",
    "SELECT * FROM main.person",
    "SELECT people_load FROM v_team_week",
    "SELECT getenv('UNDERTONE_ATTACK_WORD')",
    "SELECT getenv('HOME')",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY v_team_week TO '$N'",
    "",
    ";",
    "-- nothing",
};

/* Allowed or not: nothing may be in the answer. */
static const char *const harmless[] = {
    "FROM duckdb_settings()",
    "FROM duckdb_databases()",
    "FROM duckdb_tables()",
    "FROM duckdb_columns()",
    "FROM duckdb_views()",
    "FROM duckdb_schemas()",
    "FROM duckdb_secrets()",
    "FROM duckdb_extensions()",
    "FROM duckdb_temporary_files()",
    "FROM duckdb_logs()",
    "FROM duckdb_memory()",
    "FROM duckdb_prepared_statements()",
    "FROM duckdb_variables()",
    "FROM duckdb_external_file_cache()",
    "FROM pragma_database_size()",
    "FROM pragma_storage_info('v_team_week')",
    "FROM pragma_table_info('v_team_week')",
    "FROM information_schema.tables",
    "FROM information_schema.columns",
    "FROM pg_catalog.pg_settings",
    "FROM sqlite_master",
    "PRAGMA database_list",
    "PRAGMA show_tables_expanded",
    "SHOW ALL TABLES",
    "CALL enable_logging()",
    "CALL enable_logging(storage = 'file', storage_config = {'path': '$N'})",
    "CALL truncate_duckdb_logs()",
    "PRAGMA enable_profiling",
    "EXPLAIN ANALYZE SELECT * FROM v_team_week",
    "SELECT current_setting('home_directory')",
    "SELECT current_setting('temp_directory')",
    "SELECT current_setting('secret_directory')",
    "SELECT current_setting('extension_directory')",
    "FROM which_secret('$F', 's3')",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "VACUUM",
    "EXPORT",
    "SELECT * FROM histogram_values(v_team_week, team)",
    "SELECT stats(team) FROM v_team_week",
    "SELECT rowid, * FROM v_team_week",
    "DELETE FROM v_team_week",
    "ATTACH ':memory:' AS m",
};

/* What ends in an error rather than in a machine without memory. */
static const char *const greedy[] = {
    "SELECT list(x) FROM range(1000000000) t(x)",
    "SELECT string_agg(repeat('x', 1000000), '') FROM range(100000)",
    "WITH RECURSIVE t(n, s) AS (SELECT 1, repeat('x', 999) UNION ALL SELECT n + 1, s || s FROM t) SELECT max(n) FROM t",
};

typedef struct place {
    char folder[200], secret[256], csv[256], new_file[256], lake[256], truth[256];
} place;

static void write_around(ut_test *t, place *p, const char *workspace)
{
    (void)snprintf(p->folder, sizeof p->folder, "%s", ut_test_dir(t));
    (void)snprintf(p->secret, sizeof p->secret, "%s/secret.txt", p->folder);
    (void)snprintf(p->csv, sizeof p->csv, "%s/secret.csv", p->folder);
    (void)snprintf(p->new_file, sizeof p->new_file, "%s/new", p->folder);
    (void)snprintf(p->lake, sizeof p->lake, "%.200s/lake.duckdb", workspace);
    (void)snprintf(p->truth, sizeof p->truth, "%.200s/truth.sqlite", workspace);
    ut_test_write(t, p->secret, UT_STR(SECRET " is the word"));
    ut_test_write(t, p->csv, UT_STR("a,b\n1," SECRET "\n"));
    UT_REQUIRE(setenv("UNDERTONE_ATTACK_WORD", SECRET, 1) == 0);
    UT_REQUIRE(setenv("HOME", "/nowhere/" SECRET, 1) == 0);
}

/* The statement with its places filled in. */
static const char *fill_in(char out[1000], const char *statement, const place *p)
{
    ut_buf text = ut_buf_make(1000);
    for (; *statement; statement++) {
        if (*statement != '$' || statement[1] == '$' || statement[1] == '\0' || statement[1] == ')') {
            ut_buf_byte(&text, *statement);
            continue;
        }
        switch (*++statement) {
        case 'F':
            ut_buf_puts(&text, p->secret);
            break;
        case 'C':
            ut_buf_puts(&text, p->csv);
            break;
        case 'D':
            ut_buf_puts(&text, p->folder);
            break;
        case 'N':
            ut_buf_puts(&text, p->new_file);
            break;
        case 'L':
            ut_buf_puts(&text, p->lake);
            break;
        default:
            ut_buf_puts(&text, p->truth);
        }
    }
    (void)snprintf(out, 1000, UT_STR_FMT, UT_STR_ARG(ut_buf_str(&text)));
    ut_buf_free(&text);
    return out;
}

static int files_in(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    UT_ASSERT(dir);
    while (readdir(dir)) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

/* Runs one statement through the analyst's door; complains when anything of around is in what comes back. */
static ut_status try(ut_test *t, const at_org *org, const ut_principal *as, const char *sql)
{
    ut_buffer *answer = NULL;
    ut_err err = {0};
    ut_status st = ut_sql(&answer, org->workspace, as, ut_str_of(sql), "csv", &err);
    const char *said = st == UT_OK ? answer->bytes : err.message;
    /* Errors may repeat what the statement itself said. */
    bool told = strstr(said, SECRET) && !strstr(sql, SECRET);
    if (told || strstr(said, "silver_message,")) {
        ut_test_fail(t, __FILE__, __LINE__, "told something: %s: %.200s", sql, said);
    }
    ut_buffer_free(&answer);
    return st;
}

/* The same in an engine whose door stands open: how many find the secret. */
static int found_without_door(ut_test *t, const place *p)
{
    ut_lake *lake = NULL;
    ut_lake_options options = {.access = UT_READ_WRITE, .memory_mb = 512};
    int found = 0;
    UT_REQUIRE(ut_lake_open(&lake, NULL, &options, NULL) == UT_OK);
    for (size_t i = 0; i < sizeof reading / sizeof *reading; i++) {
        char sql[1000], wrapped[1100];
        ut_rows *rows = NULL;
        ut_err err = {0};
        bool more = false;
        ut_str inner = ut_str_of(fill_in(sql, reading[i], p));
        if (ut_str_has(inner, UT_STR("v_team_week")) || ut_str_has(inner, UT_STR("; "))) {
            continue;
        }
        (void)snprintf(wrapped, sizeof wrapped, "FROM (%s\n) x SELECT CAST(x AS VARCHAR)", sql);
        ut_status st = ut_lake_query(&rows, lake, wrapped, NULL, 0, &err);
        while (st == UT_OK && (st = ut_rows_next(rows, &more, &err)) == UT_OK && more) {
            if (ut_str_has(ut_rows_str(rows, 0), UT_STR(SECRET))) {
                found++;
                break;
            }
        }
        found += st != UT_OK && strstr(err.message, SECRET) != NULL;
        ut_rows_close(&rows);
    }
    ut_lake_close(&lake);
    return found;
}

static void try_reading(ut_test *t, const at_org *org, const ut_principal *as, const place *p)
{
    char sql[1000];
    UT_REQUIRE(try(t, org, as, "SELECT count(*) FROM v_team_week") == UT_OK);
    for (size_t i = 0; i < sizeof reading / sizeof *reading; i += AT_SHARE) {
        if (try(t, org, as, fill_in(sql, reading[i], p)) == UT_OK) {
            ut_test_fail(t, __FILE__, __LINE__, "answered: %s", sql);
        }
    }
}

static void try_all(ut_test *t, const at_org *org, const ut_principal *as, const place *p)
{
    char sql[1000];
    try_reading(t, org, as, p);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i += AT_SHARE) {
        if (try(t, org, as, fill_in(sql, refused[i], p)) == UT_OK) {
            ut_test_fail(t, __FILE__, __LINE__, "answered: %s", sql);
        }
    }
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i += AT_SHARE) {
        (void)!try(t, org, as, fill_in(sql, harmless[i], p));
    }
}

UT_TEST(privacy_doors, no_statement_reaches_files_settings_or_other_databases)
{
    const ut_principal person = {.kind = UT_PRINCIPAL_PERSON, .person = 5};
    const ut_principal manager = {.kind = UT_PRINCIPAL_MANAGER, .person = 5};
    place p;
    at_org *org = at_org_open(t, 0);
    write_around(t, &p, org->workspace->path);
    int files = files_in(p.folder), here = files_in(".");
    try_all(t, org, NULL, &p);
    try_reading(t, org, &person, &p);
    try_reading(t, org, &manager, &p);
    for (size_t i = 0; i < sizeof greedy / sizeof *greedy; i++) {
        UT_EXPECT(try(t, org, NULL, greedy[i]) != UT_OK);
    }
    UT_EXPECT_I64(files_in(p.folder), files);
    UT_EXPECT_I64(files_in("."), here);
    int found = found_without_door(t, &p);
    (void)printf("doors: %zu statements; with the door open %d find the secret\n",
                 (sizeof reading + sizeof refused + sizeof harmless + sizeof greedy) / sizeof *reading, found);
    UT_EXPECT(found >= 15);
    at_org_close(&org);
}

/* Whatever functions this engine has that take a text or anything: called with the path of the secret. */
UT_TEST(privacy_doors, no_function_of_the_engine_reads_a_file)
{
    static const char list[] =
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE len(parameters) BETWEEN 1 AND 8 AND"
        " (function_type IN ('table', 'pragma', 'table_macro') OR"
        "  (function_type = 'scalar' AND regexp_matches(function_name, 'file|read|path|blob|secret|attach|load|query'))"
        " ) AND regexp_matches(function_name, '^[a-z_0-9]+$') ORDER BY 1";
    place p;
    at_org *org = at_org_open(t, 0);
    ut_buffer *names = NULL;
    ut_err err = {0};
    int called = 0;
    write_around(t, &p, org->workspace->path);
    int files = files_in(p.folder);
    UT_REQUIRE(ut_sql(&names, org->workspace, NULL, ut_str_of(list), "csv", &err) == UT_OK);
    ut_str rest = {names->bytes, names->len};
    (void)ut_str_cut(&rest, '\n');
    for (int i = 0; rest.len; i++) {
        char sql[1000];
        ut_str name = ut_str_cut(&rest, '\n');
        if (i % AT_SHARE) {
            continue;
        }
        (void)snprintf(sql, sizeof sql, "SELECT * FROM " UT_STR_FMT "('%s')", UT_STR_ARG(name), p.secret);
        (void)!try(t, org, NULL, sql);
        (void)snprintf(sql, sizeof sql, "SELECT " UT_STR_FMT "('%s')", UT_STR_ARG(name), p.csv);
        (void)!try(t, org, NULL, sql);
        called++;
    }
    UT_EXPECT_I64(files_in(p.folder), files);
    (void)printf("doors: %d functions called with the path of a secret\n", called);
    UT_EXPECT(called > 30 / AT_SHARE);
    ut_buffer_free(&names);
    at_org_close(&org);
}
