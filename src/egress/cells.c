/* egress/cells.c — team × period figures with floors, bands and rounding.
 *
 * Sums are made over whole micro-units, so that the order in which the engine's threads add does not show.
 */
#include "egress/cells.h"

#include <math.h>
#include <stdio.h>

const char *ut_metric_name(ut_metric metric)
{
    if (metric == UT_METRIC_MESSAGES) {
        return "messages";
    }
    if (metric == UT_METRIC_SENTIMENT) {
        return "sentiment";
    }
    return ut_feature_name((ut_feature)(metric - UT_METRIC_FEATURES));
}

const char *ut_shown_reason(ut_shown shown, bool text)
{
    switch (shown) {
    case UT_WITHHELD_FLOOR:
        return text ? "fewer than 8 people wrote enough in this period" : "fewer than 5 people wrote in this period";
    case UT_WITHHELD_OPEN:
        return "not closed yet: figures appear a day after the period ends";
    default:
        return "";
    }
}

/* The size band of n: 5-7, 8-15, 16-31, … The same borders for load and text, so that two bands of one group never cut
 * each other down to a narrower one. */
static ut_str band(ut_arena *keep, int64_t n)
{
    int64_t low = UT_FLOOR_LOAD, high = UT_FLOOR_TEXT - 1;
    while (n > high) {
        low = high + 1;
        high = 2 * low - 1;
    }
    return ut_arena_format(keep, "%lld-%lld", (long long)low, (long long)high);
}

static double round_to(double value, double step)
{
    return round(value / step) * step;
}

/* Coarse below twice the floor: one leaver must not show in the mean. A mean of 0..1 values moves by up to 1/n. */
static double published(double value, ut_metric metric, int64_t n, int64_t floor)
{
    if (metric != UT_METRIC_MESSAGES) {
        return round_to(value, n < 2 * floor ? 0.05 : 0.01);
    }
    double step = value < 20 ? 1 : value < 100 ? 5 : 10;
    return round_to(value, n < 2 * floor ? step : step / 5);
}

static bool valid_grain(ut_str grain)
{
    return ut_str_eq(grain, UT_STR("day")) || ut_str_eq(grain, UT_STR("week")) || ut_str_eq(grain, UT_STR("month"));
}

static bool valid_day(ut_str day)
{
    int64_t us;
    return day.len == 0 || (day.len == 10 && ut_time_parse(day, &us));
}

/* One row per team and period: people and sums of per-person means in micro-units. Parameters: from, to, team.
 * `closed`: the end of the period is a day and the width of the time zones behind us. */
static void put_sql(ut_buf *sql, ut_str grain)
{
    ut_buf_puts(sql, "WITH m AS (SELECT team, person, CAST(date_trunc('");
    ut_buf_put(sql, grain);
    ut_buf_puts(sql, "', day) AS DATE) AS start, words, sentiment, certainty");
    for (int i = 0; i < UT_FEATURES; i++) {
        ut_buf_format(sql, ", %s", ut_feature_name((ut_feature)i));
    }
    ut_buf_puts(sql, " FROM v_messages WHERE team IS NOT NULL AND state IN ('scored', 'empty', 'language')),"
                     " p AS (SELECT team, person, start, count(*) AS messages, count(sentiment) AS scored,"
                     " coalesce(sum(words) FILTER (WHERE sentiment IS NOT NULL), 0) AS words");
    for (int i = -1; i < UT_FEATURES; i++) {
        /* A person's mean, each message weighted by its certainty, that is by the evidence behind its scores. */
        ut_buf_format(sql, ", CAST(sum(CAST(round(%s * certainty * 1e6) AS BIGINT)) AS DOUBLE)"
                           " / greatest(sum(CAST(round(certainty * 1e6) AS BIGINT)), 1) AS s%d",
                      i < 0 ? "sentiment" : ut_feature_name((ut_feature)i), i + 1);
    }
    ut_buf_format(sql, " FROM m GROUP BY ALL),"
                       " e AS (SELECT *, scored >= %d AND words >= %d AS enough FROM p)"
                       " SELECT team, CAST(start AS VARCHAR), CAST(CAST(start + INTERVAL 1 ", UT_EVIDENCE_MESSAGES,
                  UT_EVIDENCE_WORDS);
    ut_buf_put(sql, grain);
    ut_buf_puts(sql, " AS DATE) - 1 AS VARCHAR), epoch_us(start + INTERVAL 1 ");
    ut_buf_put(sql, grain);
    ut_buf_puts(sql, "), count(*), count(*) FILTER (WHERE enough), sum(messages)");
    for (int i = 0; i <= UT_FEATURES; i++) {
        ut_buf_format(sql, ", sum(CAST(round(s%d * 1e6) AS BIGINT)) FILTER (WHERE enough)", i);
    }
    ut_buf_puts(sql, " FROM e WHERE (? = '' OR start >= TRY_CAST(? AS DATE))"
                     " AND (? = '' OR CAST(start + INTERVAL 1 ");
    ut_buf_put(sql, grain);
    ut_buf_puts(sql, " AS DATE) - 1 <= TRY_CAST(? AS DATE)) AND (? = '' OR team = ?)"
                     " GROUP BY team, start ORDER BY team, start");
    ut_buf_byte(sql, '\0');
}

