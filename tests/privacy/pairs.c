/* privacy/pairs.c — every figure, every pair of figures, every way of asking.
 *
 * Questions are drawn at random: a door (the API, reports as table, JSON and CSV, SQL), a grain, a team or all, days
 * from and to. Each must give exactly the figures that asking for everything gives, for exactly the periods inside:
 * then no pair of questions tells more than a pair of figures, and of those hundreds of thousands are held against each
 * other.
 */
#include "os/clock.h"
#include "privacy/attack.h"
#include "undertone/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Figures and pairs --------------------------------------------------------------------------------------------------
 */

static int below_floor(const at_answers *answers)
{
    int found = 0;
    for (size_t i = 0; i < answers->count; i++) {
        for (int kind = 0; kind < AT_KINDS; kind++) {
            const at_answer *answer = &answers->items[i];
            found += answer->shown[kind] && at_set_count(&answer->people[kind]) < at_floor(kind);
        }
    }
    return found;
}

UT_TEST(privacy_pairs, no_figure_is_about_fewer_people_than_the_floor)
{
    const at_case *one;
    int found = 0;
    for (int which = 0; (one = at_case_get(t, which)) != NULL; which++) {
        const at_org *org = one->org;
        const at_answers *answers = &one->answers;
        int here = below_floor(answers);
        (void)printf("floors %-8s: %zu cells, %d below\n", org->style.name, answers->count, here);
        UT_EXPECT(answers->count > 100);
        found += here;
    }
    UT_EXPECT(AT_OPEN ? found > 0 : found == 0);
}

/* Who is on only one side when one message count is taken from the other. */
static at_set load_difference(const at_answer *a, const at_answer *b)
{
    at_set people = {0};
    int first = a->start < b->start ? a->start : b->start, last = a->end > b->end ? a->end : b->end;
    for (int day = first; day <= last; day++) {
        at_set x = {0};
        x = day >= a->start && day <= a->end ? a->wrote[day - a->start] : x;
        x = day >= b->start && day <= b->end ? at_set_xor(x, &b->wrote[day - b->start]) : x;
        people = at_set_or(people, &x);
    }
    return people;
}

/* How many people the difference of two figures is about; 0 when it is about nobody, or not a sum of anything. */
static int told_by(const at_answer *a, const at_answer *b, int kind)
{
    if (!a->shown[kind] || !b->shown[kind]) {
        return 0;
    }
    if (kind == AT_LOAD) {
        at_set people = load_difference(a, b);
        return at_set_count(&people);
    }
    /* Means of different periods have nobody's value in common. */
    at_set people = at_set_xor(a->people[kind], &b->people[kind]);
    return a->grain == b->grain && a->start == b->start ? at_set_count(&people) : 0;
}

/* The second one of a pair: the total, the day after, what overlaps in another grain, or anything. */
static const at_answer *partner(ut_test *t, const at_org *org, const at_answers *answers, const at_answer *a)
{
    int length = a->end - a->start + 1;
    switch (ut_rng_below(&t->rng, 6)) {
    case 0:
        return at_find(org, answers, a->grain, org->teams, a->start);
    case 1:
        return at_find(org, answers, a->grain, a->team, a->start + length);
    case 2: {
        int day = a->start + (int)ut_rng_below(&t->rng, (uint64_t)length);
        return at_find(org, answers, AT_WEEK, a->team, day - ut_time_weekday(org->first_day + day));
    }
    case 3:
        return at_find(org, answers, AT_DAY, a->team, a->start + (int)ut_rng_below(&t->rng, (uint64_t)length));
    case 4:
        return at_find(org, answers, a->grain, (int)ut_rng_below(&t->rng, (uint64_t)org->teams), a->start);
    default:
        return &answers->items[ut_rng_below(&t->rng, answers->count)];
    }
}

