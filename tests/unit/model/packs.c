/* Loading packs: overriding, errors with their place, reload, failing memory, hostile input. */
#include "unit/model/fixture.h"

#include "os/file.h"
#include "os/pool.h"

#include <unistd.h>

/* What opening a model with this file beside the built-in packs answers. */
static ut_status open_with(ut_test *t, const char *name, const char *content, ut_err *err)
{
    char path[512];
    const char *dir = ut_test_dir(t);
    ut_model *model = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ut_test_write(t, path, ut_str_of(content));
    *err = (ut_err){0};
    ut_status st = ut_model_open(&model, UT_STR("rules"), dir, err);
    UT_EXPECT((st == UT_OK) == (model != NULL));
    ut_model_close(&model);
    return st;
}

#define HEAD "{\"rules\": 1, \"name\": \"x\", \"languages\": [\"en\"],\n "

UT_TEST(model_packs, each_error_names_file_line_and_member)
{
    static const struct {
        const char *pack;
        int line;
        const char *message; /* a part of it */
    } cases[] = {
        {"", 1, "bad.json, line 1"},
        {"[1]", 1, "a pack is a JSON object"},
        {"{\"rules\": 1,\n \"name\": \"x\",,}", 2, "bad.json, line 2"},
        {"{\"name\": \"x\", \"languages\": [\"en\"]}", 1, "\"rules\": 1"},
        {"{\"rules\": 2, \"name\": \"x\"}", 1, "this version reads 1"},
        {"{\"rules\": \"1\"}", 1, "\"rules\" must be 1"},
        {"{\"rules\": 1, \"languages\": [\"en\"]}", 1, "\"name\" is missing"},
        {"{\"rules\": 1, \"name\": \"x\"}", 1, "\"languages\" is missing"},
        {"{\"rules\": 1, \"name\": \"x\", \"languages\": [1]}", 1, "\"languages\" lists"},
        {HEAD "\"mood\": {}}", 2, "unknown member \"mood\""},
        {HEAD "\"features\": []}", 2, "\"features\" must be"},
        {HEAD "\"features\": {\"mood\": {}}}", 2, "unknown feature \"mood\""},
        {HEAD "\"features\": {\"joy\": 1}}", 2, "features: must be objects"},
        {HEAD "\"features\": {\"joy\": {\n\"a\": 5.5}}}", 3, "\"a\" is 5.5, outside -5..5"},
        {HEAD "\"features\": {\"joy\": {\"a\": \"b\"}}}", 2, "\"a\" must be a number"},
        {HEAD "\"features\": {\"joy\": {\"a+b\": 1}}}", 2, "\"a+b\" can't match"},
        {HEAD "\"features\": {\"joy\": {\"a b*\": 1}}}", 2, "* is for single words only"},
        {HEAD "\"features\": {\"joy\": {\"ab*\": 1}}}", 2, "a beginning at least 3"},
        {HEAD "\"features\": {\"joy\": {\"_ a\": 1}}}", 2, "must stand between words"},
        {HEAD "\"features\": {\"joy\": {\"a _\": 1}}}", 2, "ends with one"},
        {HEAD "\"features\": {\"joy\": {\"\": 1}}}", 2, "a term is empty"},
        {HEAD "\"features\": {\"joy\": {\"a b c d e f g h i\": 1}}}", 2, "1 to 8 words"},
        {HEAD "\"features\": {\"joy\": {\":-))))))\": 1}}}", 2, "2 to 6 bytes"},
        {HEAD "\"terms\": {\"a\": 1}}", 2, "terms: must be objects"},
        {HEAD "\"terms\": {\"a\": {\"mood\": 1}}}", 2, "unknown feature \"mood\""},
        {HEAD "\"neutral\": {}}", 2, "\"neutral\" must be"},
        {HEAD "\"neutral\": [1]}", 2, "neutral: must be a list of terms"},
        {HEAD "\"settings\": {\"speed\": 1}}", 2, "unknown setting \"speed\""},
        {HEAD "\"classes\": {\"hedge\": \"a\"}}", 2, "classes: must be lists"},
        {HEAD "\"classes\": {\"verbs\": []}}", 2, "unknown class \"verbs\""},
        {HEAD "\"boosters\": {\"a\": 2}}", 2, "outside -1.2..1.2"},
        {HEAD "\"context\": {\"near\": []}}", 2, "unknown member \"near\""},
        {HEAD "\"shortcodes\": {\"a\": 1}}", 2, "shortcodes: must be names and emoji"},
        {HEAD "\"signals\": {\"wind\": {}}}", 2, "unknown signal \"wind\""},
        {HEAD "\"signals\": {\"question\": {\"mood\": 1}}}", 2, "unknown feature \"mood\""},
        {HEAD "\"calibration\": {\"joy\": {\"slope\": 1}}}", 2, "unknown member \"slope\""},
        {HEAD "\"calibration\": {\"joy\": {\"length\": 2}}}", 2, "outside 0..1"},
        {HEAD "\"negation\": {\"joy\": {\"joy\": 2}}}", 2, "outside -1..1"},
        {HEAD "\"dimensions\": {\"depth\": {}}}", 2, "unknown dimension \"depth\""},
        {HEAD "\"dimensions\": {\"arousal\": {\"mood\": 1}}}", 2, "unknown feature or signal \"mood\""},
        {HEAD "\"custom\": {\"a\": \"b\"}}", 2, "custom: must be categories"},
        {HEAD "\"custom\": {\"\": []}}", 2, "the name of a category"},
        {HEAD "\"custom\": {\"a\": [\"x$y\"]}}", 2, "\"x$y\" can't match"},
        {HEAD "\"lexicons\": [{\"file\": \"lexicons/none.tsv\", \"into\": \"joy\"}]}", 2, "there is no lexicon"},
        {HEAD "\"lexicons\": [{\"file\": \"../../etc/passwd\", \"into\": \"joy\"}]}", 2, "there is no lexicon"},
        {HEAD "\"lexicons\": [{\"into\": \"joy\"}]}", 2, "needs \"file\" and \"into\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ut_err err;
        ut_status st = open_with(t, "bad.json", cases[i].pack, &err);
        bool right = st == UT_INVALID && err.line == cases[i].line &&
                     ut_str_starts(ut_str_of(err.message), UT_STR("bad.json, line ")) &&
                     ut_str_has(ut_str_of(err.message), ut_str_of(cases[i].message));
        if (!right) {
            ut_test_fail(t, __FILE__, __LINE__, "%s\n  gives %s, line %lld: %s", cases[i].pack, ut_status_name(st),
                         (long long)err.line, err.message);
        }
    }
}

UT_TEST(model_packs, a_lexicon_beside_the_pack_is_read_and_its_bad_line_named)
{
    fixture f = fixture_open(t, "");
    char path[512];
    ut_err err = {0};
    (void)snprintf(path, sizeof path, "%s/lexicons", f.dir);
    UT_REQUIRE(ut_file_make_folder(path, 0700, &err) == UT_OK);
    fixture_write(&f, "lexicons/own.tsv", "# a comment\nglorp\t2\tmore\r\nso glorp\t3\n");
    fixture_write(&f, "zlex.json", HEAD "\"lexicons\": [{\"file\": \"lexicons/own.tsv\", \"into\": \"joy\", "
            "\"scale\": 0.5}]}");
    UT_REQUIRE(ut_model_reload(f.model, NULL, &err) == UT_OK);
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "the glorp", UT_JOY), 1, 0.001);
    fixture_write(&f, "lexicons/own.tsv", "glorp\t2\nqux\n");
    UT_EXPECT(ut_model_reload(f.model, NULL, &err) == UT_INVALID);
    UT_EXPECT(ut_str_starts(ut_str_of(err.message), UT_STR("lexicons/own.tsv, line 2")));
    fixture_close(&f);
}

