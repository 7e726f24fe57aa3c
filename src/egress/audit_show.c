/* egress/audit_show.c — the log of who saw what, for those it concerns. */
#include "egress/audit_show.h"
#include "egress/principal.h"
#include "egress/report_int.h"
#include "people/person.h"

#include <stdio.h>

enum { ID, AT, PRINCIPAL, ACTOR, ACTION, SUBJECT, DETAIL, PURPOSE, COLUMNS };

/* ?1: the person, 0 for all; ?2, ?3: what the person's own entries are signed with, NULL for the owner's view. Names
 * that were merged since are one person's. That the owner read rows of everybody concerns everybody; what was asked for
 * and why may name others, and is left out. */
static const char show_sql[] =
    "WITH RECURSIVE f (id) AS (SELECT ?1 UNION SELECT m.person FROM merge m JOIN f ON m.target = f.id)"
    " SELECT id, at_us, principal, actor, action, subject, detail, purpose FROM audit"
    "  WHERE ?1 = 0 OR subject IN (SELECT id FROM f) OR principal IN (?2, ?3)"
    " UNION ALL SELECT id, at_us, principal, actor, action, NULL, 'rows of everybody', NULL FROM audit"
    "  WHERE ?2 IS NOT NULL AND subject IS NULL AND principal = 'owner' AND action IN ('sql', 'export')"
    " ORDER BY 1";

static ut_status put_row(ut_grid *grid, const ut_stmt *stmt)
{
    ut_value *row = ut_grid_row_add(grid);
    if (!row) {
        return UT_LIMIT;
    }
    for (int i = 0; i < COLUMNS; i++) {
        if (ut_stmt_is_null(stmt, i)) {
            continue;
        }
        if (i == ID || i == SUBJECT) {
            row[i] = ut_value_i64(ut_stmt_i64(stmt, i));
        } else if (i == AT) {
            row[i] = ut_value_time(ut_stmt_i64(stmt, i));
        } else {
            row[i] = ut_value_text(ut_arena_copy(grid->keep, ut_stmt_str(stmt, i)));
        }
    }
    return UT_OK;
}

ut_status ut_audit_grid(ut_grid *ret, ut_arena *keep, ut_workspace *workspace, int64_t person, bool own, ut_err *err)
{
    static const char *const names[COLUMNS] = {"id",     "at",      "principal", "actor",
                                               "action", "subject", "detail",    "purpose"};
    ut_stmt *stmt = NULL;
    bool row = false;
    char as_person[40], as_manager[40];
    ut_grid grid;
    ut_status st = ut_grid_open(&grid, keep, COLUMNS);
    for (int i = 0; st == UT_OK && i < COLUMNS; i++) {
        grid.columns[i].name = ut_str_of(names[i]);
    }
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth, show_sql, err) : st;
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, person);
        if (own) {
            ut_principal me = {.kind = UT_PRINCIPAL_PERSON, .person = person};
            ut_stmt_bind_text(stmt, 2, ut_principal_name(as_person, &me));
            me.kind = UT_PRINCIPAL_MANAGER;
            ut_stmt_bind_text(stmt, 3, ut_principal_name(as_manager, &me));
        } else {
            ut_stmt_bind_null(stmt, 2);
            ut_stmt_bind_null(stmt, 3);
        }
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        st = put_row(&grid, stmt);
        st = st == UT_LIMIT ? ut_fail(err, st, "the audit log does not fit into memory; name a --person") : st;
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret = grid;
    }
    return st;
}

/* Whose entries: 0 = everybody's. */
static ut_status choose(ut_workspace *workspace, const ut_principal *principal, int64_t *ret_person, const char *who,
                        ut_err *err)
{
    ut_principal_kind kind = ut_principal_kind_of(principal);
    int64_t person = 0;
    if (kind != UT_PRINCIPAL_PERSON && kind != UT_PRINCIPAL_OWNER) {
        return ut_fail(err, UT_DENIED,
                       "the log is shown to the owner (--as owner --purpose …), and to a person as far as it is about "
                       "them (--as person:WHO); `audit verify` checks it for everyone");
    }
    ut_status st = who ? ut_person_find(workspace, &person, ut_str_of(who), err) : UT_OK;
    if (st == UT_OK && kind == UT_PRINCIPAL_PERSON && who && person != principal->person) {
        st = ut_fail(err, UT_DENIED, "entries about somebody else are shown to them and to the owner only; without "
                                     "--person, those about you are shown");
    }
    if (st == UT_OK) {
        *ret_person = kind == UT_PRINCIPAL_PERSON ? principal->person : person;
    }
    return st;
}

static ut_status show(ut_buf *to, ut_arena *keep, ut_workspace *workspace, const ut_principal *principal,
                      const char *who, const char *format, ut_err *err)
{
    ut_output output;
    ut_grid grid;
    int64_t person = 0;
    ut_status st = ut_output_parse(&output, format, err);
    st = st == UT_OK ? choose(workspace, principal, &person, who, err) : st;
    st = st == UT_OK ? ut_principal_log(workspace, principal, UT_STR("audit show"), person, UT_STR(""), err) : st;
    st = st == UT_OK ? ut_audit_grid(&grid, keep, workspace, person, principal->kind == UT_PRINCIPAL_PERSON, err) : st;
    if (st != UT_OK) {
        return st;
    }
    if (output == UT_OUTPUT_TABLE) {
        ut_grid_put_table(to, &grid, false);
    } else if (output == UT_OUTPUT_CSV) {
        ut_grid_put_csv(to, &grid);
    } else {
        ut_buf_puts(to, "{\"entries\":");
        ut_grid_put_json(to, &grid);
        ut_buf_puts(to, "}\n");
    }
    return UT_OK;
}

ut_status ut_audit_show(ut_buffer **ret, ut_workspace *workspace, const ut_principal *principal, const char *person,
                        const char *format, ut_err *err)
{
    ut_arena arena;
    if (ut_arena_open(&arena, 512 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while reading the audit log");
    }
    ut_buf text = ut_buf_make(256 * UT_MIB);
    ut_status st = show(&text, &arena, workspace, principal, person, format, err);
    st = st == UT_OK ? ut_buffer_of(ret, &text, err) : st;
    ut_buf_free(&text);
    ut_arena_close(&arena);
    return st;
}
