#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Debian's Prometheus is told of a folder and of nothing else: pipelines that start appear in it by themselves, one
# that ends disappears, and one that is killed is a target that is down until the next logger opens.
. "$(dirname "$0")/lib.sh"
need prometheus promtool

targets=$XDG_STATE_HOME/inferometer/targets
sample=$bin/sample_pipeline
start first "$sample" --port any
first=$pid
start second "$sample" --port any --address 0.0.0.0
second=$pid
url_of first
first_url=$url
url_of second
files() { find "$targets" -type f -name "$1" | wc -l; }
check_equal "each has a file" "$(files '*.json')" 2
check_equal "a file's name" "$(files "sample_pipeline-$first-[0-9]*.json")" 1

cat >"$folder/prometheus.yml" <<EOF
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: inferometer
    file_sd_configs:
      - files: ["$targets/*.json"]
EOF
check "promtool reads the files" promtool check config "$folder/prometheus.yml"
start prometheus prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" \
    --web.listen-address=127.0.0.1:0
await 60 "Prometheus listens" prometheus_is_listening prometheus
up='up{job="inferometer",process="sample_pipeline"}'
await 60 "both are up" is_true "$api" "count($up == 1) == 2"
instance=${first_url#http://}
check "the instance is the address" is_true "$api" "up{instance=\"${instance%/metrics}\"} == 1"

start third "$sample" --port any
third=$pid
await 60 "a third appears by itself" is_true "$api" "count($up == 1) == 3"
stop_and_measure INT "$third"
check_equal "its file is gone when it has ended" "$(files "*-$third-*")" 0
await 60 "and so is its target" is_true "$api" "count($up) == 2"

kill -KILL "$second"
await 60 "what was killed is down" is_true "$api" "count($up == 0) == 1"
start fourth "$sample" --port any
url_of fourth
check_equal "the next logger removes what was killed" "$(files "*-$second-*")" 0
await 60 "all are up" is_true "$api" "count($up == 1) == 2 unless count($up == 0)"
finish