UT_TEST(model_packs, a_later_pack_overrides_an_earlier_one)
{
    fixture f = fixture_open(t, "\"features\": {\"joy\": {\"glorp\": 1, \"blarg\": 1}}");
    fixture_write(&f, "zz.json", HEAD "\"features\": {\"joy\": {\"glorp\": 3}}, \"terms\": {\"blarg\": null}}");
    ut_err err = {0};
    UT_REQUIRE(ut_model_reload(f.model, NULL, &err) == UT_OK);
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "the glorp", UT_JOY), 3, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "the blarg", UT_JOY), 0, 0.001);
    fixture_close(&f);
}

UT_TEST(model_packs, a_built_in_term_can_be_taken_out)
{
    fixture f = fixture_open(t, "\"terms\": {\"thanks\": null}");
    UT_EXPECT(fixture_score(&f, UT_STR("thanks")).features[UT_GRATITUDE] < 0.5f);
    fixture_close(&f);
}

UT_TEST(model_packs, a_changed_file_is_seen_and_taken_by_open_sessions)
{
    fixture f = fixture_open(t, "\"features\": {\"joy\": {\"glorp\": 1}}");
    ut_err err = {0};
    bool changed = true;
    char before[64];
    UT_EXPECT(!ut_model_stale(f.model));
    UT_REQUIRE(ut_model_reload(f.model, &changed, &err) == UT_OK);
    UT_EXPECT(!changed);
    (void)fixture_score(&f, UT_STR("glorp"));
    (void)snprintf(before, sizeof before, UT_STR_FMT, UT_STR_ARG(ut_model_version(f.model)));
    fixture_write(&f, "test.json", HEAD "\"features\": {\"joy\": {\"glorp\": 2.5}}}");
    UT_EXPECT(ut_model_stale(f.model));
    UT_REQUIRE(ut_model_reload(f.model, &changed, &err) == UT_OK);
    UT_EXPECT(changed && !ut_model_stale(f.model));
    UT_EXPECT_STR(ut_session_version(f.session), before);
    UT_EXPECT(!ut_str_eq(ut_model_version(f.model), ut_str_of(before)));
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "the glorp", UT_JOY), 2.5, 0.001);
    UT_EXPECT(ut_str_eq(ut_session_version(f.session), ut_model_version(f.model)));
    fixture_close(&f);
}

