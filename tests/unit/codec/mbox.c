/* The mbox splitter: what ends a mail, what does not, and that the window's edges can't be seen. */
#include "codec/mbox.h"

#include "harness/test.h"

/* A stream that hands out at most `step` bytes at a time, and may fail at a place. */
typedef struct ut_drip {
    ut_str rest;
    size_t step;
    size_t repeat; /* how often `unit` comes after `rest` */
    ut_str unit;
    bool fails;
} ut_drip;

static ut_status drip_read(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    ut_drip *drip = ctx;
    if (drip->rest.len == 0 && drip->repeat) {
        drip->repeat--;
        drip->rest = drip->unit;
    }
    if (drip->rest.len == 0 && drip->fails) {
        return ut_fail(err, UT_IO, "the stream broke");
    }
    size_t n = drip->rest.len < room ? drip->rest.len : room;
    n = drip->step && n > drip->step ? drip->step : n;
    if (n) {
        memcpy(to, drip->rest.ptr, n);
    }
    drip->rest = ut_str_slice(drip->rest, n, drip->rest.len);
    *ret_len = n;
    return UT_OK;
}

/* Writes what was visited, one line per item, bytes of the mail in full. */
typedef struct ut_seen {
    ut_buf text;
    size_t count;
    size_t bad;
    int64_t bytes;
    size_t stop_at;
} ut_seen;

static ut_status on_item(void *ctx, const ut_mbox_item *item, ut_err *err)
{
    ut_seen *seen = ctx;
    seen->count++;
    seen->bad += item->state != UT_OK;
    seen->bytes += item->size_bytes;
    ut_buf_format(&seen->text, "%lld+%lld %s [%.*s] {%.*s}\n", (long long)item->byte, (long long)item->size_bytes,
                  ut_status_name(item->state), UT_STR_ARG(item->separator), UT_STR_ARG(item->mail));
    return seen->count == seen->stop_at ? ut_fail(err, UT_INTERRUPTED, "enough") : UT_OK;
}

static ut_status split(ut_seen *seen, ut_str bytes, size_t step, ut_err *err)
{
    ut_drip drip = {.rest = bytes, .step = step};
    ut_stream stream = {.ctx = &drip, .read = drip_read, .size_bytes = -1};
    return ut_mbox_read(&stream, on_item, seen, err);
}

/* Whole, and in small bites of every size that could cut a separator. */
static void expect_split(ut_test *t, int line, ut_str bytes, const char *want)
{
    static const size_t steps[] = {0, 1, 2, 3, 5, 7, 11, 64};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        ut_seen seen = {.text = ut_buf_make(UT_MIB)};
        ut_err err = {0};
        ut_status st = split(&seen, bytes, steps[i], &err);
        if (st != UT_OK || !ut_test_str(t, __FILE__, line, "items", ut_buf_str(&seen.text), ut_str_of(want))) {
            ut_test_fail(t, __FILE__, line, "with steps of %zu: %s", steps[i], err.message);
        }
        ut_buf_free(&seen.text);
    }
}
#define EXPECT_SPLIT(bytes_, want_) expect_split(t, __LINE__, UT_STR(bytes_), want_)

#define SEP_A "From a@example.org Mon Jan  5 10:00:00 2026"
#define SEP_B "From b@example.org  Tue Jan  6 10:00:00 +0000 2026"

UT_TEST(codec_mbox, separators_that_programs_write)
{
    static const char *const yes[] = {
        "From a@example.org Mon Jan  5 10:00:00 2026",
        "From a@example.org  Mon Jan  5 10:00:00 2026",
        "From - Mon Jan 05 10:00:00 2026",
        "From MAILER-DAEMON Mon Jan  5 10:00:00 2026",
        "From 1234567890@xxx Mon Jan 05 10:00:00 +0000 2026",
        "From alice at example.org  Mon Jan  5 10:00:00 2026",
        "From a@example.org Mon Jan  5 10:00 2026",
        "From a@example.org Mon Jan  5 10:00:00 MET 2026",
        "From a@example.org Mon Jan  5 10:00:00 2026 +0100",
        "From a@example.org Mon Jan  5 10:00:00 2026 remote from relay",
        "From a@example.org Mon, 5 Jan 2026 10:00:00 +0100",
        "From \"a b\"@example.org Mon Jan  5 10:00:00 2026",
        "From luc\355a at example.org  Mon Jan  5 10:00:00 2026",
        "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001",
    };
    static const char *const no[] = {
        "From",
        "From ",
        "From a@example.org",
        "from a@example.org Mon Jan  5 10:00:00 2026",
        ">From a@example.org Mon Jan  5 10:00:00 2026",
        "From: a@example.org Mon Jan  5 10:00:00 2026",
        "From now on we meet at 10:00",
        "From Monday 5 Jan at 10:00 on",
        "From 5 Jan 26 10:00",
        "From Mon Jan  5 10:00:00 2026 on we are three",
        "From a@example.org Mon Jan 32 10:00:00 2026",
        "From a@example.org Mon Jan  5 2026",
    };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (!ut_mbox_is_separator(ut_str_of(yes[i]))) {
            ut_test_fail(t, __FILE__, __LINE__, "not seen: %s", yes[i]);
        }
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        if (ut_mbox_is_separator(ut_str_of(no[i]))) {
            ut_test_fail(t, __FILE__, __LINE__, "taken for one: %s", no[i]);
        }
    }
}

