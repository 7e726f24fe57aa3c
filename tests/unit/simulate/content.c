/* tests/unit/simulate/content.c — what the sample says: distinct texts, readable exports, planted truth that shows. */
#include "harness/test.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "simulate/simulate.h"

typedef struct sample {
    ut_test *t;
    ut_json *json;
    ut_map texts;
    uint64_t messages, long_texts, parsed, threads, replies_listed, replies_seen, issues, histories;
    ut_buf truth, days, people;
    ut_arena arena;
    uint64_t broken;
} sample;

static void see_message(sample *s, const ut_json_node *m)
{
    int64_t replies = 0;
    if (ut_json_i64(m, "reply_count", &replies)) {
        s->threads++;
        s->replies_listed += (uint64_t)replies;
        const ut_json_node *list = ut_json_get(m, "replies");
        UT_ASSERT(list);
        s->broken += (int64_t)list->count != replies;
    }
    ut_str thread = ut_json_str(m, "thread_ts");
    s->replies_seen += thread.len && !ut_str_eq(thread, ut_json_str(m, "ts"));
    if (ut_json_str(m, "subtype").len) {
        return;
    }
    ut_str text = ut_json_str(m, "text");
    s->messages++;
    s->broken += !text.len || !ut_json_str(m, "user").len || !ut_json_str(m, "ts").len;
    s->broken += ut_str_utf8_valid(text) != text.len;
    for (size_t i = 0; i < text.len; i++) {
        s->broken += text.ptr[i] == '{' || text.ptr[i] == '\x01' || text.ptr[i] == '\x02';
    }
    if (text.len >= 25) {
        s->long_texts++;
        (void)ut_map_put(&s->texts, text);
    }
}

static ut_status look(void *ctx, ut_str path, ut_str bytes, ut_err *err)
{
    sample *s = ctx;
    const ut_json_node *root;
    if (ut_str_eq(path, UT_STR("truth/messages.csv"))) {
        ut_buf_put(&s->truth, bytes);
    } else if (ut_str_eq(path, UT_STR("truth/days.csv"))) {
        ut_buf_put(&s->days, bytes);
    } else if (ut_str_eq(path, UT_STR("people.csv"))) {
        ut_buf_put(&s->people, bytes);
    } else if (ut_str_starts(path, UT_STR("slack/")) && ut_str_has(path, UT_STR("/20"))) {
        ut_status st = ut_json_parse(s->json, &root, bytes, err);
        if (st != UT_OK) {
            return st;
        }
        s->parsed++;
        for (const ut_json_node *m = ut_json_first(root); m; m = ut_json_next(m)) {
            see_message(s, m);
        }
    }
    return UT_OK;
}

static ut_sim_counts take(ut_test *t, sample *s, uint32_t weeks, uint64_t seed)
{
    ut_err err = {0};
    ut_sim_counts counts = {0};
    *s = (sample){.t = t, .texts = ut_map_make(1000000), .truth = ut_buf_make(64 * UT_MIB),
                  .days = ut_buf_make(64 * UT_MIB), .people = ut_buf_make(UT_MIB)};
    UT_REQUIRE(ut_json_open(&s->json, &err) == UT_OK);
    UT_REQUIRE(ut_arena_open(&s->arena, 256 * UT_MIB) == UT_OK);
    ut_sim_options o = ut_sim_options_default();
    o.weeks = weeks;
    o.seed = seed;
    ut_sim_out out = {.ctx = s, .append = look};
    ut_status st = ut_simulate(&counts, &out, &o, &err);
    if (st != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "simulate: %s at byte %lld", err.message, (long long)err.byte);
    }
    return counts;
}

static void let_go(sample *s)
{
    ut_json_close(&s->json);
    ut_map_free(&s->texts);
    ut_buf_free(&s->truth);
    ut_buf_free(&s->days);
    ut_buf_free(&s->people);
    ut_arena_close(&s->arena);
}

UT_TEST(simulate_content, slack_days_parse_and_few_texts_repeat)
{
    sample s;
    ut_sim_counts counts = take(t, &s, 6, 1);
    UT_EXPECT_I64(s.broken, 0);
    UT_EXPECT_I64(s.messages, counts.chat_messages);
    UT_EXPECT(s.parsed > 500 && s.threads > 500);
    /* Every reply listed by a thread's first message is there, but for those whose day lies beyond the end. */
    UT_EXPECT(s.replies_seen <= s.replies_listed && s.replies_seen > s.replies_listed * 98 / 100);
    /* Non-trivial: 25 bytes or more. "ok, thanks" may repeat as it does in life. */
    UT_EXPECT(s.texts.count * 100 > s.long_texts * 90);
    UT_EXPECT(s.long_texts * 100 > s.messages * 55);
    let_go(&s);
}

