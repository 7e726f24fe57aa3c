/* model/rules/files.h — the packs and lexicons that are part of the program. */
#ifndef UT_MODEL_RULES_FILES_H
#define UT_MODEL_RULES_FILES_H

#include "base/embed.h"

/* Made by scripts/embed.sh from the list in src/model/meson.build, in its order; ended by zeros. */
extern const ut_embedded ut_rules_embedded[];

#endif
