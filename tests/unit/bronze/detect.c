#include "bronze/detect.h"
#include "harness/test.h"

#include <stdio.h>
#include <sys/stat.h>

typedef struct expected {
    const char *name, *head;
    ut_input_kind kind;
    const char *what;
} expected;

static void expect_bytes(ut_test *t, const expected *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ut_detected found = ut_detect_bytes(ut_str_of(cases[i].name), ut_str_of(cases[i].head), true);
        if (found.kind != cases[i].kind || strcmp(found.what, cases[i].what) != 0) {
            ut_test_fail(t, __FILE__, __LINE__, "%s «%.60s» is %d %s, want %d "
                "%s", cases[i].name, cases[i].head, found.kind,
                         found.what, cases[i].kind, cases[i].what);
        }
    }
}

UT_TEST(bronze_detect, supported_inputs_are_told_from_their_first_bytes)
{
    static const expected cases[] = {
        {"x.bin", "From ann@example.org Mon Jan  5 10:00:00 2026\nFrom: "
            "ann@example.org\n\nhi\n", UT_INPUT_MBOX, "mbox"},
        {"x.txt", "Return-Path: <a@example.org>\r\nReceived: from x\r\n\tby y\r\nSubject: "
            "hi\r\n\r\n", UT_INPUT_EML, "mail"},
        {"1700000000.M1P1.host:2,S", "From: ann@example.org\nTo: bob@example.org\n\nhello", UT_INPUT_EML, "mail"},
        {"x.eml", "Subject: only one\n\nhello", UT_INPUT_EML, "mail"},
        {"x", "From ann\nFrom: ann@example.org\nDate: today\n\n", UT_INPUT_EML, "mail"},
        {"x", "From  : Ann <ann@example.org>\nTo    : Bob <bob@example.org>\n\n", UT_INPUT_EML, "mail"},
        {"x.json", "{\"kind\":\"message\",\"source\":\"zulip\",\"id\":\"1\"}\n{\"kind\"", UT_INPUT_NDJSON, "NDJSON"},
        {"x", "\xEF\xBB\xBF\n {\"source\":\"s\",\"text\":\"\\\"kind\\\"\","
            "\"kind\":\"event\"}", UT_INPUT_NDJSON, "NDJSON"},
        {"x.ndjson", "{\"text\":\"no kind, no source\"}\n", UT_INPUT_NDJSON, "NDJSON"},
        {"staff.txt", "\xEF\xBB\xBFname;email;team\nAnn;ann@example.org;Blue\n", UT_INPUT_PEOPLE, "people.csv"},
        {"in/people.csv", "id,a,b,c,d,e,f,g\n1\n", UT_INPUT_PEOPLE, "people.csv"},
    };
    expect_bytes(t, cases, sizeof cases / sizeof *cases);
}

