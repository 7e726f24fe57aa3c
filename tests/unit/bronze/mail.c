/* Mail files to records: what a record says, what becomes a dead letter, and that the neighbours survive. */
#include "bronze/source.h"

#include "harness/test.h"
#include "os/clock.h"

#include <dirent.h>
#include <stdio.h>

#define SEP "From a@example.org Mon Jan  5 10:00:00 2026\n"
/* 2026-02-01T00:00:00Z */
#define NOW_US ((int64_t)1769904000 * UT_SECOND_US)

/* A sink that writes one line per call. */
typedef struct ut_log {
    ut_buf text;
    size_t records, rejects, people, machines;
    ut_map ids;
    bool quiet;
} ut_log;

static ut_status log_record(void *ctx, const ut_record *record, ut_err *err)
{
    (void)err;
    ut_log *log = ctx;
    log->records++;
    log->machines += record->machine;
    (void)ut_map_put(&log->ids, record->id);
    if (!log->quiet) {
        char day[32];
        size_t len = ut_time_format(day, record->at_us);
        ut_buf_format(&log->text, "record %lld %.*s %.*s '%.*s' at %.*s in '%.*s'%s %zu bytes\n",
                      (long long)record->byte, UT_STR_ARG(record->id), UT_STR_ARG(record->author),
                      UT_STR_ARG(record->author_name), (int)len, day, UT_STR_ARG(record->channel),
                      record->machine ? " machine" : "", record->payload.len);
    }
    return UT_OK;
}

static ut_status log_reject(void *ctx, const ut_reject *dead, ut_err *err)
{
    (void)err;
    ut_log *log = ctx;
    log->rejects++;
    ut_buf_format(&log->text, "reject %.*s:%lld %.*s\n", UT_STR_ARG(dead->path), (long long)dead->byte,
                  UT_STR_ARG(dead->reason));
    return UT_OK;
}

static ut_status log_person(void *ctx, const ut_person_hint *hint, ut_err *err)
{
    (void)hint, (void)err;
    ((ut_log *)ctx)->people++;
    return UT_OK;
}

static ut_status log_unsupported(void *ctx, ut_str path, ut_str what, ut_err *err)
{
    (void)ctx, (void)path, (void)what, (void)err;
    return UT_OK;
}

static ut_status stream_read(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    (void)err;
    ut_str *rest = ctx;
    size_t n = rest->len < room ? rest->len : room;
    if (n) {
        memcpy(to, rest->ptr, n);
    }
    *rest = ut_str_slice(*rest, n, rest->len);
    *ret_len = n;
    return UT_OK;
}

typedef struct ut_desk {
    ut_log log;
    ut_sink sink;
    ut_mail_worker *worker;
} ut_desk;

static void open_desk(ut_test *t, ut_desk *desk)
{
    *desk = (ut_desk){.log = {.text = ut_buf_make(8 * UT_MIB), .ids = ut_map_make(100000)}};
    desk->sink = (ut_sink){&desk->log, log_record, log_reject, log_person, log_unsupported};
    ut_err err = {0};
    UT_REQUIRE(ut_mail_worker_open(&desk->worker, &err) == UT_OK);
    ut_clock_pin(NOW_US);
}

static void close_desk(ut_desk *desk)
{
    ut_mail_worker_close(&desk->worker);
    ut_buf_free(&desk->log.text);
    ut_map_free(&desk->log.ids);
    ut_clock_pin(INT64_MIN);
}

static ut_status read_named(ut_desk *desk, ut_str name, ut_str bytes, bool mbox)
{
    ut_str rest = bytes;
    ut_stream stream = {.ctx = &rest, .read = stream_read, .size_bytes = (int64_t)bytes.len};
    ut_err err = {0};
    return mbox ? ut_mail_read_mbox(&desk->sink, desk->worker, name, &stream, &err)
                : ut_mail_read_eml(&desk->sink, desk->worker, name, &stream, &err);
}

static ut_status read_bytes(ut_desk *desk, ut_str bytes, bool mbox)
{
    return read_named(desk, mbox ? UT_STR("box") : UT_STR("one.eml"), bytes, mbox);
}

