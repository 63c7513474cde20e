#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check_symbols.sh LIBRARY_FOLDER
#
# Every symbol that the shared library exports, and every global symbol of the static one, begins with
# ifm_: neither can collide with a name of the program that links it.
set -u
folder=$1

# foreign NM_OPTIONS... FILE: defined symbols with another prefix.
foreign() {
    nm --defined-only --no-sort "$@" | awk 'NF >= 3 && $3 !~ /^ifm_/ { print "  " $3 " (" $2 ")"; found = 1 }
        NF >= 3 { symbols++ }
        END { if (symbols == 0) { print "  no symbols at all" } exit !(found || symbols == 0) }'
}

failed=0
if foreign --dynamic "$folder/libinferometer.so"; then
    echo "symbols: libinferometer.so exports the above; mark them static, or name them ifm_..."
    failed=1
fi
if foreign --extern-only "$folder/libinferometer.a"; then
    echo "symbols: libinferometer.a has the above as globals; mark them static, or name them ifm_..."
    failed=1
fi
exit $failed
