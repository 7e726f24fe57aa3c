/* apps/commands.h — one function and one help text per command; each lives in cmd_<name>.c. */
#ifndef UT_APPS_COMMANDS_H
#define UT_APPS_COMMANDS_H

#include "apps/cli.h"

extern const char ut_help_erase[], ut_help_init[], ut_help_ingest[], ut_help_analyze[], ut_help_run[], ut_help_report[],
    ut_help_sql[], ut_help_rejects[], ut_help_lake[], ut_help_audit[], ut_help_doctor[], ut_help_demo[];

extern const char ut_help_key[], ut_help_backup[], ut_help_restore[];
extern const char ut_help_policy[], ut_help_retention[];
extern const char ut_help_people[];
extern const char ut_help_export[];

int ut_cmd_backup(const ut_cli *cli);
int ut_cmd_export(const ut_cli *cli);
int ut_cmd_restore(const ut_cli *cli);
int ut_cmd_key(const ut_cli *cli);
int ut_cmd_policy(const ut_cli *cli);
int ut_cmd_retention(const ut_cli *cli);
int ut_cmd_people(const ut_cli *cli);
int ut_cmd_init(const ut_cli *cli);
int ut_cmd_ingest(const ut_cli *cli);
int ut_cmd_analyze(const ut_cli *cli);
int ut_cmd_run(const ut_cli *cli);
int ut_cmd_report(const ut_cli *cli);
int ut_cmd_sql(const ut_cli *cli);
int ut_cmd_rejects(const ut_cli *cli);
int ut_cmd_lake(const ut_cli *cli);
int ut_cmd_audit(const ut_cli *cli);
int ut_cmd_erase(const ut_cli *cli);
int ut_cmd_doctor(const ut_cli *cli);
int ut_cmd_demo(const ut_cli *cli);
/* These need no workspace, parse for themselves and answer --help; argv[0] is the command. */
int ut_cmd_score(int argc, char **argv);
int ut_cmd_evaluate(int argc, char **argv);
int ut_cmd_simulate(int argc, char **argv);

#endif
