#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: harness_test.sh PROGRAMS SOURCES STAND_IN
#
# The harness of the tests with a real engine: the engine runs, both images are made, docker-compose brings
# them up with host networking and with a bridge, and afterwards nothing is left, however the test ended.
# It tests what tests are made of, and takes as long as one: .ci/run asks for it.
if [ -z "${IFM_ENGINE_HARNESS:-}" ]; then
    echo 'skipped: what tests are made of is tested with IFM_ENGINE_HARNESS=1'
    exit 77
fi
docker=$(dirname "$0")
# shellcheck source=tests/integration/docker/engine.sh
. "$docker/engine.sh"
mode=${4:-outside} # inside: the test in its namespaces; linger: an engine that waits to be killed
[ "$mode" = outside ] || engine_isolate "$0" "$@"
# shellcheck source=tests/integration/lib.sh
. "$docker/../lib.sh"
# shellcheck source=tests/integration/docker/images.sh
. "$docker/images.sh"
# shellcheck source=tests/integration/docker/user.sh
. "$docker/user.sh"
# shellcheck source=tests/integration/docker/sample_files.sh
. "$docker/sample_files.sh"
stand_in=$3
note=${5:-} # where the inner test says which folder is its own

# write_compose MODE FOLDER: after section 1.1 of the notes on Grafana, as docker-compose 1.29 takes it.
write_compose() {
    local prometheus='ports: ["127.0.0.1:9090:9090"]' grafana='ports: ["127.0.0.1:3000:3000"]' address=
    if [ "$1" = host ]; then
        prometheus='network_mode: host' grafana='network_mode: host'
        address=127.0.0.1
    fi
    cat >"$2/compose.yaml" <<EOF
services:
  prometheus:
    image: prom/prometheus:v3.14.0
    command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus",
              "--web.listen-address=$address:9090"]
    extra_hosts: ["host.docker.internal:host-gateway"]
    $prometheus
    volumes: ["./prometheus:/etc/prometheus:ro,z", "prometheus-data:/prometheus"]
    healthcheck:
      test: [CMD, wget, -qO/dev/null, "http://127.0.0.1:9090/-/ready"]
      interval: 1s
      timeout: 3s
      retries: 24
  grafana:
    image: grafana/grafana:13.2.1
    depends_on: {prometheus: {condition: service_healthy}}
    environment:
      GF_SECURITY_ADMIN_PASSWORD__FILE: /run/secrets/grafana_admin
      GF_AUTH_ANONYMOUS_ENABLED: "true"
      GF_SERVER_HTTP_ADDR: "$address"
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: /var/lib/grafana/dashboards/inferometer-overview.json
    secrets: [grafana_admin]
    $grafana
    volumes: ["./grafana/provisioning:/etc/grafana/provisioning:ro,z",
              "./grafana/dashboards:/var/lib/grafana/dashboards:ro,z", "grafana-data:/var/lib/grafana"]
    healthcheck:
      test: [CMD-SHELL, "wget -qO/dev/null http://127.0.0.1:3000/api/health ||
             curl -fso/dev/null http://127.0.0.1:3000/api/health"]
      interval: 1s
      timeout: 3s
      retries: 36
volumes: {prometheus-data: {}, grafana-data: {}}
secrets: {grafana_admin: {file: ./grafana/admin_password}}
EOF
}

