#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: run.sh PROGRAMS SOURCE FILE.test.mjs [ARGUMENT...]
#
# Runs one file of browser tests. Is skipped (77), with the reason, where no browser or no Node.js is installed.
set -euo pipefail

programs=$1 root=$2 file=$3
shift 3

skip() {
    echo "skipped: $1"
    exit 77
}

CHROMIUM=${CHROMIUM:-$(command -v chromium || true)}
[ -n "$CHROMIUM" ] || skip 'the program "chromium" is not installed; hint: tools/deps.sh browser'
command -v node >/dev/null || skip 'the program "node" is not installed; hint: tools/deps.sh browser'
[ -d "$root/web/node_modules/playwright-core" ] ||
    skip 'web/node_modules has no playwright-core; hint: tools/web.sh install'
[ -x "$programs/inferometer" ] || skip "the program inferometer was not built"
programs=$(cd "$programs" && pwd)
root=$(cd "$root" && pwd)

export CHROMIUM IFM_PROGRAMS=$programs IFM_SOURCE=$root
export IFM_SCREENSHOTS=${IFM_SCREENSHOTS:-$programs/../screenshots}
exec node --test "$@" "$file"