UT_TEST(bronze_mail, a_record_says_what_the_headers_say)
{
    ut_desk desk;
    open_desk(t, &desk);
    UT_EXPECT_I64(
        read_bytes(&desk,
                   UT_STR(SEP "From: =?utf-8?Q?J=C3=B6rg?= <Joerg@Example.ORG>\nMessage-ID: <one@x>\n"
                              "Date: Mon, 5 Jan 2026 11:00:00 +0100\nList-Id: The List <list.example.org>\n"
                              "List-Post: <mailto:list@example.org>\nList-Unsubscribe: <x>\n\nhello\n\n" SEP
                              "From: noreply@example.org\nMessage-ID: <two@x>\nReceived: from a; b; Tue, 6 Jan 2026 "
                              "10:00:00 +0000\n\nhi\n"),
                   true),
        UT_OK);
    UT_EXPECT_STR(
        ut_buf_str(&desk.log.text),
        "record 0 one@x mail:joerg@example.org 'Jörg' at 2026-01-05T10:00:00Z in 'list.example.org' 208 bytes\n"
        "record 253 two@x mail:noreply@example.org '' at 2026-01-06T10:00:00Z in '' machine 102 bytes\n");
    UT_EXPECT_I64(desk.log.people, 2);
    close_desk(&desk);
}

UT_TEST(bronze_mail, what_lacks_author_or_date_is_a_dead_letter_and_its_neighbours_are_not)
{
    ut_desk desk;
    open_desk(t, &desk);
    static const char box[] = "junk before\n\n" SEP "From: a@x.org\nMessage-ID: <1@x>\n\none\n\n" /* date: separator */
        SEP "Subject: nobody\nDate: Mon, 5 Jan 2026 11:00:00 +0100\n\ntwo\n\n" SEP
                              "From: a@x.org\nDate: Thu, 5 Jan 2040 11:00:00 +0100\n\nthree\n\n" SEP
                              "no header here\n\n" SEP "From: a@x.org\nDate: nonsense\n\nfive\n";
    UT_EXPECT_I64(read_bytes(&desk, UT_STR(box), true), UT_OK);
    UT_EXPECT_STR(
        ut_buf_str(&desk.log.text),
        "reject box:0 no mbox separator (\"From address date\") stands before these bytes\n"
        "record 13 1@x mail:a@x.org '' at 2026-01-05T10:00:00Z in '' 37 bytes\n"
        "reject box:95 no author: neither From nor Sender holds an address\n"
        "reject box:198 dated 2040-01-05T10:00:00Z, more than a day ahead of now\n"
        "reject box:301 no header field (\"From: …\") before the first empty line\n"
        "record 361 none:a78fcc5d5c8b22e51e634b529b1af9b5 mail:a@x.org '' at 2026-01-05T10:00:00Z in '' 35 bytes\n");
    close_desk(&desk);
    open_desk(t, &desk);
    UT_EXPECT_I64(read_bytes(&desk, UT_STR("From: a@x.org\nSubject: no date\n\nx\n"), false), UT_OK);
    UT_EXPECT_I64(read_bytes(&desk, UT_STR(""), false), UT_OK);
    UT_EXPECT_STR(ut_buf_str(&desk.log.text),
                  "reject one.eml:0 no date: Date and Received are missing or can't be read\n"
                  "reject one.eml:0 no header field (\"From: …\") before the first empty line\n");
    close_desk(&desk);
}

UT_TEST(bronze_mail, a_made_up_id_is_the_same_in_every_container)
{
    ut_desk desk;
    open_desk(t, &desk);
    desk.log.quiet = true;
    UT_EXPECT_I64(read_bytes(&desk, UT_STR(SEP "From: a@x.org\nSubject: same\n\nbody\n"), true), UT_OK);
    UT_EXPECT_I64(
        read_bytes(&desk, UT_STR("From: a@x.org\nSubject: same\nDate: Mon, 5 Jan 2026 11:00:00 +0100\n\nx"), false),
        UT_OK);
    UT_EXPECT_I64(
        read_bytes(&desk, UT_STR(SEP "From: a@x.org\nSubject: same\n\nbody\n\n" SEP "From: a@x.org\nSubject: other\n"),
                   true),
        UT_OK);
    UT_EXPECT_I64(desk.log.records, 4);
    UT_EXPECT_I64(desk.log.ids.count, 3);
    close_desk(&desk);
}

