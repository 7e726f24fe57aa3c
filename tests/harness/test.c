/* tests/harness/test.c — runs registered tests, prints failures and one closing line: "N passed, N failed, N skipped".
 */
#include "harness/test.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORIES_MAX = 1024 };

static ut_test *all;
static char directories[DIRECTORIES_MAX][64];
static int directory_count;

/* Files read by tests, freed at exit. */
typedef struct ut_kept {
    struct ut_kept *next;
    char bytes[];
} ut_kept;
static ut_kept *all_kept;

void ut_test_register(ut_test *test)
{
    test->next = all;
    all = test;
}

void ut_test_fail(ut_test *t, const char *file, int line, const char *format, ...)
{
    ut_mem_fail_at(0, false);
    t->failures++;
    (void)printf("%s:%d: %s.%s: ", file, line, t->suite, t->name);
    va_list args;
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    (void)printf("\n");
}

bool ut_test_str(ut_test *t, const char *file, int line, const char *what, ut_str got, ut_str want)
{
    if (ut_str_eq(got, want)) {
        return true;
    }
    ut_test_fail(t, file, line, "%s is\n    «%.*s», want\n    «%.*s»", what, UT_STR_ARG(got), UT_STR_ARG(want));
    return false;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    (void)chmod(path, 0700);
    return remove(path);
}

static void clean_up(void)
{
    while (all_kept) {
        ut_kept *next = all_kept->next;
        free(all_kept);
        all_kept = next;
    }
    for (int i = 0; i < directory_count; i++) {
        (void)nftw(directories[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
}

const char *ut_test_dir(ut_test *t)
{
    UT_ASSERT(directory_count < DIRECTORIES_MAX);
    char *path = directories[directory_count];
    (void)snprintf(path, sizeof directories[0], "/tmp/undertone-test-XXXXXX");
    if (!mkdtemp(path)) {
        ut_test_fail(t, __FILE__, __LINE__, "mkdtemp: %s", strerror(errno));
        longjmp(t->leave, 1);
    }
    directory_count++;
    return path;
}

const char *ut_test_source(const char *path_below)
{
    static char path[UT_PATH_BYTES_MAX];
    const char *root = getenv("UNDERTONE_SOURCE_ROOT");
    (void)snprintf(path, sizeof path, "%s/%s", root ? root : ".", path_below);
    return path;
}

const char *ut_test_shared(const char *path_below)
{
    static char path[UT_PATH_BYTES_MAX];
    const char *root = getenv("UNDERTONE_SOURCE_ROOT");
    (void)snprintf(path, sizeof path, "%s/../shared/data/%s", root ? root : ".", path_below);
    return access(path, R_OK) == 0 ? path : NULL;
}

ut_str ut_test_read(ut_test *t, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat st;
    if (!file || fstat(fileno(file), &st) != 0) {
        ut_test_fail(t, __FILE__, __LINE__, "can't read %s: %s", path, strerror(errno));
        longjmp(t->leave, 1);
    }
    ut_kept *kept = malloc(sizeof *kept + (size_t)st.st_size + 1);
    UT_ASSERT(kept);
    kept->next = all_kept;
    all_kept = kept;
    size_t len = fread(kept->bytes, 1, (size_t)st.st_size, file);
    kept->bytes[len] = '\0';
    (void)fclose(file);
    return (ut_str){kept->bytes, len};
}

void ut_test_write(ut_test *t, const char *path, ut_str content)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(content.ptr ? content.ptr : "", 1, content.len, file) != content.len || fclose(file) != 0) {
        ut_test_fail(t, __FILE__, __LINE__, "can't write %s: %s", path, strerror(errno));
        longjmp(t->leave, 1);
    }
}

ut_sweep ut_sweep_begin(ut_test *t, const char *file, int line)
{
    return (ut_sweep){.t = t, .file = file, .line = line};
}

bool ut_sweep_next(ut_sweep *sweep)
{
    if (sweep->nth > 0) {
        bool reached = ut_mem_count() - sweep->count_before >= sweep->nth;
        ut_mem_fail_at(0, false);
        if (ut_mem_live() != sweep->live_before) {
            ut_test_fail(sweep->t, sweep->file, sweep->line, "allocation %llu failing leaks %lld blocks",
                         (unsigned long long)sweep->nth, (long long)(ut_mem_live() - sweep->live_before));
            return false;
        }
        if (!reached) {
            return false;
        }
    }
    sweep->nth++;
    sweep->count_before = ut_mem_count();
    sweep->live_before = ut_mem_live();
    ut_mem_fail_at(sweep->nth, false);
    return true;
}

static bool matches(const ut_test *test, int argc, char **argv, int first)
{
    char full[256];
    (void)snprintf(full, sizeof full, "%s.%s", test->suite, test->name);
    for (int i = first; i < argc; i++) {
        size_t len = strlen(argv[i]);
        if (strcmp(argv[i], full) == 0 || strncmp(test->suite, argv[i], len) == 0) {
            return true;
        }
    }
    return first >= argc;
}

static int by_name(const void *a, const void *b)
{
    const ut_test *x = *(ut_test *const *)a;
    const ut_test *y = *(ut_test *const *)b;
    int order = strcmp(x->suite, y->suite);
    return order ? order : strcmp(x->name, y->name);
}

static void run(ut_test *test, uint64_t seed)
{
    ut_rng root = {seed};
    test->rng = ut_rng_fork(&root, ut_str_of(test->name));
    if (setjmp(test->leave) == 0) {
        test->run(test);
    }
    ut_mem_fail_at(0, false);
}

int main(int argc, char **argv)
{
    uint64_t seed = 20261122;
    int first = 1;
    bool list = false;
    while (first < argc && argv[first][0] == '-') {
        if (strcmp(argv[first], "--list") == 0) {
            list = true;
        } else if (strcmp(argv[first], "--seed") == 0 && first + 1 < argc) {
            seed = strtoull(argv[++first], NULL, 10);
        }
        first++;
    }
    static ut_test *chosen[8192];
    size_t count = 0;
    for (ut_test *test = all; test; test = test->next) {
        if (matches(test, argc, argv, first)) {
            UT_ASSERT(count < 8192);
            chosen[count++] = test;
        }
    }
    qsort(chosen, count, sizeof *chosen, by_name);
    (void)atexit(clean_up);
    int passed = 0, failed = 0, skipped = 0;
    for (size_t i = 0; i < count; i++) {
        ut_test *test = chosen[i];
        if (list) {
            (void)printf("%s.%s\n", test->suite, test->name);
            continue;
        }
        run(test, seed);
        failed += test->failures > 0;
        skipped += test->failures == 0 && test->skipped;
        passed += test->failures == 0 && !test->skipped;
        if (test->skipped) {
            (void)printf("skipped: %s.%s: %s\n", test->suite, test->name, test->skipped);
        }
        (void)fflush(stdout);
    }
    if (!list) {
        if (failed) {
            (void)printf("seed %llu (give it back with --seed)\n", (unsigned long long)seed);
        }
        (void)printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    }
    return failed ? 1 : 0;
}
