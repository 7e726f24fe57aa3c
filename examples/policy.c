/* examples/policy.c — shows a workspace's policy, and that a floor can be raised but not lowered below its least.
 *
 *     example-policy DIRECTORY      a directory that may hold a workspace, or not be there
 */
#include "undertone/policy.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: example-policy DIRECTORY\n");
        return 2;
    }
    ut_err err = {0};
    ut_workspace *workspace = NULL;
    ut_policy policy;
    ut_workspace_options options = {.path = argv[1], .access = UT_WORKSPACE_WRITE, .create = true};
    if (ut_workspace_open(&workspace, &options, &err) != UT_OK ||
        ut_policy_set(workspace, UT_STR("floor_text"), UT_STR("12"), &err) != UT_OK ||
        ut_policy_read(workspace, &policy, &err) != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        ut_workspace_close(&workspace);
        return 1;
    }
    for (const ut_policy_info *info = ut_policy_list(); info->key; info++) {
        char room[32];
        ut_str value = ut_policy_value(&policy, ut_str_of(info->key), room);
        (void)printf("%-18s %.*s (%s)\n", info->key, (int)value.len, value.ptr, info->meaning);
    }
    ut_status st = ut_policy_set(workspace, UT_STR("floor_text"), UT_STR("3"), &err);
    (void)printf("a floor of three: %s\n", err.message);
    ut_workspace_close(&workspace);
    return st == UT_INVALID && policy.floor_text == 12 ? 0 : 1;
}
