/* codec/ical_expand.c — a series and its overrides to the occurrences in a window.
 *
 *     RRULE, RDATE -> starts, sorted, each once -> EXDATE takes away -> overrides replace -> what is in the window
 *
 * An instance is known by its original start. An override stands for its instance wherever it was moved to, so
 * overrides come in by their own times, and the instance they replace goes. THISANDFUTURE moves all later ones by as
 * much as it was moved itself, by the clock. Everything is collected before the first visit: a series that is refused
 * leaves nothing half done.
 */
#include "codec/ical_int.h"

#include <stdlib.h>

/* One start, before and after overrides are applied. */
typedef struct ut_start {
    int64_t local_us; /* where the rule put it */
    int64_t at_us;
    ut_ical_span span;
    bool span_given; /* RDATE's PERIOD */
} ut_start;

typedef struct ut_expansion {
    const ut_ical_series *series;
    const ut_ical_window *window;
    const ut_ical_event *master;
    ut_start *starts;
    size_t count, room;
    const ut_ical_event **overrides; /* by instance, one each */
    const ut_ical_event **wide;      /* of these THISANDFUTURE, and days that name instances of a timed series */
    size_t override_count, wide_count;
    size_t most; /* starts kept; more than the cap, because overrides and EXDATEs take some away */
    ut_ical_occurrence *found;
    size_t found_count, found_room;
} ut_expansion;

/* Windows are kept inside the years there are. */
#define FAR_US (INT64_C(10000) * 366 * UT_DAY_US)

static ut_status grow(void **items, size_t *room, size_t count, size_t size_bytes, ut_err *err)
{
    if (count < *room) {
        return UT_OK;
    }
    size_t wanted = *room ? *room * 2 : 64;
    void *more = ut_mem_overflows(wanted, size_bytes) ? NULL : ut_mem_resize(*items, wanted * size_bytes);
    if (!more) {
        return ut_fail(err, UT_NOMEM, "no memory for %zu occurrences of a series", wanted);
    }
    *items = more;
    *room = wanted;
    return UT_OK;
}

static ut_status too_many(const ut_expansion *x, ut_err *err)
{
    return ut_fail(err, UT_LIMIT, "a series has more than %zu occurrences between the two times asked for",
                   x->window->cap);
}

static ut_status put_start(ut_expansion *x, ut_start start, ut_err *err)
{
    if (x->count == x->most) {
        return too_many(x, err);
    }
    ut_status st = grow((void **)&x->starts, &x->room, x->count, sizeof *x->starts, err);
    if (st == UT_OK) {
        x->starts[x->count++] = start;
    }
    return st;
}

static ut_status on_start(void *ctx, int64_t local_us, ut_err *err)
{
    ut_expansion *x = ctx;
    return put_start(x, (ut_start){local_us, ut_ical_zone_to_utc(x->master->start.zone, local_us), {0}, false}, err);
}

/* How long before the window something may begin and still reach into it, however an override moves or stretches it. */
static int64_t reach_us(const ut_expansion *x)
{
    const ut_ical_event *master = x->master;
    int64_t reach = master->span.days * UT_DAY_US + master->span.seconds * UT_SECOND_US;
    for (size_t i = 0; i < x->series->override_count; i++) {
        const ut_ical_event *o = x->series->overrides[i];
        if (o->and_future) {
            int64_t moved = o->start.local_us - o->recurrence_id.local_us;
            int64_t longer = o->end_us - o->start.at_us;
            reach += (moved < 0 ? -moved : moved) + longer;
        }
        reach = reach > FAR_US ? FAR_US : reach;
    }
    return reach + 2 * UT_DAY_US;
}

static ut_status collect_starts(ut_expansion *x, ut_err *err)
{
    const ut_ical_event *master = x->master;
    int64_t reach = reach_us(x), steps = UT_ICAL_STEPS_MAX;
    int64_t from_us = x->window->from_us - reach, to_us = x->window->to_us + reach;
    if (master->has_exrule) {
        return ut_fail(err, UT_UNSUPPORTED, "a series with EXRULE, which RFC 5545 took out, is not spread out");
    }
    ut_status st = master->rule_count ? UT_OK : on_start(x, master->start.local_us, err);
    for (size_t i = 0; i < master->rule_count && st == UT_OK; i++) {
        ut_ical_walk walk = {master->rules[i], &master->start, from_us, to_us, &steps};
        st = ut_ical_rule_walk(&walk, on_start, x, err);
    }
    for (size_t i = 0; i < master->rdate_count && st == UT_OK; i++) {
        const ut_ical_rdate *r = &master->rdates[i];
        /* In another zone than DTSTART it still is that instant; a day in a timed series begins when the series does.
         */
        int64_t local = ut_ical_zone_to_local(master->start.zone, r->start.at_us);
        if (r->start.is_date && !master->start.is_date) {
            int64_t clock = master->start.local_us % UT_DAY_US;
            local = r->start.local_us + (clock < 0 ? clock + UT_DAY_US : clock);
        }
        ut_start start = {local, ut_ical_zone_to_utc(master->start.zone, local), r->span, r->span_given};
        st = put_start(x, start, err);
    }
    return st;
}

