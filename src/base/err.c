/* base/err.c — failures, assertions, the version. */
#include "base/assert.h"
#include "undertone/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

ut_status ut_fail(ut_err *err, ut_status status, const char *format, ...)
{
    if (err) {
        /* Made aside first: the arguments may be the old message. */
        char message[sizeof err->message];
        va_list args;
        va_start(args, format);
        (void)vsnprintf(message, sizeof message, format, args);
        va_end(args);
        *err = (ut_err){.status = status, .byte = -1};
        memcpy(err->message, message, sizeof message);
    }
    return status;
}

const char *ut_status_name(ut_status status)
{
    static const char *const names[] = {
        [UT_OK] = "ok",           [UT_INVALID] = "invalid", [UT_NOT_FOUND] = "not_found",
        [UT_LIMIT] = "limit",     [UT_NOMEM] = "no_memory", [UT_IO] = "io",
        [UT_CORRUPT] = "corrupt", [UT_DENIED] = "denied",   [UT_BUSY] = "busy",
        [UT_UNSUPPORTED] = "unsupported", [UT_INTERRUPTED] = "interrupted",
    };
    return (size_t)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

const char *ut_version(void)
{
    return UT_VERSION;
}

_Noreturn void ut_assert_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "undertone: %s:%d: this must hold and does not: %s\n", file, line, condition);
    abort();
}
