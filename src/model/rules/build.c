/* model/rules/build.c — collects the patterns and numbers of packs, then lays them out for scoring.
 *
 * While packs are applied every pattern is one entry, found by its canonical text, so that a later pack overrides an
 * earlier one. rules_builder_finish makes the table: sizes are known by then, everything comes from the arena, nothing
 * moves afterwards.
 */
#include "model/rules/pattern.h"
#include "model/rules/rules_int.h"

#include <math.h>

static const float default_settings[RULES_SETTINGS] = {
    [RULES_SET_NEGATION_WINDOW] = 3,       [RULES_SET_NEGATION_SENTIMENT] = -0.74f,
    [RULES_SET_BOOSTER_STEP] = 0.293f,     [RULES_SET_BOOSTER_FEATURE] = 0.25f,
    [RULES_SET_CAPITALS_STEP] = 0.733f,    [RULES_SET_CAPITALS_FEATURE] = 1.2f,
    [RULES_SET_EXCLAMATION_STEP] = 0.292f, [RULES_SET_CONTRAST_BEFORE] = 0.5f,
    [RULES_SET_CONTRAST_AFTER] = 1.5f,     [RULES_SET_REPEAT] = 0.5f,
    [RULES_SET_LENGTH_WORDS] = 30,         [RULES_SET_SENTIMENT_ALPHA] = 15,
    [RULES_SET_CONTEXT_WINDOW] = 4,
};

static ut_status out_of_memory(ut_err *err)
{
    return ut_fail(err, UT_NOMEM, "out of memory while loading rule packs");
}

ut_status rules_builder_open(rules_builder *ret, ut_arena *keep, ut_err *err)
{
    rules_builder builder = {.keep = keep, .patterns = ut_map_make(UT_RULES_TERMS_MAX)};
    memcpy(builder.numbers.settings, default_settings, sizeof default_settings);
    for (int f = 0; f < UT_FEATURES; f++) {
        builder.numbers.bias[f] = -3;
        builder.numbers.length_power[f] = 0.5f;
    }
    builder.members = ut_mem_alloc(RULES_MEMBERS_MAX * sizeof *builder.members);
    builder.categories = ut_mem_zeroed(RULES_CATEGORIES_MAX, sizeof *builder.categories);
    if (!builder.members || !builder.categories) {
        rules_builder_close(&builder);
        return out_of_memory(err);
    }
    *ret = builder;
    return UT_OK;
}

void rules_builder_close(rules_builder *builder)
{
    ut_map_free(&builder->patterns);
    builder->entries = ut_mem_free(builder->entries);
    builder->members = ut_mem_free(builder->members);
    builder->categories = ut_mem_free(builder->categories);
    builder->entry_count = 0;
}

static bool make_room(rules_builder *builder)
{
    if (builder->entry_count < builder->entry_room) {
        return true;
    }
    size_t room = builder->entry_room ? builder->entry_room * 2 : 1024;
    rules_entry *grown = ut_mem_resize(builder->entries, room * sizeof *grown);
    if (!grown) {
        return false;
    }
    builder->entries = grown;
    builder->entry_room = room;
    return true;
}

ut_status rules_builder_entry(rules_builder *builder, rules_entry **ret, ut_str pattern, ut_err *err)
{
    ut_buf folded = ut_buf_make(UT_KIB);
    ut_status st = rules_pattern_fold(&folded, pattern, err);
    if (st != UT_OK) {
        goto out;
    }
    size_t before = builder->patterns.count;
    if (before >= UT_RULES_TERMS_MAX) {
        st = ut_fail(err, UT_LIMIT, "more than %d terms in all packs together", UT_RULES_TERMS_MAX);
        goto out;
    }
    uint64_t *slot = make_room(builder) ? ut_map_put(&builder->patterns, ut_buf_str(&folded)) : NULL;
    if (!slot) {
        st = out_of_memory(err);
        goto out;
    }
    if (builder->patterns.count > before) {
        *slot = builder->entry_count;
        builder->entries[builder->entry_count++] = (rules_entry){.pattern = builder->patterns.entries[before].key};
    }
    *ret = &builder->entries[*slot];
out:
    ut_buf_free(&folded);
    return st;
}

