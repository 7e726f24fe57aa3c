/* Helper processes: that they talk, are limited, and end. */
#include "os/process.h"

#include "harness/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int echo(void *ctx, const ut_process_self *self)
{
    (void)ctx;
    char bytes[4096];
    size_t len;
    while ((len = ut_process_self_receive(self, bytes, sizeof bytes)) > 0) {
        if (!ut_process_self_send(self, (ut_str){bytes, len})) {
            return 1;
        }
    }
    return 7;
}

static int crash(void *ctx, const ut_process_self *self)
{
    (void)ctx, (void)self;
    (void)raise(SIGSEGV);
    return 0;
}

/* 0 when `fd` of the parent is closed here. */
static int has_file(void *ctx, const ut_process_self *self)
{
    (void)self;
    return fcntl(*(int *)ctx, F_GETFD) == -1 ? 0 : 1;
}

/* 0 when 64 MiB can't be had, but 1 MiB can. */
static int take_memory(void *ctx, const ut_process_self *self)
{
    (void)ctx, (void)self;
    void *large = mmap(NULL, 64 * UT_MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *small = mmap(NULL, 1 * UT_MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return (large == MAP_FAILED && small != MAP_FAILED) ? 0 : 1;
}

static int wait_forever(void *ctx, const ut_process_self *self)
{
    (void)ctx, (void)self;
    while (pause() == -1) {
    }
    return 0;
}

/* Starts, waits for the socket to close, stops; returns how it ended. */
static ut_str run(ut_test *t, ut_process_main main, void *ctx, ut_process_limits limits, char why[128])
{
    ut_process child = {0};
    ut_err err = {0};
    UT_REQUIRE(ut_process_start(&child, main, ctx, limits, &err) == UT_OK);
    char byte;
    size_t len = 0;
    while (ut_process_receive(&child, &byte, 1, &len, &err) == UT_OK) {
        UT_REQUIRE(ut_process_wait(&child, false, 5000, &err) == UT_OK);
    }
    ut_process_stop(&child, why, 128);
    return ut_str_of(why);
}

UT_TEST(os_process, bytes_go_both_ways_without_blocking)
{
    ut_process child = {0};
    ut_err err = {0};
    UT_REQUIRE(ut_process_start(&child, echo, NULL, (ut_process_limits){.name = "echo"}, &err) == UT_OK);
    /* Much more than the socket holds, so that both directions fill up. */
    size_t size = 8 * UT_MIB, sent = 0, got = 0;
    char *out = malloc(size), *in = malloc(size);
    UT_ASSERT(out && in);
    for (size_t i = 0; i < size; i++) {
        out[i] = (char)(i * 131 >> 7);
    }
    while (got < size) {
        size_t len = 0;
        UT_REQUIRE(ut_process_send(&child, (ut_str){out + sent, size - sent}, &len, &err) == UT_OK);
        sent += len;
        UT_REQUIRE(ut_process_receive(&child, in + got, size - got, &len, &err) == UT_OK);
        got += len;
        UT_REQUIRE(got == size || ut_process_wait(&child, sent < size, 5000, &err) == UT_OK);
    }
    UT_EXPECT(memcmp(in, out, size) == 0);
    free(in);
    free(out);
    char why[128] = "";
    ut_process_stop(&child, why, sizeof why);
    UT_EXPECT_STR(ut_str_of(why), "still running");
    ut_process_stop(&child, why, sizeof why);
    UT_EXPECT_I64(child.pid, 0);
}

UT_TEST(os_process, how_it_ended_is_told)
{
    char why[128] = "";
    UT_EXPECT_STR(run(t, crash, NULL, (ut_process_limits){0}, why), "killed by signal 11 (Segmentation fault)");
    int null = open("/dev/null", O_RDONLY);
    int fd = fcntl(null, F_DUPFD, 40);
    UT_REQUIRE(null >= 0 && fd >= 40);
    (void)close(null);
    UT_EXPECT_STR(run(t, has_file, &fd, (ut_process_limits){0}, why), "ended with status 0");
    (void)close(fd);
}

UT_TEST(os_process, memory_is_limited_from_where_the_parent_stands)
{
    char why[128] = "";
    ut_process_limits limits = {.memory_bytes = 16 * UT_MIB};
    UT_EXPECT_STR(run(t, take_memory, NULL, limits, why), "ended with status 0");
}

UT_TEST(os_process, a_child_that_ignores_everything_is_killed)
{
    ut_process child = {0};
    ut_err err = {0};
    UT_REQUIRE(ut_process_start(&child, wait_forever, NULL, (ut_process_limits){0}, &err) == UT_OK);
    int pid = child.pid;
    ut_process_stop(&child, NULL, 0);
    UT_EXPECT(kill(pid, 0) == -1);
}

UT_TEST(os_process, the_child_ends_when_our_end_of_the_socket_is_gone)
{
    /* A later child must not hold the earlier one's socket open. */
    ut_process first = {0}, second = {0};
    ut_err err = {0};
    UT_REQUIRE(ut_process_start(&first, echo, NULL, (ut_process_limits){0}, &err) == UT_OK);
    UT_REQUIRE(ut_process_start(&second, wait_forever, NULL, (ut_process_limits){0}, &err) == UT_OK);
    int spare = dup(first.socket);
    UT_REQUIRE(spare >= 0);
    (void)close(spare);
    (void)close(first.socket);
    int null = open("/dev/null", O_RDONLY);
    char why[128] = "";
    for (int i = 0; i < 500 && kill(first.pid, 0) == 0; i++) {
        (void)usleep(2000);
        char path[64], state[256] = "";
        (void)snprintf(path, sizeof path, "/proc/%d/stat", first.pid);
        int fd = open(path, O_RDONLY);
        ssize_t n = fd >= 0 ? read(fd, state, sizeof state - 1) : 0;
        (void)close(fd);
        if (n > 0 && strstr(state, ") Z")) {
            break;
        }
    }
    first.socket = null;
    ut_process_stop(&first, why, sizeof why);
    UT_EXPECT_STR(ut_str_of(why), "ended with status 7");
    ut_process_stop(&second, NULL, 0);
}
