/* apps/cmd_score.c — `undertone score`: a filter that xargs, Spark or Kafka can drive.
 *
 * Input is read in blocks of whole lines; a block is cut into slices that the threads score into buffers of their own,
 * which are then written in order. A line longer than any record may be is answered with an error and skipped over.
 */
#include "apps/commands.h"
#include "model/score_lines.h"
#include "os/pool.h"

#include <stdio.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)4 * 1024 * 1024)
#define SLICE_BYTES ((size_t)64 * 1024)
#define SLICES_MAX 1024
/* One line of scores can have a few times the bytes of its text when every detail is asked for. */
#define SLICE_OUT_MAX ((size_t)512 * 1024 * 1024)

const char ut_help_score[] =
    "usage: undertone score [options] < messages.ndjson > scores.ndjson\n"
    "  Reads one {\"id\":…,\"text\":\"…\"} per line, writes one line of scores per line, in the same order.\n"
    "  --model NAME    rules (the default)\n"
    "  --rules DIR     a folder of rule packs over the built-in ones (docs/rules.md)\n"
    "  --lang CODE     the language of all texts, such as en; without it each text's is found\n"
    "  --fields LIST   of model,lang,sentiment,valence,certainty,features,labels,linguistic,emoji,custom,why; all\n"
    "  --threads N     1 (the default); 0 = one per processor\n"
    "  A line that can't be scored gives {\"id\":…,\"error\":{\"code\",\"message\"}}.\n"
    "  echo '{\"id\":1,\"text\":\"thanks, that saved my day!\"}' | undertone score --fields sentiment,labels\n";

typedef struct arguments {
    const char *model;
    const char *rules;
    ut_score_lines_options lines;
    int64_t threads;
    bool help;
} arguments;

/* One block while it is scored. */
typedef struct batch {
    ut_score_worker *workers; /* by thread */
    ut_str slices[SLICES_MAX];
    ut_buf outs[SLICES_MAX]; /* by slice; kept between blocks */
    size_t count;
} batch;

static int usage_error(const char *what, const char *value)
{
    (void)fprintf(stderr, "undertone score: %s%s\n%s", what, value, ut_help_score);
    return EXIT_USAGE;
}

static int failed(const ut_err *err)
{
    (void)fprintf(stderr, "undertone score: %s\n", err->message);
    return EXIT_FAILED;
}

static int parse(arguments *a, int argc, char **argv)
{
    static const struct option options[] = {
        {"model", required_argument, NULL, 'm'}, {"rules", required_argument, NULL, 'r'},
        {"lang", required_argument, NULL, 'l'},  {"fields", required_argument, NULL, 'f'},
        {"threads", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'}, {0},
    };
    ut_err err = {0};
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 'm': a->model = optarg; break;
        case 'r': a->rules = optarg; break;
        case 'l': a->lines.language = ut_str_of(optarg); break;
        case 'h': a->help = true; break;
        case 'f':
            if (ut_score_fields_parse(&a->lines.fields, ut_str_of(optarg), &err) != UT_OK) {
                return usage_error(err.message, "");
            }
            break;
        case 't':
            if (!ut_str_to_i64(ut_str_of(optarg), &a->threads) || a->threads < 0 || a->threads > 256) {
                return usage_error("--threads takes 0..256, not ", optarg);
            }
            break;
        default: return usage_error("unknown option or missing value: ", argv[optind - 1]);
        }
    }
    return optind < argc ? usage_error("it takes no argument: ", argv[optind]) : EXIT_OK;
}

static void score_slice(void *ctx, size_t item, int worker)
{
    batch *b = ctx;
    ut_buf_clear(&b->outs[item]);
    ut_status st = ut_score_lines(&b->workers[worker], &b->outs[item], b->slices[item], NULL);
    UT_ASSERT(st == b->outs[item].failed); /* a failure stays in the buffer; the writer looks there */
}

static void cut(batch *b, ut_str block)
{
    b->count = 0;
    while (block.len) {
        size_t end = block.len > SLICE_BYTES && b->count + 1 < SLICES_MAX ? ut_str_find_byte(block, '\n', SLICE_BYTES)
                                                                         : UT_NPOS;
        end = end == UT_NPOS ? block.len : end + 1;
        b->slices[b->count++] = ut_str_slice(block, 0, end);
        block = ut_str_slice(block, end, block.len);
    }
}

static int write_out(batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        ut_str out = ut_buf_str(&b->outs[i]);
        if (b->outs[i].failed != UT_OK) {
            ut_err err = {0};
            (void)ut_fail(&err, b->outs[i].failed, "out of memory for the scores");
            return failed(&err);
        }
        if (out.len && fwrite(out.ptr, 1, out.len, stdout) != out.len) {
            (void)fprintf(stderr, "undertone score: can't write to stdout\n");
            return EXIT_FAILED;
        }
    }
    return EXIT_OK;
}

static int score_block(batch *b, ut_pool *pool, ut_str block)
{
    cut(b, block);
    if (pool) {
        ut_pool_run(pool, score_slice, b, b->count);
    } else {
        for (size_t i = 0; i < b->count; i++) {
            score_slice(b, i, 0);
        }
    }
    return write_out(b);
}

/* What is read but not yet scored. */
typedef struct reader {
    ut_buf buf;
    bool ended;
    bool skipping; /* inside a line that is too long */
} reader;

