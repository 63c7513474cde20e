#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: stack_docker_test.sh PROGRAMS SOURCES STAND_IN
#
# inferometer stack with a real Docker engine and docker-compose 1.29: the generated compose file, with Debian's
# Prometheus in an image of the pinned name. Debian has no Grafana: STAND_IN takes its place, which ends with a
# sentence when a file is not where Grafana reads it.
docker=$(dirname "$0")/docker
# shellcheck source=tests/integration/docker/engine.sh
. "$docker/engine.sh"
engine_isolate "$0" "$@"
# shellcheck source=tests/integration/lib.sh
. "$docker/../lib.sh"
# shellcheck source=tests/integration/docker/images.sh
. "$docker/images.sh"
need docker docker-compose prometheus promtool curl jq ss
reason=$(images_obstacle) && skip "$reason"

inferometer=$bin/inferometer
stack=$XDG_STATE_HOME/inferometer/stack
pinned() { sed -n "s/^#define STACK_$1_IMAGE *\"\(.*\)\"$/\1/p" "$root/src/stack/images.h"; }
prometheus_image=$(pinned PROMETHEUS)
grafana_image=$(pinned GRAFANA)
export DOCKER_CONFIG=$folder/docker-client

engine_start "$folder/engine" || exit $?
images_prometheus "$prometheus_image" || exit 1
images_grafana "$grafana_image" "$3" || exit 1

api=http://127.0.0.1:9090
grafana=http://127.0.0.1:3000

# up NAME OPTION...: sets code; output in $folder/NAME.out and .err.
up() {
    local name=$1
    shift
    timeout 120 "$inferometer" stack up --engine=docker --scrape-interval=1 "$@" \
        >"$folder/$name.out" 2>"$folder/$name.err" </dev/null
    code=$?
}
ids() { docker ps --quiet --no-trunc --filter "name=$1" | sort; }
status_of() { curl -s -o /dev/null -w '%{http_code}' --max-time 20 "$@"; }
targets() { curl -sf --max-time 20 "$api/api/v1/targets" | jq -r '.data.activeTargets[] | .labels.instance + " " + .health'; }
has_target() { [[ $'\n'$(targets)$'\n' == *$'\n'"$1"$'\n'* ]]; }
containers() { docker ps --all --quiet | wc -l; }

# --- Up ----------------------------------------------------------------------------------------------

