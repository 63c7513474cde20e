#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check_layers.sh [ROOT]
#
# The layer rule of docs/ARCHITECTURE.md: a file in src/FOLDER includes files of its own folder, and of
# folders with a lower number only the one header that bears the folder's name. Public headers include
# public headers only.
set -u
cd "${1:-.}" || exit 2

# shellcheck disable=SC2016 # the program is awk, not shell
find src include -name '*.[ch]' -o -name '*.hpp' | sort | xargs awk '
    BEGIN {
        split("base os assets model exposition storage http config metrics tsdb promql pipeline scrape remote dashboard" \
              " promqltest rules stack web top cmd", names, " ")
        split("0 1 1 1 2 2 2 3 3 3 3 4 4 4 4 5 5 5 6 6 7", numbers, " ")
        for (i in names) layer[names[i]] = numbers[i]
    }
    function complain(why) {
        printf "%s:%d: %s\n", FILENAME, FNR, why
        failed = 1
    }
    function check(from, to, header) {
        if (!(from in layer)) {
            complain("folder \"" from "\" is not in the table of layers")
        } else if (!(to in layer)) {
            complain("\"" to "/" header "\" is not in a folder of the table of layers")
        } else if (from != to && layer[to] + 0 >= layer[from] + 0) {
            complain("\"" from "\" is layer " layer[from] " and must not include \"" to "\", layer " layer[to])
        } else if (from != to && header != to ".h") {
            complain("\"" header "\" is private to \"" to "\"; include \"" to "/" to ".h\"")
        }
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        path = quoted[2]
        split(FILENAME, place, "/")
        slash = index(path, "/")
        if (place[1] == "include") {
            complain("a public header must not include the private header \"" path "\"")
        } else if (path ~ /\.\./ || slash == 0) {
            complain("write \"" path "\" as seen from src/, with its folder")
        } else {
            check(place[2], substr(path, 1, slash - 1), substr(path, slash + 1))
        }
    }
    END { exit failed }'
