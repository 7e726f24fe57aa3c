#include "harness/test.h"
#include "people/identity.h"
#include "people/people.h"

#include <stdio.h>

static ut_workspace *fresh(ut_test *t)
{
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    ut_err err = {0};
    if (ut_workspace_open(&workspace, &options, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
        longjmp(t->leave, 1);
    }
    return workspace;
}

/* The person of a handle, 0 = nobody. */
static int64_t person_of(ut_test *t, ut_workspace *workspace, const char *handle)
{
    ut_identities *ids = NULL;
    int64_t id = 0;
    char sql[100];
    bool row = false;
    ut_stmt *stmt = NULL;
    UT_REQUIRE(ut_identities_open(&ids, workspace, NULL) == UT_OK);
    UT_REQUIRE(ut_identity_find(ids, &id, ut_str_of(handle), (ut_str){0}, NULL) == UT_OK);
    ut_identities_close(&ids);
    (void)snprintf(sql, sizeof sql, "SELECT person FROM identity WHERE id = %lld", (long long)id);
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, sql, NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    int64_t person = ut_stmt_i64(stmt, 0);
    ut_stmt_close(&stmt);
    return person;
}

static void import_text(ut_test *t, ut_workspace *workspace, ut_people_counts *counts, const char *text)
{
    char path[300];
    ut_err err = {0};
    (void)snprintf(path, sizeof path, "%s/people.csv", ut_test_dir(t));
    ut_test_write(t, path, ut_str_of(text));
    if (ut_people_import(counts, workspace, path, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
}

UT_TEST(people_identity, keys_and_ids_stay_the_same_after_reopening)
{
    ut_workspace *workspace = fresh(t);
    ut_key first, again;
    int64_t a = 0, b = 0, a2 = 0;
    for (int round = 0; round < 2; round++) {
        ut_identities *ids = NULL;
        UT_REQUIRE(ut_identities_open(&ids, workspace, NULL) == UT_OK);
        UT_REQUIRE(ut_identity_find(ids, round ? &a2 : &a, UT_STR("mail:a@x.org"), UT_STR("Anna"), NULL) == UT_OK);
        UT_REQUIRE(ut_identity_find(ids, &b, UT_STR("slack:U1"), (ut_str){0}, NULL) == UT_OK);
        UT_REQUIRE(ut_identity_key(ids, round ? &again : &first, a, NULL) == UT_OK);
        UT_EXPECT_I64(ut_identity_key(ids, &(ut_key){{0}}, 12345, NULL), UT_NOT_FOUND);
        ut_identities_close(&ids);
    }
    UT_EXPECT(a == a2 && a != b);
    UT_EXPECT(memcmp(&first, &again, sizeof first) == 0);
    ut_workspace_close(&workspace);
}

UT_TEST(people_resolve, without_a_roster_everybody_is_somebody_and_linked_handles_meet)
{
    ut_workspace *workspace = fresh(t);
    ut_identities *ids = NULL;
    UT_REQUIRE(ut_identities_open(&ids, workspace, NULL) == UT_OK);
    UT_REQUIRE(ut_identity_note(ids, UT_STR("slack:U1"), UT_STR("Anna"), UT_STR("A@x.org"), false, NULL) == UT_OK);
    UT_REQUIRE(ut_identity_note(ids, UT_STR("slack:B1"), UT_STR("bot"), (ut_str){0}, true, NULL) == UT_OK);
    ut_identities_close(&ids);
    UT_EXPECT_I64(ut_people_resolve(workspace, NULL), UT_OK);
    int64_t anna = person_of(t, workspace, "slack:U1");
    UT_EXPECT(anna != 0 && anna == person_of(t, workspace, "mail:a@x.org"));
    UT_EXPECT_I64(person_of(t, workspace, "slack:B1"), 0);
    UT_EXPECT_I64(ut_people_resolve(workspace, NULL), UT_OK); /* again changes nothing */
    UT_EXPECT_I64(person_of(t, workspace, "slack:U1"), anna);
    ut_workspace_close(&workspace);
}

UT_TEST(people_resolve, with_a_roster_strangers_are_external)
{
    ut_workspace *workspace = fresh(t);
    ut_people_counts counts;
    import_text(t, workspace, &counts,
                "id,name,email,handles,team\np1,Anna,Anna@x.org;anna@old.x.org,slack:U1,red\np2,Bo,bo@x.org,,blue\n");
    UT_EXPECT_I64(counts.people, 2);
    UT_EXPECT_I64(counts.rejected, 0);
    const char *handles[] = {"mail:anna@x.org", "mail:anna@old.x.org", "slack:U1"};
    for (int i = 1; i < 3; i++) {
        UT_EXPECT_I64(person_of(t, workspace, handles[i]), person_of(t, workspace, handles[0]));
    }
    UT_EXPECT(person_of(t, workspace, "mail:bo@x.org") != person_of(t, workspace, handles[0]));
    (void)person_of(t, workspace, "mail:stranger@elsewhere.com");
    (void)person_of(t, workspace, "mail:colleague@x.org");
    UT_EXPECT_I64(ut_people_resolve(workspace, NULL), UT_OK);
    UT_EXPECT_I64(person_of(t, workspace, "mail:stranger@elsewhere.com"), 0);
    UT_EXPECT(person_of(t, workspace, "mail:colleague@x.org") != 0); /* the domain is the organisation's */
    ut_workspace_close(&workspace);
}

UT_TEST(people_import, bad_rows_are_told_and_cost_only_themselves)
{
    ut_workspace *workspace = fresh(t);
    ut_people_counts counts;
    import_text(t, workspace, &counts,
                "name,email,effective_from\nNobody,,\nAnna,anna@x.org,yesterday\nBo,bo@x.org,2026-01-05\n");
    UT_EXPECT_I64(counts.people, 1);
    UT_EXPECT_I64(counts.rejected, 2);
    UT_EXPECT(strstr(counts.first_reason, "line 2") != NULL);
    UT_EXPECT(person_of(t, workspace, "mail:bo@x.org") != 0);
    char path[300];
    ut_err err = {0};
    (void)snprintf(path, sizeof path, "%s/x.csv", ut_test_dir(t));
    ut_test_write(t, path, UT_STR("first,second\n1,2\n"));
    UT_EXPECT_I64(ut_people_import(&counts, workspace, path, &err), UT_INVALID);
    UT_EXPECT(strstr(err.message, "email") != NULL);
    ut_workspace_close(&workspace);
}

UT_TEST(people_mirror, teams_follow_their_days_and_moves_do_not_overlap)
{
    ut_workspace *workspace = fresh(t);
    ut_people_counts counts;
    ut_lake *lake = NULL;
    bool changed = true;
    import_text(
        t, workspace, &counts,
        "id,email,team,time_zone,effective_from,effective_to\n"
        "p1,a@x.org,red,Europe/Berlin,,2026-02-01\np1,a@x.org,blue,Europe/Berlin,2026-02-01,\np2,b@x.org,red,Mars/Base,,\n");
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    ut_err err = {0};
    UT_REQUIRE(ut_lake_begin(lake, &err) == UT_OK);
    if (ut_people_mirror(workspace, lake, &changed, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    UT_REQUIRE(ut_lake_commit(lake, &err) == UT_OK);
    UT_EXPECT(!changed); /* the lake knew nobody yet */
    int64_t n = 0;
    const char *one_team_a_day =
        "SELECT count(*) FROM membership m JOIN membership o ON m.person = o.person AND m.team <> o.team"
        " AND m.from_day < o.until_day AND o.from_day < m.until_day";
    UT_EXPECT(ut_lake_number(lake, &n, one_team_a_day, NULL, 0, &err) == UT_OK && n == 0);
    UT_EXPECT(ut_lake_number(lake, &n, "SELECT count(*) FROM membership", NULL, 0, &err) == UT_OK && n == 3);
    UT_EXPECT(ut_lake_number(lake, &n, "SELECT count(*) FROM person WHERE time_zone = 'UTC'", NULL, 0, &err) == UT_OK &&
              n == 1);
    ut_workspace_close(&workspace);
}
