/* apps/cmd_report.c — `undertone report`. */
#include "apps/commands.h"

#include "undertone/report.h"

#include <stdio.h>

const char ut_help_report[] =
    "usage: undertone report [NAME] [--grain day|week|month] [--team NAME] [--from DAY] [--to DAY]\n"
    "                        [--format table|json|csv] [--as PRINCIPAL [--purpose \"…\"]]\n"
    "       undertone report mine --as person:WHO [--person OTHER] [--grain …] [--from DAY] [--to DAY]\n\n"
    "Without a name, lists the reports. Figures are means of per-person means over closed periods, of groups of at\n"
    "least 5 people (messages) or 8 (what the text says); what is withheld says why. A manager sees the own team and\n"
    "those below it. `mine` shows a person's own values, to that person: no floors, open periods too; somebody else's\n"
    "only where that person shares them, or to the owner with a purpose. Whoever is not the analyst is written to the\n"
    "audit log.\n\n"
    "examples:\n"
    "  undertone report overview\n"
    "  undertone report teams --grain month --format csv > teams.csv\n"
    "  undertone report teams --team platform --from 2026-02-01 --json\n"
    "  undertone report mine --as person:anna@example.org --grain day --from 2026-03-01\n"
    "  undertone report overview --as manager:slack:U024\n";

static int list_reports(const ut_cli *cli)
{
    (void)printf("%s", cli->json ? "{\"reports\":[" : "");
    for (const ut_report_info *info = ut_report_list(); info->name; info++) {
        (void)printf(cli->json ? "%s{\"name\":\"%s\",\"title\":\"%s\"}" : "%s%-10s %s\n",
                     cli->json && info != ut_report_list() ? "," : "", info->name, info->title);
    }
    (void)printf("%s", cli->json ? "]}\n" : "");
    return EXIT_OK;
}

static int show(const ut_cli *cli, const char *name, ut_report_options *options)
{
    ut_workspace *workspace = NULL;
    ut_principal principal;
    ut_buffer *answer = NULL;
    ut_err err = {0};
    int code = ut_cli_open_as(cli, &workspace, &principal);
    if (code != EXIT_OK) {
        return code;
    }
    options->principal = &principal;
    ut_status st = ut_report(&answer, workspace, ut_str_of(name), options, &err);
    ut_workspace_close(&workspace);
    return ut_cli_answer(cli, st, &answer, &err);
}

int ut_cmd_report(const ut_cli *cli)
{
    static const struct option options[] = {
        {"grain", required_argument, NULL, 'g'},  {"team", required_argument, NULL, 't'},
        {"from", required_argument, NULL, 'f'},   {"to", required_argument, NULL, 'u'},
        {"format", required_argument, NULL, 'o'}, {"person", required_argument, NULL, 'p'},
        {0}};
    ut_report_options report = {.format = cli->json ? "json" : NULL, .color = cli->color};
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        switch (option) {
        case 'g':
            report.grain = optarg;
            break;
        case 't':
            report.team = optarg;
            break;
        case 'f':
            report.from = optarg;
            break;
        case 'u':
            report.to = optarg;
            break;
        case 'p':
            report.person = optarg;
            break;
        case 'o':
            report.format = optarg;
            break;
        default:
            return EXIT_USAGE;
        }
    }
    if (cli->argc - optind > 1) {
        return ut_cli_usage(cli, "takes one name; quote it if it has spaces");
    }
    return optind == cli->argc ? list_reports(cli) : show(cli, cli->argv[optind], &report);
}
