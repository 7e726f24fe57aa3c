/* people/suggest.c — pairs that are probably one human.
 *
 * Every display name and every local part of an address or handle becomes a key (words.h); who shares one is compared.
 * Two persons match when they have the same name of two words or more and the same domain (or one of them has none), or
 * when a local part of one is the local part or the name of the other. Two rows of people.csv are never suggested: the
 * organisation says that they are two. Outsiders are only looked at when they have no address, as in a chat export
 * without addresses. What more than ALIKE_MAX names share is compared with the first of them only, so that the time
 * grows with the number of names and not with its square.
 */
#include "people/directory.h"
#include "people/words.h"

enum { ALIKE_MAX = 32, CLUES_MAX = 4000000, GENERIC_LEN_MIN = 4 };

typedef struct clue {
    const ut_dir_person *person; /* NULL: an outsider */
    const ut_dir_identity *identity; /* NULL: the name in people.csv */
    bool is_name;
    uint32_t next; /* the next clue of this key, + 1; 0 = none */
} clue;

typedef struct search {
    ut_arena *arena;
    const ut_directory *dir;
    ut_map keys; /* words → first and last clue: number + 1 of each, 32 bits */
    ut_map seen; /* pairs told already */
    clue *clues;
    size_t count, room;
    ut_buf *out;
    bool json;
    size_t pairs;
    bool failed;
} search;

static int64_t subject_of(const clue *c)
{
    return c->person ? c->person->id : -c->identity->id;
}

static void add_clue(search *s, clue c, ut_str key)
{
    uint64_t *ends = s->count < s->room ? ut_map_put(&s->keys, key) : NULL;
    if (!ends) {
        s->failed = true;
        return;
    }
    uint32_t number = (uint32_t)++s->count;
    s->clues[number - 1] = c;
    uint32_t last = (uint32_t)*ends;
    if (last) {
        s->clues[last - 1].next = number;
    }
    *ends = (*ends ? *ends & ~(uint64_t)UINT32_MAX : (uint64_t)number << 32) | number;
}

/* Mailboxes of nobody in particular. */
static bool is_generic(ut_str words)
{
    static const char *const generic[] = {"info", "admin", "sales", "support", "office", "contact", "hello", "mail",
                                          "team", "service", "billing", "jobs", "press", "root", "webmaster", "test"};
    bool found = words.len < GENERIC_LEN_MIN;
    for (size_t i = 0; i < sizeof generic / sizeof *generic; i++) {
        found = found || ut_str_eq(words, ut_str_of(generic[i]));
    }
    return found;
}

/* "slack:U024BE7LH" is a number, not a name. */
static bool is_speaking(ut_str handle)
{
    size_t at = ut_str_find_byte(handle, ':', 0);
    for (size_t i = at == UT_NPOS ? 0 : at + 1; i < handle.len; i++) {
        if (handle.ptr[i] >= 'a' && handle.ptr[i] <= 'z') {
            return true;
        }
    }
    return false;
}

static void add_name(search *s, clue c, ut_str name)
{
    char room[UT_WORDS_MAX];
    int count = 0;
    ut_str words = ut_name_words(room, &count, name);
    if (count >= 2) {
        c.is_name = true;
        add_clue(s, c, words);
    }
}

static void add_identity(search *s, const ut_dir_person *person, const ut_dir_identity *identity)
{
    char room[UT_WORDS_MAX];
    int count = 0;
    clue c = {.person = person, .identity = identity};
    add_name(s, c, identity->name);
    ut_str words = ut_address_words(room, &count, identity->handle);
    if (is_speaking(identity->handle) && count && !(count == 1 && is_generic(words))) {
        add_clue(s, c, words);
    }
}

static void collect_persons(search *s, bool listed)
{
    for (size_t n = 0; n < s->dir->person_count; n++) {
        const ut_dir_person *p = &s->dir->persons[n];
        if (p->listed != listed) {
            continue;
        }
        if (listed) {
            add_name(s, (clue){.person = p}, p->name);
        }
        for (size_t i = 0; i < p->count; i++) {
            add_identity(s, p, &s->dir->identities[p->first + i]);
        }
    }
}

/* Those of people.csv first: whoever comes later is compared with them first. */
static void collect(search *s)
{
    collect_persons(s, true);
    collect_persons(s, false);
    for (size_t i = 0; i < s->dir->identity_count && s->dir->identities[i].person == 0; i++) {
        const ut_dir_identity *identity = &s->dir->identities[i];
        if (!identity->machine && !identity->linked && identity->domain.len == 0) {
            add_identity(s, NULL, identity);
        }
    }
}

static ut_str domain_of(const clue *c)
{
    return c->identity ? c->identity->domain : (ut_str){0};
}

/* Why the two may be one; NULL when they don't match. */
static const char *match(const clue *a, const clue *b)
{
    if (subject_of(a) == subject_of(b) || (!a->person && !b->person) ||
        (a->person && b->person && a->person->listed && b->person->listed)) {
        return NULL;
    }
    ut_str one = domain_of(a), other = domain_of(b);
    if (a->is_name && b->is_name) {
        return one.len && other.len ? (ut_str_eq(one, other) ? "same name and domain" : NULL) : "same name";
    }
    return a->is_name || b->is_name ? "the name of one is the address or handle of the other"
                                    : "same address or handle before the domain";
}

