/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/base.h"
#include "promql/kahan.h"

static double sum_of(const double *values, size_t count)
{
    promql_kahan kahan = {0};
    for (size_t i = 0; i < count; i++) {
        promql_kahan_add(&kahan, values[i]);
    }
    return kahan.sum + kahan.rest;
}

static void sums_keep_what_rounding_loses(void **state)
{
    (void)state;
    static const double cancelled[] = {1, 1e100, 1, -1e100};
    CHECK_DOUBLE(sum_of(cancelled, 4), 2);
    promql_kahan tenth = {0};
    for (int i = 0; i < 1000000; i++) {
        promql_kahan_add(&tenth, 0.1);
    }
    CHECK_DOUBLE(tenth.sum + tenth.rest, 100000);
    check_end();
}

static void sums_that_overflow_stay_infinite(void **state)
{
    (void)state;
    static const double values[] = {1.5e308, 1.5e308, 5};
    CHECK_DOUBLE(sum_of(values, 3), INFINITY);
    static const double infinite[] = {1, -INFINITY, 5};
    CHECK_DOUBLE(sum_of(infinite, 3), -INFINITY);
    static const double none[] = {INFINITY, -INFINITY};
    CHECK_DOUBLE(sum_of(none, 2), NAN);
    check_end();
}

static void extremes_are_those_of_go(void **state)
{
    (void)state;
    CHECK_DOUBLE(promql_max(NAN, INFINITY), INFINITY);
    CHECK_DOUBLE(promql_min(-INFINITY, NAN), -INFINITY);
    CHECK_DOUBLE(promql_max(NAN, 1), NAN);
    CHECK_DOUBLE(promql_min(1, NAN), NAN);
    CHECK_DOUBLE(promql_max(-0.0, 0.0), 0.0);
    CHECK_DOUBLE(promql_max(0.0, -0.0), 0.0);
    CHECK_DOUBLE(promql_min(0.0, -0.0), -0.0);
    CHECK_DOUBLE(promql_min(-0.0, 0.0), -0.0);
    CHECK_DOUBLE(promql_max(1, 2), 2);
    CHECK_DOUBLE(promql_min(1, 2), 1);
    check_end();
}

static void logarithms_are_exact_for_powers(void **state)
{
    (void)state;
    for (int i = -1074; i < 1024; i++) {
        CHECK_DOUBLE(promql_log2(ldexp(1, i)), i);
    }
    CHECK_DOUBLE(promql_log10(100), 2);
    CHECK_DOUBLE(promql_log2(0), -INFINITY);
    CHECK_DOUBLE(promql_log2(-1), NAN);
    CHECK_DOUBLE(promql_log2(INFINITY), INFINITY);
    CHECK_DOUBLE(promql_log10(NAN), NAN);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_keep_what_rounding_loses),
        cmocka_unit_test(sums_that_overflow_stay_infinite),
        cmocka_unit_test(extremes_are_those_of_go),
        cmocka_unit_test(logarithms_are_exact_for_powers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
