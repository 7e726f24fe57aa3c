/* undertone/export.h — everything held about a person, for that person; and tables of what may be seen.
 *
 *     ut_principal anna;
 *     if (ut_principal_parse(&anna, workspace, "person:anna@example.org", NULL, &err) == UT_OK &&
 *         ut_export_person_file(workspace, &anna, "anna.json", NULL, &err) == UT_OK) {
 *         puts("everything held about Anna is in anna.json");
 *     }
 *
 * All of it is written to the audit log: open the workspace for writing.
 */
#ifndef UNDERTONE_EXPORT_H
#define UNDERTONE_EXPORT_H

#include "undertone/report.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ut_export_options {
    bool raw; /* the records verbatim too; they may quote others and hold their addresses */
} ut_export_options;

/* Where an export goes, piece by piece; what is not UT_OK ends it and is returned. */
typedef ut_status (*ut_export_write)(void *ctx, ut_str bytes, ut_err *err);

/* Everything held about a person, as one JSON document: what people.csv says, names and handles, teams,
 * decisions, every record they wrote with what was made of it, what is kept how long, who looked. Others' data is left
 * out. Memory does not grow with the number of records. options NULL = defaults. UT_DENIED unless `principal` is a
 * person: it is for them alone. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_export_person(ut_workspace *workspace, const ut_principal *principal,
                                                   const ut_export_options *options, ut_export_write write, void *ctx,
                                                   ut_err *err);
/* The same into a file (mode 0600), which is there whole or not at all. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_export_person_file(ut_workspace *workspace, const ut_principal *principal,
                                                        const char *path, const ut_export_options *options,
                                                        ut_err *err);
/* The tables that ut_sql shows the principal, as files <table>.parquet or <table>.csv in a new folder `path`, which is
 * there whole or not at all; for the owner also v_messages, rows of persons without text. `format`: "parquet" or "csv".
 * UT_INVALID when there is something at `path` already. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_export_tables(ut_workspace *workspace, const ut_principal *principal,
                                                   const char *format, const char *path, ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
