/* examples/people.c — imports a people.csv into a fresh workspace and says what became of its rows.
 *
 *     example-people DIRECTORY DATA      DATA holds people.csv
 */
#include "undertone/people.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: example-people DIRECTORY DATA\n");
        return 2;
    }
    char path[1024];
    ut_err err = {0};
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = argv[1], .access = UT_WORKSPACE_WRITE, .create = true};
    ut_people_counts counts = {0};
    (void)snprintf(path, sizeof path, "%s/people.csv", argv[2]);
    if (ut_workspace_open(&workspace, &options, &err) != UT_OK ||
        ut_people_import(&counts, workspace, path, &err) != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        ut_workspace_close(&workspace);
        return 1;
    }
    (void)printf("%lld rows taken, %lld left out\n", (long long)counts.people, (long long)counts.rejected);
    ut_workspace_close(&workspace);
    return 0;
}
