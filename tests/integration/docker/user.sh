# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A user without rights who may run containers, in the private /etc of a test that called engine_isolate:
#
#     reason=$(user_obstacle) && skip "$reason"
#     user_add NAME FOLDER               # home is FOLDER/home; with subordinate ids, and /run/user/1500; the
#                                        # folder above FOLDER is opened, too
#     user_run COMMAND...                # as this user, with nothing of root's environment but PATH
#     "${user_become[@]}" COMMAND...     # the same without a shell between: what is started can be signalled
#     user_remove                        # with all processes

user_id=1500

user_obstacle() {
    local program
    for program in newuidmap slirp4netns; do
        if ! command -v "$program" >/dev/null; then
            echo "the program \"$program\" is not installed (Debian: uidmap, slirp4netns)"
            return 0
        fi
    done
    if ! setpriv --reuid $user_id --regid $user_id --clear-groups unshare --user true 2>/dev/null; then
        echo 'users may not make user namespaces here'
        return 0
    fi
    return 1
}

# Besides the user: a mount tree that mounts may come into, and a /dev/net/tun for slirp4netns, which some
# systems keep for root.
user_add() { # NAME FOLDER
    user_name=$1 user_home=$2/home
    user_become=(setpriv --reuid "$1" --regid "$1" --init-groups env -i -C "$user_home" HOME="$user_home"
        USER="$1" PATH="$PATH" XDG_RUNTIME_DIR="/run/user/$user_id")
    mkdir -p "$2" && chmod 755 "$2" "${2%/*}" &&
        groupadd -g $user_id "$user_name" &&
        useradd -m -d "$user_home" -u $user_id -g $user_id -s /bin/sh "$user_name" &&
        install -d -m 700 -o $user_id -g $user_id /run/user/$user_id &&
        mount --make-rshared / &&
        mkdir -p /dev/net && mount -t tmpfs tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200
}

user_run() { "${user_become[@]}" "$@"; } # COMMAND...

user_remove() {
    pkill -KILL -u $user_id # none but ours: the test has a process namespace of its own
    userdel --force "$user_name" 2>/dev/null
    umount -l /dev/net # the killed may still be ending
    rm -rf /run/user/$user_id "$user_home"
}
