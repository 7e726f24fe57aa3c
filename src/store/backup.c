/* store/backup.c — one snapshot of the truth, its manifest, and the way back.
 *
 * Order when made: noted in `backup` (with the audit entry) · PATH.partial is written and brought to the disk ·
 * renamed. Order when restored: copied beside its place while its digest is taken · what a lost truth left (log, lake)
 * is removed, since SQLite would play an old log into the new file · renamed.
 *
 * The digest is a chain of keyed digests over pieces of 1 MiB. Its key is derived from the workspace key of the time,
 * so that who can't read the workspace can't forge a backup of it either.
 */
#include "store/backup.h"

#include "base/time.h"
#include "codec/json.h"
#include "os/clock.h"
#include "store/audit.h"
#include "store/keyring.h"

#include <stdio.h>

/* FILE_ROOM: a folder and the name of a file in it. */
enum { PIECE_BYTES = 1024 * 1024, FORMAT_VERSION = 1, FILE_ROOM = UT_PATH_BYTES_MAX + 32 };

static void path_of(char out[FILE_ROOM], const char *folder, const char *name)
{
    (void)snprintf(out, FILE_ROOM, "%s/%s", folder, name);
}

/* `path` without slashes at its end, and with `more`. */
static ut_status neat_path(char ret[UT_PATH_BYTES_MAX], const char *path, const char *more, ut_err *err)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    return snprintf(ret, UT_PATH_BYTES_MAX, "%.*s%s", (int)len, path, more) < UT_PATH_BYTES_MAX
               ? UT_OK
               : ut_fail(err, UT_LIMIT, "the path %.80s… is too long", path);
}

static ut_status remove_if_there(const char *folder, const char *name, ut_err *err)
{
    char path[FILE_ROOM];
    path_of(path, folder, name);
    return ut_file_kind_of(path) == UT_FILE_ABSENT ? UT_OK : ut_file_remove(path, err);
}

/* The manifest ------------------------------------------------------------------------------------------------------
 */

static void put_hex(ut_buf *to, const ut_digest *digest)
{
    for (size_t i = 0; i < sizeof digest->bytes; i++) {
        ut_buf_format(to, "%02x", digest->bytes[i]);
    }
}

static bool take_hex(ut_digest *ret, ut_str hex)
{
    if (hex.len != 2 * sizeof ret->bytes) {
        return false;
    }
    for (size_t i = 0; i < hex.len; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *at = memchr(digits, hex.ptr[i], 16);
        if (!at) {
            return false;
        }
        ret->bytes[i / 2] = (unsigned char)((i % 2 ? ret->bytes[i / 2] << 4 : 0) | (at - digits));
    }
    return true;
}

/* Over the figures of the manifest and the bytes of `from`, which are copied to `copy` on the way unless that is NULL.
 */
static ut_status digest_file(ut_digest *ret, const ut_backup_info *info, const ut_key *wrap, const char *from,
                             const ut_file *copy, ut_err *err)
{
    char figures[160];
    int len = snprintf(figures, sizeof figures, "%lld %lld %lld %lld %lld", (long long)info->made_us,
                       (long long)info->records, (long long)info->identities, (long long)info->persons,
                       (long long)info->bytes);
    ut_key key = ut_seal_derive(wrap, "backup", FORMAT_VERSION);
    ut_str start[] = {UT_STR("backup"), {figures, (size_t)len}};
    ut_digest digest = ut_seal_digest(&key, start, 2);
    ut_buf piece = ut_buf_make(PIECE_BYTES);
    ut_file file = {-1};
    ut_status st = ut_file_open_read(&file, from, err);
    while (st == UT_OK) {
        char *to = ut_buf_reserve(&piece, PIECE_BYTES);
        size_t got = 0;
        st = to ? UT_OK : ut_fail(err, piece.failed, "memory ended while reading %s", from);
        /* A read may give less than there is; the pieces must not depend on that. */
        do {
            piece.len += got;
            st = st == UT_OK ? ut_file_read(&file, to + piece.len, PIECE_BYTES - piece.len, &got, err) : st;
        } while (st == UT_OK && got);
        if (st != UT_OK || piece.len == 0) {
            break;
        }
        ut_str parts[] = {ut_digest_str(&digest), ut_buf_str(&piece)};
        digest = ut_seal_digest(&key, parts, 2);
        st = copy ? ut_file_write(copy, ut_buf_str(&piece), err) : UT_OK;
        ut_buf_clear(&piece);
    }
    ut_file_close(&file);
    ut_buf_free(&piece);
    ut_seal_wipe(&key, sizeof key);
    if (st == UT_OK) {
        *ret = digest;
    }
    return st;
}

