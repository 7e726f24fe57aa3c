#include "bronze/source.h"
#include "harness/test.h"

#include <stdio.h>

typedef struct fixture {
    ut_json *json;
    ut_arena arena;
    ut_message message;
} fixture;

static void decode(ut_test *t, fixture *f, ut_str payload)
{
    UT_REQUIRE(ut_json_open(&f->json, NULL) == UT_OK && ut_arena_open(&f->arena, 4 * UT_MIB) == UT_OK);
    ut_err err = {0};
    UT_REQUIRE(ut_slack_decode(f->json, &f->arena, &f->message, payload, &err) == UT_OK);
    ut_json_close(&f->json); /* the message lives in the arena alone */
}

static void expect_text(ut_test *t, int line, const char *text, const char *want, const char *handles)
{
    fixture f;
    ut_buf payload = ut_buf_make(UT_MIB);
    ut_buf_puts(&payload, "{\"type\":\"message\",\"user\":\"U1\",\"ts\":\"1.000000\",\"text\":");
    ut_buf_json_str(&payload, ut_str_of(text));
    ut_buf_byte(&payload, '}');
    decode(t, &f, ut_buf_str(&payload));
    (void)ut_test_str(t, __FILE__, line, text, f.message.text, ut_str_of(want));
    ut_buf_clear(&payload);
    for (size_t i = 0; i < f.message.to_count; i++) {
        ut_buf_puts(&payload, i ? " " : "");
        ut_buf_put(&payload, f.message.to[i]);
    }
    (void)ut_test_str(t, __FILE__, line, "handles", ut_buf_str(&payload), ut_str_of(handles));
    ut_buf_free(&payload);
    ut_arena_close(&f.arena);
}

