/* SPDX-License-Identifier: Apache-2.0
 *
 * What a registry says about itself.
 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

static void every_self_metric_is_there_from_the_beginning(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    static const char *const reasons[] = {"removed", "negative", "cells"};
    for (size_t i = 0; i < IFM_COUNT_OF(reasons); i++) {
        CHECK_INT(fixture_dropped(registry, reasons[i]), 0);
    }
    CHECK_INT(fixture_overflowed(registry), 0);
    CHECK_INT(fixture_value(registry, "inferometer_skipped_series_total"), 0);
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK(strstr(text, "collector") == NULL); /* there is none */
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static void self_metrics_can_be_left_out(void **state)
{
    (void)state;
    ifm_error err;
    ifm_counter counter;
    ifm_registry *registry = fixture_registry(&(ifm_registry_options){.self_metrics = IFM_SELF_METRICS_OMIT});
    MUST(ifm_counter_register(registry, COUNTER(.name = "x"), &counter, &err));
    ifm_counter_add(counter, -1);
    char *text = fixture_format(registry, IFM_FORMAT_OPENMETRICS);
    CHECK_TEXT(text, "# TYPE x counter\n# HELP x Help.\nx_total 0\n# EOF\n");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static void registries_count_for_themselves(void **state)
{
    (void)state;
    ifm_error err;
    ifm_counter counter;
    ifm_registry *one = fixture_registry(NULL);
    ifm_registry *two = fixture_registry(NULL);
    MUST(ifm_counter_register(one, COUNTER(.name = "x"), &counter, &err));
    ifm_counter_add(counter, -1);
    CHECK_INT(fixture_dropped(one, "negative"), 1);
    CHECK_INT(fixture_dropped(two, "negative"), 0);
    CHECK_INT(fixture_value(two, "x_total"), -1);
    ifm_registry_free(one);
    ifm_registry_free(two);
    check_end();
}

static void live_series_are_counted(void **state)
{
    (void)state;
    ifm_error err;
    ifm_gauge gauge;
    ifm_counter_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    size_t empty = ifm_registry_series_count(registry);
    MUST(ifm_gauge_register(registry, GAUGE(.name = "g"), &gauge, &err));
    CHECK_INT(ifm_registry_series_count(registry) - empty, 1);
    MUST(ifm_counter_family_register(registry, COUNTER(.name = "x", LABEL_ONE), &family, &err));
    size_t before = ifm_registry_series_count(registry);
    for (int i = 0; i < 3; i++) {
        ifm_counter_with(family, TEXTS("1"));
        ifm_counter_with(family, TEXTS("2"));
    }
    CHECK_INT(ifm_registry_series_count(registry) - before, 2);
    CHECK(ifm_counter_remove(family, TEXTS("1")));
    CHECK_INT(ifm_registry_series_count(registry) - before, 1);
    CHECK(ifm_registry_unregister(registry, "x"));
    CHECK(ifm_registry_unregister(registry, "g"));
    CHECK_INT(ifm_registry_series_count(registry), empty);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_self_metric_is_there_from_the_beginning),
        cmocka_unit_test(self_metrics_can_be_left_out),
        cmocka_unit_test(registries_count_for_themselves),
        cmocka_unit_test(live_series_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
