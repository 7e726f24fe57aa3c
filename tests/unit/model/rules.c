/* Each mechanism of the engine, with a case where it acts and one where it must not. */
#include "unit/model/fixture.h"

#include "model/number.h"

/* glorp and blarg are words no lexicon has. */
#define WORDS "\"features\": {\"joy\": {\"glorp\": 1.5, \"so much glorp\": 3}, \"anger\": {\"blarg\": 1.5}}"

UT_TEST(model_rules, a_term_adds_its_weight_to_the_logit)
{
    fixture f = fixture_open(t, WORDS);
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "the glorp", UT_JOY), 1.5, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "the glorp", UT_ANGER), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "The Glorp", UT_JOY), 1.5, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "the qux", "the glorps", UT_JOY), 0, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, text_without_anything_scores_nothing)
{
    fixture f = fixture_open(t, "");
    const char *empty[] = {"", " ", "\n\t ", "...", "\xFF\xFE", "http://example.org/happy"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        ut_scores scores = fixture_score(&f, ut_str_of(empty[i]));
        for (int k = 0; k < UT_FEATURES; k++) {
            UT_EXPECT_NEAR(scores.features[k], 0, 0);
        }
        UT_EXPECT_NEAR(scores.sentiment, 0, 0);
        UT_EXPECT_NEAR(scores.certainty, 0, 0);
    }
    fixture_close(&f);
}

