/* text/emoji.h — finds emoji sequences and :shortcodes: in text and gives each one base form.
 *
 *     ut_emoji emoji;
 *     if (ut_emoji_at(text, at, &emoji)) {
 *         ut_str key = ut_emoji_key(&emoji);      // "👍" for 👍, 👍🏽 and "👍\uFE0F"
 *         at += emoji.len;
 *     }
 *
 * A sequence is what Unicode's UTS #51 calls one: a base, perhaps a variation selector, skin tone, tags, and further
 * elements behind zero-width joiners; a pair of regional indicators; a keycap. The base form drops what does not change
 * a feeling: variation selectors, skin tones and a joined gender sign. Nothing here allocates; any thread.
 */
#ifndef UT_TEXT_EMOJI_H
#define UT_TEXT_EMOJI_H

#include "base/base.h"

/* The longest recommended sequence (a family of four) has a base form of 25 bytes; a longer one is cut between
 * elements. */
#define UT_EMOJI_KEY_MAX 55

typedef struct ut_emoji {
    uint32_t len;               /* bytes of the sequence in the text */
    uint8_t key_len;            /* bytes of `key` */
    char key[UT_EMOJI_KEY_MAX]; /* base form, UTF-8, not NUL-terminated */
} ut_emoji;

/* true when an emoji sequence begins at text[at]. Signs that are letters or arrows by default (©, ↔, digits) count only
 * with the emoji variation selector behind them, and nothing counts with the text selector behind it. */
bool ut_emoji_at(ut_str text, size_t at, ut_emoji *ret);

static inline ut_str ut_emoji_key(const ut_emoji *emoji)
{
    return (ut_str){emoji->key, emoji->key_len};
}

/* true when a :shortcode: of 1..40 of [A-Za-z0-9_+-] begins at text[at], a colon, and the byte before is neither a
 * letter, a digit nor (other than another shortcode's end, which the caller tells) a colon. *ret_name borrows from text
 * and has no colons; the shortcode's length is ret_name->len + 2. Names without a letter do not count ("10:30:15"), but
 * "+1", "-1" and "100" do. */
bool ut_emoji_shortcode_at(ut_str text, size_t at, bool after_shortcode, ut_str *ret_name);

/* true for Slack's ":skin-tone-2:" … ":skin-tone-6:", which colour the shortcode before them. */
bool ut_emoji_is_skin_tone_name(ut_str name);

#endif
