/* Who sees what: analyst, manager, person, owner, through every door, and what the log says about it afterwards. */
#include "unit/egress/org.h"

/* The report as CSV in the arena of the test; empty when it is refused, and err says why. */
static bool report_says(ut_test *t, ut_workspace *workspace, const char *who, const char *name, const char *person,
                        const char *word, ut_err *err)
{
    ut_buffer *answer = NULL;
    ut_principal principal = org_as(t, workspace, who);
    ut_report_options options = {.principal = &principal, .format = "csv", .person = person};
    ut_status st = ut_report(&answer, workspace, ut_str_of(name), &options, err);
    bool says = st == UT_OK && strstr(answer->bytes, word);
    ut_buffer_free(&answer);
    return says;
}

UT_TEST(egress_viewers, principals_are_parsed_or_told)
{
    ut_workspace *workspace = org_fresh(t);
    ut_principal p = {0};
    ut_err err = {0};
    UT_EXPECT(org_as(t, workspace, NULL).kind == UT_PRINCIPAL_ANALYST);
    UT_EXPECT(org_as(t, workspace, "person:r3").person == org_as(t, workspace, "person:R3@example.org").person);
    UT_EXPECT(org_as(t, workspace, "manager:mail:r3@example.org").kind == UT_PRINCIPAL_MANAGER);
    UT_EXPECT_I64(ut_principal_parse(&p, workspace, "owner", " ", &err), UT_INVALID);
    UT_EXPECT_I64(ut_principal_parse(&p, workspace, "person:nobody", NULL, &err), UT_NOT_FOUND);
    static const char *const wrong[] = {"person:", "person", "admin", "Owner", "owner:r1", "analyst:r1", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        UT_EXPECT_I64(ut_principal_parse(&p, workspace, wrong[i], "why", &err), UT_INVALID);
    }
    UT_EXPECT(p.kind == UT_PRINCIPAL_ANALYST && p.person == 0);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_viewers, own_values_are_for_their_person)
{
    ut_workspace *workspace = org_fresh(t);
    ut_err err = {0};
    UT_EXPECT(report_says(t, workspace, "person:r3", "mine", NULL, "2026-01-05,2026-01-11,4,4,", &err));
    UT_EXPECT(!report_says(t, workspace, "person:r3", "mine", "b3", "2026", &err));
    UT_EXPECT_I64(err.status, UT_DENIED);
    UT_EXPECT(strstr(err.message, "share") != NULL);
    static const char *const others[] = {"analyst", "manager:r0"};
    for (int i = 0; i < 2; i++) {
        err = (ut_err){0};
        UT_EXPECT(!report_says(t, workspace, others[i], "mine", "r3", "2026", &err));
        UT_EXPECT_I64(err.status, UT_DENIED);
        UT_EXPECT(strstr(err.message, "that person only") && strstr(err.message, "report teams"));
    }
    UT_EXPECT(report_says(t, workspace, "owner", "mine", "r3", "2026-01-05", &err));
    UT_EXPECT(!report_says(t, workspace, "person:r3", "teams", "r3", "2026", &err));
    UT_EXPECT_I64(err.status, UT_INVALID);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_viewers, sharing_is_named_and_ends_with_an_objection)
{
    ut_workspace *workspace = org_fresh(t);
    ut_err err = {0};
    char sql[200];
    int64_t giver = org_as(t, workspace, "person:r3").person, viewer = org_as(t, workspace, "person:b3").person;
    (void)snprintf(sql, sizeof sql, "INSERT INTO sharing VALUES (%lld, %lld, 1)", (long long)giver, (long long)viewer);
    UT_REQUIRE(ut_truth_exec(workspace->truth, sql, NULL) == UT_OK);
    UT_EXPECT(report_says(t, workspace, "person:b3", "mine", "r3", "2026-01-05", &err));
    UT_EXPECT(!report_says(t, workspace, "person:r3", "mine", "b3", "2026", &err)); /* not the other way round */
    UT_EXPECT(!report_says(t, workspace, "person:b4", "mine", "r3", "2026", &err));
    UT_EXPECT(!report_says(t, workspace, "manager:b3", "mine", "r3", "2026", &err));
    (void)snprintf(sql, sizeof sql, "UPDATE person SET state = 'objected' WHERE id = %lld", (long long)giver);
    UT_REQUIRE(ut_truth_exec(workspace->truth, sql, NULL) == UT_OK);
    err = (ut_err){0};
    UT_EXPECT(!report_says(t, workspace, "person:b3", "mine", "r3", "2026", &err));
    UT_EXPECT_I64(err.status, UT_DENIED);
    UT_EXPECT(strstr(err.message, "object") == NULL); /* that is nobody's business */
    UT_EXPECT(!report_says(t, workspace, "owner", "mine", "r3", "2026", &err));
    UT_EXPECT(report_says(t, workspace, "person:r3", "mine", NULL, "start", &err));
    ut_workspace_close(&workspace);
}

