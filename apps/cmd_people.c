/* apps/cmd_people.c — `undertone people`. */
#include "apps/commands.h"

#include "undertone/people.h"

#include <stdio.h>

const char ut_help_people[] =
    "usage: undertone people list [--externals | --bots] --as owner --purpose \"…\"\n"
    "       undertone people suggest --as owner --purpose \"…\"\n"
    "       undertone people import FILE\n"
    "       undertone people merge WHO INTO | unmerge WHO\n"
    "       undertone people mark HANDLE bot|list|person|auto\n"
    "       undertone people state WHO notified|consented|objected|withdrawn|restricted\n"
    "       undertone people share VIEWER --as person:WHO | unshare VIEWER --as person:WHO\n\n"
    "Who is who. WHO is an id in people.csv, an address, a handle with its source (slack:U024), or number:12 as in\n"
    "lists and in the audit log. Changes go into the audit log and count from the next `undertone analyze` on.\n\n"
    "  list       everybody with names, teams and handles; --externals those outside the organisation, --bots bots\n"
    "             and mailing lists\n"
    "  suggest    pairs that are probably one human, with the reason; nothing is merged by it\n"
    "  import     people.csv: teams and managers of the people it names are replaced (columns: docs/formats.md)\n"
    "  merge      everything of WHO counts as INTO's; WHO may be external. unmerge takes it back without a trace in\n"
    "             any figure but those already published\n"
    "  mark       what a handle is, whatever its source says; bots and lists (shared mailboxes, too) are nobody\n"
    "  state      what a person decided: notified (the default) and consented are processed and counted in groups;\n"
    "             objected, withdrawn and restricted are not\n"
    "  share      the person named by --as lets VIEWER see their own values, until unshare\n\n"
    "examples:\n"
    "  undertone people suggest --as owner --purpose \"chat accounts without addresses\"\n"
    "  undertone people merge slack:U024BE7LH ann@example.org\n"
    "  undertone people mark team@example.org list\n"
    "  undertone people state ann@example.org objected\n"
    "  undertone people share bob@example.org --as person:ann@example.org\n";

typedef ut_status (*with_names)(ut_buffer **ret, ut_workspace *workspace, const ut_people_query *query, ut_err *err);

static int show(const ut_cli *cli, with_names command, bool externals, bool bots)
{
    ut_workspace *workspace = NULL;
    ut_buffer *answer = NULL;
    ut_err err = {0};
    ut_people_query query = {
        .purpose = cli->purpose, .format = cli->json ? "json" : NULL, .externals = externals, .bots = bots};
    if (strcmp(cli->as, "owner") != 0) {
        (void)ut_fail(&err, UT_DENIED, "names are for the owner: --as owner --purpose \"…\", which is logged");
        return ut_cli_fail(cli, &err);
    }
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_WRITE, false, &err);
    st = st == UT_OK ? command(&answer, workspace, &query, &err) : st;
    ut_workspace_close(&workspace);
    int code = st == UT_OK ? ut_cli_put(cli, answer->bytes, answer->len) : ut_cli_fail(cli, &err);
    ut_buffer_free(&answer);
    return code;
}

static ut_status import(ut_workspace *workspace, const char *path, ut_err *err)
{
    ut_people_counts c = {0};
    ut_status st = ut_people_import(&c, workspace, path, err);
    if (st != UT_OK) {
        return st;
    }
    (void)printf("{\"read\":%lld,\"rejected\":%lld,\"defaulted\":%lld,\"unknown_managers\":%lld}\n",
                 (long long)c.people, (long long)c.rejected, (long long)c.defaulted, (long long)c.unknown_managers);
    if (c.rejected) {
        (void)fprintf(stderr, "left out: %s\n", c.first_reason);
    }
    if (c.first_note[0]) {
        (void)fprintf(stderr, "note: %s\n", c.first_note);
    }
    return st;
}

/* Runs one of the commands that change something; the arguments were counted. */
static ut_status change(ut_people_change *ret, const ut_cli *cli, ut_workspace *workspace, ut_err *err)
{
    const char *verb = cli->argv[optind];
    ut_str first = ut_str_of(cli->argv[optind + 1]), second = ut_str_of(cli->argv[optind + 2]);
    if (strcmp(verb, "merge") == 0) {
        return ut_people_merge(ret, workspace, first, second, err);
    }
    if (strcmp(verb, "unmerge") == 0) {
        return ut_people_unmerge(ret, workspace, first, err);
    }
    if (strcmp(verb, "mark") == 0) {
        return ut_people_mark(ret, workspace, first, second, err);
    }
    if (strcmp(verb, "state") == 0) {
        return ut_people_state_set(ret, workspace, first, second, err);
    }
    if (strncmp(cli->as, "person:", 7) != 0) {
        return ut_fail(err, UT_DENIED, "only the person can share their own values: --as person:WHO");
    }
    return ut_people_share(ret, workspace, ut_str_of(cli->as + 7), first, strcmp(verb, "share") == 0, err);
}

static int decide(const ut_cli *cli)
{
    ut_workspace *workspace = NULL;
    ut_people_change done = {0};
    ut_err err = {0};
    bool is_import = strcmp(cli->argv[optind], "import") == 0;
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_WRITE, false, &err);
    if (st == UT_OK && is_import) {
        st = import(workspace, cli->argv[optind + 1], &err);
    } else if (st == UT_OK) {
        st = change(&done, cli, workspace, &err);
    }
    ut_workspace_close(&workspace);
    if (st != UT_OK) {
        return ut_cli_fail(cli, &err);
    }
    if (!is_import) {
        (void)printf("{\"person\":%lld,\"other\":%lld,\"changed\":%s}\n", (long long)done.person, (long long)done.other,
                     done.changed ? "true" : "false");
    }
    return EXIT_OK;
}

int ut_cmd_people(const ut_cli *cli)
{
    static const struct option options[] = {
        {"externals", no_argument, NULL, 'e'}, {"bots", no_argument, NULL, 'b'}, {0}};
    static const struct {
        const char *name;
        int arguments;
    } verbs[] = {{"list", 0}, {"suggest", 0}, {"import", 1}, {"merge", 2},   {"unmerge", 1},
                 {"mark", 2}, {"state", 2},   {"share", 1},  {"unshare", 1}, {NULL, 0}};
    bool externals = false, bots = false;
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        externals = externals || option == 'e';
        bots = bots || option == 'b';
    }
    const char *verb = optind < cli->argc ? cli->argv[optind] : "";
    int number = 0;
    while (verbs[number].name && strcmp(verbs[number].name, verb) != 0) {
        number++;
    }
    bool fits = cli->argc - optind - 1 == verbs[number].arguments && (number == 0 || !(externals || bots));
    if (!verbs[number].name || !fits) {
        return ut_cli_usage(cli, verbs[number].name ? "%s takes other arguments" : "what about people? «%s» is unknown",
                            verb);
    }
    return number > 1 ? decide(cli) : show(cli, number == 0 ? ut_people_list : ut_people_suggest, externals, bots);
}
