/* bench/bench_rules.c — how many short messages the rules score in a second on one core, and where the rest goes.
 *
 *     build/bench/bench-rules [messages.ndjson] > rules.csv
 *
 * Without a file it scores sentences of its own, 17 words on average, repeated. Each row is the best of three runs, so
 * that a busy neighbour costs less. The first row is the arithmetic alone, the last one what the command does by
 * default.
 */
#include "model/score_lines.h"
#include "os/clock.h"
#include "os/file.h"

#include <stdio.h>

static const char *const sentences[] = {
    "Thanks a lot for looking into this so quickly, the fix you sent yesterday works like a charm!",
    "I moved the migration to Tuesday because the staging database is still being restored by the platform team.",
    "We are running out of time and I am honestly worried that the release will slip again this month.",
    "Can you take a look at the failing test in the billing module before you leave for lunch today?",
    "Ugh, the build is broken again and nobody seems to care, this is really getting annoying for everyone here.",
    "Great job everyone, the launch went really well and the customers are so happy with the new dashboard 🎉",
    "The function returns a pointer to the first element, or null when the list has no elements in it.",
    "I'm not sure that is a good idea, but maybe we could try it on one small service first?",
    "Sorry for the delay, I was out sick on Monday and I'm still catching up with all of my mail.",
    "Please kill the old worker process, restart the server and then check that the queue is empty :+1:",
};

typedef struct bench {
    const ut_model *model;
    ut_str lines;
    size_t count;
} bench;

static void make_lines(ut_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ut_buf_puts(out, "{\"id\":");
        ut_buf_i64(out, (int64_t)i);
        ut_buf_puts(out, ",\"text\":");
        ut_buf_json_str(out, ut_str_of(sentences[i % (sizeof sentences / sizeof *sentences)]));
        ut_buf_puts(out, "}\n");
    }
}

static size_t count_lines(ut_str lines)
{
    size_t count = 0;
    ut_str line;
    while (ut_str_line(&lines, &line)) {
        count++;
    }
    return count;
}

static double seconds_since(int64_t from_us)
{
    return (double)(ut_clock_steady_us() - from_us) / 1e6;
}

/* Scoring alone, without JSON in or out. */
static double run_scores(const bench *b, size_t count)
{
    ut_session *session = NULL;
    ut_scores scores;
    ut_score_options options = {.language = UT_STR("en")};
    float sum = 0;
    if (ut_session_open(&session, b->model, NULL) != UT_OK) {
        return 0;
    }
    int64_t from = ut_clock_steady_us();
    for (size_t i = 0; i < count; i++) {
        ut_str text = ut_str_of(sentences[i % (sizeof sentences / sizeof *sentences)]);
        if (ut_session_score(session, &scores, text, &options, NULL) == UT_OK) {
            sum += scores.sentiment;
        }
    }
    double seconds = seconds_since(from);
    (void)fprintf(stderr, "check: %.1f\n", (double)sum);
    ut_session_close(&session);
    return seconds;
}

static double run_lines(const bench *b, const char *fields, const char *language)
{
    ut_score_lines_options options = {.language = ut_str_of(language)};
    ut_score_worker worker;
    ut_err err = {0};
    ut_buf out = ut_buf_make(4096 * UT_MIB);
    if (ut_score_fields_parse(&options.fields, ut_str_of(fields), &err) != UT_OK ||
        ut_score_worker_open(&worker, b->model, &options, &err) != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 0;
    }
    int64_t from = ut_clock_steady_us();
    ut_status st = ut_score_lines(&worker, &out, b->lines, &err);
    double seconds = st == UT_OK ? seconds_since(from) : 0;
    ut_score_worker_close(&worker);
    ut_buf_free(&out);
    return seconds;
}

static void print_row(const char *what, size_t count, double seconds)
{
    (void)printf("%s,%zu,%.4f,%.0f\n", what, count, seconds, seconds > 0 ? (double)count / seconds : 0);
}

static void bench_lines(const bench *b, const char *what, const char *fields, const char *language)
{
    double best = 0;
    for (int i = 0; i < 3; i++) {
        double seconds = run_lines(b, fields, language);
        best = best > 0 && best < seconds ? best : seconds;
    }
    print_row(what, b->count, best);
}

int main(int argc, char **argv)
{
    ut_model *model = NULL;
    ut_err err = {0};
    ut_buf lines = ut_buf_make(2048 * UT_MIB);
    (void)printf("what,messages,seconds,messages_per_second\n");
    int64_t from = ut_clock_steady_us();
    ut_status st = ut_model_open(&model, UT_STR("rules"), NULL, &err);
    print_row("open the model", 1, seconds_since(from));
    if (st == UT_OK && argc > 1) {
        st = ut_file_slurp(&lines, argv[1], &err);
    } else if (st == UT_OK) {
        make_lines(&lines, 100000);
    }
    if (st != UT_OK) {
        (void)fprintf(stderr, "bench-rules: %s\n", err.message);
        return 1;
    }
    bench b = {.model = model, .lines = ut_buf_str(&lines)};
    b.count = count_lines(b.lines);
    print_row("score alone", 100000, run_scores(&b, 100000));
    bench_lines(&b, "lines: sentiment and features", "sentiment,features", "en");
    bench_lines(&b, "lines: all scores", "sentiment,valence,certainty,features,labels", "en");
    bench_lines(&b, "lines: with linguistic", "sentiment,features,linguistic", "en");
    bench_lines(&b, "lines: with why", "sentiment,features,why", "en");
    bench_lines(&b, "lines: everything", "all", "en");
    bench_lines(&b, "lines: everything and language detection", "all", "");
    ut_buf_free(&lines);
    ut_model_close(&model);
    return 0;
}
