/* simulate/work_play.c — work items: each person has one to three in hand; a new one is planned whole when it begins,
 * from the first status to the last, and written at once. Texts name the items in hand, so chat and tracker agree.
 *
 * Written as pages of Jira's issue search (/rest/api/3/search/jql with expand=changelog), newest change first. What
 * would happen after the last day of the run is not in the export: the item is still open then. */
#include "simulate/simulate_int.h"

#include <stdio.h>

#define PAGE_ISSUES 100
#define CHANGES_MAX 12

typedef struct change {
    int64_t at_us;
    int author;
    int from, to; /* into statuses */
} change;

typedef struct issue {
    uint64_t number;
    ut_str key, title;
    ut_sim_kind kind;
    int assignee, reporter;
    int64_t created_us, due_day;
    int points;
    int status;
    change changes[CHANGES_MAX];
    int change_count;
    int64_t done_us;
} issue;

static const struct {
    const char *name, *id, *category;
} statuses[] = {{"To Do", "10000", "new"}, {"In Progress", "3", "indeterminate"}, {"In "
    "Review", "10001", "indeterminate"},
                {"Done", "10002", "done"}, {"Blocked", "10003", "indeterminate"}};
enum { TO_DO, IN_PROGRESS, IN_REVIEW, DONE, BLOCKED };

static void add_change(issue *w, int64_t at_us, int author, int to)
{
    if (w->change_count < CHANGES_MAX) {
        w->changes[w->change_count++] = (change){at_us, author, w->status, to};
        w->status = to;
    }
}

/* A moment in the assignee's hours, some work days on; longer when slow, shorter in flow. */
static int64_t workdays_later(const ut_sim *sim, int person, int64_t from_us, int days, ut_rng *rng)
{
    const ut_sim_person *p = &sim->people[person];
    int64_t day = (from_us + ut_sim__zone_offset_min(p->zone, from_us) * UT_MINUTE_US) / UT_DAY_US;
    for (int guard = 0; days > 0 && guard < 60; guard++) {
        days -= ut_sim__works(sim, person, ++day);
    }
    int minute = ut_sim__range(rng, p->start_min + 10, p->end_min - 5);
    int64_t at = ut_sim__zone_to_utc(p->zone, day, minute) + (int64_t)ut_rng_below(rng, 60000) * 1000;
    return at > from_us ? at : from_us + 7 * UT_MINUTE_US;
}

static void plan_issue(const ut_sim *sim, issue *w, ut_rng *rng)
{
    const ut_sim_state *state = &sim->today[w->assignee];
    int reviewer = ut_sim__partner(sim, w->assignee, rng, false);
    reviewer = reviewer < 0 ? w->reporter : reviewer;
    int64_t at = w->created_us + ut_sim__range(rng, 3, 90) * UT_MINUTE_US;
    add_change(w, at, w->assignee, IN_PROGRESS);
    int pace = state->kinds >> EPISODE_FLOW & 1 ? 1 : state->load > 1300 ? 3 : 2;
    if (ut_sim__chance(rng, 130)) {
        at = workdays_later(sim, w->assignee, at, ut_sim__range(rng, 0, 2), rng);
        add_change(w, at, w->assignee, BLOCKED);
        at = workdays_later(sim, w->assignee, at, ut_sim__range(rng, 1, 6), rng);
        add_change(w, at, w->assignee, IN_PROGRESS);
    }
    at = workdays_later(sim, w->assignee, at, ut_sim__range(rng, 0, pace + w->points / 2), rng);
    add_change(w, at, w->assignee, IN_REVIEW);
    if (ut_sim__chance(rng, 180)) {
        at = workdays_later(sim, reviewer, at, ut_sim__range(rng, 0, 1), rng);
        add_change(w, at, reviewer, IN_PROGRESS);
        at = workdays_later(sim, w->assignee, at, 1, rng);
        add_change(w, at, w->assignee, IN_REVIEW);
    }
    at = workdays_later(sim, reviewer, at, ut_sim__range(rng, 0, 2), rng);
    add_change(w, at, reviewer, DONE);
    w->done_us = at;
    /* Reopened more often when somebody is worn out. */
    int wear = 40 + state->level[F_EXHAUSTION] / 8;
    if (ut_sim__chance(rng, wear)) {
        at = workdays_later(sim, w->reporter, at, ut_sim__range(rng, 1, 6), rng);
        add_change(w, at, w->reporter, IN_PROGRESS);
        at = workdays_later(sim, w->assignee, at, ut_sim__range(rng, 0, 2), rng);
        add_change(w, at, w->assignee, DONE);
    }
}

