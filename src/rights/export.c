/* rights/export.c — a person's export as a whole: whose it is, in which order, and where to. */
#include "rights/export_int.h"

#include "base/mem.h"
#include "egress/principal.h"
#include "os/file.h"

#include <stdio.h>

ut_status ut_export__flush(ut_export *x, ut_err *err)
{
    if (x->out.failed) {
        return ut_fail(err, x->out.failed, "one record does not fit into memory; export without --raw");
    }
    ut_status st = x->out.len ? x->write(x->ctx, ut_buf_str(&x->out), err) : UT_OK;
    ut_buf_clear(&x->out);
    return st;
}

void ut_export__key(ut_buf *out, bool first, const char *key)
{
    ut_buf_format(out, "%s\"%s\":", first ? "" : ",", key);
}

void ut_export__text(ut_buf *out, bool first, const char *key, ut_str text)
{
    ut_export__key(out, first, key);
    ut_buf_json_str(out, text);
}

void ut_export__number(ut_buf *out, bool first, const char *key, int64_t number)
{
    ut_export__key(out, first, key);
    ut_buf_i64(out, number);
}

void ut_export__time(ut_buf *out, bool first, const char *key, int64_t at_us)
{
    char at[32];
    ut_export__key(out, first, key);
    if (at_us) {
        ut_buf_format(out, "\"%.*s\"", (int)ut_time_format(at, at_us), at);
    } else {
        ut_buf_puts(out, "null");
    }
}

static ut_status find_identities(ut_export *x, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, x->workspace->truth, UT_EXPORT_FAMILY "SELECT id FROM i ORDER BY id", err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, x->person);
    }
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        if (x->identity_count == UT_EXPORT_IDENTITIES_MAX) {
            st = ut_fail(err, UT_LIMIT, "this person has more than %d identities", UT_EXPORT_IDENTITIES_MAX);
            break;
        }
        x->identities[x->identity_count++] = ut_stmt_i64(stmt, 0);
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status put_all(ut_export *x, ut_err *err)
{
    ut_status st = ut_identities_open(&x->keys, x->workspace, err);
    st = st == UT_OK ? find_identities(x, err) : st;
    st = st == UT_OK ? ut_policy_read(x->workspace, &x->policy, err) : st;
    st = st == UT_OK ? ut_export__about(x, err) : st;
    st = st == UT_OK ? ut_export__records(x, err) : st;
    st = st == UT_OK ? ut_export__traces(x, err) : st;
    ut_buf_puts(&x->out, "}\n");
    return st == UT_OK ? ut_export__flush(x, err) : st;
}

ut_status ut_export_person(ut_workspace *workspace, const ut_principal *principal, const ut_export_options *options,
                           ut_export_write write, void *ctx, ut_err *err)
{
    if (ut_principal_kind_of(principal) != UT_PRINCIPAL_PERSON) {
        return ut_fail(err, UT_DENIED, "everything held about a person is for that person: --as person:WHO; tables of "
                                       "what you may see come with --format parquet or csv");
    }
    bool raw = options && options->raw;
    ut_status st = ut_principal_log(workspace, principal, UT_STR("export"), principal->person,
                                    raw ? UT_STR("own data, verbatim") : UT_STR("own data"), err);
    if (st != UT_OK) {
        return st;
    }
    ut_export *x = ut_mem_zeroed(1, sizeof *x); /* too large for a stack frame */
    if (!x || ut_arena_open(&x->arena, 16 * UT_MIB) != UT_OK) {
        ut_mem_free(x);
        return ut_fail(err, UT_NOMEM, "memory ended while exporting");
    }
    x->workspace = workspace;
    x->person = principal->person;
    x->raw = raw;
    x->write = write;
    x->ctx = ctx;
    x->out = ut_buf_make(4 * UT_RECORD_BYTES_MAX);
    st = put_all(x, err);
    ut_identities_close(&x->keys);
    ut_buf_free(&x->out);
    ut_arena_close(&x->arena);
    ut_mem_free(x);
    return st;
}

static ut_status write_file(void *ctx, ut_str bytes, ut_err *err)
{
    return ut_file_write(ctx, bytes, err);
}

ut_status ut_export_person_file(ut_workspace *workspace, const ut_principal *principal, const char *path,
                                const ut_export_options *options, ut_err *err)
{
    char temporary[UT_PATH_BYTES_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        return ut_fail(err, UT_LIMIT, "the path %.80s… is too long", path);
    }
    ut_file file = {-1};
    /* An older file of that name keeps its mode: a new one is made, for the person's eyes only. */
    if (ut_file_kind_of(temporary) != UT_FILE_ABSENT) {
        ut_status gone = ut_file_remove(temporary, err);
        if (gone != UT_OK) {
            return gone;
        }
    }
    ut_status st = ut_file_open_write(&file, temporary, 0600, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_export_person(workspace, principal, options, write_file, &file, err);
    ut_file_close(&file);
    st = st == UT_OK ? ut_file_sync(temporary, err) : st;
    st = st == UT_OK ? ut_file_rename(temporary, path, err) : st;
    if (st != UT_OK) {
        (void)!ut_file_remove(temporary, NULL);
    }
    return st;
}
