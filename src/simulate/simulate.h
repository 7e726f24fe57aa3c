/* simulate/simulate.h — writes a sample organisation as real exports, with the truth about its people recorded beside.
 *
 *     ut_sim_options options = ut_sim_options_default();
 *     ut_sim_out out;
 *     options.seed = 7;
 *     st = ut_sim_out_dir(&out, "sample", &err);
 *     if (st == UT_OK) {
 *         st = ut_simulate(&counts, &out, &options, &err);
 *         st = ut_sim_out_close(&out, st, &err);           // keeps the first failure
 *     }
 *
 * The same options give the same bytes on any machine: all randomness comes from the seed in integer arithmetic, and no
 * clock is read. Memory is bounded by the number of people, not by the number of weeks. One thread per call.
 */
#ifndef UT_SIMULATE_SIMULATE_H
#define UT_SIMULATE_SIMULATE_H

#include "base/base.h"

/* What is written; people.csv and the truth always are. */
typedef enum ut_sim_part {
    UT_SIM_MAIL = 1,     /* mail/YYYY-MM.mbox and mail/list-<team>.mbox */
    UT_SIM_CHAT = 2,     /* slack/: a workspace export */
    UT_SIM_CALENDAR = 4, /* calendar/<person>.ics */
    UT_SIM_WORK = 8,     /* work/issues-NNNN.json */
    UT_SIM_LINES = 16,   /* chat.ndjson: the product's own record format */
    UT_SIM_ALL = 31
} ut_sim_part;

typedef struct ut_sim_options {
    uint64_t seed;
    uint32_t people;            /* 3 .. UT_SIM_PEOPLE_MAX */
    uint32_t teams;             /* 1 .. people / 2 */
    uint32_t weeks;             /* 1 .. UT_SIM_WEEKS_MAX */
    int64_t from_day;           /* first day, in days since 1970-01-01 */
    uint32_t parts;             /* of ut_sim_part */
    uint64_t bytes_min;         /* go on past `weeks` until mail (then one mailbox) and chat hold this much; 0 = off */
    uint32_t episodes_permille; /* planted episodes per person-month, in thousandths */
    bool zip;                   /* also slack.zip with the same members as slack/ */
} ut_sim_options;

#define UT_SIM_PEOPLE_MAX 5000
#define UT_SIM_WEEKS_MAX 520

/* seed 1, 48 people, 5 teams, 12 weeks from 2026-01-05, everything, 200 episodes per 1,000 person-months. */
ut_sim_options ut_sim_options_default(void);

typedef struct ut_sim_counts {
    uint64_t people, teams, channels;
    uint64_t chat_messages;   /* written by people in Slack */
    uint64_t chat_machine;    /* bot messages, joins, tombstones */
    uint64_t mails;           /* written by people inside the organisation */
    uint64_t mails_outside;   /* written by customers and suppliers */
    uint64_t mails_machine;   /* notices, out-of-office answers, newsletters */
    uint64_t line_messages;   /* in chat.ndjson */
    uint64_t meetings;        /* meetings outside a series, and series */
    uint64_t issues, comments;
    uint64_t episodes, person_months_milli;
    uint64_t bytes;           /* all files together */
    uint64_t digest;          /* of paths and bytes in the order written: equal for equal runs */
} ut_sim_counts;

/* Where files go. `append` adds bytes to the file `path` (relative, '/' between parts), made when first named. */
typedef struct ut_sim_out {
    void *ctx;
    ut_status (*append)(void *ctx, ut_str path, ut_str bytes, ut_err *err);
    /* NULL is allowed. Called once; `ok` says whether the run succeeded. */
    ut_status (*close)(void *ctx, bool ok, ut_err *err);
} ut_sim_out;

/* Writes everything to `out`. UT_INVALID when an option is out of range (the message names it); UT_NOMEM; what `out`
 * answers. ret_counts is written on success only. */
UT_MUST_CHECK ut_status ut_simulate(ut_sim_counts *ret_counts, const ut_sim_out *out, const ut_sim_options *options,
                                    ut_err *err);

/* A new folder (its parent must exist). UT_INVALID when it exists and is not empty, so that two runs never mix. */
UT_MUST_CHECK ut_status ut_sim_out_dir(ut_sim_out *ret, const char *path, ut_err *err);
/* Closes and frees; answers `so_far` unless that is UT_OK and closing fails. `out` is zeroed; twice is fine. */
ut_status ut_sim_out_close(ut_sim_out *out, ut_status so_far, ut_err *err);

#endif
