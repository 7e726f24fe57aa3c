/* model/rules/scan.c — one pass over a text: words, emoji, emoticons and shortcodes with what the table knows of them.
 *
 * A hyphen divides words but not phrases ("well-done" matches "well done"); other signs end a clause, .!? and blank
 * lines a sentence. Addresses (http://…, @name) are stepped over. Words that the table does not hold are tried once
 * more without letters that were drawn out ("soooo"), without 's, and by their beginning and end.
 */
#include "model/rules/chars.h"
#include "model/rules/rules_int.h"

#include "text/emoji.h"

typedef struct scanner {
    const rules_table *table;
    rules_token *tokens;
    size_t count;
    rules_counts *counts;
    ut_str text;
    size_t at;
    bool details;
    bool open_sentence; /* words since the last stop */
    size_t shortcode_end; /* where the last shortcode ended, for skin tones behind it */
} scanner;

uint32_t rules_word_find(const rules_table *table, const char *text, size_t len)
{
    uint64_t hash = ut_hash_bytes((ut_str){text, len}, 0);
    uint32_t tag = (uint32_t)(hash >> 32);
    for (uint32_t i = (uint32_t)hash & table->slot_mask;; i = (i + 1) & table->slot_mask) {
        const rules_slot *slot = &table->slots[i];
        if (slot->word == 0) {
            return 0;
        }
        if (slot->tag == tag) {
            const rules_word *word = &table->words[slot->word];
            if (word->len == len && memcmp(word->text, text, len) == 0) {
                return slot->word;
            }
        }
    }
}

static uint32_t term_of(const rules_table *table, const char *text, size_t len)
{
    uint32_t word = rules_word_find(table, text, len);
    return word ? table->words[word].term : 0;
}

uint32_t rules_affix_find(const rules_table *table, const char *text, size_t len)
{
    char key[RULES_WORD_MAX + 1];
    if (len < RULES_PREFIX_MIN || len > RULES_WORD_MAX) {
        return 0;
    }
    uint32_t bit = rules_prefix_bit(text);
    if (table->prefix_starts[bit >> 6] >> (bit & 63) & 1) {
        memcpy(key, text, len);
        for (size_t n = len; n >= RULES_PREFIX_MIN; n--) {
            key[n] = '*';
            uint32_t term = term_of(table, key, n + 1);
            if (term) {
                return term;
            }
        }
    }
    uint32_t lengths = table->suffix_ends[(unsigned char)text[len - 1]];
    key[0] = '*';
    for (size_t n = RULES_SUFFIX_MAX; lengths && n > 0; n--) {
        if (n < len && (lengths >> (n - 1) & 1)) {
            memcpy(key + 1, text + len - n, n);
            uint32_t term = term_of(table, key, n + 1);
            if (term) {
                return term;
            }
        }
    }
    return 0;
}

/* Copies `text` with every run of a letter cut to `most`; returns the new length. */
static size_t squeeze(char *out, const char *text, size_t len, size_t most)
{
    size_t n = 0;
    size_t row = 0;
    for (size_t i = 0; i < len; i++) {
        row = i > 0 && text[i] == text[i - 1] ? row + 1 : 1;
        if (row <= most) {
            out[n++] = text[i];
        }
    }
    return n;
}

static void resolve(const rules_table *table, rules_token *token, const char *lower, size_t len, bool run)
{
    token->word = rules_word_find(table, lower, len);
    token->term = token->word ? table->words[token->word].term : 0;
    if (token->word || len < RULES_PREFIX_MIN) {
        return;
    }
    char squeezed[RULES_WORD_MAX];
    for (size_t most = 2; run && most > 0; most--) {
        size_t n = squeeze(squeezed, lower, len, most);
        uint32_t word = rules_word_find(table, squeezed, n);
        if (word) {
            token->word = word;
            token->term = table->words[word].term;
            token->flags |= RULES_TOKEN_LONG;
            return;
        }
    }
    if (lower[len - 1] == 's' && lower[len - 2] == '\'') {
        token->word = rules_word_find(table, lower, len - 2);
        token->term = token->word ? table->words[token->word].term : 0;
        return;
    }
    token->term = rules_affix_find(table, lower, len);
}

/* Groups of vowels, without a silent e at the end: within a syllable of the dictionary for nine English words of
 * ten. */
static uint32_t syllables_of(const char *word, size_t len)
{
    uint32_t groups = 0;
    bool in_group = false;
    for (size_t i = 0; i < len; i++) {
        bool vowel = memchr("aeiouy", word[i], 6) != NULL;
        groups += vowel && !in_group;
        in_group = vowel;
    }
    bool silent = len > 2 && word[len - 1] == 'e' && word[len - 2] != 'l' && groups > 1;
    return groups - silent > 0 ? groups - silent : 1;
}

static rules_token *add_token(scanner *s, size_t from, size_t to, rules_token_kind kind)
{
    rules_token *token = &s->tokens[s->count++];
    *token = (rules_token){.from = (uint32_t)from, .to = (uint32_t)to, .kind = (uint8_t)kind};
    return token;
}

