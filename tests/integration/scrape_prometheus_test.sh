#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A Prometheus and the monitor scrape the same targets, with the same configuration: good ones and those that
# break, vanish, repeat themselves or have labels of their own. Afterwards both store the same series, the same
# values, and say the same of each scrape; and so again after all targets have changed.
. "$(dirname "$0")/lib.sh"
need prometheus promtool python3 curl
need_inferometer

echo 1 >"$folder/phase"
start targets python3 "$root/tests/integration/scrape_targets.py" "$folder/phase"
is_bound() { port=$(sed -n 's/^port //p' "$folder/targets.out") && [ -n "$port" ]; }
await 60 "the targets listen" is_bound

{
    echo 'global: {scrape_interval: 1s, scrape_timeout: 1s}'
    echo 'scrape_configs:'
    for name in text openmetrics labels relabel becomes_wrong becomes_right becomes_missing empty limit twice; do
        echo "- job_name: $name"
        echo "  metrics_path: /$name"
        echo "  static_configs: [{targets: ['127.0.0.1:$port'], labels: {fixed: label}}]"
        case $name in
        limit) echo "  sample_limit: 2" ;;
        labels) echo "  params: {x: [y]}" ;;
        relabel)
            cat <<'YAML'
  relabel_configs:
  - {source_labels: [job, fixed], separator: '-', target_label: joined}
  - {source_labels: [__param_none], target_label: nothing}
  - {regex: fixed, action: labeldrop}
  metric_relabel_configs:
  - {source_labels: [__name__], regex: drop_.*, action: drop}
  - {source_labels: [__name__], regex: 're(name)_me', target_label: __name__, replacement: 'new_$1'}
YAML
            ;;
        esac
    done
    echo "- job_name: honored"
    echo "  metrics_path: /labels"
    echo "  honor_labels: true"
    echo "  static_configs: [{targets: ['127.0.0.1:$port']}]"
} >"$folder/config.yml"

start prometheus prometheus --config.file="$folder/config.yml" --storage.tsdb.path="$folder/data" \
    --web.listen-address=127.0.0.1:0 --log.level=debug
await 60 "Prometheus listens" prometheus_is_listening prometheus
theirs=$api
start_monitor monitor --config.file="$folder/config.yml"
ours=$api

# series API: all there is now but durations, a line each, in order.
series() {
    curl -sfG --max-time 10 --data-urlencode 'query={__name__=~".+",__name__!="scrape_duration_seconds"}' \
        "$1/api/v1/query" |
        python3 -c 'import json, sys
for result in sorted((sorted(r["metric"].items()), r["value"][1]) for r in json.load(sys.stdin)["data"]["result"]):
    print(*("%s=%r" % pair for pair in result[0]), result[1])'
}

# same WHAT LINES COMMAND: prints the same of both, and so many lines at least. Not for a moment: on a busy machine
# one of the two may have just waited for a target in vain.
are_same() {
    "$1" "$theirs" >"$folder/theirs.$1"
    "$1" "$ours" >"$folder/ours.$1"
    cmp -s "$folder/theirs.$1" "$folder/ours.$1"
}
same() {
    local end=$((SECONDS + 30))
    until are_same "$3" || [ $SECONDS -ge $end ]; do
        sleep 0.3
    done
    check "there is enough of $1" test "$(wc -l <"$folder/theirs.$3")" -ge "$2"
    check "the same $1" diff "$folder/theirs.$3" "$folder/ours.$3"
}

# compare PHASE: ten scrapes of the same later, both say the same.
compare() {
    echo "$1" >"$folder/phase"
    local query="min(count_over_time(up[5s])) >= 3 and on() (count(up) == 11) and on() (vector(time()) > $(($(date +%s) + 5)))"
    for api in "$theirs" "$ours"; do
        await 60 "four scrapes in phase $1" is_true "$api" "$query"
    done
    same "series and values in phase $1" 60 series
}

# metadata API: of each name.
metadata() {
    curl -sf --max-time 10 "$1/api/v1/metadata" |
        python3 -c 'import json, sys
for name, items in sorted(json.load(sys.stdin)["data"].items()):
    print(name, sorted(sorted(item.items()) for item in items))'
}

compare 1
# Now, because Prometheus remembers for ten scrapes what was not said again.
same metadata 3 metadata
compare 2

# health API: of each target.
health() {
    curl -sf --max-time 10 "$1/api/v1/targets" |
        python3 -c 'import json, sys
for t in sorted(json.load(sys.stdin)["data"]["activeTargets"], key=lambda t: t["scrapePool"]):
    print(t["scrapePool"], t["scrapeUrl"], t["health"], sorted(t["labels"].items()), t["lastError"] != "")'
}
same targets 11 health
finish
