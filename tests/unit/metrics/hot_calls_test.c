/* SPDX-License-Identifier: Apache-2.0
 *
 * Updates allocate nothing: not the first on a thread, not the one that collides with another thread's,
 * not one through a removed handle or into an overflow series.
 */
#include "base/base.h"
#include "torture.h"
#include "unit/metrics/metrics_fixture.h"

#include <pthread.h>

enum { UPDATES = 1000 };

struct handles {
    ifm_registry *registry;
    ifm_counter_family *family;
    ifm_counter counters[3]; /* live, removed, overflow */
    ifm_gauge gauge;
    ifm_histogram classic;
    ifm_histogram native;
    ifm_summary summary;
    ifm_state_set states;
    size_t allocations; /* of a thread that updates */
};

static void handles_init(struct handles *handles)
{
    static const double quantiles[] = {0.5, 0.9};
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    *handles = (struct handles){.registry = registry};
    MUST(ifm_counter_family_register(registry,
                                     &(ifm_counter_options){.metric = {.name = "c", .help = "H", LABEL_ONE},
                                                            .exemplars = IFM_EXEMPLARS_ON},
                                     &handles->family, &err));
    handles->counters[0] = ifm_counter_with(handles->family, TEXTS("live"));
    handles->counters[1] = ifm_counter_with(handles->family, TEXTS("removed"));
    handles->counters[2] = ifm_counter_with(handles->family, NULL);
    CHECK(ifm_counter_remove(handles->family, TEXTS("removed")));
    MUST(ifm_gauge_register(registry, GAUGE(.name = "g"), &handles->gauge, &err));
    MUST(ifm_histogram_register(
        registry,
        &(ifm_histogram_options){.metric = {.name = "h", .help = "H"}, .exemplars = IFM_EXEMPLARS_ON},
        &handles->classic, &err));
    MUST(ifm_histogram_register(registry,
                                &(ifm_histogram_options){.metric = {.name = "n", .help = "H"},
                                                         .kind = IFM_HISTOGRAM_BOTH,
                                                         .native_buckets_max = 8},
                                &handles->native, &err));
    MUST(ifm_summary_register(registry,
                              &(ifm_summary_options){.metric = {.name = "s", .help = "H"},
                                                     .quantiles = quantiles,
                                                     .quantile_count = 2},
                              &handles->summary, &err));
    MUST(ifm_state_set_register(registry,
                                &(ifm_state_set_options){.metric = {.name = "t", .help = "H"},
                                                         .states = TEXTS("on"),
                                                         .state_count = 1},
                                &handles->states, &err));
}

static void update(const struct handles *handles)
{
    static const char *const live[] = {"live"};
    static const char *const names[] = {"trace"};
    const ifm_exemplar exemplar = {names, live, 1, 0};
    for (int i = 0; i < UPDATES; i++) {
        for (size_t k = 0; k < IFM_COUNT_OF(handles->counters); k++) {
            ifm_counter_inc(handles->counters[k]);
            ifm_counter_add(handles->counters[k], 0.5);
        }
        ifm_counter_inc(ifm_counter_with(handles->family, live)); /* a look-up that finds */
        ifm_counter_add(handles->counters[0], -1);
        ifm_counter_add_exemplar(handles->counters[0], 1, &exemplar);
        ifm_gauge_set(handles->gauge, i);
        ifm_gauge_inc(handles->gauge);
        ifm_gauge_set_to_current_time(handles->gauge);
        ifm_histogram_observe(handles->classic, i * 0.01);
        ifm_histogram_observe_exemplar(handles->classic, i * 0.01, &exemplar);
        ifm_histogram_observe(handles->native, i % 2 == 0 ? i * 1e3 : -1.0 / (i + 1));
        ifm_summary_observe(handles->summary, i);
        ifm_state_set_only(handles->states, 0);
    }
}

static void *update_counted(void *context)
{
    struct handles *handles = context;
    size_t before = torture_allocation_count();
    update(handles);
    handles->allocations = torture_allocation_count() - before;
    return NULL;
}

static void updates_allocate_nothing(void **state)
{
    (void)state;
    struct handles handles;
    handles_init(&handles);
    update_counted(&handles);
    CHECK_INT(handles.allocations, 0);
    CHECK(ifm_counter_value(handles.counters[0]) > 3 * UPDATES);
    ifm_registry_free(handles.registry);
    check_end();
}

/* While this thread owns every cell: attaching, cells of the second thread's own, all without the heap. */
static void the_first_updates_of_another_thread_allocate_nothing(void **state)
{
    (void)state;
    struct handles handles;
    handles_init(&handles);
    update(&handles);
    pthread_t thread;
    handles.allocations = 1;
    assert_int_equal(pthread_create(&thread, NULL, update_counted, &handles), 0);
    pthread_join(thread, NULL);
    CHECK_INT(handles.allocations, 0);
    CHECK_INT(fixture_dropped(handles.registry, "cells"), 0);
    CHECK_DOUBLE(fixture_value(handles.registry, "h_count"), 4 * UPDATES);
    CHECK_DOUBLE(fixture_value(handles.registry, "c_total{a=\"live\"}"), 2 * UPDATES * 3.5);
    ifm_registry_free(handles.registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_allocate_nothing),
        cmocka_unit_test(the_first_updates_of_another_thread_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
