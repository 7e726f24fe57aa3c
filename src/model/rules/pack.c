/* model/rules/pack.c — reads one rule pack (docs/rules.md) into a builder.
 *
 * Every member of a pack is known by name: a misspelt one is an error and not silently nothing. An error names the
 * pack, the line and the member it is about, and leaves it to the caller to throw the builder away.
 */
#include "model/rules/rules_int.h"

#include "codec/json.h"

#include <stdarg.h>
#include <stdio.h>

#define RULES_FORMAT 1

typedef struct loader {
    rules_builder *builder;
    const rules_files *files;
    const rules_file *file;
    const char *section; /* the member of the pack that is being read */
    ut_err *err;
} loader;

static int64_t line_of(ut_str text, size_t byte)
{
    int64_t line = 1;
    for (size_t at = 0; (at = ut_str_find_byte(text, '\n', at)) != UT_NPOS && at < byte; at++) {
        line++;
    }
    return line;
}

static size_t offset_of(const loader *l, const ut_json_node *node)
{
    const char *begin = l->file->content.ptr;
    bool inside = node && node->raw.ptr >= begin && node->raw.ptr <= begin + l->file->content.len;
    return inside ? (size_t)(node->raw.ptr - begin) : 0;
}

static ut_status fail_at(loader *l, size_t byte, ut_status status, const char *what)
{
    int64_t line = line_of(l->file->content, byte);
    ut_status st = ut_fail(l->err, status, UT_STR_FMT ", line %lld, byte %zu: %s%s%s", UT_STR_ARG(l->file->name),
                           (long long)line, byte, l->section ? l->section : "", l->section ? ": " : "", what);
    if (l->err) {
        l->err->line = line;
        l->err->byte = (int64_t)byte;
    }
    return st;
}

UT_PRINTF(3, 4) static ut_status fail(loader *l, const ut_json_node *node, const char *format, ...)
{
    char what[300];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return fail_at(l, offset_of(l, node), UT_INVALID, what);
}

/* The builder said no: its reason, with the place. */
static ut_status relay(loader *l, const ut_json_node *node, ut_status status, const ut_err *inner)
{
    char what[300];
    (void)snprintf(what, sizeof what, "%.280s", inner->message);
    return fail_at(l, offset_of(l, node), status, what);
}

static ut_status want(loader *l, const ut_json_node *node, ut_json_type type, const char *shape)
{
    return ut_json_is(node, type) ? UT_OK : fail(l, node, "must be %s", shape);
}

static ut_status number(loader *l, const ut_json_node *node, double low, double high, double *ret)
{
    double value = 0;
    if (!ut_json_is(node, UT_JSON_NUMBER) || !ut_str_to_f64(node->text, &value)) {
        return fail(l, node, "\"" UT_STR_FMT "\" must be a number", UT_STR_ARG(node->key));
    }
    if (!(value >= low && value <= high)) {
        return fail(l, node, "\"" UT_STR_FMT "\" is " UT_STR_FMT ", outside %g..%g", UT_STR_ARG(node->key),
                    UT_STR_ARG(node->text), low, high);
    }
    *ret = value;
    return UT_OK;
}

static ut_status entry_of(loader *l, const ut_json_node *node, ut_str pattern, rules_entry **ret)
{
    ut_err inner = {0};
    ut_status st = rules_builder_entry(l->builder, ret, pattern, &inner);
    return st == UT_OK ? st : relay(l, node, st, &inner);
}

static int feature_find(ut_str name)
{
    for (int i = 0; i < UT_FEATURES; i++) {
        if (ut_str_eq(name, ut_str_of(ut_feature_name((ut_feature)i)))) {
            return i;
        }
    }
    return -1;
}

/* A lane of the weight vector: a feature, "sentiment", "arousal" or "dominance"; -1 when it is none. */
static int lane_find(ut_str name)
{
    if (ut_str_eq(name, UT_STR("sentiment"))) {
        return RULES_SENTIMENT;
    }
    if (ut_str_eq(name, UT_STR("arousal"))) {
        return RULES_AROUSAL;
    }
    return ut_str_eq(name, UT_STR("dominance")) ? (int)RULES_DOMINANCE : feature_find(name);
}

