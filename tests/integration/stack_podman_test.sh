#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: stack_podman_test.sh PROGRAMS SOURCES STAND_IN root|user
#
# inferometer stack with Debian's podman and podman-compose, as root or as a user without rights. What does not
# depend on the engine is tested in stack_docker_test.sh.
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
# shellcheck source=tests/integration/docker/podman.sh
. "$docker/podman.sh"
need podman podman-compose prometheus promtool curl jq ss
reason=$(images_obstacle) && skip "$reason"
images_tool=podman_run
place=$folder/podman
become=(env)
user_become=()
if [ "$4" = user ]; then
    reason=$(user_obstacle) && skip "$reason"
    podman_start "$place" tester || exit 1
    export XDG_STATE_HOME=$user_home/state
    # The user may not come into the folders that this was built in.
    cp -r "${bin%/*}/lib" "$bin/inferometer" "$bin/sample_pipeline" "$place" || exit 1
    bin=$place
    become=("${user_become[@]}" XDG_STATE_HOME="$XDG_STATE_HOME" LD_LIBRARY_PATH="$place/lib")
else
    podman_start "$place" || exit 1
fi
stack=$XDG_STATE_HOME/inferometer/stack
pinned() { sed -n "s/^#define STACK_$1_IMAGE *\"\(.*\)\"$/docker.io\/\1/p" "$root/src/stack/images.h"; }
images_prometheus "$(pinned PROMETHEUS)" || exit 1
images_grafana "$(pinned GRAFANA)" "$3" || exit 1

api=http://127.0.0.1:9090
grafana=http://127.0.0.1:3000

inferometer() { "${become[@]}" timeout 90 "$bin/inferometer" "$@"; }
# up NAME OPTION...: sets code; output in $folder/NAME.out and .err.
up() {
    local name=$1
    shift
    inferometer stack up --engine=podman --scrape-interval=1 "$@" \
        >"$folder/$name.out" 2>"$folder/$name.err" </dev/null
    code=$?
}
status_of() { curl -s -o /dev/null -w '%{http_code}' --max-time 20 "$@"; }
source_status() {
    status_of -u "admin:$password" $grafana/api/datasources/uid/inferometer-prometheus/health
}
targets() { curl -sf --max-time 20 "$api/api/v1/targets" | jq -r '.data.activeTargets[] | .labels.instance + " " + .health'; }
has_target() { [[ $'\n'$(targets)$'\n' == *$'\n'"$1"$'\n'* ]]; }
containers() { podman_run ps --all --quiet | wc -l; }
listeners() {
    ss -ltnH '( sport = :9090 or sport = :3000 )' | awk '{ print $4 }' | sort -u | tr '\n' ' '
}

# --- Up ----------------------------------------------------------------------------------------------

