/* egress/ledger_load.c — load cells of a grain from the atoms in the truth. */
#include "egress/atoms.h"
#include "egress/ledger_int.h"
#include "egress/publish.h"

#include <stdlib.h>

/* One atom, or its part in the period at hand. */
typedef struct piece {
    ut_str team;       /* empty: the pooled rest */
    int32_t from_day, to_day;
    int64_t amount;
    const int64_t *people;
    size_t people_count; /* 0: too few */
    const char *missing; /* state of the cell when it has no people to show */
    struct piece *next;
} piece;

typedef struct run {
    int32_t first; /* of the period, or of the segment when the grain is the day */
    piece *list;
    size_t count;
} run;

static int compare_teams(const void *a, const void *b)
{
    ut_str x = (*(piece *const *)a)->team, y = (*(piece *const *)b)->team;
    int order = memcmp(x.len ? x.ptr : "", y.len ? y.ptr : "", x.len < y.len ? x.len : y.len);
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* One cell from the pieces of a group; the people of all together, each once. */
static ut_status put_group(ut_ledger *ledger, ut_str team, int32_t day, piece *const *pieces, size_t count,
                           ut_err *err)
{
    ut_arena scratch = ledger->arena;
    size_t room = 0;
    int64_t amount = 0;
    ut_ledger_cell cell = {.team = team, .day = day, .state = "floor"};
    for (size_t i = 0; i < count; i++) {
        room += pieces[i]->people_count;
        cell.state = pieces[i]->missing;
    }
    if (room == 0) {
        return ut_ledger_put(ledger, &cell, err);
    }
    int64_t *people = ut_new(&scratch, int64_t, room);
    if (!people) {
        return ut_fail(err, UT_LIMIT, "too many people for one report");
    }
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(people + n, pieces[i]->people, pieces[i]->people_count * sizeof *people);
        n += pieces[i]->people_count;
        amount += pieces[i]->people_count ? pieces[i]->amount : 0;
    }
    n = ut_people_distinct(people, n);
    ut_publish group = {&ledger->workspace->keys.digest, ledger->grain, people, n};
    double figure = ut_publish_figure(&group, UT_METRIC_MESSAGES, (double)amount / (double)n);
    cell.state = "shown";
    cell.figures = &figure;
    cell.people = people;
    cell.people_count = n;
    return ut_ledger_put(ledger, &cell, err);
}

/* The cells of one period: every team, and the whole organisation when it is more than one team alone. */
static ut_status put_period(ut_ledger *ledger, int32_t day, piece **pieces, size_t count, ut_err *err)
{
    size_t groups = 0;
    bool rest = false;
    ut_status st = UT_OK;
    qsort(pieces, count, sizeof(piece *), compare_teams);
    for (size_t from = 0, to = 0; st == UT_OK && from < count; from = to) {
        bool held = false;
        for (; to < count && ut_str_eq(pieces[to]->team, pieces[from]->team); to++) {
            held |= pieces[to]->people_count > 0;
        }
        groups += held;
        if (pieces[from]->team.len) {
            st = put_group(ledger, pieces[from]->team, day, pieces + from, to - from, err);
        } else {
            rest = held;
        }
    }
    bool all = groups > 1 || rest;
    return st == UT_OK && all ? put_group(ledger, UT_STR(UT_CELL_ALL), day, pieces, count, err) : st;
}

/* The days of one segment. Atoms of several days show none of them. */
static ut_status put_days(ut_ledger *ledger, const run *r, ut_err *err)
{
    ut_status st = UT_OK;
    int32_t first, last;
    ut_segment_of(r->first, &first, &last);
    for (int32_t day = first; st == UT_OK && day <= last; day++) {
        ut_arena before = ledger->arena;
        piece **here = ut_new(&ledger->arena, piece *, r->count + 1);
        piece *parts = ut_new(&ledger->arena, piece, r->count + 1);
        size_t count = 0;
        if (!here || !parts) {
            return ut_fail(err, UT_LIMIT, "too many teams for one report");
        }
        for (piece *p = r->list; p; p = p->next) {
            if (p->from_day > day || p->to_day < day) {
                continue;
            }
            parts[count] = *p;
            if (p->from_day != p->to_day && p->people_count) {
                parts[count].people_count = 0;
                parts[count].missing = "joined";
            }
            here[count] = &parts[count];
            count++;
        }
        st = count ? put_period(ledger, day, here, count, err) : UT_OK;
        ledger->arena = before;
    }
    return st;
}

static ut_status finish_run(ut_ledger *ledger, run *r, ut_err *err)
{
    ut_status st = UT_OK;
    bool wanted = r->count && !ut_ledger_is_frozen(ledger, r->first) && ut_ledger_is_closed(ledger, r->first);
    if (wanted && ledger->grain == UT_GRAIN_DAY) {
        st = put_days(ledger, r, err);
    } else if (wanted) {
        piece **pieces = ut_new(&ledger->arena, piece *, r->count);
        size_t i = 0;
        for (piece *p = r->list; pieces && p; p = p->next) {
            pieces[i++] = p;
        }
        st = pieces ? put_period(ledger, r->first, pieces, r->count, err)
                    : ut_fail(err, UT_LIMIT, "too many teams for one report");
    }
    ut_arena_reset(&ledger->arena);
    r->list = NULL;
    r->count = 0;
    return st;
}

static ut_status add_piece(ut_ledger *ledger, run *r, const ut_stmt *row, ut_err *err)
{
    piece *p = ut_new(&ledger->arena, piece, 1);
    ut_str people = ut_stmt_str(row, 5), team = ut_arena_copy(&ledger->arena, ut_stmt_str(row, 1));
    int64_t *copy = ut_new(&ledger->arena, int64_t, people.len / sizeof *copy + 1);
    if (!p || !copy || !team.ptr) { /* a team without its name would join the pooled rest */
        return ut_fail(err, UT_LIMIT, "too many people and days for one report");
    }
    memcpy(copy, people.ptr ? people.ptr : "", people.len);
    *p = (piece){.team = team,
                 .from_day = (int32_t)ut_stmt_i64(row, 2),
                 .to_day = (int32_t)ut_stmt_i64(row, 3),
                 .amount = ut_stmt_i64(row, 4),
                 .people = copy,
                 .people_count = people.len / sizeof *copy,
                 .missing = "floor",
                 .next = r->list};
    r->list = p;
    r->count++;
    return UT_OK;
}

ut_status ut_ledger_load_cells(ut_ledger *ledger, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    run r = {0};
    ut_status st = ut_truth_prepare(&stmt, ledger->truth,
                                    "SELECT segment, team, from_day, to_day, messages, people FROM atom"
                                    " ORDER BY segment, id", err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        int32_t first = (int32_t)ut_stmt_i64(stmt, 0), last;
        if (ledger->grain != UT_GRAIN_DAY) {
            ut_grain_period(ledger->grain, first, &first, &last);
        }
        if (r.count == 0 || first != r.first) {
            st = finish_run(ledger, &r, err);
            r.first = first;
        }
        st = st == UT_OK ? add_piece(ledger, &r, stmt, err) : st;
    }
    ut_stmt_close(&stmt);
    return st == UT_OK ? finish_run(ledger, &r, err) : st;
}
