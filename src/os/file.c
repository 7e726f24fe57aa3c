/* os/file.c — POSIX files with errors that name the path. Calls interrupted by signals are repeated. */
#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static _Atomic uint64_t fail_write_in;

void ut_file_fail_write_at(uint64_t nth)
{
    atomic_store(&fail_write_in, nth);
}

/* true when a test wants this write to fail. */
static bool write_fails(void)
{
    uint64_t left = atomic_load(&fail_write_in);
    if (left == 0) {
        return false;
    }
    if (atomic_fetch_sub(&fail_write_in, 1) == 1) {
        errno = ENOSPC;
        return true;
    }
    return false;
}

static ut_status fail_at(ut_err *err, const char *doing, const char *path)
{
    int code = errno;
    ut_status status = code == ENOENT || code == ENOTDIR ? UT_NOT_FOUND : code == ENOMEM ? UT_NOMEM : UT_IO;
    return ut_fail(err, status, "can't %s %s: %s", doing, path, strerror(code));
}

static int64_t to_ns(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

ut_status ut_file_stat(ut_file_stamp *ret, const char *path, ut_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return fail_at(err, "look at", path);
    }
    *ret = (ut_file_stamp){.size_bytes = st.st_size, .modified_ns = to_ns(st.st_mtim), .changed_ns = to_ns(st.st_ctim),
                           .inode = (int64_t)st.st_ino, .folder = S_ISDIR(st.st_mode)};
    return UT_OK;
}

bool ut_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

ut_file_kind ut_file_kind_of(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        return UT_FILE_ABSENT;
    }
    if (S_ISREG(st.st_mode)) {
        return UT_FILE_PLAIN;
    }
    if (S_ISDIR(st.st_mode)) {
        return UT_FILE_FOLDER;
    }
    return S_ISLNK(st.st_mode) ? UT_FILE_LINK : UT_FILE_OTHER;
}

ut_status ut_file_open_read(ut_file *ret, const char *path, ut_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_at(err, "open", path);
    }
    ret->fd = fd;
    return UT_OK;
}

ut_status ut_file_open_write(ut_file *ret, const char *path, int mode, ut_err *err)
{
    int fd = write_fails() ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) {
        return fail_at(err, "write", path);
    }
    ret->fd = fd;
    return UT_OK;
}

ut_status ut_file_open_append(ut_file *ret, const char *path, int mode, ut_err *err)
{
    int fd = write_fails() ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode);
    if (fd < 0) {
        return fail_at(err, "write", path);
    }
    ret->fd = fd;
    return UT_OK;
}

ut_status ut_file_read(const ut_file *file, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    for (;;) {
        ssize_t n = read(file->fd, to, room);
        if (n >= 0) {
            *ret_len = (size_t)n;
            return UT_OK;
        }
        if (errno != EINTR) {
            return ut_fail(err, UT_IO, "can't read: %s", strerror(errno));
        }
    }
}

ut_status ut_file_write(const ut_file *file, ut_str bytes, ut_err *err)
{
    while (bytes.len) {
        ssize_t n = write_fails() ? -1 : write(file->fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return ut_fail(err, UT_IO, "can't write: %s", strerror(errno));
        }
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    }
    return UT_OK;
}

void ut_file_close(ut_file *file)
{
    if (file->fd >= 0) {
        (void)close(file->fd);
        file->fd = -1;
    }
}

ut_status ut_file_slurp(ut_buf *to, const char *path, ut_err *err)
{
    ut_file file = {-1};
    ut_status st = ut_file_open_read(&file, path, err);
    while (st == UT_OK) {
        size_t room = to->cap - to->len < 64 * UT_KIB ? to->cap - to->len : 64 * UT_KIB;
        char *into = ut_buf_reserve(to, room ? room : 1);
        if (!into) {
            st = ut_fail(err, to->failed, "%s is larger than the %zu bytes allowed for it", path, to->cap);
            break;
        }
        size_t len = 0;
        st = ut_file_read(&file, into, room ? room : 1, &len, err);
        if (st != UT_OK || len == 0) {
            break;
        }
        to->len += len;
    }
    ut_file_close(&file);
    return st;
}

