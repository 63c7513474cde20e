# shellcheck shell=bash disable=SC2034 # variables that only the tests use
# SPDX-License-Identifier: Apache-2.0
#
# What the integration tests share: a folder and processes that are gone when the test ends, checks that go
# on after a failure, and waiting that has an end. A test is called with the folder of the built programs
# and the root of the sources, begins with
#
#     . "$(dirname "$0")/lib.sh"
#
# and ends with finish. No test uses a fixed port.
set -uo pipefail

bin=$1
root=$2
document=/usr/share/doc/libtasn1-doc/libtasn1.pdf
folder=$(mktemp -d) || exit 1
export XDG_STATE_HOME=$folder/state # where loggers say that they are there: not the user's
processes=()
failures=0

# skip REASON: CTest shows the test as not run.
skip() {
    echo "skipped: $1"
    exit 77
}

need() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || skip "the program \"$program\" is not installed"
    done
}

# need_inferometer: sets program.
need_inferometer() {
    program=$bin/inferometer
    [ -x "$program" ] || skip "the program inferometer was not built"
}

need_document() { [ -r "$document" ] || skip "$document is not there (Debian: libtasn1-doc)"; }

stop_processes() {
    local pid
    for pid in "${processes[@]}"; do
        kill -KILL "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    rm -rf "$folder"
}
trap stop_processes EXIT
trap 'exit 1' INT TERM

# start NAME COMMAND...: in the background, with output in $folder/NAME.out and .err; sets pid.
start() {
    local name=$1
    shift
    # They may be read before they are opened below: what another one of this name said is not of this one.
    : >"$folder/$name.out"
    : >"$folder/$name.err"
    "$@" >"$folder/$name.out" 2>"$folder/$name.err" </dev/null &
    pid=$!
    processes+=("$pid")
}

# await SECONDS WHAT COMMAND...: until COMMAND succeeds; at the limit the test ends as failed.
await() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        if [ $SECONDS -ge "$end" ]; then
            echo "FAIL: $what: not in time"
            show_output
            exit 1
        fi
        sleep 0.1
    done
}

show_output() {
    local file
    for file in "$folder"/*.out "$folder"/*.err; do
        [ -s "$file" ] && echo "--- ${file##*/}" && tail -n 15 "$file"
    done
}

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

pass() { echo "ok: $*"; }

# check WHAT COMMAND...
check() {
    local what=$1
    shift
    if "$@"; then
        pass "$what"
    else
        fail "$what: not true: $*"
    fi
}

check_equal() { # WHAT GOT WANT
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1: got \"$2\", want \"$3\""
    fi
}

check_between() { # WHAT GOT LOW HIGH
    if awk -v x="$2" -v low="$3" -v high="$4" 'BEGIN { exit !(x ~ /^[-+.0-9e]+$/ && x >= low && x <= high) }'; then
        pass "$1: $2"
    else
        fail "$1: got \"$2\", want $3 to $4"
    fi
}

check_contains() { # WHAT FILE TEXT
    if grep -qF -- "$3" "$2"; then
        pass "$1"
    else
        fail "$1: no \"$3\" in:"
        sed 's/^/    /' "$2"
    fi
}

# stop_and_measure SIGNAL PID [-GROUP]: signals the process, or its whole group; sets code, took_ms, and worked_ms, the
# processor's time that the process still took, which others on the machine do not make longer.
stop_and_measure() {
    local began worked
    children_worked
    worked=$((ms + $(awk '{ sub(/.*\)/, ""); print ($12 + $13 + $14 + $15) * 10 }' "/proc/$2/stat")))
    began=$(date +%s%3N)
    kill "-$1" -- "${3:-$2}"
    wait "$2"
    code=$?
    took_ms=$(($(date +%s%3N) - began))
    children_worked
    worked_ms=$((ms - worked))
}

# Sets ms to the processor's time of all children that were waited for.
children_worked() {
    times >"$folder/times"
    ms=$(awk 'NR == 2 { gsub(/[ms]/, " "); print int(($1 * 60 + $2 + $3 * 60 + $4) * 1000) }' "$folder/times")
}

# url_of NAME: sets url to what a started example serves.
is_serving() {
    url=$(sed -n 's/^serving \([^;]*\);.*/\1/p' "$folder/$1.out" "$folder/$1.err")
    [ -n "$url" ]
}
url_of() { await 60 "$1 serves" is_serving "$1"; }

# lint_is_silent NAME URL: promtool has nothing to say about the text exposition.
lint_is_silent() {
    local said code
    curl -sf --max-time 10 -o "$folder/$1.prom" "$2" || return 1
    said=$(promtool check metrics <"$folder/$1.prom" 2>&1)
    code=$?
    [ -z "$said" ] || echo "$said"
    [ $code -eq 0 ] && [ -z "$said" ]
}

# start_prometheus NAME TARGET_URL FLAG...: scrapes it every second; sets api.
start_prometheus() {
    local name=$1 target=${2#http://}
    shift 2
    mkdir -p "$folder/$name"
    cat >"$folder/$name/prometheus.yml" <<EOF
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: test
    static_configs:
      - targets: ["${target%%/*}"]
EOF
    start "$name" prometheus --config.file="$folder/$name/prometheus.yml" \
        --storage.tsdb.path="$folder/$name/data" --web.listen-address=127.0.0.1:0 --log.level=debug "$@"
    await 60 "$name listens" prometheus_is_listening "$name"
}

prometheus_is_listening() {
    api=$(sed -n 's/.*msg="Listening on" address=\([0-9.:]*\).*/http:\/\/\1/p' "$folder/$1.err")
    [ -n "$api" ]
}

# value API QUERY: of a query that has one series.
value() { promtool query instant "$1" "$2" 2>&1 | sed -n 's/.*=> \([^ ]*\) .*/\1/p'; }

# is_true API QUERY: it has an answer.
is_true() { [ -n "$(value "$1" "$2")" ]; }

# start_monitor NAME FLAG...: on any port, with a store of its own; sets pid and api.
start_monitor() {
    local name=$1
    shift
    start "$name" "$program" monitor --storage.tsdb.path="$folder/$name.data" --web.listen-address 127.0.0.1:0 "$@"
    await 60 "$name serves" monitor_is_serving "$name"
}

monitor_is_serving() {
    api=$(sed -n 's/^serving \(.*\)\/$/\1/p' "$folder/$1.out")
    [ -n "$api" ]
}

# answer QUERY: what the monitor at $api says to one that has one series.
answer() { "$program" query instant "$api" "$1" 2>/dev/null | sed -n 's/.*=> \([^ ]*\) .*/\1/p'; }

# is_answered QUERY
is_answered() { [ -n "$(answer "$1")" ]; }

finish() {
    if [ "$failures" -gt 0 ]; then
        show_output
        echo "$failures failed"
        exit 1
    fi
    exit 0
}
