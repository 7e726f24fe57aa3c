#include "harness/test.h"
#include "people/identity.h"
#include "store/audit.h"
#include "store/keyring.h"

#include <stdio.h>
#include <stdlib.h>

enum { IDENTITIES = 400 };

/* A workspace in a fresh folder, and the paths around it. */
typedef struct place {
    char path[256], key[300], next[300], truth[300], other[300], old_key[300];
} place;

static place place_of(ut_test *t)
{
    place p;
    const char *dir = ut_test_dir(t);
    (void)snprintf(p.path, sizeof p.path, "%s/w", dir);
    (void)snprintf(p.key, sizeof p.key, "%s/w/workspace.key", dir);
    (void)snprintf(p.next, sizeof p.next, "%s/w/workspace.key.next", dir);
    (void)snprintf(p.truth, sizeof p.truth, "%s/w/truth.sqlite", dir);
    (void)snprintf(p.other, sizeof p.other, "%s/other.key", dir);
    (void)snprintf(p.old_key, sizeof p.old_key, "%s/old.key", dir);
    return p;
}

static ut_status open_with(ut_workspace **ret, const place *p, ut_workspace_access access, const char *key_file,
                           ut_err *err)
{
    ut_workspace_options options = {
        .path = p->path, .key_file = key_file, .access = access, .create = access == UT_WORKSPACE_WRITE};
    return ut_workspace_open(ret, &options, err);
}

static ut_workspace *opened(ut_test *t, const place *p, ut_workspace_access access)
{
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    if (open_with(&workspace, p, access, NULL, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "does not open: %s", err.message);
        longjmp(t->leave, 1);
    }
    return workspace;
}

/* Keys of the identities 1 to `count`, which are made when they are not there. */
static void identity_keys(ut_test *t, ut_workspace *workspace, ut_key *keys, int count)
{
    ut_identities *ids = NULL;
    UT_REQUIRE(ut_identities_open(&ids, workspace, NULL) == UT_OK);
    if (workspace->access == UT_READ_WRITE) {
        UT_REQUIRE(ut_truth_begin(workspace->truth, NULL) == UT_OK);
    }
    for (int i = 0; i < count; i++) {
        char handle[40];
        int64_t id = 0;
        (void)snprintf(handle, sizeof handle, "mail:author%d@example.org", i);
        UT_REQUIRE(ut_identity_find(ids, &id, ut_str_of(handle), UT_STR("x"), NULL) == UT_OK && id == i + 1);
        UT_REQUIRE(ut_identity_key(ids, &keys[i], id, NULL) == UT_OK);
    }
    if (workspace->access == UT_READ_WRITE) {
        UT_REQUIRE(ut_truth_commit(workspace->truth, NULL) == UT_OK);
    }
    ut_identities_close(&ids);
}

/* How many of the boxes, `count` in a row of `len` bytes each, lie in some file of the workspace. */
static int boxes_in_files(ut_test *t, const place *p, const char *boxes, int count, size_t len)
{
    ut_arena arena;
    ut_str *names = NULL, content[16];
    size_t files = 0;
    int found = 0;
    UT_REQUIRE(ut_arena_open(&arena, UT_MIB) == UT_OK);
    UT_REQUIRE(ut_file_list(&arena, &names, &files, p->path, NULL) == UT_OK && files <= 16);
    for (size_t f = 0; f < files; f++) {
        char path[600];
        (void)snprintf(path, sizeof path, "%s/" UT_STR_FMT, p->path, UT_STR_ARG(names[f]));
        content[f] = ut_test_read(t, path);
    }
    for (int i = 0; i < count; i++) {
        bool there = false;
        for (size_t f = 0; f < files && !there; f++) {
            there = memmem(content[f].ptr, content[f].len, boxes + (size_t)i * len, len) != NULL;
        }
        found += there;
    }
    ut_arena_close(&arena);
    return found;
}

