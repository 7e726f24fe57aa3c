/* os/process.h — a helper process of our own: forked, limited, talked to over a socket, and reaped.
 *
 *     static int serve(void *ctx, const ut_process_self *self) { … return 0; }
 *     ut_process child;
 *     st = ut_process_start(&child, serve, ctx, (ut_process_limits){.memory_bytes = 1024 * UT_MIB}, &err);
 *     st = ut_process_send(&child, bytes, &sent, &err);            // never blocks
 *     st = ut_process_wait(&child, true, 100, &err);               // until it can be written to, or has written
 *     ut_process_stop(&child, why, sizeof why);                    // kills and reaps; no zombie
 *
 * The child begins with a copy of our memory and one socket, nothing else: other files are closed, signals are at their
 * defaults, core dumps are off. It ends by itself when our end of the socket is gone. The parent may have threads: the
 * child touches no lock that another thread may have held, apart from the heap's, which the C library mends at fork.
 * One thread at a time per ut_process.
 */
#ifndef UT_OS_PROCESS_H
#define UT_OS_PROCESS_H

#include "base/base.h"

/* A page both sides see. The child may be hostile: the parent checks what it reads from it. */
typedef struct ut_process_shared {
    _Atomic uint64_t step; /* the child's business: what it is working on */
} ut_process_shared;

typedef struct ut_process {
    int pid;    /* 0 = not running */
    int socket; /* our end; -1 when closed */
    ut_process_shared *shared;
} ut_process;

/* What the child has to work with. */
typedef struct ut_process_self {
    int socket;
    ut_process_shared *shared;
} ut_process_self;

/* What the child may use; 0 = as the parent. */
typedef struct ut_process_limits {
    size_t memory_bytes; /* address space beyond what the parent has mapped at the fork */
    size_t stack_bytes;  /* at most; works when the main thread forks, other threads' stacks are as large as they are */
    const char *name;    /* what ps shows; at most 15 letters */
} ut_process_limits;

/* Runs in the child; what it returns is the exit status. */
typedef int (*ut_process_main)(void *ctx, const ut_process_self *self);

/* Forks. UT_IO when the system refuses (too many processes, no memory); *ret is untouched then. */
UT_MUST_CHECK ut_status ut_process_start(ut_process *ret, ut_process_main main, void *ctx, ut_process_limits limits,
                                         ut_err *err);
/* Kills the child if it still runs, reaps it, frees what it had. Writes how it ended to `why` ("killed by signal 11
 * (Segmentation fault)", "ended with status 3", "still running"). A stopped or zeroed process is fine. */
void ut_process_stop(ut_process *process, char *why, size_t why_room);

/* Sends as much as goes without waiting; *ret_len may be 0. UT_IO when the child is gone. */
UT_MUST_CHECK ut_status ut_process_send(ut_process *process, ut_str bytes, size_t *ret_len, ut_err *err);
/* Receives what there is without waiting; *ret_len may be 0. UT_IO when the child is gone and nothing is left to read.
 */
UT_MUST_CHECK ut_status ut_process_receive(ut_process *process, char *to, size_t room, size_t *ret_len, ut_err *err);
/* Waits until something can be received, or sent when `to_send`; returns after timeout_ms at the latest. */
UT_MUST_CHECK ut_status ut_process_wait(ut_process *process, bool to_send, int timeout_ms, ut_err *err);

/* In the child. Waits for up to `room` bytes, at least one; 0 = the parent is gone. */
size_t ut_process_self_receive(const ut_process_self *self, char *to, size_t room);
/* false when the parent is gone. */
bool ut_process_self_send(const ut_process_self *self, ut_str bytes);
/* The child dies (SIGALRM) when it has not called this again after so many seconds: the last line against a loop that
 * outlives the parent. 0 turns it off. */
void ut_process_self_alarm(unsigned seconds);

#endif
