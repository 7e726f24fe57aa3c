/* What a person gets who asks for everything: all of theirs, nothing of others. And the tables, readable again. */
#include "codec/json.h"
#include "os/clock.h"
#include "people/person.h"
#include "undertone/export.h"
#include "undertone/ingest.h"
#include "undertone/people.h"
#include "undertone/retention.h"
#include "unit/egress/org.h"

static ut_status keep(void *ctx, ut_str bytes, ut_err *err)
{
    ut_buf *to = ctx;
    ut_buf_put(to, bytes);
    return to->failed ? ut_fail(err, to->failed, "too much") : UT_OK;
}

/* The export of `who`, NUL-terminated, in a buffer that the caller frees. */
static ut_buf export_of(ut_test *t, ut_workspace *workspace, const char *who, bool raw)
{
    ut_err err = {0};
    ut_buf text = ut_buf_make(64 * UT_MIB);
    ut_principal principal = org_as(t, workspace, who);
    ut_export_options options = {.raw = raw};
    if (ut_export_person(workspace, &principal, &options, keep, &text, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    ut_buf_byte(&text, '\0');
    return text;
}

static void put_file(ut_test *t, const char *folder, const char *name, const char *text)
{
    char path[700];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    UT_REQUIRE(ut_file_replace(path, ut_str_of(text), 0600, NULL) == UT_OK);
}

/* Besides the messages of org.h: a mail of r3's that quotes b7's, one of b7's that quotes r3's, a direct message, and a
 * line of r3's that can't be read. */
static void more_of_r3(ut_test *t, ut_workspace *workspace)
{
    char folder[600];
    (void)snprintf(folder, sizeof folder, "%s", ut_test_dir(t));
    put_file(t, folder, "one.eml",
             "From: Red Three <r3@example.org>\r\nTo: Blue Seven <b7@example.org>, stranger@elsewhere.example\r\n"
             "Subject: Re: stolenwords\r\nMessage-ID: <1@example.org>\r\nIn-Reply-To: <0@example.org>\r\n"
             "Date: Wed, 07 Jan 2026 10:00:00 +0000\r\n\r\nThe ownmailtoken is here, thank you very much.\r\n\r\n"
             "On Tue, 06 Jan 2026, Blue Seven <b7@example.org> wrote:\r\n> the otherstoken was written by me\r\n");
    put_file(
        t, folder, "two.eml",
        "From: Blue Seven <b7@example.org>\r\nTo: r3@example.org\r\nSubject: note\r\nMessage-ID: <2@example.org>\r\n"
        "Date: Thu, 08 Jan 2026 10:00:00 +0000\r\n\r\nThe b7onlytoken, as you said.\r\n");
    put_file(
        t, folder, "bad.ndjson",
        "{\"kind\":\"message\",\"source\":\"t\",\"id\":\"bad\",\"author\":\"r3@example.org\",\"text\":\"no time\"}\n"
        "{\"kind\":\"message\",\"source\":\"t\",\"id\":\"good\",\"author\":\"r4@example.org\",\"at\":"
        "\"2026-01-07T10:00:00Z\",\"text\":\"fine\",\"channel\":\"c\",\"channel_kind\":\"public\"}\n");
    const char *paths[] = {folder};
    ut_ingest_counts read;
    ut_analyze_counts scored;
    ut_err err = {0};
    if (ut_ingest(&read, workspace, paths, 1, NULL, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
    }
    UT_EXPECT_I64(read.rejected, 1);
    UT_REQUIRE(ut_analyze(&scored, workspace, NULL, NULL) == UT_OK);
}

UT_TEST(rights_export, all_of_theirs_and_nothing_of_others)
{
    ut_workspace *workspace = org_fresh(t);
    more_of_r3(t, workspace);
    ut_buf text = export_of(t, workspace, "person:r3", false);
    static const char *const theirs[] = {"\"id\":\"r3\"", "Red 3", "mail:r3@example.org", "tokenr3", "ownmailtoken",
                                         "\"team\":\"red\"", "\"state\":\"notified\"", "\"gratitude\":0.", "\"why\":",
                                         "\"recipients\":2", "quoted_bytes_left_out", "\"days_from_ingest\":90",
                                         "\"action\":\"export\"", "\"languages\":[\"en\"]", "\"reason\":"};
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        if (!strstr(text.ptr, theirs[i])) {
            ut_test_fail(t, __FILE__, __LINE__, "not in the export: %s", theirs[i]);
        }
    }
    static const char *const others[] = {"b7@", "b7only", "otherstoken", "stolenwords", "stranger", "Blue", "tokenr4",
                                         "tokenb3", "r4@", "Red 4", "no time"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strstr(text.ptr, others[i])) {
            ut_test_fail(t, __FILE__, __LINE__, "in the export: %s", others[i]);
        }
    }
    ut_buf_free(&text);
    text = export_of(t, workspace, "person:r3", true); /* verbatim: with what they quoted, as in their mailbox */
    UT_EXPECT(strstr(text.ptr, "otherstoken") && strstr(text.ptr, "stranger") && !strstr(text.ptr, "b7only"));
    ut_buf_free(&text);
    ut_workspace_close(&workspace);
}

UT_TEST(rights_export, one_json_document_with_every_record)
{
    ut_workspace *workspace = org_fresh(t);
    ut_json *json = NULL;
    const ut_json_node *root = NULL;
    ut_err err = {0};
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    ut_buf text = export_of(t, workspace, "person:b8", true);
    ut_str whole = {text.ptr, text.len - 1};
    UT_EXPECT(whole.ptr[whole.len - 1] == '\n' && ut_str_find_byte(whole, '\n', 0) == whole.len - 1);
    if (ut_json_parse(json, &root, whole, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "byte %lld: %s", (long long)err.byte, err.message);
    }
    UT_EXPECT_I64(ut_json_get(root, "records")->count, 4);
    UT_EXPECT_I64(ut_json_get(root, "analyses")->count, 4);
    UT_EXPECT(ut_json_str(ut_json_first(ut_json_get(root, "records")), "raw").len > 50);
    ut_buf_free(&text);
    ut_json_close(&json);
    ut_workspace_close(&workspace);
}

UT_TEST(rights_export, figures_name_the_groups_a_person_is_part_of)
{
    ut_workspace *workspace = org_fresh(t);
    ut_buffer *answer = NULL;
    UT_REQUIRE(ut_report(&answer, workspace, UT_STR("teams"), NULL, NULL) == UT_OK); /* freezes them */
    ut_buffer_free(&answer);
    ut_buf text = export_of(t, workspace, "person:r3", false);
    UT_EXPECT(strstr(text.ptr, "{\"team\":\"red\",\"grain\":\"week\",\"start\":\"2026-01-05\"") != NULL);
    UT_EXPECT(strstr(text.ptr, "\"team\":\"blue\",\"grain\"") == NULL);
    ut_buf_free(&text);
    ut_workspace_close(&workspace);
}

UT_TEST(rights_export, is_for_the_person_alone_and_whole_or_not_at_all)
{
    ut_workspace *workspace = org_fresh(t);
    ut_buf text = ut_buf_make(UT_MIB);
    ut_err err = {0};
    char path[700], temporary[720];
    static const char *const others[] = {NULL, "manager:r0", "owner"};
    for (int i = 0; i < 3; i++) {
        ut_principal principal = org_as(t, workspace, others[i]);
        UT_EXPECT_I64(ut_export_person(workspace, &principal, NULL, keep, &text, &err), UT_DENIED);
    }
    UT_EXPECT_I64(text.len, 0);
    (void)snprintf(path, sizeof path, "%s/r3.json", ut_test_dir(t));
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    ut_principal anna = org_as(t, workspace, "person:r3");
    for (uint64_t nth = 1; nth <= 2; nth++) {
        ut_file_fail_write_at(nth);
        UT_EXPECT(ut_export_person_file(workspace, &anna, path, NULL, &err) != UT_OK);
        ut_file_fail_write_at(0);
        UT_EXPECT(!ut_file_exists(path) && !ut_file_exists(temporary));
    }
    UT_EXPECT(ut_export_person_file(workspace, &anna, path, NULL, &err) == UT_OK && ut_file_exists(path));
    ut_buf_free(&text);
    ut_workspace_close(&workspace);
}

static int64_t rows_in(ut_test *t, const char *folder, const char *name)
{
    ut_lake *lake = NULL;
    ut_lake_options options = {.access = UT_READ_WRITE, .memory_mb = 512};
    int64_t rows = -1;
    char sql[1000];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM '%s/%s'", folder, name);
    UT_REQUIRE(ut_lake_open(&lake, NULL, &options, NULL) == UT_OK);
    if (ut_lake_number(lake, &rows, sql, NULL, 0, NULL) != UT_OK) {
        rows = -1;
    }
    ut_lake_close(&lake);
    return rows;
}

UT_TEST(rights_export, tables_hold_what_the_principal_may_see)
{
    static const struct {
        const char *who;
        int64_t team_week, all_week, my_messages, messages;
    } cases[] = {
        {NULL, 2, 1, -1, -1}, {"manager:b0", 1, -1, -1, -1}, {"person:r3", 2, 1, 4, -1}, {"owner", 2, 1, -1, 72}};
    ut_workspace *workspace = org_fresh(t);
    ut_err err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char folder[640];
        ut_principal principal = org_as(t, workspace, cases[i].who);
        (void)snprintf(folder, sizeof folder, "%s/it's out", ut_test_dir(t));
        UT_EXPECT_I64(ut_export_tables(workspace, &principal, "xlsx", folder, &err), UT_INVALID);
        if (ut_export_tables(workspace, &principal, i % 2 ? "csv" : "parquet", folder, &err) != UT_OK) {
            ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
        }
        UT_EXPECT_I64(ut_export_tables(workspace, &principal, "parquet", folder, &err), UT_INVALID);
        char quoted[700];
        (void)snprintf(quoted, sizeof quoted, "%.*s''s out", (int)(strlen(folder) - 6), folder);
        UT_EXPECT_I64(rows_in(t, quoted, i % 2 ? "v_team_week.csv" : "v_team_week.parquet"), cases[i].team_week);
        UT_EXPECT_I64(rows_in(t, quoted, i % 2 ? "v_all_week.csv" : "v_all_week.parquet"), cases[i].all_week);
        UT_EXPECT_I64(rows_in(t, quoted, i % 2 ? "v_my_messages.csv" : "v_my_messages.parquet"), cases[i].my_messages);
        UT_EXPECT_I64(rows_in(t, quoted, i % 2 ? "v_messages.csv" : "v_messages.parquet"), cases[i].messages);
    }
    ut_workspace_close(&workspace);
}

