/* model/evaluate.h — measures a model on labelled text: what `undertone evaluate` prints.
 *
 *     ut_eval_plan plan;
 *     if (ut_eval_plan_open(&plan, (ut_str){0}, &err) == UT_OK) {           // the built-in list of data sets
 *         st = ut_eval_run(&result, &plan.sets[0], "data", model, &err);
 *         ut_eval_write_markdown(&out, &result);
 *     }
 *     ut_eval_plan_close(&plan);
 *
 * A set's labels reach the eleven features through a map of soft weights; several labels: the larger weight; 0.5 and
 * more counts as a hard label. Features that a set does not label are not measured in it, never taken as absent. The
 * built-in list is src/model/datasets.json; it shows the format.
 */
#ifndef UT_MODEL_EVALUATE_H
#define UT_MODEL_EVALUATE_H

#include "codec/json.h"
#include "model/model.h"

#define UT_EVAL_SETS_MAX 64
#define UT_EVAL_LABELS_MAX 64

/* How a set writes down what a text is. */
typedef enum ut_eval_kind {
    UT_EVAL_INDEXES,    /* one cell: numbers of labels, divided by commas */
    UT_EVAL_COLUMNS,    /* one 0/1 column per label */
    UT_EVAL_NAME,       /* one cell: the label's name */
    UT_EVAL_POLARITY,   /* one cell: a name that means negative, neutral or positive; held against `sentiment` */
    UT_EVAL_NUMBER,     /* one cell: a number; held against `sentiment` by Pearson's r */
    UT_EVAL_DIMENSIONS, /* three columns: numbers; held against valence, arousal, dominance by Pearson's r */
} ut_eval_kind;

typedef struct ut_eval_label {
    ut_str name;
    float weights[UT_FEATURES];
    int polarity; /* -1, 0, 1 */
} ut_eval_label;

typedef struct ut_eval_set {
    ut_str name;
    ut_str path; /* below the data folder */
    ut_eval_kind kind;
    bool csv;    /* else tab-separated without quoting */
    bool header; /* tab-separated only; CSV always has one */
    ut_str text_column; /* a name, or a number counted from 0 when there is no header */
    ut_str label_columns[3];
    ut_eval_label labels[UT_EVAL_LABELS_MAX];
    size_t label_count;
    bool measured[UT_FEATURES];
} ut_eval_set;

typedef struct ut_eval_plan {
    ut_arena arena;
    ut_json *json;
    ut_eval_set *sets;
    size_t count;
} ut_eval_plan;

typedef struct ut_eval_tally {
    int64_t hits;   /* said and true */
    int64_t false_alarms;
    int64_t misses;
} ut_eval_tally;

typedef struct ut_eval_result {
    const ut_eval_set *set;
    int64_t texts;
    int64_t skipped; /* rows without a text or with labels we do not know */
    ut_eval_tally features[UT_FEATURES];
    ut_eval_tally polarity[3]; /* negative, neutral, positive */
    double pearson[3];         /* sentiment; or valence, arousal, dominance */
} ut_eval_result;

/* Reads a list of sets (JSON); empty = the built-in one. UT_INVALID names the set and the member. */
UT_MUST_CHECK ut_status ut_eval_plan_open(ut_eval_plan *ret, ut_str json, ut_err *err);
void ut_eval_plan_close(ut_eval_plan *plan);
/* NULL when there is none of this name. */
const ut_eval_set *ut_eval_find(const ut_eval_plan *plan, ut_str name);

/* Scores the whole set. UT_NOT_FOUND when its file is not below `data_root`. */
UT_MUST_CHECK ut_status ut_eval_run(ut_eval_result *ret, const ut_eval_set *set, const char *data_root,
                                    const ut_model *model, ut_err *err);

double ut_eval_precision(const ut_eval_tally *tally);
double ut_eval_recall(const ut_eval_tally *tally);
double ut_eval_f1(const ut_eval_tally *tally);
/* Mean F1 over measured features; over polarities for such sets. */
double ut_eval_macro_f1(const ut_eval_result *result);
double ut_eval_micro_f1(const ut_eval_result *result);

void ut_eval_write_markdown(ut_buf *out, const ut_eval_result *result);
void ut_eval_write_json(ut_buf *out, const ut_eval_result *result);

/* A text's cell and label cells, row by row; used by evaluate.c. */
typedef ut_status ut_eval_row(void *ctx, ut_str text, const ut_str *cells, ut_err *err);
UT_MUST_CHECK ut_status ut_eval_rows(const ut_eval_set *set, ut_str content, ut_eval_row *row, void *ctx, ut_err *err);

#endif
