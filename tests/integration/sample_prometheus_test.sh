#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Debian's Prometheus scrapes sample_pipeline every second, once as it comes and once with native histograms
# (over protobuf), and gets the numbers that are known in advance: three independent uniforms in (0,1) have
# the mean 3/2, the median 3/2 and, since P(sum > x) = (3 - x)^3 / 6 for x >= 2, the 95th percentile 2.331.
# With 3000 inferences the mean has a standard error of 0.009.
. "$(dirname "$0")/lib.sh"
need prometheus promtool curl

name=sample_pipeline_name
start sample "$bin/sample_pipeline" --port any --seed 2
url_of sample
start_prometheus classic "$url"
classic=$api
start_prometheus native "$url" --enable-feature=native-histograms
native=$api

check "promtool has nothing to say about the text exposition" lint_is_silent sample "$url"

# rate() over one minute is content with fewer, but the mean needs its inferences.
await 90 "30 scrapes" is_true "$classic" 'count_over_time(up[2m]) > 30'
await 60 "30 scrapes" is_true "$native" 'count_over_time(up[2m]) > 30'

for api in "$classic" "$native"; do
    check_equal "the target was up all the time" "$(value "$api" 'min_over_time(up[2m])')" 1
done

mean() { echo "rate(${1}_sum$2[1m]) / rate(${1}_count$2[1m])"; }
check_between "the query of the prototype" "$(value "$classic" "$(mean total_inference_$name '')")" 1.45 1.55
for stage in pre_process engine_forward post_process; do
    check_between "mean of ${stage}_$name" "$(value "$classic" "$(mean ${stage}_$name '')")" 0.45 0.55
    labels="{pipeline=\"$name\",stage=\"$stage\"}"
    check_between "mean of $stage, as a label" \
        "$(value "$classic" "$(mean inference_stage_duration_seconds "$labels")")" 0.45 0.55
done
check_between "mean of inference_duration_seconds" \
    "$(value "$classic" "$(mean inference_duration_seconds "{pipeline=\"$name\"}")")" 1.45 1.55
check_between "median of a uniform stage, from the classic buckets" \
    "$(value "$classic" "histogram_quantile(0.5, rate(pre_process_${name}_bucket[1m]))")" 0.45 0.55
requests="inference_requests_total{pipeline=\"$name\",outcome=\"success\"}"
check_between "about 100 inferences a second by default" \
    "$(value "$classic" "($requests - $requests offset 20s) / 20")" 80 120

native_histogram="rate(inference_duration_seconds{pipeline=\"$name\"}[1m])"
check_between "mean, native" \
    "$(value "$native" "histogram_sum($native_histogram) / histogram_count($native_histogram)")" 1.45 1.55
check_between "median, native" "$(value "$native" "histogram_quantile(0.5, $native_histogram)")" 1.4 1.6
check_between "95th percentile, native" "$(value "$native" "histogram_quantile(0.95, $native_histogram)")" 2.2 2.46
check_between "inferences, native" \
    "$(value "$native" "histogram_count(inference_duration_seconds{pipeline=\"$name\"})")" 2400 20000

for log in classic native; do
    if grep -E 'level=(warn|error)|Scrape failed|Append failed' "$folder/$log.err"; then
        fail "Prometheus ($log) complains in its log"
    fi
done
finish
