/* codec/mail_date.h — the dates of mail: RFC 5322, its obsolete forms, asctime, and what programs make of them.
 *
 *     int64_t at_us;
 *     if (ut_mail_date_parse(UT_STR("Mon, 5 Jan 98 10:00:00 EST"), &at_us)) { … }
 *     if (ut_mail_date_strict(UT_STR("Mon Jan  5 10:00:00 +0100 2026"), &at_us)) { … }
 *
 * Day, month and year come in any order that can be told apart; two-digit years 00–49 are 20xx, 50–99 are 19xx;
 * comments in parentheses are skipped; a missing or unknown zone is UTC, as "-0000" is. Pure functions: any thread.
 */
#ifndef UT_CODEC_MAIL_DATE_H
#define UT_CODEC_MAIL_DATE_H

#include "base/base.h"

/* Lenient, for header fields: words it does not know are passed over. false, and *ret_us untouched, when there is no
 * day, month, year and time in it, or when they are out of range (30 February, 25:00). */
bool ut_mail_date_parse(ut_str text, int64_t *ret_us);
/* Strict, for telling an mbox separator from a sentence: every word must be part of the date. */
bool ut_mail_date_strict(ut_str text, int64_t *ret_us);

#endif
