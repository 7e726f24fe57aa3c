/* simulate/plan_state.c — from planted episodes to the state of one person on one day: eleven levels, load, pace.
 *
 * The state is a pure function of (person, day), so that a work item may look ahead and nothing has to be stored.
 * Levels are thousandths. A usual day sums to about 1,000 over all features, most of it pleasant or neutral. */
#include "simulate/simulate_int.h"

const char *const ut_sim_feature_names[F_COUNT] = {"joy", "gratitude", "enthusiasm", "confidence", "care", "stress",
                                                   "anxiety", "frustration", "anger", "sadness", "exhaustion"};

static const int usual[F_COUNT] = {120, 160, 130, 110, 90, 100, 60, 110, 18, 45, 50};

typedef struct effect {
    int level[F_COUNT]; /* joy grat enth conf care stre anxi frus ange sadn exha, added at full intensity */
    int load, after, slow, drop;
} effect;

static const effect effects[EPISODE_KINDS] = {
    [EPISODE_OVERLOAD] = {{-80, -60, -70, -50, -40, 620, 180, 300, 20, 40, 330}, 550, 220, 700, 120},
    [EPISODE_RECOVERY] = {{200, 120, 90, 120, 60, -60, -40, -60, -10, -20, -20}, -150, -30, -150, -20},
    [EPISODE_ONCALL] = {{-20, 0, -20, 0, 0, 260, 90, 150, 10, 0, 260}, 250, 180, -250, 0},
    [EPISODE_LAUNCH] = {{80, 60, 330, 160, 30, 240, 50, 60, 0, 0, 60}, 300, 90, -100, 0},
    [EPISODE_CONFLICT] = {{-80, -80, -70, -40, -50, 170, 120, 470, 330, 160, 60}, 0, 20, 250, 100},
    [EPISODE_BURNOUT] = {{-100, -110, -120, -100, -80, 300, 130, 260, 40, 330, 620}, 200, 170, 900, 220},
    [EPISODE_FLOW] = {{160, 20, 230, 310, 0, -80, -50, -80, -10, -30, -30}, -450, -20, 500, 0},
    [EPISODE_ANXIOUS] = {{-60, -30, -60, -80, -10, 190, 620, 60, 0, 120, 60}, 50, 40, 100, 20},
    [EPISODE_SETBACK] = {{-90, -40, -110, -70, 60, 110, 130, 230, 30, 430, 100}, -50, 0, 150, 20},
};

/* How much of an episode is felt on a day, 0..1000: burnout builds up over its weeks, a launch peaks at its end. */
static int share_of(const ut_sim_episode *e, int64_t day)
{
    int64_t length = e->last_day - e->first_day + 1, at = day - e->first_day;
    if (at < 0 || at >= length) {
        return 0;
    }
    switch (e->kind) {
    case EPISODE_BURNOUT:
        return (int)(250 + 750 * (at + 1) / length);
    case EPISODE_LAUNCH:
        return (int)(400 + 600 * (at + 1) / length);
    case EPISODE_SETBACK:
    case EPISODE_RECOVERY:
        return (int)(1000 - 500 * at / length);
    default:
        return at == 0 && length > 3 ? 650 : 1000;
    }
}

/* A slow wave plus a day's own ups and downs: hashed values every five days with straight lines between. */
static int drift(const ut_sim *sim, int person, int feature, int64_t day)
{
    uint64_t key = sim->options.seed * 31 + (uint64_t)person * F_COUNT + (uint64_t)feature;
    int64_t block = day / 5, within = day % 5;
    int from = (int)(ut_hash_mix(key ^ 0xABCD1234u, (uint64_t)block + 17) % 101) - 50;
    int to = (int)(ut_hash_mix(key ^ 0xABCD1234u, (uint64_t)block + 18) % 101) - 50;
    int own = (int)(ut_hash_mix(key ^ 0x77777u, (uint64_t)day + 5) % 61) - 30;
    return from + (int)((to - from) * within / 5) + own;
}

static void apply(ut_sim_state *s, const effect *x, int share)
{
    for (int f = 0; f < F_COUNT; f++) {
        s->level[f] += x->level[f] * share / 1000;
    }
    s->load += x->load * share / 1000;
    s->after += x->after * share / 1000;
    s->slow += x->slow * share / 1000;
    s->drop += x->drop * share / 1000;
}

/* The day after a launch is a feast. */
static void celebrate(ut_sim_state *s, const ut_sim_episode *e, int64_t day)
{
    if (e->kind == EPISODE_LAUNCH && day >= e->last_day && day <= e->last_day + 1) {
        s->level[F_JOY] += 420 * e->intensity / 1000;
        s->level[F_GRATITUDE] += 260 * e->intensity / 1000;
        s->level[F_CONFIDENCE] += 180 * e->intensity / 1000;
        s->kinds |= 1u << EPISODE_LAUNCH;
    }
}

void ut_sim__state(const ut_sim *sim, ut_sim_state *ret, int person, int64_t day)
{
    const ut_sim_person *p = &sim->people[person];
    ut_sim_state s = {.load = 1000, .after = 45, .slow = 1000, .drop = 90, .conflict = -1};
    for (int f = 0; f < F_COUNT; f++) {
        s.level[f] = usual[f] + p->trait[f] + drift(sim, person, f, day);
    }
    int weekday = ut_time_weekday(day);
    s.level[F_JOY] += weekday == 4 ? 60 : 0;
    s.level[F_STRESS] += weekday == 0 ? 25 : 0;
    s.level[F_EXHAUSTION] += weekday == 3 ? 20 : 0;
    for (uint32_t i = 0; i < sim->episode_count_of[person]; i++) {
        const ut_sim_episode *e = &sim->episodes[sim->episodes_of[person][i]];
        celebrate(&s, e, day);
        int share = share_of(e, day) * e->intensity / 1000;
        bool theirs = e->person >= 0 || e->team == ut_sim__team_of(sim, person, day);
        if (share == 0 || !theirs) {
            continue;
        }
        s.kinds |= 1u << e->kind;
        apply(&s, &effects[e->kind], share);
        if (e->kind == EPISODE_CONFLICT) {
            s.conflict = e->person == person ? e->other : e->person;
        }
        s.away = s.away || e->kind == EPISODE_LEAVE;
    }
    for (int f = 0; f < F_COUNT; f++) {
        s.level[f] = s.level[f] < 0 ? 0 : s.level[f] > 1000 ? 1000 : s.level[f];
    }
    s.load = s.load < 250 ? 250 : s.load;
    s.slow = s.slow < 300 ? 300 : s.slow;
    s.after = s.after < 0 ? 0 : s.after;
    s.drop = s.drop < 0 ? 0 : s.drop;
    *ret = s;
}

bool ut_sim__works(const ut_sim *sim, int person, int64_t day)
{
    const ut_sim_person *p = &sim->people[person];
    if (day < p->first_day || day > p->last_day || !(p->work_days >> ut_time_weekday(day) & 1) ||
        ut_sim__zone_holiday(p->zone, day)) {
        return false;
    }
    for (uint32_t i = 0; i < sim->episode_count_of[person]; i++) {
        const ut_sim_episode *e = &sim->episodes[sim->episodes_of[person][i]];
        if (e->kind == EPISODE_LEAVE && e->person == person && day >= e->first_day && day <= e->last_day) {
            return false;
        }
    }
    return true;
}
