/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays that are NULL where a count says that there is something in them, as an option left out by a
 * program may be: what the headers promise holds, and nothing crashes.
 */
#include "unit/metrics/metrics_fixture.h"

static void without_names_a_document_has_all(void **state)
{
    (void)state;
    ifm_error err;
    ifm_gauge gauge;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_gauge_register(registry, GAUGE(.name = "g"), &gauge, &err));
    char *text = fixture_expose(registry, &(ifm_expose_options){.names = NULL, .name_count = 2}, NULL);
    CHECK_CONTAINS(text, "\ng 0\n");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static void an_exemplar_without_its_labels_is_left_out(void **state)
{
    (void)state;
    static const char *const texts[] = {"a"};
    static const ifm_exemplar rows[] = {
        {NULL, NULL, 1, 1},
        {texts, NULL, 1, 1},
        {NULL, texts, 1, 1},
    };
    ifm_error err;
    ifm_counter counter;
    ifm_registry *registry = fixture_registry(NULL);
    const ifm_counter_options options = {.metric = {.name = "c", .help = "H"}, .exemplars = IFM_EXEMPLARS_ON};
    MUST(ifm_counter_register(registry, &options, &counter, &err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_counter_add_exemplar(counter, 1, &rows[i]);
    }
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS, "\nc_total 3\n");
    ifm_registry_free(registry);
    check_end();
}

static bool collect_without_arrays(void *context, ifm_collection *out, ifm_error *err)
{
    static const double bounds[] = {1};
    static const uint64_t buckets[] = {1, 2};
    (void)context;
    (void)err;
    ifm_collect_histogram(out, "no_bounds", "H", NULL, NULL, buckets, 1, 1);
    ifm_collect_histogram(out, "no_buckets", "H", NULL, bounds, NULL, 1, 1);
    ifm_collect_histogram(out, "only_infinity", "H", NULL, NULL, buckets, 0, 1);
    return true;
}

static void a_collected_histogram_without_its_arrays_is_left_out(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    const ifm_collector_options options = {.name = "c", .collect = collect_without_arrays};
    MUST(ifm_collector_register(registry, &options, &err));
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK(strstr(text, "no_b") == NULL);
    CHECK_CONTAINS(text, "\nonly_infinity_count 1\n");
    CHECK_CONTAINS(text, "inferometer_collector_failures_total{collector=\"c\"} 1\n");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_names_a_document_has_all),
        cmocka_unit_test(an_exemplar_without_its_labels_is_left_out),
        cmocka_unit_test(a_collected_histogram_without_its_arrays_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
