#include "harness/test.h"
#include "store/audit.h"
#include "store/backup.h"
#include "store/keyring.h"

#include <stdio.h>
#include <sys/stat.h>

/* A workspace with three identities that belong to nobody, and paths for what is made of it. */
typedef struct scene {
    ut_workspace *workspace;
    char dir[200], path[256], key[300], backup[256], partial[300], copy[256], copy_key[300];
} scene;

static scene scene_of(ut_test *t)
{
    scene s = {0};
    (void)snprintf(s.dir, sizeof s.dir, "%s", ut_test_dir(t));
    (void)snprintf(s.path, sizeof s.path, "%s/w", s.dir);
    (void)snprintf(s.key, sizeof s.key, "%s/w/workspace.key", s.dir);
    (void)snprintf(s.backup, sizeof s.backup, "%s/it's a backup", s.dir);
    (void)snprintf(s.partial, sizeof s.partial, "%s/it's a backup.partial", s.dir);
    (void)snprintf(s.copy, sizeof s.copy, "%s/copy", s.dir);
    (void)snprintf(s.copy_key, sizeof s.copy_key, "%s/key", s.dir);
    ut_workspace_options options = {.path = s.path, .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&s.workspace, &options, NULL) == UT_OK);
    UT_REQUIRE(ut_truth_exec(s.workspace->truth,
                             "INSERT INTO identity (digest, domain) VALUES (x'01', 'a'), (x'02', 'b'), (x'03', 'c')",
                             NULL) == UT_OK);
    return s;
}

static int64_t number(ut_test *t, ut_workspace *workspace, const char *sql)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, sql, NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    int64_t n = ut_stmt_i64(stmt, 0);
    ut_stmt_close(&stmt);
    return n;
}

/* Turns one bit of a file of the backup over, and says what verify says; the bit is turned back. */
static ut_status verify_with_wrong_bit(ut_test *t, const scene *s, const char *name, size_t at)
{
    char path[600];
    ut_backup_info info;
    (void)snprintf(path, sizeof path, "%s/%s", s->backup, name);
    ut_str content = ut_test_read(t, path);
    UT_REQUIRE(at < content.len);
    char *bytes = (char *)(uintptr_t)content.ptr;
    bytes[at] ^= 1;
    ut_test_write(t, path, content);
    ut_status st = ut_backup_verify(&info, s->workspace, s->backup, NULL);
    bytes[at] ^= 1;
    ut_test_write(t, path, content);
    return st;
}

