/* apps/cmd_demo.c — `undertone demo`: from nothing to a report, with a sample organisation. */
#include "apps/commands.h"

#include "os/file.h"
#include "simulate/simulate.h"
#include "undertone/analyze.h"
#include "undertone/report.h"

#include <stdio.h>

const char ut_help_demo[] =
    "usage: undertone demo [--dir DIR] [--seed N]\n\n"
    "Writes a sample organisation (120 people, 6 teams, 12 weeks of mail and chat) to DIR/sample as real exports, ingests and\n"
    "analyses it into DIR/data, and prints a report. Run again, it goes on with what is there. DIR is demo-data by default.\n\n"
    "examples:\n"
    "  undertone demo\n"
    "  undertone demo --dir /tmp/other --seed 7\n";

static ut_status simulate(const char *sample, uint64_t seed, ut_err *err)
{
    ut_sim_options options = ut_sim_options_default();
    ut_sim_out out;
    ut_sim_counts counts = {0};
    options.seed = seed;
    options.people = 120;
    options.teams = 6;               /* teams large enough that most figures are shown, not all */
    options.episodes_permille = 500;
    options.parts = UT_SIM_ALL;
    ut_status st = ut_sim_out_dir(&out, sample, err);
    if (st != UT_OK) {
        return st;
    }
    st = ut_simulate(&counts, &out, &options, err);
    st = ut_sim_out_close(&out, st, err);
    if (st == UT_OK) {
        (void)printf(
            "   %llu people in %llu teams: %llu chat messages, %llu mails, %llu meetings, %llu work items; %.1f MB\n",
            (unsigned long long)counts.people, (unsigned long long)counts.teams,
            (unsigned long long)counts.chat_messages,
            (unsigned long long)(counts.mails + counts.mails_outside + counts.mails_machine),
            (unsigned long long)counts.meetings, (unsigned long long)counts.issues, (double)counts.bytes / 1e6);
    }
    return st;
}

static void note_unsupported(void *ctx, const char *what, int64_t count, const char *example)
{
    (void)ctx, (void)example;
    (void)printf("   not read by this version: %lld × %s\n", (long long)count, what);
}

static ut_status read_in(ut_workspace *workspace, const char *sample, ut_err *err)
{
    const char *paths[] = {sample};
    ut_ingest_options ingest = {.progress = ut_cli_progress, .unsupported = note_unsupported};
    ut_ingest_counts in = {0};
    ut_analyze_options analyze = {.progress = ut_cli_progress};
    ut_analyze_counts out = {0};
    ut_status st = ut_ingest(&in, workspace, paths, 1, &ingest, err);
    ut_cli_progress_end();
    if (st != UT_OK) {
        return st;
    }
    (void)printf(
        "   %lld records: %lld new, %lld newer versions, %lld known, %lld left out by policy (direct messages), %lld rejected\n",
        (long long)in.read, (long long)in.added, (long long)in.updated, (long long)in.duplicate, (long long)in.skipped,
        (long long)in.rejected);
    st = ut_analyze(&out, workspace, &analyze, err);
    ut_cli_progress_end();
    if (st == UT_OK) {
        (void)printf(
            "   %lld scored; not scored: %lld by machines, %lld by outsiders, %lld in other languages, %lld without words\n",
            (long long)out.scored, (long long)out.automatic, (long long)out.external, (long long)out.language,
            (long long)out.empty);
    }
    return st;
}

static ut_status show(const ut_cli *cli, ut_workspace *workspace, const char *name, const char *grain, ut_err *err)
{
    ut_buffer *answer = NULL;
    ut_report_options options = {.color = cli->color, .grain = grain};
    ut_status st = ut_report(&answer, workspace, ut_str_of(name), &options, err);
    if (st == UT_OK) {
        (void)fwrite(answer->bytes, 1, answer->len, stdout);
    }
    ut_buffer_free(&answer);
    return st;
}

static ut_status demo(const ut_cli *cli, const char *dir, uint64_t seed, ut_err *err)
{
    char sample[UT_PATH_BYTES_MAX], people[UT_PATH_BYTES_MAX + 16], data[UT_PATH_BYTES_MAX];
    if (snprintf(sample, sizeof sample, "%s/sample", dir) >= (int)sizeof sample) {
        return ut_fail(err, UT_LIMIT, "the path is too long");
    }
    (void)snprintf(people, sizeof people, "%s/people.csv", sample);
    (void)snprintf(data, sizeof data, "%s/data", dir);
    ut_status st = ut_file_make_folder(dir, 0755, err);
    (void)printf("1. A sample organisation in %s\n", sample);
    if (st == UT_OK && !ut_file_exists(people)) {
        st = simulate(sample, seed, err);
    }
    ut_cli inside = *cli;
    inside.workspace = data;
    ut_workspace *workspace = NULL;
    (void)printf("2. Its mail and chat into the workspace %s\n", data);
    (void)fflush(stdout);
    st = st == UT_OK ? ut_cli_open(&inside, &workspace, UT_WORKSPACE_WRITE, true, err) : st;
    st = st == UT_OK ? read_in(workspace, sample, err) : st;
    (void)printf("3. What came in, and what became of it\n\n");
    st = st == UT_OK ? show(cli, workspace, "coverage", NULL, err) : st;
    (void)printf("\n4. How the teams are, week by week\n\n");
    st = st == UT_OK ? show(cli, workspace, "overview", "week", err) : st;
    (void)printf("\n5. The months in figures\n\n");
    st = st == UT_OK ? show(cli, workspace, "teams", "month", err) : st;
    ut_workspace_close(&workspace);
    if (st == UT_OK) {
        (void)printf(
            "\nGo on with:\n"
            "  undertone --workspace %s report teams --grain week\n"
            "  undertone --workspace %s sql \"SELECT team, start, stress FROM v_team_week ORDER BY stress DESC LIMIT 5\"\n"
            "What was planted in the sample stands in %s/truth.\n",
            data, data, sample);
    }
    return st;
}

int ut_cmd_demo(const ut_cli *cli)
{
    static const struct option options[] = {
        {"dir", required_argument, NULL, 'd'}, {"seed", required_argument, NULL, 's'}, {0}};
    const char *dir = "demo-data";
    int64_t seed = 1;
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        if (option == 's' && (!ut_str_to_i64(ut_str_of(optarg), &seed) || seed < 0)) {
            return ut_cli_usage(cli, "--seed takes a whole number");
        }
        dir = option == 'd' ? optarg : dir;
    }
    ut_err err = {0};
    return demo(cli, dir, (uint64_t)seed, &err) == UT_OK ? EXIT_OK : ut_cli_fail(cli, &err);
}
