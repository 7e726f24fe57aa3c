/* people/due.c — one question per class of data: how many are past their time, and how old is the oldest. */
#include "people/due.h"

#include "undertone/policy.h"

/* A twelfth of a year of 365.25 days. */
#define MONTH_US (UT_DAY_US * 487 / 16)

static const struct {
    const char *name, *due, *oldest;
} classes[UT_KEPT_CLASSES] = {
    [UT_KEPT_RAW] = {"raw text", "SELECT count(*) FROM record WHERE reduced = 0 AND observed_us < ?1",
                     "SELECT min(observed_us) FROM record WHERE reduced = 0"},
    [UT_KEPT_PERSON] = {"person rows",
                        "SELECT count(*) FROM record WHERE reduced IN (0, 1) AND observed_us < ?1 AND item = seq",
                        "SELECT min(at_us) FROM (SELECT min(observed_us) AS at_us FROM record WHERE reduced = 0"
                        " UNION ALL SELECT min(observed_us) FROM record WHERE reduced = 1)"},
    [UT_KEPT_REJECTS] = {"dead letters", "SELECT count(*) FROM reject WHERE at_us < ?1",
                         "SELECT min(at_us) FROM reject"},
    [UT_KEPT_CELLS] = {"group figures", "SELECT count(*) FROM cell WHERE frozen_us < ?1",
                       "SELECT min(frozen_us) FROM cell"},
    [UT_KEPT_AUDIT] = {"audit log",
                       "SELECT count(*) FROM audit WHERE id < coalesce((SELECT min(id) FROM audit WHERE at_us >= ?1),"
                       " 9e18)",
                       "SELECT at_us FROM audit ORDER BY id LIMIT 1"},
};

static int64_t min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void set_times(ut_retention_report *report, const ut_policy *policy, int64_t now_us)
{
    int64_t person_us = now_us - policy->keep_person_days * UT_DAY_US;
    const int64_t before_us[UT_KEPT_CLASSES] = {
        [UT_KEPT_RAW] = now_us - policy->keep_raw_days * UT_DAY_US,
        [UT_KEPT_PERSON] = person_us,
        [UT_KEPT_REJECTS] = now_us - policy->keep_raw_days * UT_DAY_US,
        /* Never before the rows they were made from: made again, they could be compared with the old ones. */
        [UT_KEPT_CELLS] = min_i64(now_us - policy->keep_cells_months * MONTH_US, person_us),
        [UT_KEPT_AUDIT] = now_us - policy->keep_audit_months * MONTH_US,
    };
    for (int i = 0; i < UT_KEPT_CLASSES; i++) {
        report->classes[i] = (ut_retention_class){.name = classes[i].name, .before_us = before_us[i]};
    }
}

static ut_status ask(ut_workspace *workspace, int64_t *ret, const char *sql, const int64_t *before_us, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    if (st == UT_OK) {
        if (before_us) {
            ut_stmt_bind_i64(stmt, 1, *before_us);
        }
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK) {
        *ret = row ? ut_stmt_i64(stmt, 0) : 0;
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_due_find(ut_retention_report *ret, ut_workspace *workspace, int64_t now_us, ut_err *err)
{
    ut_policy policy;
    ut_retention_report report;
    ut_status st = ut_policy_read(workspace, &policy, err);
    if (st != UT_OK) {
        return st;
    }
    set_times(&report, &policy, now_us);
    for (int i = 0; st == UT_OK && i < UT_KEPT_CLASSES; i++) {
        ut_retention_class *c = &report.classes[i];
        st = ask(workspace, &c->due, classes[i].due, &c->before_us, err);
        st = st == UT_OK ? ask(workspace, &c->oldest_us, classes[i].oldest, NULL, err) : st;
    }
    if (st == UT_OK) {
        *ret = report;
    }
    return st;
}
