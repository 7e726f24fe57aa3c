/* Memory that ends anywhere while a report is made: the ledger is as it was or whole, and an answer is the whole answer
 * or none. And workspaces that are open for reading, or held by another program. */
#include "base/mem.h"
#include "unit/egress/org.h"

static const char forget_sql[] =
    "DELETE FROM cell; DELETE FROM atom; DELETE FROM segment; DELETE FROM setting WHERE key LIKE 'ledger%'";

/* How much is in the ledger, in one number: rows, and what the settings say was made. */
static int64_t ledger_size(ut_test *t, ut_workspace *workspace)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth,
                                "SELECT (SELECT count(*) FROM cell) + 1000 * (SELECT count(*) FROM atom) + 1000000 *"
                                " (SELECT count(*) FROM segment) + 1000000000 *"
                                " (SELECT count(*) FROM setting WHERE key LIKE 'ledger%')", NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    int64_t size = ut_stmt_i64(stmt, 0);
    ut_stmt_close(&stmt);
    return size;
}

/* A workspace whose lake is open already, since it stays open after the first question. */
static ut_workspace *opened(ut_test *t)
{
    ut_workspace *workspace = org_fresh(t);
    ut_lake *lake = NULL;
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    return workspace;
}

UT_TEST(egress_sweep, a_freeze_is_whole_or_not_there_when_memory_ends)
{
    static const char *const grains[] = {"day", "week", "month"};
    ut_workspace *workspace = opened(t);
    for (int g = 0; g < 3; g++) {
        ut_buffer *answer = NULL;
        ut_report_options options = {.grain = grains[g], .format = "csv"};
        int refused_before = 0, refused_after = 0;
        UT_REQUIRE(ut_report(&answer, workspace, UT_STR("teams"), &options, NULL) == UT_OK);
        int64_t whole = ledger_size(t, workspace);
        ut_buffer *want = answer;
        answer = NULL;
        UT_REQUIRE(whole > 1000000000);
        UT_REQUIRE(ut_truth_exec(workspace->truth, forget_sql, NULL) == UT_OK);
        UT_SWEEP_ALLOC(t) {
            ut_err err = {0};
            ut_status st = ut_report(&answer, workspace, UT_STR("teams"), &options, &err);
            ut_mem_fail_at(0, false); /* what looks afterwards has memory */
            int64_t size = ledger_size(t, workspace);
            UT_EXPECT(st == UT_OK ? size == whole : size == whole || size == 0);
            UT_EXPECT(st == UT_OK || ((st == UT_NOMEM || st == UT_LIMIT) && err.message[0]));
            if (st == UT_OK) {
                UT_EXPECT_STR(ut_str_of(answer->bytes), want->bytes);
            }
            refused_before += st != UT_OK && size == 0;
            refused_after += st != UT_OK && size == whole;
            ut_buffer_free(&answer);
            UT_REQUIRE(ut_truth_exec(workspace->truth, forget_sql, NULL) == UT_OK);
        }
        UT_EXPECT(refused_before > 0 && refused_after > 0); /* the sweep reached both sides of the commit */
        ut_buffer_free(&want);
    }
    ut_workspace_close(&workspace);
}

/* Asks one report for somebody, with memory ending everywhere; an answer is the undisturbed one. */
static void sweep_report(ut_test *t, ut_workspace *workspace, const char *who, const char *name, const char *format,
                         const char *team)
{
    ut_buffer *want = NULL, *answer = NULL;
    ut_principal principal = org_as(t, workspace, who);
    ut_report_options options = {.principal = &principal, .format = format, .team = team};
    int refused = 0;
    UT_REQUIRE(ut_report(&want, workspace, ut_str_of(name), &options, NULL) == UT_OK);
    UT_SWEEP_ALLOC(t) {
        ut_err err = {0};
        ut_status st = ut_report(&answer, workspace, ut_str_of(name), &options, &err);
        if (st == UT_OK) {
            UT_EXPECT_STR(ut_str_of(answer->bytes), want->bytes);
            ut_buffer_free(&answer);
        } else if ((st != UT_NOMEM && st != UT_LIMIT) || !err.message[0]) {
            ut_test_fail(t, __FILE__, __LINE__, "%s %s %s: status %d, %s", who, name, format, (int)st, err.message);
        }
        refused += st != UT_OK;
    }
    UT_EXPECT(refused > 0);
    ut_buffer_free(&want);
}

