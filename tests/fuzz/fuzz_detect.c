/* fuzz_detect — any bytes as the beginning of a file: an answer with a name, the same one twice. */
#include "base/base.h"
#include "bronze/detect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ut_str names[] = {{"people.csv", 10}, {"x.eml", 5}, {"a/b.ndjson", 10}, {"", 0}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ut_str head = {(const char *)data, size};
        ut_detected found = ut_detect_bytes(names[i], head, true);
        ut_detected again = ut_detect_bytes(names[i], head, true);
        UT_ASSERT(found.what && found.what[0] && found.kind <= UT_INPUT_IGNORED);
        UT_ASSERT(found.kind == again.kind && found.what == again.what);
        UT_ASSERT(found.kind != UT_INPUT_SLACK && found.kind != UT_INPUT_FOLDER); /* these are paths */
        (void)ut_detect_bytes(names[i], head, false);
    }
    return 0;
}
