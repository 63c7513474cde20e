#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: stack_rootless_test.sh PROGRAMS SOURCES STAND_IN
#
# inferometer stack with rootless Docker: what it chooses by itself, and that what it says to do about a pipeline
# that is out of reach really helps. What does not depend on the engine is tested in stack_docker_test.sh.
docker=$(dirname "$0")/docker
# shellcheck source=tests/integration/docker/engine.sh
. "$docker/engine.sh"
engine_isolate "$0" "$@"
# shellcheck source=tests/integration/lib.sh
. "$docker/../lib.sh"
# shellcheck source=tests/integration/docker/images.sh
. "$docker/images.sh"
# shellcheck source=tests/integration/docker/user.sh
. "$docker/user.sh"
need docker docker-compose prometheus promtool curl jq ss
reason=$(images_obstacle) && skip "$reason"

place=$folder/rootless
engine_start_rootless "$place" tester || exit $?
pinned() { sed -n "s/^#define STACK_$1_IMAGE *\"\(.*\)\"$/\1/p" "$root/src/stack/images.h"; }
images_prometheus "$(pinned PROMETHEUS)" || exit 1
images_grafana "$(pinned GRAFANA)" "$3" || exit 1

# The user may not come into the folders that this was built in.
cp -r "${bin%/*}/lib" "$bin/inferometer" "$bin/sample_pipeline" "$place" || exit 1
bin=$place
export XDG_STATE_HOME=$user_home/state
stack=$XDG_STATE_HOME/inferometer/stack
become=("${user_become[@]}" XDG_STATE_HOME="$XDG_STATE_HOME" LD_LIBRARY_PATH="$place/lib")
with_engine=("${become[@]}" DOCKER_HOST="$DOCKER_HOST")
api=http://127.0.0.1:9090
grafana=http://127.0.0.1:3000
lan=198.51.100.1

# up NAME OPTION...: sets code; output in $folder/NAME.out and .err.
up() {
    local name=$1
    shift
    "${with_engine[@]}" timeout 90 "$bin/inferometer" stack up --scrape-interval=1 "$@" \
        >"$folder/$name.out" 2>"$folder/$name.err" </dev/null
    code=$?
}
status_of() { curl -s -o /dev/null -w '%{http_code}' --max-time 20 "$@"; }
targets() { curl -sf --max-time 20 "$api/api/v1/targets" | jq -r '.data.activeTargets[] | .labels.instance + " " + .health'; }
has_target() { [[ $'\n'$(targets)$'\n' == *$'\n'"$1"$'\n'* ]]; }
# start_pipeline NAME ADDRESS: sets pid and port.
start_pipeline() {
    start "$1" "${become[@]}" "$bin/sample_pipeline" --port any --address "$2"
    url_of "$1"
    port=${url##*:}
    port=${port%%/*}
}

end() { # PID
    kill -TERM "$1"
    wait "$1"
}
complaint() { sed -n "s/.*target $1 is down: //p" "$folder/$2.err"; }

# --- Where the engine is -----------------------------------------------------------------------------

"${become[@]}" "$bin/inferometer" stack up --engine=docker >"$folder/nowhere.out" 2>"$folder/nowhere.err" </dev/null
check_equal "without DOCKER_HOST there is no engine" $? 1
check_contains "it says what is the matter" "$folder/nowhere.err" "but yours is rootless"
check_contains "and what to do" "$folder/nowhere.err" "hint: export DOCKER_HOST=$DOCKER_HOST"

# --- A pipeline that the containers reach -------------------------------------------------------------

start_pipeline open 0.0.0.0
open=$pid open_port=$port
up first
check_equal "stack up ends well" "$code" 0
[ "$code" -eq 0 ] || finish
check_contains "it chooses the engine by itself" "$folder/first.err" "engine: docker 20.10"
check_contains "which is rootless" "$folder/first.err" "(rootless)"
check_contains "in which network" "$folder/first.err" "in a network of its own"
check_contains "the target is up" "$folder/first.err" "1 target is up"
check "under its own name" has_target "127.0.0.1:$open_port up"
check_contains "this machine is its address" "$stack/compose.yaml" "\"host.docker.internal:$lan\""
check_equal "the ports are published on loopback alone" \
    "$(ss -ltnH '( sport = :9090 or sport = :3000 )' | awk '{ print $4 }' | sort -u | tr '\n' ' ')" \
    "127.0.0.1:3000 127.0.0.1:9090 "
password=$(cat "$stack/grafana/secrets/admin_password")
check_equal "Grafana reaches Prometheus" \
    "$(status_of -u "admin:$password" $grafana/api/datasources/uid/inferometer-prometheus/health)" 200
await 60 "the query of the prototype has an answer" is_true "$api" \
    'rate(total_inference_sample_pipeline_name_sum[10s]) / rate(total_inference_sample_pipeline_name_count[10s]) > 0'
"${with_engine[@]}" "$bin/inferometer" doctor --check=D4 >"$folder/doctor.out" 2>&1
check_equal "the doctor finds nothing about the address" $? 0
check_contains "and names it" "$folder/doctor.out" "host.docker.internal is $lan in the container"

# --- One that they do not, and every way out that is named --------------------------------------------

start_pipeline closed 127.0.0.1
closed=$pid closed_port=$port
up closed
check_equal "a pipeline on loopback is out of reach, which the status says" "$code" 1
complaint "127.0.0.1:$closed_port" closed >"$folder/complaint"
check_contains "the reason is said" "$folder/complaint" "connection refused: the program listens on 127.0.0.1 only"
check_contains "one way out" "$folder/complaint" "INFEROMETER_ADDRESS=0.0.0.0"
check_contains "another" "$folder/complaint" "inferometer stack up --engine=native"
"${with_engine[@]}" "$bin/inferometer" stack status >"$folder/status.out" 2>&1
check_equal "status says so, too" $? 1
check_contains "with the same advice" "$folder/status.out" "INFEROMETER_ADDRESS=0.0.0.0"
end "$closed"

start advised "${become[@]}" INFEROMETER_ADDRESS=0.0.0.0 "$bin/sample_pipeline" --port any
advised=$pid
url_of advised
port=${url##*:}
await 60 "with that address it is up" has_target "127.0.0.1:${port%%/*} up"
end "$advised"

start advised_lan "${become[@]}" INFEROMETER_ADDRESS=$lan "$bin/sample_pipeline" --port any
advised=$pid
url_of advised_lan
port=${url##*:}
await 60 "and with the machine's own address" has_target "$lan:${port%%/*} up"
end "$advised"

up host --network=host
check_equal "the host's network is refused" "$code" 1
check_contains "with the reason" "$folder/host.err" "rootless Docker cannot give containers this machine's network"
check_equal "what ran goes on" "$(docker ps --quiet | wc -l)" 2

start_pipeline kept 127.0.0.1
kept=$pid kept_port=$port
up native --engine=native
check_equal "the native engine takes over" "$code" 0
check "and reads a pipeline on loopback" has_target "127.0.0.1:$kept_port up"
check_equal "no container is left" "$(docker ps --all --quiet | wc -l)" 0

# --- Down --------------------------------------------------------------------------------------------

up last --engine=docker
"${with_engine[@]}" "$bin/inferometer" stack down --volumes --yes >"$folder/down.out" 2>&1
check_equal "down ends well" $? 0
check_equal "no container is left" "$(docker ps --all --quiet | wc -l)" 0
check_equal "no network is left" "$(docker network ls --quiet --filter type=custom)" ""
check_equal "no volume is left" "$(docker volume ls --quiet)" ""
end "$open"
end "$kept"
engine_stop
finish
