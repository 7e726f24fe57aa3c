/* A model with a pack of made-up words over the built-in ones, so that tests state exact weights and the tuning of real
 * words can't break them. */
#ifndef UT_TESTS_MODEL_FIXTURE_H
#define UT_TESTS_MODEL_FIXTURE_H

#include "harness/test.h"

#include "model/model.h"

#include <math.h>
#include <stdio.h>

typedef struct fixture {
    ut_test *t;
    const char *dir;
    ut_model *model;
    ut_session *session;
    ut_scores last;
    ut_buf out;
} fixture;

static inline void fixture_write(fixture *f, const char *name, const char *content)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
    ut_test_write(f->t, path, ut_str_of(content));
}

/* `body` is what stands in the pack behind its head; "" for the built-in rules alone. */
static inline fixture fixture_open(ut_test *t, const char *body)
{
    fixture f = {.t = t, .out = ut_buf_make(4 * UT_MIB)};
    ut_err err = {0};
    char pack[8192];
    f.dir = ut_test_dir(t);
    (void)snprintf(pack, sizeof pack, "{\"rules\": 1, \"name\": \"test\", \"languages\": [\"en\"]%s%s}", *body
            ? ", " : "",
                   body);
    fixture_write(&f, "test.json", pack);
    ut_status st = ut_model_open(&f.model, UT_STR("rules"), f.dir, &err);
    if (st != UT_OK) {
        ut_test_fail(t, __FILE__, __LINE__, "%s", err.message);
        longjmp(t->leave, 1);
    }
    UT_REQUIRE(ut_session_open(&f.session, f.model, &err) == UT_OK);
    return f;
}

static inline void fixture_close(fixture *f)
{
    ut_session_close(&f->session);
    ut_model_close(&f->model);
    ut_buf_free(&f->out);
}

static inline ut_scores fixture_score(fixture *f, ut_str text)
{
    ut_test *t = f->t;
    ut_err err = {0};
    ut_score_options options = {.details = true};
    UT_REQUIRE(ut_session_score(f->session, &f->last, text, &options, &err) == UT_OK);
    return f->last;
}

static inline ut_str fixture_json(fixture *f, const char *text, uint32_t fields)
{
    (void)fixture_score(f, ut_str_of(text));
    ut_buf_clear(&f->out);
    ut_session_write_json(f->session, &f->out, fields);
    return ut_buf_str(&f->out);
}

static inline double logit(double p)
{
    return log(p / (1 - p));
}

/* How much `text` has over `base` in a feature, in logits. Both should have as many words and the same signals. */
static inline double fixture_gain(fixture *f, const char *base, const char *text, ut_feature feature)
{
    double before = fixture_score(f, ut_str_of(base)).features[feature];
    return logit(fixture_score(f, ut_str_of(text)).features[feature]) - logit(before);
}

#endif
