#include "harness/test.h"
#include "people/identity.h"
#include "people/person.h"
#include "store/audit.h"

#include <stdio.h>

static ut_workspace *fresh(ut_test *t, const char *csv)
{
    char path[300];
    ut_workspace *workspace = NULL;
    ut_people_counts counts;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    if (csv) {
        (void)snprintf(path, sizeof path, "%s/people.csv", ut_test_dir(t));
        ut_test_write(t, path, ut_str_of(csv));
        UT_REQUIRE(ut_people_import(&counts, workspace, path, NULL) == UT_OK);
    }
    return workspace;
}

static void note(ut_test *t, ut_workspace *workspace, const char *handle, const char *address)
{
    ut_identities *ids = NULL;
    UT_REQUIRE(ut_identities_open(&ids, workspace, NULL) == UT_OK);
    UT_REQUIRE(ut_identity_note(ids, ut_str_of(handle), (ut_str){0}, ut_str_of(address), false, NULL) == UT_OK);
    ut_identities_close(&ids);
    UT_REQUIRE(ut_people_settle(workspace, NULL) == UT_OK);
}

static int64_t found(ut_workspace *workspace, const char *text)
{
    int64_t id = 0;
    return ut_person_find(workspace, &id, ut_str_of(text), NULL) == UT_OK ? id : -1;
}

static int64_t number(ut_test *t, ut_workspace *workspace, const char *sql)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, sql, NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    int64_t value = ut_stmt_i64(stmt, 0);
    ut_stmt_close(&stmt);
    return value;
}

static void merge(ut_test *t, ut_workspace *workspace, const char *who, const char *into, bool changed)
{
    ut_people_change change = {0};
    ut_err err = {0};
    if (ut_people_merge(&change, workspace, ut_str_of(who), ut_str_of(into), &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s into %s: %s", who, into, err.message);
    }
    UT_EXPECT(change.changed == changed);
}

static void unmerge(ut_test *t, ut_workspace *workspace, const char *who, bool changed)
{
    ut_people_change change = {0};
    ut_err err = {0};
    if (ut_people_unmerge(&change, workspace, ut_str_of(who), &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s: %s", who, err.message);
    }
    UT_EXPECT(change.changed == changed);
}

static ut_status set_state(ut_workspace *workspace, const char *who, const char *state)
{
    return ut_people_state_set(&(ut_people_change){0}, workspace, ut_str_of(who), ut_str_of(state), NULL);
}

/* The refusal of a merge must say `says`. */
static void refused(ut_test *t, ut_workspace *workspace, const char *who, const char *into, const char *says)
{
    ut_people_change change;
    ut_err err = {0};
    UT_EXPECT(ut_people_merge(&change, workspace, ut_str_of(who), ut_str_of(into), &err) != UT_OK);
    if (!strstr(err.message, says)) {
        ut_test_fail(t, __FILE__, __LINE__, "«%s» does not say %s", err.message, says);
    }
}

/* What who-is-who comes to, as one number that any difference changes. */
static int64_t who_is_who(ut_test *t, ut_workspace *workspace)
{
    return number(t, workspace, "SELECT sum(id * 7919 + coalesce(person, -1) * 31 + machine) FROM identity");
}

UT_TEST(people_merge, and_unmerge_leave_everything_as_it_was)
{
    ut_workspace *workspace = fresh(t, NULL);
    note(t, workspace, "slack:U1", "");
    note(t, workspace, "mail:a@x.org", "");
    note(t, workspace, "mail:c@x.org", "");
    int64_t before = who_is_who(t, workspace);
    int64_t a = found(workspace, "a@x.org"), u = found(workspace, "slack:U1");
    UT_EXPECT(a != u && a > 0 && u > 0);
    merge(t, workspace, "slack:U1", "a@x.org", true);
    UT_EXPECT_I64(found(workspace, "slack:U1"), a);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(DISTINCT person) FROM identity"), 2);
    merge(t, workspace, "slack:U1", "a@x.org", false); /* again, as after a kill */
    merge(t, workspace, "a@x.org", "slack:U1", false); /* no circle */
    note(t, workspace, "mail:d@x.org", "");            /* deriving again keeps it */
    UT_EXPECT_I64(found(workspace, "slack:U1"), a);
    UT_REQUIRE(ut_truth_exec(workspace->truth, "DELETE FROM identity_name WHERE identity = 4;"
                             "DELETE FROM identity WHERE id = 4", NULL) == UT_OK);
    unmerge(t, workspace, "slack:U1", true);
    unmerge(t, workspace, "slack:U1", false);
    UT_EXPECT_I64(who_is_who(t, workspace), before);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM merge"), 0);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM person WHERE target IS NOT NULL"), 0);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM audit WHERE action LIKE 'people %merge'"), 2);
    ut_workspace_close(&workspace);
}