UT_TEST(privacy_pairs, no_difference_of_two_figures_is_about_fewer_people_than_the_floor)
{
    const at_case *one;
    int found = 0, pairs = at_long() ? 1000000 : 150000 / AT_SHARE;
    for (int which = 0; (one = at_case_get(t, which)) != NULL; which++) {
        const at_org *org = one->org;
        const at_answers *answers = &one->answers;
        int tried = 0, here = 0;
        for (int i = 0; i < pairs; i++) {
            const at_answer *a = &answers->items[ut_rng_below(&t->rng, answers->count)];
            const at_answer *b = partner(t, org, answers, a);
            for (int kind = 0; b && kind < AT_KINDS; kind++) {
                int people = told_by(a, b, kind);
                tried += people > 0;
                here += people > 0 && people < at_floor(kind);
            }
        }
        (void)printf("pairs %-8s seed %llu: %d drawn, %d differences, %d about fewer people than the floor\n",
                     org->style.name, (unsigned long long)org->seed, pairs, tried, here);
        UT_EXPECT(tried > pairs / 10);
        found += here;
    }
    UT_EXPECT(AT_OPEN ? found > 0 : found == 0);
}

/* Questions ----------------------------------------------------------------------------------------------------------
 */

enum { CSV, JSON, TABLE, SQL, DOORS };

typedef struct question {
    int door, grain, team; /* team -1: all */
    int from, to;          /* INT16_MAX: open */
} question;

static bool inside(const question *q, const at_answer *answer)
{
    return answer->grain == q->grain && (q->team < 0 || q->team == answer->team) &&
           (q->from == INT16_MAX || answer->start >= q->from) && (q->to == INT16_MAX || answer->end <= q->to);
}

/* One row of an answer, read back from what was printed. */
typedef struct row {
    ut_str team, start;
    double values[AT_FIGURES]; /* NaN: not shown */
} row;

enum { TEAM, START, MESSAGES = 5, SENTIMENT, FIELDS = 20 };

static double number_of(ut_str text)
{
    char copy[40];
    (void)snprintf(copy, sizeof copy, UT_STR_FMT, UT_STR_ARG(ut_str_slice(text, 0, 30)));
    char *end;
    double value = strtod(copy, &end);
    return end == copy ? NAN : value;
}

static row row_of(const ut_str fields[FIELDS])
{
    const int at[AT_FIGURES] = {MESSAGES, SENTIMENT, SENTIMENT + 1 + UT_JOY, SENTIMENT + 1 + UT_STRESS};
    row r = {fields[TEAM], fields[START], {0}};
    for (int i = 0; i < AT_FIGURES; i++) {
        r.values[i] = number_of(fields[at[i]]);
    }
    return r;
}

/* A line of CSV, or of a table, whose columns stand at least two blanks apart. */
static bool read_line(row *ret, ut_str line, bool table)
{
    ut_str fields[FIELDS] = {0};
    for (int i = 0; i < FIELDS && line.len; i++) {
        size_t gap = table ? ut_str_find(line, UT_STR("  "), 0) : ut_str_find_byte(line, ',', 0);
        gap = gap == UT_NPOS ? line.len : gap;
        fields[i] = ut_str_slice(line, 0, gap);
        line = ut_str_slice(line, gap, line.len);
        while (line.len && (line.ptr[0] == ' ' || line.ptr[0] == ',')) {
            line = ut_str_slice(line, 1, line.len);
            if (!table) {
                break;
            }
        }
        if (fields[i].len > 1 && fields[i].ptr[0] == '"') {
            fields[i] = ut_str_slice(fields[i], 1, fields[i].len - 1);
        }
    }
    *ret = row_of(fields);
    return ret->start.len == 10 && ret->start.ptr[4] == '-' && ret->start.ptr[0] == '2';
}

/* A JSON object of a report's rows: members in the order of the columns. */
static bool read_object(row *ret, ut_str object)
{
    ut_str fields[FIELDS] = {0};
    for (int i = 0; i < FIELDS && object.len; i++) {
        (void)ut_str_cut(&object, ':');
        bool text = object.len && object.ptr[0] == '"';
        object = text ? ut_str_slice(object, 1, object.len) : object;
        fields[i] = ut_str_cut(&object, text ? '"' : ',');
    }
    *ret = row_of(fields);
    return ret->start.len == 10;
}

/* The next row of an answer. */
static bool next_row(row *ret, ut_str *rest, int door)
{
    while (rest->len) {
        ut_str piece = ut_str_cut(rest, door == JSON ? '}' : '\n');
        size_t brace = door == JSON ? ut_str_find(piece, UT_STR("{\"team\""), 0) : 0;
        if (brace != UT_NPOS && (door == JSON ? read_object(ret, ut_str_slice(piece, brace, piece.len))
                                              : read_line(ret, piece, door == TABLE))) {
            return true;
        }
    }
    return false;
}

