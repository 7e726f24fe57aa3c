/* simulate/builtin.c — the words of a text that come from the organisation itself: who, what, when. */
#include "simulate/simulate_int.h"

static const char *const weekday_names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
                                            "Sunday"};
static const char *const weekday_names_de[] = {"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag",
                                               "Sonntag"};
static const char *const weekday_names_es[] = {"lunes", "martes", "miércoles", "jueves", "viernes", "sábado",
                                               "domingo"};
static const char *const month_names[] = {"January", "February", "March", "April", "May", "June", "July", "August",
                                          "September", "October", "November", "December"};

static bool is(ut_str name, const char *other)
{
    return ut_str_eq(name, ut_str_of(other));
}

static void put_person(ut_sim_talk *talk, ut_buf *to, int person)
{
    if (person < 0) {
        ut_buf_put(to, talk->outsider.len ? talk->outsider : UT_STR("all"));
    } else if (talk->mention && ut_sim__chance(talk->rng, 550)) {
        ut_buf_format(to, "\x01%d\x02", person);
    } else {
        ut_buf_put(to, talk->sim->people[person].first);
    }
}

/* A workday one to six days ahead, by name. */
static void put_day(ut_sim_talk *talk, ut_buf *to)
{
    int64_t day = talk->day + ut_sim__range(talk->rng, 1, 6);
    while (ut_time_weekday(day) > 4) {
        day++;
    }
    const char *const *names = weekday_names;
    if (talk->variant) {
        names = talk->variant[0] == 'd' ? weekday_names_de : weekday_names_es;
    }
    ut_buf_puts(to, names[ut_time_weekday(day)]);
}

static void put_date(ut_sim_talk *talk, ut_buf *to)
{
    int64_t year;
    int month, day;
    ut_time_civil_of(talk->day + ut_sim__range(talk->rng, 6, 45), &year, &month, &day);
    switch (ut_rng_below(talk->rng, 3)) {
    case 0:
        ut_buf_format(to, "%d %s", day, month_names[month - 1]);
        break;
    case 1:
        ut_buf_format(to, "%s %d", month_names[month - 1], day);
        break;
    default:
        ut_buf_format(to, "the %d%s", day,
                      day % 10 == 1 && day != 11 ? "st" : day % 10 == 2 && day != 12 ? "nd"
                                                     : day % 10 == 3 && day != 13   ? "rd"
                                                                                    : "th");
    }
}

static void put_time(ut_sim_talk *talk, ut_buf *to)
{
    int hour = ut_sim__range(talk->rng, 9, 17);
    int minute = ut_sim__range(talk->rng, 0, 3) * 15;
    if (talk->sim->people[talk->me < 0 ? 0 : talk->me].voice.british || talk->variant || minute == 45) {
        ut_buf_format(to, "%d:%02d", hour, minute);
    } else if (minute) {
        ut_buf_format(to, "%d:%02d", hour > 12 ? hour - 12 : hour, minute);
    } else {
        ut_buf_format(to, "%d%s", hour > 12 ? hour - 12 : hour, hour >= 12 ? "pm" : "am");
    }
}

/* A work item of the person's own, of the addressee, else a product's area. */
static void put_item(ut_sim_talk *talk, ut_buf *to, bool title)
{
    int owners[] = {talk->me, talk->you, talk->third};
    for (size_t i = 0; i < 3; i++) {
        const ut_sim_person *p = owners[i] >= 0 ? &talk->sim->people[owners[i]] : NULL;
        if (p && p->item_count) {
            const ut_sim_item *item = &p->items[ut_rng_below(talk->rng, (uint64_t)p->item_count)];
            if (title) {
                ut_sim__bind(talk, "Item", item->key);
                ut_buf_put(to, item->title);
            } else {
                ut_sim__bind(talk, "ItemTitle", item->title);
                ut_buf_put(to, item->key);
            }
            return;
        }
    }
    (void)ut_sim__expand_symbol(talk, to, UT_STR("topic"), 1);
}

static void put_meeting(ut_sim_talk *talk, ut_buf *to)
{
    const ut_sim *sim = talk->sim;
    for (int tries = 0; tries < 30 && sim->series_count; tries++) {
        const ut_sim_series *s = &sim->series[ut_rng_below(talk->rng, sim->series_count)];
        for (int i = 0; i < s->attendee_count; i++) {
            if (s->attendees[i] == talk->me && s->title.len < 40 && s->attendee_count > 2) {
                ut_buf_puts(to, "the ");
                ut_buf_put(to, s->title);
                return;
            }
        }
    }
    (void)ut_sim__expand_symbol(talk, to, UT_STR("gathering"), 1);
}

static void put_customer(ut_sim_talk *talk, ut_buf *to)
{
    ut_buf_put(to, talk->sim->outsiders[ut_rng_below(talk->rng, talk->sim->outsider_count)].company);
}

