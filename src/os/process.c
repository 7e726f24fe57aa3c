/* os/process.c — fork, socketpair, limits, reaping.
 *
 * PR_SET_PDEATHSIG is not used: it fires when the forking *thread* ends, not the process, and a pool's threads come and
 * go. The end of the socket tells the child the same thing, since the child closes every other descriptor: no sibling
 * holds our end open.
 */
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Big enough for a batch of header blocks to go over in one switch of processes; the system caps it at its own limit.
 */
#define SOCKET_BYTES (1024 * 1024)
/* Shared character set modules are opened by the C library on demand; nothing else is. */
#define CHILD_FILES 32
/* The child's socket is moved here, so that "everything above" can be closed in one call. */
#define CHILD_SOCKET 3

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UT_PROCESS_KEEPS_STDERR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define UT_PROCESS_KEEPS_STDERR
#endif
#endif

/* Bytes of address space in use now; 0 when the system does not tell. */
static size_t mapped_bytes(void)
{
    char text[64];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    (void)close(fd);
    if (n <= 0) {
        return 0;
    }
    text[n] = '\0';
    return (size_t)strtoull(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static void lower_limit(__rlimit_resource_t what, rlim_t to)
{
    struct rlimit limit;
    if (getrlimit(what, &limit) != 0) {
        return;
    }
    limit.rlim_cur = limit.rlim_max != RLIM_INFINITY && limit.rlim_max < to ? limit.rlim_max : to;
    (void)setrlimit(what, &limit);
}

/* Closes every descriptor but the standard three and CHILD_SOCKET. */
static void close_others(void)
{
    if (close_range(CHILD_SOCKET + 1, ~0u, 0) != 0) {
        long most = sysconf(_SC_OPEN_MAX);
        for (int fd = CHILD_SOCKET + 1; fd < (most > 0 && most < 65536 ? most : 65536); fd++) {
            (void)close(fd);
        }
    }
}

static void reset_signals(void)
{
    for (int s = 1; s < NSIG; s++) {
        (void)signal(s, SIG_DFL);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    /* Ctrl-C goes to the whole process group; when the parent wants us to end, it says so. */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void confine(ut_process_limits limits)
{
    reset_signals();
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (limits.name) {
        (void)prctl(PR_SET_NAME, limits.name, 0, 0, 0);
    }
    /* The standard streams may be pipes whose readers wait for their end; and what a library says when it dies is not
     * for the user's terminal. Only a sanitizer may have the last word. */
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
#ifndef UT_PROCESS_KEEPS_STDERR
        (void)dup2(null, STDERR_FILENO);
#endif
    }
    close_others();
    lower_limit(RLIMIT_CORE, 0);
    lower_limit(RLIMIT_FSIZE, 1 * UT_MIB); /* a sanitizer's stderr may be a file */
    lower_limit(RLIMIT_NOFILE, CHILD_FILES);
    size_t mapped = mapped_bytes();
    if (limits.memory_bytes && mapped) {
        lower_limit(RLIMIT_AS, mapped + limits.memory_bytes);
    }
    if (limits.stack_bytes) {
        lower_limit(RLIMIT_STACK, limits.stack_bytes);
    }
}

_Noreturn static void run_child(ut_process_main main, void *ctx, ut_process_limits limits, int socket,
                                ut_process_shared *shared)
{
    if (socket != CHILD_SOCKET && dup2(socket, CHILD_SOCKET) < 0) {
        _exit(127);
    }
    confine(limits);
    ut_process_self self = {.socket = CHILD_SOCKET, .shared = shared};
    _exit(main(ctx, &self));
}

static void widen(int socket)
{
    int size = SOCKET_BYTES;
    (void)setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

ut_status ut_process_start(ut_process *ret, ut_process_main main, void *ctx, ut_process_limits limits, ut_err *err)
{
    int pair[2] = {-1, -1};
    ut_process_shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        return ut_fail(err, UT_NOMEM, "can't share a page with a helper process: %s", strerror(errno));
    }
    pid_t pid = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
        widen(pair[0]);
        widen(pair[1]);
        pid = fork();
    }
    if (pid == 0) {
        run_child(main, ctx, limits, pair[1], shared);
    }
    if (pid < 0) {
        int why = errno;
        if (pair[0] >= 0) {
            (void)close(pair[0]);
            (void)close(pair[1]);
        }
        (void)munmap(shared, sizeof *shared);
        return ut_fail(err, UT_IO, "can't start a helper process: %s", strerror(why));
    }
    (void)close(pair[1]);
    *ret = (ut_process){.pid = pid, .socket = pair[0], .shared = shared};
    return UT_OK;
}

static void describe(int status, bool by_us, char *why, size_t room)
{
    if (!why || room == 0) {
        return;
    }
    if (by_us) {
        (void)snprintf(why, room, "still running");
    } else if (WIFSIGNALED(status)) {
        /* sigdescr_np is thread-safe where strsignal is not. */
        const char *name = sigdescr_np(WTERMSIG(status));
        (void)snprintf(why, room, "killed by signal %d (%s)", WTERMSIG(status), name ? name : "unknown");
    } else {
        (void)snprintf(why, room, "ended with status %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    }
}

static pid_t reap(pid_t pid, int *ret_status, int flags)
{
    pid_t got;
    do {
        got = waitpid(pid, ret_status, flags);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* true when the child's end of the socket is closed: it is dying, but need not be dead yet. */
static bool hung_up(const ut_process *process)
{
    char byte;
    return recv(process->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

void ut_process_stop(ut_process *process, char *why, size_t why_room)
{
    if (process->pid <= 0) {
        return;
    }
    int status = 0;
    pid_t got = reap(process->pid, &status, WNOHANG);
    /* The kernel closes a dying process' files before it can be reaped: a moment more tells what it died of. */
    for (int i = 0; got == 0 && i < 200 && hung_up(process); i++) {
        struct timespec pause = {.tv_nsec = 1000000};
        (void)nanosleep(&pause, NULL);
        got = reap(process->pid, &status, WNOHANG);
    }
    bool by_us = got == 0;
    if (by_us) {
        (void)kill(process->pid, SIGKILL);
        (void)reap(process->pid, &status, 0);
    }
    describe(status, by_us, why, why_room);
    (void)close(process->socket);
    (void)munmap(process->shared, sizeof *process->shared);
    *process = (ut_process){.socket = -1};
}

ut_status ut_process_send(ut_process *process, ut_str bytes, size_t *ret_len, ut_err *err)
{
    ssize_t n;
    do {
        n = send(process->socket, bytes.ptr, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        return ut_fail(err, UT_IO, "a helper process does not listen: %s", strerror(errno));
    }
    *ret_len = n > 0 ? (size_t)n : 0;
    return UT_OK;
}

ut_status ut_process_receive(ut_process *process, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    ssize_t n;
    do {
        n = recv(process->socket, to, room, MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n == 0) {
        return ut_fail(err, UT_IO, "a helper process has ended");
    }
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        return ut_fail(err, UT_IO, "a helper process does not answer: %s", strerror(errno));
    }
    *ret_len = n > 0 ? (size_t)n : 0;
    return UT_OK;
}

ut_status ut_process_wait(ut_process *process, bool to_send, int timeout_ms, ut_err *err)
{
    struct pollfd fd = {.fd = process->socket, .events = (short)(POLLIN | (to_send ? POLLOUT : 0))};
    /* A signal ends the wait early: the caller looks at its clock anyway. */
    if (poll(&fd, 1, timeout_ms) < 0 && errno != EINTR) {
        return ut_fail(err, UT_IO, "can't wait for a helper process: %s", strerror(errno));
    }
    return UT_OK;
}

size_t ut_process_self_receive(const ut_process_self *self, char *to, size_t room)
{
    ssize_t n;
    do {
        n = recv(self->socket, to, room, 0);
    } while (n < 0 && errno == EINTR);
    return n > 0 ? (size_t)n : 0;
}

bool ut_process_self_send(const ut_process_self *self, ut_str bytes)
{
    while (bytes.len) {
        ssize_t n = send(self->socket, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes = ut_str_slice(bytes, (size_t)n, bytes.len);
    }
    return true;
}

void ut_process_self_alarm(unsigned seconds)
{
    (void)alarm(seconds);
}
