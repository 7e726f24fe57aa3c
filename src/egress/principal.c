/* egress/principal.c — analyst, person, manager, owner: what each may see, decided here and nowhere else. */
#include "egress/principal.h"

#include "os/clock.h"
#include "people/person.h"
#include "store/audit.h"
#include "undertone/policy.h"

#include <stdio.h>

ut_principal_kind ut_principal_kind_of(const ut_principal *principal)
{
    return principal ? principal->kind : UT_PRINCIPAL_ANALYST;
}

static bool has_purpose(const char *purpose)
{
    return ut_str_trim(ut_str_of(purpose)).len > 0;
}

static ut_status lacks_purpose(ut_err *err)
{
    return ut_fail(err, UT_INVALID, "the owner must say why: --purpose \"…\" (it goes into the audit log)");
}

ut_status ut_principal_parse(ut_principal *ret, ut_workspace *workspace, const char *text, const char *purpose,
                             ut_err *err)
{
    ut_str who = ut_str_of(text), kind = ut_str_cut(&who, ':');
    ut_principal principal = {.purpose = purpose};
    if (!text || ut_str_eq(ut_str_of(text), UT_STR("analyst"))) {
        *ret = principal;
        return UT_OK;
    }
    if (ut_str_eq(ut_str_of(text), UT_STR("owner"))) {
        if (!has_purpose(purpose)) {
            return lacks_purpose(err);
        }
        principal.kind = UT_PRINCIPAL_OWNER;
        *ret = principal;
        return UT_OK;
    }
    bool manager = ut_str_eq(kind, UT_STR("manager"));
    if ((!manager && !ut_str_eq(kind, UT_STR("person"))) || who.len == 0) {
        return ut_fail(err, UT_INVALID, "--as takes analyst, person:WHO, manager:WHO or owner, not «%s»", text);
    }
    principal.kind = manager ? UT_PRINCIPAL_MANAGER : UT_PRINCIPAL_PERSON;
    ut_status st = ut_person_find(workspace, &principal.person, who, err);
    if (st == UT_OK) {
        *ret = principal;
    }
    return st;
}

ut_str ut_principal_name(char room[40], const ut_principal *principal)
{
    int len = 0;
    switch (ut_principal_kind_of(principal)) {
    case UT_PRINCIPAL_PERSON:
        len = snprintf(room, 40, "person:%lld", (long long)principal->person);
        break;
    case UT_PRINCIPAL_MANAGER:
        len = snprintf(room, 40, "manager:%lld", (long long)principal->person);
        break;
    case UT_PRINCIPAL_OWNER:
        return UT_STR("owner");
    default:
        return UT_STR("analyst");
    }
    return (ut_str){room, (size_t)len};
}

ut_status ut_principal_log(ut_workspace *workspace, const ut_principal *principal, ut_str action, int64_t subject,
                           ut_str detail, ut_err *err)
{
    char room[40];
    ut_principal_kind kind = ut_principal_kind_of(principal);
    if (kind == UT_PRINCIPAL_ANALYST) {
        return UT_OK;
    }
    if (kind == UT_PRINCIPAL_OWNER && !has_purpose(principal->purpose)) {
        return lacks_purpose(err);
    }
    if (workspace->access == UT_READ_ONLY) {
        return ut_fail(err, UT_DENIED,
                       "who looks at this is written down, so the workspace must be open for writing; figures of "
                       "groups can be read without that, as the analyst");
    }
    ut_audit_entry entry = {.principal = ut_principal_name(room, principal), .action = action, .subject = subject,
                            .detail = detail, .purpose = ut_str_trim(ut_str_of(principal->purpose))};
    return ut_audit_append(workspace, &entry, err);
}

/* Teams --------------------------------------------------------------------------------------------------------------
 */

static ut_status manager_teams(ut_workspace *workspace, ut_arena *keep, const ut_principal *principal, ut_str **ret,
                               size_t *ret_count, ut_err *err)
{
    char day[32];
    (void)ut_time_format(day, ut_clock_now_us());
    ut_status st =
        ut_people_teams_of_manager(workspace, keep, ret, ret_count, principal->person, (ut_str){day, 10}, err);
    if (st == UT_OK && *ret_count == 0) {
        return ut_fail(err, UT_DENIED, "there is no team here that is yours today, by people.csv; as the analyst, "
                                       "`report teams` shows the figures of all teams");
    }
    return st;
}

static bool is_among(ut_str team, const ut_str *teams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ut_str_eq(team, teams[i])) {
            return true;
        }
    }
    return false;
}

/* Names a few of them, so that the next try is right. */
static ut_status not_your_team(const ut_str *teams, size_t count, ut_err *err)
{
    ut_buf list = ut_buf_make(4096);
    for (size_t i = 0; i < count && i < 5; i++) {
        ut_buf_format(&list, "%s" UT_STR_FMT, i ? ", " : "", UT_STR_ARG(teams[i]));
    }
    ut_status st = ut_fail(err, UT_DENIED, "a manager sees the own team and those below it: " UT_STR_FMT "%s",
                           UT_STR_ARG(ut_buf_str(&list)), count > 5 ? ", …" : "");
    ut_buf_free(&list);
    return st;
}

