# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Podman with a storage of a test's own, as root or as a user without rights; to be sourced after engine.sh
# and user.sh by a test that called engine_isolate:
#
#     reason=$(podman_obstacle) && skip "$reason"
#     podman_start FOLDER                # for root
#     podman_start FOLDER USER           # makes the user first: user.sh has user_obstacle and user_run
#     images_tool=podman_run             # for images.sh: podman as whoever was asked for
#     podman_stop
#
# Podman has no daemon. What it keeps in /var/lib (networks, the storage of root) goes into a layer above,
# what it keeps in /run and /etc/cni is private anyway, and a user's storage is in that user's home,
# FOLDER/home.
#
# What works with Debian 12's podman 4.3.1 in here, and what does not:
#
#     podman run --network host          works for root and for the user
#     health checks                      are kept by systemd timers: without systemd a container stays
#                                        "starting", and `podman healthcheck run NAME` asks once
#     --add-host NAME:host-gateway       "invalid IP address in add-host"; host.containers.internal is there
#     podman-compose 1.0.3               works with a bridge; with network_mode it always fails, because it
#                                        passes --net and --network-alias as well
#     names of sibling containers        need netavark with aardvark-dns, or CNI's dnsname
#     host.containers.internal           is the gateway for root, lan0's address for the user: what is to be
#                                        scraped has to listen there, not on 127.0.0.1
#
# Images are best named with their registry (docker.io/prom/prometheus): a short name that is not there is
# looked for in the registries of registries.conf, or asked for.

# Prints why it cannot be used, and succeeds, or fails without a word.
podman_obstacle() {
    if ! command -v podman >/dev/null; then
        echo 'the program "podman" is not installed'
        return 0
    fi
    return 1
}

podman_start() { # FOLDER [USER]
    local layer=/run/podman-layer
    podman_folder=$1 podman_name=${2:-}
    mkdir -p "$podman_folder" "$layer/upper" "$layer/work"
    if ! mountpoint -q /var/lib; then
        mount -t overlay -o "lowerdir=/var/lib,upperdir=$layer/upper,workdir=$layer/work" overlay /var/lib ||
            return 1
    fi
    unset DOCKER_HOST CONTAINER_HOST
    if [ -n "$podman_name" ]; then
        user_add "$podman_name" "$podman_folder"
        return
    fi
    printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "/run/containers/storage"\n' \
        "$podman_folder/storage" >"$podman_folder/storage.conf"
    export CONTAINERS_STORAGE_CONF=$podman_folder/storage.conf
}

podman_run() { # ARGUMENT...: podman, as root or as the user
    if [ -n "$podman_name" ]; then
        user_run podman "$@"
    else
        podman "$@"
    fi
}

# shellcheck disable=SC2154 # user_home: of user.sh
podman_stop() {
    podman_run rm --force --all --time 2 >/dev/null 2>&1
    podman_run system reset --force >/dev/null 2>&1
    if [ -n "$podman_name" ]; then
        user_run podman unshare rm -rf "$user_home/.local/share/containers"
        user_remove
    fi
    unset CONTAINERS_STORAGE_CONF
    rm -rf "$podman_folder"
}
