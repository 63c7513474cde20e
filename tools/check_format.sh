#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check_format.sh [ROOT]
#
# Every C and C++ file is as clang-format 14 would write it.
set -u
cd "${1:-.}" || exit 2

list() {
    find include src tests examples bench fuzz -name '*.[ch]' -o -name '*.[ch]pp' -o -name '*.cc' 2>/dev/null
}
if ! list | xargs clang-format-14 --dry-run -Werror; then
    echo "format: this mends it: clang-format-14 -i FILE"
    exit 1
fi
