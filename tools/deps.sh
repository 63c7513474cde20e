#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/deps.sh GROUP...
#
# Installs what is missing of Debian's packages for these groups: build examples test engines demo
# web browser bench check fuzz. When nothing is missing it only asks dpkg, which takes milliseconds. Without root and without
# passwordless sudo it prints the one command to run and exits with 1.
#
# No service is started or enabled: Debian's prometheus would take port 9090 and go on after we left, and an
# engine that is always there is not ours to start.
set -eu

system=${IFM_DEPS_SYSTEM:-} # a folder instead of /, for tests

packages() {
    case $1 in
    build) echo gcc g++ libc6-dev cmake ninja-build pkg-config libmicrohttpd-dev libgnutls28-dev \
        libcyaml-dev libyaml-dev libprotobuf-c-dev protobuf-c-compiler zlib1g-dev libxxhash-dev \
        libcrypt-dev libcmocka-dev libjansson-dev libcurl4-gnutls-dev libpcre2-dev libzstd-dev \
        libncurses-dev ;;
    examples) echo libtesseract-dev libleptonica-dev ;;
    test) echo prometheus curl jq openssl ca-certificates python3 docker.io docker-compose busybox-static \
        iproute2 iptables procps tmux ;;
    engines) echo podman podman-compose rootlesskit uidmap slirp4netns fuse-overlayfs ;;
    demo) echo tesseract-ocr-eng poppler-utils libtasn1-doc ;;
    web) echo zopfli && { have_node || echo nodejs npm; } ;;
    browser) echo chromium fonts-dejavu-core ;;
    bench) echo prometheus-cpp-dev python3 prometheus victoria-metrics ;;
    check) echo binutils clang clang-format-14 shellcheck ;;
    fuzz) echo clang llvm libclang-rt-14-dev ;;
    *)
        echo "deps: there is no group \"$1\"" >&2
        return 1
        ;;
    esac
}

# Node.js may have come from elsewhere, whose package brings npm along and cannot be installed beside Debian's.
have_node() { command -v node >/dev/null && command -v npm >/dev/null; }

say() { echo "deps: $*"; }

# Those of the wanted packages that are not installed, on one line.
missing() {
    # shellcheck disable=SC2086 # a list of words
    {
        dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $1 2>/dev/null | sed -n 's/^ii *//p'
        echo .
        printf '%s\n' $1
    } | awk '/^\.$/ { wanted = 1; next } !wanted { have[$1]; next }
             !($1 in have) && !seen[$1]++ { printf "%s%s", separator, $1; separator = " " }'
}

seconds() { date +%s; }

# Runs apt-get, shows its progress in steps of ten percent, and its last words when it fails.
apt() {
    began=$(seconds)
    log=$(mktemp)
    {
        code=0
        DEBIAN_FRONTEND=noninteractive apt-get -y -q -o APT::Status-Fd=3 -o DPkg::Lock::Timeout=300 \
            "$@" 3>&1 >"$log" 2>&1 || code=$?
        echo "exit:$code"
    } </dev/null | awk -F: '
        $1 == "exit" { exit $2 }
        $1 == "dlstatus" || $1 == "pmstatus" {
            step = ($1 == "dlstatus" ? "downloaded " : "installed ") int($3 / 10) * 10 "%"
            if (step != last && $3 >= 10) { print "  " step; fflush() }
            last = step
        }' && code=0 || code=$?
    ended='done'
    if [ "$code" -ne 0 ]; then
        tail -n 20 "$log" | sed 's/^/  /'
        ended=FAILED
    fi
    rm -f "$log"
    say "apt-get $1: $ended after $(($(seconds) - began)) s"
    return "$code"
}

have_package_lists() { ls "$system"/var/lib/apt/lists/*Packages* >/dev/null 2>&1; }

# While a package is installed, Debian asks policy-rc.d whether its services may start; 101 means no.
policy=$system/usr/sbin/policy-rc.d
hold_services() {
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
}

# Services that came with our packages stay off after the next boot, too. containerd, which docker.io brings
# along, may have been there before, for somebody else: $2 says whether it is new.
disable_services() {
    case " $1 " in
    *" prometheus "*) disable_service prometheus ;;
    esac
    case " $1 " in
    *" victoria-metrics "*) disable_service victoria-metrics ;;
    esac
    case " $1 " in
    *" docker.io "*)
        disable_service docker
        disable_unit docker.socket # it would start the engine for the first who asks
        [ -z "$2" ] || disable_unit containerd.service
        ;;
    esac
    case " $1 " in
    *" podman "*) disable_podman ;;
    esac
}

# Podman needs none of them; its socket would let whoever asks as root start containers, its timer pull images.
disable_podman() {
    for unit in podman.socket podman.service podman-restart.service podman-auto-update.timer \
        podman-auto-update.service; do
        disable_unit $unit
    done
}

disable_service() {
    if update-rc.d "$1" disable >/dev/null 2>&1; then
        say "$1 is installed as a program; its service was left off"
    fi
}

# For units without a script in /etc/init.d, of which update-rc.d does not know.
disable_unit() {
    if command -v systemctl >/dev/null; then
        systemctl --quiet disable "$1" >/dev/null 2>&1 || say "could not disable $1"
    fi
}

# shellcheck disable=SC2086 # $1 is a list of words
install() {
    updated=
    if ! have_package_lists; then
        apt update || return 1
        updated=yes
    fi
    if apt install --no-install-recommends $1; then
        return 0
    fi
    [ -z "$updated" ] || return 1
    say "the package lists may be old: once more with new ones"
    apt update && apt install --no-install-recommends $1
}

tell_what_to_run() {
    say "these packages are missing, and this user may not install them: $1" >&2
    run="sh tools/deps.sh $groups"
    if command -v sudo >/dev/null; then
        run="sudo $run"
    else
        run="su -c '$run'"
    fi
    say "run this (it calls apt-get install), then the same command as before: $run" >&2
}

groups=$*
wanted=
for group in "$@"; do
    list=$(packages "$group")
    wanted="$wanted $list"
done

if ! command -v dpkg-query >/dev/null; then
    say "this is not Debian; what is needed here goes by these names there:$wanted"
    exit 0
fi

lacking=$(missing "$wanted")
if [ -z "$lacking" ]; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then
        exec sudo -n sh "$0" "$@"
    fi
    tell_what_to_run "$lacking"
    exit 1
fi

say "installing these, and what they need: $lacking"
hold_services
containerd_is_new=$(missing containerd)
if ! install "$lacking"; then
    say "could not install the packages: apt-get's reason is above; hint: \"apt-get update\" shows whether the package server can be reached" >&2
    exit 1
fi
disable_services "$lacking" "$containerd_is_new"
