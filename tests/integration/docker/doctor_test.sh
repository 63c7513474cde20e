#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: doctor_test.sh PROGRAMS SOURCES STAND_IN
#
# inferometer doctor with a real engine: what stack up started is made ill in the ways that only containers are, the
# check has to say so, and the command that it gives has to mend it.
docker=$(dirname "$0")
# shellcheck source=tests/integration/docker/engine.sh
. "$docker/engine.sh"
engine_isolate "$0" "$@"
# shellcheck source=tests/integration/lib.sh
. "$docker/../lib.sh"
# shellcheck source=tests/integration/doctor_lib.sh
. "$docker/../doctor_lib.sh"
# shellcheck source=tests/integration/docker/images.sh
. "$docker/images.sh"
stand_in=$3

need docker-compose curl iptables
if reason=$(images_obstacle); then
    engine_skip "$reason"
fi
engine_start "$folder/engine" >"$folder/reason" || engine_skip "$(cat "$folder/reason")"
images_prometheus prom/prometheus:v3.14.0 && images_grafana grafana/grafana:13.2.1 "$stand_in" || exit 1

export XDG_STATE_HOME=$state
PATH=$bin:$PATH # for commands that doctor gives
path=$PATH

up() { inferometer stack up --engine=docker --offline --scrape-interval=1s "$@" >"$folder/up.out" 2>&1; }
container() { docker ps --all --quiet --filter "label=com.docker.compose.service=$1"; }
is_up() { curl -sf --max-time 10 http://127.0.0.1:9090/api/v1/targets | grep -q '"health":"up"'; }
is_down() { curl -sf --max-time 10 http://127.0.0.1:9090/api/v1/targets | grep -q '"health":"down"'; }

# mends ID [OK_PART]: runs the command that the check gave last; afterwards the check is content.
mends() {
    local fix
    fix=$(sed -n 's/^ *fix: //p' "$folder/doctor.txt" | head -n 1)
    bash -c "$fix" >"$folder/fix.out" 2>&1 </dev/null || {
        fail "$1: \"$fix\" failed:"
        sed 's/^/    /' "$folder/fix.out"
    }
    await 60 "$1 is content after \"$fix\"" is_said "$1" ok "${2:-}"
    pass "$1: mended by: $fix"
}

serve() { # ADDRESS
    start "target-$1" busybox httpd -f -p "$1:8000" -h "$folder/host-files"
}
mkdir "$folder/host-files"
echo 'answer 42' >"$folder/host-files/metrics"

# --- Host networking ----------------------------------------------------------------------------------

serve 127.0.0.1
target=$pid
check 'stack up' up --target=127.0.0.1:8000
await 60 'the target turns up' is_up
doctor
check_equal 'nothing is broken' "$(grep -E '^D[0-9]+ +FAILED' "$folder/doctor.txt")" ''
check_equal 'and only an old compose tool is worth a warning' \
    "$(grep -E '^D[0-9]+ +warning' "$folder/doctor.txt" | grep -v '^D3 .* docker-compose 1\.')" ''
says D1 ok 'docker'
says D2 ok 'may use docker'
says D4 ok 'no name is needed'
says D6 ok 'the stack itself has ports 9090 and 3000'
says D10 ok 'containers see the files as this machine does'
says D19 ok 'are on this machine'

# Grafana's data became another user's.
project=$(sed -n 's/.*"project": "\(.*\)".*/\1/p' "$stack/stack.json")
docker run --rm --user root -v "${project}_grafana-data:/data" --entrypoint chown grafana/grafana:13.2.1 -R 0:0 /data
docker run --rm --user root -v "${project}_grafana-data:/data" --entrypoint sh grafana/grafana:13.2.1 \
    -c 'busybox chmod -R go-w /data'
docker restart --time 1 "$(container grafana)" >/dev/null
await 60 'the log says it' is_said D8 FAILED 'grafana may not write to its folder for data: GF_PATHS_DATA='
# It is started again and again: between two tries it is not running.
await 60 'D11 says that it does not stay up' is_said D11 FAILED 'its state: ' 'inferometer stack up'
is_said D8 FAILED ''
mends D8

# A file that Grafana may not read.
chmod 0600 "$stack/grafana/provisioning/datasources/inferometer.yaml"
says D9 FAILED "has mode 0600, which a container's user cannot read"
mends D9

# What is mounted is not what is there any more.
mv "$stack/prometheus" "$stack/prometheus.old"
cp -r "$stack/prometheus.old" "$stack/prometheus"
echo '# changed' >>"$stack/prometheus/prometheus.yml"
says D10 FAILED 'the container of prometheus sees another prometheus/prometheus.yml'
mends D10

# Another admin password in Grafana's data.
docker exec -i "$(container grafana)" grafana cli admin reset-admin-password --password-from-stdin <<<another \
    >/dev/null 2>&1
says D14 FAILED 'refuses the admin password'
mends D14

# Grafana asks for Prometheus elsewhere.
sed -i 's/:9090/:9999/' "$stack/grafana/provisioning/datasources/inferometer.yaml"
docker restart --time 1 "$(container grafana)" >/dev/null
await 60 'Grafana is back' is_said D14 ok ''
says D11 FAILED 'Grafana asks for Prometheus at http://127.0.0.1:9999'
mends D11

# The image went.
docker rmi --force --no-prune grafana/grafana:13.2.1 >/dev/null
says D19 warning 'grafana/grafana:13.2.1 is not on this machine any more' 'docker pull grafana/grafana:13.2.1'
images_grafana grafana/grafana:13.2.1 "$stand_in" || exit 1

# Somebody else took the port.
docker stop --time 1 "$(container prometheus)" >/dev/null
start thief busybox httpd -f -p 127.0.0.1:9090 -h "$folder/host-files"
thief=$pid
await 60 'the port is taken' is_said D6 FAILED 'port 9090, which Prometheus was given, is taken by "busybox"'
says D5 FAILED 'its state: exited'
kill "$thief"
wait "$thief" 2>/dev/null
is_said D5 FAILED ''
mends D5

# --- A bridge -----------------------------------------------------------------------------------------

inferometer stack down >"$folder/down.out" 2>&1
up --network=bridge --target=127.0.0.1:8000
await 60 'the target is down' is_down
says D4 ok 'host.docker.internal is '
says D5 FAILED 'listens on 127.0.0.1 only' 'inferometer stack up --network=host'
kill "$target"
wait "$target" 2>/dev/null
serve 0.0.0.0
await 60 'the target turns up' is_up
says D5 ok '1 target is up'

iptables -I INPUT -p tcp --dport 8000 -i br+ -j DROP
await 60 'the firewall is felt' is_down
says D5 FAILED 'a firewall on this machine' 'sudo ufw allow from 172.16.0.0/12 to any port 8000 proto tcp'
iptables -D INPUT -p tcp --dport 8000 -i br+ -j DROP
await 60 'the target is back' is_up

sed -i '/extra_hosts/,+1d' "$stack/compose.yaml"
docker-compose -p "$project" -f "$stack/compose.yaml" up -d >"$folder/compose.out" 2>&1
await 60 'Prometheus is back' is_down
says D4 FAILED "host.docker.internal"
mends D4

# --- The engine ---------------------------------------------------------------------------------------

kill "$engine_pid"
wait "$engine_pid" 2>/dev/null
says D1 FAILED 'not running'
if grep -E 'chmod|chown' "$folder/doctor.txt"; then
    fail 'D1 gives the socket away'
fi
says D3 skipped 'see D1 and D2'
began=$SECONDS
doctor
check_between 'without its engine it does not hang' $((SECONDS - began)) 0 60
finish
