#include "codec/stream.h"
#include "harness/test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Writes "name=content;" per file into a buffer, so that a walk can be compared to a string. */
typedef struct seen {
    ut_buf log;
    size_t content_max; /* bytes of each content logged; the rest is read and dropped */
    int visits;
    int stop_after;
    ut_status read_failed;
} seen;

static ut_status look(void *ctx, ut_str name, ut_stream *content, ut_err *err)
{
    seen *s = ctx;
    s->visits++;
    ut_buf_put(&s->log, name);
    ut_buf_byte(&s->log, '=');
    size_t logged = 0;
    for (;;) {
        char part[1000];
        size_t len = 0;
        ut_status st = content->read(content->ctx, part, sizeof part, &len, err);
        if (st != UT_OK) {
            s->read_failed = st;
            return st;
        }
        if (len == 0) {
            break;
        }
        size_t take = s->content_max - logged < len ? s->content_max - logged : len;
        ut_buf_put(&s->log, (ut_str){part, take});
        logged += take;
    }
    ut_buf_byte(&s->log, ';');
    return s->stop_after && s->visits == s->stop_after ? ut_fail(err, UT_INTERRUPTED, "enough") : UT_OK;
}

static seen make_seen(void)
{
    return (seen){.log = ut_buf_make(UT_MIB), .content_max = 200};
}

static const char *corpus(const char *name)
{
    char below[200];
    (void)snprintf(below, sizeof below, "tests/fuzz/corpus/archive/%s", name);
    return ut_test_source(below);
}

UT_TEST(codec_stream, memory_and_slurp_meet_at_the_cap)
{
    ut_stream_memory state;
    ut_stream stream = ut_stream_of_memory(&state, UT_STR("hello world"));
    ut_buf all = ut_buf_make(11);
    UT_EXPECT_I64(stream.size_bytes, 11);
    UT_EXPECT_I64(ut_stream_slurp(&stream, &all, NULL), UT_OK);
    UT_EXPECT_STR(ut_buf_str(&all), "hello world");
    ut_buf_free(&all);
    all = ut_buf_make(10);
    stream = ut_stream_of_memory(&state, UT_STR("hello world"));
    UT_EXPECT_I64(ut_stream_slurp(&stream, &all, NULL), UT_LIMIT);
    ut_buf_free(&all);
}

UT_TEST(codec_stream, slurp_reports_every_failing_allocation)
{
    UT_SWEEP_ALLOC(t)
    {
        ut_stream_memory state;
        ut_stream stream = ut_stream_of_memory(&state, UT_STR("hello world"));
        ut_buf all = ut_buf_make(UT_MIB);
        ut_status st = ut_stream_slurp(&stream, &all, NULL);
        UT_EXPECT(st == UT_OK ? all.len == 11 : st == UT_NOMEM);
        ut_buf_free(&all);
    }
}

UT_TEST(codec_stream, a_folder_is_walked_in_byte_order_without_links_and_pipes)
{
    const char *dir = ut_test_dir(t);
    char path[200];
    static const char *const names[] = {"b.txt", "a.txt", "B.txt", "sub/x.txt", "sub/deeper/y.txt", "zz.txt"};
    (void)snprintf(path, sizeof path, "%s/sub", dir);
    UT_REQUIRE(mkdir(path, 0700) == 0);
    (void)snprintf(path, sizeof path, "%s/sub/deeper", dir);
    UT_REQUIRE(mkdir(path, 0700) == 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        ut_test_write(t, path, ut_str_of(names[i]));
    }
    (void)snprintf(path, sizeof path, "%s/link.txt", dir);
    UT_REQUIRE(symlink("a.txt", path) == 0);
    (void)snprintf(path, sizeof path, "%s/loop", dir);
    UT_REQUIRE(symlink(".", path) == 0);
    (void)snprintf(path, sizeof path, "%s/pipe", dir);
    UT_REQUIRE(mkfifo(path, 0600) == 0);
    seen s = make_seen();
    (void)snprintf(path, sizeof path, "%s///", dir);
    UT_EXPECT_I64(ut_tree_walk(path, look, &s, NULL), UT_OK);
    UT_EXPECT_STR(ut_buf_str(&s.log), "B.txt=B.txt;a.txt=a.txt;b.txt=b.txt;sub/deeper/y.txt=sub/deeper/y.txt;"
                                      "sub/x.txt=sub/x.txt;zz.txt=zz.txt;");
    ut_buf_free(&s.log);
}

UT_TEST(codec_stream, folders_without_end_meet_the_depth_cap)
{
    char path[1000];
    size_t len = (size_t)snprintf(path, sizeof path, "%s", ut_test_dir(t));
    size_t root = len;
    for (int i = 0; i < UT_TREE_DEPTH_MAX; i++) {
        len += (size_t)snprintf(path + len, sizeof path - len, "/d");
        UT_REQUIRE(mkdir(path, 0700) == 0);
    }
    path[root] = '\0';
    seen s = make_seen();
    ut_err err = {0};
    UT_EXPECT_I64(ut_tree_walk(path, look, &s, &err), UT_LIMIT);
    UT_EXPECT(strstr(err.message, "nested"));
    ut_buf_free(&s.log);
}

UT_TEST(codec_stream, a_plain_file_is_visited_under_its_base_name)
{
    seen s = make_seen();
    UT_EXPECT_I64(ut_tree_walk(corpus("text.txt"), look, &s, NULL), UT_OK);
    UT_EXPECT_STR(ut_buf_str(&s.log), "text.txt=From nobody to nobody: a plain file, not an archive.\n;");
    ut_buf_clear(&s.log);
    ut_err err = {0};
    UT_EXPECT_I64(ut_tree_walk(corpus("absent"), look, &s, &err), UT_NOT_FOUND);
    UT_EXPECT(strstr(err.message, "absent"));
    ut_buf_free(&s.log);
}

