/* store/keyring.h — the keys of a workspace: where the workspace key is found, what it seals, and changing it.
 *
 *     workspace key ──derives──► wrap ──seals──► data keys (table keyring: digest, name, reject)
 *     (file or variable)              ──seals──► one key per identity (identity.wrapped_key)
 *                                     ──seals──► wrapping keys of workspace keys before it (key_history)
 *
 * A new workspace key seals all of them anew in one transaction and changes nothing else: pseudonyms, records and
 * reports stay as they are. The key file and the truth can't disagree: the new key is on the disk as workspace.key.next
 * before the commit, and takes the old one's place after it; whoever opens the workspace next finishes what a kill
 * left. A workspace of before the keyring keeps the keys that were derived from its workspace key: they are stored.
 */
#ifndef UT_STORE_KEYRING_H
#define UT_STORE_KEYRING_H

#include "store/workspace.h"

/* For ut_workspace_open. Makes the key file of a new workspace when there is none. UT_DENIED: not a key. */
UT_MUST_CHECK ut_status ut_keyring_prepare(ut_workspace *workspace, const char *key_file, ut_err *err);
/* For ut_workspace_open, when the truth is open: finds the key that opens it, fills workspace->keys, finishes a
 * rotation that was cut off. UT_DENIED: missing, malformed, wrong, or replaced on a day that the message names. */
UT_MUST_CHECK ut_status ut_keyring_open(ut_workspace *workspace, const char *key_file, ut_err *err);

/* The same for a truth whose wrapping key is known (a backup's). */
UT_MUST_CHECK ut_status ut_keyring_enter(ut_workspace *workspace, const ut_key *wrap, ut_err *err);

/* The wrapping key that the options of a workspace at `folder` give, with or without a workspace there. */
UT_MUST_CHECK ut_status ut_keyring_given(ut_key *ret_wrap, const char *folder, const char *key_file, ut_err *err);
/* Tells which key something was sealed with, without opening anything. */
ut_digest ut_keyring_print(const ut_key *wrap);
/* The wrapping key with this print, if it is the one in force or one before it. UT_DENIED: it is neither. */
UT_MUST_CHECK ut_status ut_keyring_find(ut_workspace *workspace, ut_key *ret, ut_str print, ut_err *err);

typedef struct ut_key_status {
    ut_key_place place;
    char path[UT_PATH_BYTES_MAX]; /* of the key file; empty for the variable */
    int64_t made_us;              /* when the key in force was made; 0: before this was noted */
    int64_t replaced;             /* keys before it */
    int64_t replaced_us;          /* when the last of them was replaced; 0: never */
    int64_t identities;
    int64_t with_key; /* the others' keys were destroyed: nothing of theirs can be read again */
} ut_key_status;
UT_MUST_CHECK ut_status ut_keyring_status(ut_key_status *ret, ut_workspace *workspace, ut_err *err);

typedef struct ut_rotation {
    int64_t identities;           /* keys sealed anew */
    char path[UT_PATH_BYTES_MAX]; /* where the new key is */
    bool old_bytes_left;          /* a reader holds on to the log: the next command that writes empties it */
} ut_rotation;
/* Gives the workspace a new key. `new_key_file` is needed when the key does not lie in the workspace; it is made, or,
 * when there already, must hold the key to take (64 hex digits): it is never overwritten. Safe to be killed at any
 * moment and to be called again. UT_INVALID: a missing or useless new_key_file. */
UT_MUST_CHECK ut_status ut_keyring_rotate(ut_rotation *ret, ut_workspace *workspace, const char *new_key_file,
                                          ut_err *err);

#endif
