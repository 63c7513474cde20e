#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The monitor is killed at random moments while it scrapes, 5 times or IFM_MONITOR_KILLS of the environment: what it
# once answered is there for good.
. "$(dirname "$0")/lib.sh"
need python3
need_inferometer

python3 "$root/tests/integration/monitor_kill.py" "$program" "$folder" "${IFM_MONITOR_KILLS:-5}"
check_equal "nothing is lost, and nothing made up" $? 0
finish