UT_TEST(codec_mbox, cuts_two_mails)
{
    EXPECT_SPLIT(SEP_A "\nX: 1\n\none\n\n" SEP_B "\nX: 2\n\ntwo\n",
                 "0+55 ok [" SEP_A "] {X: 1\n\none\n}\n55+61 ok [" SEP_B "] {X: 2\n\ntwo\n}\n");
}

UT_TEST(codec_mbox, crlf_and_mixed_line_ends)
{
    EXPECT_SPLIT(SEP_A "\r\nX: 1\r\n\r\none\r\n\r\n" SEP_B "\nX: 2\n\ntwo\r\n\r\n" SEP_A "\r\nX: 3\n",
                 "0+60 ok [" SEP_A "] {X: 1\r\n\r\none\r\n}\n60+64 ok [" SEP_B "] {X: 2\n\ntwo\r\n}\n124+50 ok [" SEP_A
                 "] {X: 3\n}\n");
}

UT_TEST(codec_mbox, cr_alone_is_a_line_end_when_there_is_no_lf)
{
    EXPECT_SPLIT(SEP_A "\rX: 1\r\rone\r\r" SEP_B "\rX: 2\r\rtwo\r",
                 "0+55 ok [" SEP_A "] {X: 1\r\rone\r}\n55+61 ok [" SEP_B "] {X: 2\r\rtwo\r}\n");
}

UT_TEST(codec_mbox, unescaped_from_in_a_body_survives)
{
    EXPECT_SPLIT(SEP_A "\nX: 1\n\nhello\n\nFrom now on it is quiet.\nFrom here too\n\nFrom \n\nFrom",
                 "0+108 ok [" SEP_A "] {X: 1\n\nhello\n\nFrom now on it is quiet.\nFrom here too\n\nFrom \n\nFrom}\n");
    /* A whole separator, but within a paragraph. */
    EXPECT_SPLIT(SEP_A "\nX: 1\n\nit said\n" SEP_B "\nand so on\n",
                 "0+119 ok [" SEP_A "] {X: 1\n\nit said\n" SEP_B "\nand so on\n}\n");
}

UT_TEST(codec_mbox, content_length_is_believed_only_where_it_leads_to_a_separator)
{
    /* mboxcl2: the body holds something like a separator, unescaped. "text\n\nFrom b…\n" is 56 bytes. */
    EXPECT_SPLIT(SEP_A "\nContent-Length: 57\n\ntext\n\n" SEP_B "\n\n" SEP_B "\nX: 2\n\ntwo\n",
                 "0+122 ok [" SEP_A "] {Content-Length: 57\n\ntext\n\n" SEP_B "\n}\n122+61 ok [" SEP_B
                 "] {X: 2\n\ntwo\n}\n");
    /* Lies: too short, too long, negative, no number. */
    EXPECT_SPLIT(SEP_A "\ncontent-length: 3\n\none\n\n" SEP_B "\nContent-Length: 99999\n\ntwo\n\n" SEP_A
                       "\nContent-Length: -1\n\nthree\n\n" SEP_A "\nContent-Length: x\n\nfour\n",
                 "0+68 ok [" SEP_A "] {content-length: 3\n\none\n}\n68+79 ok [" SEP_B
                 "] {Content-Length: 99999\n\ntwo\n}\n147+71 ok [" SEP_A
                 "] {Content-Length: -1\n\nthree\n}\n218+68 ok [" SEP_A "] {Content-Length: x\n\nfour\n}\n");
    /* To the very end. */
    EXPECT_SPLIT(SEP_A "\nContent-Length: 4\n\none\n", "0+67 ok [" SEP_A "] {Content-Length: 4\n\none\n}\n");
}

