#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A Prometheus and the monitor evaluate the same rules over the same targets: rules, alerts and their texts, ALERTS and
# what is recorded are the same, also after the targets have changed. And what is the monitor's own: a file that
# becomes wrong, the rules that it carries, check rules.
. "$(dirname "$0")/lib.sh"
need prometheus promtool python3 curl
need_inferometer

echo 1 >"$folder/phase"
start targets python3 "$root/tests/integration/scrape_targets.py" "$folder/phase"
is_bound() { port=$(sed -n 's/^port //p' "$folder/targets.out") && [ -n "$port" ]; }
await 60 "the targets listen" is_bound

cat >"$folder/config.yml" <<YAML
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s, external_labels: {cluster: eu}}
rule_files: ['rules*.yml']
scrape_configs:
- job_name: text
  metrics_path: /text
  static_configs: [{targets: ['127.0.0.1:$port']}]
- job_name: none
  static_configs: [{targets: ['127.0.0.1:1']}]
YAML
cat >"$folder/rules1.yml" <<'YAML'
groups:
- name: recording
  rules:
  - {record: 'temperature:double', expr: '2 * temperature', labels: {unit: C, job: other}}
  - {record: 'requests:sum', expr: 'sum(requests_total)'}
  - {record: 'requests:more', expr: 'requests:sum > 1400'}
  - {record: constant, expr: '42', labels: {a: b}}
  - {record: wrong, expr: 'temperature * on () group_left () requests_total'}
- name: limited
  limit: 1
  rules:
  - {record: many, expr: requests_total}
  - {alert: Many, expr: requests_total}
