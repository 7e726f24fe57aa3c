/* privacy/org.c — organisations whose every message is known, written straight into the lake.
 *
 * Teams of three, five, eight and nine people stand among larger ones; people join, leave and move; they take leave,
 * fall ill, work part-time, write at weekends or hardly ever; a few messages arrive late. Values are a person's own
 * mean, a week's and a day's noise, and each message's.
 */
#include "privacy/attack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS_PER_MESSAGE = 10 };

const char *const at_grain_names[AT_GRAINS] = {"day", "week", "month"};
const ut_metric at_figures[AT_FIGURES] = {UT_METRIC_MESSAGES, UT_METRIC_SENTIMENT, UT_METRIC_FEATURES + UT_JOY,
                                          UT_METRIC_FEATURES + UT_STRESS};

int at_set_next(const at_set *set, int from)
{
    for (int person = from; person < AT_PEOPLE_MAX; person++) {
        if (at_set_has(set, person)) {
            return person;
        }
    }
    return -1;
}

bool at_long(void)
{
    const char *mode = getenv("UNDERTONE_ATTACK");
    return mode && strcmp(mode, "long") == 0;
}

void at_day_text(const at_org *org, int day, char out[16])
{
    char text[32];
    (void)ut_time_format(text, (org->first_day + day) * UT_DAY_US);
    (void)snprintf(out, 16, "%.10s", text);
}

/* Who is where ------------------------------------------------------------------------------------------------------
 */

static void place_people(at_org *org, ut_rng *rng)
{
    static const int small[] = {3, 5, 8, 9};
    int sizes[AT_TEAMS_MAX] = {0}, placed = 0;
    for (int i = 0; i < org->teams; i++) {
        int left = org->people - placed, others = org->teams - i;
        int even = left / others;
        sizes[i] = i == org->teams - 1 ? left
                   : i < 4 && small[i] + 4 * others < left
                       ? small[i]
                       : even * 3 / 4 + (int)ut_rng_below(rng, (uint64_t)(even / 2 + 1));
        placed += sizes[i];
    }
    int team = 0;
    for (int person = 0, in_team = 0; person < org->people; person++, in_team++) {
        if (in_team == sizes[team]) {
            team++;
            in_team = 0;
        }
        /* Of a hundred eight join, eight leave, six move to another team, three are in no team. */
        uint64_t fate = ut_rng_below(rng, 100);
        int change = (int)ut_rng_below(rng, (uint64_t)org->days);
        int other = (int)ut_rng_below(rng, (uint64_t)org->teams);
        for (int day = 0; day < org->days; day++) {
            at_day *at = at_org_day(org, person, day);
            bool after = day >= change, moved = fate >= 16 && fate < 22 && after;
            at->gone = (fate < 8 && !after) || (fate >= 8 && fate < 16 && after);
            at->team = (int8_t)(at->gone || (fate >= 22 && fate < 25) ? -1 : moved ? other : team);
        }
    }
}

static void take_leave(at_org *org, ut_rng *rng, int person)
{
    for (int day = (int)ut_rng_below(rng, 70); day < org->days; day += 40 + (int)ut_rng_below(rng, 60)) {
        int len = ut_rng_below(rng, 2) ? 14 : 7;
        int from = day - (int)ut_time_weekday(org->first_day + day);
        for (int d = from; d < from + len && d < org->days; d++) {
            if (d >= 0) {
                at_org_day(org, person, d)->away = true;
            }
        }
    }
    for (int day = 0; day < org->days; day++) {
        at_org_day(org, person, day)->away |= ut_rng_below(rng, 50) == 0;
    }
}

/* What they write ---------------------------------------------------------------------------------------------------
 */

typedef struct habit {
    double rate;    /* messages on a day of work */
    double works;   /* chance of writing on a weekday */
    double weekend; /* … on a day of the weekend */
    double means[AT_TEXTS];
} habit;

