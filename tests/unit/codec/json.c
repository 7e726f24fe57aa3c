#include "codec/json.h"
#include "harness/test.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static ut_json *open_reader(ut_test *t)
{
    ut_json *json = NULL;
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    return json;
}

UT_TEST(codec_json, object_becomes_nodes_with_keys_texts_and_raw_spans)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    ut_str text = UT_STR(" {\"a\" : [1, -2.5e3,true , false,null], \"b\":{}, \"c\":\"x\\ny\" }\n");
    UT_REQUIRE(ut_json_parse(json, &root, text, NULL) == UT_OK);
    UT_EXPECT(ut_json_is(root, UT_JSON_OBJECT));
    UT_EXPECT_I64(root->count, 3);
    UT_EXPECT_STR(root->raw, "{\"a\" : [1, -2.5e3,true , false,null], \"b\":{}, \"c\":\"x\\ny\" }");
    const ut_json_node *a = ut_json_get(root, "a");
    UT_REQUIRE(ut_json_is(a, UT_JSON_ARRAY));
    UT_EXPECT_I64(a->count, 5);
    UT_EXPECT_STR(a->raw, "[1, -2.5e3,true , false,null]");
    static const ut_json_type types[] = {UT_JSON_NUMBER, UT_JSON_NUMBER, UT_JSON_TRUE, UT_JSON_FALSE, UT_JSON_NULL};
    static const char *const raws[] = {"1", "-2.5e3", "true", "false", "null"};
    size_t i = 0;
    for (const ut_json_node *e = ut_json_first(a); e; e = ut_json_next(e), i++) {
        UT_REQUIRE(i < 5);
        UT_EXPECT_I64(e->type, types[i]);
        UT_EXPECT_STR(e->raw, raws[i]);
        UT_EXPECT_STR(e->text, e->type == UT_JSON_NUMBER ? raws[i] : "");
    }
    UT_EXPECT_I64(i, 5);
    UT_EXPECT_I64(ut_json_get(root, "b")->count, 0);
    UT_EXPECT(ut_json_first(ut_json_get(root, "b")) == NULL);
    UT_EXPECT_STR(ut_json_str(root, "c"), "x\ny");
    UT_EXPECT_STR(ut_json_get(root, "c")->raw, "\"x\\ny\"");
    UT_EXPECT(ut_json_next(ut_json_get(root, "c")) == NULL);
    ut_json_close(&json);
    UT_EXPECT(json == NULL);
    ut_json_close(&json);
}

UT_TEST(codec_json, plain_strings_are_borrowed_from_the_text)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    ut_str text = UT_STR("{\"k\":\"value\"}");
    UT_REQUIRE(ut_json_parse(json, &root, text, NULL) == UT_OK);
    UT_EXPECT(ut_json_str(root, "k").ptr == text.ptr + 6);
    UT_EXPECT(ut_json_get(root, "k")->raw.ptr == text.ptr + 5);
    ut_json_close(&json);
}

UT_TEST(codec_json, looking_for_nothing_finds_nothing)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    int64_t i64 = 7;
    double f64 = 7;
    UT_EXPECT(ut_json_get(NULL, "x") == NULL && ut_json_first(NULL) == NULL && ut_json_next(NULL) == NULL);
    UT_EXPECT(!ut_json_i64(NULL, "x", &i64) && !ut_json_f64(NULL, "x", &f64) && !ut_json_bool(NULL, "x"));
    UT_EXPECT(!ut_json_is(NULL, UT_JSON_NULL));
    UT_REQUIRE(ut_json_parse(json, &root, UT_STR("{\"s\":\"5\",\"n\":1.5,\"t\":true,\"o\":{\"s\":1}}"), NULL) == UT_OK);
    UT_EXPECT(!ut_json_i64(root, "s", &i64) && !ut_json_i64(root, "n", &i64) && i64 == 7);
    UT_EXPECT(ut_json_str(root, "n").ptr == NULL && ut_json_str(root, "absent").ptr == NULL);
    UT_EXPECT(ut_json_f64(root, "n", &f64) && f64 == 1.5);
    UT_EXPECT(ut_json_bool(root, "t") && !ut_json_bool(root, "s"));
    UT_EXPECT(ut_json_get(ut_json_get(root, "s"), "s") == NULL);
    ut_json_close(&json);
}

