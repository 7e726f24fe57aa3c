/* undertone/base.h — the few types every other header of the public API speaks in.
 *
 *     ut_err err = {0};
 *     ut_str text = UT_STR("thank you, that saved my day");
 *     if (some_call(&thing, text, &err) != UT_OK) {
 *         fprintf(stderr, "%s\n", err.message);
 *     }
 *
 * Strings are {ptr, len}, UTF-8 unless a comment says otherwise, never NUL-terminated by contract.
 * Every fallible function returns ut_status, writes its `ret_` outputs on success only, and fills `err` on failure.
 */
#ifndef UNDERTONE_BASE_H
#define UNDERTONE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UT_MUST_CHECK __attribute__((warn_unused_result))
#define UT_PRINTF(fmt_index, args_index) __attribute__((format(printf, fmt_index, args_index)))
#define UT_PUBLIC __attribute__((visibility("default")))

/* What a call can answer. Callers usually need to tell apart only UT_OK and the one or two values its comment names. */
typedef enum ut_status {
    UT_OK = 0,
    UT_INVALID,     /* the input or the call is wrong; the message says where and what to do */
    UT_NOT_FOUND,   /* no such file, row, team, … */
    UT_LIMIT,       /* a maximum of base/limits.h was met */
    UT_NOMEM,       /* memory ended */
    UT_IO,          /* the operating system refused: disk full, read-only, … */
    UT_CORRUPT,     /* our own stored data does not check out */
    UT_DENIED,      /* the principal may not see or do this */
    UT_BUSY,        /* somebody else holds the workspace */
    UT_UNSUPPORTED, /* recognised, but not handled by this version */
    UT_INTERRUPTED, /* the user asked to stop */
} ut_status;

/* The detail of a failure. Owned by the caller, may be reused, {0} is a good start. */
typedef struct ut_err {
    ut_status status;  /* what the call returned */
    int64_t byte;      /* offset in the input the failure points at, -1 or 0 if none */
    int64_t line;      /* line in the input, counted from 1; 0 if none */
    char message[512]; /* one sentence for a person: what, where, and what to do; NUL-terminated */
} ut_err;

/* Fills *err (which may be NULL) and returns `status`, so that failing is one statement: return ut_fail(err, UT_IO, …).
 */
UT_PUBLIC ut_status ut_fail(ut_err *err, ut_status status, const char *format, ...) UT_PRINTF(3, 4);

/* The name of a status, for logs and JSON: "ok", "invalid", … Static. */
UT_PUBLIC const char *ut_status_name(ut_status status);

/* A borrowed piece of bytes. {NULL, 0} is the empty string. */
typedef struct ut_str {
    const char *ptr;
    size_t len;
} ut_str;

#define UT_STR(literal) ((ut_str){(literal), sizeof(literal) - 1})
#define UT_STR_FMT "%.*s"
#define UT_STR_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

/* A NUL-terminated string as ut_str; NULL gives the empty string. */
static inline ut_str ut_str_of(const char *text)
{
    return (ut_str){text, text ? strlen(text) : 0};
}

/* The version of the library, "MAJOR.MINOR.PATCH". Static. */
UT_PUBLIC const char *ut_version(void);

#ifdef __cplusplus
}
#endif
#endif