static ut_buffer *ask(ut_test *t, const at_org *org, const question *q)
{
    static const char *const formats[] = {"csv", "json", "table"};
    char from[16] = "", to[16] = "", sql[400];
    ut_buffer *answer = NULL;
    ut_err err = {0};
    if (q->from != INT16_MAX) {
        at_day_text(org, q->from, from);
    }
    if (q->to != INT16_MAX) {
        at_day_text(org, q->to, to);
    }
    const char *team = q->team < 0 ? NULL : org->names[q->team];
    ut_status st;
    if (q->door == SQL) {
        (void)snprintf(sql, sizeof sql,
                       "SELECT * FROM (FROM v_team_%s UNION ALL FROM v_all_%s)"
                       " WHERE ('%s' = '' OR team = '%s') AND ('%s' = '' OR start >= TRY_CAST('%s'"
                       " AS DATE)) AND ('%s' = '' OR \"end\" <= TRY_CAST('%s' AS DATE)) ORDER BY %s LIMIT 100000",
                       at_grain_names[q->grain], at_grain_names[q->grain], team ? team : "", team ? team : "", from,
                       from, to, to, q->from % 2 ? "team, start" : "start DESC, messages");
        st = ut_sql(&answer, org->workspace, NULL, ut_str_of(sql), "csv", &err);
    } else {
        ut_report_options options = {.format = formats[q->door],
                                     .grain = at_grain_names[q->grain],
                                     .team = team,
                                     .from = *from ? from : NULL,
                                     .to = *to ? to : NULL};
        st = ut_report(&answer, org->workspace, UT_STR("teams"), &options, &err);
    }
    if (st != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
        longjmp(t->leave, 1);
    }
    return answer;
}

/* Reports print messages as whole numbers and all else with two digits. */
static bool same(double printed, double figure, int index)
{
    return isfinite(figure) ? fabs(printed - figure) <= (index ? 0.0051 : 0.51) : !isfinite(printed);
}

/* Every row must be one of the figures that asking for everything gave, and none may be missing. */
static void check_answer(ut_test *t, const at_org *org, const at_answers *all, const question *q, ut_str rest)
{
    int rows = 0, expected = 0, wrong = 0;
    row r;
    while (next_row(&r, &rest, q->door)) {
        int team = 0;
        int64_t us = 0;
        while (team < org->teams && !ut_str_eq(r.team, ut_str_of(org->names[team]))) {
            team++;
        }
        (void)ut_time_parse(r.start, &us);
        const at_answer *known = at_find(org, all, q->grain, team, (int)(us / UT_DAY_US - org->first_day));
        rows++;
        wrong += !known || !inside(q, known);
        for (int i = 0; known && i < AT_FIGURES; i++) {
            wrong += !same(r.values[i], known->values[i], i);
        }
    }
    for (size_t i = 0; i < all->count; i++) {
        expected += inside(q, &all->items[i]);
    }
    if (wrong || rows != expected) {
        ut_test_fail(t, __FILE__, __LINE__,
                     "door %d, grain %d, team %d, from %d to %d: %d rows of %d, %d figures differ", q->door, q->grain,
                     q->team, q->from, q->to, rows, expected, wrong);
    }
}

static question draw(ut_test *t, const at_org *org)
{
    question q = {.door = (int)ut_rng_below(&t->rng, DOORS),
                  .grain = (int)ut_rng_below(&t->rng, AT_GRAINS),
                  .team = -1,
                  .from = INT16_MAX,
                  .to = INT16_MAX};
    if (ut_rng_below(&t->rng, 2)) {
        q.team = (int)ut_rng_below(&t->rng, (uint64_t)org->teams + 1);
    }
    if (ut_rng_below(&t->rng, 3)) {
        q.from = (int)ut_rng_below(&t->rng, (uint64_t)org->days);
    }
    if (ut_rng_below(&t->rng, 3)) {
        int from = q.from == INT16_MAX ? 0 : q.from;
        q.to = from + (int)ut_rng_below(&t->rng, 60);
    }
    return q;
}