compose() { docker-compose -p inferometer -f "$folder/$mode/compose.yaml" "$@" >>"$folder/compose.out" 2>&1; }
answers() { curl -sf --max-time 20 -o "$folder/answer" "$@"; }
target_is_up() { answers http://127.0.0.1:9090/api/v1/targets && grep -q '"health":"up"' "$folder/answer"; }
is_healthy() {
    [ "$(docker inspect --format '{{.State.Health.Status}}' "inferometer_$1_1" 2>/dev/null)" = healthy ]
}
status() { curl -s --max-time 20 -o "$folder/answer" -w '%{http_code}' "$@"; }

# try_mode MODE PROMETHEUS_URL TARGET: up, everything that the stack will ask for, down.
try_mode() {
    local grafana=http://127.0.0.1:3000 began=$SECONDS
    mode=$1
    mkdir "$folder/$mode"
    sample_files "$folder/$mode" "$2" /var/lib/grafana/dashboards "$3"
    write_compose "$mode" "$folder/$mode"
    check "$mode: docker-compose up" compose up -d
    check "$mode: Prometheus is ready" answers http://127.0.0.1:9090/-/ready
    await 60 "$mode: wget in the health check of Grafana" is_healthy grafana
    check "$mode: Grafana is healthy" answers $grafana/api/health
    check_contains "$mode: and says so" "$folder/answer" '"database":"ok"'
    await 60 "$mode: the target on the host turns up" target_is_up
    check "$mode: Grafana's data source works" answers $grafana/$sample_source/health
    check "$mode: the password is the secret" answers -u "admin:$sample_password" $grafana/api/org
    docker exec -i inferometer_grafana_1 grafana cli admin reset-admin-password --password-from-stdin \
        <<<'battery-staple' >/dev/null
    check_equal "$mode: the old password is refused after a reset" \
        "$(status -u "admin:$sample_password" $grafana/api/org)" 401
    check "$mode: down and up again" compose down
    check "$mode: with the data kept" compose up -d
    await 60 "$mode: Grafana is healthy again" is_healthy grafana
    check "$mode: the volume's password counts" answers -u admin:battery-staple $grafana/api/org
    check "$mode: down with the volumes" compose down --volumes
    check_equal "$mode: no container, volume or network is left" \
        "$(docker ps -qa)$(docker volume ls -q)$(docker network ls -qf type=custom)" ''
    echo "$mode: $((SECONDS - began)) s"
}

begin_engine() {
    local reason
    need docker-compose curl pgrep
    if reason=$(images_obstacle); then
        engine_skip "$reason"
    fi
    engine_start "$folder/engine" >"$folder/reason" || engine_skip "$(cat "$folder/reason")"
    images_prometheus prom/prometheus:v3.14.0 && images_grafana grafana/grafana:13.2.1 "$stand_in" || exit 1
}

refuses() { # WHAT SENTENCE: Grafana does not start from $folder/host, and says why
    docker run --rm -v "$folder/host/grafana/provisioning:/etc/grafana/provisioning" \
        -v "$folder/host/grafana/dashboards:/var/lib/grafana/dashboards" \
        -v "$folder/host/grafana/admin_password:/run/secrets/grafana_admin" \
        -e GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana_admin \
        -e GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH=/var/lib/grafana/dashboards/inferometer-overview.json \
        grafana/grafana:13.2.1 >"$folder/refused.out" 2>&1
    check_equal "$1: Grafana's stand-in does not start" "$?" 1
    check_contains "$1: it says why" "$folder/refused.out" "$2"
}

run_inside() {
    local began=$SECONDS
    begin_engine
    check_between 'seconds to an engine and two images' $((SECONDS - began)) 0 100
    mkdir "$folder/host-files"
    echo 'answer 42' >"$folder/host-files/metrics"
    start target busybox httpd -f -p 8000 -h "$folder/host-files"
    try_mode host http://127.0.0.1:9090 127.0.0.1:8000
    try_mode bridge http://prometheus:9090 host.docker.internal:8000

    local grafana=$folder/host/grafana
    chmod 600 "$grafana/admin_password"
    refuses 'a password for root only' 'GF_SECURITY_ADMIN_PASSWORD__FILE names'
    chmod 644 "$grafana/admin_password"
    chmod 600 "$grafana/dashboards/inferometer-overview.json"
    refuses 'a dashboard for root only' 'could not read "/var/lib/grafana/dashboards/inferometer-'
    rm "$grafana/provisioning/dashboards/inferometer.yaml"
    refuses 'no dashboard provider' 'there is no *.yaml in "/etc/grafana/provisioning/dashboards"'

    check 'the engine stops' engine_stop
    check_equal 'the engine takes its bridge with it' "$(ip -o link show type bridge)" ''
    check_equal 'and its rules' "$(iptables-save | grep -ci docker)" 0
    check_equal 'and its mounts' "$(grep -E " (/run/docker|$folder)/" /proc/self/mounts)" ''
    check_equal 'and its processes' "$(pgrep -l 'docker|contai')$(pgrep -l prometheus)" ''
    check 'and starts again' engine_start "$folder/engine"
    engine_stop
    try_rootless
    finish
}

# A user's engine, where rootlesskit is installed: published ports reach the test, the test's address the
# containers.
try_rootless() {
    engine_start_rootless "$folder/rootless" tester >"$folder/reason"
    case $? in
    0) ;;
    77)
        echo "skipped: a user's engine: $(cat "$folder/reason")"
        return
        ;;
    *) fail "a user's engine: $(cat "$folder/reason")" ;;
    esac
    images_prometheus prom/prometheus:v3.14.0 || exit 1
    check "a user's engine says that it is one" grep -q rootless <<<"$(docker info 2>&1)"
    docker run -d --name published -p 127.0.0.1:9090:9090 prom/prometheus:v3.14.0 >/dev/null
    await 60 "a user's engine: a published port answers" answers http://127.0.0.1:9090/-/ready
    check "a user's engine: the test's address answers" docker exec published \
        wget -qO/dev/null http://198.51.100.1:8000/metrics
    engine_stop
    check_equal "a user's engine: no process is left" "$(pgrep -u $user_id)" ''
    check_equal "a user's engine: no folder is left" "$(ls -d "$folder/rootless" 2>/dev/null)" ''
}

