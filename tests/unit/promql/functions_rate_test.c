/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "unit/promql/evaluate.h"

static fake_storage fake;

/* A counter of 1 in a second, of which minute 5 is missing; one that falls to 0 at minute 3; a gauge. */
static int make(void **state)
{
    (void)state;
    fake_init(&fake);
    fake_series *steady = fake_add(&fake, "steady_total", NULL, NULL);
    fake_series *falling = fake_add(&fake, "falling_total", NULL, NULL);
    fake_series *gauge = fake_add(&fake, "gauge", NULL, NULL);
    static const double falls[] = {0, 60, 120, 0, 60, 120};
    static const double heights[] = {10, 4, 7, 7, -3, 5};
    for (int i = 0; i < 6; i++) {
        fake_append(steady, (i < 5 ? i : i + 1) * 60000, 60 * (i < 5 ? i : i + 1));
        fake_append(falling, i * 60000, falls[i]);
        fake_append(gauge, i * 60000, heights[i]);
    }
    return 0;
}

static void rise_is_extended_to_the_ends(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"rate(steady_total[4m])", "{} 0.9999999999999999"}, /* (0, 4]: four samples, the start is near */
        {"increase(steady_total[4m])", "{} 240"},
        {"increase(steady_total[2m] offset 30s)", "{} 120"},
        {"increase(steady_total[1m])", ""},            /* one sample */
        {"increase(steady_total[4m] offset -4m)", ""}, /* (4, 8]: 6 alone */
        {"increase(steady_total[100m])", "{} 240"},    /* not below zero */
        {"increase(falling_total[3m])", "{} 90"},
        {"rate(falling_total[3m])", "{} 0.5"},
        {"irate(falling_total[3m])", "{} 1"},
        {"irate(falling_total[2m] offset 1m)", "{} 0"}, /* it fell to 0 */
        {"resets(falling_total[10m])", "{} 1"},
        {"changes(falling_total[10m])", "{} 4"},
    };
    evaluate_rows(&fake, 240000, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void gauges_may_fall(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"delta(gauge[5m])", "{} 1.25"}, /* 4, 7, 7, -3, 5: 1 in four minutes */
        {"idelta(gauge[5m])", "{} 8"},
        {"changes(gauge[5m])", "{} 3"},
        {"resets(gauge[5m])", "{} 1"},
    };
    evaluate_rows(&fake, 300000, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void anchored_and_smoothed_ranges_are_not_extended(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"increase(steady_total[4m] anchored)", "{} 240"}, /* from 0:30 back to 0, up to 4 */
        {"increase(steady_total[3m] smoothed)", "{} 180"},
        {"rate(steady_total[3m] smoothed)", "{} 1"},
        {"increase(falling_total[3m] anchored)", "{} 120"},
        {"delta(gauge[1m] smoothed)", "{} -1"}, /* from 7 to 2 */
        {"changes(gauge[1m] anchored)", "{} 1"},
        {"resets(gauge[1m] anchored)", "{} 1"},
    };
    evaluate_rows(&fake, 270000, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void names_that_no_counter_has_are_noted(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"rate(gauge[5m])",
         "{} 0.03333333333333333 ! PromQL info: metric might not be a counter, name does not end in "
         "_total/_sum/_count/_bucket: \"gauge\" (1:6)"},
    };
    evaluate_rows(&fake, 300000, rows, IFM_COUNT_OF(rows));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rise_is_extended_to_the_ends),
        cmocka_unit_test(gauges_may_fall),
        cmocka_unit_test(anchored_and_smoothed_ranges_are_not_extended),
        cmocka_unit_test(names_that_no_counter_has_are_noted),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
