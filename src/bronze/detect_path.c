/* bronze/detect_path.c — what a path is: the shape of a folder, the list of an archive, else the first bytes.
 *
 * A Slack export is known by days ("general/2024-01-02.json") that hold Slack messages, or by an index of people or
 * conversations at the top; an archive may hold it one folder deeper. Looking into an archive ends with the first sign
 * either way, and after MEMBERS_LOOKED_AT members.
 */
#include "bronze/detect_int.h"

#include "codec/stream.h"

#include <stdio.h>

#define MEMBERS_LOOKED_AT 2000
#define NAMES_BYTES (256 * UT_MIB) /* address space for the names in a folder */
#define FOLDERS_LOOKED_AT 50

static ut_status detect_stream(ut_detected *ret, ut_str name, ut_stream *content, ut_err *err)
{
    char *head = ut_mem_alloc(UT_DETECT_BYTES);
    if (!head) {
        return ut_fail(err, UT_NOMEM, "memory ended while looking at an input");
    }
    size_t len = 0;
    ut_status st = ut_stream_fill(content, head, UT_DETECT_BYTES, &len, err);
    if (st == UT_OK) {
        *ret = ut_detect_bytes(name, (ut_str){head, len}, len < UT_DETECT_BYTES);
    }
    ut_mem_free(head);
    return st;
}

static ut_status detect_file(ut_detected *ret, const char *path, ut_err *err)
{
    ut_stream_file state = {.file = {-1}, .name = path};
    ut_status st = ut_file_open_read(&state.file, path, err);
    if (st == UT_OK) {
        ut_stream stream = ut_stream_of_file(&state, -1);
        st = detect_stream(ret, ut_str_of(path), &stream, err);
    }
    ut_file_close(&state.file);
    return st;
}

