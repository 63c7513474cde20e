#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: program_test.sh BUILD_FOLDER
#
# The program explains itself: every command has a help text, stands in the manual page and is completed by bash;
# and what it does not understand it says, with status 64.
set -u
program=$1/bin/inferometer
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tools/scratch.sh
. "$here/scratch.sh"

# status WANT COMMAND...: it ends with that status.
status() {
    local want=$1 code=0
    shift
    "$@" >"$scratch/output" 2>&1 || code=$?
    [ "$code" -eq "$want" ]
}
said() { grep -qF -e "$1" "$scratch/output"; }

passes 'the overview' status 0 "$program" --help
commands=$(sed -n 's/^  \([a-z-]\+\( [a-z-]\+\)\?\)  .*/\1/p' "$scratch/output" | grep -vx version)
passes 'the overview has commands' test "$(wc -l <<<"$commands")" -ge 7
"$program" man >"$scratch/man"
passes 'the manual page has its sections' test "$(grep -c '^\.SH ' "$scratch/man")" -ge 6
while read -r command; do
    # shellcheck disable=SC2086 # one or two words
    passes "$command --help" status 0 "$program" $command --help
    passes "$command --help names it" said "usage: inferometer $command"
    cp "$scratch/output" "$scratch/help"
    # shellcheck disable=SC2086
    passes "help $command is the same" status 0 "$program" help $command
    passes "help $command is the same text" cmp "$scratch/output" "$scratch/help"
    passes "the manual page has $command" grep -q "^\.SS inferometer $command " "$scratch/man"
    # shellcheck disable=SC2086
    passes "$command refuses an option that is none" status 64 "$program" $command --nonsense
    passes "$command names it" said '"--nonsense" is no option; hint: inferometer '
done <<<"$commands"

passes 'without a command: the overview, and an error' status 64 "$program"
passes 'a command that is none' status 64 "$program" frobnicate
passes 'is named' said 'there is no command "frobnicate"; hint: inferometer --help lists all'
passes 'half a command' status 64 "$program" stack
passes 'lists the other halves' said 'inferometer stack up'
passes 'the help of half a command' status 0 "$program" stack --help
passes 'lists them, too' said 'inferometer stack up'
passes 'help half a command' status 0 "$program" help check
passes 'is the same' said 'inferometer check dashboards'
passes 'but not of what is none' status 64 "$program" frobnicate --help
passes 'a value that is missing' status 64 "$program" stack up --engine
passes 'is named' said '--engine needs a value'
passes 'a value behind a name with points' status 64 "$program" monitor --query.timeout x
passes 'is read' said 'monitor: --query.timeout=x: it is no duration'
passes 'and behind "="' status 64 "$program" monitor --query.timeout=y
passes 'is read, too' said 'monitor: --query.timeout=y: it is no duration'
passes 'a letter' status 64 "$program" query instant -o nonsense up
passes 'stands for its option' said '--format="nonsense" cannot be used; accepted: promql json'
passes 'another letter' status 64 "$program" query instant -x up
passes 'is none' said '"-x" is no option'
passes 'the version' status 0 "$program" version
passes 'has three numbers' grep -qE '^inferometer [0-9]+\.[0-9]+\.[0-9]+$' "$scratch/output"
if [ -e /dev/full ]; then
    passes 'a full disk is noticed' status 1 sh -c "'$program' man >/dev/full"
    passes 'and said' said 'to the standard output' # "all" when it was noticed before the last flush
    passes 'by a help text, too' status 1 sh -c "'$program' help stack up >/dev/full"
    passes 'and by the version' status 1 sh -c "'$program' --version >/dev/full"
fi

# What it opens must not become its standard output: messages went into the lock file.
XDG_STATE_HOME=$scratch/state "$program" stack down >&- 2>&-
passes 'closed descriptors stay closed' grep -qxE '[0-9]+' "$scratch/state/inferometer/stack/lock"
passes 'and nothing is written elsewhere' test "$(wc -l <"$scratch/state/inferometer/stack/lock")" -eq 1

# A parent that ignores SIGCHLD must not make every program look successful.
mkdir "$scratch/bin"
printf '#!/bin/sh\necho prometheus, version 2.42.0\nexit 3\n' >"$scratch/bin/prometheus"
chmod +x "$scratch/bin/prometheus"
ignoring() {
    bash -c 'trap "" CHLD; exec "$@"' bash env PATH="$scratch/bin:/usr/bin:/bin" XDG_STATE_HOME="$scratch/state" "$@"
}
passes 'a program that fails' status 1 ignoring "$program" stack up --engine=native --timeout=5
passes 'has failed' said 'the program "prometheus" does not say its version'

# complete WORD...: what bash offers for the last word.
"$program" completions bash >"$scratch/completions"
# shellcheck source=/dev/null
. "$scratch/completions"
compopt() { :; } # it works inside a completion only
complete_words() {
    COMP_WORDS=(inferometer "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _inferometer
    echo "${COMPREPLY[*]}"
}
passes 'bash completes commands' test "$(complete_words st)" = stack
passes 'and the second word' test "$(complete_words stack "do")" = down
passes 'and options' test "$(complete_words stack up --prometheus-p)" = --prometheus-port=
passes 'also those with points in them' test "$(complete_words monitor --storage.tsdb.retention.t)" = --storage.tsdb.retention.time=
passes 'and words behind what is a command itself' test "$(complete_words monitor sto)" = stop
passes 'and choices' test "$(complete_words stack up --engine = po)" = podman
for shell in zsh fish; do
    passes "completions for $shell" status 0 "$program" completions $shell
done
passes 'no completions for another shell' status 64 "$program" completions csh

finish
