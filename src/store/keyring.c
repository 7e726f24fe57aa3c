/* store/keyring.c — finding the workspace key, and the keys it seals. Rotation is store/keyring_rotate.c.
 *
 * The key is checked against a sealed word in the truth, so that a wrong key is told at once and not as a thousand
 * unreadable records. Keys are wiped from the stack when done; those that stay live in the workspace's own pages.
 */
#include "store/keyring_int.h"

#include "base/time.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>

static const char key_variable[] = "UNDERTONE_KEY";
static const ut_str check_word = {"undertone", 9};

void ut_keyring__path(char out[UT_PATH_BYTES_MAX], const ut_workspace *workspace, const char *name)
{
    (void)snprintf(out, UT_PATH_BYTES_MAX, "%s/%s", workspace->path, name);
}

ut_key *ut_keyring__data_key(ut_keys *keys, size_t index, const char **ret_name)
{
    static const char *const names[UT_DATA_KEYS] = {"digest", "name", "reject"};
    ut_key *const all[UT_DATA_KEYS] = {&keys->digest, &keys->name, &keys->reject};
    *ret_name = names[index];
    return all[index];
}

ut_status ut_keyring__seal(char ret[UT_WRAPPED_BYTES], const ut_key *wrap, const ut_key *key, ut_str context,
                           ut_err *err)
{
    ut_buf box = {.ptr = ret, .room = UT_WRAPPED_BYTES, .cap = UT_WRAPPED_BYTES};
    ut_seal_close(&box, wrap, (ut_str){(const char *)key->bytes, sizeof key->bytes}, context);
    return box.failed ? ut_fail(err, box.failed, "a key does not fit its box") : UT_OK;
}

ut_status ut_keyring__unseal(ut_key *ret, const ut_key *wrap, ut_str wrapped, ut_str context, ut_err *err)
{
    char room[UT_WRAPPED_BYTES];
    ut_buf plain = {.ptr = room, .room = sizeof room, .cap = sizeof room};
    ut_status st = wrapped.len == UT_WRAPPED_BYTES
                       ? ut_seal_open(&plain, wrap, wrapped, context, err)
                       : ut_fail(err, UT_CORRUPT, "a sealed key has %zu bytes", wrapped.len);
    if (st == UT_OK) {
        memcpy(ret->bytes, room, sizeof ret->bytes);
    }
    ut_seal_wipe(room, sizeof room);
    return st;
}

ut_digest ut_keyring_print(const ut_key *wrap)
{
    ut_key print = ut_seal_derive(wrap, "print", 1);
    ut_str what = UT_STR("workspace key");
    ut_digest digest = ut_seal_digest(&print, &what, 1);
    ut_seal_wipe(&print, sizeof print);
    return digest;
}

/* Key files --------------------------------------------------------------------------------------------------------
 */

ut_status ut_keyring__read_file(ut_key *ret, const char *path, ut_err *err)
{
    char room[256];
    ut_buf text = {.ptr = room, .room = sizeof room, .cap = sizeof room};
    ut_status st = ut_file_slurp(&text, path, err);
    if (st == UT_NOT_FOUND) {
        st = ut_fail(err, UT_DENIED,
                     "the workspace key %s is missing; bring it back from where you keep a copy, or give "
                     "it with --key-file or in %s. Without it nothing can be read",
                     path, key_variable);
    } else if (st == UT_LIMIT || (st == UT_OK && !ut_key_from_hex(ret, ut_buf_str(&text)))) {
        st = ut_fail(err, UT_DENIED, "%s is not a workspace key: it must hold 64 hexadecimal digits", path);
    }
    ut_seal_wipe(room, sizeof room);
    return st;
}

ut_status ut_keyring__make_file(ut_key *ret, const char *path, ut_err *err)
{
    char hex[66];
    ut_seal_random(ret->bytes, sizeof ret->bytes);
    ut_key_to_hex(hex, ret);
    hex[64] = '\n';
    ut_status st = ut_file_replace(path, (ut_str){hex, 65}, 0600, err);
    ut_seal_wipe(hex, sizeof hex);
    return st;
}

/* The value of the variable when that is where the key is. */
static const char *key_in_variable(const char *key_file)
{
    const char *given = getenv(key_variable);
    return !key_file && given && *given ? given : NULL;
}

