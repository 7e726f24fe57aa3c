/* What time takes away, what it leaves, and that a rebuild makes no difference. */
#include "bronze/intake.h"
#include "harness/test.h"
#include "os/clock.h"
#include "people/people.h"
#include "store/audit.h"
#include "undertone/analyze.h"
#include "undertone/policy.h"
#include "undertone/retention.h"

#include <stdio.h>

#define START_US 1767780000000000 /* 2026-01-07 */

typedef struct post {
    const char *id, *author, *text;
    int64_t edited;
    bool machine;
} post;

static const post story[] = {
    {"1", "anna", "Thank you all so much, the release went out and the customers are happy!", 0, false},
    {"2", "bernd", "Ich habe das gestern noch einmal geprüft und es funktioniert jetzt wie erwartet.", 0, false},
    {"3", "bernd", "ok danke", 0, false},
    {"4", "anna", "ok", 0, false},
    {"5", "bot", "Build 77 failed.", 0, true},
    {"6", "anna", "", 0, false},
    {"7", "anna", "I am so frustrated with this flaky test, it blocked me again the whole day.", 0, false},
    {"7", "anna", "This flaky test blocked me again, but it is fixed now.", 5, false},
    {"9", "carla", ":tada: :tada:", 0, false},
};
enum { STORY = sizeof story / sizeof *story };

static const post later[] = {
    {"10", "bernd", "gut", 0, false},
    {"11", "anna", "I am worried about the deadline, but the team is great.", 0, false},
};

static ut_workspace *fresh(ut_test *t)
{
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    return workspace;
}

/* Everything comes in `day` days after the start. */
static ut_ingest_counts put(ut_test *t, ut_workspace *workspace, int day, const post *posts, size_t count)
{
    ut_intake *intake = NULL;
    ut_clock_pin(START_US + day * UT_DAY_US);
    UT_REQUIRE(ut_intake_open(&intake, workspace, 1, NULL) == UT_OK);
    const ut_sink *sink = ut_intake_sink(intake);
    for (size_t i = 0; i < count; i++) {
        char payload[600], author[100];
        int len =
            snprintf(payload, sizeof payload,
                     "{\"kind\":\"message\",\"source\":\"t\",\"id\":\"%s\",\"author\":\"%s\",\"to\":[\"x\",\"y\"],"
                     "\"at\":\"2026-01-07T10:00:00Z\",\"text\":\"%s\"}",
                     posts[i].id, posts[i].author, posts[i].text);
        int author_len = snprintf(author, sizeof author, "t:%s", posts[i].author);
        ut_record record = {.kind = UT_RECORD_MESSAGE,
                            .format = UT_FORMAT_NDJSON,
                            .source = UT_STR("t"),
                            .id = ut_str_of(posts[i].id),
                            .author = {author, (size_t)author_len},
                            .channel = UT_STR("c"),
                            .channel_kind = UT_CHANNEL_PUBLIC,
                            .at_us = START_US,
                            .edited_us = posts[i].edited,
                            .machine = posts[i].machine,
                            .payload = {payload, (size_t)len}};
        UT_EXPECT_I64(sink->record(sink->ctx, &record, NULL), UT_OK);
    }
    UT_EXPECT_I64(ut_intake_flush(intake, NULL), UT_OK);
    ut_ingest_counts counts = *ut_intake_counts(intake);
    ut_intake_close(&intake);
    return counts;
}

