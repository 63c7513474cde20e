#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: doctor_test.sh BIN_FOLDER ROOT
#
# inferometer doctor on machines that are ill for real: no engine, a dead socket, targets that refuse, hang or
# answer something else, ports that are taken, files that are folders, a Grafana (a stand-in: the real one is not
# part of the tests) with another password, uid, clock. What needs containers is tested with recorded answers.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/doctor_lib.sh
. "$(dirname "$0")/doctor_lib.sh"
need prometheus python3 curl flock
targets=$state/inferometer/targets

# --- A stack as inferometer stack up leaves it --------------------------------------------------------

# write_record ENGINE PROMETHEUS_PORT GRAFANA_PORT GRAFANA
write_record() {
    local tool='' image=null
    if [ "$1" = docker ]; then
        tool='docker compose' image='"some/image:1"'
    fi
    cat >"$stack/stack.json" <<EOF
{"engine": "$1", "tool": "$tool", "network": "host", "project": "inferometer-test", "prometheus_image": $image,
 "grafana_image": $image, "address": "127.0.0.1", "prometheus_port": $2, "grafana_port": $3,
 "scrape_interval_s": 1, "grafana": $4, "exposed": false}
EOF
}

write_dashboard() { # NAME SOURCE_UID QUERY
    cat >"$stack/grafana/dashboards/$1.json" <<EOF
{"uid": "$1", "title": "$1", "schemaVersion": 39,
 "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
 "panels": [{"id": 1, "type": "timeseries", "title": "Requests", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
             "datasource": {"type": "prometheus", "uid": "$2"},
             "targets": [{"refId": "A", "expr": "$3", "datasource": {"type": "prometheus", "uid": "$2"}}]}]}
EOF
}

write_stack() {
    rm -rf "$state"
    mkdir -p "$targets" "$stack"/prometheus/{rules,targets} "$stack"/native/logs \
        "$stack"/grafana/{dashboards,secrets,provisioning/{datasources,dashboards}}
    cat >"$stack/prometheus/prometheus.yml" <<EOF
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: inferometer
    file_sd_configs: [{files: ["$targets/*.json"], refresh_interval: 1s}]
EOF
    cat >"$stack/grafana/provisioning/datasources/inferometer.yaml" <<EOF
apiVersion: 1
datasources:
  - {name: inferometer, uid: inferometer-prometheus, type: prometheus, jsonData: {timeInterval: 1s}}
EOF
    echo 'apiVersion: 1' >"$stack/grafana/provisioning/dashboards/inferometer.yaml"
    cat >"$stack/compose.yaml" <<EOF
services:
  prometheus:
    image: some/image:1
    volumes: ["./prometheus:/etc/prometheus:ro,z", "../targets:/targets:ro,z", "prometheus-data:/prometheus"]
EOF
    echo secret >"$stack/grafana/secrets/admin_password"
    write_dashboard overview "\${datasource}" "rate(inference_requests_total[\$__rate_interval])"
    : >"$stack/native/prometheus.pid"
    : >"$stack/native/grafana.pid"
}

# --- Without a stack: D1, D2, D3 ----------------------------------------------------------------------

mkdir "$folder/nothing" "$folder/only_docker" "$folder/only_prometheus"
ln -s "$(command -v prometheus)" "$folder/only_prometheus/"
unset DOCKER_HOST DOCKER_CONTEXT SSH_CONNECTION

path=$folder/nothing
says D1 FAILED "not installed"
says D3 skipped "no container engine can be used"
path=$folder/only_prometheus
says D1 ok "Prometheus"
doctor
check_contains "without a stack it says what would be taken" "$folder/doctor.txt" "stack up would take native"
check "nothing is made when nothing is there" test ! -e "$state"

# stale_socket PATH MODE: one that nobody listens at.
stale_socket() {
    python3 -c "import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], int(sys.argv[2], 8))" "$1" "$2"
}