UT_TEST(people_merge, follows_chains_and_takes_them_apart_link_by_link)
{
    ut_workspace *workspace = fresh(t, NULL);
    const char *handles[] = {"a:1", "a:2", "a:3", "a:4"};
    for (int i = 0; i < 4; i++) {
        note(t, workspace, handles[i], "");
    }
    int64_t second = found(workspace, "a:2"), fourth = found(workspace, "a:4");
    merge(t, workspace, "a:1", "a:2", true);
    merge(t, workspace, "a:2", "a:3", true);
    merge(t, workspace, "a:3", "a:4", true);
    UT_EXPECT_I64(found(workspace, "a:1"), fourth);
    refused(t, workspace, "a:1", "number:99", "no person");
    merge(t, workspace, "a:4", "a:1", false);
    unmerge(t, workspace, "a:2", true);
    UT_EXPECT_I64(found(workspace, "a:1"), second);
    UT_EXPECT_I64(found(workspace, "a:3"), fourth);
    refused(t, workspace, "a:1", "a:4", "unmerge");
    ut_workspace_close(&workspace);
}

UT_TEST(people_merge, refuses_what_would_lose_something)
{
    ut_workspace *workspace = fresh(t, "id,email,team\np1,a@x.org,red\np2,b@x.org,blue\n");
    note(t, workspace, "mail:c@x.org", "");
    note(t, workspace, "mail:noreply@y.org", "");
    note(t, workspace, "mail:out@y.org", "");
    refused(t, workspace, "p1", "c@x.org", "other way round");
    refused(t, workspace, "p1", "out@y.org", "external");
    refused(t, workspace, "noreply@y.org", "p1", "a bot");
    refused(t, workspace, "ghost@y.org", "p1", "nobody is known");
    UT_EXPECT_I64(set_state(workspace, "p2", "objected"), UT_OK);
    refused(t, workspace, "p2", "p1", "decided differently");
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM merge"), 0);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM audit WHERE action = 'people merge'"), 0);
    ut_workspace_close(&workspace);
}

UT_TEST(people_merge, takes_an_outsider_in_and_gives_them_back)
{
    ut_workspace *workspace = fresh(t, "id,email,team\np1,a@x.org,red\n");
    note(t, workspace, "slack:U1", "");
    note(t, workspace, "zulip:out@y.org", "out@y.org");
    int64_t before = who_is_who(t, workspace);
    UT_EXPECT_I64(found(workspace, "slack:U1"), -1);
    merge(t, workspace, "slack:U1", "p1", true);
    merge(t, workspace, "zulip:out@y.org", "p1", true); /* with the address behind the handle */
    UT_EXPECT_I64(found(workspace, "slack:U1"), found(workspace, "p1"));
    UT_EXPECT_I64(found(workspace, "out@y.org"), found(workspace, "p1"));
    unmerge(t, workspace, "out@y.org", true);
    unmerge(t, workspace, "slack:U1", true);
    UT_EXPECT_I64(found(workspace, "slack:U1"), -1);
    UT_EXPECT_I64(who_is_who(t, workspace), before);
    ut_workspace_close(&workspace);
}

UT_TEST(people_mark, wins_over_the_source_and_can_be_taken_back)
{
    ut_workspace *workspace = fresh(t, "id,email,team\np1,a@x.org;team@x.org,red\n");
    note(t, workspace, "mail:noreply@x.org", "");
    ut_people_change change = {0};
    int64_t before = who_is_who(t, workspace);
    UT_EXPECT_I64(ut_people_mark(&change, workspace, UT_STR("team@x.org"), UT_STR("list"), NULL), UT_OK);
    UT_EXPECT(change.changed && change.person == found(workspace, "p1"));
    UT_EXPECT_I64(ut_people_mark(&change, workspace, UT_STR("team@x.org"), UT_STR("list"), NULL), UT_OK);
    UT_EXPECT(!change.changed);
    UT_EXPECT_I64(found(workspace, "team@x.org"), -1);
    UT_EXPECT_I64(ut_people_mark(&change, workspace, UT_STR("noreply@x.org"), UT_STR("person"), NULL), UT_OK);
    UT_EXPECT(found(workspace, "noreply@x.org") > 0);
    UT_EXPECT_I64(ut_people_mark(&change, workspace, UT_STR("ghost@x.org"), UT_STR("bot"), NULL), UT_NOT_FOUND);
    UT_EXPECT_I64(ut_people_mark(&change, workspace, UT_STR("a@x.org"), UT_STR("alien"), NULL), UT_INVALID);
    UT_EXPECT_I64(ut_people_mark(&change, workspace, UT_STR("team@x.org"), UT_STR("auto"), NULL), UT_OK);
    UT_EXPECT_I64(ut_people_mark(&change, workspace, UT_STR("noreply@x.org"), UT_STR("auto"), NULL), UT_OK);
    UT_EXPECT_I64(who_is_who(t, workspace), before);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM audit WHERE action = 'people mark'"), 4);
    ut_workspace_close(&workspace);
}

