/* Floors, bands, blur, rounding, closed periods, freezing: on lakes filled by hand, so that every mean is known. */
#include "egress/cells.h"
#include "egress/publish.h"
#include "harness/test.h"
#include "undertone/policy.h"

#include <math.h>
#include <stdio.h>

typedef struct fixture {
    ut_workspace *workspace;
    ut_lake *lake;
    ut_arena arena;
} fixture;

static fixture fresh(ut_test *t)
{
    static int number;
    static char path[300];
    fixture f = {0};
    ut_workspace_options options = {.path = path, .access = UT_WORKSPACE_WRITE, .create = true};
    (void)snprintf(path, sizeof path, "%s/%d", ut_test_dir(t), number++);
    UT_REQUIRE(ut_workspace_open(&f.workspace, &options, NULL) == UT_OK);
    UT_REQUIRE(ut_workspace_lake(f.workspace, &f.lake, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_arena_open(&f.arena, 64 * UT_MIB) == UT_OK);
    return f;
}

static void done(fixture *f)
{
    ut_workspace_close(&f->workspace);
    ut_arena_close(&f->arena);
}

/* `people` members of `team`, each with `messages` messages of `words` words and the given sentiment, on one day. */
static void fill(ut_test *t, fixture *f, const char *team, int first, int people, int messages, int words,
                 double sentiment, const char *day)
{
    char sql[1200];
    ut_err err = {0};
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO who SELECT i, i, false, true FROM range(%d, %d) r(i);"
        "INSERT INTO person SELECT i, 'UTC' FROM range(%d, %d) r(i);"
        "INSERT INTO membership SELECT i, '%s', DATE '0001-01-01', DATE '9999-12-31' FROM range(%d, %d) r(i);"
        "INSERT INTO silver_message (item, sent_at, author, source, state, words) SELECT i * 1000 + j, TIMESTAMP '%s 10:00:00',"
        " i, 'test', 'scored', %d FROM range(%d, %d) r(i), range(%d) s(j);"
        "INSERT INTO silver_score (item, model, sentiment, certainty, stress) SELECT i * 1000 + j, 'm', %f, 0.5, 0.25"
        " FROM range(%d, %d) r(i), range(%d) s(j)",
        first, first + people, first, first + people, team, first, first + people, day, words, first, first + people,
        messages, sentiment, first, first + people, messages);
    if (ut_lake_exec(f->lake, sql, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
}

static ut_cells compute(ut_test *t, fixture *f, const char *grain, const char *now)
{
    ut_cells cells = {0};
    ut_err err = {0};
    ut_cells_query query = {.grain = ut_str_of(grain)};
    UT_REQUIRE(ut_time_parse(ut_str_of(now), &query.now_us));
    if (ut_cells_compute(&cells, &f->arena, f->workspace, &query, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    return cells;
}

UT_TEST(egress_cells, no_figure_below_its_floor_for_every_team_size)
{
    for (int people = 1; people <= 20; people++) {
        fixture f = fresh(t);
        fill(t, &f, "red", 1, people, 3, 10, 0.5, "2026-01-07");
        ut_cells cells = compute(t, &f, "week", "2026-02-01");
        UT_REQUIRE(cells.count == 1);
        const ut_cell *cell = &cells.items[0];
        UT_EXPECT((people >= 5) == (cell->shown_load == UT_SHOWN) &&
                  (people >= 5) == (bool)isfinite(cell->values[UT_METRIC_MESSAGES]));
        UT_EXPECT((people >= 8) == (cell->shown_text == UT_SHOWN) &&
                  (people >= 8) == (bool)isfinite(cell->values[UT_METRIC_SENTIMENT]));
        UT_EXPECT(people >= 5 || cell->band_load.len == 0);
        UT_EXPECT_STR(cell->start, "2026-01-05");
        UT_EXPECT_STR(cell->end, "2026-01-11");
        if (people >= 8) {
            /* At most a reach, and half a step of rounding. */
            double reach = ut_publish_reach(UT_METRIC_SENTIMENT, 0);
            UT_EXPECT_NEAR(cell->values[UT_METRIC_SENTIMENT], 0.5, reach + 0.0251);
            UT_EXPECT_STR(cell->band_text, people < 16 ? "8-15" : "16-31");
        }
        done(&f);
    }
}

UT_TEST(egress_cells, people_without_evidence_do_not_count_towards_the_text_floor)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 7, 3, 10, 0.5, "2026-01-07");    /* seven with enough */
    fill(t, &f, "red", 100, 20, 2, 100, 0.5, "2026-01-07"); /* many words, two messages */
    fill(t, &f, "red", 200, 20, 9, 2, 0.5, "2026-01-07");   /* nine messages, 18 words */
    ut_cells cells = compute(t, &f, "week", "2026-02-01");
    UT_REQUIRE(cells.count == 1);
    UT_EXPECT_I64(cells.items[0].shown_text, UT_WITHHELD_FLOOR);
    UT_EXPECT_I64(cells.items[0].shown_load, UT_SHOWN);
    UT_EXPECT_STR(cells.items[0].band_load, "32-63");
    done(&f);
}

UT_TEST(egress_cells, those_who_write_much_do_not_count_more)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 15, 3, 10, -0.5, "2026-01-07");
    fill(t, &f, "red", 100, 1, 900, 10, 1.0, "2026-01-07");
    ut_cells cells = compute(t, &f, "week", "2026-02-01");
    UT_REQUIRE(cells.count == 1);
    UT_EXPECT_NEAR(cells.items[0].values[UT_METRIC_SENTIMENT], (15 * -0.5 + 1.0) / 16,
                   ut_publish_reach(UT_METRIC_SENTIMENT, 0) + 0.0051);
    done(&f);
}

