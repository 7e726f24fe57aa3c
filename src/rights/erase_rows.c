/* rights/erase_rows.c — the person's rows out of the truth, and out of who counted in figures that were shown. */
#include "rights/erase_int.h"

#include "undertone/policy.h"

#include <stdio.h>

enum { BATCH = 2048 };

/* Published figures ------------------------------------------------------------------------------------------------ */

/* `people` is a sorted list of 64-bit ids: those that are not theirs into `left`. */
static bool leave_out(ut_buf *left, ut_str people, ut_str erased)
{
    ut_buf_clear(left);
    for (size_t at = 0; at + sizeof(int64_t) <= people.len; at += sizeof(int64_t)) {
        bool theirs = false;
        for (size_t k = 0; k + sizeof(int64_t) <= erased.len; k += sizeof(int64_t)) {
            theirs |= memcmp(people.ptr + at, erased.ptr + k, sizeof(int64_t)) == 0;
        }
        if (!theirs) {
            ut_buf_put(left, ut_str_slice(people, at, at + sizeof(int64_t)));
        }
    }
    return left->len < people.len;
}

typedef struct ledger {
    ut_eraser *e;
    ut_buf erased, left;
    ut_policy policy;
    ut_stmt *read, *keep, *withhold;
} ledger;

/* One row of cell or atom: (id, people, kind). */
static ut_status take_cell(ledger *l, bool counted, ut_err *err)
{
    ut_erase_counts *counts = &l->e->plan->counts;
    if (!leave_out(&l->left, ut_stmt_str(l->read, 1), ut_buf_str(&l->erased))) {
        return UT_OK;
    }
    int64_t floor = ut_str_eq(ut_stmt_str(l->read, 2), UT_STR("text")) ? l->policy.floor_text : l->policy.floor_load;
    bool withheld = (int64_t)(l->left.len / sizeof(int64_t)) < floor;
    ut_stmt *write = withheld ? l->withhold : l->keep;
    counts->cells += counted;
    counts->withheld += counted && withheld;
    if (l->e->options->dry_run) {
        return UT_OK;
    }
    ut_stmt_bind_i64(write, 1, ut_stmt_i64(l->read, 0));
    if (!withheld) {
        ut_stmt_bind_blob(write, 2, ut_buf_str(&l->left));
    }
    return ut_stmt_run(write, err);
}

static ut_status take_cells(ledger *l, const char *read, const char *keep, const char *withhold, bool counted,
                            ut_err *err)
{
    ut_truth *truth = l->e->workspace->truth;
    bool row = false;
    ut_status st = ut_truth_prepare(&l->read, truth, read, err);
    st = st == UT_OK ? ut_truth_prepare(&l->keep, truth, keep, err) : st;
    st = st == UT_OK ? ut_truth_prepare(&l->withhold, truth, withhold, err) : st;
    while (st == UT_OK && (st = ut_stmt_step(l->read, &row, err)) == UT_OK && row) {
        st = take_cell(l, counted, err);
    }
    ut_stmt_close(&l->read);
    ut_stmt_close(&l->keep);
    ut_stmt_close(&l->withhold);
    return st;
}

static ut_status list_erased(ledger *l, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, l->e->workspace->truth, "SELECT id FROM erase_person", err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        int64_t id = ut_stmt_i64(stmt, 0);
        ut_buf_put(&l->erased, (ut_str){(const char *)&id, sizeof id});
    }
    ut_stmt_close(&stmt);
    return st;
}

/* A figure that was shown stays as it was shown; it is withheld from now on when too few people remain behind it. Atoms
 * are never shown themselves: one with too few people left is in no sum any more, but stays as a mark that its segment
 * is settled, since others were shown sums that it was in. */
ut_status ut_erase__ledger(ut_eraser *e, ut_err *err)
{
    ledger *l = ut_mem_zeroed(1, sizeof *l);
    if (!l) {
        return ut_fail(err, UT_NOMEM, "memory ended while erasing");
    }
    *l = (ledger){.e = e, .erased = ut_buf_make(UT_MIB), .left = ut_buf_make(64 * UT_MIB)};
    ut_status st = list_erased(l, err);
    st = st == UT_OK ? ut_policy_read(e->workspace, &l->policy, err) : st;
    st = st == UT_OK ? take_cells(l, "SELECT id, people, kind FROM cell WHERE people IS NOT NULL",
                                  "UPDATE cell SET people = ?2 WHERE id = ?1",
                                  "UPDATE cell SET people = NULL, figures = NULL, state = 'withheld'"
                                  " WHERE id = ?1",
                                  true, err)
                     : st;
    st = st == UT_OK ? take_cells(l, "SELECT id, people, 'load' FROM atom WHERE people IS NOT NULL",
                                  "UPDATE atom SET people = ?2 WHERE id = ?1",
                                  "UPDATE atom SET people = x'', messages = NULL WHERE id = ?1", false, err)
                     : st;
    bool full = l->erased.failed || l->left.failed;
    st = st == UT_OK && full ? ut_fail(err, UT_NOMEM, "memory ended while erasing") : st;
    ut_buf_free(&l->erased);
    ut_buf_free(&l->left);
    ut_mem_free(l);
    return st;
}

