/* people/import.c — people.csv into the truth. Every row is checked alone: one bad row does not keep the others out. */
#include "base/mem.h"
#include "codec/csv.h"
#include "people/hours.h"
#include "people/identity.h"
#include "people/people_int.h"
#include "people/tombstone.h"
#include "store/audit.h"

#include <stdio.h>

enum { FILE_MAX = 64 << 20, HANDLE_MAX = 512 };

typedef struct import {
    ut_workspace *workspace;
    ut_identities *identities;
    ut_people_counts *counts;
    ut_csv csv;
    int id, name, email, handles, team, time_zone, work_days, work_start, work_end, from, to, manager;
    bool manager_erased; /* of the row at hand: their name is left out */
    ut_stmt *person, *person_id, *team_add, *team_id, *leave, *lead, *join, *claim, *move, *manager_add;
    ut_zones zones;
    ut_map left; /* persons whose old memberships were dropped in this import */
} import;

static ut_str cell(const ut_csv_row *row, int column)
{
    return column < 0 ? (ut_str){0} : ut_str_trim(row->cells[column]);
}

static void find_columns(import *im)
{
    im->id = ut_csv_column(&im->csv, "id");
    im->name = ut_csv_column(&im->csv, "name");
    im->email = ut_csv_column(&im->csv, "email");
    im->handles = ut_csv_column(&im->csv, "handles");
    im->team = ut_csv_column(&im->csv, "team");
    im->time_zone = ut_csv_column(&im->csv, "time_zone");
    im->work_days = ut_csv_column(&im->csv, "work_days");
    im->work_start = ut_csv_column(&im->csv, "work_start");
    im->work_end = ut_csv_column(&im->csv, "work_end");
    im->from = ut_csv_column(&im->csv, "effective_from");
    im->to = ut_csv_column(&im->csv, "effective_to");
    im->manager = ut_csv_column(&im->csv, "manager");
}

/* A manager may be named by id or address and come later in the file: what the rows say is kept here, as digests,
 * until the last row is in. */
static const char managers_open_sql[] =
    "CREATE TEMP TABLE named_manager (person INTEGER, by_id BLOB, by_address BLOB, from_day TEXT, to_day TEXT)";
static const char managers_sql[] =
    "INSERT INTO manages SELECT n.person, coalesce(p.id, c.person), n.from_day, n.to_day FROM named_manager n"
    "   LEFT JOIN person p ON p.digest = n.by_id LEFT JOIN identity i ON i.digest = n.by_address"
    "   LEFT JOIN claim c ON c.identity = i.id WHERE coalesce(p.id, c.person) <> n.person"
    "  ON CONFLICT DO UPDATE SET to_day = excluded.to_day";
static const char managers_unknown_sql[] =
    "SELECT count(*) FROM named_manager n"
    "   LEFT JOIN person p ON p.digest = n.by_id LEFT JOIN identity i ON i.digest = n.by_address"
    "   LEFT JOIN claim c ON c.identity = i.id WHERE coalesce(p.id, c.person, n.person) = n.person";

/* Who has lost every address and handle to another row was given a new id: what they decided goes along. Without this,
 * new ids in the file would lift every objection. */
static const char renamed_open_sql[] = "CREATE TEMP TABLE renamed (old INTEGER, new INTEGER)";
static const char renamed_sql[] =
    "CREATE TEMP TABLE moved AS SELECT r.new AS person, o.state, max(o.state_us) AS state_us"
    "  FROM renamed r JOIN person o ON o.id = r.old"
    " WHERE o.state_us > 0 AND o.id NOT IN (SELECT person FROM claim) GROUP BY r.new;"
    "UPDATE person SET (state, state_us) = (SELECT m.state, m.state_us FROM moved m WHERE m.person = person.id)"
    " WHERE id IN (SELECT m.person FROM moved m WHERE m.state_us > person.state_us);"
    "DROP TABLE moved; DROP TABLE renamed";

