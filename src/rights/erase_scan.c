/* rights/erase_scan.c — what others wrote, dead letters, the audit log, channels' names: without the person.
 *
 * A record that named them is sealed again under its author's key. Its key and content digests stay those of the record
 * as it came, so that the same input read again is still a duplicate.
 */
#include "rights/erase_int.h"

#include "bronze/rejects.h"
#include "codec/pack.h"
#include "people/identity.h"
#include "store/audit.h"

enum { BATCH = 1024 };

typedef struct scan {
    ut_eraser *e;
    ut_identities *identities;
    ut_pack *pack;
    ut_redact_kit kit;
    ut_buf sealed, plain, packed;
    ut_stmt *read, *write;
    int64_t seq, done, total;
} scan;

static const char read_sql[] =
    "SELECT seq, author, key, format, payload FROM record WHERE seq > ?1 AND author IS NOT NULL"
    " AND author NOT IN erase_identity AND reduced = 0 AND payload IS NOT NULL"
    " ORDER BY seq LIMIT ?2";

static ut_status scan_open(scan *s, ut_eraser *e, ut_err *err)
{
    s->e = e;
    s->sealed = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    s->plain = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    s->packed = ut_buf_make(3 * UT_RECORD_BYTES_MAX);
    ut_truth *truth = e->workspace->truth;
    ut_status st = ut_identities_open(&s->identities, e->workspace, err);
    st = st == UT_OK ? ut_pack_open(&s->pack, err) : st;
    st = st == UT_OK ? ut_redact_kit_open(&s->kit, err) : st;
    st = st == UT_OK ? ut_truth_prepare(&s->read, truth, read_sql, err) : st;
    st = st == UT_OK ? ut_truth_prepare(&s->write, truth, "UPDATE record SET payload = ?2 WHERE seq = ?1", err) : st;
    return st == UT_OK ? ut_truth_number(e->workspace->truth, &s->total, "SELECT count(*) FROM record", err) : st;
}

static void scan_close(scan *s)
{
    ut_stmt_close(&s->read);
    ut_stmt_close(&s->write);
    ut_redact_kit_close(&s->kit);
    ut_pack_close(&s->pack);
    ut_identities_close(&s->identities);
    ut_buf_free(&s->sealed);
    ut_buf_free(&s->plain);
    ut_buf_free(&s->packed);
}

static ut_status write_one(scan *s, const ut_key *key, ut_str record_key, ut_err *err)
{
    ut_buf_clear(&s->packed);
    ut_buf_clear(&s->sealed);
    ut_pack_squeeze(s->pack, &s->packed, ut_buf_str(&s->kit.out));
    ut_seal_close(&s->sealed, key, ut_buf_str(&s->packed), record_key);
    if (s->packed.failed || s->sealed.failed) {
        return ut_fail(err, UT_NOMEM, "memory ended while sealing a record anew");
    }
    ut_stmt_bind_i64(s->write, 1, s->seq);
    ut_stmt_bind_blob(s->write, 2, ut_buf_str(&s->sealed));
    return ut_stmt_run(s->write, err);
}

/* The record the statement stands on. One that does not open holds nothing that anybody can read. */
static ut_status scan_one(scan *s, ut_err *err)
{
    ut_key key;
    bool changed = false;
    char record_key[64];
    ut_buf_clear(&s->sealed);
    ut_buf_clear(&s->plain);
    s->seq = ut_stmt_i64(s->read, 0);
    s->done++;
    ut_status st = ut_identity_key(s->identities, &key, ut_stmt_i64(s->read, 1), err);
    if (st != UT_OK) {
        return st == UT_NOT_FOUND ? UT_OK : st;
    }
    ut_str context = ut_stmt_str(s->read, 2);
    if (context.len <= sizeof record_key &&
        ut_seal_open(&s->sealed, &key, ut_stmt_str(s->read, 4), context, NULL) == UT_OK &&
        ut_pack_expand(s->pack, &s->plain, ut_buf_str(&s->sealed), NULL) == UT_OK) {
        memcpy(record_key, context.ptr, context.len);
        context.ptr = record_key;
        st = ut_redact_payload(s->e->redact, &s->kit, &changed, (ut_format)ut_stmt_i64(s->read, 3),
                               ut_buf_str(&s->plain), err);
        st = st == UT_OK && changed && !s->e->options->dry_run ? write_one(s, &key, context, err) : st;
        s->e->plan->counts.mentions += st == UT_OK && changed;
    }
    ut_seal_wipe(&key, sizeof key);
    return st;
}

