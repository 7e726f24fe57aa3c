/* simulate/simulate_int.h — what the files of this room share. Nobody outside includes it.
 *
 * Order of work (simulate.c): build the organisation (org_*.c), plant episodes (plan_*.c), then for every day let
 * people talk (day_play.c → scene_play.c, mail_play.c, work_play.c) into buckets by UTC day, and write a bucket when
 * no later conversation can reach it any more (slack_write.c, mail_write.c, …). A run remembers its first failure in
 * sim->failed, like a ut_buf, and everything after it does nothing.
 *
 * All draws are integers: thousandths instead of fractions, because floating point may round differently elsewhere.
 */
#ifndef UT_SIMULATE_SIMULATE_INT_H
#define UT_SIMULATE_SIMULATE_INT_H

#include "simulate/simulate.h"

/* The eleven features in the product's order; this room may not include the model. */
enum { F_JOY, F_GRATITUDE, F_ENTHUSIASM, F_CONFIDENCE, F_CARE, F_STRESS, F_ANXIETY, F_FRUSTRATION, F_ANGER, F_SADNESS,
       F_EXHAUSTION, F_COUNT };
extern const char *const ut_sim_feature_names[F_COUNT];

/* Grammar (grammar.c) ------------------------------------------------------------------------------------------- */

typedef struct ut_sim_symbol {
    ut_str *alternatives; /* in the run's arena */
    uint32_t count;
    uint32_t features; /* bit per feature that a text using this symbol expresses */
} ut_sim_symbol;

typedef struct ut_sim_grammar {
    ut_map names; /* "feel_stress.terse" → index into symbols */
    ut_sim_symbol *symbols;
    uint32_t count;
} ut_sim_grammar;

/* People and things (org_build.c) --------------------------------------------------------------------------------- */

typedef enum ut_sim_style { STYLE_TERSE, STYLE_CHATTY, STYLE_FORMAL, STYLE_EMOJI, STYLE_DRY, STYLE_LEARNER, STYLE_WARM,
                            STYLE_COUNT } ut_sim_style;

/* How one person writes; chances in thousandths. */
typedef struct ut_sim_voice {
    ut_sim_style style;
    int lower;      /* a message begins in lower case */
    int period;     /* the last sentence keeps its period */
    int typo;       /* one word is mistyped */
    int emoji;      /* a message gets an emoji that fits */
    int exclaim;    /* a period becomes an exclamation mark */
    int dots;       /* a period becomes "..." */
    int bare;       /* apostrophes are left out */
    int run_on;     /* sentences are joined by a comma or a dash */
    int british;    /* -ise, colour */
    int expressive; /* how readily feelings are put into words; 1000 = usual */
    int lang;       /* 0 English, 1 German, 2 Spanish: the language spoken with others of the same */
    uint64_t taste; /* decides which phrases this person likes */
} ut_sim_voice;

enum { LANG_EN, LANG_DE, LANG_ES };

enum { MISSING_CHAT = 1, MISSING_MAIL = 2, MISSING_CALENDAR = 4 };

#define SIM_ITEMS 3     /* work items a person has in hand */
#define SIM_CONTACTS 10 /* people someone writes to directly */

typedef struct ut_sim_item {
    ut_str key;   /* "ORB-123" */
    ut_str title;
    uint32_t project;
    int64_t done_us; /* leaves the person's hands */
    int64_t due_day;
} ut_sim_item;

typedef struct ut_sim_person {
    ut_str id, first, last, name, email, slack_id, handle, role;
    int team, manager;      /* manager -1 at the top */
    int next_team;          /* team from next_team_day on; -1 = stays */
    int64_t next_team_day;
    int64_t first_day, last_day; /* employed within these */
    int zone;
    int start_min, end_min; /* local work hours */
    uint8_t work_days;      /* bit 0 = Monday */
    uint8_t missing;        /* MISSING_* */
    bool lead;
    ut_sim_voice voice;
    int chat, mail;         /* conversations begun on a usual day, thousandths */
    int trait[F_COUNT];     /* added to everybody's level */
    int contacts[SIM_CONTACTS];
    int contact_channel[SIM_CONTACTS]; /* the direct channel with that contact */
    int contact_count;
    ut_sim_item items[SIM_ITEMS];
    int item_count;
    char item_text[SIM_ITEMS][160]; /* key and title of items live here, so that memory stays flat */
} ut_sim_person;

typedef enum ut_sim_kind { KIND_ENG, KIND_PLATFORM, KIND_SUPPORT, KIND_SALES, KIND_DESIGN, KIND_FINANCE, KIND_MARKETING,
                           KIND_DATA, KIND_PEOPLE, KIND_COUNT } ut_sim_kind;
extern const char *const ut_sim_kind_names[KIND_COUNT];

