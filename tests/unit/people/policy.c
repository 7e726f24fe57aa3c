#include "harness/test.h"
#include "store/audit.h"
#include "undertone/policy.h"

static ut_workspace *fresh(ut_test *t)
{
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    return workspace;
}

static int64_t entries(ut_test *t, ut_workspace *workspace)
{
    int64_t count = -1;
    UT_REQUIRE(ut_audit_verify(workspace, &count, NULL) == UT_OK);
    return count;
}

UT_TEST(people_policy, a_new_workspace_has_the_defaults)
{
    ut_workspace *workspace = fresh(t);
    ut_policy policy;
    UT_REQUIRE(ut_policy_read(workspace, &policy, NULL) == UT_OK);
    UT_EXPECT(!policy.allow_direct);
    UT_EXPECT_STR(ut_str_of(policy.skip_channels), "");
    UT_EXPECT_I64(policy.floor_load, 5);
    UT_EXPECT_I64(policy.floor_text, 8);
    UT_EXPECT_I64(policy.keep_raw_days, 90);
    UT_EXPECT_I64(policy.keep_person_days, 400);
    UT_EXPECT_I64(policy.keep_cells_months, 36);
    UT_EXPECT_I64(policy.keep_audit_months, 24);
    ut_workspace_close(&workspace);
}

UT_TEST(people_policy, floors_go_up_and_never_below_their_least)
{
    ut_workspace *workspace = fresh(t);
    ut_policy policy;
    ut_err err = {0};
    UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("floor_load"), UT_STR("6"), &err), UT_OK);
    static const char *const bad[] = {"4", "0", "-5", "", "five", "5.5", "1001", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("floor_load"), ut_str_of(bad[i]), &err), UT_INVALID);
        UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("floor_text"), ut_str_of(bad[i]), &err), UT_INVALID);
    }
    UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("floor_text"), UT_STR("7"), &err), UT_INVALID);
    UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("floor"), UT_STR("7"), &err), UT_NOT_FOUND);
    UT_REQUIRE(ut_policy_read(workspace, &policy, NULL) == UT_OK);
    UT_EXPECT_I64(policy.floor_load, 6);
    UT_EXPECT_I64(policy.floor_text, 8);
    /* A value that got past this door by hand is not taken for a policy. */
    UT_REQUIRE(ut_truth_exec(workspace->truth, "UPDATE setting SET value = '2' WHERE key = 'policy.floor_load'",
                             NULL) == UT_OK);
    UT_EXPECT_I64(ut_policy_read(workspace, &policy, &err), UT_INVALID);
    ut_workspace_close(&workspace);
}

UT_TEST(people_policy, changes_are_logged_and_repetitions_are_not)
{
    ut_workspace *workspace = fresh(t);
    ut_policy policy;
    int64_t before = entries(t, workspace);
    UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("keep_raw_days"), UT_STR("30"), NULL), UT_OK);
    UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("keep_raw_days"), UT_STR("30"), NULL), UT_OK);
    UT_EXPECT_I64(
        ut_policy_set(workspace, UT_STR("skip_mailboxes"), UT_STR(" Doctor@x.org,hr@x.org,,doctor@x.org "), NULL),
        UT_OK);
    UT_EXPECT_I64(entries(t, workspace), before + 2);
    UT_REQUIRE(ut_policy_read(workspace, &policy, NULL) == UT_OK);
    UT_EXPECT_STR(ut_str_of(policy.skip_mailboxes), "doctor@x.org,hr@x.org");
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, "SELECT group_concat(detail, '; ') FROM audit", NULL) ==
               UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    UT_EXPECT_STR(ut_stmt_str(stmt, 0), "keep_raw_days: 90 -> 30; skip_mailboxes: 0 entries -> 2 entries");
    ut_stmt_close(&stmt);
    ut_workspace_close(&workspace);
}

UT_TEST(people_policy, a_list_without_end_is_refused)
{
    ut_workspace *workspace = fresh(t);
    char list[2 * UT_POLICY_LIST_BYTES];
    for (size_t i = 0; i < sizeof list; i++) {
        list[i] = (char)(i % 3 ? 'a' + (char)(i / 3 % 26) : ',');
    }
    ut_err err = {0};
    UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("skip_channels"), (ut_str){list, sizeof list}, &err), UT_OK);
    memset(list, 'a', sizeof list);
    UT_EXPECT_I64(ut_policy_set(workspace, UT_STR("skip_channels"), (ut_str){list, sizeof list}, &err), UT_LIMIT);
    ut_workspace_close(&workspace);
}
