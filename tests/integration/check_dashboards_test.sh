#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# inferometer check dashboards: what it prints and ends with, and that our own dashboards are in order. With promtool
# installed, what it takes for PromQL is PromQL to promtool too.
. "$(dirname "$0")/lib.sh"

export INFEROMETER_PORT=1 INFEROMETER_TEXT_DIRECTORY=$folder # are for loggers, not for the check

# dashboard NAME QUERY: writes $folder/NAME.json, in order but for what the query may be.
dashboard() {
    cat >"$folder/$1.json" <<EOF
{"uid": "$1", "title": "$1", "schemaVersion": 39,
 "templating": {"list": [{"type": "datasource", "name": "datasource", "query": "prometheus"}]},
 "panels": [{"type": "stat", "title": "Panel", "id": 1, "gridPos": {"x": 0, "y": 0, "w": 4, "h": 4},
   "datasource": {"type": "prometheus", "uid": "\${datasource}"},
   "targets": [{"refId": "A", "expr": "$2"}]}]}
EOF
}

# ends_with CODE ARGUMENT...: runs the command; output in $folder/out and err.
ends_with() {
    local want=$1 got
    shift
    "$bin/inferometer" check dashboards "$@" >"$folder/out" 2>"$folder/err"
    got=$?
    check_equal "check dashboards ${*##*/} ends with $want" "$got" "$want"
}

# shellcheck disable=SC2016 # Grafana's variables
dashboard good 'sum(rate(inference_requests_total[$__rate_interval]))'
# shellcheck disable=SC2016
dashboard warning 'rate(inference_requests_total[$__interval])'
# shellcheck disable=SC2016
dashboard unknown 'rate(inference_request_total[$__rate_interval])'
dashboard broken 'sum(rate(up[1m])'

ends_with 0 "$folder/good.json"
check_contains "a dashboard in order" "$folder/out" "Checking $folder/good.json"
check_contains "a dashboard in order" "$folder/out" "  SUCCESS: 1 panel, 1 query"
ends_with 3 "$folder/warning.json"
check_contains "a warning" "$folder/out" \
    "$folder/warning.json: warning: panel \"Panel\" (id 1), query A: rate() over \$__interval looks back as little as 5s"
ends_with 1 "$folder/unknown.json" "$folder/good.json"
check_contains "a metric that is not known" "$folder/out" "hint: did you mean \"inference_requests_total\""
check_contains "the file behind one that failed" "$folder/out" "  SUCCESS: 1 panel, 1 query"
ends_with 1 "$folder/broken.json"
check_contains "a query that is none" "$folder/out" "1:17: parse error: "
ends_with 1 "$folder/missing.json" "$folder/good.json"
check_contains "a file that is not there" "$folder/err" "could not open \"$folder/missing.json\""
check_contains "the file behind one that is not there" "$folder/out" "  SUCCESS: 1 panel, 1 query"
ends_with 64
ends_with 64 --scrape-interval=often "$folder/good.json"

"$bin/inferometer" check dashboards - <"$folder/good.json" >"$folder/out"
check_equal "the standard input" $? 0

# Names that are known besides.
printf '# TYPE inference_request counter\ninference_request_total 1\n# EOF\n' >"$folder/metrics.txt"
ends_with 0 --metrics="$folder/metrics.txt" "$folder/unknown.json"
printf 'groups:\n- name: x\n  rules:\n  - record: inference_request_total\n    expr: up\n' >"$folder/rules.yml"
ends_with 0 --rules="$folder/rules.yml" "$folder/unknown.json"
ends_with 1 --rules="$folder/good.txt" "$folder/unknown.json"

# Every name of the library, among them those that hold a name of the user's.
for name in inference_duration_seconds_bucket inference_stage_duration_seconds_sum inference_batch_size_count \
    inference_queue_duration_seconds_sum inference_tokens_total inference_failures_total inference_model_info \
    inference_time_to_first_token_seconds_bucket inference_time_per_output_token_seconds_bucket \
    inference_requests_in_flight inference_data_word_confidence_ratio_bucket total_inference_ocr_sum \
    pre_process_ocr_count engine_forward_ocr_bucket post_process_ocr_created inferometer_build_info \
    inferometer_text_file_failures_total inferometer_dropped_updates_total inferometer_process_cpu_ratio \
    process_cpu_seconds_total up; do
    dashboard name "$name"
    ends_with 0 "$folder/name.json"
done
check "the check writes no file of a logger" [ ! -e "$folder/prometheus_logs.prom" ]

# For programs.
ends_with 0 --queries --scrape-interval=1s "$folder/good.json"
check_equal "a query as a line" "$(cat "$folder/out")" \
    "$folder/good.json	Panel	A	sum(rate(inference_requests_total[4s]))"
ends_with 1 --queries "$folder/broken.json"
check_contains "a query that cannot be printed" "$folder/err" "parse error"
ends_with 1 --json "$folder/unknown.json"
check_contains "findings as JSON" "$folder/out" '"kind":"metric","panelId":1,"place":"panel \"Panel\" (id 1), query A"'

if compgen -G "$root/dashboards/*.json" >/dev/null; then
    rules=()
    for file in "$root"/deploy/rules/*.y*ml; do
        [ -e "$file" ] && ! grep -q '^tests:' "$file" && rules+=("--rules=$file")
    done
    ends_with 0 "${rules[@]}" "$root"/dashboards/*.json
    sed 's/^/    /' "$folder/out"
    if command -v promtool >/dev/null; then
        "$bin/inferometer" check dashboards --queries "$root"/dashboards/*.json >"$folder/queries"
        {
            printf 'groups:\n- name: all\n  rules:\n'
            awk -F '\t' -v quote="'" '{
                gsub(quote, quote quote, $4)
                printf "  - record: query:%d\n    expr: %s%s%s\n", NR, quote, $4, quote
            }' "$folder/queries"
        } >"$folder/queries.yml"
        check "promtool reads every query" promtool check rules "$folder/queries.yml"
    fi
else
    echo "not done: there are no files in dashboards/"
fi
finish
