/* codec/stream.h — bytes from somewhere, in order, once; and walks over folders and archives that yield such streams.
 *
 *     static ut_status visit(void *ctx, ut_str name, ut_stream *content, ut_err *err) { … }
 *     st = ut_tree_walk("export.zip", visit, ctx, &err);
 *
 * A walk over a folder goes in byte order of the names (so that a run can be repeated), over an archive in its own order.
 */
#ifndef UT_CODEC_STREAM_H
#define UT_CODEC_STREAM_H

#include "base/base.h"

typedef struct ut_stream {
    void *ctx;
    /* Up to `room` bytes into `to`; *ret_len = 0 means the end. Errors name the source. */
    ut_status (*read)(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err);
    int64_t size_bytes; /* -1 when unknown */
} ut_stream;

/* A stream over bytes in memory; `state` is the caller's and must live as long. */
typedef struct ut_stream_memory {
    ut_str rest;
} ut_stream_memory;
ut_stream ut_stream_of_memory(ut_stream_memory *state, ut_str bytes);

/* Reads all of it into `to` (whose cap bounds it). */
UT_MUST_CHECK ut_status ut_stream_slurp(ut_stream *stream, ut_buf *to, ut_err *err);

/* Called for every regular file. `name` is relative to the folder or archive ("general/2024-01-02.json"; for a single
 * plain file, its base name), borrowed for the call. A visitor need not read the content. Any status but UT_OK ends the walk. */
typedef ut_status (*ut_tree_visit)(void *ctx, ut_str name, ut_stream *content, ut_err *err);

/* Walks a folder (links are not followed), an archive that libarchive knows (zip, tar, gz of one file, …), or one plain
 * file. Members that unpack beyond UT_ARCHIVE_RATIO_MAX, or whose names leave the tree, end it with UT_INVALID naming
 * them; a cut-off archive gives UT_INVALID after the members before the cut. */
UT_MUST_CHECK ut_status ut_tree_walk(const char *path, ut_tree_visit visit, void *ctx, ut_err *err);

#endif
