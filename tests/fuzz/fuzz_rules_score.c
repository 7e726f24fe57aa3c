/* Any bytes as a text for the built-in rules: scores stay in range, spans inside the text, the JSON is JSON, and
 * the same text gives the same scores twice. */
#include "codec/json.h"
#include "model/model.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Opened once; the process ends with them. */
static ut_model *model;
static ut_session *session;
static ut_json *json;

static void check_spans(const ut_json_node *root, size_t size)
{
    for (const ut_json_node *why = ut_json_first(ut_json_get(root, "why")); why; why = ut_json_next(why)) {
        const ut_json_node *from = ut_json_first(ut_json_get(why, "span"));
        const ut_json_node *to = ut_json_next(from);
        int64_t begin = -1;
        int64_t end = -1;
        UT_ASSERT(from && to && ut_str_to_i64(from->text, &begin) && ut_str_to_i64(to->text, &end));
        UT_ASSERT(begin >= 0 && begin < end && (size_t)end <= size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_score_options options = {.language = UT_STR("en"), .details = true};
    ut_scores scores;
    ut_scores again;
    ut_err err;
    if (!session) {
        UT_ASSERT(ut_model_open(&model, UT_STR("rules"), NULL, &err) == UT_OK);
        UT_ASSERT(ut_session_open(&session, model, &err) == UT_OK && ut_json_open(&json, &err) == UT_OK);
    }
    ut_str text = {(const char *)data, size < UT_TEXT_BYTES_MAX ? size : UT_TEXT_BYTES_MAX};
    UT_ASSERT(ut_session_score(session, &again, text, &options, &err) == UT_OK);
    UT_ASSERT(ut_session_score(session, &scores, text, &options, &err) == UT_OK);
    UT_ASSERT(memcmp(&scores, &again, sizeof scores) == 0);
    for (int f = 0; f < UT_FEATURES; f++) {
        UT_ASSERT(scores.features[f] >= 0 && scores.features[f] <= 1);
    }
    UT_ASSERT(fabsf(scores.sentiment) <= 1 && fabsf(scores.valence) <= 1 && fabsf(scores.arousal) <= 1);
    UT_ASSERT(fabsf(scores.dominance) <= 1 && scores.certainty >= 0 && scores.certainty <= 1);
    ut_buf out = ut_buf_make(UT_MIB);
    const ut_json_node *root;
    ut_session_write_json(session, &out, UT_FIELDS_ALL);
    UT_ASSERT(out.failed == UT_OK && ut_json_parse(json, &root, ut_buf_str(&out), &err) == UT_OK);
    check_spans(root, text.len);
    ut_buf_free(&out);
    return 0;
}
