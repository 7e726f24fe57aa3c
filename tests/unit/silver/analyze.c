/* The analysis as a whole: states, versions, languages, and that pieces, kills and rebuilds end in the same rows. */
#include "bronze/intake.h"
#include "harness/test.h"
#include "people/people.h"
#include "undertone/analyze.h"

#include <stdio.h>

static ut_workspace *fresh(ut_test *t)
{
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    return workspace;
}

typedef struct post {
    const char *id, *author, *text;
    int64_t edited;
    bool deleted, machine;
} post;

static ut_ingest_counts put_again(ut_test *t, ut_workspace *workspace, const post *posts, size_t count)
{
    ut_intake *intake = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_intake_open(&intake, workspace, 1, NULL) == UT_OK);
    const ut_sink *sink = ut_intake_sink(intake);
    for (size_t i = 0; i < count; i++) {
        char payload[600];
        int len = snprintf(
            payload, sizeof payload,
            "{\"kind\":\"message\",\"source\":\"t\",\"id\":\"%s\",\"author\":\"%s\",\"at\":\"2026-01-07T10:00:00Z\",\"text\":\"%s\"}",
            posts[i].id, posts[i].author, posts[i].text);
        char author[100];
        int author_len =
            snprintf(author, sizeof author, "%s%s", strchr(posts[i].author, '@') ? "mail:" : "t:", posts[i].author);
        ut_record record = {.kind = UT_RECORD_MESSAGE,
                            .format = UT_FORMAT_NDJSON,
                            .source = UT_STR("t"),
                            .id = ut_str_of(posts[i].id),
                            .author = {author, (size_t)author_len},
                            .channel = UT_STR("c"),
                            .channel_kind = UT_CHANNEL_PUBLIC,
                            .at_us = 1767780000000000,
                            .edited_us = posts[i].edited,
                            .deleted = posts[i].deleted,
                            .machine = posts[i].machine,
                            .payload = {payload, (size_t)len}};
        UT_EXPECT_I64(sink->record(sink->ctx, &record, &err), UT_OK);
    }
    UT_EXPECT_I64(ut_intake_flush(intake, &err), UT_OK);
    ut_ingest_counts counts = *ut_intake_counts(intake);
    ut_intake_close(&intake);
    return counts;
}

static void put(ut_test *t, ut_workspace *workspace, const post *posts, size_t count)
{
    (void)put_again(t, workspace, posts, count);
}

static ut_analyze_counts analyze(ut_test *t, ut_workspace *workspace, bool rebuild)
{
    ut_analyze_counts counts = {0};
    ut_err err = {0};
    ut_analyze_options options = {.rebuild = rebuild, .threads = 2};
    if (ut_analyze(&counts, workspace, &options, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    return counts;
}

/* One text over all rows, in the order of their keys. */
static ut_str tables(ut_test *t, ut_workspace *workspace, ut_arena *arena)
{
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    bool more = false;
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    UT_REQUIRE(
        ut_lake_query(
            &rows, lake,
            "SELECT (SELECT string_agg(CAST(m AS VARCHAR), chr(10) ORDER BY item) FROM silver_message m) ||"
            " coalesce((SELECT string_agg(CAST(s AS VARCHAR), chr(10) ORDER BY item) FROM silver_score s), '') ||"
            " coalesce((SELECT string_agg(CAST(l AS VARCHAR), chr(10) ORDER BY author) FROM silver_language l), '')",
            NULL, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_rows_next(rows, &more, NULL) == UT_OK && more);
    ut_str all = ut_arena_copy(arena, ut_rows_str(rows, 0));
    ut_rows_close(&rows);
    return all;
}

static ut_str state_of(ut_test *t, ut_workspace *workspace, ut_arena *arena, int64_t item, const char *column)
{
    ut_lake *lake = NULL;
    ut_rows *rows = NULL;
    bool more = false;
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT CAST(%s AS VARCHAR) FROM silver_message WHERE item = %lld", column,
                   (long long)item);
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_lake_query(&rows, lake, sql, NULL, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_rows_next(rows, &more, NULL) == UT_OK && more);
    ut_str text = ut_arena_copy(arena, ut_rows_str(rows, 0));
    ut_rows_close(&rows);
    return text;
}

static const post story[] = {
    {"1", "anna", "Thank you all so much, the release went out and the customers are happy!", 0, false, false},
    {"2", "bernd", "Ich habe das gestern noch einmal geprüft und es funktioniert jetzt wie erwartet.", 0, false, false},
    {"3", "bernd", "ok danke", 0, false, false},
    {"4", "anna", "ok", 0, false, false},
    {"5", "bot", "Build 77 failed.", 0, false, true},
    {"6", "anna", "", 0, false, false},
    {"7", "anna", "I am so frustrated with this flaky test, it blocked me again the whole day.", 0, false, false},
    {"7", "anna", "This flaky test blocked me again, but it is fixed now.", 5, false, false},
    {"8", "anna", "never mind", 0, true, false},
    {"9", "carla", ":tada: :tada:", 0, false, false},
};
enum { STORY = sizeof story / sizeof *story };

UT_TEST(silver_analyze, every_message_ends_in_the_state_it_should)
{
    ut_workspace *workspace = fresh(t);
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 1 << 20) == UT_OK);
    put(t, workspace, story, STORY);
    ut_analyze_counts counts = analyze(t, workspace, false);
    static const char *const states[] = {"scored", "language", "language", "scored", "automatic", "empty", "scored"};
    for (int i = 0; i < 7; i++) {
        UT_EXPECT_STR(state_of(t, workspace, &arena, i + 1, "state"), states[i]);
    }
    UT_EXPECT_STR(state_of(t, workspace, &arena, 9, "state"), "deleted");
    UT_EXPECT_STR(state_of(t, workspace, &arena, 10, "state"), "scored");
    UT_EXPECT_STR(state_of(t, workspace, &arena, 3, "language"), "de"); /* Bernd's */
    UT_EXPECT_STR(state_of(t, workspace, &arena, 3, "inherited"), "true");
    UT_EXPECT_STR(state_of(t, workspace, &arena, 4, "language"), "en"); /* Anna's */
    UT_EXPECT_I64(counts.records, STORY);
    UT_EXPECT_I64(counts.scored + counts.language + counts.automatic + counts.empty + counts.deleted, STORY - 1);
    UT_EXPECT(!counts.from_start);
    ut_arena_close(&arena);
    ut_workspace_close(&workspace);
}

