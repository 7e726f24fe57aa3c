/* store/keyring_rotate.c — a new workspace key.
 *
 * In order: the new key is on the disk (workspace.key.next, or the file named) · one transaction seals every key anew,
 * writes the audit entry and the note that the log must be emptied · the new key takes the old one's place · the log is
 * emptied. Killed before the commit, the old key is in force and the next command removes the .next; killed after it,
 * the next command finishes.
 *
 * Old boxes must not stay in the file, or the old key would still open them there. Updating in place is not enough:
 * SQLite's secure_delete wipes cells that are freed, but not the copies that rebalancing a page leaves between its
 * cells (seen in 2 of 30 random tables). So all identities are taken out, which wipes whole pages, and put back.
 */
#include "store/keyring_int.h"

#include "os/clock.h"
#include "store/audit.h"

#include <stdio.h>

/* Seals one column anew. `select` gives (id, box, context), `update` takes (id, box). */
static ut_status reseal(ut_workspace *workspace, int64_t *ret_count, const char *select, const char *update,
                        const ut_key *to, ut_err *err)
{
    ut_stmt *get = NULL, *put = NULL;
    bool row = false;
    int64_t count = 0;
    ut_key key;
    ut_status st = ut_truth_prepare(&get, workspace->truth, select, err);
    st = st == UT_OK ? ut_truth_prepare(&put, workspace->truth, update, err) : st;
    while (st == UT_OK && (st = ut_stmt_step(get, &row, err)) == UT_OK && row) {
        char box[UT_WRAPPED_BYTES];
        ut_str context = ut_stmt_str(get, 2);
        st = ut_keyring__unseal(&key, &workspace->keys.wrap, ut_stmt_str(get, 1), context, err);
        st = st == UT_OK ? ut_keyring__seal(box, to, &key, context, err) : st;
        if (st == UT_OK) {
            ut_stmt_bind_i64(put, 1, ut_stmt_i64(get, 0));
            ut_stmt_bind_blob(put, 2, (ut_str){box, sizeof box});
            st = ut_stmt_run(put, err);
            count++;
        }
    }
    ut_seal_wipe(&key, sizeof key);
    ut_stmt_close(&get);
    ut_stmt_close(&put);
    if (st == UT_OK) {
        *ret_count = count;
    }
    return st;
}

/* Table `fresh` lives in memory (temp_store). Foreign keys must be off: identities are gone for a moment. */
static ut_status reseal_identities(ut_workspace *workspace, int64_t *ret_count, const ut_key *to, ut_err *err)
{
    ut_status st = ut_truth_exec(workspace->truth,
                                 "CREATE TEMP TABLE fresh AS SELECT * FROM identity;"
                                 "CREATE UNIQUE INDEX temp.fresh_id ON fresh (id)",
                                 err);
    st = st == UT_OK
             ? reseal(workspace, ret_count, "SELECT id, wrapped_key, digest FROM identity WHERE wrapped_key NOTNULL",
                      "UPDATE temp.fresh SET wrapped_key = ?2 WHERE id = ?1", to, err)
             : st;
    return st == UT_OK
               ? ut_truth_exec(workspace->truth,
                               "DELETE FROM identity; INSERT INTO identity SELECT * FROM temp.fresh ORDER BY id;"
                               "DROP TABLE temp.fresh",
                               err)
               : st;
}

/* The old key goes into the history, its wrapping key sealed by the new one; so do those before it. */
static ut_status replace_history(ut_workspace *workspace, const ut_key *to, ut_err *err)
{
    ut_digest print = ut_keyring_print(&workspace->keys.wrap);
    int64_t older = 0, now_us = ut_clock_now_us();
    char box[UT_WRAPPED_BYTES];
    ut_stmt *stmt = NULL;
    ut_status st = reseal(workspace, &older, "SELECT number, wrapped, print FROM key_history WHERE wrapped NOTNULL",
                          "UPDATE key_history SET wrapped = ?2 WHERE number = ?1", to, err);
    st = st == UT_OK ? ut_keyring__seal(box, to, &workspace->keys.wrap, ut_digest_str(&print), err) : st;
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth,
                                        "UPDATE key_history SET replaced_us = ?1, wrapped = ?2 WHERE print = ?3", err)
                     : st;
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, now_us);
        ut_stmt_bind_blob(stmt, 2, (ut_str){box, sizeof box});
        ut_stmt_bind_blob(stmt, 3, ut_digest_str(&print));
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st == UT_OK ? ut_keyring__put_history(workspace, to, now_us, err) : st;
}

static ut_status put_notes(ut_workspace *workspace, int64_t identities, ut_err *err)
{
    char detail[64], sql[128];
    int len = snprintf(detail, sizeof detail, "%lld identity keys sealed anew", (long long)identities);
    (void)snprintf(sql, sizeof sql, "INSERT INTO unfinished (work, detail, at_us) VALUES ('rotate', '', %lld)",
                   (long long)ut_clock_now_us());
    ut_status st = ut_truth_exec(workspace->truth, sql, err);
    ut_audit_entry entry = {
        .principal = UT_STR("key"), .action = UT_STR("key rotate"), .detail = {detail, (size_t)len}};
    return st == UT_OK ? ut_audit_put(workspace, &entry, err) : st;
}

