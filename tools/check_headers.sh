#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check_headers.sh [ROOT]
#
# Each public header compiles alone, without a warning, as C11 and as C++17, with gcc and with clang where
# it is installed; the C++ header also as C++20 and without exceptions and run-time types.
set -u
cd "${1:-.}" || exit 2
failed=0

# compile COMPILER LANGUAGE HEADER FLAG...
compile() {
    compiler=$1 language=$2 header=$3
    shift 3
    if ! echo "#include <$header>" | "$compiler" -x "$language" "$@" -Wall -Wextra -Wshadow -Werror -pedantic \
        -Iinclude -fsyntax-only -; then
        echo "headers: \"$header\" does not compile alone: $compiler $*"
        failed=1
    fi
}

for path in include/inferometer/*; do
    header=${path#include/}
    for pair in gcc:g++ clang:clang++; do
        command -v "${pair#*:}" >/dev/null || continue
        case $header in
        *.h)
            compile "${pair%:*}" c "$header" -std=c11 -Wstrict-prototypes
            compile "${pair#*:}" c++ "$header" -std=c++17
            ;;
        *.hpp)
            compile "${pair#*:}" c++ "$header" -std=c++17
            compile "${pair#*:}" c++ "$header" -std=c++20
            compile "${pair#*:}" c++ "$header" -std=c++17 -fno-exceptions -fno-rtti
            ;;
        esac
    done
done
exit $failed
