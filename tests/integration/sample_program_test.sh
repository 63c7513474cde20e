#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# sample_pipeline as a program: its command line, its text file, a busy port, and its end.
. "$(dirname "$0")/lib.sh"
need curl promtool

sample=$bin/sample_pipeline

# refused TEXT ARGUMENT...: ends with 2 and a sentence that contains TEXT.
refused() {
    local want=$1
    shift
    "$sample" --port any --count 1 "$@" >"$folder/refused.out" 2>"$folder/refused.err"
    check_equal "exit status of $*" $? 2
    check_contains "reason of $*" "$folder/refused.err" "$want"
    check_equal "one line about $*" "$(wc -l <"$folder/refused.err")" 1
}
refused '--port "70000" is not a port' --port 70000
refused '--port "0" is not a port' --port 0
refused '--rate "0" is not a number above 0' --rate 0
refused '--rate "1e9" is not a number above 0 and up to 1000000' --rate 1e9
refused '--count "-1" is not a whole number' --count -1
refused '--count "18446744073709551616" is not a whole number' --count 18446744073709551616
refused '--naming "both?" is none of' --naming 'both?'
refused '--monitoring "grafana" is none of none, stack, embedded, auto' --monitoring grafana
refused 'there is no option "--speed"' --speed 1
refused '"1" is no option' 1
refused '--seed wants a value' --seed

"$sample" --help >"$folder/help.out" && check_contains "help" "$folder/help.out" "--text-dir DIR"
"$sample" --version >"$folder/version.out" && check_contains "version" "$folder/version.out" "sample_pipeline 0."

INFEROMETER_PORT=off "$sample" --count 1 >"$folder/off.out"
check_contains "without an endpoint it says so" "$folder/off.out" 'no endpoint: INFEROMETER_PORT is "off"'

# A text file is complete when the program has ended: written a last time after the last inference.
mkdir "$folder/text"
check "a run with a text file" "$sample" --port any --count 25 --rate 1000 --seed 7 --text-dir "$folder/text" \
    --naming both >"$folder/first.out"
text=$folder/text/prometheus_logs.prom
check_contains "the text file has every inference" "$text" 'total_inference_sample_pipeline_name_count 25'
check_contains "the text file has both namings" "$text" \
    'inference_duration_seconds_count{pipeline="sample_pipeline_name"} 25'
check_equal "promtool has nothing to say about the text file" "$(promtool check metrics <"$text" 2>&1)" ""
check_equal "nothing else is left in its folder" "$(ls -A "$folder/text")" prometheus_logs.prom

"$sample" --port any --count 25 --rate 1000 --seed 7 >"$folder/second.out"
mean_of() { sed -n 's/.*\(mean total_inference [0-9.]* s\).*/\1/p' "$1"; }
check "a mean is printed" [ -n "$(mean_of "$folder/first.out")" ]
check_equal "the same seed gives the same timings" "$(mean_of "$folder/second.out")" "$(mean_of "$folder/first.out")"

start one "$sample" --port any --naming deepsparse
one=$pid
url_of one
port=${url%/metrics}
port=${port##*:}
"$sample" --port "$port" >"$folder/busy.out" 2>"$folder/busy.err"
check_equal "a busy port ends it with 1" $? 1
check_contains "a busy port is explained" "$folder/busy.err" "could not listen on 127.0.0.1:$port"
check_contains "who holds the port" "$folder/busy.err" "$one"
curl -sf "$url" >"$folder/one.prom"
check_contains "one naming alone: there" "$folder/one.prom" 'pre_process_sample_pipeline_name_count'
check_equal "one naming alone: the other is not" "$(grep -c '^inference_stage' "$folder/one.prom")" 0

stop_and_measure INT "$one"
check_equal "Ctrl-C ends it with 0" "$code" 0
check_between "Ctrl-C ends it at once (ms)" "$took_ms" 0 10000
check_contains "and with a summary" "$folder/one.out" "inferences logged in"
finish
