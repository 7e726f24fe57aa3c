/* simulate/org_build.c — who works here: the company, its products and customers, teams, people and their habits. */
#include "simulate/simulate_int.h"

#include <stdio.h>

const char *const ut_sim_kind_names[KIND_COUNT] = {"eng", "platform", "support", "sales", "design",
                                                   "finance", "marketing", "data", "people"};

static const struct {
    const char *name;
    const char *key;
    ut_sim_kind kind;
    int weight; /* share of the people, relative */
} team_table[] = {
    {"Product Engineering", "PE", KIND_ENG, 15}, {"Customer Support", "CS", KIND_SUPPORT, 11},
    {"Platform", "PLT", KIND_PLATFORM, 9},       {"Sales", "SAL", KIND_SALES, 7},
    {"Finance", "FIN", KIND_FINANCE, 4},         {"Design", "DSN", KIND_DESIGN, 6},
    {"Marketing", "MKT", KIND_MARKETING, 8},     {"Data", "DAT", KIND_DATA, 9},
    {"People and Culture", "PC", KIND_PEOPLE, 4},
};
#define TEAM_TABLE (sizeof team_table / sizeof *team_table)

static const char *const industries[] = {"logistics", "health", "energy", "learning", "shops", "travel", "farms",
                                         "homes"};

static size_t list_length(const char *const *list)
{
    size_t n = 0;
    while (list[n]) {
        n++;
    }
    return n;
}

static const char *draw(const char *const *list, ut_rng *rng)
{
    return list[ut_rng_below(rng, list_length(list))];
}

/* Lower case ASCII letters and digits, anything between them one '-'; accents become their base letter or two. */
ut_str ut_sim__slug(ut_arena *keep, ut_str name)
{
    static const struct {
        uint32_t rune;
        const char *plain;
    } folds[] = {{0xe4, "ae"}, {0xf6, "oe"}, {0xfc, "ue"}, {0xdf, "ss"}, {0xe1, "a"}, {0xe9, "e"}, {0xed, "i"},
                 {0xf3, "o"},  {0xfa, "u"},  {0xf1, "n"},  {0xc1, "a"},  {0xcd, "i"}, {'\'', ""}};
    char *to = ut_arena_take(keep, name.len * 2 + 1, 1, 1);
    if (!to) {
        return (ut_str){0};
    }
    size_t len = 0;
    for (size_t at = 0; at < name.len;) {
        uint32_t rune = ut_str_next_rune(name, &at);
        const char *plain = NULL;
        for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
            plain = folds[i].rune == rune ? folds[i].plain : plain;
        }
        char one[2] = {rune < 128 ? ut_lower((char)rune) : '-', 0};
        plain = plain ? plain : one;
        for (; *plain; plain++) {
            bool letter = (*plain >= 'a' && *plain <= 'z') || (*plain >= '0' && *plain <= '9');
            if (letter || (len && to[len - 1] != '-')) {
                to[len++] = letter ? *plain : '-';
            }
        }
    }
    to[len] = 0;
    return (ut_str){to, len};
}

/* An invented name of two or three syllables, different for every seed. */
static ut_str invent_name(ut_sim *sim, ut_rng *rng)
{
    static const char *const heads[] = {"Al", "Bri", "Cor", "Del", "El", "Fen", "Gal", "Hal", "Ir", "Jun", "Kes", "Lor",
                                        "Mar", "Nor", "Or", "Pel", "Quil", "Ros", "Sol", "Tam", "Ul", "Ver", "Wil",
                                            "Zen",
                                        "Ar", "Bel", "Can", "Dor", NULL};
    static const char *const middles[] = {"a", "e", "i", "o", "da", "ti", "va", "li", "mo", "ne", "ri", "sa", NULL};
    static const char *const tails[] = {"dra", "wick", "ton", "lane", "mark", "via", "nova", "field", "ro", "tis",
                                        "gate",
                                        "line", "well", "lo", "mere", "quay", "stead", "ria", NULL};
    /* One draw per statement, here and everywhere in this room: compilers order the arguments of a call as they like,
     * and the same seed must give the same bytes with each of them. */
    const char *head = draw(heads, rng);
    const char *middle = ut_sim__chance(rng, 450) ? draw(middles, rng) : "";
    return ut_arena_format(&sim->keep, "%s%s%s", head, middle, draw(tails, rng));
}