static bool on_grid(double value, double step)
{
    return fabs(value / step - round(value / step)) < 1e-6;
}

UT_TEST(egress_cells, small_groups_are_rounded_coarsely)
{
    for (int i = 0; i < 10; i++) {
        fixture f = fresh(t);
        fill(t, &f, "red", 1, 8 + i, 3, 10, 0.123 + 0.01 * i, "2026-01-07");
        ut_cells cells = compute(t, &f, "week", "2026-02-01");
        UT_REQUIRE(cells.count == 1);
        UT_EXPECT(on_grid(cells.items[0].values[UT_METRIC_SENTIMENT], i < 8 ? 0.05 : 0.01));
        done(&f);
    }
}

UT_TEST(egress_cells, the_same_people_are_blurred_alike_and_others_otherwise)
{
    fixture f = fresh(t);
    double first[2] = {0};
    int different = 0;
    fill(t, &f, "red", 1, 16, 3, 10, 0.3, "2026-01-07");
    UT_REQUIRE(ut_lake_exec(f.lake, "INSERT INTO silver_message (item, sent_at, author, source, state, words)"
                                    " SELECT item + 1000000, sent_at + INTERVAL 7 DAY, author, source, state, words"
                                    " FROM silver_message;"
                                    "INSERT INTO silver_score (item, model, sentiment, certainty, stress)"
                                    " SELECT item + 1000000, model, sentiment, certainty, stress FROM silver_score",
                            NULL) == UT_OK);
    ut_cells cells = compute(t, &f, "week", "2026-02-01");
    UT_REQUIRE(cells.count == 2);
    for (int i = 0; i < 2; i++) {
        first[i] = cells.items[i].values[UT_METRIC_SENTIMENT];
    }
    UT_EXPECT_NEAR(first[0], first[1], 1e-12);
    done(&f);
    for (int i = 0; i < 8; i++) {
        f = fresh(t);
        fill(t, &f, "red", 1 + i, 16, 3, 10, 0.3, "2026-01-07");
        cells = compute(t, &f, "week", "2026-02-01");
        UT_REQUIRE(cells.count == 1);
        different += fabs(cells.items[0].values[UT_METRIC_SENTIMENT] - 0.3) > 0.001;
        done(&f);
    }
    UT_EXPECT(different >= 4);
}