static void put_side(search *s, const clue *c)
{
    ut_str name = c->person ? c->person->name : c->identity->name;
    ut_str handle = c->identity ? c->identity->handle : c->person->key;
    if (s->json) {
        ut_buf_format(s->out, "{\"number\":%lld,\"name\":", (long long)(c->person ? c->person->id : 0));
        ut_buf_json_str(s->out, name);
        ut_buf_puts(s->out, ",\"handle\":");
        ut_buf_json_str(s->out, handle);
        ut_buf_byte(s->out, '}');
        return;
    }
    if (c->person) {
        ut_buf_format(s->out, "number:%lld ", (long long)c->person->id);
    }
    ut_buf_format(s->out, UT_STR_FMT " (" UT_STR_FMT ")", UT_STR_ARG(name), UT_STR_ARG(handle));
}

/* Tells a pair once. The second side is the one to stay: of people.csv, else the older one. */
static void put_pair(search *s, const clue *a, const clue *b, const char *why)
{
    bool older = a->person && b->person && !b->person->listed && a->person->id < b->person->id;
    bool turn = !b->person || (a->person && a->person->listed) || older;
    const clue *who = turn ? b : a, *into = turn ? a : b;
    int64_t pair[2] = {subject_of(who), subject_of(into)};
    uint64_t *seen = ut_map_put(&s->seen, (ut_str){(const char *)pair, sizeof pair});
    if (!seen || *seen) {
        s->failed = s->failed || !seen;
        return;
    }
    *seen = 1;
    ut_buf_puts(s->out, s->json ? (s->pairs ? ",{\"who\":" : "{\"who\":") : "");
    put_side(s, who);
    ut_buf_puts(s->out, s->json ? ",\"into\":" : "  is probably  ");
    put_side(s, into);
    if (s->json) {
        ut_buf_format(s->out, ",\"reason\":\"%s\"}", why);
    } else {
        ut_buf_format(s->out, "\n    %s; `undertone people merge ", why);
        if (who->person) {
            ut_buf_format(s->out, "number:%lld", (long long)who->person->id);
        } else {
            ut_buf_put(s->out, who->identity->handle);
        }
        ut_buf_format(s->out, " number:%lld`\n", (long long)into->person->id);
    }
    s->pairs++;
}

/* Each of a key's clues is compared with the first ones of other persons: told with everybody of people.csv who fits,
 * since a name may be two people's there, else with the first that fits. */
static void compare(search *s, uint32_t first)
{
    const clue *heads[ALIKE_MAX];
    int count = 0;
    for (uint32_t at = first; at; at = s->clues[at - 1].next) {
        const clue *c = &s->clues[at - 1];
        bool told = false;
        for (int i = 0; i < count; i++) {
            bool listed = heads[i]->person && heads[i]->person->listed;
            const char *why = listed || !told ? match(heads[i], c) : NULL;
            if (why) {
                put_pair(s, heads[i], c, why);
                told = true;
            }
        }
        if (count < ALIKE_MAX) {
            heads[count++] = c;
        }
    }
}

static ut_status search_all(search *s, ut_err *err)
{
    s->room = 2 * s->dir->identity_count + s->dir->person_count;
    s->clues = s->room <= CLUES_MAX ? ut_new(s->arena, clue, s->room + 1) : NULL;
    if (!s->clues) {
        return ut_fail(err, UT_LIMIT, "there are more names than can be compared at once");
    }
    collect(s);
    ut_buf_puts(s->out, s->json ? "{\"suggestions\":[" : "");
    for (size_t i = 0; i < s->keys.count; i++) {
        compare(s, (uint32_t)(s->keys.entries[i].value >> 32));
    }
    ut_buf_puts(s->out, s->json ? "]}\n" : s->pairs ? "" : "Nobody looks like two.\n");
    return s->failed ? ut_fail(err, UT_NOMEM, "memory ended while comparing names") : UT_OK;
}

ut_status ut_people_suggest(ut_buffer **ret, ut_workspace *workspace, const ut_people_query *query, ut_err *err)
{
    ut_arena arena;
    ut_directory dir;
    ut_buf out = ut_buf_make(1024 * UT_MIB);
    if (ut_arena_open(&arena, 1024 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while comparing names");
    }
    search s = {.arena = &arena, .dir = &dir, .out = &out, .keys = ut_map_make(CLUES_MAX),
                .seen = ut_map_make(CLUES_MAX), .json = query->format && strcmp(query->format, "json") == 0};
    ut_status st = ut_people__log_read(workspace, query, "people suggest", err);
    st = st == UT_OK ? ut_people__directory(&dir, &arena, workspace, err) : st;
    st = st == UT_OK ? search_all(&s, err) : st;
    st = st == UT_OK ? ut_people__buffer(ret, &out, err) : st;
    ut_map_free(&s.keys);
    ut_map_free(&s.seen);
    ut_buf_free(&out);
    ut_arena_close(&arena);
    return st;
}
