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

#ifdef __cplusplus
}
#endif
#endif
