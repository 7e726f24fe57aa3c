/* undertone/people.h — who is who: the roster, what was decided by hand, and what people decided for themselves.
 *
 *     ut_people_counts counts;
 *     st = ut_people_import(&counts, workspace, "people.csv", &err);
 *     st = ut_people_merge(workspace, UT_STR("slack:U024"), UT_STR("anna@example.org"), &err);
 *     st = ut_people_unmerge(workspace, UT_STR("slack:U024"), &err);   // and everything is as before
 *
 * A person is named by the id in people.csv, by an address, by a handle ("slack:U024"), or by number ("number:12", as
 * in the audit log). Every change goes into the audit log in the transaction that makes it; killed, it is all there or
 * not at all. Scores and figures follow with the next ut_analyze. Workspaces must be open for writing.
 */
#ifndef UNDERTONE_PEOPLE_H
#define UNDERTONE_PEOPLE_H

#include "undertone/report.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ut_people_counts {
    int64_t people;           /* rows taken */
    int64_t rejected;         /* rows left out */
    int64_t defaulted;        /* cells of taken rows that could not be read: time zone, work days, work hours */
    int64_t unknown_managers; /* rows whose manager is nobody in the file or the workspace, or the person itself */
    char first_reason[300];   /* why the first row was left out; "" if none */
    char first_note[300];     /* what the first default or unknown manager was; "" if none */
} ut_people_counts;

/* Reads people.csv (columns: docs/formats.md) in one transaction: teams and managers of the people it names are
 * replaced, people it does not name stay as they were. UT_INVALID when the file as a whole is not a people.csv. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_people_import(ut_people_counts *ret, ut_workspace *workspace, const char *path,
                                                   ut_err *err);

/* What a decision did: persons by number, as in the audit log. */
typedef struct ut_people_change {
    int64_t person;
    int64_t other; /* the one merged into, or shared with; 0 if none */
    bool changed;  /* false: it was so already, and nothing was written */
} ut_people_change;

/* From now on everything of `who` counts as `into`'s; `who` may be an outsider's handle, `into` is one of the
 * organisation. Groups of the one merged into hold. UT_INVALID: `who` counts as somebody else already, stands in
 * people.csv while `into` does not, or the two decided differently about their data. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_people_merge(ut_people_change *ret, ut_workspace *workspace, ut_str who,
                                                  ut_str into, ut_err *err);
/* Takes a merge back: everything derived is as if it had never been. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_people_unmerge(ut_people_change *ret, ut_workspace *workspace, ut_str who,
                                                    ut_err *err);
/* Marks one handle or address as "bot", "list" (a mailing list, a shared mailbox) or "person"; "auto" goes back to what
 * its source says. Bots and lists are nobody. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_people_mark(ut_people_change *ret, ut_workspace *workspace, ut_str handle,
                                                 ut_str mark, ut_err *err);
/* Notes what a person decided about their data: "notified" (processed, counted in groups), "consented", "objected",
 * "withdrawn", "restricted". It holds for all who count as this person, and stays when they are taken apart. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_people_state_set(ut_people_change *ret, ut_workspace *workspace, ut_str who,
                                                      ut_str state, ut_err *err);
/* `who` lets `viewer` see their own values (share) or no longer does. The caller vouches that it is `who` who asks. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_people_share(ut_people_change *ret, ut_workspace *workspace, ut_str who,
                                                  ut_str viewer, bool share, ut_err *err);

/* Names of everybody in one answer: for the owner, who says why; written to the audit log first. */
typedef struct ut_people_query {
    const char *purpose; /* required */
    const char *format;  /* "table" (default), "json" (one line) */
    bool externals;      /* list: those outside the organisation instead */
    bool bots;           /* list: bots and mailing lists instead */
} ut_people_query;

/* Who there is: number, id, name, team of today, time zone, work hours, state, handles, marks. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_people_list(ut_buffer **ret, ut_workspace *workspace,
                                                 const ut_people_query *query, ut_err *err);
/* Pairs that are probably one human, each with the reason. Nothing is merged by it. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_people_suggest(ut_buffer **ret, ut_workspace *workspace,
                                                    const ut_people_query *query, ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
