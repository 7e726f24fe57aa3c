/* simulate/org_channels.c — the chat workspace: rooms for all, for teams, for products, and direct conversations.
 *
 * All of them are known before the first message, because channels.json, groups.json, dms.json and mpims.json are
 * written first and memory must not grow with what people say. */
#include "simulate/simulate_int.h"

static int add_channel(ut_sim *sim, ut_sim_channel_kind kind, ut_str name, ut_str purpose, int creator)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char letters[] = {'C', 'G', 'D', 'G'};
    char id[12] = {letters[kind], '0'};
    uint64_t h = ut_hash_mix(sim->options.seed ^ 0xC4A11E1u, sim->channel_count + 1);
    for (int i = 2; i < 11; i++) {
        id[i] = digits[h % 36];
        h /= 36;
    }
    ut_sim_channel *c = &sim->channels[sim->channel_count];
    *c = (ut_sim_channel){.id = ut_arena_copy(&sim->keep, ut_str_of(id)), .name = name, .purpose = purpose,
                          .kind = kind, .creator = creator};
    return (int)sim->channel_count++;
}

static void set_members(ut_sim *sim, int channel, const int *members, int count)
{
    ut_sim_channel *c = &sim->channels[channel];
    c->members = ut_new(&sim->keep, int, (size_t)count);
    for (int i = 0; c->members && i < count; i++) {
        if (!(sim->people[members[i]].missing & MISSING_CHAT)) {
            c->members[c->member_count++] = members[i];
        }
    }
}

static void add_everyone(ut_sim *sim, int *everyone)
{
    int count = (int)sim->people_count;
    static const struct {
        const char *name, *purpose;
        bool machine;
    } rooms[] = {
        {"general", "Announcements and things everybody should know", false},
        {"random", "Non-work banter, pets, food, weather", false},
        {"wins", "Good news, big and small", false},
        {"builds", "What the machines say", true},
        {"incidents", "Declare, coordinate, close", false},
    };
    int *const places[] = {&sim->general, &sim->random, &sim->wins, &sim->builds, &sim->incidents};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        *places[i] = add_channel(sim, CHANNEL_PUBLIC, ut_str_of(rooms[i].name), ut_str_of(rooms[i].purpose), 0);
        sim->channels[*places[i]].machine = rooms[i].machine;
        set_members(sim, *places[i], everyone, count);
    }
}

static void add_team_rooms(ut_sim *sim)
{
    for (uint32_t i = 0; i < sim->team_count; i++) {
        ut_sim_team *t = &sim->teams[i];
        t->channel = add_channel(sim, CHANNEL_PUBLIC, ut_arena_format(&sim->keep, "team-%s", t->slug.ptr),
                                 ut_arena_format(&sim->keep, "Everything %s", t->name.ptr), t->lead);
        set_members(sim, t->channel, t->members, t->member_count);
        t->private_channel = -1;
        if (t->member_count >= 5 && i % 2 == 0) {
            ut_str name = ut_arena_format(&sim->keep, "%s-backroom", t->slug.ptr);
            t->private_channel = add_channel(sim, CHANNEL_PRIVATE, name, UT_STR("Just us"), t->lead);
            set_members(sim, t->private_channel, t->members, t->member_count);
        }
    }
}

/* One room per product, with a third of everybody in it. */
static void add_product_rooms(ut_sim *sim, int *some)
{
    for (uint32_t i = 0; i < sim->product_count; i++) {
        ut_rng rng = ut_sim__rng(sim, "product room", i, 0);
        int count = 0;
        for (uint32_t p = 0; p < sim->people_count; p++) {
            if (ut_sim__chance(&rng, 330)) {
                some[count++] = (int)p;
            }
        }
        ut_str name = ut_arena_format(&sim->keep, "proj-%s", sim->products[i].slug.ptr);
        ut_str purpose = ut_arena_format(&sim->keep, "%s: plans, questions, releases", sim->products[i].name.ptr);
        set_members(sim, add_channel(sim, CHANNEL_PUBLIC, name, purpose, count ? some[0] : 0), some, count);
    }
}

static void add_direct(ut_sim *sim, int a, int nth)
{
    ut_sim_person *p = &sim->people[a];
    int b = p->contacts[nth];
    ut_sim_person *q = &sim->people[b];
    p->contact_channel[nth] = -1;
    if ((p->missing | q->missing) & MISSING_CHAT) {
        return;
    }
    if (b < a) {
        for (int i = 0; i < q->contact_count; i++) {
            if (q->contacts[i] == a) {
                p->contact_channel[nth] = q->contact_channel[i];
            }
        }
        return;
    }
    int pair[2] = {a, b};
    p->contact_channel[nth] = add_channel(sim, CHANNEL_DIRECT, UT_STR(""), UT_STR(""), a);
    set_members(sim, p->contact_channel[nth], pair, 2);
}

/* A few small groups: each lead with two of the team. */
static void add_groups(ut_sim *sim)
{
    for (uint32_t i = 0; i < sim->team_count; i++) {
        const ut_sim_team *t = &sim->teams[i];
        if (t->member_count < 4) {
            continue;
        }
        int three[3] = {t->members[0], t->members[1], t->members[2]};
        ut_str name = ut_arena_format(&sim->keep, "mpdm-%s--%s--%s-1", sim->people[three[0]].handle.ptr,
                                      sim->people[three[1]].handle.ptr, sim->people[three[2]].handle.ptr);
        set_members(sim, add_channel(sim, CHANNEL_GROUP, name, UT_STR("Group messaging"), three[0]), three, 3);
    }
}

void ut_sim__org_channels(ut_sim *sim)
{
    size_t most = 8 + 3 * (size_t)sim->team_count + sim->product_count + (size_t)sim->people_count * SIM_CONTACTS;
    sim->channels = ut_new(&sim->keep, ut_sim_channel, most);
    int *some = ut_new(&sim->keep, int, sim->people_count);
    if (!sim->channels || !some) {
        ut_sim__fail(sim, UT_NOMEM, "memory ended while building channels");
        return;
    }
    for (uint32_t i = 0; i < sim->people_count; i++) {
        some[i] = (int)i;
    }
    add_everyone(sim, some);
    add_team_rooms(sim);
    add_product_rooms(sim, some);
    for (uint32_t p = 0; p < sim->people_count; p++) {
        for (int i = 0; i < sim->people[p].contact_count; i++) {
            add_direct(sim, (int)p, i);
        }
    }
    add_groups(sim);
}
