/* simulate/grammar.c — how texts are made: symbols with alternatives, choices in place, and words bound once.
 *
 * The word lists are src/simulate/words/NAME.txt, one alternative a line:
 *     ok                 a symbol: the line begins in the first column
 *       sure, {later}    its alternatives: indented; {} is the empty one
 *     [a/b/]             a choice in place, here with nothing as third
 *     {thing}            another symbol, drawn anew each time
 *     {?thing}           the same, in half of the cases
 *     {Thing}            bound: drawn once per conversation, so that an answer speaks of what was asked
 *
 * A symbol `thing` is first looked for as thing.<variant>: the language, the writer's style, the team's kind, the
 * organisation's industry. Every organisation and every person dislikes a share of the alternatives (a hash decides
 * which), so that phrases become habits and no two organisations read alike.
 *
 * Marks that only writers resolve: \x01<person>\x02 is a mention.
 */
#include "base/embed.h"
#include "simulate/simulate_int.h"

extern const ut_embedded ut_sim_words[];

#define DEPTH_MAX 12
#define ALTERNATIVES_MAX 400
#define SYMBOLS_MAX 4000
/* Thousandths of alternatives an organisation and a person avoid. */
#define ORG_DISLIKES 300
#define PERSON_DISLIKES 450

static const struct {
    const char *prefix;
    int feature;
} feature_symbols[] = {
    {"feel_joy", F_JOY}, {"feel_gratitude", F_GRATITUDE}, {"feel_enthusiasm", F_ENTHUSIASM},
    {"feel_confidence", F_CONFIDENCE}, {"feel_care", F_CARE}, {"feel_stress", F_STRESS},
    {"feel_anxiety", F_ANXIETY}, {"feel_frustration", F_FRUSTRATION}, {"feel_anger", F_ANGER},
    {"feel_sadness", F_SADNESS}, {"feel_exhaustion", F_EXHAUSTION}, {"thx", F_GRATITUDE}, {"cheer", F_JOY},
    {"comfort", F_CARE}, {"jab", F_ANGER}, {"praise", F_GRATITUDE},
};

static uint32_t features_of(ut_str name)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof feature_symbols / sizeof *feature_symbols; i++) {
        if (ut_str_starts(name, ut_str_of(feature_symbols[i].prefix))) {
            bits |= 1u << feature_symbols[i].feature;
        }
    }
    return bits;
}

/* The position of `stop` outside brackets and braces at or after `at`, or the end. */
static size_t find_outside(ut_str text, size_t at, char stop)
{
    int open = 0;
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == stop && open == 0) {
            break;
        }
        open += c == '[' || c == '{';
        open -= c == ']' || c == '}';
    }
    return at;
}

static void add_symbol(ut_sim *sim, ut_str name, const ut_str *alternatives, uint32_t count)
{
    ut_sim_grammar *g = &sim->grammar;
    uint64_t *slot = ut_map_put(&g->names, name);
    ut_str *kept = ut_new(&sim->keep, ut_str, count);
    if (!slot || !kept) {
        ut_sim__fail(sim, UT_NOMEM, "memory ended while reading the word lists");
        return;
    }
    UT_ASSERT(*slot == 0 && count > 0 && g->count < SYMBOLS_MAX); /* the lists are ours: a name stands once,
        not empty */
    memcpy(kept, alternatives, count * sizeof *kept);
    g->symbols[g->count++] = (ut_sim_symbol){.alternatives = kept, .count = count, .features = features_of(name)};
    *slot = g->count;
}

