/* privacy/attack.h — the curious manager: organisations whose every value is known, the questions a manager can ask,
 * and what can be worked out from the answers.
 *
 *     undertone-attack [--seed N] [SUITE…]            (UNDERTONE_ATTACK=long, or the name of one organisation)
 *     undertone-attack-open                           the same against egress built without its rules: must succeed
 *
 * The attacker is strong: knows who belongs to which team when, who wrote on which day, who was away, how many people
 * stand behind each figure, how values are spread in general. What is not known is what one person's figures are.
 * AT_OPEN is 1 in the program whose egress was compiled with UT_TEST_NO_SUPPRESSION: each test then demands that its
 * attack works, so that an attack which finds nothing is known to be able to find something.
 */
#ifndef UT_TESTS_PRIVACY_ATTACK_H
#define UT_TESTS_PRIVACY_ATTACK_H

#include "egress/cells.h"
#include "harness/test.h"
#include "store/workspace.h"

#ifndef AT_OPEN
#define AT_OPEN 0
#endif
/* Under a sanitizer all is five times slower, and it looks at our code, not at chance: a third of everything is
 * enough. */
#ifdef __SANITIZE_ADDRESS__
#define AT_SHARE 3
#else
#define AT_SHARE 1
#endif

enum {
    AT_SET_WORDS = 8,
    AT_PEOPLE_MAX = AT_SET_WORDS * 64,
    AT_TEAMS_MAX = 48,
    AT_GRAINS = 3, /* day, week, month */
    AT_TEXTS = 3,  /* metrics from text that the organisations vary */
    AT_FIGURES = 1 + AT_TEXTS,
};
enum { AT_LOAD, AT_TEXT, AT_KINDS };
enum { AT_DAY, AT_WEEK, AT_MONTH };

extern const char *const at_grain_names[AT_GRAINS];
/* messages, sentiment, joy, stress */
extern const ut_metric at_figures[AT_FIGURES];

/* A set of people, by index. */
typedef struct at_set {
    uint64_t bits[AT_SET_WORDS];
} at_set;

static inline void at_set_add(at_set *set, int person)
{
    set->bits[person / 64] |= UINT64_C(1) << (person % 64);
}
static inline bool at_set_has(const at_set *set, int person)
{
    return set->bits[person / 64] >> (person % 64) & 1;
}
static inline int at_set_count(const at_set *set)
{
    int count = 0;
    for (int i = 0; i < AT_SET_WORDS; i++) {
        count += __builtin_popcountll(set->bits[i]);
    }
    return count;
}
static inline at_set at_set_or(at_set a, const at_set *b)
{
    for (int i = 0; i < AT_SET_WORDS; i++) {
        a.bits[i] |= b->bits[i];
    }
    return a;
}
static inline at_set at_set_xor(at_set a, const at_set *b)
{
    for (int i = 0; i < AT_SET_WORDS; i++) {
        a.bits[i] ^= b->bits[i];
    }
    return a;
}
static inline at_set at_set_less(at_set a, const at_set *b)
{
    for (int i = 0; i < AT_SET_WORDS; i++) {
        a.bits[i] &= ~b->bits[i];
    }
    return a;
}
/* The lowest member from `from` on; -1 when there is none. */
int at_set_next(const at_set *set, int from);

/* How an organisation behaves. Spreads are standard deviations of values from 0 to 1. */
typedef struct at_style {
    const char *name;
    int people, teams, weeks;
    double between; /* of people's long-run means within a team */
    double week;    /* of one person's weeks around that mean */
    double day;     /* of the days around the week */
    double message; /* of the messages around the day */
} at_style;

/* One person's day. */
typedef struct at_day {
    int8_t team; /* -1: not a member of any */
    bool away;   /* on leave; the manager knows */
    bool gone;   /* not there yet, or no more */
    uint8_t messages;
    uint8_t scored; /* of these */
    uint8_t late;   /* messages of this day that arrive later */
    float words;
    float weight;         /* sum of certainties */
    float sums[AT_TEXTS]; /* of value times certainty */
    float late_sums[AT_TEXTS];
} at_day;

