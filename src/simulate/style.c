/* simulate/style.c — a person's hand: case, punctuation, slips, emoji. Works on finished text and leaves marks,
 * links, keys and numbers alone. */
#include "simulate/simulate_int.h"

#include <stdio.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A word that may be mistyped: plain letters only, four or more of them. */
static bool is_plain_word(ut_str word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < 'a' || word.ptr[i] > 'z') {
            return false;
        }
    }
    return word.len >= 4;
}

/* The usual slips: two letters change places, one is doubled, one is missing. */
static void put_slip(ut_buf *to, ut_str word, ut_rng *rng)
{
    size_t at = 1 + (size_t)ut_rng_below(rng, word.len - 2);
    ut_buf_put(to, ut_str_slice(word, 0, at));
    switch (ut_rng_below(rng, 5)) {
    case 0:
    case 1:
        ut_buf_byte(to, word.ptr[at + 1]);
        ut_buf_byte(to, word.ptr[at]);
        ut_buf_put(to, ut_str_slice(word, at + 2, word.len));
        break;
    case 2:
        ut_buf_byte(to, word.ptr[at]);
        ut_buf_put(to, ut_str_slice(word, at, word.len));
        break;
    default:
        ut_buf_put(to, ut_str_slice(word, at + 1, word.len));
        break;
    }
}

static const char *const british[][2] = {
    {"organize", "organise"}, {"prioritize", "prioritise"}, {"finalize", "finalise"}, {"realize", "realise"},
    {"apologize", "apologise"}, {"color", "colour"}, {"favorite", "favourite"}, {"behavior", "behaviour"},
    {"canceled", "cancelled"}, {"center", "centre"}, {"labeled", "labelled"}, {"summarize", "summarise"},
};

/* Copies words one by one, with slips, spelling and missing apostrophes as the person is used to. */
static void put_words(const ut_sim_voice *voice, ut_buf *to, ut_str text, ut_rng *rng)
{
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != ' ' && text.ptr[end] != '\n') {
            end++;
        }
        ut_str word = ut_str_slice(text, at, end);
        const char *other = NULL;
        for (size_t i = 0; voice->british && i < sizeof british / sizeof *british; i++) {
            other = ut_str_eq(word, ut_str_of(british[i][0])) ? british[i][1] : other;
        }
        if (other) {
            ut_buf_puts(to, other);
        } else if (is_plain_word(word) && ut_sim__chance(rng, voice->typo)) {
            put_slip(to, word, rng);
        } else if (word.len < 9 && voice->bare && ut_sim__chance(rng, voice->bare)) {
            size_t mark = ut_str_find_byte(word, '\'', 0);
            ut_buf_put(to, mark == UT_NPOS ? word : ut_str_slice(word, 0, mark));
            ut_buf_put(to, mark == UT_NPOS ? (ut_str){0} : ut_str_slice(word, mark + 1, word.len));
        } else {
            ut_buf_put(to, word);
        }
        /* An empty choice may leave a space before a mark or a second one: neither is kept. */
        char after = end + 1 < text.len ? text.ptr[end + 1] : 0;
        bool stray = end < text.len && text.ptr[end] == ' ' &&
                     (after == '?' || after == ',' || after == ' ' || (after == '.' && end + 2 == text.len));
        if (end < text.len && !stray) {
            ut_buf_byte(to, text.ptr[end]);
        }
        at = end + 1;
    }
}

/* Sentences begin with a capital or, by habit, not; "I" and keys in capitals stay. */
static void fix_case(char *text, size_t len, bool lower)
{
    bool start = true;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (start && is_letter(c)) {
            bool key = i + 1 < len && ((text[i + 1] >= 'A' && text[i + 1] <= 'Z') || text[i + 1] == '\'' ||
                                       (c == 'I' && text[i + 1] == ' '));
            key = key || (len - i > 8 && memcmp(text + i, "https://", 8) == 0);
            if (!key) {
                text[i] = lower ? ut_lower(c) : (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
            }
        }
        if (c == '\n') {
            start = true;
        } else if (c == ' ') {
            start = start || (i > 0 && (text[i - 1] == '.' || text[i - 1] == '!' || text[i - 1] == '?'));
        } else if (c != '\x02' && c != '-' && c != '>' && c != '(' && c != '"') {
            start = false;
        }
    }
}

static bool ends_sentence(ut_str text, size_t at)
{
    return text.ptr[at] == '.' && at > 1 && is_letter(text.ptr[at - 1]) &&
           (at + 1 == text.len || text.ptr[at + 1] == ' ' || text.ptr[at + 1] == '\n');
}

/* Final and inner periods as the person likes them. */
static void put_marks(const ut_sim_voice *voice, ut_buf *to, ut_str text, ut_rng *rng, int medium)
{
    for (size_t i = 0; i < text.len; i++) {
        bool last = i + 1 == text.len;
        if (!ends_sentence(text, i)) {
            ut_buf_byte(to, text.ptr[i]);
        } else if (ut_sim__chance(rng, voice->exclaim)) {
            ut_buf_puts(to, ut_sim__chance(rng, voice->exclaim / 2) ? "!!" : "!");
        } else if (ut_sim__chance(rng, voice->dots)) {
            ut_buf_puts(to, "...");
        } else if (!last && medium == MEDIUM_CHAT && text.ptr[i + 1] == ' ' && ut_sim__chance(rng, voice->run_on)) {
            ut_buf_puts(to, voice->taste & 1 ? " -" : ",");
        } else if (!last || medium != MEDIUM_CHAT || ut_sim__chance(rng, voice->period)) {
            ut_buf_byte(to, '.');
        }
    }
}

static void put_emoji(ut_sim_talk *talk, ut_buf *to)
{
    char name[32];
    int feature = -1;
    for (int f = 0; f < F_COUNT; f++) {
        feature = talk->features >> f & 1 ? f : feature;
    }
    ut_buf_byte(to, ' ');
    size_t len = (size_t)snprintf(name, sizeof name, "emo_%s", feature < 0 ? "plain" : ut_sim_feature_names[feature]);
    (void)ut_sim__expand_symbol(talk, to, (ut_str){name, len}, 0);
}

void ut_sim__style(ut_sim_talk *talk, ut_buf *to, ut_str text, int medium)
{
    const ut_sim_voice *voice = &talk->sim->people[talk->me].voice;
    ut_buf *draft = &talk->sim->draft;
    ut_sim_voice calm = *voice;
    if (medium != MEDIUM_CHAT) {
        /* People take more care in mail and in trackers. */
        calm.typo /= 3;
        calm.lower /= 5;
        calm.bare /= 5;
        calm.dots /= 2;
        calm.exclaim /= 2;
        calm.emoji /= 5;
    }
    ut_buf_clear(draft);
    text = ut_str_trim(text);
    put_words(&calm, draft, text, talk->rng);
    size_t from = to->len;
    put_marks(&calm, to, ut_buf_str(draft), talk->rng, medium);
    if (to->failed == UT_OK && draft->failed == UT_OK && to->len > from) {
        fix_case(to->ptr + from, to->len - from, ut_sim__chance(talk->rng, calm.lower));
    }
    /* A feeling makes an emoji likelier than a plain remark does. */
    if (ut_sim__chance(talk->rng, talk->features ? calm.emoji : calm.emoji / 4)) {
        put_emoji(talk, to);
    }
}
