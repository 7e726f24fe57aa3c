/* rights/redact.c — what is looked for: handles, names, runs of words; and where it stands in a text. */
#include "rights/redact_int.h"

#include <stdlib.h>

enum { SOURCE_BYTES_MAX = 4 * 1024, PART_BYTES_MIN = 2, ID_BYTES_SURE = 7 };

ut_status ut_redact_open(ut_redact **ret, ut_err *err)
{
    ut_redact *redact = ut_mem_zeroed(1, sizeof *redact);
    if (!redact) {
        return ut_fail(err, UT_NOMEM, "memory ended while preparing to erase");
    }
    redact->runs = ut_buf_make(1024 * UT_MIB);
    ut_status st = ut_arena_open(&redact->arena, 16 * UT_MIB);
    redact->needles = st == UT_OK ? ut_new(&redact->arena, ut_needle, UT_REDACT_NEEDLES_MAX) : NULL;
    if (!redact->needles) {
        ut_redact_close(&redact);
        return ut_fail(err, UT_NOMEM, "memory ended while preparing to erase");
    }
    *ret = redact;
    return UT_OK;
}

void ut_redact_close(ut_redact **redact_ref)
{
    ut_redact *redact = *redact_ref;
    if (redact) {
        ut_buf_free(&redact->runs);
        ut_arena_close(&redact->arena);
        *redact_ref = ut_mem_free(redact);
    }
}

/* Adding ----------------------------------------------------------------------------------------------------------- */

/* Lower case for ASCII and for the accented letters of Latin-1 in UTF-8. */
static char fold(char before, char c)
{
    bool latin = before == '\xC3' && (unsigned char)c >= 0x80 && (unsigned char)c <= 0x9E && (unsigned char)c != 0x97;
    return latin ? (char)(c + 0x20) : ut_lower(c);
}

static ut_str keep_folded(ut_redact *redact, ut_str word)
{
    char *to = ut_arena_take_raw(&redact->arena, word.len, 1, 1);
    for (size_t i = 0; to && i < word.len; i++) {
        to[i] = fold(i ? word.ptr[i - 1] : '\0', word.ptr[i]);
    }
    redact->failed = to ? redact->failed : UT_LIMIT;
    return (ut_str){to, to ? word.len : 0};
}

static bool same_needle(const ut_needle *a, const ut_needle *b)
{
    bool same = a->kind == b->kind && a->count == b->count;
    for (int i = 0; same && i < a->count; i++) {
        same = ut_str_eq(a->words[i], b->words[i]);
    }
    return same;
}

static void add_needle(ut_redact *redact, ut_needle needle)
{
    for (int i = 0; i < needle.count; i++) {
        needle.words[i] = keep_folded(redact, needle.words[i]);
        if (needle.words[i].len == 0) {
            return;
        }
    }
    for (size_t i = 0; i < redact->count; i++) {
        if (same_needle(&redact->needles[i], &needle)) {
            return;
        }
    }
    if (redact->count == UT_REDACT_NEEDLES_MAX) {
        redact->failed = UT_LIMIT;
        return;
    }
    char c = needle.words[0].ptr[0];
    redact->first[(unsigned char)c] = true;
    redact->first[(unsigned char)(c >= 'a' && c <= 'z' ? c - 32 : c)] = true;
    redact->needles[redact->count++] = needle;
}

/* The words of a name or of an address' local part, up to UT_REDACT_WORDS_MAX. */
static int split_words(ut_str words[UT_REDACT_WORDS_MAX], ut_str name)
{
    int count = 0;
    for (size_t i = 0; i < name.len && count < UT_REDACT_WORDS_MAX;) {
        size_t from = i;
        while (i < name.len && ut_redact__is_word(name.ptr[i])) {
            i++;
        }
        if (i > from) {
            words[count++] = ut_str_slice(name, from, i);
        }
        i++;
    }
    return count;
}