YAML
cat >"$folder/rules2.yml" <<'YAML'
groups:
- name: alerts
  interval: 1s
  rules:
  - alert: Cold
    expr: temperature < 0
    labels: {severity: page, value: '{{ printf "%.1f" $value }}'}
    annotations:
      plain: 'no template, { } {'
      value: '{{ $value }} {{ .Value }} {{ humanize $value }} {{ $value | humanizeDuration }}'
      labels: '{{ $labels.instance }} {{ .Labels.job }} {{ $labels.none }}|{{ $externalLabels.cluster }}'
      map: '{{ with $labels }}{{ .job }}{{ end }} {{ len $labels }} {{ index $labels "job" }}'
      choice: '{{ if lt $value 0.0 }}low{{ else if gt $value 5.0 }}high{{ else }}middle{{ end }}'
      logic: '{{ and (eq $labels.job "text") (not (eq 1 2)) }} {{ or "" "x" }} {{ ne "a" "b" }}'
      query: '{{ range query "requests_total" | sortByLabel "code" }}{{ .Labels.code }}={{ .Value }},{{ end }}'
      first: '{{ query "requests:sum" | first | value }} {{ with query "requests_total{code=\"500\"}" }}{{ . | first | label "code" }}{{ end }}'
      empty: '{{ range query "nothing" }}x{{ else }}none{{ end }}'
      numbers: '{{ humanize 1234567.0 }} {{ humanize1024 1048576.0 }} {{ humanizePercentage 0.1234 }} {{ humanizeDuration 93784.5 }} {{ humanizeDuration 0.00123 }}'
      times: '{{ humanizeTimestamp 1435065584.128 }} {{ humanizeTimestamp 0.0 }} {{ parseDuration "1h30m" }}'
      printf: '{{ printf "%5.1f|%-6s|%q|%d|%x|%v|%e|%g|%%" 1.25 "ab" "c\"d" 42 255 1e6 12345.678 1e7 }}'
      misfits: '{{ printf "%d %s" 1.5 }} {{ printf "%s" 5 }} {{ printf "%d" 1 2 }}'
      texts: '{{ title "some words" }} {{ toUpper "éa" }} {{ toLower "ÀB" }} {{ reReplaceAll "(\\d+)\\.(\\d+)" "$2-${1}x" $labels.instance }}'
      match: '{{ match "^127" $labels.instance }} {{ match "x$" "ax\n" }} {{ reReplaceAll "a*" "-" "baaac" }}'
      hosts: '{{ stripPort "host.name:80" }} {{ stripDomain "host.name:80" }} {{ stripDomain "10.0.0.1:80" }}'
      links: '{{ graphLink "up == 0" }} {{ tableLink "a{b=\"c d\"}" }} {{ pathPrefix }}'
      variables: '{{ $x := 5 }}{{ $y := "a" }}{{ $x = 6 }}{{ $x }}{{ $y }}{{ range $i, $e := query "requests_total" }}{{ $i }}{{ end }}'
      trimmed: "a  {{- 1 -}}  b {{/* nothing */}} c\n{{- /* x */ -}}\n d"
      printed: '{{ print 1 2 "a" 3 }} {{ println "x" 1 }}{{ html "<a>" }} {{ urlquery "a b&" }} {{ true }} {{ 1e6 }} {{ 100000.0 }}'
      define: '{{ define "pair" }}{{ .arg0 }}={{ .arg1 }}{{ end }}{{ template "pair" args "a" 1.5 }};{{ range query "requests_total" }}{{ template "pair" (args .Labels.code .Value) }},{{ end }}'
      defines: '{{ define "a" }}[{{ template "b" . }}]{{ end }}{{ define "b" }}{{ $.job }}{{ $x := 1 }}{{ $x }}{{ end }}{{ template "a" $labels }}{{ with .Labels }}{{ template "a" . }}{{ end }}'
      bare: '{{ define "bare" }}{{ . }}|{{ .x }}|{{ if . }}y{{ else }}n{{ end }}{{ end }}{{ template "bare" }}'
      block: '{{ range query "requests_total" }}{{ block "row" .Value }}<{{ . }}{{ if gt . 1.0 }}+{{ end }}>{{ end }}{{ end }}{{ template "row" 7.0 }}'
      recursion: '{{ define "down" }}{{ with . }}{{ len . }}{{ template "down" (slice . 1) }}{{ end }}{{ end }}{{ template "down" "abcd" }}'
      args: '{{ args 1 "b" 2.5 true }} {{ len (args 1 2) }} {{ index (args "x" "y") "arg1" }} {{ range $k, $v := args "p" 2 }}{{ $k }}:{{ $v }} {{ end }}{{ (args 1).arg7 }} {{ print (args 1).arg7 }} {{ args }}'
      slice: '{{ slice "hello" 1 3 }} {{ slice "hello" 2 }} {{ slice "hello" }} {{ len (slice (query "requests_total") 1) }} {{ slice $labels.job 0 2 | toUpper }}[{{ slice "" }}]'
      index: '{{ index "abc" 1 }} {{ index (args (args "deep")) "arg0" "arg0" }} {{ index "x" }} {{ (index (query "requests_total") 0).Value }}'
      js: '{{ js "<a href=''x''>\\\"&=\n" }} {{ urlquery "a" 1 "b c" }} {{ "x" | js }} {{ html "a" 1 2 "<" }}'
      constants: '{{ 0x1F }} {{ 017 }} {{ 0b101 }} {{ 1_000 }} {{ -0x10 }} {{ 0 }} {{ ''\n'' }} {{ "é" | printf "%q" }} {{ 1e3 }} {{ .5 }}'
      totime: '{{ toTime 1435065584.128 }} {{ (toTime 1435065584.128).Year }} {{ (toTime 0.0).Month }} {{ (toTime 0.0).Weekday }} {{ (toTime 1e9).Unix }} {{ (toTime 1e9).YearDay }} {{ toTime -1.5 }} {{ toTime "1e9" }}'
      format: '{{ (toTime 1435065584.128).Format "2006-01-02 15:04:05" }}|{{ (toTime 1435065584.128).Format "Mon Monday Jan January _2 2 02 002 __2 1 01 3 03 4 04 5 05 06 PM pm MST Z0700 Z07:00 -0700 -07:00 -07 .000 .999 ,00 Janet Monk 15h" }}|{{ (toTime 0.0).Format "5.000 5.999" }}'
      given: '{{ "15:04" | (toTime 3661.0).Format }} {{ $t := toTime 0.0 }}{{ $t.Hour }} {{ $t.Format "2006" }} {{ printf "%s" $t }} {{ $t.String }} {{ ($t.UTC).Day }}'
      loops: '{{ range $i, $e := query "requests_total" }}{{ if $i }}{{ break }}{{ end }}{{ $e.Labels.code }}{{ end }} {{ range query "nothing" }}{{ else }}{{ range args 1 2 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}{{ end }}'
      calls: '{{ (query "requests:sum" | first).Value | printf "%.0f" }} {{ not true | printf "%v" }} {{ len (printf "%d" 10) }}'
  - alert: Misfits
    expr: temperature < 0
    annotations:
      undefined: '{{ template "none" }}'
      endless: '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}'
      beyond: '{{ slice "abc" 2 9 }}'
      backwards: '{{ slice "abc" 2 1 }}'
      number: '{{ slice 5 1 }}'
      three: '{{ slice "abc" 0 1 2 }}'
      call: '{{ call "x" }}'
      indexed: '{{ index "abc" 3 }}'
      unindexable: '{{ index 5 1 }}'
      noindex: '{{ index $labels 1 }}'
      time: '{{ toTime 1e300 }}'
      method: '{{ (toTime 0.0).Nothing }}'
      layout: '{{ (toTime 0.0).Format }}'
      value: '{{ $value.Format "x" }}'
      arguments: '{{ $labels.job "x" }}'
      text: '{{ toTime "x" }}'
  - {alert: Waiting, expr: 'up == 0', for: 1h}
  - {alert: Kept, expr: 'temperature < 0', keep_firing_for: 1h}
  - {alert: Never, expr: 'up > 1'}