/* One list: a line that begins in the first column names a symbol, indented lines are its alternatives. */
static void read_list(ut_sim *sim, ut_str text)
{
    ut_str alternatives[ALTERNATIVES_MAX], line, name = {0};
    uint32_t count = 0;
    while (ut_str_line(&text, &line) && sim->failed == UT_OK) {
        ut_str trimmed = ut_str_trim(line);
        if (trimmed.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        if (line.ptr[0] == ' ') {
            UT_ASSERT(name.len && count < ALTERNATIVES_MAX);
            /* An alternative of no words at all is written {}. */
            alternatives[count++] = ut_str_eq(trimmed, UT_STR("{}")) ? (ut_str){0} : trimmed;
            continue;
        }
        if (name.len) {
            add_symbol(sim, name, alternatives, count);
        }
        name = trimmed;
        count = 0;
    }
    if (name.len && sim->failed == UT_OK) {
        add_symbol(sim, name, alternatives, count);
    }
}

ut_status ut_sim__grammar_open(ut_sim *sim)
{
    sim->grammar.names = ut_map_make(SYMBOLS_MAX);
    sim->grammar.symbols = ut_new(&sim->keep, ut_sim_symbol, SYMBOLS_MAX);
    if (!sim->grammar.symbols) {
        return UT_NOMEM;
    }
    for (const ut_embedded *list = ut_sim_words; list->name && sim->failed == UT_OK; list++) {
        read_list(sim, (ut_str){list->bytes, list->len});
    }
    return sim->failed;
}

void ut_sim__grammar_close(ut_sim *sim)
{
    ut_map_free(&sim->grammar.names);
}

static const ut_sim_symbol *lookup(const ut_sim *sim, ut_str name, const char *variant)
{
    char key[96];
    size_t len = name.len;
    if (len >= sizeof key - 32) {
        return NULL;
    }
    memcpy(key, name.ptr, len);
    if (variant) {
        size_t extra = strlen(variant);
        key[len++] = '.';
        memcpy(key + len, variant, extra);
        len += extra;
    }
    uint64_t *found = ut_map_get(&sim->grammar.names, (ut_str){key, len});
    return found ? &sim->grammar.symbols[*found - 1] : NULL;
}

static const char *const style_names[STYLE_COUNT] = {"terse", "chatty", "formal", "emoji", "dry", "learner", "warm"};

static const ut_sim_symbol *find_symbol(ut_sim_talk *talk, ut_str name)
{
    const ut_sim *sim = talk->sim;
    const ut_sim_symbol *found = talk->variant ? lookup(sim, name, talk->variant) : NULL;
    if (!found && !talk->variant && talk->me >= 0) {
        found = lookup(sim, name, style_names[sim->people[talk->me].voice.style]);
        /* Nobody speaks in their own manner all the time. */
        if (found && ut_sim__chance(talk->rng, 350) && lookup(sim, name, NULL)) {
            found = NULL;
        }
    }
    if (!found) {
        found = lookup(sim, name, ut_sim_kind_names[talk->kind]);
    }
    if (!found) {
        found = lookup(sim, name, sim->industry.ptr);
    }
    return found ? found : lookup(sim, name, NULL);
}

bool ut_sim__has(const ut_sim *sim, const char *name)
{
    return lookup(sim, ut_str_of(name), NULL) != NULL;
}

static ut_str choose(ut_sim_talk *talk, const ut_sim_symbol *symbol)
{
    uint64_t taste = talk->me >= 0 ? talk->sim->people[talk->me].voice.taste : 0;
    uint32_t i = 0;
    for (int tries = 0; tries < 4; tries++) {
        i = (uint32_t)ut_rng_below(talk->rng, symbol->count);
        uint64_t where = (uint64_t)(symbol - talk->sim->grammar.symbols) * 1000 + i;
        bool org = ut_hash_mix(talk->sim->options.seed ^ 0x5DEECE66Du, where + 77) % 1000 >= ORG_DISLIKES;
        bool person = ut_hash_mix(taste ^ 0x2545F4914F6CDD1Du, where + 99) % 1000 >= PERSON_DISLIKES;
        if (org && person) {
            break;
        }
    }
    return symbol->alternatives[i];
}

ut_str ut_sim__pick(ut_sim_talk *talk, ut_str name)
{
    const ut_sim_symbol *symbol = find_symbol(talk, name);
    return symbol ? choose(talk, symbol) : (ut_str){0};
}

bool ut_sim__expand_symbol(ut_sim_talk *talk, ut_buf *to, ut_str name, int depth)
{
    const ut_sim_symbol *symbol = find_symbol(talk, name);
    if (!symbol) {
        return false;
    }
    talk->features |= symbol->features;
    ut_sim__expand(talk, to, choose(talk, symbol), depth + 1);
    return true;
}

void ut_sim__bind(ut_sim_talk *talk, const char *name, ut_str value)
{
    if (talk->slot_count < SIM_SLOTS) {
        talk->slots[talk->slot_count++] = (ut_sim_slot){ut_str_of(name), ut_arena_copy(&talk->sim->scratch, value)};
    }
}

/* A bound word: the first use draws it, later uses in the same conversation repeat it. */
static void expand_bound(ut_sim_talk *talk, ut_buf *to, ut_str name, int depth)
{
    for (int i = 0; i < talk->slot_count; i++) {
        if (ut_str_eq(talk->slots[i].name, name)) {
            ut_buf_put(to, talk->slots[i].value);
            return;
        }
    }
    size_t from = to->len;
    if (!ut_sim__builtin(talk, to, name)) {
        char lower[64];
        UT_ASSERT(name.len < sizeof lower);
        for (size_t i = 0; i < name.len; i++) {
            lower[i] = ut_lower(name.ptr[i]);
        }
        bool known = ut_sim__expand_symbol(talk, to, (ut_str){lower, name.len}, depth);
        UT_ASSERT(known); /* every {Symbol} of the word lists exists; a test expands all of them */
    }
    if (talk->slot_count < SIM_SLOTS && to->failed == UT_OK) {
        ut_str value = ut_arena_copy(&talk->sim->scratch, (ut_str){to->ptr + from, to->len - from});
        talk->slots[talk->slot_count++] = (ut_sim_slot){name, value};
    }
}

static void expand_name(ut_sim_talk *talk, ut_buf *to, ut_str name, int depth)
{
    if (name.len && name.ptr[0] == '?') {
        if (ut_sim__chance(talk->rng, 500)) {
            return;
        }
        name = ut_str_slice(name, 1, name.len);
    }
    if (name.len && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z') {
        expand_bound(talk, to, name, depth);
    } else if (!ut_sim__builtin(talk, to, name)) {
        bool known = ut_sim__expand_symbol(talk, to, name, depth);
        UT_ASSERT(known);
    }
}

static void expand_choice(ut_sim_talk *talk, ut_buf *to, ut_str inner, int depth)
{
    uint32_t count = 0;
    for (size_t at = 0; at <= inner.len; at = find_outside(inner, at, '/') + 1) {
        count++;
    }
    uint32_t wanted = (uint32_t)ut_rng_below(talk->rng, count);
    size_t at = 0;
    for (uint32_t i = 0; i < wanted; i++) {
        at = find_outside(inner, at, '/') + 1;
    }
    ut_sim__expand(talk, to, ut_str_slice(inner, at, find_outside(inner, at, '/')), depth + 1);
}

void ut_sim__expand(ut_sim_talk *talk, ut_buf *to, ut_str text, int depth)
{
    UT_ASSERT(depth < DEPTH_MAX); /* the word lists are ours and do not recurse; a test walks them */
    size_t at = 0;
    while (at < text.len) {
        char c = text.ptr[at];
        if (c != '{' && c != '[') {
            ut_buf_byte(to, c);
            at++;
            continue;
        }
        size_t end = find_outside(text, at + 1, c == '{' ? '}' : ']');
        UT_ASSERT(end < text.len);
        ut_str inner = ut_str_slice(text, at + 1, end);
        if (c == '{') {
            expand_name(talk, to, inner, depth);
        } else {
            expand_choice(talk, to, inner, depth);
        }
        at = end + 1;
    }
}