/* Reads an export; the tree lives until the next one or the close of `json`. */
static const ut_json_node *parsed(ut_test *t, ut_json *json, const ut_buf *text)
{
    const ut_json_node *root = NULL;
    ut_err err = {0};
    if (ut_json_parse(json, &root, (ut_str){text->ptr, text->len - 1}, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "byte %lld: %s", (long long)err.byte, err.message);
    }
    UT_REQUIRE(root != NULL);
    return root;
}

/* Inverse of the export's base64, for groups of four. */
static void unbase64(ut_buf *to, ut_str text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i + 4 <= text.len; i += 4) {
        uint32_t v = 0;
        int padding = 0;
        for (int k = 0; k < 4; k++) {
            const char *at = text.ptr[i + k] == '=' ? NULL : strchr(digits, text.ptr[i + k]);
            padding += at == NULL;
            v = v << 6 | (at ? (uint32_t)(at - digits) : 0);
        }
        char three[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};
        ut_buf_put(to, (ut_str){three, (size_t)(3 - padding)});
    }
}

static void ingest_folder(ut_test *t, ut_workspace *workspace, const char *folder)
{
    ut_ingest_counts read;
    ut_analyze_counts scored;
    UT_REQUIRE(ut_ingest(&read, workspace, &folder, 1, NULL, NULL) == UT_OK && read.rejected == 0);
    UT_REQUIRE(ut_analyze(&scored, workspace, NULL, NULL) == UT_OK);
}

