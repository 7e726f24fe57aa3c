/* people/decide.c — what is decided by hand: merges, marks, states, sharing.
 *
 * Each decision, its audit entry and the deriving of who is who are one transaction: a kill leaves all of it or none,
 * and the same command again finishes the job or finds nothing to do. A merge is one row and unmerging deletes it; who
 * counts as whom is derived from the rows (resolve.c), so that nothing has to be put back.
 */
#include "os/clock.h"
#include "people/people_int.h"
#include "people/person.h"
#include "store/audit.h"

#include <stdio.h>

/* Runs a statement whose parameters are numbers and, after them, perhaps a text. */
static ut_status run_sql(ut_workspace *workspace, const char *sql, const int64_t *numbers, int count, ut_str text,
                         ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    if (st == UT_OK) {
        for (int i = 0; i < count; i++) {
            ut_stmt_bind_i64(stmt, i + 1, numbers[i]);
        }
        if (text.ptr) {
            ut_stmt_bind_text(stmt, count + 1, text);
        }
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status log_it(ut_workspace *workspace, const char *principal, const char *action, int64_t subject,
                        const char *detail, ut_err *err)
{
    ut_audit_entry entry = {.principal = ut_str_of(principal),
                            .action = ut_str_of(action),
                            .subject = subject,
                            .detail = ut_str_of(detail)};
    return ut_audit_put(workspace, &entry, err);
}

/* Ends a decision: derives who is who when it may have changed, commits or takes everything back. */
static ut_status finish(ut_workspace *workspace, ut_status st, bool derive, ut_err *err)
{
    st = st == UT_OK && derive ? ut_people__derive(workspace, err) : st;
    st = st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(workspace->truth);
    }
    return st;
}

/* Merges ----------------------------------------------------------------------------------------------------------- */

typedef struct someone {
    int64_t id;
    int64_t merged; /* whom the merge row names, 0 = none */
    int64_t target; /* whom they count as in the end: themselves when not merged */
    bool listed;
    char state[16];
} someone;

static ut_status read_person(ut_workspace *workspace, someone *ret, int64_t id, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth,
                                    "SELECT p.listed, p.state, coalesce(p.target, p.id), m.target"
                                    "  FROM person p LEFT JOIN merge m ON m.person = p.id WHERE p.id = ?1",
                                    err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, id);
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK && row) {
        *ret = (someone){.id = id, .listed = ut_stmt_i64(stmt, 0), .target = ut_stmt_i64(stmt, 2),
                         .merged = ut_stmt_i64(stmt, 3)};
        (void)snprintf(ret->state, sizeof ret->state, UT_STR_FMT, UT_STR_ARG(ut_stmt_str(stmt, 1)));
    } else if (st == UT_OK) {
        st = ut_fail(err, UT_NOT_FOUND, "there is no person number:%lld", (long long)id);
    }
    ut_stmt_close(&stmt);
    return st;
}

/* The digest of an identity's root, as resolve.c has it; only for those who are no bots. */
#define ROOT_SQL                                                                                                       \
    "SELECT coalesce(r.digest, i.digest) AS digest FROM identity i"                                                    \
    "  LEFT JOIN identity r ON r.id = i.mail AND r.machine = 0 WHERE i.id = ?1 AND i.machine = 0"

/* The person of an outsider's identity, made when there is none: with the merge they become one of us. *ret = 0 for a
 * bot's identity. */
static ut_status adopt(ut_workspace *workspace, int64_t *ret, int64_t identity, ut_err *err)
{
    static const char make_sql[] = "INSERT INTO person (digest, sealed, listed) SELECT digest, x'', 0 FROM (" ROOT_SQL
                                   ") WHERE digest NOT IN (SELECT digest FROM person)";
    bool row = false;
    ut_stmt *stmt = NULL;
    ut_status st = run_sql(workspace, make_sql, &identity, 1, (ut_str){0}, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth,
                                        "SELECT id FROM person WHERE digest = (" ROOT_SQL ")", err)
                     : st;
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, identity);
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK) {
        *ret = row ? ut_stmt_i64(stmt, 0) : 0;
    }
    ut_stmt_close(&stmt);
    return st;
}

/* Who is to be merged: one of us, or an outsider. */
static ut_status find_who(ut_workspace *workspace, int64_t *ret, ut_str text, ut_err *err)
{
    int64_t id = 0, identity = 0;
    ut_err why = {0};
    ut_status st = ut_person_find_unmerged(workspace, &id, &identity, text, &why);
    if (st == UT_NOT_FOUND && identity) {
        st = adopt(workspace, &id, identity, &why);
        st = st == UT_OK && id == 0 ? UT_NOT_FOUND : st;
        if (st == UT_NOT_FOUND) {
            (void)ut_fail(&why, st, "«" UT_STR_FMT "» is a bot or a mailing list; `undertone people mark` can change "
                          "that", UT_STR_ARG(text));
        }
    }
    if (st != UT_OK) {
        return ut_fail(err, st, "%s", why.message);
    }
    *ret = id;
    return UT_OK;
}

