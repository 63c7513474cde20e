/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/base.h"
#include "promql/quantile.h"

#include <math.h>
#include <stdlib.h>

static double quantile_of(double q, const double *counts, const double *bounds, size_t count)
{
    promql_bucket buckets[8];
    promql_monotonicity fixed;
    for (size_t i = 0; i < count; i++) {
        buckets[i] = (promql_bucket){bounds[i], counts[i]};
    }
    return promql_bucket_quantile(q, buckets, count, &fixed);
}

static const double bounds[] = {1, 2, 4, INFINITY};

static void quantile_is_interpolated_in_its_bucket(void **state)
{
    (void)state;
    static const double counts[] = {10, 20, 40, 50};
    CHECK_DOUBLE(quantile_of(0, counts, bounds, 4), 0);
    CHECK_DOUBLE(quantile_of(0.1, counts, bounds, 4), 0.5);
    CHECK_DOUBLE(quantile_of(0.2, counts, bounds, 4), 1);
    CHECK_DOUBLE(quantile_of(0.5, counts, bounds, 4), 2.5);
    CHECK_DOUBLE(quantile_of(0.9, counts, bounds, 4), 4); /* in the last bucket: its lower bound */
    CHECK_DOUBLE(quantile_of(1, counts, bounds, 4), 4);
    check_end();
}

static void quantile_outside_of_its_range_is_infinite(void **state)
{
    (void)state;
    static const double counts[] = {10, 20, 40, 50};
    CHECK_DOUBLE(quantile_of(-0.1, counts, bounds, 4), -INFINITY);
    CHECK_DOUBLE(quantile_of(1.1, counts, bounds, 4), INFINITY);
    CHECK_DOUBLE(quantile_of(NAN, counts, bounds, 4), NAN);
    check_end();
}

static void quantile_of_incomplete_buckets_is_nan(void **state)
{
    (void)state;
    static const double counts[] = {10, 20, 40, 50};
    static const double zeros[] = {0, 0, 0, 0};
    CHECK_DOUBLE(quantile_of(0.5, counts, bounds, 3), NAN);     /* no +Inf */
    CHECK_DOUBLE(quantile_of(0.5, counts, bounds + 3, 1), NAN); /* nothing else */
    CHECK_DOUBLE(quantile_of(0.5, zeros, bounds, 4), NAN);
    check_end();
}

static void lowest_bucket_below_zero_is_its_bound(void **state)
{
    (void)state;
    static const double below[] = {-1, 2, INFINITY};
    static const double counts[] = {10, 20, 20};
    CHECK_DOUBLE(quantile_of(0.1, counts, below, 3), -1);
    CHECK_DOUBLE(quantile_of(0.75, counts, below, 3), 0.5);
    check_end();
}

static void buckets_of_one_bound_are_added(void **state)
{
    (void)state;
    static const double same[] = {1, 1, 2, INFINITY};
    static const double counts[] = {5, 5, 20, 20};
    CHECK_DOUBLE(quantile_of(0.5, counts, same, 4), 1);
    check_end();
}

static void counts_that_fall_are_raised_and_reported(void **state)
{
    (void)state;
    promql_bucket buckets[] = {{0.1, 2}, {1, 1}, {10, 5}, {100, 4}, {1000, 9}, {INFINITY, 8}};
    promql_monotonicity fixed;
    CHECK_DOUBLE(promql_bucket_quantile(0.5, buckets, 6, &fixed), 8.5);
    CHECK(fixed.forced);
    CHECK_DOUBLE(fixed.lowest, 1);
    CHECK_DOUBLE(fixed.highest, INFINITY);
    CHECK_DOUBLE(fixed.fall, 1);

    promql_bucket rounded[] = {{1, 1e3}, {2, 1e3 - 1e-10}, {3, 2e3}, {INFINITY, 2e3 + 1e-10}};
    CHECK_DOUBLE(promql_bucket_quantile(0.75, rounded, 4, &fixed), 2.5);
    CHECK(!fixed.forced); /* differences that rounding makes are none */
    check_end();
}

