/* store/audit.c — each entry's chain value is a keyed digest of the one before and of the entry itself.
 *
 * Setting 'audit_base' ("id hex") is the last entry that retention took away: where the chain begins now.
 */
#include "store/audit.h"

#include "os/clock.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A chain value in flight; the first entry of all follows the empty one. */
typedef struct chain_link {
    int64_t id;
    size_t len;
    ut_digest digest;
} chain_link;

ut_str ut_audit_user(char room[64])
{
    struct passwd *entry = getpwuid(getuid());
    int len = entry ? snprintf(room, 64, "%s", entry->pw_name) : snprintf(room, 64, "%d", (int)getuid());
    return (ut_str){room, len < 64 ? (size_t)len : 63};
}

static ut_digest words_digest(ut_workspace *workspace, const char *what, ut_str words)
{
    ut_str parts[] = {UT_STR("audit words"), ut_str_of(what), words};
    return ut_seal_digest(&workspace->keys.digest, parts, 3);
}

static ut_digest next_link(ut_workspace *workspace, const chain_link *previous, int64_t id, int64_t at_us,
                           ut_str principal, ut_str actor, ut_str action, int64_t subject, ut_str detail,
                           ut_str purpose)
{
    char numbers[96];
    int len = snprintf(numbers, sizeof numbers, "%lld %lld %lld", (long long)id, (long long)at_us, (long long)subject);
    ut_str parts[] = {UT_STR("audit"), {(const char *)previous->digest.bytes, previous->len}, {numbers, (size_t)len},
                      principal, actor, action, detail, purpose};
    return ut_seal_digest(&workspace->keys.digest, parts, sizeof parts / sizeof *parts);
}

static ut_status read_base(ut_workspace *workspace, chain_link *ret, ut_err *err)
{
    ut_arena arena;
    ut_str text = {0};
    if (ut_arena_open(&arena, 4096) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while reading the audit log");
    }
    *ret = (chain_link){0};
    ut_status st = ut_workspace_setting(workspace, &arena, &text, "audit_base", err);
    unsigned byte[16];
    long long id = 0;
    int used = 0;
    if (st == UT_OK && text.len && sscanf(text.ptr, "%lld %n", &id, &used) == 1 && text.len == (size_t)used + 32) {
        for (int i = 0; i < 16; i++) {
            (void)sscanf(text.ptr + used + 2 * i, "%2x", &byte[i]);
            ret->digest.bytes[i] = (unsigned char)byte[i];
        }
        ret->id = id;
        ret->len = 16;
    }
    ut_arena_close(&arena);
    return st;
}