UT_TEST(codec_mbox, bytes_before_the_first_separator_are_one_bad_item)
{
    EXPECT_SPLIT("Subject: no box\n\nat all\n", "0+24 invalid [] {Subject: no box\n\nat all\n}\n");
    EXPECT_SPLIT("junk\n\n" SEP_A "\nX: 1\n\none\n", "0+6 invalid [] {junk\n}\n6+54 ok [" SEP_A "] {X: 1\n\none\n}\n");
}

UT_TEST(codec_mbox, nothing_and_white_space_are_no_items)
{
    EXPECT_SPLIT("", "");
    EXPECT_SPLIT("\n \r\n\t\n", "");
    EXPECT_SPLIT("\xEF\xBB\xBF\n" SEP_A "\nX: 1\n", "4+49 ok [" SEP_A "] {X: 1\n}\n");
}

UT_TEST(codec_mbox, truncated_mails_are_delivered_as_far_as_they_go)
{
    EXPECT_SPLIT(SEP_A, "0+43 ok [" SEP_A "] {}\n");
    EXPECT_SPLIT(SEP_A "\n", "0+44 ok [" SEP_A "] {}\n");
    EXPECT_SPLIT(SEP_A "\nX: 1", "0+48 ok [" SEP_A "] {X: 1}\n");
    EXPECT_SPLIT(SEP_A "\n\n" SEP_B "\n\n", "0+45 ok [" SEP_A "] {}\n45+52 ok [" SEP_B "] {}\n");
}

UT_TEST(codec_mbox, nul_bytes_are_bytes)
{
    ut_seen seen = {.text = ut_buf_make(UT_MIB)};
    UT_EXPECT_I64(split(&seen, UT_STR(SEP_A "\nX: \0\n\no\0ne\n\n" SEP_B "\nX: 2\n"), 1, NULL), UT_OK);
    UT_EXPECT_I64(seen.count, 2);
    ut_buf_free(&seen.text);
}

UT_TEST(codec_mbox, the_visitor_and_the_stream_can_end_it)
{
    static const char box[] = SEP_A "\nX: 1\n\none\n\n" SEP_B "\nX: 2\n\ntwo\n\n" SEP_A "\nX: 3\n";
    ut_err err = {0};
    ut_seen seen = {.text = ut_buf_make(UT_MIB), .stop_at = 2};
    UT_EXPECT_I64(split(&seen, UT_STR(box), 0, &err), UT_INTERRUPTED);
    UT_EXPECT_I64(seen.count, 2);
    ut_buf_free(&seen.text);
    seen = (ut_seen){.text = ut_buf_make(UT_MIB)};
    ut_drip drip = {.rest = UT_STR(box), .fails = true};
    ut_stream stream = {.ctx = &drip, .read = drip_read, .size_bytes = -1};
    UT_EXPECT_I64(ut_mbox_read(&stream, on_item, &seen, &err), UT_IO);
    UT_EXPECT_STR(ut_str_of(err.message), "the stream broke");
    UT_EXPECT_I64(seen.count, 2);
    ut_buf_free(&seen.text);
}

static ut_status count_item(void *ctx, const ut_mbox_item *item, ut_err *err)
{
    (void)err;
    ut_seen *seen = ctx;
    seen->count++;
    seen->bad += item->state == UT_LIMIT && item->mail.len == UT_MBOX_HEAD_BYTES;
    seen->bytes += item->size_bytes;
    return UT_OK;
}

UT_TEST(codec_mbox, a_mail_of_any_length_costs_no_more_than_the_limit)
{
    /* 200 MB of one mail between two small ones: dropped but for its head, counted whole, neighbours unharmed. */
    ut_buf unit = ut_buf_make(2 * UT_MIB);
    while (unit.len < UT_MIB) {
        ut_buf_puts(&unit, "From here to there it is a long way, and it does not end.\n\n");
    }
    static const char first[] = SEP_A "\nX: 1\n\none\n\n" SEP_B "\nX: long\n\n";
    ut_drip drip = {.rest = UT_STR(first), .repeat = 200, .unit = ut_buf_str(&unit)};
    ut_stream stream = {.ctx = &drip, .read = drip_read, .size_bytes = -1};
    ut_seen seen = {0};
    UT_EXPECT_I64(ut_mbox_read(&stream, count_item, &seen, NULL), UT_OK);
    UT_EXPECT_I64(seen.count, 2);
    UT_EXPECT_I64(seen.bad, 1);
    UT_EXPECT_I64(seen.bytes, (int64_t)(sizeof first - 1 + 200 * unit.len));
    ut_buf_free(&unit);
}

