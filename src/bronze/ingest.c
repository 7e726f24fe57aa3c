/* bronze/ingest.c — walks the paths given, asks what each thing is, and lets its reader deliver into the intake.
 *
 * A unit is what one reader takes: a file, or a whole Slack export. Units read to their end leave a stamp (size, times,
 * inode); as long as it is the same the next run counts their records as duplicates without opening them.
 */
#include "base/mem.h"
#include "bronze/detect.h"
#include "bronze/intake.h"
#include "bronze/source.h"
#include "people/people.h"
#include "undertone/ingest.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* Raised when readers come to deliver other records from the same bytes. */
#define READER_VERSION "1"

typedef struct ingest {
    ut_workspace *workspace;
    const ut_ingest_options *options;
    ut_intake *intake;
    ut_mail_worker *mail;
    ut_arena arena;           /* names of folders being walked */
    int64_t bytes_done, bytes_total;
    ut_people_counts people;
} ingest;

static void report_progress(ingest *in)
{
    if (in->options->progress) {
        in->options->progress(in->options->progress_ctx, "ingest", in->bytes_done, in->bytes_total);
    }
}

/* Stamps -------------------------------------------------------------------------------------------------------------
 */

/* Adds up a file or everything below a folder, in the order of names. */
static ut_status add_stamp(ut_buf *list, ut_arena scratch, const char *path, int depth, int64_t *bytes, ut_err *err)
{
    ut_file_stamp stamp = {0};
    ut_status st = ut_file_stat(&stamp, path, err);
    if (st != UT_OK) {
        return st;
    }
    ut_buf_format(list, "%s %lld %lld %lld %lld\n", path, (long long)stamp.size_bytes, (long long)stamp.modified_ns,
                  (long long)stamp.changed_ns, (long long)stamp.inode);
    if (!stamp.folder) {
        *bytes += stamp.size_bytes;
        return list->failed;
    }
    ut_str *names = NULL;
    size_t count = 0;
    st = depth < UT_TREE_DEPTH_MAX ? ut_file_list(&scratch, &names, &count, path, err) : UT_OK;
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        ut_str below = ut_arena_format(&scratch, "%s/" UT_STR_FMT, path, UT_STR_ARG(names[i]));
        st = below.ptr ? add_stamp(list, scratch, below.ptr, depth + 1, bytes, err) : UT_LIMIT;
        st = st == UT_NOT_FOUND ? UT_OK : st; /* a dangling link */
    }
    return st == UT_OK ? list->failed : st;
}

typedef struct unit_stamp {
    ut_digest path;
    ut_digest stamp;
    int64_t bytes;
} unit_stamp;

static ut_status stamp_unit(ingest *in, unit_stamp *ret, const char *path, ut_err *err)
{
    char *absolute = realpath(path, NULL); /* libc's memory, given back below */
    if (!absolute) {
        return ut_fail(err, UT_NOT_FOUND, "can't find %s", path);
    }
    ut_buf list = ut_buf_make(256 * UT_MIB);
    ut_buf_puts(&list, "reader " READER_VERSION "\n");
    if (in->intake) {
        ut_digest gate = ut_intake_gate_stamp(in->intake);
        ut_buf_put(&list, ut_digest_str(&gate));
    }
    ret->bytes = 0;
    ut_status st = add_stamp(&list, in->arena, path, 0, &ret->bytes, err);
    if (st == UT_OK) {
        ut_str where[] = {UT_STR("path"), ut_str_of(absolute)}, what[] = {UT_STR("stamp"), ut_buf_str(&list)};
        ret->path = ut_seal_digest(&in->workspace->keys.digest, where, 2);
        ret->stamp = ut_seal_digest(&in->workspace->keys.digest, what, 2);
    } else if (st == UT_LIMIT || st == UT_NOMEM) {
        (void)ut_fail(err, st, "%s has too many files", path);
    }
    ut_buf_free(&list);
    (free)(absolute);
    return st;
}

/* Reading ------------------------------------------------------------------------------------------------------------
 */

/* A stream that tells the progress on. */
typedef struct watched {
    ingest *in;
    ut_stream *inner;
} watched;

static ut_status read_watched(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    watched *w = ctx;
    ut_status st = w->inner->read(w->inner->ctx, to, room, ret_len, err);
    if (st == UT_OK) {
        w->in->bytes_done += (int64_t)*ret_len;
        report_progress(w->in);
    }
    return st;
}

static ut_status need_mail_worker(ingest *in, ut_err *err)
{
    return in->mail ? UT_OK : ut_mail_worker_open(&in->mail, err);
}

