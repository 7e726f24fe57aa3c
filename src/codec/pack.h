/* codec/pack.h — zstd for stored payloads.
 *
 *     ut_pack *pack = NULL;                       // one per thread
 *     st = ut_pack_open(&pack, &err);
 *     ut_pack_squeeze(pack, &packed, payload);    // failure shows in packed.failed
 *     st = ut_pack_expand(pack, &plain, packed, &err);
 *
 * The stored form is one byte saying how (0 plain, 1 zstd) and the bytes; what zstd can't make smaller stays plain.
 */
#ifndef UT_CODEC_PACK_H
#define UT_CODEC_PACK_H

#include "base/base.h"

typedef struct ut_pack ut_pack;

UT_MUST_CHECK ut_status ut_pack_open(ut_pack **ret, ut_err *err);
void ut_pack_close(ut_pack **pack);
void ut_pack_squeeze(ut_pack *pack, ut_buf *to, ut_str plain);
/* UT_CORRUPT when the bytes are not ours; UT_LIMIT when they would expand beyond to->cap. */
UT_MUST_CHECK ut_status ut_pack_expand(ut_pack *pack, ut_buf *to, ut_str packed, ut_err *err);

#endif
