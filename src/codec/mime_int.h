/* codec/mime_int.h — inside of the mail codec: what mime.c (the GMime side) shares with mime_fields.c and mime_text.c.
 */
#ifndef UT_CODEC_MIME_INT_H
#define UT_CODEC_MIME_INT_H

#include "codec/mime.h"

/* Header fields ------------------------------------------------------------------------------------------------------
 */

/* The fields the product looks at. */
typedef enum ut_field_kind {
    UT_FIELD_FROM,
    UT_FIELD_SENDER,
    UT_FIELD_TO,
    UT_FIELD_CC,
    UT_FIELD_BCC,
    UT_FIELD_MESSAGE_ID,
    UT_FIELD_REFERENCES,
    UT_FIELD_IN_REPLY_TO,
    UT_FIELD_SUBJECT,
    UT_FIELD_DATE,
    UT_FIELD_RECEIVED,
    UT_FIELD_LIST_ID,
    UT_FIELD_LIST_POST,
    UT_FIELD_LIST_UNSUBSCRIBE,
    UT_FIELD_AUTO_SUBMITTED,
    UT_FIELD_AUTO_SUPPRESS,
    UT_FIELD_PRECEDENCE,
    UT_FIELD_RETURN_PATH,
    UT_FIELD_CONTENT_TYPE,
    UT_FIELD_CONTENT_ENCODING,
    UT_FIELD_CONTENT_DISPOSITION,
    UT_FIELD_CONTENT_CLASS,
    UT_FIELDS
} ut_field_kind;

typedef struct ut_field {
    ut_field_kind kind; /* UT_FIELDS for any other */
    ut_str value;       /* as it stands, folds included, without the last line end */
} ut_field;

/* A header block cut into fields; borrows from the mail. */
typedef struct ut_fields {
    ut_str block;            /* up to the empty line */
    size_t body;             /* where the body begins in the mail; its length when there is none */
    ut_str first[UT_FIELDS]; /* the first field of each kind */
    bool seen[UT_FIELDS];
    size_t count; /* fields of any kind */
} ut_fields;

/* Finds the header block and its fields. As ut_mime_parse fails. */
UT_MUST_CHECK ut_status ut_fields_scan(ut_fields *ret, ut_str mail, ut_err *err);
/* The next field of a block: *rest moves on; false at its end. */
bool ut_fields_next(ut_str *rest, ut_field *ret);

/* Appends a value without its folds, as valid UTF-8 (bytes that are not are read as windows-1252), without NUL. */
void ut_fields_unfold(ut_buf *to, ut_str value);
/* What stands between the first or last <> of a value; without any, its only word. Empty when too long for an id. */
ut_str ut_fields_first_id(ut_str value);
ut_str ut_fields_last_id(ut_str value);
/* What stands in the <> of a List-Id, or the value. */
ut_str ut_fields_list_id(ut_str value);
/* Date, else the newest Received that can be read; INT64_MIN. */
int64_t ut_fields_date(const ut_fields *fields);
/* Why a machine wrote it; `address` is the author's, lower case. */
ut_mail_machine ut_fields_machine(const ut_fields *fields, ut_str address);

/* Text ---------------------------------------------------------------------------------------------------------------
 */

/* Appends `bytes` as UTF-8. `charset` is what the mail claims, may be empty or wrong. Failure shows in to->failed. */
void ut_mime_to_utf8(ut_buf *to, ut_str bytes, ut_str charset);
/* Appends plain text with LF line ends; a format=flowed one (RFC 3676) with its lines joined and its quotes as "> ". */
void ut_mime_put_plain(ut_buf *to, ut_str text, bool flowed, bool delsp);
/* Appends as much as fits below the cap, whole characters; false when not all did. */
bool ut_mime_put_capped(ut_buf *to, ut_str text);
/* Appends UTF-8 as UTF-8 and windows-1252 where it is not; C1 controls, which nobody means, as windows-1252 too. */
void ut_mime_repair(ut_buf *to, ut_str bytes);

#endif
