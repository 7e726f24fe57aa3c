/* model/rules/pattern.c — what a pack may write as a term, brought to the form the scanner will look for.
 *
 *     "Thank you"  words, divided by spaces or hyphens      "kill _ process"  "_" is any one word
 *     "deploy*"    a word that begins so                    "*n't"            a word that ends so
 *     "👍🏽"         an emoji, any tone                        ":tada:"          a shortcode
 *     ":-)"        an emoticon: begins with a sign, 2 to 6 bytes, no space
 */
#include "model/rules/pattern.h"

#include "model/rules/chars.h"
#include "model/rules/rules_int.h"

#include "text/emoji.h"

static ut_status put_piece(ut_buf *out, ut_str piece, bool alone, ut_err *err)
{
    char lower[RULES_WORD_MAX];
    bool begins = alone && piece.len > 1 && piece.ptr[piece.len - 1] == '*';
    bool ends = alone && !begins && piece.len > 1 && piece.ptr[0] == '*';
    ut_str bare = begins ? ut_str_slice(piece, 0, piece.len - 1) : ut_str_slice(piece, ends, piece.len);
    rules_word_cut cut = rules_cut_word(lower, bare, 0);
    if (cut.runes == 0 || cut.end != bare.len) {
        return ut_fail(err, UT_INVALID, "\"" UT_STR_FMT "\" can't match: words are letters, digits and apostrophes%s",
                       UT_STR_ARG(piece), alone ? "" : ", and * is for single words only");
    }
    if (cut.len == 0 || (begins && cut.len < RULES_PREFIX_MIN) || (ends && cut.len > RULES_SUFFIX_MAX)) {
        return ut_fail(err, UT_INVALID,
                       "\"" UT_STR_FMT "\": a word has at most %d bytes, a beginning at least %d, an end at most %d",
                       UT_STR_ARG(piece), RULES_WORD_MAX, RULES_PREFIX_MIN, RULES_SUFFIX_MAX);
    }
    if (out->len) {
        ut_buf_byte(out, ' ');
    }
    if (ends) {
        ut_buf_byte(out, '*');
    }
    ut_buf_put(out, (ut_str){lower, cut.len});
    if (begins) {
        ut_buf_byte(out, '*');
    }
    return UT_OK;
}

/* The next piece of *rest, cut at spaces and hyphens. */
static ut_str next_piece(ut_str *rest)
{
    size_t end = 0;
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '-') {
        end++;
    }
    ut_str piece = ut_str_slice(*rest, 0, end);
    *rest = ut_str_slice(*rest, end + 1, rest->len);
    return piece;
}

static ut_status put_words(ut_buf *out, ut_str pattern, ut_err *err)
{
    bool alone = ut_str_find_byte(pattern, ' ', 0) == UT_NPOS && ut_str_find_byte(pattern, '-', 0) == UT_NPOS;
    ut_str rest = pattern;
    bool last_was_gap = true;
    size_t words = 0;
    while (rest.len) {
        ut_str piece = next_piece(&rest);
        if (piece.len == 0) {
            continue;
        }
        words++;
        bool gap = ut_str_eq(piece, UT_STR("_"));
        if (gap && last_was_gap) {
            return ut_fail(err, UT_INVALID, "\"" UT_STR_FMT "\": \"_\" must stand between words", UT_STR_ARG(pattern));
        }
        ut_status st = UT_OK;
        if (gap) {
            ut_buf_puts(out, " _");
        } else {
            st = put_piece(out, piece, alone, err);
        }
        if (st != UT_OK) {
            return st;
        }
        last_was_gap = gap;
    }
    if (words == 0 || words > RULES_PHRASE_WORDS_MAX || last_was_gap) {
        return ut_fail(err, UT_INVALID, "\"" UT_STR_FMT "\": a phrase has 1 to %d words and ends with one",
                       UT_STR_ARG(pattern), RULES_PHRASE_WORDS_MAX);
    }
    return UT_OK;
}

ut_status rules_pattern_fold(ut_buf *out, ut_str pattern, ut_err *err)
{
    ut_emoji emoji;
    ut_str name;
    ut_str text = ut_str_trim(pattern);
    ut_status st = UT_OK;
    ut_buf_clear(out);
    if (text.len == 0) {
        return ut_fail(err, UT_INVALID, "a term is empty");
    }
    unsigned char first = (unsigned char)text.ptr[0];
    bool shortcode = ut_emoji_shortcode_at(text, 0, false, &name) && name.len + 2 == text.len;
    bool sign = rules_bytes[first] == RULES_BYTE_SIGN && first != '*' && first != '_';
    if (ut_emoji_at(text, 0, &emoji) && emoji.len == text.len) {
        ut_buf_put(out, ut_emoji_key(&emoji));
    } else if (shortcode) {
        for (size_t i = 0; i < text.len; i++) {
            ut_buf_byte(out, ut_lower(text.ptr[i]));
        }
    } else if (sign) {
        if (text.len < 2 || text.len > RULES_SIGN_MAX || ut_str_find_byte(text, ' ', 0) != UT_NPOS) {
            return ut_fail(err, UT_INVALID, "\"" UT_STR_FMT "\": an emoticon has 2 to %d bytes and no space",
                           UT_STR_ARG(text), RULES_SIGN_MAX);
        }
        ut_buf_put(out, text);
    } else {
        st = put_words(out, text, err);
    }
    if (st == UT_OK && out->failed != UT_OK) {
        st = ut_fail(err, out->failed, "out of memory for a term");
    }
    return st;
}
