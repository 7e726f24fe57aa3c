/* bench_mail — how fast mail is read and decoded.
 *
 *     bench-mail make FILE MIB      writes an mbox of generated mail, for this and for other programs to read
 *     bench-mail FILE               prints CSV: question, items, bytes, seconds, items per second, MB per second
 *
 * Questions: split (mbox only), read (split, headers through the worker, a sink that counts), decode (whole mails
 * through the worker to text), and one mail at a time, which is what a trip to the worker costs without a batch.
 */
#include "bronze/source.h"
#include "codec/mbox.h"
#include "os/clock.h"
#include "os/file.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct ut_sample {
    int64_t items;
    int64_t bytes;
    ut_mail_worker *worker;
    ut_arena arena;
    ut_buf payloads;
    size_t ends[256];
    size_t count;
    size_t batch;
} ut_sample;

static void die(const char *what, const ut_err *err)
{
    (void)fprintf(stderr, "bench-mail: %s: %s\n", what, err->message);
    exit(1);
}

static void put_words(ut_buf *to, ut_rng *rng, int count)
{
    static const char *const words[] = {"we",     "should",  "look",   "at",   "the",    "plan",  "again", "before",
                                        "Monday", "because", "nobody", "has",  "tested", "it",    "yet",   "and",
                                        "I",      "am",      "glad",   "that", "you",    "found", "time",  "thanks"};
    for (int i = 0; i < count; i++) {
        ut_buf_puts(to, words[ut_rng_below(rng, sizeof words / sizeof *words)]);
        ut_buf_byte(to, (i + 1) % 12 == 0 || i + 1 == count ? '\n' : ' ');
    }
}

/* Headers like those of real list mail: about 2 KB, most of it Received lines. */
static void put_mail(ut_buf *to, ut_rng *rng, int number)
{
    int who = (int)ut_rng_below(rng, 200);
    ut_buf_format(to, "From p%d@example.org Mon Jan  5 10:%02d:%02d 2026\n", who, number / 60 % 60, number % 60);
    for (int i = 0; i < 5; i++) {
        ut_buf_format(to,
                      "Received: from mx%d.example.net (mx%d.example.net [192.0.2.%d])\n"
                      "\tby relay%d.example.org (Postfix) with ESMTPS id %08X%08X\n"
                      "\tfor <list@example.org>; Mon,  5 Jan 2026 10:%02d:%02d +0100 (CET)\n",
                      i, i, i, i, number, i, number / 60 % 60, number % 60);
    }
    ut_buf_format(to,
                  "From: =?utf-8?Q?P=C3=A9rson?= %d <p%d@example.org>\nTo: The List <list@example.org>\n"
                  "Cc: p%d@example.org, \"Person, Other\" <p%d@example.org>\nSubject: Re: the plan, take %d\n"
                  "Date: Mon, 5 Jan 2026 10:%02d:%02d +0100\nMessage-ID: <%d.bench@example.org>\n"
                  "In-Reply-To: <%d.bench@example.org>\nReferences: <0.bench@example.org>\n <%d.bench@example.org>\n"
                  "List-Id: The List <list.example.org>\nList-Post: <mailto:list@example.org>\nMIME-Version: 1.0\n",
                  who, who, who + 1, who + 2, number, number / 60 % 60, number % 60, number, number - 1, number - 1);
    if (number % 3 == 0) {
        ut_buf_puts(to, "Content-Type: multipart/alternative; boundary=\"=_b\"\n\n--=_b\n"
                        "Content-Type: text/plain; charset=utf-8\n\n");
        put_words(to, rng, 150);
        ut_buf_puts(to, "--=_b\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>");
        put_words(to, rng, 150);
        ut_buf_puts(to, "</p></body></html>\n--=_b--\n\n");
        return;
    }
    ut_buf_format(to, "Content-Type: text/%s; charset=utf-8\n\n", number % 3 == 1 ? "plain" : "html");
    put_words(to, rng, 200);
    ut_buf_puts(to, "\n> and this was said before\n\n");
}

static int make(const char *path, int64_t mib)
{
    ut_err err = {0};
    ut_file file = {-1};
    ut_rng rng = {1};
    ut_buf chunk = ut_buf_make(2 * UT_MIB);
    if (ut_file_open_write(&file, path, 0644, &err) != UT_OK) {
        die("make", &err);
    }
    int64_t written = 0;
    for (int number = 1; written < mib * (int64_t)UT_MIB; number++) {
        put_mail(&chunk, &rng, number);
        if (chunk.len > UT_MIB) {
            if (ut_file_write(&file, ut_buf_str(&chunk), &err) != UT_OK) {
                die("make", &err);
            }
            written += (int64_t)chunk.len;
            ut_buf_clear(&chunk);
        }
    }
    ut_file_close(&file);
    ut_buf_free(&chunk);
    return 0;
}

