/* undertone/workspace.h — the folder that holds everything: truth, lake, key.
 *
 *     ut_workspace *workspace = NULL;
 *     ut_workspace_options options = {.path = "undertone-data", .access = UT_WORKSPACE_WRITE, .create = true};
 *     if (ut_workspace_open(&workspace, &options, &err) != UT_OK) {
 *         fprintf(stderr, "%s\n", err.message);
 *     }
 *     ut_workspace_close(&workspace);
 *
 * One process writes at a time (others get UT_BUSY); many may read. One thread at a time per handle.
 */
#ifndef UNDERTONE_WORKSPACE_H
#define UNDERTONE_WORKSPACE_H

#include "undertone/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ut_workspace ut_workspace;

typedef enum ut_workspace_access { UT_WORKSPACE_READ, UT_WORKSPACE_WRITE } ut_workspace_access;

typedef struct ut_workspace_options {
    const char *path;           /* the folder; NULL = "undertone-data" */
    const char *key_file;       /* NULL = the key in the environment variable UNDERTONE_KEY (64 hex digits) if set, else
                                   workspace.key in the folder */
    ut_workspace_access access;
    bool create;                /* make folder and key when there is none */
} ut_workspace_options;

/* UT_NOT_FOUND: no workspace there; UT_DENIED: the key is missing or is not this workspace's; UT_BUSY; UT_IO;
 * UT_CORRUPT. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_workspace_open(ut_workspace **ret, const ut_workspace_options *options,
                                                    ut_err *err);
/* NULL and twice are fine. */
UT_PUBLIC void ut_workspace_close(ut_workspace **workspace);
/* true when this open call made it. */
UT_PUBLIC bool ut_workspace_is_new(const ut_workspace *workspace);

#ifdef __cplusplus
}
#endif
#endif