static ut_status unknown(loader *l, const ut_json_node *node, const char *what, const char *const *names)
{
    char known[200] = "";
    size_t len = 0;
    for (int i = 0; names && names[i] && len < sizeof known - 30; i++) {
        len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", i ? ", " : "", names[i]);
    }
    return fail(l, node, "unknown %s \"" UT_STR_FMT "\"%s%s", what, UT_STR_ARG(node->key), names ? "; known: "
            : "", known);
}

static const char *const lane_names[] = {"the eleven features", "sentiment", "arousal", "dominance", NULL};

/* "settings": {"negation_window": 3, …} */
static ut_status read_settings(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *n = ut_json_first(section); n; n = ut_json_next(n)) {
        int setting = rules_name_find(rules_setting_names, n->key);
        double value = 0;
        if (setting < 0) {
            return unknown(l, n, "setting", rules_setting_names);
        }
        ut_status st = number(l, n, -10, 1000, &value);
        if (st != UT_OK) {
            return st;
        }
        l->builder->numbers.settings[setting] = (float)value;
    }
    return UT_OK;
}

/* "classes": {"hedge": ["maybe", …]} */
static ut_status read_classes(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *list = ut_json_first(section); list; list = ut_json_next(list)) {
        int class = rules_name_find(rules_class_names, list->key);
        if (class < 0) {
            return unknown(l, list, "class", rules_class_names);
        }
        ut_status st = want(l, list, UT_JSON_ARRAY, "lists of terms");
        for (const ut_json_node *n = ut_json_first(list); n && st == UT_OK; n = ut_json_next(n)) {
            rules_entry *entry = NULL;
            st = want(l, n, UT_JSON_STRING, "lists of terms");
            st = st == UT_OK ? entry_of(l, n, n->text, &entry) : st;
            if (st == UT_OK) {
                entry->classes |= (uint16_t)(1u << class);
            }
        }
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

/* "boosters": {"very": 1, "slightly": -1} */
static ut_status read_boosters(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *n = ut_json_first(section); n; n = ut_json_next(n)) {
        double value = 0;
        rules_entry *entry = NULL;
        ut_status st = number(l, n, -1.2, 1.2, &value);
        st = st == UT_OK ? entry_of(l, n, n->key, &entry) : st;
        if (st != UT_OK) {
            return st;
        }
        entry->booster = (float)value;
    }
    return UT_OK;
}

static ut_status set_weight(loader *l, const ut_json_node *at, ut_str pattern, int lane)
{
    double value = 0;
    rules_entry *entry = NULL;
    ut_status st = number(l, at, -RULES_WEIGHT_MAX, RULES_WEIGHT_MAX, &value);
    st = st == UT_OK ? entry_of(l, at, pattern, &entry) : st;
    if (st == UT_OK) {
        entry->weights[lane] = (float)value;
        entry->set |= (uint16_t)(1u << lane);
    }
    return st;
}