UT_TEST(model_rules, negation_moves_weight_as_the_pack_says_until_the_clause_ends)
{
    fixture f = fixture_open(t,
                       WORDS ", \"negation\": {\"joy\": {\"joy\": -0.5, \"frustration\": 0.25, \"sadness\": 0}}");
    UT_EXPECT_NEAR(fixture_gain(&f, "not qux", "not glorp", UT_JOY), -0.75, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "not qux", "not glorp", UT_FRUSTRATION), 0.375, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "not qux", "not glorp", UT_SADNESS), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "zaren't the big qux", "zaren't the big glorp", UT_JOY), -0.75, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "not a b c d qux", "not a b c d glorp", UT_JOY), 1.5, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "not, qux", "not, glorp", UT_JOY), 1.5, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "not but qux", "not but glorp", UT_JOY), 1.5, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, negation_turns_sentiment_around)
{
    fixture f = fixture_open(t, "\"features\": {\"sentiment\": {\"glorp\": 2}}");
    double plain = fixture_score(&f, UT_STR("glorp")).sentiment;
    double negated = fixture_score(&f, UT_STR("not glorp")).sentiment;
    UT_EXPECT_NEAR(plain, 2 / sqrt(4 + 15.0), 0.001);
    UT_EXPECT_NEAR(negated, -1.48 / sqrt(1.48 * 1.48 + 15.0), 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, boosters_strengthen_and_dampeners_weaken_what_follows)
{
    fixture f = fixture_open(t, WORDS ", \"boosters\": {\"vorry\": 1, \"snightly\": -1}, \"settings\": "
                                      "{\"booster_feature\": 0.2}");
    UT_EXPECT_NEAR(fixture_gain(&f, "vorry qux", "vorry glorp", UT_JOY), 1.8, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "snightly qux", "snightly glorp", UT_JOY), 1.2, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "vorry q qux", "vorry q glorp", UT_JOY), 1.5 * 1.19, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "vorry vorry qux", "vorry vorry glorp", UT_JOY), 1.5 * 1.39, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux vorry", "glorp vorry", UT_JOY), 1.5, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "vorry, qux", "vorry, glorp", UT_JOY), 1.5, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, capitals_shout_only_where_the_rest_does_not)
{
    fixture f = fixture_open(t,
                       WORDS ", \"settings\": {\"capitals_feature\": 1.2}, \"signals\": {\"capitals\": {\"joy\": 0}}");
    UT_EXPECT_NEAR(fixture_gain(&f, "the QUX", "the GLORP", UT_JOY), 1.8, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "THE QUX", "THE GLORP", UT_JOY), 1.5, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, a_contrast_weakens_what_stands_before_it_and_strengthens_what_follows)
{
    fixture f = fixture_open(t, WORDS ", \"settings\": {\"contrast_before\": 0.5, \"contrast_after\": 1.5}");
    UT_EXPECT_NEAR(fixture_gain(&f, "qux but qux", "glorp but blarg", UT_JOY), 1.5 * 0.75, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux but qux", "glorp but blarg", UT_ANGER), 1.5 * 1.25, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux but qux", "glorp but qux", UT_JOY), 1.5, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux. but qux", "glorp. but blarg", UT_JOY), 1.5, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, repeats_of_a_term_saturate)
{
    fixture f = fixture_open(t, WORDS ", \"settings\": {\"repeat\": 0.5}");
    UT_EXPECT_NEAR(fixture_gain(&f, "qux qux qux", "glorp glorp glorp", UT_JOY), 1.5 * 1.75, 0.001);
    char text[6 * 900 + 1];
    for (int i = 0; i < 900; i++) {
        memcpy(text + 6 * i, "glorp ", 6);
    }
    UT_EXPECT(isfinite(fixture_score(&f, (ut_str){text, 6 * 900}).features[UT_JOY]));
    fixture_close(&f);
}

UT_TEST(model_rules, the_longest_phrase_replaces_its_words)
{
    fixture f = fixture_open(t, WORDS);
    UT_EXPECT_NEAR(fixture_gain(&f, "zo much qux", "so much glorp", UT_JOY), 3, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "zo much qux", "so-much glorp", UT_JOY), 3, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "zo much, qux", "zo much, glorp", UT_JOY), 1.5, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, a_gap_stands_for_any_one_word)
{
    fixture f = fixture_open(t, "\"terms\": {\"grob _ flib\": {\"joy\": 2}, \"grob flib\": {\"joy\": 1}}");
    UT_EXPECT_NEAR(fixture_gain(&f, "qux the qux", "grob the flib", UT_JOY), 2, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux wump qux", "grob wump flib", UT_JOY), 2, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux qux", "grob flib", UT_JOY), 1, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux a b qux", "grob a b flib", UT_JOY), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux a, qux", "grob a, flib", UT_JOY), 0, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, words_match_by_beginning_end_and_without_drawn_out_letters)
{
    fixture f = fixture_open(t,
                       "\"terms\": {\"glor*\": {\"joy\": 1}, \"glorbus\": {\"joy\": 2}, \"*blatz\": {\"anger\": 1}, "
                                "\"snoo\": {\"care\": 1}}");
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "glorpify", UT_JOY), 1, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "glorbus", UT_JOY), 2, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "glo", UT_JOY), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "xyblatz", UT_ANGER), 1, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "blatz", UT_ANGER), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "snooooo", UT_CARE), 1, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "sssnoo", UT_CARE), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "sno", UT_CARE), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "snoo's", UT_CARE), 1, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, typographic_apostrophes_and_capitals_beyond_ascii_match)
{
    fixture f = fixture_open(t,
                       "\"terms\": {\"gl'orp\": {\"joy\": 1}, \"ärgerlich\": {\"anger\": 1}, "
                        "\"Злой\": {\"anger\": 1}}");
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "gl\u2019orp", UT_JOY), 1, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "Ärgerlich", UT_ANGER), 1, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "злой", UT_ANGER), 1, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, neutral_phrases_keep_their_words_from_counting)
{
    fixture f = fixture_open(t, WORDS ", \"neutral\": [\"blarg _ process\"]");
    UT_EXPECT_NEAR(fixture_gain(&f, "qux the process", "blarg the process", UT_ANGER), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux the man", "blarg the man", UT_ANGER), 1.5, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, muted_words_count_nothing_near_a_context_word)
{
    fixture f = fixture_open(t,
                       WORDS ", \"context\": {\"words\": [\"sprocket\"], \"mute\": [\"blarg\"]}, \"settings\": "
                                      "{\"context_window\": 3}");
    UT_EXPECT_NEAR(fixture_gain(&f, "qux my sprocket", "blarg my sprocket", UT_ANGER), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "sprocket is qux", "sprocket is blarg", UT_ANGER), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux a b sprocket", "blarg a b sprocket", UT_ANGER), 0, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux a b c sprocket", "blarg a b c sprocket", UT_ANGER), 1.5, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "sprocket. qux", "sprocket. blarg", UT_ANGER), 1.5, 0.001);
    UT_EXPECT_NEAR(fixture_gain(&f, "qux", "blarg", UT_ANGER), 1.5, 0.001);
    fixture_close(&f);
}

