/* codec/stream.c — streams over memory and files, and the walk over a folder or file; archives: codec/archive.c.
 *
 * A folder is walked depth first; recursion ends at UT_TREE_DEPTH_MAX. The names of one folder are held in memory (they
 * must be sorted), in a scratch arena that each level passes on by value: a subfolder's names are gone when it is left.
 */
#include "codec/stream.h"
#include "codec/archive.h"

#include <stdio.h>

/* Address space for the names on the way down: some three million files in one folder. */
#define NAMES_BYTES (256 * UT_MIB)

static ut_status read_memory(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    (void)err;
    ut_stream_memory *state = ctx;
    size_t len = state->rest.len < room ? state->rest.len : room;
    if (len) {
        memcpy(to, state->rest.ptr, len);
    }
    state->rest = ut_str_slice(state->rest, len, state->rest.len);
    *ret_len = len;
    return UT_OK;
}

ut_stream ut_stream_of_memory(ut_stream_memory *state, ut_str bytes)
{
    state->rest = bytes;
    return (ut_stream){.ctx = state, .read = read_memory, .size_bytes = (int64_t)bytes.len};
}

static ut_status read_file(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    ut_stream_file *state = ctx;
    ut_err why = {0};
    ut_status st = ut_file_read(&state->file, to, room, ret_len, &why);
    return st == UT_OK ? UT_OK : ut_fail(err, st, "%s: %s", state->name, why.message);
}

ut_stream ut_stream_of_file(ut_stream_file *state, int64_t size_bytes)
{
    return (ut_stream){.ctx = state, .read = read_file, .size_bytes = size_bytes};
}

ut_status ut_stream_fill(ut_stream *stream, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    size_t len = 0;
    while (len < room) {
        size_t n = 0;
        ut_status st = stream->read(stream->ctx, to + len, room - len, &n, err);
        if (st != UT_OK) {
            return st;
        }
        if (n == 0) {
            break;
        }
        len += n;
    }
    *ret_len = len;
    return UT_OK;
}

ut_status ut_stream_slurp(ut_stream *stream, ut_buf *to, ut_err *err)
{
    for (;;) {
        /* One byte more than fits tells a full buffer from a stream that is too long. */
        size_t left = to->cap - to->len;
        size_t want = left < 64 * UT_KIB ? left : 64 * UT_KIB;
        char probe;
        char *into = want ? ut_buf_reserve(to, want) : &probe;
        if (!into) {
            return ut_fail(err, to->failed, "memory ended while reading");
        }
        size_t len = 0;
        ut_status st = stream->read(stream->ctx, into, want ? want : 1, &len, err);
        if (st != UT_OK || len == 0) {
            return st;
        }
        if (!want) {
            return ut_fail(err, UT_LIMIT, "longer than the %zu bytes allowed", to->cap);
        }
        to->len += len;
    }
}

/* A walk over a folder. */
typedef struct ut_tree {
    ut_tree_visit visit;
    void *ctx;
    size_t root_len;              /* of the path before the names that visitors see, slash included */
    char path[UT_PATH_BYTES_MAX]; /* where the walk stands */
} ut_tree;

static ut_status visit_file(ut_tree *tree, ut_err *err)
{
    ut_stream_file state = {.file = {-1}, .name = tree->path};
    ut_file_stamp stamp;
    ut_status st = ut_file_stat(&stamp, tree->path, err);
    if (st == UT_OK) {
        st = ut_file_open_read(&state.file, tree->path, err);
    }
    if (st == UT_OK) {
        ut_stream stream = ut_stream_of_file(&state, stamp.size_bytes);
        st = tree->visit(tree->ctx, ut_str_of(tree->path + tree->root_len), &stream, err);
    }
    ut_file_close(&state.file);
    return st;
}

