/* privacy/ask.c — the figures as the API gives them, and who truly stands behind each. */
#include "egress/atoms.h"
#include "egress/publish.h"
#include "os/clock.h"
#include "privacy/attack.h"

#include <math.h>

int at_floor(int kind)
{
    return kind == AT_LOAD ? UT_FLOOR_LOAD : UT_FLOOR_TEXT;
}

static int team_of(const at_org *org, ut_str name)
{
    for (int i = 0; i <= org->teams; i++) {
        if (ut_str_eq(name, ut_str_of(org->names[i]))) {
            return i;
        }
    }
    return -1;
}

static int day_of(const at_org *org, ut_str day)
{
    int64_t us = 0;
    (void)ut_time_parse(day, &us);
    return (int)(us / UT_DAY_US - org->first_day);
}

/* Team -1: those who are in none. */
static bool in_group(const at_org *org, int team, const at_day *at)
{
    return team == org->teams || at->team == team;
}

typedef struct total {
    int messages, scored;
    double words, weight, sums[AT_TEXTS];
} total;

static total sum_days(const at_org *org, const at_answer *answer, int person)
{
    total sum = {0};
    for (int day = answer->start < 0 ? 0 : answer->start; day <= answer->end && day < org->days; day++) {
        const at_day *at = at_org_day(org, person, day);
        if (!in_group(org, answer->team, at)) {
            continue;
        }
        sum.messages += at->messages;
        sum.scored += at->scored;
        sum.words += (double)at->words;
        sum.weight += (double)at->weight;
        for (int i = 0; i < AT_TEXTS; i++) {
            sum.sums[i] += (double)at->sums[i];
        }
    }
    return sum;
}

bool at_person_value(const at_org *org, const at_answer *answer, int person, int figure, double *ret)
{
    total sum = sum_days(org, answer, person);
    if (figure == 0) {
        *ret = sum.messages;
        return sum.messages > 0;
    }
    if (sum.scored < UT_EVIDENCE_MESSAGES || sum.words < UT_EVIDENCE_WORDS || !(sum.weight > 0)) {
        return false;
    }
    *ret = sum.sums[figure - 1] / sum.weight;
    return true;
}

/* Atoms: which days of whom are in which load figures. Read from the ledger, and held against our own counts. --------
 */

typedef struct atom {
    int team;     /* -1: the pooled rest */
    int from, to; /* days */
    at_set people;
    int people_count;
    int64_t messages;
    struct atom *next;
} atom;

typedef struct atoms {
    atom *all;
    bool *standing; /* [day * teams + team]: the team stands alone in that day's segment */
} atoms;

static int person_of(const at_org *org, int64_t id)
{
    for (int i = 0; i < org->people; i++) {
        if (org->ids[i] == id) {
            return i;
        }
    }
    return -1;
}

static void read_atom(ut_test *t, const at_org *org, atoms *to, ut_arena *keep, const ut_stmt *row)
{
    atom *add = ut_new(keep, atom, 1);
    UT_REQUIRE(add);
    *add = (atom){.team = ut_stmt_is_null(row, 1) ? -1 : team_of(org, ut_stmt_str(row, 1)),
                  .from = (int)(ut_stmt_i64(row, 2) - org->first_day),
                  .to = (int)(ut_stmt_i64(row, 3) - org->first_day),
                  .messages = ut_stmt_i64(row, 4),
                  .next = to->all};
    ut_str people = ut_stmt_str(row, 5);
    add->people_count = (int)(people.len / sizeof(int64_t));
    for (int i = 0; i < add->people_count; i++) {
        int64_t id;
        memcpy(&id, people.ptr + (size_t)i * sizeof id, sizeof id);
        int person = person_of(org, id);
        UT_REQUIRE(person >= 0);
        at_set_add(&add->people, person);
    }
    to->all = add;
    for (int day = 0; add->team >= 0 && add->people_count && day < org->days; day++) {
        int32_t first, last;
        ut_segment_of((int32_t)(org->first_day + day), &first, &last);
        to->standing[day * org->teams + add->team] |= first == ut_stmt_i64(row, 0);
    }
}

static bool in_atom(const at_org *org, const atoms *a, const atom *one, int person, int day)
{
    const at_day *at = at_org_day(org, person, day);
    if (!at->messages) {
        return false;
    }
    return one->team >= 0 ? at->team == one->team : at->team < 0 || !a->standing[day * org->teams + at->team];
}

/* The people and the messages of each atom must be those that we know of. */
static void check_atoms(ut_test *t, const at_org *org, const atoms *a)
{
    int wrong = 0;
    for (const atom *one = a->all; one; one = one->next) {
        at_set people = {0};
        int64_t messages = 0;
        for (int day = one->from; day <= one->to && one->people_count; day++) {
            for (int person = 0; person < org->people; person++) {
                if (in_atom(org, a, one, person, day)) {
                    at_set_add(&people, person);
                    messages += at_org_day(org, person, day)->messages;
                }
            }
        }
        at_set differ = at_set_xor(people, &one->people);
        wrong += at_set_count(&differ) != 0 || (one->people_count && messages != one->messages);
    }
    UT_EXPECT_I64(wrong, 0);
}