YAML

start prometheus prometheus --config.file="$folder/config.yml" --storage.tsdb.path="$folder/data" \
    --web.listen-address=127.0.0.1:0 --web.external-url=http://example.org/pre --web.route-prefix=/ --log.level=debug
await 60 "Prometheus listens" prometheus_is_listening prometheus
theirs=$api
start_monitor monitor --config.file="$folder/config.yml" --web.external-url=http://example.org/pre --web.route-prefix=/ \
    --web.enable-lifecycle
monitor=$pid
ours=$api

# rules_of API: what the API says of rules but times, a line each, in order.
rules_of() {
    curl -sf --max-time 10 "$1/api/v1/rules" | python3 -c 'import json, sys
def alerts(rule):
    return sorted((sorted(a["labels"].items()), sorted(a["annotations"].items()), a["state"], a["value"],
                   "keepFiringSince" in a) for a in rule.get("alerts", []))
for group in json.load(sys.stdin)["data"]["groups"]:
    print(group["name"], group["interval"], group["limit"])
    for rule in group["rules"]:
        error = rule.get("lastError", "")
        print(" ", rule["name"], rule["query"], rule["type"], rule["health"], error[:40], rule.get("state"),
              rule.get("duration"), rule.get("keepFiringFor"), sorted(rule.get("labels", {}).items()),
              sorted(rule.get("annotations", {}).items()))
        for alert in alerts(rule):
            print("    alert", *alert[0], alert[2], alert[3], alert[4])
            for name, text in alert[1]:  # what is wrong is said in other words
                print("      ", name, repr(text.partition(": ")[0] if text.startswith("<error expanding") else text))'
}

# series_of API: what rules left in the store.
series_of() {
    curl -sfG --max-time 10 "$1/api/v1/query" --data-urlencode \
        'query={__name__=~"ALERTS|.*:.*|constant|wrong|many"} or 0 * {__name__="ALERTS_FOR_STATE"}' |
        python3 -c 'import json, sys
for result in sorted((sorted(r["metric"].items()), r["value"][1]) for r in json.load(sys.stdin)["data"]["result"]):
    print(*("%s=%r" % pair for pair in result[0]), result[1])'
}

