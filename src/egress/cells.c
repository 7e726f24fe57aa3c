/* egress/cells.c — answers from the ledger: what is frozen, and why the rest is missing. */
#include "egress/ledger.h"
#include "egress/publish.h"
#include "undertone/policy.h"

#include <math.h>

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

const char *ut_grain_name(ut_grain grain)
{
    static const char *const names[] = {"day", "week", "month"};
    return names[grain];
}

bool ut_grain_parse(ut_grain *ret, ut_str name)
{
    for (int i = UT_GRAIN_DAY; i <= UT_GRAIN_MONTH; i++) {
        if (ut_str_eq(name, ut_str_of(ut_grain_name((ut_grain)i)))) {
            *ret = (ut_grain)i;
            return true;
        }
    }
    return false;
}

void ut_grain_period(ut_grain grain, int32_t day, int32_t *ret_first, int32_t *ret_last)
{
    int64_t year;
    int month, of_month;
    switch (grain) {
    case UT_GRAIN_MONTH:
        ut_time_civil_of(day, &year, &month, &of_month);
        *ret_first = day - of_month + 1;
        *ret_last = (int32_t)ut_time_days_of(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) - 1;
        return;
    case UT_GRAIN_WEEK:
        *ret_first = day - ut_time_weekday(day);
        *ret_last = *ret_first + 6;
        return;
    default:
        *ret_first = *ret_last = day;
    }
}

ut_str ut_shown_reason(ut_arena *keep, ut_shown shown, bool text, const ut_floors *floors)
{
    switch (shown) {
    case UT_WITHHELD_FLOOR:
        return text ? ut_arena_format(keep,
                                      "fewer than %lld people wrote enough in this period; from %lld on, the mean "
                                      "over all of them would be shown",
                                      (long long)floors->text, (long long)floors->text)
                    : ut_arena_format(keep,
                                      "fewer than %lld people wrote in this period; from %lld on, the mean over "
                                      "all of them would be shown",
                                      (long long)floors->load, (long long)floors->load);
    case UT_WITHHELD_JOINED:
        return UT_STR("on a neighbouring day fewer people wrote; shown alone, this day would give theirs away, so both "
                      "count in the week and the month only");
    case UT_WITHHELD_OPEN:
        return UT_STR("not closed yet: figures appear a day after the period ends, "
                      "those of days a day after their week");
    default:
        return (ut_str){0};
    }
}

static bool valid_day(ut_str day)
{
    int64_t us;
    return day.len == 0 || (day.len == 10 && ut_time_parse(day, &us));
}

ut_status ut_cells_expect_days(ut_str from, ut_str to, ut_err *err)
{
    return valid_day(from) && valid_day(to) ? UT_OK
                                            : ut_fail(err, UT_INVALID, "--from and --to take days like 2026-01-05");
}

static ut_shown shown_of(ut_str state, int64_t people, int64_t floor)
{
    if (ut_str_eq(state, UT_STR("open"))) {
        return UT_WITHHELD_OPEN;
    }
    if (ut_str_eq(state, UT_STR("joined"))) {
        return UT_WITHHELD_JOINED;
    }
    bool enough = people >= (UT_PROTECTED ? floor : 1);
    return ut_str_eq(state, UT_STR("shown")) && enough ? UT_SHOWN : UT_WITHHELD_FLOOR;
}

static ut_cell empty_cell(ut_arena *keep, const ut_stmt *row)
{
    ut_cell cell = {.team = ut_arena_copy(keep, ut_stmt_str(row, 0)),
                    .start = ut_arena_copy(keep, ut_stmt_str(row, 1)),
                    .end = ut_arena_copy(keep, ut_stmt_str(row, 2)),
                    .shown_load = UT_WITHHELD_FLOOR,
                    .shown_text = UT_WITHHELD_FLOOR};
    for (int i = 0; i < UT_METRICS; i++) {
        cell.values[i] = NAN;
    }
    return cell;
}

/* One row of the ledger into the load or the text half of a cell; false when it does not fit. */
static bool take_half(ut_cell *cell, ut_arena *keep, const ut_stmt *row, const ut_floors *floors)
{
    bool text = ut_str_eq(ut_stmt_str(row, 3), UT_STR("text"));
    ut_str figures = ut_stmt_str(row, 5), people = ut_stmt_str(row, 6);
    int64_t n = (int64_t)(people.len / sizeof(int64_t));
    ut_shown shown = shown_of(ut_stmt_str(row, 4), n, text ? floors->text : floors->load);
    int first = text ? UT_METRIC_SENTIMENT : UT_METRIC_MESSAGES, count = text ? UT_METRICS - UT_METRIC_SENTIMENT : 1;
    shown = shown == UT_SHOWN && figures.len != (size_t)count * sizeof(double) ? UT_WITHHELD_FLOOR : shown;
    *(text ? &cell->shown_text : &cell->shown_load) = shown;
    if (shown != UT_SHOWN) {
        return true;
    }
    ut_str band = ut_publish_band(keep, n), copy = ut_arena_copy(keep, people);
    memcpy(cell->values + first, figures.ptr, figures.len);
    *(text ? &cell->band_text : &cell->band_load) = band;
    *(text ? &cell->people_text : &cell->people_load) = copy;
    return band.len && copy.ptr;
}

