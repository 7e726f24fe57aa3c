/* apps/cmd_doctor.c — `undertone doctor`. */
#include "apps/commands.h"

#include "egress/doctor.h"

#include <stdio.h>

const char ut_help_doctor[] =
    "usage: undertone doctor\n\n"
    "Looks at key, stores, people, dead letters and audit log; exit status 1 when something is bad.\n\n"
    "examples:\n"
    "  undertone doctor --workspace /srv/undertone --json\n";

int ut_cmd_doctor(const ut_cli *cli)
{
    ut_workspace *workspace = NULL;
    ut_arena arena = {0};
    ut_grid grid;
    int64_t bad = 0;
    ut_err err = {0};
    ut_buf out = ut_buf_make(1 * UT_MIB);
    ut_status st = ut_arena_open(&arena, 4 * UT_MIB);
    st = st == UT_OK ? ut_cli_open(cli, &workspace, UT_WORKSPACE_READ, false, &err) : st;
    st = st == UT_OK ? ut_doctor(&grid, &bad, &arena, workspace, &err) : st;
    int code = EXIT_FAILED;
    if (st == UT_OK && cli->json) {
        ut_buf_format(&out, "{\"version\":\"%s\",\"bad\":%lld,\"checks\":", ut_version(), (long long)bad);
        ut_grid_put_json(&out, &grid);
        ut_buf_puts(&out, "}\n");
    } else if (st == UT_OK) {
        ut_buf_format(&out, "undertone %s\n", ut_version());
        ut_grid_put_table(&out, &grid, cli->color);
    }
    if (st == UT_OK) {
        code = ut_cli_put(cli, out.ptr, out.len);
        code = bad ? EXIT_FAILED : code;
    } else {
        code = ut_cli_fail(cli, &err);
    }
    ut_workspace_close(&workspace);
    ut_buf_free(&out);
    ut_arena_close(&arena);
    return code;
}
