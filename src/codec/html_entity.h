/* codec/html_entity.h — named characters of HTML.
 *
 *     uint32_t rune = ut_html_entity(UT_STR("eacute"));   // U+00E9; 0 when there is no such name
 */
#ifndef UT_CODEC_HTML_ENTITY_H
#define UT_CODEC_HTML_ENTITY_H

#include "base/base.h"

/* The character called `name` (without & and ;, case matters); 0 when unknown. */
uint32_t ut_html_entity(ut_str name);

#endif
