/* simulate/slack_write.c — a Slack workspace export: users.json, channels.json, groups.json, dms.json, mpims.json and
 * <conversation>/<day>.json with everything such files hold: threads, edits, reactions, files, bots, joins,
 * tombstones. */
#include "simulate/simulate_int.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *id, *user, *name;
} bots[] = {{"B0BUILDS01", "U0BOTBUILD", "buildbot"}, {"B0BOARDS02", "U0BOTBOARD", "boardbot"},
            {"B0ALERTS03", "U0BOTALERT", "alertbot"}};

static const struct {
    const char *emoji, *code;
} emoji_codes[] = {
    {"😀", "grinning"}, {"😄", "smile"}, {"😊", "blush"}, {"🙂", "slightly_smiling_face"}, {"😂", "joy"}, {"🎉", "tada"},
    {"🙏", "pray"}, {"❤️", "heart"}, {"👍", "+1"}, {"👏", "clap"}, {"🚀", "rocket"}, {"🔥", "fire"}, {"💪", "muscle"},
    {"😅", "sweat_smile"}, {"😬", "grimacing"}, {"😩", "weary"}, {"😫", "tired_face"}, {"😴", "sleeping"}, {"😭", "sob"},
    {"😢", "cry"}, {"😞", "disappointed"}, {"😟", "worried"}, {"😰", "cold_sweat"}, {"😤", "triumph"}, {"😡", "rage"},
    {"🤦", "facepalm"}, {"🙄", "face_with_rolling_eyes"}, {"🤔", "thinking_face"}, {"👀", "eyes"},
    {"✅", "white_check_mark"},
    {"🤗", "hugging_face"}, {"💯", "100"}, {"🙌", "raised_hands"}, {"🥳", "partying_face"}, {"🤞", "crossed_fingers"},
    {"🫠", "melting_face"}, {"🥱", "yawning_face"}, {"😎", "sunglasses"}, {"💙", "blue_heart"}, {"☕", "coffee"},
    {"🤷", "shrug"}, {"📎", "paperclip"}, {"👋", "wave"}, {"✨", "sparkles"}, {"😕", "confused"}, {"💔", "broken_heart"},
    {"🥲", "smiling_face_with_tear"}, {"😠", "angry"}, {"⏰", "alarm_clock"}, {"🌊", "ocean"},
};

static size_t emoji_at(ut_str text, size_t at, ut_buf *to)
{
    if ((unsigned char)text.ptr[at] < 0xe2) {
        return 0;
    }
    for (size_t i = 0; i < sizeof emoji_codes / sizeof *emoji_codes; i++) {
        size_t len = strlen(emoji_codes[i].emoji);
        if (text.len - at >= len && memcmp(text.ptr + at, emoji_codes[i].emoji, len) == 0) {
            ut_buf_format(to, ":%s:", emoji_codes[i].code);
            return len;
        }
    }
    return 0;
}

/* Marks, emoji, links and the three escapes, as Slack writes them. */
static void put_markup(ut_sim *sim, ut_buf *to, ut_str text)
{
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at];
        size_t skip = emoji_at(text, at, to);
        if (skip) {
            at += skip;
        } else if (c == '\x01') {
            size_t end = ut_str_find_byte(text, '\x02', at);
            int64_t person = 0;
            (void)ut_str_to_i64(ut_str_slice(text, at + 1, end), &person);
            ut_buf_format(to, "<@" UT_STR_FMT ">", UT_STR_ARG(sim->people[person].slack_id));
            at = end + 1;
        } else if (c == 'h' && ut_str_starts(ut_str_slice(text, at, text.len), UT_STR("https://"))) {
            size_t end = at;
            while (end < text.len && !strchr(" \n,)!?", text.ptr[end])) {
                end++;
            }
            end -= text.ptr[end - 1] == '.';
            ut_buf_byte(to, '<');
            ut_buf_put(to, ut_str_slice(text, at, end));
            ut_buf_byte(to, '>');
            at = end;
        } else {
            ut_buf_puts(to, c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : "");
            if (c != '&' && c != '<' && c != '>') {
                ut_buf_byte(to, c);
            }
            at++;
        }
    }
}