/* The middle 32 bytes of every sealed key of the truth. */
static int take_boxes(ut_test *t, ut_workspace *workspace, char *to, int room)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    int count = 0;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth,
                                "SELECT wrapped_key FROM identity UNION ALL SELECT wrapped FROM keyring"
                                " UNION ALL SELECT wrapped FROM key_history WHERE wrapped NOTNULL",
                                NULL) == UT_OK);
    while (ut_stmt_step(stmt, &row, NULL) == UT_OK && row && count < room) {
        UT_REQUIRE(ut_stmt_str(stmt, 0).len == 72);
        memcpy(to + 32 * count++, ut_stmt_str(stmt, 0).ptr + 24, 32);
    }
    ut_stmt_close(&stmt);
    return count;
}

UT_TEST(store_keyring, a_rotation_keeps_every_key_and_leaves_no_old_box_in_any_file)
{
    place p = place_of(t);
    static ut_key before[IDENTITIES], after[IDENTITIES];
    static char boxes[(IDENTITIES + 8) * 32];
    ut_rotation rotation;
    ut_err err = {0};
    for (int round = 0; round < 3; round++) {
        ut_workspace *workspace = opened(t, &p, UT_WORKSPACE_WRITE);
        identity_keys(t, workspace, before, IDENTITIES);
        ut_keys keys = workspace->keys;
        /* Rows that grow make pages split: old copies stay in the gaps, and updating in place misses them. */
        for (int i = 0; i < 200; i++) {
            char sql[160];
            (void)snprintf(sql, sizeof sql, "UPDATE identity SET mark = substr('%040d', 1, %d) WHERE id = %d", 0,
                           (int)ut_rng_below(&t->rng, 41), 1 + (int)ut_rng_below(&t->rng, IDENTITIES));
            UT_REQUIRE(ut_truth_exec(workspace->truth, sql, NULL) == UT_OK);
        }
        int count = take_boxes(t, workspace, boxes, IDENTITIES + 8);
        UT_EXPECT_I64(count, IDENTITIES + 3 + round);
        UT_EXPECT_I64(boxes_in_files(t, &p, boxes, count, 32), count); /* the search can find */
        UT_REQUIRE(ut_keyring_rotate(&rotation, workspace, NULL, &err) == UT_OK);
        UT_EXPECT_I64(rotation.identities, IDENTITIES);
        UT_EXPECT(!rotation.old_bytes_left);
        UT_EXPECT_I64(boxes_in_files(t, &p, boxes, count, 32), 0);
        ut_workspace_close(&workspace);
        UT_EXPECT_I64(boxes_in_files(t, &p, boxes, count, 32), 0);
        workspace = opened(t, &p, UT_WORKSPACE_READ);
        UT_EXPECT(memcmp(&keys.wrap, &workspace->keys.wrap, sizeof keys.wrap) != 0);
        UT_EXPECT(memcmp(&keys.digest, &workspace->keys.digest, sizeof keys - sizeof keys.wrap) == 0);
        identity_keys(t, workspace, after, IDENTITIES);
        UT_EXPECT(memcmp(before, after, sizeof before) == 0);
        int64_t entries = 0;
        UT_EXPECT(ut_audit_verify(workspace, &entries, &err) == UT_OK && entries == round + 1);
        ut_workspace_close(&workspace);
    }
}

