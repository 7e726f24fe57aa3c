/* egress/ledger.c — from rows of the lake to frozen cells of the truth.
 *
 *     lake: people × days ──► atoms (segment by segment) ──► load cells of the grain asked for
 *     lake: people × periods of the grain ─────────────────► text cells
 *
 * Load cells come from atoms only, also when a month is asked for long after its weeks: what arrived in between is not
 * in them, else month minus weeks would be about the few who are late. Sums are made over whole micro-units, so that
 * the order in which the engine's threads add does not show.
 */
#include "egress/ledger.h"
#include "base/mem.h"
#include "egress/atoms.h"
#include "egress/ledger_int.h"

#include <stdio.h>

void ut_ledger_day_text(char out[16], int32_t day)
{
    int64_t year;
    int month, of_month;
    ut_time_civil_of(day, &year, &month, &of_month);
    (void)snprintf(out, 16, "%04d-%02d-%02d", (int)year, month, of_month);
}

static void bind_day(ut_stmt *stmt, int index, char text[16], int32_t day)
{
    ut_ledger_day_text(text, day);
    ut_stmt_bind_text(stmt, index, ut_str_of(text));
}

static ut_str blob_of(const void *items, size_t count)
{
    return (ut_str){items, count * 8};
}

ut_status ut_ledger_put(ut_ledger *ledger, const ut_ledger_cell *cell, ut_err *err)
{
    char start[16], end[16];
    ut_stmt *s = ledger->add_cell;
    int32_t first = cell->day, last = cell->day;
    ut_grain_period(ledger->grain, cell->day, &first, &last);
    bind_day(s, 3, start, first);
    bind_day(s, 4, end, last);
    ut_stmt_bind_text(s, 1, cell->team);
    ut_stmt_bind_text(s, 2, ut_str_of(ut_grain_name(ledger->grain)));
    ut_stmt_bind_text(s, 5, ut_str_of(cell->text ? "text" : "load"));
    ut_stmt_bind_text(s, 6, ut_str_of(cell->state));
    if (cell->people_count) {
        ut_stmt_bind_blob(s, 7, blob_of(cell->figures, cell->text ? UT_METRICS - UT_METRIC_SENTIMENT : 1));
        ut_stmt_bind_blob(s, 8, blob_of(cell->people, cell->people_count));
    } else {
        ut_stmt_bind_null(s, 7);
        ut_stmt_bind_null(s, 8);
    }
    ut_stmt_bind_i64(s, 9, ledger->now_us);
    return ut_stmt_run(s, err);
}

bool ut_ledger_is_frozen(const ut_ledger *ledger, int32_t start)
{
    char text[16];
    ut_ledger_day_text(text, start);
    return ut_map_get(&ledger->frozen, ut_str_of(text)) != NULL;
}

bool ut_ledger_is_closed(const ut_ledger *ledger, int32_t start)
{
    int32_t first, last;
    /* Days close with their segment, since it decides which of them are shown (atoms.h). */
    if (ledger->grain == UT_GRAIN_DAY) {
        ut_segment_of(start, &first, &last);
    } else {
        ut_grain_period(ledger->grain, start, &first, &last);
    }
    return last <= ledger->closed_day;
}

/* Opening ------------------------------------------------------------------------------------------------------------
 */

/* Periods and segments in which nothing was shown to anybody are forgotten, to be looked at again. What an erasure
 * withheld was shown once, and stays. */
static const char forget_sql[] =
    "DELETE FROM cell WHERE grain = ?1 AND start_day IN (SELECT start_day FROM cell WHERE grain = ?1"
    " GROUP BY start_day HAVING sum(state IN ('shown', 'withheld')) = 0)";
static const char forget_atoms_sql[] =
    "DELETE FROM atom WHERE segment NOT IN (SELECT segment FROM atom WHERE people IS NOT NULL);"
    "DELETE FROM segment WHERE start_day NOT IN (SELECT segment FROM atom)";

