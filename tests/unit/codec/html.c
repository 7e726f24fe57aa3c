/* HTML to text: what is kept, what vanishes, what is quoted, and that hostile pages cost no more than friendly ones. */
#include "codec/html.h"
#include "codec/html_entity.h"

#include "harness/test.h"
#include "os/clock.h"

static void expect_text(ut_test *t, int line, ut_str html, const char *want)
{
    ut_buf text = ut_buf_make(UT_MIB);
    ut_err err = {0};
    ut_status st = ut_html_to_text(&text, html, &err);
    if (st != UT_OK || !ut_test_str(t, __FILE__, line, "text", ut_buf_str(&text), ut_str_of(want))) {
        ut_test_fail(t, __FILE__, line, "%s: " UT_STR_FMT, ut_status_name(st), UT_STR_ARG(html));
    }
    ut_buf_free(&text);
}
#define EXPECT_TEXT(html_, want_) expect_text(t, __LINE__, UT_STR(html_), want_)

UT_TEST(codec_html, lines_and_paragraphs)
{
    EXPECT_TEXT("", "");
    EXPECT_TEXT(" \n ", "");
    EXPECT_TEXT("plain", "plain\n");
    EXPECT_TEXT("<p>one</p><p>two</p>", "one\n\ntwo\n");
    EXPECT_TEXT("<p>one<p>two", "one\n\ntwo\n");
    EXPECT_TEXT("<div>one</div><div>two</div>", "one\ntwo\n");
    EXPECT_TEXT("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo\n");
    EXPECT_TEXT("one<br>two<br/>three<br><br><br>four", "one\ntwo\nthree\n\nfour\n");
    EXPECT_TEXT("<ul><li>a<li>b</ul>c", "a\nb\nc\n");
    EXPECT_TEXT("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>d", "a b\nc\nd\n");
    EXPECT_TEXT("a <b>bold</b>  <i>\n\tmove</i>!", "a bold move!\n");
    EXPECT_TEXT("<h1>Head</h1>text<hr>more", "Head\n\ntext\nmore\n");
    EXPECT_TEXT("<br><br>late", "late\n");
    EXPECT_TEXT("line one\r\nstill one", "line one still one\n");
}

UT_TEST(codec_html, what_is_no_text_vanishes)
{
    EXPECT_TEXT("<html><head><title>no</title><style>p{}</style><meta charset=x></head><body>yes</body></html>",
                "yes\n");
    EXPECT_TEXT("a<script>if (a<b) '</p>'</script>b", "ab\n");
    EXPECT_TEXT("a<script>never closed", "a\n");
    EXPECT_TEXT("a<!-- <p>no</p> -->b<!-->c<!--->d<!-- never", "abcd\n");
    EXPECT_TEXT("<!DOCTYPE html><?xml version=1?>a<![if !mso]>b<![endif]></ nothing>c", "abc\n");
    EXPECT_TEXT(
        "<div style=\"DISPLAY:none;x\">preheader <b>x</b></div>a<span style='display: none'>h<span>i</span>j</span>b",
        "ab\n");
    EXPECT_TEXT("<svg><text>no</text></svg><o:p>yes</o:p>", "yes\n");
    EXPECT_TEXT("<textarea><b>no</b></textarea>yes", "yes\n");
    EXPECT_TEXT("see <a href=\"https://x.org/?a=1&b=2\">here</a>", "see here\n");
    EXPECT_TEXT("<img alt=\"logo of us\">fine <img src=x alt=\"\xF0\x9F\x98\x80\">", "fine \xF0\x9F\x98\x80\n");
}

UT_TEST(codec_html, entities)
{
    EXPECT_TEXT("&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'\n");
    EXPECT_TEXT("&eacute;&Eacute;&euro;&hellip;&nbsp;&#8364;&#x20AC;&#X20ac;", "éÉ€… €€€\n");
    EXPECT_TEXT("&#146;&#150;", "’–\n");
    EXPECT_TEXT("&nope; &copy2 a&b & c &", "&nope; &copy2 a&b & c &\n");
    EXPECT_TEXT("&amp without end &copy", "& without end ©\n");
    EXPECT_TEXT("&#0;&#xD800;&#x110000;&#99999999999999;&#;&#x;",
                "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD&#;&#x;\n");
    EXPECT_TEXT("a\xC2\xA0\xC2\xA0"
                "b",
                "a b\n");
    UT_EXPECT_I64(ut_html_entity(UT_STR("AElig")), 0xC6);
    UT_EXPECT_I64(ut_html_entity(UT_STR("zwnj")), 0x200C);
    UT_EXPECT_I64(ut_html_entity(UT_STR("")), 0);
    UT_EXPECT_I64(ut_html_entity(UT_STR("eacut")), 0);
}

UT_TEST(codec_html, broken_markup_is_read_as_browsers_do)
{
    EXPECT_TEXT("1 < 2 <3 <", "1 < 2 <3 <\n");
    EXPECT_TEXT("a</>b</p>c", "ab\n\nc\n");
    EXPECT_TEXT("a<b class='x>y'>z</b", "az\n");
    EXPECT_TEXT("a<a href=\"never closed>b", "a\n");
    EXPECT_TEXT("a<p/>b<div /class=x/>c", "a\n\nb\nc\n");
    EXPECT_TEXT("<b>a<p>b</b>c</p>d", "a\n\nbc\n\nd\n");
    EXPECT_TEXT("<td>a<td>b", "a b\n");
    EXPECT_TEXT("a<div =x = y='z\">'>b", "a\n'>b\n");
}

