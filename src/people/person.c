/* people/person.c — finding and naming one person. What people call a person is hashed and looked up; no name is opened
 * to find one.
 */
#include "people/person.h"

#include "people/identity.h"
#include "people/people_int.h"

/* A row of whole numbers at most: the first two cells, 0 where NULL. *ret_row tells whether there was one. */
static ut_status look_up(ut_workspace *workspace, bool *ret_row, int64_t ret[2], const char *sql, ut_str blob,
                         int64_t number, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    if (st == UT_OK) {
        if (blob.len) {
            ut_stmt_bind_blob(stmt, 1, blob);
        } else {
            ut_stmt_bind_i64(stmt, 1, number);
        }
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK) {
        *ret_row = row;
        ret[0] = row ? ut_stmt_i64(stmt, 0) : 0;
        ret[1] = row ? ut_stmt_i64(stmt, 1) : 0;
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_digest digest_of(const ut_workspace *workspace, const char *what, ut_str text)
{
    ut_str parts[] = {ut_str_of(what), text};
    return ut_seal_digest(&workspace->keys.digest, parts, 2);
}

/* As sources write handles: a mail address in lower case behind "mail:", everything else as it is. */
static ut_str handle_of(char room[512], ut_str text, bool is_address)
{
    size_t prefix = is_address ? 5 : 0;
    if (text.len + prefix > 512) {
        return (ut_str){0};
    }
    memcpy(room, "mail:", prefix);
    bool lower = is_address || ut_str_starts_nocase(text, UT_STR("mail:"));
    for (size_t i = 0; i < text.len; i++) {
        room[prefix + i] = lower ? ut_lower(text.ptr[i]) : text.ptr[i];
    }
    return (ut_str){room, text.len + prefix};
}

ut_status ut_identity_lookup(ut_workspace *workspace, int64_t *ret, ut_str text, ut_err *err)
{
    char room[512];
    int64_t found[2] = {0};
    bool row = false;
    ut_status st = UT_OK;
    /* As it stands first: the handle "zulip:ann@example.org" holds an @, too. */
    for (int as_address = 0; as_address < 2 && st == UT_OK && !row; as_address++) {
        ut_digest digest = digest_of(workspace, "identity", handle_of(room, text, as_address));
        st = look_up(workspace, &row, found, "SELECT id FROM identity WHERE digest = ?1", ut_digest_str(&digest), 0,
                     err);
    }
    if (st == UT_OK && !row) {
        return ut_fail(err, UT_NOT_FOUND,
                       "nobody is known as «" UT_STR_FMT "»; give the id in people.csv, an address, or a handle with "
                       "its source (slack:U024)",
                       UT_STR_ARG(text));
    }
    if (st == UT_OK) {
        *ret = found[0];
    }
    return st;
}

static ut_status find_by_number(ut_workspace *workspace, int64_t *ret, ut_str text, ut_err *err)
{
    int64_t number = 0, found[2] = {0};
    bool row = false;
    ut_status st = UT_OK;
    if (ut_str_to_i64(ut_str_slice(text, 7, text.len), &number)) {
        st = look_up(workspace, &row, found, "SELECT id FROM person WHERE id = ?1", (ut_str){0}, number, err);
    }
    if (st == UT_OK && !row) {
        return ut_fail(err, UT_NOT_FOUND, "there is no person «" UT_STR_FMT "»", UT_STR_ARG(text));
    }
    if (st == UT_OK) {
        *ret = found[0];
    }
    return st;
}

static ut_status find_by_identity(ut_workspace *workspace, int64_t *ret, int64_t *ret_identity, ut_str text,
                                  ut_err *err)
{
    int64_t identity = 0, found[2] = {0};
    bool row = false;
    ut_status st = ut_identity_lookup(workspace, &identity, text, err);
    st = st == UT_OK ? look_up(workspace, &row, found, "SELECT unmerged, machine FROM identity WHERE id = ?1",
                               (ut_str){0}, identity, err)
                     : st;
    if (st != UT_OK) {
        return st;
    }
    *ret_identity = identity;
    if (found[0]) {
        *ret = found[0];
        return UT_OK;
    }
    return ut_fail(err, UT_NOT_FOUND, "«" UT_STR_FMT "» is %s", UT_STR_ARG(text),
                   found[1] ? "a bot or a mailing list, not a person; `undertone people mark` can change that"
                            : "external: nobody of the organisation has this address or handle");
}

ut_status ut_person_find_unmerged(ut_workspace *workspace, int64_t *ret, int64_t *ret_identity, ut_str text,
                                  ut_err *err)
{
    int64_t found[2] = {0}, identity = 0, person = 0;
    bool row = false;
    ut_status st = UT_OK;
    text = ut_str_trim(text);
    if (ut_str_starts(text, UT_STR("number:"))) {
        st = find_by_number(workspace, &person, text, err);
    } else {
        ut_digest digest = digest_of(workspace, "person", text);
        st = look_up(workspace, &row, found, "SELECT id FROM person WHERE digest = ?1", ut_digest_str(&digest), 0, err);
        person = found[0];
        st = st == UT_OK && !row ? find_by_identity(workspace, &person, &identity, text, err) : st;
    }
    if (ret_identity && (st == UT_OK || st == UT_NOT_FOUND)) {
        *ret_identity = identity;
    }
    if (st == UT_OK) {
        *ret = person;
    }
    return st;
}

ut_status ut_person_find(ut_workspace *workspace, int64_t *ret, ut_str text, ut_err *err)
{
    int64_t person = 0, found[2] = {0};
    bool row = false;
    ut_status st = ut_person_find_unmerged(workspace, &person, NULL, text, err);
    st = st == UT_OK ? look_up(workspace, &row, found, "SELECT coalesce(target, id) FROM person WHERE id = ?1",
                               (ut_str){0}, person, err)
                     : st;
    if (st == UT_OK) {
        *ret = found[0];
    }
    return st;
}

/* Names ------------------------------------------------------------------------------------------------------------ */

ut_status ut_person_row(ut_workspace *workspace, ut_arena *keep, ut_str *ret, int64_t person, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_buf plain = ut_buf_make(2 * UT_MIB);
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "SELECT sealed, digest FROM person WHERE id = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, person);
        st = ut_stmt_step(stmt, &row, err);
    }
    if (st == UT_OK && !row) {
        st = ut_fail(err, UT_NOT_FOUND, "there is no person number:%lld", (long long)person);
    }
    if (st == UT_OK && ut_stmt_str(stmt, 0).len) {
        st = ut_seal_open(&plain, &workspace->keys.name, ut_stmt_str(stmt, 0), ut_stmt_str(stmt, 1), err);
    }
    ut_str copy = st == UT_OK ? ut_arena_copy(keep, ut_buf_str(&plain)) : (ut_str){0};
    if (st == UT_OK && plain.len && !copy.ptr) {
        st = ut_fail(err, UT_LIMIT, "a row of people.csv does not fit into memory");
    }
    ut_buf_free(&plain);
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret = copy;
    }
    return st;
}

