#include "harness/test.h"
#include "rights/redact.h"

static ut_redact *anna(ut_test *t)
{
    ut_redact *redact = NULL;
    UT_REQUIRE(ut_redact_open(&redact, NULL) == UT_OK);
    ut_redact_handle(redact, UT_STR("mail:anna.meier@example.org"));
    ut_redact_handle(redact, UT_STR("slack:U024ANNA1"));
    ut_redact_name(redact, UT_STR("Anna Meier"));
    ut_redact_said(redact, UT_STR("The quarkzipple plan needs one more week, sorry for that.\n"
                                  "Donaudampfschifffahrt\n"
                                  "> what do others say about it\n"));
    UT_REQUIRE(ut_redact_ready(redact, NULL) == UT_OK);
    return redact;
}

/* The payload without her. */
static void expect(ut_test *t, ut_format format, const char *payload, const char *want, int line)
{
    ut_redact *redact = anna(t);
    ut_redact_kit kit;
    bool changed = false;
    UT_REQUIRE(ut_redact_kit_open(&kit, NULL) == UT_OK);
    UT_REQUIRE(ut_redact_payload(redact, &kit, &changed, format, ut_str_of(payload), NULL) == UT_OK);
    ut_str got = changed ? ut_buf_str(&kit.out) : ut_str_of(payload);
    (void)ut_test_str(t, __FILE__, line, "the payload", got, ut_str_of(want));
    ut_redact_kit_close(&kit);
    ut_redact_close(&redact);
}

#define MAIL(payload, want) expect(t, UT_FORMAT_RFC822, payload, want, __LINE__)
#define CHAT(payload, want) expect(t, UT_FORMAT_SLACK, payload, want, __LINE__)

UT_TEST(rights_redact, recipients_lose_address_and_name_and_their_neighbours_stay)
{
    MAIL("To: Bob <bob@example.org>, \"Meier, Anna\" <Anna.Meier@example.org>,\n"
         "\tCem <cem@example.org>\nCc: anna.meier@example.org\nSubject: hello\n\nhi all\n",
         "To: Bob <bob@example.org>, erased <erased@erased.invalid>,\n"
         "\tCem <cem@example.org>\nCc: erased@erased.invalid\nSubject: hello\n\nhi all\n");
    MAIL("To: =?UTF-8?Q?Anna_Meier?= <anna.meier@example.org>\n\nx\n", "To: erased <erased@erased.invalid>\n\nx\n");
    MAIL("To: joanna.meier@example.org, anna.meier@example.org.uk\n\nx\n",
         "To: joanna.meier@example.org, anna.meier@example.org.uk\n\nx\n");
}

UT_TEST(rights_redact, names_keep_their_length_in_texts)
{
    MAIL("Subject: for Anna\n\nAnna Meier and MEIER, ANNA said so; ask anna.meier@example.org.\nAnna can't.\n",
         "Subject: for Anna\n\nxxxx xxxxx and xxxxx, xxxx said so; ask xxxx.xxxxx@xxxxxxx.xxx.\nAnna can't.\n");
    MAIL("Subject: x\n\nHi Anna,\n@anna look, Anna\nMeier\n", "Subject: x\n\nHi xxxx,\n@xxxx look, xxxx\nxxxxx\n");
    MAIL("Subject: x\n\nAnnabel Meiering, Johanna Meier, bob@anna.example\n",
         "Subject: x\n\nAnnabel Meiering, Johanna Meier, bob@anna.example\n");
}

UT_TEST(rights_redact, her_words_go_where_they_are_quoted_and_nowhere_else)
{
    MAIL("Subject: x\n\nThe quarkzipple plan needs work.\n> The quarkzipple plan needs one\n> more week, sorry\n"
         "> what do others say about it\n> Donaudampfschifffahrt\n> The plan\n",
         "Subject: x\n\nThe quarkzipple plan needs work.\n> xxx xxxxxxxxxxx xxxx xxxxx xxx\n> xxxx xxxx, xxxxx\n"
         "> what do others say about it\n> xxxxxxxxxxxxxxxxxxxxx\n> The plan\n");
    MAIL("Subject: Re: quarkzipple plan needs\n\nok\n", "Subject: Re: xxxxxxxxxxx xxxx xxxxx\n\nok\n");
    MAIL("Subject: quarkzipple plan needs\n\nok\n", "Subject: quarkzipple plan needs\n\nok\n");
}

UT_TEST(rights_redact, what_is_attributed_to_her_goes_whole)
{
    MAIL("Subject: x\n\nYes.\n\nOn Monday, Anna Meier <anna.meier@example.org>\nwrote:\n\n> never seen words\n"
         ">> of Bob\n>\n> bye\n\nand mine\n> old quote\n",
         "Subject: x\n\nYes.\n\nOn Monday, xxxx xxxxx <xxxx.xxxxx@xxxxxxx.xxx>\nwrote:\n\n> xxxxx xxxx xxxxx\n"
         ">> of Bob\n>\n> xxx\n\nand mine\n> old quote\n");
    MAIL("Subject: x\n\nYes.\n-----Original Message-----\nFrom: Anna Meier\nSent: Monday\nTo: Bob\n\nnew words\n\n"
         "From: Bob\nSent: Sunday\n\nof Bob\n",
         "Subject: x\n\nYes.\n-----Original Message-----\nxxxx: xxxx xxxxx\nxxxx: xxxxxx\nxx: xxx\n\nxxx xxxxx\n\n"
         "From: Bob\nSent: Sunday\n\nof Bob\n");
}

