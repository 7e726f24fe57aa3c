/* One mail to its author, date, ids and text: every encoding and structure has a fixture of its own. */
#include "codec/mime.h"

#include "harness/test.h"

static ut_arena arena;

/* Parses in this process; the arena lives until the next call. */
static ut_mail parse_bytes(ut_test *t, int line, ut_str bytes)
{
    ut_arena_close(&arena);
    UT_REQUIRE(ut_arena_open(&arena, 64 * UT_MIB) == UT_OK);
    ut_mail mail = {0};
    ut_err err = {0};
    ut_status st = ut_mime_parse(&arena, &mail, bytes, UT_MIME_ALL, &err);
    if (st != UT_OK) {
        ut_test_fail(t, __FILE__, line, "%s: %s", ut_status_name(st), err.message);
    }
    return mail;
}
#define PARSE(text_) parse_bytes(t, __LINE__, UT_STR(text_))
#define HEAD "From: a@x.org\n"

static void expect_text(ut_test *t, int line, ut_str bytes, const char *want)
{
    ut_mail mail = parse_bytes(t, line, bytes);
    (void)ut_test_str(t, __FILE__, line, "text", mail.text, ut_str_of(want));
}
#define EXPECT_TEXT(text_, want_) expect_text(t, __LINE__, UT_STR(HEAD text_), want_)

UT_TEST(codec_mime, addresses)
{
    ut_mail mail = PARSE("From: \"Doe, J\xC3\xB6rg\" <J.Doe@Example.ORG>, second@x.org\n"
                         "To: A team: one@x.org, \"Two\" <two@x.org>;, three@x.org (Three)\n"
                         "cc: =?iso-8859-1?Q?Andr=E9?= <andre@x.org>\nBCC: undisclosed-recipients:;\n\n");
    UT_EXPECT_STR(mail.from.address, "j.doe@example.org");
    UT_EXPECT_STR(mail.from.name, "Doe, Jörg");
    UT_REQUIRE(mail.to_count == 4);
    UT_EXPECT_I64(mail.to_primary_count, 3);
    UT_EXPECT_STR(mail.to[0].address, "one@x.org");
    UT_EXPECT_STR(mail.to[1].name, "Two");
    UT_EXPECT_STR(mail.to[2].address, "three@x.org");
    UT_EXPECT_STR(mail.to[3].address, "andre@x.org");
    UT_EXPECT_STR(mail.to[3].name, "André");
    UT_EXPECT_STR(PARSE("Sender: s@x.org\n\n").from.address, "s@x.org");
    UT_EXPECT_STR(PARSE("From: \nSender: s@x.org\n\n").from.address, "s@x.org");
    UT_EXPECT_STR(PARSE("From: alice at example.org (Alice)\n\n").from.address, "alice@example.org");
    UT_EXPECT_STR(PARSE("From: Big Bug bb@bug.com\n\n").from.address, "bb@bug.com");
    UT_EXPECT_STR(PARSE("From: Andr\xE9 <a@x.org>\n\n").from.name, "André");
    UT_EXPECT_STR(PARSE("Subject: nobody\n\n").from.address, "");
}

UT_TEST(codec_mime, encoded_words)
{
    UT_EXPECT_STR(PARSE("Subject: =?utf-8?B?R3LDvMOfZQ==?= aus =?utf-8?Q?K=C3=B6ln?=\n").subject, "Grüße aus Köln");
    /* Blanks between two words go; a character may be cut in two. */
    UT_EXPECT_STR(PARSE("Subject: =?utf-8?Q?a=C3?=\n =?utf-8?Q?=BCb?=\n").subject, "aüb");
    UT_EXPECT_STR(PARSE("Subject: =?iso-8859-1?Q?it=92s_=80?=\n").subject, "it’s €");
    UT_EXPECT_STR(PARSE("Subject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\n").subject, "日本");
    UT_EXPECT_STR(PARSE("Subject: =?nonsense-7?Q?a=FCb?=\n").subject, "aüb");
    UT_EXPECT_STR(PARSE("Subject: raw \xFC and \xC3\xBC\n").subject, "raw ü and ü");
    UT_EXPECT_STR(PARSE("Subject: folded\r\n over\r\n\t lines\r\n\r\n").subject, "folded over lines");
    UT_EXPECT_STR(PARSE("Subject: =?utf-8?Q?broken\n").subject, "=?utf-8?Q?broken");
    UT_EXPECT_STR(PARSE("Subject: a\0b\n").subject, "ab");
}