UT_TEST(bronze_detect, unsupported_inputs_are_recognised_and_named)
{
    static const expected cases[] = {
        {"x.txt", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", UT_INPUT_UNSUPPORTED, "iCalendar"},
        {"x", "BEGIN:VCARD\nFN:Ann\n", UT_INPUT_UNSUPPORTED, "vCard"},
        {"x", "{\"issues\":[{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{}}],"
            "\"isLast\":true}", UT_INPUT_UNSUPPORTED, "Jira JSON"},
        {"x", "{\"expand\":\"x\",\"startAt\":0,\"total\":1,\"issues\":[", UT_INPUT_UNSUPPORTED, "Jira JSON"},
        {"x", "{\"timestamp\":1,\"webhookEvent\":\"jira:issue_created\"}", UT_INPUT_UNSUPPORTED, "Jira JSON"},
        {"x", "[{\"url\":\"u\",\"id\":1,\"node_id\":\"MDU6\",\"number\":7}]", UT_INPUT_UNSUPPORTED, "GitHub JSON"},
        {"x", "{\"action\":\"opened\",\"issue\":{},\"repository\":{},\"sender\":{}}", UT_INPUT_UNSUPPORTED, "GitHub "
            "JSON"},
        {"x", "[{\"id\":1,\"iid\":1,\"project_id\":7,\"title\":\"t\"}]", UT_INPUT_UNSUPPORTED, "GitLab JSON"},
        {"x", "{\"object_kind\":\"issue\"}", UT_INPUT_UNSUPPORTED, "GitLab JSON"},
        {"x", "{\"order\":[],\"posts\":{}}", UT_INPUT_UNSUPPORTED, "Mattermost"},
        {"x.jsonl", "{\"type\":\"version\",\"version\":1}\n{\"type\":\"team\"}", UT_INPUT_UNSUPPORTED, "Mattermost"},
        {"x", "[{\"content\":\"<p>hi\",\"id\":1,\"sender_full_name\":\"A\"}]", UT_INPUT_UNSUPPORTED, "Zulip"},
        {"x", "{\"zerver_realm\":[]}", UT_INPUT_UNSUPPORTED, "Zulip"},
        {"x", "{\"@odata.context\":\"https://x\",\"value\":[]}", UT_INPUT_UNSUPPORTED, "Microsoft Graph JSON"},
        {"x", "{\"id\":\"1\",\"threadId\":\"1\",\"labelIds\":[\"SENT\"]}", UT_INPUT_UNSUPPORTED, "Gmail JSON"},
        {"x", "{\"kind\":\"calendar#event\",\"iCalUID\":\"x\",\"source\":{}}", UT_INPUT_UNSUPPORTED, "Google "
            "Calendar JSON"},
        {"x", "{\"ok\":true,\"messages\":[{\"ts\":\"1.0\"}]}", UT_INPUT_UNSUPPORTED, "Slack Web API answer"},
        {"2024-01-02.json", "[{\"type\":\"message\",\"ts\":\"1.0\"}]", UT_INPUT_UNSUPPORTED,
         "Slack messages outside their export"},
        {"users.json", "[{\"id\":\"U1\",\"team_id\":\"T\",\"profile\":{}}]", UT_INPUT_UNSUPPORTED,
         "Slack index outside its export"},
        {"x.csv", "Summary,Issue key,Issue id,Status,Created\nx,A-1,1,Open,x\n", UT_INPUT_UNSUPPORTED, "Jira CSV"},
        {"x.log", "[09:14] <ann> hi\n[09:15] <bob> hello\n=== carl joined\n", UT_INPUT_UNSUPPORTED, "IRC log"},
        {"x", "12:01 <ann> hi\n12:02 -!- bob has quit\n", UT_INPUT_UNSUPPORTED, "IRC log"},
        {"x.mbox", "%PDF-1.7\n", UT_INPUT_UNSUPPORTED, "PDF"},
        {"x", "{\"error_code\":null,\"error_info\":null,\"result\":[]}", UT_INPUT_UNSUPPORTED, "Phabricator JSON"},
        {"x", "!BDN\x01", UT_INPUT_UNSUPPORTED, "Outlook PST"},
        {"x", "Rar!\x1A\x07\x01", UT_INPUT_UNSUPPORTED, "RAR archive"},
    };
    expect_bytes(t, cases, sizeof cases / sizeof *cases);
}

UT_TEST(bronze_detect, the_rest_is_unknown_or_nothing)
{
    static const expected cases[] = {
        {"notes.mbox", "From the beginning, it was clear.\nFrom: there on\n", UT_INPUT_UNKNOWN, "unknown"},
        {"x.eml", "just words\n", UT_INPUT_UNKNOWN, "unknown"},
        {"x.json", "{\"a\":1}", UT_INPUT_UNKNOWN, "unknown"},
        {"x.json", "[]", UT_INPUT_UNKNOWN, "unknown"},
        {"x.json", "{\"kind", UT_INPUT_UNKNOWN, "unknown"},
        {"x.csv", "a,b,c\n1,2,3\n", UT_INPUT_UNKNOWN, "unknown"},
        {"x", "\x01\x02\x03", UT_INPUT_UNKNOWN, "unknown"},
        {"x.mbox", "", UT_INPUT_IGNORED, "empty"},
        {"x.mbox", " \n\r\n\t", UT_INPUT_IGNORED, "empty"},
        {"a/.DS_Store", "From: a\nTo: b\n\n", UT_INPUT_IGNORED, "a file of the system"},
        {"cur/dovecot.index", "x", UT_INPUT_IGNORED, "a file of the system"},
        {".hidden", "words", UT_INPUT_IGNORED, "a hidden file"},
        {".topic.ics", "BEGIN:VCALENDAR", UT_INPUT_UNSUPPORTED, "iCalendar"},
    };
    expect_bytes(t, cases, sizeof cases / sizeof *cases);
    ut_detected found = ut_detect_bytes(UT_STR("x"), UT_STR("\0\0\0"), true);
    UT_EXPECT_I64(found.kind, UT_INPUT_UNKNOWN);
}

/* What was cut off behind the first bytes must not change the answer. */
UT_TEST(bronze_detect, beginnings_of_every_length_do_not_crash_and_settle)
{
    static const char text[] = "{\"issues\":[{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":\"x \\\" y\"}}]}";
    for (size_t len = 0; len < sizeof text; len++) {
        char *exact = ut_mem_alloc(len); /* the address sanitizer knows its end */
        UT_REQUIRE(exact);
        memcpy(exact, text, len);
        ut_detected found = ut_detect_bytes(UT_STR("x"), (ut_str){exact, len}, false);
        UT_EXPECT(found.kind == UT_INPUT_UNKNOWN || (len > 40 && strcmp(found.what, "Jira JSON") == 0));
        ut_mem_free(exact);
    }
}

static void put_file(ut_test *t, const char *dir, const char *name, const char *content)
{
    char path[500];
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        (void)snprintf(path, sizeof path, "%s/%.*s", dir, (int)(slash - name), name);
        (void)mkdir(path, 0700);
    }
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ut_test_write(t, path, ut_str_of(content));
}

