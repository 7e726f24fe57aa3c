/* bronze/source.h — the readers and decoders, one pair per source family.
 *
 * A reader gets one path (file, folder or archive) that bronze/detect.h has recognised, and delivers into the sink.
 * It streams: memory does not grow with the input. What can't be read becomes a reject, never a lost neighbour.
 */
#ifndef UT_BRONZE_SOURCE_H
#define UT_BRONZE_SOURCE_H

#include "bronze/record.h"
#include "codec/json.h"
#include "codec/mail_worker.h"
#include "codec/stream.h"

/* mbox streams, single .eml mails; Maildir folders and folders of .eml are walked by ingest.c file by file.
 * `path` is for messages and rejects. The worker parses headers in batches. */
UT_MUST_CHECK ut_status ut_mail_read_mbox(const ut_sink *sink, ut_mail_worker *worker, ut_str path, ut_stream *stream,
                                          ut_err *err);
UT_MUST_CHECK ut_status ut_mail_read_eml(const ut_sink *sink, ut_mail_worker *worker, ut_str path, ut_stream *stream,
                                         ut_err *err);
/* Payloads of formats RFC822 and MBOXRD to messages, in a batch. */
UT_MUST_CHECK ut_status ut_mail_decode(ut_mail_worker *worker, ut_arena *keep, ut_message *ret_messages,
                                       const ut_str *payloads, const ut_format *formats, size_t count, ut_err *err);

/* A Slack workspace export: folder or archive with users.json, channels.json, … and <channel>/<day>.json. A damaged
 * archive is read as far as it goes, then UT_INVALID names it and the member. Record ids are "<channel>:<ts>". */
UT_MUST_CHECK ut_status ut_slack_read(const ut_sink *sink, const char *path, ut_err *err);
/* One message object (or message_changed / message_deleted around one). A payload lacks its channel: reply_to is
 * the parent's bare ts, and the record answered has the id "<channel of this record>:<reply_to>". A payload that cannot
 * be read gives UT_OK and `unreadable`; UT_NOMEM when the arena is full. */
UT_MUST_CHECK ut_status ut_slack_decode(ut_json *json, ut_arena *keep, ut_message *ret, ut_str payload, ut_err *err);

/* Generic NDJSON, one record a line (docs/formats.md). Messages only; events and work items count as unsupported. */
UT_MUST_CHECK ut_status ut_ndjson_read(const ut_sink *sink, ut_str path, ut_stream *stream, ut_err *err);
UT_MUST_CHECK ut_status ut_ndjson_decode(ut_json *json, ut_arena *keep, ut_message *ret, ut_str payload, ut_err *err);

#endif