UT_TEST(model_packs, a_broken_change_leaves_the_model_as_it_was)
{
    fixture f = fixture_open(t, "\"features\": {\"joy\": {\"glorp\": 1}}");
    ut_err err = {0};
    fixture_write(&f, "test.json", "{");
    UT_EXPECT(ut_model_stale(f.model));
    UT_EXPECT(ut_model_reload(f.model, NULL, &err) == UT_INVALID);
    UT_EXPECT(ut_model_stale(f.model));
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "the glorp", UT_JOY), 1, 0.001);
    fixture_close(&f);
}

UT_TEST(model_packs, files_that_come_and_go_make_the_model_stale)
{
    fixture f = fixture_open(t, "");
    ut_err err = {0};
    char path[512];
    fixture_write(&f, "notes.txt", "not a pack");
    UT_EXPECT(!ut_model_stale(f.model));
    fixture_write(&f, "more.json", HEAD "\"neutral\": []}");
    UT_EXPECT(ut_model_stale(f.model));
    UT_REQUIRE(ut_model_reload(f.model, NULL, &err) == UT_OK);
    (void)snprintf(path, sizeof path, "%s/more.json", f.dir);
    UT_REQUIRE(unlink(path) == 0);
    UT_EXPECT(ut_model_stale(f.model));
    fixture_close(&f);
}

UT_TEST(model_packs, models_and_folders_that_are_not_there)
{
    ut_model *model = NULL;
    ut_err err = {0};
    UT_EXPECT(ut_model_open(&model, UT_STR("oracle"), NULL, &err) == UT_NOT_FOUND);
    UT_EXPECT(ut_str_has(ut_str_of(err.message), UT_STR("\"oracle\"")));
    UT_EXPECT(ut_model_open(&model, UT_STR("rules"), "/nonexistent/folder", &err) == UT_NOT_FOUND);
    UT_EXPECT(model == NULL);
    ut_model_close(&model);
    ut_model_close(NULL);
    ut_session *session = NULL;
    ut_session_close(&session);
    ut_session_close(NULL);
    UT_EXPECT(ut_session_open(&session, NULL, &err) == UT_INVALID);
}