/* "features": {"joy": {"happy": 2.5, …}} */
static ut_status read_features(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *group = ut_json_first(section); group; group = ut_json_next(group)) {
        int lane = lane_find(group->key);
        if (lane < 0) {
            return unknown(l, group, "feature", lane_names);
        }
        ut_status st = want(l, group, UT_JSON_OBJECT, "objects of terms and weights");
        for (const ut_json_node *n = ut_json_first(group); n && st == UT_OK; n = ut_json_next(n)) {
            st = set_weight(l, n, n->key, lane);
        }
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

static ut_status forget(loader *l, const ut_json_node *at, ut_str pattern, uint8_t flags)
{
    rules_entry *entry = NULL;
    ut_status st = entry_of(l, at, pattern, &entry);
    if (st == UT_OK) {
        memset(entry->weights, 0, sizeof entry->weights);
        entry->set = flags & RULES_FLAG_NEUTRAL ? UINT16_MAX : 0;
        entry->alias = 0;
        entry->booster = 0;
        entry->flags |= flags;
    }
    return st;
}

/* "terms": {"thank you": {"gratitude": 3, "sentiment": 1.5}, "gone": null} */
static ut_status read_terms(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *term = ut_json_first(section); term; term = ut_json_next(term)) {
        ut_status st = UT_OK;
        if (ut_json_is(term, UT_JSON_NULL)) {
            st = forget(l, term, term->key, 0);
        } else {
            st = want(l, term, UT_JSON_OBJECT, "objects of features and weights, or null");
        }
        for (const ut_json_node *n = ut_json_first(term); n && st == UT_OK; n = ut_json_next(n)) {
            int lane = lane_find(n->key);
            st = lane < 0 ? unknown(l, n, "feature", lane_names) : set_weight(l, n, term->key, lane);
        }
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

/* Calls `one` for each string of a list. */
static ut_status each_string(loader *l, const ut_json_node *list, ut_status (*one)(loader *, const ut_json_node *))
{
    ut_status st = want(l, list, UT_JSON_ARRAY, "a list of terms");
    for (const ut_json_node *n = ut_json_first(list); n && st == UT_OK; n = ut_json_next(n)) {
        st = want(l, n, UT_JSON_STRING, "a list of terms");
        st = st == UT_OK ? one(l, n) : st;
    }
    return st;
}

static ut_status neutral_one(loader *l, const ut_json_node *n)
{
    return forget(l, n, n->text, RULES_FLAG_NEUTRAL);
}

/* "neutral": ["kill _ process", …] */
static ut_status read_neutral(loader *l, const ut_json_node *section)
{
    return each_string(l, section, neutral_one);
}

static ut_status flag_one(loader *l, const ut_json_node *n, uint8_t flag)
{
    rules_entry *entry = NULL;
    ut_status st = entry_of(l, n, n->text, &entry);
    if (st == UT_OK) {
        entry->flags |= flag;
    }
    return st;
}

static ut_status context_word(loader *l, const ut_json_node *n)
{
    return flag_one(l, n, RULES_FLAG_CONTEXT);
}

static ut_status context_mute(loader *l, const ut_json_node *n)
{
    return flag_one(l, n, RULES_FLAG_MUTE);
}

/* "context": {"words": ["server", …], "mute": ["hang", …]} */
static ut_status read_context(loader *l, const ut_json_node *section)
{
    static const char *const names[] = {"words", "mute", NULL};
    for (const ut_json_node *n = ut_json_first(section); n; n = ut_json_next(n)) {
        int which = rules_name_find(names, n->key);
        if (which < 0) {
            return unknown(l, n, "member", names);
        }
        ut_status st = each_string(l, n, which == 0 ? context_word : context_mute);
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

/* "shortcodes": {"joy": "😂"} */
static ut_status read_shortcodes(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *n = ut_json_first(section); n; n = ut_json_next(n)) {
        char code[64];
        ut_err inner = {0};
        ut_status st = want(l, n, UT_JSON_STRING, "names and emoji");
        if (st != UT_OK) {
            return st;
        }
        if (n->key.len == 0 || n->key.len > 40) {
            return fail(l, n, "the name of a shortcode has 1 to 40 bytes");
        }
        int len = snprintf(code, sizeof code, ":" UT_STR_FMT ":", UT_STR_ARG(n->key));
        st = rules_builder_alias(l->builder, (ut_str){code, (size_t)len}, n->text, &inner);
        if (st != UT_OK) {
            return relay(l, n, st, &inner);
        }
    }
    return UT_OK;
}

/* "signals": {"exclamation": {"enthusiasm": 0.4}} */
static ut_status read_signals(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *signal = ut_json_first(section); signal; signal = ut_json_next(signal)) {
        int row = rules_name_find(rules_signal_names, signal->key);
        if (row < 0) {
            return unknown(l, signal, "signal", rules_signal_names);
        }
        for (const ut_json_node *n = ut_json_first(signal); n; n = ut_json_next(n)) {
            int feature = feature_find(n->key);
            double value = 0;
            if (feature < 0) {
                return unknown(l, n, "feature", NULL);
            }
            ut_status st = number(l, n, -100, 100, &value);
            if (st != UT_OK) {
                return st;
            }
            l->builder->numbers.signals[row][feature] = (float)value;
        }
    }
    return UT_OK;
}

/* "calibration": {"joy": {"bias": -2.5, "length": 0.3}} */
static ut_status read_calibration(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *row = ut_json_first(section); row; row = ut_json_next(row)) {
        int feature = feature_find(row->key);
        if (feature < 0) {
            return unknown(l, row, "feature", NULL);
        }
        for (const ut_json_node *n = ut_json_first(row); n; n = ut_json_next(n)) {
            bool bias = ut_str_eq(n->key, UT_STR("bias"));
            double value = 0;
            if (!bias && !ut_str_eq(n->key, UT_STR("length"))) {
                return unknown(l, n, "member", (const char *const[]){"bias", "length", NULL});
            }
            ut_status st = number(l, n, bias ? -20 : 0, bias ? 20 : 1, &value);
            if (st != UT_OK) {
                return st;
            }
            *(bias ? &l->builder->numbers.bias[feature] : &l->builder->numbers.length_power[feature]) = (float)value;
        }
    }
    return UT_OK;
}

/* "negation": {"joy": {"joy": -0.3, "sadness": 0.5}} */
static ut_status read_negation(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *row = ut_json_first(section); row; row = ut_json_next(row)) {
        int from = feature_find(row->key);
        if (from < 0) {
            return unknown(l, row, "feature", NULL);
        }
        for (const ut_json_node *n = ut_json_first(row); n; n = ut_json_next(n)) {
            int to = feature_find(n->key);
            double value = 0;
            if (to < 0) {
                return unknown(l, n, "feature", NULL);
            }
            ut_status st = number(l, n, -1, 1, &value);
            if (st != UT_OK) {
                return st;
            }
            l->builder->numbers.negation[from][to] = (float)value;
        }
    }
    return UT_OK;
}

