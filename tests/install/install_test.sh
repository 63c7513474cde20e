#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: install_test.sh SOURCE_FOLDER BUILD_FOLDER
#
# Installs into a scratch prefix, moves it, and builds and runs programs against it: with CMake, with
# pkg-config, in C and in C++, shared and static; and configures a project that has the sources as a
# subdirectory.
set -u
source=$1
build=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tools/scratch.sh
. "$here/../tools/scratch.sh"

needs_shared() { readelf -d "$1" | grep -q 'NEEDED.*libinferometer\.so\.0'; }
needs_no_shared() { ! readelf -d "$1" | grep -q 'NEEDED.*libinferometer'; }

passes 'installs under DESTDIR' env DESTDIR="$scratch/stage" cmake --install "$build" --prefix /opt/inferometer
mv "$scratch/stage/opt/inferometer" "$scratch/prefix"
prefix=$scratch/prefix
passes 'installs under DESTDIR only' test ! -e /opt/inferometer
for header in "$source"/include/inferometer/*; do
    passes "installs ${header##*/}" cmp "$header" "$prefix/include/inferometer/${header##*/}"
done
fails 'no installed text names the build folder' '' grep -rIl -e "$build" -e "$source" "$prefix"

libraries=$(dirname "$(find "$prefix" -name libinferometer.a)")
passes 'the shared library has a version in its name' test -e "$libraries/libinferometer.so.0"
readelf -d "$libraries/libinferometer.so" >"$scratch/dynamic"
passes 'the SONAME has the major version' grep -q 'SONAME.*libinferometer\.so\.0\]' "$scratch/dynamic"

passes 'the program runs' "$prefix/bin/inferometer" version
passes 'its manual page is there' grep -q '^\.TH INFEROMETER 1' "$prefix/share/man/man1/inferometer.1"
passes 'its completions are there' bash -n "$prefix/share/bash-completion/completions/inferometer"
for file in dashboards/inferometer-overview.json rules/inferometer-alerts.yml \
    systemd/inferometer-monitor.service; do
    passes "installs $file" test -s "$prefix/share/inferometer/$file"
done

consumer=$scratch/consumer
passes 'find_package finds it' cmake -S "$here/consumer" -B "$consumer" -DCMAKE_PREFIX_PATH="$prefix"
passes 'a CMake project builds' cmake --build "$consumer"
for program in c_shared c_static cxx cxx_no_exceptions; do
    passes "CMake: $program runs" "$consumer/$program"
done
passes 'CMake: the shared target links the shared library' needs_shared "$consumer/c_shared"
passes 'CMake: the static target does not' needs_no_shared "$consumer/c_static"

# compile PROGRAM FLAG...: main.c with what pkg-config says.
compile() {
    program=$1
    shift
    # shellcheck disable=SC2046,SC2086 # lists of flags
    gcc -o "$scratch/$program" "$here/consumer/main.c" $(pkg-config --cflags inferometer) "$@"
}
export PKG_CONFIG_PATH="$libraries/pkgconfig"
# shellcheck disable=SC2046 # a list of flags
passes 'a pkg-config program builds' compile pc_shared $(pkg-config --libs inferometer)
passes 'pkg-config: the shared program runs' env LD_LIBRARY_PATH="$libraries" "$scratch/pc_shared"
passes 'pkg-config: it links the shared library' needs_shared "$scratch/pc_shared"
# shellcheck disable=SC2046 # a list of flags
passes 'a static pkg-config program builds' compile pc_static \
    $(pkg-config --static --libs inferometer | sed 's/-linferometer/-l:libinferometer.a/')
passes 'pkg-config: the static program runs' "$scratch/pc_static"
passes 'pkg-config: it does not link the shared library' needs_no_shared "$scratch/pc_static"
passes 'pkg-config tells the version' pkg-config --exact-version=0.1.0 inferometer

passes 'a project with the sources as a subdirectory is configured' \
    cmake -S "$here/subdirectory" -B "$scratch/parent" -DINFEROMETER_SOURCE="$source"

finish
