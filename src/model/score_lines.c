/* model/score_lines.c — one JSON line to one JSON line. The id is given back exactly as it came, whatever it is. */
#include "model/score_lines.h"

#include "text/lang.h"

ut_status ut_score_worker_open(ut_score_worker *ret, const ut_model *model, const ut_score_lines_options *options,
                               ut_err *err)
{
    ut_score_worker worker = {.options = *options, .model = model};
    ut_status st = ut_json_open(&worker.json, err);
    st = st == UT_OK ? ut_session_open(&worker.session, model, err) : st;
    if (st != UT_OK) {
        ut_score_worker_close(&worker);
        return st;
    }
    *ret = worker;
    return UT_OK;
}

void ut_score_worker_close(ut_score_worker *worker)
{
    if (worker) {
        ut_session_close(&worker->session);
        ut_json_close(&worker->json);
    }
}

static void put_error(ut_buf *out, ut_str id, const ut_err *err)
{
    ut_buf_puts(out, "{\"id\":");
    ut_buf_put(out, id.len ? id : UT_STR("null"));
    ut_buf_puts(out, ",\"error\":{\"code\":");
    ut_buf_json_str(out, ut_str_of(ut_status_name(err->status)));
    ut_buf_puts(out, ",\"message\":");
    ut_buf_json_str(out, ut_str_of(err->message));
    ut_buf_puts(out, "}}\n");
}

/* The language to score in: as told, else as found; what is too short to tell is read as the model's first language. */
static ut_status score_text(ut_score_worker *worker, ut_str text, ut_err *err)
{
    ut_scores scores;
    ut_score_options options = {.language = worker->options.language};
    ut_lang found;
    options.details = (worker->options.fields & UT_FIELDS_DETAILED) != 0;
    if (!options.language.len) {
        found = ut_lang_detect(text);
        options.language = found.sure ? ut_str_of(found.code) : (ut_str){0};
    }
    return ut_session_score(worker->session, &scores, text, &options, err);
}

static void score_line(ut_score_worker *worker, ut_buf *out, ut_str line)
{
    ut_err err = {0};
    const ut_json_node *root = NULL;
    ut_str id = {0};
    ut_status st = ut_json_parse(worker->json, &root, line, &err);
    if (st == UT_OK) {
        const ut_json_node *id_node = ut_json_get(root, "id");
        const ut_json_node *text = ut_json_get(root, "text");
        id = id_node ? id_node->raw : id;
        if (!ut_json_is(text, UT_JSON_STRING)) {
            st = ut_fail(&err, UT_INVALID, "a line must be an object with a string \"text\"");
        } else {
            st = score_text(worker, text->text, &err);
        }
    }
    if (st != UT_OK) {
        put_error(out, id, &err);
        return;
    }
    ut_buf_puts(out, "{\"id\":");
    ut_buf_put(out, id.len ? id : UT_STR("null"));
    size_t before = out->len;
    ut_buf_byte(out, ',');
    if (!ut_session_write_members(worker->session, out, worker->options.fields) && out->failed == UT_OK) {
        out->len = before;
    }
    ut_buf_puts(out, "}\n");
}

ut_status ut_score_lines(ut_score_worker *worker, ut_buf *out, ut_str lines, ut_err *err)
{
    ut_str rest = lines;
    ut_str line;
    while (out->failed == UT_OK && ut_str_line(&rest, &line)) {
        score_line(worker, out, line);
    }
    return out->failed == UT_OK ? UT_OK : ut_fail(err, out->failed, "no memory for the scores of %zu bytes", lines.len);
}
