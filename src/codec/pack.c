/* codec/pack.c — the one file that sees zstd. Contexts are kept, since making one costs more than a small message. */
#include "codec/pack.h"
#include "base/mem.h"

#include <zstd.h>

enum { HOW_PLAIN = 0, HOW_ZSTD = 1, LEVEL = 1 };

/* The test-only build (apps/meson.build, undertone-inspect) keeps bytes as they are, so that tests can search files. */
#ifdef UT_INSPECT
enum { SQUEEZES = 0 };
#else
enum { SQUEEZES = 1 };
#endif

struct ut_pack {
    ZSTD_CCtx *squeeze;
    ZSTD_DCtx *expand;
};

ut_status ut_pack_open(ut_pack **ret, ut_err *err)
{
    ut_pack *pack = ut_mem_zeroed(1, sizeof *pack);
    if (!pack) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing compression");
    }
    pack->squeeze = ZSTD_createCCtx();
    pack->expand = ZSTD_createDCtx();
    if (!pack->squeeze || !pack->expand) {
        ut_pack_close(&pack);
        return ut_fail(err, UT_NOMEM, "memory ended while preparing compression");
    }
    *ret = pack;
    return UT_OK;
}

void ut_pack_close(ut_pack **pack_ref)
{
    ut_pack *pack = *pack_ref;
    if (pack) {
        (void)ZSTD_freeCCtx(pack->squeeze);
        (void)ZSTD_freeDCtx(pack->expand);
        *pack_ref = ut_mem_free(pack);
    }
}

void ut_pack_squeeze(ut_pack *pack, ut_buf *to, ut_str plain)
{
    size_t room = ZSTD_compressBound(plain.len) + 1;
    char *at = ut_buf_reserve(to, room > plain.len + 1 ? room : plain.len + 1);
    if (!at) {
        return;
    }
    size_t len = ZSTD_compressCCtx(pack->squeeze, at + 1, room - 1, plain.ptr, plain.len, LEVEL);
    if (SQUEEZES && !ZSTD_isError(len) && len < plain.len) {
        at[0] = HOW_ZSTD;
        to->len += len + 1;
        return;
    }
    at[0] = HOW_PLAIN;
    if (plain.len) {
        memcpy(at + 1, plain.ptr, plain.len);
    }
    to->len += plain.len + 1;
}

ut_status ut_pack_expand(ut_pack *pack, ut_buf *to, ut_str packed, ut_err *err)
{
    if (packed.len == 0 || (packed.ptr[0] != HOW_PLAIN && packed.ptr[0] != HOW_ZSTD)) {
        return ut_fail(err, UT_CORRUPT, "a stored payload does not begin as one");
    }
    ut_str body = {packed.ptr + 1, packed.len - 1};
    if (packed.ptr[0] == HOW_PLAIN) {
        ut_buf_put(to, body);
        return to->failed ? ut_fail(err, to->failed, "a stored payload of %zu bytes does not fit", body.len) : UT_OK;
    }
    unsigned long long size = ZSTD_getFrameContentSize(body.ptr, body.len);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) {
        return ut_fail(err, UT_CORRUPT, "a stored payload is not a zstd frame");
    }
    char *at = size > to->cap ? NULL : ut_buf_reserve(to, (size_t)size);
    if (!at && size) {
        return ut_fail(err, to->failed ? to->failed : UT_LIMIT, "a stored payload of %llu bytes does not fit", size);
    }
    size_t len = ZSTD_decompressDCtx(pack->expand, at, (size_t)size, body.ptr, body.len);
    if (ZSTD_isError(len) || len != size) {
        return ut_fail(err, UT_CORRUPT, "a stored payload does not unpack: %s", ZSTD_getErrorName(len));
    }
    to->len += len;
    return UT_OK;
}
