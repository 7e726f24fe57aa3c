/* codec/mail_worker.c — the mail parser's process and the talk with it.
 *
 *     parent → child   u32 length of mail · u32 scope · mail                            (a request)
 *     child → parent   u32 length of rest · u32 status · …                              (an answer, one per request, in
 * order) UT_OK:       i64 date · u32 machine, flags, parts, attachments, primary, recipients · strings else:        i64
 * byte · message a string is      u32 length · bytes
 *
 * Both sides run on one machine from one binary: integers are native, there is no version.
 *
 * Answers are collected in the child and sent when it has nothing left to read, so that a batch costs few switches. The
 * child notes in a shared word how many mails it has begun; when it dies or takes too long, that tells which mail it
 * was. Answers that were not sent yet die with it: those mails are parsed again, which is harmless.
 *
 * The child is not trusted: every length it sends is checked, and one that lies is replaced like one that died.
 */
#include "codec/mail_worker.h"

#include "os/clock.h"
#include "os/process.h"

#include <stdatomic.h>
#include <stdio.h>

/* Answers hold the text (cut) and decoded headers; 3 bytes of UTF-8 per header byte is the worst. */
#define ANSWER_BYTES_MAX (16 * UT_MIB)
/* The child sends what it has when it reaches this. */
#define FLUSH_BYTES (128 * UT_KIB)
#define READ_BYTES (256 * UT_KIB)
/* Per mail in the child: text, strings, recipients. */
#define CHILD_ARENA_BYTES (64 * UT_MIB)
#define STACK_BYTES (64 * UT_MIB)
/* Requests are put together up to this, so that small mails share a system call. */
#define SEND_BYTES (256 * UT_KIB)
/* Children in a row that end before they begin a mail: then it is not the mails. */
#define BARREN_MAX 3

typedef struct ut_request_head {
    uint32_t length;
    uint32_t scope;
} ut_request_head;

struct ut_mail_worker {
    ut_process child;
    ut_buf requests; /* put together, of which `requests_sent` bytes went over */
    size_t requests_sent;
    ut_buf received; /* bytes of answers not yet decoded */
    int time_ms;     /* per mail */
    uint64_t deaths;
};

static char sabotage_text[64];
static char sabotage_how[16];

void ut_mail_worker_sabotage(const char *text, const char *how)
{
    ut_str t = ut_str_slice(ut_str_of(text), 0, sizeof sabotage_text - 1);
    ut_str h = ut_str_slice(ut_str_of(how), 0, sizeof sabotage_how - 1);
    memset(sabotage_text, 0, sizeof sabotage_text);
    memset(sabotage_how, 0, sizeof sabotage_how);
    memcpy(sabotage_text, t.len ? t.ptr : "", t.len);
    memcpy(sabotage_how, h.len ? h.ptr : "", h.len);
}

/* The child ----------------------------------------------------------------------------------------------------------
 */

static void put_u32(ut_buf *to, uint32_t value)
{
    ut_buf_put(to, (ut_str){(const char *)&value, sizeof value});
}

static void put_i64(ut_buf *to, int64_t value)
{
    ut_buf_put(to, (ut_str){(const char *)&value, sizeof value});
}

static void put_str(ut_buf *to, ut_str text)
{
    put_u32(to, (uint32_t)text.len);
    ut_buf_put(to, text);
}

static void put_mail(ut_buf *to, const ut_mail *mail)
{
    put_i64(to, mail->date_us);
    put_u32(to, (uint32_t)mail->machine);
    put_u32(to, (mail->from_html ? 1u : 0u) | (mail->cut ? 2u : 0u));
    put_u32(to, mail->parts);
    put_u32(to, mail->attachments);
    put_u32(to, (uint32_t)mail->to_primary_count);
    put_u32(to, (uint32_t)mail->to_count);
    put_str(to, mail->message_id);
    put_str(to, mail->parent_id);
    put_str(to, mail->subject);
    put_str(to, mail->list_id);
    put_str(to, mail->text);
    put_str(to, mail->from.address);
    put_str(to, mail->from.name);
    for (size_t i = 0; i < mail->to_count; i++) {
        put_str(to, mail->to[i].address);
        put_str(to, mail->to[i].name);
    }
}

