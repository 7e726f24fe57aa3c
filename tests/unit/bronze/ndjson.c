#include "bronze/source.h"
#include "unit/bronze/sink_log.h"

#include <stdio.h>

static ut_status read_text(sink_log *log, ut_str text, ut_err *err)
{
    ut_sink sink = sink_log_open(log);
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, text);
    return ut_ndjson_read(&sink, UT_STR("in/chat.ndjson"), &stream, err);
}

static void expect_lines(ut_test *t, int line, const char *text, const char *want)
{
    sink_log log;
    ut_err err = {0};
    if (read_text(&log, ut_str_of(text), &err) != UT_OK) {
        ut_test_fail(t, __FILE__, line, "%s", err.message);
    }
    (void)ut_test_str(t, __FILE__, line, text, ut_buf_str(&log.text), ut_str_of(want));
    ut_buf_free(&log.text);
}

#define LINES(text_, want_) expect_lines(t, __LINE__, text_, want_)
#define GOOD                                                                \
    "\"kind\":\"message\",\"source\":\"zulip\",\"id\":\"1\",\"author\":\"octo\"," \
    "\"at\":\"2026-01-05T10:00:00+01:00\""

UT_TEST(bronze_ndjson, a_line_becomes_a_record)
{
    LINES("{" GOOD ",\"text\":\"hi\",\"channel\":\"general\",\"channel_kind\":\"private\","
          "\"edited_at\":\"2026-01-05T11:00:00Z\",\"unknown\":[1]}\n",
          "zulip 1 zulip:octo[] #general/2 2026-01-05T09:00:00Z edited 2026-01-05T11:00:00Z @0\n");
    LINES("{\"kind\":\"message\",\"source\":\"x\",\"id\":\"2\",\"author\":\"A.Lee@Example.ORG\",\"at\":\"2026-01-05\","
          "\"deleted\":true}",
          "x 2 mail:a.lee@example.org[] #/1 2026-01-05T00:00:00Z deleted @0\n");
}

UT_TEST(bronze_ndjson, every_channel_kind_is_known)
{
    static const char *const kinds[] = {"public", "private", "direct", "mail", "issue"};
    static const int numbers[] = {1, 2, 3, 5, 6};
    for (size_t i = 0; i < 5; i++) {
        char line[300], want[200];
        (void)snprintf(line, sizeof line, "{" GOOD ",\"text\":\"\",\"channel_kind\":\"%s\"}", kinds[i]);
        (void)snprintf(want, sizeof want, "zulip 1 zulip:octo[] #/%d 2026-01-05T09:00:00Z @0\n", numbers[i]);
        expect_lines(t, __LINE__, line, want);
    }
}

UT_TEST(bronze_ndjson, rejects_name_everything_that_is_missing_or_wrong)
{
    static const struct {
        const char *line, *reason;
    } cases[] = {
        {"{}", "missing: kind, source, id, author, at, text"},
        {"{\"kind\":\"message\",\"source\":\"\",\"id\":null}", "missing: source, id, author, at, text"},
        {"{\"kind\":\"party\",\"source\":\"s\",\"id\":\"1\",\"author\":\"a\",\"at\":\"2026-01-05\",\"text\":\"\"}",
         "kind must be message, event or work_item"},
        {"{" GOOD "}", "missing: text"},
        {"{" GOOD ",\"text\":7}", "text must be a string"},
        {"{" GOOD ",\"text\":\"\",\"deleted\":\"yes\"}", "deleted must be true or false"},
        {"{" GOOD ",\"text\":\"\",\"to\":\"ann\"}", "to must be an array of strings"},
        {"{" GOOD ",\"text\":\"\",\"to\":[\"ann\",7]}", "to must be an array of strings"},
        {"{" GOOD ",\"text\":\"\",\"reactions\":[7]}", "reactions must be an array of objects"},
        {"{" GOOD ",\"text\":\"\",\"reactions\":[{\"count\":1}]}",
         "reactions must have \"emoji\", a string, and \"count\", a number"},
        {"{" GOOD ",\"text\":\"\",\"channel_kind\":\"secret\"}",
         "channel_kind must be public, private, direct, mail or issue"},
        {"{" GOOD ",\"text\":\"\",\"edited_at\":\"soon\",\"reply_to\":1}",
         "reply_to must be a string, edited_at must be a date-time like \"2026-01-05T10:00:00+01:00\""},
        {"{\"kind\":\"message\",\"source\":1,\"id\":2,\"author\":\"a\",\"at\":3}",
         "missing: text; source must be a string, id must be a string, at must be a string"},
        {"[]", "a line must hold one JSON object"},
        {"7", "a line must hold one JSON object"},
        {"{\"kind\":", "not JSON: the end where a value should begin at byte 8 of the line"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[400], want[800];
        bool cut = cases[i].line[strlen(cases[i].line) - 1] == ':';
        (void)snprintf(text, sizeof text, "\n%s\n{" GOOD ",\"text\":\"next\"}\n", cases[i].line);
        (void)snprintf(want, sizeof want,
                       "! chat.ndjson@%d %s | %.40s\nzulip 1 zulip:octo[] #/1 2026-01-05T09:00:00Z @%zu\n", cut ? 9 : 1,
                       cases[i].reason, cases[i].line, strlen(cases[i].line) + 2);
        expect_lines(t, __LINE__, text, want);
    }
}

UT_TEST(bronze_ndjson, events_and_work_items_are_counted_as_unsupported)
{
    LINES("{\"kind\":\"event\",\"source\":\"cal\"}\n{\"kind\":\"work_item\"}\n{\"kind\":\"event\"}\n",
          "U event: chat.ndjson\nU work_item: chat.ndjson\nU event: chat.ndjson\n");
}

UT_TEST(bronze_ndjson, line_ends_marks_and_empty_lines_do_not_matter)
{
    LINES("\xEF\xBB\xBF{" GOOD ",\"text\":\"\"}\r\n\r\n  \n\n{" GOOD ",\"text\":\"\"}",
          "zulip 1 zulip:octo[] #/1 2026-01-05T09:00:00Z @3\nzulip 1 zulip:octo[] #/1 2026-01-05T09:00:00Z @114\n");
    LINES("", "");
    LINES("\n\n", "");
}

UT_TEST(bronze_ndjson, a_line_over_the_cap_is_rejected_and_reading_goes_on)
{
    for (int extra = 0; extra < 2; extra++) { /* exactly the cap is taken */
        ut_buf text = ut_buf_make(80 * UT_MIB);
        ut_buf_puts(&text, "{" GOOD ",\"text\":\"a\"}\n");
        size_t begin = text.len;
        ut_buf_puts(&text, "{" GOOD ",\"text\":\"");
        size_t fill = UT_RECORD_BYTES_MAX - (text.len - begin) - 2 + (size_t)extra * 500000;
        char *to = ut_buf_reserve(&text, fill);
        UT_REQUIRE(to);
        memset(to, 'x', fill);
        text.len += fill;
        ut_buf_puts(&text, "\"}\n{" GOOD ",\"text\":\"b\"}\n");
        sink_log log;
        ut_err err = {0};
        UT_EXPECT_I64(read_text(&log, ut_buf_str(&text), &err), UT_OK);
        UT_EXPECT_I64(log.records, 3 - extra);
        UT_EXPECT_I64(log.rejects, extra);
        UT_EXPECT(!extra || ut_str_has(ut_buf_str(&log.text), UT_STR("longer than the 33554432 bytes")));
        ut_buf_free(&log.text);
        ut_buf_free(&text);
    }
}

UT_TEST(bronze_ndjson, the_sinks_no_ends_the_reading)
{
    sink_log log;
    ut_sink sink = sink_log_open(&log);
    log.stop_after = 2;
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, UT_STR("{}\n{}\n{}\n"));
    UT_EXPECT_I64(ut_ndjson_read(&sink, UT_STR("x"), &stream, NULL), UT_INTERRUPTED);
    UT_EXPECT_I64(log.rejects, 2);
    ut_buf_free(&log.text);
}