UT_TEST(codec_json, numbers_keep_their_text_so_big_ids_stay_exact)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    int64_t i64 = 0;
    double f64 = 0;
    UT_REQUIRE(ut_json_parse(json, &root, UT_STR("{\"a\":9007199254740993,\"b\":9223372036854775808,\"c\":-1,"
                                                 "\"d\":1e999,\"e\":123456789012345678901234567890123456789012345}"),
                             NULL) == UT_OK);
    UT_EXPECT(ut_json_i64(root, "a", &i64) && i64 == 9007199254740993);
    UT_EXPECT(!ut_json_i64(root, "b", &i64));
    UT_EXPECT_STR(ut_json_get(root, "b")->text, "9223372036854775808");
    UT_EXPECT(ut_json_i64(root, "c", &i64) && i64 == -1);
    UT_EXPECT(!ut_json_f64(root, "d", &f64));
    UT_EXPECT(!ut_json_i64(root, "e", &i64));
    ut_json_close(&json);
}

UT_TEST(codec_json, first_of_duplicate_members_is_found)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    UT_REQUIRE(ut_json_parse(json, &root, UT_STR("{\"a\":\"first\",\"a\":\"second\"}"), NULL) == UT_OK);
    UT_EXPECT_STR(ut_json_str(root, "a"), "first");
    UT_EXPECT_I64(root->count, 2);
    ut_json_close(&json);
}

UT_TEST(codec_json, escapes_are_resolved_in_keys_and_values)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u00e4\\u00E4\"", "\xC3\xA4\xC3\xA4"},
        {"\"\\ud83d\\ude00!\"", "\xF0\x9F\x98\x80!"},
        {"\"cut \\ud83d\"", "cut \xEF\xBF\xBD"},             /* half a pair at the end */
        {"\"\\ud83dx\\ude00\"", "\xEF\xBF\xBDx\xEF\xBF\xBD"}, /* two halves that do not meet */
        {"\"\\ud83d\\n\"", "\xEF\xBF\xBD\n"},
        {"\"\\ud83d\\ud83d\\ude00\"", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
        {"\"a\\\\\"", "a\\"},
    };
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        UT_REQUIRE(ut_json_parse(json, &root, ut_str_of(cases[i].in), NULL) == UT_OK);
        UT_EXPECT_STR(root->text, cases[i].want);
    }
    UT_REQUIRE(ut_json_parse(json, &root, UT_STR("{\"\\u006bey\":\"\\u0000\"}"), NULL) == UT_OK);
    UT_EXPECT_I64(ut_json_str(root, "key").len, 1);
    UT_EXPECT(ut_json_str(root, "key").ptr[0] == '\0');
    ut_json_close(&json);
}

UT_TEST(codec_json, many_escaped_strings_do_not_disturb_each_other)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    ut_buf text = ut_buf_make(UT_MIB);
    ut_buf_byte(&text, '[');
    for (int i = 0; i < 5000; i++) {
        ut_buf_format(&text, "%s\"\\t%d\\u00e9\"", i ? "," : "", i);
    }
    ut_buf_byte(&text, ']');
    UT_REQUIRE(text.failed == UT_OK && ut_json_parse(json, &root, ut_buf_str(&text), NULL) == UT_OK);
    int i = 0;
    for (const ut_json_node *e = ut_json_first(root); e; e = ut_json_next(e), i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "\t%d\xC3\xA9", i);
        UT_EXPECT_STR(e->text, want);
    }
    UT_EXPECT_I64(i, 5000);
    ut_buf_free(&text);
    ut_json_close(&json);
}