static int by_start(const void *a, const void *b)
{
    const ut_start *left = a, *right = b;
    if (left->at_us != right->at_us) {
        return left->at_us < right->at_us ? -1 : 1;
    }
    return right->span_given - left->span_given; /* a PERIOD says more than the rule */
}

static int by_instant(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Does this time name that start? A day names all that begin on it, by the series' own clock. */
static bool names(const ut_ical_time *time, const ut_start *start, const ut_ical_event *master)
{
    if (time->is_date && !master->start.is_date) {
        return start->local_us >= time->local_us && start->local_us < time->local_us + UT_DAY_US;
    }
    return time->is_date == master->start.is_date ? time->at_us == start->at_us
                                                  : time->local_us / UT_DAY_US == start->local_us / UT_DAY_US;
}

static bool holds(const int64_t *sorted, size_t count, int64_t value)
{
    return count && bsearch(&value, sorted, count, sizeof *sorted, by_instant) != NULL;
}

/* Sorted, each once, without those that EXDATE names. */
static ut_status sift_starts(ut_expansion *x, ut_err *err)
{
    const ut_ical_event *master = x->master;
    size_t count = master->exdate_count, instants = 0, days = 0, kept = 0;
    int64_t *sorted = ut_mem_alloc((2 * count + 1) * sizeof *sorted), *by_day = sorted + count;
    if (!sorted) {
        return ut_fail(err, UT_NOMEM, "no memory for the exceptions of a series");
    }
    for (size_t i = 0; i < count; i++) {
        const ut_ical_time *time = &master->exdates[i];
        if (time->is_date || master->start.is_date) {
            by_day[days++] = time->local_us - ((time->local_us % UT_DAY_US) + UT_DAY_US) % UT_DAY_US;
        } else {
            sorted[instants++] = time->at_us;
        }
    }
    qsort(sorted, instants, sizeof *sorted, by_instant);
    qsort(by_day, days, sizeof *by_day, by_instant);
    qsort(x->starts, x->count, sizeof *x->starts, by_start);
    for (size_t i = 0; i < x->count; i++) {
        ut_start start = x->starts[i];
        int64_t day = start.local_us - ((start.local_us % UT_DAY_US) + UT_DAY_US) % UT_DAY_US;
        bool twice = kept && x->starts[kept - 1].at_us == start.at_us;
        if (!twice && !holds(sorted, instants, start.at_us) && !holds(by_day, days, day)) {
            x->starts[kept++] = start;
        }
    }
    x->count = kept;
    ut_mem_free(sorted);
    return UT_OK;
}

static ut_status put_found(ut_expansion *x, ut_ical_occurrence found, ut_err *err)
{
    const ut_ical_window *window = x->window;
    bool empty = found.end_us == found.start_us;
    if (found.start_us >= window->to_us ||
        (empty ? found.start_us < window->from_us : found.end_us <= window->from_us)) {
        return UT_OK;
    }
    if (x->found_count == window->cap) {
        return too_many(x, err);
    }
    ut_status st = grow((void **)&x->found, &x->found_room, x->found_count, sizeof *x->found, err);
    if (st == UT_OK) {
        x->found[x->found_count++] = found;
    }
    return st;
}

static int by_instance(const void *a, const void *b)
{
    const ut_ical_event *left = *(const ut_ical_event *const *)a, *right = *(const ut_ical_event *const *)b;
    if (left->recurrence_id.at_us != right->recurrence_id.at_us) {
        return left->recurrence_id.at_us < right->recurrence_id.at_us ? -1 : 1;
    }
    if (left->sequence != right->sequence) {
        return left->sequence > right->sequence ? -1 : 1;
    }
    return (left->stamp_us < right->stamp_us) - (left->stamp_us > right->stamp_us);
}

/* Sorts the overrides by instance, of each the version that counts; those that need a look at every start go aside. */
static ut_status sift_overrides(ut_expansion *x, ut_err *err)
{
    const ut_ical_series *series = x->series;
    size_t count = series->override_count;
    x->overrides = ut_mem_alloc((2 * count + 1) * sizeof *x->overrides);
    if (!x->overrides) {
        return ut_fail(err, UT_NOMEM, "no memory for the overrides of a series");
    }
    x->wide = x->overrides + count;
    if (count) {
        memcpy(x->overrides, series->overrides, count * sizeof *x->overrides);
        qsort(x->overrides, count, sizeof *x->overrides, by_instance);
    }
    for (size_t i = 0; i < count; i++) {
        const ut_ical_event *o = x->overrides[i];
        if (x->override_count && x->overrides[x->override_count - 1]->recurrence_id.at_us == o->recurrence_id.at_us) {
            continue;
        }
        x->overrides[x->override_count++] = o;
        if (o->and_future || (x->master && o->recurrence_id.is_date != x->master->start.is_date)) {
            x->wide[x->wide_count++] = o;
        }
    }
    return UT_OK;
}

/* What stands for a start: *ret_exact when an override names just this one; else the last THISANDFUTURE before it. */
static const ut_ical_event *stand_in(const ut_expansion *x, const ut_start *start, bool *ret_exact)
{
    const ut_ical_event asked = {
        .recurrence_id = {.at_us = start->at_us}, .sequence = INT64_MAX, .stamp_us = INT64_MAX};
    size_t low = 0, high = x->override_count;
    const ut_ical_event *key = &asked;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (by_instance(&x->overrides[middle], &key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < x->override_count && names(&x->overrides[low]->recurrence_id, start, x->master)) {
        *ret_exact = true;
        return x->overrides[low];
    }
    const ut_ical_event *from_here = NULL;
    for (size_t i = 0; i < x->wide_count; i++) {
        const ut_ical_event *o = x->wide[i];
        if (names(&o->recurrence_id, start, x->master)) {
            *ret_exact = true;
            return o;
        }
        from_here = o->and_future && o->recurrence_id.at_us < start->at_us ? o : from_here;
    }
    return from_here;
}

static ut_status place_start(ut_expansion *x, const ut_start *start, ut_err *err)
{
    bool exact = false;
    const ut_ical_event *other = x->override_count ? stand_in(x, start, &exact) : NULL;
    if (exact || (other && other->status == UT_ICAL_STATUS_CANCELLED)) {
        return UT_OK; /* overrides come in by themselves */
    }
    const ut_ical_event *event = other ? other : x->master;
    ut_ical_time at = event->start;
    at.local_us = start->local_us + (other ? other->start.local_us - other->recurrence_id.local_us : 0);
    at.at_us = ut_ical_zone_to_utc(at.zone, at.local_us);
    ut_ical_span span = start->span_given && !other ? start->span : event->span;
    ut_ical_occurrence found = {event, at.at_us, ut_ical_span_end(&at, span), start->at_us, event->all_day};
    return put_found(x, found, err);
}

static int by_occurrence(const void *a, const void *b)
{
    const ut_ical_occurrence *left = a, *right = b;
    if (left->start_us != right->start_us) {
        return left->start_us < right->start_us ? -1 : 1;
    }
    return (left->original_us > right->original_us) - (left->original_us < right->original_us);
}

static ut_status place_all(ut_expansion *x, ut_err *err)
{
    ut_status st = UT_OK;
    bool cancelled = !x->master || x->master->status == UT_ICAL_STATUS_CANCELLED;
    for (size_t i = 0; i < x->count && st == UT_OK && !cancelled; i++) {
        st = place_start(x, &x->starts[i], err);
    }
    for (size_t i = 0; i < x->override_count && st == UT_OK; i++) {
        const ut_ical_event *o = x->overrides[i];
        if (o->status != UT_ICAL_STATUS_CANCELLED) {
            ut_ical_occurrence found = {o, o->start.at_us, o->end_us, o->recurrence_id.at_us, o->all_day};
            st = put_found(x, found, err);
        }
    }
    return st;
}

ut_status ut_ical_expand(const ut_ical_series *series, const ut_ical_window *window, ut_ical_occur occur, void *ctx,
                         ut_err *err)
{
    ut_ical_window clamped = *window;
    clamped.from_us = window->from_us < -FAR_US ? -FAR_US : window->from_us;
    clamped.to_us = window->to_us > FAR_US ? FAR_US : window->to_us;
    ut_expansion x = {.series = series, .window = &clamped, .master = series->master};
    x.most = window->cap > SIZE_MAX / 4 ? SIZE_MAX / 2 : window->cap * 2 + UT_ICAL_DATES_MAX;
    ut_status st = x.master ? collect_starts(&x, err) : UT_OK;
    if (st == UT_OK && x.master) {
        st = sift_starts(&x, err);
    }
    st = st == UT_OK ? sift_overrides(&x, err) : st;
    st = st == UT_OK ? place_all(&x, err) : st;
    if (st == UT_OK && x.found_count) {
        qsort(x.found, x.found_count, sizeof *x.found, by_occurrence);
    }
    for (size_t i = 0; i < x.found_count && st == UT_OK; i++) {
        st = occur(ctx, &x.found[i], err);
    }
    ut_mem_free(x.overrides);
    ut_mem_free(x.starts);
    ut_mem_free(x.found);
    return st;
}
