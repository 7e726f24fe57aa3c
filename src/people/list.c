/* people/list.c — everybody with names, for the owner; outsiders, bots and lists when asked for. */
#include "people/directory.h"

static void put_json_member(ut_buf *out, const char *name, ut_str value)
{
    ut_buf_format(out, ",\"%s\":", name);
    ut_buf_json_str(out, value);
}

/* Handles of a person: those that came by a merge say from which number. */
static void put_handles(ut_buf *out, const ut_directory *dir, const ut_dir_person *p, bool json)
{
    for (size_t i = 0; i < p->count; i++) {
        const ut_dir_identity *identity = &dir->identities[p->first + i];
        ut_buf_puts(out, i ? (json ? "," : ", ") : "");
        if (json) {
            ut_buf_puts(out, "{\"handle\":");
            ut_buf_json_str(out, identity->handle);
            put_json_member(out, "name", identity->name);
            put_json_member(out, "mark", identity->mark);
            ut_buf_format(out, ",\"merged_from\":%lld}",
                          (long long)(identity->unmerged == p->id ? 0 : identity->unmerged));
        } else {
            ut_buf_put(out, identity->handle.len ? identity->handle : UT_STR("(erased)"));
            if (identity->unmerged != p->id) {
                ut_buf_format(out, " (merged from number:%lld)", (long long)identity->unmerged);
            }
        }
    }
}

static void put_person(ut_buf *out, const ut_directory *dir, const ut_dir_person *p, bool json)
{
    if (!json) {
        ut_buf_format(out, "number:%lld  " UT_STR_FMT "%s" UT_STR_FMT "%s  team " UT_STR_FMT ", " UT_STR_FMT
                      " " UT_STR_FMT " " UT_STR_FMT "-" UT_STR_FMT ", " UT_STR_FMT "\n    ",
                      (long long)p->id, UT_STR_ARG(p->name), p->listed ? " (" : "", UT_STR_ARG(p->key),
                      p->listed ? ")" : "", UT_STR_ARG(p->team.len ? p->team : UT_STR("-")), UT_STR_ARG(p->time_zone),
                      UT_STR_ARG(p->work_days), UT_STR_ARG(p->work_start), UT_STR_ARG(p->work_end),
                      UT_STR_ARG(p->state));
        put_handles(out, dir, p, false);
        ut_buf_byte(out, '\n');
        return;
    }
    const struct {
        const char *name;
        ut_str value;
    } members[] = {{"id", p->key},
                   {"name", p->name},
                   {"team", p->team},
                   {"time_zone", p->time_zone},
                   {"work_days", p->work_days},
                   {"work_start", p->work_start},
                   {"work_end", p->work_end},
                   {"state", p->state}};
    ut_buf_format(out, "{\"number\":%lld,\"listed\":%s", (long long)p->id, p->listed ? "true" : "false");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        put_json_member(out, members[i].name, members[i].value);
    }
    ut_buf_puts(out, ",\"handles\":[");
    put_handles(out, dir, p, true);
    ut_buf_puts(out, "]}");
}

static void put_nobody(ut_buf *out, const ut_dir_identity *identity, bool json)
{
    const char *kind = !identity->machine ? "external" : ut_str_eq(identity->mark, UT_STR("list")) ? "list" : "bot";
    if (json) {
        ut_buf_puts(out, "{\"handle\":");
        ut_buf_json_str(out, identity->handle);
        put_json_member(out, "name", identity->name);
        put_json_member(out, "kind", ut_str_of(kind));
        put_json_member(out, "mark", identity->mark);
        ut_buf_byte(out, '}');
        return;
    }
    ut_buf_format(out, "%-8s  " UT_STR_FMT "%s" UT_STR_FMT "%s\n", kind,
                  UT_STR_ARG(identity->handle.len ? identity->handle : UT_STR("(erased)")),
                  identity->name.len ? "  " : "", UT_STR_ARG(identity->name),
                  identity->mark.len ? "  (marked by hand)" : "");
}

/* Bots that stand for records without an author, and erased ones, are not worth a line. */
static bool is_shown(const ut_dir_identity *identity, const ut_people_query *query)
{
    return identity->person == 0 && !ut_str_eq(identity->handle, UT_STR("nobody:")) &&
           (identity->machine ? query->bots : query->externals);
}

static void put_lines(ut_buf *out, const ut_directory *dir, const ut_people_query *query, bool json)
{
    size_t shown = 0;
    for (size_t i = 0; !query->bots && !query->externals && i < dir->person_count; i++) {
        ut_buf_puts(out, json && shown++ ? "," : "");
        put_person(out, dir, &dir->persons[i], json);
    }
    for (size_t i = 0; i < dir->identity_count; i++) {
        if (is_shown(&dir->identities[i], query)) {
            ut_buf_puts(out, json && shown++ ? "," : "");
            put_nobody(out, &dir->identities[i], json);
        }
    }
}

static void put_list(ut_buf *out, const ut_directory *dir, const ut_people_query *query)
{
    bool json = query->format && strcmp(query->format, "json") == 0;
    const ut_people_query only_bots = {.bots = true}, only_externals = {.externals = true};
    long long bots = 0, externals = 0;
    for (size_t i = 0; i < dir->identity_count; i++) {
        bots += is_shown(&dir->identities[i], &only_bots);
        externals += is_shown(&dir->identities[i], &only_externals);
    }
    if (json) {
        ut_buf_format(out, "{\"%s\":[", query->bots || query->externals ? "handles" : "people");
    }
    put_lines(out, dir, query, json);
    ut_buf_format(out, json ? "],\"counts\":{\"people\":%lld,\"external\":%lld,\"bots\":%lld}}\n"
                            : "%lld people; %lld external handles (--externals), %lld bots and lists (--bots)\n",
                  (long long)dir->person_count, externals, bots);
}

ut_status ut_people_list(ut_buffer **ret, ut_workspace *workspace, const ut_people_query *query, ut_err *err)
{
    ut_arena arena;
    ut_directory dir;
    ut_buf out = ut_buf_make(1024 * UT_MIB);
    if (ut_arena_open(&arena, 1024 * UT_MIB) != UT_OK) {
        return ut_fail(err, UT_NOMEM, "memory ended while listing people");
    }
    ut_status st = ut_people__log_read(workspace, query, "people list", err);
    st = st == UT_OK ? ut_people__directory(&dir, &arena, workspace, err) : st;
    if (st == UT_OK) {
        put_list(&out, &dir, query);
        st = ut_people__buffer(ret, &out, err);
    }
    ut_buf_free(&out);
    ut_arena_close(&arena);
    return st;
}