static void expect_path(ut_test *t, int line, const char *path, ut_input_kind kind, const char *what)
{
    ut_detected found = {0};
    ut_err err = {0};
    if (ut_detect_path(&found, path, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, line, "%s", err.message);
    } else if (found.kind != kind || strcmp(found.what, what) != 0) {
        ut_test_fail(t, __FILE__, line, "%s is %d %s, want %d %s", path, found.kind, found.what, kind, what);
    }
}

UT_TEST(bronze_detect, folders_are_known_by_their_shape)
{
    static const char day[] = "[{\"type\":\"message\",\"ts\":\"1.000000\"}]";
    const char *dir = ut_test_dir(t);
    char path[300];
    put_file(t, dir, "indexed/users.json", "[{\"id\":\"U1\",\"team_id\":\"T\",\"profile\":{}}]");
    put_file(t, dir, "days/general/2024-01-02.json", day);
    put_file(t, dir, "days/notes.txt", "words");
    put_file(t, dir, "other/reports/2024-01-02.json", "[{\"total\":1}]"); /* days, but not Slack's */
    put_file(t, dir, "other/users.json", "[{\"name\":\"ann\"}]");
    put_file(t, dir, "Maildir/cur/1:2,S", "From: a\nTo: b\n\n");
    put_file(t, dir, "Maildir/new/2", "From: a\nTo: b\n\n");
    (void)snprintf(path, sizeof path, "%s/empty", dir);
    UT_REQUIRE(mkdir(path, 0700) == 0);
    static const struct {
        const char *name;
        ut_input_kind kind;
        const char *what;
    } cases[] = {{"indexed", UT_INPUT_SLACK, "Slack export"}, {"days", UT_INPUT_SLACK, "Slack export"},
                 {"other", UT_INPUT_FOLDER, "folder"},        {"Maildir", UT_INPUT_FOLDER, "Maildir"},
                 {"empty", UT_INPUT_FOLDER, "folder"},        {"", UT_INPUT_FOLDER, "folder"},
                 {"days/general", UT_INPUT_FOLDER, "folder"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, cases[i].name);
        expect_path(t, __LINE__, path, cases[i].kind, cases[i].what);
    }
    (void)snprintf(path, sizeof path, "%s/pipe", dir);
    UT_REQUIRE(mkfifo(path, 0600) == 0);
    expect_path(t, __LINE__, path, UT_INPUT_UNSUPPORTED, "a pipe or device");
    (void)snprintf(path, sizeof path, "%s/absent", dir);
    ut_detected found = {.what = "untouched"};
    ut_err err = {0};
    UT_EXPECT_I64(ut_detect_path(&found, path, &err), UT_NOT_FOUND);
    UT_EXPECT(strcmp(found.what, "untouched") == 0 && strstr(err.message, "absent"));
}

