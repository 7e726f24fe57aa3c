/* A sink that writes what it is given into a text, one line each, so that tests compare texts. */
#ifndef UT_TESTS_BRONZE_SINK_LOG_H
#define UT_TESTS_BRONZE_SINK_LOG_H

#include "bronze/record.h"
#include "harness/test.h"

typedef struct sink_log {
    ut_buf text;
    int records, rejects, persons, unsupported;
    int stop_after;      /* calls; then UT_INTERRUPTED */
    bool counts_only;
} sink_log;

static inline ut_status sink_log_end_line(sink_log *log, ut_err *err)
{
    ut_buf_byte(&log->text, '\n');
    if (log->text.failed == UT_NOMEM) {
        return ut_fail(err, UT_NOMEM, "the test's log is full");
    }
    int calls = log->records + log->rejects + log->persons + log->unsupported;
    return log->stop_after && calls == log->stop_after ? ut_fail(err, UT_INTERRUPTED, "enough") : UT_OK;
}

/* "M id author[name] #channel/kind at+edited flags byte" */
static inline ut_status sink_log_record(void *ctx, const ut_record *r, ut_err *err)
{
    sink_log *log = ctx;
    log->records++;
    if (log->counts_only) {
        return UT_OK;
    }
    char at[32];
    at[ut_time_format(at, r->at_us)] = '\0';
    ut_buf_format(&log->text, "%.*s %.*s %.*s[%.*s] #%.*s/%d %s", UT_STR_ARG(r->source), UT_STR_ARG(r->id),
                  UT_STR_ARG(r->author), UT_STR_ARG(r->author_name), UT_STR_ARG(r->channel), (int)r->channel_kind, at);
    if (r->edited_us) {
        at[ut_time_format(at, r->edited_us)] = '\0';
        ut_buf_format(&log->text, " edited %s", at);
    }
    ut_buf_format(&log->text, "%s%s @%lld", r->deleted ? " deleted" : "", r->machine ? " machine" : "",
                  (long long)r->byte);
    return sink_log_end_line(log, err);
}

/* "! path@byte reason | payload" */
static inline ut_status sink_log_reject(void *ctx, const ut_reject *r, ut_err *err)
{
    sink_log *log = ctx;
    log->rejects++;
    if (log->counts_only) {
        return UT_OK;
    }
    const char *slash = r->path.len ? memrchr(r->path.ptr, '/', r->path.len) : NULL;
    ut_str name = slash ? ut_str_slice(r->path, (size_t)(slash + 1 - r->path.ptr), r->path.len) : r->path;
    ut_buf_format(&log->text, "! %.*s@%lld %.*s | %.*s", UT_STR_ARG(name), (long long)r->byte, UT_STR_ARG(r->reason),
                  r->payload.len > 40 ? 40 : (int)r->payload.len, r->payload.ptr ? r->payload.ptr : "");
    return sink_log_end_line(log, err);
}

/* "P handle address name zone bot" */
static inline ut_status sink_log_person(void *ctx, const ut_person_hint *p, ut_err *err)
{
    sink_log *log = ctx;
    log->persons++;
    if (log->counts_only) {
        return UT_OK;
    }
    ut_buf_format(&log->text, "P %.*s <%.*s> %.*s, %.*s%s", UT_STR_ARG(p->handle), UT_STR_ARG(p->address),
                  UT_STR_ARG(p->name), UT_STR_ARG(p->time_zone), p->bot ? " bot" : "");
    return sink_log_end_line(log, err);
}

/* "U what file" */
static inline ut_status sink_log_unsupported(void *ctx, ut_str path, ut_str what, ut_err *err)
{
    sink_log *log = ctx;
    log->unsupported++;
    if (log->counts_only) {
        return UT_OK;
    }
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
    ut_str name = slash ? ut_str_slice(path, (size_t)(slash + 1 - path.ptr), path.len) : path;
    ut_buf_format(&log->text, "U %.*s: %.*s", UT_STR_ARG(what), UT_STR_ARG(name));
    return sink_log_end_line(log, err);
}

static inline ut_sink sink_log_open(sink_log *log)
{
    *log = (sink_log){.text = ut_buf_make(16 * UT_MIB)};
    return (ut_sink){.ctx = log, .record = sink_log_record, .reject = sink_log_reject, .person = sink_log_person,
                     .unsupported = sink_log_unsupported};
}

#endif
