/* apps/cmd_simulate.c — `undertone simulate`: a sample organisation as real exports, with its truth beside. */
#include "simulate/simulate.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/* apps/undertone.c dispatches here; argv[0] is the command's name. Answers the exit status. */
int ut_cmd_simulate(int argc, char **argv);

static const char usage[] =
    "usage: undertone simulate --out DIR [options]\n"
    "  --seed N          same seed, same bytes (1)\n"
    "  --people N        (48)      --teams N  (5)\n"
    "  --from DATE       first day (2026-01-05)      --weeks N  (12)\n"
    "  --only PARTS      of mail,chat,calendar,work,lines (all)\n"
    "  --episodes N      planted episodes per 1,000 person-months (200)\n"
    "  --megabytes N     go on until mail and chat hold at least N MB\n"
    "  --zip             also slack.zip\n"
    "  --json            print the counts as one JSON document\n";

typedef struct arguments {
    ut_sim_options options;
    const char *out;
    bool json;
} arguments;

static bool parse_parts(uint32_t *ret, ut_str list)
{
    static const struct {
        const char *name;
        uint32_t part;
    } parts[] = {{"mail", UT_SIM_MAIL}, {"chat", UT_SIM_CHAT}, {"calendar", UT_SIM_CALENDAR}, {"work", UT_SIM_WORK},
                 {"lines", UT_SIM_LINES}, {"all", UT_SIM_ALL}};
    *ret = 0;
    while (list.len) {
        ut_str name = ut_str_cut(&list, ',');
        uint32_t found = 0;
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            found = ut_str_eq(name, ut_str_of(parts[i].name)) ? parts[i].part : found;
        }
        if (!found) {
            return false;
        }
        *ret |= found;
    }
    return *ret != 0;
}

static bool parse_count(uint32_t *ret, const char *text, uint32_t most)
{
    int64_t value;
    if (!ut_str_to_i64(ut_str_of(text), &value) || value < 0 || value > most) {
        return false;
    }
    *ret = (uint32_t)value;
    return true;
}

/* One option's value; false when it can't be read. */
static bool take(arguments *a, int option, const char *value)
{
    int64_t number = 0;
    switch (option) {
    case 'o':
        a->out = value;
        return true;
    case 's':
        a->options.seed = ut_str_to_i64(ut_str_of(value), &number) ? (uint64_t)number : 0;
        return number >= 0 && ut_str_to_i64(ut_str_of(value), &number);
    case 'p':
        return parse_count(&a->options.people, value, UT_SIM_PEOPLE_MAX);
    case 't':
        return parse_count(&a->options.teams, value, UT_SIM_PEOPLE_MAX);
    case 'w':
        return parse_count(&a->options.weeks, value, UT_SIM_WEEKS_MAX);
    case 'e':
        return parse_count(&a->options.episodes_permille, value, 4000);
    case 'f':
        if (!ut_time_parse(ut_str_of(value), &number)) {
            return false;
        }
        a->options.from_day = number / UT_DAY_US;
        return true;
    case 'm':
        if (!ut_str_to_i64(ut_str_of(value), &number) || number < 1 || number > 1000000) {
            return false;
        }
        a->options.bytes_min = (uint64_t)number * 1000000;
        return true;
    case 'y':
        return parse_parts(&a->options.parts, ut_str_of(value));
    case 'z':
        a->options.zip = true;
        return true;
    case 'j':
        a->json = true;
        return true;
    default:
        return false;
    }
}

static void print_counts(const ut_sim_counts *c, const char *out, bool json)
{
    const char *format =
        json ? "{\"out\":\"%s\",\"people\":%llu,\"chat_messages\":%llu,\"chat_machine\":%llu,\"mails\":%llu,"
               "\"mails_outside\":%llu,\"mails_machine\":%llu,\"line_messages\":%llu,\"meetings\":%llu,"
               "\"issues\":%llu,\"episodes\":%llu,\"bytes\":%llu,\"digest\":\"%016llx\"}\n"
             : "%s: %llu people, %llu chat messages (+ %llu by machines), %llu mails (+ %llu from outside, "
               "%llu by machines), %llu other messages, %llu meetings, %llu work items, %llu planted episodes, "
               "%llu bytes, digest %016llx\n";
    typedef unsigned long long ull;
    printf(format, out, (ull)c->people, (ull)c->chat_messages, (ull)c->chat_machine, (ull)c->mails,
           (ull)c->mails_outside,
           (ull)c->mails_machine, (ull)c->line_messages, (ull)c->meetings, (ull)c->issues, (ull)c->episodes,
               (ull)c->bytes,
           (ull)c->digest);
}

static int run(const arguments *a)
{
    ut_err err = {0};
    ut_sim_out out = {0};
    ut_sim_counts counts = {0};
    ut_status st = ut_sim_out_dir(&out, a->out, &err);
    if (st == UT_OK) {
        st = ut_simulate(&counts, &out, &a->options, &err);
        st = ut_sim_out_close(&out, st, &err);
    }
    if (st != UT_OK) {
        fprintf(stderr, "undertone simulate: %s\n", err.message);
        return st == UT_INVALID ? 2 : 1;
    }
    print_counts(&counts, a->out, a->json);
    return 0;
}

int ut_cmd_simulate(int argc, char **argv)
{
    static const struct option options[] = {
        {"out", 1, NULL, 'o'},   {"seed", 1, NULL, 's'}, {"people", 1, NULL, 'p'},   {"teams", 1, NULL, 't'},
        {"weeks", 1, NULL, 'w'}, {"from", 1, NULL, 'f'}, {"episodes", 1, NULL, 'e'}, {"megabytes", 1, NULL, 'm'},
        {"only", 1, NULL, 'y'},  {"json", 0, NULL, 'j'},  {"zip", 0, NULL, 'z'}, {"help", 0, NULL, 'h'},     {0}};
    arguments a = {.options = ut_sim_options_default()};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'h') {
            fputs(usage, stdout);
            return 0;
        }
        if (c == '?' || !take(&a, c, optarg)) {
            if (c != '?') {
                fprintf(stderr, "undertone simulate: \"%s\" is not a value this option takes\n", optarg);
            }
            fputs(usage, stderr);
            return 2;
        }
    }
    if (!a.out || optind != argc) {
        fputs(usage, stderr);
        return 2;
    }
    return run(&a);
}
