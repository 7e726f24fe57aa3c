/* people/tombstone.c — keyed hashes of erased handles. */
#include "people/tombstone.h"

#include "os/clock.h"

ut_digest ut_tombstone_digest(const ut_workspace *workspace, ut_str handle)
{
    ut_str parts[] = {UT_STR("tombstone"), handle};
    return ut_seal_digest(&workspace->keys.digest, parts, 2);
}

ut_status ut_tombstone_put(ut_workspace *workspace, ut_str handle, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_digest digest = ut_tombstone_digest(workspace, handle);
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "INSERT INTO tombstone VALUES (?1, ?2) ON CONFLICT DO NOTHING", err);
    if (st == UT_OK) {
        ut_stmt_bind_blob(stmt, 1, ut_digest_str(&digest));
        ut_stmt_bind_i64(stmt, 2, ut_clock_now_us());
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_tombstone_has(ut_workspace *workspace, bool *ret, ut_str handle, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_digest digest = ut_tombstone_digest(workspace, handle);
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "SELECT 1 FROM tombstone WHERE digest = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_blob(stmt, 1, ut_digest_str(&digest));
        st = ut_stmt_step(stmt, &row, err);
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret = row;
    }
    return st;
}
