# SPDX-License-Identifier: Apache-2.0
#
# The rule of check_size.sh, used with tidy.awk. It leans on clang-format: a function's name stands at the
# beginning of a line, and its braces stand alone there.

function file_limit(path) { return path ~ /\.(h|hpp)$/ ? 300 : 1000 }

function file_done(   limit) {
    limit = file_limit(path)
    if (path != "" && lines > limit) {
        tidy_complain(path, lines, "file", lines " lines, the limit is " limit)
    }
}

FNR == 1 {
    file_done()
    path = FILENAME
    name = ""
}

{
    lines = FNR
    characters = $0
    gsub(/[\200-\277]/, "", characters) # UTF-8: the bytes after the first of a character
    if (length(characters) > 110) {
        tidy_complain(FILENAME, FNR, "line", length(characters) " characters, the limit is 110")
    }
    code = tidy_code()
}

code ~ /^[A-Za-z_].*\(/ && code !~ /;$/ {
    head = code
    sub(/[ ]*\(.*/, "", head)
    sub(/.*[ *]/, "", head)
    name = head
    began = FNR
}

code ~ /^}/ && name != "" {
    if (FNR - began + 1 > 70) {
        tidy_complain(FILENAME, began, name, "\"" name "\" has " FNR - began + 1 " lines, the limit is 70")
    }
    name = ""
}

END { file_done() }
