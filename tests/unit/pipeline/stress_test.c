/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that update, remove and re-create series while HTTP clients scrape all formats: no race (TSan),
 * no leak (ASan), no inconsistent histogram, no lost update, no growth.
 *
 * IFM_STRESS_SECONDS says for how long; 2 by default, 120 in a long run.
 */
#include "unit/pipeline/endpoint_client.h"

#include "exposition/metrics.pb-c.h"

#include <inferometer/inferometer.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { UPDATERS = 8, SCRAPERS = 4, NAMES = 40 };

struct stress {
    ifm_registry *registry;
    int port;
    ifm_counter_family *counters;
    ifm_gauge_family *gauges;
    ifm_histogram_family *histograms;
    ifm_summary_family *summaries;
    ifm_histogram kept_histogram; /* never removed */
    ifm_counter kept_counter;
    _Atomic bool stop;
    _Atomic uint64_t observed; /* in kept_histogram */
    _Atomic uint64_t scrapes;
    _Atomic uint64_t inconsistent;
    _Atomic uint64_t unanswered; /* by a status other than 200 */
    _Atomic uint64_t histograms_checked;
    _Atomic size_t series_most;
};

static char names[NAMES][16];

static double seconds_wanted(void)
{
    const char *text = getenv("IFM_STRESS_SECONDS");
    return text == NULL ? 2 : strtod(text, NULL);
}

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Stale handles are kept on purpose: using one is a counted no-op. */
static void update_some(struct stress *stress, uint32_t *state)
{
    ifm_counter counters[4];
    ifm_histogram histograms[4];
    for (int i = 0; i < 4; i++) {
        const char *values[] = {names[random_next(state) % NAMES], "x"};
        counters[i] = ifm_counter_with(stress->counters, values);
        histograms[i] = ifm_histogram_with(stress->histograms, values);
        ifm_gauge_set(ifm_gauge_with(stress->gauges, values), 1);
        ifm_summary_observe(ifm_summary_with(stress->summaries, values), 3);
    }
    for (int i = 0; i < 200; i++) {
        double value = (double)(random_next(state) % 4096) / 1024;
        ifm_counter_inc(counters[i & 3]);
        ifm_histogram_observe(histograms[i & 3], value);
        ifm_histogram_observe(stress->kept_histogram, value);
        ifm_counter_inc(stress->kept_counter);
    }
    const char *values[] = {names[random_next(state) % NAMES], "x"};
    ifm_counter_remove(stress->counters, values);
    ifm_histogram_remove(stress->histograms, values);
    ifm_gauge_remove(stress->gauges, values);
    ifm_summary_remove(stress->summaries, values);
    if (random_next(state) % 500 == 0) {
        ifm_histogram_clear(stress->histograms);
    }
}

static void *updater(void *argument)
{
    struct stress *stress = argument;
    uint32_t state = (uint32_t)(uintptr_t)&state;
    uint64_t observed = 0;
    while (!atomic_load(&stress->stop)) {
        update_some(stress, &state);
        observed += 200;
    }
    atomic_fetch_add(&stress->observed, observed);
    return NULL;
}

/* Every observation is a multiple of 1/1024 that is below 4, so a sum tells too when it is not of these
 * observations. */
static bool sum_is_wrong(double sum, double count)
{
    return sum < 0 || sum >= 4 * count + (count == 0) || sum * 1024 != floor(sum * 1024);
}

struct checked {
    uint64_t histograms;
    uint64_t inconsistent;
};

/* In the text formats: the bucket +Inf is the count of the same series, and the sum is possible. */
static struct checked check_text(const char *text)
{
    struct checked checked = {0};
    double infinite = -1;
    double sum = 0;
    for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *end = strchr(line, '\n');
        const char *space = end;
        while (space != NULL && space > line && *space != ' ') {
            space--;
        }
        if (space == NULL || strncmp(line, "lat", 3) != 0) {
            continue;
        }
        double value = strtod(space, NULL);
        if (memmem(line, (size_t)(space - line), "le=\"+Inf\"", 9) != NULL) {
            infinite = value;
        } else if (memmem(line, (size_t)(space - line), "seconds_sum", 11) != NULL) {
            sum = value;
        } else if (memmem(line, (size_t)(space - line), "seconds_count", 13) != NULL) {
            checked.histograms++;
            checked.inconsistent += value != infinite || sum_is_wrong(sum, value);
        }
    }
    return checked;
}

static uint64_t deltas_total(const int64_t *deltas, size_t count)
{
    uint64_t total = 0;
    int64_t bucket = 0;
    for (size_t i = 0; i < count; i++) {
        bucket += deltas[i];
        total += (uint64_t)bucket;
    }
    return total;
}

/* In protobuf: the count, the last classic bucket and all native buckets together are the same. */
static bool wire_histogram_is_consistent(const Ifm__WireHistogram *histogram)
{
    uint64_t native = histogram->zero_count +
                      deltas_total(histogram->positive_delta, histogram->n_positive_delta) +
                      deltas_total(histogram->negative_delta, histogram->n_negative_delta);
    uint64_t classic =
        histogram->n_bucket == 0 ? 0 : histogram->bucket[histogram->n_bucket - 1]->cumulative_count;
    return histogram->sample_count == native && histogram->sample_count == classic &&
           !sum_is_wrong(histogram->sample_sum, (double)histogram->sample_count);
}