/* Up to BATCH records in one transaction; *ret_more is false at the end. */
static ut_status scan_batch(scan *s, bool *ret_more, ut_err *err)
{
    int64_t count = 0;
    bool row = false;
    ut_eraser *e = s->e;
    ut_status st = e->options->dry_run ? UT_OK : ut_truth_begin(e->workspace->truth, err);
    ut_stmt_bind_i64(s->read, 1, s->seq);
    ut_stmt_bind_i64(s->read, 2, BATCH);
    while (st == UT_OK && (st = ut_stmt_step(s->read, &row, err)) == UT_OK && row) {
        st = scan_one(s, err);
        count++;
    }
    ut_stmt_reset(s->read);
    e->plan->counts.unread += s->kit.unread;
    s->kit.unread = 0;
    if (!e->options->dry_run) {
        st = st == UT_OK ? ut_erase__note(e, err) : st;
        st = st == UT_OK ? ut_truth_commit(e->workspace->truth, err) : st;
        if (st != UT_OK) {
            ut_truth_rollback(e->workspace->truth);
        }
    }
    ut_erase__progress(e, s->done, s->total);
    *ret_more = count == BATCH;
    return st;
}

static ut_status scan_records(ut_eraser *e, ut_err *err)
{
    scan s = {0};
    bool more = true;
    ut_status st = scan_open(&s, e, err);
    while (st == UT_OK && more) {
        st = scan_batch(&s, &more, err);
    }
    scan_close(&s);
    return st;
}

/* What names them as a whole --------------------------------------------------------------------------------------- */

typedef struct found {
    ut_eraser *e;
    ut_redact_kit kit;
    ut_buf ids; /* int64 each */
} found;

static void note_id(found *f, int64_t id)
{
    ut_buf_put(&f->ids, (ut_str){(const char *)&id, sizeof id});
}

/* A dead letter may be anything: it is looked at as the bytes it is, and as what its reader would take it for. */
static ut_status visit_reject(void *ctx, const ut_reject_row *row, ut_err *err)
{
    found *f = ctx;
    const ut_redact *redact = f->e->redact;
    bool hit = ut_redact_names(redact, row->path) || ut_redact_names(redact, row->reason) ||
               ut_redact_names(redact, row->payload);
    ut_status st = hit ? UT_OK : ut_redact_payload(redact, &f->kit, &hit, row->format, row->payload, err);
    if (hit) {
        note_id(f, row->id);
    }
    return st;
}

static ut_status find_audit(found *f, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, f->e->workspace->truth, "SELECT id, detail, purpose FROM audit", err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        if (ut_redact_names(f->e->redact, ut_stmt_str(stmt, 1)) ||
            ut_redact_names(f->e->redact, ut_stmt_str(stmt, 2))) {
            note_id(f, ut_stmt_i64(stmt, 0));
        }
    }
    ut_stmt_close(&stmt);
    return st;
}

/* Names of direct conversations hold their members' names. */
static ut_status find_channels(found *f, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, f->e->workspace->truth, "SELECT id, name FROM channel", err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        if (ut_redact_names(f->e->redact, ut_stmt_str(stmt, 1))) {
            note_id(f, ut_stmt_i64(stmt, 0));
        }
    }
    ut_stmt_close(&stmt);
    return st;
}

