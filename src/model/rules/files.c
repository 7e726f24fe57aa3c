/* model/rules/files.c — the files behind a model: built into the binary, then those of a folder.
 *
 * Order is what makes overriding work: built-in packs in the order of src/model/meson.build, then the folder's
 * *.json by name. Lexicons are files below lexicons/ that end in .tsv; a pack names those beside it. The digest
 * covers names and contents, so two models with the same version string score alike.
 */
#include "model/rules/files.h"

#include "model/rules/rules_int.h"

#include "os/file.h"

#include <stdio.h>

static bool is_pack_name(ut_str name)
{
    return ut_str_ends(name, UT_STR(".json")) && !ut_str_starts(name, UT_STR("."));
}

static bool is_lexicon_name(ut_str name)
{
    return ut_str_ends(name, UT_STR(".tsv")) && !ut_str_starts(name, UT_STR("."));
}

static ut_status add_file(rules_files *files, rules_file file, ut_err *err)
{
    if (files->count == UT_RULES_FILES_MAX) {
        return ut_fail(err, UT_LIMIT, "more than %d packs and lexicons", UT_RULES_FILES_MAX);
    }
    files->items[files->count++] = file;
    files->digest = ut_hash_bytes(file.content, ut_hash_bytes(file.name, files->digest));
    return UT_OK;
}

static ut_status read_one(ut_arena *keep, rules_files *files, const char *path, ut_str name, ut_err *err)
{
    char full[UT_PATH_BYTES_MAX];
    int len = snprintf(full, sizeof full, "%s/" UT_STR_FMT, path, UT_STR_ARG(name));
    if (len < 0 || (size_t)len >= sizeof full) {
        return ut_fail(err, UT_INVALID, "%s: the path is too long", path);
    }
    ut_buf bytes = ut_buf_make(UT_RULES_FILE_BYTES_MAX);
    ut_status st = ut_file_slurp(&bytes, full, err);
    if (st == UT_OK) {
        rules_file file = {.is_pack = is_pack_name(name)};
        file.name = ut_arena_copy(keep, name);
        file.content = ut_arena_copy(keep, ut_buf_str(&bytes));
        st = file.name.ptr && file.content.ptr ? add_file(files, file, err)
                                               : ut_fail(err, UT_NOMEM, "out of memory while reading %s", full);
    }
    ut_buf_free(&bytes);
    return st;
}

/* Calls `one` for every pack of the folder and every lexicon below it, in byte order. */
typedef ut_status visit(void *ctx, ut_arena *keep, const char *path, ut_str name, ut_err *err);

static ut_status walk_lexicons(ut_arena *keep, const char *path, visit *one, void *ctx, ut_err *err)
{
    char below[UT_PATH_BYTES_MAX];
    ut_str *names;
    size_t count;
    (void)snprintf(below, sizeof below, "%s/lexicons", path);
    if (!ut_file_exists(below)) {
        return UT_OK;
    }
    ut_status st = ut_file_list(keep, &names, &count, below, err);
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        if (is_lexicon_name(names[i])) {
            ut_str name = ut_arena_format(keep, "lexicons/" UT_STR_FMT, UT_STR_ARG(names[i]));
            st = name.ptr ? one(ctx, keep, path, name, err) : ut_fail(err, UT_NOMEM, "out of memory in %s", path);
        }
    }
    return st;
}

static ut_status walk(ut_arena *keep, const char *path, visit *one, void *ctx, ut_err *err)
{
    ut_str *names;
    size_t count;
    ut_status st = ut_file_list(keep, &names, &count, path, err);
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        if (is_pack_name(names[i])) {
            st = one(ctx, keep, path, names[i], err);
        }
    }
    return st == UT_OK ? walk_lexicons(keep, path, one, ctx, err) : st;
}

static ut_status visit_read(void *ctx, ut_arena *keep, const char *path, ut_str name, ut_err *err)
{
    return read_one(keep, ctx, path, name, err);
}

static ut_status add_builtin(ut_arena *keep, rules_files *files, const ut_embedded *e, ut_err *err)
{
    ut_str name = ut_str_of(e->name);
    rules_file file = {.name = name, .content = {e->bytes, e->len}, .builtin = true, .is_pack = is_pack_name(name)};
    if (!file.is_pack) {
        file.name = ut_arena_format(keep, "lexicons/%s", e->name);
    }
    return file.name.ptr ? add_file(files, file, err) : ut_fail(err, UT_NOMEM,
            "out of memory while loading rule packs");
}

ut_status rules_files_read(ut_arena *keep, rules_files *ret, const char *path, ut_err *err)
{
    rules_files files = {.items = ut_new(keep, rules_file, UT_RULES_FILES_MAX)};
    if (!files.items) {
        return ut_fail(err, UT_NOMEM, "out of memory while loading rule packs");
    }
    ut_status st = UT_OK;
    for (const ut_embedded *e = ut_rules_embedded; e->name && st == UT_OK; e++) {
        st = add_builtin(keep, &files, e, err);
    }
    if (st == UT_OK && path) {
        st = walk(keep, path, visit_read, &files, err);
    }
    if (st == UT_OK) {
        *ret = files;
    }
    return st;
}

static ut_status visit_stamp(void *ctx, ut_arena *keep, const char *path, ut_str name, ut_err *err)
{
    uint64_t *sum = ctx;
    ut_file_stamp stamp;
    ut_str full = ut_arena_format(keep, "%s/" UT_STR_FMT, path, UT_STR_ARG(name));
    if (!full.ptr) {
        return ut_fail(err, UT_NOMEM, "out of memory in %s", path);
    }
    ut_status st = ut_file_stat(&stamp, full.ptr, err);
    if (st == UT_OK) {
        int64_t fields[] = {stamp.size_bytes, stamp.modified_ns, stamp.changed_ns, stamp.inode};
        *sum = ut_hash_bytes(name, *sum);
        *sum = ut_hash_bytes((ut_str){(const char *)fields, sizeof fields}, *sum);
    }
    return st;
}

ut_status rules_files_stamp(uint64_t *ret, const char *path, ut_err *err)
{
    ut_arena scratch;
    uint64_t sum = 1;
    if (!path) {
        *ret = 0;
        return UT_OK;
    }
    if (ut_arena_open(&scratch, 4 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "out of memory in %s", path);
    }
    ut_status st = walk(&scratch, path, visit_stamp, &sum, err);
    ut_arena_close(&scratch);
    if (st == UT_OK) {
        *ret = sum;
    }
    return st;
}