static void build_company(ut_sim *sim, ut_rng *rng)
{
    static const char *const forms[] = {"", " Systems", " Labs", " Group", " Works", "", " Technologies", NULL};
    ut_str name = invent_name(sim, rng);
    sim->company = ut_arena_format(&sim->keep, "%s%s", name.ptr, draw(forms, rng));
    sim->domain = ut_arena_format(&sim->keep, "%s.example", ut_sim__slug(&sim->keep, name).ptr);
    sim->industry = ut_str_of(industries[ut_rng_below(rng, sizeof industries / sizeof *industries)]);
    sim->product_count = 3 + (uint32_t)ut_rng_below(rng, 3);
    sim->products = ut_new(&sim->keep, ut_sim_product, sim->product_count);
    for (uint32_t i = 0; sim->products && i < sim->product_count; i++) {
        sim->products[i].name = invent_name(sim, rng);
        sim->products[i].slug = ut_sim__slug(&sim->keep, sim->products[i].name);
    }
}

static void build_outsiders(ut_sim *sim, ut_rng *rng)
{
    static const char *const forms[] = {" Partners", " GmbH", " Foods", " Clinics", " Council", " Retail", " Ltd",
                                        " & Sons",
                                        " Freight", " Group", " University", " Hotels", " Cooperative", NULL};
    sim->outsider_count = 12 + sim->options.people / 8;
    sim->outsiders = ut_new(&sim->keep, ut_sim_outsider, sim->outsider_count);
    for (uint32_t i = 0; sim->outsiders && i < sim->outsider_count; i++) {
        ut_sim_outsider *o = &sim->outsiders[i];
        ut_str name = invent_name(sim, rng);
        o->company = ut_arena_format(&sim->keep, "%s%s", name.ptr, draw(forms, rng));
        o->domain = ut_arena_format(&sim->keep, "%s.example", ut_sim__slug(&sim->keep, o->company).ptr);
        o->first = ut_str_of(draw(ut_sim_first_names, rng));
        const char *last = draw(ut_sim_last_names, rng);
        o->name = ut_arena_format(&sim->keep, "%s %s", o->first.ptr, last);
        o->email = ut_arena_format(&sim->keep, "%s@%s", ut_sim__slug(&sim->keep, o->name).ptr, o->domain.ptr);
    }
}

/* Sizes by weight. The small teams stay small on purpose: one below 5 and one below 8 show the privacy floors. */
static void build_teams(ut_sim *sim)
{
    int total = 0;
    for (uint32_t i = 0; i < sim->team_count; i++) {
        total += team_table[i % TEAM_TABLE].weight;
    }
    int left = (int)sim->people_count;
    for (uint32_t i = 0; i < sim->team_count; i++) {
        ut_sim_team *t = &sim->teams[i];
        const char *name = team_table[i % TEAM_TABLE].name;
        uint32_t round = i / TEAM_TABLE;
        t->name = round ? ut_arena_format(&sim->keep, "%s %u", name, round + 1) : ut_str_of(name);
        t->slug = ut_sim__slug(&sim->keep, t->name);
        t->key = round ? ut_arena_format(&sim->keep, "%s%u", team_table[i % TEAM_TABLE].key, round + 1)
                       : ut_str_of(team_table[i % TEAM_TABLE].key);
        t->kind = team_table[i % TEAM_TABLE].kind;
        t->next_issue = 100 + (uint32_t)(ut_hash_u64(sim->options.seed + i) % 900);
        int share = (int)sim->people_count * team_table[i % TEAM_TABLE].weight / total;
        int rest = (int)(sim->team_count - i - 1) * 2;
        share = share < 2 ? 2 : share;
        share = share > left - rest ? left - rest : share;
        t->member_count = share;
        left -= share;
    }
    sim->teams[0].member_count += left;
    int next = 0;
    for (uint32_t i = 0; i < sim->team_count; i++) {
        ut_sim_team *t = &sim->teams[i];
        t->members = ut_new(&sim->keep, int, (size_t)t->member_count);
        for (int m = 0; t->members && m < t->member_count; m++) {
            t->members[m] = next;
            sim->people[next++].team = (int)i;
        }
        t->lead = t->members ? t->members[0] : 0;
    }
}

