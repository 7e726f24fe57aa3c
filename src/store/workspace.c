/* store/workspace.c — opening, making and checking a workspace.
 *
 * The key is checked against a sealed word in the truth, so that a wrong key is told at once and not as a thousand
 * unreadable records.
 */
#include "store/workspace.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

static const char key_variable[] = "UNDERTONE_KEY";

static void path_of(char out[UT_PATH_BYTES_MAX], const ut_workspace *workspace, const char *name)
{
    (void)snprintf(out, UT_PATH_BYTES_MAX, "%s/%s", workspace->path, name);
}

static ut_status read_key_file(ut_key *ret, const char *path, ut_err *err)
{
    ut_buf text = ut_buf_make(256);
    ut_status st = ut_file_slurp(&text, path, err);
    if (st == UT_NOT_FOUND) {
        st = ut_fail(err, UT_DENIED,
                     "the workspace key %s is missing; bring it back from where you keep a copy, or give "
                     "it with --key-file or in %s. Without it nothing can be read",
                     path, key_variable);
    } else if (st == UT_OK && !ut_key_from_hex(ret, ut_buf_str(&text))) {
        st = ut_fail(err, UT_DENIED, "%s is not a workspace key: it must hold 64 hexadecimal digits", path);
    }
    if (text.ptr) {
        ut_seal_wipe(text.ptr, text.len);
    }
    ut_buf_free(&text);
    return st;
}

static ut_status make_key_file(ut_key *ret, const char *path, ut_err *err)
{
    char hex[66];
    ut_seal_random(ret->bytes, sizeof ret->bytes);
    ut_key_to_hex(hex, ret);
    hex[64] = '\n';
    ut_status st = ut_file_replace(path, (ut_str){hex, 65}, 0600, err);
    ut_seal_wipe(hex, sizeof hex);
    return st;
}

/* The key from the place the options name; made there when the workspace is new. */
static ut_status find_key(ut_key *ret, const ut_workspace *workspace, const ut_workspace_options *options, ut_err *err)
{
    const char *given = getenv(key_variable);
    if (!options->key_file && given && *given) {
        return ut_key_from_hex(ret, ut_str_of(given))
                   ? UT_OK
                   : ut_fail(err, UT_DENIED, "%s must hold 64 hexadecimal digits", key_variable);
    }
    char path[UT_PATH_BYTES_MAX];
    path_of(path, workspace, "workspace.key");
    const char *file = options->key_file ? options->key_file : path;
    if (workspace->is_new && !ut_file_exists(file)) {
        return make_key_file(ret, file, err);
    }
    return read_key_file(ret, file, err);
}

static void derive_keys(ut_keys *ret, const ut_key *master)
{
    ret->wrap = ut_seal_derive(master, "wrap", 1);
    ret->digest = ut_seal_derive(master, "digest", 1);
    ret->name = ut_seal_derive(master, "name", 1);
    ret->reject = ut_seal_derive(master, "reject", 1);
}

