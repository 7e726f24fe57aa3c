/* codec/ical.c — cuts a calendar stream into components, one in memory at a time.
 *
 *     BEGIN:VCALENDAR          scope: zones and what the calendar says of itself; new for each calendar
 *     X-WR-TIMEZONE:…
 *     BEGIN:VTIMEZONE … END    kept as bytes, worked out when an event names it
 *     BEGIN:VEVENT … END       read and visited; waits when it names a zone that did not come yet
 *     BEGIN:VTODO … END        visited as "other"
 *     END:VCALENDAR            what still waits is read with what there is
 *
 * Only lines that begin with BEGIN or END are looked at here. A component ends at the END of its own name; when the
 * next one begins first, or its calendar ends, it was never closed and is refused, and the next one is whole. Events
 * outside any calendar are read too: programs hand them over like that. libical's parser is not used, because it wants
 * a whole component as one string, has no byte positions, and keeps no bound on what it builds from it.
 */
#include "codec/ical_int.h"

#define CHUNK_BYTES (64 * UT_KIB)
/* Longer lines come in pieces; only the first one can be BEGIN or END. */
#define NAME_BYTES_MAX 64
#define CALENDAR_TEXT_MAX 1024
/* Of a component that is too large, what a reject shows. */
#define HEAD_BYTES (4 * UT_KIB)
/* Address space, not memory: six times the largest component, for texts in another character set; and zones. */
#define EVENT_ARENA_BYTES (256 * UT_MIB)
#define SCOPE_ARENA_BYTES (128 * UT_MIB)

typedef struct ut_ical_waiting {
    size_t offset, len; /* in waiting_bytes */
    int64_t byte;
} ut_ical_waiting;
/* An event that waits has at least this many bytes, so the list has a bound as well. */
#define WAITING_COUNT_MAX (UT_ICAL_WAITING_MAX / 64)

typedef struct ut_ical_reader {
    ut_stream *stream;
    ut_ical_visit visit;
    void *ctx;
    ut_arena *event_arena; /* emptied before each event, unless `keeps` */
    bool keeps;
    ut_ical_scope scope;
    size_t zone_bytes;
    /* The stream. */
    char *window;  /* CHUNK_BYTES of text, and room for one more character */
    char *encoded; /* CHUNK_BYTES of UTF-16; NULL when the text is not in it */
    size_t encoded_len;
    size_t len, at;
    int64_t base; /* offset of window[0]; of UTF-16, in the text made from it */
    char eol;
    int utf16;         /* 0 no, 1 little, 2 big endian */
    bool source_ended; /* of UTF-16: nothing more to read, perhaps to decode */
    bool ended, mid_line, any_begin, any_byte;
    /* The component that is open. */
    bool open, too_large;
    char name[NAME_BYTES_MAX];
    size_t name_len;
    int64_t byte, size_bytes;
    ut_buf raw;
    /* Events whose zone may still come. */
    ut_buf waiting_bytes;
    ut_ical_waiting *waiting;
    size_t waiting_count;
} ut_ical_reader;

static ut_str name_of(const ut_ical_reader *r)
{
    return (ut_str){r->name, r->name_len};
}

static ut_status give(ut_ical_reader *r, ut_ical_item *item, ut_err *err)
{
    item->calendar = &r->scope.calendar;
    item->scope = &r->scope;
    return r->visit(r->ctx, item, err);
}

static ut_status reject(ut_ical_reader *r, ut_status why, const char *reason, ut_err *err)
{
    ut_ical_item item = {.kind = UT_ICAL_ITEM_REJECT,
                         .component = name_of(r),
                         .byte = r->byte,
                         .size_bytes = r->size_bytes,
                         .raw = ut_buf_str(&r->raw)};
    (void)ut_fail(&item.reason, why, "%s: " UT_STR_FMT, reason, UT_STR_ARG(item.component));
    item.reason.byte = r->byte;
    item.raw = why == UT_LIMIT ? ut_str_slice(item.raw, 0, HEAD_BYTES) : item.raw;
    return give(r, &item, err);
}