UT_TEST(model_rules, skin_tones_shortcodes_and_the_emoji_weigh_the_same)
{
    fixture f = fixture_open(t, "\"terms\": {\"👍\": {\"confidence\": 2}}");
    double want = fixture_gain(&f, "ok qux", "ok 👍", UT_CONFIDENCE);
    const char *same[] = {"ok 👍🏻",       "ok 👍🏿",               "ok 👍\uFE0F",   "ok :+1:",
                          "ok :thumbsup:", "ok :+1::skin-tone-4:", "ok :THUMBSUP:"};
    UT_EXPECT(want > 1);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        UT_EXPECT_NEAR(fixture_gain(&f, "ok qux", same[i], UT_CONFIDENCE), want, 0.001);
    }
    fixture_close(&f);
}

UT_TEST(model_rules, rows_of_one_emoji_saturate)
{
    fixture f = fixture_open(t, "");
    double one = fixture_score(&f, UT_STR("🎉")).features[UT_JOY];
    double three = fixture_score(&f, UT_STR("🎉🎉🎉")).features[UT_JOY];
    double thirty = 0;
    char text[30 * 4];
    for (int i = 0; i < 30; i++) {
        memcpy(text + 4 * i, "🎉", 4);
    }
    thirty = fixture_score(&f, (ut_str){text, sizeof text}).features[UT_JOY];
    UT_EXPECT(one >= 0.5 && three > one);
    UT_EXPECT_NEAR(logit(thirty) - logit(three), 0.25 * (logit(three) - logit(one)) / 0.75, 1.0);
    fixture_close(&f);
}

