#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# sample_pipeline --monitoring, with scripts in the place of the program that starts what monitors: the
# pipeline runs on whatever that program does, and the program whatever becomes of the pipeline.
. "$(dirname "$0")/lib.sh"
need curl

sample=$bin/sample_pipeline
export INFEROMETER_BIN=$folder/program
mkfifo "$folder/go"
exec 9<>"$folder/go" # a program that waits for us ends when this test does

# program BODY: what the pipeline will start.
program() {
    printf '#!/bin/sh\ncd "%s" || exit 1\n%s\n' "$folder" "$1" >"$INFEROMETER_BIN"
    chmod +x "$INFEROMETER_BIN"
}
has() { grep -qF -- "$2" "$folder/$1" 2>/dev/null; }

# shellcheck disable=SC2016 # the script expands it
waits='echo $$ >pid; read -r line <go; echo "$line" >read; echo "OK http://127.0.0.1:3000/d/x" >&3; echo said >said'

# It comes up late: the pipeline works meanwhile.
program "$waits"
start late "$sample" --port any --monitoring stack
late=$pid
url_of late
count() { curl -sf --max-time 10 "$url" | sed -n 's/^total_inference_sample_pipeline_name_count //p'; }
before=$(count)
counts_on() { [ "$(count)" -gt "$before" ]; }
await 60 "the program is started" [ -s "$folder/pid" ]
await 60 "inferences go on" counts_on
check_equal "nothing is said of a dashboard that is not there" "$(grep -c dashboard "$folder/late.out")" 0
echo now >&9
await 60 "it says where the dashboard is" has late.out 'dashboard http://127.0.0.1:3000/d/x'
check_equal "on a line of its own, once" "$(grep -c '^dashboard http://127.0.0.1:3000/d/x$' "$folder/late.out")" 1
stop_and_measure INT "$late"
check_equal "Ctrl-C ends it with 0" "$code" 0

# The pipeline is killed: the program goes on.
rm -f "$folder/pid" "$folder/said"
start killed "$sample" --port any --monitoring stack
await 60 "the program is started again" [ -s "$folder/pid" ]
check_equal "in a session of its own" "$(cut -d ' ' -f 6 "/proc/$(cat "$folder/pid")/stat")" "$(cat "$folder/pid")"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
echo orphan >&9
await 60 "it outlives the pipeline" has read orphan

# Ctrl-C at a terminal goes to the foreground group: the program is not in it.
rm -f "$folder/pid" "$folder/read"
setsid "$sample" --port any --monitoring stack >"$folder/group.out" 2>"$folder/group.err" &
group=$!
processes+=("$group")
await 60 "the program is started" [ -s "$folder/pid" ]
stop_and_measure INT "$group" "-$group"
check_between "Ctrl-C waits for nothing (ms)" "$took_ms" 0 10000
echo alive >&9
await 60 "it outlives Ctrl-C" has read alive

# It fails: the reason is on the standard error, the inferences are all there.
program 'echo "BUSY port 3000 is held by process 1; hint: --grafana-port 3001" >&3; exit 1'
start failing "$sample" --port any --monitoring stack
failing=$pid
await 60 "the reason" has failing.err 'port 3000 is held by process 1; hint: --grafana-port 3001'
stop_and_measure INT "$failing"
check_equal "that is no trouble of the pipeline" "$code" 0

# The environment asks for it.
program 'echo "$*" >arguments; echo "OK http://127.0.0.1:9090/ that is why" >&3'
INFEROMETER_MONITORING=embedded start embedded "$sample" --port any
embedded=$pid
await 60 "it comes up" has embedded.out 'dashboard http://127.0.0.1:9090/'
check_equal "as the monitor" "$(cat "$folder/arguments")" 'monitor --report-fd=3'
check_contains "with what there is to say of it" "$folder/embedded.err" 'it runs at http://127.0.0.1:9090/; that is why'
stop_and_measure INT "$embedded"
check_equal "and ends with 0" "$code" 0

# With more rights than its caller it takes no program from the environment, and writes nothing to his home.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null && [ -z "${LD_LIBRARY_PATH:-}" ]; then
    program 'touch stolen'
    chmod 755 "$folder"
    cp "$sample" "$folder/raised" && chmod 4755 "$folder/raised"
    if setpriv --reuid=65534 --regid=65534 --clear-groups "$folder/raised" --port any --count 10 \
        --monitoring stack >"$folder/raised.out" 2>"$folder/raised.err"; then
        check_contains "raised privileges" "$folder/raised.err" 'a program with raised privileges starts no others'
        check_contains "nor is it registered" "$folder/raised.err" 'a program with raised privileges is not registered'
        check_equal "nothing was started" "$(ls "$folder/stolen" 2>/dev/null)" ''
    else
        echo "skipped: another user cannot run a copy of the program here"
    fi
fi
finish
