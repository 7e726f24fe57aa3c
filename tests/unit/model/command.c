/* `undertone score` as a program: what only its reading of blocks can get wrong. */
#include "harness/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs the command with files as stdin and stdout; its exit status, -1 when it was ended by its alarm. */
static int run_score(const char *program, const char *in, const char *out)
{
    pid_t child = fork();
    if (child == 0) {
        int from = open(in, O_RDONLY);
        int to = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        (void)alarm(30);
        if (from >= 0 && to >= 0 && dup2(from, 0) == 0 && dup2(to, 1) == 1) {
            (void)execl(program, program, "score", "--lang", "en", "--fields", "labels", (char *)NULL);
        }
        _exit(127);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

UT_TEST(model_command, a_line_longer_than_a_block_does_not_make_it_spin)
{
    char program[512];
    char in[512];
    char out[512];
    const char *root = getenv("UNDERTONE_BUILD_ROOT");
    (void)snprintf(program, sizeof program, "%s/apps/undertone", root ? root : "build");
    if (access(program, X_OK) != 0) {
        UT_SKIP("needs the built program (UNDERTONE_BUILD_ROOT)");
    }
    const char *dir = ut_test_dir(t);
    (void)snprintf(in, sizeof in, "%s/in.ndjson", dir);
    (void)snprintf(out, sizeof out, "%s/out.ndjson", dir);
    ut_buf lines = ut_buf_make(64 * UT_MIB);
    ut_buf_puts(&lines, "{\"id\":1,\"text\":\"thanks\"}\n{\"id\":2,\"text\":\"");
    for (size_t i = 0; i < 6 * UT_MIB / 8; i++) {
        ut_buf_puts(&lines, "aaaaaaaa");
    }
    ut_buf_puts(&lines, "\"}\n{\"id\":3,\"text\":\"thanks\"}");
    ut_test_write(t, in, ut_buf_str(&lines));
    ut_buf_free(&lines);
    UT_EXPECT_I64(run_score(program, in, out), 0);
    ut_str got = ut_test_read(t, out);
    UT_EXPECT(ut_str_starts(got, UT_STR("{\"id\":1,\"labels\":[\"gratitude\"]}\n"
                                        "{\"id\":2,\"error\":{\"code\":\"limit\"")));
    UT_EXPECT(ut_str_ends(got, UT_STR("{\"id\":3,\"labels\":[\"gratitude\"]}\n")));
}
