#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every query of every dashboard, asked of Debian's Prometheus, which scrapes Tesseract at work, the sample
# pipeline under both namings, and a program that reports everything else that can be reported. Each has to
# have an answer, or a line with a reason in dashboards_allowed_empty.txt. The rules are loaded, too, and are
# evaluated without complaint.
. "$(dirname "$0")/lib.sh"
need prometheus promtool python3 pdftoppm pdfinfo
need_document
here=$root/tests/integration
targets=''

# serve NAME COMMAND...: starts a program, and adds where it serves to the targets.
serve() {
    start "$@"
    url_of "$1"
    url=${url#http://}
    targets+="${targets:+, }\"${url%%/*}\""
}
serve ocr "$bin/ocr_pipeline" --repeat forever --pages 4-5 --dpi 150 --output "$folder/texts" --port any \
    "$document"
serve sample "$bin/sample_pipeline" --port any --naming both --seed 3 --text-dir "$folder"
serve generative "$bin/generative"

cat >"$folder/prometheus.yml" <<EOF
global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files:
  - $root/deploy/rules/*.yml
scrape_configs:
  - job_name: inferometer
    static_configs:
      - targets: [$targets]
EOF
start prometheus prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" \
    --web.listen-address=127.0.0.1:0
await 60 "Prometheus listens" prometheus_is_listening prometheus
# $__rate_interval is 15 s below: a rate needs that long, and Tesseract its time for the first pages.
await 60 "20 scrapes of each target" is_true "$api" 'count(count_over_time(up[1m]) > 20) == 3'
await 60 "3 pages" is_true "$api" 'inference_requests_total{pipeline="ocr",outcome="success"} > 2'

check "every query of every dashboard has an answer" \
    python3 "$here/dashboard_queries.py" "$api" "$here/dashboards_allowed_empty.txt" "$root"/dashboards/*.json

check "the rules record" is_true "$api" 'count(job_pipeline:inference_duration_seconds:p99_rate5m) == 3'
if grep -E 'level=(warn|error)|Scrape failed|Append failed' "$folder/prometheus.err"; then
    fail "Prometheus complains in its log"
fi
finish
