/* model/rules/write.c — what a session found besides the scores, as JSON: linguistic counts, emoji, custom
 * categories, and the spans that explain the scores. Byte offsets and names only; never a piece of the text. */
#include "model/number.h"
#include "model/rules/rules_int.h"

#include <math.h>

/* More spans than this explain nothing any more; the strongest are kept. */
#define WHY_MAX 32
/* Shares weaker than this (in logits, or points of sentiment) are left out. */
#define WHY_SHARE_MIN 0.1f

/* A member of the object that is open; left out when it would read 0 and `sparse` asks for that. */
static void put_number(ut_buf *out, bool sparse, const char *name, double value)
{
    if (sparse && fabs(value) < 0.0005) {
        return;
    }
    size_t len = strlen(name);
    bool first = out->len && out->ptr[out->len - 1] == '{';
    char *to = ut_buf_reserve(out, len + 4);
    if (!to) {
        return;
    }
    char *begin = to;
    *to = ',';
    to += !first;
    *to++ = '"';
    memcpy(to, name, len);
    to += len;
    *to++ = '"';
    *to++ = ':';
    out->len += (size_t)(to - begin);
    ut_put_milli(out, value);
}

static double share(uint32_t part, uint32_t whole)
{
    return whole ? (double)part / whole : 0;
}

/* Flesch's reading ease: 206.835 - 1.015 words/sentence - 84.6 syllables/word; 60..70 is plain English. */
static double reading_ease(const rules_counts *c)
{
    if (!c->words) {
        return NAN;
    }
    double sentences = c->sentences ? c->sentences : 1;
    return 206.835 - 1.015 * c->words / sentences - 84.6 * c->syllables / c->words;
}

/* By rules_class. */
static const char *const share_names[RULES_CLASSES] = {
    "i_share",        "we_share",     "you_share",   "they_share",    "absolutist_share", "hedge_share",
    "negation_share", "polite_share", "past_share",  "present_share", "future_share",     "modal_share",
    "question_word_share", "contrast_share",
};

static void put_linguistic(const rules_session *s, ut_buf *out, bool sparse)
{
    const rules_counts *c = &s->counts;
    ut_buf_byte(out, '{');
    put_number(out, sparse, "words", c->words);
    put_number(out, sparse, "sentences", c->sentences);
    put_number(out, sparse, "word_length", share(c->letters, c->words));
    put_number(out, sparse, "sentence_length", share(c->words, c->sentences));
    put_number(out, sparse, "long_word_share", share(c->long_words, c->words));
    put_number(out, sparse, "reading_ease", reading_ease(c));
    put_number(out, sparse, "questions", c->questions);
    put_number(out, sparse, "exclamations", c->exclamations);
    put_number(out, sparse, "capitals_share", share(c->capitals, c->words));
    for (int i = 0; i < RULES_CLASSES; i++) {
        put_number(out, sparse, share_names[i], share(c->classes[i], c->words));
    }
    ut_buf_byte(out, '}');
}

static void put_emoji(const rules_session *s, ut_buf *out, bool sparse)
{
    ut_buf_byte(out, '{');
    put_number(out, sparse, "count", s->counts.emoji);
    put_number(out, sparse, "shortcodes", s->counts.shortcodes);
    put_number(out, sparse, "emoticons", s->counts.emoticons);
    ut_buf_puts(out, out->ptr && out->ptr[out->len - 1] == '{' ? "\"features\":{" : ",\"features\":{");
    for (int f = 0; f < UT_FEATURES; f++) {
        if (s->emoji[f] > 0) {
            put_number(out, sparse, ut_feature_name((ut_feature)f), 1 - exp(-s->emoji[f]));
        }
    }
    ut_buf_puts(out, "}}");
}

static void put_custom(const rules_session *s, ut_buf *out, bool sparse)
{
    (void)sparse;
    bool first = true;
    for (uint32_t i = 0; i < s->table->category_count; i++) {
        if (s->custom[i]) {
            ut_buf_byte(out, first ? '{' : ',');
            ut_buf_json_str(out, s->table->categories[i]);
            ut_buf_byte(out, ':');
            ut_buf_i64(out, s->custom[i]);
            first = false;
        }
    }
    ut_buf_puts(out, first ? "{}" : "}");
}

typedef struct reason {
    const rules_hit *hit;
    int lane;
    float weight;
} reason;

/* Keeps the strongest WHY_MAX, in the order of the text. */
static void add_reason(reason *list, size_t *count, reason add)
{
    if (fabsf(add.weight) < WHY_SHARE_MIN) {
        return;
    }
    if (*count < WHY_MAX) {
        list[(*count)++] = add;
        return;
    }
    size_t weakest = 0;
    for (size_t i = 1; i < WHY_MAX; i++) {
        if (fabsf(list[i].weight) <= fabsf(list[weakest].weight)) {
            weakest = i;
        }
    }
    if (fabsf(add.weight) > fabsf(list[weakest].weight)) {
        memmove(list + weakest, list + weakest + 1, (WHY_MAX - 1 - weakest) * sizeof *list);
        list[WHY_MAX - 1] = add;
    }
}

static void put_reason(ut_buf *out, const reason *r)
{
    ut_buf_puts(out, "{\"feature\":\"");
    ut_buf_puts(out, r->lane == RULES_SENTIMENT ? "sentiment" : ut_feature_name((ut_feature)r->lane));
    ut_buf_puts(out, "\",\"span\":[");
    ut_buf_i64(out, r->hit->from);
    ut_buf_byte(out, ',');
    ut_buf_i64(out, r->hit->to);
    ut_buf_puts(out, "],\"weight\":");
    ut_put_milli(out, r->weight);
    ut_buf_byte(out, '}');
}

static void put_why(const rules_session *s, ut_buf *out, bool sparse)
{
    (void)sparse;
    reason list[WHY_MAX];
    size_t count = 0;
    for (size_t i = 0; i < s->hit_count; i++) {
        const rules_hit *hit = &s->hits[i];
        for (int f = 0; f < UT_FEATURES; f++) {
            float weight = rules_hit_share(s->table, hit, f) * s->dilution[f];
            add_reason(list, &count, (reason){hit, f, weight});
        }
        add_reason(list, &count, (reason){hit, RULES_SENTIMENT, hit->sentiment});
    }
    ut_buf_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i) {
            ut_buf_byte(out, ',');
        }
        put_reason(out, &list[i]);
    }
    ut_buf_byte(out, ']');
}

void rules_write_details(const ut_session *base, ut_buf *out, uint32_t fields, bool *first)
{
    static const struct {
        uint32_t field;
        const char *name;
        void (*put)(const rules_session *s, ut_buf *out, bool sparse);
    } parts[] = {
        {UT_FIELD_LINGUISTIC, "\"linguistic\":", put_linguistic},
        {UT_FIELD_EMOJI, "\"emoji\":", put_emoji},
        {UT_FIELD_CUSTOM, "\"custom\":", put_custom},
        {UT_FIELD_WHY, "\"why\":", put_why},
    };
    const rules_session *s = (const rules_session *)base;
    bool sparse = fields & UT_FIELDS_SPARSE;
    bool has_emoji = s->counts.emoji + s->counts.emoticons > 0;
    const bool present[] = {true, has_emoji, s->table->category_count > 0, s->hit_count > 0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if ((fields & parts[i].field) && (present[i] || !sparse)) {
            if (!*first) {
                ut_buf_byte(out, ',');
            }
            *first = false;
            ut_buf_puts(out, parts[i].name);
            parts[i].put(s, out, sparse);
        }
    }
}