static ut_status read_frozen(ut_ledger *ledger, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_str grain = ut_str_of(ut_grain_name(ledger->grain));
    ut_status st = ut_truth_exec(ledger->truth, forget_atoms_sql, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, ledger->truth, forget_sql, err) : st;
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, grain);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    st = st == UT_OK ? ut_truth_prepare(&stmt, ledger->truth,
                                        "SELECT DISTINCT start_day FROM cell WHERE grain = ?1"
                                        " UNION SELECT 'segment ' || start_day FROM segment", err)
                     : st;
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, grain);
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        if (!ut_map_put(&ledger->frozen, ut_stmt_str(stmt, 0))) {
            st = ut_fail(err, UT_NOMEM, "memory ended while reading the ledger");
        }
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status prepare(ut_ledger *ledger, ut_err *err)
{
    const struct {
        ut_stmt **stmt;
        const char *sql;
    } all[] = {
        {&ledger->add_segment, "INSERT INTO segment VALUES (?1, ?2, ?3)"},
        {&ledger->add_atom, "INSERT INTO atom (segment, team, from_day, to_day, messages, people)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
        {&ledger->add_cell,
         "INSERT INTO cell (team, grain, start_day, end_day, kind, state, figures, people, frozen_us)"
         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING"},
    };
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < sizeof all / sizeof *all; i++) {
        st = ut_truth_prepare(all[i].stmt, ledger->truth, all[i].sql, err);
    }
    return st;
}

static void ledger_close(ut_ledger *ledger)
{
    ut_stmt_close(&ledger->add_segment);
    ut_stmt_close(&ledger->add_atom);
    ut_stmt_close(&ledger->add_cell);
    ut_map_free(&ledger->frozen);
    ut_map_free(&ledger->open);
    ut_arena_close(&ledger->arena);
}

/* Whether something of a local day may still have to be frozen. */
static bool is_wanted(const ut_ledger *ledger, int32_t day)
{
    char key[32];
    int32_t first, last;
    ut_segment_of(day, &first, &last);
    (void)snprintf(key, sizeof key, "segment %d", (int)first);
    if (!ut_map_get(&ledger->frozen, ut_str_of(key))) {
        return true;
    }
    ut_grain_period(ledger->grain, day, &first, &last);
    return !ut_ledger_is_frozen(ledger, first);
}

/* Adds a day to the runs of days to be read; days come in order. When there are too many runs the last one grows. */
static void add_wanted(ut_ledger *ledger, int64_t day)
{
    ut_day_run *last = ledger->run_count ? &ledger->runs[ledger->run_count - 1] : NULL;
    if (last && (day == last->to + 1 || ledger->run_count == UT_LEDGER_RUNS)) {
        last->to = day;
        return;
    }
    ledger->runs[ledger->run_count++] = (ut_day_run){day, day};
}

/* Finds the days (UTC) that hold anything to be looked at, so that a daily freeze does not read years of what is
 * frozen. A day of UTC reaches into three local days. */
static ut_status choose_days(ut_ledger *ledger, ut_err *err)
{
    ut_rows *rows = NULL;
    bool more = false;
    ut_status st = ut_lake_query(&rows, ledger->lake,
                                 "SELECT DISTINCT CAST(CAST(sent_at AS DATE) - DATE '1970-01-01' AS INTEGER)"
                                 " FROM silver_message ORDER BY 1",
                                 NULL, 0, err);
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        int32_t day = (int32_t)ut_rows_i64(rows, 0);
        if (is_wanted(ledger, day - 1) || is_wanted(ledger, day) || is_wanted(ledger, day + 1)) {
            add_wanted(ledger, day);
        }
    }
    ut_rows_close(&rows);
    return st;
}

void ut_ledger_put_filter(ut_buf *sql, const ut_ledger *ledger)
{
    ut_buf_puts(sql, "state IN ('scored', 'empty', 'language') AND (false");
    for (size_t i = 0; i < ledger->run_count; i++) {
        ut_buf_format(sql, " OR (sent_at >= make_timestamp(%lld) AND sent_at < make_timestamp(%lld))",
                      (long long)(ledger->runs[i].from * UT_DAY_US), (long long)((ledger->runs[i].to + 1) * UT_DAY_US));
    }
    ut_buf_puts(sql, ")");
}

/* Atoms --------------------------------------------------------------------------------------------------------------
 */

static void put_load_sql(ut_buf *sql, const ut_ledger *ledger)
{
    ut_buf_puts(sql, "WITH r AS (SELECT day, team, person, count(*) AS messages FROM v_messages WHERE ");
    ut_ledger_put_filter(sql, ledger);
    ut_buf_puts(sql,
                " GROUP BY day, team, person)"
                " SELECT CAST(day - DATE '1970-01-01' AS INTEGER), coalesce(team, ''), person, messages FROM r"
                " ORDER BY greatest(date_trunc('week', day), date_trunc('month', day)), team NULLS LAST, day, person");
    ut_buf_byte(sql, '\0');
}

