/* codec/archive.c — archives by libarchive: the only file that sees its header.
 *
 * Only formats that exports come in are switched on: zip, tar, and single files under gzip, bzip2, xz or zstd. Nothing
 * is unpacked to disk; a member is a stream that the visitor may read.
 *
 * A zip or tar that is cut off gives all that stands before the cut; a compressed stream the same less its last block
 * (64 KiB unpacked for gzip), which libarchive does not hand out.
 *
 * Refused: names that leave the tree, encrypted members, and bombs. A bomb is a member whose unpacked bytes pass
 * UT_ARCHIVE_RATIO_MAX times the packed bytes read for it, or an archive whose members together pass that times its
 * size (overlapping members); both only beyond UT_ARCHIVE_SLACK_BYTES, so that small odd files pass.
 */
#include "codec/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdio.h>

/* How far libarchive may read ahead of what it hands out, per member. */
#define READ_AHEAD_BYTES ((int64_t)256 * 1024)
#define BLOCK_BYTES ((size_t)128 * 1024)

typedef struct ut_archive {
    struct archive *handle;
    locale_t utf8;           /* see next_header; 0 when the system has none */
    ut_str name;             /* of the archive, for messages */
    int64_t packed_bytes;    /* its whole size, -1 when unknown */
    int64_t unpacked_bytes;  /* of all members so far */
    char member[UT_PATH_BYTES_MAX];
    int64_t member_unpacked; /* bytes given out, which is also the place in the member */
    const char *block;       /* libarchive's newest block of the member */
    size_t block_len;
    int64_t block_at;        /* its place in the member; before it, a sparse member has zeros */
    int64_t member_began;    /* packed bytes read when the member began */
    ut_status broken;        /* nothing more can be read; err is ours to give out once more */
    ut_err why;
} ut_archive;

