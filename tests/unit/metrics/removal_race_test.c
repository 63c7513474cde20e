/* SPDX-License-Identifier: Apache-2.0
 *
 * A look-up that meets a removal half-way must yield a handle of a live series: one whose generation is
 * odd would be taken for a match by the fast path of an update (S1 of metrics/series.h).
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_handle_has_the_generation_of_a_removed_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
