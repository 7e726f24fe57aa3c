/* model/rules/rules.c — the model kind "rules": opening, versions, sessions, and rules that change while in use.
 *
 * A rules_set is all that packs became, never changed after it is made. The model points to the current one; a session
 * holds a reference to the one it scores with and looks at the model's generation before each text, one atomic load.
 * Threads: `lock` guards `current` and the reference counts; everything else of a set is read-only.
 */
#include "model/rules/rules_int.h"

#include "codec/json.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

/* Changes when the arithmetic does, so that equal version strings mean equal scores. */
#define ENGINE_VERSION "1.0.0"
/* Address space, not memory: tables of the built-in packs take about 6 MiB per language. */
#define SET_BYTES_MAX (1024 * UT_MIB)
#define FILES_BYTES_MAX (512 * UT_MIB)
#define LANGUAGES_MAX 16

typedef struct rules_model {
    ut_model base;
    char *path; /* owned; NULL for the built-in packs alone */
    pthread_mutex_t lock;
    rules_set *current;
    uint64_t stamp; /* of the folder when it was read */
    _Atomic uint64_t generation;
} rules_model;

static void set_free(rules_set *set)
{
    if (set) {
        ut_arena_close(&set->arena);
        ut_mem_free(set);
    }
}

static void set_release(rules_model *model, rules_set *set)
{
    if (!set) {
        return;
    }
    (void)pthread_mutex_lock(&model->lock);
    bool last = --set->references == 0;
    (void)pthread_mutex_unlock(&model->lock);
    if (last) {
        set_free(set);
    }
}

/* Packs to tables -------------------------------------------------------------------------------------------------- */

typedef struct opener {
    rules_files files;
    rules_pack_head *heads; /* by file; lexicons have none */
    ut_arena scratch;
    ut_json *json;
} opener;

static bool head_names(const rules_pack_head *head, ut_str language)
{
    for (size_t i = 0; i < head->language_count; i++) {
        if (ut_str_eq(head->languages[i], language) || ut_str_eq(head->languages[i], UT_STR("*"))) {
            return true;
        }
    }
    return false;
}

static ut_status build_table(opener *o, rules_set *set, ut_str language, ut_err *err)
{
    rules_builder builder;
    ut_status st = rules_builder_open(&builder, &set->arena, err);
    if (st != UT_OK) {
        return st;
    }
    for (size_t i = 0; i < o->files.count && st == UT_OK; i++) {
        if (o->files.items[i].is_pack && head_names(&o->heads[i], language)) {
            st = rules_pack_apply(&builder, o->json, &o->files, &o->files.items[i], err);
        }
    }
    if (st == UT_OK) {
        st = rules_builder_finish(&builder, &set->tables[set->table_count], language, err);
        set->table_count += st == UT_OK;
    }
    rules_builder_close(&builder);
    return st;
}

static bool has_table(const rules_set *set, ut_str language)
{
    for (size_t i = 0; i < set->table_count; i++) {
        if (ut_str_eq(ut_str_of(set->tables[i].language), language)) {
            return true;
        }
    }
    return false;
}

static ut_status build_tables(opener *o, rules_set *set, ut_err *err)
{
    ut_status st = UT_OK;
    for (size_t i = 0; i < o->files.count && st == UT_OK; i++) {
        if (o->files.items[i].is_pack) {
            st = rules_pack_head_read(&o->scratch, &o->heads[i], o->json, &o->files.items[i], err);
        }
    }
    for (size_t i = 0; i < o->files.count && st == UT_OK; i++) {
        for (size_t k = 0; k < o->heads[i].language_count && st == UT_OK; k++) {
            ut_str language = o->heads[i].languages[k];
            if (ut_str_eq(language, UT_STR("*")) || has_table(set, language)) {
                continue;
            }
            st = set->table_count < LANGUAGES_MAX
                     ? build_table(o, set, language, err)
                     : ut_fail(err, UT_LIMIT, "more than %d languages in all packs", LANGUAGES_MAX);
        }
    }
    return st;
}

static ut_status build_set(opener *o, rules_set **ret, const char *path, ut_err *err)
{
    rules_set *set = ut_mem_zeroed(1, sizeof *set);
    ut_status st = UT_NOMEM;
    if (!set || ut_arena_open(&set->arena, SET_BYTES_MAX) != UT_OK ||
        !(set->tables = ut_new(&set->arena, rules_table, LANGUAGES_MAX)) ||
        !(o->heads = ut_new(&o->scratch, rules_pack_head, UT_RULES_FILES_MAX))) {
        (void)ut_fail(err, UT_NOMEM, "out of memory while loading rule packs");
        goto out;
    }
    st = rules_files_read(&o->scratch, &o->files, path, err);
    st = st == UT_OK ? build_tables(o, set, err) : st;
    if (st == UT_OK) {
        set->digest = o->files.digest;
        set->references = 1;
        (void)snprintf(set->version, sizeof set->version, "rules@" ENGINE_VERSION "+%012llx",
                       (unsigned long long)(set->digest >> 16));
        *ret = set;
        set = NULL;
    }
out:
    set_free(set);
    return st;
}

