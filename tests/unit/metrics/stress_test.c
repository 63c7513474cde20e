/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that update, remove and re-create series while others expose all formats: no race (TSan), no
 * leak (ASan), no inconsistent histogram, no lost update, no growth.
 *
 * IFM_STRESS_SECONDS says for how long; 2 by default, 120 in a long run.
 */
#include "check.h"

#include <inferometer/inferometer.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { UPDATERS = 8, SCRAPERS = 4, NAMES = 40 };

struct stress {
    ifm_registry *registry;
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

/* In the text formats: a bucket +Inf that is not the count of the same series. Every observation is a
 * multiple of 1/1024 that is below 4, so a sum tells too when it is out of range. */
static uint64_t text_inconsistencies(const char *text)
{
    uint64_t found = 0;
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
        } else if (strncmp(line, "lat_seconds_sum", 15) == 0) {
            sum = value;
        } else if (strncmp(line, "lat_seconds_count", 17) == 0) {
            found += value != infinite || sum > 4 * value || (value == 0 && sum != 0);
        }
    }
    return found;
}

static void *scraper(void *argument)
{
    struct stress *stress = argument;
    ifm_error err;
    for (unsigned i = 0; !atomic_load(&stress->stop); i++) {
        ifm_expose_options options = {.format = (ifm_format)(i % 4)};
        char *document;
        size_t size;
        if (!ifm_registry_expose(stress->registry, &options, &document, &size, &err)) {
            atomic_fetch_add(&stress->inconsistent, 1);
            fprintf(stderr, "expose: %s\n", err.message);
            continue;
        }
        if (options.format != IFM_FORMAT_PROTOBUF) {
            atomic_fetch_add(&stress->inconsistent, text_inconsistencies(document));
        }
        ifm_free(document);
        atomic_fetch_add(&stress->scrapes, 1);
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
    printf("%g s: %llu observations, %llu scrapes, at most %zu series\n", wanted, (unsigned long long)count,
           (unsigned long long)stress.scrapes, stress.series_most);
    CHECK_INT(count, stress.observed);
    CHECK_DOUBLE(ifm_counter_value(stress.kept_counter), (double)stress.observed);
    CHECK_INT(stress.inconsistent, 0);
    CHECK(stress.scrapes > 0);
    CHECK(stress.series_most <= 4 * NAMES + 2);
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
