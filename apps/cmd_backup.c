/* apps/cmd_backup.c — `undertone backup` and `undertone restore`. */
#include "apps/commands.h"

#include "base/base.h"
#include "base/time.h"
#include "store/backup.h"

#include <stdio.h>

const char ut_help_backup[] =
    "usage: undertone backup DIR\n"
    "       undertone backup list\n"
    "       undertone backup verify DIR\n\n"
    "Copies everything that can't be made again into the new folder DIR: one snapshot, still encrypted, with a\n"
    "manifest that tells when a byte was changed. It holds neither the key (keep a copy of that elsewhere) nor the\n"
    "derived tables (`analyze` makes them again). A backup needs the key of its time: after `key rotate`, keep the\n"
    "old key as long as backups of before, or make a new backup and delete them.\n"
    "list names every backup this workspace made, and whether it is still there: an erasure goes through them, and\n"
    "can't reach those that were moved. verify reads one to its end.\n\n"
    "examples:\n"
    "  undertone backup /mnt/safe/undertone-2026-11\n"
    "  undertone backup verify /mnt/safe/undertone-2026-11\n";

const char ut_help_restore[] =
    "usage: undertone restore DIR [--workspace NEW] [--key-file FILE]\n\n"
    "Verifies the backup DIR and makes it the workspace NEW, where there must be none yet. The key of the backup's\n"
    "time comes from --key-file, UNDERTONE_KEY or NEW/workspace.key. Run `undertone analyze` afterwards. Erasures\n"
    "since the backup that could not reach it must be run again.\n\n"
    "examples:\n"
    "  undertone restore /mnt/safe/undertone-2026-11 --workspace /srv/undertone --key-file /mnt/keys/undertone.key\n";

static void put_info(ut_buf *out, const ut_backup_info *info)
{
    char made[32];
    (void)ut_time_format(made, info->made_us);
    ut_buf_puts(out, "{\"path\":");
    ut_buf_json_str(out, ut_str_of(info->path));
    ut_buf_format(out, ",\"made\":\"%s\",\"records\":%lld,\"identities\":%lld,\"persons\":%lld,\"bytes\":%lld}\n", made,
                  (long long)info->records, (long long)info->identities, (long long)info->persons,
                  (long long)info->bytes);
}

static void put_line(ut_buf *out, const char *what, const ut_backup_info *info)
{
    ut_buf_format(out, "%s %s: %lld records of %lld authors, %lld MB.\n", what, info->path, (long long)info->records,
                  (long long)info->identities, (long long)(info->bytes + 999999) / 1000000);
}

typedef struct listing {
    const ut_cli *cli;
    ut_buf out;
    int64_t count;
} listing;

static ut_status put_row(void *ctx, const ut_backup_row *row, ut_err *err)
{
    listing *l = ctx;
    char at[32];
    (void)ut_time_format(at, row->at_us);
    if (l->cli->json) {
        ut_buf_puts(&l->out, l->count ? ",{\"path\":" : "{\"path\":");
        ut_buf_json_str(&l->out, ut_str_of(row->path));
        ut_buf_format(&l->out, ",\"made\":\"%s\",\"there\":%s}", at, row->there ? "true" : "false");
    } else {
        ut_buf_format(&l->out, "%s  %s%s\n", at, row->path, row->there ? "" : "  (not there)");
    }
    l->count++;
    return l->out.failed ? ut_fail(err, l->out.failed, "there are too many backups to list at once") : UT_OK;
}

/* Ends a command: its answer or its failure. */
static int finish(const ut_cli *cli, ut_workspace **workspace, ut_buf *out, ut_status st, const ut_err *err)
{
    ut_workspace_close(workspace);
    int code = st == UT_OK ? ut_cli_put(cli, out->ptr, out->len) : ut_cli_fail(cli, err);
    ut_buf_free(out);
    return code;
}

static int list(const ut_cli *cli)
{
    listing l = {.cli = cli, .out = ut_buf_make(16 * UT_MIB)};
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_READ, false, &err);
    ut_buf_puts(&l.out, cli->json ? "{\"backups\":[" : "");
    st = st == UT_OK ? ut_backup_each(workspace, put_row, &l, &err) : st;
    ut_buf_puts(&l.out, cli->json ? "]}\n" : l.count ? "" : "No backups.\n");
    return finish(cli, &workspace, &l.out, st, &err);
}

int ut_cmd_backup(const ut_cli *cli)
{
    if (cli->argc == 2 && strcmp(cli->argv[1], "list") == 0) {
        return list(cli);
    }
    bool verify = cli->argc > 1 && strcmp(cli->argv[1], "verify") == 0;
    if (cli->argc != 2 + verify || cli->argv[1 + verify][0] == '-') {
        return ut_cli_usage(cli, "where to? name a new folder; or say `list`, or `verify` and a folder");
    }
    const char *path = cli->argv[1 + verify];
    ut_workspace *workspace = NULL;
    ut_buf out = ut_buf_make(64 * UT_KIB);
    ut_backup_info info = {0};
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, verify ? UT_WORKSPACE_READ : UT_WORKSPACE_WRITE, false, &err);
    if (st == UT_OK) {
        st = verify ? ut_backup_verify(&info, workspace, path, &err) : ut_backup_make(&info, workspace, path, &err);
    }
    if (cli->json) {
        put_info(&out, &info);
    } else {
        put_line(&out, verify ? "Verified" : "Made", &info);
        ut_buf_puts(&out, verify ? "" : "The key is not in it: keep a copy of that elsewhere.\n");
    }
    return finish(cli, &workspace, &out, st, &err);
}

int ut_cmd_restore(const ut_cli *cli)
{
    if (cli->argc != 2 || cli->argv[1][0] == '-') {
        return ut_cli_usage(cli, "which backup? name its folder; --workspace says where to");
    }
    ut_workspace_options options = {.path = cli->workspace, .key_file = cli->key_file};
    ut_workspace *none = NULL;
    ut_buf out = ut_buf_make(64 * UT_KIB);
    ut_backup_info info = {0};
    ut_err err = {0};
    ut_status st = ut_backup_restore(&info, cli->argv[1], &options, &err);
    if (cli->json) {
        put_info(&out, &info);
    } else {
        put_line(&out, "Restored", &info);
        ut_buf_puts(&out, "Next: `undertone analyze`. Erasures that could not reach this backup must be run again.\n");
    }
    return finish(cli, &none, &out, st, &err);
}
