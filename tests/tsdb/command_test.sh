#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: command_test.sh BUILD_FOLDER
#
# inferometer tsdb create-blocks-from openmetrics, list, dump, dump-openmetrics and analyze: what they print,
# what they refuse, and that a store that is in use is left alone.
set -u
program=$1/bin/inferometer
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tools/scratch.sh
. "$here/../tools/scratch.sh"
cd "$scratch" || exit 1

# prints WANT COMMAND...: it succeeds, and that is all it prints.
prints() {
    local want=$1
    shift
    "$@" >output 2>&1 && [ "$(cat output)" = "$want" ] && return 0
    cat output
    return 1
}
# contains WANT COMMAND...: it succeeds and prints that, too.
contains() {
    local want=$1
    shift
    "$@" >output 2>&1 && grep -qF -e "$want" output && return 0
    cat output
    return 1
}
# refuses WANT COMMAND...: it ends with 1, and says that on stderr.
refuses() {
    local want=$1 code=0
    shift
    "$@" >output 2>errors || code=$?
    [ "$code" -eq 1 ] && grep -qF -e "$want" errors && return 0
    cat errors
    return 1
}
same() { [ -s "$1" ] && cmp "$1" "$2"; }
import() { "$program" tsdb create-blocks-from openmetrics "$@"; }

cat >input <<'END'
b{y="2",x="1"} 1 1700000000
b{y="2",x="1"} 2.5 1700000015.25
a 1e10 1700086400
{"a b","c d"="e"} -3 1700000001
# EOF
END
passes 'an import makes a block a day' contains '4 samples in 2 block(s)' import input data
passes 'a quiet one says nothing' prints '' import --quiet input quiet
wanted='{__name__="a"} 1e+10 1700086400000
{__name__="a b", "c d"="e"} -3 1700000001000
{__name__="b", x="1", y="2"} 1 1700000000000
{__name__="b", x="1", y="2"} 2.5 1700000015250'
passes 'dump prints every sample' prints "$wanted" "$program" tsdb dump data
passes 'dump prints what a selector matches' prints '{__name__="a"} 1e+10 1700086400000' \
    "$program" tsdb dump --match='{__name__=~"a|c"}' data
passes 'a series that two selectors match is there once' prints '{__name__="a"} 1e+10 1700086400000' \
    "$program" tsdb dump --match=a --match='{__name__="a"}' data
passes 'dump prints a range' prints '{__name__="b", x="1", y="2"} 2.5 1700000015250' \
    "$program" tsdb dump --min-time=1700000001001 --max-time=1700086399999 data
passes 'dump refuses what is no selector' refuses '--match=1: it is no selector' \
    "$program" tsdb dump --match=1 data

"$program" tsdb dump-openmetrics data >dumped
passes 'a dump can be imported' import --quiet dumped again
"$program" tsdb dump-openmetrics again >dumped_again
passes 'and is the same again' same dumped dumped_again

passes 'list tells of blocks' contains '2 block(s), 0 samples in the log' "$program" tsdb list data
passes 'list reads all samples' contains 'all 4 samples can be read' "$program" tsdb list --verify data
passes 'analyze counts series' contains 'Series:       3' "$program" tsdb analyze data
passes 'analyze counts samples' contains 'Samples:      4, of these native histograms: 0' \
    "$program" tsdb analyze data
passes 'more can be imported' import --quiet input data
passes 'the same sample is served once' prints "$wanted" "$program" tsdb dump data

printf 'a 1 1\nb 2\n# EOF\n' >bad
passes 'a sample without a time is refused' refuses 'line 2: a sample of "b" has no time' import bad new
passes 'then there is no store' test ! -e new
passes 'a folder without a store is refused' refuses 'there is no store in' "$program" tsdb dump .
passes 'one that is not there is refused' refuses 'there is no store in "missing"; hint' "$program" tsdb list missing

# Somebody else has the store open.
exec 9>>data/lock
flock 9
passes 'a store in use can be read' prints "$wanted" "$program" tsdb dump data
TMPDIR=/dev/shm passes 'also where hard links do not work' prints "$wanted" "$program" tsdb dump data
passes 'but not written to' refuses 'has it open' import input data
exec 9>&-

for block in data/blocks/*.block; do
    printf 'x' | dd of="$block" bs=1 seek=40 conv=notrunc status=none
    break
done
passes 'list says what is damaged' refuses 'part(s) of the store are damaged' "$program" tsdb list --verify data
passes 'so does dump' refuses 'part(s) of the store are damaged, and left out' "$program" tsdb dump data
passes 'so does dump-openmetrics' refuses 'part(s) of the store are damaged' "$program" tsdb dump-openmetrics data
passes 'what is left can be imported' test "$("$program" tsdb dump-openmetrics data 2>/dev/null | tail -n 1)" = '# EOF'
passes 'and leaves it where it is' test ! -e data/quarantine

finish
