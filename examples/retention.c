/* examples/retention.c — says what is past its time, and drops it.
 *
 *     example-retention DIRECTORY      a directory that may hold a workspace, or not be there
 */
#include "undertone/retention.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: example-retention DIRECTORY\n");
        return 2;
    }
    ut_err err = {0};
    ut_workspace *workspace = NULL;
    ut_retention_report report;
    ut_workspace_options options = {.path = argv[1], .access = UT_WORKSPACE_WRITE, .create = true};
    if (ut_workspace_open(&workspace, &options, &err) != UT_OK ||
        ut_retention(&report, workspace, NULL, &err) != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        ut_workspace_close(&workspace);
        return 1;
    }
    for (int i = 0; i < UT_KEPT_CLASSES; i++) {
        const ut_retention_class *c = &report.classes[i];
        (void)printf("%s: %lld dropped, %lld still due\n", c->name, (long long)c->dropped, (long long)c->due);
    }
    ut_workspace_close(&workspace);
    return 0;
}
