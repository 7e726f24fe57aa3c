/* apps/cmd_policy.c — `undertone policy`. */
#include "apps/commands.h"

#include "base/buf.h"
#include "egress/grid.h"
#include "undertone/policy.h"

#include <stdio.h>

const char ut_help_policy[] =
    "usage: undertone policy [set KEY VALUE]\n\n"
    "Shows what comes in, from how many people on a figure is shown, and how long what is kept; `set` changes one\n"
    "setting and writes that to the audit log. Floors and times below the least allowed are refused.\n\n"
    "  allow_direct       yes or no: direct and group direct messages come in\n"
    "  skip_channels      channels that are kept out, by name or source:name, with commas between; \"\" for none\n"
    "  skip_mailboxes     addresses whose mail, from them or to them, is kept out: doctor, works council, HR\n"
    "  floor_load, floor_text\n"
    "                     people behind a figure: of load (at least 5), made from text (at least 8)\n"
    "  keep_raw_days, keep_person_days, keep_cells_months, keep_audit_months\n"
    "                     what `undertone retention` leaves, counted from when it came in\n\n"
    "A change of what comes in holds for what is read from now on; files are read again by the next `ingest`, so that\n"
    "what is no longer kept out comes in. What came in before stays until its time is over.\n\n"
    "examples:\n"
    "  undertone policy\n"
    "  undertone policy set skip_channels slack:works-council,union\n"
    "  undertone policy set skip_mailboxes doctor@example.org,works-council@example.org\n"
    "  undertone policy set keep_raw_days 30\n";

static ut_status fill(ut_grid *grid, ut_arena *arena, const ut_policy *policy)
{
    static const char *const names[] = {"setting", "value", "default", "least", "meaning"};
    enum { COLUMNS = sizeof names / sizeof *names };
    ut_status st = ut_grid_open(grid, arena, COLUMNS);
    for (int i = 0; st == UT_OK && i < COLUMNS; i++) {
        grid->columns[i].name = ut_str_of(names[i]);
    }
    for (const ut_policy_info *info = ut_policy_list(); st == UT_OK && info->key; info++) {
        char room[32];
        ut_value *row = ut_grid_row_add(grid);
        if (!row) {
            return UT_NOMEM;
        }
        row[0] = ut_value_text(ut_str_of(info->key));
        row[1] = ut_value_text(ut_arena_copy(arena, ut_policy_value(policy, ut_str_of(info->key), room)));
        row[2] = ut_value_text(ut_str_of(info->default_value));
        if (strcmp(info->type, "number") == 0) {
            row[3] = ut_value_i64(info->least);
        }
        row[4] = ut_value_text(ut_str_of(info->meaning));
    }
    return st;
}

static int show(const ut_cli *cli, const ut_policy *policy)
{
    ut_arena arena = {0};
    ut_grid grid;
    ut_err err = {0};
    ut_buf out = ut_buf_make(1 * UT_MIB);
    ut_status st = ut_arena_open(&arena, 1 * UT_MIB);
    st = st == UT_OK ? fill(&grid, &arena, policy) : st;
    if (st == UT_OK && cli->json) {
        ut_buf_puts(&out, "{\"policy\":");
        ut_grid_put_json(&out, &grid);
        ut_buf_puts(&out, "}\n");
    } else if (st == UT_OK) {
        ut_grid_put_table(&out, &grid, cli->color);
    }
    st = st == UT_OK ? out.failed : st;
    int code = EXIT_FAILED;
    if (st == UT_OK) {
        code = ut_cli_put(cli, out.ptr, out.len);
    } else {
        (void)ut_fail(&err, st, "memory ended while showing the policy");
        code = ut_cli_fail(cli, &err);
    }
    ut_buf_free(&out);
    ut_arena_close(&arena);
    return code;
}

int ut_cmd_policy(const ut_cli *cli)
{
    bool set = cli->argc == 4 && strcmp(cli->argv[1], "set") == 0;
    if (cli->argc != 1 && !set) {
        return ut_cli_usage(cli, "takes nothing, or `set KEY VALUE`");
    }
    ut_workspace *workspace = NULL;
    ut_policy policy;
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, set ? UT_WORKSPACE_WRITE : UT_WORKSPACE_READ, false, &err);
    st = st == UT_OK && set ? ut_policy_set(workspace, ut_str_of(cli->argv[2]), ut_str_of(cli->argv[3]), &err) : st;
    st = st == UT_OK ? ut_policy_read(workspace, &policy, &err) : st;
    ut_workspace_close(&workspace);
    return st == UT_OK ? show(cli, &policy) : ut_cli_fail(cli, &err);
}
