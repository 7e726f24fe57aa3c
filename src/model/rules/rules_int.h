/* model/rules/rules_int.h — insides of the rules engine: how packs look once compiled, and one text while it is scored.
 *
 *   packs (JSON) --pack.c--> rules_builder --build.c--> rules_table, one per language --score.c--> ut_scores
 *
 * A table is read-only once built and shared by all sessions of a model. Words, emoji base forms, emoticons and
 * :shortcodes: live in one open-addressing table: `slots` holds (32 bits of hash, word number), so that a word we do
 * not know costs one cache line. A word may carry a term (weights), and may begin phrases: a trie over word numbers
 * whose edges stand in a second such table, keyed by (node, word).
 *
 *   rules_table   words[] ── term ──> terms[]      weights, classes, flags
 *                   └─ node ──> edges: (node, word) → node ── term ──> terms[]
 */
#ifndef UT_MODEL_RULES_RULES_INT_H
#define UT_MODEL_RULES_RULES_INT_H

#include "base/base.h"
#include "model/model.h"

/* One vector per term: the eleven features, then sentiment, arousal, dominance. */
enum { RULES_SENTIMENT = UT_FEATURES, RULES_AROUSAL, RULES_DOMINANCE, RULES_DIMS, RULES_LANES = 16 };

/* Weights are kept as int8 in steps of 1/24, so that -5.29..5.29 fits: packs allow -5..5. */
#define RULES_WEIGHT_UNIT 24
#define RULES_WEIGHT_MAX 5.0

/* What a word is besides its weights; names in pack_names.c, same order. */
typedef enum rules_class {
    RULES_CLASS_I,
    RULES_CLASS_WE,
    RULES_CLASS_YOU,
    RULES_CLASS_THEY,
    RULES_CLASS_ABSOLUTIST,
    RULES_CLASS_HEDGE,
    RULES_CLASS_NEGATION,
    RULES_CLASS_POLITE,
    RULES_CLASS_PAST,
    RULES_CLASS_PRESENT,
    RULES_CLASS_FUTURE,
    RULES_CLASS_MODAL,
    RULES_CLASS_QUESTION,
    RULES_CLASS_CONTRAST,
    RULES_CLASSES
} rules_class;

enum {
    RULES_FLAG_NEUTRAL = 1, /* matched only to keep its words from counting */
    RULES_FLAG_MUTE = 2,    /* counts nothing near a context word */
    RULES_FLAG_CONTEXT = 4, /* a context word */
};

typedef struct rules_term {
    int8_t weights[RULES_LANES]; /* in 1/RULES_WEIGHT_UNIT */
    uint16_t classes;            /* bits by rules_class */
    uint16_t custom;             /* 1 + number of its first rules_member; 0 = in no category */
    int8_t booster;              /* in 1/100 of a booster step: 100 strengthens like "very", -100 weakens; 0 = none */
    uint8_t flags;
    bool weighs; /* at least one weight is not zero */
} rules_term;

typedef struct rules_word {
    const char *text; /* lower case, in the table's arena */
    uint32_t len;
    uint32_t term; /* 0 = only part of phrases */
    uint32_t node; /* 0 = begins no phrase */
} rules_word;

typedef struct rules_slot {
    uint32_t tag; /* high half of the hash */
    uint32_t word;
} rules_slot;

typedef struct rules_edge {
    uint64_t key; /* node << 32 | word; 0 = free */
    uint32_t node;
    uint32_t reserved;
} rules_edge;

typedef struct rules_node {
    uint32_t term; /* 0 = no phrase ends here */
    bool gap;      /* has an edge for "_", any one word */
} rules_node;

/* One link of a term's list of custom categories. */
typedef struct rules_member {
    uint16_t category;
    uint16_t next; /* 1 + number of the next link; 0 = the last */
} rules_member;