static ut_status walk_folder(ut_tree *tree, size_t path_len, int depth, ut_arena scratch, ut_err *err)
{
    if (depth == UT_TREE_DEPTH_MAX) {
        return ut_fail(err, UT_LIMIT, "%s: folders are nested more than %d deep", tree->path, UT_TREE_DEPTH_MAX);
    }
    ut_str *names = NULL;
    size_t count = 0;
    ut_status st = ut_file_list(&scratch, &names, &count, tree->path, err);
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        if (path_len + 1 + names[i].len >= sizeof tree->path) {
            return ut_fail(err, UT_LIMIT, "%s/" UT_STR_FMT ": the path is too long", tree->path, UT_STR_ARG(names[i]));
        }
        tree->path[path_len] = '/';
        memcpy(tree->path + path_len + 1, names[i].ptr, names[i].len);
        size_t len = path_len + 1 + names[i].len;
        tree->path[len] = '\0';
        ut_file_kind kind = ut_file_kind_of(tree->path);
        if (kind == UT_FILE_FOLDER) {
            st = walk_folder(tree, len, depth + 1, scratch, err);
        } else if (kind == UT_FILE_PLAIN) {
            st = visit_file(tree, err);
        }
        tree->path[path_len] = '\0';
    }
    return st;
}

static ut_status walk_root_folder(const char *path, ut_tree_visit visit, void *ctx, ut_err *err)
{
    ut_tree tree = {.visit = visit, .ctx = ctx};
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    if (len >= sizeof tree.path) {
        return ut_fail(err, UT_LIMIT, "the path is too long: %.200s…", path);
    }
    memcpy(tree.path, path, len);
    tree.root_len = len + 1;
    ut_arena names;
    if (ut_arena_open(&names, NAMES_BYTES) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening %s", path);
    }
    ut_status st = walk_folder(&tree, len, 0, names, err);
    ut_arena_close(&names);
    return st;
}

/* A file whose first bytes were read already. */
typedef struct ut_begun_file {
    ut_stream_file rest;
    ut_str head;
} ut_begun_file;

static ut_status read_begun(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    ut_begun_file *begun = ctx;
    if (begun->head.len) {
        size_t len = begun->head.len < room ? begun->head.len : room;
        memcpy(to, begun->head.ptr, len);
        begun->head = ut_str_slice(begun->head, len, begun->head.len);
        *ret_len = len;
        return UT_OK;
    }
    return read_file(&begun->rest, to, room, ret_len, err);
}

static ut_status walk_archive(const char *path, int64_t size_bytes, ut_tree_visit visit, void *ctx, ut_err *err)
{
    /* Opened anew, because libarchive wants to see it from the first byte, also where it cannot be wound back. */
    ut_file file = {-1};
    ut_status st = ut_file_open_read(&file, path, err);
    if (st == UT_OK) {
        st = ut_archive__walk_file(ut_str_of(path), &file, size_bytes, visit, ctx, err);
    }
    ut_file_close(&file);
    return st;
}

static ut_str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return ut_str_of(slash ? slash + 1 : path);
}

ut_status ut_tree_walk(const char *path, ut_tree_visit visit, void *ctx, ut_err *err)
{
    ut_file_stamp stamp;
    ut_status st = ut_file_stat(&stamp, path, err);
    if (st != UT_OK) {
        return st;
    }
    if (stamp.folder) {
        return walk_root_folder(path, visit, ctx, err);
    }
    char head[UT_SNIFF_BYTES];
    ut_begun_file begun = {.rest = {.file = {-1}, .name = path}};
    st = ut_file_open_read(&begun.rest.file, path, err);
    ut_stream stream = ut_stream_of_file(&begun.rest, -1);
    if (st == UT_OK) {
        st = ut_stream_fill(&stream, head, sizeof head, &begun.head.len, err);
    }
    begun.head.ptr = head;
    bool plain_file = ut_file_kind_of(path) == UT_FILE_PLAIN || ut_file_kind_of(path) == UT_FILE_LINK;
    if (st == UT_OK && plain_file && ut_archive_is(begun.head)) {
        ut_file_close(&begun.rest.file);
        return walk_archive(path, stamp.size_bytes, visit, ctx, err);
    }
    if (st == UT_OK) {
        stream = (ut_stream){.ctx = &begun, .read = read_begun, .size_bytes = plain_file ? stamp.size_bytes : -1};
        st = visit(ctx, base_name(path), &stream, err);
    }
    ut_file_close(&begun.rest.file);
    return st;
}
