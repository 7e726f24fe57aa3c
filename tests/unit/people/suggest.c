#include "harness/test.h"
#include "people/identity.h"
#include "people/person.h"
#include "people/words.h"
#include "store/audit.h"

#include <stdio.h>
#include <stdlib.h>

UT_TEST(people_words, say_the_same_of_names_that_are_the_same)
{
    static const char *const same[] = {"Jörg Müller", "Müller, Jörg", "JOERG MUELLER", "Dr. Jörg A. Müller (Ops)",
                                       "jo\xcc\x88rg-muller", "  Jorg   M\xc3\xbcller [ext]"};
    char room[UT_WORDS_MAX];
    int count = 0;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        UT_EXPECT_STR(ut_name_words(room, &count, ut_str_of(same[i])), "jorg muller");
        UT_EXPECT_I64(count, 2);
    }
    static const char *const handles[] = {"mail:joerg.mueller@x.org", "slack:mueller_joerg", "joerg.mueller+tag@y.org"};
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) {
        UT_EXPECT_STR(ut_address_words(room, &count, ut_str_of(handles[i])), "jorg muller");
    }
    UT_EXPECT_STR(ut_name_words(room, &count, UT_STR("Łukasz Groß")), "gross lukasz");
    UT_EXPECT_STR(ut_name_words(room, &count, UT_STR("Анна ПЕТРОВА")), "анна петрова");
    UT_EXPECT_STR(ut_name_words(room, &count, UT_STR("\xff\xfe ()")), "");
    UT_EXPECT_STR(ut_name_words(room, &count, UT_STR("")), "");
    UT_EXPECT_I64(count, 0);
    char lots[4000];
    memset(lots, 'x', sizeof lots);
    for (size_t i = 0; i < sizeof lots; i += 7) {
        lots[i] = ' ';
    }
    UT_EXPECT(ut_name_words(room, &count, (ut_str){lots, sizeof lots}).len <= UT_WORDS_MAX);
    memset(lots, 'x', sizeof lots);
    UT_EXPECT(ut_name_words(room, &count, (ut_str){lots, sizeof lots}).len <= UT_WORDS_MAX);
}

/* What comes in is what strangers wrote in their From: lines. */
UT_TEST(people_words, stay_in_their_room_whatever_the_bytes)
{
    static const char letters[] = "a.e (O)[\xc3\xbc\xc3\x9f\xcc\x88\xd0\x90]-'1\xff\x80 ";
    char name[600], room[UT_WORDS_MAX];
    for (int round = 0; round < 20000; round++) {
        size_t len = ut_rng_below(&t->rng, sizeof name);
        int count = 0;
        for (size_t i = 0; i < len; i++) {
            name[i] = round % 2 ? (char)ut_rng_u64(&t->rng) : letters[ut_rng_below(&t->rng, sizeof letters - 1)];
        }
        ut_str words = ut_name_words(room, &count, (ut_str){name, len});
        UT_REQUIRE(words.len <= UT_WORDS_MAX && (count > 0) == (words.len > 0));
        words = ut_address_words(room, &count, (ut_str){name, len});
        UT_REQUIRE(words.len <= UT_WORDS_MAX && (count > 0) == (words.len > 0));
    }
}

static ut_workspace *fresh(ut_test *t, const char *csv)
{
    char path[300];
    ut_workspace *workspace = NULL;
    ut_people_counts counts;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    if (csv) {
        (void)snprintf(path, sizeof path, "%s/people.csv", ut_test_dir(t));
        ut_test_write(t, path, ut_str_of(csv));
        UT_REQUIRE(ut_people_import(&counts, workspace, path, NULL) == UT_OK);
    }
    return workspace;
}

static void note(ut_test *t, ut_workspace *workspace, const char *handle, const char *name, bool bot)
{
    ut_identities *ids = NULL;
    UT_REQUIRE(ut_identities_open(&ids, workspace, NULL) == UT_OK);
    UT_REQUIRE(ut_identity_note(ids, ut_str_of(handle), ut_str_of(name), (ut_str){0}, bot, NULL) == UT_OK);
    ut_identities_close(&ids);
    UT_REQUIRE(ut_people_settle(workspace, NULL) == UT_OK);
}

