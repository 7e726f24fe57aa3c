/* The doors others come through: reports, the analyst's SQL, the owner's, the audit log. */
#include "store/audit.h"
#include "egress/grid.h"
#include "harness/test.h"
#include "undertone/report.h"

#include <stdio.h>

static ut_workspace *fresh(ut_test *t, int people)
{
    ut_workspace *workspace = NULL;
    ut_lake *lake = NULL;
    char sql[1000];
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO who SELECT i, i, false, true FROM range(%d) r(i); INSERT INTO person SELECT i, 'UTC' FROM range(%d) r(i);"
        "INSERT INTO membership SELECT i, '=red', DATE '0001-01-01', DATE '9999-12-31' FROM range(%d) r(i);"
        "INSERT INTO silver_message (item, sent_at, author, source, state, words, bytes, stripped) SELECT i * 10 + j,"
        " TIMESTAMP '2026-01-07', i, 'test', 'scored', 10, 60, 6 FROM range(%d) r(i), range(3) s(j);"
        "INSERT INTO silver_score (item, model, sentiment, certainty, stress) SELECT i * 10 + j, 'm', 0.4, 1, 0.2"
        " FROM range(%d) r(i), range(3) s(j)",
        people, people, people, people, people);
    UT_REQUIRE(ut_lake_exec(lake, sql, NULL) == UT_OK);
    return workspace;
}

static bool answer_has(ut_buffer **answer, const char *text)
{
    bool has = *answer && strstr((*answer)->bytes, text) != NULL;
    return has;
}

UT_TEST(egress_report, every_format_withholds_the_same_figures)
{
    static const char *const formats[] = {"table", "json", "csv"};
    for (int f = 0; f < 3; f++) {
        for (int people = 7; people <= 8; people++) {
            ut_workspace *workspace = fresh(t, people);
            ut_buffer *answer = NULL;
            ut_report_options options = {.format = formats[f]};
            UT_REQUIRE(ut_report(&answer, workspace, UT_STR("teams"), &options, NULL) == UT_OK);
            UT_EXPECT(answer_has(&answer, "8-15") == (people == 8));
            UT_EXPECT(answer_has(&answer, "fewer than 8 people") == (people == 7));
            ut_buffer_free(&answer);
            UT_REQUIRE(ut_report(&answer, workspace, UT_STR("overview"), &options, NULL) == UT_OK);
            bool shown = f == 0 ? !answer_has(&answer, "fewer than 8 people") : answer_has(&answer, "0.");
            UT_EXPECT(shown == (people == 8));
            ut_buffer_free(&answer);
            ut_buffer_free(&answer);
            ut_workspace_close(&workspace);
        }
    }
}

