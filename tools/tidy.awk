# SPDX-License-Identifier: Apache-2.0
#
# What check_banned.sh and check_size.sh share: the code of a C line without its comments and strings, and
# the exceptions of tools/tidy_allow.txt, each of which must be needed.
#
# usage: awk -v check=NAME -v allow_file=FILE -f CHECK.awk -f tools/tidy.awk FILES

# Exceptions of this check: "CHECK PATH ITEM reason".
function tidy_load(   line, word) {
    while ((getline line < allow_file) > 0) {
        if (line !~ /^#/ && split(line, word, " ") > 3 && word[1] == check) {
            tidy_allowed[word[2] " " word[3]] = 0
        }
    }
    close(allow_file)
}

function tidy_complain(path, row, item, why) {
    if ((path " " item) in tidy_allowed) {
        tidy_allowed[path " " item]++
        return
    }
    printf "%s:%d: %s\n", path, row, why
    tidy_failed = 1
}

function tidy_finish(   key) {
    for (key in tidy_allowed) {
        if (tidy_allowed[key] == 0) {
            print "tools/tidy_allow.txt: \"" check " " key "\" is not needed any more: remove the line"
            tidy_failed = 1
        }
    }
    exit tidy_failed
}

# The current line without strings, character constants and comments; a comment may go on for many lines.
function tidy_code(   text, end) {
    text = $0
    if (FNR == 1) {
        tidy_in_comment = 0
    }
    if (tidy_in_comment) {
        end = index(text, "*/")
        if (end == 0) {
            return ""
        }
        text = substr(text, end + 2)
        tidy_in_comment = 0
    }
    gsub(/"([^"\\]|\\.)*"/, "\"\"", text)
    gsub(/'(\\.[0-9a-fA-F]*|[^'\\])'/, "0", text)
    gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, " ", text)
    sub(/\/\/.*/, "", text)
    end = index(text, "/*")
    if (end > 0) {
        tidy_in_comment = 1
        text = substr(text, 1, end - 1)
    }
    return text
}

BEGIN { tidy_load() }
END { tidy_finish() } # the last of all END rules: hence the order above
