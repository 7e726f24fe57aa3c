/* egress/report.c — the named reports: from cells to a grid and a few sentences. */
#include "base/mem.h"
#include "egress/cells.h"
#include "egress/grid.h"
#include "egress/own.h"
#include "egress/publish.h"
#include "egress/report_int.h"
#include "os/clock.h"
#include "store/workspace.h"
#include "undertone/policy.h"
#include "undertone/report.h"

#include <math.h>

enum { REPORT_BYTES_MAX = 64 << 20 };

void ut_buffer_free(ut_buffer **buffer)
{
    *buffer = ut_mem_free(*buffer);
}

ut_status ut_buffer_of(ut_buffer **ret, const ut_buf *buf, ut_err *err)
{
    if (buf->failed) {
        return ut_fail(err, buf->failed, "the answer does not fit into memory; narrow it with --from, --to or --team");
    }
    ut_buffer *buffer = ut_mem_alloc(sizeof *buffer + buf->len + 1);
    if (!buffer) {
        return ut_fail(err, UT_NOMEM, "memory ended while making the answer");
    }
    buffer->len = buf->len;
    memcpy(buffer->bytes, buf->len ? buf->ptr : "", buf->len);
    buffer->bytes[buf->len] = '\0';
    *ret = buffer;
    return UT_OK;
}

/* Short titles, so that a table of all metrics fits a terminal. */
static const char *const short_titles[UT_METRICS] = {"msgs", "sent", "joy", "grat", "enth", "conf", "care",
                                                     "stress", "anx", "frust", "anger", "sad", "exh"};

/* teams: one row per team and period ----------------------------------------------------------------------------------
 */

static ut_value number_or_null(double value)
{
    return isfinite(value) ? (ut_value){.type = UT_VALUE_F64, .f64 = value} : (ut_value){0};
}

static ut_status teams_grid(ut_grid *ret, ut_arena *keep, const ut_cells *cells, ut_output output)
{
    enum { TEAM, START, END, PEOPLE, WRITERS, FIRST };
    int columns = FIRST + UT_METRICS + (output == UT_OUTPUT_TABLE ? 0 : 2);
    ut_status st = ut_grid_open(ret, keep, columns);
    if (st != UT_OK) {
        return st;
    }
    static const char *const names[FIRST] = {"team", "start", "end", "people", "writers"};
    for (int i = 0; i < FIRST; i++) {
        ret->columns[i].name = ut_str_of(names[i]);
    }
    for (int i = 0; i < UT_METRICS; i++) {
        ret->columns[FIRST + i] = (ut_grid_column){.name = ut_str_of(ut_metric_name((ut_metric)i)),
                                                   .title = ut_str_of(short_titles[i]), .decimals = i ? 2 : 0};
    }
    if (output != UT_OUTPUT_TABLE) {
        ret->columns[FIRST + UT_METRICS].name = UT_STR("withheld_load");
        ret->columns[FIRST + UT_METRICS + 1].name = UT_STR("withheld_text");
    }
    for (size_t c = 0; c < cells->count; c++) {
        const ut_cell *cell = &cells->items[c];
        ut_value *row = ut_grid_row_add(ret);
        if (!row) {
            return UT_LIMIT;
        }
        row[TEAM] = ut_value_text(cell->team);
        row[START] = ut_value_text(cell->start);
        row[END] = ut_value_text(cell->end);
        row[PEOPLE] = cell->band_load.len ? ut_value_text(cell->band_load) : (ut_value){0};
        row[WRITERS] = cell->band_text.len ? ut_value_text(cell->band_text) : (ut_value){0};
        for (int i = 0; i < UT_METRICS; i++) {
            row[FIRST + i] = number_or_null(cell->values[i]);
        }
        if (output != UT_OUTPUT_TABLE) {
            ut_str load = ut_shown_reason(keep, cell->shown_load, false, &cells->floors);
            ut_str text = ut_shown_reason(keep, cell->shown_text, true, &cells->floors);
            row[FIRST + UT_METRICS] = load.len ? ut_value_text(load) : (ut_value){0};
            row[FIRST + UT_METRICS + 1] = text.len ? ut_value_text(text) : (ut_value){0};
        }
    }
    return UT_OK;
}