static ut_status write_manifest(const ut_backup_info *info, const ut_digest *digest, const char *folder, ut_err *err)
{
    char path[FILE_ROOM], made[32];
    ut_buf json = ut_buf_make(4096);
    (void)ut_time_format(made, info->made_us);
    ut_buf_format(&json,
                  "{\"format\":\"undertone backup\",\"version\":%d,\"undertone\":\"%s\",\"made\":\"%s\",\"key\":\"",
                  FORMAT_VERSION, ut_version(), made);
    put_hex(&json, &info->print);
    ut_buf_format(&json, "\",\"records\":%lld,\"identities\":%lld,\"persons\":%lld,\"bytes\":%lld,\"digest\":\"",
                  (long long)info->records, (long long)info->identities, (long long)info->persons,
                  (long long)info->bytes);
    put_hex(&json, digest);
    ut_buf_puts(&json, "\"}\n");
    path_of(path, folder, "manifest.json");
    ut_status st = json.failed ? ut_fail(err, json.failed, "memory ended while writing %s", path)
                               : ut_file_replace(path, ut_buf_str(&json), 0600, err);
    ut_buf_free(&json);
    return st;
}

static bool take_manifest(ut_backup_info *info, ut_digest *digest, const ut_json_node *root)
{
    int64_t version = 0;
    return ut_str_eq(ut_json_str(root, "format"), UT_STR("undertone backup")) &&
           ut_json_i64(root, "version", &version) && version == FORMAT_VERSION &&
           ut_time_parse(ut_json_str(root, "made"), &info->made_us) &&
           take_hex(&info->print, ut_json_str(root, "key")) && ut_json_i64(root, "records", &info->records) &&
           ut_json_i64(root, "identities", &info->identities) && ut_json_i64(root, "persons", &info->persons) &&
           ut_json_i64(root, "bytes", &info->bytes) && take_hex(digest, ut_json_str(root, "digest"));
}

static ut_status read_manifest(ut_backup_info *ret, ut_digest *ret_digest, const char *folder, ut_err *err)
{
    char path[FILE_ROOM];
    ut_backup_info info = {0};
    ut_digest digest;
    ut_json *json = NULL;
    const ut_json_node *root = NULL;
    ut_buf text = ut_buf_make(4096);
    path_of(path, folder, "manifest.json");
    ut_status st = ut_file_slurp(&text, path, err);
    if (st == UT_NOT_FOUND) {
        st = ut_fail(err, UT_NOT_FOUND, "%s is no backup: it has no manifest.json", folder);
    }
    st = st == UT_OK ? ut_json_open(&json, err) : st;
    if (st == UT_OK &&
        (ut_json_parse(json, &root, ut_buf_str(&text), NULL) != UT_OK || !take_manifest(&info, &digest, root))) {
        st = ut_fail(err, UT_CORRUPT, "%s is not the manifest of a backup that this version can read", path);
    }
    st = st == UT_OK ? ut_file_absolute(info.path, folder, err) : st;
    ut_json_close(&json);
    ut_buf_free(&text);
    if (st == UT_OK) {
        *ret = info;
        *ret_digest = digest;
    }
    return st;
}

/* Manifest and file must say the same; the bytes go to `copy` on the way unless that is NULL. */
static ut_status check(const ut_backup_info *info, const ut_digest *want, const ut_key *wrap, const char *folder,
                       const ut_file *copy, ut_err *err)
{
    char path[FILE_ROOM];
    ut_digest got;
    path_of(path, folder, "truth.sqlite");
    ut_status st = digest_file(&got, info, wrap, path, copy, err);
    return st == UT_OK && !ut_digest_eq(want, &got)
               ? ut_fail(err, UT_CORRUPT, "the backup %s is damaged: it is not what its manifest says", folder)
               : st;
}

