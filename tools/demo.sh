#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/demo.sh BUILD_FOLDER
#
# Reads real pages with a neural network (build/PRESET/bin/ocr_pipeline), has a real Prometheus scrape it
# every second, and shows what Prometheus says. Stays until Ctrl-C, which ends both and removes what they
# wrote. Listens on 127.0.0.1 only. From the environment:
#
#   DEMO_SECONDS          ends by itself that many seconds after the first numbers
#   DEMO_PORT             of the pipeline's metrics: 8000, or the next free one; any
#   DEMO_PROMETHEUS_PORT  9090, or the next free one; any
#   DEMO_PDF              another document than the manual of libtasn1
set -uo pipefail

readonly document=/usr/share/doc/libtasn1-doc/libtasn1.pdf
readonly rate=0.5 # pages per second: leaves half of a slow core to whoever is looking
readonly start_seconds=30 page_seconds=120
readonly first_pages=3 # so many have to be there for the first table

ocr='' # process ids, while they run
prometheus=''
folder=''

say() { printf 'demo: %s\n' "$*"; }

# die SENTENCE [LOG]: with the last words of whoever wrote LOG.
die() {
    printf 'demo: %s\n' "$1" >&2
    if [ -n "${2:-}" ] && [ -s "$2" ]; then
        tail -n 5 "$2" | sed 's/^/    /' >&2
    fi
    exit 1
}

# --- Ending ------------------------------------------------------------------------------------------

