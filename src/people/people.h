/* people/people.h — who is who, for the rooms above; undertone/people.h is what programs see.
 *
 *     st = ut_people_settle(workspace, &err);           // after anything that adds identities or claims
 *     st = ut_people_mirror(workspace, lake, &changed, &err);
 *
 * An identity belongs to the person that people.csv claims it for; else to the person of the mail address that the
 * source's own directory gives; else, when its domain is one of the organisation's (or when there is no people.csv at
 * all), to a person made for it. Everybody else is external. Bots and mailing lists are nobody. At the end those whom
 * somebody merged by hand count as one.
 */
#ifndef UT_PEOPLE_PEOPLE_H
#define UT_PEOPLE_PEOPLE_H

#include "store/workspace.h"
#include "undertone/people.h"

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
/* Renews these copies at once, where there is a lake, so that what a person decided counts before the next analysis.
 * Left to that when somebody else has the lake open. May be called inside a transaction of the truth. */
UT_MUST_CHECK ut_status ut_people_renew(ut_workspace *workspace, ut_err *err);

#endif
