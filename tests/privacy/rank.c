/* privacy/rank.c — can any combination of answers be about fewer people than the floor?
 *
 * Message counts add up: an answer times the number of people behind it (which the attacker is taken to know) is a sum
 * over what single people wrote on single days. Write the answers as rows, persons' days as columns, 1 where a day is
 * in an answer. A combination of answers tells about a set P of people alone if it vanishes on everyone else's columns
 * but not on theirs: rank(M) > rank(M without P's columns). Seen from the columns: some column of P lies outside the
 * span of all columns of others.
 *
 * Columns that lie in exactly the same answers are the same vector, however many people share it. A vector shared by as
 * many people as the floor says can't be removed by removing fewer. So only vectors of fewer people can leak, and a set
 * of answers without any such vector leaks nothing, whatever P. What is left is decided by elimination modulo 2^61 - 1,
 * exact up to a chance of about 2^-50 per step of claiming too little rank.
 *
 * Figures from text: the columns are one person's mean over one period, since the means of a week's days do not make up
 * the mean of the week exactly. What that leaves open, guess.c tries.
 */
#include "privacy/attack.h"

#include <stdio.h>
#include <stdlib.h>

#define PRIME ((UINT64_C(1) << 61) - 1)
enum { PER_COLUMN = 12, SMALL_MAX = 4000 };

static uint64_t mul(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    uint64_t low = (uint64_t)product & PRIME, high = (uint64_t)(product >> 61);
    uint64_t sum = low + high;
    return sum >= PRIME ? sum - PRIME : sum;
}

static uint64_t inverse(uint64_t a)
{
    uint64_t result = 1;
    for (uint64_t e = PRIME - 2; e; e >>= 1) {
        result = e & 1 ? mul(result, a) : result;
        a = mul(a, a);
    }
    return result;
}

/* A column: the answers a (person, day) is in; columns in the same answers are one, with everyone who has it. */
typedef struct column {
    uint64_t hash;
    int32_t in[PER_COLUMN]; /* ascending */
    int count;
    at_set people;
} column;

typedef struct columns {
    column *items;
    size_t count, room;
    int32_t *buckets;
    size_t bucket_count; /* a power of two */
} columns;

static columns columns_make(ut_arena *keep, size_t room)
{
    columns c = {.items = ut_new(keep, column, room), .room = room, .bucket_count = 1};
    while (c.bucket_count < 2 * room) {
        c.bucket_count *= 2;
    }
    c.buckets = ut_new(keep, int32_t, c.bucket_count);
    UT_ASSERT(c.items && c.buckets);
    memset(c.buckets, 0xFF, c.bucket_count * sizeof *c.buckets);
    return c;
}

static void columns_add(columns *c, const int32_t *in, int count, int person)
{
    uint64_t hash = 1;
    for (int i = 0; i < count; i++) {
        hash = ut_hash_mix(hash ^ (uint64_t)(in[i] + 1), 0x9E3779B97F4A7C15u);
    }
    size_t at = hash & (c->bucket_count - 1);
    for (; c->buckets[at] >= 0; at = (at + 1) & (c->bucket_count - 1)) {
        column *known = &c->items[c->buckets[at]];
        if (known->hash == hash && known->count == count && memcmp(known->in, in, (size_t)count * sizeof *in) == 0) {
            at_set_add(&known->people, person);
            return;
        }
    }
    UT_ASSERT(c->count < c->room && count <= PER_COLUMN);
    column *add = &c->items[c->count];
    *add = (column){.hash = hash, .count = count};
    memcpy(add->in, in, (size_t)count * sizeof *in);
    at_set_add(&add->people, person);
    c->buckets[at] = (int32_t)c->count++;
}

/* Elimination -------------------------------------------------------------------------------------------------------
 */

typedef struct term {
    int32_t at;
    uint64_t factor;
} term;

/* Vectors in echelon form: basis[i] begins at answer i with factor 1. Vectors are sparse and stay so: a column is in a
 * handful of answers. */
typedef struct span {
    size_t size;
    term **basis;   /* by first answer; ended by at = -1 */
    uint64_t *work; /* dense, all zero between calls */
    ut_arena *keep;
} span;

static span span_make(ut_arena *keep, size_t size)
{
    span s = {
        .size = size, .basis = ut_new(keep, term *, size + 1), .work = ut_new(keep, uint64_t, size + 1), .keep = keep};
    UT_ASSERT(s.basis && s.work);
    return s;
}

/* Takes a vector (in `work`, from `from` on), reduces it by the basis. Returns the first answer left, -1 for none. */
static int32_t reduce(span *s, size_t from)
{
    int32_t first = -1;
    for (size_t i = from; i < s->size; i++) {
        if (s->work[i] == 0) {
            continue;
        }
        const term *row = s->basis[i];
        if (!row) {
            first = first < 0 ? (int32_t)i : first;
            continue;
        }
        uint64_t minus = PRIME - s->work[i];
        for (; row->at >= 0; row++) {
            uint64_t sum = s->work[row->at] + mul(minus, row->factor);
            s->work[row->at] = sum >= PRIME ? sum - PRIME : sum;
        }
    }
    return first;
}