if command -v docker >/dev/null; then
    ln -s "$(command -v docker)" "$folder/only_docker/"
    path=$folder/only_docker
    export DOCKER_CONFIG=$folder/docker_config
    stale_socket "$folder/dead.sock" 0666
    export DOCKER_HOST=unix://$folder/dead.sock
    says D1 FAILED "$folder/dead.sock"
    says D2 skipped "see D1"
    export DOCKER_HOST=unix://$folder/nowhere.sock
    says D1 FAILED "$folder/nowhere.sock"
    unset DOCKER_HOST
    export DOCKER_CONTEXT=no-such-context
    says D1 FAILED "no-such-context" "unset DOCKER_CONTEXT"
    unset DOCKER_CONTEXT

    # As somebody who may not open it.
    chmod 0711 "$folder"
    stale_socket "$folder/root.sock" 0660
    as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    if [ "$(id -u)" -eq 0 ] && "${as_nobody[@]}" test -x "$bin/inferometer" 2>/dev/null; then
        DOCKER_HOST=unix://$folder/root.sock DOCKER_CONFIG=/nonexistent XDG_STATE_HOME=/nonexistent PATH=$path \
            "$(command -v setpriv)" "${as_nobody[@]:1}" "$bin/inferometer" doctor --check=D2 >"$folder/doctor.txt" 2>&1
        check_equal "D2 ends with 1" $? 1
        check_contains "D2 names the socket" "$folder/doctor.txt" "$folder/root.sock"
        if grep -E 'chmod|chown' "$folder/doctor.txt"; then
            fail "D2 advises to give the socket away"
        fi
    else
        echo "not tested: a socket of another user (needs root, and a build folder that others may enter)"
    fi
else
    echo "not tested: docker's faults (docker is not installed)"
fi
path=$PATH

# --- With Prometheus and a stand-in for Grafana: D5, D16, D20 -----------------------------------------

# start_server NAME ANSWERS_JSON [COMMAND...]: sets port.
start_server() {
    local name=$1
    echo "$2" >"$folder/$name.json"
    shift 2
    start "$name" "$@" python3 "$(dirname "$0")/stand_in.py" "$folder/$name.json"
    await 60 "$name listens" test -s "$folder/$name.out"
    port=$(cat "$folder/$name.out")
}

write_stack
# A port at which nobody listens, and which no other program gets meanwhile.
start bound python3 -c 'import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(600)'
await 60 "a port is kept" test -s "$folder/bound.out"
free_port=$(cat "$folder/bound.out")
start_server hanging '{"hang": true, "paths": {}}'
hanging_port=$port
start_server page '{"paths": {"/metrics": [200, "# TYPE up gauge\nup_too 1\n"]}, "type": "text/plain; version=0.0.4"}'
page_port=$port
start_server closed '{"password": "x", "paths": {}}'
closed_port=$port
start_server elsewhere '{"paths": {}}'
elsewhere_port=$port
start_server web '{"paths": {"/metrics": [200, "<html><body>It works</body></html>\n"]}, "type": "text/html"}'
web_port=$port

grafana_answers() { # [PASSWORD [UID [INTERVAL [SHIFT_S [HEALTH_STATUS HEALTH]]]]]
    local uid=${2:-inferometer-prometheus}
    local source="{\"uid\": \"$uid\", \"name\": \"inferometer\", \"type\": \"prometheus\",
        \"url\": \"$api\", \"jsonData\": {\"timeInterval\": \"${3:-1s}\"}}"
    local health='{"status": "OK", "message": "Successfully queried the Prometheus API."}'
    cat <<EOF
{"password": "${1:-secret}", "shift_s": ${4:-0}, "paths": {
  "/api/health": [200, {"database": "ok", "version": "13.2.1"}],
  "/api/org": [200, {"id": 1, "name": "Main Org."}],
  "/api/datasources/uid/$uid": [200, $source],
  "/api/datasources/name/inferometer": [200, $source],
  "/api/datasources/uid/$uid/health": [${5:-200}, ${6:-$health}]}}
EOF
}

start prometheus flock --no-fork "$stack/native/prometheus.pid" prometheus --log.level=debug \
    --config.file="$stack/prometheus/prometheus.yml" --storage.tsdb.path="$folder/data" \
    --web.listen-address=127.0.0.1:0
