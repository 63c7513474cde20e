# SPDX-License-Identifier: Apache-2.0
#
# The rule of check_banned.sh, used with tidy.awk. `table` has lines "WHERE NAME INSTEAD".

BEGIN {
    rows = split(table, row, "\n")
    for (i = 1; i <= rows; i++) {
        if (split(row[i], word, " ") >= 3) {
            where[word[2]] = word[1]
            instead[word[2]] = row[i]
            sub(/^[^ ]+ +[^ ]+ +/, "", instead[word[2]])
        }
    }
}

function applies(name) {
    if (where[name] == "everywhere") {
        return 1
    }
    if (where[name] == "src") {
        return FILENAME ~ /^(src|include)\//
    }
    return FILENAME ~ /^(src\/(base|os|model|exposition|metrics|pipeline)|include)\//
}

{
    code = tidy_code()
    while (match(code, /[A-Za-z_][A-Za-z0-9_]*[ ]*\(/)) {
        name = substr(code, RSTART, RLENGTH - 1)
        sub(/ +$/, "", name)
        before = substr(code, 1, RSTART - 1)
        code = substr(code, RSTART + RLENGTH)
        # A member that is called through a table is another function of that name.
        if ((name in where) && before !~ /(\.|->)$/ && before !~ /\(\*$/ && applies(name)) {
            tidy_complain(FILENAME, FNR, name, name "() is not used here; instead: " instead[name])
        }
    }
}
