/* people/policy.c — the settings of a workspace as one table: name, type, default, bounds, meaning, place in ut_policy.
 *
 * Stored in `setting` under "policy.<key>"; what is not stored has its default.
 */
#include "undertone/policy.h"

#include "store/audit.h"

#include <stdio.h>

enum { FAR = 36500 }; /* a hundred years: longer than anybody means it, short enough for any sum of microseconds */

static const ut_policy_info infos[] = {
    {"allow_direct", "yes/no", "no", 0, 1, "let direct and group direct messages in"},
    {"skip_channels", "list", "", 0, 0, "channels to keep out, by name or source:name"},
    {"skip_mailboxes", "list", "", 0, 0, "addresses whose mail, from or to them, is kept out (doctor, works council)"},
    {"floor_load", "number", "5", 5, 1000, "people behind a figure of load"},
    {"floor_text", "number", "8", 8, 1000, "people behind a figure made from text"},
    {"keep_raw_days", "number", "90", 1, FAR, "raw text and dead letters, counted from when they came in"},
    {"keep_person_days", "number", "400", 1, FAR, "rows, scores and windows of persons, counted likewise"},
    {"keep_cells_months", "number", "36", 1, FAR / 31, "figures of groups, counted from when they were first shown"},
    {"keep_audit_months", "number", "24", 12, FAR / 31, "the audit log"},
    {NULL, NULL, NULL, 0, 0, NULL},
};

const ut_policy_info *ut_policy_list(void)
{
    return infos;
}

static const ut_policy_info *find(ut_str key)
{
    const ut_policy_info *info = infos;
    while (info->key && !ut_str_eq(key, ut_str_of(info->key))) {
        info++;
    }
    return info->key ? info : NULL;
}

/* Where a setting lives in a policy. */
static void *place(ut_policy *policy, const ut_policy_info *info)
{
    void *const places[] = {&policy->allow_direct,     policy->skip_channels,      policy->skip_mailboxes,
                            &policy->floor_load,       &policy->floor_text,        &policy->keep_raw_days,
                            &policy->keep_person_days, &policy->keep_cells_months, &policy->keep_audit_months};
    _Static_assert(sizeof places / sizeof *places + 1 == sizeof infos / sizeof *infos, "each setting has its place");
    return places[info - infos];
}

static bool is_type(const ut_policy_info *info, const char *type)
{
    return strcmp(info->type, type) == 0;
}

static bool is_among(const char *list, size_t len, ut_str item)
{
    ut_str rest = {list, len};
    while (rest.len) {
        if (ut_str_eq(ut_str_cut(&rest, ','), item)) {
            return true;
        }
    }
    return false;
}

/* Commas and white space part the items; upper case, repetitions and empty items go. */
static ut_status put_list(char to[UT_POLICY_LIST_BYTES], ut_str value, ut_err *err)
{
    size_t len = 0;
    while (value.len) {
        char item[UT_POLICY_LIST_BYTES];
        size_t item_len = 0, i = 0;
        for (; i < value.len && !strchr(", \t\r\n", value.ptr[i]); i++) {
            if (item_len + len + 2 >= UT_POLICY_LIST_BYTES) {
                return ut_fail(err, UT_LIMIT, "a list in the policy may have %d bytes", UT_POLICY_LIST_BYTES - 1);
            }
            item[item_len++] = ut_lower(value.ptr[i]);
        }
        value = ut_str_slice(value, i + (i < value.len), value.len);
        if (item_len && !is_among(to, len, (ut_str){item, item_len})) {
            to[len] = ',';
            len += len > 0;
            memcpy(to + len, item, item_len);
            len += item_len;
        }
    }
    to[len] = 0;
    return UT_OK;
}

/* Reads a value into its place; says what is wrong with it. */
static ut_status take(ut_policy *policy, const ut_policy_info *info, ut_str value, ut_err *err)
{
    void *to = place(policy, info);
    if (is_type(info, "list")) {
        return put_list(to, value, err);
    }
    if (is_type(info, "yes/no")) {
        bool yes = ut_str_eq(value, UT_STR("yes")) || ut_str_eq(value, UT_STR("1"));
        if (!yes && !ut_str_eq(value, UT_STR("no")) && !ut_str_eq(value, UT_STR("0"))) {
            return ut_fail(err, UT_INVALID, "%s is yes or no, not «" UT_STR_FMT "»", info->key, UT_STR_ARG(value));
        }
        *(bool *)to = yes;
        return UT_OK;
    }
    int64_t number = 0;
    if (!ut_str_to_i64(value, &number) || number < info->least || number > info->greatest) {
        return ut_fail(err, UT_INVALID, "%s is a number from %lld to %lld, not «" UT_STR_FMT "»", info->key,
                       (long long)info->least, (long long)info->greatest, UT_STR_ARG(value));
    }
    *(int64_t *)to = number;
    return UT_OK;
}