/* Every refusal, pinned with its byte. */
UT_TEST(codec_json, what_is_not_json_is_refused_with_its_byte)
{
    static const struct {
        const char *in;
        int64_t byte;
        const char *says;
    } cases[] = {
        {"", 0, "nothing at all"},
        {"  \n ", 4, "nothing at all"},
        {"{} {}", 3, "more text after"},
        {"1 2", 2, "more text after"},
        {"[1,]", 3, "no value"},
        {"[1 2]", 3, "',' or ']'"},
        {"[,1]", 1, "no value"},
        {"[1", 2, "',' or ']'"},
        {"[", 1, "a value should begin"},
        {"{\"a\":1,}", 7, "member name"},
        {"{\"a\" 1}", 5, "without ':'"},
        {"{\"a\":}", 5, "no value"},
        {"{\"a\":1 \"b\":2}", 7, "',' or '}'"},
        {"{1:2}", 1, "member name"},
        {"{\"a\"", 4, "without ':'"},
        {"{\"a\":", 5, "a value should begin"},
        {"{]", 1, "member name"},
        {"]", 0, "no value"},
        {":", 0, "no value"},
        {"[tru]", 1, "no value"},
        {"[nul\\u006c]", 1, "no value"},
        {"[01]", 1, "no value"},
        {"[1.]", 1, "no value"},
        {"[.5]", 1, "no value"},
        {"[+1]", 1, "no value"},
        {"[1e]", 1, "no value"},
        {"[-]", 1, "no value"},
        {"[NaN]", 1, "no value"},
        {"['a']", 1, "no value"},
        {"[1\"a\"]", 1, "no value"},
        {"[\"a\"b]", 4, "',' or ']'"},
        {"[\"a\"\"b\"]", 4, "',' or ']'"},
        {"[true\x0b]", 1, "no value"},
        {"[1 /* no */]", 3, "',' or ']'"},
        {"[\"\\x\"]", 2, "escape"},
        {"[\"\\u12g4\"]", 2, "escape"},
        {"[\"ab\\u12\"]", 4, "escape"},
        {"[\"abc]", 1, "closing quote"},
        {"[\"a\", \"b\\\"]", 6, "closing quote"},
        {"[\"a\nb\"]", 3, "control character"},
        {"[\"a\xFFz\"]", 3, "not UTF-8"},
        {"[\"a\xED\xA0\x80z\"]", 3, "not UTF-8"}, /* a surrogate, written in UTF-8 */
        {"\xEF\xBB\xBF[1,]", 6, "no value"},
    };
    ut_json *json = open_reader(t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ut_json_node *root = NULL;
        ut_err err = {0};
        UT_EXPECT_I64(ut_json_parse(json, &root, ut_str_of(cases[i].in), &err), UT_INVALID);
        UT_EXPECT(root == NULL);
        if (err.byte != cases[i].byte || !strstr(err.message, cases[i].says)) {
            ut_test_fail(t, __FILE__, __LINE__, "case %zu «%s»: byte %lld, «%s»", i, cases[i].in,
                         (long long)err.byte, err.message);
        }
    }
    ut_json_close(&json);
}

/* Where these fail depends on simdjson's implementation for the processor; that they fail does not. */
UT_TEST(codec_json, bytes_that_vector_tables_take_for_brackets_are_refused)
{
    static const char *const cases[] = {"[1\x1a 2]", "[1\x0c 2]", "{\"a\"\x1a 1}", "[\"a\\\nb\"]", "\x1b",
                                        "\x1d",      "[1\x0c\f2]"};
    ut_json *json = open_reader(t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ut_json_node *root = NULL;
        UT_EXPECT_I64(ut_json_parse(json, &root, ut_str_of(cases[i]), NULL), UT_INVALID);
    }
    ut_json_close(&json);
}

UT_TEST(codec_json, a_nul_byte_is_an_error_outside_and_inside_strings)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    ut_err err = {0};
    UT_EXPECT_I64(ut_json_parse(json, &root, UT_STR("[1\0]"), &err), UT_INVALID);
    UT_EXPECT_I64(ut_json_parse(json, &root, UT_STR("\"a\"\0"), &err), UT_INVALID);
    UT_EXPECT_I64(err.byte, 3);
    UT_EXPECT_I64(ut_json_parse(json, &root, UT_STR("\"a\0b\""), &err), UT_INVALID);
    UT_EXPECT_I64(err.byte, 2);
    ut_json_close(&json);
}