static void build_voice(ut_sim *sim, ut_sim_voice *v, ut_rng *rng)
{
    /*                       lower period typo emoji exclaim dots bare run_on express */
    static const int table[STYLE_COUNT][9] = {
        [STYLE_TERSE] = {700, 120, 8, 40, 10, 20, 200, 300, 750},
        [STYLE_CHATTY] = {300, 350, 12, 220, 220, 90, 120, 350, 1250},
        [STYLE_FORMAL] = {10, 950, 2, 10, 15, 5, 0, 20, 700},
        [STYLE_EMOJI] = {350, 200, 10, 650, 300, 40, 150, 250, 1200},
        [STYLE_DRY] = {500, 700, 4, 40, 5, 60, 60, 120, 900},
        [STYLE_LEARNER] = {120, 600, 14, 180, 90, 80, 60, 80, 950},
        [STYLE_WARM] = {80, 650, 5, 280, 260, 40, 20, 120, 1150},
    };
    v->style = (ut_sim_style)ut_rng_below(rng, STYLE_COUNT);
    const int *row = table[v->style];
    int *fields[] = {&v->lower, &v->period, &v->typo, &v->emoji, &v->exclaim, &v->dots, &v->bare, &v->run_on,
                     &v->expressive};
    for (size_t i = 0; i < 9; i++) {
        *fields[i] = row[i] * ut_sim__range(rng, 500, 1500) / 1000;
    }
    v->british = ut_sim__chance(rng, 350);
    v->taste = ut_rng_u64(rng);
    (void)sim;
}

static void build_hours(ut_sim_person *p, ut_rng *rng)
{
    static const int zone_weights[SIM_ZONES] = {24, 18, 10, 20, 8, 10, 7, 3};
    int pick = (int)ut_rng_below(rng, 100);
    for (p->zone = 0; p->zone < SIM_ZONES - 1 && pick >= zone_weights[p->zone]; p->zone++) {
        pick -= zone_weights[p->zone];
    }
    p->start_min = 540 + 30 * ut_sim__range(rng, -3, 2);
    p->end_min = p->start_min + 480;
    p->work_days = 0x1f;
    if (ut_sim__chance(rng, 80)) {
        p->work_days = 0x0f; /* four days a week */
    } else if (ut_sim__chance(rng, 60)) {
        p->end_min = p->start_min + 300; /* part time */
    }
}

static void build_name(ut_sim *sim, ut_sim_person *p, uint32_t number, ut_rng *rng, ut_map *taken)
{
    for (int tries = 0; tries < 40; tries++) {
        bool german = p->voice.lang == LANG_DE, spanish = p->voice.lang == LANG_ES;
        p->first = ut_str_of(draw(german ? ut_sim_first_names_de : spanish ? ut_sim_first_names_es
                                  : ut_sim_first_names, rng));
        p->last = ut_str_of(draw(german ? ut_sim_last_names_de : spanish ? ut_sim_last_names_es : ut_sim_last_names,
                                 rng));
        uint64_t *first = ut_map_put(taken, p->first);
        /* Namesakes are rare in a small office: try a few times for a given name nobody has yet. */
        if (first && (*first)++ && tries < 30) {
            continue;
        }
        p->name = ut_arena_format(&sim->keep, UT_STR_FMT " " UT_STR_FMT, UT_STR_ARG(p->first), UT_STR_ARG(p->last));
        uint64_t *whole = ut_map_put(taken, p->name);
        if (!whole || (*whole)++ == 0) {
            break;
        }
    }
    ut_str first = ut_sim__slug(&sim->keep, p->first), last = ut_sim__slug(&sim->keep, p->last);
    uint64_t *mailbox = ut_map_put(taken, ut_arena_format(&sim->keep, "%s.%s", first.ptr, last.ptr));
    char suffix[16] = "";
    if (mailbox && (*mailbox)++) {
        (void)snprintf(suffix, sizeof suffix, "%u", number);
    }
    p->email = ut_arena_format(&sim->keep, "%s.%s%s@%s", first.ptr, last.ptr, suffix, sim->domain.ptr);
    p->handle = ut_arena_format(&sim->keep, "%s%c%s", first.ptr, last.len ? last.ptr[0] : 'x', suffix);
    p->id = ut_arena_format(&sim->keep, "p%04u", number + 1);
}