# Asks a process of ours to end, and makes it after five seconds.
stop_process() {
    local pid=$1 i
    kill -TERM "$pid" 2>/dev/null
    for ((i = 0; i < 50; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
}

clean_up() {
    local code=$?
    # A Ctrl-C that comes while a command is being started finds a copy of this shell, with its traps.
    [ "$BASHPID" = $$ ] || exit "$code"
    trap '' INT TERM HUP # a second Ctrl-C must not leave anything behind
    if [ -n "$prometheus" ]; then
        stop_process "$prometheus"
    fi
    if [ -n "$ocr" ]; then
        stop_process "$ocr"
        printf '\n'
        sed -n '/ read in /,$p' "$folder/ocr.log"
        say "ended: everything it started is stopped, and its files are removed"
    fi
    if [ -n "$folder" ]; then
        rm -rf "$folder"
    fi
    exit "$code"
}

# --- What it needs -----------------------------------------------------------------------------------

need() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null ||
            die "the program \"$program\" is missing; hint: make demo installs it"
    done
}

# The document. On a system that is set up to leave out /usr/share/doc, from the package itself.
find_document() {
    if [ -n "${DEMO_PDF:-}" ]; then
        pdf=$DEMO_PDF pages=1-5
        [ -r "$pdf" ] || die "DEMO_PDF=\"$pdf\" cannot be read"
        return
    fi
    pdf=$document pages=4-8 # after the title and the contents
    if [ ! -r "$pdf" ]; then
        (cd "$folder" && apt-get download -qq libtasn1-doc && dpkg-deb -x libtasn1-doc_*.deb package) \
            >"$folder/document.log" 2>&1
        pdf=$folder/package$document
    fi
    [ -r "$pdf" ] ||
        die "could not find \"$document\", nor download its package, libtasn1-doc:" "$folder/document.log"
}

is_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port WHAT WISH: sets `port` to WISH or the next one on which nobody answers, and says so.
free_port() {
    port=$2
    if [ "$port" = any ]; then
        return
    fi
    while is_busy "$port"; do
        [ "$port" -lt $(($2 + 100)) ] || die "could not find a free port for $1 from $2 to $port"
        port=$((port + 1))
    done
    if [ "$port" -ne "$2" ]; then
        say "port $2 is in use: $1 takes $port"
    fi
}

# wait_for SECONDS PID LOG WHAT COMMAND...: until COMMAND succeeds; dies when PID does, or at the time limit.
wait_for() {
    local limit=$1 pid=$2 log=$3 what=$4 end=$((SECONDS + $1)) told=$SECONDS
    shift 4
    until "$@"; do
        kill -0 "$pid" 2>/dev/null || die "$what: the process ended instead; its last words:" "$log"
        [ "$SECONDS" -lt "$end" ] || die "$what: not within $limit s; the last words of the process:" "$log"
        if [ $((SECONDS - told)) -ge 5 ]; then
            say "$what ..."
            told=$SECONDS
        fi
        sleep 0.2
    done
}

# --- The two processes -------------------------------------------------------------------------------

is_serving() {
    url=$(sed -n 's/^serving \([^;]*\);.*/\1/p' "$folder/ocr.log")
    [ -n "$url" ]
}

start_ocr() {
    free_port "the pipeline" "${DEMO_PORT:-8000}"
    "$programs/ocr_pipeline" --repeat forever --rate $rate --pages $pages --output "$folder/texts" \
        --port "$port" "$pdf" >"$folder/ocr.log" 2>&1 </dev/null &
    ocr=$!
    wait_for $start_seconds $ocr "$folder/ocr.log" "waiting for the pipeline" is_serving
    target=${url#http://}
    target=${target%%/*}
}

is_listening() {
    local address
    address=$(sed -n 's/.*msg="Listening on" address=\([0-9.:]*\).*/\1/p' "$folder/prometheus.log")
    api=http://$address
    [ -n "$address" ]
}

start_prometheus() {
    free_port "Prometheus" "${DEMO_PROMETHEUS_PORT:-9090}"
    cat >"$folder/prometheus.yml" <<EOF
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: inferometer
    static_configs:
      - targets: ["$target"]
EOF
    # Native histograms stay off: with them, Prometheus 2 drops the classic buckets.
    prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" \
        --web.listen-address="127.0.0.1:${port/any/0}" >"$folder/prometheus.log" 2>&1 </dev/null &
    prometheus=$!
    wait_for $start_seconds $prometheus "$folder/prometheus.log" "waiting for Prometheus" is_listening
    wait_for $start_seconds $prometheus "$folder/prometheus.log" "waiting for the first scrape" is_up
}

# --- What Prometheus says ----------------------------------------------------------------------------

query() { promtool query instant "$api" "$1" 2>/dev/null; }

is_up() { query 'up{job="inferometer"} == 1' | grep -q '=> 1 '; }

have_pages() { [ -n "$(query "sum(inference_requests_total{outcome=\"success\"}) >= $first_pages")" ]; }

# One query for everything that is shown: a series for each stage and kind of number.
numbers() {
    local of kind total waiting all=''
    of=inference_stage_duration_seconds
    for kind in "count:sum by (stage) (${of}_count)" \
        "mean:sum by (stage) (${of}_sum) / sum by (stage) (${of}_count)" \
        "p95:histogram_quantile(0.95, sum by (stage, le) (${of}_bucket))"; do
        total=${kind//$of/inference_duration_seconds}
        waiting=${kind//$of/inference_queue_duration_seconds}
        all+=" or label_replace(${kind#*:}, \"number\", \"${kind%%:*}\", \"\", \"\")"
        all+=" or label_replace(label_replace(${total#*:}, \"number\", \"${kind%%:*}\", \"\", \"\"),"
        all+=" \"stage\", \"total_inference\", \"\", \"\")"
        all+=" or label_replace(label_replace(${waiting#*:}, \"number\", \"${kind%%:*}\", \"\", \"\"),"
        all+=" \"stage\", \"waiting\", \"\", \"\")"
    done
    query "${all# or }"
}

readonly table_lines=7

# Always of table_lines lines, so that the next one can be drawn over it.
table() {
    numbers | awk '
        match($0, /number="[a-z0-9]+"/) {
            number = substr($0, RSTART + 8, RLENGTH - 9)
            match($0, /stage="[a-z_]+"/)
            stage = substr($0, RSTART + 7, RLENGTH - 8)
            split($0, half, "=> ")
            value[stage, number] = half[2] + 0
        }
        function cell(stage, number) {
            return (stage, number) in value ? sprintf("%9.3f s", value[stage, number]) : sprintf("%11s", "-")
        }
        END {
            printf "    %-16s %7s %11s %11s\n", "stage", "pages", "mean", "p95"
            rows = split("waiting render pre_process engine_forward post_process total_inference", row, " ")
            for (i = 1; i <= rows; i++)
                printf "    %-16s %7d %s %s\n", row[i], value[row[i], "count"], cell(row[i], "mean"),
                    cell(row[i], "p95")
        }'
}

recognised_line() { cat "$folder"/texts/*.txt 2>/dev/null | grep -m 1 -E '.{40}'; }

tell() {
    cat <<EOF

  metrics     $url
  Prometheus  $api/
  ask it      rate(inference_requests_total{outcome="success"}[1m])
              histogram_quantile(0.95, sum by (stage, le) (rate(inference_stage_duration_seconds_bucket[5m])))

  recognised  "$(recognised_line)"

  Prometheus says, since the start:

EOF
    table
}

# Whether the table can be drawn over on a terminal: it must neither wrap nor scroll.
can_redraw() {
    local rows columns
    read -r rows columns < <(stty size <&1 2>/dev/null)
    [ "${rows:-0}" -gt $((table_lines + 2)) ] && [ "${columns:-0}" -ge 60 ]
}

# Shows the numbers until the time is over or a process ends: on a terminal the same table again, elsewhere a
# line now and then.
watch_numbers() {
    local end=$((SECONDS + ${DEMO_SECONDS:-1000000000})) shown=$SECONDS every=15
    if can_redraw; then
        every=3
    fi
    while [ $SECONDS -lt $end ]; do
        sleep 0.5
        kill -0 $ocr 2>/dev/null || die "the pipeline ended; its last words:" "$folder/ocr.log"
        kill -0 $prometheus 2>/dev/null || die "Prometheus ended; its last words:" "$folder/prometheus.log"
        if [ $((SECONDS - shown)) -lt $every ]; then
            continue
        fi
        shown=$SECONDS
        if can_redraw; then
            local fresh
            fresh=$(table)
            printf '\033[%dA\r%s\n' $((table_lines + 2)) "$fresh"
            printf '\n\033[K  Ctrl-C ends it\n'
        else
            say "$(query 'sum(inference_requests_total{outcome="success"})' | awk '{ print $3 }') pages read"
        fi
    done
}

# --- All of it ---------------------------------------------------------------------------------------

if [ $# -ne 1 ] || [ ! -x "$1/bin/ocr_pipeline" ]; then
    die "usage: tools/demo.sh BUILD_FOLDER, in which bin/ocr_pipeline was built; hint: make demo does both"
fi
[[ ${DEMO_SECONDS:-0} =~ ^[0-9]+$ ]] || die "DEMO_SECONDS=\"$DEMO_SECONDS\" is not a whole number of seconds"
programs=$1/bin
need prometheus promtool pdftoppm pdfinfo

trap clean_up EXIT
trap 'exit 0' INT TERM HUP
folder=$(mktemp -d) || die "could not make a temporary folder"
export XDG_STATE_HOME=$folder/state # the pipeline is this demo's alone: no other monitor is told of it
touch "$folder/ocr.log" "$folder/prometheus.log" # they are read before their writers have opened them

find_document
say "reading pages $pages of $pdf, again and again"
start_ocr
say "starting Prometheus, which scrapes $target every second"
start_prometheus
say "the target is up; the first pages take some seconds"
wait_for $page_seconds $ocr "$folder/ocr.log" "waiting for the first $first_pages pages" have_pages
tell
printf '\n  Ctrl-C ends it\n'
watch_numbers
