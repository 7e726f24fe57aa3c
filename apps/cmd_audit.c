/* apps/cmd_audit.c — `undertone audit`. */
#include "apps/commands.h"

#include "store/audit.h"
#include "undertone/report.h"

#include <stdio.h>

const char ut_help_audit[] =
    "usage: undertone audit verify\n"
    "       undertone audit show --as person:WHO [--format table|json|csv]\n"
    "       undertone audit show [--person WHO] --as owner --purpose \"…\"\n\n"
    "The log of who saw or changed what, when and why; persons by number. A person sees the entries about them and\n"
    "their own, and when the owner read rows of everybody; the owner sees all. `verify` walks the hash chain and\n"
    "names the first entry that was changed, if any.\n\n"
    "examples:\n"
    "  undertone audit verify\n"
    "  undertone audit show --as person:anna@example.org\n"
    "  undertone audit show --person anna@example.org --as owner --purpose \"her question of 3 March\" --json\n";

static int verify(const ut_cli *cli)
{
    ut_workspace *workspace = NULL;
    int64_t count = 0;
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_READ, false, &err);
    st = st == UT_OK ? ut_audit_verify(workspace, &count, &err) : st;
    ut_workspace_close(&workspace);
    if (st != UT_OK) {
        return ut_cli_fail(cli, &err);
    }
    (void)printf(cli->json ? "{\"entries\":%lld,\"whole\":true}\n" : "%lld entries; the chain is whole.\n",
                 (long long)count);
    return EXIT_OK;
}

static int show(const ut_cli *cli, const char *person, const char *format)
{
    ut_workspace *workspace = NULL;
    ut_principal principal;
    ut_buffer *answer = NULL;
    ut_err err = {0};
    int code = ut_cli_open_as(cli, &workspace, &principal);
    if (code != EXIT_OK) {
        return code;
    }
    ut_status st = ut_audit_show(&answer, workspace, &principal, person, format, &err);
    ut_workspace_close(&workspace);
    return ut_cli_answer(cli, st, &answer, &err);
}

int ut_cmd_audit(const ut_cli *cli)
{
    static const struct option options[] = {
        {"person", required_argument, NULL, 'p'}, {"format", required_argument, NULL, 'o'}, {0}};
    const char *person = NULL, *format = cli->json ? "json" : NULL;
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        *(option == 'p' ? &person : &format) = optarg;
    }
    const char *what = cli->argc - optind == 1 ? cli->argv[optind] : "";
    if (strcmp(what, "verify") == 0) {
        return verify(cli);
    }
    return strcmp(what, "show") == 0 ? show(cli, person, format) : ut_cli_usage(cli, "`show` or `verify`?");
}