bool ut_archive_is(ut_str head)
{
    static const struct {
        size_t at;
        ut_str magic;
    } known[] = {
        {0, {"PK\x03\x04", 4}},  {0, {"PK\x05\x06", 4}},  {0, {"PK\x07\x08", 4}}, /* zip; empty; in parts */
        {0, {"\x1F\x8B\x08", 3}}, {0, {"\xFD" "7zXZ\0", 6}}, {0, {"\x28\xB5\x2F\xFD", 4}}, /* gzip, xz, zstd */
        {257, {"ustar", 5}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ut_str at = ut_str_slice(head, known[i].at, known[i].at + known[i].magic.len);
        if (ut_str_eq(at, known[i].magic)) {
            return true;
        }
    }
    /* bzip2's magic is three letters: ask for its block number and block mark too. */
    return head.len >= 10 && ut_str_starts(head, UT_STR("BZh")) && head.ptr[3] >= '1' && head.ptr[3] <= '9' &&
           ut_str_eq(ut_str_slice(head, 4, 10), UT_STR("1AY&SY"));
}

static ut_status break_off(ut_archive *archive, ut_status status, const char *what)
{
    archive->broken = status;
    const char *slash = archive->member[0] ? "/" : "";
    return ut_fail(&archive->why, status, UT_STR_FMT "%s%s: %s", UT_STR_ARG(archive->name), slash, archive->member,
                   what);
}

static ut_status give_reason(const ut_archive *archive, ut_err *err)
{
    if (err) {
        *err = archive->why;
    }
    return archive->broken;
}

static ut_status break_off_as_libarchive_says(ut_archive *archive)
{
    const char *says = archive_error_string(archive->handle);
    if (!says) {
        says = "the archive is damaged";
    }
    char what[256];
    (void)snprintf(what, sizeof what, "can't be unpacked (%s); is the archive complete?", says);
    return break_off(archive, UT_INVALID, what);
}

static bool is_bomb(const ut_archive *archive)
{
    const int64_t slack = (int64_t)UT_ARCHIVE_SLACK_BYTES;
    if (archive->packed_bytes >= 0 && archive->unpacked_bytes > slack &&
        archive->unpacked_bytes / UT_ARCHIVE_RATIO_MAX > archive->packed_bytes) {
        return true;
    }
    int64_t packed = archive_filter_bytes(archive->handle, -1) - archive->member_began + READ_AHEAD_BYTES;
    return archive->member_unpacked > slack && archive->member_unpacked / UT_ARCHIVE_RATIO_MAX > packed;
}

/* Makes the block at hand one that is not used up; *ret_ended when there is none left. Blocks instead of
 * archive_read_data, which forgets what it has unpacked already when the archive is cut off behind it. */
static ut_status next_block(ut_archive *archive, bool *ret_ended)
{
    while (archive->member_unpacked >= archive->block_at + (int64_t)archive->block_len) {
        const void *block = NULL;
        size_t len = 0;
        la_int64_t at = archive->member_unpacked;
        int code = archive_read_data_block(archive->handle, &block, &len, &at);
        if (code == ARCHIVE_EOF) {
            *ret_ended = true;
            return UT_OK;
        }
        if (code == ARCHIVE_RETRY) {
            continue;
        }
        if (code != ARCHIVE_OK) {
            return break_off_as_libarchive_says(archive);
        }
        if (at < archive->member_unpacked || at > INT64_MAX / 2) {
            return break_off(archive, UT_INVALID, "its parts overlap");
        }
        archive->block = block;
        archive->block_len = len;
        archive->block_at = at;
    }
    return UT_OK;
}

static size_t take_from_block(ut_archive *archive, char *to, size_t room)
{
    int64_t gap = archive->block_at - archive->member_unpacked;
    if (gap > 0) {
        size_t zeros = gap < (int64_t)room ? (size_t)gap : room;
        memset(to, 0, zeros);
        return zeros;
    }
    size_t used = (size_t)-gap;
    size_t len = archive->block_len - used < room ? archive->block_len - used : room;
    memcpy(to, archive->block + used, len);
    return len;
}

static ut_status read_member(void *ctx, char *to, size_t room, size_t *ret_len, ut_err *err)
{
    ut_archive *archive = ctx;
    bool ended = false;
    if (archive->broken != UT_OK || next_block(archive, &ended) != UT_OK) {
        return give_reason(archive, err);
    }
    size_t len = ended ? 0 : take_from_block(archive, to, room);
    archive->member_unpacked += (int64_t)len;
    archive->unpacked_bytes += (int64_t)len;
    if (is_bomb(archive)) {
        (void)break_off(archive, UT_INVALID, "unpacks to far more than it should; it looks like a zip bomb");
        return give_reason(archive, err);
    }
    *ret_len = len;
    return UT_OK;
}

/* No absolute path, no "..", whichever slash. */
static bool stays_inside(ut_str name)
{
    if (name.len >= 2 && name.ptr[1] == ':') {
        return false;
    }
    size_t begin = 0;
    for (size_t at = 0; at <= name.len; at++) {
        if (at < name.len && name.ptr[at] != '/' && name.ptr[at] != '\\') {
            continue;
        }
        ut_str part = ut_str_slice(name, begin, at);
        if (ut_str_eq(part, UT_STR("..")) || (part.len == 0 && begin == 0 && name.len > 0)) {
            return false;
        }
        begin = at + 1;
    }
    return true;
}

/* The name into archive->member: UTF-8 where libarchive knows the character set, else the bytes as they are. */
static void take_name(ut_archive *archive, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name) {
        name = archive_entry_pathname(entry);
    }
    while (name && name[0] == '.' && name[1] == '/') {
        name += 2;
    }
    (void)snprintf(archive->member, sizeof archive->member, "%s", name ? name : "");
}

/* The name of a lone compressed file: "mail.mbox" for "in/mail.mbox.gz". */
static void name_lone_file(ut_archive *archive)
{
    ut_str name = archive->name;
    for (size_t slash; (slash = ut_str_find_byte(name, '/', 0)) != UT_NPOS;) {
        name = ut_str_slice(name, slash + 1, name.len);
    }
    static const char *const endings[] = {".gz", ".bz2", ".xz", ".zst"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        ut_str ending = ut_str_of(endings[i]);
        if (name.len > ending.len && ut_str_eq_nocase(ut_str_slice(name, name.len - ending.len, name.len), ending)) {
            name.len -= ending.len;
            break;
        }
    }
    (void)snprintf(archive->member, sizeof archive->member, UT_STR_FMT, UT_STR_ARG(name));
}

