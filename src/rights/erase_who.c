/* rights/erase_who.c — whom an erasure is about: persons and identities, and the handles, names and words they have. */
#include "rights/erase_int.h"

#include "bronze/source.h"
#include "codec/pack.h"
#include "people/identity.h"
#include "people/people.h"
#include "people/person.h"
#include "people/tombstone.h"

#include <stdio.h>

enum { MAILS = 32, MAIL_ARENA_BYTES = 256 << 20 };

/* Finding ---------------------------------------------------------------------------------------------------------- */

static const char tables_sql[] = "CREATE TEMP TABLE IF NOT EXISTS erase_person (id INTEGER PRIMARY KEY);"
                                 "CREATE TEMP TABLE IF NOT EXISTS erase_identity (id INTEGER PRIMARY KEY);"
                                 "DELETE FROM erase_person; DELETE FROM erase_identity";

/* From one person, or one identity, to all that is theirs: merged persons, identities that resolve to them or are
 * claimed for them, handles that a source's directory links by mail unless somebody else claims them, and person rows
 * that were made for these identities before somebody claimed them. */
static const char spread_sql[] =
    "INSERT OR IGNORE INTO erase_person WITH RECURSIVE m(id) AS (SELECT id FROM erase_person UNION"
    "  SELECT g.person FROM merge g JOIN m ON g.target = m.id) SELECT id FROM m;"
    "INSERT OR IGNORE INTO erase_identity SELECT id FROM identity WHERE person IN erase_person"
    "  UNION SELECT identity FROM claim WHERE person IN erase_person;"
    "INSERT OR IGNORE INTO erase_identity SELECT id FROM identity WHERE mail IN erase_identity"
    "   AND (person IS NULL OR person IN erase_person)"
    "   AND id NOT IN (SELECT identity FROM claim WHERE person NOT IN erase_person);"
    "INSERT OR IGNORE INTO erase_identity SELECT t.id FROM identity i JOIN identity t ON t.id = i.mail"
    " WHERE i.id IN erase_identity AND (t.person IS NULL OR t.person IN erase_person)"
    "   AND t.id NOT IN (SELECT identity FROM claim WHERE person NOT IN erase_person);"
    "INSERT OR IGNORE INTO erase_person SELECT p.id FROM person p JOIN identity i ON i.digest = p.digest"
    " WHERE i.id IN erase_identity AND p.listed = 0";

static ut_status add_id(ut_eraser *e, const char *sql, int64_t id, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, e->workspace->truth, sql, err);
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, id);
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status collect(ut_eraser *e, ut_buf *to, const char *sql, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = ut_truth_prepare(&stmt, e->workspace->truth, sql, err);
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_buf_put(to, ut_stmt_str(stmt, 0));
    }
    ut_stmt_close(&stmt);
    return st == UT_OK && to->failed ? ut_fail(err, to->failed, "too many handles for one person") : st;
}

static ut_status not_found(ut_eraser *e, ut_str who, ut_err *err)
{
    static const char *const kinds[] = {"", "person:", "mail:"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool gone = false;
        ut_buf handle = ut_buf_make(64 * UT_KIB);
        ut_buf_puts(&handle, kinds[i]);
        for (size_t k = 0; k < who.len; k++) {
            ut_buf_byte(&handle, i == 2 ? ut_lower(who.ptr[k]) : who.ptr[k]);
        }
        ut_status st = ut_tombstone_has(e->workspace, &gone, ut_buf_str(&handle), err);
        ut_buf_free(&handle);
        if (st != UT_OK || gone) {
            return st != UT_OK ? st : ut_fail(err, UT_NOT_FOUND, "they were erased before, and are kept out since");
        }
    }
    return ut_fail(err, UT_NOT_FOUND,
                   "nobody here is called «%.*s»; give an id of people.csv, an address or a handle like slack:U024",
                   (int)(who.len > 200 ? 200 : who.len), who.ptr);
}

