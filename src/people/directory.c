/* people/directory.c — everybody with their names opened. Two queries in the same order, joined by walking along. */
#include "people/directory.h"

#include "base/mem.h"
#include "codec/json.h"
#include "os/clock.h"
#include "people/identity.h"
#include "store/audit.h"

static const char identities_sql[] =
    "SELECT id, person, unmerged, machine, bot, mail IS NOT NULL, mark, domain FROM identity"
    " ORDER BY coalesce(person, 0), id";

/* The team of the day ?1: of overlapping memberships the one that began last. */
static const char persons_sql[] =
    "SELECT p.id, p.listed, p.sealed, p.digest, p.time_zone, p.work_days, p.work_start, p.work_end, p.state,"
    "       (SELECT t.name FROM membership m JOIN team t ON t.id = m.team WHERE m.person = p.id AND m.from_day <= ?1"
    "           AND (m.to_day = '' OR m.to_day >= ?1) ORDER BY m.from_day DESC LIMIT 1)"
    "  FROM person p WHERE p.target IS NULL AND (p.listed = 1 OR p.id IN (SELECT person FROM identity)) ORDER BY p.id";

static ut_status full(ut_err *err)
{
    return ut_fail(err, UT_LIMIT, "there are more people than fit into memory at once");
}

static ut_status read_identities(ut_directory *dir, ut_arena *keep, ut_workspace *workspace, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_identities *ids = NULL;
    bool row = false;
    ut_status st = ut_identities_open(&ids, workspace, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth, identities_sql, err) : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_dir_identity *i = &dir->identities[dir->identity_count++];
        *i = (ut_dir_identity){
            .id = ut_stmt_i64(stmt, 0),
            .person = ut_stmt_i64(stmt, 1),
            .unmerged = ut_stmt_i64(stmt, 2),
            .machine = ut_stmt_i64(stmt, 3),
            .bot = ut_stmt_i64(stmt, 4),
            .linked = ut_stmt_i64(stmt, 5),
            .mark = ut_arena_copy(keep, ut_stmt_str(stmt, 6)),
            .domain = ut_arena_copy(keep, ut_stmt_str(stmt, 7)),
        };
        st = ut_identity_names(ids, keep, &i->handle, &i->name, i->id, err);
    }
    ut_stmt_close(&stmt);
    ut_identities_close(&ids);
    return st;
}

static ut_status open_row(ut_dir_person *p, ut_arena *keep, ut_json *json, const ut_key *key, ut_str sealed,
                          ut_str digest, ut_err *err)
{
    ut_buf plain = ut_buf_make(2 * UT_MIB);
    ut_status st = ut_seal_open(&plain, key, sealed, digest, err);
    st = st == UT_OK ? ut_people__row_names(json, keep, &p->key, &p->name, ut_buf_str(&plain), err) : st;
    ut_buf_free(&plain);
    return st;
}

static ut_status read_persons(ut_directory *dir, ut_arena *keep, ut_workspace *workspace, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_json *json = NULL;
    bool row = false;
    char today[32];
    (void)ut_time_format(today, ut_clock_now_us());
    ut_status st = ut_json_open(&json, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth, persons_sql, err) : st;
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, (ut_str){today, 10});
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_dir_person *p = &dir->persons[dir->person_count++];
        *p = (ut_dir_person){.id = ut_stmt_i64(stmt, 0), .listed = ut_stmt_i64(stmt, 1)};
        ut_str *const texts[] = {&p->time_zone, &p->work_days, &p->work_start, &p->work_end, &p->state, &p->team};
        for (int i = 0; i < 6; i++) {
            *texts[i] = ut_arena_copy(keep, ut_stmt_str(stmt, 4 + i));
        }
        if (ut_stmt_str(stmt, 2).len) {
            st = open_row(p, keep, json, &workspace->keys.name, ut_stmt_str(stmt, 2), ut_stmt_str(stmt, 3), err);
        }
    }
    ut_stmt_close(&stmt);
    ut_json_close(&json);
    return st;
}

/* Gives every person their identities, and a name from these where people.csv has none. */
static void join(ut_directory *dir)
{
    size_t at = 0;
    for (size_t n = 0; n < dir->person_count; n++) {
        ut_dir_person *p = &dir->persons[n];
        while (at < dir->identity_count && dir->identities[at].person < p->id) {
            at++;
        }
        p->first = at;
        for (; at < dir->identity_count && dir->identities[at].person == p->id; at++) {
            p->count++;
            p->name = p->name.len ? p->name : dir->identities[at].name;
        }
        if (p->name.len == 0) {
            p->name = p->key.len ? p->key : p->count ? dir->identities[p->first].handle : (ut_str){0};
        }
    }
}

ut_status ut_people__directory(ut_directory *ret, ut_arena *keep, ut_workspace *workspace, ut_err *err)
{
    ut_directory dir = {0};
    int64_t persons = 0, identities = 0;
    ut_status st = ut_truth_number(workspace->truth, &persons, "SELECT count(*) FROM person", err);
    st = st == UT_OK ? ut_truth_number(workspace->truth, &identities, "SELECT count(*) FROM identity", err) : st;
    if (st != UT_OK) {
        return st;
    }
    dir.persons = ut_new(keep, ut_dir_person, (size_t)persons + 1);
    dir.identities = ut_new(keep, ut_dir_identity, (size_t)identities + 1);
    if (!dir.persons || !dir.identities) {
        return full(err);
    }
    st = read_identities(&dir, keep, workspace, err);
    st = st == UT_OK ? read_persons(&dir, keep, workspace, err) : st;
    if (st == UT_OK) {
        join(&dir);
        *ret = dir;
    }
    return st;
}

ut_status ut_people__log_read(ut_workspace *workspace, const ut_people_query *query, const char *action, ut_err *err)
{
    ut_str purpose = ut_str_trim(ut_str_of(query->purpose));
    if (purpose.len == 0) {
        return ut_fail(err, UT_INVALID, "the owner must say why: --purpose \"…\" (it goes into the audit log)");
    }
    if (query->format && strcmp(query->format, "table") != 0 && strcmp(query->format, "json") != 0) {
        return ut_fail(err, UT_INVALID, "people come as table or json, not %s", query->format);
    }
    ut_audit_entry entry = {.principal = UT_STR("owner"), .action = ut_str_of(action), .purpose = purpose};
    return ut_audit_append(workspace, &entry, err);
}

ut_status ut_people__buffer(ut_buffer **ret, const ut_buf *buf, ut_err *err)
{
    ut_buffer *buffer = buf->failed ? NULL : ut_mem_alloc(sizeof *buffer + buf->len + 1);
    if (!buffer) {
        return ut_fail(err, buf->failed ? buf->failed : UT_NOMEM, "the answer does not fit into memory");
    }
    buffer->len = buf->len;
    memcpy(buffer->bytes, buf->ptr ? buf->ptr : "", buf->len);
    buffer->bytes[buf->len] = 0;
    *ret = buffer;
    return UT_OK;
}
