/* model/model.c — names of features and fields, the table of model kinds, and the JSON every kind shares. */
#include "model/model.h"

#include "model/number.h"

static const char *const feature_names[UT_FEATURES] = {
    "joy",    "gratitude", "enthusiasm",  "confidence", "care",       "stress",
    "anxiety", "frustration", "anger",    "sadness",    "exhaustion",
};

static const ut_model_kind *const kinds[] = {&ut_model_rules};

typedef struct field_name {
    const char *name;
    uint32_t bits;
} field_name;

static const field_name field_names[] = {
    {"model", UT_FIELD_MODEL},
    {"lang", UT_FIELD_LANG},
    {"sentiment", UT_FIELD_SENTIMENT},
    {"valence", UT_FIELD_DIMENSIONS},
    {"arousal", UT_FIELD_DIMENSIONS},
    {"dominance", UT_FIELD_DIMENSIONS},
    {"certainty", UT_FIELD_CERTAINTY},
    {"features", UT_FIELD_FEATURES},
    {"labels", UT_FIELD_LABELS},
    {"linguistic", UT_FIELD_LINGUISTIC},
    {"emoji", UT_FIELD_EMOJI},
    {"custom", UT_FIELD_CUSTOM},
    {"why", UT_FIELD_WHY},
    {"all", UT_FIELDS_ALL},
};

const char *ut_feature_name(ut_feature feature)
{
    return (unsigned)feature < UT_FEATURES ? feature_names[feature] : NULL;
}

static uint32_t field_bits(ut_str name)
{
    for (size_t i = 0; i < sizeof field_names / sizeof *field_names; i++) {
        if (ut_str_eq(name, ut_str_of(field_names[i].name))) {
            return field_names[i].bits;
        }
    }
    return 0;
}

ut_status ut_score_fields_parse(uint32_t *ret, ut_str names, ut_err *err)
{
    uint32_t fields = 0;
    ut_str rest = names;
    while (rest.len) {
        ut_str name = ut_str_trim(ut_str_cut(&rest, ','));
        uint32_t bits = field_bits(name);
        if (!bits) {
            return ut_fail(err, UT_INVALID,
                           "unknown field \""
                               UT_STR_FMT "\"; known: model, lang, sentiment, valence, arousal, dominance, "
                           "certainty, features, labels, linguistic, emoji, custom, why, all",
                           UT_STR_ARG(name));
        }
        fields |= bits;
    }
    if (!fields) {
        return ut_fail(err, UT_INVALID, "no field is named; try \"sentiment,features\" or \"all\"");
    }
    *ret = fields;
    return UT_OK;
}

ut_status ut_model_open(ut_model **ret, ut_str name, const char *path, ut_err *err)
{
    if (!ret) {
        return ut_fail(err, UT_INVALID, "ut_model_open: no place for the model");
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (ut_str_eq(name, ut_str_of(kinds[i]->name))) {
            return kinds[i]->open(ret, path, err);
        }
    }
    return ut_fail(err, UT_NOT_FOUND, "no model is called \"" UT_STR_FMT "\"; this version has: rules",
            UT_STR_ARG(name));
}

void ut_model_close(ut_model **model)
{
    if (model && *model) {
        (*model)->kind->close(*model);
        *model = NULL;
    }
}

ut_str ut_model_version(const ut_model *model)
{
    return model->kind->version(model);
}

bool ut_model_speaks(const ut_model *model, ut_str language)
{
    return model->kind->speaks(model, language);
}

bool ut_model_stale(const ut_model *model)
{
    return model->kind->stale(model);
}

ut_status ut_model_reload(ut_model *model, bool *ret_changed, ut_err *err)
{
    return model->kind->reload(model, ret_changed, err);
}

ut_status ut_session_open(ut_session **ret, const ut_model *model, ut_err *err)
{
    if (!ret || !model) {
        return ut_fail(err, UT_INVALID, "ut_session_open: needs a model and a place for the session");
    }
    return model->kind->session_open(ret, model, err);
}

void ut_session_close(ut_session **session)
{
    if (session && *session) {
        (*session)->model->kind->session_close(*session);
        *session = NULL;
    }
}