/* The words together in the order given and in turned order ("Meier, Anna Maria"), and each alone. Initials alone
 * are nobody's. */
static void add_name(ut_redact *redact, ut_str name)
{
    ut_needle given = {.kind = UT_NEEDLE_NAME}, turned = {.kind = UT_NEEDLE_NAME};
    given.count = split_words(given.words, name);
    for (int i = 0; i < given.count; i++) {
        if (given.words[i].len >= PART_BYTES_MIN) {
            add_needle(redact, (ut_needle){.kind = UT_NEEDLE_PART, .count = 1, .words = {given.words[i]}});
        }
    }
    if (given.count < 2) {
        return;
    }
    turned.count = given.count;
    turned.words[0] = given.words[given.count - 1];
    memcpy(&turned.words[1], &given.words[0], (size_t)(given.count - 1) * sizeof *given.words);
    add_needle(redact, given);
    add_needle(redact, turned);
    if (given.count > 2) {
        add_needle(redact, (ut_needle){.kind = UT_NEEDLE_NAME, .count = 2,
                                       .words = {given.words[0], given.words[given.count - 1]}});
        add_needle(redact, (ut_needle){.kind = UT_NEEDLE_NAME, .count = 2,
                                       .words = {given.words[given.count - 1], given.words[0]}});
    }
}

void ut_redact_name(ut_redact *redact, ut_str name)
{
    name = ut_str_slice(ut_str_trim(name), 0, SOURCE_BYTES_MAX);
    if (ut_str_find_byte(name, '@', 0) != UT_NPOS) {
        ut_redact_handle(redact, name);
    } else if (name.len) {
        redact->ready = false;
        add_name(redact, name);
    }
}

void ut_redact_handle(ut_redact *redact, ut_str handle)
{
    ut_str id = ut_str_slice(handle, 0, SOURCE_BYTES_MAX);
    (void)ut_str_cut(&id, ':');
    id = ut_str_trim(id.len ? id : handle);
    if (id.len < PART_BYTES_MIN) {
        return;
    }
    redact->ready = false;
    ut_str rest = id;
    ut_str local = ut_str_cut(&rest, '@');
    bool address = rest.len > 0 && local.len > 0;
    add_needle(redact, (ut_needle){.kind = address ? UT_NEEDLE_ADDRESS : UT_NEEDLE_ID, .count = 1, .words = {id}});
    if (address) {
        /* "@anna.meier", "@ameier" */
        ut_str words[UT_REDACT_WORDS_MAX];
        if (split_words(words, local) > 1) {
            add_name(redact, local);
        }
        add_needle(redact, (ut_needle){.kind = UT_NEEDLE_PART, .count = 1, .words = {local}});
    }
}

void ut_redact__learn_run(ut_redact *redact, uint64_t hash)
{
    ut_buf_put(&redact->runs, (ut_str){(const char *)&hash, sizeof hash});
    redact->ready = false;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

ut_status ut_redact_ready(ut_redact *redact, ut_err *err)
{
    ut_status failed = redact->failed ? redact->failed : redact->runs.failed;
    if (failed != UT_OK) {
        return ut_fail(err, failed, "what is to be erased does not fit into memory");
    }
    size_t count = redact->runs.len / sizeof(uint64_t), kept = 0;
    if (count) {
        qsort(redact->runs.ptr, count, sizeof(uint64_t), by_value);
    }
    for (size_t i = 0; i < count; i++) {
        char *at = redact->runs.ptr + i * sizeof(uint64_t);
        if (kept == 0 || memcmp(at, redact->runs.ptr + (kept - 1) * sizeof(uint64_t), sizeof(uint64_t)) != 0) {
            memmove(redact->runs.ptr + kept++ * sizeof(uint64_t), at, sizeof(uint64_t));
        }
    }
    redact->runs.len = kept * sizeof(uint64_t);
    redact->ready = true;
    return UT_OK;
}

bool ut_redact__knows_run(const ut_redact *redact, uint64_t hash)
{
    size_t count = redact->runs.len / sizeof hash;
    return count && bsearch(&hash, redact->runs.ptr, count, sizeof hash, by_value);
}

/* Finding ---------------------------------------------------------------------------------------------------------- */

static bool word_at(ut_str text, size_t at, ut_str word)
{
    if (at > text.len || word.len > text.len - at) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        if (fold(at + i ? text.ptr[at + i - 1] : '\0', text.ptr[at + i]) != word.ptr[i]) {
            return false;
        }
    }
    return true;
}

