/* rights/export_int.h — the parts of a person's export. Inside the room only. */
#ifndef UT_RIGHTS_EXPORT_INT_H
#define UT_RIGHTS_EXPORT_INT_H

#include "people/identity.h"
#include "undertone/policy.h"
#include "undertone/export.h"

#define UT_EXPORT_IDENTITIES_MAX 1000 /* of one person; people have a handful */

/* Opens a query over ?1 = the person. f: they and everybody who was merged into them; i: their identities, also those
 * that are marked as a machine's: what was claimed for a person is about them. */
#define UT_EXPORT_FAMILY                                                                                               \
    "WITH RECURSIVE f (id) AS (SELECT ?1 UNION SELECT m.person FROM merge m JOIN f ON m.target = f.id),"              \
    " i (id) AS (SELECT id FROM identity WHERE person = ?1"                                                           \
    "            UNION SELECT identity FROM claim WHERE person IN (SELECT id FROM f)) "

typedef struct ut_export {
    ut_workspace *workspace;
    int64_t person;
    bool raw;
    ut_export_write write;
    void *ctx;
    ut_policy policy;
    ut_identities *keys;
    int64_t identities[UT_EXPORT_IDENTITIES_MAX];
    size_t identity_count;
    ut_arena arena; /* handles of the person, for the whole export */
    ut_str handles[UT_EXPORT_IDENTITIES_MAX]; /* by identity, empty when its key is gone */
    ut_buf out;     /* what is not written yet */
} ut_export;

/* Hands on what `out` holds; between elements of a list, so that memory stays bounded. */
ut_status ut_export__flush(ut_export *x, ut_err *err);
/* ,"key": with the comma unless it is the first of its object. */
void ut_export__key(ut_buf *out, bool first, const char *key);
void ut_export__text(ut_buf *out, bool first, const char *key, ut_str text);
void ut_export__number(ut_buf *out, bool first, const char *key, int64_t number);
/* An instant, null for 0. */
void ut_export__time(ut_buf *out, bool first, const char *key, int64_t at_us);

/* export_records.c: ,"raw":"…", or "raw_base64" when it is not UTF-8. */
void ut_export__raw(ut_buf *out, ut_str payload);
/* ,"records":[…],"analyses":[…] */
ut_status ut_export__records(ut_export *x, ut_err *err);
/* export_about.c: {"export":…, the person, names, teams, decisions, purposes, retention */
ut_status ut_export__about(ut_export *x, ut_err *err);
/* export_about.c: ,"dead_letters":[…],"group_figures":[…],"log":[…] */
ut_status ut_export__traces(ut_export *x, ut_err *err);

#endif