static void put_answer(ut_buf *to, ut_status status, const ut_mail *mail, const ut_err *err)
{
    size_t head = to->len;
    put_u32(to, 0);
    put_u32(to, (uint32_t)status);
    if (status == UT_OK) {
        put_mail(to, mail);
    } else {
        put_i64(to, err->byte);
        put_str(to, ut_str_of(err->message));
    }
    if (to->failed == UT_OK) {
        uint32_t rest = (uint32_t)(to->len - head - sizeof rest);
        memcpy(to->ptr + head, &rest, sizeof rest);
    }
}

/* Returns only when there was nothing to do. */
static void act_up(ut_buf *answers, ut_str mail)
{
    if (!sabotage_text[0] || !ut_str_has(mail, ut_str_of(sabotage_text))) {
        return;
    }
    if (sabotage_how[0] == 'c') {
        __builtin_trap();
    } else if (sabotage_how[0] == 'h') {
        while (ut_clock_now_us()) {
            ut_process_self_alarm(60);
        }
    } else {
        put_u32(answers, 60);
        put_u32(answers, UT_OK);
        for (int i = 0; i < 56 / 4; i++) {
            put_u32(answers, 0xFFFFFFFFu);
        }
    }
}

static void answer_one(ut_buf *answers, ut_arena *arena, ut_str mail, ut_mime_scope scope)
{
    ut_mail parsed;
    ut_err err = {0};
    act_up(answers, mail);
    ut_status st = ut_mime_parse(arena, &parsed, mail, scope, &err);
    put_answer(answers, st, &parsed, &err);
    ut_arena_reset(arena);
}

/* The first whole request in `bytes`; false when there is none yet. */
static bool first_request(ut_str bytes, ut_request_head *ret, ut_str *ret_mail)
{
    if (bytes.len < sizeof *ret) {
        return false;
    }
    memcpy(ret, bytes.ptr, sizeof *ret);
    if (bytes.len - sizeof *ret < ret->length) {
        return false;
    }
    *ret_mail = ut_str_slice(bytes, sizeof *ret, sizeof *ret + ret->length);
    return true;
}

/* Answers every whole request in `requests` and takes them out of it. */
static bool answer_all(const ut_process_self *self, ut_buf *requests, ut_buf *answers, ut_arena *arena)
{
    ut_str rest = ut_buf_str(requests);
    ut_request_head head;
    ut_str mail;
    while (first_request(rest, &head, &mail)) {
        atomic_fetch_add_explicit(&self->shared->step, 1, memory_order_release);
        ut_process_self_alarm(6 * UT_MAIL_TIME_MS / 1000);
        answer_one(answers, arena, mail, head.scope == UT_MIME_ALL ? UT_MIME_ALL : UT_MIME_HEADERS);
        rest = ut_str_slice(rest, sizeof head + mail.len, rest.len);
        if (answers->failed != UT_OK) {
            return false;
        }
        if (answers->len > FLUSH_BYTES) {
            if (!ut_process_self_send(self, ut_buf_str(answers))) {
                return false;
            }
            ut_buf_clear(answers);
        }
    }
    if (rest.len) {
        memmove(requests->ptr, rest.ptr, rest.len);
    }
    requests->len = rest.len;
    ut_process_self_alarm(0);
    bool sent = ut_process_self_send(self, ut_buf_str(answers));
    ut_buf_clear(answers);
    return sent;
}