static void put_ts(ut_buf *to, const char *name, int64_t at_us)
{
    ut_buf_format(to, "\"%s\":\"%lld.%06d\"", name, (long long)(at_us / UT_SECOND_US), (int)(at_us % UT_SECOND_US));
}

static void put_thread(ut_sim *sim, ut_buf *to, const ut_sim_chat *m)
{
    if (m->thread_us == 0) {
        return;
    }
    ut_buf_byte(to, ',');
    put_ts(to, "thread_ts", m->thread_us);
    if (m->reply_count == 0) {
        return;
    }
    ut_buf_format(to, ",\"reply_count\":%d,\"replies\":[", m->reply_count);
    for (int i = 0; i < m->reply_count; i++) {
        ut_buf_format(to, "%s{\"user\":\"" UT_STR_FMT "\",", i ? "," : "",
                      UT_STR_ARG(sim->people[m->reply_author[i]].slack_id));
        put_ts(to, "ts", m->reply_at_us[i]);
        ut_buf_byte(to, '}');
    }
    ut_buf_puts(to, "],\"reply_users\":[");
    int users = 0;
    for (int i = 0; i < m->reply_count; i++) {
        bool seen = false;
        for (int n = 0; n < i; n++) {
            seen = seen || m->reply_author[n] == m->reply_author[i];
        }
        if (!seen) {
            ut_buf_format(to, "%s\"" UT_STR_FMT "\"", users++ ? "," : "",
                          UT_STR_ARG(sim->people[m->reply_author[i]].slack_id));
        }
    }
    ut_buf_format(to, "],\"reply_users_count\":%d,", users);
    put_ts(to, "latest_reply", m->reply_at_us[m->reply_count - 1]);
    ut_buf_puts(to, ",\"is_locked\":false,\"subscribed\":false");
}

static void put_reactions(ut_sim *sim, ut_buf *to, const ut_sim_chat *m)
{
    for (int i = 0; i < m->reaction_count; i++) {
        const ut_sim_reaction *r = &m->reactions[i];
        ut_buf_format(to, "%s{\"name\":\"%s\",\"users\":[", i ? "," : ",\"reactions\":[",
                      ut_sim_reaction_names[r->name]);
        for (int n = 0; n < r->count; n++) {
            ut_buf_format(to, "%s\"" UT_STR_FMT "\"", n ? "," : "", UT_STR_ARG(sim->people[r->users[n]].slack_id));
        }
        ut_buf_format(to, "],\"count\":%d}", r->count);
    }
    ut_buf_puts(to, m->reaction_count ? "]" : "");
}

static void put_text(ut_sim *sim, ut_buf *to, ut_str text)
{
    ut_buf_clear(&sim->part);
    put_markup(sim, &sim->part, text);
    ut_buf_puts(to, ",\"text\":");
    ut_buf_json_str(to, ut_buf_str(&sim->part));
}

static void put_file(ut_sim *sim, ut_buf *to, const ut_sim_chat *m)
{
    static const char *const types[][2] = {{"png", "image/png"}, {"pdf", "application/pdf"}, {"csv", "text/csv"},
                                           {"log", "text/plain"}};
    uint64_t h = ut_hash_mix(sim->options.seed ^ 0xF17Eu, (uint64_t)m->at_us);
    const char *const *type = types[h % 4];
    ut_buf_format(to, ",\"files\":[{\"id\":\"F0%08llX\",\"created\":%lld,\"name\":\"%s-%d.%s\",\"mimetype\":\"%s\","
                      "\"filetype\":\"%s\",\"size\":%d,\"url_private\":\"https://files.%s/%08llx\"}],\"upload\":false",
                  (unsigned long long)(h >> 32), (long long)(m->at_us / UT_SECOND_US), h & 64 ? "screenshot" : "export",
                  (int)(h >> 8 & 0xff), type[0], type[1], type[0], (int)(h >> 20 & 0xfffff), sim->domain.ptr,
                  (unsigned long long)(h & 0xffffffff));
}