static void put_instant(ut_buf *to, int64_t at_us, int zone)
{
    int offset = ut_sim__zone_offset_min(zone, at_us), size = offset < 0 ? -offset : offset;
    int64_t local = at_us + offset * UT_MINUTE_US, year, ms = local % UT_DAY_US / 1000;
    int month, day;
    ut_time_civil_of(local / UT_DAY_US, &year, &month, &day);
    ut_buf_format(to, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03d%c%02d%02d\"", (int)year, month, day, (int)(ms / 3600000),
                  (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000), offset < 0 ? '-' : '+', size / 60,
                  size % 60);
}

static void put_user(ut_sim *sim, ut_buf *to, const char *key, int person)
{
    const ut_sim_person *p = &sim->people[person];
    ut_buf_format(to, "\"%s\":{\"accountId\":\"5b10%08llx\",\"emailAddress\":\"" UT_STR_FMT "\",\"displayName\":", key,
                  (unsigned long long)(ut_hash_bytes(p->email, 7) & 0xffffffff), UT_STR_ARG(p->email));
    ut_buf_json_str(to, p->name);
    ut_buf_format(to, ",\"active\":true,\"timeZone\":\"%s\","
        "\"accountType\":\"atlassian\"}", ut_sim_zones[p->zone].name);
}

static void put_document(ut_buf *to, ut_str text)
{
    ut_buf_puts(to, "{\"type\":\"doc\",\"version\":1,\"content\":[{\"type\":\"paragraph\",\"content\":["
                    "{\"type\":\"text\",\"text\":");
    ut_buf_json_str(to, text);
    ut_buf_puts(to, "}]}]}");
}

static void put_status(ut_buf *to, int status)
{
    ut_buf_format(to, "{\"id\":\"%s\",\"name\":\"%s\",\"statusCategory\":{\"key\":\"%s\"}}", statuses[status].id,
                  statuses[status].name, statuses[status].category);
}

/* The comment of one person, in their mood and hand; the text is left in sim->styled. */
static uint32_t write_comment(ut_sim *sim, const issue *w, int author, ut_rng *rng)
{
    ut_sim_talk talk = {.sim = sim, .rng = rng, .me = author, .you = w->assignee == author ? w->reporter : w->assignee,
                        .third = ut_sim__partner(sim, author, rng, false), .kind = w->kind, .day = sim->day,
                        .team = ut_sim__team_of(sim, author, sim->day)};
    ut_buf_clear(&sim->text);
    ut_buf_clear(&sim->styled);
    (void)ut_sim__expand_symbol(&talk, &sim->text, UT_STR("comment"), 0);
    int feature = talk.features ? -1 : ut_sim__feel(sim, author, 850, rng);
    if (feature >= 0) {
        ut_buf_byte(&sim->text, ' ');
        ut_sim__put_feeling(&talk, &sim->text, feature);
    }
    ut_sim__style(&talk, &sim->styled, ut_buf_str(&sim->text), MEDIUM_ISSUE);
    return talk.features;
}

static void put_comments(ut_sim *sim, ut_buf *to, const issue *w, ut_rng *rng)
{
    int wanted = (int)ut_rng_below(rng, 4), written = 0;
    ut_buf_puts(to, "\"comment\":{\"comments\":[");
    int64_t at = w->changes[0].at_us;
    for (int i = 0; i < wanted; i++) {
        int author = i % 2 == 0 ? w->assignee : ut_sim__partner(sim, w->assignee, rng, false);
        at = author >= 0 ? ut_sim__answer_at(sim, author, at + 40 * UT_MINUTE_US, rng) : 0;
        if (at == 0 || at >= sim->end_day * UT_DAY_US) {
            break;
        }
        uint32_t features = write_comment(sim, w, author, rng);
        char id[48];
        unsigned long long number = w->number * 10 + (uint64_t)i + 50000;
        size_t len = (size_t)snprintf(id, sizeof id, "%llu", number);
        ut_buf_format(to, "%s{\"id\":\"%s\",", written++ ? "," : "", id);
        put_user(sim, to, "author", author);
        ut_buf_puts(to, ",\"body\":");
        put_document(to, ut_buf_str(&sim->styled));
        ut_buf_puts(to, ",\"created\":");
        put_instant(to, at, sim->people[author].zone);
        ut_buf_puts(to, ",\"updated\":");
        put_instant(to, at, sim->people[author].zone);
        ut_buf_puts(to, ",\"jsdPublic\":true}");
        ut_sim__truth_message(sim, UT_STR("jira"), (ut_str){id, len}, author, at, features);
        sim->counts.comments++;
    }
    ut_buf_format(to, "],\"total\":%d}", written);
}

