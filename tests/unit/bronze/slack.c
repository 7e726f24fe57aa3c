#include "unit/bronze/sink_log.h"
#include "bronze/slack_int.h"
#include "bronze/source.h"

#include <stdio.h>
#include <sys/stat.h>

/* Writes one file of an export, making its folder. */
static void put_file(ut_test *t, const char *dir, const char *name, const char *content)
{
    char path[400];
    const char *slash = strchr(name, '/');
    if (slash) {
        (void)snprintf(path, sizeof path, "%s/%.*s", dir, (int)(slash - name), name);
        (void)mkdir(path, 0700);
    }
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ut_test_write(t, path, ut_str_of(content));
}

static ut_status read_day(sink_log *log, const char *content, ut_err *err)
{
    ut_sink sink = sink_log_open(log);
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, ut_str_of(content));
    return ut_slack__read_file(&sink, UT_STR("general/2024-01-02.json"), &stream, err);
}

static void expect_day(ut_test *t, int line, const char *content, const char *want)
{
    sink_log log;
    ut_err err = {0};
    if (read_day(&log, content, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, line, "%s", err.message);
    }
    (void)ut_test_str(t, __FILE__, line, content, ut_buf_str(&log.text), ut_str_of(want));
    ut_buf_free(&log.text);
}

#define DAY(content_, want_) expect_day(t, __LINE__, "[" content_ "]", want_)

UT_TEST(bronze_slack, a_message_becomes_a_record)
{
    DAY("{\"type\":\"message\",\"user\":\"u024\",\"text\":\"hi\",\"ts\":\"1712345678.123456\","
        "\"user_profile\":{\"real_name\":\"Ann Lee\"},\"edited\":{\"user\":\"U024\",\"ts\":\"1712345700.000000\"}}",
        "slack general:1712345678.123456 slack:U024[Ann Lee] #general/1 2024-04-05T19:34:38.123456Z"
        " edited 2024-04-05T19:35:00Z @1\n");
}

UT_TEST(bronze_slack, subtypes_tell_people_from_machines)
{
    static const char *const human[] = {"me_message", "thread_broadcast", "file_share"};
    static const char *const machine[] = {"channel_join",  "channel_leave", "channel_topic", "channel_purpose",
                                          "channel_name",  "channel_archive", "group_join",  "bot_add",
                                          "pinned_item",   "reminder_add",  "huddle_thread", "joiner_notification",
                                          "bot_message",   "slackbot_response", "sh_room_created", "document_mention",
                                          "ekm_access_denied", "assistant_app_thread", "something_new"};
    char content[300], want[300];
    for (size_t i = 0; i < sizeof human / sizeof *human + sizeof machine / sizeof *machine; i++) {
        bool person = i < sizeof human / sizeof *human;
        const char *subtype = person ? human[i] : machine[i - sizeof human / sizeof *human];
        (void)snprintf(content, sizeof content,
                       "[{\"type\":\"message\",\"subtype\":\"%s\",\"user\":\"U1\",\"ts\":\"1.000001\"}]", subtype);
        (void)snprintf(want, sizeof want, "slack general:1.000001 slack:U1[] #general/1 "
            "1970-01-01T00:00:01.000001Z%s @1\n",
                       person ? "" : " machine");
        expect_day(t, __LINE__, content, want);
    }
}

UT_TEST(bronze_slack, bots_are_machines_by_their_id_not_by_an_empty_one)
{
    DAY("{\"type\":\"message\",\"bot_id\":\"B07\",\"username\":\"Build\",\"ts\":\"1.000001\"}",
        "slack general:1.000001 slack:B07[Build] #general/1 1970-01-01T00:00:01.000001Z machine @1\n");
    DAY("{\"type\":\"message\",\"user\":\"U1\",\"bot_id\":null,\"ts\":\"1.000001\"}",
        "slack general:1.000001 slack:U1[] #general/1 1970-01-01T00:00:01.000001Z @1\n");
    DAY("{\"type\":\"message\",\"user\":\"USLACKBOT\",\"ts\":\"1.000001\"}",
        "slack general:1.000001 slack:USLACKBOT[] #general/1 1970-01-01T00:00:01.000001Z machine @1\n");
}