/* A rich_text block with the same words, as today's clients send beside `text`; only for texts without markup. */
static void put_blocks(ut_buf *to, const ut_sim_chat *m)
{
    for (size_t i = 0; i < m->text.len; i++) {
        if ((unsigned char)m->text.ptr[i] >= 0x80 || strchr("\x01:<>&\n", m->text.ptr[i])) {
            return;
        }
    }
    ut_buf_format(to, ",\"blocks\":[{\"type\":\"rich_text\",\"block_id\":\"%05x\",\"elements\":[{\"type\":"
                      "\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":",
                          (unsigned)(m->at_us & 0xfffff));
    ut_buf_json_str(to, m->text);
    ut_buf_puts(to, "}]}]}]");
}

static void put_bot_message(ut_sim *sim, ut_buf *to, const ut_sim_chat *m)
{
    ut_buf_format(to, "\"type\":\"message\",\"subtype\":\"bot_message\",\"bot_id\":\"%s\",\"username\":\"%s\"",
                  bots[m->author].id, bots[m->author].name);
    put_text(sim, to, m->text);
    sim->counts.chat_machine++;
}

static void put_person_message(ut_sim *sim, ut_buf *to, const ut_sim_chat *m)
{
    const ut_sim_person *p = &sim->people[m->author];
    uint64_t h = ut_hash_mix(sim->options.seed ^ 0xC11E47u, (uint64_t)m->at_us + m->seq);
    ut_buf_format(to, "\"client_msg_id\":\"%08x-%04x-4%03x-a%03x-%012llx\",\"type\":\"message\"", (unsigned)(h >> 32),
                  (unsigned)(h & 0xffff), (unsigned)(h >> 16 & 0xfff), (unsigned)(h >> 40 & 0xfff),
                  (unsigned long long)(h >> 11 & 0xffffffffffffu));
    put_text(sim, to, m->text);
    ut_buf_format(to, ",\"user\":\"" UT_STR_FMT "\",\"team\":\"T0UNDRTONE\"", UT_STR_ARG(p->slack_id));
    if (m->form == FORM_FILE) {
        put_file(sim, to, m);
    } else if (h % 3) {
        put_blocks(to, m);
    }
    put_thread(sim, to, m);
    if (m->thread_us && !m->reply_count && m->thread_us != m->at_us) {
        ut_buf_puts(to, ",\"subscribed\":false");
    }
    if (m->edited_us) {
        ut_buf_format(to, ",\"edited\":{\"user\":\"" UT_STR_FMT "\",", UT_STR_ARG(p->slack_id));
        put_ts(to, "ts", m->edited_us / UT_SECOND_US * UT_SECOND_US);
        ut_buf_byte(to, '}');
    }
    put_reactions(sim, to, m);
    sim->counts.chat_messages++;
}

static void put_message(ut_sim *sim, ut_buf *to, const ut_sim_chat *m)
{
    ut_buf_byte(to, '{');
    if (m->form == FORM_BOT) {
        put_bot_message(sim, to, m);
    } else if (m->form == FORM_JOIN) {
        ut_str id = sim->people[m->author].slack_id;
        ut_buf_format(to, "\"type\":\"message\",\"subtype\":\"channel_join\",\"user\":\"" UT_STR_FMT
                          "\",\"text\":\"<@" UT_STR_FMT "> has joined the channel\"", UT_STR_ARG(id), UT_STR_ARG(id));
        sim->counts.chat_machine++;
    } else if (m->form == FORM_TOMBSTONE) {
        ut_buf_puts(to, "\"type\":\"message\",\"subtype\":\"tombstone\",\"user\":\"USLACKBOT\","
                        "\"text\":\"This message was deleted.\",\"hidden\":true");
        put_thread(sim, to, m);
        sim->counts.chat_machine++;
    } else {
        put_person_message(sim, to, m);
    }
    ut_buf_byte(to, ',');
    put_ts(to, "ts", m->at_us);
    ut_buf_byte(to, '}');
}