static void put_changelog(ut_sim *sim, ut_buf *to, const issue *w, int shown)
{
    ut_buf_format(to, "\"changelog\":{\"startAt\":0,\"maxResults\":%d,\"total\":%d,\"histories\":[", shown, shown);
    for (int i = shown - 1; i >= 0; i--) {
        const change *c = &w->changes[i];
        ut_buf_format(to, "%s{\"id\":\"%llu\",", i < shown - 1 ? "," : "",
                      (unsigned long long)(w->number * 100 + (uint64_t)i + 700000));
        put_user(sim, to, "author", c->author);
        ut_buf_puts(to, ",\"created\":");
        put_instant(to, c->at_us, sim->people[c->author].zone);
        ut_buf_format(to, ",\"items\":[{\"field\":\"status\",\"fieldtype\":\"jira\",\"fieldId\":\"status\","
            "\"from\":\"%s\","
                          "\"fromString\":\"%s\",\"to\":\"%s\",\"toString\":\"%s\"}]}", statuses[c->from].id,
                      statuses[c->from].name, statuses[c->to].id, statuses[c->to].name);
    }
    ut_buf_puts(to, "]}");
}

static void put_fields(ut_sim *sim, ut_buf *to, const issue *w, int shown, ut_rng *rng)
{
    static const char *const types[] = {"Task", "Bug", "Story", "Improvement"};
    int status = shown ? w->changes[shown - 1].to : TO_DO;
    int zone = sim->people[w->assignee].zone, month, day;
    int64_t year;
    ut_time_civil_of(w->due_day, &year, &month, &day);
    ut_buf_puts(to, "\"fields\":{\"summary\":");
    ut_buf_json_str(to, w->title);
    ut_buf_puts(to, ",\"status\":");
    put_status(to, status);
    ut_buf_format(to, ",\"issuetype\":{\"name\":\"%s\",\"subtask\":false},\"customfield_10016\":%d,\"duedate\":"
                      "\"%04d-%02d-%02d\",\"project\":{\"key\":\"" UT_STR_FMT "\"},", types[w->number % 4], w->points,
                  (int)year, month, day, UT_STR_ARG(ut_str_slice(w->key, 0, ut_str_find_byte(w->key, '-', 0))));
    put_user(sim, to, "assignee", w->assignee);
    ut_buf_byte(to, ',');
    put_user(sim, to, "reporter", w->reporter);
    ut_buf_puts(to, ",\"created\":");
    put_instant(to, w->created_us, zone);
    ut_buf_puts(to, ",\"updated\":");
    put_instant(to, shown ? w->changes[shown - 1].at_us : w->created_us, zone);
    ut_buf_puts(to, ",\"resolutiondate\":");
    if (status == DONE) {
        put_instant(to, w->changes[shown - 1].at_us, zone);
    } else {
        ut_buf_puts(to, "null");
    }
    ut_buf_byte(to, ',');
    put_comments(sim, to, w, rng);
    ut_buf_byte(to, '}');
}

static void page_path(char path[48], uint64_t number)
{
    (void)snprintf(path, 48, "work/issues-%04llu.json", (unsigned long long)(number / PAGE_ISSUES + 1));
}

static void write_issue(ut_sim *sim, const issue *w, ut_rng *rng)
{
    int shown = 0;
    while (shown < w->change_count && w->changes[shown].at_us < sim->end_day * UT_DAY_US) {
        shown++;
    }
    ut_buf *to = &sim->file;
    char path[48];
    page_path(path, sim->counts.issues);
    bool first = sim->counts.issues % PAGE_ISSUES == 0;
    ut_buf_clear(to);
    if (first && sim->counts.issues) {
        char before[48];
        page_path(before, sim->counts.issues - 1);
        ut_sim__write(sim, ut_str_of(before), UT_STR("\n],\"nextPageToken\":\"more\",\"isLast\":false}\n"));
    }
    ut_buf_puts(to, first ? "{\"issues\":[\n" : ",\n");
    ut_buf_format(to, "{\"id\":\"%llu\",\"key\":\"" UT_STR_FMT "\",\"self\":\"https://jira." UT_STR_FMT
                      "/rest/api/3/issue/%llu\",", (unsigned long long)w->number, UT_STR_ARG(w->key),
                  UT_STR_ARG(sim->domain), (unsigned long long)w->number);
    put_fields(sim, to, w, shown, rng);
    ut_buf_byte(to, ',');
    put_changelog(sim, to, w, shown);
    ut_buf_byte(to, '}');
    ut_sim__write(sim, ut_str_of(path), ut_buf_str(to));
    sim->counts.issues++;
}

