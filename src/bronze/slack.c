/* bronze/slack.c — reads a Slack workspace export: folder or archive, public or all conversations.
 *
 *     export/users.json  channels.json  groups.json  dms.json  mpims.json        indexes, any may be missing
 *     export/<conversation>/2024-01-02.json                                      arrays of messages
 *
 * Two walks: first the indexes (an archive keeps its own order), then the days. What counts is a file's name and the
 * folder right above it, so an export packed one folder deeper reads the same. A message lacks its conversation; its
 * id here is "<conversation id>:<ts>". Times are cut from the digits of ts, never through a double.
 *
 * A folder without an entry in an index is a public channel that has the folder's name as its id; but a name that only
 * direct messages have ("D024BE91L", "mpdm-ann--bob-1") is never taken for public.
 */
#include "bronze/detect_int.h"
#include "bronze/slack_int.h"
#include "bronze/source.h"
#include "codec/json_array.h"

#include <stdio.h>

#define CONVERSATIONS_MAX 1000000
#define CONVERSATION_BYTES_MAX (64 * UT_MIB)
#define ID_BYTES_MAX (4 * UT_KIB)

typedef struct ut_slack {
    const ut_sink *sink;
    ut_json *json;
    const char *path;
    bool stopped;          /* the sink ended the reading */
    ut_map conversations;  /* folder name → offset in ids * 8 + kind */
    ut_buf ids;            /* conversation ids, each followed by NUL */
    ut_buf id, author;     /* of the record at hand */
    /* The file at hand: */
    char place[2 * UT_PATH_BYTES_MAX]; /* "export.zip/general/2024-01-02.json" */
    ut_str conversation;
    ut_str conversation_name;
    ut_channel_kind kind;
} ut_slack;

/* What a file in an export is, by its name. */
typedef struct ut_slack_name {
    const char *name;
    ut_channel_kind kind;    /* of an index of conversations */
    bool users;              /* an index of people */
    const char *unsupported; /* what to call it, when it is not read */
} ut_slack_name;

static const ut_slack_name slack_names[] = {
    {.name = "users.json", .users = true},
    {.name = "org_users.json", .users = true},
    {.name = "channels.json", .kind = UT_CHANNEL_PUBLIC},
    {.name = "groups.json", .kind = UT_CHANNEL_PRIVATE},
    {.name = "dms.json", .kind = UT_CHANNEL_DIRECT},
    {.name = "mpims.json", .kind = UT_CHANNEL_GROUP_DIRECT},
    {.name = "integration_logs.json", .unsupported = "Slack integration logs"},
    {.name = "canvases.json", .unsupported = "Slack canvases"},
    {.name = "content_flags.json", .unsupported = "Slack content flags"},
    {.name = "file_conversations.json", .unsupported = "Slack file conversations"},
    {.name = "huddle_transcripts.json", .unsupported = "Slack huddle transcripts"},
    {.name = "lists.json", .unsupported = "Slack lists"},
};

static const ut_slack_name *find_name(ut_str file)
{
    for (size_t i = 0; i < sizeof slack_names / sizeof *slack_names; i++) {
        if (ut_str_eq(file, ut_str_of(slack_names[i].name))) {
            return &slack_names[i];
        }
    }
    return NULL;
}

static ut_status note_stop(ut_slack *slack, ut_status st)
{
    slack->stopped |= st != UT_OK;
    return st;
}

static ut_status reject(ut_slack *slack, const ut_json_element *element, int64_t byte, const char *reason, ut_err *err)
{
    ut_reject dead = {
        .source = UT_STR("slack"),
        .path = ut_str_of(slack->place),
        .byte = byte,
        .format = UT_FORMAT_SLACK,
        .reason = ut_str_of(reason),
        .payload = ut_str_slice(element->raw, 0, UT_REJECT_BYTES_MAX),
    };
    return note_stop(slack, slack->sink->reject(slack->sink->ctx, &dead, err));
}

static ut_status reject_broken(ut_slack *slack, const ut_json_element *element, ut_err *err)
{
    char reason[400];
    bool inside = element->wrong_byte != element->byte; /* then `wrong` counts from the record's beginning */
    (void)snprintf(reason, sizeof reason, inside ? "%2$s of the record that begins at byte %1$lld" :
                   "what begins at byte %1$lld %2$s", (long long)element->byte, element->wrong);
    return reject(slack, element, element->wrong_byte, reason, err);
}