UT_TEST(privacy_pairs, every_way_of_asking_gives_the_same_figures)
{
    at_org *org;
    int questions = at_long() ? 2000 : 150 / AT_SHARE, asked = 0;
    for (int which = 0; (org = at_org_open(t, which)) != NULL && (which < 2 || at_long()); which++) {
        ut_arena arena;
        UT_REQUIRE(ut_arena_open(&arena, (size_t)2048 * UT_MIB) == UT_OK);
        /* Some are asked before everything is: the first answer freezes, whatever it was. */
        question early = draw(t, org);
        ut_buffer *first = ask(t, org, &early);
        at_answers answers = at_ask_all(t, org, &arena);
        check_answer(t, org, &answers, &early, (ut_str){first->bytes, first->len});
        ut_buffer_free(&first);
        for (int i = 0; i < questions; i++) {
            question q = draw(t, org);
            ut_buffer *answer = ask(t, org, &q);
            check_answer(t, org, &answers, &q, (ut_str){answer->bytes, answer->len});
            ut_buffer_free(&answer);
            asked++;
        }
        ut_arena_close(&arena);
        at_org_close(&org);
    }
    at_org_close(&org);
    (void)printf("questions: %d asked at random, %d pairs of them\n", asked, asked * (asked - 1) / 2);
}

/* Before and after
 * ----------------------------------------------------------------------------------------------------- */

static int changed(const at_answers *before, const at_answers *after, const at_org *org, int *ret_late)
{
    int wrong = 0;
    for (size_t i = 0; i < before->count; i++) {
        const at_answer *old = &before->items[i], *new = at_find(org, after, old->grain, old->team, old->start);
        for (int figure = 0; figure < AT_FIGURES; figure++) {
            bool shown = isfinite(old->values[figure]), still = new &&isfinite(new->values[figure]);
            wrong += shown && (!still || new->values[figure] != old->values[figure]);
            *ret_late += !shown && still;
        }
    }
    return wrong;
}

UT_TEST(privacy_pairs, late_messages_and_merges_change_no_figure_that_was_shown)
{
    static const char merge[] =
        "UPDATE who SET person = 7 WHERE identity = 9; UPDATE who SET person = 20 WHERE person = 21";
    at_org *org = at_org_open(t, 1);
    ut_arena arena;
    ut_err err = {0};
    int late = 0;
    UT_REQUIRE(ut_arena_open(&arena, (size_t)2048 * UT_MIB) == UT_OK);
    at_answers before = at_ask_all(t, org, &arena);
    int64_t items = org->items;
    at_org_send_late(t, org);
    at_answers after = at_ask_again(t, org, &arena);
    int wrong = changed(&before, &after, org, &late);
    UT_EXPECT(org->items > items + 50); /* there was something late */
    UT_REQUIRE(ut_lake_exec(org->lake, merge, &err) == UT_OK);
    at_answers merged = at_ask_again(t, org, &arena);
    wrong += changed(&before, &merged, org, &late);
    (void)printf("late: %lld messages and two merges changed %d figures; %d appeared that were withheld\n",
                 (long long)(org->items - items), wrong, late);
    UT_EXPECT_I64(wrong, 0);
    UT_EXPECT_I64(late, 0);
    ut_arena_close(&arena);
    at_org_close(&org);
}

/* Weeks first; then messages come late; then days and months. Had the later ones the late messages in them, a month
 * less its weeks would be about the few who were late. at_ask_all holds every atom against what was there at first. */
UT_TEST(privacy_pairs, what_is_asked_first_decides_what_all_later_figures_are_made_of)
{
    at_org *org = at_org_open(t, 1);
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, (size_t)2048 * UT_MIB) == UT_OK);
    question weeks = {.door = CSV, .grain = AT_WEEK, .team = -1, .from = INT16_MAX, .to = INT16_MAX};
    ut_buffer *first = ask(t, org, &weeks);
    ut_buffer_free(&first);
    at_day *kept = ut_new(&arena, at_day, (size_t)(org->people * org->days));
    UT_REQUIRE(kept);
    memcpy(kept, org->at, (size_t)(org->people * org->days) * sizeof *kept);
    at_org_send_late(t, org);
    at_answers answers = at_ask_again(t, org, &arena);
    memcpy(org->at, kept, (size_t)(org->people * org->days) * sizeof *kept);
    at_check_load(t, org, &answers, &arena);
    ut_arena_close(&arena);
    at_org_close(&org);
}