static bool allowed(const ut_cells_query *query, ut_str team)
{
    for (size_t i = 0; i < query->team_count; i++) {
        if (ut_str_eq(query->teams[i], team)) {
            return true;
        }
    }
    return query->teams == NULL;
}

static const char read_sql[] =
    "SELECT team, start_day, end_day, kind, state, figures, people FROM cell WHERE grain = ?1"
    " AND (?2 = '' OR start_day >= ?2) AND (?3 = '' OR end_day <= ?3) AND (?4 = '' OR team = ?4)"
    " ORDER BY team, start_day, kind";

static ut_status out_of_room(ut_err *err)
{
    return ut_fail(err, UT_LIMIT,
                   "too many cells for one report; narrow it with --from, --to, --team or a coarser --grain");
}

/* Fills `items` (room for all), two rows of the ledger to a cell. */
static ut_status read_cells(ut_cells *ret, ut_arena *keep, ut_stmt *stmt, const ut_cells_query *query, size_t room,
                            ut_err *err)
{
    bool row = false;
    ut_status st;
    while ((st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_cell *last = ret->count ? &ret->items[ret->count - 1] : NULL;
        ut_str team = ut_stmt_str(stmt, 0);
        if (!allowed(query, team)) {
            continue;
        }
        if (!last || !ut_str_eq(last->team, team) || !ut_str_eq(last->start, ut_stmt_str(stmt, 1))) {
            if (ret->count == room) {
                return out_of_room(err);
            }
            last = &ret->items[ret->count++];
            *last = empty_cell(keep, stmt);
        }
        if (!last->team.ptr || !last->start.ptr || !last->end.ptr || !take_half(last, keep, stmt, &ret->floors)) {
            return out_of_room(err);
        }
    }
    return st;
}

static ut_status answer(ut_cells *ret, ut_arena *keep, ut_workspace *workspace, ut_grain grain,
                        const ut_cells_query *query, ut_err *err)
{
    static const char count_sql[] = "SELECT count(*) FROM cell WHERE grain = ?1";
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, count_sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(ut_grain_name(grain)));
        st = ut_stmt_step(stmt, &row, err);
    }
    size_t room = st == UT_OK && row ? (size_t)ut_stmt_i64(stmt, 0) + 1 : 1;
    ut_stmt_close(&stmt);
    ret->items = ut_new(keep, ut_cell, room);
    if (st == UT_OK && !ret->items) {
        return out_of_room(err);
    }
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth, read_sql, err) : st;
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(ut_grain_name(grain)));
        ut_stmt_bind_text(stmt, 2, query->from);
        ut_stmt_bind_text(stmt, 3, query->to);
        ut_stmt_bind_text(stmt, 4, query->team);
        st = read_cells(ret, keep, stmt, query, room, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_cells_compute(ut_cells *ret, ut_arena *keep, ut_workspace *workspace, const ut_cells_query *query,
                           ut_err *err)
{
    ut_grain grain;
    ut_cells cells = {0};
    ut_policy policy;
    if (!ut_grain_parse(&grain, query->grain)) {
        return ut_fail(err, UT_INVALID, "the grain must be day, week or month, not «" UT_STR_FMT "»",
                       UT_STR_ARG(query->grain));
    }
    ut_status st = ut_cells_expect_days(query->from, query->to, err);
    st = st == UT_OK ? ut_policy_read(workspace, &policy, err) : st;
    if (st == UT_OK) {
        cells.floors = (ut_floors){policy.floor_load, policy.floor_text};
    }
    cells.frozen_only = workspace->access != UT_READ_WRITE;
    if (st == UT_OK) {
        st = cells.frozen_only ? ut_ledger_expect(workspace, grain, err)
                               : ut_ledger_freeze(workspace, grain, query->now_us, &cells.floors, err);
    }
    st = st == UT_OK ? answer(&cells, keep, workspace, grain, query, err) : st;
    if (st == UT_OK) {
        *ret = cells;
    }
    return st;
}