UT_TEST(codec_html, quotes_of_mail_programs)
{
    EXPECT_TEXT("new<blockquote>old</blockquote>newer", "new\n> old\nnewer\n");
    EXPECT_TEXT("new<blockquote><p>one</p><p>two</p><blockquote>deep</blockquote></blockquote>end",
                "new\n\n> one\n>\n> two\n>\n>> deep\nend\n");
    EXPECT_TEXT("hi<div class=\"moz-cite-prefix\">On x, y wrote:<br></div><blockquote type=cite>old</blockquote>bye",
                "hi\n> On x, y wrote:\n> old\nbye\n");
    EXPECT_TEXT(
        "hi<br><div class=\"gmail_quote\"><div class=gmail_attr>On x, y wrote:</div><blockquote>old</blockquote></div>",
        "hi\n> On x, y wrote:\n>> old\n");
    /* A reply written between the quotes. */
    EXPECT_TEXT("<div class='gmail_quote x'>On "
                "x:<blockquote>one?</blockquote><div>yes</div><blockquote>two?</blockquote>no</div>",
                "> On x:\n>> one?\nyes\n> two?\nno\n");
    EXPECT_TEXT("hi<div id=appendonsend></div><hr><div id=\"divRplyFwdMsg\">From: x</div><div>old</div>",
                "hi\n> From: x\n> old\n");
    EXPECT_TEXT("hi<div class=\"yahoo_quoted\">On x<div>old</div></div>", "hi\n> On x\n> old\n");
    EXPECT_TEXT("<blockquote><div></blockquote>out", "out\n");
}

UT_TEST(codec_html, code)
{
    EXPECT_TEXT("see<pre>\nint  x;\n\n  y;\n</pre>done", "see\n```\nint  x;\n\n  y;\n```\ndone\n");
    EXPECT_TEXT("call <code>f(x)</code> now", "call `f(x)` now\n");
    EXPECT_TEXT("<pre class=\"moz-quote-pre\" wrap>wrapped\n  text</pre>", "wrapped\n  text\n");
    EXPECT_TEXT("<blockquote><pre wrap>a\nb</pre></blockquote>", "> a\n> b\n");
    EXPECT_TEXT("<pre><code>x</code></pre>", "```\nx\n```\n");
}

UT_TEST(codec_html, deep_nesting_is_text_of_its_parent)
{
    ut_buf html = ut_buf_make(16 * UT_MIB);
    ut_buf_puts(&html, "<blockquote>in");
    for (int i = 0; i < 1000; i++) {
        ut_buf_puts(&html, "<div>");
    }
    ut_buf_puts(&html, "deep");
    for (int i = 0; i < 1000; i++) {
        ut_buf_puts(&html, "</div>");
    }
    ut_buf_puts(&html, "still</blockquote>out");
    expect_text(t, __LINE__, ut_buf_str(&html), "> in\n> deep\n> still\nout\n");
    ut_buf_free(&html);
}

/* 4 MiB of each; a square of anything would take minutes. */
UT_TEST(codec_html, hostile_pages_take_linear_time)
{
    static const char *const units[] = {"<b>",      "</i>",     "<p>",
                                        "</div>",   "<div>",    "<a b=c ",
                                        "<!--",     "&",        "&#1",
                                        "<",        "<code>",   "<blockquote>",
                                        "<script>", "</script", "<div class='gmail_quote'>",
                                        "<br>",     "<td>",     "<x",
                                        "\"'<",     "<pre>\n",  "<span style='display:none'>",
                                        "-->"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        ut_buf html = ut_buf_make(8 * UT_MIB);
        ut_buf text = ut_buf_make(UT_MIB);
        while (html.len < 4 * UT_MIB) {
            ut_buf_puts(&html, units[i]);
        }
        int64_t before_us = ut_clock_steady_us();
        ut_status st = ut_html_to_text(&text, ut_buf_str(&html), NULL);
        UT_EXPECT(st == UT_OK || st == UT_LIMIT);
        int64_t took_us = ut_clock_steady_us() - before_us;
        if (took_us > 10 * UT_SECOND_US) {
            ut_test_fail(t, __FILE__, __LINE__, "%s takes %lld ms", units[i], (long long)(took_us / 1000));
        }
        ut_buf_free(&html);
        ut_buf_free(&text);
    }
}

UT_TEST(codec_html, a_full_buffer_is_told_and_memory_failures_leave_nothing)
{
    ut_buf small = ut_buf_make(8);
    ut_err err = {0};
    UT_EXPECT_I64(ut_html_to_text(&small, UT_STR("<p>far too long for that"), &err), UT_LIMIT);
    ut_buf_free(&small);
    UT_SWEEP_ALLOC(t)
    {
        ut_buf text = ut_buf_make(UT_MIB);
        ut_status st = ut_html_to_text(&text, UT_STR("<p>one</p><blockquote>two</blockquote>"), &err);
        UT_EXPECT(st == UT_OK || st == UT_NOMEM);
        ut_buf_free(&text);
    }
}