UT_TEST(codec_stream, archives_of_every_kind_give_their_members)
{
    static const struct {
        const char *file, *want;
    } cases[] = {
        {"two.zip", "a.txt=first\n;folder/b.txt=second\n;"},
        {"stored.zip", "a.txt=first\n;folder/b.txt=second\n;"},
        {"two.tar", "a.txt=first\n;folder/b.txt=second\n;"},
        {"two.tgz", "a.txt=first\n;folder/b.txt=second\n;"},
        {"empty.zip", ""},
        {"lone.txt.gz", "lone.txt=alone\n;"},
        {"lone.txt.bz2", "lone.txt=alone\n;"},
        {"lone.txt.xz", "lone.txt=alone\n;"},
        {"umlaut.zip", "\xC3\xA4\xE4\xB8\xAD.txt=x;"},
        {"umlaut.tar", "\xC3\xA4\xE4\xB8\xAD.txt=x;"},
        {"links.zip", "a.txt=first\n;"},
        {"links.tar", "a.txt=first\n;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seen s = make_seen();
        ut_err err = {0};
        ut_status st = ut_tree_walk(corpus(cases[i].file), look, &s, &err);
        if (st != UT_OK) {
            ut_test_fail(t, __FILE__, __LINE__, "%s: %s", cases[i].file, err.message);
        }
        UT_EXPECT_STR(ut_buf_str(&s.log), cases[i].want);
        ut_str bytes = ut_test_read(t, corpus(cases[i].file));
        UT_EXPECT(ut_archive_is(bytes));
        ut_buf_clear(&s.log); /* and the same from memory */
        UT_EXPECT_I64(ut_archive_walk_bytes(ut_str_of(cases[i].file), bytes, look, &s, NULL), UT_OK);
        UT_EXPECT_STR(ut_buf_str(&s.log), cases[i].want);
        ut_buf_free(&s.log);
    }
}

UT_TEST(codec_stream, an_archive_within_an_archive_is_just_a_file)
{
    seen s = make_seen();
    UT_EXPECT_I64(ut_tree_walk(corpus("nested.zip"), look, &s, NULL), UT_OK);
    UT_EXPECT_I64(s.visits, 2);
    UT_EXPECT(ut_str_starts(ut_buf_str(&s.log), UT_STR("inner.zip=PK\x03\x04")));
    ut_buf_free(&s.log);
}

UT_TEST(codec_stream, hostile_members_end_the_walk_and_are_named)
{
    static const struct {
        const char *file, *member, *says, *before;
    } cases[] = {
        {"up.zip", "evil.txt", "leads out", "a.txt=first\n;"},
        {"absolute.tar", "evil.txt", "leads out", "a.txt=first\n;"},
        {"backslash.zip", "evil.txt", "leads out", "a.txt=first\n;"},
        {"encrypted.zip", "secret.txt", "encrypted", ""},
        {"cut.zip", "cut.txt", "complete?", "a.txt=first\n;cut.txt=line 0 of"},
        {"cut.tgz", "cut.txt", "complete?", "a.txt=first\n;cut.txt=line 0 of"},
        {"bomb.zip", "bomb.txt", "bomb", "a.txt=first\n;bomb.txt="},
        {"bomb.bz2", "bomb", "bomb", "bomb="},
        {"badcrc.zip", "a.txt", "unpacked", "a.txt="},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seen s = make_seen();
        ut_err err = {0};
        UT_EXPECT_I64(ut_tree_walk(corpus(cases[i].file), look, &s, &err), UT_INVALID);
        if (!strstr(err.message, cases[i].file) || !strstr(err.message, cases[i].member) ||
            !strstr(err.message, cases[i].says)) {
            ut_test_fail(t, __FILE__, __LINE__, "%s: «%s»", cases[i].file, err.message);
        }
        UT_EXPECT(ut_str_starts(ut_buf_str(&s.log), ut_str_of(cases[i].before)));
        ut_buf_free(&s.log);
    }
}

UT_TEST(codec_stream, an_archive_cut_anywhere_gives_what_is_there_and_says_so)
{
    ut_str whole = ut_test_read(t, corpus("stored.zip"));
    int complete = 0;
    for (size_t len = 1; len < whole.len; len++) {
        seen s = make_seen();
        ut_err err = {0};
        ut_status st = ut_archive_walk_bytes(UT_STR("cut.zip"), ut_str_slice(whole, 0, len), look, &s, &err);
        UT_EXPECT(st == UT_OK || (st == UT_INVALID && strstr(err.message, "cut.zip")));
        complete += st == UT_OK && s.visits == 2;
        UT_EXPECT(st != UT_OK || s.visits == 2 || len < 4); /* below four bytes it is no zip at all */
        ut_buf_free(&s.log);
    }
    UT_EXPECT(complete > 0); /* only the directory at the end was lost */
}

UT_TEST(codec_stream, a_visitor_ends_the_walk_with_its_own_status)
{
    static const char *const files[] = {"two.zip", "two.tgz"};
    for (size_t i = 0; i < 2; i++) {
        seen s = make_seen();
        s.stop_after = 1;
        ut_err err = {0};
        UT_EXPECT_I64(ut_tree_walk(corpus(files[i]), look, &s, &err), UT_INTERRUPTED);
        UT_EXPECT(strcmp(err.message, "enough") == 0);
        UT_EXPECT_I64(s.visits, 1);
        ut_buf_free(&s.log);
    }
}
