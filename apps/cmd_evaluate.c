/* apps/cmd_evaluate.c — `undertone evaluate`: figures of a model on labelled text, as Markdown or JSON. */
#include "apps/commands.h"
#include "model/evaluate.h"
#include "os/file.h"

#include <stdio.h>

const char ut_help_evaluate[] =
    "usage: undertone evaluate --data-root DIR [options]\n"
    "  Scores labelled texts and prints precision, recall and F1 by feature, or Pearson's r.\n"
    "  --data-root DIR   the folder that holds the data sets\n"
    "  --data LIST       names of sets, divided by commas; all that are found below DIR (the default)\n"
    "  --maps FILE       a list of sets and label maps of your own (format: src/model/datasets.json)\n"
    "  --model NAME      rules (the default)        --rules DIR   packs over the built-in ones\n"
    "  --format NAME     markdown (the default) or json, one document\n"
    "  undertone evaluate --data-root data --data goemotions-dev,dreaddit-train\n";

typedef struct arguments {
    const char *root;
    const char *data;
    const char *maps;
    const char *model;
    const char *rules;
    bool json;
    bool help;
} arguments;

static int usage_error(const char *what, const char *value)
{
    (void)fprintf(stderr, "undertone evaluate: %s%s\n%s", what, value, ut_help_evaluate);
    return EXIT_USAGE;
}

static int parse(arguments *a, int argc, char **argv)
{
    static const struct option options[] = {
        {"data-root", required_argument, NULL, 'o'}, {"data", required_argument, NULL, 'd'},
        {"maps", required_argument, NULL, 'p'},      {"model", required_argument, NULL, 'm'},
        {"rules", required_argument, NULL, 'r'},     {"format", required_argument, NULL, 'f'},
        {"json", no_argument, NULL, 'j'},            {"help", no_argument, NULL, 'h'},
        {0},
    };
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 'o': a->root = optarg; break;
        case 'd': a->data = optarg; break;
        case 'p': a->maps = optarg; break;
        case 'm': a->model = optarg; break;
        case 'r': a->rules = optarg; break;
        case 'j': a->json = true; break;
        case 'h': a->help = true; break;
        case 'f':
            a->json = strcmp(optarg, "json") == 0;
            if (!a->json && strcmp(optarg, "markdown") != 0) {
                return usage_error("--format is markdown or json, not ", optarg);
            }
            break;
        default: return usage_error("unknown option or missing value: ", argv[optind - 1]);
        }
    }
    if (!a->help && (optind < argc || !a->root)) {
        return usage_error(a->root ? "it takes no argument: " : "--data-root is missing", a->root ? argv[optind] : "");
    }
    return EXIT_OK;
}

static void put_head(ut_buf *out, const arguments *a, const ut_model *model)
{
    ut_str version = ut_model_version(model);
    if (a->json) {
        ut_buf_puts(out, "{\"model\":");
        ut_buf_json_str(out, version);
        ut_buf_puts(out, ",\"results\":[");
        return;
    }
    ut_buf_format(out, "# Quality of %s\n\nMade by `undertone evaluate`, not by hand. Model: `"
            UT_STR_FMT "`. A feature is "
                  "said at 0.5 and more;\nfeatures that a data set does not label are not measured in it.\n", a->model,
                  UT_STR_ARG(version));
}

/* One set into `out`. A set that is not there is passed over when all were asked for. */
static ut_status one(ut_buf *out, const ut_eval_set *set, const arguments *a, const ut_model *model, bool *first,
                     ut_err *err)
{
    ut_eval_result result;
    ut_status st = ut_eval_run(&result, set, a->root, model, err);
    if (st == UT_NOT_FOUND && !a->data) {
        (void)fprintf(stderr, "undertone evaluate: passed over: %s\n", err->message);
        return UT_OK;
    }
    if (st == UT_OK && a->json) {
        ut_buf_puts(out, *first ? "" : ",");
        ut_eval_write_json(out, &result);
    } else if (st == UT_OK) {
        ut_eval_write_markdown(out, &result);
    }
    *first = false;
    return st;
}

static ut_status evaluate(ut_buf *out, const arguments *a, const ut_eval_plan *plan, const ut_model *model, ut_err *err)
{
    ut_status st = UT_OK;
    bool first = true;
    put_head(out, a, model);
    for (size_t i = 0; i < plan->count && !a->data && st == UT_OK; i++) {
        st = one(out, &plan->sets[i], a, model, &first, err);
    }
    ut_str rest = ut_str_of(a->data);
    while (rest.len && st == UT_OK) {
        ut_str name = ut_str_trim(ut_str_cut(&rest, ','));
        const ut_eval_set *set = ut_eval_find(plan, name);
        st = set ? one(out, set, a, model, &first, err)
                 : ut_fail(err, UT_NOT_FOUND, "no data set is called \"" UT_STR_FMT "\"", UT_STR_ARG(name));
    }
    ut_buf_puts(out, a->json ? "]}\n" : "");
    return st == UT_OK && out->failed != UT_OK ? ut_fail(err, out->failed, "out of memory for the figures") : st;
}

int ut_cmd_evaluate(int argc, char **argv)
{
    arguments a = {.model = "rules"};
    ut_err err = {0};
    ut_eval_plan plan = {0};
    ut_model *model = NULL;
    ut_buf maps = ut_buf_make(16 * UT_MIB);
    ut_buf out = ut_buf_make(16 * UT_MIB);
    int status = parse(&a, argc, argv);
    if (status != EXIT_OK || a.help) {
        return status == EXIT_OK && fputs(ut_help_evaluate, stdout) < 0 ? EXIT_FAILED : status;
    }
    ut_status st = a.maps ? ut_file_slurp(&maps, a.maps, &err) : UT_OK;
    st = st == UT_OK ? ut_eval_plan_open(&plan, ut_buf_str(&maps), &err) : st;
    st = st == UT_OK ? ut_model_open(&model, ut_str_of(a.model), a.rules, &err) : st;
    st = st == UT_OK ? evaluate(&out, &a, &plan, model, &err) : st;
    if (st != UT_OK) {
        (void)fprintf(stderr, "undertone evaluate: %s\n", err.message);
        status = EXIT_FAILED;
    } else if (fwrite(out.ptr, 1, out.len, stdout) != out.len || fflush(stdout) != 0) {
        status = EXIT_FAILED;
    }
    ut_buf_free(&out);
    ut_buf_free(&maps);
    ut_model_close(&model);
    ut_eval_plan_close(&plan);
    return status;
}
