/* people/words.c — names made comparable. */
#include "people/words.h"

enum { WORDS = 16 };

/* The letter without its accent for U+00C0 … U+017F; '.' is no letter, 'S' is "ss". */
static const char plain_letters[] = "aaaaaaaceeeeiiiidnooooo.ouuuuytSaaaaaaaceeeeiiiidnooooo.ouuuuyty"
                                    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                                    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* The letters of a name in progress: words follow each other in `bytes`, each begins where `starts` says. */
typedef struct words {
    char bytes[UT_WORDS_MAX];
    size_t len;
    size_t starts[WORDS + 1];
    int count;
} words;

/* Small letters of other scripts that have them in regular places: Greek and Cyrillic. */
static uint32_t small(uint32_t rune)
{
    if ((rune >= 0x391 && rune <= 0x3a9) || (rune >= 0x410 && rune <= 0x42f)) {
        return rune + 32;
    }
    return rune >= 0x400 && rune <= 0x40f ? rune + 80 : rune;
}

/* Writes what a rune counts as; 0 bytes for one that parts words. Accents that stand alone and apostrophes count as
 * nothing, but part nothing: *ret_skip. */
static size_t fold(char out[4], bool *ret_skip, uint32_t rune)
{
    *ret_skip = (rune >= 0x300 && rune <= 0x36f) || rune == '\'' || rune == 0x2019;
    if (rune < 0x80) {
        out[0] = ut_lower((char)rune);
        return (out[0] >= 'a' && out[0] <= 'z') || (out[0] >= '0' && out[0] <= '9');
    }
    if (rune >= 0xc0 && rune < 0x180) {
        char letter = plain_letters[rune - 0xc0];
        out[0] = letter == 'S' ? 's' : letter;
        out[1] = 's';
        return letter == '.' ? 0 : letter == 'S' ? 2 : 1;
    }
    if (rune < 0xc0 || rune == 0xfffd || (rune >= 0x2000 && rune <= 0x206f) || rune == 0x3000) {
        return 0;
    }
    return ut_str_put_rune(out, small(rune));
}

static void end_word(words *w, bool is_name)
{
    static const char *const titles[] = {"dr", "prof", "mr", "mrs", "ms", "ing", "dipl", "jr", "sr"};
    ut_str word = {w->bytes + w->starts[w->count], w->len - w->starts[w->count]};
    bool drop = word.len == 0 || w->count == WORDS - 1 || (is_name && word.len == 1);
    for (size_t i = 0; is_name && i < sizeof titles / sizeof *titles; i++) {
        drop = drop || ut_str_eq(word, ut_str_of(titles[i]));
    }
    if (drop) {
        w->len = w->starts[w->count];
        return;
    }
    w->starts[++w->count] = w->len;
}

/* Mueller is Müller: after a, o or u an e counts as its dots. */
static bool is_umlaut(const words *w, char letter)
{
    char last = w->len > w->starts[w->count] ? w->bytes[w->len - 1] : 0;
    return letter == 'e' && (last == 'a' || last == 'o' || last == 'u');
}

static void split(words *w, ut_str text, bool is_name)
{
    int depth = 0;
    for (size_t at = 0; at < text.len;) {
        char out[4];
        bool skip = false;
        uint32_t rune = ut_str_next_rune(text, &at);
        depth += is_name && (rune == '(' || rune == '[');
        size_t len = depth ? 0 : fold(out, &skip, rune);
        depth -= depth && (rune == ')' || rune == ']');
        if (len == 0 && !skip) {
            end_word(w, is_name);
        } else if (len && !skip && !is_umlaut(w, out[0]) && w->len + len < UT_WORDS_MAX - WORDS) {
            memcpy(w->bytes + w->len, out, len);
            w->len += len;
        }
    }
    end_word(w, is_name);
}

static ut_str join_sorted(char room[UT_WORDS_MAX], const words *w)
{
    ut_str sorted[WORDS];
    size_t len = 0;
    for (int i = 0; i < w->count; i++) {
        ut_str word = {w->bytes + w->starts[i], w->starts[i + 1] - w->starts[i]};
        int at = i;
        for (; at > 0 && ut_str_cmp(word, sorted[at - 1]) < 0; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = word;
    }
    for (int i = 0; i < w->count; i++) {
        if (i) {
            room[len++] = ' ';
        }
        memcpy(room + len, sorted[i].ptr, sorted[i].len);
        len += sorted[i].len;
    }
    return (ut_str){room, len};
}

ut_str ut_name_words(char room[UT_WORDS_MAX], int *ret_count, ut_str name)
{
    words w = {.len = 0};
    split(&w, name, true);
    *ret_count = w.count;
    return join_sorted(room, &w);
}

ut_str ut_address_words(char room[UT_WORDS_MAX], int *ret_count, ut_str handle)
{
    words w = {.len = 0};
    ut_str rest = handle;
    (void)ut_str_cut(&rest, ':');
    ut_str local = rest.ptr ? rest : handle;
    local = ut_str_slice(local, 0, ut_str_find_byte(local, '@', 0));
    local = ut_str_slice(local, 0, ut_str_find_byte(local, '+', 0));
    split(&w, local, false);
    *ret_count = w.count;
    return join_sorted(room, &w);
}