static int by_channel_and_time(const void *a, const void *b)
{
    const ut_sim_chat *x = *(ut_sim_chat *const *)a, *y = *(ut_sim_chat *const *)b;
    if (x->channel != y->channel) {
        return x->channel < y->channel ? -1 : 1;
    }
    if (x->at_us != y->at_us) {
        return x->at_us < y->at_us ? -1 : 1;
    }
    return x->seq < y->seq ? -1 : 1;
}

static void record_truth(ut_sim *sim, const ut_sim_chat *m)
{
    if (m->form == FORM_TEXT || m->form == FORM_FILE) {
        char id[64];
        size_t len = (size_t)snprintf(id, sizeof id, UT_STR_FMT ":%lld.%06d", UT_STR_ARG(sim->channels[m->channel].id),
                                      (long long)(m->at_us / UT_SECOND_US), (int)(m->at_us % UT_SECOND_US));
        ut_sim__truth_message(sim, UT_STR("slack"), (ut_str){id, len}, m->author, m->at_us, m->features);
    }
}

void ut_sim__slack_day_write(ut_sim *sim, ut_sim_bucket *bucket, int64_t day)
{
    ut_sim_chat **sorted = ut_new(&bucket->arena, ut_sim_chat *, bucket->chat_count + 1);
    if (!sorted) {
        ut_sim__fail(sim, UT_LIMIT, "a day's messages do not fit into its arena");
        return;
    }
    uint32_t count = 0;
    for (ut_sim_chat *m = bucket->chats; m; m = m->next) {
        if (m->form != FORM_LINE) {
            sorted[count++] = m;
        }
    }
    qsort(sorted, count, sizeof *sorted, by_channel_and_time);
    int64_t year;
    int month, date;
    ut_time_civil_of(day, &year, &month, &date);
    for (uint32_t i = 0; i < count && sim->failed == UT_OK;) {
        const ut_sim_channel *c = &sim->channels[sorted[i]->channel];
        ut_buf_clear(&sim->file);
        ut_buf_puts(&sim->file, "[\n    ");
        for (uint32_t from = i; i < count && sorted[i]->channel == sorted[from]->channel; i++) {
            ut_buf_puts(&sim->file, i > from ? ",\n    " : "");
            put_message(sim, &sim->file, sorted[i]);
            record_truth(sim, sorted[i]);
        }
        ut_buf_puts(&sim->file, "\n]\n");
        char path[160];
        size_t len = (size_t)snprintf(path, sizeof path, "slack/" UT_STR_FMT "/%04d-%02d-%02d.json",
                                      UT_STR_ARG(c->kind == CHANNEL_DIRECT ? c->id : c->name), (int)year, month, date);
        ut_sim__write(sim, (ut_str){path, len}, ut_buf_str(&sim->file));
    }
}

static void put_user(ut_sim *sim, ut_buf *to, const ut_sim_person *p)
{
    const char *top = p->manager < 0 ? "true" : "false";
    ut_buf_format(to, "{\"id\":\"" UT_STR_FMT "\",\"team_id\":\"T0UNDRTONE\",\"name\":\"" UT_STR_FMT
                      "\",\"deleted\":%s,\"real_name\":",
                  UT_STR_ARG(p->slack_id), UT_STR_ARG(p->handle), p->last_day < sim->end_day ? "true" : "false");
    ut_buf_json_str(to, p->name);
    ut_buf_format(to, ",\"tz\":\"%s\",\"tz_offset\":%d,\"is_admin\":%s,\"is_owner\":%s,\"is_bot\":false,"
                      "\"is_app_user\":false,\"updated\":%lld,\"profile\":{\"title\":", ut_sim_zones[p->zone].name,
                  ut_sim_zones[p->zone].offset_min * 60, top, top,
                  (long long)(sim->options.from_day * 86400));
    ut_buf_json_str(to, p->role);
    ut_buf_puts(to, ",\"real_name\":");
    ut_buf_json_str(to, p->name);
    ut_buf_puts(to, ",\"display_name\":");
    ut_buf_json_str(to, p->first);
    ut_buf_puts(to, ",\"email\":");
    ut_buf_json_str(to, p->email);
    ut_buf_puts(to, "}}");
}

