/* apps/cmd_erase.c — `undertone erase`. */
#include "apps/commands.h"

#include "base/base.h"
#include "undertone/erase.h"

#include <stdio.h>

const char ut_help_erase[] =
    "usage: undertone erase PERSON --dry-run\n"
    "       undertone erase PERSON --yes\n"
    "       undertone erase --resume\n\n"
    "Takes a person out for good: keys, records, names, rows, and their name, addresses and quoted words in what\n"
    "others wrote, in the workspace and in every backup it knows. PERSON is an id of people.csv, an address or a\n"
    "handle (slack:U024); outsiders can be erased too. Figures of groups that were shown stay, or are withheld when\n"
    "too few people remain behind them. A keyed hash of each handle stays, so that the same input does not bring them\n"
    "back.\n\n"
    "  --dry-run   count what would go, change nothing\n"
    "  --yes       do it; there is no way back\n"
    "  --resume    finish what was cut off, and try backups again that could not be reached\n\n"
    "Not reached: a first name alone in somebody else's sentence, their words where somebody else made them their\n"
    "own, pictures and packed attachments (PDF, office files) in others' mails, and files outside the workspace:\n"
    "exports, reports, the mail archive itself.\n\n"
    "examples:\n"
    "  undertone erase anna@example.org --dry-run\n"
    "  undertone erase p0017 --yes --json\n";

static void put_due(void *ctx, const char *what)
{
    ut_buf *due = ctx;
    ut_buf_puts(due, what);
    ut_buf_byte(due, '\n');
}

typedef struct figure {
    const char *key, *what;
    int64_t value;
} figure;

static void put_json(ut_buf *out, const figure *figures, size_t count, ut_str due, bool dry)
{
    ut_buf_format(out, "{\"dry_run\":%s", dry ? "true" : "false");
    for (size_t i = 0; i < count; i++) {
        ut_buf_format(out, ",\"%s\":%lld", figures[i].key, (long long)figures[i].value);
    }
    ut_buf_puts(out, ",\"due\":[");
    for (bool first = true; due.len; first = false) {
        ut_buf_puts(out, first ? "" : ",");
        ut_buf_json_str(out, ut_str_cut(&due, '\n'));
    }
    ut_buf_puts(out, "]}\n");
}

static void put_table(ut_buf *out, const figure *figures, size_t count, ut_str due, bool dry)
{
    ut_buf_puts(out, dry ? "Would go (nothing was changed):\n" : "Erased:\n");
    for (size_t i = 1; i < count; i++) {
        ut_buf_format(out, "%10lld  %s\n", (long long)figures[i].value, figures[i].what);
    }
    while (due.len) {
        ut_str what = ut_str_cut(&due, '\n');
        ut_buf_format(out, "Still to do: " UT_STR_FMT ".\n", UT_STR_ARG(what));
    }
}

static int put_answer(const ut_cli *cli, const ut_erase_counts *c, ut_str due, bool dry)
{
    const figure figures[] = {
        {"person", "", c->person},
        {"identities", "handles, with their keys", c->identities},
        {"records", "records of theirs", c->records},
        {"mentions", "records of others that named or quoted them, kept without that", c->mentions},
        {"unread", "parts of others' mails in UTF-16 or ISO-2022, which are not searched", c->unread},
        {"rejects", "dead letters that named them", c->rejects},
        {"audit", "audit entries whose words were taken out", c->audit},
        {"channels", "channels of theirs alone, or with their name", c->channels},
        {"cells", "group figures they no longer count in", c->cells},
        {"withheld", "… of those, withheld from now on", c->withheld},
        {"lake_rows", "derived rows", c->lake_rows},
        {"backups", "backups", c->backups},
    };
    ut_buf out = ut_buf_make(16 * UT_MIB);
    (cli->json ? put_json : put_table)(&out, figures, sizeof figures / sizeof *figures, due, dry);
    int code = ut_cli_put(cli, out.ptr, out.len);
    ut_buf_free(&out);
    return code;
}

static int run(const ut_cli *cli, const char *who, bool dry)
{
    ut_buf due = ut_buf_make(4 * UT_MIB);
    ut_erase_options options = {.dry_run = dry, .progress = ut_cli_progress, .due = put_due, .due_ctx = &due};
    ut_erase_counts counts = {0};
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_WRITE, false, &err);
    if (st == UT_OK) {
        st = who ? ut_erase(&counts, workspace, ut_str_of(who), &options, &err)
                 : ut_erase_resume(&counts, workspace, &options, &err);
    }
    ut_workspace_close(&workspace);
    int code = st == UT_OK ? put_answer(cli, &counts, ut_buf_str(&due), dry) : ut_cli_fail(cli, &err);
    ut_buf_free(&due);
    return code;
}

int ut_cmd_erase(const ut_cli *cli)
{
    static const struct option options[] = {
        {"dry-run", no_argument, NULL, 'd'}, {"yes", no_argument, NULL, 'y'}, {"resume", no_argument, NULL, 'r'}, {0}};
    bool dry = false, yes = false, resume = false;
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        dry |= option == 'd';
        yes |= option == 'y';
        resume |= option == 'r';
    }
    int left = cli->argc - optind;
    if (resume ? left != 0 || dry || yes : left != 1) {
        return ut_cli_usage(cli, "takes one person, or --resume");
    }
    if (!resume && dry == yes) {
        return ut_cli_usage(cli, "takes --dry-run to count what would go, or --yes to erase it for good");
    }
    return run(cli, resume ? NULL : cli->argv[optind], dry);
}
