/* bronze/rejects.c — dead letters, read back. A letter that is taken becomes "redriven"; one that fails again stays
 * open. */
#include "bronze/rejects.h"

#include "bronze/intake.h"
#include "bronze/source.h"

/* Opens the box of a row: its path, and its payload into `bytes`. */
static ut_status open_box(ut_workspace *workspace, ut_json *json, ut_buf *plain, ut_buf *bytes, ut_str *ret_path,
                          ut_str sealed, ut_str digest, ut_err *err)
{
    const ut_json_node *root = NULL;
    ut_buf_clear(plain);
    ut_buf_clear(bytes);
    ut_status st = ut_seal_open(plain, &workspace->keys.reject, sealed, digest, err);
    st = st == UT_OK ? ut_json_parse(json, &root, ut_buf_str(plain), err) : st;
    if (st != UT_OK) {
        return st;
    }
    ut_str hex = ut_json_str(root, "hex");
    char *to = ut_buf_reserve(bytes, hex.len / 2 + 1);
    for (size_t i = 0; to && i + 1 < hex.len; i += 2) {
        int high = hex.ptr[i] <= '9' ? hex.ptr[i] - '0' : hex.ptr[i] - 'a' + 10;
        int low = hex.ptr[i + 1] <= '9' ? hex.ptr[i + 1] - '0' : hex.ptr[i + 1] - 'a' + 10;
        to[i / 2] = (char)(high << 4 | low);
    }
    bytes->len = to ? hex.len / 2 : 0;
    *ret_path = ut_json_str(root, "path");
    return to ? UT_OK : ut_fail(err, UT_NOMEM, "memory ended while reading a dead letter");
}

typedef struct boxes {
    ut_json *json;
    ut_buf plain, bytes;
} boxes;

static ut_status boxes_open(boxes *b, ut_err *err)
{
    b->json = NULL;
    b->plain = ut_buf_make(8 * UT_REJECT_BYTES_MAX);
    b->bytes = ut_buf_make(2 * UT_REJECT_BYTES_MAX);
    return ut_json_open(&b->json, err);
}

static void boxes_close(boxes *b)
{
    ut_json_close(&b->json);
    ut_buf_free(&b->plain);
    ut_buf_free(&b->bytes);
}

ut_status ut_rejects_each(ut_workspace *workspace, ut_status (*visit)(void *ctx, const ut_reject_row *row, ut_err *err),
                          void *ctx, ut_err *err)
{
    boxes b;
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = boxes_open(&b, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth,
                                        "SELECT id, at_us, source, byte, reason, state, sealed, digest, format"
                                        " FROM reject ORDER BY state <> 'open', id",
                                        err)
                     : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_reject_row out = {.id = ut_stmt_i64(stmt, 0),
                             .at_us = ut_stmt_i64(stmt, 1),
                             .source = ut_stmt_str(stmt, 2),
                             .byte = ut_stmt_i64(stmt, 3),
                             .reason = ut_stmt_str(stmt, 4),
                             .state = ut_stmt_str(stmt, 5),
                             .format = (ut_format)ut_stmt_i64(stmt, 8)};
        /* A box that does not open is still a dead letter worth listing. */
        if (open_box(workspace, b.json, &b.plain, &b.bytes, &out.path, ut_stmt_str(stmt, 6), ut_stmt_str(stmt, 7),
                     NULL) == UT_OK) {
            out.bytes = b.bytes.len;
            out.payload = ut_buf_str(&b.bytes);
        }
        st = visit(ctx, &out, err);
    }
    ut_stmt_close(&stmt);
    boxes_close(&b);
    return st;
}

/* Feeds one payload to its reader. *ret_known is false when its format needs the file around it. */
static ut_status feed(ut_intake *intake, ut_mail_worker **worker, bool *ret_known, ut_format format, ut_str path,
                      ut_str payload, ut_err *err)
{
    ut_stream_memory memory;
    ut_stream stream = ut_stream_of_memory(&memory, payload);
    *ret_known = true;
    if (format == UT_FORMAT_NDJSON) {
        return ut_ndjson_read(ut_intake_sink(intake), path, &stream, err);
    }
    if (format == UT_FORMAT_RFC822 || format == UT_FORMAT_MBOXRD) {
        ut_status st = *worker ? UT_OK : ut_mail_worker_open(worker, err);
        return st == UT_OK ? ut_mail_read_eml(ut_intake_sink(intake), *worker, path, &stream, err) : st;
    }
    *ret_known = false;
    return UT_OK;
}

