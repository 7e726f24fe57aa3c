/* codec/json_shim.cpp — the one file that sees simdjson: its stage 1 and nothing else.
 *
 * The plan was On-Demand, one iterate() per document. On-Demand is made for touching three members of a big document.
 * We touch all of them, need the raw span of each, the exact byte of an error, a value instead of an error for lone
 * surrogates, and no grammar hole in skipped values; On-Demand gives none of these, and its walk is the cheap part. So
 * the vector pass is simdjson's, and the walk over its result is ours (codec/json.c), in plain C and fully checked.
 *
 * Stage 1 of the vector implementations reads whole 64-byte blocks and copies the last, partial one to its own stack
 * first, so it never reads behind the text (a test proves it with a guard page). The scalar fallback does peek behind
 * the end; for it the text is copied into a padded buffer.
 *
 * Stage 1 is noexcept, and so is all we call; whatever could throw nevertheless is caught at the border.
 */
#include "codec/json_int.h"

extern "C" {
#include "base/mem.h"
}

#include <memory>
#include <new>
#include <simdjson.h>
#include <string>

struct ut_json_index {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
    size_t capacity; /* bytes of text the index has room for */
    bool must_pad;   /* the implementation reads behind the end */
    char *padded;    /* for must_pad; from ut_mem */
    size_t padded_room;
};

static constexpr size_t capacity_min = 64 * 1024;

static bool reads_behind_the_end(const std::string &name)
{
    return name != "haswell" && name != "icelake" && name != "westmere" && name != "arm64";
}

ut_status ut_json__index_open(ut_json_index **ret)
{
    void *memory = ut_mem_alloc(sizeof(ut_json_index));
    if (!memory) {
        return UT_NOMEM;
    }
    ut_json_index *index = new (memory) ut_json_index();
    ut_status st = UT_NOMEM; /* the one thing that can be thrown */
    try {
        const simdjson::implementation *chosen = simdjson::get_active_implementation();
        index->must_pad = reads_behind_the_end(chosen->name());
        simdjson::error_code code = chosen->create_dom_parser_implementation(capacity_min, 1, index->stage);
        st = code == simdjson::SUCCESS ? UT_OK : code == simdjson::MEMALLOC ? UT_NOMEM : UT_UNSUPPORTED;
    } catch (...) {
    }
    if (st != UT_OK) {
        ut_json__index_close(&index);
        return st;
    }
    index->capacity = capacity_min;
    *ret = index;
    return UT_OK;
}

void ut_json__index_close(ut_json_index **index)
{
    if (index && *index) {
        ut_mem_free((*index)->padded);
        (*index)->~ut_json_index();
        ut_mem_free(*index);
        *index = nullptr;
    }
}

static bool grow(ut_json_index *index, size_t len)
{
    if (len > index->capacity) {
        size_t capacity = len + len / 4;
        if (index->stage->allocate(capacity, 1) != simdjson::SUCCESS) {
            index->capacity = 0;
            return false;
        }
        index->capacity = capacity;
    }
    if (index->must_pad && len + simdjson::SIMDJSON_PADDING > index->padded_room) {
        size_t room = len + len / 4 + simdjson::SIMDJSON_PADDING;
        void *padded = ut_mem_resize(index->padded, room);
        if (!padded) {
            return false;
        }
        index->padded = static_cast<char *>(padded);
        index->padded_room = room;
    }
    return true;
}

static ut_json_verdict verdict_of(simdjson::error_code code)
{
    switch (code) {
    case simdjson::SUCCESS:
        return UT_JSON_INDEXED;
    case simdjson::EMPTY:
        return UT_JSON_EMPTY;
    case simdjson::UNCLOSED_STRING:
        return UT_JSON_UNCLOSED;
    case simdjson::UNESCAPED_CHARS:
        return UT_JSON_CONTROL;
    case simdjson::UTF8_ERROR:
        return UT_JSON_UTF8;
    case simdjson::MEMALLOC:
        return UT_JSON_NOMEM;
    default:
        return UT_JSON_BROKEN;
    }
}

ut_json_verdict ut_json__index_run(ut_json_index *index, const uint32_t **ret_starts, uint32_t *ret_count,
                                   const char *text, size_t len)
{
    if (!grow(index, len)) {
        return UT_JSON_NOMEM;
    }
    if (index->must_pad && len > 0) {
        memcpy(index->padded, text, len);
        memset(index->padded + len, ' ', simdjson::SIMDJSON_PADDING);
        text = index->padded;
    }
    ut_json_verdict verdict = verdict_of(
        index->stage->stage1(reinterpret_cast<const uint8_t *>(text), len, simdjson::stage1_mode::regular));
    if (verdict == UT_JSON_INDEXED) {
        *ret_starts = index->stage->structural_indexes.get();
        *ret_count = index->stage->n_structural_indexes;
    }
    return verdict;
}
