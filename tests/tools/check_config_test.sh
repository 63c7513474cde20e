#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: check_config_test.sh BUILD_FOLDER
#
# inferometer check config and check web-config: what they find in files, and in those that these name.
set -u
program=$1/bin/inferometer
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tools/scratch.sh
. "$here/scratch.sh"
cd "$scratch" || exit 2

# config TEXT...: lines of the configuration; web TEXT...: of the web configuration.
config() { printf '%s\n' "$@" >config.yml; }
web() { printf '%s\n' "$@" >web.yml; }
check() { "$program" check config config.yml; }
check_web() { "$program" check web-config web.yml; }

config 'scrape_configs: [{job_name: a, static_configs: [{targets: [x:1]}]}]'
passes 'a good one' check
says 'a good one is said to be' 'SUCCESS: config.yml is a valid configuration: 1 scrape config, 0 rule files'
config 'scrape_configs: [{job_nam: a}]'
fails 'an unknown key' 'FAILED: config.yml:1:19: there is no key "job_nam"' check
fails 'all are checked' 'could not open "missing.yml"' "$program" check config config.yml missing.yml

config 'rule_files: [rules.yml]'
fails 'rules that are not there' 'the file of rules "rules.yml" cannot be read' check
config 'rule_files: ["*.rules"]'
passes 'a pattern without files' check
says 'a pattern without files is told' 'WARNING: there is no file "*.rules"'
touch a.rules b.rules
passes 'a pattern with files' check
says 'files of a pattern are counted' '2 rule files'
echo 'groups: [{name: g, rules: [{record: a, expr: up}]}]' >a.rules
passes 'rules' check
says 'the rules of a file are counted' 'SUCCESS: 1 rules found'
echo 'groups: [{name: g, rules: [{record: a, expr: up(}]}]' >b.rules
fails 'rules that are wrong' 'FAILED: b.rules:1:46: could not parse expression: 1:4: parse error' check

config 'scrape_configs: [{job_name: a, file_sd_configs: [{files: [targets.json]}]}]'
passes 'targets that come later' check
says 'targets that come later are told' 'WARNING: there is no file "targets.json"'
echo '[{"targets": ["a:1"]}]' >targets.json
passes 'good targets' check
echo '[{"target": ["a:1"]}]' >targets.json
fails 'targets that are none' 'there is no key "target"' check

config 'scrape_configs: [{job_name: a, basic_auth: {username: a, password_file: secret}}]'
fails 'a secret that is not there' 'the file of a password "secret" cannot be read: No such file' check
config 'scrape_configs: [{job_name: a, tls_config: {cert_file: c.pem, key_file: k.pem}}]'
fails 'a key that is not there' 'the key "k.pem" cannot be read' check

web 'basic_auth_users: {alice: secret}'
fails 'a password in clear' 'is no hash of bcrypt' check_web
web 'tls_server_config: {cert_file: c.pem, key_file: k.pem}'
fails 'a certificate that is not there' 'the certificate "c.pem" cannot be read' check_web
touch c.pem k.pem
passes 'a good web configuration' check_web
says 'a good web configuration is said to be' 'SUCCESS: web.yml: TLS, 0 users'
finish