static void analyze(ut_test *t, ut_workspace *workspace, bool rebuild)
{
    ut_analyze_counts counts = {0};
    ut_err err = {0};
    ut_analyze_options options = {.rebuild = rebuild, .threads = 2};
    if (ut_analyze(&counts, workspace, &options, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
}

static ut_retention_report retention(ut_test *t, ut_workspace *workspace, int day, bool dry)
{
    ut_retention_report report = {0};
    ut_err err = {0};
    ut_clock_pin(START_US + day * UT_DAY_US);
    if (ut_retention(&report, workspace, &(ut_retention_options){.dry_run = dry, .threads = 2}, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    return report;
}

static ut_str tables(ut_test *t, ut_workspace *workspace, ut_arena *arena)
{
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    bool more = false;
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_lake_query(&rows, lake,
                             "SELECT (SELECT string_agg(CAST(m AS VARCHAR), chr(10) ORDER BY item) FROM silver_message"
                             " m) || coalesce((SELECT string_agg(CAST(s AS VARCHAR), chr(10) ORDER BY item) FROM"
                             " silver_score s), '') || coalesce((SELECT string_agg(CAST(l AS VARCHAR), chr(10) ORDER BY"
                             " author) FROM silver_language l), '')",
                             NULL, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_rows_next(rows, &more, NULL) == UT_OK && more);
    ut_str all = ut_arena_copy(arena, ut_rows_str(rows, 0));
    ut_rows_close(&rows);
    return all;
}

static ut_str truth_text(ut_test *t, ut_workspace *workspace, ut_arena *arena, const char *sql)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth, sql, NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    ut_str text = ut_arena_copy(arena, ut_stmt_str(stmt, 0));
    ut_stmt_close(&stmt);
    return text;
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

static void exec(ut_test *t, ut_workspace *workspace, const char *sql)
{
    ut_err err = {0};
    if (ut_truth_exec(workspace->truth, sql, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
}

/* Whether these bytes stand in the truth's file or its log. */
static bool in_files(ut_test *t, ut_workspace *workspace, ut_str bytes)
{
    static const char *const names[] = {"truth.sqlite", "truth.sqlite-wal"};
    bool found = false;
    for (int i = 0; i < 2; i++) {
        char path[UT_PATH_BYTES_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", workspace->path, names[i]);
        found |= ut_file_exists(path) && ut_str_has(ut_test_read(t, path), bytes);
    }
    return found;
}

UT_TEST(rights_retention, text_gives_way_to_its_analysis_and_a_rebuild_gives_the_same_rows)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4 << 20) == UT_OK);
    ut_workspace *kept = fresh(t), *reduced = fresh(t);
    for (int i = 0; i < 2; i++) {
        ut_workspace *workspace = i ? reduced : kept;
        (void)put(t, workspace, 0, story, STORY);
        analyze(t, workspace, false);
    }
    ut_str before = tables(t, reduced, &arena);
    ut_str box = truth_text(t, reduced, &arena, "SELECT payload FROM record WHERE seq = 7");
    UT_EXPECT(before.len > 500 && box.len > 50 && in_files(t, reduced, box));
    ut_retention_report report = retention(t, reduced, 90, false);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].dropped, 0); /* at their time, not past it */
    report = retention(t, reduced, 91, true);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].due, STORY);
    UT_EXPECT_I64(number(t, reduced, "SELECT sum(reduced) FROM record"), 0);
    report = retention(t, reduced, 91, false);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].dropped, STORY);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].due, 0);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].oldest_us, 0);
    UT_EXPECT_I64(number(t, reduced, "SELECT sum(reduced) FROM record"), STORY);
    UT_EXPECT(!in_files(t, reduced, box));
    UT_EXPECT(ut_str_eq(before, tables(t, reduced, &arena)));
    analyze(t, reduced, true);
    UT_EXPECT(ut_str_eq(before, tables(t, reduced, &arena)));
    /* What comes later inherits from the reduced as it would from the whole; the same export adds nothing. */
    for (int i = 0; i < 2; i++) {
        ut_workspace *workspace = i ? reduced : kept;
        UT_EXPECT_I64(put(t, workspace, 91, story, STORY).duplicate, STORY);
        (void)put(t, workspace, 91, later, 2);
        analyze(t, workspace, false);
        analyze(t, workspace, i);
    }
    UT_EXPECT(ut_str_eq(tables(t, kept, &arena), tables(t, reduced, &arena)));
    ut_workspace_close(&kept);
    ut_workspace_close(&reduced);
    ut_arena_close(&arena);
    ut_clock_pin(INT64_MIN);
}

UT_TEST(rights_retention, what_is_not_analysed_keeps_its_text)
{
    ut_workspace *workspace = fresh(t);
    (void)put(t, workspace, 0, story, 3);
    UT_EXPECT_I64(retention(t, workspace, 100, false).classes[UT_KEPT_RAW].due, 3);
    analyze(t, workspace, false);
    (void)put(t, workspace, 1, story + 3, 2);
    ut_retention_report report = retention(t, workspace, 100, false);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].dropped, 3);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].due, 2);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].oldest_us, START_US + UT_DAY_US);
    ut_workspace_close(&workspace);
    ut_clock_pin(INT64_MIN);
}