UT_TEST(egress_report, wrong_names_are_told)
{
    ut_workspace *workspace = fresh(t, 9);
    ut_buffer *answer = NULL;
    ut_err err = {0};
    ut_report_options options = {.team = "blue"};
    UT_EXPECT_I64(ut_report(&answer, workspace, UT_STR("nonsense"), NULL, &err), UT_NOT_FOUND);
    UT_EXPECT_I64(ut_report(&answer, workspace, UT_STR("teams"), &options, &err), UT_NOT_FOUND);
    options = (ut_report_options){.format = "xml"};
    UT_EXPECT_I64(ut_report(&answer, workspace, UT_STR("teams"), &options, &err), UT_INVALID);
    UT_EXPECT(answer == NULL);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_report, a_team_named_like_a_formula_does_not_run_in_a_spreadsheet)
{
    ut_workspace *workspace = fresh(t, 9);
    ut_buffer *answer = NULL;
    ut_report_options options = {.format = "csv"};
    UT_REQUIRE(ut_report(&answer, workspace, UT_STR("teams"), &options, NULL) == UT_OK);
    UT_EXPECT(answer_has(&answer, "\n\"'=red\","));
    ut_buffer_free(&answer);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_sql, the_analyst_finds_published_cells_and_nothing_else)
{
    static const char *const refused[] = {
        "SELECT * FROM v_messages", "SELECT * FROM silver_message", "SELECT * FROM read_text('/etc/passwd')",
        "ATTACH '/tmp/x.duckdb'", "COPY v_team_week TO '/tmp/x.csv'", "SET enable_external_access = true",
        "SELECT * FROM glob('/tmp/*')", "INSTALL httpfs", "SELECT 1; SELECT 2", "PRAGMA database_list; SELECT 1",
        "SELECT * FROM '/etc/passwd'", "SELECT * FROM sniff_csv('/etc/passwd')", "EXPORT DATABASE '/tmp/x'",
        "RESET lock_configuration", "SELECT /* */ * FROM read_csv_auto('/etc/passwd')", "SELECT getenv('PATH')",
    };
    ut_workspace *workspace = fresh(t, 9);
    ut_buffer *answer = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_sql(&answer, workspace, NULL,
                              UT_STR("SELECT team, start, stress BETWEEN 0.1 AND 0.3 AS ok FROM v_team_week;"), "json",
                              &err) == UT_OK);
    UT_EXPECT_STR(ut_str_of(answer->bytes),
                  "{\"rows\":[{\"team\":\"=red\",\"start\":\"2026-01-05\",\"ok\":true}]}\n");
    ut_buffer_free(&answer);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (ut_sql(&answer, workspace, NULL, ut_str_of(refused[i]), "csv", &err) == UT_OK) {
            ut_test_fail(t, __FILE__, __LINE__, "answered: %s", refused[i]);
            ut_buffer_free(&answer);
        }
    }
    ut_workspace_close(&workspace);
}

UT_TEST(egress_sql, withheld_figures_are_null)
{
    ut_workspace *workspace = fresh(t, 7);
    ut_buffer *answer = NULL;
    UT_REQUIRE(
        ut_sql(
            &answer, workspace, NULL,
            UT_STR("SELECT count(*) AS rows, count(sentiment) AS text, count(messages) AS load FROM v_team_week"),
            "csv", NULL) == UT_OK);
    UT_EXPECT_STR(ut_str_of(answer->bytes), "rows,text,load\n1,0,1\n");
    ut_buffer_free(&answer);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_sql, the_owner_is_logged_before_reading_and_can_not_write)
{
    ut_workspace *workspace = fresh(t, 9);
    ut_buffer *answer = NULL;
    ut_err err = {0};
    int64_t entries = 0;
    ut_principal blank = {.kind = UT_PRINCIPAL_OWNER, .purpose = "  "};
    ut_principal owner = {.kind = UT_PRINCIPAL_OWNER, .purpose = "a test"};
    ut_str sql = UT_STR("SELECT count(*) AS n FROM v_messages");
    UT_EXPECT_I64(ut_sql(&answer, workspace, &blank, sql, "csv", &err), UT_INVALID);
    UT_EXPECT(ut_audit_verify(workspace, &entries, &err) == UT_OK && entries == 0);
    UT_REQUIRE(ut_sql(&answer, workspace, &owner, sql, "csv", &err) == UT_OK);
    UT_EXPECT_STR(ut_str_of(answer->bytes), "n\n27\n");
    ut_buffer_free(&answer);
    UT_EXPECT(ut_audit_verify(workspace, &entries, &err) == UT_OK && entries == 1);
    UT_EXPECT(ut_sql(&answer, workspace, &owner, UT_STR("DELETE FROM silver_message"), "csv", &err) !=
              UT_OK);
    UT_EXPECT(ut_sql(&answer, workspace, &owner, UT_STR("COMMIT; DELETE FROM silver_message"), "csv",
                           &err) != UT_OK);
    UT_REQUIRE(ut_audit_verify(workspace, &entries, &err) == UT_OK && entries == 3);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_audit, a_changed_or_missing_entry_breaks_the_chain)
{
    static const char *const tampering[] = {"UPDATE audit SET purpose = 'x' WHERE id = 2",
                                            "DELETE FROM audit WHERE id = 2",
                                            "UPDATE audit SET at_us = at_us + 1 WHERE id = 1"};
    for (size_t i = 0; i < 3; i++) {
        ut_workspace *workspace = fresh(t, 1);
        ut_audit_entry entry = {.principal = UT_STR("owner"), .action = UT_STR("sql"), .detail = UT_STR("SELECT 1"),
                                .purpose = UT_STR("test")};
        int64_t entries = 0;
        for (int n = 0; n < 3; n++) {
            UT_REQUIRE(ut_audit_append(workspace, &entry, NULL) == UT_OK);
        }
        UT_EXPECT(ut_audit_verify(workspace, &entries, NULL) == UT_OK && entries == 3);
        UT_REQUIRE(ut_truth_exec(workspace->truth, tampering[i], NULL) == UT_OK);
        UT_EXPECT_I64(ut_audit_verify(workspace, &entries, NULL), UT_CORRUPT);
        ut_workspace_close(&workspace);
    }
}

