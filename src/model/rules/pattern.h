/* model/rules/pattern.h — the canonical form of a pack's term. */
#ifndef UT_MODEL_RULES_PATTERN_H
#define UT_MODEL_RULES_PATTERN_H

#include "base/base.h"

/* Words of one phrase, gaps included. Longer idioms are rare, and a match costs at most this many steps. */
#define RULES_PHRASE_WORDS_MAX 8

/* Replaces *out by the canonical form. UT_INVALID: no text can match it; err says why, without file and line. */
UT_MUST_CHECK ut_status rules_pattern_fold(ut_buf *out, ut_str pattern, ut_err *err);

#endif
