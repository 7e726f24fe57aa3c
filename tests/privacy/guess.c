/* privacy/guess.c — how well can one person's values be guessed from what is published?
 *
 * Each estimator below is what a curious manager could try, with more knowledge than one has: who stands behind every
 * figure, how many they are, how values are spread in general. Its guesses are held against the plainest one, that a
 * person is like the published figure of the group. The table shows the ratio of the two root mean squared errors:
 * below 1 the attack beats the plain guess. Its error comes from drawing the attacked people again and again
 * (bootstrap).
 */
#include "privacy/attack.h"

#include <math.h>
#include <stdio.h>

enum { TARGETS_MAX = 8192, UNKNOWNS_MAX = 96, PERIODS_MAX = 1200, DRAWS = 200 };

typedef enum estimator {
    BY_ONE,     /* a figure of one person is itself the guess */
    BY_REST,    /* the organisation less all teams: those in none of them */
    BY_CHANGE,  /* n1 m1 - n2 m2 of two periods whose people differ by one */
    BY_CHANGES, /* the mean of all such differences about one person */
    BY_SQUARES, /* least squares of n m on who was there */
    BY_RIDGE,   /* the same, shrunk as the known spreads say */
    BY_BOUNDS,  /* people's values moved until every rounded figure could have come out as it did */
    ESTIMATORS
} estimator;

static const char *const names[ESTIMATORS] = {"a figure of one",    "total less teams", "one came or went",
                                              "… over all periods", "least squares",    "ridge",
                                              "undo the rounding"};

/* Squared differences between published figures and true means, per figure: what the protection costs. */
static double cost[AT_GRAINS][AT_FIGURES];
static int costs[AT_GRAINS][AT_FIGURES];

/* Squared errors of the attack and of the plain guess, per attacked person. */
typedef struct tally {
    double attack[TARGETS_MAX], plain[TARGETS_MAX];
    int guesses[TARGETS_MAX];
    int first; /* index of the first person of the organisation at hand */
} tally;

/* [estimator][grain][figure] */
static tally tallies[ESTIMATORS][AT_GRAINS][AT_FIGURES];

static void note(tally *to, int person, double guess, double plain, double truth)
{
    int i = to->first + person;
    UT_ASSERT(i < TARGETS_MAX);
    to->attack[i] += (guess - truth) * (guess - truth);
    to->plain[i] += (plain - truth) * (plain - truth);
    to->guesses[i]++;
}

static int kind_of(int figure)
{
    return figure ? AT_TEXT : AT_LOAD;
}

/* Figures of one, and the organisation less its teams
 * ------------------------------------------------------------------------------------ */

static void guess_one(const at_org *org, const at_answers *answers, const at_answer *answer, int figure)
{
    int kind = kind_of(figure);
    const at_answer *total = at_find(org, answers, answer->grain, org->teams, answer->start);
    int people = at_set_count(&answer->people[kind]);
    if (!total || !total->shown[kind] || people != 1) {
        return;
    }
    for (int p = at_set_next(&answer->people[kind], 0); p >= 0; p = at_set_next(&answer->people[kind], p + 1)) {
        double truth;
        if (at_person_value(org, answer, p, figure, &truth)) {
            note(&tallies[BY_ONE][answer->grain][figure], p, answer->values[figure], total->values[figure], truth);
        }
    }
}

static void guess_rest(const at_org *org, const at_answers *answers, const at_answer *total, int figure)
{
    int kind = kind_of(figure);
    at_set rest = total->people[kind];
    double sum = total->values[figure] * total->count[kind];
    for (int team = 0; team < org->teams; team++) {
        const at_answer *answer = at_find(org, answers, total->grain, team, total->start);
        if (answer && answer->shown[kind]) {
            rest = at_set_less(rest, &answer->people[kind]);
            sum -= answer->values[figure] * answer->count[kind];
        }
    }
    int people = at_set_count(&rest);
    for (int p = at_set_next(&rest, 0); p >= 0 && people < at_floor(kind); p = at_set_next(&rest, p + 1)) {
        double truth;
        if (at_person_value(org, total, p, figure, &truth)) {
            note(&tallies[BY_REST][total->grain][figure], p, sum / people, total->values[figure], truth);
        }
    }
}

