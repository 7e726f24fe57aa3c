/* apps/cmd_lake.c — `undertone lake`. */
#include "apps/commands.h"

#include "undertone/analyze.h"

#include <stdio.h>

const char ut_help_lake[] =
    "usage: undertone lake rebuild [--rules DIR]\n\n"
    "Deletes the derived tables and makes them again from the truth: the same rows, on the same machine and rules.\n\n"
    "examples:\n"
    "  undertone lake rebuild\n";

int ut_cmd_lake(const ut_cli *cli)
{
    static const struct option options[] = {{"rules", required_argument, NULL, 'r'}, {0}};
    ut_analyze_options analyze = {.rebuild = true, .progress = ut_cli_progress};
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        analyze.rules = optarg;
    }
    if (cli->argc - optind != 1 || strcmp(cli->argv[optind], "rebuild") != 0) {
        return ut_cli_usage(cli, "what about the lake? `rebuild` is what there is");
    }
    ut_workspace *workspace = NULL;
    ut_analyze_counts counts = {0};
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_WRITE, false, &err);
    st = st == UT_OK ? ut_analyze(&counts, workspace, &analyze, &err) : st;
    ut_workspace_close(&workspace);
    if (st != UT_OK) {
        return ut_cli_fail(cli, &err);
    }
    ut_cli_progress_end();
    (void)printf("{\"records\":%lld,\"scored\":%lld}\n", (long long)counts.records, (long long)counts.scored);
    return EXIT_OK;
}
