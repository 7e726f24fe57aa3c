/* model/rules/score.c — from tokens to scores.
 *
 * One walk over the tokens finds hits: the longest phrase at each place, else the word. A hit's strength depends on
 * what stands before it (negation, boosters), on how it is written (capitals, drawn out), on whether it was seen
 * before in this text, and on a contrast ("but") in its sentence. Then: logit(feature) = bias + diluted sum of hits
 * + signals. Sentiment follows Hutto and Gilbert's VADER (2014) in its constants; what differs: the negation window
 * ends at a clause, contrast acts per sentence, phrases replace their words, and emoji are terms like others.
 */
#include "model/rules/rules_int.h"

#include <math.h>

/* Boosters two and three words before a hit count a little less, as in VADER. */
static const float booster_decay[3] = {1, 0.95f, 0.9f};

typedef struct walker {
    rules_session *s;
    const rules_table *t;
    size_t token_count;
    uint32_t negated_for;   /* words that are still under a negation */
    float boosters[3];      /* of the last three words, the nearest first */
    size_t sentence_begin;  /* first hit of this sentence */
    size_t contrast;        /* first hit behind this sentence's last contrast */
    bool has_contrast;
    bool mixed_case;        /* capitals mean something: not all of the text is in them */
} walker;

static float setting(const walker *w, rules_setting which)
{
    return w->t->numbers.settings[which];
}

static uint32_t follow(const walker *w, uint32_t node, size_t at, unsigned gaps, size_t *ret_end);

/* The longest phrase that goes on with the word at token `at` over the edge for `word`. */
static uint32_t follow_edge(const walker *w, uint32_t node, uint32_t word, size_t at, unsigned gaps, size_t *ret_end)
{
    uint32_t next = word ? rules_edge_find(w->t, node, word) : 0;
    return next ? follow(w, next, at + 1, gaps, ret_end) : 0;
}

/* Depth is at most the words of the longest phrase, since every step goes down the trie. */
static uint32_t follow(const walker *w, uint32_t node, size_t at, unsigned gaps, size_t *ret_end)
{
    const rules_node *here = &w->t->nodes[node];
    bool open = at < w->token_count && !(w->s->tokens[at - 1].flags & RULES_TOKEN_CLAUSE) &&
                w->s->tokens[at].kind == RULES_TOKEN_WORD;
    if (open) {
        uint32_t term = follow_edge(w, node, w->s->tokens[at].word, at, gaps, ret_end);
        if (!term && here->gap && gaps < 2) {
            term = follow_edge(w, node, w->t->gap_word, at, gaps + 1, ret_end);
        }
        if (term) {
            return term;
        }
    }
    *ret_end = at;
    return here->term;
}

/* Is there a context word within the window, in the same sentence? */
static bool near_context(const walker *w, size_t at)
{
    size_t window = (size_t)setting(w, RULES_SET_CONTEXT_WINDOW);
    const rules_token *tokens = w->s->tokens;
    for (size_t i = at + 1; i < w->token_count && i <= at + window && !(tokens[i - 1].flags & RULES_TOKEN_STOP); i++) {
        if (w->t->terms[tokens[i].term].flags & RULES_FLAG_CONTEXT) {
            return true;
        }
    }
    for (size_t i = at; i > 0 && i + window > at && !(tokens[i - 1].flags & RULES_TOKEN_STOP); i--) {
        if (w->t->terms[tokens[i - 1].term].flags & RULES_FLAG_CONTEXT) {
            return true;
        }
    }
    return false;
}

static uint32_t times_seen(rules_session *s, uint32_t term)
{
    uint32_t *seen = &s->seen[term];
    if (*seen >> 8 != s->epoch) {
        *seen = s->epoch << 8;
    }
    uint32_t times = *seen & 0xFF;
    *seen += times < 0xFF;
    return times;
}

static float booster_sum(const walker *w)
{
    float sum = 0;
    for (int i = 0; i < 3; i++) {
        sum += w->boosters[i] * booster_decay[i];
    }
    return sum;
}