/* Fills in what the file itself tells, and writes the manifest of a folder whose truth is closed. */
static ut_status seal(ut_backup_info *info, const ut_key *wrap, const char *folder, ut_err *err)
{
    char path[FILE_ROOM];
    ut_file_stamp stamp = {0};
    ut_digest digest;
    path_of(path, folder, "truth.sqlite");
    info->print = ut_keyring_print(wrap);
    ut_status st = ut_file_sync(path, err);
    st = st == UT_OK ? ut_file_stat(&stamp, path, err) : st;
    info->bytes = stamp.size_bytes;
    st = st == UT_OK ? digest_file(&digest, info, wrap, path, NULL, err) : st;
    return st == UT_OK ? write_manifest(info, &digest, folder, err) : st;
}

/* Making -------------------------------------------------------------------------------------------------------------
 */

static ut_status count_rows(ut_truth *truth, ut_backup_info *info, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, truth,
                                    "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM identity),"
                                    " (SELECT count(*) FROM person)",
                                    err);
    st = st == UT_OK ? ut_stmt_step(stmt, &row, err) : st;
    if (st == UT_OK) {
        info->records = ut_stmt_i64(stmt, 0);
        info->identities = ut_stmt_i64(stmt, 1);
        info->persons = ut_stmt_i64(stmt, 2);
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status remove_partial(const char *partial, ut_err *err)
{
    static const char *const names[] = {"truth.sqlite",         "truth.sqlite-wal",  "truth.sqlite-shm",
                                        "truth.sqlite-journal", "manifest.json.new", "manifest.json"};
    if (ut_file_kind_of(partial) != UT_FILE_FOLDER) {
        return UT_OK;
    }
    ut_status st = UT_OK;
    for (size_t i = 0; st == UT_OK && i < sizeof names / sizeof *names; i++) {
        st = remove_if_there(partial, names[i], err);
    }
    return st == UT_OK ? ut_file_remove_folder(partial, err) : st;
}

static ut_status note(ut_workspace *workspace, const ut_backup_info *info, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_begin(workspace->truth, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth, "INSERT OR REPLACE INTO backup VALUES (?1, ?2)", err)
                     : st;
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(info->path));
        ut_stmt_bind_i64(stmt, 2, info->made_us);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    ut_audit_entry entry = {.principal = UT_STR("key"), .action = UT_STR("backup"), .detail = ut_str_of(info->path)};
    st = st == UT_OK ? ut_audit_put(workspace, &entry, err) : st;
    st = st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(workspace->truth);
    }
    return st;
}

static ut_status fill(ut_backup_info *info, ut_workspace *workspace, const char *partial, ut_err *err)
{
    char path[FILE_ROOM];
    ut_stmt *stmt = NULL;
    ut_truth *copy = NULL;
    path_of(path, partial, "truth.sqlite");
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "VACUUM INTO ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(path));
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    /* Opening turns the copy's log on, which changes its header: now, and not after the digest was taken. */
    st = st == UT_OK ? ut_truth_open(&copy, path, UT_READ_WRITE, err) : st;
    st = st == UT_OK ? count_rows(copy, info, err) : st;
    ut_truth_close(&copy);
    return st == UT_OK ? seal(info, &workspace->keys.wrap, partial, err) : st;
}

ut_status ut_backup_make(ut_backup_info *ret, ut_workspace *workspace, const char *path, ut_err *err)
{
    char whole[UT_PATH_BYTES_MAX], partial[UT_PATH_BYTES_MAX];
    int64_t now_us = ut_clock_now_us();
    ut_backup_info info = {.made_us = now_us - now_us % UT_SECOND_US};
    ut_status st = neat_path(whole, path, "", err);
    st = st == UT_OK ? neat_path(partial, path, ".partial", err) : st;
    if (st == UT_OK && ut_file_kind_of(whole) != UT_FILE_ABSENT) {
        st = ut_fail(err, UT_INVALID, "there is something at %s already; name a folder that is not there", whole);
    }
    st = st == UT_OK ? remove_partial(partial, err) : st;
    st = st == UT_OK ? ut_file_make_folder(partial, 0700, err) : st;
    st = st == UT_OK ? ut_file_absolute(info.path, partial, err) : st;
    if (st != UT_OK) {
        return st;
    }
    info.path[strlen(info.path) - strlen(".partial")] = '\0';
    st = note(workspace, &info, err);
    st = st == UT_OK ? fill(&info, workspace, partial, err) : st;
    st = st == UT_OK ? ut_file_sync(partial, err) : st;
    st = st == UT_OK ? ut_file_rename(partial, whole, err) : st;
    if (st == UT_OK) {
        *ret = info;
    } else if (remove_partial(partial, NULL) == UT_OK) {
        (void)(ut_backup_forget(workspace, info.path, NULL) == UT_OK);
    }
    return st;
}