/* Rows ------------------------------------------------------------------------------------------------------------- */

static ut_status delete_records(ut_eraser *e, ut_err *err)
{
    ut_truth *truth = e->workspace->truth;
    char sql[200];
    (void)snprintf(sql, sizeof sql,
                   "DELETE FROM record WHERE seq IN (SELECT seq FROM record WHERE author IN erase_identity LIMIT %d)",
                   BATCH);
    int64_t count = BATCH;
    ut_status st = UT_OK;
    while (st == UT_OK && count == BATCH) {
        st = ut_truth_begin(truth, err);
        st = st == UT_OK ? ut_truth_exec(truth, sql, err) : st;
        count = ut_truth_changes(truth);
        e->plan->counts.records += st == UT_OK ? count : 0;
        st = st == UT_OK ? ut_erase__note(e, err) : st;
        st = st == UT_OK ? ut_truth_commit(truth, err) : st;
        if (st != UT_OK) {
            ut_truth_rollback(truth);
        }
    }
    return st;
}

/* One statement for each column that points at a person or an identity; so a table of tomorrow is not forgotten. What
 * another identity or person says about them (its mail address, whom it counts as) is unset, every other row is theirs.
 */
static const char pointers_sql[] =
    "SELECT CASE WHEN m.name IN ('identity', 'person')"
    "  THEN printf('UPDATE %s SET \"%w\" = NULL WHERE \"%w\" IN erase_%w', m.name, f.\"from\", f.\"from\", f.\"table\")"
    "  ELSE printf('DELETE FROM \"%w\" WHERE \"%w\" IN erase_%w', m.name, f.\"from\", f.\"table\") END"
    " FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f"
    " WHERE m.type = 'table' AND m.name <> 'record' AND f.\"table\" IN ('person', 'identity')";

static ut_status delete_pointers(ut_eraser *e, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_buf all = ut_buf_make(UT_MIB);
    ut_status st = ut_truth_prepare(&stmt, e->workspace->truth, pointers_sql, err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_buf_put(&all, ut_stmt_str(stmt, 0));
        ut_buf_puts(&all, ";\n");
    }
    ut_stmt_close(&stmt);
    ut_buf_byte(&all, '\0');
    st = st == UT_OK && all.failed ? ut_fail(err, all.failed, "memory ended while erasing") : st;
    st = st == UT_OK ? ut_truth_exec(e->workspace->truth, all.ptr, err) : st;
    ut_buf_free(&all);
    return st;
}

static ut_status delete_rest(ut_eraser *e, ut_err *err)
{
    ut_truth *truth = e->workspace->truth;
    int64_t before = 0, after = 0;
    ut_status st = ut_truth_number(e->workspace->truth, &before, "SELECT count(*) FROM channel", err);
    st = st == UT_OK ? ut_erase__ledger(e, err) : st;
    st = st == UT_OK ? delete_pointers(e, err) : st;
    st = st == UT_OK ? ut_truth_exec(truth,
                                     "DELETE FROM identity WHERE id IN erase_identity;"
                                     "DELETE FROM person WHERE id IN erase_person;"
                                     "DELETE FROM channel WHERE id NOT IN"
                                     " (SELECT channel FROM record WHERE channel IS NOT NULL)",
                                     err)
                     : st;
    st = st == UT_OK ? ut_truth_number(e->workspace->truth, &after, "SELECT count(*) FROM channel", err) : st;
    e->plan->counts.channels += st == UT_OK ? before - after : 0;
    return st;
}

ut_status ut_erase__rows(ut_eraser *e, ut_err *err)
{
    ut_truth *truth = e->workspace->truth;
    ut_status st = delete_records(e, err);
    st = st == UT_OK ? ut_truth_begin(truth, err) : st;
    st = st == UT_OK ? delete_rest(e, err) : st;
    st = st == UT_OK ? ut_erase__note(e, err) : st;
    st = st == UT_OK ? ut_truth_commit(truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(truth);
    }
    return st;
}
