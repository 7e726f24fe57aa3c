/* simulate/day_play.c — one local day of everybody: who works, when they write, whom they turn to. */
#include "simulate/simulate_int.h"

/* Thousandths of activity by sixteenth of the work day: a slow start, a lunch dip, a long afternoon. */
static const int shape[16] = {40, 70, 85, 88, 80, 72, 60, 34, 30, 58, 76, 82, 74, 62, 50, 39};

int64_t ut_sim__moment(const ut_sim *sim, int person, int64_t day, ut_rng *rng)
{
    const ut_sim_person *p = &sim->people[person];
    const ut_sim_state *state = &sim->today[person];
    int64_t micros = (int64_t)ut_rng_below(rng, (uint64_t)UT_MINUTE_US);
    if (ut_sim__chance(rng, state->after)) {
        /* Mostly the evening, sometimes before breakfast; on call also at night. */
        bool night = state->kinds >> EPISODE_ONCALL & 1 && ut_sim__chance(rng, 300);
        int minute = night                      ? ut_sim__range(rng, 60, 330)
                     : ut_sim__chance(rng, 250) ? p->start_min - ut_sim__range(rng, 10, 110)
                                                : p->end_min + ut_sim__range(rng, 15, 280);
        return ut_sim__zone_to_utc(p->zone, day, minute) + micros;
    }
    int pick = (int)ut_rng_below(rng, 1000), slot = 0;
    while (slot < 15 && pick >= shape[slot]) {
        pick -= shape[slot++];
    }
    int length = p->end_min - p->start_min;
    int minute = p->start_min + slot * length / 16 + (int)ut_rng_below(rng, (uint64_t)length / 16 + 1);
    return ut_sim__zone_to_utc(p->zone, day, minute) + micros;
}

int64_t ut_sim__answer_at(const ut_sim *sim, int person, int64_t asked_us, ut_rng *rng)
{
    static const int minutes[] = {1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 13, 17, 24, 35, 50, 80, 120, 200};
    const ut_sim_person *p = &sim->people[person];
    int64_t delay_s = (int64_t)minutes[ut_rng_below(rng, 18)] * 60 * sim->today[person].slow / 1000;
    delay_s += (int64_t)ut_rng_below(rng, 60);
    int64_t at = asked_us + delay_s * UT_SECOND_US + (int64_t)ut_rng_below(rng, 999999);
    int64_t local = at + ut_sim__zone_offset_min(p->zone, at) * UT_MINUTE_US;
    int64_t day = local / UT_DAY_US;
    int64_t minute = local % UT_DAY_US / UT_MINUTE_US;
    bool late = ut_sim__chance(rng, 40 + sim->today[person].after) && minute > 6 * 60 && minute < 23 * 60;
    if (ut_sim__works(sim, person, day) && ((minute >= p->start_min && minute < p->end_min) || late)) {
        return at;
    }
    /* The next morning they work, if that is soon enough to be still of interest. */
    day += minute >= p->start_min;
    for (int tries = 0; tries < 5; tries++, day++) {
        if (ut_sim__works(sim, person, day)) {
            int64_t morning = p->start_min + (int64_t)ut_rng_below(rng, 70);
            return ut_sim__zone_to_utc(p->zone, day, morning) + (int64_t)ut_rng_below(rng, (uint64_t)UT_MINUTE_US);
        }
    }
    return 0;
}

static bool reachable(const ut_sim *sim, int person, int64_t day)
{
    return person >= 0 && !sim->today[person].away && ut_sim__works(sim, person, day);
}

