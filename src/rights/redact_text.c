/* rights/redact_text.c — one text, plain or HTML: their handles and names anywhere, their words where it quotes.
 *
 * Words are compared in runs of three, across line breaks and quote marks, since programs wrap quoted lines anew. A
 * quoted line of one or two words is compared as a whole when it has 16 letters or more. Two people's words may be the
 * same by chance; a quote loses them then, never what its author newly wrote.
 */
#include "codec/html_entity.h"
#include "rights/redact_int.h"

enum { RUN = 3, SHORT_LINE_BYTES = 16, ENTITY_BYTES_MAX = 32 };
#define WORD_SEED 0x9AE16A3B2F90404Fu
#define LINE_SEED 0xC949D7C7509E6557u

typedef struct token {
    size_t at, len;
    uint64_t hash;
} token;

/* A sliding window over the words of quoted text. */
typedef struct window {
    token last[RUN]; /* newest last */
    int count;
} window;

typedef struct reader {
    const ut_redact *redact;
    ut_redact *learner; /* learning their own text instead of looking for it */
    char *text;
    size_t len;
    ut_redact_how how;
    window window;
    bool changed;
} reader;

/* Words ------------------------------------------------------------------------------------------------------------ */

static uint64_t add_byte(uint64_t hash, unsigned char byte)
{
    return ut_hash_mix(hash ^ byte, 0xD6E8FEB86659FD93u);
}

/* The character at `at`: how many bytes it has, and its UTF-8 if it is part of a word. */
static size_t next_letter(const reader *r, size_t at, char out[4], size_t *ret_out)
{
    ut_str text = {r->text, r->len};
    unsigned char c = (unsigned char)r->text[at];
    *ret_out = 0;
    if (r->how.html && c == '&') {
        size_t end = at + 1;
        while (end < r->len && end - at < ENTITY_BYTES_MAX && r->text[end] != ';' && r->text[end] != '<') {
            end++;
        }
        int64_t number = 0;
        ut_str name = ut_str_slice(text, at + 1, end);
        bool ended = end < r->len && r->text[end] == ';';
        bool numbered = ut_str_starts(name, UT_STR("#")) && ut_str_to_i64(ut_str_slice(name, 1, name.len), &number);
        uint32_t rune = !ended ? 0 : numbered ? (uint32_t)number : ut_html_entity(name);
        *ret_out = rune >= 0x80 && rune != 0xA0 ? ut_str_put_rune(out, rune) : 0;
        return ended ? end + 1 - at : 1;
    }
    if (r->how.latin1 && c >= 0x80) {
        *ret_out = c == 0xA0 ? 0 : ut_str_put_rune(out, c);
        return 1;
    }
    bool hard_blank = c == 0xC2 && at + 1 < r->len && (unsigned char)r->text[at + 1] == 0xA0;
    if (!hard_blank && ut_redact__is_word((char)c)) {
        out[0] = ut_lower((char)c);
        *ret_out = 1;
    }
    return hard_blank ? 2 : 1;
}

/* The next word in text[*at, end); false when there is none. */
static bool next_token(const reader *r, size_t *at, size_t end, token *ret)
{
    char letter[4];
    size_t count = 0, used = 0, i = *at;
    while (i < end && (used = next_letter(r, i, letter, &count), count == 0)) {
        i += used;
    }
    token t = {.at = i, .hash = WORD_SEED};
    while (i < end && (used = next_letter(r, i, letter, &count), count > 0)) {
        for (size_t k = 0; k < count; k++) {
            t.hash = add_byte(t.hash, (unsigned char)letter[k]);
        }
        i += used;
    }
    t.len = i - t.at;
    *at = i;
    *ret = t;
    return t.len > 0;
}

static void mask(reader *r, size_t at, size_t len)
{
    ut_redact__mask(r->text + at, len);
    r->changed = true;
}

static void push(reader *r, token t)
{
    window *w = &r->window;
    memmove(&w->last[0], &w->last[1], (RUN - 1) * sizeof *w->last);
    w->last[RUN - 1] = t;
    if (++w->count < RUN) {
        return;
    }
    uint64_t hash = WORD_SEED;
    for (int i = 0; i < RUN; i++) {
        hash = ut_hash_mix(hash ^ w->last[i].hash, 0x9E3779B97F4A7C15u);
    }
    if (r->learner) {
        ut_redact__learn_run(r->learner, hash);
    } else if (ut_redact__knows_run(r->redact, hash)) {
        for (int i = 0; i < RUN; i++) {
            mask(r, w->last[i].at, w->last[i].len);
        }
    }
}

