/* tests/unit/simulate/simulate.c — the sample organisation: repeatable, readable, and its planted truth shows. */
#include "harness/test.h"
#include "simulate/simulate.h"

#include <stdio.h>

/* An output that keeps nothing but what a test wants to look at. */
typedef struct kept {
    ut_buf all;       /* bytes of files whose path begins with `want` */
    const char *want;
    uint64_t files;
} kept;

static ut_status keep(void *ctx, ut_str path, ut_str bytes, ut_err *err)
{
    kept *k = ctx;
    k->files++;
    if (k->want && ut_str_starts(path, ut_str_of(k->want))) {
        ut_buf_put(&k->all, bytes);
    }
    return k->all.failed == UT_OK ? UT_OK : ut_fail(err, k->all.failed, "the test's buffer is full");
}

static ut_sim_options small(uint64_t seed)
{
    ut_sim_options o = ut_sim_options_default();
    o.seed = seed;
    o.people = 16;
    o.teams = 3;
    o.weeks = 3;
    return o;
}

static ut_sim_counts run(ut_test *t, kept *k, const ut_sim_options *options)
{
    ut_err err = {0};
    ut_sim_counts counts = {0};
    k->all = ut_buf_make(256 * UT_MIB);
    ut_sim_out out = {.ctx = k, .append = keep};
    ut_status st = ut_simulate(&counts, &out, options, &err);
    if (st != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "simulate: %s: %s", ut_status_name(st), err.message);
    }
    return counts;
}

UT_TEST(simulate_run, same_seed_gives_the_same_bytes)
{
    ut_sim_options o = small(5);
    kept a = {.want = "mail/"}, b = {.want = "mail/"}, c = {.want = "mail/"};
    ut_sim_counts first = run(t, &a, &o), second = run(t, &b, &o);
    UT_EXPECT(first.digest == second.digest);
    UT_EXPECT(ut_str_eq(ut_buf_str(&a.all), ut_buf_str(&b.all)));
    o.seed = 6;
    ut_sim_counts other = run(t, &c, &o);
    UT_EXPECT(first.digest != other.digest);
    UT_EXPECT(first.chat_messages > 300 && first.mails > 50);
    ut_buf_free(&a.all);
    ut_buf_free(&b.all);
    ut_buf_free(&c.all);
}

/* gcc draws the arguments of a call from the right, clang from the left: two draws in one call once gave two
 * organisations. Whoever changes words or plays puts the new digest here, and checks it with both compilers. */
UT_TEST(simulate_run, every_compiler_and_machine_gives_these_bytes)
{
    ut_sim_options o = small(5);
    o.zip = true;
    kept k = {0};
    ut_sim_counts counts = run(t, &k, &o);
    ut_buf_free(&k.all);
    char digest[32];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)counts.digest);
    UT_EXPECT_STR(ut_str_of(digest), "09705551d46bfe93");
}

UT_TEST(simulate_run, options_out_of_range_are_named)
{
    ut_sim_options o = small(1);
    ut_sim_counts counts = {0};
    ut_err err = {0};
    kept k = {.all = ut_buf_make(16)};
    ut_sim_out out = {.ctx = &k, .append = keep};
    o.people = 2;
    UT_EXPECT_I64(ut_simulate(&counts, &out, &o, &err), UT_INVALID);
    UT_EXPECT(ut_str_has(ut_str_of(err.message), UT_STR("people")));
    o.people = 16;
    o.teams = 9;
    UT_EXPECT_I64(ut_simulate(&counts, &out, &o, &err), UT_INVALID);
    UT_EXPECT(ut_str_has(ut_str_of(err.message), UT_STR("teams")));
    UT_EXPECT_I64(k.files, 0);
}

UT_TEST(simulate_out, a_folder_that_is_not_empty_is_refused)
{
    ut_err err = {0};
    ut_sim_out out = {0};
    const char *dir = ut_test_dir(t);
    UT_REQUIRE(ut_sim_out_dir(&out, dir, &err) == UT_OK);
    UT_EXPECT_I64(out.append(out.ctx, UT_STR("a/b/c.txt"), UT_STR("one\n"), &err), UT_OK);
    UT_EXPECT_I64(out.append(out.ctx, UT_STR("a/b/c.txt"), UT_STR("two\n"), &err), UT_OK);
    UT_EXPECT_I64(ut_sim_out_close(&out, UT_OK, &err), UT_OK);
    UT_EXPECT_I64(ut_sim_out_close(&out, UT_OK, &err), UT_OK);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/a/b/c.txt", dir);
    UT_EXPECT_STR(ut_test_read(t, path), "one\ntwo\n");
    UT_EXPECT_I64(ut_sim_out_dir(&out, dir, &err), UT_INVALID);
}