/* Reading back -------------------------------------------------------------------------------------------------------
 */

ut_status ut_backup_verify(ut_backup_info *ret, ut_workspace *workspace, const char *path, ut_err *err)
{
    char folder[UT_PATH_BYTES_MAX];
    ut_backup_info info;
    ut_digest digest;
    ut_key wrap;
    ut_status st = neat_path(folder, path, "", err);
    st = st == UT_OK ? read_manifest(&info, &digest, folder, err) : st;
    st = st == UT_OK ? ut_keyring_find(workspace, &wrap, ut_digest_str(&info.print), err) : st;
    if (st != UT_OK) {
        return st;
    }
    st = check(&info, &digest, &wrap, folder, NULL, err);
    ut_seal_wipe(&wrap, sizeof wrap);
    if (st == UT_OK) {
        *ret = info;
    }
    return st;
}

/* Copies the backup's truth to its place in `folder`, which holds none; the key must be the right one. */
static ut_status bring_back(const ut_backup_info *info, const ut_digest *digest, const ut_key *wrap, const char *from,
                            const char *folder, ut_err *err)
{
    static const char *const stale[] = {"truth.sqlite-wal", "truth.sqlite-shm", "lake.duckdb", "lake.duckdb.wal"};
    char partial[FILE_ROOM], truth[FILE_ROOM];
    ut_file copy = {-1};
    path_of(partial, folder, "truth.sqlite.partial");
    path_of(truth, folder, "truth.sqlite");
    ut_status st = ut_file_open_write(&copy, partial, 0600, err);
    st = st == UT_OK ? check(info, digest, wrap, from, &copy, err) : st;
    ut_file_close(&copy);
    st = st == UT_OK ? ut_file_sync(partial, err) : st;
    for (size_t i = 0; st == UT_OK && i < sizeof stale / sizeof *stale; i++) {
        st = remove_if_there(folder, stale[i], err);
    }
    st = st == UT_OK ? ut_file_rename(partial, truth, err) : st;
    if (st != UT_OK) {
        (void)(ut_file_remove(partial, NULL) == UT_OK);
    }
    return st;
}

/* The key that the options give must be the one of the backup's time. */
static ut_status find_key(ut_key *ret_wrap, const ut_backup_info *info, const char *folder, const char *key_file,
                          ut_err *err)
{
    char made[32];
    ut_status st = ut_keyring_given(ret_wrap, folder, key_file, err);
    ut_digest print = st == UT_OK ? ut_keyring_print(ret_wrap) : (ut_digest){0};
    (void)ut_time_format(made, info->made_us);
    return st == UT_OK && !ut_digest_eq(&print, &info->print)
               ? ut_fail(err, UT_DENIED,
                         "this is not the key of the backup %.200s; give the workspace key of %.10s with --key-file",
                         info->path, made)
               : st;
}

static ut_status log_restore(const ut_backup_info *info, const ut_workspace_options *options, ut_err *err)
{
    ut_workspace_options writing = *options;
    ut_workspace *workspace = NULL;
    writing.access = UT_WORKSPACE_WRITE;
    ut_audit_entry entry = {.principal = UT_STR("key"), .action = UT_STR("restore"), .detail = ut_str_of(info->path)};
    ut_status st = ut_workspace_open(&workspace, &writing, err);
    st = st == UT_OK ? ut_audit_append(workspace, &entry, err) : st;
    ut_workspace_close(&workspace);
    return st;
}

