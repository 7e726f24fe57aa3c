/* fuzz_archive — any bytes as an archive: no crash, no endless unpacking, member names stay inside. */
#include "codec/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Keeps one run short; bombs are the unit tests' matter. */
#define BYTES_PER_RUN ((int64_t)4 << 20)

static ut_status look(void *ctx, ut_str name, ut_stream *content, ut_err *err)
{
    int64_t *total = ctx;
    UT_ASSERT(!ut_str_starts(name, UT_STR("/")) && !ut_str_starts(name, UT_STR("../")));
    for (;;) {
        char part[4096];
        size_t len = 0;
        ut_status st = content->read(content->ctx, part, sizeof part, &len, err);
        if (st != UT_OK || len == 0) {
            return st;
        }
        *total += (int64_t)len;
        if (*total > BYTES_PER_RUN) {
            return UT_INTERRUPTED;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_str bytes = {(const char *)data, size};
    int64_t total = 0;
    ut_err err = {0};
    ut_status st = ut_archive_walk_bytes(UT_STR("input"), bytes, look, &total, &err);
    UT_ASSERT(st == UT_OK || st == UT_INTERRUPTED || err.message[0]);
    return 0;
}
