/* SPDX-License-Identifier: Apache-2.0
 *
 * Histograms through the public API. Bucket arithmetic has tests of its own: buckets_test.c, native_test.c.
 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

#include <math.h>

static const double BOUNDS[] = {-1, 0, 1, 2.5};

static ifm_histogram histogram_in(ifm_registry *registry, const ifm_histogram_options *options)
{
    ifm_error err;
    ifm_histogram histogram;
    MUST(ifm_histogram_register(registry, options, &histogram, &err));
    return histogram;
}

static ifm_histogram_options options_of(ifm_histogram_kind kind)
{
    return (ifm_histogram_options){
        .metric = {.name = "x", .help = "Help."}, .kind = kind, .bounds = BOUNDS, .bound_count = 4};
}

static void an_observation_lands_in_the_first_bucket_that_holds_it(void **state)
{
    (void)state;
    static const struct {
        double value;
        int buckets[5]; /* cumulative, as they are exposed */
    } rows[] = {
        {-5, {1, 1, 1, 1, 1}},
        {-1, {1, 1, 1, 1, 1}},
        {-0.5, {0, 1, 1, 1, 1}},
        {-0.0, {0, 1, 1, 1, 1}},
        {0, {0, 1, 1, 1, 1}},
        {0x1p-1074, {0, 0, 1, 1, 1}},
        {1, {0, 0, 1, 1, 1}},
        {1.0000000000000002, {0, 0, 0, 1, 1}},
        {2.5, {0, 0, 0, 1, 1}},
        {3, {0, 0, 0, 0, 1}},
        {1e308, {0, 0, 0, 0, 1}},
        {(double)INFINITY, {0, 0, 0, 0, 1}},
        {(double)-INFINITY, {1, 1, 1, 1, 1}},
        {(double)NAN, {0, 0, 0, 0, 1}},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        for (int kind = 0; kind < 2; kind++) {
            char want[300];
            const int *buckets = rows[i].buckets;
            ifm_registry *registry = fixture_registry(NULL);
            ifm_histogram_options options =
                options_of(kind == 0 ? IFM_HISTOGRAM_CLASSIC : IFM_HISTOGRAM_BOTH);
            ifm_histogram_observe(histogram_in(registry, &options), rows[i].value);
            snprintf(want, sizeof want,
                     "x_bucket{le=\"-1.0\"} %d\nx_bucket{le=\"0.0\"} %d\nx_bucket{le=\"1.0\"} %d\n"
                     "x_bucket{le=\"2.5\"} %d\nx_bucket{le=\"+Inf\"} %d\nx_sum ",
                     buckets[0], buckets[1], buckets[2], buckets[3], buckets[4]);
            CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, want);
            CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x_count 1\n");
            ifm_registry_free(registry);
        }
    }
    check_end();
}

static void count_and_sum_are_of_all_observations(void **state)
{
    (void)state;
    static const ifm_histogram_kind kinds[] = {IFM_HISTOGRAM_CLASSIC, IFM_HISTOGRAM_NATIVE,
                                               IFM_HISTOGRAM_BOTH};
    for (size_t k = 0; k < IFM_COUNT_OF(kinds); k++) {
        uint64_t count = 0;
        double sum = 0;
        ifm_registry *registry = fixture_registry(NULL);
        ifm_histogram_options options = options_of(kinds[k]);
        ifm_histogram histogram = histogram_in(registry, &options);
        CHECK(ifm_histogram_read(histogram, &count, &sum));
        CHECK_INT(count, 0);
        for (int i = 0; i < 1000; i++) {
            ifm_histogram_observe(histogram, i % 7 - 3);
        }
        CHECK(ifm_histogram_read(histogram, &count, &sum));
        CHECK_INT(count, 1000);
        CHECK_DOUBLE(sum, -3); /* 142 rounds of 0, and -3 -2 -1 0 1 2 */
        CHECK_INT(fixture_value(registry, "x_count"), 1000);
        CHECK_INT(fixture_value(registry, "x_bucket{le=\"+Inf\"}"), 1000);
        ifm_histogram_observe(histogram, NAN);
        CHECK(ifm_histogram_read(histogram, &count, &sum));
        CHECK_INT(count, 1001);
        CHECK_DOUBLE(sum, NAN);
        ifm_registry_free(registry);
    }
    check_end();
}

static void reading_again_and_again_loses_nothing(void **state)
{
    (void)state;
    uint64_t count = 0;
    double sum = 0;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_histogram_options options = options_of(IFM_HISTOGRAM_BOTH);
    ifm_histogram histogram = histogram_in(registry, &options);
    for (int i = 1; i <= 200; i++) { /* each read makes the next observation change banks */
        ifm_histogram_observe(histogram, 1);
        CHECK(ifm_histogram_read(histogram, &count, &sum));
        CHECK_INT(count, i);
        CHECK_DOUBLE(sum, i);
        if (i % 3 == 0) {
            CHECK(ifm_histogram_read(histogram, &count, &sum));
            CHECK_INT(count, i);
        }
    }
    ifm_registry_free(registry);
    check_end();
}