/* The child's whole life. */
static int serve(void *ctx, const ut_process_self *self)
{
    (void)ctx;
    ut_arena arena = {0};
    ut_buf requests = ut_buf_make(UT_RECORD_BYTES_MAX + 2 * READ_BYTES);
    ut_buf answers = ut_buf_make(ANSWER_BYTES_MAX + 2 * FLUSH_BYTES);
    if (ut_arena_open(&arena, CHILD_ARENA_BYTES) != UT_OK) {
        return 2;
    }
    while (true) {
        char *to = ut_buf_reserve(&requests, READ_BYTES);
        size_t len = to ? ut_process_self_receive(self, to, READ_BYTES) : 0;
        if (len == 0) {
            return to ? 0 : 2;
        }
        requests.len += len;
        if (!answer_all(self, &requests, &answers, &arena)) {
            return 3;
        }
    }
}

/* Decoding answers ---------------------------------------------------------------------------------------------------
 */

/* Reads of a frame; the first short one sets `bad` and all later ones give nothing. */
typedef struct ut_frame {
    ut_str rest;
    bool bad;
} ut_frame;

static void get(ut_frame *frame, void *to, size_t n)
{
    if (frame->bad || frame->rest.len < n) {
        frame->bad = true;
        memset(to, 0, n);
        return;
    }
    memcpy(to, frame->rest.ptr, n);
    frame->rest = ut_str_slice(frame->rest, n, frame->rest.len);
}

static uint32_t get_u32(ut_frame *frame)
{
    uint32_t value;
    get(frame, &value, sizeof value);
    return value;
}

static int64_t get_i64(ut_frame *frame)
{
    int64_t value;
    get(frame, &value, sizeof value);
    return value;
}

static ut_str get_str(ut_frame *frame)
{
    uint32_t len = get_u32(frame);
    if (frame->bad || frame->rest.len < len) {
        frame->bad = true;
        return (ut_str){0};
    }
    ut_str text = ut_str_slice(frame->rest, 0, len);
    frame->rest = ut_str_slice(frame->rest, len, frame->rest.len);
    return text;
}

/* The mail's strings borrow from the frame, which lies in the arena. */
static void get_mail(ut_frame *frame, ut_arena *keep, ut_mail *ret, bool *ret_full)
{
    ut_mail mail = {.date_us = get_i64(frame)};
    uint32_t machine = get_u32(frame);
    uint32_t flags = get_u32(frame);
    mail.parts = get_u32(frame);
    mail.attachments = get_u32(frame);
    mail.to_primary_count = get_u32(frame);
    mail.to_count = get_u32(frame);
    mail.message_id = get_str(frame);
    mail.parent_id = get_str(frame);
    mail.subject = get_str(frame);
    mail.list_id = get_str(frame);
    mail.text = get_str(frame);
    mail.from.address = get_str(frame);
    mail.from.name = get_str(frame);
    mail.machine = (ut_mail_machine)machine;
    mail.from_html = (flags & 1) != 0;
    mail.cut = (flags & 2) != 0;
    if (machine > UT_MAIL_CALENDAR || mail.to_count > UT_MAIL_RECIPIENTS_MAX || mail.to_primary_count > mail.to_count) {
        frame->bad = true;
    }
    if (frame->bad) {
        return;
    }
    mail.to = ut_new(keep, ut_mailbox, mail.to_count);
    *ret_full = !mail.to;
    for (size_t i = 0; mail.to && i < mail.to_count; i++) {
        mail.to[i].address = get_str(frame);
        mail.to[i].name = get_str(frame);
    }
    *ret = mail;
}

/* Decodes one answer. UT_CORRUPT when it makes no sense, UT_LIMIT when the arena is full. */
static ut_status decode_answer(ut_arena *keep, ut_mail_reply *ret, ut_str bytes)
{
    ut_str copy = ut_arena_copy(keep, bytes);
    if (!copy.ptr) {
        return UT_LIMIT;
    }
    ut_frame frame = {.rest = copy};
    ut_mail_reply reply = {.status = (ut_status)get_u32(&frame)};
    bool full = false;
    if (reply.status == UT_OK) {
        get_mail(&frame, keep, &reply.mail, &full);
    } else {
        int64_t byte = get_i64(&frame);
        ut_str message = get_str(&frame);
        (void)ut_fail(&reply.err, reply.status, UT_STR_FMT, UT_STR_ARG(message));
        reply.err.byte = byte;
    }
    if (full) {
        return UT_LIMIT;
    }
    if (frame.bad || frame.rest.len || reply.status > UT_INTERRUPTED) {
        return UT_CORRUPT;
    }
    *ret = reply;
    return UT_OK;
}

