// SPDX-License-Identifier: Apache-2.0
//
// The benchmark program of prometheus-cpp, the library that we are measured against. Written as its README
// tells users to write; every case does the same work on the same values as its namesake in ifm_bench.c.
//
// Registries live to the end of the process, as there: freeing is not measured.
#include "harness.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <iterator>
#include <string>
#include <vector>

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using prometheus::Registry;
using prometheus::Summary;

namespace
{

// The bounds of ifm_buckets_default() and ifm_buckets_stage().
const Histogram::BucketBoundaries default_buckets{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
const Histogram::BucketBoundaries stage_buckets{1e-5,   2.5e-5, 5e-5, 1e-4,   2.5e-4, 5e-4, 1e-3,
                                                2.5e-3, 5e-3,   1e-2, 2.5e-2, 5e-2,   0.1,  0.25,
                                                0.5,    1,      2.5,  5,      10};

Registry &registry_new()
{
    return *new Registry;
}

Family<Counter> &counter_family(Registry &registry)
{
    return prometheus::BuildCounter().Name("requests_total").Help("Requests.").Register(registry);
}

Family<Histogram> &histogram_family(Registry &registry)
{
    return prometheus::BuildHistogram().Name("latency_seconds").Help("Latency.").Register(registry);
}

// --- Counter --------------------------------------------------------------------------------------------

void counter_loop(void *context, unsigned, uint64_t operations)
{
    Counter &counter = *static_cast<Counter *>(context);
    for (uint64_t i = 0; i < operations; i++) {
        counter.Increment();
    }
}

double counter_inc(const bench_case *self)
{
    return bench_run(self, counter_loop, &counter_family(registry_new()).Add({}));
}

void lookup_loop(void *context, unsigned thread, uint64_t operations)
{
    auto &family = *static_cast<Family<Counter> *>(context);
    size_t method = thread;
    size_t code = thread;
    for (uint64_t i = 0; i < operations; i++) {
        family.Add({{"method", bench_methods[method]}, {"code", bench_codes[code]}}).Increment();
        code = code + 1 < BENCH_LOOKUP_VALUES ? code + 1 : 0;
        method = code != 0 ? method : (method + 1) % BENCH_LOOKUP_VALUES;
    }
}

double counter_lookup(const bench_case *self)
{
    return bench_run(self, lookup_loop, &counter_family(registry_new()));
}

// With label maps made beforehand, which a program can do only where it knows all values.
struct kept_labels {
    Family<Counter> &family;
    std::vector<prometheus::Labels> labels;
};

void lookup_kept_loop(void *context, unsigned thread, uint64_t operations)
{
    auto &self = *static_cast<kept_labels *>(context);
    size_t next = thread;
    for (uint64_t i = 0; i < operations; i++) {
        self.family.Add(self.labels[next]).Increment();
        next = next + 1 < self.labels.size() ? next + 1 : 0;
    }
}

double counter_lookup_kept(const bench_case *self)
{
    kept_labels context{counter_family(registry_new()), {}};
    for (const char *method : bench_methods) {
        for (const char *code : bench_codes) {
            context.labels.push_back({{"method", method}, {"code", code}});
        }
    }
    return bench_run(self, lookup_kept_loop, &context);
}

// --- Histogram and summary ------------------------------------------------------------------------------

template <typename T> struct observed {
    T &metric;
    const double *values;
};

template <typename T> void observe_loop(void *context, unsigned thread, uint64_t operations)
{
    const auto &self = *static_cast<observed<T> *>(context);
    T &metric = self.metric;
    const double *values = self.values;
    uint64_t first = static_cast<uint64_t>(thread) * (BENCH_VALUES / 2);
    for (uint64_t i = first; i < first + operations; i++) {
        metric.Observe(values[i % BENCH_VALUES]);
    }
}

double histogram_observe(const bench_case *self, const Histogram::BucketBoundaries &buckets)
{
    observed<Histogram> context{histogram_family(registry_new()).Add({}, buckets), bench_values()};
    return bench_run(self, observe_loop<Histogram>, &context);
}

double histogram_classic(const bench_case *self)
{
    return histogram_observe(self, default_buckets);
}

double histogram_stage_buckets(const bench_case *self)
{
    return histogram_observe(self, stage_buckets);
}

double summary_observe(const bench_case *self, const Summary::Quantiles &quantiles)
{
    auto &family =
        prometheus::BuildSummary().Name("latency_seconds").Help("Latency.").Register(registry_new());
    observed<Summary> context{family.Add({}, quantiles), bench_values()};
    return bench_run(self, observe_loop<Summary>, &context);
}

double summary_quantiles(const bench_case *self)
{
    return summary_observe(self, {{0.5, 0.05}, {0.9, 0.01}, {0.99, 0.001}});
}

double summary_plain(const bench_case *self)
{
    return summary_observe(self, {});
}

// --- One whole inference --------------------------------------------------------------------------------

// Three stages and the whole, each a histogram; a counter of outcomes and a gauge of those in flight are
// what ifm_inference_*() maintains beside them, and are left out here.
struct stages {
    Histogram &pre_process;
    Histogram &engine_forward;
    Histogram &post_process;
    Histogram &total;
};

void inference_loop(void *context, unsigned, uint64_t operations)
{
    using clock = std::chrono::steady_clock;
    using seconds = std::chrono::duration<double>;
    auto &self = *static_cast<stages *>(context);
    for (uint64_t i = 0; i < operations; i++) {
        auto begin = clock::now();
        auto prepared = clock::now();
        self.pre_process.Observe(seconds(prepared - begin).count());
        auto forwarded = clock::now();
        self.engine_forward.Observe(seconds(forwarded - prepared).count());
        auto end = clock::now();
        self.post_process.Observe(seconds(end - forwarded).count());
        self.total.Observe(seconds(end - begin).count());
    }
}

double inference(const bench_case *self)
{
    Registry &registry = registry_new();
    auto &family = prometheus::BuildHistogram()
                       .Name("inference_stage_duration_seconds")
                       .Help("Duration.")
                       .Labels({{"pipeline", "ocr"}})
                       .Register(registry);
    stages context{family.Add({{"stage", "pre_process"}}, stage_buckets),
                   family.Add({{"stage", "engine_forward"}}, stage_buckets),
                   family.Add({{"stage", "post_process"}}, stage_buckets),
                   family.Add({{"stage", "total_inference"}}, stage_buckets)};
    return bench_run(self, inference_loop, &context);
}

// --- Serialisation and memory ---------------------------------------------------------------------------

void expose(void *context)
{
    const prometheus::TextSerializer serializer;
    std::string text = serializer.Serialize(static_cast<Registry *>(context)->Collect());
    if (text.empty()) {
        bench_fail("prometheus-cpp wrote nothing");
    }
}

prometheus::Labels series_labels(size_t index)
{
    char pipeline[BENCH_LABEL_BYTES];
    char shard[BENCH_LABEL_BYTES];
    bench_series_labels(index, pipeline, shard);
    return {{"pipeline", pipeline}, {"shard", shard}};
}

void series_fill(Registry &registry)
{
    auto &family = counter_family(registry);
    for (size_t i = 0; i < BENCH_SERIES; i++) {
        family.Add(series_labels(i)).Increment(static_cast<double>(i * 7));
    }
}

double serialise_text(const bench_case *self)
{
    Registry &registry = registry_new();
    series_fill(registry);
    return bench_repeat_ms(self, expose, &registry);
}

double memory(size_t (*read)())
{
    Registry &registry = registry_new();
    size_t before = read();
    series_fill(registry);
    return bench_bytes_per_series(read() - before);
}

double memory_heap(const bench_case *)
{
    return memory(bench_heap_bytes);
}

double memory_resident(const bench_case *)
{
    return memory(bench_resident_bytes);
}

// --- Updates while the registry is scraped without a pause ----------------------------------------------

struct scraped {
    Registry &registry;
    Family<Counter> &counters;
    Counter *counter;
    observed<Histogram> histogram;
};

void scraped_expose(void *context)
{
    expose(&static_cast<scraped *>(context)->registry);
}

void scraped_counter_loop(void *context, unsigned thread, uint64_t operations)
{
    counter_loop(static_cast<scraped *>(context)->counter, thread, operations);
}

void scraped_lookup_loop(void *context, unsigned thread, uint64_t operations)
{
    lookup_loop(&static_cast<scraped *>(context)->counters, thread, operations);
}

void scraped_histogram_loop(void *context, unsigned thread, uint64_t operations)
{
    observe_loop<Histogram>(&static_cast<scraped *>(context)->histogram, thread, operations);
}

double scraped_run(const bench_case *self, bench_loop loop)
{
    Registry &registry = registry_new();
    auto &counters = counter_family(registry);
    auto &histograms = histogram_family(registry);
    for (size_t i = 0; i < BENCH_SCRAPED_SERIES; i++) {
        counters.Add(series_labels(i)).Increment();
        histograms.Add(series_labels(i), default_buckets).Observe(0.020);
    }
    scraped context{registry,
                    counters,
                    &counters.Add(series_labels(0)),
                    {histograms.Add(series_labels(0), default_buckets), bench_values()}};
    return bench_run_scraped(self, loop, scraped_expose, &context);
}

double scraped_counter(const bench_case *self)
{
    return scraped_run(self, scraped_counter_loop);
}

double scraped_lookup(const bench_case *self)
{
    return scraped_run(self, scraped_lookup_loop);
}

double scraped_histogram(const bench_case *self)
{
    return scraped_run(self, scraped_histogram_loop);
}

const bench_case cases[] = {
    {"counter_1", counter_inc, 1, 50000000},
    {"counter_2", counter_inc, 2, 10000000},
    {"histogram_1", histogram_classic, 1, 10000000},
    {"histogram_2", histogram_classic, 2, 5000000},
    {"histogram_stage_buckets_1", histogram_stage_buckets, 1, 10000000},
    {"lookup_1", counter_lookup, 1, 2000000},
    {"lookup_2", counter_lookup, 2, 1000000},
    {"lookup_kept_1", counter_lookup_kept, 1, 2000000},
    {"summary_quantiles_1", summary_quantiles, 1, 100000},
    {"summary_quantiles_2", summary_quantiles, 2, 50000},
    {"summary_plain_1", summary_plain, 1, 100000},
    {"inference_1", inference, 1, 2000000},
    {"inference_2", inference, 2, 1000000},
    {"serialise_text", serialise_text, 1, 5},
    {"memory_heap", memory_heap, 1, 1},
    {"memory_resident", memory_resident, 1, 1},
    {"scraped_counter", scraped_counter, 1, 50000000},
    {"scraped_histogram", scraped_histogram, 1, 10000000},
    {"scraped_lookup", scraped_lookup, 1, 2000000},
};

} // namespace

int main(int argc, char **argv)
{
    return bench_main(argc, argv, nullptr, cases, std::size(cases));
}
