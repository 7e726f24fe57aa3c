/* bronze/record.h — the envelope: what every source's reader delivers, and what a stored record decodes to.
 *
 * Readers (bronze/mail.c, bronze/slack.c, bronze/ndjson.c) turn files into ut_record and hand them to a ut_sink; they
 * store nothing and decide no policy. Decoders turn one stored payload back into a ut_message for analysis.
 * Readers deliver everything they see, direct messages and bots too: what is allowed in is decided once, in gate.c.
 */
#ifndef UT_BRONZE_RECORD_H
#define UT_BRONZE_RECORD_H

#include "base/base.h"

typedef enum ut_record_kind { UT_RECORD_MESSAGE = 1, UT_RECORD_EVENT = 2, UT_RECORD_WORK_ITEM = 3 } ut_record_kind;

/* How the payload is written, hence which decoder reads it. Stored: never renumber. */
typedef enum ut_format {
    UT_FORMAT_RFC822 = 1, /* one mail, verbatim */
    UT_FORMAT_MBOXRD = 2, /* one mail as it stood in an mbox: lines may be escaped by '>' before "From " */
    UT_FORMAT_SLACK = 3,  /* one Slack message object */
    UT_FORMAT_NDJSON = 4, /* one line of the generic NDJSON */
} ut_format;

typedef enum ut_channel_kind {
    UT_CHANNEL_PUBLIC = 1,
    UT_CHANNEL_PRIVATE = 2,
    UT_CHANNEL_DIRECT = 3,
    UT_CHANNEL_GROUP_DIRECT = 4,
    UT_CHANNEL_MAIL = 5,
    UT_CHANNEL_ISSUE = 6,
} ut_channel_kind;

/* One record on its way into bronze. Everything is borrowed for the call. */
typedef struct ut_record {
    ut_record_kind kind;
    ut_format format;
    ut_str source;        /* "mail", "slack", or what the NDJSON says: "zulip" */
    ut_str id;            /* unique within the source: a Message-ID, "C024:1712345678.123456" */
    ut_str author;        /* handle with its namespace: "mail:a@example.org", "slack:U024"; empty when there is none */
    ut_str author_name;   /* display name as the record has it, may be empty */
    ut_str channel;       /* id or name within the source; for mail the list id, else empty */
    ut_str channel_name;  /* what people call it, when `channel` is an id; else empty */
    ut_channel_kind channel_kind;
    const ut_str *to;     /* addresses it went to, when the sink wants them */
    size_t to_count;
    int64_t at_us;        /* when it was written */
    int64_t edited_us;    /* last edit, 0 if never */
    bool deleted;         /* the source says it was deleted; the payload may be empty of text */
    bool machine;         /* the record itself shows that no person wrote it: bot, automatic mail, join notice */
    ut_str payload;       /* the record verbatim */
    int64_t byte;         /* where it began in its file */
} ut_record;

/* Something that could not be taken: a dead letter. Borrowed for the call. */
typedef struct ut_reject {
    ut_str source;   /* as ut_record.source */
    ut_str path;     /* file, and member within an archive: "export.zip/general/2024-01-02.json" */
    int64_t byte;    /* where in it */
    ut_format format;
    ut_str reason;   /* one sentence for a person, naming what is missing or wrong */
    ut_str payload;  /* the offending bytes, cut to UT_REJECT_BYTES_MAX */
} ut_reject;

#define UT_REJECT_BYTES_MAX (256 * UT_KIB)

/* What a source's directory says about a person: users.json, From headers, … Borrowed for the call. */
typedef struct ut_person_hint {
    ut_str handle;    /* "slack:U024" */
    ut_str address;   /* e-mail, may be empty */
    ut_str name;      /* may be empty */
    ut_str time_zone; /* IANA, may be empty */
    bool bot;
} ut_person_hint;

/* Where readers deliver to. Any status but UT_OK ends the reading and is returned as it is. */
typedef struct ut_sink {
    void *ctx;
    ut_status (*record)(void *ctx, const ut_record *record, ut_err *err);
    ut_status (*reject)(void *ctx, const ut_reject *reject, ut_err *err);
    ut_status (*person)(void *ctx, const ut_person_hint *hint, ut_err *err);
    /* A file or record that is recognised but not handled by this version ("ics", "Slack canvases"): counted, named. */
    ut_status (*unsupported)(void *ctx, ut_str path, ut_str what, ut_err *err);
    bool recipients; /* readers fill ut_record.to */
} ut_sink;

/* One message as the analysis sees it; strings live in the arena given to the decoder. */
typedef struct ut_reaction {
    ut_str emoji; /* shortcode without colons, or the emoji itself */
    int64_t count;
} ut_reaction;

typedef struct ut_message {
    ut_str text;          /* UTF-8, LF line ends; the source's markup resolved: links as their label, mentions as
                             "@name-or-id", emoji as :shortcode: or Unicode */
    ut_str subject;       /* mail only */
    bool mail;            /* quoting, signatures, footers are to be expected */
    bool machine;         /* as ut_record.machine, from the payload alone */
    bool unreadable;      /* the payload could not be decoded; text is empty */
    ut_str reply_to;      /* id of the message answered, within the source; empty if none */
    ut_str *to;           /* handles: recipients of mail, mentions in chat */
    size_t to_count;
    ut_reaction *reactions;
    size_t reaction_count;
} ut_message;

#endif
