/* people/tombstone.h — who was erased is kept out, and nobody can read from it who that was.
 *
 *     st = ut_tombstone_put(workspace, UT_STR("mail:a@example.org"), &err);        // inside the eraser's transaction
 *     st = ut_tombstone_has(workspace, &gone, UT_STR("mail:a@example.org"), &err);
 *
 * Stored is a keyed hash of the handle as identities have it ("mail:…", "slack:…"), or of "person:" and the id in
 * people.csv. Without the workspace's digest key nobody can try names against it.
 */
#ifndef UT_PEOPLE_TOMBSTONE_H
#define UT_PEOPLE_TOMBSTONE_H

#include "store/workspace.h"

/* What table `tombstone` holds for a handle: for who asks about many and keeps the table in memory. */
ut_digest ut_tombstone_digest(const ut_workspace *workspace, ut_str handle);
/* Twice is fine. */
UT_MUST_CHECK ut_status ut_tombstone_put(ut_workspace *workspace, ut_str handle, ut_err *err);
UT_MUST_CHECK ut_status ut_tombstone_has(ut_workspace *workspace, bool *ret, ut_str handle, ut_err *err);

#endif