static ut_status set_open(rules_set **ret, const char *path, ut_err *err)
{
    opener o = {0};
    ut_status st = ut_json_open(&o.json, err);
    if (st == UT_OK && (st = ut_arena_open(&o.scratch, FILES_BYTES_MAX)) != UT_OK) {
        (void)ut_fail(err, st, "out of memory while loading rule packs");
    }
    st = st == UT_OK ? build_set(&o, ret, path, err) : st;
    ut_arena_close(&o.scratch);
    ut_json_close(&o.json);
    return st;
}

/* The model -------------------------------------------------------------------------------------------------------- */

static void model_close(ut_model *base)
{
    rules_model *model = (rules_model *)base;
    UT_ASSERT(!model->current || model->current->references == 1); /* sessions are closed first */
    set_free(model->current);
    (void)pthread_mutex_destroy(&model->lock);
    ut_mem_free(model->path);
    ut_mem_free(model);
}

static ut_status model_open(ut_model **ret, const char *path, ut_err *err)
{
    rules_model *model = ut_mem_zeroed(1, sizeof *model);
    if (!model) {
        return ut_fail(err, UT_NOMEM, "out of memory while opening the rules");
    }
    model->base.kind = &ut_model_rules;
    (void)pthread_mutex_init(&model->lock, NULL);
    ut_status st = UT_OK;
    if (path) {
        size_t len = strlen(path) + 1;
        model->path = ut_mem_alloc(len);
        st = model->path ? UT_OK : ut_fail(err, UT_NOMEM, "out of memory while opening the rules");
        if (st == UT_OK) {
            memcpy(model->path, path, len);
        }
    }
    /* The stamp first: a file changed while it is read shows up as stale later, not never. */
    st = st == UT_OK ? rules_files_stamp(&model->stamp, path, err) : st;
    st = st == UT_OK ? set_open(&model->current, path, err) : st;
    if (st != UT_OK) {
        model_close(&model->base);
        return st;
    }
    *ret = &model->base;
    return UT_OK;
}

static ut_str model_version(const ut_model *base)
{
    return ut_str_of(((const rules_model *)base)->current->version);
}

/* "en-GB" is spoken by "en". */
static const rules_table *find_table(const rules_set *set, ut_str language)
{
    ut_str rest = language;
    ut_str plain = ut_str_cut(&rest, '-');
    for (size_t i = 0; i < set->table_count; i++) {
        ut_str own = ut_str_of(set->tables[i].language);
        if (ut_str_eq_nocase(own, language) || ut_str_eq_nocase(own, plain)) {
            return &set->tables[i];
        }
    }
    return NULL;
}

static bool model_speaks(const ut_model *base, ut_str language)
{
    return find_table(((const rules_model *)base)->current, language) != NULL;
}

static bool model_stale(const ut_model *base)
{
    const rules_model *model = (const rules_model *)base;
    uint64_t stamp;
    ut_status st = rules_files_stamp(&stamp, model->path, NULL);
    return st != UT_OK || stamp != model->stamp;
}

static ut_status model_reload(ut_model *base, bool *ret_changed, ut_err *err)
{
    rules_model *model = (rules_model *)base;
    rules_set *fresh = NULL;
    uint64_t stamp;
    ut_status st = rules_files_stamp(&stamp, model->path, err);
    st = st == UT_OK ? set_open(&fresh, model->path, err) : st;
    if (st != UT_OK) {
        return st;
    }
    model->stamp = stamp;
    bool changed = fresh->digest != model->current->digest;
    if (ret_changed) {
        *ret_changed = changed;
    }
    if (!changed) {
        set_free(fresh);
        return UT_OK;
    }
    (void)pthread_mutex_lock(&model->lock);
    rules_set *old = model->current;
    model->current = fresh;
    (void)pthread_mutex_unlock(&model->lock);
    atomic_fetch_add(&model->generation, 1);
    set_release(model, old);
    return UT_OK;
}

/* Sessions --------------------------------------------------------------------------------------------------------- */

static rules_model *model_of(const rules_session *session)
{
    /* The session's view of the model is const; the lock and the counts under it are not part of what that promises. */
    return (rules_model *)(uintptr_t)session->base.model;
}

