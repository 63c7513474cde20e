/* SPDX-License-Identifier: Apache-2.0
 *
 * What another C client got wrong, by the numbers of the list of its known defects; each has a test here
 * that fails if we do the same.
 */
#include "base/base.h"
#include "exposition/exposition.h"
#include "torture.h"
#include "unit/metrics/metrics_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* 1. No Content-Type: Prometheus 3 fails the scrape. */
static void every_format_has_a_content_type(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        const char *want;
    } rows[] = {
        {NULL, "text/plain; version=0.0.4"},
        {"text/plain", "text/plain; version=0.0.4"},
        {"application/openmetrics-text;version=1.0.0", "application/openmetrics-text; version=1.0.0"},
        {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
         "application/vnd.google.protobuf"},
        {"image/png", "text/plain; version=0.0.4"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_negotiated answer;
        ifm_negotiate_format(rows[i].accept, &answer);
        CHECK_CONTAINS(answer.content_type, rows[i].want);
    }
    check_end();
}

/* 2. Label values and HELP were not escaped: a value could inject metrics. */
static void hostile_text_cannot_inject_a_metric(void **state)
{
    (void)state;
    ifm_error err;
    ifm_gauge_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_gauge_family_register(
        registry,
        &(ifm_gauge_options){.metric = {.name = "g", .help = "one\ninjected_by_help 1\n\\two", LABEL_ONE}},
        &family, &err));
    ifm_gauge_set(ifm_gauge_with(family, TEXTS("\"} 1\ninjected_by_value 1\n\\")), 5);
    static const ifm_format formats[] = {IFM_FORMAT_TEXT, IFM_FORMAT_TEXT_1_0_0, IFM_FORMAT_OPENMETRICS};
    for (size_t i = 0; i < IFM_COUNT_OF(formats); i++) {
        char *text = fixture_format(registry, formats[i]);
        CHECK(strstr(text, "\ninjected") == NULL);
        CHECK_CONTAINS(text, "# HELP g one\\ninjected_by_help 1\\n\\\\two\n");
        CHECK_CONTAINS(text, "g{a=\"\\\"} 1\\ninjected_by_value 1\\n\\\\\"} 5\n");
        ifm_free(text);
    }
    ifm_registry_free(registry);
    check_end();
}

/* 3. "%g" and then ".0": le="1e-05.0"; and six digits, so that close bounds became the same. */
static void bounds_are_written_so_that_they_can_be_read(void **state)
{
    (void)state;
    static const double bounds[] = {1e-9, 1e-5, 0.1234567, 0.12345678, 1, 1000001, 1e6 + 2, 1e21};
    ifm_error err;
    ifm_histogram histogram;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_register(registry,
                                &(ifm_histogram_options){.metric = {.name = "h", .help = "H"},
                                                         .bounds = bounds,
                                                         .bound_count = IFM_COUNT_OF(bounds)},
                                &histogram, &err));
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    const char *at = text;
    for (size_t i = 0; i < IFM_COUNT_OF(bounds); i++) {
        char *end = NULL;
        at = strstr(at, "le=\"");
        assert_non_null(at);
        at += strlen("le=\"");
        CHECK_DOUBLE(strtod(at, &end), bounds[i]);
        CHECK_INT(*end, '"');
    }
    CHECK_CONTAINS(text, "le=\"1e-05\"");
    CHECK_CONTAINS(text, "le=\"1.0\"");
    CHECK_CONTAINS(text, "le=\"1.000001e+06\"");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

struct writers {
    ifm_registry *registry;
    ifm_counter_family *family;
    _Atomic bool stop;
};

static void *write_series(void *context)
{
    struct writers *writers = context;
    char value[16];
    for (int i = 0; !atomic_load(&writers->stop); i++) {
        snprintf(value, sizeof value, "%d", i % 5000);
        ifm_counter_inc(ifm_counter_with(writers->family, TEXTS(value)));
        if (i % 5000 == 4999) {
            ifm_counter_clear(writers->family);
        }
    }
    return NULL;
}

static void *scrape_some(void *context)
{
    struct writers *writers = context;
    for (int i = 0; i < 30; i++) {
        char *text = fixture_format(writers->registry, IFM_FORMAT_OPENMETRICS);
        size_t size = strlen(text);
        CHECK(size > 6 && strcmp(text + size - 6, "# EOF\n") == 0);
        ifm_free(text);
    }
    return NULL;
}

