/* store/backup.h — a copy of the truth in a folder of its own, and back.
 *
 *     backup-2026-11/
 *       truth.sqlite     one snapshot, written anew page by page (VACUUM INTO): nothing deleted is in it
 *       manifest.json    when, how much, which key, and a keyed digest of the file and of these figures
 *
 *     st = ut_backup_make(&info, workspace, "/mnt/backup-2026-11", &err);
 *     st = ut_backup_restore(&info, "/mnt/backup-2026-11", &(ut_workspace_options){.path = "new", .key_file = …},
 * &err);
 *
 * The lake is not in it: `analyze` makes the same tables again. Nor is the key; a backup is sealed by the workspace key
 * of its time, and whoever restores it where the workspace is lost needs that one. The workspace itself reaches its
 * older backups without it (store/keyring.h), so that an erasure can change them:
 *
 *     st = ut_backup_open(&copy, workspace, path, &err);   // a workspace like any other
 *     … delete in copy->truth …
 *     st = ut_backup_close(&copy, path, &err);             // and its manifest is true again
 *
 * Every backup is noted in the table `backup` before its first byte is written, so that none is missed.
 */
#ifndef UT_STORE_BACKUP_H
#define UT_STORE_BACKUP_H

#include "store/workspace.h"

typedef struct ut_backup_info {
    char path[UT_PATH_BYTES_MAX]; /* from the root */
    int64_t made_us;
    int64_t records;
    int64_t identities;
    int64_t persons;
    int64_t bytes;
    ut_digest print; /* of the key: ut_keyring_print */
} ut_backup_info;

/* Makes the folder `path`, which must not be there. Killed half-way it leaves `path`.partial, which the next call
 * replaces. UT_INVALID: there is something at `path`. */
UT_MUST_CHECK ut_status ut_backup_make(ut_backup_info *ret, ut_workspace *workspace, const char *path, ut_err *err);
/* Reads it to the end. UT_CORRUPT: a byte of file or manifest was changed; UT_DENIED: not this workspace's;
 * UT_NOT_FOUND. */
UT_MUST_CHECK ut_status ut_backup_verify(ut_backup_info *ret, ut_workspace *workspace, const char *path, ut_err *err);
/* Verifies the backup and makes it the workspace that `options` name, where there must be none; opens it once to log
 * that. The key comes from where the options say. */
UT_MUST_CHECK ut_status ut_backup_restore(ut_backup_info *ret, const char *path, const ut_workspace_options *options,
                                          ut_err *err);

/* A backup as a workspace, to be changed. It is not verified: a change that was cut off leaves an untrue manifest. */
UT_MUST_CHECK ut_status ut_backup_open(ut_workspace **ret, ut_workspace *workspace, const char *path, ut_err *err);
/* Closes it and writes its manifest anew, also when nothing was changed. */
UT_MUST_CHECK ut_status ut_backup_close(ut_workspace **backup, const char *path, ut_err *err);

typedef struct ut_backup_row {
    const char *path; /* from the root; valid during the call */
    int64_t at_us;
    bool there; /* false: moved, deleted, not mounted, or never finished */
} ut_backup_row;
typedef ut_status (*ut_backup_fn)(void *ctx, const ut_backup_row *row, ut_err *err);
/* Every backup that was noted, oldest first. On a workspace open for writing, the rests of backups that were cut off
 * are removed on the way. A callback that fails ends it. */
UT_MUST_CHECK ut_status ut_backup_each(ut_workspace *workspace, ut_backup_fn fn, void *ctx, ut_err *err);
/* Takes one out of the list; its files are the caller's business. */
UT_MUST_CHECK ut_status ut_backup_forget(ut_workspace *workspace, const char *path, ut_err *err);

#endif
