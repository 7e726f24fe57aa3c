/* simulate/out.c — the output as a folder. Parents are made when first needed. No file stays open between two appends:
 * thousands of calendars grow side by side, and opening costs microseconds. */
#include "simulate/simulate.h"
#include "os/file.h"

#include <stdio.h>

#define PATHS_MAX 4000000

typedef struct out_dir {
    char *root;
    ut_map known; /* folders made so far */
} out_dir;

static ut_status make_parents(out_dir *dir, char *path, size_t root_len, ut_err *err)
{
    for (size_t i = root_len + 1; path[i]; i++) {
        if (path[i] != '/') {
            continue;
        }
        path[i] = 0;
        uint64_t *seen = ut_map_put(&dir->known, ut_str_of(path));
        ut_status st = seen ? UT_OK : ut_fail(err, UT_NOMEM, "memory ended while making %s", path);
        if (seen && !*seen) {
            *seen = 1;
            st = ut_file_make_folder(path, 0755, err);
        }
        path[i] = '/';
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

static ut_status dir_append(void *ctx, ut_str name, ut_str bytes, ut_err *err)
{
    out_dir *dir = ctx;
    char path[UT_PATH_BYTES_MAX];
    int len = snprintf(path, sizeof path, "%s/" UT_STR_FMT, dir->root, UT_STR_ARG(name));
    if (len < 0 || (size_t)len >= sizeof path) {
        return ut_fail(err, UT_LIMIT, "the path %s/… is too long", dir->root);
    }
    ut_status st = make_parents(dir, path, strlen(dir->root), err);
    if (st != UT_OK) {
        return st;
    }
    ut_file file;
    st = ut_file_open_append(&file, path, 0644, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_file_write(&file, bytes, err);
    ut_file_close(&file);
    return st;
}

static ut_status dir_close(void *ctx, bool ok, ut_err *err)
{
    (void)ok;
    (void)err;
    out_dir *dir = ctx;
    ut_map_free(&dir->known);
    ut_mem_free(dir->root);
    ut_mem_free(dir);
    return UT_OK;
}

static ut_status check_empty(const char *path, ut_err *err)
{
    ut_arena arena;
    if (ut_arena_open(&arena, 64 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while looking into %s", path);
    }
    ut_str *names;
    size_t count;
    ut_status st = ut_file_list(&arena, &names, &count, path, err);
    if (st == UT_OK && count > 0) {
        st = ut_fail(err, UT_INVALID, "the folder %s is not empty: name a new one, so that two samples never mix",
                     path);
    }
    ut_arena_close(&arena);
    return st;
}

ut_status ut_sim_out_dir(ut_sim_out *ret, const char *path, ut_err *err)
{
    ut_status st = ut_file_make_folder(path, 0755, err);
    st = st == UT_OK ? check_empty(path, err) : st;
    if (st != UT_OK) {
        return st;
    }
    size_t len = strlen(path);
    out_dir *dir = ut_mem_zeroed(1, sizeof *dir);
    char *root = ut_mem_alloc(len + 1);
    if (!dir || !root) {
        ut_mem_free(dir);
        ut_mem_free(root);
        return ut_fail(err, UT_NOMEM, "memory ended while opening %s", path);
    }
    memcpy(root, path, len + 1);
    *dir = (out_dir){.root = root, .known = ut_map_make(PATHS_MAX)};
    *ret = (ut_sim_out){.ctx = dir, .append = dir_append, .close = dir_close};
    return UT_OK;
}

ut_status ut_sim_out_close(ut_sim_out *out, ut_status so_far, ut_err *err)
{
    ut_status st = UT_OK;
    if (out->close) {
        st = out->close(out->ctx, so_far == UT_OK, so_far == UT_OK ? err : NULL);
    }
    *out = (ut_sim_out){0};
    return so_far != UT_OK ? so_far : st;
}
