#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# inferometer monitor as a user runs it: with a file and without, what it says when it cannot start, reloading, and
# its end.
. "$(dirname "$0")/lib.sh"
need curl
need_inferometer

refused() { # WHAT WANT FLAG...: it ends with 1, and with the sentence
    local what=$1 want=$2
    shift 2
    timeout 60 "$program" monitor "$@" >"$folder/refused" 2>&1
    check_equal "$what ends it" $? 1
    check_contains "$what is said" "$folder/refused" "$want"
}

# Without a file: loggers, targets, itself.
start sample "$bin/sample_pipeline" --port any
url_of sample
target=${url#http://}
target=${target%%/*}
INFEROMETER_REGISTRATION=off start hidden "$bin/sample_pipeline" --port any
url_of hidden
start_monitor plain --scrape.interval=1s --target="$url" --web.enable-lifecycle
plain=$pid
await 60 "the logger and the target are up" is_answered 'count(up{job="inferometer"} == 1) == 2'
await 60 "the monitor watches itself" is_answered 'up{job="inferometer-monitor"} == 1'
await 60 "its own metrics" is_answered 'prometheus_tsdb_head_series > 100 and on (instance) process_resident_memory_bytes > 0'
check_equal "a flag" "$(curl -sf "$api/api/v1/status/flags" | grep -o '"scrape.interval":"1s"')" '"scrape.interval":"1s"'
check_equal "ready" "$(curl -sf -o /dev/null -w '%{http_code}' "$api/-/ready")" 200

# Two of one.
refused "a port in use" "could not listen on ${api#http://}: the port is held by process $plain" --storage.tsdb.path="$folder/other" \
    --web.listen-address="${api#http://}"
refused "a folder in use" "$plain" --storage.tsdb.path="$folder/plain.data" --web.listen-address=127.0.0.1:0
if [ "$(id -u)" -ne 0 ]; then
    mkdir "$folder/closed" && chmod 500 "$folder/closed"
    refused "a folder that may not be written" 'ermission denied; hint: --storage.tsdb.path names another folder' --storage.tsdb.path="$folder/closed/data" \
        --web.listen-address=127.0.0.1:0
fi
refused "a folder that is a file" "$folder/plain.out" --storage.tsdb.path="$folder/plain.out/data" \
    --web.listen-address=127.0.0.1:0

# A file: exactly what is in it; reloading.
config() {
    cat >"$folder/config.yml" <<CONFIG
global:
  scrape_interval: 1s
remote_write: [{url: "http://127.0.0.1:1/"}]
storage: {tsdb: {retention: {time: 3d}}}
scrape_configs:
  - job_name: $1
    static_configs:
      - targets: ["$target"]
CONFIG
}
config one
start_monitor file --config.file="$folder/config.yml" --log.format=json --dashboards.path="$folder/none"
file=$pid
await 60 "the job of the file" is_answered 'up{job="one"} == 1'
check_equal "nothing else" "$(answer 'count(up)')" 1
check_contains "a folder of dashboards that is not there is said" "$folder/file.err" 'of --dashboards.path: No such file'
check_contains "what is not used is said" "$folder/file.err" 'remote_write is checked, and otherwise not used'
check_equal "the retention of the file is told" \
    "$(curl -sf "$api/api/v1/status/runtimeinfo" | grep -o '"storageRetention":"[^"]*"')" '"storageRetention":"3d"'
config two
kill -HUP "$file"
await 60 "another job after SIGHUP" is_answered 'up{job="two"} == 1'
echo 'scrape_configs: [{job_name: x, nonsense: 1}]' >"$folder/config.yml"
kill -HUP "$file"
said() { grep -qF -- "$2" "$folder/$1"; }
await 60 "what is wrong is said" said file.err "config.yml:1:"
check_contains "the one before stays" "$folder/file.err" 'the configuration before stays in use'
check_contains "in JSON" "$folder/file.err" '"level":"ERROR"'
check "which it does" is_answered 'up{job="two"} == 1'
check_equal "there is a metric for it" \
    "$(curl -sf "$api/metrics" | sed -n 's/^prometheus_config_last_reload_successful //p')" 0
check_equal "and the API tells" \
    "$(curl -sf "$api/api/v1/status/runtimeinfo" | grep -o '"reloadConfigSuccess":[a-z]*')" '"reloadConfigSuccess":false'
check_equal "a quit is refused unless it was enabled" \
    "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$api/-/quit")" 403
stop_and_measure INT "$file"
check_equal "Ctrl-C ends it with 0" "$code" 0
check_between "soon (ms)" "$took_ms" 0 10000
refused "a wrong file" "$folder/config.yml:1:" --config.file="$folder/config.yml" \
    --storage.tsdb.path="$folder/x" --web.listen-address=127.0.0.1:0
refused "a missing file" "$folder/none.yml" --config.file="$folder/none.yml" --storage.tsdb.path="$folder/x"
refused "a target beside a file" 'do not go with --config.file' --config.file="$folder/config.yml" --target=a:1 \
    --storage.tsdb.path="$folder/x"
check_equal "none of them left a store" "$(ls -d "$folder/x" 2>/dev/null)" ''

# One wish to end that comes twice, as timeout(1) sends it to the process and to the group.
start_monitor twice
kill -TERM "$pid"
kill -INT "$pid"
wait "$pid"
check_equal "a signal that comes twice ends it with 0" $? 0
check_contains "in order" "$folder/twice.err" 'msg="ended"'

# One that is there already when the store opens: nobody has been told that it is ready.
( env --block-signal=TERM,INT sh -c 'kill -TERM $$; exec "$@"' sh "$program" monitor \
    --storage.tsdb.path="$folder/early" --web.listen-address=127.0.0.1:0 ) >"$folder/early.out" 2>"$folder/early.err"
check_equal "a signal while the store opens ends it with 0" $? 0
check_contains "at once" "$folder/early.err" 'ended before it was ready'
check_equal "it was not ready" "$(cat "$folder/early.out")" ''

# kill -9 costs nothing that was answered; the second start has it.
monitor_is_serving plain
before=$(date +%s)
# One scrape that began before may still be on its way into the store: it is there when a later one is.
await 60 "a later scrape" is_answered "timestamp(up{job='inferometer-monitor'}) > $before"
stored() { answer "count_over_time(up{job='inferometer-monitor'}[1m] @ $before)"; }
count=$(stored)
check_between "samples are stored" "$count" 1 120
kill -KILL "$plain"
wait "$plain" 2>/dev/null
start_monitor plain --scrape.interval=1s --web.enable-lifecycle
plain=$pid
check_equal "what was stored is there" "$(stored)" "$count"
curl -sf -o /dev/null -X POST "$api/-/quit"
wait "$plain"
check_equal "a quit over HTTP ends it with 0" $? 0
check_contains "and says why" "$folder/plain.err" 'ending, as asked for over HTTP'

# A password.
printf 'basic_auth_users:\n  me: %s\n' "\$2b\$05\$abcdefghijklmnopqrstuuK2QeEXPEBbGTHmhzMtL8e1Mz5zg4pOy" >"$folder/web.yml"
start_monitor secret --web.config.file="$folder/web.yml" --scrape.interval=1s
check_equal "nobody gets in without" "$(curl -s -o /dev/null -w '%{http_code}' "$api/api/v1/query?query=1")" 401
"$program" query instant "$api" 1 >/dev/null 2>"$folder/login"
check_contains "query says what it wants" "$folder/login" 'wants a user and a password'
finish