UT_TEST(codec_mime, ids_and_dates)
{
    ut_mail mail = PARSE("Message-ID: <id@x>\nReferences: <one@x>\n <two@x>\nIn-Reply-To: <three@x>\n"
                         "Date: Mon, 5 Jan 98 10:00:00 +0000\nList-Id: L <l.x.org>\n\n");
    UT_EXPECT_STR(mail.message_id, "id@x");
    UT_EXPECT_STR(mail.parent_id, "two@x");
    UT_EXPECT_STR(mail.list_id, "l.x.org");
    UT_EXPECT_I64(mail.date_us, ut_time_days_of(1998, 1, 5) * UT_DAY_US + 10 * UT_HOUR_US);
    UT_EXPECT_STR(PARSE("In-Reply-To: Your message of Monday <a@x> and <b@x>\n").parent_id, "a@x");
    UT_EXPECT_STR(PARSE("References: no id here\nMessage-ID: bare@x\n").message_id, "bare@x");
    mail =
        PARSE("Date: soon\nReceived: from a by b; nonsense\nReceived: from a by b;\n Tue, 6 Jan 2026 10:00:00 +0000\n"
              "Received: from a by b; Mon, 5 Jan 2026 10:00:00 +0000\n");
    UT_EXPECT_I64(mail.date_us, ut_time_days_of(2026, 1, 6) * UT_DAY_US + 10 * UT_HOUR_US);
    UT_EXPECT_I64(PARSE("X: y\n").date_us, INT64_MIN);
}

