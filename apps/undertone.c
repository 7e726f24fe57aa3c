/* apps/undertone.c — the command line: general options, dispatch, help. */
#include "apps/cli.h"
#include "apps/commands.h"
#include "codec/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char general_help[] =
    "General options, before or after the command:\n"
    "  --workspace DIR    the workspace (default: $UNDERTONE_WORKSPACE, else ./undertone-data)\n"
    "  --key-file FILE    the workspace key (default: $UNDERTONE_KEY, else workspace.key in the workspace)\n"
    "  --as PRINCIPAL     analyst (default: group figures above the floors), manager:WHO, person:WHO or owner;\n"
    "                     WHO is an id of people.csv, an address or a handle\n"
    "  --purpose TEXT     why the owner looks; written to the audit log\n"
    "  --json             one JSON document on one line\n"
    "  --help, --version\n";

/* Commands that parse for themselves get --json back, which was taken out of their argv. */
static int pass_on(const ut_cli *cli, int (*command)(int argc, char **argv))
{
    static char json[] = "--json";
    if (cli->json) {
        cli->argv[cli->argc] = json; /* there is room: its own old place */
        cli->argv[cli->argc + 1] = NULL;
    }
    return command(cli->argc + cli->json, cli->argv);
}

static int run_score(const ut_cli *cli)
{
    return ut_cmd_score(cli->argc, cli->argv); /* always NDJSON: --json changes nothing */
}

static int run_evaluate(const ut_cli *cli)
{
    return pass_on(cli, ut_cmd_evaluate);
}

static int run_simulate(const ut_cli *cli)
{
    return pass_on(cli, ut_cmd_simulate);
}

const ut_command ut_commands[] = {
    {"init", "make a workspace and its key", ut_help_init, ut_cmd_init},
    {"ingest", "read mail and chat into the workspace", ut_help_ingest, ut_cmd_ingest},
    {"analyze", "clean and score what came in", ut_help_analyze, ut_cmd_analyze},
    {"run", "the daily job: ingest and analyze", ut_help_run, ut_cmd_run},
    {"report", "group figures by team and period", ut_help_report, ut_cmd_report},
    {"sql", "SQL over what the principal may see", ut_help_sql, ut_cmd_sql},
    {"export", "everything held about a person; tables of what may be seen", ut_help_export, ut_cmd_export},
    {"score", "score texts from stdin, NDJSON in and out", NULL, run_score},
    {"evaluate", "measure a model on labelled text", NULL, run_evaluate},
    {"people", "who is who: list, merge, mark, states", ut_help_people, ut_cmd_people},
    {"rejects", "dead letters: list them, try them again", ut_help_rejects, ut_cmd_rejects},
    {"simulate", "write a sample organisation as real exports", NULL, run_simulate},
    {"lake", "make the derived tables again from the truth", ut_help_lake, ut_cmd_lake},
    {"key", "the workspace key: look at it, give a new one", ut_help_key, ut_cmd_key},
    {"backup", "copy the truth into a folder", ut_help_backup, ut_cmd_backup},
    {"restore", "make a workspace of a backup", ut_help_restore, ut_cmd_restore},
    {"policy", "what comes in, floors, and how long what is kept", ut_help_policy, ut_cmd_policy},
    {"retention", "drop what is past its time, and prove it", ut_help_retention, ut_cmd_retention},
    {"audit", "show or check the log of who saw what", ut_help_audit, ut_cmd_audit},
    {"erase", "take a person out for good", ut_help_erase, ut_cmd_erase},
    {"doctor", "check the workspace's health", ut_help_doctor, ut_cmd_doctor},
    {"demo", "simulate, ingest, analyze and report in one go", ut_help_demo, ut_cmd_demo},
    {NULL, NULL, NULL, NULL},
};

static const ut_command *find(const char *name)
{
    for (const ut_command *command = ut_commands; command->name; command++) {
        if (strcmp(command->name, name) == 0) {
            return command;
        }
    }
    return NULL;
}

static void put_help(void)
{
    (void)printf(
        "undertone %s — what an organisation's mail and chat say about how its teams are, without showing anyone's own.\n\n"
        "usage: undertone COMMAND [options]\n\n",
        ut_version());
    for (const ut_command *command = ut_commands; command->name; command++) {
        (void)printf("  %-9s  %s\n", command->name, command->title);
    }
    (void)printf(
        "\n%s\nStart with `undertone demo`, or `undertone run mail.mbox slack-export.zip` and then `undertone report`.\n"
        "`undertone COMMAND --help` explains a command and gives examples.\n",
        general_help);
}

static int put_command_help(const ut_cli *cli, const ut_command *command)
{
    if (!command->usage) {
        static char help[] = "--help", name[32];
        (void)snprintf(name, sizeof name, "%s", command->name);
        char *argv[] = {name, help, NULL};
        ut_cli inside = *cli;
        inside.argc = 2;
        inside.argv = argv;
        return command->run(&inside);
    }
    (void)printf("undertone %s — %s\n\n%s\n%s", command->name, command->title, command->usage, general_help);
    return EXIT_OK;
}

/* Takes the general options out of argv, wherever they stand; -1 when one lacks its value. */
static int take_general(ut_cli *cli, int argc, char **argv, bool *help, bool *version)
{
    const struct {
        const char *name;
        const char **value;
    } valued[] = {{"--workspace", &cli->workspace},
                  {"--key-file", &cli->key_file},
                  {"--as", &cli->as},
                  {"--purpose", &cli->purpose}};
    int kept = 0;
    for (int i = 1; i < argc; i++) {
        bool taken = false;
        for (size_t v = 0; v < sizeof valued / sizeof *valued && !taken; v++) {
            size_t len = strlen(valued[v].name);
            if (strncmp(argv[i], valued[v].name, len) == 0 && argv[i][len] == '=') {
                *valued[v].value = argv[i] + len + 1;
                taken = true;
            } else if (strcmp(argv[i], valued[v].name) == 0) {
                if (i + 1 == argc) {
                    (void)fprintf(stderr, "undertone: %s needs a value\n", argv[i]);
                    return -1;
                }
                *valued[v].value = argv[++i];
                taken = true;
            }
        }
        if (taken) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            cli->json = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            *help = true;
        } else if (strcmp(argv[i], "--version") == 0) {
            *version = true;
        } else {
            argv[kept++] = argv[i];
        }
    }
    argv[kept] = NULL;
    return kept;
}

int main(int argc, char **argv)
{
    (void)umask(077); /* what we make is its owner's alone */
    if (ut_seal_is_off()) {
        (void)fputs("THIS IS A TEST BUILD THAT ENCRYPTS NOTHING. Never give it real data.\n", stderr);
    }
    bool help = false, version = false;
    ut_cli cli = {.workspace = getenv("UNDERTONE_WORKSPACE"), .as = "analyst", .argv = argv,
                  .color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    cli.argc = take_general(&cli, argc, argv, &help, &version);
    if (cli.argc < 0) {
        return EXIT_USAGE;
    }
    if (version) {
        (void)printf("undertone %s\n", ut_version());
        return EXIT_OK;
    }
    bool asked = cli.argc > 0 && strcmp(argv[0], "help") == 0;
    const char *name = asked ? argv[1] : argv[0];
    if (!name) {
        put_help();
        return help || asked ? EXIT_OK : EXIT_USAGE;
    }
    const ut_command *command = find(name);
    if (!command) {
        (void)fprintf(stderr, "undertone: there is no command «%s»; `undertone help` lists them\n", name);
        return EXIT_USAGE;
    }
    return help || asked ? put_command_help(&cli, command) : command->run(&cli);
}