/* Reads once at least, so that a line longer than a block comes to its end. */
static int fill(reader *r)
{
    bool once = true;
    while (!r->ended && (once || r->buf.len < BLOCK_BYTES)) {
        once = false;
        char *to = ut_buf_reserve(&r->buf, 256 * UT_KIB);
        ssize_t n = to ? read(STDIN_FILENO, to, 256 * UT_KIB) : -1;
        if (n < 0) {
            (void)fprintf(stderr, "undertone score: can't read stdin\n");
            return EXIT_FAILED;
        }
        r->buf.len += (size_t)n;
        r->ended = n == 0;
        /* A pipe that gives little now may want its answers before it gives more. */
        if (n > 0 && (size_t)n < 256 * UT_KIB && memchr(to, '\n', (size_t)n)) {
            break;
        }
    }
    return EXIT_OK;
}

/* The bytes up to the last newline; all of them at the end. 0 when a line is still unfinished. */
static size_t whole_lines(const reader *r)
{
    if (r->ended) {
        return r->buf.len;
    }
    const char *last = r->buf.len ? memrchr(r->buf.ptr, '\n', r->buf.len) : NULL;
    return last ? (size_t)(last - r->buf.ptr) + 1 : 0;
}

static void drop(reader *r, size_t n)
{
    memmove(r->buf.ptr, r->buf.ptr + n, r->buf.len - n);
    r->buf.len -= n;
}

static const char too_long[] = "{\"id\":null,\"error\":{\"code\":\"limit\",\"message\":\"the line is longer than "
        "32 MiB\"}}\n";

static int run_blocks(batch *b, ut_pool *pool, reader *r)
{
    int status = EXIT_OK;
    while (status == EXIT_OK && (!r->ended || r->buf.len)) {
        status = fill(r);
        size_t n = whole_lines(r);
        if (status == EXIT_OK && r->skipping && (n || r->ended)) {
            const char *end = memchr(r->buf.ptr, '\n', r->buf.len);
            drop(r, end ? (size_t)(end - r->buf.ptr) + 1 : r->buf.len);
            r->skipping = false;
        } else if (status == EXIT_OK && n) {
            status = score_block(b, pool, ut_str_slice(ut_buf_str(&r->buf), 0, n));
            drop(r, n);
        } else if (r->buf.len > UT_RECORD_BYTES_MAX || r->skipping) {
            status = r->skipping || fputs(too_long, stdout) >= 0 ? status : EXIT_FAILED;
            r->skipping = true;
            r->buf.len = 0;
        }
        if (fflush(stdout) != 0) {
            (void)fprintf(stderr, "undertone score: can't write to stdout\n");
            status = EXIT_FAILED;
        }
    }
    return status;
}

static int run(const arguments *a, const ut_model *model, ut_pool *pool, ut_err *err)
{
    int width = pool ? ut_pool_width(pool) : 1;
    batch *b = ut_mem_zeroed(1, sizeof *b);
    reader r = {.buf = ut_buf_make(UT_RECORD_BYTES_MAX + BLOCK_BYTES)};
    ut_status st = UT_OK;
    int status = EXIT_FAILED;
    if (!b || !(b->workers = ut_mem_zeroed((size_t)width, sizeof *b->workers))) {
        st = ut_fail(err, UT_NOMEM, "out of memory");
    }
    for (int i = 0; i < width && st == UT_OK; i++) {
        st = ut_score_worker_open(&b->workers[i], model, &a->lines, err);
    }
    for (size_t i = 0; i < SLICES_MAX && st == UT_OK; i++) {
        b->outs[i] = ut_buf_make(SLICE_OUT_MAX);
    }
    status = st == UT_OK ? run_blocks(b, pool, &r) : failed(err);
    for (int i = 0; b && b->workers && i < width; i++) {
        ut_score_worker_close(&b->workers[i]);
    }
    for (size_t i = 0; b && i < SLICES_MAX; i++) {
        ut_buf_free(&b->outs[i]);
    }
    ut_buf_free(&r.buf);
    if (b) {
        ut_mem_free(b->workers);
    }
    ut_mem_free(b);
    return status;
}

int ut_cmd_score(int argc, char **argv)
{
    arguments a = {.model = "rules", .lines = {.fields = UT_FIELDS_ALL}, .threads = 1};
    ut_model *model = NULL;
    ut_pool *pool = NULL;
    ut_err err = {0};
    int status = parse(&a, argc, argv);
    if (status != EXIT_OK || a.help) {
        return status == EXIT_OK && fputs(ut_help_score, stdout) < 0 ? EXIT_FAILED : status;
    }
    ut_status st = ut_model_open(&model, ut_str_of(a.model), a.rules, &err);
    if (st == UT_OK && a.lines.language.len && !ut_model_speaks(model, a.lines.language)) {
        st = ut_fail(&err, UT_UNSUPPORTED, "no rule pack is for language \"" UT_STR_FMT "\"",
                     UT_STR_ARG(a.lines.language));
    }
    if (st == UT_OK && a.threads != 1) {
        st = ut_pool_open(&pool, (int)a.threads, &err);
    }
    status = st == UT_OK ? run(&a, model, pool, &err) : failed(&err);
    ut_pool_close(&pool);
    ut_model_close(&model);
    return status;
}