static ut_status check_merge(const someone *who, const someone *into, ut_err *err)
{
    if (who->merged) {
        return ut_fail(err, UT_INVALID,
                       "person number:%lld is merged into number:%lld already; take that back first with `undertone "
                       "people unmerge number:%lld`",
                       (long long)who->id, (long long)who->merged, (long long)who->id);
    }
    if (who->listed && !into->listed) {
        return ut_fail(err, UT_INVALID,
                       "person number:%lld stands in people.csv and number:%lld does not; merge them the other way "
                       "round, so that team and work hours stay",
                       (long long)who->id, (long long)into->id);
    }
    if (strcmp(who->state, into->state) != 0) {
        return ut_fail(err, UT_INVALID,
                       "the two decided differently about their data (number:%lld: %s, number:%lld: %s); set one of "
                       "them first with `undertone people state`",
                       (long long)who->id, who->state, (long long)into->id, into->state);
    }
    return UT_OK;
}

static ut_status write_merge(ut_workspace *workspace, const someone *who, const someone *into, ut_err *err)
{
    char detail[64];
    const int64_t row[] = {who->id, into->id, ut_clock_now_us()};
    (void)snprintf(detail, sizeof detail, "into person %lld", (long long)into->id);
    ut_status st = run_sql(workspace, "INSERT INTO merge VALUES (?1, ?2, ?3)", row, 3, (ut_str){0}, err);
    return st == UT_OK ? log_it(workspace, "key", "people merge", who->id, detail, err) : st;
}

