/* examples/erase.c — reads two files, takes one author out for good, and shows that the same files don't bring her
 * back.
 *
 *     example-erase WORKSPACE DATA      DATA holds people.csv and chat.ndjson
 */
#include "undertone/erase.h"

#include <stdio.h>

static ut_status read_files(ut_ingest_counts *ret, ut_workspace *workspace, const char *data, ut_err *err)
{
    char people[4096], chat[4096];
    (void)snprintf(people, sizeof people, "%s/people.csv", data);
    (void)snprintf(chat, sizeof chat, "%s/chat.ndjson", data);
    const char *paths[] = {chat};
    ut_ingest_options options = {.people = people};
    return ut_ingest(ret, workspace, paths, 1, &options, err);
}

static void put_due(void *ctx, const char *what)
{
    (void)ctx;
    (void)printf("still to do: %s\n", what);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: example-erase WORKSPACE DATA\n");
        return 2;
    }
    ut_err err = {0};
    ut_workspace *workspace = NULL;
    ut_ingest_counts before = {0}, after = {0};
    ut_erase_counts would = {0}, did = {0};
    ut_workspace_options where = {.path = argv[1], .access = UT_WORKSPACE_WRITE, .create = true};
    ut_erase_options try_it = {.dry_run = true}, do_it = {.due = put_due};
    if (ut_workspace_open(&workspace, &where, &err) != UT_OK ||
        read_files(&before, workspace, argv[2], &err) != UT_OK ||
        ut_erase(&would, workspace, UT_STR("ann@example.org"), &try_it, &err) != UT_OK ||
        ut_erase(&did, workspace, UT_STR("ann@example.org"), &do_it, &err) != UT_OK ||
        read_files(&after, workspace, argv[2], &err) != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        ut_workspace_close(&workspace);
        return 1;
    }
    (void)printf("%lld records of hers are gone, as announced: %lld\n", (long long)did.records,
                 (long long)would.records);
    (void)printf("the same file again: %lld new, %lld kept out\n", (long long)after.added, (long long)after.skipped);
    ut_workspace_close(&workspace);
    return did.records > 0 && would.records == did.records && after.added == 0 && after.skipped >= did.records ? 0 : 1;
}
