/* text/lang.c — which language a text is in.
 *
 * First the words everybody uses: a word of one language only is worth three points to it, one of two languages two,
 * one of more one. Two such words and a clear lead decide, and most texts end here. The others go to CLD2, whose
 * answer counts as sure only where our tables agree or have nothing to say: by itself it takes "Ich komme morgen" for
 * Norwegian and is certain of it. Fewer than three words of Latin script are never sure.
 */
#include "text/lang.h"

#include "text/lang_int.h"

/* Words looked at at most, and after how many a clear lead ends the search. */
#define WORDS_MAX 200
#define WORDS_ENOUGH 12
/* Bytes CLD2 gets to see: it is slow, and a language shows itself in much less. */
#define CLD2_BYTES_MAX 2048
/* Words of Latin script without which nothing is sure. */
#define WORDS_MIN 3
/* Points for sure: two words that no other language has. */
#define POINTS_MIN 6

static const char CODES[UT_LANG_TABLES][4] = {"en", "de", "fr", "es", "it", "nl", "pt", "sv",
                                              "da", "no", "pl", "fi", "tr", "cs", "ro", "hu"};

/* What a byte is to a word: 0 ends it, else the byte in lower case. Bytes over 0x7F belong to words; what they are in
 * lower case is decided for two-byte letters only. */
static const unsigned char LOWER[256] = {
    ['a'] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u',
    'v', 'w', 'x', 'y', 'z',
    ['A'] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u',
    'v', 'w', 'x', 'y', 'z',
    ['\''] = '\'',
};

typedef struct tally {
    unsigned points[UT_LANG_TABLES];
    unsigned words;   /* Latin words, known or not, without the cleaner's neutral words */
    unsigned known;   /* words of at least one table */
    unsigned foreign; /* characters of scripts other than Latin */
    unsigned best, second; /* numbers of the two leading languages */
} tally;

static void rank(tally *t)
{
    t->best = t->points[1] > t->points[0];
    t->second = !t->best;
    for (unsigned k = 2; k < UT_LANG_TABLES; k++) {
        if (t->points[k] > t->points[t->best]) {
            t->second = t->best;
            t->best = k;
        } else if (t->points[k] > t->points[t->second]) {
            t->second = k;
        }
    }
}

static void add_word(tally *t, uint64_t key, size_t len)
{
    static const unsigned char WEIGHT[17] = {0, 3, 2, 1, 1};
    if ((key & 0xFF) == '\'') {
        key >>= 8; /* a closing quotation mark */
        len--;
    }
    uint64_t word = len <= 7 ? key << (8 * (8 - len)) : 0;
    if (word == 0x75726C0000000000u || word == 0x636F646500000000u || word == 0x656D61696C000000u) {
        return; /* "url", "code", "email": the cleaner's own */
    }
    t->words++;
    unsigned languages = word ? ut_lang__word(word) : 0;
    unsigned weight = WEIGHT[__builtin_popcount(languages)];
    t->known += languages != 0;
    for (; languages && weight; languages &= languages - 1) {
        t->points[__builtin_ctz(languages)] += weight;
    }
}

/* true when the leader is clear. Danish and Norwegian share most words, so a lead counts in unique words, too. */
static bool leads(const tally *t)
{
    unsigned best = t->points[t->best], second = t->points[t->second];
    return best >= POINTS_MIN && best >= second + 5 && best * 2 >= second * 3 && best * 3 >= t->words * 2;
}

/* Lower case of Ā..ž, whose pairs stand next to each other, the upper one even up to U+0137 and from U+014A to U+0177,
 * odd between and behind. */
static unsigned char lower_pair(unsigned char lead, unsigned char next)
{
    bool even = lead == 0xC4 ? next < 0xB8 : next >= 0x8A && next < 0xB8;
    bool upper = even ? (next & 1) == 0 : (next & 1) == 1;
    return upper && next != 0xB8 && !(lead == 0xC4 && next == 0xB0) ? (unsigned char)(next + 1) : next;
}

/* Appends the letter of two or three bytes at s[at] to the word: its lower case where that is a change of the last
 * byte (À..Þ, and Ā..ž pairwise), an apostrophe for the curly one. Returns its length; 0 when it ends the word. */