/* Under a table: what the blur does to its figures, and how many are missing and why, once per reason. */
static void put_notes(ut_buf *to, ut_arena scratch, const ut_cells *cells)
{
    if (cells->frozen_only) {
        ut_buf_puts(to, "· another program writes to the workspace, or nobody may: these figures were made before, and "
                        "what closed since is not among them\n");
    }
    if (cells->count) {
        /* Two standard deviations of a mean of even draws; the bound of one such draw. */
        double text = 2 * ut_publish_reach(UT_METRIC_FEATURES, 0) / sqrt(3),
               load = ut_publish_reach(UT_METRIC_MESSAGES, 1);
        ut_buf_format(
            to,
            "· so that no one's share shows, levels are off, besides rounding, by up to %.2f with 8 people and "
            "%.2f with 40 (message counts: %.0f %% and %.0f %%); with the same people by the same\n",
            text / sqrt(8), text / sqrt(40), 100 * load / 8, 100 * load / 40);
    }
    for (int text = 0; text <= 1; text++) {
        for (ut_shown why = UT_WITHHELD_FLOOR; why <= UT_WITHHELD_OPEN; why++) {
            int64_t count = 0;
            for (size_t i = 0; i < cells->count; i++) {
                count += (text ? cells->items[i].shown_text : cells->items[i].shown_load) == why;
            }
            if (count) {
                ut_str reason = ut_shown_reason(&scratch, why, text, &cells->floors);
                ut_buf_format(to, "· withheld in %lld of %zu rows, %s: " UT_STR_FMT "\n", (long long)count,
                              cells->count, text ? "figures from text" : "message counts", UT_STR_ARG(reason));
            }
        }
    }
}

static void put_json_head(ut_buf *to, const char *name, const ut_cells *cells, const ut_report_options *options)
{
    ut_buf_format(to, "{\"report\":\"%s\",\"grain\":\"%s\",\"floors\":{\"load\":%d,\"text\":%d},%s\"rows\":", name,
                  options->grain ? options->grain : "week", (int)cells->floors.load, (int)cells->floors.text,
                  cells->frozen_only ? "\"frozen_only\":true," : "");
}

static ut_status put_teams(ut_buf *to, ut_arena *keep, const ut_cells *cells, const ut_report_options *options,
                           ut_output output)
{
    ut_grid grid;
    ut_status st = teams_grid(&grid, keep, cells, output);
    if (st != UT_OK) {
        return st;
    }
    switch (output) {
    case UT_OUTPUT_JSON:
        put_json_head(to, "teams", cells, options);
        ut_grid_put_json(to, &grid);
        ut_buf_puts(to, "}\n");
        break;
    case UT_OUTPUT_CSV:
        ut_grid_put_csv(to, &grid);
        break;
    default:
        ut_grid_put_table(to, &grid, options->color);
        put_notes(to, *keep, cells);
    }
    return UT_OK;
}

/* overview: one row per team and metric, its course as a line ---------------------------------------------------------
 */

static const ut_metric overview_metrics[] = {
    UT_METRIC_MESSAGES,
    UT_METRIC_SENTIMENT,
    UT_METRIC_FEATURES + UT_JOY,
    UT_METRIC_FEATURES + UT_STRESS,
    UT_METRIC_FEATURES + UT_ANXIETY,
    UT_METRIC_FEATURES + UT_FRUSTRATION,
    UT_METRIC_FEATURES + UT_EXHAUSTION,
};

typedef struct course {
    double first, last, low, high;
    size_t shown;
    ut_str high_start; /* of the period where it was highest */
    bool coarse;       /* some of its values are rounded to 0.05, for a small group: one step of it may be nothing */
} course;

static course course_of(const ut_cell *cells, size_t count, ut_metric metric)
{
    course c = {.first = NAN, .last = NAN, .low = NAN, .high = NAN};
    for (size_t i = 0; i < count; i++) {
        double v = cells[i].values[metric];
        if (!isfinite(v)) {
            continue;
        }
        if (c.shown++ == 0) {
            c = (course){v, v, v, v, 1, cells[i].start, false};
        }
        c.coarse |= metric != UT_METRIC_MESSAGES && ut_str_eq(cells[i].band_text, UT_STR("8-15"));
        c.last = v;
        c.low = v < c.low ? v : c.low;
        if (v > c.high) {
            c.high = v;
            c.high_start = cells[i].start;
        }
    }
    return c;
}

/* The smallest change that fills a course: chance alone moves a group's mean by a hundredth or two, and must look flat.
 */
static double least_span(ut_metric metric, const course *c)
{
    if (metric == UT_METRIC_MESSAGES) {
        return 0.5 * c->high;
    }
    return c->coarse ? 0.2 : metric == UT_METRIC_SENTIMENT ? 0.12 : 0.06;
}