ut_status ut_people_merge(ut_people_change *ret, ut_workspace *workspace, ut_str who_text, ut_str into_text,
                          ut_err *err)
{
    int64_t who_id = 0, into_id = 0;
    someone who = {0}, into = {0};
    bool same = false;
    ut_status st = ut_truth_begin(workspace->truth, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_person_find(workspace, &into_id, into_text, err);
    st = st == UT_OK ? find_who(workspace, &who_id, who_text, err) : st;
    st = st == UT_OK ? read_person(workspace, &who, who_id, err) : st;
    st = st == UT_OK ? read_person(workspace, &into, into_id, err) : st;
    if (st == UT_OK) {
        /* Also when `into` counts as `who`: a circle can't come about. */
        same = who.target == into.id;
        st = same ? UT_OK : check_merge(&who, &into, err);
    }
    st = st == UT_OK && !same ? write_merge(workspace, &who, &into, err) : st;
    st = finish(workspace, st, !same, err);
    if (st == UT_OK) {
        *ret = (ut_people_change){.person = who.id, .other = into.id, .changed = !same};
    }
    return st;
}

ut_status ut_people_unmerge(ut_people_change *ret, ut_workspace *workspace, ut_str who_text, ut_err *err)
{
    int64_t id = 0;
    someone who = {0};
    char detail[64];
    ut_status st = ut_truth_begin(workspace->truth, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_person_find_unmerged(workspace, &id, NULL, who_text, err);
    st = st == UT_OK ? read_person(workspace, &who, id, err) : st;
    if (st == UT_OK && who.merged) {
        (void)snprintf(detail, sizeof detail, "from person %lld", (long long)who.merged);
        st = run_sql(workspace, "DELETE FROM merge WHERE person = ?1", &id, 1, (ut_str){0}, err);
        st = st == UT_OK ? log_it(workspace, "key", "people unmerge", id, detail, err) : st;
    }
    st = finish(workspace, st, who.merged != 0, err);
    if (st == UT_OK) {
        *ret = (ut_people_change){.person = id, .other = who.merged, .changed = who.merged != 0};
    }
    return st;
}

/* Marks ------------------------------------------------------------------------------------------------------------ */

static bool is_one_of(ut_str word, const char *const *words)
{
    while (*words && !ut_str_eq(word, ut_str_of(*words))) {
        words++;
    }
    return *words != NULL;
}

static ut_status write_mark(ut_workspace *workspace, ut_people_change *change, int64_t identity, ut_str mark,
                            ut_err *err)
{
    char detail[96];
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "SELECT unmerged FROM identity WHERE id = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, identity);
        st = ut_stmt_step(stmt, &row, err);
    }
    change->person = st == UT_OK ? ut_stmt_i64(stmt, 0) : 0;
    ut_stmt_close(&stmt);
    ut_str stored = ut_str_eq(mark, UT_STR("auto")) ? UT_STR("") : mark;
    st = st == UT_OK ? run_sql(workspace, "UPDATE identity SET mark = ?2 WHERE id = ?1 AND mark <> ?2", &identity, 1,
                               stored, err)
                     : st;
    change->changed = st == UT_OK && ut_truth_changes(workspace->truth) > 0;
    (void)snprintf(detail, sizeof detail, "identity %lld: " UT_STR_FMT, (long long)identity, UT_STR_ARG(mark));
    return change->changed ? log_it(workspace, "key", "people mark", change->person, detail, err) : st;
}

ut_status ut_people_mark(ut_people_change *ret, ut_workspace *workspace, ut_str handle, ut_str mark, ut_err *err)
{
    static const char *const marks[] = {"bot", "list", "person", "auto", NULL};
    int64_t identity = 0;
    ut_people_change change = {0};
    if (!is_one_of(mark, marks)) {
        return ut_fail(err, UT_INVALID, "a handle can be marked as bot, list, person or auto, not «" UT_STR_FMT "»",
                       UT_STR_ARG(mark));
    }
    ut_status st = ut_truth_begin(workspace->truth, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_identity_lookup(workspace, &identity, handle, err);
    st = st == UT_OK ? write_mark(workspace, &change, identity, mark, err) : st;
    st = finish(workspace, st, change.changed, err);
    if (st == UT_OK) {
        *ret = change;
    }
    return st;
}

/* States ----------------------------------------------------------------------------------------------------------- */

static ut_status write_state(ut_workspace *workspace, const someone *who, ut_str state, ut_err *err)
{
    char detail[96];
    (void)snprintf(detail, sizeof detail, "%s -> " UT_STR_FMT, who->state, UT_STR_ARG(state));
    const int64_t numbers[] = {who->id, ut_clock_now_us()};
    ut_status st = run_sql(workspace, "UPDATE person SET state = ?3, state_us = ?2 WHERE ?1 IN (id, target)", numbers,
                           2, state, err);
    return st == UT_OK ? log_it(workspace, "key", "people state", who->id, detail, err) : st;
}

ut_status ut_people_state_set(ut_people_change *ret, ut_workspace *workspace, ut_str who_text, ut_str state,
                              ut_err *err)
{
    static const char *const states[] = {"notified", "consented", "objected", "withdrawn", "restricted", NULL};
    int64_t id = 0;
    someone who = {0};
    if (!is_one_of(state, states)) {
        return ut_fail(err, UT_INVALID,
                       "a person is notified, consented, objected, withdrawn or restricted, not «" UT_STR_FMT "»",
                       UT_STR_ARG(state));
    }
    ut_status st = ut_truth_begin(workspace->truth, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_person_find(workspace, &id, who_text, err);
    st = st == UT_OK ? read_person(workspace, &who, id, err) : st;
    bool changed = st == UT_OK && !ut_str_eq(state, ut_str_of(who.state));
    st = changed ? write_state(workspace, &who, state, err) : st;
    st = changed && st == UT_OK ? ut_people_renew(workspace, err) : st;
    st = finish(workspace, st, false, err);
    if (st == UT_OK) {
        *ret = (ut_people_change){.person = id, .changed = changed};
    }
    return st;
}

/* Sharing ---------------------------------------------------------------------------------------------------------- */

/* Taking back reaches what was shared before a merge, by or with any name of the two. */
static ut_status write_share(ut_workspace *workspace, ut_people_change *change, bool share, ut_err *err)
{
    static const char unshare_sql[] =
        "DELETE FROM sharing WHERE person IN (SELECT id FROM person WHERE ?1 IN (id, target))"
        " AND viewer IN (SELECT id FROM person WHERE ?2 IN (id, target))";
    char detail[64];
    const int64_t row[] = {change->person, change->other, ut_clock_now_us()};
    ut_status st = share ? run_sql(workspace, "INSERT INTO sharing VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", row, 3,
                                   (ut_str){0}, err)
                         : run_sql(workspace, unshare_sql, row, 2, (ut_str){0}, err);
    change->changed = st == UT_OK && ut_truth_changes(workspace->truth) > 0;
    (void)snprintf(detail, sizeof detail, "with person %lld", (long long)change->other);
    return change->changed ? log_it(workspace, "person", share ? "people share" : "people unshare", change->person,
                                    detail, err)
                           : st;
}

ut_status ut_people_share(ut_people_change *ret, ut_workspace *workspace, ut_str who, ut_str viewer, bool share,
                          ut_err *err)
{
    ut_people_change change = {0};
    ut_status st = ut_truth_begin(workspace->truth, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_person_find(workspace, &change.person, who, err);
    st = st == UT_OK ? ut_person_find(workspace, &change.other, viewer, err) : st;
    if (st == UT_OK && change.person == change.other) {
        st = ut_fail(err, UT_INVALID, "everybody sees their own values; share with somebody else");
    }
    st = st == UT_OK ? write_share(workspace, &change, share, err) : st;
    st = finish(workspace, st, false, err);
    if (st == UT_OK) {
        *ret = change;
    }
    return st;
}
