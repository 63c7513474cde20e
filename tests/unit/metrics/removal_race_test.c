/* SPDX-License-Identifier: Apache-2.0
 *
 * A look-up that meets a removal half-way must yield a handle of a live series: one whose generation is
 * odd would be taken for a match by the fast path of an update (S1 of metrics/series.h). And registering a
 * metric may meet that another thread unregisters it.
 */
#include "check.h"

#include <inferometer/metrics.h>
#include <pthread.h>
#include <stdatomic.h>

struct race {
    ifm_counter_family *family;
    _Atomic bool stop;
};

static const char *const value[] = {"v"};

static void *remover(void *argument)
{
    struct race *race = argument;
    while (!atomic_load(&race->stop)) {
        ifm_counter_with(race->family, value);
        ifm_counter_remove(race->family, value);
    }
    return NULL;
}

static void no_handle_has_the_generation_of_a_removed_series(void **unused)
{
    (void)unused;
    static const char *const labels[] = {"l"};
    ifm_error err;
    struct race race = {0};
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    assert_non_null(registry);
    ifm_counter_options options = {.metric = {"c", "C.", NULL, labels, 1, 0}};
    assert_true(ifm_counter_family_register(registry, &options, &race.family, &err));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, remover, &race), 0);
    int odd = 0;
    for (int i = 0; i < 1000000; i++) {
        odd += (int)(ifm_counter_with(race.family, value).generation & 1);
    }
    atomic_store(&race.stop, true);
    pthread_join(thread, NULL);
    CHECK_INT(odd, 0);
    ifm_registry_free(registry);
    check_end();
}

struct unregistering {
    ifm_registry *registry;
    _Atomic bool stop;
};

static void *unregisterer(void *argument)
{
    struct unregistering *race = argument;
    while (!atomic_load(&race->stop)) {
        ifm_registry_unregister(race->registry, "m");
    }
    return NULL;
}

/* Registers "m" as a metric of that kind; the generation of its handle, 0 when it is refused. */
static uint64_t register_some_kind(ifm_registry *registry, int kind, ifm_error *err)
{
    static const char *const states[] = {"on"};
    const ifm_metric_options metric = {.name = "m", .help = "M."};
    ifm_counter counter = {.generation = 1};
    ifm_gauge gauge = {.generation = 1};
    ifm_histogram histogram = {.generation = 1};
    ifm_summary summary = {.generation = 1};
    ifm_state_set set = {.generation = 1};
    switch (kind) {
    case 0:
        return ifm_counter_register(registry, &(ifm_counter_options){metric, IFM_EXEMPLARS_OFF}, &counter,
                                    err)
                   ? counter.generation
                   : 0;
    case 1:
        return ifm_gauge_register(registry, &(ifm_gauge_options){metric, IFM_GAUGE_ANY}, &gauge, err)
                   ? gauge.generation
                   : 0;
    case 2:
        return ifm_histogram_register(registry, &(ifm_histogram_options){.metric = metric}, &histogram, err)
                   ? histogram.generation
                   : 0;
    case 3:
        return ifm_summary_register(registry, &(ifm_summary_options){.metric = metric}, &summary, err)
                   ? summary.generation
                   : 0;
    default:
        return ifm_state_set_register(registry, &(ifm_state_set_options){metric, states, 1}, &set, err)
                   ? set.generation
                   : 0;
    }
}

/* The handle is taken together with the family, which may be freed at once. A kind that finds the name still
 * taken by the kind before it is refused, which is no matter here. */
static void a_metric_may_be_unregistered_while_it_is_registered(void **unused)
{
    (void)unused;
    ifm_error err;
    struct unregistering race = {.registry = ifm_registry_new(NULL, &err)};
    assert_non_null(race.registry);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, unregisterer, &race), 0);
    int odd = 0;
    for (int i = 0; i < 100000; i++) {
        odd += (int)(register_some_kind(race.registry, i / 1000 % 5, &err) & 1);
    }
    atomic_store(&race.stop, true);
    pthread_join(thread, NULL);
    CHECK_INT(odd, 0);
    ifm_registry_free(race.registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_handle_has_the_generation_of_a_removed_series),
        cmocka_unit_test(a_metric_may_be_unregistered_while_it_is_registered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