/* The parent ---------------------------------------------------------------------------------------------------------
 */

static ut_status start_child(ut_mail_worker *worker, ut_err *err)
{
    if (worker->child.pid > 0) {
        return UT_OK;
    }
    ut_buf_clear(&worker->received);
    ut_buf_clear(&worker->requests);
    worker->requests_sent = 0;
    ut_process_limits limits = {
        .memory_bytes = UT_MAIL_WORKER_BYTES, .stack_bytes = STACK_BYTES, .name = "undertone-mail"};
    return ut_process_start(&worker->child, serve, NULL, limits, err);
}

ut_status ut_mail_worker_open(ut_mail_worker **ret, ut_err *err)
{
    ut_mail_worker *worker = ut_mem_zeroed(1, sizeof *worker);
    if (!worker) {
        return ut_fail(err, UT_NOMEM, "no memory for a mail worker");
    }
    worker->time_ms = UT_MAIL_TIME_MS;
    worker->requests = ut_buf_make(UT_RECORD_BYTES_MAX + SEND_BYTES + 64);
    worker->received = ut_buf_make(ANSWER_BYTES_MAX + 2 * FLUSH_BYTES + 2 * READ_BYTES);
    ut_status st = start_child(worker, err);
    if (st != UT_OK) {
        ut_mem_free(worker);
        return st;
    }
    *ret = worker;
    return UT_OK;
}

void ut_mail_worker_close(ut_mail_worker **worker)
{
    if (worker && *worker) {
        ut_process_stop(&(*worker)->child, NULL, 0);
        ut_buf_free(&(*worker)->requests);
        ut_buf_free(&(*worker)->received);
        *worker = ut_mem_free(*worker);
    }
}

uint64_t ut_mail_worker_deaths(const ut_mail_worker *worker)
{
    return worker->deaths;
}

void ut_mail_worker_set_time_ms(ut_mail_worker *worker, int time_ms)
{
    worker->time_ms = time_ms > 0 ? time_ms : UT_MAIL_TIME_MS;
}

/* One batch under way. Settled mails have their reply already and are passed over: too long ones, and those that killed
 * a child. */
typedef struct ut_mail_batch {
    ut_mail_worker *worker;
    ut_arena *keep;
    ut_mail_reply *replies;
    const ut_str *mails;
    bool *settled;
    bool *suspect;      /* a child failed at this mail once; the second time it gets the blame */
    size_t count;
    ut_mime_scope scope;
    size_t put;         /* mails before this one were put into requests for this child */
    size_t answered;    /* mails before this one have their reply */
    size_t base;        /* `answered` when this child began */
    uint64_t step_base; /* the shared word when this child began */
} ut_mail_batch;

static void skip_settled(const ut_mail_batch *batch, size_t *at)
{
    while (*at < batch->count && batch->settled[*at]) {
        *at += 1;
    }
}

static void settle(ut_mail_batch *batch, size_t at, ut_status status, const char *why)
{
    batch->settled[at] = true;
    batch->replies[at] = (ut_mail_reply){.status = status};
    (void)ut_fail(&batch->replies[at].err, status, "%s", why);
    skip_settled(batch, &batch->answered);
}