ut_status ut_erase__find(ut_eraser *e, ut_str who, ut_err *err)
{
    int64_t person = 0, identity = 0;
    ut_status st = ut_people_settle(e->workspace, err);
    st = st == UT_OK ? ut_truth_exec(e->workspace->truth, tables_sql, err) : st;
    st = st == UT_OK ? ut_person_find(e->workspace, &person, who, err) : st;
    if (st == UT_NOT_FOUND) {
        st = ut_identity_lookup(e->workspace, &identity, who, err);
    }
    if (st == UT_NOT_FOUND) {
        return not_found(e, who, err);
    }
    if (st == UT_OK) {
        st = person ? add_id(e, "INSERT INTO erase_person VALUES (?1)", person, err)
                    : add_id(e, "INSERT INTO erase_identity VALUES (?1)", identity, err);
    }
    st = st == UT_OK ? ut_truth_exec(e->workspace->truth, spread_sql, err) : st;
    ut_erase_plan *plan = e->plan;
    plan->counts.person = person;
    st = st == UT_OK
             ? collect(e, &plan->persons, "SELECT digest FROM person WHERE id IN erase_person ORDER BY id", err)
             : st;
    st = st == UT_OK
             ? collect(e, &plan->identities, "SELECT digest FROM identity WHERE id IN erase_identity ORDER BY id", err)
             : st;
    plan->counts.identities = (int64_t)(plan->identities.len / sizeof(ut_digest));
    return st;
}

static ut_status mark_from(ut_eraser *e, const ut_buf *digests, const char *sql, ut_err *err)
{
    ut_stmt *stmt = NULL;
    ut_status st = ut_truth_prepare(&stmt, e->workspace->truth, sql, err);
    for (size_t at = 0; st == UT_OK && at < digests->len; at += sizeof(ut_digest)) {
        ut_stmt_bind_blob(stmt, 1, ut_str_slice(ut_buf_str(digests), at, at + sizeof(ut_digest)));
        st = ut_stmt_run(stmt, err);
    }
    ut_stmt_close(&stmt);
    return st;
}

ut_status ut_erase__mark(ut_eraser *e, bool *ret_any, ut_err *err)
{
    int64_t count = 0;
    ut_status st = ut_truth_exec(e->workspace->truth, tables_sql, err);
    st = st == UT_OK ? mark_from(e, &e->plan->persons,
                                 "INSERT INTO erase_person SELECT id FROM person WHERE digest = ?1", err)
                     : st;
    st = st == UT_OK ? mark_from(e, &e->plan->identities,
                                 "INSERT INTO erase_identity SELECT id FROM identity WHERE digest = ?1", err)
                     : st;
    st = st == UT_OK ? ut_truth_number(e->workspace->truth, &count,
                                        "SELECT (SELECT count(*) FROM erase_person) +"
                                        " (SELECT count(*) FROM erase_identity)",
                                        err)
                     : st;
    *ret_any = count > 0;
    return st;
}

/* Names ------------------------------------------------------------------------------------------------------------ */

typedef void (*word_fn)(ut_eraser *e, ut_str handle, ut_str name, ut_err *err, ut_status *st);

/* A list "a;b" of people.csv. */
static void each_item(ut_eraser *e, ut_str list, const char *prefix, word_fn visit, ut_err *err, ut_status *st)
{
    while (*st == UT_OK && list.len) {
        ut_str item = ut_str_trim(ut_str_cut(&list, ';'));
        ut_buf handle = ut_buf_make(64 * UT_KIB);
        bool lower = *prefix || ut_str_starts_nocase(item, UT_STR("mail:"));
        ut_buf_puts(&handle, prefix);
        for (size_t i = 0; i < item.len; i++) {
            ut_buf_byte(&handle, lower ? ut_lower(item.ptr[i]) : item.ptr[i]);
        }
        if (item.len) {
            visit(e, ut_buf_str(&handle), (ut_str){0}, err, st);
        }
        ut_buf_free(&handle);
    }
}

static void visit_person(ut_eraser *e, const ut_json_node *row, word_fn visit, ut_err *err, ut_status *st)
{
    ut_str id = ut_json_str(row, "id");
    if (id.len) {
        ut_buf handle = ut_buf_make(64 * UT_KIB);
        ut_buf_puts(&handle, "person:");
        ut_buf_put(&handle, id);
        visit(e, ut_buf_str(&handle), ut_json_str(row, "name"), err, st);
        ut_buf_free(&handle);
    }
    each_item(e, ut_json_str(row, "email"), "mail:", visit, err, st);
    each_item(e, ut_json_str(row, "handles"), "", visit, err, st);
}

