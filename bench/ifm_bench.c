/* SPDX-License-Identifier: Apache-2.0
 *
 * The benchmark program of libinferometer. Uses the public API alone; built twice, with the static and
 * with the shared library. Cases that prometheus_cpp_bench.cc has too bear the same name there.
 *
 * Every case makes a private registry and leaves it to the end of the process.
 */
#include "harness.h"

#include <inferometer/inferometer.h>
#include <stdbool.h>
#include <stdio.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const lookup_labels[] = {"method", "code"};
static const char *const series_labels[] = {"pipeline", "shard"};

static void require(bool ok, const ifm_error *err)
{
    if (!ok) {
        bench_fail(err->message);
    }
}

static ifm_registry *registry_new(void)
{
    ifm_error err;
    ifm_registry_options options = {.series_limit = 2 * (size_t)BENCH_SERIES};
    ifm_registry *registry = ifm_registry_new(&options, &err);
    require(registry != NULL, &err);
    return registry;
}

static ifm_counter_family *counter_family(ifm_registry *registry, const char *const label_names[2])
{
    ifm_error err;
    ifm_counter_family *family;
    ifm_counter_options options = {
        .metric = {.name = "requests", .help = "Requests.", .label_names = label_names, .label_count = 2}};
    require(ifm_counter_family_register(registry, &options, &family, &err), &err);
    return family;
}

/* --- Counter ------------------------------------------------------------------------------------------ */

static void counter_loop(void *context, unsigned thread, uint64_t operations)
{
    (void)thread;
    ifm_counter counter = *(const ifm_counter *)context;
    for (uint64_t i = 0; i < operations; i++) {
        ifm_counter_inc(counter);
    }
}

static double counter_inc(const bench_case *self)
{
    ifm_error err;
    ifm_counter counter;
    ifm_counter_options options = {.metric = {.name = "requests", .help = "Requests."}};
    require(ifm_counter_register(registry_new(), &options, &counter, &err), &err);
    return bench_run(self, counter_loop, &counter);
}

static void lookup_loop(void *context, unsigned thread, uint64_t operations)
{
    ifm_counter_family *family = context;
    size_t method = thread;
    size_t code = thread;
    for (uint64_t i = 0; i < operations; i++) {
        const char *values[2] = {bench_methods[method], bench_codes[code]};
        ifm_counter_inc(ifm_counter_with(family, values));
        code = code + 1 < BENCH_LOOKUP_VALUES ? code + 1 : 0;
        method = code != 0 ? method : (method + 1) % BENCH_LOOKUP_VALUES;
    }
}

static double counter_lookup(const bench_case *self)
{
    return bench_run(self, lookup_loop, counter_family(registry_new(), lookup_labels));
}

/* --- Histogram ---------------------------------------------------------------------------------------- */

typedef struct histogram_context {
    ifm_histogram histogram;
    const double *values;
} histogram_context;

static void histogram_loop(void *context, unsigned thread, uint64_t operations)
{
    const histogram_context *self = context;
    ifm_histogram histogram = self->histogram;
    const double *values = self->values;
    uint64_t first = (uint64_t)thread * (BENCH_VALUES / 2);
    for (uint64_t i = first; i < first + operations; i++) {
        ifm_histogram_observe(histogram, values[i % BENCH_VALUES]);
    }
}

static double histogram_observe(const bench_case *self, ifm_histogram_options options)
{
    ifm_error err;
    histogram_context context = {.values = bench_values()};
    options.metric = (ifm_metric_options){.name = "latency_seconds", .help = "Latency."};
    require(ifm_histogram_register(registry_new(), &options, &context.histogram, &err), &err);
    return bench_run(self, histogram_loop, &context);
}

static double histogram_classic(const bench_case *self)
{
    return histogram_observe(self, (ifm_histogram_options){.kind = IFM_HISTOGRAM_CLASSIC});
}

static double histogram_native(const bench_case *self)
{
    return histogram_observe(self, (ifm_histogram_options){.kind = IFM_HISTOGRAM_NATIVE});
}

static double histogram_both(const bench_case *self)
{
    return histogram_observe(self, (ifm_histogram_options){.kind = IFM_HISTOGRAM_BOTH});
}