/* Sends as much as goes. UT_IO when the child is gone. */
static ut_status send_some(ut_mail_batch *batch, ut_err *err)
{
    ut_mail_worker *worker = batch->worker;
    while (true) {
        if (worker->requests_sent == worker->requests.len) {
            ut_buf_clear(&worker->requests);
            worker->requests_sent = 0;
        }
        while (worker->requests_sent == 0 && worker->requests.len < SEND_BYTES && batch->put < batch->count) {
            ut_str mail = batch->mails[batch->put++];
            ut_request_head head = {(uint32_t)mail.len, batch->scope};
            ut_buf_put(&worker->requests, (ut_str){(const char *)&head, sizeof head});
            ut_buf_put(&worker->requests, mail);
            skip_settled(batch, &batch->put);
        }
        if (worker->requests.failed != UT_OK) {
            return ut_fail(err, UT_NOMEM, "no memory to hand mail over to its parser");
        }
        ut_str rest = ut_str_slice(ut_buf_str(&worker->requests), worker->requests_sent, worker->requests.len);
        size_t len = 0;
        ut_status st = rest.len ? ut_process_send(&worker->child, rest, &len, err) : UT_OK;
        worker->requests_sent += len;
        if (st != UT_OK || len < rest.len || rest.len == 0) {
            return st;
        }
    }
}

/* Decodes the whole answers received. UT_CORRUPT: they make no sense; UT_LIMIT: arena full. */
static ut_status take_answers(ut_mail_batch *batch)
{
    ut_buf *received = &batch->worker->received;
    ut_str rest = ut_buf_str(received);
    ut_status st = UT_OK;
    while (st == UT_OK && rest.len >= sizeof(uint32_t)) {
        uint32_t len;
        memcpy(&len, rest.ptr, sizeof len);
        if (len > ANSWER_BYTES_MAX || batch->answered == batch->count) {
            return UT_CORRUPT;
        }
        if (rest.len - sizeof len < len) {
            break;
        }
        st = decode_answer(batch->keep, &batch->replies[batch->answered],
                           ut_str_slice(rest, sizeof len, sizeof len + len));
        if (st == UT_OK) {
            rest = ut_str_slice(rest, sizeof len + len, rest.len);
            batch->answered++;
            skip_settled(batch, &batch->answered);
        }
    }
    if (rest.len && rest.len < received->len) {
        memmove(received->ptr, rest.ptr, rest.len);
    }
    received->len = rest.len;
    return st;
}

static ut_status receive_some(ut_mail_batch *batch, ut_err *err)
{
    ut_buf *received = &batch->worker->received;
    char *to = ut_buf_reserve(received, READ_BYTES);
    if (!to) {
        return ut_fail(err, received->failed == UT_NOMEM ? UT_NOMEM : UT_CORRUPT,
                       "no room for the mail worker's answers");
    }
    size_t len = 0;
    ut_status st = ut_process_receive(&batch->worker->child, to, READ_BYTES, &len, err);
    received->len += len;
    return st == UT_OK && len ? take_answers(batch) : st;
}

