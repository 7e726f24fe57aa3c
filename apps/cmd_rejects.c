/* apps/cmd_rejects.c — `undertone rejects`. */
#include "apps/commands.h"

#include "base/base.h"
#include "bronze/rejects.h"

#include <stdio.h>

const char ut_help_rejects[] =
    "usage: undertone rejects [--redrive [ID]]\n\n"
    "Lists the dead letters: what could not be taken in, why, and where it stood. Their content is kept encrypted and is\n"
    "not shown. --redrive reads them again, for instance after an update.\n\n"
    "examples:\n"
    "  undertone rejects --json\n"
    "  undertone rejects --redrive\n";

typedef struct listing {
    const ut_cli *cli;
    ut_buf out;
    int64_t count;
} listing;

static ut_status put_row(void *ctx, const ut_reject_row *row, ut_err *err)
{
    listing *l = ctx;
    char at[32];
    ut_str when = {at, ut_time_format(at, row->at_us - row->at_us % UT_SECOND_US)};
    l->count++;
    if (l->cli->json) {
        ut_buf_format(&l->out, "%s{\"id\":%lld,\"at\":\"" UT_STR_FMT "\",\"source\":", l->count > 1 ? "," : "",
                      (long long)row->id, UT_STR_ARG(when));
        ut_buf_json_str(&l->out, row->source);
        ut_buf_puts(&l->out, ",\"path\":");
        ut_buf_json_str(&l->out, row->path);
        ut_buf_format(&l->out, ",\"byte\":%lld,\"reason\":", (long long)row->byte);
        ut_buf_json_str(&l->out, row->reason);
        ut_buf_puts(&l->out, ",\"state\":");
        ut_buf_json_str(&l->out, row->state);
        ut_buf_byte(&l->out, '}');
    } else {
        ut_buf_format(&l->out, "%lld  " UT_STR_FMT "  " UT_STR_FMT ", byte %lld%s\n    " UT_STR_FMT "\n",
                      (long long)row->id, UT_STR_ARG(when), UT_STR_ARG(row->path), (long long)row->byte,
                      ut_str_eq(row->state, UT_STR("open")) ? "" : "  (redriven)", UT_STR_ARG(row->reason));
    }
    return l->out.failed ? ut_fail(err, l->out.failed, "there are too many dead letters to list at once") : UT_OK;
}

static int list(const ut_cli *cli, ut_workspace *workspace, ut_err *err)
{
    listing l = {.cli = cli, .out = ut_buf_make(256 * UT_MIB)};
    ut_buf_puts(&l.out, cli->json ? "{\"rejects\":[" : "");
    ut_status st = ut_rejects_each(workspace, put_row, &l, err);
    ut_buf_puts(&l.out, cli->json ? "]}\n" : l.count ? "" : "No dead letters.\n");
    int code = st == UT_OK ? ut_cli_put(cli, l.out.ptr, l.out.len) : ut_cli_fail(cli, err);
    ut_buf_free(&l.out);
    return code;
}

static int redrive(const ut_cli *cli, ut_workspace *workspace, int64_t id, ut_err *err)
{
    ut_redrive_counts c = {0};
    if (ut_rejects_redrive(&c, workspace, id, err) != UT_OK) {
        return ut_cli_fail(cli, err);
    }
    (void)printf("{\"tried\":%lld,\"taken\":%lld,\"rejected\":%lld,\"need_their_file\":%lld}\n", (long long)c.tried,
                 (long long)c.taken, (long long)c.again, (long long)c.not_alone);
    return EXIT_OK;
}

int ut_cmd_rejects(const ut_cli *cli)
{
    static const struct option options[] = {{"redrive", no_argument, NULL, 'r'}, {0}};
    bool again = false;
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        again = true;
    }
    int64_t id = 0;
    if (cli->argc - optind > again || (optind < cli->argc && !ut_str_to_i64(ut_str_of(cli->argv[optind]), &id))) {
        return ut_cli_usage(cli, "takes --redrive and the number of one dead letter at most");
    }
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    if (ut_cli_open(cli, &workspace, again ? UT_WORKSPACE_WRITE : UT_WORKSPACE_READ, false, &err) != UT_OK) {
        return ut_cli_fail(cli, &err);
    }
    int code = again ? redrive(cli, workspace, id, &err) : list(cli, workspace, &err);
    ut_workspace_close(&workspace);
    return code;
}