/* What counts of classes and signs say about features: value 0..1 times weight is added to the feature's logit. */
typedef enum rules_signal_kind {
    RULES_SIGNAL_CLASS_FIRST, /* share of words of class 0; + RULES_CLASSES - 1 more, in class order */
    RULES_SIGNAL_QUESTION = RULES_CLASSES,
    RULES_SIGNAL_EXCLAMATION,
    RULES_SIGNAL_CAPITALS,
    RULES_SIGNAL_LENGTH,
    RULES_SIGNAL_POSITIVE,
    RULES_SIGNAL_NEGATIVE,
    RULES_SIGNALS
} rules_signal_kind;

typedef enum rules_setting {
    RULES_SET_NEGATION_WINDOW,
    RULES_SET_NEGATION_SENTIMENT,
    RULES_SET_BOOSTER_STEP,
    RULES_SET_BOOSTER_FEATURE,
    RULES_SET_CAPITALS_STEP,
    RULES_SET_CAPITALS_FEATURE,
    RULES_SET_EXCLAMATION_STEP,
    RULES_SET_CONTRAST_BEFORE,
    RULES_SET_CONTRAST_AFTER,
    RULES_SET_REPEAT,
    RULES_SET_LENGTH_WORDS,
    RULES_SET_SENTIMENT_ALPHA,
    RULES_SET_CONTEXT_WINDOW,
    RULES_SETTINGS
} rules_setting;

/* Rows of `dimensions`: valence, arousal, dominance. */
enum { RULES_DIMENSIONS = 3 };

/* The numbers of all packs together, later ones over earlier ones. */
typedef struct rules_numbers {
    float settings[RULES_SETTINGS];
    float bias[UT_FEATURES];
    float length_power[UT_FEATURES];           /* how much a long text dilutes evidence: 0 not at all, 1 fully */
    float negation[UT_FEATURES][UT_FEATURES];  /* weight on row under negation goes to column, times this */
    float signals[RULES_SIGNALS][UT_FEATURES];
    float dimensions[RULES_DIMENSIONS][UT_FEATURES + 1 + RULES_SIGNALS + 1]; /* features, sentiment, signals, bias */
} rules_numbers;

typedef struct rules_table {
    char language[12];
    rules_numbers numbers;
    rules_word *words; /* [0] is unused, so that 0 means none */
    rules_term *terms; /* [0] is all zero */
    rules_slot *slots;
    rules_edge *edges;
    rules_node *nodes;
    rules_member *members;
    ut_str *categories;
    uint32_t word_count, term_count, node_count, edge_count;
    uint32_t slot_mask, edge_mask;
    uint32_t member_count, category_count;
    uint32_t gap_word;          /* the word number that stands for "_" in edges */
    uint64_t prefix_starts[64]; /* bit per hash of the first three bytes of a prefix: most unknown words stop here */
    uint8_t suffix_ends[256];   /* bit n = a suffix of n + 1 bytes ends in this byte */
    uint8_t sign_starts[256];   /* 1 where an emoticon may begin */
} rules_table;

/* All languages of one opened model. Reference counted, because a reload leaves sessions with the old one. */
typedef struct rules_set {
    ut_arena arena;
    rules_table *tables;
    size_t table_count;
    char version[64];
    uint64_t digest;
    uint32_t references; /* guarded by rules_model.lock */
} rules_set;

/* files.c: which packs there are ------------------------------------------------------------------------------- */

typedef struct rules_file {
    ut_str name;    /* "en-core.json" or "lexicons/vader.tsv", shown in errors */
    ut_str content; /* the whole file */
    bool builtin;
    bool is_pack; /* else a lexicon that packs may name */
} rules_file;

typedef struct rules_files {
    rules_file *items; /* in the order they are applied */
    size_t count;
    uint64_t digest;
} rules_files;

