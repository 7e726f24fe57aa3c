/* rights/export_about.c — who somebody is to the workspace, what was decided, for what and how long; and the traces
 * they left elsewhere. Lists are made by the truth's own JSON functions, one row one element.
 *
 * Others are left out: managers and the managed are numbers. Only whom the person allowed to see their values is named,
 * since a consent is to somebody.
 */
#include "rights/export_int.h"

#include "bronze/rejects.h"
#include "egress/audit_show.h"
#include "egress/grid.h"
#include "os/clock.h"
#include "people/person.h"

#define AT(column) "strftime('%Y-%m-%dT%H:%M:%SZ', nullif(" column ", 0) / 1000000, 'unixepoch')"

/* ,"key":[…] of the first column of a query over ?1 = the person, which is JSON. */
static ut_status put_list(ut_export *x, const char *key, const char *sql, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false, first = true;
    ut_status st = ut_truth_prepare(&stmt, x->workspace->truth, sql, err);
    ut_export__key(&x->out, false, key);
    ut_buf_byte(&x->out, '[');
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, x->person);
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_buf_puts(&x->out, first ? "" : ",");
        ut_buf_put(&x->out, ut_stmt_str(stmt, 0));
        first = false;
        st = x->out.len > UT_MIB ? ut_export__flush(x, err) : UT_OK;
    }
    ut_stmt_close(&stmt);
    ut_buf_byte(&x->out, ']');
    return st;
}

/* What people.csv and the settings of the person say, once for each name they go by. */
static ut_status put_persons(ut_export *x, ut_err *err)
{
    static const char sql[] = UT_EXPORT_FAMILY
        "SELECT id, json_object('number', id, 'state', state, 'state_since', " AT("state_us") ", 'listed',"
        " json(iif(listed, 'true', 'false')), 'time_zone', time_zone, 'work_days', work_days,"
        " 'work_start', work_start, 'work_end', work_end)"
        " FROM person WHERE id IN (SELECT id FROM f) ORDER BY id <> ?1, id";
    ut_stmt *stmt = NULL;
    bool row = false, first = true;
    ut_status st = ut_truth_prepare(&stmt, x->workspace->truth, sql, err);
    ut_export__key(&x->out, false, "persons");
    ut_buf_byte(&x->out, '[');
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, x->person);
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_arena scratch = x->arena; /* by value: gone with the next one */
        ut_str name = {0}, csv = {0}, object = ut_stmt_str(stmt, 1);
        ut_buf_puts(&x->out, first ? "" : ",");
        ut_buf_put(&x->out, ut_str_slice(object, 0, object.len - 1));
        st = ut_person_name(x->workspace, &scratch, &name, ut_stmt_i64(stmt, 0), err);
        st = st == UT_OK ? ut_person_row(x->workspace, &scratch, &csv, ut_stmt_i64(stmt, 0), err) : st;
        ut_export__text(&x->out, false, "name", name);
        ut_export__key(&x->out, false, "people_csv");
        ut_buf_put(&x->out, csv.len ? csv : UT_STR("null"));
        ut_buf_byte(&x->out, '}');
        first = false;
    }
    ut_stmt_close(&stmt);
    ut_buf_byte(&x->out, ']');
    return st;
}

static ut_status put_identities(ut_export *x, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, x->workspace->truth,
                                    "SELECT json_object('number', id, 'domain', domain, 'bot', json(iif(bot, 'true',"
                                    " 'false')), 'mark', mark) FROM identity WHERE id = ?1", err);
    ut_export__key(&x->out, false, "identities");
    ut_buf_byte(&x->out, '[');
    for (size_t i = 0; st == UT_OK && i < x->identity_count; i++) {
        ut_str name = {0};
        st = ut_identity_names(x->keys, &x->arena, &x->handles[i], &name, x->identities[i], err);
        ut_stmt_bind_i64(stmt, 1, x->identities[i]);
        st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
        if (st == UT_OK && row) {
            ut_str object = ut_stmt_str(stmt, 0);
            ut_buf_puts(&x->out, i ? "," : "");
            ut_buf_put(&x->out, ut_str_slice(object, 0, object.len - 1));
            ut_export__text(&x->out, false, "handle", x->handles[i]);
            ut_export__text(&x->out, false, "name", name);
            ut_buf_byte(&x->out, '}');
            ut_stmt_reset(stmt);
        }
    }
    ut_stmt_close(&stmt);
    ut_buf_byte(&x->out, ']');
    return st;
}

