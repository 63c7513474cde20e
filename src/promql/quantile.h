/* SPDX-License-Identifier: Apache-2.0
 *
 * Quantiles: of classic histograms, of native ones, and of plain numbers.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_PROMQL_QUANTILE_H
#define IFM_PROMQL_QUANTILE_H

#include "model/model.h"

/* Of a classic histogram. Counts are cumulative. */
typedef struct promql_bucket {
    double upper;
    double count;
} promql_bucket;

/* What was done to the counts so that they rise. */
typedef struct promql_monotonicity {
    bool forced;
    double lowest; /* the bounds of the first and the last bucket that fell */
    double highest;
    double fall; /* by how much at most */
} promql_monotonicity;

/* The quantile q of buckets[0..count), count > 0, sorted by their upper bounds; changes them. NaN when the
 * highest bound is not +Inf, for less than two bounds, and without an observation; -Inf or +Inf for q
 * outside of 0 to 1. */
double promql_bucket_quantile(double q, promql_bucket *buckets, size_t count, promql_monotonicity *fixed);

/* The fraction of observations between lower and upper; buckets as above. */
double promql_bucket_fraction(double lower, double upper, promql_bucket *buckets, size_t count);

/* What is to be said of the observations that are NaN. */
typedef enum promql_nan_note {
    PROMQL_NAN_NONE,
    PROMQL_NAN_RESULT, /* the result is NaN */
    PROMQL_NAN_SKEW,   /* it is too high */
    PROMQL_NAN_EXCLUDED
} promql_nan_note;

double promql_histogram_quantile(double q, const model_histogram *histogram, promql_nan_note *note);
double promql_histogram_fraction(double lower, double upper, const model_histogram *histogram,
                                 promql_nan_note *note);
/* The mean squared distance of observations from their average, each taken as the middle of its bucket. */
double promql_histogram_variance(const model_histogram *histogram);

/* The quantile q of values[0..count), whose order it changes; NaN is the smallest. */
double promql_quantile(double q, double *values, size_t count);

#endif
