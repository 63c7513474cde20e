#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check_symbols.sh LIBRARY_FOLDER [ROOT]
#
# Every symbol that the shared library exports, and every global symbol of the static one, begins with
# ifm_: neither can collide with a name of the program that links it. The shared library exports the
# functions that the public headers name, in declarations or comments, and no others.
set -u
folder=$1
headers=${2:-.}/include/inferometer

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

named=$(mktemp)
exported=$(mktemp)
trap 'rm -f "$named" "$exported"' EXIT
cat "$headers"/*.h | grep -oE '\bifm_[a-z0-9_]+\(' | tr -d '(' | sort -u >"$named"
nm --defined-only --dynamic "$folder/libinferometer.so" | awk 'NF >= 3 { print $3 }' | sort -u >"$exported"
for name in $(comm -23 "$named" "$exported"); do
    echo "symbols: \"$name\" is in a public header, but libinferometer.so does not export it"
    failed=1
done
for name in $(comm -13 "$named" "$exported"); do
    echo "symbols: libinferometer.so exports \"$name\", which is in no public header; it is to be hidden"
    failed=1
done
exit $failed
