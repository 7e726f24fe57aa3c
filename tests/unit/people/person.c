#include "people/person.h"
#include "harness/test.h"
#include "people/hours.h"
#include "people/identity.h"

#include <stdio.h>

static void import_text(ut_test *t, ut_workspace *workspace, ut_people_counts *counts, const char *csv)
{
    char path[300];
    ut_err err = {0};
    (void)snprintf(path, sizeof path, "%s/people.csv", ut_test_dir(t));
    ut_test_write(t, path, ut_str_of(csv));
    if (ut_people_import(counts, workspace, path, &err) != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
        longjmp(t->leave, 1);
    }
}

static ut_workspace *with_roster(ut_test *t, ut_people_counts *counts, const char *csv)
{
    ut_workspace *workspace = NULL;
    ut_workspace_options options = {.path = ut_test_dir(t), .access = UT_WORKSPACE_WRITE, .create = true};
    UT_REQUIRE(ut_workspace_open(&workspace, &options, NULL) == UT_OK);
    import_text(t, workspace, counts, csv);
    return workspace;
}

static void note(ut_test *t, ut_workspace *workspace, const char *handle, const char *name, const char *address,
                 bool bot)
{
    ut_identities *ids = NULL;
    UT_REQUIRE(ut_identities_open(&ids, workspace, NULL) == UT_OK);
    UT_REQUIRE(ut_identity_note(ids, ut_str_of(handle), ut_str_of(name), ut_str_of(address), bot, NULL) == UT_OK);
    ut_identities_close(&ids);
    UT_REQUIRE(ut_people_settle(workspace, NULL) == UT_OK);
}

static int64_t found(ut_workspace *workspace, const char *text)
{
    int64_t id = 0;
    return ut_person_find(workspace, &id, ut_str_of(text), NULL) == UT_OK ? id : -1;
}

static const char roster[] = "id,name,email,handles,team\n"
                             "p1,Anna Meier,Anna@x.org,slack:U1;zulip:anna@x.org,red\n"
                             "p2,Bo,bo@x.org,,blue\n";

UT_TEST(people_person, is_found_by_id_address_handle_and_number)
{
    ut_people_counts counts;
    ut_workspace *workspace = with_roster(t, &counts, roster);
    int64_t anna = found(workspace, "p1");
    char number[32];
    (void)snprintf(number, sizeof number, "number:%lld", (long long)anna);
    const char *ways[] = {"ANNA@x.org", "mail:Anna@x.org", "slack:U1", "zulip:anna@x.org", " p1 ", number};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        UT_EXPECT_I64(found(workspace, ways[i]), anna);
    }
    UT_EXPECT(anna > 0 && found(workspace, "p2") > 0 && found(workspace, "p2") != anna);
    ut_workspace_close(&workspace);
}

UT_TEST(people_person, nobody_an_outsider_and_a_bot_are_told_apart)
{
    ut_people_counts counts;
    ut_workspace *workspace = with_roster(t, &counts, roster);
    ut_err err = {0};
    int64_t id = 7;
    note(t, workspace, "mail:out@elsewhere.com", "Out", "", false);
    note(t, workspace, "slack:B1", "deploy", "", true);
    note(t, workspace, "mail:noreply@x.org", "", "", false);
    const char *const asked[][2] = {{"ghost@x.org", "nobody is known"},
                                    {"out@elsewhere.com", "external"},
                                    {"slack:B1", "a bot"},
                                    {"noreply@x.org", "a bot"},
                                    {"number:99", "no person"},
                                    {"number:x", "no person"}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        UT_EXPECT_I64(ut_person_find(workspace, &id, ut_str_of(asked[i][0]), &err), UT_NOT_FOUND);
        UT_EXPECT(strstr(err.message, asked[i][1]) != NULL);
    }
    UT_EXPECT_I64(id, 7);
    ut_workspace_close(&workspace);
}

UT_TEST(people_person, names_come_from_the_roster_else_from_the_source)
{
    ut_people_counts counts;
    ut_workspace *workspace = with_roster(t, &counts, "Id,Name,email\np1,Anna Meier,anna@x.org\np2,,bo@x.org\n");
    note(t, workspace, "mail:cy@x.org", "", "", false);       /* first seen as a recipient */
    note(t, workspace, "mail:cy@x.org", "Cy Twombly", "", false);
    note(t, workspace, "mail:cy@x.org", "Somebody Else", "", false);
    note(t, workspace, "mail:dan@x.org", "", "", false);
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, UT_MIB) == UT_OK);
    const char *const want[][2] = {
        {"p1", "Anna Meier"}, {"p2", "p2"}, {"cy@x.org", "Cy Twombly"}, {"dan@x.org", "mail:dan@x.org"}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        ut_str name = {0};
        UT_EXPECT_I64(ut_person_name(workspace, &arena, &name, found(workspace, want[i][0]), NULL), UT_OK);
        UT_EXPECT_STR(name, want[i][1]);
    }
    ut_str row = {0};
    UT_EXPECT_I64(ut_person_row(workspace, &arena, &row, found(workspace, "p1"), NULL), UT_OK);
    UT_EXPECT_STR(row, "{\"id\":\"p1\",\"Name\":\"Anna Meier\",\"email\":\"anna@x.org\"}");
    UT_EXPECT_I64(ut_person_name(workspace, &arena, &row, 99, NULL), UT_NOT_FOUND);
    ut_arena_close(&arena);
    ut_workspace_close(&workspace);
}

