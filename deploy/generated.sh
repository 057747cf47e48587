#!/bin/sh
# Fails when generated files differ from what their sources generate now.
set -eu
cd "$(dirname "$0")/.."
before=$(mktemp)
after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT

fingerprint() {
    find . -type d \( -name .git -o -name .cache -o -name node_modules \) -prune -o \
        -type f -path '*/internal/*db/*.go' -print | LC_ALL=C sort | xargs cksum
}

fingerprint >"$before"
make --no-print-directory generate
fingerprint >"$after"
if ! diff "$before" "$after" >&2; then
    echo "generated files were not up to date; they are now: look at them and commit them" >&2
    exit 1
fi