/* Eight heights between the lowest and the highest value; "·" where a value is withheld. */
static ut_str sparkline(ut_arena *keep, const ut_cell *cells, size_t count, ut_metric metric, const course *c)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double span = fmax(c->high - c->low, least_span(metric, c));
    char *text = ut_new(keep, char, count * 3 + 1);
    size_t len = 0;
    for (size_t i = 0; text && i < count; i++) {
        double v = cells[i].values[metric];
        const char *bar = isfinite(v) ? bars[span > 0 ? (int)((v - c->low) / span * 7.999) : 0] : "·";
        size_t n = strlen(bar);
        memcpy(text + len, bar, n);
        len += n;
    }
    return (ut_str){text, len};
}

static ut_status overview_grid(ut_grid *ret, ut_arena *keep, const ut_cells *cells)
{
    enum { TEAM, METRIC, COURSE, FIRST, LAST, LOW, HIGH, PEAK, COLUMNS };
    static const char *const names[COLUMNS] = {"team", "metric", "course",  "first",
                                               "last", "lowest", "highest", "peak"};
    ut_status st = ut_grid_open(ret, keep, COLUMNS);
    if (st != UT_OK) {
        return st;
    }
    for (int i = 0; i < COLUMNS; i++) {
        ret->columns[i] = (ut_grid_column){.name = ut_str_of(names[i]), .decimals = 2};
    }
    for (size_t from = 0, to = 0; from < cells->count; from = to) {
        const ut_cell *team = &cells->items[from];
        while (to < cells->count && ut_str_eq(cells->items[to].team, team->team)) {
            to++;
        }
        for (size_t m = 0; m < sizeof overview_metrics / sizeof *overview_metrics; m++) {
            ut_metric metric = overview_metrics[m];
            course c = course_of(team, to - from, metric);
            ut_value *row = ut_grid_row_add(ret);
            ut_str marks = sparkline(keep, team, to - from, metric, &c);
            if (!row || !marks.ptr) {
                return UT_LIMIT;
            }
            row[TEAM] = ut_value_text(m ? UT_STR("") : team->team);
            row[METRIC] = ut_value_text(ut_str_of(ut_metric_name(metric)));
            row[COURSE] = ut_value_text(marks);
            row[FIRST] = number_or_null(c.first);
            row[LAST] = number_or_null(c.last);
            row[LOW] = number_or_null(c.low);
            row[HIGH] = number_or_null(c.high);
            row[PEAK] = c.shown && c.high > c.low ? ut_value_text(c.high_start) : (ut_value){0};
        }
    }
    return UT_OK;
}

typedef struct move {
    const ut_cell *earlier, *later;
    ut_metric metric;
    double size; /* less a step of its rounding, which chance may make */
} move;

/* Keeps the list's largest moves, largest first. */
static void note_move(move *list, size_t room, move add)
{
    for (size_t i = 0; i < room; i++) {
        if (add.size > list[i].size) {
            memmove(list + i + 1, list + i, (room - i - 1) * sizeof *list);
            list[i] = add;
            return;
        }
    }
}

/* The cohort rule: a change is stated between periods that the same people contributed to, or when at least a floor's
 * number of them came or went; else it may say more about who is missing than about how those who stayed are. */
static bool comparable(const ut_cell *a, const ut_cell *b, int64_t floor)
{
    size_t n = a->people_text.len / sizeof(int64_t), m = b->people_text.len / sizeof(int64_t), i = 0, j = 0;
    int64_t different = 0;
    while (i < n || j < m) {
        int64_t x = INT64_MAX, y = INT64_MAX;
        if (i < n) {
            memcpy(&x, a->people_text.ptr + i * sizeof x, sizeof x);
        }
        if (j < m) {
            memcpy(&y, b->people_text.ptr + j * sizeof y, sizeof y);
        }
        different += x != y;
        i += x <= y;
        j += y <= x;
    }
    return different == 0 || different >= floor;
}

/* The largest move of each feature and of sentiment within one team, between comparable periods. */
static void note_team_moves(move *list, size_t room, const ut_cell *cells, size_t count, int64_t floor)
{
    move best[UT_METRICS] = {0};
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count && cells[i].shown_text == UT_SHOWN; j++) {
            if (cells[j].shown_text != UT_SHOWN || !comparable(&cells[i], &cells[j], floor)) {
                continue;
            }
            bool coarse =
                ut_str_eq(cells[i].band_text, UT_STR("8-15")) || ut_str_eq(cells[j].band_text, UT_STR("8-15"));
            for (int m = UT_METRIC_SENTIMENT; m < UT_METRICS; m++) {
                double size = fabs(cells[j].values[m] - cells[i].values[m]) - (coarse ? 0.05 : 0.01);
                if (size > best[m].size) {
                    best[m] = (move){&cells[i], &cells[j], (ut_metric)m, size};
                }
            }
        }
    }
    for (int m = UT_METRIC_SENTIMENT; m < UT_METRICS; m++) {
        note_move(list, room, best[m]);
    }
}