ut_status ut_workspace_setting(ut_workspace *workspace, ut_arena *keep, ut_str *ret, const char *key, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "SELECT value FROM setting WHERE key = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(key));
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK) {
        *ret = row ? ut_arena_copy(keep, ut_stmt_str(stmt, 0)) : (ut_str){0};
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_workspace_set(ut_workspace *workspace, const char *key, ut_str value, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(
        &stmt, workspace->truth, "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2", err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(key));
        ut_stmt_bind_text(stmt, 2, value);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

/* Stores (new) or opens (old) a sealed word with the wrapping key: the proof that the key is the right one. */
static ut_status check_key(ut_workspace *workspace, ut_err *err)
{
    const ut_str word = UT_STR("undertone");
    ut_arena arena;
    ut_status st = ut_arena_open(&arena, 4096);
    if (st != UT_OK) {
        return ut_fail(err, st, "memory ended while opening the workspace");
    }
    ut_buf box = ut_buf_make(1024);
    ut_str stored = {0};
    st = ut_workspace_setting(workspace, &arena, &stored, "key_check", err);
    if (st == UT_OK && stored.len) {
        st = ut_seal_open(&box, &workspace->keys.wrap, stored, word, err);
        if (st == UT_CORRUPT) {
            st = ut_fail(err, UT_DENIED, "this is not the key that the workspace %s was made with", workspace->path);
        }
    } else if (st == UT_OK && workspace->access == UT_READ_WRITE) {
        ut_seal_close(&box, &workspace->keys.wrap, word, word);
        st = box.failed ? ut_fail(err, box.failed, "memory ended while opening the workspace")
                        : ut_workspace_set(workspace, "key_check", ut_buf_str(&box), err);
    }
    ut_buf_free(&box);
    ut_arena_close(&arena);
    return st;
}

/* Finds out whether the folder is a workspace; makes the folder when allowed. */
static ut_status prepare_folder(ut_workspace *workspace, const ut_workspace_options *options, ut_err *err)
{
    char truth[UT_PATH_BYTES_MAX];
    path_of(truth, workspace, "truth.sqlite");
    workspace->is_new = !ut_file_exists(truth);
    if (!workspace->is_new) {
        return UT_OK;
    }
    if (!options->create || options->access == UT_WORKSPACE_READ) {
        return ut_fail(err, UT_NOT_FOUND,
                       "there is no workspace at %s; `undertone init` or `undertone ingest PATH` makes "
                       "one, --workspace names another",
                       workspace->path);
    }
    return ut_file_make_folder(workspace->path, 0700, err);
}

static ut_status open_stores(ut_workspace *workspace, const ut_workspace_options *options, ut_err *err)
{
    char path[UT_PATH_BYTES_MAX];
    ut_status st = prepare_folder(workspace, options, err);
    if (st == UT_OK && workspace->access == UT_READ_WRITE) {
        path_of(path, workspace, "lock");
        st = ut_file_lock(&workspace->lock, path, err);
    }
    ut_key master;
    st = st == UT_OK ? find_key(&master, workspace, options, err) : st;
    if (st != UT_OK) {
        return st;
    }
    derive_keys(&workspace->keys, &master);
    ut_seal_wipe(&master, sizeof master);
    path_of(path, workspace, "truth.sqlite");
    st = ut_truth_open(&workspace->truth, path, workspace->access, err);
    return st == UT_OK ? check_key(workspace, err) : st;
}

ut_status ut_workspace_open(ut_workspace **ret, const ut_workspace_options *options, ut_err *err)
{
    const char *path = options->path ? options->path : "undertone-data";
    ut_status st = ut_seal_start(err);
    if (st != UT_OK) {
        return st;
    }
    ut_workspace *workspace = ut_mem_zeroed(1, sizeof *workspace);
    if (!workspace) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening the workspace");
    }
    workspace->lock.fd = -1;
    workspace->access = options->access == UT_WORKSPACE_WRITE ? UT_READ_WRITE : UT_READ_ONLY;
    int len = snprintf(workspace->path, sizeof workspace->path, "%s", path);
    st = len < (int)sizeof workspace->path ? open_stores(workspace, options, err)
                                           : ut_fail(err, UT_LIMIT, "the workspace path is too long");
    if (st != UT_OK) {
        ut_workspace_close(&workspace);
        return st;
    }
    *ret = workspace;
    return UT_OK;
}

void ut_workspace_close(ut_workspace **workspace_ref)
{
    ut_workspace *workspace = *workspace_ref;
    if (!workspace) {
        return;
    }
    ut_lake_close(&workspace->lake);
    ut_truth_close(&workspace->truth);
    ut_file_close(&workspace->lock);
    ut_seal_wipe(&workspace->keys, sizeof workspace->keys);
    *workspace_ref = ut_mem_free(workspace);
}

bool ut_workspace_is_new(const ut_workspace *workspace)
{
    return workspace->is_new;
}

ut_status ut_workspace_lake(ut_workspace *workspace, ut_lake **ret, int memory_mb, ut_err *err)
{
    if (!workspace->lake) {
        char path[UT_PATH_BYTES_MAX];
        path_of(path, workspace, "lake.duckdb");
        ut_lake_options options = {.access = workspace->access, .memory_mb = memory_mb};
        ut_status st = ut_lake_open(&workspace->lake, path, &options, err);
        if (st == UT_NOT_FOUND) {
            return ut_fail(err, st, "nothing is analysed yet in %s; run `undertone analyze` first", workspace->path);
        }
        if (st != UT_OK) {
            return st;
        }
    }
    *ret = workspace->lake;
    return UT_OK;
}

ut_status ut_workspace_drop_lake(ut_workspace *workspace, ut_err *err)
{
    static const char *const names[] = {"lake.duckdb", "lake.duckdb.wal"};
    ut_lake_close(&workspace->lake);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[UT_PATH_BYTES_MAX];
        path_of(path, workspace, names[i]);
        ut_status st = ut_file_exists(path) ? ut_file_remove(path, err) : UT_OK;
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}