static ut_status put_viewers(ut_export *x, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false, first = true;
    ut_status st = ut_truth_prepare(&stmt, x->workspace->truth,
                                    UT_EXPORT_FAMILY
                                    "SELECT DISTINCT viewer, at_us FROM sharing WHERE person IN (SELECT id FROM f)"
                                    " ORDER BY at_us",
                                    err);
    ut_export__key(&x->out, false, "shared_with");
    ut_buf_byte(&x->out, '[');
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, x->person);
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_arena scratch = x->arena;
        ut_str name = {0};
        st = ut_person_name(x->workspace, &scratch, &name, ut_stmt_i64(stmt, 0), err);
        ut_buf_puts(&x->out, first ? "{" : ",{");
        ut_export__number(&x->out, true, "number", ut_stmt_i64(stmt, 0));
        ut_export__text(&x->out, false, "name", name);
        ut_export__time(&x->out, false, "since", ut_stmt_i64(stmt, 1));
        ut_buf_byte(&x->out, '}');
        first = false;
    }
    ut_stmt_close(&stmt);
    ut_buf_byte(&x->out, ']');
    return st;
}

static void put_purposes(ut_export *x)
{
    ut_export__key(&x->out, false, "purposes");
    ut_buf_format(
        &x->out,
        "[{\"purpose\":\"figures of groups: how teams are, from what their people write\",\"shown_to\":\"managers "
        "and analysts, from %lld people on for counts and %lld for what texts say\"},"
        "{\"purpose\":\"your own values\",\"shown_to\":\"you, and those in shared_with\"},"
        "{\"purpose\":\"keeping the workspace in order\",\"shown_to\":\"the owner of the workspace key, who must "
        "state a purpose, which the log keeps\"}]",
        (long long)x->policy.floor_load, (long long)x->policy.floor_text);
}

/* What is kept how long, and when that ends for what is there: counted from when it came in. */
static ut_status put_retention(ut_export *x, ut_err *err)
{
    static const char sql[] = UT_EXPORT_FAMILY
        "SELECT min(observed_us), max(observed_us) FROM record WHERE author IN (SELECT id FROM i) AND kind = 1";
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, x->workspace->truth, sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, x->person);
        st = ut_stmt_step(stmt, &row, err);
    }
    const struct {
        const char *what;
        int64_t days;
    } classes[] = {{"the records themselves, and dead letters", x->policy.keep_raw_days},
                   {"scores, counts and other rows about a person", x->policy.keep_person_days}};
    ut_export__key(&x->out, false, "retention");
    for (int i = 0; st == UT_OK && i < 2; i++) {
        int64_t first_us = ut_stmt_i64(stmt, 0), last_us = ut_stmt_i64(stmt, 1);
        ut_buf_puts(&x->out, i ? ",{" : "[{");
        ut_export__text(&x->out, true, "what", ut_str_of(classes[i].what));
        ut_export__number(&x->out, false, "days_from_ingest", classes[i].days);
        ut_export__time(&x->out, false, "first_ends", first_us ? first_us + classes[i].days * UT_DAY_US : 0);
        ut_export__time(&x->out, false, "last_ends", last_us ? last_us + classes[i].days * UT_DAY_US : 0);
        ut_buf_byte(&x->out, '}');
    }
    ut_buf_format(
        &x->out,
        ",{\"what\":\"figures of groups\",\"months_from_first_shown\":%lld},{\"what\":\"the log of who saw or "
        "changed what\",\"months\":%lld}]",
        (long long)x->policy.keep_cells_months, (long long)x->policy.keep_audit_months);
    ut_stmt_close(&stmt);
    return st;
}

