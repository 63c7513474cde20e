#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/fuzz.sh BUILD_FOLDER SECONDS
#
# Runs each fuzz target for that time, from the seeds in fuzz/corpus/NAME where there are some. An input
# that breaks one is kept in BUILD_FOLDER/crashes and named.
set -u
build=$1
seconds=$2
mkdir -p "$build/crashes"
failed=0
count=0

for target in "$build"/bin/fuzz_*; do
    [ -x "$target" ] || continue
    name=${target##*/fuzz_}
    count=$((count + 1))
    found=$build/corpus/$name
    mkdir -p "$found"
    seeds=fuzz/corpus/$name
    [ -d "$seeds" ] || seeds=
    echo "== fuzz $name: $seconds s"
    # shellcheck disable=SC2086 # a folder, or nothing
    if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$build/crashes/$name-" "$found" $seeds >"$build/$name.log" 2>&1; then
        sed -n 's/^stat::number_of_executed_units: */   inputs tried: /p' "$build/$name.log"
    else
        tail -n 30 "$build/$name.log"
        echo "== fuzz $name: FAILED; the input is kept in $build/crashes"
        failed=$((failed + 1))
    fi
done

if [ $count -eq 0 ]; then
    echo "fuzz: there is no target in $build/bin" >&2
    exit 1
fi
echo "fuzz: $count targets, $failed failed"
[ $failed -eq 0 ]