/* Series of one group ------------------------------------------------------------------------------------------------
 */

typedef struct series {
    const at_answer *at[PERIODS_MAX];
    int count, figure, kind, grain;
    double mean; /* of the published figures */
    /* Of each person: the mean of their true values and of the published figures where they took part. */
    double truth[AT_PEOPLE_MAX], plain[AT_PEOPLE_MAX];
    int periods[AT_PEOPLE_MAX];
} series;

static void gather(series *s, const at_org *org, const at_answers *answers, int team, int grain, int figure)
{
    *s = (series){.figure = figure, .kind = kind_of(figure), .grain = grain};
    for (int start = -40; start < org->days && s->count < PERIODS_MAX; start++) {
        const at_answer *answer = at_find(org, answers, grain, team, start);
        if (!answer || !answer->shown[s->kind]) {
            continue;
        }
        s->at[s->count++] = answer;
        s->mean += answer->values[figure];
        double off = answer->values[figure] - answer->exact[figure];
        cost[grain][figure] += off * off;
        costs[grain][figure]++;
        for (int p = at_set_next(&answer->people[s->kind], 0); p >= 0;
             p = at_set_next(&answer->people[s->kind], p + 1)) {
            double value;
            if (at_person_value(org, answer, p, figure, &value)) {
                s->truth[p] += value;
                s->plain[p] += answer->values[figure];
                s->periods[p]++;
            }
        }
    }
    s->mean /= s->count ? s->count : 1;
    for (int p = 0; p < AT_PEOPLE_MAX; p++) {
        s->truth[p] /= s->periods[p] ? s->periods[p] : 1;
        s->plain[p] /= s->periods[p] ? s->periods[p] : 1;
    }
}

static double total_of(const series *s, const at_answer *answer)
{
    return answer->values[s->figure] * answer->count[s->kind];
}

static void guess_changes(const at_org *org, const series *s)
{
    double sums[AT_PEOPLE_MAX] = {0};
    int counts[AT_PEOPLE_MAX] = {0};
    for (int i = 0; i < s->count; i++) {
        for (int j = 0; j < s->count; j++) {
            const at_answer *with = s->at[i], *without = s->at[j];
            if (with->count[s->kind] != without->count[s->kind] + 1) {
                continue;
            }
            at_set changed = at_set_xor(with->people[s->kind], &without->people[s->kind]);
            int p = at_set_next(&changed, 0);
            double truth, guess = total_of(s, with) - total_of(s, without);
            if (at_set_count(&changed) != 1 || !at_person_value(org, with, p, s->figure, &truth)) {
                continue;
            }
            note(&tallies[BY_CHANGE][s->grain][s->figure], p, guess, with->values[s->figure], truth);
            sums[p] += guess;
            counts[p]++;
        }
    }
    for (int p = 0; p < org->people; p++) {
        if (counts[p]) {
            note(&tallies[BY_CHANGES][s->grain][s->figure], p, sums[p] / counts[p], s->plain[p], s->truth[p]);
        }
    }
}

/* Solves A x = b in place, A symmetric and positive definite (Cholesky). */
static void solve(int n, double a[][UNKNOWNS_MAX], double *b)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = a[i][j];
            for (int k = 0; k < j; k++) {
                sum -= a[i][k] * a[j][k];
            }
            a[i][j] = i == j ? sqrt(sum > 1e-12 ? sum : 1e-12) : sum / a[j][j];
        }
    }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) {
            b[i] -= a[i][k] * b[k];
        }
        b[i] /= a[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) {
            b[i] -= a[k][i] * b[k];
        }
        b[i] /= a[i][i];
    }
}

typedef struct unknowns {
    int person[UNKNOWNS_MAX];
    int of[AT_PEOPLE_MAX]; /* person to unknown, -1 = none */
    int count;
} unknowns;

static bool number_people(unknowns *u, const series *s)
{
    u->count = 0;
    for (int p = 0; p < AT_PEOPLE_MAX; p++) {
        u->of[p] = s->periods[p] && u->count < UNKNOWNS_MAX ? u->count : -1;
        if (s->periods[p] && u->count == UNKNOWNS_MAX) {
            return false;
        }
        if (s->periods[p]) {
            u->person[u->count++] = p;
        }
    }
    return u->count > 0 && s->count >= 4;
}

