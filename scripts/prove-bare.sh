#!/bin/sh
# Proves that a bare Debian 12 is enough: makes one in a chroot, clones the committed HEAD into it, and there runs
# scripts/setup.sh, `make demo`, `make test` and once more both, as root; then, in a second bare system, setup and
# `make test` as a user with sudo. Needs root and debootstrap, 4 GB of disk, and some minutes.
#
#     scripts/prove-bare.sh [--root-only] [--keep]
#
# What this machine needs to reach its package mirrors (apt's Acquire settings, npm's configuration, certificates,
# proxy variables) is carried over at run time; none of it stands in the project. Prints what ran and how it ended.
set -eu
cd "$(dirname "$0")/.."
root_only=no
keep=no
for option in "$@"; do
    case $option in
    --root-only) root_only=yes ;;
    --keep) keep=yes ;;
    *)
        sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
done
[ "$(id -u)" = 0 ] || { echo "prove-bare: needs root" >&2; exit 2; }
command -v debootstrap > /dev/null || { echo "prove-bare: needs debootstrap" >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/tmp}/undertone-bare-XXXXXX")
bundle=/etc/ssl/machine-certificates.crt
failed=0
summary=

# --one-file-system is the second lock on the door: a mount that did not go away is never emptied.
leave() {
    for system in "$work"/root "$work"/user; do
        umount "$system/proc" 2>/dev/null || true
    done
    [ "$keep" = yes ] && echo "prove-bare: kept in $work" || rm -rf --one-file-system "$work"
}
trap leave EXIT
trap 'exit 1' INT TERM

carry_settings() {
    system=$1
    apt-config dump | grep -E '^Acquire::(http|https|Check|Retries)' > "$system/etc/apt/apt.conf.d/99machine" || true
    [ ! -d /etc/apt/auth.conf.d ] || cp -a /etc/apt/auth.conf.d/. "$system/etc/apt/auth.conf.d/"
    [ ! -f /etc/apt/auth.conf ] || cp /etc/apt/auth.conf "$system/etc/apt/"
    [ ! -f /etc/resolv.conf ] || cp -L /etc/resolv.conf "$system/etc/"
    [ ! -f /etc/hosts ] || cp -L /etc/hosts "$system/etc/"
    # A name of its own, since installing ca-certificates writes the usual one anew, without what this machine added.
    mkdir -p "$system/etc/ssl"
    cp -L /etc/ssl/certs/ca-certificates.crt "$system$bundle"
    # npm's settings under a name of their own, so that they hold for every user in there.
    cat "${HOME:-/}/.npmrc" "$(npm config get globalconfig 2>/dev/null)" 2>/dev/null |
        grep -E '^(registry|proxy|https-proxy|noproxy|@[^=]*:registry|//)' > "$system/etc/npmrc-machine" || true
    echo "cafile=$bundle" >> "$system/etc/npmrc-machine"
    chmod 644 "$system/etc/npmrc-machine"
    env | grep -iE '^(https?_proxy|no_proxy)=[^ ]*$' > "$work/environment" || true
    echo "NODE_EXTRA_CA_CERTS=$bundle" >> "$work/environment"
}

# inside SYSTEM USER COMMAND: in the clone, with a clean environment.
inside() {
    # shellcheck disable=SC2046
    chroot "$1" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin CI=true LANG=C.UTF-8 \
        NPM_CONFIG_GLOBALCONFIG=/etc/npmrc-machine $(cat "$work/environment") \
        setpriv --reuid "$2" --regid "$2" --init-groups env HOME="$(chroot "$1" sh -c "getent passwd $2 | cut -d: -f6")" \
        sh -c "cd /srv/undertone && $3" < /dev/null
}

# step SYSTEM USER COMMAND
step() {
    began=$(date +%s)
    log=$work/step.log
    if inside "$1" "$2" "$3" > "$log" 2>&1; then
        result="passed"
    else
        result="FAILED"
        failed=$((failed + 1))
        echo "prove-bare: as $2: $3: its last lines:"
        tail -n 60 "$log"
    fi
    line="$(printf '%-4s  %-24s %s in %d s: %s' "$2" "$3" "$result" "$(($(date +%s) - began))" "$(tail -n 1 "$log")")"
    echo "prove-bare: $line"
    summary="$summary$line
"
}

clone_into() {
    git -c safe.directory='*' clone -q --no-hardlinks . "$1/srv/undertone"
    mount -t proc proc "$1/proc"
}

mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' | sed -n 's/ bookworm$//p' | head -n 1)
[ -n "$mirror" ] || { echo "prove-bare: apt on this machine has no source for bookworm" >&2; exit 2; }
debootstrap --variant=minbase bookworm "$work/root" "$mirror" > "$work/debootstrap.log" 2>&1 ||
    { tail "$work/debootstrap.log"; exit 1; }
carry_settings "$work/root"
[ "$root_only" = yes ] || cp -a "$work/root" "$work/user"

clone_into "$work/root"
targets="demo test"
grep -q '^demo:' Makefile || targets="test"
step "$work/root" root scripts/setup.sh
[ $failed = 0 ] || exit 1
for round in 1 2; do
    for target in $targets; do
        step "$work/root" root "make $target"
    done
done
step "$work/root" root scripts/setup.sh

if [ "$root_only" = no ]; then
    system=$work/user
    inside_root() {
        chroot "$system" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -c "$1"
    }
    inside_root 'apt-get update -q && apt-get install -q -y --no-install-recommends sudo && useradd -m dev &&
        echo "dev ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/dev' > "$work/user.log" 2>&1 || { tail "$work/user.log"; exit 1; }
    clone_into "$system"
    inside_root 'chown -R dev:dev /srv/undertone'
    step "$system" dev scripts/setup.sh
    step "$system" dev "make test"
fi
printf 'prove-bare: summary of %s\n%s' "$(git rev-parse --short HEAD)" "$summary"
[ $failed = 0 ]
