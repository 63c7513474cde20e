#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: promqltest_store_test.sh PROGRAM [FOLDER]
#
# Runs FOLDER/*.test with their data in a store on disk. Without a FOLDER: Prometheus's own files, in the
# folder that $IFM_PROMQLTEST names; skipped (77) when it names none.
set -u
program=$1
folder=${2:-${IFM_PROMQLTEST:-}}

if [ -z "$folder" ]; then
    echo "skipped: IFM_PROMQLTEST is not set; set it to a folder of Prometheus's promqltest files"
    exit 77
fi
shopt -s nullglob
files=("$folder"/*.test)
if [ "${#files[@]}" -eq 0 ]; then
    echo "could not find test files: there is no .test in \"$folder\""
    exit 1
fi
# Thousands of small files: in memory where that is possible.
[ -w /dev/shm ] && [ -z "${TMPDIR:-}" ] && export TMPDIR=/dev/shm
store=$(mktemp -d) || exit 1
trap 'rm -rf "$store"' EXIT
"$program" "$store/data" "${files[@]}"