typedef struct ut_after_long {
    size_t count;
    bool last_ok;
    int64_t last_byte;
} ut_after_long;

static ut_status look_at_last(void *ctx, const ut_mbox_item *item, ut_err *err)
{
    (void)err;
    ut_after_long *after = ctx;
    after->count++;
    after->last_ok = item->state == UT_OK && ut_str_eq(item->mail, UT_STR("X: 2\n\ntwo\n")) &&
                     ut_str_eq(item->separator, UT_STR(SEP_B));
    after->last_byte = item->byte;
    return UT_OK;
}

UT_TEST(codec_mbox, the_mail_after_a_too_long_one_is_whole_and_its_place_right)
{
    /* The separator falls on every place of the window's edge in turn. */
    for (size_t shift = 0; shift < 60; shift += 7) {
        ut_buf box = ut_buf_make(64 * UT_MIB);
        ut_buf_puts(&box, SEP_A "\nX: 1\n\n");
        while (box.len < 36 * UT_MIB + shift) {
            ut_buf_puts(&box, box.len % 1000 ? "x" : "\n");
            char *to = ut_buf_reserve(&box, 65536);
            UT_REQUIRE(to);
            size_t n = 36 * UT_MIB + shift - box.len;
            n = n < 65536 ? n : 65536;
            memset(to, 'y', n);
            box.len += n;
        }
        ut_buf_puts(&box, "\n\n");
        size_t at = box.len;
        ut_buf_puts(&box, SEP_B "\nX: 2\n\ntwo\n");
        ut_drip drip = {.rest = ut_buf_str(&box)};
        ut_stream stream = {.ctx = &drip, .read = drip_read, .size_bytes = -1};
        ut_after_long after = {0};
        UT_EXPECT_I64(ut_mbox_read(&stream, look_at_last, &after, NULL), UT_OK);
        UT_EXPECT_I64(after.count, 2);
        UT_EXPECT(after.last_ok);
        UT_EXPECT_I64(after.last_byte, (int64_t)at);
        ut_buf_free(&box);
    }
}

UT_TEST(codec_mbox, sweep)
{
    UT_SWEEP_ALLOC(t)
    {
        ut_seen seen = {0};
        ut_drip drip = {.rest = UT_STR(SEP_A "\nX: 1\n\none\n\n" SEP_B "\nX: 2\n\ntwo\n"), .step = 9};
        ut_stream stream = {.ctx = &drip, .read = drip_read, .size_bytes = -1};
        ut_status st = ut_mbox_read(&stream, count_item, &seen, NULL);
        UT_EXPECT(st == UT_OK ? seen.count == 2 : st == UT_NOMEM);
    }
}

/* Counts by Python 3.11: len(mailbox.mbox(path)). */
UT_TEST(codec_mbox, counts_of_real_boxes)
{
    static const struct {
        const char *path;
        size_t count;
    } boxes[] = {
        {"mail_mbox_small/mbox_mbox_complex.mbox", 2},
        {"mail_mbox_small/mbox_mbox_iso8859_encoding.mbox", 1},
        {"mail_mbox_small/mbox_mbox_multipart.mbox", 2},
        {"mail_mbox_small/mbox_mbox_single.mbox", 1},
        {"mail_mbox_small/mbox_mbox_unixfrom_encoding.mbox", 1},
        {"mail_spamassassin_ham/easy_ham_0001-1000.mbox", 1000},
    };
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        const char *path = ut_test_shared(boxes[i].path);
        if (!path) {
            UT_SKIP("no shared data");
        }
        ut_str bytes = ut_test_read(t, path);
        ut_drip drip = {.rest = bytes, .step = 4093};
        ut_stream stream = {.ctx = &drip, .read = drip_read, .size_bytes = -1};
        ut_seen seen = {0};
        UT_EXPECT_I64(ut_mbox_read(&stream, count_item, &seen, NULL), UT_OK);
        UT_EXPECT_I64(seen.count, boxes[i].count);
        UT_EXPECT_I64(seen.bytes, bytes.len);
    }
}