static ut_status read_file(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    return ut_file_read(ctx, to, room, ret_len, err);
}

static ut_status count_item(void *ctx, const ut_mbox_item *item, ut_err *err)
{
    (void)err;
    ut_sample *sample = ctx;
    sample->items += item->state == UT_OK;
    sample->bytes += item->size_bytes;
    return UT_OK;
}

static ut_status count_record(void *ctx, const ut_record *record, ut_err *err)
{
    (void)err;
    ut_sample *sample = ctx;
    sample->items++;
    sample->bytes += (int64_t)record->payload.len;
    return UT_OK;
}

static ut_status count_reject(void *ctx, const ut_reject *reject, ut_err *err)
{
    (void)ctx, (void)reject, (void)err;
    return UT_OK;
}

static ut_status decode_batch(ut_sample *sample, ut_err *err)
{
    static ut_str mails[256];
    static ut_format formats[256];
    static ut_message messages[256];
    for (size_t i = 0; i < sample->count; i++) {
        size_t from = i ? sample->ends[i - 1] : 0;
        mails[i] = ut_str_slice(ut_buf_str(&sample->payloads), from, sample->ends[i]);
        formats[i] = UT_FORMAT_MBOXRD;
    }
    ut_status st = ut_mail_decode(sample->worker, &sample->arena, messages, mails, formats, sample->count, err);
    for (size_t i = 0; st == UT_OK && i < sample->count; i++) {
        sample->bytes += (int64_t)mails[i].len;
        sample->items += messages[i].text.len > 0;
    }
    sample->count = 0;
    ut_buf_clear(&sample->payloads);
    ut_arena_reset(&sample->arena);
    return st;
}

static ut_status decode_item(void *ctx, const ut_mbox_item *item, ut_err *err)
{
    ut_sample *sample = ctx;
    ut_buf_put(&sample->payloads, item->mail);
    sample->ends[sample->count++] = sample->payloads.len;
    return sample->count == sample->batch ? decode_batch(sample, err) : UT_OK;
}

static void report(const char *question, const ut_sample *sample, int64_t since_us)
{
    double seconds = (double)(ut_clock_steady_us() - since_us) / 1e6;
    (void)printf("%s,%lld,%lld,%.3f,%.0f,%.1f\n", question, (long long)sample->items, (long long)sample->bytes, seconds,
                 (double)sample->items / seconds, (double)sample->bytes / seconds / 1e6);
    (void)fflush(stdout);
}

static void run(const char *question, const char *path, size_t batch)
{
    ut_err err = {0};
    ut_file file = {-1};
    ut_sample sample = {.payloads = ut_buf_make(64 * UT_MIB), .batch = batch};
    if (ut_arena_open(&sample.arena, 256 * UT_MIB) != UT_OK || ut_file_open_read(&file, path, &err) != UT_OK ||
        ut_mail_worker_open(&sample.worker, &err) != UT_OK) {
        die(path, &err);
    }
    ut_stream stream = {.ctx = &file, .read = read_file, .size_bytes = -1};
    ut_sink sink = {.ctx = &sample, .record = count_record, .reject = count_reject};
    int64_t since_us = ut_clock_steady_us();
    ut_status st = UT_OK;
    if (question[0] == 's') {
        st = ut_mbox_read(&stream, count_item, &sample, &err);
    } else if (question[0] == 'r') {
        st = ut_mail_read_mbox(&sink, sample.worker, ut_str_of(path), &stream, &err);
    } else {
        st = ut_mbox_read(&stream, decode_item, &sample, &err);
        st = st == UT_OK && sample.count ? decode_batch(&sample, &err) : st;
    }
    if (st != UT_OK) {
        die(question, &err);
    }
    report(question, &sample, since_us);
    ut_file_close(&file);
    ut_mail_worker_close(&sample.worker);
    ut_arena_close(&sample.arena);
    ut_buf_free(&sample.payloads);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "make") == 0) {
        return make(argv[2], atoll(argv[3]));
    }
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench-mail make FILE MIB | bench-mail FILE\n");
        return 2;
    }
    (void)printf("question,items,bytes,seconds,items_per_s,mb_per_s\n");
    run("split", argv[1], 0);
    run("read", argv[1], 0);
    run("decode", argv[1], 64);
    run("decode_one_at_a_time", argv[1], 1);
    return 0;
}
