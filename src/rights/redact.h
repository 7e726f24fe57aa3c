/* rights/redact.h — takes one person out of what other people wrote: handles, names, and their words where quoted.
 *
 *     ut_redact *redact = NULL;
 *     st = ut_redact_open(&redact, &err);
 *     ut_redact_handle(redact, UT_STR("mail:anna.meier@example.org"));
 *     ut_redact_name(redact, UT_STR("Anna Meier"));
 *     ut_redact_said(redact, text);                                   // every text of hers
 *     st = ut_redact_payload(redact, kit, &changed, format, payload, &err);
 *     if (changed) { … kit->out is the payload without her … }
 *
 * In texts a letter becomes an x: the text keeps its length, so that the byte offsets that explain its scores, and
 * the scores themselves, stay. Addresses in header fields become erased@erased.invalid. What is hers:
 *
 *     addresses and ids         wherever they stand, also inside encoded words, base64 and quoted-printable
 *     names of two words or more  in any order, "Anna Meier", "Meier, Anna", "anna.meier"
 *     single names              behind '@' and in a salutation ("Hi Anna"); elsewhere they are words like others
 *     her words                 in quoted text only (behind '>', in blockquotes, below "-----Original Message-----"):
 *                               three of her words in a row, a short line of hers, all that is attributed to her
 *
 * Not reached: text in UTF-16 or ISO-2022 (counted), pictures and packed attachments (PDF, office files).
 * Functions that add take one thread; ut_redact_payload may run in parallel, with a kit per thread.
 */
#ifndef UT_RIGHTS_REDACT_H
#define UT_RIGHTS_REDACT_H

#include "bronze/record.h"
#include "codec/json.h"

#define UT_REDACT_ADDRESS "erased@erased.invalid"

typedef struct ut_redact ut_redact;

UT_MUST_CHECK ut_status ut_redact_open(ut_redact **ret, ut_err *err);
void ut_redact_close(ut_redact **redact);
/* "mail:a@example.org", "slack:U024": what stands behind the first colon is looked for. */
void ut_redact_handle(ut_redact *redact, ut_str handle);
void ut_redact_name(ut_redact *redact, ut_str name);
/* Learns the words of one text; lines it quotes itself are passed over. */
void ut_redact_said(ut_redact *redact, ut_str text);
/* After the last addition, before the first payload. UT_NOMEM or UT_LIMIT when some addition found no room. */
UT_MUST_CHECK ut_status ut_redact_ready(ut_redact *redact, ut_err *err);
/* What one thread needs. */
typedef struct ut_redact_kit {
    ut_json *json;
    ut_buf out;     /* the payload, when it changed */
    ut_buf scratch;
    int64_t unread; /* parts in character sets that are not searched */
} ut_redact_kit;

UT_MUST_CHECK ut_status ut_redact_kit_open(ut_redact_kit *kit, ut_err *err);
void ut_redact_kit_close(ut_redact_kit *kit);
/* One payload. *ret_changed: kit->out holds it anew. What is no mail or JSON is searched as plain text. */
UT_MUST_CHECK ut_status ut_redact_payload(const ut_redact *redact, ut_redact_kit *kit, bool *ret_changed,
                                          ut_format format, ut_str payload, ut_err *err);
/* Whether a handle or a name stands in plain text or bytes of any kind. */
bool ut_redact_hits(const ut_redact *redact, ut_str text);
/* The same, and ids that look like words too ("p12"): for what is dropped as a whole on a hit. */
bool ut_redact_names(const ut_redact *redact, ut_str text);

#endif
