# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A Docker engine of a test's own, to be sourced:
#
#     . "$(dirname "$0")/docker/engine.sh"
#     engine_isolate "$0" "$@"           # first thing in the test; the rest of the file runs isolated
#     . "$(dirname "$0")/lib.sh"
#     reason=$(engine_obstacle) && skip "$reason"
#     engine_start "$folder/engine"      # exports DOCKER_HOST; or prints why not and returns 77
#     ...                                # docker, docker-compose, any fixed port: 9090 and 3000 are free
#     engine_stop                        # optional: what still runs ends with the test
#
# engine_start_rootless FOLDER USER, with user.sh, is the same with a dockerd of a user without rights, and
# engine_stop ends it with the user. There is a network namespace between its containers and the test: what
# listens with network_mode: host is not reached from the test, published ports are, and host-gateway is an
# address in there. From a container, 198.51.100.1 is the test.
#
# Two engines in one network would take each other's bridge and flush each other's iptables chains, whatever
# names they are given. So the whole test moves into namespaces of its own:
#
#   network   loopback, lan0 with the address 198.51.100.1, and no way out: every port is free, no image can
#             be pulled by mistake, and bridges and iptables rules are nobody else's and end with the test
#   mount     /run is empty and /etc is a copy, so the engine has its usual places (/run/docker.sock) and the
#             test may write to both (useradd, daemon.json)
#   pid       the test is process 1; when it ends, by itself, by Ctrl-C or by SIGKILL, every process ends
#             that it started, however well detached, and then the mounts
#
# TMPDIR is a folder that is removed afterwards. What remains after SIGKILL of the outer process is that
# folder, and the test's empty cgroup folder.
#
# IFM_ENGINE_REQUIRED=1 in the environment makes a failure of what would be a skip.

engine_ready_seconds=90 # 1 s on an idle machine
engine_stop_seconds=45  # of which the engine gives containers 3

# engine_skip REASON: ends the test as not run.
engine_skip() {
    echo "skipped: $1"
    [ -z "${IFM_ENGINE_REQUIRED:-}" ] || exit 1
    exit 77
}

# isolation_namespaces COMMAND...: replaces this shell by it, as process 1 of namespaces of its own.
isolation_namespaces() { exec unshare --net --mount --pid --fork --kill-child --mount-proc -- "$@"; }

# Prints why a test cannot be isolated, and succeeds, or fails without a word.
isolation_obstacle() {
    local program said
    if [ "$(id -u)" -ne 0 ]; then
        echo 'namespaces and cgroups of its own need root'
        return 0
    fi
    for program in unshare setpriv ip; do
        if ! command -v "$program" >/dev/null; then
            echo "the program \"$program\" is not installed"
            return 0
        fi
    done
    if ! said=$(isolation_namespaces mount -t tmpfs tmpfs /run 2>&1); then
        echo "this root may not make namespaces: $said"
        return 0
    fi
    return 1
}

# Prints why there can be no engine here, and succeeds, or fails without a word.
engine_obstacle() {
    local program
    for program in dockerd docker iptables; do
        if ! command -v "$program" >/dev/null; then
            echo "the program \"$program\" is not installed (Debian: docker.io)"
            return 0
        fi
    done
    if ! [ -e /sys/fs/cgroup/cgroup.controllers ] && ! [ -d /sys/fs/cgroup/devices ]; then
        echo 'no cgroups are mounted at /sys/fs/cgroup'
        return 0
    fi
    return 1
}

# engine_isolate SCRIPT ARGUMENT...: returns in the isolated copy of the test only.
engine_isolate() {
    local reason code
    if [ -n "${IFM_ISOLATED:-}" ]; then
        isolation_furnish
        return
    fi
    if reason=$(isolation_obstacle); then
        engine_skip "$reason"
    fi
    isolation_folder=$(mktemp -d) || exit 1
    chmod 755 "$isolation_folder" # users that a test makes get through
    trap isolation_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # In the background, so that a signal is answered at once. Bash has such a command ignore SIGINT, which
    # it and its children could not undo.
    TMPDIR=$isolation_folder IFM_ISOLATED=$isolation_folder \
        setpriv --pdeathsig KILL env --default-signal=INT,QUIT \
        unshare --net --mount --pid --fork --kill-child --mount-proc -- bash "$@" </dev/null &
    isolation_pid=$!
    wait "$isolation_pid"
    code=$?
    isolation_pid=
    exit "$code"
}

# Ends process 1 of the isolated test, if it is still there; unshare ends when all of its processes have.
isolation_end() {
    local inner=
    if [ -n "${isolation_pid:-}" ]; then
        read -r inner _ 2>/dev/null <"/proc/$isolation_pid/task/$isolation_pid/children"
        kill -KILL "${inner:-$isolation_pid}" 2>/dev/null
        wait "$isolation_pid" 2>/dev/null
    fi
    isolation_sweep "$isolation_folder"
}

# isolation_sweep FOLDER: what an isolated test with this TMPDIR leaves when its processes are gone.
isolation_sweep() {
    find /sys/fs/cgroup -depth -type d -path "*/${1##*/}*" -exec rmdir {} + 2>/dev/null
    rm -rf "$1"
}

