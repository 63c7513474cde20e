/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "unit/promql/evaluate.h"

#include <math.h>

static fake_storage fake;

static void add(const char *name, const double *values, size_t count)
{
    fake_series *series = fake_add(&fake, name, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        fake_append(series, (int64_t)i * 60000, values[i]);
    }
}

static int make(void **state)
{
    (void)state;
    static const double numbers[] = {3, 1, 4, 1, 5};
    static const double nans[] = {NAN, 2, NAN, 1};
    static const double only_nan[] = {NAN, NAN};
    static const double cancelled[] = {1, 1e100, 1, -1e100};
    static const double huge[] = {1.5e308, 1.5e308, 1.2e308};
    static const double line[] = {2, 4, 6, 8};
    static const double flat[] = {7, 7, 7};
    static const double infinite[] = {INFINITY, INFINITY};
    fake_init(&fake);
    add("numbers", numbers, 5);
    add("nans", nans, 4);
    add("only_nan", only_nan, 2);
    add("cancelled", cancelled, 4);
    add("huge", huge, 3);
    add("line", line, 4);
    add("flat", flat, 3);
    add("infinite", infinite, 2);
    return 0;
}

static void samples_are_reduced(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"count_over_time(numbers[5m])", "{} 5"},
        {"count_over_time(numbers[1m])", "{} 1"}, /* the start is left out */
        {"present_over_time(numbers[5m])", "{} 1"},
        {"sum_over_time(numbers[5m])", "{} 14"},
        {"avg_over_time(numbers[5m])", "{} 2.8"},
        {"min_over_time(numbers[5m])", "{} 1"},
        {"max_over_time(numbers[5m])", "{} 5"},
        {"first_over_time(numbers[3m])", "{__name__=\"numbers\"} 4"},
        {"last_over_time(numbers[5m])", "{__name__=\"numbers\"} 5"},
        {"ts_of_first_over_time(numbers[3m])", "{} 120"},
        {"ts_of_last_over_time(numbers[5m])", "{} 240"},
        {"ts_of_min_over_time(numbers[5m])", "{} 180"}, /* the last of both */
        {"ts_of_max_over_time(numbers[5m])", "{} 240"},
        {"stdvar_over_time(numbers[5m])", "{} 2.56"},
        {"stddev_over_time(numbers[5m])", "{} 1.6"},
        {"quantile_over_time(0.5, numbers[5m])", "{} 3"},
        {"quantile_over_time(0.875, numbers[5m])", "{} 4.5"},
        {"mad_over_time(numbers[5m])", "{} 2"},
        {"sum_over_time(nothing[5m])", ""},
    };
    evaluate_rows(&fake, 240000, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void nan_is_a_sample_like_others(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"min_over_time(nans[5m])", "{} 1"},
        {"max_over_time(nans[5m])", "{} 2"},
        {"max_over_time(only_nan[5m])", "{} NaN"},
        {"ts_of_max_over_time(nans[5m])", "{} 60"},
        {"ts_of_min_over_time(nans[5m])", "{} 180"},
        {"quantile_over_time(0, nans[5m])", "{} NaN"}, /* NaN is the smallest */
        {"quantile_over_time(1, nans[5m])", "{} 2"},
        {"mad_over_time(nans[5m])", "{} NaN"},
        {"count_over_time(nans[5m])", "{} 4"},
        {"changes(only_nan[5m])", "{} 0"},
    };
    evaluate_rows(&fake, 240000, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void sums_and_averages_are_compensated(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"sum_over_time(cancelled[5m])", "{} 2"},
        {"avg_over_time(cancelled[5m])", "{} 0.5"},
        {"sum_over_time(huge[5m])", "{} +Inf"},
        {"avg_over_time(huge[5m]) / 1e308", "{} 1.4000000000000001"}, /* though the sum overflows */
        {"avg_over_time(infinite[5m])", "{} +Inf"},
    };
    evaluate_rows(&fake, 240000, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void quantiles_outside_of_their_range_are_noted(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"quantile_over_time(2, numbers[5m])",
         "{} +Inf ! PromQL warning: quantile value should be between 0 and 1, got 2 (1:20)"},
        {"quantile_over_time(NaN, numbers[5m])",
         "{} NaN ! PromQL warning: quantile value should be between 0 and 1, got NaN (1:20)"},
        {"quantile_over_time(-1e6, numbers[5m])",
         "{} -Inf ! PromQL warning: quantile value should be between 0 and 1, got -1e+06 (1:20)"},
    };
    evaluate_rows(&fake, 240000, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void lines_are_fitted(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"deriv(line[5m]) * 60", "{} 2"},
        {"predict_linear(line[5m], 60)", "{} 12"}, /* 10 at minute 4, a minute later */
        {"deriv(flat[5m])", "{} 0"},
        {"predict_linear(flat[5m], 3600)", "{} 7"},
        {"deriv(infinite[5m])", "{} NaN"},
        {"deriv(line[1m] offset 1m)", ""}, /* one sample */
        {"double_exponential_smoothing(line[5m], 0.5, 0.5)", "{} 8"},
        {"double_exponential_smoothing(flat[5m], 0.1, 0.9)", "{} 7"},
        {"double_exponential_smoothing(line[1m] offset 1m, 0.5, 0.5)", ""},
        {"double_exponential_smoothing(line[5m], 0, 0.5)",
         "error: invalid smoothing factor. Expected: 0 < sf < 1, got: 0.000000"},
        {"double_exponential_smoothing(line[5m], 0.5, Inf)",
         "error: invalid trend factor. Expected: 0 < tf < 1, got: +Inf"},
    };
    evaluate_rows(&fake, 240000, rows, IFM_COUNT_OF(rows));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_reduced),
        cmocka_unit_test(nan_is_a_sample_like_others),
        cmocka_unit_test(sums_and_averages_are_compensated),
        cmocka_unit_test(quantiles_outside_of_their_range_are_noted),
        cmocka_unit_test(lines_are_fitted),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
