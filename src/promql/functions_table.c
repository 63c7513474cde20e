/* SPDX-License-Identifier: Apache-2.0
 *
 * Which code a function has. Those of the engine itself are named at promql_function_code_find().
 */
#include "promql/functions_impl.h"

#define RANGE(name_, range_)                                                                                 \
    {                                                                                                        \
        .name = name_, .range = range_                                                                       \
    }
#define SWEEP(name_, range_, sweep_)                                                                         \
    {                                                                                                        \
        .name = name_, .range = range_, .sweep = sweep_                                                      \
    }
#define KEEP(name_, range_)                                                                                  \
    {                                                                                                        \
        .name = name_, .range = range_, .keeps_name = true                                                   \
    }
#define INSTANT(name_, instant_)                                                                             \
    {                                                                                                        \
        .name = name_, .instant = instant_                                                                   \
    }

/* Sorted by name. */
static const promql_function_code codes[] = {
    INSTANT("abs", promql_math),
    INSTANT("acos", promql_math),
    INSTANT("acosh", promql_math),
    INSTANT("asin", promql_math),
    INSTANT("asinh", promql_math),
    INSTANT("atan", promql_math),
    INSTANT("atanh", promql_math),
    SWEEP("avg_over_time", promql_avg_over_time, promql_sweep_avg),
    INSTANT("ceil", promql_math),
    RANGE("changes", promql_changes),
    INSTANT("clamp", promql_clamp),
    INSTANT("clamp_max", promql_clamp_max),
    INSTANT("clamp_min", promql_clamp_min),
    INSTANT("cos", promql_math),
    INSTANT("cosh", promql_math),
    SWEEP("count_over_time", promql_count_over_time, promql_sweep_count),
    INSTANT("day_of_month", promql_date_part),
    INSTANT("day_of_week", promql_date_part),
    INSTANT("day_of_year", promql_date_part),
    INSTANT("days_in_month", promql_date_part),
    INSTANT("deg", promql_math),
    SWEEP("delta", promql_delta, promql_sweep_delta),
    RANGE("deriv", promql_deriv),
    RANGE("double_exponential_smoothing", promql_smoothing),
    INSTANT("exp", promql_math),
    KEEP("first_over_time", promql_first_over_time),
    INSTANT("floor", promql_math),
    INSTANT("histogram_avg", promql_histogram_part),
    INSTANT("histogram_count", promql_histogram_part),
    INSTANT("histogram_fraction", promql_histogram_fraction_call),
    INSTANT("histogram_quantile", promql_histogram_quantile_call),
    INSTANT("histogram_quantiles", promql_histogram_quantiles_call),
    INSTANT("histogram_stddev", promql_histogram_part),
    INSTANT("histogram_stdvar", promql_histogram_part),
    INSTANT("histogram_sum", promql_histogram_part),
    INSTANT("hour", promql_date_part),
    RANGE("idelta", promql_idelta),
    SWEEP("increase", promql_increase, promql_sweep_increase),
    RANGE("irate", promql_irate),
    INSTANT("label_join", promql_label_join),
    INSTANT("label_replace", promql_label_replace),
    KEEP("last_over_time", promql_last_over_time),
    INSTANT("ln", promql_math),
    INSTANT("log10", promql_math),
    INSTANT("log2", promql_math),
    RANGE("mad_over_time", promql_mad_over_time),
    INSTANT("max_of", promql_max_of),
    SWEEP("max_over_time", promql_max_over_time, promql_sweep_max),
    INSTANT("min_of", promql_min_of),
    SWEEP("min_over_time", promql_min_over_time, promql_sweep_min),
    INSTANT("minute", promql_date_part),
    INSTANT("month", promql_date_part),
    INSTANT("pi", promql_pi),
    RANGE("predict_linear", promql_predict_linear),
    RANGE("present_over_time", promql_present_over_time),
    RANGE("quantile_over_time", promql_quantile_over_time),
    INSTANT("rad", promql_math),
    SWEEP("rate", promql_rate, promql_sweep_rate),
    RANGE("resets", promql_resets),
    INSTANT("round", promql_round),
    INSTANT("sgn", promql_math),
    INSTANT("sin", promql_math),
    INSTANT("sinh", promql_math),
    INSTANT("sort", promql_sort),
    INSTANT("sort_by_label", promql_sort_by_label),
    INSTANT("sort_by_label_desc", promql_sort_by_label),
    INSTANT("sort_desc", promql_sort),
    INSTANT("sqrt", promql_math),
    RANGE("stddev_over_time", promql_stddev_over_time),
    RANGE("stdvar_over_time", promql_stdvar_over_time),
    SWEEP("sum_over_time", promql_sum_over_time, promql_sweep_sum),
    INSTANT("tan", promql_math),
    INSTANT("tanh", promql_math),
    RANGE("ts_of_first_over_time", promql_ts_of_first_over_time),
    RANGE("ts_of_last_over_time", promql_ts_of_last_over_time),
    RANGE("ts_of_max_over_time", promql_ts_of_max_over_time),
    RANGE("ts_of_min_over_time", promql_ts_of_min_over_time),
    INSTANT("year", promql_date_part),
};

const promql_function_code *promql_function_code_find(const char *name)
{
    size_t low = 0;
    size_t high = IFM_COUNT_OF(codes);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(codes[middle].name, name);
        if (order == 0) {
            return &codes[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}