UT_TEST(store_keyring, a_replaced_key_is_told_from_a_wrong_one_and_old_wraps_stay_in_reach)
{
    place p = place_of(t);
    ut_workspace *workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    ut_err err = {0};
    ut_rotation rotation;
    ut_key first = workspace->keys.wrap, found;
    ut_digest print = ut_keyring_print(&first);
    ut_test_write(t, p.old_key, ut_test_read(t, p.key));
    UT_REQUIRE(ut_keyring_rotate(&rotation, workspace, NULL, &err) == UT_OK);
    UT_REQUIRE(ut_keyring_rotate(&rotation, workspace, NULL, &err) == UT_OK);
    UT_EXPECT(ut_keyring_find(workspace, &found, ut_digest_str(&print), &err) == UT_OK &&
              memcmp(&found, &first, sizeof found) == 0);
    UT_EXPECT_I64(ut_keyring_find(workspace, &found, UT_STR("0123456789abcdef"), &err), UT_DENIED);
    ut_key_status status;
    UT_REQUIRE(ut_keyring_status(&status, workspace, &err) == UT_OK);
    UT_EXPECT(status.place == UT_KEY_IN_WORKSPACE && status.replaced == 2 && status.replaced_us == status.made_us);
    ut_workspace_close(&workspace);
    UT_EXPECT_I64(open_with(&workspace, &p, UT_WORKSPACE_READ, p.old_key, &err), UT_DENIED);
    UT_EXPECT(strstr(err.message, "was replaced on 20") != NULL);
    ut_test_write(t, p.other, UT_STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"));
    UT_EXPECT_I64(open_with(&workspace, &p, UT_WORKSPACE_READ, p.other, &err), UT_DENIED);
    UT_EXPECT(strstr(err.message, "not the key") != NULL);
}

UT_TEST(store_keyring, a_rotation_killed_before_its_commit_leaves_the_old_key)
{
    place p = place_of(t);
    ut_workspace *workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    ut_workspace_close(&workspace);
    ut_str old = ut_test_read(t, p.key);
    const char *const left[] = {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", "torn", ""};
    for (int i = 0; i < 3; i++) {
        ut_test_write(t, p.next, ut_str_of(left[i]));
        workspace = opened(t, &p, UT_WORKSPACE_READ);
        ut_workspace_close(&workspace);
        UT_EXPECT(ut_file_exists(p.next)); /* who reads changes nothing */
        workspace = opened(t, &p, UT_WORKSPACE_WRITE);
        ut_workspace_close(&workspace);
        UT_EXPECT(!ut_file_exists(p.next));
        UT_EXPECT(ut_str_eq(old, ut_test_read(t, p.key)));
    }
}

UT_TEST(store_keyring, a_rotation_killed_after_its_commit_is_finished_by_the_next_who_writes)
{
    place p = place_of(t);
    ut_workspace *workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    ut_err err = {0};
    ut_rotation rotation;
    ut_str old = ut_test_read(t, p.key);
    UT_REQUIRE(ut_keyring_rotate(&rotation, workspace, NULL, &err) == UT_OK);
    UT_EXPECT(ut_truth_exec(workspace->truth, "INSERT INTO unfinished VALUES (1, 'rotate', '', 0)", &err) == UT_OK);
    ut_workspace_close(&workspace);
    ut_str new = ut_test_read(t, p.key);
    ut_test_write(t, p.next, new);
    ut_test_write(t, p.key, old);
    workspace = opened(t, &p, UT_WORKSPACE_READ);
    ut_workspace_close(&workspace);
    UT_EXPECT(ut_str_eq(old, ut_test_read(t, p.key)) && ut_file_exists(p.next));
    workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    UT_EXPECT(ut_str_eq(new, ut_test_read(t, p.key)) && !ut_file_exists(p.next));
    UT_EXPECT(ut_truth_exec(workspace->truth, "INSERT INTO unfinished VALUES (1, 'test', '', 0)", &err) == UT_OK);
    ut_workspace_close(&workspace);
}

UT_TEST(store_keyring, a_key_outside_the_workspace_is_never_overwritten)
{
    place p = place_of(t);
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    ut_rotation rotation;
    UT_REQUIRE(open_with(&workspace, &p, UT_WORKSPACE_WRITE, p.old_key, &err) == UT_OK);
    UT_EXPECT(!ut_file_exists(p.key));
    UT_EXPECT_I64(ut_keyring_rotate(&rotation, workspace, NULL, &err), UT_INVALID);
    UT_EXPECT(strstr(err.message, "--new-key-file") != NULL);
    UT_EXPECT_I64(ut_keyring_rotate(&rotation, workspace, p.old_key, &err), UT_INVALID); /* the key it has */
    ut_test_write(t, p.other, UT_STR("my diary"));
    UT_EXPECT_I64(ut_keyring_rotate(&rotation, workspace, p.other, &err), UT_INVALID);
    UT_EXPECT_STR(ut_test_read(t, p.other), "my diary");
    /* What a killed rotation left there is a key: it is taken. */
    ut_test_write(t, p.other, UT_STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"));
    UT_EXPECT_I64(ut_keyring_rotate(&rotation, workspace, p.other, &err), UT_OK);
    ut_workspace_close(&workspace);
    UT_EXPECT_I64(open_with(&workspace, &p, UT_WORKSPACE_WRITE, p.other, &err), UT_OK);
    UT_EXPECT_I64(ut_keyring_rotate(&rotation, workspace, p.old_key, &err), UT_INVALID); /* a key it had */
    ut_workspace_close(&workspace);
    /* From the workspace to a file outside. */
    (void)remove(p.truth);
    workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    (void)remove(p.other);
    UT_EXPECT_I64(ut_keyring_rotate(&rotation, workspace, p.other, &err), UT_OK);
    UT_EXPECT(!ut_file_exists(p.key));
    ut_workspace_close(&workspace);
    UT_EXPECT_I64(open_with(&workspace, &p, UT_WORKSPACE_READ, p.other, &err), UT_OK);
    ut_workspace_close(&workspace);
}

UT_TEST(store_keyring, a_workspace_of_before_the_keyring_keeps_its_keys)
{
    place p = place_of(t);
    ut_workspace *workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    ut_err err = {0};
    ut_rotation rotation;
    UT_REQUIRE(ut_truth_exec(workspace->truth, "DELETE FROM keyring; DELETE FROM key_history", &err) == UT_OK);
    ut_workspace_close(&workspace);
    ut_key master, digest;
    UT_REQUIRE(ut_key_from_hex(&master, ut_test_read(t, p.key)));
    digest = ut_seal_derive(&master, "digest", 1);
    for (int round = 0; round < 3; round++) {
        workspace = opened(t, &p, round == 1 ? UT_WORKSPACE_WRITE : UT_WORKSPACE_READ);
        UT_EXPECT(memcmp(&digest, &workspace->keys.digest, sizeof digest) == 0);
        ut_workspace_close(&workspace);
    }
    workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    UT_REQUIRE(ut_keyring_rotate(&rotation, workspace, NULL, &err) == UT_OK);
    ut_workspace_close(&workspace);
    workspace = opened(t, &p, UT_WORKSPACE_READ);
    UT_EXPECT(memcmp(&digest, &workspace->keys.digest, sizeof digest) == 0);
    ut_workspace_close(&workspace);
    workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    UT_REQUIRE(ut_truth_exec(workspace->truth, "DELETE FROM keyring WHERE name = 'name'", &err) == UT_OK);
    ut_workspace_close(&workspace);
    UT_EXPECT_I64(open_with(&workspace, &p, UT_WORKSPACE_READ, NULL, &err), UT_CORRUPT);
}

UT_TEST(store_keyring, memory_or_disk_that_ends_leaves_one_key_that_opens)
{
    place p = place_of(t);
    ut_workspace *workspace = opened(t, &p, UT_WORKSPACE_WRITE);
    static ut_key before[5], after[5];
    identity_keys(t, workspace, before, 5);
    ut_rotation rotation;
    UT_SWEEP_ALLOC(t)
    {
        (void)(ut_keyring_rotate(&rotation, workspace, NULL, NULL) == UT_OK);
    }
    for (uint64_t nth = 1; nth < 6; nth++) {
        ut_file_fail_write_at(nth);
        ut_err err = {0};
        ut_status st = ut_keyring_rotate(&rotation, workspace, NULL, &err);
        ut_file_fail_write_at(0);
        UT_EXPECT((st == UT_OK) == (nth > 3)); /* open, write, rename */
        ut_workspace_close(&workspace);
        workspace = opened(t, &p, UT_WORKSPACE_WRITE);
        identity_keys(t, workspace, after, 5);
        UT_EXPECT(memcmp(before, after, sizeof before) == 0);
    }
    ut_workspace_close(&workspace);
}