/* What each person adds to n times the mean, by least squares with a penalty. */
static void guess_squares(const series *s, const unknowns *u, double penalty, estimator by)
{
    static double a[UNKNOWNS_MAX][UNKNOWNS_MAX];
    double b[UNKNOWNS_MAX] = {0};
    memset(a, 0, sizeof a);
    for (int i = 0; i < s->count; i++) {
        double right = total_of(s, s->at[i]) - s->at[i]->count[s->kind] * s->mean;
        const at_set *people = &s->at[i]->people[s->kind];
        for (int p = at_set_next(people, 0); p >= 0; p = at_set_next(people, p + 1)) {
            for (int q = at_set_next(people, 0); q >= 0; q = at_set_next(people, q + 1)) {
                a[u->of[p]][u->of[q]] += 1;
            }
            b[u->of[p]] += right;
        }
    }
    for (int i = 0; i < u->count; i++) {
        a[i][i] += penalty;
    }
    solve(u->count, a, b);
    for (int i = 0; i < u->count; i++) {
        int p = u->person[i];
        note(&tallies[by][s->grain][s->figure], p, s->mean + b[i], s->plain[p], s->truth[p]);
    }
}

/* The variance of one figure's sum around the people's own means, over the variance between people: what a person who
 * knows all spreads, the rounding and the blur would take. */
static double best_penalty(const at_org *org, const series *s)
{
    double n = 0;
    for (int i = 0; i < s->count; i++) {
        n += (double)s->at[i]->count[s->kind] / s->count;
    }
    bool text = s->figure > 0;
    double between = text ? org->style.between : 0.5 * s->mean;
    double within = text ? (s->grain == AT_DAY ? org->style.day + 0.03 : org->style.week) : 0.5 * s->mean;
    double step = (text ? 0.05 : 1) * n, blur = text ? 0.15 : 0.2 * s->mean;
    return (n * within * within + step * step / 12 + blur * blur) / (between * between);
}

static double rounding_of(const series *s, const at_answer *answer)
{
    if (s->figure == 0) {
        return answer->values[0] < 20 ? 1 : answer->values[0] < 100 ? 5 : 10;
    }
    return answer->count[s->kind] < 2 * UT_FLOOR_TEXT || s->grain == AT_DAY ? 0.05 : 0.01;
}

/* Everyone begins at the mean; each figure in turn that could not have been rounded to what it is moves its people. */
static void guess_bounds(const series *s, const unknowns *u)
{
    double x[UNKNOWNS_MAX];
    for (int i = 0; i < u->count; i++) {
        x[i] = s->mean;
    }
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < s->count; i++) {
            const at_set *people = &s->at[i]->people[s->kind];
            int n = s->at[i]->count[s->kind];
            double off = total_of(s, s->at[i]), slack = n * rounding_of(s, s->at[i]) / 2;
            for (int p = at_set_next(people, 0); p >= 0; p = at_set_next(people, p + 1)) {
                off -= x[u->of[p]];
            }
            double by = off > slack ? off - slack : off < -slack ? off + slack : 0;
            for (int p = by != 0 ? at_set_next(people, 0) : -1; p >= 0; p = at_set_next(people, p + 1)) {
                x[u->of[p]] += by / n;
            }
        }
    }
    for (int i = 0; i < u->count; i++) {
        int p = u->person[i];
        note(&tallies[BY_BOUNDS][s->grain][s->figure], p, x[i], s->plain[p], s->truth[p]);
    }
}

static void attack_org(const at_org *org, const at_answers *answers)
{
    static series s;
    unknowns u;
    for (size_t i = 0; i < answers->count; i++) {
        for (int figure = 0; figure < AT_FIGURES; figure++) {
            const at_answer *answer = &answers->items[i];
            if (answer->shown[kind_of(figure)]) {
                guess_one(org, answers, answer, figure);
            }
            if (answer->shown[kind_of(figure)] && answer->team == org->teams) {
                guess_rest(org, answers, answer, figure);
            }
        }
    }
    for (int team = 0; team <= org->teams; team++) {
        for (int grain = 0; grain < AT_GRAINS; grain++) {
            for (int figure = 0; figure < AT_FIGURES; figure++) {
                gather(&s, org, answers, team, grain, figure);
                guess_changes(org, &s);
                if (number_people(&u, &s)) {
                    guess_squares(&s, &u, 1e-3, BY_SQUARES);
                    guess_squares(&s, &u, best_penalty(org, &s), BY_RIDGE);
                    guess_bounds(&s, &u);
                }
            }
        }
    }
}

