/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/base.h"
#include "promql/quantile.h"

#include <math.h>

/* (0.5, 1]: 2, (1, 2]: 4, (2, 4]: 4. */
static model_histogram positive(void)
{
    static const model_span span = {0, 3};
    static const double counts[] = {2, 4, 4};
    return (model_histogram){.count = 10,
                             .sum = 15,
                             .positive_spans = &span,
                             .positive_span_count = 1,
                             .positive = counts,
                             .positive_count = 3};
}

static model_histogram custom(void)
{
    static const model_span span = {0, 3};
    static const double counts[] = {2, 4, 4};
    static const double upper[] = {5, 10};
    return (model_histogram){.schema = MODEL_SCHEMA_CUSTOM,
                             .count = 10,
                             .sum = 70,
                             .positive_spans = &span,
                             .positive_span_count = 1,
                             .positive = counts,
                             .positive_count = 3,
                             .custom = upper,
                             .custom_count = 2};
}

static bool near(double got, double want)
{
    return fabs(got - want) <= 1e-12 * fabs(want);
}

static void exponential_buckets_are_interpolated_by_logarithms(void **state)
{
    (void)state;
    promql_nan_note note;
    model_histogram h = positive();
    CHECK(near(promql_histogram_quantile(0.4, &h, &note), sqrt(2)));
    CHECK(near(promql_histogram_quantile(0.8, &h, &note), 2 * sqrt(2)));
    CHECK(near(promql_histogram_quantile(1, &h, &note), 4));
    CHECK(near(promql_histogram_quantile(0, &h, &note), 0.5));
    h.negative_spans = h.positive_spans;
    h.negative_span_count = 1;
    h.negative = h.positive;
    h.negative_count = 3;
    h.positive_count = h.positive_span_count = 0;
    CHECK(near(promql_histogram_quantile(0.2, &h, &note), -2 * sqrt(2)));
    CHECK_INT(note, PROMQL_NAN_NONE);
    check_end();
}

static void custom_buckets_are_interpolated_by_values(void **state)
{
    (void)state;
    promql_nan_note note;
    model_histogram h = custom();
    CHECK_DOUBLE(promql_histogram_quantile(0.1, &h, &note), 2.5);
    CHECK_DOUBLE(promql_histogram_quantile(0.4, &h, &note), 7.5);
    CHECK_DOUBLE(promql_histogram_quantile(0.9, &h, &note), 10); /* no upper end */
    check_end();
}

static void zero_bucket_lies_on_the_side_of_the_others(void **state)
{
    (void)state;
    promql_nan_note note;
    model_histogram h = positive();
    h.zero_count = 10;
    h.zero_threshold = 0.25;
    h.count = 20;
    CHECK_DOUBLE(promql_histogram_quantile(0.25, &h, &note), 0.125);
    CHECK_DOUBLE(promql_histogram_fraction(-1, 0.125, &h, &note), 0.25);
    h.positive_count = h.positive_span_count = 0;
    h.count = 10;
    CHECK_DOUBLE(promql_histogram_quantile(0.25, &h, &note), -0.125);
    check_end();
}

static void quantiles_without_an_answer(void **state)
{
    (void)state;
    promql_nan_note note;
    model_histogram h = positive();
    CHECK_DOUBLE(promql_histogram_quantile(-1, &h, &note), -INFINITY);
    CHECK_DOUBLE(promql_histogram_quantile(2, &h, &note), INFINITY);
    CHECK_DOUBLE(promql_histogram_quantile(NAN, &h, &note), NAN);
    h.count = 0;
    CHECK_DOUBLE(promql_histogram_quantile(0.5, &h, &note), NAN);
    CHECK_DOUBLE(promql_histogram_fraction(0, 1, &h, &note), NAN);
    check_end();
}

static void observations_that_are_nan_are_told_of(void **state)
{
    (void)state;
    promql_nan_note note;
    model_histogram h = positive();
    h.sum = NAN;
    h.count = 12;
    CHECK(near(promql_histogram_quantile(0.5, &h, &note), 2));
    CHECK_INT(note, PROMQL_NAN_SKEW);
    CHECK_DOUBLE(promql_histogram_quantile(0.9, &h, &note), NAN);
    CHECK_INT(note, PROMQL_NAN_RESULT);
    CHECK_DOUBLE(promql_histogram_fraction(-INFINITY, INFINITY, &h, &note), 10.0 / 12);
    CHECK_INT(note, PROMQL_NAN_EXCLUDED);
    h.count = 10; /* +Inf and -Inf were observed */
    (void)promql_histogram_quantile(0.5, &h, &note);
    CHECK_INT(note, PROMQL_NAN_NONE);
    (void)promql_histogram_fraction(0, 1, &h, &note);
    CHECK_INT(note, PROMQL_NAN_NONE);
    check_end();
}

static void fractions_of_buckets(void **state)
{
    (void)state;
    promql_nan_note note;
    model_histogram h = positive();
    CHECK_DOUBLE(promql_histogram_fraction(1, 2, &h, &note), 0.4);
    CHECK(near(promql_histogram_fraction(1, sqrt(2), &h, &note), 0.2));
    CHECK_DOUBLE(promql_histogram_fraction(-INFINITY, INFINITY, &h, &note), 1);
    CHECK_DOUBLE(promql_histogram_fraction(2, 1, &h, &note), 0);
    CHECK_DOUBLE(promql_histogram_fraction(NAN, 1, &h, &note), NAN);
    h = custom();
    CHECK_DOUBLE(promql_histogram_fraction(5, 7.5, &h, &note), 0.2);
    CHECK_DOUBLE(promql_histogram_fraction(-INFINITY, 5, &h, &note), 0.2);
    CHECK_DOUBLE(promql_histogram_fraction(10, INFINITY, &h, &note), 0.4);
    check_end();
}

static void variance_is_that_of_the_middles(void **state)
{
    (void)state;
    model_histogram h = custom();
    h.positive_count = 2;
    static const model_span span = {0, 2};
    h.positive_spans = &span;
    static const double counts[] = {0, 4};
    h.positive = counts;
    h.count = 4;
    h.sum = 4 * 6.5;
    CHECK_DOUBLE(promql_histogram_variance(&h), 1); /* (7.5 - 6.5)^2 */
    model_histogram exponential = positive();
    CHECK(promql_histogram_variance(&exponential) > 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential_buckets_are_interpolated_by_logarithms),
        cmocka_unit_test(custom_buckets_are_interpolated_by_values),
        cmocka_unit_test(zero_bucket_lies_on_the_side_of_the_others),
        cmocka_unit_test(quantiles_without_an_answer),
        cmocka_unit_test(observations_that_are_nan_are_told_of),
        cmocka_unit_test(fractions_of_buckets),
        cmocka_unit_test(variance_is_that_of_the_middles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