static ut_status prepare(import *im, ut_err *err)
{
    const struct {
        ut_stmt **stmt;
        const char *sql;
    } all[] = {
        {&im->person, "INSERT INTO person (digest, sealed, listed, time_zone, work_days, work_start, work_end)"
                      " VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6) ON CONFLICT (digest) DO UPDATE SET sealed = ?2, listed = 1,"
                      " time_zone = ?3, work_days = ?4, work_start = ?5, work_end = ?6"},
        {&im->person_id, "SELECT id FROM person WHERE digest = ?1"},
        {&im->team_add, "INSERT INTO team (name) VALUES (?1) ON CONFLICT (name) DO NOTHING"},
        {&im->team_id, "SELECT id FROM team WHERE name = ?1"},
        {&im->leave, "DELETE FROM membership WHERE person = ?1"},
        {&im->lead, "DELETE FROM manages WHERE person = ?1"},
        {&im->join, "INSERT INTO membership VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET to_day = ?4"},
        {&im->move, "INSERT INTO renamed SELECT person, ?2 FROM claim WHERE identity = ?1 AND person <> ?2"},
        {&im->claim, "INSERT INTO claim VALUES (?1, ?2) ON CONFLICT (identity) DO UPDATE SET person = ?2"},
        {&im->manager_add, "INSERT INTO named_manager VALUES (?1, ?2, ?3, ?4, ?5)"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ut_status st = ut_truth_prepare(all[i].stmt, im->workspace->truth, all[i].sql, err);
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

static void note_reject(import *im, int64_t line, const char *reason, ut_str detail)
{
    if (im->counts->rejected++ == 0) {
        (void)snprintf(im->counts->first_reason, sizeof im->counts->first_reason, "line %lld: %s%s%.*s",
                       (long long)line, reason, detail.len ? ": " : "", (int)(detail.len > 80 ? 80 : detail.len),
                       detail.ptr ? detail.ptr : "");
    }
}

/* A cell that can't be read costs only itself: the row is taken with the default, since without it the person would
 * be in no team. */
static ut_str checked(import *im, const ut_csv_row *row, int column, bool good, const char *fallback)
{
    ut_str value = cell(row, column);
    if (value.len == 0 || good) {
        return value.len ? value : ut_str_of(fallback);
    }
    if (im->counts->defaulted++ == 0 && im->counts->first_note[0] == '\0') {
        (void)snprintf(im->counts->first_note, sizeof im->counts->first_note,
                       "line %lld: " UT_STR_FMT " «" UT_STR_FMT "» can't be read, %s is taken", (long long)row->line,
                       UT_STR_ARG(im->csv.columns[column]), UT_STR_ARG(ut_str_slice(value, 0, 80)), fallback);
    }
    return ut_str_of(fallback);
}

/* Binds time zone, work days and work hours from parameter 3 on. */
static ut_status bind_hours(import *im, const ut_csv_row *row, ut_err *err)
{
    bool known = true;
    int minute;
    unsigned days;
    ut_str zone = cell(row, im->time_zone), start = cell(row, im->work_start), end = cell(row, im->work_end);
    ut_status st = zone.len ? ut_zones_has(&im->zones, &known, zone, err) : UT_OK;
    ut_stmt_bind_text(im->person, 3, checked(im, row, im->time_zone, known, "UTC"));
    bool good = ut_work_days_parse(&days, cell(row, im->work_days));
    ut_stmt_bind_text(im->person, 4, checked(im, row, im->work_days, good, "Mon-Fri"));
    ut_stmt_bind_text(im->person, 5, checked(im, row, im->work_start, ut_work_time_parse(&minute, start), "09:00"));
    ut_stmt_bind_text(im->person, 6, checked(im, row, im->work_end, ut_work_time_parse(&minute, end), "17:00"));
    return st;
}

/* The row as JSON, every column by its name, unknown ones too: what the person's export shows later. */
static void put_row_json(ut_buf *json, const import *im, const ut_csv_row *row, ut_str id)
{
    ut_buf_puts(json, "{\"id\":");
    ut_buf_json_str(json, id);
    for (int i = 0; i < im->csv.column_count; i++) {
        if (i != im->id && row->cells[i].len && !(i == im->manager && im->manager_erased)) {
            ut_buf_byte(json, ',');
            ut_buf_json_str(json, im->csv.columns[i]);
            ut_buf_byte(json, ':');
            ut_buf_json_str(json, row->cells[i]);
        }
    }
    ut_buf_byte(json, '}');
}

static ut_str or_default(ut_str value, const char *fallback)
{
    return value.len ? value : ut_str_of(fallback);
}

static ut_status store_person(import *im, int64_t *ret, const ut_csv_row *row, ut_str id, ut_err *err)
{
    ut_str parts[] = {UT_STR("person"), id};
    ut_digest digest = ut_seal_digest(&im->workspace->keys.digest, parts, 2);
    ut_buf json = ut_buf_make(1 * UT_MIB), box = ut_buf_make(2 * UT_MIB);
    put_row_json(&json, im, row, id);
    ut_seal_close(&box, &im->workspace->keys.name, ut_buf_str(&json), ut_digest_str(&digest));
    ut_status st = json.failed || box.failed ? ut_fail(err, UT_LIMIT, "a row is longer than a megabyte") : UT_OK;
    bool found = false;
    if (st == UT_OK) {
        ut_stmt_bind_blob(im->person, 1, ut_digest_str(&digest));
        ut_stmt_bind_blob(im->person, 2, ut_buf_str(&box));
        st = bind_hours(im, row, err);
    }
    if (st == UT_OK) {
        st = ut_stmt_run(im->person, err);
    }
    if (st == UT_OK) {
        ut_stmt_bind_blob(im->person_id, 1, ut_digest_str(&digest));
        st = ut_stmt_step(im->person_id, &found, err);
    }
    if (st == UT_OK) {
        UT_ASSERT(found);
        *ret = ut_stmt_i64(im->person_id, 0);
        ut_stmt_reset(im->person_id);
    }
    ut_buf_free(&json);
    ut_buf_free(&box);
    return st;
}

static ut_status join_team(import *im, int64_t person, const ut_csv_row *row, ut_err *err)
{
    uint64_t *left = ut_map_put(&im->left, (ut_str){(const char *)&person, sizeof person});
    if (!left) {
        return ut_fail(err, UT_LIMIT, "people.csv names more people than one workspace takes");
    }
    ut_status st = UT_OK;
    if (*left == 0) {
        ut_stmt_bind_i64(im->leave, 1, person);
        st = ut_stmt_run(im->leave, err);
        ut_stmt_bind_i64(im->lead, 1, person);
        st = st == UT_OK ? ut_stmt_run(im->lead, err) : st;
        *left = 1;
    }
    ut_str team = cell(row, im->team);
    if (st != UT_OK || team.len == 0) {
        return st;
    }
    bool found = false;
    ut_stmt_bind_text(im->team_add, 1, team);
    st = ut_stmt_run(im->team_add, err);
    ut_stmt_bind_text(im->team_id, 1, team);
    st = st == UT_OK ? ut_stmt_step(im->team_id, &found, err) : st;
    if (st != UT_OK) {
        return st;
    }
    UT_ASSERT(found);
    ut_stmt_bind_i64(im->join, 1, person);
    ut_stmt_bind_i64(im->join, 2, ut_stmt_i64(im->team_id, 0));
    ut_stmt_bind_text(im->join, 3, cell(row, im->from));
    ut_stmt_bind_text(im->join, 4, cell(row, im->to));
    st = ut_stmt_run(im->join, err);
    ut_stmt_reset(im->team_id);
    return st;
}

/* The next handle of a list "a;b" as identities have it; plain addresses get the prefix "mail:". Empty cells and what
 * is no handle are passed over; false at the end. */
static bool next_handle(ut_str *list, char room[HANDLE_MAX], ut_str *ret, bool addresses)
{
    while (list->len) {
        ut_str item = ut_str_trim(ut_str_cut(list, ';'));
        size_t prefix = addresses ? 5 : 0;
        if (item.len == 0 || item.len + prefix > HANDLE_MAX) {
            continue;
        }
        memcpy(room, "mail:", prefix);
        bool lower = addresses || ut_str_starts_nocase(item, UT_STR("mail:"));
        for (size_t i = 0; i < item.len; i++) {
            room[prefix + i] = lower ? ut_lower(item.ptr[i]) : item.ptr[i];
        }
        *ret = (ut_str){room, item.len + prefix};
        return true;
    }
    return false;
}

static ut_status note_manager(import *im, int64_t person, const ut_csv_row *row, ut_err *err)
{
    char room[HANDLE_MAX];
    ut_str name = cell(row, im->manager), list = name, address = {0};
    if (name.len == 0) {
        return UT_OK;
    }
    (void)next_handle(&list, room, &address, !ut_str_starts_nocase(name, UT_STR("mail:")));
    ut_str by_id[] = {UT_STR("person"), name}, by_address[] = {UT_STR("identity"), address};
    ut_digest id_digest = ut_seal_digest(&im->workspace->keys.digest, by_id, 2);
    ut_digest address_digest = ut_seal_digest(&im->workspace->keys.digest, by_address, 2);
    ut_stmt_bind_i64(im->manager_add, 1, person);
    ut_stmt_bind_blob(im->manager_add, 2, ut_digest_str(&id_digest));
    ut_stmt_bind_blob(im->manager_add, 3, ut_digest_str(&address_digest));
    ut_stmt_bind_text(im->manager_add, 4, cell(row, im->from));
    ut_stmt_bind_text(im->manager_add, 5, cell(row, im->to));
    return ut_stmt_run(im->manager_add, err);
}

static ut_status settle_managers(import *im, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_exec(im->workspace->truth, managers_sql, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, im->workspace->truth, managers_unknown_sql, err) : st;
    st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
    im->counts->unknown_managers = st == UT_OK ? ut_stmt_i64(stmt, 0) : 0;
    ut_stmt_close(&stmt);
    if (st == UT_OK && im->counts->unknown_managers && im->counts->first_note[0] == '\0') {
        (void)snprintf(im->counts->first_note, sizeof im->counts->first_note,
                       "%lld rows name a manager who is nobody here, or the person itself; they count as without one",
                       (long long)im->counts->unknown_managers);
    }
    return st == UT_OK ? ut_truth_exec(im->workspace->truth, "DROP TABLE named_manager", err) : st;
}

/* Claims every handle of a list for the person. */
static ut_status claim_all(import *im, int64_t person, ut_str list, bool addresses, ut_err *err)
{
    char room[HANDLE_MAX];
    ut_str handle;
    ut_status st = UT_OK;
    while (st == UT_OK && next_handle(&list, room, &handle, addresses)) {
        int64_t identity = 0;
        st = ut_identity_find(im->identities, &identity, handle, (ut_str){0}, err);
        if (st == UT_OK) {
            ut_stmt_bind_i64(im->move, 1, identity);
            ut_stmt_bind_i64(im->move, 2, person);
            st = ut_stmt_run(im->move, err);
        }
        if (st == UT_OK) {
            ut_stmt_bind_i64(im->claim, 1, identity);
            ut_stmt_bind_i64(im->claim, 2, person);
            st = ut_stmt_run(im->claim, err);
        }
    }
    return st;
}

/* Whether somebody was erased: by id, by an address or by a handle. */
static ut_status is_erased(import *im, bool *ret, ut_str id, ut_str emails, ut_str handles, ut_err *err)
{
    char room[HANDLE_MAX];
    int len = snprintf(room, sizeof room, "person:" UT_STR_FMT, UT_STR_ARG(id));
    ut_str handle = {room, (size_t)len < sizeof room ? (size_t)len : sizeof room - 1};
    ut_str lists[] = {emails, handles};
    ut_status st = ut_tombstone_has(im->workspace, ret, handle, err);
    for (size_t i = 0; i < 2; i++) {
        while (st == UT_OK && !*ret && next_handle(&lists[i], room, &handle, i == 0)) {
            st = ut_tombstone_has(im->workspace, ret, handle, err);
        }
    }
    return st;
}

static bool is_day_or_empty(ut_str s)
{
    int64_t us;
    return s.len == 0 || (s.len == 10 && ut_time_parse(s, &us));
}

static ut_status take_row(import *im, const ut_csv_row *row, ut_err *err)
{
    ut_str emails = cell(row, im->email);
    ut_str first = emails;
    ut_str id = or_default(cell(row, im->id), "");
    id = id.len ? id : ut_str_trim(ut_str_cut(&first, ';'));
    if (id.len == 0) {
        note_reject(im, row->line, "neither id nor email is given", (ut_str){0});
        return UT_OK;
    }
    bool erased = false;
    ut_status st = is_erased(im, &erased, id, emails, cell(row, im->handles), err);
    ut_str boss = cell(row, im->manager);
    st = st == UT_OK ? is_erased(im, &im->manager_erased, boss, boss, (ut_str){0}, err) : st;
    if (st != UT_OK || erased) {
        if (erased) {
            note_reject(im, row->line, "this person was erased and is kept out", (ut_str){0});
        }
        return st;
    }
    if (!is_day_or_empty(cell(row, im->from)) || !is_day_or_empty(cell(row, im->to))) {
        note_reject(im, row->line, "effective_from and effective_to must be days like 2026-01-05", id);
        return UT_OK;
    }
    int64_t person = 0;
    st = store_person(im, &person, row, id, err);
    st = st == UT_OK ? join_team(im, person, row, err) : st;
    st = st == UT_OK ? note_manager(im, person, row, err) : st;
    st = st == UT_OK ? claim_all(im, person, emails, true, err) : st;
    st = st == UT_OK ? claim_all(im, person, cell(row, im->handles), false, err) : st;
    im->counts->people += st == UT_OK;
    return st;
}

static ut_status take_rows(import *im, ut_err *err)
{
    ut_arena arena;
    ut_status st = ut_arena_open(&arena, 16 * UT_MIB);
    if (st != UT_OK) {
        return ut_fail(err, st, "memory ended while reading people.csv");
    }
    for (;;) {
        ut_csv_row row = {0};
        ut_arena_reset(&arena);
        st = ut_csv_next(&im->csv, &arena, &row, err);
        if (st == UT_INVALID) {
            note_reject(im, err ? err->line : 0, "a broken quote", (ut_str){0});
            continue;
        }
        if (st != UT_OK || row.count == 0) {
            break;
        }
        if ((st = take_row(im, &row, err)) != UT_OK) {
            break;
        }
    }
    ut_arena_close(&arena);
    return st;
}

static void close_statements(import *im)
{
    ut_stmt **const all[] = {&im->person, &im->person_id, &im->team_add, &im->team_id,     &im->leave,
                             &im->lead,   &im->join,      &im->claim,    &im->move,   &im->manager_add};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ut_stmt_close(all[i]);
    }
}

/* Who changes teams changes what groups show, so that the log tells of it. */
static ut_status log_import(import *im, ut_err *err)
{
    char detail[100];
    (void)snprintf(detail, sizeof detail, "%lld rows taken, %lld left out", (long long)im->counts->people,
                   (long long)im->counts->rejected);
    ut_audit_entry entry = {
        .principal = UT_STR("key"), .action = UT_STR("people import"), .detail = ut_str_of(detail)};
    return ut_audit_put(im->workspace, &entry, err);
}

/* All in one transaction, who is who included. */
static ut_status import_rows(import *im, ut_err *err)
{
    ut_truth *truth = im->workspace->truth;
    ut_status st = ut_truth_begin(truth, err);
    st = st == UT_OK ? ut_truth_exec(truth, managers_open_sql, err) : st;
    st = st == UT_OK ? ut_truth_exec(truth, renamed_open_sql, err) : st;
    st = st == UT_OK ? prepare(im, err) : st;
    st = st == UT_OK ? take_rows(im, err) : st;
    close_statements(im);
    st = st == UT_OK ? settle_managers(im, err) : st;
    st = st == UT_OK ? ut_truth_exec(truth, renamed_sql, err) : st;
    st = st == UT_OK ? log_import(im, err) : st;
    st = st == UT_OK ? ut_people__derive(im->workspace, err) : st;
    st = st == UT_OK ? ut_truth_commit(truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(truth);
    }
    return st;
}

static ut_status import_text(import *im, const char *path, ut_str text, ut_err *err)
{
    ut_status st = ut_csv_open(&im->csv, text, err);
    if (st != UT_OK) {
        return st;
    }
    find_columns(im);
    if (im->id < 0 && im->email < 0) {
        return ut_fail(err, UT_INVALID,
                       "%s has neither an id nor an email column; the first line must name the columns, "
                       "for instance: id,name,email,team,time_zone",
                       path);
    }
    st = ut_identities_open(&im->identities, im->workspace, err);
    st = st == UT_OK ? import_rows(im, err) : st;
    ut_identities_close(&im->identities);
    return st;
}

ut_status ut_people_import(ut_people_counts *ret, ut_workspace *workspace, const char *path, ut_err *err)
{
    ut_people_counts counts = {0};
    import *im = ut_mem_zeroed(1, sizeof *im); /* the CSV header table is too large for a stack frame */
    if (!im) {
        return ut_fail(err, UT_NOMEM, "memory ended while reading %s", path);
    }
    im->workspace = workspace;
    im->counts = &counts;
    im->left = ut_map_make(1000000);
    ut_buf text = ut_buf_make(FILE_MAX);
    ut_status st = ut_file_slurp(&text, path, err);
    st = st == UT_OK ? import_text(im, path, ut_buf_str(&text), err) : st;
    ut_zones_close(&im->zones);
    ut_buf_free(&text);
    ut_map_free(&im->left);
    ut_mem_free(im);
    if (st == UT_OK) {
        *ret = counts;
    }
    return st;
}