static void put_down(span *s, const column *c)
{
    for (int i = 0; i < c->count; i++) {
        s->work[c->in[i]] = 1;
    }
}

/* Clears `work`; returns what was in it as a row that begins with factor 1. */
static term *take_up(span *s, int32_t first, bool wanted)
{
    size_t count = 0;
    for (size_t i = (size_t)first; i < s->size; i++) {
        count += s->work[i] != 0;
    }
    term *row = wanted ? ut_new(s->keep, term, count + 1) : NULL;
    UT_ASSERT(row || !wanted);
    uint64_t scale = wanted ? inverse(s->work[first]) : 0;
    size_t n = 0;
    for (size_t i = (size_t)first; i < s->size; i++) {
        if (s->work[i] && wanted) {
            row[n++] = (term){(int32_t)i, mul(s->work[i], scale)};
        }
        s->work[i] = 0;
    }
    if (wanted) {
        row[n].at = -1;
    }
    return row;
}

/* true when the vector was outside the span; it is in then. `grow` false only asks. */
static bool span_add(span *s, const column *c, bool grow)
{
    put_down(s, c);
    int32_t first = reduce(s, c->count ? (size_t)c->in[0] : s->size);
    if (first < 0) {
        return false;
    }
    term *row = take_up(s, first, grow);
    if (grow) {
        s->basis[first] = row;
    }
    return true;
}

/* The columns of an organisation's answers --------------------------------------------------------------------------
 */

typedef struct covering {
    int32_t in[PER_COLUMN];
    int count;
} covering;

/* Fine answers first: the days of teams make nearly diagonal pivots. */
static columns load_columns(const at_org *org, const at_answers *answers, ut_arena *keep)
{
    columns c = columns_make(keep, (size_t)(org->people * org->days));
    covering *cover = ut_new(keep, covering, (size_t)(org->people * org->days));
    UT_ASSERT(cover);
    for (size_t i = 0; i < answers->count; i++) {
        const at_answer *answer = &answers->items[i];
        for (int day = answer->start; answer->shown[AT_LOAD] && day <= answer->end; day++) {
            const at_set *set = &answer->wrote[day - answer->start];
            for (int p = at_set_next(set, 0); p >= 0; p = at_set_next(set, p + 1)) {
                covering *one = &cover[p * org->days + day];
                UT_ASSERT(one->count < PER_COLUMN);
                one->in[one->count++] = (int32_t)i;
            }
        }
    }
    for (int p = 0; p < org->people; p++) {
        for (int day = 0; day < org->days; day++) {
            const covering *one = &cover[p * org->days + day];
            if (one->count) {
                columns_add(&c, one->in, one->count, p);
            }
        }
    }
    return c;
}

/* One column per person, team and period: in the team's answer, and in the whole organisation's. */
static void add_units(columns *c, const at_org *org, const at_answers *answers, int grain, int start)
{
    const at_answer *all = at_find(org, answers, grain, org->teams, start);
    for (int team = -1; team < org->teams; team++) {
        const at_answer *answer = team < 0 ? NULL : at_find(org, answers, grain, team, start);
        const at_answer *period = answer ? answer : all;
        bool stands = at_stands(org, answers, grain, team, start);
        covering in = {0};
        if (stands) {
            in.in[in.count++] = (int32_t)(answer - answers->items);
        }
        if (all && all->shown[AT_TEXT] && (stands || all->rest)) {
            in.in[in.count++] = (int32_t)(all - answers->items);
        }
        for (int p = 0; in.count && p < org->people; p++) {
            at_answer part = {.team = (int16_t)team, .start = period->start, .end = period->end};
            double value;
            if (at_person_value(org, &part, p, 1, &value)) {
                columns_add(c, in.in, in.count, p);
            }
        }
    }
}

static columns text_columns(const at_org *org, const at_answers *answers, ut_arena *keep)
{
    columns c = columns_make(keep, (size_t)(AT_GRAINS * org->people * org->days));
    for (int grain = 0; grain < AT_GRAINS; grain++) {
        for (int start = -40; start < org->days; start++) {
            add_units(&c, org, answers, grain, start);
        }
    }
    return c;
}

/* The test ----------------------------------------------------------------------------------------------------------
 */

typedef struct finding {
    size_t answers, columns, small, independent;
    int leaks;  /* sets found to be told about */
    int tried;  /* sets tried one by one */
    int fewest; /* people of the smallest set that leaks */
} finding;

static bool within(const at_set *a, const at_set *b)
{
    at_set rest = at_set_less(*a, b);
    return at_set_count(&rest) == 0;
}

/* Does some combination tell about the people of `set` alone? `small` holds the columns of fewer people than the floor,
 * `wide` the span of all others. */
