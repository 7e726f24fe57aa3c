/* codec/html.c — a tokenizer after the HTML standard's, and a writer of lines.
 *
 *     bytes → text runs, tags, comments → a stack of open elements → lines with quote prefixes
 *
 * libxml2's push parser was the plan and was measured: its end tags search the whole stack and its attributes each
 * other, so that 280 KB of "<b><b>…</i></i>…" take 2.3 s and grow with the square. Here each byte is looked at a
 * bounded number of times. It differs from the standard's tree building where that does not change the text: no foster
 * parents, no adoption; an element deeper than UT_HTML_DEPTH_MAX is read as text of its parent.
 */
#include "codec/html.h"
#include "codec/html_entity.h"

/* What an element does to the text. */
enum {
    IS_LINE = 1,    /* begins and ends a line */
    IS_PARA = 2,    /* … with an empty line */
    IS_VOID = 4,    /* has no content */
    IS_SKIPPED = 8, /* its content is not text */
    IS_RAW = 16,    /* … and is not HTML either: it ends at its own end tag only */
    IS_QUOTE = 32,
    IS_PRE = 64,
    IS_CODE = 128,
    IS_CELL = 256,
    ENDS_LIKE = 512, /* a new one ends the open one */
    /* Of one open element, not of a tag: */
    IS_SOFT = 1024, /* a container of quotes: what comes after its first blockquote is a reply */
    IS_FENCE = 2048,
};

typedef struct ut_tag {
    const char *name;
    uint16_t flags;
    uint16_t rank; /* an end tag closes nothing of higher rank than itself */
} ut_tag;

/* In byte order of the names, for binary search. Tags that are not here do nothing. */
static const ut_tag tags[] = {
    {"a", 0, 0},
    {"address", IS_LINE, 2},
    {"area", IS_VOID, 0},
    {"article", IS_LINE, 2},
    {"aside", IS_LINE, 2},
    {"audio", IS_SKIPPED, 1},
    {"b", 0, 0},
    {"blockquote", IS_LINE | IS_QUOTE, 3},
    {"body", IS_LINE, 6},
    {"br", IS_VOID, 0},
    {"canvas", IS_SKIPPED, 1},
    {"caption", IS_LINE, 3},
    {"center", IS_LINE, 2},
    {"code", IS_CODE, 0},
    {"dd", IS_LINE | ENDS_LIKE, 1},
    {"div", IS_LINE, 2},
    {"dl", IS_LINE, 2},
    {"dt", IS_LINE | ENDS_LIKE, 1},
    {"em", 0, 0},
    {"fieldset", IS_LINE, 2},
    {"figure", IS_LINE, 2},
    {"font", 0, 0},
    {"footer", IS_LINE, 2},
    {"form", IS_LINE, 2},
    {"h1", IS_PARA, 1},
    {"h2", IS_PARA, 1},
    {"h3", IS_PARA, 1},
    {"h4", IS_PARA, 1},
    {"h5", IS_PARA, 1},
    {"h6", IS_PARA, 1},
    {"header", IS_LINE, 2},
    {"hr", IS_VOID | IS_LINE, 0},
    {"html", 0, 7},
    {"i", 0, 0},
    {"iframe", IS_SKIPPED | IS_RAW, 1},
    {"img", IS_VOID, 0},
    {"input", IS_VOID, 0},
    {"kbd", IS_CODE, 0},
    {"li", IS_LINE | ENDS_LIKE, 1},
    {"link", IS_VOID, 0},
    {"main", IS_LINE, 2},
    {"map", IS_SKIPPED, 1},
    {"math", IS_SKIPPED, 1},
    {"meta", IS_VOID, 0},
    {"nav", IS_LINE, 2},
    {"noembed", IS_SKIPPED | IS_RAW, 1},
    {"noframes", IS_SKIPPED | IS_RAW, 1},
    {"object", IS_SKIPPED, 1},
    {"ol", IS_LINE, 2},
    {"option", IS_LINE | ENDS_LIKE, 1},
    {"p", IS_PARA | ENDS_LIKE, 1},
    {"pre", IS_LINE | IS_PRE, 2},
    {"samp", IS_CODE, 0},
    {"script", IS_SKIPPED | IS_RAW, 1},
    {"section", IS_LINE, 2},
    {"select", IS_SKIPPED, 1},
    {"span", 0, 0},
    {"strong", 0, 0},
    {"style", IS_SKIPPED | IS_RAW, 1},
    {"svg", IS_SKIPPED, 1},
    {"table", IS_LINE, 5},
    {"tbody", 0, 4},
    {"td", IS_CELL | ENDS_LIKE, 3},
    {"template", IS_SKIPPED, 1},
    {"textarea", IS_SKIPPED | IS_RAW, 1},
    {"th", IS_CELL | ENDS_LIKE, 3},
    {"thead", 0, 4},
    {"title", IS_SKIPPED | IS_RAW, 1},
    {"tr", IS_LINE | ENDS_LIKE, 4},
    {"tt", IS_CODE, 0},
    {"u", 0, 0},
    {"ul", IS_LINE, 2},
    {"video", IS_SKIPPED, 1},
    {"wbr", IS_VOID, 0},
    {"xmp", IS_LINE | IS_RAW, 1},
};

