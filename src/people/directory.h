/* people/directory.h — everybody with their names opened, in memory: for lists and suggestions, inside the room. The
 * caller has written the audit entry first.
 */
#ifndef UT_PEOPLE_DIRECTORY_H
#define UT_PEOPLE_DIRECTORY_H

#include "people/people_int.h"

typedef struct ut_dir_identity {
    int64_t id;
    int64_t person;   /* 0: nobody */
    int64_t unmerged; /* the person before merges */
    bool machine;     /* a bot or a list */
    bool bot;         /* … says the source */
    bool linked;      /* its source's directory gives a mail address */
    ut_str mark;
    ut_str domain;
    ut_str handle;
    ut_str name;
} ut_dir_identity;

typedef struct ut_dir_person {
    int64_t id;
    bool listed;
    ut_str key;  /* the id in people.csv; empty when not listed */
    ut_str name;
    ut_str time_zone, work_days, work_start, work_end, state, team;
    size_t first, count; /* their identities */
} ut_dir_person;

typedef struct ut_directory {
    ut_dir_person *persons; /* by id; merged ones are not there */
    size_t person_count;
    ut_dir_identity *identities; /* by person, nobody's first */
    size_t identity_count;
} ut_directory;

UT_MUST_CHECK ut_status ut_people__directory(ut_directory *ret, ut_arena *keep, ut_workspace *workspace, ut_err *err);
/* Checks purpose and format and writes to the audit log that the owner reads names. */
UT_MUST_CHECK ut_status ut_people__log_read(ut_workspace *workspace, const ut_people_query *query, const char *action,
                                            ut_err *err);
/* An answer for a program to free. */
UT_MUST_CHECK ut_status ut_people__buffer(ut_buffer **ret, const ut_buf *buf, ut_err *err);

#endif