ut_status ut_backup_restore(ut_backup_info *ret, const char *path, const ut_workspace_options *options, ut_err *err)
{
    const char *folder = options->path ? options->path : UT_WORKSPACE_DEFAULT;
    char from[UT_PATH_BYTES_MAX], truth[FILE_ROOM], lock_path[FILE_ROOM];
    ut_backup_info info;
    ut_digest digest;
    ut_key wrap;
    ut_file lock = {-1};
    ut_status st = ut_seal_start(err);
    st = st == UT_OK ? neat_path(from, path, "", err) : st;
    st = st == UT_OK ? read_manifest(&info, &digest, from, err) : st;
    path_of(truth, folder, "truth.sqlite");
    path_of(lock_path, folder, "lock");
    if (st == UT_OK && ut_file_exists(truth)) {
        st = ut_fail(err, UT_INVALID, "there is a workspace at %s already; --workspace names a new one", folder);
    }
    st = st == UT_OK ? find_key(&wrap, &info, folder, options->key_file, err) : st;
    if (st != UT_OK) {
        return st;
    }
    st = ut_file_make_folder(folder, 0700, err);
    st = st == UT_OK ? ut_file_lock(&lock, lock_path, err) : st;
    st = st == UT_OK ? bring_back(&info, &digest, &wrap, from, folder, err) : st;
    ut_file_close(&lock);
    ut_seal_wipe(&wrap, sizeof wrap);
    st = st == UT_OK ? log_restore(&info, options, err) : st;
    if (st == UT_OK) {
        *ret = info;
    }
    return st;
}

/* For erasures -------------------------------------------------------------------------------------------------------
 */

ut_status ut_backup_open(ut_workspace **ret, ut_workspace *workspace, const char *path, ut_err *err)
{
    ut_backup_info info;
    ut_digest digest;
    ut_key wrap;
    ut_status st = read_manifest(&info, &digest, path, err);
    st = st == UT_OK ? ut_keyring_find(workspace, &wrap, ut_digest_str(&info.print), err) : st;
    if (st != UT_OK) {
        return st;
    }
    st = ut_workspace_open_wrapped(ret, path, &wrap, err);
    ut_seal_wipe(&wrap, sizeof wrap);
    return st;
}

ut_status ut_backup_close(ut_workspace **backup, const char *path, ut_err *err)
{
    ut_backup_info info;
    ut_digest digest;
    ut_key wrap = (*backup)->keys.wrap;
    bool done = false;
    ut_status st = read_manifest(&info, &digest, path, err);
    st = st == UT_OK ? count_rows((*backup)->truth, &info, err) : st;
    st = st == UT_OK ? ut_truth_checkpoint((*backup)->truth, &done, err) : st;
    ut_workspace_close(backup);
    if (st == UT_OK && !done) {
        st = ut_fail(err, UT_BUSY, "somebody reads the backup %s; run the same command again", path);
    }
    st = st == UT_OK ? seal(&info, &wrap, path, err) : st;
    ut_seal_wipe(&wrap, sizeof wrap);
    return st == UT_OK ? remove_if_there(path, "lock", err) : st;
}

static ut_status visit(ut_workspace *workspace, const ut_stmt *stmt, ut_backup_fn fn, void *ctx, ut_err *err)
{
    char path[UT_PATH_BYTES_MAX], partial[UT_PATH_BYTES_MAX], manifest[FILE_ROOM];
    (void)snprintf(path, sizeof path, UT_STR_FMT, UT_STR_ARG(ut_stmt_str(stmt, 0)));
    ut_status st = neat_path(partial, path, ".partial", err);
    st = st == UT_OK && workspace->access == UT_READ_WRITE ? remove_partial(partial, err) : st;
    path_of(manifest, path, "manifest.json");
    ut_backup_row row = {.path = path, .at_us = ut_stmt_i64(stmt, 1), .there = ut_file_exists(manifest)};
    return st == UT_OK ? fn(ctx, &row, err) : st;
}

ut_status ut_backup_each(ut_workspace *workspace, ut_backup_fn fn, void *ctx, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st =
        ut_truth_prepare(&stmt, workspace->truth, "SELECT path, at_us FROM backup ORDER BY at_us, path", err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        st = visit(workspace, stmt, fn, ctx, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_backup_forget(ut_workspace *workspace, const char *path, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "DELETE FROM backup WHERE path = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_text(stmt, 1, ut_str_of(path));
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}