UT_TEST(bronze_mail, too_long_is_a_dead_letter_with_its_place)
{
    ut_desk desk;
    open_desk(t, &desk);
    ut_buf box = ut_buf_make(80 * UT_MIB);
    ut_buf_puts(&box, SEP "From: a@x.org\nMessage-ID: <1@x>\n\none\n\n");
    size_t at = box.len;
    ut_buf_puts(&box, SEP "From: a@x.org\nMessage-ID: <2@x>\n\n");
    char *to = ut_buf_reserve(&box, UT_RECORD_BYTES_MAX);
    UT_REQUIRE(to);
    memset(to, 'x', UT_RECORD_BYTES_MAX);
    box.len += UT_RECORD_BYTES_MAX;
    ut_buf_puts(&box, "\n\n" SEP "From: a@x.org\nMessage-ID: <3@x>\n\nthree\n");
    UT_EXPECT_I64(read_bytes(&desk, ut_buf_str(&box), true), UT_OK);
    UT_EXPECT_I64(desk.log.records, 2);
    UT_EXPECT_I64(desk.log.rejects, 1);
    char want[64];
    (void)snprintf(want, sizeof want, "reject box:%zu the mail has ", at);
    UT_EXPECT(ut_str_has(ut_buf_str(&desk.log.text), ut_str_of(want)));
    UT_EXPECT_I64(read_bytes(&desk, ut_buf_str(&box), false), UT_OK);
    UT_EXPECT_I64(desk.log.rejects, 2);
    ut_buf_free(&box);
    close_desk(&desk);
}

UT_TEST(bronze_mail, a_killer_costs_one_record)
{
    ut_mail_worker_sabotage("KILLER", "crash");
    ut_desk desk;
    open_desk(t, &desk);
    desk.log.quiet = true;
    ut_buf box = ut_buf_make(UT_MIB);
    for (int i = 0; i < 1000; i++) {
        ut_buf_format(&box, SEP "From: a@x.org\nMessage-ID: <%d@x>\nSubject: %s\n\nbody\n\n", i,
                      i == 700 ? "KILLER" : "ok");
    }
    UT_EXPECT_I64(read_bytes(&desk, ut_buf_str(&box), true), UT_OK);
    UT_EXPECT_I64(desk.log.records, 999);
    UT_EXPECT_I64(desk.log.rejects, 1);
    UT_EXPECT_I64(desk.log.people, 1);
    UT_EXPECT(ut_str_has(ut_buf_str(&desk.log.text), UT_STR("the mail parser died of this mail")));
    ut_buf_free(&box);
    close_desk(&desk);
    ut_mail_worker_sabotage(NULL, NULL);
}

/* Reads every mail file below a shared folder. */
static void read_folder(ut_test *t, ut_desk *desk, const char *folder, size_t *files)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 4 * UT_MIB) == UT_OK);
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        ut_str path = ut_arena_format(&arena, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "SOURCE.md") == 0) {
            continue;
        }
        if (entry->d_type == DT_DIR) {
            read_folder(t, desk, path.ptr, files);
        } else {
            UT_EXPECT_I64(read_named(desk, ut_str_of(entry->d_name), ut_test_read(t, path.ptr),
                                     ut_str_ends(path, UT_STR(".mbox"))),
                          UT_OK);
            *files += 1;
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
    ut_arena_close(&arena);
}

/* Records were counted with Python 3.11: len(mailbox.mbox(path)) for boxes; for single files, those in which
 * email.utils.parseaddr finds an address in From (or Sender) and email.utils.parsedate_tz reads Date (or Received).
 * Less one mail dated 2028 in the SpamAssassin box and one dated 3609 among the samples; more one sample whose From is
 * "Big Bug bb@bug.com", which parseaddr gives up on. */
