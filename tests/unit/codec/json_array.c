#include "codec/json_array.h"
#include "harness/test.h"

#include <stdio.h>

/* "id@byte;" for whole elements, "!byte:wrong-byte;" for broken ones, "?" before doubtful ones. */
typedef struct seen {
    ut_buf log;
    int whole, broken;
    ut_status answer;
    char wrong[200];
} seen;

static ut_status look(void *ctx, const ut_json_element *e, bool *ret_taken, ut_err *err)
{
    (void)err;
    seen *s = ctx;
    if (!e->node) {
        s->broken++;
        (void)snprintf(s->wrong, sizeof s->wrong, "%s", e->wrong);
        ut_buf_format(&s->log, "!%lld:%lld;", (long long)e->byte, (long long)e->wrong_byte);
        return s->answer;
    }
    const ut_json_node *id = ut_json_get(e->node, "id");
    if (!id && e->doubtful) {
        *ret_taken = false;
        return UT_OK;
    }
    s->whole++;
    ut_buf_format(&s->log, "%s" UT_STR_FMT "@%lld;", e->doubtful ? "?" : "", UT_STR_ARG(id ? id->raw : e->raw),
                  (long long)e->byte);
    return s->answer;
}

/* Hands out a few bytes at a time, then fails if told so. */
typedef struct dripping {
    ut_str rest;
    size_t drop_bytes;
    ut_status then;
} dripping;

static ut_status drip(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    dripping *d = ctx;
    size_t len = d->rest.len < d->drop_bytes ? d->rest.len : d->drop_bytes;
    len = len < room ? len : room;
    if (len == 0 && d->then != UT_OK) {
        return ut_fail(err, d->then, "the tap broke");
    }
    if (len) {
        memcpy(to, d->rest.ptr, len);
    }
    d->rest = ut_str_slice(d->rest, len, d->rest.len);
    *ret_len = len;
    return UT_OK;
}

static ut_status read_text(seen *s, ut_str text, ut_status then, ut_err *err)
{
    ut_json *json = NULL;
    *s = (seen){.log = ut_buf_make(UT_MIB)};
    dripping d = {.rest = text, .drop_bytes = 7, .then = then};
    ut_stream stream = {.ctx = &d, .read = drip, .size_bytes = -1};
    ut_status st = ut_json_open(&json, err);
    if (st == UT_OK) {
        st = ut_json_array_read(json, &stream, look, s, err);
    }
    ut_json_close(&json);
    return st;
}

UT_TEST(codec_json_array, broken_elements_cost_only_themselves)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"[]", ""},
        {" [ {\"id\":1} ,{\"id\":2}]\n", "1@3;2@13;"},
        {"[{\"id\":1},7,\"x, y\",null,[1,2],{\"id\":2}]", "1@1;7@10;\"x, y\"@12;null@19;[1,2]@24;2@30;"},
        /* bad inside, brackets balanced */
        {"[{\"id\":1},{\"id\":tru},{\"id\":3}]", "1@1;!10:16;3@21;"},
        {"[{\"id\":1},{\"id\":\"\xFF\"},{\"id\":3}]", "1@1;!10:17;3@21;"},
        {"[{\"id\":1},{\"id\" 2},{\"id\":3}]", "1@1;!10:16;3@19;"},
        /* a quote is missing, one element a line: the next line is whole again */
        {"[\n{\"id\":1},\n{\"id\":\"x},\n{\"id\":3}]", "1@2;!12:12;?3@23;"},
        /* a quote is missing, all on one line */
        {"[{\"id\":1},{\"id\":\"x},{\"id\":3},{\"id\":4}]", "1@1;!10:10;?3@20;4@29;"},
        /* a brace is missing */
        {"[{\"id\":1},{\"id\":2,{\"id\":3},{\"id\":4}]", "1@1;!10:10;?3@18;4@27;"},
        /* one too many, between and at the end */
        {"[{\"id\":1}},{\"id\":2}]", "1@1;!9:9;?2@11;"},
        {"[{\"id\":1}],{\"id\":2}]", "1@1;!10:10;?2@11;"},
        /* parts of the broken element are not taken for elements, and what follows is whole */
        {"[{\"id\":1,\"o\":{\"id\":7},\"a\":[{\"x\":1},{\"x\":2}],{\"id\":2},{\"id\":3}]", "!1:1;?2@44;3@53;"},
        /* cut off */
        {"[{\"id\":1},{\"id\":2},{\"id\":3", "1@1;2@10;!19:19;"},
        {"[{\"id\":1},", "1@1;!10:10;"},
        {"[{\"id\":1}", "1@1;!9:9;"},
        {"[", "!1:1;"},
        {"\xEF\xBB\xBF[{\"id\":1},{]", "1@4;!13:13;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seen s;
        ut_err err = {0};
        UT_EXPECT_I64(read_text(&s, ut_str_of(cases[i].in), UT_OK, &err), UT_OK);
        if (!ut_str_eq(ut_buf_str(&s.log), ut_str_of(cases[i].want))) {
            ut_test_fail(t, __FILE__, __LINE__, "%s\n gives %.*s (%s)\n  want %s", cases[i].in, (int)s.log.len,
                         s.log.ptr ? s.log.ptr : "", s.wrong, cases[i].want);
        }
        ut_buf_free(&s.log);
    }
}

UT_TEST(codec_json_array, a_file_that_is_no_array_is_refused)
{
    static const char *const cases[] = {"", "  ", "{\"id\":1}", "x", "\xEF\xBB\xBF"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seen s;
        ut_err err = {0};
        UT_EXPECT_I64(read_text(&s, ut_str_of(cases[i]), UT_OK, &err), UT_OK);
        UT_EXPECT(strstr(s.wrong, "'['"));
        UT_EXPECT_I64(s.whole, 0);
        UT_EXPECT_I64(s.broken, 1);
        ut_buf_free(&s.log);
    }
}

