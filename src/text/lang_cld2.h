/* text/lang_cld2.h — CLD2's answer in C. Includes the public base only, which C++ can read, too. */
#ifndef UT_TEXT_LANG_CLD2_H
#define UT_TEXT_LANG_CLD2_H

#include "undertone/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What CLD2 says. */
typedef struct ut_lang_guess {
    char code[4];  /* "und" when it does not know */
    bool reliable; /* by its own measure, which is generous with short texts */
    int percent;   /* of the letters that are in that language */
} ut_lang_guess;

/* `text` must be valid UTF-8. Any thread. */
void ut_lang__cld2(ut_lang_guess *ret, ut_str text);

#ifdef __cplusplus
}
#endif
#endif
