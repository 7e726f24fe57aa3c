/* fuzz_ical — any bytes as a calendar: how the stream is bitten off changes nothing, what is written of an item reads
 * as the same event, and series spread out in order and within bounds. */
#include "codec/ical.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct ut_tally {
    size_t size;
    size_t count;
    uint64_t hash;
    ut_ical_zones *zones;
    ut_arena *arena; /* NULL: items are only counted */
    int64_t last_us;
    size_t occurrences;
} ut_tally;

#define CAP 200

static ut_status on_occurrence(void *ctx, const ut_ical_occurrence *o, ut_err *err)
{
    (void)err;
    ut_tally *tally = ctx;
    UT_ASSERT(o->event && o->end_us >= o->start_us && o->start_us >= tally->last_us);
    UT_ASSERT(++tally->occurrences <= CAP);
    tally->last_us = o->start_us;
    return UT_OK;
}

static void expand(ut_tally *tally, const ut_ical_event *event)
{
    const ut_ical_event *overrides[] = {event};
    ut_ical_series series = {.master = event, .overrides = overrides, .override_count = event->is_override};
    ut_ical_window window = {ut_time_days_of(2026, 1, 1) * UT_DAY_US, ut_time_days_of(2026, 7, 1) * UT_DAY_US, CAP};
    ut_err err = {0};
    tally->last_us = INT64_MIN;
    tally->occurrences = 0;
    ut_status st = ut_ical_expand(&series, &window, on_occurrence, tally, &err);
    UT_ASSERT(st == UT_OK || (err.message[0] && tally->occurrences == 0));
    UT_ASSERT(st == UT_OK || st == UT_INVALID || st == UT_UNSUPPORTED || st == UT_LIMIT);
}

static void write_and_read(ut_tally *tally, const ut_ical_item *item)
{
    ut_buf text = ut_buf_make(4 * UT_MIB);
    ut_ical_event again;
    ut_err err = {0};
    ut_ical_item_write(&text, item);
    ut_arena_reset(tally->arena);
    UT_ASSERT(ut_ical_parse(tally->arena, &again, tally->zones, ut_buf_str(&text), &err) == UT_OK);
    UT_ASSERT(again.start.local_us == item->event->start.local_us && ut_str_eq(again.uid, item->event->uid));
    ut_buf_free(&text);
}

static ut_status on_item(void *ctx, const ut_ical_item *item, ut_err *err)
{
    (void)err;
    ut_tally *tally = ctx;
    UT_ASSERT(item->byte >= 0 && item->size_bytes > 0 && item->size_bytes >= (int64_t)item->raw.len);
    UT_ASSERT((item->kind == UT_ICAL_ITEM_EVENT) == (item->event != NULL));
    UT_ASSERT(item->kind != UT_ICAL_ITEM_REJECT || (item->reason.status != UT_OK && item->reason.message[0]));
    UT_ASSERT(item->kind != UT_ICAL_ITEM_REJECT || item->reason.byte >= item->byte);
    tally->count++;
    tally->hash = ut_hash_bytes(item->raw, tally->hash ^ (uint64_t)item->byte ^ (uint64_t)item->kind);
    if (item->event) {
        const ut_ical_event *e = item->event;
        UT_ASSERT(e->end_us >= e->start.at_us && e->attendee_count <= e->attendees_seen);
        UT_ASSERT(ut_str_utf8_valid(e->uid) == e->uid.len && ut_str_utf8_valid(e->summary) == e->summary.len);
        tally->hash = ut_hash_bytes(e->summary, tally->hash ^ (uint64_t)e->start.at_us ^ (uint64_t)e->end_us);
        if (tally->arena) {
            expand(tally, e);
            write_and_read(tally, item);
        }
    }
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

static ut_tally read_in(ut_str bytes, size_t step, ut_ical_zones *zones, ut_arena *arena)
{
    ut_tally tally = {.size = bytes.len, .zones = zones, .arena = arena};
    ut_bites bites = {bytes, step};
    ut_stream stream = {.ctx = &bites, .read = bite, .size_bytes = -1};
    UT_ASSERT(ut_ical_read(&stream, zones, on_item, &tally, NULL) == UT_OK);
    return tally;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ut_ical_zones *zones; /* kept over inputs: zones cost milliseconds to work out */
    ut_str bytes = {(const char *)data, size};
    ut_arena arena = {0};
    UT_ASSERT(zones || ut_ical_zones_open(&zones, NULL) == UT_OK);
    UT_ASSERT(ut_arena_open(&arena, 256 * UT_MIB) == UT_OK);
    ut_tally whole = read_in(bytes, SIZE_MAX, zones, &arena);
    ut_tally pieces = read_in(bytes, size ? (size_t)data[size - 1] % 61 + 1 : 1, zones, NULL);
    UT_ASSERT(whole.count == pieces.count && whole.hash == pieces.hash);
    ut_arena_close(&arena);
    return 0;
}
