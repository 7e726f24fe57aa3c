/* store/keyring_int.h — what finding the key and changing it share; nobody else includes it. */
#ifndef UT_STORE_KEYRING_INT_H
#define UT_STORE_KEYRING_INT_H

#include "store/keyring.h"

enum {
    UT_DATA_KEYS = 3,                                          /* digest, name, reject */
    UT_WRAPPED_BYTES = (int)sizeof(ut_key) + UT_SEAL_OVERHEAD, /* a sealed key */
};

void ut_keyring__path(char out[UT_PATH_BYTES_MAX], const ut_workspace *workspace, const char *name);
/* The data keys by number, each with the name it has in the keyring. */
ut_key *ut_keyring__data_key(ut_keys *keys, size_t index, const char **ret_name);
UT_MUST_CHECK ut_status ut_keyring__seal(char ret[UT_WRAPPED_BYTES], const ut_key *wrap, const ut_key *key,
                                         ut_str context, ut_err *err);
UT_MUST_CHECK ut_status ut_keyring__unseal(ut_key *ret, const ut_key *wrap, ut_str wrapped, ut_str context,
                                           ut_err *err);
UT_MUST_CHECK ut_status ut_keyring__read_file(ut_key *ret, const char *path, ut_err *err);
/* A new random key in a file that is on the disk when this returns. */
UT_MUST_CHECK ut_status ut_keyring__make_file(ut_key *ret, const char *path, ut_err *err);
/* Rows sealed by `wrap`, inside the caller's transaction: the check word, a data key, the key now in force. */
UT_MUST_CHECK ut_status ut_keyring__put_check(ut_workspace *workspace, const ut_key *wrap, ut_err *err);
UT_MUST_CHECK ut_status ut_keyring__put_key(ut_workspace *workspace, const ut_key *wrap, const char *name,
                                            const ut_key *key, ut_err *err);
UT_MUST_CHECK ut_status ut_keyring__put_history(ut_workspace *workspace, const ut_key *wrap, int64_t made_us,
                                                ut_err *err);
/* When a rotation left its note in `unfinished`: empties the log and takes the note out. *ret_done = false: not yet. */
UT_MUST_CHECK ut_status ut_keyring__empty_log(ut_workspace *workspace, bool *ret_done, ut_err *err);

#endif
