/* bench/bench_slack.c — how fast is a Slack export read: parsing alone, the reader, the decoder?
 *
 *     bench-slack DIR [MEGABYTES]      writes an export into DIR unless there is one, then measures it
 *
 * Prints one CSV row per measurement: what,bytes,messages,seconds,MB_per_s,messages_per_s; the best of five rounds,
 * files in the page cache. The opponent is Python over the same files:
 *
 *     python3 -c 'import json,glob,time,sys
 *     f = [open(p, encoding="utf-8").read() for p in glob.glob(sys.argv[1] + "/" "*" "/" "*.json")]
 *     t = time.time(); n = sum(len(json.loads(s)) for s in f); print(n, time.time() - t)' DIR
 *
 * (json.load is json.loads after a read; the read is left out on both sides; with json.load instead, compare "read".)
 * Messages are written as Slack writes them: four spaces deep, slashes escaped, with profile, blocks,
 * reactions and threads, from one seed.
 */
#include "bronze/source.h"
#include "os/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ROUNDS 5
#define CHANNELS 20
#define MESSAGES_A_DAY 150

static const char *const SENTENCES[] = {
    "I had a look at the numbers this morning and they are better than last week. ",
    "Could you please check whether the invoice went out? ", "Sch\\u00f6ne Gr\\u00fc\\u00dfe aus dem Norden! ",
    "See <https:\\/\\/tracker.shop.example\\/browse\\/SHOP-1234|SHOP-1234> for the details. ",
    "That is great news, congratulations :tada: ", "a &lt; b &amp;&amp; c, says `the_test` ",
    "<@U0000007> and <@U0000011>: we will talk about it tomorrow at ten.\\n", "ok, on it \\ud83d\\ude00 ",
};

static void write_message(FILE *to, ut_rng *rng, int64_t second, bool first)
{
    char text[1000] = "";
    unsigned user = (unsigned)ut_rng_below(rng, 40), sentences = 1 + (unsigned)ut_rng_below(rng, 5);
    for (unsigned i = 0; i < sentences; i++) {
        strcat(text, SENTENCES[ut_rng_below(rng, sizeof SENTENCES / sizeof *SENTENCES)]);
    }
    unsigned us = (unsigned)ut_rng_below(rng, 1000000);
    (void)fprintf(to,
                  "%s    {\n        \"client_msg_id\": \"%016llx-%08x\",\n        \"type\": \"message\",\n"
                  "        \"text\": \"%s\",\n        \"user\": \"U%07u\",\n        \"ts\": \"%lld.%06u\",\n"
                  "        \"team\": \"T0000001\",\n        \"user_team\": \"T0000001\",\n        \"user_profile\": {\n"
                  "            \"avatar_hash\": \"g123456789ab\",\n            \"image_72\": "
                  "\"https:\\/\\/avatars.example\\/%u.png\",\n            \"first_name\": \"Ann\",\n"
                  "            \"real_name\": \"Ann Lee %u\",\n            \"display_name\": \"ann\",\n"
                  "            \"is_restricted\": false,\n            \"is_ultra_restricted\": false\n        },\n",
                  first ? "" : ",\n", (unsigned long long)ut_rng_u64(rng), us, text, user, (long long)second, us, user,
                  user);
    if (ut_rng_below(rng, 3) == 0) {
        (void)fprintf(to, "        \"thread_ts\": \"%lld.000100\",\n", (long long)second - 600);
    }
    if (ut_rng_below(rng, 4) == 0) {
        (void)fprintf(to, "        \"reactions\": [\n            {\n                \"name\": \"+1\",\n"
                          "                \"users\": [\n                    \"U0000003\",\n"
                          "                    \"U0000004\"\n                ],\n"
                          "                \"count\": 2\n            }\n        ],\n");
    }
    (void)fprintf(to,
                  "        \"blocks\": [\n            {\n                \"type\": \"rich_text\",\n"
                  "                \"block_id\": \"x%05u\",\n                \"elements\": [\n"
                  "                    {\n                        \"type\": \"rich_text_section\",\n"
                  "                        \"elements\": [\n                            {\n"
                  "                                \"type\": \"text\",\n"
                  "                                \"text\": \"%s\"\n"
                  "                            }\n                        ]\n                    }\n                ]\n"
                  "            }\n        ]\n    }",
                  us % 100000, text);
}

static int64_t write_day(const char *dir, ut_rng *rng, int channel, int64_t day)
{
    char path[600];
    int64_t year;
    int month, date;
    ut_time_civil_of(day, &year, &month, &date);
    (void)snprintf(path, sizeof path, "%.500s/channel-%d", dir, channel);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%.500s/channel-%d/%04d-%02d-%02d.json", dir, channel, (int)year, month, date);
    FILE *to = fopen(path, "wb");
    if (!to) {
        perror(path);
        exit(1);
    }
    (void)fputs("[\n", to);
    for (int i = 0; i < MESSAGES_A_DAY; i++) {
        write_message(to, rng, day * 86400 + i * 200, i == 0);
    }
    (void)fputs("\n]", to);
    int64_t bytes = ftell(to);
    (void)fclose(to);
    return bytes;
}

