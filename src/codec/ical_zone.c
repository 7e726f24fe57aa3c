/* codec/ical_zone.c — time zones as tables of their changes, from ICU, and whose word counts when a file names one.
 *
 * A table instead of a calendar object, because a lookup is then a binary search over constant memory, and a zone from
 * a VTIMEZONE looks the same as one of the world's. Order of belief for a TZID: an IANA name with "/" (a file's own
 * copy of Europe/Berlin is often out of date), a Windows name (likewise), the file's VTIMEZONE, an IANA name without
 * "/" ("EST", "CET": a file that defines its own means that one), an IANA name at its end ("/freeassociation…/Tzfile/
 * Europe/Berlin"). Nobody's name gives UT_NOT_FOUND, and the event says so.
 */
#include "codec/ical_int.h"

#include <unicode/ucal.h>

/* 1900-01-01 and 2100-01-01 in ms: before and after, the offset next to it stays. */
#define FIRST_MS (-2208988800000.0)
#define LAST_MS 4102444800000.0
/* Changes of one zone; Morocco, with four a year, has the most and stays below 600. */
#define CHANGES_MAX 2000
#define NAME_MAX_BYTES 128

struct ut_ical_zones {
    ut_arena arena;
    ut_map names;         /* name → index in zones + 1; UNKNOWN = nobody's; AS_UTC */
    ut_ical_zone **zones; /* in the arena */
    size_t count;
};

/* Names asked for over the life of a handle; beyond it a name is worked out anew each time it is met. */
#define NAMES_MAX 4096
#define UNKNOWN 1
#define AS_UTC 2
#define FIRST_INDEX 3

ut_status ut_ical_zones_open(ut_ical_zones **ret, ut_err *err)
{
    ut_ical_zones *zones = ut_mem_zeroed(1, sizeof *zones);
    if (!zones || ut_arena_open(&zones->arena, 64 * UT_MIB) != UT_OK) {
        ut_mem_free(zones);
        return ut_fail(err, UT_NOMEM, "no memory for the time zones");
    }
    zones->names = ut_map_make(NAMES_MAX);
    zones->zones = ut_new(&zones->arena, ut_ical_zone *, NAMES_MAX);
    *ret = zones;
    return UT_OK;
}

void ut_ical_zones_close(ut_ical_zones **zones)
{
    if (zones && *zones) {
        ut_map_free(&(*zones)->names);
        ut_arena_close(&(*zones)->arena);
        *zones = ut_mem_free(*zones);
    }
}

/* ASCII to ICU's characters; false when it is none or too long. */
static bool to_uchars(UChar to[NAME_MAX_BYTES], ut_str name)
{
    if (name.len == 0 || name.len >= NAME_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c < 0x20 || c >= 0x7F) {
            return false;
        }
        to[i] = c;
    }
    to[name.len] = 0;
    return true;
}

/* The name of a zone that ICU has: an IANA name itself, or what CLDR makes of a Windows name. */
static bool world_name(char ret[NAME_MAX_BYTES], ut_str name, bool windows)
{
    UChar asked[NAME_MAX_BYTES], found[NAME_MAX_BYTES];
    UErrorCode status = U_ZERO_ERROR;
    UBool is_system = 0;
    if (!to_uchars(asked, name)) {
        return false;
    }
    int32_t len = windows ? ucal_getTimeZoneIDForWindowsID(asked, -1, NULL, found, NAME_MAX_BYTES, &status)
                          : ucal_getCanonicalTimeZoneID(asked, -1, found, NAME_MAX_BYTES, &is_system, &status);
    if (U_FAILURE(status) || len <= 0 || len >= NAME_MAX_BYTES || (!windows && !is_system)) {
        return false;
    }
    /* The canonical name may be an older one than the file's; the file's is kept. */
    const UChar *from = windows ? found : asked;
    size_t count = windows ? (size_t)len : name.len;
    for (size_t i = 0; i < count; i++) {
        ret[i] = (char)from[i];
    }
    ret[count] = 0;
    return true;
}

