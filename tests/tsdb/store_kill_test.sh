#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: store_kill_test.sh PROGRAM
#
# 200 times kill -9 at a random moment. IFM_STORE_SEED of the environment repeats a run.
set -u
store=$(mktemp -d) || exit 1
trap 'rm -rf "$store"' EXIT
"$1" "$store/data" "${IFM_STORE_KILLS:-200}" "${IFM_STORE_SEED:-$RANDOM}"
