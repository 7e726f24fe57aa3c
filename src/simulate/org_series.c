/* simulate/org_series.c — the meetings that come back: stand-ups, plannings, one-to-ones, the monthly all-hands. */
#include "simulate/simulate_int.h"

static ut_sim_series *add_series(ut_sim *sim, ut_str title, int organizer, const int *attendees, int count)
{
    ut_sim_series *s = &sim->series[sim->series_count++];
    uint64_t h = ut_hash_mix(sim->options.seed ^ 0xCA1E7DA2u, sim->series_count);
    *s = (ut_sim_series){.title = title, .organizer = organizer, .interval = 1, .length_min = 30};
    s->uid = ut_arena_format(&sim->keep, "%016llx@cal.%s", (unsigned long long)h, sim->domain.ptr);
    s->attendees = ut_new(&sim->keep, int, (size_t)count);
    s->attendee_count = s->attendees ? count : 0;
    if (s->attendees) {
        memcpy(s->attendees, attendees, (size_t)count * sizeof(int));
    }
    return s;
}

static void add_team_series(ut_sim *sim, const ut_sim_team *t, ut_rng *rng)
{
    static const char *const syncs[] = {"stand-up", "daily", "morning check-in", "huddle"};
    static const char *const plans[] = {"planning", "sprint planning", "weekly planning", "pipeline review",
                                        "work review"};
    static const char *const looks[] = {"retro", "retrospective", "show and tell", "demo hour", "lessons session"};
    bool builders = t->kind == KIND_ENG || t->kind == KIND_PLATFORM || t->kind == KIND_SUPPORT;
    int start = sim->people[t->lead].start_min + 30;
    const char *name = syncs[ut_rng_below(rng, 4)];
    ut_sim_series *s = add_series(sim, ut_arena_format(&sim->keep, "%s %s", t->name.ptr, name), t->lead, t->members,
                                  t->member_count);
    s->daily = builders;
    s->weekday = 2;
    s->start_min = start;
    s->length_min = builders ? 15 : 30;
    s = add_series(sim, ut_arena_format(&sim->keep, "%s %s", t->name.ptr, plans[ut_rng_below(rng, 5)]), t->lead,
                   t->members, t->member_count);
    s->weekday = (int)ut_rng_below(rng, 2);
    s->start_min = start + 60 * ut_sim__range(rng, 1, 5);
    s->length_min = 60;
    s = add_series(sim, ut_arena_format(&sim->keep, "%s %s", t->name.ptr, looks[ut_rng_below(rng, 5)]), t->lead,
                   t->members,
                   t->member_count);
    s->weekday = 3 + (int)ut_rng_below(rng, 2);
    s->start_min = start + 60 * ut_sim__range(rng, 3, 6);
    s->length_min = 45;
    s->interval = 2;
}

static void add_one_to_one(ut_sim *sim, int person, ut_rng *rng)
{
    const ut_sim_person *p = &sim->people[person];
    int pair[2] = {p->manager, person};
    ut_sim_series *s = add_series(sim, ut_arena_format(&sim->keep, "1:1 %s / %s", sim->people[p->manager].first.ptr,
                                                       p->first.ptr), p->manager, pair, 2);
    s->weekday = (int)ut_rng_below(rng, 5);
    s->start_min = sim->people[p->manager].start_min + 30 * ut_sim__range(rng, 2, 14);
    s->interval = 1 + (int)ut_rng_below(rng, 2);
}

static void add_product_syncs(ut_sim *sim, int *some, ut_rng *rng)
{
    for (uint32_t i = 0; i < sim->product_count; i++) {
        int count = 0;
        for (uint32_t p = 0; p < sim->people_count && count < 14; p++) {
            if (ut_sim__chance(rng, 180)) {
                some[count++] = (int)p;
            }
        }
        if (count < 3) {
            continue;
        }
        ut_sim_series *s = add_series(sim, ut_arena_format(&sim->keep, "%s sync", sim->products[i].name.ptr), some[0],
                                      some,
                                      count);
        s->weekday = (int)ut_rng_below(rng, 5);
        s->start_min = sim->people[some[0]].start_min + 60 * ut_sim__range(rng, 1, 6);
        s->length_min = 30 + 15 * (int)ut_rng_below(rng, 3);
    }
}

void ut_sim__org_series(ut_sim *sim)
{
    ut_rng rng = ut_sim__rng(sim, "series", 0, 0);
    size_t most = 2 + 3 * (size_t)sim->team_count + sim->product_count + sim->people_count;
    sim->series = ut_new(&sim->keep, ut_sim_series, most);
    int *some = ut_new(&sim->keep, int, sim->people_count);
    if (!sim->series || !some) {
        ut_sim__fail(sim, UT_NOMEM, "memory ended while building meetings");
        return;
    }
    for (uint32_t i = 0; i < sim->people_count; i++) {
        some[i] = (int)i;
    }
    ut_sim_series *all = add_series(sim, UT_STR("all-hands"), 0, some, (int)sim->people_count);
    all->weekday = 3;
    all->interval = 4;
    all->start_min = 15 * 60;
    all->length_min = 60;
    for (uint32_t i = 0; i < sim->team_count; i++) {
        add_team_series(sim, &sim->teams[i], &rng);
    }
    add_product_syncs(sim, some, &rng);
    for (uint32_t p = 0; p < sim->people_count; p++) {
        if (sim->people[p].manager >= 0) {
            add_one_to_one(sim, (int)p, &rng);
        }
    }
}
