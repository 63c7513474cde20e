/* SPDX-License-Identifier: Apache-2.0
 *
 * One value by the name of its sample, for the tests of programs.
 */
#include "base/base.h"
#include "torture.h"
#include "unit/metrics/metrics_fixture.h"

#include <math.h>

static ifm_registry *registry_of_samples(void)
{
    ifm_error err;
    ifm_counter_family *counters;
    ifm_histogram histogram;
    ifm_gauge gauge;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_counter_family_register(registry, COUNTER(.name = "requests", LABEL_TWO), &counters, &err));
    ifm_counter_add(ifm_counter_with(counters, TEXTS("GET", "a\"b\\c\n")), 2.5);
    ifm_counter_inc(ifm_counter_with(counters, TEXTS("PUT", "")));
    MUST(ifm_histogram_register(registry, HISTOGRAM(.name = "time"), &histogram, &err));
    ifm_histogram_observe(histogram, 0.3);
    MUST(ifm_gauge_register(registry, GAUGE(.name = "my.gauge"), &gauge, &err));
    ifm_gauge_set(gauge, -7);
    return registry;
}

static void a_sample_is_found_as_the_text_format_writes_it(void **state)
{
    (void)state;
    static const struct {
        const char *sample;
        double want;
    } rows[] = {
        {"requests_total{a=\"GET\",b=\"a\\\"b\\\\c\\n\"}", 2.5},
        {"requests_total{b=\"a\\\"b\\\\c\\n\",a=\"GET\"}", 2.5},
        {"requests_total{ a = \"PUT\" , b = \"\" }", 1},
        {"{\"requests_total\",a=\"PUT\",b=\"\"}", 1},
        {"time_count", 1},
        {"time_sum", 0.3},
        {"time_bucket{le=\"0.25\"}", 0},
        {"time_bucket{le=\"+Inf\"}", 1},
        {"{\"my.gauge\"}", -7},
        {"inferometer_overflow_updates_total", 0},
    };
    ifm_registry *registry = registry_of_samples();
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        double value = NAN;
        if (!ifm_registry_sample(registry, rows[i].sample, &value, &err)) {
            fprintf(stderr, "%s: %s\n", rows[i].sample, err.message);
        }
        CHECK_DOUBLE(value, rows[i].want);
    }
    ifm_registry_free(registry);
    check_end();
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    static const char *const samples[] = {
        "requests",
        "requests_total",
        "requests_total{a=\"GET\"}",
        "requests_total{a=\"DELETE\",b=\"\"}",
        "requests_total{a=\"PUT\",b=\"\",c=\"\"}",
        "time",
        "time_bucket{le=\"0.3\"}",
        "my_gauge",
    };
    ifm_registry *registry = registry_of_samples();
    for (size_t i = 0; i < IFM_COUNT_OF(samples); i++) {
        double value = 5;
        CHECK_REFUSED(ifm_registry_sample(registry, samples[i], &value, &refused), IFM_NOT_FOUND,
                      "the registry does not expose it");
        CHECK_DOUBLE(value, 5);
    }
    ifm_registry_free(registry);
    check_end();
}

static void what_is_no_sample_is_refused(void **state)
{
    (void)state;
    static const char *const samples[] = {
        "",   "# HELP x y", "x{",        "x{a}", "x{a=\"1\"",     "x{a=1}",
        "9x", "x y",        "{a=\"1\"}", "\n",   "x{a=\"\xff\"}", "x{a=\"1\",a=\"2\"}",
    };
    ifm_registry *registry = registry_of_samples();
    for (size_t i = 0; i < IFM_COUNT_OF(samples); i++) {
        double value = 5;
        CHECK_REFUSED(ifm_registry_sample(registry, samples[i], &value, &refused), IFM_INVALID,
                      "cannot look up sample");
    }
    ifm_registry_free(registry);
    check_end();
}

static bool look_up(void *context, ifm_error *err)
{
    double value;
    return ifm_registry_sample(context, "requests_total{a=\"GET\",b=\"a\\\"b\\\\c\\n\"}", &value, err);
}

static void a_look_up_fails_whole_when_memory_is_out(void **state)
{
    (void)state;
    ifm_registry *registry = registry_of_samples();
    CHECK(torture_allocations(look_up, registry, TORTURE_MUST_FAIL) > 5);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_found_as_the_text_format_writes_it),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(what_is_no_sample_is_refused),
        cmocka_unit_test(a_look_up_fails_whole_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