static bool leaks(const span *wide, ut_arena scratch, const column *const *small, size_t count, const at_set *set)
{
    span s = span_make(&scratch, wide->size);
    memcpy(s.basis, wide->basis, wide->size * sizeof *s.basis);
    for (size_t i = 0; i < count; i++) {
        if (!within(&small[i]->people, set)) {
            (void)span_add(&s, small[i], true);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (within(&small[i]->people, set) && span_add(&s, small[i], false)) {
            return true;
        }
    }
    return false;
}

static void try_set(finding *f, const span *wide, ut_arena *scratch, const column *const *small, size_t count,
                    const at_set *set, int floor)
{
    int people = at_set_count(set);
    if (people == 0 || people >= floor) {
        return;
    }
    f->tried++;
    if (leaks(wide, *scratch, small, count, set)) {
        f->leaks++;
        f->fewest = f->fewest == 0 || people < f->fewest ? people : f->fewest;
    }
}

/* Single people, pairs, what small columns are about, differences of answers, and sets at random. With no small column
 * none can leak and all are skipped but counted: `leaks` would say so at once. */
static void try_sets(ut_test *t, finding *f, const at_org *org, const at_answers *answers, const span *wide,
                     ut_arena *scratch, const column *const *small, size_t count, int kind, int floor)
{
    int budget = count == 0 ? 1000000 : AT_OPEN ? 60 : 3000;
    for (size_t i = 0; i < count && f->tried < budget / 2; i++) {
        try_set(f, wide, scratch, small, count, &small[i]->people, floor);
    }
    for (int p = 0; p < org->people && f->tried < budget; p++) {
        for (int q = p; q < org->people && f->tried < budget; q++) {
            at_set set = {0};
            at_set_add(&set, p);
            at_set_add(&set, q);
            try_set(f, wide, scratch, small, count, &set, floor);
        }
    }
    for (int i = 0; i < 200000 / AT_SHARE && f->tried < budget; i++) {
        const at_answer *a = &answers->items[ut_rng_below(&t->rng, answers->count)];
        const at_answer *b = &answers->items[ut_rng_below(&t->rng, answers->count)];
        at_set set = i % 2 ? at_set_xor(a->people[kind], &b->people[kind]) : a->people[kind];
        for (int drop = 0; i % 4 > 1 && drop < floor - 1; drop++) {
            at_set_add(&set, (int)ut_rng_below(&t->rng, (uint64_t)org->people));
        }
        try_set(f, wide, scratch, small, count, &set, floor);
    }
}

static finding look(ut_test *t, const at_org *org, const at_answers *answers, int kind, ut_arena *keep)
{
    int floor = at_floor(kind);
    columns c = kind == AT_LOAD ? load_columns(org, answers, keep) : text_columns(org, answers, keep);
    const column **small = ut_new(keep, const column *, SMALL_MAX);
    span wide = span_make(keep, answers->count);
    finding f = {.columns = c.count};
    size_t kept = 0;
    for (size_t i = 0; i < answers->count; i++) {
        f.answers += answers->items[i].shown[kind];
    }
    for (size_t i = 0; i < c.count; i++) {
        if (at_set_count(&c.items[i].people) >= floor) {
            (void)span_add(&wide, &c.items[i], true);
        }
    }
    for (size_t i = 0; i < c.count; i++) {
        if (at_set_count(&c.items[i].people) < floor) {
            f.small++;
            /* In the span of what many people share: no combination tells it apart, whoever is removed. */
            if (span_add(&wide, &c.items[i], false)) {
                f.independent++;
                if (kept < SMALL_MAX) {
                    small[kept++] = &c.items[i];
                }
            }
        }
    }
    try_sets(t, &f, org, answers, &wide, keep, small, kept, kind, floor);
    return f;
}

static void rank_test(ut_test *t, int kind)
{
    int leaks_found = 0;
    const at_case *one;
    for (int which = 0; (one = at_case_get(t, which)) != NULL; which++) {
        const at_org *org = one->org;
        ut_arena arena;
        UT_REQUIRE(ut_arena_open(&arena, (size_t)2048 * UT_MIB) == UT_OK);
        finding f = look(t, org, &one->answers, kind, &arena);
        (void)printf("rank %s %-8s seed %llu: %zu answers, %zu different columns, %zu of fewer people than the floor, "
                     "%zu of them independent; %d sets tried, %d leak, the smallest of %d\n",
                     kind == AT_LOAD ? "load" : "text", org->style.name, (unsigned long long)org->seed, f.answers,
                     f.columns, f.small, f.independent, f.tried, f.leaks, f.fewest);
        UT_EXPECT(f.answers > 100 && f.columns > 50); /* there was something to attack */
        UT_EXPECT(AT_OPEN || f.leaks == 0);
        leaks_found += f.leaks;
        ut_arena_close(&arena);
    }
    UT_EXPECT(!AT_OPEN || leaks_found > 0);
}

UT_TEST(privacy_rank, no_combination_of_message_counts_is_about_fewer_people_than_the_floor)
{
    rank_test(t, AT_LOAD);
}

UT_TEST(privacy_rank, no_combination_of_text_figures_is_about_fewer_people_than_the_floor)
{
    rank_test(t, AT_TEXT);
}
