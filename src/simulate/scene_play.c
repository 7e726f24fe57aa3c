/* simulate/scene_play.c — one conversation in chat: a scene of the word lists, cast with people, played in time.
 *
 * A scene is "A: … // B: … // A?: "
     "…": who speaks, '?' for a turn that may be missing. Words in capitals are bound, so
 * that B answers what A asked. Each turn then gets the speaker's feeling of the day, or none, and the speaker's
 * hand. */
#include "simulate/simulate_int.h"

#include <stdio.h>

#define TURNS_MAX 16 /* more than any scene has, feelings apart included */

typedef struct scene {
    ut_sim *sim;
    ut_rng *rng;
    ut_sim_talk talk;
    int cast[3]; /* A, B, C */
    int channel;
    bool line; /* it takes place in the other chat */
    ut_sim_chat *turns[TURNS_MAX];
    int turn_count;
} scene;

bool ut_sim__turn_next(ut_str *rest, ut_sim_turn *ret)
{
    ut_str text = ut_str_trim(*rest);
    if (text.len == 0) {
        return false;
    }
    size_t end = ut_str_find(text, UT_STR(" // "), 0);
    ut_str turn = ut_str_slice(text, 0, end == UT_NPOS ? text.len : end);
    *rest = end == UT_NPOS ? (ut_str){0} : ut_str_slice(text, end + 4, text.len);
    size_t colon = ut_str_find_byte(turn, ':', 0);
    UT_ASSERT(colon == 1 || colon == 2);
    *ret = (ut_sim_turn){turn.ptr[0], turn.ptr[1] == '?', ut_str_trim(ut_str_slice(turn, colon + 1, turn.len))};
    return true;
}

static int direct_channel(const ut_sim *sim, int a, int b)
{
    const ut_sim_person *p = &sim->people[a];
    for (int i = 0; i < p->contact_count; i++) {
        if (p->contacts[i] == b) {
            return p->contact_channel[i];
        }
    }
    return -1;
}

static bool is_member(const ut_sim_channel *c, int person)
{
    for (int i = 0; i < c->member_count; i++) {
        if (c->members[i] == person) {
            return true;
        }
    }
    return false;
}

/* Where A talks to B: their team's room, a product's room, or between the two of them. */
static int pick_channel(const ut_sim *sim, int a, int b, bool intimate, ut_rng *rng)
{
    int team = ut_sim__team_of(sim, a, sim->day);
    const ut_sim_team *t = &sim->teams[team];
    int direct = b >= 0 ? direct_channel(sim, a, b) : -1;
    int lang = sim->people[a].voice.lang;
    bool shared = b >= 0 && lang && sim->people[b].voice.lang == lang;
    if (direct >= 0 && ut_sim__chance(rng, intimate || shared ? 850 : 260)) {
        return direct;
    }
    bool same = b < 0 || ut_sim__team_of(sim, b, sim->day) == team;
    if (same && t->private_channel >= 0 && ut_sim__chance(rng, intimate ? 600 : 130)) {
        return t->private_channel;
    }
    if (!same || ut_sim__chance(rng, 230)) {
        uint32_t first = (uint32_t)ut_rng_below(rng, sim->product_count);
        for (uint32_t i = 0; i < sim->product_count; i++) {
            /* Product rooms follow the team rooms; found by name so that no order is relied on. */
            const ut_sim_product *product = &sim->products[(first + i) % sim->product_count];
            for (uint32_t c = 0; c < sim->channel_count && sim->channels[c].kind != CHANNEL_DIRECT; c++) {
                const ut_sim_channel *ch = &sim->channels[c];
                if (ut_str_starts(ch->name, UT_STR("proj-")) && ut_str_ends(ch->name, product->slug) && is_member(ch,
                                                                                                                  a)) {
                    return (int)c;
                }
            }
        }
    }
    return t->channel;
}