static float sentiment_of(const walker *w, const rules_term *term, float boost, bool shouted, bool negated)
{
    float value = (float)term->weights[RULES_SENTIMENT] / RULES_WEIGHT_UNIT;
    if (value == 0) {
        return 0;
    }
    float sign = value > 0 ? 1 : -1;
    value += shouted ? sign * setting(w, RULES_SET_CAPITALS_STEP) : 0;
    value += sign * boost * setting(w, RULES_SET_BOOSTER_STEP);
    return negated ? value * setting(w, RULES_SET_NEGATION_SENTIMENT) : value;
}

static void add_hit(walker *w, size_t from, size_t to, uint32_t number)
{
    rules_session *s = w->s;
    const rules_token *first = &s->tokens[from];
    const rules_term *term = &w->t->terms[number];
    bool word = first->kind == RULES_TOKEN_WORD;
    if ((term->flags & RULES_FLAG_MUTE) && near_context(w, from)) {
        return;
    }
    bool shouted = w->mixed_case && (first->flags & RULES_TOKEN_CAPITALS);
    float boost = word ? booster_sum(w) : 0;
    float factor = 1 + boost * setting(w, RULES_SET_BOOSTER_FEATURE);
    factor = factor < 0.25f ? 0.25f : factor;
    factor *= shouted ? setting(w, RULES_SET_CAPITALS_FEATURE) : 1;
    float repeat = 1;
    uint32_t times = times_seen(s, number);
    for (uint32_t i = 0; i < times && repeat > 0.001f; i++) {
        repeat *= setting(w, RULES_SET_REPEAT);
    }
    rules_hit *hit = &s->hits[s->hit_count++];
    *hit = (rules_hit){.from = first->from, .to = s->tokens[to - 1].to, .term = number, .factor = factor * repeat};
    hit->negated = word && w->negated_for > 0;
    hit->emoji = !word;
    hit->sentiment = sentiment_of(w, term, boost, shouted, hit->negated);
    if (!word || (first->flags & RULES_TOKEN_LONG)) {
        hit->sentiment *= repeat;
    }
}

/* Hits before a sentence's last contrast weigh less, those behind it more; features feel it half as much. */
static void end_sentence(walker *w)
{
    rules_session *s = w->s;
    float before = setting(w, RULES_SET_CONTRAST_BEFORE);
    float after = setting(w, RULES_SET_CONTRAST_AFTER);
    bool turns = w->has_contrast && w->contrast < s->hit_count && w->contrast > w->sentence_begin;
    for (size_t i = w->sentence_begin; turns && i < s->hit_count; i++) {
        float scale = i < w->contrast ? before : after;
        s->hits[i].sentiment *= scale;
        s->hits[i].factor *= 1 + (scale - 1) * 0.5f;
    }
    w->sentence_begin = s->hit_count;
    w->has_contrast = false;
}

static void step_word(walker *w, const rules_term *term)
{
    w->boosters[2] = w->boosters[1];
    w->boosters[1] = w->boosters[0];
    w->boosters[0] = (float)term->booster / 100;
    w->negated_for -= w->negated_for > 0;
    if (term->classes & 1u << RULES_CLASS_CONTRAST) {
        w->has_contrast = true;
        w->contrast = w->s->hit_count;
        w->negated_for = 0;
    }
    if (term->classes & 1u << RULES_CLASS_NEGATION) {
        w->negated_for = (uint32_t)setting(w, RULES_SET_NEGATION_WINDOW);
    }
}

static void count_custom(walker *w, uint32_t number)
{
    for (uint16_t m = w->t->terms[number].custom; m; m = w->t->members[m - 1].next) {
        w->s->custom[w->t->members[m - 1].category]++;
    }
}