/* The teams of `who` on `day`, joined by commas. */
static ut_str teams(ut_test *t, ut_workspace *workspace, const char *who, const char *day)
{
    static char out[400];
    ut_arena arena;
    ut_str *names = NULL;
    size_t count = 0, len = 0;
    UT_REQUIRE(ut_arena_open(&arena, UT_MIB) == UT_OK);
    UT_REQUIRE(ut_people_teams_of_manager(workspace, &arena, &names, &count, found(workspace, who), ut_str_of(day),
                                          NULL) == UT_OK);
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(out + len, sizeof out - len, "%s" UT_STR_FMT, i ? "," : "", UT_STR_ARG(names[i]));
    }
    ut_arena_close(&arena);
    return (ut_str){out, len};
}

UT_TEST(people_managers, see_their_team_and_those_below_on_that_day)
{
    ut_people_counts counts;
    /* Managers by id and by address, named before their own row; eve changes team and manager in February. */
    ut_workspace *workspace = with_roster(t, &counts,
                                          "id,email,team,manager,effective_from,effective_to\n"
                                          "eve,eve@x.org,red,rita@x.org,,2026-02-01\n"
                                          "eve,eve@x.org,blue,bob,2026-02-01,\n"
                                          "rita,rita@x.org,leads,boss,,\n"
                                          "bob,bob@x.org,leads,boss,,\n"
                                          "boss,boss@x.org,board,,,\n"
                                          "fred,fred@x.org,green,nobody,,\n"
                                          "gil,gil@x.org,green,gil,,\n");
    UT_EXPECT_I64(counts.people, 7);
    UT_EXPECT_I64(counts.unknown_managers, 2);
    UT_EXPECT(strstr(counts.first_note, "manager") != NULL);
    UT_EXPECT_STR(teams(t, workspace, "rita", "2026-01-31"), "leads,red");
    UT_EXPECT_STR(teams(t, workspace, "rita", "2026-02-01"), "leads");
    UT_EXPECT_STR(teams(t, workspace, "bob", "2026-01-31"), "leads");
    UT_EXPECT_STR(teams(t, workspace, "bob", "2026-02-01"), "blue,leads");
    UT_EXPECT_STR(teams(t, workspace, "boss", "2026-02-01"), "blue,board,leads");
    UT_EXPECT_STR(teams(t, workspace, "eve", "2026-02-01"), "blue");
    ut_workspace_close(&workspace);
}

UT_TEST(people_managers, in_a_circle_end_and_are_replaced_by_the_next_file)
{
    ut_people_counts counts;
    ut_workspace *workspace = with_roster(t, &counts,
                                          "id,email,team,manager\n"
                                          "a,a@x.org,red,b\nb,b@x.org,blue,c\nc,c@x.org,green,a\n");
    UT_EXPECT_STR(teams(t, workspace, "a", "2026-02-01"), "blue,green,red");
    import_text(t, workspace, &counts, "id,email,team,manager\nc,c@x.org,green,\n");
    UT_EXPECT_STR(teams(t, workspace, "a", "2026-02-01"), "red");
    UT_EXPECT_STR(teams(t, workspace, "b", "2026-02-01"), "blue,red");
    ut_workspace_close(&workspace);
}

UT_TEST(people_hours, days_and_times_are_read_strictly)
{
    static const struct {
        const char *text;
        unsigned days;
    } days[] = {{"Mon-Fri", 0x1f}, {"mon;TUE; Thu", 0x0b}, {"Sun-Thu", 0x4f}, {"Sat", 0x20}, {"Mon-Sun", 0x7f},
                {"", 0}, {"Mon-", 0}, {"Monday", 0}, {"Mon,Tue", 0}, {"-", 0}, {";", 0}, {"Mon;;Tue", 0}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        unsigned got = 0;
        UT_EXPECT(ut_work_days_parse(&got, ut_str_of(days[i].text)) == (days[i].days != 0));
        UT_EXPECT_I64(got, days[i].days);
    }
    static const struct {
        const char *text;
        int minute;
    } times[] = {{"09:00", 540}, {"9:05", 545}, {"24:00", 1440}, {"0:00", 0}, {"24:01", -1},
                 {"9", -1}, {"09:60", -1}, {"9:5", -1}, {"-1:00", -1}, {"009:00", -1}, {"", -1}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        int got = -1;
        UT_EXPECT(ut_work_time_parse(&got, ut_str_of(times[i].text)) == (times[i].minute >= 0));
        UT_EXPECT_I64(got, times[i].minute);
    }
}

UT_TEST(people_hours, a_cell_that_cannot_be_read_costs_only_itself)
{
    ut_people_counts counts;
    ut_workspace *workspace = with_roster(t, &counts,
                                          "id,email,time_zone,work_days,work_start,work_end\n"
                                          "a,a@x.org,Europe/Berlin,Sun-Thu,08:00,24:00\n"
                                          "b,b@x.org,Mars/Base,always,8 o'clock,16:00\n");
    UT_EXPECT_I64(counts.people, 2);
    UT_EXPECT_I64(counts.defaulted, 3);
    UT_EXPECT(strstr(counts.first_note, "line 3: time_zone «Mars/Base»") != NULL);
    ut_stmt *stmt = NULL;
    bool row = false;
    UT_REQUIRE(ut_truth_prepare(&stmt, workspace->truth,
                                "SELECT group_concat(time_zone || work_days || work_start || work_end, ' ') FROM"
                                " (SELECT * FROM person ORDER BY id)", NULL) == UT_OK);
    UT_REQUIRE(ut_stmt_step(stmt, &row, NULL) == UT_OK && row);
    UT_EXPECT_STR(ut_stmt_str(stmt, 0), "Europe/BerlinSun-Thu08:0024:00 UTCMon-Fri09:0016:00");
    ut_stmt_close(&stmt);
    ut_workspace_close(&workspace);
}