/* Reads and visits one event. *ret_wait is set instead of visiting when its zone is not known and it `may_wait`. */
static ut_status give_event(ut_ical_reader *r, ut_ical_item *item, bool may_wait, bool *ret_wait, ut_err *err)
{
    ut_ical_event event;
    if (!r->keeps) {
        ut_arena_reset(r->event_arena);
    }
    ut_status st = ut_ical_event_read(r->event_arena, &event, &r->scope, item->raw, &item->reason);
    if (st == UT_NOMEM) {
        return ut_fail(err, st, "%s", item->reason.message);
    }
    if (st == UT_OK && event.zone_unknown && may_wait) {
        *ret_wait = true;
        return UT_OK;
    }
    item->kind = st == UT_OK ? UT_ICAL_ITEM_EVENT : UT_ICAL_ITEM_REJECT;
    item->event = st == UT_OK ? &event : NULL;
    if (st == UT_OK) {
        item->reason = (ut_err){0};
    } else {
        item->reason.byte = item->byte + (item->reason.byte > 0 ? item->reason.byte : 0);
    }
    return give(r, item, err);
}

static ut_status put_waiting(ut_ical_reader *r, ut_err *err)
{
    if (!r->waiting) {
        r->waiting = ut_mem_alloc(WAITING_COUNT_MAX * sizeof *r->waiting);
    }
    size_t offset = r->waiting_bytes.len;
    ut_buf_put(&r->waiting_bytes, ut_buf_str(&r->raw));
    if (!r->waiting || r->waiting_bytes.failed) {
        return ut_fail(err, UT_NOMEM, "no memory for events that wait for their time zone");
    }
    r->waiting[r->waiting_count++] = (ut_ical_waiting){offset, r->raw.len, r->byte};
    return UT_OK;
}

static ut_status end_event(ut_ical_reader *r, bool in_calendar, ut_err *err)
{
    ut_ical_item item = {
        .component = name_of(r), .raw = ut_buf_str(&r->raw), .byte = r->byte, .size_bytes = r->size_bytes};
    bool room = r->waiting_bytes.len + r->raw.len <= UT_ICAL_WAITING_MAX && r->waiting_count < WAITING_COUNT_MAX;
    bool wait = false;
    ut_status st = give_event(r, &item, in_calendar && room, &wait, err);
    return st == UT_OK && wait ? put_waiting(r, err) : st;
}

static ut_status end_zone(ut_ical_reader *r, ut_err *err)
{
    ut_ical_scope *scope = &r->scope;
    ut_ical_lines lines = ut_ical_lines_of(ut_buf_str(&r->raw));
    ut_ical_line line;
    ut_str tzid = {0};
    bool found = false, copied = false;
    while (!found && ut_ical_lines_next(&lines, &line)) {
        found = ut_str_eq_nocase(line.name, UT_STR("TZID"));
    }
    bool failed = lines.text.failed != UT_OK;
    bool room = scope->own_count < UT_ICAL_ZONES_MAX && r->zone_bytes + r->raw.len <= UT_ICAL_ZONE_BYTES_MAX;
    if (found && room) {
        tzid = ut_ical_text(scope->keep, ut_str_trim(line.value), &line);
        scope->own = scope->own ? scope->own : ut_new(scope->keep, ut_ical_vtimezone, UT_ICAL_ZONES_MAX);
        ut_str raw = ut_arena_copy(scope->keep, ut_buf_str(&r->raw));
        copied = scope->own && raw.ptr && (tzid.ptr || ut_str_trim(line.value).len == 0);
        if (copied) {
            scope->own[scope->own_count++] = (ut_ical_vtimezone){.tzid = tzid, .raw = raw};
            r->zone_bytes += raw.len;
        }
    }
    ut_buf_free(&lines.text);
    if (failed || (found && room && !copied)) {
        return ut_fail(err, UT_NOMEM, "no memory for a VTIMEZONE");
    }
    if (!found) {
        return reject(r, UT_INVALID, "a time zone without TZID", err);
    }
    return room ? UT_OK : reject(r, UT_LIMIT, "more time zones than one calendar may have", err);
}

