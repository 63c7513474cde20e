#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: stack_native_test.sh PROGRAMS SOURCES STAND_IN
#
# inferometer stack with the native engine and Debian's Prometheus: from a pipeline to an answered query in one
# command, everything twice, killed at every moment, and taken down without a trace. STAND_IN takes the place of
# grafana-server, which Debian does not have.
. "$(dirname "$0")/lib.sh"
need prometheus promtool curl jq ss

inferometer=$bin/inferometer
stack=$XDG_STATE_HOME/inferometer/stack

# No container engine and no Grafana, whatever this machine has.
programs=$folder/programs
mkdir -p "$programs"
for program in prometheus promtool sh tail cat ls sed; do
    ln -s "$(command -v $program)" "$programs/$program"
done

stop_stack() {
    timeout 60 "$inferometer" stack down >/dev/null 2>&1
    local pid
    pid=$(cat "$stack/native/prometheus.pid" 2>/dev/null) && kill -KILL "$pid" 2>/dev/null
    stop_processes
}
trap stop_stack EXIT

api='' # of the last one that came up

# up NAME OPTION...: runs stack up; sets code and api; output in $folder/NAME.out and .err.
up() {
    local name=$1
    shift
    timeout 120 env PATH="$programs" "$inferometer" stack up --scrape-interval=1 "$@" \
        >"$folder/$name.out" 2>"$folder/$name.err" </dev/null
    code=$?
    local found
    found=$(sed -n 's/^  Prometheus  http:\/\/localhost:\([0-9]*\)\/$/http:\/\/127.0.0.1:\1/p' "$folder/$name.out")
    api=${found:-$api}
}

pid_of_prometheus() { cat "$stack/native/prometheus.pid"; }
runs() { [ -d "/proc/$1" ] && [ "$(readlink "/proc/$1/exe")" = "$(readlink -f "$(command -v prometheus)")" ]; }
targets() { curl -sf --max-time 20 "$api/api/v1/targets" | jq -r '.data.activeTargets[] | .labels.instance + " " + .health'; }
has_target() { [[ $'\n'$(targets)$'\n' == *$'\n'"$1"$'\n'* ]]; }
has_no_target() { [[ $'\n'$(targets) != *$'\n'"$1 "* ]]; }

# --- From a pipeline to an answered query -------------------------------------------------------------