UT_TEST(codec_json, errors_count_lines)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    ut_err err = {0};
    UT_EXPECT_I64(ut_json_parse(json, &root, UT_STR("{\n \"a\": 1,\n \"b\": x\n}\n"), &err), UT_INVALID);
    UT_EXPECT_I64(err.line, 3);
    UT_EXPECT_I64(err.byte, 17);
    ut_json_close(&json);
}

static ut_str nested(ut_test *t, ut_buf *to, int depth, char open, char close)
{
    ut_buf_clear(to);
    for (int i = 0; i < depth; i++) {
        ut_buf_puts(to, open == '[' ? "[" : "{\"a\":");
    }
    ut_buf_byte(to, '1');
    for (int i = 0; close && i < depth; i++) {
        ut_buf_byte(to, close);
    }
    UT_REQUIRE(to->failed == UT_OK);
    return ut_buf_str(to);
}

UT_TEST(codec_json, a_hundred_thousand_levels_meet_the_depth_cap)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    ut_err err = {0};
    ut_buf text = ut_buf_make(2 * UT_MIB);
    UT_EXPECT_I64(ut_json_parse(json, &root, nested(t, &text, UT_JSON_DEPTH_MAX, '[', ']'), &err), UT_OK);
    UT_EXPECT_I64(ut_json_parse(json, &root, nested(t, &text, UT_JSON_DEPTH_MAX, '{', '}'), &err), UT_OK);
    UT_EXPECT_I64(ut_json_parse(json, &root, nested(t, &text, UT_JSON_DEPTH_MAX + 1, '[', ']'), &err), UT_LIMIT);
    UT_EXPECT_I64(err.byte, UT_JSON_DEPTH_MAX);
    UT_EXPECT_I64(ut_json_parse(json, &root, nested(t, &text, 100000, '[', ']'), &err), UT_LIMIT);
    UT_EXPECT_I64(ut_json_parse(json, &root, nested(t, &text, 100000, '{', '}'), &err), UT_LIMIT);
    UT_EXPECT_I64(ut_json_parse(json, &root, nested(t, &text, 100000, '[', 0), &err), UT_LIMIT);
    ut_buf_free(&text);
    ut_json_close(&json);
}

UT_TEST(codec_json, more_values_than_the_cap_are_refused)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    ut_err err = {0};
    ut_buf text = ut_buf_make(8 * UT_MIB);
    ut_buf_byte(&text, '[');
    for (int i = 0; i < UT_JSON_NODES_MAX - 2; i++) {
        ut_buf_puts(&text, "1,");
    }
    size_t len = text.len;
    ut_buf_puts(&text, "1]");
    UT_REQUIRE(text.failed == UT_OK);
    UT_EXPECT_I64(ut_json_parse(json, &root, ut_buf_str(&text), &err), UT_OK); /* the array and 999,999 numbers */
    UT_EXPECT_I64(root->count, UT_JSON_NODES_MAX - 1);
    text.len = len;
    ut_buf_puts(&text, "1,1]");
    UT_EXPECT_I64(ut_json_parse(json, &root, ut_buf_str(&text), &err), UT_LIMIT);
    UT_EXPECT_I64(err.byte, 2 * (UT_JSON_NODES_MAX - 1) + 1);
    ut_buf_free(&text);
    ut_json_close(&json);
}

UT_TEST(codec_json, a_document_over_the_record_cap_is_refused_unread)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    ut_buf text = ut_buf_make(UT_RECORD_BYTES_MAX + 1);
    char *spaces = ut_buf_reserve(&text, UT_RECORD_BYTES_MAX + 1);
    UT_REQUIRE(spaces);
    memset(spaces, ' ', UT_RECORD_BYTES_MAX + 1);
    text.len = UT_RECORD_BYTES_MAX + 1;
    UT_EXPECT_I64(ut_json_parse(json, &root, ut_buf_str(&text), NULL), UT_LIMIT);
    ut_buf_free(&text);
    ut_json_close(&json);
}

