/* silver/day.c — the arithmetic of a person's days.
 *
 * Three steps: what the person did becomes sets of time over all that is given; the catalogue's first figures are the
 * lengths of such sets within a day; the rest is counted per day. Only the first step can fail.
 */
#include "silver/day.h"

#include <stdlib.h>

/* What is known before it is divided into days. */
typedef struct facts {
    ut_spans_kit kit;
    ut_spans set[UT_MEASURE_SETS];
    ut_spans active; /* meetings and everything sent, to oneself too */
    const ut_day_meeting **meetings; /* those that count, by their start */
    size_t meeting_count;
} facts;

bool ut_day_meeting_counts(const ut_day_meeting *meeting)
{
    return meeting->mine && meeting->busy && !meeting->cancelled && !meeting->all_day && meeting->people >= 2 &&
           meeting->from_us < meeting->to_us && meeting->to_us - meeting->from_us <= UT_MEETING_LONGEST_US;
}

static bool is_large(const ut_day_meeting *meeting)
{
    return meeting->people >= UT_MEETING_LARGE;
}

static bool is_long(const ut_day_meeting *meeting)
{
    return meeting->to_us - meeting->from_us > UT_MEETING_SHORT_US;
}

static int by_start(const void *a, const void *b)
{
    const ut_day_meeting *x = *(const ut_day_meeting *const *)a, *y = *(const ut_day_meeting *const *)b;
    return (x->from_us > y->from_us) - (x->from_us < y->from_us);
}

static void take_meetings(facts *f, const ut_days *days)
{
    f->meetings = ut_new(f->kit.arena, const ut_day_meeting *, days->meeting_count + 1);
    f->kit.full |= f->meetings == NULL;
    for (size_t i = 0; f->meetings && i < days->meeting_count; i++) {
        if (ut_day_meeting_counts(&days->meetings[i])) {
            f->meetings[f->meeting_count++] = &days->meetings[i];
        }
    }
    if (f->meeting_count) {
        qsort(f->meetings, f->meeting_count, sizeof(*f->meetings), by_start);
    }
}

/* Whether a meeting is part of one of the sets of meetings. */
static bool belongs(const ut_day_meeting *meeting, ut_measure_id id)
{
    switch (id) {
    case UT_MEASURE_SMALL_MEETING_HOURS:
        return !is_large(meeting);
    case UT_MEASURE_LARGE_MEETING_HOURS:
        return is_large(meeting);
    case UT_MEASURE_SHORT_MEETING_HOURS:
        return !is_long(meeting);
    case UT_MEASURE_LONG_MEETING_HOURS:
        return is_long(meeting);
    case UT_MEASURE_RECURRING_MEETING_HOURS:
        return meeting->recurring;
    default:
        return true;
    }
}

static void make_meeting_sets(facts *f)
{
    static const ut_measure_id kinds[] = {UT_MEASURE_MEETING_HOURS,       UT_MEASURE_SMALL_MEETING_HOURS,
                                          UT_MEASURE_LARGE_MEETING_HOURS, UT_MEASURE_SHORT_MEETING_HOURS,
                                          UT_MEASURE_LONG_MEETING_HOURS,  UT_MEASURE_RECURRING_MEETING_HOURS};
    ut_span *raw = ut_new(f->kit.arena, ut_span, f->meeting_count + 1);
    f->kit.full |= raw == NULL;
    for (size_t k = 0; raw && k < sizeof kinds / sizeof *kinds; k++) {
        size_t count = 0;
        for (size_t i = 0; i < f->meeting_count; i++) {
            if (belongs(f->meetings[i], kinds[k])) {
                raw[count++] = (ut_span){f->meetings[i]->from_us, f->meetings[i]->to_us};
            }
        }
        f->set[kinds[k]] = ut_spans_make(&f->kit, raw, count);
        if (kinds[k] == UT_MEASURE_MEETING_HOURS) {
            f->set[UT_MEASURE_CONFLICTING_MEETING_HOURS] = ut_spans_make_twice(&f->kit, raw, count);
        }
    }
}

