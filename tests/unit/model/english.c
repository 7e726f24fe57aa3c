/* What the built-in packs say about whole sentences: the golden file, and the trade's words that must not be
 * feelings. */
#include "unit/model/fixture.h"

/* "joy,care" of the features at 0.5 and more, "-" for none. */
static void labels_of(const ut_scores *scores, char out[256])
{
    size_t len = 0;
    for (int f = 0; f < UT_FEATURES; f++) {
        if (scores->features[f] >= 0.5f) {
            len += (size_t)snprintf(out + len, 256 - len, "%s%s", len ? "," : "", ut_feature_name((ut_feature)f));
        }
    }
    if (!len) {
        (void)snprintf(out, 256, "-");
    }
}

static bool has_label(const char *labels, ut_str label)
{
    ut_str rest = ut_str_of(labels);
    while (rest.len) {
        if (ut_str_eq(ut_str_cut(&rest, ','), label)) {
            return true;
        }
    }
    return false;
}

UT_TEST(model_english, golden_sentences_keep_their_labels)
{
    fixture f = fixture_open(t, "");
    ut_str rest = ut_test_read(t, ut_test_source("tests/golden/rules/sentences.tsv"));
    ut_str line;
    size_t count = 0;
    while (ut_str_line(&rest, &line)) {
        if (line.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        ut_str text = line;
        ut_str wanted = ut_str_cut(&text, '\t');
        char got[256];
        ut_scores scores = fixture_score(&f, text);
        labels_of(&scores, got);
        count++;
        if (!ut_str_eq(wanted, ut_str_of(got))) {
            ut_test_fail(t, __FILE__, __LINE__, UT_STR_FMT ": %s, want " UT_STR_FMT, UT_STR_ARG(text), got,
                         UT_STR_ARG(wanted));
        }
    }
    UT_EXPECT(count >= 60);
    fixture_close(&f);
}

UT_TEST(model_english, words_of_the_trade_are_not_feelings)
{
    static const char *const sentences[] = {
        "Please kill the process and restart the server.",
        "The build failed with a fatal error in the parser.",
        "We run an exhaustive search over all keys.",
        "The transaction was aborted after the timeout.",
        "This removes some dead code.",
        "The slave node follows the master.",
        "The client hangs when the socket is closed.",
        "The app crashes on start, see the crash dump.",
        "The sick build is green again.",
        "This ticket is a blocker for the release.",
        "The stress test runs for ten minutes.",
        "A kernel panic was reported on the second node.",
        "The thread dies when the queue is empty.",
        "The connection pool is exhausted.",
        "Memory pressure triggers garbage collection.",
        "There is a race condition between the workers.",
        "The attack surface is described in the threat model.",
        "The worker was killed by signal 9.",
    };
    fixture f = fixture_open(t, "");
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        ut_scores scores = fixture_score(&f, ut_str_of(sentences[i]));
        static const ut_feature dark[] = {UT_STRESS, UT_ANXIETY, UT_ANGER, UT_SADNESS, UT_EXHAUSTION, UT_FRUSTRATION};
        for (size_t k = 0; k < sizeof dark / sizeof *dark; k++) {
            if (scores.features[dark[k]] >= 0.5f) {
                ut_test_fail(t, __FILE__, __LINE__, "%s: %s %.2f", sentences[i], ut_feature_name(dark[k]),
                             scores.features[dark[k]]);
            }
        }
    }
    fixture_close(&f);
}

UT_TEST(model_english, the_same_words_about_people_are_feelings)
{
    static const struct {
        const char *text;
        const char *label;
    } cases[] = {
        {"I could kill him, I hate this man.", "anger"},      {"I am so exhausted, I can't go on.", "exhaustion"},
        {"I'm stressed and under pressure all week.", "stress"}, {"I am sick of this, it is so annoying.",
                "frustration"},
        {"I'm in a panic, I'm so scared.", "anxiety"},
    };
    fixture f = fixture_open(t, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[256];
        ut_scores scores = fixture_score(&f, ut_str_of(cases[i].text));
        labels_of(&scores, got);
        if (!has_label(got, ut_str_of(cases[i].label))) {
            ut_test_fail(t, __FILE__, __LINE__, "%s: %s, want %s", cases[i].text, got, cases[i].label);
        }
    }
    fixture_close(&f);
}

UT_TEST(model_english, dimensions_point_where_the_features_do)
{
    fixture f = fixture_open(t, "");
    ut_scores excited = fixture_score(&f, UT_STR("I'm so excited, can't wait!!!"));
    ut_scores tired = fixture_score(&f, UT_STR("I'm so tired and exhausted."));
    ut_scores scared = fixture_score(&f, UT_STR("I'm scared and worried."));
    ut_scores proud = fixture_score(&f, UT_STR("I'm proud and confident."));
    UT_EXPECT(excited.valence > 0.2f && tired.valence < 0 && scared.valence < 0 && proud.valence > 0);
    UT_EXPECT(excited.arousal > tired.arousal + 0.3f);
    UT_EXPECT(proud.dominance > scared.dominance + 0.2f);
    fixture_close(&f);
}