/* Column of a dimension's row: a feature, sentiment, a signal, or the bias; -1 when it is none. */
static int dimension_column(ut_str name)
{
    int feature = feature_find(name);
    int signal = rules_name_find(rules_signal_names, name);
    if (feature >= 0) {
        return feature;
    }
    if (ut_str_eq(name, UT_STR("sentiment"))) {
        return UT_FEATURES;
    }
    if (signal >= 0) {
        return UT_FEATURES + 1 + signal;
    }
    return ut_str_eq(name, UT_STR("bias")) ? UT_FEATURES + 1 + RULES_SIGNALS : -1;
}

/* "dimensions": {"arousal": {"bias": -0.1, "stress": 0.5, "exclamation": 0.4}} */
static ut_status read_dimensions(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *row = ut_json_first(section); row; row = ut_json_next(row)) {
        int dimension = rules_name_find(rules_dimension_names, row->key);
        if (dimension < 0) {
            return unknown(l, row, "dimension", rules_dimension_names);
        }
        for (const ut_json_node *n = ut_json_first(row); n; n = ut_json_next(n)) {
            int column = dimension_column(n->key);
            double value = 0;
            if (column < 0) {
                return unknown(l, n, "feature or signal", NULL);
            }
            ut_status st = number(l, n, -10, 10, &value);
            if (st != UT_OK) {
                return st;
            }
            l->builder->numbers.dimensions[dimension][column] = (float)value;
        }
    }
    return UT_OK;
}

