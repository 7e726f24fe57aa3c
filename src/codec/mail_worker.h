/* codec/mail_worker.h — mail parsing in a child process with RLIMIT_AS, restarted when a mail kills it.
 *
 *     ut_mail_worker *worker = NULL;
 *     st = ut_mail_worker_open(&worker, &err);                             // forks
 *     st = ut_mail_worker_parse(worker, &arena, replies, mails, count, UT_MIME_ALL, &err);   // a batch, in order
 *     ut_mail_worker_close(&worker);                                       // reaps it
 *
 * One thread at a time per worker; several workers may live side by side. Mails go over in batches so that the process
 * switch is paid once per batch, not per mail. Open workers early: the child is a copy of this process' memory, and
 * what is not there yet (keys, names) it can't hold.
 */
#ifndef UT_CODEC_MAIL_WORKER_H
#define UT_CODEC_MAIL_WORKER_H

#include "codec/mime.h"

typedef struct ut_mail_worker ut_mail_worker;

typedef struct ut_mail_reply {
    ut_status status; /* as ut_mime_parse; UT_CORRUPT when two workers died of this mail, or took too long over it */
    ut_mail mail;     /* valid when status is UT_OK; strings live in the arena given */
    ut_err err;
} ut_mail_reply;

/* UT_IO when the system refuses a process, UT_NOMEM; *ret is untouched then. */
UT_MUST_CHECK ut_status ut_mail_worker_open(ut_mail_worker **ret, ut_err *err);
/* Kills and reaps the child. NULL and twice are fine. */
void ut_mail_worker_close(ut_mail_worker **worker);
/* Fills replies[0..count). Fails only when the machinery does (can't fork, arena full), never for a bad mail; what the
 * replies hold then is unspecified, and the worker can be used again. */
UT_MUST_CHECK ut_status ut_mail_worker_parse(ut_mail_worker *worker, ut_arena *keep, ut_mail_reply *replies,
                                             const ut_str *mails, size_t count, ut_mime_scope scope, ut_err *err);
/* How often a child had to be replaced since the worker was opened. */
uint64_t ut_mail_worker_deaths(const ut_mail_worker *worker);

/* For tests: a child that meets a mail containing this text acts like a hostile one: "crash" dies, "hang" never ends,
 * "lie" answers with garbage; NULL turns it off. Only children started afterwards know of it. */
void ut_mail_worker_sabotage(const char *text, const char *how);
/* For tests: the time limit per mail from now on; 0 = UT_MAIL_TIME_MS. */
void ut_mail_worker_set_time_ms(ut_mail_worker *worker, int time_ms);

#endif
