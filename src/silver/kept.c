/* silver/kept.c — what is kept of a record when its text goes: everything the lake's rows are made of.
 *
 *     {"v":1,"machine":false,"unreadable":false,"worded":true,"language":"de","sure":true,"words":12,"bytes":140,
 *      "stripped":[0,…],"recipients":1,"reactions":0,"reply":true,
 *      "end":{"state":"scored","language":"de","inherited":false,"model":"rules@1","scores":[…],"detail":"{…}"}}
 *
 * "language" and "sure" are what the text alone said, for the fold that short texts inherit from; "end" is what came of
 * it. {"v":1,"unreadable":true} is left of a record that was not to be looked at. Scores have nine digits, which bring
 * a 32-bit float back bit by bit.
 */
#include "silver/silver_int.h"

#include <stdio.h>

enum { SCORES = 5 + UT_FEATURES };

static void put_scores(ut_buf *to, const ut_scores *s)
{
    const float first[] = {s->sentiment, s->valence, s->arousal, s->dominance, s->certainty};
    for (int i = 0; i < SCORES; i++) {
        ut_buf_format(to, "%s%.9g", i ? "," : "", (double)(i < 5 ? first[i] : s->features[i - 5]));
    }
}

static void put_end(ut_buf *to, const ut_silver_row *row)
{
    if (row->end.state == UT_SILVER_UNREADABLE) {
        return;
    }
    ut_buf_format(to, ",\"end\":{\"state\":\"%s\",\"language\":\"%.3s\",\"inherited\":%s",
                  ut_silver_state_name(row->end.state), row->end.language, row->end.inherited ? "true" : "false");
    if (row->end.state == UT_SILVER_SCORED) {
        ut_buf_puts(to, ",\"model\":");
        ut_buf_json_str(to, row->end.model);
        ut_buf_puts(to, ",\"scores\":[");
        put_scores(to, &row->scores);
        ut_buf_puts(to, "],\"detail\":");
        ut_buf_json_str(to, row->detail);
    }
    ut_buf_byte(to, '}');
}

void ut_silver_put_kept(ut_buf *to, const ut_silver_row *row)
{
    if (row->stopped) {
        ut_buf_puts(to, "{\"v\":1,\"unreadable\":true}");
        return;
    }
    ut_buf_format(to, "{\"v\":1,\"machine\":%s,\"unreadable\":%s,\"worded\":%s,\"language\":\"%.3s\",\"sure\":%s",
                  row->message.machine ? "true" : "false", row->message.unreadable ? "true" : "false",
                  row->worded ? "true" : "false", row->lang.code, row->lang.sure ? "true" : "false");
    ut_buf_format(to, ",\"words\":%u,\"bytes\":%u,\"stripped\":[", row->clean.words, row->clean.total_bytes);
    for (int i = 0; i < UT_STRIPS; i++) {
        ut_buf_format(to, "%s%u", i ? "," : "", row->clean.stripped[i]);
    }
    ut_buf_format(to, "],\"recipients\":%lld,\"reactions\":%lld,\"reply\":%s", (long long)row->recipients,
                  (long long)row->reactions, row->reply ? "true" : "false");
    put_end(to, row);
    ut_buf_byte(to, '}');
}

static void take_code(char to[4], ut_str code)
{
    memset(to, 0, 4);
    memcpy(to, code.ptr ? code.ptr : "und", code.len && code.len < 4 ? code.len : 3);
}

static uint32_t number(const ut_json_node *object, const char *key)
{
    int64_t n = 0;
    return ut_json_i64(object, key, &n) && n >= 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static bool take_scores(ut_scores *ret, const ut_json_node *array)
{
    double all[SCORES];
    int count = 0;
    for (const ut_json_node *n = ut_json_first(array); n && count < SCORES; n = ut_json_next(n)) {
        if (n->type != UT_JSON_NUMBER || !ut_str_to_f64(n->text, &all[count])) {
            return false;
        }
        count++;
    }
    *ret = (ut_scores){.sentiment = (float)all[0],
                       .valence = (float)all[1],
                       .arousal = (float)all[2],
                       .dominance = (float)all[3],
                       .certainty = (float)all[4]};
    for (int i = 0; i < UT_FEATURES; i++) {
        ret->features[i] = (float)all[5 + i];
    }
    return count == SCORES;
}

static ut_status take_end(ut_silver_kit *kit, ut_silver_row *row, const ut_json_node *end, ut_err *err)
{
    ut_str state = ut_json_str(end, "state");
    row->end.state = ut_str_eq(state, UT_STR("scored"))     ? UT_SILVER_SCORED
                     : ut_str_eq(state, UT_STR("language")) ? UT_SILVER_LANGUAGE
                                                            : UT_SILVER_UNREADABLE;
    take_code(row->end.language, end ? ut_json_str(end, "language") : ut_str_of(row->lang.code));
    row->end.inherited = ut_json_bool(end, "inherited");
    if (row->end.state != UT_SILVER_SCORED) {
        return UT_OK;
    }
    row->end.model = ut_arena_copy(&kit->arena, ut_json_str(end, "model"));
    row->detail = ut_arena_copy(&kit->arena, ut_json_str(end, "detail"));
    if (!row->end.model.ptr || !row->detail.ptr) {
        return ut_fail(err, UT_LIMIT, "a batch of scores does not fit into its memory");
    }
    return take_scores(&row->scores, ut_json_get(end, "scores"))
               ? UT_OK
               : ut_fail(err, UT_CORRUPT, "the analysis kept of record %lld is damaged", (long long)row->seq);
}

ut_status ut_silver_take_kept(ut_silver_kit *kit, ut_silver_row *row, ut_str json, ut_err *err)
{
    const ut_json_node *root = NULL;
    ut_status st = ut_json_parse(kit->json, &root, json, err);
    if (st != UT_OK) {
        return st;
    }
    row->message.machine = ut_json_bool(root, "machine");
    row->message.unreadable = ut_json_bool(root, "unreadable");
    row->worded = ut_json_bool(root, "worded");
    take_code(row->lang.code, ut_json_str(root, "language"));
    row->lang.sure = ut_json_bool(root, "sure");
    row->clean.words = number(root, "words");
    row->clean.total_bytes = number(root, "bytes");
    const ut_json_node *stripped = ut_json_first(ut_json_get(root, "stripped"));
    for (int i = 0; i < UT_STRIPS && stripped; i++, stripped = ut_json_next(stripped)) {
        int64_t n = 0;
        row->clean.stripped[i] = ut_str_to_i64(stripped->text, &n) && n >= 0 ? (uint32_t)n : 0;
    }
    row->recipients = number(root, "recipients");
    row->reactions = number(root, "reactions");
    row->reply = ut_json_bool(root, "reply");
    return take_end(kit, row, ut_json_get(root, "end"), err);
}
