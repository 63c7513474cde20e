#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: readme_test.sh SOURCE_FOLDER BUILD_FOLDER
#
# What README.md shows is true: its C program builds as it stands, runs, and can be scraped; its C++
# compiles; its make targets exist, and so do the files that the documents link to.
set -u
source=$1
build=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tools/scratch.sh
. "$here/../tools/scratch.sh"

# block LANGUAGE: the first code block of that language.
block() {
    awk -v fence="\`\`\`$1" '$0 == fence && !done { on = 1; next } /^```/ && on { on = 0; done = 1 } on' \
        "$source/README.md"
}

block c >"$scratch/example.c"
passes 'the C example is short' test "$(wc -l <"$scratch/example.c")" -le 25
passes 'the C example builds as it stands' gcc -std=c11 -Wall -Wextra -Werror -I"$source/include" \
    -o "$scratch/example" "$scratch/example.c" -L"$build/lib" -linferometer

# It waits for Enter, so it is scraped in the meantime. INFEROMETER_PORT leaves the choice of a port to
# the system: 8000 may be taken here.
mkfifo "$scratch/input"
INFEROMETER_PORT=any LD_LIBRARY_PATH=$build/lib stdbuf -oL "$scratch/example" <"$scratch/input" >"$scratch/output" &
example=$!
exec 3>"$scratch/input"
tries=0
until grep -q 'http://' "$scratch/output" || [ $tries -eq 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
url=$(grep -o 'http://.*' "$scratch/output")
passes 'the C example can be scraped' curl --silent --fail --max-time 10 "$url"
echo "$output" >"$scratch/scrape"
block text >"$scratch/shown"
passes 'README shows what a scrape answers' test -s "$scratch/shown"
while read -r line; do
    passes "a scrape answers: $line" grep -Fqx -e "$line" "$scratch/scrape"
done <"$scratch/shown"
echo >&3
exec 3>&-
wait $example
passes 'the C example ends without an error' test $? -eq 0

block cpp >"$scratch/example.cpp"
passes 'there is a C++ example' test -s "$scratch/example.cpp"
passes 'the C++ example compiles' g++ -std=c++17 -Wall -Wextra -Werror -I"$source/include" -c \
    -o "$scratch/example.o" "$scratch/example.cpp"

# shellcheck disable=SC2013 # words
for target in $(grep -o 'make [a-z]\+' "$source/README.md" | sed 's/make //' | sort -u); do
    passes "make $target exists" grep -q "^$target:" "$source/Makefile"
done
for document in "$source"/*.md "$source"/docs/*.md; do
    # shellcheck disable=SC2013 # words
    for file in $(grep -o '](\([^):#]\+\)[)#]' "$document" | sed 's/^](//; s/[)#]$//' | sort -u); do
        passes "${document##*/} links to $file" test -e "$(dirname "$document")/$file"
    done
done

finish
