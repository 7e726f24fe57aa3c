/* model/evaluate.c — scores a labelled set and counts what was right. */
#include "model/evaluate.h"

#include "os/file.h"

#include <math.h>
#include <stdio.h>

#define SET_BYTES_MAX (1024 * UT_MIB)
/* Sentiment nearer to zero than this counts as neutral; chosen on the training part of senti4sd, between 0.05 and
 * 0.4. */
#define NEUTRAL_WITHIN 0.25f

/* Sums for Pearson's r. */
typedef struct moments {
    double n, x, y, xx, yy, xy;
} moments;

typedef struct evaluator {
    ut_eval_result *result;
    const ut_eval_set *set;
    ut_session *session;
    moments moments[3];
} evaluator;

static void add_moment(moments *m, double x, double y)
{
    m->n += 1;
    m->x += x;
    m->y += y;
    m->xx += x * x;
    m->yy += y * y;
    m->xy += x * y;
}

static double pearson(const moments *m)
{
    double covariance = m->xy - m->x * m->y / m->n;
    double spread = (m->xx - m->x * m->x / m->n) * (m->yy - m->y * m->y / m->n);
    return m->n > 1 && spread > 0 ? covariance / sqrt(spread) : NAN;
}

static void tally(ut_eval_tally *to, bool said, bool is)
{
    to->hits += said && is;
    to->false_alarms += said && !is;
    to->misses += !said && is;
}

static const ut_eval_label *label_named(const ut_eval_set *set, ut_str name)
{
    for (size_t i = 0; i < set->label_count; i++) {
        if (ut_str_eq(set->labels[i].name, name)) {
            return &set->labels[i];
        }
    }
    return NULL;
}

static void mix(float *truth, const ut_eval_label *label)
{
    for (int f = 0; f < UT_FEATURES; f++) {
        truth[f] = fmaxf(truth[f], label->weights[f]);
    }
}

/* What the row's labels say about the features; false when one of them is unknown. */
static bool truth_of(const ut_eval_set *set, const ut_str *cells, float truth[UT_FEATURES])
{
    memset(truth, 0, UT_FEATURES * sizeof *truth);
    if (set->kind == UT_EVAL_NAME) {
        const ut_eval_label *label = label_named(set, cells[0]);
        if (label) {
            mix(truth, label);
        }
        return label != NULL;
    }
    if (set->kind == UT_EVAL_COLUMNS) {
        for (size_t i = 0; i < set->label_count; i++) {
            if (ut_str_eq(cells[i], UT_STR("1"))) {
                mix(truth, &set->labels[i]);
            }
        }
        return true;
    }
    ut_str rest = cells[0];
    while (rest.len) {
        int64_t number;
        if (!ut_str_to_i64(ut_str_trim(ut_str_cut(&rest, ',')), &number) || number < 0 ||
            (size_t)number >= set->label_count) {
            return false;
        }
        mix(truth, &set->labels[number]);
    }
    return true;
}

static bool count_features(evaluator *e, const ut_scores *scores, const ut_str *cells)
{
    float truth[UT_FEATURES];
    if (!truth_of(e->set, cells, truth)) {
        return false;
    }
    for (int f = 0; f < UT_FEATURES; f++) {
        if (e->set->measured[f]) {
            tally(&e->result->features[f], scores->features[f] >= 0.5f, truth[f] >= 0.5f);
        }
    }
    return true;
}

static bool count_polarity(evaluator *e, const ut_scores *scores, const ut_str *cells)
{
    const ut_eval_label *label = label_named(e->set, cells[0]);
    if (!label) {
        return false;
    }
    bool has_positive = false;
    for (size_t i = 0; i < e->set->label_count; i++) {
        has_positive = has_positive || e->set->labels[i].polarity > 0;
    }
    int said = (scores->sentiment > NEUTRAL_WITHIN && has_positive) - (scores->sentiment < -NEUTRAL_WITHIN);
    for (int p = -1; p <= 1; p++) {
        tally(&e->result->polarity[p + 1], said == p, label->polarity == p);
    }
    return true;
}