/* The words of a stretch of quoted (or, when learning, own) text. */
static void take_words(reader *r, size_t from, size_t to)
{
    token t;
    size_t count = 0, letters = 0, first = to, last = from;
    uint64_t line = LINE_SEED;
    for (size_t at = from; next_token(r, &at, to, &t);) {
        push(r, t);
        count++;
        letters += t.len;
        line = ut_hash_mix(line ^ t.hash, 0x9E3779B97F4A7C15u);
        first = t.at < first ? t.at : first;
        last = t.at + t.len;
    }
    if (count == 0 || count >= RUN || letters < SHORT_LINE_BYTES) {
        return;
    }
    if (r->learner) {
        ut_redact__learn_run(r->learner, line);
    } else if (ut_redact__knows_run(r->redact, line)) {
        mask(r, first, last - first);
    }
}

/* Lines ------------------------------------------------------------------------------------------------------------ */

/* What is known about the lines so far. */
typedef struct lines {
    bool below;       /* below "-----Original Message-----" or a block of From:, Sent:, Subject: */
    bool theirs;      /* … which was from them */
    int attributed;   /* quote depth that "Anna wrote:" announced, 0 = none */
    ut_str before;    /* the line before this one */
} lines;

/* Counts the quote marks a line begins with ('>', or "&gt;" in chat) and skips them. */
static int quote_depth(ut_str *line)
{
    int depth = 0;
    for (;;) {
        size_t at = 0;
        while (at < line->len && (line->ptr[at] == ' ' || line->ptr[at] == '\t')) {
            at++;
        }
        ut_str rest = ut_str_slice(*line, at, line->len);
        size_t mark = ut_str_starts(rest, UT_STR(">")) ? 1 : ut_str_starts(rest, UT_STR("&gt;")) ? 4 : 0;
        if (mark == 0) {
            return depth;
        }
        depth++;
        *line = ut_str_slice(rest, mark, rest.len);
    }
}

/* "-----Original Message-----", "---------- Forwarded message ---------", a long rule of underscores. */
static bool is_divider(ut_str line)
{
    bool dashes = ut_str_starts(line, UT_STR("---")) && ut_str_ends(line, UT_STR("---"));
    bool letters = false;
    for (size_t i = 0; dashes && i < line.len; i++) {
        letters |= ut_redact__is_word(line.ptr[i]);
    }
    return (dashes && letters) || ut_str_starts(line, UT_STR("____________________"));
}

static bool starts_with_one(ut_str line, const char *const *words)
{
    while (line.len && (line.ptr[0] == '*' || line.ptr[0] == ' ')) {
        line = ut_str_slice(line, 1, line.len);
    }
    for (; *words; words++) {
        if (ut_str_starts_nocase(line, ut_str_of(*words))) {
            return true;
        }
    }
    return false;
}

/* The first line of a header block as mail programs put it above what they answer. */
static bool is_from_line(ut_str line, ut_str following)
{
    static const char *const from[] = {"From:", "Von:", "De:", "De :", "Da:", "Van:", "Från:", "Fra:", NULL};
    static const char *const more[] = {"Sent:",    "Date:", "Gesendet:", "Datum:",   "Envoyé", "Enviado", "Inviato",
                                       "Subject:", "To:",   "An:",       "Betreff:", "Objet",  "Asunto",  NULL};
    if (!starts_with_one(line, from)) {
        return false;
    }
    ut_str next;
    for (int i = 0; i < 4 && ut_str_line(&following, &next); i++) {
        (void)quote_depth(&next);
        if (starts_with_one(next, more)) {
            return true;
        }
    }
    return false;
}

typedef enum line_kind { LINE_OWN, LINE_QUOTED, LINE_THEIRS } line_kind;

