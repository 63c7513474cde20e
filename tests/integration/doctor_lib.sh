# shellcheck shell=bash disable=SC2034,SC2154 # variables of lib.sh, and of the tests
# SPDX-License-Identifier: Apache-2.0
#
# What the tests of doctor share, to be sourced after lib.sh: `state` is where the stack's state is kept, `path` what
# doctor finds programs on.
state=$folder/state
stack=$state/inferometer/stack
path=$PATH

# doctor ARGUMENT...: sets code; the output is in doctor.txt.
doctor() {
    XDG_STATE_HOME=$state PATH=$path "$bin/inferometer" doctor "$@" >"$folder/doctor.txt" 2>"$folder/doctor.err.txt"
    code=$?
}

# is_said ID STATUS PART [FIX]: that check alone says it, and the exit code fits its gravest line.
is_said() {
    local want=0
    doctor --check="$1"
    grep -q "^D[0-9]* *warning" "$folder/doctor.txt" && want=2
    grep -q "^D[0-9]* *FAILED" "$folder/doctor.txt" && want=1
    grep -E "^$1 +$2 +" "$folder/doctor.txt" | grep -qF -- "$3" && [ $code -eq $want ] &&
        grep -qF -- "${4:-}" "$folder/doctor.txt"
}

says() { # as is_said
    if is_said "$@"; then
        pass "$1: $2: $3"
    else
        fail "$1 should be $2 \"$3\" \"${4:-}\"; it ends with $code:"
        sed 's/^/    /' "$folder/doctor.txt" "$folder/doctor.err.txt"
    fi
}
