/* codec/mime.h — one mail (RFC 5322 + MIME, by GMime) to the few things the product uses.
 *
 *     ut_mail mail;
 *     st = ut_mime_parse(&arena, &mail, bytes, UT_MIME_HEADERS, &err);     // or UT_MIME_ALL for the body too
 *
 * ut_mime_parse runs in the calling process and is for the worker and for tests: GLib aborts when memory ends, and a
 * hostile mail may find a hole. Everything else goes through ut_mail_worker (codec/mail_worker.h), a child process with
 * bounded memory that may die of one mail without taking anything along.
 */
#ifndef UT_CODEC_MIME_H
#define UT_CODEC_MIME_H

#include "base/base.h"

typedef enum ut_mime_scope { UT_MIME_HEADERS, UT_MIME_ALL } ut_mime_scope;

typedef struct ut_mailbox {
    ut_str address; /* lower case; "" when there was none */
    ut_str name;    /* display name, decoded UTF-8 */
} ut_mailbox;

/* Why a mail was written by a machine; 0 = no sign of it. */
typedef enum ut_mail_machine {
    UT_MAIL_HUMAN = 0,
    UT_MAIL_AUTO_SUBMITTED, /* Auto-Submitted other than "no", X-Auto-Response-Suppress, Precedence:
                               auto_reply|junk|bulk without a List-Id */
    UT_MAIL_REPORT,         /* multipart/report, Return-Path <> */
    UT_MAIL_NOREPLY,        /* noreply@, mailer-daemon@, bounce… */
    UT_MAIL_NEWSLETTER,     /* List-Unsubscribe without a discussion list's List-Post/In-Reply-To signs */
    UT_MAIL_CALENDAR,       /* the body is text/calendar */
} ut_mail_machine;

/* All strings live in the arena given. */
typedef struct ut_mail {
    ut_mailbox from; /* first From address, else Sender */
    ut_mailbox *to;  /* To and Cc and Bcc, in this order */
    size_t to_count;
    size_t to_primary_count; /* how many of them stood in To */
    ut_str message_id;       /* without <>, "" when missing */
    ut_str parent_id;        /* last id in References, else the first in In-Reply-To; without <> */
    ut_str subject;          /* decoded UTF-8 */
    ut_str list_id;          /* what stands in the <> of List-Id */
    int64_t date_us;         /* Date, else the newest Received; INT64_MIN when neither can be read */
    ut_mail_machine machine;
    /* UT_MIME_ALL only: */
    ut_str text;          /* the human-readable body as UTF-8 plain text, LF line ends, format=flowed joined */
    bool from_html;       /* there was no usable text/plain */
    uint32_t parts;       /* leaf parts seen */
    uint32_t attachments; /* leaf parts that are no text of the mail: files, images, signatures */
    bool cut;             /* depth, parts or text limit met: what is here is the beginning */
} ut_mail;

/* UT_INVALID when no header field at all can be found (err->byte says where); UT_LIMIT for header lines over
 * UT_HEADER_LINE_MAX or blocks over UT_HEADER_BLOCK_MAX. Otherwise it takes what there is. */
UT_MUST_CHECK ut_status ut_mime_parse(ut_arena *keep, ut_mail *ret, ut_str bytes, ut_mime_scope scope, ut_err *err);
/* Length of the header block at the start of a mail, its empty line included; all of the mail when there is none. What
 * UT_MIME_HEADERS needs to see. Needs no worker. */
size_t ut_mime_header_length(ut_str mail);

#endif
