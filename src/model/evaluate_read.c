/* model/evaluate_read.c — the list of labelled sets, and the rows of one set. */
#include "model/evaluate.h"

#include "base/embed.h"
#include "codec/csv.h"

extern const ut_embedded ut_eval_embedded[]; /* scripts/embed.sh: datasets.json */

#define PLAN_BYTES_MAX (16 * UT_MIB)
#define COLUMNS_MAX 64

static int feature_find(ut_str name)
{
    for (int f = 0; f < UT_FEATURES; f++) {
        if (ut_str_eq(name, ut_str_of(ut_feature_name((ut_feature)f)))) {
            return f;
        }
    }
    return -1;
}

static ut_status wrong(const ut_eval_set *set, const char *what, ut_err *err)
{
    return ut_fail(err, UT_INVALID, "data set \"" UT_STR_FMT "\": %s", UT_STR_ARG(set->name), what);
}

static ut_status read_kind(ut_eval_set *set, ut_str kind, ut_err *err)
{
    static const char *const names[] = {"indexes", "columns", "name", "polarity", "number", "dimensions"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (ut_str_eq(kind, ut_str_of(names[i]))) {
            set->kind = (ut_eval_kind)i;
            return UT_OK;
        }
    }
    return wrong(set, "\"kind\" is one of indexes, columns, name, polarity, number, dimensions", err);
}

static ut_status read_label(ut_eval_set *set, const ut_json_node *node, ut_err *err)
{
    if (set->label_count == UT_EVAL_LABELS_MAX) {
        return wrong(set, "too many labels in its map", err);
    }
    ut_eval_label *label = &set->labels[set->label_count++];
    *label = (ut_eval_label){.name = node->key};
    if (ut_json_is(node, UT_JSON_STRING)) {
        bool negative = ut_str_eq(node->text, UT_STR("negative"));
        label->polarity = ut_str_eq(node->text, UT_STR("positive")) - negative;
        return UT_OK;
    }
    for (const ut_json_node *n = ut_json_first(node); n; n = ut_json_next(n)) {
        int feature = feature_find(n->key);
        double weight;
        if (feature < 0 || !ut_str_to_f64(n->text, &weight)) {
            return wrong(set, "its map has something that is not a feature and a weight", err);
        }
        label->weights[feature] = (float)weight;
    }
    return UT_OK;
}

static ut_status read_lists(ut_eval_set *set, const ut_json_node *root, const ut_json_node *node, ut_err *err)
{
    size_t columns = 0;
    for (const ut_json_node *n = ut_json_first(ut_json_get(node, "columns")); n && columns < 3; n = ut_json_next(n)) {
        set->label_columns[columns++] = n->text;
    }
    for (const ut_json_node *n = ut_json_first(ut_json_get(node, "measured")); n; n = ut_json_next(n)) {
        int feature = feature_find(n->text);
        if (feature < 0) {
            return wrong(set, "\"measured\" names something that is not a feature", err);
        }
        set->measured[feature] = true;
    }
    size_t needed = set->kind == UT_EVAL_COLUMNS ? 0 : set->kind == UT_EVAL_DIMENSIONS ? 3 : 1;
    if (columns < needed) {
        return wrong(set, "\"columns\" names too few columns", err);
    }
    char name[64] = {0};
    ut_str map = ut_json_str(node, "map");
    memcpy(name, map.ptr ? map.ptr : "", map.len < 63 ? map.len : 63);
    ut_status st = UT_OK;
    const ut_json_node *labels = ut_json_get(ut_json_get(root, "maps"), name);
    for (const ut_json_node *n = ut_json_first(labels); n && st == UT_OK; n = ut_json_next(n)) {
        st = read_label(set, n, err);
    }
    bool wants_map = set->kind != UT_EVAL_NUMBER && set->kind != UT_EVAL_DIMENSIONS;
    return st == UT_OK && wants_map && !set->label_count ? wrong(set, "its \"map\" is missing or empty", err) : st;
}

static ut_status read_set(ut_eval_set *set, const ut_json_node *root, const ut_json_node *node, ut_err *err)
{
    *set = (ut_eval_set){.name = ut_json_str(node, "name"), .path = ut_json_str(node, "path")};
    set->csv = ut_str_eq(ut_json_str(node, "format"), UT_STR("csv"));
    set->header = ut_json_bool(node, "header");
    set->text_column = ut_json_str(node, "text");
    if (!set->name.len || !set->path.len || !set->text_column.len) {
        return wrong(set, "\"name\", \"path\" or \"text\" is missing", err);
    }
    ut_status st = read_kind(set, ut_json_str(node, "kind"), err);
    return st == UT_OK ? read_lists(set, root, node, err) : st;
}

