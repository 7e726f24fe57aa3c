/* bronze/slack_int.h — what the Slack reader (slack.c) and decoder (slack_decode.c) share. */
#ifndef UT_BRONZE_SLACK_INT_H
#define UT_BRONZE_SLACK_INT_H

#include "bronze/record.h"
#include "codec/json.h"
#include "codec/stream.h"

/* A message object, seen through the envelope that may be around it. */
typedef struct ut_slack_view {
    const ut_json_node *message; /* the message itself, within message_changed its inner one */
    ut_str ts;                   /* of the message, not of the envelope */
    int64_t at_us;               /* ts as an instant */
    int64_t edited_us;           /* 0 if never */
    ut_str user;                 /* "U024", "B01" for bots, as written; may be empty */
    bool deleted;
    bool machine;
} ut_slack_view;

/* NULL and *ret filled, or what is wrong with the message, one sentence; *ret is untouched then. */
const char *ut_slack__look(ut_slack_view *ret, const ut_json_node *object);

/* Reads one file of an export as if it were the only one; for the fuzzer. `name` as in the export. */
UT_MUST_CHECK ut_status ut_slack__read_file(const ut_sink *sink, ut_str name, ut_stream *content, ut_err *err);

#endif
