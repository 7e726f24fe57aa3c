/* egress/atoms.c — cuts a segment into atoms: teams that stand alone and the rest, then days into blocks.
 *
 * Days are gathered from the first on until a block has enough people; what is left at the end joins the last block.
 * That depends on who took part only, never on what they did.
 */
#include "egress/atoms.h"

#include <stdlib.h>

void ut_segment_of(int32_t day, int32_t *ret_first, int32_t *ret_last)
{
    int64_t year;
    int month, of_month;
    ut_time_civil_of(day, &year, &month, &of_month);
    int32_t month_first = day - of_month + 1;
    int32_t month_last = (int32_t)ut_time_days_of(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) - 1;
    int32_t monday = day - ut_time_weekday(day);
    *ret_first = month_first > monday ? month_first : monday;
    *ret_last = month_last < monday + 6 ? month_last : monday + 6;
}

static int compare_people(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int compare_days(const void *a, const void *b)
{
    int32_t x = ((const ut_atom_row *)a)->day, y = ((const ut_atom_row *)b)->day;
    return (x > y) - (x < y);
}

size_t ut_people_distinct(int64_t *people, size_t count)
{
    size_t kept = 0;
    qsort(people, count, sizeof *people, compare_people);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || people[i] != people[i - 1]) {
            people[kept++] = people[i];
        }
    }
    return kept;
}

static bool gather(ut_atom *atom, ut_arena *keep, const ut_atom_row *rows, size_t count)
{
    atom->people = ut_new(keep, int64_t, count + 1);
    if (!atom->people) {
        return false;
    }
    atom->amount = 0;
    for (size_t i = 0; i < count; i++) {
        atom->people[i] = rows[i].person;
        atom->amount += rows[i].amount;
    }
    atom->people_count = ut_people_distinct(atom->people, count);
    atom->from_day = rows[0].day;
    atom->to_day = rows[count - 1].day;
    return true;
}

/* The end of the day that begins at rows[i]. */
static size_t day_end(const ut_atom_row *rows, size_t count, size_t i)
{
    size_t end = i + 1;
    while (end < count && rows[end].day == rows[i].day) {
        end++;
    }
    return end;
}

/* Rows of one group, ordered by day, with at least `floor` people between them, into blocks. */
static bool cut_days(ut_atoms *atoms, ut_arena *keep, int32_t team, const ut_atom_row *rows, size_t count, size_t floor)
{
    size_t first = atoms->count, start = 0;
    for (size_t end = 0; end < count;) {
        end = day_end(rows, count, end);
        ut_atom block = {.team = team};
        ut_arena before = *keep;
        if (!gather(&block, keep, rows + start, end - start)) {
            return false;
        }
        if (block.people_count < floor && end < count) {
            *keep = before;
            continue;
        }
        if (block.people_count >= floor) {
            atoms->items[atoms->count++] = block;
            start = end;
            continue;
        }
        /* Too few at the end: they join the last block, which is gathered again with them. There is one, since the
         * whole group has enough people. */
        UT_ASSERT(atoms->count > first);
        ut_atom *last = &atoms->items[atoms->count - 1];
        size_t from = start;
        while (from > 0 && rows[from - 1].day >= last->from_day) {
            from--;
        }
        *keep = before;
        if (!gather(last, keep, rows + from, end - from)) {
            return false;
        }
        start = end;
    }
    return true;
}

static size_t people_in(ut_arena scratch, const ut_atom_row *rows, size_t count)
{
    ut_atom atom = {0};
    return gather(&atom, &scratch, rows, count) ? atom.people_count : 0;
}

ut_status ut_atoms_cut(ut_atoms *ret, ut_arena *keep, ut_atom_row *rows, size_t count, size_t floor, ut_err *err)
{
    ut_atoms atoms = {.items = ut_new(keep, ut_atom, count + 1)};
    ut_atom_row *rest = ut_new(keep, ut_atom_row, count + 1);
    size_t rest_count = 0;
    bool fits = atoms.items && rest;
    for (size_t from = 0, to = 0; fits && from < count; from = to) {
        while (to < count && rows[to].team == rows[from].team) {
            to++;
        }
        if (rows[from].team != UT_ATOM_REST && people_in(*keep, rows + from, to - from) >= floor) {
            fits = cut_days(&atoms, keep, rows[from].team, rows + from, to - from, floor);
            continue;
        }
        memcpy(rest + rest_count, rows + from, (to - from) * sizeof *rest);
        rest_count += to - from;
        if (rows[from].team != UT_ATOM_REST) {
            atoms.items[atoms.count++] =
                (ut_atom){.team = rows[from].team, .from_day = rows[from].day, .to_day = rows[to - 1].day};
        }
    }
    qsort(rest, fits ? rest_count : 0, sizeof *rest, compare_days);
    if (fits && rest_count && people_in(*keep, rest, rest_count) >= floor) {
        fits = cut_days(&atoms, keep, UT_ATOM_REST, rest, rest_count, floor);
    }
    if (!fits) {
        return ut_fail(err, UT_LIMIT, "too many people and days for one report");
    }
    *ret = atoms;
    return UT_OK;
}
