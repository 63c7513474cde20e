#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The prototype's example in one command: sample_pipeline --monitoring stack, with the real program and Debian's
# Prometheus, ends with an answer to the prototype's query. Nothing that happens to the one half ends the other.
. "$(dirname "$0")/lib.sh"
need prometheus promtool curl
need_inferometer

# The real one, but never with containers: these are for other tests.
export INFEROMETER_BIN=$folder/program
printf '#!/bin/sh\nshift 2\nexec "%s" stack up --engine=native --scrape-interval=1 "$@"\n' "$program" >"$INFEROMETER_BIN"
chmod +x "$INFEROMETER_BIN"
trap '"$program" stack down >/dev/null 2>&1; stop_processes' EXIT

running() {
    api=$(sed -n 's/^prometheus  *running  *\(http[^ ]*[^ /]\)\/*$/\1/p' <<<"$("$program" stack status 2>&1)")
    [ -n "$api" ]
}
dashboard() { grep -q '^dashboard http://' "$folder/$1.out"; }

start first "$bin/sample_pipeline" --port any --monitoring stack
first=$pid
await 90 "it says where the dashboard is" dashboard first
check "Prometheus runs" running
name=sample_pipeline_name
query="rate(total_inference_${name}_sum[1m]) / rate(total_inference_${name}_count[1m])"
await 60 "the prototype's query has an answer" is_true "$api" "$query"
check_between "the mean of three uniforms" "$(value "$api" "$query")" 1.3 1.7
check "the label process" is_true "$api" 'up{process="sample_pipeline"} == 1'

kill -KILL "$first"
await 60 "a pipeline that is killed is down" is_true "$api" 'up{process="sample_pipeline"} == 0'

start second "$bin/sample_pipeline" --port any --monitoring stack
second=$pid
await 90 "a second up works" dashboard second
up='up{process="sample_pipeline"}'
await 60 "one target, which is up" is_true "$api" "count($up == 1) == 1 unless count($up == 0)"

check "the stack goes down" "$program" stack down
check "the pipeline does not" kill -0 "$second"
stop_and_measure INT "$second"
check_equal "and ends with 0" "$code" 0
finish