static void write_export(const char *dir, int64_t bytes)
{
    struct stat st;
    char path[600];
    (void)snprintf(path, sizeof path, "%.500s/channel-0", dir);
    if (stat(path, &st) == 0) {
        return;
    }
    (void)mkdir(dir, 0700);
    ut_rng rng = {20260105};
    for (int64_t day = 20000; bytes > 0; day++) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            bytes -= write_day(dir, &rng, channel, day);
        }
    }
}

typedef struct bench {
    ut_buf all;    /* every file, one behind the other */
    ut_map starts; /* file name → offset */
    ut_json *json;
    ut_arena arena;
    bool decode;
    int64_t bytes, messages;
} bench;

static void must(ut_status st, const ut_err *err)
{
    if (st != UT_OK) {
        (void)fprintf(stderr, "bench-slack: %s\n", err->message);
        exit(1);
    }
}

static ut_status load(void *ctx, ut_str name, ut_stream *content, ut_err *err)
{
    bench *b = ctx;
    uint64_t *start = ut_map_put(&b->starts, name);
    if (!start) {
        return ut_fail(err, UT_NOMEM, "too many files");
    }
    *start = b->all.len;
    return ut_stream_slurp(content, &b->all, err);
}

static ut_status count_record(void *ctx, const ut_record *record, ut_err *err)
{
    bench *b = ctx;
    b->messages++;
    if (!b->decode) {
        return UT_OK;
    }
    ut_message message;
    ut_status st = ut_slack_decode(b->json, &b->arena, &message, record->payload, err);
    ut_arena_reset(&b->arena);
    return st;
}

static ut_status refuse(void *ctx, const ut_reject *reject, ut_err *err)
{
    (void)ctx;
    return ut_fail(err, UT_CORRUPT, UT_STR_FMT, UT_STR_ARG(reject->reason));
}

static ut_status pass_person(void *ctx, const ut_person_hint *hint, ut_err *err)
{
    (void)ctx, (void)hint, (void)err;
    return UT_OK;
}

static ut_status pass_unsupported(void *ctx, ut_str path, ut_str what, ut_err *err)
{
    (void)ctx, (void)path, (void)what, (void)err;
    return UT_OK;
}

static double parse_all(bench *b, ut_err *err)
{
    int64_t begin = ut_clock_steady_us();
    b->messages = 0;
    for (size_t i = 0; i < b->starts.count; i++) {
        size_t from = b->starts.entries[i].value;
        size_t to = i + 1 < b->starts.count ? b->starts.entries[i + 1].value : b->all.len;
        const ut_json_node *root = NULL;
        must(ut_json_parse(b->json, &root, ut_str_slice(ut_buf_str(&b->all), from, to), err), err);
        b->messages += root->count;
    }
    return (double)(ut_clock_steady_us() - begin) * 1e-6;
}

static double read_all(bench *b, const char *dir, ut_err *err)
{
    ut_sink sink = {.ctx = b, .record = count_record, .reject = refuse, .person = pass_person,
                    .unsupported = pass_unsupported};
    int64_t begin = ut_clock_steady_us();
    b->messages = 0;
    must(ut_slack_read(&sink, dir, err), err);
    return (double)(ut_clock_steady_us() - begin) * 1e-6;
}

static void print_row(const bench *b, const char *what, double seconds)
{
    (void)printf("%s,%lld,%lld,%.4f,%.0f,%.0f\n", what, (long long)b->bytes, (long long)b->messages, seconds,
                 (double)b->bytes / seconds / 1e6, (double)b->messages / seconds);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench-slack DIR [MEGABYTES]\n");
        return 2;
    }
    ut_err err = {0};
    bench b = {.all = ut_buf_make(1024 * UT_MIB), .starts = ut_map_make(1000000)};
    write_export(argv[1], (argc > 2 ? atoll(argv[2]) : 100) * 1000000);
    must(ut_json_open(&b.json, &err), &err);
    must(ut_arena_open(&b.arena, 16 * UT_MIB), &err);
    must(ut_tree_walk(argv[1], load, &b, &err), &err);
    b.bytes = (int64_t)b.all.len;
    double parse = 1e9, read = 1e9, both = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double s = parse_all(&b, &err);
        parse = s < parse ? s : parse;
        b.decode = false;
        s = read_all(&b, argv[1], &err);
        read = s < read ? s : read;
        b.decode = true;
        s = read_all(&b, argv[1], &err);
        both = s < both ? s : both;
    }
    (void)printf("what,bytes,messages,seconds,MB_per_s,messages_per_s\n");
    print_row(&b, "parse", parse);
    print_row(&b, "read", read);
    print_row(&b, "read and decode", both);
    ut_json_close(&b.json);
    ut_arena_close(&b.arena);
    ut_buf_free(&b.all);
    ut_map_free(&b.starts);
    return 0;
}
