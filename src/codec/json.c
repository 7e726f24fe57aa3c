/* codec/json.c — from token starts (codec/json_shim.cpp) to a flat array of nodes, grammar checked, no recursion.
 *
 * A node of a container stands before its children; `next` leads from sibling to sibling. Nodes of {"a":[1,2],"b":3}:
 *
 *     0 object   1 "a" array   2 number   3 number   4 "b" number
 *                next = 3 ─────────────────────────► (1 + 3 = 4)
 *
 * Strings without a backslash, nearly all, are borrowed from the text; the others are unescaped into one buffer that is
 * as long as the text and therefore never moves while a parse fills it. A \u escape of half a surrogate pair becomes
 * U+FFFD: chat programs cut texts in the middle of emoji, and the message around it must not be lost.
 *
 * Valid JSON of n tokens has at most (n + 1) / 2 values (each scalar but the first costs a comma or a container, each
 * container two brackets), so the node array is made in one piece before the walk.
 */
#include "codec/json.h"
#include "codec/json_int.h"

struct ut_json {
    ut_json_index *index;
    ut_json_node *nodes;
    size_t node_room;
    char *unescaped; /* strings that had escapes */
    size_t unescaped_room;
};

typedef struct ut_json_frame {
    uint32_t node; /* the container */
    uint32_t last; /* its newest child; 0 = none yet, since node 0 is the root */
} ut_json_frame;

/* One parse. */
typedef struct ut_json_walk {
    const char *text;
    size_t len;
    const uint32_t *starts;
    uint32_t token_count;
    uint32_t at; /* next token */
    ut_json *json;
    uint32_t node_count;
    size_t unescaped_len;
    int depth;
    const char *wrong; /* what failed, and where */
    size_t wrong_at;
    ut_json_frame frames[UT_JSON_DEPTH_MAX];
} ut_json_walk;

ut_status ut_json_open(ut_json **ret, ut_err *err)
{
    ut_json *json = ut_mem_zeroed(1, sizeof *json);
    ut_status st = json ? ut_json__index_open(&json->index) : UT_NOMEM;
    if (st != UT_OK) {
        ut_json_close(&json);
        return ut_fail(err, st, "%s", st == UT_NOMEM
                                          ? "memory ended while opening a JSON reader"
                                          : "simdjson lacks this processor; unset SIMDJSON_FORCE_IMPLEMENTATION");
    }
    *ret = json;
    return UT_OK;
}

void ut_json_close(ut_json **json)
{
    if (json && *json) {
        ut_json__index_close(&(*json)->index);
        ut_mem_free((*json)->nodes);
        ut_mem_free((*json)->unescaped);
        *json = ut_mem_free(*json);
    }
}

static ut_status wrong(ut_json_walk *walk, ut_status status, size_t at, const char *what)
{
    walk->wrong = what;
    walk->wrong_at = at;
    return status;
}

static inline bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The end of token i without the white space behind it. */
static inline size_t token_end(const ut_json_walk *walk, uint32_t i)
{
    size_t end = i + 1 < walk->token_count ? walk->starts[i + 1] : walk->len;
    while (end > (size_t)walk->starts[i] + 1 && is_white(walk->text[end - 1])) {
        end--;
    }
    return end;
}