/* Columns are called as the file called them, in any case. */
ut_status ut_people__row_names(ut_json *json, ut_arena *keep, ut_str *ret_id, ut_str *ret_name, ut_str row,
                               ut_err *err)
{
    const ut_json_node *root = NULL;
    ut_str name = {0};
    ut_status st = ut_json_parse(json, &root, row, err);
    for (const ut_json_node *n = st == UT_OK ? ut_json_first(root) : NULL; n; n = ut_json_next(n)) {
        name = ut_str_eq_nocase(n->key, UT_STR("name")) ? ut_str_trim(n->text) : name;
    }
    if (st == UT_OK) {
        *ret_id = ut_arena_copy(keep, ut_json_str(root, "id"));
        *ret_name = ut_arena_copy(keep, name);
    }
    return st;
}

static ut_status name_in_row(ut_arena *keep, ut_str *ret, ut_str row, ut_err *err)
{
    ut_json *json = NULL;
    ut_str id = {0}, name = {0};
    ut_status st = ut_json_open(&json, err);
    st = st == UT_OK ? ut_people__row_names(json, keep, &id, &name, row, err) : st;
    if (st == UT_OK) {
        *ret = name.len ? name : id;
    }
    ut_json_close(&json);
    return st;
}

/* A person made for an identity is called as that is. */
static ut_status name_in_source(ut_workspace *workspace, ut_arena *keep, ut_str *ret, int64_t person, ut_err *err)
{
    static const char sql[] = "SELECT i.id FROM person p JOIN identity i ON i.digest = p.digest WHERE p.id = ?1";
    int64_t found[2] = {0};
    bool row = false;
    ut_str handle = {0}, name = {0};
    ut_identities *ids = NULL;
    ut_status st = look_up(workspace, &row, found, sql, (ut_str){0}, person, err);
    if (st == UT_OK && row) {
        st = ut_identities_open(&ids, workspace, err);
        st = st == UT_OK ? ut_identity_names(ids, keep, &handle, &name, found[0], err) : st;
        ut_identities_close(&ids);
    }
    if (st == UT_OK) {
        *ret = name.len ? name : handle;
    }
    return st;
}

