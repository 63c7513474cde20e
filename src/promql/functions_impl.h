/* SPDX-License-Identifier: Apache-2.0
 *
 * The implementations of functions, by the files that have them. All are called by functions_table.c only.
 *
 * Thread-safety: one thread for one evaluation.
 */
#ifndef IFM_PROMQL_FUNCTIONS_IMPL_H
#define IFM_PROMQL_FUNCTIONS_IMPL_H

#include "promql/annotate.h"
#include "promql/value.h"

/* functions_math.c */
promql_instant_function promql_math, promql_round, promql_clamp, promql_clamp_min, promql_clamp_max,
    promql_pi, promql_max_of, promql_min_of;

/* functions_date.c */
promql_instant_function promql_date_part;

/* functions_sort.c */
promql_instant_function promql_sort, promql_sort_by_label;

/* functions_label.c */
promql_instant_function promql_label_replace, promql_label_join;

/* functions_histogram.c */
promql_instant_function promql_histogram_part;

/* functions_quantile.c */
promql_instant_function promql_histogram_quantile_call, promql_histogram_quantiles_call,
    promql_histogram_fraction_call;

/* functions_over_time.c */
promql_range_function promql_count_over_time, promql_present_over_time, promql_first_over_time,
    promql_last_over_time, promql_min_over_time, promql_max_over_time, promql_stddev_over_time,
    promql_stdvar_over_time, promql_quantile_over_time, promql_mad_over_time, promql_ts_of_first_over_time,
    promql_ts_of_last_over_time, promql_ts_of_min_over_time, promql_ts_of_max_over_time;

/* functions_sum.c */
promql_range_function promql_sum_over_time, promql_avg_over_time;
double promql_sum_floats(const double *values, size_t count);     /* count > 0 */
double promql_average_floats(const double *values, size_t count); /* count > 0 */

/* functions_trend.c */
promql_range_function promql_deriv, promql_predict_linear, promql_smoothing;

/* functions_changes.c */
promql_range_function promql_changes, promql_resets;

/* functions_rate.c */
promql_range_function promql_rate, promql_increase, promql_delta;

/* functions_sweep.c */
promql_sweep_function promql_sweep_rate, promql_sweep_increase, promql_sweep_delta, promql_sweep_count,
    promql_sweep_min, promql_sweep_max;

/* functions_sweep_sum.c */
promql_sweep_function promql_sweep_sum, promql_sweep_avg;

/* functions_instant_rate.c */
promql_range_function promql_irate, promql_idelta;

/* The floats of a window, and how many histograms it has beside them. */
typedef struct promql_floats {
    size_t count;
    const int64_t *times_ms;
    const double *values;
    size_t histogram_count;
    double *room; /* for `count` values; NULL: see promql_floats_copy() */
} promql_floats;

/* False, with eval->err set, without memory. Scratch memory is used when there are histograms. */
bool promql_floats_of(promql_eval *eval, const promql_window *window, promql_floats *out);
/* A copy of the values in scratch memory, to be sorted; NULL without. */
double *promql_floats_copy(promql_eval *eval, const promql_floats *floats);
size_t promql_count_histograms(const promql_window *window);

/* A sample at `index` of the window; NULL for a float. */
static inline const model_histogram *promql_window_histogram(const promql_window *window, size_t index)
{
    return window->histograms == NULL ? NULL : window->histograms[index];
}

static inline int64_t promql_window_start(const promql_window *window, size_t index)
{
    return window->starts_ms == NULL ? 0 : window->starts_ms[index];
}

/* Whether the counter began anew between sample `index` (> 0) and the one before it, going by start
 * timestamps. */
bool promql_start_resets(const promql_window *window, size_t index);
/* Whether a sample claims to have begun before the one before it ended, though that began elsewhere. */
bool promql_start_overlaps(const promql_window *window, size_t index);

static inline bool promql_give(promql_sample *out, double value)
{
    *out = (promql_sample){.present = true, .value = value};
    return true;
}

static inline bool promql_give_none(promql_sample *out)
{
    *out = (promql_sample){0};
    return true;
}

static inline bool promql_give_histogram(promql_sample *out, const model_histogram *histogram)
{
    *out = (promql_sample){.present = histogram != NULL, .histogram = histogram};
    return true;
}

#endif