networks=$(podman_run network ls --quiet | sort)
start sample "${become[@]}" "$bin/sample_pipeline" --port any --seed 4
sample=$pid
url_of sample
instance=${url#http://}
instance=${instance%%/*}

up first
check_equal "stack up ends well" "$code" 0
[ "$code" -eq 0 ] || finish
check_contains "it says which engine" "$folder/first.err" "engine: podman 4.3"
check_contains "with what" "$folder/first.err" "with podman-compose 1.0.3, in this machine's network"
check_equal "and whether it has rights" "$(grep -c '(rootless)' "$folder/first.err")" $((${#user_become[@]} > 0))
check_contains "the target is up" "$folder/first.err" "1 target is up"
check_contains "where the password is" "$folder/first.out" "$stack/grafana/secrets/admin_password"
check_equal "two containers run" "$(podman_run ps --quiet | wc -l)" 2
check_equal "of the images with their registry" "$(podman_run ps --format '{{.Image}}' | sort | tr '\n' ' ')" \
    "$(pinned GRAFANA) $(pinned PROMETHEUS) "
await 60 "the query of the prototype has an answer" is_true "$api" \
    'rate(total_inference_sample_pipeline_name_sum[10s]) / rate(total_inference_sample_pipeline_name_count[10s]) > 0'
check_equal "both listen on loopback alone" "$(listeners)" "127.0.0.1:3000 127.0.0.1:9090 "
password=$(cat "$stack/grafana/secrets/admin_password")
check_equal "the generated password is Grafana's" "$(status_of -u "admin:$password" $grafana/api/org)" 200
check_equal "viewers need none" "$(status_of $grafana/)" 200
check_equal "Grafana reaches Prometheus" "$(source_status)" 200

# --- Again -------------------------------------------------------------------------------------------

up again
check_equal "once more ends well" "$code" 0
check_equal "and there are two containers" "$(containers)" 2
inferometer stack status >"$folder/status.out" 2>&1
check_equal "status is content" $? 0
check_contains "and knows the target" "$folder/status.out" "$instance"
inferometer stack logs prometheus >"$folder/logs.out" 2>&1
check_equal "logs ends well" $? 0
check_contains "and shows what Prometheus wrote" "$folder/logs.out" "Server is ready to receive web requests"
inferometer stack logs --lines=5 >"$folder/both.out" 2>&1
check_equal "and those of both" $? 0
inferometer stack reset-password >"$folder/reset.out" 2>&1
check_equal "reset-password ends well" $? 0
check "with another password" test "$(cat "$stack/grafana/secrets/admin_password")" != "$password"
password=$(cat "$stack/grafana/secrets/admin_password")
check_equal "which is Grafana's" "$(status_of -u "admin:$password" $grafana/api/org)" 200
inferometer doctor >"$folder/doctor.out" 2>&1
check_equal "the doctor finds nothing" $? 0

# --- A bridge ----------------------------------------------------------------------------------------

start open "${become[@]}" "$bin/sample_pipeline" --port any --address 0.0.0.0
open=$pid
url_of open
open_port=${url##*:}
open_port=${open_port%%/*}
up bridge --network=bridge
check_equal "on a bridge a pipeline on loopback is out of reach, which the status says" "$code" 1
check_contains "the engine's line says where it is" "$folder/bridge.err" "in a network of its own"
check_contains "and the reason is said" "$folder/bridge.err" "target $instance is down: connection refused"
check_contains "with what to do" "$folder/bridge.err" "hint: inferometer stack up --network=host"
await 60 "one that listens beyond loopback is up, under its own name" has_target "127.0.0.1:$open_port up"
check_equal "the ports are published on loopback alone" "$(listeners)" "127.0.0.1:3000 127.0.0.1:9090 "
if grep -q "Grafana does not reach Prometheus" "$folder/bridge.err"; then # there is no plugin for names
    check_contains "that podman knows no names is said, with what to do" "$folder/bridge.err" "aardvark-dns or dnsname"
else
    check_equal "Grafana reaches Prometheus there too" "$(source_status)" 200
fi
kill -TERM "$open"
wait "$open"
up back --network=host
check_equal "what it said helps" "$code" 0
check "the pipeline is up again" has_target "$instance up"
check_equal "Grafana reaches Prometheus again" "$(source_status)" 200

# --- Images ------------------------------------------------------------------------------------------

up offline --offline --grafana-image=grafana/grafana:0.0.0
check_equal "an image that is missing, offline" "$code" 1
check_contains "is named, with its registry" "$folder/offline.err" \
    "the image docker.io/grafana/grafana:0.0.0 is not on this machine, and --offline pulls none; hint: "
check_equal "what ran goes on" "$(podman_run ps --quiet | wc -l)" 2

# --- Killed ------------------------------------------------------------------------------------------

podman_run kill "$(podman_run ps --quiet --filter name=prometheus)" >/dev/null
inferometer stack status >"$folder/status.out" 2>&1
check_equal "status sees that Prometheus is gone" $? 1
up after_kill
check_equal "and the next start works" "$code" 0

# --- Down --------------------------------------------------------------------------------------------

inferometer stack down >"$folder/down.out" 2>&1
check_equal "down ends well" $? 0
check_equal "no container is left" "$(containers)" 0
check_equal "no network is left" "$(podman_run network ls --quiet | sort)" "$networks"
check_equal "the data is" "$(podman_run volume ls --quiet | grep -c inferometer)" 2

# With a target that is never up it waits for half a minute, in which the signal surely comes.
start interrupted "${become[@]}" "$bin/inferometer" stack up --engine=podman --scrape-interval=10 --target=127.0.0.1:9
await 60 "it is under way" grep -q 'Prometheus is ready' "$folder/interrupted.err"
stop_and_measure INT "$pid"
check_equal "Ctrl-C ends it" "$code" 130
check_equal "and takes everything back" "$(containers)" 0
check_equal "the pipeline went on through all of it" "$(status_of "http://$instance/metrics")" 200

inferometer stack down --volumes --yes >"$folder/down.out" 2>&1
check_equal "down ends well with nothing to stop" $? 0
check_equal "with --volumes the data goes" "$(podman_run volume ls --quiet | wc -l)" 0
kill -TERM "$sample"
wait "$sample"
podman_stop
finish
