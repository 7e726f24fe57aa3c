/* codec/html.h — HTML to plain text, by libxml2's SAX push parser: no tree, no recursion, bounded.
 *
 * Paragraphs, list items, rows and <br> become line breaks; script, style, head and comments vanish; entities are
 * resolved. What mail programs quote (blockquote, .gmail_quote, #divRplyFwdMsg, #appendonsend, .moz-cite-prefix,
 * .yahoo_quoted) comes out as lines that begin with "> ", so that text/clean.h sees it like quoted plain text;
 * <pre> and <code> come out between ``` fences.
 */
#ifndef UT_CODEC_HTML_H
#define UT_CODEC_HTML_H

#include "base/base.h"

/* Appends the text of `html` (UTF-8) to `to`. Never fails on bad HTML; UT_LIMIT when the buffer's cap is met, UT_NOMEM. */
UT_MUST_CHECK ut_status ut_html_to_text(ut_buf *to, ut_str html, ut_err *err);

#endif
