/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

static ifm_info_family *info_in(ifm_registry *registry, const char *name)
{
    ifm_error err;
    ifm_info_family *family;
    MUST(ifm_info_register(registry, &(ifm_metric_options){.name = name, .help = "Help.", LABEL_ONE}, &family,
                           &err));
    return family;
}

static void an_info_is_its_labels_with_the_value_one(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_info_family *family = info_in(registry, "x");
    ifm_info_set(family, TEXTS("1"));
    ifm_info_set(family, TEXTS("1"));
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# TYPE x_info gauge\nx_info{a=\"1\"} 1\n");
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS, "# TYPE x info\n# HELP x Help.\nx_info{a=\"1\"} 1\n");
    ifm_info_set(family, TEXTS("2"));
    CHECK(ifm_info_remove(family, TEXTS("1")));
    CHECK(!ifm_info_remove(family, TEXTS("1")));
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# TYPE x_info gauge\nx_info{a=\"2\"} 1\n");
    ifm_info_clear(family);
    CHECK_INT(fixture_value(registry, "x_info{a=\"2\"}"), -1);
    ifm_registry_free(registry);
    check_end();
}

static void a_suffix_that_was_given_is_the_one_on_the_wire(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    CHECK(info_in(registry, "x_info") == info_in(registry, "x"));
    ifm_registry_free(registry);
    check_end();
}

static void an_info_without_labels_or_with_a_unit_is_refused(void **state)
{
    (void)state;
    ifm_info_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_metric_options bare = {.name = "x", .help = "Help."};
    ifm_metric_options unit = {.name = "x_seconds", .help = "Help.", .unit = "seconds", LABEL_ONE};
    CHECK_REFUSED(ifm_info_register(registry, &bare, &family, &refused), IFM_INVALID,
                  "info \"x\": it has no labels");
    CHECK_REFUSED(ifm_info_register(registry, &unit, &family, &refused), IFM_INVALID,
                  "an info has no unit, but \"seconds\" is given");
    bare.name = NULL;
    CHECK_REFUSED(ifm_info_register(registry, &bare, &family, &refused), IFM_INVALID, "info \"\"");
    ifm_registry_free(registry);
    check_end();
}

static void beyond_the_limit_an_info_is_counted_as_overflow(void **state)
{
    (void)state;
    ifm_error err;
    ifm_info_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_info_register(registry,
                           &(ifm_metric_options){.name = "x", .help = "H", LABEL_ONE, .series_limit = 1},
                           &family, &err));
    ifm_info_set(family, TEXTS("1"));
    CHECK_INT(fixture_overflowed(registry), 0);
    ifm_info_set(family, TEXTS("2"));
    ifm_info_set(family, NULL);
    CHECK_INT(fixture_overflowed(registry), 2);
    CHECK_INT(fixture_value(registry, "x_info{a=\"_overflow\"}"), 1);
    ifm_info_set(NULL, TEXTS("1"));
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_info_is_its_labels_with_the_value_one),
        cmocka_unit_test(a_suffix_that_was_given_is_the_one_on_the_wire),
        cmocka_unit_test(an_info_without_labels_or_with_a_unit_is_refused),
        cmocka_unit_test(beyond_the_limit_an_info_is_counted_as_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