static const char *pick_scene(const ut_sim *sim, int person, int partner, ut_rng *rng)
{
    const ut_sim_state *state = &sim->today[person];
    if (partner >= 0 && partner == state->conflict && ut_sim__chance(rng, 650)) {
        return "scene_conflict";
    }
    if (state->kinds >> EPISODE_LAUNCH & 1 && ut_sim__chance(rng, 220)) {
        return "scene_launch";
    }
    if (state->kinds >> EPISODE_SETBACK & 1 && ut_sim__chance(rng, 200)) {
        return "scene_setback";
    }
    if (state->kinds >> EPISODE_ONCALL & 1 && ut_sim__chance(rng, 350)) {
        return "scene_oncall";
    }
    int dark = state->level[F_STRESS] + state->level[F_EXHAUSTION] + state->level[F_SADNESS] + state->level[F_ANXIETY];
    if (dark > 500 && ut_sim__chance(rng, dark / 9)) {
        return "scene_heart";
    }
    static const struct {
        const char *name;
        int weight;
    } usual[] = {{"scene_team", 380}, {"scene_ask", 150}, {"scene_status", 110}, {"scene_meet", 90},
                 {"scene_review", 90}, {"scene_social", 100}, {"scene_praise", 40}, {"scene_note", 40}};
    int pick = (int)ut_rng_below(rng, 1000);
    size_t i = 0;
    while (i < 7 && pick >= usual[i].weight) {
        pick -= usual[i++].weight;
    }
    return usual[i].name;
}

/* The feeling that shows in the turn just expanded into sim->text, or -1. */
static int pick_feeling(const scene *s)
{
    const ut_sim_talk *talk = &s->talk;
    ut_sim_channel_kind kind = s->sim->channels[s->channel].kind;
    int permille = kind == CHANNEL_PUBLIC ? 800 : kind == CHANNEL_PRIVATE ? 1000 : 1300;
    int feature = talk->features ? -1 : ut_sim__feel(s->sim, talk->me, permille, s->rng);
    /* "ok" mostly stays "ok". */
    return feature >= 0 && s->sim->text.len < 12 && ut_sim__chance(s->rng, 600) ? -1 : feature;
}

/* The phrase of a feeling; now and then with a word before it or what it is about after it. */
void ut_sim__put_feeling(ut_sim_talk *talk, ut_buf *to, int feature)
{
    char name[40];
    size_t len = (size_t)snprintf(name, sizeof name, "feel_%s", ut_sim_feature_names[feature]);
    bool dark = feature >= F_STRESS;
    if (talk->variant == NULL && ut_sim__chance(talk->rng, 200)) {
        (void)ut_sim__expand_symbol(talk, to, dark ? UT_STR("pre_dark") : UT_STR("pre_bright"), 0);
        ut_buf_byte(to, ' ');
    }
    (void)ut_sim__expand_symbol(talk, to, (ut_str){name, len}, 0);
    if (talk->variant == NULL && ut_sim__chance(talk->rng, 280)) {
        ut_buf_byte(to, ' ');
        (void)ut_sim__expand_symbol(talk, to, dark ? UT_STR("tail_dark") : UT_STR("tail_bright"), 0);
    }
}

/* Within the turn's own message: after what it says, before it, or instead of it. */
static void mix_feeling(scene *s, int feature)
{
    ut_buf *text = &s->sim->text;
    ut_str body = ut_arena_copy(&s->sim->scratch, ut_buf_str(text));
    /* An answer begins with the answer; who opens a conversation may begin with what weighs on them. */
    bool first = s->turn_count == 0 && ut_sim__chance(s->rng, 350);
    bool alone = s->turn_count > 0 && ut_sim__chance(s->rng, 150);
    if (first || alone) {
        ut_buf_clear(text);
    } else {
        ut_buf_byte(text, ' ');
    }
    ut_sim__put_feeling(&s->talk, text, feature);
    if (first && !alone) {
        ut_buf_byte(text, ' ');
        ut_buf_put(text, body);
    }
}

