#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: promql_test.sh PROGRAM FOLDER
#
# Runs FOLDER/*.test, with chunks of the storage cut at several lengths: no result may depend on that; and
# FOLDER/server/*.test with a server's defaults. Without a FOLDER: Prometheus's own files, in the folder that
# $IFM_PROMQLTEST names; skipped (77) when it names none.
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
status=0
for samples in 1 2 3 7 120; do
    echo "chunks of $samples:"
    "$program" test promql --chunk-samples="$samples" "${files[@]}" || status=1
done
files=("$folder"/server/*.test)
if [ "${#files[@]}" -gt 0 ]; then
    echo 'as a server:'
    "$program" test promql --server-defaults "${files[@]}" || status=1
fi
exit "$status"
