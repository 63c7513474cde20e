#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: promql_command_test.sh BUILD_FOLDER
#
# inferometer promql format and parse: what they print, where they read from, and how they end.
set -u
program=$1/bin/inferometer
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tools/scratch.sh
. "$here/scratch.sh"

# prints WANT COMMAND...: it succeeds, and that is all it prints.
prints() {
    local want=$1
    shift
    "$@" >"$scratch/output" 2>&1 && [ "$(cat "$scratch/output")" = "$want" ]
}
# refuses WANT COMMAND...: it ends with 1, prints nothing and says that.
refuses() {
    local want=$1 code=0
    shift
    "$@" >"$scratch/output" 2>"$scratch/errors" || code=$?
    [ "$code" -eq 1 ] && [ ! -s "$scratch/output" ] && grep -qF -e "$want" "$scratch/errors"
}

passes 'format prints one line' prints 'sum by (a) (foo{b="c"})' "$program" promql format 'sum(foo{b="c"})by(a)'
long='max by (stage) (ifm_stage_busy_ratio{pipeline="a-long-name"}) / on (stage) ifm_stage_workers{pipeline="a-long-name"}'
wanted='  max by (stage) (ifm_stage_busy_ratio{pipeline="a-long-name"})
/ on (stage)
  ifm_stage_workers{pipeline="a-long-name"}'
passes 'format splits a long one' prints "$wanted" "$program" promql format "$long"
passes 'format reads from a pipe' prints "$wanted" sh -c "printf '%s\n' '$long' | '$program' promql format -"
passes 'format takes its own output' prints "$wanted" "$program" promql format "$wanted"
passes 'a sign behind --' prints '-foo' "$program" promql format -- '- foo'
passes 'format says where a mistake is' refuses 'inferometer: 1:5: parse error: ' "$program" promql format 'foo }'
# shellcheck disable=SC2016 # a backquote is meant
passes 'format refuses a pattern that is none' refuses 'error parsing regexp: missing closing ): `(`' \
    "$program" promql format 'foo{a=~"("}'
passes 'parse prints JSON' prints '{"type":"numberLiteral","val":"1"}' "$program" promql parse ' 1 '
passes 'parse says where a mistake is' refuses 'inferometer: 1:4: parse error: ' "$program" promql parse '1 )'
passes 'parse wants a query' refuses 'no expression found in input' "$program" promql parse ''
if command -v python3 >/dev/null; then
    "$program" promql parse "$long" >"$scratch/tree"
    passes 'the JSON is valid' python3 -c 'import json, sys
tree = json.load(open(sys.argv[1]))
sys.exit(tree["type"] != "binaryExpr" or tree["matching"]["labels"] != ["stage"])' "$scratch/tree"
fi

finish