ut_status rules_builder_alias(rules_builder *builder, ut_str pattern, ut_str target, ut_err *err)
{
    rules_entry *entry = NULL;
    ut_status st = rules_builder_entry(builder, &entry, target, err);
    if (st != UT_OK) {
        return st;
    }
    uint32_t number = (uint32_t)(entry - builder->entries);
    st = rules_builder_entry(builder, &entry, pattern, err);
    if (st == UT_OK && number != (uint32_t)(entry - builder->entries)) {
        entry->alias = number + 1;
    }
    return st;
}

static ut_status find_category(rules_builder *builder, uint16_t *ret, ut_str name, ut_err *err)
{
    for (size_t i = 0; i < builder->category_count; i++) {
        if (ut_str_eq(builder->categories[i], name)) {
            *ret = (uint16_t)i;
            return UT_OK;
        }
    }
    if (builder->category_count == RULES_CATEGORIES_MAX) {
        return ut_fail(err, UT_LIMIT, "more than %d custom categories", RULES_CATEGORIES_MAX);
    }
    ut_str copy = ut_arena_copy(builder->keep, name);
    if (!copy.ptr) {
        return out_of_memory(err);
    }
    *ret = (uint16_t)builder->category_count;
    builder->categories[builder->category_count++] = copy;
    return UT_OK;
}

ut_status rules_builder_custom(rules_builder *builder, ut_str category, ut_str pattern, ut_err *err)
{
    uint16_t number = 0;
    rules_entry *entry = NULL;
    ut_status st = find_category(builder, &number, category, err);
    if (st == UT_OK) {
        st = rules_builder_entry(builder, &entry, pattern, err);
    }
    if (st != UT_OK) {
        return st;
    }
    for (uint16_t m = entry->custom; m; m = builder->members[m - 1].next) {
        if (builder->members[m - 1].category == number) {
            return UT_OK;
        }
    }
    if (builder->member_count == RULES_MEMBERS_MAX) {
        return ut_fail(err, UT_LIMIT, "more than %d patterns in custom categories", RULES_MEMBERS_MAX);
    }
    builder->members[builder->member_count++] = (rules_member){.category = number, .next = entry->custom};
    entry->custom = (uint16_t)builder->member_count;
    return UT_OK;
}

/* Laying out ------------------------------------------------------------------------------------------------------ */

static uint32_t power_of_two_over(size_t n)
{
    uint32_t size = 16;
    while (size < n) {
        size *= 2;
    }
    return size;
}

static uint32_t edge_start(const rules_table *table, uint64_t key)
{
    return (uint32_t)(ut_hash_u64(key) >> 32) & table->edge_mask;
}

uint32_t rules_edge_find(const rules_table *table, uint32_t node, uint32_t word)
{
    uint64_t key = (uint64_t)node << 32 | word;
    for (uint32_t i = edge_start(table, key);; i = (i + 1) & table->edge_mask) {
        if (table->edges[i].key == key) {
            return table->edges[i].node;
        }
        if (table->edges[i].key == 0) {
            return 0;
        }
    }
}

static uint32_t add_edge(rules_table *table, uint32_t node, uint32_t word)
{
    uint32_t found = rules_edge_find(table, node, word);
    if (found) {
        return found;
    }
    uint64_t key = (uint64_t)node << 32 | word;
    uint32_t i = edge_start(table, key);
    while (table->edges[i].key) {
        i = (i + 1) & table->edge_mask;
    }
    table->edges[i] = (rules_edge){.key = key, .node = table->node_count};
    return table->node_count++;
}

/* Number of the word, which is added when new; 0 when the arena is full. */
static uint32_t intern(rules_table *table, ut_arena *keep, ut_str text)
{
    uint32_t found = rules_word_find(table, text.ptr, text.len);
    if (found) {
        return found;
    }
    ut_str copy = ut_arena_copy(keep, text);
    if (!copy.ptr) {
        return 0;
    }
    uint64_t hash = ut_hash_bytes(copy, 0);
    uint32_t i = (uint32_t)hash & table->slot_mask;
    while (table->slots[i].word) {
        i = (i + 1) & table->slot_mask;
    }
    table->slots[i] = (rules_slot){.tag = (uint32_t)(hash >> 32), .word = table->word_count};
    table->words[table->word_count] = (rules_word){.text = copy.ptr, .len = (uint32_t)copy.len};
    return table->word_count++;
}

