/* bench_ledger — how long the first answer takes (freezing) and every later one (reading the ledger), on a lake of
 * PEOPLE and MESSAGES over two years. The peer is the same weekly means straight from the lake, without protection.
 *
 *     bench_ledger [PEOPLE [MESSAGES]]     → CSV: question,seconds,cells
 */
#include "egress/cells.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>

static void fill(ut_workspace *workspace, long people, long messages)
{
    ut_lake *lake = NULL;
    ut_err err = {0};
    char sql[3000];
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO who SELECT i, i, false, true FROM range(%ld) r(i);"
        "INSERT INTO person SELECT i, 'UTC' FROM range(%ld) r(i);"
        "INSERT INTO membership SELECT i, 'team ' || (i %% %ld),"
        " DATE '0001-01-01', DATE '9999-12-31' FROM range(%ld) r(i);"
        "INSERT INTO silver_message (item, sent_at, author, source, state, words) SELECT i, TIMESTAMP '2024-01-01' +"
        " INTERVAL (CAST(hash(i) %% 63072000 AS BIGINT)) SECOND, hash(i, 1) %% %ld, 'bench', 'scored', 12"
        " FROM range(%ld) r(i);"
        "INSERT INTO silver_score SELECT i, 'm', (hash(i, 2) %% 200) / 100.0 - 1, 0, 0, 0, 0.5,"
        " 0.1, 0.1, 0.1, 0.1, 0.1,"
        " 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, '' FROM range(%ld) r(i)",
        people, people, people / 25 + 1, people, people, messages, messages);
    if (ut_workspace_lake(workspace, &lake, 1024, &err) != UT_OK || ut_lake_exec(lake, sql, &err) != UT_OK) {
        (void)fprintf(stderr, "bench_ledger: %s\n", err.message);
        exit(1);
    }
}

static void more_of_today(ut_workspace *workspace)
{
    ut_lake *lake = NULL;
    if (ut_workspace_lake(workspace, &lake, 0, NULL) != UT_OK ||
        ut_lake_exec(lake,
                     "INSERT INTO silver_message (item, sent_at, author, source, state, words) SELECT 1000000000 + i,"
                     " TIMESTAMP '2026-01-05' + INTERVAL (i) SECOND, i, 'bench', 'scored', 12 FROM range(5000) r(i)",
                     NULL) != UT_OK) {
        exit(1);
    }
}

static void ask(ut_workspace *workspace, const char *grain, const char *question)
{
    ut_arena arena;
    ut_cells cells = {0};
    ut_err err = {0};
    ut_cells_query query = {.grain = ut_str_of(grain), .now_us = ut_clock_now_us()};
    int64_t before_us = ut_clock_steady_us();
    if (ut_arena_open(&arena, 1024 * UT_MIB) != UT_OK ||
        ut_cells_compute(&cells, &arena, workspace, &query, &err) != UT_OK) {
        (void)fprintf(stderr, "bench_ledger: %s\n", err.message);
        exit(1);
    }
    (void)printf("%s %s,%.4f,%zu\n", question, grain, (double)(ut_clock_steady_us() - before_us) / 1e6, cells.count);
    ut_arena_close(&arena);
}

static void peer(ut_workspace *workspace)
{
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    bool more = true;
    size_t count = 0;
    int64_t before_us = ut_clock_steady_us();
    if (ut_workspace_lake(workspace, &lake, 0, NULL) != UT_OK ||
        ut_lake_query(&rows, lake, "SELECT team, date_trunc('week', day), avg(sentiment), avg(stress) FROM v_messages"
                                   " GROUP BY 1, 2 ORDER BY 1, 2", NULL, 0, NULL) != UT_OK) {
        exit(1);
    }
    while (ut_rows_next(rows, &more, NULL) == UT_OK && more) {
        count++;
    }
    ut_rows_close(&rows);
    (void)printf("unprotected means week,%.4f,%zu\n", (double)(ut_clock_steady_us() - before_us) / 1e6, count);
}

int main(int argc, char **argv)
{
    long people = argc > 1 ? atol(argv[1]) : 1000, messages = argc > 2 ? atol(argv[2]) : 1000000;
    char folder[] = "bench-ledger-XXXXXX", command[64];
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    ut_workspace_options options = {.path = mkdtemp(folder), .access = UT_WORKSPACE_WRITE, .create = true};
    if (!options.path || ut_workspace_open(&workspace, &options, &err) != UT_OK) {
        (void)fprintf(stderr, "bench_ledger: %s\n", err.message);
        return 1;
    }
    (void)printf("question,seconds,cells\n");
    fill(workspace, people, messages);
    for (int i = 0; i < 3; i++) {
        static const char *const grains[] = {"week", "day", "month"};
        ask(workspace, grains[i], "first");
        ask(workspace, grains[i], "later");
    }
    /* One more day of data: what the daily run pays. */
    more_of_today(workspace);
    ask(workspace, "week", "after another day");
    peer(workspace);
    ut_workspace_close(&workspace);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
