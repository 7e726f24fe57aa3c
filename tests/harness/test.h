/* tests/harness/test.h — the test runner. One file per subject, one UT_TEST per behaviour; the name tells the story.
 *
 *     #include "harness/test.h"
 *     UT_TEST(base_str, cut_without_separator_takes_all)
 *     {
 *         ut_str rest = UT_STR("abc");
 *         UT_EXPECT_STR(ut_str_cut(&rest, ','), "abc");
 *     }
 *
 * Run all: `undertone-unit`; some: `undertone-unit base_str`; one: `undertone-unit
 * base_str.cut_without_separator_takes_all`; `--list`; `--seed N`. A failed expectation is reported and the test goes
 * on; UT_REQUIRE ends it. UT_SKIP("why") ends it as skipped.
 */
#ifndef UT_TESTS_HARNESS_TEST_H
#define UT_TESTS_HARNESS_TEST_H

#include "base/base.h"

#include <setjmp.h>

typedef struct ut_test {
    const char *suite;
    const char *name;
    void (*run)(struct ut_test *t);
    struct ut_test *next;
    ut_rng rng;       /* seeded from the run's seed and the test's name */
    int failures;     /* expectations that did not hold */
    const char *skipped;
    jmp_buf leave;
} ut_test;

void ut_test_register(ut_test *test);
void ut_test_fail(ut_test *t, const char *file, int line, const char *format, ...) UT_PRINTF(4, 5);
bool ut_test_str(ut_test *t, const char *file, int line, const char *what, ut_str got, ut_str want);
/* A fresh directory that is removed when the program ends; valid until then. */
const char *ut_test_dir(ut_test *t);
/* A path below ../shared/data, or NULL when that folder is not there (then UT_SKIP). Static buffer. */
const char *ut_test_shared(const char *path_below);
/* A path below the repository's root. Static buffer. */
const char *ut_test_source(const char *path_below);
/* The whole file in memory that lives until the program ends; fails the test when it can't be read. */
ut_str ut_test_read(ut_test *t, const char *path);
void ut_test_write(ut_test *t, const char *path, ut_str content);

#define UT_TEST(suite_, name_)                                                                                         \
    static void ut_run_##suite_##_##name_(ut_test *t);                                                                 \
    __attribute__((constructor)) static void ut_reg_##suite_##_##name_(void)                                           \
    {                                                                                                                  \
        static ut_test test = {.suite = #suite_, .name = #name_, .run = ut_run_##suite_##_##name_};                    \
        ut_test_register(&test);                                                                                       \
    }                                                                                                                  \
    static void ut_run_##suite_##_##name_(__attribute__((unused)) ut_test *t)

#define UT_EXPECT(cond)                                                                                                \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            ut_test_fail(t, __FILE__, __LINE__, "expected: %s", #cond);                                                \
        }                                                                                                              \
    } while (0)

#define UT_EXPECT_I64(got_, want_)                                                                                     \
    do {                                                                                                               \
        int64_t got__ = (int64_t)(got_), want__ = (int64_t)(want_);                                                    \
        if (got__ != want__) {                                                                                         \
            ut_test_fail(t, __FILE__, __LINE__, "%s is %lld, want %lld", #got_, (long long)got__, (long long)want__);  \
        }                                                                                                              \
    } while (0)

#define UT_EXPECT_NEAR(got_, want_, tolerance_)                                                                        \
    do {                                                                                                               \
        double got__ = (got_), want__ = (want_);                                                                       \
        if (!(got__ - want__ <= (tolerance_) && want__ - got__ <= (tolerance_))) {                                     \
            ut_test_fail(t, __FILE__, __LINE__, "%s is %.9g, want %.9g", #got_, got__, want__);                        \
        }                                                                                                              \
    } while (0)

/* want_ is a string literal or char pointer. */
#define UT_EXPECT_STR(got_, want_) ((void)ut_test_str(t, __FILE__, __LINE__, #got_, (got_), ut_str_of(want_)))

#define UT_REQUIRE(cond)                                                                                               \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            ut_test_fail(t, __FILE__, __LINE__, "required: %s", #cond);                                                \
            longjmp(t->leave, 1);                                                                                      \
        }                                                                                                              \
    } while (0)

#define UT_SKIP(why_)                                                                                                  \
    do {                                                                                                               \
        t->skipped = (why_);                                                                                           \
        longjmp(t->leave, 1);                                                                                          \
    } while (0)

/* Runs the body with the 1st, 2nd, 3rd … allocation failing, until one whole pass fails none. The body must leave no
 * allocation behind and must accept failure; `break` out of it is not allowed. */
#define UT_SWEEP_ALLOC(t_)                                                                                             \
    for (ut_sweep sweep__ = ut_sweep_begin(t_, __FILE__, __LINE__); ut_sweep_next(&sweep__);)

typedef struct ut_sweep {
    ut_test *t;
    const char *file;
    int line;
    uint64_t nth;
    uint64_t count_before;
    int64_t live_before;
} ut_sweep;
ut_sweep ut_sweep_begin(ut_test *t, const char *file, int line);
bool ut_sweep_next(ut_sweep *sweep);

#endif