UT_TEST(silver_analyze, pieces_and_rebuilds_end_in_the_same_rows)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4 << 20) == UT_OK);
    ut_workspace *whole = fresh(t), *pieces = fresh(t);
    put(t, whole, story, STORY);
    (void)analyze(t, whole, false);
    for (size_t i = 0; i < STORY; i++) {
        put(t, pieces, &story[i], 1);
        (void)analyze(t, pieces, false);
    }
    ut_str a = tables(t, whole, &arena), b = tables(t, pieces, &arena);
    UT_EXPECT(a.len > 500);
    UT_EXPECT(ut_str_eq(a, b));
    (void)analyze(t, pieces, true);
    UT_EXPECT(ut_str_eq(a, tables(t, pieces, &arena)));
    ut_analyze_counts again = analyze(t, pieces, false);
    UT_EXPECT_I64(again.records, 0);
    ut_workspace_close(&whole);
    ut_workspace_close(&pieces);
    ut_arena_close(&arena);
}

UT_TEST(silver_analyze, an_edit_that_arrives_before_its_original_still_wins)
{
    ut_workspace *workspace = fresh(t);
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 1 << 20) == UT_OK);
    put(t, workspace, &story[7], 1); /* the edited one */
    (void)analyze(t, workspace, false);
    ut_str edited = tables(t, workspace, &arena);
    put(t, workspace, &story[6], 1); /* the original, from an older export */
    (void)analyze(t, workspace, false);
    UT_EXPECT(ut_str_eq(edited, tables(t, workspace, &arena)));
    ut_arena_close(&arena);
    ut_workspace_close(&workspace);
}

UT_TEST(silver_analyze, a_roster_makes_outsiders_external_and_starts_over)
{
    ut_workspace *workspace = fresh(t);
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 1 << 20) == UT_OK);
    static const post mails[] = {
        {"1", "anna@x.org", "Thanks a lot for your help with the release!", 0, false, false},
        {"2", "client@y.com", "We are very unhappy with the delay of the delivery.", 0, false, false}};
    put(t, workspace, mails, 2);
    UT_EXPECT_I64(analyze(t, workspace, false).scored, 2);
    char path[300];
    (void)snprintf(path, sizeof path, "%s/people.csv", ut_test_dir(t));
    ut_test_write(t, path, UT_STR("id,email,team\np1,anna@x.org,red\n"));
    ut_people_counts people;
    UT_REQUIRE(ut_people_import(&people, workspace, path, NULL) == UT_OK);
    ut_analyze_counts counts = analyze(t, workspace, false);
    UT_EXPECT(counts.from_start);
    UT_EXPECT_I64(counts.scored, 1);
    UT_EXPECT_I64(counts.external, 1);
    UT_EXPECT(!analyze(t, workspace, false).from_start);
    ut_arena_close(&arena);
    ut_workspace_close(&workspace);
}

UT_TEST(silver_analyze, the_lake_holds_no_word_of_any_text)
{
    ut_workspace *workspace = fresh(t);
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 1 << 20) == UT_OK);
    put(t, workspace, story, STORY);
    (void)analyze(t, workspace, false);
    ut_str all = tables(t, workspace, &arena);
    static const char *const words[] = {"customers", "flaky", "blocked", "danke", "anna", "bernd"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        UT_EXPECT(!ut_str_has(all, ut_str_of(words[i])));
    }
    ut_arena_close(&arena);
    ut_workspace_close(&workspace);
}

