/* codec/archive.h — libarchive, behind codec/stream.h. Other rooms use ut_tree_walk. */
#ifndef UT_CODEC_ARCHIVE_H
#define UT_CODEC_ARCHIVE_H

#include "codec/stream.h"

/* Walks the archive in an open file that stands at its first byte. `size_bytes` is -1 when unknown (a pipe). */
UT_MUST_CHECK ut_status ut_archive__walk_file(ut_str name, const ut_file *file, int64_t size_bytes, ut_tree_visit visit,
                                              void *ctx, ut_err *err);

#endif