UT_TEST(bronze_ndjson, decoding_gives_text_handles_reactions_and_parent)
{
    ut_json *json = NULL;
    ut_arena arena;
    ut_message m;
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK && ut_arena_open(&arena, UT_MIB) == UT_OK);
    UT_REQUIRE(ut_ndjson_decode(json, &arena, &m,
                                UT_STR("{" GOOD ",\"text\":\"a\\r\\nb\\rc\",\"channel_kind\":\"mail\","
                                    "\"reply_to\":\"0\","
                                       "\"to\":[\"bob\",\"\",\"C@Example.org\"],\"reactions\":[{\"emoji\":\"tada\","
                                       "\"count\":2},"
                                       "{\"emoji\":\"+1\",\"by\":[\"x\",\"y\",\"z\"]},{\"emoji\":\"\",\"count\":1}]}"),
                                NULL) == UT_OK);
    UT_EXPECT_STR(m.text, "a\nb\rc");
    UT_EXPECT(m.mail && !m.machine && !m.unreadable);
    UT_EXPECT_STR(m.reply_to, "0");
    UT_REQUIRE(m.to_count == 2 && m.reaction_count == 2);
    UT_EXPECT_STR(m.to[0], "zulip:bob");
    UT_EXPECT_STR(m.to[1], "mail:c@example.org");
    UT_EXPECT_STR(m.reactions[0].emoji, "tada");
    UT_EXPECT_I64(m.reactions[0].count, 2);
    UT_EXPECT_I64(m.reactions[1].count, 3);
    UT_REQUIRE(ut_ndjson_decode(json, &arena, &m, UT_STR("{" GOOD ",\"text\":\"gone\","
        "\"deleted\":true}"), NULL) == UT_OK);
    UT_EXPECT_STR(m.text, "");
    UT_REQUIRE(ut_ndjson_decode(json, &arena, &m, UT_STR("{\"kind\":"), NULL) == UT_OK);
    UT_EXPECT(m.unreadable);
    UT_REQUIRE(ut_ndjson_decode(json, &arena, &m, UT_STR("{}"), NULL) == UT_OK);
    UT_EXPECT(m.unreadable);
    ut_json_close(&json);
    ut_arena_close(&arena);
}

UT_TEST(bronze_ndjson, memory_that_ends_is_reported)
{
    static const char line[] = "{" GOOD ",\"text\":\"\\n\",\"reply_to\":\"0\",\"to\":[\"bob\"],"
        "\"reactions\":[{\"emoji\":\"x\","
                               "\"count\":2}]}\n{}\n";
    UT_SWEEP_ALLOC(t)
    {
        sink_log log;
        ut_err err = {0};
        ut_status st = read_text(&log, ut_str_of(line), &err);
        UT_EXPECT(st == UT_OK ? log.records == 1 && log.rejects == 1 : st == UT_NOMEM && err.message[0]);
        ut_buf_free(&log.text);
    }
    ut_json *json = NULL;
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    char room[256];
    for (size_t cap = 0; cap < 200; cap++) {
        ut_arena small = {.begin = room, .at = room, .end = room + cap};
        ut_message m = {.to_count = 99};
        ut_status st = ut_ndjson_decode(json, &small, &m, ut_str_slice(ut_str_of(line), 0, sizeof line - 5), NULL);
        UT_EXPECT(st == UT_OK ? m.to_count == 1 : st == UT_NOMEM && m.to_count == 99);
    }
    ut_json_close(&json);
}
