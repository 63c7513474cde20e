#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check_text.sh [ROOT]
#
# Every source file and script begins with its licence line, and no file has an open end or a path of the
# machine it was written on.
set -u
cd "${1:-.}" || exit 2
failed=0

list() {
    find . \( -name .git -o -name build -o -path ./web/node_modules -o -path ./web/dist -o -path ./web/bundle \
        -o -path ./web/compat/node_modules \) -prune -o -type f "$@" -print | sort
}

for file in $(list \( -name '*.[chy]' -o -name '*.[ch]pp' -o -name '*.cc' -o -name '*.cmake' -o -name '*.sh' \
    -o -name '*.awk' -o -name '*.py' -o -name '*.proto' -o -name '*.y*ml' -o -name '*.svg' \
    -o -name '*.ts' -o -name '*.tsx' -o -name '*.mjs' -o -name '*.css' \
    -o -name CMakeLists.txt -o -name Makefile -o -name run \)); do
    if ! head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
        echo "$file:1: the licence line is missing: SPDX-License-Identifier: Apache-2.0"
        failed=1
    fi
done

# The brackets keep this file from finding itself.
if list ! -name '*.png' ! -name '*.gz' | xargs grep -nIE '\b(T[O]DO|F[I]XME|X[X]X)\b|/(h[o]me|r[o]ot|w[o]rk|f[a]rm)/'; then
    echo "text: an open end, or a path of one machine; an open end becomes an issue"
    failed=1
fi
exit $failed