UT_TEST(codec_mime, machines)
{
    static const struct {
        const char *header;
        ut_mail_machine want;
    } cases[] = {
        {"From: a@x.org\n", UT_MAIL_HUMAN},
        {"Auto-Submitted: no\n", UT_MAIL_HUMAN},
        {"Auto-Submitted: auto-replied\n", UT_MAIL_AUTO_SUBMITTED},
        {"X-Auto-Response-Suppress: All\n", UT_MAIL_AUTO_SUBMITTED},
        {"Precedence: bulk\n", UT_MAIL_AUTO_SUBMITTED},
        {"Precedence: bulk\nList-Id: <l.x.org>\n", UT_MAIL_HUMAN},
        {"Precedence: auto_reply\nList-Id: <l.x.org>\n", UT_MAIL_AUTO_SUBMITTED},
        {"Return-Path: <>\n", UT_MAIL_REPORT},
        {"Return-Path: <a@x.org>\n", UT_MAIL_HUMAN},
        {"Content-Type: multipart/report; boundary=x\n", UT_MAIL_REPORT},
        {"Content-Type: text/calendar; method=REQUEST\n", UT_MAIL_CALENDAR},
        {"From: No-Reply@x.org\n", UT_MAIL_NOREPLY},
        {"From: MAILER-DAEMON@x.org\n", UT_MAIL_NOREPLY},
        {"From: bounce-123@x.org\n", UT_MAIL_NOREPLY},
        {"From: bouncer@x.org\n", UT_MAIL_HUMAN},
        {"List-Unsubscribe: <mailto:x>\n", UT_MAIL_NEWSLETTER},
        {"List-Unsubscribe: <mailto:x>\nList-Post: <mailto:l@x>\n", UT_MAIL_HUMAN},
        {"List-Unsubscribe: <mailto:x>\nIn-Reply-To: <a@x>\n", UT_MAIL_HUMAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ut_mail mail = parse_bytes(t, __LINE__, ut_str_of(cases[i].header));
        if (mail.machine != cases[i].want) {
            ut_test_fail(t, __FILE__, __LINE__, "%s gives %d, want %d", cases[i].header, mail.machine, cases[i].want);
        }
    }
}

UT_TEST(codec_mime, transfer_encodings)
{
    EXPECT_TEXT("\nplain\n", "plain\n");
    EXPECT_TEXT("Content-Transfer-Encoding: base64\n\naGVs\nbG8g*d29y bGQ=\n", "hello world");
    EXPECT_TEXT("Content-Transfer-Encoding: quoted-printable\n\nsoft=\n ware =3D 100% =ZZ =\n",
                "soft ware = 100% =ZZ ");
    EXPECT_TEXT("Content-Transfer-Encoding: QUOTED-PRINTABLE\nContent-Type: text/plain; charset=utf-8\n\nK=C3=B6ln",
                "Köln");
    EXPECT_TEXT("Content-Transfer-Encoding: nonsense\n\nas it is", "as it is");
    EXPECT_TEXT("\r\none\r\ntwo\rthree\r\r\nfour", "one\ntwo\nthree\nfour");
}

UT_TEST(codec_mime, character_sets)
{
    EXPECT_TEXT("Content-Type: text/plain; charset=iso-8859-1\n\n\x93it\x92s\x94 \x80 \xFC", "“it’s” € ü");
    EXPECT_TEXT("Content-Type: text/plain; charset=us-ascii\n\n\xC3\xBC", "ü");
    EXPECT_TEXT("Content-Type: text/plain; charset=us-ascii\n\n\xFC", "ü");
    EXPECT_TEXT("Content-Type: text/plain; charset=utf-8\n\n\xFC \xC3\xBC", "ü ü");
    EXPECT_TEXT("Content-Type: text/plain; charset=klingon\n\n\xC3\xBC", "ü");
    EXPECT_TEXT("Content-Type: text/plain; charset=klingon\n\n\xFC", "ü");
    EXPECT_TEXT("Content-Type: text/plain; charset=\"UTF-8//IGNORE\"\n\n\xFC", "ü");
    EXPECT_TEXT("Content-Type: text/plain; charset=iso-8859-15\n\n\xA4", "€");
    EXPECT_TEXT("Content-Type: text/plain; charset=koi8-r\n\n\xF0\xD2\xC9\xD7\xC5\xD4", "Привет");
    EXPECT_TEXT("Content-Type: text/plain; charset=gb2312\n\n\xC4\xE3\xBA\xC3", "你好");
    EXPECT_TEXT("Content-Type: text/plain; charset=ks_c_5601-1987\n\n\xB0\xA1", "가");
    EXPECT_TEXT("Content-Type: text/plain; charset=iso-2022-jp\n\n\x1B$BF|K\\\x1B(B", "日本");
    EXPECT_TEXT("Content-Type: text/plain; charset=utf-16\n\n\xFF\xFEh\0i\0", "hi");
    /* A wrong claim: most of it does not fit, so it is not believed. */
    EXPECT_TEXT("Content-Type: text/plain; charset=shift_jis\n\n\xFD\xFE\xFF\xFD\xFE", "ýþÿýþ");
    EXPECT_TEXT("Content-Type: text/html\n\n<meta charset=\"koi8-r\">\xF0\xD2", "Пр\n");
    EXPECT_TEXT("\na\0b", "ab");
}

UT_TEST(codec_mime, flowed_text)
{
#define FLOWED "Content-Type: text/plain; format=flowed\n\n"
    EXPECT_TEXT(FLOWED "one \ntwo\nthree\n", "one two\nthree\n");
    EXPECT_TEXT("Content-Type: text/plain; format=Flowed; DelSp=Yes\n\none \ntwo\n", "onetwo\n");
    EXPECT_TEXT(FLOWED "> a \n> b\n>> c \n> d\ne\n", "> a b\n>> c \n> d\ne\n");
    EXPECT_TEXT(FLOWED "text \n-- \nme\n", "text \n-- \nme\n");
    EXPECT_TEXT(FLOWED " From here \n >not quoted\n", "From here >not quoted\n");
    EXPECT_TEXT(FLOWED "open \n", "open \n");
}

#define MULTI(type_) "Content-Type: multipart/" type_ "; boundary=\"b b\"\n\npreamble\n"
#define PART "--b b\n"
#define END "--b b--\nepilogue\n"

UT_TEST(codec_mime, alternatives)
{
    EXPECT_TEXT(MULTI("alternative") PART "\nplain\n" PART "Content-Type: text/html\n\n<p>html\n" END, "plain");
    EXPECT_TEXT(MULTI("alternative") PART "\n \xC2\xA0\n" PART "Content-Type: text/html\n\n<p>html</p>\n" END,
                "html\n");
    EXPECT_TEXT(MULTI("alternative") PART "Content-Type: text/html\n\n<p>html</p>\n" PART "\nplain\n" END, "plain");
    ut_mail mail = PARSE(HEAD MULTI("alternative") PART "Content-Type: text/html\n\n<p>h</p>\n" PART
                                                        "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" END);
    UT_EXPECT_STR(mail.text, "h\n");
    UT_EXPECT(mail.from_html && mail.parts == 2 && mail.attachments == 1);
}

UT_TEST(codec_mime, mixed_and_related)
{
    ut_mail mail = PARSE(HEAD MULTI("mixed") PART
                         "\nbody\n" PART
                         "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nfile\n" PART
                         "Content-Type: text/x-patch; name=b.diff\n\ndiff\n" PART
                         "Content-Type: text/plain; name*=utf-8''c.txt\n\nnamed\n" PART
                         "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA\n" PART "\nfooter\n" END);
    UT_EXPECT_STR(mail.text, "body\nfooter");
    UT_EXPECT(mail.parts == 6 && mail.attachments == 4 && !mail.from_html && !mail.cut);
    EXPECT_TEXT(MULTI("related") PART "Content-Type: text/html\n\n<p>root\n" PART
                                      "Content-Type: text/html\n\nother\n" END,
                "root\n");
    EXPECT_TEXT("Content-Type: multipart/related; boundary=\"b b\"; start=\"<r@x>\"\n\n" PART
                "Content-Type: text/html\n\nother\n" PART "Content-ID: <r@x>\nContent-Type: text/html\n\nroot\n" END,
                "root\n");
    EXPECT_TEXT(MULTI("signed") PART "\nsigned\n" PART "Content-Type: application/pgp-signature\n\nxx\n" END, "signed");
    EXPECT_TEXT(MULTI("report") PART "\nwhy\n" PART "Content-Type: message/delivery-status\n\nStatus: 5\n" PART
                                     "Content-Type: message/rfc822\n\nSubject: x\n\nreturned\n" END,
                "why");
}

UT_TEST(codec_mime, enclosed_mails_come_last_and_marked)
{
    EXPECT_TEXT(MULTI("mixed") PART "\nlook\n" PART
                                    "Content-Type: message/rfc822\n\nFrom: b@x.org\nSubject: in\n\ninner\n" PART
                                    "\nfooter\n" END,
                "look\nfooter\n---------- Forwarded message ---------\ninner");
    EXPECT_TEXT("Content-Type: message/rfc822\n\nSubject: in\n\ninner\n",
                "---------- Forwarded message ---------\ninner\n");
    EXPECT_TEXT(MULTI("digest") PART "\nSubject: one\n\nfirst\n" END, "---------- Forwarded message ---------\nfirst");
}

UT_TEST(codec_mime, broken_structure_gives_what_there_is)
{
    EXPECT_TEXT(MULTI("mixed") PART "\nnever ended\n", "never ended\n");
    EXPECT_TEXT("Content-Type: multipart/mixed\n\nno boundary\n", "");
    EXPECT_TEXT(MULTI("mixed"), "");
    EXPECT_TEXT("Content-Type: /; ;;\n\nodd type\n", "odd type\n");
    EXPECT_TEXT("Content-Type: text/plain; charset=\"unclosed\n\nx\n", "x\n");
    EXPECT_TEXT("Content-Type: application/pdf\n\n%PDF\n", "");
    EXPECT_TEXT("", "");
    UT_EXPECT_STR(PARSE("\r\n\r\nFrom: a@x.org\r\n\r\nlate\r\n").text, "late\n");
    UT_EXPECT_STR(PARSE("From a@x.org Mon Jan 5 2026\n>From x\nSubject: s\n\nx").subject, "s");
    ut_mail mail = PARSE("From: a@x.org\rSubject: mac\r\rone\rtwo\r");
    UT_EXPECT_STR(mail.subject, "mac");
    UT_EXPECT_STR(mail.text, "one\ntwo\n");
}

UT_TEST(codec_mime, refusals_say_where)
{
    ut_mail mail;
    ut_err err = {0};
    ut_arena_close(&arena);
    UT_REQUIRE(ut_arena_open(&arena, 64 * UT_MIB) == UT_OK);
    UT_EXPECT_I64(ut_mime_parse(&arena, &mail, UT_STR(""), UT_MIME_ALL, &err), UT_INVALID);
    UT_EXPECT_I64(ut_mime_parse(&arena, &mail, UT_STR("\n\nbody: x\nonly"), UT_MIME_ALL, &err), UT_OK);
    UT_EXPECT_I64(ut_mime_parse(&arena, &mail, UT_STR("just words\n\nFrom: late@x.org"), UT_MIME_ALL, &err),
                  UT_INVALID);
    UT_EXPECT_I64(err.byte, 0);
    ut_buf large = ut_buf_make(8 * UT_MIB);
    ut_buf_puts(&large, "Subject: ");
    while (large.len < UT_HEADER_LINE_MAX + 100) {
        ut_buf_puts(&large, "long\n ");
    }
    UT_EXPECT_I64(ut_mime_parse(&arena, &mail, ut_buf_str(&large), UT_MIME_ALL, &err), UT_LIMIT);
    UT_EXPECT_I64(err.byte, 8);
    ut_buf_clear(&large);
    while (large.len < UT_HEADER_BLOCK_MAX + 100) {
        ut_buf_puts(&large, "X: y\n");
    }
    UT_EXPECT_I64(ut_mime_parse(&arena, &mail, ut_buf_str(&large), UT_MIME_HEADERS, &err), UT_LIMIT);
    UT_EXPECT_I64(err.byte, UT_HEADER_BLOCK_MAX);
    ut_buf_free(&large);
}

UT_TEST(codec_mime, text_is_cut_at_a_whole_character)
{
    ut_buf large = ut_buf_make(8 * UT_MIB);
    ut_buf_puts(&large, HEAD "Content-Type: text/plain; charset=utf-8\n\nx");
    while (large.len < 2 * UT_TEXT_BYTES_MAX) {
        ut_buf_puts(&large, "ü");
    }
    ut_mail mail = parse_bytes(t, __LINE__, ut_buf_str(&large));
    UT_EXPECT_I64(mail.text.len, UT_TEXT_BYTES_MAX - 1);
    UT_EXPECT(mail.cut && ut_str_utf8_valid(mail.text) == mail.text.len);
    ut_buf_free(&large);
}

static void put_nest(ut_buf *to, size_t depth, bool enclosed)
{
    ut_buf_puts(to, HEAD);
    for (size_t i = 0; i < depth; i++) {
        if (enclosed) {
            ut_buf_puts(to, "Content-Type: message/rfc822\n\n");
        } else {
            ut_buf_format(to, "Content-Type: multipart/mixed; boundary=b%zu\n\n--b%zu\n", i, i);
        }
    }
    ut_buf_puts(to, "\ndeep\n");
}

UT_TEST(codec_mime, nests_and_groups_of_any_depth_are_survived)
{
    static const size_t depths[] = {10, 28, 31, 100, 3000, 100000};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        for (int enclosed = 0; enclosed < 2; enclosed++) {
            ut_buf nest = ut_buf_make(16 * UT_MIB);
            put_nest(&nest, depths[i], enclosed);
            ut_mail mail = parse_bytes(t, __LINE__, ut_buf_str(&nest));
            UT_EXPECT(mail.cut == (depths[i] > UT_MIME_DEPTH_MAX));
            UT_EXPECT(ut_str_has(mail.text, UT_STR("deep")) == (depths[i] <= UT_MIME_DEPTH_MAX));
            ut_buf_free(&nest);
        }
    }
    ut_buf groups = ut_buf_make(4 * UT_MIB);
    ut_buf_puts(&groups, HEAD "To: ");
    for (int i = 0; i < 100000; i++) {
        ut_buf_puts(&groups, "a:");
    }
    ut_buf_puts(&groups, "b@x.org\nCc: ");
    for (int i = 0; i < 100000; i++) {
        ut_buf_puts(&groups, "(");
    }
    ut_buf_puts(&groups, "\nSubject: ok\n");
    UT_EXPECT_STR(parse_bytes(t, __LINE__, ut_buf_str(&groups)).subject, "ok");
    ut_buf_free(&groups);
}