static bool count_numbers(evaluator *e, const ut_scores *scores, const ut_str *cells)
{
    const float said[3] = {scores->valence, scores->arousal, scores->dominance};
    size_t count = e->set->kind == UT_EVAL_NUMBER ? 1 : 3;
    double values[3];
    for (size_t i = 0; i < count; i++) {
        if (!ut_str_to_f64(cells[i], &values[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        add_moment(&e->moments[i], e->set->kind == UT_EVAL_NUMBER ? scores->sentiment : said[i], values[i]);
    }
    return true;
}

static ut_status one_row(void *ctx, ut_str text, const ut_str *cells, ut_err *err)
{
    evaluator *e = ctx;
    ut_scores scores;
    if (text.len == 0) {
        e->result->skipped++;
        return UT_OK;
    }
    ut_status st = ut_session_score(e->session, &scores, text, NULL, err);
    if (st != UT_OK) {
        return st;
    }
    bool counted;
    switch (e->set->kind) {
    case UT_EVAL_POLARITY: counted = count_polarity(e, &scores, cells); break;
    case UT_EVAL_NUMBER:
    case UT_EVAL_DIMENSIONS: counted = count_numbers(e, &scores, cells); break;
    default: counted = count_features(e, &scores, cells);
    }
    e->result->texts += counted;
    e->result->skipped += !counted;
    return UT_OK;
}

ut_status ut_eval_run(ut_eval_result *ret, const ut_eval_set *set, const char *data_root, const ut_model *model,
                      ut_err *err)
{
    char path[UT_PATH_BYTES_MAX];
    ut_eval_result result = {.set = set};
    evaluator e = {.result = &result, .set = set};
    ut_buf content = ut_buf_make(SET_BYTES_MAX);
    int len = snprintf(path, sizeof path, "%s/" UT_STR_FMT, data_root, UT_STR_ARG(set->path));
    if (len < 0 || (size_t)len >= sizeof path) {
        return ut_fail(err, UT_INVALID, "%s: the path is too long", data_root);
    }
    ut_status st = ut_file_slurp(&content, path, err);
    st = st == UT_OK ? ut_session_open(&e.session, model, err) : st;
    st = st == UT_OK ? ut_eval_rows(set, ut_buf_str(&content), one_row, &e, err) : st;
    for (int i = 0; i < 3; i++) {
        result.pearson[i] = pearson(&e.moments[i]);
    }
    ut_session_close(&e.session);
    ut_buf_free(&content);
    if (st == UT_OK) {
        *ret = result;
    }
    return st;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

double ut_eval_precision(const ut_eval_tally *t)
{
    return ratio((double)t->hits, (double)(t->hits + t->false_alarms));
}

double ut_eval_recall(const ut_eval_tally *t)
{
    return ratio((double)t->hits, (double)(t->hits + t->misses));
}

double ut_eval_f1(const ut_eval_tally *t)
{
    return ratio(2.0 * (double)t->hits, (double)(2 * t->hits + t->false_alarms + t->misses));
}

double ut_eval_macro_f1(const ut_eval_result *r)
{
    double sum = 0;
    int count = 0;
    if (r->set->kind == UT_EVAL_POLARITY) {
        for (int p = 0; p < 3; p++) {
            bool present = r->polarity[p].hits + r->polarity[p].misses > 0;
            sum += present ? ut_eval_f1(&r->polarity[p]) : 0;
            count += present;
        }
        return ratio(sum, count);
    }
    for (int f = 0; f < UT_FEATURES; f++) {
        sum += r->set->measured[f] ? ut_eval_f1(&r->features[f]) : 0;
        count += r->set->measured[f];
    }
    return ratio(sum, count);
}

double ut_eval_micro_f1(const ut_eval_result *r)
{
    ut_eval_tally all = {0};
    bool polarity = r->set->kind == UT_EVAL_POLARITY;
    const ut_eval_tally *from = polarity ? r->polarity : r->features;
    for (int i = 0; i < (polarity ? 3 : (int)UT_FEATURES); i++) {
        all.hits += from[i].hits;
        all.false_alarms += from[i].false_alarms;
        all.misses += from[i].misses;
    }
    return ut_eval_f1(&all);
}
