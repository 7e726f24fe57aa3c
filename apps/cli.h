/* apps/cli.h — what the commands share: general options, messages, progress. Programs print and exit; the library
 * doesn't. */
#ifndef UT_APPS_CLI_H
#define UT_APPS_CLI_H

#include "undertone/ingest.h"
#include "undertone/report.h"

#include <getopt.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* General options: they may stand before or after the command and are taken out of argv. */
typedef struct ut_cli {
    const char *workspace; /* --workspace, else $UNDERTONE_WORKSPACE, else NULL */
    const char *key_file;  /* --key-file */
    const char *as;        /* --as, default "analyst" */
    const char *purpose;   /* --purpose */
    bool json;             /* --json */
    bool color;            /* stdout is a terminal and NO_COLOR is not set */
    int argc;              /* what is left; argv[0] is the command */
    char **argv;
} ut_cli;

typedef struct ut_command {
    const char *name;
    const char *title;             /* one line for `undertone help` */
    const char *usage;             /* whole help text, with examples; NULL: the command answers --help itself */
    int (*run)(const ut_cli *cli);
} ut_command;

/* The commands, ended by a NULL name. */
extern const ut_command ut_commands[];

/* "undertone: message" on stderr, or {"error":{…}} with --json; answers EXIT_FAILED. */
int ut_cli_fail(const ut_cli *cli, const ut_err *err);
/* A wrong call: the message and where help is; answers EXIT_USAGE. */
int ut_cli_usage(const ut_cli *cli, const char *format, ...) UT_PRINTF(2, 3);
UT_MUST_CHECK ut_status ut_cli_open(const ut_cli *cli, ut_workspace **ret, ut_workspace_access access, bool create,
                                    ut_err *err);
/* Opens the workspace for whoever --as names. For writing, so that what is answered first is frozen, and whoever is not
 * the analyst is logged; where somebody else is writing, or the disk is read-only, the analyst reads what is frozen
 * already. Answers EXIT_OK, or says what is wrong and answers EXIT_FAILED or EXIT_USAGE. */
int ut_cli_open_as(const ut_cli *cli, ut_workspace **ret, ut_principal *ret_principal);
/* A ut_progress that draws a bar on stderr when that is a terminal, else nothing. */
void ut_cli_progress(void *ctx, const char *stage, int64_t done, int64_t total);
/* Wipes the bar. */
void ut_cli_progress_end(void);
/* Writes to stdout; answers EXIT_FAILED when that is full or closed. */
int ut_cli_put(const ut_cli *cli, const char *bytes, size_t len);
/* Writes an answer of the library, or what went wrong, and frees it. */
int ut_cli_answer(const ut_cli *cli, ut_status st, ut_buffer **answer, const ut_err *err);
/* getopt_long over cli->argv with `options`; the command's own loop calls it. Errors are told in our words: '?' then.
 */
int ut_cli_option(const ut_cli *cli, const struct option *options);

#endif
