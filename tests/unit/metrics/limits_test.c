/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits that only much of something reaches, each at n - 1, n and n + 1; and the one of time: a thread that
 * stands still in the middle of an observation.
 */
#include "base/base.h"
#include "metrics/registry.h"
#include "unit/metrics/metrics_fixture.h"

static bool collect_nothing(void *context, ifm_collection *out, ifm_error *err)
{
    (void)context;
    (void)out;
    (void)err;
    return true;
}

static bool collect_families(void *context, ifm_collection *out, ifm_error *err)
{
    (void)err;
    char name[32];
    for (int i = 0; i < *(const int *)context; i++) {
        snprintf(name, sizeof name, "made_%d", i);
        ifm_collect_family(
            out, &(ifm_collected_family){.name = name, .help = "Help.", .type = IFM_COLLECTED_GAUGE});
        ifm_collect_sample(out, NULL, i);
    }
    return true;
}

static void collectors_of_a_registry_are_limited(void **state)
{
    (void)state;
    ifm_error err;
    char name[32];
    ifm_registry *registry = fixture_registry(NULL);
    ifm_collector_options options = {.name = name, .collect = collect_nothing};
    for (int i = 0; i < IFM_COLLECTORS_MAX; i++) {
        snprintf(name, sizeof name, "collector-%d", i);
        MUST(ifm_collector_register(registry, &options, &err));
    }
    snprintf(name, sizeof name, "one too many");
    CHECK_REFUSED(ifm_collector_register(registry, &options, &refused), IFM_LIMIT, "the limit is 1000");
    CHECK(ifm_registry_unregister(registry, "collector-7"));
    MUST(ifm_collector_register(registry, &options, &err));
    ifm_registry_free(registry);
    check_end();
}

static void collected_families_are_limited(void **state)
{
    (void)state;
    static const struct {
        int families;
        double failures;
        bool last; /* whether the last family is there */
    } rows[] = {
        {IFM_COLLECTED_FAMILIES_MAX - 1, 0, true},
        {IFM_COLLECTED_FAMILIES_MAX, 0, true},
        {IFM_COLLECTED_FAMILIES_MAX + 1, 1, false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err;
        char last[32];
        int families = rows[i].families;
        ifm_registry *registry = fixture_registry(NULL);
        MUST(ifm_collector_register(
            registry,
            &(ifm_collector_options){.name = "many", .collect = collect_families, .context = &families},
            &err));
        char *text = fixture_format(registry, IFM_FORMAT_TEXT);
        snprintf(last, sizeof last, "made_%d", families - 1);
        CHECK((fixture_find(text, last) != NULL) == rows[i].last);
        const char *failures = fixture_find(text, "inferometer_collector_failures_total{collector=\"many\"}");
        assert_non_null(failures);
        CHECK_DOUBLE(strtod(failures, NULL), rows[i].failures);
        ifm_free(text);
        ifm_registry_free(registry);
    }
    check_end();
}

/* As a thread leaves it that was stopped between the first and the last store of an observation (H1). */
static void a_series_whose_writer_stands_still_is_left_out_and_counted(void **state)
{
    (void)state;
    ifm_error err;
    ifm_histogram stuck;
    ifm_histogram fine;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_register(registry, HISTOGRAM(.name = "stuck"), &stuck, &err));
    MUST(ifm_histogram_register(registry, HISTOGRAM(.name = "fine"), &fine, &err));
    ifm_histogram_observe(stuck, 1);
    ifm_histogram_observe(fine, 1);
    struct ifm_histogram_cell *cell = stuck.series->cell;
    atomic_fetch_add(&cell->sequence, 1);
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK(fixture_find(text, "stuck_count") == NULL);
    const char *count = fixture_find(text, "fine_count");
    const char *skipped = fixture_find(text, "inferometer_skipped_series_total");
    assert_true(count != NULL && skipped != NULL);
    CHECK_DOUBLE(strtod(count, NULL), 1);
    CHECK_DOUBLE(strtod(skipped, NULL), 1);
    ifm_free(text);
    atomic_fetch_add(&cell->sequence, 1); /* it goes on */
    CHECK_DOUBLE(fixture_value(registry, "stuck_count"), 1);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collectors_of_a_registry_are_limited),
        cmocka_unit_test(collected_families_are_limited),
        cmocka_unit_test(a_series_whose_writer_stands_still_is_left_out_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
