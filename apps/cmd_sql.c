/* apps/cmd_sql.c — `undertone sql`. */
#include "apps/commands.h"

#include "undertone/report.h"

#include <stdio.h>

const char ut_help_sql[] =
    "usage: undertone sql \"SELECT …\" [--format table|json|csv]\n"
    "       undertone sql \"SELECT …\" --as owner --purpose \"…\"\n\n"
    "The analyst (default) sees v_team_day, v_team_week and v_team_month: team, start, end, people, writers, messages,\n"
    "sentiment and the eleven features, where the floors hold, NULL elsewhere. The database holds nothing else.\n"
    "The owner, who holds the workspace key, reads the lake, v_messages among it: item, person, team, day, sent_at, source,\n"
    "state, language, words, sentiment and the eleven features. Every such statement goes into the audit log first.\n\n"
    "examples:\n"
    "  undertone sql \"SELECT team, start, stress FROM v_team_week ORDER BY stress DESC LIMIT 5\"\n"
    "  undertone sql \"SELECT state, count(*) FROM v_messages GROUP BY 1\" --as owner --purpose \"checking coverage\"\n";

int ut_cmd_sql(const ut_cli *cli)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'o'}, {0}};
    const char *format = cli->json ? "json" : NULL;
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        format = optarg;
    }
    bool owner = strcmp(cli->as, "owner") == 0;
    if (!owner && strcmp(cli->as, "analyst") != 0) {
        return ut_cli_usage(cli, "--as takes analyst or owner in this version, not «%s»", cli->as);
    }
    if (cli->argc - optind != 1) {
        return ut_cli_usage(cli, "takes one statement, in quotes");
    }
    ut_workspace *workspace = NULL;
    ut_buffer *answer = NULL;
    ut_err err = {0};
    ut_str sql = ut_str_of(cli->argv[optind]);
    ut_status st = owner ? ut_cli_open(cli, &workspace, UT_WORKSPACE_WRITE, false, &err)
                         : ut_cli_open_answer(cli, &workspace, &err);
    if (st == UT_OK && owner) {
        st = ut_sql_owner(&answer, workspace, sql, ut_str_of(cli->purpose), format, &err);
    } else if (st == UT_OK) {
        st = ut_sql_analyst(&answer, workspace, sql, format, &err);
    }
    ut_workspace_close(&workspace);
    int code = st == UT_OK ? ut_cli_put(cli, answer->bytes, answer->len) : ut_cli_fail(cli, &err);
    ut_buffer_free(&answer);
    return code;
}
