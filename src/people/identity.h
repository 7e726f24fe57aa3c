/* people/identity.h — authors and recipients as the sources know them, each with a key of its own.
 *
 *     ut_identities *identities = NULL;
 *     st = ut_identities_open(&identities, workspace, &err);
 *     st = ut_identity_find(identities, &id, UT_STR("mail:a@example.org"), UT_STR("Anna"), &err);   // made when new
 *     st = ut_identity_key(identities, &key, id, &err);
 *     ut_identities_close(&identities);
 *
 * Stored is a keyed hash of the handle (the pseudonym); handle and name lie sealed in a table apart. New identities are
 * written in the caller's transaction; after a rollback the handle must be closed, since it remembers them.
 * One thread at a time.
 */
#ifndef UT_PEOPLE_IDENTITY_H
#define UT_PEOPLE_IDENTITY_H

#include "store/workspace.h"

typedef struct ut_identities ut_identities;

UT_MUST_CHECK ut_status ut_identities_open(ut_identities **ret, ut_workspace *workspace, ut_err *err);
void ut_identities_close(ut_identities **identities);

/* The id of `handle` ("mail:…", "slack:…"); made when new (UT_DENIED on a read-only workspace). `name` may be empty. */
UT_MUST_CHECK ut_status ut_identity_find(ut_identities *identities, int64_t *ret_id, ut_str handle, ut_str name,
                                         ut_err *err);
/* The data key of an identity. UT_NOT_FOUND when it was erased. */
UT_MUST_CHECK ut_status ut_identity_key(ut_identities *identities, ut_key *ret, int64_t id, ut_err *err);
/* Handle and display name as sealed; both empty when the key is gone. Copies, in the arena. */
UT_MUST_CHECK ut_status ut_identity_names(ut_identities *identities, ut_arena *keep, ut_str *ret_handle,
                                          ut_str *ret_name, int64_t id, ut_err *err);
/* What a source's own directory says: the mail address behind a handle (may be empty), and whether it is a bot. */
UT_MUST_CHECK ut_status ut_identity_note(ut_identities *identities, ut_str handle, ut_str name, ut_str address,
                                         bool bot, ut_err *err);

#endif
