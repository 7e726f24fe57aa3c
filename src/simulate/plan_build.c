/* simulate/plan_build.c — what happens to people, decided before anybody says a word, and recorded as the truth.
 *
 * Personal episodes are drawn at the asked rate per person-month (0.2 by default, the prevalence that the alert figures
 * are stated for). On-call weeks, launches, setbacks and leave come on top: they are part of any year. A recovery
 * follows an overload or a burnout and is not counted in the rate. */
#include "simulate/simulate_int.h"

const char *const ut_sim_episode_names[EPISODE_KINDS] = {"overload", "recovery", "oncall", "launch", "conflict",
                                                         "burnout", "flow", "anxious", "leave", "setback"};

typedef struct plan {
    ut_sim *sim;
    ut_sim_episode *episodes; /* on the heap while growing */
    uint32_t count, room;
} plan;

static void add_episode(plan *p, ut_sim_episode episode)
{
    ut_sim *sim = p->sim;
    if (episode.first_day >= sim->end_day || sim->failed != UT_OK) {
        return;
    }
    if (episode.last_day >= sim->end_day) {
        episode.last_day = sim->end_day - 1;
    }
    if (p->count == p->room) {
        uint32_t room = p->room ? p->room * 2 : 64;
        ut_sim_episode *grown = ut_mem_resize(p->episodes, room * sizeof *grown);
        if (!grown) {
            ut_sim__fail(sim, UT_NOMEM, "memory ended while planting episodes");
            return;
        }
        p->episodes = grown;
        p->room = room;
    }
    p->episodes[p->count++] = episode;
}

/* The first workday at or after `day`. */
static int64_t workday(int64_t day)
{
    while (ut_time_weekday(day) > 4) {
        day++;
    }
    return day;
}

static ut_str cause_of(ut_sim *sim, ut_sim_episode_kind kind, int team, ut_rng *rng)
{
    static const char *const meetings[] = {"budget review", "headcount talk", "reorganisation briefing",
                                           "escalation call", "board preparation", "performance talk"};
    static const char *const loads[] = {"migration", "customer escalation", "audit", "year plan", "relaunch", "tender"};
    const char *product = sim->products[ut_rng_below(rng, sim->product_count)].name.ptr;
    switch (kind) {
    case EPISODE_ANXIOUS:
        return ut_arena_format(&sim->keep, "%s", meetings[ut_rng_below(rng, 6)]);
    case EPISODE_OVERLOAD:
    case EPISODE_BURNOUT:
        return ut_arena_format(&sim->keep, "%s %s", product, loads[ut_rng_below(rng, 6)]);
    case EPISODE_LAUNCH:
    case EPISODE_SETBACK:
        return ut_arena_format(&sim->keep, "%s %d.0", product, 2 + team);
    default:
        return UT_STR("");
    }
}

static void add_personal(plan *p, int person, int64_t day, ut_rng *rng)
{
    ut_sim *sim = p->sim;
    int pick = (int)ut_rng_below(rng, 100);
    ut_sim_episode e = {.person = person, .other = -1, .team = ut_sim__team_of(sim, person, day),
                        .first_day = workday(day), .intensity = ut_sim__range(rng, 450, 1000)};
    if (pick < 34) {
        e.kind = EPISODE_OVERLOAD;
        e.last_day = e.first_day + ut_sim__range(rng, 4, 13);
    } else if (pick < 50) {
        e.kind = EPISODE_FLOW;
        e.last_day = e.first_day + ut_sim__range(rng, 1, 5);
    } else if (pick < 68) {
        e.kind = EPISODE_ANXIOUS;
        e.last_day = e.first_day + ut_sim__range(rng, 1, 5);
    } else if (pick < 82 && sim->people[person].contact_count) {
        e.kind = EPISODE_CONFLICT;
        e.other = sim->people[person].contacts[ut_rng_below(rng, (uint64_t)sim->people[person].contact_count)];
        e.last_day = e.first_day + ut_sim__range(rng, 5, 17);
    } else {
        e.kind = EPISODE_BURNOUT;
        e.last_day = e.first_day + ut_sim__range(rng, 35, 63);
    }
    e.cause = cause_of(sim, e.kind, e.team, rng);
    add_episode(p, e);
    if (e.kind == EPISODE_OVERLOAD || e.kind == EPISODE_BURNOUT) {
        e.kind = EPISODE_RECOVERY;
        e.first_day = workday(e.last_day + 1);
        e.last_day = e.first_day + ut_sim__range(rng, 4, 9);
        add_episode(p, e);
    }
}