int ut_sim__partner(const ut_sim *sim, int person, ut_rng *rng, bool any_team)
{
    const ut_sim_person *p = &sim->people[person];
    const ut_sim_team *t = &sim->teams[ut_sim__team_of(sim, person, sim->day)];
    int rival = sim->today[person].conflict;
    if (rival >= 0 && reachable(sim, rival, sim->day) && ut_sim__chance(rng, 350)) {
        return rival;
    }
    for (int tries = 0; tries < 8; tries++) {
        int pick;
        if (p->contact_count && ut_sim__chance(rng, 450)) {
            pick = p->contacts[ut_rng_below(rng, (uint64_t)p->contact_count)];
        } else if (any_team && ut_sim__chance(rng, 300)) {
            pick = (int)ut_rng_below(rng, sim->people_count);
        } else {
            pick = t->members[ut_rng_below(rng, (uint64_t)t->member_count)];
        }
        if (pick != person && reachable(sim, pick, sim->day)) {
            return pick;
        }
    }
    return -1;
}

int ut_sim__feel(const ut_sim *sim, int person, int permille, ut_rng *rng)
{
    const ut_sim_state *state = &sim->today[person];
    int weights[F_COUNT], total = 0;
    int expressive = sim->people[person].voice.expressive;
    for (int f = 0; f < F_COUNT; f++) {
        /* What is strong shows more than in proportion: a hint of anger is swallowed, a lot of stress is not. */
        weights[f] = state->level[f] * (250 + state->level[f]) / 1000;
        total += weights[f];
    }
    int chance = (int)((int64_t)total * expressive / 1000 * permille / 1000 * 700 / 1000);
    chance = chance > 780 ? 780 : chance;
    if (!ut_sim__chance(rng, chance) || total == 0) {
        return -1;
    }
    int pick = (int)ut_rng_below(rng, (uint64_t)total);
    int f = 0;
    while (pick >= weights[f]) {
        pick -= weights[f++];
    }
    return f;
}

static int times_of(int permille, int load, ut_rng *rng)
{
    int64_t scaled = (int64_t)permille * load / 1000 * ut_sim__range(rng, 400, 1600) / 1000;
    return (int)(scaled / 1000) + ut_sim__chance(rng, (int)(scaled % 1000));
}

static void person_play(ut_sim *sim, int person)
{
    const ut_sim_person *p = &sim->people[person];
    const ut_sim_state *state = &sim->today[person];
    ut_rng rng = ut_sim__rng(sim, "day", (uint64_t)person, (uint64_t)sim->day);
    bool works = ut_sim__works(sim, person, sim->day);
    /* A day off is quiet, unless after-hours work has become a habit. */
    bool here = sim->day >= p->first_day && sim->day <= p->last_day && !state->away;
    bool called = !works && here && ut_sim__chance(&rng, state->after * 2);
    if (!works && !called) {
        return;
    }
    int load = works ? state->load : 250;
    uint32_t parts = sim->options.parts;
    if (works) {
        /* Also when no tracker is written: texts speak of the items in hand. */
        ut_sim__work_play(sim, person, &rng);
    }
    if (parts & (UT_SIM_CHAT | UT_SIM_LINES) && !(p->missing & MISSING_CHAT)) {
        for (int n = times_of(p->chat, load, &rng); n > 0; n--) {
            ut_sim__scene_play(sim, person, &rng);
        }
    }
    if (parts & UT_SIM_MAIL && !(p->missing & MISSING_MAIL)) {
        for (int n = times_of(p->mail, load, &rng); n > 0; n--) {
            ut_sim__mail_play(sim, person, &rng);
        }
    }
    if (parts & UT_SIM_CALENDAR && works) {
        ut_sim__meet_play(sim, person, &rng);
    }
}

void ut_sim__day_play(ut_sim *sim)
{
    for (uint32_t i = 0; i < sim->people_count; i++) {
        ut_sim__state(sim, &sim->today[i], (int)i, sim->day);
    }
    for (uint32_t i = 0; i < sim->people_count && sim->failed == UT_OK; i++) {
        person_play(sim, (int)i);
    }
    if (sim->options.parts & UT_SIM_CHAT) {
        ut_sim__bots_play(sim);
    }
    if (sim->options.parts & UT_SIM_MAIL) {
        ut_sim__notices_play(sim);
    }
}
