/* examples/workspace.c — makes a workspace, and shows what a second writer is told.
 *
 *     example-workspace DIRECTORY      a directory that may hold one, or not be there
 */
#include "undertone/workspace.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: example-workspace DIRECTORY\n");
        return 2;
    }
    ut_err err = {0};
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = argv[1], .access = UT_WORKSPACE_WRITE, .create = true};
    if (ut_workspace_open(&workspace, &options, &err) != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    (void)printf("%s: %s workspace\n", argv[1], ut_workspace_is_new(workspace) ? "a new" : "an old");

    ut_workspace *second = NULL;
    ut_status st = ut_workspace_open(&second, &options, &err);
    (void)printf("a second writer gets %s: %s\n", ut_status_name(st), err.message);
    ut_workspace_close(&second);
    ut_workspace_close(&workspace);
    return st == UT_BUSY ? 0 : 1;
}
