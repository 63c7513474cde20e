/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as a query over a small storage, at one time and over a range: it has a result or an error, never
 * both, takes no more than its limits, and what comes out keeps the promises of engine.h.
 */
#include "promql/promql.h"
#include "promqltest/run.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    FUZZ_QUERY_BYTES_MAX = 16 * 1024 * 1024,
    FUZZ_STORAGE_BYTES_MAX = 16 * 1024 * 1024,
    FUZZ_SAMPLES_MAX = 20000,
    FUZZ_INTERRUPTS_MAX = 2000, /* the engine asks every few hundred samples */
    FUZZ_MINUTE_MS = 60000
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char series[] =
    "1m\n"
    "http_requests_total{job=\"a\", instance=\"1\"} 0+10x20\n"
    "http_requests_total{job=\"a\", instance=\"2\"} 0+20x8 0+5x12\n"
    "http_requests_total{job=\"b\", instance=\"1\"} 5 _x5 stale 7 NaN Inf -Inf 1e300 _ 3x8\n"
    "target_info{job=\"a\", instance=\"1\", version=\"v1\"} 1x20\n"
    "target_info{job=\"b\", instance=\"1\", version=\"v2\"} 1x20\n"
    "gauge{job=\"a\"} 1-3x20\n"
    "gauge{job=\"b\"} -1+2x20\n"
    "latency_seconds_bucket{job=\"a\", le=\"0.1\"} 0+1x20\n"
    "latency_seconds_bucket{job=\"a\", le=\"1\"} 0+3x20\n"
    "latency_seconds_bucket{job=\"a\", le=\"+Inf\"} 0+4x20\n"
    "latency_seconds_count{job=\"a\"} 0+4x20\n"
    "latency_seconds_sum{job=\"a\"} 0+2.5x20\n"
    "native{job=\"a\"} {{schema:0 sum:5 count:4 buckets:[1 2 1]}}+{{schema:0 sum:1 count:2 buckets:[1 0 "
    "1]}}x20\n"
    "native{job=\"b\"} {{schema:3 sum:1 count:9 z_bucket:2 z_bucket_w:0.01 buckets:[1 2 1] n_buckets:[2 1] "
    "n_offset:3}}x9 {{schema:-1 sum:3 count:2 offset:1 buckets:[2]}}x9\n"
    "custom{job=\"a\"} {{schema:-53 sum:5 count:6 custom_values:[1 5 10] buckets:[1 4 1]}}x9 {{schema:-53 "
    "sum:2 "
    "count:3 custom_values:[2 5] buckets:[1 2]}}x9\n"
    "mixed{job=\"a\"} 1 2 {{schema:0 sum:5 count:4 buckets:[1 2 1]}}x5 3 stale 4x10\n"
    "{\"\xC3\xA4 name\", \"a label\"=\"x\"} 1+1x20\n";

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Made once, and kept: nothing appends to it while queries run. */
static storage *storage_get(void)
{
    static promqltest_memory *memory;
    if (memory == NULL) {
        ifm_error err = {.code = IFM_OK};
        promqltest_options options = {.chunk_samples = 7};
        promqltest_counts counts = {0};
        promqltest_run_state run = {.options = &options, .counts = &counts};
        memory = promqltest_memory_new(options.chunk_samples, FUZZ_STORAGE_BYTES_MAX, &err);
        require(memory != NULL);
        const char *feed = strchr(series, '\n');
        run.memory = memory;
        run.at = feed + 1;
        run.end = series + sizeof series - 1;
        ifm_bump_init(&run.arena, FUZZ_STORAGE_BYTES_MAX);
        if (!promqltest_load(&run, (model_text){series, (size_t)(feed - series)}, false, &err)) {
            fprintf(stderr, "%s\n", err.message);
            abort();
        }
        ifm_bump_deinit(&run.arena);
    }
    return promqltest_memory_storage(memory);
}

static ifm_code interrupted(void *context)
{
    int *calls = context;
    return ++*calls > FUZZ_INTERRUPTS_MAX ? IFM_TIMEOUT : IFM_OK;
}

static void check_points(const promql_query *query, const promql_result *result, size_t index)
{
    const promql_result_series *one = &result->series[index];
    require(one->count > 0 && (result->type == PROMQL_TYPE_MATRIX || one->count == 1));
    for (size_t i = 0; i < one->count; i++) {
        require(i == 0 || one->points[i].time_ms > one->points[i - 1].time_ms);
        require(query->step_ms == 0 ||
                (one->points[i].time_ms >= query->start_ms && one->points[i].time_ms <= query->end_ms));
        require(one->points[i].histogram == NULL || one->points[i].value == 0);
        require(one->points[i].histogram != NULL || !model_is_stale(one->points[i].value));
    }
    if (result->type == PROMQL_TYPE_MATRIX && index > 0) {
        require(model_labels_compare(result->series[index - 1].labels, one->labels) < 0);
    }
}

static void check_result(const promql_query *query, const promql_result *result)
{
    require(result->type != PROMQL_TYPE_NONE && result->tree != NULL && result->error == NULL);
    require(query->step_ms == 0 || result->type == PROMQL_TYPE_MATRIX);
    require(result->samples_peak <= FUZZ_SAMPLES_MAX);
    for (size_t i = 0; i < result->series_count; i++) {
        check_points(query, result, i);
    }
    for (size_t i = 0; i < result->annotation_count; i++) {
        const promql_annotation *annotation = result->annotations[i];
        require(strncmp(annotation->text, "PromQL ", sizeof "PromQL " - 1) == 0);
        require(ifm_utf8_valid(annotation->text, strlen(annotation->text)));
        require(annotation->start <= annotation->end && annotation->end <= query->size);
    }
}

static void run(const promql_query *query, bool delayed)
{
    int calls = 0;
    promql_engine_options options = {.bytes_max = FUZZ_QUERY_BYTES_MAX,
                                     .samples_max = FUZZ_SAMPLES_MAX,
                                     .delayed_name_removal = delayed,
                                     .start_timestamps = delayed,
                                     .interrupted = interrupted,
                                     .context = &calls};
    promql_result result;
    ifm_error err = {.code = IFM_OK};
    bool ok = promql_query_run(&options, storage_get(), query, &result, &err);
    require(ok == (err.code == IFM_OK));
    require(result.arena.used <= FUZZ_QUERY_BYTES_MAX);
    if (ok) {
        check_result(query, &result);
    } else {
        require(result.series_count == 0 && result.type == PROMQL_TYPE_NONE);
        require(strlen(err.message) > 0 && ifm_utf8_valid(err.message, strlen(err.message)));
    }
    promql_result_free(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    promql_query query = {.text = (const char *)data, .size = size, .start_ms = (int64_t)10 * FUZZ_MINUTE_MS};
    run(&query, true);
    query.end_ms = query.start_ms + (int64_t)5 * FUZZ_MINUTE_MS;
    query.step_ms = FUZZ_MINUTE_MS / 2 + 1;
    run(&query, false);
    return 0;
}