/* The attributes that matter, raw. */
typedef struct ut_attributes {
    ut_str class_names;
    ut_str id;
    ut_str style;
    ut_str alt;
    bool wrap;
} ut_attributes;

typedef struct ut_open {
    const ut_tag *tag;
    uint16_t flags;
} ut_open;

typedef struct ut_html {
    ut_buf *to;
    ut_str in;
    size_t at;
    size_t from; /* where in `to` we began */
    ut_open stack[UT_HTML_DEPTH_MAX];
    size_t depth;
    size_t dropped;   /* elements open beyond the stack */
    int inline_marks; /* open elements without a line of their own that do something */
    int skipped;      /* open elements whose content is no text */
    int quotes;       /* open quotes */
    int verbatim;     /* open <pre> */
    int breaks;       /* line ends due before the next character, at most 2 */
    int line_quotes;  /* quote depth of the line last begun */
    bool space;       /* a blank is due before the next character */
    bool line_open;   /* the current line has characters */
    bool rest_quoted; /* everything from here on is quoted */
} ut_html;

/* Writing ------------------------------------------------------------------------------------------------------------
 */

static int quote_depth(const ut_html *h)
{
    return h->quotes ? h->quotes : h->rest_quoted;
}

static void put_signs(ut_html *h, int count)
{
    for (int i = 0; i < count; i++) {
        ut_buf_byte(h->to, '>');
    }
}

/* Ends the current line and begins the next as deep as it must be. */
static void begin_line(ut_html *h)
{
    int depth = quote_depth(h);
    if (h->to->len > h->from) {
        if (h->line_open) {
            ut_buf_byte(h->to, '\n');
        }
        if (h->breaks > 1) {
            /* The empty line within a quote is quoted too, so that the quote stays one piece. */
            put_signs(h, depth < h->line_quotes ? depth : h->line_quotes);
            ut_buf_byte(h->to, '\n');
        }
    }
    put_signs(h, depth);
    if (depth) {
        ut_buf_byte(h->to, ' ');
    }
    h->line_quotes = depth;
    h->line_open = true;
    h->breaks = 0;
    h->space = false;
}

static void put_run(ut_html *h, ut_str run)
{
    if (h->breaks || !h->line_open) {
        begin_line(h);
    }
    if (h->space) {
        ut_buf_byte(h->to, ' ');
        h->space = false;
    }
    ut_buf_put(h->to, run);
}

static void due_break(ut_html *h, int count)
{
    h->breaks = h->breaks > count ? h->breaks : count;
    h->space = false;
}

/* A line end within <pre>: kept as it is. */
static void put_line_end(ut_html *h)
{
    if (h->breaks || !h->line_open) {
        begin_line(h);
    }
    ut_buf_byte(h->to, '\n');
    h->line_open = false;
}

static void put_space(ut_html *h)
{
    if (h->verbatim) {
        put_run(h, UT_STR(" "));
    } else {
        h->space = h->line_open && !h->breaks;
    }
}