ut_sim_chat *ut_sim__chat_add(ut_sim *sim, int64_t at_us, int channel, int author, ut_str text)
{
    ut_sim_bucket *bucket = ut_sim__bucket(sim, at_us);
    if (!bucket) {
        return NULL;
    }
    ut_sim_chat *chat = ut_new(&bucket->arena, ut_sim_chat, 1);
    ut_str copy = ut_arena_copy(&bucket->arena, text);
    if (!chat || (text.len && !copy.ptr)) {
        ut_sim__fail(sim, UT_LIMIT, "a day's messages do not fit into its arena");
        return NULL;
    }
    *chat = (ut_sim_chat){.at_us = at_us, .seq = sim->seq++, .channel = channel, .author = author, .text = copy,
                          .next = bucket->chats};
    bucket->chats = chat;
    bucket->chat_count++;
    return chat;
}

/* What happens to a message afterwards: edits, files, removal. */
static void add_fate(ut_sim_chat *chat, ut_rng *rng)
{
    int pick = (int)ut_rng_below(rng, 1000);
    if (pick < 30) {
        chat->edited_us = chat->at_us + ut_sim__range(rng, 20, 900) * UT_SECOND_US;
    } else if (pick < 52) {
        chat->form = FORM_FILE;
    } else if (pick < 55) {
        chat->form = FORM_TOMBSTONE;
    }
}

/* Says what stands in sim->text, in the speaker's hand. */
static bool say(scene *s, int64_t at_us)
{
    ut_sim *sim = s->sim;
    ut_buf_clear(&sim->styled);
    ut_sim__style(&s->talk, &sim->styled, ut_buf_str(&sim->text), MEDIUM_CHAT);
    ut_sim_chat *chat = ut_sim__chat_add(sim, at_us, s->channel, s->talk.me, ut_buf_str(&sim->styled));
    if (!chat) {
        return false;
    }
    chat->features = s->talk.features;
    s->turns[s->turn_count++] = chat;
    if (s->line) {
        chat->form = FORM_LINE;
    } else {
        add_fate(chat, s->rng);
    }
    ut_sim__react(sim, chat, s->rng);
    return true;
}

/* One turn; false ends the conversation: nobody answered in time. */
static bool play_turn(scene *s, const ut_sim_turn *turn, int64_t *at_us)
{
    ut_sim *sim = s->sim;
    ut_sim_talk *talk = &s->talk;
    talk->me = s->cast[turn->role - 'A'];
    talk->you = turn->role == 'A' ? s->cast[1] : s->cast[0];
    talk->features = 0;
    if (s->turn_count) {
        *at_us = ut_sim__answer_at(sim, talk->me, *at_us, s->rng);
        if (*at_us == 0 || ut_sim__chance(s->rng, sim->today[talk->me].drop)) {
            return false;
        }
    }
    ut_buf_clear(&sim->text);
    ut_sim__expand(talk, &sim->text, turn->text, 0);
    int feature = pick_feeling(s);
    /* Many people press enter first and let off steam in a message of its own. */
    bool apart = feature >= 0 && ut_sim__chance(s->rng, 420);
    if (feature >= 0 && !apart) {
        mix_feeling(s, feature);
    }
    if (!say(s, *at_us) || !apart || s->turn_count == TURNS_MAX) {
        return s->turn_count > 0 && s->turns[s->turn_count - 1]->at_us == *at_us;
    }
    *at_us += (int64_t)ut_sim__range(s->rng, 12000, 95000) * 1000;
    talk->features = 0;
    ut_buf_clear(&sim->text);
    ut_sim__put_feeling(talk, &sim->text, feature);
    return say(s, *at_us);
}

/* Slack's first message of a thread lists its answers. */
static void make_thread(scene *s)
{
    ut_sim_chat *root = s->turns[0];
    ut_sim_bucket *bucket = ut_sim__bucket(s->sim, root->at_us);
    int count = s->turn_count - 1;
    root->reply_at_us = ut_new(&bucket->arena, int64_t, (size_t)count);
    root->reply_author = ut_new(&bucket->arena, int, (size_t)count);
    if (!root->reply_at_us || !root->reply_author) {
        ut_sim__fail(s->sim, UT_LIMIT, "a day's messages do not fit into its arena");
        return;
    }
    root->thread_us = root->at_us;
    root->reply_count = count;
    for (int i = 0; i < count; i++) {
        s->turns[i + 1]->thread_us = root->at_us;
        root->reply_at_us[i] = s->turns[i + 1]->at_us;
        root->reply_author[i] = s->turns[i + 1]->author;
    }
}