ut_status ut_policy_read(ut_workspace *workspace, ut_policy *ret, ut_err *err)
{
    ut_policy policy = {0};
    ut_stmt *stmt = NULL;
    bool row = false;
    ut_status st = UT_OK;
    for (const ut_policy_info *info = infos; st == UT_OK && info->key; info++) {
        st = take(&policy, info, ut_str_of(info->default_value), err);
    }
    st = st == UT_OK ? ut_truth_prepare(&stmt, workspace->truth,
                                        "SELECT substr(key, 8), value FROM setting WHERE key GLOB 'policy.*'", err)
                     : st;
    while (st == UT_OK && (st = ut_stmt_step(stmt, &row, err)) == UT_OK && row) {
        const ut_policy_info *info = find(ut_stmt_str(stmt, 0));
        /* A setting of a newer version is not ours to judge; one of ours that is out of bounds is. */
        st = info ? take(&policy, info, ut_stmt_str(stmt, 1), err) : UT_OK;
    }
    ut_stmt_close(&stmt);
    if (st == UT_OK) {
        *ret = policy;
    }
    return st;
}

ut_str ut_policy_value(const ut_policy *policy, ut_str key, char room[32])
{
    const ut_policy_info *info = find(key);
    if (!info) {
        return (ut_str){0};
    }
    ut_policy copy = *policy;
    if (is_type(info, "list")) {
        const char *list = (const char *)policy + ((const char *)place(&copy, info) - (const char *)&copy);
        return ut_str_of(list);
    }
    if (is_type(info, "yes/no")) {
        return *(const bool *)place(&copy, info) ? UT_STR("yes") : UT_STR("no");
    }
    int len = snprintf(room, 32, "%lld", (long long)*(const int64_t *)place(&copy, info));
    return (ut_str){room, (size_t)len};
}

static int entries(ut_str list)
{
    int count = 0;
    while (list.len) {
        (void)ut_str_cut(&list, ',');
        count++;
    }
    return count;
}

/* Stores one value that was found good, and notes it, inside a transaction. Of lists the log has only the lengths: they
 * may hold addresses of persons, which it never names. */
static ut_status change(ut_workspace *workspace, const ut_policy_info *info, ut_str before, ut_str after, ut_err *err)
{
    char key[64], detail[128];
    (void)snprintf(key, sizeof key, "policy.%s", info->key);
    int len = is_type(info, "list") ? snprintf(detail, sizeof detail, "%s: %d entries -> %d entries", info->key,
                                               entries(before), entries(after))
                                    : snprintf(detail, sizeof detail, "%s: " UT_STR_FMT " -> " UT_STR_FMT, info->key,
                                               UT_STR_ARG(before), UT_STR_ARG(after));
    ut_audit_entry entry = {
        .principal = UT_STR("key"), .action = UT_STR("policy set"), .detail = {detail, (size_t)len}};
    ut_status st = ut_workspace_set(workspace, key, after, err);
    return st == UT_OK ? ut_audit_put(workspace, &entry, err) : st;
}

ut_status ut_policy_set(ut_workspace *workspace, ut_str key, ut_str value, ut_err *err)
{
    ut_policy old, new;
    char old_room[32], new_room[32];
    const ut_policy_info *info = find(key);
    if (!info) {
        return ut_fail(err, UT_NOT_FOUND, "there is no setting «" UT_STR_FMT "»; `undertone policy` lists them",
                       UT_STR_ARG(key));
    }
    ut_status st = ut_policy_read(workspace, &old, err);
    if (st != UT_OK) {
        return st;
    }
    new = old;
    st = take(&new, info, value, err);
    if (st != UT_OK) {
        return st;
    }
    ut_str before = ut_policy_value(&old, key, old_room), after = ut_policy_value(&new, key, new_room);
    if (ut_str_eq(before, after)) {
        return UT_OK;
    }
    st = ut_truth_begin(workspace->truth, err);
    st = st == UT_OK ? change(workspace, info, before, after, err) : st;
    st = st == UT_OK ? ut_truth_commit(workspace->truth, err) : st;
    if (st != UT_OK) {
        ut_truth_rollback(workspace->truth);
    }
    return st;
}