/* The answer of a question for names; "" when it was refused. Freed with the arena of the test run. */
static ut_str ask(ut_workspace *workspace,
                  ut_status (*question)(ut_buffer **, ut_workspace *, const ut_people_query *, ut_err *),
                  const ut_people_query *query)
{
    static char room[20000];
    ut_buffer *answer = NULL;
    if (question(&answer, workspace, query, NULL) != UT_OK) {
        return (ut_str){0};
    }
    size_t len = answer->len < sizeof room ? answer->len : sizeof room - 1;
    memcpy(room, answer->bytes, len);
    room[len] = 0;
    ut_buffer_free(&answer);
    return (ut_str){room, len};
}

static size_t times(ut_str text, const char *needle)
{
    size_t count = 0;
    for (size_t at = 0; (at = ut_str_find(text, ut_str_of(needle), at)) != UT_NPOS; at++) {
        count++;
    }
    return count;
}

UT_TEST(people_suggest, finds_who_is_probably_one_and_says_why)
{
    ut_workspace *workspace = fresh(t, "id,name,email,team\n"
                                       "p1,Anna Meier,anna.meier@x.org,red\n"
                                       "p2,Jörg Müller,jm@x.org,blue\n"
                                       "p3,Anna Meier,am@x.org,blue\n");
    note(t, workspace, "slack:U024BE7LH", "Müller, Joerg", false); /* an outsider without an address */
    note(t, workspace, "mail:a.meier@x.org", "Meier, Anna", false);
    note(t, workspace, "github:anna.meier", "am", false);
    note(t, workspace, "mail:anna.meier@elsewhere.com", "Anna Meier", false); /* an outsider with one */
    note(t, workspace, "mail:info@x.org", "", false);
    note(t, workspace, "zulip:info", "", false);
    note(t, workspace, "slack:B1", "Jörg Müller", true);
    ut_str out = ask(workspace, ut_people_suggest, &(ut_people_query){.purpose = "test", .format = "json"});
    UT_EXPECT_I64(times(out, "\"reason\""), 5); /* p1 and p3 share a name */
    UT_EXPECT_I64(
        times(out, "{\"who\":{\"number\":0,\"name\":\"Müller, Joerg\",\"handle\":\"slack:U024BE7LH\"},\"into\":"), 1);
    UT_EXPECT_I64(times(out, "elsewhere.com"), 0);
    UT_EXPECT_I64(times(out, "info"), 0);
    UT_EXPECT_I64(times(out, "\"handle\":\"github:anna.meier\"},\"into\":"), 2);
    UT_EXPECT_I64(times(out, "\"handle\":\"mail:a.meier@x.org\"},\"into\":"), 2);
    out = ask(workspace, ut_people_suggest, &(ut_people_query){.purpose = "test"});
    UT_EXPECT_I64(times(out, "undertone people merge slack:U024BE7LH number:2`"), 1);
    ut_workspace_close(&workspace);
}

UT_TEST(people_suggest, without_a_roster_compares_domains)
{
    ut_workspace *workspace = fresh(t, NULL);
    note(t, workspace, "mail:am@x.org", "Anna Meier", false);
    note(t, workspace, "mail:meier@x.org", "Anna Meier", false);
    note(t, workspace, "mail:other@y.org", "Anna Meier", false);
    note(t, workspace, "mail:meier@z.org", "", false);
    ut_str out = ask(workspace, ut_people_suggest, &(ut_people_query){.purpose = "test", .format = "json"});
    UT_EXPECT_I64(times(out, "same name and domain"), 1);
    UT_EXPECT_I64(times(out, "same address or handle before the domain"), 1);
    UT_EXPECT_I64(times(out, "\"reason\""), 2);
    UT_EXPECT_I64(times(out, "y.org"), 0);
    ut_workspace_close(&workspace);
}

