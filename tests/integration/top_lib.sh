# shellcheck shell=bash disable=SC2154 # folder and program are those of lib.sh
# SPDX-License-Identifier: Apache-2.0
#
# A terminal for inferometer top: tmux with a socket of its own, in which keys are typed and whose screen is read.
#
#     open_top 80 24 "LC_ALL=C.UTF-8" ARGUMENT...
#     await_screen "what" TEXT
#     type_keys Enter
#     await_screen "what follows" TEXT

tmux_do() { tmux -S "$folder/tmux" -f /dev/null "$@"; }

# open_top WIDTH HEIGHT ENVIRONMENT ARGUMENT...: what it ends with is shown as "ended: CODE".
open_top() {
    local width=$1 height=$2 environment=$3 pid
    shift 3
    tmux_do kill-session -t top 2>/dev/null
    tmux_do new-session -d -s keep -x 20 -y 5 'exec sleep 600' 2>/dev/null
    tmux_do set-option -g remain-on-exit on >/dev/null
    tmux_do new-session -d -s top -x "$width" -y "$height" \
        "export $environment XDG_STATE_HOME='$XDG_STATE_HOME'; '$program' top $*; echo ended: \$?; exec sleep 600" ||
        fail "tmux could not start"
    pid=$(tmux_do display-message -p '#{pid}')
    processes+=("$pid")
}

type_keys() { tmux_do send-keys -t top "$@"; }

# What stands on it; with the codes of colours.
screen() { tmux_do capture-pane -t top -p; }
screen_codes() { tmux_do capture-pane -t top -p -e; }

screen_has() { screen | grep -qF -- "$1"; }
screen_lacks() { ! screen_has "$1"; }

# What is awaited may need an answer of the server.
await_screen() { # WHAT TEXT
    local end=$((SECONDS + 60))
    until screen_has "$2"; do
        if [ $SECONDS -ge $end ]; then
            fail "$1: no \"$2\" on:"
            screen | sed 's/^/    |/'
            return
        fi
        sleep 0.05
    done
    pass "$1"
}

await_gone() { # WHAT TEXT
    local end=$((SECONDS + 60))
    while screen_has "$2"; do
        if [ $SECONDS -ge $end ]; then
            fail "$1: \"$2\" is still on:"
            screen | sed 's/^/    |/'
            return
        fi
        sleep 0.05
    done
    pass "$1"
}

# order_is WHAT NAME...: the rows of the Overview, from above. await_order waits for it.
order() { screen | sed -n 's/^ [1-9][ !]\([a-z]*\).*/\1/p' | tr '\n' ' '; }
await_order() {
    local what=$1 end=$((SECONDS + 60))
    shift
    until [ "$(order)" = "$* " ] || [ $SECONDS -ge $end ]; do
        sleep 0.05
    done
    check_equal "$what" "$(order)" "$* "
}