/* The built-in files and those of `path` (NULL: none), all in `keep`. */
UT_MUST_CHECK ut_status rules_files_read(ut_arena *keep, rules_files *ret, const char *path, ut_err *err);
/* A number that moves when a file in `path` is changed, comes or goes. 0 when path is NULL. */
UT_MUST_CHECK ut_status rules_files_stamp(uint64_t *ret, const char *path, ut_err *err);

/* build.c: patterns and numbers of packs, until they are compiled ------------------------------------------------ */

typedef struct rules_entry {
    ut_str pattern; /* canonical: lower case, words divided by one space */
    float weights[RULES_LANES];
    uint16_t set; /* bit per lane that a pack gave a weight, 0 too */
    uint16_t classes;
    uint8_t flags;
    float booster;
    uint16_t custom; /* 1 + number of its first member */
    uint32_t alias;  /* 1 + number of the entry whose weights it shares; 0 = its own */
} rules_entry;

typedef struct rules_builder {
    ut_arena *keep; /* what the finished table needs */
    ut_map patterns; /* canonical pattern → entry number */
    rules_entry *entries;
    size_t entry_count, entry_room;
    rules_numbers numbers;
    rules_member *members;
    size_t member_count;
    ut_str *categories;
    size_t category_count;
} rules_builder;

#define RULES_CATEGORIES_MAX 1000
#define RULES_MEMBERS_MAX 65000

UT_MUST_CHECK ut_status rules_builder_open(rules_builder *ret, ut_arena *keep, ut_err *err);
void rules_builder_close(rules_builder *builder);
/* The entry of a pattern, new or old; lives until the next call. UT_INVALID: no text can match the pattern, err says
 * why. */
UT_MUST_CHECK ut_status rules_builder_entry(rules_builder *builder, rules_entry **ret, ut_str pattern, ut_err *err);
UT_MUST_CHECK ut_status rules_builder_custom(rules_builder *builder, ut_str category, ut_str pattern, ut_err *err);
/* ":joy:" weighs what "😂" weighs, unless it has weights of its own. */
UT_MUST_CHECK ut_status rules_builder_alias(rules_builder *builder, ut_str pattern, ut_str target, ut_err *err);
UT_MUST_CHECK ut_status rules_builder_finish(rules_builder *builder, rules_table *ret, ut_str language, ut_err *err);

/* pack.c: one pack's JSON into a builder ------------------------------------------------------------------------- */

/* The languages a pack names; "*" stands for every one. Up to 16. UT_INVALID with the pack's name, line and field. */
typedef struct rules_pack_head {
    ut_str languages[16];
    size_t language_count;
} rules_pack_head;
struct ut_json;
UT_MUST_CHECK ut_status rules_pack_head_read(ut_arena *keep, rules_pack_head *ret, struct ut_json *json,
                                             const rules_file *file, ut_err *err);
UT_MUST_CHECK ut_status rules_pack_apply(rules_builder *builder, struct ut_json *json, const rules_files *files,
                                         const rules_file *file, ut_err *err);

/* names.c: words of the schema, each list ended by NULL ----------------------------------------------------------- */
extern const char *const rules_class_names[];
extern const char *const rules_signal_names[];
extern const char *const rules_setting_names[];
extern const char *const rules_dimension_names[];
/* Index in the list or -1. */
int rules_name_find(const char *const *names, ut_str name);

/* scan.c: text to tokens ------------------------------------------------------------------------------------------ */

typedef enum rules_token_kind { RULES_TOKEN_WORD, RULES_TOKEN_EMOJI, RULES_TOKEN_EMOTICON } rules_token_kind;

enum {
    RULES_TOKEN_CAPITALS = 1, /* two letters or more, none lower case */
    RULES_TOKEN_LONG = 2,     /* written with repeated letters: "soooo" */
    RULES_TOKEN_CLAUSE = 4,   /* a comma, colon, bracket, … follows */
    RULES_TOKEN_STOP = 8,     /* the sentence ends behind it */
    RULES_TOKEN_SHORTCODE = 16,
};