static habit make_habit(const at_style *style, ut_rng *rng, const double *team_means)
{
    uint64_t kind = ut_rng_below(rng, 100);
    habit h = {.rate = 1.5 + 5 * ut_rng_unit(rng), .works = 0.93, .weekend = 0.02};
    if (kind < 8) {
        h.rate = 0.2; /* hardly ever */
        h.works = 0.3;
    } else if (kind < 25) {
        h.works = 0.5; /* part-time */
    } else if (kind < 35) {
        h.weekend = 0.5;
    }
    for (int i = 0; i < AT_TEXTS; i++) {
        h.means[i] = team_means[i] + style->between * ut_rng_normal(rng);
    }
    return h;
}

static double clip(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

typedef struct writer {
    ut_append *messages, *scores;
} writer;

static void put_message(ut_test *t, at_org *org, writer *w, int person, int day, int minute, const float *values)
{
    const float certainty = 0.5F;
    ut_err err = {0};
    ut_append_i64(w->messages, 0, ++org->items);
    ut_append_i64(w->messages, 1, (org->first_day + day) * UT_DAY_US + 10 * UT_HOUR_US + minute * UT_MINUTE_US);
    ut_append_i64(w->messages, 2, org->ids[person]);
    ut_append_text(w->messages, 4, UT_STR("test"));
    ut_append_text(w->messages, 5, UT_STR("scored"));
    ut_append_i64(w->messages, 8, WORDS_PER_MESSAGE);
    ut_append_i64(w->messages, 9, 60);
    ut_append_i64(w->messages, 10, 0);
    ut_status st = ut_append_row(w->messages, &err);
    ut_append_i64(w->scores, 0, org->items);
    ut_append_text(w->scores, 1, UT_STR("m"));
    ut_append_f32(w->scores, 2, values[0]);
    ut_append_f32(w->scores, 6, certainty);
    for (int i = 0; i < UT_FEATURES; i++) {
        ut_append_f32(w->scores, 7 + i, i == UT_JOY ? values[1] : i == UT_STRESS ? values[2] : 0.1F);
    }
    st = st == UT_OK ? ut_append_row(w->scores, &err) : st;
    at_must(t, st, &err, __FILE__, __LINE__);
}

/* The messages of one day of one person; those that come late are only noted, with the seed that makes them again. */
static void write_day(ut_test *t, at_org *org, writer *w, int person, int day, const double *means, int count, int late,
                      ut_rng rng)
{
    at_day *at = at_org_day(org, person, day);
    bool now_late = at->late > 0; /* second round */
    for (int n = 0; n < count; n++) {
        float values[AT_TEXTS];
        for (int i = 0; i < AT_TEXTS; i++) {
            values[i] = (float)clip(means[i] + org->style.message * ut_rng_normal(&rng));
        }
        bool is_late = n >= count - late;
        if (is_late != now_late) {
            continue;
        }
        put_message(t, org, w, person, day, n, values);
        float *sums = is_late ? at->late_sums : at->sums;
        for (int i = 0; i < AT_TEXTS; i++) {
            sums[i] += values[i] * 0.5F;
        }
    }
    if (!now_late) {
        at->messages = at->scored = (uint8_t)(count - late);
        at->words = (float)(WORDS_PER_MESSAGE * (count - late));
        at->weight = 0.5F * (float)(count - late);
    }
}

/* Every random number of a day comes from its own stream, so that the second round, which writes what is late, makes
 * the same messages as the first one, which left them out. */
static void write_all(ut_test *t, at_org *org, writer *w, bool second)
{
    for (int person = 0; person < org->people; person++) {
        ut_rng mine = {org->seed ^ (uint64_t)(person + 1) * 0x9E3779B97F4A7C15u};
        double week[AT_TEXTS], team_means[AT_TEXTS];
        int home = at_org_day(org, person, org->days / 2)->team;
        ut_rng team_rng = {org->seed + 77 * (uint64_t)(home + 2)};
        for (int i = 0; i < AT_TEXTS; i++) {
            team_means[i] = 0.35 + 0.03 * ut_rng_normal(&team_rng);
        }
        habit h = make_habit(&org->style, &mine, team_means);
        for (int day = 0; day < org->days; day++) {
            at_day *at = at_org_day(org, person, day);
            int weekday = ut_time_weekday(org->first_day + day);
            for (int i = 0; i < AT_TEXTS; i++) {
                week[i] = weekday == 0 || day == 0 ? h.means[i] + org->style.week * ut_rng_normal(&mine) : week[i];
            }
            ut_rng today = {ut_rng_u64(&mine)};
            bool works = ut_rng_unit(&today) < (weekday < 5 ? h.works : h.weekend);
            if (!works || at->away || at->gone || (second && at->late == 0)) {
                continue;
            }
            double means[AT_TEXTS];
            for (int i = 0; i < AT_TEXTS; i++) {
                means[i] = week[i] + org->style.day * ut_rng_normal(&today);
            }
            int count = 1 + (int)(h.rate * 2 * ut_rng_unit(&today));
            int late = ut_rng_below(&today, 60) == 0 ? 1 + (int)ut_rng_below(&today, (uint64_t)count) : 0;
            write_day(t, org, w, person, day, means, count, late, today);
            at->late = (uint8_t)late; /* noted after the first round's messages, which tells write_day the round */
        }
    }
}

/* Into the lake -----------------------------------------------------------------------------------------------------
 */

void at_must(ut_test *t, ut_status st, const ut_err *err, const char *file, int line)
{
    if (st != UT_OK) {
        ut_test_fail(t, file, line, "%s", err->message);
        longjmp(t->leave, 1);
    }
}

static void write_messages(ut_test *t, at_org *org, bool second)
{
    writer w = {0};
    ut_err err = {0};
    AT_MUST(ut_lake_begin(org->lake, &err));
    AT_MUST(ut_lake_append_open(&w.messages, org->lake, "silver_message", &err));
    AT_MUST(ut_lake_append_open(&w.scores, org->lake, "silver_score", &err));
    write_all(t, org, &w, second);
    AT_MUST(ut_append_close(&w.messages, &err));
    AT_MUST(ut_append_close(&w.scores, &err));
    AT_MUST(ut_lake_commit(org->lake, &err));
}

/* A row of `membership` for each stretch of days in one team, in both stores; teams and persons in the truth too. */
static void write_people(ut_test *t, at_org *org)
{
    ut_err err = {0};
    ut_buf lake = ut_buf_make(16 * UT_MIB), truth = ut_buf_make(16 * UT_MIB);
    ut_buf_puts(&lake, "BEGIN;");
    ut_buf_puts(&truth, "BEGIN;");
    for (int team = 0; team < org->teams; team++) {
        ut_buf_format(&truth, "INSERT INTO team (id, name) VALUES (%d, '%s');", team + 1, org->names[team]);
    }
    for (int person = 0; person < org->people; person++) {
        long long id = (long long)org->ids[person];
        ut_buf_format(&lake,
                      "INSERT INTO who VALUES (%lld, %lld, false, true); INSERT INTO person VALUES (%lld, 'UTC');", id,
                      id, id);
        ut_buf_format(&truth,
                      "INSERT INTO person (id, digest, sealed, listed) VALUES (%lld, 'p%lld', '', 1);"
                      "INSERT INTO identity (id, digest, person) VALUES (%lld, 'i%lld', %lld);",
                      id, id, id, id, id);
        for (int from = 0, to; from < org->days; from = to) {
            int team = at_org_day(org, person, from)->team;
            for (to = from + 1; to < org->days && at_org_day(org, person, to)->team == team; to++) {
            }
            char first[16], until[16], last[16];
            at_day_text(org, from, first);
            at_day_text(org, to, until);
            at_day_text(org, to - 1, last);
            if (team >= 0) {
                ut_buf_format(&lake, "INSERT INTO membership VALUES (%lld, '%s', '%s', '%s');", id, org->names[team],
                              from ? first : "0001-01-01", to < org->days ? until : "9999-12-31");
                ut_buf_format(&truth, "INSERT INTO membership VALUES (%lld, %d, '%s', '%s');", id, team + 1,
                              from ? first : "", to < org->days ? last : "");
            }
        }
    }
    ut_buf_puts(&lake, "COMMIT");
    ut_buf_puts(&truth, "COMMIT");
    ut_buf_byte(&lake, '\0');
    ut_buf_byte(&truth, '\0');
    AT_MUST(ut_lake_exec(org->lake, lake.ptr, &err));
    AT_MUST(ut_truth_exec(org->workspace->truth, truth.ptr, &err));
    ut_buf_free(&lake);
    ut_buf_free(&truth);
}

at_org *at_org_make(ut_test *t, const at_style *style, uint64_t seed)
{
    ut_err err = {0};
    ut_arena arena;
    AT_MUST(ut_arena_open(&arena, 512 * UT_MIB));
    at_org *org = ut_new(&arena, at_org, 1);
    *org = (at_org){.style = *style,
                    .seed = seed,
                    .people = style->people,
                    .teams = style->teams,
                    .days = style->weeks * 7,
                    .first_day = ut_time_days_of(2025, 1, 6)};
    org->ids = ut_new(&arena, int64_t, (size_t)org->people);
    org->at = ut_new(&arena, at_day, (size_t)(org->people * org->days));
    for (int i = 0; i < org->people; i++) {
        org->ids[i] = i + 1;
    }
    for (int i = 0; i < org->teams; i++) {
        (void)snprintf(org->names[i], sizeof org->names[i], "team-%02d", i);
    }
    (void)snprintf(org->names[org->teams], sizeof org->names[0], "%s", UT_CELL_ALL);
    ut_rng rng = {seed};
    place_people(org, &rng);
    for (int person = 0; person < org->people; person++) {
        take_leave(org, &rng, person);
    }
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    AT_MUST(ut_workspace_open(&org->workspace, &options, &err));
    AT_MUST(ut_workspace_lake(org->workspace, &org->lake, 512, &err));
    /* The blur is drawn with this key: a fixed one, so that the same seed gives the same figures. */
    memset(&org->workspace->keys.digest, (int)(seed % 251), sizeof org->workspace->keys.digest);
    write_people(t, org);
    write_messages(t, org, false);
    org->arena = arena;
    return org;
}

void at_org_send_late(ut_test *t, at_org *org)
{
    write_messages(t, org, true);
    for (int i = 0; i < org->people * org->days; i++) {
        at_day *at = &org->at[i];
        at->messages = at->scored = (uint8_t)(at->messages + at->late);
        at->words += (float)(WORDS_PER_MESSAGE * at->late);
        at->weight += 0.5F * (float)at->late;
        for (int m = 0; m < AT_TEXTS; m++) {
            at->sums[m] += at->late_sums[m];
        }
        at->late = 0;
    }
}

/* The usual ones ----------------------------------------------------------------------------------------------------
 */

void at_org_close(at_org **org)
{
    if (*org) {
        ut_arena arena = (*org)->arena; /* the organisation itself is in there */
        ut_workspace_close(&(*org)->workspace);
        ut_arena_close(&arena);
        *org = NULL;
    }
}

at_org *at_org_open(ut_test *t, int which)
{
    /* name, people, teams, weeks, spreads; the first ones in every run */
    static const at_style styles[] = {
        {"small", 34, 3, 16, 0.10, 0.05, 0.12, 0.15},        {"usual", 120, 11, 26, 0.10, 0.05, 0.12, 0.15},
        {"steady", 90, 8, 52, 0.10, 0.005, 0.005, 0.01},     {"large", 400, 40, 26, 0.10, 0.05, 0.12, 0.15},
        {"year", 200, 14, 52, 0.10, 0.05, 0.12, 0.15},       {"small-2", 60, 5, 26, 0.10, 0.05, 0.12, 0.15},
        {"steady-2", 250, 16, 52, 0.08, 0.005, 0.005, 0.01}, {"usual-2", 150, 13, 52, 0.12, 0.05, 0.12, 0.15},
        {"years", 100, 6, 150, 0.10, 0.05, 0.12, 0.15},      {"steady-3", 100, 6, 150, 0.10, 0.005, 0.005, 0.01},
    };
    const int all = (int)(sizeof styles / sizeof *styles);
    const char *mode = getenv("UNDERTONE_ATTACK");
    for (int i = 0; mode && i < all; i++) {
        if (strcmp(mode, styles[i].name) == 0) {
            return which == 0 ? at_org_make(t, &styles[i], 20261122 + (uint64_t)i) : NULL;
        }
    }
    int count = at_long() ? all : AT_SHARE > 1 ? 2 : 3;
    return which < count ? at_org_make(t, &styles[which], 20261122 + (uint64_t)which) : NULL;
}