/* The table ----------------------------------------------------------------------------------------------------------
 */

typedef struct verdict {
    int people, guesses;
    double attack, plain; /* root mean squared errors */
    double ratio, error;
} verdict;

static double ratio_of(const tally *of, const int *people, int count)
{
    double attack = 0, plain = 0;
    for (int i = 0; i < count; i++) {
        attack += of->attack[people[i]];
        plain += of->plain[people[i]];
    }
    return plain > 0 ? sqrt(attack / plain) : 1;
}

static verdict judge(ut_test *t, const tally *of)
{
    static int people[TARGETS_MAX], drawn[TARGETS_MAX];
    verdict v = {.error = NAN};
    for (int i = 0; i < TARGETS_MAX; i++) {
        if (of->guesses[i]) {
            people[v.people++] = i;
            v.guesses += of->guesses[i];
            v.attack += of->attack[i];
            v.plain += of->plain[i];
        }
    }
    if (v.people == 0) {
        return v;
    }
    v.attack = sqrt(v.attack / v.guesses);
    v.plain = sqrt(v.plain / v.guesses);
    v.ratio = ratio_of(of, people, v.people);
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        for (int k = 0; k < v.people; k++) {
            drawn[k] = people[ut_rng_below(&t->rng, (uint64_t)v.people)];
        }
        double ratio = ratio_of(of, drawn, v.people);
        sum += ratio;
        squares += ratio * ratio;
    }
    double mean = sum / DRAWS;
    v.error = sqrt(fmax(squares / DRAWS - mean * mean, 0));
    return v;
}

UT_TEST(privacy_guess, the_best_guess_of_a_person_is_no_better_than_the_published_group_mean)
{
    static const char *const figures[AT_FIGURES] = {"messages", "sentiment", "joy", "stress"};
    double least = INFINITY;
    int first = 0;
    const at_case *one;
    memset(tallies, 0, sizeof tallies);
    for (int which = 0; (one = at_case_get(t, which)) != NULL; which++) {
        const at_org *org = one->org;
        const at_answers *answers = &one->answers;
        for (int i = 0; i < ESTIMATORS * AT_GRAINS * AT_FIGURES; i++) {
            (&tallies[0][0][0])[i].first = first;
        }
        attack_org(org, answers);
        first += org->people;
    }
    (void)printf("%-20s %-6s %-10s %7s %9s %9s %9s %7s ±\n", "guess by", "grain", "figure", "people", "guesses",
                 "its error", "mean's", "ratio");
    for (int e = 0; e < ESTIMATORS; e++) {
        for (int grain = 0; grain < AT_GRAINS; grain++) {
            for (int figure = 0; figure < AT_FIGURES; figure++) {
                verdict v = judge(t, &tallies[e][grain][figure]);
                if (v.people < 8) {
                    continue; /* too few to judge by */
                }
                bool better = v.ratio + 3 * v.error < 1;
                (void)printf("%-20s %-6s %-10s %7d %9d %9.3f %9.3f %7.3f ± %.3f%s\n", names[e], at_grain_names[grain],
                             figures[figure], v.people, v.guesses, v.attack, v.plain, v.ratio, v.error,
                             better ? "  better than the mean" : "");
                least = v.ratio < least ? v.ratio : least;
                UT_EXPECT(AT_OPEN || !better);
            }
        }
    }
    for (int grain = 0; grain < AT_GRAINS; grain++) {
        for (int figure = 0; figure < AT_FIGURES; figure++) {
            (void)printf("cost %-5s %-10s %6d figures are off by %.3f (root mean square)\n", at_grain_names[grain],
                         figures[figure], costs[grain][figure],
                         sqrt(cost[grain][figure] / (costs[grain][figure] ? costs[grain][figure] : 1)));
        }
    }
    UT_EXPECT(!AT_OPEN || least < 0.3);
}