static ut_status last_link(ut_workspace *workspace, chain_link *ret, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1", err);
    st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
    if (st == UT_OK && row && ut_stmt_str(stmt, 1).len == 16) {
        *ret = (chain_link){.id = ut_stmt_i64(stmt, 0), .len = 16};
        memcpy(ret->digest.bytes, ut_stmt_str(stmt, 1).ptr, 16);
    } else if (st == UT_OK) {
        st = read_base(workspace, ret, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_audit_put(ut_workspace *workspace, const ut_audit_entry *entry, ut_err *err)
{
    char user[64];
    ut_stmt *stmt = NULL;
    chain_link last;
    ut_status st = last_link(workspace, &last, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth,
                                        "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", err)
                     : st;
    if (st != UT_OK) {
        return st;
    }
    int64_t id = last.id + 1, at_us = ut_clock_now_us();
    ut_str actor = entry->actor.len ? entry->actor : ut_audit_user(user);
    ut_digest detail = words_digest(workspace, "detail", entry->detail);
    ut_digest purpose = words_digest(workspace, "purpose", entry->purpose);
    ut_digest chain = next_link(workspace, &last, id, at_us, entry->principal, actor, entry->action, entry->subject,
                                ut_digest_str(&detail), ut_digest_str(&purpose));
    ut_stmt_bind_i64(stmt, 1, id);
    ut_stmt_bind_i64(stmt, 2, at_us);
    const ut_str texts[] = {entry->principal, actor, entry->action};
    for (int i = 0; i < 3; i++) {
        ut_stmt_bind_text(stmt, 3 + i, texts[i]);
    }
    if (entry->subject) {
        ut_stmt_bind_i64(stmt, 6, entry->subject);
    } else {
        ut_stmt_bind_null(stmt, 6);
    }
    ut_stmt_bind_text(stmt, 7, entry->detail);
    ut_stmt_bind_text(stmt, 8, entry->purpose);
    ut_stmt_bind_blob(stmt, 9, ut_digest_str(&detail));
    ut_stmt_bind_blob(stmt, 10, ut_digest_str(&purpose));
    ut_stmt_bind_blob(stmt, 11, ut_digest_str(&chain));
    st = ut_stmt_run(stmt, err);
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_audit_append(ut_workspace *workspace, const ut_audit_entry *entry, ut_err *err)
{
    ut_status st = ut_truth_begin(workspace->truth, err);
    st = st == UT_OK ? ut_audit_put(workspace, entry, err) : st;
    st = st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(workspace->truth);
    }
    return st;
}

ut_status ut_audit_redact(ut_workspace *workspace, int64_t id, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth,
                                    "UPDATE audit SET detail = NULL, purpose = NULL WHERE id = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, id);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_audit_drop(ut_workspace *workspace, int64_t *ret_count, int64_t at_us, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    int64_t count = 0;
    char base[64];
    /* Only a run from the beginning goes: a clock that was set back must not tear a hole. */
    static const char old_sql[] =
        "SELECT id || ' ' || lower(hex(chain)) FROM audit"
        " WHERE id < coalesce((SELECT min(id) FROM audit WHERE at_us >= ?1), 9e18) ORDER BY id DESC";
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, old_sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, at_us);
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        if (count++ == 0) {
            (void)snprintf(base, sizeof base, UT_STR_FMT, UT_STR_ARG(ut_stmt_str(stmt, 0)));
        }
    }
    ut_stmt_close(&stmt);
    st = st == UT_OK && count ? ut_workspace_set(workspace, "audit_base", ut_str_of(base), err) : st;
    static const char delete_sql[] =
        "DELETE FROM audit WHERE id < coalesce((SELECT min(id) FROM audit WHERE at_us >= ?1), 9e18)";
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth, delete_sql, err) : st;
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, at_us);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret_count = count;
    }
    return st;
}

/* Words that are still there must fit their digests; those taken out by an erasure must both be gone. */
static bool words_fit(ut_workspace *workspace, const ut_stmt *row)
{
    if (ut_stmt_is_null(row, 6) && ut_stmt_is_null(row, 7)) {
        return true;
    }
    ut_digest detail = words_digest(workspace, "detail", ut_stmt_str(row, 6));
    ut_digest purpose = words_digest(workspace, "purpose", ut_stmt_str(row, 7));
    return ut_str_eq(ut_digest_str(&detail), ut_stmt_str(row, 8)) &&
           ut_str_eq(ut_digest_str(&purpose), ut_stmt_str(row, 9));
}

ut_status ut_audit_verify(ut_workspace *workspace, int64_t *ret_count, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    int64_t count = 0;
    chain_link last;
    ut_status st = read_base(workspace, &last, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth,
                                        "SELECT id, at_us, principal, actor, action, subject, detail, purpose,"
                                        " detail_digest, purpose_digest, chain FROM audit ORDER BY id",
                                        err)
                     : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        int64_t id = ut_stmt_i64(stmt, 0);
        ut_digest chain = next_link(workspace, &last, id, ut_stmt_i64(stmt, 1), ut_stmt_str(stmt, 2),
                                    ut_stmt_str(stmt, 3), ut_stmt_str(stmt, 4), ut_stmt_i64(stmt, 5),
                                    ut_stmt_str(stmt, 8), ut_stmt_str(stmt, 9));
        if (id != last.id + 1 || !words_fit(workspace, stmt) ||
            !ut_str_eq(ut_digest_str(&chain), ut_stmt_str(stmt, 10))) {
            st = ut_fail(err, UT_CORRUPT, "the audit log is broken at entry %lld: it, or one before it, was changed",
                         (long long)id);
            break;
        }
        last = (chain_link){.id = id, .len = 16, .digest = chain};
        count++;
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret_count = count;
    }
    return st;
}
