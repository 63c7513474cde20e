# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
#
# What the tests of tools/ share: a scratch folder that goes when the test ends, and checks that say what
# was expected and go on.

scratch=$(mktemp -d)
export XDG_STATE_HOME="$scratch/state" # for loggers that a test opens
trap 'rm -rf "$scratch"' EXIT
failures=0
passed=0

# passes NAME COMMAND...
passes() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        echo "FAILED $name: expected success, got: $output"
        failures=$((failures + 1))
    fi
}

# fails NAME MESSAGE COMMAND...: exits with an error and prints MESSAGE.
fails() {
    name=$1 message=$2
    shift 2
    if output=$("$@" 2>&1); then
        echo "FAILED $name: expected an error"
        failures=$((failures + 1))
        return
    fi
    says "$name" "$message"
}

# says NAME MESSAGE: the command before printed MESSAGE.
says() {
    case $output in
    *"$2"*) passed=$((passed + 1)) ;;
    *)
        echo "FAILED $1: expected \"$2\" in: $output"
        failures=$((failures + 1))
        ;;
    esac
}

finish() {
    echo "$passed passed, $failures failed"
    [ "$failures" -eq 0 ]
}