static ut_status read_variable(ut_key *ret, const char *value, ut_err *err)
{
    return ut_key_from_hex(ret, ut_str_of(value))
               ? UT_OK
               : ut_fail(err, UT_DENIED, "%s must hold 64 hexadecimal digits", key_variable);
}

ut_status ut_keyring_prepare(ut_workspace *workspace, const char *key_file, ut_err *err)
{
    char path[UT_PATH_BYTES_MAX];
    ut_key key;
    const char *given = key_in_variable(key_file);
    ut_keyring__path(path, workspace, "workspace.key");
    const char *file = key_file ? key_file : path;
    ut_status st = given                  ? read_variable(&key, given, err)
                   : ut_file_exists(file) ? ut_keyring__read_file(&key, file, err)
                                          : ut_keyring__make_file(&key, file, err);
    ut_seal_wipe(&key, sizeof key);
    return st;
}

ut_status ut_keyring_given(ut_key *ret_wrap, const char *folder, const char *key_file, ut_err *err)
{
    char path[UT_PATH_BYTES_MAX];
    ut_key master;
    const char *given = key_in_variable(key_file);
    (void)snprintf(path, sizeof path, "%s/workspace.key", folder);
    ut_status st = given ? read_variable(&master, given, err)
                         : ut_keyring__read_file(&master, key_file ? key_file : path, err);
    if (st == UT_OK) {
        *ret_wrap = ut_seal_derive(&master, "wrap", 1);
    }
    ut_seal_wipe(&master, sizeof master);
    return st;
}

/* Opening ----------------------------------------------------------------------------------------------------------
 */

/* The day on which the key with this print was replaced, as YYYY-MM-DD; empty when it never was in force. */
static void day_replaced(ut_workspace *workspace, char day[32], const ut_digest *print)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    day[0] = '\0';
    if (ut_truth_prepare(&stmt, workspace->truth,
                         "SELECT replaced_us FROM key_history WHERE print = ?1 AND replaced_us NOTNULL",
                         NULL) == UT_OK) {
        ut_stmt_bind_blob(stmt, 1, ut_digest_str(print));
        if (ut_stmt_step(stmt, &row, NULL) == UT_OK && row) {
            (void)ut_time_format(day, ut_stmt_i64(stmt, 0));
            day[10] = '\0';
        }
    }
    ut_stmt_close(&stmt);
}

/* Opens the sealed word; *ret_known = false when there is none yet. */
static ut_status check_key(ut_workspace *workspace, bool *ret_known, const char *where, ut_err *err)
{
    ut_arena arena;
    ut_status st = ut_arena_open(&arena, 4096);
    if (st != UT_OK) {
        return ut_fail(err, st, "memory ended while opening the workspace");
    }
    char room[256], day[32];
    ut_buf word = {.ptr = room, .room = sizeof room, .cap = sizeof room};
    ut_str stored = {0};
    st = ut_workspace_setting(workspace, &arena, &stored, "key_check", err);
    bool known = stored.len > 0;
    if (st == UT_OK && known && ut_seal_open(&word, &workspace->keys.wrap, stored, check_word, NULL) != UT_OK) {
        ut_digest print = ut_keyring_print(&workspace->keys.wrap);
        day_replaced(workspace, day, &print);
        st = day[0]
                 ? ut_fail(err, UT_DENIED,
                           "the key in %.200s was replaced on %s and opens the workspace no more; give it the key "
                           "that `undertone key rotate` wrote then",
                           where, day)
                 : ut_fail(err, UT_DENIED, "the key in %.200s is not the key that the workspace %.200s was made with",
                           where, workspace->path);
    }
    ut_arena_close(&arena);
    if (st == UT_OK) {
        *ret_known = known;
    }
    return st;
}

ut_status ut_keyring__put_check(ut_workspace *workspace, const ut_key *wrap, ut_err *err)
{
    char room[64];
    ut_buf box = {.ptr = room, .room = sizeof room, .cap = sizeof room};
    ut_seal_close(&box, wrap, check_word, check_word);
    return box.failed ? ut_fail(err, box.failed, "the check word does not fit its box")
                      : ut_workspace_set(workspace, "key_check", ut_buf_str(&box), err);
}

