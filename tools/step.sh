#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/step.sh NAME COMMAND...
#
# Runs one step of the Makefile under a heading and says how it ended and how long it took.
set -u

name=$1
shift
began=$(date +%s)
echo "== $name"
"$@"
code=$?
took=$(($(date +%s) - began))
if [ $code -ne 0 ]; then
    echo "== $name: FAILED after $took s" >&2
    exit $code
fi
echo "== $name: done in $took s"
