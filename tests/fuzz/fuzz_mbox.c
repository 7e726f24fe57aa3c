/* fuzz_mbox — any bytes as an mbox: every byte belongs to one item, and how the stream is bitten off changes nothing.
 */
#include "codec/mbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct ut_tally {
    ut_str bytes;
    int64_t next; /* where the next item must begin */
    size_t count;
    uint64_t hash; /* of all items */
} ut_tally;

static ut_status on_item(void *ctx, const ut_mbox_item *item, ut_err *err)
{
    (void)err;
    ut_tally *tally = ctx;
    UT_ASSERT(tally->count == 0 || item->byte == tally->next);
    UT_ASSERT(item->size_bytes > 0 && item->byte + item->size_bytes <= (int64_t)tally->bytes.len);
    UT_ASSERT((int64_t)(item->separator.len + item->mail.len) <= item->size_bytes);
    UT_ASSERT(item->state == UT_OK || (item->state == UT_INVALID && tally->count == 0));
    UT_ASSERT(item->state == UT_INVALID || ut_mbox_is_separator(item->separator));
    /* What is delivered is what stood there. */
    UT_ASSERT(ut_str_eq(item->separator,
                        ut_str_slice(tally->bytes, (size_t)item->byte, (size_t)item->byte + item->separator.len)));
    tally->next = item->byte + item->size_bytes;
    tally->count++;
    tally->hash = ut_hash_bytes(item->mail, tally->hash ^ (uint64_t)item->byte);
    return UT_OK;
}

typedef struct ut_bites {
    ut_str rest;
    size_t step;
} ut_bites;

static ut_status bite(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    (void)err;
    ut_bites *bites = ctx;
    size_t n = bites->rest.len < room ? bites->rest.len : room;
    n = n < bites->step ? n : bites->step;
    if (n) {
        memcpy(to, bites->rest.ptr, n);
    }
    bites->rest = ut_str_slice(bites->rest, n, bites->rest.len);
    *ret_len = n;
    return UT_OK;
}

static ut_tally split(ut_str bytes, size_t step)
{
    ut_tally tally = {.bytes = bytes};
    ut_bites bites = {bytes, step};
    ut_stream stream = {.ctx = &bites, .read = bite, .size_bytes = -1};
    UT_ASSERT(ut_mbox_read(&stream, on_item, &tally, NULL) == UT_OK);
    UT_ASSERT(tally.count == 0 || tally.next == (int64_t)bytes.len);
    return tally;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_str bytes = {(const char *)data, size};
    ut_tally whole = split(bytes, SIZE_MAX);
    ut_tally pieces = split(bytes, size ? (size_t)data[size - 1] % 61 + 1 : 1);
    UT_ASSERT(whole.count == pieces.count && whole.hash == pieces.hash);
    return 0;
}
