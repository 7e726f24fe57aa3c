/* bench_egress — what does the privacy of a figure cost when it is asked for? The answer of the ledger (floors, policy,
 * is there more to freeze) against the same stored rows read without asking anything, per answer of 26 weeks.
 *
 *     bench_egress [ANSWERS]     → CSV: question,cells,milliseconds,raw_milliseconds,added_milliseconds
 */
#include "egress/cells.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>

static const char fill_sql[] =
    "INSERT INTO who SELECT i, i, false, true FROM range(400) r(i);"
    "INSERT INTO person SELECT i, 'UTC' FROM range(400) r(i);"
    "INSERT INTO membership SELECT i, 'team ' || (i % 20), DATE '0001-01-01', DATE '9999-12-31' FROM range(400) r(i);"
    "INSERT INTO silver_message (item, sent_at, author, source, state, words) SELECT i, TIMESTAMP '2025-01-06' +"
    " INTERVAL (CAST(hash(i) % 15724800 AS BIGINT)) SECOND, hash(i, 1) % 400, 'bench', 'scored', 12"
    " FROM range(200000) r(i);"
    "INSERT INTO silver_score SELECT i, 'm', (hash(i, 2) % 200) / 100.0 - 1, 0, 0, 0, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1,"
    " 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, '' FROM range(200000) r(i)";

static void fail(const ut_err *err)
{
    (void)fprintf(stderr, "bench_egress: %s\n", err->message);
    exit(1);
}

/* Milliseconds of one answer of the API, and how many cells it had. */
static double ask(ut_workspace *workspace, const char *team, int answers, size_t *ret_cells)
{
    ut_arena arena;
    ut_err err = {0};
    ut_cells cells = {0};
    int64_t before_us = ut_clock_steady_us();
    for (int i = 0; i < answers; i++) {
        ut_cells_query query = {.grain = UT_STR("week"), .team = ut_str_of(team), .now_us = ut_clock_now_us()};
        if (ut_arena_open(&arena, 256 * UT_MIB) != UT_OK ||
            ut_cells_compute(&cells, &arena, workspace, &query, &err) != UT_OK) {
            fail(&err);
        }
        ut_arena_close(&arena);
    }
    *ret_cells = cells.count;
    return (double)(ut_clock_steady_us() - before_us) / 1e3 / answers;
}

/* The same rows and columns, copied as they stand. */
static double read_raw(ut_workspace *workspace, const char *team, int answers)
{
    ut_err err = {0};
    int64_t before_us = ut_clock_steady_us();
    for (int i = 0; i < answers; i++) {
        ut_arena arena;
        ut_stmt *stmt = NULL;
        bool row = false;
        ut_status st = ut_arena_open(&arena, 256 * UT_MIB);
        st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth,
                                            "SELECT team, start_day, end_day, kind, state, figures, people FROM cell"
                                            " WHERE grain = 'week' AND (?1 = '' OR team = ?1)"
                                            " ORDER BY team, start_day, kind",
                                            &err)
                         : st;
        if (st == UT_OK) {
            ut_stmt_bind_text(stmt, 1, ut_str_of(team));
        }
        while (st == UT_OK && (st = ut_stmt_step(stmt, &row, &err)) == UT_OK && row) {
            for (int column = 0; column < 7; column++) {
                (void)ut_arena_copy(&arena, ut_stmt_str(stmt, column));
            }
        }
        if (st != UT_OK) {
            fail(&err);
        }
        ut_stmt_close(&stmt);
        ut_arena_close(&arena);
    }
    return (double)(ut_clock_steady_us() - before_us) / 1e3 / answers;
}

int main(int argc, char **argv)
{
    int answers = argc > 1 ? atoi(argv[1]) : 200;
    char folder[] = "bench-egress-XXXXXX", command[64];
    ut_workspace *workspace = NULL;
    ut_lake *lake = NULL;
    ut_err err = {0};
    size_t cells = 0;
    ut_workspace_options options = {.path = mkdtemp(folder), .access = UT_WORKSPACE_WRITE, .create = true};
    if (!options.path || ut_workspace_open(&workspace, &options, &err) != UT_OK ||
        ut_workspace_lake(workspace, &lake, 512, &err) != UT_OK || ut_lake_exec(lake, fill_sql, &err) != UT_OK) {
        fail(&err);
    }
    (void)ask(workspace, "", 1, &cells); /* freezes */
    (void)printf("question,cells,milliseconds,raw_milliseconds,added_milliseconds\n");
    for (int i = 0; i < 2; i++) {
        const char *team = i ? "" : "team 7";
        double raw = read_raw(workspace, team, answers), answer = ask(workspace, team, answers, &cells);
        (void)printf("%s,%zu,%.3f,%.3f,%.3f\n", i ? "26 weeks of all teams" : "26 weeks of one team", cells, answer,
                     raw, answer - raw);
    }
    ut_workspace_close(&workspace);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
