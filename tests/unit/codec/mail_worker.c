/* The mail worker: order, isolation, exactly one victim per killer, and no process left behind. */
#include "codec/mail_worker.h"

#include "harness/test.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <errno.h>

#define BATCH 1000

static ut_str make_mail(ut_arena *arena, int number, const char *extra)
{
    return ut_arena_format(
        arena,
        "From: P%d <p%d@example.org>\nMessage-ID: <%d@example.org>\n"
        "Date: Mon, 5 Jan 2026 10:00:00 +0000\nSubject: number %d\nTo: a@x.org, b@x.org\nCc: c@x.org\n\nbody %s\n",
        number, number, number, number, extra);
}

typedef struct ut_bench {
    ut_arena arena;
    ut_mail_worker *worker;
    ut_mail_reply *replies;
    ut_str *mails;
} ut_bench;

static ut_bench open_bench(ut_test *t)
{
    ut_bench bench = {0};
    UT_REQUIRE(ut_arena_open(&bench.arena, 256 * UT_MIB) == UT_OK);
    ut_err err = {0};
    UT_REQUIRE(ut_mail_worker_open(&bench.worker, &err) == UT_OK);
    bench.replies = ut_new(&bench.arena, ut_mail_reply, BATCH);
    bench.mails = ut_new(&bench.arena, ut_str, BATCH);
    for (int i = 0; i < BATCH; i++) {
        bench.mails[i] = make_mail(&bench.arena, i, "");
    }
    return bench;
}

static void close_bench(ut_bench *bench)
{
    ut_mail_worker_close(&bench->worker);
    ut_mail_worker_close(&bench->worker);
    ut_arena_close(&bench->arena);
    ut_mail_worker_sabotage(NULL, NULL);
}

static bool is_mail(const ut_mail_reply *reply, int number)
{
    char id[64];
    (void)snprintf(id, sizeof id, "%d@example.org", number);
    return reply->status == UT_OK && ut_str_eq(reply->mail.message_id, ut_str_of(id)) && reply->mail.to_count == 3 &&
           reply->mail.to_primary_count == 2 && ut_str_eq(reply->mail.to[2].address, UT_STR("c@x.org"));
}

static ut_status parse(ut_bench *bench, size_t count)
{
    ut_err err = {0};
    return ut_mail_worker_parse(bench->worker, &bench->arena, bench->replies, bench->mails, count, UT_MIME_HEADERS,
                                &err);
}

static size_t count_good(const ut_bench *bench)
{
    size_t good = 0;
    for (int i = 0; i < BATCH; i++) {
        good += is_mail(&bench->replies[i], i);
    }
    return good;
}

UT_TEST(codec_mail_worker, answers_a_batch_in_order)
{
    ut_bench bench = open_bench(t);
    ut_err err = {0};
    for (int round = 0; round < 3; round++) {
        UT_EXPECT_I64(ut_mail_worker_parse(bench.worker, &bench.arena, bench.replies, bench.mails, BATCH,
                                           round == 1 ? UT_MIME_ALL : UT_MIME_HEADERS, &err),
                      UT_OK);
        UT_EXPECT_I64(count_good(&bench), BATCH);
    }
    UT_EXPECT_I64(ut_mail_worker_deaths(bench.worker), 0);
    UT_EXPECT_I64(parse(&bench, 0), UT_OK);
    close_bench(&bench);
}

UT_TEST(codec_mail_worker, one_killer_among_a_thousand_loses_exactly_one)
{
    static const int places[] = {0, 1, 499, 998, 999};
    ut_mail_worker_sabotage("KILLER", "crash");
    ut_bench bench = open_bench(t);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int at = places[i];
        ut_str whole = bench.mails[at];
        bench.mails[at] = make_mail(&bench.arena, at, "KILLER");
        UT_EXPECT_I64(parse(&bench, BATCH), UT_OK);
        UT_EXPECT_I64(count_good(&bench), BATCH - 1);
        UT_EXPECT_I64(bench.replies[at].status, UT_CORRUPT);
        UT_EXPECT_STR(ut_str_of(bench.replies[at].err.message),
                      "the mail parser died of this mail: killed by signal 4 (Illegal instruction)");
        bench.mails[at] = whole;
    }
    UT_EXPECT_I64(ut_mail_worker_deaths(bench.worker), 10); /* each kills two children before it gets the blame */
    close_bench(&bench);
}

