/* apps/cli.c — what the commands share. */
#include "apps/cli.h"

#include "base/buf.h"
#include "os/clock.h"
#include "undertone/erase.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

int ut_cli_fail(const ut_cli *cli, const ut_err *err)
{
    ut_cli_progress_end();
    if (!cli->json) {
        (void)fprintf(stderr, "undertone: %s\n", err->message);
        return EXIT_FAILED;
    }
    ut_buf out = ut_buf_make(16384);
    ut_buf_puts(&out, "{\"error\":{\"code\":");
    ut_buf_json_str(&out, ut_str_of(ut_status_name(err->status)));
    ut_buf_puts(&out, ",\"message\":");
    ut_buf_json_str(&out, ut_str_of(err->message));
    ut_buf_puts(&out, "}}\n");
    (void)fwrite(out.ptr, 1, out.len, stdout);
    ut_buf_free(&out);
    return EXIT_FAILED;
}

int ut_cli_usage(const ut_cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "undertone %s: ", cli->argv[0]);
    (void)vfprintf(stderr, format, args);
    (void)fprintf(stderr, "\n`undertone %s --help` shows how it is used.\n", cli->argv[0]);
    va_end(args);
    return EXIT_USAGE;
}

/* An erasure that was cut off is finished before anything else happens: it was decided. */
static ut_status finish_erasures(ut_workspace *workspace, ut_err *err)
{
    int64_t begun = 0, due = 0;
    ut_erase_options options = {.progress = ut_cli_progress};
    ut_erase_counts counts;
    ut_status st = ut_erase_pending(workspace, &begun, &due, err);
    if (st == UT_OK && begun) {
        (void)fputs("Finishing an erasure that was cut off.\n", stderr);
        st = ut_erase_resume(&counts, workspace, &options, err);
        ut_cli_progress_end();
    }
    return st;
}

ut_status ut_cli_open(const ut_cli *cli, ut_workspace **ret, ut_workspace_access access, bool create, ut_err *err)
{
    ut_workspace_options options = {
        .path = cli->workspace, .key_file = cli->key_file, .access = access, .create = create};
    ut_status st = ut_workspace_open(ret, &options, err);
    if (st == UT_OK && ut_workspace_is_new(*ret)) {
        const char *path = cli->workspace ? cli->workspace : "undertone-data";
        (void)fprintf(stderr,
                      "Made the workspace %s. Keep a copy of %s/workspace.key elsewhere: without it nothing in the "
                      "workspace can be read.\n",
                      path, path);
    }
    if (st == UT_OK && access == UT_WORKSPACE_WRITE && !ut_workspace_is_new(*ret)) {
        st = finish_erasures(*ret, err);
        if (st != UT_OK) {
            ut_workspace_close(ret);
        }
    }
    return st;
}

static bool is_principal(const char *as)
{
    return strcmp(as, "analyst") == 0 || strcmp(as, "owner") == 0 ||
           (strncmp(as, "person:", 7) == 0 && as[7]) || (strncmp(as, "manager:", 8) == 0 && as[8]);
}

int ut_cli_open_as(const ut_cli *cli, ut_workspace **ret, ut_principal *ret_principal)
{
    ut_workspace *workspace = NULL;
    ut_err err = {0};
    if (!is_principal(cli->as)) {
        return ut_cli_usage(cli, "--as takes analyst, person:WHO, manager:WHO or owner, not «%s»", cli->as);
    }
    bool analyst = strcmp(cli->as, "analyst") == 0;
    ut_status st = ut_cli_open(cli, &workspace, UT_WORKSPACE_WRITE, false, &err);
    if (analyst && (st == UT_BUSY || st == UT_IO)) {
        st = ut_cli_open(cli, &workspace, UT_WORKSPACE_READ, false, &err);
    }
    st = st == UT_OK ? ut_principal_parse(ret_principal, workspace, cli->as, cli->purpose, &err) : st;
    if (st != UT_OK) {
        ut_workspace_close(&workspace);
        return ut_cli_fail(cli, &err);
    }
    *ret = workspace;
    return EXIT_OK;
}

int ut_cli_answer(const ut_cli *cli, ut_status st, ut_buffer **answer, const ut_err *err)
{
    int code = st == UT_OK ? ut_cli_put(cli, (*answer)->bytes, (*answer)->len) : ut_cli_fail(cli, err);
    ut_buffer_free(answer);
    return code;
}

static bool bar_drawn;

void ut_cli_progress(void *ctx, const char *stage, int64_t done, int64_t total)
{
    (void)ctx;
    static int64_t last_us;
    int64_t now_us = ut_clock_steady_us();
    if (!isatty(STDERR_FILENO) || now_us - last_us < 100000) {
        return;
    }
    last_us = now_us;
    enum { WIDTH = 30 };
    double share = total > 0 ? (double)done / (double)total : 0;
    int full = share >= 1 ? WIDTH : share <= 0 ? 0 : (int)(share * WIDTH);
    (void)fprintf(stderr, "\r\x1b[K%-8s [", stage);
    for (int i = 0; i < WIDTH; i++) {
        (void)fputc(i < full ? '#' : '.', stderr);
    }
    (void)fprintf(stderr, "] %3d %%", (int)(share > 1 ? 100 : share * 100));
    (void)fflush(stderr);
    bar_drawn = true;
}

void ut_cli_progress_end(void)
{
    if (bar_drawn) {
        (void)fputs("\r\x1b[K", stderr);
        bar_drawn = false;
    }
}

int ut_cli_put(const ut_cli *cli, const char *bytes, size_t len)
{
    ut_cli_progress_end();
    if (fwrite(bytes, 1, len, stdout) == len && fflush(stdout) == 0) {
        return EXIT_OK;
    }
    ut_err err = {0};
    (void)ut_fail(&err, UT_IO, "can't write the answer: %s", strerror(errno));
    (void)cli;
    (void)fprintf(stderr, "undertone: %s\n", err.message);
    return EXIT_FAILED;
}

int ut_cli_option(const ut_cli *cli, const struct option *options)
{
    opterr = 0;
    int option = getopt_long(cli->argc, cli->argv, ":", options, NULL);
    if (option == ':') {
        (void)ut_cli_usage(cli, "%s needs a value", cli->argv[optind - 1]);
        return '?';
    }
    if (option == '?') {
        (void)ut_cli_usage(cli, "there is no option %s", cli->argv[optind - 1]);
    }
    return option;
}
