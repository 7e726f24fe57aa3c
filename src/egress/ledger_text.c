/* egress/ledger_text.c — text cells of closed periods: teams that stand alone, and the rest within the whole. */
#include "base/mem.h"
#include "egress/atoms.h"
#include "egress/ledger_int.h"
#include "egress/publish.h"

enum { FIGURES = UT_METRICS - UT_METRIC_SENTIMENT, PEOPLE_MAX = 5000000 };

/* One person as a member of one team in one period. */
typedef struct unit {
    int64_t person;
    int64_t sums[FIGURES]; /* the person's means, in micro-units */
    bool enough;
} unit;

typedef struct period {
    int32_t first;
    unit *units;
    size_t count, room;
    ut_str *teams;      /* of each unit; empty: none */
    size_t teams_room;
} period;

/* A person's mean weights each message by its certainty, that is by the evidence behind its scores. */
static void put_sql(ut_buf *sql, const ut_ledger *ledger)
{
    ut_grain grain = ledger->grain;
    ut_buf_format(sql,
                  "WITH p AS (SELECT CAST(date_trunc('%s', day) AS DATE) AS start, team, person,"
                  " count(sentiment) AS scored, coalesce(sum(words) FILTER (WHERE sentiment IS NOT NULL), 0) AS words",
                  ut_grain_name(grain));
    for (int i = 0; i < FIGURES; i++) {
        ut_buf_format(sql, ", CAST(sum(CAST(round(%s * certainty * 1e6) AS BIGINT)) AS DOUBLE)"
                           " / greatest(sum(CAST(round(certainty * 1e6) AS BIGINT)), 1) AS s%d",
                      ut_metric_name((ut_metric)(UT_METRIC_SENTIMENT + i)), i);
    }
    ut_buf_puts(sql, " FROM v_messages WHERE ");
    ut_ledger_put_filter(sql, ledger);
    ut_buf_format(sql, " GROUP BY ALL) SELECT CAST(start - DATE '1970-01-01' AS INTEGER), coalesce(team, ''), person,"
                       " scored >= %d AND words >= %d", UT_EVIDENCE_MESSAGES, UT_EVIDENCE_WORDS);
    for (int i = 0; i < FIGURES; i++) {
        ut_buf_format(sql, ", CAST(coalesce(round(s%d * 1e6), 0) AS BIGINT)", i);
    }
    ut_buf_puts(sql, " FROM p ORDER BY start, team NULLS LAST, person");
    ut_buf_byte(sql, '\0');
}

/* One cell from those of units[from..to) that have enough and are chosen (NULL: all are). */
static ut_status put_cell(ut_ledger *ledger, ut_arena scratch, ut_str team, const period *p, const bool *chosen,
                          size_t from, size_t to, ut_err *err)
{
    int64_t *people = ut_new(&scratch, int64_t, to - from + 1), sums[FIGURES] = {0};
    double figures[FIGURES];
    size_t units = 0;
    if (!people) {
        return ut_fail(err, UT_LIMIT, "too many people for one report");
    }
    for (size_t i = from; i < to; i++) {
        if (!p->units[i].enough || (chosen && !chosen[i])) {
            continue;
        }
        people[units++] = p->units[i].person;
        for (int f = 0; f < FIGURES; f++) {
            sums[f] += p->units[i].sums[f];
        }
    }
    ut_publish group = {&ledger->workspace->keys.digest, ledger->grain, people, ut_people_distinct(people,
                                                                                                         units)};
    for (int f = 0; f < FIGURES && units; f++) {
        double mean = (double)sums[f] / 1e6 / (double)units;
        figures[f] = ut_publish_figure(&group, (ut_metric)(UT_METRIC_SENTIMENT + f), mean);
    }
    ut_ledger_cell cell = {.team = team, .day = p->first, .text = true, .state = units ? "shown" : "floor",
                           .figures = figures, .people = people, .people_count = units ? group.people_count : 0};
    return ut_ledger_put(ledger, &cell, err);
}

/* The teams of a period. Marks the units of those that stand alone; says how many these are, and whether the others
 * have enough people together. */
