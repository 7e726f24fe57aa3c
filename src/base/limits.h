/* base/limits.h — every maximum of the product, in one place.
 *
 * Whatever grows with its input is born with a number from here, so that unbounded input meets a number and not the
 * machine. Raising one is a decision: the reason stands beside it.
 */
#ifndef UT_BASE_LIMITS_H
#define UT_BASE_LIMITS_H

#define UT_KIB ((size_t)1024)
#define UT_MIB (1024 * UT_KIB)

/* Input ------------------------------------------------------------------------------------------------------------ */
#define UT_RECORD_BYTES_MAX (32 * UT_MIB)  /* one mail or JSON record; mail servers stop at about 25 MB */
#define UT_HEADER_LINE_MAX (1 * UT_MIB)    /* one unfolded header line; GMime would keep all of it in memory */
#define UT_HEADER_BLOCK_MAX (4 * UT_MIB)   /* all headers of a mail */
#define UT_MAIL_RECIPIENTS_MAX 10000       /* addresses in To, Cc, Bcc; a whole organisation, the rest is not kept */
#define UT_MAIL_WORKER_BYTES (1024 * UT_MIB) /* of the mail parser: GMime takes 3-4 times the largest record */
#define UT_MAIL_TIME_MS 10000              /* one mail in the parser; 32 MiB take well under a second */
#define UT_MIME_DEPTH_MAX 30               /* nested parts; real mail has 4 or 5 */
#define UT_MIME_PARTS_MAX 1000             /* parts of one mail */
#define UT_JSON_DEPTH_MAX 64               /* nested JSON values; Slack blocks reach 12 */
#define UT_JSON_NODES_MAX 1000000          /* values in one JSON record */
#define UT_ICAL_ATTENDEES_MAX 10000         /* of one event; as UT_MAIL_RECIPIENTS_MAX, the rest is counted only */
#define UT_ICAL_DATES_MAX 10000             /* RDATEs, and EXDATEs, of one event; 27 years of days */
#define UT_ICAL_RULES_MAX 8                 /* RRULEs of one event; more than one is rare already */
#define UT_ICAL_VALUE_MAX (256 * UT_KIB)    /* one line of an event; longer texts are cut, lists and rules refused */
#define UT_ICAL_ZONES_MAX 1000              /* time zones of one calendar; there are about 600 in the world */
#define UT_ICAL_ZONE_BYTES_MAX (16 * UT_MIB) /* all VTIMEZONEs of one calendar */
#define UT_ICAL_WAITING_MAX (8 * UT_MIB)    /* events that stand before the VTIMEZONE they name */
#define UT_ICAL_STEPS_MAX 4000000           /* days and hours looked at for one series; some 40 ms */
#define UT_CSV_FIELD_MAX (1 * UT_MIB)      /* one CSV cell */
#define UT_CSV_COLUMNS_MAX 1024
#define UT_HTML_DEPTH_MAX 256              /* open elements; deeper ones are read as text of their parent */
#define UT_TEXT_BYTES_MAX (256 * UT_KIB)   /* the text of one message that is cleaned and scored; the rest is cut */
#define UT_ARCHIVE_RATIO_MAX 200           /* unpacked / packed; text reaches 20, a bomb 1,000 */
#define UT_ARCHIVE_SLACK_BYTES (64 * UT_MIB) /* unpacked bytes allowed before the ratio counts */
#define UT_PATH_BYTES_MAX 4096

/* Rule packs ------------------------------------------------------------------------------------------------------ */
#define UT_RULES_FILE_BYTES_MAX (8 * UT_MIB) /* one pack or lexicon; the largest built-in one has a tenth */
#define UT_RULES_FILES_MAX 256               /* packs and lexicons of one model */
#define UT_RULES_TERMS_MAX 500000            /* terms of all packs; the built-in ones have about 20,000 */

/* Work ------------------------------------------------------------------------------------------------------------- */
#define UT_BATCH_RECORDS 4096              /* records in one transaction; a kill loses at most this much work */
#define UT_BATCH_BYTES (8 * UT_MIB)        /* … or this many payload bytes, whichever comes first */

#endif
