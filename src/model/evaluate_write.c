/* model/evaluate_write.c — one set's figures as a Markdown section or a JSON object. */
#include "model/evaluate.h"

static const char *const polarity_names[] = {"negative", "neutral", "positive"};
static const char *const dimension_names[] = {"valence", "arousal", "dominance"};

static void put_row(ut_buf *out, const char *name, const ut_eval_tally *t)
{
    ut_buf_format(out, "| %s | %lld | %.3f | %.3f | %.3f |\n", name, (long long)(t->hits + t->misses),
                  ut_eval_precision(t), ut_eval_recall(t), ut_eval_f1(t));
}

static void put_correlations(ut_buf *out, const ut_eval_result *r)
{
    ut_buf_puts(out, "| against | Pearson's r |\n|---|---|\n");
    if (r->set->kind == UT_EVAL_NUMBER) {
        ut_buf_format(out, "| sentiment | %.3f |\n", r->pearson[0]);
        return;
    }
    for (int i = 0; i < 3; i++) {
        ut_buf_format(out, "| %s | %.3f |\n", dimension_names[i], r->pearson[i]);
    }
}

static bool correlates(const ut_eval_result *r)
{
    return r->set->kind == UT_EVAL_NUMBER || r->set->kind == UT_EVAL_DIMENSIONS;
}

void ut_eval_write_markdown(ut_buf *out, const ut_eval_result *r)
{
    ut_buf_format(out, "\n## " UT_STR_FMT "\n\n%lld texts", UT_STR_ARG(r->set->name), (long long)r->texts);
    if (r->skipped) {
        ut_buf_format(out, ", %lld rows skipped", (long long)r->skipped);
    }
    if (correlates(r)) {
        ut_buf_puts(out, ".\n\n");
        put_correlations(out, r);
        return;
    }
    ut_buf_format(out, "; macro-F1 **%.3f**, micro-F1 %.3f.\n\n", ut_eval_macro_f1(r), ut_eval_micro_f1(r));
    ut_buf_puts(out, "| | texts with it | precision | recall | F1 |\n|---|---|---|---|---|\n");
    for (int f = 0; f < UT_FEATURES && r->set->kind != UT_EVAL_POLARITY; f++) {
        if (r->set->measured[f]) {
            put_row(out, ut_feature_name((ut_feature)f), &r->features[f]);
        }
    }
    for (int p = 0; p < 3 && r->set->kind == UT_EVAL_POLARITY; p++) {
        if (r->polarity[p].hits + r->polarity[p].misses) {
            put_row(out, polarity_names[p], &r->polarity[p]);
        }
    }
}

static void put_tally(ut_buf *out, bool *first, const char *name, const ut_eval_tally *t)
{
    ut_buf_puts(out, *first ? "{\"" : ",\"");
    *first = false;
    ut_buf_puts(out, name);
    ut_buf_puts(out, "\":{\"texts\":");
    ut_buf_i64(out, t->hits + t->misses);
    ut_buf_puts(out, ",\"precision\":");
    ut_buf_json_num(out, ut_eval_precision(t), 4);
    ut_buf_puts(out, ",\"recall\":");
    ut_buf_json_num(out, ut_eval_recall(t), 4);
    ut_buf_puts(out, ",\"f1\":");
    ut_buf_json_num(out, ut_eval_f1(t), 4);
    ut_buf_byte(out, '}');
}

static void put_figures(ut_buf *out, const ut_eval_result *r)
{
    bool first = true;
    bool polarity = r->set->kind == UT_EVAL_POLARITY;
    ut_buf_puts(out, ",\"macro_f1\":");
    ut_buf_json_num(out, ut_eval_macro_f1(r), 4);
    ut_buf_puts(out, ",\"micro_f1\":");
    ut_buf_json_num(out, ut_eval_micro_f1(r), 4);
    ut_buf_puts(out, polarity ? ",\"polarity\":" : ",\"features\":");
    for (int i = 0; i < (polarity ? 3 : (int)UT_FEATURES); i++) {
        if (polarity) {
            put_tally(out, &first, polarity_names[i], &r->polarity[i]);
        } else if (r->set->measured[i]) {
            put_tally(out, &first, ut_feature_name((ut_feature)i), &r->features[i]);
        }
    }
    ut_buf_puts(out, first ? "{}" : "}");
}

void ut_eval_write_json(ut_buf *out, const ut_eval_result *r)
{
    ut_buf_puts(out, "{\"data\":");
    ut_buf_json_str(out, r->set->name);
    ut_buf_puts(out, ",\"texts\":");
    ut_buf_i64(out, r->texts);
    ut_buf_puts(out, ",\"skipped\":");
    ut_buf_i64(out, r->skipped);
    if (!correlates(r)) {
        put_figures(out, r);
    }
    for (int i = 0; correlates(r) && i < (r->set->kind == UT_EVAL_NUMBER ? 1 : 3); i++) {
        ut_buf_format(out, ",\"%s_r\":", r->set->kind == UT_EVAL_NUMBER ? "sentiment" : dimension_names[i]);
        ut_buf_json_num(out, r->pearson[i], 4);
    }
    ut_buf_byte(out, '}');
}
