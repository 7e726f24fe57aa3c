#!/bin/sh
# Installs what Undertone is built from, on Debian 12: first Debian packages, then the two npm packages that Debian
# lacks. Says what it does and why; does nothing, in less than a second, when everything is there.
#
#     scripts/setup.sh            what `make build` and `make test` need
#     scripts/setup.sh --check    also what `make fuzz` and `make check-all` need (clang)
#     scripts/setup.sh --dry-run  only says what is missing; exit status 1 if anything is
#
# Installs as root, or through sudo. Nothing is fetched but signed Debian packages and npm packages whose hashes stand
# in package-lock.json and below; no install script of an npm package runs.
set -eu
cd "$(dirname "$0")/.."

# package | command that shows it is there (empty: ask dpkg) | why
packages() {
    cat <<'END'
build-essential   | g++        | the C compiler, the C++ compiler for two thin shims, make
meson             | meson      | the build system
ninja-build       | ninja      | what meson drives
pkg-config        | pkg-config | how meson finds libraries
ca-certificates   |            | so that npm can check who it talks to
npm               | npm        | fetches and verifies DuckDB, which Debian 12 lacks
libgmime-3.0-dev  |            | reads mail (MIME, mbox)
libarchive-dev    |            | reads tar, zip and compressed exports
libxml2-dev       |            | turns HTML mail into text
libicu-dev        |            | character sets, time zones
libical-dev       |            | reads the rules of calendar series
libutf8proc-dev   |            | Unicode normal forms and categories
libcld2-dev       |            | guesses the language of a text
libsodium-dev     |            | encryption and keyed hashes
libsimdjson-dev   |            | reads JSON
libsqlite3-dev    |            | the truth store
libzstd-dev       |            | compresses what is stored
END
    if [ "$check" = yes ]; then
        cat <<'END'
clang             | clang      | second compiler; builds the fuzzers
libclang-rt-14-dev|            | the sanitizers and libFuzzer for clang
llvm-14           |            | readable stack traces from the sanitizers
END
    fi
}

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0"
}


# Prints "package|why" for each package that is not there.
missing_packages() {
    packages | sed 's/ *| */|/g' | while IFS='|' read -r package command why; do
        if [ -n "$command" ] && command -v "$command" >/dev/null 2>&1; then
            continue
        fi
        case " $installed " in
        *" $package "*) ;;
        *) echo "$package|$why" ;;
        esac
    done
}

# The names of those Debian packages of the list that are installed, on one line. One dpkg-query for all: it is slow.
installed_packages() {
    # shellcheck disable=SC2046
    dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' $(packages | cut -d'|' -f1) 2>/dev/null |
        sed -n 's/^ii *//p' | tr '\n' ' '
}

# Runs a command as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

can_install() {
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: this system has no apt-get; install what is listed above by its own means." >&2
        return 1
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        echo "setup: installing needs root: run this as root, or install sudo, or have an administrator run" >&2
        echo "       apt-get install --no-install-recommends $names" >&2
        return 1
    fi
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    if ! apt-cache show $names >/dev/null 2>&1; then
        as_root apt-get update -q
    fi
    # An old package list names versions that are gone from the mirror: fetch the list and try once more.
    # shellcheck disable=SC2086
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $names; then
        as_root apt-get update -q
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $names
    fi
}

# The C header of DuckDB is in no package but this one, whose own dependencies (119 packages to compile it) are not
# wanted: so npm fetches the one tarball, its hash is checked here, and one file of it is kept.
header_package=duckdb@1.4.4
header_sha512=844249e61c9517454b8f776638ba6c5ab411d1bddde1892ab72826ea25178c72430e74aa83f5122b171be6abcdace84560f824b5ac94e9d5c2b603ea7269a9a2
header_below=src/duckdb/src/include/duckdb.h

# What node_modules holds when it is right.
npm_stamp() {
    cat package-lock.json
    echo "$header_package $header_sha512"
}

# DuckDB is there when a system copy is, or when node_modules holds what package-lock.json and the lines above ask for.
have_duckdb() {
    pkg-config --exists duckdb 2>/dev/null || {
        npm_stamp | cmp -s - node_modules/.undertone-stamp &&
            ls node_modules/@duckdb/node-bindings-linux-*/libduckdb.so >/dev/null 2>&1 &&
            [ -f node_modules/duckdb/$header_below ]
    }
}

install_duckdb_header() {
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    npm pack --silent --ignore-scripts --pack-destination "$scratch" "$header_package" > /dev/null
    tarball=$(echo "$scratch"/*.tgz)
    if ! echo "$header_sha512  $tarball" | sha512sum --check --status; then
        echo "setup: $header_package from the npm registry does not have the hash that scripts/setup.sh knows." >&2
        exit 1
    fi
    mkdir -p node_modules/duckdb
    tar -xzf "$tarball" -C node_modules/duckdb --strip-components=1 package/LICENSE package/$header_below
}

# npm takes a package for one kind of machine as optional and is silent when it can't be fetched: say which it was.
explain_missing_library() {
    case $(uname -m) in
    x86_64 | aarch64)
        echo "setup: npm could not fetch libduckdb.so. What it says when asked for another package:" >&2
        npm pack --ignore-scripts --dry-run --fetch-retries=0 "$header_package" 2>&1 | grep -v 'npm notice' >&2 || true
        ;;
    *)
        echo "setup: there is no DuckDB build for this kind of machine ($(uname -m)) in package-lock.json;" >&2
        echo "       install DuckDB so that 'pkg-config duckdb' finds it." >&2
        ;;
    esac
    exit 1
}

install_npm_packages() {
    echo "setup: npm packages, hashes checked, no install scripts:"
    echo "  @duckdb/node-bindings  libduckdb.so, the analytical store"
    echo "  duckdb                 its C header, nothing else of that package"
    npm ci --ignore-scripts --no-audit --no-fund
    ls node_modules/@duckdb/node-bindings-linux-*/libduckdb.so >/dev/null 2>&1 || explain_missing_library
    install_duckdb_header
    npm_stamp > node_modules/.undertone-stamp
}

check=no
dry=no
for option in "$@"; do
    case $option in
    --check) check=yes ;;
    --dry-run) dry=yes ;;
    --help | -h)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
done

installed=$(installed_packages || true)
missing=$(missing_packages)
names=$(echo "$missing" | cut -d'|' -f1 | tr '\n' ' ')
if [ -n "$missing" ]; then
    echo "setup: Debian packages that are missing:"
    echo "$missing" | while IFS='|' read -r package why; do
        printf '  %-20s %s\n' "$package" "$why"
    done
    [ "$dry" = yes ] || { can_install && install_packages; }
fi
if ! have_duckdb; then
    [ "$dry" = yes ] && echo "setup: DuckDB is missing" || install_npm_packages
elif [ -z "$missing" ]; then
    echo "setup: everything is there."
fi
if [ "$dry" = yes ] && { [ -n "$missing" ] || ! have_duckdb; }; then
    exit 1
fi
