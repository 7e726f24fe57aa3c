/* os/file.h — files and folders; the only place that opens them, so that tests can make them fail.
 *
 *     ut_buf bytes = ut_buf_make(16 * UT_MIB);
 *     st = ut_file_slurp(&bytes, "people.csv", &err);
 *
 * Paths are NUL-terminated UTF-8. Every error names the path and what the system said.
 */
#ifndef UT_OS_FILE_H
#define UT_OS_FILE_H

#include "base/base.h"

/* What identifies the content of a file without reading it. */
typedef struct ut_file_stamp {
    int64_t size_bytes;
    int64_t modified_ns;
    int64_t changed_ns; /* ctime: moves even when a program sets mtime back */
    int64_t inode;
    bool folder;
} ut_file_stamp;

/* UT_NOT_FOUND when there is nothing; UT_IO otherwise. Links are followed. */
UT_MUST_CHECK ut_status ut_file_stat(ut_file_stamp *ret, const char *path, ut_err *err);
bool ut_file_exists(const char *path);
/* What stands at `path` itself; a link is not followed. OTHER: devices, pipes, sockets. */
typedef enum ut_file_kind { UT_FILE_ABSENT, UT_FILE_PLAIN, UT_FILE_FOLDER, UT_FILE_LINK, UT_FILE_OTHER } ut_file_kind;
ut_file_kind ut_file_kind_of(const char *path);
/* Appends the whole file; UT_LIMIT when it is larger than the buffer's cap. */
UT_MUST_CHECK ut_status ut_file_slurp(ut_buf *to, const char *path, ut_err *err);
/* Writes to a temporary neighbour, fsyncs, renames: readers see the old file or the new one. */
UT_MUST_CHECK ut_status ut_file_replace(const char *path, ut_str content, int mode, ut_err *err);
/* Makes one folder (parents must exist); an existing folder is fine. */
UT_MUST_CHECK ut_status ut_file_make_folder(const char *path, int mode, ut_err *err);
UT_MUST_CHECK ut_status ut_file_remove(const char *path, ut_err *err);
/* Removes an empty folder. */
UT_MUST_CHECK ut_status ut_file_remove_folder(const char *path, ut_err *err);
/* Removes a folder and the files in it; folders in it are refused. */
UT_MUST_CHECK ut_status ut_file_drop_folder(const char *path, ut_err *err);
/* Brings a file or folder that others wrote to the disk. */
UT_MUST_CHECK ut_status ut_file_sync(const char *path, ut_err *err);
/* Renames within one file system, durable on return; a file at `to` is replaced. */
UT_MUST_CHECK ut_status ut_file_rename(const char *from, const char *to, ut_err *err);
/* The path from the root, without links, of what is there. */
UT_MUST_CHECK ut_status ut_file_absolute(char ret[UT_PATH_BYTES_MAX], const char *path, ut_err *err);

/* Open files, for streaming. */
typedef struct ut_file {
    int fd; /* -1 when closed */
} ut_file;
UT_MUST_CHECK ut_status ut_file_open_read(ut_file *ret, const char *path, ut_err *err);
/* Creates or empties. */
UT_MUST_CHECK ut_status ut_file_open_write(ut_file *ret, const char *path, int mode, ut_err *err);
/* Creates, or writes on at the end. */
UT_MUST_CHECK ut_status ut_file_open_append(ut_file *ret, const char *path, int mode, ut_err *err);
/* *ret_len = 0 at the end. */
UT_MUST_CHECK ut_status ut_file_read(const ut_file *file, char *to, size_t room, size_t *ret_len, ut_err *err);
UT_MUST_CHECK ut_status ut_file_write(const ut_file *file, ut_str bytes, ut_err *err);
/* A second call is fine. */
void ut_file_close(ut_file *file);

/* The names in a folder in byte order, "." and ".." left out; the array and strings live in the arena. */
UT_MUST_CHECK ut_status ut_file_list(ut_arena *keep, ut_str **ret_names, size_t *ret_count, const char *path,
                                     ut_err *err);

/* An exclusive lock on a file, created if absent, held until closed or the process ends. UT_BUSY when somebody has it.
 */
UT_MUST_CHECK ut_status ut_file_lock(ut_file *ret, const char *path, ut_err *err);

/* For tests: the nth write (or file opened for writing) from now fails as if the disk were full; 0 turns it off. */
void ut_file_fail_write_at(uint64_t nth);

#endif