UT_TEST(codec_mail_worker, killers_side_by_side)
{
    ut_mail_worker_sabotage("KILLER", "crash");
    ut_bench bench = open_bench(t);
    for (int i = 100; i < 120; i++) {
        bench.mails[i] = make_mail(&bench.arena, i, "KILLER");
    }
    UT_EXPECT_I64(parse(&bench, BATCH), UT_OK);
    UT_EXPECT_I64(count_good(&bench), BATCH - 20);
    close_bench(&bench);
}

UT_TEST(codec_mail_worker, a_mail_that_never_ends_is_ended)
{
    ut_mail_worker_sabotage("SLEEPER", "hang");
    ut_bench bench = open_bench(t);
    ut_mail_worker_set_time_ms(bench.worker, 300);
    bench.mails[500] = make_mail(&bench.arena, 500, "SLEEPER");
    UT_EXPECT_I64(parse(&bench, BATCH), UT_OK);
    UT_EXPECT_I64(count_good(&bench), BATCH - 1);
    UT_EXPECT_I64(bench.replies[500].status, UT_CORRUPT);
    UT_EXPECT_STR(ut_str_of(bench.replies[500].err.message), "the mail parser took longer than 300 ms over this mail");
    close_bench(&bench);
}

UT_TEST(codec_mail_worker, a_child_that_lies_is_replaced)
{
    ut_mail_worker_sabotage("LIAR", "lie");
    ut_bench bench = open_bench(t);
    bench.mails[500] = make_mail(&bench.arena, 500, "LIAR");
    UT_EXPECT_I64(parse(&bench, BATCH), UT_OK);
    UT_EXPECT_I64(count_good(&bench), BATCH - 1);
    UT_EXPECT_I64(bench.replies[500].status, UT_CORRUPT);
    UT_EXPECT_STR(ut_str_of(bench.replies[500].err.message), "the mail parser answered nonsense to this mail");
    close_bench(&bench);
}

UT_TEST(codec_mail_worker, bad_and_too_long_mails_get_their_own_answer)
{
    ut_bench bench = open_bench(t);
    bench.mails[3] = UT_STR("\n\nno header at all");
    bench.mails[5] = UT_STR("");
    ut_buf large = ut_buf_make(64 * UT_MIB);
    char *to = ut_buf_reserve(&large, UT_RECORD_BYTES_MAX + 1);
    UT_REQUIRE(to);
    memset(to, 'x', UT_RECORD_BYTES_MAX + 1);
    bench.mails[7] = (ut_str){to, UT_RECORD_BYTES_MAX + 1};
    memcpy(to, "A: b\n\n", 6);
    bench.mails[9] = (ut_str){to, UT_RECORD_BYTES_MAX};
    UT_EXPECT_I64(parse(&bench, BATCH), UT_OK);
    UT_EXPECT_I64(count_good(&bench), BATCH - 4);
    UT_EXPECT_I64(bench.replies[3].status, UT_INVALID);
    UT_EXPECT_I64(bench.replies[3].err.byte, 2);
    UT_EXPECT_I64(bench.replies[5].status, UT_INVALID);
    UT_EXPECT_I64(bench.replies[7].status, UT_LIMIT);
    UT_EXPECT_I64(bench.replies[9].status, UT_OK);
    UT_EXPECT_I64(ut_mail_worker_deaths(bench.worker), 0);
    ut_buf_free(&large);
    close_bench(&bench);
}

