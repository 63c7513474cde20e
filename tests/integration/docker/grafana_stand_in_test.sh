#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: grafana_stand_in_test.sh PROGRAMS SOURCES STAND_IN
#
# What stands in for Grafana, started as `grafana-server` is without a container, does of Grafana what the
# tests of the stack rely on, and refuses what they want to hear of.
docker=$(dirname "$0")
# shellcheck source=tests/integration/lib.sh
. "$docker/../lib.sh"
# shellcheck source=tests/integration/docker/sample_files.sh
. "$docker/sample_files.sh"
need curl prometheus

home=$folder/home
mkdir -p "$home/conf" "$folder/data" "$folder/programs"
touch "$home/conf/defaults.ini"
for name in grafana grafana-server grafana-cli; do
    ln -s "$3" "$folder/programs/$name"
done
PATH=$folder/programs:$PATH
count=0

write_settings() { # PASSWORD
    cat >"$folder/grafana.ini" <<EOF
; a comment
[paths]
data = $folder/data
provisioning = $folder/grafana/provisioning
[security]
admin_password = $1
[server]
http_addr = 127.0.0.1
http_port = 0
[dashboards]
default_home_dashboard_path = $folder/grafana/dashboards/inferometer-overview.json
EOF
}

is_listening() {
    url=$(sed -n 's/.*msg="HTTP Server Listen" address=\(.*\)/http:\/\/\1/p' "$folder/grafana-$count.out")
    [ -n "$url" ]
}

begin() { # COMMAND...
    count=$((count + 1))
    start "grafana-$count" "$@"
    await 60 'Grafana listens' is_listening
}

end() {
    kill -TERM "$pid"
    wait "$pid"
    check_equal 'SIGTERM ends it without an error' $? 0
}

status() { curl -s --max-time 20 -o "$folder/answer" -w '%{http_code}' "$@"; }

refuses() { # WHAT SENTENCE COMMAND...
    local what=$1 sentence=$2
    shift 2
    timeout 60 "$@" >"$folder/refused.out" 2>&1 </dev/null
    check_equal "$what: refused" $? 1
    check_contains "$what: says so" "$folder/refused.out" "$sentence"
}

start_prometheus prometheus 127.0.0.1:1
sample_files "$folder" "$api" "$folder/grafana/dashboards" 127.0.0.1:1
write_settings "\$__file{$folder/grafana/admin_password}"
server=(grafana-server --homepath "$home" --config "$folder/grafana.ini")

begin "${server[@]}"
check_equal 'health' "$(status "$url/api/health")" 200
check_contains 'health says so' "$folder/answer" '"database":"ok"'
check_equal 'the right password, read from a file' "$(status -u "admin:$sample_password" "$url/api/org")" 200
check_equal 'a wrong password' "$(status -u admin:admin "$url/api/org")" 401
check_equal 'no password' "$(status "$url/api/org")" 401
check_equal 'the page, for a stranger' "$(status "$url/")" 302
check_equal 'the data source, for a stranger' "$(status "$url/$sample_source/health")" 401
check_equal 'the data source works' "$(status -u "admin:$sample_password" "$url/$sample_source/health")" 200
check_contains 'and says so' "$folder/answer" '"status":"OK"'
check_equal 'the data source itself' "$(status -u "admin:$sample_password" "$url/$sample_source")" 200
check_contains 'has its interval' "$folder/answer" '"timeInterval":"1s"'
check_equal 'no such data source' "$(status -u "admin:$sample_password" "$url/${sample_source}s/health")" 404
refuses 'a port in use' 'address already in use' env GF_SERVER_HTTP_PORT="${url##*:}" "${server[@]}"
end

write_settings other-password
sample_files "$folder" http://127.0.0.1:1 "$folder/grafana/dashboards" 127.0.0.1:1
begin env GF_AUTH_ANONYMOUS_ENABLED=true grafana server -homepath="$home" -config="$folder/grafana.ini"
check_equal 'a changed password is ignored' "$(status -u admin:other-password "$url/api/org")" 401
check_equal 'the first one counts' "$(status -u "admin:$sample_password" "$url/api/org")" 200
check_equal 'the page, anonymous visitors being let in' "$(status "$url/")" 200
check_equal 'the data source is not there' "$(status "$url/$sample_source/health")" 400
check_contains 'and the reason is' "$folder/answer" 'connection refused'

printf 'battery-staple\n' | grafana cli --homepath "$home" --config "$folder/grafana.ini" \
    admin reset-admin-password --password-from-stdin >/dev/null
check_equal 'a reset from stdin' "$(status -u admin:battery-staple "$url/api/org")" 200
(cd "$home" && grafana-cli --config "$folder/grafana.ini" admin reset-admin-password staple-horse) >/dev/null
check_equal 'a reset by argument' "$(status -u admin:staple-horse "$url/api/org")" 200
end

refuses 'no home' 'make sure homepath command line' grafana-server --config "$folder/grafana.ini"
refuses 'a flag it does not have' 'flag provided but not defined: --port' "${server[@]}" --port 1
refuses 'a password of three letters' 'too short' grafana cli --homepath "$home" \
    --config "$folder/grafana.ini" admin reset-admin-password abc
write_settings ''
refuses 'no password, the one of the image set' 'security.admin_password is not set' \
    env GF_SECURITY_ADMIN_PASSWORD__FILE="$folder/grafana/admin_password" "${server[@]}"
write_settings password
refuses 'no home dashboard' 'could not read' \
    env GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH=/nowhere.json "${server[@]}"
echo '{"elements": {}, "title": "x", "uid": "y"}' >"$folder/grafana/dashboards/new.json"
refuses 'a dashboard of the second format' 'dashboard appears to be in v2 format' "${server[@]}"
rm "$folder/grafana/dashboards/"*
refuses 'no dashboard' 'there is no *.json' "${server[@]}"
echo 'datasources: [' >"$folder/grafana/provisioning/datasources/inferometer.yaml"
refuses 'a data source that is not YAML' 'could not read' "${server[@]}"
rm -r "$folder/grafana/provisioning/datasources"
refuses 'no data source' 'could not read the folder' "${server[@]}"
finish
