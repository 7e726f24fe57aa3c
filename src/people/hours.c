/* people/hours.c — time zones, work days, work hours. */
#include "people/hours.h"

static int day_number(ut_str name)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++) {
        if (ut_str_eq_nocase(name, ut_str_of(days[i]))) {
            return i;
        }
    }
    return -1;
}

bool ut_work_days_parse(unsigned *ret, ut_str text)
{
    unsigned days = 0;
    while (text.len) {
        ut_str last = ut_str_trim(ut_str_cut(&text, ';'));
        ut_str first = ut_str_trim(ut_str_cut(&last, '-'));
        int from = day_number(first), to = last.ptr ? day_number(ut_str_trim(last)) : from;
        if (from < 0 || to < 0) {
            return false;
        }
        for (int day = from; day != to; day = (day + 1) % 7) {
            days |= 1U << day;
        }
        days |= 1U << to;
    }
    *ret = days ? days : *ret;
    return days != 0;
}

bool ut_work_time_parse(int *ret, ut_str text)
{
    int64_t hour, minute;
    ut_str rest = text, head = ut_str_cut(&rest, ':');
    if (head.len == 0 || head.len > 2 || rest.len != 2 || !ut_str_to_i64(head, &hour) ||
        !ut_str_to_i64(rest, &minute) || hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > 24 * 60) {
        return false;
    }
    *ret = (int)(hour * 60 + minute);
    return true;
}

static ut_status load_zones(ut_zones *zones, ut_err *err)
{
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    bool row = false;
    ut_lake_options options = {.access = UT_READ_WRITE, .threads = 1};
    zones->names = ut_map_make(10000);
    ut_status st = ut_lake_open(&lake, NULL, &options, err);
    st = st == UT_OK ? ut_lake_query(&rows, lake, "SELECT name FROM pg_timezone_names()", NULL, 0, err) : st;
    while (st == UT_OK && (st = ut_rows_next(rows, &row, err)) == UT_OK && row) {
        if (!ut_map_put(&zones->names, ut_rows_str(rows, 0))) {
            st = ut_fail(err, UT_NOMEM, "memory ended while reading the time zones");
        }
    }
    ut_rows_close(&rows);
    ut_lake_close(&lake);
    zones->loaded = st == UT_OK;
    return st;
}

ut_status ut_zones_has(ut_zones *zones, bool *ret, ut_str name, ut_err *err)
{
    if (ut_str_eq(name, UT_STR("UTC"))) {
        *ret = true;
        return UT_OK;
    }
    ut_status st = zones->loaded ? UT_OK : load_zones(zones, err);
    if (st == UT_OK) {
        *ret = ut_map_get(&zones->names, name) != NULL;
    }
    return st;
}

void ut_zones_close(ut_zones *zones)
{
    ut_map_free(&zones->names);
    *zones = (ut_zones){0};
}