/* One plain file or archive member, already recognised. */
static ut_status read_stream(ingest *in, ut_detected found, ut_str path, ut_stream *stream, ut_err *err)
{
    const ut_sink *sink = ut_intake_sink(in->intake);
    watched w = {in, stream};
    ut_stream through = {.ctx = &w, .read = read_watched, .size_bytes = stream->size_bytes};
    ut_status st;
    switch (found.kind) {
    case UT_INPUT_MBOX:
        st = need_mail_worker(in, err);
        return st == UT_OK ? ut_mail_read_mbox(sink, in->mail, path, &through, err) : st;
    case UT_INPUT_EML:
        st = need_mail_worker(in, err);
        return st == UT_OK ? ut_mail_read_eml(sink, in->mail, path, &through, err) : st;
    case UT_INPUT_NDJSON:
        return ut_ndjson_read(sink, path, &through, err);
    case UT_INPUT_IGNORED:
        return UT_OK;
    default:
        return sink->unsupported(sink->ctx, path, ut_str_of(found.what), err);
    }
}

/* A stream whose first bytes were looked at already: they come again before the rest. */
typedef struct rewound {
    ut_str head;
    ut_stream *rest;
} rewound;

static ut_status read_rewound(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    rewound *r = ctx;
    if (r->head.len) {
        size_t n = r->head.len < room ? r->head.len : room;
        memcpy(to, r->head.ptr, n);
        r->head = ut_str_slice(r->head, n, r->head.len);
        *ret_len = n;
        return UT_OK;
    }
    return r->rest->read(r->rest->ctx, to, room, ret_len, err);
}

typedef struct member_walk {
    ingest *in;
    ut_str path; /* of the archive or file, for messages */
    bool single; /* a plain file: its name is the path */
} member_walk;

static ut_status visit_member(void *ctx, ut_str name, ut_stream *content, ut_err *err)
{
    member_walk *walk = ctx;
    ut_arena scratch = walk->in->arena;
    char *head = ut_arena_take(&scratch, UT_DETECT_BYTES, 1, 1);
    ut_str path = walk->single
                      ? walk->path
                      : ut_arena_format(&scratch, UT_STR_FMT "/" UT_STR_FMT, UT_STR_ARG(walk->path), UT_STR_ARG(name));
    size_t len = 0;
    if (!head || !path.ptr) {
        return ut_fail(err, UT_LIMIT, "folders are nested too deep");
    }
    ut_status st = ut_stream_fill(content, head, UT_DETECT_BYTES, &len, err);
    if (st != UT_OK) {
        return st;
    }
    ut_detected found = ut_detect_bytes(name, (ut_str){head, len}, len < UT_DETECT_BYTES);
    rewound r = {{head, len}, content};
    ut_stream stream = {.ctx = &r, .read = read_rewound, .size_bytes = content->size_bytes};
    return read_stream(walk->in, found, path, &stream, err);
}

/* A broken file is a dead letter of its own; what was read of it before the break stays. */
static ut_status reject_unit(ingest *in, const char *path, const ut_err *why, ut_err *err)
{
    const ut_sink *sink = ut_intake_sink(in->intake);
    ut_reject reject = {.source = UT_STR("file"), .path = ut_str_of(path), .byte = why->byte > 0 ? why->byte : 0,
                        .reason = ut_str_of(why->message)};
    return sink->reject(sink->ctx, &reject, err);
}

static ut_status read_unit(ingest *in, ut_detected found, const char *path, ut_err *err)
{
    ut_err why = {0};
    ut_status st;
    if (found.kind == UT_INPUT_SLACK) {
        st = ut_slack_read(ut_intake_sink(in->intake), path, &why);
    } else if (found.kind == UT_INPUT_PEOPLE) {
        return UT_OK; /* taken before everything else */
    } else {
        member_walk walk = {in, ut_str_of(path), found.kind != UT_INPUT_ARCHIVE};
        st = ut_tree_walk(path, visit_member, &walk, &why);
    }
    if (st == UT_INVALID || st == UT_CORRUPT) {
        return reject_unit(in, path, &why, err);
    }
    if (st != UT_OK && err) {
        *err = why;
    }
    return st;
}

static ut_status take_unit(ingest *in, ut_detected found, const char *path, ut_err *err)
{
    unit_stamp stamp;
    ut_unit unit;
    ut_status st = stamp_unit(in, &stamp, path, err);
    st = st == UT_OK ? ut_intake_unit_begin(in->intake, &unit, stamp.path, stamp.stamp, err) : st;
    if (st != UT_OK || unit.unchanged) {
        in->bytes_done += st == UT_OK ? stamp.bytes : 0;
        return st;
    }
    int64_t done = in->bytes_done;
    st = read_unit(in, found, path, err);
    in->bytes_done = done + stamp.bytes;
    report_progress(in);
    return st == UT_OK && found.kind != UT_INPUT_PEOPLE ? ut_intake_unit_end(in->intake, &unit, err) : st;
}