static atoms read_atoms(ut_test *t, const at_org *org, ut_arena *keep)
{
    atoms a = {.standing = ut_new(keep, bool, (size_t)(org->days * org->teams))};
    ut_stmt *stmt = NULL;
    ut_err err = {0};
    bool row = false;
    UT_REQUIRE(a.standing &&
               ut_truth_prepare(&stmt, org->workspace->truth,
                                "SELECT segment, team, from_day, to_day, messages, people FROM atom", &err) == UT_OK);
    while (ut_stmt_step(stmt, &row, &err) == UT_OK && row) {
        read_atom(t, org, &a, keep, stmt);
    }
    ut_stmt_close(&stmt);
    check_atoms(t, org, &a);
    return a;
}

/* The atoms that an answer is the sum of: of its team, or of all, wholly inside; single days for a day. */
static void find_writers(ut_test *t, const at_org *org, const atoms *a, at_answer *answer, ut_arena *keep)
{
    answer->wrote = ut_new(keep, at_set, (size_t)(answer->end - answer->start + 1));
    UT_REQUIRE(answer->wrote);
    for (const atom *one = a->all; one; one = one->next) {
        bool inside = one->from >= answer->start && one->to <= answer->end;
        if (!one->people_count || !inside || (answer->team != org->teams && one->team != answer->team)) {
            continue;
        }
        for (int day = one->from; day <= one->to; day++) {
            for (int person = at_set_next(&one->people, 0); person >= 0;
                 person = at_set_next(&one->people, person + 1)) {
                if (in_atom(org, a, one, person, day)) {
                    at_set_add(&answer->wrote[day - answer->start], person);
                }
            }
        }
        answer->people[AT_LOAD] = at_set_or(answer->people[AT_LOAD], &one->people);
    }
    answer->count[AT_LOAD] = (int16_t)(answer->shown[AT_LOAD] ? at_set_count(&answer->people[AT_LOAD]) : -1);
}

bool at_stands(const at_org *org, const at_answers *answers, int grain, int team, int start)
{
    const at_answer *answer = team < 0 ? NULL : at_find(org, answers, grain, team, start);
    return answer && answer->shown[AT_TEXT];
}

/* Text: people with enough evidence, once per team. The whole organisation's figures are over the teams that stand
 * alone, and over the rest if that has enough people. */
static void find_text(const at_org *org, const at_answers *answers, at_answer *answer)
{
    double value;
    at_set rest = {0}, alone = {0};
    int rest_units = 0, alone_units = 0, floor = AT_OPEN ? 1 : UT_FLOOR_TEXT;
    for (int team = -1; team < org->teams; team++) {
        at_answer part = {.team = (int16_t)team, .start = answer->start, .end = answer->end};
        bool stands = at_stands(org, answers, answer->grain, team, answer->start);
        if (answer->team != org->teams && answer->team != team) {
            continue;
        }
        for (int person = 0; person < org->people; person++) {
            if (at_person_value(org, &part, person, 1, &value)) {
                at_set_add(stands ? &alone : &rest, person);
                *(stands ? &alone_units : &rest_units) += 1;
            }
        }
    }
    answer->rest = answer->team == org->teams && at_set_count(&rest) >= floor;
    bool both = answer->team != org->teams || answer->rest;
    answer->people[AT_TEXT] = both ? at_set_or(alone, &rest) : alone;
    answer->count[AT_TEXT] = (int16_t)(answer->shown[AT_TEXT] ? alone_units + (both ? rest_units : 0) : -1);
}

/* The sum of what stands behind a figure, as we know it. */
static double true_sum(const at_org *org, const at_answers *answers, const at_answer *answer, int figure)
{
    double sum = 0, value;
    for (int i = 0; !figure && i <= answer->end - answer->start; i++) {
        const at_set *set = &answer->wrote[i];
        for (int p = at_set_next(set, 0); p >= 0; p = at_set_next(set, p + 1)) {
            sum += at_org_day(org, p, answer->start + i)->messages;
        }
    }
    for (int team = -1; figure && team < org->teams; team++) {
        at_answer part = {.team = (int16_t)team, .start = answer->start, .end = answer->end};
        bool stands = at_stands(org, answers, answer->grain, team, answer->start);
        bool in = answer->team == org->teams ? answer->rest || stands : answer->team == team;
        for (int person = 0; in && person < org->people; person++) {
            sum += at_person_value(org, &part, person, figure, &value) ? value : 0;
        }
    }
    return sum;
}

/* true when a published figure is not what these people's values make it: exactly where AT_OPEN, else within the reach
 * of the blur and half a step of rounding. */