static void compile_term(rules_term *to, const rules_entry *entry)
{
    for (int d = 0; d < RULES_DIMS; d++) {
        long units = lroundf(entry->weights[d] * RULES_WEIGHT_UNIT);
        to->weights[d] = (int8_t)(units > 127 ? 127 : units < -127 ? -127 : units);
        to->weighs = to->weighs || to->weights[d] != 0;
    }
    to->classes = entry->classes;
    to->flags = entry->flags;
    to->booster = (int8_t)lroundf(entry->booster * 100);
    to->custom = entry->custom;
}

static bool is_phrase(ut_str pattern)
{
    return ut_str_find_byte(pattern, ' ', 0) != UT_NPOS;
}

static bool add_phrase(rules_table *table, ut_arena *keep, ut_str pattern, uint32_t term)
{
    ut_str rest = pattern;
    uint32_t first = intern(table, keep, ut_str_cut(&rest, ' '));
    if (!first) {
        return false;
    }
    if (!table->words[first].node) {
        table->words[first].node = table->node_count++;
    }
    uint32_t node = table->words[first].node;
    while (rest.len) {
        uint32_t word = intern(table, keep, ut_str_cut(&rest, ' '));
        if (!word) {
            return false;
        }
        table->nodes[node].gap = table->nodes[node].gap || word == table->gap_word;
        node = add_edge(table, node, word);
    }
    table->nodes[node].term = term;
    return true;
}

static void note_shape(rules_table *table, ut_str pattern)
{
    unsigned char first = (unsigned char)pattern.ptr[0];
    unsigned char last = (unsigned char)pattern.ptr[pattern.len - 1];
    if (last == '*' && pattern.len > RULES_PREFIX_MIN) {
        uint32_t bit = rules_prefix_bit(pattern.ptr);
        table->prefix_starts[bit >> 6] |= (uint64_t)1 << (bit & 63);
    } else if (first == '*') {
        table->suffix_ends[last] |= (uint8_t)(1u << (pattern.len - 2));
    } else if (first < 0x80 && first != '_' && !((first >= '0' && first <= '9') || (first >= 'a' && first <= 'z'))) {
        table->sign_starts[first] = 1;
    }
}

static bool add_entries(rules_builder *builder, rules_table *table)
{
    table->gap_word = intern(table, builder->keep, UT_STR("_"));
    for (size_t i = 0; i < builder->entry_count && table->gap_word; i++) {
        const rules_entry *entry = &builder->entries[i];
        uint32_t term = (uint32_t)i + 1;
        compile_term(&table->terms[term], entry);
        if (is_phrase(entry->pattern)) {
            if (!add_phrase(table, builder->keep, entry->pattern, term)) {
                return false;
            }
            continue;
        }
        uint32_t word = intern(table, builder->keep, entry->pattern);
        if (!word) {
            return false;
        }
        table->words[word].term = entry->alias && !table->terms[term].weighs ? entry->alias : term;
        note_shape(table, entry->pattern);
    }
    return table->gap_word != 0;
}

/* A word of its own hides the pattern that matches its beginning or end: give it what that pattern says and it leaves
 * open ("loved" in a lexicon is still past tense by "*ed"). */
static void inherit(rules_table *table, uint32_t number)
{
    rules_word *word = &table->words[number];
    if (word->text[0] == '*' || word->text[word->len - 1] == '*' || number == table->gap_word) {
        return;
    }
    uint32_t from = rules_affix_find(table, word->text, word->len);
    if (!from) {
        return;
    }
    if (!word->term) {
        word->term = from;
        return;
    }
    rules_term *term = &table->terms[word->term];
    const rules_term *affix = &table->terms[from];
    term->classes |= affix->classes;
    term->custom = term->custom ? term->custom : affix->custom;
    if (!term->weighs && !(term->flags & RULES_FLAG_NEUTRAL)) {
        memcpy(term->weights, affix->weights, sizeof term->weights);
        term->weighs = affix->weighs;
    }
}

