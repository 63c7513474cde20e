/* SPDX-License-Identifier: Apache-2.0
 *
 * Families that go, and what becomes of their memory.
 */
#include "metrics/registry.h"

#include "base/base.h"
#include "torture.h"
#include "unit/metrics/metrics_fixture.h"

enum { CHURN = 1000000 };

static void handles_into_a_family_that_is_gone_are_no_ops(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter;
    ifm_gauge gauge;
    ifm_histogram histogram;
    ifm_summary summary;
    MUST(ifm_counter_register(registry, COUNTER(.name = "c"), &counter, &err));
    MUST(ifm_gauge_register(registry, GAUGE(.name = "g"), &gauge, &err));
    MUST(ifm_histogram_register(registry, HISTOGRAM(.name = "h"), &histogram, &err));
    MUST(ifm_summary_register(registry, SUMMARY(.name = "s"), &summary, &err));
    ifm_counter_inc(counter);
    ifm_histogram_observe(histogram, 1);
    CHECK(ifm_registry_unregister(registry, "c"));
    CHECK(ifm_registry_unregister(registry, "g"));
    CHECK(ifm_registry_unregister(registry, "h"));
    CHECK(ifm_registry_unregister(registry, "s"));
    ifm_counter_inc(counter);
    ifm_counter_add(counter, 2);
    ifm_gauge_set(gauge, 1);
    ifm_histogram_observe(histogram, 1);
    ifm_summary_observe(summary, 1);
    CHECK_INT(fixture_dropped(registry, "removed"), 5);
    CHECK_DOUBLE(ifm_counter_value(counter), 0);
    CHECK_INT(ifm_registry_series_count(registry), 0);
    MUST(ifm_counter_register(registry, COUNTER(.name = "c"), &counter, &err));
    CHECK_DOUBLE(fixture_value(registry, "c_total"), 0);
    ifm_registry_free(registry);
    check_end();
}

static void only_the_family_of_that_name_goes(void **state)
{
    (void)state;
    static const struct {
        bool counter;
        const char *name;
        const char *unregistered;
        bool goes;
    } rows[] = {
        {true, "x", "x", true},
        {true, "x", "x_total", true},
        {true, "x_total", "x", true},
        {true, "x", "x_info", false},
        {true, "x", "x_total_total", false},
        {false, "x", "x", true},
        {false, "x", "x_total", false},
        {false, "x", "x_info", false},
        {false, "x_total", "x_total", true},
        {false, "x_total", "x", false},
        {false, "my.x", "my_x", false},
        {false, "my.x", "my.x", true},
        {true, "my.x", "my.x_total", true},
        {false, "x", "", false},
        {false, "x", "y", false},
        {false, "x", NULL, false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err;
        ifm_counter counter;
        ifm_gauge gauge;
        ifm_registry *registry = fixture_registry(NULL);
        if (rows[i].counter) {
            MUST(ifm_counter_register(registry, COUNTER(.name = rows[i].name), &counter, &err));
        } else {
            MUST(ifm_gauge_register(registry, GAUGE(.name = rows[i].name), &gauge, &err));
        }
        if (ifm_registry_unregister(registry, rows[i].unregistered) != rows[i].goes ||
            ifm_registry_series_count(registry) != !rows[i].goes) {
            fprintf(stderr, "row %zu: \"%s\" by \"%s\"\n", i, rows[i].name, rows[i].unregistered);
            CHECK(false);
        }
        ifm_registry_free(registry);
    }
    check_end();
}

static void a_family_with_its_overflow_series_goes_whole(void **state)
{
    (void)state;
    ifm_error err;
    ifm_histogram_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_family_register(registry, HISTOGRAM(.name = "x", LABEL_ONE, .series_limit = 1),
                                       &family, &err));
    ifm_histogram one = ifm_histogram_with(family, TEXTS("1"));
    ifm_histogram over = ifm_histogram_with(family, TEXTS("2"));
    ifm_histogram_observe(one, 1);
    ifm_histogram_observe(over, 1);
    CHECK(ifm_registry_unregister(registry, "x"));
    ifm_histogram_observe(one, 1);
    ifm_histogram_observe(over, 1);
    CHECK_INT(fixture_dropped(registry, "removed"), 2);
    CHECK_INT(fixture_overflowed(registry), 1);
    CHECK_INT(ifm_registry_series_count(registry), 0);
    CHECK_INT(registry->series_limbo, 0);
    CHECK(registry->dead_families == NULL);
    ifm_registry_free(registry);
    check_end();
}

static size_t slab_bytes_free(const ifm_registry *registry)
{
    size_t count = 0;
    for (const struct ifm_series *series = registry->free_series; series != NULL; series = series->next) {
        count++;
    }
    return count;
}