static int64_t offset_us(UCalendar *at, UErrorCode *status)
{
    int32_t raw = ucal_get(at, UCAL_ZONE_OFFSET, status);
    return (raw + (int64_t)ucal_get(at, UCAL_DST_OFFSET, status)) * 1000;
}

/* Walks ICU's transitions into `changes`; the count, or SIZE_MAX when ICU refuses. */
static size_t list_changes(ut_ical_change changes[CHANGES_MAX], int64_t *ret_first_us, UCalendar *at)
{
    UErrorCode status = U_ZERO_ERROR;
    size_t count = 0;
    ucal_setMillis(at, FIRST_MS, &status);
    int64_t before = offset_us(at, &status);
    *ret_first_us = before;
    while (U_SUCCESS(status) && count < CHANGES_MAX) {
        UDate next = 0;
        if (!ucal_getTimeZoneTransitionDate(at, UCAL_TZ_TRANSITION_NEXT, &next, &status) || next > LAST_MS) {
            break;
        }
        ucal_setMillis(at, next, &status);
        int64_t after = offset_us(at, &status);
        if (after != before) { /* ICU also lists changes that only rename the time */
            changes[count++] = (ut_ical_change){(int64_t)next * 1000, before, after};
        }
        before = after;
    }
    return U_SUCCESS(status) ? count : SIZE_MAX;
}

static ut_status build(ut_arena *keep, ut_ical_zone **ret, const char *name, ut_err *err)
{
    UChar id[NAME_MAX_BYTES];
    UErrorCode status = U_ZERO_ERROR;
    if (!to_uchars(id, ut_str_of(name))) {
        return ut_fail(err, UT_INVALID, "%s is no name of a time zone", name);
    }
    ut_ical_change *changes = ut_mem_alloc(CHANGES_MAX * sizeof *changes);
    UCalendar *at = changes ? ucal_open(id, -1, "en", UCAL_GREGORIAN, &status) : NULL;
    ut_ical_zone *zone = ut_new(keep, ut_ical_zone, 1);
    ut_status st = UT_NOMEM;
    if (at && zone && U_SUCCESS(status)) {
        size_t count = list_changes(changes, &zone->first_us, at);
        zone->change_count = count == SIZE_MAX ? 0 : count;
        zone->changes = ut_new(keep, ut_ical_change, zone->change_count);
        zone->name = ut_arena_copy(keep, ut_str_of(name));
        if (zone->changes && zone->name.ptr) {
            memcpy(zone->changes, changes, zone->change_count * sizeof *changes);
            st = UT_OK;
        }
    }
    if (at) {
        ucal_close(at);
    }
    ut_mem_free(changes);
    if (st != UT_OK) {
        return ut_fail(err, st, "no memory for the time zone %s", name);
    }
    *ret = zone;
    return UT_OK;
}

