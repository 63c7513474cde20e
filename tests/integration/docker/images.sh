# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The two images of the stack, made of what is installed here, to be sourced after engine.sh or podman.sh:
#
#     images_prometheus NAME           Debian's Prometheus, laid out like prom/prometheus
#     images_grafana NAME STAND_IN     the program grafana_stand_in, laid out like grafana/grafana
#
# NAME is what the compose file will ask for, version and all: `stack up` finds the image there and pulls
# nothing. The images go to $images_tool (docker; podman, or a function that runs it as another user). Like
# the originals they have a shell and wget, here busybox's, and run as uid 65534 and 472. Each function takes
# a second or two, prints nothing, and returns 1 with a reason on stderr.
#
#     images_obstacle                  prints what is missing here and succeeds, or fails without a word
#
# To the start script of Grafana belongs that GF_SECTION_KEY__FILE=PATH becomes GF_SECTION_KEY.

images_tool=${images_tool:-docker}

images_obstacle() {
    local program
    for program in prometheus promtool busybox; do
        if ! command -v "$program" >/dev/null; then
            echo "the program \"$program\" is not installed (Debian: prometheus, busybox-static)"
            return 0
        fi
    done
    if ldd "$(command -v busybox)" >/dev/null 2>&1; then
        echo 'busybox is not static (Debian: busybox-static)'
        return 0
    fi
    return 1
}

# images_base FOLDER: what every small image has.
images_base() {
    local applet
    mkdir -p "$1/bin" "$1/etc" "$1/tmp" "$1/run" "$1/proc" "$1/sys" "$1/dev"
    chmod 1777 "$1/tmp"
    cp "$(command -v busybox)" "$1/bin/busybox"
    for applet in sh wget cat ls id env grep sed nc ps kill stat date chown; do
        ln -s busybox "$1/bin/$applet"
    done
    printf '%s\n' 'root:x:0:0:root:/:/bin/sh' 'nobody:x:65534:65534:nobody:/:/bin/false' \
        'grafana:x:472:0:grafana:/usr/share/grafana:/bin/sh' >"$1/etc/passwd"
    printf '%s\n' 'root:x:0:' 'nobody:x:65534:' >"$1/etc/group"
    echo 'hosts: files dns' >"$1/etc/nsswitch.conf"
}

# images_program FOLDER PROGRAM PLACE: with the shared libraries that it needs.
images_program() {
    local library
    cp "$2" "$1$3"
    ldd "$2" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ "^/") print $i }' | while read -r library; do
        cp --update --dereference --parents "$library" "$1"
    done
}

# images_import FOLDER NAME CHANGE...
images_import() {
    local root=$1 name=$2 change changes=() said
    shift 2
    for change in "$@"; do
        changes+=(--change "$change")
    done
    if ! said=$(tar -C "$root" -c . | "$images_tool" import "${changes[@]}" - "$name" 2>&1); then
        echo "could not make the image \"$name\": $said" >&2
        return 1
    fi
    rm -rf "$root"
}

images_prometheus() {
    local root
    root=$(mktemp -d) || return 1
    chmod 755 "$root"
    images_base "$root"
    mkdir -p "$root/etc/prometheus" "$root/prometheus" "$root/usr/share"
    images_program "$root" "$(command -v prometheus)" /bin/prometheus
    images_program "$root" "$(command -v promtool)" /bin/promtool
    # Debian's build has its pages outside. They link to 200 MB of scripts, which stay dangling links.
    cp -r /usr/share/prometheus "$root/usr/share/"
    printf '%s\n' 'scrape_configs:' '  - job_name: prometheus' '    static_configs:' \
        '      - targets: ["localhost:9090"]' >"$root/etc/prometheus/prometheus.yml"
    chown -R 65534:65534 "$root/etc/prometheus" "$root/prometheus"
    chmod g+w "$root/prometheus"
    images_import "$root" "$1" 'USER nobody' 'WORKDIR /prometheus' 'VOLUME /prometheus' 'EXPOSE 9090' \
        'ENTRYPOINT ["/bin/prometheus"]' \
        'CMD ["--config.file=/etc/prometheus/prometheus.yml","--storage.tsdb.path=/prometheus"]'
}

# The start script: two of Grafana's failures with Grafana's words, then the program.
images_grafana_start() {
    cat <<'EOF'
#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
if [ ! -w "$GF_PATHS_DATA" ]; then
    echo "GF_PATHS_DATA='$GF_PATHS_DATA' is not writable." >&2
    echo "You may have issues with file permissions, more information here: the documentation" >&2
    exit 1
fi
for name in $(env | sed -n 's/^\(GF_[A-Z0-9_]*\)__FILE=.*/\1/p'); do
    eval "file=\$${name}__FILE"
    if [ ! -r "$file" ] || [ ! -s "$file" ]; then
        echo "Error: ${name}__FILE names \"$file\", which cannot be read by uid $(id -u) or is empty" >&2
        exit 1
    fi
    eval "export $name=\"\$(cat \"\$file\")\""
    unset "${name}__FILE"
done
exec grafana server --homepath="$GF_PATHS_HOME" --config="$GF_PATHS_CONFIG" --packaging=docker "$@" \
    cfg:default.log.mode=console cfg:default.paths.data="$GF_PATHS_DATA" \
    cfg:default.paths.provisioning="$GF_PATHS_PROVISIONING"
EOF
}

images_grafana() {
    local root home=/usr/share/grafana
    root=$(mktemp -d) || return 1
    chmod 755 "$root"
    images_base "$root"
    mkdir -p "$root$home/bin" "$root$home/conf" "$root/var/log/grafana" "$root/var/lib/grafana/plugins" \
        "$root/etc/grafana/provisioning/datasources" "$root/etc/grafana/provisioning/dashboards"
    images_program "$root" "$2" "$home/bin/grafana"
    ln -s grafana "$root$home/bin/grafana-server"
    ln -s grafana "$root$home/bin/grafana-cli"
    touch "$root$home/conf/defaults.ini" "$root/etc/grafana/grafana.ini"
    images_grafana_start >"$root/run.sh"
    chmod 755 "$root/run.sh"
    chown -R 472:0 "$root/var/lib/grafana" "$root/var/log/grafana" "$root/etc/grafana"
    chmod -R 777 "$root/var/lib/grafana" "$root/var/log/grafana" "$root/etc/grafana"
    images_import "$root" "$1" 'USER 472' "WORKDIR $home" 'EXPOSE 3000' 'ENTRYPOINT ["/run.sh"]' \
        "ENV PATH=$home/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
        'ENV GF_PATHS_CONFIG=/etc/grafana/grafana.ini' 'ENV GF_PATHS_DATA=/var/lib/grafana' \
        "ENV GF_PATHS_HOME=$home" 'ENV GF_PATHS_LOGS=/var/log/grafana' \
        'ENV GF_PATHS_PLUGINS=/var/lib/grafana/plugins' 'ENV GF_PATHS_PROVISIONING=/etc/grafana/provisioning'
}