static int by_conversation(const void *a, const void *b)
{
    const ut_day_message *x = a, *y = b;
    if (x->channel != y->channel) {
        return x->channel < y->channel ? -1 : 1;
    }
    if (x->channel == UT_DAY_CHAT && x->conversation != y->conversation) {
        return x->conversation < y->conversation ? -1 : 1;
    }
    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

static bool same_session(const ut_day_message *a, const ut_day_message *b)
{
    return a->channel == UT_DAY_CHAT && b->channel == UT_DAY_CHAT && a->conversation == b->conversation &&
           b->at_us - a->at_us <= UT_CHAT_PAUSE_US;
}

/* The time that writing took, of messages sorted by conversation: of all, or of those that somebody else got. */
static ut_spans writing(ut_spans_kit *kit, const ut_day_message *sent, size_t count, bool with_others)
{
    ut_span *raw = ut_new(kit->arena, ut_span, count + 1);
    kit->full |= raw == NULL;
    size_t spans = 0;
    const ut_day_message *last = NULL;
    int64_t began = 0;
    for (size_t i = 0; raw && i < count; i++) {
        const ut_day_message *now = &sent[i];
        if (with_others && now->alone) {
            continue;
        }
        bool goes_on = last && same_session(last, now);
        began = goes_on ? began : now->at_us;
        int64_t least = now->at_us - (now->channel == UT_DAY_MAIL ? UT_MAIL_WRITING_US : UT_CHAT_LEAST_US);
        spans += goes_on ? 0 : 1;
        raw[spans - 1] = (ut_span){began < least ? began : least, now->at_us};
        last = now;
    }
    return ut_spans_make(kit, raw, spans);
}

static void make_focus_sets(facts *f, ut_spans sent)
{
    ut_spans_kit *kit = &f->kit;
    ut_spans free = ut_spans_subtract(kit, f->set[UT_MEASURE_WORK_HOURS], f->set[UT_MEASURE_MEETING_HOURS]);
    ut_spans blocks = ut_spans_long(kit, free, UT_FOCUS_LEAST_US);
    ut_spans quiet = ut_spans_long(kit, ut_spans_subtract(kit, blocks, sent), UT_FOCUS_LEAST_US);
    f->set[UT_MEASURE_AVAILABLE_TO_FOCUS_HOURS] = free;
    f->set[UT_MEASURE_FRAGMENTED_HOURS] = ut_spans_subtract(kit, free, blocks);
    f->set[UT_MEASURE_UNINTERRUPTED_HOURS] = quiet;
    f->set[UT_MEASURE_INTERRUPTED_HOURS] = ut_spans_subtract(kit, blocks, quiet);
}

static void make_sets(facts *f, const ut_days *days)
{
    ut_spans_kit *kit = &f->kit;
    ut_day_message *sorted = ut_new(kit->arena, ut_day_message, days->message_count + 1);
    if (sorted == NULL) {
        kit->full = true;
        return;
    }
    if (days->message_count) {
        memcpy(sorted, days->messages, days->message_count * sizeof *sorted);
        qsort(sorted, days->message_count, sizeof *sorted, by_conversation);
    }
    take_meetings(f, days);
    make_meeting_sets(f);
    ut_spans meetings = f->set[UT_MEASURE_MEETING_HOURS];
    ut_spans sent = writing(kit, sorted, days->message_count, false);
    ut_spans work = ut_spans_make(kit, days->work, days->work_count);
    ut_spans together = ut_spans_unite(kit, meetings, writing(kit, sorted, days->message_count, true));
    f->active = ut_spans_unite(kit, meetings, sent);
    f->set[UT_MEASURE_WORK_HOURS] = work;
    f->set[UT_MEASURE_IN_PROGRESS_HOURS] = ut_spans_make(kit, days->items, days->item_count);
    f->set[UT_MEASURE_COLLABORATION_HOURS] = together;
    f->set[UT_MEASURE_AFTER_HOURS_COLLABORATION_HOURS] = ut_spans_subtract(kit, together, work);
    f->set[UT_MEASURE_MULTITASKING_HOURS] = ut_spans_intersect(kit, meetings, sent);
    make_focus_sets(f, sent);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void measure_day(ut_day *day, const facts *f, int64_t from_us, int64_t to_us)
{
    int64_t *value = day->value;
    for (size_t m = 0; m < UT_MEASURE_SETS; m++) {
        value[m] = ut_spans_length(f->set[m], from_us, to_us);
    }
    value[UT_MEASURE_WORKLOAD_HOURS] =
        value[UT_MEASURE_COLLABORATION_HOURS] +
        least(value[UT_MEASURE_AVAILABLE_TO_FOCUS_HOURS], value[UT_MEASURE_IN_PROGRESS_HOURS]);
    value[UT_MEASURE_ACTIVE_CONNECTED_HOURS] =
        UT_ACTIVE_BLOCK_US * ut_spans_blocks(f->active, from_us, to_us, UT_ACTIVE_BLOCK_US);
    for (size_t m = UT_MEASURE_MEETINGS; m < UT_MEASURE_STORED; m++) {
        value[m] = 0;
    }
}

/* Spans and recovery: of days with activity, and of such that follow one another. */
static void measure_rest(ut_day *ret_days, const facts *f, const ut_days *days)
{
    int64_t ended = UT_DAY_UNKNOWN_US; /* the last activity of the day before */
    for (size_t i = 0; i < days->count; i++) {
        int64_t *value = ret_days[i].value;
        ut_span reach;
        bool active = ut_spans_reach(&reach, f->active, days->border_us[i], days->border_us[i + 1]);
        bool rested = active && ended != UT_DAY_UNKNOWN_US;
        int64_t rest = rested ? reach.from_us - ended : UT_DAY_NONE;
        value[UT_MEASURE_COLLABORATION_SPAN] = active ? reach.to_us - reach.from_us : UT_DAY_NONE;
        value[UT_MEASURE_RECOVERY_HOURS] = rest;
        value[UT_MEASURE_SHORT_RECOVERIES] = rested ? rest < UT_RECOVERY_SHORT_US : UT_DAY_NONE;
        ended = active ? reach.to_us : UT_DAY_UNKNOWN_US;
    }
}

static ut_measure_id notice_band(int64_t notice_us)
{
    return notice_us <= 6 * UT_HOUR_US    ? UT_MEASURE_NOTICE_TO_6H_MEETINGS
           : notice_us <= 12 * UT_HOUR_US ? UT_MEASURE_NOTICE_TO_12H_MEETINGS
           : notice_us < 24 * UT_HOUR_US  ? UT_MEASURE_NOTICE_TO_24H_MEETINGS
                                          : UT_MEASURE_NOTICE_FROM_24H_MEETINGS;
}

static void count_meeting(ut_day *day, const ut_day_meeting *meeting, bool back_to_back)
{
    int64_t *value = day->value;
    value[UT_MEASURE_MEETINGS]++;
    value[is_large(meeting) ? UT_MEASURE_LARGE_MEETINGS : UT_MEASURE_SMALL_MEETINGS]++;
    value[is_long(meeting) ? UT_MEASURE_LONG_MEETINGS : UT_MEASURE_SHORT_MEETINGS]++;
    value[UT_MEASURE_RECURRING_MEETINGS] += meeting->recurring;
    value[UT_MEASURE_BACK_TO_BACK_MEETINGS] += back_to_back;
    if (meeting->invited_us != UT_DAY_UNKNOWN_US) {
        value[notice_band(meeting->from_us - meeting->invited_us)]++;
    }
}

/* A meeting counts on the day it begins. */
static void count_meetings(ut_day *ret_days, const facts *f, const ut_days *days)
{
    int64_t ended = UT_DAY_UNKNOWN_US; /* by when all that began earlier are over */
    size_t day = 0;
    for (size_t i = 0, same = 0; i < f->meeting_count; i++) {
        const ut_day_meeting *meeting = f->meetings[i];
        for (; f->meetings[same]->from_us < meeting->from_us; same++) {
            ended = f->meetings[same]->to_us > ended ? f->meetings[same]->to_us : ended;
        }
        while (day < days->count && days->border_us[day + 1] <= meeting->from_us) {
            day++;
        }
        if (day < days->count && days->border_us[day] <= meeting->from_us) {
            bool back_to_back = ended != UT_DAY_UNKNOWN_US && meeting->from_us - ended < UT_MEETING_BREAK_US;
            count_meeting(&ret_days[day], meeting, back_to_back);
        }
    }
}

ut_status ut_days_measure(ut_day *ret_days, ut_arena scratch, const ut_days *days, ut_err *err)
{
    for (size_t i = 0; i < days->count; i++) {
        if (days->border_us[i] >= days->border_us[i + 1]) {
            return ut_fail(err, UT_INVALID, "day %zu ends before it begins: the borders of days must rise", i);
        }
    }
    facts f = {.kit = {.arena = &scratch}};
    make_sets(&f, days);
    if (f.kit.full) {
        return ut_fail(err, UT_NOMEM, "memory ended while measuring %zu days with %zu meetings and %zu messages: "
                       "measure fewer days at a time", days->count, days->meeting_count, days->message_count);
    }
    for (size_t i = 0; i < days->count; i++) {
        measure_day(&ret_days[i], &f, days->border_us[i], days->border_us[i + 1]);
    }
    measure_rest(ret_days, &f, days);
    count_meetings(ret_days, &f, days);
    return UT_OK;
}

bool ut_day_value(const ut_day *day, ut_measure_id id, double *ret)
{
    const ut_measure *measure = ut_measure_get(id);
    if (measure->fold == UT_FOLD_RATIO) {
        int64_t part = day->value[measure->part], whole = day->value[measure->whole];
        if (part < 0 || whole <= 0) {
            return false;
        }
        *ret = (double)part / (double)whole;
        return true;
    }
    int64_t value = day->value[id];
    if (value < 0) {
        return false;
    }
    *ret = measure->unit == UT_UNIT_HOURS ? (double)value / (double)UT_HOUR_US : (double)value;
    return true;
}