static line_kind judge_line(const ut_redact *redact, lines *known, ut_str line, ut_str following)
{
    ut_str content = line;
    int depth = quote_depth(&content);
    content = ut_str_trim(content);
    if (is_divider(content)) {
        known->below = true;
        known->theirs = false;
    } else if (is_from_line(content, following)) {
        known->below = true;
        known->theirs = redact && ut_redact_hits(redact, line);
    }
    bool in_attributed = known->attributed > 0 && depth == known->attributed;
    if (content.len && depth < known->attributed) {
        known->attributed = 0;
    }
    if (redact && ut_str_ends(content, UT_STR(":")) &&
        (ut_redact_hits(redact, line) || ut_redact_hits(redact, known->before))) {
        known->attributed = depth + 1;
    }
    known->before = line;
    return known->theirs || in_attributed ? LINE_THEIRS : depth > 0 || known->below ? LINE_QUOTED : LINE_OWN;
}

static void take_lines(reader *r)
{
    lines known = {0};
    ut_str rest = {r->text, r->len}, line;
    while (ut_str_line(&rest, &line)) {
        line_kind kind = r->how.theirs ? LINE_THEIRS : judge_line(r->redact, &known, line, rest);
        kind = kind == LINE_OWN && r->how.quoted ? LINE_QUOTED : kind;
        size_t from = (size_t)(line.ptr - r->text);
        if (r->learner ? kind == LINE_OWN : kind == LINE_QUOTED) {
            take_words(r, from, from + line.len);
        } else {
            r->window.count = line.len ? 0 : r->window.count;
        }
        if (!r->learner && kind == LINE_THEIRS && line.len) {
            mask(r, from, line.len);
        }
    }
}

/* HTML ------------------------------------------------------------------------------------------------------------- */

/* A tag's effect on what is quoted: blockquotes nest; Outlook marks its header block and quotes all below. */
static void take_tag(ut_str tag, int *depth, bool *below)
{
    if (ut_str_starts_nocase(tag, UT_STR("<blockquote"))) {
        *depth += 1;
    } else if (ut_str_starts_nocase(tag, UT_STR("</blockquote"))) {
        *depth -= *depth > 0;
    } else if (ut_str_has(tag, UT_STR("appendonsend")) || ut_str_has(tag, UT_STR("divRplyFwdMsg")) ||
               ut_str_has(tag, UT_STR("border-top:solid"))) {
        *below = true;
    }
}

static void take_html(reader *r)
{
    int depth = 0;
    bool below = r->how.quoted;
    ut_str text = {r->text, r->len};
    for (size_t at = 0; at < r->len;) {
        bool tag = r->text[at] == '<';
        size_t end = ut_str_find_byte(text, tag ? '>' : '<', at + 1);
        end = end == UT_NPOS ? r->len : end + tag;
        ut_str piece = ut_str_slice(text, at, end);
        if (tag) {
            take_tag(piece, &depth, &below);
        } else {
            below |= is_divider(ut_str_trim(piece));
            if (r->how.theirs) {
                mask(r, at, piece.len);
            } else if (depth > 0 || below) {
                take_words(r, at, end);
            } else {
                r->window.count = ut_str_trim(piece).len ? 0 : r->window.count;
            }
        }
        at = end;
    }
}

/* The two doors ---------------------------------------------------------------------------------------------------- */

static void take_names(reader *r)
{
    ut_str text = {r->text, r->len};
    ut_needle_kind kind;
    for (size_t i = 0; i < r->len;) {
        size_t len = ut_redact__match(r->redact, text, i, &kind);
        if (len == 0) {
            i++;
            continue;
        }
        bool labelled = i >= 2 && r->text[i - 2] == '<' && r->text[i - 1] == '@' && i + len < r->len &&
                        r->text[i + len] == '|';
        mask(r, i, len);
        i += len;
        while (labelled && i < r->len && r->text[i] != '>') { /* Slack's <@U024|anna> */
            ut_redact__mask(r->text + i, 1);
            i++;
        }
    }
}

bool ut_redact__text(const ut_redact *redact, char *text, size_t len, ut_redact_how how)
{
    reader r = {.redact = redact, .text = text, .len = len, .how = how};
    if (how.html) {
        take_html(&r);
    } else {
        take_lines(&r);
    }
    take_names(&r);
    return r.changed;
}

void ut_redact_said(ut_redact *redact, ut_str text)
{
    reader r = {.learner = redact, .len = text.len};
    ut_buf copy = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    ut_buf_put(&copy, text);
    redact->failed = copy.failed ? copy.failed : redact->failed;
    r.text = copy.ptr;
    if (!copy.failed && text.len) {
        take_lines(&r);
    }
    ut_buf_free(&copy);
}
