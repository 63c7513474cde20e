#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check.sh BUILD_FOLDER
#
# Runs every tools/check_*.sh and says of each whether it is content; BUILD_FOLDER has the built libraries.
set -u
build=$1
failed=0

# run NAME COMMAND...
run() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "check $name: ok"
    else
        printf '%s\n' "$output"
        echo "check $name: FAILED"
        failed=$((failed + 1))
    fi
}

run format tools/check_format.sh
run layers tools/check_layers.sh
run headers tools/check_headers.sh
run symbols tools/check_symbols.sh "$build/lib"
run banned tools/check_banned.sh
run size tools/check_size.sh
run text tools/check_text.sh
# shellcheck disable=SC2046 # a list of files
run scripts shellcheck $(find tools tests .ci -name '*.sh' -o -path .ci/run)

if [ $failed -ne 0 ]; then
    echo "check: $failed FAILED" >&2
    exit 1
fi
echo "check: all ok"