ut_status ut_principal_cells(ut_cells *ret, ut_arena *keep, ut_workspace *workspace, const ut_principal *principal,
                             const ut_cells_query *query, ut_err *err)
{
    ut_str *teams = NULL;
    size_t count = 0;
    bool manager = ut_principal_kind_of(principal) == UT_PRINCIPAL_MANAGER;
    ut_status st = manager ? manager_teams(workspace, keep, principal, &teams, &count, err) : UT_OK;
    if (st == UT_OK && manager && query->team.len && !is_among(query->team, teams, count)) {
        return not_your_team(teams, count, err);
    }
    ut_cells_query allowed = *query;
    allowed.teams = teams;
    allowed.team_count = count;
    return st == UT_OK ? ut_cells_compute(ret, keep, workspace, &allowed, err) : st;
}

ut_status ut_principal_all(const ut_principal *principal, ut_err *err)
{
    return ut_principal_kind_of(principal) == UT_PRINCIPAL_MANAGER
               ? ut_fail(err, UT_DENIED, "this counts the whole organisation, and a manager sees the own team and "
                                         "those below it; `report teams` shows their figures")
               : UT_OK;
}

ut_status ut_principal_refuse_person(ut_str name, ut_err *err)
{
    return ut_fail(err, UT_INVALID,
                   "report " UT_STR_FMT " is about groups and takes no --person; values of one person are in `report "
                   "mine`, for that person only", UT_STR_ARG(name));
}

/* Persons ------------------------------------------------------------------------------------------------------------
 */

bool ut_principal_stopped(ut_str state)
{
    return ut_str_eq(state, UT_STR("objected")) || ut_str_eq(state, UT_STR("withdrawn")) ||
           ut_str_eq(state, UT_STR("restricted"));
}

ut_status ut_principal_state(ut_workspace *workspace, ut_arena *keep, int64_t person, ut_str *ret_state,
                             ut_str *ret_day, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "SELECT state, state_us FROM person WHERE id = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, person);
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK && !row) {
        st = ut_fail(err, UT_NOT_FOUND, "there is no person %lld", (long long)person);
    }
    if (st == UT_OK) {
        char at[32];
        *ret_state = ut_arena_copy(keep, ut_stmt_str(stmt, 0));
        (void)ut_time_format(at, ut_stmt_i64(stmt, 1));
        *ret_day = ut_stmt_i64(stmt, 1) ? ut_arena_copy(keep, (ut_str){at, 10}) : (ut_str){0};
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status is_shared(ut_workspace *workspace, bool *ret, int64_t person, int64_t viewer, ut_err *err)
{
    /* Both sides may have been merged since: what was shared by or with one name holds for all names of that human. */
    static const char sql[] =
        "WITH RECURSIVE a (id) AS (SELECT ?1 UNION SELECT m.person FROM merge m JOIN a ON m.target = a.id),"
        " b (id) AS (SELECT ?2 UNION SELECT m.person FROM merge m JOIN b ON m.target = b.id)"
        " SELECT 1 FROM sharing WHERE person IN (SELECT id FROM a) AND viewer IN (SELECT id FROM b) LIMIT 1";
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, person);
        ut_stmt_bind_i64(stmt, 2, viewer);
        st = ut_stmt_step(stmt, ret, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status may_see(ut_workspace *workspace, ut_arena *scratch, const ut_principal *principal, int64_t person,
                         ut_err *err)
{
    bool shared = false, owner = principal->kind == UT_PRINCIPAL_OWNER;
    ut_str state, day;
    ut_status st = ut_principal_state(workspace, scratch, person, &state, &day, err);
    st = st == UT_OK && !owner ? is_shared(workspace, &shared, person, principal->person, err) : st;
    if (st != UT_OK || ((owner || shared) && !ut_principal_stopped(state))) {
        return st;
    }
    if (owner) {
        return ut_fail(err, UT_DENIED, "this person's state is «" UT_STR_FMT "»: their values are shown to nobody else",
                       UT_STR_ARG(state));
    }
    return ut_fail(err, UT_DENIED, "this person's values are shown to them only, unless they share them with you "
                                   "(`undertone people share`); `report teams` shows the figures of their team");
}

ut_status ut_principal_see(ut_workspace *workspace, const ut_principal *principal, int64_t *ret_person, const char *who,
                           ut_err *err)
{
    ut_principal_kind kind = ut_principal_kind_of(principal);
    if (kind == UT_PRINCIPAL_ANALYST || kind == UT_PRINCIPAL_MANAGER) {
        ut_policy policy;
        ut_status read = ut_policy_read(workspace, &policy, err);
        return read != UT_OK ? read
                             : ut_fail(err, UT_DENIED,
                                       "values of one person are shown to that person only (--as person:WHO); `report "
                                       "teams --team NAME` shows a team's figures once %lld people wrote enough",
                                       (long long)policy.floor_text);
    }
    if (!who && kind == UT_PRINCIPAL_OWNER) {
        return ut_fail(err, UT_INVALID, "whose values? --person WHO, an id of people.csv, an address or a handle");
    }
    ut_arena scratch;
    if (ut_arena_open(&scratch, 4096) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while asking what a person decided");
    }
    int64_t person = principal->person;
    ut_status st = who ? ut_person_find(workspace, &person, ut_str_of(who), err) : UT_OK;
    if (st == UT_OK && (kind == UT_PRINCIPAL_OWNER || person != principal->person)) {
        st = may_see(workspace, &scratch, principal, person, err);
    }
    ut_arena_close(&scratch);
    if (st == UT_OK) {
        *ret_person = person;
    }
    return st;
}