UT_TEST(bronze_detect, archives_are_looked_into)
{
    static const struct {
        const char *name;
        ut_input_kind kind;
        const char *what;
    } cases[] = {
        {"slack.zip", UT_INPUT_SLACK, "Slack export"},  {"slack_cut.zip", UT_INPUT_SLACK, "Slack export"},
        {"two.zip", UT_INPUT_ARCHIVE, "archive"},       {"two.tgz", UT_INPUT_ARCHIVE, "archive"},
        {"lone.txt.gz", UT_INPUT_ARCHIVE, "archive"},   {"cut.zip", UT_INPUT_ARCHIVE, "archive"},
        {"encrypted.zip", UT_INPUT_ARCHIVE, "archive"}, {"text.txt", UT_INPUT_UNKNOWN, "unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char below[200];
        (void)snprintf(below, sizeof below, "tests/fuzz/corpus/archive/%s", cases[i].name);
        expect_path(t, __LINE__, ut_test_source(below), cases[i].kind, cases[i].what);
    }
}

UT_TEST(bronze_detect, real_inputs)
{
    static const struct {
        const char *path;
        ut_input_kind kind;
        const char *what;
    } cases[] = {
        {"chat_slack_academy", UT_INPUT_SLACK, "Slack export"},
        {"chat_slack_houstondatavis", UT_INPUT_SLACK, "Slack export"},
        {"mail_mbox_small/mbox_mbox_complex.mbox", UT_INPUT_MBOX, "mbox"},
        {"mail_notmuch_list", UT_INPUT_FOLDER, "folder"},
        {"chat_irc_ubuntu/2004-12-25.train-c.raw.txt", UT_INPUT_UNSUPPORTED, "IRC log"},
        {"workitems_jira_csv/hadoop_bugs.csv", UT_INPUT_UNSUPPORTED, "Jira CSV"},
        {"workitems_api_samples/jira/jira_issues_page_1.json", UT_INPUT_UNSUPPORTED, "Jira JSON"},
        {"workitems_api_samples/github/github_issue_1.json", UT_INPUT_UNSUPPORTED, "GitHub JSON"},
        {"workitems_api_samples/gitlab/issue_1.json", UT_INPUT_UNSUPPORTED, "GitLab JSON"},
        {"chat_api_samples/mattermost/mattermost_posts.json", UT_INPUT_UNSUPPORTED, "Mattermost"},
        {"chat_api_samples/slack/slack_history.json", UT_INPUT_UNSUPPORTED, "Slack Web API answer"},
        {"chat_zulip_lean/144837-PR-reviews/mergify.json", UT_INPUT_UNSUPPORTED, "Zulip"},
        {"calendar_ical4j_samples/4.ics", UT_INPUT_UNSUPPORTED, "iCalendar"},
        {"api_shape_slack/users.list.json", UT_INPUT_UNSUPPORTED, "Slack Web API answer"},
        {"api_shape_github_events/issues/opened.payload.json", UT_INPUT_UNSUPPORTED, "GitHub JSON"},
        {"goemotions/train.tsv", UT_INPUT_UNKNOWN, "unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = ut_test_shared(cases[i].path);
        if (!path) {
            UT_SKIP("no shared data");
        }
        expect_path(t, __LINE__, path, cases[i].kind, cases[i].what);
    }
}

UT_TEST(bronze_detect, memory_that_ends_is_reported)
{
    UT_SWEEP_ALLOC(t)
    {
        ut_detected found = {.what = ""};
        ut_err err = {0};
        ut_status st = ut_detect_path(&found, ut_test_source("tests/fuzz/corpus/archive/slack.zip"), &err);
        UT_EXPECT(st == UT_OK ? found.kind == UT_INPUT_SLACK : st == UT_NOMEM && err.message[0]);
    }
}