static void mark(scanner *s, unsigned flag)
{
    if (s->count) {
        s->tokens[s->count - 1].flags |= (uint8_t)flag;
    }
}

static void end_sentence(scanner *s)
{
    s->counts->sentences += s->open_sentence;
    s->open_sentence = false;
    mark(s, RULES_TOKEN_STOP | RULES_TOKEN_CLAUSE);
}

static void count_classes(rules_counts *counts, uint32_t classes)
{
    for (; classes; classes &= classes - 1) {
        counts->classes[__builtin_ctz(classes)]++;
    }
}

/* Steps over the rest of an address: to the next space or closing sign. */
static size_t address_end(ut_str text, size_t at)
{
    while (at < text.len && rules_bytes[(unsigned char)text.ptr[at]] != RULES_BYTE_SPACE && text.ptr[at] != '>' &&
           text.ptr[at] != ')' && text.ptr[at] != '"' && text.ptr[at] != '|') {
        at++;
    }
    return at;
}

static bool begins_address(const scanner *s, const char *lower, const rules_word_cut *cut)
{
    ut_str rest = ut_str_slice(s->text, cut->end, cut->end + 3);
    if (cut->len == 3 && memcmp(lower, "www", 3) == 0) {
        return rest.len > 1 && rest.ptr[0] == '.' && rules_lower[(unsigned char)rest.ptr[1]];
    }
    bool scheme = (cut->len == 4 && memcmp(lower, "http", 4) == 0) || (cut->len == 5 && memcmp(lower, "https", 5) == 0);
    return scheme && ut_str_eq(rest, UT_STR("://"));
}

static void count_word(rules_counts *counts, const rules_word_cut *cut, const rules_token *token)
{
    counts->words++;
    counts->letters += cut->runes;
    counts->long_words += cut->runes >= 7;
    counts->capitals += (token->flags & RULES_TOKEN_CAPITALS) != 0;
    counts->small += cut->upper < cut->runes;
}

static void scan_word(scanner *s)
{
    char lower[RULES_WORD_MAX];
    rules_word_cut cut = rules_cut_word(lower, s->text, s->at);
    if (begins_address(s, lower, &cut)) {
        s->at = address_end(s->text, cut.end);
        return;
    }
    rules_token *token = add_token(s, s->at, cut.end, RULES_TOKEN_WORD);
    if (cut.upper >= 2 && cut.upper == cut.runes) {
        token->flags |= RULES_TOKEN_CAPITALS;
    }
    if (cut.len) {
        resolve(s->table, token, lower, cut.len, cut.run);
    }
    count_word(s->counts, &cut, token);
    if (s->details) {
        s->counts->syllables += syllables_of(lower, cut.len);
    }
    if (token->term) {
        count_classes(s->counts, s->table->terms[token->term].classes);
    }
    s->open_sentence = true;
    s->at = cut.end;
}

static bool scan_emoji(scanner *s)
{
    ut_emoji emoji;
    if (!ut_emoji_at(s->text, s->at, &emoji)) {
        return false;
    }
    rules_token *token = add_token(s, s->at, s->at + emoji.len, RULES_TOKEN_EMOJI);
    token->word = rules_word_find(s->table, emoji.key, emoji.key_len);
    token->term = token->word ? s->table->words[token->word].term : 0;
    s->counts->emoji++;
    s->at += emoji.len;
    return true;
}

static bool scan_shortcode(scanner *s)
{
    ut_str name;
    if (!ut_emoji_shortcode_at(s->text, s->at, s->shortcode_end == s->at, &name)) {
        return false;
    }
    size_t from = s->at;
    s->at += name.len + 2;
    s->shortcode_end = s->at;
    if (ut_emoji_is_skin_tone_name(name)) {
        return true;
    }
    char key[42];
    for (size_t i = 0; i < name.len + 2; i++) {
        key[i] = ut_lower(s->text.ptr[from + i]);
    }
    rules_token *token = add_token(s, from, s->at, RULES_TOKEN_EMOJI);
    token->flags |= RULES_TOKEN_SHORTCODE;
    token->word = rules_word_find(s->table, key, name.len + 2);
    token->term = token->word ? s->table->words[token->word].term : 0;
    s->counts->emoji++;
    s->counts->shortcodes++;
    return true;
}

/* ":)" may stand right behind a word; ":D", "=3" and "):" may not, nor may a letter follow an emoticon. */
static bool emoticon_stands_free(ut_str text, size_t from, size_t to)
{
    if (to < text.len && rules_bytes[(unsigned char)text.ptr[to]] == RULES_BYTE_WORD) {
        return false;
    }
    bool after_word = from > 0 && rules_bytes[(unsigned char)text.ptr[from - 1]] == RULES_BYTE_WORD;
    return !after_word || (text.ptr[from] != '(' && text.ptr[from] != ')' && memchr("()|*", text.ptr[to - 1],
            4) != NULL);
}

