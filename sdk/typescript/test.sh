#!/bin/sh
# Installs what the tests need and runs them. HUMANDISPATCH_BIN names the binary
# to test against; without it the tests build one.
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --loglevel=error
npm test
