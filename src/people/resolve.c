/* people/resolve.c — from identities and claims to persons, and the lake's copy of the result. */
#include "people/people.h"

#include "base/mem.h"

ut_status ut_people_has_roster(ut_workspace *workspace, bool *ret, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "SELECT 1 FROM person WHERE listed = 1 LIMIT 1", err);
    st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
    if (st == UT_OK) {
        *ret = row;
    }
    ut_stmt_close(&stmt);
    return st;
}

/* Persons for identities of the organisation that nobody claims. The root of an identity is its mail address's identity
 * where the source gives one, so that a colleague's chat and mail meet in one person. The roster decides what "of the
 * organisation" means: without one everybody is. Their sealed name is filled in when somebody may ask for it. */
static const char derive_sql[] =
    "UPDATE identity SET person = NULL WHERE person IS NOT NULL;"
    "UPDATE identity SET person = (SELECT person FROM claim WHERE claim.identity = identity.id) WHERE bot = 0;"
    "UPDATE identity SET person = (SELECT person FROM claim WHERE claim.identity = identity.mail)"
    " WHERE bot = 0 AND person IS NULL AND mail IS NOT NULL;"
    "CREATE TEMP TABLE root AS"
    " SELECT i.id AS identity, r.id AS root, r.digest AS digest"
    "   FROM identity i JOIN identity r ON r.id = coalesce(i.mail, i.id)"
    "  WHERE i.bot = 0 AND i.person IS NULL"
    "    AND (NOT EXISTS (SELECT 1 FROM person WHERE listed = 1)"
    "         OR r.domain IN (SELECT d.domain FROM claim c JOIN identity d ON d.id = c.identity WHERE d.domain <> ''));"
    "INSERT INTO person (digest, sealed, listed) SELECT DISTINCT digest, x'', 0 FROM root WHERE true"
    " ON CONFLICT (digest) DO NOTHING;"
    "UPDATE identity SET person = (SELECT p.id FROM root JOIN person p ON p.digest = root.digest"
    "  WHERE root.identity = identity.id) WHERE id IN (SELECT identity FROM root);"
    "DROP TABLE root;"
    "DELETE FROM setting WHERE key = 'people_dirty';";

ut_status ut_people_resolve(ut_workspace *workspace, ut_err *err)
{
    ut_status st = ut_truth_begin(workspace->truth, err);
    st = st == UT_OK ? ut_truth_exec(workspace->truth, derive_sql, err) : st;
    st = st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(workspace->truth);
    }
    return st;
}

ut_status ut_people_settle(ut_workspace *workspace, ut_err *err)
{
    ut_arena scratch;
    ut_str dirty = {0};
    if (ut_arena_open(&scratch, 4096) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while finding out who is who");
    }
    ut_status st = ut_workspace_setting(workspace, &scratch, &dirty, "people_dirty", err);
    bool needed = dirty.len > 0;
    ut_arena_close(&scratch);
    return st == UT_OK && needed ? ut_people_resolve(workspace, err) : st;
}

/* Copies the rows of a truth query into a lake table, column by column: whole numbers unless `texts` has the bit. */
static ut_status copy_rows(ut_workspace *workspace, ut_lake *lake, const char *table, const char *sql, int columns,
                           unsigned texts, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_append *append = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, sql, err);
    st = st == UT_OK ? ut_lake_append_open(&append, lake, table, err) : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        for (int i = 0; i < columns; i++) {
            if (ut_stmt_is_null(stmt, i)) {
                continue;
            }
            if (texts >> i & 1) {
                ut_append_text(append, i, ut_stmt_str(stmt, i));
            } else {
                ut_append_i64(append, i, ut_stmt_i64(stmt, i));
            }
        }
        st = ut_append_row(append, err);
    }
    ut_status closed = ut_append_close(&append, st == UT_OK ? err : NULL);
    ut_stmt_close(&stmt);
    return st == UT_OK ? closed : st;
}

