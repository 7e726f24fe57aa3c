/* people/people.h — who is who: the roster (people.csv), and which identities are whose.
 *
 *     ut_people_counts counts;
 *     st = ut_people_import(&counts, workspace, "people.csv", &err);
 *     st = ut_people_settle(workspace, &err);           // after anything that adds identities or claims
 *
 * An identity belongs to the person that people.csv claims it for; else to the person of the mail address that the
 * source's own directory gives; else, when its domain is one of the organisation's (or when there is no people.csv at
 * all), to a person made for it. Everybody else is external. Bots are nobody.
 */
#ifndef UT_PEOPLE_PEOPLE_H
#define UT_PEOPLE_PEOPLE_H

#include "store/workspace.h"

typedef struct ut_people_counts {
    int64_t people;   /* rows taken */
    int64_t rejected; /* rows left out */
    char first_reason[300]; /* why the first one was; "" if none */
} ut_people_counts;

/* Reads people.csv (columns: see docs/formats.md) and stores it in one transaction: the teams of the people it names
 * are replaced, people it does not name stay as they were. UT_INVALID when the file as a whole is not a people.csv. */
UT_MUST_CHECK ut_status ut_people_import(ut_people_counts *ret, ut_workspace *workspace, const char *path, ut_err *err);
/* Derives identity.person anew, in one transaction. */
UT_MUST_CHECK ut_status ut_people_resolve(ut_workspace *workspace, ut_err *err);
/* The same, only when identities changed since the last time, be it in a run that was killed. */
UT_MUST_CHECK ut_status ut_people_settle(ut_workspace *workspace, ut_err *err);
/* true when a people.csv was ever imported. */
UT_MUST_CHECK ut_status ut_people_has_roster(ut_workspace *workspace, bool *ret, ut_err *err);
/* Fills the lake's copies (who, person, membership, channel) from the truth, inside the caller's lake transaction.
 * *ret_changed: an identity the lake knew already became or ceased to be a member, a bot or stopped by its person, so
 * that other messages are to be scored than before; the next analysis then starts over. */
UT_MUST_CHECK ut_status ut_people_mirror(ut_workspace *workspace, ut_lake *lake, bool *ret_changed, ut_err *err);

#endif
