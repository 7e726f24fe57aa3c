/* people/resolve.c — from identities and claims to persons, and the lake's copy of the result. */
#include "people/people_int.h"

#include "base/mem.h"

#include <stdio.h>

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

/* Who is who, in steps over a table in memory; only rows that come out differently are written.
 *
 * The root of an identity is the mail address that its source's own directory gives, so that a colleague's chat and
 * mail meet in one person. An unclaimed root belongs to whoever all claims around it name, if they name one person
 * only. Identities of the organisation that nobody claims get a person made for their root; the roster decides what
 * "of the organisation" means, without one everybody is. An outsider whom somebody merged by hand is one of us, too.
 */
static const char find_sql[] =
    "UPDATE identity SET machine = 1 - machine"
    " WHERE machine <> CASE mark WHEN '' THEN bot WHEN 'person' THEN 0 ELSE 1 END;"
    "CREATE TEMP TABLE found (identity INTEGER PRIMARY KEY, root INTEGER NOT NULL, person INTEGER,"
    "                         unmerged INTEGER);"
    "INSERT INTO found SELECT i.id, iif(r.machine = 0, r.id, i.id), c.person, NULL"
    "  FROM identity i LEFT JOIN identity r ON r.id = i.mail LEFT JOIN claim c ON c.identity = i.id"
    " WHERE i.machine = 0 ORDER BY i.id;"
    "CREATE TEMP TABLE clue (root INTEGER PRIMARY KEY, person INTEGER NOT NULL);"
    "INSERT INTO clue SELECT f.root, coalesce(c.person, min(f.person))"
    "  FROM found f LEFT JOIN claim c ON c.identity = f.root WHERE f.person IS NOT NULL OR c.person IS NOT NULL"
    " GROUP BY f.root HAVING c.person IS NOT NULL OR count(DISTINCT f.person) = 1;"
    "UPDATE found SET person = (SELECT person FROM clue WHERE clue.root = found.root) WHERE person IS NULL;"
    "CREATE TEMP TABLE made AS SELECT f.identity, r.digest FROM found f JOIN identity r ON r.id = f.root"
    " WHERE f.person IS NULL"
    "   AND (NOT EXISTS (SELECT 1 FROM person WHERE listed = 1)"
    "        OR r.domain IN (SELECT d.domain FROM claim c JOIN identity d ON d.id = c.identity WHERE d.domain <> '')"
    "        OR r.digest IN (SELECT p.digest FROM merge m JOIN person p ON p.id = m.person));"
    "INSERT INTO person (digest, sealed, listed) SELECT digest, x'', 0 FROM made"
    " WHERE digest NOT IN (SELECT digest FROM person) GROUP BY digest ORDER BY min(identity);"
    "UPDATE found SET person = (SELECT p.id FROM made m JOIN person p ON p.digest = m.digest"
    "  WHERE m.identity = found.identity) WHERE identity IN (SELECT identity FROM made);";

/* What somebody decided before people.csv listed them stays decided: the later decision holds. */
static const char state_sql[] =
    "CREATE TEMP TABLE decided AS"
    " SELECT f.person, u.state, max(u.state_us) AS state_us FROM person u JOIN identity i ON i.digest = u.digest"
    "   JOIN found f ON f.identity = i.id WHERE u.state_us > 0 AND f.person <> u.id GROUP BY f.person;"
    "UPDATE person SET (state, state_us) = (SELECT d.state, d.state_us FROM decided d WHERE d.person = person.id)"
    " WHERE id IN (SELECT d.person FROM decided d WHERE d.state_us > person.state_us);";

/* Merges come last, so that without one everything is as if it had never been. */
static const char merge_sql[] =
    "CREATE TEMP TABLE counts_as AS"
    " WITH RECURSIVE chain (person, target) AS (SELECT person, target FROM merge"
    "   UNION SELECT c.person, m.target FROM chain c JOIN merge m ON m.person = c.target)"
    " SELECT person, target FROM chain WHERE target NOT IN (SELECT person FROM merge);"
    "UPDATE person SET target = (SELECT c.target FROM counts_as c WHERE c.person = person.id)"
    " WHERE target IS NOT NULL OR id IN (SELECT person FROM counts_as);"
    "UPDATE found SET unmerged = person;"
    "UPDATE found SET person = (SELECT c.target FROM counts_as c WHERE c.person = found.person)"
    " WHERE person IN (SELECT person FROM counts_as);"
    "UPDATE identity SET person = f.person, unmerged = f.unmerged FROM found f WHERE f.identity = identity.id"
    "   AND (f.person IS NOT identity.person OR f.unmerged IS NOT identity.unmerged);"
    "UPDATE identity SET person = NULL, unmerged = NULL WHERE machine = 1 AND unmerged IS NOT NULL;"
    "DROP TABLE found; DROP TABLE clue; DROP TABLE made; DROP TABLE decided; DROP TABLE counts_as;"
    "DELETE FROM setting WHERE key = 'people_dirty'";

ut_status ut_people__derive(ut_workspace *workspace, ut_err *err)
{
    ut_status st = ut_truth_exec(workspace->truth, find_sql, err);
    st = st == UT_OK ? ut_truth_exec(workspace->truth, state_sql, err) : st;
    return st == UT_OK ? ut_truth_exec(workspace->truth, merge_sql, err) : st;
}

ut_status ut_people_resolve(ut_workspace *workspace, ut_err *err)
{
    ut_status st = ut_truth_begin(workspace->truth, err);
    st = st == UT_OK ? ut_people__derive(workspace, err) : st;
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

ut_status ut_people_mirror(ut_workspace *workspace, ut_lake *lake, bool *ret_changed, ut_err *err)
{
    static const struct {
        const char *table, *sql;
        int columns;
        unsigned texts;
    } copies[] = {
        {"raw_who", "SELECT id, person, machine FROM identity ORDER BY id", 3, 0},
        {"raw_stopped", "SELECT identity, state FROM stopped ORDER BY identity", 2, 2},
        /* Merged persons are not there, nor those made for an identity that has found another person since. */
        {"raw_person",
         "SELECT id, time_zone FROM person WHERE target IS NULL"
         "   AND (listed = 1 OR id IN (SELECT person FROM identity)) ORDER BY id",
         2, 2},
        {"raw_membership",
         "SELECT m.person, t.name, m.from_day, m.to_day FROM membership m JOIN team t ON t.id = m.team"
         "  WHERE m.person IN (SELECT id FROM person WHERE target IS NULL)"
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

ut_status ut_people_renew(ut_workspace *workspace, ut_err *err)
{
    char path[UT_PATH_BYTES_MAX];
    ut_lake *lake = NULL;
    bool changed = false;
    (void)snprintf(path, sizeof path, "%s/lake.duckdb", workspace->path);
    if (!workspace->lake && !ut_file_exists(path)) {
        return UT_OK;
    }
    ut_status st = ut_workspace_lake(workspace, &lake, 0, err);
    if (st != UT_OK) {
        return st == UT_BUSY ? UT_OK : st;
    }
    st = ut_lake_begin(lake, err);
    st = st == UT_OK ? ut_people_mirror(workspace, lake, &changed, err) : st;
    st = st == UT_OK ? ut_lake_commit(lake, err) : st;
    if (st != UT_OK) {
        ut_lake_rollback(lake);
    }
    return st;
}