# An engine with a container in it, until somebody ends this.
run_linger() {
    begin_engine
    docker run -d prom/prometheus:v3.14.0 >/dev/null || exit 1
    readlink /proc/self/ns/net >"$note.network"
    echo "$IFM_ISOLATED" >"$note"
    wait
}

is_clean() { ! isolation_leftovers "$1" >"$folder/left"; }
only_folder_is_left() { ! isolation_leftovers "$1" | grep -vE '^(folder|cgroup): ' >"$folder/left"; }

# end_and_look SIGNAL CHECK: lets a test linger, ends its outer process, and looks what is left.
end_and_look() {
    rm -f "$folder/note" "$folder/note.network"
    start "linger-$1" bash "$0" "$bin" "$root" "$stand_in" linger "$folder/note"
    await 60 'a test with an engine in it runs' test -s "$folder/note"
    check 'its processes can be found' isolation_leftovers "$(cat "$folder/note")" >/dev/null
    # What is made there, bridges and rules, ends with the last process, and no other engine sees it.
    check 'its network is its own' test "$(cat "$folder/note.network")" != "$(readlink /proc/self/ns/net)"
    disown "$pid" # bash would report the signal
    kill "-$1" "$pid"
    await 60 "nothing is left after SIG$1" "$2" "$(cat "$folder/note")"
    pass "nothing is left after SIG$1"
    isolation_sweep "$(cat "$folder/note")"
    check "and nothing keeps the rest from being removed" is_clean "$(cat "$folder/note")"
}

run_outside() {
    local code reason
    if reason=$(isolation_obstacle) || reason=$(engine_obstacle); then
        engine_skip "$reason"
    fi
    bash "$0" "$bin" "$root" "$stand_in" inside
    code=$?
    [ $code -ne 77 ] || exit 77
    check_equal 'the test in its namespaces' $code 0
    end_and_look TERM is_clean
    end_and_look KILL only_folder_is_left
    finish
}

"run_$mode"
