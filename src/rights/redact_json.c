/* rights/redact_json.c — one JSON record (Slack, NDJSON): its strings, each in its place; all else byte for byte. */
#include "rights/redact_int.h"

typedef struct walk {
    const ut_redact *redact;
    ut_redact_kit *kit;
    bool *changed;
    ut_str text;
    size_t copied; /* bytes of `text` that are in kit->out */
} walk;

static bool key_is_one(ut_str key, const char *const *names)
{
    for (; *names; names++) {
        if (ut_str_eq(key, ut_str_of(*names))) {
            return true;
        }
    }
    return false;
}

/* A string that is a handle or a name as a whole: what stands for it, or empty. */
static ut_str whole_string(const walk *w, ut_str key, const ut_json_node *node, char room[256])
{
    static const char *const words[] = {"text", "emoji", "type", "kind", "name", "source", NULL};
    static const char *const names[] = {"real_name",   "display_name", "user_name",  "username",
                                        "author_name", "first_name",   "last_name",  "author_subname",
                                        "real_name_normalized", "display_name_normalized", NULL};
    for (size_t i = 0; i < w->redact->count; i++) {
        const ut_needle *needle = &w->redact->needles[i];
        bool here = needle->kind == UT_NEEDLE_ADDRESS                ? true
                    : needle->kind == UT_NEEDLE_ID                   ? !key_is_one(key, words)
                    : needle->kind == UT_NEEDLE_PART                 ? key_is_one(key, names)
                                                                     : false;
        if (!here || !ut_str_eq_nocase(node->text, needle->words[0])) {
            continue;
        }
        if (needle->kind == UT_NEEDLE_ADDRESS) {
            return UT_STR(UT_REDACT_ADDRESS);
        }
        size_t len = node->text.len < 256 ? node->text.len : 256;
        memset(room, 'X', len); /* upper case: Slack's ids are */
        return (ut_str){room, len};
    }
    return (ut_str){0};
}

static void put_string(walk *w, const ut_json_node *node, ut_str replaced)
{
    size_t at = (size_t)(node->raw.ptr - w->text.ptr);
    ut_buf_put(&w->kit->out, ut_str_slice(w->text, w->copied, at));
    ut_buf_json_str(&w->kit->out, replaced);
    w->copied = at + node->raw.len;
    *w->changed = true;
}

static void take_string(walk *w, ut_str key, const ut_json_node *node, ut_redact_how how)
{
    char room[256];
    ut_buf *scratch = &w->kit->scratch;
    ut_str whole = whole_string(w, key, node, room);
    if (whole.len) {
        put_string(w, node, whole);
        return;
    }
    ut_buf_clear(scratch);
    ut_buf_put(scratch, node->text);
    if (scratch->failed) {
        w->kit->out.failed = scratch->failed;
    } else if (scratch->len && ut_redact__text(w->redact, scratch->ptr, scratch->len, how)) {
        put_string(w, node, ut_buf_str(scratch));
    }
}

/* Depth is bounded by the reader's UT_JSON_DEPTH_MAX. */
static void take_node(walk *w, ut_str key, const ut_json_node *node, ut_redact_how how)
{
    static const char *const quoting[] = {"attachments", "root", "quoted", "quote", NULL};
    how.quoted |= key_is_one(key, quoting) ||
                  ut_str_eq(ut_json_str(node, "type"), UT_STR("rich_text_quote"));
    if (node->type == UT_JSON_STRING) {
        take_string(w, key, node, how);
        return;
    }
    for (const ut_json_node *child = ut_json_first(node); child; child = ut_json_next(child)) {
        take_node(w, node->type == UT_JSON_OBJECT ? child->key : key, child, how);
    }
}

ut_status ut_redact__json(const ut_redact *redact, ut_redact_kit *kit, bool *changed, ut_str text, ut_err *err)
{
    const ut_json_node *root = NULL;
    walk w = {.redact = redact, .kit = kit, .changed = changed, .text = text};
    ut_buf_clear(&kit->out);
    ut_status st = ut_json_parse(kit->json, &root, text, err);
    if (st != UT_OK) {
        return st;
    }
    take_node(&w, (ut_str){0}, root, (ut_redact_how){0});
    ut_buf_put(&kit->out, ut_str_slice(text, w.copied, text.len));
    if (kit->out.failed) {
        return ut_fail(err, kit->out.failed, "a record does not fit into memory while it is searched");
    }
    /* What is left stands in names of members: ids as keys. */
    ut_needle_kind kind;
    ut_str out = ut_buf_str(&kit->out);
    for (size_t i = 0; i < out.len; i++) {
        size_t len = ut_redact__match(redact, out, i, &kind);
        if (len && (kind == UT_NEEDLE_ADDRESS || kind == UT_NEEDLE_ID)) {
            ut_redact__mask(kit->out.ptr + i, len);
            *changed = true;
        }
    }
    return UT_OK;
}