static void put_rune(ut_html *h, uint32_t rune)
{
    char bytes[4];
    if (rune == 0xA0 || rune == ' ' || rune == '\t' || (rune == '\n' && !h->verbatim)) {
        put_space(h);
        return;
    }
    if (rune >= 0x80 && rune < 0xA0) {
        /* "&#146;" means the windows-1252 quote; the standard's own table says so too. */
        static const uint16_t cp1252[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                            0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                            0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                            0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
        rune = cp1252[rune - 0x80];
    }
    size_t len = ut_str_put_rune(bytes, rune ? rune : 0xFFFD);
    put_run(h, (ut_str){bytes, len});
}

/* Text ---------------------------------------------------------------------------------------------------------------
 */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The number after "&#", capped; false when there is none. */
static bool take_number(const ut_html *h, size_t *at, uint32_t *ret)
{
    bool hex = *at < h->in.len && (h->in.ptr[*at] | 0x20) == 'x';
    *at += hex;
    size_t first = *at;
    uint32_t value = 0;
    for (; *at < h->in.len; *at += 1) {
        char c = ut_lower(h->in.ptr[*at]);
        uint32_t digit = c >= '0' && c <= '9'          ? (uint32_t)(c - '0')
                         : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                                                       : 99;
        if (digit == 99) {
            break;
        }
        value = value > 0x110000 ? value : value * (hex ? 16 : 10) + digit;
    }
    *ret = value;
    return *at > first;
}

/* At '&': one character reference, or the sign itself. */
static void take_entity(ut_html *h)
{
    size_t at = h->at + 1;
    uint32_t rune = 0;
    bool found = false;
    if (at < h->in.len && h->in.ptr[at] == '#') {
        at++;
        found = take_number(h, &at, &rune);
    } else {
        size_t from = at;
        while (at < h->in.len && at - from < 16 && is_alnum(h->in.ptr[at])) {
            at++;
        }
        rune = ut_html_entity(ut_str_slice(h->in, from, at));
        found = rune != 0;
    }
    if (!found) {
        put_run(h, UT_STR("&"));
        h->at++;
        return;
    }
    h->at = at + (at < h->in.len && h->in.ptr[at] == ';');
    put_rune(h, rune);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void take_space(ut_html *h)
{
    char c = h->in.ptr[h->at];
    h->at++;
    if (c == '\r' && h->at < h->in.len && h->in.ptr[h->at] == '\n') {
        return;
    }
    if (h->verbatim && (c == '\n' || c == '\r')) {
        put_line_end(h);
    } else {
        put_space(h);
    }
}

/* Everything up to the next '<'. */
static void take_text(ut_html *h)
{
    size_t stop = ut_str_find_byte(h->in, '<', h->at);
    stop = stop == UT_NPOS ? h->in.len : stop;
    if (h->skipped) {
        h->at = stop;
        return;
    }
    while (h->at < stop) {
        char c = h->in.ptr[h->at];
        if (c == '&') {
            take_entity(h);
        } else if (is_space(c)) {
            take_space(h);
        } else if (c == '\xC2' && h->at + 1 < stop && h->in.ptr[h->at + 1] == '\xA0') {
            h->at += 2;
            put_space(h);
        } else {
            size_t from = h->at;
            do {
                h->at++;
                c = h->at < stop ? h->in.ptr[h->at] : '&';
            } while (c != '&' && c != '\xC2' && !is_space(c));
            put_run(h, ut_str_slice(h->in, from, h->at));
        }
    }
}

/* Elements -----------------------------------------------------------------------------------------------------------
 */

static const ut_tag *find_tag(ut_str name)
{
    char lower[12];
    if (name.len > sizeof lower) {
        return NULL;
    }
    for (size_t i = 0; i < name.len; i++) {
        lower[i] = ut_lower(name.ptr[i]);
    }
    size_t low = 0;
    size_t high = sizeof tags / sizeof *tags;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = ut_str_cmp((ut_str){lower, name.len}, ut_str_of(tags[middle].name));
        if (order == 0) {
            return &tags[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static void line_break_of(ut_html *h, int flags)
{
    if (flags & (IS_LINE | IS_PARA)) {
        due_break(h, flags & IS_PARA ? 2 : 1);
    }
}

static void put_fence(ut_html *h)
{
    due_break(h, 1);
    put_run(h, UT_STR("```"));
    due_break(h, 1);
}

/* A blockquote within a container of quotes has ended: what follows there is a reply. */
static void harden(ut_html *h)
{
    for (size_t i = 0; i < h->depth; i++) {
        if (h->stack[i].flags & IS_SOFT) {
            h->stack[i].flags &= (uint16_t) ~(IS_SOFT | IS_QUOTE);
            h->quotes--;
        }
    }
}

static void close_top(ut_html *h)
{
    ut_open top = h->stack[--h->depth];
    if (top.flags & IS_SKIPPED) {
        h->skipped--;
    }
    if (top.flags & IS_CODE && !h->skipped && !h->verbatim) {
        put_run(h, UT_STR("`"));
    }
    if (top.flags & IS_FENCE && !h->skipped) {
        put_fence(h);
    }
    if (top.flags & IS_PRE) {
        h->verbatim--;
    }
    if (top.flags & IS_QUOTE) {
        h->quotes--;
        if (!(top.flags & IS_SOFT)) {
            harden(h);
        }
    }
    h->inline_marks -= top.tag->rank == 0 && top.flags != 0;
    line_break_of(h, top.flags);
}

/* Closes the nearest open `tag` and all within it, unless something of higher rank stands between. */
static bool close_tag(ut_html *h, const ut_tag *tag)
{
    for (size_t i = h->depth; i > 0; i--) {
        if (h->stack[i - 1].tag == tag) {
            while (h->depth >= i) {
                close_top(h);
            }
            return true;
        }
        if (h->stack[i - 1].tag->rank > tag->rank) {
            return false;
        }
    }
    return false;
}

static bool has_word(ut_str words, const char *want)
{
    while (words.len) {
        if (ut_str_eq_nocase(ut_str_trim(ut_str_cut(&words, ' ')), ut_str_of(want))) {
            return true;
        }
    }
    return false;
}

/* What an element does beyond its tag: quotes, hidden text, wrapped <pre>. */
static uint16_t flags_of(ut_html *h, const ut_tag *tag, const ut_attributes *a)
{
    static const char *const containers[] = {"gmail_quote", "yahoo_quoted", "protonmail_quote", "zmail_extra"};
    uint16_t flags = tag->flags;
    if (a->class_names.len && tag->rank == 2) {
        for (size_t i = 0; i < sizeof containers / sizeof *containers; i++) {
            if (has_word(a->class_names, containers[i])) {
                flags |= IS_QUOTE | IS_SOFT;
            }
        }
        flags |= has_word(a->class_names, "moz-cite-prefix") ? IS_QUOTE : 0;
    }
    if (ut_str_eq(a->id, UT_STR("divRplyFwdMsg")) || ut_str_eq(a->id, UT_STR("appendonsend"))) {
        due_break(h, 1);
        h->rest_quoted = true;
    }
    if (ut_str_find_nocase(a->style, UT_STR("display:none"), 0) != UT_NPOS ||
        ut_str_find_nocase(a->style, UT_STR("display: none"), 0) != UT_NPOS) {
        flags |= IS_SKIPPED;
    }
    if (flags & IS_PRE && !a->wrap && ut_str_find_nocase(a->class_names, UT_STR("moz-"), 0) == UT_NPOS) {
        flags |= IS_FENCE;
    }
    return flags;
}

static void open_element(ut_html *h, const ut_tag *tag, const ut_attributes *a)
{
    uint16_t flags = flags_of(h, tag, a);
    bool marks = tag->rank == 0 && flags != 0;
    /* What neither has a line of its own nor does anything is not worth a place: mail is full of unclosed <font>. */
    if (tag->rank == 0 && !marks && h->inline_marks == 0) {
        return;
    }
    if (h->depth == UT_HTML_DEPTH_MAX) {
        h->dropped++;
        return;
    }
    h->stack[h->depth++] = (ut_open){tag, flags};
    h->inline_marks += marks;
    if (flags & IS_FENCE && !h->skipped) {
        put_fence(h);
    }
    h->verbatim += (flags & IS_PRE) != 0;
    h->quotes += (flags & IS_QUOTE) != 0;
    if (flags & IS_CODE && !h->skipped && !h->verbatim && !(flags & IS_SKIPPED)) {
        put_run(h, UT_STR("`"));
    } else if (flags & IS_CODE) {
        h->stack[h->depth - 1].flags &= (uint16_t)~IS_CODE;
        h->inline_marks -= marks && h->stack[h->depth - 1].flags == 0;
    }
    h->skipped += (flags & IS_SKIPPED) != 0;
}

/* Emoji come as images whose alternative text is the emoji. */
static void put_image(ut_html *h, ut_str alt)
{
    bool ascii = true;
    for (size_t i = 0; i < alt.len; i++) {
        ascii &= alt.ptr[i] >= 0;
    }
    if (!h->skipped && !ascii && alt.len <= 32) {
        put_run(h, alt);
    }
}

static void put_void(ut_html *h, const ut_tag *tag, const ut_attributes *a)
{
    if (tag->name[0] == 'b') { /* <br> */
        if (h->verbatim) {
            put_line_end(h);
        } else {
            due_break(h, h->breaks + 1 > 2 ? 2 : h->breaks + 1);
        }
    } else if (tag->name[0] == 'i' && tag->name[1] == 'm') { /* <img> */
        put_image(h, a->alt);
    } else {
        line_break_of(h, tag->flags);
    }
}

/* Moves behind the end tag of an element whose content is no HTML; without one, to the end. */
static void skip_raw(ut_html *h, const ut_tag *tag)
{
    size_t name_len = strlen(tag->name);
    while (h->at < h->in.len) {
        size_t at = ut_str_find(h->in, UT_STR("</"), h->at);
        if (at == UT_NPOS) {
            h->at = h->in.len;
            return;
        }
        h->at = at + 2;
        ut_str name = ut_str_slice(h->in, h->at, h->at + name_len);
        char next = h->at + name_len < h->in.len ? h->in.ptr[h->at + name_len] : '>';
        if (ut_str_eq_nocase(name, ut_str_of(tag->name)) && !is_alnum(next)) {
            size_t end = ut_str_find_byte(h->in, '>', h->at);
            h->at = end == UT_NPOS ? h->in.len : end + 1;
            return;
        }
    }
}

static void start_tag(ut_html *h, const ut_tag *tag, const ut_attributes *a)
{
    if (tag->flags & IS_RAW) {
        line_break_of(h, tag->flags);
        skip_raw(h, tag);
        return;
    }
    if (tag->flags & ENDS_LIKE) {
        (void)close_tag(h, tag);
    }
    if (tag->flags & IS_VOID) {
        put_void(h, tag, a);
        return;
    }
    line_break_of(h, tag->flags);
    if (tag->flags & IS_CELL && !h->skipped) {
        put_space(h);
    }
    open_element(h, tag, a);
    if (tag->flags & IS_PRE) {
        /* A line end right after <pre> is not content. */
        h->at += ut_str_starts(ut_str_slice(h->in, h->at, h->in.len), UT_STR("\r\n"));
        h->at += h->at < h->in.len && h->in.ptr[h->at] == '\n';
    }
}

static void end_tag(ut_html *h, const ut_tag *tag)
{
    if (tag->rank > 0 && h->dropped) {
        h->dropped--;
        line_break_of(h, tag->flags);
        return;
    }
    if (!close_tag(h, tag) && !(tag->flags & IS_VOID)) {
        /* "</p>" alone is an empty paragraph. */
        line_break_of(h, tag->flags);
    }
}

/* Tags ---------------------------------------------------------------------------------------------------------------
 */

/* One attribute at h->at; false at the end of the tag. */
static bool take_attribute(ut_html *h, ut_str *ret_name, ut_str *ret_value)
{
    ut_str in = h->in;
    size_t at = h->at;
    while (at < in.len && (is_space(in.ptr[at]) || in.ptr[at] == '/')) {
        at++;
    }
    if (at >= in.len || in.ptr[at] == '>') {
        h->at = at < in.len ? at + 1 : at;
        return false;
    }
    size_t from = at++;
    while (at < in.len && !is_space(in.ptr[at]) && !strchr("/>=", in.ptr[at])) {
        at++;
    }
    *ret_name = ut_str_slice(in, from, at);
    *ret_value = (ut_str){0};
    while (at < in.len && is_space(in.ptr[at])) {
        at++;
    }
    if (at >= in.len || in.ptr[at] != '=') {
        h->at = at;
        return true;
    }
    at++;
    while (at < in.len && is_space(in.ptr[at])) {
        at++;
    }
    char quote = at < in.len && (in.ptr[at] == '"' || in.ptr[at] == '\'') ? in.ptr[at] : 0;
    from = at + (quote != 0);
    at = from;
    if (quote) {
        size_t end = ut_str_find_byte(in, quote, from);
        at = end == UT_NPOS ? in.len : end;
    } else {
        while (at < in.len && !is_space(in.ptr[at]) && in.ptr[at] != '>') {
            at++;
        }
    }
    *ret_value = ut_str_slice(in, from, at);
    h->at = at + (quote && at < in.len);
    return true;
}

/* At "<x" or "</x". */
static void take_tag(ut_html *h)
{
    bool end = h->in.ptr[h->at + 1] == '/';
    size_t from = h->at + 1 + end;
    size_t at = from;
    while (at < h->in.len && !is_space(h->in.ptr[at]) && h->in.ptr[at] != '/' && h->in.ptr[at] != '>') {
        at++;
    }
    const ut_tag *tag = find_tag(ut_str_slice(h->in, from, at));
    h->at = at;
    ut_attributes attributes = {0};
    ut_str name, value;
    while (take_attribute(h, &name, &value)) {
        if (ut_str_eq_nocase(name, UT_STR("class"))) {
            attributes.class_names = value;
        } else if (ut_str_eq_nocase(name, UT_STR("id"))) {
            attributes.id = value;
        } else if (ut_str_eq_nocase(name, UT_STR("style"))) {
            attributes.style = value;
        } else if (ut_str_eq_nocase(name, UT_STR("alt"))) {
            attributes.alt = value;
        } else if (ut_str_eq_nocase(name, UT_STR("wrap"))) {
            attributes.wrap = true;
        }
    }
    if (tag && end) {
        end_tag(h, tag);
    } else if (tag) {
        start_tag(h, tag, &attributes);
    }
}

/* At "<!--": behind the comment. An unended one takes the rest, as in browsers. */
static void skip_comment(ut_html *h)
{
    ut_str rest = ut_str_slice(h->in, h->at + 4, h->in.len);
    size_t shift = ut_str_starts(rest, UT_STR(">")) ? 1 : ut_str_starts(rest, UT_STR("->")) ? 2 : 0;
    if (shift == 0) {
        size_t end = ut_str_find(rest, UT_STR("-->"), 0);
        shift = end == UT_NPOS ? rest.len : end + 3;
    }
    h->at += 4 + shift;
}

/* At '<'. */
static void take_markup(ut_html *h)
{
    ut_str rest = ut_str_slice(h->in, h->at, h->in.len);
    char next = rest.len > 1 ? ut_lower(rest.ptr[1]) : 0;
    char after = rest.len > 2 ? ut_lower(rest.ptr[2]) : 0;
    if (ut_str_starts(rest, UT_STR("<!--"))) {
        skip_comment(h);
    } else if ((next >= 'a' && next <= 'z') || (next == '/' && after >= 'a' && after <= 'z')) {
        take_tag(h);
    } else if (next == '!' || next == '?' || next == '/') {
        size_t end = ut_str_find_byte(rest, '>', 0);
        h->at += end == UT_NPOS ? rest.len : end + 1;
    } else {
        if (!h->skipped) {
            put_run(h, UT_STR("<"));
        }
        h->at++;
    }
}

ut_status ut_html_to_text(ut_buf *to, ut_str html, ut_err *err)
{
    ut_html h = {.to = to, .in = html, .from = to->len};
    while (h.at < h.in.len && to->failed == UT_OK) {
        if (h.in.ptr[h.at] == '<') {
            take_markup(&h);
        } else {
            take_text(&h);
        }
    }
    while (h.depth && to->failed == UT_OK) {
        close_top(&h);
    }
    if (h.line_open) {
        ut_buf_byte(to, '\n');
    }
    return to->failed == UT_OK ? UT_OK
                               : ut_fail(err, to->failed, "the text of a page does not fit into %zu bytes", to->cap);
}