# Not for a moment: on a busy machine one of the two may have just waited for a target in vain.
are_same() {
    "$1" "$theirs" >"$folder/theirs.$1"
    "$1" "$ours" >"$folder/ours.$1"
    cmp -s "$folder/theirs.$1" "$folder/ours.$1"
}

same() { # WHAT LINES COMMAND
    local end=$((SECONDS + 30))
    until are_same "$3" || [ $SECONDS -ge $end ]; do
        sleep 0.3
    done
    check "there is enough of $1" test "$(wc -l <"$folder/theirs.$3")" -ge "$2"
    if diff "$folder/theirs.$3" "$folder/ours.$3"; then
        pass "$1 are the same"
    else
        fail "$1 are not the same"
    fi
}

for api in "$theirs" "$ours"; do
    await 60 "alerts fire" is_true "$api" 'ALERTS{alertname="Cold",alertstate="firing"} and on () (count_over_time(requests:sum[10s]) > 4)'
    await 60 "alerts wait" is_true "$api" 'ALERTS{alertname="Waiting",alertstate="pending"}'
done
same "rules" 35 rules_of
same "their series" 9 series_of

echo 2 >"$folder/phase"
for api in "$theirs" "$ours"; do
    await 60 "it is over" is_true "$api" 'absent(ALERTS{alertname="Cold"}) and on () (temperature:double == 14) and on () (requests:more == 1428) and on () ALERTS{alertname="Kept"}'
done
same "rules of the second phase" 10 rules_of
same "their series" 8 series_of
alerts() { curl -sf "$ours/api/v1/alerts" | grep -o '"alertname":"[A-Za-z]*"' | sort | uniq -c | tr -s ' ' | tr '\n' ';'; }
are_all() { [ "$(alerts)" = ' 1 "alertname":"Kept"; 1 "alertname":"Waiting";' ]; }
await 60 "all alerts" are_all
pass "all alerts"

# A file that becomes wrong changes nothing, and one that is right again does.
api=$ours
echo 'groups: [{name: recording, rules: [{record: a, expr: "sum("}]}]' >"$folder/rules1.yml"
check_equal "a reload with a wrong file is refused" \
    "$(curl -s -o "$folder/refused" -w '%{http_code}' -X POST "$ours/-/reload")" 500
check_contains "which is said with its place" "$folder/refused" 'rules1.yml:1:54: could not parse expression: 1:5: parse error'
check_contains "what goes on is said" "$folder/refused" 'the configuration before stays in use'
recorded() { rules_of "$ours" | grep -F "$1" >/dev/null; }
check "it does" recorded "requests:sum sum(requests_total)"
echo 'groups: [{name: recording, rules: [{record: fresh, expr: "1"}]}]' >"$folder/rules1.yml"
kill -HUP "$monitor"
await 60 "the new rule records" is_answered fresh
check "the alert that is kept is still kept" is_answered 'ALERTS{alertname="Kept"}'
is_counted() { curl -sf --max-time 10 "$ours/metrics" | grep '^prometheus_rule_evaluations_total{rule_group="[^"]*rules1.yml;recording"} [1-9]' >/dev/null; }
await 60 "a metric tells of it" is_counted # once the evaluation is over whose sample is there
pass "a metric tells of it"

# A wrong file at the start ends it.
echo 'groups: [{name: x, rules: [{alert: a, expr: up, annotations: {b: "{{ nothing }}"}}]}]' >"$folder/rules1.yml"
timeout 60 "$program" monitor --config.file="$folder/config.yml" --storage.tsdb.path="$folder/other.data" \
    --web.listen-address=127.0.0.1:0 >"$folder/wrong" 2>&1
