#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The rules in deploy/rules are what Debian's Prometheus takes, have no doubles, and do what their unit tests
# say; and each alert has such a test.
. "$(dirname "$0")/lib.sh"
need promtool

rules=$root/deploy/rules
check "promtool takes the rules" promtool check rules --lint-fatal "$rules"/*.yml
check "they do what their tests say" promtool test rules "$rules"/tests/*.yml

alerts=$(sed -n 's/.*- alert: //p' "$rules/inferometer-alerts.yml")
check_equal "number of alerts" "$(wc -w <<<"$alerts")" 5
for alert in $alerts; do
    # In a test of an alert, eval_time is followed by what has to fire.
    fires=$(grep -A 2 "alertname: $alert\$" "$rules/tests/alerts.yml" | grep -c 'exp_alerts:$')
    silent=$(grep -A 2 "alertname: $alert\$" "$rules/tests/alerts.yml" | grep -c 'exp_alerts: \[\]$')
    check "$alert is seen firing and silent" [ "$fires" -gt 0 -a "$silent" -gt 0 ]
done

# What the alerts ask of the recording rules is recorded.
mapfile -t names < <(grep -oE 'job_[a-z_]+:[a-z0-9_]+:[a-z0-9_]+' "$rules/inferometer-alerts.yml" | sort -u)
for name in "${names[@]}"; do
    check_contains "$name is recorded" "$rules/inferometer-recording.yml" "record: $name"
done
finish
