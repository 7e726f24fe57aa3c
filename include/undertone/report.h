/* undertone/report.h — what may be seen: group figures above the floors, for everyone; more for the audited owner.
 *
 *     ut_report_options options = {.grain = "week"};
 *     ut_buffer *out = NULL;
 *     if (ut_report(&out, workspace, UT_STR("teams"), &options, &err) == UT_OK) {
 *         fwrite(out->bytes, 1, out->len, stdout);
 *     }
 *     ut_buffer_free(&out);
 *
 * A figure that is not shown says why. Nothing here returns a value of one person.
 */
#ifndef UNDERTONE_REPORT_H
#define UNDERTONE_REPORT_H

#include "undertone/workspace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes the library made for the caller, who frees them. */
typedef struct ut_buffer {
    size_t len;
    char bytes[];
} ut_buffer;

/* NULL and twice are fine. */
UT_PUBLIC void ut_buffer_free(ut_buffer **buffer);

typedef struct ut_report_options {
    const char *format; /* "table" (default), "json" (one line), "csv" */
    const char *grain;  /* "day", "week" (default, ISO), "month" */
    const char *team;   /* only this team; NULL = all */
    const char
        *from; /* first day, YYYY-MM-DD; NULL = the beginning. Periods that only partly lie inside are left out */
    const char *to;     /* last day, inclusive; NULL = the end */
    bool color;         /* table: terminal colours */
} ut_report_options;

/* Runs the report called `name`. UT_NOT_FOUND: no such report, or no such team; UT_INVALID: a wrong option. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_report(ut_buffer **ret, ut_workspace *workspace, ut_str name,
                                            const ut_report_options *options, ut_err *err);

typedef struct ut_report_info {
    const char *name;
    const char *title; /* one line */
} ut_report_info;

/* The reports there are, ended by {NULL, NULL}. Static. */
UT_PUBLIC const ut_report_info *ut_report_list(void);

/* SQL over what the principal may see, in a database of its own: v_team_day, v_team_week, v_team_month for the analyst,
 * with withheld figures as NULL. `format` as in ut_report_options. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_sql_analyst(ut_buffer **ret, ut_workspace *workspace, ut_str sql,
                                                 const char *format, ut_err *err);
/* SQL over the lake, read-only, for whoever holds the key. Writes who, what and why to the audit log first; UT_INVALID
 * without a purpose. The workspace must be open for writing, since the log is part of it. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_sql_owner(ut_buffer **ret, ut_workspace *workspace, ut_str sql, ut_str purpose,
                                               const char *format, ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