/* Takes the phrase or word at token `at`; returns the token behind it. */
static size_t take(walker *w, size_t at, bool details)
{
    const rules_token *token = &w->s->tokens[at];
    uint32_t number = token->term;
    size_t end = at + 1;
    uint32_t node = token->word ? w->t->words[token->word].node : 0;
    if (node) {
        size_t phrase_end = end;
        uint32_t phrase = follow(w, node, at + 1, 0, &phrase_end);
        if (phrase) {
            number = phrase;
            end = phrase_end;
        }
    }
    const rules_term *term = &w->t->terms[number];
    if (details) {
        for (size_t i = at; i < end; i++) {
            count_custom(w, w->s->tokens[i].term);
        }
        if (end > at + 1) {
            count_custom(w, number);
        }
    }
    if (term->weighs) {
        add_hit(w, at, end, number);
    }
    if (token->kind == RULES_TOKEN_WORD) {
        step_word(w, term);
    }
    if (end > at + 1) {
        for (uint32_t c = term->classes; c; c &= c - 1) {
            w->s->counts.classes[__builtin_ctz(c)]++;
        }
    }
    return end;
}

static void find_hits(rules_session *s, size_t token_count, bool details)
{
    walker w = {.s = s, .t = s->table, .token_count = token_count};
    w.mixed_case = s->counts.small > 0 && s->counts.capitals > 0;
    size_t at = 0;
    while (at < token_count) {
        at = take(&w, at, details);
        uint8_t flags = s->tokens[at - 1].flags;
        if (flags & RULES_TOKEN_CLAUSE) {
            w.negated_for = 0;
            memset(w.boosters, 0, sizeof w.boosters);
        }
        if (flags & RULES_TOKEN_STOP) {
            end_sentence(&w);
        }
    }
    end_sentence(&w);
}

/* Sums ------------------------------------------------------------------------------------------------------------ */

float rules_hit_share(const rules_table *table, const rules_hit *hit, int lane)
{
    const rules_term *term = &table->terms[hit->term];
    float sum = 0;
    if (!hit->negated || lane >= UT_FEATURES) {
        return (float)term->weights[lane] * hit->factor / RULES_WEIGHT_UNIT;
    }
    for (int from = 0; from < UT_FEATURES; from++) {
        int weight = term->weights[from];
        sum += weight > 0 ? (float)weight * table->numbers.negation[from][lane] : 0;
    }
    return sum * hit->factor / RULES_WEIGHT_UNIT;
}

static void add_up(rules_session *s)
{
    memset(s->sums, 0, sizeof s->sums);
    memset(s->emoji, 0, sizeof s->emoji);
    s->positive = s->negative = 0;
    for (size_t i = 0; i < s->hit_count; i++) {
        const rules_hit *hit = &s->hits[i];
        const rules_term *term = &s->table->terms[hit->term];
        if (hit->negated) {
            for (int f = 0; f < RULES_DIMS; f++) {
                s->sums[f] += rules_hit_share(s->table, hit, f);
            }
        } else {
            float scale = hit->factor / RULES_WEIGHT_UNIT;
            for (int lane = 0; lane < RULES_LANES; lane++) {
                s->sums[lane] += (float)term->weights[lane] * scale;
            }
        }
        for (int lane = 0; hit->emoji && lane < RULES_LANES; lane++) {
            s->emoji[lane] += (float)term->weights[lane] * hit->factor / RULES_WEIGHT_UNIT;
        }
        s->positive += hit->sentiment > 0 ? hit->sentiment : 0;
        s->negative -= hit->sentiment < 0 ? hit->sentiment : 0;
    }
}

/* Any real number into -1..1, as VADER does. */
static float squash(float value, float alpha)
{
    return value / sqrtf(value * value + alpha);
}

static float score_sentiment(const rules_session *s)
{
    const float *settings = s->table->numbers.settings;
    float sum = s->positive - s->negative;
    float marks = (float)(s->counts.exclamations < 4 ? s->counts.exclamations
            : 4) * settings[RULES_SET_EXCLAMATION_STEP];
    uint32_t questions = s->counts.question_marks;
    marks += questions > 3 ? 0.96f : questions > 1 ? (float)questions * 0.18f : 0;
    sum += sum > 0 ? marks : sum < 0 ? -marks : 0;
    return squash(sum, settings[RULES_SET_SENTIMENT_ALPHA]);
}

