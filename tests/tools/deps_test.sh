#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: deps_test.sh SOURCE_FOLDER
#
# tools/deps.sh on a machine made of stand-ins for dpkg-query, apt-get, id and sudo: nothing is installed.
set -u
deps=$1/tools/deps.sh
here=$(dirname "$0")
# shellcheck source=tests/tools/scratch.sh
. "$here/scratch.sh"

# stand_in NAME LINE...: a command that runs these lines and notes that it was called.
stand_in() {
    name=$1
    shift
    {
        echo '#!/bin/sh'
        echo "printf '%s ' $name \"\$@\" >>$scratch/called; echo >>$scratch/called"
        printf '%s\n' "$@"
    } >"$scratch/bin/$name"
    chmod +x "$scratch/bin/$name"
}

# machine USER_ID: all packages but cmake and zlib1g-dev are there, apt-get works, there is no sudo.
machine() {
    rm -rf "${scratch:?}/bin" "$scratch/called" "${scratch:?}/usr" "${scratch:?}/var"
    mkdir -p "$scratch/bin" "$scratch/usr/sbin" "$scratch/var/lib/apt/lists"
    for name in sh sed awk wc mktemp rm date ls tail grep cat chmod; do
        ln -s "$(command -v $name)" "$scratch/bin/$name"
    done
    # shellcheck disable=SC2016 # expanded by the stand-in
    stand_in dpkg-query 'shift 3' 'for p; do case $p in cmake) ;; zlib1g-dev) echo "rc  $p" ;; *) echo "ii  $p" ;; esac; done'
    stand_in apt-get 'echo "pmstatus:cmake:100.0:Installed cmake" >&3'
    stand_in id "echo $1"
    touch "$scratch/called"
}

run_deps() { IFM_DEPS_SYSTEM=$scratch PATH=$scratch/bin sh "$deps" "$@"; }
called() { grep -c "$1" "$scratch/called"; }

machine 1000
passes 'deps succeeds when nothing is missing' run_deps examples
passes 'deps asks only dpkg when nothing is missing' sh -c "! grep -v '^dpkg-query' $scratch/called"
fails 'deps says what to run without root and sudo' "su -c 'sh tools/deps.sh build examples'" run_deps build examples
says 'deps names what is missing' 'cmake zlib1g-dev'
passes 'deps does not call apt-get without root' sh -c "! grep apt-get $scratch/called"
stand_in sudo 'exit 1'
fails 'deps names sudo where it is there' 'sudo sh tools/deps.sh build' run_deps build

machine 1000
# shellcheck disable=SC2016 # expanded by the stand-in
stand_in sudo 'shift' '[ "$1" = true ] || echo "as root: $*"'
passes 'deps starts itself again where sudo asks no password' run_deps build
says 'deps keeps its groups under sudo' 'deps.sh build'

machine 0
fails 'deps refuses a group that does not exist' 'there is no group "all"' run_deps all
passes 'deps installs as root' run_deps build
says 'deps shows progress' 'installed 100%'
passes 'deps installs only what is missing, and no recommendations' \
    called 'install --no-install-recommends cmake zlib1g-dev'
passes 'deps fetches package lists where there are none' called 'Lock::Timeout=300 update'

machine 0
touch "$scratch/var/lib/apt/lists/server_Packages"
passes 'deps installs with the lists that are there' run_deps build
fails 'deps does not fetch lists without need' '0' called update

machine 0
# shellcheck disable=SC2016 # expanded by the stand-in
stand_in apt-get 'echo E: no such host' 'exit 100'
fails 'deps fails when apt-get does' 'E: no such host' run_deps build
says 'deps says which step failed' 'apt-get update: FAILED'
passes 'deps leaves no policy behind' test ! -e "$scratch/usr/sbin/policy-rc.d"

machine 0
# shellcheck disable=SC2016 # expanded by the stand-in
stand_in apt-get 'test -x "$IFM_DEPS_SYSTEM/usr/sbin/policy-rc.d" || exit 1' \
    '"$IFM_DEPS_SYSTEM/usr/sbin/policy-rc.d"; test $? -eq 101'
passes 'deps lets no service start while it installs' run_deps build
passes 'deps takes its policy away again' test ! -e "$scratch/usr/sbin/policy-rc.d"

machine 0
# shellcheck disable=SC2016 # expanded by the stand-in
stand_in dpkg-query 'shift 3' 'for p; do case $p in prometheus) ;; *) echo "ii  $p" ;; esac; done'
stand_in update-rc.d
passes 'deps installs prometheus' run_deps test
passes 'deps keeps its service from starting at the next boot' called 'update-rc.d prometheus disable'

# docker_machine CONTAINERD: neither docker.io nor what CONTAINERD matches is there.
docker_machine() {
    machine 0
    stand_in dpkg-query 'shift 3' "for p; do case \$p in docker.io|$1) ;; *) echo \"ii  \$p\" ;; esac; done"
    stand_in update-rc.d
    stand_in systemctl
}

docker_machine containerd
passes 'deps installs docker.io' run_deps test
passes 'deps keeps the engine from starting at the next boot' called 'update-rc.d docker disable'
passes 'deps keeps its socket from starting it' called 'systemctl --quiet disable docker.socket'
passes 'deps keeps the containerd that came along from starting' called 'disable containerd.service'

docker_machine -
passes 'deps installs docker.io where containerd is' run_deps test
fails 'deps leaves a containerd alone that was there before' '0' called 'disable containerd.service'

machine 0
# shellcheck disable=SC2016 # expanded by the stand-in
stand_in dpkg-query 'shift 3' 'for p; do case $p in podman) ;; *) echo "ii  $p" ;; esac; done'
stand_in systemctl
passes 'deps installs the engines beside Docker' run_deps engines
passes 'deps asks for podman alone' called 'install --no-install-recommends podman $'
passes 'deps keeps its socket from starting it' called 'systemctl --quiet disable podman.socket'
passes 'deps keeps it from starting containers and pulling images' called 'disable podman-auto-update.timer'

machine 0
touch "$scratch/usr/sbin/policy-rc.d"
passes 'deps installs under a policy of the system' run_deps build
passes 'deps leaves a policy of the system alone' test -e "$scratch/usr/sbin/policy-rc.d"

finish
