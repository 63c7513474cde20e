#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# inferometer top in tmux, of a server whose answers are known: every page and key by what is on the screen, what is
# said when the server goes away, and that the terminal is left as it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/top_lib.sh"
need tmux python3
need_inferometer

mode() { echo "$1" >"$folder/mode"; }
has_port() {
    port=$(head -n 1 "$folder/server.out")
    [ -n "$port" ]
}
serve() { # PORT
    start server python3 "$root/tests/integration/top_stand_in.py" "$1" "$folder/mode"
    server=$pid
    await 60 "the server listens" has_port
    api=http://127.0.0.1:$port
}
stop_server() {
    kill -KILL "$server"
    wait "$server" 2>/dev/null
}
# What a text of the server would do if it reached the terminal: blink, be red, name the window.
is_harmless() {
    [ "$(tmux_do display-message -t top -p '#{pane_title}')" != title ] &&
        ! screen_codes | grep -qP '\x1b\[[0-9;]*5m' && ! screen | LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')"
}
has_braille() { screen | LC_ALL=C.UTF-8 grep -qP '[\x{2801}-\x{28FF}]'; }
has_no_braille() { ! has_braille; }
is_ascii() { ! screen | LC_ALL=C grep -q '[^ -~]'; }
has_colours() { screen_codes | grep -qP '\x1b\[([0-9;]*;)?([349][0-7]|38|48)[;m]'; }
has_no_colours() { ! has_colours; }
# A screen is read while it is drawn: what is to be on it is awaited, also when another part of it is there.
utf8="LC_ALL=C.UTF-8 TERM=screen"

mode good
serve 0

# --- The Overview and its keys
open_top 80 24 "$utf8" --interval=500ms "$api"
await_screen "80x24: the row of a pipeline" ' 1 chat'
await_screen "requests, errors, percentiles" '50.0   10.0%   100ms   250ms   3.00s'
await_screen "and where it is up" '1/1'
await_screen "targets and alerts are counted" 'Targets 1 down of 2'
await_screen "targets and alerts are counted" 'Alerts 1 firing'
await_screen "a pipeline with an alert is marked" '!ocr'
check "a name of a server does nothing to the terminal" is_harmless
await_order "sorted by requests" chat ocr evil
type_keys S
await_order "the other way" evil ocr chat
type_keys S s s s
await_order "by the next columns" ocr chat evil
type_keys /
await_screen "the line of the filter" 'filter:'
type_keys o c
await_order "filters while it is typed" ocr
type_keys Enter
await_screen "the filter is shown" 'filter: oc'
type_keys Escape
await_order "and is gone" ocr chat evil
type_keys j
type_keys Enter
await_screen "opens the selected one" 'Overview [chat]'
type_keys Escape
await_screen "goes back" '[Overview]'
type_keys '?'
await_screen "help" 'any key goes back'
type_keys x
await_gone "any key goes back" 'any key goes back'
type_keys Space
await_screen "pause" 'PAUSED'
type_keys Space
await_gone "goes on" 'PAUSED'
type_keys +
await_screen "a longer range" '30m  every'
type_keys - -
await_screen "a shorter one" ' 5m  every'
type_keys '['
await_screen "earlier" 'ago'
type_keys 0
await_screen "now" '15m  every'

# --- A pipeline
type_keys Home Enter
await_screen "an opened pipeline" 'Overview [ocr]'
await_screen "its stages, the longest first" 'engine_forward'
await_screen "with their mean, percentile and share" '75.0ms    125ms   75.0%'
await_screen "percentiles as lines" '2 p95 '
await_screen "with units" '10s'
await_screen "the distribution" 'few ·░▒▓█'
check "lines are braille" has_braille
type_keys 2
await_screen "a line is hidden" '2 p95 off'
type_keys g
await 60 "graphs of blocks" has_no_braille
await_screen "which are not ASCII" '█'
type_keys g
await 60 "graphs of ASCII" screen_has '+1111'
type_keys g
await 60 "and braille again" has_braille

# --- Lists
type_keys t
await_screen "targets" '[Targets 1 down of 2]'
await_screen "the reason of one that is down" 'connection refused'
is_first() { [ "$(screen | grep -o '^ down\|^ up' | head -n 1)" = ' down' ]; }
await 60 "which is first" is_first
check "a reason does nothing to the terminal" is_harmless
type_keys Tab
await_screen "alerts" 'InferenceLatencyHigh'
await_screen "with their summary" 'The slowest 1 %'
check "labels do nothing to the terminal" is_harmless
type_keys o
await_screen "the Overview" '[Overview]'