static void bounds_are_prometheus_defaults_when_none_are_given(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    histogram_in(registry, HISTOGRAM(.name = "x"));
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT,
                  "# TYPE x histogram\nx_bucket{le=\"0.005\"} 0\nx_bucket{le=\"0.01\"} 0\n"
                  "x_bucket{le=\"0.025\"} 0\nx_bucket{le=\"0.05\"} 0\nx_bucket{le=\"0.1\"} 0\n"
                  "x_bucket{le=\"0.25\"} 0\nx_bucket{le=\"0.5\"} 0\nx_bucket{le=\"1.0\"} 0\n"
                  "x_bucket{le=\"2.5\"} 0\nx_bucket{le=\"5.0\"} 0\nx_bucket{le=\"10.0\"} 0\n"
                  "x_bucket{le=\"+Inf\"} 0\nx_sum 0\nx_count 0\n");
    ifm_registry_free(registry);
    check_end();
}

static void only_infinity_is_left_without_bounds_or_native(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_histogram_options options = options_of(IFM_HISTOGRAM_NATIVE);
    ifm_histogram_observe(histogram_in(registry, &options), 2);
    options = options_of(IFM_HISTOGRAM_CLASSIC);
    options.metric.name = "y";
    options.bound_count = 0;
    ifm_histogram_observe(histogram_in(registry, &options), 3);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT,
                  "# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\n");
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT,
                  "# TYPE y histogram\ny_bucket{le=\"+Inf\"} 1\ny_sum 3\ny_count 1\n");
    ifm_registry_free(registry);
    check_end();
}

static void bounds_are_copied(void **state)
{
    (void)state;
    double bounds[] = {1, 2};
    ifm_registry *registry = fixture_registry(NULL);
    ifm_histogram_options options = options_of(IFM_HISTOGRAM_CLASSIC);
    options.bounds = bounds;
    options.bound_count = 2;
    ifm_histogram histogram = histogram_in(registry, &options);
    bounds[0] = bounds[1] = -7;
    ifm_histogram_observe(histogram, 1.5);
    CHECK_INT(fixture_value(registry, "x_bucket{le=\"1.0\"}"), 0);
    CHECK_INT(fixture_value(registry, "x_bucket{le=\"2.0\"}"), 1);
    ifm_registry_free(registry);
    check_end();
}

static void options_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const double falling[] = {2, 1};
    static const double infinite[] = {1, (double)INFINITY};
    static const ifm_metric_options metric = {.name = "x", .help = "Help."};
    static const struct {
        ifm_histogram_options options;
        const char *want;
    } rows[] = {
        {{.bounds = falling, .bound_count = 2}, "cannot register metric \"x\": cannot use bucket bounds: 1"},
        {{.bounds = infinite, .bound_count = 2}, "hint: leave it out"},
        {{.kind = IFM_HISTOGRAM_NATIVE, .native_factor = 1}, "factor 1: it has to be above 1"},
        {{.kind = IFM_HISTOGRAM_BOTH, .native_factor = 0.9}, "factor 0.9"},
        {{.kind = IFM_HISTOGRAM_NATIVE, .native_buckets_max = 7}, "cannot keep 7 native buckets"},
        {{.kind = IFM_HISTOGRAM_NATIVE, .native_buckets_max = 4097}, "cannot keep 4097 native buckets"},
        {{.kind = IFM_HISTOGRAM_NATIVE, .native_zero_threshold = -1}, "zero threshold -1"},
    };
    ifm_registry *registry = fixture_registry(NULL);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_histogram histogram;
        ifm_histogram_options options = rows[i].options;
        options.metric = metric;
        CHECK_REFUSED(ifm_histogram_register(registry, &options, &histogram, &refused), IFM_INVALID,
                      rows[i].want);
    }
    CHECK_INT(ifm_registry_series_count(registry), 0);
    ifm_registry_free(registry);
    check_end();
}

static void a_zeroed_handle_is_a_no_op(void **state)
{
    (void)state;
    uint64_t count = 7;
    double sum = 8;
    ifm_histogram none = {0};
    ifm_histogram_observe(none, 1);
    ifm_histogram_observe_exemplar(none, 1, &(ifm_exemplar){0});
    CHECK(!ifm_histogram_read(none, &count, &sum));
    CHECK_INT(count, 7);
    CHECK_DOUBLE(sum, 8);
    check_end();
}

static void each_update_of_a_removed_histogram_is_counted_once(void **state)
{
    (void)state;
    ifm_error err;
    ifm_histogram_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_family_register(registry, HISTOGRAM(.name = "x", LABEL_ONE), &family, &err));
    ifm_histogram histogram = ifm_histogram_with(family, TEXTS("1"));
    ifm_histogram_observe(histogram, 5);
    CHECK(ifm_histogram_remove(family, TEXTS("1")));
    uint64_t count = 0;
    double sum = 0;
    ifm_histogram_observe(histogram, 5);
    ifm_histogram_observe_exemplar(histogram, 5, &(ifm_exemplar){0});
    CHECK(!ifm_histogram_read(histogram, &count, &sum));
    CHECK_INT(fixture_dropped(registry, "removed"), 2);
    histogram = ifm_histogram_with(family, TEXTS("1"));
    CHECK(ifm_histogram_read(histogram, &count, &sum));
    CHECK_INT(count, 0);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_observation_lands_in_the_first_bucket_that_holds_it),
        cmocka_unit_test(count_and_sum_are_of_all_observations),
        cmocka_unit_test(reading_again_and_again_loses_nothing),
        cmocka_unit_test(bounds_are_prometheus_defaults_when_none_are_given),
        cmocka_unit_test(only_infinity_is_left_without_bounds_or_native),
        cmocka_unit_test(bounds_are_copied),
        cmocka_unit_test(options_that_cannot_be_used_are_refused),
        cmocka_unit_test(a_zeroed_handle_is_a_no_op),
        cmocka_unit_test(each_update_of_a_removed_histogram_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