static bool is_word_at(ut_str text, size_t at)
{
    return at < text.len && ut_redact__is_word(text.ptr[at]);
}

/* What may stand between the words of a name: blanks, a line break and its quote marks, ", ", ".", "_", "-". */
static size_t gap_length(ut_str text, size_t at)
{
    enum { GAP_MAX = 8 };
    size_t len = 0;
    if (ut_str_starts(ut_str_slice(text, at, text.len), UT_STR("&nbsp;"))) {
        return 6;
    }
    while (len < GAP_MAX && at + len < text.len && memchr(" \t\r\n,._->", text.ptr[at + len], 10)) {
        len++;
    }
    return len;
}

static size_t match_name(ut_str text, size_t at, const ut_needle *needle)
{
    size_t end = at;
    for (int i = 0; i < needle->count; i++) {
        size_t gap = i ? gap_length(text, end) : 0;
        if ((i && gap == 0) || !word_at(text, end + gap, needle->words[i])) {
            return 0;
        }
        end += gap + needle->words[i].len;
    }
    /* "Anna Meiers Idee" */
    bool genitive = end < text.len && text.ptr[end] == 's' && !is_word_at(text, end + 1);
    /* "anna.meier@elsewhere.example" is somebody else's address. */
    bool address = end < text.len && text.ptr[end] == '@' && is_word_at(text, end + 1);
    return address || (is_word_at(text, end) && !genitive) ? 0 : end - at;
}

/* Whether the address or handle that ends at `end` goes on: "a@x.org.uk", "@anna.schmidt". */
static bool goes_on(ut_str text, size_t end)
{
    bool joint = end < text.len && memchr("._-@", text.ptr[end], 4);
    return is_word_at(text, end) || (joint && is_word_at(text, end + 1));
}

static bool is_greeting(ut_str word)
{
    static const char *const greetings[] = {"hi",    "hello", "hey",    "dear",  "hallo", "liebe", "lieber", "moin",
                                            "salut", "cher",  "chère",  "hola",  "ciao",  "caro",  "cara",   "thanks",
                                            "thx",   "danke", "merci",  "olá",   "hej",   "beste", "servus", "gracias"};
    for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
        if (ut_str_eq_nocase(word, ut_str_of(greetings[i]))) {
            return true;
        }
    }
    return false;
}

/* Behind '@' that begins a word, or behind a greeting. */
static bool is_spoken_to(ut_str text, size_t at)
{
    if (at > 0 && text.ptr[at - 1] == '@') {
        return at < 2 || !ut_redact__is_word(text.ptr[at - 2]);
    }
    size_t end = at;
    while (end > 0 && memchr(" \t,", text.ptr[end - 1], 3)) {
        end--;
    }
    size_t from = end;
    while (from > 0 && ut_redact__is_word(text.ptr[from - 1])) {
        from--;
    }
    return end < at && is_greeting(ut_str_slice(text, from, end));
}

static bool has_digit(ut_str word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] >= '0' && word.ptr[i] <= '9') {
            return true;
        }
    }
    return false;
}

/* Ids that look like ids count anywhere; those that look like words only where somebody is mentioned. */
static bool is_id_here(ut_str text, size_t at, ut_str id)
{
    return (id.len >= ID_BYTES_SURE && has_digit(id)) || (at > 0 && text.ptr[at - 1] == '@');
}