UT_TEST(bronze_slack, a_file_comments_author_is_who_commented)
{
    DAY("{\"type\":\"message\",\"subtype\":\"file_comment\",\"comment\":{\"user\":\"U2\",\"comment\":\"nice\"},"
        "\"ts\":\"1.000001\"}",
        "slack general:1.000001 slack:U2[] #general/1 1970-01-01T00:00:01.000001Z @1\n");
}

UT_TEST(bronze_slack, changes_are_newer_versions_and_deletions_are_told)
{
    DAY("{\"type\":\"message\",\"subtype\":\"message_changed\",\"hidden\":true,\"ts\":\"9.000000\",\"message\":"
        "{\"type\":\"message\",\"user\":\"U1\",\"text\":\"new\",\"ts\":\"1.000001\"},\"previous_message\":{}}",
        "slack general:1.000001 slack:U1[] #general/1 1970-01-01T00:00:01.000001Z edited 1970-01-01T00:00:09Z @1\n");
    DAY("{\"type\":\"message\",\"subtype\":\"message_deleted\",\"hidden\":true,\"ts\":\"9.000000\","
        "\"deleted_ts\":\"1.000001\",\"previous_message\":{\"user\":\"U1\",\"text\":\"old\"}}",
        "slack general:1.000001 slack:U1[] #general/1 1970-01-01T00:00:01.000001Z edited 1970-01-01T00:00:09Z"
        " deleted @1\n");
    DAY("{\"type\":\"message\",\"subtype\":\"tombstone\",\"user\":\"USLACKBOT\",\"hidden\":true,\"ts\":\"1.000001\"}",
        "slack general:1.000001 slack:USLACKBOT[] #general/1 1970-01-01T00:00:01.000001Z deleted machine @1\n");
}

UT_TEST(bronze_slack, what_is_no_message_is_rejected_with_its_place_beside_good_neighbours)
{
    DAY("{\"ts\":\"1.000001\"},7,{\"type\":\"x\",\"ts\":\"1\"},{\"text\":\"no ts\"},{\"ts\":1.5},{\"ts\":\"soon\"},"
        "{\"subtype\":\"message_changed\",\"ts\":\"1\"},{\"subtype\":\"message_deleted\",\"ts\":\"1\"},"
        "{\"ts\":\"2.000000\",\"user\":\"U1\"}",
        "slack general:1.000001 [] #general/1 1970-01-01T00:00:01.000001Z @1\n"
        "! 2024-01-02.json@19 a message must be an object | 7\n"
        "! 2024-01-02.json@21 \"type\" must be \"message\" | {\"type\":\"x\",\"ts\":\"1\"}\n"
        "! 2024-01-02.json@43 a message needs \"ts\", a string | {\"text\":\"no ts\"}\n"
        "! 2024-01-02.json@60 a message needs \"ts\", a string | {\"ts\":1.5}\n"
        "! 2024-01-02.json@71 \"ts\" must be seconds and microseconds, like \"1712345678.123456\" | {\"ts\":\"soon\"}\n"
        "! 2024-01-02.json@85 a message_changed needs \"message\", an object | "
        "{\"subtype\":\"message_changed\",\"ts\":\"1\"}\n"
        "! 2024-01-02.json@124 a message_deleted needs \"deleted_ts\", a string | "
        "{\"subtype\":\"message_deleted\",\"ts\":\"1\"}\n"
        "slack general:2.000000 slack:U1[] #general/1 1970-01-01T00:00:02Z @163\n");
}

UT_TEST(bronze_slack, broken_json_costs_one_message)
{
    DAY("{\"ts\":\"1.000000\"},{\"ts\":\"2.000000\",\"text\":tru},{\"ts\":\"3.000000\"}",
        "slack general:1.000000 [] #general/1 1970-01-01T00:00:01Z @1\n"
        "! 2024-01-02.json@43 not JSON: something that is no value at byte 24 of the record that begins at byte 19 | "
        "{\"ts\":\"2.000000\",\"text\":tru}\n"
        "slack general:3.000000 [] #general/1 1970-01-01T00:00:03Z @48\n");
    DAY("{\"ts\":\"1.000000\"},{\"ts\":\"2.000000\",\"a\":[{\"b\":1}],{\"ts\":\"3.000000\"}",
        "slack general:1.000000 [] #general/1 1970-01-01T00:00:01Z @1\n"
        "! 2024-01-02.json@19 what begins at byte 19 has no end: a quote or bracket is missing, it is longer than a "
        "record may be, or the file is cut off | {\"ts\":\"2.000000\",\"a\":[{\"b\":1}],{\"ts\":\"3.\n"
        "slack general:3.000000 [] #general/1 1970-01-01T00:00:03Z @50\n");
}

