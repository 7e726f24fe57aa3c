/* egress/own.c — the report "mine".
 *
 * A person's mean weights each message by its certainty, as in the figures of groups, so that own and team figures can
 * be held side by side. Rounding to hundredths is for the eye only.
 */
#include "egress/own.h"
#include "egress/grid.h"

#include <math.h>

enum { START, END, MESSAGES, SCORED, WORDS, FIRST_VALUE, VALUES = 1 + UT_FEATURES, COLUMNS = FIRST_VALUE + VALUES };

const char *ut_own_messages_sql(void)
{
    return "SELECT item, team, day, sent_at, source, state, language, words, reply, recipients, reactions, model,"
           " sentiment, valence, arousal, dominance, certainty, joy, gratitude, enthusiasm, confidence, care, stress,"
           " anxiety, frustration, anger, sadness, exhaustion FROM v_messages WHERE person = ? ORDER BY sent_at, item";
}

static void put_sql(ut_buf *sql, ut_str grain)
{
    ut_buf_puts(sql, "WITH m AS (SELECT *, CAST(date_trunc('");
    ut_buf_put(sql, grain);
    ut_buf_puts(sql, "', day) AS DATE) AS start FROM v_messages WHERE person = ?"
                     " AND state IN ('scored', 'empty', 'language')), p AS (SELECT start, CAST(start + INTERVAL 1 ");
    ut_buf_put(sql, grain);
    ut_buf_puts(sql, " AS DATE) - 1 AS \"end\", count(*) AS messages, count(sentiment) AS scored,"
                     " CAST(coalesce(sum(words), 0) AS BIGINT) AS words");
    for (int i = UT_METRIC_SENTIMENT; i < UT_METRICS; i++) {
        const char *name = ut_metric_name((ut_metric)i);
        ut_buf_format(sql, ", sum(CAST(%s AS DOUBLE) * certainty) / nullif(sum(CAST(certainty AS DOUBLE))"
                           " FILTER (WHERE %s IS NOT NULL), 0) AS %s", name, name, name);
    }
    ut_buf_puts(sql, " FROM m GROUP BY start) SELECT * REPLACE (CAST(start AS VARCHAR) AS start,"
                     " CAST(\"end\" AS VARCHAR) AS \"end\") FROM p WHERE (? = '' OR start >= TRY_CAST(? AS DATE))"
                     " AND (? = '' OR \"end\" <= TRY_CAST(? AS DATE)) ORDER BY start");
    ut_buf_byte(sql, '\0');
}

ut_status ut_own_rows(ut_rows **ret, ut_lake *lake, int64_t person, ut_str grain, ut_str from, ut_str to, ut_err *err)
{
    if (!ut_str_eq(grain, UT_STR("day")) && !ut_str_eq(grain, UT_STR("week")) && !ut_str_eq(grain, UT_STR("month"))) {
        return ut_fail(err, UT_INVALID, "the grain must be day, week or month, not «" UT_STR_FMT "»",
                       UT_STR_ARG(grain));
    }
    ut_status days = ut_cells_expect_days(from, to, err);
    if (days != UT_OK) {
        return days;
    }
    ut_buf sql = ut_buf_make(64 * UT_KIB);
    put_sql(&sql, grain);
    ut_value first = ut_value_text(from), last = ut_value_text(to);
    ut_value params[] = {ut_value_i64(person), first, first, last, last};
    ut_status st = sql.failed ? ut_fail(err, sql.failed, "memory ended while making a report")
                              : ut_lake_query(ret, lake, sql.ptr, params, 5, err);
    ut_buf_free(&sql);
    return st;
}

static ut_str heading(int column)
{
    static const char *const titles[] = {"sent", "joy", "grat", "enth", "conf", "care", "stress",
                                         "anx", "frust", "anger", "sad", "exh"};
    return column < FIRST_VALUE ? (ut_str){0} : ut_str_of(titles[column - FIRST_VALUE]);
}

/* Eight heights from the lowest value to the highest; what moves less than `least` looks flat. */
static ut_str line(ut_arena *keep, const ut_grid *grid, int column, double low, double high, double least)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double span = fmax(high - low, least);
    char *text = ut_new(keep, char, grid->row_count * 3 + 1);
    size_t len = 0;
    for (const ut_grid_row *row = grid->first; text && row; row = row->next) {
        const ut_value *value = &row->values[column];
        double v = value->type == UT_VALUE_F64 ? value->f64 : (double)value->i64;
        const char *bar = value->type == UT_VALUE_NULL || !isfinite(v) ? "·" : bars[(int)((v - low) / span * 7.999)];
        memcpy(text + len, bar, strlen(bar));
        len += strlen(bar);
    }
    return (ut_str){text, len};
}

static ut_value number(double value, bool whole)
{
    return !isfinite(value) ? (ut_value){0}
           : whole          ? ut_value_i64((int64_t)value)
                            : (ut_value){.type = UT_VALUE_F64, .f64 = value};
}