UT_TEST(rights_retention, an_objection_holds_after_the_text_is_gone_and_revoking_brings_back_what_was_analysed)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4 << 20) == UT_OK);
    ut_workspace *workspace = fresh(t);
    (void)put(t, workspace, 0, story, STORY);
    analyze(t, workspace, false);
    ut_str before = tables(t, workspace, &arena);
    (void)retention(t, workspace, 91, false);
    exec(t, workspace, "UPDATE person SET state = 'objected'");
    analyze(t, workspace, false);
    UT_EXPECT(!ut_str_has(tables(t, workspace, &arena), UT_STR("scored")));
    exec(t, workspace, "UPDATE person SET state = 'notified'");
    analyze(t, workspace, false);
    UT_EXPECT(ut_str_eq(before, tables(t, workspace, &arena)));
    /* Reduced while restricted: nobody looked, and now nobody can. */
    (void)put(t, workspace, 91, later, 2);
    exec(t, workspace, "UPDATE person SET state = 'restricted'");
    analyze(t, workspace, false);
    (void)retention(t, workspace, 200, false);
    exec(t, workspace, "UPDATE person SET state = 'notified'");
    analyze(t, workspace, false);
    ut_str after = tables(t, workspace, &arena);
    UT_EXPECT(ut_str_has(after, UT_STR("unreadable")));
    analyze(t, workspace, true);
    UT_EXPECT(ut_str_eq(after, tables(t, workspace, &arena)));
    ut_workspace_close(&workspace);
    ut_arena_close(&arena);
    ut_clock_pin(INT64_MIN);
}

UT_TEST(rights_retention, records_go_with_their_rows_do_not_come_back_and_leave_their_authors_language)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4 << 20) == UT_OK);
    ut_workspace *workspace = fresh(t);
    (void)put(t, workspace, 0, story, STORY);
    analyze(t, workspace, false);
    (void)put(t, workspace, 350, later, 2);
    analyze(t, workspace, false);
    ut_retention_report report = retention(t, workspace, 401, false);
    UT_EXPECT_I64(report.classes[UT_KEPT_PERSON].dropped, STORY - 1); /* items; one had two versions */
    UT_EXPECT_I64(report.classes[UT_KEPT_PERSON].oldest_us, START_US + 350 * UT_DAY_US);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM record"), 2);
    ut_str after = tables(t, workspace, &arena);
    ut_lake *lake = NULL;
    int64_t n = 0;
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_lake_number(lake, &n, "SELECT count(*) FROM silver_message", NULL, 0, NULL) == UT_OK);
    UT_EXPECT_I64(n, 2);
    UT_REQUIRE(ut_lake_number(lake, &n, "SELECT count(*) FROM silver_message WHERE language = 'de' AND inherited", NULL,
                              0, NULL) == UT_OK);
    UT_EXPECT_I64(n, 1); /* Bernd's "gut" */
    analyze(t, workspace, true);
    UT_EXPECT(ut_str_eq(after, tables(t, workspace, &arena)));
    UT_EXPECT_I64(put(t, workspace, 402, story, STORY).added, 0);
    /* The last of Bernd's goes, and his language with it. */
    (void)retention(t, workspace, 751, false);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM identity WHERE language <> ''"), 0);
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_lake_number(lake, &n, "SELECT count(*) FROM silver_language", NULL, 0, NULL) == UT_OK);
    UT_EXPECT_I64(n, 0);
    ut_workspace_close(&workspace);
    ut_arena_close(&arena);
    ut_clock_pin(INT64_MIN);
}