static void put_left_out(ut_export *x)
{
    ut_export__key(&x->out, false, "left_out");
    ut_buf_puts(&x->out, "[\"what others wrote, also where it names or quotes you: it is theirs\","
                         "\"addresses of those you wrote to: they are counted\","
                         "\"passages of others that you quoted or forwarded: their bytes are counted\"");
    ut_buf_puts(&x->out,
                x->raw ? "]" : ",\"the records verbatim: `export --raw` adds them, others' data in them included\"]");
}

ut_status ut_export__about(ut_export *x, ut_err *err)
{
    ut_buf_puts(&x->out, "{\"export\":\"everything held about one person\",\"version\":");
    ut_buf_json_str(&x->out, ut_str_of(ut_version()));
    ut_export__time(&x->out, false, "made", ut_clock_now_us());
    ut_export__number(&x->out, false, "person", x->person);
    ut_status st = put_persons(x, err);
    st = st == UT_OK ? put_identities(x, err) : st;
    st = st == UT_OK
             ? put_list(x, "merges",
                        UT_EXPORT_FAMILY "SELECT json_object('number', person, 'counts_as', target, 'since', " AT(
                            "at_us") ") FROM merge WHERE person IN (SELECT id FROM f) ORDER BY at_us",
                        err)
             : st;
    st = st == UT_OK
             ? put_list(x, "teams",
                        UT_EXPORT_FAMILY "SELECT json_object('team', t.name, 'from', nullif(m.from_day, ''), 'to',"
                                         " nullif(m.to_day, '')) FROM membership m JOIN team t ON t.id = m.team"
                                         " WHERE m.person IN (SELECT id FROM f) ORDER BY m.from_day",
                        err)
             : st;
    st = st == UT_OK
             ? put_list(x, "managers",
                        UT_EXPORT_FAMILY "SELECT json_object('number', manager, 'from', nullif(from_day, ''),"
                                         " 'to', nullif(to_day, '')) FROM manages WHERE person IN (SELECT id FROM f)"
                                         " ORDER BY from_day",
                        err)
             : st;
    st = st == UT_OK ? put_list(x, "manages",
                                UT_EXPORT_FAMILY "SELECT json_object('people', count(DISTINCT person)) FROM manages"
                                                 " WHERE manager IN (SELECT id FROM f)",
                                err)
                     : st;
    st = st == UT_OK ? put_viewers(x, err) : st;
    put_purposes(x);
    st = st == UT_OK
             ? put_list(x, "sources",
                        UT_EXPORT_FAMILY
                        "SELECT json_object('source', source, 'records', count(*),"
                        " 'first_in', " AT("min(observed_us)") ", 'last_in', " AT(
                            "max(observed_us)") ")"
                                                " FROM record WHERE author IN (SELECT id FROM i) GROUP BY source",
                        err)
             : st;
    st = st == UT_OK ? put_retention(x, err) : st;
    put_left_out(x);
    return st == UT_OK ? ut_export__flush(x, err) : st;
}

/* Traces ---------------------------------------------------------------------------------------------------------- */

typedef struct letters {
    ut_export *x;
    bool any;
} letters;

/* A dead letter is about the person when it holds one of their addresses or handles; whose it is was never found out.
 */
static bool names_person(const ut_export *x, ut_str payload)
{
    for (size_t i = 0; i < x->identity_count; i++) {
        ut_str handle = x->handles[i];
        size_t colon = ut_str_find_byte(handle, ':', 0);
        ut_str bare = colon == UT_NPOS ? handle : ut_str_slice(handle, colon + 1, handle.len);
        if (bare.len >= 4 && ut_str_find_nocase(payload, bare, 0) != UT_NPOS) {
            return true;
        }
    }
    return false;
}

