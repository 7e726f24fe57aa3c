/* examples/base.c — the types that every other header speaks in: strings, statuses, errors. */
#include "undertone/base.h"

#include <stdio.h>

/* A call of one's own in the library's manner: the detail goes to *err, failing is one statement. */
static ut_status greet(ut_str name, ut_err *err)
{
    if (name.len == 0) {
        return ut_fail(err, UT_INVALID, "a greeting needs a name; give one as the first argument");
    }
    (void)printf("hello, " UT_STR_FMT "\n", UT_STR_ARG(name));
    return UT_OK;
}

int main(int argc, char **argv)
{
    ut_err err = {0};
    (void)printf("undertone %s\n", ut_version());
    if (greet(argc > 1 ? ut_str_of(argv[1]) : UT_STR("world"), &err) != UT_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    /* A failure, to see what one looks like: an empty string is {NULL, 0}. */
    ut_status st = greet(ut_str_of(NULL), &err);
    (void)printf("without a name: %s: %s\n", ut_status_name(st), err.message);
    return st == UT_INVALID && err.status == st ? 0 : 1;
}