static bool is_utc(ut_str name)
{
    static const char *const names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "Zulu", "Etc/Zulu", "Etc/UCT", "UCT"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (ut_str_eq_nocase(name, ut_str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

/* The zone of a name the world knows, from memory or worked out. UT_NOT_FOUND without a message when nobody does. */
static ut_status find(const ut_ical_zone **ret, ut_ical_zones *zones, ut_str name, ut_err *err)
{
    const uint64_t *known = ut_map_get(&zones->names, name);
    uint64_t value = known ? *known : 0;
    if (!known) {
        char world[NAME_MAX_BYTES];
        ut_ical_zone *zone = NULL;
        if (is_utc(name)) {
            value = AS_UTC;
        } else if (!world_name(world, name, false) && !world_name(world, name, true)) {
            value = UNKNOWN;
        } else {
            if (zones->count == NAMES_MAX) {
                return ut_fail(err, UT_LIMIT, "more than %d time zones", NAMES_MAX);
            }
            ut_status st = build(&zones->arena, &zone, world, err);
            if (st != UT_OK) {
                return st;
            }
            zones->zones[zones->count] = zone;
            value = FIRST_INDEX + zones->count++;
        }
        /* Names that nobody knows fill half of it at most: a file can make up any number of them. */
        size_t most = value == UNKNOWN ? NAMES_MAX / 2 : NAMES_MAX;
        uint64_t *slot = zones->names.count < most ? ut_map_put(&zones->names, name) : NULL;
        if (slot) {
            *slot = value;
        } else if (zone) {
            zones->count--;
            return ut_fail(err, UT_NOMEM, "no memory for the time zone %s", world);
        }
    }
    if (value == UNKNOWN) {
        return UT_NOT_FOUND;
    }
    *ret = value == AS_UTC ? NULL : zones->zones[value - FIRST_INDEX];
    return UT_OK;
}

ut_status ut_ical_zone_find(const ut_ical_zone **ret, ut_ical_zones *zones, ut_str name, ut_err *err)
{
    ut_status st = find(ret, zones, ut_str_trim(name), err);
    return st == UT_NOT_FOUND ? ut_fail(err, st, "there is no time zone \"" UT_STR_FMT "\"", UT_STR_ARG(name)) : st;
}

/* The VTIMEZONE of this name in the file. */
static ut_status find_own(const ut_ical_zone **ret, const ut_ical_scope *scope, ut_str tzid, ut_err *err)
{
    for (size_t i = 0; i < scope->own_count; i++) {
        ut_ical_vtimezone *own = &scope->own[i];
        if (!ut_str_eq(own->tzid, tzid) || own->broken) {
            continue;
        }
        if (!own->zone) {
            ut_status st = ut_ical_vtimezone_read(scope->keep, &own->zone, own->raw, err);
            own->broken = st == UT_INVALID;
            if (st == UT_INVALID) {
                continue;
            }
            if (st != UT_OK) {
                return st;
            }
        }
        *ret = own->zone;
        return UT_OK;
    }
    return UT_NOT_FOUND;
}

ut_status ut_ical_scope_zone(const ut_ical_zone **ret, const ut_ical_scope *scope, ut_str tzid, ut_err *err)
{
    tzid = ut_str_trim(tzid);
    UT_ASSERT(scope->zones);
    bool short_name = ut_str_find_byte(tzid, '/', 0) == UT_NPOS && ut_str_find_byte(tzid, ' ', 0) == UT_NPOS;
    ut_status st = short_name ? UT_NOT_FOUND : find(ret, scope->zones, tzid, err);
    st = st == UT_NOT_FOUND ? find_own(ret, scope, tzid, err) : st;
    st = st == UT_NOT_FOUND && short_name ? find(ret, scope->zones, tzid, err) : st;
    /* From the left, so that America/Argentina/Salta is found before anything shorter. */
    for (size_t at = ut_str_find_byte(tzid, '/', 0); st == UT_NOT_FOUND && at != UT_NPOS && tzid.len < NAME_MAX_BYTES;
         at = ut_str_find_byte(tzid, '/', at + 1)) {
        ut_str tail = ut_str_slice(tzid, at + 1, tzid.len);
        st = ut_str_find_byte(tail, '/', 0) == UT_NPOS ? UT_NOT_FOUND : find(ret, scope->zones, tail, err);
    }
    return st;
}

ut_str ut_ical_zone_name(const ut_ical_zone *zone)
{
    return zone ? zone->name : UT_STR("UTC");
}

int64_t ut_ical_zone_to_utc(const ut_ical_zone *zone, int64_t local_us)
{
    if (!zone) {
        return local_us;
    }
    /* A change counts for local times from the later of its two faces on: in a gap and in the first round of an hour
     * that comes twice the offset before it still holds. */
    size_t low = 0, high = zone->change_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const ut_ical_change *c = &zone->changes[middle];
        int64_t later = c->before_us > c->after_us ? c->before_us : c->after_us;
        if (c->at_us + later <= local_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return local_us - (low ? zone->changes[low - 1].after_us : zone->first_us);
}

int64_t ut_ical_zone_to_local(const ut_ical_zone *zone, int64_t at_us)
{
    if (!zone) {
        return at_us;
    }
    size_t low = 0, high = zone->change_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zone->changes[middle].at_us <= at_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return at_us + (low ? zone->changes[low - 1].after_us : zone->first_us);
}