void ut_sim__work_end(ut_sim *sim)
{
    char path[48];
    page_path(path, sim->counts.issues ? sim->counts.issues - 1 : 0);
    ut_sim__write(sim, ut_str_of(path), sim->counts.issues ? UT_STR("\n],\"isLast\":true}\n")
                                                           : UT_STR("{\"issues\":[],\"isLast\":true}\n"));
}

/* Key and title are kept inside the person, so that memory does not grow with the number of items. */
static void remember(ut_sim_person *p, const issue *w)
{
    ut_sim_item *item = &p->items[p->item_count];
    char *text = p->item_text[p->item_count];
    size_t key = w->key.len, title = w->title.len;
    UT_ASSERT(key + 2 < sizeof p->item_text[0]);
    title = key + title > sizeof p->item_text[0] ? sizeof p->item_text[0] - key : title;
    memcpy(text, w->key.ptr, key);
    memcpy(text + key, w->title.ptr, title);
    *item = (ut_sim_item){.key = {text, key}, .title = {text + key, title}, .done_us = w->done_us,
                          .due_day = w->due_day};
    p->item_count++;
}

static void drop_done(ut_sim *sim, ut_sim_person *p)
{
    int64_t now = sim->day * UT_DAY_US;
    for (int i = 0; i < p->item_count;) {
        if (p->items[i].done_us >= now) {
            i++;
            continue;
        }
        int last = --p->item_count;
        if (i != last) {
            memcpy(p->item_text[i], p->item_text[last], sizeof p->item_text[i]);
            p->items[i] = p->items[last];
            p->items[i].key.ptr = p->item_text[i];
            p->items[i].title.ptr = p->item_text[i] + p->items[i].key.len;
        }
    }
}

static void begin_issue(ut_sim *sim, int person, ut_rng *rng)
{
    ut_sim_person *p = &sim->people[person];
    int team = ut_sim__team_of(sim, person, sim->day);
    ut_sim_team *t = &sim->teams[team];
    ut_arena_reset(&sim->scratch);
    ut_sim_talk talk = {.sim = sim, .rng = rng, .me = person, .you = -1, .third = -1, .kind = t->kind, .team = team,
                        .day = sim->day};
    ut_buf_clear(&sim->text);
    (void)ut_sim__expand_symbol(&talk, &sim->text, UT_STR("title"), 0);
    issue w = {.number = 20000 + sim->counts.issues, .kind = t->kind, .assignee = person, .status = TO_DO};
    w.key = ut_arena_format(&sim->scratch, UT_STR_FMT "-%u", UT_STR_ARG(t->key), t->next_issue++);
    w.title = ut_arena_copy(&sim->scratch, ut_buf_str(&sim->text));
    w.reporter = ut_sim__chance(rng, 500) ? t->lead : person;
    w.points = 1 + (int)ut_rng_below(rng, 8);
    w.created_us = ut_sim__zone_to_utc(p->zone, sim->day, ut_sim__range(rng, p->start_min, p->start_min + 60));
    w.due_day = sim->day + ut_sim__range(rng, 3, 14);
    plan_issue(sim, &w, rng);
    remember(p, &w);
    if (sim->options.parts & UT_SIM_WORK) {
        write_issue(sim, &w, rng);
    }
}

void ut_sim__work_play(ut_sim *sim, int person, ut_rng *rng)
{
    ut_sim_person *p = &sim->people[person];
    drop_done(sim, p);
    /* Somebody overloaded is handed more; in flow one thing at a time. */
    int most = sim->today[person].load > 1250 ? SIM_ITEMS : sim->today[person].kinds >> EPISODE_FLOW & 1 ? 1 : 2;
    if (p->item_count < most && ut_sim__chance(rng, p->item_count ? 350 : 900)) {
        begin_issue(sim, person, rng);
    }
}