ut_status ut_keyring__put_key(ut_workspace *workspace, const ut_key *wrap, const char *name, const ut_key *key,
                              ut_err *err)
{
    char wrapped[UT_WRAPPED_BYTES];
    ut_stmt *stmt = NULL;
    ut_status st = ut_keyring__seal(wrapped, wrap, key, ut_str_of(name), err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth, "INSERT OR REPLACE INTO keyring VALUES (?1, ?2)", err)
                     : st;
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(name));
        ut_stmt_bind_blob(stmt, 2, (ut_str){wrapped, sizeof wrapped});
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_keyring__put_history(ut_workspace *workspace, const ut_key *wrap, int64_t made_us, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_digest print = ut_keyring_print(wrap);
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "INSERT INTO key_history (print, made_us) VALUES (?1, ?2)", err);
    if (st == UT_OK) {
        ut_stmt_bind_blob(stmt, 1, ut_digest_str(&print));
        ut_stmt_bind_i64(stmt, 2, made_us);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

/* *ret_found = false when the keyring is empty; a part of it is not enough. */
static ut_status load_data_keys(ut_workspace *workspace, bool *ret_found, ut_err *err)
{
    ut_stmt *stmt = NULL;
    size_t found = 0;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "SELECT wrapped FROM keyring WHERE name = ?1", err);
    for (size_t i = 0; st == UT_OK && i < UT_DATA_KEYS; i++) {
        const char *name = NULL;
        bool row = false;
        ut_key *key = ut_keyring__data_key(&workspace->keys, i, &name);
        ut_stmt_bind_text(stmt, 1, ut_str_of(name));
        st = ut_stmt_step(stmt, &row, err);
        if (st == UT_OK && row) {
            st = ut_keyring__unseal(key, &workspace->keys.wrap, ut_stmt_str(stmt, 0), ut_str_of(name), err);
            found++;
        }
        ut_stmt_reset(stmt);
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK && found && found < UT_DATA_KEYS) {
        st = ut_fail(err, UT_CORRUPT, "the keyring of %s has lost a key; restore a backup", workspace->path);
    }
    if (st == UT_OK) {
        *ret_found = found > 0;
    }
    return st;
}

/* The data keys of a workspace whose keyring is empty: random ones, or, when it is older than the keyring (`known`),
 * those that its workspace key always gave. */
static void make_data_keys(ut_keys *keys, const ut_key *master, bool known)
{
    for (size_t i = 0; i < UT_DATA_KEYS; i++) {
        const char *name = NULL;
        ut_key *key = ut_keyring__data_key(keys, i, &name);
        if (known) {
            *key = ut_seal_derive(master, name, 1);
        } else {
            ut_seal_random(key->bytes, sizeof key->bytes);
        }
    }
}

static ut_status store_keys(ut_workspace *workspace, bool known, ut_err *err)
{
    const ut_key *wrap = &workspace->keys.wrap;
    ut_status st = ut_truth_begin(workspace->truth, err);
    st = st == UT_OK && !known ? ut_keyring__put_check(workspace, wrap, err) : st;
    for (size_t i = 0; st == UT_OK && i < UT_DATA_KEYS; i++) {
        const char *name = NULL;
        const ut_key *key = ut_keyring__data_key(&workspace->keys, i, &name);
        st = ut_keyring__put_key(workspace, wrap, name, key, err);
    }
    st = st == UT_OK ? ut_keyring__put_history(workspace, wrap, known ? 0 : ut_clock_now_us(), err) : st;
    st = st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(workspace->truth);
    }
    return st;
}

/* Tries the key of a file, or of the variable when `file` is NULL. */
static ut_status try_key(ut_workspace *workspace, const char *file, ut_err *err)
{
    ut_key master;
    bool known = false, found = false;
    ut_status st =
        file ? ut_keyring__read_file(&master, file, err) : read_variable(&master, key_in_variable(NULL), err);
    if (st != UT_OK) {
        return st;
    }
    workspace->keys.wrap = ut_seal_derive(&master, "wrap", 1);
    st = check_key(workspace, &known, file ? file : key_variable, err);
    st = st == UT_OK ? load_data_keys(workspace, &found, err) : st;
    if (st == UT_OK && !found) {
        make_data_keys(&workspace->keys, &master, known || workspace->access == UT_READ_ONLY);
        st = workspace->access == UT_READ_WRITE ? store_keys(workspace, known, err) : UT_OK;
    }
    ut_seal_wipe(&master, sizeof master);
    return st;
}

