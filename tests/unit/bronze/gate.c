/* What the policy and persons' decisions keep out, from files to rows. */
#include "bronze/gate.h"
#include "harness/test.h"
#include "store/workspace.h"
#include "undertone/ingest.h"
#include "undertone/policy.h"

#include <stdio.h>
#include <sys/stat.h>

static ut_workspace *fresh(ut_test *t)
{
    ut_workspace *workspace = NULL;
    char path[300];
    (void)snprintf(path, sizeof path, "%s/ws", ut_test_dir(t));
    ut_workspace_options options = {.path = path, .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    return workspace;
}

static void put_file(ut_test *t, const char *dir, const char *name, const char *content)
{
    char path[400];
    const char *slash = strrchr(name, '/');
    if (slash) {
        (void)snprintf(path, sizeof path, "%s/%.*s", dir, (int)(slash - name), name);
        (void)mkdir(path, 0700);
    }
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ut_test_write(t, path, ut_str_of(content));
}

static void write_sample(ut_test *t, const char *dir)
{
    put_file(t, dir, "people.csv", "id,email,team\np1,anna@x.org,red\np2,bernd@x.org,red\n");
    put_file(t, dir, "slack/users.json",
             "[{\"id\":\"U01\",\"name\":\"anna\",\"profile\":{\"email\":\"Anna@x.org\"}},"
             "{\"id\":\"U02\",\"name\":\"bernd\",\"profile\":{\"email\":\"bernd@x.org\"}}]");
    put_file(t, dir, "slack/channels.json", "[{\"id\":\"C01\",\"name\":\"hr\"},{\"id\":\"C02\",\"name\":\"general\"}]");
    put_file(t, dir, "slack/hr/2024-01-02.json",
             "[{\"type\":\"message\",\"user\":\"U01\",\"text\":\"one\",\"ts\":\"1704200000.000100\"}]");
    put_file(t, dir, "slack/general/2024-01-02.json",
             "[{\"type\":\"message\",\"user\":\"U01\",\"text\":\"two\",\"ts\":\"1704200000.000200\"},"
             "{\"type\":\"message\",\"user\":\"U02\",\"text\":\"three\",\"ts\":\"1704200000.000300\"}]");
    put_file(
        t, dir, "chat.ndjson",
        "{\"kind\":\"message\",\"source\":\"zulip\",\"id\":\"1\",\"author\":\"anna@x.org\",\"channel\":\"HR\","
        "\"at\":\"2024-01-02T10:00:00Z\",\"text\":\"four\"}\n"
        "{\"kind\":\"message\",\"source\":\"zulip\",\"id\":\"2\",\"author\":\"bernd@x.org\",\"channel\":\"general\","
        "\"to\":[\"carla@x.org\",\"Doctor@x.org\"],\"at\":\"2024-01-02T10:00:00Z\",\"text\":\"five\"}\n");
    put_file(
        t, dir, "mail.mbox",
        "From anna@x.org Tue Jan  2 10:00:00 2024\nFrom: Anna <anna@x.org>\nTo: bernd@x.org\n"
        "Cc: \"The Doctor\" <DOCTOR@x.org>\nDate: Tue, 2 Jan 2024 10:00:00 +0000\nMessage-ID: <m1@x.org>\n\nsix\n\n"
        "From doctor@x.org Tue Jan  2 11:00:00 2024\nFrom: doctor@x.org\nTo: anna@x.org\n"
        "Date: Tue, 2 Jan 2024 11:00:00 +0000\nMessage-ID: <m2@x.org>\n\nseven\n\n"
        "From bernd@x.org Tue Jan  2 12:00:00 2024\nFrom: bernd@x.org\nTo: anna@x.org\n"
        "Date: Tue, 2 Jan 2024 12:00:00 +0000\nMessage-ID: <m3@x.org>\n\neight\n\n");
}

static ut_ingest_counts ingest(ut_test *t, ut_workspace *workspace, const char *dir)
{
    static const char *const names[] = {"people.csv", "slack", "chat.ndjson", "mail.mbox"};
    char room[4][300];
    const char *paths[4];
    for (int i = 0; i < 4; i++) {
        (void)snprintf(room[i], sizeof room[i], "%s/%s", dir, names[i]);
        paths[i] = room[i];
    }
    ut_ingest_counts counts = {0};
    ut_ingest_options options = {.people = room[0], .threads = 1};
    ut_err err = {0};
    if (ut_ingest(&counts, workspace, paths + 1, 3, &options, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    UT_EXPECT_I64(counts.read, 8);
    UT_EXPECT_I64(counts.added + counts.duplicate + counts.skipped, 8);
    return counts;
}

static void set_policy(ut_test *t, ut_workspace *workspace, const char *key, const char *value)
{
    UT_REQUIRE(ut_policy_set(workspace, ut_str_of(key), ut_str_of(value), NULL) == UT_OK);
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

UT_TEST(bronze_gate, listed_channels_are_skipped_by_name_and_come_in_once_unlisted)
{
    const char *dir = ut_test_dir(t);
    write_sample(t, dir);
    ut_workspace *workspace = fresh(t);
    set_policy(t, workspace, "skip_channels", "hr, zulip:general, slack:hr");
    ut_ingest_counts counts = ingest(t, workspace, dir);
    UT_EXPECT_I64(counts.skipped, 3); /* one, four, five */
    UT_EXPECT_I64(counts.added, 5);
    UT_EXPECT_I64(ingest(t, workspace, dir).skipped, 3); /* unchanged files count alike */
    set_policy(t, workspace, "skip_channels", "slack:hr");
    counts = ingest(t, workspace, dir);
    UT_EXPECT_I64(counts.skipped, 1);
    UT_EXPECT_I64(counts.added, 2);
    set_policy(t, workspace, "skip_channels", "");
    UT_EXPECT_I64(ingest(t, workspace, dir).added, 1);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM record"), 8);
    ut_workspace_close(&workspace);
}

UT_TEST(bronze_gate, mail_from_or_to_a_listed_mailbox_is_skipped)
{
    const char *dir = ut_test_dir(t);
    write_sample(t, dir);
    ut_workspace *workspace = fresh(t);
    set_policy(t, workspace, "skip_mailboxes", "works-council@x.org,doctor@X.org");
    ut_ingest_counts counts = ingest(t, workspace, dir);
    UT_EXPECT_I64(counts.skipped, 3); /* five, six, seven */
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM record WHERE source = 'mail'"), 1);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM record WHERE source = 'zulip'"), 1);
    /* anna, bernd, their two handles in Slack: of the doctor nothing is kept. */
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM identity"), 4);
    ut_workspace_close(&workspace);
}

UT_TEST(bronze_gate, who_objected_is_skipped_under_every_handle_and_comes_back)
{
    const char *dir = ut_test_dir(t);
    write_sample(t, dir);
    static const char *const states[] = {"objected", "withdrawn"};
    for (int i = 0; i < 2; i++) {
        ut_workspace *workspace = NULL;
        char path[300], sql[200];
        (void)snprintf(path, sizeof path, "%s/ws%d", dir, i);
        ut_workspace_options options = {.path = path, .access = UT_WORKSPACE_WRITE, .create = true};
        UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
        /* Known from people.csv only, before anything of theirs came in. */
        const char *none = "";
        char csv[300];
        (void)snprintf(csv, sizeof csv, "%s/people.csv", dir);
        ut_ingest_counts counts;
        ut_ingest_options only_people = {.people = csv, .threads = 1};
        UT_REQUIRE(ut_ingest(&counts, workspace, &none, 0, &only_people, NULL) == UT_OK);
        (void)snprintf(sql, sizeof sql,
                       "UPDATE person SET state = '%s' WHERE id = (SELECT c.person FROM claim c ORDER BY identity"
                       " LIMIT 1)",
                       states[i]);
        UT_REQUIRE(ut_truth_exec(workspace->truth, sql, NULL) == UT_OK);
        counts = ingest(t, workspace, dir);
        UT_EXPECT_I64(counts.skipped, 4); /* one, two, four, six: Anna's */
        UT_EXPECT_I64(number(t, workspace,
                             "SELECT count(*) FROM record r JOIN identity i ON i.id = r.author"
                             " JOIN person p ON p.id = i.person WHERE p.state <> 'notified'"),
                      0);
        UT_REQUIRE(ut_truth_exec(workspace->truth, "UPDATE person SET state = 'restricted' WHERE state <> 'notified'",
                                 NULL) == UT_OK);
        counts = ingest(t, workspace, dir);
        UT_EXPECT_I64(counts.skipped, 0);
        UT_EXPECT_I64(counts.added, 4);
        ut_workspace_close(&workspace);
    }
}

UT_TEST(bronze_gate, what_the_erased_wrote_leaves_no_row)
{
    const char *dir = ut_test_dir(t);
    write_sample(t, dir);
    ut_workspace *workspace = fresh(t);
    ut_str parts[] = {UT_STR("tombstone"), UT_STR("mail:bernd@x.org")};
    ut_digest digest = ut_seal_digest(&workspace->keys.digest, parts, 2);
    ut_stmt *stmt = NULL;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, "INSERT INTO tombstone VALUES (?1, 0)", NULL) == UT_OK);
    ut_stmt_bind_blob(stmt, 1, ut_digest_str(&digest));
    UT_REQUIRE(ut_stmt_run(stmt, NULL) == UT_OK);
    ut_stmt_close(&stmt);
    put_file(t, dir, "people.csv", "id,email,team\np1,anna@x.org,red\n");
    UT_EXPECT_I64(ingest(t, workspace, dir).skipped,
                  3); /* three, five, eight: also under the handle that Slack gives him */
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM identity"), 3); /* Anna twice, the doctor */
    ut_workspace_close(&workspace);
}