static ut_status put_teams(ut_ledger *ledger, const period *p, bool *chosen, size_t *ret_groups, bool *ret_rest,
                           ut_err *err)
{
    size_t floor = UT_PROTECTED ? (size_t)ledger->floors.text : 1;
    ut_arena scratch = ledger->arena;
    int64_t *rest = ut_new(&scratch, int64_t, p->count + 1);
    size_t rest_count = 0;
    ut_status st = rest ? UT_OK : ut_fail(err, UT_LIMIT, "too many people for one report");
    for (size_t from = 0, to = 0; st == UT_OK && from < p->count; from = to) {
        size_t enough = 0;
        for (; to < p->count && ut_str_eq(p->teams[to], p->teams[from]); to++) {
            enough += p->units[to].enough;
        }
        bool alone = p->teams[from].len && enough >= floor;
        for (size_t i = from; i < to; i++) {
            chosen[i] = alone;
            if (!alone && p->units[i].enough) {
                rest[rest_count++] = p->units[i].person;
            }
        }
        *ret_groups += alone;
        if (p->teams[from].len) {
            st = put_cell(ledger, scratch, p->teams[from], p, chosen, from, to, err);
        }
    }
    *ret_rest = st == UT_OK && rest_count && ut_people_distinct(rest, rest_count) >= floor;
    return st;
}

static ut_status finish_period(ut_ledger *ledger, period *p, ut_err *err)
{
    ut_status st = UT_OK;
    if (p->count && !ut_ledger_is_frozen(ledger, p->first) && ut_ledger_is_closed(ledger, p->first)) {
        bool *chosen = ut_new(&ledger->arena, bool, p->count), rest = false;
        size_t groups = 0;
        st = chosen ? put_teams(ledger, p, chosen, &groups, &rest, err)
                    : ut_fail(err, UT_LIMIT, "too many people for one report");
        if (st == UT_OK && (rest || groups > 1)) {
            st = put_cell(ledger, ledger->arena, UT_STR(UT_CELL_ALL), p, rest ? NULL : chosen, 0, p->count, err);
        }
    }
    ut_arena_reset(&ledger->arena);
    p->count = 0;
    return st;
}

static bool make_room(period *p)
{
    if (p->count < p->room) {
        return true;
    }
    size_t room = p->room ? 2 * p->room : 1024;
    if (room > PEOPLE_MAX) {
        return false;
    }
    unit *units = ut_mem_resize(p->units, room * sizeof *units);
    p->units = units ? units : p->units;
    ut_str *teams = units ? ut_mem_resize(p->teams, room * sizeof *teams) : NULL;
    p->teams = teams ? teams : p->teams;
    p->room = teams ? room : p->room;
    return teams != NULL;
}

static ut_status add_unit(ut_ledger *ledger, period *p, const ut_rows *rows, ut_err *err)
{
    ut_str team = ut_rows_str(rows, 1);
    if (!make_room(p)) {
        return ut_fail(err, UT_LIMIT, "too many people for one report");
    }
    unit *u = &p->units[p->count];
    *u = (unit){.person = ut_rows_i64(rows, 2), .enough = ut_rows_i64(rows, 3) != 0};
    for (int f = 0; f < FIGURES; f++) {
        u->sums[f] = ut_rows_i64(rows, 4 + f);
    }
    bool same = p->count && ut_str_eq(p->teams[p->count - 1], team);
    p->teams[p->count] = same ? p->teams[p->count - 1] : ut_arena_copy(&ledger->arena, team);
    if (!p->teams[p->count].ptr && team.len) {
        return ut_fail(err, UT_LIMIT, "too many teams for one report");
    }
    p->count++;
    return UT_OK;
}

ut_status ut_ledger_text_cells(ut_ledger *ledger, ut_err *err)
{
    ut_buf sql = ut_buf_make(64 * UT_KIB);
    ut_rows *rows = NULL;
    bool more = false;
    period p = {0};
    put_sql(&sql, ledger);
    ut_status st = sql.failed ? ut_fail(err, sql.failed, "memory ended while making a report")
                              : ut_lake_query(&rows, ledger->lake, sql.ptr, NULL, 0, err);
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        int32_t first = (int32_t)ut_rows_i64(rows, 0);
        if (p.count == 0 || first != p.first) {
            st = finish_period(ledger, &p, err);
            p.first = first;
        }
        st = st == UT_OK ? add_unit(ledger, &p, rows, err) : st;
    }
    st = st == UT_OK ? finish_period(ledger, &p, err) : st;
    ut_rows_close(&rows);
    ut_buf_free(&sql);
    ut_mem_free(p.units);
    ut_mem_free(p.teams);
    return st;
}