static double histogram_stage_buckets(const bench_case *self)
{
    ifm_histogram_options options = {.kind = IFM_HISTOGRAM_CLASSIC};
    options.bounds = ifm_buckets_stage(&options.bound_count);
    return histogram_observe(self, options);
}

/* --- Summary ------------------------------------------------------------------------------------------ */

typedef struct summary_context {
    ifm_summary summary;
    const double *values;
} summary_context;

static void summary_loop(void *context, unsigned thread, uint64_t operations)
{
    const summary_context *self = context;
    ifm_summary summary = self->summary;
    const double *values = self->values;
    uint64_t first = (uint64_t)thread * (BENCH_VALUES / 2);
    for (uint64_t i = first; i < first + operations; i++) {
        ifm_summary_observe(summary, values[i % BENCH_VALUES]);
    }
}

static double summary_observe(const bench_case *self, const double *quantiles, size_t quantile_count)
{
    ifm_error err;
    summary_context context = {.values = bench_values()};
    ifm_summary_options options = {.metric = {.name = "latency_seconds", .help = "Latency."},
                                   .quantiles = quantiles,
                                   .quantile_count = quantile_count,
                                   .window_seconds = 60}; /* prometheus-cpp's default */
    require(ifm_summary_register(registry_new(), &options, &context.summary, &err), &err);
    return bench_run(self, summary_loop, &context);
}

static double summary_quantiles(const bench_case *self)
{
    static const double quantiles[] = {0.5, 0.9, 0.99};
    return summary_observe(self, quantiles, COUNT_OF(quantiles));
}

static double summary_plain(const bench_case *self)
{
    return summary_observe(self, NULL, 0);
}

/* --- One whole inference ------------------------------------------------------------------------------ */

static void inference_loop(void *context, unsigned thread, uint64_t operations)
{
    (void)thread;
    for (uint64_t i = 0; i < operations; i++) {
        ifm_inference run = ifm_inference_begin(context);
        ifm_inference_stage(&run, IFM_PRE_PROCESS);
        ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
        ifm_inference_stage(&run, IFM_POST_PROCESS);
        ifm_inference_end(&run, IFM_SUCCESS);
    }
}

static double inference(const bench_case *self)
{
    ifm_error err;
    ifm_logger_options options = {.port = IFM_LOGGER_PORT_NONE, .registry = registry_new()};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    require(logger != NULL, &err);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "ocr", &err);
    require(pipeline != NULL, &err);
    return bench_run(self, inference_loop, pipeline);
}

/* --- Serialisation and memory ------------------------------------------------------------------------- */

typedef struct exposition {
    ifm_registry *registry;
    ifm_expose_options options;
} exposition;

static void expose(void *context)
{
    const exposition *self = context;
    ifm_error err;
    char *text;
    size_t size;
    require(ifm_registry_expose(self->registry, &self->options, &text, &size, &err), &err);
    ifm_free(text);
}

static ifm_counter series_counter(ifm_counter_family *family, size_t index)
{
    char pipeline[BENCH_LABEL_BYTES];
    char shard[BENCH_LABEL_BYTES];
    bench_series_labels(index, pipeline, shard);
    const char *values[2] = {pipeline, shard};
    return ifm_counter_with(family, values);
}

static void series_fill(ifm_registry *registry)
{
    ifm_counter_family *family = counter_family(registry, series_labels);
    for (size_t i = 0; i < BENCH_SERIES; i++) {
        ifm_counter_add(series_counter(family, i), (double)(i * 7));
    }
}

static double serialise(const bench_case *self, ifm_format format)
{
    exposition context = {.registry = registry_new(), .options = {.format = format}};
    series_fill(context.registry);
    return bench_repeat_ms(self, expose, &context);
}

static double serialise_text(const bench_case *self)
{
    return serialise(self, IFM_FORMAT_TEXT);
}

static double serialise_openmetrics(const bench_case *self)
{
    return serialise(self, IFM_FORMAT_OPENMETRICS);
}

static double serialise_protobuf(const bench_case *self)
{
    return serialise(self, IFM_FORMAT_PROTOBUF);
}

static double memory(size_t (*read)(void))
{
    ifm_registry *registry = registry_new();
    size_t before = read();
    series_fill(registry);
    return bench_bytes_per_series(read() - before);
}

