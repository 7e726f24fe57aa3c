/* egress/doctor.c — one row per check; a check that can't be made is itself a finding. */
#include "egress/doctor.h"
#include "store/audit.h"
#include "os/clock.h"
#include "os/file.h"
#include "people/due.h"

#include <stdio.h>

typedef enum finding { FINDING_OK, FINDING_WARN, FINDING_BAD } finding;

static void add(ut_grid *grid, int64_t *bad, const char *check, finding state, ut_str detail)
{
    static const char *const names[] = {"ok", "warn", "bad"};
    ut_value *row = ut_grid_row_add(grid);
    *bad += state == FINDING_BAD;
    if (row) {
        row[0] = ut_value_text(ut_str_of(check));
        row[1] = ut_value_text(ut_str_of(names[state]));
        row[2] = ut_value_text(detail);
    }
}

static ut_status truth_text(ut_workspace *workspace, ut_arena *keep, ut_str *ret, const char *sql, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
    if (st == UT_OK) {
        *ret = row ? ut_arena_copy(keep, ut_stmt_str(stmt, 0)) : (ut_str){0};
    }
    ut_stmt_close(&stmt);
    return st;
}

static void check_truth(ut_grid *grid, int64_t *bad, ut_arena *keep, ut_workspace *workspace)
{
    ut_err err = {0};
    ut_str text = {0};
    ut_status st = truth_text(workspace, keep, &text, "PRAGMA quick_check(1)", &err);
    bool ok = st == UT_OK && ut_str_eq(text, UT_STR("ok"));
    add(grid, bad, "truth store", ok ? FINDING_OK : FINDING_BAD,
        ok ? UT_STR("its pages check out") : ut_arena_copy(keep, st == UT_OK ? text : ut_str_of(err.message)));
    st = truth_text(workspace, keep, &text,
                    "SELECT count(*) || ' records, ' || count(DISTINCT item) || ' items, ' ||"
                    " (coalesce(sum(length(payload)), 0) / 1048576) || ' MiB sealed' FROM record",
                    &err);
    add(grid, bad, "bronze", st == UT_OK ? FINDING_OK : FINDING_BAD,
        st == UT_OK ? text : ut_arena_copy(keep, ut_str_of(err.message)));
    st = truth_text(workspace, keep, &text, "SELECT count(*) || ' open dead letters' FROM reject WHERE state = 'open'",
                    &err);
    add(grid, bad, "dead letters", st == UT_OK && ut_str_starts(text, UT_STR("0 ")) ? FINDING_OK : FINDING_WARN, text);
}

static void check_people(ut_grid *grid, int64_t *bad, ut_arena *keep, ut_workspace *workspace)
{
    ut_err err = {0};
    ut_str text = {0};
    ut_status st = truth_text(workspace, keep, &text,
                              "SELECT (SELECT count(*) FROM person WHERE listed = 1) || ' from people.csv, ' ||"
                              " (SELECT count(*) FROM person WHERE listed = 0) || ' others, ' ||"
                              " (SELECT count(*) FROM identity WHERE machine = 1) || ' bots, ' ||"
                              " (SELECT count(*) FROM identity WHERE person IS NULL AND machine = 0) ||"
                              " ' external, ' ||"
                              " (SELECT count(*) FROM team) || ' teams'", &err);
    bool roster = !ut_str_starts(text, UT_STR("0 "));
    add(grid, bad, "people",
        st != UT_OK ? FINDING_BAD
        : roster    ? FINDING_OK
                    : FINDING_WARN,
        roster ? text
               : ut_arena_format(keep, UT_STR_FMT "; without people.csv everyone is a member of `everyone`",
                                 UT_STR_ARG(text)));
}

static void check_lake(ut_grid *grid, int64_t *bad, ut_arena *keep, ut_workspace *workspace)
{
    ut_err err = {0};
    ut_lake *lake = NULL;
    ut_str last = {0};
    int64_t seq = 0, newest = 0;
    ut_status st = ut_workspace_lake(workspace, &lake, 0, &err);
    if (st == UT_NOT_FOUND) {
        add(grid, bad, "lake", FINDING_WARN, UT_STR("not there; `undertone analyze` makes it"));
        return;
    }
    st = st == UT_OK ? ut_lake_number(lake, &seq, "SELECT coalesce(max(seq), 0) FROM stage WHERE name = 'silver'", NULL,
                                      0, &err)
                     : st;
    st = st == UT_OK
             ? truth_text(workspace, keep, &last, "SELECT CAST(coalesce(max(seq), 0) AS TEXT) FROM record", &err)
             : st;
    if (st != UT_OK || !ut_str_to_i64(last, &newest)) {
        add(grid, bad, "lake", FINDING_BAD,
            ut_arena_format(keep, "%s; `undertone lake rebuild` makes it again", err.message));
        return;
    }
    add(grid, bad, "lake", seq == newest ? FINDING_OK : FINDING_WARN,
        seq == newest
            ? UT_STR("up to date with the truth")
            : ut_arena_format(keep, "%lld records behind; run `undertone analyze`", (long long)(newest - seq)));
}

