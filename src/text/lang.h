/* text/lang.h — which language a text is in. Function words decide the clear cases in well under a microsecond; CLD2
 * the rest.
 *
 *     ut_lang lang = ut_lang_detect(clean.text);
 *     if (lang.sure && ut_str_eq(ut_str_of(lang.code), UT_STR("en"))) { … }
 *
 * Stateless and thread-safe. Whoever has context (the author's other messages) decides what unsure texts inherit.
 */
#ifndef UT_TEXT_LANG_H
#define UT_TEXT_LANG_H

#include "base/base.h"

typedef struct ut_lang {
    char code[4]; /* ISO 639-1 (or 639-3), NUL-terminated; "und" when there is nothing to go by */
    bool sure;    /* false: short or mixed; code is the best guess or "und" */
} ut_lang;

ut_lang ut_lang_detect(ut_str text);

#endif