size_t ut_redact__match(const ut_redact *redact, ut_str text, size_t at, ut_needle_kind *ret_kind)
{
    if (!redact->first[(unsigned char)text.ptr[at]] || (at > 0 && ut_redact__is_word(text.ptr[at - 1]))) {
        return 0;
    }
    size_t longest = 0;
    for (size_t i = 0; i < redact->count; i++) {
        const ut_needle *needle = &redact->needles[i];
        ut_str word = needle->words[0];
        size_t len = 0;
        if (needle->kind == UT_NEEDLE_NAME) {
            len = match_name(text, at, needle);
        } else if (word_at(text, at, word) && !goes_on(text, at + word.len)) {
            bool here = needle->kind == UT_NEEDLE_ADDRESS ? at == 0 || !memchr("._%+-", text.ptr[at - 1], 5)
                        : needle->kind == UT_NEEDLE_ID    ? is_id_here(text, at, word)
                                                          : is_spoken_to(text, at);
            len = here ? word.len : 0;
        }
        if (len > longest) {
            longest = len;
            *ret_kind = needle->kind;
        }
    }
    return longest;
}

bool ut_redact_names(const ut_redact *redact, ut_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool begins = redact->first[(unsigned char)text.ptr[i]] && (i == 0 || !ut_redact__is_word(text.ptr[i - 1]));
        for (size_t n = 0; begins && n < redact->count; n++) {
            ut_str id = redact->needles[n].words[0];
            if (redact->needles[n].kind == UT_NEEDLE_ID && word_at(text, i, id) && !is_word_at(text, i + id.len)) {
                return true;
            }
        }
    }
    return ut_redact_hits(redact, text);
}

bool ut_redact_hits(const ut_redact *redact, ut_str text)
{
    ut_needle_kind kind;
    for (size_t i = 0; i < text.len; i++) {
        if (ut_redact__match(redact, text, i, &kind)) {
            return true;
        }
    }
    return false;
}

void ut_redact__mask(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        text[i] = ut_redact__is_word(text[i]) ? 'x' : text[i];
    }
}

/* Payloads --------------------------------------------------------------------------------------------------------- */

ut_status ut_redact_kit_open(ut_redact_kit *kit, ut_err *err)
{
    kit->out = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    kit->scratch = ut_buf_make(2 * UT_RECORD_BYTES_MAX);
    kit->unread = 0;
    kit->json = NULL;
    return ut_json_open(&kit->json, err);
}

void ut_redact_kit_close(ut_redact_kit *kit)
{
    ut_json_close(&kit->json);
    ut_buf_free(&kit->out);
    ut_buf_free(&kit->scratch);
}

static ut_status plain(const ut_redact *redact, ut_redact_kit *kit, bool *changed, ut_str payload, ut_err *err)
{
    ut_buf_clear(&kit->out);
    ut_buf_put(&kit->out, payload);
    if (kit->out.failed) {
        return ut_fail(err, kit->out.failed, "memory ended while searching a record");
    }
    *changed = ut_redact__text(redact, kit->out.ptr, kit->out.len, (ut_redact_how){0});
    return UT_OK;
}

ut_status ut_redact_payload(const ut_redact *redact, ut_redact_kit *kit, bool *ret_changed, ut_format format,
                            ut_str payload, ut_err *err)
{
    UT_ASSERT(redact->ready);
    *ret_changed = false;
    if (payload.len == 0) {
        return UT_OK;
    }
    if (format == UT_FORMAT_RFC822 || format == UT_FORMAT_MBOXRD) {
        return ut_redact__mail(redact, kit, ret_changed, payload, err);
    }
    ut_status st = ut_redact__json(redact, kit, ret_changed, payload, err);
    return st == UT_INVALID || (st == UT_LIMIT && kit->out.failed == UT_OK)
               ? plain(redact, kit, ret_changed, payload, err)
               : st;
}
