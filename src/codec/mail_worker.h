/* codec/mail_worker.h — mail parsing in a child process with RLIMIT_AS, restarted when a mail kills it.
 *
 *     ut_mail_worker *worker = NULL;
 *     st = ut_mail_worker_open(&worker, &err);                             // forks
 *     st = ut_mail_worker_parse(worker, &arena, replies, mails, count, UT_MIME_ALL, &err);   // a batch, in order
 *     ut_mail_worker_close(&worker);                                       // reaps it
 *
 * One thread at a time per worker; several workers may live side by side. Mails go over in batches so that the process
 * switch is paid once per batch, not per mail.
 */
#ifndef UT_CODEC_MAIL_WORKER_H
#define UT_CODEC_MAIL_WORKER_H

#include "codec/mime.h"

typedef struct ut_mail_worker ut_mail_worker;

typedef struct ut_mail_reply {
    ut_status status; /* as ut_mime_parse; UT_CORRUPT when the worker died of this mail or took too long over it */
    ut_mail mail;     /* valid when status is UT_OK; strings live in the arena given */
    ut_err err;
} ut_mail_reply;

UT_MUST_CHECK ut_status ut_mail_worker_open(ut_mail_worker **ret, ut_err *err);
void ut_mail_worker_close(ut_mail_worker **worker);
/* Fills replies[0..count). Fails only when the machinery does (can't fork, arena full), never for a bad mail. */
UT_MUST_CHECK ut_status ut_mail_worker_parse(ut_mail_worker *worker, ut_arena *keep, ut_mail_reply *replies,
                                             const ut_str *mails, size_t count, ut_mime_scope scope, ut_err *err);

#endif