static int64_t lake_number(ut_test *t, ut_workspace *workspace, const char *sql)
{
    ut_lake *lake = NULL;
    int64_t n = -1;
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    UT_REQUIRE(ut_lake_number(lake, &n, sql, NULL, 0, NULL) == UT_OK);
    return n;
}

UT_TEST(silver_analyze, who_objects_is_no_longer_analysed_and_comes_back_unchanged)
{
    static const char *const states[][2] = {
        {"objected", "objected"}, {"withdrawn", "objected"}, {"restricted", "restricted"}};
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4 << 20) == UT_OK);
    ut_workspace *workspace = fresh(t);
    put(t, workspace, story, STORY);
    (void)analyze(t, workspace, false);
    ut_str before = tables(t, workspace, &arena);
    int64_t all = lake_number(t, workspace, "SELECT count(*) FROM v_messages");
    for (int i = 0; i < 3; i++) {
        char sql[200];
        (void)snprintf(sql, sizeof sql, "UPDATE person SET state = '%s' WHERE id = (SELECT person FROM identity i JOIN"
                                        " record r ON r.author = i.id WHERE r.seq = 1)", states[i][0]);
        UT_REQUIRE(ut_truth_exec(workspace->truth, sql, NULL) == UT_OK);
        UT_EXPECT_I64(put_again(t, workspace, story, STORY).skipped, i < 2 ? 6 : 0); /* Anna's */
        ut_analyze_counts counts = analyze(t, workspace, false);
        UT_EXPECT(counts.from_start);
        UT_EXPECT_I64(i < 2 ? counts.objected : counts.restricted, 5);
        UT_EXPECT_STR(state_of(t, workspace, &arena, 1, "state"), states[i][1]);
        UT_EXPECT_STR(state_of(t, workspace, &arena, 1, "words"), "0");
        UT_EXPECT_I64(lake_number(t, workspace, "SELECT count(*) FROM v_messages"), all - 5);
        UT_EXPECT_I64(lake_number(t, workspace, "SELECT count(*) FROM silver_score WHERE item = 1"), 0);
        UT_REQUIRE(ut_truth_exec(workspace->truth, "UPDATE person SET state = 'notified'", NULL) == UT_OK);
        UT_EXPECT(analyze(t, workspace, false).from_start);
        UT_EXPECT(ut_str_eq(before, tables(t, workspace, &arena)));
    }
    ut_workspace_close(&workspace);
    ut_arena_close(&arena);
}

UT_TEST(silver_analyze, an_objection_counts_at_once_and_the_next_analysis_knows_of_it)
{
    ut_workspace *workspace = fresh(t);
    ut_people_change change;
    put(t, workspace, story, STORY);
    (void)analyze(t, workspace, false);
    int64_t all = lake_number(t, workspace, "SELECT count(*) FROM v_messages");
    UT_REQUIRE(ut_people_state_set(&change, workspace, UT_STR("t:anna"), UT_STR("objected"), NULL) == UT_OK);
    UT_EXPECT_I64(lake_number(t, workspace, "SELECT count(*) FROM v_messages"), all - 5);
    UT_EXPECT_I64(lake_number(t, workspace, "SELECT count(*) FROM silver_message WHERE state = 'objected'"), 0);
    UT_EXPECT(analyze(t, workspace, false).from_start);
    UT_EXPECT_I64(lake_number(t, workspace, "SELECT count(*) FROM silver_message WHERE state = 'objected'"), 5);
    UT_REQUIRE(ut_people_state_set(&change, workspace, UT_STR("t:anna"), UT_STR("notified"), NULL) == UT_OK);
    (void)analyze(t, workspace, false);
    UT_EXPECT_I64(lake_number(t, workspace, "SELECT count(*) FROM v_messages"), all);
    ut_workspace_close(&workspace);
}

UT_TEST(silver_analyze, a_merge_does_not_lift_an_objection)
{
    ut_workspace *workspace = fresh(t);
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 1 << 20) == UT_OK);
    put(t, workspace, story, STORY);
    (void)analyze(t, workspace, false);
    /* Carla objects; then somebody says that she is Anna. */
    UT_REQUIRE(ut_truth_exec(workspace->truth,
                             "UPDATE person SET state = 'objected' WHERE id = (SELECT person"
                             "  FROM identity i JOIN record r ON r.author = i.id WHERE r.item = 10);"
                             "INSERT INTO merge SELECT c.person, a.person, 0"
                             "  FROM identity a, identity c, record x, record y"
                             " WHERE x.item = 1 AND a.id = x.author AND y.item = 10 AND c.id = y.author;"
                             "INSERT INTO setting VALUES ('people_dirty', '1')", NULL) == UT_OK);
    UT_EXPECT_I64(analyze(t, workspace, false).objected, 1);
    UT_EXPECT_STR(state_of(t, workspace, &arena, 10, "state"), "objected");
    UT_EXPECT_STR(state_of(t, workspace, &arena, 1, "state"), "scored");
    ut_arena_close(&arena);
    ut_workspace_close(&workspace);
}