typedef struct ut_sim_team {
    ut_str name, slug, key; /* "Platform", "platform", issue prefix "PLT" */
    ut_sim_kind kind;
    int lead;
    int *members;
    int member_count;
    int channel;         /* the team's public channel */
    int private_channel; /* -1 when it has none */
    uint32_t next_issue;
} ut_sim_team;

typedef enum ut_sim_channel_kind { CHANNEL_PUBLIC, CHANNEL_PRIVATE, CHANNEL_DIRECT, CHANNEL_GROUP } ut_sim_channel_kind;

typedef struct ut_sim_channel {
    ut_str id, name, purpose;
    ut_sim_channel_kind kind;
    int creator;
    int *members;
    int member_count;
    bool machine; /* bots post here */
} ut_sim_channel;

/* A customer or supplier with somebody who writes. */
typedef struct ut_sim_outsider {
    ut_str company, domain, first, name, email;
} ut_sim_outsider;

/* A meeting that comes back every week or two. */
typedef struct ut_sim_series {
    ut_str title, uid;
    int organizer;
    int *attendees; /* with the organizer */
    int attendee_count;
    int weekday;    /* 0 = Monday */
    bool daily;     /* Monday to Friday; weekday does not count then */
    int interval;   /* weeks */
    int start_min, length_min; /* in the organizer's zone */
} ut_sim_series;

/* Planted truth (plan_build.c)
 * ---------------------------------------------------------------------------------------- */

typedef enum ut_sim_episode_kind { EPISODE_OVERLOAD, EPISODE_RECOVERY, EPISODE_ONCALL, EPISODE_LAUNCH, EPISODE_CONFLICT,
                                   EPISODE_BURNOUT, EPISODE_FLOW, EPISODE_ANXIOUS, EPISODE_LEAVE, EPISODE_SETBACK,
                                   EPISODE_KINDS } ut_sim_episode_kind;
extern const char *const ut_sim_episode_names[EPISODE_KINDS];

typedef struct ut_sim_episode {
    ut_sim_episode_kind kind;
    int person;    /* -1 when it is a whole team's */
    int other;     /* the second person of a conflict, else -1 */
    int team;      /* of the person, or the team itself */
    int64_t first_day, last_day; /* local days, both included */
    int intensity; /* 300..1000 */
    ut_str cause;  /* for a reader: the meeting, the launch, … */
} ut_sim_episode;

/* A person's planted state on one day; levels 0..1000. */
typedef struct ut_sim_state {
    int level[F_COUNT];
    int load;       /* 1000 = a usual amount of messages, meetings, work */
    int after;      /* share of activity outside work hours */
    int slow;       /* factor on answering times, 1000 = usual */
    int drop;       /* chance that something asked is never answered */
    int conflict;   /* person in conflict with, or -1 */
    uint32_t kinds; /* bit per episode kind at work today */
    bool away;
} ut_sim_state;

/* What is written (buckets)
 * ---------------------------------------------------------------------------------------------- */

typedef struct ut_sim_reaction {
    uint8_t name; /* index into ut_sim_reaction_names */
    uint8_t count;
    int users[6];
} ut_sim_reaction;
extern const char *const ut_sim_reaction_names[];

typedef enum ut_sim_form { FORM_TEXT, FORM_BOT, FORM_JOIN, FORM_TOMBSTONE, FORM_FILE,
               FORM_LINE /* goes to chat.ndjson */ } ut_sim_form;

typedef struct ut_sim_chat {
    int64_t at_us;
    uint64_t seq;
    int channel;
    int author; /* for FORM_BOT an index into the bots */
    ut_sim_form form;
    uint32_t features;
    ut_str text;           /* with marks, see grammar.c */
    int64_t thread_us;     /* timestamp of the thread's first message; 0 = not in a thread */
    int64_t edited_us;
    int reply_count;       /* of the first message of a thread */
    int64_t *reply_at_us;
    int *reply_author;
    ut_sim_reaction reactions[3];
    int reaction_count;
    struct ut_sim_chat *next;
} ut_sim_chat;

typedef enum ut_sim_mail_form { MAIL_PERSON, MAIL_OUTSIDE, MAIL_OUT_OF_OFFICE, MAIL_NOTICE,
                               MAIL_NEWSLETTER } ut_sim_mail_form;

typedef struct ut_sim_mail {
    int64_t at_us;
    uint64_t seq;
    ut_sim_mail_form form;
    int author;          /* person, or outsider for MAIL_OUTSIDE, or notice number */
    int zone;
    int to[12];          /* people; -1 - n for outsider n */
    int to_count, primary_count;
    int list;            /* team whose list it went over, or -1 */
    uint32_t features;
    uint64_t id;         /* becomes the Message-ID */
    uint64_t *references; /* oldest first */
    int reference_count;
    ut_str subject, text, quoted; /* quoted: the attribution and "> " lines, or empty */
    bool quote_first;    /* the answer stands below what it quotes */
    struct ut_sim_mail *next;
} ut_sim_mail;

