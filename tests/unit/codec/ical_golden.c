/* Calendars against another program's answers: tests/golden/ical/README.md says whose and how they were made. */
#include "codec/ical.h"

#include "harness/test.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENTS_MAX 4000

/* All events of one file, kept, and what became of the rest. */
typedef struct ut_answer {
    ut_arena arena;
    ut_ical_zones *zones;
    ut_ical_event *events[EVENTS_MAX];
    size_t count, rejects, others, refused;
    ut_buf rows; /* "uid\tstart\tend\tkind\n" */
    bool with_uid;
} ut_answer;

/* Each event is read again from what ut_ical_item_write makes of it, as a store would. */
static ut_status keep_event(void *ctx, const ut_ical_item *item, ut_err *err)
{
    ut_answer *file = ctx;
    file->rejects += item->kind == UT_ICAL_ITEM_REJECT;
    file->others += item->kind == UT_ICAL_ITEM_OTHER;
    if (item->kind != UT_ICAL_ITEM_EVENT || file->count == EVENTS_MAX) {
        return UT_OK;
    }
    ut_buf text = ut_buf_make(UT_MIB);
    ut_ical_item_write(&text, item);
    ut_ical_event *event = ut_new(&file->arena, ut_ical_event, 1);
    ut_status st = ut_ical_parse(&file->arena, event, file->zones, ut_buf_str(&text), err);
    ut_buf_free(&text);
    file->events[file->count++] = event;
    return st;
}

static ut_status put_row(void *ctx, const ut_ical_occurrence *o, ut_err *err)
{
    (void)err;
    ut_answer *file = ctx;
    char start[32], end[32];
    size_t start_len = ut_time_format(start, o->start_us), end_len = ut_time_format(end, o->end_us);
    if (file->with_uid) {
        ut_buf_format(&file->rows, UT_STR_FMT "\t", UT_STR_ARG(o->event->uid));
    }
    ut_buf_format(&file->rows, "%.*s\t%.*s\t%s\n", (int)start_len, start, (int)end_len, end,
                  o->event->start.is_date ? "day" : "timed");
    return UT_OK;
}

/* Spreads out what one uid has; UT_UNSUPPORTED and UT_LIMIT count as refused. */
static ut_status expand_uid(ut_answer *file, size_t first, bool *done, ut_ical_window window, ut_err *err)
{
    const ut_ical_event *overrides[EVENTS_MAX];
    ut_ical_series series = {.overrides = overrides};
    const ut_ical_event *head = file->events[first];
    for (size_t i = first; i < file->count; i++) {
        const ut_ical_event *event = file->events[i];
        bool alone = i != first && (event->uid.len == 0 || head->uid.len == 0);
        if (done[i] || alone || !ut_str_eq(event->uid, head->uid)) {
            continue;
        }
        if (event->is_override) {
            overrides[series.override_count++] = event;
        } else if (!series.master) {
            series.master = event;
        } else {
            continue; /* a second event of the same name is a series of its own here */
        }
        done[i] = true;
    }
    ut_status st = ut_ical_expand(&series, &window, put_row, file, err);
    file->refused += st == UT_UNSUPPORTED || st == UT_LIMIT;
    return st == UT_UNSUPPORTED || st == UT_LIMIT ? UT_OK : st;
}

static int by_row(const void *a, const void *b)
{
    return ut_str_cmp(*(const ut_str *)a, *(const ut_str *)b);
}

/* The rows of `text`, sorted, in the arena. */
static ut_str *sorted_rows(ut_arena *arena, ut_str text, size_t *ret_count)
{
    size_t room = 1, count = 0;
    for (size_t i = 0; i < text.len; i++) {
        room += text.ptr[i] == '\n';
    }
    ut_str *rows = ut_new(arena, ut_str, room), row;
    while (ut_str_line(&text, &row)) {
        rows[count++] = row;
    }
    qsort(rows, count, sizeof *rows, by_row);
    *ret_count = count;
    return rows;
}

static ut_status expand_file(ut_answer *file, ut_str bytes, const char *from, const char *to, ut_err *err)
{
    ut_ical_window window = {.cap = 100000};
    bool *done = ut_new(&file->arena, bool, EVENTS_MAX);
    if (!ut_time_parse(ut_str_of(from), &window.from_us) || !ut_time_parse(ut_str_of(to), &window.to_us)) {
        return ut_fail(err, UT_INVALID, "no window");
    }
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, bytes);
    ut_status st = ut_ical_read(&stream, file->zones, keep_event, file, err);
    for (size_t i = 0; i < file->count && st == UT_OK; i++) {
        st = done[i] ? UT_OK : expand_uid(file, i, done, window, err);
    }
    return st;
}