static void find_signals(rules_session *s)
{
    const rules_counts *c = &s->counts;
    float words = c->words ? (float)c->words : 1;
    for (int i = 0; i < RULES_CLASSES; i++) {
        s->signals[i] = (float)c->classes[i] / words;
    }
    s->signals[RULES_SIGNAL_QUESTION] = c->sentences ? (float)c->questions / (float)c->sentences : 0;
    s->signals[RULES_SIGNAL_EXCLAMATION] = (float)(c->exclamations < 4 ? c->exclamations : 4) / 4;
    s->signals[RULES_SIGNAL_CAPITALS] = (float)c->capitals / words;
    s->signals[RULES_SIGNAL_LENGTH] = fminf(log2f(1 + words) / 10, 1);
    s->signals[RULES_SIGNAL_POSITIVE] = squash(s->positive, 15);
    s->signals[RULES_SIGNAL_NEGATIVE] = squash(s->negative, 15);
}

static void score_features(rules_session *s, float *features)
{
    const rules_numbers *n = &s->table->numbers;
    float limit = n->settings[RULES_SET_LENGTH_WORDS];
    float words = (float)(s->counts.words + s->counts.emoji);
    float shrink = words > limit ? logf(limit / words) : 0;
    float logits[UT_FEATURES];
    for (int f = 0; f < UT_FEATURES; f++) {
        s->dilution[f] = shrink < 0 ? expf(shrink * n->length_power[f]) : 1;
        logits[f] = n->bias[f] + s->sums[f] * s->dilution[f];
    }
    for (int i = 0; i < RULES_SIGNALS; i++) {
        for (int f = 0; s->signals[i] > 0 && f < UT_FEATURES; f++) {
            logits[f] += s->signals[i] * n->signals[i][f];
        }
    }
    for (int f = 0; f < UT_FEATURES; f++) {
        features[f] = 1 / (1 + expf(-logits[f]));
    }
}

static float score_dimension(const rules_session *s, const ut_scores *scores, int which)
{
    const float *row = s->table->numbers.dimensions[which];
    float sum = row[UT_FEATURES + 1 + RULES_SIGNALS] + row[UT_FEATURES] * scores->sentiment;
    for (int f = 0; f < UT_FEATURES; f++) {
        sum += row[f] * scores->features[f];
    }
    for (int i = 0; i < RULES_SIGNALS; i++) {
        sum += row[UT_FEATURES + 1 + i] * s->signals[i];
    }
    if (which > 0) {
        sum += squash(s->sums[which == 1 ? RULES_AROUSAL : RULES_DOMINANCE], 15);
    }
    return fmaxf(-1, fminf(1, sum));
}

/* The chance that every feature is on its right side of 0.5, from how open the most open one and all of them are: a
 * logistic regression on GoEmotions' training part, where 0.3 means right in 3 of 10 and 0.8 in 8 (docs/rules.md). */
static float score_certainty(const ut_scores *scores)
{
    float most = 0;
    float mean = 0;
    for (int f = 0; f < UT_FEATURES; f++) {
        float p = scores->features[f];
        float open = 4 * p * (1 - p);
        most = fmaxf(most, open);
        mean += open / UT_FEATURES;
    }
    return 1 / (1 + expf(2.42f * most + 5.08f * mean - 3.58f));
}

void rules_score_text(rules_session *s, ut_scores *ret, ut_str text, bool details)
{
    ut_scores scores = {0};
    size_t token_count = rules_scan(s->table, s->tokens, &s->counts, text, details);
    s->hit_count = 0;
    s->epoch++;
    if (s->epoch >> 24) {
        memset(s->seen, 0, s->table->term_count * sizeof *s->seen);
        s->epoch = 1;
    }
    if (details && s->table->category_count) {
        memset(s->custom, 0, s->table->category_count * sizeof *s->custom);
    }
    find_hits(s, token_count, details);
    add_up(s);
    find_signals(s);
    if (token_count) {
        scores.sentiment = score_sentiment(s);
        score_features(s, scores.features);
        scores.valence = score_dimension(s, &scores, 0);
        scores.arousal = score_dimension(s, &scores, 1);
        scores.dominance = score_dimension(s, &scores, 2);
        scores.certainty = score_certainty(&scores);
    }
    *ret = scores;
}
