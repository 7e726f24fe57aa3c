/* apps/cmd_init.c — `undertone init`. */
#include "apps/commands.h"

#include "undertone/policy.h"

#include <stdio.h>

const char ut_help_init[] =
    "usage: undertone init [--allow-direct] [--keep-raw DAYS]\n\n"
    "Makes the workspace folder and its key. `ingest`, `run` and `demo` do the same when there is none.\n"
    "An existing workspace stays as it is; options change its policy (`undertone policy` shows all of it).\n\n"
    "  --allow-direct     let direct and group direct messages in (default: counted and skipped)\n"
    "  --no-direct        keep them out again\n"
    "  --keep-raw DAYS    keep raw text this long after it came in (default: 90); its analysis stays longer\n\n"
    "examples:\n"
    "  undertone init --workspace /srv/undertone\n"
    "  undertone init --keep-raw 30\n";

int ut_cmd_init(const ut_cli *cli)
{
    static const struct option options[] = {
        {"allow-direct", no_argument, NULL, 'd'}, {"no-direct", no_argument, NULL, 'n'},
        {"keep-raw", required_argument, NULL, 'k'}, {0}};
    const char *direct = NULL, *keep_raw = NULL;
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        if (option == 'k') {
            keep_raw = optarg;
        } else {
            direct = option == 'd' ? "yes" : "no";
        }
    }
    if (optind < cli->argc) {
        return ut_cli_usage(cli, "takes no path; --workspace says where");
    }
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_WRITE, true, &err);
    bool is_new = st == UT_OK && ut_workspace_is_new(workspace);
    st = st == UT_OK && direct ? ut_policy_set(workspace, UT_STR("allow_direct"), ut_str_of(direct), &err) : st;
    st = st == UT_OK && keep_raw ? ut_policy_set(workspace, UT_STR("keep_raw_days"), ut_str_of(keep_raw), &err) : st;
    ut_workspace_close(&workspace);
    if (st != UT_OK) {
        return ut_cli_fail(cli, &err);
    }
    if (cli->json) {
        (void)printf("{\"new\":%s}\n", is_new ? "true" : "false");
    } else if (!is_new) {
        (void)printf("The workspace is there already.\n");
    }
    return EXIT_OK;
}