UT_TEST(rights_export, verbatim_bytes_that_are_not_utf8_come_as_base64)
{
    ut_workspace *workspace = org_fresh(t);
    ut_json *json = NULL;
    ut_buf back = ut_buf_make(UT_MIB);
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    char folder[600];
    (void)snprintf(folder, sizeof folder, "%s", ut_test_dir(t));
    /* One, two and three bytes left at the end. */
    for (int more = 0; more < 3; more++) {
        char name[16], mail[600];
        (void)snprintf(name, sizeof name, "%d.eml", more);
        (void)snprintf(mail, sizeof mail,
                       "From: r5@example.org\r\nTo: b7@example.org\r\nSubject: latin\r\n"
                       "Message-ID: <%d@example.org>\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                       "Content-Transfer-Encoding: 8bit\r\n"
                       "Date: Wed, 07 Jan 2026 1%d:00:00 +0000\r\n\r\nLatinTokenGr\xFC\xDF" "e%.*s\r\n",
                       more, more, more, "!!!");
        put_file(t, folder, name, mail);
    }
    ingest_folder(t, workspace, folder);
    ut_buf text = export_of(t, workspace, "person:r5", true);
    UT_EXPECT(ut_str_utf8_valid((ut_str){text.ptr, text.len - 1}) == text.len - 1);
    const ut_json_node *root = parsed(t, json, &text);
    int found = 0;
    for (const ut_json_node *r = ut_json_first(ut_json_get(root, "records")); r; r = ut_json_next(r)) {
        ut_str sealed = ut_json_str(r, "raw_base64");
        if (sealed.len) {
            UT_EXPECT_I64(sealed.len % 4, 0);
            UT_EXPECT(ut_json_str(r, "raw").len == 0);
            UT_EXPECT(ut_str_find(ut_json_str(r, "text"), UT_STR("LatinTokenGrüße"), 0) != UT_NPOS);
            ut_buf_clear(&back);
            unbase64(&back, sealed);
            UT_EXPECT(ut_str_find(ut_buf_str(&back), UT_STR("LatinTokenGr\xFC\xDF" "e"), 0) != UT_NPOS);
            UT_EXPECT(ut_str_starts(ut_buf_str(&back), UT_STR("From: r5@example.org")));
            found++;
        }
    }
    UT_EXPECT_I64(found, 3);
    ut_buf_free(&back);
    ut_buf_free(&text);
    ut_json_close(&json);
    ut_workspace_close(&workspace);
}