/* "custom": {"release talk": ["deploy*", "ship it"]} */
static ut_status read_custom(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *list = ut_json_first(section); list; list = ut_json_next(list)) {
        ut_status st = want(l, list, UT_JSON_ARRAY, "categories with lists of terms");
        if (st == UT_OK && (list->key.len == 0 || list->key.len > 64)) {
            st = fail(l, list, "the name of a category has 1 to 64 bytes");
        }
        for (const ut_json_node *n = ut_json_first(list); n && st == UT_OK; n = ut_json_next(n)) {
            ut_err inner = {0};
            st = want(l, n, UT_JSON_STRING, "categories with lists of terms");
            if (st == UT_OK && (st = rules_builder_custom(l->builder, list->key, n->text, &inner)) != UT_OK) {
                st = relay(l, n, st, &inner);
            }
        }
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

/* One "term <tab> value" per line; # begins a comment line. */
static ut_status read_lexicon(loader *l, const rules_file *lexicon, int lane, double scale)
{
    ut_str rest = lexicon->content;
    ut_str line;
    loader inside = {.builder = l->builder, .files = l->files, .file = lexicon, .err = l->err};
    while (ut_str_line(&rest, &line)) {
        size_t byte = (size_t)(line.ptr - lexicon->content.ptr);
        ut_str value_text = line;
        ut_str term = ut_str_cut(&value_text, '\t');
        double value = 0;
        rules_entry *entry = NULL;
        ut_err inner = {0};
        if (ut_str_trim(line).len == 0 || line.ptr[0] == '#') {
            continue;
        }
        if (!ut_str_to_f64(ut_str_trim(ut_str_cut(&value_text, '\t')), &value)) {
            return fail_at(&inside, byte, UT_INVALID, "a line must be a term, a tab and a number");
        }
        if (!(value * scale >= -RULES_WEIGHT_MAX && value * scale <= RULES_WEIGHT_MAX)) {
            return fail_at(&inside, byte, UT_INVALID, "the scaled weight is outside -5..5");
        }
        ut_status st = rules_builder_entry(l->builder, &entry, term, &inner);
        if (st != UT_OK) {
            return fail_at(&inside, byte, st, inner.message);
        }
        entry->weights[lane] = (float)(value * scale);
        entry->set |= (uint16_t)(1u << lane);
    }
    return UT_OK;
}

static const rules_file *file_find(const rules_files *files, ut_str name, bool builtin)
{
    for (size_t i = 0; i < files->count; i++) {
        if (files->items[i].builtin == builtin && ut_str_eq(files->items[i].name, name)) {
            return &files->items[i];
        }
    }
    return NULL;
}

/* "lexicons": [{"file": "lexicons/words.tsv", "into": "sentiment", "scale": 1}] */
static ut_status read_lexicons(loader *l, const ut_json_node *section)
{
    for (const ut_json_node *item = ut_json_first(section); item; item = ut_json_next(item)) {
        ut_str name = ut_json_str(item, "file");
        ut_str into = ut_json_str(item, "into");
        const ut_json_node *scale_node = ut_json_get(item, "scale");
        const rules_file *file = file_find(l->files, name, l->file->builtin);
        double scale = 1;
        int lane = lane_find(into);
        if (name.len == 0 || lane < 0) {
            return fail(l, item, "needs \"file\" and \"into\" (a feature, sentiment, arousal or dominance)");
        }
        if (!file || file->is_pack) {
            return fail(l, item, "there is no lexicon \"" UT_STR_FMT "\" beside the pack", UT_STR_ARG(name));
        }
        ut_status st = scale_node ? number(l, scale_node, -10, 10, &scale) : UT_OK;
        st = st == UT_OK ? read_lexicon(l, file, lane, scale) : st;
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

typedef struct section_reader {
    const char *name;
    ut_json_type type;
    const char *shape;
    ut_status (*read)(loader *l, const ut_json_node *section); /* NULL: read elsewhere or only for people */
} section_reader;

/* In the order they are applied, whatever the order in the file: what is written by hand beats a lexicon. */
static const section_reader sections[] = {
    {"rules", UT_JSON_NUMBER, "1", NULL},
    {"name", UT_JSON_STRING, "a string", NULL},
    {"version", UT_JSON_STRING, "a string", NULL},
    {"licence", UT_JSON_STRING, "a string", NULL},
    {"about", UT_JSON_STRING, "a string", NULL},
    {"languages", UT_JSON_ARRAY, "a list of strings", NULL},
    {"settings", UT_JSON_OBJECT, "an object of numbers", read_settings},
    {"calibration", UT_JSON_OBJECT, "an object by feature", read_calibration},
    {"signals", UT_JSON_OBJECT, "an object by signal", read_signals},
    {"negation", UT_JSON_OBJECT, "an object by feature", read_negation},
    {"dimensions", UT_JSON_OBJECT, "an object by dimension", read_dimensions},
    {"lexicons", UT_JSON_ARRAY, "a list of objects", read_lexicons},
    {"classes", UT_JSON_OBJECT, "an object by class", read_classes},
    {"boosters", UT_JSON_OBJECT, "an object of terms and numbers", read_boosters},
    {"features", UT_JSON_OBJECT, "an object by feature", read_features},
    {"terms", UT_JSON_OBJECT, "an object by term", read_terms},
    {"neutral", UT_JSON_ARRAY, "a list of terms", read_neutral},
    {"context", UT_JSON_OBJECT, "an object with \"words\" and \"mute\"", read_context},
    {"shortcodes", UT_JSON_OBJECT, "an object of names and emoji", read_shortcodes},
    {"custom", UT_JSON_OBJECT, "an object of categories", read_custom},
};
#define SECTION_COUNT (sizeof sections / sizeof *sections)

static ut_status parse(loader *l, ut_json *json, const ut_json_node **ret)
{
    ut_err inner = {0};
    const ut_json_node *root;
    ut_status st = ut_json_parse(json, &root, l->file->content, &inner);
    if (st != UT_OK) {
        return fail_at(l, inner.byte > 0 ? (size_t)inner.byte : 0, st, inner.message);
    }
    if (!ut_json_is(root, UT_JSON_OBJECT)) {
        return fail(l, root, "a pack is a JSON object");
    }
    *ret = root;
    return UT_OK;
}

static ut_status check_members(loader *l, const ut_json_node *root)
{
    for (const ut_json_node *n = ut_json_first(root); n; n = ut_json_next(n)) {
        size_t i = 0;
        while (i < SECTION_COUNT && !ut_str_eq(n->key, ut_str_of(sections[i].name))) {
            i++;
        }
        if (i == SECTION_COUNT) {
            return unknown(l, n, "member", NULL);
        }
        if (!ut_json_is(n, sections[i].type)) {
            return fail(l, n, "\"%s\" must be %s", sections[i].name, sections[i].shape);
        }
    }
    int64_t format;
    if (!ut_json_i64(root, "rules", &format)) {
        return fail(l, root, "a pack begins with \"rules\": %d, the version of the format", RULES_FORMAT);
    }
    if (format != RULES_FORMAT) {
        return fail(l, ut_json_get(root, "rules"), "\"rules\" is %lld; this version reads %d", (long long)format,
                    RULES_FORMAT);
    }
    if (ut_json_str(root, "name").len == 0) {
        return fail(l, root, "\"name\" is missing");
    }
    return UT_OK;
}

ut_status rules_pack_head_read(ut_arena *keep, rules_pack_head *ret, ut_json *json, const rules_file *file, ut_err *err)
{
    loader l = {.file = file, .err = err};
    const ut_json_node *root;
    ut_status st = parse(&l, json, &root);
    st = st == UT_OK ? check_members(&l, root) : st;
    if (st != UT_OK) {
        return st;
    }
    rules_pack_head head = {0};
    for (const ut_json_node *n = ut_json_first(ut_json_get(root, "languages")); n; n = ut_json_next(n)) {
        bool fits = ut_json_is(n, UT_JSON_STRING) && n->text.len > 0 && n->text.len < 12;
        if (!fits || head.language_count == 16) {
            return fail(&l, n, "\"languages\" lists up to 16 codes like \"en\", or \"*\"");
        }
        ut_str copy = ut_arena_copy(keep, n->text);
        if (!copy.ptr) {
            return ut_fail(err, UT_NOMEM, "out of memory while loading rule packs");
        }
        head.languages[head.language_count++] = copy;
    }
    if (head.language_count == 0) {
        return fail(&l, root, "\"languages\" is missing; write [\"en\"], or [\"*\"] for every language");
    }
    *ret = head;
    return UT_OK;
}

ut_status rules_pack_apply(rules_builder *builder, ut_json *json, const rules_files *files, const rules_file *file,
                           ut_err *err)
{
    loader l = {.builder = builder, .files = files, .file = file, .err = err};
    const ut_json_node *root;
    ut_status st = parse(&l, json, &root);
    for (size_t i = 0; i < SECTION_COUNT && st == UT_OK; i++) {
        const ut_json_node *section = ut_json_get(root, sections[i].name);
        if (section && sections[i].read) {
            l.section = sections[i].name;
            st = sections[i].read(&l, section);
        }
    }
    return st;
}
