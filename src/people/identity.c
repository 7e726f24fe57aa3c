/* people/identity.c — the identity table with a cache in front: a mail archive names the same few people all the time.
 */
#include "people/identity.h"
#include "base/mem.h"
#include "codec/json.h"

enum { CACHE_MAX = 200000, KEYS_MAX = 2000000 };

struct ut_identities {
    ut_workspace *workspace;
    ut_map by_handle;      /* handle → id */
    ut_key *keys;          /* by id, in pages of their own (ut_seal_page) */
    uint8_t *key_known;    /* by id */
    size_t key_room;
    bool changed;
    ut_json *json;         /* opened with the first name that is read */
    ut_stmt *find, *add, *add_name, *key, *note_mail, *note_bot, *dirty, *names, *rename;
};

static ut_status prepare(ut_identities *ids, ut_err *err)
{
    const struct {
        ut_stmt **stmt;
        const char *sql;
    } all[] = {
        {&ids->find, "SELECT id FROM identity WHERE digest = ?1"},
        {&ids->add, "INSERT INTO identity (digest, wrapped_key, domain, bot) VALUES (?1, ?2, ?3, ?4)"},
        {&ids->add_name, "INSERT INTO identity_name VALUES (?1, ?2, ?3)"},
        {&ids->names, "SELECT n.sealed, i.digest, n.named FROM identity_name n JOIN identity i ON i.id = n.identity"
                      " WHERE n.identity = ?1"},
        {&ids->rename, "UPDATE identity_name SET sealed = ?2, named = ?3 WHERE identity = ?1"},
        {&ids->key, "SELECT wrapped_key, digest FROM identity WHERE id = ?1"},
        {&ids->note_mail, "UPDATE identity SET mail = ?2 WHERE id = ?1 AND mail IS NOT ?2"},
        {&ids->dirty, "INSERT INTO setting VALUES ('people_dirty', '1') ON CONFLICT (key) DO NOTHING"},
        {&ids->note_bot, "UPDATE identity SET bot = 1 WHERE id = ?1 AND bot = 0"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ut_status st = ut_truth_prepare(all[i].stmt, ids->workspace->truth, all[i].sql, err);
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

ut_status ut_identities_open(ut_identities **ret, ut_workspace *workspace, ut_err *err)
{
    ut_identities *ids = ut_mem_zeroed(1, sizeof *ids);
    if (!ids) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening the identities");
    }
    ids->workspace = workspace;
    ids->by_handle = ut_map_make(CACHE_MAX);
    ut_status st = prepare(ids, err);
    if (st != UT_OK) {
        ut_identities_close(&ids);
        return st;
    }
    *ret = ids;
    return UT_OK;
}

void ut_identities_close(ut_identities **ids_ref)
{
    ut_identities *ids = *ids_ref;
    if (!ids) {
        return;
    }
    ut_stmt_close(&ids->find);
    ut_stmt_close(&ids->add);
    ut_stmt_close(&ids->add_name);
    ut_stmt_close(&ids->key);
    ut_stmt_close(&ids->note_mail);
    ut_stmt_close(&ids->note_bot);
    ut_stmt_close(&ids->dirty);
    ut_stmt_close(&ids->names);
    ut_stmt_close(&ids->rename);
    ut_json_close(&ids->json);
    ut_map_free(&ids->by_handle);
    (void)ut_seal_page_free(ids->keys, ids->key_room * sizeof *ids->keys);
    ut_mem_free(ids->key_known);
    *ids_ref = ut_mem_free(ids);
}

/* Notes, once and in the transaction that makes the change, that persons are to be derived again: a killed run leaves
 * the note behind for the next one. */
static ut_status mark_changed(ut_identities *ids, ut_err *err)
{
    if (ids->changed) {
        return UT_OK;
    }
    ids->changed = true;
    return ut_stmt_run(ids->dirty, err);
}

static ut_status mark_if_written(ut_identities *ids, ut_err *err)
{
    return ut_truth_changes(ids->workspace->truth) > 0 ? mark_changed(ids, err) : UT_OK;
}

static bool make_room_for_key(ut_identities *ids, int64_t id)
{
    if (id < 0 || id >= KEYS_MAX) {
        return false;
    }
    if ((size_t)id < ids->key_room) {
        return true;
    }
    size_t room = ids->key_room ? ids->key_room : 256;
    while (room <= (size_t)id) {
        room *= 2;
    }
    uint8_t *known = ut_mem_resize(ids->key_known, room);
    ids->key_known = known ? known : ids->key_known;
    ut_key *keys = known ? ut_seal_page(room * sizeof *keys) : NULL;
    if (!keys) {
        return false;
    }
    memset(known + ids->key_room, 0, room - ids->key_room);
    memcpy(keys, ids->key_room ? ids->keys : keys, ids->key_room * sizeof *keys);
    (void)ut_seal_page_free(ids->keys, ids->key_room * sizeof *keys);
    ids->keys = keys;
    ids->key_room = room;
    return true;
}

static void remember_key(ut_identities *ids, int64_t id, const ut_key *key)
{
    /* The cache is only for speed: without room for it the key is unwrapped again next time. */
    if (make_room_for_key(ids, id)) {
        ids->keys[id] = *key;
        ids->key_known[id] = 1;
    }
}

ut_status ut_identity_key(ut_identities *ids, ut_key *ret, int64_t id, ut_err *err)
{
    if (id >= 0 && (size_t)id < ids->key_room && ids->key_known[id]) {
        *ret = ids->keys[id];
        return UT_OK;
    }
    bool row = false;
    ut_stmt_bind_i64(ids->key, 1, id);
    ut_status st = ut_stmt_step(ids->key, &row, err);
    if (st != UT_OK) {
        return st;
    }
    ut_buf plain = ut_buf_make(256);
    if (!row || ut_stmt_is_null(ids->key, 0)) {
        st = ut_fail(err, UT_NOT_FOUND, "identity %lld has no key: it was erased", (long long)id);
    } else {
        st = ut_seal_open(&plain, &ids->workspace->keys.wrap, ut_stmt_str(ids->key, 0), ut_stmt_str(ids->key, 1), err);
    }
    if (st == UT_OK && plain.len != sizeof *ret) {
        st = ut_fail(err, UT_CORRUPT, "the key of identity %lld has %zu bytes", (long long)id, plain.len);
    }
    if (st == UT_OK) {
        memcpy(ret, plain.ptr, sizeof *ret);
        remember_key(ids, id, ret);
    }
    if (plain.ptr) {
        ut_seal_wipe(plain.ptr, plain.len);
    }
    ut_buf_free(&plain);
    ut_stmt_reset(ids->key);
    return st;
}

/* "example.org" of "mail:a@example.org"; empty for other handles. */
static ut_str domain_of(ut_str handle)
{
    if (!ut_str_starts(handle, UT_STR("mail:"))) {
        return (ut_str){0};
    }
    size_t at = handle.len;
    while (at > 0 && handle.ptr[at - 1] != '@') {
        at--;
    }
    return at ? ut_str_slice(handle, at, handle.len) : (ut_str){0};
}

/* Addresses that only programs write from. A mark by hand wins over this guess. */
static bool is_machine_address(ut_str handle)
{
    static const char *const whole[] = {"noreply",     "no-reply",      "no_reply",   "donotreply",  "do-not-reply",
                                        "do_not_reply", "mailer-daemon", "postmaster", "bounce",      "bounces",
                                        "listserv",    "majordomo",     "mailman",    "auto-reply"};
    static const char *const ends[] = {"-bounces", "-owner", "-request", "-noreply", "-no-reply"};
    if (!ut_str_starts(handle, UT_STR("mail:"))) {
        return false;
    }
    ut_str local = ut_str_slice(handle, 5, handle.len - domain_of(handle).len);
    local.len -= local.len && local.ptr[local.len - 1] == '@';
    bool machine = ut_str_starts(local, UT_STR("owner-")) || ut_str_starts(local, UT_STR("bounces+")) ||
                   ut_str_starts(local, UT_STR("noreply+"));
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        machine = machine || ut_str_eq(local, ut_str_of(whole[i]));
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        machine = machine || ut_str_ends(local, ut_str_of(ends[i]));
    }
    return machine;
}

/* Seals handle and name and writes them by `stmt`, which adds or replaces a row of identity_name. */
static ut_status write_name(ut_stmt *stmt, int64_t id, const ut_key *key, ut_str digest, ut_str handle, ut_str name,
                            ut_err *err)
{
    ut_buf json = ut_buf_make(64 * UT_KIB), box = ut_buf_make(80 * UT_KIB);
    ut_buf_puts(&json, "{\"handle\":");
    ut_buf_json_str(&json, handle);
    ut_buf_puts(&json, ",\"name\":");
    ut_buf_json_str(&json, ut_str_slice(name, 0, 1000));
    ut_buf_byte(&json, '}');
    ut_seal_close(&box, key, ut_buf_str(&json), digest);
    ut_status st = json.failed || box.failed ? ut_fail(err, UT_LIMIT, "an author's handle is too long") : UT_OK;
    if (st == UT_OK) {
        ut_stmt_bind_i64(stmt, 1, id);
        ut_stmt_bind_blob(stmt, 2, ut_buf_str(&box));
        ut_stmt_bind_i64(stmt, 3, name.len > 0);
        st = ut_stmt_run(stmt, err);
    }
    ut_buf_free(&json);
    ut_buf_free(&box);
    return st;
}

static ut_status add(ut_identities *ids, int64_t *ret_id, ut_str handle, ut_str name, ut_str digest, ut_err *err)
{
    ut_key key;
    ut_seal_random(key.bytes, sizeof key.bytes);
    ut_buf wrapped = ut_buf_make(256);
    ut_seal_close(&wrapped, &ids->workspace->keys.wrap, (ut_str){(const char *)key.bytes, sizeof key.bytes}, digest);
    ut_status st = wrapped.failed ? ut_fail(err, wrapped.failed, "memory ended while adding an author") : UT_OK;
    if (st == UT_OK) {
        ut_stmt_bind_blob(ids->add, 1, digest);
        ut_stmt_bind_blob(ids->add, 2, ut_buf_str(&wrapped));
        ut_stmt_bind_text(ids->add, 3, domain_of(handle));
        ut_stmt_bind_i64(ids->add, 4, is_machine_address(handle));
        st = ut_stmt_run(ids->add, err);
    }
    ut_buf_free(&wrapped);
    int64_t id = ut_truth_last_id(ids->workspace->truth);
    st = st == UT_OK ? write_name(ids->add_name, id, &key, digest, handle, name, err) : st;
    st = st == UT_OK ? mark_changed(ids, err) : st;
    if (st == UT_OK) {
        remember_key(ids, id, &key);
        *ret_id = id;
    }
    ut_seal_wipe(&key, sizeof key);
    return st;
}

ut_status ut_identity_find(ut_identities *ids, int64_t *ret_id, ut_str handle, ut_str name, ut_err *err)
{
    uint64_t *cached = ut_map_get(&ids->by_handle, handle);
    if (cached) {
        *ret_id = (int64_t)*cached;
        return UT_OK;
    }
    ut_str parts[] = {UT_STR("identity"), handle};
    ut_digest digest = ut_seal_digest(&ids->workspace->keys.digest, parts, 2);
    bool row = false;
    int64_t id = 0;
    ut_stmt_bind_blob(ids->find, 1, ut_digest_str(&digest));
    ut_status st = ut_stmt_step(ids->find, &row, err);
    if (st == UT_OK && row) {
        id = ut_stmt_i64(ids->find, 0);
        ut_stmt_reset(ids->find);
    } else if (st == UT_OK) {
        st = add(ids, &id, handle, name, ut_digest_str(&digest), err);
    }
    if (st != UT_OK) {
        return st;
    }
    uint64_t *slot = ut_map_put(&ids->by_handle, handle);
    if (slot) {
        *slot = (uint64_t)id;
    }
    *ret_id = id;
    return UT_OK;
}

static ut_status open_names(ut_identities *ids, ut_arena *keep, ut_str *ret_handle, ut_str *ret_name, const ut_key *key,
                            ut_str sealed, ut_str digest, ut_err *err)
{
    const ut_json_node *root = NULL;
    ut_buf plain = ut_buf_make(64 * UT_KIB);
    ut_status st = ids->json ? UT_OK : ut_json_open(&ids->json, err);
    st = st == UT_OK ? ut_seal_open(&plain, key, sealed, digest, err) : st;
    st = st == UT_OK ? ut_json_parse(ids->json, &root, ut_buf_str(&plain), err) : st;
    if (st == UT_OK) {
        ut_str handle = ut_arena_copy(keep, ut_json_str(root, "handle"));
        ut_str name = ut_arena_copy(keep, ut_json_str(root, "name"));
        bool full = (!handle.ptr && ut_json_str(root, "handle").len) || (!name.ptr && ut_json_str(root, "name").len);
        if (full) {
            st = ut_fail(err, UT_LIMIT, "there are more names than fit into memory at once");
        } else {
            *ret_handle = handle;
            *ret_name = name;
        }
    }
    ut_buf_free(&plain);
    return st;
}

ut_status ut_identity_names(ut_identities *ids, ut_arena *keep, ut_str *ret_handle, ut_str *ret_name, int64_t id,
                            ut_err *err)
{
    ut_key key;
    bool row = false;
    ut_status st = ut_identity_key(ids, &key, id, err);
    if (st == UT_NOT_FOUND) {
        *ret_handle = *ret_name = (ut_str){0};
        return UT_OK;
    }
    if (st != UT_OK) {
        return st;
    }
    ut_stmt_bind_i64(ids->names, 1, id);
    st = ut_stmt_step(ids->names, &row, err);
    if (st == UT_OK && row) {
        st = open_names(ids, keep, ret_handle, ret_name, &key, ut_stmt_str(ids->names, 0), ut_stmt_str(ids->names, 1),
                        err);
        ut_stmt_reset(ids->names);
    } else if (st == UT_OK) {
        *ret_handle = *ret_name = (ut_str){0};
    }
    ut_seal_wipe(&key, sizeof key);
    return st;
}

/* The first display name that any source gives is kept: an address is often seen as a recipient before its owner
 * writes. */
static ut_status note_name(ut_identities *ids, int64_t id, ut_str handle, ut_str name, ut_err *err)
{
    bool row = false;
    ut_key key;
    ut_stmt_bind_i64(ids->names, 1, id);
    ut_status st = ut_stmt_step(ids->names, &row, err);
    if (st != UT_OK || !row) {
        return st;
    }
    char digest[sizeof(ut_digest)];
    bool named = ut_stmt_i64(ids->names, 2) || ut_stmt_str(ids->names, 1).len != sizeof digest;
    if (!named) {
        memcpy(digest, ut_stmt_str(ids->names, 1).ptr, sizeof digest);
    }
    ut_stmt_reset(ids->names);
    if (named) {
        return UT_OK;
    }
    st = ut_identity_key(ids, &key, id, err);
    if (st == UT_OK) {
        st = write_name(ids->rename, id, &key, (ut_str){digest, sizeof digest}, handle, name, err);
    }
    ut_seal_wipe(&key, sizeof key);
    return st == UT_NOT_FOUND ? UT_OK : st; /* erased: it gets no name again */
}

static ut_status note_mail(ut_identities *ids, int64_t id, ut_str address, ut_err *err)
{
    char handle[512] = "mail:";
    size_t len = 5;
    for (size_t i = 0; i < address.len && len < sizeof handle; i++) {
        handle[len++] = ut_lower(address.ptr[i]);
    }
    int64_t mail = 0;
    ut_status st = ut_identity_find(ids, &mail, (ut_str){handle, len}, (ut_str){0}, err);
    if (st == UT_OK && mail != id) {
        ut_stmt_bind_i64(ids->note_mail, 1, id);
        ut_stmt_bind_i64(ids->note_mail, 2, mail);
        st = ut_stmt_run(ids->note_mail, err);
        st = st == UT_OK ? mark_if_written(ids, err) : st;
    }
    return st;
}

ut_status ut_identity_note(ut_identities *ids, ut_str handle, ut_str name, ut_str address, bool bot, ut_err *err)
{
    int64_t id = 0;
    ut_status st = ut_identity_find(ids, &id, handle, name, err);
    if (st == UT_OK && name.len) {
        st = note_name(ids, id, handle, name, err);
    }
    if (st == UT_OK && address.len) {
        st = note_mail(ids, id, address, err);
    }
    if (st == UT_OK && bot) {
        ut_stmt_bind_i64(ids->note_bot, 1, id);
        st = ut_stmt_run(ids->note_bot, err);
        st = st == UT_OK ? mark_if_written(ids, err) : st;
    }
    return st;
}