UT_TEST(codec_json_array, a_failing_stream_gives_what_came_before_it)
{
    seen s;
    ut_err err = {0};
    UT_EXPECT_I64(read_text(&s, UT_STR("[{\"id\":1},{\"id\":2},{\"id\":"), UT_IO, &err), UT_IO);
    UT_EXPECT(strcmp(err.message, "the tap broke") == 0);
    UT_EXPECT_STR(ut_buf_str(&s.log), "1@1;2@10;!19:19;");
    ut_buf_free(&s.log);
    UT_EXPECT_I64(read_text(&s, UT_STR(""), UT_IO, &err), UT_IO);
    ut_buf_free(&s.log);
}

static ut_str big_array(ut_test *t, ut_buf *text, int count, const char *last)
{
    ut_buf_byte(text, '[');
    for (int i = 0; i < count; i++) {
        ut_buf_format(text, "%s{\"id\":%d,\"text\":\"0123456789 0123456789 {[\\\"0123456789\"}", i ? ",\n" : "", i);
    }
    ut_buf_puts(text, last);
    UT_REQUIRE(text->failed == UT_OK);
    return ut_buf_str(text);
}

static ut_status count_element(void *ctx, const ut_json_element *e, bool *ret_taken, ut_err *err)
{
    (void)ret_taken;
    int64_t *count = ctx;
    int64_t id = -1;
    if (!e->node) {
        return ut_fail(err, UT_CORRUPT, "%s", e->wrong);
    }
    if (!ut_json_i64(e->node, "id", &id) || id != *count) {
        return ut_fail(err, UT_CORRUPT, "id %lld", (long long)id);
    }
    (*count)++;
    return UT_OK;
}

UT_TEST(codec_json_array, a_file_too_large_for_one_pass_is_split)
{
    const int count = 320000; /* about 18 MiB */
    ut_buf text = ut_buf_make(64 * UT_MIB);
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, big_array(t, &text, count, "]"));
    UT_REQUIRE(text.len > UT_JSON_ARRAY_WHOLE);
    ut_json *json = NULL;
    int64_t seen_count = 0;
    ut_err err = {0};
    UT_REQUIRE(ut_json_open(&json, &err) == UT_OK);
    UT_EXPECT_I64(ut_json_array_read(json, &stream, count_element, &seen_count, &err), UT_OK);
    UT_EXPECT_I64(seen_count, count);
    ut_json_close(&json);
    ut_buf_free(&text);
}

UT_TEST(codec_json_array, an_element_over_the_record_cap_is_broken_and_its_neighbours_live)
{
    ut_buf text = ut_buf_make(64 * UT_MIB);
    ut_buf_puts(&text, "[{\"id\":1},{\"id\":2,\"x\":\"");
    char *fill = ut_buf_reserve(&text, UT_RECORD_BYTES_MAX);
    UT_REQUIRE(fill);
    memset(fill, 'x', UT_RECORD_BYTES_MAX);
    text.len += UT_RECORD_BYTES_MAX;
    ut_buf_puts(&text, "\"},{\"id\":3},{\"id\":4}]");
    ut_json *json = NULL;
    seen s = {.log = ut_buf_make(UT_MIB)};
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, ut_buf_str(&text));
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    UT_EXPECT_I64(ut_json_array_read(json, &stream, look, &s, NULL), UT_OK);
    UT_EXPECT_I64(s.broken, 1);
    UT_EXPECT_I64(s.whole, 3);
    ut_json_close(&json);
    ut_buf_free(&text);
    ut_buf_free(&s.log);
}

/* Nothing but opening braces: each could be an element, none ends. */
UT_TEST(codec_json_array, a_file_of_braces_ends_soon)
{
    ut_buf text = ut_buf_make(4 * UT_MIB);
    ut_buf_byte(&text, '[');
    for (int i = 0; i < 500000; i++) {
        ut_buf_puts(&text, "{,");
    }
    ut_json *json = NULL;
    seen s = {.log = ut_buf_make(UT_MIB)};
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, ut_buf_str(&text));
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    UT_EXPECT_I64(ut_json_array_read(json, &stream, look, &s, NULL), UT_OK);
    UT_EXPECT_I64(s.broken, 2);
    UT_EXPECT(strstr(s.wrong, "beyond"));
    ut_json_close(&json);
    ut_buf_free(&text);
    ut_buf_free(&s.log);
}

UT_TEST(codec_json_array, the_visitors_status_ends_the_reading)
{
    ut_json *json = NULL;
    seen s = {.log = ut_buf_make(UT_MIB), .answer = UT_INTERRUPTED};
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, UT_STR("[{\"id\":1},{\"id\":2}"));
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    UT_EXPECT_I64(ut_json_array_read(json, &stream, look, &s, NULL), UT_INTERRUPTED);
    UT_EXPECT_I64(s.whole + s.broken, 1);
    ut_json_close(&json);
    ut_buf_free(&s.log);
}

UT_TEST(codec_json_array, every_failing_allocation_is_reported_and_leaks_nothing)
{
    UT_SWEEP_ALLOC(t)
    {
        seen s;
        ut_err err = {0};
        ut_status st = read_text(&s, UT_STR("[{\"id\":1},{\"id\":\"\\n\"},{\"id\":]"), UT_OK, &err);
        UT_EXPECT(st == UT_OK || (st == UT_NOMEM && err.message[0]));
        ut_buf_free(&s.log);
    }
}