/* The promise that callers need not pad: the page behind the text cannot be read. */
UT_TEST(codec_json, nothing_behind_the_text_is_read)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    UT_REQUIRE(pages != MAP_FAILED && mprotect(pages + page, page, PROT_NONE) == 0);
    ut_json *json = open_reader(t);
    for (size_t len = 2; len < 400; len++) {
        char *text = pages + page - len;
        const ut_json_node *root = NULL;
        memset(text, 'x', len);
        text[0] = text[len - 1] = '"';
        UT_EXPECT_I64(ut_json_parse(json, &root, (ut_str){text, len}, NULL), UT_OK);
        memset(text, '[', len); /* unclosed */
        UT_EXPECT(ut_json_parse(json, &root, (ut_str){text, len}, NULL) != UT_OK);
        memset(text, '\xF0', len); /* UTF-8 cut off */
        UT_EXPECT(ut_json_parse(json, &root, (ut_str){text, len}, NULL) != UT_OK);
        memset(text, '\\', len);
        text[0] = '"';
        UT_EXPECT(ut_json_parse(json, &root, (ut_str){text, len}, NULL) != UT_OK);
        memset(text, '7', len); /* a number up to the very end */
        UT_EXPECT_I64(ut_json_parse(json, &root, (ut_str){text, len}, NULL), UT_OK);
    }
    ut_json_close(&json);
    UT_EXPECT(munmap(pages, 2 * page) == 0);
}

UT_TEST(codec_json, a_reader_survives_its_errors)
{
    ut_json *json = open_reader(t);
    const ut_json_node *root = NULL;
    for (int i = 0; i < 100; i++) {
        UT_EXPECT(ut_json_parse(json, &root, UT_STR("{\"a\":[1,{\"b\":\"\\n\"},"), NULL) == UT_INVALID);
        UT_REQUIRE(ut_json_parse(json, &root, UT_STR("{\"a\":[1,{\"b\":\"\\n\"}]}"), NULL) == UT_OK);
        UT_EXPECT_I64(ut_json_get(root, "a")->count, 2);
    }
    ut_json_close(&json);
}

UT_TEST(codec_json, random_bytes_of_json_letters_never_crash)
{
    static const char letters[] = "[]{}:,\"\\ \n019.-eEtruefalsn/u\xC3\xA4\xFF\x01";
    ut_json *json = open_reader(t);
    for (int round = 0; round < 20000; round++) {
        char text[80];
        size_t len = ut_rng_below(&t->rng, sizeof text);
        for (size_t i = 0; i < len; i++) {
            text[i] = letters[ut_rng_below(&t->rng, sizeof letters - 1)];
        }
        char *exact = ut_mem_alloc(len); /* so that the address sanitizer knows the end */
        UT_REQUIRE(exact);
        memcpy(exact, text, len);
        const ut_json_node *root = NULL;
        ut_err err = {0};
        ut_status st = ut_json_parse(json, &root, (ut_str){exact, len}, &err);
        UT_EXPECT(st == UT_OK ? root != NULL : err.byte >= 0 && err.byte <= (int64_t)len);
        ut_mem_free(exact);
    }
    ut_json_close(&json);
}

UT_TEST(codec_json, every_failing_allocation_is_reported_and_leaks_nothing)
{
    UT_SWEEP_ALLOC(t)
    {
        ut_json *json = NULL;
        const ut_json_node *root = NULL;
        ut_err err = {0};
        ut_status st = ut_json_open(&json, &err);
        if (st == UT_OK) {
            st = ut_json_parse(json, &root, UT_STR("{\"a\":\"\\n\",\"b\":[1,2,3]}"), &err);
        }
        UT_EXPECT(st == UT_OK ? ut_json_get(root, "b")->count == 3 : st == UT_NOMEM && err.message[0]);
        ut_json_close(&json);
    }
}