UT_TEST(bronze_slack_decode, markup_is_resolved_and_mentions_become_handles)
{
    static const struct {
        const char *text, *want, *handles;
    } cases[] = {
        {"plain", "plain", ""},
        {"<@U024|ann> and <@u03x>: hi <@U024>", "@ann and @u03x: hi @U024", "slack:U024 slack:U03X"},
        {"<@W7>", "@W7", "slack:W7"},
        {"see <#C061|general>, <#C062|> and <#C063>", "see #general, #C062 and #C063", ""},
        {"<!here> <!channel> <!everyone|everyone>", "@here @channel @everyone", ""},
        {"<!subteam^S1|@ops> <!subteam^S2>", "@ops @S2", ""},
        {"<!date^1392734382^{date}|18 Feb> <!date^1^{date}^https://x.example|day>", "18 Feb day", ""},
        {"<!unknown|label> <!unknown>", "label unknown", ""},
        {"<https://example.org/a?b=1&amp;c=2>", "https://example.org/a?b=1&c=2", ""},
        {"<https://example.org|our &lt;page&gt;>", "our <page>", ""},
        {"<mailto:a@example.org|write me> <mailto:a@example.org> <tel:+49123|call>", "write me a@example.org call", ""},
        {"a &lt; b &amp;&amp; c &gt; d &amp;lt; &copy; &", "a < b && c > d &lt; &copy; &", ""},
        {"&lt;@U024&gt;", "<@U024>", ""},           /* escaped: text, not a mention */
        {"&gt; quoted\nanswer", "> quoted\nanswer", ""},
        {"`x &lt; y` ```pre\n<https://example.org>```", "`x < y` ```pre\nhttps://example.org```", ""},
        {":tada: :wave::skin-tone-2:", ":tada: :wave::skin-tone-2:", ""},
        {"<never closed", "<never closed", ""},
        {"<a <@U1> b", "<a @U1 b", "slack:U1"},
        {"<\n> <>", "<\n> <>", ""},
        {"<@> <@U 1> <#> <!>", "@ @U 1 # ", ""},
        {"a\r\nb\rc", "a\nb\rc", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_text(t, __LINE__, cases[i].text, cases[i].want, cases[i].handles);
    }
}

UT_TEST(bronze_slack_decode, a_megabyte_of_opening_brackets_is_read_in_linear_time)
{
    fixture f;
    ut_buf payload = ut_buf_make(4 * UT_MIB);
    ut_buf_puts(&payload, "{\"ts\":\"1.000000\",\"text\":\"");
    for (int i = 0; i < 1000000; i++) {
        ut_buf_puts(&payload, i % 2 ? "<" : "&");
    }
    ut_buf_puts(&payload, "\"}");
    decode(t, &f, ut_buf_str(&payload));
    UT_EXPECT_I64(f.message.text.len, 1000000);
    ut_buf_free(&payload);
    ut_arena_close(&f.arena);
}

UT_TEST(bronze_slack_decode, threads_and_reactions)
{
    fixture f;
    decode(t, &f, UT_STR("{\"ts\":\"2.000000\",\"thread_ts\":\"1.000000\",\"text\":\"yes\",\"reactions\":["
                         "{\"name\":\"+1\",\"count\":3,\"users\":[\"U1\"]},{\"name\":\"tada\",\"users\":[\"U1\","
                         "\"U2\"]},"
                         "{\"count\":2},{\"name\":\"zero\",\"count\":0},7]}"));
    UT_EXPECT_STR(f.message.reply_to, "1.000000");
    UT_REQUIRE(f.message.reaction_count == 2);
    UT_EXPECT_STR(f.message.reactions[0].emoji, "+1");
    UT_EXPECT_I64(f.message.reactions[0].count, 3);
    UT_EXPECT_STR(f.message.reactions[1].emoji, "tada");
    UT_EXPECT_I64(f.message.reactions[1].count, 2);
    UT_EXPECT(!f.message.mail && !f.message.machine && !f.message.unreadable);
    ut_arena_close(&f.arena);
    decode(t, &f, UT_STR("{\"ts\":\"1.000000\",\"thread_ts\":\"1.000000\",\"text\":\"parent\"}"));
    UT_EXPECT_STR(f.message.reply_to, "");
    ut_arena_close(&f.arena);
}

UT_TEST(bronze_slack_decode, blocks_speak_when_the_text_is_empty)
{
    fixture f;
    decode(t, &f,
           UT_STR("{\"ts\":\"1.000000\",\"text\":\"\",\"blocks\":[{\"type\":\"divider\"},{\"type\":\"rich_text\","
               "\"elements\":["
                  "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"Hi \"},"
                  "{\"type\":\"user\",\"user_id\":\"u2\"},{\"type\":\"text\",\"text\":\" a<b \"},"
                  "{\"type\":\"emoji\",\"name\":\"tada\"},{\"type\":\"text\",\"text\":\"x=1\","
                  "\"style\":{\"code\":true}},"
                  "{\"type\":\"link\",\"url\":\"https://example.org\"},{\"type\":\"link\",\"url\":\"u\",\"text\":\" "
                  "page \"},"
                  "{\"type\":\"broadcast\",\"range\":\"here\"},{\"type\":\"usergroup\",\"usergroup_id\":\"S1\"},"
                  "{\"type\":\"channel\",\"channel_id\":\"C1\"},{\"type\":\"date\",\"fallback\":\" today\"},"
                  "{\"type\":\"color\",\"value\":\"#fff\"}]},"
                  "{\"type\":\"rich_text_list\",\"style\":\"ordered\",\"elements\":["
                  "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"one\"}]},"
                  "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"two\"}]}]},"
                  "{\"type\":\"rich_text_list\",\"style\":\"bullet\",\"elements\":["
                  "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"dot\"}]}]},"
                  "{\"type\":\"rich_text_quote\",\"elements\":[{\"type\":\"text\",\"text\":\"they\\nsaid\"}]},"
                  "{\"type\":\"rich_text_preformatted\",\"elements\":[{\"type\":\"text\",\"text\":\"code();\"}]},"
                  "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"end\\n\"}]}]}]}"));
    UT_EXPECT_STR(f.message.text, "Hi @u2 a<b :tada:`x=1`https://example.org page @here@S1#C1 today\n1. one\n2. "
        "two\n- dot\n"
                                  "> they\n> said\n```\ncode();\n```\nend");
    UT_REQUIRE(f.message.to_count == 1);
    UT_EXPECT_STR(f.message.to[0], "slack:U2");
    ut_arena_close(&f.arena);
}

UT_TEST(bronze_slack_decode, uploads_of_old_exports_keep_only_the_persons_words)
{
    fixture f;
    decode(t, &f, UT_STR("{\"ts\":\"1.000000\",\"subtype\":\"file_share\",\"text\":\"<@U1|ann> uploaded a file: "
        "<https://x|y>\","
                         "\"file\":{\"id\":\"F1\"}}"));
    UT_EXPECT_STR(f.message.text, "");
    ut_arena_close(&f.arena);
    decode(t, &f, UT_STR("{\"ts\":\"1.000000\",\"subtype\":\"file_share\",\"text\":\"<@U1|ann> uploaded a file: "
        "<https://x|y> "
                         "and commented: lovely\",\"file\":{\"initial_comment\":{\"comment\":\"lovely\"}}}"));
    UT_EXPECT_STR(f.message.text, "lovely");
    ut_arena_close(&f.arena);
    decode(t, &f, UT_STR("{\"ts\":\"1.000000\",\"subtype\":\"file_comment\",\"text\":\"<@U1> commented on <@U2>'s "
        "file: "
                         "great\",\"comment\":{\"user\":\"U1\",\"comment\":\"great\"}}"));
    UT_EXPECT_STR(f.message.text, "great");
    ut_arena_close(&f.arena);
    decode(t, &f, UT_STR("{\"ts\":\"1.000000\",\"subtype\":\"file_share\",\"text\":\"see this\","
        "\"files\":[{\"id\":\"F1\"}]}"));
    UT_EXPECT_STR(f.message.text, "see this");
    ut_arena_close(&f.arena);
}

UT_TEST(bronze_slack_decode, deleted_messages_have_no_text_and_machines_are_marked)
{
    fixture f;
    decode(t, &f, UT_STR("{\"ts\":\"1.000000\",\"subtype\":\"tombstone\",\"text\":\"This message was deleted.\"}"));
    UT_EXPECT_STR(f.message.text, "");
    ut_arena_close(&f.arena);
    decode(t, &f, UT_STR("{\"ts\":\"9.000000\",\"subtype\":\"message_deleted\",\"deleted_ts\":\"1.000000\","
        "\"text\":\"x\"}"));
    UT_EXPECT_STR(f.message.text, "");
    ut_arena_close(&f.arena);
    decode(t, &f, UT_STR("{\"ts\":\"1.000000\",\"subtype\":\"channel_join\",\"text\":\"<@U1> has joined\"}"));
    UT_EXPECT(f.message.machine);
    ut_arena_close(&f.arena);
}

UT_TEST(bronze_slack_decode, what_cannot_be_read_says_so_and_is_no_error)
{
    static const char *const payloads[] = {"", "{", "[]", "{\"text\":\"no ts\"}", "7",
                                           "{\"ts\":\"1.0\",\"text\":\"\xFF\"}"};
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        fixture f;
        decode(t, &f, ut_str_of(payloads[i]));
        UT_EXPECT(f.message.unreadable && f.message.text.len == 0);
        ut_arena_close(&f.arena);
    }
    fixture f; /* wrong types inside a message are as if absent */
    decode(t, &f, UT_STR("{\"ts\":\"1.000000\",\"text\":7,\"blocks\":{\"type\":\"rich_text\"},\"reactions\":\"x\","
                         "\"thread_ts\":{},\"subtype\":[1]}"));
    UT_EXPECT(!f.message.unreadable && f.message.text.len == 0 && f.message.reaction_count == 0);
    ut_arena_close(&f.arena);
}

