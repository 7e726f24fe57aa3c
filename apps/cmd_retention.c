/* apps/cmd_retention.c — `undertone retention`. */
#include "apps/commands.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"
#include "undertone/retention.h"

const char ut_help_retention[] =
    "usage: undertone retention [--dry-run] [--threads N]\n\n"
    "Drops what is past its time (`undertone policy` sets the times), counted from when it came in, never from when\n"
    "it was written. `analyze` and `run` do the same at their end.\n\n"
    "  raw text           gives way to its analysis: the lake keeps its rows, also after a rebuild; a new model can't\n"
    "                     score it again, and its scores stay those of the model that made them\n"
    "  person rows        records with all that was derived from them; the same export does not bring them back\n"
    "  dead letters, group figures, audit log\n"
    "                     deleted\n\n"
    "A run that dropped something is one entry in the audit log: how much of each class, and how old the oldest is\n"
    "that is left. Killed at any moment, the next run finishes. Text that is not analysed yet stays until it is.\n\n"
    "  --dry-run          only say what is due\n"
    "  --threads N        default: one per processor\n\n"
    "examples:\n"
    "  undertone retention --dry-run\n"
    "  undertone retention --json\n";

static void put_json(ut_buf *out, const ut_retention_report *report)
{
    ut_buf_puts(out, "{\"classes\":[");
    for (int i = 0; i < UT_KEPT_CLASSES; i++) {
        const ut_retention_class *c = &report->classes[i];
        char oldest[32], before[32];
        ut_buf_puts(out, i ? ",{\"class\":" : "{\"class\":");
        ut_buf_json_str(out, ut_str_of(c->name));
        ut_buf_format(out, ",\"dropped\":%lld,\"due\":%lld,\"before\":", (long long)c->dropped, (long long)c->due);
        ut_buf_json_str(out, (ut_str){before, ut_time_format(before, c->before_us)});
        ut_buf_puts(out, ",\"oldest\":");
        if (c->oldest_us) {
            ut_buf_json_str(out, (ut_str){oldest, ut_time_format(oldest, c->oldest_us)});
        } else {
            ut_buf_puts(out, "null");
        }
        ut_buf_byte(out, '}');
    }
    ut_buf_puts(out, "]}\n");
}

static void put_table(ut_buf *out, const ut_retention_report *report, bool dry_run)
{
    ut_buf_format(out, "%-14s %10s %10s  %s\n", "class", "dropped", "due", "oldest left");
    for (int i = 0; i < UT_KEPT_CLASSES; i++) {
        const ut_retention_class *c = &report->classes[i];
        char oldest[32];
        size_t len = c->oldest_us ? ut_time_format(oldest, c->oldest_us) : 0;
        ut_buf_format(out, "%-14s %10lld %10lld  %.*s\n", c->name, (long long)c->dropped, (long long)c->due,
                      len ? (int)len : 4, len ? oldest : "none");
    }
    if (report->classes[UT_KEPT_RAW].due && !dry_run) {
        ut_buf_puts(out, "Text that is due goes once it is analysed: `undertone analyze` does both.\n");
    }
}

int ut_cmd_retention(const ut_cli *cli)
{
    static const struct option options[] = {
        {"dry-run", no_argument, NULL, 'd'}, {"threads", required_argument, NULL, 't'}, {0}};
    ut_retention_options how = {0};
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        int64_t threads = 1;
        if (option == '?') {
            return EXIT_USAGE;
        }
        if (option == 't' && (!ut_str_to_i64(ut_str_of(optarg), &threads) || threads < 1 || threads > 64)) {
            return ut_cli_usage(cli, "--threads takes a number from 1 to 64");
        }
        how.dry_run |= option == 'd';
        how.threads = option == 't' ? (int)threads : how.threads;
    }
    if (optind < cli->argc) {
        return ut_cli_usage(cli, "takes no paths");
    }
    ut_workspace *workspace = NULL;
    ut_retention_report report;
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, how.dry_run ? UT_WORKSPACE_READ : UT_WORKSPACE_WRITE, false, &err);
    st = st == UT_OK ? ut_retention(&report, workspace, &how, &err) : st;
    ut_workspace_close(&workspace);
    if (st != UT_OK) {
        return ut_cli_fail(cli, &err);
    }
    ut_buf out = ut_buf_make(65536);
    if (cli->json) {
        put_json(&out, &report);
    } else {
        put_table(&out, &report, how.dry_run);
    }
    int code = ut_cli_put(cli, out.ptr, out.len);
    ut_buf_free(&out);
    return code;
}