# isolation_leftovers FOLDER: prints what is still there of an isolated test with this TMPDIR, one line each;
# fails when that is nothing.
isolation_leftovers() {
    {
        grep -lsaF "$1" /proc/[0-9]*/environ | sed 's/^/process: /'
        grep -F "$1" /proc/self/mounts | sed 's/^/mount: /'
        find /sys/fs/cgroup -maxdepth 3 -name "${1##*/}*" | sed 's/^/cgroup: /'
        find "$1" -maxdepth 0 2>/dev/null | sed 's/^/folder: /'
    } | grep .
}

# The isolated test's network, /run and /etc. Behind lan0 is nobody: not every kernel has dummy interfaces.
isolation_furnish() {
    ip link set lo up &&
        ip link add lan0 type veth peer name lan1 &&
        ip address add 198.51.100.1/24 dev lan0 &&
        ip link set lan0 up &&
        ip link set lan1 up || exit 1
    mount -t tmpfs -o mode=755 tmpfs /run &&
        mkdir -p /run/lock /run/user &&
        cp -a /etc /run/etc &&
        mount --bind /run/etc /etc &&
        rm -rf /etc/docker /etc/cni/net.d || exit 1
}

# engine_start FOLDER: the engine keeps its images and its log in there.
engine_start() {
    local reason
    if [ -z "${IFM_ISOLATED:-}" ]; then
        echo 'engine_start is for a test that called engine_isolate'
        return 1
    fi
    if reason=$(engine_obstacle); then
        echo "$reason"
        return 77
    fi
    engine_folder=$1
    mkdir -p "$engine_folder/data" "$engine_folder/client"
    unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
    export DOCKER_HOST=unix:///run/docker.sock DOCKER_CONFIG=$engine_folder/client
    # cgroupfs: systemd, where it runs, is out of reach. The parent's name lets isolation_end find it.
    dockerd --data-root "$engine_folder/data" --exec-opt native.cgroupdriver=cgroupfs \
        --cgroup-parent "/${IFM_ISOLATED##*/}" --shutdown-timeout 3 \
        >"$engine_folder/log" 2>&1 </dev/null &
    engine_pid=$!
    engine_await_ready && return 0
    echo "dockerd did not become ready: $(tail -n 1 "$engine_folder/log")"
    engine_stop
    return 77
}

# Prints why there can be no engine of a user, and succeeds, or fails without a word.
engine_rootless_obstacle() {
    local contrib=/usr/share/docker.io/contrib
    [ ! -d $contrib ] || PATH=$PATH:$contrib # where Debian has dockerd-rootless.sh
    if ! command -v rootlesskit >/dev/null || ! command -v dockerd-rootless.sh >/dev/null; then
        echo 'rootlesskit or dockerd-rootless.sh is not installed (Debian: rootlesskit, docker.io)'
        return 0
    fi
    user_obstacle
}

# shellcheck disable=SC2154 # user_id: of user.sh
engine_start_rootless() {
    local reason
    if reason=$(engine_obstacle) || reason=$(engine_rootless_obstacle); then
        echo "$reason"
        return 77
    fi
    engine_rootless_obstacle # for its PATH
    engine_folder=$1
    user_add "$2" "$1" || return 1
    mkdir -p "$1/client"
    unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
    export DOCKER_HOST=unix:///run/user/$user_id/docker.sock DOCKER_CONFIG=$1/client
    user_run dockerd-rootless.sh >"$1/log" 2>&1 </dev/null &
    engine_pid=$!
    engine_user=$2
    engine_await_ready && return 0
    echo "dockerd-rootless.sh did not become ready: $(tail -n 1 "$1/log")"
    engine_stop
    return 77
}

engine_await_ready() {
    local end=$((SECONDS + engine_ready_seconds))
    until docker version >/dev/null 2>&1; do
        if [ $SECONDS -ge $end ] || ! kill -0 "$engine_pid" 2>/dev/null; then
            return 1
        fi
        sleep 0.1
    done
}

# Ends containers and engine, and takes away what the engine leaves behind by design: its bridge, its chains
# and its folder. Afterwards engine_start works again.
engine_stop() {
    local containers end=$((SECONDS + engine_stop_seconds))
    [ -n "${engine_pid:-}" ] || return 0
    containers=$(timeout 20 docker ps --quiet --all 2>/dev/null)
    # shellcheck disable=SC2086 # a list of words
    [ -z "$containers" ] || timeout 40 docker rm --force $containers >/dev/null 2>&1
    kill -TERM "$engine_pid" 2>/dev/null
    while kill -0 "$engine_pid" 2>/dev/null && [ $SECONDS -lt $end ]; do
        sleep 0.1
    done
    kill -KILL "$engine_pid" 2>/dev/null
    wait "$engine_pid" 2>/dev/null
    engine_pid=
    [ -z "${engine_user:-}" ] || user_remove
    engine_user=
    engine_sweep
}

# What an engine leaves in this mount and network namespace, the more if it was killed.
engine_sweep() {
    local table point name
    awk -v below="$engine_folder/" '$2 ~ "^/run/docker/" || index($2, below) == 1 { print $2 }' \
        /proc/self/mounts | sort -r | while read -r point; do umount -l "$point"; done
    ip -o link show type bridge | awk -F': ' '{ print $2 }' |
        while read -r name; do ip link delete "$name"; done
    for table in filter nat; do
        iptables -t $table -F && iptables -t $table -X
    done
    iptables -P FORWARD ACCEPT
    rm -rf /run/docker /run/docker.sock /run/docker.pid "$engine_folder"
}