UT_TEST(model_rules, emoticons_stand_apart_from_letters)
{
    fixture f = fixture_open(t, "");
    struct {
        const char *text;
        int count;
    } cases[] = {{"fine :-)", 1}, {"fine:)", 1}, {"see (fig. 2):", 0}, {"C:D", 0},  {"ratio 3:D", 0}, {"8:30", 0},
                 {"<3 <3", 2},    {":-D!", 1},   {"a =D b", 1},        {"x=Dy", 0}, {":'(", 1},
                 {"http://x.y/:)", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ut_str json = fixture_json(&f, cases[i].text, UT_FIELD_EMOJI);
        char want[40];
        (void)snprintf(want, sizeof want, "\"emoticons\":%d,", cases[i].count);
        if (!ut_str_has(json, ut_str_of(want))) {
            ut_test_fail(t, __FILE__, __LINE__, "%s: " UT_STR_FMT, cases[i].text, UT_STR_ARG(json));
        }
    }
    fixture_close(&f);
}

UT_TEST(model_rules, linguistic_counts_of_a_known_text)
{
    fixture f = fixture_open(t, "");
    UT_EXPECT_STR(fixture_json(&f, "I think we should not go. Could you please explain WHY they always failed?",
                               UT_FIELD_LINGUISTIC),
                  "{\"linguistic\":{\"words\":14,\"sentences\":2,\"word_length\":4.214,\"sentence_length\":7,"
                  "\"long_word_share\":0.071,\"reading_ease\":97.001,\"questions\":1,\"exclamations\":0,"
                  "\"capitals_share\":0.071,\"i_share\":0.071,\"we_share\":0.071,\"you_share\":0.071,"
                  "\"they_share\":0.071,"
                  "\"absolutist_share\":0.071,\"hedge_share\":0.071,\"negation_share\":0.071,\"polite_share\":0.143,"
                  "\"past_share\":0.071,\"present_share\":0,\"future_share\":0,\"modal_share\":0.143,"
                  "\"question_word_share\":0.071,\"contrast_share\":0}}");
    fixture_close(&f);
}

UT_TEST(model_rules, custom_categories_count_words_phrases_and_beginnings)
{
    fixture f = fixture_open(t,
                       "\"custom\": {\"release \\\"talk\\\"\": [\"deploy*\", \"ship it\"], \"money\": [\"invoice\", "
                                "\"ship it\"]}");
    UT_EXPECT_STR(fixture_json(&f, "Deployed it, deploying again. Ship it! invoice", UT_FIELD_CUSTOM),
                  "{\"custom\":{\"release \\\"talk\\\"\":3,\"money\":2}}");
    UT_EXPECT_STR(fixture_json(&f, "ship that", UT_FIELD_CUSTOM), "{\"custom\":{}}");
    fixture_close(&f);
}

UT_TEST(model_rules, why_points_at_the_bytes_that_count)
{
    fixture f = fixture_open(t, "\"terms\": {\"glorp\": {\"joy\": 1.5, \"sentiment\": 0}}");
    UT_EXPECT_STR(fixture_json(&f, "é ☕ the Glorp!", UT_FIELD_WHY),
                  "{\"why\":[{\"feature\":\"joy\",\"span\":[3,6],\"weight\":0.792},"
                  "{\"feature\":\"sentiment\",\"span\":[3,6],"
                  "\"weight\":0.708},{\"feature\":\"joy\",\"span\":[11,16],\"weight\":1.5}]}");
    fixture_close(&f);
}

UT_TEST(model_rules, why_keeps_the_strongest_of_many)
{
    fixture f = fixture_open(t, "\"features\": {\"joy\": {\"glorp\": 5}, \"sentiment\": {\"meh0\": 0.2}}");
    ut_buf text = ut_buf_make(UT_MIB);
    for (int i = 0; i < 2000; i++) {
        ut_buf_puts(&text, "meh0 ");
    }
    ut_buf_puts(&text, "glorp");
    (void)fixture_score(&f, ut_buf_str(&text));
    ut_buf_clear(&f.out);
    ut_session_write_json(f.session, &f.out, UT_FIELD_WHY);
    UT_EXPECT(f.out.len < 4000);
    UT_EXPECT(ut_str_has(ut_buf_str(&f.out), UT_STR("{\"feature\":\"joy\",\"span\":[10000,10005]")));
    ut_buf_free(&text);
    fixture_close(&f);
}

UT_TEST(model_rules, no_json_holds_a_piece_of_the_text)
{
    fixture f = fixture_open(t, "");
    ut_str json = fixture_json(&f, "Wonderful Zebra, thank you so much 🎉 :tada: xyzzy awful", UT_FIELDS_ALL);
    const char *pieces[] = {"onderful", "ebra", "thank", "much", "🎉", "tada", "xyzzy", "awful"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        UT_EXPECT(!ut_str_has(json, ut_str_of(pieces[i])));
    }
    fixture_close(&f);
}

UT_TEST(model_rules, fields_are_written_as_asked_and_details_only_when_kept)
{
    fixture f = fixture_open(t, "");
    UT_EXPECT(ut_str_has(fixture_json(&f, "thanks", UT_FIELD_LABELS), UT_STR("{\"labels\":[\"gratitude\"]}")));
    ut_score_options brief = {0};
    ut_err err = {0};
    UT_REQUIRE(ut_session_score(f.session, &f.last, UT_STR("thanks"), &brief, &err) == UT_OK);
    ut_buf_clear(&f.out);
    ut_session_write_json(f.session, &f.out, UT_FIELD_WHY | UT_FIELD_LANG);
    UT_EXPECT_STR(ut_buf_str(&f.out), "{\"lang\":\"en\"}");
    ut_session *fresh = NULL;
    UT_REQUIRE(ut_session_open(&fresh, f.model, &err) == UT_OK);
    ut_buf_clear(&f.out);
    ut_session_write_json(fresh, &f.out, UT_FIELDS_ALL);
    UT_EXPECT_STR(ut_buf_str(&f.out), "{}");
    ut_session_close(&fresh);
    fixture_close(&f);
}

UT_TEST(model_rules, names_of_features_and_fields)
{
    ut_err err = {0};
    uint32_t fields = 0;
    UT_EXPECT_STR(ut_str_of(ut_feature_name(UT_JOY)), "joy");
    UT_EXPECT_STR(ut_str_of(ut_feature_name(UT_EXHAUSTION)), "exhaustion");
    UT_EXPECT(ut_feature_name(UT_FEATURES) == NULL);
    UT_EXPECT(ut_feature_name((ut_feature)-1) == NULL);
    UT_EXPECT(ut_score_fields_parse(&fields, UT_STR("sentiment, features"), &err) == UT_OK);
    UT_EXPECT_I64(fields, UT_FIELD_SENTIMENT | UT_FIELD_FEATURES);
    UT_EXPECT(ut_score_fields_parse(&fields, UT_STR("all"), &err) == UT_OK);
    UT_EXPECT_I64(fields, UT_FIELDS_ALL);
    UT_EXPECT(ut_score_fields_parse(&fields, UT_STR("sentiment,mood"), &err) == UT_INVALID);
    UT_EXPECT(ut_str_has(ut_str_of(err.message), UT_STR("\"mood\"")));
    UT_EXPECT(ut_score_fields_parse(&fields, UT_STR(""), &err) == UT_INVALID);
    UT_EXPECT_I64(fields, UT_FIELDS_ALL);
}

UT_TEST(model_rules, languages_without_a_pack_are_refused)
{
    fixture f = fixture_open(t, "");
    ut_err err = {0};
    ut_score_options german = {.language = UT_STR("de")};
    ut_score_options british = {.language = UT_STR("en-GB")};
    UT_EXPECT(ut_model_speaks(f.model, UT_STR("en")));
    UT_EXPECT(ut_model_speaks(f.model, UT_STR("EN")));
    UT_EXPECT(!ut_model_speaks(f.model, UT_STR("de")));
    UT_EXPECT(ut_session_score(f.session, &f.last, UT_STR("danke"), &german, &err) == UT_UNSUPPORTED);
    UT_EXPECT(ut_session_score(f.session, &f.last, UT_STR("thanks"), &british, &err) == UT_OK);
    fixture_close(&f);
}

UT_TEST(model_rules, a_pack_in_another_language_brings_it_along)
{
    fixture f = fixture_open(t, "");
    fixture_write(&f, "de.json", "{\"rules\": 1, \"name\": \"de\", \"languages\": [\"de\"], "
                                 "\"features\": {\"gratitude\": {\"danke\": 5}}}");
    ut_err err = {0};
    bool changed = false;
    UT_REQUIRE(ut_model_reload(f.model, &changed, &err) == UT_OK);
    UT_EXPECT(changed);
    UT_EXPECT(ut_model_speaks(f.model, UT_STR("de")));
    ut_score_options german = {.language = UT_STR("de")};
    UT_REQUIRE(ut_session_score(f.session, &f.last, UT_STR("Danke 🎉 not thanks"), &german, &err) == UT_OK);
    UT_EXPECT(f.last.features[UT_GRATITUDE] > 0.5f);
    UT_EXPECT(f.last.features[UT_JOY] > 0.5f);
    UT_REQUIRE(ut_session_score(f.session, &f.last, UT_STR("Danke"), NULL, &err) == UT_OK);
    UT_EXPECT(f.last.features[UT_GRATITUDE] < 0.5f);
    fixture_close(&f);
}

UT_TEST(model_rules, sparse_details_leave_out_what_is_zero_or_empty)
{
    fixture f = fixture_open(t, "");
    UT_EXPECT_STR(fixture_json(&f, "tables", UT_FIELDS_DETAILED | UT_FIELDS_SPARSE),
                  "{\"linguistic\":{\"words\":1,\"sentences\":1,\"word_length\":6,\"sentence_length\":1,"
                  "\"reading_ease\":36.62}}");
    ut_str json = fixture_json(&f, "thanks 🎉", UT_FIELDS_DETAILED | UT_FIELDS_SPARSE);
    UT_EXPECT(ut_str_has(json, UT_STR("\"emoji\":{\"count\":1,\"features\":{\"joy\":")));
    UT_EXPECT(ut_str_has(json, UT_STR("\"why\":[{")));
    fixture_close(&f);
}

/* Every thousandth and what lies between them, against the writer of base/buf.h. */
UT_TEST(model_rules, short_numbers_are_written_as_the_long_way_does)
{
    ut_buf fast = ut_buf_make(UT_KIB);
    ut_buf slow = ut_buf_make(UT_KIB);
    for (int i = -110000; i <= 110000; i++) {
        double value = i / 10000.0 + (i % 7) * 1e-6;
        ut_buf_clear(&fast);
        ut_buf_clear(&slow);
        ut_put_milli(&fast, value);
        ut_buf_json_num(&slow, value, 3);
        if (!ut_str_eq(ut_buf_str(&fast), ut_buf_str(&slow))) {
            ut_test_fail(t, __FILE__, __LINE__, "%.9g: " UT_STR_FMT ", want " UT_STR_FMT, value,
                         UT_STR_ARG(ut_buf_str(&fast)), UT_STR_ARG(ut_buf_str(&slow)));
            break;
        }
    }
    ut_buf_clear(&fast);
    ut_put_milli(&fast, NAN);
    UT_EXPECT_STR(ut_buf_str(&fast), "null");
    ut_buf_free(&fast);
    ut_buf_free(&slow);
}
