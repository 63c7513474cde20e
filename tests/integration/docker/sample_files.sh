# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The files of a stack as small as can be, for the tests of what stands in for its parts; to be sourced.
#
#     sample_files FOLDER PROMETHEUS_URL DASHBOARDS TARGET
#
# writes FOLDER/prometheus/prometheus.yml with the one TARGET, and FOLDER/grafana/{provisioning,dashboards,
# admin_password}; Grafana will find its dashboards in the folder DASHBOARDS and Prometheus at PROMETHEUS_URL.
# shellcheck disable=SC2034 # for the tests
sample_password=correct-horse sample_source=api/datasources/uid/inferometer-prometheus

sample_files() {
    local grafana=$1/grafana
    mkdir -p "$1/prometheus" "$grafana/provisioning/datasources" "$grafana/provisioning/dashboards" \
        "$grafana/dashboards"
    cat >"$1/prometheus/prometheus.yml" <<EOF
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: inferometer
    static_configs:
      - targets: ["$4"]
EOF
    cat >"$grafana/provisioning/datasources/inferometer.yaml" <<EOF
apiVersion: 1
datasources:
  - name: inferometer
    uid: inferometer-prometheus
    type: prometheus
    access: proxy
    url: $2
    jsonData: {httpMethod: POST, timeInterval: 1s}
EOF
    cat >"$grafana/provisioning/dashboards/inferometer.yaml" <<EOF
apiVersion: 1
providers:
  - {name: inferometer, type: file, options: {path: $3}}
EOF
    echo '{"uid": "inferometer-overview", "title": "Overview", "panels": []}' \
        >"$grafana/dashboards/inferometer-overview.json"
    printf '%s' "$sample_password" >"$grafana/admin_password"
    chmod -R a+rX "$1"
}