UT_TEST(codec_mail_worker, a_mail_that_eats_all_memory_costs_itself)
{
    /* Six million empty parts in 30 MB: GMime would want ten gigabytes for their objects. */
    ut_bench bench = open_bench(t);
    ut_buf bomb = ut_buf_make(UT_RECORD_BYTES_MAX);
    ut_buf_puts(&bomb, "From: a@x.org\nContent-Type: multipart/mixed; boundary=b\n\n");
    while (bomb.len < 30 * 1000 * 1000) {
        ut_buf_puts(&bomb, "--b\n\n");
    }
    UT_REQUIRE(bomb.failed == UT_OK);
    ut_str mails[3] = {bench.mails[0], ut_buf_str(&bomb), bench.mails[2]};
    ut_err err = {0};
    UT_EXPECT_I64(ut_mail_worker_parse(bench.worker, &bench.arena, bench.replies, mails, 3, UT_MIME_ALL, &err), UT_OK);
    UT_EXPECT(is_mail(&bench.replies[0], 0) && is_mail(&bench.replies[2], 2));
    UT_EXPECT_I64(bench.replies[1].status, UT_CORRUPT);
    UT_EXPECT_I64(ut_mail_worker_deaths(bench.worker), 2);
    ut_buf_free(&bomb);
    close_bench(&bench);
}

UT_TEST(codec_mail_worker, a_full_arena_is_the_callers_failure_and_leaves_the_worker_usable)
{
    ut_bench bench = open_bench(t);
    ut_arena small;
    UT_REQUIRE(ut_arena_open(&small, 4096) == UT_OK);
    ut_err err = {0};
    UT_EXPECT_I64(ut_mail_worker_parse(bench.worker, &small, bench.replies, bench.mails, BATCH, UT_MIME_HEADERS, &err),
                  UT_LIMIT);
    UT_EXPECT_I64(parse(&bench, BATCH), UT_OK);
    UT_EXPECT_I64(count_good(&bench), BATCH);
    ut_arena_close(&small);
    close_bench(&bench);
}

static void *parse_in_thread(void *data)
{
    ut_bench *bench = data;
    bench->mails[7] = make_mail(&bench->arena, 7, "KILLER");
    for (int i = 0; i < 3; i++) {
        if (parse(bench, BATCH) != UT_OK || count_good(bench) != BATCH - 1) {
            return NULL;
        }
    }
    return bench;
}

UT_TEST(codec_mail_worker, several_workers_in_several_threads)
{
    ut_mail_worker_sabotage("KILLER", "crash");
    ut_bench benches[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        benches[i] = open_bench(t);
    }
    for (int i = 0; i < 3; i++) {
        UT_REQUIRE(pthread_create(&threads[i], NULL, parse_in_thread, &benches[i]) == 0);
    }
    for (int i = 0; i < 3; i++) {
        void *ended = NULL;
        UT_EXPECT(pthread_join(threads[i], &ended) == 0 && ended);
        UT_EXPECT_I64(ut_mail_worker_deaths(benches[i].worker), 6);
    }
    for (int i = 0; i < 3; i++) {
        close_bench(&benches[i]);
    }
}

static int open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;
    while (dir && readdir(dir)) {
        count++;
    }
    if (dir) {
        (void)closedir(dir);
    }
    return count;
}

UT_TEST(codec_mail_worker, close_leaves_no_zombie_and_no_open_file)
{
    int before = open_files();
    ut_mail_worker_sabotage("KILLER", "crash");
    ut_bench bench = open_bench(t);
    bench.mails[0] = make_mail(&bench.arena, 0, "KILLER");
    UT_EXPECT_I64(parse(&bench, 2), UT_OK);
    close_bench(&bench);
    UT_EXPECT_I64(open_files(), before);
    errno = 0;
    UT_EXPECT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

UT_TEST(codec_mail_worker, sweep)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 16 * UT_MIB) == UT_OK);
    ut_str mails[2] = {make_mail(&arena, 0, ""), make_mail(&arena, 1, "")};
    UT_SWEEP_ALLOC(t)
    {
        ut_mail_worker *worker = NULL;
        ut_mail_reply replies[2];
        ut_err err = {0};
        ut_status st = ut_mail_worker_open(&worker, &err);
        UT_EXPECT(st == UT_OK || (st == UT_NOMEM && !worker));
        st = st == UT_OK ? ut_mail_worker_parse(worker, &arena, replies, mails, 2, UT_MIME_ALL, &err) : st;
        /* The child inherits the failing allocation: it may die of it, which is one mail's reply and not a failure. */
        UT_EXPECT(st == UT_OK || st == UT_NOMEM || st == UT_IO);
        ut_mail_worker_close(&worker);
    }
    ut_arena_close(&arena);
}
