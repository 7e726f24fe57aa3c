/* bronze/gate.c — the look-ups behind the gate. With empty lists and nobody barred, a record costs two comparisons. */
#include "bronze/gate.h"

#include "people/people.h"

enum { BARRED_MAX = 2000000, AUTHORS_MAX = 200000, LISTED_MAX = UT_POLICY_LIST_BYTES };

static ut_str lower(ut_str text, char *room, size_t size)
{
    size_t len = 0;
    for (; len < text.len && len < size; len++) {
        room[len] = ut_lower(text.ptr[len]);
    }
    return (ut_str){room, len};
}

static ut_status put(ut_map *map, ut_str key, uint64_t value, ut_err *err)
{
    uint64_t *slot = ut_map_put(map, key);
    if (!slot) {
        return ut_fail(err, UT_NOMEM, "memory ended while reading the policy");
    }
    *slot = value;
    return UT_OK;
}

static ut_status put_list(ut_map *map, const char *list, ut_err *err)
{
    ut_str rest = ut_str_of(list);
    ut_status st = UT_OK;
    while (st == UT_OK && rest.len) {
        st = put(map, ut_str_cut(&rest, ','), 1, err);
    }
    return st;
}

/* In the order of digests, which the stamp needs. */
static const char barred_sql[] =
    "SELECT i.digest, 4 FROM stopped s JOIN identity i ON i.id = s.identity WHERE s.state = 'objected'"
    " UNION ALL SELECT digest, 5 FROM tombstone ORDER BY 1";
_Static_assert(UT_GATE_PERSON == 4 && UT_GATE_ERASED == 5, "what barred_sql says");

static ut_status load_barred(ut_gate *gate, ut_workspace *workspace, ut_err *err)
{
    ut_stmt *stmt = NULL;
    bool row = false;
    int64_t any = 0;
    ut_status st = ut_truth_number(workspace->truth, &any,
                                   "SELECT 1 FROM person WHERE state IN ('objected', 'withdrawn') LIMIT 1", err);
    /* A reading workspace can't settle; it takes nothing in either. */
    st = st == UT_OK && any && workspace->access == UT_READ_WRITE ? ut_people_settle(workspace, err) : st;
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth, barred_sql, err) : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        st = put(&gate->barred, ut_stmt_str(stmt, 0), (uint64_t)ut_stmt_i64(stmt, 1), err);
    }
    ut_stmt_close(&stmt);
    return st;
}

static ut_status make_stamp(ut_gate *gate, ut_err *err)
{
    ut_buf all = ut_buf_make(BARRED_MAX * 18);
    for (size_t i = 0; i < gate->barred.count; i++) {
        ut_buf_put(&all, gate->barred.entries[i].key);
    }
    ut_str parts[] = {UT_STR("gate"), gate->policy.allow_direct ? UT_STR("direct") : UT_STR(""),
                      ut_str_of(gate->policy.skip_channels), ut_str_of(gate->policy.skip_mailboxes), ut_buf_str(&all)};
    gate->stamp = ut_seal_digest(&gate->digest_key, parts, sizeof parts / sizeof *parts);
    ut_status st = all.failed ? ut_fail(err, all.failed, "memory ended while reading the policy") : UT_OK;
    ut_buf_free(&all);
    return st;
}

ut_status ut_gate_open(ut_gate *ret, ut_workspace *workspace, ut_err *err)
{
    ut_gate gate = {.digest_key = workspace->keys.digest,
                    .barred = ut_map_make(BARRED_MAX),
                    .authors = ut_map_make(AUTHORS_MAX),
                    .channels = ut_map_make(LISTED_MAX),
                    .mailboxes = ut_map_make(LISTED_MAX)};
    ut_status st = ut_policy_read(workspace, &gate.policy, err);
    st = st == UT_OK ? put_list(&gate.channels, gate.policy.skip_channels, err) : st;
    st = st == UT_OK ? put_list(&gate.mailboxes, gate.policy.skip_mailboxes, err) : st;
    st = st == UT_OK ? load_barred(&gate, workspace, err) : st;
    st = st == UT_OK ? make_stamp(&gate, err) : st;
    if (st != UT_OK) {
        ut_gate_close(&gate);
        return st;
    }
    *ret = gate;
    return UT_OK;
}

void ut_gate_close(ut_gate *gate)
{
    ut_map_free(&gate->barred);
    ut_map_free(&gate->authors);
    ut_map_free(&gate->channels);
    ut_map_free(&gate->mailboxes);
    ut_seal_wipe(&gate->digest_key, sizeof gate->digest_key);
}

bool ut_gate_wants_recipients(const ut_gate *gate)
{
    return gate->mailboxes.count > 0;
}

static ut_gate_verdict judge_author(ut_gate *gate, ut_str handle)
{
    if (gate->barred.count == 0 || handle.len == 0) {
        return UT_GATE_OPEN;
    }
    uint64_t *slot = ut_map_put(&gate->authors, handle);
    if (slot && *slot) {
        return (ut_gate_verdict)(*slot - 1);
    }
    ut_gate_verdict verdict = UT_GATE_OPEN;
    static const char *const kinds[] = {"identity", "tombstone"};
    for (int i = 0; i < 2; i++) {
        ut_str parts[] = {ut_str_of(kinds[i]), handle};
        ut_digest digest = ut_seal_digest(&gate->digest_key, parts, 2);
        const uint64_t *found = ut_map_get(&gate->barred, ut_digest_str(&digest));
        verdict = found ? (ut_gate_verdict)*found : verdict;
    }
    if (slot) {
        *slot = (uint64_t)verdict + 1;
    }
    return verdict;
}

