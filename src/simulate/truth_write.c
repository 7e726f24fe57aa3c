/* simulate/truth_write.c — what was planted, for those who check what the product finds: truth/truth.json (all of it),
 * truth/truth.csv (episodes), truth/messages.csv (what each message was made to express). */
#include "simulate/simulate_int.h"

#include <stdio.h>

static void put_day(ut_buf *to, int64_t day)
{
    int64_t year;
    int month, date;
    ut_time_civil_of(day, &year, &month, &date);
    ut_buf_format(to, "%04d-%02d-%02d", (int)year, month, date);
}

static void put_features(ut_buf *to, uint32_t features)
{
    bool any = false;
    for (int f = 0; f < F_COUNT; f++) {
        if (features >> f & 1) {
            ut_buf_format(to, "%s%s", any ? ";" : "", ut_sim_feature_names[f]);
            any = true;
        }
    }
}

void ut_sim__truth_message(ut_sim *sim, ut_str medium, ut_str id, int person, int64_t at_us, uint32_t features)
{
    ut_buf *to = &sim->truth_messages;
    char at[32];
    size_t len = ut_time_format(at, at_us / UT_SECOND_US * UT_SECOND_US);
    const ut_sim_person *p = &sim->people[person];
    int64_t local = at_us + ut_sim__zone_offset_min(p->zone, at_us) * UT_MINUTE_US;
    ut_buf_format(to, UT_STR_FMT "," UT_STR_FMT "," UT_STR_FMT ",%.*s,", UT_STR_ARG(medium), UT_STR_ARG(id),
                  UT_STR_ARG(p->id), (int)len, at);
    put_day(to, local / UT_DAY_US);
    ut_buf_byte(to, ',');
    put_features(to, features);
    ut_buf_byte(to, '\n');
}

void ut_sim__truth_day_write(ut_sim *sim)
{
    if (sim->truth_messages.failed != UT_OK) {
        ut_sim__fail(sim, sim->truth_messages.failed, "memory ended while recording the truth");
    }
    if (sim->bucket_day == sim->options.from_day) {
        ut_sim__write(sim, UT_STR("truth/messages.csv"), UT_STR("medium,id,person,at,local_day,features\n"));
    }
    if (sim->truth_messages.len) {
        ut_sim__write(sim, UT_STR("truth/messages.csv"), ut_buf_str(&sim->truth_messages));
        ut_buf_clear(&sim->truth_messages);
    }
}

/* Days on which somebody's planted state was computed, one line per person and work day. */
static void write_days(ut_sim *sim)
{
    ut_buf *to = &sim->file;
    ut_buf_clear(to);
    ut_buf_puts(to, "person,day,works,away,load,after_hours,joy,gratitude,enthusiasm,confidence,care,stress,anxiety,"
                    "frustration,anger,sadness,exhaustion,episodes\n");
    for (uint32_t i = 0; i < sim->people_count && sim->failed == UT_OK; i++) {
        for (int64_t day = sim->options.from_day; day < sim->day; day++) {
            ut_sim_state s;
            ut_sim__state(sim, &s, (int)i, day);
            ut_buf_format(to, UT_STR_FMT ",", UT_STR_ARG(sim->people[i].id));
            put_day(to, day);
            ut_buf_format(to, ",%d,%d,%d,%d", ut_sim__works(sim, (int)i, day), s.away, s.load, s.after);
            for (int f = 0; f < F_COUNT; f++) {
                ut_buf_format(to, ",%d", s.level[f]);
            }
            ut_buf_byte(to, ',');
            bool any = false;
            for (int k = 0; k < EPISODE_KINDS; k++) {
                if (s.kinds >> k & 1) {
                    ut_buf_format(to, "%s%s", any ? ";" : "", ut_sim_episode_names[k]);
                    any = true;
                }
            }
            ut_buf_byte(to, '\n');
        }
        ut_sim__write(sim, UT_STR("truth/days.csv"), ut_buf_str(to));
        ut_buf_clear(to);
    }
}

static void put_person_id(ut_sim *sim, ut_buf *to, const char *key, int person)
{
    if (person >= 0) {
        ut_buf_format(to, "\"%s\":\"" UT_STR_FMT "\",", key, UT_STR_ARG(sim->people[person].id));
    }
}

static void put_episode(ut_sim *sim, ut_buf *to, uint32_t number)
{
    const ut_sim_episode *e = &sim->episodes[number];
    ut_buf_format(to, "{\"id\":%u,\"kind\":\"%s\",", number + 1, ut_sim_episode_names[e->kind]);
    put_person_id(sim, to, "person", e->person);
    put_person_id(sim, to, "other", e->other);
    ut_buf_puts(to, "\"team\":");
    ut_buf_json_str(to, sim->teams[e->team].name);
    ut_buf_puts(to, ",\"from\":\"");
    put_day(to, e->first_day);
    ut_buf_puts(to, "\",\"to\":\"");
    put_day(to, e->last_day);
    ut_buf_format(to, "\",\"intensity\":%d.%03d,\"cause\":", e->intensity / 1000, e->intensity % 1000);
    ut_buf_json_str(to, e->cause);
    ut_buf_byte(to, '}');
}

