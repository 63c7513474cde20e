#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# inferometer query prints of a Prometheus what promtool prints of it, byte for byte.
. "$(dirname "$0")/lib.sh"
need prometheus promtool
need_inferometer

start sample "$bin/sample_pipeline" --port any
url_of sample
start_prometheus prometheus "$url"
name=total_inference_sample_pipeline_name
# At a whole second, as it is asked below: it may lie before the last scrape. And with a later scrape in the store,
# so that no earlier one is still on its way: both programs have to see the same.
has_a_rate() {
    now=$(date +%s)
    is_true "$api" "rate(${name}_sum[1m] @ $now) and on () (max(timestamp(up)) > $now)"
}
await 60 "there are samples" has_a_rate

# same WHAT ARGUMENT...: both print the same, and end alike.
same() {
    local what=$1 theirs ours
    shift
    promtool query "$@" >"$folder/theirs" 2>"$folder/theirs.err"
    theirs=$?
    "$program" query "$@" >"$folder/ours" 2>"$folder/ours.err"
    ours=$?
    check_equal "$what: the status" "$ours" "$theirs"
    check "$what: the output" cmp "$folder/ours" "$folder/theirs"
}

# some WHAT ARGUMENT...: as same, and it is not nothing.
some() {
    same "$@"
    check "$1: there is some" grep -q '[0-9a-z]' "$folder/ours"
}

expressions=(
    'up' '1' '-1.5e-9' 'vector(NaN)' 'up / 0' '-up / 0' 'vector(1e25)' 'vector(123456789.125)' 'none'
    'sum(up)' 'up[5s]' '{job="test"}' 'label_replace(up, "x", "é\"\\\n<&>", "", "")' "rate(${name}_sum[1m])"
    'sort_desc(inference_stage_duration_seconds_bucket)' 'bad{' 'sum(1)'
)
for format in promql json; do
    for expression in "${expressions[@]}"; do
        both=some
        case $expression in 'none' | 'bad{' | 'sum(1)') both=same ;; esac
        $both "$format $expression" instant -o "$format" --time="$now" "$api" -- "$expression"
        case $expression in
        'up[5s]') ;;
        *)
            $both "$format range of $expression" range --format "$format" --start=$((now - 10)) --end="$now" \
                --step=5s "$api" -- "$expression"
            ;;
        esac
    done
    some "$format series" series -o "$format" --match=up --match="{__name__=~\"${name}_.*\"}" "$api"
    same "$format no series" series -o "$format" --match=none "$api"
    some "$format labels" labels -o "$format" "$api" __name__
    some "$format labels of some series" labels -o "$format" --match=up --start=$((now - 60)) --end="$now" "$api" job
    same "$format no labels" labels -o "$format" "$api" none
done
some "a time of RFC 3339" instant --time="$(date -u -d "@$now" +%Y-%m-%dT%H:%M:%SZ)" "$api" up

"$program" query instant http://127.0.0.1:1 up >/dev/null 2>"$folder/refused"
check_equal "nobody there" $? 1
check_contains "is said with the address" "$folder/refused" 'could not ask http://127.0.0.1:1'
"$program" query instant "$api" up more >/dev/null 2>"$folder/more"
check_equal "too many arguments" $? 64
"$program" query series "$api" >/dev/null 2>"$folder/series"
check_contains "series needs a selector" "$folder/series" 'it needs --match=SELECTOR'
"$program" query instant --ca-file="$folder/none.pem" "$api" up >/dev/null 2>"$folder/ca"
check_equal "a file of certificates that is not there" $? 64
check_contains "is named" "$folder/ca" 'none.pem: it cannot be read'
"$program" query instant "${api/http:\/\//http://user:s%20ecret@}" up >"$folder/user" 2>&1
check_contains "user and password may stand in the URL" "$folder/user" 'up{'

# What servers say reaches the terminal without what a terminal obeys.
start evil python3 "$(dirname "$0")/stand_in.py" "$folder/evil.json"
await 60 "the evil server listens" grep -q . "$folder/evil.out"
evil=http://127.0.0.1:$(cat "$folder/evil.out")
# evil WHAT WANTED STATUS BODY: there is WANTED in what is said of this answer, and no control character.
evil() {
    printf '{"paths": {"/api/v1/query": [%s, %s]}}' "$3" "$4" >"$folder/evil.json"
    "$program" query instant "$evil" up >"$folder/evil.said" 2>&1
    check_contains "$1" "$folder/evil.said" "$2"
    check "$1: it is plain" test -z "$(LC_ALL=C tr -d '\n\40-\176' <"$folder/evil.said")"
}
evil "the words of a refusal" 'bad_data: a [2J b' 400 \
    '{"status": "error", "errorType": "bad_data", "error": "a\u001b[2J\u009bb"}'
evil "an answer that is none" '"a [2J b"' 200 '"a\u001b[2J\u009bb"'
evil "warnings" 'query warning: a [2J b' 200 '{"status": "success", "warnings": ["a\u001b[2J\u009bb"],
    "data": {"resultType": "string", "result": [1, "c\u001b"]}}'
finish
