/* rights/erase_backup.c — the same erasure in every backup of the workspace; those out of reach stay due. */
#include "rights/erase_int.h"

#include "store/backup.h"

#include <stdio.h>

/* Restoring a backup must not bring back who was erased since. */
static ut_status copy_tombstones(ut_eraser *e, ut_workspace *copy, ut_err *err)
{
    ut_stmt *read = NULL, *write = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&read, e->workspace->truth, "SELECT digest, at_us FROM tombstone", err);
    st = st == UT_OK ? ut_truth_prepare(&write, copy->truth,
                                        "INSERT INTO tombstone VALUES (?1, ?2) ON CONFLICT DO NOTHING", err)
                     : st;
    while (st == UT_OK && (st = ut_stmt_step(read, &row, err)) == UT_OK && row) {
        ut_stmt_bind_blob(write, 1, ut_stmt_str(read, 0));
        ut_stmt_bind_i64(write, 2, ut_stmt_i64(read, 1));
        st = ut_stmt_run(write, err);
    }
    ut_stmt_close(&read);
    ut_stmt_close(&write);
    return st;
}

static ut_status erase_in(ut_eraser *e, ut_workspace *copy, ut_err *err)
{
    /* The counts are the workspace's; a backup's are not told apart. */
    ut_erase_options quiet = {0};
    ut_erase_plan plan = *e->plan;
    ut_eraser inner = {.workspace = copy, .options = &quiet, .plan = &plan};
    bool done = false;
    plan.row = 0;
    ut_status st = ut_erase__store(&inner, false, err);
    st = st == UT_OK ? ut_truth_begin(copy->truth, err) : st;
    st = st == UT_OK ? copy_tombstones(e, copy, err) : st;
    st = st == UT_OK ? ut_erase__log(e, copy, "in this backup", err) : st;
    st = st == UT_OK ? ut_truth_commit(copy->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(copy->truth);
        return st;
    }
    return ut_erase__sweep(copy, &done, err);
}

static ut_status erase_backup(ut_eraser *e, const char *path, ut_err *err)
{
    ut_workspace *copy = NULL;
    ut_status st = ut_backup_open(&copy, e->workspace, path, err);
    if (st != UT_OK) {
        return st;
    }
    st = erase_in(e, copy, err);
    ut_status closed = ut_backup_close(&copy, path, st == UT_OK ? err : NULL);
    return st == UT_OK ? closed : st;
}

typedef struct listing {
    ut_eraser *e;
    ut_buf paths; /* one a line */
} listing;

static ut_status list_path(void *ctx, const ut_backup_row *row, ut_err *err)
{
    listing *l = ctx;
    (void)err;
    ut_buf_puts(&l->paths, row->path);
    ut_buf_byte(&l->paths, '\n');
    return UT_OK;
}

/* true when it is done or must be given up at once (memory, disk); else it is due, and why was told. */
static bool try_backup(ut_eraser *e, const char *path, ut_status *st, ut_err *err)
{
    ut_err why = {0};
    ut_status got = erase_backup(e, path, &why);
    if (got == UT_OK || got == UT_NOMEM) {
        e->plan->counts.backups += got == UT_OK;
        *st = got == UT_OK ? UT_OK : ut_fail(err, got, "%s", why.message);
        return true;
    }
    ut_erase__due(e, "the backup %.200s could not be reached: %.200s; bring it back and run `undertone erase --resume`",
                  path, why.message);
    return false;
}

ut_status ut_erase__backups(ut_eraser *e, ut_buf *due, ut_err *err)
{
    listing l = {.e = e, .paths = ut_buf_make(16 * UT_MIB)};
    ut_status st = ut_backup_each(e->workspace, list_path, &l, err);
    ut_str rest = ut_buf_str(&l.paths);
    e->plan->counts.backups = 0;
    while (st == UT_OK && rest.len) {
        char path[UT_PATH_BYTES_MAX];
        ut_str line = ut_str_cut(&rest, '\n');
        (void)snprintf(path, sizeof path, "%.*s", (int)line.len, line.ptr);
        if (!try_backup(e, path, &st, err)) {
            ut_buf_puts(due, path);
            ut_buf_byte(due, '\n');
        }
    }
    st = st == UT_OK && (l.paths.failed || due->failed) ? ut_fail(err, UT_NOMEM, "memory ended while erasing") : st;
    ut_buf_free(&l.paths);
    return st;
}

/* A backup that is no longer in the list is nobody's business any more. */
static ut_status is_listed(ut_eraser *e, bool *ret, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, e->workspace->truth, "SELECT 1 FROM backup WHERE path = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(e->plan->backup));
        st = ut_stmt_step(stmt, ret, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_erase__due_backup(ut_eraser *e, ut_err *err)
{
    bool listed = false;
    e->plan->counts = (ut_erase_counts){.person = e->plan->counts.person};
    ut_status st = is_listed(e, &listed, err);
    if (st != UT_OK || (listed && !try_backup(e, e->plan->backup, &st, err)) || st != UT_OK) {
        return st;
    }
    st = ut_truth_begin(e->workspace->truth, err);
    st = st == UT_OK ? ut_erase__drop_plan(e, err) : st;
    st = st == UT_OK ? ut_erase__log(e, e->workspace, listed ? "a backup that was due is done"
                                                             : "a backup that was due is no longer listed", err)
                     : st;
    st = st == UT_OK ? ut_truth_commit(e->workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(e->workspace->truth);
    }
    return st;
}
