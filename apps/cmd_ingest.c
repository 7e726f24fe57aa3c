/* apps/cmd_ingest.c — `undertone ingest`, `undertone analyze` and `undertone run`, which is both. */
#include "apps/commands.h"

#include "base/buf.h"
#include "undertone/analyze.h"
#include "undertone/retention.h"

#include <stdio.h>
#include <stdlib.h>

const char ut_help_ingest[] =
    "usage: undertone ingest PATH… [--people people.csv] [--threads N]\n\n"
    "Reads mbox files, Maildir folders, single mails (.eml), Slack exports (folder or zip) and generic NDJSON; what a file\n"
    "is, is found out from its content. Prints {\"read\",\"new\",\"updated\",\"duplicate\",\"skipped\",\"rejected\"}: read is the\n"
    "sum of the rest. The same input again adds nothing; a killed run is continued by running it again.\n\n"
    "  --people FILE      who is who and in which team (columns: docs/formats.md); without it a people.csv among\n"
    "                     the paths is taken, else everyone is in one team, `everyone`\n"
    "  --threads N        default: one per processor\n\n"
    "examples:\n"
    "  undertone ingest archive.mbox ~/Maildir\n"
    "  undertone ingest slack-export.zip --people people.csv\n";

const char ut_help_analyze[] =
    "usage: undertone analyze [--rules DIR] [--threads N]\n\n"
    "Cleans and scores what came in since the last time. Prints how many messages ended in which state.\n"
    "When rules or the members of the organisation changed, everything is done again. At the end,\n"
    "what is past its time is dropped (`undertone retention`).\n\n"
    "  --rules DIR        own rule packs beside the built-in ones (docs/rules.md)\n"
    "  --threads N        default: one per processor\n\n"
    "examples:\n"
    "  undertone analyze\n"
    "  undertone analyze --rules ./our-rules\n";

const char ut_help_run[] =
    "usage: undertone run PATH… [--people people.csv] [--rules DIR] [--threads N]\n\n"
    "The daily job: `ingest`, `analyze`, `retention`. Safe to run as often as you like; unchanged files\n"
    "cost next to nothing.\n\n"
    "examples:\n"
    "  undertone run /var/mail/archive.mbox /exports/slack.zip --people people.csv\n";

typedef struct unsupported_list {
    ut_buf json;
    bool to_stderr;
} unsupported_list;

static void note_unsupported(void *ctx, const char *what, int64_t count, const char *example)
{
    unsupported_list *list = ctx;
    ut_buf_puts(&list->json, list->json.len ? "," : "");
    ut_buf_json_str(&list->json, ut_str_of(what));
    ut_buf_format(&list->json, ":%lld", (long long)count);
    if (list->to_stderr) {
        ut_cli_progress_end();
        (void)fprintf(stderr, "not read: %lld × %s (for instance %s)\n", (long long)count, what, example);
    }
}

typedef struct arguments {
    ut_ingest_options ingest;
    ut_analyze_options analyze;
    unsupported_list unsupported;
} arguments;

static int parse(const ut_cli *cli, arguments *a, bool paths)
{
    static const struct option options[] = {{"people", required_argument, NULL, 'p'},
                                            {"rules", required_argument, NULL, 'r'},
                                            {"threads", required_argument, NULL, 't'},
                                            {0}};
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        char *end = NULL;
        long threads = option == 't' ? strtol(optarg, &end, 10) : 1;
        if (option == '?') {
            return EXIT_USAGE;
        }
        if (option == 't' && (*end || threads < 1 || threads > 64)) {
            return ut_cli_usage(cli, "--threads takes a number from 1 to 64");
        }
        if (option == 't') {
            a->ingest.threads = a->analyze.threads = (int)threads;
        }
        a->ingest.people = option == 'p' ? optarg : a->ingest.people;
        a->analyze.rules = option == 'r' ? optarg : a->analyze.rules;
    }
    if (paths && optind == cli->argc) {
        return ut_cli_usage(cli, "which files? Give at least one path");
    }
    if (!paths && optind < cli->argc) {
        return ut_cli_usage(cli, "takes no paths; `undertone ingest` reads files");
    }
    a->unsupported = (unsupported_list){.json = ut_buf_make(65536), .to_stderr = true};
    a->ingest.progress = a->analyze.progress = ut_cli_progress;
    a->ingest.unsupported = note_unsupported;
    a->ingest.unsupported_ctx = &a->unsupported;
    return EXIT_OK;
}