static void fraction_lies_between_two_values(void **state)
{
    (void)state;
    static const struct {
        double lower, upper, want;
    } rows[] = {
        {0, 1, 0.2}, {-INFINITY, 2, 0.4}, {1.5, 3, 0.3}, {0, INFINITY, 1}, {4, INFINITY, 0.2},   {5, 6, 0},
        {2, 2, 0},   {3, 2, 0},           {NAN, 2, NAN}, {1, NAN, NAN},    {-INFINITY, -1, 0.0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        promql_bucket buckets[] = {{1, 10}, {2, 20}, {4, 40}, {INFINITY, 50}};
        double got = promql_bucket_fraction(rows[i].lower, rows[i].upper, buckets, 4);
        CHECK(isnan(rows[i].want) ? isnan(got) : fabs(got - rows[i].want) < 1e-15);
    }
    promql_bucket open[] = {{1, 10}, {2, 20}};
    CHECK_DOUBLE(promql_bucket_fraction(0, 1, open, 2), NAN);
    promql_bucket empty[] = {{1, 0}, {INFINITY, 0}};
    CHECK_DOUBLE(promql_bucket_fraction(0, 1, empty, 2), NAN);
    check_end();
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    if (isnan(left) || isnan(right)) {
        return isnan(right) - isnan(left);
    }
    return (left > right) - (left < right);
}

/* Selecting gives what sorting gives, whatever the values. */
static void quantile_of_numbers_is_that_of_sorted_ones(void **state)
{
    (void)state;
    enum { MOST = 300 };
    uint64_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        double values[MOST];
        double sorted[MOST];
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        size_t count = 1 + seed % MOST;
        uint64_t kinds = 1 + (seed >> 20) % 50;
        for (size_t i = 0; i < count; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            uint64_t kind = (seed >> 33) % kinds;
            values[i] = kind == 7 ? NAN : kind == 9 ? INFINITY : (double)kind * (round % 2 == 0 ? 1 : -0.5);
        }
        memcpy(sorted, values, count * sizeof *values);
        qsort(sorted, count, sizeof *sorted, compare);
        double q = (double)(seed >> 40 & 1023) / 1023;
        double rank = q * (double)(count - 1);
        double weight = rank - floor(rank);
        double low = sorted[(size_t)floor(rank)];
        size_t above = (size_t)floor(rank) + 1 < count ? (size_t)floor(rank) + 1 : count - 1;
        CHECK_DOUBLE(promql_quantile(q, values, count), low * (1 - weight) + sorted[above] * weight);
        if (check_failures > 0) {
            fprintf(stderr, "    round %d\n", round);
            break;
        }
    }
    check_end();
}

static void quantile_of_no_numbers_is_nan(void **state)
{
    (void)state;
    double values[] = {3, 1, 2};
    CHECK_DOUBLE(promql_quantile(0.5, values, 0), NAN);
    CHECK_DOUBLE(promql_quantile(NAN, values, 3), NAN);
    CHECK_DOUBLE(promql_quantile(-1, values, 3), -INFINITY);
    CHECK_DOUBLE(promql_quantile(2, values, 3), INFINITY);
    CHECK_DOUBLE(promql_quantile(0, values, 3), 1);
    CHECK_DOUBLE(promql_quantile(1, values, 3), 3);
    CHECK_DOUBLE(promql_quantile(0.25, values, 3), 1.5);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile_is_interpolated_in_its_bucket),
        cmocka_unit_test(quantile_outside_of_its_range_is_infinite),
        cmocka_unit_test(quantile_of_incomplete_buckets_is_nan),
        cmocka_unit_test(lowest_bucket_below_zero_is_its_bound),
        cmocka_unit_test(buckets_of_one_bound_are_added),
        cmocka_unit_test(counts_that_fall_are_raised_and_reported),
        cmocka_unit_test(fraction_lies_between_two_values),
        cmocka_unit_test(quantile_of_numbers_is_that_of_sorted_ones),
        cmocka_unit_test(quantile_of_no_numbers_is_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
