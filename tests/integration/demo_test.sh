#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: demo_test.sh BIN ROOT seconds|ctrl_c
#
# make demo shows numbers from the embedded monitor and a line of recognised text, with nothing else installed
# that scrapes or queries, and leaves nothing behind: neither when its time is over nor after Ctrl-C.
. "$(dirname "$0")/lib.sh"
need pdftoppm pdfinfo
need_document

way=$3
export TMPDIR=$folder/tmp DEMO_PORT=any
mkdir "$TMPDIR" "$folder/none"
for program in prometheus promtool curl docker podman grafana-server; do
    printf '#!/bin/sh\necho "%s was called" >>"%s"\nexit 127\n' "$program" "$folder/called" >"$folder/none/$program"
    chmod +x "$folder/none/$program"
done
PATH=$folder/none:$PATH
set -m # a process group of its own, as in a terminal
if [ "$way" = seconds ]; then
    DEMO_SECONDS=2 start demo "$root/tools/demo.sh" "$(dirname "$bin")"
else
    start demo "$root/tools/demo.sh" "$(dirname "$bin")"
fi
demo=$pid
set +m

shows_all() { grep -qF 'Ctrl-C ends it' "$folder/demo.out" || ! kill -0 "$demo" 2>/dev/null; }
await 240 "the demo shows its numbers" shows_all

if [ "$way" = ctrl_c ]; then
    stop_and_measure INT "$demo" "-$demo"
    check_between "Ctrl-C ends it within seconds (ms)" "$took_ms" 0 10000
else
    wait "$demo"
    code=$?
fi

check_equal "it ends with 0" "$code" 0
check_equal "it says nothing on stderr" "$(cat "$folder/demo.err")" ""
check "the numbers of the neural network" \
    grep -qE '^ +engine_forward +[1-9][0-9]* +[0-9.]+ s +[0-9.]+ s$' "$folder/demo.out"
check "the prototype's query is answered" grep -qE '^ +rate\(total_inference_ocr_sum\[1m\]\)' "$folder/demo.out"
check "by a number" grep -qE '^ *= [0-9.]+ s$' "$folder/demo.out"
check_equal "it calls neither Prometheus nor a container engine" "$(cat "$folder/called" 2>/dev/null)" ""
check "a line of recognised text" grep -qE 'recognised +".{40}' "$folder/demo.out"
check "its summary" grep -qE '^[0-9]+ pages? read in' "$folder/demo.out"
check_equal "no file is left" "$(ls -A "$TMPDIR")" ""

# Whatever the demo started has its TMPDIR in the environment.
left=''
for environment in /proc/[0-9]*/environ; do
    process=${environment%/environ}
    process=${process##*/}
    if [ "$process" != $$ ] && [ "$process" != "$BASHPID" ] &&
        { tr '\0' '\n' <"$environment"; } 2>/dev/null | grep -qxF "TMPDIR=$TMPDIR"; then
        left+=" $process ($(tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null))"
    fi
done
check_equal "no process is left" "$left" ""
finish