UT_TEST(rights_retention, letters_figures_and_log_have_their_own_times_and_each_run_leaves_one_proof)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4 << 20) == UT_OK);
    ut_workspace *workspace = fresh(t);
    ut_clock_pin(START_US);
    char sql[600];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO reject (digest, at_us, source, format, byte, reason, sealed) VALUES"
                   " (x'01', %lld, 's', 1, 0, 'r', x'ABCD'), (x'02', %lld, 's', 1, 0, 'r', x'ABCD');"
                   "INSERT INTO cell (team, grain, start_day, end_day, kind, state, frozen_us) VALUES"
                   " ('a', 'week', '2022-12-05', '2022-12-11', 'load', 'shown', %lld),"
                   " ('a', 'week', '2025-12-08', '2025-12-14', 'load', 'shown', %lld)",
                   (long long)(START_US - 91 * UT_DAY_US), (long long)(START_US - 89 * UT_DAY_US),
                   (long long)(START_US - 1097 * UT_DAY_US), (long long)(START_US - 1090 * UT_DAY_US));
    exec(t, workspace, sql);
    exec(t, workspace, "INSERT INTO segment VALUES (0, 6, 0); INSERT INTO atom VALUES (1, 0, 'a', 0, 6, 10, NULL)");
    ut_audit_entry entry = {.principal = UT_STR("key"), .action = UT_STR("sql")};
    ut_clock_pin(START_US - 732 * UT_DAY_US);
    UT_REQUIRE(ut_audit_append(workspace, &entry, NULL) == UT_OK);
    ut_clock_pin(START_US - 700 * UT_DAY_US);
    UT_REQUIRE(ut_audit_append(workspace, &entry, NULL) == UT_OK);
    ut_retention_report report = retention(t, workspace, 0, false);
    UT_EXPECT_I64(report.classes[UT_KEPT_REJECTS].dropped, 1);
    UT_EXPECT_I64(report.classes[UT_KEPT_CELLS].dropped, 1);
    UT_EXPECT_I64(report.classes[UT_KEPT_AUDIT].dropped, 1);
    UT_EXPECT_I64(number(t, workspace, "SELECT (SELECT count(*) FROM segment) + (SELECT count(*) FROM atom)"), 0);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM unfinished"), 0);
    int64_t entries = 0;
    UT_EXPECT_I64(ut_audit_verify(workspace, &entries, NULL), UT_OK);
    UT_EXPECT_I64(entries, 2);
    UT_EXPECT_STR(truth_text(t, workspace, &arena, "SELECT detail FROM audit WHERE action = 'retention'"),
                  "raw text: 0 dropped, oldest left none; person rows: 0 dropped, oldest left none;"
                  " dead letters: 1 dropped, oldest left 2025-10-10T10:00:00Z;"
                  " group figures: 1 dropped, oldest left 2023-01-13T10:00:00Z;"
                  " audit log: 1 dropped, oldest left 2024-02-07T10:00:00Z");
    (void)retention(t, workspace, 0, false);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM audit WHERE action = 'retention'"), 1);
    ut_workspace_close(&workspace);
    ut_arena_close(&arena);
    ut_clock_pin(INT64_MIN);
}

UT_TEST(rights_retention, figures_never_go_before_the_rows_they_were_made_from)
{
    ut_workspace *workspace = fresh(t);
    UT_REQUIRE(ut_policy_set(workspace, UT_STR("keep_cells_months"), UT_STR("1"), NULL) == UT_OK);
    ut_clock_pin(START_US);
    exec(t, workspace,
         "INSERT INTO cell (team, grain, start_day, end_day, kind, state, frozen_us) VALUES"
         " ('a', 'week', '2022-12-05', '2022-12-11', 'load', 'shown', 1767780000000000)");
    UT_EXPECT_I64(retention(t, workspace, 399, false).classes[UT_KEPT_CELLS].dropped, 0);
    UT_EXPECT_I64(retention(t, workspace, 401, false).classes[UT_KEPT_CELLS].dropped, 1);
    ut_workspace_close(&workspace);
    ut_clock_pin(INT64_MIN);
}

UT_TEST(rights_retention, a_note_left_by_a_killed_run_is_finished_with_the_counts_of_both)
{
    ut_workspace *workspace = fresh(t);
    (void)put(t, workspace, 0, story, 3);
    analyze(t, workspace, false);
    exec(t, workspace, "INSERT INTO unfinished (work, detail, at_us) VALUES ('retention', '40 0 7 0 0', 0)");
    ut_retention_report report = retention(t, workspace, 91, false);
    UT_EXPECT_I64(report.classes[UT_KEPT_RAW].dropped, 43);
    UT_EXPECT_I64(report.classes[UT_KEPT_REJECTS].dropped, 7);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM unfinished"), 0);
    UT_EXPECT_I64(number(t, workspace,
                         "SELECT count(*) FROM audit WHERE action = 'retention'"
                         " AND detail LIKE 'raw text: 43 dropped%'"),
                  1);
    ut_workspace_close(&workspace);
    ut_clock_pin(INT64_MIN);
}

UT_TEST(rights_retention, strangers_go_with_the_last_of_their_records)
{
    ut_workspace *workspace = fresh(t);
    char path[300];
    (void)snprintf(path, sizeof path, "%s/people.csv", ut_test_dir(t));
    ut_test_write(t, path, UT_STR("id,email,team\np1,boss@x.org,red\n"));
    ut_people_counts people;
    UT_REQUIRE(ut_people_import(&people, workspace, path, NULL) == UT_OK);
    (void)put(t, workspace, 0, story, STORY);
    (void)put(t, workspace, 300, later, 1);
    analyze(t, workspace, false);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM identity"), 5);
    (void)retention(t, workspace, 401, false);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM identity"), 2); /* the boss, and Bernd, who wrote later */
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM identity_name"), 2);
    analyze(t, workspace, false);
    (void)retention(t, workspace, 701, false);
    UT_EXPECT_I64(number(t, workspace, "SELECT count(*) FROM identity"), 1);
    ut_workspace_close(&workspace);
    ut_clock_pin(INT64_MIN);
}