start sample "$bin/sample_pipeline" --port any --seed 4
sample=$pid
url_of sample
instance=${url#http://}
instance=${instance%%/*}

up first
check_equal "stack up ends well" "$code" 0
[ "$code" -eq 0 ] || finish
check_contains "it says which engine, and with what" "$folder/first.err" "engine: docker 20.10"
check_contains "in which network" "$folder/first.err" "in this machine's network"
check_contains "the target is up" "$folder/first.err" "1 target is up"
check_contains "where the dashboards are" "$folder/first.out" "dashboards  http://localhost:3000/"
check_contains "where the password is" "$folder/first.out" "$stack/grafana/secrets/admin_password"
check_equal "two containers run" "$(docker ps --quiet | wc -l)" 2
await 60 "the query of the prototype has an answer" is_true "$api" \
    'rate(total_inference_sample_pipeline_name_sum[10s]) / rate(total_inference_sample_pipeline_name_count[10s]) > 0'
check_equal "compose takes the file without a word" \
    "$(docker-compose -f "$stack/compose.yaml" -p x config 2>&1 >/dev/null)" ""
check_equal "both listen on loopback alone" \
    "$(ss -ltnH '( sport = :9090 or sport = :3000 )' | awk '{ print $4 }' | sort -u | tr '\n' ' ')" \
    "127.0.0.1:3000 127.0.0.1:9090 "
password=$(cat "$stack/grafana/secrets/admin_password")
check_equal "the generated password is Grafana's" "$(status_of -u "admin:$password" $grafana/api/org)" 200
check_equal "and another is not" "$(status_of -u admin:admin $grafana/api/org)" 401
check_equal "viewers need none" "$(status_of $grafana/)" 200
check_equal "Grafana reaches Prometheus" \
    "$(status_of -u "admin:$password" $grafana/api/datasources/uid/inferometer-prometheus/health)" 200
check_equal "the password stands in no command line" "$(pgrep -f -c -- "$password" || true)" 0

# --- Again -------------------------------------------------------------------------------------------

before=$(ids inferometer)
up again
check_equal "once more ends well" "$code" 0
check_equal "and leaves the containers alone" "$(ids inferometer)" "$before"
prometheus_before=$(ids prometheus)
timeout 120 "$inferometer" stack up --engine=docker --scrape-interval=2 >/dev/null 2>"$folder/interval.err" </dev/null
check_equal "another interval: Prometheus reads it without a start" "$(ids prometheus)" "$prometheus_before"
check_equal "it has it" \
    "$(curl -sf "$api/api/v1/status/config" | jq -r .data.yaml | sed -n 's/^  scrape_interval: //p' | head -n 1)" 2s
check "Grafana, which reads it at its start, was started" test "$(ids inferometer)" != "$before"

start one timeout 120 "$inferometer" stack up --engine=docker --scrape-interval=1
one=$pid
start other timeout 120 "$inferometer" stack up --engine=docker --scrape-interval=1
wait "$one"
check_equal "of two at once, the one ends well" $? 0
wait "$pid"
check_equal "and the other" $? 0
check_equal "and there are two containers" "$(containers)" 2

# Of two stacks at the same moment both find 9090 free; each knows its own Prometheus.
"$inferometer" stack down >/dev/null 2>&1
start mine timeout 120 "$inferometer" stack up --engine=docker --scrape-interval=1
mine=$pid
start others env XDG_STATE_HOME="$folder/other" timeout 120 "$inferometer" stack up --engine=docker --scrape-interval=1
wait "$mine"
check_equal "of two stacks, the one comes up" $? 0
wait "$pid"
check_equal "and the other" $? 0
port_of() { sed -n "s/^  $2  *http:\/\/localhost:\([0-9]*\)\/$/\1/p" "$folder/$1.out"; }
for what in Prometheus dashboards; do
    check "$what of the two are apart" test "$(port_of mine $what)" -ne "$(port_of others $what)"
done
check_equal "four containers run" "$(docker ps --quiet | wc -l)" 4
XDG_STATE_HOME=$folder/other "$inferometer" stack down --volumes --yes >/dev/null 2>&1
"$inferometer" stack down >/dev/null 2>&1
up alone
check_equal "and one alone has 9090 again" "$(port_of alone Prometheus)" 9090

# --- A bridge ----------------------------------------------------------------------------------------

up bridge --network=bridge
check_equal "on a bridge a pipeline on loopback is out of reach, which the status says" "$code" 1
check_contains "and the reason" "$folder/bridge.err" "target $instance is down: connection refused"
check_contains "and what to do" "$folder/bridge.err" "--network=host"
start open "$bin/sample_pipeline" --port any --address 0.0.0.0
open=$pid
url_of open
open_port=${url##*:}
open_port=${open_port%%/*}
await 60 "one that listens on the bridge is up, under its own name" has_target "127.0.0.1:$open_port up"
check_equal "Grafana reaches Prometheus there too" \
    "$(status_of -u "admin:$password" $grafana/api/datasources/uid/inferometer-prometheus/health)" 200
check_equal "the ports are published on loopback alone" \
    "$(ss -ltnH '( sport = :9090 or sport = :3000 )' | awk '{ print $4 }' | sort -u | tr '\n' ' ')" \
    "127.0.0.1:3000 127.0.0.1:9090 "
kill -TERM "$open"
wait "$open"
up back
check_equal "and back again" "$code" 0

# --- Images ------------------------------------------------------------------------------------------

up offline --offline --grafana-image=grafana/grafana:0.0.0
check_equal "an image that is missing, offline" "$code" 1
check_contains "is named" "$folder/offline.err" "the image grafana/grafana:0.0.0 is not on this machine, and --offline pulls none; hint: "
up pull --grafana-image=grafana/grafana:0.0.0
check_equal "an image that cannot be pulled" "$code" 1
check_contains "is named" "$folder/pull.err" "grafana/grafana:0.0.0"
check_equal "what ran goes on" "$(docker ps --quiet | wc -l)" 2

# --- The password ------------------------------------------------------------------------------------

echo -n other-password >"$stack/grafana/secrets/admin_password"
up password
check_contains "a password that Grafana's data does not know is said" "$folder/password.err" "inferometer stack reset-password"
"$inferometer" stack reset-password >"$folder/reset.out" 2>&1
check_equal "reset-password ends well" $? 0
check_equal "and Grafana has the new one" \
    "$(status_of -u "admin:$(cat "$stack/grafana/secrets/admin_password")" $grafana/api/org)" 200

# --- Killed ------------------------------------------------------------------------------------------

docker kill "$(ids prometheus)" >/dev/null
"$inferometer" stack status >"$folder/status.out" 2>&1
check_equal "status sees that Prometheus is gone" $? 1
up after_kill
check_equal "and the next start works" "$code" 0
"$inferometer" stack down >/dev/null 2>&1
for moment in 0.05 0.4 0.8 1.5 3; do
    "$inferometer" stack up --engine=docker --scrape-interval=1 >/dev/null 2>&1 </dev/null &
    up_pid=$!
    sleep $moment
    kill -KILL $up_pid 2>/dev/null
    wait $up_pid 2>/dev/null
    if ! timeout 120 "$inferometer" stack up --engine=docker --scrape-interval=1 >/dev/null 2>"$folder/killed.err"; then
        fail "killed after $moment s: the next start does not work"
        cat "$folder/killed.err"
    fi
    timeout 120 "$inferometer" stack down >/dev/null 2>&1
done
check_equal "nothing is left of them" "$(containers)" 0
check_equal "the pipeline went on through all of it" "$(status_of "http://$instance/metrics")" 200

# With a target that is never up it waits for half a minute, in which the signal surely comes.
start interrupted "$inferometer" stack up --engine=docker --scrape-interval=10 --target=127.0.0.1:9
await 60 "it is under way" grep -q 'Prometheus is ready' "$folder/interrupted.err"
stop_and_measure INT "$pid"
check_equal "Ctrl-C ends it" "$code" 130
check_equal "and takes everything back" "$(containers)" 0

# --- The engine of what runs --------------------------------------------------------------------------

timeout 120 "$inferometer" stack up --engine=native --scrape-interval=1 --target=none >/dev/null 2>&1 </dev/null
native_pid=$(cat "$stack/native/prometheus.pid")
timeout 120 "$inferometer" stack up >/dev/null 2>"$folder/stays.err" </dev/null
check_contains "auto leaves what runs with its engine" "$folder/stays.err" "engine: native"
check_equal "and alone" "$(cat "$stack/native/prometheus.pid")" "$native_pid"
echo exposed-password >"$folder/password"
chmod 600 "$folder/password"
timeout 120 "$inferometer" stack up --expose=0.0.0.0 --password-file="$folder/password" \
    >"$folder/exposed.out" 2>"$folder/exposed.err" </dev/null
check_equal "on another address it keeps its port" "$(sed -n 's/^  Prometheus  //p' "$folder/exposed.out")" \
    http://localhost:9090/
native_pid=$(cat "$stack/native/prometheus.pid")
up missing --offline --grafana-image=grafana/grafana:0.0.0
check "an engine without its images does not take its place" test -d "/proc/$native_pid"
up moved
check_equal "one that was asked for does" "$code" 0
timeout 120 "$inferometer" stack up --offline --grafana-image=grafana/grafana:0.0.0 >/dev/null 2>&1 </dev/null
check_equal "auto, without an image, does not take another engine's place" "$(docker ps --quiet | wc -l)" 2
check_equal "on the same port" "$(sed -n 's/^  Prometheus  //p' "$folder/moved.out")" http://localhost:9090/
check "and the other is stopped" test ! -d "/proc/$native_pid"
"$inferometer" stack down >/dev/null 2>&1

# --- From the pipeline, in one command ---------------------------------------------------------------

kill -TERM "$sample"
wait "$sample"
INFEROMETER_BIN=$inferometer start whole "$bin/sample_pipeline" --port any --monitoring stack
whole=$pid
await 60 "sample_pipeline --monitoring stack says where the dashboards are" \
    grep -q '^dashboard http://localhost:3000/$' "$folder/whole.out"
await 60 "the query of the prototype has an answer" is_true "$api" \
    'rate(total_inference_sample_pipeline_name_sum[30s]) / rate(total_inference_sample_pipeline_name_count[30s]) > 0'
engine_stop
check_equal "the pipeline goes on when the engine ends" "$(curl -s -o /dev/null -w '%{http_code}' --max-time 20 \
    "$(sed -n 's/^serving \([^;]*\);.*/\1/p' "$folder/whole.out")")" 200
up no_engine
check_equal "without the engine, stack up says so" "$code" 1
check_contains "with what to do" "$folder/no_engine.err" "hint: "
kill -TERM "$whole"
wait "$whole"
check_equal "and ends as it should" $? 0
engine_start "$folder/engine" || exit 1
images_prometheus "$prometheus_image" || exit 1
images_grafana "$grafana_image" "$3" || exit 1

# --- Down --------------------------------------------------------------------------------------------

volumes=$(docker volume ls --quiet | wc -l)
networks=$(docker network ls --quiet | wc -l)
up last --network=bridge
"$inferometer" stack down >"$folder/down.out" 2>&1
check_equal "down ends well" $? 0
check_equal "no container is left" "$(containers)" 0
check_equal "no network is left" "$(docker network ls --quiet | wc -l)" "$networks"
check_equal "the data is" "$(docker volume ls --quiet | grep -c inferometer)" 2
"$inferometer" stack down --volumes --yes >"$folder/down.out" 2>&1
check_equal "with --volumes it goes" "$(docker volume ls --quiet | grep -c inferometer)" 0
check_equal "and nothing else does" "$(docker volume ls --quiet | wc -l)" "$volumes"
engine_stop
finish