static ut_str slack_id(ut_sim *sim, char kind, uint64_t number)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char id[12] = {kind, '0'};
    uint64_t h = ut_hash_mix(sim->options.seed + (uint64_t)(unsigned char)kind * 7919, number + 1);
    for (int i = 2; i < 11; i++) {
        id[i] = digits[h % 36];
        h /= 36;
    }
    return ut_arena_copy(&sim->keep, ut_str_of(id));
}

static void build_person(ut_sim *sim, uint32_t number, ut_map *taken)
{
    ut_sim_person *p = &sim->people[number];
    ut_rng rng = ut_sim__rng(sim, "person", number, 0);
    build_voice(sim, &p->voice, &rng);
    build_hours(p, &rng);
    /* About one in twelve of those living there writes German or Spanish with colleagues of the same language. */
    if (p->zone == 0 && ut_sim__chance(&rng, 550)) {
        p->voice.lang = LANG_DE;
    } else if (p->zone == 2 && ut_sim__chance(&rng, 750)) {
        p->voice.lang = LANG_ES;
    }
    build_name(sim, p, number, &rng, taken);
    p->slack_id = slack_id(sim, 'U', number);
    p->next_team = -1;
    p->first_day = INT64_MIN;
    p->last_day = INT64_MAX;
    p->chat = ut_sim__range(&rng, 1700, 4700);
    p->mail = ut_sim__range(&rng, 250, 1300);
    ut_sim_kind kind = sim->teams[p->team].kind;
    if (kind == KIND_SALES || kind == KIND_FINANCE || kind == KIND_PEOPLE) {
        p->mail = p->mail * 2;
        p->chat = p->chat * 6 / 10;
    }
    for (int f = 0; f < F_COUNT; f++) {
        p->trait[f] = ut_sim__bell(&rng) * 25 / 1000;
    }
}

static void build_roles(ut_sim *sim)
{
    static const char *const roles[KIND_COUNT][2] = {
        {"Software Engineer", "Engineering Manager"},   {"Site Reliability Engineer", "Platform Lead"},
        {"Support Specialist", "Head of Support"},      {"Account Executive", "Sales Director"},
        {"Product Designer", "Design Lead"},            {"Accountant", "Head of Finance"},
        {"Marketing Specialist", "Head of Marketing"},  {"Data Scientist", "Data Lead"},
        {"HR Partner", "Head of People"},
    };
    for (uint32_t i = 0; i < sim->people_count; i++) {
        ut_sim_person *p = &sim->people[i];
        const ut_sim_team *t = &sim->teams[p->team];
        p->lead = t->lead == (int)i;
        p->role = ut_str_of(roles[t->kind][p->lead]);
        p->manager = !p->lead ? t->lead : i == 0 ? -1 : sim->teams[0].lead;
    }
}

