/* rights/retention.c — drops what is past its time, class by class, in batches of one transaction each.
 *
 *     note in `unfinished` ─► person rows ─► raw text ─► dead letters ─► figures ─► audit log
 *                          ─► lake written anew ─► truth's log emptied ─► proof
 *
 * Each batch adds what it dropped to the note, in its own transaction. The note goes with the entry in the audit log,
 * which says what it counted; a run that finds one goes on with it, and so a killed run is finished by the next with
 * the counts of both.
 */
#include "undertone/retention.h"

#include "os/clock.h"
#include "people/due.h"
#include "silver/reduce.h"
#include "store/audit.h"

#include <stdio.h>

#define BATCH "4096"

typedef struct retention {
    ut_workspace *workspace;
    ut_retention_report report;
    ut_kept_class now; /* the class at work */
    bool begun;        /* there is a note */
} retention;

/* "12 3 0 0 0": dropped so far, by class. */
static ut_status read_note(retention *r, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st =
        ut_truth_prepare(&stmt, r->workspace->truth, "SELECT detail FROM unfinished WHERE work = 'retention'", err);
    st = st == UT_OK ? ut_stmt_step(stmt, &r->begun, err) : st;
    ut_str rest = st == UT_OK && r->begun ? ut_stmt_str(stmt, 0) : (ut_str){0};
    for (int i = 0; i < UT_KEPT_CLASSES && rest.len; i++) {
        int64_t n = 0;
        r->report.classes[i].dropped = ut_str_to_i64(ut_str_cut(&rest, ' '), &n) ? n : 0;
    }
    ut_stmt_close(&stmt);
    return st;
}

/* Inside a batch's transaction. What is counted in memory is right only once that is committed: a failure ends the run.
 */
static ut_status note(void *ctx, int64_t count, ut_err *err)
{
    retention *r = ctx;
    char text[128];
    size_t len = 0;
    r->report.classes[r->now].dropped += count;
    for (int i = 0; i < UT_KEPT_CLASSES; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, i ? " %lld" : "%lld",
                                (long long)r->report.classes[i].dropped);
    }
    ut_stmt *stmt = NULL;
    ut_status st =
        ut_truth_prepare(&stmt, r->workspace->truth,
                         r->begun ? "UPDATE unfinished SET detail = ?1 WHERE work = 'retention'"
                                  : "INSERT INTO unfinished (work, detail, at_us) VALUES ('retention', ?1, ?2)",
                         err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, (ut_str){text, len});
        if (!r->begun) {
            ut_stmt_bind_i64(stmt, 2, ut_clock_now_us());
        }
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    r->begun |= st == UT_OK;
    return st;
}

/* One statement that takes `before_us`; *ret_count = rows. */
static ut_status run_one(retention *r, int64_t *ret_count, const char *sql, int64_t before_us, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, r->workspace->truth, sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, before_us);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret_count = ut_truth_changes(r->workspace->truth);
    }
    return st;
}

static ut_status drop_audit(retention *r, int64_t *ret_count, int64_t before_us, ut_err *err)
{
    return ut_audit_drop(r->workspace, ret_count, before_us, err);
}

static ut_status drop_rejects(retention *r, int64_t *ret_count, int64_t before_us, ut_err *err)
{
    return run_one(r, ret_count,
                   "DELETE FROM reject WHERE id IN (SELECT id FROM reject WHERE at_us < ?1 LIMIT " BATCH ")", before_us,
                   err);
}

/* Atoms stay until the figures made of them are all past their time. */
static ut_status drop_cells(retention *r, int64_t *ret_count, int64_t before_us, ut_err *err)
{
    static const char old_segments[] =
        "SELECT start_day FROM segment WHERE frozen_us < ?1 AND NOT EXISTS (SELECT 1 FROM cell WHERE frozen_us >= ?1"
        "   AND CAST(julianday(start_day) - 2440587.5 AS INTEGER) <= segment.end_day"
        "   AND CAST(julianday(cell.end_day) - 2440587.5 AS INTEGER) >= segment.start_day)";
    char sql[600];
    int64_t rest = 0;
    ut_status st =
        run_one(r, ret_count, "DELETE FROM cell WHERE id IN (SELECT id FROM cell WHERE frozen_us < ?1 LIMIT " BATCH ")",
                before_us, err);
    if (st != UT_OK || *ret_count > 0) {
        return st;
    }
    (void)snprintf(sql, sizeof sql, "DELETE FROM atom WHERE segment IN (%s)", old_segments);
    st = run_one(r, &rest, sql, before_us, err);
    (void)snprintf(sql, sizeof sql, "DELETE FROM segment WHERE start_day IN (%s)", old_segments);
    return st == UT_OK ? run_one(r, &rest, sql, before_us, err) : st;
}

typedef ut_status drop_batch(retention *r, int64_t *ret_count, int64_t before_us, ut_err *err);