ut_status ut_eval_plan_open(ut_eval_plan *ret, ut_str json, ut_err *err)
{
    ut_eval_plan plan = {0};
    const ut_json_node *root;
    ut_str text = json.len ? json : (ut_str){ut_eval_embedded[0].bytes, ut_eval_embedded[0].len};
    ut_status st = ut_json_open(&plan.json, err);
    if (st == UT_OK && (st = ut_arena_open(&plan.arena, PLAN_BYTES_MAX)) != UT_OK) {
        (void)ut_fail(err, st, "out of memory for the list of data sets");
    }
    /* The nodes borrow from the text and live in the reader, so both stay with the plan. */
    if (st == UT_OK) {
        plan.sets = ut_new(&plan.arena, ut_eval_set, UT_EVAL_SETS_MAX);
        text = ut_arena_copy(&plan.arena, text);
        st = plan.sets && text.ptr ? ut_json_parse(plan.json, &root, text, err)
                                   : ut_fail(err, UT_NOMEM, "out of memory for the list of data sets");
    }
    const ut_json_node *first = st == UT_OK ? ut_json_first(ut_json_get(root, "sets")) : NULL;
    for (const ut_json_node *n = first; n && st == UT_OK; n = ut_json_next(n)) {
        st = plan.count < UT_EVAL_SETS_MAX ? read_set(&plan.sets[plan.count++], root, n, err)
                                           : ut_fail(err, UT_LIMIT, "more than %d data sets", UT_EVAL_SETS_MAX);
    }
    if (st == UT_OK && plan.count == 0) {
        st = ut_fail(err, UT_INVALID, "the list of data sets has no \"sets\"");
    }
    if (st != UT_OK) {
        ut_eval_plan_close(&plan);
        return st;
    }
    *ret = plan;
    return UT_OK;
}

void ut_eval_plan_close(ut_eval_plan *plan)
{
    ut_json_close(&plan->json);
    ut_arena_close(&plan->arena);
}

const ut_eval_set *ut_eval_find(const ut_eval_plan *plan, ut_str name)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (ut_str_eq(plan->sets[i].name, name)) {
            return &plan->sets[i];
        }
    }
    return NULL;
}

/* Rows ------------------------------------------------------------------------------------------------------------ */

/* Where a set's columns are: text first, then the label columns in the order of the set. */
typedef struct columns {
    int text;
    int labels[UT_EVAL_LABELS_MAX];
    size_t label_count;
} columns;

static int position(const ut_str *header, size_t count, ut_str name)
{
    int64_t number;
    for (size_t i = 0; i < count; i++) {
        if (ut_str_eq(ut_str_trim(header[i]), name)) {
            return (int)i;
        }
    }
    return count == 0 && ut_str_to_i64(name, &number) && number >= 0 && number < COLUMNS_MAX ? (int)number : -1;
}

static ut_status find_columns(const ut_eval_set *set, columns *ret, const ut_str *header, size_t count, ut_err *err)
{
    *ret = (columns){.text = position(header, count, set->text_column)};
    bool by_label = set->kind == UT_EVAL_COLUMNS;
    ret->label_count = by_label ? set->label_count : set->kind == UT_EVAL_DIMENSIONS ? 3 : 1;
    bool found = ret->text >= 0;
    for (size_t i = 0; i < ret->label_count; i++) {
        ret->labels[i] = position(header, count, by_label ? set->labels[i].name : set->label_columns[i]);
        found = found && ret->labels[i] >= 0;
    }
    return found ? UT_OK : wrong(set, "its file does not have the columns named", err);
}

static ut_status give(const columns *at, const ut_str *cells, size_t count, ut_eval_row *row, void *ctx, ut_err *err)
{
    ut_str picked[UT_EVAL_LABELS_MAX] = {0};
    for (size_t i = 0; i < at->label_count; i++) {
        picked[i] = (size_t)at->labels[i] < count ? ut_str_trim(cells[at->labels[i]]) : picked[i];
    }
    return row(ctx, (size_t)at->text < count ? cells[at->text] : (ut_str){0}, picked, err);
}

static size_t split(ut_str line, ut_str *cells)
{
    size_t count = 0;
    bool more = true;
    while (more && count < COLUMNS_MAX) {
        size_t tab = ut_str_find_byte(line, '\t', 0);
        more = tab != UT_NPOS;
        cells[count++] = ut_str_slice(line, 0, more ? tab : line.len);
        line = more ? ut_str_slice(line, tab + 1, line.len) : (ut_str){0};
    }
    return count;
}

static ut_status tab_rows(const ut_eval_set *set, ut_str content, ut_eval_row *row, void *ctx, ut_err *err)
{
    ut_str cells[COLUMNS_MAX];
    columns at;
    ut_str rest = content;
    ut_str line;
    size_t count = set->header && ut_str_line(&rest, &line) ? split(line, cells) : 0;
    ut_status st = find_columns(set, &at, cells, count, err);
    while (st == UT_OK && ut_str_line(&rest, &line)) {
        if (line.len) {
            st = give(&at, cells, split(line, cells), row, ctx, err);
        }
    }
    return st;
}

static ut_status csv_rows(const ut_eval_set *set, ut_str content, ut_eval_row *row, void *ctx, ut_err *err)
{
    ut_csv csv;
    ut_csv_row cells;
    columns at;
    ut_arena arena;
    ut_status st = ut_arena_open(&arena, 16 * UT_MIB);
    if (st != UT_OK) {
        return ut_fail(err, st, "out of memory for a row");
    }
    st = ut_csv_open(&csv, content, err);
    st = st == UT_OK ? find_columns(set, &at, csv.columns, (size_t)csv.column_count, err) : st;
    while (st == UT_OK) {
        arena.at = arena.begin; /* rows are small: no need to give pages back after each */
        st = ut_csv_next(&csv, &arena, &cells, err);
        if (st != UT_OK || cells.count == 0) {
            break;
        }
        st = give(&at, cells.cells, (size_t)cells.count, row, ctx, err);
    }
    ut_arena_close(&arena);
    return st;
}

ut_status ut_eval_rows(const ut_eval_set *set, ut_str content, ut_eval_row *row, void *ctx, ut_err *err)
{
    return set->csv ? csv_rows(set, content, row, ctx, err) : tab_rows(set, content, row, ctx, err);
}