/* Series of every kind of cell, made, updated and removed over and over. */
static void churn_does_not_grow_memory(void **state)
{
    (void)state;
    ifm_error err;
    char value[16];
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *counters;
    ifm_histogram_family *histograms;
    MUST(ifm_counter_family_register(registry, COUNTER(.name = "c", LABEL_ONE), &counters, &err));
    MUST(ifm_histogram_family_register(registry, HISTOGRAM(.name = "h", LABEL_ONE), &histograms, &err));
    long blocks = 0;
    uint64_t bump = 0;
    size_t series = 0;
    for (int i = 0; i < CHURN / 4; i++) {
        snprintf(value, sizeof value, "%d", i);
        ifm_counter_inc(ifm_counter_with(counters, TEXTS(value)));
        ifm_histogram_observe(ifm_histogram_with(histograms, TEXTS(value)), i);
        CHECK(ifm_counter_remove(counters, TEXTS(value)));
        CHECK(ifm_histogram_remove(histograms, TEXTS(value)));
        if (i == 1000) {
            blocks = torture_block_count();
            bump = atomic_load(&registry->arena.bump);
            series = slab_bytes_free(registry);
        }
    }
    CHECK(torture_block_count() <= blocks + 2); /* a table may be waiting to be freed */
    CHECK_INT(atomic_load(&registry->arena.bump), bump);
    CHECK_INT(slab_bytes_free(registry), series);
    CHECK_INT(registry->series_limbo, 0);
    CHECK_INT(ifm_registry_series_count(registry), 0);
    ifm_registry_free(registry);
    check_end();
}

/* The same with many series alive, so that tables and lists of children are made anew. */
static void churn_among_many_does_not_grow_memory(void **state)
{
    (void)state;
    enum { ALIVE = 1000 };
    ifm_error err;
    char value[16];
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family;
    MUST(ifm_counter_family_register(registry, COUNTER(.name = "c", LABEL_ONE), &family, &err));
    long blocks = 0;
    for (int i = 0; i < 20 * ALIVE; i++) {
        snprintf(value, sizeof value, "%d", i);
        ifm_counter_inc(ifm_counter_with(family, TEXTS(value)));
        if (i >= ALIVE) {
            snprintf(value, sizeof value, "%d", i - ALIVE);
            CHECK(ifm_counter_remove(family, TEXTS(value)));
        }
        if (i == 4 * ALIVE) {
            blocks = torture_block_count();
        }
    }
    CHECK(torture_block_count() <= blocks + 2);
    CHECK_INT(ifm_registry_series_count(registry), ALIVE);
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    for (int i = 0; i < 21 * ALIVE; i += 7) { /* exposed are those that are alive, once each */
        char sample[40];
        bool alive = i >= 19 * ALIVE && i < 20 * ALIVE;
        snprintf(sample, sizeof sample, "c_total{a=\"%d\"}", i);
        CHECK_INT(fixture_find(text, sample) != NULL, alive);
    }
    int samples = 0;
    for (const char *at = text; (at = strstr(at, "\nc_total{")) != NULL; at++) {
        samples++;
    }
    CHECK_INT(samples, ALIVE);
    ifm_free(text);
    struct ifm_family *inner = (struct ifm_family *)family;
    CHECK(inner->child_capacity <= 4 * ALIVE);
    CHECK(atomic_load(&inner->table)->mask < 8 * ALIVE);
    ifm_registry_free(registry);
    check_end();
}

static void families_that_come_and_go_do_not_grow_memory(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    long blocks = 0;
    uint64_t bump = 0;
    for (int i = 0; i < 20000; i++) {
        ifm_histogram_family *family;
        ifm_summary summary;
        static const double half[] = {0.5};
        MUST(ifm_histogram_family_register(registry, HISTOGRAM(.name = "h", LABEL_ONE), &family, &err));
        ifm_histogram_observe(ifm_histogram_with(family, TEXTS("1")), 1);
        MUST(ifm_summary_register(registry,
                                  &(ifm_summary_options){.metric = {.name = "s", .help = "H"},
                                                         .quantiles = half,
                                                         .quantile_count = 1},
                                  &summary, &err));
        ifm_summary_observe(summary, 1);
        CHECK(ifm_registry_unregister(registry, "h"));
        CHECK(ifm_registry_unregister(registry, "s"));
        if (i == 100) {
            blocks = torture_block_count();
            bump = atomic_load(&registry->arena.bump);
        }
    }
    CHECK_INT(torture_block_count(), blocks);
    CHECK_INT(atomic_load(&registry->arena.bump), bump);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_into_a_family_that_is_gone_are_no_ops),
        cmocka_unit_test(only_the_family_of_that_name_goes),
        cmocka_unit_test(a_family_with_its_overflow_series_goes_whole),
        cmocka_unit_test(churn_does_not_grow_memory),
        cmocka_unit_test(churn_among_many_does_not_grow_memory),
        cmocka_unit_test(families_that_come_and_go_do_not_grow_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
