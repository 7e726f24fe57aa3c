/* store/workspace.c — opening and making a workspace; its keys are store/keyring.c's. */
#include "store/workspace.h"
#include "store/keyring.h"

#include <stdio.h>

static void path_of(char out[UT_PATH_BYTES_MAX], const ut_workspace *workspace, const char *name)
{
    (void)snprintf(out, UT_PATH_BYTES_MAX, "%s/%s", workspace->path, name);
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

/* `wrap` is the wrapping key when it is known, else NULL: the options tell. */
static ut_status open_stores(ut_workspace *workspace, const ut_workspace_options *options, const ut_key *wrap,
                             ut_err *err)
{
    char path[UT_PATH_BYTES_MAX];
    ut_status st = prepare_folder(workspace, options, err);
    if (st == UT_OK && workspace->access == UT_READ_WRITE) {
        path_of(path, workspace, "lock");
        st = ut_file_lock(&workspace->lock, path, err);
    }
    st = st == UT_OK && workspace->is_new ? ut_keyring_prepare(workspace, options->key_file, err) : st;
    if (st != UT_OK) {
        return st;
    }
    path_of(path, workspace, "truth.sqlite");
    st = ut_truth_open(&workspace->truth, path, workspace->access, err);
    if (st != UT_OK) {
        return st;
    }
    return wrap ? ut_keyring_enter(workspace, wrap, err) : ut_keyring_open(workspace, options->key_file, err);
}

static ut_status open_at(ut_workspace **ret, const ut_workspace_options *options, const ut_key *wrap, ut_err *err)
{
    ut_status st = ut_seal_start(err);
    if (st != UT_OK) {
        return st;
    }
    ut_workspace *workspace = ut_seal_page(sizeof *workspace);
    if (!workspace) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening the workspace");
    }
    workspace->lock.fd = -1;
    workspace->access = options->access == UT_WORKSPACE_WRITE ? UT_READ_WRITE : UT_READ_ONLY;
    int len = snprintf(workspace->path, sizeof workspace->path, "%s",
                       options->path ? options->path : UT_WORKSPACE_DEFAULT);
    st = len < (int)sizeof workspace->path ? open_stores(workspace, options, wrap, err)
                                           : ut_fail(err, UT_LIMIT, "the workspace path is too long");
    if (st != UT_OK) {
        ut_workspace_close(&workspace);
        return st;
    }
    *ret = workspace;
    return UT_OK;
}

ut_status ut_workspace_open(ut_workspace **ret, const ut_workspace_options *options, ut_err *err)
{
    return open_at(ret, options, NULL, err);
}

ut_status ut_workspace_open_wrapped(ut_workspace **ret, const char *path, const ut_key *wrap, ut_err *err)
{
    ut_workspace_options options = {.path = path, .access = UT_WORKSPACE_WRITE};
    return open_at(ret, &options, wrap, err);
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
    *workspace_ref = ut_seal_page_free(workspace, sizeof *workspace);
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
        ut_status st = workspace->access == UT_READ_WRITE ? ut_workspace_tidy_lake(workspace, err) : UT_OK;
        st = st == UT_OK ? ut_lake_open(&workspace->lake, path, &options, err) : st;
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
