/* bench/bench_live.c — how many durable commits a second of 100 chat messages each does the intake make?
 *
 *     bench_live [SECONDS]            (a temporary workspace in the current folder; CSV on stdout)
 */
#include "bronze/intake.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>

static ut_status put_batch(ut_intake *intake, int64_t *number, ut_err *err)
{
    const ut_sink *sink = ut_intake_sink(intake);
    for (int i = 0; i < 100; i++) {
        char id[32], author[32], payload[512];
        int64_t n = (*number)++;
        int id_len = snprintf(id, sizeof id, "C1:%lld.000100", (long long)n);
        int author_len = snprintf(author, sizeof author, "slack:U%03lld", (long long)(n % 50));
        int len = snprintf(
            payload, sizeof payload,
            "{\"type\":\"message\",\"user\":\"U%03lld\",\"ts\":\"%lld.000100\",\"client_msg_id\":\"%016llx\",\"text\":"
            "\"the build %lld is green again, thanks for looking into it so quickly today\",\"team\":\"T1\"}",
            (long long)(n % 50), (long long)n, (unsigned long long)n * 0x9E3779B97F4A7C15u, (long long)n);
        ut_record record = {.kind = UT_RECORD_MESSAGE,
                            .format = UT_FORMAT_SLACK,
                            .source = UT_STR("slack"),
                            .id = {id, (size_t)id_len},
                            .author = {author, (size_t)author_len},
                            .channel = UT_STR("general"),
                            .channel_kind = UT_CHANNEL_PUBLIC,
                            .at_us = n * UT_SECOND_US,
                            .payload = {payload, (size_t)len}};
        ut_status st = sink->record(sink->ctx, &record, err);
        if (st != UT_OK) {
            return st;
        }
    }
    return ut_intake_flush(intake, err);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 5;
    char path[] = "bench-live-XXXXXX";
    ut_workspace *workspace = NULL;
    ut_intake *intake = NULL;
    ut_err err = {0};
    ut_workspace_options options = {.path = mkdtemp(path), .access = UT_WORKSPACE_WRITE, .create = true};
    ut_status st = ut_workspace_open(&workspace, &options, &err);
    st = st == UT_OK ? ut_intake_open(&intake, workspace, 0, &err) : st;
    int64_t number = 1, commits = 0;
    int64_t started = ut_clock_steady_us(), now = started;
    while (st == UT_OK && (double)(now - started) < seconds * 1e6) {
        st = put_batch(intake, &number, &err);
        commits++;
        now = ut_clock_steady_us();
    }
    if (st == UT_OK) {
        double took = (double)(now - started) / 1e6;
        (void)printf(
            "what,seconds,commits,commits_per_second,messages_per_second\nlive commits of 100,%.2f,%lld,%.0f,%.0f\n",
            took, (long long)commits, (double)commits / took, 100 * (double)commits / took);
    } else {
        (void)fprintf(stderr, "bench_live: %s\n", err.message);
    }
    ut_intake_close(&intake);
    ut_workspace_close(&workspace);
    (void)fprintf(stderr, "left behind: %s\n", path);
    return st == UT_OK ? 0 : 1;
}