static void write_episodes_csv(ut_sim *sim)
{
    ut_buf *to = &sim->file;
    ut_buf_clear(to);
    ut_buf_puts(to, "episode,kind,person,other,team,from,to,intensity,cause\n");
    for (uint32_t i = 0; i < sim->episode_count; i++) {
        const ut_sim_episode *e = &sim->episodes[i];
        ut_buf_format(to, "%u,%s," UT_STR_FMT "," UT_STR_FMT "," UT_STR_FMT ",", i + 1, ut_sim_episode_names[e->kind],
                      UT_STR_ARG(e->person >= 0 ? sim->people[e->person].id : (ut_str){0}),
                      UT_STR_ARG(e->other >= 0 ? sim->people[e->other].id : (ut_str){0}),
                          UT_STR_ARG(sim->teams[e->team].name));
        put_day(to, e->first_day);
        ut_buf_byte(to, ',');
        put_day(to, e->last_day);
        ut_buf_format(to, ",%d.%03d," UT_STR_FMT "\n", e->intensity / 1000, e->intensity % 1000, UT_STR_ARG(e->cause));
    }
    ut_sim__write(sim, UT_STR("truth/truth.csv"), ut_buf_str(to));
}

static uint64_t person_days(const ut_sim *sim)
{
    uint64_t days = 0;
    for (uint32_t i = 0; i < sim->people_count; i++) {
        const ut_sim_person *p = &sim->people[i];
        int64_t from = p->first_day > sim->options.from_day ? p->first_day : sim->options.from_day;
        int64_t to = p->last_day < sim->day - 1 ? p->last_day : sim->day - 1;
        days += to >= from ? (uint64_t)(to - from + 1) : 0;
    }
    return days;
}

static void put_people(ut_sim *sim, ut_buf *to)
{
    static const char *const styles[STYLE_COUNT] = {"terse", "chatty", "formal", "emoji", "dry", "learner", "warm"};
    static const char *const languages[] = {"en", "de", "es"};
    for (uint32_t i = 0; i < sim->people_count; i++) {
        const ut_sim_person *p = &sim->people[i];
        ut_buf_format(to, "%s{\"id\":\"" UT_STR_FMT "\",\"team\":", i ? ",\n" : "", UT_STR_ARG(p->id));
        ut_buf_json_str(to, sim->teams[p->team].name);
        ut_buf_format(to, ",\"style\":\"%s\",\"language\":\"%s\",\"missing\":[", styles[p->voice.style],
                      languages[p->voice.lang]);
        const char *const parts[] = {"chat", "mail", "calendar"};
        for (int k = 0, any = 0; k < 3; k++) {
            if (p->missing >> k & 1) {
                ut_buf_format(to, "%s\"%s\"", any++ ? "," : "", parts[k]);
            }
        }
        ut_buf_puts(to, "]}");
    }
}

static void put_settings(ut_sim *sim, ut_buf *to)
{
    ut_buf_format(to, "{\"version\":1,\"seed\":%llu,\"company\":", (unsigned long long)sim->options.seed);
    ut_buf_json_str(to, sim->company);
    ut_buf_puts(to, ",\"domain\":");
    ut_buf_json_str(to, sim->domain);
    ut_buf_format(to, ",\"industry\":\"" UT_STR_FMT "\",\"from\":\"", UT_STR_ARG(sim->industry));
    put_day(to, sim->options.from_day);
    ut_buf_puts(to, "\",\"to\":\"");
    put_day(to, sim->day - 1);
    ut_buf_puts(to, "\",\n\"teams\":[");
    for (uint32_t i = 0; i < sim->team_count; i++) {
        ut_buf_puts(to, i ? "," : "");
        ut_buf_puts(to, "{\"name\":");
        ut_buf_json_str(to, sim->teams[i].name);
        ut_buf_format(to, ",\"people\":%d}", sim->teams[i].member_count);
    }
}

void ut_sim__truth_write(ut_sim *sim)
{
    write_episodes_csv(sim);
    write_days(sim);
    uint64_t days = person_days(sim), personal = 0;
    for (uint32_t i = 0; i < sim->episode_count; i++) {
        ut_sim_episode_kind k = sim->episodes[i].kind;
        personal += k == EPISODE_OVERLOAD || k == EPISODE_FLOW || k == EPISODE_ANXIOUS || k == EPISODE_CONFLICT ||
                    k == EPISODE_BURNOUT;
    }
    sim->counts.people = sim->people_count;
    sim->counts.teams = sim->team_count;
    sim->counts.channels = sim->channel_count;
    sim->counts.episodes = sim->episode_count;
    sim->counts.person_months_milli = days * 100000 / 3044;
    uint64_t months = sim->counts.person_months_milli ? sim->counts.person_months_milli : 1;
    uint64_t rate = personal * 1000000 / months;
    ut_buf *to = &sim->file;
    ut_buf_clear(to);
    put_settings(sim, to);
    ut_buf_format(to, "],\n\"counts\":{\"chat_messages\":%llu,\"mails\":%llu,\"line_messages\":%llu,\"issues\":%llu,"
                      "\"meetings\":%llu},\n\"personal_episodes\":%llu,\"person_months\":%llu.%03llu,"
                      "\"personal_episodes_per_person_month\":%llu.%03llu,\n\"people\":[\n",
                  (unsigned long long)sim->counts.chat_messages, (unsigned long long)sim->counts.mails,
                  (unsigned long long)sim->counts.line_messages, (unsigned long long)sim->counts.issues,
                  (unsigned long long)sim->counts.meetings, (unsigned long long)personal,
                      (unsigned long long)months / 1000,
                  (unsigned long long)months % 1000, (unsigned long long)rate / 1000, (unsigned long long)rate % 1000);
    put_people(sim, to);
    ut_buf_puts(to, "],\n\"episodes\":[\n");
    for (uint32_t i = 0; i < sim->episode_count; i++) {
        ut_buf_puts(to, i ? ",\n" : "");
        put_episode(sim, to, i);
    }
    ut_buf_puts(to, "]}\n");
    ut_sim__write(sim, UT_STR("truth/truth.json"), ut_buf_str(to));
}
