#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# sample_pipeline --monitoring embedded: one monitor for all loggers of a user, found again by the next, whatever
# becomes of it or of them; and the prototype's query is answered.
. "$(dirname "$0")/lib.sh"
need_inferometer
export INFEROMETER_BIN=$program
place=$XDG_STATE_HOME/inferometer/monitor
trap '"$program" monitor stop --timeout=20 >/dev/null 2>&1; stop_processes' EXIT

is_up() { api=$(sed -n 's/^dashboard //p' "$folder/$1.out") && [ -n "$api" ]; }
monitor_pid() { sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$place/monitor.json"; }
embedded() { start "$1" "$bin/sample_pipeline" --port any --monitoring embedded; }

check_equal "nothing runs yet" "$("$program" monitor stop)" "no monitor of yours runs"

# Two loggers at one moment: one monitor.
embedded first
first=$pid
embedded second
second=$pid
await 60 "the first says where the monitor is" is_up first
one=$api
await 60 "the second, too" is_up second
check_equal "it is the same" "$api" "$one"
monitor=$(monitor_pid)
check "it runs" kill -0 "$monitor"
check_equal "in a session of its own" "$(cut -d ' ' -f 6 "/proc/$monitor/stat")" "$monitor"
await 60 "both are found" is_answered 'count(up{job="inferometer", process="sample_pipeline"} == 1) == 2'
name=sample_pipeline_name
query="sum(rate(total_inference_${name}_sum[1m])) / sum(rate(total_inference_${name}_count[1m]))"
await 60 "the prototype's query has an answer" is_answered "$query"
check_between "the mean of three uniforms" "$(answer "$query")" 1.3 1.7
"$program" monitor status >"$folder/status"
check_equal "the status is well" $? 0
check_contains "with its address" "$folder/status" "$one"

# A logger that is not registered hands its target over.
INFEROMETER_REGISTRATION=off embedded third
third=$pid
await 60 "the third says where the monitor is" is_up third
await 60 "it is found, too" is_answered 'count(up{job="inferometer"} == 1) == 3'

# The loggers end: the monitor stays.
kill -KILL "$first"
stop_and_measure INT "$second"
check_equal "a pipeline ends with 0" "$code" 0
check "the monitor does not end" kill -0 "$monitor"
await 60 "one that was killed is down" is_answered 'up{process="sample_pipeline"} == 0'

# By hand there cannot be a second one.
"$program" monitor >"$folder/hand" 2>&1
check_equal "a second one by hand is refused" $? 1
check_contains "with the address of the first" "$folder/hand" "a monitor of yours runs already at $one"

# Killed: the next logger starts it again, with the data.
before=$(date +%s)
kill -KILL "$monitor"
is_stopped() { grep -q '^stopped' <<<"$("$program" monitor status)"; }
await 60 "the status says that it is gone" is_stopped
embedded fourth
await 60 "the fourth says where the monitor is" is_up fourth
check "it is another process" test "$(monitor_pid)" -ne "$monitor"
stored=$("$program" query instant --time="$before" "$api" "count(count_over_time(total_inference_${name}_count[30s]))")
check_contains "what the one before stored is there" <(echo "$stored") '=> '

# The end.
"$program" monitor stop >"$folder/stop" 2>&1
check_equal "it can be stopped" $? 0
check_contains "its data stays" "$folder/stop" "its data stays in $place/data"
check_equal "the record is gone" "$(ls "$place/monitor.json" 2>/dev/null)" ""
check "the pipeline runs on" kill -0 "$third"

# Another program has its port: the next one.
busy=$(sed -n 's/.*:\([0-9]*\)\/*$/\1/p' <<<"$one")
start holder python3 -c "
import socket, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind(('127.0.0.1', $busy))
    s.listen()
except OSError:
    pass  # a third program was faster: as good
print('held', flush=True)
time.sleep(600)"
await 60 "the port is held" grep -q held "$folder/holder.out"
embedded fifth
await 60 "the fifth says where the monitor is" is_up fifth
check "on another port" test "$api" != "$one"

# AUTO finds it, and says why.
start auto "$bin/sample_pipeline" --port any --monitoring auto
await 60 "auto says where it is" is_up auto
check_contains "and why" "$folder/auto.err" '"auto" is the monitor, which runs already'

# Of another version: it goes on, and that is said.
sed -i 's/"version": "[^"]*"/"version": "0.0.1"/' "$place/monitor.json"
embedded sixth
await 60 "the sixth says where the monitor is" is_up sixth
check_contains "a monitor of another version" "$folder/sixth.err" 'it is of version 0.0.1, this program of'
check "is stopped at last" "$program" monitor stop
finish