static size_t add_high(tally *t, uint64_t *key, size_t *len, ut_str s, size_t at)
{
    unsigned char lead = (unsigned char)s.ptr[at];
    unsigned char next = at + 1 < s.len ? (unsigned char)s.ptr[at + 1] : 0;
    if (lead >= 0xC3 && lead <= 0xC9) {
        if (lead == 0xC3 && next >= 0x80 && next <= 0x9E) {
            next |= 0x20;
        } else if (lead == 0xC4 || lead == 0xC5) {
            next = lower_pair(lead, next);
        }
        *key = *key << 16 | (unsigned)lead << 8 | next;
        *len += 2;
        return 2;
    }
    if (lead == 0xE2 && next == 0x80 && at + 2 < s.len && (unsigned char)s.ptr[at + 2] == 0x99) {
        *key = *key << 8 | '\'';
        *len += 1;
        return 3;
    }
    t->foreign += lead >= 0xCD && lead != 0xE2 && lead < 0xEE; /* letters: neither marks, symbols nor emoji */
    return 0;
}

/* Counts words until the text ends or the leader is clear. */
static void count(tally *t, ut_str s)
{
    uint64_t key = 0;
    size_t len = 0;
    unsigned checked = 0;
    unsigned char before = ' ', between = ' '; /* what stands before this word, and what came last that is no letter */
    for (size_t at = 0; at <= s.len && t->words < WORDS_MAX;) {
        unsigned char c = at < s.len ? (unsigned char)s.ptr[at] : ' ';
        size_t step = 1;
        before = len ? before : between;
        if (LOWER[c] && (len || c != '\'')) {
            key = key << 8 | LOWER[c];
            len++;
            at++;
            continue;
        }
        if ((c & 0x80) && (step = add_high(t, &key, &len, s, at)) > 0) {
            at += step;
            continue;
        }
        at++;
        between = c;
        /* ":sweat_smile:", "@anna" and "#general" are no words of a language. */
        if (len && before != ':' && before != '_' && before != '@' && before != '#') {
            add_word(t, key, len);
        }
        key = len = 0;
        if (t->words >= WORDS_ENOUGH && t->words != checked) {
            checked = t->words;
            rank(t);
            if (leads(t)) {
                return;
            }
        }
    }
    rank(t);
}

static ut_lang answer(const char *code, bool sure)
{
    ut_lang lang = {.sure = sure};
    memcpy(lang.code, code, strnlen(code, sizeof lang.code - 1));
    return lang;
}

/* CLD2's number of a language in our tables, or UT_LANG_TABLES. */
static unsigned table_of(const char *code)
{
    unsigned k = 0;
    while (k < UT_LANG_TABLES && strcmp(CODES[k], code) != 0) {
        k++;
    }
    return k;
}

static ut_lang ask_cld2(const tally *t, ut_str text)
{
    ut_lang_guess guess;
    /* CLD2 looks a few bytes past the end and believes what it sees there, so it gets a copy with zeros behind. */
    char copy[CLD2_BYTES_MAX + 16];
    ut_str head = ut_str_slice(text, 0, CLD2_BYTES_MAX);
    head.len = ut_str_utf8_valid(head);
    memcpy(copy, head.len ? head.ptr : "", head.len);
    memset(copy + head.len, 0, 16);
    ut_lang__cld2(&guess, (ut_str){copy, head.len});
    unsigned best = t->points[t->best];
    if (strcmp(guess.code, "und") == 0) {
        return answer(best ? CODES[t->best] : "und", false);
    }
    if (t->foreign > t->words) {
        /* Other scripts: most are one language's own, and CLD2 knows them well. */
        return answer(guess.code, guess.reliable && guess.percent >= 80 && t->foreign >= 4);
    }
    unsigned table = table_of(guess.code);
    bool clear = guess.reliable && guess.percent >= 80 && t->words >= WORDS_MIN;
    if (table < UT_LANG_TABLES) {
        bool agrees = t->points[table] >= 2 && t->points[table] == best && best > t->points[t->second];
        return agrees ? answer(guess.code, clear) : answer(best > 3 ? CODES[t->best] : guess.code, false);
    }
    /* A language without a table: its words must not be those of another. */
    bool alone = t->words >= 5 && t->known * 3 <= t->words;
    return answer(guess.code, clear && alone && guess.percent >= 90);
}

ut_lang ut_lang_detect(ut_str text)
{
    tally t = {0};
    count(&t, text);
    if (t.foreign <= t.words) {
        if (t.words < WORDS_MIN) {
            return answer(t.points[t.best] > t.points[t.second] ? CODES[t.best] : "und", false);
        }
        if (leads(&t)) {
            return answer(CODES[t.best], true);
        }
    }
    return ask_cld2(&t, text);
}
