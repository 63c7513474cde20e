#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/demo.sh BUILD_FOLDER
#
# Reads real pages with a neural network (build/PRESET/bin/ocr_pipeline), whose logger starts the monitor of
# Inferometer, and shows what the monitor says. Stays until Ctrl-C, which ends both and removes what they
# wrote. Listens on 127.0.0.1 only; the monitor takes port 9090, or the next free one. From the environment:
#
#   DEMO_SECONDS  ends by itself that many seconds after the first numbers
#   DEMO_PORT     of the pipeline's metrics: 8000, or the next free one; any
#   DEMO_PDF      another document than the manual of libtasn1
set -uo pipefail

readonly document=/usr/share/doc/libtasn1-doc/libtasn1.pdf
readonly rate=0.5 # pages per second: leaves half of a slow core to whoever is looking
readonly start_seconds=30 page_seconds=120
readonly first_pages=3 # so many have to be there for the first table

ocr='' # its process id, while it runs
folder=''
api='' # where the monitor answers

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

# The one that the pipeline's logger has started, or is about to.
stop_monitor() {
    [ -n "$api" ] || sleep 1 # it may be about to be started
    "$programs/inferometer" monitor stop >"$folder/stop.log" 2>&1 || cat "$folder/stop.log" >&2
}

clean_up() {
    local code=$?
    # A Ctrl-C that comes while a command is being started finds a copy of this shell, with its traps.
    [ "$BASHPID" = $$ ] || exit "$code"
    trap '' INT TERM HUP # a second Ctrl-C must not leave anything behind
    if [ -n "$ocr" ]; then
        stop_process "$ocr"
        stop_monitor
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
        --monitoring embedded --port "$port" "$pdf" >"$folder/ocr.log" 2>&1 </dev/null &
    ocr=$!
    wait_for $start_seconds $ocr "$folder/ocr.log" "waiting for the pipeline" is_serving
}

# Its logger says where the monitor is, or why there is none.
is_monitored() {
    api=$(sed -n 's/^dashboard //p' "$folder/ocr.log")
    ! grep 'warning: monitoring: ' "$folder/ocr.log" >&2 || die "the monitor did not start"
    [ -n "$api" ]
}

wait_for_monitor() {
    wait_for $start_seconds $ocr "$folder/ocr.log" "waiting for the monitor" is_monitored
    wait_for $start_seconds $ocr "$folder/ocr.log" "waiting for the first scrape" is_up
}

# --- What the monitor says ---------------------------------------------------------------------------

query() { "$programs/inferometer" query instant "$api" "$1" 2>/dev/null; }

is_up() { query 'up{job="inferometer"} == 1' | grep -q '=> 1 '; }

have_pages() { query "sum(inference_requests_total{outcome=\"success\"}) >= $first_pages" | grep -q '=>'; }

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

# What the prototype's dashboard asked: the mean of the last minute.
prototype=total_inference_ocr
readonly prototype_query="rate(${prototype}_sum[1m]) / rate(${prototype}_count[1m])"

have_prototype() { query "$prototype_query > 0" | grep -q '=>'; }

prototype_answer() {
    printf '%s\n  = ' "$prototype_query"
    query "$prototype_query" | awk '{ printf "%.3f s\n", $(NF - 1) }'
}

recognised_line() { cat "$folder"/texts/*.txt 2>/dev/null | grep -m 1 -E '.{40}'; }

# Over SSH the browser is on another machine, which this one's ports are brought to by a tunnel.
tell_tunnel() {
    local port=${api#http://*:}
    port=${port%%/*}
    if [ -n "${SSH_CONNECTION:-}" ]; then
        echo "  from afar   ssh -N -L $port:127.0.0.1:$port $(hostname)"
    fi
}

tell() {
    cat <<EOF

  dashboard   $api
$(tell_tunnel)
  terminal    $shown/inferometer top $api
  ask it      $shown/inferometer query instant $api 'rate(inference_requests_total[1m])'
  metrics     curl ${url#http://}

  recognised  "$(recognised_line)"

  The prototype's query, answered:

  $(prototype_answer)

  The monitor says, since the start:

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
        query 1 >"$folder/alive.log" || die "the monitor does not answer any more; its last words:" "$monitor_log"
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

if [ $# -ne 1 ] || [ ! -x "$1/bin/ocr_pipeline" ] || [ ! -x "$1/bin/inferometer" ]; then
    die "usage: tools/demo.sh BUILD_FOLDER, in which bin/ocr_pipeline and bin/inferometer were built; hint: make demo"
fi
[[ ${DEMO_SECONDS:-0} =~ ^[0-9]+$ ]] || die "DEMO_SECONDS=\"$DEMO_SECONDS\" is not a whole number of seconds"
programs=$(cd "$1/bin" && pwd)
shown=$1/bin # as it can be typed here: the demo installs nothing
need pdftoppm pdfinfo

trap clean_up EXIT
trap 'exit 0' INT TERM HUP
folder=$(mktemp -d) || die "could not make a temporary folder"
export XDG_STATE_HOME=$folder/state # a monitor of the demo's own: yours is not told of it
export INFEROMETER_BIN=$programs/inferometer INFEROMETER_NAMING=both
monitor_log=$XDG_STATE_HOME/inferometer/monitor/monitor.log
touch "$folder/ocr.log" # it is read before its writer has opened it

find_document
say "reading pages $pages of $pdf, again and again"
start_ocr
say "the logger of the pipeline starts the monitor"
wait_for_monitor
say "the target is up; the first pages take some seconds"
wait_for $page_seconds $ocr "$folder/ocr.log" "waiting for the first $first_pages pages" have_pages
wait_for $page_seconds $ocr "$folder/ocr.log" "waiting for the prototype's query" have_prototype
tell
printf '\n  Ctrl-C ends it\n'
watch_numbers