/* The rows of one segment on their way into atoms. */
typedef struct gathering {
    int32_t first, last;
    ut_atom_row *rows;
    size_t count, room;
    ut_str *teams;  /* by number; in the ledger's arena, which starts anew with each segment */
    int32_t team_count;
} gathering;

enum { TEAMS_MAX = 20000 };

static ut_status store_atoms(ut_ledger *ledger, const gathering *g, const ut_atoms *atoms, ut_err *err)
{
    ut_stmt_bind_i64(ledger->add_segment, 1, g->first);
    ut_stmt_bind_i64(ledger->add_segment, 2, g->last);
    ut_stmt_bind_i64(ledger->add_segment, 3, ledger->now_us);
    ut_status st = ut_stmt_run(ledger->add_segment, err);
    ut_stmt *s = ledger->add_atom;
    for (size_t i = 0; st == UT_OK && i < atoms->count; i++) {
        const ut_atom *atom = &atoms->items[i];
        ut_stmt_bind_i64(s, 1, g->first);
        ut_stmt_bind_i64(s, 3, atom->from_day);
        ut_stmt_bind_i64(s, 4, atom->to_day);
        if (atom->team == UT_ATOM_REST) {
            ut_stmt_bind_null(s, 2);
        } else {
            ut_stmt_bind_text(s, 2, g->teams[atom->team]);
        }
        if (atom->people) {
            ut_stmt_bind_i64(s, 5, atom->amount);
            ut_stmt_bind_blob(s, 6, blob_of(atom->people, atom->people_count));
        } else {
            ut_stmt_bind_null(s, 5);
            ut_stmt_bind_null(s, 6);
        }
        st = ut_stmt_run(s, err);
    }
    return st;
}

static ut_status finish_segment(ut_ledger *ledger, gathering *g, ut_err *err)
{
    char key[32];
    (void)snprintf(key, sizeof key, "segment %d", (int)g->first);
    ut_status st = UT_OK;
    if (g->count && g->last <= ledger->closed_day && !ut_map_get(&ledger->frozen, ut_str_of(key))) {
        ut_atoms atoms;
        size_t floor = UT_PROTECTED ? (size_t)ledger->floors.load : 1;
        st = ut_atoms_cut(&atoms, &ledger->arena, g->rows, g->count, floor, err);
        st = st == UT_OK ? store_atoms(ledger, g, &atoms, err) : st;
    }
    ut_arena_reset(&ledger->arena);
    g->count = 0;
    g->teams = NULL;
    g->team_count = 0;
    return st;
}

/* Remembers that a team wrote in a period that is not closed yet. */
static bool note_open(ut_ledger *ledger, int32_t day, ut_str team)
{
    int32_t first, last;
    ut_grain_period(ledger->grain, day, &first, &last);
    if (ut_ledger_is_closed(ledger, first)) {
        return true;
    }
    ut_arena scratch = ledger->arena;
    ut_str key = ut_arena_format(&scratch, "%d " UT_STR_FMT, (int)first, UT_STR_ARG(team));
    return key.ptr && ut_map_put(&ledger->open, key);
}

static ut_status add_row(ut_ledger *ledger, gathering *g, const ut_rows *rows, ut_err *err)
{
    ut_str team = ut_rows_str(rows, 1);
    int32_t day = (int32_t)ut_rows_i64(rows, 0), number = UT_ATOM_REST;
    bool fits = true;
    if (team.len) {
        g->teams = g->teams ? g->teams : ut_new(&ledger->arena, ut_str, TEAMS_MAX);
        fits = g->teams != NULL;
        if (fits && (g->team_count == 0 || !ut_str_eq(g->teams[g->team_count - 1], team))) {
            ut_str copy = g->team_count < TEAMS_MAX ? ut_arena_copy(&ledger->arena, team) : (ut_str){0};
            fits = copy.ptr != NULL;
            if (fits) {
                g->teams[g->team_count++] = copy;
            }
        }
        fits = fits && note_open(ledger, day, team);
        number = g->team_count - 1;
    }
    if (fits && g->count == g->room) {
        size_t room = g->room ? 2 * g->room : 4096;
        ut_atom_row *larger = ut_mem_resize(g->rows, room * sizeof *larger);
        fits = larger != NULL;
        g->rows = fits ? larger : g->rows;
        g->room = fits ? room : g->room;
    }
    if (!fits) {
        return ut_fail(err, UT_LIMIT, "too many teams or people for one report");
    }
    g->rows[g->count++] =
        (ut_atom_row){.team = number, .day = day, .person = ut_rows_i64(rows, 2), .amount = ut_rows_i64(rows, 3)};
    return UT_OK;
}