/* Takes the model's present rules. On failure the session goes on with those it has. */
static ut_status session_follow(rules_session *session, ut_err *err)
{
    rules_model *model = model_of(session);
    uint64_t generation = atomic_load(&model->generation);
    (void)pthread_mutex_lock(&model->lock);
    rules_set *set = model->current;
    set->references++;
    (void)pthread_mutex_unlock(&model->lock);
    size_t terms = 1;
    size_t categories = 1;
    for (size_t i = 0; i < set->table_count; i++) {
        terms = set->tables[i].term_count > terms ? set->tables[i].term_count : terms;
        categories = set->tables[i].category_count > categories ? set->tables[i].category_count : categories;
    }
    uint32_t *seen = ut_mem_zeroed(terms, sizeof *seen);
    uint32_t *custom = ut_mem_zeroed(categories, sizeof *custom);
    if (!seen || !custom) {
        ut_mem_free(seen);
        ut_mem_free(custom);
        set_release(model, set);
        return ut_fail(err, UT_NOMEM, "out of memory for a scoring session");
    }
    ut_mem_free(session->seen);
    ut_mem_free(session->custom);
    set_release(model, session->set);
    session->seen = seen;
    session->custom = custom;
    session->set = set;
    session->epoch = 0;
    session->table = NULL;
    session->generation = generation;
    session->base.scored = false;
    return UT_OK;
}

static void session_close(ut_session *base)
{
    rules_session *session = (rules_session *)base;
    set_release(model_of(session), session->set);
    ut_mem_free(session->seen);
    ut_mem_free(session->custom);
    ut_mem_free(session->tokens);
    ut_mem_free(session->hits);
    ut_mem_free(session);
}

static ut_status session_open(ut_session **ret, const ut_model *model, ut_err *err)
{
    rules_session *session = ut_mem_zeroed(1, sizeof *session);
    if (!session) {
        return ut_fail(err, UT_NOMEM, "out of memory for a scoring session");
    }
    session->base.model = model;
    ut_status st = session_follow(session, err);
    if (st != UT_OK) {
        session_close(&session->base);
        return st;
    }
    *ret = &session->base;
    return UT_OK;
}

static ut_str session_version(const ut_session *base)
{
    return ut_str_of(((const rules_session *)base)->set->version);
}

/* A token takes at least one byte, and a hit one token, so text.len is room enough for both. */
static ut_status make_room(rules_session *session, size_t tokens, ut_err *err)
{
    if (tokens <= session->room) {
        return UT_OK;
    }
    size_t room = 1024;
    while (room < tokens) {
        room *= 2;
    }
    rules_token *more_tokens = ut_mem_resize(session->tokens, room * sizeof *more_tokens);
    session->tokens = more_tokens ? more_tokens : session->tokens;
    rules_hit *more_hits = more_tokens ? ut_mem_resize(session->hits, room * sizeof *more_hits) : NULL;
    if (!more_hits) {
        return ut_fail(err, UT_NOMEM, "out of memory for a text of %zu bytes", tokens);
    }
    session->hits = more_hits;
    session->room = room;
    return UT_OK;
}

static ut_status session_score(ut_session *base, ut_scores *ret, ut_str text, const ut_score_options *options,
        ut_err *err)
{
    rules_session *session = (rules_session *)base;
    if (text.len > UT_TEXT_BYTES_MAX) {
        return ut_fail(err, UT_LIMIT, "the text has %zu bytes, more than the %zu that are scored", text.len,
                       (size_t)UT_TEXT_BYTES_MAX);
    }
    ut_status st = UT_OK;
    if (atomic_load_explicit(&model_of(session)->generation, memory_order_relaxed) != session->generation) {
        st = session_follow(session, err);
    }
    st = st == UT_OK ? make_room(session, text.len, err) : st;
    if (st != UT_OK) {
        return st;
    }
    const rules_table *table =
        options->language.len ? find_table(session->set, options->language) : &session->set->tables[0];
    if (!table) {
        return ut_fail(err, UT_UNSUPPORTED, "no rule pack is for language \"" UT_STR_FMT "\"",
                       UT_STR_ARG(options->language));
    }
    if (table != session->table) {
        memset(session->seen, 0, table->term_count * sizeof *session->seen);
        session->epoch = 0;
        session->table = table;
        memcpy(session->base.language, table->language, sizeof session->base.language);
    }
    rules_score_text(session, ret, text, options->details);
    return UT_OK;
}

const ut_model_kind ut_model_rules = {
    .name = "rules",
    .open = model_open,
    .close = model_close,
    .version = model_version,
    .speaks = model_speaks,
    .stale = model_stale,
    .reload = model_reload,
    .session_open = session_open,
    .session_close = session_close,
    .session_version = session_version,
    .score = session_score,
    .write_details = rules_write_details,
};