# --- Sizes
tmux_do resize-window -t top -x 200 -y 50
await_screen "200x50: all columns" 'QUEUE'
await_screen "and both sparklines" 'P95, 15m'
await_screen "a name with wide characters is whole" '日本'
check "and harmless" is_harmless
type_keys Enter
await_screen "a wide pipeline" 'queue p95'
uses_all_lines() { [ "$(screen | grep -c .)" -ge 49 ]; }
await 60 "uses all lines" uses_all_lines
tmux_do resize-window -t top -x 45 -y 12
await_gone "45x12: columns are dropped" 'queue p95'
type_keys Escape
await_screen "and the row stays" '1 chat'
tmux_do resize-window -t top -x 20 -y 5
await_screen "20x5: a sentence" 'too small'
tmux_do resize-window -t top -x 80 -y 24
await_screen "and back" '1 chat'

# --- The server goes away, and comes back
stop_server
await_screen "no answer is said" 'no answer since'
await_screen "the last numbers stay" '250ms'
type_keys t
await_screen "keys are answered meanwhile" '[Targets'
type_keys o
serve "$port"
await_gone "it comes back by itself" 'no answer since'
mode hang
await_screen "a slow answer shows its age" 'waiting for an answer for'
type_keys '?'
await_screen "and keys are answered" 'any key goes back'
type_keys x
mode good
stop_server
serve "$port"
await_gone "after a server that hung" 'waiting for an answer'
mode refuse
await_screen "what it refuses is said" 'too many samples'
check "in its words without harm" is_harmless
mode rubbish
await_screen "so is what is no API" "Prometheus's API: "
mode empty
await_screen "no pipelines" 'The server watches no targets'
mode good
await_screen "and back" '1 chat'

# --- Suspended, continued, ended
type_keys q
await_screen "q ends with 0" 'ended: 0'
check "and leaves the terminal" screen_lacks '1 chat'
open_top 80 24 "$utf8" "$api"
await_screen "another one" '1 chat'
type_keys C-c
await_screen "Ctrl-C ends with 130" 'ended: 130'
check "and leaves the terminal" screen_lacks '1 chat'
tmux_do kill-session -t top
tmux_do new-session -d -s top -x 80 -y 24 "env LC_ALL=C.UTF-8 TERM=screen PS1='prompt> ' bash --norc -i"
await_screen "a shell" 'prompt>'
type_keys "'$program' top $api" Enter
await_screen "in a shell" '[Overview]'
type_keys C-z
await_screen "Ctrl-Z suspends it" 'Stopped'
type_keys fg Enter
await_screen "and it goes on" '[Overview]'
top_pid=$(pgrep -P "$(tmux_do display-message -t top -p '#{pane_pid}')")
kill -TERM "$top_pid"
await_screen "SIGTERM leaves the terminal" 'prompt>'
type_keys 'stty -a | grep -o " echo\b"; echo "done"' Enter
await_screen "which echoes" 'done'
await_screen "what is typed" ' echo'
# A signal that it does not wait for does what it does, and leaves the terminal. The shell has no job control, with
# which it would put it right itself.
cat >"$folder/die.sh" <<'END'
ulimit -c 0
"$1" top "$2"
echo "died: $?"
stty -a | grep -oE ' -?(icanon|echo|onlcr)\b' | sort | tr -d '\n'
exec sleep 600
END
die() { # SIGNAL CODE
    tmux_do kill-session -t top
    tmux_do new-session -d -s top -x 80 -y 24 "env LC_ALL=C.UTF-8 TERM=screen sh '$folder/die.sh' '$program' '$api'"
    await_screen "before SIG$1" '1 chat'
    top_pid=$(pgrep -P "$(tmux_do display-message -t top -p '#{pane_pid}')")
    kill -"$1" "$top_pid"
    await_screen "SIG$1 ends it" "died: $2"
    await_screen "SIG$1 leaves lines as they were" ' echo icanon onlcr'
    check "SIG$1 leaves the screen" screen_lacks '[Overview]'
}
die QUIT 131
die ABRT 134
die HUP 130