/* Runs the child until all is answered (UT_OK), it is gone (UT_IO), lies (UT_CORRUPT) or takes too long (UT_BUSY). */
static ut_status talk(ut_mail_batch *batch, ut_err *err)
{
    ut_mail_worker *worker = batch->worker;
    uint64_t step = 0;
    int64_t since_us = ut_clock_steady_us();
    while (batch->answered < batch->count) {
        ut_status st = send_some(batch, err);
        st = st == UT_OK ? receive_some(batch, err) : st;
        if (st != UT_OK || batch->answered == batch->count) {
            return st;
        }
        int64_t now_us = ut_clock_steady_us();
        uint64_t now_step = atomic_load_explicit(&worker->child.shared->step, memory_order_acquire);
        if (now_step != step) {
            step = now_step;
            since_us = now_us;
        }
        int64_t left_ms = worker->time_ms - (now_us - since_us) / 1000;
        if (left_ms <= 0) {
            return ut_fail(err, UT_BUSY, "the mail worker takes too long");
        }
        bool more = worker->requests_sent < worker->requests.len;
        st = ut_process_wait(&worker->child, more, (int)left_ms, err);
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

/* Mails this child has begun, by its shared word; 0 when that is not believable. */
static size_t begun(const ut_mail_batch *batch)
{
    uint64_t step = atomic_load_explicit(&batch->worker->child.shared->step, memory_order_acquire) - batch->step_base;
    return step <= batch->count ? (size_t)step : 0;
}

/* The mail the child was at. One it claims to be at that has an answer already, or is none, gives the next unanswered.
 */
static size_t culprit(const ut_mail_batch *batch, size_t nth)
{
    size_t at = batch->base;
    for (size_t i = 1; i < nth && at < batch->count; i++) {
        at++;
        skip_settled(batch, &at);
    }
    return at >= batch->answered && at < batch->count ? at : batch->answered;
}

/* Reaps a child that failed with `how`. The mail it was at becomes a suspect, and gets the blame when a second child
 * fails at it too: a child may also have been worn out by the mails before, or starved by a busy machine, and the same
 * input must give the same rows. Mails whose answers were lost are parsed again. Returns false when it was at none. */
static bool bury(ut_mail_batch *batch, ut_status how, char why[128])
{
    size_t nth = begun(batch);
    /* Nonsense stands where the first missing answer should; otherwise the child said what it was at. */
    size_t who = how == UT_CORRUPT ? batch->answered : culprit(batch, nth);
    char end[80] = "";
    ut_process_stop(&batch->worker->child, end, sizeof end);
    batch->worker->deaths++;
    if (how == UT_BUSY) {
        (void)snprintf(why, 128, "the mail parser took longer than %d ms over this mail", batch->worker->time_ms);
    } else if (how == UT_CORRUPT) {
        (void)snprintf(why, 128, "the mail parser answered nonsense to this mail");
    } else {
        (void)snprintf(why, 128, "the mail parser died of this mail: %s", end);
    }
    if (nth == 0 && how == UT_IO) {
        return false;
    }
    if (batch->suspect[who]) {
        settle(batch, who, UT_CORRUPT, why);
    }
    batch->suspect[who] = true;
    return true;
}

static ut_status run_one_child(ut_mail_batch *batch, ut_err *err)
{
    batch->base = batch->answered;
    batch->put = batch->answered;
    ut_status st = start_child(batch->worker, err);
    if (st != UT_OK) {
        return st;
    }
    batch->step_base = atomic_load_explicit(&batch->worker->child.shared->step, memory_order_acquire);
    return talk(batch, err);
}

/* Runs children until every mail has its reply. */
static ut_status run_batch(ut_mail_batch *batch, ut_err *err)
{
    int barren = 0;
    while (batch->answered < batch->count) {
        char why[128];
        ut_status st = run_one_child(batch, err);
        if (st == UT_OK) {
            continue;
        }
        if (st != UT_IO && st != UT_CORRUPT && st != UT_BUSY) {
            /* Out of memory or arena: the child may be in the middle of things, the next batch gets a fresh one. */
            ut_process_stop(&batch->worker->child, NULL, 0);
            return st;
        }
        if (batch->worker->child.pid <= 0) {
            return st; /* it could not be started */
        }
        barren = bury(batch, st, why) ? 0 : barren + 1;
        if (barren == BARREN_MAX) {
            return ut_fail(err, UT_IO, "the mail parser does not run: %s", why);
        }
    }
    return UT_OK;
}

ut_status ut_mail_worker_parse(ut_mail_worker *worker, ut_arena *keep, ut_mail_reply *replies, const ut_str *mails,
                               size_t count, ut_mime_scope scope, ut_err *err)
{
    ut_mail_batch batch = {
        .worker = worker, .keep = keep, .replies = replies, .mails = mails, .count = count, .scope = scope};
    batch.settled = ut_new(keep, bool, count);
    batch.suspect = ut_new(keep, bool, count);
    if (!batch.settled || !batch.suspect) {
        return ut_fail(err, UT_LIMIT, "no room for %zu mails in the arena", count);
    }
    for (size_t i = 0; i < count; i++) {
        if (mails[i].len > UT_RECORD_BYTES_MAX) {
            settle(&batch, i, UT_LIMIT, "the mail is larger than one record may be");
        }
    }
    skip_settled(&batch, &batch.answered);
    return run_batch(&batch, err);
}