UT_TEST(model_packs, equal_packs_make_equal_versions)
{
    ut_model *a = NULL;
    ut_model *b = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_model_open(&a, UT_STR("rules"), NULL, &err) == UT_OK);
    UT_REQUIRE(ut_model_open(&b, UT_STR("rules"), ut_test_dir(t), &err) == UT_OK);
    UT_EXPECT(ut_str_eq(ut_model_version(a), ut_model_version(b)));
    UT_EXPECT(ut_str_starts(ut_model_version(a), UT_STR("rules@1.")));
    UT_EXPECT(!ut_model_stale(a));
    fixture f = fixture_open(t, "\"neutral\": [\"glorp\"]");
    UT_EXPECT(!ut_str_eq(ut_model_version(a), ut_model_version(f.model)));
    fixture_close(&f);
    ut_model_close(&a);
    ut_model_close(&b);
}

/* A third of the allocations of opening a model are the builder's growth; the sweep goes through all of them. */
UT_TEST(model_packs, memory_may_end_at_any_point)
{
    const char *dir = ut_test_dir(t);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/own.json", dir);
    ut_test_write(t, path, UT_STR(HEAD "\"features\": {\"joy\": {\"glorp\": 1}}, \"custom\": {\"a\": [\"glorp\"]}}"));
    ut_model *model = NULL;
    ut_err err = {0};
    ut_scores scores;
    ut_score_options options = {.details = true};
    UT_REQUIRE(ut_model_open(&model, UT_STR("rules"), dir, &err) == UT_OK);
    UT_SWEEP_ALLOC(t) {
        ut_session *session = NULL;
        ut_buf out = ut_buf_make(UT_MIB);
        ut_status st = ut_session_open(&session, model, &err);
        st = st == UT_OK ? ut_session_score(session, &scores, UT_STR("glorp, thanks 🎉"), &options, &err) : st;
        if (st == UT_OK) {
            ut_session_write_json(session, &out, UT_FIELDS_ALL);
            st = out.failed;
        }
        UT_EXPECT(st == UT_OK || st == UT_NOMEM);
        ut_buf_free(&out);
        ut_session_close(&session);
    }
    ut_model_close(&model);
}

/* Opening allocates once per term, some 20,000 times: the first ones, then one in every few hundred. */
UT_TEST(model_packs, opening_survives_every_kind_of_failing_allocation)
{
    int64_t live = ut_mem_live();
    for (uint64_t nth = 1; nth < 200000; nth += nth < 40 ? 1 : nth / 3) {
        ut_model *model = NULL;
        ut_err err = {0};
        ut_mem_fail_at(nth, false);
        ut_status st = ut_model_open(&model, UT_STR("rules"), NULL, &err);
        ut_mem_fail_at(0, false);
        UT_EXPECT(st == UT_OK || st == UT_NOMEM);
        ut_model_close(&model);
        UT_EXPECT_I64(ut_mem_live(), live);
    }
}

UT_TEST(model_packs, every_pair_of_bytes_is_scored_without_harm)
{
    fixture f = fixture_open(t, "");
    ut_scores scores;
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            char text[2] = {(char)a, (char)b};
            UT_REQUIRE(ut_session_score(f.session, &scores, (ut_str){text, 2}, NULL, NULL) == UT_OK);
            for (int k = 0; k < UT_FEATURES; k++) {
                UT_REQUIRE(scores.features[k] >= 0 && scores.features[k] <= 1);
            }
        }
    }
    fixture_close(&f);
}

UT_TEST(model_packs, the_longest_text_is_scored_and_a_longer_one_refused)
{
    fixture f = fixture_open(t, "");
    const char *fills[] = {"!", "a", "thanks ", "not ", ":)", "but ", "\xF0\x9F", "👍\u200D", "kill the ", "\n",
            "''", "@", "I "};
    char *text = ut_mem_alloc(UT_TEXT_BYTES_MAX + 1);
    UT_REQUIRE(text);
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++) {
        size_t n = strlen(fills[i]);
        for (size_t at = 0; at < UT_TEXT_BYTES_MAX + 1; at++) {
            text[at] = fills[i][at % n];
        }
        ut_scores scores = fixture_score(&f, (ut_str){text, UT_TEXT_BYTES_MAX});
        UT_EXPECT(isfinite(scores.sentiment) && isfinite(scores.arousal) && isfinite(scores.certainty));
        ut_buf_clear(&f.out);
        ut_session_write_json(f.session, &f.out, UT_FIELDS_ALL);
        UT_EXPECT_I64(f.out.failed, UT_OK);
        UT_EXPECT(f.out.len < 8000);
    }
    ut_err err = {0};
    UT_EXPECT(ut_session_score(f.session, &f.last, (ut_str){text, UT_TEXT_BYTES_MAX + 1}, NULL, &err) == UT_LIMIT);
    ut_mem_free(text);
    fixture_close(&f);
}

