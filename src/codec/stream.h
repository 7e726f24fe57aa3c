/* codec/stream.h — bytes from somewhere, in order, once; and walks over folders and archives that yield such streams.
 *
 *     static ut_status visit(void *ctx, ut_str name, ut_stream *content, ut_err *err) { … }
 *     st = ut_tree_walk("export.zip", visit, ctx, &err);
 *
 * A walk over a folder goes in byte order of the names, so that runs repeat; over an archive in its own order.
 */
#ifndef UT_CODEC_STREAM_H
#define UT_CODEC_STREAM_H

#include "base/base.h"
#include "os/file.h"

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

/* A stream over an open file, from where it stands; `state` is the caller's, who also closes the file. */
typedef struct ut_stream_file {
    ut_file file;
    const char *name; /* for messages */
} ut_stream_file;
ut_stream ut_stream_of_file(ut_stream_file *state, int64_t size_bytes);

/* Up to `room` bytes, less only at the end: what read does, repeated. */
UT_MUST_CHECK ut_status ut_stream_fill(ut_stream *stream, char *to, size_t room, size_t *ret_len, ut_err *err);
/* Reads all of it into `to` (whose cap bounds it). */
UT_MUST_CHECK ut_status ut_stream_slurp(ut_stream *stream, ut_buf *to, ut_err *err);

/* Called for every regular file. `name` is relative to the folder or archive ("general/2024-01-02.json"; for a single
 * plain file, its base name), borrowed for the call. A visitor need not read the content. Any status but UT_OK ends
 * the walk. */
typedef ut_status (*ut_tree_visit)(void *ctx, ut_str name, ut_stream *content, ut_err *err);

/* Walks a folder (links are not followed, devices and pipes not opened), an archive (zip, tar, also compressed by gzip,
 * bzip2, xz or zstd; or one file compressed by one of these), or one plain file. What a file is, is told from its first
 * bytes. Inside a folder or an archive archives are just files.
 * Members that unpack beyond UT_ARCHIVE_RATIO_MAX, are encrypted, or whose names leave the tree, end it with UT_INVALID
 * naming them; links in archives are passed over. A cut-off archive gives UT_INVALID after the members before the cut;
 * of the member that was cut the visitor can read what is there, then its read fails. */
UT_MUST_CHECK ut_status ut_tree_walk(const char *path, ut_tree_visit visit, void *ctx, ut_err *err);

/* true when these first bytes (UT_SNIFF_BYTES, or all) begin an archive or compressed file that walks look into. */
#define UT_SNIFF_BYTES 512
bool ut_archive_is(ut_str head);
/* ut_tree_walk over an archive in memory. `name` stands for its path in messages and names a lone compressed file. */
UT_MUST_CHECK ut_status ut_archive_walk_bytes(ut_str name, ut_str bytes, ut_tree_visit visit, void *ctx, ut_err *err);

/* The deepest folder within a folder that a walk enters. */
#define UT_TREE_DEPTH_MAX 32

#endif