typedef struct redrive {
    ut_workspace *workspace;
    ut_intake *intake;
    ut_mail_worker *worker;
    ut_redrive_counts counts;
} redrive;

static ut_status redrive_one(redrive *r, boxes *b, ut_stmt *stmt, int64_t *ret_done, ut_err *err)
{
    ut_str path = {0};
    bool known = false;
    *ret_done = 0;
    ut_status st =
        open_box(r->workspace, b->json, &b->plain, &b->bytes, &path, ut_stmt_str(stmt, 2), ut_stmt_str(stmt, 3), err);
    if (st != UT_OK) {
        return st;
    }
    ut_ingest_counts before = *ut_intake_counts(r->intake);
    st = feed(r->intake, &r->worker, &known, (ut_format)ut_stmt_i64(stmt, 1), path, ut_buf_str(&b->bytes), err);
    st = st == UT_OK ? ut_intake_flush(r->intake, err) : st;
    const ut_ingest_counts *after = ut_intake_counts(r->intake);
    r->counts.tried++;
    if (st == UT_OK && !known) {
        r->counts.not_alone++;
    } else if (st == UT_OK && after->rejected > before.rejected) {
        r->counts.again++;
    } else if (st == UT_OK && after->read > before.read) {
        r->counts.taken++;
        *ret_done = ut_stmt_i64(stmt, 0);
    }
    return st;
}

static ut_status mark_done(ut_workspace *workspace, int64_t id, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, workspace->truth, "UPDATE reject SET state = 'redriven' WHERE id = ?1", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, id);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

/* One letter at a time, by id, so that a letter rejected again (a new row) is not met in the same pass. */
static ut_status run(redrive *r, boxes *b, int64_t only, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    int64_t last = 0, done = 0;
    ut_status st = ut_truth_prepare(&stmt, r->workspace->truth,
                                    "SELECT id, format, sealed, digest FROM reject WHERE state = 'open' AND id > ?1"
                                    " AND (?2 = 0 OR id = ?2) AND id <= ?3 ORDER BY id LIMIT 1", err);
    ut_stmt *newest = NULL;
    st = st == UT_OK ? ut_truth_prepare(&newest, r->workspace->truth, "SELECT coalesce(max(id), 0) FROM reject", err)
                     : st;
    st = st == UT_OK ? ut_stmt_step(newest, &row, err) : st;
    int64_t end = st == UT_OK && row ? ut_stmt_i64(newest, 0) : 0;
    ut_stmt_close(&newest);
    while (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, last);
        ut_stmt_bind_i64(stmt, 2, only);
        ut_stmt_bind_i64(stmt, 3, end);
        if ((st = ut_stmt_step(stmt, &row, err)) != UT_OK || !row) {
            break;
        }
        last = ut_stmt_i64(stmt, 0);
        st = redrive_one(r, b, stmt, &done, err);
        ut_stmt_reset(stmt);
        st = st == UT_OK && done ? mark_done(r->workspace, done, err) : st;
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK && only && r->counts.tried == 0) {
        return ut_fail(err, UT_NOT_FOUND, "there is no open dead letter %lld", (long long)only);
    }
    return st;
}

ut_status ut_rejects_redrive(ut_redrive_counts *ret, ut_workspace *workspace, int64_t id, ut_err *err)
{
    redrive r = {.workspace = workspace};
    boxes b;
    ut_status st = boxes_open(&b, err);
    st = st == UT_OK ? ut_intake_open(&r.intake, workspace, 1, err) : st;
    st = st == UT_OK ? run(&r, &b, id, err) : st;
    ut_intake_close(&r.intake);
    ut_mail_worker_close(&r.worker);
    boxes_close(&b);
    if (st == UT_OK) {
        *ret = r.counts;
    }
    return st;
}
