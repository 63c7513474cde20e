/* SPDX-License-Identifier: Apache-2.0
 *
 * Summaries through the public API. The window and the error bound: sketch_test.c.
 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

#include <math.h>

static const double QUANTILES[] = {0.5, 0.9};

static ifm_summary summary_in(ifm_registry *registry, const ifm_summary_options *options)
{
    ifm_error err;
    ifm_summary summary;
    MUST(ifm_summary_register(registry, options, &summary, &err));
    return summary;
}

static void a_summary_has_no_quantiles_unless_asked(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_summary summary = summary_in(registry, SUMMARY(.name = "x"));
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# TYPE x summary\nx_sum 0\nx_count 0\n");
    ifm_summary_observe(summary, 2.5);
    ifm_summary_observe(summary, -1);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# TYPE x summary\nx_sum 1.5\nx_count 2\n");
    ifm_registry_free(registry);
    check_end();
}

static void a_count_of_quantiles_beside_null_asks_for_none(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    summary_in(registry, &(ifm_summary_options){.metric = {.name = "x", .help = "H"}, .quantile_count = 3});
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# TYPE x summary\nx_sum 0\nx_count 0\n");
    ifm_registry_free(registry);
    check_end();
}

static void quantiles_are_exposed_before_sum_and_count(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_summary summary = summary_in(
        registry, &(ifm_summary_options){
                      .metric = {.name = "x", .help = "Help."}, .quantiles = QUANTILES, .quantile_count = 2});
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT,
                  "x{quantile=\"0.5\"} NaN\nx{quantile=\"0.9\"} NaN\nx_sum 0\nx_count 0\n");
    for (int i = 1; i <= 1000; i++) {
        ifm_summary_observe(summary, i);
    }
    CHECK(fabs(fixture_value(registry, "x{quantile=\"0.5\"}") - 500) <= 0.011 * 500);
    CHECK(fabs(fixture_value(registry, "x{quantile=\"0.9\"}") - 900) <= 0.011 * 900);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x_sum 500500\nx_count 1000\n");
    ifm_registry_free(registry);
    check_end();
}

static void nan_counts_but_is_no_quantile(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_summary summary = summary_in(
        registry, &(ifm_summary_options){
                      .metric = {.name = "x", .help = "Help."}, .quantiles = QUANTILES, .quantile_count = 2});
    ifm_summary_observe(summary, NAN);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT,
                  "x{quantile=\"0.5\"} NaN\nx{quantile=\"0.9\"} NaN\nx_sum NaN\nx_count 1\n");
    ifm_registry_free(registry);
    check_end();
}

static void options_that_cannot_be_used_are_refused_with_the_name(void **state)
{
    (void)state;
    static const double above[] = {1.01};
    ifm_summary summary;
    ifm_registry *registry = fixture_registry(NULL);
    CHECK_REFUSED(ifm_summary_register(registry,
                                       &(ifm_summary_options){.metric = {.name = "x", .help = "Help."},
                                                              .quantiles = above,
                                                              .quantile_count = 1},
                                       &summary, &refused),
                  IFM_INVALID, "cannot register metric \"x\": cannot use quantile 1.01");
    ifm_registry_free(registry);
    check_end();
}

static void each_update_of_a_removed_summary_is_counted_once(void **state)
{
    (void)state;
    ifm_error err;
    ifm_summary_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_summary_family_register(registry,
                                     &(ifm_summary_options){.metric = {.name = "x", .help = "H", LABEL_ONE},
                                                            .quantiles = QUANTILES,
                                                            .quantile_count = 2},
                                     &family, &err));
    ifm_summary summary = ifm_summary_with(family, TEXTS("1"));
    ifm_summary_observe(summary, 1);
    CHECK(ifm_summary_remove(family, TEXTS("1")));
    ifm_summary_observe(summary, 1);
    CHECK_INT(fixture_dropped(registry, "removed"), 1);
    ifm_summary_observe(ifm_summary_with(family, TEXTS("1")), 8);
    CHECK_INT(fixture_value(registry, "x_count{a=\"1\"}"), 1);
    CHECK(fabs(fixture_value(registry, "x{a=\"1\",quantile=\"0.5\"}") - 8) < 0.1);
    ifm_summary_clear(family);
    CHECK_INT(fixture_value(registry, "x_count{a=\"1\"}"), -1);
    ifm_summary_observe((ifm_summary){0}, 1);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_has_no_quantiles_unless_asked),
        cmocka_unit_test(a_count_of_quantiles_beside_null_asks_for_none),
        cmocka_unit_test(quantiles_are_exposed_before_sum_and_count),
        cmocka_unit_test(nan_counts_but_is_no_quantile),
        cmocka_unit_test(options_that_cannot_be_used_are_refused_with_the_name),
        cmocka_unit_test(each_update_of_a_removed_summary_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
