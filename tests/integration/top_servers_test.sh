#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# inferometer top, of the monitor and of Debian's Prometheus, with classic and with native histograms, and of a
# pipeline with the names of DeepSparse: the numbers of a program whose stages are known to take half a second each.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/top_lib.sh"
need prometheus tmux
need_inferometer

once() { # NAME ARGUMENT...
    local name=$1
    shift
    LC_ALL=C.UTF-8 COLUMNS=160 "$program" top --once "$@" >"$folder/$name.out" 2>"$folder/$name.err"
}

# row_is_full NAME URL: the pipeline has a rate and percentiles.
row_is_full() {
    once "$1" "$2" && grep -qE '^ 1 sample_pipeline_name +[0-9.]+ +0\.0% +1\.[0-9]+s +2\.[0-9]+s +[2-9]\.[0-9]+s' "$folder/$1.out"
}

# stages_are_full NAME URL: three of them, with half a second and a third of the time each.
stages_are_full() {
    once "$1" --pipeline sample_pipeline_name "$2" &&
        [ "$(grep -cE '^ (pre_process|engine_forward|post_process) .* (4[0-9][0-9]|5[0-9][0-9]|6[0-4][0-9])ms +[0-9.]+m?s +(2[6-9]|3[0-9]|4[0-2])\.[0-9]%' "$folder/$1.out")" = 3 ]
}

# Lines end at a whole step, so their first point takes some seconds.
has_distribution() { once "$1" --pipeline sample_pipeline_name "$2" && grep -q 'few ·░▒▓█' "$folder/$1.out"; }

# try NAME URL: everything that is seen of one server.
try() {
    await 60 "$1: the row is full" row_is_full "$1_overview" "$2"
    check_contains "$1: it is up" "$folder/$1_overview.out" '1/1'
    await 60 "$1: stages" stages_are_full "$1_stages" "$2"
    await 60 "$1: the distribution" has_distribution "$1_distribution" "$2"
    check_contains "$1: and lines" "$folder/$1_distribution.out" '3 p99 '
    once "$1_targets" --page=targets "$2"
    check_contains "$1: the target" "$folder/$1_targets.out" "${target#http://}"
    once "$1_alerts" --page=alerts "$2"
    check "$1: alerts" grep -qE 'No alert is pending or firing|^ pending +Inference' "$folder/$1_alerts.out"
}

export INFEROMETER_REGISTRATION=off # the monitor is told
start sample "$bin/sample_pipeline" --port any --naming inferometer --rate 100
url_of sample
target=${url%/metrics}
start old "$bin/sample_pipeline" --port any --naming deepsparse --rate 100
url_of old
old_target=${url%/metrics}

start_monitor monitor --target "$target" --scrape.interval=1s
monitor=$api
start_prometheus classic "$target"
classic=$api
start_prometheus native "$target" --enable-feature=native-histograms
native=$api
start_prometheus deepsparse "$old_target"
deepsparse=$api
try monitor "$monitor"
try classic "$classic"
try native "$native"
target=$old_target
try deepsparse "$deepsparse"

open_top 80 24 'LC_ALL=C.UTF-8 TERM=screen' "$classic"
await_screen "Prometheus in a terminal" '1 sample_pipeline_name'
type_keys Enter
await_screen "with its stages" 'engine_forward'
finish