static struct checked check_protobuf(const char *body, size_t size)
{
    struct checked checked = {0};
    const uint8_t *at = (const uint8_t *)body;
    const uint8_t *end = at + size;
    while (at < end) {
        size_t length = 0;
        for (unsigned shift = 0; at < end; shift += 7) {
            length |= (size_t)(*at & 0x7F) << shift;
            if ((*at++ & 0x80) == 0) {
                break;
            }
        }
        Ifm__WireMetricFamily *family =
            length > (size_t)(end - at) ? NULL : ifm__wire_metric_family__unpack(NULL, length, at);
        if (family == NULL) {
            checked.inconsistent++;
            break;
        }
        for (size_t i = 0; i < family->n_metric; i++) {
            if (family->metric[i]->histogram != NULL) {
                checked.histograms++;
                checked.inconsistent += !wire_histogram_is_consistent(family->metric[i]->histogram);
            }
        }
        ifm__wire_metric_family__free_unpacked(family, NULL);
        at += length;
    }
    return checked;
}

static const char *const accepts[] = {
    "Accept: text/plain;version=0.0.4\r\n",
    "Accept: text/plain;version=1.0.0;escaping=allow-utf-8\r\n",
    "Accept: application/openmetrics-text;version=1.0.0\r\n",
    "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited\r\n",
};

static void *scraper(void *argument)
{
    struct stress *stress = argument;
    for (unsigned i = 0; !atomic_load(&stress->stop); i = (i + 1) % 4) {
        reply got = client_call(stress->port, "GET", "/metrics", accepts[i]);
        if (got.status == 200) {
            struct checked checked = i == 3 ? check_protobuf(got.body, got.body_size) : check_text(got.body);
            atomic_fetch_add(&stress->inconsistent, checked.inconsistent);
            atomic_fetch_add(&stress->histograms_checked, checked.histograms);
            atomic_fetch_add(&stress->scrapes, 1);
        } else {
            atomic_fetch_add(&stress->unanswered, 1);
        }
        reply_free(&got);
        size_t series = ifm_registry_series_count(stress->registry);
        if (series > atomic_load(&stress->series_most)) {
            atomic_store(&stress->series_most, series);
        }
    }
    return NULL;
}

static void stress_register(struct stress *stress)
{
    static const char *const labels[] = {"name", "kind"};
    static const double quantiles[] = {0.5, 0.9};
    ifm_error err;
    stress->registry = ifm_registry_new(NULL, &err);
    assert_non_null(stress->registry);
    ifm_counter_options counter = {.metric = {"c_total", "C.", NULL, labels, 2, 0}};
    ifm_gauge_options gauge = {.metric = {"g", "G.", NULL, labels, 2, 0}};
    ifm_histogram_options histogram = {.metric = {"lat_seconds", "L.", "seconds", labels, 2, 0},
                                       .kind = IFM_HISTOGRAM_BOTH,
                                       .native_buckets_max = 32};
    ifm_summary_options summary = {
        .metric = {"s", "S.", NULL, labels, 2, 0}, .quantiles = quantiles, .quantile_count = 2};
    assert_true(ifm_counter_family_register(stress->registry, &counter, &stress->counters, &err));
    assert_true(ifm_gauge_family_register(stress->registry, &gauge, &stress->gauges, &err));
    assert_true(ifm_histogram_family_register(stress->registry, &histogram, &stress->histograms, &err));
    assert_true(ifm_summary_family_register(stress->registry, &summary, &stress->summaries, &err));
    counter.metric = (ifm_metric_options){.name = "kept_total", .help = "K."};
    histogram.metric = (ifm_metric_options){.name = "lat_kept_seconds", .help = "K."};
    assert_true(ifm_counter_register(stress->registry, &counter, &stress->kept_counter, &err));
    assert_true(ifm_histogram_register(stress->registry, &histogram, &stress->kept_histogram, &err));
}

static void updates_removals_and_scrapes_go_on_together(void **unused)
{
    (void)unused;
    static struct stress stress;
    pthread_t threads[UPDATERS + SCRAPERS];
    for (int i = 0; i < NAMES; i++) {
        snprintf(names[i], sizeof names[i], "name-%d", i);
    }
    stress_register(&stress);
    ifm_endpoint *endpoint = endpoint_open(stress.registry, (ifm_endpoint_options){0});
    stress.port = ifm_endpoint_port(endpoint);
    for (int i = 0; i < UPDATERS + SCRAPERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, i < UPDATERS ? updater : scraper, &stress), 0);
    }
    double wanted = seconds_wanted();
    nanosleep(&(struct timespec){(time_t)wanted, (long)((wanted - (double)(time_t)wanted) * 1e9)}, NULL);
    atomic_store(&stress.stop, true);
    for (int i = 0; i < UPDATERS + SCRAPERS; i++) {
        pthread_join(threads[i], NULL);
    }
    uint64_t count = 0;
    double sum = 0;
    CHECK(ifm_histogram_read(stress.kept_histogram, &count, &sum));
    printf("%g s: %llu observations, %llu scrapes, %llu histograms checked, at most %zu series\n", wanted,
           (unsigned long long)count, (unsigned long long)stress.scrapes,
           (unsigned long long)stress.histograms_checked, stress.series_most);
    CHECK_INT(count, stress.observed);
    CHECK_DOUBLE(ifm_counter_value(stress.kept_counter), (double)stress.observed);
    CHECK_INT(stress.inconsistent, 0);
    CHECK_INT(stress.unanswered, 0);
    CHECK(stress.scrapes >= 4);
    CHECK(stress.histograms_checked > 0);
    CHECK(stress.series_most <= 4 * NAMES + 2);
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(stress.registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_removals_and_scrapes_go_on_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
