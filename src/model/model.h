/* model/model.h — the door of the room: what stands behind undertone/score.h, and what only our own programs need.
 *
 *     uint32_t fields;
 *     if (ut_score_fields_parse(&fields, UT_STR("sentiment,features"), &err) == UT_OK &&
 *         ut_session_score(session, &scores, text, &options, &err) == UT_OK) {
 *         ut_session_write_json(session, &out, fields);           // {"sentiment":0.61,"features":{…}}
 *     }
 *     if (ut_model_stale(model)) {                                 // a stat per file
 *         st = ut_model_reload(model, &changed, &err);             // sessions pick it up with their next text
 *     }
 *
 * A kind of model (rules, static, encoder) is one ut_model_kind; model.c knows them by name. Every kind embeds ut_model
 * and ut_session as its first member.
 */
#ifndef UT_MODEL_MODEL_H
#define UT_MODEL_MODEL_H

#include "base/base.h"
#include "undertone/score.h"

/* What ut_session_write_json writes, in this order. */
typedef enum ut_score_field {
    UT_FIELD_MODEL = 1 << 0,
    UT_FIELD_LANG = 1 << 1,
    UT_FIELD_SENTIMENT = 1 << 2,
    UT_FIELD_DIMENSIONS = 1 << 3, /* "valence", "arousal", "dominance" */
    UT_FIELD_CERTAINTY = 1 << 4,
    UT_FIELD_FEATURES = 1 << 5,
    UT_FIELD_LABELS = 1 << 6, /* names of the features at or above 0.5 */
    UT_FIELD_LINGUISTIC = 1 << 7,
    UT_FIELD_EMOJI = 1 << 8,
    UT_FIELD_CUSTOM = 1 << 9,
    UT_FIELD_WHY = 1 << 10,
} ut_score_field;

#define UT_FIELDS_ALL ((1u << 11) - 1)
/* Beside fields: leaves out members that are 0 and parts that are empty. Most of a short text's are; stored rows
 * use it. */
#define UT_FIELDS_SPARSE (1u << 31)
/* Fields that need ut_score_options.details. */
#define UT_FIELDS_DETAILED (UT_FIELD_LINGUISTIC | UT_FIELD_EMOJI | UT_FIELD_CUSTOM | UT_FIELD_WHY)

/* "sentiment,features" → bits; "all"; "valence", "arousal" and "dominance" each stand for the three. UT_INVALID
 * names the unknown word and lists the known ones. */
UT_MUST_CHECK ut_status ut_score_fields_parse(uint32_t *ret, ut_str names, ut_err *err);

/* Appends what the last ut_session_score found as one JSON object: scores, byte offsets into the text given, names of
 * features and of custom categories, never a piece of the text. Failures show in out->failed. A session that has
 * scored nothing yet writes {}. Detailed fields are left out when options.details was false. */
void ut_session_write_json(const ut_session *session, ut_buf *out, uint32_t fields);
/* The same without the braces; true when at least one member was written. */
bool ut_session_write_members(const ut_session *session, ut_buf *out, uint32_t fields);

/* true when a file the model was made from has another size, time or inode than when it was read, or when one came or
 * went. Costs one stat per file; never reads one. */
bool ut_model_stale(const ut_model *model);
/* Reads the files again. On failure the model stays as it was. *ret_changed (may be NULL) tells whether anything
 * that can change a score did. May run beside sessions of the same model, which take the new rules with their next
 * text; not beside the other calls that take the model itself. */
UT_MUST_CHECK ut_status ut_model_reload(ut_model *model, bool *ret_changed, ut_err *err);
/* The version behind the session's last scores; differs from ut_model_version only between a reload and the next
 * text. */
ut_str ut_session_version(const ut_session *session);

/* Inside the room ------------------------------------------------------------------------------------------------- */

typedef struct ut_model_kind {
    const char *name;
    ut_status (*open)(ut_model **ret, const char *path, ut_err *err);
    void (*close)(ut_model *model);
    ut_str (*version)(const ut_model *model);
    bool (*speaks)(const ut_model *model, ut_str language);
    bool (*stale)(const ut_model *model);
    ut_status (*reload)(ut_model *model, bool *ret_changed, ut_err *err);
    ut_status (*session_open)(ut_session **ret, const ut_model *model, ut_err *err);
    void (*session_close)(ut_session *session);
    ut_str (*session_version)(const ut_session *session);
    ut_status (*score)(ut_session *session, ut_scores *ret, ut_str text, const ut_score_options *options, ut_err *err);
    /* Writes the detailed fields it has, each with a comma in front when `*first` is false. */
    void (*write_details)(const ut_session *session, ut_buf *out, uint32_t fields, bool *first);
} ut_model_kind;

struct ut_model {
    const ut_model_kind *kind;
};

struct ut_session {
    const ut_model *model;
    ut_scores scores;  /* of the last text */
    char language[12]; /* of the last text, NUL-terminated */
    bool scored;       /* false until the first text went through */
    bool detailed;     /* the last text was scored with options.details */
};

extern const ut_model_kind ut_model_rules;

#endif
