/* examples/export.c — what a person gets who asks for everything held about them.
 *
 *     example-export WORKSPACE DATA      DATA holds people.csv and chat.ndjson
 */
#include "undertone/analyze.h"
#include "undertone/export.h"

#include <stdio.h>

static ut_status count_bytes(void *ctx, ut_str bytes, ut_err *err)
{
    (void)err;
    *(size_t *)ctx += bytes.len;
    return UT_OK;
}

static ut_status fill(ut_workspace *workspace, const char *data, ut_err *err)
{
    char people[4096], chat[4096];
    (void)snprintf(people, sizeof people, "%s/people.csv", data);
    (void)snprintf(chat, sizeof chat, "%s/chat.ndjson", data);
    const char *paths[] = {chat};
    ut_ingest_options options = {.people = people};
    ut_ingest_counts read;
    ut_analyze_counts scored;
    ut_status st = ut_ingest(&read, workspace, paths, 1, &options, err);
    return st == UT_OK ? ut_analyze(&scored, workspace, NULL, err) : st;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: example-export WORKSPACE DATA\n");
        return 2;
    }
    ut_err err = {0};
    size_t size_bytes = 0;
    ut_principal ann;
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = argv[1], .access = UT_WORKSPACE_WRITE, .create = true};
    ut_status st = ut_workspace_open(&workspace, &options, &err);
    st = st == UT_OK ? fill(workspace, argv[2], &err) : st;
    st = st == UT_OK ? ut_principal_parse(&ann, workspace, "person:ann@example.org", NULL, &err) : st;
    st = st == UT_OK ? ut_export_person(workspace, &ann, NULL, count_bytes, &size_bytes, &err) : st;
    if (st == UT_OK) {
        (void)printf("%zu bytes are held about Ann\n", size_bytes);
    } else {
        (void)fprintf(stderr, "%s\n", err.message);
    }
    ut_workspace_close(&workspace);
    return st == UT_OK && size_bytes > 1000 ? 0 : 1;
}