/* Episodes and leave of one person: a draw per week, so that rates hold for any length of run. */
static void plan_person(plan *p, int person)
{
    ut_sim *sim = p->sim;
    int64_t free_from = sim->options.from_day + 7;
    int64_t home_from = sim->options.from_day;
    for (int64_t day = sim->options.from_day; day < sim->end_day && sim->failed == UT_OK; day += 7) {
        ut_rng rng = ut_sim__rng(sim, "plan", (uint64_t)person, (uint64_t)day);
        /* A week is 7/30.44 of a month: 230 thousandths. */
        uint64_t week_rate = (uint64_t)sim->options.episodes_permille * 230;
        int64_t start = day + (int64_t)ut_rng_below(&rng, 5);
        /* Scattered even where an earlier episode still runs on: then it starts when that one ends. */
        if (ut_rng_below(&rng, 1000000) < week_rate) {
            start = start > free_from ? start : free_from;
            add_personal(p, person, start, &rng);
            free_from = p->count ? p->episodes[p->count - 1].last_day + 5 : free_from;
        }
        if (ut_sim__chance(&rng, 60) && day >= home_from) {
            static const int lengths[] = {0, 0, 1, 2, 4, 4, 11};
            int64_t first = day + (int64_t)ut_rng_below(&rng, 3);
            ut_sim_episode leave = {.kind = EPISODE_LEAVE, .person = person, .other = -1, .first_day = workday(first),
                                    .team = ut_sim__team_of(sim, person, day), .intensity = 1000};
            leave.last_day = leave.first_day + lengths[ut_rng_below(&rng, 7)];
            leave.cause = leave.last_day > leave.first_day + 1 ? UT_STR("vacation")
                          : ut_sim__chance(&rng, 500)          ? UT_STR("sick")
                                                               : UT_STR("day off");
            home_from = leave.last_day + 28;
            add_episode(p, leave);
        }
    }
}

static void plan_team(plan *p, int team)
{
    ut_sim *sim = p->sim;
    const ut_sim_team *t = &sim->teams[team];
    bool oncall = t->kind == KIND_PLATFORM || t->kind == KIND_ENG;
    int64_t quiet_until = sim->options.from_day + 14;
    for (int64_t day = sim->options.from_day; day < sim->end_day; day += 7) {
        ut_rng rng = ut_sim__rng(sim, "team plan", (uint64_t)team, (uint64_t)day);
        if (oncall && t->member_count > 2) {
            int64_t week = (day - sim->options.from_day) / 7;
            int who = t->members[1 + week % (t->member_count - 1)];
            add_episode(p, (ut_sim_episode){.kind = EPISODE_ONCALL, .person = who, .other = -1, .team = team,
                                            .first_day = day, .last_day = day + 6,
                                            .intensity = ut_sim__range(&rng, 350, 1000), .cause = UT_STR("rota")});
        }
        if (day >= quiet_until && ut_sim__chance(&rng, 110)) {
            bool launch = ut_sim__chance(&rng, 700);
            ut_sim_episode e = {.kind = launch ? EPISODE_LAUNCH : EPISODE_SETBACK, .person = -1,
                                .other = -1, .team = team, .first_day = day, .intensity = ut_sim__range(&rng, 500,
                                                                                                        1000)};
            e.last_day = day + (e.kind == EPISODE_LAUNCH ? 11 : 7);
            e.cause = cause_of(sim, e.kind, team, &rng);
            quiet_until = e.last_day + 28;
            add_episode(p, e);
        }
    }
}

static bool touches(const ut_sim *sim, const ut_sim_episode *e, int person)
{
    const ut_sim_person *p = &sim->people[person];
    return e->person == person || e->other == person ||
           (e->person < 0 && (e->team == p->team || e->team == p->next_team));
}

/* Lists of episodes by person, so that a day's state does not scan all of them. */
static void index_episodes(ut_sim *sim)
{
    sim->episodes_of = ut_new(&sim->keep, uint32_t *, sim->people_count);
    sim->episode_count_of = ut_new(&sim->keep, uint32_t, sim->people_count);
    for (uint32_t i = 0; sim->episodes_of && sim->episode_count_of && i < sim->people_count; i++) {
        uint32_t count = 0;
        for (uint32_t e = 0; e < sim->episode_count; e++) {
            count += touches(sim, &sim->episodes[e], (int)i);
        }
        sim->episodes_of[i] = ut_new(&sim->keep, uint32_t, count + 1);
        for (uint32_t e = 0; sim->episodes_of[i] && e < sim->episode_count; e++) {
            if (touches(sim, &sim->episodes[e], (int)i)) {
                sim->episodes_of[i][sim->episode_count_of[i]++] = e;
            }
        }
    }
}

void ut_sim__plan_build(ut_sim *sim)
{
    plan p = {.sim = sim};
    for (uint32_t i = 0; i < sim->team_count; i++) {
        plan_team(&p, (int)i);
    }
    for (uint32_t i = 0; i < sim->people_count; i++) {
        plan_person(&p, (int)i);
    }
    sim->episodes = ut_new(&sim->keep, ut_sim_episode, p.count + 1);
    if (!sim->episodes) {
        ut_sim__fail(sim, UT_NOMEM, "memory ended while planting episodes");
    } else if (p.count) {
        memcpy(sim->episodes, p.episodes, p.count * sizeof *p.episodes);
        sim->episode_count = p.count;
    }
    ut_mem_free(p.episodes);
    if (sim->failed == UT_OK) {
        index_episodes(sim);
    }
}
