/* bronze/slack_decode.c — one Slack message object to a ut_message: markup resolved, mentions and reactions out.
 *
 * Slack's text escapes only & < >; so every '<' begins markup, and entities are resolved after it:
 *
 *     <@U024|ann>  @ann       <#C061|general>  #general     <!here>  @here      <!date^1712^{date}|2 May>  2 May
 *     <https://…|our page>  our page      <mailto:a@example.org>  a@example.org
 *
 * Code between backticks and quotes behind '>' stay as they are: text/clean takes them out. Bold, italic and strike
 * marks stay in `text` as written. When `text` is empty, the rich_text blocks are read instead and written in the same
 * way. Nothing here fails on content.
 */
#include "bronze/slack_int.h"
#include "bronze/source.h"

#define HANDLES_MAX 1024   /* people mentioned in one message; an @everyone of a big company is one mention */
#define REACTIONS_MAX 1024 /* Slack allows 50 kinds on a message */
#define BLOCK_DEPTH_MAX 8  /* rich_text, list, section, leaf: 4 */

/* The text on its way, and who is mentioned in it. */
typedef struct ut_slack_out {
    ut_buf text;
    ut_arena *keep;
    bool full;     /* the arena is */
    bool quote;    /* lines are to begin with "> " */
    size_t handle_count;
    ut_str handles[HANDLES_MAX];
} ut_slack_out;

/* "slack:" and the id in upper case, as the reader writes authors; no handle for what is no id. */
static void add_handle(ut_slack_out *out, ut_str id)
{
    char handle[64] = "slack:";
    size_t len = 6;
    if (id.len == 0 || id.len > sizeof handle - len || out->handle_count == HANDLES_MAX) {
        return;
    }
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        c = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
            return;
        }
        handle[len++] = c;
    }
    ut_str found = {handle, len};
    for (size_t i = 0; i < out->handle_count; i++) {
        if (ut_str_eq(out->handles[i], found)) {
            return;
        }
    }
    found = ut_arena_copy(out->keep, found);
    out->full |= !found.ptr;
    if (found.ptr) {
        out->handles[out->handle_count++] = found;
    }
}

/* Text as it is, but CR LF becomes LF, and lines of a quote get their mark. */
static void put(ut_slack_out *out, ut_str text)
{
    if (!out->quote && ut_str_find_byte(text, '\r', 0) == UT_NPOS) {
        ut_buf_put(&out->text, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n') {
            continue;
        }
        if (out->quote && (out->text.len == 0 || out->text.ptr[out->text.len - 1] == '\n')) {
            ut_buf_puts(&out->text, "> ");
        }
        ut_buf_byte(&out->text, text.ptr[i]);
    }
}

static void put_unescaped(ut_slack_out *out, ut_str text)
{
    static const struct {
        ut_str entity, plain;
    } entities[] = {{{"&amp;", 5}, {"&", 1}}, {{"&lt;", 4}, {"<", 1}}, {{"&gt;", 4}, {">", 1}}};
    while (text.len) {
        size_t amp = ut_str_find_byte(text, '&', 0);
        put(out, ut_str_slice(text, 0, amp));
        text = ut_str_slice(text, amp, text.len);
        ut_str plain = ut_str_slice(text, 0, 1); /* a lone '&' */
        size_t used = plain.len;
        for (size_t i = 0; i < 3; i++) {
            if (ut_str_starts(text, entities[i].entity)) {
                plain = entities[i].plain;
                used = entities[i].entity.len;
            }
        }
        put(out, plain);
        text = ut_str_slice(text, used, text.len);
    }
}

static void put_marked(ut_slack_out *out, char mark, ut_str name)
{
    if (!(name.len && name.ptr[0] == mark)) {
        put(out, (ut_str){&mark, 1});
    }
    put_unescaped(out, name);
}

/* What stands behind "<!": here, channel, everyone, subteam^S…, date^…. */
static void put_special(ut_slack_out *out, ut_str what, ut_str label)
{
    bool date = ut_str_starts(what, UT_STR("date^"));
    if (date) {
        put_unescaped(out, label);
    } else if (ut_str_starts(what, UT_STR("subteam^"))) {
        put_marked(out, '@', label.len ? label : ut_str_slice(what, 8, what.len));
    } else if (ut_str_eq(what, UT_STR("here")) || ut_str_eq(what, UT_STR("channel")) ||
               ut_str_eq(what, UT_STR("everyone")) || ut_str_eq(what, UT_STR("group"))) {
        put_marked(out, '@', what);
    } else {
        put_unescaped(out, label.len ? label : what);
    }
}

