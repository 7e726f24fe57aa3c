/* silver/silver_int.h — what the steps of one analysis batch share. Inside the room only.
 *
 *     read (in order)      rows of the truth after the watermark, sealed        read.c
 *     decode (parallel)    unseal, unpack, decode, clean, detect language       message.c
 *     inherit (in order)   short texts take their author's language             language.c
 *     score (parallel)     the model, for what is to be scored                  message.c
 *     write (in order)     lake rows and watermark, one transaction             write.c
 *
 * Only "inherit" depends on earlier messages; it is a fold over the records in order of arrival, so that analysing in
 * one go or in many pieces gives the same rows.
 */
#ifndef UT_SILVER_SILVER_INT_H
#define UT_SILVER_SILVER_INT_H

#include "bronze/source.h"
#include "codec/pack.h"
#include "model/model.h"
#include "os/pool.h"
#include "store/workspace.h"
#include "text/clean.h"
#include "text/lang.h"
#include "undertone/analyze.h"

#define UT_SILVER_ROWS 4096          /* records in one lake transaction */
#define UT_SILVER_BYTES (8 * UT_MIB)   /* … or this many payload bytes */
#define UT_SILVER_CHUNK 64 /* records one worker takes at a time: mails cross to the mail worker together */
#define UT_SILVER_WORKERS_MAX 64

typedef enum ut_silver_state {
    UT_SILVER_SCORED,
    UT_SILVER_AUTOMATIC,
    UT_SILVER_EXTERNAL,
    UT_SILVER_DELETED,
    UT_SILVER_UNREADABLE,
    UT_SILVER_EMPTY,
    UT_SILVER_LANGUAGE,
    UT_SILVER_OBJECTED,
    UT_SILVER_RESTRICTED,
    UT_SILVER_STATES
} ut_silver_state;

/* How the analysis of a record ended before its text was dropped, as far as the text is needed to tell. */
typedef struct ut_silver_end {
    ut_silver_state state; /* SCORED, LANGUAGE; else UNREADABLE: it was not to be scored then, and can't be now */
    char language[4];
    bool inherited;
    ut_str model;          /* whose scores these are */
} ut_silver_end;

/* One record version on its way to the lake. */
typedef struct ut_silver_row {
    int64_t seq, item, version, channel, author;
    int64_t at_us;
    ut_format format;
    bool deleted, machine, bot, member;
    bool newest;        /* no other version of the item is newer: this one is what the lake shows */
    bool erased;        /* the author's key is gone */
    bool reduced;       /* the payload is the record's analysis, the text is gone */
    ut_silver_state stopped; /* OBJECTED or RESTRICTED: not to be looked at; else SCORED */
    ut_str key;         /* record.key: the context the payload was sealed with */
    ut_str source;
    ut_str sealed;
    ut_key author_key;
    /* made on the way */
    ut_message message;
    ut_clean clean;
    bool worded;        /* the author newly wrote something: clean.text, which reduced rows lack, is not empty */
    int64_t recipients, reactions;
    bool reply;
    ut_lang lang;
    bool inherited;
    ut_silver_state state;
    ut_scores scores;
    ut_str detail;      /* JSON */
    ut_silver_end end;  /* of a reduced row: how its analysis ended */
} ut_silver_row;

/* What one thread of the pool needs; opened when first used. */
typedef struct ut_silver_kit {
    ut_arena arena;     /* payloads, messages, clean texts, details of this batch */
    ut_arena scratch;   /* passed by value: for one text at a time */
    ut_pack *pack;
    ut_json *json;
    ut_mail_worker *mail;
    ut_session *session;
    ut_buf plain;       /* scratch */
    ut_buf out;         /* scratch */
    ut_status failed;   /* first failure of the machinery in this batch; messages fail by their state */
    ut_err err;
} ut_silver_kit;

typedef struct ut_silver_batch {
    ut_arena arena;      /* sealed payloads and strings of the rows */
    ut_silver_row *rows; /* UT_SILVER_ROWS of them */
    size_t count;
} ut_silver_batch;

typedef struct ut_silver {
    ut_workspace *workspace;
    ut_lake *lake;
    ut_pool *pool;
    ut_model *model;
    ut_silver_batch batch;
    ut_silver_kit kits[UT_SILVER_WORKERS_MAX];
    ut_stmt *read, *newest;
    ut_map languages;    /* author id (8 bytes) → language code (packed) of the last sure message */
    ut_map touched;      /* authors whose language changed in this batch */
    ut_analyze_counts counts;
} ut_silver;

/* analyze.c: everything the steps need; without `scoring` no model. On failure there is nothing to close; NULL and
 * twice are fine. */
ut_status ut_silver_open(ut_silver **ret, ut_workspace *workspace, const ut_analyze_options *options, bool scoring,
                         ut_err *err);
void ut_silver_close(ut_silver **silver);

/* What read.c takes a row from: a statement is SELECT, FROM record r …, JOIN, WHERE … seq > ?1 …, in order of seq. */
#define UT_SILVER_SELECT                                                                                               \
    "SELECT r.seq, r.item, r.version, r.key, r.format, r.source, r.channel, r.author, r.occurred_us, r.deleted,"       \
    " r.machine, i.machine, i.person IS NOT NULL, i.wrapped_key, i.digest, r.payload, r.bytes, r.reduced,"        \
    " (SELECT state FROM stopped WHERE identity = i.id)"
#define UT_SILVER_JOIN " JOIN identity i ON i.id = r.author"
/* read.c: fills the batch with the records after `seq`; count 0 = the end. By silver->read, which it prepares for all
 * records unless the caller did for some. */
ut_status ut_silver_read(ut_silver *silver, int64_t seq, ut_err *err);
/* message.c: both run the pool over the batch; fail when a kit did. */
ut_status ut_silver_decode(ut_silver *silver, ut_err *err);
ut_status ut_silver_score(ut_silver *silver, ut_err *err);
/* language.c */
ut_status ut_silver_load_languages(ut_silver *silver, bool from_start, ut_err *err);
ut_status ut_silver_inherit(ut_silver *silver, ut_err *err);
ut_status ut_silver_save_languages(ut_silver *silver, ut_err *err);
/* kept.c: the analysis that takes the place of a payload, and back. */
void ut_silver_put_kept(ut_buf *to, const ut_silver_row *row);
UT_MUST_CHECK ut_status ut_silver_take_kept(ut_silver_kit *kit, ut_silver_row *row, ut_str json, ut_err *err);
/* write.c: inside the caller's lake transaction. */
ut_status ut_silver_write(ut_silver *silver, ut_err *err);
const char *ut_silver_state_name(ut_silver_state state);

#endif