static void cast_scene(scene *s, int person)
{
    ut_sim *sim = s->sim;
    s->cast[0] = person;
    s->cast[1] = ut_sim__partner(sim, person, s->rng, true);
    for (int tries = 0; tries < 5; tries++) {
        int third = ut_sim__partner(sim, person, s->rng, false);
        if (third >= 0 && third != s->cast[1]) {
            s->cast[2] = third;
        }
    }
    for (int i = 1; i < 3; i++) {
        if (s->cast[i] >= 0 && sim->people[s->cast[i]].missing & MISSING_CHAT) {
            s->cast[i] = -1;
        }
    }
}

static int room_of(scene *s, const char *name)
{
    const ut_sim *sim = s->sim;
    bool social = strcmp(name, "scene_social") == 0;
    if (social && ut_sim__chance(s->rng, 500)) {
        return sim->random;
    }
    if (strcmp(name, "scene_oncall") == 0 && ut_sim__chance(s->rng, 600)) {
        return sim->incidents;
    }
    if ((strcmp(name, "scene_praise") == 0 || strcmp(name, "scene_launch") == 0) && ut_sim__chance(s->rng, 350)) {
        return sim->wins;
    }
    if (strcmp(name, "scene_note") == 0 && sim->people[s->cast[0]].lead && ut_sim__chance(s->rng, 500)) {
        return sim->general;
    }
    bool intimate = strcmp(name, "scene_heart") == 0 || strcmp(name, "scene_conflict") == 0;
    return pick_channel(sim, s->cast[0], s->cast[1], intimate, s->rng);
}

static const char *language_of(const scene *s)
{
    static const char *const names[] = {NULL, "de", "es"};
    int mine = s->sim->people[s->cast[0]].voice.lang;
    bool shared = s->cast[1] >= 0 && s->sim->people[s->cast[1]].voice.lang == mine;
    return shared && s->sim->channels[s->channel].kind == CHANNEL_DIRECT ? names[mine] : NULL;
}

void ut_sim__scene_play(ut_sim *sim, int person, ut_rng *rng)
{
    scene s = {.sim = sim, .rng = rng, .cast = {-1, -1, -1}, .channel = -1};
    ut_arena_reset(&sim->scratch);
    cast_scene(&s, person);
    const char *name = pick_scene(sim, person, s.cast[1], rng);
    s.channel = room_of(&s, name);
    if (s.channel < 0) {
        return;
    }
    int team = ut_sim__team_of(sim, person, sim->day);
    bool direct = sim->channels[s.channel].kind == CHANNEL_DIRECT;
    s.talk = (ut_sim_talk){.sim = sim, .rng = rng, .me = person, .you = s.cast[1], .third = s.cast[2],
                           .outsider = UT_STR("all"), .kind = sim->teams[team].kind, .team = team, .day = sim->day,
                           .variant = language_of(&s), .mention = !direct};
    s.line = sim->options.parts & UT_SIM_LINES && sim->channels[s.channel].kind == CHANNEL_PUBLIC &&
             (s.talk.kind == KIND_PLATFORM || s.talk.kind == KIND_DATA) && ut_sim__chance(rng, 140);
    ut_str script = ut_sim__pick(&s.talk, ut_str_of(s.talk.variant ? "scene" : name));
    int64_t at_us = ut_sim__moment(sim, person, sim->day, rng);
    ut_sim_turn turn;
    while (s.turn_count < TURNS_MAX && ut_sim__turn_next(&script, &turn)) {
        int speaker = s.cast[turn.role - 'A'];
        if (speaker < 0 || (turn.role == 'C' && direct)) {
            break;
        }
        if (turn.optional && ut_sim__chance(rng, 450)) {
            continue;
        }
        if (!play_turn(&s, &turn, &at_us)) {
            break;
        }
    }
    if (s.turn_count > 1 && !direct && !s.line && ut_sim__chance(rng, 720)) {
        make_thread(&s);
    }
}
