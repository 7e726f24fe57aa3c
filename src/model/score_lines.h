/* model/score_lines.h — NDJSON {"id","text"} in, NDJSON scores out: what `undertone score` does to each line.
 *
 *     ut_score_worker worker;
 *     if (ut_score_worker_open(&worker, model, &options, &err) == UT_OK) {
 *         st = ut_score_lines(&worker, &out, lines, &err);     // one output line per input line, same order
 *     }
 *     ut_score_worker_close(&worker);
 *
 * A line that can't be scored gives {"id":…,"error":{"code","message"}} and the next one goes on. One worker per
 * thread.
 */
#ifndef UT_MODEL_SCORE_LINES_H
#define UT_MODEL_SCORE_LINES_H

#include "codec/json.h"
#include "model/model.h"

typedef struct ut_score_lines_options {
    ut_str language; /* empty: found for each text */
    uint32_t fields; /* ut_score_field bits */
} ut_score_lines_options;

typedef struct ut_score_worker {
    ut_score_lines_options options;
    const ut_model *model; /* borrowed */
    ut_session *session;
    ut_json *json;
} ut_score_worker;

UT_MUST_CHECK ut_status ut_score_worker_open(ut_score_worker *ret, const ut_model *model,
                                             const ut_score_lines_options *options, ut_err *err);
/* NULL-safe, twice is fine. */
void ut_score_worker_close(ut_score_worker *worker);

/* Appends one line per line of `lines` (the last may lack its newline). Fails only when *out does. */
UT_MUST_CHECK ut_status ut_score_lines(ut_score_worker *worker, ut_buf *out, ut_str lines, ut_err *err);

#endif