UT_TEST(bronze_gate, what_was_retired_does_not_come_back)
{
    const char *dir = ut_test_dir(t);
    write_sample(t, dir);
    ut_workspace *workspace = fresh(t);
    (void)ingest(t, workspace, dir);
    UT_REQUIRE(ut_truth_exec(workspace->truth,
                             "INSERT INTO retired SELECT key, 0 FROM record WHERE seq < 4;"
                             "DELETE FROM record WHERE seq < 4; DELETE FROM file_seen",
                             NULL) == UT_OK);
    ut_ingest_counts counts = ingest(t, workspace, dir);
    UT_EXPECT_I64(counts.added, 0);
    UT_EXPECT_I64(counts.duplicate, 8);
    ut_workspace_close(&workspace);
}

UT_TEST(bronze_gate, memory_that_ends_leaves_nothing_behind)
{
    const char *dir = ut_test_dir(t);
    write_sample(t, dir);
    ut_workspace *workspace = fresh(t);
    (void)ingest(t, workspace, dir);
    set_policy(t, workspace, "skip_channels", "hr,slack:union");
    set_policy(t, workspace, "skip_mailboxes", "doctor@x.org");
    UT_REQUIRE(ut_truth_exec(workspace->truth, "UPDATE person SET state = 'objected'", NULL) == UT_OK);
    static const ut_str to[] = {{"boss@x.org", 10}, {"DOCTOR@x.org", 12}};
    UT_SWEEP_ALLOC(t)
    {
        ut_gate gate = {0};
        ut_status st = ut_gate_open(&gate, workspace, NULL);
        UT_EXPECT(st == UT_OK || st == UT_NOMEM);
        if (st == UT_OK) {
            /* Memory or not, what is to stay out stays out. */
            ut_record record = {.source = UT_STR("slack"), .author = UT_STR("slack:U01"), .channel = UT_STR("C1")};
            UT_EXPECT_I64(ut_gate_judge(&gate, &record), UT_GATE_PERSON);
            record = (ut_record){.source = UT_STR("Slack"), .channel = UT_STR("C1"), .channel_name = UT_STR("Union")};
            UT_EXPECT_I64(ut_gate_judge(&gate, &record), UT_GATE_CHANNEL);
            record = (ut_record){.source = UT_STR("mail"), .author = UT_STR("mail:eve@y.org"), .to = to, .to_count = 2};
            UT_EXPECT_I64(ut_gate_judge(&gate, &record), UT_GATE_MAILBOX);
            record.to_count = 1;
            UT_EXPECT_I64(ut_gate_judge(&gate, &record), UT_GATE_OPEN);
        }
        ut_gate_close(&gate);
    }
    ut_workspace_close(&workspace);
}
