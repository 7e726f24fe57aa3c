/* undertone/report.h — what may be seen, by whom: group figures above the floors for everyone; a person's own values
 * for that person; more for the audited owner.
 *
 *     ut_report_options options = {.grain = "week"};
 *     ut_buffer *out = NULL;
 *     if (ut_report(&out, workspace, UT_STR("teams"), &options, &err) == UT_OK) {
 *         fwrite(out->bytes, 1, out->len, stdout);
 *     }
 *     ut_buffer_free(&out);
 *
 *     ut_principal anna;                               // the workspace must be open for writing: it is logged
 *     if (ut_principal_parse(&anna, workspace, "person:anna@example.org", NULL, &err) == UT_OK) {
 *         options.principal = &anna;
 *         st = ut_report(&out, workspace, UT_STR("mine"), &options, &err);
 *     }
 *
 * A figure that is not shown says why, and what would be shown instead.
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

/* Who asks. {0} is the analyst, who sees least: figures of groups. */
typedef enum ut_principal_kind {
    UT_PRINCIPAL_ANALYST,
    UT_PRINCIPAL_PERSON,  /* sees own values, and what an analyst sees */
    UT_PRINCIPAL_MANAGER, /* sees what an analyst sees, of the own team and those below it only */
    UT_PRINCIPAL_OWNER,   /* sees rows of persons, with a purpose */
} ut_principal_kind;

typedef struct ut_principal {
    ut_principal_kind kind;
    int64_t person;      /* PERSON, MANAGER: who, as ut_principal_parse found it */
    const char *purpose; /* OWNER: why; borrowed */
} ut_principal;

/* "analyst" (or NULL), "person:WHO", "manager:WHO", "owner"; WHO is an id of people.csv, a mail address or a handle.
 * UT_NOT_FOUND: nobody is called that; UT_INVALID: none of these, or an owner without a purpose. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_principal_parse(ut_principal *ret, ut_workspace *workspace, const char *text,
                                                     const char *purpose, ut_err *err);

typedef struct ut_report_options {
    const ut_principal *principal; /* NULL = the analyst. Everyone else is logged: open the workspace for writing */
    const char *person; /* report "mine": somebody else's values, if that person shares them; NULL = the own */
    const char *format; /* "table" (default), "json" (one line), "csv" */
    const char *grain;  /* "day", "week" (default, ISO), "month" */
    const char *team;   /* only this team; NULL = all */
    const char
        *from; /* first day, YYYY-MM-DD; NULL = the beginning. Periods that only partly lie inside are left out */
    const char *to;     /* last day, inclusive; NULL = the end */
    bool color;         /* table: terminal colours */
} ut_report_options;

/* Runs the report called `name`. UT_NOT_FOUND: no such report, or no such team; UT_INVALID: a wrong option; UT_DENIED:
 * not for this principal, err says for whom it is and what would be shown instead. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_report(ut_buffer **ret, ut_workspace *workspace, ut_str name,
                                            const ut_report_options *options, ut_err *err);

typedef struct ut_report_info {
    const char *name;
    const char *title; /* one line */
} ut_report_info;

/* The reports there are, ended by {NULL, NULL}. Static. */
UT_PUBLIC const ut_report_info *ut_report_list(void);

/* SQL over what the principal may see, in a database of its own: v_team_day, v_team_week, v_team_month (and v_all_… of
 * the whole organisation, none for a manager) with withheld figures as NULL; for a person also v_my_messages, v_my_day,
 * v_my_week, v_my_month. The owner reads the lake, v_messages among it. One SELECT, at most 30 seconds. `format` as in
 * ut_report_options; principal NULL = the analyst. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_sql(ut_buffer **ret, ut_workspace *workspace, const ut_principal *principal,
                                         ut_str sql, const char *format, ut_err *err);

/* The log of who saw or changed what. The owner sees all of it, or what is about `person` (NULL = all); a person sees
 * what is about them, and that the owner read rows of everybody. UT_DENIED for anyone else. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_audit_show(ut_buffer **ret, ut_workspace *workspace,
                                                const ut_principal *principal, const char *person, const char *format,
                                                ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
