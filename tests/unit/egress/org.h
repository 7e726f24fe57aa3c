/* A small organisation in a fresh workspace, through the real pipeline: for tests of who sees what. */
#ifndef UT_TEST_EGRESS_ORG_H
#define UT_TEST_EGRESS_ORG_H

#include "bronze/intake.h"
#include "harness/test.h"
#include "people/people.h"
#include "undertone/analyze.h"
#include "undertone/report.h"

#include <stdio.h>

/* Two teams of nine: red with Rita as everybody's manager, blue managed by Bert, who is Rita's to manage. The people
 * are r0 … r8 and b0 … b8; Rita is r0, Bert is b0. */
static inline void org_write_roster(ut_test *t, char path[600])
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

static inline void org_write_messages(ut_test *t, ut_workspace *workspace)
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

static inline ut_workspace *org_fresh(ut_test *t)
{
    char path[600], folder[600];
    ut_workspace *workspace = NULL;
    ut_people_counts people;
    ut_analyze_counts counts;
    (void)snprintf(folder, sizeof folder, "%s/ws", ut_test_dir(t));
    ut_workspace_options options = {.path = folder, .access = UT_WORKSPACE_WRITE, .create = true};
    ut_analyze_options analyze = {.threads = 2};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    org_write_roster(t, path);
    UT_REQUIRE(ut_people_import(&people, workspace, path, NULL) == UT_OK && people.people == 18);
    org_write_messages(t, workspace);
    UT_REQUIRE(ut_analyze(&counts, workspace, &analyze, NULL) == UT_OK && counts.scored == 72);
    return workspace;
}

static inline ut_principal org_as(ut_test *t, ut_workspace *workspace, const char *text)
{
    ut_principal principal = {0};
    ut_err err = {0};
    if (ut_principal_parse(&principal, workspace, text, "a test", &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    return principal;
}

#endif