ut_status ut_person_name(ut_workspace *workspace, ut_arena *keep, ut_str *ret, int64_t person, ut_err *err)
{
    ut_str row = {0};
    ut_status st = ut_person_row(workspace, keep, &row, person, err);
    if (st != UT_OK) {
        return st;
    }
    return row.len ? name_in_row(keep, ret, row, err) : name_in_source(workspace, keep, ret, person, err);
}

/* Managers ---------------------------------------------------------------------------------------------------------
 *
 * Days are compared as text, which YYYY-MM-DD allows. Overlapping rows are cut where the next one begins, as the lake
 * does with memberships, so that the old manager does not see the new team on the day of a move. UNION drops what was
 * reached before: a circle of managers ends. */
static const char teams_sql[] =
    "WITH RECURSIVE"
    " boss (person, manager, from_day, to_day, next_day) AS ("
    "   SELECT m.person, coalesce(p.target, p.id), m.from_day, m.to_day,"
    "          (SELECT min(n.from_day) FROM manages n WHERE n.person = m.person AND n.from_day > m.from_day)"
    "     FROM manages m JOIN person p ON p.id = m.manager"
    "    WHERE m.person IN (SELECT id FROM person WHERE target IS NULL)),"
    " below (person) AS (SELECT ?1 UNION"
    "   SELECT b.person FROM below JOIN boss b ON b.manager = below.person"
    "    WHERE b.from_day <= ?2 AND (b.to_day = '' OR b.to_day >= ?2)"
    "      AND (b.next_day IS NULL OR b.next_day > ?2)),"
    " joined (person, team, from_day, to_day, next_day) AS ("
    "   SELECT m.person, t.name, m.from_day, m.to_day,"
    "          (SELECT min(n.from_day) FROM membership n WHERE n.person = m.person AND n.from_day > m.from_day)"
    "     FROM membership m JOIN team t ON t.id = m.team)"
    "SELECT DISTINCT j.team FROM joined j JOIN below USING (person)"
    " WHERE j.from_day <= ?2 AND (j.to_day = '' OR j.to_day >= ?2) AND (j.next_day IS NULL OR j.next_day > ?2)"
    " ORDER BY 1";

ut_status ut_people_teams_of_manager(ut_workspace *workspace, ut_arena *keep, ut_str **ret, size_t *ret_count,
                                     int64_t person, ut_str day, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    size_t count = 0, room = 0;
    ut_str *names = NULL;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, teams_sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, person);
        ut_stmt_bind_text(stmt, 2, day);
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        if (count == room) {
            room = room ? 2 * room : 16;
            ut_str *grown = ut_new(keep, ut_str, room);
            if (grown && count) {
                memcpy(grown, names, count * sizeof *names);
            }
            names = grown;
        }
        ut_str name = names ? ut_arena_copy(keep, ut_stmt_str(stmt, 0)) : (ut_str){0};
        if (!name.ptr) {
            st = ut_fail(err, UT_LIMIT, "there are more teams than fit into memory");
            break;
        }
        names[count++] = name;
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret = names;
        *ret_count = count;
    }
    return st;
}
