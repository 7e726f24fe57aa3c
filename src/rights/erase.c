/* rights/erase.c — the plan of an erasure and its way through the steps (rights/erase_int.h).
 *
 *     plan, tombstones, "begun" in the audit log ─► who ─► scan ─► lake ─► rows ─► backups ─► VACUUM, empty log ─►
 *     plan out, "done" in the audit log
 */
#include "rights/erase_int.h"

#include "os/clock.h"
#include "store/audit.h"

#include <stdarg.h>
#include <stdio.h>

enum { PLAN_BYTES_MAX = 4 << 20, DUE_BYTES_MAX = 600 };

static const ut_erase_options no_options;

void ut_erase__due(const ut_eraser *e, const char *format, ...)
{
    char what[DUE_BYTES_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    e->plan->counts.due++;
    if (e->options->due) {
        e->options->due(e->options->due_ctx, what);
    }
}

void ut_erase__progress(const ut_eraser *e, int64_t done, int64_t total)
{
    if (e->options->progress) {
        e->options->progress(e->options->progress_ctx, "erase", done, total);
    }
}

/* The plan --------------------------------------------------------------------------------------------------------- */

void ut_erase__plan_open(ut_erase_plan *plan)
{
    *plan = (ut_erase_plan){.persons = ut_buf_make(PLAN_BYTES_MAX), .identities = ut_buf_make(PLAN_BYTES_MAX)};
}

void ut_erase__plan_close(ut_erase_plan *plan)
{
    ut_buf_free(&plan->persons);
    ut_buf_free(&plan->identities);
}

static void put_part(ut_buf *to, ut_str part)
{
    uint32_t len = (uint32_t)part.len;
    ut_buf_put(to, (ut_str){(const char *)&len, sizeof len});
    ut_buf_put(to, part);
}

static ut_str cut_part(ut_str *rest)
{
    uint32_t len = 0;
    if (rest->len >= sizeof len) {
        memcpy(&len, rest->ptr, sizeof len);
    }
    ut_str part = ut_str_slice(*rest, sizeof len, sizeof len + (size_t)len);
    *rest = ut_str_slice(*rest, sizeof len + (size_t)len, rest->len);
    return part;
}

/* Counts, persons, identities, path, each after its length; sealed under the name key, which a new workspace key leaves
 * as it is. */
static void seal_plan(ut_buf *box, const ut_eraser *e)
{
    const ut_erase_plan *plan = e->plan;
    ut_buf plain = ut_buf_make(3 * PLAN_BYTES_MAX);
    put_part(&plain, (ut_str){(const char *)&plan->counts, sizeof plan->counts});
    put_part(&plain, ut_buf_str(&plan->persons));
    put_part(&plain, ut_buf_str(&plan->identities));
    put_part(&plain, ut_str_of(plan->backup));
    ut_seal_close(box, &e->workspace->keys.name, ut_buf_str(&plain), UT_STR("unfinished erase"));
    box->failed = plain.failed ? plain.failed : box->failed;
    ut_buf_free(&plain);
}

static ut_status open_plan(ut_erase_plan *plan, ut_workspace *workspace, int64_t row, ut_str sealed, ut_err *err)
{
    ut_buf plain = ut_buf_make(3 * PLAN_BYTES_MAX);
    ut_status st = ut_seal_open(&plain, &workspace->keys.name, sealed, UT_STR("unfinished erase"), err);
    ut_str rest = ut_buf_str(&plain);
    ut_str counts = cut_part(&rest);
    if (st == UT_OK && counts.len != sizeof plan->counts) {
        st = ut_fail(err, UT_CORRUPT, "the note of an unfinished erasure is damaged");
    }
    if (st == UT_OK) {
        memcpy(&plan->counts, counts.ptr, sizeof plan->counts);
        ut_buf_put(&plan->persons, cut_part(&rest));
        ut_buf_put(&plan->identities, cut_part(&rest));
        ut_str path = cut_part(&rest);
        (void)snprintf(plan->backup, sizeof plan->backup, "%.*s", (int)path.len, path.ptr ? path.ptr : "");
        plan->row = row;
    }
    ut_buf_free(&plain);
    return st;
}

/* Into its row, or into a new one. */
static ut_status write_plan(ut_eraser *e, ut_err *err)
{
    static const char sql[] = "INSERT INTO unfinished (id, work, detail, at_us) VALUES (nullif(?1, 0), ?2, ?3, ?4)"
                              " ON CONFLICT (id) DO UPDATE SET detail = ?3";
    ut_stmt *stmt = NULL;
    ut_buf box = ut_buf_make(4 * PLAN_BYTES_MAX);
    seal_plan(&box, e);
    ut_status st = box.failed ? ut_fail(err, box.failed, "memory ended while noting what is to be erased")
                              : ut_truth_prepare(&stmt, e->workspace->truth, sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, e->plan->row);
        ut_stmt_bind_text(stmt, 2, e->plan->backup[0] ? UT_STR("erase backup") : UT_STR("erase"));
        ut_stmt_bind_blob(stmt, 3, ut_buf_str(&box));
        ut_stmt_bind_i64(stmt, 4, ut_clock_now_us());
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    ut_buf_free(&box);
    return st;
}

ut_status ut_erase__note(ut_eraser *e, ut_err *err)
{
    return e->plan->row ? write_plan(e, err) : UT_OK;
}

ut_status ut_erase__drop_plan(ut_eraser *e, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, e->workspace->truth, "DELETE FROM unfinished WHERE id = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, e->plan->row);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_erase__log(ut_eraser *e, ut_workspace *workspace, const char *detail, ut_err *err)
{
    ut_audit_entry entry = {.principal = UT_STR("key"), .action = UT_STR("erase"), .subject = e->plan->counts.person,
                            .detail = ut_str_of(detail)};
    return ut_audit_put(workspace, &entry, err);
}

/* From here on the same input does not come in again, and the work will be finished whatever happens. */
static ut_status begin(ut_eraser *e, ut_err *err)
{
    ut_truth *truth = e->workspace->truth;
    ut_status st = ut_truth_begin(truth, err);
    st = st == UT_OK ? write_plan(e, err) : st;
    e->plan->row = st == UT_OK ? ut_truth_last_id(truth) : 0;
    st = st == UT_OK ? ut_erase__bury(e, err) : st;
    st = st == UT_OK ? ut_erase__log(e, e->workspace, "begun", err) : st;
    st = st == UT_OK ? ut_truth_commit(truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(truth);
    }
    return st;
}

/* The steps -------------------------------------------------------------------------------------------------------- */

ut_status ut_erase__store(ut_eraser *e, bool lake, ut_err *err)
{
    bool any = false;
    ut_status st = ut_erase__mark(e, &any, err);
    if (st == UT_OK && any) {
        st = ut_erase__learn(e, err);
        st = st == UT_OK ? ut_erase__scan(e, err) : st;
        st = st == UT_OK && lake ? ut_erase__lake(e, err) : st;
        st = st == UT_OK ? ut_erase__rows(e, err) : st;
    }
    ut_redact_close(&e->redact);
    return st;
}

/* Pages that rows left are zeroed already (secure_delete); VACUUM leaves none behind, and the log must not keep what
 * was before. */
ut_status ut_erase__sweep(ut_workspace *workspace, bool *ret_done, ut_err *err)
{
    ut_status st = ut_truth_exec(workspace->truth, "DROP TABLE IF EXISTS temp.erase_person;"
                                                   "DROP TABLE IF EXISTS temp.erase_identity; VACUUM", err);
    return st == UT_OK ? ut_truth_checkpoint(workspace->truth, ret_done, err) : st;
}

/* Backups that could not be reached, one path after the other, each becomes a plan of its own. */
static ut_status write_due(ut_eraser *e, const ut_buf *paths, ut_err *err)
{
    ut_status st = UT_OK;
    ut_str rest = ut_buf_str(paths);
    e->plan->row = 0;
    while (st == UT_OK && rest.len) {
        ut_str path = ut_str_cut(&rest, '\n');
        (void)snprintf(e->plan->backup, sizeof e->plan->backup, "%.*s", (int)path.len, path.ptr);
        st = write_plan(e, err);
    }
    e->plan->backup[0] = '\0';
    return st;
}

static ut_status finish(ut_eraser *e, const ut_buf *due_backups, ut_err *err)
{
    bool done = false;
    ut_truth *truth = e->workspace->truth;
    const ut_erase_counts *c = &e->plan->counts;
    char detail[400];
    ut_status st = ut_erase__sweep(e->workspace, &done, err);
    if (st != UT_OK || !done) {
        return st != UT_OK ? st
                           : ut_fail(err, UT_BUSY,
                                     "all is erased, but another process still reads the log of the truth store; run "
                                     "`undertone erase --resume` when it has ended");
    }
    (void)snprintf(detail, sizeof detail,
                   "done: %lld handles, %lld records, %lld records of others, %lld dead letters, %lld audit entries, "
                   "%lld cells, %lld of them withheld, %lld backups",
                   (long long)c->identities, (long long)c->records, (long long)c->mentions, (long long)c->rejects,
                   (long long)c->audit, (long long)c->cells, (long long)c->withheld, (long long)c->backups);
    st = ut_truth_begin(truth, err);
    st = st == UT_OK ? ut_erase__drop_plan(e, err) : st;
    st = st == UT_OK ? write_due(e, due_backups, err) : st;
    st = st == UT_OK ? ut_erase__log(e, e->workspace, detail, err) : st;
    st = st == UT_OK ? ut_truth_commit(truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(truth);
        return st;
    }
    return ut_truth_checkpoint(truth, &done, err);
}

static ut_status run(ut_eraser *e, ut_err *err)
{
    ut_buf due_backups = ut_buf_make(16 * UT_MIB);
    ut_status st = ut_erase__store(e, true, err);
    st = st == UT_OK ? ut_erase__backups(e, &due_backups, err) : st;
    st = st == UT_OK ? finish(e, &due_backups, err) : st;
    ut_buf_free(&due_backups);
    return st;
}

/* Counts what would go, and changes nothing. */
static ut_status try_out(ut_eraser *e, ut_err *err)
{
    ut_erase_counts *counts = &e->plan->counts;
    ut_status st = ut_erase__learn(e, err);
    st = st == UT_OK ? ut_erase__scan(e, err) : st;
    st = st == UT_OK ? ut_erase__lake(e, err) : st;
    st = st == UT_OK ? ut_erase__ledger(e, err) : st;
    st = st == UT_OK ? ut_truth_number(e->workspace->truth, &counts->records,
                                        "SELECT count(*) FROM record WHERE author IN erase_identity", err)
                     : st;
    return st == UT_OK ? ut_truth_number(e->workspace->truth, &counts->backups, "SELECT count(*) FROM backup", err)
                       : st;
}

static ut_status require_writing(const ut_workspace *workspace, ut_err *err)
{
    return workspace->access == UT_READ_WRITE
               ? UT_OK
               : ut_fail(err, UT_INVALID, "an erasure needs the workspace open for writing");
}

ut_status ut_erase(ut_erase_counts *ret, ut_workspace *workspace, ut_str who, const ut_erase_options *options,
                   ut_err *err)
{
    ut_erase_plan plan;
    ut_eraser e = {.workspace = workspace, .options = options ? options : &no_options, .plan = &plan};
    ut_status st = require_writing(workspace, err);
    if (st != UT_OK) {
        return st;
    }
    ut_erase__plan_open(&plan);
    st = ut_erase__find(&e, who, err);
    if (e.options->dry_run) {
        st = st == UT_OK ? try_out(&e, err) : st;
    } else {
        st = st == UT_OK ? begin(&e, err) : st;
        st = st == UT_OK ? run(&e, err) : st;
    }
    ut_redact_close(&e.redact);
    if (st == UT_OK) {
        *ret = plan.counts;
    }
    ut_erase__plan_close(&plan);
    return st;
}

/* Going on --------------------------------------------------------------------------------------------------------- */

static void add_counts(ut_erase_counts *to, const ut_erase_counts *more)
{
    to->person = more->person;
    to->identities += more->identities;
    to->records += more->records;
    to->mentions += more->mentions;
    to->unread += more->unread;
    to->rejects += more->rejects;
    to->audit += more->audit;
    to->channels += more->channels;
    to->cells += more->cells;
    to->withheld += more->withheld;
    to->lake_rows += more->lake_rows;
    to->backups += more->backups;
    to->due += more->due;
}

/* The oldest plan of a kind after `after`; *ret_any = false when there is none. */
static ut_status next_plan(ut_erase_plan *plan, ut_workspace *workspace, const char *work, int64_t after, bool *ret_any,
                           ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth,
                                    "SELECT id, detail FROM unfinished WHERE work = ?1 AND id > ?2 ORDER BY id LIMIT 1",
                                    err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(work));
        ut_stmt_bind_i64(stmt, 2, after);
        st = ut_stmt_step(stmt, ret_any, err);
    }
    if (st == UT_OK && *ret_any) {
        st = open_plan(plan, workspace, ut_stmt_i64(stmt, 0), ut_stmt_str(stmt, 1), err);
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status resume_kind(ut_erase_counts *total, ut_workspace *workspace, const ut_erase_options *options,
                             const char *work, ut_status (*step)(ut_eraser *e, ut_err *err), ut_err *err)
{
    bool any = true;
    int64_t last = 0;
    ut_status st = UT_OK;
    while (st == UT_OK && any) {
        ut_erase_plan plan;
        ut_eraser e = {.workspace = workspace, .options = options, .plan = &plan};
        ut_erase__plan_open(&plan);
        st = next_plan(&plan, workspace, work, last, &any, err);
        last = plan.row;
        plan.counts.due = 0;
        st = st == UT_OK && any ? step(&e, err) : st;
        add_counts(total, any ? &plan.counts : &(ut_erase_counts){.person = total->person});
        ut_erase__plan_close(&plan);
    }
    return st;
}

ut_status ut_erase_resume(ut_erase_counts *ret, ut_workspace *workspace, const ut_erase_options *options, ut_err *err)
{
    ut_erase_counts total = {0};
    options = options ? options : &no_options;
    ut_status st = require_writing(workspace, err);
    if (st == UT_OK && options->dry_run) {
        st = ut_fail(err, UT_INVALID, "what was begun is finished, not tried out");
    }
    st = st == UT_OK ? resume_kind(&total, workspace, options, "erase backup", ut_erase__due_backup, err) : st;
    st = st == UT_OK ? resume_kind(&total, workspace, options, "erase", run, err) : st;
    if (st == UT_OK) {
        *ret = total;
    }
    return st;
}

ut_status ut_erase_pending(ut_workspace *workspace, int64_t *ret_begun, int64_t *ret_due, ut_err *err)
{
    ut_status st =
        ut_truth_number(workspace->truth, ret_begun, "SELECT count(*) FROM unfinished WHERE work = 'erase'", err);
    return st == UT_OK ? ut_truth_number(workspace->truth, ret_due,
                                          "SELECT count(*) FROM unfinished WHERE work = 'erase backup'", err)
                       : st;
}
