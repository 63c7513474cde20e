#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: store_kill_test.sh PROGRAM
#
# 50 times kill -9 at a random moment, or IFM_STORE_KILLS of the environment; IFM_STORE_SEED repeats a run.
set -u
store=$(mktemp -d) || exit 1
trap 'rm -rf "$store"' EXIT
"$1" "$store/data" "${IFM_STORE_KILLS:-50}" "${IFM_STORE_SEED:-$RANDOM}"