static bool check_figure(const at_org *org, const at_answers *answers, at_answer *answer, int figure)
{
    int kind = figure ? AT_TEXT : AT_LOAD;
    if (!answer->shown[kind]) {
        return false;
    }
    int n = answer->count[kind];
    double mean = answer->exact[figure] = true_sum(org, answers, answer, figure) / n;
    double most = fmax(mean, answer->values[figure]), step = figure ? 0.05 : most < 20 ? 1 : most < 100 ? 5 : 10;
    double reach = ut_publish_reach(at_figures[figure], mean);
    double slack = AT_OPEN ? 1e-5 : (figure ? reach : reach / at_set_count(&answer->people[kind])) + step + 1e-6;
    return !(fabs(mean - answer->values[figure]) <= slack);
}

/* All answers ---------------------------------------------------------------------------------------------------------
 */

enum { BEFORE = 40 }; /* periods may begin before the first day */

static size_t slot_of(const at_org *org, int grain, int team, int start)
{
    return ((size_t)grain * (size_t)(org->teams + 1) + (size_t)team) * (size_t)(org->days + 2 * BEFORE) +
           (size_t)(start + BEFORE);
}

const at_answer *at_find(const at_org *org, const at_answers *answers, int grain, int team, int start)
{
    int32_t i = answers->lookup[slot_of(org, grain, team, start)];
    return i < 0 ? NULL : &answers->items[i];
}

static void take_cell(ut_test *t, const at_org *org, at_answers *ret, int grain, const ut_cell *cell)
{
    at_answer *answer = &ret->items[ret->count];
    *answer = (at_answer){
        .team = (int16_t)team_of(org, cell->team),
        .grain = (int16_t)grain,
        .start = (int16_t)day_of(org, cell->start),
        .end = (int16_t)day_of(org, cell->end),
        .shown = {cell->shown_load == UT_SHOWN, cell->shown_text == UT_SHOWN},
    };
    for (int i = 0; i < AT_FIGURES; i++) {
        answer->values[i] = cell->values[at_figures[i]];
        /* A figure is there when it is said to be, and only then. */
        UT_EXPECT((bool)isfinite(answer->values[i]) == answer->shown[i ? AT_TEXT : AT_LOAD]);
    }
    UT_REQUIRE(answer->team >= 0);
    ret->lookup[slot_of(org, grain, answer->team, answer->start)] = (int32_t)ret->count++;
}

at_answers at_ask_again(ut_test *t, at_org *org, ut_arena *keep)
{
    enum { ANSWERS_MAX = 40000 };
    at_answers ret = {.items = ut_new(keep, at_answer, ANSWERS_MAX)};
    size_t slots = slot_of(org, AT_GRAINS, 0, -BEFORE);
    ret.lookup = ut_new(keep, int32_t, slots);
    UT_REQUIRE(ret.items && ret.lookup);
    memset(ret.lookup, 0xFF, slots * sizeof *ret.lookup);
    for (int grain = 0; grain < AT_GRAINS; grain++) {
        ut_cells cells;
        ut_err err = {0};
        ut_cells_query query = {.grain = ut_str_of(at_grain_names[grain]), .now_us = ut_clock_now_us()};
        if (ut_cells_compute(&cells, keep, org->workspace, &query, &err) != UT_OK) {
            ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
            longjmp(t->leave, 1);
        }
        for (size_t i = 0; i < cells.count; i++) {
            UT_REQUIRE(ret.count < ANSWERS_MAX);
            take_cell(t, org, &ret, grain, &cells.items[i]);
        }
    }
    return ret;
}

void at_check_load(ut_test *t, const at_org *org, at_answers *answers, ut_arena *keep)
{
    atoms a = read_atoms(t, org, keep);
    int wrong = 0;
    for (size_t i = 0; i < answers->count; i++) {
        find_writers(t, org, &a, &answers->items[i], keep);
        wrong += check_figure(org, answers, &answers->items[i], 0);
    }
    UT_EXPECT_I64(wrong, 0); /* figures that are not what their people make them */
}

at_answers at_ask_all(ut_test *t, at_org *org, ut_arena *keep)
{
    at_answers ret = at_ask_again(t, org, keep);
    int wrong = 0;
    at_check_load(t, org, &ret, keep);
    for (size_t i = 0; i < ret.count; i++) {
        find_text(org, &ret, &ret.items[i]);
        for (int figure = 1; figure < AT_FIGURES; figure++) {
            wrong += check_figure(org, &ret, &ret.items[i], figure);
        }
    }
    UT_EXPECT_I64(wrong, 0);
    return ret;
}

/* Asked once ----------------------------------------------------------------------------------------------------------
 */

/* The simulated organisation comes after the usual ones. */
const at_case *at_case_get(ut_test *t, int which)
{
    enum { CASES_MAX = 16 };
    static at_case cases[CASES_MAX];
    static int count, simulated = -1;
    while (count <= which && simulated < 0) {
        at_org *org = at_org_open(t, count);
        if (!org) {
            org = at_long() ? at_org_simulate(t, 120, 8, 26, 3) : at_org_simulate(t, 48, 3, 8, 3);
            simulated = count;
        }
        at_answers answers = at_ask_all(t, org, &org->arena);
        ut_workspace_close(&org->workspace);
        org->lake = NULL;
        cases[count++] = (at_case){org, answers};
    }
    return which < count ? &cases[which] : NULL;
}