static double memory_heap(const bench_case *self)
{
    (void)self;
    return memory(bench_heap_bytes);
}

static double memory_resident(const bench_case *self)
{
    (void)self;
    return memory(bench_resident_bytes);
}

/* --- Updates while the registry is scraped without a pause -------------------------------------------- */

typedef struct scraped {
    exposition exposition; /* first: expose() is given a pointer to the whole */
    ifm_counter_family *counters;
    histogram_context histogram;
} scraped;

static void scraped_counter_loop(void *context, unsigned thread, uint64_t operations)
{
    ifm_counter counter = series_counter(((scraped *)context)->counters, 0);
    counter_loop(&counter, thread, operations);
}

static void scraped_lookup_loop(void *context, unsigned thread, uint64_t operations)
{
    lookup_loop(((scraped *)context)->counters, thread, operations);
}

static void scraped_histogram_loop(void *context, unsigned thread, uint64_t operations)
{
    histogram_loop(&((scraped *)context)->histogram, thread, operations);
}

static void scraped_init(scraped *self)
{
    ifm_error err;
    ifm_histogram_family *family;
    ifm_histogram_options options = {
        .metric = {
            .name = "latency_seconds", .help = "Latency.", .label_names = series_labels, .label_count = 2}};
    *self = (scraped){.exposition = {.registry = registry_new()}, .histogram = {.values = bench_values()}};
    self->counters = counter_family(self->exposition.registry, series_labels);
    require(ifm_histogram_family_register(self->exposition.registry, &options, &family, &err), &err);
    for (size_t i = BENCH_SCRAPED_SERIES; i-- > 0;) {
        char pipeline[BENCH_LABEL_BYTES];
        char shard[BENCH_LABEL_BYTES];
        bench_series_labels(i, pipeline, shard);
        const char *values[2] = {pipeline, shard};
        ifm_counter_inc(ifm_counter_with(self->counters, values));
        self->histogram.histogram = ifm_histogram_with(family, values);
        ifm_histogram_observe(self->histogram.histogram, 0.020);
    }
}

static double scraped_run(const bench_case *self, bench_loop loop)
{
    scraped context;
    scraped_init(&context);
    return bench_run_scraped(self, loop, expose, &context);
}

static double scraped_counter(const bench_case *self)
{
    return scraped_run(self, scraped_counter_loop);
}

static double scraped_lookup(const bench_case *self)
{
    return scraped_run(self, scraped_lookup_loop);
}

static double scraped_histogram(const bench_case *self)
{
    return scraped_run(self, scraped_histogram_loop);
}

static const bench_case cases[] = {
    {"counter_1", counter_inc, 1, 100000000},
    {"counter_2", counter_inc, 2, 100000000},
    {"histogram_1", histogram_classic, 1, 20000000},
    {"histogram_2", histogram_classic, 2, 20000000},
    {"histogram_stage_buckets_1", histogram_stage_buckets, 1, 20000000},
    {"histogram_native_1", histogram_native, 1, 20000000},
    {"histogram_both_1", histogram_both, 1, 20000000},
    {"histogram_both_2", histogram_both, 2, 20000000},
    {"lookup_1", counter_lookup, 1, 5000000},
    {"lookup_2", counter_lookup, 2, 5000000},
    {"summary_quantiles_1", summary_quantiles, 1, 5000000},
    {"summary_quantiles_2", summary_quantiles, 2, 5000000},
    {"summary_plain_1", summary_plain, 1, 20000000},
    {"inference_1", inference, 1, 2000000},
    {"inference_2", inference, 2, 2000000},
    {"serialise_text", serialise_text, 1, 5},
    {"serialise_openmetrics", serialise_openmetrics, 1, 5},
    {"serialise_protobuf", serialise_protobuf, 1, 5},
    {"memory_heap", memory_heap, 1, 1},
    {"memory_resident", memory_resident, 1, 1},
    {"scraped_counter", scraped_counter, 1, 50000000},
    {"scraped_histogram", scraped_histogram, 1, 10000000},
    {"scraped_lookup", scraped_lookup, 1, 2000000},
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, ifm_version(), cases, COUNT_OF(cases));
}