/* One UTC day that is still being filled. */
typedef struct ut_sim_bucket {
    ut_arena arena;
    ut_sim_chat *chats;
    ut_sim_mail *mails;
    uint32_t chat_count, mail_count;
} ut_sim_bucket;

#define SIM_BUCKETS 16 /* days an answer may lie ahead: a long week-end and a short leave */

typedef struct ut_sim_product {
    ut_str name, slug;
} ut_sim_product;

typedef struct ut_sim {
    ut_sim_options options;
    ut_sim_out out;
    ut_status failed;
    ut_err *err;
    ut_rng root;
    ut_arena keep;    /* the organisation */
    ut_arena scratch; /* one conversation */
    ut_sim_grammar grammar;
    ut_str company, domain, industry;
    ut_sim_person *people;
    ut_sim_team *teams;
    ut_sim_channel *channels;
    ut_sim_outsider *outsiders;
    ut_sim_series *series;
    ut_sim_product *products;
    ut_sim_episode *episodes;
    uint32_t **episodes_of; /* by person: indices of the episodes that touch them */
    uint32_t *episode_count_of;
    uint32_t people_count, team_count, channel_count, outsider_count, series_count, product_count, episode_count;
    int general, random, wins, builds, incidents; /* channels everybody knows */
    int64_t day, end_day;      /* today, and the first day after the run */
    ut_sim_state *today;       /* by person */
    ut_sim_bucket buckets[SIM_BUCKETS];
    int64_t bucket_day;        /* the oldest day not yet written */
    uint64_t seq;
    ut_buf text, draft, styled, file, part; /* working buffers: expansion, styling, output */
    ut_buf truth_messages;
    ut_buf zip_header, zip_directory;
    uint64_t zip_members, zip_bytes;
    uint64_t talk_bytes; /* of mail and Slack files so far */
    ut_sim_counts counts;
} ut_sim;

/* A generator for `tag` and two numbers, independent of every other one. */
ut_rng ut_sim__rng(const ut_sim *sim, const char *tag, uint64_t a, uint64_t b);
/* true in `permille` of 1,000 cases. */
bool ut_sim__chance(ut_rng *rng, int permille);
/* from..to, both included. */
int ut_sim__range(ut_rng *rng, int from, int to);
/* Roughly normal, mean 0, in thousandths of a standard deviation: a sum of twelve uniforms. */
int ut_sim__bell(ut_rng *rng);
/* Remembers the first failure. */
void ut_sim__fail(ut_sim *sim, ut_status status, const char *message);
/* Appends to a file of the output and counts it. */
void ut_sim__write(ut_sim *sim, ut_str path, ut_str bytes);

/* zone.c */
typedef enum ut_sim_dst { DST_NONE, DST_EU, DST_US } ut_sim_dst;
typedef struct ut_sim_zone {
    const char *name;
    const char *country;
    int offset_min; /* in winter */
    ut_sim_dst dst;
    const char *abbreviations[2];
} ut_sim_zone;
#define SIM_ZONES 8
extern const ut_sim_zone ut_sim_zones[SIM_ZONES];
int ut_sim__zone_offset_min(int zone, int64_t at_us);
int64_t ut_sim__zone_to_utc(int zone, int64_t day, int64_t minute);
bool ut_sim__zone_holiday(int zone, int64_t day);
void ut_sim__zone_vtimezone(ut_buf *to, int zone);

/* grammar.c: one conversation's bound words and the speaker of the moment. */
typedef struct ut_sim_slot {
    ut_str name, value;
} ut_sim_slot;
#define SIM_SLOTS 24
typedef struct ut_sim_talk {
    ut_sim *sim;
    ut_rng *rng;
    int me, you, third;     /* people; -1 = nobody */
    ut_str outsider;        /* first name when `you` is not one of ours */
    ut_sim_kind kind;       /* whose topics */
    int team;
    int64_t day;            /* local day, for names of days */
    const char *variant;    /* tried first for every symbol: "de", or NULL */
    bool mention;           /* {You} may be written as an @-mention */
    ut_sim_slot slots[SIM_SLOTS];
    int slot_count;
    uint32_t features;      /* gathered while expanding */
} ut_sim_talk;
ut_status ut_sim__grammar_open(ut_sim *sim);
void ut_sim__grammar_close(ut_sim *sim);
/* Expands a template into `to`. */
void ut_sim__expand(ut_sim_talk *talk, ut_buf *to, ut_str text, int depth);
/* Expands a symbol; false when it is unknown. */
bool ut_sim__expand_symbol(ut_sim_talk *talk, ut_buf *to, ut_str name, int depth);
/* One alternative of a symbol, unexpanded; {NULL,0} when unknown. */
ut_str ut_sim__pick(ut_sim_talk *talk, ut_str name);
bool ut_sim__has(const ut_sim *sim, const char *name);
void ut_sim__bind(ut_sim_talk *talk, const char *name, ut_str value);

