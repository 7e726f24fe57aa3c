/* simulate/scene_extras.c — what stands between the messages of people: reactions and machines. */
#include "simulate/simulate_int.h"

const char *const ut_sim_reaction_names[] = {
    "+1", "heart", "tada", "eyes", "joy", "pray", "rocket", "clap", "white_check_mark", "sob", "100", "raised_hands",
    "fire", "thinking_face", "muscle", "coffee", "hugging_face", "facepalm", "grimacing", "wave", NULL};

static const uint8_t plain_reactions[] = {0, 0, 0, 3, 8, 8, 5, 10, 19, 13};
static const uint8_t bright_reactions[] = {2, 1, 6, 7, 11, 12, 4, 0, 10, 14};
static const uint8_t dark_reactions[] = {9, 16, 1, 5, 17, 18, 14, 15, 0, 16};

void ut_sim__react(ut_sim *sim, ut_sim_chat *chat, ut_rng *rng)
{
    const ut_sim_channel *c = &sim->channels[chat->channel];
    bool bright = chat->features & 0x1fu, dark = chat->features >> 5;
    int chance = c->kind == CHANNEL_DIRECT ? 60 : bright ? 420 : dark ? 200 : 130;
    while (chat->reaction_count < 3 && c->member_count > 1 && ut_sim__chance(rng, chance)) {
        const uint8_t *pool = bright ? bright_reactions : dark ? dark_reactions : plain_reactions;
        ut_sim_reaction r = {.name = pool[ut_rng_below(rng, 10)]};
        bool known = false;
        for (int i = 0; i < chat->reaction_count; i++) {
            known = known || chat->reactions[i].name == r.name;
        }
        int wanted = 1 + (int)ut_rng_below(rng, bright ? 5 : 2);
        for (int n = 0; n < wanted; n++) {
            int user = c->members[ut_rng_below(rng, (uint64_t)c->member_count)];
            bool twice = user == chat->author;
            for (int i = 0; i < r.count; i++) {
                twice = twice || r.users[i] == user;
            }
            if (!twice) {
                r.users[r.count++] = user;
            }
        }
        if (!known && r.count) {
            chat->reactions[chat->reaction_count++] = r;
        }
        chance /= 3;
    }
}

static void bot_says(ut_sim *sim, int channel, int bot, const char *symbol, ut_rng *rng)
{
    int64_t at = sim->day * UT_DAY_US + (int64_t)ut_sim__range(rng, 300, 1260) * UT_MINUTE_US;
    at += (int64_t)ut_rng_below(rng, (uint64_t)UT_MINUTE_US);
    ut_sim_talk talk = {.sim = sim, .rng = rng, .me = -1, .you = -1, .third = -1, .kind = KIND_PLATFORM,
                        .day = sim->day};
    ut_arena_reset(&sim->scratch);
    ut_buf_clear(&sim->text);
    (void)ut_sim__expand_symbol(&talk, &sim->text, ut_str_of(symbol), 0);
    ut_sim_chat *chat = ut_sim__chat_add(sim, at, channel, bot, ut_buf_str(&sim->text));
    if (chat) {
        chat->form = FORM_BOT;
    }
}

void ut_sim__bots_play(ut_sim *sim)
{
    ut_rng rng = ut_sim__rng(sim, "bots", 0, (uint64_t)sim->day);
    bool weekend = ut_time_weekday(sim->day) > 4;
    int builds = ut_sim__range(&rng, 2, weekend ? 5 : 4 + (int)sim->people_count / 3);
    for (int n = 0; n < builds && sim->failed == UT_OK; n++) {
        bot_says(sim, sim->builds, 0, "bot_build", &rng);
    }
    for (uint32_t i = 0; i < sim->team_count && !weekend; i++) {
        if (ut_sim__chance(&rng, 500)) {
            bot_says(sim, sim->teams[i].channel, 1, "bot_board", &rng);
        }
    }
    if (ut_sim__chance(&rng, 250)) {
        bot_says(sim, sim->incidents, 2, "bot_alert", &rng);
    }
    /* New colleagues join, and the workspace says so. */
    for (uint32_t i = 0; i < sim->people_count; i++) {
        const ut_sim_person *p = &sim->people[i];
        bool begins = p->first_day == sim->day || (sim->day == sim->options.from_day && i % 9 == 0);
        if (begins && !(p->missing & MISSING_CHAT) && p->last_day > sim->day) {
            int64_t at = ut_sim__zone_to_utc(p->zone, sim->day, p->start_min) + (int64_t)ut_rng_below(&rng, 999999);
            ut_sim_chat *chat = ut_sim__chat_add(sim, at, sim->teams[p->team].channel, (int)i, UT_STR(""));
            if (chat) {
                chat->form = FORM_JOIN;
            }
        }
    }
}