UT_TEST(bronze_slack_decode, deep_blocks_end_at_their_cap)
{
    ut_buf payload = ut_buf_make(UT_MIB);
    ut_buf_puts(&payload, "{\"ts\":\"1.000000\",\"blocks\":[");
    for (int i = 0; i < 25; i++) {
        ut_buf_puts(&payload, "{\"type\":\"rich_text\",\"elements\":[");
    }
    ut_buf_puts(&payload, "{\"type\":\"text\",\"text\":\"deep\"}");
    for (int i = 0; i < 25; i++) {
        ut_buf_puts(&payload, "]}");
    }
    ut_buf_puts(&payload, "]}");
    fixture f;
    decode(t, &f, ut_buf_str(&payload));
    UT_EXPECT(!f.message.unreadable);
    UT_EXPECT_STR(f.message.text, "");
    ut_arena_close(&f.arena);
    ut_buf_free(&payload);
}

UT_TEST(bronze_slack_decode, memory_that_ends_is_reported)
{
    static const char payload[] = "{\"ts\":\"2.000000\",\"thread_ts\":\"1.000000\",\"text\":\"<@U1> <@U2> hello\","
                                  "\"reactions\":[{\"name\":\"tada\",\"count\":2}]}";
    UT_SWEEP_ALLOC(t)
    {
        fixture f = {0};
        ut_err err = {0};
        ut_status st = ut_json_open(&f.json, &err);
        if (st == UT_OK) {
            st = ut_arena_open(&f.arena, UT_MIB);
        }
        if (st == UT_OK) {
            st = ut_slack_decode(f.json, &f.arena, &f.message, ut_str_of(payload), &err);
        }
        UT_EXPECT(st == UT_OK ? f.message.to_count == 2 : st == UT_NOMEM);
        ut_json_close(&f.json);
        ut_arena_close(&f.arena);
    }
    ut_json *json = NULL;
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    char room[256];
    for (size_t cap = 0; cap < 200; cap++) { /* an arena that fills up at every point there is */
        ut_arena small = {.begin = room, .at = room, .end = room + cap};
        ut_message message = {.reaction_count = 99};
        ut_err err = {0};
        ut_status st = ut_slack_decode(json, &small, &message, ut_str_of(payload), &err);
        UT_EXPECT(st == UT_OK ? message.to_count == 2 : st == UT_NOMEM && message.reaction_count == 99);
    }
    ut_json_close(&json);
}