# --- Keys that the description of the terminal does not have
open_top 80 24 "LC_ALL=C.UTF-8 TERM=vt100" "$api"
await_screen "TERM=vt100" '1 chat'
type_keys Enter
await_screen "a pipeline" 'Overview [chat]'
tmux_do send-keys -t top -H 1b 5b 31 3b 35 43 # Ctrl-Right: Escape, [, 1, 5 would each do something
type_keys g
await 60 "keys after one that is not known" has_no_braille
await_screen "a key that is not known does nothing" 'Overview [chat]'
check "a key that is not known does nothing" screen_lacks 'ago'
check "a key that is not known does nothing" screen_lacks ' off'
tmux_do send-keys -t top -H 1b 5b 44 # left
await_screen "one that is known by others does what it does" 'ago'

# --- Terminals
open_top 80 24 "LC_ALL=C TERM=screen" "$api"
await_screen "LC_ALL=C" '1 chat'
check "is ASCII alone" is_ascii
type_keys Enter
await_screen "also of a pipeline" 'few .:=*#'
check "is ASCII alone" is_ascii
open_top 80 24 "LC_ALL=xx_YY.UTF-8 TERM=screen" "$api"
await_screen "a locale that this machine does not have" '1 chat'
await_screen "is UTF-8 when it says so" '─'
open_top 80 24 "$utf8 NO_COLOR=1" "$api"
await_screen "NO_COLOR" '1 chat'
check "has no colours" has_no_colours
open_top 80 24 "$utf8 NO_COLOR=1" --color=always "$api"
await_screen "--color=always" '1 chat'
await 60 "has some" has_colours
for kind in xterm vt100 xterm-16color; do
    open_top 80 24 "LC_ALL=C.UTF-8 TERM=$kind" "$api"
    await_screen "TERM=$kind" '1 chat'
    type_keys q
    await_screen "TERM=$kind: ends" 'ended: 0'
done
for kind in dumb '' nonsense; do
    open_top 80 24 "LC_ALL=C.UTF-8 TERM=$kind" "$api"
    await_screen "TERM=\"$kind\" is refused" 'ended: 1'
    await_screen "TERM=\"$kind\": with what to do" 'once'
done
"$program" top "$api" </dev/null >"$folder/no_terminal" 2>&1
check_equal "without a terminal" $? 1
check_contains "it says so" "$folder/no_terminal" 'no terminal; hint: --once prints one frame'

# --- One frame
once() { # NAME ARGUMENT...
    local name=$1
    shift
    LC_ALL=C.UTF-8 "$program" top --once "$@" >"$folder/$name" 2>"$folder/$name.err"
    code=$?
}
once frame "$api"
check_equal "--once ends with 0" $code 0
check_contains "--once has the rows" "$folder/frame" ' 1 chat'
check_equal "--once has no codes" "$(grep -c "$(printf '\033')" "$folder/frame")" 0
once pipeline --pipeline=ocr "$api"
check_contains "--once --pipeline" "$folder/pipeline" 'engine_forward'
once targets --page=targets "$api"
check_contains "--once --page=targets" "$folder/targets" 'connection refused'
once alerts --page=alerts "$api"
check_contains "--once --page=alerts" "$folder/alerts" 'InferenceLatencyHigh'
once unknown --pipeline=none "$api"
check_equal "an unknown pipeline ends with 1" $code 1
check_contains "and is named" "$folder/unknown.err" 'there is no pipeline "none"'
mode get
once get "$api"
check_contains "a server that takes no POST" "$folder/get" ' 1 chat'
mode password
once locked "$api"
check_equal "a server with a password ends with 1" $code 1
check_contains "and says what to do" "$folder/locked.err" 'hint: --user and --password-file'
once opened "${api/http:\/\//http://me:secret@}"
check_contains "user and password in the URL" "$folder/opened" ' 1 chat'
check_equal "which does not show them" "$(grep -c secret "$folder/opened")" 0
(umask 077 && echo secret >"$folder/secret")
once opened --user=me --password-file="$folder/secret" "$api"
check_contains "user and password as options" "$folder/opened" ' 1 chat'
mode rubbish
once rubbish "$api"
check_equal "no API ends with 1" $code 1
mode refuse
once words "$api"
check_equal "a refusal ends with 1" $code 1
check_contains "with the server's words" "$folder/words.err" 'too many samples'
check_equal "without what a terminal obeys" "$(LC_ALL=C tr -cd '\033' <"$folder/words.err" | wc -c)" 0
mode good
once refused http://127.0.0.1:1
check_equal "nobody there ends with 1" $code 1
check_contains "with the reason" "$folder/refused.err" 'could not ask http://127.0.0.1:1'
once usage --range=1s "$api"
check_equal "a range that is too short" $code 64
once usage --page=pipeline "$api"
check_contains "a page without its name" "$folder/usage.err" 'needs --pipeline=NAME'
finish