static ut_status visit_member(ut_archive *archive, struct archive_entry *entry, ut_tree_visit visit, void *ctx,
                              ut_err *err)
{
    archive->member_unpacked = archive->block_at = 0;
    archive->block_len = 0;
    archive->member_began = archive_filter_bytes(archive->handle, -1);
    if (archive_format(archive->handle) == ARCHIVE_FORMAT_RAW) {
        name_lone_file(archive);
    } else if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry)) {
        return UT_OK; /* folders, links, devices */
    }
    if (!stays_inside(ut_str_of(archive->member))) {
        (void)break_off(archive, UT_INVALID, "the name leads out of the archive; refusing all that follows");
        return give_reason(archive, err);
    }
    if (archive_entry_is_data_encrypted(entry) || archive_entry_is_metadata_encrypted(entry)) {
        (void)break_off(archive, UT_INVALID, "is encrypted; unpack the archive with its password first");
        return give_reason(archive, err);
    }
    ut_stream stream = {
        .ctx = archive,
        .read = read_member,
        .size_bytes = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1,
    };
    ut_status st = visit(ctx, ut_str_of(archive->member), &stream, err);
    /* A visitor that made the best of a cut member still ends the walk: there is nothing behind it. */
    return st == UT_OK && archive->broken != UT_OK ? give_reason(archive, err) : st;
}

/* The next member and its name. libarchive drops names that the locale can't write, and a program that never called
 * setlocale is in the C locale; so the thread gets a UTF-8 one for the duration of the call. */
static int next_header(ut_archive *archive, struct archive_entry **ret_entry)
{
    locale_t before = archive->utf8 ? uselocale(archive->utf8) : (locale_t)0;
    int code = archive_read_next_header(archive->handle, ret_entry);
    if (code == ARCHIVE_OK || code == ARCHIVE_WARN) {
        take_name(archive, *ret_entry);
    }
    if (archive->utf8) {
        (void)uselocale(before);
    }
    return code;
}

static ut_status visit_members(ut_archive *archive, ut_tree_visit visit, void *ctx, ut_err *err)
{
    for (;;) {
        struct archive_entry *entry;
        int code = next_header(archive, &entry);
        if (code == ARCHIVE_EOF) {
            return UT_OK;
        }
        if (code == ARCHIVE_RETRY) {
            continue;
        }
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN) { /* warnings are about names in other character sets */
            (void)break_off_as_libarchive_says(archive);
            return give_reason(archive, err);
        }
        ut_status st = visit_member(archive, entry, visit, ctx, err);
        if (st != UT_OK) {
            return st;
        }
    }
}

static ut_status open_handle(ut_archive *archive, ut_err *err)
{
    struct archive *handle = archive_read_new();
    if (!handle) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening an archive");
    }
    archive->handle = handle;
    archive->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    bool ok = archive_read_support_filter_gzip(handle) == ARCHIVE_OK &&
              archive_read_support_filter_bzip2(handle) == ARCHIVE_OK &&
              archive_read_support_filter_xz(handle) == ARCHIVE_OK &&
              archive_read_support_filter_zstd(handle) == ARCHIVE_OK &&
              archive_read_support_format_zip(handle) == ARCHIVE_OK &&
              archive_read_support_format_tar(handle) == ARCHIVE_OK &&
              archive_read_support_format_raw(handle) == ARCHIVE_OK;
    return ok ? UT_OK : ut_fail(err, UT_UNSUPPORTED, "libarchive was built without zip, tar or a compressor");
}

/* `opened` is what an archive_read_open_… answered. */
static ut_status walk_opened(ut_archive *archive, int opened, ut_tree_visit visit, void *ctx, ut_err *err)
{
    if (opened != ARCHIVE_OK) {
        (void)break_off_as_libarchive_says(archive);
        return give_reason(archive, err);
    }
    return visit_members(archive, visit, ctx, err);
}

static void close_handle(ut_archive *archive)
{
    (void)archive_read_free(archive->handle);
    if (archive->utf8) {
        freelocale(archive->utf8);
    }
}

ut_status ut_archive__walk_file(ut_str name, const ut_file *file, int64_t size_bytes, ut_tree_visit visit, void *ctx,
                                ut_err *err)
{
    ut_archive archive = {.name = name, .packed_bytes = size_bytes};
    ut_status st = open_handle(&archive, err);
    if (st == UT_OK) {
        int opened = archive_read_open_fd(archive.handle, file->fd, BLOCK_BYTES);
        st = walk_opened(&archive, opened, visit, ctx, err);
    }
    close_handle(&archive);
    return st;
}

ut_status ut_archive_walk_bytes(ut_str name, ut_str bytes, ut_tree_visit visit, void *ctx, ut_err *err)
{
    ut_archive archive = {.name = name, .packed_bytes = (int64_t)bytes.len};
    ut_status st = open_handle(&archive, err);
    if (st == UT_OK) {
        int opened = archive_read_open_memory(archive.handle, bytes.ptr, bytes.len);
        st = walk_opened(&archive, opened, visit, ctx, err);
    }
    close_handle(&archive);
    return st;
}
