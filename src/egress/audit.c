/* egress/audit.c — each entry's chain value is a keyed digest of the one before and of the entry itself. */
#include "egress/audit.h"

#include "os/clock.h"

#include <stdio.h>

static ut_digest link_of(ut_workspace *workspace, ut_str previous, int64_t id, int64_t at_us,
                         const ut_audit_entry *entry)
{
    char numbers[64];
    int len = snprintf(numbers, sizeof numbers, "%lld %lld", (long long)id, (long long)at_us);
    ut_str parts[] = {UT_STR("audit"), previous,        {numbers, (size_t)len}, entry->principal,
                      entry->actor,    entry->action, entry->detail,          entry->purpose};
    return ut_seal_digest(&workspace->keys.digest, parts, sizeof parts / sizeof *parts);
}

static ut_status last_link(ut_workspace *workspace, char ret_chain[16], size_t *ret_len, int64_t *ret_id, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1", err);
    st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
    if (st == UT_OK) {
        ut_str chain = row ? ut_stmt_str(stmt, 1) : (ut_str){0};
        *ret_id = row ? ut_stmt_i64(stmt, 0) : 0;
        *ret_len = chain.len < 16 ? chain.len : 16;
        memcpy(ret_chain, chain.ptr ? chain.ptr : "", *ret_len);
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status insert(ut_workspace *workspace, int64_t id, int64_t at_us, const ut_audit_entry *entry, ut_str chain,
                        ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, id);
        ut_stmt_bind_i64(stmt, 2, at_us);
        const ut_str texts[] = {entry->principal, entry->actor, entry->action, entry->detail, entry->purpose};
        for (int i = 0; i < 5; i++) {
            ut_stmt_bind_text(stmt, 3 + i, texts[i]);
        }
        ut_stmt_bind_blob(stmt, 8, chain);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_audit_append(ut_workspace *workspace, const ut_audit_entry *entry, ut_err *err)
{
    char chain[16];
    size_t len = 0;
    int64_t id = 0;
    int64_t at_us = ut_clock_now_us();
    ut_status st = ut_truth_begin(workspace->truth, err);
    st = st == UT_OK ? last_link(workspace, chain, &len, &id, err) : st;
    if (st == UT_OK) {
        ut_digest link = link_of(workspace, (ut_str){chain, len}, id + 1, at_us, entry);
        st = insert(workspace, id + 1, at_us, entry, ut_digest_str(&link), err);
    }
    st = st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(workspace->truth);
    }
    return st;
}

ut_status ut_audit_verify(ut_workspace *workspace, int64_t *ret_count, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    int64_t count = 0;
    ut_digest previous;
    ut_str chain = {0};
    ut_status st = ut_truth_prepare(&stmt, workspace->truth,
                                    "SELECT id, at_us, principal, actor, action, detail, purpose, chain"
                                    " FROM audit ORDER BY id",
                                    err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        int64_t id = ut_stmt_i64(stmt, 0);
        ut_audit_entry entry = {ut_stmt_str(stmt, 2), ut_stmt_str(stmt, 3), ut_stmt_str(stmt, 4), ut_stmt_str(stmt, 5),
                                ut_stmt_str(stmt, 6)};
        ut_digest link = link_of(workspace, chain, id, ut_stmt_i64(stmt, 1), &entry);
        if (id != count + 1 || !ut_str_eq(ut_digest_str(&link), ut_stmt_str(stmt, 7))) {
            st = ut_fail(err, UT_CORRUPT, "the audit log is broken at entry %lld: it, or one before it, was changed",
                         (long long)id);
            break;
        }
        previous = link;
        chain = ut_digest_str(&previous);
        count++;
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret_count = count;
    }
    return st;
}