UT_TEST(rights_export, dropped_texts_are_named_and_their_analysis_stays)
{
    ut_workspace *workspace = org_fresh(t);
    ut_json *json = NULL;
    ut_retention_report report;
    ut_clock_pin(ut_clock_now_us() + 100 * UT_DAY_US);
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    UT_REQUIRE(ut_retention(&report, workspace, NULL, NULL) == UT_OK);
    ut_buf text = export_of(t, workspace, "person:r3", true);
    ut_clock_pin(INT64_MIN);
    const ut_json_node *root = parsed(t, json, &text);
    UT_EXPECT_I64(ut_json_get(root, "records")->count, 4);
    UT_EXPECT_I64(ut_json_get(root, "analyses")->count, 4);
    for (const ut_json_node *r = ut_json_first(ut_json_get(root, "records")); r; r = ut_json_next(r)) {
        UT_EXPECT(ut_json_get(r, "dropped_as_its_time_was_over") && !ut_json_get(r, "text") && !ut_json_get(r, "raw"));
        UT_EXPECT(!ut_json_get(r, "unreadable"));
    }
    UT_EXPECT(strstr(text.ptr, "tokenr3") == NULL && strstr(text.ptr, "\"gratitude\":0.") != NULL);
    ut_buf_free(&text);
    ut_json_close(&json);
    ut_workspace_close(&workspace);
}

static void expect_tokens(ut_test *t, ut_workspace *workspace, const char *who, bool r3, bool r4)
{
    ut_buf text = export_of(t, workspace, who, false);
    UT_EXPECT((strstr(text.ptr, "tokenr3") != NULL) == r3 && (strstr(text.ptr, "Red 3") != NULL) == r3);
    UT_EXPECT((strstr(text.ptr, "tokenr4") != NULL) == r4 && (strstr(text.ptr, "Red 4") != NULL) == r4);
    UT_EXPECT(strstr(text.ptr, "tokenb") == NULL);
    ut_buf_free(&text);
}