check_equal "a wrong file at the start ends it" $? 1
check_contains "with its place" "$folder/wrong" 'rules1.yml:1:66: the annotation "b": line 1 of the template: there is no function "nothing"'

# check rules ends as promtool does.
for rules in "$root"/deploy/rules/*.yml "$folder"/rules1.yml "$folder"/rules2.yml; do
    promtool check rules "$rules" >/dev/null 2>&1
    want=$?
    "$program" check rules "$rules" >"$folder/check" 2>&1
    check_equal "check rules ${rules##*/}" $? $want
done
number=0
while IFS= read -r text; do
    number=$((number + 1))
    printf 'groups:\n- name: x\n  rules:\n  - alert: a\n    expr: up\n    annotations:\n      b: |-\n        %s\n' "$text" \
        >"$folder/text$number.yml"
    promtool check rules "$folder/text$number.yml" >/dev/null 2>&1
    want=$?
    "$program" check rules "$folder/text$number.yml" >"$folder/check" 2>&1
    check_equal "check rules with $text" $? $want
done <<'TEXTS'
{{ tmpl "x" 1 }}
{{ define "x" }}{{ end }}{{ template "x" }}
{{ define "x" }}{{ $labels.job }}{{ end }}
{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}
{{ define x }}{{ end }}
{{ define "x" . }}{{ end }}
{{ define "x" }}
{{ if true }}{{ define "x" }}{{ end }}{{ end }}
{{ define "x" }}{{ define "y" }}{{ end }}{{ end }}
{{ if true }}{{ block "x" . }}{{ end }}{{ end }}
{{ block "x" }}{{ end }}
{{ block "x" . }}
{{ range args 1 }}{{ block "x" . }}{{ break }}{{ end }}{{ end }}
{{ template x }}
{{ template "x" (args 1 2) | len }}
{{ template }}
{{ 0x }}
{{ 08 }}
{{ 1__0 }}
{{ 1_000 }} {{ 0x_1F }}
{{ js }}
{{ args }}
{{ $labels.job 1 }}
{{ "x" | $labels.job }}
{{ break }}
{{ with 1 }}{{ else }}{{ end }}
{{ else }}
{{ "a".b }}
{{ $x := 1 }}{{ $x = 2 }}
TEXTS
# What fails at each expansion, Prometheus takes nevertheless.
while IFS= read -r text; do
    printf 'groups: [{name: x, rules: [{alert: a, expr: up, annotations: {b: %s}}]}]' "'$text'" >"$folder/never.yml"
    check "promtool takes $text" promtool check rules "$folder/never.yml"
    "$program" check rules "$folder/never.yml" >"$folder/check" 2>&1
    check_equal "check rules does not" $? 1
    check_contains "and says why" "$folder/check" 'the annotation "b": line 1 of the template: '
done <<'TEXTS'
{{ "a" 1 }}
{{ "x" | $labels }}
{{ nil }}
{{ $x = 1 }}
{{ slice }}
TEXTS
printf 'groups: [{name: x, rules: [{record: a, expr: up}, {record: a, expr: up}]}]' >"$folder/twice.yml"
check "what is there twice is a warning" "$program" check rules "$folder/twice.yml"
"$program" check rules --lint-fatal "$folder/twice.yml" >"$folder/check"
check_equal "or ends it" $? 3
check_contains "with its place" "$folder/check" 'twice.yml:1:51: a'
"$program" check config "$folder/config.yml" >"$folder/check"
check_equal "check config reads the rules" $? 1
check_contains "and says what is wrong" "$folder/check" 'there is no function "nothing"'

# Without a file there are the rules that the stack has.
start_monitor plain --scrape.interval=1s
check_equal "the rules that it carries" \
    "$(curl -sf "$api/api/v1/rules?type=alert" | grep -o '"name":"Inference[A-Za-z]*"' | wc -l)" 5
ours=$api
fine() { rules_of "$ours" | grep ' InferenceTargetDown .* ok ' >/dev/null; }
await 60 "they are evaluated" fine
finish