UT_TEST(bronze_slack, a_day_that_is_no_array_is_rejected_whole)
{
    expect_day(t, __LINE__, "{\"ok\":true}",
               "! 2024-01-02.json@0 what begins at byte 0 is not the '[' that begins a JSON array: this is another "
               "kind "
               "of file | {\"ok\":true}\n");
}

UT_TEST(bronze_slack, a_folder_gives_people_conversations_and_days)
{
    const char *dir = ut_test_dir(t);
    put_file(t, dir, "users.json",
             "[{\"id\":\"u1\",\"name\":\"ann\",\"tz\":\"Europe/Berlin\",\"profile\":{\"real_name\":\"Ann Lee\","
             "\"email\":\"ann@example.org\"}},{\"id\":\"U2\",\"real_name\":\"Bob\",\"is_bot\":true},"
             "{\"id\":\"USLACKBOT\",\"name\":\"slackbot\",\"is_bot\":false},{\"name\":\"no id\"}]");
    put_file(t, dir, "channels.json",
             "[{\"id\":\"C1\",\"name\":\"general\"},{\"id\":\"C2\",\"name\":\"hidden\",\"is_private\":true},"
             "{\"name\":\"x\"}]");
    put_file(t, dir, "groups.json", "[{\"id\":\"G1\",\"name\":\"plans\"}]");
    put_file(t, dir, "dms.json", "[{\"id\":\"D1\",\"members\":[\"U1\",\"U2\"]}]");
    put_file(t, dir, "mpims.json", "[{\"id\":\"M1\",\"name\":\"mpdm-a--b-1\"}]");
    static const char *const folders[] = {"general", "hidden", "plans", "D1", "mpdm-a--b-1", "not-indexed", "D024BE91L",
                                          "mpdm-x--y-1"};
    char name[100];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        (void)snprintf(name, sizeof name, "%s/2024-01-02.json", folders[i]);
        put_file(t, dir, name, "[{\"type\":\"message\",\"user\":\"U1\",\"ts\":\"1.000000\"}]");
    }
    put_file(t, dir, "canvases.json", "[]");
    put_file(t, dir, "integration_logs.json", "[]");
    put_file(t, dir, "content_flags.json", "[]");
    put_file(t, dir, "channels/general.txt", "[10:00] ann: hi");
    put_file(t, dir, "notes.pdf", "%PDF");
    put_file(t, dir, ".DS_Store", "x");
    sink_log log;
    ut_sink sink = sink_log_open(&log);
    ut_err err = {0};
    UT_EXPECT_I64(ut_slack_read(&sink, dir, &err), UT_OK);
    UT_EXPECT_STR(ut_buf_str(&log.text),
                  "! channels.json@76 a conversation needs an \"id\", a string | {\"name\":\"x\"}\n"
                  "P slack:U1 <ann@example.org> Ann Lee, Europe/Berlin\n"
                  "P slack:U2 <> Bob,  bot\n"
                  "P slack:USLACKBOT <> slackbot,  bot\n"
                  "! users.json@203 a user needs an \"id\", a string | {\"name\":\"no id\"}\n"
                  "slack D024BE91L:1.000000 slack:U1[] #D024BE91L/3 1970-01-01T00:00:01Z @1\n"
                  "slack D1:1.000000 slack:U1[] #D1/3 1970-01-01T00:00:01Z @1\n"
                  "U Slack canvases: canvases.json\n"
                  "U Slack text export: general.txt\n"
                  "U Slack content flags: content_flags.json\n"
                  "slack C1:1.000000 slack:U1[] #C1/1 1970-01-01T00:00:01Z @1\n"
                  "slack C2:1.000000 slack:U1[] #C2/2 1970-01-01T00:00:01Z @1\n"
                  "U Slack integration logs: integration_logs.json\n"
                  "slack M1:1.000000 slack:U1[] #M1/4 1970-01-01T00:00:01Z @1\n"
                  "slack mpdm-x--y-1:1.000000 slack:U1[] #mpdm-x--y-1/4 1970-01-01T00:00:01Z @1\n"
                  "slack not-indexed:1.000000 slack:U1[] #not-indexed/1 1970-01-01T00:00:01Z @1\n"
                  "U a file that is no part of a Slack export: notes.pdf\n"
                  "slack G1:1.000000 slack:U1[] #G1/2 1970-01-01T00:00:01Z @1\n");
    ut_buf_free(&log.text);
}

