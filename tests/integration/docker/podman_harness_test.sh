#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: podman_harness_test.sh PROGRAMS SOURCES STAND_IN
#
# Podman with a storage of its own runs both images with host networking, as root and as a user without
# rights; the user's half is left out, with a reason, where it is impossible.
# It tests what tests are made of, and takes as long as one: .ci/run asks for it.
if [ -z "${IFM_ENGINE_HARNESS:-}" ]; then
    echo 'skipped: what tests are made of is tested with IFM_ENGINE_HARNESS=1'
    exit 77
fi
docker=$(dirname "$0")
# shellcheck source=tests/integration/docker/engine.sh
. "$docker/engine.sh"
engine_isolate "$0" "$@"
# shellcheck source=tests/integration/lib.sh
. "$docker/../lib.sh"
# shellcheck source=tests/integration/docker/images.sh
. "$docker/images.sh"
# shellcheck source=tests/integration/docker/sample_files.sh
. "$docker/sample_files.sh"
# shellcheck source=tests/integration/docker/user.sh
. "$docker/user.sh"
# shellcheck source=tests/integration/docker/podman.sh
. "$docker/podman.sh"
need curl podman pkill
stand_in=$3
images_tool=podman_run
grafana=http://127.0.0.1:3000
inside=/var/lib/grafana/dashboards

answers() { curl -sf --max-time 20 -o "$folder/answer" "$@"; }
target_is_up() { answers http://127.0.0.1:9090/api/v1/targets && grep -q '"health":"up"' "$folder/answer"; }

run_containers() {
    local files=$1
    podman_run run -d --name prometheus --network host -v "$files/prometheus:/etc/prometheus:ro,z" \
        -v prometheus-data:/prometheus docker.io/prom/prometheus:v3.14.0 \
        --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/prometheus \
        --web.listen-address=127.0.0.1:9090 >/dev/null &&
        podman_run run -d --name grafana --network host -v grafana-data:/var/lib/grafana \
            -v "$files/grafana/provisioning:/etc/grafana/provisioning:ro,z" \
            -v "$files/grafana/dashboards:$inside:ro,z" \
            -v "$files/grafana/admin_password:/run/secrets/grafana_admin:ro,z" \
            -e GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana_admin \
            -e GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH="$inside/inferometer-overview.json" \
            -e GF_SERVER_HTTP_ADDR=127.0.0.1 docker.io/grafana/grafana:13.2.1 >/dev/null
}

try_podman() { # WHO [USER]
    local who=$1 place=$folder/$1
    podman_start "$place" "${2:-}" || exit 1
    images_prometheus docker.io/prom/prometheus:v3.14.0 || exit 1
    images_grafana docker.io/grafana/grafana:13.2.1 "$stand_in" || exit 1
    sample_files "$place/files" http://127.0.0.1:9090 $inside 127.0.0.1:8000
    check "$who: both containers start" run_containers "$place/files"
    await 60 "$who: Prometheus is ready" answers http://127.0.0.1:9090/-/ready
    await 60 "$who: Grafana is healthy" answers $grafana/api/health
    check "$who: the data source works" answers -u "admin:$sample_password" $grafana/$sample_source/health
    check "$who: wget works for health checks" podman_run exec grafana \
        wget -qO/dev/null http://localhost:3000/api/health
    await 60 "$who: the target turns up" target_is_up
    podman_stop
    check_equal "$who: no process is left" "$(pgrep -l 'conmon|grafana')$(pgrep -l prometheus)" ''
    check_equal "$who: no folder is left" "$(ls -d "$place" 2>/dev/null)" ''
}

if reason=$(images_obstacle); then
    skip "$reason"
fi
mkdir "$folder/host-files"
echo 'answer 42' >"$folder/host-files/metrics"
start target busybox httpd -f -p 127.0.0.1:8000 -h "$folder/host-files"
try_podman root
if reason=$(user_obstacle); then
    echo "skipped: podman as a user: $reason"
else
    try_podman user tester
fi
finish