ut_str ut_session_version(const ut_session *session)
{
    return session->model->kind->session_version(session);
}

ut_status ut_session_score(ut_session *session, ut_scores *ret_scores, ut_str text, const ut_score_options *options,
                           ut_err *err)
{
    static const ut_score_options defaults;
    if (!session || !ret_scores || (!text.ptr && text.len)) {
        return ut_fail(err, UT_INVALID, "ut_session_score: needs a session, a place for the scores and a text");
    }
    ut_scores scores;
    ut_status st = session->model->kind->score(session, &scores, text, options ? options : &defaults, err);
    if (st == UT_OK) {
        session->scores = scores;
        session->scored = true;
        session->detailed = options && options->details;
        *ret_scores = scores;
    }
    return st;
}

static void put_name(ut_buf *out, bool *first, const char *quoted_name_and_colon)
{
    if (!*first) {
        ut_buf_byte(out, ',');
    }
    *first = false;
    ut_buf_puts(out, quoted_name_and_colon);
}

static void put_features(ut_buf *out, const ut_scores *scores)
{
    for (int i = 0; i < UT_FEATURES; i++) {
        ut_buf_puts(out, i ? ",\"" : "{\"");
        ut_buf_puts(out, feature_names[i]);
        ut_buf_puts(out, "\":");
        ut_put_milli(out, scores->features[i]);
    }
    ut_buf_byte(out, '}');
}

static void put_labels(ut_buf *out, const ut_scores *scores)
{
    bool first = true;
    ut_buf_byte(out, '[');
    for (int i = 0; i < UT_FEATURES; i++) {
        if (scores->features[i] >= 0.5f) {
            ut_buf_puts(out, first ? "\"" : ",\"");
            ut_buf_puts(out, feature_names[i]);
            ut_buf_byte(out, '"');
            first = false;
        }
    }
    ut_buf_byte(out, ']');
}

static void put_dimensions(ut_buf *out, const ut_scores *scores, bool *first)
{
    put_name(out, first, "\"valence\":");
    ut_put_milli(out, scores->valence);
    ut_buf_puts(out, ",\"arousal\":");
    ut_put_milli(out, scores->arousal);
    ut_buf_puts(out, ",\"dominance\":");
    ut_put_milli(out, scores->dominance);
}

static void put_origin(const ut_session *session, ut_buf *out, uint32_t fields, bool *first)
{
    if (fields & UT_FIELD_MODEL) {
        put_name(out, first, "\"model\":");
        ut_buf_json_str(out, ut_session_version(session));
    }
    if (fields & UT_FIELD_LANG) {
        put_name(out, first, "\"lang\":");
        ut_buf_json_str(out, ut_str_of(session->language));
    }
}

bool ut_session_write_members(const ut_session *session, ut_buf *out, uint32_t fields)
{
    bool first = true;
    if (!session->scored) {
        return false;
    }
    const ut_scores *scores = &session->scores;
    put_origin(session, out, fields, &first);
    if (fields & UT_FIELD_SENTIMENT) {
        put_name(out, &first, "\"sentiment\":");
        ut_put_milli(out, scores->sentiment);
    }
    if (fields & UT_FIELD_DIMENSIONS) {
        put_dimensions(out, scores, &first);
    }
    if (fields & UT_FIELD_CERTAINTY) {
        put_name(out, &first, "\"certainty\":");
        ut_put_milli(out, scores->certainty);
    }
    if (fields & UT_FIELD_FEATURES) {
        put_name(out, &first, "\"features\":");
        put_features(out, scores);
    }
    if (fields & UT_FIELD_LABELS) {
        put_name(out, &first, "\"labels\":");
        put_labels(out, scores);
    }
    if (session->detailed && (fields & UT_FIELDS_DETAILED)) {
        session->model->kind->write_details(session, out, fields, &first);
    }
    return !first;
}

void ut_session_write_json(const ut_session *session, ut_buf *out, uint32_t fields)
{
    ut_buf_byte(out, '{');
    (void)ut_session_write_members(session, out, fields);
    ut_buf_byte(out, '}');
}
