/* simulate/people_write.c — people.csv: who is who, one line per stretch of time in a team. */
#include "simulate/simulate_int.h"

static void put_date(ut_buf *to, int64_t day)
{
    if (day != INT64_MIN && day != INT64_MAX) {
        int64_t year;
        int month, date;
        ut_time_civil_of(day, &year, &month, &date);
        ut_buf_format(to, "%04d-%02d-%02d", (int)year, month, date);
    }
}

static void put_row(ut_sim *sim, const ut_sim_person *p, int team, int64_t from, int64_t to_day)
{
    ut_buf *to = &sim->file;
    ut_buf_format(to, UT_STR_FMT "," UT_STR_FMT "," UT_STR_FMT ",slack:" UT_STR_FMT ";zulip:" UT_STR_FMT ",",
                  UT_STR_ARG(p->id),
                  UT_STR_ARG(p->name), UT_STR_ARG(p->email), UT_STR_ARG(p->slack_id), UT_STR_ARG(p->email));
    ut_buf_put(to, sim->teams[team].name);
    ut_buf_byte(to, ',');
    int manager = team == p->team ? p->manager : sim->teams[team].lead;
    ut_buf_put(to, manager >= 0 ? sim->people[manager].id : (ut_str){0});
    const char *days = p->work_days == 0x1f ? "Mon-Fri" : "Mon;Tue;Wed;Thu";
    ut_buf_format(to, ",%s,%s,%02d:%02d,%02d:%02d," UT_STR_FMT ",", ut_sim_zones[p->zone].name, days, p->start_min / 60,
                  p->start_min % 60, p->end_min / 60, p->end_min % 60, UT_STR_ARG(p->role));
    put_date(to, from);
    ut_buf_byte(to, ',');
    put_date(to, to_day);
    ut_buf_puts(to, "\r\n");
}

void ut_sim__people_write(ut_sim *sim)
{
    ut_buf_clear(&sim->file);
    ut_buf_puts(&sim->file, "id,name,email,handles,team,manager,time_zone,work_days,work_start,work_end,role,"
                            "effective_from,effective_to\r\n");
    for (uint32_t i = 0; i < sim->people_count; i++) {
        const ut_sim_person *p = &sim->people[i];
        if (p->next_team >= 0) {
            put_row(sim, p, p->team, p->first_day, p->next_team_day - 1);
            put_row(sim, p, p->next_team, p->next_team_day, p->last_day);
        } else {
            put_row(sim, p, p->team, p->first_day, p->last_day);
        }
    }
    ut_sim__write(sim, UT_STR("people.csv"), ut_buf_str(&sim->file));
}