/* users.json, channels.json, … : the names that Slack gives its indexes. */
static bool is_index_name(ut_str file)
{
    static const char *const names[] = {"users.json",  "org_users.json", "channels.json",
                                        "groups.json", "dms.json",       "mpims.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (ut_str_eq(file, ut_str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

/* Archives --------------------------------------------------------------------------------------------------------- */

typedef struct ut_archive_look {
    int members;
    bool slack;
} ut_archive_look;

static ut_status look_at_member(void *ctx, ut_str name, ut_stream *content, ut_err *err)
{
    ut_archive_look *look = ctx;
    ut_str file = ut_detect__file_name(name);
    if (++look->members > MEMBERS_LOOKED_AT) {
        return UT_INTERRUPTED;
    }
    if (!ut_str_starts(name, UT_STR("__MACOSX/")) && (is_index_name(file) || ut_detect__is_day(file))) {
        ut_detected found = {UT_INPUT_UNKNOWN, ""};
        ut_status st = detect_stream(&found, name, content, err);
        look->slack = ut_detect__is_slack_part(&found);
        return st == UT_OK && look->slack ? UT_INTERRUPTED : st;
    }
    return UT_OK;
}

static ut_status detect_archive(ut_detected *ret, const char *path, ut_err *err)
{
    ut_archive_look look = {0};
    ut_err why = {0};
    ut_status st = ut_tree_walk(path, look_at_member, &look, &why);
    if (st == UT_NOMEM) {
        return ut_fail(err, st, "%s", why.message);
    }
    /* A damaged archive is still one: its reader tells where it breaks off. */
    *ret = look.slack ? (ut_detected){UT_INPUT_SLACK, "Slack export"} : (ut_detected){UT_INPUT_ARCHIVE, "archive"};
    return UT_OK;
}

/* Folders ---------------------------------------------------------------------------------------------------------- */

typedef struct ut_folder_look {
    char path[UT_PATH_BYTES_MAX];
    size_t len; /* of the folder's own path */
    ut_str *names;
    size_t count;
} ut_folder_look;

static ut_status open_folder(ut_folder_look *look, ut_arena *names, const char *path, ut_err *err)
{
    look->len = strlen(path);
    if (look->len + 1 >= sizeof look->path) {
        return ut_fail(err, UT_LIMIT, "the path is too long: %.200s…", path);
    }
    memcpy(look->path, path, look->len + 1);
    return ut_file_list(names, &look->names, &look->count, path, err);
}

/* look->path with the name behind it; false when that would be too long. */
static bool enter(ut_folder_look *look, ut_str name)
{
    if (look->len + 1 + name.len >= sizeof look->path) {
        return false;
    }
    look->path[look->len] = '/';
    memcpy(look->path + look->len + 1, name.ptr, name.len);
    look->path[look->len + 1 + name.len] = '\0';
    return true;
}

static bool is_slack_file(ut_folder_look *look, ut_str name)
{
    ut_detected found = {UT_INPUT_UNKNOWN, ""};
    return enter(look, name) && ut_file_kind_of(look->path) == UT_FILE_PLAIN &&
           detect_file(&found, look->path, NULL) == UT_OK && ut_detect__is_slack_part(&found);
}

/* true when the first day in this subfolder holds Slack messages. */
static bool has_slack_day(ut_arena scratch, const char *path)
{
    ut_folder_look *look = ut_new(&scratch, ut_folder_look, 1);
    if (!look || open_folder(look, &scratch, path, NULL) != UT_OK) {
        return false;
    }
    for (size_t i = 0; i < look->count; i++) {
        if (ut_detect__is_day(look->names[i])) {
            return is_slack_file(look, look->names[i]);
        }
    }
    return false;
}

static bool has_name(const ut_folder_look *look, const char *name)
{
    for (size_t i = 0; i < look->count; i++) {
        if (ut_str_eq(look->names[i], ut_str_of(name))) {
            return true;
        }
    }
    return false;
}

static ut_detected look_at_folder(ut_folder_look *look, ut_arena scratch)
{
    if (has_name(look, "cur") && has_name(look, "new")) {
        return (ut_detected){UT_INPUT_FOLDER, "Maildir"};
    }
    int folders = 0;
    for (size_t i = 0; i < look->count && folders < FOLDERS_LOOKED_AT; i++) {
        bool slack = is_index_name(look->names[i]) && is_slack_file(look, look->names[i]);
        if (!slack && enter(look, look->names[i]) && ut_file_kind_of(look->path) == UT_FILE_FOLDER) {
            folders++;
            slack = has_slack_day(scratch, look->path);
        }
        if (slack) {
            return (ut_detected){UT_INPUT_SLACK, "Slack export"};
        }
    }
    return (ut_detected){UT_INPUT_FOLDER, "folder"};
}

static ut_status detect_folder(ut_detected *ret, const char *path, ut_err *err)
{
    ut_arena names;
    if (ut_arena_open(&names, NAMES_BYTES) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while looking at %s", path);
    }
    ut_folder_look *look = ut_new(&names, ut_folder_look, 1);
    ut_status st = open_folder(look, &names, path, err);
    if (st == UT_OK) {
        *ret = look_at_folder(look, names);
    }
    ut_arena_close(&names);
    return st;
}

ut_status ut_detect_path(ut_detected *ret, const char *path, ut_err *err)
{
    ut_file_stamp stamp;
    ut_status st = ut_file_stat(&stamp, path, err);
    if (st != UT_OK) {
        return st;
    }
    if (stamp.folder) {
        return detect_folder(ret, path, err);
    }
    if (ut_file_kind_of(path) == UT_FILE_OTHER) {
        *ret = (ut_detected){UT_INPUT_UNSUPPORTED, "a pipe or device"}; /* looking would take its bytes away */
        return UT_OK;
    }
    ut_detected found;
    st = detect_file(&found, path, err);
    if (st == UT_OK && found.kind == UT_INPUT_ARCHIVE) {
        return detect_archive(ret, path, err);
    }
    if (st == UT_OK) {
        *ret = found;
    }
    return st;
}