ut_status ut_keyring_enter(ut_workspace *workspace, const ut_key *wrap, ut_err *err)
{
    bool known = false, found = false;
    workspace->keys.wrap = *wrap;
    ut_status st = check_key(workspace, &known, "its history", err);
    st = st == UT_OK ? load_data_keys(workspace, &found, err) : st;
    return st == UT_OK && !(known && found) ? ut_fail(err, UT_CORRUPT, "%s holds no keys", workspace->path) : st;
}

/* What a rotation that was cut off left behind. */
static ut_status tidy_up(ut_workspace *workspace, bool next_is_it, ut_err *err)
{
    static const char *const left[] = {"workspace.key.next.new", "workspace.key.next"};
    char path[UT_PATH_BYTES_MAX];
    ut_status st = UT_OK;
    if (next_is_it) {
        ut_keyring__path(path, workspace, left[1]);
        st = ut_file_rename(path, workspace->key_path, err);
    }
    for (size_t i = 0; st == UT_OK && i < sizeof left / sizeof *left; i++) {
        ut_keyring__path(path, workspace, left[i]);
        st = ut_file_exists(path) ? ut_file_remove(path, err) : UT_OK;
    }
    bool done = false;
    return st == UT_OK ? ut_keyring__empty_log(workspace, &done, err) : st;
}

ut_status ut_keyring_open(ut_workspace *workspace, const char *key_file, ut_err *err)
{
    bool in_variable = key_in_variable(key_file) != NULL, next_is_it = false;
    workspace->key_place = in_variable ? UT_KEY_IN_VARIABLE : key_file ? UT_KEY_IN_FILE : UT_KEY_IN_WORKSPACE;
    ut_keyring__path(workspace->key_path, workspace, "workspace.key");
    if (key_file || in_variable) {
        (void)snprintf(workspace->key_path, sizeof workspace->key_path, "%s", key_file ? key_file : "");
    }
    ut_status st = try_key(workspace, in_variable ? NULL : workspace->key_path, err);
    if (st == UT_DENIED && workspace->key_place == UT_KEY_IN_WORKSPACE) {
        char next[UT_PATH_BYTES_MAX];
        ut_keyring__path(next, workspace, "workspace.key.next");
        next_is_it = ut_file_exists(next) && try_key(workspace, next, NULL) == UT_OK;
        /* If it is not, another process may just have put it in its place. */
        st = next_is_it ? UT_OK : try_key(workspace, workspace->key_path, err);
    }
    return st == UT_OK && workspace->access == UT_READ_WRITE ? tidy_up(workspace, next_is_it, err) : st;
}

/* Looking ----------------------------------------------------------------------------------------------------------
 */

ut_status ut_keyring_find(ut_workspace *workspace, ut_key *ret, ut_str print, ut_err *err)
{
    ut_digest own = ut_keyring_print(&workspace->keys.wrap);
    if (ut_str_eq(print, ut_digest_str(&own))) {
        *ret = workspace->keys.wrap;
        return UT_OK;
    }
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth,
                                    "SELECT wrapped FROM key_history WHERE print = ?1 AND wrapped NOTNULL", err);
    if (st == UT_OK) {
        ut_stmt_bind_blob(stmt, 1, print);
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK) {
        st = row ? ut_keyring__unseal(ret, &workspace->keys.wrap, ut_stmt_str(stmt, 0), print, err)
                 : ut_fail(err, UT_DENIED, "it was made with a key that the workspace %s never had", workspace->path);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_keyring_status(ut_key_status *ret, ut_workspace *workspace, ut_err *err)
{
    static const char sql[] =
        "SELECT coalesce((SELECT made_us FROM key_history WHERE replaced_us ISNULL), 0),"
        " (SELECT count(replaced_us) FROM key_history), coalesce((SELECT max(replaced_us) FROM key_history), 0),"
        " (SELECT count(*) FROM identity), (SELECT count(wrapped_key) FROM identity)";
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
    if (st == UT_OK) {
        *ret = (ut_key_status){.place = workspace->key_place,
                               .made_us = ut_stmt_i64(stmt, 0),
                               .replaced = ut_stmt_i64(stmt, 1),
                               .replaced_us = ut_stmt_i64(stmt, 2),
                               .identities = ut_stmt_i64(stmt, 3),
                               .with_key = ut_stmt_i64(stmt, 4)};
        (void)snprintf(ret->path, sizeof ret->path, "%s", workspace->key_path);
    }
    ut_stmt_close(&stmt);
    return st;
}