UT_TEST(egress_audit, words_taken_out_and_old_entries_leave_the_chain_whole)
{
    ut_workspace *workspace = fresh(t, 1);
    ut_audit_entry entry = {.principal = UT_STR("key"), .action = UT_STR("erase"), .subject = 7,
                            .detail = UT_STR("anna@example.org")};
    int64_t entries = 0, dropped = 0;
    for (int n = 0; n < 4; n++) {
        UT_REQUIRE(ut_audit_append(workspace, &entry, NULL) == UT_OK);
    }
    UT_REQUIRE(ut_audit_redact(workspace, 3, NULL) == UT_OK);
    UT_EXPECT(ut_audit_verify(workspace, &entries, NULL) == UT_OK && entries == 4);
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, "SELECT at_us FROM audit WHERE id = 3", NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    int64_t third_us = ut_stmt_i64(stmt, 0);
    ut_stmt_close(&stmt);
    UT_REQUIRE(ut_audit_drop(workspace, &dropped, third_us, NULL) == UT_OK);
    UT_EXPECT(dropped <= 2);
    UT_EXPECT(ut_audit_verify(workspace, &entries, NULL) == UT_OK && entries == 4 - dropped);
    UT_REQUIRE(ut_audit_drop(workspace, &dropped, INT64_MAX, NULL) == UT_OK);
    UT_REQUIRE(ut_audit_append(workspace, &entry, NULL) == UT_OK);
    UT_EXPECT(ut_audit_verify(workspace, &entries, NULL) == UT_OK && entries == 1);
    UT_REQUIRE(ut_truth_exec(workspace->truth, "DELETE FROM setting WHERE key = 'audit_base'", NULL) == UT_OK);
    UT_EXPECT_I64(ut_audit_verify(workspace, &entries, NULL), UT_CORRUPT);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_grid, tables_align_and_cut_and_json_escapes)
{
    ut_arena arena;
    ut_grid grid;
    UT_REQUIRE(ut_arena_open(&arena, 1 << 20) == UT_OK);
    UT_REQUIRE(ut_grid_open(&grid, &arena, 2) == UT_OK);
    grid.columns[0] = (ut_grid_column){.name = UT_STR("a\"b")};
    grid.columns[1] = (ut_grid_column){.name = UT_STR("n"), .decimals = 2};
    ut_value *row = ut_grid_row_add(&grid);
    row[0] = ut_value_text(UT_STR("ä,\n"));
    row[1] = (ut_value){.type = UT_VALUE_F64, .f64 = -0.001};
    row = ut_grid_row_add(&grid);
    row[1] = ut_value_i64(12);
    ut_buf out = ut_buf_make(4096);
    ut_grid_put_table(&out, &grid, false);
    UT_EXPECT_STR(ut_buf_str(&out), "a\"b     n\nä,   0.00\n·      12\n");
    ut_buf_clear(&out);
    ut_grid_put_json(&out, &grid);
    UT_EXPECT_STR(ut_buf_str(&out), "[{\"a\\\"b\":\"ä,\\n\",\"n\":0},{\"a\\\"b\":null,\"n\":12}]");
    ut_buf_clear(&out);
    ut_grid_put_csv(&out, &grid);
    UT_EXPECT_STR(ut_buf_str(&out), "\"a\"\"b\",n\n\"ä,\n\",0\n,12\n");
    ut_buf_free(&out);
    ut_arena_close(&arena);
}