static ut_cell make_cell(ut_arena *keep, const ut_rows *rows, int64_t now_us)
{
    const int64_t margin_us = UT_DAY_US + 12 * UT_HOUR_US; /* a day, and the westernmost zone's share of it */
    int64_t people = ut_rows_i64(rows, 4), writers = ut_rows_i64(rows, 5);
    bool open = now_us < ut_rows_i64(rows, 3) + margin_us;
    ut_cell cell = {
        .team = ut_arena_copy(keep, ut_rows_str(rows, 0)),
        .start = ut_arena_copy(keep, ut_rows_str(rows, 1)),
        .end = ut_arena_copy(keep, ut_rows_str(rows, 2)),
        .shown_load = open ? UT_WITHHELD_OPEN : people < UT_FLOOR_LOAD ? UT_WITHHELD_FLOOR : UT_SHOWN,
        .shown_text = open ? UT_WITHHELD_OPEN : writers < UT_FLOOR_TEXT ? UT_WITHHELD_FLOOR : UT_SHOWN,
    };
    for (int i = 0; i < UT_METRICS; i++) {
        cell.values[i] = NAN;
    }
    if (cell.shown_load == UT_SHOWN) {
        cell.band_load = band(keep, people);
        double mean = ut_rows_f64(rows, 6) / (double)people;
        cell.values[UT_METRIC_MESSAGES] = published(mean, UT_METRIC_MESSAGES, people, UT_FLOOR_LOAD);
    }
    if (cell.shown_text == UT_SHOWN) {
        cell.band_text = band(keep, writers);
        for (int i = 0; i <= UT_FEATURES; i++) {
            double mean = ut_rows_f64(rows, 7 + i) / 1e6 / (double)writers;
            ut_metric metric = (ut_metric)(UT_METRIC_SENTIMENT + i);
            cell.values[metric] = published(mean, metric, writers, UT_FLOOR_TEXT);
        }
    }
    return cell;
}

static ut_status collect(ut_cells *ret, ut_arena *keep, ut_rows *rows, int64_t now_us, ut_err *err)
{
    enum { CELLS_MAX = 200000 };
    /* Allocated in blocks that follow one another: nothing else takes from the arena's end but the cells' own strings,
     * so the array is counted first in a list and copied together at the end. */
    typedef struct node {
        ut_cell cell;
        struct node *next;
    } node;
    node *first = NULL, **last = &first;
    size_t count = 0;
    bool more = false;
    ut_status st;
    while ((st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        node *n = count < CELLS_MAX ? ut_new(keep, node, 1) : NULL;
        if (!n) {
            return ut_fail(err, UT_LIMIT,
                           "too many cells for one report; narrow it with --from, --to, --team or a coarser --grain");
        }
        n->cell = make_cell(keep, rows, now_us);
        *last = n;
        last = &n->next;
        count++;
    }
    ut_cell *items = st == UT_OK ? ut_new(keep, ut_cell, count + 1) : NULL;
    if (st == UT_OK && !items) {
        st = ut_fail(err, UT_LIMIT, "too many cells for one report");
    }
    if (st != UT_OK) {
        return st;
    }
    size_t i = 0;
    for (node *n = first; n; n = n->next) {
        items[i++] = n->cell;
    }
    *ret = (ut_cells){items, count};
    return UT_OK;
}

ut_status ut_cells_compute(ut_cells *ret, ut_arena *keep, ut_lake *lake, const ut_cells_query *query, ut_err *err)
{
    if (!valid_grain(query->grain)) {
        return ut_fail(err, UT_INVALID, "the grain must be day, week or month, not «" UT_STR_FMT "»",
                       UT_STR_ARG(query->grain));
    }
    if (!valid_day(query->from) || !valid_day(query->to)) {
        return ut_fail(err, UT_INVALID, "--from and --to take days like 2026-01-05");
    }
    int64_t newest_us = INT64_MIN;
    ut_status st = ut_lake_number(lake, &newest_us, "SELECT epoch_us(max(sent_at)) FROM silver_message", NULL, 0, err);
    if (st != UT_OK && st != UT_NOT_FOUND) {
        return st;
    }
    int64_t now_us = query->now_us > newest_us ? query->now_us : newest_us;
    ut_buf sql = ut_buf_make(64 * UT_KIB);
    put_sql(&sql, query->grain);
    ut_value from = ut_value_text(query->from), to = ut_value_text(query->to), team = ut_value_text(query->team);
    ut_value params[] = {from, from, to, to, team, team};
    ut_rows *rows = NULL;
    st = sql.failed ? ut_fail(err, sql.failed, "memory ended while making a report")
                    : ut_lake_query(&rows, lake, sql.ptr, params, 6, err);
    ut_buf_free(&sql);
    st = st == UT_OK ? collect(ret, keep, rows, now_us, err) : st;
    ut_rows_close(&rows);
    return st;
}