/* "general", "slack:general", or the source's own id in either form. */
static bool is_listed_channel(const ut_gate *gate, const ut_record *record)
{
    const ut_str names[] = {record->channel, record->channel_name};
    for (int i = 0; i < 2; i++) {
        char room[2048];
        ut_str whole = lower(record->source, room, 1023);
        room[whole.len] = ':';
        ut_str name = lower(names[i], room + whole.len + 1, 1024);
        whole.len += 1 + name.len;
        if (name.len && (ut_map_get(&gate->channels, name) || ut_map_get(&gate->channels, whole))) {
            return true;
        }
    }
    return false;
}

static bool is_listed_mailbox(const ut_gate *gate, ut_str address)
{
    char room[1024];
    return ut_map_get(&gate->mailboxes, lower(address, room, sizeof room));
}

/* "a@example.org" of "mail:a@example.org". */
static ut_str address_of(ut_str handle)
{
    return ut_str_starts(handle, UT_STR("mail:")) ? ut_str_slice(handle, 5, handle.len) : (ut_str){0};
}

static bool has_listed_mailbox(const ut_gate *gate, const ut_record *record)
{
    bool listed = is_listed_mailbox(gate, address_of(record->author));
    for (size_t i = 0; !listed && i < record->to_count; i++) {
        listed = is_listed_mailbox(gate, record->to[i]);
    }
    return listed;
}

ut_gate_verdict ut_gate_judge(ut_gate *gate, const ut_record *record)
{
    bool direct = record->channel_kind == UT_CHANNEL_DIRECT || record->channel_kind == UT_CHANNEL_GROUP_DIRECT;
    if (direct && !gate->policy.allow_direct) {
        return UT_GATE_DIRECT;
    }
    if (gate->channels.count && is_listed_channel(gate, record)) {
        return UT_GATE_CHANNEL;
    }
    if (gate->mailboxes.count && has_listed_mailbox(gate, record)) {
        return UT_GATE_MAILBOX;
    }
    return judge_author(gate, record->author);
}

ut_gate_verdict ut_gate_hint(ut_gate *gate, const ut_person_hint *hint)
{
    if (gate->mailboxes.count && is_listed_mailbox(gate, address_of(hint->handle))) {
        return UT_GATE_MAILBOX;
    }
    if (gate->barred.count == 0) {
        return UT_GATE_OPEN;
    }
    char room[1024] = "mail:";
    ut_str address = lower(hint->address, room + 5, sizeof room - 5);
    ut_gate_verdict verdict = judge_author(gate, hint->handle);
    if (verdict == UT_GATE_OPEN && address.len) {
        verdict = judge_author(gate, (ut_str){room, 5 + address.len});
        uint64_t *slot = verdict == UT_GATE_OPEN ? NULL : ut_map_put(&gate->authors, hint->handle);
        if (slot) {
            *slot = (uint64_t)verdict + 1;
        }
    }
    return verdict;
}

static bool is_erased(const ut_gate *gate, ut_str source, ut_str id)
{
    char room[512];
    ut_buf handle = {.ptr = room, .room = sizeof room, .cap = sizeof room};
    ut_buf_put(&handle, source);
    ut_buf_byte(&handle, ':');
    ut_buf_put(&handle, id);
    ut_str parts[] = {UT_STR("tombstone"), ut_buf_str(&handle)};
    ut_digest digest = ut_seal_digest(&gate->digest_key, parts, 2);
    const uint64_t *found = handle.failed ? NULL : ut_map_get(&gate->barred, ut_digest_str(&digest));
    return found && *found == UT_GATE_ERASED;
}

static bool is_handle_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ||
           memchr("._%+-@", c, 6);
}

/* A word as a handle of the source, as an id in capitals, and as a mail address. */
static bool names_erased(const ut_gate *gate, ut_str source, ut_str word)
{
    char low[256], capital[256];
    if (word.len < 2 || word.len > sizeof low) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        low[i] = ut_lower(word.ptr[i]);
        capital[i] = low[i] >= 'a' && low[i] <= 'z' ? (char)(low[i] - 32) : low[i];
    }
    bool address = ut_str_find_byte(word, '@', 0) != UT_NPOS;
    return is_erased(gate, source, word) || is_erased(gate, source, (ut_str){capital, word.len}) ||
           (address && is_erased(gate, UT_STR("mail"), (ut_str){low, word.len}));
}

ut_gate_verdict ut_gate_reject(const ut_gate *gate, const ut_reject *reject)
{
    const ut_str text = reject->payload;
    for (size_t i = 0, from = 0; gate->barred.count && i <= text.len; i++) {
        if (i < text.len && is_handle_byte(text.ptr[i])) {
            continue;
        }
        ut_str word = ut_str_slice(text, from, i);
        while (word.len && (word.ptr[word.len - 1] == '.' || word.ptr[word.len - 1] == '-')) {
            word.len--;
        }
        if (names_erased(gate, reject->source, word)) {
            return UT_GATE_ERASED;
        }
        from = i + 1;
    }
    return UT_GATE_OPEN;
}
