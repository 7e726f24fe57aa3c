/* bench/bench_people.c — how long who-is-who takes in a large organisation.
 *
 *     build/bench/bench-people [PEOPLE] > people.csv       10,000 people with three handles each, unless told otherwise
 *
 * Every person has an address and a chat handle in people.csv, and a second chat account without an address that only
 * the name gives away. Then: nothing has changed, one merge, one unmerge, a list of everybody.
 */
#include "os/clock.h"
#include "os/file.h"
#include "people/identity.h"
#include "people/people.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t started_us;

static double lap(void)
{
    int64_t now_us = ut_clock_steady_us(), from_us = started_us;
    started_us = now_us;
    return (double)(now_us - from_us) / 1e6;
}

static void put_row(const char *what, long long count)
{
    (void)printf("%s,%lld,%.4f\n", what, count, lap());
    (void)fflush(stdout);
}

/* 97 given names and 101 family names: of 10,000 people 203 pairs share both. */
static int put_name(char *to, size_t room, int number, const char *format)
{
    return snprintf(to, room, format, number % 97, number % 101);
}

static void make_roster(ut_buf *csv, int people)
{
    char name[80];
    ut_buf_puts(csv, "id,name,email,handles,team,manager,time_zone\n");
    for (int i = 0; i < people; i++) {
        (void)put_name(name, sizeof name, i, "Given%03d Family%04d");
        ut_buf_format(csv, "p%d,%s,p%d@example.org,slack:U%d,team %d,p%d,Europe/Berlin\n", i, name, i, i, i / 8, i / 8);
    }
}

/* The third handle of everybody, announced as readers do. */
static ut_status note_handles(ut_workspace *workspace, int people, ut_err *err)
{
    ut_identities *ids = NULL;
    ut_status st = ut_truth_begin(workspace->truth, err);
    st = st == UT_OK ? ut_identities_open(&ids, workspace, err) : st;
    for (int i = 0; st == UT_OK && i < people; i++) {
        char handle[40], name[80];
        int len = snprintf(handle, sizeof handle, "chat:%dX", i);
        int name_len = put_name(name, sizeof name, i, "Family%2$04d, Given%1$03d");
        st = ut_identity_note(ids, (ut_str){handle, (size_t)len}, (ut_str){name, (size_t)name_len}, (ut_str){0}, false,
                              err);
    }
    ut_identities_close(&ids);
    return st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
}

static long long count_suggestions(const ut_buffer *answer)
{
    long long count = 0;
    ut_str text = {answer->bytes, answer->len}, needle = UT_STR("\"reason\"");
    for (size_t at = 0; (at = ut_str_find(text, needle, at)) != UT_NPOS; at++) {
        count++;
    }
    return count;
}

static ut_status run(ut_workspace *workspace, const char *path, int people, ut_err *err)
{
    ut_people_counts counts;
    ut_people_change change;
    ut_people_query query = {.purpose = "bench", .format = "json"};
    ut_buffer *answer = NULL;
    (void)lap();
    ut_status st = ut_people_import(&counts, workspace, path, err);
    put_row("import", people);
    st = st == UT_OK ? note_handles(workspace, people, err) : st;
    put_row("note handles", people);
    st = st == UT_OK ? ut_people_settle(workspace, err) : st;
    put_row("resolve", 3LL * people);
    st = st == UT_OK ? ut_people_resolve(workspace, err) : st;
    put_row("resolve again", 3LL * people);
    st = st == UT_OK ? ut_people_import(&counts, workspace, path, err) : st;
    put_row("import again", people);
    st = st == UT_OK ? ut_people_suggest(&answer, workspace, &query, err) : st;
    put_row("suggest", 3LL * people);
    put_row("suggestions", st == UT_OK ? count_suggestions(answer) : 0);
    ut_buffer_free(&answer);
    st = st == UT_OK ? ut_people_merge(&change, workspace, UT_STR("chat:7X"), UT_STR("p7"), err) : st;
    put_row("merge", 1);
    st = st == UT_OK ? ut_people_unmerge(&change, workspace, UT_STR("chat:7X"), err) : st;
    put_row("unmerge", 1);
    st = st == UT_OK ? ut_people_list(&answer, workspace, &query, err) : st;
    put_row("list", people);
    ut_buffer_free(&answer);
    return st;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/undertone-bench-XXXXXX", path[100], command[100];
    int people = argc > 1 ? atoi(argv[1]) : 10000;
    ut_err err = {0};
    ut_buf csv = ut_buf_make(64 * UT_MIB);
    ut_workspace *workspace = NULL;
    if (people < 8 || !mkdtemp(folder)) {
        (void)fprintf(stderr, "bench-people: 8 people at least, and a folder below /tmp\n");
        return 1;
    }
    (void)snprintf(path, sizeof path, "%s/people.csv", folder);
    make_roster(&csv, people);
    ut_workspace_options options = {.path = folder, .access = UT_WORKSPACE_WRITE, .create = true};
    ut_status st = ut_file_replace(path, ut_buf_str(&csv), 0600, &err);
    st = st == UT_OK ? ut_workspace_open(&workspace, &options, &err) : st;
    (void)printf("what,rows,seconds\n");
    st = st == UT_OK ? run(workspace, path, people, &err) : st;
    if (st != UT_OK) {
        (void)fprintf(stderr, "bench-people: %s\n", err.message);
    }
    ut_workspace_close(&workspace);
    ut_buf_free(&csv);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) || st != UT_OK;
}
