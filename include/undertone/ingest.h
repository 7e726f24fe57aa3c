/* undertone/ingest.h — raw records into bronze.
 *
 *     const char *paths[] = {"mail.mbox", "slack-export.zip"};
 *     ut_ingest_options options = {.people = "people.csv"};
 *     ut_ingest_counts counts;
 *     if (ut_ingest(&counts, workspace, paths, 2, &options, &err) == UT_OK) {
 *         printf("%lld new\n", (long long)counts.added);
 *     }
 *
 * Idempotent and incremental: the same input again adds nothing, a killed run is continued by running it again. What a
 * record is, is found out from its content. Everything is committed in batches; what a batch could not take is a dead
 * letter with its reason and place (`undertone rejects`).
 */
#ifndef UNDERTONE_INGEST_H
#define UNDERTONE_INGEST_H

#include "undertone/workspace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* read = added + updated + duplicate + skipped + rejected. */
typedef struct ut_ingest_counts {
    int64_t read;
    int64_t added;
    int64_t updated;     /* a newer version of a record that was there */
    int64_t duplicate;   /* the same content was there already */
    int64_t skipped;     /* not allowed in by policy: direct messages, unless the workspace allows them */
    int64_t rejected;    /* dead letters */
    int64_t unsupported; /* files and records recognised, but not handled by this version; not part of `read` */
    int64_t people;      /* rows of people.csv taken */
    int64_t people_rejected;
    int64_t people_defaulted; /* cells of people.csv that could not be read, so that the default was taken */
} ut_ingest_counts;

/* Called now and then from the calling thread; `done` and `total` are input bytes, total 0 = not known yet. */
typedef void (*ut_progress)(void *ctx, const char *stage, int64_t done, int64_t total);

typedef struct ut_ingest_options {
    const char *people;  /* people.csv to import first; NULL = a people.csv found among the paths, if any */
    ut_progress progress; /* may be NULL */
    void *progress_ctx;
    /* Called once for each kind of unsupported input with its count and a first example; may be NULL. */
    void (*unsupported)(void *ctx, const char *what, int64_t count, const char *example);
    void *unsupported_ctx;
    int threads;         /* 0 = one per processor */
} ut_ingest_options;

/* Fills *ret also on failure, with what was committed. UT_NOT_FOUND: a path is not there (nothing was read);
 * UT_IO: the disk is full or the workspace read-only; what was committed stays. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_ingest(ut_ingest_counts *ret, ut_workspace *workspace, const char *const *paths,
                                            size_t path_count, const ut_ingest_options *options, ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
