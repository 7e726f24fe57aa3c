/* egress/ledger_int.h — shared by the steps of one freeze. Inside the room only. */
#ifndef UT_EGRESS_LEDGER_INT_H
#define UT_EGRESS_LEDGER_INT_H

#include "egress/ledger.h"

enum { UT_LEDGER_RUNS = 64 };

typedef struct ut_day_run {
    int64_t from, to; /* days since 1970-01-01, inclusive */
} ut_day_run;

typedef struct ut_ledger {
    ut_workspace *workspace;
    ut_truth *truth;
    ut_lake *lake;
    ut_grain grain;
    ut_floors floors;
    int64_t now_us;
    int32_t closed_day; /* the last day whose end is far enough behind us */
    ut_day_run runs[UT_LEDGER_RUNS]; /* days of UTC that hold anything to be looked at */
    size_t run_count;
    ut_arena arena;     /* for one segment or period at a time */
    ut_map frozen;      /* "YYYY-MM-DD" of the grain's frozen periods, "segment N" of frozen segments */
    ut_map open;        /* "DAY TEAM" of periods that are not closed yet */
    ut_stmt *add_segment, *add_atom, *add_cell;
} ut_ledger;

typedef struct ut_ledger_cell {
    ut_str team;            /* UT_CELL_ALL for the whole organisation */
    int32_t day;            /* some day of the period */
    bool text;
    const char *state;      /* "shown", "floor", "joined", "open" */
    const double *figures;  /* 1 of load, UT_METRICS - 1 of text; not used without people */
    const int64_t *people;
    size_t people_count;    /* 0: withheld */
} ut_ledger_cell;

/* Adds one cell; the first one of its kind stays. */
ut_status ut_ledger_put(ut_ledger *ledger, const ut_ledger_cell *cell, ut_err *err);
/* `start`: first day of a period of the ledger's grain. */
bool ut_ledger_is_frozen(const ut_ledger *ledger, int32_t start);
bool ut_ledger_is_closed(const ut_ledger *ledger, int32_t start);
/* What of v_messages is to be read, as SQL. */
void ut_ledger_put_filter(ut_buf *sql, const ut_ledger *ledger);
void ut_ledger_day_text(char out[16], int32_t day);

/* ledger_load.c: load cells of closed periods from atoms. */
ut_status ut_ledger_load_cells(ut_ledger *ledger, ut_err *err);
/* ledger_text.c: text cells of closed periods from the lake. */
ut_status ut_ledger_text_cells(ut_ledger *ledger, ut_err *err);

#endif
