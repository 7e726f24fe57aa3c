/* apps/cmd_key.c — `undertone key`. */
#include "apps/commands.h"

#include "base/base.h"
#include "base/time.h"
#include "store/keyring.h"

#include <stdio.h>

const char ut_help_key[] =
    "usage: undertone key status\n"
    "       undertone key rotate [--new-key-file FILE]\n\n"
    "status says where the workspace key was found, when it was made and replaced, and how many authors have a key\n"
    "of their own; an author whose key was destroyed can't be read again by anyone.\n\n"
    "rotate gives the workspace a new key. Every key it sealed is sealed anew; records, pseudonyms and reports stay\n"
    "as they are, and the old key opens nothing any more. Killed half-way, it is finished by running it again.\n"
    "Backups of before stay sealed by the old key: whoever restores one without this workspace needs it, so keep the\n"
    "old key as long as those backups, or make a new backup now and delete them.\n\n"
    "  --new-key-file FILE  where the new key goes; needed when the key does not lie in the workspace. A FILE that is\n"
    "                       there must hold the key to take (64 hexadecimal digits); it is never overwritten\n\n"
    "examples:\n"
    "  undertone key status --json\n"
    "  undertone key rotate\n"
    "  undertone key rotate --key-file /etc/undertone/old.key --new-key-file /etc/undertone/new.key\n";

static void put_time(ut_buf *out, int64_t at_us)
{
    char text[32];
    if (at_us) {
        (void)ut_time_format(text, at_us);
        ut_buf_json_str(out, ut_str_of(text));
    } else {
        ut_buf_puts(out, "null");
    }
}

static void put_status(ut_buf *out, const ut_cli *cli, const ut_key_status *status)
{
    static const char *const places[] = {"workspace", "file", "variable"};
    int64_t destroyed = status->identities - status->with_key;
    if (cli->json) {
        ut_buf_format(out, "{\"place\":\"%s\",\"path\":", places[status->place]);
        ut_buf_json_str(out, ut_str_of(status->path));
        ut_buf_puts(out, ",\"made\":");
        put_time(out, status->made_us);
        ut_buf_puts(out, ",\"replaced\":");
        put_time(out, status->replaced_us);
        ut_buf_format(out, ",\"rotations\":%lld,\"identities\":%lld,\"keys\":%lld,\"destroyed\":%lld}\n",
                      (long long)status->replaced, (long long)status->identities, (long long)status->with_key,
                      (long long)destroyed);
        return;
    }
    char made[32] = "before this was noted", replaced[32] = "never";
    if (status->made_us) {
        (void)ut_time_format(made, status->made_us);
    }
    if (status->replaced_us) {
        (void)ut_time_format(replaced, status->replaced_us);
    }
    ut_buf_format(out, "found      %s\n", status->path[0] ? status->path : "in UNDERTONE_KEY");
    ut_buf_format(out, "made       %s\nreplaced   %s (%lld times)\n", made, replaced, (long long)status->replaced);
    ut_buf_format(out, "authors    %lld with a key of their own, %lld destroyed\n", (long long)status->with_key,
                  (long long)destroyed);
}

static void put_rotation(ut_buf *out, const ut_cli *cli, const ut_rotation *rotation, bool moved)
{
    if (cli->json) {
        ut_buf_puts(out, "{\"path\":");
        ut_buf_json_str(out, ut_str_of(rotation->path));
        ut_buf_format(out, ",\"identities\":%lld,\"old_bytes_left\":%s}\n", (long long)rotation->identities,
                      rotation->old_bytes_left ? "true" : "false");
        return;
    }
    ut_buf_format(out, "The new key is in %s: keep a copy of it elsewhere. %lld authors' keys were sealed anew.\n",
                  rotation->path, (long long)rotation->identities);
    if (moved) {
        ut_buf_format(out, "From now on it is --key-file %s, or its 64 digits in UNDERTONE_KEY.\n", rotation->path);
    }
    ut_buf_puts(out,
                "The old key opens this workspace no more. Keep it as long as backups of before, or make a new one "
                "and delete those.\n");
    if (rotation->old_bytes_left) {
        ut_buf_puts(out, "A process that reads holds on to the log: what the old key sealed goes with the next command "
                         "that writes.\n");
    }
}

int ut_cmd_key(const ut_cli *cli)
{
    static const struct option options[] = {{"new-key-file", required_argument, NULL, 'n'}, {0}};
    const char *file = NULL;
    for (int option; (option = ut_cli_option(cli, options)) != -1;) {
        if (option == '?') {
            return EXIT_USAGE;
        }
        file = optarg;
    }
    const char *what = cli->argc - optind == 1 ? cli->argv[optind] : "";
    bool rotate = strcmp(what, "rotate") == 0;
    if (!rotate && (strcmp(what, "status") != 0 || file)) {
        return ut_cli_usage(cli, "say `status`, or `rotate` with or without --new-key-file");
    }
    ut_workspace *workspace = NULL;
    ut_buf out = ut_buf_make(64 * UT_KIB);
    ut_err err = {0};
    ut_status st = ut_cli_open(cli, &workspace, rotate ? UT_WORKSPACE_WRITE : UT_WORKSPACE_READ, false, &err);
    if (st == UT_OK && rotate) {
        ut_rotation rotation = {0};
        st = ut_keyring_rotate(&rotation, workspace, file, &err);
        put_rotation(&out, cli, &rotation, file != NULL);
    } else if (st == UT_OK) {
        ut_key_status status = {0};
        st = ut_keyring_status(&status, workspace, &err);
        put_status(&out, cli, &status);
    }
    ut_workspace_close(&workspace);
    int code = st == UT_OK ? ut_cli_put(cli, out.ptr, out.len) : ut_cli_fail(cli, &err);
    ut_buf_free(&out);
    return code;
}