UT_TEST(bronze_slack, a_zip_with_the_export_one_folder_deeper_and_days_before_indexes)
{
    sink_log log;
    ut_sink sink = sink_log_open(&log);
    ut_err err = {0};
    UT_EXPECT_I64(ut_slack_read(&sink, ut_test_source("tests/fuzz/corpus/archive/slack.zip"), &err), UT_OK);
    UT_EXPECT_STR(ut_buf_str(&log.text), "P slack:U0ANN <ann@example.org> Ann Lee, Europe/Berlin\n"
                                         "P slack:U0BOB <> bob,  bot\n"
                                         "slack C0GEN:1704186000.000100 slack:U0ANN[] #C0GEN/1 "
                                         "2024-01-02T09:00:00.000100Z @1\n"
                                         "slack C0GEN:1704186060.000200 slack:U0BOB[] #C0GEN/1 "
                                         "2024-01-02T09:01:00.000200Z @83\n"
                                         "slack G0PLANS:1704186120.000300 slack:U0ANN[] #G0PLANS/2 "
                                         "2024-01-02T09:02:00.000300Z @1\n"
                                         "slack D0ANNBOB1:1704272400.000400 slack:U0ANN[] #D0ANNBOB1/3 "
                                         "2024-01-03T09:00:00.000400Z @1\n");
    ut_buf_free(&log.text);
}

UT_TEST(bronze_slack, a_cut_zip_gives_its_messages_up_to_the_cut_and_an_error_naming_the_member)
{
    sink_log log;
    ut_sink sink = sink_log_open(&log);
    log.counts_only = true;
    ut_err err = {0};
    UT_EXPECT_I64(ut_slack_read(&sink, ut_test_source("tests/fuzz/corpus/archive/slack_cut.zip"), &err), UT_INVALID);
    UT_EXPECT(strstr(err.message, "slack_cut.zip/Our export/random/2024-01-02.json"));
    UT_EXPECT_I64(log.persons, 2);
    UT_EXPECT(log.records > 2 && log.records < 202); /* two of general, some of random */
    UT_EXPECT_I64(log.rejects, 1);                    /* the message that was cut through */
    ut_buf_free(&log.text);
}

UT_TEST(bronze_slack, the_sinks_no_ends_the_reading_at_once)
{
    for (int after = 1; after <= 4; after++) {
        sink_log log;
        ut_sink sink = sink_log_open(&log);
        log.stop_after = after;
        ut_err err = {0};
        const char *zip = ut_test_source("tests/fuzz/corpus/archive/slack.zip");
        UT_EXPECT_I64(ut_slack_read(&sink, zip, &err), UT_INTERRUPTED);
        UT_EXPECT_I64(log.persons + log.records, after);
        ut_buf_free(&log.text);
    }
}

UT_TEST(bronze_slack, every_failing_allocation_is_reported_and_leaks_nothing)
{
    UT_SWEEP_ALLOC(t)
    {
        sink_log log;
        ut_sink sink = sink_log_open(&log);
        log.counts_only = true;
        ut_err err = {0};
        ut_status st = ut_slack_read(&sink, ut_test_source("tests/fuzz/corpus/archive/slack.zip"), &err);
        UT_EXPECT(st == UT_OK ? log.records == 4 : st == UT_NOMEM && err.message[0]);
        ut_buf_free(&log.text);
    }
}

/* Real exports ----------------------------------------------------------------------------------------------------- */

typedef struct totals {
    int64_t records, machine, deleted, edited, persons, bots, rejects, unsupported, at_sum, replies, reactions;
    int64_t unreadable;
    ut_map ids, authors;
    ut_json *json;
    ut_arena arena;
} totals;

