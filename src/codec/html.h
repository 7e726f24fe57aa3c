/* codec/html.h — HTML to plain text by a tokenizer of our own: no tree, no recursion, one pass, bounded.
 *
 *     ut_buf text = ut_buf_make(UT_TEXT_BYTES_MAX);
 *     st = ut_html_to_text(&text, UT_STR("<p>Hello</p><blockquote>quoted</blockquote>"), &err);   // "Hello\n\n>
 * quoted\n"
 *
 * Paragraphs, list items, rows and <br> become line breaks; script, style, title and comments vanish, and so does what
 * is styled display:none; entities are resolved; of images the alternative text stays when it is an emoji. What mail
 * programs quote (blockquote, .gmail_quote, .moz-cite-prefix, .yahoo_quoted, and all that follows #divRplyFwdMsg or
 * #appendonsend) comes out as lines that begin with ">", so that text/clean.h sees it like quoted plain text. What is
 * written between the blockquotes of a .gmail_quote is a reply and is not quoted. <pre> comes out between ``` fences,
 * <code> and its like in a line between ` signs; the <pre> of a mail program that wraps its lines is ordinary text.
 */
#ifndef UT_CODEC_HTML_H
#define UT_CODEC_HTML_H

#include "base/base.h"

/* Appends the text of `html` (UTF-8) to `to`. Never fails on bad HTML; UT_LIMIT when the buffer's cap is met, UT_NOMEM.
 */
UT_MUST_CHECK ut_status ut_html_to_text(ut_buf *to, ut_str html, ut_err *err);

#endif