static void open_file(ut_test *t, ut_answer *file, bool with_uid)
{
    ut_err err = {0};
    *file = (ut_answer){.with_uid = with_uid, .rows = ut_buf_make(64 * UT_MIB)};
    UT_REQUIRE(ut_arena_open(&file->arena, 1024 * UT_MIB) == UT_OK);
    UT_REQUIRE(ut_ical_zones_open(&file->zones, &err) == UT_OK);
}

static void close_file(ut_answer *file)
{
    ut_ical_zones_close(&file->zones);
    ut_buf_free(&file->rows);
    ut_arena_close(&file->arena);
}

static ut_str golden(ut_test *t, const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof path, "tests/golden/ical/%s", name);
    return ut_test_read(t, ut_test_source(path));
}

/* The lines of `golden` that begin with `name`, without it, as one text. */
static ut_str rows_of(ut_arena *arena, ut_str all, ut_str name)
{
    ut_buf rows = ut_buf_make(64 * UT_MIB);
    ut_str line;
    while (ut_str_line(&all, &line)) {
        ut_str rest = line;
        if (ut_str_eq(ut_str_cut(&rest, '\t'), name)) {
            ut_buf_put(&rows, rest);
            ut_buf_byte(&rows, '\n');
        }
    }
    ut_str kept = ut_arena_copy(arena, ut_buf_str(&rows));
    ut_buf_free(&rows);
    return kept;
}

static size_t expect_same(ut_test *t, ut_answer *file, const char *name, ut_str want_text, size_t most)
{
    size_t got_count, want_count, wrong = 0;
    ut_str *got = sorted_rows(&file->arena, ut_buf_str(&file->rows), &got_count);
    ut_str *want = sorted_rows(&file->arena, want_text, &want_count);
    for (size_t i = 0; i < most && (i < got_count || i < want_count); i++) {
        ut_str left = i < got_count ? got[i] : UT_STR("(nothing)"),
               right = i < want_count ? want[i] : UT_STR("(nothing)");
        if (!ut_str_eq(left, right) && wrong++ < 3) {
            ut_test_fail(t, __FILE__, __LINE__, "%s, row %zu: got " UT_STR_FMT ", want " UT_STR_FMT, name, i,
                         UT_STR_ARG(left), UT_STR_ARG(right));
        }
    }
    return wrong;
}

UT_TEST(codec_ical_golden, our_own_files_come_out_as_the_peer_says)
{
    static const char *const names[] = {"own_series.ics", "own_zones.ics"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ut_answer file;
        ut_err err = {0};
        open_file(t, &file, true);
        ut_status st = expand_file(&file, golden(t, names[i]), "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", &err);
        if (st != UT_OK) {
            ut_test_fail(t, __FILE__, __LINE__, "%s: %s", names[i], err.message);
        }
        UT_EXPECT_I64(file.rejects, 0);
        ut_str want = rows_of(&file.arena, golden(t, "own.tsv"), ut_str_of(names[i]));
        UT_EXPECT(want.len > 0);
        (void)expect_same(t, &file, names[i], want, SIZE_MAX);
        close_file(&file);
    }
}

/* One rule's starts against its golden line: how many, the first twenty, and ten more spread over the rest. */
static void expect_rule(ut_test *t, ut_answer *file, const ut_ical_event *event, ut_str line)
{
    ut_str uid = ut_str_cut(&line, '\t');
    int64_t count = -1;
    ut_err err = {0};
    UT_EXPECT(ut_str_eq(uid, event->uid));
    UT_EXPECT(ut_str_to_i64(ut_str_cut(&line, '\t'), &count));
    ut_buf_clear(&file->rows);
    ut_ical_window window = {.cap = 5000};
    UT_EXPECT(ut_time_parse(UT_STR("2026-01-01"), &window.from_us) &&
              ut_time_parse(UT_STR("2029-01-01"), &window.to_us));
    ut_ical_series series = {.master = event};
    ut_status st = ut_ical_expand(&series, &window, put_row, file, &err);
    size_t got_count;
    ut_str *got = sorted_rows(&file->arena, ut_buf_str(&file->rows), &got_count);
    bool same = st == UT_OK && (int64_t)got_count == count;
    size_t step = count / 10 > 1 ? (size_t)count / 10 : 1;
    ut_str wrong = {0};
    for (size_t i = 0; same && line.len; i += i < 20 ? 1 : step) {
        ut_str want = ut_str_cut(&line, '\t');
        char compact[32];
        ut_str row = i < got_count ? got[i] : (ut_str){0};
        (void)snprintf(compact, sizeof compact, "%.4s%.2s%.2sT%.2s%.2s%.2s", row.ptr, row.ptr + 5, row.ptr + 8,
                       row.ptr + 11, row.ptr + 14, row.ptr + 17);
        same = ut_str_eq(want, ut_str_of(compact));
        wrong = same ? wrong : want;
    }
    if (!same) {
        ut_test_fail(t, __FILE__, __LINE__, UT_STR_FMT " " UT_STR_FMT ": %s; got %zu, want %lld; missing " UT_STR_FMT,
                     UT_STR_ARG(uid), UT_STR_ARG(event->rules[0]), err.message, got_count, (long long)count,
                     UT_STR_ARG(wrong));
    }
}

