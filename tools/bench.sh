#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/bench.sh [--promql | --monitor | --web] [--quick] [--rounds N] [--only REGEX] [--json FILE] [--update-docs]
#
# Builds the benchmark programs in build/bench and compares libinferometer with prometheus-cpp: a table on
# stdout, the same with all figures in build/bench.json. --update-docs also replaces the table in
# docs/benchmarks.md. --quick only shows that everything runs. JOBS=N limits the build.
#
# --promql compares the query engine with Prometheus and VictoriaMetrics instead (build/bench_promql.json),
# --monitor the whole monitor with them (build/bench_monitor.json): about 12 minutes.
#
# --web measures the dashboards in a browser (build/bench_web.json): a minute.
#
# No target that was missed makes it fail: speed is read by people, on a machine that they know.
set -eu
cd "$(dirname "$0")/.."

tree=build/bench
compare=bench/compare.py
for option in "$@"; do
    shift
    case $option in
    --promql) compare=bench/promql_compare.py ;;
    --monitor) compare=bench/monitor_compare.py ;;
    --web) compare=bench/web_bench.mjs ;;
    --update-docs) set -- "$@" --update-docs docs/benchmarks.md ;;
    *) set -- "$@" "$option" ;;
    esac
done

tools/step.sh 'configure (bench)' cmake --preset release -B $tree --log-level=WARNING \
    -DIFM_BUILD_BENCHMARKS=ON -DIFM_BUILD_TESTS=OFF -DIFM_BUILD_EXAMPLES=OFF
tools/step.sh 'build (bench)' cmake --build $tree --parallel "${JOBS:-$(nproc)}"
if [ $compare = bench/web_bench.mjs ]; then
    tools/web.sh install
    exec node $compare $tree/bin . --json build/bench_web.json "$@"
fi
exec python3 $compare $tree "$@"