/* Rows of people.csv name other people's managers. */
static ut_status scan_people(found *f, ut_err *err)
{
    ut_stmt *read = NULL, *write = NULL;
    const ut_key *key = &f->e->workspace->keys.name;
    bool row = false;
    ut_buf plain = ut_buf_make(4 * UT_MIB), box = ut_buf_make(8 * UT_MIB);
    ut_truth *truth = f->e->workspace->truth;
    ut_status st = ut_truth_prepare(&read, truth,
                                    "SELECT id, sealed, digest FROM person WHERE id NOT IN erase_person"
                                    " AND length(sealed) > 0",
                                    err);
    st = st == UT_OK ? ut_truth_prepare(&write, truth, "UPDATE person SET sealed = ?2 WHERE id = ?1", err) : st;
    while (st == UT_OK && (st = ut_stmt_step(read, &row, err)) == UT_OK && row) {
        bool changed = false;
        ut_buf_clear(&plain);
        ut_buf_clear(&box);
        if (ut_seal_open(&plain, key, ut_stmt_str(read, 1), ut_stmt_str(read, 2), NULL) == UT_OK) {
            st = ut_redact_payload(f->e->redact, &f->kit, &changed, UT_FORMAT_NDJSON, ut_buf_str(&plain), err);
        }
        if (st == UT_OK && changed && !f->e->options->dry_run) {
            ut_seal_close(&box, key, ut_buf_str(&f->kit.out), ut_stmt_str(read, 2));
            ut_stmt_bind_i64(write, 1, ut_stmt_i64(read, 0));
            ut_stmt_bind_blob(write, 2, ut_buf_str(&box));
            st = box.failed ? ut_fail(err, box.failed, "memory ended while erasing") : ut_stmt_run(write, err);
        }
    }
    ut_stmt_close(&read);
    ut_stmt_close(&write);
    ut_buf_free(&plain);
    ut_buf_free(&box);
    return st;
}

/* Runs `sql` (or, without, redacts audit entries) for each id found, and empties the list. */
static ut_status apply(found *f, int64_t *count, const char *sql, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_workspace *workspace = f->e->workspace;
    bool dry = f->e->options->dry_run;
    ut_status st = f->ids.failed ? ut_fail(err, f->ids.failed, "memory ended while erasing") : UT_OK;
    st = st == UT_OK && sql ? ut_truth_prepare(&stmt, workspace->truth, sql, err) : st;
    for (size_t at = 0; st == UT_OK && at < f->ids.len; at += sizeof(int64_t)) {
        int64_t id = 0;
        memcpy(&id, f->ids.ptr + at, sizeof id);
        if (stmt && !dry) {
            ut_stmt_bind_i64(stmt, 1, id);
            st = ut_stmt_run(stmt, err);
        } else if (!dry) {
            st = ut_audit_redact(workspace, id, err);
        }
        *count += st == UT_OK;
    }
    ut_stmt_close(&stmt);
    ut_buf_clear(&f->ids);
    return st;
}

/* Settings are the workspace's, not theirs: a list of mailboxes to skip is not changed behind its owner's back. */
static ut_status tell_settings(ut_eraser *e, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, e->workspace->truth,
                                    "SELECT key, value FROM setting WHERE key LIKE 'policy.%'", err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        if (ut_redact_names(e->redact, ut_stmt_str(stmt, 1))) {
            ut_erase__due(e, "the setting %.*s names them; `undertone policy set` takes them out",
                          (int)ut_stmt_str(stmt, 0).len, ut_stmt_str(stmt, 0).ptr);
        }
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status sweep(found *f, ut_err *err)
{
    ut_eraser *e = f->e;
    ut_erase_counts *counts = &e->plan->counts;
    ut_status st = scan_people(f, err);
    st = st == UT_OK ? ut_rejects_each(e->workspace, visit_reject, f, err) : st;
    st = st == UT_OK ? apply(f, &counts->rejects, "DELETE FROM reject WHERE id = ?1", err) : st;
    st = st == UT_OK ? find_audit(f, err) : st;
    st = st == UT_OK ? apply(f, &counts->audit, NULL, err) : st;
    st = st == UT_OK ? find_channels(f, err) : st;
    return st == UT_OK
               ? apply(f, &counts->channels, "UPDATE channel SET name = 'erased-' || id WHERE id = ?1", err)
               : st;
}

ut_status ut_erase__scan(ut_eraser *e, ut_err *err)
{
    found f = {.e = e, .ids = ut_buf_make(64 * UT_MIB)};
    bool dry = e->options->dry_run;
    ut_status st = scan_records(e, err);
    st = st == UT_OK ? ut_redact_kit_open(&f.kit, err) : st;
    st = st == UT_OK && !dry ? ut_truth_begin(e->workspace->truth, err) : st;
    st = st == UT_OK ? sweep(&f, err) : st;
    st = st == UT_OK && !dry ? ut_erase__note(e, err) : st;
    st = st == UT_OK && !dry ? ut_truth_commit(e->workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(e->workspace->truth);
    }
    ut_redact_kit_close(&f.kit);
    ut_buf_free(&f.ids);
    return st == UT_OK ? tell_settings(e, err) : st;
}