UT_TEST(bronze_mail, counts_of_the_shared_mail)
{
    static const struct {
        const char *folder;
        size_t files, records;
    } folders[] = {
        {"mail_mbox_small", 5, 7},     {"mail_spamassassin_ham", 61, 1059}, {"mail_notmuch_list", 80, 79},
        {"mail_reply_quotes", 15, 12}, {"mail_format_samples", 76, 71},
    };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *path = ut_test_shared(folders[i].folder);
        if (!path) {
            UT_SKIP("no shared data");
        }
        char folder[UT_PATH_BYTES_MAX];
        (void)snprintf(folder, sizeof folder, "%s", path);
        ut_desk desk;
        open_desk(t, &desk);
        desk.log.quiet = true;
        size_t files = 0;
        read_folder(t, &desk, folder, &files);
        UT_EXPECT_I64(files, folders[i].files);
        UT_EXPECT_I64(desk.log.records, folders[i].records);
        UT_EXPECT_I64(ut_mail_worker_deaths(desk.worker), 0);
        if (desk.log.records != folders[i].records) {
            ut_test_fail(t, __FILE__, __LINE__, "%s:\n" UT_STR_FMT, folders[i].folder,
                         UT_STR_ARG(ut_buf_str(&desk.log.text)));
        }
        close_desk(&desk);
    }
}

UT_TEST(bronze_mail, decoding_undoes_the_escapes_of_an_mbox)
{
    ut_desk desk;
    open_desk(t, &desk);
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 16 * UT_MIB) == UT_OK);
    static const char mail[] = "From: a@x.org\nTo: B@x.org, c@x.org\nSubject: s\nIn-Reply-To: <p@x>\n\n"
                               ">From here\n>>From there\nno >From\n > From\n>From";
    ut_str payloads[3] = {UT_STR(mail), UT_STR(mail), UT_STR("")};
    ut_format formats[3] = {UT_FORMAT_MBOXRD, UT_FORMAT_RFC822, UT_FORMAT_RFC822};
    ut_message messages[3];
    ut_err err = {0};
    UT_REQUIRE(ut_mail_decode(desk.worker, &arena, messages, payloads, formats, 3, &err) == UT_OK);
    UT_EXPECT_STR(messages[0].text, "From here\n>From there\nno >From\n > From\n>From");
    UT_EXPECT_STR(messages[1].text, ">From here\n>>From there\nno >From\n > From\n>From");
    UT_EXPECT(messages[2].unreadable && !messages[0].unreadable);
    UT_EXPECT_STR(messages[0].subject, "s");
    UT_EXPECT_STR(messages[0].reply_to, "p@x");
    UT_REQUIRE(messages[0].to_count == 2);
    UT_EXPECT_STR(messages[0].to[0], "mail:b@x.org");
    ut_arena_close(&arena);
    close_desk(&desk);
}

UT_TEST(bronze_mail, sweep)
{
    UT_SWEEP_ALLOC(t)
    {
        /* The worker keeps its buffers between batches, so it is opened and closed within. */
        ut_mail_worker *worker = NULL;
        ut_log log = {.text = ut_buf_make(UT_MIB), .ids = ut_map_make(10), .quiet = true};
        ut_sink sink = {&log, log_record, log_reject, log_person, log_unsupported};
        ut_str rest =
            UT_STR(SEP "From: a@x.org\nMessage-ID: <1@x>\n\none\n\n" SEP "From: b@x.org\nMessage-ID: <2@x>\n\ntwo\n");
        ut_stream stream = {.ctx = &rest, .read = stream_read, .size_bytes = -1};
        ut_err err = {0};
        ut_status st = ut_mail_worker_open(&worker, &err);
        st = st == UT_OK ? ut_mail_read_mbox(&sink, worker, UT_STR("box"), &stream, &err) : st;
        /* The child inherits the failing allocation; what it dies of is a dead letter, or no parser at all. */
        UT_EXPECT(st == UT_OK ? log.records + log.rejects == 2 : st == UT_NOMEM || st == UT_IO);
        ut_mail_worker_close(&worker);
        ut_map_free(&log.ids);
        ut_buf_free(&log.text);
    }
}