/* What moved most within one team, in words. */
static void put_moves(ut_buf *to, const ut_cells *cells, const char *grain)
{
    enum { MOVES = 5, PERIODS_MAX = 200 };
    move moves[MOVES] = {0};
    for (size_t from = 0, end = 0; from < cells->count; from = end) {
        while (end < cells->count && ut_str_eq(cells->items[end].team, cells->items[from].team)) {
            end++;
        }
        size_t recent = end - from > PERIODS_MAX ? end - PERIODS_MAX : from;
        note_team_moves(moves, MOVES, cells->items + recent, end - recent, cells->floors.text);
    }
    for (size_t i = 0; i < MOVES && moves[i].size > 0.015; i++) {
        ut_buf_puts(to, i ? "" : "\nWhat moved most, between periods with the same people (or with at least a floor's "
                                "number of others):\n");
        const ut_cell *earlier = moves[i].earlier, *later = moves[i].later;
        ut_buf_format(to, "  " UT_STR_FMT ": %s from %.2f to %.2f, %ss of " UT_STR_FMT " and " UT_STR_FMT "\n",
                      UT_STR_ARG(later->team), ut_metric_name(moves[i].metric), earlier->values[moves[i].metric],
                      later->values[moves[i].metric], grain, UT_STR_ARG(earlier->start), UT_STR_ARG(later->start));
    }
}

static void repeat_team_names(ut_grid *grid)
{
    ut_str team = {0};
    for (ut_grid_row *row = grid->first; row; row = row->next) {
        team = row->values[0].text.len ? row->values[0].text : team;
        row->values[0].text = team;
    }
}

static ut_status put_overview(ut_buf *to, ut_arena *keep, const ut_cells *cells, const ut_report_options *options,
                              ut_output output)
{
    ut_grid grid;
    ut_status st = overview_grid(&grid, keep, cells);
    if (st != UT_OK) {
        return st;
    }
    if (output == UT_OUTPUT_TABLE) {
        if (cells->count) {
            ut_buf_format(to,
                          "Each mark of a course is one %s, from the team's own lowest up: heights compare times, not "
                          "teams.\n",
                          options->grain ? options->grain : "week");
        }
        ut_grid_put_table(to, &grid, options->color);
        put_notes(to, *keep, cells);
        put_moves(to, cells, options->grain ? options->grain : "week");
        return UT_OK;
    }
    repeat_team_names(&grid);
    if (output == UT_OUTPUT_CSV) {
        ut_grid_put_csv(to, &grid);
        return UT_OK;
    }
    put_json_head(to, "overview", cells, options);
    ut_grid_put_json(to, &grid);
    ut_buf_puts(to, "}\n");
    return UT_OK;
}

/* coverage: what came in and what became of it ------------------------------------------------------------------------
 */

static ut_status put_coverage(ut_buf *to, ut_arena *keep, ut_workspace *workspace, const ut_report_options *options,
                              ut_output output, ut_err *err)
{
    /* Counts of messages of the whole organisation, by source and state; no people, no teams, no periods. Two digits,
     * so that asking again tomorrow does not tell what one person wrote today; nothing of fewer authors than the floor.
     */
    static const char sql[] =
        "WITH c AS (SELECT source, state, count(*) AS n, sum(bytes) AS bytes, sum(stripped) AS stripped,"
        "                  count(DISTINCT author) >= ? AS many FROM silver_message GROUP BY source, state)"
        " SELECT source, state, CASE WHEN many THEN CAST(round(n, 1 - CAST(floor(log10(n)) AS INTEGER)) AS BIGINT) END"
        "        AS messages,"
        "        CASE WHEN many THEN round(coalesce(stripped, 0) / greatest(bytes, 1), 2) END AS stripped_share,"
        "        CASE WHEN NOT many THEN 'too few authors' END AS withheld"
        " FROM c ORDER BY source, messages DESC, state";
    ut_rows *rows = NULL;
    ut_grid grid;
    ut_lake *lake = NULL;
    ut_policy policy;
    ut_status st = ut_policy_read(workspace, &policy, err);
    ut_value floor = ut_value_i64(st == UT_OK ? policy.floor_load : 0);
    st = st == UT_OK ? ut_workspace_lake(workspace, &lake, 1024, err) : st;
    st = st == UT_OK ? ut_lake_query(&rows, lake, sql, &floor, 1, err) : st;
    st = st == UT_OK ? ut_grid_of_rows(&grid, keep, rows, err) : st;
    ut_rows_close(&rows);
    if (st != UT_OK) {
        return st;
    }
    if (output == UT_OUTPUT_TABLE) {
        ut_grid_put_table(to, &grid, options->color);
    } else if (output == UT_OUTPUT_CSV) {
        ut_grid_put_csv(to, &grid);
    } else {
        ut_buf_puts(to, "{\"report\":\"coverage\",\"rows\":");
        ut_grid_put_json(to, &grid);
        ut_buf_puts(to, "}\n");
    }
    return UT_OK;
}