await 60 "Prometheus listens" prometheus_is_listening prometheus
prometheus_port=${api##*:}
start_server grafana "$(grafana_answers)" flock --no-fork "$stack/native/grafana.pid"
grafana_port=$port
write_record native "$prometheus_port" "$grafana_port" true
is_ready() { curl -sf --max-time 10 "$api/-/ready" >/dev/null; }
await 60 "Prometheus is ready" is_ready

says D5 skipped "no target, see D16"
says D16 warning "no pipeline is known to Prometheus" "--target=HOST:PORT"

write_targets() { # PORT...
    local list
    list=$(printf '"127.0.0.1:%s", ' "$@")
    echo "[{\"targets\": [${list%, }]}]" >"$folder/targets.json"
    mv "$folder/targets.json" "$targets/test.json"
}
healths() { curl -sf --max-time 10 "$api/api/v1/targets" | grep -o '"health":"[a-z]*"' | sort | uniq -c | tr -d ' \n'; }
have_healths() { [ "$(healths)" = "$1" ]; }

write_targets "$page_port"
await 60 "the good target is up" have_healths '1"health":"up"'
says D5 ok "1 target is up"
says D16 ok "series"

write_targets "$page_port" "$free_port" "$hanging_port" "$closed_port" "$elsewhere_port" "$web_port"
await 60 "the bad targets are down" have_healths '5"health":"down"1"health":"up"'
says D5 FAILED "target 127.0.0.1:$free_port: connection refused: nothing listens on port $free_port" \
    "INFEROMETER_PORT=$free_port"
says D5 FAILED "target 127.0.0.1:$hanging_port: no answer in time: what listens on port $hanging_port" \
    "curl --max-time 10 http://127.0.0.1:$hanging_port/metrics"
says D5 FAILED "target 127.0.0.1:$closed_port: 401 Unauthorized" "password_hash"
says D5 FAILED "target 127.0.0.1:$elsewhere_port: 404 Not Found" "curl -i 127.0.0.1:$elsewhere_port/metrics"
says D5 FAILED "target 127.0.0.1:$web_port: what answers on port $web_port is no metrics page"
write_targets "$page_port"
await 60 "the bad targets are gone" have_healths '1"health":"up"'

# --- All is well --------------------------------------------------------------------------------------

fingerprint() { (cd "$state" && find . -path ./inferometer/stack/native/logs -prune -o -printf '%p %m %s %T@\n' | sort | sha256sum); }
before=$(fingerprint)
# Of the engines none is asked, since the stack runs without.
doctor
check_equal "it ends with 0 when all is well" $code 0
check_contains "and says so" "$folder/doctor.txt" "nothing is wrong"
check_equal "every check has its line" "$(grep -c '^D[0-9]* ' "$folder/doctor.txt")" 20
check_equal "nothing was changed" "$(fingerprint)" "$before"
if grep -q $'\033' "$folder/doctor.txt"; then
    fail "there is colour in a file"
fi
doctor --json
check_equal "--json ends with 0 too" $code 0
check_equal "--json has every check" \
    "$(python3 -c 'import json, sys; rows = json.load(open(sys.argv[1]))
assert all(set(row) == {"id", "title", "status", "cause", "fix"} for row in rows)
print(len(rows), {row["status"] for row in rows} <= {"ok", "skipped"})' "$folder/doctor.txt")" "20 True"
doctor --check=D21
check_equal "a check that is not there is a wrong command line" $code 64

# --- D18 ----------------------------------------------------------------------------------------------

export SSH_CONNECTION="10.0.0.5 50222 10.0.0.9 2222" USER=alice
says D18 ok "over SSH from 10.0.0.5" "ssh -N -p 2222 -L $grafana_port:127.0.0.1:$grafana_port \
-L $prometheus_port:127.0.0.1:$prometheus_port alice@10.0.0.9"
unset SSH_CONNECTION

# --- Grafana: D11, D13, D14, D15, D20 -----------------------------------------------------------------

ill_grafana() { grafana_answers "$@" >"$folder/grafana.new" && mv "$folder/grafana.new" "$folder/grafana.json"; }
says D11 ok "Successfully queried"
ill_grafana secret '' '' 0 400 '{"status": "ERROR", "message": "dial tcp 127.0.0.1:9090: connect: connection refused"}'
says D11 FAILED "Grafana does not reach Prometheus, which answers from here: dial tcp"
ill_grafana secret PBFA97CFB590B2093
says D13 FAILED 'under the uid "PBFA97CFB590B2093"' "inferometer stack down --volumes"
ill_grafana another
says D14 FAILED "refuses the admin password" "inferometer stack reset-password"
says D13 skipped "see D14"
ill_grafana secret '' 500ms
says D15 FAILED "Prometheus scrapes every 1 s, but Grafana takes it for 0.5 s"
ill_grafana secret '' '' -30
says D20 warning "the clock of Grafana is"
ill_grafana secret '' '' 7200
says D20 FAILED "ahead of this machine's"
ill_grafana
says D20 ok "all clocks agree"
sed 's/"paths"/"shift_s": 20, "paths"/' "$folder/page.json" >"$folder/page.new"
mv "$folder/page.new" "$folder/page.json"
says D20 warning "the clock of target 127.0.0.1:$page_port is"
mv "$stack/grafana/secrets/admin_password" "$folder/password"
says D14 warning "admin password is missing" "inferometer stack reset-password"
mv "$folder/password" "$stack/grafana/secrets/admin_password"

# --- Files: D7, D9, D12, D15, D17 ---------------------------------------------------------------------

mv "$stack/prometheus/prometheus.yml" "$folder/prometheus.yml"
says D7 FAILED 'prometheus.yml" is missing' "inferometer stack up"
mkdir "$stack/prometheus/prometheus.yml"
says D7 FAILED "is a folder, but has to be a file" "rmdir $stack/prometheus/prometheus.yml"
rmdir "$stack/prometheus/prometheus.yml"
mv "$folder/prometheus.yml" "$stack/prometheus/prometheus.yml"
says D7 ok "everything that is read is in"

write_dashboard imported "\${DS_PROMETHEUS}" "up"
says D12 FAILED 'DS_PROMETHEUS'
write_dashboard imported YeARpVIVk "up"
says D12 FAILED 'YeARpVIVk'
write_dashboard imported "\${datasource}" "rate(inference_requests_total[2s])"
says D15 warning "2s" "\$__rate_interval"
echo '{"elements": {}, "layout": {"kind": "GridLayout"}}' >"$stack/grafana/dashboards/imported.json"
says D17 FAILED "v2" "Classic"
rm "$stack/grafana/dashboards/imported.json"

write_record docker "$prometheus_port" "$grafana_port" true
path=$folder/nothing
chmod 0600 "$stack/prometheus/prometheus.yml"
says D9 FAILED "has mode 0600, which a container's user cannot read" "chmod -R go+rX $stack/prometheus"
chmod 0644 "$stack/prometheus/prometheus.yml"
says D1 FAILED "not installed"
says D10 skipped "cannot be used"
path=$PATH
echo '{"engine": ' >"$stack/stack.json"
says D7 FAILED "stack.json" "inferometer stack up"

# --- D6, and what hangs -------------------------------------------------------------------------------

: >"$stack/native/other.pid"
mv "$stack/native/other.pid" "$stack/native/prometheus.pid" # of a process that is gone
write_record native "$web_port" "$grafana_port" true
says D6 FAILED "port $web_port, which Prometheus was given, is taken by \"python3" "inferometer stack up --prometheus-port="
says D5 FAILED "Prometheus at http://127.0.0.1:$web_port answers with HTTP status 404"

write_record native "$hanging_port" "$hanging_port" true
began=$SECONDS
doctor
check_equal "it ends with 1 when everything hangs" $code 1
check_between "and does not hang itself" $((SECONDS - began)) 0 45

start interrupted env XDG_STATE_HOME="$state" "$bin/inferometer" doctor
interrupted=$pid
await 60 "it begins" test -s "$folder/interrupted.out"
stop_and_measure INT "$interrupted"
check_equal "Ctrl-C ends it with 130" "$code" 130
check_between "at once" "$took_ms" 0 10000
if grep FAILED "$folder/interrupted.out"; then
    fail "what was interrupted is called broken"
fi

finish