UT_TEST(egress_sweep, every_answer_is_the_whole_answer_or_none_when_memory_ends)
{
    static const char *const formats[] = {"table", "json", "csv"};
    ut_workspace *workspace = opened(t);
    for (int i = 0; i < 3; i++) {
        sweep_report(t, workspace, "analyst", "teams", formats[i], NULL);
        sweep_report(t, workspace, "analyst", "overview", formats[i], "red");
        sweep_report(t, workspace, "analyst", "coverage", formats[i], NULL);
        sweep_report(t, workspace, "manager:b0", "teams", formats[i], NULL);
        sweep_report(t, workspace, "person:r3", "mine", formats[i], NULL);
    }
    ut_workspace_close(&workspace);
}

UT_TEST(egress_sweep, whoever_may_not_see_gets_no_values_when_memory_ends)
{
    ut_workspace *workspace = opened(t);
    ut_principal rita = org_as(t, workspace, "person:r0"), owner = org_as(t, workspace, "owner"), found = {0};
    ut_report_options of_r3 = {.principal = &rita, .person = "r3", .format = "csv"};
    UT_SWEEP_ALLOC(t) {
        ut_buffer *answer = NULL;
        ut_status st = ut_report(&answer, workspace, UT_STR("mine"), &of_r3, NULL);
        UT_EXPECT((st == UT_DENIED || st == UT_NOMEM || st == UT_LIMIT) && answer == NULL);
        st = ut_principal_parse(&found, workspace, "person:r3@example.org", NULL, NULL);
        UT_EXPECT(st == UT_OK || st == UT_NOMEM || st == UT_LIMIT);
        if (ut_audit_show(&answer, workspace, &owner, NULL, "csv", NULL) == UT_OK) {
            UT_EXPECT(ut_str_find(ut_str_of(answer->bytes), UT_STR(",audit show,"), 0) != UT_NPOS);
            ut_buffer_free(&answer);
        }
        ut_str sql = UT_STR("SELECT count(*) AS n FROM v_my_messages");
        if (ut_sql(&answer, workspace, &rita, sql, "csv", NULL) == UT_OK) {
            UT_EXPECT_STR(ut_str_of(answer->bytes), "n\n4\n");
            ut_buffer_free(&answer);
        }
    }
    ut_workspace_close(&workspace);
}

UT_TEST(egress_sweep, a_workspace_open_for_reading_answers_what_was_frozen_and_says_so)
{
    ut_workspace *workspace = org_fresh(t);
    ut_buffer *before = NULL, *answer = NULL;
    ut_err err = {0};
    char folder[UT_PATH_BYTES_MAX];
    ut_report_options csv = {.format = "csv"}, table = {0}, json = {.format = "json"}, day = {.grain = "day"};
    UT_REQUIRE(ut_report(&before, workspace, UT_STR("teams"), &csv, NULL) == UT_OK);
    (void)snprintf(folder, sizeof folder, "%s", workspace->path);
    ut_workspace_options reading = {.path = folder, .access = UT_WORKSPACE_READ};
    ut_workspace_options writing = {.path = folder, .access = UT_WORKSPACE_WRITE};
    /* The first one still holds the lock, as a long `analyze` does. */
    ut_workspace *second = NULL;
    UT_EXPECT_I64(ut_workspace_open(&second, &writing, &err), UT_BUSY);
    UT_REQUIRE(ut_workspace_open(&second, &reading, &err) == UT_OK);
    int64_t size = ledger_size(t, second);
    UT_REQUIRE(ut_report(&answer, second, UT_STR("teams"), &csv, &err) == UT_OK);
    UT_EXPECT_STR(ut_str_of(answer->bytes), before->bytes);
    ut_buffer_free(&answer);
    UT_REQUIRE(ut_report(&answer, second, UT_STR("overview"), &table, &err) == UT_OK);
    UT_EXPECT(strstr(answer->bytes, "what closed since is not among them") != NULL);
    ut_buffer_free(&answer);
    UT_REQUIRE(ut_report(&answer, second, UT_STR("teams"), &json, &err) == UT_OK);
    UT_EXPECT(strstr(answer->bytes, "\"frozen_only\":true") != NULL);
    ut_buffer_free(&answer);
    /* Days were never frozen: an empty table would say that nobody wrote. */
    UT_EXPECT_I64(ut_report(&answer, second, UT_STR("teams"), &day, &err), UT_NOT_FOUND);
    UT_EXPECT(strstr(err.message, "no figures by day were made yet") != NULL);
    UT_EXPECT_I64(ledger_size(t, second), size);
    ut_workspace_close(&second);
    UT_REQUIRE(ut_report(&answer, workspace, UT_STR("teams"), &table, NULL) == UT_OK);
    UT_EXPECT(strstr(answer->bytes, "what closed since") == NULL);
    ut_buffer_free(&answer);
    ut_buffer_free(&before);
    ut_workspace_close(&workspace);
}
