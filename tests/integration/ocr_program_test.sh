#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ocr_pipeline reads known words for real, counts what it cannot read, watches a folder, and ends at once.
. "$(dirname "$0")/lib.sh"
need pdftoppm pdfinfo curl promtool
need_document

ocr=$bin/ocr_pipeline
inbox=$folder/inbox
texts=$folder/texts
mkdir "$inbox"
pdftoppm -gray -r 200 -f 4 -l 4 -singlefile -png "$document" "$folder/page" || exit 1
cp "$folder/page.png" "$inbox/early.png"
printf 'no image at all' >"$inbox/garbage.png"

# Seconds of Tesseract's are dear, so one process is asked for most of it.
start watch "$ocr" --watch "$inbox" --output "$texts" --port any --pages 4 --workers 2
watch=$pid
url_of watch
sample() { curl -sf "$url" | awk -v name="$1 " 'index($0, name) == 1 { print $NF }'; } # the value of one
is_sample() { [ "$(sample "$1")" = "$2" ]; }
await 60 "the page that was there before is read" [ -s "$texts/early.png.txt" ]

# Completely written: a slow writer is waited for, a file that is moved in counts at once.
{
    head -c 20000 "$folder/page.png"
    sleep 1
    tail -c +20001 "$folder/page.png"
} >"$inbox/slow.png"
cp "$document" "$folder/manual.part"
mv "$folder/manual.part" "$inbox/manual.pdf"
printf '%%PDF-1.4 broken' >"$folder/broken.part"
mv "$folder/broken.part" "$inbox/broken.pdf"
await 60 "all pages are read" is_sample 'inference_requests_total{pipeline="ocr",outcome="success"}' 3
await 60 "all failures are counted" is_sample 'inference_requests_total{pipeline="ocr",outcome="failure"}' 2

for text in early.png.txt slow.png.txt manual.pdf-04.txt; do
    check_contains "$text: recognised" "$texts/$text" "Abstract"
    check_contains "$text: recognised" "$texts/$text" "Distinguished Encoding Rules"
done
check_equal "nothing but whole text files" "$(find "$texts" -type f ! -name '*.txt' | wc -l)" 0

check_equal "an image that is none" "$(sample 'inference_failures_total{pipeline="ocr",reason="unreadable_image"}')" 1
check_equal "a document that is none" "$(sample 'inference_failures_total{pipeline="ocr",reason="render_failed"}')" 1
check_equal "all pages waited" "$(sample 'inference_queue_duration_seconds_count{pipeline="ocr"}')" 5
for stage in engine_forward post_process; do
    check_equal "pages in $stage" \
        "$(sample "inference_stage_duration_seconds_count{pipeline=\"ocr\",stage=\"$stage\"}")" 3
done
check_between "mean confidence of the words, summed over three pages" \
    "$(sample 'inference_data_word_confidence_ratio_sum{pipeline="ocr"}')" 2.4 3
check_between "words" "$(sample 'ocr_words_total')" 400 800
check_contains "the model is named" <(curl -sf "$url") 'name="eng"'
check "promtool has nothing to say about the text exposition" lint_is_silent watch "$url"

stop_and_measure INT "$watch"
check_equal "watching ends with 1 when a page failed" "$code" 1
check_between "Ctrl-C ends the watch at once (ms)" "$took_ms" 0 10000
check_contains "the summary counts" "$folder/watch.out" "3 pages read"
check_contains "the summary has the reasons" "$folder/watch.out" "1 unreadable_image"

# A run with an end; the text alone on the standard output.
"$ocr" --port any --print "$folder/page.png" >"$folder/print.out" 2>"$folder/print.err"
check_equal "a run without failures ends with 0" $? 0
check_contains "the text is printed" "$folder/print.out" "Abstract"
check_equal "nothing else is" "$(grep -cE 'serving|engine_forward' "$folder/print.out")" 0
check_contains "the summary is apart" "$folder/print.err" "1 page read"

# In the middle of a page.
start middle "$ocr" --port any --repeat forever --workers 2 "$document"
url_of middle
is_under_way() { [ "$(sample 'inference_requests_in_flight{pipeline="ocr"}')" = 2 ]; }
await 60 "each worker has a page" is_under_way
sleep 0.5 # into the neural network
stop_and_measure INT "$pid"
check_equal "an endless run ends with 0" "$code" 0
check_between "Ctrl-C ends it in the middle of a page (ms of work)" "$worked_ms" 0 2000
check_between "and nothing else is waited for (ms)" "$took_ms" 0 20000
check_contains "and with a summary" "$folder/middle.out" "interrupted"

start finite "$ocr" --port any "$document"
url_of finite
port=${url%/metrics}
port=${port##*:}
"$ocr" --port "$port" "$folder/page.png" >"$folder/busy.out" 2>"$folder/busy.err"
check_equal "a busy port ends it with 1" $? 1
check_contains "a busy port is explained" "$folder/busy.err" "could not listen on 127.0.0.1:$port"
stop_and_measure TERM "$pid"
check_equal "a run with an end that is cut short ends with 130" "$code" 130

"$ocr" --port any --lang none "$folder/page.png" >"$folder/lang.out" 2>"$folder/lang.err"
check_equal "a language that is not there ends it with 1" $? 1
check_contains "a language that is not there is explained" "$folder/lang.err" 'for the language "none"'
# refused TEXT ARGUMENT...: ends with 2 and a sentence that contains TEXT.
refused() {
    local want=$1
    shift
    "$ocr" --port any "$@" >"$folder/refused.out" 2>"$folder/refused.err"
    check_equal "exit status of $*" $? 2
    check_contains "reason of $*" "$folder/refused.err" "$want"
}
refused 'there is nothing to read'
refused '--pages "3" is not a whole number from 5 to' --pages 5-3 "$document"
refused '--pages "" is not a whole number' --pages - "$document"
refused '--workers "0" is not a whole number' --workers 0 "$document"
refused '--repeat "never" is not a whole number' --repeat never "$document"
refused '--repeat forever never comes to --watch' --repeat forever --watch "$inbox" "$document"
refused '--repeat needs files or folders' --repeat 2 --watch "$inbox"
finish