UT_TEST(rights_export, a_merge_brings_both_together_and_an_unmerge_parts_them)
{
    ut_workspace *workspace = org_fresh(t);
    ut_people_change change;
    ut_analyze_counts counts;
    expect_tokens(t, workspace, "person:r3", true, false);
    UT_REQUIRE(ut_people_merge(&change, workspace, UT_STR("r4"), UT_STR("r3"), NULL) == UT_OK);
    expect_tokens(t, workspace, "person:r3", true, true); /* before the next analysis too */
    UT_REQUIRE(ut_analyze(&counts, workspace, NULL, NULL) == UT_OK);
    expect_tokens(t, workspace, "person:r3", true, true);
    expect_tokens(t, workspace, "person:r4@example.org", true, true);
    UT_REQUIRE(ut_people_unmerge(&change, workspace, UT_STR("r4"), NULL) == UT_OK);
    expect_tokens(t, workspace, "person:r3", true, false);
    expect_tokens(t, workspace, "person:r4", false, true);
    ut_workspace_close(&workspace);
}

UT_TEST(rights_export, whoever_objected_still_gets_what_is_stored)
{
    ut_workspace *workspace = org_fresh(t);
    ut_json *json = NULL;
    ut_people_change change;
    ut_analyze_counts counts;
    UT_REQUIRE(ut_json_open(&json, NULL) == UT_OK);
    UT_REQUIRE(ut_people_state_set(&change, workspace, UT_STR("r3"), UT_STR("objected"), NULL) == UT_OK);
    UT_REQUIRE(ut_analyze(&counts, workspace, NULL, NULL) == UT_OK);
    ut_buf text = export_of(t, workspace, "person:r3", false);
    const ut_json_node *root = parsed(t, json, &text);
    UT_EXPECT_I64(ut_json_get(root, "records")->count, 4);
    UT_EXPECT(strstr(text.ptr, "tokenr3") && strstr(text.ptr, "\"state\":\"objected\""));
    UT_EXPECT(strstr(text.ptr, "\"gratitude\":") == NULL); /* nothing is analysed any more */
    ut_buf_free(&text);
    ut_json_close(&json);
    ut_workspace_close(&workspace);
}

/* Takes an export without allocating. */
typedef struct sink {
    char *room;
    size_t len, size;
} sink;

static ut_status keep_here(void *ctx, ut_str bytes, ut_err *err)
{
    sink *to = ctx;
    if (to->len + bytes.len > to->size) {
        return ut_fail(err, UT_IO, "the room of the test is too small");
    }
    memcpy(to->room + to->len, bytes.ptr, bytes.len);
    to->len += bytes.len;
    return UT_OK;
}

UT_TEST(rights_export, is_whole_or_refused_when_memory_ends)
{
    ut_workspace *workspace = org_fresh(t);
    ut_lake *lake = NULL;
    ut_principal anna = org_as(t, workspace, "person:r3");
    ut_export_options raw = {.raw = true};
    ut_clock_pin(1767607200000000);
    UT_REQUIRE(ut_workspace_lake(workspace, &lake, 0, NULL) == UT_OK);
    ut_buf want = export_of(t, workspace, "person:r3", true);
    ut_str whole = ut_str_slice((ut_str){want.ptr, want.len}, 0, ut_str_find(ut_buf_str(&want), UT_STR("\"log\":"), 0));
    int refused = 0;
    static char room[256 * 1024];
    UT_SWEEP_ALLOC(t) {
        ut_err err = {0};
        sink taken = {room, 0, sizeof room};
        ut_status st = ut_export_person(workspace, &anna, &raw, keep_here, &taken, &err);
        if (st == UT_OK) {
            UT_EXPECT(taken.len > whole.len && memcmp(room, whole.ptr, whole.len) == 0);
        } else if ((st != UT_NOMEM && st != UT_LIMIT) || !err.message[0]) {
            ut_test_fail(t, __FILE__, __LINE__, "status %d, %s", (int)st, err.message);
        }
        refused += st != UT_OK;
    }
    UT_EXPECT(refused > 20);
    ut_clock_pin(INT64_MIN);
    ut_buf_free(&want);
    ut_workspace_close(&workspace);
}
