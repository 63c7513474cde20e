#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: command_test.sh BUILD_FOLDER
#
# inferometer test promql: what it prints, and what it ends with.
set -u
program=$1/bin/inferometer
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tools/scratch.sh
. "$here/../tools/scratch.sh"

# ends_with STATUS ARGUMENT...: output in $scratch/out and err.
ends_with() {
    local want=$1 status=0
    shift
    "$program" test promql "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    [ "$status" -eq "$want" ]
}
# The last line of the output, and all of a stream.
ends() { [ "$(tail -n 1 "$scratch/out")" = "$1" ]; }
has() { grep -qF -e "$2" "$scratch/$1"; }

cat >"$scratch/good.test" <<'END'
load 1m
  x 1 2 3

eval instant at 1m x
  x 2
END
cat >"$scratch/bad.test" <<'END'
load 1m
  x 1 2 3

eval instant at 1m x
  x 3

eval instant at 2m x
  x 3

nonsense
END
cat >"$scratch/names.test" <<'END'
load 1m
  x{a="1"} 1

eval instant at 0 label_replace(x + 1, "__name__", "y", "", "")
  y{a="1"} 2
END

passes 'a file in order' ends_with 0 "$scratch/good.test"
passes 'is one line' ends '1 passed, 0 failed'
passes 'a file that is not' ends_with 1 "$scratch/bad.test" "$scratch/good.test"
passes 'tells where, what, and why' \
    has out "$scratch/bad.test:4: x: {__name__=\"x\"}: expected 3, got 2"
passes 'a command that is none' has out "$scratch/bad.test:10: \"nonsense\" is no command"
passes 'the last line counts all files' ends '2 passed, 2 failed'
passes 'a file that is not there' ends_with 1 "$scratch/missing.test" "$scratch/good.test"
passes 'is named' has err "could not open \"$scratch/missing.test\""
passes 'the files behind it are run' ends '1 passed, 0 failed'
passes 'chunks of one sample' ends_with 0 --chunk-samples=1 "$scratch/good.test"
passes 'no re-runs' ends_with 0 --no-reruns "$scratch/good.test"
passes 'as a server' ends_with 0 --server-defaults "$scratch/names.test"
passes 'the standard input' sh -c "'$program' test promql - <'$scratch/good.test'"
passes 'without a file' ends_with 64
passes 'chunks of no sample' ends_with 64 --chunk-samples=0 "$scratch/good.test"
passes 'chunks of too many' ends_with 64 --chunk-samples=1000001 "$scratch/good.test"
passes 'chunks that are no number' ends_with 64 --chunk-samples=1k "$scratch/good.test"
finish
