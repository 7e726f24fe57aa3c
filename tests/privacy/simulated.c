/* privacy/simulated.c — an organisation from the simulator, through the real pipeline: files, readers, rules, lake.
 * What is true about its people is then read from the lake, one person's day at a time. */
#include "privacy/attack.h"
#include "simulate/simulate.h"
#include "undertone/analyze.h"
#include "undertone/ingest.h"

#include <stdio.h>

static void run_pipeline(ut_test *t, ut_workspace *workspace, int people, int teams, int weeks, uint64_t seed)
{
    char folder[200];
    const char *paths[] = {folder};
    ut_err err = {0};
    ut_sim_out out;
    ut_sim_counts counts;
    ut_sim_options options = ut_sim_options_default();
    ut_ingest_options in = {0};
    ut_ingest_counts read;
    ut_analyze_options analyze = {0};
    ut_analyze_counts scored;
    options.people = (uint32_t)people;
    options.teams = (uint32_t)teams;
    options.weeks = (uint32_t)weeks;
    options.seed = seed;
    (void)snprintf(folder, sizeof folder, "%s/sample", ut_test_dir(t));
    AT_MUST(ut_sim_out_dir(&out, folder, &err));
    AT_MUST(ut_sim_out_close(&out, ut_simulate(&counts, &out, &options, &err), &err));
    AT_MUST(ut_ingest(&read, workspace, paths, 1, &in, &err));
    AT_MUST(ut_analyze(&scored, workspace, &analyze, &err));
    UT_EXPECT(scored.scored > 1000);
}

static const char read_sql[] =
    "SELECT person, CAST(day - DATE '1970-01-01' AS INTEGER), coalesce(team, ''), count(*), count(sentiment),"
    " coalesce(sum(words) FILTER (WHERE sentiment IS NOT NULL), 0), coalesce(sum(certainty), 0),"
    " coalesce(sum(sentiment * certainty), 0), coalesce(sum(joy * certainty), 0), coalesce(sum(stress * certainty), 0)"
    " FROM v_messages WHERE state IN ('scored', 'empty', 'language') GROUP BY 1, 2, 3 ORDER BY 1, 2";

/* Numbers people and teams as they come. */
static void take_row(ut_test *t, at_org *org, const ut_rows *rows)
{
    int64_t id = ut_rows_i64(rows, 0);
    ut_str name = ut_rows_str(rows, 2);
    int team = 0;
    if (org->people == 0 || org->ids[org->people - 1] != id) {
        UT_REQUIRE(org->people < AT_PEOPLE_MAX);
        org->ids[org->people++] = id;
    }
    while (team < org->teams && !ut_str_eq(name, ut_str_of(org->names[team]))) {
        team++;
    }
    if (name.len && team == org->teams) {
        UT_REQUIRE(team < AT_TEAMS_MAX);
        (void)snprintf(org->names[org->teams++], sizeof org->names[0], UT_STR_FMT, UT_STR_ARG(name));
    }
    int64_t day = ut_rows_i64(rows, 1) - org->first_day;
    UT_REQUIRE(day >= 0 && day < org->days);
    at_day *at = at_org_day(org, org->people - 1, (int)day);
    at->team = (int8_t)(name.len ? team : -1);
    at->messages = (uint8_t)ut_rows_i64(rows, 3);
    at->scored = (uint8_t)ut_rows_i64(rows, 4);
    at->words = (float)ut_rows_i64(rows, 5);
    at->weight = (float)ut_rows_f64(rows, 6);
    for (int i = 0; i < AT_TEXTS; i++) {
        at->sums[i] = (float)ut_rows_f64(rows, 7 + i);
    }
}

at_org *at_org_simulate(ut_test *t, int people, int teams, int weeks, uint64_t seed)
{
    ut_err err = {0};
    ut_arena arena;
    ut_rows *rows = NULL;
    bool more = false;
    int64_t first = 0, last = 0;
    AT_MUST(ut_arena_open(&arena, (size_t)1024 * UT_MIB));
    at_org *org = ut_new(&arena, at_org, 1);
    *org = (at_org){.style = {"simulated", people, teams, weeks, 0.06, 0.05, 0.12, 0.15}, .seed = seed};
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    AT_MUST(ut_workspace_open(&org->workspace, &options, &err));
    run_pipeline(t, org->workspace, people, teams, weeks, seed);
    AT_MUST(ut_workspace_lake(org->workspace, &org->lake, 512, &err));
    AT_MUST(ut_lake_number(org->lake, &first, "SELECT min(day) - DATE '1970-01-01' FROM v_messages", NULL, 0, &err));
    AT_MUST(ut_lake_number(org->lake, &last, "SELECT max(day) - DATE '1970-01-01' FROM v_messages", NULL, 0, &err));
    org->first_day = first - ut_time_weekday(first);
    org->days = (int)(last - org->first_day) / 7 * 7 + 7;
    org->ids = ut_new(&arena, int64_t, AT_PEOPLE_MAX);
    org->at = ut_new(&arena, at_day, (size_t)(AT_PEOPLE_MAX * org->days));
    AT_MUST(ut_lake_query(&rows, org->lake, read_sql, NULL, 0, &err));
    while (ut_rows_next(rows, &more, &err) == UT_OK && more) {
        take_row(t, org, rows);
    }
    ut_rows_close(&rows);
    (void)snprintf(org->names[org->teams], sizeof org->names[0], "%s", UT_CELL_ALL);
    org->arena = arena;
    return org;
}