/* 4. A scrape walked a list that writers freed, and two scrapes shared one formatter. */
static void two_scrapes_and_a_writer_do_not_meet(void **state)
{
    (void)state;
    ifm_error err;
    struct writers writers = {.registry = fixture_registry(NULL)};
    pthread_t threads[3];
    MUST(ifm_counter_family_register(writers.registry, COUNTER(.name = "c", LABEL_ONE), &writers.family,
                                     &err));
    assert_int_equal(pthread_create(&threads[0], NULL, write_series, &writers), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, scrape_some, &writers), 0);
    assert_int_equal(pthread_create(&threads[2], NULL, scrape_some, &writers), 0);
    pthread_join(threads[1], NULL);
    pthread_join(threads[2], NULL);
    atomic_store(&writers.stop, true);
    pthread_join(threads[0], NULL);
    ifm_registry_free(writers.registry);
    check_end();
}

/* 5. The start time was in ticks since boot; CPU time was a whole number and a gauge. */
static void process_metrics_are_what_their_names_say(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_process_collector_register(registry, &err));
    struct timespec cpu;
    do { /* until CPU time is far from a whole number, to the 10 ms that /proc tells */
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    } while (cpu.tv_nsec < 30000000 || cpu.tv_nsec > 700000000);
    double start = fixture_value(registry, "process_start_time_seconds");
    double used = fixture_value(registry, "process_cpu_seconds_total");
    double now = (double)time(NULL);
    CHECK(start > now - 3600 && start <= now + 1);
    CHECK(used > 0 && used < 3600);
    CHECK(used != (double)(int64_t)used);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# TYPE process_cpu_seconds_total counter\n");
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# TYPE process_start_time_seconds gauge\n");
    ifm_registry_free(registry);
    check_end();
}

/* 6. One object of default buckets, freed by each histogram; names of the caller that were not copied. */
static void histograms_with_default_buckets_go_one_by_one(void **state)
{
    (void)state;
    ifm_error err;
    char name[] = "h0";
    char help[] = "Help.";
    ifm_histogram histograms[3];
    ifm_registry *registry = fixture_registry(NULL);
    for (int i = 0; i < 3; i++) {
        name[1] = (char)('0' + i);
        MUST(ifm_histogram_register(registry,
                                    &(ifm_histogram_options){.metric = {.name = name, .help = help}},
                                    &histograms[i], &err));
    }
    memset(name, 'x', sizeof name - 1);
    memset(help, 'x', sizeof help - 1);
    CHECK(ifm_registry_unregister(registry, "h0"));
    CHECK(ifm_registry_unregister(registry, "h1"));
    ifm_histogram_observe(histograms[2], 0.3);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# HELP h2 Help.\n# TYPE h2 histogram\n");
    CHECK_INT(fixture_value(registry, "h2_bucket{le=\"0.5\"}"), 1);
    ifm_registry_free(registry);
    check_end();
}

/* 7. An observation cost 71 allocations and 31 locks. */
static void an_observation_allocates_nothing(void **state)
{
    (void)state;
    ifm_error err;
    ifm_histogram histogram;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_register(registry, HISTOGRAM(.name = "h"), &histogram, &err));
    size_t before = torture_allocation_count();
    for (int i = 0; i < 1000; i++) {
        ifm_histogram_observe(histogram, 0.001);
    }
    CHECK_INT(torture_allocation_count() - before, 0);
    ifm_registry_free(registry);
    check_end();
}

/* 8. A negative observation was counted in the buckets and then refused by the sum. */
static void a_negative_observation_is_in_count_and_sum(void **state)
{
    (void)state;
    ifm_error err;
    uint64_t count = 0;
    double sum = 0;
    ifm_histogram histogram;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_register(registry, HISTOGRAM(.name = "h"), &histogram, &err));
    ifm_histogram_observe(histogram, -2);
    ifm_histogram_observe(histogram, 0.5);
    CHECK(ifm_histogram_read(histogram, &count, &sum));
    CHECK_INT(count, 2);
    CHECK_DOUBLE(sum, -1.5);
    CHECK_INT(fixture_value(registry, "h_bucket{le=\"0.005\"}"), 1);
    CHECK_INT(fixture_value(registry, "h_bucket{le=\"+Inf\"}"), 2);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "h_sum -1.5\nh_count 2\n");
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_has_a_content_type),
        cmocka_unit_test(hostile_text_cannot_inject_a_metric),
        cmocka_unit_test(bounds_are_written_so_that_they_can_be_read),
        cmocka_unit_test(two_scrapes_and_a_writer_do_not_meet),
        cmocka_unit_test(process_metrics_are_what_their_names_say),
        cmocka_unit_test(histograms_with_default_buckets_go_one_by_one),
        cmocka_unit_test(an_observation_allocates_nothing),
        cmocka_unit_test(a_negative_observation_is_in_count_and_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