UT_TEST(egress_viewers, managers_see_their_teams_and_those_below)
{
    ut_workspace *workspace = org_fresh(t);
    ut_err err = {0};
    UT_EXPECT(report_says(t, workspace, "analyst", "teams", NULL, "(all)", &err));
    UT_EXPECT(report_says(t, workspace, "manager:r0", "teams", NULL, "\nblue", &err));
    UT_EXPECT(report_says(t, workspace, "manager:r0", "teams", NULL, "\nred", &err));
    UT_EXPECT(report_says(t, workspace, "manager:b0", "teams", NULL, "\nblue", &err));
    UT_EXPECT(!report_says(t, workspace, "manager:b0", "teams", NULL, "red", &err));
    UT_EXPECT(!report_says(t, workspace, "manager:b0", "overview", NULL, "(all)", &err));
    UT_EXPECT(!report_says(t, workspace, "manager:b0", "coverage", NULL, "scored", &err));
    UT_EXPECT_I64(err.status, UT_DENIED);
    ut_buffer *answer = NULL;
    ut_principal bert = org_as(t, workspace, "manager:b0");
    ut_report_options options = {.principal = &bert, .team = "red"};
    UT_EXPECT_I64(ut_report(&answer, workspace, UT_STR("teams"), &options, &err), UT_DENIED);
    UT_EXPECT(strstr(err.message, "blue") != NULL);
    options.team = "no such team"; /* the same answer: whether it exists is not told */
    UT_EXPECT_I64(ut_report(&answer, workspace, UT_STR("teams"), &options, &err), UT_DENIED);
    ut_str sql = UT_STR("SELECT DISTINCT team FROM v_team_week");
    UT_REQUIRE(ut_sql(&answer, workspace, &bert, sql, "csv", &err) == UT_OK);
    UT_EXPECT_STR(ut_str_of(answer->bytes), "team\nblue\n");
    ut_buffer_free(&answer);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_viewers, everyone_but_the_analyst_is_logged)
{
    ut_workspace *workspace = org_fresh(t);
    ut_err err = {0};
    ut_buffer *log = NULL;
    ut_principal owner = org_as(t, workspace, "owner"), rita = org_as(t, workspace, "person:r0");
    (void)report_says(t, workspace, "analyst", "teams", NULL, "", &err);
    (void)report_says(t, workspace, "owner", "mine", "r3", "", &err);
    (void)report_says(t, workspace, "person:b1", "mine", NULL, "", &err);
    UT_REQUIRE(ut_audit_show(&log, workspace, &owner, NULL, "csv", &err) == UT_OK);
    UT_EXPECT(strstr(log->bytes, "analyst") == NULL);
    UT_EXPECT(strstr(log->bytes, ",owner,") && strstr(log->bytes, ",mine,a test\n") && strstr(log->bytes, ",person:"));
    ut_buffer_free(&log);
    /* A person sees what is about them, nothing else. */
    ut_principal seen = org_as(t, workspace, "person:r3");
    UT_REQUIRE(ut_audit_show(&log, workspace, &seen, NULL, "csv", &err) == UT_OK);
    UT_EXPECT(strstr(log->bytes, ",owner,") && strstr(log->bytes, "a test"));
    ut_buffer_free(&log);
    UT_REQUIRE(ut_audit_show(&log, workspace, &rita, NULL, "csv", &err) == UT_OK);
    UT_EXPECT(strstr(log->bytes, ",owner,") == NULL);
    ut_buffer_free(&log);
    UT_EXPECT_I64(ut_audit_show(&log, workspace, &rita, "r3", "csv", &err), UT_DENIED);
    UT_EXPECT_I64(ut_audit_show(&log, workspace, NULL, NULL, "csv", &err), UT_DENIED);
    char folder[UT_PATH_BYTES_MAX];
    (void)snprintf(folder, sizeof folder, "%s", workspace->path);
    ut_workspace_close(&workspace);
    /* Whoever can't be logged may not see. */
    ut_workspace_options options = {.path = folder, .access = UT_WORKSPACE_READ};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    err = (ut_err){0};
    UT_EXPECT(!report_says(t, workspace, "person:b1", "mine", NULL, "", &err));
    UT_EXPECT_I64(err.status, UT_DENIED);
    ut_workspace_close(&workspace);
}

UT_TEST(egress_viewers, a_person_asks_their_own_rows_by_sql)
{
    ut_workspace *workspace = org_fresh(t);
    ut_err err = {0};
    ut_buffer *answer = NULL;
    ut_principal anna = org_as(t, workspace, "person:r3");
    UT_REQUIRE(ut_sql(&answer, workspace, &anna,
                      UT_STR("SELECT (SELECT count(*) FROM v_my_messages) AS m,"
                             " (SELECT sum(messages) FROM v_my_day) AS d, (SELECT sum(messages) FROM v_my_week) AS w,"
                             " (SELECT max(start) FROM v_my_month) AS s,"
                             " (SELECT count(*) FROM duckdb_columns() WHERE column_name = 'person') AS p"),
                      "csv", &err) == UT_OK);
    UT_EXPECT_STR(ut_str_of(answer->bytes), "m,d,w,s,p\n4,4,4,2026-01-01,0\n");
    ut_buffer_free(&answer);
    UT_EXPECT(ut_sql(&answer, workspace, NULL, UT_STR("SELECT * FROM v_my_messages"), "csv", &err) != UT_OK);
    UT_EXPECT(ut_sql(&answer, workspace, &anna, UT_STR("SELECT * FROM v_messages"), "csv", &err) != UT_OK);
    ut_workspace_close(&workspace);
}