static void put_code(ut_sim_talk *talk, ut_buf *to)
{
    int major = ut_sim__range(talk->rng, 1, 6);
    int minor = ut_sim__range(talk->rng, 0, 24);
    ut_buf_format(to, "%d.%d.%d", major, minor, ut_sim__range(talk->rng, 0, 9));
}

static void put_url(ut_sim_talk *talk, ut_buf *to)
{
    static const char *const hosts[] = {"wiki", "docs", "git", "board", "drive", "dash"};
    uint64_t id = ut_rng_u64(talk->rng);
    ut_buf_format(to, "https://%s.%.*s/%s/%06llx", hosts[id % 6], UT_STR_ARG(talk->sim->domain),
                  talk->sim->products[id / 7 % talk->sim->product_count].slug.ptr, (unsigned long long)(id >> 40));
}

static bool put_number(ut_sim_talk *talk, ut_buf *to, ut_str name)
{
    ut_rng *rng = talk->rng;
    if (is(name, "few")) {
        ut_buf_i64(to, ut_sim__range(rng, 2, 6));
    } else if (is(name, "num")) {
        ut_buf_i64(to, ut_sim__range(rng, 2, 40));
    } else if (is(name, "hundreds")) {
        ut_buf_i64(to, ut_sim__range(rng, 110, 990));
    } else if (is(name, "pct")) {
        ut_buf_format(to, "%d%%", ut_sim__range(rng, 2, 97));
    } else if (is(name, "smallpct")) {
        ut_buf_format(to, "%d.", ut_sim__range(rng, 0, 6));
        ut_buf_format(to, "%d%%", ut_sim__range(rng, 1, 9));
    } else if (is(name, "thousands")) {
        ut_buf_format(to, "%d,", ut_sim__range(rng, 1, 88));
        ut_buf_format(to, "%03d", ut_sim__range(rng, 0, 999));
    } else if (is(name, "k")) {
        ut_buf_format(to, "%dk", ut_sim__range(rng, 3, 480));
    } else if (is(name, "ms")) {
        ut_buf_format(to, "%d ms", ut_sim__range(rng, 12, 940));
    } else if (is(name, "mins")) {
        ut_buf_i64(to, (int64_t)ut_sim__range(rng, 1, 9) * 5);
    } else if (is(name, "version")) {
        put_code(talk, to);
    } else if (is(name, "ref")) {
        ut_buf_i64(to, ut_sim__range(rng, 1200, 9800));
    } else {
        return false;
    }
    return true;
}

static bool put_who(ut_sim_talk *talk, ut_buf *to, ut_str name)
{
    const ut_sim *sim = talk->sim;
    if (is(name, "me")) {
        ut_buf_put(to, talk->me >= 0 ? sim->people[talk->me].first : talk->outsider);
    } else if (is(name, "you")) {
        put_person(talk, to, talk->you);
    } else if (is(name, "your_name")) {
        ut_buf_put(to, talk->you >= 0 ? sim->people[talk->you].first : talk->outsider);
    } else if (is(name, "Third")) {
        ut_buf_put(to, talk->third >= 0 ? sim->people[talk->third].first : UT_STR("somebody"));
    } else if (is(name, "Team")) {
        ut_buf_put(to, sim->teams[talk->team].name);
    } else if (is(name, "OtherTeam")) {
        ut_buf_put(to, sim->teams[ut_rng_below(talk->rng, sim->team_count)].name);
    } else if (is(name, "company")) {
        ut_buf_put(to, sim->company);
    } else {
        return false;
    }
    return true;
}

bool ut_sim__builtin(ut_sim_talk *talk, ut_buf *to, ut_str name)
{
    const ut_sim *sim = talk->sim;
    if (put_who(talk, to, name)) {
        return true;
    }
    char lower[32];
    if (name.len && name.len < sizeof lower) {
        for (size_t i = 0; i < name.len; i++) {
            lower[i] = ut_lower(name.ptr[i]);
        }
        if (put_number(talk, to, (ut_str){lower, name.len})) {
            return true;
        }
    }
    if (is(name, "Item") || is(name, "item")) {
        put_item(talk, to, false);
    } else if (is(name, "ItemTitle")) {
        put_item(talk, to, true);
    } else if (is(name, "Product") || is(name, "product")) {
        ut_buf_put(to, sim->products[ut_rng_below(talk->rng, sim->product_count)].name);
    } else if (is(name, "Customer") || is(name, "customer")) {
        put_customer(talk, to);
    } else if (is(name, "Meeting") || is(name, "meeting")) {
        put_meeting(talk, to);
    } else if (is(name, "Day") || is(name, "day")) {
        put_day(talk, to);
    } else if (is(name, "Date") || is(name, "date")) {
        put_date(talk, to);
    } else if (is(name, "Time") || is(name, "time")) {
        put_time(talk, to);
    } else if (is(name, "url")) {
        put_url(talk, to);
    } else {
        return false;
    }
    return true;
}
