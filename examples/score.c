/* examples/score.c — scores the texts given as arguments, or three of its own, with the built-in rules. */
#include "undertone/score.h"

#include <stdio.h>

/* Prints the features that stand out, and where the text stands between bad and good. */
static ut_status put_scores(ut_session *session, ut_str text, float *ret_gratitude, ut_err *err)
{
    ut_scores scores;
    ut_status st = ut_session_score(session, &scores, text, NULL, err);
    if (st != UT_OK) {
        return st;
    }
    (void)printf("%+.2f  " UT_STR_FMT "\n", (double)scores.sentiment, UT_STR_ARG(text));
    for (int i = 0; i < UT_FEATURES; i++) {
        if (scores.features[i] >= 0.5F) {
            (void)printf("       %s %.2f\n", ut_feature_name((ut_feature)i), (double)scores.features[i]);
        }
    }
    *ret_gratitude = scores.features[UT_GRATITUDE];
    return UT_OK;
}

static ut_status score_all(ut_session *session, char **texts, int count, ut_err *err)
{
    float gratitude = 0;
    for (int i = 0; i < count; i++) {
        ut_status st = put_scores(session, ut_str_of(texts[i]), &gratitude, err);
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

static ut_status score_own(ut_session *session, ut_err *err)
{
    float thanks = 0, plain = 0, tired = 0;
    ut_status st = put_scores(session, UT_STR("Thank you so much, that saved my day!"), &thanks, err);
    st = st == UT_OK ? put_scores(session, UT_STR("The meeting is on Tuesday."), &plain, err) : st;
    st = st == UT_OK ? put_scores(session, UT_STR("I am exhausted and I can't keep up any more."), &tired, err) : st;
    if (st == UT_OK && !(thanks > plain && thanks > tired)) {
        return ut_fail(err, UT_CORRUPT, "thanks do not score as gratitude");
    }
    return st;
}

int main(int argc, char **argv)
{
    ut_err err = {0};
    ut_model *model = NULL;
    ut_session *session = NULL;
    ut_status st = ut_model_open(&model, UT_STR("rules"), NULL, &err);
    st = st == UT_OK ? ut_session_open(&session, model, &err) : st;
    if (st == UT_OK) {
        (void)printf("model " UT_STR_FMT "\n", UT_STR_ARG(ut_model_version(model)));
        st = argc > 1 ? score_all(session, argv + 1, argc - 1, &err) : score_own(session, &err);
    }
    if (st != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
    }
    ut_session_close(&session);
    ut_model_close(&model);
    return st == UT_OK ? 0 : 1;
}
