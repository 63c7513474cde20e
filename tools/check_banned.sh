#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/check_banned.sh [ROOT]
#
# Calls that are not made, and what is used instead. "everywhere" is src, include, examples, bench, tests
# and fuzz; "src" the code that ships; "library" the folders of src that become libinferometer.
set -u
tools=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}" || exit 2

banned='
everywhere strcpy          memcpy() with a known size, or ifm_buf
everywhere strcat          ifm_buf_append_text()
everywhere sprintf         snprintf() or ifm_buf_printf()
everywhere vsprintf        vsnprintf()
everywhere strtok          a loop over pointer and size
everywhere gets            fgets()
everywhere localtime       localtime_r()
everywhere rand            a generator with a seed of its own
everywhere gettimeofday    ifm_os_clock
src        atoi            ifm_number_read()
src        atol            ifm_number_read()
src        atof            ifm_number_read()
src        strtol          a digit loop or ifm_number_read()
src        strtoul         a digit loop or ifm_number_read()
src        strtoll         a digit loop or ifm_number_read()
src        strtoull        a digit loop or ifm_number_read()
src        strtod          ifm_number_read(), which has no locale
src        time            ifm_os_clock
src        sleep           a condition variable with a deadline
src        usleep          a condition variable with a deadline
src        malloc          ifm_alloc()
src        calloc          ifm_alloc_zero()
src        realloc         ifm_realloc()
src        free            ifm_free()
src        strdup          ifm_copy_text()
src        assert          IFM_ASSERT() in the monitor; an error value in the library
library    abort           an error value
library    exit            an error value
library    printf          ifm_log()
library    fprintf         ifm_log()
library    puts            ifm_log()
library    perror          ifm_log()
library    signal          nothing: signals belong to the program
library    sigaction       nothing: signals belong to the program
'

find src include examples bench tests fuzz -name '*.[ch]' -o -name '*.hpp' -o -name '*.cpp' 2>/dev/null |
    sort | xargs awk -v check=banned -v allow_file=tools/tidy_allow.txt -v table="$banned" \
    -f "$tools/check_banned.awk" -f "$tools/tidy.awk"
