#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check_size.sh [ROOT]
#
# Hard limits of size: a source file has at most 1000 lines, a header 300, a function 70 from its name to
# its closing brace, a line 110 characters. The aims are 500 and 40. Exceptions: tools/tidy_allow.txt.
set -u
tools=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}" || exit 2

find src include examples bench tests fuzz -name '*.[ch]' -o -name '*.hpp' -o -name '*.cpp' -o -name '*.cc' \
    2>/dev/null | sort | LC_ALL=C xargs awk -v check=size -v allow_file=tools/tidy_allow.txt \
    -f "$tools/check_size.awk" -f "$tools/tidy.awk"
c=$?

# The user interface's own sources, which Prettier lays out at 110 (tools/web.sh types): texts that it cannot
# break have at most 160.
find web/src web/test web/*.ts tests/browser \( -name '*.ts' -o -name '*.tsx' -o -name '*.mjs' -o -name '*.css' \) \
    2>/dev/null | sort | xargs awk '
    length > 160 { printf "%s:%d: the line has %d characters; the limit is 160\n", FILENAME, FNR, length; failed = 1 }
    FNR == 1001 { printf "%s: the file has more than 1000 lines\n", FILENAME; failed = 1 }
    END { exit failed }' || c=1
exit $c