static ut_status take_path(ingest *in, const char *path, int depth, ut_err *err)
{
    ut_detected found;
    ut_status st = ut_detect_path(&found, path, err);
    if (st != UT_OK || found.kind == UT_INPUT_IGNORED) {
        return st;
    }
    if (found.kind != UT_INPUT_FOLDER) {
        return take_unit(in, found, path, err);
    }
    if (depth >= UT_TREE_DEPTH_MAX) {
        return ut_fail(err, UT_LIMIT, "%s is nested deeper than %d folders", path, UT_TREE_DEPTH_MAX);
    }
    ut_arena before = in->arena;
    ut_str *names = NULL;
    size_t count = 0;
    st = ut_file_list(&in->arena, &names, &count, path, err);
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        ut_arena here = in->arena;
        ut_str below = ut_arena_format(&in->arena, "%s/" UT_STR_FMT, path, UT_STR_ARG(names[i]));
        st = below.ptr ? take_path(in, below.ptr, depth + 1, err)
                       : ut_fail(err, UT_LIMIT, "%s has too many entries", path);
        in->arena = here;
    }
    in->arena = before;
    return st;
}

/* people.csv first: the one given, else each found among the paths. */
static ut_status take_people(ingest *in, const char *path, int depth, ut_err *err)
{
    ut_detected found;
    ut_status st = ut_detect_path(&found, path, err);
    if (st != UT_OK || (found.kind != UT_INPUT_PEOPLE && found.kind != UT_INPUT_FOLDER)) {
        return st;
    }
    if (found.kind == UT_INPUT_PEOPLE) {
        return ut_people_import(&in->people, in->workspace, path, err);
    }
    ut_arena before = in->arena;
    ut_str *names = NULL;
    size_t count = 0;
    /* Only the folder itself: a people.csv deep inside an export is somebody else's. */
    st = depth == 0 ? ut_file_list(&in->arena, &names, &count, path, err) : UT_OK;
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        ut_str below = ut_arena_format(&in->arena, "%s/" UT_STR_FMT, path, UT_STR_ARG(names[i]));
        if (below.ptr && ut_str_ends(below, UT_STR(".csv"))) {
            st = take_people(in, below.ptr, 1, err);
        }
    }
    in->arena = before;
    return st;
}

static ut_status check_paths(ingest *in, const char *const *paths, size_t count, ut_err *err)
{
    for (size_t i = 0; i < count; i++) {
        unit_stamp stamp;
        ut_status st = stamp_unit(in, &stamp, paths[i], err);
        if (st != UT_OK) {
            return st;
        }
        in->bytes_total += stamp.bytes;
    }
    return UT_OK;
}

static ut_status run(ingest *in, const char *const *paths, size_t count, ut_err *err)
{
    if (ut_arena_open(&in->arena, 1024 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing to ingest");
    }
    ut_status st = check_paths(in, paths, count, err);
    if (st == UT_OK && in->options->people) {
        st = ut_people_import(&in->people, in->workspace, in->options->people, err);
    }
    for (size_t i = 0; st == UT_OK && !in->options->people && i < count; i++) {
        st = take_people(in, paths[i], 0, err);
    }
    /* The intake knows who objected, and so comes after people.csv. */
    st = st == UT_OK ? ut_intake_open(&in->intake, in->workspace, in->options->threads, err) : st;
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        st = take_path(in, paths[i], 0, err);
    }
    return st == UT_OK ? ut_intake_flush(in->intake, err) : st;
}

/* Also after a failure: what was committed may hold new identities, and a killed run leaves some unresolved. */
static ut_status finish(ingest *in, ut_ingest_counts *ret, ut_status so_far, ut_err *err)
{
    ut_status st = so_far;
    if (in->intake) {
        if (st != UT_OK) {
            (void)!ut_intake_flush(in->intake, NULL); /* what is good beside the failure stays */
        }
        *ret = *ut_intake_counts(in->intake);
        if (in->options->unsupported) {
            ut_intake_each_unsupported(in->intake, in->options->unsupported, in->options->unsupported_ctx);
        }
        ut_intake_close(&in->intake);
        ut_status settled = ut_people_settle(in->workspace, st == UT_OK ? err : NULL);
        st = st == UT_OK ? settled : st;
    }
    ret->people = in->people.people;
    ret->people_rejected = in->people.rejected;
    ret->people_defaulted = in->people.defaulted;
    ut_mail_worker_close(&in->mail);
    ut_arena_close(&in->arena);
    return st;
}

ut_status ut_ingest(ut_ingest_counts *ret, ut_workspace *workspace, const char *const *paths, size_t path_count,
                    const ut_ingest_options *options, ut_err *err)
{
    static const ut_ingest_options defaults;
    ingest in = {.workspace = workspace, .options = options ? options : &defaults};
    ut_ingest_counts counts = {0};
    ut_status st = run(&in, paths, path_count, err);
    st = finish(&in, &counts, st, err);
    *ret = counts;
    return st;
}