static ut_status total_record(void *ctx, const ut_record *r, ut_err *err)
{
    totals *sum = ctx;
    ut_message message;
    sum->records++;
    sum->machine += r->machine;
    sum->deleted += r->deleted;
    sum->edited += r->edited_us != 0;
    sum->at_sum = (int64_t)(((uint64_t)sum->at_sum + (uint64_t)r->at_us) & INT64_MAX);
    (void)ut_map_put(&sum->ids, r->id);
    (void)ut_map_put(&sum->authors, r->author);
    ut_status st = ut_slack_decode(sum->json, &sum->arena, &message, r->payload, err);
    if (st == UT_OK) {
        sum->unreadable += message.unreadable || message.machine != r->machine;
        sum->replies += message.reply_to.len > 0;
        for (size_t i = 0; i < message.reaction_count; i++) {
            sum->reactions += message.reactions[i].count;
        }
    }
    ut_arena_reset(&sum->arena);
    return st;
}

static ut_status total_reject(void *ctx, const ut_reject *r, ut_err *err)
{
    (void)r, (void)err;
    ((totals *)ctx)->rejects++;
    return UT_OK;
}

static ut_status total_person(void *ctx, const ut_person_hint *p, ut_err *err)
{
    (void)err;
    ((totals *)ctx)->persons++;
    ((totals *)ctx)->bots += p->bot;
    return UT_OK;
}

static ut_status total_unsupported(void *ctx, ut_str path, ut_str what, ut_err *err)
{
    (void)path, (void)what, (void)err;
    ((totals *)ctx)->unsupported++;
    return UT_OK;
}

static void read_totals(ut_test *t, totals *sum, const char *path)
{
    *sum = (totals){.ids = ut_map_make(100000), .authors = ut_map_make(100000)};
    UT_REQUIRE(ut_json_open(&sum->json, NULL) == UT_OK && ut_arena_open(&sum->arena, 16 * UT_MIB) == UT_OK);
    ut_sink sink = {.ctx = sum, .record = total_record, .reject = total_reject, .person = total_person,
                    .unsupported = total_unsupported};
    ut_err err = {0};
    if (ut_slack_read(&sink, path, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    UT_EXPECT_I64(sum->rejects, 0);
    UT_EXPECT_I64(sum->unreadable, 0);
    UT_EXPECT_I64(sum->unsupported, 1); /* SOURCE.md */
    UT_EXPECT_I64(sum->ids.count, sum->records);
    ut_json_close(&sum->json);
    ut_arena_close(&sum->arena);
    ut_map_free(&sum->ids);
    ut_map_free(&sum->authors);
}

/* The figures come from Python's json over the same files: messages; those with a subtype that is not human, a bot_id,
 * or hidden; tombstones; with "edited"; sum of ts in integer microseconds modulo 2^63; thread_ts other than ts;
 * reaction counts; entries of users.json, and those with is_bot. */
UT_TEST(bronze_slack, real_export_of_an_academy_counts_as_python_does)
{
    const char *path = ut_test_shared("chat_slack_academy");
    if (!path) {
        UT_SKIP("no shared data");
    }
    totals sum;
    read_totals(t, &sum, path);
    UT_EXPECT_I64(sum.records, 9349);
    UT_EXPECT_I64(sum.machine, 532);
    UT_EXPECT_I64(sum.deleted, 5);
    UT_EXPECT_I64(sum.edited, 458);
    UT_EXPECT_I64(sum.at_sum, 6320893151149285723);
    UT_EXPECT_I64(sum.replies, 4412);
    UT_EXPECT_I64(sum.reactions, 4730);
    UT_EXPECT_I64(sum.persons, 71);
    UT_EXPECT_I64(sum.bots, 6);
}

UT_TEST(bronze_slack, real_export_of_a_meetup_counts_as_python_does)
{
    const char *path = ut_test_shared("chat_slack_houstondatavis");
    if (!path) {
        UT_SKIP("no shared data");
    }
    totals sum;
    read_totals(t, &sum, path);
    UT_EXPECT_I64(sum.records, 1382);
    UT_EXPECT_I64(sum.machine, 351);
    UT_EXPECT_I64(sum.deleted, 0);
    UT_EXPECT_I64(sum.edited, 37);
    UT_EXPECT_I64(sum.at_sum, 2001757921729773670);
    UT_EXPECT_I64(sum.replies, 0);
    UT_EXPECT_I64(sum.reactions, 199);
    UT_EXPECT_I64(sum.persons, 71);
    UT_EXPECT_I64(sum.bots, 0);
}
