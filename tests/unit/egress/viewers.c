/* Who sees what: analyst, manager, person, owner, through every door, and what the log says about it afterwards. */
#include "bronze/intake.h"
#include "harness/test.h"
#include "people/person.h"
#include "store/audit.h"
#include "undertone/analyze.h"
#include "undertone/report.h"

#include <stdio.h>

/* Two teams of nine: red with Rita as everybody's manager, blue managed by Bert, who is Rita's to manage. The people
 * are r0 … r8 and b0 … b8; Rita is r0, Bert is b0. */
static void write_roster(ut_test *t, char path[600])
{
    ut_buf csv = ut_buf_make(64 * UT_KIB);
    ut_buf_puts(&csv, "id,name,email,team,manager\n");
    for (int i = 0; i < 9; i++) {
        ut_buf_format(&csv, "r%d,Red %d,r%d@example.org,red,%s\n", i, i, i, i ? "r0" : "");
        ut_buf_format(&csv, "b%d,Blue %d,b%d@example.org,blue,%s\n", i, i, i, i ? "b0" : "r0");
    }
    (void)snprintf(path, 600, "%s/people.csv", ut_test_dir(t));
    UT_REQUIRE(ut_file_replace(path, ut_buf_str(&csv), 0600, NULL) == UT_OK);
    ut_buf_free(&csv);
}

static void write_messages(ut_test *t, ut_workspace *workspace)
{
    ut_intake *intake = NULL;
    UT_REQUIRE(ut_intake_open(&intake, workspace, 1, NULL) == UT_OK);
    const ut_sink *sink = ut_intake_sink(intake);
    for (int n = 0; n < 18 * 4; n++) {
        char payload[600], author[64], id[32];
        char team = n % 18 < 9 ? 'r' : 'b';
        int who = n % 9;
        int author_len = snprintf(author, sizeof author, "mail:%c%d@example.org", team, who);
        int id_len = snprintf(id, sizeof id, "m%d", n);
        int len = snprintf(payload, sizeof payload,
                           "{\"kind\":\"message\",\"source\":\"t\",\"id\":\"m%d\",\"author\":\"%s\",\"at\":"
                           "\"2026-01-0%dT10:00:00Z\",\"text\":\"Thank you all so much for the help with token%c%d, it "
                           "was a pleasure to work with you\"}", n, author + 5, 5 + n / 18, team, who);
        ut_record record = {.kind = UT_RECORD_MESSAGE, .format = UT_FORMAT_NDJSON, .source = UT_STR("t"),
                            .id = {id, (size_t)id_len}, .author = {author, (size_t)author_len},
                            .channel = UT_STR("c"), .channel_kind = UT_CHANNEL_PUBLIC,
                            .at_us = 1767607200000000 + n / 18 * UT_DAY_US, .payload = {payload, (size_t)len}};
        UT_REQUIRE(sink->record(sink->ctx, &record, NULL) == UT_OK);
    }
    UT_REQUIRE(ut_intake_flush(intake, NULL) == UT_OK);
    ut_intake_close(&intake);
}

static ut_workspace *fresh(ut_test *t)
{
    char path[600], folder[600];
    ut_workspace *workspace = NULL;
    ut_people_counts people;
    ut_analyze_counts counts;
    (void)snprintf(folder, sizeof folder, "%s/ws", ut_test_dir(t));
    ut_workspace_options options = {.path = folder, .access = UT_WORKSPACE_WRITE, .create = true};
    ut_analyze_options analyze = {.threads = 2};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    write_roster(t, path);
    UT_REQUIRE(ut_people_import(&people, workspace, path, NULL) == UT_OK && people.people == 18);
    write_messages(t, workspace);
    UT_REQUIRE(ut_analyze(&counts, workspace, &analyze, NULL) == UT_OK && counts.scored == 72);
    return workspace;
}

static ut_principal as(ut_test *t, ut_workspace *workspace, const char *text)
{
    ut_principal principal = {0};
    ut_err err = {0};
    if (ut_principal_parse(&principal, workspace, text, "a test", &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    return principal;
}

/* The report as CSV in the arena of the test; empty when it is refused, and err says why. */
static bool report_says(ut_test *t, ut_workspace *workspace, const char *who, const char *name, const char *person,
                        const char *word, ut_err *err)
{
    ut_buffer *answer = NULL;
    ut_principal principal = as(t, workspace, who);
    ut_report_options options = {.principal = &principal, .format = "csv", .person = person};
    ut_status st = ut_report(&answer, workspace, ut_str_of(name), &options, err);
    bool says = st == UT_OK && strstr(answer->bytes, word);
    ut_buffer_free(&answer);
    return says;
}

UT_TEST(egress_viewers, principals_are_parsed_or_told)
{
    ut_workspace *workspace = fresh(t);
    ut_principal p = {0};
    ut_err err = {0};
    UT_EXPECT(as(t, workspace, NULL).kind == UT_PRINCIPAL_ANALYST);
    UT_EXPECT(as(t, workspace, "person:r3").person == as(t, workspace, "person:R3@example.org").person);
    UT_EXPECT(as(t, workspace, "manager:mail:r3@example.org").kind == UT_PRINCIPAL_MANAGER);
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
    ut_workspace *workspace = fresh(t);
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
    ut_workspace *workspace = fresh(t);
    ut_err err = {0};
    char sql[200];
    int64_t giver = as(t, workspace, "person:r3").person, viewer = as(t, workspace, "person:b3").person;
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
    ut_workspace *workspace = fresh(t);
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
    ut_principal bert = as(t, workspace, "manager:b0");
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
    ut_workspace *workspace = fresh(t);
    ut_err err = {0};
    ut_buffer *log = NULL;
    ut_principal owner = as(t, workspace, "owner"), rita = as(t, workspace, "person:r0");
    (void)report_says(t, workspace, "analyst", "teams", NULL, "", &err);
    (void)report_says(t, workspace, "owner", "mine", "r3", "", &err);
    (void)report_says(t, workspace, "person:b1", "mine", NULL, "", &err);
    UT_REQUIRE(ut_audit_show(&log, workspace, &owner, NULL, "csv", &err) == UT_OK);
    UT_EXPECT(strstr(log->bytes, "analyst") == NULL);
    UT_EXPECT(strstr(log->bytes, ",owner,") && strstr(log->bytes, ",mine,a test\n") && strstr(log->bytes, ",person:"));
    ut_buffer_free(&log);
    /* A person sees what is about them, nothing else. */
    ut_principal seen = as(t, workspace, "person:r3");
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
    ut_workspace *workspace = fresh(t);
    ut_err err = {0};
    ut_buffer *answer = NULL;
    ut_principal anna = as(t, workspace, "person:r3");
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