UT_TEST(egress_cells, a_shown_figure_stays_when_late_data_comes)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 9, 3, 10, 0.5, "2026-01-07");
    double before = compute(t, &f, "week", "2026-02-01").items[0].values[UT_METRIC_SENTIMENT];
    fill(t, &f, "red", 100, 30, 9, 10, -0.9, "2026-01-07");
    ut_cells cells = compute(t, &f, "week", "2026-02-01");
    UT_REQUIRE(cells.count == 1);
    UT_EXPECT_NEAR(cells.items[0].values[UT_METRIC_SENTIMENT], before, 1e-12);
    UT_EXPECT_STR(cells.items[0].band_text, "8-15");
    /* Load of another grain comes from the same atoms: the late ones are in no difference of figures. */
    cells = compute(t, &f, "month", "2026-03-01");
    UT_REQUIRE(cells.count == 1);
    UT_EXPECT_STR(cells.items[0].band_load, "8-15");
    done(&f);
}

UT_TEST(egress_cells, what_nobody_saw_is_looked_at_again)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 3, 3, 10, 0.5, "2026-01-07");
    ut_cells cells = compute(t, &f, "week", "2026-02-01");
    UT_REQUIRE(cells.count == 1 && cells.items[0].shown_load == UT_WITHHELD_FLOOR);
    fill(t, &f, "red", 100, 6, 3, 10, 0.5, "2026-01-08");
    cells = compute(t, &f, "week", "2026-02-01");
    UT_REQUIRE(cells.count == 1);
    UT_EXPECT_I64(cells.items[0].shown_load, UT_SHOWN);
    UT_EXPECT_I64(cells.items[0].shown_text, UT_SHOWN);
    done(&f);
}

UT_TEST(egress_cells, a_raised_floor_withholds_what_was_shown)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 9, 3, 10, 0.5, "2026-01-07");
    UT_EXPECT_I64(compute(t, &f, "week", "2026-02-01").items[0].shown_text, UT_SHOWN);
    UT_REQUIRE(ut_policy_set(f.workspace, UT_STR("floor_text"), UT_STR("10"), NULL) == UT_OK);
    ut_cells cells = compute(t, &f, "week", "2026-02-01");
    UT_EXPECT_I64(cells.items[0].shown_text, UT_WITHHELD_FLOOR);
    UT_EXPECT(isnan(cells.items[0].values[UT_METRIC_SENTIMENT]));
    UT_EXPECT_I64(cells.items[0].shown_load, UT_SHOWN);
    done(&f);
}

UT_TEST(egress_cells, the_whole_holds_no_team_that_can_be_found_by_subtracting)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 20, 3, 10, 0.5, "2026-01-07");
    fill(t, &f, "blue", 100, 10, 3, 10, 0.1, "2026-01-07");
    fill(t, &f, "tiny", 200, 3, 3, 10, -0.9, "2026-01-07");
    ut_cells cells = compute(t, &f, "week", "2026-02-01");
    UT_REQUIRE(cells.count == 4);
    UT_EXPECT_STR(cells.items[0].team, UT_CELL_ALL);
    /* Thirty, not thirty-three: band 16-31. */
    UT_EXPECT_STR(cells.items[0].band_load, "16-31");
    UT_EXPECT_STR(cells.items[0].band_text, "16-31");
    UT_EXPECT_STR(cells.items[3].team, "tiny");
    UT_EXPECT_I64(cells.items[3].shown_load, UT_WITHHELD_FLOOR);
    /* With a second tiny team the rest is large enough for load, not for text. */
    done(&f);
    f = fresh(t);
    fill(t, &f, "red", 1, 28, 3, 10, 0.5, "2026-01-07");
    fill(t, &f, "tiny", 200, 3, 3, 10, -0.9, "2026-01-07");
    fill(t, &f, "wee", 300, 4, 3, 10, -0.9, "2026-01-07");
    cells = compute(t, &f, "week", "2026-02-01");
    UT_REQUIRE(cells.count == 4);
    UT_EXPECT_STR(cells.items[0].band_load, "32-63");
    UT_EXPECT_I64(cells.items[0].shown_text, UT_WITHHELD_FLOOR); /* one team alone is the team's own figure */
    done(&f);
}