/* Makes a rename durable: the folder's entry must reach the disk too. */
static void sync_folder_of(const char *path)
{
    char folder[UT_PATH_BYTES_MAX];
    const char *slash = strrchr(path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    int fd = open(folder[0] ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

ut_status ut_file_replace(const char *path, ut_str content, int mode, ut_err *err)
{
    char temporary[UT_PATH_BYTES_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        return ut_fail(err, UT_LIMIT, "the path %.80s… is too long", path);
    }
    ut_file file = {-1};
    ut_status st = ut_file_open_write(&file, temporary, mode, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_file_write(&file, content, err);
    if (st == UT_OK && fsync(file.fd) != 0) {
        st = fail_at(err, "write", temporary);
    }
    ut_file_close(&file);
    if (st == UT_OK && rename(temporary, path) != 0) {
        st = fail_at(err, "replace", path);
    }
    if (st != UT_OK) {
        (void)unlink(temporary);
        return st;
    }
    sync_folder_of(path);
    return UT_OK;
}

ut_status ut_file_make_folder(const char *path, int mode, ut_err *err)
{
    if (mkdir(path, (mode_t)mode) == 0) {
        return UT_OK;
    }
    ut_file_stamp stamp = {0};
    int code = errno;
    if (code == EEXIST && ut_file_stat(&stamp, path, NULL) == UT_OK && stamp.folder) {
        return UT_OK;
    }
    errno = code;
    return fail_at(err, "make the folder", path);
}

ut_status ut_file_remove(const char *path, ut_err *err)
{
    return unlink(path) == 0 ? UT_OK : fail_at(err, "remove", path);
}

ut_status ut_file_remove_folder(const char *path, ut_err *err)
{
    return rmdir(path) == 0 ? UT_OK : fail_at(err, "remove the folder", path);
}

ut_status ut_file_drop_folder(const char *path, ut_err *err)
{
    ut_arena arena;
    ut_str *names = NULL;
    size_t count = 0;
    if (ut_arena_open(&arena, 64 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while removing %s", path);
    }
    ut_status st = ut_file_list(&arena, &names, &count, path, err);
    for (size_t i = 0; st == UT_OK && i < count; i++) {
        ut_str one = ut_arena_format(&arena, "%s/%s", path, names[i].ptr);
        st = one.len ? ut_file_remove(one.ptr, err) : ut_fail(err, UT_LIMIT, "%s has too many entries", path);
    }
    ut_arena_close(&arena);
    return st == UT_OK ? ut_file_remove_folder(path, err) : st;
}

ut_status ut_file_sync(const char *path, ut_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_at(err, "open", path);
    }
    ut_status st = fsync(fd) == 0 ? UT_OK : fail_at(err, "write", path);
    (void)close(fd);
    return st;
}

ut_status ut_file_rename(const char *from, const char *to, ut_err *err)
{
    if (write_fails() || rename(from, to) != 0) {
        return fail_at(err, "rename", from);
    }
    sync_folder_of(to);
    return UT_OK;
}

ut_status ut_file_absolute(char ret[UT_PATH_BYTES_MAX], const char *path, ut_err *err)
{
    _Static_assert(UT_PATH_BYTES_MAX >= PATH_MAX, "what realpath asks for");
    return realpath(path, ret) ? UT_OK : fail_at(err, "find", path);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(((const ut_str *)a)->ptr, ((const ut_str *)b)->ptr);
}

/* Counts first, so that the array can live in the arena in one piece. */
static size_t count_entries(DIR *folder)
{
    size_t count = 0;
    while (readdir(folder)) {
        count++;
    }
    rewinddir(folder);
    return count;
}

ut_status ut_file_list(ut_arena *keep, ut_str **ret_names, size_t *ret_count, const char *path, ut_err *err)
{
    DIR *folder = opendir(path);
    if (!folder) {
        return fail_at(err, "list", path);
    }
    size_t room = count_entries(folder);
    ut_str *names = ut_new(keep, ut_str, room + 1);
    size_t count = 0;
    ut_status st = names ? UT_OK : UT_LIMIT;
    for (struct dirent *entry; st == UT_OK && count < room && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        names[count] = ut_arena_copy(keep, ut_str_of(entry->d_name));
        st = names[count].ptr ? UT_OK : UT_LIMIT;
        count++;
    }
    (void)closedir(folder);
    if (st != UT_OK) {
        return ut_fail(err, st, "the folder %s has too many entries", path);
    }
    qsort(names, count, sizeof *names, by_bytes);
    *ret_names = names;
    *ret_count = count;
    return UT_OK;
}

ut_status ut_file_lock(ut_file *ret, const char *path, ut_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail_at(err, "lock", path);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int code = errno;
        (void)close(fd);
        errno = code;
        return code == EWOULDBLOCK ? ut_fail(err, UT_BUSY, "%s is held by another process; wait for it to end", path)
                                   : fail_at(err, "lock", path);
    }
    ret->fd = fd;
    return UT_OK;
}