static ut_status put_letter(void *ctx, const ut_reject_row *row, ut_err *err)
{
    letters *l = ctx;
    ut_buf *out = &l->x->out;
    if (!names_person(l->x, row->payload)) {
        return UT_OK;
    }
    ut_buf_puts(out, l->any ? ",{" : "{");
    ut_export__text(out, true, "source", row->source);
    ut_export__time(out, false, "came_in", row->at_us);
    ut_export__text(out, false, "reason", row->reason);
    ut_export__number(out, false, "bytes", (int64_t)row->bytes);
    if (l->x->raw) {
        ut_export__raw(out, row->payload);
    }
    ut_buf_byte(out, '}');
    l->any = true;
    return ut_export__flush(l->x, err);
}

static ut_status put_letters(ut_export *x, ut_err *err)
{
    letters l = {.x = x};
    ut_export__key(&x->out, false, "dead_letters");
    ut_buf_byte(&x->out, '[');
    ut_status st = ut_rejects_each(x->workspace, put_letter, &l, err);
    ut_buf_byte(&x->out, ']');
    return st;
}

static ut_status read_family(ut_export *x, int64_t *ids, size_t room, size_t *ret_count, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    size_t count = 0;
    ut_status st = ut_truth_prepare(&stmt, x->workspace->truth, UT_EXPORT_FAMILY "SELECT id FROM f", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, x->person);
    }
    while (st == UT_OK && count < room && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ids[count++] = ut_stmt_i64(stmt, 0);
    }
    ut_stmt_close(&stmt);
    *ret_count = count;
    return st;
}

static bool has_any(ut_str people, const int64_t *ids, size_t count)
{
    for (size_t at = 0; at + sizeof(int64_t) <= people.len; at += sizeof(int64_t)) {
        int64_t id;
        memcpy(&id, people.ptr + at, sizeof id);
        for (size_t i = 0; i < count; i++) {
            if (id == ids[i]) {
                return true;
            }
        }
    }
    return false;
}

/* Published figures that the person is part of: which, not what they say, since a figure is of the whole group. */
static ut_status put_figures(ut_export *x, ut_err *err)
{
    static const char sql[] = "SELECT json_object('team', nullif(team, ''), 'grain', grain, 'start', start_day, 'end',"
                              " end_day, 'figures', kind, 'first_shown', " AT(
                                  "frozen_us") "), people FROM cell"
                                               " WHERE people IS NOT NULL ORDER BY start_day, grain, team, kind";
    enum { NAMES_MAX = 1000 };
    int64_t ids[NAMES_MAX];
    size_t count = 0;
    ut_stmt *stmt = NULL;
    bool row = false, first = true;
    ut_status st = read_family(x, ids, NAMES_MAX, &count, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, x->workspace->truth, sql, err) : st;
    ut_export__key(&x->out, false, "group_figures");
    ut_buf_byte(&x->out, '[');
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        if (has_any(ut_stmt_str(stmt, 1), ids, count)) {
            ut_buf_puts(&x->out, first ? "" : ",");
            ut_buf_put(&x->out, ut_stmt_str(stmt, 0));
            first = false;
            st = x->out.len > UT_MIB ? ut_export__flush(x, err) : UT_OK;
        }
    }
    ut_stmt_close(&stmt);
    ut_buf_byte(&x->out, ']');
    return st;
}

ut_status ut_export__traces(ut_export *x, ut_err *err)
{
    ut_grid log;
    ut_arena arena;
    ut_status st = put_letters(x, err);
    st = st == UT_OK ? put_figures(x, err) : st;
    if (st != UT_OK) {
        return st;
    }
    if (ut_arena_open(&arena, 512 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while exporting");
    }
    st = ut_audit_grid(&log, &arena, x->workspace, x->person, true, err);
    ut_export__key(&x->out, false, "log");
    if (st == UT_OK) {
        ut_grid_put_json(&x->out, &log);
    }
    ut_arena_close(&arena);
    return st;
}