/* Stages a table's rows as plain columns, because days and zones are checked by the lake's own types. */
static const char stage_sql[] =
    "CREATE OR REPLACE TEMP TABLE raw_who (identity INTEGER, person INTEGER, bot INTEGER);"
    "CREATE OR REPLACE TEMP TABLE raw_stopped (identity INTEGER, state VARCHAR);"
    "CREATE OR REPLACE TEMP TABLE raw_person (person INTEGER, time_zone VARCHAR);"
    "CREATE OR REPLACE TEMP TABLE raw_membership (person INTEGER, team VARCHAR, from_day VARCHAR, to_day VARCHAR);"
    "DELETE FROM channel";

static const char fill_sql[] =
    "DELETE FROM stopped; INSERT INTO stopped SELECT * FROM raw_stopped; DROP TABLE raw_stopped;"
    "DELETE FROM who; DELETE FROM person; DELETE FROM membership;"
    "INSERT INTO who SELECT identity, person, bot <> 0, person IS NOT NULL FROM raw_who ORDER BY identity;"
    "INSERT INTO person SELECT person, CASE WHEN time_zone IN (SELECT name FROM pg_timezone_names()) THEN time_zone"
    "  ELSE 'UTC' END FROM raw_person ORDER BY person;"
    "INSERT INTO membership SELECT person, team, from_day, least(until_day,"
    "    coalesce(lead(from_day) OVER (PARTITION BY person ORDER BY from_day), DATE '9999-12-31'))"
    "  FROM (SELECT person, team, coalesce(try_cast(from_day AS DATE), DATE '0001-01-01') AS from_day,"
    "               coalesce(try_cast(to_day AS DATE) + 1, DATE '9999-12-31') AS until_day FROM raw_membership)"
    "  ORDER BY person, from_day;"
    "INSERT INTO membership SELECT person, 'everyone', DATE '0001-01-01', DATE '9999-12-31' FROM person"
    "  WHERE NOT EXISTS (SELECT 1 FROM raw_membership) ORDER BY person;"
    "DROP TABLE raw_who; DROP TABLE raw_person; DROP TABLE raw_membership";

static const char changed_sql[] =
    "SELECT count(*) FROM who JOIN raw_who USING (identity) LEFT JOIN stopped s USING (identity)"
    "  LEFT JOIN raw_stopped r USING (identity)"
    " WHERE who.bot <> (raw_who.bot <> 0) OR who.member <> (raw_who.person IS NOT NULL)"
    "    OR coalesce(s.state, '') <> coalesce(r.state, '')";

static const char stopped_sql[] =
    "SELECT i.id, iif(p.state = 'restricted', 'restricted', 'objected')"
    "  FROM identity i JOIN person p ON p.id = i.person"
    " WHERE p.state IN ('objected', 'withdrawn', 'restricted') ORDER BY i.id";

ut_status ut_people_mirror(ut_workspace *workspace, ut_lake *lake, bool *ret_changed, ut_err *err)
{
    static const struct {
        const char *table, *sql;
        int columns;
        unsigned texts;
    } copies[] = {
        {"raw_who", "SELECT id, person, bot FROM identity ORDER BY id", 3, 0},
        {"raw_stopped", stopped_sql, 2, 2},
        {"raw_person", "SELECT id, time_zone FROM person ORDER BY id", 2, 2},
        {"raw_membership",
         "SELECT m.person, t.name, m.from_day, m.to_day FROM membership m JOIN team t ON t.id = m.team"
         " ORDER BY m.person, m.from_day",
         4, 14},
        {"channel", "SELECT id, source, kind FROM channel ORDER BY id", 3, 2},
    };
    int64_t changed = 0;
    ut_status st = ut_lake_exec(lake, stage_sql, err);
    for (size_t i = 0; st == UT_OK && i < sizeof copies / sizeof *copies; i++) {
        st = copy_rows(workspace, lake, copies[i].table, copies[i].sql, copies[i].columns, copies[i].texts, err);
    }
    st = st == UT_OK ? ut_lake_number(lake, &changed, changed_sql, NULL, 0, err) : st;
    st = st == UT_OK ? ut_lake_exec(lake, fill_sql, err) : st;
    /* Also for whoever renews the copies without an analysis: the next one is to notice. */
    st = st == UT_OK && changed ? ut_lake_exec(lake, "UPDATE stage SET basis = '' WHERE name = 'silver'", err) : st;
    if (st == UT_OK) {
        *ret_changed = changed > 0;
    }
    return st;
}
