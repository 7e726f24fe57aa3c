/* people/hours.h — time zones, work days and work hours as people.csv writes them.
 *
 *     unsigned days;
 *     int minute;
 *     bool good = ut_work_days_parse(&days, UT_STR("Mon-Fri"));      // bit 0 is Monday: 0x1f
 *     good = ut_work_time_parse(&minute, UT_STR("09:30"));           // 570
 */
#ifndef UT_PEOPLE_HOURS_H
#define UT_PEOPLE_HOURS_H

#include "store/lake.h"

/* Days and stretches of days divided by ";", "Sun-Thu;Sat" too; English three-letter names in any case. */
UT_MUST_CHECK bool ut_work_days_parse(unsigned *ret, ut_str text);
/* "09:00", "9:00" … "24:00", in minutes since midnight. */
UT_MUST_CHECK bool ut_work_time_parse(int *ret, ut_str text);

/* The time zones there are, as the engine knows them that makes local days from them; {0} is a good start. */
typedef struct ut_zones {
    ut_map names;
    bool loaded;
} ut_zones;

/* Whether there is such a zone, exactly so written. The first question takes the engine's 30 ms. */
UT_MUST_CHECK ut_status ut_zones_has(ut_zones *zones, bool *ret, ut_str name, ut_err *err);
void ut_zones_close(ut_zones *zones);

#endif
