/* tests/fuzz/replay.c — runs a fuzz target over its corpus, so that the ordinary tests keep what fuzzing once found.
 *
 *     replay-json tests/fuzz/corpus/json            every file, and prefixes of every file
 *     replay-json crash-1a2b…                       one file
 *
 * Each input is copied into a block of exactly its size, so that the address sanitizer sees one byte too far. Of every
 * input some prefixes run as well: a cut record is the hostile input that the world makes by itself. Prints one closing
 * line "N passed, N failed, N skipped" counted in files; a crash names its input before the process dies.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    PREFIXES_MAX = 32,  /* prefixes tried of each file; more find little in a corpus of small files */
    INPUT_SECONDS = 20, /* one input; far above what a sanitizer build on a busy machine needs */
};

/* What runs now, for the last words of a dying process. Written before each run, read by signal handlers. */
static char running[600];

static void say_what_ran(void)
{
    (void)!write(STDERR_FILENO, running, strlen(running));
}

static void on_signal(int number)
{
    say_what_ran();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void watch_for_death(void)
{
    const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        (void)signal(signals[i], on_signal);
    }
}

static bool run(const char *path, const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact) {
        return false;
    }
    (void)snprintf(running, sizeof running, "replay: died on the first %zu bytes of %s\n", size, path);
    if (size) {
        memcpy(exact, bytes, size);
    }
    (void)alarm(INPUT_SECONDS);
    (void)LLVMFuzzerTestOneInput(exact, size);
    (void)alarm(0);
    free(exact);
    return true;
}

/* Reads a whole file; NULL with errno set on failure. */
static uint8_t *read_file(const char *path, size_t *ret_size)
{
    struct stat st;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &st) != 0) {
        return NULL;
    }
    uint8_t *bytes = malloc((size_t)st.st_size + 1);
    if (bytes) {
        *ret_size = fread(bytes, 1, (size_t)st.st_size, file);
    }
    (void)fclose(file);
    return bytes;
}

static bool run_file(const char *path)
{
    size_t size = 0;
    uint8_t *bytes = read_file(path, &size);
    if (!bytes) {
        (void)fprintf(stderr, "replay: can't read %s: %s\n", path, strerror(errno));
        return false;
    }
    bool ok = run(path, bytes, size);
    size_t step = size / PREFIXES_MAX + 1;
    for (size_t prefix = 0; prefix < size && ok; prefix += step) {
        ok = run(path, bytes, prefix);
    }
    free(bytes);
    return ok;
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void run_path(const char *path, int *passed, int *failed)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_input, alphasort);
    if (count < 0) {
        *(run_file(path) ? passed : failed) += 1;
        return;
    }
    if (count == 0) {
        (void)fprintf(stderr, "replay: %s is empty: a target without a corpus tests nothing\n", path);
        *failed += 1;
    }
    for (int i = 0; i < count; i++) {
        char file[4096];
        (void)snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        *(run_file(file) ? passed : failed) += 1;
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    int passed = 0;
    int failed = argc < 2;
    watch_for_death();
    for (int i = 1; i < argc; i++) {
        run_path(argv[i], &passed, &failed);
    }
    (void)printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed ? 1 : 0;
}