typedef struct at_org {
    at_style style;
    uint64_t seed;
    int people, teams, days;
    int64_t first_day;                /* days since 1970; a Monday */
    int64_t *ids;                     /* person.id of each index */
    char names[AT_TEAMS_MAX + 1][24]; /* the last one is the whole organisation's */
    at_day *at;                       /* [person * days + day] */
    ut_arena arena;
    ut_workspace *workspace;
    ut_lake *lake;
    int64_t items; /* messages in the lake */
} at_org;

static inline at_day *at_org_day(const at_org *org, int person, int day)
{
    return &org->at[person * org->days + day];
}

/* An answered figure: one group, one period. */
typedef struct at_answer {
    int16_t team; /* org->teams = the whole organisation */
    int16_t grain;
    int16_t start, end; /* days of the organisation, inclusive */
    bool shown[AT_KINDS];
    bool rest;               /* the whole organisation's text figures: those in no team that stands alone are in it */
    int16_t count[AT_KINDS]; /* what sums are divided by: people, in text figures once per team; -1 when withheld */
    double values[AT_FIGURES];
    double exact[AT_FIGURES]; /* what the values of its people make it, before blur and rounding */
    at_set people[AT_KINDS];  /* who truly stands behind it; of a withheld one, who would */
    at_set *wrote;            /* by day from `start`: whose messages of that day are in the load figure */
} at_answer;

typedef struct at_answers {
    at_answer *items;
    size_t count;
    int32_t *lookup; /* [grain][team][start]: index, -1 = none */
} at_answers;

/* privacy/org.c: an organisation of a style. */
at_org *at_org_make(ut_test *t, const at_style *style, uint64_t seed);
/* Writes the messages that were held back. */
void at_org_send_late(ut_test *t, at_org *org);
/* The usual ones, made anew each time; `which` counts from 0, NULL after the last. */
at_org *at_org_open(ut_test *t, int which);
void at_org_close(at_org **org);
/* privacy/simulated.c: one that went through the real pipeline, from mail and chat files on. */
at_org *at_org_simulate(ut_test *t, int people, int teams, int weeks, uint64_t seed);
/* Stands in for a failed step. */
void at_must(ut_test *t, ut_status st, const ut_err *err, const char *file, int line);
#define AT_MUST(call) at_must(t, (call), &err, __FILE__, __LINE__)
bool at_long(void);

/* privacy/ask.c: all figures of the API, with who truly stands behind them. Checks on the way that each figure is what
 * these people's values make it: exactly where AT_OPEN, else within blur and rounding. */
at_answers at_ask_all(ut_test *t, at_org *org, ut_arena *keep);
/* The figures alone, without looking for who stands behind them. */
at_answers at_ask_again(ut_test *t, at_org *org, ut_arena *keep);
/* Finds who stands behind the message counts, and checks these. */
void at_check_load(ut_test *t, const at_org *org, at_answers *answers, ut_arena *keep);
const at_answer *at_find(const at_org *org, const at_answers *answers, int grain, int team, int start);
/* Does the team's own text figure of this period show? Team -1, those in none, never does. */
bool at_stands(const at_org *org, const at_answers *answers, int grain, int team, int start);
int at_floor(int kind);
/* The true mean of one person over a period, in the group: false without enough evidence. figure 0 = messages. */
bool at_person_value(const at_org *org, const at_answer *answer, int person, int figure, double *ret);
void at_day_text(const at_org *org, int day, char out[16]);

/* An organisation that was asked everything, and closed: the usual ones and a simulated one, asked once for all tests.
 * NULL after the last. */
typedef struct at_case {
    at_org *org;
    at_answers answers;
} at_case;
const at_case *at_case_get(ut_test *t, int which);

#endif
