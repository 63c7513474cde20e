/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

#include <math.h>
#include <time.h>

static ifm_gauge gauge_in(ifm_registry *registry)
{
    ifm_error err;
    ifm_gauge gauge;
    MUST(ifm_gauge_register(registry, GAUGE(.name = "x"), &gauge, &err));
    return gauge;
}

static void a_gauge_goes_up_and_down(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_gauge gauge = gauge_in(registry);
    CHECK_DOUBLE(ifm_gauge_value(gauge), 0);
    ifm_gauge_inc(gauge);
    ifm_gauge_inc(gauge);
    ifm_gauge_dec(gauge);
    CHECK_DOUBLE(ifm_gauge_value(gauge), 1);
    ifm_gauge_add(gauge, -2.5);
    CHECK_DOUBLE(ifm_gauge_value(gauge), -1.5);
    ifm_gauge_set(gauge, 7);
    CHECK_DOUBLE(ifm_gauge_value(gauge), 7);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "# HELP x Help.\n# TYPE x gauge\nx 7\n");
    ifm_registry_free(registry);
    check_end();
}

static void any_double_can_be_set_and_is_exposed_as_it_is(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *want;
    } rows[] = {
        {0.1, "x 0.1\n"},
        {-0.0, "x -0\n"},
        {1e-5, "x 1e-05\n"},
        {0x1p-1074, "x 5e-324\n"},
        {1.7976931348623157e308, "x 1.7976931348623157e+308\n"},
        {(double)NAN, "x NaN\n"},
        {(double)INFINITY, "x +Inf\n"},
        {(double)-INFINITY, "x -Inf\n"},
    };
    ifm_registry *registry = fixture_registry(NULL);
    ifm_gauge gauge = gauge_in(registry);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_gauge_set(gauge, rows[i].value);
        CHECK_DOUBLE(ifm_gauge_value(gauge), rows[i].value);
        CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, rows[i].want);
    }
    ifm_registry_free(registry);
    check_end();
}

static void current_time_is_in_seconds(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_gauge gauge = gauge_in(registry);
    struct timespec before;
    clock_gettime(CLOCK_REALTIME, &before);
    ifm_gauge_set_to_current_time(gauge);
    CHECK(ifm_gauge_value(gauge) >= (double)before.tv_sec);
    CHECK(ifm_gauge_value(gauge) < (double)before.tv_sec + 60);
    ifm_registry_free(registry);
    check_end();
}

static void a_zeroed_handle_is_a_no_op(void **state)
{
    (void)state;
    ifm_gauge none = {0};
    ifm_gauge_set(none, 1);
    ifm_gauge_inc(none);
    ifm_gauge_dec(none);
    ifm_gauge_add(none, 1);
    ifm_gauge_set_to_current_time(none);
    CHECK_DOUBLE(ifm_gauge_value(none), 0);
    check_end();
}

static void each_update_of_a_removed_gauge_is_counted_once(void **state)
{
    (void)state;
    ifm_error err;
    ifm_gauge_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_gauge_family_register(registry, GAUGE(.name = "x", LABEL_ONE), &family, &err));
    ifm_gauge gauge = ifm_gauge_with(family, TEXTS("1"));
    ifm_gauge_set(gauge, 5);
    CHECK(ifm_gauge_remove(family, TEXTS("1")));
    ifm_gauge_set(gauge, 1);
    ifm_gauge_inc(gauge);
    ifm_gauge_dec(gauge);
    ifm_gauge_add(gauge, 1);
    CHECK_DOUBLE(ifm_gauge_value(gauge), 0);
    CHECK_INT(fixture_dropped(registry, "removed"), 4);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gauge_goes_up_and_down),
        cmocka_unit_test(any_double_can_be_set_and_is_exposed_as_it_is),
        cmocka_unit_test(current_time_is_in_seconds),
        cmocka_unit_test(a_zeroed_handle_is_a_no_op),
        cmocka_unit_test(each_update_of_a_removed_gauge_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
