/* apps/cmd_sql.c — `undertone sql`. */
#include "apps/commands.h"

#include "undertone/report.h"

const char ut_help_sql[] =
    "usage: undertone sql \"SELECT …\" [--format table|json|csv] [--as PRINCIPAL [--purpose \"…\"]]\n\n"
    "One SELECT, at most 30 seconds, over a database that holds what the principal may see and nothing else:\n"
    "  analyst, manager  v_team_day, v_team_week, v_team_month: team, start, end, people, writers, messages, sentiment and\n"
    "                    the eleven features, where the floors hold, NULL elsewhere; a manager those of the own teams\n"
    "                    v_all_day, v_all_week, v_all_month: the same of the whole organisation; none for a manager\n"
    "  person            the same, and the own rows: v_my_messages, v_my_day, v_my_week, v_my_month\n"
    "  owner             the lake itself, read-only, v_messages among it: item, person, team, day, sent_at, source, state,\n"
    "                    language, words, sentiment and the eleven features\n"
    "Every statement but the analyst's goes into the audit log first, with the name of the system's user.\n\n"
    "examples:\n"
    "  undertone sql \"SELECT team, start, stress FROM v_team_week ORDER BY stress DESC LIMIT 5\"\n"
    "  undertone sql \"SELECT start, messages, joy FROM v_my_week\" --as person:anna@example.org\n"
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
    if (cli->argc - optind != 1) {
        return ut_cli_usage(cli, "takes one statement, in quotes");
    }
    ut_workspace *workspace = NULL;
    ut_principal principal;
    ut_buffer *answer = NULL;
    ut_err err = {0};
    int code = ut_cli_open_as(cli, &workspace, &principal);
    if (code != EXIT_OK) {
        return code;
    }
    ut_status st = ut_sql(&answer, workspace, &principal, ut_str_of(cli->argv[optind]), format, &err);
    ut_workspace_close(&workspace);
    return ut_cli_answer(cli, st, &answer, &err);
}