/* "slack:" and the id in upper case: exports write <@u024> and <@U024> for the same person. */
static void put_handle(ut_buf *to, ut_str id)
{
    ut_buf_puts(to, "slack:");
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        ut_buf_byte(to, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
}

/* Indexes ---------------------------------------------------------------------------------------------------------- */

static ut_status add_conversation(ut_slack *slack, ut_str folder, ut_str id, ut_channel_kind kind, ut_err *err)
{
    uint64_t *slot = ut_map_put(&slack->conversations, folder);
    if (!slot) {
        bool full = slack->conversations.count >= CONVERSATIONS_MAX;
        return ut_fail(err, full ? UT_LIMIT : UT_NOMEM, "%s: %s", slack->place,
                       full ? "more conversations than an export may have" : "memory ended");
    }
    if (*slot != 0) {
        return UT_OK; /* the first entry counts */
    }
    *slot = (uint64_t)slack->ids.len * 8 + (uint64_t)kind;
    ut_buf_put(&slack->ids, id);
    ut_buf_byte(&slack->ids, '\0');
    return slack->ids.failed == UT_OK ? UT_OK : ut_fail(err, slack->ids.failed, "%s: too many names", slack->place);
}

typedef struct ut_slack_index {
    ut_slack *slack;
    const ut_slack_name *file;
} ut_slack_index;

static ut_status take_conversation(void *ctx, const ut_json_element *element, bool *ret_taken, ut_err *err)
{
    const ut_slack_index *index = ctx;
    ut_slack *slack = index->slack;
    ut_str id = ut_json_str(element->node, "id");
    if (element->doubtful && !id.len) {
        *ret_taken = false;
        return UT_OK;
    }
    if (!element->node) {
        return reject_broken(slack, element, err);
    }
    if (!id.len || id.len > ID_BYTES_MAX || memchr(id.ptr, '\0', id.len)) {
        return reject(slack, element, element->byte, "a conversation needs an \"id\", a string", err);
    }
    ut_channel_kind kind = index->file->kind;
    if (kind == UT_CHANNEL_PUBLIC) {
        kind = ut_json_bool(element->node, "is_mpim")      ? UT_CHANNEL_GROUP_DIRECT
               : ut_json_bool(element->node, "is_im")      ? UT_CHANNEL_DIRECT
               : ut_json_bool(element->node, "is_private") ? UT_CHANNEL_PRIVATE
                                                           : kind;
    }
    ut_str name = ut_json_str(element->node, "name");
    ut_status st = name.len ? add_conversation(slack, name, id, kind, err) : UT_OK;
    return st == UT_OK ? add_conversation(slack, id, id, kind, err) : st;
}

static ut_str first_text(ut_str a, ut_str b, ut_str c)
{
    return a.len ? a : b.len ? b : c;
}

static ut_status take_user(void *ctx, const ut_json_element *element, bool *ret_taken, ut_err *err)
{
    const ut_slack_index *index = ctx;
    ut_slack *slack = index->slack;
    const ut_json_node *user = element->node;
    ut_str id = ut_json_str(user, "id");
    if (element->doubtful && !id.len) {
        *ret_taken = false;
        return UT_OK;
    }
    if (!user) {
        return reject_broken(slack, element, err);
    }
    if (!id.len || id.len > ID_BYTES_MAX) {
        return reject(slack, element, element->byte, "a user needs an \"id\", a string", err);
    }
    const ut_json_node *profile = ut_json_get(user, "profile");
    ut_str name = first_text(ut_json_str(profile, "real_name"), ut_json_str(user, "real_name"),
                             first_text(ut_json_str(profile, "display_name"), ut_json_str(user, "name"), (ut_str){0}));
    ut_buf_clear(&slack->author);
    put_handle(&slack->author, id);
    if (slack->author.failed != UT_OK) {
        return ut_fail(err, slack->author.failed, "memory ended while reading users");
    }
    ut_person_hint hint = {
        .handle = ut_buf_str(&slack->author),
        .address = ut_json_str(profile, "email"),
        .name = name,
        .time_zone = ut_json_str(user, "tz"),
        .bot = ut_json_bool(user, "is_bot") || ut_json_bool(user, "is_workflow_bot") ||
               ut_str_eq(ut_buf_str(&slack->author), UT_STR("slack:USLACKBOT")),
    };
    return note_stop(slack, slack->sink->person(slack->sink->ctx, &hint, err));
}

/* Messages --------------------------------------------------------------------------------------------------------- */

static bool is_one_of(ut_str text, const char *const *list)
{
    for (; *list; list++) {
        if (ut_str_eq(text, ut_str_of(*list))) {
            return true;
        }
    }
    return false;
}

static ut_str user_of(const ut_json_node *message)
{
    ut_str user = ut_json_str(message, "user");
    if (!user.len) {
        user = ut_json_str(ut_json_get(message, "comment"), "user"); /* file_comment */
    }
    return user.len ? user : ut_json_str(message, "bot_id");
}

static bool is_machine(const ut_json_node *message)
{
    static const char *const human[] = {"", "me_message", "thread_broadcast", "file_share", "file_comment", NULL};
    return !is_one_of(ut_json_str(message, "subtype"), human) || ut_json_str(message, "bot_id").len > 0 ||
           ut_json_bool(message, "hidden") || ut_str_eq(ut_json_str(message, "user"), UT_STR("USLACKBOT"));
}

/* message_changed carries the new message whole: a newer version of it. */
static const char *look_at_changed(ut_slack_view *view, const ut_json_node *envelope)
{
    view->message = ut_json_get(envelope, "message");
    if (!ut_json_is(view->message, UT_JSON_OBJECT)) {
        return "a message_changed needs \"message\", an object";
    }
    (void)ut_time_parse_epoch(ut_json_str(envelope, "ts"), &view->edited_us);
    return NULL;
}

const char *ut_slack__look(ut_slack_view *ret, const ut_json_node *object)
{
    if (!ut_json_is(object, UT_JSON_OBJECT)) {
        return "a message must be an object";
    }
    const ut_json_node *type = ut_json_get(object, "type");
    if (type && !ut_str_eq(type->text, UT_STR("message"))) {
        return "\"type\" must be \"message\"";
    }
    ut_slack_view view = {.message = object};
    ut_str subtype = ut_json_str(object, "subtype");
    const char *ts_name = "ts";
    if (ut_str_eq(subtype, UT_STR("message_changed"))) {
        const char *wrong = look_at_changed(&view, object);
        if (wrong) {
            return wrong;
        }
        subtype = ut_json_str(view.message, "subtype");
    } else if (ut_str_eq(subtype, UT_STR("message_deleted"))) {
        view.deleted = true;
        ts_name = "deleted_ts";
        (void)ut_time_parse_epoch(ut_json_str(object, "ts"), &view.edited_us);
    }
    view.ts = ut_json_str(view.message, ts_name);
    if (!view.ts.len) {
        return view.deleted ? "a message_deleted needs \"deleted_ts\", a string" : "a message needs \"ts\", a string";
    }
    if (!ut_time_parse_epoch(view.ts, &view.at_us)) {
        return "\"ts\" must be seconds and microseconds, like \"1712345678.123456\"";
    }
    (void)ut_time_parse_epoch(ut_json_str(ut_json_get(view.message, "edited"), "ts"), &view.edited_us);
    const ut_json_node *writer = view.deleted ? ut_json_get(object, "previous_message") : view.message;
    view.user = user_of(writer);
    view.machine = view.deleted ? writer && is_machine(writer) : is_machine(view.message);
    view.deleted |= ut_str_eq(subtype, UT_STR("tombstone"));
    *ret = view;
    return NULL;
}

static ut_str name_of(const ut_json_node *message)
{
    const ut_json_node *profile = ut_json_get(message, "user_profile");
    ut_str name = first_text(ut_json_str(profile, "real_name"), ut_json_str(profile, "display_name"),
                             ut_json_str(message, "username"));
    return name.len ? name : ut_json_str(ut_json_get(message, "bot_profile"), "name");
}

static ut_status deliver(ut_slack *slack, const ut_slack_view *view, const ut_json_element *element, ut_err *err)
{
    ut_buf_clear(&slack->id);
    ut_buf_put(&slack->id, slack->conversation);
    ut_buf_byte(&slack->id, ':');
    ut_buf_put(&slack->id, view->ts);
    ut_buf_clear(&slack->author);
    if (view->user.len) {
        put_handle(&slack->author, view->user);
    }
    if (slack->id.failed == UT_NOMEM || slack->author.failed == UT_NOMEM) {
        return ut_fail(err, UT_NOMEM, "memory ended while reading messages");
    }
    if (slack->id.failed != UT_OK || slack->author.failed != UT_OK) {
        return reject(slack, element, element->byte, "\"ts\" or \"user\" is longer than an id may be", err);
    }
    ut_record record = {
        .kind = UT_RECORD_MESSAGE,
        .format = UT_FORMAT_SLACK,
        .source = UT_STR("slack"),
        .id = ut_buf_str(&slack->id),
        .author = ut_buf_str(&slack->author),
        .author_name = name_of(view->message),
        .channel = slack->conversation,
        .channel_name = slack->conversation_name,
        .channel_kind = slack->kind,
        .at_us = view->at_us,
        .edited_us = view->edited_us,
        .deleted = view->deleted,
        .machine = view->machine,
        .payload = view->message->raw,
        .byte = element->byte,
    };
    return note_stop(slack, slack->sink->record(slack->sink->ctx, &record, err));
}

static ut_status take_message(void *ctx, const ut_json_element *element, bool *ret_taken, ut_err *err)
{
    ut_slack *slack = ctx;
    if (!element->node) {
        return reject_broken(slack, element, err);
    }
    ut_slack_view view;
    const char *wrong = ut_slack__look(&view, element->node);
    if (wrong && element->doubtful) {
        *ret_taken = false; /* a part of the broken message before it */
        return UT_OK;
    }
    return wrong ? reject(slack, element, element->byte, wrong, err) : deliver(slack, &view, element, err);
}

/* Files ------------------------------------------------------------------------------------------------------------ */

/* Cuts "any/general/2024-01-02.json" into the file and the folder right above it ("" at the top). */
static ut_str cut_name(ut_str name, ut_str *ret_folder)
{
    ut_str folder = {0}, file = name;
    for (size_t slash; (slash = ut_str_find_byte(file, '/', 0)) != UT_NPOS;) {
        folder = ut_str_slice(file, 0, slash);
        file = ut_str_slice(file, slash + 1, file.len);
    }
    *ret_folder = folder;
    return file;
}

/* Files that operating systems leave in folders and archives. */
static bool is_litter(ut_str name, ut_str file)
{
    return ut_str_starts(file, UT_STR(".")) || ut_str_starts(name, UT_STR("__MACOSX/")) ||
           ut_str_eq(file, UT_STR("Thumbs.db")) || ut_str_eq(file, UT_STR("desktop.ini"));
}

static void note_place(ut_slack *slack, ut_str name)
{
    size_t len = strlen(slack->path);
    while (len > 1 && slack->path[len - 1] == '/') {
        len--;
    }
    (void)snprintf(slack->place, sizeof slack->place, "%.*s/" UT_STR_FMT, (int)len, slack->path, UT_STR_ARG(name));
}

static ut_status visit_index(void *ctx, ut_str name, ut_stream *content, ut_err *err)
{
    ut_slack *slack = ctx;
    ut_str folder, file = cut_name(name, &folder);
    const ut_slack_name *known = is_litter(name, file) ? NULL : find_name(file);
    if (!known || known->unsupported) {
        return UT_OK;
    }
    note_place(slack, name);
    ut_slack_index index = {.slack = slack, .file = known};
    return ut_json_array_read(slack->json, content, known->users ? take_user : take_conversation, &index, err);
}

/* Shapes that no channel's name has: those are lower case, and "mpdm-" is Slack's own. */
static ut_channel_kind guess_kind(ut_str folder)
{
    if (ut_str_starts(folder, UT_STR("mpdm-"))) {
        return UT_CHANNEL_GROUP_DIRECT;
    }
    bool id = folder.len >= 8 && folder.ptr[0] == 'D';
    for (size_t i = 0; id && i < folder.len; i++) {
        char c = folder.ptr[i];
        id = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    }
    return id ? UT_CHANNEL_DIRECT : UT_CHANNEL_PUBLIC;
}

static ut_status read_day(ut_slack *slack, ut_str folder, ut_stream *content, ut_err *err)
{
    const uint64_t *entry = ut_map_get(&slack->conversations, folder);
    slack->conversation = entry ? ut_str_of(slack->ids.ptr + *entry / 8) : folder;
    slack->conversation_name = folder;
    slack->kind = entry ? (ut_channel_kind)(*entry % 8) : guess_kind(folder);
    return ut_json_array_read(slack->json, content, take_message, slack, err);
}

static ut_status visit_rest(void *ctx, ut_str name, ut_stream *content, ut_err *err)
{
    ut_slack *slack = ctx;
    ut_str folder, file = cut_name(name, &folder);
    if (is_litter(name, file)) {
        return UT_OK;
    }
    note_place(slack, name);
    if (ut_detect__is_day(file) && folder.len) {
        return read_day(slack, folder, content, err);
    }
    const ut_slack_name *known = find_name(file);
    if (known && !known->unsupported) {
        return UT_OK;
    }
    bool canvas = ut_str_starts(file, UT_STR("canvas")) || ut_str_eq(folder, UT_STR("canvases"));
    const char *what = known                               ? known->unsupported
                       : ut_str_ends(file, UT_STR(".txt")) ? "Slack text export"
                       : canvas                            ? "Slack canvases"
                                                           : "a file that is no part of a Slack export";
    return note_stop(slack, slack->sink->unsupported(slack->sink->ctx, ut_str_of(slack->place), ut_str_of(what), err));
}

static void close_slack(ut_slack *slack)
{
    if (slack) {
        ut_map_free(&slack->conversations);
        ut_buf_free(&slack->ids);
        ut_buf_free(&slack->id);
        ut_buf_free(&slack->author);
        ut_json_close(&slack->json);
        ut_mem_free(slack);
    }
}

static ut_status open_slack(ut_slack **ret, const ut_sink *sink, const char *path, ut_err *err)
{
    ut_slack *slack = ut_mem_zeroed(1, sizeof *slack);
    if (!slack) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening %s", path);
    }
    slack->sink = sink;
    slack->path = path;
    slack->conversations = ut_map_make(CONVERSATIONS_MAX);
    slack->ids = ut_buf_make(CONVERSATION_BYTES_MAX);
    slack->id = ut_buf_make(2 * ID_BYTES_MAX);
    slack->author = ut_buf_make(2 * ID_BYTES_MAX);
    ut_status st = ut_json_open(&slack->json, err);
    if (st != UT_OK) {
        close_slack(slack);
        return st;
    }
    *ret = slack;
    return UT_OK;
}

ut_status ut_slack_read(const ut_sink *sink, const char *path, ut_err *err)
{
    ut_slack *slack = NULL;
    ut_status st = open_slack(&slack, sink, path, err);
    if (st != UT_OK) {
        return st;
    }
    /* A damaged archive is reported after its days were read as far as they go. */
    ut_status first = ut_tree_walk(path, visit_index, slack, err);
    st = first;
    if (first == UT_OK || (first != UT_NOMEM && !slack->stopped)) {
        ut_err late = {0};
        st = ut_tree_walk(path, visit_rest, slack, &late);
        if (st != UT_OK && err) {
            *err = late;
        }
        st = st == UT_OK ? first : st;
    }
    close_slack(slack);
    return st;
}

ut_status ut_slack__read_file(const ut_sink *sink, ut_str name, ut_stream *content, ut_err *err)
{
    ut_slack *slack = NULL;
    ut_status st = open_slack(&slack, sink, "export", err);
    if (st == UT_OK) {
        ut_str folder;
        const ut_slack_name *known = find_name(cut_name(name, &folder));
        bool index = known && !known->unsupported;
        st = index ? visit_index(slack, name, content, err) : visit_rest(slack, name, content, err);
    }
    close_slack(slack);
    return st;
}
