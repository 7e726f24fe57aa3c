/* bronze/detect_json.c — whose JSON this is, told from member names.
 *
 * The first bytes of a file are rarely a whole document, so nothing is parsed: names are picked out with the number of
 * objects around them, which is the same for {"issues":[{"key":…}]} in one piece and for its beginning.
 */
#include "bronze/detect_int.h"

#include "base/base.h"

#define NAMES_MAX 400
#define LEVELS 3 /* names deeper than this don't matter */

typedef struct ut_json_names {
    ut_str names[NAMES_MAX];
    int levels[NAMES_MAX]; /* 1: of the outermost objects, or of those in an outermost array */
    size_t count;
} ut_json_names;

/* The end of the string that opens at `at`: behind its closing quote, or the end of text. */
static size_t skip_string(ut_str text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"'; at++) {
        at += text.ptr[at] == '\\';
    }
    return at < text.len ? at + 1 : text.len;
}

static bool colon_follows(ut_str text, size_t at)
{
    while (at < text.len && strchr(" \n\t\r", text.ptr[at]) && text.ptr[at]) {
        at++;
    }
    return at < text.len && text.ptr[at] == ':';
}

static void pick_names(ut_json_names *names, ut_str text)
{
    int level = 0;
    for (size_t at = 0; at < text.len && names->count < NAMES_MAX;) {
        char c = text.ptr[at];
        if (c != '"') {
            level += (c == '{') - (c == '}');
            at++;
            continue;
        }
        size_t end = skip_string(text, at);
        if (level >= 1 && level <= LEVELS && colon_follows(text, end)) {
            names->names[names->count] = ut_str_slice(text, at + 1, end - 1);
            names->levels[names->count++] = level;
        }
        at = end;
    }
}

static bool has(const ut_json_names *names, int level, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (names->levels[i] == level && ut_str_eq(names->names[i], ut_str_of(name))) {
            return true;
        }
    }
    return false;
}

/* One way to know a kind: all names given, '1:' or '2:' telling the level. */
typedef struct ut_json_mark {
    const char *names[4];
    const char *what;
} ut_json_mark;

/* The first that fits counts. Names are those of the services' own documents. */
static const ut_json_mark marks[] = {
    {{"1@odata.context"}, "Microsoft Graph JSON"},
    {{"1chatId", "1messageType"}, "Microsoft Graph JSON"},
    {{"1threadId", "1labelIds"}, "Gmail JSON"},
    {{"1messages", "1resultSizeEstimate"}, "Gmail JSON"},
    {{"1iCalUID", "1kind"}, "Google Calendar JSON"},
    {{"1items", "1kind", "1etag"}, "Google Calendar JSON"},
    {{"1webhookEvent"}, "Jira JSON"},
    {{"1issues", "1startAt"}, "Jira JSON"},
    {{"1issues", "2fields"}, "Jira JSON"},
    {{"1comments", "1startAt"}, "Jira JSON"},
    {{"1fields", "1key"}, "Jira JSON"},
    {{"1fields", "1self"}, "Jira JSON"},
    {{"1object_kind"}, "GitLab JSON"},
    {{"1iid", "1project_id"}, "GitLab JSON"},
    {{"1noteable_type"}, "GitLab JSON"},
    {{"1base_commit_sha"}, "GitLab JSON"},
    {{"1authored_date", "1short_id"}, "GitLab JSON"},
    {{"1node_id"}, "GitHub JSON"},
    {{"1author_association"}, "GitHub JSON"},
    {{"1repository_url", "1labels_url"}, "GitHub JSON"},
    {{"1login", "1repos_url"}, "GitHub JSON"},
    {{"1repository", "1sender"}, "GitHub JSON"},
    {{"1actor", "1repo", "1payload"}, "GitHub JSON"},
    {{"1order", "1posts"}, "Mattermost"},
    {{"1create_at", "1delete_at"}, "Mattermost"},
    {{"1zerver_realm"}, "Zulip"},
    {{"1zerver_message"}, "Zulip"},
    {{"1sender_full_name", "1display_recipient"}, "Zulip"},
    {{"1messages", "1found_newest"}, "Zulip"},
    {{"1sender_full_name", "1content"}, "Zulip"},
    {{"1fromUser", "1readBy"}, "Gitter"},
    {{"1avatarUrl", "1userCount"}, "Gitter"},
    {{"1result", "1error_code", "1error_info"}, "Phabricator JSON"},
    {{"1ok", "1messages"}, "Slack Web API answer"},
    {{"1ok", "1members"}, "Slack Web API answer"},
    {{"1ok", "1channel"}, "Slack Web API answer"},
    {{"1ok", "1channels"}, "Slack Web API answer"},
    {{"1ok", "1user"}, "Slack Web API answer"},
    {{"1type", "1ts"}, "Slack messages outside their export"},
    {{"1id", "1team_id", "1profile"}, "Slack index outside its export"},
    {{"1id", "1creator", "1members", "1created"}, "Slack index outside its export"},
};

static bool fits(const ut_json_names *names, const ut_json_mark *mark)
{
    for (size_t i = 0; i < sizeof mark->names / sizeof *mark->names && mark->names[i]; i++) {
        if (!has(names, mark->names[i][0] - '0', mark->names[i] + 1)) {
            return false;
        }
    }
    return true;
}

/* Mattermost's bulk export is lines whose first says {"type":"version","version":1}. */
static bool is_mattermost_bulk(const ut_json_names *names, ut_str first_line)
{
    return has(names, 1, "type") && has(names, 1, "version") && ut_str_has(first_line, UT_STR("\"version\""));
}

bool ut_detect__is_slack_part(const ut_detected *found)
{
    return found->kind == UT_INPUT_UNSUPPORTED && (ut_str_starts(ut_str_of(found->what), UT_STR("Slack messages")) ||
                                                   ut_str_starts(ut_str_of(found->what), UT_STR("Slack index")));
}

ut_detected ut_detect__json(ut_str name, ut_str head)
{
    ut_json_names names;
    names.count = 0;
    pick_names(&names, head);
    ut_str rest = head, line = {0};
    (void)ut_str_line(&rest, &line);
    bool google = ut_str_has(head, UT_STR("\"calendar#event"));
    if (head.ptr[0] == '{' && has(&names, 1, "kind") && has(&names, 1, "source") && !google) {
        return (ut_detected){UT_INPUT_NDJSON, "NDJSON"};
    }
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (fits(&names, &marks[i])) {
            return (ut_detected){UT_INPUT_UNSUPPORTED, marks[i].what};
        }
    }
    if (is_mattermost_bulk(&names, line)) {
        return (ut_detected){UT_INPUT_UNSUPPORTED, "Mattermost"};
    }
    /* Lines of objects that lack what they need: the reader says of each what is missing. */
    bool lines = ut_str_ends(name, UT_STR(".ndjson")) || ut_str_ends(name, UT_STR(".jsonl"));
    if (head.ptr[0] == '{' && (lines || (has(&names, 1, "kind") && has(&names, 1, "author")))) {
        return (ut_detected){UT_INPUT_NDJSON, "NDJSON"};
    }
    return (ut_detected){UT_INPUT_UNKNOWN, "unknown"};
}