UT_TEST(egress_cells, a_manager_gets_the_teams_allowed_and_not_the_whole)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 9, 3, 10, 0.5, "2026-01-07");
    fill(t, &f, "blue", 100, 9, 3, 10, 0.1, "2026-01-07");
    ut_str mine = UT_STR("blue");
    ut_cells cells;
    ut_cells_query query = {.grain = UT_STR("week"), .now_us = INT64_MAX / 2, .teams = &mine, .team_count = 1};
    UT_REQUIRE(ut_cells_compute(&cells, &f.arena, f.workspace, &query, NULL) == UT_OK && cells.count == 1);
    UT_EXPECT_STR(cells.items[0].team, "blue");
    query.team = UT_STR("red");
    UT_REQUIRE(ut_cells_compute(&cells, &f.arena, f.workspace, &query, NULL) == UT_OK && cells.count == 0);
    done(&f);
}

UT_TEST(egress_cells, a_period_closes_a_day_after_its_end_in_the_westernmost_zone)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 9, 3, 10, 0.5, "2026-01-07");
    ut_cells early = compute(t, &f, "week", "2026-01-13T11:59:59Z");
    UT_EXPECT(early.count == 1 && early.items[0].shown_text == UT_WITHHELD_OPEN && isnan(early.items[0].values[0]));
    UT_EXPECT(early.items[0].band_load.len == 0);
    ut_cells late = compute(t, &f, "week", "2026-01-13T12:00:00Z");
    UT_EXPECT(late.count == 1 && late.items[0].shown_text == UT_SHOWN);
    /* The newest record counts as a clock too: an archive of the past is closed. */
    fill(t, &f, "blue", 100, 9, 3, 10, 0.5, "2026-03-01");
    ut_cells old = compute(t, &f, "week", "2026-01-01");
    UT_EXPECT(old.count == 2 && old.items[1].shown_text == UT_SHOWN && old.items[0].shown_text == UT_WITHHELD_OPEN);
    done(&f);
}

UT_TEST(egress_cells, only_whole_periods_inside_the_days_asked_for)
{
    fixture f = fresh(t);
    fill(t, &f, "red", 1, 9, 3, 10, 0.5, "2026-01-07");
    ut_cells cells;
    ut_cells_query query = {.grain = UT_STR("week"), .from = UT_STR("2026-01-06"), .now_us = INT64_MAX / 2};
    UT_EXPECT(ut_cells_compute(&cells, &f.arena, f.workspace, &query, NULL) == UT_OK && cells.count == 0);
    query = (ut_cells_query){
        .grain = UT_STR("week"), .from = UT_STR("2026-01-05"), .to = UT_STR("2026-01-11"), .now_us = INT64_MAX / 2};
    UT_EXPECT(ut_cells_compute(&cells, &f.arena, f.workspace, &query, NULL) == UT_OK && cells.count == 1);
    query.to = UT_STR("2026-01-10");
    UT_EXPECT(ut_cells_compute(&cells, &f.arena, f.workspace, &query, NULL) == UT_OK && cells.count == 0);
    query.to = UT_STR("10.1.2026");
    UT_EXPECT_I64(ut_cells_compute(&cells, &f.arena, f.workspace, &query, NULL), UT_INVALID);
    query = (ut_cells_query){.grain = UT_STR("hour")};
    UT_EXPECT_I64(ut_cells_compute(&cells, &f.arena, f.workspace, &query, NULL), UT_INVALID);
    done(&f);
}
