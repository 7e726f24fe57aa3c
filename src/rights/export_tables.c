/* rights/export_tables.c — the tables a principal may see, as files. The statements that write them are ours alone:
 * the database with the tables never runs anybody else's. */
#include "egress/closed.h"
#include "os/file.h"
#include "undertone/export.h"

#include <stdio.h>

/* Teams' names are the only words in the tables that people chose; a spreadsheet must not run them. */
static const char no_formulas[] =
    " REPLACE (CASE WHEN regexp_matches(team, '^[-=+@\\t\\r]') THEN chr(39) || team ELSE team END AS team)";

/* COPY … TO 'folder/name.format'. A quote in the path is doubled. */
static ut_status copy_out(ut_lake *from, const char *name, const char *folder, const char *format, ut_err *err)
{
    ut_buf sql = ut_buf_make(64 * UT_KIB);
    bool csv = strcmp(format, "csv") == 0;
    bool team = strncmp(name, "v_team", 6) == 0 || strncmp(name, "v_all", 5) == 0 ||
                ut_str_ends(ut_str_of(name), UT_STR("messages"));
    ut_buf_format(&sql, "COPY (SELECT *%s FROM %s) TO '", csv && team ? no_formulas : "", name);
    for (const char *p = folder; *p; p++) {
        ut_buf_put(&sql, *p == '\'' ? UT_STR("''") : (ut_str){p, 1});
    }
    ut_buf_format(&sql, "/%s.%s' (FORMAT %s%s)", name, format, format, csv ? ", HEADER" : "");
    ut_buf_byte(&sql, '\0');
    ut_status st = sql.failed ? ut_fail(err, sql.failed, "memory ended while exporting")
                              : ut_lake_exec(from, sql.ptr, err);
    ut_buf_free(&sql);
    return st;
}

static ut_status copy_all(ut_workspace *workspace, const ut_principal *principal, const char *format,
                          const char *folder, ut_err *err)
{
    static const char *const team[] = {"v_team_day", "v_team_week", "v_team_month",
                                       "v_all_day",  "v_all_week",  "v_all_month"};
    static const char *const own[] = {"v_my_messages", "v_my_day", "v_my_week", "v_my_month"};
    ut_principal_kind kind = ut_principal_kind_of(principal);
    ut_lake *closed = NULL, *lake = NULL;
    ut_status st = ut_closed_open(&closed, workspace, principal, false, err);
    for (int i = 0; st == UT_OK && i < (kind == UT_PRINCIPAL_MANAGER ? 3 : 6); i++) {
        st = copy_out(closed, team[i], folder, format, err);
    }
    for (int i = 0; st == UT_OK && kind == UT_PRINCIPAL_PERSON && i < 4; i++) {
        st = copy_out(closed, own[i], folder, format, err);
    }
    ut_lake_close(&closed);
    if (st == UT_OK && kind == UT_PRINCIPAL_OWNER) {
        st = ut_workspace_lake(workspace, &lake, 1024, err);
        st = st == UT_OK ? copy_out(lake, "v_messages", folder, format, err) : st;
    }
    return st;
}

ut_status ut_export_tables(ut_workspace *workspace, const ut_principal *principal, const char *format,
                           const char *path, ut_err *err)
{
    char folder[UT_PATH_BYTES_MAX];
    if (strcmp(format, "parquet") != 0 && strcmp(format, "csv") != 0) {
        return ut_fail(err, UT_INVALID, "tables are exported as parquet or csv, not «%s»", format);
    }
    if (snprintf(folder, sizeof folder, "%s.export-new", path) >= (int)sizeof folder) {
        return ut_fail(err, UT_LIMIT, "the path %.80s… is too long", path);
    }
    if (ut_file_kind_of(path) != UT_FILE_ABSENT) {
        return ut_fail(err, UT_INVALID, "there is something at %s already; name a folder that is not there", path);
    }
    ut_status st = ut_principal_log(workspace, principal, UT_STR("export"), 0, ut_str_of(format), err);
    if (st == UT_OK && ut_file_kind_of(folder) == UT_FILE_FOLDER) {
        st = ut_file_drop_folder(folder, err); /* of a run that was killed */
    }
    st = st == UT_OK ? ut_file_make_folder(folder, 0700, err) : st;
    if (st != UT_OK) {
        return st;
    }
    st = copy_all(workspace, principal, format, folder, err);
    st = st == UT_OK ? ut_file_rename(folder, path, err) : st;
    if (st != UT_OK) {
        (void)!ut_file_drop_folder(folder, NULL);
    }
    return st;
}