UT_TEST(store_backup, comes_back_as_the_same_workspace)
{
    scene s = scene_of(t);
    ut_err err = {0};
    ut_backup_info made, restored;
    UT_REQUIRE(ut_backup_make(&made, s.workspace, s.backup, &err) == UT_OK);
    UT_EXPECT(made.identities == 3 && made.records == 0 && made.bytes > 0 && made.path[0] == '/');
    UT_EXPECT(!ut_file_exists(s.partial));
    UT_EXPECT_I64(ut_backup_make(&made, s.workspace, s.backup, &err), UT_INVALID); /* never over another one */
    ut_workspace_options copy = {.path = s.copy, .access = UT_WORKSPACE_READ};
    UT_EXPECT_I64(ut_backup_restore(&restored, s.backup, &copy, &err), UT_DENIED);
    UT_EXPECT(strstr(err.message, "missing") != NULL && !ut_file_exists(s.copy));
    copy.key_file = s.copy_key;
    ut_test_write(t, s.copy_key, UT_STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"));
    UT_EXPECT_I64(ut_backup_restore(&restored, s.backup, &copy, &err), UT_DENIED);
    UT_EXPECT(strstr(err.message, "not the key of the backup") != NULL && !ut_file_exists(s.copy));
    ut_test_write(t, s.copy_key, ut_test_read(t, s.key));
    /* What a lost truth left behind must not get into the new one. */
    char stale[400];
    UT_REQUIRE(mkdir(s.copy, 0700) == 0);
    (void)snprintf(stale, sizeof stale, "%s/lake.duckdb", s.copy);
    ut_test_write(t, stale, UT_STR("old"));
    UT_REQUIRE(ut_backup_restore(&restored, s.backup, &copy, &err) == UT_OK);
    UT_EXPECT(restored.made_us == made.made_us && restored.identities == 3 && !ut_file_exists(stale));
    UT_EXPECT_I64(ut_backup_restore(&restored, s.backup, &copy, &err), UT_INVALID); /* never over a workspace */
    ut_workspace *again = NULL;
    int64_t entries = 0;
    UT_REQUIRE(ut_workspace_open(&again, &copy, &err) == UT_OK);
    UT_EXPECT(memcmp(&again->keys, &s.workspace->keys, sizeof again->keys) == 0);
    UT_EXPECT_I64(number(t, again, "SELECT count(*) FROM identity"), 3);
    UT_EXPECT(ut_audit_verify(again, &entries, &err) == UT_OK && entries == 2);
    ut_workspace_close(&again);
    ut_workspace_close(&s.workspace);
}

UT_TEST(store_backup, a_changed_byte_or_a_missing_file_is_found)
{
    scene s = scene_of(t);
    ut_err err = {0};
    ut_backup_info info;
    UT_EXPECT_I64(ut_backup_verify(&info, s.workspace, s.backup, &err), UT_NOT_FOUND);
    UT_REQUIRE(ut_backup_make(&info, s.workspace, s.backup, &err) == UT_OK);
    size_t size = (size_t)info.bytes;
    for (int i = 0; i < 20; i++) {
        UT_EXPECT_I64(verify_with_wrong_bit(t, &s, "truth.sqlite", ut_rng_below(&t->rng, size)), UT_CORRUPT);
    }
    char path[600];
    (void)snprintf(path, sizeof path, "%s/manifest.json", s.backup);
    ut_str manifest = ut_test_read(t, path);
    for (size_t at = 0; at < manifest.len; at++) {
        ut_status st = verify_with_wrong_bit(t, &s, "manifest.json", at);
        /* The version of the program is for people; the case of a digit or a space at the end says nothing. */
        bool free_text = at > (size_t)(strstr(manifest.ptr, "\"undertone\":\"") - manifest.ptr) &&
                         at < (size_t)(strstr(manifest.ptr, "\",\"made\"") - manifest.ptr);
        UT_EXPECT(free_text || at + 1 == manifest.len || st == UT_CORRUPT || st == UT_DENIED);
    }
    UT_EXPECT_I64(ut_backup_verify(&info, s.workspace, s.backup, &err), UT_OK);
    (void)snprintf(path, sizeof path, "%s/truth.sqlite", s.backup);
    (void)remove(path);
    UT_EXPECT_I64(ut_backup_verify(&info, s.workspace, s.backup, &err), UT_NOT_FOUND);
    ut_workspace_close(&s.workspace);
}

UT_TEST(store_backup, one_that_fails_leaves_nothing_and_one_that_was_killed_is_replaced)
{
    scene s = scene_of(t);
    ut_err err = {0};
    ut_backup_info info;
    int failures = 0;
    for (uint64_t nth = 1;; nth++) {
        ut_file_fail_write_at(nth);
        ut_status st = ut_backup_make(&info, s.workspace, s.backup, &err);
        ut_file_fail_write_at(0);
        if (st == UT_OK) {
            break;
        }
        failures++;
        UT_REQUIRE(failures < 10);
        UT_EXPECT(!ut_file_exists(s.backup) && !ut_file_exists(s.partial));
        UT_EXPECT_I64(number(t, s.workspace, "SELECT count(*) FROM backup"), 0);
    }
    UT_EXPECT_I64(failures, 3); /* the manifest is opened, written; the folder is renamed */
    char rest[600];
    (void)snprintf(rest, sizeof rest, "%s/x.partial", s.dir);
    UT_REQUIRE(mkdir(rest, 0700) == 0);
    (void)snprintf(rest, sizeof rest, "%s/x.partial/truth.sqlite", s.dir);
    ut_test_write(t, rest, UT_STR("half"));
    (void)snprintf(rest, sizeof rest, "%s/x/", s.dir);
    UT_EXPECT_I64(ut_backup_make(&info, s.workspace, rest, &err), UT_OK);
    UT_EXPECT_I64(ut_backup_verify(&info, s.workspace, rest, &err), UT_OK);
    ut_workspace_close(&s.workspace);
}

typedef struct seen {
    int there, gone;
} seen;

static ut_status see(void *ctx, const ut_backup_row *row, ut_err *err)
{
    (void)err;
    seen *s = ctx;
    s->there += row->there;
    s->gone += !row->there;
    return UT_OK;
}

UT_TEST(store_backup, an_erasure_reaches_every_backup_also_those_of_older_keys)
{
    scene s = scene_of(t);
    ut_err err = {0};
    ut_backup_info info;
    ut_rotation rotation;
    ut_workspace *copy = NULL;
    UT_REQUIRE(ut_backup_make(&info, s.workspace, s.backup, &err) == UT_OK);
    for (int round = 0; round < 3; round++) {
        UT_REQUIRE(ut_backup_open(&copy, s.workspace, s.backup, &err) == UT_OK);
        UT_EXPECT(memcmp(&copy->keys.digest, &s.workspace->keys.digest, sizeof copy->keys.digest) == 0);
        char sql[80];
        (void)snprintf(sql, sizeof sql, "DELETE FROM identity WHERE digest = x'0%d'", round + 1);
        UT_EXPECT_I64(ut_truth_exec(copy->truth, sql, &err), UT_OK);
        UT_REQUIRE(ut_backup_close(&copy, s.backup, &err) == UT_OK);
        UT_EXPECT(copy == NULL);
        UT_EXPECT(ut_backup_verify(&info, s.workspace, s.backup, &err) == UT_OK && info.identities == 2 - round);
        UT_REQUIRE(ut_keyring_rotate(&rotation, s.workspace, NULL, &err) == UT_OK);
    }
    char rest[600];
    (void)snprintf(rest, sizeof rest, "INSERT INTO backup VALUES ('%s/lost', 5)", s.dir);
    UT_REQUIRE(ut_truth_exec(s.workspace->truth, rest, &err) == UT_OK);
    (void)snprintf(rest, sizeof rest, "%s/lost.partial", s.dir);
    UT_REQUIRE(mkdir(rest, 0700) == 0);
    seen found = {0};
    UT_EXPECT_I64(ut_backup_each(s.workspace, see, &found, &err), UT_OK);
    UT_EXPECT(found.there == 1 && found.gone == 1 && !ut_file_exists(rest));
    (void)snprintf(rest, sizeof rest, "%s/lost", s.dir);
    UT_EXPECT_I64(ut_backup_forget(s.workspace, rest, &err), UT_OK);
    UT_EXPECT_I64(number(t, s.workspace, "SELECT count(*) FROM backup"), 1);
    ut_workspace_close(&s.workspace);
}

UT_TEST(store_backup, memory_that_ends_leaves_no_half_backup)
{
    scene s = scene_of(t);
    ut_backup_info info;
    UT_SWEEP_ALLOC(t)
    {
        ut_status st = ut_backup_make(&info, s.workspace, s.backup, NULL);
        UT_EXPECT(ut_file_exists(s.backup) == (st == UT_OK) && !ut_file_exists(s.partial));
    }
    UT_SWEEP_ALLOC(t)
    {
        (void)(ut_backup_verify(&info, s.workspace, s.backup, NULL) == UT_OK);
    }
    ut_workspace_close(&s.workspace);
}
