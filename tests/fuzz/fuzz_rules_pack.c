/* Any bytes as a rule pack: a clear error or a table that scores. The builder is driven without files and without the
 * built-in packs, so that an input costs microseconds. */
#include "codec/json.h"
#include "model/rules/rules_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ut_json *json;

static void build(rules_builder *builder, ut_arena *keep, const rules_file *file, ut_err *err)
{
    rules_files files = {.items = (rules_file[]){*file}, .count = 1};
    rules_pack_head head;
    rules_table table;
    rules_token tokens[64];
    rules_counts counts;
    ut_status st = rules_pack_head_read(keep, &head, json, file, err);
    st = st == UT_OK ? rules_pack_apply(builder, json, &files, file, err) : st;
    st = st == UT_OK ? rules_builder_finish(builder, &table, UT_STR("en"), err) : st;
    if (st != UT_OK) {
        UT_ASSERT(err->message[0] && (st != UT_INVALID || err->line > 0));
        return;
    }
    ut_str text = UT_STR("so happy, not sad 👍 :-) killing the process loved");
    UT_ASSERT(rules_scan(&table, tokens, &counts, text, true) <= text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_err err = {0};
    ut_arena keep;
    rules_builder builder;
    if (!json) {
        UT_ASSERT(ut_json_open(&json, &err) == UT_OK);
    }
    rules_file file = {.name = UT_STR("fuzz.json"), .content = {(const char *)data, size}, .is_pack = true};
    if (size > 64 * UT_KIB || ut_arena_open(&keep, 64 * UT_MIB) != UT_OK) {
        return 0;
    }
    if (rules_builder_open(&builder, &keep, &err) == UT_OK) {
        build(&builder, &keep, &file, &err);
        rules_builder_close(&builder);
    }
    ut_arena_close(&keep);
    return 0;
}