typedef struct rules_token {
    uint32_t from; /* bytes in the text */
    uint32_t to;
    uint32_t word; /* 0 = not in the table */
    uint32_t term; /* of the word itself, its prefix or suffix; 0 = none */
    uint8_t kind;
    uint8_t flags;
} rules_token;

/* What scanning counts besides tokens. */
typedef struct rules_counts {
    uint32_t words;
    uint32_t letters;   /* in words, in code points */
    uint32_t long_words; /* of seven letters or more */
    uint32_t syllables; /* estimated, only with details */
    uint32_t sentences;
    uint32_t questions;    /* sentences that end with a question mark */
    uint32_t exclamations; /* signs */
    uint32_t question_marks;
    uint32_t capitals; /* words in capitals */
    uint32_t small;    /* words with a lower-case letter */
    uint32_t emoji;
    uint32_t emoticons;
    uint32_t shortcodes; /* of the emoji: written as :name: */
    uint32_t classes[RULES_CLASSES];
} rules_counts;

/* Scans `text` into tokens[0..]; `room` must be at least text.len, since a token has a byte of its own. */
/* The term of a word that stands in the table only by its beginning ("deploy*") or its end ("*ed"); 0 = none. */
uint32_t rules_affix_find(const rules_table *table, const char *text, size_t len);
#define RULES_PREFIX_MIN 3
#define RULES_SUFFIX_MAX 8
#define RULES_WORD_MAX 48
#define RULES_SIGN_MAX 6
/* Position of a first-three-bytes filter bit. */
static inline uint32_t rules_prefix_bit(const char *text)
{
    uint32_t three = (uint32_t)(unsigned char)text[0] | (uint32_t)(unsigned char)text[1] << 8 |
                     (uint32_t)(unsigned char)text[2] << 16;
    return (three * 0x9E3779B1u) >> 20;
}
size_t rules_scan(const rules_table *table, rules_token *tokens, rules_counts *counts, ut_str text, bool details);
/* Number of the word with this exact (lower-case) text, 0 when unknown. */
uint32_t rules_word_find(const rules_table *table, const char *text, size_t len);
uint32_t rules_edge_find(const rules_table *table, uint32_t node, uint32_t word);

/* score.c and session.c ------------------------------------------------------------------------------------------- */

typedef struct rules_hit {
    uint32_t from; /* bytes in the text */
    uint32_t to;
    uint32_t term;
    float factor;    /* for features: 1 unless boosted, weakened, repeated, before a contrast, … */
    float sentiment; /* what it adds to the sentiment sum */
    bool negated;
    bool emoji;
} rules_hit;

typedef struct rules_session {
    ut_session base;
    rules_set *set;       /* one reference held */
    uint64_t generation;  /* of the model, when `set` was taken */
    const rules_table *table; /* of the last text */
    rules_token *tokens;
    rules_hit *hits;
    size_t room; /* of both */
    size_t hit_count;
    uint32_t *seen;   /* by term: epoch << 8 | how often in this text */
    uint32_t *custom; /* by category, of the last text */
    uint32_t epoch;
    rules_counts counts;
    float sums[RULES_LANES];  /* evidence by lane in logits, before dilution, bias and signals */
    float emoji[RULES_LANES]; /* the part of it that emoji gave */
    float positive;           /* sums of sentiment by sign */
    float negative;
    float signals[RULES_SIGNALS];
    float dilution[UT_FEATURES]; /* what the length of the text leaves of the evidence */
} rules_session;

/* Scores with session->table. Room for text.len tokens is there. */
void rules_score_text(rules_session *session, ut_scores *ret, ut_str text, bool details);
/* One hit's part in a lane, after negation, in the lane's unit. */
float rules_hit_share(const rules_table *table, const rules_hit *hit, int lane);
void rules_write_details(const ut_session *session, ut_buf *out, uint32_t fields, bool *first);

#endif
