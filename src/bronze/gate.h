/* bronze/gate.h — what is let in at all: the policy's lists, and persons who do not want to be processed.
 *
 *     ut_gate gate = {0};
 *     st = ut_gate_open(&gate, workspace, &err);                 // reads everything it needs; after that no store is
 * touched if (ut_gate_judge(&gate, &record) != UT_GATE_OPEN) { … count it as skipped … } ut_gate_close(&gate);
 *
 * Persons who objected or withdrew, and the handles of erased ones (tombstones), are known by keyed digests only. What
 * the gate refuses leaves no row behind, with one exception: of a person who objected the identities stay, since they
 * are what the objection holds on to.
 */
#ifndef UT_BRONZE_GATE_H
#define UT_BRONZE_GATE_H

#include "base/map.h"
#include "bronze/record.h"
#include "store/workspace.h"
#include "undertone/policy.h"

typedef enum ut_gate_verdict {
    UT_GATE_OPEN,
    UT_GATE_DIRECT,  /* a direct message, which the policy keeps out */
    UT_GATE_CHANNEL, /* a listed channel */
    UT_GATE_MAILBOX, /* from or to a listed mailbox */
    UT_GATE_PERSON,  /* by a person who objected or withdrew */
    UT_GATE_ERASED,  /* by a person who was erased */
} ut_gate_verdict;

typedef struct ut_gate {
    ut_policy policy;
    ut_key digest_key;
    ut_map barred;   /* digest of a handle → PERSON or ERASED; empty as a rule */
    ut_map authors;  /* handle → verdict + 1, so that each is hashed once */
    ut_map channels; /* the policy's lists */
    ut_map mailboxes;
    ut_digest stamp; /* of all this: input is read again when the gate lets other things in */
} ut_gate;

/* Derives persons first where that matters. On failure there is nothing to close. */
UT_MUST_CHECK ut_status ut_gate_open(ut_gate *ret, ut_workspace *workspace, ut_err *err);
/* A zeroed gate and twice are fine. */
void ut_gate_close(ut_gate *gate);
ut_gate_verdict ut_gate_judge(ut_gate *gate, const ut_record *record);
/* What a source's directory says: remembers that the handle is a barred person's. PERSON: may be noted; ERASED and
 * MAILBOX: is not to be noted. */
ut_gate_verdict ut_gate_hint(ut_gate *gate, const ut_person_hint *hint);
/* What could not be read and is to be a dead letter: ERASED when a handle or address of an erased person stands in
 * it. */
ut_gate_verdict ut_gate_reject(const ut_gate *gate, const ut_reject *reject);
/* Whether readers must tell recipients. */
bool ut_gate_wants_recipients(const ut_gate *gate);

#endif