UT_TEST(simulate_content, another_seed_is_another_organisation)
{
    sample a, b;
    (void)take(t, &a, 2, 1);
    (void)take(t, &b, 2, 2);
    uint64_t shared = 0;
    for (size_t i = 0; i < b.texts.count; i++) {
        shared += ut_map_get(&a.texts, b.texts.entries[i].key) != NULL;
    }
    UT_EXPECT(b.texts.count > 1000);
    /* Below one text in eight is found word for word in the other one. */
    UT_EXPECT(shared * 8 < b.texts.count);
    UT_EXPECT(!ut_str_eq(ut_buf_str(&a.people), ut_buf_str(&b.people)));
    let_go(&a);
    let_go(&b);
}

typedef struct tally {
    uint64_t messages, dark;
} tally;

static bool is_dark(ut_str features)
{
    static const char *const names[] = {"stress", "anxiety", "frustration", "anger", "sadness", "exhaustion"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (ut_str_has(features, ut_str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

/* The episodes of each person-day: "p0001 2026-01-05" → index into a list of their texts. */
static void index_days(sample *s, ut_map *days, ut_str *episodes)
{
    ut_csv csv;
    ut_csv_row row;
    ut_err err = {0};
    UT_ASSERT(ut_csv_open(&csv, ut_buf_str(&s->days), &err) == UT_OK);
    int person = ut_csv_column(&csv, "person"), day = ut_csv_column(&csv, "day");
    int kinds = ut_csv_column(&csv, "episodes");
    while (ut_csv_next(&csv, &s->arena, &row, &err) == UT_OK && row.count) {
        ut_str key = ut_arena_format(&s->arena, UT_STR_FMT " " UT_STR_FMT, UT_STR_ARG(row.cells[person]),
                                     UT_STR_ARG(row.cells[day]));
        uint64_t *slot = ut_map_put(days, key);
        UT_ASSERT(slot);
        episodes[days->count] = row.cells[kinds];
        *slot = days->count;
    }
}

UT_TEST(simulate_content, planted_states_show_in_what_is_said)
{
    sample s;
    ut_sim_counts counts = take(t, &s, 12, 3);
    ut_map days = ut_map_make(100000);
    ut_str *episodes = ut_new(&s.arena, ut_str, 100000);
    tally quiet = {0}, overload = {0}, burnout = {0}, flow = {0};
    index_days(&s, &days, episodes);
    ut_csv csv;
    ut_csv_row row;
    ut_err err = {0};
    UT_REQUIRE(ut_csv_open(&csv, ut_buf_str(&s.truth), &err) == UT_OK);
    while (ut_csv_next(&csv, &s.arena, &row, &err) == UT_OK && row.count) {
        ut_str key = ut_arena_format(&s.arena, UT_STR_FMT " "
            "" UT_STR_FMT, UT_STR_ARG(row.cells[2]), UT_STR_ARG(row.cells[4]));
        uint64_t *found = ut_map_get(&days, key);
        ut_str kinds = found ? episodes[*found] : UT_STR("");
        tally *of = kinds.len == 0                           ? &quiet
                    : ut_str_has(kinds, UT_STR("overload")) ? &overload
                    : ut_str_has(kinds, UT_STR("burnout"))  ? &burnout
                    : ut_str_has(kinds, UT_STR("flow"))     ? &flow
                                                             : NULL;
        if (of) {
            of->messages++;
            of->dark += is_dark(row.cells[5]);
        }
    }
    UT_EXPECT(quiet.messages > 5000 && overload.messages > 100 && burnout.messages > 100);
    /* Most of what is said on a quiet day is neutral or friendly; trouble shows at least twice as often in trouble. */
    UT_EXPECT(quiet.dark * 10 < quiet.messages);
    UT_EXPECT(overload.dark * quiet.messages > 2 * quiet.dark * overload.messages);
    UT_EXPECT(burnout.dark * quiet.messages > 2 * quiet.dark * burnout.messages);
    /* The rate asked for, 0.2 per person-month, is what was planted: within the noise of some 26 draws. */
    UT_EXPECT(counts.episodes > 40 && counts.person_months_milli > 100000);
    ut_map_free(&days);
    let_go(&s);
}

UT_TEST(simulate_content, running_out_of_memory_is_an_error_not_a_crash)
{
    ut_sim_options o = ut_sim_options_default();
    o.people = 4;
    o.teams = 1;
    o.weeks = 1;
    o.zip = true;
    UT_SWEEP_ALLOC(t) {
        ut_err err = {0};
        ut_sim_counts counts;
        sample s = {.texts = ut_map_make(10)};
        ut_sim_out out = {.ctx = &s, .append = look};
        o.parts = UT_SIM_MAIL | UT_SIM_CALENDAR | UT_SIM_WORK | UT_SIM_LINES;
        ut_status st = ut_simulate(&counts, &out, &o, &err);
        UT_EXPECT(st == UT_OK || st == UT_NOMEM);
    }
}