/* The open component is whole. */
static ut_status end_component(ut_ical_reader *r, ut_err *err)
{
    r->open = false;
    if (r->too_large) {
        return reject(r, UT_LIMIT, "a component over the size of a record", err);
    }
    if (ut_str_eq_nocase(name_of(r), UT_STR("VEVENT"))) {
        return end_event(r, r->any_begin, err);
    }
    if (ut_str_eq_nocase(name_of(r), UT_STR("VTIMEZONE"))) {
        return end_zone(r, err);
    }
    ut_ical_item item = {.kind = UT_ICAL_ITEM_OTHER,
                         .component = name_of(r),
                         .raw = ut_buf_str(&r->raw),
                         .byte = r->byte,
                         .size_bytes = r->size_bytes};
    return give(r, &item, err);
}

static bool stands_alone(ut_str name)
{
    static const char *const names[] = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (ut_str_eq_nocase(name, ut_str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

/* Something else begins or ends while a component is open. */
static ut_status break_component(ut_ical_reader *r, ut_err *err)
{
    if (!r->open) {
        return UT_OK;
    }
    if (!stands_alone(name_of(r))) {
        return end_component(r, err); /* a program's own component around real ones */
    }
    r->open = false;
    return reject(r, UT_INVALID, "a component that is never closed", err);
}

/* What waited is read with the zones there are, and the calendar is forgotten. */
static ut_status end_calendar(ut_ical_reader *r, ut_err *err)
{
    ut_status st = break_component(r, err);
    for (size_t i = 0; i < r->waiting_count && st == UT_OK; i++) {
        const ut_ical_waiting *w = &r->waiting[i];
        ut_ical_item item = {.component = UT_STR("VEVENT"), .byte = w->byte, .size_bytes = (int64_t)w->len};
        item.raw = ut_str_slice(ut_buf_str(&r->waiting_bytes), w->offset, w->offset + w->len);
        bool wait;
        st = give_event(r, &item, false, &wait, err);
    }
    r->waiting_count = 0;
    ut_buf_clear(&r->waiting_bytes);
    ut_ical_scope *scope = &r->scope;
    *scope = (ut_ical_scope){.zones = scope->zones, .keep = scope->keep};
    r->zone_bytes = 0;
    if (!r->keeps) {
        ut_arena_reset(scope->keep);
    }
    return st;
}

/* A line of the calendar itself. */
static ut_status calendar_line(ut_ical_reader *r, ut_str text, ut_err *err)
{
    ut_ical_line line = {0};
    ut_ical_calendar *calendar = &r->scope.calendar;
    if (text.len > CALENDAR_TEXT_MAX || !ut_ical_line_cut(&line, text)) {
        return UT_OK;
    }
    ut_str value = ut_str_trim(line.value), *to = NULL;
    to = ut_str_eq_nocase(line.name, UT_STR("METHOD")) ? &calendar->method : to;
    to = ut_str_eq_nocase(line.name, UT_STR("X-WR-TIMEZONE")) ? &calendar->zone : to;
    to = ut_str_eq_nocase(line.name, UT_STR("X-WR-CALNAME")) ? &calendar->name : to;
    if (!to || to->len || value.len == 0) {
        return UT_OK; /* the first one counts, so that a repeated line can't fill the arena */
    }
    *to = ut_ical_text(r->scope.keep, value, &line);
    if (!to->ptr) {
        return ut_fail(err, UT_NOMEM, "no memory for a calendar");
    }
    if (to == &calendar->zone) {
        ut_status st = ut_ical_zone_find(&r->scope.floating, r->scope.zones, *to, err);
        return st == UT_NOT_FOUND ? UT_OK : st;
    }
    return UT_OK;
}

static ut_status append(ut_ical_reader *r, ut_str piece, ut_err *err)
{
    r->size_bytes += (int64_t)piece.len;
    r->too_large |= r->size_bytes > (int64_t)UT_RECORD_BYTES_MAX;
    if (r->too_large) {
        return UT_OK;
    }
    ut_buf_put(&r->raw, piece);
    return r->raw.failed ? ut_fail(err, UT_NOMEM, "no memory for a component of a calendar") : UT_OK;
}

static ut_status on_begin(ut_ical_reader *r, ut_str name, ut_str piece, int64_t byte, ut_err *err)
{
    bool calendar = ut_str_eq_nocase(name, UT_STR("VCALENDAR"));
    if (r->open && !calendar && !stands_alone(name)) {
        return append(r, piece, err);
    }
    ut_status st = calendar ? end_calendar(r, err) : break_component(r, err);
    r->any_begin = true;
    if (st != UT_OK || calendar) {
        return st;
    }
    r->open = true;
    r->too_large = false;
    r->byte = byte;
    r->size_bytes = 0;
    r->name_len = name.len < NAME_BYTES_MAX ? name.len : NAME_BYTES_MAX;
    memcpy(r->name, name.ptr, r->name_len);
    ut_buf_clear(&r->raw);
    return append(r, piece, err);
}

static ut_status on_end(ut_ical_reader *r, ut_str name, ut_str piece, ut_err *err)
{
    if (ut_str_eq_nocase(name, UT_STR("VCALENDAR"))) {
        return end_calendar(r, err);
    }
    if (!r->open) {
        return UT_OK;
    }
    ut_status st = append(r, piece, err);
    return st == UT_OK && ut_str_eq_nocase(ut_str_slice(name, 0, NAME_BYTES_MAX), name_of(r)) ? end_component(r, err)
                                                                                              : st;
}

/* A line or a piece of one, its line end included. */
static ut_status on_piece(ut_ical_reader *r, ut_str piece, bool begins_line, int64_t byte, ut_err *err)
{
    ut_str line = ut_str_trim(piece);
    r->any_byte |= line.len > 0;
    if (begins_line && piece.ptr[0] != ' ' && piece.ptr[0] != '\t') {
        if (ut_str_starts_nocase(line, UT_STR("BEGIN:")) && line.len > 6) {
            return on_begin(r, ut_str_trim(ut_str_slice(line, 6, line.len)), piece, byte, err);
        }
        if (ut_str_starts_nocase(line, UT_STR("END:"))) {
            return on_end(r, ut_str_trim(ut_str_slice(line, 4, line.len)), piece, err);
        }
        if (!r->open) {
            return calendar_line(r, line, err);
        }
    }
    return r->open ? append(r, piece, err) : UT_OK;
}

static uint32_t unit_at(const ut_ical_reader *r, size_t at)
{
    unsigned char first = (unsigned char)r->encoded[at], second = (unsigned char)r->encoded[at + 1];
    return r->utf16 == 1 ? (uint32_t)(first | second << 8) : (uint32_t)(first << 8 | second);
}

/* UTF-16 to UTF-8 as far as the window goes; half of a pair stays for the next time. */
static void decode(ut_ical_reader *r)
{
    size_t at = 0;
    while (at + 1 < r->encoded_len && r->len < CHUNK_BYTES) {
        uint32_t rune = unit_at(r, at);
        bool high = rune >= 0xD800 && rune < 0xDC00;
        if (high && at + 3 >= r->encoded_len && !r->source_ended) {
            break;
        }
        uint32_t low = high && at + 3 < r->encoded_len ? unit_at(r, at + 2) : 0;
        bool pair = low >= 0xDC00 && low < 0xE000;
        rune = pair ? 0x10000 + ((rune - 0xD800) << 10) + (low - 0xDC00) : rune;
        r->len += ut_str_put_rune(r->window + r->len, rune);
        at += pair ? 4 : 2;
    }
    memmove(r->encoded, r->encoded + at, r->encoded_len - at);
    r->encoded_len -= at;
}

/* Moves what is left to the front and reads behind it. */
static ut_status refill(ut_ical_reader *r, ut_err *err)
{
    if (r->at) {
        memmove(r->window, r->window + r->at, r->len - r->at);
        r->base += (int64_t)r->at;
        r->len -= r->at;
        r->at = 0;
    }
    size_t got = 0, room = CHUNK_BYTES - r->len;
    if (!r->utf16) {
        ut_status st = r->stream->read(r->stream->ctx, r->window + r->len, room, &got, err);
        r->len += got;
        r->ended = st == UT_OK && got == 0;
        return st;
    }
    ut_status st = UT_OK;
    if (!r->source_ended && r->encoded_len < CHUNK_BYTES) {
        st = r->stream->read(r->stream->ctx, r->encoded + r->encoded_len, CHUNK_BYTES - r->encoded_len, &got, err);
        r->encoded_len += got;
        r->source_ended = st == UT_OK && got == 0;
    }
    if (st == UT_OK) {
        decode(r);
        r->ended = r->source_ended && r->encoded_len < 2;
    }
    return st;
}

/* The first bytes tell character set and line ends. */
static ut_status start(ut_ical_reader *r, ut_err *err)
{
    ut_status st = UT_OK;
    while (st == UT_OK && !r->ended && r->len < CHUNK_BYTES) {
        st = refill(r, err);
    }
    ut_str head = {r->window, r->len};
    if (ut_str_starts(head, UT_STR("\xEF\xBB\xBF"))) {
        r->at = 3;
    } else if (ut_str_starts(head, UT_STR("\xFF\xFE")) || ut_str_starts(head, UT_STR("\xFE\xFF"))) {
        r->utf16 = head.ptr[0] == '\xFF' ? 1 : 2;
        r->encoded = ut_mem_alloc(CHUNK_BYTES);
        if (!r->encoded) {
            return ut_fail(err, UT_NOMEM, "no memory for a calendar in UTF-16");
        }
        memcpy(r->encoded, r->window + 2, r->len - 2);
        r->encoded_len = r->len - 2;
        r->source_ended = r->ended;
        r->len = 0;
        st = st == UT_OK ? refill(r, err) : st;
    }
    return st;
}

static ut_status read_pieces(ut_ical_reader *r, ut_err *err)
{
    ut_status st = start(r, err);
    r->eol = ut_ical_eol((ut_str){r->window + r->at, r->len - r->at});
    while (st == UT_OK) {
        ut_str rest = {r->window + r->at, r->len - r->at};
        size_t end = ut_str_find_byte(rest, r->eol, 0);
        bool whole = end != UT_NPOS;
        if (!whole && !r->ended && rest.len < CHUNK_BYTES) {
            st = refill(r, err);
            continue;
        }
        if (rest.len == 0) {
            break;
        }
        ut_str piece = ut_str_slice(rest, 0, whole ? end + 1 : rest.len);
        st = on_piece(r, piece, !r->mid_line, r->base + (int64_t)r->at, err);
        r->mid_line = !whole;
        r->at += piece.len;
    }
    if (st == UT_OK) {
        st = end_calendar(r, err);
    }
    if (st == UT_OK && r->any_byte && !r->any_begin) {
        r->byte = 0;
        r->size_bytes = r->base + (int64_t)r->len;
        r->name_len = 0;
        st = reject(r, UT_INVALID, "no calendar: nothing begins with BEGIN:", err);
    }
    return st;
}

/* Runs a reader whose arenas are set. */
static ut_status run(ut_ical_reader *r, ut_err *err)
{
    r->window = ut_mem_alloc(CHUNK_BYTES + 4);
    r->raw = ut_buf_make(UT_RECORD_BYTES_MAX);
    r->waiting_bytes = ut_buf_make(UT_ICAL_WAITING_MAX);
    ut_status st = r->window ? read_pieces(r, err) : ut_fail(err, UT_NOMEM, "no memory for reading a calendar");
    ut_buf_free(&r->raw);
    ut_buf_free(&r->waiting_bytes);
    ut_mem_free(r->waiting);
    ut_mem_free(r->encoded);
    ut_mem_free(r->window);
    return st;
}

ut_status ut_ical_read(ut_stream *stream, ut_ical_zones *zones, ut_ical_visit visit, void *ctx, ut_err *err)
{
    ut_arena event_arena = {0}, scope_arena = {0};
    ut_ical_reader *r = ut_mem_zeroed(1, sizeof *r);
    ut_status st = UT_NOMEM;
    if (r && ut_arena_open(&event_arena, EVENT_ARENA_BYTES) == UT_OK &&
        ut_arena_open(&scope_arena, SCOPE_ARENA_BYTES) == UT_OK) {
        *r = (ut_ical_reader){.stream = stream,
                              .visit = visit,
                              .ctx = ctx,
                              .event_arena = &event_arena,
                              .scope = {.zones = zones, .keep = &scope_arena}};
        st = run(r, err);
    } else {
        (void)ut_fail(err, st, "no memory for reading a calendar");
    }
    ut_arena_close(&scope_arena);
    ut_arena_close(&event_arena);
    ut_mem_free(r);
    return st;
}

void ut_ical_item_write(ut_buf *to, const ut_ical_item *item)
{
    const char *eol = ut_ical_eol(item->raw) == '\r' ? "\r" : "\r\n";
    const ut_ical_scope *scope = item->scope;
    ut_buf_format(to, "BEGIN:VCALENDAR%s", eol);
    if (item->calendar->method.len) {
        ut_buf_format(to, "METHOD:" UT_STR_FMT "%s", UT_STR_ARG(item->calendar->method), eol);
    }
    if (item->calendar->zone.len) {
        ut_buf_format(to, "X-WR-TIMEZONE:" UT_STR_FMT "%s", UT_STR_ARG(item->calendar->zone), eol);
    }
    for (size_t i = 0; i < scope->own_count; i++) {
        /* What a fold cuts in two is not found: then the zone is missing, never wrong. Short names fold rarely. */
        if (scope->own[i].tzid.len && ut_str_has(item->raw, scope->own[i].tzid)) {
            ut_buf_put(to, scope->own[i].raw);
        }
    }
    ut_buf_put(to, item->raw);
    if (item->raw.len && item->raw.ptr[item->raw.len - 1] != '\n' && item->raw.ptr[item->raw.len - 1] != '\r') {
        ut_buf_puts(to, eol);
    }
    ut_buf_format(to, "END:VCALENDAR%s", eol);
}

typedef struct ut_first {
    ut_ical_event *event;
    bool found, rejected;
    ut_err reason;
} ut_first;

static ut_status take_first(void *ctx, const ut_ical_item *item, ut_err *err)
{
    ut_first *first = ctx;
    if (item->kind == UT_ICAL_ITEM_EVENT) {
        *first->event = *item->event;
        first->found = true;
        return ut_fail(err, UT_INTERRUPTED, "found");
    }
    if (item->kind == UT_ICAL_ITEM_REJECT && !first->rejected) {
        first->rejected = true;
        first->reason = item->reason;
    }
    return UT_OK;
}

ut_status ut_ical_parse(ut_arena *keep, ut_ical_event *ret, ut_ical_zones *zones, ut_str bytes, ut_err *err)
{
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, bytes);
    ut_ical_event event;
    ut_first first = {.event = &event};
    ut_ical_reader *r = ut_mem_zeroed(1, sizeof *r);
    if (!r) {
        return ut_fail(err, UT_NOMEM, "no memory for reading a calendar");
    }
    *r = (ut_ical_reader){.stream = &stream,
                          .visit = take_first,
                          .ctx = &first,
                          .event_arena = keep,
                          .keeps = true,
                          .scope = {.zones = zones, .keep = keep}};
    ut_status st = run(r, err);
    ut_mem_free(r);
    if (first.found && (st == UT_OK || st == UT_INTERRUPTED)) {
        *ret = event;
        return UT_OK;
    }
    if (st == UT_OK && first.rejected) {
        if (err) {
            *err = first.reason;
        }
        return first.reason.status;
    }
    return st == UT_OK ? ut_fail(err, UT_INVALID, "no event in this calendar") : st;
}