static ut_status freeze_atoms(ut_ledger *ledger, ut_err *err)
{
    ut_rows *rows = NULL;
    bool more = false;
    gathering g = {0};
    ut_buf sql = ut_buf_make(16 * UT_KIB);
    put_load_sql(&sql, ledger);
    ut_status st = sql.failed ? ut_fail(err, sql.failed, "memory ended while making a report")
                              : ut_lake_query(&rows, ledger->lake, sql.ptr, NULL, 0, err);
    while (st == UT_OK && (st = ut_rows_next(rows, &more, err)) == UT_OK && more) {
        int32_t first, last;
        ut_segment_of((int32_t)ut_rows_i64(rows, 0), &first, &last);
        if (g.count == 0 || first != g.first) {
            st = finish_segment(ledger, &g, err);
            g.first = first;
            g.last = last;
        }
        st = st == UT_OK ? add_row(ledger, &g, rows, err) : st;
    }
    st = st == UT_OK ? finish_segment(ledger, &g, err) : st;
    ut_rows_close(&rows);
    ut_buf_free(&sql);
    ut_mem_free(g.rows);
    return st;
}

/* Rows for the periods that are still open, so that a report can say when their figures come. */
static ut_status put_open(ut_ledger *ledger, ut_err *err)
{
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < ledger->open.count; i++) {
        ut_str team = ledger->open.entries[i].key, day_text = ut_str_cut(&team, ' ');
        int64_t day = 0;
        bool number = ut_str_to_i64(day_text, &day);
        UT_ASSERT(number);
        ut_ledger_cell cell = {.team = team, .day = (int32_t)day, .state = "open"};
        st = ut_ledger_put(ledger, &cell, err);
        cell.text = true;
        st = st == UT_OK ? ut_ledger_put(ledger, &cell, err) : st;
    }
    return st;
}

/* The door -----------------------------------------------------------------------------------------------------------
 */

/* Size and time of the lake's files: whatever is written to the lake changes them. */
static void put_stamp(ut_buf *to, const ut_workspace *workspace)
{
    static const char *const names[] = {"lake.duckdb", "lake.duckdb.wal"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[UT_PATH_BYTES_MAX];
        ut_file_stamp stamp = {0};
        (void)snprintf(path, sizeof path, "%s/%s", workspace->path, names[i]);
        (void)!ut_file_stat(&stamp, path, NULL); /* a log that is not there has size 0 */
        ut_buf_format(to, " %lld %lld", (long long)stamp.size_bytes, (long long)stamp.modified_ns);
    }
}

/* What the ledger of a grain was made from, beginning with the time of the newest message; another text means that
 * there may be more to freeze. Sets the last closed day. */
static void make_basis(ut_ledger *ledger, ut_buf *to, int64_t newest_us)
{
    const int64_t margin_us = UT_DAY_US + 12 * UT_HOUR_US; /* a day, and the westernmost zone's share of it */
    int64_t now_us = ledger->now_us > newest_us ? ledger->now_us : newest_us;
    ledger->closed_day = (int32_t)((now_us - margin_us) / UT_DAY_US) - 1;
    ut_buf_clear(to);
    ut_buf_format(to, "%lld closed %d floors %lld %lld lake", (long long)newest_us, (int)ledger->closed_day,
                  (long long)ledger->floors.load, (long long)ledger->floors.text);
    put_stamp(to, ledger->workspace);
}

/* Whether the ledger was made from what is there now: told without opening the lake, which takes longer than an answer.
 */
