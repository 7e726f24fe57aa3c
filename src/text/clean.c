/* text/clean.c — the door of the cleaner: split into lines, judge them, write what stays; clean_int.h names the parts.
 *
 * Stateless, any thread. Linear in the text's length: recognisers look at a fixed number of lines around, and runs that
 * were turned down are remembered.
 */
#include "text/clean.h"

#include "text/clean_int.h"

/* The text up to the cap, cut before the rune that would cross it. */
static uint32_t capped_len(ut_str text)
{
    size_t len = text.len;
    if (len > UT_TEXT_BYTES_MAX) {
        len = UT_TEXT_BYTES_MAX;
        for (int back = 0; back < 3 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80; back++) {
            len--;
        }
    }
    return (uint32_t)len;
}

ut_status ut_text_clean(ut_arena *keep, ut_clean *ret, ut_arena scratch, ut_str text, ut_clean_kind kind)
{
    ut_walk w = {.text = text.ptr, .len = capped_len(text), .mail = kind == UT_CLEAN_MAIL};
    ut_clean out = {.total_bytes = text.len > UINT32_MAX ? UINT32_MAX : (uint32_t)text.len, .cut = w.len < text.len};
    ut_status status = ut_lines_split(&scratch, &w);
    if (status == UT_OK) {
        ut_lines_judge(&w);
        status = ut_lines_write(keep, &out, &scratch, &w);
    }
    if (status == UT_OK) {
        *ret = out;
    }
    return status;
}

uint32_t ut_clean_original(const ut_clean *clean, uint32_t clean_at)
{
    /* The last piece that begins at or before clean_at. */
    size_t low = 0, high = clean->piece_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (clean->pieces[middle].clean_at <= clean_at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return 0;
    }
    const ut_clean_piece *piece = &clean->pieces[low - 1];
    uint32_t into = clean_at - piece->clean_at;
    if (into >= piece->len) {
        return piece->original_at + piece->original_len;
    }
    return piece->original_at + (piece->original_len == piece->len ? into : 0);
}