static bool scan_emoticon(scanner *s)
{
    size_t longest = s->text.len - s->at < RULES_SIGN_MAX ? s->text.len - s->at : RULES_SIGN_MAX;
    for (size_t n = longest; n >= 2; n--) {
        if (!emoticon_stands_free(s->text, s->at, s->at + n)) {
            continue;
        }
        uint32_t word = rules_word_find(s->table, s->text.ptr + s->at, n);
        if (word) {
            rules_token *token = add_token(s, s->at, s->at + n, RULES_TOKEN_EMOTICON);
            token->word = word;
            token->term = s->table->words[word].term;
            s->counts->emoticons++;
            s->at += n;
            return true;
        }
    }
    return false;
}

static void scan_stop(scanner *s)
{
    uint32_t exclamations = 0;
    uint32_t questions = 0;
    while (s->at < s->text.len && memchr(".!?", s->text.ptr[s->at], 3)) {
        exclamations += s->text.ptr[s->at] == '!';
        questions += s->text.ptr[s->at] == '?';
        s->at++;
    }
    s->counts->exclamations += exclamations;
    s->counts->question_marks += questions;
    bool inside = s->at < s->text.len && rules_bytes[(unsigned char)s->text.ptr[s->at]] == RULES_BYTE_WORD;
    if (inside && !exclamations && !questions) {
        mark(s, RULES_TOKEN_CLAUSE);
        return;
    }
    s->counts->questions += questions > 0 && s->open_sentence;
    end_sentence(s);
}

static void scan_sign(scanner *s)
{
    unsigned char c = (unsigned char)s->text.ptr[s->at];
    if (c == ':' && scan_shortcode(s)) {
        return;
    }
    if (s->table->sign_starts[c] && scan_emoticon(s)) {
        return;
    }
    if (c == '.' || c == '!' || c == '?') {
        scan_stop(s);
        return;
    }
    if ((c == '#' || c == '*') && scan_emoji(s)) {
        return;
    }
    if (c != '-' && c != '\'' && c != '_') {
        mark(s, RULES_TOKEN_CLAUSE);
    }
    s->at++;
    if (c == '@') {
        while (s->at < s->text.len && (rules_lower[(unsigned char)s->text.ptr[s->at]] ||
                                       memchr("_.-", s->text.ptr[s->at], 3))) {
            s->at++;
        }
    }
}

/* A character above ASCII that may be a letter, an emoji, a quotation mark or dash, or a broken byte. */
static void scan_high(scanner *s)
{
    size_t next = s->at;
    uint32_t rune = ut_str_next_rune(s->text, &next);
    if (rune != 0xFFFD && rules_rune_is_word(rune)) {
        scan_word(s);
        return;
    }
    if (scan_emoji(s)) {
        return;
    }
    bool silent = rune == 0xFFFD || rune == 0xA0 || rune == 0x2019 || rune == 0x2018 || rune == 0x200B
            || rune == 0x200D ||
                  rune == 0xFE0F || rune == 0x2010 || rune == 0x2011;
    if (!silent) {
        mark(s, RULES_TOKEN_CLAUSE);
    }
    s->at = next;
}

static void scan_space(scanner *s)
{
    uint32_t lines = 0;
    while (s->at < s->text.len && rules_bytes[(unsigned char)s->text.ptr[s->at]] == RULES_BYTE_SPACE) {
        lines += s->text.ptr[s->at] == '\n';
        s->at++;
    }
    if (lines > 1) {
        end_sentence(s);
    } else if (lines) {
        mark(s, RULES_TOKEN_CLAUSE);
    }
}

/* A digit may begin a keycap, which no word of ASCII letters can. */
static bool digit_before_high(const scanner *s)
{
    unsigned char c = (unsigned char)s->text.ptr[s->at];
    return c <= '9' && s->at + 1 < s->text.len && (unsigned char)s->text.ptr[s->at + 1] >= 0x80;
}

size_t rules_scan(const rules_table *table, rules_token *tokens, rules_counts *counts, ut_str text, bool details)
{
    scanner s = {.table = table, .tokens = tokens, .counts = counts, .text = text, .details = details};
    s.shortcode_end = UT_NPOS;
    *counts = (rules_counts){0};
    while (s.at < text.len) {
        switch ((rules_byte)rules_bytes[(unsigned char)text.ptr[s.at]]) {
        case RULES_BYTE_SPACE:
            if (text.ptr[s.at] == ' ') {
                s.at++;
            } else {
                scan_space(&s);
            }
            break;
        case RULES_BYTE_WORD:
            if (!digit_before_high(&s) || !scan_emoji(&s)) {
                scan_word(&s);
            }
            break;
        case RULES_BYTE_HIGH: scan_high(&s); break;
        case RULES_BYTE_SIGN: scan_sign(&s); break;
        }
    }
    end_sentence(&s);
    return s.count;
}