start sample "$bin/sample_pipeline" --port any --seed 3
url_of sample
instance=${url#http://}
instance=${instance%%/*}

up first
check_equal "stack up ends well" "$code" 0
check_contains "it says which engine, and why" "$folder/first.err" "engine: native, Prometheus"
check_contains "and why not the others" "$folder/first.err" "docker: not installed"
check_contains "the pipeline was found by itself" "$folder/first.err" "1 target is up"
check_contains "without Grafana it says so" "$folder/first.err" "grafana-server is not installed"
first_pid=$(pid_of_prometheus)
check "Prometheus runs" runs "$first_pid"
await 60 "the query of the prototype has an answer" is_true "$api" \
    'rate(total_inference_sample_pipeline_name_sum[10s]) / rate(total_inference_sample_pipeline_name_count[10s]) > 0'
check_between "it is the mean" \
    "$(value "$api" 'total_inference_sample_pipeline_name_sum / total_inference_sample_pipeline_name_count')" 1.4 1.6
check_equal "the job has its name" "$(value "$api" "count(up{job=\"inferometer\",instance=\"$instance\"})")" 1
check "the alerting rules are loaded" \
    test "$(curl -sf "$api/api/v1/rules" | jq '[.data.groups[].rules[]] | length')" -ge 10
check "promtool takes the configuration" promtool check config "$stack/prometheus/prometheus.yml"
check_equal "it listens on loopback alone" \
    "$(ss -ltnH "sport = :${api##*:}" | awk '{ print $4 }' | sort -u)" "127.0.0.1:${api##*:}"
check_equal "the folder is private" "$(stat -c %a "$stack")" 700

# --- Again, and two at once --------------------------------------------------------------------------

up again
check_equal "once more ends well" "$code" 0
check_equal "and leaves Prometheus alone" "$(pid_of_prometheus)" "$first_pid"

start one env PATH="$programs" "$inferometer" stack up --scrape-interval=1
one=$pid
start other env PATH="$programs" "$inferometer" stack up --scrape-interval=1
wait "$one"
check_equal "of two at once, the one ends well" $? 0
wait "$pid"
check_equal "and the other" $? 0
check_equal "and Prometheus is the same" "$(pid_of_prometheus)" "$first_pid"

"$inferometer" stack status >"$folder/status.out"
check_equal "status is content" $? 0
check_contains "status shows the target" "$folder/status.out" "$instance"
exec 5>"$folder/report.out"
PATH=$programs "$inferometer" stack up --scrape-interval=1 --report-fd=5 >/dev/null 2>&1
exec 5>&-
check_equal "the report for programs" "$(cat "$folder/report.out")" "OK http://localhost:${api##*:}/"

# A new interval is read without a start.
PATH=$programs "$inferometer" stack up --scrape-interval=2 >/dev/null 2>&1
check_equal "another interval" \
    "$(curl -sf "$api/api/v1/status/config" | jq -r .data.yaml | sed -n 's/^  scrape_interval: //p' | head -n 1)" 2s
check_equal "Grafana is told of it" \
    "$(sed -n 's/^ *timeInterval: //p' "$stack/grafana/provisioning/datasources/inferometer.yaml")" 2s
check_equal "without a start" "$(pid_of_prometheus)" "$first_pid"

# --- Ports -------------------------------------------------------------------------------------------

port=${instance##*:}
up busy --prometheus-port="$port"
check_equal "a busy port is refused" "$code" 1
check_contains "its owner is named" "$folder/busy.err" "port $port for Prometheus is in use by \"sample_pipeline\" (process "
check_contains "and a free one offered" "$folder/busy.err" "hint: --prometheus-port="
check "what ran goes on" runs "$first_pid"

# --- Bad command lines -------------------------------------------------------------------------------

refused() { # WHAT CODE WORDS OPTION...
    local what=$1 want=$2 words=$3
    shift 3
    "$inferometer" stack "$@" >"$folder/refused.out" 2>&1 </dev/null
    check_equal "$what: status" $? "$want"
    check_contains "$what: words" "$folder/refused.out" "$words"
}
refused "no such engine" 64 'accepted: auto docker podman native' up --engine=kvm
refused "a port that is none" 64 'whole number from 1 to 65535' up --grafana-port=0
refused "a target that is none" 1 'inferometer: "nonsense" is no target; hint: ' up --engine=native --target=nonsense
refused "exposed without a password" 1 'hint: give a password with --password-file=FILE' up --expose=0.0.0.0
echo secret-password >"$folder/password"
chmod 644 "$folder/password"
refused "a password that others can read" 64 'hint: chmod 600' up --password-file="$folder/password"
refused "an option that is none" 64 '"--verbose" is no option' up --verbose
refused "one word too many" 64 '"twice" is one argument too many' up twice
refused "volumes without asking" 64 'hint: add --yes' down --volumes
refused "logs of something else" 64 'neither prometheus nor grafana' logs mysql
refused "half a command" 64 '"stack" needs one more word'
check "what ran goes on" runs "$first_pid"

# --- Targets come and go -----------------------------------------------------------------------------

start second "$bin/sample_pipeline" --port any
second=$pid
url_of second
second_instance=${url#http://}
second_instance=${second_instance%%/*}
await 60 "a second pipeline appears by itself" has_target "$second_instance up"
kill -TERM "$second"
await 60 "and disappears when it ends" has_no_target "$second_instance"

start third "$bin/sample_pipeline" --port any
third=$pid
url_of third
third_instance=${url#http://}
third_instance=${third_instance%%/*}
await 60 "a third appears" has_target "$third_instance up"
kill -KILL "$third"
await 60 "one that was killed is down" has_target "$third_instance down"
up after_kill
await 60 "and is gone with the next start" has_no_target "$third_instance"

up down_target --target=127.0.0.1:9
check_equal "a target that is down is said by the status" "$code" 1
check_contains "with its cause" "$folder/down_target.err" "target 127.0.0.1:9 is down: connection refused"
check "but Prometheus runs" runs "$first_pid"
up no_target --target=none
check_equal "and can be taken back" "$code" 0
await 60 "then it is not watched any more" has_no_target 127.0.0.1:9

# --- Killed ------------------------------------------------------------------------------------------

kill -KILL "$first_pid"
is_gone() { ! runs "$1"; }
status_says_stopped() {
    "$inferometer" stack status >"$folder/status.out"
    [ $? -eq 1 ] && grep -q '^prometheus *stopped' "$folder/status.out"
}
await 60 "status sees that Prometheus is gone" status_says_stopped
up after_crash
check "and the next start works" runs "$(pid_of_prometheus)"

# stack up itself, at moments all over its time, with Prometheus running and without.
for moment in 0.00 0.02 0.05 0.10 0.20 0.50; do
    "$inferometer" stack down >/dev/null 2>&1
    PATH=$programs "$inferometer" stack up --scrape-interval=1 >/dev/null 2>&1 </dev/null &
    up_pid=$!
    sleep "$moment"
    kill -KILL $up_pid 2>/dev/null
    wait $up_pid 2>/dev/null
    if ! timeout 120 env PATH="$programs" "$inferometer" stack up --scrape-interval=1 >/dev/null 2>"$folder/killed.err"; then
        fail "killed after $moment s: the next start does not work"
        cat "$folder/killed.err"
    fi
done
check_equal "one Prometheus runs, not two" "$(pgrep -f -c -- "--config.file=$stack/" || true)" 1
check_equal "the pipeline went on through all of it" \
    "$(curl -s -o /dev/null -w '%{http_code}' --max-time 10 "http://$instance/metrics")" 200

# Ctrl-C: what was started is taken back.
"$inferometer" stack down >/dev/null 2>&1
# With a target that is never up it waits for half a minute, in which the signal surely comes.
start interrupted env PATH="$programs" "$inferometer" stack up --scrape-interval=10 --target=127.0.0.1:9
await 60 "Prometheus is ready" grep -q 'Prometheus is ready' "$folder/interrupted.err"
stop_and_measure INT "$pid"
check_equal "Ctrl-C ends it" "$code" 130
check_contains "and takes back" "$folder/interrupted.err" "what was started is stopped again"
check_equal "everything" "$(pgrep -f -c -- "--config.file=$stack/" || true)" 0

# A folder where a file belongs, a record that is broken.
echo '{' >"$stack/stack.json"
up broken_record --target=none
check_contains "a broken record is no obstacle" "$folder/broken_record.err" "writes it anew"
check "and it runs" runs "$(pid_of_prometheus)"
running() { pgrep -f -c -- "--config.file=$stack/" || true; }
rm "$stack/stack.json"
up lost_record
check_equal "nor is one that is lost while it runs" "$code" 0
check_equal "it was stopped, as two cannot share the data" "$(running)" 1
rm "$stack/stack.json"
"$inferometer" stack down >"$folder/lost.out" 2>&1
check_equal "down finds it without a record" "$(running)" 0

# --- Folders -----------------------------------------------------------------------------------------

echo '{"uid":"mine","title":"mine","panels":[]}' >"$stack/grafana/dashboards/mine.json"
echo 'groups: []' >"$stack/prometheus/rules/mine.yml"
touch "$stack/grafana/dashboards/inferometer-older.json"
up own_files
check "dashboards and rules of the user's own stay" \
    test -e "$stack/grafana/dashboards/mine.json" -a -e "$stack/prometheus/rules/mine.yml"
check "those of an older version go" test ! -e "$stack/grafana/dashboards/inferometer-older.json"
rm "$stack/grafana/dashboards/mine.json" "$stack/prometheus/rules/mine.yml"
XDG_STATE_HOME="$folder/a[b" up pattern --engine=native
check_equal "a folder that Prometheus takes for a pattern" "$code" 1
check_contains "is refused" "$folder/pattern.err" 'it has a "[" in its name; hint: set XDG_STATE_HOME'
"$inferometer" stack down >/dev/null 2>&1

# Both find the same ports free; each has to notice when the other was faster.
both() { # NAME
    XDG_STATE_HOME=$folder/$1 start "$1" env PATH="$programs" "$inferometer" stack up --engine=native
}
for _ in 1 2 3; do
    both east
    east=$pid
    both west
    wait "$east"
    check_equal "two stacks at once: one ends well" $? 0
    wait "$pid"
    check_equal "and the other" $? 0
    check "with a Prometheus each" test "$(grep 'Prometheus  ' "$folder/east.out")" != "$(grep 'Prometheus  ' "$folder/west.out")"
    for name in east west; do
        XDG_STATE_HOME=$folder/$name "$inferometer" stack down >/dev/null 2>&1
    done
done

# --- With a grafana-server ----------------------------------------------------------------------------

"$inferometer" stack down --volumes --yes >/dev/null 2>&1
mkdir -p "$folder/grafana/bin" "$folder/grafana/conf"
touch "$folder/grafana/conf/defaults.ini"
ln -s "$3" "$folder/grafana/bin/grafana-server"
ln -s "$3" "$folder/grafana/bin/grafana-cli"
without=$programs
programs=$programs:$folder/grafana/bin
status_of() { curl -s -o /dev/null -w '%{http_code}' --max-time 20 "$@"; }
password() { cat "$stack/grafana/secrets/admin_password"; }
up grafana
check_equal "with Grafana it ends well" "$code" 0
grafana=$(sed -n 's/^  dashboards  http:\/\/localhost:\([0-9]*\)\/$/http:\/\/127.0.0.1:\1/p' "$folder/grafana.out")
check_equal "viewers need no login" "$(status_of "$grafana/")" 200
check_equal "the generated password is the admin's" "$(status_of -u "admin:$(password)" "$grafana/api/org")" 200
source_health() { status_of -u "admin:$(password)" "$grafana/api/datasources/uid/inferometer-prometheus/health"; }
check_equal "it reaches Prometheus" "$(source_health)" 200
grafana_pid=$(cat "$stack/native/grafana.pid")
up grafana_again
check_equal "once more leaves it alone" "$(cat "$stack/native/grafana.pid")" "$grafana_pid"
PATH=$programs "$inferometer" stack reset-password >"$folder/reset.out" 2>&1
check_equal "reset-password ends well" $? 0
check_equal "the new password is the admin's" "$(status_of -u "admin:$(password)" "$grafana/api/org")" 200
PATH=$programs "$inferometer" stack up --scrape-interval=2 >/dev/null 2>&1
check "another interval starts it anew" test "$(cat "$stack/native/grafana.pid")" != "$grafana_pid"
echo -n exposed-password >"$folder/password"
chmod 600 "$folder/password"
up exposed --expose=127.0.0.2 --password-file="$folder/password"
check_equal "exposed, viewers have to log in" "$(status_of "http://127.0.0.2:${grafana##*:}/")" 302
check_equal "and Prometheus asks for the password" "$(status_of "http://127.0.0.2:${api##*:}/api/v1/targets")" 401
check_equal "which is the given one" \
    "$(status_of -u admin:exposed-password "http://127.0.0.2:${api##*:}/api/v1/targets")" 200
"$inferometer" stack down >/dev/null 2>&1
check_equal "down ends both" "$(pgrep -f -c -- "$stack/" || true)" 0
programs=$without

# --- A Prometheus that never answers ------------------------------------------------------------------

mkdir "$folder/silent"
pretend() { # WHAT_IT_DOES: the program prometheus, but for its version
    cat >"$folder/silent/prometheus" <<END
#!/bin/sh
if [ "\$1" = --version ]; then
    echo "prometheus, version 2.42.0"
    exit
fi
$1
END
}
pretend 'exec tail -f /dev/null'
chmod +x "$folder/silent/prometheus"
programs=$folder/silent:$programs
up silent --timeout=3
check_equal "the time limit ends it" "$code" 1
check_contains "and says what did not answer" "$folder/silent.err" "waiting for Prometheus at http://127.0.0.1:"
check_contains "and takes back what was started" "$folder/silent.err" "what was started is stopped again"
pretend 'echo "err=\"no space left\"" >&2; exit 1'
up dead
check_equal "one that ends at once is an error" "$code" 1
check_contains "with its last words" "$folder/dead.err" 'err="no space left"'
programs=$without
up after_silent
check_equal "and with the real one it works again" "$code" 0

# --- Logs, down --------------------------------------------------------------------------------------

"$inferometer" stack logs --lines=3 >"$folder/logs.out"
check_equal "logs shows as many lines as it is asked for" "$(wc -l <"$folder/logs.out")" 3
last=$(pid_of_prometheus)
"$inferometer" stack down >"$folder/down.out" 2>&1
check_equal "down ends well" $? 0
check "and Prometheus is gone" is_gone "$last"
check "its data stays" test -d "$stack/native/prometheus-data/wal"
"$inferometer" stack down >"$folder/down.out" 2>&1
check_equal "down twice is fine" $? 0
"$inferometer" stack down --volumes --yes >"$folder/down.out" 2>&1
check "with --volumes the data goes" test ! -e "$stack/native/prometheus-data"
"$inferometer" stack down >"$folder/down.out" 2>&1
check_contains "then there is nothing" "$folder/down.out" "nothing was started"
check "it wrote nowhere else" test -z "$(find "$XDG_STATE_HOME" -mindepth 1 -maxdepth 1 ! -name inferometer)"
finish
