/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

#include <math.h>

static ifm_counter counter_in(ifm_registry *registry)
{
    ifm_error err;
    ifm_counter counter;
    MUST(ifm_counter_register(registry, COUNTER(.name = "x"), &counter, &err));
    return counter;
}

static void a_counter_without_labels_is_exposed_at_zero(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = counter_in(registry);
    CHECK_DOUBLE(ifm_counter_value(counter), 0);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# HELP x_total Help.\n# TYPE x_total counter\nx_total 0\n");
    ifm_registry_free(registry);
    check_end();
}

static void amounts_add_up(void **state)
{
    (void)state;
    static const struct {
        double amounts[4];
        double want;
        const char *why;
    } rows[] = {
        {{1, 2, 3, 4}, 10, "integers"},
        {{0.5, 0.25, 1, 0}, 1.75, "fractions"},
        {{0.1, 0.2, 0, 0}, 0.1 + 0.2, "as doubles add up"},
        {{0, -0.0, 0, 0}, 0, "zeros of both signs"},
        {{0x1p53, 1, 1, 0}, 0x1p53 + 2, "beyond 2^53 by ones"},
        {{0x1p53, 1, 1, 2}, 0x1p53 + 4, "beyond 2^53, exact"},
        {{0x1p32, 0x1p32 - 1, 1, 0}, 0x1p33, "around the largest amount that is kept as an integer"},
        {{0x1p63, 0x1p63, 0x1p63, 0}, 0x1.8p64, "beyond 2^64"},
        {{1e300, 1e300, 0, 0}, 2e300, "large"},
        {{0x1p-1074, 0, 0, 0}, 0x1p-1074, "tiny"},
        {{(double)INFINITY, 1, 0, 0}, (double)INFINITY, "infinite"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_registry *registry = fixture_registry(NULL);
        ifm_counter counter = counter_in(registry);
        for (size_t k = 0; k < 4; k++) {
            ifm_counter_add(counter, rows[i].amounts[k]);
        }
        CHECK_DOUBLE(ifm_counter_value(counter), rows[i].want);
        CHECK_DOUBLE(fixture_value(registry, "x_total"), rows[i].want);
        CHECK_INT(fixture_dropped(registry, "negative"), 0);
        ifm_registry_free(registry);
    }
    check_end();
}

/* A double alone would stand still at 2^53 and ignore what is added by ones. */
static void counting_by_one_goes_on_beyond_2_to_the_53(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = counter_in(registry);
    ifm_counter_add(counter, 0x1p53);
    for (int i = 0; i < 1000; i++) {
        ifm_counter_inc(counter);
    }
    CHECK_DOUBLE(ifm_counter_value(counter), 0x1p53 + 1000);
    ifm_registry_free(registry);
    check_end();
}

static void a_counter_never_goes_down(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = counter_in(registry);
    double before = 0;
    bool down = false;
    for (int i = 0; i < 5000; i++) { /* an integer of 64 bits would begin anew at the 2048th */
        ifm_counter_add(counter, 0x1.fffffffffffffp52);
        ifm_counter_add(counter, 0x1p32 - 1);
        down = down || ifm_counter_value(counter) < before;
        before = ifm_counter_value(counter);
    }
    CHECK(!down);
    CHECK(before > 4e19);
    ifm_registry_free(registry);
    check_end();
}

static void what_would_make_it_go_down_is_dropped_and_counted(void **state)
{
    (void)state;
    static const double refused[] = {-1, -1e-300, (double)NAN, (double)-INFINITY, -0x1p-1074};
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = counter_in(registry);
    ifm_counter_add(counter, 3);
    for (size_t i = 0; i < IFM_COUNT_OF(refused); i++) {
        ifm_counter_add(counter, refused[i]);
        ifm_counter_add_exemplar(counter, refused[i], &(ifm_exemplar){0});
        CHECK_DOUBLE(ifm_counter_value(counter), 3);
    }
    CHECK_INT(fixture_dropped(registry, "negative"), 2 * IFM_COUNT_OF(refused));
    CHECK_INT(fixture_dropped(registry, "removed"), 0);
    ifm_registry_free(registry);
    check_end();
}

static void a_zeroed_handle_is_a_no_op(void **state)
{
    (void)state;
    ifm_counter none = {0};
    ifm_counter_inc(none);
    ifm_counter_add(none, 1);
    ifm_counter_add(none, -1);
    ifm_counter_add_exemplar(none, 1, &(ifm_exemplar){0});
    CHECK_DOUBLE(ifm_counter_value(none), 0);
    CHECK_DOUBLE(ifm_counter_value(ifm_counter_with(NULL, NULL)), 0);
    CHECK(!ifm_counter_remove(NULL, NULL));
    ifm_counter_clear(NULL);
    check_end();
}

static void a_suffix_that_was_given_is_the_one_on_the_wire(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter with;
    ifm_counter without;
    MUST(ifm_counter_register(registry, COUNTER(.name = "x_total"), &with, &err));
    MUST(ifm_counter_register(registry, COUNTER(.name = "x"), &without, &err));
    ifm_counter_inc(with);
    ifm_counter_inc(without);
    CHECK_DOUBLE(fixture_value(registry, "x_total"), 2);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_without_labels_is_exposed_at_zero),
        cmocka_unit_test(amounts_add_up),
        cmocka_unit_test(counting_by_one_goes_on_beyond_2_to_the_53),
        cmocka_unit_test(a_counter_never_goes_down),
        cmocka_unit_test(what_would_make_it_go_down_is_dropped_and_counted),
        cmocka_unit_test(a_zeroed_handle_is_a_no_op),
        cmocka_unit_test(a_suffix_that_was_given_is_the_one_on_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
