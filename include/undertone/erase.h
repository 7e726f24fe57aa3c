/* undertone/erase.h — takes a person out of a workspace and of its backups, for good.
 *
 *     ut_erase_counts counts;
 *     ut_erase_options options = {.dry_run = true};
 *     if (ut_erase(&counts, workspace, UT_STR("anna@example.org"), &options, &err) == UT_OK) {
 *         printf("%lld records would go\n", (long long)counts.records);
 *     }
 *
 * What goes: the keys, records, names and rows of the person; their name, addresses and quoted words in what others
 * wrote; dead letters and words of the audit log that name them; their rows in the lake, whose file is written anew;
 * the same in every backup that can be reached. What stays: figures of groups that were shown, unless too few people
 * remain behind them, and a keyed hash of each handle, which keeps the same input from bringing them back.
 *
 * Killed at any moment, ut_erase_resume finishes it.
 */
#ifndef UNDERTONE_ERASE_H
#define UNDERTONE_ERASE_H

#include "undertone/ingest.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ut_erase_counts {
    int64_t person;     /* person.id, by which the audit log names them; 0: an outsider */
    int64_t identities; /* handles, with their keys */
    int64_t records;    /* versions of what they wrote */
    int64_t mentions;   /* records of others that named or quoted them, sealed anew without */
    int64_t unread;     /* parts of others' mails in UTF-16 or ISO-2022, which are not searched */
    int64_t rejects;    /* dead letters that named them, deleted */
    int64_t audit;      /* entries of the audit log whose words were taken out */
    int64_t channels;   /* channels that were theirs alone, deleted, or had their name, renamed */
    int64_t cells;      /* group figures they no longer count in … */
    int64_t withheld;   /* … of those, withheld now because too few people remain */
    int64_t lake_rows;
    int64_t backups;    /* backups in which the same was done */
    int64_t due;        /* what is still to do: ut_erase_options.due names it */
} ut_erase_counts;

typedef struct ut_erase_options {
    bool dry_run;         /* only count */
    ut_progress progress; /* may be NULL */
    void *progress_ctx;
    void (*due)(void *ctx, const char *what); /* one sentence for each thing still to do; may be NULL */
    void *due_ctx;
} ut_erase_options;

/* `who`: an id of people.csv, an address or a handle; a merged person goes with all that was merged. The workspace must
 * be open for writing. *ret is filled on success. UT_NOT_FOUND: nobody, or erased before. UT_BUSY: another process has
 * the lake open; run ut_erase_resume later. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_erase(ut_erase_counts *ret, ut_workspace *workspace, ut_str who,
                                           const ut_erase_options *options, ut_err *err);
/* Finishes every erasure that was begun, and tries again what was due; ret->due is what is left of that. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_erase_resume(ut_erase_counts *ret, ut_workspace *workspace,
                                                  const ut_erase_options *options, ut_err *err);
/* *ret_begun: erasures that were begun and not finished; *ret_due: backups that could not be reached yet. */
UT_PUBLIC UT_MUST_CHECK ut_status ut_erase_pending(ut_workspace *workspace, int64_t *ret_begun, int64_t *ret_due,
                                                   ut_err *err);

#ifdef __cplusplus
}
#endif
#endif