UT_TEST(rights_redact, encoded_parts_are_opened_and_closed_again)
{
    MAIL("Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n"
         "Content-Transfer-Encoding: base64\n\nSGkgQW5uYSBNZWllciE=\n--b\nContent-Type: text/plain; charset=utf-8\n"
         "Content-Transfer-Encoding: quoted-printable\n\nsch=C3=B6n, anna.me=\nier@example.org\n--b--\n",
         "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n"
         "Content-Transfer-Encoding: base64\n\nSGkgeHh4eCB4eHh4eCE=\n--b\nContent-Type: text/plain; charset=utf-8\n"
         "Content-Transfer-Encoding: quoted-printable\n\nsch=C3=B6n, xxxx.xxxxx@xxxxxxx.xxx\n--b--\n");
    MAIL("Subject: =?utf-8?B?Zm9yIEFubmEgTWVpZXI=?=\n\nx\n", "Subject: =?utf-8?B?Zm9yIHh4eHggeHh4eHg=?=\n\nx\n");
    MAIL("Content-Type: text/html\n\n<p>the quarkzipple plan</p><blockquote>The quark&shy;zipple <b>plan</b> needs one "
         "more</blockquote><a href=\"mailto:anna.meier@example.org\">",
         "Content-Type: text/html\n\n<p>the quarkzipple plan</p><blockquote>The quark&shy;zipple <b>xxxx</b> xxxxx xxx "
         "xxxx</blockquote><a href=\"mailto:xxxx.xxxxx@xxxxxxx.xxx\">");
    MAIL("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
         "From: anna.meier@example.org\nSubject: mine\n\nall hers\n--b--\n",
         "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
         "From: erased@erased.invalid\nSubject: xxxx\n\nxxx xxxx\n--b--\n");
}

UT_TEST(rights_redact, chat_loses_mentions_ids_and_quotes)
{
    CHAT("{ \"user\":\"U024BOB\",\"text\":\"hi <@U024ANNA1|anna>, see <@U024BOB>\\n&gt; the quarkzipple plan\"}",
         "{ \"user\":\"U024BOB\",\"text\":\"hi <@xxxxxxxxx|xxxx>, see <@U024BOB>\\n&gt; xxx xxxxxxxxxxx xxxx\"}");
    CHAT("{\"reply_users\":[\"U024ANNA1\",\"U1\"],\"to\":[\"anna.meier@example.org\"],\"U024ANNA1\":1}",
         "{\"reply_users\":[\"XXXXXXXXX\",\"U1\"],\"to\":[\"erased@erased.invalid\"],\"xxxxxxxxx\":1}");
    CHAT("{\"real_name\":\"Anna\",\"text\":\"Anna\",\"attachments\":[{\"text\":\"the quarkzipple plan, yes\"}]}",
         "{\"real_name\":\"XXXX\",\"text\":\"Anna\",\"attachments\":[{\"text\":\"xxx xxxxxxxxxxx xxxx, yes\"}]}");
    CHAT("no json of anna.meier@example.org", "no json of xxxx.xxxxx@xxxxxxx.xxx");
}

UT_TEST(rights_redact, again_changes_nothing)
{
    ut_redact *redact = anna(t);
    ut_redact_kit kit;
    ut_buf once = ut_buf_make(UT_MIB);
    bool changed = false;
    const ut_str mail = UT_STR("To: anna.meier@example.org\n\nHi Anna,\n> The quarkzipple plan\n");
    UT_REQUIRE(ut_redact_kit_open(&kit, NULL) == UT_OK);
    UT_EXPECT_I64(ut_redact_payload(redact, &kit, &changed, UT_FORMAT_MBOXRD, mail, NULL), UT_OK);
    UT_EXPECT(changed);
    ut_buf_put(&once, ut_buf_str(&kit.out));
    UT_EXPECT_I64(ut_redact_payload(redact, &kit, &changed, UT_FORMAT_MBOXRD, ut_buf_str(&once), NULL), UT_OK);
    UT_EXPECT(!changed);
    UT_EXPECT(ut_redact_names(redact, UT_STR("asked for slack:u024anna1")));
    UT_EXPECT(!ut_redact_names(redact, UT_STR("asked for slack:u024anna12")));
    ut_buf_free(&once);
    ut_redact_kit_close(&kit);
    ut_redact_close(&redact);
}

UT_TEST(rights_redact, memory_that_ends_leaves_nothing_behind)
{
    const ut_str mail = UT_STR("To: anna.meier@example.org\nSubject: =?utf-8?Q?Anna_Meier?=\n"
                               "Content-Transfer-Encoding: base64\n\nSGkgQW5uYSBNZWllciE=\n");
    UT_SWEEP_ALLOC(t) {
        ut_redact *redact = NULL;
        ut_redact_kit kit = {0};
        bool changed = false;
        ut_err err = {0};
        ut_status st = ut_redact_open(&redact, &err);
        if (st == UT_OK) {
            ut_redact_handle(redact, UT_STR("mail:anna.meier@example.org"));
            ut_redact_name(redact, UT_STR("Anna Meier"));
            ut_redact_said(redact, UT_STR("one two three four"));
            st = ut_redact_ready(redact, &err);
        }
        st = st == UT_OK ? ut_redact_kit_open(&kit, &err) : st;
        st = st == UT_OK ? ut_redact_payload(redact, &kit, &changed, UT_FORMAT_RFC822, mail, &err) : st;
        UT_EXPECT(st == UT_NOMEM || (st == UT_OK && changed && !ut_redact_hits(redact, ut_buf_str(&kit.out))));
        ut_redact_kit_close(&kit);
        ut_redact_close(&redact);
    }
}