/* Opens the sealed names one by one and shows what is in them; a box that does not open holds nothing any more. */
static ut_status each_word(ut_eraser *e, word_fn visit, ut_err *err)
{
    static const char sql[] =
        "SELECT 0, n.sealed, i.digest, i.id FROM identity_name n JOIN identity i ON i.id = n.identity"
        "  WHERE i.id IN erase_identity AND i.wrapped_key IS NOT NULL"
        " UNION ALL SELECT 1, sealed, digest, 0 FROM person WHERE id IN erase_person";
    ut_stmt *stmt = NULL;
    ut_json *json = NULL;
    ut_identities *identities = NULL;
    bool row = false;
    ut_buf plain = ut_buf_make(4 * UT_MIB);
    ut_status st = ut_identities_open(&identities, e->workspace, err);
    st = st == UT_OK ? ut_json_open(&json, err) : st;
    st = st == UT_OK ? ut_truth_prepare(&stmt, e->workspace->truth, sql, err) : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        ut_key key = e->workspace->keys.name;
        const ut_json_node *root = NULL;
        bool person = ut_stmt_i64(stmt, 0) == 1;
        ut_buf_clear(&plain);
        st = person ? UT_OK : ut_identity_key(identities, &key, ut_stmt_i64(stmt, 3), err);
        if (st == UT_OK && ut_seal_open(&plain, &key, ut_stmt_str(stmt, 1), ut_stmt_str(stmt, 2), NULL) == UT_OK &&
            ut_json_parse(json, &root, ut_buf_str(&plain), NULL) == UT_OK) {
            if (person) {
                visit_person(e, root, visit, err, &st);
            } else {
                visit(e, ut_json_str(root, "handle"), ut_json_str(root, "name"), err, &st);
            }
        }
        ut_seal_wipe(&key, sizeof key);
    }
    ut_stmt_close(&stmt);
    ut_json_close(&json);
    ut_identities_close(&identities);
    ut_buf_free(&plain);
    return st;
}

static void bury_one(ut_eraser *e, ut_str handle, ut_str name, ut_err *err, ut_status *st)
{
    (void)name;
    *st = *st == UT_OK ? ut_tombstone_put(e->workspace, handle, err) : *st;
}

ut_status ut_erase__bury(ut_eraser *e, ut_err *err)
{
    return each_word(e, bury_one, err);
}

static bool has_letter(ut_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (ut_lower(text.ptr[i]) >= 'a' && ut_lower(text.ptr[i]) <= 'z') {
            return true;
        }
    }
    return false;
}

/* An id like "17" in people.csv is a number like others wherever else it stands. */
static void learn_word(ut_eraser *e, ut_str handle, ut_str name, ut_err *err, ut_status *st)
{
    (void)err;
    (void)st;
    ut_str id = handle;
    (void)ut_str_cut(&id, ':');
    if (!ut_str_starts(handle, UT_STR("person:")) || (id.len >= 4 && has_letter(id))) {
        ut_redact_handle(e->redact, handle);
    }
    ut_redact_name(e->redact, name);
}

/* Words ------------------------------------------------------------------------------------------------------------ */

/* What reading their own records needs. */
typedef struct learner {
    ut_eraser *e;
    ut_identities *identities;
    ut_pack *pack;
    ut_json *json;
    ut_mail_worker *mail;
    ut_arena arena;
    ut_buf sealed, plain;
    ut_str mails[MAILS];
    size_t count;
} learner;

static void learner_close(learner *l)
{
    ut_identities_close(&l->identities);
    ut_pack_close(&l->pack);
    ut_json_close(&l->json);
    ut_mail_worker_close(&l->mail);
    ut_arena_close(&l->arena);
    ut_buf_free(&l->sealed);
    ut_buf_free(&l->plain);
}

static ut_status learner_open(learner *l, ut_eraser *e, ut_err *err)
{
    l->e = e;
    l->sealed = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    l->plain = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    if (ut_arena_open(&l->arena, MAIL_ARENA_BYTES) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing to erase");
    }
    ut_status st = ut_mail_worker_open(&l->mail, err);
    st = st == UT_OK ? ut_identities_open(&l->identities, e->workspace, err) : st;
    st = st == UT_OK ? ut_pack_open(&l->pack, err) : st;
    return st == UT_OK ? ut_json_open(&l->json, err) : st;
}

static bool is_answer(ut_str subject)
{
    ut_str rest = subject;
    ut_str mark = ut_str_trim(ut_str_cut(&rest, ':'));
    return rest.len && mark.len <= 4;
}