static ut_status reseal_all(ut_workspace *workspace, int64_t *ret_identities, const ut_key *to, ut_err *err)
{
    ut_status st = ut_keyring__put_check(workspace, to, err);
    for (size_t i = 0; st == UT_OK && i < UT_DATA_KEYS; i++) {
        const char *name = NULL;
        const ut_key *key = ut_keyring__data_key(&workspace->keys, i, &name);
        st = ut_keyring__put_key(workspace, to, name, key, err);
    }
    st = st == UT_OK ? replace_history(workspace, to, err) : st;
    st = st == UT_OK ? reseal_identities(workspace, ret_identities, to, err) : st;
    return st == UT_OK ? put_notes(workspace, *ret_identities, err) : st;
}

static ut_status commit_new_key(ut_workspace *workspace, int64_t *ret_identities, const ut_key *to, ut_err *err)
{
    ut_status st = ut_truth_exec(workspace->truth, "PRAGMA foreign_keys=OFF", err);
    st = st == UT_OK ? ut_truth_begin(workspace->truth, err) : st;
    st = st == UT_OK ? reseal_all(workspace, ret_identities, to, err) : st;
    st = st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(workspace->truth);
    }
    ut_status on = ut_truth_exec(workspace->truth, "PRAGMA foreign_keys=ON", st == UT_OK ? err : NULL);
    return st == UT_OK ? on : st;
}

ut_status ut_keyring__empty_log(ut_workspace *workspace, bool *ret_done, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false, done = true;
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "SELECT 1 FROM unfinished WHERE work = 'rotate' LIMIT 1", err);
    st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
    ut_stmt_close(&stmt);
    if (st == UT_OK && row) {
        st = ut_truth_checkpoint(workspace->truth, &done, err);
        st = st == UT_OK && done ? ut_truth_exec(workspace->truth, "DELETE FROM unfinished WHERE work = 'rotate'", err)
                                 : st;
    }
    if (st == UT_OK) {
        *ret_done = done;
    }
    return st;
}

/* The new key, on the disk: made, or taken from a file that holds one already. */
static ut_status get_new_key(ut_workspace *workspace, ut_key *ret, ut_rotation *rotation, const char *new_key_file,
                             ut_err *err)
{
    char next[UT_PATH_BYTES_MAX];
    if (!new_key_file && workspace->key_place != UT_KEY_IN_WORKSPACE) {
        return ut_fail(err, UT_INVALID,
                       "the key does not lie in the workspace; --new-key-file FILE says where the new one goes");
    }
    if (!new_key_file) {
        (void)snprintf(rotation->path, sizeof rotation->path, "%s", workspace->key_path);
        ut_keyring__path(next, workspace, "workspace.key.next");
        return ut_keyring__make_file(ret, next, err);
    }
    (void)snprintf(rotation->path, sizeof rotation->path, "%s", new_key_file);
    if (!ut_file_exists(new_key_file)) {
        return ut_keyring__make_file(ret, new_key_file, err);
    }
    return ut_keyring__read_file(ret, new_key_file, err) == UT_OK
               ? UT_OK
               : ut_fail(err, UT_INVALID, "%s is there already and holds no key; name a file that is not there",
                         new_key_file);
}

static ut_status refuse_used(ut_workspace *workspace, const ut_key *wrap, ut_err *err)
{
    ut_digest print = ut_keyring_print(wrap);
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "SELECT 1 FROM key_history WHERE print = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_blob(stmt, 1, ut_digest_str(&print));
        st = ut_stmt_step(stmt, &row, err);
    }
    ut_stmt_close(&stmt);
    return st == UT_OK && row ? ut_fail(err, UT_INVALID, "the workspace has or had this key already; give it another")
                              : st;
}

/* After the commit: the new key takes the old one's place, or the old one in the workspace goes. */
static ut_status settle_files(ut_workspace *workspace, const char *new_key_file, ut_err *err)
{
    if (workspace->key_place != UT_KEY_IN_WORKSPACE) {
        return UT_OK;
    }
    if (new_key_file) {
        return ut_file_remove(workspace->key_path, err);
    }
    char next[UT_PATH_BYTES_MAX];
    ut_keyring__path(next, workspace, "workspace.key.next");
    return ut_file_rename(next, workspace->key_path, err);
}

ut_status ut_keyring_rotate(ut_rotation *ret, ut_workspace *workspace, const char *new_key_file, ut_err *err)
{
    ut_key master, wrap;
    ut_rotation rotation = {0};
    bool done = false;
    if (workspace->access != UT_READ_WRITE) {
        return ut_fail(err, UT_INVALID, "the workspace is open for reading only");
    }
    ut_status st = get_new_key(workspace, &master, &rotation, new_key_file, err);
    if (st != UT_OK) {
        return st;
    }
    wrap = ut_seal_derive(&master, "wrap", 1);
    ut_seal_wipe(&master, sizeof master);
    st = refuse_used(workspace, &wrap, err);
    st = st == UT_OK ? commit_new_key(workspace, &rotation.identities, &wrap, err) : st;
    if (st == UT_OK) {
        workspace->keys.wrap = wrap;
        st = settle_files(workspace, new_key_file, err);
    }
    ut_seal_wipe(&wrap, sizeof wrap);
    st = st == UT_OK ? ut_keyring__empty_log(workspace, &done, err) : st;
    if (st == UT_OK) {
        rotation.old_bytes_left = !done;
        *ret = rotation;
    }
    return st;
}