UT_TEST(codec_mime, recipients_are_capped)
{
    ut_buf many = ut_buf_make(4 * UT_MIB);
    ut_buf_puts(&many, HEAD "To: ");
    for (int i = 0; i < 20000; i++) {
        ut_buf_format(&many, "p%d@x.org, ", i);
    }
    ut_buf_puts(&many, "\n");
    UT_EXPECT_I64(parse_bytes(t, __LINE__, ut_buf_str(&many)).to_count, UT_MAIL_RECIPIENTS_MAX);
    ut_buf_free(&many);
}

UT_TEST(codec_mime, sweep)
{
    static const char mail[] = HEAD MULTI("alternative") PART "\n \n" PART
                                                              "Content-Type: text/html\n\n<p>html</p>\n" END;
    ut_arena_close(&arena);
    UT_REQUIRE(ut_arena_open(&arena, 64 * UT_MIB) == UT_OK);
    UT_SWEEP_ALLOC(t)
    {
        ut_mail got = {0};
        ut_err err = {0};
        ut_status st = ut_mime_parse(&arena, &got, UT_STR(mail), UT_MIME_ALL, &err);
        UT_EXPECT(st == UT_OK ? ut_str_eq(got.text, UT_STR("html\n")) : st == UT_NOMEM);
    }
    ut_arena_close(&arena);
}