static inline size_t token_start(const ut_json_walk *walk)
{
    return walk->at < walk->token_count ? walk->starts[walk->at] : walk->len;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = ut_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits at s[at], or -1. */
static int32_t hex_four(ut_str s, size_t at)
{
    if (s.len - at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(s.ptr[at + i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* Decodes \uXXXX, or a pair of them, with *at on the first digit; false when digits are missing. */
static bool unescape_u(ut_str s, size_t *at, uint32_t *ret_rune)
{
    int32_t first = hex_four(s, *at);
    if (first < 0) {
        return false;
    }
    *at += 4;
    *ret_rune = (uint32_t)first;
    if (first < 0xD800 || first > 0xDFFF) {
        return true;
    }
    *ret_rune = 0xFFFD;
    if (first <= 0xDBFF && s.len - *at >= 6 && s.ptr[*at] == '\\' && s.ptr[*at + 1] == 'u') {
        int32_t second = hex_four(s, *at + 2);
        if (second >= 0xDC00 && second <= 0xDFFF) {
            *ret_rune = 0x10000 + (((uint32_t)first - 0xD800) << 10) + ((uint32_t)second - 0xDC00);
            *at += 6;
        }
    }
    return true;
}

static char unescape_letter(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

/* `s` is what stands between the quotes; at least one backslash is in it. */
static ut_status unescape(ut_json_walk *walk, ut_str *ret, ut_str s)
{
    ut_json *json = walk->json;
    if (json->unescaped_room < walk->len) {
        /* Nothing borrows from it yet: the room is at least one whole text from the first escape on. */
        char *grown = ut_mem_resize(json->unescaped, walk->len);
        if (!grown) {
            return wrong(walk, UT_NOMEM, 0, NULL);
        }
        json->unescaped = grown;
        json->unescaped_room = walk->len;
    }
    char *out = json->unescaped + walk->unescaped_len;
    size_t to = 0;
    for (size_t at = 0; at < s.len;) {
        size_t slash = ut_str_find_byte(s, '\\', at);
        size_t plain = (slash == UT_NPOS ? s.len : slash) - at;
        memcpy(out + to, s.ptr + at, plain);
        to += plain;
        at += plain;
        if (at == s.len) {
            break;
        }
        /* A backslash is never the last byte: it would have escaped the closing quote. */
        uint32_t rune = (unsigned char)unescape_letter(s.ptr[at + 1]);
        bool known = rune != 0;
        at += 2;
        if (!known && s.ptr[at - 1] == 'u') {
            known = unescape_u(s, &at, &rune);
        }
        if (!known) {
            return wrong(walk, UT_INVALID, (size_t)(s.ptr - walk->text) + at - 2, "an escape that JSON does not have");
        }
        to += ut_str_put_rune(out + to, rune);
    }
    walk->unescaped_len += to;
    *ret = (ut_str){out, to};
    return UT_OK;
}

/* Most strings are shorter than what a call of memchr costs, so words of eight bytes are looked at here: a byte is a
 * backslash where the xor is zero, and (x - 1) & ~x has a byte's top bit set only for zero bytes (and, harmlessly for a
 * yes-or-no question, above one). */
static inline bool word_has_backslash(const char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    word ^= 0x5C5C5C5C5C5C5C5Cu;
    return ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) != 0;
}

static inline bool has_backslash(ut_str s)
{
    if (s.len > 64) {
        return memchr(s.ptr, '\\', s.len) != NULL;
    }
    size_t at = 0;
    for (; at + 8 <= s.len; at += 8) {
        if (word_has_backslash(s.ptr + at)) {
            return true;
        }
    }
    if (s.len >= 8) {
        return at < s.len && word_has_backslash(s.ptr + s.len - 8);
    }
    for (; at < s.len; at++) {
        if (s.ptr[at] == '\\') {
            return true;
        }
    }
    return false;
}

/* Token i, which begins with a quote, in full and as what it says. */
static inline ut_status read_string(ut_json_walk *walk, ut_str *ret, ut_str *ret_raw, uint32_t i)
{
    size_t start = walk->starts[i];
    size_t end = token_end(walk, i);
    if (end - start < 2 || walk->text[end - 1] != '"') {
        return wrong(walk, UT_INVALID, start, "a string without its closing quote");
    }
    *ret_raw = (ut_str){walk->text + start, end - start};
    ut_str inner = {walk->text + start + 1, end - start - 2};
    if (has_backslash(inner)) {
        return unescape(walk, ret, inner);
    }
    *ret = inner;
    return UT_OK;
}

static size_t skip_digits(ut_str s, size_t at)
{
    while (at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9') {
        at++;
    }
    return at;
}

/* RFC 8259, section 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool is_number(ut_str s)
{
    size_t at = s.len && s.ptr[0] == '-' ? 1 : 0;
    size_t digits = skip_digits(s, at) - at;
    if (digits == 0 || (digits > 1 && s.ptr[at] == '0')) {
        return false;
    }
    at += digits;
    if (at < s.len && s.ptr[at] == '.') {
        size_t from = ++at;
        at = skip_digits(s, at);
        if (at == from) {
            return false;
        }
    }
    if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
        at++;
        if (at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-')) {
            at++;
        }
        size_t from = at;
        at = skip_digits(s, at);
        if (at == from) {
            return false;
        }
    }
    return at == s.len;
}

/* null, true, false or a number. */
static ut_status read_scalar(ut_json_walk *walk, ut_json_node *node, uint32_t i)
{
    size_t start = walk->starts[i];
    ut_str raw = {walk->text + start, token_end(walk, i) - start};
    node->raw = raw;
    if (is_number(raw)) {
        node->type = UT_JSON_NUMBER;
        node->text = raw;
    } else if (ut_str_eq(raw, UT_STR("null"))) {
        node->type = UT_JSON_NULL;
    } else if (ut_str_eq(raw, UT_STR("true"))) {
        node->type = UT_JSON_TRUE;
    } else if (ut_str_eq(raw, UT_STR("false"))) {
        node->type = UT_JSON_FALSE;
    } else {
        return wrong(walk, UT_INVALID, start, "something that is no value");
    }
    return UT_OK;
}

static ut_status open_container(ut_json_walk *walk, ut_json_node *node, uint32_t self, char bracket)
{
    if (walk->depth == UT_JSON_DEPTH_MAX) {
        return wrong(walk, UT_LIMIT, walk->starts[walk->at], "nested too deeply");
    }
    node->type = bracket == '{' ? UT_JSON_OBJECT : UT_JSON_ARRAY;
    node->raw = (ut_str){walk->text + walk->starts[walk->at], 0};
    walk->frames[walk->depth++] = (ut_json_frame){.node = self};
    return UT_OK;
}

/* Takes the token at hand as a value called `key`; a container is only opened. */
static ut_status read_value(ut_json_walk *walk, ut_str key)
{
    if (walk->at >= walk->token_count) {
        return wrong(walk, UT_INVALID, walk->len, "the end where a value should begin");
    }
    uint32_t self = walk->node_count;
    if (self >= walk->json->node_room) {
        /* The room is sized for valid JSON of this many tokens: short of it can only be the cap or broken input. */
        bool full = self >= UT_JSON_NODES_MAX;
        return wrong(walk, full ? UT_LIMIT : UT_INVALID, token_start(walk),
                     full ? "more values than a record may have" : "a value in the wrong place");
    }
    if (walk->depth > 0) {
        ut_json_frame *frame = &walk->frames[walk->depth - 1];
        if (frame->last) {
            walk->json->nodes[frame->last].next = self - frame->last;
        }
        frame->last = self;
        walk->json->nodes[frame->node].count++;
    }
    walk->node_count++;
    ut_json_node *node = &walk->json->nodes[self];
    *node = (ut_json_node){.key = key};
    char c = walk->text[walk->starts[walk->at]];
    ut_status st;
    if (c == '"') {
        node->type = UT_JSON_STRING;
        st = read_string(walk, &node->text, &node->raw, walk->at);
    } else if (c == '{' || c == '[') {
        st = open_container(walk, node, self, c);
    } else {
        st = read_scalar(walk, node, walk->at);
    }
    walk->at++;
    return st;
}

static ut_status read_member(ut_json_walk *walk)
{
    if (walk->at >= walk->token_count || walk->text[walk->starts[walk->at]] != '"') {
        return wrong(walk, UT_INVALID, token_start(walk), "something other than a member name in quotes");
    }
    ut_str key, raw;
    ut_status st = read_string(walk, &key, &raw, walk->at);
    if (st != UT_OK) {
        return st;
    }
    walk->at++;
    if (walk->at >= walk->token_count || walk->text[walk->starts[walk->at]] != ':') {
        return wrong(walk, UT_INVALID, token_start(walk), "a member name without ':' behind it");
    }
    walk->at++;
    return read_value(walk, key);
}

/* One more child of the innermost open container, or its end. */
static ut_status step(ut_json_walk *walk)
{
    const ut_json_frame *frame = &walk->frames[walk->depth - 1];
    ut_json_node *container = &walk->json->nodes[frame->node];
    bool object = container->type == UT_JSON_OBJECT;
    char c = walk->at < walk->token_count ? walk->text[walk->starts[walk->at]] : '\0';
    if (c == (object ? '}' : ']')) {
        container->raw.len = (size_t)(walk->text + walk->starts[walk->at] + 1 - container->raw.ptr);
        walk->depth--;
        walk->at++;
        return UT_OK;
    }
    if (container->count > 0) {
        if (c != ',') {
            return wrong(walk, UT_INVALID, token_start(walk),
                         object ? "something other than ',' or '}' after a member"
                                : "something other than ',' or ']' after an element");
        }
        walk->at++;
    }
    return object ? read_member(walk) : read_value(walk, (ut_str){0});
}

static ut_status walk_all(ut_json_walk *walk)
{
    ut_status st = read_value(walk, (ut_str){0});
    while (st == UT_OK && walk->depth > 0) {
        st = step(walk);
    }
    if (st == UT_OK && walk->at < walk->token_count) {
        st = wrong(walk, UT_INVALID, token_start(walk), "more text after the end of the document");
    }
    return st;
}

/* The byte of the first control character in a string, or of the quote that opens the unclosed one. */
static size_t locate_bad_string(ut_str text, bool control)
{
    size_t opened = text.len;
    bool inside = false;
    for (size_t at = 0; at < text.len; at++) {
        unsigned char c = (unsigned char)text.ptr[at];
        if (c == '"') {
            inside = !inside;
            opened = at;
        } else if (c == '\\') { /* outside strings too: stage 1 sees it so */
            at++;
            c = at < text.len ? (unsigned char)text.ptr[at] : ' ';
        }
        if (inside && control && c < ' ') {
            return at;
        }
    }
    return opened;
}

static ut_status explain_verdict(ut_json_walk *walk, ut_json_verdict verdict)
{
    ut_str text = {walk->text, walk->len};
    switch (verdict) {
    case UT_JSON_INDEXED:
        return UT_OK;
    case UT_JSON_EMPTY:
        return wrong(walk, UT_INVALID, text.len, "nothing at all");
    case UT_JSON_UNCLOSED:
        return wrong(walk, UT_INVALID, locate_bad_string(text, false), "a string without its closing quote");
    case UT_JSON_CONTROL:
        return wrong(walk, UT_INVALID, locate_bad_string(text, true), "a control character inside a string");
    case UT_JSON_UTF8:
        return wrong(walk, UT_INVALID, ut_str_utf8_valid(text), "bytes that are not UTF-8");
    case UT_JSON_NOMEM:
        return wrong(walk, UT_NOMEM, 0, NULL);
    case UT_JSON_BROKEN:
        break;
    }
    return wrong(walk, UT_INVALID, 0, "a text that is not JSON");
}

static ut_status make_room(ut_json_walk *walk)
{
    ut_json *json = walk->json;
    size_t need = ((size_t)walk->token_count + 1) / 2;
    if (need > UT_JSON_NODES_MAX) {
        need = UT_JSON_NODES_MAX;
    }
    if (need <= json->node_room) {
        return UT_OK;
    }
    /* Old nodes are worthless now: no need to move them. */
    json->nodes = ut_mem_free(json->nodes);
    json->node_room = 0;
    size_t room = need + need / 4 + 64;
    room = room > UT_JSON_NODES_MAX ? UT_JSON_NODES_MAX : room;
    json->nodes = ut_mem_alloc(room * sizeof *json->nodes);
    if (!json->nodes) {
        return wrong(walk, UT_NOMEM, 0, NULL);
    }
    json->node_room = room;
    return UT_OK;
}

static int64_t line_of(ut_str text, size_t byte)
{
    int64_t line = 1;
    for (size_t at = 0; (at = ut_str_find_byte(text, '\n', at)) < byte; at++) {
        line++;
    }
    return line;
}

static ut_status explain(const ut_json_walk *walk, ut_status status, size_t skipped, ut_err *err)
{
    if (status == UT_NOMEM) {
        return ut_fail(err, UT_NOMEM, "memory ended while reading JSON");
    }
    size_t byte = walk->wrong_at + skipped;
    const char *verdict = status == UT_LIMIT ? "JSON too large" : "not JSON";
    (void)ut_fail(err, status, "%s: %s at byte %zu", verdict, walk->wrong, byte);
    if (err) {
        err->byte = (int64_t)byte;
        err->line = line_of((ut_str){walk->text, walk->len}, walk->wrong_at);
    }
    return status;
}

ut_status ut_json_parse(ut_json *json, const ut_json_node **ret_root, ut_str text, ut_err *err)
{
    /* RFC 8259 lets a parser ignore a byte order mark; Windows tools write them. */
    size_t skipped = ut_str_starts(text, UT_STR("\xEF\xBB\xBF")) ? 3 : 0;
    ut_json_walk walk;
    walk.text = text.ptr ? text.ptr + skipped : "";
    walk.len = text.len - skipped;
    walk.json = json;
    walk.at = walk.node_count = walk.token_count = 0;
    walk.unescaped_len = 0;
    walk.depth = 0;
    ut_status st = UT_OK;
    if (walk.len > UT_RECORD_BYTES_MAX) {
        st = wrong(&walk, UT_LIMIT, UT_RECORD_BYTES_MAX, "more bytes than a record may have");
    }
    if (st == UT_OK) {
        st = explain_verdict(&walk,
                             ut_json__index_run(json->index, &walk.starts, &walk.token_count, walk.text, walk.len));
    }
    if (st == UT_OK) {
        st = make_room(&walk);
    }
    if (st == UT_OK) {
        st = walk_all(&walk);
    }
    if (st != UT_OK) {
        return explain(&walk, st, skipped, err);
    }
    *ret_root = json->nodes;
    return UT_OK;
}

const ut_json_node *ut_json_first(const ut_json_node *container)
{
    return container && container->count > 0 ? container + 1 : NULL;
}

const ut_json_node *ut_json_next(const ut_json_node *node)
{
    return node && node->next ? node + node->next : NULL;
}

const ut_json_node *ut_json_get(const ut_json_node *object, const char *key)
{
    if (!ut_json_is(object, UT_JSON_OBJECT)) {
        return NULL;
    }
    ut_str name = ut_str_of(key);
    for (const ut_json_node *member = ut_json_first(object); member; member = ut_json_next(member)) {
        if (ut_str_eq(member->key, name)) {
            return member;
        }
    }
    return NULL;
}

ut_str ut_json_str(const ut_json_node *object, const char *key)
{
    const ut_json_node *member = ut_json_get(object, key);
    return ut_json_is(member, UT_JSON_STRING) ? member->text : (ut_str){0};
}

bool ut_json_i64(const ut_json_node *object, const char *key, int64_t *ret)
{
    const ut_json_node *member = ut_json_get(object, key);
    return ut_json_is(member, UT_JSON_NUMBER) && ut_str_to_i64(member->text, ret);
}

bool ut_json_f64(const ut_json_node *object, const char *key, double *ret)
{
    const ut_json_node *member = ut_json_get(object, key);
    return ut_json_is(member, UT_JSON_NUMBER) && ut_str_to_f64(member->text, ret);
}

bool ut_json_bool(const ut_json_node *object, const char *key)
{
    return ut_json_is(ut_json_get(object, key), UT_JSON_TRUE);
}

bool ut_json_is(const ut_json_node *node, ut_json_type type)
{
    return node && node->type == type;
}
