#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: tools/web.sh install|build|current|types|unit|reproduce
#
# The web user interface, web/, whose built form web/bundle is checked in, so that the program can be built without
# Node.js.
#
#   install    the packages of the lock file into web/node_modules, when they are not there
#   build      web/bundle from the sources
#   current    whether web/bundle was built from the sources as they are; needs no Node.js
#   types      the compiler's checks, and the layout of the sources
#   unit       the unit tests
#   reproduce  whether a build from the sources gives web/bundle, byte by byte
set -euo pipefail
cd "$(dirname "$0")/../web"

readonly bundle=bundle sum=bundle.sha256 lock_copy=node_modules/.installed-lock

need_node() {
    if ! command -v npm >/dev/null; then
        echo 'skipped: the program "npm" is not installed; hint: tools/deps.sh web'
        exit 77
    fi
    if [ ! -d node_modules ]; then
        echo 'skipped: web/node_modules is not there; hint: tools/web.sh install'
        exit 77
    fi
}

# What the bundle is made of, as one checksum.
sources_sum() {
    {
        printf '%s\0' package.json package-lock.json tsconfig.json vite.config.ts licenses.ts mangle.ts index.html
        find src public -type f -print0 | LC_ALL=C sort -z
    } | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

install_packages() {
    if [ -f $lock_copy ] && cmp -s package-lock.json $lock_copy; then
        return
    fi
    command -v npm >/dev/null || { echo 'web: the program "npm" is not installed; hint: tools/deps.sh web' >&2; exit 1; }
    echo "web: installing the packages of web/package-lock.json"
    npm ci --no-progress --loglevel=error
    cp package-lock.json $lock_copy
}

# From dist. Zopfli takes seconds where gzip -9 takes none, and its files are 4 % smaller; the page itself stays as it
# is, since the server writes into it.
compress_bundle() {
    local file
    command -v zopfli >/dev/null || { echo 'web: the program "zopfli" is not installed; hint: tools/deps.sh web' >&2; exit 1; }
    rm -rf $bundle
    cp -r dist $bundle
    find $bundle -type f ! -name '*.html' | while IFS= read -r file; do
        zopfli --i50 "$file"
        rm "$file"
    done
}

case ${1:-} in
install) install_packages ;;
build)
    install_packages
    npm run --silent check
    npx vite build --logLevel warn
    compress_bundle
    sources_sum >$sum
    ;;
current)
    if [ "$(sources_sum)" != "$(cat $sum)" ]; then
        echo "web/bundle was not built from the sources as they are; hint: make web" >&2
        exit 1
    fi
    ;;
types)
    need_node
    npm run --silent check
    npx prettier --check --log-level warn 'src/**/*.{ts,tsx,css}' 'test/**/*.ts' '*.ts' '../tests/browser/*.mjs' \
        '../bench/*.mjs' || {
        echo 'hint: npm run format, in web/' >&2
        exit 1
    }
    ;;
unit)
    need_node
    npx vitest run
    ;;
reproduce)
    need_node
    built=$(mktemp -d)
    trap 'rm -rf "$built"' EXIT
    npx vite build --logLevel warn --outDir "$built/new" --emptyOutDir
    cp -r $bundle "$built/bundle"
    find "$built/bundle" -name '*.gz' -exec gzip -d {} +
    diff -rq "$built/new" "$built/bundle" || {
        echo "web/bundle is not what its sources give; hint: make web" >&2
        exit 1
    }
    ;;
*)
    sed -n 's/^# \{0,1\}//; 3,15p' "$0" >&2
    exit 2
    ;;
esac