typedef struct crowd {
    const ut_model *model;
    const ut_scores *want;
    int wrong[64];
} crowd;

static const char *const crowd_texts[] = {"thanks a lot!", "I am so tired of this", "kill the process",
        "not happy 🎉", ""};

static void crowd_one(void *ctx, size_t item, int worker)
{
    crowd *c = ctx;
    ut_session *session = NULL;
    ut_scores scores;
    if (ut_session_open(&session, c->model, NULL) != UT_OK) {
        c->wrong[worker]++;
        return;
    }
    for (int round = 0; round < 50; round++) {
        size_t i = (item + (size_t)round) % 5;
        bool same = ut_session_score(session, &scores, ut_str_of(crowd_texts[i]), NULL, NULL) == UT_OK &&
                    memcmp(&scores, &c->want[i], sizeof scores) == 0;
        c->wrong[worker] += !same;
    }
    ut_session_close(&session);
}

UT_TEST(model_packs, many_threads_get_the_same_scores_bit_by_bit)
{
    fixture f = fixture_open(t, "");
    ut_scores want[5];
    ut_pool *pool = NULL;
    ut_err err = {0};
    for (int i = 0; i < 5; i++) {
        want[i] = fixture_score(&f, ut_str_of(crowd_texts[i]));
    }
    crowd c = {.model = f.model, .want = want};
    UT_REQUIRE(ut_pool_open(&pool, 4, &err) == UT_OK);
    ut_pool_run(pool, crowd_one, &c, 64);
    for (int i = 0; i < 64; i++) {
        UT_EXPECT_I64(c.wrong[i], 0);
    }
    ut_pool_close(&pool);
    fixture_close(&f);
}

/* One worker of four reloads changing packs, the others score all the while: each score is one of the two possible. */
typedef struct moving {
    fixture *f;
    double low, high; /* logits of joy under the two packs */
    int wrong[64];
    int reloads;
} moving;

static void moving_reload(moving *m)
{
    for (int i = 0; i < 12; i++) {
        fixture_write(m->f, "test.json", i % 2 ? HEAD "\"features\": {\"joy\": {\"glorp\": 1}}}"
                                               : HEAD "\"features\": {\"joy\": {\"glorp\": 2}}}");
        bool changed = false;
        m->reloads += ut_model_reload(m->f->model, &changed, NULL) == UT_OK && changed;
    }
}

static void moving_one(void *ctx, size_t item, int worker)
{
    moving *m = ctx;
    ut_session *session = NULL;
    if (item == 0) {
        moving_reload(m);
        return;
    }
    if (ut_session_open(&session, m->f->model, NULL) != UT_OK) {
        m->wrong[worker]++;
        return;
    }
    for (int round = 0; round < 3000; round++) {
        ut_scores scores = {0};
        ut_status st = ut_session_score(session, &scores, UT_STR("the glorp"), NULL, NULL);
        double got = logit(scores.features[UT_JOY]);
        bool known = fabs(got - m->low) < 0.001 || fabs(got - m->high) < 0.001;
        m->wrong[worker] += st != UT_OK || !known;
    }
    ut_session_close(&session);
}

UT_TEST(model_packs, rules_may_change_while_others_score)
{
    fixture f = fixture_open(t, "\"features\": {\"joy\": {\"glorp\": 1}}");
    ut_pool *pool = NULL;
    ut_err err = {0};
    moving m = {.f = &f};
    m.low = logit(fixture_score(&f, UT_STR("the glorp")).features[UT_JOY]);
    m.high = m.low + 1;
    UT_REQUIRE(ut_pool_open(&pool, 4, &err) == UT_OK);
    ut_pool_run(pool, moving_one, &m, 16);
    UT_EXPECT_I64(m.reloads, 12);
    for (int i = 0; i < 64; i++) {
        UT_EXPECT_I64(m.wrong[i], 0);
    }
    ut_pool_close(&pool);
    fixture_close(&f);
}