/* What stands between '<' and '>'. */
static void put_markup(ut_slack_out *out, ut_str inner)
{
    ut_str label = inner;
    ut_str what = ut_str_cut(&label, '|');
    ut_str rest = ut_str_slice(what, 1, what.len);
    if (ut_str_starts(what, UT_STR("@"))) {
        add_handle(out, rest);
        put_marked(out, '@', label.len ? label : rest);
    } else if (ut_str_starts(what, UT_STR("#"))) {
        put_marked(out, '#', label.len ? label : rest);
    } else if (ut_str_starts(what, UT_STR("!"))) {
        put_special(out, rest, label);
    } else if (label.len) {
        put_unescaped(out, label);
    } else if (ut_str_starts(what, UT_STR("mailto:")) || ut_str_starts(what, UT_STR("tel:"))) {
        (void)ut_str_cut(&what, ':');
        put_unescaped(out, what);
    } else {
        put_unescaped(out, what);
    }
}

static void put_mrkdwn(ut_slack_out *out, ut_str text)
{
    while (text.len) {
        size_t open = ut_str_find_byte(text, '<', 0);
        put_unescaped(out, ut_str_slice(text, 0, open));
        text = ut_str_slice(text, open, text.len);
        /* Markup ends before the next line and the next '<'; so a text of nothing but '<' is read once. */
        size_t end = 1;
        while (end < text.len && text.ptr[end] != '>' && text.ptr[end] != '<' && text.ptr[end] != '\n') {
            end++;
        }
        bool markup = end > 1 && end < text.len && text.ptr[end] == '>';
        if (markup) {
            put_markup(out, ut_str_slice(text, 1, end));
            end++;
        } else {
            put_unescaped(out, ut_str_slice(text, 0, end));
        }
        text = ut_str_slice(text, end, text.len);
    }
}

/* Blocks ----------------------------------------------------------------------------------------------------------- */

static void end_line(ut_slack_out *out)
{
    if (out->text.len && out->text.ptr[out->text.len - 1] != '\n') {
        ut_buf_byte(&out->text, '\n');
    }
}

static void put_styled(ut_slack_out *out, const ut_json_node *leaf)
{
    bool code = ut_json_bool(ut_json_get(leaf, "style"), "code");
    put(out, code ? UT_STR("`") : (ut_str){0});
    put(out, ut_json_str(leaf, "text"));
    put(out, code ? UT_STR("`") : (ut_str){0});
}

static void put_leaf(ut_slack_out *out, const ut_json_node *leaf)
{
    ut_str type = ut_json_str(leaf, "type");
    if (ut_str_eq(type, UT_STR("text"))) {
        put_styled(out, leaf);
    } else if (ut_str_eq(type, UT_STR("link"))) {
        ut_str label = ut_json_str(leaf, "text");
        put(out, label.len ? label : ut_json_str(leaf, "url"));
    } else if (ut_str_eq(type, UT_STR("emoji"))) {
        put(out, UT_STR(":"));
        put(out, ut_json_str(leaf, "name"));
        put(out, UT_STR(":"));
    } else if (ut_str_eq(type, UT_STR("user"))) {
        ut_str id = ut_json_str(leaf, "user_id");
        add_handle(out, id);
        put(out, UT_STR("@"));
        put(out, id);
    } else if (ut_str_eq(type, UT_STR("usergroup")) || ut_str_eq(type, UT_STR("broadcast"))) {
        ut_str group = ut_json_str(leaf, "usergroup_id");
        put(out, UT_STR("@"));
        put(out, group.len ? group : ut_json_str(leaf, "range"));
    } else if (ut_str_eq(type, UT_STR("channel"))) {
        put(out, UT_STR("#"));
        put(out, ut_json_str(leaf, "channel_id"));
    } else if (ut_str_eq(type, UT_STR("date"))) {
        put(out, ut_json_str(leaf, "fallback"));
    }
}

static void put_block(ut_slack_out *out, const ut_json_node *block, int depth);

static void put_elements(ut_slack_out *out, const ut_json_node *block, const char *bullet, int depth)
{
    int64_t number = 1;
    for (const ut_json_node *e = ut_json_first(ut_json_get(block, "elements")); e; e = ut_json_next(e)) {
        if (bullet) {
            end_line(out);
            if (bullet[0] == '1') {
                ut_buf_i64(&out->text, number++);
                put(out, UT_STR(". "));
            } else {
                put(out, ut_str_of(bullet));
            }
        }
        put_block(out, e, depth + 1);
    }
}

static void put_block(ut_slack_out *out, const ut_json_node *block, int depth)
{
    ut_str type = ut_json_str(block, "type");
    if (depth > BLOCK_DEPTH_MAX) {
        return;
    }
    if (ut_str_eq(type, UT_STR("rich_text")) || ut_str_eq(type, UT_STR("rich_text_section"))) {
        put_elements(out, block, NULL, depth);
    } else if (ut_str_eq(type, UT_STR("rich_text_list"))) {
        bool ordered = ut_str_eq(ut_json_str(block, "style"), UT_STR("ordered"));
        put_elements(out, block, ordered ? "1. " : "- ", depth);
        end_line(out);
    } else if (ut_str_eq(type, UT_STR("rich_text_quote"))) {
        end_line(out);
        out->quote = true;
        put_elements(out, block, NULL, depth);
        out->quote = false;
        end_line(out);
    } else if (ut_str_eq(type, UT_STR("rich_text_preformatted"))) {
        end_line(out);
        put(out, UT_STR("```\n"));
        put_elements(out, block, NULL, depth);
        end_line(out);
        put(out, UT_STR("```\n"));
    } else {
        put_leaf(out, block);
    }
}