static ut_status is_current(ut_ledger *ledger, ut_buf *basis, const char *setting, bool *ret, ut_err *err)
{
    ut_str known = {0};
    int64_t newest_us = 0;
    ut_status st = ut_workspace_setting(ledger->workspace, &ledger->arena, &known, setting, err);
    ut_str rest = known, first = ut_str_cut(&rest, ' ');
    *ret = false;
    if (st == UT_OK && known.len && ut_str_to_i64(first, &newest_us)) {
        make_basis(ledger, basis, newest_us);
        *ret = ut_str_eq(known, ut_buf_str(basis));
    }
    return st;
}

static ut_status open_lake(ut_ledger *ledger, int64_t *ret_newest_us, ut_err *err)
{
    ut_status st = ut_workspace_lake(ledger->workspace, &ledger->lake, 1024, err);
    st = st == UT_OK ? ut_lake_number(ledger->lake, ret_newest_us, "SELECT epoch_us(max(sent_at)) FROM silver_message",
                                      NULL, 0, err)
                     : st;
    int64_t stages = 0;
    if (st == UT_NOT_FOUND &&
        ut_lake_number(ledger->lake, &stages, "SELECT count(*) FROM stage", NULL, 0, err) == UT_OK && stages) {
        *ret_newest_us = 0; /* analysed, and nothing in it */
        st = UT_OK;
    }
    return st == UT_NOT_FOUND ? ut_fail(err, st, "nothing is analysed yet in %s; run `undertone analyze` first",
                                        ledger->workspace->path)
                              : st;
}

static ut_status freeze_new(ut_ledger *ledger, const char *setting, ut_str basis, ut_err *err)
{
    ut_status st = ut_truth_begin(ledger->truth, err);
    st = st == UT_OK ? prepare(ledger, err) : st;
    st = st == UT_OK ? read_frozen(ledger, err) : st;
    st = st == UT_OK ? choose_days(ledger, err) : st;
    st = st == UT_OK ? freeze_atoms(ledger, err) : st;
    st = st == UT_OK ? ut_ledger_load_cells(ledger, err) : st;
    st = st == UT_OK ? ut_ledger_text_cells(ledger, err) : st;
    st = st == UT_OK ? put_open(ledger, err) : st;
    st = st == UT_OK ? ut_workspace_set(ledger->workspace, setting, basis, err) : st;
    st = st == UT_OK ? ut_truth_commit(ledger->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(ledger->truth);
    }
    return st;
}

static void setting_of(char out[32], ut_grain grain)
{
    (void)snprintf(out, 32, "ledger_%s", ut_grain_name(grain));
}

ut_status ut_ledger_expect(ut_workspace *workspace, ut_grain grain, ut_err *err)
{
    char setting[32];
    ut_str basis = {0};
    ut_arena scratch;
    if (ut_arena_open(&scratch, 4096) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while making a report");
    }
    setting_of(setting, grain);
    ut_status st = ut_workspace_setting(workspace, &scratch, &basis, setting, err);
    bool any = basis.len > 0;
    ut_arena_close(&scratch);
    if (st == UT_OK && !any) {
        st = ut_fail(err, UT_NOT_FOUND, "no figures by %s were made yet in %s, and it is open for reading only; ask "
                                        "again when no other program writes there",
                     ut_grain_name(grain), workspace->path);
    }
    return st;
}

ut_status ut_ledger_freeze(ut_workspace *workspace, ut_grain grain, int64_t now_us, const ut_floors *floors,
                           ut_err *err)
{
    char setting[32];
    bool current = false;
    int64_t newest_us = 0;
    ut_buf basis = ut_buf_make(1024);
    ut_ledger ledger = {.workspace = workspace, .truth = workspace->truth, .grain = grain, .now_us = now_us,
                        .floors = *floors, .frozen = ut_map_make(1000000), .open = ut_map_make(1000000)};
    setting_of(setting, grain);
    ut_status st = ut_arena_open(&ledger.arena, 1024 * UT_MIB) == UT_OK
                       ? is_current(&ledger, &basis, setting, &current, err)
                       : ut_fail(err, UT_NOMEM, "memory ended while making a report");
    if (st == UT_OK && !current) {
        st = open_lake(&ledger, &newest_us, err);
        make_basis(&ledger, &basis, newest_us);
        st = st == UT_OK && basis.failed ? ut_fail(err, basis.failed, "memory ended while making a report") : st;
        st = st == UT_OK ? freeze_new(&ledger, setting, ut_buf_str(&basis), err) : st;
    }
    ledger_close(&ledger);
    ut_buf_free(&basis);
    return st;
}
