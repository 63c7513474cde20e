#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: checks_test.sh SOURCE_FOLDER
#
# Each check of `make check` is content with a small clean tree, and finds what is planted there.
set -u
tools=$1/tools
here=$(dirname "$0")
# shellcheck source=tests/tools/scratch.sh
. "$here/scratch.sh"
cd "$scratch" || exit 2
licence='/* SPDX-License-Identifier: Apache-2.0 */'

# clean_tree: a tree without faults, in which a test then plants one.
clean_tree() {
    rm -rf "${scratch:?}"/*
    mkdir -p src/base src/os src/model src/exposition src/metrics include/inferometer tools
    cp "$1/.clang-format" .
    for file in src/base/base.h src/base/buf.h src/os/os.h src/model/model.h src/exposition/exposition.h \
        src/metrics/metrics.h src/metrics/cell.h src/metrics/cell.c; do
        echo "$licence" >$file
    done
    printf '%s\n#ifndef A\n#define A\nint ifm_a(void);\n#endif\n' "$licence" >include/inferometer/a.h
}

# plant FILE LINE...: appends lines to a file of a new tree.
plant() {
    clean_tree "$source"
    file=$1
    shift
    printf '%s\n' "$@" >>"$file"
}
source=$1

clean_tree "$source"
for check in format layers headers banned size text; do
    passes "$check accepts a clean tree" "$tools/check_$check.sh" "$scratch"
done

layers() { "$tools/check_layers.sh" "$scratch"; }
plant src/metrics/cell.c '#include "metrics/cell.h"' '#include "base/base.h"' '#include "exposition/exposition.h"'
passes 'layers accept the own folder and doors of those below' layers
plant src/base/buf.h '#include "metrics/metrics.h"'
fails 'layers refuse an include that goes up' 'src/base/buf.h:2: "base" is layer 0' layers
plant src/os/os.h '#  include "model/model.h"'
fails 'layers refuse a neighbour of the same layer' '"os" is layer 1' layers
plant src/metrics/cell.c '#include "base/buf.h"'
fails 'layers refuse a private header of another folder' '"buf.h" is private to "base"' layers
plant src/metrics/cell.c '#include "cell.h"'
fails 'layers refuse a path without its folder' 'write "cell.h" as seen from src/' layers
plant src/metrics/cell.c '#include "../base/base.h"'
fails 'layers refuse a path that goes up in the tree' 'as seen from src/' layers
plant include/inferometer/a.h '#include "base/base.h"'
fails 'layers refuse a private header in a public one' 'must not include the private header' layers
clean_tree "$source"
mkdir src/other
echo '#include "base/base.h"' >src/other/other.c
fails 'layers refuse a folder that is not in the table' '"other" is not in the table' layers

headers() { "$tools/check_headers.sh" "$scratch"; }
plant include/inferometer/a.h 'size_t ifm_b(void);'
fails 'headers refuse one that needs another include first' '"inferometer/a.h" does not compile alone' headers
plant include/inferometer/a.h 'static inline void *ifm_c(void) { void *p = 0; int *q = p; return q; }'
fails 'headers refuse C that is not C++' '-std=c++17' headers
plant include/inferometer/a.hpp "$licence" 'inline void d() { throw 1; }'
fails 'headers refuse exceptions in C++' '-fno-exceptions' headers

format() { "$tools/check_format.sh" "$scratch"; }
plant src/metrics/cell.c 'int  a;'
fails 'format tells what mends it' 'clang-format-14 -i' format

banned() { "$tools/check_banned.sh" "$scratch"; }
plant src/metrics/cell.c 'void *a(void) { return malloc(1); }'
fails 'banned names the replacement' 'malloc() is not used here; instead: ifm_alloc()' banned
plant src/metrics/cell.c 'int a(char *p) { return strtok (p, ",") != 0; }'
fails 'banned sees a call with a space' 'strtok()' banned
plant src/metrics/cell.c '/* malloc(1), and' ' * free(p) */ // strcpy(a, b)' 'const char *a = "atoi(1)";' \
    'void b(void) { ifm_free(0); c.free(0); d->time(0); my_strcpy(1, 2); }'
passes 'banned overlooks comments, strings, members and longer names' banned
plant src/metrics/cell.c '/* one */ void a(void) { free(0); } /* two */'
fails 'banned sees code between comments' 'free()' banned
plant src/metrics/cell.c 'void *a(void) { return malloc(1); }'
echo 'banned src/metrics/cell.c malloc for a reason' >tools/tidy_allow.txt
passes 'banned accepts an exception' banned
sed -i '$d' src/metrics/cell.c
fails 'banned refuses an exception that is not needed' 'is not needed any more' banned

# function_of LINES: a function of that many lines, its name and its closing brace among them.
function_of() {
    printf 'int ifm_f(\n    void)\n{\n'
    i=4
    while [ $i -lt "$1" ]; do
        echo '    ifm_g();'
        i=$((i + 1))
    done
    echo '}'
}
size() { "$tools/check_size.sh" "$scratch"; }
clean_tree "$source"
function_of 70 >>src/metrics/cell.c
passes 'size accepts a function of 70 lines' size
clean_tree "$source"
function_of 71 >>src/metrics/cell.c
fails 'size refuses a function of 71 lines' '"ifm_f" has 71 lines' size
plant src/metrics/cell.c "/* $(printf '%0104d' 0) */"
passes 'size accepts a line of 110 characters' size
plant src/metrics/cell.c "/* $(printf '%0105d' 0) */"
fails 'size refuses a line of 111 characters' '111 characters' size
plant src/metrics/cell.c "/* $(printf '%0103d' 0)é */"
passes 'size counts characters, not bytes' size
clean_tree "$source"
yes '' | head -n 299 >>src/metrics/cell.h
passes 'size accepts a header of 300 lines' size
echo >>src/metrics/cell.h
fails 'size refuses a header of 301 lines' '301 lines, the limit is 300' size
clean_tree "$source"
yes '' | head -n 1000 >>src/metrics/cell.c
fails 'size refuses a file of 1001 lines' '1001 lines, the limit is 1000' size

text() { "$tools/check_text.sh" "$scratch"; }
plant src/metrics/new.c 'int a;'
fails 'text refuses a file without its licence line' 'src/metrics/new.c:1: the licence line' text
plant src/metrics/cell.c "/* TO""DO: later */"
fails 'text refuses an open end' 'an open end' text
plant src/metrics/cell.c "/* /ho""me/someone */"
fails 'text refuses a path of one machine' 'cell.c' text

symbols() { "$tools/check_symbols.sh" "$scratch/lib" "$scratch"; }
clean_tree "$source"
# library CODE: both libraries, from one line of C.
library() {
    rm -rf lib && mkdir lib
    echo "$1" >lib/a.c
    (cd lib && gcc -shared -fPIC -o libinferometer.so a.c && gcc -c a.c && ar rc libinferometer.a a.o)
}
library 'int ifm_a(void) { return 1; } static int b(void) { return 2; }
    __attribute__((visibility("hidden"))) int ifm_c(void) { return b(); }'
passes 'symbols accept names with the prefix, and static ones' symbols
library 'int ifm_a(void) { return 1; } int other(void) { return 2; }'
fails 'symbols refuse a name without the prefix' 'other (T)' symbols
library 'int ifm_a(void) { return 1; } int ifm_d(void) { return 2; }'
fails 'symbols refuse an exported function that no header has' 'exports "ifm_d"' symbols
library 'int ifm_b(void) { return 1; }'
fails 'symbols refuse a declared function that is not there' '"ifm_a" is in a public header' symbols
library 'static int a = 1;'
fails 'symbols refuse a library that exports nothing' 'no symbols at all' symbols

finish