UT_TEST(people_list, tells_names_only_with_a_purpose_and_logs_it)
{
    ut_workspace *workspace =
        fresh(t, "id,name,email,team,time_zone\np1,\"Anna \"\"A\"\" Meier\",a@x.org,red,Europe/Rome\n");
    note(t, workspace, "slack:U1", "anna", false);
    note(t, workspace, "mail:noreply@x.org", "", false);
    note(t, workspace, "mail:out@y.org", "Out", false);
    UT_REQUIRE(ut_people_merge(&(ut_people_change){0}, workspace, UT_STR("slack:U1"), UT_STR("p1"), NULL) == UT_OK);
    ut_err err = {0};
    ut_buffer *none = NULL;
    UT_EXPECT_I64(ut_people_list(&none, workspace, &(ut_people_query){.purpose = " "}, &err), UT_INVALID);
    UT_EXPECT_I64(ut_people_list(&none, workspace, &(ut_people_query){.purpose = "x", .format = "csv"}, &err),
                  UT_INVALID);
    UT_EXPECT(none == NULL);
    ut_str out = ask(workspace, ut_people_list, &(ut_people_query){.purpose = "test", .format = "json"});
    UT_EXPECT_I64(
        times(out, "\"id\":\"p1\",\"name\":\"Anna \\\"A\\\" Meier\",\"team\":\"red\",\"time_zone\":\"Europe/Rome\""),
        1);
    UT_EXPECT_I64(times(out, "\"handle\":\"slack:U1\",\"name\":\"anna\",\"mark\":\"\",\"merged_from\":2"), 1);
    UT_EXPECT_I64(times(out, "\"counts\":{\"people\":1,\"external\":1,\"bots\":1}"), 1);
    UT_EXPECT_I64(times(out, "out@y.org"), 0);
    out = ask(workspace, ut_people_list, &(ut_people_query){.purpose = "test", .externals = true});
    UT_EXPECT_I64(times(out, "external  mail:out@y.org  Out\n"), 1);
    out = ask(workspace, ut_people_list, &(ut_people_query){.purpose = "test", .bots = true});
    UT_EXPECT_I64(times(out, "bot       mail:noreply@x.org\n"), 1);
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth,
                                "SELECT count(*) FROM audit WHERE action = 'people list' AND purpose = 'test'", NULL) ==
               UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    UT_EXPECT_I64(ut_stmt_i64(stmt, 0), 3);
    ut_stmt_close(&stmt);
    ut_workspace_close(&workspace);
}

UT_TEST(people_decide, is_whole_or_not_there_when_memory_ends)
{
    ut_workspace *workspace = fresh(t, "id,name,email,team\np1,Anna Meier,a@x.org,red\np2,Bo,b@x.org,red\n");
    int64_t entries = 0;
    note(t, workspace, "chat:anna.meier", "Anna Meier", false);
    UT_SWEEP_ALLOC(t) {
        ut_people_change change = {0};
        ut_buffer *answer = NULL;
        ut_err err = {0};
        ut_status st = ut_people_merge(&change, workspace, UT_STR("chat:anna.meier"), UT_STR("p1"), &err);
        st = st == UT_OK ? ut_people_share(&change, workspace, UT_STR("p1"), UT_STR("p2"), true, &err) : st;
        st = st == UT_OK ? ut_people_mark(&change, workspace, UT_STR("b@x.org"), UT_STR("person"), &err) : st;
        st = st == UT_OK ? ut_people_unmerge(&change, workspace, UT_STR("chat:anna.meier"), &err) : st;
        UT_EXPECT(st == UT_OK || st == UT_NOMEM || st == UT_LIMIT);
        ut_people_query query = {.purpose = "test", .format = "json"};
        if (ut_people_suggest(&answer, workspace, &query, &err) == UT_OK) {
            UT_EXPECT(times((ut_str){answer->bytes, answer->len}, "\"reason\"") <= 1);
            ut_buffer_free(&answer);
        }
        if (ut_people_list(&answer, workspace, &query, &err) == UT_OK) {
            ut_buffer_free(&answer);
        }
    }
    UT_EXPECT_I64(ut_audit_verify(workspace, &entries, NULL), UT_OK);
    UT_EXPECT(entries > 4);
    ut_workspace_close(&workspace);
}