/* A phrase replaces its words; when no pack says what it weighs in sentiment, it keeps what they would have said. */
static void keep_sentiment(rules_table *table, const rules_entry *entry, rules_term *term)
{
    ut_str rest = entry->pattern;
    const float *settings = table->numbers.settings;
    float sum = 0;
    float boost = 0;
    bool negated = false;
    if (entry->set >> RULES_SENTIMENT & 1 || !is_phrase(entry->pattern)) {
        return;
    }
    while (rest.len) {
        ut_str text = ut_str_cut(&rest, ' ');
        uint32_t word = rules_word_find(table, text.ptr, text.len);
        const rules_term *part = &table->terms[word ? table->words[word].term : 0];
        float value = (float)part->weights[RULES_SENTIMENT] / RULES_WEIGHT_UNIT;
        value += value > 0 ? boost : value < 0 ? -boost : 0;
        sum += negated ? value * settings[RULES_SET_NEGATION_SENTIMENT] : value;
        boost = (float)part->booster / 100 * settings[RULES_SET_BOOSTER_STEP];
        negated = negated || part->classes >> RULES_CLASS_NEGATION & 1;
    }
    sum = fmaxf(-(float)RULES_WEIGHT_MAX, fminf((float)RULES_WEIGHT_MAX, sum));
    term->weights[RULES_SENTIMENT] = (int8_t)lroundf(sum * RULES_WEIGHT_UNIT);
    term->weighs = term->weighs || term->weights[RULES_SENTIMENT] != 0;
}

static bool take_room(rules_builder *builder, rules_table *table)
{
    size_t words = 2;
    for (size_t i = 0; i < builder->entry_count; i++) {
        ut_str pattern = builder->entries[i].pattern;
        words++;
        for (size_t at = 0; (at = ut_str_find_byte(pattern, ' ', at)) != UT_NPOS; at++) {
            words++;
        }
    }
    ut_arena *keep = builder->keep;
    uint32_t slots = power_of_two_over(words * 2);
    table->words = ut_new(keep, rules_word, words);
    table->terms = ut_new(keep, rules_term, builder->entry_count + 1);
    table->slots = ut_new(keep, rules_slot, slots);
    table->edges = ut_new(keep, rules_edge, slots);
    table->nodes = ut_new(keep, rules_node, words + 1);
    table->members = ut_new(keep, rules_member, builder->member_count + 1);
    table->categories = ut_new(keep, ut_str, builder->category_count + 1);
    table->slot_mask = slots - 1;
    table->edge_mask = slots - 1;
    table->word_count = 1;
    table->node_count = 1;
    return table->words && table->terms && table->slots && table->edges && table->nodes && table->members &&
           table->categories;
}

ut_status rules_builder_finish(rules_builder *builder, rules_table *ret, ut_str language, ut_err *err)
{
    rules_table table = {.numbers = builder->numbers};
    if (!take_room(builder, &table) || !add_entries(builder, &table)) {
        return out_of_memory(err);
    }
    for (uint32_t i = 1; i < table.word_count; i++) {
        inherit(&table, i);
    }
    for (size_t i = 0; i < builder->entry_count; i++) {
        keep_sentiment(&table, &builder->entries[i], &table.terms[i + 1]);
    }
    if (builder->member_count) {
        memcpy(table.members, builder->members, builder->member_count * sizeof *table.members);
    }
    if (builder->category_count) {
        memcpy(table.categories, builder->categories, builder->category_count * sizeof *table.categories);
    }
    UT_ASSERT(language.len < sizeof table.language);
    memcpy(table.language, language.ptr, language.len);
    table.member_count = (uint32_t)builder->member_count;
    table.category_count = (uint32_t)builder->category_count;
    table.term_count = (uint32_t)builder->entry_count + 1;
    *ret = table;
    return UT_OK;
}
