/* SPDX-License-Identifier: Apache-2.0
 *
 * Gauges that are only moved by inc and dec (IFM_GAUGE_INC_DEC): made of cells like counters.
 */
#include "unit/metrics/metrics_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 8, MOVES = 100000 };

struct moving {
    ifm_registry *registry;
    ifm_gauge gauge;
    _Atomic bool stop;
    _Atomic int waiting; /* incs whose dec another thread still has to do */
    int below_zero;
};

static ifm_gauge inc_dec_gauge(ifm_registry *registry)
{
    ifm_error err;
    ifm_gauge gauge;
    ifm_gauge_options options = {.metric = {.name = "open", .help = "Help."}, .updates = IFM_GAUGE_INC_DEC};
    MUST(ifm_gauge_register(registry, &options, &gauge, &err));
    return gauge;
}

static void it_moves_up_and_down(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_gauge gauge = inc_dec_gauge(registry);
    CHECK_DOUBLE(ifm_gauge_value(gauge), 0);
    ifm_gauge_inc(gauge);
    ifm_gauge_inc(gauge);
    ifm_gauge_dec(gauge);
    CHECK_DOUBLE(ifm_gauge_value(gauge), 1);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# HELP open Help.\n# TYPE open gauge\nopen 1\n");
    ifm_gauge_dec(gauge);
    ifm_gauge_dec(gauge);
    CHECK_DOUBLE(ifm_gauge_value(gauge), -1); /* a dec too many is the program's own */
    ifm_registry_free(registry);
    check_end();
}

static void set_and_add_are_dropped_and_counted(void **state)
{
    (void)state;
    double dropped = -1;
    ifm_error err;
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    ifm_gauge gauge = inc_dec_gauge(registry);
    ifm_gauge_inc(gauge);
    ifm_gauge_set(gauge, 7);
    ifm_gauge_add(gauge, 2);
    ifm_gauge_set_to_current_time(gauge);
    CHECK_DOUBLE(ifm_gauge_value(gauge), 1);
    MUST(ifm_registry_sample(registry, "inferometer_dropped_updates_total{reason=\"kind\"}", &dropped, &err));
    CHECK_DOUBLE(dropped, 3);
    ifm_registry_free(registry);
    check_end();
}

static void the_same_name_of_the_other_kind_is_refused(void **state)
{
    (void)state;
    ifm_error err = {0};
    ifm_gauge gauge;
    ifm_registry *registry = fixture_registry(NULL);
    inc_dec_gauge(registry);
    ifm_gauge_options options = {.metric = {.name = "open", .help = "Help."}};
    CHECK(!ifm_gauge_register(registry, &options, &gauge, &err));
    CHECK_INT(err.code, IFM_EXISTS);
    ifm_registry_free(registry);
    check_end();
}

/* Every second thread only does inc, the others do the dec of an inc that they have seen. */
static void *up(void *argument)
{
    struct moving *moving = argument;
    for (int i = 0; i < MOVES; i++) {
        ifm_gauge_inc(moving->gauge);
        atomic_fetch_add_explicit(&moving->waiting, 1, memory_order_release);
    }
    return NULL;
}

static void *down(void *argument)
{
    struct moving *moving = argument;
    for (int done = 0; done < MOVES;) {
        int waiting = atomic_load_explicit(&moving->waiting, memory_order_relaxed);
        if (waiting > 0 &&
            atomic_compare_exchange_weak_explicit(&moving->waiting, &waiting, waiting - 1,
                                                  memory_order_acq_rel, memory_order_relaxed)) {
            ifm_gauge_dec(moving->gauge);
            done++;
        }
    }
    return NULL;
}

static void *reader(void *argument)
{
    struct moving *moving = argument;
    while (!atomic_load(&moving->stop)) {
        moving->below_zero += ifm_gauge_value(moving->gauge) < 0;
    }
    return NULL;
}

static void it_is_exact_and_never_seen_below_zero(void **state)
{
    (void)state;
    pthread_t threads[THREADS], reading;
    static struct moving moving;
    moving.registry = fixture_registry(NULL);
    moving.gauge = inc_dec_gauge(moving.registry);
    assert_int_equal(pthread_create(&reading, NULL, reader, &moving), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, i % 2 == 0 ? up : down, &moving), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    atomic_store(&moving.stop, true);
    pthread_join(reading, NULL);
    CHECK_INT(moving.below_zero, 0);
    CHECK_DOUBLE(ifm_gauge_value(moving.gauge), 0);
    ifm_registry_free(moving.registry);
    check_end();
}

static void a_removed_one_is_a_counted_no_op(void **state)
{
    (void)state;
    static const char *const labels[] = {"l"};
    static const char *const value[] = {"v"};
    double dropped = -1;
    ifm_error err;
    ifm_gauge_family *family;
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    ifm_gauge_options options = {
        .metric = {.name = "open", .help = "H.", .label_names = labels, .label_count = 1},
        .updates = IFM_GAUGE_INC_DEC};
    MUST(ifm_gauge_family_register(registry, &options, &family, &err));
    ifm_gauge old = ifm_gauge_with(family, value);
    ifm_gauge_inc(old);
    CHECK(ifm_gauge_remove(family, value));
    ifm_gauge_dec(old);
    CHECK_DOUBLE(ifm_gauge_value(old), 0);
    CHECK_DOUBLE(ifm_gauge_value(ifm_gauge_with(family, value)), 0);
    MUST(ifm_registry_sample(registry, "inferometer_dropped_updates_total{reason=\"removed\"}", &dropped,
                             &err));
    CHECK_DOUBLE(dropped, 1);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_moves_up_and_down),
        cmocka_unit_test(set_and_add_are_dropped_and_counted),
        cmocka_unit_test(the_same_name_of_the_other_kind_is_refused),
        cmocka_unit_test(it_is_exact_and_never_seen_below_zero),
        cmocka_unit_test(a_removed_one_is_a_counted_no_op),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