/* The ones reports must not trip over: movers, joiners, leavers, people who lack a modality. */
static void build_exceptions(ut_sim *sim)
{
    ut_rng rng = ut_sim__rng(sim, "exceptions", 0, 0);
    int64_t from = sim->options.from_day, length = (int64_t)sim->options.weeks * 7;
    for (uint32_t i = 0; i < sim->people_count; i++) {
        ut_sim_person *p = &sim->people[i];
        int draw_of = (int)ut_rng_below(&rng, 1000);
        if (p->lead) {
            continue;
        }
        if (draw_of < 40) {
            p->missing = MISSING_CHAT;
        } else if (draw_of < 80) {
            p->missing = MISSING_MAIL;
        } else if (draw_of < 130) {
            p->missing = MISSING_CALENDAR;
        } else if (draw_of < 165 && length > 40) {
            p->first_day = from + (length / 4 + (int64_t)ut_rng_below(&rng, (uint64_t)length / 3)) / 7 * 7;
        } else if (draw_of < 195 && length > 40) {
            p->last_day = from + (length / 2 + (int64_t)ut_rng_below(&rng, (uint64_t)length / 3)) / 7 * 7 + 4;
        } else if (draw_of < 235 && length > 40 && sim->team_count > 1) {
            p->next_team = (p->team + 1 + (int)ut_rng_below(&rng, sim->team_count - 1)) % (int)sim->team_count;
            p->next_team_day = from + (length / 3 + (int64_t)ut_rng_below(&rng, (uint64_t)length / 3)) / 7 * 7;
        }
    }
}

int ut_sim__team_of(const ut_sim *sim, int person, int64_t day)
{
    const ut_sim_person *p = &sim->people[person];
    return p->next_team >= 0 && day >= p->next_team_day ? p->next_team : p->team;
}

static bool is_known(const ut_sim_person *p, int other)
{
    for (int i = 0; i < p->contact_count; i++) {
        if (p->contacts[i] == other) {
            return true;
        }
    }
    return false;
}

static void connect(ut_sim *sim, int a, int b)
{
    ut_sim_person *p = &sim->people[a], *q = &sim->people[b];
    if (a != b && p->contact_count < SIM_CONTACTS && q->contact_count < SIM_CONTACTS && !is_known(p, b)) {
        p->contacts[p->contact_count++] = b;
        q->contacts[q->contact_count++] = a;
    }
}

/* Whom people write to: the manager, some of the team, a few elsewhere. Symmetric. */
static void build_contacts(ut_sim *sim)
{
    ut_rng rng = ut_sim__rng(sim, "contacts", 0, 0);
    for (uint32_t i = 0; i < sim->people_count; i++) {
        const ut_sim_person *p = &sim->people[i];
        const ut_sim_team *t = &sim->teams[p->team];
        if (p->manager >= 0) {
            connect(sim, (int)i, p->manager);
        }
        /* Those who share a language other than English find each other. */
        for (uint32_t n = i + 1, found = 0; p->voice.lang && n < sim->people_count && found < 2; n++) {
            if (sim->people[n].voice.lang == p->voice.lang) {
                connect(sim, (int)i, (int)n);
                found++;
            }
        }
        for (int n = 0; n < 3; n++) {
            connect(sim, (int)i, t->members[ut_rng_below(&rng, (uint64_t)t->member_count)]);
        }
        connect(sim, (int)i, (int)ut_rng_below(&rng, sim->people_count));
    }
}

void ut_sim__org_build(ut_sim *sim)
{
    ut_rng rng = ut_sim__rng(sim, "company", 0, 0);
    sim->people_count = sim->options.people;
    sim->team_count = sim->options.teams;
    sim->people = ut_new(&sim->keep, ut_sim_person, sim->people_count);
    sim->teams = ut_new(&sim->keep, ut_sim_team, sim->team_count);
    sim->today = ut_new(&sim->keep, ut_sim_state, sim->people_count);
    build_company(sim, &rng);
    build_outsiders(sim, &rng);
    if (!sim->people || !sim->teams || !sim->today || !sim->products || !sim->outsiders) {
        ut_sim__fail(sim, UT_NOMEM, "memory ended while building the organisation");
        return;
    }
    build_teams(sim);
    ut_map taken = ut_map_make(8 * (size_t)sim->people_count + 16);
    for (uint32_t i = 0; i < sim->people_count; i++) {
        build_person(sim, i, &taken);
    }
    ut_map_free(&taken);
    build_roles(sim);
    build_exceptions(sim);
    build_contacts(sim);
}