/* Repeats a batch, each in a transaction with its note, until there is nothing left to drop. */
static ut_status drop_all(retention *r, ut_kept_class class, drop_batch *drop, ut_err *err)
{
    ut_truth *truth = r->workspace->truth;
    int64_t count = 1;
    ut_status st = UT_OK;
    r->now = class;
    while (st == UT_OK && count > 0) {
        count = 0;
        st = ut_truth_begin(truth, err);
        st = st == UT_OK ? drop(r, &count, r->report.classes[class].before_us, err) : st;
        st = st == UT_OK && count ? note(r, count, err) : st;
        st = st == UT_OK ? ut_truth_commit(truth, err) : st;
        if (st != UT_OK) {
            ut_truth_rollback(truth);
        }
    }
    return st;
}

static ut_status drop_records(retention *r, int threads, ut_err *err)
{
    ut_reduce_options options = {.threads = threads, .note = note, .note_ctx = r};
    int64_t raw_us = r->report.classes[UT_KEPT_RAW].before_us, person_us = r->report.classes[UT_KEPT_PERSON].before_us;
    /* What is to go altogether need not be reduced first. */
    r->now = UT_KEPT_PERSON;
    options.before_us = person_us;
    ut_status st = ut_silver_retire(r->workspace, &options, err);
    r->now = UT_KEPT_RAW;
    options.before_us = raw_us;
    return st == UT_OK ? ut_silver_reduce(r->workspace, &options, err) : st;
}

/* The proof: what was dropped and how old the oldest is that is left, in the entry that takes the note's place. */
static ut_status prove(retention *r, ut_err *err)
{
    ut_buf detail = ut_buf_make(4096);
    for (int i = 0; i < UT_KEPT_CLASSES; i++) {
        const ut_retention_class *c = &r->report.classes[i];
        char oldest[32];
        size_t len = c->oldest_us ? ut_time_format(oldest, c->oldest_us) : 0;
        ut_buf_format(&detail, "%s%s: %lld dropped, oldest left %.*s", i ? "; " : "", c->name, (long long)c->dropped,
                      len ? (int)len : 4, len ? oldest : "none");
    }
    ut_audit_entry entry = {.principal = UT_STR("key"), .action = UT_STR("retention"), .detail = ut_buf_str(&detail)};
    ut_truth *truth = r->workspace->truth;
    ut_status st = detail.failed ? ut_fail(err, detail.failed, "memory ended while noting what was dropped")
                                 : ut_truth_begin(truth, err);
    st = st == UT_OK ? ut_audit_put(r->workspace, &entry, err) : st;
    st = st == UT_OK ? ut_truth_exec(truth, "DELETE FROM unfinished WHERE work = 'retention'", err) : st;
    st = st == UT_OK ? ut_truth_commit(truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(truth);
    }
    ut_buf_free(&detail);
    return st;
}

/* Deleted bytes go from the files: the lake is written anew; SQLite overwrote its pages, and its log is folded in and
 * emptied. */
static ut_status wipe_files(retention *r, ut_err *err)
{
    bool done = false;
    ut_status st = r->report.classes[UT_KEPT_PERSON].dropped ? ut_workspace_compact_lake(r->workspace, err) : UT_OK;
    st = st == UT_OK ? ut_truth_checkpoint(r->workspace->truth, &done, err) : st;
    return st == UT_OK && !done ? ut_fail(err, UT_BUSY,
                                          "someone still reads the workspace, and so what was dropped is still in its "
                                          "log; run `undertone retention` again")
                                : st;
}

static ut_status drop_everything(retention *r, int threads, ut_err *err)
{
    ut_status st = drop_records(r, threads, err);
    st = st == UT_OK ? drop_all(r, UT_KEPT_REJECTS, drop_rejects, err) : st;
    st = st == UT_OK ? drop_all(r, UT_KEPT_CELLS, drop_cells, err) : st;
    return st == UT_OK ? drop_all(r, UT_KEPT_AUDIT, drop_audit, err) : st;
}

/* What is due and what is oldest, with the counts of `dropped` kept. */
static ut_status look_again(retention *r, int64_t now_us, ut_err *err)
{
    ut_retention_report fresh;
    ut_status st = ut_due_find(&fresh, r->workspace, now_us, err);
    for (int i = 0; st == UT_OK && i < UT_KEPT_CLASSES; i++) {
        fresh.classes[i].dropped = r->report.classes[i].dropped;
    }
    if (st == UT_OK) {
        r->report = fresh;
    }
    return st;
}

ut_status ut_retention(ut_retention_report *ret, ut_workspace *workspace, const ut_retention_options *options,
                       ut_err *err)
{
    static const ut_retention_options defaults;
    options = options ? options : &defaults;
    retention r = {.workspace = workspace};
    int64_t now_us = ut_clock_now_us();
    ut_status st = look_again(&r, now_us, err);
    st = st == UT_OK && !options->dry_run ? read_note(&r, err) : st;
    bool due = r.begun;
    for (int i = 0; i < UT_KEPT_CLASSES; i++) {
        due |= r.report.classes[i].due > 0;
    }
    if (st == UT_OK && due && !options->dry_run) {
        st = drop_everything(&r, options->threads, err);
        st = st == UT_OK ? look_again(&r, now_us, err) : st;
        st = st == UT_OK && r.begun ? wipe_files(&r, err) : st;
        st = st == UT_OK && r.begun ? prove(&r, err) : st;
    }
    if (st == UT_OK) {
        *ret = r.report;
    }
    return st;
}
