/* examples/pipeline.c — the daily job in C: files into a workspace, scores, and the figures of a team.
 *
 *     example-pipeline WORKSPACE DATA      DATA holds people.csv and chat.ndjson
 */
#include "undertone/analyze.h"
#include "undertone/ingest.h"
#include "undertone/report.h"

#include <stdio.h>

static ut_status read_files(ut_workspace *workspace, const char *data, ut_err *err)
{
    char people[4096], chat[4096];
    (void)snprintf(people, sizeof people, "%s/people.csv", data);
    (void)snprintf(chat, sizeof chat, "%s/chat.ndjson", data);
    const char *paths[] = {chat};
    ut_ingest_options options = {.people = people};
    ut_ingest_counts counts;
    ut_status st = ut_ingest(&counts, workspace, paths, 1, &options, err);
    if (st == UT_OK) {
        (void)printf("read %lld records, %lld of them new\n", (long long)counts.read, (long long)counts.added);
    }
    return st;
}

static ut_status score(ut_workspace *workspace, ut_err *err)
{
    ut_analyze_counts counts;
    ut_status st = ut_analyze(&counts, workspace, NULL, err);
    if (st == UT_OK) {
        (void)printf("scored %lld messages\n", (long long)counts.scored);
    }
    return st;
}

static ut_status show(ut_workspace *workspace, ut_err *err)
{
    ut_report_options options = {.grain = "week"};
    ut_buffer *out = NULL;
    ut_status st = ut_report(&out, workspace, UT_STR("teams"), &options, err);
    if (st == UT_OK) {
        (void)fwrite(out->bytes, 1, out->len, stdout);
    }
    ut_buffer_free(&out);
    if (st != UT_OK) {
        return st;
    }
    /* The same figures by SQL: nine people wrote, so that the floor of eight holds. */
    st = ut_sql(&out, workspace, NULL,
                UT_STR("SELECT count(*) AS weeks FROM v_team_week WHERE gratitude IS NOT NULL"), "csv", err);
    if (st == UT_OK && strcmp(out->bytes, "weeks\n1\n") != 0 && strcmp(out->bytes, "weeks\r\n1\r\n") != 0) {
        st = ut_fail(err, UT_CORRUPT, "one week was expected, not: %s", out->bytes);
    }
    ut_buffer_free(&out);
    return st;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: example-pipeline WORKSPACE DATA\n");
        return 2;
    }
    ut_err err = {0};
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = argv[1], .access = UT_WORKSPACE_WRITE, .create = true};
    ut_status st = ut_workspace_open(&workspace, &options, &err);
    st = st == UT_OK ? read_files(workspace, argv[2], &err) : st;
    st = st == UT_OK ? score(workspace, &err) : st;
    st = st == UT_OK ? show(workspace, &err) : st;
    if (st != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
    }
    ut_workspace_close(&workspace);
    return st == UT_OK ? 0 : 1;
}
