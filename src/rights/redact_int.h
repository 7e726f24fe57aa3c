/* rights/redact_int.h — what the parts of redact share. Inside the room only. */
#ifndef UT_RIGHTS_REDACT_INT_H
#define UT_RIGHTS_REDACT_INT_H

#include "rights/redact.h"

enum { UT_REDACT_WORDS_MAX = 8, UT_REDACT_NEEDLES_MAX = 2000 };

typedef enum ut_needle_kind {
    UT_NEEDLE_ADDRESS,
    UT_NEEDLE_ID,   /* a handle that is no address: "U024" */
    UT_NEEDLE_NAME, /* two words or more, in this order */
    UT_NEEDLE_PART, /* a single name: only where it is spoken to */
} ut_needle_kind;

typedef struct ut_needle {
    ut_needle_kind kind;
    int count;
    ut_str words[UT_REDACT_WORDS_MAX]; /* lower case */
} ut_needle;

struct ut_redact {
    ut_arena arena;     /* needles' words */
    ut_needle *needles; /* room for UT_REDACT_NEEDLES_MAX */
    size_t count;
    bool first[256];    /* bytes some needle begins with, in either case */
    ut_buf runs;        /* hashes (8 bytes each) of runs of words and of short lines; sorted when ready */
    bool ready;
    ut_status failed;
};

/* How a text is to be read. */
typedef struct ut_redact_how {
    bool html;
    bool quoted; /* all of it is a quote */
    bool theirs; /* all of it is the person's: every letter goes */
    bool latin1; /* bytes above 127 are one character each */
} ut_redact_how;

/* The length of what is theirs at text[at], 0 when nothing is. */
size_t ut_redact__match(const ut_redact *redact, ut_str text, size_t at, ut_needle_kind *ret_kind);
/* Letters and digits become x. */
void ut_redact__mask(char *text, size_t len);
bool ut_redact__knows_run(const ut_redact *redact, uint64_t hash);
void ut_redact__learn_run(ut_redact *redact, uint64_t hash);

/* redact_text.c: masks in place; true when something was. */
bool ut_redact__text(const ut_redact *redact, char *text, size_t len, ut_redact_how how);
/* redact_mail.c, redact_json.c: into kit->out; *changed is set when it differs. UT_NOMEM, UT_LIMIT. */
ut_status ut_redact__mail(const ut_redact *redact, ut_redact_kit *kit, bool *changed, ut_str mail, ut_err *err);
/* UT_INVALID when it is no JSON. */
ut_status ut_redact__json(const ut_redact *redact, ut_redact_kit *kit, bool *changed, ut_str text, ut_err *err);

/* Letters, digits, and every byte of a character beyond ASCII. */
static inline bool ut_redact__is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

#endif
