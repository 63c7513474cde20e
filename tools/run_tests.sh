#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/run_tests.sh PRESET JOBS [CTEST_ARGUMENTS]
#
# Runs the tests of a preset that was built; CTEST_ARGUMENTS is one word that is split at spaces.
# IFM_OPENMETRICS_CORPUS (a folder of OpenMetrics test cases) and IFM_PROMQLTEST reach the tests through the
# environment; without them, the tests that need them skip.
set -eu

preset=$1
jobs=$2
arguments=${3:-}

# Thread sanitizer cannot place its shadow memory where the kernel randomises addresses by more than 28
# bits, as newer ones do; without randomisation it always can.
fixed_addresses=
if [ "$preset" = tsan ] && setarch "$(uname -m)" -R true 2>/dev/null; then
    fixed_addresses="setarch $(uname -m) -R"
fi

set -f # a pattern in the arguments is for ctest
# shellcheck disable=SC2086 # words, or nothing
exec $fixed_addresses ctest --preset "$preset" --parallel "$jobs" --no-tests=error $arguments