/* Retention does not reach into backups: what they hold is as old as they are, and older. */
static ut_status add_old_backups(ut_buf *text, ut_workspace *workspace, int64_t before_us, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "SELECT count(*) FROM backup WHERE at_us < ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, before_us);
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK && row && ut_stmt_i64(stmt, 0)) {
        ut_buf_format(text, "%s%lld backups are as old as raw text may get; make a new one and delete them",
                      text->len ? "; " : "", (long long)ut_stmt_i64(stmt, 0));
    }
    ut_stmt_close(&stmt);
    return st;
}

/* A day of grace: the daily job drops it. */
static void check_retention(ut_grid *grid, int64_t *bad, ut_arena *keep, ut_workspace *workspace)
{
    ut_err err = {0};
    ut_retention_report report;
    ut_buf text = ut_buf_make(1024);
    ut_status st = ut_due_find(&report, workspace, ut_clock_now_us() - UT_DAY_US, &err);
    for (int i = 0; st == UT_OK && i < UT_KEPT_CLASSES; i++) {
        const ut_retention_class *c = &report.classes[i];
        if (c->due) {
            ut_buf_format(&text, "%s%lld × %s", text.len ? ", " : "", (long long)c->due, c->name);
        }
    }
    if (text.len) {
        ut_buf_puts(&text, " past their time; run `undertone analyze`, which drops them");
    }
    st = st == UT_OK ? add_old_backups(&text, workspace, report.classes[UT_KEPT_RAW].before_us, &err) : st;
    add(grid, bad, "retention",
        st != UT_OK ? FINDING_BAD
        : text.len  ? FINDING_WARN
                    : FINDING_OK,
        st != UT_OK ? ut_arena_copy(keep, ut_str_of(err.message))
        : text.len  ? ut_arena_copy(keep, ut_buf_str(&text))
                    : UT_STR("nothing is past its time"));
    ut_buf_free(&text);
}

static void check_audit(ut_grid *grid, int64_t *bad, ut_arena *keep, ut_workspace *workspace)
{
    ut_err err = {0};
    int64_t count = 0;
    ut_status st = ut_audit_verify(workspace, &count, &err);
    add(grid, bad, "audit log", st == UT_OK ? FINDING_OK : FINDING_BAD,
        st == UT_OK ? ut_arena_format(keep, "%lld entries, chain whole", (long long)count)
                    : ut_arena_copy(keep, ut_str_of(err.message)));
}

static void check_erasures(ut_grid *grid, int64_t *bad, ut_arena *keep, ut_workspace *workspace)
{
    ut_err err = {0};
    ut_str text = {0};
    ut_status st = truth_text(workspace, keep, &text,
                              "SELECT count(*) || ' begun, ' || coalesce(sum(work = 'erase backup'), 0) ||"
                              " ' of them in backups that are out of reach; run `undertone erase --resume`'"
                              " FROM unfinished WHERE work IN ('erase', 'erase backup')",
                              &err);
    bool none = st == UT_OK && ut_str_starts(text, UT_STR("0 "));
    add(grid, bad, "erasures", none ? FINDING_OK : st == UT_OK ? FINDING_WARN : FINDING_BAD,
        none          ? UT_STR("all finished")
        : st == UT_OK ? text
                      : ut_arena_copy(keep, ut_str_of(err.message)));
}

ut_status ut_doctor(ut_grid *ret, int64_t *ret_bad, ut_arena *keep, ut_workspace *workspace, ut_err *err)
{
    static const char *const names[] = {"check", "state", "detail"};
    ut_grid grid;
    int64_t bad = 0;
    ut_status st = ut_grid_open(&grid, keep, 3);
    if (st != UT_OK) {
        return ut_fail(err, st, "memory ended while looking");
    }
    for (int i = 0; i < 3; i++) {
        grid.columns[i].name = ut_str_of(names[i]);
    }
    add(&grid, &bad, "key", FINDING_OK, UT_STR("fits this workspace"));
    check_truth(&grid, &bad, keep, workspace);
    check_people(&grid, &bad, keep, workspace);
    check_lake(&grid, &bad, keep, workspace);
    check_retention(&grid, &bad, keep, workspace);
    check_audit(&grid, &bad, keep, workspace);
    check_erasures(&grid, &bad, keep, workspace);
    *ret = grid;
    *ret_bad = bad;
    return UT_OK;
}
