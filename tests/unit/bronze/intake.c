#include "bronze/intake.h"
#include "harness/test.h"

#include <stdio.h>

static ut_workspace *fresh(ut_test *t)
{
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    return workspace;
}

static void put(ut_test *t, ut_intake *intake, const char *id, const char *payload, ut_channel_kind kind)
{
    ut_record record = {.kind = UT_RECORD_MESSAGE,
                        .format = UT_FORMAT_NDJSON,
                        .source = UT_STR("test"),
                        .id = ut_str_of(id),
                        .author = UT_STR("test:anna"),
                        .channel = UT_STR("general"),
                        .channel_kind = kind,
                        .at_us = 1,
                        .payload = ut_str_of(payload)};
    const ut_sink *sink = ut_intake_sink(intake);
    UT_EXPECT_I64(sink->record(sink->ctx, &record, NULL), UT_OK);
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

UT_TEST(bronze_intake, versions_and_duplicates_are_told_apart_within_and_across_batches)
{
    ut_workspace *workspace = fresh(t);
    for (int round = 0; round < 2; round++) {
        ut_intake *intake = NULL;
        UT_REQUIRE(ut_intake_open(&intake, workspace, 2, NULL) == UT_OK);
        put(t, intake, "1", "one", UT_CHANNEL_PUBLIC);
        put(t, intake, "1", "one", UT_CHANNEL_PUBLIC);
        put(t, intake, "1", "one, edited", UT_CHANNEL_PUBLIC);
        put(t, intake, "1", "one", UT_CHANNEL_PUBLIC);          /* old content again is no third version */
        put(t, intake, "2", "two", UT_CHANNEL_PUBLIC);
        put(t, intake, "3", "for your eyes only", UT_CHANNEL_DIRECT);
        UT_EXPECT_I64(ut_intake_flush(intake, NULL), UT_OK);
        const ut_ingest_counts *c = ut_intake_counts(intake);
        UT_EXPECT_I64(c->read, 6);
        UT_EXPECT_I64(c->added, round ? 0 : 2);
        UT_EXPECT_I64(c->updated, round ? 0 : 1);
        UT_EXPECT_I64(c->duplicate, round ? 5 : 2);
        UT_EXPECT_I64(c->skipped, 1);
        ut_intake_close(&intake);
    }
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM record"), 3);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(DISTINCT item) FROM record"), 2);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM record WHERE item NOT IN (SELECT seq FROM record)"), 0);
    ut_workspace_close(&workspace);
}

UT_TEST(bronze_intake, what_is_not_flushed_is_not_there)
{
    ut_workspace *workspace = fresh(t);
    ut_intake *intake = NULL;
    UT_REQUIRE(ut_intake_open(&intake, workspace, 1, NULL) == UT_OK);
    put(t, intake, "1", "one", UT_CHANNEL_PUBLIC);
    ut_intake_close(&intake);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM record"), 0);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM identity"), 0);
    ut_workspace_close(&workspace);
}

UT_TEST(bronze_intake, dead_letters_are_kept_once_and_sealed)
{
    ut_workspace *workspace = fresh(t);
    ut_reject reject = {.source = UT_STR("test"), .path = UT_STR("a.ndjson"), .byte = 17, .reason = UT_STR("no text"),
                        .payload = UT_STR("secretword")};
    for (int round = 0; round < 2; round++) {
        ut_intake *intake = NULL;
        UT_REQUIRE(ut_intake_open(&intake, workspace, 1, NULL) == UT_OK);
        const ut_sink *sink = ut_intake_sink(intake);
        UT_EXPECT_I64(sink->reject(sink->ctx, &reject, NULL), UT_OK);
        UT_EXPECT_I64(ut_intake_flush(intake, NULL), UT_OK);
        UT_EXPECT_I64(ut_intake_counts(intake)->rejected, 1);
        ut_intake_close(&intake);
    }
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM reject"), 1);
    UT_EXPECT_I64(number(t, workspace,
                         "SELECT instr(sealed, x'736563726574776f7264') + instr(sealed, '736563726574') FROM reject"),
                  0);
    ut_workspace_close(&workspace);
}

UT_TEST(bronze_intake, ten_thousand_records_cross_batches)
{
    ut_workspace *workspace = fresh(t);
    ut_intake *intake = NULL;
    UT_REQUIRE(ut_intake_open(&intake, workspace, 2, NULL) == UT_OK);
    char id[32], payload[64];
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(id, sizeof id, "%d", i);
        (void)snprintf(payload, sizeof payload, "payload number %d", i);
        put(t, intake, id, payload, UT_CHANNEL_PUBLIC);
    }
    UT_EXPECT_I64(ut_intake_flush(intake, NULL), UT_OK);
    UT_EXPECT_I64(ut_intake_counts(intake)->added, 10000);
    ut_intake_close(&intake);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM record WHERE item = seq"), 10000);
    ut_workspace_close(&workspace);
}
