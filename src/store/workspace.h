/* store/workspace.h — the inside of a workspace for the rooms above: its stores and its keys.
 *
 *     undertone-data/
 *       workspace.key    64 hex digits, mode 0600: whoever has it can read everything (store/keyring.h)
 *       truth.sqlite     bronze, people, decisions, audit: the only source of truth
 *       lake.duckdb      derived tables; may be deleted, `undertone lake rebuild` makes it again
 *       lock             held by the one writing process
 *
 * The lake is opened on first use: ingest does not need it, and DuckDB takes 30 ms and 40 MB.
 */
#ifndef UT_STORE_WORKSPACE_H
#define UT_STORE_WORKSPACE_H

#include "codec/seal.h"
#include "os/file.h"
#include "store/lake.h"
#include "undertone/workspace.h"

/* Where a workspace is when nobody says. */
#define UT_WORKSPACE_DEFAULT "undertone-data"

/* One per purpose. `wrap` is derived from the workspace key; it seals the others, which are random. */
typedef struct ut_keys {
    ut_key wrap;   /* wraps data keys, the identities' and those below */
    ut_key digest; /* keyed hashes: pseudonyms, record keys, contents */
    ut_key name;   /* people's names as people.csv gave them */
    ut_key reject; /* dead letters */
} ut_keys;

typedef enum ut_key_place {
    UT_KEY_IN_WORKSPACE, /* workspace.key */
    UT_KEY_IN_FILE,      /* --key-file */
    UT_KEY_IN_VARIABLE,  /* UNDERTONE_KEY */
} ut_key_place;

/* Lives in pages of its own, because of the keys (codec/seal.h, ut_seal_page). */
struct ut_workspace {
    char path[UT_PATH_BYTES_MAX - 64];
    ut_access access;
    bool is_new;
    ut_file lock;    /* fd -1 when reading */
    ut_keys keys;
    ut_key_place key_place;
    char key_path[UT_PATH_BYTES_MAX]; /* empty when in the variable */
    ut_truth *truth; /* always open */
    ut_lake *lake;   /* NULL until ut_workspace_lake */
};

/* Opens a folder that holds a truth, to write in it, with a wrapping key that is known: a backup's. */
UT_MUST_CHECK ut_status ut_workspace_open_wrapped(ut_workspace **ret, const char *path, const ut_key *wrap,
                                                  ut_err *err);
/* The lake, opened on the first call. `memory_mb` counts on that call only (0 = default). */
UT_MUST_CHECK ut_status ut_workspace_lake(ut_workspace *workspace, ut_lake **ret, int memory_mb, ut_err *err);
/* Closes and deletes the lake, so that the next ut_workspace_lake starts with an empty one. */
UT_MUST_CHECK ut_status ut_workspace_drop_lake(ut_workspace *workspace, ut_err *err);
/* Writes the lake's file anew, so that no byte of deleted rows is left in it; closes the lake, whose handles are void
 * then. Killed at any moment, the old lake or the new one is there. Nothing to do without a lake. */
UT_MUST_CHECK ut_status ut_workspace_compact_lake(ut_workspace *workspace, ut_err *err);
/* Removes what a killed compaction and DuckDB's own overflow left behind. The lake must be closed. */
UT_MUST_CHECK ut_status ut_workspace_tidy_lake(ut_workspace *workspace, ut_err *err);

/* A setting of the truth; empty when unset. The string is copied into the arena. */
UT_MUST_CHECK ut_status ut_workspace_setting(ut_workspace *workspace, ut_arena *keep, ut_str *ret, const char *key,
                                             ut_err *err);
UT_MUST_CHECK ut_status ut_workspace_set(ut_workspace *workspace, const char *key, ut_str value, ut_err *err);

#endif