static void write_users(ut_sim *sim)
{
    ut_buf *to = &sim->file;
    ut_buf_clear(to);
    ut_buf_puts(to, "[");
    for (uint32_t i = 0; i < sim->people_count; i++) {
        if (!(sim->people[i].missing & MISSING_CHAT)) {
            put_user(sim, to, &sim->people[i]);
            ut_buf_puts(to, ",\n");
        }
    }
    for (size_t i = 0; i < sizeof bots / sizeof *bots; i++) {
        ut_buf_format(to, "{\"id\":\"%s\",\"team_id\":\"T0UNDRTONE\",\"name\":\"%s\",\"deleted\":false,"
                          "\"real_name\":\"%s\",\"is_bot\":true,\"is_app_user\":false,\"profile\":{\"bot_id\":\"%s\","
                          "\"real_name\":\"%s\"}},\n",
                      bots[i].user, bots[i].name, bots[i].name, bots[i].id, bots[i].name);
    }
    ut_buf_puts(to, "{\"id\":\"USLACKBOT\",\"team_id\":\"T0UNDRTONE\",\"name\":\"slackbot\",\"deleted\":false,"
                    "\"real_name\":\"Slackbot\",\"is_bot\":false,\"profile\":{\"real_name\":\"Slackbot\"}}]\n");
    ut_sim__write(sim, UT_STR("slack/users.json"), ut_buf_str(to));
}

static void put_channel(ut_sim *sim, ut_buf *to, const ut_sim_channel *c)
{
    ut_str creator = sim->people[c->creator].slack_id;
    long long created = (long long)(sim->options.from_day * 86400 - 8640000);
    ut_buf_format(to, "{\"id\":\"" UT_STR_FMT "\",", UT_STR_ARG(c->id));
    if (c->kind != CHANNEL_DIRECT) {
        ut_buf_puts(to, "\"name\":");
        ut_buf_json_str(to, c->name);
        ut_buf_format(to, ",\"creator\":\"" UT_STR_FMT "\",\"is_archived\":false,\"is_general\":%s,"
                          "\"topic\":{\"value\":\"\","
                          "\"creator\":\"\",\"last_set\":0},\"purpose\":{\"value\":", UT_STR_ARG(creator),
                      ut_str_eq(c->name, UT_STR("general")) ? "true" : "false");
        ut_buf_json_str(to, c->purpose);
        ut_buf_format(to, ",\"creator\":\"" UT_STR_FMT "\",\"last_set\":%lld},", UT_STR_ARG(creator), created);
    }
    ut_buf_format(to, "\"created\":%lld,\"members\":[", created);
    for (int i = 0; i < c->member_count; i++) {
        ut_buf_format(to, "%s\"" UT_STR_FMT "\"", i ? "," : "", UT_STR_ARG(sim->people[c->members[i]].slack_id));
    }
    ut_buf_puts(to, "]}");
}

void ut_sim__slack_index_write(ut_sim *sim)
{
    static const char *const files[] = {"slack/channels.json", "slack/groups.json", "slack/dms.json",
                                        "slack/mpims.json"};
    write_users(sim);
    for (int kind = CHANNEL_PUBLIC; kind <= CHANNEL_GROUP; kind++) {
        ut_buf_clear(&sim->file);
        bool any = false;
        for (uint32_t i = 0; i < sim->channel_count; i++) {
            if ((int)sim->channels[i].kind == kind) {
                ut_buf_puts(&sim->file, any ? ",\n" : "[");
                put_channel(sim, &sim->file, &sim->channels[i]);
                any = true;
            }
        }
        ut_buf_puts(&sim->file, any ? "]\n" : "[]\n");
        ut_sim__write(sim, ut_str_of(files[kind]), ut_buf_str(&sim->file));
    }
}
