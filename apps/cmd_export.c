/* apps/cmd_export.c — `undertone export`. */
#include "apps/commands.h"

#include "undertone/export.h"

#include <errno.h>
#include <stdio.h>

const char ut_help_export[] =
    "usage: undertone export --as person:WHO [--to FILE] [--raw]\n"
    "       undertone export --format parquet|csv --to DIR [--as PRINCIPAL [--purpose \"…\"]]\n\n"
    "The first form gives a person everything held about them, as one JSON document on stdout or in FILE: what\n"
    "people.csv says, names and handles, teams, decisions, every record they wrote with its scores and why, sources,\n"
    "purposes, how long what is kept, which group figures they are part of, and who looked. Others' data is left out:\n"
    "recipients are counted, quoted passages are cut. With --raw the records come verbatim too, others' words and\n"
    "addresses in them included.\n"
    "The second form writes the tables that `sql` shows the principal into a new folder, one file each: v_team_day,\n"
    "v_team_week, v_team_month, and v_all_… but for a manager; for a person also v_my_messages, v_my_day, v_my_week,\n"
    "v_my_month; for the owner also v_messages. Files are there whole or not at all.\n"
    "Whoever is not the analyst is written to the audit log.\n\n"
    "examples:\n"
    "  undertone export --as person:anna@example.org --to anna.json\n"
    "  undertone export --format parquet --to figures\n"
    "  undertone export --format csv --to rows --as owner --purpose \"checking the scores of February\"\n";

static ut_status write_out(void *ctx, ut_str bytes, ut_err *err)
{
    (void)ctx;
    return fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len
               ? UT_OK
               : ut_fail(err, UT_IO, "can't write the export: %s", strerror(errno));
}

static ut_status export_to(ut_workspace *workspace, const ut_principal *principal, const char *format, const char *to,
                           const ut_export_options *options, ut_err *err)
{
    if (format) {
        return ut_export_tables(workspace, principal, format, to, err);
    }
    if (to) {
        return ut_export_person_file(workspace, principal, to, options, err);
    }
    ut_status st = ut_export_person(workspace, principal, options, write_out, NULL, err);
    return st == UT_OK && fflush(stdout) != 0 ? ut_fail(err, UT_IO, "can't write the export: %s", strerror(errno)) : st;
}

static int run(const ut_cli *cli, const char *format, const char *to, const ut_export_options *options)
{
    ut_workspace *workspace = NULL;
    ut_principal principal;
    ut_err err = {0};
    int code = ut_cli_open_as(cli, &workspace, &principal);
    if (code != EXIT_OK) {
        return code;
    }
    ut_status st = export_to(workspace, &principal, format, to, options, &err);
    ut_workspace_close(&workspace);
    if (st != UT_OK) {
        return ut_cli_fail(cli, &err);
    }
    if (to) {
        (void)printf(cli->json ? "{\"exported\":true}\n" : "Written to %s.\n", to);
    }
    return EXIT_OK;
}

int ut_cmd_export(const ut_cli *cli)
{
    static const struct option options[] = {{"to", required_argument, NULL, 't'},
                                            {"format", required_argument, NULL, 'o'},
                                            {"raw", no_argument, NULL, 'r'},
                                            {0}};
    const char *to = NULL, *format = NULL;
    ut_export_options export = {0};
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        if (option == 'r') {
            export.raw = true;
        } else {
            *(option == 't' ? &to : &format) = optarg;
        }
    }
    if (cli->argc != optind || (format && (!to || export.raw))) {
        return ut_cli_usage(cli, "--as person:WHO [--to FILE] [--raw], or --format parquet|csv --to DIR");
    }
    if (!format && strncmp(cli->as, "person:", 7) != 0) {
        return ut_cli_usage(cli, "whose data? --as person:WHO; or --format parquet|csv for tables of what you may see");
    }
    return run(cli, format, to, &export);
}