static void put_blocks(ut_slack_out *out, const ut_json_node *blocks)
{
    for (const ut_json_node *block = ut_json_first(blocks); block; block = ut_json_next(block)) {
        if (ut_str_eq(ut_json_str(block, "type"), UT_STR("rich_text"))) {
            put_block(out, block, 0);
        }
    }
}

/* The message ------------------------------------------------------------------------------------------------------ */

/* What the person wrote. Old exports put "@ann uploaded a file: … and commented: …" around the words of an upload or
 * a comment, and the words themselves beside it. */
static ut_str written_text(const ut_json_node *message)
{
    ut_str text = ut_json_str(message, "text");
    ut_str subtype = ut_json_str(message, "subtype");
    const ut_json_node *comment = NULL;
    if (ut_str_eq(subtype, UT_STR("file_comment"))) {
        comment = ut_json_get(message, "comment");
    } else if (ut_str_eq(subtype, UT_STR("file_share")) && ut_str_starts(text, UT_STR("<@"))) {
        const ut_json_node *file = ut_json_get(message, "file");
        comment = ut_json_get(file, "initial_comment");
        if (file && !comment) {
            return (ut_str){0};
        }
    }
    return comment ? ut_json_str(comment, "comment") : text;
}

static void put_message_text(ut_slack_out *out, const ut_slack_view *view)
{
    if (view->deleted) {
        return;
    }
    put_mrkdwn(out, written_text(view->message));
    if (ut_str_trim(ut_buf_str(&out->text)).len == 0) {
        ut_buf_clear(&out->text);
        put_blocks(out, ut_json_get(view->message, "blocks"));
        while (out->text.len && out->text.ptr[out->text.len - 1] == '\n') {
            out->text.len--;
        }
    }
}

static bool keep_reactions(ut_arena *keep, ut_message *message, const ut_json_node *reactions)
{
    size_t count = ut_json_is(reactions, UT_JSON_ARRAY) ? reactions->count : 0;
    count = count < REACTIONS_MAX ? count : REACTIONS_MAX;
    message->reactions = count ? ut_new(keep, ut_reaction, count) : NULL;
    if (count && !message->reactions) {
        return false;
    }
    for (const ut_json_node *r = ut_json_first(reactions); r && count; r = ut_json_next(r), count--) {
        ut_str name = ut_json_str(r, "name");
        int64_t times = 0;
        const ut_json_node *users = ut_json_get(r, "users");
        if (!ut_json_i64(r, "count", &times) && ut_json_is(users, UT_JSON_ARRAY)) {
            times = users->count;
        }
        if (!name.len || times <= 0) {
            continue;
        }
        ut_str emoji = ut_arena_copy(keep, name);
        if (!emoji.ptr) {
            return false;
        }
        message->reactions[message->reaction_count++] = (ut_reaction){.emoji = emoji, .count = times};
    }
    return true;
}

static bool keep_handles(const ut_slack_out *out, ut_message *message)
{
    message->to_count = out->handle_count;
    if (out->handle_count) {
        message->to = ut_new(out->keep, ut_str, out->handle_count);
        if (!message->to) {
            return false;
        }
        memcpy(message->to, out->handles, out->handle_count * sizeof *out->handles);
    }
    return true;
}

static ut_status fill_message(ut_arena *keep, ut_message *ret, const ut_slack_view *view, ut_err *err)
{
    /* Quote marks can double a text of empty lines. */
    ut_slack_out out;
    out.text = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    out.keep = keep;
    out.full = out.quote = false;
    out.handle_count = 0;
    ut_message message = {.machine = view->machine};
    put_message_text(&out, view);
    ut_str parent = ut_json_str(view->message, "thread_ts");
    if (ut_str_eq(parent, view->ts)) {
        parent = (ut_str){0};
    }
    message.reply_to = ut_arena_copy(keep, parent);
    message.text = ut_arena_copy(keep, ut_buf_str(&out.text));
    bool kept = !out.full && message.reply_to.ptr && message.text.ptr && keep_handles(&out, &message) &&
                keep_reactions(keep, &message, ut_json_get(view->message, "reactions"));
    bool written = out.text.failed == UT_OK;
    ut_buf_free(&out.text);
    if (!kept || !written) {
        return ut_fail(err, UT_NOMEM, "memory ended while decoding a Slack message");
    }
    *ret = message;
    return UT_OK;
}

ut_status ut_slack_decode(ut_json *json, ut_arena *keep, ut_message *ret, ut_str payload, ut_err *err)
{
    const ut_json_node *root = NULL;
    ut_slack_view view;
    ut_status st = ut_json_parse(json, &root, payload, err);
    if (st == UT_NOMEM) {
        return st;
    }
    if (st != UT_OK || ut_slack__look(&view, root)) {
        *ret = (ut_message){.unreadable = true};
        return UT_OK;
    }
    return fill_message(keep, ret, &view, err);
}
