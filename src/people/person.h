/* people/person.h — one person: found by what people call them, their name, the teams they may look after.
 *
 *     int64_t person = 0;
 *     ut_str name, *teams = NULL;
 *     size_t count = 0;
 *     st = ut_person_find(workspace, &person, UT_STR("anna@example.org"), &err);
 *     st = ut_person_name(workspace, &arena, &name, person, &err);
 *     st = ut_people_teams_of_manager(workspace, &arena, &teams, &count, person, UT_STR("2026-03-02"), &err);
 *
 * A merged person is found as the one it counts as. All of it is reading: a workspace open for reading will do.
 */
#ifndef UT_PEOPLE_PERSON_H
#define UT_PEOPLE_PERSON_H

#include "people/people.h"

/* The person (person.id) of an id in people.csv, an address, a handle or "number:12", merges followed. UT_NOT_FOUND
 * when it is nobody's, or an outsider's, a bot's or a list's: the sentence says which. */
UT_MUST_CHECK ut_status ut_person_find(ut_workspace *workspace, int64_t *ret, ut_str text, ut_err *err);
/* The same before merges: whom a merge would move. *ret_identity (may be NULL): the identity that `text` is the handle
 * of, 0 if it is none's. */
UT_MUST_CHECK ut_status ut_person_find_unmerged(ut_workspace *workspace, int64_t *ret, int64_t *ret_identity,
                                                ut_str text, ut_err *err);
/* The identity (identity.id) of an address or handle; UT_NOT_FOUND when no source ever named it. */
UT_MUST_CHECK ut_status ut_identity_lookup(ut_workspace *workspace, int64_t *ret, ut_str text, ut_err *err);

/* What people call them: the name in people.csv, else the display name a source gave, else the handle. Empty when the
 * keys to it are gone. */
UT_MUST_CHECK ut_status ut_person_name(ut_workspace *workspace, ut_arena *keep, ut_str *ret, int64_t person,
                                       ut_err *err);
/* The person's own row of people.csv as a JSON object, "id" among its members; empty when there is none. */
UT_MUST_CHECK ut_status ut_person_row(ut_workspace *workspace, ut_arena *keep, ut_str *ret, int64_t person,
                                      ut_err *err);
/* The teams that `person` may look after on `day` (YYYY-MM-DD): the own one, and those of everybody whose chain of
 * managers reaches them on that day. Sorted, each once. */
UT_MUST_CHECK ut_status ut_people_teams_of_manager(ut_workspace *workspace, ut_arena *keep, ut_str **ret,
                                                   size_t *ret_count, int64_t person, ut_str day, ut_err *err);

#endif