static const char *state_of(ut_test *t, ut_workspace *workspace, const char *who)
{
    static char state[16];
    char sql[160];
    ut_stmt *stmt = NULL;
    bool row = false;
    (void)snprintf(sql, sizeof sql, "SELECT state FROM person WHERE id = %lld", (long long)found(workspace, who));
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, sql, NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    (void)snprintf(state, sizeof state, UT_STR_FMT, UT_STR_ARG(ut_stmt_str(stmt, 0)));
    ut_stmt_close(&stmt);
    return state;
}

UT_TEST(people_state, holds_for_all_names_of_one_human)
{
    ut_workspace *workspace = fresh(t, NULL);
    note(t, workspace, "slack:U1", "");
    note(t, workspace, "mail:a@x.org", "");
    merge(t, workspace, "slack:U1", "a@x.org", true);
    UT_EXPECT_I64(set_state(workspace, "slack:U1", "objected"), UT_OK);
    UT_EXPECT_I64(set_state(workspace, "slack:U1", "maybe"), UT_INVALID);
    UT_EXPECT(strcmp(state_of(t, workspace, "a@x.org"), "objected") == 0);
    unmerge(t, workspace, "slack:U1", true);
    UT_EXPECT(strcmp(state_of(t, workspace, "a@x.org"), "objected") == 0);
    UT_EXPECT(strcmp(state_of(t, workspace, "slack:U1"), "objected") == 0);
    ut_workspace_close(&workspace);
}

UT_TEST(people_state, outlives_the_arrival_of_people_csv)
{
    ut_workspace *workspace = fresh(t, NULL);
    ut_people_counts counts;
    char path[300];
    note(t, workspace, "mail:a@x.org", "");
    UT_EXPECT_I64(set_state(workspace, "a@x.org", "objected"), UT_OK);
    (void)snprintf(path, sizeof path, "%s/people.csv", ut_test_dir(t));
    ut_test_write(t, path, UT_STR("id,email\np1,a@x.org\np2,b@x.org\n"));
    UT_REQUIRE(ut_people_import(&counts, workspace, path, NULL) == UT_OK);
    UT_EXPECT(strcmp(state_of(t, workspace, "p1"), "objected") == 0);
    UT_EXPECT(strcmp(state_of(t, workspace, "p2"), "notified") == 0);
    UT_EXPECT_I64(set_state(workspace, "p1", "consented"), UT_OK); /* the later decision holds */
    UT_REQUIRE(ut_people_resolve(workspace, NULL) == UT_OK);
    UT_EXPECT(strcmp(state_of(t, workspace, "p1"), "consented") == 0);
    UT_EXPECT_I64(set_state(workspace, "p1", "objected"), UT_OK); /* and survives a new numbering of the file */
    ut_test_write(t, path, UT_STR("id,email\nq1,a@x.org\np2,b@x.org\n"));
    UT_REQUIRE(ut_people_import(&counts, workspace, path, NULL) == UT_OK);
    UT_EXPECT(strcmp(state_of(t, workspace, "q1"), "objected") == 0);
    UT_EXPECT(strcmp(state_of(t, workspace, "p2"), "notified") == 0);
    ut_workspace_close(&workspace);
}

UT_TEST(people_share, is_named_and_can_be_taken_back_after_a_merge)
{
    ut_workspace *workspace = fresh(t, "id,email\np1,a@x.org\np2,b@x.org\np3,c@x.org\n");
    ut_people_change change = {0};
    UT_EXPECT_I64(ut_people_share(&change, workspace, UT_STR("p1"), UT_STR("p2"), true, NULL), UT_OK);
    UT_EXPECT(change.changed && change.person == found(workspace, "p1") && change.other == found(workspace, "p2"));
    UT_EXPECT_I64(ut_people_share(&change, workspace, UT_STR("p1"), UT_STR("p2"), true, NULL), UT_OK);
    UT_EXPECT(!change.changed);
    UT_EXPECT_I64(ut_people_share(&change, workspace, UT_STR("p1"), UT_STR("p1"), true, NULL), UT_INVALID);
    merge(t, workspace, "p1", "p3", true);
    UT_EXPECT_I64(ut_people_share(&change, workspace, UT_STR("p3"), UT_STR("p2"), false, NULL), UT_OK);
    UT_EXPECT(change.changed);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM sharing"), 0);
    int64_t entries = 0;
    UT_EXPECT_I64(ut_audit_verify(workspace, &entries, NULL), UT_OK);
    UT_EXPECT_I64(entries, 4); /* import, share, merge, unshare */
    ut_workspace_close(&workspace);
}