static void put_ingest(const ut_ingest_counts *c, const unsupported_list *unsupported)
{
    (void)printf("{\"read\":%lld,\"new\":%lld,\"updated\":%lld,\"duplicate\":%lld,\"skipped\":%lld,\"rejected\":%lld,"
                 "\"unsupported\":{%.*s},\"people\":{\"read\":%lld,\"rejected\":%lld}}\n",
                 (long long)c->read, (long long)c->added, (long long)c->updated, (long long)c->duplicate,
                 (long long)c->skipped, (long long)c->rejected, (int)unsupported->json.len,
                 unsupported->json.ptr ? unsupported->json.ptr : "", (long long)c->people,
                 (long long)c->people_rejected);
}

static void put_analyze(const ut_analyze_counts *c)
{
    (void)printf(
        "{\"records\":%lld,\"scored\":%lld,\"automatic\":%lld,\"external\":%lld,\"language\":%lld,\"empty\":%lld,"
        "\"deleted\":%lld,\"unreadable\":%lld,\"objected\":%lld,\"restricted\":%lld,\"from_start\":%s}\n",
        (long long)c->records, (long long)c->scored, (long long)c->automatic, (long long)c->external,
        (long long)c->language, (long long)c->empty, (long long)c->deleted, (long long)c->unreadable,
        (long long)c->objected, (long long)c->restricted, c->from_start ? "true" : "false");
}

static ut_status ingest(const ut_cli *cli, ut_workspace *workspace, arguments *a, ut_err *err)
{
    ut_ingest_counts counts = {0};
    const char *const *paths = (const char *const *)cli->argv + optind;
    ut_status st = ut_ingest(&counts, workspace, paths, (size_t)(cli->argc - optind), &a->ingest, err);
    ut_cli_progress_end();
    if (counts.people_rejected) {
        (void)fprintf(stderr, "people.csv: %lld rows left out; `undertone people import` says why\n",
                      (long long)counts.people_rejected);
    }
    if (counts.people_defaulted) {
        (void)fprintf(stderr, "people.csv: the default was taken for %lld cells; `undertone people import` says why\n",
                      (long long)counts.people_defaulted);
    }
    if (counts.rejected) {
        (void)fprintf(stderr, "%lld dead letters; `undertone rejects` shows why\n", (long long)counts.rejected);
    }
    if (st == UT_OK || counts.read) {
        put_ingest(&counts, &a->unsupported);
    }
    return st;
}

static ut_status analyze(ut_workspace *workspace, arguments *a, ut_err *err)
{
    ut_analyze_counts counts = {0};
    ut_status st = ut_analyze(&counts, workspace, &a->analyze, err);
    ut_cli_progress_end();
    if (st == UT_OK) {
        put_analyze(&counts);
    }
    return st;
}

/* What is past its time goes at the end. A reader who holds on to the log is no failure: the next run finishes. */
static ut_status drop_old(ut_workspace *workspace, const arguments *a, ut_err *err)
{
    ut_retention_report report;
    ut_retention_options options = {.threads = a->analyze.threads};
    ut_status st = ut_retention(&report, workspace, &options, err);
    for (int i = 0; st == UT_OK && i < UT_KEPT_CLASSES; i++) {
        const ut_retention_class *c = &report.classes[i];
        if (c->dropped) {
            (void)fprintf(stderr, "past its time, dropped: %lld × %s\n", (long long)c->dropped, c->name);
        }
    }
    if (st == UT_BUSY) {
        (void)fprintf(stderr, "%s\n", err->message);
        return UT_OK;
    }
    return st;
}

/* All three commands: what they do is told by two flags. */
static int run(const ut_cli *cli, bool with_ingest, bool with_analyze)
{
    arguments a = {0};
    int usage = parse(cli, &a, with_ingest);
    if (usage != EXIT_OK) {
        return usage;
    }
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_WRITE, with_ingest, &err);
    st = st == UT_OK && with_ingest ? ingest(cli, workspace, &a, &err) : st;
    st = st == UT_OK && with_analyze ? analyze(workspace, &a, &err) : st;
    st = st == UT_OK && with_analyze ? drop_old(workspace, &a, &err) : st;
    ut_workspace_close(&workspace);
    ut_buf_free(&a.unsupported.json);
    return st == UT_OK ? EXIT_OK : ut_cli_fail(cli, &err);
}

int ut_cmd_ingest(const ut_cli *cli)
{
    return run(cli, true, false);
}

int ut_cmd_analyze(const ut_cli *cli)
{
    return run(cli, false, true);
}

int ut_cmd_run(const ut_cli *cli)
{
    return run(cli, true, true);
}