static ut_status learn_mails(learner *l, ut_err *err)
{
    ut_mail_reply replies[MAILS];
    ut_status st = l->count ? ut_mail_worker_parse(l->mail, &l->arena, replies, l->mails, l->count, UT_MIME_ALL, err)
                            : UT_OK;
    for (size_t i = 0; st == UT_OK && i < l->count; i++) {
        const ut_mail *mail = &replies[i].mail;
        if (replies[i].status != UT_OK) {
            continue;
        }
        ut_redact_name(l->e->redact, mail->from.name);
        ut_redact_said(l->e->redact, mail->text);
        ut_redact_said(l->e->redact, is_answer(mail->subject) ? (ut_str){0} : mail->subject);
    }
    l->count = 0;
    ut_arena_reset(&l->arena);
    return st;
}

static ut_status learn_chat(learner *l, ut_format format, ut_str payload, ut_err *err)
{
    ut_message message = {0};
    const ut_json_node *root = NULL;
    ut_status st = format == UT_FORMAT_SLACK ? ut_slack_decode(l->json, &l->arena, &message, payload, err)
                                             : ut_ndjson_decode(l->json, &l->arena, &message, payload, err);
    if (st == UT_OK) {
        ut_redact_said(l->e->redact, message.text);
    }
    if (st == UT_OK && ut_json_parse(l->json, &root, payload, NULL) == UT_OK) {
        const ut_json_node *profile = ut_json_get(root, "user_profile");
        ut_redact_name(l->e->redact, ut_json_str(profile, "real_name"));
        ut_redact_name(l->e->redact, ut_json_str(profile, "display_name"));
    }
    return st;
}

static ut_status learn_one(learner *l, ut_stmt *stmt, ut_err *err)
{
    ut_key key;
    ut_buf_clear(&l->sealed);
    ut_buf_clear(&l->plain);
    ut_status st = ut_identity_key(l->identities, &key, ut_stmt_i64(stmt, 0), err);
    if (st != UT_OK) {
        return st == UT_NOT_FOUND ? UT_OK : st;
    }
    bool opened = ut_seal_open(&l->sealed, &key, ut_stmt_str(stmt, 2), ut_stmt_str(stmt, 1), NULL) == UT_OK &&
                  ut_pack_expand(l->pack, &l->plain, ut_buf_str(&l->sealed), NULL) == UT_OK;
    ut_seal_wipe(&key, sizeof key);
    if (!opened) {
        return UT_OK;
    }
    ut_format format = (ut_format)ut_stmt_i64(stmt, 3);
    if (format != UT_FORMAT_RFC822 && format != UT_FORMAT_MBOXRD) {
        st = learn_chat(l, format, ut_buf_str(&l->plain), err);
    } else if (!(l->mails[l->count++] = ut_arena_copy(&l->arena, ut_buf_str(&l->plain))).ptr) {
        st = ut_fail(err, UT_LIMIT, "a batch of mails does not fit into its memory");
    }
    bool full = l->count == MAILS || ut_arena_used(&l->arena) > MAIL_ARENA_BYTES / 8;
    return st == UT_OK && full ? learn_mails(l, err) : st;
}

static ut_status learn_words(ut_eraser *e, ut_err *err)
{
    learner *l = ut_mem_zeroed(1, sizeof *l);
    ut_stmt *stmt = NULL;
    bool row = false;
    if (!l) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing to erase");
    }
    ut_status st = learner_open(l, e, err);
    st = st == UT_OK ? ut_truth_prepare(&stmt, e->workspace->truth,
                                        "SELECT author, key, payload, format FROM record WHERE author IN erase_identity"
                                        " AND reduced = 0 AND payload IS NOT NULL",
                                        err)
                     : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        st = learn_one(l, stmt, err);
    }
    st = st == UT_OK ? learn_mails(l, err) : st;
    ut_stmt_close(&stmt);
    learner_close(l);
    ut_mem_free(l);
    return st;
}

ut_status ut_erase__learn(ut_eraser *e, ut_err *err)
{
    ut_status st = ut_redact_open(&e->redact, err);
    st = st == UT_OK ? each_word(e, learn_word, err) : st;
    st = st == UT_OK ? learn_words(e, err) : st;
    return st == UT_OK ? ut_redact_ready(e->redact, err) : st;
}