/* One row per metric: its course, its lowest and highest value and when that was. */
static ut_status courses(ut_grid *ret, ut_arena *keep, const ut_grid *rows)
{
    static const char *const names[] = {"metric", "course", "first", "last", "lowest", "highest", "peak"};
    ut_status st = ut_grid_open(ret, keep, 7);
    for (int i = 0; st == UT_OK && i < 7; i++) {
        ret->columns[i] = (ut_grid_column){.name = ut_str_of(names[i]), .decimals = 2};
    }
    for (int c = MESSAGES; st == UT_OK && c < COLUMNS; c = c == MESSAGES ? FIRST_VALUE : c + 1) {
        double first = NAN, last = NAN, low = NAN, high = NAN;
        ut_str peak = {0};
        for (const ut_grid_row *row = rows->first; row; row = row->next) {
            double v = row->values[c].type == UT_VALUE_F64   ? row->values[c].f64
                       : row->values[c].type == UT_VALUE_I64 ? (double)row->values[c].i64
                                                             : NAN;
            first = isfinite(first) ? first : v;
            last = isfinite(v) ? v : last;
            low = isfinite(low) && !(v < low) ? low : v;
            peak = isfinite(high) && !(v > high) ? peak : row->values[START].text;
            high = isfinite(high) && !(v > high) ? high : v;
        }
        ut_value *row = ut_grid_row_add(ret);
        bool whole = c == MESSAGES;
        ut_str course = line(keep, rows, c, low, high, whole ? high / 2 : 0.1);
        if (!row || !course.ptr) {
            return UT_LIMIT;
        }
        row[0] = ut_value_text(rows->columns[c].name);
        row[1] = ut_value_text(course);
        row[2] = number(first, whole);
        row[3] = number(last, whole);
        row[4] = number(low, whole);
        row[5] = number(high, whole);
        row[6] = isfinite(high) ? ut_value_text(peak) : (ut_value){0};
    }
    return st;
}

typedef struct own {
    int64_t person;
    ut_str state, since; /* what the person decided */
    ut_str grain;
    bool other;          /* somebody else than the person looks */
    ut_grid grid;
} own;

/* Why there is nothing, or no more than there is, in words. */
static void put_state(ut_buf *to, const own *o)
{
    if (ut_principal_stopped(o->state)) {
        ut_buf_format(to,
                      "The state is «" UT_STR_FMT "» since " UT_STR_FMT ": nothing of this person is analysed, counted "
                      "in a group, or shown to anyone else. `undertone export` holds what is stored.\n",
                      UT_STR_ARG(o->state), UT_STR_ARG(o->since));
    } else if (o->grid.row_count == 0) {
        ut_buf_puts(to, "Nothing was written in this time that is analysed.\n");
    }
}

static ut_status put_table(ut_buf *to, ut_arena *keep, own *o, bool color)
{
    ut_grid course;
    ut_buf_puts(to, o->other ? "Values of one person, shown to you by their consent or for your purpose; this was "
                               "written down.\n"
                             : "Your own values: shown to you, and to those you share them with.\n");
    put_state(to, o);
    if (o->grid.row_count == 0) {
        return UT_OK;
    }
    ut_status st = courses(&course, keep, &o->grid);
    if (st == UT_OK) {
        ut_buf_format(to, "Each mark of a course is one " UT_STR_FMT ", from the lowest up.\n\n", UT_STR_ARG(o->grain));
        ut_grid_put_table(to, &course, color);
        ut_buf_byte(to, '\n');
        ut_grid_put_table(to, &o->grid, color);
    }
    return st;
}

static void put_json(ut_buf *to, const own *o)
{
    ut_buf_format(to, "{\"report\":\"mine\",\"person\":%lld,\"state\":", (long long)o->person);
    ut_buf_json_str(to, o->state);
    ut_buf_puts(to, ",\"grain\":");
    ut_buf_json_str(to, o->grain);
    ut_buf_puts(to, ",\"note\":");
    ut_buf note = ut_buf_make(4096);
    put_state(&note, o);
    ut_buf_json_str(to, ut_str_trim(ut_buf_str(&note)));
    to->failed = to->failed ? to->failed : note.failed;
    ut_buf_free(&note);
    ut_buf_puts(to, ",\"rows\":");
    ut_grid_put_json(to, &o->grid);
    ut_buf_puts(to, "}\n");
}

static ut_status read_rows(own *o, ut_arena *keep, ut_workspace *workspace, const ut_report_options *options,
                           ut_err *err)
{
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    ut_status st = ut_workspace_lake(workspace, &lake, 1024, err);
    st = st == UT_OK ? ut_own_rows(&rows, lake, o->person, o->grain, ut_str_of(options->from), ut_str_of(options->to),
                                   err)
                     : st;
    st = st == UT_OK ? ut_grid_of_rows(&o->grid, keep, rows, err) : st;
    ut_rows_close(&rows);
    for (int i = 0; st == UT_OK && i < COLUMNS; i++) {
        o->grid.columns[i].title = heading(i);
        o->grid.columns[i].decimals = 2;
    }
    return st;
}

ut_status ut_own_put(ut_buf *to, ut_arena *keep, ut_workspace *workspace, const ut_report_options *options, ut_err *err)
{
    own o = {.grain = ut_str_of(options->grain ? options->grain : "week")};
    ut_output output;
    ut_status st = ut_output_parse(&output, options->format, err);
    if (st == UT_OK && options->team) {
        st = ut_fail(err, UT_INVALID, "report mine is about one person and takes no --team");
    }
    st = st == UT_OK ? ut_principal_see(workspace, options->principal, &o.person, options->person, err) : st;
    st = st == UT_OK ? ut_principal_log(workspace, options->principal, UT_STR("report"), o.person, UT_STR("mine"), err)
                     : st;
    st = st == UT_OK ? ut_principal_state(workspace, keep, o.person, &o.state, &o.since, err) : st;
    st = st == UT_OK ? read_rows(&o, keep, workspace, options, err) : st;
    if (st != UT_OK) {
        return st;
    }
    o.other = o.person != options->principal->person;
    if (output == UT_OUTPUT_TABLE) {
        st = put_table(to, keep, &o, options->color);
        return st == UT_OK ? st : ut_fail(err, st, "the report is too large; narrow it with --from and --to");
    }
    if (output == UT_OUTPUT_CSV) {
        ut_grid_put_csv(to, &o.grid);
    } else {
        put_json(to, &o);
    }
    return UT_OK;
}