/* words built in: {me} {you} {Item} … (builtin.c); false when it is none of them. */
bool ut_sim__builtin(ut_sim_talk *talk, ut_buf *to, ut_str name);

/* style.c */
enum { MEDIUM_CHAT, MEDIUM_MAIL, MEDIUM_ISSUE };
void ut_sim__style(ut_sim_talk *talk, ut_buf *to, ut_str text, int medium);

/* org_build.c, org_channels.c, org_series.c */
void ut_sim__org_build(ut_sim *sim);
void ut_sim__org_channels(ut_sim *sim);
void ut_sim__org_series(ut_sim *sim);
int ut_sim__team_of(const ut_sim *sim, int person, int64_t day);
ut_str ut_sim__slug(ut_arena *keep, ut_str name);
extern const char *const ut_sim_first_names[], *const ut_sim_last_names[]; /* end with NULL */
extern const char *const ut_sim_first_names_de[], *const ut_sim_first_names_es[];
extern const char *const ut_sim_last_names_de[], *const ut_sim_last_names_es[];

/* plan_build.c, plan_state.c */
void ut_sim__plan_build(ut_sim *sim);
void ut_sim__state(const ut_sim *sim, ut_sim_state *ret, int person, int64_t day);
bool ut_sim__works(const ut_sim *sim, int person, int64_t day);

/* day_play.c and the plays */
void ut_sim__day_play(ut_sim *sim);
void ut_sim__scene_play(ut_sim *sim, int person, ut_rng *rng);
void ut_sim__bots_play(ut_sim *sim);
void ut_sim__mail_play(ut_sim *sim, int person, ut_rng *rng);
void ut_sim__notices_play(ut_sim *sim);
void ut_sim__work_play(ut_sim *sim, int person, ut_rng *rng);
void ut_sim__meet_play(ut_sim *sim, int person, ut_rng *rng);
int64_t ut_sim__moment(const ut_sim *sim, int person, int64_t day, ut_rng *rng);
int64_t ut_sim__answer_at(const ut_sim *sim, int person, int64_t asked_us, ut_rng *rng);
int ut_sim__partner(const ut_sim *sim, int person, ut_rng *rng, bool any_team);
/* The feature that shows in a text of this person today, or -1; `permille` scales how often any does. */
int ut_sim__feel(const ut_sim *sim, int person, int permille, ut_rng *rng);
ut_sim_chat *ut_sim__chat_add(ut_sim *sim, int64_t at_us, int channel, int author, ut_str text);
/* A mail in its day's bucket, strings copied; NULL when that day can't be filled any more or memory ended. */
ut_sim_mail *ut_sim__mail_add(ut_sim *sim, const ut_sim_mail *mail);
/* Adds a reaction or two, of people in the channel. */
void ut_sim__react(ut_sim *sim, ut_sim_chat *chat, ut_rng *rng);
/* Appends how this feature is put into words by the speaker. */
void ut_sim__put_feeling(ut_sim_talk *talk, ut_buf *to, int feature);
/* The scene's turns: cuts "A: … // B?: …"; false at the end. */
typedef struct ut_sim_turn {
    char role;
    bool optional;
    ut_str text;
} ut_sim_turn;
bool ut_sim__turn_next(ut_str *rest, ut_sim_turn *ret);
/* The bucket an instant belongs to, NULL when it lies outside what can still be filled. */
ut_sim_bucket *ut_sim__bucket(ut_sim *sim, int64_t at_us);

/* writers */
void ut_sim__people_write(ut_sim *sim);
void ut_sim__slack_index_write(ut_sim *sim);
void ut_sim__slack_day_write(ut_sim *sim, ut_sim_bucket *bucket, int64_t day);
void ut_sim__mail_day_write(ut_sim *sim, ut_sim_bucket *bucket, int64_t day);
void ut_sim__lines_day_write(ut_sim *sim, ut_sim_bucket *bucket);
void ut_sim__zip_add(ut_sim *sim, ut_str name, ut_str bytes);
void ut_sim__zip_end(ut_sim *sim);
void ut_sim__calendar_begin(ut_sim *sim);
void ut_sim__calendar_end(ut_sim *sim);
void ut_sim__work_end(ut_sim *sim);
void ut_sim__truth_message(ut_sim *sim, ut_str medium, ut_str id, int person, int64_t at_us, uint32_t features);
void ut_sim__truth_day_write(ut_sim *sim);
void ut_sim__truth_write(ut_sim *sim);

#endif