UT_TEST(codec_ical_golden, four_hundred_random_rules_come_out_as_dateutil_says)
{
    ut_answer file;
    ut_err err = {0};
    open_file(t, &file, false);
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, golden(t, "rules.ics"));
    UT_EXPECT(ut_ical_read(&stream, file.zones, keep_event, &file, &err) == UT_OK);
    UT_EXPECT_I64(file.count, 400);
    ut_str all = golden(t, "rules.tsv"), line;
    for (size_t i = 0; i < file.count && ut_str_line(&all, &line); i++) {
        expect_rule(t, &file, file.events[i], line);
    }
    close_file(&file);
}

/* Where we differ from the peer on purpose. */
static const struct {
    const char *name;
    bool refused; /* the series is refused; otherwise a zone is not known to us */
} differs[] = {
    {"calendar_ical4j_samples/friday13-NOT.ics", true}, /* EXRULE: the peer passes over it and gives every Friday */
    /* "Western/Central Europe" is in no list of zones but the peer's own. */
    {"calendar_icalendar_suite/calendars/issue_526_calendar_with_different_events.ics", false},
    {"calendar_icalendar_suite/calendars/issue_526_calendar_with_event_subset.ics", false},
    {"calendar_icalendar_suite/calendars/issue_526_calendar_with_events.ics", false},
    {"calendar_icalendar_suite/calendars/issue_526_calendar_with_shuffeled_events.ics", false},
};

/* true when the file is one of those; then it is checked that we say so. */
static bool expect_difference(ut_test *t, const ut_answer *file, ut_str name)
{
    for (size_t i = 0; i < sizeof differs / sizeof *differs; i++) {
        if (ut_str_eq(name, ut_str_of(differs[i].name))) {
            bool unknown = file->count && file->events[0]->zone_unknown;
            UT_EXPECT(differs[i].refused ? file->refused == 1 : unknown);
            return true;
        }
    }
    UT_EXPECT_I64(file->refused, 0);
    return false;
}

/* One real file; the golden rows begin with "count\tN". Rows are compared up to what the golden file kept. */
static void expect_real(ut_test *t, ut_str name, ut_str all, const char *path)
{
    ut_answer file;
    ut_err err = {0};
    open_file(t, &file, false);
    char label[300];
    (void)snprintf(label, sizeof label, UT_STR_FMT, UT_STR_ARG(name));
    ut_status st = expand_file(&file, ut_test_read(t, path), "2015-01-01T00:00:00Z", "2031-01-01T00:00:00Z", &err);
    if (st != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s: %s", label, err.message);
    }
    ut_str want = rows_of(&file.arena, all, name), head;
    int64_t count = -1;
    bool other = ut_str_starts(want, UT_STR("refused")) || expect_difference(t, &file, name);
    if (!other && ut_str_line(&want, &head) && ut_str_starts(head, UT_STR("count\t"))) {
        UT_EXPECT(ut_str_to_i64(ut_str_slice(head, 6, head.len), &count));
        size_t got_count;
        (void)sorted_rows(&file.arena, ut_buf_str(&file.rows), &got_count);
        if ((int64_t)got_count != count) {
            ut_test_fail(t, __FILE__, __LINE__, "%s: %zu occurrences, want %lld", label, got_count, (long long)count);
        }
        (void)expect_same(t, &file, label, want, count < 60 ? SIZE_MAX : 60);
    }
    close_file(&file);
}

UT_TEST(codec_ical_golden, real_calendars_come_out_as_the_peer_says)
{
    ut_str all = golden(t, "real.tsv"), rest = all, line, last = {0};
    if (!ut_test_shared("calendar_icalendar_suite")) {
        UT_SKIP("no ../shared/data");
    }
    size_t files = 0;
    while (ut_str_line(&rest, &line)) {
        ut_str name = ut_str_cut(&line, '\t');
        if (ut_str_eq(name, last)) {
            continue;
        }
        last = name;
        char below[300];
        (void)snprintf(below, sizeof below, UT_STR_FMT, UT_STR_ARG(name));
        const char *path = ut_test_shared(below);
        if (path) {
            files++;
            expect_real(t, name, all, path);
        }
    }
    UT_EXPECT(files > 100);
}
