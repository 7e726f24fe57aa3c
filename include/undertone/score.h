/* undertone/score.h — what a model says about one message.
 *
 *     ut_model *model = NULL;
 *     ut_session *session = NULL;
 *     ut_scores scores;
 *     if (ut_model_open(&model, UT_STR("rules"), NULL, &err) == UT_OK &&
 *         ut_session_open(&session, model, &err) == UT_OK &&
 *         ut_session_score(session, &scores, UT_STR("thanks, that saved my day!"), NULL, &err) == UT_OK) {
 *         printf("gratitude %.2f\n", scores.features[UT_GRATITUDE]);
 *     }
 *     ut_session_close(&session);
 *     ut_model_close(&model);
 *
 * A model is loaded once and shared: calls that take it const may run in parallel. A session is one thread's own.
 */
#ifndef UNDERTONE_SCORE_H
#define UNDERTONE_SCORE_H

#include "undertone/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The eleven emotional features, in this order everywhere (docs/definitions). Each is a probability 0..1, multi-label;
 * all low means neutral. */
typedef enum ut_feature {
    UT_JOY,
    UT_GRATITUDE,
    UT_ENTHUSIASM,
    UT_CONFIDENCE,
    UT_CARE,
    UT_STRESS,
    UT_ANXIETY,
    UT_FRUSTRATION,
    UT_ANGER,
    UT_SADNESS,
    UT_EXHAUSTION,
    UT_FEATURES /* how many there are */
} ut_feature;

/* "joy", "gratitude", …; NULL outside the range. Static. */
UT_PUBLIC const char *ut_feature_name(ut_feature feature);

typedef struct ut_scores {
    float sentiment;             /* -1..1 */
    float valence;               /* -1..1 */
    float arousal;               /* -1..1 */
    float dominance;             /* -1..1 */
    float certainty;             /* 0..1, the model's own certainty about this message */
    float features[UT_FEATURES]; /* 0..1 each */
} ut_scores;

typedef struct ut_model ut_model;
typedef struct ut_session ut_session;

/* Opens the model called `name` ("rules"). `path` is a directory of rule packs, or NULL for the built-in ones.
 * UT_NOT_FOUND: no such model or directory; UT_INVALID: a pack is wrong, err names file, line and what to write. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_model_open(ut_model **ret, ut_str name, const char *path, ut_err *err);
/* NULL and twice are fine. Sessions must be closed first. */
UT_PUBLIC void ut_model_close(ut_model **model);
/* "rules@1.0.0+3f2a…": name, version, and a digest of everything that can change a score. Lives as long as the model.
 */
UT_PUBLIC ut_str ut_model_version(const ut_model *model);
/* true when the model scores texts of this language ("en"). */
UT_PUBLIC bool ut_model_speaks(const ut_model *model, ut_str language);

UT_PUBLIC UT_MUST_CHECK ut_status ut_session_open(ut_session **ret, const ut_model *model, ut_err *err);
UT_PUBLIC void ut_session_close(ut_session **session);

/* How a text is to be scored; {0} is a good start. */
typedef struct ut_score_options {
    ut_str language; /* "en"; empty = the model's first language */
    bool details;    /* keep what ut_session_write_json needs: spans, linguistic, emoji, custom */
} ut_score_options;

/* Scores one text (UTF-8, may be empty, borrowed for the call; bytes that are not UTF-8 are skipped over).
 * ret_scores is untouched on failure. UT_LIMIT when the text is longer than the model takes. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_session_score(ut_session *session, ut_scores *ret_scores, ut_str text,
                                                   const ut_score_options *options, ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
