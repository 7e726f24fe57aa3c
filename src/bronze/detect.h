/* bronze/detect.h — what an input is, told from its content: first bytes, shape of a folder, list of an archive.
 *
 *     ut_detected found;
 *     st = ut_detect_path(&found, "export.zip", &err);
 *     if (found.kind == UT_INPUT_UNSUPPORTED) { … found.what … "iCalendar" }
 *
 * Names and extensions only break ties.
 */
#ifndef UT_BRONZE_DETECT_H
#define UT_BRONZE_DETECT_H

#include "base/base.h"

typedef enum ut_input_kind {
    UT_INPUT_MBOX,
    UT_INPUT_EML,
    UT_INPUT_SLACK,       /* a whole export: folder or archive */
    UT_INPUT_NDJSON,      /* the generic records of docs/formats.md */
    UT_INPUT_PEOPLE,      /* people.csv */
    UT_INPUT_FOLDER,      /* to be walked entry by entry; also Maildir (cur/ new/ tmp/) */
    UT_INPUT_ARCHIVE,     /* to be walked member by member */
    UT_INPUT_UNSUPPORTED, /* recognised: `what` names it */
    UT_INPUT_UNKNOWN,     /* `what` says "unknown" */
    UT_INPUT_IGNORED,     /* nothing to read: empty files, .DS_Store, Maildir's dovecot files, … */
} ut_input_kind;

typedef struct ut_detected {
    ut_input_kind kind;
    const char *what; /* "mbox", "Slack export", "iCalendar", "Jira CSV", …; static */
} ut_detected;

#define UT_DETECT_BYTES (64 * UT_KIB)

/* Looks at a path of any type. UT_NOT_FOUND, UT_IO, UT_NOMEM. A damaged archive is an archive or Slack export all the
 * same; its reader tells where it breaks off. */
UT_MUST_CHECK ut_status ut_detect_path(ut_detected *ret, const char *path, ut_err *err);
/* Looks at a file's first bytes (up to UT_DETECT_BYTES; `whole` when there are no more). `name` may be empty. */
ut_detected ut_detect_bytes(ut_str name, ut_str head, bool whole);

#endif