/* The door
 * ------------------------------------------------------------------------------------------------------------- */

const ut_report_info *ut_report_list(void)
{
    static const ut_report_info reports[] = {
        {"overview", "the course of load and mood per team, at a glance"},
        {"teams", "every feature, sentiment and message load by team and period"},
        {"coverage", "how many messages came in from where, and what became of them"},
        {"mine", "a person's own values, for that person (--as person:WHO)"},
        {NULL, NULL},
    };
    return reports;
}

/* UT_NOT_FOUND for an unknown team. Teams are in the truth; "everyone" and the whole organisation only in cells. */
static ut_status expect_team(const ut_cells *cells, ut_workspace *workspace, ut_str team, ut_err *err)
{
    if (cells->count || team.len == 0) {
        return UT_OK;
    }
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "SELECT 1 FROM team WHERE name = ?1"
                                                             " UNION SELECT 1 FROM cell WHERE team = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, team);
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK && !row) {
        st = ut_fail(err, UT_NOT_FOUND, "there is no team «" UT_STR_FMT "»", UT_STR_ARG(team));
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status put_report(ut_buf *to, ut_arena *keep, ut_workspace *workspace, ut_str name,
                            const ut_report_options *options, ut_err *err)
{
    ut_output output;
    ut_cells cells;
    if (ut_str_eq(name, UT_STR("mine"))) {
        return ut_own_put(to, keep, workspace, options, err);
    }
    ut_status st = ut_output_parse(&output, options->format, err);
    st = st == UT_OK && options->person ? ut_principal_refuse_person(name, err) : st;
    st = st == UT_OK ? ut_principal_log(workspace, options->principal, UT_STR("report"), 0, name, err) : st;
    if (st == UT_OK && ut_str_eq(name, UT_STR("coverage"))) {
        st = ut_principal_all(options->principal, err);
        return st == UT_OK ? put_coverage(to, keep, workspace, options, output, err) : st;
    }
    bool overview = ut_str_eq(name, UT_STR("overview"));
    if (st == UT_OK && !overview && !ut_str_eq(name, UT_STR("teams"))) {
        return ut_fail(err, UT_NOT_FOUND, "there is no report «" UT_STR_FMT "»; `undertone report` lists them",
                       UT_STR_ARG(name));
    }
    ut_cells_query query = {.grain = ut_str_of(options->grain ? options->grain : "week"),
                            .team = ut_str_of(options->team),
                            .from = ut_str_of(options->from),
                            .to = ut_str_of(options->to),
                            .now_us = ut_clock_now_us()};
    st = st == UT_OK ? ut_principal_cells(&cells, keep, workspace, options->principal, &query, err) : st;
    st = st == UT_OK ? expect_team(&cells, workspace, query.team, err) : st;
    if (st != UT_OK) {
        return st;
    }
    st = overview ? put_overview(to, keep, &cells, options, output) : put_teams(to, keep, &cells, options, output);
    return st == UT_OK ? UT_OK : ut_fail(err, st, "the report is too large; narrow it with --from, --to or --team");
}

ut_status ut_report(ut_buffer **ret, ut_workspace *workspace, ut_str name, const ut_report_options *options,
                    ut_err *err)
{
    static const ut_report_options defaults;
    ut_arena arena;
    if (ut_arena_open(&arena, 1024 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while making a report");
    }
    ut_buf text = ut_buf_make(REPORT_BYTES_MAX);
    ut_status st = put_report(&text, &arena, workspace, name, options ? options : &defaults, err);
    st = st == UT_OK ? ut_buffer_of(ret, &text, err) : st;
    ut_buf_free(&text);
    ut_arena_close(&arena);
    return st;
}
